/*
 * writer.c: core's side: folders, transactions, and when to give up old snapshots. The rules it
 * keeps, and what a crash leaves, are at the head of pages.c.
 */
#include <errno.h>
#include <libdeflate.h>
#include <stdio.h>

#include "base/mem.h"
#include "pages/inner.h"
#include "pages/pages.h"
#include "pages/value.h"
#include "sys/fault.h"
#include "sys/file.h"
#include "sys/log.h"

#define FOLDER_NAMES_MAX 4096
#define STORE_NAME_BYTES 32 /* a number, and ".new" */

/* What lies under the key STORED_FORMAT. Another text: another version wrote it. */
static const char format[] = "dateline pages 2";

struct pages_writer {
    struct pins *pins;
    struct file dir;
    char *dir_path; /* for LMDB, which wants paths */
    uint64_t store_bytes_max;
    uint64_t store; /* its number */
    char name[STORE_NAME_BYTES];
    bool deletes_files; /* when closed: it was not flipped to, or flipped away from */
    struct pages_writer
        *beside; /* the other of the two, from pages_writer_next till one is closed */

    MDB_env *env;
    MDB_dbi dbi;
    MDB_txn *old, *young; /* rule 1 */
    MDB_txn *read;        /* reset but while spans of it are out */
    MDB_txn *txn;         /* the one that writes, or NULL */
    uint64_t old_snapshot, young_snapshot, latest;
    bool is_clear; /* no pin is left from before this core (rule 6) */
    rc broken;     /* not RC_OK: the transaction can only be given up */

    struct pages_builder *builder; /* of pages_put() */
    struct buf meta;
    struct {
        uint64_t pin;
        mono_t since;
    } stale[PAGES_WEB_MAX];
};

/* LMDB says EIO when the disk took a part of a write only. */
static bool disk_is_full(const struct pages_writer *w) {
    struct file_space space;
    return file_space(&w->dir, "", &space) == RC_OK && space.bytes_free < 1 << 20;
}

/* In the writing transaction what LMDB cannot write ends the process. */
static rc write_fail(const struct pages_writer *w, int error, const char *where) {
    if (error == EIO && disk_is_full(w)) error = ENOSPC;
    rc code = lmdb_fail(error, where);
    if (code != RC_FULL && code != RC_CORRUPT) code = RC_FATAL;
    return code;
}

/* ---- folders --------------------------------------------------------------------------------- */

static void store_file(const char *store, const char *file, char out_path[FILE_NAME_BYTES]) {
    snprintf(out_path, FILE_NAME_BYTES, "%s/%s", store, file);
}

static rc folder_delete(const struct file *dir, const char *name) {
    static const char *const files[] = {"data.mdb", "lock.mdb"};
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        char path[FILE_NAME_BYTES];
        store_file(name, files[i], path);
        rc code = file_remove(dir, path);
        if (code != RC_OK && code != RC_NOT_FOUND) return code;
    }
    rc code = file_remove_folder(dir, name);
    return code == RC_NOT_FOUND ? RC_OK : code;
}

/* What is left of a store keeps nobody from working; the next start tries again. */
static void folder_try_delete(const struct file *dir, const char *name) {
    if (folder_delete(dir, name) == RC_OK) return;
    log_event(LOG_WARN, "a page store that is no longer used cannot be deleted",
              LOG_TEXT("store", span_str(name)), LOG_WHY());
}

/* Deletes every N.new and every N below `keep_from`; *out_highest is the highest N, or 0. */
static rc folders_sweep(const struct file *dir, uint64_t keep_from, uint64_t *out_highest) {
    struct arena *a = arena_new(1 << 20);
    struct span *names;
    size_t count;
    uint64_t highest = 0;
    rc code = file_list(dir, "", FOLDER_NAMES_MAX, a, &names, &count);
    for (size_t i = 0; code == RC_OK && i < count; i++) {
        struct span number = names[i];
        bool is_new = span_ends(number, SPAN(".new"));
        if (is_new) number.n -= SPAN(".new").n;
        uint64_t n;
        if (!span_to_u64(number, UINT32_MAX, &n) || n == 0) continue; /* not ours */
        if (is_new || n < keep_from)
            folder_try_delete(dir, names[i].p);
        else if (n > highest)
            highest = n;
    }
    arena_free(a);
    if (code == RC_OK) *out_highest = highest;
    return code;
}

