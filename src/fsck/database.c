/*
 * SQLite, only to read, and in one transaction. How it is opened depends on who else has it:
 *
 *   somebody serves   as any reader: through the -shm that is there
 *   nobody, no WAL    as a file that does not change: nothing beside it is needed, or made
 *   nobody, a WAL     (after a kill) through still_vfs, with the WAL's index in our own memory
 *
 * In the last two cases nothing is made or changed, and a disk that cannot be written to will do.
 */
#include <stdio.h>

#include "base/mem.h"
#include "fsck/inner.h"

#define NAME "store/dateline.db"
#define BUSY_MS 5000
#define PAGE_BYTES 4096
#define HEAD_BYTES 100
#define FAULTS_MAX "PRAGMA integrity_check(100)"
#define PROGRESS_STEPS 1000000 /* of SQLite's machine, between two signs of life */

struct db {
    sqlite3 *sqlite;
    uint64_t signs;
    bool has_wal; /* the file itself may be older than what is read */
};

/* ---- a VFS for files that stand still ---- */

/* SQLite's own, but that its locks always succeed and nothing can be written. (Its parameter nolock=1
 * would do without locks too, but knows no WAL.) */
static sqlite3_vfs still_vfs;
static sqlite3_io_methods still_methods;
static const sqlite3_vfs *parent_vfs;

static int still_lock(sqlite3_file *file, int level) {
    (void)file;
    (void)level;
    return SQLITE_OK;
}
static int still_reserved(sqlite3_file *file, int *out_is) {
    (void)file;
    *out_is = 0;
    return SQLITE_OK;
}
static int still_write(sqlite3_file *file, const void *p, int n, sqlite3_int64 at) {
    (void)file;
    (void)p;
    (void)n;
    (void)at;
    return SQLITE_READONLY;
}
static int still_truncate(sqlite3_file *file, sqlite3_int64 bytes) {
    (void)file;
    (void)bytes;
    return SQLITE_READONLY;
}
static int still_delete(sqlite3_vfs *vfs, const char *name, int sync) {
    (void)vfs;
    (void)name;
    (void)sync;
    return SQLITE_READONLY;
}
static int still_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file, int flags,
                      int *out_flags) {
    (void)vfs;
    int code =
        parent_vfs->xOpen((sqlite3_vfs *)(uintptr_t)parent_vfs, name, file, flags, out_flags);
    if (code != SQLITE_OK || !file->pMethods) return code;
    still_methods = *file->pMethods; /* the same for every file */
    still_methods.xLock = still_lock;
    still_methods.xUnlock = still_lock;
    still_methods.xCheckReservedLock = still_reserved;
    still_methods.xWrite = still_write;
    still_methods.xTruncate = still_truncate;
    file->pMethods = &still_methods;
    return code;
}

static const char *still_name(void) {
    if (!parent_vfs) {
        parent_vfs = sqlite3_vfs_find(NULL);
        CHECK(parent_vfs != NULL);
        still_vfs = *parent_vfs;
        still_vfs.pNext = NULL;
        still_vfs.zName = "still";
        still_vfs.xOpen = still_open;
        still_vfs.xDelete = still_delete;
        CHECK(sqlite3_vfs_register(&still_vfs, 0) == SQLITE_OK);
    }
    return still_vfs.zName;
}

/* ---- opening ---- */

static rc fail(struct fsck *f, const char *what) {
    return rc_fail(RC_CORRUPT, "%s: %s", what,
                   f->db && f->db->sqlite ? sqlite3_errmsg(f->db->sqlite) : "it cannot be opened");
}

static rc run(struct fsck *f, const char *sql) {
    return sqlite3_exec(f->db->sqlite, sql, NULL, NULL, NULL) == SQLITE_OK ? RC_OK : fail(f, sql);
}

static int on_steps(void *arg) {
    struct fsck *f = arg;
    progress(f, "database", ++f->db->signs, 0);
    return 0;
}

/* A file's URI: what RFC 3986 would not have in a path is encoded. */
static void uri_of(const char *path, const char *options, struct buf *out) {
    buf_str(out, "file:");
    for (const char *c = path; *c; c++) {
        const bool plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
                           (*c >= '0' && *c <= '9') || strchr("/._-~", *c);
        if (plain)
            buf_char(out, *c);
        else
            buf_printf(out, "%%%02X", (uint8_t)*c);
    }
    buf_str(out, "/" NAME);
    buf_str(out, options);
    buf_char(out, 0);
}

static rc begin(struct fsck *f) {
    /* The first read fixes the view. */
    TRY(run(f, "BEGIN"));
    return run(f, "SELECT count(*) FROM sqlite_schema");
}

