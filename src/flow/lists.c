/*
 * Lists, feeds, sitemaps. A list's page k holds the places (k−1)·size + 1 … k·size, numbered from the
 * oldest: a full page stays as it is, whatever is published later. The list's own path shows the newest.
 *
 *   all                /            /latest/K          /feed.xml /atom.xml /feed.json
 *   section/SLUG       /section/SLUG …                 /section/SLUG/feed.xml …/feed.json
 *   tag/SLUG           /tag/SLUG    /tag/SLUG/K        /tag/SLUG/feed.xml
 *   author/SLUG        /author/SLUG …                  likewise
 *   corrections        /corrections …                  likewise
 *   All, sections and tags stand in the read API too, at /api/v1/items, /api/v1/items/K, and so on.
 *   day/2026-11-24     /2026/11/24  /2026/11/24/page/K
 *   month/2026-11      –            /sitemap/2026-11-K.xml
 *   All but the sitemap and the pictures are an edition's: "ar:tag/SLUG" is at /ar/tag/SLUG, see editions.c.
 *   sitemap            /sitemap.xml: made out of the months, as is
 *   archive            /archive; archive/2026 at /2026 and archive/2026-11 at /2026/11, out of their days
 *   news               /news-sitemap.xml: the newest of "all"
 *   media/HASH.EXT     no page: it counts the stories that show a picture, see shelf_put_story()
 */
#include <stdio.h>

#include "flow/inner.h"
#include "http/path.h"
#include "story/limits.h"
#include "sys/clock.h"

#define LISTS_STEP 1000
/* Made at a time; the clock is looked at between. */
#define LISTS_STEP_PAGES 24
#define LATER_STEP_PAGES 2
#define SITEMAP_STEP 1000  /* cards are read so many at a time: all at once may be 100 MB */
#define SITEMAPS_MAX 50000 /* sitemaps.org: files in an index */
#define DAYS_MAX 366       /* in what one page of the archive is about */
#define MONTHS_MAX (12 * 400)
#define NEWS_MS (2 * 86400000LL) /* Google's news sitemap: "created in the last two days" */
#define NEWS_STEP 100

static uint64_t page_size(struct span key) {
    return span_starts(key, SPAN("month/")) ? SITEMAP_PAGE_STORIES : LIST_PAGE_STORIES;
}

uint64_t list_page_of(struct span key, uint64_t place) {
    return (place + page_size(key) - 1) / page_size(key);
}
uint64_t list_pages(struct span key, uint64_t places) {
    return list_page_of(key, places);
}

/* Two names of one slug are one page. */
static void add_once(struct list_ref *lists, size_t *count, struct span key) {
    for (size_t i = 0; i < *count; i++)
        if (span_eq(lists[i].key, key)) return;
    lists[(*count)++].key = key;
}

rc lists_of(struct flow *f, struct arena *a, unsigned edition, const struct revision *r,
            struct list_ref **out_lists, size_t *out_count) {
    struct render_day day = render_day_of(owners_render(f, edition), r->published);
    size_t pictures = 0;
    for (size_t i = 0; i < r->picture_count; i++) pictures += r->pictures[i].rendition_count;
    struct list_ref *lists =
        ARENA_ARRAY(a, struct list_ref, r->tag_count + r->byline_count + pictures + 6);
    if (!lists) return rc_fail(RC_TOO_BIG, "too many tags for one operation");
    size_t n = 0;
    /* desk_shows(): what was retracted is documented, not recommended. */
    const bool recommended = !story_is_retracted(r);
    if (recommended) lists[n++].key = LIST_ALL;
    if (r->correction_count) lists[n++].key = LIST_CORRECTIONS;
    lists[n++].key = arena_printf(a, "day/%04d-%02u-%02u", day.year, day.month, day.day);
    lists[n++].key = arena_printf(a, "month/%04d-%02u", day.year, day.month);
    if (r->section.n && recommended)
        lists[n++].key = arena_printf(a, "section/" SPAN_FMT, SPAN_ARG(slug_of(a, r->section)));
    for (size_t i = 0; i < r->tag_count; i++)
        add_once(lists, &n, arena_printf(a, "tag/" SPAN_FMT, SPAN_ARG(r->tags[i].slug)));
    for (size_t i = 0; i < r->byline_count; i++)
        add_once(lists, &n,
                 arena_printf(a, "author/" SPAN_FMT, SPAN_ARG(slug_of(a, r->bylines[i].name))));
    for (size_t i = 0; i < n; i++) lists[i].key = edition_list(f, a, edition, lists[i].key);
    for (size_t i = 0; i < r->picture_count; i++)
        for (size_t k = 0; k < r->pictures[i].rendition_count; k++)
            add_once(lists, &n, span_from(media_path(a, &r->pictures[i].renditions[k]), 1));
    if (arena_over(a)) return rc_fail(RC_TOO_BIG, "too many tags for one operation");
    *out_lists = lists;
    *out_count = n;
    return RC_OK;
}