/* pages/ itself. */
static rc dir_open(const char *path, struct file *out_dir) {
    rc code = file_make_folder(NULL, path, FILE_PUBLIC);
    if (code == RC_OK) {
        TRY(file_set_mode(NULL, path, 0755));
        TRY(file_sync_folder_of(NULL, path));
    } else if (code != RC_CONFLICT) {
        return code;
    }
    return file_open(NULL, path, FILE_FOLDER, out_dir);
}

/* ---- opening a store's file ------------------------------------------------------------------ */

/* A file that lost its end (a copy that was broken off) would be a SIGBUS to whoever reads there.
 * Zeros are an error instead, which LMDB or our checksums find. */
static rc file_mend(struct pages_writer *w, const char *path) {
    MDB_envinfo info;
    MDB_stat stat;
    struct file f;
    struct file_stat s;
    CHECK(mdb_env_info(w->env, &info) == 0 && mdb_env_stat(w->env, &stat) == 0);
    uint64_t bytes = ((uint64_t)info.me_last_pgno + 1) * stat.ms_psize;
    TRY(file_open(&w->dir, path, FILE_WRITE, &f));
    rc code = file_stat_open(&f, &s);
    if (code == RC_OK && s.bytes < bytes) code = file_truncate(&f, bytes);
    file_close(&f);
    return code;
}

static rc env_open(struct pages_writer *w) {
    struct buf path;
    buf_init(&path, 8192);
    buf_printf(&path, "%s/%s", w->dir_path, w->name);
    buf_char(&path, 0);
    int error = path.over ? ENAMETOOLONG : mdb_env_create(&w->env);
    if (!error) error = mdb_env_set_mapsize(w->env, w->store_bytes_max);
    if (!error) {
        /* Our own sync follows each commit: rule 5. */
        error = mdb_env_open(w->env, path.p, MDB_NOMETASYNC | MDB_NORDAHEAD | MDB_NOTLS, 0600);
    }
    rc code = error ? lmdb_fail(error, path.over ? w->dir_path : path.p) : RC_OK;
    buf_done(&path);
    if (code == RC_NOT_FOUND) code = RC_CORRUPT; /* a folder without its file */
    return code;
}

static rc snapshots_open(struct pages_writer *w) {
    int error = mdb_txn_begin(w->env, NULL, MDB_RDONLY, &w->old);
    if (!error) error = mdb_txn_begin(w->env, NULL, MDB_RDONLY, &w->young);
    if (!error) error = mdb_txn_begin(w->env, NULL, MDB_RDONLY, &w->read);
    if (!error) error = mdb_dbi_open(w->read, NULL, 0, &w->dbi);
    if (error) return lmdb_fail(error, "reading the newest snapshot");
    mdb_txn_reset(w->read);
    w->old_snapshot = w->young_snapshot = w->latest = mdb_txn_id(w->old);
    return RC_OK;
}

static void env_close(struct pages_writer *w) {
    if (!w->env) return;
    mdb_txn_abort(w->txn);
    mdb_txn_abort(w->read);
    mdb_txn_abort(w->young);
    mdb_txn_abort(w->old);
    mdb_env_close(w->env);
    w->txn = w->read = w->young = w->old = NULL;
    w->env = NULL;
}

static rc modes_set(struct pages_writer *w) {
    char path[FILE_NAME_BYTES];
    TRY(file_set_mode(&w->dir, w->name, 0755));
    store_file(w->name, "lock.mdb", path);
    TRY(file_set_mode(&w->dir, path, 0600));
    store_file(w->name, "data.mdb", path);
    return file_set_mode(&w->dir, path, 0644);
}

