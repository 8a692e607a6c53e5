/*
 * Lists, feeds, sitemaps. A list's page k holds the places (k−1)·size + 1 … k·size, numbered from the
 * oldest: a full page stays as it is, whatever is published later. The list's own path shows the newest.
 *
 *   all                /            /latest/K          /feed.xml /atom.xml /feed.json
 *   section/SLUG       /section/SLUG …                 /section/SLUG/feed.xml …/feed.json
 *   tag/SLUG           /tag/SLUG    /tag/SLUG/K        /tag/SLUG/feed.xml
 *   author/SLUG        /author/SLUG …                  likewise
 *   corrections        /corrections …                  likewise; of notes, not of stories: store_notes()
 *   day/2026-11-24     /2026/11/24  /2026/11/24/page/K
 *   All but authors and corrections stand in the read API too, at /api/v1/items, /api/v1/items/K, and so on.
 *   month/2026-11      –            /sitemap-2026-11-K.xml
 *   All but the sitemap and the pictures are an edition's: "ar:tag/SLUG" is at /ar/tag/SLUG, see editions.c.
 *   sitemap            /sitemap.xml: made out of the months; and /sitemap-fronts.xml. As is
 *   archive            /archive; archive/2026 at /2026 and archive/2026-11 at /2026/11, out of their days
 *   news               /news-sitemap.xml: the newest of "all"
 *   pages              /sitemap-pages.xml: standing pages of all editions, if there are any
 *   media/HASH.EXT     no page: it counts the stories that show a picture, see shelf_put_story()
 */
#include <stdio.h>

#include "flow/inner.h"
#include "story/limits.h"
#include "sys/clock.h"

/* Made at a time; the clock is looked at between. */
#define LISTS_STEP_PAGES 24
#define LATER_STEP_PAGES 2
#define LISTS_STEP 1000 /* read at a time */

static uint64_t page_size(struct span key) {
    return span_starts(key, LIST_MONTH) ? SITEMAP_PAGE_STORIES : LIST_PAGE_STORIES;
}

uint64_t list_page_of(struct span key, uint64_t place) {
    return (place + page_size(key) - 1) / page_size(key);
}
uint64_t list_pages(struct span key, uint64_t places) {
    return list_page_of(key, places);
}

