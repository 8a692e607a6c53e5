/* Sitemaps: one for each month, one of the fronts, one of the standing pages, their index; and those of what is news. */
#include "flow/inner.h"
#include "sys/clock.h"

#define SITEMAP_STEP 1000  /* cards are read so many at a time: all at once may be 100 MB */
#define SITEMAPS_MAX 50000 /* sitemaps.org: files in an index */
#define PAGES_PATH SPAN("/sitemap-pages.xml")
#define NEWS_MS (2 * 86400000LL) /* Google's news sitemap: "created in the last two days" */
#define NEWS_STEP 100
#define SECTIONS_MAX 1000
#define FRONTS_PATH SPAN("/sitemap-fronts.xml")

struct sitemap_of {
    struct span path;
    struct render_sitemap_ref *refs, *fronts;
    struct card *news;
    size_t count, front_count; /* count: of refs or news */
};

static struct sitemap_of *sitemap_of(struct making *m, rc (*make)(struct making *m)) {
    struct sitemap_of *of = ARENA_NEW(m->a, struct sitemap_of);
    CHECK(of != NULL);
    m->of = of;
    m->make = make;
    return of;
}

static rc make_sitemap(struct making *m) {
    const struct sitemap_of *of = m->of;
    TRY(render_sitemap(making_render(m), of->refs, of->count, &m->maker->out));
    return make_file(m, of->path, 200, "application/xml; charset=utf-8", true,
                     buf_span(&m->maker->out));
}

static rc make_sitemap_index(struct making *m) {
    const struct sitemap_of *of = m->of;
    struct buf *out = &m->maker->out;
    TRY(render_sitemap_index(making_render(m), of->refs, of->count, out));
    TRY(make_file(m, of->path, 200, "application/xml; charset=utf-8", false, buf_span(out)));
    buf_clear(out);
    TRY(render_sitemap(making_render(m), of->fronts, of->front_count, out));
    return make_file(m, FRONTS_PATH, 200, "application/xml; charset=utf-8", true, buf_span(out));
}

