/*
 * pages.c: the pins, and the side of web.
 *
 * What must hold: while a reader is pinned, no page of the file that its snapshot can reach is
 * overwritten; and the root it starts from is one whole meta page.
 *
 * How LMDB works, as far as it matters. Transaction t writes only into pages that are free in every
 * snapshot from `oldest` on, where `oldest` is the lowest one in the lock table (or t - 1), syncs
 * them, and then writes the root of snapshot t over meta page t & 1, where t - 2 was. A reader with
 * MDB_NOLOCK copies the meta page with the higher number and is seen by nobody.
 *
 *  1. Core holds two read transactions of its own, `old` and `young`, in the lock table. Hence
 *     every snapshot from `old` on is protected.
 *  2. A reader stores pin = latest (seq_cst), then loads floor (seq_cst), and begins again if
 *     floor is above its pin. Core, to give up what is below `young`, stores floor = young
 *     (seq_cst), then loads all pins (seq_cst), and keeps `old` if one is below `young`. In the
 *     one order of these four either the reader sees the new floor or core sees the pin: never
 *     neither. So a pin that got past the floor protects its snapshot and every later one until
 *     it is zero. As young ≤ latest, the floor turns nobody away who reads `latest` now, be
 *     `old` given up or not.
 *  3. Core gives up `old` only between its transactions, so rule 2 is over before a page is
 *     reused. It sees pin = 0, stored with release after the reader's last load, before it
 *     overwrites.
 *  4. The reader takes the snapshot t that the meta page gave it only if
 *       a. pin ≤ t ≤ committing < t + 2, where committing is loaded after an acquire fence
 *          behind the copying. Core stores committing = t + 2, and a full fence, before LMDB
 *          may touch that meta page again: if the copy met a byte of t + 2, the reader sees
 *          that number (a seqlock's read).
 *       b. t = pin: pin is `latest`, which is stored with release after the meta page was
 *          written, so the copy began when the page was whole. Between the writing of the meta
 *          page and latest = t, some microseconds as nothing is synced in between, the reader
 *          gets t = pin + 1 and tries again, at most PIN_PATIENCE times with the same t. If
 *          core was stopped or died just there, the meta page has been whole for long, and t is
 *          taken.
 *       c. control.store, loaded last, still names this store. The next store but one uses the
 *          same bank; it can only be begun after control.store was changed, so all that was
 *          loaded from the bank before belongs to this store.
 *  5. Core stores latest = t before the meta page is synced (MDB_NOMETASYNC, then a sync of our
 *     own): a reader may answer from a snapshot that a power cut takes back. The power cut ends
 *     the reader too, what is derived is made again, and pages_commit has not returned yet.
 *     Core begins no transaction before that sync; if it fails, the process ends.
 *  6. A core that starts protects the newest snapshot L and later ones, but a reader from
 *     before may have an older one. Core stores latest = L, then floor = L, so that by rule 2
 *     no pin below L gets past from now on, and begins no transaction as long as one below L
 *     stands (RC_BUSY). A reader that took t = pin + 1 by rule 4b is covered too: the meta page
 *     it saw is the newest one that the new core finds. (LMDB takes a meta page back only if
 *     the write of its 120 bytes failed.)
 *  7. A pin is believed in one direction only: a low one keeps pages. A high one (from `young`
 *     on) keeps nothing, and only the process that wrote it is harmed.
 *
 * What a crash of core leaves, step by step (fault points in writer.c):
 *     before the meta page   pages written into what is free: nothing
 *     meta page, not latest  rule 4b for readers; the next core serves it (rule 6)
 *     latest, not synced     the same, and a power cut may take it back (rule 5)
 *     floor = young          the next core sets it anew (rule 6)
 *     a flip, renamed        the next core finds the higher number, serves it and deletes the lower
 *     a flip, not renamed    N.new is deleted when core starts
 * What a crash of a reader leaves: its pin, until pages_pin_clear or its successor.
 */
