/* One page of a list: its paths, what it is made of, and its making, with feeds and in the read API. */
#include <stdio.h>

#include "flow/inner.h"
#include "http/path.h"

/* ---- paths ------------------------------------------------------------------------------------------ */

bool day_of_key(struct span key, struct render_day *out_day) {
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
    } else if (span_starts(key, LIST_MONTH)) {
        /* In the root: a sitemap may only name what is below its own folder. */
        return arena_printf(a, "/sitemap-" SPAN_FMT "-%llu.xml", SPAN_ARG(span_from(key, 6)),
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

struct span list_path(const struct flow *f, struct arena *a, struct span key, uint64_t page) {
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
    else if (span_starts(rest, SPAN("day/")))
        base = arena_printf(a, "/" SPAN_FMT, SPAN_ARG(rest));
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

/* Its cards by their own dates, the latest first: an archive that came in late stands in its places, which are
 * those of arrival. */
static rc order_by_date(struct arena *a, struct render_list *list) {
    struct card *cards = ARENA_ARRAY(a, struct card, list->count + 1);
    if (!cards) return rc_fail(RC_TOO_BIG, "a list is too large for one operation");
    for (size_t i = 0; i < list->count; i++) {
        size_t k = i;
        for (; k > 0 && cards[k - 1].published < list->cards[i].published; k--)
            cards[k] = cards[k - 1];
        cards[k] = list->cards[i];
    }
    list->cards = cards;
    return RC_OK;
}

/* What a page of a list is made of. */
struct list_of {
    struct span path, latest; /* latest: of the newest of all, beside the front */
    struct render_list list;
    struct render_items items; /* no self: the list is not in the read API */
    bool is_newest, is_all;    /* the list's own path, which has feeds */
    bool br;                   /* nothing but its HTML, with brotli */
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
    TRY(make_html(m, of->latest, 200, of->br, buf_span(out)));
    if (of->br) return RC_OK;
    /* Who asked for what is not there finds the newest: with the front, so that what is withdrawn
     * leaves this in the same flip. */
    TRY(order_by_date(m->a, &latest));
    return make_error(
        m, &(struct render_error){.status = 404, .newest = latest.cards, .count = latest.count});
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

/* The stories on a page, newest first. */
static rc read_cards(struct flow *f, struct arena *a, struct span key, uint64_t page, size_t newest,
                     struct render_list *list) {
    struct card *cards;
    if (page == 0) {
        TRY(store_list_newest(f->store, a, key, newest, &cards, &list->count));
    } else {
        TRY(store_list_cards(f->store, a, key, (page - 1) * LIST_PAGE_STORIES + 1,
                             page * LIST_PAGE_STORIES, &cards, &list->count));
        newest_first(cards, list->count);
    }
    list->cards = cards;
    return RC_OK;
}

/* Of the corrections: what was told, and of which stories. */
static rc read_notes(struct flow *f, struct arena *a, struct span key, uint64_t page,
                     struct render_list *list) {
    struct note_row *rows;
    size_t count;
    if (page == 0)
        TRY(store_notes_newest(f->store, a, key, LIST_PAGE_STORIES, &rows, &count));
    else
        TRY(store_notes(f->store, a, key, (page - 1) * LIST_PAGE_STORIES + 1,
                        page * LIST_PAGE_STORIES, &rows, &count));
    struct card *cards = ARENA_ARRAY(a, struct card, count + 1);
    struct render_note *notes = ARENA_ARRAY(a, struct render_note, count + 1);
    if (!cards || !notes) return rc_fail(RC_TOO_BIG, "too many notes for one operation");
    for (size_t i = 0; i < count; i++) {
        const struct note_row *row = &rows[page ? count - 1 - i : i];
        cards[i] = row->card;
        notes[i] = (struct render_note){
            .at = row->at, .change = row->change, .text = row->text, .entry = row->entry};
    }
    list->cards = cards;
    list->notes = notes;
    list->count = count;
    return RC_OK;
}

/* RC_NOT_FOUND: there is no such page any more. */
static rc read_list(struct flow *f, struct arena *a, struct span key, uint64_t page,
                    const struct list_info *info, struct list_of *of) {
    struct span rest;
    const unsigned edition = edition_of_list(f, key, &rest);
    const bool is_all = span_eq(rest, LIST_ALL);
    const uint64_t pages = list_pages(rest, info->places);
    if (page > pages) return RC_NOT_FOUND;
    of->path = list_path(f, a, key, page);
    of->latest = edition_path(f, a, edition, SPAN("/latest"));
    struct render_list list = {.kind = kind_of(rest, page),
                               .title = info->title,
                               .path = of->path,
                               .at = leases_now(f),
                               .page = page ? page : pages,
                               .pages = pages};
    if (list.kind == RENDER_CORRECTIONS)
        TRY(read_notes(f, a, key, page, &list));
    else
        TRY(read_cards(f, a, key, page, is_all ? FRONT_STORIES : LIST_PAGE_STORIES, &list));
    if (!list.title.n) list.title = span_from(rest, span_find(rest, '/') + 1);
    if (day_of_key(rest, &list.day)) {
        TRY(order_by_date(a, &list)); /* hour by hour */
        list.stories = info->shown;
        TRY(archive_days_beside(f, a, edition, list.day, &list.day_before, &list.day_after));
    }
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

rc list_page_read(struct flow *f, struct span key, uint64_t page, bool br, struct making *m) {
    struct list_of *of = ARENA_NEW(m->a, struct list_of);
    struct list_info info;
    struct span rest;
    CHECK(of != NULL);
    (void)edition_of_list(f, key, &rest);
    rc code = store_list_info(f->store, m->a, key, &info);
    const bool is_notes = span_eq(rest, LIST_CORRECTIONS);
    if (code == RC_NOT_FOUND && list_is_standing(f, m->a, m->edition, rest)) {
        info = (struct list_info){.key = key}; /* nothing has come into it yet */
        code = is_notes ? store_notes_places(f->store, key, &info.places) : RC_OK;
    }
    if (code == RC_NOT_FOUND)
        return rc_fail(RC_CORRUPT, "the database lacks the list " SPAN_FMT, SPAN_ARG(key));
    TRY(code);
    of->br = br;
    m->of = of;
    m->make = br ? make_list_html : make_list;
    return read_list(f, m->a, key, page, &info, of);
}
