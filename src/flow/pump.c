/*
 * The pump carries what is in the store rightward until readers see it. It is the path of every
 * publication and of every recovery; starting up means pumping.
 *
 * For each batch of outbox rows:
 *   1. journal: the entries that it has not, synced           crash: they are in store and journal
 *   2. signer: their leaf hashes; durable, then a signed head  crash: the signer's head is ahead of what is shown
 *   3. one flip of the page store: tiles, checkpoint, the rows' stories and openings, the cursor
 * Each step looks at how far its own side has come and does only the rest, so doing it again is
 * harmless. A head is never shown that the signer did not make, nor a story that no shown head holds.
 */
#include "desk/desk.h"
#include "flow/inner.h"
#include "sys/clock.h"
#include "sys/fault.h"
#include "sys/log.h"

#define OUTBOX_BATCH 64

rc flow_stop(struct flow *f, rc code) {
    if (f->stopped) return code;
    f->stopped = true;
    memcpy(f->why, rc_why(), sizeof f->why);
    log_event(LOG_ERROR, "nothing can be published; readers are served", LOG_WHY());
    return code;
}

struct plan *fresh_of(const struct flow *f, uint64_t entry) {
    for (size_t i = 0; i < f->fresh_count; i++)
        if (f->fresh[i]->act.entry_index == entry) return f->fresh[i];
    return NULL;
}

static rc read_entries(struct flow *f, struct arena *a, uint64_t from, uint64_t to,
                       struct span **out_entries, size_t *out_count) {
    TRY(store_entries(f->store, a, from, (size_t)(to - from), out_entries, out_count));
    if (*out_count != to - from)
        return rc_fail(RC_CORRUPT, "the database has %zu of the entries %llu to %llu", *out_count,
                       (unsigned long long)from, (unsigned long long)to - 1);
    return RC_OK;
}

/* The signer's answer, before anything is built on it: it is of our key, and says what it should. */
static rc check_head(struct flow *f, const struct signer_head *head) {
    struct checkpoint c;
    TRY(checkpoint_read(span_of(head->note, head->note_bytes), &f->key, &c));
    if (c.size != head->size || !sha256_eq(&c.root, &head->root))
        return rc_fail(RC_CORRUPT, "the signer's note is not of the head it names");
    return RC_OK;
}

rc ask_head(struct flow *f) {
    if (f->head_known) return RC_OK;
    TRY(signer_head(f->setup.signer_fd, &f->head));
    if (check_head(f, &f->head) != RC_OK) return flow_stop(f, RC_CORRUPT);
    f->head_known = true;
    return RC_OK;
}

/* Journal and signer, up to `size` entries. */
static rc record_up_to(struct flow *f, uint64_t size) {
    struct arena *a = arena_new(OPERATION_BYTES_MAX);
    struct span *entries;
    size_t count;
    rc code = ask_head(f);
    while (code == RC_OK && (journal_size(f->journal) < size || f->head.size < size)) {
        arena_reset(a);
        uint64_t journaled = journal_size(f->journal);
        uint64_t from = journaled < f->head.size ? journaled : f->head.size;
        uint64_t to = size - from > SIGNER_BATCH_MAX ? from + SIGNER_BATCH_MAX : size;
        if ((code = read_entries(f, a, from, to, &entries, &count)) != RC_OK) break;
        if (journaled < to)
            code = journal_append(f->journal, journaled, entries + (journaled - from),
                                  (size_t)(to - journaled));
        fault_point("publish.after-journal");
        if (code != RC_OK || f->head.size >= to) continue;
        uint64_t signed_size = f->head.size;
        struct sha256 *leaves = ARENA_ARRAY(a, struct sha256, count);
        CHECK(leaves != NULL);
        for (uint64_t i = signed_size; i < to; i++)
            leaves[i - signed_size] = merkle_leaf(entries[i - from]);
        f->head_known = false; /* until its answer is here, nobody knows where it stands */
        code = signer_append(f->setup.signer_fd, signed_size, leaves, (size_t)(to - signed_size),
                             &f->head);
        if (code == RC_OK && check_head(f, &f->head) != RC_OK) code = flow_stop(f, RC_CORRUPT);
        f->head_known = code == RC_OK;
        if (code == RC_CONFLICT) code = ask_head(f);
        fault_point("publish.after-signer");
    }
    arena_free(a);
    return code;
}