#include "pages/pages.h"

#include <errno.h>
#include <stdio.h>

#include "base/hash.h"
#include "base/mem.h"
#include "pages/inner.h"
#include "pages/value.h"
#include "sys/memfd.h"

/* Rounds of some 50 ns. Patience: core is between two stores of its own. Tries: core commits faster
 * than we can copy 120 bytes, again and again. */
#define PIN_PATIENCE 2000
#define PIN_TRIES 100000

static struct pages_bank *bank_of(const struct pins *p, uint64_t store) {
    return &p->control->bank[store & 1];
}

/* ---- core's side ----------------------------------------------------------------------------- */

rc pages_pin_clear(int pin_fd) {
    void *memory;
    TRY(memfd_map(pin_fd, sizeof(struct pages_pin_page), true, &memory));
    struct pages_pin_page *page = memory;
    for (unsigned i = 0; i < COUNT_OF(page->pin); i++) atomic_store(&page->pin[i], 0);
    memfd_unmap(memory, sizeof *page);
    return RC_OK;
}

rc pins_open(const struct pages_setup *setup, struct pins **out_pins) {
    if (setup->pin_fds_count > PAGES_WEB_MAX) {
        return rc_fail(RC_TOO_BIG, "page store: %zu web processes (at most %d)",
                       setup->pin_fds_count, PAGES_WEB_MAX);
    }
    struct pins *p = mem_new(sizeof *p);
    p->refs = 1;
    rc code = RC_OK;
    void *memory = NULL;
    if (setup->control_fd < 0) {
        p->control = mem_new(sizeof *p->control);
        p->control_is_ours = true;
    } else {
        code = memfd_map(setup->control_fd, sizeof *p->control, true, &memory);
        if (code == RC_OK) p->control = memory;
    }
    for (size_t i = 0; code == RC_OK && i < setup->pin_fds_count; i++) {
        code = memfd_map(setup->pin_fds[i], sizeof *p->page[i], false, &memory);
        if (code == RC_OK) p->page[p->count++] = memory;
    }
    if (code != RC_OK) {
        pins_unref(p);
        return code;
    }
    *out_pins = p;
    return RC_OK;
}

void pins_unref(struct pins *p) {
    if (--p->refs) return;
    for (size_t i = 0; i < p->count; i++) {
        memfd_unmap((void *)(uintptr_t)p->page[i], sizeof *p->page[i]);
    }
    if (p->control_is_ours)
        mem_free(p->control);
    else
        memfd_unmap(p->control, sizeof *p->control);
    mem_free(p);
}

void pins_begin_store(struct pins *p, uint64_t store, uint64_t snapshot) {
    struct pages_bank *bank = bank_of(p, store);
    atomic_store(&bank->committing, snapshot);
    atomic_store(&bank->latest, snapshot);
    atomic_store(&bank->floor, snapshot);
}

bool pins_below(const struct pins *p, uint64_t store, uint64_t snapshot) {
    for (size_t i = 0; i < p->count; i++) {
        uint64_t pin = atomic_load(&p->page[i]->pin[store & 1]);
        if (pin != 0 && pin < snapshot) return true;
    }
    return false;
}

bool pins_give_up(struct pins *p, uint64_t store, uint64_t below) {
    if (pins_below(p, store, below)) return false; /* do not make readers try again for nothing */
    atomic_store(&bank_of(p, store)->floor, below);
    return !pins_below(p, store, below);
}

void pins_committing(struct pins *p, uint64_t store, uint64_t snapshot) {
    atomic_store(&bank_of(p, store)->committing, snapshot);
    atomic_thread_fence(memory_order_seq_cst);
}

void pins_committed(struct pins *p, uint64_t store, uint64_t snapshot) {
    atomic_store_explicit(&bank_of(p, store)->latest, snapshot, memory_order_release);
}

void pins_serve(struct pins *p, uint64_t store) {
    atomic_store(&p->control->store, store);
}

/* ---- looking up ------------------------------------------------------------------------------ */

