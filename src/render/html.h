/*
 * html: blocks and pictures as HTML; with the theme's templates the only place that writes any.
 *
 * What a reader of the HTML needs to get the blocks back is in the markup:
 *   paragraph      <p id="pN">
 *   heading        <h2> <h3> <h4>
 *   list           <ul> or <ol>, <li>
 *   quote          <figure class="quote" id="qN"><blockquote cite="URL"><p>…</p></blockquote>
 *                  <figcaption><span class="speaker">…</span> <span
 * class="occasion">…</span></figcaption></figure> (cite only with a URL; the speaker or occasion
 * links there) pull-quote     the same with class="pull-quote" and no id picture        <figure
 * class="picture"><img src="/media/HASH.EXT" …> <figcaption><span class="caption">…</span> <span
 * class="credit">…</span></figcaption></figure> (in a <picture> with <source>s if there are more
 * types) table          <div class="table" …><table>; <thead> holds the head row preformatted <pre>
 *   rule           <hr>
 *   embed          <figure class="embed"><a href="URL">title</a></figure>, the URL where there is
 * no title Runs: a > strong > em > code > sub > sup, opened anew for every run but <a>. The
 * dateline is <span class="dateline">PLACE (SOURCE) — </span> and opens the first paragraph.
 */
#ifndef DATELINE_RENDER_HTML_H
#define DATELINE_RENDER_HTML_H

#include "base/buf.h"
#include "story/story.h"

/* Bounded by out alone. */
void html_blocks(struct buf *out, const struct revision *r, bool with_dateline);
/* A figure. The lead picture is loaded at once, others when they come near. */
void html_picture(struct buf *out, const struct picture *p, bool lead);
/* "PLACE (SOURCE)", as far as given. Not escaped. */
void html_dateline_text(struct buf *out, const struct dateline *d);

/* "/media/HASH.EXT" of a stored picture. */
void html_media_path(struct buf *out, const struct rendition *r);
/* "jpg", or NULL for a type that is not served. */
const char *html_media_extension(struct span type);
/* The rendition that every reader can show: the widest JPEG or PNG, else the widest. NULL: there is
 * none. */
const struct rendition *html_rendition(const struct picture *p);

#endif
