/*
 * html: blocks and pictures as HTML; with the theme's templates the only place that writes any.
 *
 * What a reader of the HTML needs to get the blocks back is in the markup:
 *   paragraph      <p id="p1">
 *   heading        <h2 id="h1"> <h3 …> <h4 …>
 *   list           <ul id="l1"> or <ol …>, <li>
 *   quote          <figure class="quote" id="q1"><blockquote cite="URL"><p>…</p></blockquote>
 *                  <figcaption><span class="speaker">…</span> <cite class="occasion">…</cite>
 *                  </figcaption></figure>; the attribute only with a URL, and the occasion, or
 *                  else the speaker, links there. A blockquote that has quotation marks of its own
 *                  is of class "marked", one that is much to read of class "long"
 *   pull-quote     the same, figure and blockquote of class "pull-quote"
 *   picture        <figure class="picture" id="f1"><img src="/media/HASH.EXT" …><figcaption>
 *                  <span class="caption">…</span> <cite class="credit">…</cite></figcaption>
 *                  </figure>; the img in a <picture> with <source>s if there are more types. One whose lease
 *                  has ended is, on a page, of class "picture gone", with a <p> in the place of the img
 *   table          <div class="table" id="t1" …><table>, <thead> and <th> for the head row
 *   preformatted   <pre id="p2">
 *   rule           <hr>
 *   embed, audio   <figure class="embed" id="f2"><a href="URL">title, or the URL</a></figure>
 *   gallery        <figure class="gallery" id="f3">, in it a <figure class="picture"> for each
 *   events         <ol class="events" id="l2" reversed=""><li id="e2"><time datetime="…">…</time>
 *                  …</li>, the newest first; on a page the time is a link to its own li,
 *                  and before the text they stand in a <section class="key-events"> with its heading
 * Every block but a rule has an id, so that it can be linked to: a letter (p text, h heading,
 * l list, q quote, f figure, t table, e key event) and the count of those so far; events are
 * counted from the oldest. It stays the same as long as the revision does.
 * Runs: a > strong > em > code > sub > sup, opened anew for every run but <a>. Around them, in a text that
 * shows its changes (changes.h): <del> and <ins>, each beginning with a <span class="quiet"> that
 * says so to those who cannot see it.
 * The dateline is <span class="dateline">PLACE (SOURCE) — </span> before the first paragraph's
 * text.
 */
#ifndef DATELINE_RENDER_HTML_H
#define DATELINE_RENDER_HTML_H

#include "base/buf.h"
#include "story/story.h"

struct arena;
struct dates;

/* What a page for people says in its edition's words and zone. */
struct html_page {
    struct dates *dates;
    struct arena *arena;      /* times are written there */
    struct span key_events;   /* heading of the key events that stand before the text */
    struct span rights_ended; /* what stands in the place of a picture */
    ms_t at;                  /* when it is shown: see struct rights */
};
/* Bounded by out alone. Without a page (NULL), for machines: no dateline, times as in RFC 3339; the agency
 * alone as credit; of pictures those that the API may have at that time, and nothing of the others. */
void html_blocks(struct buf *out, const struct revision *r, ms_t at, const struct html_page *page);

/* The runs of one text. */
void html_text(struct buf *out, const struct text *text);

/* Where a picture stands: what sizes the browser may choose from, and when it loads them. */
enum html_use {
    HTML_LEAD,       /* a story's lead, loaded at once */
    HTML_BODY,       /* in its text; this and what follows when it comes near */
    HTML_CARD_LEAD,  /* the lead of a front, loaded at once */
    HTML_CARD_BIG,   /* half a page wide on a front */
    HTML_CARD,       /* a column */
    HTML_CARD_THUMB, /* a hundred pixels */
    HTML_USES
};
/* LEAD, BODY: a <figure class="picture …">; "lead", and what its shape asks for: "wide" (may be
 * wider than the text), "tall", "panorama", "small" (not to be scaled up). Nothing, if it may not be on
 * pages. */
void html_figure(struct buf *out, const struct picture *p, enum html_use use,
                 const struct html_page *page);
/* Cards: the <img> alone, without alternative text, since the headline stands beside it; whoever calls knows
 * that it may be shown. */
void html_picture(struct buf *out, const struct picture *p, enum html_use use);
/* Does it begin with a quotation mark of its own? */
bool html_is_marked(struct span text);
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
