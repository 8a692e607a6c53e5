/* Reading all of it, and removing what is not to stay. */
#include <stdarg.h>
#include <stdio.h>

#include "backup/inner.h"
#include "base/mem.h"
#include "codec/merkle.h"
#include "record/record.h"
#include "sys/fault.h"

#define SCRATCH "scratch"
#define STEP 1024
#define OPERATION_BYTES_MAX (64u << 20)
#define FOLDER_NAMES_MAX 1000000
#define NAMES_BYTES_MAX (256u << 20)

/* ---- which pieces are named ---------------------------------------------------------------------- */

static rc name_line(void *arg, const struct line *line) {
    hashes_add(arg, &line->piece.hash);
    return RC_OK;
}

/* What a backup names, its lists among it; each list is read once. */
static rc name_pieces(struct backup_dest *d, const struct manifest *m, struct hashes *named) {
    for (size_t i = 0; i < m->lists_count; i++)
        if (hashes_add(named, &m->lists[i].piece.hash))
            TRY(list_each(d, &m->lists[i], name_line, named));
    return RC_OK;
}

/* Pieces that nobody names: counted, or removed. */
static rc sweep(struct backup_dest *d, const struct hashes *named, bool remove,
                uint64_t *out_count) {
    struct arena *a = arena_new(NAMES_BYTES_MAX);
    uint64_t swept = 0;
    rc code = RC_OK;
    for (unsigned i = 0; i < 256 && code == RC_OK; i++) {
        struct span *names;
        size_t count = 0;
        char folder[16], path[PIECE_PATH_BYTES + 8];
        arena_reset(a);
        snprintf(folder, sizeof folder, "pieces/%02x", i);
        code = file_list(&d->dir, folder, FOLDER_NAMES_MAX, a, &names, &count);
        if (code == RC_NOT_FOUND) code = RC_OK;
        for (size_t k = 0; k < count && code == RC_OK; k++) {
            struct sha256 hash;
            if (names[k].n != 2 * SHA256_BYTES || !hex_decode(names[k], hash.bytes, SHA256_BYTES) ||
                hashes_have(named, &hash))
                continue;
            swept++;
            snprintf(path, sizeof path, "%s/" SPAN_FMT, folder, SPAN_ARG(names[k]));
            if (remove) code = file_remove(&d->dir, path);
            fault_point("backup.after-remove");
        }
    }
    arena_free(a);
    *out_count = swept;
    return code;
}

/* ---- keeping the newest -------------------------------------------------------------------------- */

static rc drop_oldest(struct backup_dest *d, const struct span *names, size_t count,
                      struct hashes *named, size_t keep) {
    const size_t drop = count > keep ? count - keep : 0;
    char path[64], name[BACKUP_NAME_BYTES] = "";
    /* First: what stays must be readable, or nothing goes. */
    for (size_t i = drop; i < count; i++) {
        struct manifest m;
        memcpy(name, names[i].p, names[i].n);
        TRY(manifest_read(d, name, &m));
        rc code = name_pieces(d, &m, named);
        manifest_done(&m);
        TRY(code);
    }
    for (size_t i = 0; i < drop; i++) {
        snprintf(path, sizeof path, "backups/" SPAN_FMT, SPAN_ARG(names[i]));
        TRY(file_remove(&d->dir, path));
        fault_point("backup.after-drop");
    }
    return drop ? file_sync_folder_of(&d->dir, "backups/") : RC_OK;
}

rc backup_keep(struct backup_dest *d, size_t n, uint64_t *out_backups, uint64_t *out_pieces) {
    struct arena *a = arena_new(1u << 20);
    struct hashes named = {0};
    struct span *names;
    size_t count = 0;
    CHECK(n > 0);
    rc code = manifest_names(d, a, &names, &count);
    if (code == RC_OK) code = drop_oldest(d, names, count, &named, n);
    if (code == RC_OK) code = sweep(d, &named, true, out_pieces);
    if (code == RC_OK) *out_backups = count > n ? count - n : 0;
    hashes_done(&named);
    arena_free(a);
    return code;
}

/* ---- verifying ------------------------------------------------------------------------------------- */

struct verify {
    struct backup_dest *d;
    backup_say *say;
    void *arg;
    const char *name; /* of the backup that is looked at */
    struct hashes seen, bad;
    struct backup_verified result;
    bool sound; /* this backup, so far */
};

