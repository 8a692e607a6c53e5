/*
 * How a site stands: what it holds, what waits, and what editors should look at. Reads what is there; nothing is
 * kept for it.
 *
 * A flag is up when a reader of a translation does not know what a reader of the original does: the original told
 * its readers something, or was taken away, behind the translation's newest revision. Behind means in the record,
 * not by the clock. The next revision of the translation takes it down, whatever it says.
 */
#include <stdlib.h>

#include "flow/inner.h"

/* ---- flags --------------------------------------------------------------------------------------- */

static rc flag_of(struct flow *f, struct arena *a, const struct stale_row *row,
                  struct flow_flag *out) {
    struct card translation, original;
    TRY(store_card(f->store, a, row->translation, &translation));
    TRY(store_card(f->store, a, row->original, &original));
    struct flow_flag flag = {.path = translation.path,
                             .headline = translation.headline,
                             .original_path = original.path,
                             .original_headline = original.headline,
                             .entry = row->entry,
                             .at = row->at,
                             .what = change_word(row->change),
                             .note = row->text};
    if (row->gone) {
        struct story_row story;
        struct withdrawal why;
        TRY(store_story_by_id(f->store, a, &original.id, &story));
        TRY(withdrawal_find(f, a, &story, &why, &flag.at, &flag.entry));
        flag.what = SPAN("withdrawal");
        flag.note = why.reason;
    }
    *out = flag;
    return RC_OK;
}

static rc add_flags(struct flow *f, struct arena *a, const struct stale_row *rows, size_t count,
                    struct flow_flag *flags, size_t *n) {
    for (size_t i = 0; i < count && *n < FLOW_FLAGS_MAX; i++)
        TRY(flag_of(f, a, &rows[i], &flags[(*n)++]));
    return RC_OK;
}

static int newest_first(const void *a, const void *b) {
    const struct flow_flag *x = a, *y = b;
    return x->entry > y->entry ? -1 : x->entry < y->entry;
}

rc flow_flags(struct flow *f, struct arena *a, struct flow_flag **out_flags, size_t *out_count) {
    struct flow_flag *flags = ARENA_ARRAY(a, struct flow_flag, FLOW_FLAGS_MAX);
    struct stale_row *rows;
    size_t count, n = 0;
    if (!flags) return rc_fail(RC_TOO_BIG, "too many flags for one operation");
    TRY(store_stale_gone(f->store, a, FLOW_FLAGS_MAX, &rows, &count));
    TRY(add_flags(f, a, rows, count, flags, &n));
    for (unsigned i = 0; i < f->edition_count; i++) {
        const struct span key = edition_list(f, a, i, LIST_CORRECTIONS);
        TRY(store_stale_told(f->store, a, key, FLOW_FLAGS_MAX, &rows, &count));
        TRY(add_flags(f, a, rows, count, flags, &n));
    }
    if (arena_over(a)) return rc_fail(RC_TOO_BIG, "too many flags for one operation");
    qsort(flags, n, sizeof *flags, newest_first);
    *out_flags = flags;
    *out_count = n;
    return RC_OK;
}

/* ---- counts -------------------------------------------------------------------------------------- */

/* Every story stands in the list of one month, whatever else it stands in. */
static rc count_edition(struct flow *f, struct arena *a, unsigned edition,
                        struct flow_edition_count *out) {
    struct list_info *lists = ARENA_ARRAY(a, struct list_info, MONTHS_MAX);
    size_t count;
    if (!lists) return rc_fail(RC_TOO_BIG, "too many months for one operation");
    struct flow_edition_count counts = {.key = f->editions[edition].key,
                                        .name = f->setup.editions[edition].name};
    TRY(lists_under(f, a, edition_list(f, a, edition, LIST_MONTH), MONTHS_MAX, lists, &count));
    for (size_t i = 0; i < count; i++) counts.published += lists[i].shown;
    TRY(store_withdrawn_count(f->store, f->editions[edition].prefix, &counts.withdrawn));
    TRY(store_notes_places(f->store, edition_list(f, a, edition, LIST_CORRECTIONS), &counts.notes));
    *out = counts;
    return RC_OK;
}

static rc count_editions(struct flow *f, struct arena *a, struct flow_status *out) {
    for (unsigned i = 0; i < f->edition_count; i++) TRY(count_edition(f, a, i, &out->editions[i]));
    /* the first has no prefix of its own: what was counted are all */
    for (unsigned i = 1; i < f->edition_count; i++)
        out->editions[0].withdrawn -= out->editions[i].withdrawn;
    out->edition_count = f->edition_count;
    return RC_OK;
}

static rc newest_entry(struct flow *f, struct arena *a, struct flow_status *out) {
    struct entry_row row;
    struct entry entry;
    if (out->entries == 0) return RC_OK;
    TRY(store_entry(f->store, a, out->entries - 1, &row));
    TRY(entry_read(row.entry, &entry));
    out->newest_entry = entry.time;
    return RC_OK;
}

rc flow_status(struct flow *f, struct arena *a, struct flow_status *out_status) {
    struct flow_status status = {.since = f->since,
                                 .trouble = span_str(flow_trouble(f)),
                                 .signed_known = f->head_known,
                                 .theme = f->generation,
                                 .outdated = f->outdated};
    struct pages_stat pages;
    struct held_row held;
    uint64_t last;
    TRY(store_log_size(f->store, &status.entries));
    TRY(store_outbox_last(f->store, &last));
    TRY(newest_entry(f, a, &status));
    TRY(count_editions(f, a, &status));
    TRY(pages_writer_stat(f->shelf.pages, &pages));
    rc code = store_held_next(f->store, a, &held);
    if (code != RC_OK && code != RC_NOT_FOUND) return code;
    if (code == RC_OK) status.next_due = held.due;
    if (f->head_known) status.signed_entries = f->head.size;
    if (f->head_known) status.root = f->head.root;
    status.outbox = last - (f->shelf.cursor < last ? f->shelf.cursor : last);
    status.lists_soon = dirty_count(f->shelf.dirty, DIRTY_SOON);
    status.lists_later = dirty_count(f->shelf.dirty, DIRTY_LATER);
    status.page_store = pages.store;
    status.answers = pages.entries;
    status.pages_bytes = pages.bytes_file;
    status.rebuilding = flow_rebuilding(f, &status.rebuilt, &status.to_rebuild);
    *out_status = status;
    return RC_OK;
}