/* ---- one flip ----------------------------------------------------------------------------------- */

/* A withdrawn story leaves every list, and with a retracted one every page that recommends it, in the
 * same flip: its own lists, not what waits beside. They stay marked, and are made once more with the
 * others: too much is harmless. */
static rc leave_lists(struct flow *f, struct shelf *shelf, struct arena *a,
                      const struct story_row *row) {
    struct dirty *waiting = shelf->dirty;
    shelf->dirty = dirty_new();
    lists_mark_near(shelf, &row->id);
    rc code = row->state == STORY_PUBLISHED ? RC_OK : lists_mark(f, shelf, a, &row->id);
    if (code == RC_OK) code = lists_put_all(f, shelf);
    dirty_free(shelf->dirty);
    shelf->dirty = waiting;
    return code;
}

struct rows {
    struct flow *f;
    struct shelf *shelf;
    const struct outbox_row *rows;
    size_t count;
    uint64_t from; /* the cursor as it was before */
    struct arena *one;
};

/* Of a story with several rows here the last one puts its pages. */
static bool is_last_of_story(const struct rows *r, size_t i) {
    for (size_t k = i + 1; k < r->count; k++)
        if (memcmp(&r->rows[k].story, &r->rows[i].story, sizeof r->rows[i].story) == 0)
            return false;
    return true;
}

/* Two steps a row: its opening, its story. What was begun when the item was taken (publish.c) is out of
 * date if the same batch says more of that story. */
static rc begin_row(void *arg, size_t step, struct making **out_making) {
    struct rows *r = arg;
    const struct outbox_row *row = &r->rows[step / 2];
    bool is_last = is_last_of_story(r, step / 2);
    struct plan *fresh = is_last ? fresh_of(r->f, row->entry_index) : NULL;
    struct making **begun = fresh ? step % 2 ? &fresh->story : &fresh->opening : NULL;
    if (begun && *begun) {
        *out_making = *begun;
        *begun = NULL;
        return RC_OK;
    }
    if (step % 2 == 0) return entry_begin(r->f, row->entry_index, out_making);
    if (!is_last) return RC_OK;
    return story_begin(r->f, &row->story, STORY_AT_ONCE, out_making);
}

/* Has an editor set it beside another story? */
static bool is_chosen(struct flow *f, struct arena *a, const struct story_id *id) {
    struct list_info info;
    return store_list_info(f->store, a, pin_key(a, id), &info) == RC_OK && info.shown > 0;
}

static rc put_row(void *arg, size_t step, struct making *m) {
    struct rows *r = arg;
    const struct outbox_row *row = &r->rows[step / 2];
    if (step % 2 == 0) return entry_put(r->f, r->shelf, m);
    if (is_last_of_story(r, step / 2)) {
        struct story_row story;
        arena_reset(r->one);
        TRY(story_put(r->f, r->shelf, m));
        TRY(store_story_by_id(r->f->store, r->one, &row->story, &story));
        r->shelf->cursor = row->sequence;
        if (story.number > 1) TRY(translations_left(r->f, r->shelf, r->one, &story, r->from));
        if (story.standing) return lists_mark_standing(r->f, r->shelf, r->one, &row->story);
        TRY(lists_mark(r->f, r->shelf, r->one, &row->story));
        /* Its reader is answered in gzip at once; brotli follows with the lists. */
        if (!r->shelf->bulk) lists_mark_story(r->shelf, &row->story);
        if (!desk_shows(DESK_PLACE_RELATED, story.state, story.retracted))
            TRY(leave_lists(r->f, r->shelf, r->one, &story));
        else if (story.number > 1 || is_chosen(r->f, r->one, &row->story))
            lists_mark_near(r->shelf, &row->story);
    }
    r->shelf->cursor = row->sequence;
    return RC_OK;
}

