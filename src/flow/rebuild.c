/*
 * Every page anew, in a store beside the one served: when somebody asks for it, and when the theme, or the
 * foot (standing.c), is another one than the pages were made with. A meta of the page store says which;
 * a start with another one, and a flip with another foot, make it "mixed" until a rebuild has come to its
 * end, so that no crash makes one forget.
 *
 * The new shelf's cursor is set to where the outbox ends when the rebuild begins; then stories,
 * entries and lists are put piece by piece, each from what the database says at that moment. What is
 * published meanwhile goes to the served shelf as always, and stands in the outbox behind the new
 * shelf's cursor: at the end the pump carries it over, and one flip changes the stores. A crash
 * leaves a folder that the next start deletes.
 */
#include "base/mem.h"
#include "flow/inner.h"
#include "sys/fault.h"
#include "sys/log.h"

#define META_THEME "theme"
#define MIXED SPAN("mixed") /* of several themes: whoever serves it makes it anew */
#define THEME_TEXT_BYTES 16
#define STORIES_STEP 64
#define ENTRIES_STEP 256
#define LISTS_STEP 64
#define LISTS_FLIP_MS 50

enum phase { STORIES, ENTRIES, MARK_LISTS, LISTS, FLIP };

static void end_rebuild(struct flow *f) {
    if (!f->rebuild) return;
    shelf_close(&f->rebuild->shelf);
    arena_free(f->rebuild->memory);
    mem_free(f->rebuild);
    f->rebuild = NULL;
}

void rebuild_drop(struct flow *f) {
    if (!f->rebuild) return;
    log_event(LOG_INFO, "rebuild: begun anew, since what pages are made with has changed");
    end_rebuild(f);
}

static struct span theme_text(const struct flow *f, char text[THEME_TEXT_BYTES]) {
    struct buf b;
    buf_init_fixed(&b, text, THEME_TEXT_BYTES);
    char bytes[8];
    struct buf number;
    buf_init_fixed(&number, bytes, sizeof bytes);
    buf_be(&number, f->generation, sizeof bytes);
    buf_hex(&b, bytes, sizeof bytes);
    return buf_span(&b);
}

rc theme_put(struct flow *f, struct shelf *shelf) {
    char text[THEME_TEXT_BYTES];
    bool mixed = shelf == &f->shelf && f->outdated;
    return pages_meta_put(shelf->pages, META_THEME, mixed ? MIXED : theme_text(f, text));
}

rc theme_look(struct flow *f) {
    char text[THEME_TEXT_BYTES];
    struct span value;
    rc code = pages_meta_get(f->shelf.pages, META_THEME, &value);
    if (code != RC_OK && code != RC_NOT_FOUND) return code;
    bool same = code == RC_OK && span_eq(value, theme_text(f, text));
    /* with no story in it, what there is is made at the start */
    f->outdated = !same && f->shelf.cursor > 0;
    return RC_OK;
}

bool flow_outdated(const struct flow *f) {
    return f->outdated;
}

rc flow_rebuild(struct flow *f) {
    if (f->rebuild) return rc_fail(RC_BUSY, "a rebuild is under way");
    struct rebuild *r = mem_new(sizeof *r);
    f->rebuild = r;
    f->foot_due = false;
    r->memory = arena_new(OPERATION_BYTES_MAX);
    r->shelf.tiles = tiles_new();
    r->shelf.dirty = dirty_new();
    r->shelf.bulk = true;
    age_begin(f, &r->shelf);
    rc code = pages_writer_next(f->shelf.pages, &r->shelf.pages);
    if (code == RC_OK) code = store_outbox_last(f->store, &r->shelf.cursor);
    r->shelf.leases = leases_now(f);
    if (code == RC_OK) code = store_log_size(f->store, &r->of);
    if (code == RC_OK)
        log_event(LOG_INFO, "rebuild: begun", LOG_INT("entries", r->of));
    else
        end_rebuild(f);
    return code;
}