void lists_mark_empty(struct flow *f, struct shelf *shelf, struct arena *a) {
    for (unsigned i = 0; i < f->edition_count; i++) {
        dirty_add(shelf->dirty, DIRTY_SOON, edition_list(f, a, i, LIST_ALL), 0);
        dirty_add(shelf->dirty, DIRTY_SOON, edition_list(f, a, i, LIST_ARCHIVE), 0);
        dirty_add(shelf->dirty, DIRTY_LATER, edition_list(f, a, i, LIST_NEWS), 0);
    }
    dirty_add(shelf->dirty, DIRTY_LATER, LIST_SITEMAP, 0);
}

static void mark_id(struct shelf *shelf, const char *prefix, const struct story_id *id) {
    char hex[2 * STORY_ID_BYTES + 1], key[16 + sizeof hex];
    story_id_hex(id, hex);
    int n = snprintf(key, sizeof key, "%s%s", prefix, hex);
    CHECK(n > 0 && (size_t)n < sizeof key);
    dirty_add(shelf->dirty, DIRTY_LATER, span_of(key, (size_t)n), 0);
}

void lists_mark_story(struct shelf *shelf, const struct story_id *id) {
    mark_id(shelf, LIST_STORY.p, id);
}

void lists_mark_near(struct shelf *shelf, const struct story_id *id) {
    mark_id(shelf, LIST_NEAR.p, id);
}

/* "month/2026-03", "archive/2026-03" or "archive/2026", after the prefix. */
static bool period_of_key(struct span key, const char *prefix, struct render_day *out_of) {
    int year, n = 0;
    unsigned month = 0;
    char text[16];
    if (!span_starts(key, span_str(prefix))) return false;
    key = span_from(key, strlen(prefix));
    if (key.n >= sizeof text) return false;
    snprintf(text, sizeof text, SPAN_FMT, SPAN_ARG(key));
    if (sscanf(text, "%4d%n-%2u%n", &year, &n, &month, &n) < 1 || (size_t)n != key.n) return false;
    *out_of = (struct render_day){year, month, 0};
    return true;
}

/* All lists under a prefix, in key order. */
static rc all_lists(struct flow *f, struct arena *a, struct span prefix, size_t max,
                    struct list_info *lists, size_t *out_count) {
    struct span after = {NULL, 0};
    size_t n = 0, got = LISTS_STEP;
    while (got == LISTS_STEP && n < max) {
        struct list_info *step;
        size_t want = max - n < LISTS_STEP ? max - n : LISTS_STEP;
        TRY(store_lists(f->store, a, prefix, after, want, &step, &got));
        if (got) memcpy(lists + n, step, got * sizeof *step);
        n += got;
        if (got) after = step[got - 1].key;
    }
    *out_count = n;
    return RC_OK;
}

/* The months in which anything was ever published, the oldest first. */
struct month {
    struct render_day of;
    uint64_t shown;
};
static rc all_months(struct flow *f, struct arena *a, unsigned edition, struct month **out_months,
                     size_t *out_count) {
    struct list_info *lists = ARENA_ARRAY(a, struct list_info, MONTHS_MAX);
    struct month *months = ARENA_ARRAY(a, struct month, MONTHS_MAX);
    size_t count, n = 0;
    if (!lists || !months) return rc_fail(RC_TOO_BIG, "too many months for one operation");
    TRY(all_lists(f, a, edition_list(f, a, edition, SPAN("month/")), MONTHS_MAX, lists, &count));
    for (size_t i = 0; i < count; i++) {
        struct span rest;
        (void)edition_of_list(f, lists[i].key, &rest);
        if (period_of_key(rest, "month/", &months[n].of)) months[n++].shown = lists[i].shown;
    }
    *out_months = months;
    *out_count = n;
    return RC_OK;
}

static int months_between(struct render_day x, struct render_day y) {
    return 12 * (x.year - y.year) + (int)x.month - (int)y.month;
}

/* The nearest years or months on both sides that have a page. A page stays when its stories are
 * withdrawn, and the links to it with it: so they change only when a month gets its first story. */
static void beside(const struct month *months, size_t count, struct render_day of,
                   struct render_day *out_older, struct render_day *out_newer) {
    *out_older = *out_newer = (struct render_day){0};
    for (size_t i = 0; i < count; i++) {
        struct render_day at = months[i].of;
        if (of.month == 0) at.month = 0;
        int ahead = months_between(at, of);
        if (ahead < 0) *out_older = at;
        if (ahead > 0 && !out_newer->year) *out_newer = at;
    }
}

