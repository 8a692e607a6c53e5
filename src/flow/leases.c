/*
 * Leases: a picture may be shown until a time, and at that second it is gone: from pages, cards, feeds and
 * the API, and its file is not served any more. Its caption stays on the story's page.
 *
 * What is to be made again when a lease ends needs no table of its own: the stories that show a picture until
 * a time stand in a list, "lease/TIME". What is over is what the page store says ("leases", a meta that is
 * part of the flip which takes the pictures away). So:
 *   1. After a crash, or when nobody ran at that time, what is behind that meta is done when core starts.
 *   2. A page is made for the present or for what is over already, whichever is later (leases_now()). A
 *      clock that is set back shows nothing again; what is revised is made of the same rule.
 *   3. A revision with another lease stands in another list, and leaves the first: nothing happens then.
 *   4. Where a file is shown by several stories, it is served as long as one of them may: each picture has a
 *      list "media/HASH.EXT" of those who may show it for ever, and "media/HASH.EXT/TIME" of the others.
 * Stories whose leases end at once are taken LEASES_STEP in a flip.
 */
#include "flow/inner.h"
#include "sys/clock.h"
#include "sys/fault.h"
#include "sys/log.h"

#include <stdio.h>

#define LEASES_STEP 32 /* places of one list, in one flip */
#define LEASES_READ \
    16 /* lists looked at in one step: those that nobody stands in are passed over */
#define MEDIA_LISTS_MAX 256 /* different ends of one picture's leases, read at once */

struct span lease_key(struct arena *a, ms_t ends) {
    return arena_printf(a, SPAN_FMT "%015lld", SPAN_ARG(LIST_LEASE), (long long)ends);
}

struct span lease_media_key(struct arena *a, const struct rendition *rendition,
                            const struct rights *rights) {
    struct span path = span_from(media_path(a, rendition), 1);
    if (!rights->expires) return path;
    return arena_printf(a, SPAN_FMT "/%015lld", SPAN_ARG(path), (long long)rights->expires);
}

/* What stands behind the last "/"; false: it is no time. */
static bool time_of(struct span digits, ms_t *out_time) {
    uint64_t time;
    while (digits.n > 1 && digits.p[0] == '0') digits = span_from(digits, 1);
    if (!span_to_u64(digits, INT64_MAX - 1, &time)) return false;
    *out_time = (ms_t)time;
    return true;
}

ms_t leases_now(const struct flow *f) {
    const ms_t now = clock_wall_ms();
    return now > f->shelf.leases ? now : f->shelf.leases;
}

rc lease_end(struct flow *f, struct arena *a, struct span media, ms_t *out_end) {
    struct span after = {NULL, 0};
    ms_t end = 0;
    size_t count = MEDIA_LISTS_MAX;
    while (count == MEDIA_LISTS_MAX) {
        struct list_info *lists;
        TRY(store_lists(f->store, a, media, after, MEDIA_LISTS_MAX, &lists, &count));
        for (size_t i = 0; i < count; i++) {
            ms_t time;
            if (lists[i].shown == 0) continue;
            if (lists[i].key.n == media.n)
                end = INT64_MAX;
            else if (time_of(span_from(lists[i].key, media.n + 1), &time) && time > end)
                end = time;
        }
        if (count) after = lists[count - 1].key;
    }
    *out_end = end;
    return RC_OK;
}

/* ---- what ends next --------------------------------------------------------------------------------- */

/* The next lease behind what is over on this shelf, in whose list somebody stands. RC_NOT_FOUND: none. */
static rc next_lease(struct flow *f, struct arena *a, ms_t behind, struct list_info *out_list,
                     ms_t *out_ends) {
    struct span after = lease_key(a, behind);
    size_t count = LEASES_READ;
    while (count == LEASES_READ) {
        struct list_info *lists;
        TRY(store_lists(f->store, a, LIST_LEASE, after, LEASES_READ, &lists, &count));
        for (size_t i = 0; i < count; i++) {
            ms_t ends;
            if (!time_of(span_from(lists[i].key, LIST_LEASE.n), &ends))
                return rc_fail(RC_CORRUPT,
                               "the database has a lease that ends at no time: " SPAN_FMT,
                               SPAN_ARG(lists[i].key));
            if (ends <= behind || lists[i].shown == 0) continue;
            *out_list = lists[i];
            *out_ends = ends;
            return RC_OK;
        }
        if (count) after = lists[count - 1].key;
    }
    return RC_NOT_FOUND;
}