static MDB_val val_of(const void *p, size_t n) {
    return (MDB_val){n, (void *)(uintptr_t)p};
}

static const char format_key[] = {STORED_FORMAT};

static rc format_check(struct pages_writer *w) {
    MDB_val key = val_of(format_key, sizeof format_key), value;
    int error = mdb_get(w->old, w->dbi, &key, &value);
    if (error && error != MDB_NOTFOUND) return lmdb_fail(error, "reading its format");
    if (error || !span_eq(span_of(value.mv_data, value.mv_size), span_str(format))) {
        return rc_fail(RC_CORRUPT, "page store %s: not of this version's format", w->name);
    }
    return RC_OK;
}

/* The store w->name as it is. RC_CORRUPT: it cannot be used, make another. */
static rc store_open(struct pages_writer *w) {
    char path[FILE_NAME_BYTES];
    TRY(env_open(w));
    store_file(w->name, "data.mdb", path);
    TRY(file_mend(w, path));
    TRY(modes_set(w));
    TRY(snapshots_open(w));
    return format_check(w);
}

/* Number w->store, empty, in the folder N.new. Its first snapshot is 1: 0 is no pin. */
static rc store_create(struct pages_writer *w) {
    char path[FILE_NAME_BYTES];
    snprintf(w->name, sizeof w->name, "%llu.new", (unsigned long long)w->store);
    TRY(folder_delete(&w->dir, w->name));
    TRY(file_make_folder(&w->dir, w->name, FILE_PUBLIC));
    w->deletes_files = true;
    TRY(env_open(w));
    TRY(modes_set(w));
    MDB_txn *txn;
    MDB_val key = val_of(format_key, sizeof format_key), value = val_of(format, sizeof format - 1);
    int error = mdb_txn_begin(w->env, NULL, 0, &txn);
    if (error) return lmdb_fail(error, "making a store");
    error = mdb_dbi_open(txn, NULL, 0, &w->dbi);
    if (!error) error = mdb_put(txn, w->dbi, &key, &value, 0);
    if (error)
        mdb_txn_abort(txn);
    else
        error = mdb_txn_commit(txn);
    if (!error) error = mdb_env_sync(w->env, 1);
    if (error) return lmdb_fail(error, "making a store");
    store_file(w->name, "data.mdb", path);
    TRY(file_sync_folder_of(&w->dir, path));
    TRY(snapshots_open(w));
    w->is_clear = true; /* nobody has read it */
    return RC_OK;
}

/* N.new becomes N, for good. */
static rc store_rename(struct pages_writer *w) {
    char name[STORE_NAME_BYTES];
    snprintf(name, sizeof name, "%llu", (unsigned long long)w->store);
    TRY(file_rename(&w->dir, w->name, name));
    memcpy(w->name, name, sizeof name);
    w->deletes_files = false;
    fault_point("pages.renamed");
    return file_sync_folder_of(&w->dir, w->name);
}

/* ---- opening and closing --------------------------------------------------------------------- */

static struct pages_writer *writer_new(struct pins *pins, const struct file *dir,
                                       const char *dir_path, uint64_t store_bytes_max) {
    struct pages_writer *w = mem_new(sizeof *w);
    w->pins = pins;
    w->dir = *dir;
    w->dir_path = mem_strdup(span_str(dir_path));
    w->store_bytes_max = store_bytes_max;
    w->builder = pages_builder_new();
    buf_init(&w->meta, sizeof(uint32_t) + PAGES_META_BYTES_MAX);
    return w;
}

void pages_writer_close(struct pages_writer *w) {
    if (!w) return;
    env_close(w);
    if (w->beside) w->beside->beside = NULL;
    if (w->deletes_files) folder_try_delete(&w->dir, w->name);
    pins_unref(w->pins);
    file_close(&w->dir);
    mem_free(w->dir_path);
    pages_builder_free(w->builder);
    buf_done(&w->meta);
    mem_free(w);
}

