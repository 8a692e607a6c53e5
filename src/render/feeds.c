/* feeds: lists for machines: RSS 2.0, Atom (RFC 4287), JSON Feed 1.1, sitemaps.org 0.9 and Google's news
 * sitemap 0.9, robots.txt (RFC 9309). */
#include "codec/json.h"
#include "render/escape.h"
#include "render/html.h"
#include "render/links.h"
#include "render/page.h"
#include "render/printer.h"
#include "story/limits.h"

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

/* A feed recommends; on a tag's own page a retracted story stands with a mark that no feed could carry. */
static bool is_fed(const struct card *card) {
    return !card->retracted;
}

/* A card's picture, for those who may have it there. */
struct shown_picture {
    struct rendition rendition;
    struct span path, alt, credit;
};
static bool picture_of(struct arena *a, const struct card *card, enum channel channel, ms_t at,
                       struct shown_picture *out) {
    struct rendition renditions[RENDITIONS_MAX];
    struct picture picture;
    json_t *root;
    if (!card_allows(card, channel, at) || json_read(card->picture, &root) != RC_OK) return false;
    bool good = page_read_picture(root, renditions, &picture);
    const struct rendition *shown = good ? html_rendition(&picture) : NULL;
    if (shown)
        *out = (struct shown_picture){.rendition = *shown,
                                      .path = link_media(a, shown),
                                      .alt = arena_copy(a, picture.alt),
                                      .credit = arena_copy(a, picture.credit)};
    if (shown) out->rendition.type = arena_copy(a, shown->type);
    json_decref(root);
    return shown != NULL;
}