rc db_open(struct fsck *f) {
    struct file_stat wal;
    struct buf uri;
    const bool has_wal = file_stat(f->o->site, NAME "-wal", &wal) == RC_OK && wal.bytes > 0;
    buf_init(&uri, 3 * FILE_NAME_BYTES + 8192);
    const bool still = !f->o->served && has_wal;
    uri_of(f->o->path, f->o->served || has_wal ? "" : "?immutable=1", &uri);
    f->db = mem_new(sizeof *f->db);
    f->db->has_wal = has_wal;
    int code = uri.over
                   ? SQLITE_TOOBIG
                   : sqlite3_open_v2(uri.p, &f->db->sqlite,
                                     SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX,
                                     still ? still_name() : NULL);
    buf_done(&uri);
    if (code != SQLITE_OK) return fail(f, "opening it");
    sqlite3_busy_timeout(f->db->sqlite, BUSY_MS);
    sqlite3_db_config(f->db->sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    sqlite3_progress_handler(f->db->sqlite, PROGRESS_STEPS, on_steps, f);
    /* Before the first read, which would want the -shm otherwise. */
    if (still) TRY(run(f, "PRAGMA locking_mode=EXCLUSIVE"));
    TRY(run(f, "PRAGMA trusted_schema=OFF; PRAGMA query_only=ON; PRAGMA temp_store=MEMORY;"
               "PRAGMA cache_size=-16384; PRAGMA mmap_size=0; PRAGMA cell_size_check=ON"));
    return begin(f);
}

void db_close(struct fsck *f) {
    if (!f->db) return;
    sqlite3_stmt *q;
    while ((q = sqlite3_next_stmt(f->db->sqlite, NULL))) sqlite3_finalize(q);
    sqlite3_close(f->db->sqlite);
    mem_free(f->db);
    f->db = NULL;
}

rc db_again(struct fsck *f) {
    TRY(run(f, "ROLLBACK"));
    return begin(f);
}

/* ---- asking ---- */

sqlite3_stmt *db_prepare(struct fsck *f, const char *sql) {
    sqlite3_stmt *q = NULL;
    if (sqlite3_prepare_v3(f->db->sqlite, sql, -1, SQLITE_PREPARE_PERSISTENT, &q, NULL) ==
        SQLITE_OK)
        return q;
    (void)!fail(f, sql);
    find(f, KIND_DATABASE, NAME ": %s", rc_why());
    return NULL;
}

void db_done(sqlite3_stmt *q) {
    sqlite3_finalize(q);
}

bool db_row(struct fsck *f, sqlite3_stmt *q) {
    if (!q) return false;
    int code = sqlite3_step(q);
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) {
        (void)!fail(f, sqlite3_sql(q));
        find(f, KIND_DATABASE, NAME ": %s", rc_why());
    }
    sqlite3_reset(q);
    return false;
}

struct span db_span(sqlite3_stmt *q, int column) {
    const void *p = sqlite3_column_blob(q, column);
    const size_t n = (size_t)sqlite3_column_bytes(q, column);
    if (db_null(q, column)) return (struct span){NULL, 0};
    return p ? span_of(p, n) : SPAN("");
}

void db_bind(sqlite3_stmt *q, int at, struct span text) {
    if (q) sqlite3_bind_text64(q, at, text.n ? text.p : "", text.n, SQLITE_STATIC, SQLITE_UTF8);
}

/* ---- the file, the trees ---- */

static void head_check(struct fsck *f) {
    /* sqlite.org/fileformat2.html §1.3; what is not here counts, or SQLite looks at it itself */
    static const struct {
        unsigned at, bytes;
        uint32_t is;
        const char *what;
    } fields[] = {{16, 2, PAGE_BYTES, "the page size"},
                  {18, 1, 2, "the version for writing"},
                  {19, 1, 2, "the version for reading"},
                  {20, 1, 0, "the reserved bytes"},
                  {21, 3, 0x402020, "the payload fractions"},
                  {44, 4, 4, "the schema format"},
                  {48, 4, 0, "the cache size"},
                  {52, 4, 0, "the largest root page"},
                  {56, 4, 1, "the text encoding"},
                  {64, 4, 0, "the vacuum mode"},
                  {68, 4, 0x444C4E31, "the application"},
                  {72, 4, 0, "what is reserved"},
                  {76, 4, 0, "what is reserved"},
                  {80, 4, 0, "what is reserved"},
                  {84, 4, 0, "what is reserved"},
                  {88, 4, 0, "what is reserved"}};
    uint8_t head[HEAD_BYTES];
    struct file file;
    size_t n = 0;
    if (file_open(f->o->site, NAME, FILE_READ, &file) != RC_OK ||
        file_read_at(&file, 0, head, sizeof head, &n) != RC_OK || n != sizeof head) {
        find(f, KIND_DATABASE, NAME ": its head cannot be read");
        return;
    }
    struct file_stat stat;
    if (file_stat_open(&file, &stat) == RC_OK) f->r.bytes += stat.bytes;
    file_close(&file);
    if (!f->db->has_wal && memcmp(head, "SQLite format 3", 16) != 0)
        find(f, KIND_DATABASE, NAME ", byte 0: is no database");
    for (size_t i = 0; i < COUNT_OF(fields) && !f->db->has_wal; i++) {
        uint32_t is = 0;
        for (unsigned k = 0; k < fields[i].bytes; k++) is = is << 8 | head[fields[i].at + k];
        if (is != fields[i].is)
            find(f, KIND_DATABASE, NAME ", byte %u: %s is %u, not %u", fields[i].at, fields[i].what,
                 is, fields[i].is);
    }
}