/* The newest store, opened, or a new one. */
static rc newest_open(struct pages_writer *w) {
    const struct pages_control *control = w->pins->control;
    uint64_t highest, served = atomic_load(&control->store);
    TRY(folders_sweep(&w->dir, 0, &highest));
    if (highest > 0 && highest >= served) {
        w->store = highest;
        snprintf(w->name, sizeof w->name, "%llu", (unsigned long long)highest);
        rc code = store_open(w);
        if (code == RC_OK && highest == served &&
            atomic_load(&control->bank[served & 1].latest) > w->latest) {
            code = rc_fail(RC_CORRUPT, "page store %s: its file was replaced by an older one",
                           w->name);
        }
        if (code != RC_CORRUPT) return code;
        log_event(LOG_WARN, "the page store cannot be used; an empty one is made and filled anew",
                  LOG_WHY());
        env_close(w);
    }
    /* Above all that ever were served, so that readers see the change. */
    w->store = (highest > served ? highest : served) + 1;
    TRY(store_create(w));
    return store_rename(w);
}

rc pages_writer_open(const struct pages_setup *setup, struct pages_writer **out_writer) {
    struct pins *pins;
    struct file dir;
    uint64_t highest;
    TRY(pins_open(setup, &pins));
    rc code = dir_open(setup->dir, &dir);
    if (code != RC_OK) {
        pins_unref(pins);
        return code;
    }
    struct pages_writer *w =
        writer_new(pins, &dir, setup->dir,
                   setup->store_bytes_max ? setup->store_bytes_max : PAGES_STORE_BYTES_MAX);
    code = newest_open(w);
    if (code == RC_OK) {
        pins_begin_store(pins, w->store, w->latest);
        pins_serve(pins, w->store);
        code = folders_sweep(&w->dir, w->store, &highest);
    }
    if (code != RC_OK) {
        pages_writer_close(w);
        return code;
    }
    *out_writer = w;
    return RC_OK;
}

rc pages_writer_next(struct pages_writer *w, struct pages_writer **out_next) {
    if (w->beside)
        return rc_fail(RC_BUSY, "page store: another one is built, or the old one is open still");
    struct file dir;
    TRY(file_open(&w->dir, ".", FILE_FOLDER, &dir));
    w->pins->refs++;
    struct pages_writer *next = writer_new(w->pins, &dir, w->dir_path, w->store_bytes_max);
    next->store = w->store + 1;
    rc code = store_create(next);
    if (code != RC_OK) {
        pages_writer_close(next);
        return code;
    }
    pins_begin_store(next->pins, next->store, next->latest);
    next->beside = w;
    w->beside = next;
    *out_next = next;
    return RC_OK;
}

rc pages_flip(struct pages_writer *next) {
    CHECK(!next->txn && next->deletes_files);
    TRY(store_rename(next));
    pins_serve(next->pins, next->store);
    fault_point("pages.flipped");
    if (next->beside) next->beside->deletes_files = true;
    return RC_OK;
}

/* ---- transactions ---------------------------------------------------------------------------- */

/* What the last call gave out ends here. */
static void read_end(struct pages_writer *w) {
    mdb_txn_reset(w->read); /* of one that is reset already: nothing */
}

/* A step of the open transaction. */
static rc write_begin(struct pages_writer *w) {
    CHECK(w->txn != NULL);
    if (w->broken == RC_OK) return RC_OK;
    return rc_fail(w->broken,
                   "page store: this transaction failed before and can only be given up");
}

/* The transaction through which w is read now. */
static rc read_begin(struct pages_writer *w, MDB_txn **out_txn) {
    read_end(w);
    if (w->txn) {
        TRY(write_begin(w));
    } else {
        int error = mdb_txn_renew(w->read);
        if (error) return lmdb_fail(error, "reading the newest snapshot");
    }
    *out_txn = w->txn ? w->txn : w->read;
    return RC_OK;
}