rc lmdb_fail(int error, const char *where) {
    rc code = RC_IO;
    switch (error) {
    case MDB_MAP_FULL:
    case MDB_TXN_FULL:
    case ENOSPC:
    case EDQUOT:
    case EFBIG: code = RC_FULL; break;
    case MDB_READERS_FULL: code = RC_BUSY; break; /* others have opened core's lock file */
    case MDB_PANIC: code = RC_FATAL; break;
    case EACCES:
    case EPERM:
    case EROFS: code = RC_DENIED; break;
    case ENOENT:
    case ENOTDIR: code = RC_NOT_FOUND; break;
    default:
        if (error < 0) code = RC_CORRUPT; /* LMDB's own */
    }
    return rc_fail(code, "page store: %s: %s", where, mdb_strerror(error));
}

void stored_key_make(struct span key, struct stored_key *out) {
    CHECK(key.n > 0 && key.n <= PAGES_KEY_BYTES_MAX);
    if (key.n <= PAGES_KEY_BYTES_PLAIN) {
        out->bytes[0] = STORED_PAGE;
        memcpy(out->bytes + 1, key.p, key.n);
        out->n = 1 + key.n;
    } else {
        struct sha256 hash = sha256_of(key);
        out->bytes[0] = STORED_PAGE_LONG;
        memcpy(out->bytes + 1, hash.bytes, sizeof hash.bytes);
        out->n = 1 + sizeof hash.bytes;
    }
}

/* Its length stands in what names it: a prolog of another one is not the page's. */
static rc add_prolog(MDB_txn *txn, MDB_dbi dbi, struct span prolog_key,
                     struct pages_answer *answer) {
    if (!prolog_key.n) return RC_OK;
    char key[1 + VALUE_PROLOG_KEY_BYTES] = {STORED_PROLOG};
    memcpy(key + 1, prolog_key.p, VALUE_PROLOG_KEY_BYTES);
    MDB_val entry_key = {sizeof key, key}, value;
    int error = mdb_get(txn, dbi, &entry_key, &value);
    if (error && error != MDB_NOTFOUND) return lmdb_fail(error, "looking up a prolog");
    if (error || value.mv_size != answer->prolog.n)
        return rc_fail(RC_CORRUPT, "page store: a page's prolog is not there; rebuild the store");
    answer->prolog.p = value.mv_data;
    return RC_OK;
}

rc snapshot_find(MDB_txn *txn, MDB_dbi dbi, struct span key, unsigned accept,
                 struct pages_answer *out_answer) {
    if (key.n == 0 || key.n > PAGES_KEY_BYTES_MAX) return RC_NOT_FOUND; /* none such is put */
    struct stored_key stored;
    stored_key_make(key, &stored);
    MDB_val entry_key = {stored.n, stored.bytes}, value;
    int error = mdb_get(txn, dbi, &entry_key, &value);
    if (error == MDB_NOTFOUND) return RC_NOT_FOUND;
    if (error) return lmdb_fail(error, "looking up a page");
    struct span plain_key = key.n <= PAGES_KEY_BYTES_PLAIN ? key : (struct span){NULL, 0}, found,
                prolog;
    struct pages_answer answer;
    TRY(value_read(span_of(value.mv_data, value.mv_size), plain_key, accept, &found, &answer,
                   &prolog));
    if (!plain_key.n && !span_eq(found, key)) return RC_NOT_FOUND;
    TRY(add_prolog(txn, dbi, prolog, &answer));
    *out_answer = answer;
    return RC_OK;
}