bool flow_rebuilding(const struct flow *f, uint64_t *out_done, uint64_t *out_of) {
    if (!f->rebuild) return false;
    *out_done = f->rebuild->done;
    *out_of = f->rebuild->of;
    return true;
}

struct rebuild_step {
    struct flow *f;
    struct rebuild *r;
    const struct story_id *ids;
};

static rc begin_story(void *arg, size_t i, struct making **out_making) {
    struct rebuild_step *step = arg;
    return story_begin(step->f, &step->ids[i], STORY_AT_ONCE, out_making);
}
static rc put_story(void *arg, size_t i, struct making *m) {
    struct rebuild_step *step = arg;
    (void)i;
    step->r->done++;
    return story_put(step->f, &step->r->shelf, m);
}

static rc put_stories(struct flow *f, struct rebuild *r, struct arena *a, bool *out_end) {
    struct story_id ids[STORIES_STEP];
    size_t count = 0;
    while (count < COUNT_OF(ids) && !*out_end) {
        struct story_row row;
        arena_reset(a);
        rc code = store_story_next(f->store, a, r->story_at, &r->story_at, &row);
        if (code == RC_OK)
            ids[count++] = row.id;
        else if (code == RC_NOT_FOUND)
            *out_end = true;
        else
            return code;
    }
    struct rebuild_step step = {.f = f, .r = r, .ids = ids};
    return make_all(count, begin_story, put_story, &step);
}

static rc begin_entry(void *arg, size_t i, struct making **out_making) {
    struct rebuild_step *step = arg;
    return entry_begin(step->f, step->r->entry_at + i, out_making);
}
static rc put_entry(void *arg, size_t i, struct making *m) {
    struct rebuild_step *step = arg;
    (void)i;
    return shelf_put_made(&step->r->shelf, m);
}

static rc put_entries(struct flow *f, struct rebuild *r, bool *out_end) {
    uint64_t left = r->of - r->entry_at;
    size_t count = left < ENTRIES_STEP ? (size_t)left : ENTRIES_STEP;
    struct rebuild_step step = {.f = f, .r = r};
    TRY(make_all(count, begin_entry, put_entry, &step));
    r->entry_at += count;
    *out_end = r->entry_at == r->of;
    return RC_OK;
}

static rc mark_notes(struct flow *f, struct rebuild *r, struct arena *a) {
    for (unsigned i = 0; i < f->edition_count; i++) {
        const struct span key = edition_list(f, a, i, LIST_CORRECTIONS);
        uint64_t places;
        TRY(store_notes_places(f->store, key, &places));
        for (uint64_t page = 0; page <= list_pages(LIST_CORRECTIONS, places); page++)
            dirty_add(r->shelf.dirty, DIRTY_SOON, key, page);
    }
    return RC_OK;
}

/* Every page of every list; of four prefixes and the rest, some lists at a time. */
static rc mark_lists(struct flow *f, struct rebuild *r, struct arena *a, bool *out_end) {
    struct list_info *lists;
    size_t count;
    TRY(store_lists(f->store, a, SPAN(""), r->list_after, LISTS_STEP, &lists, &count));
    for (size_t i = 0; i < count; i++) {
        if (!list_has_pages(lists[i].key)) continue;
        uint64_t pages = list_pages(lists[i].key, lists[i].places);
        struct span rest;
        (void)edition_of_list(f, lists[i].key, &rest);
        bool month = span_starts(rest, SPAN("month/"));
        if (month) archive_mark(f, &r->shelf, a, lists[i].key);
        for (uint64_t page = month ? 1 : 0; page <= pages; page++)
            dirty_add(r->shelf.dirty, month ? DIRTY_LATER : DIRTY_SOON, lists[i].key, page);
    }
    *out_end = count < LISTS_STEP;
    if (*out_end) TRY(mark_notes(f, r, a));
    if (count == 0) return RC_OK;
    struct span last = lists[count - 1].key;
    arena_reset(r->memory);
    r->list_after = arena_copy(r->memory, last);
    return RC_OK;
}

