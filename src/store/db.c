/*
 * db: SQLite opened, run and failing.
 *
 * 1. One connection, which writes, reads and checkpoints. WAL with synchronous=FULL, read back at
 *    open: a commit that returned is on the disk (one fsync of the WAL).
 * 2. No file but dateline.db, -wal and -shm beside it is ever opened (and -journal while a new
 *    database is made): temporary tables, sorters and statement journals live in memory, nothing
 *    is mapped but the -shm.
 * 3. locking_mode stays NORMAL, although core is the only process that should be here and EXCLUSIVE
 *    would save the -shm: with it nobody could look at a running site's database, neither `sqlite3`
 *    as a second opinion nor a backup. A reader from outside delays checkpoints, never a commit.
 * 4. Everything that SQLite answers goes through db_fail(). A transaction that met anything but a
 *    refused row is rolled back whole, there and then; until the caller ends it, every verb
 *    answers with the same code. After an I/O error every call for ever answers RC_FATAL: the
 *    kernel may have thrown away what it could not write and say "fine" the next time, so only
 *    a new process, which reads what the disk has, may go on.
 * 5. A crash at any moment leaves every commit that returned, and perhaps the whole of the one that
 *    had not yet.
 */
#include "store/db.h"

#include <stdio.h>

#include "base/mem.h"
#include "store/schema.h"
#include "sys/fault.h"
#include "sys/file.h"
#include "sys/log.h"

#define SQLITE_VERSION_MIN 3051003 /* below: the WAL-reset race, which loses commits */
#define CACHE_KIB 16384
#define LENGTH_MAX (32 << 20) /* of a value or statement */
#define BUSY_MS 1000          /* how long somebody from outside may hold a lock that we need */
#define READER_MS 20          /* … a reader, before the WAL grows on: stories wait meanwhile */
/* At 4 KiB a page: 64 MiB. Core checkpoints when it is idle; if it never is, it does here. */
/* 32 MB. A publication adds some 35 pages; one that comes while a checkpoint is made waits for it, and that
 * shall be fewer than one in a hundred. */
#define WAL_PAGES_WORTH_IT 8000
#define WAL_PAGES_MAX 16384
#define WAL_BYTES_KEPT (16 << 20) /* the file is cut to this when the WAL starts anew */

static const struct {
    const char *name, *text;
} statements[SQL_COUNT] = {
#define X(name, text) {#name, text},
    SQL_TABLE(X)
#undef X
};

/* ---- failing ---- */

static rc fatal_again(const struct store *s) {
    return rc_fail(RC_FATAL, "store: closed to everything since: %s", s->fatal_why);
}

static rc lost_again(const struct store *s) {
    return rc_fail(s->lost,
                   "store: this transaction failed and was rolled back; end it, begin anew");
}

rc db_code(int code) {
    switch (code & 0xff) {
    case SQLITE_FULL: return RC_FULL;
    case SQLITE_IOERR:
        /* The -shm could not grow: no space, but nothing durable has been touched. */
        if (code == SQLITE_IOERR_SHMSIZE) return RC_FULL;
        /* Nothing refused: there are fewer bytes than the file itself says. */
        return code == SQLITE_IOERR_SHORT_READ ? RC_CORRUPT : RC_FATAL;
    case SQLITE_NOMEM: return RC_FATAL;
    case SQLITE_CONSTRAINT:
        if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY ||
            code == SQLITE_CONSTRAINT_ROWID)
            return RC_CONFLICT;
        /* Ours to keep, but rows that were damaged break them too: damage must not end us. */
        return RC_CORRUPT;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_ERROR: return RC_CORRUPT; /* our statements are right: the schema is not ours */
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return RC_BUSY;
    case SQLITE_TOOBIG: return RC_TOO_BIG;
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH: return RC_DENIED;
    case SQLITE_MISUSE: CHECK(!"SQLite is called as its manual says"); return RC_FATAL;
    default: return RC_IO;
    }
}