static void mark_period(struct flow *f, struct shelf *shelf, struct arena *a, unsigned edition,
                        struct render_day of) {
    if (of.year == 0) return;
    struct span key = of.month ? arena_printf(a, "archive/%04d-%02u", of.year, of.month)
                               : arena_printf(a, "archive/%04d", of.year);
    dirty_add(shelf->dirty, DIRTY_LATER, edition_list(f, a, edition, key), 0);
}

void lists_mark_archive(struct flow *f, struct shelf *shelf, struct arena *a, struct span month) {
    struct span rest;
    struct render_day of;
    unsigned edition = edition_of_list(f, month, &rest);
    if (!period_of_key(rest, "month/", &of)) return;
    mark_period(f, shelf, a, edition, of);
    of.month = 0;
    mark_period(f, shelf, a, edition, of);
    dirty_add(shelf->dirty, DIRTY_LATER, edition_list(f, a, edition, LIST_ARCHIVE), 0);
}

/* A month's first story gives the pages beside it their links to it. */
static rc mark_beside(struct flow *f, struct shelf *shelf, struct arena *a, unsigned edition,
                      struct span month) {
    struct month *months;
    struct render_day of, older, newer;
    size_t count;
    if (!period_of_key(month, "month/", &of)) return RC_OK;
    TRY(all_months(f, a, edition, &months, &count));
    for (unsigned part = 0; part < 2; part++) {
        beside(months, count, of, &older, &newer);
        mark_period(f, shelf, a, edition, older);
        mark_period(f, shelf, a, edition, newer);
        of.month = 0;
    }
    return RC_OK;
}

rc lists_mark(struct flow *f, struct shelf *shelf, struct arena *a, const struct story_id *id) {
    struct list_place *places;
    size_t count;
    TRY(store_story_lists(f->store, a, id, &places, &count));
    for (size_t i = 0; i < count; i++) {
        struct span key = places[i].key, rest;
        if (span_starts(key, LIST_MEDIA)) continue;
        unsigned edition = edition_of_list(f, key, &rest);
        const uint64_t page = list_page_of(rest, places[i].place);
        const bool is_month = span_starts(rest, SPAN("month/"));
        const enum dirty_when when = is_month ? DIRTY_LATER : DIRTY_SOON;
        dirty_add(shelf->dirty, when, key, page);
        /* The first story of a page gives the page before it its link to a newer one. */
        if (page > 1 && (places[i].place - 1) % page_size(rest) == 0)
            dirty_add(shelf->dirty, when, key, page - 1);
        if (is_month) {
            dirty_add(shelf->dirty, when, LIST_SITEMAP, 0);
            lists_mark_archive(f, shelf, a, key);
            if (places[i].place == 1) TRY(mark_beside(f, shelf, a, edition, rest));
        } else {
            dirty_add(shelf->dirty, when, key, 0);
        }
        if (span_eq(rest, LIST_ALL))
            dirty_add(shelf->dirty, DIRTY_LATER, edition_list(f, a, edition, LIST_NEWS), 0);
    }
    return translations_mark(f, shelf, a, id);
}

/* ---- paths ------------------------------------------------------------------------------------------ */

static bool day_of_key(struct span key, struct render_day *out_day) {
    int year;
    unsigned month, day;
    char text[32];
    snprintf(text, sizeof text, SPAN_FMT, SPAN_ARG(key));
    if (sscanf(text, "day/%4d-%2u-%2u", &year, &month, &day) != 3) return false;
    *out_day = (struct render_day){year, month, day};
    return true;
}

/* page 0: the list's own path. Without the edition. */
static struct span path_of(struct arena *a, struct span key, uint64_t page) {
    struct render_day day = {0};
    struct span base, under = SPAN("/");
    if (span_eq(key, LIST_ALL)) {
        base = page ? SPAN("/latest") : SPAN("/");
    } else if (day_of_key(key, &day)) {
        base = arena_printf(a, "/%04d/%02u/%02u", day.year, day.month, day.day);
        under = SPAN("/page/");
    } else if (span_starts(key, SPAN("month/"))) {
        return arena_printf(a, "/sitemap/" SPAN_FMT "-%llu.xml", SPAN_ARG(span_from(key, 6)),
                            (unsigned long long)page);
    } else {
        char *encoded = arena_take(a, 3 * key.n + 2);
        struct span plain = arena_printf(a, "/" SPAN_FMT, SPAN_ARG(key));
        if (!encoded || http_path_encode(plain, encoded, 3 * key.n + 2, &base) != RC_OK)
            return SPAN("");
    }
    if (page == 0) return base;
    return arena_printf(a, SPAN_FMT SPAN_FMT "%llu", SPAN_ARG(base), SPAN_ARG(under),
                        (unsigned long long)page);
}

/* Of a whole key. */
static struct span list_path(const struct flow *f, struct arena *a, struct span key,
                             uint64_t page) {
    struct span rest;
    unsigned edition = edition_of_list(f, key, &rest);
    return edition_path(f, a, edition, path_of(a, rest, page));
}