/* Gives up what is below `young` if nobody reads it, and takes the newest snapshot as `young`. */
static rc snapshots_advance(struct pages_writer *w) {
    if (w->young_snapshot == w->latest) return RC_OK;
    if (w->young_snapshot > w->old_snapshot) {
        if (!pins_give_up(w->pins, w->store, w->young_snapshot)) return RC_OK;
        fault_point("pages.given-up");
        MDB_txn *given_up = w->old;
        w->old = w->young;
        w->old_snapshot = w->young_snapshot;
        w->young = given_up;
    }
    mdb_txn_reset(w->young);
    int error = mdb_txn_renew(w->young);
    if (error) return write_fail(w, error, "taking a snapshot");
    w->young_snapshot = mdb_txn_id(w->young);
    return RC_OK;
}

rc pages_begin(struct pages_writer *w) {
    CHECK(!w->txn);
    read_end(w);
    if (!w->is_clear && pins_below(w->pins, w->store, w->old_snapshot)) {
        return rc_fail(RC_BUSY,
                       "page store: a web process still reads what it had before core was started");
    }
    w->is_clear = true;
    TRY(snapshots_advance(w));
    int error = mdb_txn_begin(w->env, NULL, 0, &w->txn);
    if (error) {
        w->txn = NULL;
        return write_fail(w, error, "beginning a transaction");
    }
    w->broken = RC_OK;
    return RC_OK;
}

static rc entry_put(struct pages_writer *w, MDB_val key, MDB_val value) {
    int error = mdb_put(w->txn, w->dbi, &key, &value, 0);
    if (!error) return RC_OK;
    w->broken = write_fail(w, error, "writing an entry");
    return w->broken;
}

/* Once in a store. */
static rc prolog_put(struct pages_writer *w, const struct pages_prolog *prolog) {
    char key[1 + VALUE_PROLOG_KEY_BYTES] = {STORED_PROLOG};
    memcpy(key + 1, prolog->key, VALUE_PROLOG_KEY_BYTES);
    MDB_val entry_key = val_of(key, sizeof key), value;
    int error = mdb_get(w->txn, w->dbi, &entry_key, &value);
    if (error == MDB_NOTFOUND)
        return entry_put(w, entry_key, val_of(prolog->gzip.p, prolog->gzip.n));
    if (error) w->broken = write_fail(w, error, "looking up a prolog");
    return w->broken;
}

rc pages_put_built(struct pages_writer *w, struct span key, const struct pages_prolog *prolog,
                   struct span value) {
    TRY(write_begin(w));
    if (prolog) TRY(prolog_put(w, prolog));
    struct stored_key stored;
    stored_key_make(key, &stored);
    return entry_put(w, val_of(stored.bytes, stored.n), val_of(value.p, value.n));
}

rc pages_put(struct pages_writer *w, const struct page *page) {
    struct span value;
    TRY(write_begin(w));
    TRY(pages_build(w->builder, page, &value));
    return pages_put_built(w, page->key, page->prolog, value);
}

rc pages_delete(struct pages_writer *w, struct span key) {
    TRY(write_begin(w));
    if (key.n > PAGES_KEY_BYTES_MAX) {
        return rc_fail(RC_TOO_BIG, "page: a key of %zu bytes (at most %d)", key.n,
                       PAGES_KEY_BYTES_MAX);
    }
    if (!key.n) return rc_fail(RC_INVALID, "page: an empty key");
    struct stored_key stored;
    stored_key_make(key, &stored);
    MDB_val entry_key = val_of(stored.bytes, stored.n);
    int error = mdb_del(w->txn, w->dbi, &entry_key, NULL);
    if (!error || error == MDB_NOTFOUND) return RC_OK;
    w->broken = write_fail(w, error, "deleting an entry");
    return w->broken;
}

/* A full disk costs this transaction only, unless it was met by the meta page: LMDB then refuses
 * every further transaction. */