rc snapshot_entry(MDB_txn *txn, MDB_dbi dbi, MDB_val entry_key, MDB_val value, unsigned accept,
                  struct span *out_key, struct pages_answer *out_answer) {
    struct span entry = span_of(entry_key.mv_data, entry_key.mv_size);
    bool is_long = entry.n && entry.p[0] == STORED_PAGE_LONG;
    struct span plain_key = is_long ? (struct span){NULL, 0} : span_from(entry, 1), key, prolog;
    struct pages_answer answer;
    TRY(value_read(span_of(value.mv_data, value.mv_size), plain_key, accept, &key, &answer,
                   &prolog));
    TRY(add_prolog(txn, dbi, prolog, &answer));
    struct stored_key stored;
    stored_key_make(key, &stored);
    if (!span_eq(span_of(stored.bytes, stored.n), entry)) {
        return rc_fail(RC_CORRUPT,
                       "page store: the entry \"" SPAN_FMT
                       "\" lies under another's key; rebuild the store",
                       SPAN_ARG(span_sub(key, 0, 200)));
    }
    *out_key = key;
    *out_answer = answer;
    return RC_OK;
}

/* ---- web's side ------------------------------------------------------------------------------ */

struct pages_reader {
    char *dir;
    const struct pages_control *control;
    struct pages_pin_page *pin;
    uint64_t store; /* the one that is open; 0: none */
    MDB_env *env;
    MDB_dbi dbi;
    MDB_txn *txn; /* reset but while pinned */
    bool pinned;
    /* The served store is another one now, but the sandbox forbids opening it. Nobody writes the one that
     * is open any more (its writer was closed, its file perhaps deleted, its map stays): one snapshot of
     * it is pinned for good, and readers have whole pages of it until this process is replaced. */
    bool retired;
};

static void pin_release(struct pages_reader *r) {
    atomic_store_explicit(&r->pin->pin[r->store & 1], 0, memory_order_release);
}

static void store_leave(struct pages_reader *r) {
    if (!r->store) return;
    pin_release(r);
    mdb_txn_abort(r->txn);
    mdb_env_close(r->env);
    r->store = 0;
}

static int env_open(const char *path, MDB_env **out_env, MDB_txn **out_txn, MDB_dbi *out_dbi) {
    MDB_env *env = NULL;
    MDB_txn *txn = NULL;
    int error = mdb_env_create(&env);
    if (error) return error;
    /* The map's size is the writer's: it stands in the file. */
    error = mdb_env_open(env, path, MDB_RDONLY | MDB_NOLOCK | MDB_NORDAHEAD | MDB_NOTLS, 0600);
    if (!error) error = mdb_txn_begin(env, NULL, MDB_RDONLY, &txn);
    if (!error) error = mdb_dbi_open(txn, NULL, 0, out_dbi); /* reads no page of the file */
    if (error) {
        mdb_txn_abort(txn);
        mdb_env_close(env);
        return error;
    }
    mdb_txn_reset(txn);
    *out_env = env;
    *out_txn = txn;
    return 0;
}

static rc store_enter(struct pages_reader *r, uint64_t store) {
    if (store == 0) {
        store_leave(r);
        return rc_fail(RC_AGAIN, "page store: there is none yet");
    }
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi dbi;
    struct buf path;
    buf_init(&path, 8192);
    buf_printf(&path, "%s/%llu", r->dir, (unsigned long long)store);
    buf_char(&path, 0);
    int error = path.over ? ENAMETOOLONG : env_open(path.p, &env, &txn, &dbi);
    rc code = RC_OK;
    if (error) {
        code = lmdb_fail(error, path.over ? r->dir : path.p);
        if (code == RC_NOT_FOUND) code = RC_AGAIN; /* deleted: the next one is about to be served */
    } else {
        store_leave(r);
        r->env = env;
        r->txn = txn;
        r->dbi = dbi;
        r->store = store;
    }
    buf_done(&path);
    return code;
}

