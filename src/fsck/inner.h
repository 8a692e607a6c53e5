/* inner: between the files of fsck/. */
#ifndef DATELINE_FSCK_INNER_H
#define DATELINE_FSCK_INNER_H

#include <jansson.h>
#include <sqlite3.h>

#include "base/hash.h"
#include "fsck/fsck.h"

/* X(name, is a fault, what follows, what to do) */
#define FSCK_KINDS(X)                                                                              \
    X(DATABASE, true,                                                                              \
      "what SQLite reads there may not be what was written; publishing may fail, or build on it",  \
      "stop serve, put back store/dateline.db from a backup; the next dateline serve SITE refills" \
      " from record/journal what is newer")                                                        \
    X(WAL_END, true,                                                                               \
      "SQLite takes nothing from there on. After a power cut that is right: it was never"          \
      " acknowledged. Else the last act in it is lost here",                                       \
      "dateline serve SITE: it goes on without it, and refills entries from record/journal")       \
    X(ENTRY, true, "the record as the database has it is not the one that was signed",             \
      "stop serve, put back store/dateline.db from a backup; the next dateline serve SITE refills" \
      " from record/journal what is newer")                                                        \
    X(TEXT, true, "what was published can no longer be proven, or made into a page again",         \
      "put back store/dateline.db from a backup; or publish the story's newest text again")        \
    X(ROW, true, "lists, addresses or senders are told something else than what was published",    \
      "publish the story again, which writes its row anew; or put back store/dateline.db from a"   \
      " backup")                                                                                   \
    X(SUM, true,                                                                                   \
      "what this row says is told to readers, senders or the API, and nothing else has"            \
      " it",                                                                                       \
      "put back store/dateline.db from a backup")                                                  \
    X(JOURNAL, true, "an older database could not be refilled from record/journal",                \
      "stop serve, rm SITE/record/journal: the next dateline serve SITE writes it anew from the"   \
      " database")                                                                                 \
    X(RECORD, true, "who checks the record is told that it does not hold",                         \
      "dateline rebuild SITE")                                                                     \
    X(STORE, true, "readers may get an error, or none of the addresses that lie there",            \
      "dateline rebuild SITE; if core cannot read it either: stop serve, rm -r SITE/pages,"        \
      " dateline serve SITE")                                                                      \
    X(PAGE, true, "readers get this address broken, or an error", "dateline rebuild SITE")         \
    X(PAGE_WRONG, true, "readers are told something else than the database says",                  \
      "dateline rebuild SITE")                                                                     \
    X(PICTURE, true, "the next rebuild leaves this picture out, or stops",                         \
      "put the file back from a backup; or publish the story with its picture again")              \
    X(SENT, true, "when the same picture is sent again, texts or sizes may be taken from here",    \
      "rm the file: the picture is read anew when it is sent again")                               \
    X(SIGNER, true, "the signer may refuse to go on; readers are served",                          \
      "nothing while it signs: its other half has all; if it does not, put back the key that"      \
      " dateline record export-key once gave, in a new record")                                    \
    X(HEAD, true,                                                                                  \
      "nobody can show that this copy is of the record that was signed, and its key may be"        \
      " refused when it is given back",                                                            \
      "put back record/key and record/checkpoint from the backup")                                 \
    X(SECRET, true,                                                                                \
      "another user of this machine may sign in the site's name, or read tokens'"                  \
      " hashes and held stories",                                                                  \
      "chmod go= the file, and think about who was here")                                          \
    X(UNREADABLE, true, "what it holds could not be looked at",                                    \
      "see what keeps it from being read")                                                         \
    X(CONFIG, true, "the site does not start with it",                                             \
      "mend dateline.conf, or put it back from a"                                                  \
      " backup")                                                                                   \
    X(LEFT, false, "nothing: nobody reads it", "rm it")                                            \
    X(UNKNOWN, false, "nothing: the site does not use it", "see what it is")                       \
    X(CHANGED, false,                                                                              \
      "if somebody edited it, nothing until it is read again; else the site is not what it was"    \
      " when it starts the next time",                                                             \
      "SIGHUP to serve (or its next start) takes it as it is; else put it back from a backup")     \
    X(WAITING, false, "readers do not see it yet", "dateline serve SITE carries it on")            \
    X(UNSIGNED, false, "readers are served, nothing can be published",                             \
      "dateline record import-key SITE FILE, if the site that it was copied from is gone for "     \
      "good")                                                                                      \
    X(UNSEEN, false, "nothing; it may be right or wrong",                                          \
      "dateline fsck SITE again, when less is published")