static rc make_news_sitemap(struct making *m) {
    const struct sitemap_of *of = m->of;
    TRY(render_news_sitemap(making_render(m), of->news, of->count, &m->maker->out));
    return make_file(m, of->path, 200, "application/xml; charset=utf-8", true,
                     buf_span(&m->maker->out));
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

rc sitemap_read(struct flow *f, struct span key, uint64_t page, struct making *m) {
    struct arena *a = m->a;
    struct sitemap_of *of = sitemap_of(m, make_sitemap);
    const uint64_t before = (page - 1) * SITEMAP_PAGE_STORIES;
    of->path = list_path(f, a, key, page);
    of->refs = ARENA_ARRAY(a, struct render_sitemap_ref, SITEMAP_PAGE_STORIES);
    for (uint64_t at = 0; of->refs && at < SITEMAP_PAGE_STORIES; at += SITEMAP_STEP)
        TRY(add_refs(f, a, key, before + at + 1, before + at + SITEMAP_STEP, of->refs, &of->count));
    if (arena_over(a)) return rc_fail(RC_TOO_BIG, "a sitemap is too large for one operation");
    return RC_OK;
}

rc pages_sitemap_read(struct flow *f, struct making *m) {
    struct sitemap_of *of = sitemap_of(m, make_sitemap);
    of->path = PAGES_PATH;
    TRY(standing_refs(f, m->a, &of->refs, &of->count));
    return of->count ? RC_OK : RC_NOT_FOUND;
}

/* The sitemap of standing pages, if there are any. */
static rc add_pages(struct flow *f, struct arena *a, struct render_sitemap_ref *refs, size_t *n) {
    struct render_sitemap_ref all = {.path = PAGES_PATH}, *pages;
    size_t count;
    TRY(standing_refs(f, a, &pages, &count));
    for (size_t i = 0; i < count; i++)
        if (pages[i].updated > all.updated) all.updated = pages[i].updated;
    if (count && *n < SITEMAPS_MAX) refs[(*n)++] = all;
    return RC_OK;
}

/* The fronts of the editions, and of their sections. */
static rc read_fronts(struct flow *f, struct arena *a, struct sitemap_of *of) {
    struct list_info *sections = ARENA_ARRAY(a, struct list_info, SECTIONS_MAX);
    of->fronts = ARENA_ARRAY(a, struct render_sitemap_ref, FLOW_EDITIONS_MAX * (SECTIONS_MAX + 1));
    if (!sections || !of->fronts) return rc_fail(RC_TOO_BIG, "too many fronts for one operation");
    for (unsigned edition = 0; edition < f->edition_count; edition++) {
        struct list_info all = {0};
        size_t count;
        const struct span key = edition_list(f, a, edition, LIST_ALL);
        rc code = store_list_info(f->store, a, key, &all);
        if (code != RC_OK && code != RC_NOT_FOUND) return code; /* not found: nothing is in it */
        of->fronts[of->front_count++] = (struct render_sitemap_ref){
            .path = edition_path(f, a, edition, SPAN("/")), .updated = all.updated};
        TRY(lists_under(f, a, edition_list(f, a, edition, SPAN("section/")), SECTIONS_MAX, sections,
                        &count));
        for (size_t i = 0; i < count; i++)
            if (sections[i].shown)
                of->fronts[of->front_count++] = (struct render_sitemap_ref){
                    .path = list_path(f, a, sections[i].key, 0), .updated = sections[i].updated};
    }
    return RC_OK;
}

/* A month of which nothing is shown any more is not named: a sitemap has at least one address. */
rc sitemap_index_read(struct flow *f, struct making *m) {
    struct arena *a = m->a;
    struct sitemap_of *of = sitemap_of(m, make_sitemap_index);
    struct list_info *months = ARENA_ARRAY(a, struct list_info, MONTHS_MAX);
    struct render_sitemap_ref *refs = ARENA_ARRAY(a, struct render_sitemap_ref, SITEMAPS_MAX);
    size_t count, n = 0;
    if (!months || !refs) return rc_fail(RC_TOO_BIG, "too many sitemaps for one operation");
    refs[n++] = (struct render_sitemap_ref){.path = FRONTS_PATH};
    for (unsigned edition = 0; edition < f->edition_count; edition++) {
        struct span prefix = edition_list(f, a, edition, LIST_MONTH);
        TRY(lists_under(f, a, prefix, MONTHS_MAX, months, &count));
        for (size_t i = 0; i < count; i++) {
            uint64_t pages = months[i].shown ? list_pages(LIST_MONTH, months[i].places) : 0;
            for (uint64_t page = 1; page <= pages && n < SITEMAPS_MAX; page++)
                refs[n++] = (struct render_sitemap_ref){
                    .path = list_path(f, a, months[i].key, page), .updated = months[i].updated};
        }
    }
    TRY(add_pages(f, a, refs, &n));
    of->path = SPAN("/sitemap.xml");
    of->refs = refs;
    of->count = n;
    return read_fronts(f, a, of);
}

/* Of these places, those that are news. */
static rc add_news(struct flow *f, struct arena *a, struct span key, uint64_t from, uint64_t to,
                   ms_t since, struct sitemap_of *of, bool *out_any) {
    struct card *cards;
    size_t count;
    TRY(store_list_cards(f->store, a, key, from, to, &cards, &count));
    *out_any = count == 0; /* a gap of withdrawn stories is not the end */
    for (size_t i = count; i > 0 && of->count < RENDER_NEWS_STORIES_MAX; i--) {
        if (cards[i - 1].published <= since) continue;
        of->news[of->count++] = cards[i - 1];
        *out_any = true;
    }
    return RC_OK;
}

/* Places are in the order of arrival, which is about that of the dates: the search ends with a step in
 * which nothing is new enough. An archive that comes in late does not hide what is new by much. */
rc news_sitemap_read(struct flow *f, struct making *m) {
    struct arena *a = m->a;
    struct sitemap_of *of = sitemap_of(m, make_news_sitemap);
    const unsigned edition = m->edition;
    const struct span key = edition_list(f, a, edition, LIST_ALL);
    const ms_t since = clock_wall_ms() - NEWS_MS;
    struct list_info info = {0};
    of->path = edition_path(f, a, edition, SPAN("/news-sitemap.xml"));
    of->news = ARENA_ARRAY(a, struct card, RENDER_NEWS_STORIES_MAX);
    if (!of->news) return rc_fail(RC_TOO_BIG, "too many stories for one operation");
    rc code = store_list_info(f->store, a, key, &info);
    if (code != RC_OK && code != RC_NOT_FOUND) return code; /* not found: a new edition */
    uint64_t to = info.places;
    for (bool any = true; any && to > 0 && of->count < RENDER_NEWS_STORIES_MAX;) {
        const uint64_t from = to > NEWS_STEP ? to - NEWS_STEP + 1 : 1;
        TRY(add_news(f, a, key, from, to, since, of, &any));
        to = from - 1;
    }
    f->news_due[edition] = 0;
    for (size_t i = 0; i < of->count; i++) {
        const ms_t due = of->news[i].published + NEWS_MS;
        if (i == 0 || due < f->news_due[edition]) f->news_due[edition] = due;
    }
    return RC_OK;
}

void lists_mark_old_news(struct flow *f, struct shelf *shelf, struct arena *a, ms_t now,
                         ms_t *out_next) {
    *out_next = INT64_MAX;
    for (unsigned i = 0; i < f->edition_count; i++) {
        if (f->news_due[i] == 0) continue;
        if (f->news_due[i] <= now) {
            dirty_add(shelf->dirty, DIRTY_LATER, edition_list(f, a, i, LIST_NEWS), 0);
            f->news_due[i] = 0; /* until it is made, and says when it is again */
        } else if (f->news_due[i] < *out_next) {
            *out_next = f->news_due[i];
        }
    }
}
