#include "render/jsonld.h"

#include <stdio.h>

#include "render/html.h"
#include "render/links.h"
#include "render/printer.h"
#include "story/limits.h"

static void print_image(struct render *r, struct arena *a, struct printer *p,
                        const struct picture *picture) {
    const struct rendition *shown = html_rendition(picture);
    if (!shown) return;
    print_open(p, "image", '[');
    print_open(p, NULL, '{');
    print_text(p, "@type", SPAN("ImageObject"));
    print_text(p, "url", theme_url(r, a, link_media(a, shown)));
    print_integer(p, "width", shown->width);
    print_integer(p, "height", shown->height);
    print_text(p, "caption", picture->caption);
    print_text(p, "creditText", picture->credit);
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

static void print_authors(struct printer *p, const struct revision *v) {
    if (v->byline_count == 0) return;
    print_open(p, "author", '[');
    for (size_t i = 0; i < v->byline_count; i++) {
        print_open(p, NULL, '{');
        print_text(p, "@type", SPAN("Person"));
        print_text(p, "name", v->bylines[i].name);
        print_text(p, "jobTitle", v->bylines[i].role);
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

void jsonld_story(struct render *r, struct arena *a, const struct revision *v, size_t words,
                  struct buf *out) {
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
    print_authors(&p, v);
    if (v->lead_picture && v->picture_count) print_image(r, a, &p, &v->pictures[0]);
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