static rc commit_fail(struct pages_writer *w, int error) {
    rc code = write_fail(w, error, "committing");
    if (code != RC_FULL) return code;
    int panic = mdb_txn_renew(w->read);
    mdb_txn_reset(w->read);
    return panic == MDB_PANIC ? rc_in(RC_FATAL, "LMDB cannot go on: ") : code;
}

rc pages_commit(struct pages_writer *w) {
    CHECK(w->txn != NULL);
    read_end(w);
    rc code = write_begin(w);
    if (code != RC_OK) {
        pages_abort(w);
        return code;
    }
    uint64_t snapshot = mdb_txn_id(w->txn);
    pins_committing(w->pins, w->store, snapshot);
    fault_point("pages.committing");
    int error = mdb_txn_commit(w->txn);
    w->txn = NULL;
    if (error) return commit_fail(w, error);
    MDB_envinfo info;
    CHECK(mdb_env_info(w->env, &info) == 0);
    if (info.me_last_txnid != snapshot) return RC_OK; /* nothing was put: there is no snapshot */
    fault_point("pages.committed");
    pins_committed(w->pins, w->store, snapshot);
    w->latest = snapshot;
    fault_point("pages.served");
    error = mdb_env_sync(w->env, 1);
    if (error) {
        return rc_fail(
            RC_FATAL,
            "page store: %s while syncing: end this process, look at the disk (dmesg), start again",
            mdb_strerror(error));
    }
    return RC_OK;
}

void pages_abort(struct pages_writer *w) {
    mdb_txn_abort(w->txn);
    w->txn = NULL;
    w->broken = RC_OK;
}

/* ---- metas: their CRC-32, then their bytes --------------------------------------------------- */

struct meta_key {
    char bytes[1 + PAGES_META_NAME_BYTES_MAX];
    size_t n;
};

static struct meta_key meta_key_make(const char *name) {
    struct meta_key key = {.bytes = {STORED_META}, .n = 1 + strlen(name)};
    CHECK(key.n > 1 && key.n <= sizeof key.bytes);
    memcpy(key.bytes + 1, name, key.n - 1);
    return key;
}

static uint32_t meta_checksum(const struct meta_key *key, struct span value) {
    uint32_t crc = libdeflate_crc32(0, key->bytes, key->n);
    return value.n ? libdeflate_crc32(crc, value.p, value.n) : crc;
}

rc pages_meta_put(struct pages_writer *w, const char *name, struct span value) {
    TRY(write_begin(w));
    if (value.n > PAGES_META_BYTES_MAX) {
        return rc_fail(RC_TOO_BIG, "page store: %s has %zu bytes (at most %d)", name, value.n,
                       PAGES_META_BYTES_MAX);
    }
    struct meta_key key = meta_key_make(name);
    uint32_t checksum = meta_checksum(&key, value);
    buf_clear(&w->meta);
    buf_add(&w->meta, span_of(&checksum, sizeof checksum));
    buf_add(&w->meta, value);
    return entry_put(w, val_of(key.bytes, key.n), val_of(w->meta.p, w->meta.n));
}

rc pages_meta_get(struct pages_writer *w, const char *name, struct span *out_value) {
    MDB_txn *txn;
    TRY(read_begin(w, &txn));
    struct meta_key key = meta_key_make(name);
    MDB_val entry_key = val_of(key.bytes, key.n), value;
    int error = mdb_get(txn, w->dbi, &entry_key, &value);
    if (error == MDB_NOTFOUND) return RC_NOT_FOUND;
    if (error) return lmdb_fail(error, name);
    struct span bytes = span_of(value.mv_data, value.mv_size);
    uint32_t checksum;
    if (bytes.n >= sizeof checksum) {
        memcpy(&checksum, bytes.p, sizeof checksum);
        bytes = span_from(bytes, sizeof checksum);
        if (meta_checksum(&key, bytes) == checksum) {
            *out_value = bytes;
            return RC_OK;
        }
    }
    return rc_fail(RC_CORRUPT, "page store: %s was changed; rebuild the store", name);
}

