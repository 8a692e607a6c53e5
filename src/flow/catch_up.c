/*
 * Starting up: four things have come so far, and may disagree.
 *
 *   S  entries in the database      J  entries in the journal
 *   N  the signer's size            P  entries whose tiles are in the page store; C its cursor
 *
 * After a crash  S ≥ J ≥ N ≥ P:  the pump does the rest, nothing is special.
 * J > S          the database is an older one (restored, rolled back): the journal refills the entries. Their
 *                texts are lost, and their stories say so. The log goes on.
 * N > S, N > J   the journal is lost as well: nobody here knows what was signed. Serving goes on, signing
 *                stops, the message says what to do.
 * J < N ≤ S      the journal alone is lost: written anew from the database, if that is what was signed
 *                (the pump compares the roots before it shows anything).
 * J and S differ where both have an entry: they are of two logs. Signing stops.
 * C beyond S's outbox, P > S: the page store is of a later database: made anew. Until then it serves.
 */
#include "flow/inner.h"
#include "sys/log.h"

#define STEP 1024

/* The last entries that both have are the same; then so are all before, since each is hashed into the
 * heads that were signed. */
static rc compare_tails(struct flow *f, struct arena *a, uint64_t stored) {
    uint64_t both = stored < journal_size(f->journal) ? stored : journal_size(f->journal);
    if (both == 0) return RC_OK;
    uint64_t from = both > 16 ? both - 16 : 0;
    struct span *ours, *theirs;
    size_t our_count, their_count;
    TRY(store_entries(f->store, a, from, (size_t)(both - from), &ours, &our_count));
    TRY(journal_read(f->journal, a, from, (size_t)(both - from), &theirs, &their_count));
    for (size_t i = 0; i < our_count && i < their_count; i++) {
        if (span_eq(ours[i], theirs[i])) continue;
        (void)!rc_fail(
            RC_CORRUPT,
            "entry %llu is another one in the database than in record/journal: they are of two "
            "logs. "
            "Restore the database that belongs to this record, or the record folder that "
            "belongs to this database",
            (unsigned long long)(from + i));
        return flow_stop(f, RC_CORRUPT);
    }
    return RC_OK;
}

static rc refill(struct flow *f, struct arena *a, uint64_t *stored) {
    uint64_t journaled = journal_size(f->journal), before = *stored;
    if (journaled <= before) return RC_OK;
    TRY(store_begin(f->store));
    rc code = RC_OK;
    while (code == RC_OK && *stored < journaled) {
        struct span *entries;
        size_t count, want = journaled - *stored > STEP ? STEP : (size_t)(journaled - *stored);
        arena_reset(a);
        code = journal_read(f->journal, a, *stored, want, &entries, &count);
        for (size_t i = 0; i < count && code == RC_OK; i++) {
            code = store_entry_refill(f->store, *stored, entries[i]);
            *stored += code == RC_OK;
        }
        if (code == RC_OK && count == 0)
            code = rc_fail(RC_CORRUPT, "record/journal is shorter than it says");
    }
    if (code != RC_OK) {
        store_rollback(f->store);
        return code;
    }
    TRY(store_commit(f->store));
    log_event(LOG_WARN,
              "the database was older than the record: entries refilled from the journal, their "
              "texts are lost",
              LOG_INT("first", before), LOG_INT("count", journaled - before));
    return RC_OK;
}

static rc look_at_signer(struct flow *f, uint64_t stored) {
    if (f->setup.no_signer && !f->head_known) return RC_OK;
    TRY(ask_head(f));
    if (f->head.size <= stored) return RC_OK;
    f->head_known = false;
    (void)!rc_fail(RC_CORRUPT,
                   "the signer has signed %llu entries, but database and record/journal hold %llu: "
                   "both are older than "
                   "the record. Put back record/journal, or a database with all %llu entries, and "
                   "start again; what "
                   "is missing can be read from /record/tile/entries/ of this site or of anybody "
                   "who keeps a copy",
                   (unsigned long long)f->head.size, (unsigned long long)stored,
                   (unsigned long long)f->head.size);
    return flow_stop(f, RC_CORRUPT);
}

rc catch_up(struct flow *f) {
    struct arena *a = arena_new(OPERATION_BYTES_MAX);
    uint64_t stored, last;
    rc code = store_log_size(f->store, &stored);
    const uint64_t stored_before = stored;
    if (code == RC_OK) code = compare_tails(f, a, stored);
    if (code == RC_OK) code = refill(f, a, &stored);
    /* Before the signer is asked, who may not answer now: what the lists lack would be forgotten. */
    if (code == RC_OK) code = lists_mark_since(f, &f->shelf);
    if (code == RC_OK) code = look_at_signer(f, stored);
    if (code == RC_OK || f->stopped) code = store_outbox_last(f->store, &last);
    arena_free(a);
    TRY(code);
    bool refilled = stored > stored_before;
    if (f->shelf.cursor > last || tiles_size(f->shelf.tiles) > stored || refilled) {
        if (f->stopped)
            return RC_OK; /* nothing better could be made: the old pages are served on */
        log_event(LOG_WARN, "the page store does not belong to this database; it is made anew");
        return rebuild_now(f);
    }
    return RC_OK;
}