static enum dirty_when next_of(const struct rebuild *r) {
    return dirty_count(r->shelf.dirty, DIRTY_SOON) > 0 ? DIRTY_SOON : DIRTY_LATER;
}

static rc step(struct flow *f, struct rebuild *r, struct arena *a, bool *out_end) {
    switch ((enum phase)r->phase) {
    case STORIES: return put_stories(f, r, a, out_end);
    case ENTRIES: return put_entries(f, r, out_end);
    case MARK_LISTS: return mark_lists(f, r, a, out_end);
    case LISTS:
        TRY(lists_put(f, &r->shelf, next_of(r), LISTS_FLIP_MS));
        *out_end = dirty_all(r->shelf.dirty) == 0;
        return RC_OK;
    case FLIP: break;
    }
    return RC_OK;
}

/* The last of it: fixed pages, the record, what came meanwhile; then the new store is the served one. */
static rc finish(struct flow *f, struct rebuild *r, struct arena *a) {
    TRY(shelf_begin(&r->shelf));
    rc code = shelf_put_fixed(f, &r->shelf);
    if (code == RC_OK) code = shelf_put_record(f, &r->shelf);
    if (code == RC_OK) lists_mark_empty(f, &r->shelf, a);
    if (code == RC_OK) {
        r->shelf.lists_cursor = r->shelf.cursor;
        code = theme_put(f, &r->shelf);
    }
    if (code == RC_OK) code = shelf_put_cursors(&r->shelf);
    if (code == RC_OK)
        code = pages_commit(r->shelf.pages);
    else
        pages_abort(r->shelf.pages);
    if (code == RC_OK) code = pump_shelf(f, &r->shelf);
    if (code == RC_OK) code = leases_work_all(f, &r->shelf, true);
    while (code == RC_OK && dirty_all(r->shelf.dirty) > 0)
        code = lists_flip(f, &r->shelf, next_of(r), LISTS_FLIP_MS);
    fault_point("rebuild.before-flip");
    if (code == RC_OK) code = pages_flip(r->shelf.pages);
    TRY(code);
    f->outdated = false;
    struct shelf old = f->shelf;
    f->shelf = r->shelf;
    r->shelf = old;
    end_rebuild(f); /* closes the old store, which deletes its files */
    log_event(LOG_INFO, "rebuild: done, the new pages are served");
    return RC_OK;
}

static rc flip_step(struct flow *f, struct rebuild *r, struct arena *a, bool *out_end) {
    TRY(shelf_begin(&r->shelf));
    rc code = step(f, r, a, out_end);
    if (code == RC_OK) return pages_commit(r->shelf.pages);
    pages_abort(r->shelf.pages);
    return code;
}

rc rebuild_work(struct flow *f, bool *out_more) {
    struct rebuild *r = f->rebuild;
    if (!r) return RC_OK;
    struct arena *a = arena_new(OPERATION_BYTES_MAX);
    rc code;
    if (r->phase == FLIP) {
        code = finish(f, r, a);
    } else {
        bool end = false;
        code = store_read_begin(f->store);
        if (code == RC_OK) {
            code = flip_step(f, r, a, &end);
            store_rollback(f->store);
        }
        if (code == RC_OK && end) r->phase++;
    }
    arena_free(a);
    *out_more = f->rebuild != NULL;
    if (code == RC_OK) return code;
    log_event(LOG_ERROR, "rebuild: given up; the old pages are served on", LOG_WHY());
    end_rebuild(f);
    *out_more = false;
    return code;
}

rc rebuild_now(struct flow *f) {
    bool more = true;
    if (!f->rebuild) TRY(flow_rebuild(f));
    while (more) TRY(rebuild_work(f, &more));
    return RC_OK;
}