rc pages_reader_open(const char *dir, int control_fd, int pin_fd,
                     struct pages_reader **out_reader) {
    void *control, *pin;
    TRY(pages_pin_clear(pin_fd));
    TRY(memfd_map(control_fd, sizeof(struct pages_control), false, &control));
    rc code = memfd_map(pin_fd, sizeof(struct pages_pin_page), true, &pin);
    if (code != RC_OK) {
        memfd_unmap(control, sizeof(struct pages_control));
        return code;
    }
    struct pages_reader *r = mem_new(sizeof *r);
    r->dir = mem_strdup(span_str(dir));
    r->control = control;
    r->pin = pin;
    /* Now rather than at the first pin: afterwards the sandbox may be closed. */
    uint64_t store = atomic_load(&r->control->store);
    if (store) code = store_enter(r, store);
    if (code != RC_OK && code != RC_AGAIN) {
        pages_reader_close(r);
        return code;
    }
    *out_reader = r;
    return RC_OK;
}

void pages_reader_close(struct pages_reader *r) {
    if (!r) return;
    store_leave(r);
    memfd_unmap((void *)(uintptr_t)r->control, sizeof *r->control);
    memfd_unmap(r->pin, sizeof *r->pin);
    mem_free(r->dir);
    mem_free(r);
}

/* One attempt, by rules 2 and 4. RC_BUSY, with nothing noted: try again; *out_early says that the
 * snapshot is good but for its number not having been stored in `latest` yet. */
static rc pin_try(struct pages_reader *r, uint64_t served, uint64_t *out_early) {
    const struct pages_bank *bank = &r->control->bank[r->store & 1];
    *out_early = 0;
    uint64_t pin = atomic_load(&bank->latest);
    atomic_store(&r->pin->pin[r->store & 1], pin);
    if (atomic_load(&bank->floor) > pin || pin == 0) return RC_BUSY;
    int error = mdb_txn_renew(r->txn);
    if (error == MDB_MAP_RESIZED) { /* a newer core allows the file to be larger */
        error = mdb_env_set_mapsize(r->env, 0);
        return error ? lmdb_fail(error, "mapping the grown file") : RC_BUSY;
    }
    if (error) return lmdb_fail(error, "reading a snapshot");
    uint64_t snapshot = mdb_txn_id(r->txn);
    atomic_thread_fence(memory_order_acquire);
    uint64_t committing = atomic_load(&bank->committing);
    uint64_t store = atomic_load(&r->control->store);
    if (store == served && pin <= snapshot && snapshot <= committing && committing < snapshot + 2) {
        if (pin == snapshot) return RC_OK;
        *out_early = snapshot;
    }
    return RC_BUSY;
}

rc pages_pin(struct pages_reader *r) {
    CHECK(!r->pinned);
    uint64_t waiting_for = 0;
    unsigned waited = 0;
    if (r->retired) {
        r->pinned = true;
        return RC_OK;
    }
    for (unsigned tries = 0; tries < PIN_TRIES; tries++) {
        uint64_t store = atomic_load(&r->control->store), early;
        if (store != r->store || store == 0) {
            rc code = store_enter(r, store);
            if (code != RC_OK && atomic_load(&r->control->store) != store) continue;
            r->retired = code == RC_DENIED && r->store != 0;
            if (!r->retired) TRY(code);
        }
        rc code = pin_try(r, store, &early);
        if (code == RC_BUSY && early) {
            if (early != waiting_for) waited = 0;
            waiting_for = early;
            if (++waited > PIN_PATIENCE) code = RC_OK;
        }
        if (code == RC_OK) {
            r->pinned = true;
            return RC_OK;
        }
        mdb_txn_reset(r->txn);
        if (code != RC_BUSY) {
            pin_release(r);
            return code;
        }
    }
    pin_release(r);
    return rc_fail(RC_AGAIN, "page store: no snapshot stood still in %d tries", PIN_TRIES);
}

void pages_unpin(struct pages_reader *r) {
    CHECK(r->pinned);
    r->pinned = false;
    if (r->retired) return;
    mdb_txn_reset(r->txn);
    pin_release(r);
}

rc pages_find(struct pages_reader *r, struct span key, unsigned accept,
              struct pages_answer *out_answer) {
    CHECK(r->pinned);
    return snapshot_find(r->txn, r->dbi, key, accept, out_answer);
}