static void fault(struct verify *v, const char *fmt, ...) PRINTF(2, 3);
static void fault(struct verify *v, const char *fmt, ...) {
    char text[RC_WHY_MAX + PATH_BYTES_MAX];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    size_t length = n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    v->say(v->arg, span_of(text, length));
    v->result.faults++;
    v->sound = false;
}

static void look_at_piece(struct verify *v, const struct piece *piece, const char *what) {
    struct span bytes;
    if (hashes_have(&v->bad, &piece->hash)) {
        fault(v, "backup %s: %s needs a damaged piece, too", v->name, what);
        return;
    }
    if (!hashes_add(&v->seen, &piece->hash)) return;
    v->result.pieces++;
    v->result.bytes += piece->bytes;
    if (piece_get(v->d, piece, &bytes) == RC_OK) return;
    hashes_add(&v->bad, &piece->hash);
    fault(v, "backup %s: %s: %s. The next backup writes it anew if the site still has it", v->name,
          what, rc_why());
}

static rc look_at_line(void *arg, const struct line *line) {
    struct verify *v = arg;
    char path[PATH_BYTES_MAX];
    memcpy(path, line->path.p, line->path.n);
    path[line->path.n] = 0;
    look_at_piece(v, &line->piece, path);
    return RC_OK;
}

static void look_at_lists(struct verify *v, const struct manifest *m) {
    for (size_t i = 0; i < m->lists_count; i++) {
        look_at_piece(v, &m->lists[i].piece, m->lists[i].name);
        if (hashes_have(&v->bad, &m->lists[i].piece.hash)) continue;
        if (list_each(v->d, &m->lists[i], look_at_line, v) != RC_OK)
            fault(v, "backup %s: %s: %s", v->name, m->lists[i].name, rc_why());
    }
}

/* ---- the newest, put together -------------------------------------------------------------------- */

struct together {
    struct verify *v;
    const struct manifest *m;
    struct store *store;
    struct merkle_edge edge;
    struct checkpoint checkpoint; /* size 0: none */
    struct sha256 root;           /* at its size */
    struct arena *a;
    struct span *entries; /* of the database, from entries_from */
    uint64_t entries_from;
    size_t entries_count;
};

static bool for_check(void *arg, char path[PATH_BYTES_MAX]) {
    (void)arg;
    char to[PATH_BYTES_MAX];
    if (strcmp(path, SITE_DATABASE) != 0 && strcmp(path, SITE_JOURNAL) != 0 &&
        strcmp(path, SITE_CHECKPOINT) != 0)
        return false;
    snprintf(to, sizeof to, SCRATCH "/%s", strrchr(path, '/') + 1);
    memcpy(path, to, sizeof to);
    return true;
}

/* An entry of the journal: is it the database's? */
static rc compare_entry(void *arg, uint64_t index, struct span entry) {
    struct together *t = arg;
    if (index >= t->entries_from + t->entries_count) {
        arena_reset(t->a);
        t->entries_from = index;
        TRY(store_entries(t->store, t->a, index, STEP, &t->entries, &t->entries_count));
    }
    if (index >= t->entries_from + t->entries_count ||
        !span_eq(t->entries[index - t->entries_from], entry))
        return rc_fail(RC_CORRUPT, "entry %llu is another one in the database than in the journal",
                       (unsigned long long)index);
    struct sha256 leaf = merkle_leaf(entry);
    merkle_edge_append(&t->edge, &leaf);
    if (t->edge.size == t->checkpoint.size) t->root = merkle_edge_root(&t->edge);
    return RC_OK;
}

static void store_fault(void *ctx, struct span text) {
    struct together *t = ctx;
    fault(t->v, "backup %s: database: " SPAN_FMT, t->m->name, SPAN_ARG(text));
}