/* In the read API; page 0: the newest. Empty: the list is not in it. */
static struct span items_path(const struct flow *f, struct arena *a, struct span key,
                              uint64_t page) {
    struct span rest, base = SPAN(""), number = SPAN("");
    unsigned edition = edition_of_list(f, key, &rest);
    if (span_starts(rest, SPAN("section/")) || span_starts(rest, SPAN("tag/")))
        base = path_of(a, rest, 0);
    else if (!span_eq(rest, LIST_ALL))
        return base;
    if (page) number = arena_printf(a, "/%llu", (unsigned long long)page);
    return edition_path(
        f, a, edition,
        arena_printf(a, "/api/v1" SPAN_FMT "/items" SPAN_FMT, SPAN_ARG(base), SPAN_ARG(number)));
}

/* ---- one page ---------------------------------------------------------------------------------------- */

static enum render_list_kind kind_of(struct span key, uint64_t page) {
    if (span_eq(key, LIST_ALL)) return page ? RENDER_LATEST : RENDER_FRONT;
    if (span_starts(key, SPAN("day/"))) return RENDER_DAY;
    if (span_starts(key, SPAN("author/"))) return RENDER_AUTHOR;
    if (span_eq(key, LIST_CORRECTIONS)) return RENDER_CORRECTIONS;
    return span_starts(key, SPAN("section/")) ? RENDER_SECTION : RENDER_TAG;
}

static void newest_first(struct card *cards, size_t count) {
    for (size_t i = 0; i < count / 2; i++) {
        struct card card = cards[i];
        cards[i] = cards[count - 1 - i];
        cards[count - 1 - i] = card;
    }
}

/* What a page of a list, a sitemap or the archive's page is made of. */
struct list_of {
    struct span path, latest; /* latest: of the newest of all, beside the front */
    struct render_list list;
    struct render_items items; /* no self: the list is not in the read API */
    bool is_newest, is_all;    /* the list's own path, which has feeds */
    bool br;                   /* nothing but its HTML, with brotli */
    struct render_sitemap_ref *refs;
    struct card *news;
    size_t count; /* of refs or news */
    struct render_archive archive;
};

struct feed {
    struct span path; /* empty: the list has none of this kind */
    const char *type;
    rc (*render)(struct render *r, struct arena *a, const struct render_list *list,
                 struct span self, struct buf *out);
};

static rc make_feeds(struct making *m, const struct render_list *list) {
    const struct feed feeds[] = {
        {list->feed, "application/rss+xml; charset=utf-8", render_rss},
        {list->atom, "application/atom+xml; charset=utf-8", render_atom},
        {list->json_feed, "application/feed+json", render_json_feed},
    };
    struct buf *out = &m->maker->out;
    for (size_t i = 0; i < COUNT_OF(feeds); i++) {
        if (!feeds[i].path.n) continue;
        buf_clear(out);
        TRY(feeds[i].render(making_render(m), m->a, list, feeds[i].path, out));
        TRY(make_file(m, feeds[i].path, 200, feeds[i].type, false, buf_span(out)));
    }
    return RC_OK;
}

/* The front as a list like all others, at /latest. */
static struct render_list as_list(const struct list_of *of) {
    struct render_list newest = of->list;
    if (newest.count > LIST_PAGE_STORIES) newest.count = LIST_PAGE_STORIES;
    return newest;
}

static rc make_list_html(struct making *m) {
    const struct list_of *of = m->of;
    struct buf *out = &m->maker->out;
    TRY(render_list_page(making_render(m), m->a, &of->list, out));
    TRY(make_html(m, of->path, 200, of->br, buf_span(out)));
    if (!of->is_newest || !of->is_all) return RC_OK;
    struct render_list latest = as_list(of);
    latest.kind = RENDER_LATEST;
    latest.path = of->latest;
    buf_clear(out);
    TRY(render_list_page(making_render(m), m->a, &latest, out));
    return make_html(m, of->latest, 200, of->br, buf_span(out));
}

static rc make_list(struct making *m) {
    const struct list_of *of = m->of;
    struct buf *out = &m->maker->out;
    TRY(make_list_html(m));
    const struct render_list newest = as_list(of);
    if (of->items.self.n) {
        buf_clear(out);
        TRY(render_items(making_render(m), m->a, &newest, &of->items, out));
        TRY(make_file(m, of->items.self, 200, "application/json", !of->is_newest, buf_span(out)));
    }
    return of->is_newest && of->list.feed.n ? make_feeds(m, &newest) : RC_OK;
}

static rc make_sitemap(struct making *m) {
    const struct list_of *of = m->of;
    TRY(render_sitemap(making_render(m), of->refs, of->count, &m->maker->out));
    return make_file(m, of->path, 200, "application/xml; charset=utf-8", true,
                     buf_span(&m->maker->out));
}

