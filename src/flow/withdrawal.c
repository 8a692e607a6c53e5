/*
 * What a story is when it is shown no longer, and when it is again. Both are acts without a text: the story's
 * newest revision stays what it was, and an entry of the record says what was done with it, when and why.
 * A withdrawn story's page is made out of that entry, as it is recorded.
 */
#include "flow/inner.h"

static rc act_of(struct flow *f, struct arena *a, const struct story_row *row, enum entry_type type,
                 ms_t now, const struct span *parts, size_t count, struct plan *plan) {
    if (&plan->row != row) plan->row = *row;
    plan->known = true;
    plan->act.row = plan->row;
    plan->act.row.reason = SPAN("");
    return plan_entry(f, a, type, now, parts, count, plan);
}

rc plan_withdrawal(struct flow *f, struct arena *a, const struct story_row *row,
                   const struct withdrawal *withdrawal, ms_t now, struct plan *plan) {
    size_t count;
    struct span *parts = ARENA_ARRAY(a, struct span, WITHDRAWAL_PARTS_MAX);
    if (!parts)
        return rc_fail(RC_TOO_BIG, "the withdrawal needs more memory than one operation may have");
    TRY(withdrawal_write(a, withdrawal, parts, &count, &plan->act.parts_json));
    TRY(act_of(f, a, row, ENTRY_WITHDRAWAL, now, parts, count, plan));
    plan->act.row.state = STORY_WITHDRAWN;
    plan->act.row.reason = withdrawal->reason;
    return RC_OK;
}

rc plan_restore(struct flow *f, struct arena *a, const struct story_row *row, ms_t now,
                struct plan *plan) {
    struct span *part = ARENA_NEW(a, struct span);
    if (!part)
        return rc_fail(RC_TOO_BIG, "the restore needs more memory than one operation may have");
    *part = arena_printf(a, "[[\"revision\"],%u]", row->number);
    plan->act.parts_json = arena_printf(a, "[\"[[\\\"revision\\\"],%u]\"]", row->number);
    TRY(act_of(f, a, row, ENTRY_RESTORE, now, part, 1, plan));
    plan->act.row.state = STORY_PUBLISHED;
    return RC_OK;
}

/* The newest that took it away: a text that came behind it did not bring it back. */
rc withdrawal_find(struct flow *f, struct arena *a, const struct story_row *row,
                   struct withdrawal *out, ms_t *out_at, uint64_t *out_entry) {
    for (uint64_t index = row->last_entry; index != ENTRY_NONE;) {
        struct entry_row stored;
        struct entry entry;
        TRY(store_entry(f->store, a, index, &stored));
        TRY(entry_read(stored.entry, &entry));
        if (entry.type == ENTRY_WITHDRAWAL || entry.type == ENTRY_ERASE) {
            /* erased, or refilled from the journal: that it is gone is known, why is not */
            *out = (struct withdrawal){.status = 410, .reason = row->reason};
            *out_at = entry.time;
            *out_entry = index;
            if (stored.text_lost || entry.type == ENTRY_ERASE) return RC_OK;
            return withdrawal_read(a, stored.parts_json, out);
        }
        if (entry.previous != ENTRY_NONE && entry.previous >= index) break;
        index = entry.previous;
    }
    return rc_fail(RC_CORRUPT, "no entry of the record says why a story is not shown");
}

rc withdrawal_said(struct flow *f, struct arena *a, const struct story_row *row,
                   const struct withdrawal *withdrawal, bool *out_said) {
    struct withdrawal before;
    ms_t at;
    uint64_t entry;
    *out_said = false;
    if (row->state != STORY_WITHDRAWN) return RC_OK;
    TRY(withdrawal_find(f, a, row, &before, &at, &entry));
    *out_said = withdrawal_same(&before, withdrawal);
    return RC_OK;
}