/* ---- one flip ----------------------------------------------------------------------------------------- */

/* Marks where the story stands, and takes away what nobody may show any more. */
static rc end_for(struct flow *f, struct shelf *shelf, struct arena *a, uint64_t row,
                  bool is_public) {
    struct card card;
    TRY(store_card(f->store, a, row, &card));
    TRY(shelf_drop_pictures(f, shelf, a, &card.id));
    if (!is_public) return RC_OK;
    lists_mark_story(shelf, &card.id);
    lists_mark_near(shelf, &card.id);
    return lists_mark(f, shelf, a, &card.id);
}

/* Of those on LEASES_STEP places behind this one. */
static rc end_step(struct flow *f, struct shelf *shelf, const struct list_info *list,
                   uint64_t place, bool is_public) {
    struct arena *a = arena_new(OPERATION_BYTES_MAX), *one = arena_new(OPERATION_BYTES_MAX);
    struct neighbour *stories;
    size_t count = 0;
    rc code =
        store_list_near(f->store, a, list->key, place + 1, place + LEASES_STEP, &stories, &count);
    for (size_t i = 0; i < count && code == RC_OK; i++) {
        arena_reset(one);
        code = end_for(f, shelf, one, stories[i].row, is_public);
    }
    arena_free(one);
    arena_free(a);
    return code;
}

static rc drop_files(struct flow *f, struct shelf *shelf, const struct list_info *list) {
    for (uint64_t place = 0; place < list->places; place += LEASES_STEP)
        TRY(end_step(f, shelf, list, place, false));
    return RC_OK;
}

/* In the open transaction: these places of the list, all their pages, and how far it is. */
static rc put_step(struct flow *f, struct shelf *shelf, const struct list_info *list, ms_t ends) {
    struct dirty *waiting = shelf->dirty;
    shelf->dirty = dirty_new();
    rc code = end_step(f, shelf, list, shelf->lease_place, true);
    if (code == RC_OK) code = lists_put_all(f, shelf);
    dirty_free(shelf->dirty);
    shelf->dirty = waiting;
    TRY(code);
    shelf->lease_place += LEASES_STEP;
    if (shelf->lease_place < list->places) return RC_OK;
    shelf->lease_place = 0;
    shelf->leases = ends;
    return shelf_put_cursors(shelf);
}

static rc flip_step(struct flow *f, struct shelf *shelf, const struct list_info *list, ms_t ends,
                    bool is_public) {
    const ms_t leases = shelf->leases;
    const uint64_t place = shelf->lease_place;
    TRY(shelf_begin(shelf));
    rc code = store_read_begin(f->store);
    if (code == RC_OK) {
        code = is_public ? put_step(f, shelf, list, ends) : drop_files(f, shelf, list);
        store_rollback(f->store);
    }
    fault_point("leases.before-flip");
    if (code == RC_OK)
        code = pages_commit(shelf->pages);
    else
        pages_abort(shelf->pages);
    if (code == RC_OK) return RC_OK;
    shelf->leases = leases;
    shelf->lease_place = place;
    return code;
}

rc leases_work(struct flow *f, struct shelf *shelf, bool is_public, ms_t *out_next) {
    struct arena *a = arena_new(OPERATION_BYTES_MAX);
    struct list_info list;
    const ms_t now = clock_wall_ms();
    ms_t behind = shelf->leases, ends = 0;
    /* Files of leases before this one are gone: what waits is pages, until all is public. */
    if (!is_public && f->leases_dropped > behind) behind = f->leases_dropped;
    *out_next = INT64_MAX;
    rc code = next_lease(f, a, behind, &list, &ends);
    if (code == RC_OK && ends > now) {
        *out_next = ends;
    } else if (code == RC_OK) {
        code = flip_step(f, shelf, &list, ends, is_public);
        if (code == RC_OK && !is_public) f->leases_dropped = ends;
        if (code == RC_OK && shelf->leases == ends)
            log_event(LOG_INFO, "a lease of pictures has ended", LOG_INT("stories", list.shown));
        *out_next = 0;
    }
    arena_free(a);
    return code == RC_NOT_FOUND ? RC_OK : code;
}

rc leases_work_all(struct flow *f, struct shelf *shelf, bool is_public) {
    ms_t next = 0;
    while (next == 0) TRY(leases_work(f, shelf, is_public, &next));
    return RC_OK;
}