static rc make_sitemap_index(struct making *m) {
    const struct list_of *of = m->of;
    TRY(render_sitemap_index(making_render(m), of->refs, of->count, &m->maker->out));
    return make_file(m, of->path, 200, "application/xml; charset=utf-8", false,
                     buf_span(&m->maker->out));
}

static rc make_news_sitemap(struct making *m) {
    const struct list_of *of = m->of;
    TRY(render_news_sitemap(making_render(m), of->news, of->count, &m->maker->out));
    return make_file(m, of->path, 200, "application/xml; charset=utf-8", true,
                     buf_span(&m->maker->out));
}

static rc make_archive(struct making *m) {
    const struct list_of *of = m->of;
    TRY(render_archive_page(making_render(m), m->a, &of->archive, &m->maker->out));
    return make_html(m, of->path, 200, false, buf_span(&m->maker->out));
}

static void name_feeds(struct flow *f, struct arena *a, struct span key, struct render_list *list) {
    struct span rest;
    const unsigned edition = edition_of_list(f, key, &rest);
    if (list->kind == RENDER_DAY) return;
    if (span_eq(rest, LIST_ALL)) {
        list->feed = edition_path(f, a, edition, SPAN("/feed.xml"));
        list->atom = edition_path(f, a, edition, SPAN("/atom.xml"));
        list->json_feed = edition_path(f, a, edition, SPAN("/feed.json"));
        return;
    }
    const struct span own = list_path(f, a, key, 0);
    list->feed = arena_printf(a, SPAN_FMT "/feed.xml", SPAN_ARG(own));
    if (list->kind == RENDER_SECTION)
        list->json_feed = arena_printf(a, SPAN_FMT "/feed.json", SPAN_ARG(own));
}

/* RC_NOT_FOUND: there is no such page any more. */
static rc read_list(struct flow *f, struct arena *a, struct span key, uint64_t page,
                    const struct list_info *info, struct list_of *of) {
    struct card *cards;
    struct span rest;
    size_t count;
    const unsigned edition = edition_of_list(f, key, &rest);
    const bool is_all = span_eq(rest, LIST_ALL);
    const uint64_t pages = list_pages(rest, info->places);
    if (page > pages) return RC_NOT_FOUND;
    if (page == 0) {
        size_t most = is_all ? FRONT_STORIES : LIST_PAGE_STORIES;
        TRY(store_list_newest(f->store, a, key, most, &cards, &count));
    } else {
        TRY(store_list_cards(f->store, a, key, (page - 1) * LIST_PAGE_STORIES + 1,
                             page * LIST_PAGE_STORIES, &cards, &count));
        newest_first(cards, count);
    }
    of->path = list_path(f, a, key, page);
    of->latest = edition_path(f, a, edition, SPAN("/latest"));
    struct render_list list = {.kind = kind_of(rest, page),
                               .title = info->title,
                               .path = of->path,
                               .cards = cards,
                               .count = count,
                               .page = page ? page : pages,
                               .pages = pages};
    if (!list.title.n) list.title = span_from(rest, span_find(rest, '/') + 1);
    day_of_key(rest, &list.day);
    uint64_t older = page ? page - 1 : pages - (pages > 0);
    if (older > 0) list.older = list_path(f, a, key, older);
    if (page > 0 && page == pages && is_all)
        list.newer = of->latest;
    else if (page > 0)
        list.newer = list_path(f, a, key, page < pages ? page + 1 : 0);
    name_feeds(f, a, key, &list);
    of->items = (struct render_items){.self = items_path(f, a, key, page)};
    if (older > 0) of->items.older = items_path(f, a, key, older);
    if (page > 0 && page < pages) of->items.newer = items_path(f, a, key, page + 1);
    of->list = list;
    of->is_newest = page == 0;
    of->is_all = is_all;
    return RC_OK;
}

/* Of the stories in these places, adds what a sitemap says. */
static rc add_refs(struct flow *f, struct arena *a, struct span key, uint64_t from, uint64_t to,
                   struct render_sitemap_ref *refs, size_t *count) {
    struct arena *step = arena_new(OPERATION_BYTES_MAX);
    struct card *cards;
    size_t n = 0;
    rc code = store_list_cards(f->store, step, key, from, to, &cards, &n);
    for (size_t i = 0; i < n && code == RC_OK; i++)
        refs[(*count)++] = (struct render_sitemap_ref){.path = arena_copy(a, cards[i].path),
                                                       .updated = cards[i].updated};
    arena_free(step);
    return code;
}

