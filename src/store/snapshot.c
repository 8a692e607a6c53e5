/*
 * snapshot: the database's bytes at one moment, for a copy that is made while core goes on writing.
 *
 * A connection of its own, which reads only, holds one read transaction; SQLite's sqlite_dbpage gives
 * the pages as that transaction sees them, wherever they lie, in the database or in its WAL. One
 * after another they are a whole database, without a WAL. The commit of another connection neither
 * waits for it nor is waited for; but nothing that was committed since can leave the WAL before the
 * transaction ends, so who holds one long looks at how large the WAL grows.
 */
#include "base/mem.h"
#include "store/db.h"
#include "store/schema.h"
#include "sys/fault.h"

#define BUSY_MS 5000 /* another that recovers the WAL, just now */

struct store_snapshot {
    sqlite3 *db;
    sqlite3_stmt *pages;
    uint64_t page_bytes, page_count, entries;
};

static rc failed(struct store_snapshot *s, const char *what, int code) {
    return rc_fail(db_code(code), "store: %s: %s (SQLite %d)", what,
                   s->db ? sqlite3_errmsg(s->db) : sqlite3_errstr(code), code);
}

static rc one_number(struct store_snapshot *s, const char *sql, uint64_t *out_number) {
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(s->db, sql, -1, &statement, NULL);
    if (code == SQLITE_OK) code = fault_db() ? SQLITE_IOERR : sqlite3_step(statement);
    int64_t number = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    rc failure = code == SQLITE_ROW ? RC_OK : failed(s, sql, code);
    sqlite3_finalize(statement);
    TRY(failure);
    *out_number = number < 0 ? 0 : (uint64_t)number;
    return RC_OK;
}

static rc run(struct store_snapshot *s, const char *sql) {
    int code = sqlite3_exec(s->db, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? RC_OK : failed(s, sql, code);
}

static rc open_all(struct store_snapshot *s, const char *path) {
    if (!sqlite3_compileoption_used("ENABLE_DBPAGE_VTAB"))
        return rc_fail(RC_CONFLICT,
                       "store: this SQLite cannot give its pages out (./dev build makes one)");
    int code = sqlite3_open_v2(
        path, &s->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (code != SQLITE_OK) return failed(s, path, code);
    sqlite3_busy_timeout(s->db, BUSY_MS);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL); /* that is core's */
    uint64_t application, version;
    TRY(run(s, "PRAGMA temp_store=MEMORY"));
    TRY(one_number(s, "PRAGMA application_id", &application));
    TRY(one_number(s, "PRAGMA user_version", &version));
    if (application != SCHEMA_APPLICATION_ID)
        return rc_fail(RC_CORRUPT, "store: %s is not a database of Dateline", path);
    if (version > SCHEMA_VERSION)
        return rc_fail(RC_CONFLICT, "store: %s was written by a newer Dateline: use that one",
                       path);
    code = sqlite3_prepare_v3(s->db, "SELECT data FROM sqlite_dbpage WHERE pgno = ?", -1,
                              SQLITE_PREPARE_PERSISTENT, &s->pages, NULL);
    return code == SQLITE_OK ? RC_OK : failed(s, "pages", code);
}

rc store_snapshot_open(const char *path, struct store_snapshot **out_snapshot) {
    struct store_snapshot *s = mem_new(sizeof *s);
    rc code = open_all(s, path);
    if (code != RC_OK) {
        store_snapshot_close(s);
        return code;
    }
    *out_snapshot = s;
    return RC_OK;
}

rc store_snapshot_begin(struct store_snapshot *s) {
    CHECK(sqlite3_get_autocommit(s->db));
    TRY(run(s, "BEGIN"));
    /* The first that is read is the moment. */
    rc code = one_number(s, "SELECT coalesce(max(idx) + 1, 0) FROM entries", &s->entries);
    if (code == RC_OK) code = one_number(s, "PRAGMA page_size", &s->page_bytes);
    if (code == RC_OK) code = one_number(s, "PRAGMA page_count", &s->page_count);
    if (code != RC_OK) store_snapshot_end(s);
    return code;
}

void store_snapshot_end(struct store_snapshot *s) {
    if (!sqlite3_get_autocommit(s->db)) sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
}

uint64_t store_snapshot_bytes(const struct store_snapshot *s) {
    return s->page_bytes * s->page_count;
}

uint64_t store_snapshot_entries(const struct store_snapshot *s) {
    return s->entries;
}

static rc read_page(struct store_snapshot *s, uint64_t page, char *out_bytes) {
    sqlite3_bind_int64(s->pages, 1, (int64_t)page + 1);
    int code = fault_db() ? SQLITE_IOERR : sqlite3_step(s->pages);
    rc result = RC_OK;
    if (code != SQLITE_ROW)
        result = code == SQLITE_DONE ? rc_fail(RC_CORRUPT, "store: page %llu is not there",
                                               (unsigned long long)page + 1)
                                     : failed(s, "pages", code);
    else if ((uint64_t)sqlite3_column_bytes(s->pages, 0) != s->page_bytes)
        result = rc_fail(RC_CORRUPT, "store: page %llu is not whole", (unsigned long long)page + 1);
    else
        memcpy(out_bytes, sqlite3_column_blob(s->pages, 0), s->page_bytes);
    sqlite3_reset(s->pages);
    return result;
}

rc store_snapshot_read(struct store_snapshot *s, uint64_t from, size_t n, char *out_bytes) {
    CHECK(!sqlite3_get_autocommit(s->db));
    CHECK(from % s->page_bytes == 0 && n % s->page_bytes == 0);
    for (size_t done = 0; done < n; done += s->page_bytes)
        TRY(read_page(s, (from + done) / s->page_bytes, out_bytes + done));
    return RC_OK;
}

void store_snapshot_close(struct store_snapshot *s) {
    if (!s) return;
    sqlite3_finalize(s->pages);
    if (s->db) store_snapshot_end(s);
    CHECK(sqlite3_close(s->db) == SQLITE_OK);
    mem_free(s);
}