/* The one place where an answer of SQLite becomes ours. `what` names the statement. */
static rc db_fail(struct store *s, const char *what, int sqlite_code, bool injected) {
    const char *text = injected ? "injected I/O error" : sqlite3_errmsg(s->db);
    rc code = rc_fail(db_code(sqlite_code), "store: %s: %s (SQLite %d)", what, text, sqlite_code);
    if (code == RC_CONFLICT || code == RC_TOO_BIG) return code; /* the statement alone was undone */
    if (s->db && !sqlite3_get_autocommit(s->db)) {
        int undone = sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
        if (undone != SQLITE_OK && code != RC_FATAL)
            code = rc_fail(RC_FATAL, "store: %s failed, and so did its rollback: %s", what,
                           sqlite3_errmsg(s->db));
    }
    if (s->transaction != TRANSACTION_NONE) {
        s->transaction = TRANSACTION_LOST;
        s->lost = code;
        s->half_done = false;
    }
    if (code == RC_FATAL) {
        s->fatal = true;
        snprintf(s->fatal_why, sizeof s->fatal_why, "%s", rc_why());
    }
    return code;
}

/* ---- running ---- */

struct query query_begin(struct store *s, enum sql sql) {
    CHECK(!s->running[sql]);
    s->running[sql] = true;
    return (struct query){.s = s, .statement = s->statements[sql], .sql = sql};
}

void query_end(struct query *q) {
    sqlite3_reset(q->statement); /* its answer is the last step's, which was looked at */
    sqlite3_clear_bindings(q->statement);
    q->s->running[q->sql] = false;
}

static void bound(struct query *q, int code) {
    if (q->bind_code == SQLITE_OK) q->bind_code = code;
}
void bind_i64(struct query *q, int64_t value) {
    bound(q, sqlite3_bind_int64(q->statement, ++q->bound, value));
}
void bind_u64(struct query *q, uint64_t value) {
    CHECK(value <= INT64_MAX);
    bind_i64(q, (int64_t)value);
}
void bind_null(struct query *q) {
    bound(q, sqlite3_bind_null(q->statement, ++q->bound));
}
void bind_text(struct query *q, struct span s) {
    bound(q, sqlite3_bind_text64(q->statement, ++q->bound, s.n ? s.p : "", s.n, SQLITE_STATIC,
                                 SQLITE_UTF8));
}
void bind_text_or_null(struct query *q, struct span s) {
    if (s.n)
        bind_text(q, s);
    else
        bind_null(q);
}
void bind_blob(struct query *q, const void *p, size_t n) {
    bound(q, sqlite3_bind_blob64(q->statement, ++q->bound, n ? p : "", n, SQLITE_STATIC));
}

rc query_row(struct query *q) {
    struct store *s = q->s;
    if (s->fatal) return fatal_again(s);
    if (s->transaction == TRANSACTION_LOST) return lost_again(s);
    bool injected = q->bind_code == SQLITE_OK && fault_db();
    int code = injected ? SQLITE_IOERR : q->bind_code;
    if (code == SQLITE_OK) code = sqlite3_step(q->statement);
    if (code == SQLITE_ROW) return RC_OK;
    if (code == SQLITE_DONE) return RC_NOT_FOUND;
    rc failed = db_fail(s, statements[q->sql].name, code, injected);
    return failed;
}

rc query_run(struct query *q) {
    rc code;
    do {
        code = query_row(q);
    } while (code == RC_OK);
    return code == RC_NOT_FOUND ? RC_OK : code;
}