static rc read_sitemap(struct flow *f, struct arena *a, struct span key, uint64_t page,
                       struct list_of *of) {
    const uint64_t before = (page - 1) * SITEMAP_PAGE_STORIES;
    of->path = list_path(f, a, key, page);
    of->refs = ARENA_ARRAY(a, struct render_sitemap_ref, SITEMAP_PAGE_STORIES);
    for (uint64_t at = 0; of->refs && at < SITEMAP_PAGE_STORIES; at += SITEMAP_STEP)
        TRY(add_refs(f, a, key, before + at + 1, before + at + SITEMAP_STEP, of->refs, &of->count));
    if (arena_over(a)) return rc_fail(RC_TOO_BIG, "a sitemap is too large for one operation");
    return RC_OK;
}

static rc read_sitemap_index(struct flow *f, struct arena *a, struct list_of *of) {
    struct list_info *months = ARENA_ARRAY(a, struct list_info, MONTHS_MAX);
    struct render_sitemap_ref *refs = ARENA_ARRAY(a, struct render_sitemap_ref, SITEMAPS_MAX);
    size_t count, n = 0;
    if (!months || !refs) return rc_fail(RC_TOO_BIG, "too many sitemaps for one operation");
    for (unsigned edition = 0; edition < f->edition_count; edition++) {
        struct span prefix = edition_list(f, a, edition, SPAN("month/"));
        TRY(all_lists(f, a, prefix, MONTHS_MAX, months, &count));
        for (size_t i = 0; i < count; i++) {
            uint64_t pages = list_pages(SPAN("month/"), months[i].places);
            for (uint64_t page = 1; page <= pages && n < SITEMAPS_MAX; page++)
                refs[n++] = (struct render_sitemap_ref){
                    .path = list_path(f, a, months[i].key, page), .updated = months[i].updated};
        }
    }
    of->path = SPAN("/sitemap.xml");
    of->refs = refs;
    of->count = n;
    return RC_OK;
}

/* Of these places, those of the two days before the newest story; *newest is moved by what is found. */
static rc add_news(struct flow *f, struct arena *a, struct span key, uint64_t from, uint64_t to,
                   struct list_of *of, ms_t *newest, bool *out_any) {
    struct card *cards;
    size_t count;
    TRY(store_list_cards(f->store, a, key, from, to, &cards, &count));
    for (size_t i = 0; i < count; i++)
        if (cards[i].published > *newest) *newest = cards[i].published;
    *out_any = count == 0; /* a gap of withdrawn stories is not the end */
    for (size_t i = count; i > 0 && of->count < RENDER_NEWS_STORIES_MAX; i--) {
        if (cards[i - 1].published < *newest - NEWS_MS) continue;
        of->news[of->count++] = cards[i - 1];
        *out_any = true;
    }
    return RC_OK;
}

/* Places are in the order of arrival, which is about that of the dates: the search ends with a step in
 * which nothing is new enough. An archive that comes in late does not hide what is new by much. */
static rc read_news(struct flow *f, struct arena *a, unsigned edition, struct list_of *of) {
    const struct span key = edition_list(f, a, edition, LIST_ALL);
    struct list_info info = {0};
    ms_t newest = INT64_MIN + NEWS_MS;
    of->path = edition_path(f, a, edition, SPAN("/news-sitemap.xml"));
    of->news = ARENA_ARRAY(a, struct card, RENDER_NEWS_STORIES_MAX);
    if (!of->news) return rc_fail(RC_TOO_BIG, "too many stories for one operation");
    rc code = store_list_info(f->store, a, key, &info);
    if (code != RC_OK && code != RC_NOT_FOUND) return code; /* not found: a new edition */
    uint64_t to = info.places;
    for (bool any = true; any && to > 0 && of->count < RENDER_NEWS_STORIES_MAX;) {
        const uint64_t from = to > NEWS_STEP ? to - NEWS_STEP + 1 : 1;
        TRY(add_news(f, a, key, from, to, of, &newest, &any));
        to = from - 1;
    }
    /* what was taken before a newer one was met */
    size_t n = 0;
    for (size_t i = 0; i < of->count; i++)
        if (of->news[i].published >= newest - NEWS_MS) of->news[n++] = of->news[i];
    of->count = n;
    return RC_OK;
}

static rc add_months(struct arena *a, const struct month *months, size_t count,
                     struct render_archive *archive) {
    struct render_archive_count *counts = ARENA_ARRAY(a, struct render_archive_count, count + 1);
    if (!counts) return rc_fail(RC_TOO_BIG, "too many months for one operation");
    for (size_t i = count; i > 0; i--)
        if (months[i - 1].shown)
            counts[archive->count++] = (struct render_archive_count){
                .day = months[i - 1].of, .stories = months[i - 1].shown};
    archive->counts = counts;
    return RC_OK;
}

