/*
 * notes: what revisions told their readers, one place each in the list of their edition. A place is given
 * when the revision is published, and kept; what stands on it is shown as long as its story is.
 */
#include "store/db.h"

static rc all_notes(struct query *q, struct arena *a, struct note_row **out_notes,
                    size_t *out_count) {
    struct note_row *notes = NULL;
    size_t n = 0, cap = 0;
    rc code;
    while ((code = query_row(q)) == RC_OK) {
        notes = grow(a, notes, n, &cap, sizeof *notes);
        if (notes) {
            struct note_row *note = &notes[n++];
            *note = (struct note_row){.card = card_of(q, a),
                                      .entry = column_u64(q, 15),
                                      .at = column_i64(q, 16),
                                      .text = column_span(q, a, 18)};
            if (!change_of(column_span(q, NULL, 17), &note->change)) q->unsound = true;
        }
        TRY(query_sound(q, a));
    }
    if (code != RC_NOT_FOUND) return code;
    *out_notes = notes;
    *out_count = n;
    return RC_OK;
}

static uint64_t bounded(uint64_t value) {
    return value < INT64_MAX ? value : INT64_MAX;
}

rc store_notes(struct store *s, struct arena *a, struct span key, uint64_t first, uint64_t last,
               struct note_row **out_notes, size_t *out_count) {
    QUERY(q, s, NOTES);
    bind_text(&q, key);
    bind_u64(&q, bounded(first));
    bind_u64(&q, bounded(last));
    return all_notes(&q, a, out_notes, out_count);
}

rc store_notes_newest(struct store *s, struct arena *a, struct span key, size_t count,
                      struct note_row **out_notes, size_t *out_count) {
    QUERY(q, s, NOTES_NEWEST);
    bind_text(&q, key);
    bind_u64(&q, bounded(count));
    return all_notes(&q, a, out_notes, out_count);
}

rc store_notes_places(struct store *s, struct span key, uint64_t *out_places) {
    QUERY(q, s, NOTES_LAST);
    bind_text(&q, key);
    rc code = query_row(&q);
    if (code != RC_OK && code != RC_NOT_FOUND) return code;
    const uint64_t places = code == RC_OK ? column_u64(&q, 0) : 0;
    TRY(query_sound(&q, NULL));
    *out_places = places;
    return RC_OK;
}

rc store_story_notes(struct store *s, struct arena *a, const struct story_id *id,
                     struct list_place **out_places, size_t *out_count) {
    struct list_place *places = NULL;
    size_t n = 0, cap = 0;
    QUERY(q, s, STORY_NOTES);
    bind_blob(&q, id->bytes, STORY_ID_BYTES);
    rc code;
    while ((code = query_row(&q)) == RC_OK) {
        places = grow(a, places, n, &cap, sizeof *places);
        if (places)
            places[n++] = (struct list_place){
                .key = column_span(&q, a, 0), .place = column_u64(&q, 1), .stands = true};
        TRY(query_sound(&q, a));
    }
    if (code != RC_NOT_FOUND) return code;
    *out_places = places;
    *out_count = n;
    return RC_OK;
}

rc note_add(struct store *s, struct span key, uint64_t entry, int64_t story,
            const struct correction *told) {
    QUERY(q, s, NOTE_ADD);
    bind_text(&q, key);
    bind_u64(&q, entry);
    bind_i64(&q, story);
    bind_i64(&q, told->at);
    bind_text(&q, change_word(told->kind));
    bind_text(&q, told->text);
    return query_run(&q);
}

rc note_is(struct store *s, uint64_t entry, const struct correction *told, bool *out_is) {
    enum change change;
    QUERY(q, s, NOTE_OF);
    bind_u64(&q, entry);
    rc code = query_row(&q);
    if (code != RC_OK && code != RC_NOT_FOUND) return code;
    *out_is = code == RC_OK && column_i64(&q, 0) == told->at &&
              change_of(column_span(&q, NULL, 1), &change) && change == told->kind &&
              span_eq(column_span(&q, NULL, 2), told->text);
    return query_sound(&q, NULL);
}

/* ---- translations that are behind ---- */

static rc all_stale(struct query *q, struct arena *a, bool gone, struct stale_row **out_rows,
                    size_t *out_count) {
    struct stale_row *rows = NULL;
    size_t n = 0, cap = 0;
    rc code;
    while ((code = query_row(q)) == RC_OK) {
        rows = grow(a, rows, n, &cap, sizeof *rows);
        if (rows) {
            struct stale_row *row = &rows[n++];
            *row = (struct stale_row){.translation = column_u64(q, 0),
                                      .original = column_u64(q, 1),
                                      .entry = column_u64(q, 2),
                                      .gone = gone};
            if (!gone) {
                row->at = column_i64(q, 3);
                row->text = column_span(q, a, 5);
                if (!change_of(column_span(q, NULL, 4), &row->change)) q->unsound = true;
            }
        }
        TRY(query_sound(q, a));
    }
    if (code != RC_NOT_FOUND) return code;
    *out_rows = rows;
    *out_count = n;
    return RC_OK;
}

rc store_stale_told(struct store *s, struct arena *a, struct span key, size_t count,
                    struct stale_row **out_rows, size_t *out_count) {
    QUERY(q, s, STALE_TOLD);
    bind_text(&q, key);
    bind_u64(&q, bounded(count));
    return all_stale(&q, a, false, out_rows, out_count);
}

rc store_stale_gone(struct store *s, struct arena *a, size_t count, struct stale_row **out_rows,
                    size_t *out_count) {
    QUERY(q, s, STALE_GONE);
    bind_u64(&q, bounded(count));
    return all_stale(&q, a, true, out_rows, out_count);
}

rc store_withdrawn_count(struct store *s, struct span prefix, uint64_t *out_count) {
    struct arena *a = arena_new(4096);
    /* what begins with "PREFIX/" is below "PREFIX0": a zero follows the slash in ASCII */
    struct span first = arena_printf(a, SPAN_FMT "/", SPAN_ARG(prefix));
    struct span beyond = arena_printf(a, SPAN_FMT "0", SPAN_ARG(prefix));
    rc code = first.p && beyond.p ? RC_OK : rc_fail(RC_TOO_BIG, "store: that prefix is too long");
    QUERY(q, s, WITHDRAWN_COUNT);
    bind_text(&q, first);
    bind_text(&q, beyond);
    if (code == RC_OK) code = query_row(&q);
    const uint64_t count = code == RC_OK ? column_u64(&q, 0) : 0;
    if (code == RC_OK) code = query_sound(&q, NULL);
    arena_free(a);
    TRY(code);
    *out_count = count;
    return RC_OK;
}