bool column_is_null(struct query *q, int column) {
    return sqlite3_column_type(q->statement, column) == SQLITE_NULL;
}
int64_t column_i64(struct query *q, int column) {
    if (sqlite3_column_type(q->statement, column) != SQLITE_INTEGER) q->unsound = true;
    return sqlite3_column_int64(q->statement, column);
}
uint64_t column_u64(struct query *q, int column) {
    int64_t value = column_i64(q, column);
    if (value < 0) q->unsound = true;
    return value < 0 ? 0 : (uint64_t)value;
}
uint32_t column_u32(struct query *q, int column) {
    uint64_t value = column_u64(q, column);
    if (value > UINT32_MAX) q->unsound = true;
    return (uint32_t)value;
}
struct span column_span(struct query *q, struct arena *a, int column) {
    const void *p = sqlite3_column_blob(q->statement, column); /* as it is: text is UTF-8 */
    struct span s = span_of(p, p ? (size_t)sqlite3_column_bytes(q->statement, column) : 0);
    return a ? arena_copy(a, s) : s;
}
void column_bytes(struct query *q, int column, void *out, size_t n) {
    struct span s = column_span(q, NULL, column);
    if (s.n == n)
        memcpy(out, s.p, n);
    else {
        memset(out, 0, n);
        q->unsound = true;
    }
}

rc query_sound(struct query *q, struct arena *a) {
    if (q->unsound)
        return rc_fail(RC_CORRUPT,
                       "store: %s: a row does not hold what was written; run dateline fsck",
                       statements[q->sql].name);
    if (a && arena_over(a))
        return rc_fail(RC_TOO_BIG, "store: %s: the answer is over this operation's memory",
                       statements[q->sql].name);
    return RC_OK;
}

void *grow(struct arena *a, void *elements, size_t count, size_t *cap, size_t element_bytes) {
    if (count < *cap) return elements;
    size_t wanted = *cap ? *cap * 2 : 16;
    if (wanted > SIZE_MAX / element_bytes) return NULL;
    void *more = arena_take(a, wanted * element_bytes);
    if (!more) return NULL;
    if (count) memcpy(more, elements, count * element_bytes);
    *cap = wanted;
    return more;
}

/* ---- transactions ---- */

rc db_may_write(struct store *s) {
    if (s->fatal) return fatal_again(s);
    if (s->transaction == TRANSACTION_LOST) return lost_again(s);
    CHECK(s->transaction != TRANSACTION_NONE && !s->half_done);
    return RC_OK;
}

rc db_wrote(struct store *s, rc code) {
    if (code != RC_OK && s->transaction != TRANSACTION_LOST) s->half_done = true;
    return code;
}

static rc checkpoint(struct store *s, int mode) {
    int log = 0, done = 0;
    bool injected = fault_db();
    int code = injected ? SQLITE_IOERR : sqlite3_wal_checkpoint_v2(s->db, NULL, mode, &log, &done);
    if (code == SQLITE_OK && log == done) s->wal_pages = 0;
    /* Somebody reads an old state: what is behind it stays in the WAL until the next time. */
    if (code == SQLITE_OK || (code & 0xff) == SQLITE_BUSY) return RC_OK;
    return db_fail(s, "checkpoint", code, injected);
}

bool store_checkpoint_due(const struct store *s) {
    return s->wal_pages >= WAL_PAGES_WORTH_IT;
}

rc store_checkpoint(struct store *s) {
    if (s->fatal) return fatal_again(s);
    CHECK(s->transaction == TRANSACTION_NONE);
    return s->wal_pages ? checkpoint(s, SQLITE_CHECKPOINT_PASSIVE) : RC_OK;
}

static int committed(void *ctx, sqlite3 *db, const char *name, int pages) {
    (void)db, (void)name;
    struct store *s = ctx;
    s->wal_pages = pages;
    if (pages < s->wal_pages_forced) s->wal_pages_forced = 0;
    return SQLITE_OK;
}

/* A WAL over its limit is brought in before more is written. If a reader from outside is in the
 * way, we waited READER_MS for it, say so, and do not wait again until another quarter has come. */