/* Of a year or a month: its days. */
static rc add_days(struct flow *f, struct arena *a, unsigned edition, struct span period,
                   struct render_archive *archive) {
    struct list_info *lists = ARENA_ARRAY(a, struct list_info, DAYS_MAX);
    struct render_archive_count *counts = ARENA_ARRAY(a, struct render_archive_count, DAYS_MAX);
    size_t count;
    if (!lists || !counts) return rc_fail(RC_TOO_BIG, "too many days for one operation");
    struct span prefix = arena_printf(a, "day/" SPAN_FMT "-", SPAN_ARG(period)), rest;
    TRY(all_lists(f, a, edition_list(f, a, edition, prefix), DAYS_MAX, lists, &count));
    for (size_t i = count; i > 0; i--) {
        struct render_archive_count *next = &counts[archive->count];
        (void)edition_of_list(f, lists[i - 1].key, &rest);
        if (lists[i - 1].shown == 0 || !day_of_key(rest, &next->day)) continue;
        next->stories = lists[i - 1].shown;
        archive->count++;
    }
    archive->counts = counts;
    return RC_OK;
}

static rc read_archive(struct flow *f, struct arena *a, unsigned edition, struct span rest,
                       struct list_of *of) {
    struct render_archive *archive = &of->archive;
    struct month *months;
    size_t count;
    *archive = (struct render_archive){0};
    TRY(all_months(f, a, edition, &months, &count));
    if (!period_of_key(rest, "archive/", &archive->of)) {
        of->path = edition_path(f, a, edition, SPAN("/archive"));
        return add_months(a, months, count, archive);
    }
    beside(months, count, archive->of, &archive->older, &archive->newer);
    const struct render_day at = archive->of;
    struct span path = at.month ? arena_printf(a, "/%04d/%02u", at.year, at.month)
                                : arena_printf(a, "/%04d", at.year);
    of->path = edition_path(f, a, edition, path);
    return add_days(f, a, edition, span_from(rest, strlen("archive/")), archive);
}

/* Fronts are read so often that brotli is worth its time. */
static bool has_brotli(struct span rest, uint64_t page) {
    return page == 0 && (span_eq(rest, LIST_ALL) || span_starts(rest, SPAN("section/")));
}

/* What the page is made of, and by what; RC_NOT_FOUND: there is nothing to make. */
static rc read_page(struct flow *f, struct arena *a, struct span key, uint64_t page,
                    struct list_of *of, struct making *m, rc (**out_make)(struct making *m)) {
    struct list_info info;
    struct span rest;
    m->edition = edition_of_list(f, key, &rest);
    if (span_eq(rest, LIST_SITEMAP)) {
        *out_make = make_sitemap_index;
        return read_sitemap_index(f, a, of);
    }
    if (span_eq(rest, LIST_NEWS)) {
        *out_make = make_news_sitemap;
        return read_news(f, a, m->edition, of);
    }
    if (span_starts(rest, LIST_ARCHIVE)) {
        *out_make = make_archive;
        return read_archive(f, a, m->edition, rest, of);
    }
    if (span_starts(rest, SPAN("month/"))) {
        *out_make = make_sitemap;
        return read_sitemap(f, a, key, page, of);
    }
    *out_make = of->br ? make_list_html : make_list;
    rc code = store_list_info(f->store, a, key, &info);
    if (code == RC_NOT_FOUND && span_eq(rest, LIST_ALL)) {
        info = (struct list_info){.key = key}; /* the front of a new edition */
        code = RC_OK;
    }
    if (code == RC_NOT_FOUND)
        return rc_fail(RC_CORRUPT, "the database lacks the list " SPAN_FMT, SPAN_ARG(key));
    TRY(code);
    return read_list(f, a, key, page, &info, of);
}

struct list_page {
    struct span key;
    uint64_t page;
};
struct lists_step {
    struct flow *f;
    struct shelf *shelf;
    enum dirty_when when;
    const struct list_page *pages;
};

static bool is_of(struct span key, struct span prefix, struct story_id *out_id) {
    return span_starts(key, prefix) && story_id_parse(span_from(key, prefix.n), out_id);
}

static rc begin_page(void *arg, size_t i, struct making **out_making) {
    struct lists_step *step = arg;
    struct span key = step->pages[i].key;
    struct story_id id;
    if (is_of(key, LIST_STORY, &id)) return story_begin(step->f, &id, STORY_WHOLE, out_making);
    if (is_of(key, LIST_NEAR, &id)) return related_mark(step->f, step->shelf, &id);
    struct making *m = making_new(step->f, step->shelf->bulk);
    struct list_of *of = ARENA_NEW(m->a, struct list_of);
    rc (*make)(struct making * m);
    CHECK(of != NULL);
    struct span rest;
    (void)edition_of_list(step->f, key, &rest);
    of->br = step->when == DIRTY_LATER && has_brotli(rest, step->pages[i].page);
    rc code = read_page(step->f, m->a, arena_copy(m->a, key), step->pages[i].page, of, m, &make);
    if (code != RC_OK) {
        making_free(m);
        return code == RC_NOT_FOUND ? RC_OK : code;
    }
    m->of = of;
    making_begin(m, make, arena_bytes(m->a));
    *out_making = m;
    return RC_OK;
}