/* ---- reading what core wrote ----------------------------------------------------------------- */

rc pages_get(struct pages_writer *w, struct span key, unsigned accept,
             struct pages_answer *out_answer) {
    MDB_txn *txn;
    TRY(read_begin(w, &txn));
    return snapshot_find(txn, w->dbi, key, accept, out_answer);
}

static rc visit_all(MDB_txn *txn, MDB_dbi dbi, MDB_cursor *cursor, struct span from,
                    unsigned accept, pages_visit *visit, void *arg) {
    static const char first[] = {STORED_PAGE};
    struct stored_key start;
    MDB_val entry_key = val_of(first, sizeof first), value;
    if (from.n) {
        stored_key_make(from, &start);
        entry_key = val_of(start.bytes, start.n);
    }
    int error = mdb_cursor_get(cursor, &entry_key, &value, MDB_SET_RANGE);
    while (!error) {
        char kind = entry_key.mv_size ? *(const char *)entry_key.mv_data : 0;
        if (kind != STORED_PAGE && kind != STORED_PAGE_LONG) break; /* none comes behind them */
        struct span key;
        struct pages_answer answer;
        rc code = snapshot_entry(txn, dbi, entry_key, value, accept, &key, &answer);
        if (code == RC_OK)
            TRY(visit(arg, RC_OK, key, &answer));
        else
            TRY(visit(arg, code, (struct span){NULL, 0}, NULL));
        error = mdb_cursor_get(cursor, &entry_key, &value, MDB_NEXT);
    }
    return !error || error == MDB_NOTFOUND ? RC_OK : lmdb_fail(error, "going through all pages");
}

rc pages_each(struct pages_writer *w, struct span from, unsigned accept, pages_visit *visit,
              void *arg) {
    if (from.n > PAGES_KEY_BYTES_MAX) {
        return rc_fail(RC_TOO_BIG, "page: a key of %zu bytes (at most %d)", from.n,
                       PAGES_KEY_BYTES_MAX);
    }
    MDB_txn *txn;
    MDB_cursor *cursor;
    TRY(read_begin(w, &txn));
    int error = mdb_cursor_open(txn, w->dbi, &cursor);
    if (error) return lmdb_fail(error, "going through all pages");
    rc code = visit_all(txn, w->dbi, cursor, from, accept, visit, arg);
    mdb_cursor_close(cursor);
    return code;
}

rc pages_writer_stat(struct pages_writer *w, struct pages_stat *out_stat) {
    MDB_txn *txn;
    MDB_stat stat;
    MDB_envinfo info;
    TRY(read_begin(w, &txn));
    int error = mdb_stat(txn, w->dbi, &stat);
    if (!error) error = mdb_env_info(w->env, &info);
    if (error) return lmdb_fail(error, "asking for its size");
    *out_stat = (struct pages_stat){
        .store = w->store,
        .snapshot = w->latest,
        .entries = stat.ms_entries - 1, /* the format is ours */
        .bytes_file = ((uint64_t)info.me_last_pgno + 1) * stat.ms_psize,
        .snapshots_held = (unsigned)(w->latest - w->old_snapshot),
    };
    return RC_OK;
}

/* A pin that stands is a number below the newest snapshot that does not go up: a process that pins
 * again takes a newer one, whatever a broken one writes there. One at the newest protects nothing that
 * is not needed anyway. */
bool pages_stale_pin(struct pages_writer *w, mono_t now, size_t *out_index) {
    for (size_t i = 0; i < w->pins->count; i++) {
        uint64_t pin = atomic_load(&w->pins->page[i]->pin[w->store & 1]);
        if (pin == 0 || pin >= w->latest) continue;
        if (pin > w->stale[i].pin) {
            w->stale[i].pin = pin;
            w->stale[i].since = now;
        } else if (now - w->stale[i].since >= CLOCK_MS(PAGES_PIN_STALE_MS)) {
            *out_index = i;
            return true;
        }
    }
    return false;
}
