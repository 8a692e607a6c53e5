/* feeds: lists for machines: RSS 2.0, JSON Feed 1.1, sitemaps.org 0.9, robots.txt (RFC 9309). */
#include "render/escape.h"
#include "render/links.h"
#include "render/printer.h"

/* sitemaps.org: a file has at most 50,000 addresses. */
#define SITEMAP_ADDRESSES_MAX 50000

static void element(struct buf *out, const char *name, struct span text) {
    if (text.n == 0) return;
    buf_printf(out, "<%s>", name);
    escape_xml(out, text);
    buf_printf(out, "</%s>\n", name);
}

static void url_attribute(struct buf *out, struct span base, struct span path) {
    escape_xml(out, base);
    escape_xml(out, path);
}

static void url_element(struct buf *out, const char *name, const char *attributes, struct span base,
                        struct span path) {
    buf_printf(out, "<%s%s>", name, attributes);
    url_attribute(out, base, path);
    buf_printf(out, "</%s>\n", name);
}

static rc whole(const struct buf *out, const char *what) {
    if (!out->over) return RC_OK;
    return rc_fail(RC_TOO_BIG, "the %s is over %zu bytes", what, out->bytes_max);
}

/* "Ferry – The Courier"; of the front page the site's name alone. */
static struct span feed_title(struct render *r, struct arena *a, const struct render_list *list) {
    struct span title = {0};
    switch (list->kind) {
    case RENDER_TAG:
    case RENDER_AUTHOR:
    case RENDER_SECTION: title = list->title; break;
    case RENDER_CORRECTIONS: title = theme_phrase(r, "", SPAN("corrections")); break;
    case RENDER_DAY: title = dates_day(r->dates, a, list->day); break;
    case RENDER_FRONT:
    case RENDER_LATEST:
    case RENDER_LIST_KINDS: break;
    }
    if (title.n == 0) return r->site.name;
    return arena_printf(a, SPAN_FMT " \xE2\x80\x93 " SPAN_FMT, SPAN_ARG(title),
                        SPAN_ARG(r->site.name));
}

static void rss_item(struct render *r, struct arena *a, const struct card *card, struct buf *out) {
    buf_str(out, "<item>\n");
    element(out, "title", card->headline);
    url_element(out, "link", "", r->site.url, card->path);
    element(out, "description", card->standfirst);
    element(out, "category", card->section);
    buf_str(out, "<pubDate>");
    dates_rfc822(out, card->published);
    buf_str(out, "</pubDate>\n");
    /* the short address never changes; the path may */
    url_element(out, "guid", " isPermaLink=\"true\"", r->site.url, link_short(a, card->code));
    buf_str(out, "</item>\n");
}

rc render_rss(struct render *r, struct arena *a, const struct render_list *list, struct span self,
              struct buf *out) {
    buf_str(out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<rss version=\"2.0\" "
                 "xmlns:atom=\"http://www.w3.org/2005/Atom\">\n<channel>\n");
    struct span title = feed_title(r, a, list);
    element(out, "title", title);
    url_element(out, "link", "", r->site.url, list->path);
    element(out, "description", title); /* RSS wants one */
    element(out, "language", r->site.language);
    buf_str(out, "<atom:link rel=\"self\" type=\"application/rss+xml\" href=\"");
    url_attribute(out, r->site.url, self);
    buf_str(out, "\"/>\n");
    if (list->count) {
        ms_t newest = list->cards[0].updated;
        for (size_t i = 1; i < list->count; i++)
            if (list->cards[i].updated > newest) newest = list->cards[i].updated;
        buf_str(out, "<lastBuildDate>");
        dates_rfc822(out, newest);
        buf_str(out, "</lastBuildDate>\n");
    }
    for (size_t i = 0; i < list->count && !out->over; i++) rss_item(r, a, &list->cards[i], out);
    buf_str(out, "</channel>\n</rss>\n");
    TRY(theme_arena_ok(a, "the feed"));
    return whole(out, "feed");
}

rc render_json_feed(struct render *r, struct arena *a, const struct render_list *list,
                    struct span self, struct buf *out) {
    struct printer p = {.out = out};
    char time[DATES_ISO_BYTES];
    print_open(&p, NULL, '{');
    print_text(&p, "version", SPAN("https://jsonfeed.org/version/1.1"));
    print_text(&p, "title", feed_title(r, a, list));
    print_text(&p, "home_page_url", theme_url(r, a, list->path));
    print_text(&p, "feed_url", theme_url(r, a, self));
    print_text(&p, "language", r->site.language);
    print_open(&p, "items", '[');
    for (size_t i = 0; i < list->count && !out->over; i++) {
        const struct card *card = &list->cards[i];
        print_open(&p, NULL, '{');
        print_text(&p, "id", theme_url(r, a, link_short(a, card->code)));
        print_text(&p, "url", theme_url(r, a, card->path));
        print_text(&p, "title", card->headline);
        /* an item must have content */
        print_text(&p, "content_text", card->standfirst.n ? card->standfirst : card->headline);
        print_text(&p, "summary", card->standfirst);
        print_text(&p, "date_published", dates_iso(time, card->published));
        print_text(&p, "date_modified", dates_iso(time, card->updated));
        print_text(&p, "language", card->language);
        if (card->section.n) {
            print_open(&p, "tags", '[');
            print_text(&p, NULL, card->section);
            print_close(&p, ']');
        }
        print_close(&p, '}');
    }
    print_close(&p, ']');
    print_close(&p, '}');
    buf_char(out, '\n');
    TRY(theme_arena_ok(a, "the feed"));
    return whole(out, "feed");
}

static rc sitemap(struct render *r, const struct render_sitemap_ref *refs, size_t count, bool index,
                  struct buf *out) {
    if (count > SITEMAP_ADDRESSES_MAX)
        return rc_fail(RC_TOO_BIG, "a sitemap has at most %d addresses, not %zu: cut it further",
                       SITEMAP_ADDRESSES_MAX, count);
    const char *root = index ? "sitemapindex" : "urlset", *item = index ? "sitemap" : "url";
    buf_printf(out,
               "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
               "<%s xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n",
               root);
    for (size_t i = 0; i < count && !out->over; i++) {
        char time[DATES_ISO_BYTES];
        buf_printf(out, "<%s><loc>", item);
        url_attribute(out, r->site.url, refs[i].path);
        buf_str(out, "</loc><lastmod>");
        buf_add(out, dates_iso(time, refs[i].updated));
        buf_printf(out, "</lastmod></%s>\n", item);
    }
    buf_printf(out, "</%s>\n", root);
    return whole(out, "sitemap");
}

rc render_sitemap_index(struct render *r, const struct render_sitemap_ref *refs, size_t count,
                        struct buf *out) {
    return sitemap(r, refs, count, true, out);
}

rc render_sitemap(struct render *r, const struct render_sitemap_ref *refs, size_t count,
                  struct buf *out) {
    return sitemap(r, refs, count, false, out);
}

rc render_robots(struct render *r, struct buf *out) {
    buf_str(out, "User-agent: *\nDisallow:\n\nSitemap: ");
    buf_add(out, r->site.url);
    buf_str(out, "/sitemap.xml\n");
    return whole(out, "robots.txt");
}