static rc put_page(void *arg, size_t i, struct making *m) {
    struct lists_step *step = arg;
    struct story_id id;
    if (!m) return RC_OK;
    const struct list_page *page = &step->pages[i];
    if (is_of(page->key, LIST_STORY, &id)) return story_put(step->f, step->shelf, m);
    struct span rest;
    (void)edition_of_list(step->f, page->key, &rest);
    if (step->when == DIRTY_SOON && has_brotli(rest, page->page))
        dirty_add(step->shelf->dirty, DIRTY_LATER, page->key, page->page);
    return shelf_put_made(step->shelf, m);
}

static rc put_pages(struct flow *f, struct shelf *shelf, struct arena *a, enum dirty_when when,
                    size_t *out_count) {
    const size_t count = when == DIRTY_SOON ? LISTS_STEP_PAGES : LATER_STEP_PAGES;
    struct list_page pages[LISTS_STEP_PAGES];
    size_t n = 0;
    while (n < count && dirty_take(shelf->dirty, when, a, &pages[n].key, &pages[n].page)) n++;
    struct lists_step step = {.f = f, .shelf = shelf, .when = when, .pages = pages};
    rc code = make_all(n, begin_page, put_page, &step);
    for (size_t i = 0; i < n && code != RC_OK; i++)
        dirty_add(shelf->dirty, when, pages[i].key, pages[i].page);
    *out_count = n;
    return code;
}

rc lists_put(struct flow *f, struct shelf *shelf, enum dirty_when when, unsigned ms) {
    const mono_t begun = clock_mono_ns();
    struct arena *a = arena_new(OPERATION_BYTES_MAX);
    rc code = RC_OK;
    for (size_t n = 1; code == RC_OK && n > 0;) {
        arena_reset(a);
        code = put_pages(f, shelf, a, when, &n);
        if ((clock_mono_ns() - begun) / 1000000 >= ms) break;
    }
    arena_free(a);
    return code;
}

rc lists_put_all(struct flow *f, struct shelf *shelf) {
    TRY(lists_put(f, shelf, DIRTY_SOON, LISTS_ALL));
    return lists_put(f, shelf, DIRTY_LATER, LISTS_ALL);
}

rc lists_flip(struct flow *f, struct shelf *shelf, enum dirty_when when, unsigned ms) {
    /* What is taken out of the set and then not committed would be forgotten: remember the cursor that
     * a restart begins from, and mark everything behind it again. */
    const uint64_t lists_cursor = shelf->lists_cursor;
    TRY(shelf_begin(shelf));
    rc code = store_read_begin(f->store);
    if (code == RC_OK) {
        code = lists_put(f, shelf, when, ms);
        store_rollback(f->store);
    }
    if (code == RC_OK && dirty_all(shelf->dirty) == 0) {
        shelf->lists_cursor = shelf->cursor;
        code = shelf_put_cursors(shelf);
    }
    if (code == RC_OK)
        code = pages_commit(shelf->pages);
    else
        pages_abort(shelf->pages);
    if (code != RC_OK && code != RC_FATAL) {
        shelf->lists_cursor = lists_cursor;
        char why[RC_WHY_MAX];
        memcpy(why, rc_why(), sizeof why);
        TRY(lists_mark_since(f, shelf));
        return rc_fail(code, "%s", why);
    }
    return code;
}

static rc mark_if_revised(struct flow *f, struct shelf *shelf, struct arena *a,
                          const struct story_id *id) {
    struct story_row row;
    TRY(store_story_by_id(f->store, a, id, &row));
    if (row.number > 1) lists_mark_near(shelf, id);
    return RC_OK;
}

/* Everything that rows behind lists_cursor touched. */
rc lists_mark_since(struct flow *f, struct shelf *shelf) {
    struct arena *a = arena_new(OPERATION_BYTES_MAX);
    uint64_t at = shelf->lists_cursor;
    rc code = RC_OK;
    while (code == RC_OK && at < shelf->cursor) {
        struct outbox_row *rows;
        size_t count;
        arena_reset(a);
        code = store_outbox(f->store, a, at, 256, &rows, &count);
        if (code == RC_OK && count == 0) break;
        for (size_t i = 0; i < count && code == RC_OK; i++) {
            at = rows[i].sequence;
            if (at > shelf->cursor) continue;
            code = lists_mark(f, shelf, a, &rows[i].story);
            if (code == RC_OK) code = mark_if_revised(f, shelf, a, &rows[i].story);
        }
    }
    arena_free(a);
    return code;
}