static void trees_check(struct fsck *f) {
    sqlite3_stmt *q = db_prepare(f, FAULTS_MAX);
    while (db_row(f, q))
        if (!span_eq(db_span(q, 0), SPAN("ok")))
            find(f, KIND_DATABASE, NAME ": " SPAN_FMT, SPAN_ARG(db_span(q, 0)));
    db_done(q);
    q = db_prepare(f, "PRAGMA foreign_key_check");
    while (db_row(f, q))
        find(f, KIND_DATABASE,
             NAME ": " SPAN_FMT " row %llu refers to a row of " SPAN_FMT " that is not there",
             SPAN_ARG(db_span(q, 0)), (unsigned long long)db_u64(q, 1), SPAN_ARG(db_span(q, 2)));
    db_done(q);
}

/* ---- the schema ---- */

/* SHA-256 over type ‖ 0 ‖ name ‖ 0 ‖ text ‖ 0 of everything in it, ordered by type and name. */
static const struct {
    uint32_t version;
    const char *hex;
} schemas[] = {
    {1, "1fbb10cfa9e0943344049eb6f479bb5bb62a3dec9f98aaf6fe54fa94de80d295"},
    {2, "4be176b2314158d0742c8665db0bd77f6459fd9b5bcb43ee34f984ac43a29c7a"},
    {3, "bbcb17fdc47867dd2aa7b174df3fb93a01e3a7e477d74e28a1b50ef7e14144a9"},
    {4, "156657fad4eed8cb28cafbc6b1c8fce972168b2f266b5bcc43d909d9a13867f0"},
    {5, "83b3fa462d4d6e49d097eacd7805a1abc802bf513123d0df0e17156e751994d1"},
};

static void schema_check(struct fsck *f) {
    sqlite3_stmt *q = db_prepare(f, "PRAGMA user_version");
    if (db_row(f, q)) f->schema = (uint32_t)db_u64(q, 0);
    db_done(q);
    struct buf text, hex;
    char memory[2 * SHA256_BYTES + 1];
    buf_init(&text, 1 << 20);
    q = db_prepare(f, "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name");
    while (db_row(f, q))
        for (int i = 0; i < 3; i++) {
            buf_add(&text, db_span(q, i));
            buf_char(&text, 0);
        }
    db_done(q);
    struct sha256 hash = sha256_of(buf_span(&text));
    buf_done(&text);
    buf_init_fixed(&hex, memory, sizeof memory - 1);
    buf_hex(&hex, hash.bytes, sizeof hash.bytes);
    memory[hex.n] = 0;
    for (size_t i = 0; i < COUNT_OF(schemas); i++) {
        if (schemas[i].version != f->schema) continue;
        if (!span_eq(buf_span(&hex), span_str(schemas[i].hex)))
            find(f, KIND_DATABASE, NAME ": the schema is not that of version %u, but %s", f->schema,
                 memory);
        return;
    }
    find(f, KIND_DATABASE, NAME ", byte 60: version %u of the schema is not one that is known (%s)",
         f->schema, memory);
}

/* What counts tokens and held drafts: SQLite's own table. */
static void sequences_check(struct fsck *f) {
    sqlite3_stmt *q = db_prepare(
        f,
        "SELECT name, seq, (SELECT max(id) FROM tokens), (SELECT coalesce(max(id), 0) FROM held) "
        "FROM sqlite_sequence");
    while (db_row(f, q)) {
        struct span name = db_span(q, 0);
        const bool tokens = span_eq(name, SPAN("tokens")), held = span_eq(name, SPAN("held"));
        /* No token is ever deleted. */
        if ((!tokens && !held) || (tokens && db_u64(q, 1) != db_u64(q, 2)) ||
            (held && db_u64(q, 1) < db_u64(q, 3)))
            find(f, KIND_ROW, NAME ", sqlite_sequence: " SPAN_FMT " is not what it counts",
                 SPAN_ARG(name));
    }
    db_done(q);
}

rc db_check(struct fsck *f) {
    head_check(f);
    schema_check(f);
    trees_check(f);
    sequences_check(f);
    return RC_OK;
}