static rc bound_wal(struct store *s) {
    if (s->wal_pages <= WAL_PAGES_MAX) return RC_OK;
    if (s->wal_pages_forced && s->wal_pages - s->wal_pages_forced < WAL_PAGES_MAX / 4) return RC_OK;
    int before = s->wal_pages;
    sqlite3_busy_timeout(s->db, READER_MS);
    rc code = checkpoint(s, SQLITE_CHECKPOINT_RESTART);
    sqlite3_busy_timeout(s->db, BUSY_MS);
    TRY(code);
    s->wal_pages_forced = s->wal_pages ? before : 0;
    if (s->wal_pages)
        log_event(LOG_WARN, "a reader of the database keeps its WAL from being brought in",
                  LOG_INT("pages", before));
    return RC_OK;
}

rc store_begin(struct store *s) {
    if (s->fatal) return fatal_again(s);
    CHECK(s->transaction == TRANSACTION_NONE);
    TRY(bound_wal(s));
    QUERY(q, s, BEGIN);
    TRY(query_run(&q));
    s->transaction = TRANSACTION_OPEN;
    s->half_done = false;
    return RC_OK;
}

/*
 * What the caller knows when this fails:
 *   RC_FULL, RC_BUSY, RC_CORRUPT, RC_IO   nothing of the transaction is there, now or later.
 *   RC_FATAL  nothing: the disk may have the whole transaction or none of it. Nothing of it may be
 *             acknowledged, or answered as refused; the process ends, and whoever starts again
 *             looks at store_log_size().
 * Whatever the answer, the transaction is over.
 */
rc store_read_begin(struct store *s) {
    if (s->fatal) return fatal_again(s);
    CHECK(s->transaction == TRANSACTION_NONE);
    QUERY(q, s, BEGIN_READ);
    TRY(query_run(&q));
    s->transaction = TRANSACTION_OPEN;
    s->half_done = false;
    return RC_OK;
}

rc store_commit(struct store *s) {
    CHECK(s->transaction == TRANSACTION_OPEN || s->transaction == TRANSACTION_LOST);
    if (s->transaction == TRANSACTION_LOST) {
        s->transaction = TRANSACTION_NONE;
        return s->fatal ? fatal_again(s) : lost_again(s);
    }
    CHECK(!s->half_done);
    QUERY(q, s, COMMIT);
    rc code = query_run(&q);
    s->transaction = TRANSACTION_NONE;
    return code;
}

void store_rollback(struct store *s) {
    CHECK(s->transaction != TRANSACTION_NONE);
    if (s->transaction != TRANSACTION_LOST) {
        QUERY(q, s, ROLLBACK);
        rc code = query_run(&q);
        (void)code; /* if not RC_OK: it is noted in s, and the next call answers with it */
    }
    s->transaction = TRANSACTION_NONE;
    s->half_done = false;
}

rc store_savepoint(struct store *s) {
    TRY(db_may_write(s));
    CHECK(s->transaction == TRANSACTION_OPEN);
    QUERY(q, s, SAVEPOINT);
    TRY(query_run(&q));
    s->transaction = TRANSACTION_ITEM;
    return RC_OK;
}

rc store_savepoint_keep(struct store *s) {
    TRY(db_may_write(s));
    CHECK(s->transaction == TRANSACTION_ITEM);
    QUERY(q, s, SAVEPOINT_KEEP);
    TRY(query_run(&q));
    s->transaction = TRANSACTION_OPEN;
    return RC_OK;
}

void store_savepoint_back(struct store *s) {
    if (s->fatal || s->transaction == TRANSACTION_LOST) return; /* nothing is left to go back to */
    CHECK(s->transaction == TRANSACTION_ITEM);
    QUERY(back, s, SAVEPOINT_BACK);
    if (query_run(&back) != RC_OK) return; /* the transaction is lost, its end says so */
    QUERY(keep, s, SAVEPOINT_KEEP);
    if (query_run(&keep) != RC_OK) return;
    s->transaction = TRANSACTION_OPEN;
    s->half_done = false;
}

/* ---- opening ---- */

/* Runs every statement of `sql`; the first column of the last row goes to out_answer, "" without.
 */