static rc check_together(struct together *t, const char *database) {
    struct backup_dest *d = t->v->d;
    struct file journal;
    char note[NOTE_BYTES_MAX];
    struct buf b;
    uint64_t size, entries = 0, bytes = 0;
    struct file_stat stat;
    buf_init_fixed(&b, note, sizeof note);
    rc code = file_read_all(&d->dir, SCRATCH "/checkpoint", &b);
    if (code == RC_OK) code = checkpoint_read(buf_span(&b), &d->key, &t->checkpoint);
    if (code != RC_OK && code != RC_NOT_FOUND) return code;
    TRY(store_open(database, &t->store));
    code = store_check(t->store, store_fault, t);
    if (code != RC_OK && code != RC_CORRUPT) return code;
    TRY(store_log_size(t->store, &size));
    if (size != t->m->entries)
        return rc_fail(RC_CORRUPT, "the database has %llu entries, not %llu",
                       (unsigned long long)size, (unsigned long long)t->m->entries);
    TRY(file_open(&d->dir, SCRATCH "/journal", FILE_READ, &journal));
    code = journal_walk(&journal, UINT64_MAX, compare_entry, t, &entries, &bytes);
    if (code == RC_OK) code = file_stat_open(&journal, &stat);
    file_close(&journal);
    TRY(code);
    if (entries != t->m->journal || bytes != stat.bytes)
        return rc_fail(RC_CORRUPT, "the journal has %llu whole entries, not %llu",
                       (unsigned long long)entries, (unsigned long long)t->m->journal);
    if (t->checkpoint.size > 0 && t->checkpoint.size <= entries &&
        !sha256_eq(&t->root, &t->checkpoint.root))
        return rc_fail(RC_CORRUPT, "the signed head is not that of the journal's entries");
    return RC_OK;
}

static rc scratch_remove(struct backup_dest *d) {
    static const char *const files[] = {"dateline.db",         "dateline.db-wal", "dateline.db-shm",
                                        "dateline.db-journal", "journal",         "checkpoint"};
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        char path[64];
        snprintf(path, sizeof path, SCRATCH "/%s", files[i]);
        rc code = file_remove(&d->dir, path);
        if (code != RC_OK && code != RC_NOT_FOUND) return code;
    }
    rc code = file_remove_folder(&d->dir, SCRATCH);
    return code == RC_NOT_FOUND ? RC_OK : code;
}

/* A failure to look (a full disk) is one; a fault found is said. */
static rc look_at_together(struct verify *v, const struct manifest *m) {
    struct put put = {.d = v->d, .root = &v->d->dir, .wanted = for_check};
    struct together t = {.v = v, .m = m};
    char database[4096];
    snprintf(database, sizeof database, "%s/" SCRATCH "/dateline.db", v->d->path);
    t.a = arena_new(OPERATION_BYTES_MAX);
    rc code = scratch_remove(v->d);
    if (code == RC_OK) code = put_all(&put, m);
    if (code == RC_OK) code = check_together(&t, database);
    if (code == RC_CORRUPT || code == RC_NOT_FOUND || code == RC_INVALID || code == RC_DENIED) {
        fault(v, "backup %s: put together: %s", m->name, rc_why());
        code = RC_OK;
    }
    store_close(t.store);
    arena_free(t.a);
    rc removed = scratch_remove(v->d);
    return code == RC_OK ? removed : code;
}

/* From the newest: that it is sound matters most. */
static rc look_at_backup(struct verify *v, struct span name, bool *together) {
    struct manifest m;
    char text[BACKUP_NAME_BYTES] = "";
    memcpy(text, name.p, name.n);
    v->name = text;
    v->sound = true;
    v->result.backups++;
    rc code = manifest_read(v->d, text, &m);
    if (code == RC_CORRUPT || code == RC_CONFLICT) {
        fault(v, "backup %s: %s", text, rc_why());
        return RC_OK;
    }
    TRY(code);
    look_at_lists(v, &m);
    if (v->sound && !*together) {
        *together = true;
        memcpy(v->result.newest, text, sizeof v->result.newest);
        code = look_at_together(v, &m);
    }
    manifest_done(&m);
    return code;
}

rc backup_verify(struct backup_dest *d, backup_say *say, void *arg,
                 struct backup_verified *out_verified) {
    struct verify v = {.d = d, .say = say, .arg = arg};
    struct arena *a = arena_new(1u << 20);
    struct span *names;
    size_t count = 0;
    bool together = false;
    rc code = manifest_names(d, a, &names, &count);
    for (size_t i = count; i-- > 0 && code == RC_OK;)
        code = look_at_backup(&v, names[i], &together);
    if (code == RC_OK) code = sweep(d, &v.seen, false, &v.result.unnamed);
    hashes_done(&v.seen);
    hashes_done(&v.bad);
    arena_free(a);
    TRY(code);
    *out_verified = v.result;
    if (v.result.faults)
        return rc_fail(RC_CORRUPT, "%s: %llu faults, see above", d->dir.name,
                       (unsigned long long)v.result.faults);
    return RC_OK;
}