enum kind {
#define X(name, ...) KIND_##name,
    FSCK_KINDS(X)
#undef X
        KIND_COUNT
};

/* What an entry has, once the database was read. */
struct entry_known {
    uint64_t opening, revision; /* short hashes of the bodies that their answers must have */
    uint32_t story;             /* its row; 0: none */
    bool has_revision, lost;    /* lost: revision or act, without its text */
    bool bad;                   /* told already: nothing is expected of its answers */
    uint8_t seen;               /* SEEN_… */
};
enum { SEEN_OPENING = 1, SEEN_REVISION = 2 };

enum state { STATE_NONE, STATE_PUBLISHED, STATE_WITHDRAWN, STATE_DESTROYED };
struct story_known {
    uint64_t last_entry; /* UINT64_MAX: none yet */
    uint32_t number;
    uint32_t text;       /* number of the newest revision whose text is there; 0: none */
    uint8_t state, seen; /* SEEN_PATH … */
    bool text_lost;      /* of revision `number` */
    bool bad;
};
enum { SEEN_PATH = 1, SEEN_JSON = 2, SEEN_CODE = 4 };

struct db; /* database.c */
struct lm; /* lmdb.c */

struct fsck {
    const struct fsck_options *o;
    struct fsck_result r;
    uint64_t found[KIND_COUNT];
    struct db *db;
    struct lm *lm; /* NULL: there is no page store */
    struct entry_known *entries;
    uint64_t entry_count;
    struct story_known *stories;
    uint64_t story_count;
    /* Read before the database, so that all below is in it, and in the journal. */
    uint64_t signed_size, cursor, lists_cursor, leases; /* leases: those before are over */
    uint64_t head_size;     /* of the head that stands in for a signer's; 0: there is none */
    uint32_t schema;        /* user_version */
    sqlite3_stmt *of_story; /* lists.c: the places of one */
    bool looking_again;     /* entries and stories are of an older view: ask the database */
};

void find(struct fsck *f, enum kind kind, const char *fmt, ...) PRINTF(3, 4);
void progress(struct fsck *f, const char *step, uint64_t done, uint64_t of);
/* The first 8 bytes of SHA-256, as a number. */
uint64_t short_hash(struct span s);

/* ---- files.c: media/, the signer's file, what is left over, who may read what ---- */

rc files_check(struct fsck *f) MUST_USE;
/* Are the files that people write those that the site was started with? */
void sources_check(struct fsck *f);
/* Is what a story shows in media/? */
void rendition_check(struct fsck *f, uint64_t row, const json_t *rendition);
/* "avif", …; NULL: no such type is served. */
const char *media_extension(struct span type);

/* ---- wal.c: the part of the database that SQLite would silently leave out ---- */

rc wal_check(struct fsck *f) MUST_USE;

/* ---- database.c: SQLite, read only ---- */

rc db_open(struct fsck *f) MUST_USE; /* and the transaction in which all is read */
void db_close(struct fsck *f);
/* A newer view: what was prepared stays. */
rc db_again(struct fsck *f) MUST_USE;
rc db_check(struct fsck *f) MUST_USE; /* file, b-trees, schema */
/* NULL (found): it cannot be asked. Each place in the code has its own text, prepared once. */
sqlite3_stmt *db_prepare(struct fsck *f, const char *sql);
void db_done(sqlite3_stmt *q);
/* true: a row. At the end, and after a failure (found), false; the statement is reset. */
bool db_row(struct fsck *f, sqlite3_stmt *q);
struct span db_span(sqlite3_stmt *q, int column); /* until the next row; NULL: {NULL, 0} */
static inline bool db_null(sqlite3_stmt *q, int column) {
    return sqlite3_column_type(q, column) == SQLITE_NULL;
}
static inline uint64_t db_u64(sqlite3_stmt *q, int column) {
    return (uint64_t)sqlite3_column_int64(q, column);
}
void db_bind(sqlite3_stmt *q, int at, struct span text);

