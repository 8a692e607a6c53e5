/*
 * db: SQLite as the rest of store/ sees it: statements that are prepared once, one way to run them,
 * one way to fail. store/ only.
 *
 *     QUERY(q, s, STORY_BY_ID);          reset again when q leaves its scope, whatever happens
 *     bind_blob(&q, id->bytes, 16);      parameters in order
 *     TRY(query_row(&q));                RC_NOT_FOUND (no reason noted): no more rows
 *     … column_u64(&q, 3) …              what does not fit its type makes query_sound() fail
 *     return query_sound(&q, a);
 */
#ifndef DATELINE_STORE_DB_H
#define DATELINE_STORE_DB_H

#include <sqlite3.h>

#include "record/record.h"
#include "store/sql.h"
#include "store/store.h"

enum transaction {
    TRANSACTION_NONE,
    TRANSACTION_OPEN,
    TRANSACTION_ITEM, /* within a savepoint */
    TRANSACTION_LOST, /* it failed and was rolled back whole; the caller has not ended it yet */
};

struct store {
    sqlite3 *db;
    sqlite3_stmt *statements[SQL_COUNT];
    bool running[SQL_COUNT];
    enum transaction transaction;
    rc lost;        /* TRANSACTION_LOST: by this */
    bool half_done; /* a verb failed between its writes: only a rollback may follow */
    int wal_pages;  /* in the WAL and perhaps not in the database yet */
    int wal_pages_forced;
    bool fatal;
    char fatal_why[RC_WHY_MAX];
};

struct query {
    struct store *s;
    sqlite3_stmt *statement;
    enum sql sql;
    int bound;
    int bind_code; /* first failure of a bind */
    bool unsound;  /* a column was not what its table promises */
};

rc db_code(int sqlite_code); /* what an answer of SQLite means */

struct query query_begin(struct store *s, enum sql sql);
void query_end(struct query *q);
#define QUERY(q, s, name) \
    struct query q __attribute__((cleanup(query_end))) = query_begin((s), SQL_##name)

void bind_u64(struct query *q,
              uint64_t value); /* ≤ INT64_MAX: whoever takes it from outside looks */
void bind_i64(struct query *q, int64_t value);
void bind_null(struct query *q);
void bind_text(struct query *q, struct span s);         /* empty: "" */
void bind_text_or_null(struct query *q, struct span s); /* empty: NULL */
void bind_blob(struct query *q, const void *p, size_t n);

rc query_row(struct query *q) MUST_USE;
rc query_run(struct query *q) MUST_USE; /* to its end; rows are not wanted */

bool column_is_null(struct query *q, int column);
uint64_t column_u64(struct query *q, int column);
int64_t column_i64(struct query *q, int column);
uint32_t column_u32(struct query *q, int column);
/* Text or blob, NULL: empty. In the arena; without one until the next row. */
struct span column_span(struct query *q, struct arena *a, int column);
void column_bytes(struct query *q, int column, void *out, size_t n); /* exactly n */
/* RC_CORRUPT if a column of this row was not sound, RC_TOO_BIG if the arena is over. */
rc query_sound(struct query *q, struct arena *a) MUST_USE;

/* A writing verb's first line, and its last: a failure behind its first write is remembered. */
rc db_may_write(struct store *s) MUST_USE;
rc db_wrote(struct store *s, rc code);

/* Room for one more element in an array that grows in the arena; NULL past the arena's cap. */
void *grow(struct arena *a, void *elements, size_t count, size_t *cap,
           size_t element_bytes) MUST_USE;

/* ---- between the files of store/ ---- */

#define SUM_BYTES 8
int sum_register(struct store *s); /* SQLite's answer */

#define LISTS_OF_STORY_MAX 2048 /* that one act names, or a story ever stood in */

/* Are these the places that the story (by its row) has from now on? `refs` NULL: those it has. */
rc lists_place(struct store *s, struct arena *a, int64_t story, bool show,
               const struct list_ref *refs, size_t ref_count, ms_t at) MUST_USE;
/* What the revision told its readers; NULL: nothing. */
const struct correction *told_by(const struct revision *r);
/* What the revision of this entry told its readers, on the next place of a list; is it that? */
rc note_add(struct store *s, struct span key, uint64_t entry, int64_t story,
            const struct correction *told) MUST_USE;
rc note_is(struct store *s, uint64_t entry, const struct correction *told, bool *out_is) MUST_USE;
/* The lead picture as struct card says; empty without one. */
struct span picture_json(struct arena *a, const struct revision *r, bool with_credit);
/* What an entry makes of the story that it names. */
enum story_state state_after(enum entry_type type, bool known, enum story_state before);
/* The row that q stands on, in CARD_COLUMNS and place. */
struct card card_of(struct query *q, struct arena *a);

#endif