static rc run_text(struct store *s, const char *sql, char out_answer[32]) {
    char answer[32] = "";
    while (*sql) {
        sqlite3_stmt *statement = NULL;
        const char *name = sql;
        int code = sqlite3_prepare_v2(s->db, sql, -1, &statement, &sql);
        if (code == SQLITE_OK && !statement) break; /* white space at the end */
        bool injected = false;
        while (code == SQLITE_OK || code == SQLITE_ROW) {
            injected = fault_db();
            code = injected ? SQLITE_IOERR : sqlite3_step(statement);
            const char *text = NULL;
            if (code == SQLITE_ROW) text = (const char *)sqlite3_column_text(statement, 0);
            if (text) snprintf(answer, sizeof answer, "%s", text);
        }
        rc failed = code == SQLITE_DONE ? RC_OK : db_fail(s, name, code, injected);
        sqlite3_finalize(statement);
        if (failed != RC_OK) return failed;
    }
    memcpy(out_answer, answer, sizeof answer);
    return RC_OK;
}

/* Sets, and looks whether it was taken. */
static rc set(struct store *s, const char *sql, const char *read_back, const char *wanted) {
    char answer[32];
    TRY(run_text(s, sql, answer));
    TRY(run_text(s, read_back, answer));
    if (strcmp(answer, wanted) == 0) return RC_OK;
    return rc_fail(RC_IO,
                   "store: %s: SQLite answers \"%s\" instead of \"%s\"; no commit would be safe",
                   sql, answer, wanted);
}

static rc settings(struct store *s) {
    sqlite3_limit(s->db, SQLITE_LIMIT_LENGTH, LENGTH_MAX);
    sqlite3_limit(s->db, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL); /* there are none of ours */
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    /* Plans depend on no bound value: else a statement with "LIMIT ?" is prepared anew for each. */
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_ENABLE_QPSG, 1, NULL);
    sqlite3_busy_timeout(s->db, BUSY_MS);
    sqlite3_wal_hook(s->db, committed, s); /* takes the place of autocheckpoint */
    int code = sum_register(s);
    if (code != SQLITE_OK) return db_fail(s, "row_sum", code, false);
    char pragma[64], bytes[16];
    TRY(set(s, "PRAGMA temp_store=MEMORY", "PRAGMA temp_store", "2"));
    TRY(set(s, "PRAGMA mmap_size=0", "PRAGMA mmap_size", "0"));
    TRY(set(s, "PRAGMA foreign_keys=ON", "PRAGMA foreign_keys", "1"));
    TRY(set(s, "PRAGMA trusted_schema=OFF", "PRAGMA trusted_schema", "0"));
    TRY(set(s, "PRAGMA secure_delete=ON", "PRAGMA secure_delete", "1"));
    TRY(set(s, "PRAGMA cell_size_check=ON", "PRAGMA cell_size_check", "1"));
    snprintf(pragma, sizeof pragma, "PRAGMA cache_size=-%d", CACHE_KIB);
    snprintf(bytes, sizeof bytes, "-%d", CACHE_KIB);
    TRY(set(s, pragma, "PRAGMA cache_size", bytes));
    snprintf(pragma, sizeof pragma, "PRAGMA journal_size_limit=%d", WAL_BYTES_KEPT);
    snprintf(bytes, sizeof bytes, "%d", WAL_BYTES_KEPT);
    return set(s, pragma, "PRAGMA journal_size_limit", bytes);
}