rc lists_under(struct flow *f, struct arena *a, struct span prefix, size_t max,
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

bool list_has_pages(struct span key) {
    return !span_starts(key, LIST_MEDIA) && !span_starts(key, LIST_LEASE) &&
           !span_starts(key, LIST_PIN);
}

/* Two names of one slug are one page. */
static void add_once(struct list_ref *lists, size_t *count, struct span key) {
    for (size_t i = 0; i < *count; i++)
        if (span_eq(lists[i].key, key)) return;
    lists[(*count)++].key = key;
}

static struct span section_key(struct arena *a, struct span section) {
    return arena_printf(a, "section/" SPAN_FMT, SPAN_ARG(slug_of(a, section)));
}

rc lists_of(struct flow *f, struct arena *a, unsigned edition, const struct revision *r,
            struct list_ref **out_lists, size_t *out_count) {
    struct render_day day = render_day_of(owners_render(f, edition), r->published);
    size_t pictures = 0;
    for (size_t i = 0; i < r->picture_count; i++) pictures += r->pictures[i].rendition_count;
    struct list_ref *lists = ARENA_ARRAY(a, struct list_ref,
                                         r->tag_count + r->byline_count + pictures +
                                             r->picture_count + r->related_count + 5);
    if (!lists) return rc_fail(RC_TOO_BIG, "too many tags for one operation");
    size_t n = 0;
    /* desk_shows(): what was retracted is documented, not recommended. */
    const bool recommended = !story_is_retracted(r);
    if (recommended) lists[n++].key = LIST_ALL;
    lists[n++].key = arena_printf(a, "day/%04d-%02u-%02u", day.year, day.month, day.day);
    lists[n++].key = arena_printf(a, "month/%04d-%02u", day.year, day.month);
    if (r->section.n && recommended) lists[n++].key = section_key(a, r->section);
    for (size_t i = 0; i < r->tag_count; i++)
        add_once(lists, &n, arena_printf(a, "tag/" SPAN_FMT, SPAN_ARG(r->tags[i].slug)));
    for (size_t i = 0; i < r->byline_count; i++)
        add_once(lists, &n,
                 arena_printf(a, "author/" SPAN_FMT, SPAN_ARG(slug_of(a, r->bylines[i].name))));
    for (size_t i = 0; i < n; i++) lists[i].key = edition_list(f, a, edition, lists[i].key);
    for (size_t i = 0; i < r->picture_count; i++) {
        const struct picture *p = &r->pictures[i];
        if (!rights_allow_any(&(struct rights){.channels = p->rights.channels}, 0)) continue;
        if (p->rights.expires) add_once(lists, &n, lease_key(a, p->rights.expires));
        for (size_t k = 0; k < p->rendition_count; k++)
            add_once(lists, &n, lease_media_key(a, &p->renditions[k], &p->rights));
    }
    for (size_t i = 0; i < r->related_count; i++) add_once(lists, &n, pin_key(a, &r->related[i]));
    if (arena_over(a)) return rc_fail(RC_TOO_BIG, "too many tags for one operation");
    *out_lists = lists;
    *out_count = n;
    return RC_OK;
}

bool list_is_standing(const struct flow *f, struct arena *a, unsigned edition, struct span rest) {
    const struct flow_edition *e = &f->setup.editions[edition];
    if (span_eq(rest, LIST_ALL) || span_eq(rest, LIST_CORRECTIONS)) return true;
    for (size_t i = 0; i < e->section_count; i++)
        if (span_eq(rest, section_key(a, e->sections[i]))) return true;
    return false;
}

void lists_mark_empty(struct flow *f, struct shelf *shelf, struct arena *a) {
    for (unsigned i = 0; i < f->edition_count; i++) {
        const struct flow_edition *e = &f->setup.editions[i];
        dirty_add(shelf->dirty, DIRTY_SOON, edition_list(f, a, i, LIST_ALL), 0);
        dirty_add(shelf->dirty, DIRTY_SOON, edition_list(f, a, i, LIST_CORRECTIONS), 0);
        for (size_t k = 0; k < e->section_count; k++)
            dirty_add(shelf->dirty, DIRTY_SOON,
                      edition_list(f, a, i, section_key(a, e->sections[k])), 0);
        dirty_add(shelf->dirty, DIRTY_SOON, edition_list(f, a, i, LIST_ARCHIVE), 0);
        dirty_add(shelf->dirty, DIRTY_LATER, edition_list(f, a, i, LIST_NEWS), 0);
    }
    dirty_add(shelf->dirty, DIRTY_LATER, LIST_SITEMAP, 0);
    dirty_add(shelf->dirty, DIRTY_LATER, LIST_PAGES, 0);
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

/* The first on a page gives the page before it its link to a newer one. */
static void mark_place(struct shelf *shelf, enum dirty_when when, struct span key, struct span rest,
                       uint64_t place) {
    const uint64_t page = list_page_of(rest, place);
    dirty_add(shelf->dirty, when, key, page);
    if (page > 1 && (place - 1) % page_size(rest) == 0)
        dirty_add(shelf->dirty, when, key, page - 1);
}

static rc mark_notes(struct flow *f, struct shelf *shelf, struct arena *a,
                     const struct story_id *id) {
    struct list_place *places;
    size_t count;
    TRY(store_story_notes(f->store, a, id, &places, &count));
    for (size_t i = 0; i < count; i++) {
        mark_place(shelf, DIRTY_SOON, places[i].key, LIST_CORRECTIONS, places[i].place);
        dirty_add(shelf->dirty, DIRTY_SOON, places[i].key, 0);
    }
    return RC_OK;
}

rc lists_mark(struct flow *f, struct shelf *shelf, struct arena *a, const struct story_id *id) {
    struct list_place *places;
    size_t count;
    TRY(store_story_lists(f->store, a, id, &places, &count));
    for (size_t i = 0; i < count; i++) {
        struct span key = places[i].key, rest;
        if (!list_has_pages(key)) continue;
        unsigned edition = edition_of_list(f, key, &rest);
        const bool is_month = span_starts(rest, LIST_MONTH);
        const enum dirty_when when = is_month ? DIRTY_LATER : DIRTY_SOON;
        mark_place(shelf, when, key, rest, places[i].place);
        if (is_month) {
            dirty_add(shelf->dirty, when, LIST_SITEMAP, 0);
            archive_mark(f, shelf, a, key);
            if (places[i].place == 1) TRY(archive_mark_beside(f, shelf, a, edition, rest));
        } else {
            dirty_add(shelf->dirty, when, key, 0);
            if (places[i].place == 1) TRY(archive_mark_days_beside(f, shelf, a, edition, rest));
        }
        if (span_eq(rest, LIST_ALL))
            dirty_add(shelf->dirty, DIRTY_LATER, edition_list(f, a, edition, LIST_NEWS), 0);
    }
    TRY(mark_notes(f, shelf, a, id));
    return translations_mark(f, shelf, a, id);
}

rc lists_mark_standing(struct flow *f, struct shelf *shelf, struct arena *a,
                       const struct story_id *id) {
    dirty_add(shelf->dirty, DIRTY_LATER, LIST_SITEMAP, 0);
    dirty_add(shelf->dirty, DIRTY_LATER, LIST_PAGES, 0);
    return translations_mark(f, shelf, a, id);
}

/* ---- putting ---------------------------------------------------------------------------------------- */

/* Fronts are read so often that brotli is worth its time. */
static bool has_brotli(struct span rest, uint64_t page) {
    return page == 0 && (span_eq(rest, LIST_ALL) || span_starts(rest, SPAN("section/")));
}

/* What the page is made of, and by what; RC_NOT_FOUND: there is nothing to make. */
static rc read_page(struct flow *f, struct span key, uint64_t page, bool br, struct making *m) {
    struct span rest;
    m->edition = edition_of_list(f, key, &rest);
    if (span_eq(rest, LIST_SITEMAP)) return sitemap_index_read(f, m);
    if (span_eq(rest, LIST_PAGES)) return pages_sitemap_read(f, m);
    if (span_eq(rest, LIST_NEWS)) return news_sitemap_read(f, m);
    if (span_starts(rest, LIST_ARCHIVE)) return archive_read(f, rest, m);
    if (span_starts(rest, LIST_MONTH)) return sitemap_read(f, key, page, m);
    return list_page_read(f, key, page, br, m);
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
    struct making *m = making_new(step->f);
    struct span rest;
    (void)edition_of_list(step->f, key, &rest);
    const bool br = step->when == DIRTY_LATER && has_brotli(rest, step->pages[i].page);
    rc code = read_page(step->f, arena_copy(m->a, key), step->pages[i].page, br, m);
    if (code != RC_OK) {
        making_free(m);
        return code == RC_NOT_FOUND ? RC_OK : code;
    }
    making_begin(m, m->make, arena_bytes(m->a));
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
    uint64_t aged[FLOW_EDITIONS_MAX];
    memcpy(aged, shelf->aged, sizeof aged);
    TRY(shelf_begin(shelf));
    rc code = store_read_begin(f->store);
    if (code == RC_OK) {
        code = lists_put(f, shelf, when, ms);
        store_rollback(f->store);
    }
    if (code == RC_OK && dirty_all(shelf->dirty) == 0) {
        shelf->lists_cursor = shelf->cursor;
        memcpy(shelf->aged, shelf->aging, sizeof shelf->aged);
        code = shelf_put_cursors(shelf);
    }
    if (code == RC_OK)
        code = pages_commit(shelf->pages);
    else
        pages_abort(shelf->pages);
    if (code != RC_OK && code != RC_FATAL) {
        shelf->lists_cursor = lists_cursor;
        memcpy(shelf->aged, aged, sizeof aged);
        memcpy(shelf->aging, aged, sizeof aged);
        char why[RC_WHY_MAX];
        memcpy(why, rc_why(), sizeof why);
        TRY(lists_mark_since(f, shelf));
        return rc_fail(code, "%s", why);
    }
    return code;
}

static rc mark_all_of(struct flow *f, struct shelf *shelf, struct arena *a,
                      const struct story_id *id) {
    struct story_row row;
    TRY(store_story_by_id(f->store, a, id, &row));
    TRY(row.standing ? lists_mark_standing(f, shelf, a, id) : lists_mark(f, shelf, a, id));
    struct list_info chosen;
    rc code = store_list_info(f->store, a, pin_key(a, id), &chosen);
    if (code != RC_OK && code != RC_NOT_FOUND) return code;
    if (row.number == 1 && code == RC_NOT_FOUND) return RC_OK;
    if (!row.standing) lists_mark_near(shelf, id);
    return row.number > 1 ? translations_left(f, shelf, a, &row, shelf->lists_cursor) : RC_OK;
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
            code = mark_all_of(f, shelf, a, &rows[i].story);
        }
    }
    arena_free(a);
    return code;
}
