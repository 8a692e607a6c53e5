#include "render/jsonld.h"

#include <stdio.h>

#include "render/html.h"
#include "render/links.h"
#include "render/printer.h"
#include "story/limits.h"

static void print_image(struct render *r, struct arena *a, struct printer *p,
                        const struct picture *picture) {
    const struct rendition *shown = html_rendition(picture);
    char memory[2 * PICTURE_CREDIT_BYTES_MAX + 16];
    struct buf credit;
    if (!shown) return;
    buf_init_fixed(&credit, memory, sizeof memory);
    picture_credit_line(picture, &credit);
    print_open(p, "image", '[');
    print_open(p, NULL, '{');
    print_text(p, "@type", SPAN("ImageObject"));
    print_text(p, "url", theme_url(r, a, link_media(a, shown)));
    print_integer(p, "width", shown->width);
    print_integer(p, "height", shown->height);
    print_text(p, "caption", picture->caption);
    print_text(p, "creditText", buf_span(&credit));
    print_text(p, "copyrightNotice", picture->copyright);
    if (picture->creator.n) {
        print_open(p, "creator", '{');
        print_text(p, "@type", SPAN("Person"));
        print_text(p, "name", picture->creator);
        print_close(p, '}');
    }
    print_close(p, '}');
    print_close(p, ']');
}

static void print_authors(struct render *r, struct arena *a, struct printer *p,
                          const struct revision *v) {
    if (v->byline_count == 0) return;
    print_open(p, "author", '[');
    for (size_t i = 0; i < v->byline_count; i++) {
        print_open(p, NULL, '{');
        print_text(p, "@type", SPAN("Person"));
        print_text(p, "name", v->bylines[i].name);
        print_text(p, "jobTitle", v->bylines[i].role);
        print_text(p, "url", theme_url(r, a, link_author(r, a, v->bylines[i].name)));
        print_close(p, '}');
    }
    print_close(p, ']');
}

static void print_corrections(struct printer *p, const struct revision *v) {
    if (v->correction_count == 0) return;
    print_open(p, "correction", '[');
    for (size_t i = 0; i < v->correction_count; i++) {
        char time[DATES_ISO_BYTES];
        print_open(p, NULL, '{');
        print_text(p, "@type", SPAN("CorrectionComment"));
        print_text(p, "text", v->corrections[i].text);
        print_text(p, "datePublished", dates_iso(time, v->corrections[i].at));
        print_close(p, '}');
    }
    print_close(p, ']');
}

static void print_publisher(struct render *r, struct printer *p) {
    print_open(p, "publisher", '{');
    print_text(p, "@type", SPAN("NewsMediaOrganization"));
    print_text(p, "name", r->site.name);
    print_text(p, "url", r->site.url);
    print_close(p, '}');
}

static struct span plain_text(struct arena *a, const struct text *text) {
    size_t bytes = 0, n = 0;
    for (size_t i = 0; i < text->count; i++) bytes += text->runs[i].text.n;
    char *plain = arena_take(a, bytes + 1);
    if (!plain) return SPAN("");
    for (size_t i = 0; i < text->count; i++) {
        memcpy(plain + n, text->runs[i].text.p, text->runs[i].text.n);
        n += text->runs[i].text.n;
    }
    return span_of(plain, n);
}

/* Of what is told while it happens: its key events as updates, the newest first, under the names that
 * they have on the page (html.h). */
static void print_live(struct arena *a, struct printer *p, const struct revision *v,
                       struct span url) {
    const struct block *b = v->block_count ? &v->blocks[0] : NULL;
    char time[DATES_ISO_BYTES];
    if (v->work != WORK_LIVE || !b || b->kind != BLOCK_EVENTS || b->row_count == 0) return;
    print_text(p, "coverageStartTime", dates_iso(time, b->times[0]));
    print_open(p, "liveBlogUpdate", '[');
    for (size_t i = b->row_count; i-- > 0;) {
        print_open(p, NULL, '{');
        print_text(p, "@type", SPAN("BlogPosting"));
        print_text(p, "url", arena_printf(a, SPAN_FMT "#e%zu", SPAN_ARG(url), i + 1));
        print_text(p, "datePublished", dates_iso(time, b->times[i]));
        print_text(p, "headline", plain_text(a, &b->rows[i]));
        print_close(p, '}');
    }
    print_close(p, ']');
}

void jsonld_story(struct render *r, struct arena *a, const struct render_story *story, size_t words,
                  struct buf *out) {
    const struct revision *v = story->revision;
    struct printer p = {.out = out};
    char time[DATES_ISO_BYTES], memory[2 * DATELINE_BYTES_MAX + 3];
    struct span url = theme_url(r, a, v->path);
    print_open(&p, NULL, '{');
    print_text(&p, "@context", SPAN("https://schema.org"));
    print_text(&p, "@type", work_schema(v->work));
    print_text(&p, "mainEntityOfPage", url);
    print_text(&p, "url", url);
    print_text(&p, "headline", v->headline);
    print_text(&p, "alternativeHeadline", v->headline_short);
    print_text(&p, "description", v->standfirst);
    print_text(&p, "datePublished", dates_iso(time, v->published));
    print_text(&p, "dateModified", dates_iso(time, v->updated));
    print_text(&p, "inLanguage", dates_plain_language(v->language));
    print_text(&p, "articleSection", v->section);
    struct buf dateline;
    buf_init_fixed(&dateline, memory, sizeof memory);
    html_dateline_text(&dateline, &v->dateline);
    print_text(&p, "dateline", buf_span(&dateline));
    print_integer(&p, "wordCount", (int64_t)words);
    print_live(a, &p, v, url);
    print_authors(r, a, &p, v);
    if (v->lead_picture && v->picture_count &&
        rights_allow(&v->pictures[0].rights, CHANNEL_WEB, story->at))
        print_image(r, a, &p, &v->pictures[0]);
    print_text(&p, "copyrightNotice", v->credit_line);
    print_corrections(&p, v);
    if (v->tag_count) {
        print_open(&p, "keywords", '[');
        for (size_t i = 0; i < v->tag_count; i++) print_text(&p, NULL, v->tags[i].name);
        print_close(&p, ']');
    }
    print_publisher(r, &p);
    print_close(&p, '}');
}

/* What the address says that the page is. */
static struct span page_type(const struct revision *v) {
    if (span_eq(v->slug, SPAN("about"))) return SPAN("AboutPage");
    return span_eq(v->slug, SPAN("contact")) ? SPAN("ContactPage") : SPAN("WebPage");
}

void jsonld_standing(struct render *r, struct arena *a, const struct revision *v, struct buf *out) {
    struct printer p = {.out = out};
    char time[DATES_ISO_BYTES], version[16];
    snprintf(version, sizeof version, "%u", v->number);
    print_open(&p, NULL, '{');
    print_text(&p, "@context", SPAN("https://schema.org"));
    print_text(&p, "@type", page_type(v));
    print_text(&p, "url", theme_url(r, a, v->path));
    print_text(&p, "name", v->headline);
    print_text(&p, "description", v->standfirst);
    print_text(&p, "datePublished", dates_iso(time, v->published));
    print_text(&p, "dateModified", dates_iso(time, v->updated));
    print_text(&p, "inLanguage", v->language);
    print_text(&p, "version", span_str(version));
    print_publisher(r, &p);
    print_close(&p, '}');
}