/* 0: nothing is in it. */
static ms_t newest_change(const struct render_list *list) {
    ms_t newest = 0;
    for (size_t i = 0; list->notes && i < list->count; i++)
        if (list->notes[i].at > newest) newest = list->notes[i].at;
    for (size_t i = 0; !list->notes && i < list->count; i++)
        if (is_fed(&list->cards[i]) && list->cards[i].updated > newest)
            newest = list->cards[i].updated;
    return newest;
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
    case RENDER_AUTHOR: title = list->title; break;
    case RENDER_SECTION: title = page_section_name(r, a, list); break;
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

/* Media RSS 1.5.1: RSS's own <enclosure> must say how many bytes it has, and cannot say who is to be named. */
static void rss_picture(struct render *r, const struct shown_picture *picture, struct buf *out) {
    buf_str(out, "<media:content medium=\"image\" url=\"");
    url_attribute(out, r->site.url, picture->path);
    buf_printf(out, "\" type=\"" SPAN_FMT "\" width=\"%u\" height=\"%u\">\n",
               SPAN_ARG(picture->rendition.type), picture->rendition.width,
               picture->rendition.height);
    element(out, "media:description", picture->alt);
    element(out, "media:credit", picture->credit);
    buf_str(out, "</media:content>\n");
}

static void rss_item(struct render *r, struct arena *a, const struct card *card, ms_t at,
                     struct buf *out) {
    struct shown_picture picture;
    buf_str(out, "<item>\n");
    element(out, "title", card->headline);
    url_element(out, "link", "", r->site.url, card->path);
    element(out, "description", card->standfirst);
    element(out, "dc:creator", card->author); /* RSS's own <author> must be an e-mail address */
    element(out, "category", card->section);
    buf_str(out, "<pubDate>");
    dates_rfc822(out, card->published);
    buf_str(out, "</pubDate>\n");
    /* the short address never changes; the path may */
    url_element(out, "guid", " isPermaLink=\"true\"", r->site.url, link_short(a, card->code));
    if (picture_of(a, card, CHANNEL_FEED, at, &picture)) rss_picture(r, &picture, out);
    buf_str(out, "</item>\n");
}

/* What was wrong is the item; its name is the entry of the record that says so. */
static void rss_note(struct render *r, struct arena *a, const struct card *card,
                     const struct render_note *note, struct buf *out) {
    struct span kind = theme_phrase(r, "change_", change_word(note->change));
    buf_str(out, "<item>\n");
    element(out, "title",
            arena_printf(a, SPAN_FMT ": " SPAN_FMT, SPAN_ARG(kind), SPAN_ARG(card->headline)));
    url_element(out, "link", "", r->site.url, card->path);
    element(out, "description", note->text);
    element(out, "category", kind);
    buf_str(out, "<pubDate>");
    dates_rfc822(out, note->at);
    buf_str(out, "</pubDate>\n");
    url_element(out, "guid", " isPermaLink=\"false\"", r->site.url, link_opening(a, note->entry));
    buf_str(out, "</item>\n");
}

rc render_rss(struct render *r, struct arena *a, const struct render_list *list, struct span self,
              struct buf *out) {
    buf_str(out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<rss version=\"2.0\" "
                 "xmlns:atom=\"http://www.w3.org/2005/Atom\" "
                 "xmlns:dc=\"http://purl.org/dc/elements/1.1/\" "
                 "xmlns:media=\"http://search.yahoo.com/mrss/\">\n<channel>\n");
    struct span title = feed_title(r, a, list);
    element(out, "title", title);
    url_element(out, "link", "", r->site.url, list->path);
    element(out, "description", title); /* RSS wants one */
    element(out, "language", dates_plain_language(r->site.language));
    buf_str(out, "<atom:link rel=\"self\" type=\"application/rss+xml\" href=\"");
    url_attribute(out, r->site.url, self);
    buf_str(out, "\"/>\n");
    ms_t newest = newest_change(list);
    if (newest) {
        buf_str(out, "<lastBuildDate>");
        dates_rfc822(out, newest);
        buf_str(out, "</lastBuildDate>\n");
    }
    for (size_t i = 0; i < list->count && !out->over; i++)
        if (list->notes)
            rss_note(r, a, &list->cards[i], &list->notes[i], out);
        else if (is_fed(&list->cards[i]))
            rss_item(r, a, &list->cards[i], list->at, out);
    buf_str(out, "</channel>\n</rss>\n");
    TRY(theme_arena_ok(a, "the feed"));
    return whole(out, "feed");
}

static void atom_time(struct buf *out, const char *name, ms_t at) {
    char time[DATES_ISO_BYTES];
    element(out, name, dates_iso(time, at));
}

static void atom_link(struct render *r, struct buf *out, const char *rel, const char *type,
                      struct span path) {
    buf_printf(out, "<link rel=\"%s\" type=\"%s\" href=\"", rel, type);
    url_attribute(out, r->site.url, path);
    buf_str(out, "\"/>\n");
}

/* path: of a page about who it is; empty: the edition itself. */
static void atom_author(struct render *r, struct buf *out, struct span name, struct span path) {
    if (name.n == 0) return;
    buf_str(out, "<author>");
    element(out, "name", name);
    if (path.n) url_element(out, "uri", "", r->site.url, path);
    buf_str(out, "</author>\n");
}

static void atom_entry(struct render *r, struct arena *a, const struct card *card, ms_t at,
                       struct buf *out) {
    struct shown_picture picture;
    buf_str(out, "<entry");
    if (card->language.n && !span_eq_nocase(card->language, r->site.language)) {
        buf_str(out, " xml:lang=\"");
        escape_xml(out, dates_plain_language(card->language));
        buf_char(out, '"');
    }
    buf_str(out, ">\n");
    /* the short address never changes; the path may */
    url_element(out, "id", "", r->site.url, link_short(a, card->code));
    element(out, "title", card->headline);
    atom_link(r, out, "alternate", "text/html", card->path);
    atom_time(out, "published", card->published);
    atom_time(out, "updated", card->updated);
    if (picture_of(a, card, CHANNEL_FEED, at, &picture))
        atom_link(r, out, "enclosure", picture.rendition.type.p, picture.path); /* with its NUL */
    if (card->author.n) atom_author(r, out, card->author, link_author(r, a, card->author));
    element(out, "summary", card->standfirst);
    if (card->section.n) {
        buf_str(out, "<category term=\"");
        escape_xml(out, card->section);
        buf_str(out, "\"/>\n");
    }
    buf_str(out, "</entry>\n");
}

rc render_atom(struct render *r, struct arena *a, const struct render_list *list, struct span self,
               struct buf *out) {
    buf_str(out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
                 "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"");
    escape_xml(out, dates_plain_language(r->site.language));
    buf_str(out, "\">\n");
    url_element(out, "id", "", r->site.url, list->path);
    element(out, "title", feed_title(r, a, list));
    /* RFC 4287 wants one also of a feed in which nothing was changed yet: then it is 1970 */
    atom_time(out, "updated", newest_change(list));
    atom_author(r, out, r->site.name, SPAN("")); /* of entries that name nobody */
    atom_link(r, out, "self", "application/atom+xml", self);
    atom_link(r, out, "alternate", "text/html", list->path);
    for (size_t i = 0; i < list->count && !out->over; i++)
        if (is_fed(&list->cards[i])) atom_entry(r, a, &list->cards[i], list->at, out);
    buf_str(out, "</feed>\n");
    TRY(theme_arena_ok(a, "the feed"));
    return whole(out, "feed");
}

static void print_author(struct printer *p, struct span name, struct span url) {
    if (name.n == 0) return;
    print_open(p, "authors", '[');
    print_open(p, NULL, '{');
    print_text(p, "name", name);
    print_text(p, "url", url);
    print_close(p, '}');
    print_close(p, ']');
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
    print_text(&p, "language", dates_plain_language(r->site.language));
    print_author(&p, r->site.name, SPAN(""));
    print_open(&p, "items", '[');
    for (size_t i = 0; i < list->count && !out->over; i++) {
        const struct card *card = &list->cards[i];
        if (!is_fed(card)) continue;
        print_open(&p, NULL, '{');
        print_text(&p, "id", theme_url(r, a, link_short(a, card->code)));
        print_text(&p, "url", theme_url(r, a, card->path));
        print_text(&p, "title", card->headline);
        /* an item must have content */
        print_text(&p, "content_text", card->standfirst.n ? card->standfirst : card->headline);
        print_text(&p, "summary", card->standfirst);
        print_text(&p, "date_published", dates_iso(time, card->published));
        print_text(&p, "date_modified", dates_iso(time, card->updated));
        print_text(&p, "language", dates_plain_language(card->language));
        print_author(&p, card->author,
                     card->author.n ? theme_url(r, a, link_author(r, a, card->author)) : SPAN(""));
        struct shown_picture picture;
        if (picture_of(a, card, CHANNEL_FEED, list->at, &picture))
            print_text(&p, "image", theme_url(r, a, picture.path));
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

/* ---- the read API ------------------------------------------------------------------------------ */

static void print_url(struct render *r, struct arena *a, struct printer *p, const char *name,
                      struct span path) {
    if (path.n) print_text(p, name, theme_url(r, a, path));
}

static void print_picture(struct render *r, struct arena *a, struct printer *p,
                          const struct shown_picture *picture) {
    print_open(p, "picture", '{');
    print_url(r, a, p, "url", picture->path);
    print_text(p, "type", picture->rendition.type);
    print_integer(p, "width", picture->rendition.width);
    print_integer(p, "height", picture->rendition.height);
    print_text(p, "alt", picture->alt);
    print_text(p, "credit", picture->credit);
    print_close(p, '}');
}

static void print_item(struct render *r, struct arena *a, struct printer *p,
                       const struct card *card, ms_t at) {
    struct shown_picture picture;
    char time[DATES_ISO_BYTES], hex[2 * STORY_ID_BYTES + 1];
    story_id_hex(&card->id, hex);
    print_open(p, NULL, '{');
    print_url(r, a, p, "uri", link_short(a, card->code));
    print_text(p, "story", span_str(hex));
    print_text(p, "headline", card->headline);
    print_text(p, "standfirst", card->standfirst);
    print_text(p, "section", card->section);
    print_text(p, "kind", card->kind);
    print_text(p, "by", card->author);
    print_text(p, "language", dates_plain_language(card->language));
    print_text(p, "published", dates_iso(time, card->published));
    print_text(p, "updated", dates_iso(time, card->updated));
    if (card->retracted) print_text(p, "status", SPAN("retracted"));
    if (picture_of(a, card, CHANNEL_API, at, &picture)) print_picture(r, a, p, &picture);
    print_url(r, a, p, "url", card->path);
    print_url(r, a, p, "ninjs", link_ninjs(a, card->path));
    if (card->entry != UINT64_MAX) print_url(r, a, p, "canonical", link_revision(a, card->entry));
    print_close(p, '}');
}

rc render_items(struct render *r, struct arena *a, const struct render_list *list,
                const struct render_items *items, struct buf *out) {
    struct printer p = {.out = out};
    print_open(&p, NULL, '{');
    print_url(r, a, &p, "self", items->self);
    print_text(&p, "title", feed_title(r, a, list));
    print_text(&p, "language", dates_plain_language(r->site.language));
    print_integer(&p, "page", (int64_t)list->page);
    print_url(r, a, &p, "prev", items->newer);
    print_url(r, a, &p, "next", items->older);
    print_open(&p, "items", '[');
    for (size_t i = 0; i < list->count && !out->over; i++)
        print_item(r, a, &p, &list->cards[i], list->at);
    print_close(&p, ']');
    print_close(&p, '}');
    buf_char(out, '\n');
    TRY(theme_arena_ok(a, "the list of items"));
    return whole(out, "list of items");
}

/* ---- sitemaps and robots ----------------------------------------------------------------------- */

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
        buf_str(out, "</loc>");
        if (refs[i].updated)
            buf_printf(out, "<lastmod>" SPAN_FMT "</lastmod>",
                       SPAN_ARG(dates_iso(time, refs[i].updated)));
        buf_printf(out, "</%s>\n", item);
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

/* ISO 639 alone, but for Chinese, of which Google tells two scripts apart. */
static struct span news_language(struct span language) {
    static const char *const traditional[] = {"zh-Hant", "zh-TW", "zh-HK", "zh-MO"};
    struct span first = span_sub(language, 0, span_find(language, '-'));
    if (!span_eq_nocase(first, SPAN("zh"))) return first;
    for (size_t i = 0; i < COUNT_OF(traditional); i++) {
        size_t n = strlen(traditional[i]);
        if (language.n >= n && span_eq_nocase(span_sub(language, 0, n), span_str(traditional[i])))
            return SPAN("zh-tw");
    }
    return SPAN("zh-cn");
}

rc render_news_sitemap(struct render *r, const struct card *cards, size_t count, struct buf *out) {
    if (count > RENDER_NEWS_STORIES_MAX)
        return rc_fail(RC_TOO_BIG, "a news sitemap has at most %d stories, not %zu",
                       RENDER_NEWS_STORIES_MAX, count);
    char time[DATES_ISO_BYTES];
    buf_str(out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
                 "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" "
                 "xmlns:news=\"http://www.google.com/schemas/sitemap-news/0.9\">\n");
    for (size_t i = 0; i < count && !out->over; i++) {
        buf_str(out, "<url>\n");
        url_element(out, "loc", "", r->site.url, cards[i].path);
        buf_str(out, "<news:news>\n<news:publication>\n");
        element(out, "news:name", r->site.name);
        element(out, "news:language", news_language(r->site.language));
        buf_str(out, "</news:publication>\n");
        element(out, "news:publication_date", dates_iso(time, cards[i].published));
        element(out, "news:title", cards[i].headline);
        buf_str(out, "</news:news>\n</url>\n");
    }
    buf_str(out, "</urlset>\n");
    return whole(out, "news sitemap");
}

static void robots_sitemap(const struct render *r, struct buf *out, struct span edition,
                           const char *path) {
    buf_printf(out, "Sitemap: " SPAN_FMT SPAN_FMT "%s\n", SPAN_ARG(r->site.url), SPAN_ARG(edition),
               path);
}

rc render_robots(struct render *r, struct buf *out) {
    buf_str(out, "User-agent: *\nDisallow:\n\n");
    robots_sitemap(r, out, SPAN(""), "/sitemap.xml");
    robots_sitemap(r, out, r->site.prefix, "/news-sitemap.xml");
    for (size_t i = 0; i < r->site.edition_count; i++)
        robots_sitemap(r, out, r->site.editions[i].url, "/news-sitemap.xml");
    return whole(out, "robots.txt");
}