/* ---- rows.c, lists.c: what the tables say, from entries and canonical bytes ---- */

rc rows_check(struct fsck *f) MUST_USE;
/* The lists that a story's newest text belongs to, `json` being that. */
void story_lists_check(struct fsck *f, uint64_t row, bool is_shown, const json_t *json);
/* Of no edition, and without pages: pictures, their leases, chosen stories. */
bool list_is_shared(struct span key);
rc lists_check(struct fsck *f) MUST_USE;
/* Versions of the schema: since when there are sums, notes beside the lists, and standing pages. */
#define NOTES_SINCE 3
#define STANDING_SINCE 4
#define SUMS_SINCE 5
rc sums_check(struct fsck *f) MUST_USE;

/* ---- journal.c ---- */

#define JOURNAL_HEAD "dateline-journal/v1\n"

rc journal_check(struct fsck *f) MUST_USE;

/* ---- record.c: the log as readers get it, and the database's ---- */

rc record_check(struct fsck *f) MUST_USE;
/* Of a site that was restored without its signer: the files that stand in for it. */
#define RESTORED_KEY "record/key"
#define RESTORED_HEAD "record/checkpoint"
rc restored_check(struct fsck *f) MUST_USE;

/* ---- lmdb.c: an LMDB file, read without LMDB ---- */

/* Opens the highest store there is. RC_NOT_FOUND: none. */
rc lm_open(struct fsck *f, struct lm **out_lm) MUST_USE;
void lm_close(struct lm *lm); /* NULL is fine */
/* Where it lies, for messages: "pages/3/data.mdb". */
const char *lm_name(const struct lm *lm);

/* The value under a key of the newest snapshot, copied into *value. RC_NOT_FOUND; RC_CORRUPT: what leads
 * there is damaged; RC_BUSY: it is written faster than it can be read. */
rc lm_get(struct lm *lm, struct span key, struct buf *value) MUST_USE;

struct lm_entry {
    struct span key, value; /* as long as the visit lasts */
    uint64_t at;            /* of the value, in the file */
};
/* Each entry in the order of the keys; what cannot be followed is found (STORE), and left out. Its own
 * structure too: order, counts, and whether each page of the file is used once, or free. */
rc lm_each(struct fsck *f, struct lm *lm, rc (*visit)(void *arg, const struct lm_entry *entry),
           void *arg) MUST_USE;

/* ---- answer.c: the value of a page ---- */

enum { IDENTITY, GZIP, BR, ENCODINGS };
struct answer {
    struct span key; /* if it stands in the value */
    unsigned status;
    struct span head, head_304; /* with their last CRLF */
    struct {
        struct span head, etag_line, hash, body;
        bool is_stored;
    } encoding[ENCODINGS];
    uint32_t identity_bytes, prolog_bytes;
    struct span prolog_key;
};
/* `key` is LMDB's, with its first byte. RC_CORRUPT. */
rc answer_read(struct span key, struct span value, struct answer *out) MUST_USE;

/* Prologs that were met, each read and inflated once; the last ones of them. */
struct prologs;
struct prologs *prologs_new(struct lm *lm);
void prologs_free(struct prologs *p);
/* Everything that its sums, lengths and encodings promise; the plain body goes into *body. */
rc answer_check(const struct answer *answer, struct prologs *p, struct buf *body) MUST_USE;
/* "" if there is none. */
struct span answer_header(const struct answer *answer, struct span name);

/* ---- address.c ---- */

/* Which list, and which of its pages (0: its own, its feed, its newest), has this address, without its
 * edition. No key: it is not a list's, but every site has it. *out_may_be_empty: page 0 is there, though
 * no story ever stood in the list. false: no address of a site. */
bool address_read(struct span path, struct buf *key, uint64_t *out_page, bool *out_may_be_empty);
/* older: where stores of earlier programs have it. */
void address_write(struct span edition, struct span list, uint64_t page, bool older,
                   struct buf *out);

/* ---- pages.c ---- */

rc pages_check(struct fsck *f) MUST_USE;
/* "cursor" … in the page store: digits. 0 if it is not there. */
uint64_t pages_number(struct fsck *f, const char *name);

#endif
