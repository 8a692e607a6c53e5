/*
 * Old stories. The page of one that appeared more than so many days ago (an edition's old_after_days) says so above
 * its text. Nothing is kept of a story for that: it stands in the list of its day, and what comes of age at
 * midnight is the list of one day.
 *
 * A border is a day as a number (20251130), in the edition's zone: what appeared before it is old. It is that of
 * `old_after_days` × 24 hours ago, so that an old story is older than that by up to a day, and no younger one is
 * called old. 0: nothing is.
 *
 * shelf->aged     a meta: the pages of days before it are made as old ones
 * shelf->aging    … or are marked to be
 * A crash in between forgets the marks, and the days are marked again. Another old_after_days is another
 * generation of pages (editions.c), which a rebuild makes.
 */
#include <stdio.h>

#include "flow/inner.h"
#include "sys/clock.h"

#define LOOK_MS 30000 /* between two looks at the calendar */
#define DAY_MS 86400000LL
#define PLACES_STEP 500

static uint64_t number_of(struct render_day day) {
    return (uint64_t)day.year * 10000 + day.month * 100 + day.day;
}

static uint64_t border_at(const struct flow *f, unsigned edition, ms_t now) {
    const unsigned days = f->setup.editions[edition].old_after_days;
    const ms_t then = now - (ms_t)days * DAY_MS;
    if (days == 0 || then <= 0) return 0;
    return number_of(render_day_of(owners_render(f, edition), then));
}

bool age_is_old(const struct flow *f, unsigned edition, ms_t published) {
    const uint64_t border = border_at(f, edition, clock_wall_ms());
    return border && number_of(render_day_of(owners_render(f, edition), published)) < border;
}

void age_begin(const struct flow *f, struct shelf *shelf) {
    for (unsigned i = 0; i < f->edition_count; i++)
        if (shelf->aging[i] == 0)
            shelf->aged[i] = shelf->aging[i] = border_at(f, i, clock_wall_ms());
}

static rc mark_day(struct flow *f, const struct list_info *day) {
    for (uint64_t place = 1; place <= day->places; place += PLACES_STEP) {
        struct arena *step = arena_new(OPERATION_BYTES_MAX);
        struct card *cards;
        size_t count = 0;
        rc code = store_list_cards(f->store, step, day->key, place, place + PLACES_STEP - 1, &cards,
                                   &count);
        for (size_t i = 0; i < count && code == RC_OK; i++)
            lists_mark_story(&f->shelf, &cards[i].id);
        arena_free(step);
        TRY(code);
    }
    return RC_OK;
}

/* The first list of a day on or behind `from`; RC_NOT_FOUND: there is none. */
static rc day_from(struct flow *f, struct arena *a, unsigned edition, uint64_t from,
                   struct list_info *out_list, uint64_t *out_day) {
    const struct span prefix = edition_list(f, a, edition, SPAN("day/"));
    struct span after =
        arena_printf(a, SPAN_FMT "%04u-%02u-%02u", SPAN_ARG(prefix), (unsigned)(from / 10000),
                     (unsigned)(from / 100 % 100), (unsigned)(from % 100));
    /* It is asked for what follows a key: of two digits of a day the last is left out, and what that
     * lets in is passed over. */
    after.n--;
    for (;;) {
        struct list_info *lists;
        struct render_day day;
        struct span rest;
        size_t count;
        TRY(store_lists(f->store, a, prefix, after, 1, &lists, &count));
        if (count == 0) return RC_NOT_FOUND;
        (void)edition_of_list(f, lists[0].key, &rest);
        after = lists[0].key;
        if (!day_of_key(rest, &day) || number_of(day) < from) continue;
        *out_list = lists[0];
        *out_day = number_of(day);
        return RC_OK;
    }
}

/* One day at a time. */
static rc age_edition(struct flow *f, unsigned edition, uint64_t border, bool *out_more) {
    struct shelf *shelf = &f->shelf;
    struct arena *a = arena_new(OPERATION_BYTES_MAX);
    struct list_info list;
    uint64_t day;
    rc code = day_from(f, a, edition, shelf->aging[edition], &list, &day);
    if (code == RC_NOT_FOUND || (code == RC_OK && day >= border)) {
        shelf->aging[edition] = border;
        code = RC_OK;
    } else if (code == RC_OK) {
        code = mark_day(f, &list);
        if (code == RC_OK) shelf->aging[edition] = day + 1;
        *out_more = true;
    }
    arena_free(a);
    return code;
}

rc age_work(struct flow *f, bool *out_more) {
    const mono_t now = clock_mono_ns();
    if (now < f->age_next || dirty_count(f->shelf.dirty, DIRTY_LATER) > 0) return RC_OK;
    bool more = false;
    age_begin(f, &f->shelf);
    for (unsigned i = 0; i < f->edition_count && !more; i++) {
        const uint64_t border = border_at(f, i, clock_wall_ms());
        if (border > f->shelf.aging[i]) TRY(age_edition(f, i, border, &more));
    }
    if (!more) f->age_next = now + CLOCK_MS(LOOK_MS);
    *out_more |= more;
    return RC_OK;
}
