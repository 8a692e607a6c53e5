/* inner: what pages.c (pins, reading) and writer.c (LMDB's writing side, folders) share. Inside
 * pages/ only. */
#ifndef DATELINE_PAGES_INNER_H
#define DATELINE_PAGES_INNER_H

#include <lmdb.h>

#include "pages/pages.h"

/* The first byte of a key in LMDB. */
enum stored_kind {
    STORED_FORMAT = 'f',
    STORED_META = 'm',
    STORED_PAGE = 'p',
    STORED_PAGE_LONG = 'q',
    STORED_PROLOG = 'r' /* and its key; the value is its gzip bytes */
};

struct stored_key {
    char bytes[1 + PAGES_KEY_BYTES_PLAIN];
    size_t n;
};
/* `key` is not empty and at most PAGES_KEY_BYTES_MAX long. */
void stored_key_make(struct span key, struct stored_key *out);

/* What `error` of LMDB is here; notes "page store: WHERE: text". RC_CORRUPT, RC_FULL, RC_FATAL,
 * RC_DENIED, RC_BUSY, RC_NOT_FOUND (no file), else RC_IO. */
rc lmdb_fail(int error, const char *where) MUST_USE;

/* The answer for `key` as txn sees it. */
rc snapshot_find(MDB_txn *txn, MDB_dbi dbi, struct span key, unsigned accept,
                 struct pages_answer *out_answer) MUST_USE;
/* The answer in one LMDB entry of a page's kind. */
rc snapshot_entry(MDB_txn *txn, MDB_dbi dbi, MDB_val entry_key, MDB_val value, unsigned accept,
                  struct span *out_key, struct pages_answer *out_answer) MUST_USE;

/* ---- core's side of the pins (the rules: pages.c) ---- */

struct pins {
    unsigned refs; /* two writers have it while a store is built beside the served one */
    struct pages_control *control;
    bool control_is_ours; /* nobody reads beside us: it is in our own memory */
    const struct pages_pin_page *page[PAGES_WEB_MAX];
    size_t count;
};

rc pins_open(const struct pages_setup *setup, struct pins **out_pins) MUST_USE;
void pins_unref(struct pins *p);

/* A store's file was opened: this is its newest snapshot, and older ones are not protected. */
void pins_begin_store(struct pins *p, uint64_t store, uint64_t snapshot);
/* Is a snapshot below this one pinned? */
bool pins_below(const struct pins *p, uint64_t store, uint64_t snapshot);
/* May all snapshots below this one be given up? Said to the readers, and asked of their pins. */
bool pins_give_up(struct pins *p, uint64_t store, uint64_t below);
void pins_committing(struct pins *p, uint64_t store, uint64_t snapshot);
void pins_committed(struct pins *p, uint64_t store, uint64_t snapshot);
void pins_serve(struct pins *p, uint64_t store);

#endif