static rc put_rows(struct flow *f, struct shelf *shelf, const struct outbox_row *rows,
                   size_t count) {
    shelf->bulk = count > BULK_ROWS;
    TRY(shelf_put_record(f, shelf));
    struct rows r = {.f = f, .shelf = shelf, .rows = rows, .count = count, .from = shelf->cursor};
    r.one = arena_new(OPERATION_BYTES_MAX);
    rc code = make_all(2 * count, begin_row, put_row, &r);
    arena_free(r.one);
    TRY(code);
    /* Those rows were made with another foot than the rest: no crash may make one forget it. */
    if (f->outdated && shelf == &f->shelf) TRY(theme_put(f, shelf));
    return shelf_put_cursors(shelf);
}

static rc flip_rows(struct flow *f, struct shelf *shelf, const struct outbox_row *rows,
                    size_t count) {
    TRY(shelf_begin(shelf));
    rc code = put_rows(f, shelf, rows, count);
    fault_point("publish.before-flip");
    if (code == RC_OK)
        code = pages_commit(shelf->pages);
    else
        pages_abort(shelf->pages);
    fault_point("publish.after-flip");
    if (code == RC_OK) {
        if (count > 0) f->dirty_last = clock_mono_ns();
        if (count > 0 && f->dirty_since == 0) f->dirty_since = f->dirty_last;
        return RC_OK;
    }
    /* What the tiles in memory took in was not kept: read again what the page store has. What was
     * marked for the lists stays marked: too much is harmless. */
    if (code == RC_FATAL) return code;
    char why[RC_WHY_MAX];
    memcpy(why, rc_why(), sizeof why);
    return shelf_load(shelf) == RC_OK ? rc_fail(code, "%s", why) : RC_FATAL;
}

static rc pump_batch(struct flow *f, struct shelf *shelf, struct arena *a, bool *out_more) {
    struct outbox_row *rows;
    size_t count;
    uint64_t size;
    TRY(store_outbox(f->store, a, shelf->cursor, OUTBOX_BATCH, &rows, &count));
    TRY(store_log_size(f->store, &size));
    if (count > 0) size = rows[count - 1].entry_index + 1;
    if (!f->stopped)
        TRY(record_up_to(f, size));
    else if (!f->head_known)
        return rc_fail(RC_BUSY, "%s", f->why);
    /* A signer that stands still keeps later rows waiting; what it has signed is shown. */
    while (count > 0 && rows[count - 1].entry_index >= f->head.size) count--;
    *out_more = count > 0 || tiles_size(shelf->tiles) < f->head.size;
    return *out_more ? flip_rows(f, shelf, rows, count) : RC_OK;
}

rc pump_shelf(struct flow *f, struct shelf *shelf) {
    struct arena *a = arena_new(OPERATION_BYTES_MAX);
    rc code;
    for (;;) {
        bool more = false;
        arena_reset(a);
        if ((code = store_read_begin(f->store)) != RC_OK) break;
        code = pump_batch(f, shelf, a, &more);
        store_rollback(f->store);
        if (code != RC_OK || !more) break;
    }
    arena_free(a);
    return code;
}

rc pump(struct flow *f) {
    f->pump_tried = clock_mono_ns();
    rc code = pump_shelf(f, &f->shelf);
    if (code == RC_OK && f->stopped) code = rc_fail(RC_BUSY, "%s", f->why);
    f->behind = code != RC_OK;
    if (code == RC_CORRUPT) (void)flow_stop(f, code);
    return code;
}
