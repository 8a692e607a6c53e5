/* Sitemaps: one for each month, their index, and the one of what is news. */
#include "flow/inner.h"

#define SITEMAP_STEP 1000        /* cards are read so many at a time: all at once may be 100 MB */
#define SITEMAPS_MAX 50000       /* sitemaps.org: files in an index */
#define NEWS_MS (2 * 86400000LL) /* Google's news sitemap: "created in the last two days" */
#define NEWS_STEP 100

struct sitemap_of {
    struct span path;
    struct render_sitemap_ref *refs;
    struct card *news;
    size_t count; /* of refs or news */
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
    TRY(render_sitemap_index(making_render(m), of->refs, of->count, &m->maker->out));
    return make_file(m, of->path, 200, "application/xml; charset=utf-8", false,
                     buf_span(&m->maker->out));
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

rc sitemap_index_read(struct flow *f, struct making *m) {
    struct arena *a = m->a;
    struct sitemap_of *of = sitemap_of(m, make_sitemap_index);
    struct list_info *months = ARENA_ARRAY(a, struct list_info, MONTHS_MAX);
    struct render_sitemap_ref *refs = ARENA_ARRAY(a, struct render_sitemap_ref, SITEMAPS_MAX);
    size_t count, n = 0;
    if (!months || !refs) return rc_fail(RC_TOO_BIG, "too many sitemaps for one operation");
    for (unsigned edition = 0; edition < f->edition_count; edition++) {
        struct span prefix = edition_list(f, a, edition, LIST_MONTH);
        TRY(lists_under(f, a, prefix, MONTHS_MAX, months, &count));
        for (size_t i = 0; i < count; i++) {
            uint64_t pages = list_pages(LIST_MONTH, months[i].places);
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
                   struct sitemap_of *of, ms_t *newest, bool *out_any) {
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
rc news_sitemap_read(struct flow *f, struct making *m) {
    struct arena *a = m->a;
    struct sitemap_of *of = sitemap_of(m, make_news_sitemap);
    const unsigned edition = m->edition;
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