/* Before anything is written: is it ours, and do we know its version? */
static rc look_at_version(struct store *s, const char *path, int *out_version) {
    char application[32], version[32], tables[32], ours[32];
    TRY(run_text(s, "PRAGMA application_id", application));
    TRY(run_text(s, "PRAGMA user_version", version));
    TRY(run_text(s, "SELECT count(*) FROM sqlite_schema", tables));
    snprintf(ours, sizeof ours, "%d", SCHEMA_APPLICATION_ID);
    bool empty =
        strcmp(application, "0") == 0 && strcmp(version, "0") == 0 && strcmp(tables, "0") == 0;
    if (!empty && strcmp(application, ours) != 0)
        return rc_fail(RC_CORRUPT, "store: %s is a database, but not one of Dateline", path);
    uint64_t number;
    if (!span_to_u64(span_str(version), INT32_MAX, &number) || (!empty && number == 0))
        return rc_fail(RC_CORRUPT, "store: %s: the schema's version \"%s\" makes no sense", path,
                       version);
    if (number > SCHEMA_VERSION)
        return rc_fail(
            RC_CONFLICT,
            "store: %s was written by a newer Dateline (its schema is version %s, this program "
            "knows up to %d): start the newer program again",
            path, version, SCHEMA_VERSION);
    *out_version = (int)number;
    return RC_OK;
}

static rc upgrade(struct store *s, int version) {
    char ignored[32], pragmas[96];
    for (; version < SCHEMA_VERSION; version++) {
        TRY(run_text(s, "BEGIN IMMEDIATE", ignored));
        TRY(run_text(s, schema_steps[version], ignored));
        snprintf(pragmas, sizeof pragmas, "PRAGMA application_id=%d;PRAGMA user_version=%d",
                 SCHEMA_APPLICATION_ID, version + 1);
        TRY(run_text(s, pragmas, ignored));
        TRY(run_text(s, "COMMIT", ignored));
    }
    return RC_OK;
}

static rc prepare(struct store *s) {
    for (int i = 0; i < SQL_COUNT; i++) {
        int code = sqlite3_prepare_v3(s->db, statements[i].text, -1, SQLITE_PREPARE_PERSISTENT,
                                      &s->statements[i], NULL);
        if (code != SQLITE_OK) return db_fail(s, statements[i].name, code, false);
    }
    return RC_OK;
}

/* SQLite would make the file readable for others; -wal and -shm take their mode from it. */
static rc make_file(const char *path) {
    struct file f;
    rc code = file_open(NULL, path, FILE_WRITE | FILE_CREATE | FILE_NEW, &f);
    if (code == RC_CONFLICT) return RC_OK; /* it is there */
    if (code != RC_OK) return code;
    file_close(&f);
    return file_sync_folder_of(NULL, path);
}

static rc open_all(struct store *s, const char *path) {
    TRY(make_file(path));
    int code = sqlite3_open_v2(
        path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (code != SQLITE_OK) return db_fail(s, path, code, false);
    int version;
    TRY(settings(s));
    TRY(look_at_version(s, path, &version));
    TRY(set(s, "PRAGMA journal_mode=WAL", "PRAGMA journal_mode", "wal"));
    TRY(set(s, "PRAGMA synchronous=FULL", "PRAGMA synchronous", "2"));
    TRY(upgrade(s, version));
    TRY(prepare(s));
    s->wal_pages = 1; /* unknown: what the last process left behind is looked for once */
    return RC_OK;
}

rc store_open(const char *path, struct store **out_store) {
    if (sqlite3_libversion_number() < SQLITE_VERSION_MIN)
        return rc_fail(
            RC_CONFLICT,
            "store: SQLite %s can lose commits; Dateline needs 3.51.3 or newer (./dev build "
            "makes it)",
            sqlite3_libversion());
    struct store *s = mem_new(sizeof *s);
    rc code = open_all(s, path);
    if (code != RC_OK) {
        store_close(s);
        return code;
    }
    *out_store = s;
    return RC_OK;
}

void store_close(struct store *s) {
    if (!s) return;
    if (s->transaction != TRANSACTION_NONE) store_rollback(s);
    for (int i = 0; i < SQL_COUNT; i++) sqlite3_finalize(s->statements[i]);
    /* What is in the WAL after a failed sync may not be what is on the disk: leave it to the next
     * process. Otherwise closing brings the WAL in and removes it. */
    if (s->fatal && s->db) sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    CHECK(sqlite3_close(s->db) == SQLITE_OK);
    mem_free(s);
}
