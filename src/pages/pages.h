/*
 * pages: ready answers. One LMDB file holds, for every path a reader may ask for, the answer as it
 * goes onto the wire. Core writes it (struct pages_writer), web processes read it (struct
 * pages_reader) without a lock, a system call or a byte of memory that core shares with them.
 *
 * Everything in here is derived: it may be deleted and is then filled again from the store.
 *
 * Files, under the site's pages/ folder:
 *     N/data.mdb   store number N, 0644; the highest N is served
 *     N/lock.mdb   LMDB's lock table, 0600: opened by core only, never by web (whoever may write it
 *                  can stop core for ever, or worse: docs/dependencies.md)
 *     N.new/       a store being built beside it (pages_writer_next); deleted when core starts
 * A number is never used twice while the control page lives, so that "the number in the control page
 * changed" is all a reader must look at.
 *
 * Snapshots. LMDB reuses a page of the file once no snapshot that can see it is in use, and learns
 * of readers only through its lock table, which web does not have. Instead each web process says in
 * its own pin page, as a plain integer, from which snapshot on it reads; core holds two read
 * transactions of its own, an old and a young one, and lets go of the old one when no pin is below
 * the young one. pages.c opens with the rules and why they hold. A pin is an untrusted integer: a
 * false one can make the file grow, and is reported by pages_stale_pin() after 10 s; nothing else.
 *
 * A writer, a reader, a builder is for one thread each. Errors used throughout:
 *     RC_FULL     the disk, or the store's size limit; the transaction is gone, nothing half done
 *     RC_FATAL    LMDB could not write or sync: end this process, read again what the disk has
 *     RC_CORRUPT  the store holds bytes that were not written so: rebuild it
 */
#ifndef DATELINE_PAGES_PAGES_H
#define DATELINE_PAGES_PAGES_H

#include <stdatomic.h>

#include "base/buf.h"
#include "sys/clock.h"

#define PAGES_KEY_BYTES_MAX 8192      /* a longer key: RC_TOO_BIG */
#define PAGES_KEY_BYTES_PLAIN 400     /* a longer one is stored under its SHA-256 */
#define PAGES_HEADERS_BYTES_MAX 8192  /* the lines given in struct page */
#define PAGES_BODY_BYTES_MAX 16777216 /* 16 MiB; a larger body belongs into a file of its own */
#define PAGES_META_NAME_BYTES_MAX 64
#define PAGES_META_BYTES_MAX 4096
#define PAGES_WEB_MAX 64 /* web processes, so pin pages */
#define PAGES_PIN_STALE_MS 10000
#define PAGES_STORE_BYTES_MAX 1099511627776u /* 1 TiB of address space, not of disk or memory */

/* What core and web share. Written by core (store, bank) and by main (core_epoch), mapped read-only
 * by web. Made by main: memfd_new("control", sizeof(struct pages_control), …). All zero at first. */
struct pages_bank {
    _Atomic uint64_t latest;     /* the snapshot to read: its commit is complete */
    _Atomic uint64_t floor;      /* snapshots below may be overwritten */
    _Atomic uint64_t committing; /* the highest snapshot whose commit was begun */
    uint64_t unused[5];
};
struct pages_control {
    _Atomic uint64_t store;      /* number of the store that is served; 0: none yet */
    _Atomic uint64_t core_epoch; /* not used by this folder: which core is the living one */
    uint64_t unused[6];
    struct pages_bank bank[2]; /* store N uses bank N & 1, so that two can live side by side */
};
/* One per web process, written by it alone; made by main, all zero. */
struct pages_pin_page {
    _Atomic uint64_t pin[2]; /* by bank: the snapshot from which on it may be reading; 0: none */
};

/* Empties the pin page of a process that has been waited for and is not started again yet. (The
 * next process with this page empties it too, in pages_reader_open.) Called by the supervisor. */
rc pages_pin_clear(int pin_fd) MUST_USE;

/* ---- an answer, as it is put in ---------------------------------------------------------- */

/*
 * A prolog is what the bodies of many pages begin with: an HTML document up to the end of its style
 * sheet. It is compressed once and stored once, and readers get it in front of the rest in one gzip
 * stream (RFC 1951: a stream may be cut where everything before is flushed and nothing after refers to
 * it). Immutable; any thread may use it; it outlives what is built with it.
 */
struct pages_prolog;
struct pages_prolog *pages_prolog_new(struct span bytes); /* they are copied */
void pages_prolog_free(struct pages_prolog *prolog);      /* NULL is fine */
struct span pages_prolog_bytes(const struct pages_prolog *prolog);

struct page {
    struct span key; /* edition's prefix and path, e.g. "/2026/11/24/slug"; compared byte by byte */
    unsigned
        status; /* 200 301 302 303 307 308 400 401 403 404 405 410 413 421 429 431 451 500 501 503 */
    /* Complete lines, "Name: value\r\n". Checked: RC_INVALID for a bare CR or LF, NUL, a control byte,
     * an empty or malformed name, and for what is added here or by whoever sends: Connection,
     * Content-Encoding, Content-Length, Date, ETag, Keep-Alive, Trailer, Transfer-Encoding, Upgrade,
     * Vary. */
    struct span headers;
    struct span body;                  /* identity bytes */
    const struct pages_prolog *prolog; /* NULL, or what the body begins with */
    bool br;             /* compress with brotli too (quality 5): fronts, recent stories */
    bool as_is;          /* identity only, no compression: tiles, pictures */
    bool rarely_read;    /* compressed with less effort: what machines fetch once, if ever */
    uint64_t generation; /* of the theme it was made with; 0: no theme has to do with it */
};

/* ---- an answer, as it is found ------------------------------------------------------------ */

enum pages_accept { PAGES_ACCEPT_GZIP = 1, PAGES_ACCEPT_BR = 2 }; /* identity always */
enum pages_encoding { PAGES_IDENTITY, PAGES_GZIP, PAGES_BR, PAGES_ENCODINGS };

/*
 * On the wire (RFC 9112), without formatting or copying anything but the date:
 *     200 …:  head, head_encoding, "Date: …\r\n" and Connection if wanted, "\r\n", body
 *     HEAD:   the same without the body
 *     304:    "HTTP/1.1 304 Not Modified\r\n", head_304, head_304_etag, Date, "\r\n"
 *             (RFC 9110 §15.4.5; if If-None-Match names `etag`; only when status is 200)
 */
struct pages_answer {
    unsigned status;
    struct span head;          /* status line; headers that all encodings share, Vary among them */
    struct span head_encoding; /* ETag (if status is 200), Content-Encoding, Content-Length */
    struct span head_304;      /* Cache-Control, Content-Location, Expires, Vary, as far as given */
    struct span head_304_etag; /* the ETag line */
    struct span etag;          /* with its quotes: "\"…\"". Strong, its own for each encoding */
    struct span prolog, body;  /* to be sent one behind the other; prolog is often empty */
    enum pages_encoding encoding; /* what the client is answered with */
    bool inflate;        /* the client wants identity and the store has gzip: call pages_inflate */
    uint64_t body_bytes; /* that the client gets: prolog.n + body.n, or the inflated size */
    uint64_t generation;
};

/* Fills exactly answer->body_bytes bytes (≤ PAGES_BODY_BYTES_MAX). Only if answer->inflate. */
rc pages_inflate(const struct pages_answer *answer, void *out_bytes) MUST_USE;
/* Looks at the body too (finding an answer checks all but its body): RC_CORRUPT. For tests; fsck reads by itself. */
rc pages_answer_check(const struct pages_answer *answer) MUST_USE;

/* ---- core: writing ------------------------------------------------------------------------ */

struct pages_writer;

struct pages_setup {
    const char *dir;    /* SITE/pages, made if missing */
    int control_fd;     /* of the control page, writable; -1: nobody reads beside us */
    const int *pin_fds; /* one per web process */
    size_t pin_fds_count;
    uint64_t store_bytes_max; /* 0: PAGES_STORE_BYTES_MAX; for tests of a full store */
};

/* Opens the newest store and begins to serve it; makes an empty one if there is none or if LMDB
 * cannot read it (then pages_meta_get finds no cursor, and the pump fills it). The caller holds the
 * site's core lock. The descriptors may be closed afterwards. */
rc pages_writer_open(const struct pages_setup *setup, struct pages_writer **out_writer) MUST_USE;
/* NULL is fine. An open transaction is given up. */
void pages_writer_close(struct pages_writer *w);

/* One transaction at a time. RC_BUSY: a web process still reads a snapshot from before this core
 * was started: try again in some milliseconds (pages_stale_pin tells if it hangs). */
rc pages_begin(struct pages_writer *w) MUST_USE;
/* Once one of these fails, the transaction can only be given up (pages_commit does, and says so) —
 * but for RC_INVALID and RC_TOO_BIG, which refuse this page and leave the transaction as it was. */
rc pages_put(struct pages_writer *w, const struct page *page) MUST_USE;
/* The same in two steps: building (compressing, hashing) is most of the work and needs no writer, so
 * that another thread can do it, with a builder of its own. The value lives until the next one that
 * is built; it is put under the key, and with the prolog, that it was built for. */
struct pages_builder;
struct pages_builder *pages_builder_new(void);
void pages_builder_free(struct pages_builder *b); /* NULL is fine */
rc pages_build(struct pages_builder *b, const struct page *page, struct span *out_value) MUST_USE;
rc pages_put_built(struct pages_writer *w, struct span key, const struct pages_prolog *prolog,
                   struct span value) MUST_USE;
rc pages_delete(struct pages_writer *w, struct span key) MUST_USE; /* a missing one is RC_OK */
rc pages_meta_put(struct pages_writer *w, const char *name, struct span value) MUST_USE;
/* Durable, and served, when it returns RC_OK. On failure nothing of it is there, except after
 * RC_FATAL, when it may be there or not. In either case the transaction is over. */
rc pages_commit(struct pages_writer *w) MUST_USE;
void pages_abort(struct pages_writer *w); /* without a transaction: nothing */

/* What was committed, and within a transaction what was put so far. Spans live until the next call
 * with w. RC_NOT_FOUND without a reason noted. */
rc pages_meta_get(struct pages_writer *w, const char *name, struct span *out_value) MUST_USE;
rc pages_get(struct pages_writer *w, struct span key, unsigned accept,
             struct pages_answer *out_answer) MUST_USE;

/* Every answer in the order of the keys as stored (long keys last), from the key `from` on
 * (inclusive; empty: all). `code` is RC_OK, or RC_CORRUPT with key {NULL,0} and answer NULL. What visit
 * returns, if not RC_OK, ends it and is returned; visit must not write. Outside transactions it
 * reads one snapshot; web may go on reading. */
typedef rc pages_visit(void *arg, rc code, struct span key, const struct pages_answer *answer);
rc pages_each(struct pages_writer *w, struct span from, unsigned accept, pages_visit *visit,
              void *arg) MUST_USE;

/* The number of a web process whose pin has stood for PAGES_PIN_STALE_MS: have it killed (its pin is
 * to be cleared then). false: none. Cheap; call it every second or so. */
bool pages_stale_pin(struct pages_writer *w, mono_t now, size_t *out_index);

/* `dateline rebuild`: an empty store beside the served one; both can be written. pages_flip makes
 * it the served one, durably: readers go to it with their next pin. Afterwards close the old
 * writer, which deletes its files. Closed without a flip, the new one deletes its own. One at a time. */
rc pages_writer_next(struct pages_writer *w, struct pages_writer **out_next) MUST_USE;
rc pages_flip(struct pages_writer *next) MUST_USE;

struct pages_stat {
    uint64_t store;          /* its number */
    uint64_t snapshot;       /* the latest one */
    uint64_t entries;        /* answers and metas */
    uint64_t bytes_file;     /* used up to here; grows, never shrinks but by a rebuild */
    unsigned snapshots_held; /* how far behind the oldest protected snapshot is */
};
rc pages_writer_stat(struct pages_writer *w, struct pages_stat *out_stat) MUST_USE;

/* ---- web: reading ------------------------------------------------------------------------- */

struct pages_reader;

/* `dir` as above; the control page may be read-only, the pin page is this process's own. Succeeds
 * without any store there: pages_pin() opens it, and opens the next one after a flip. After fork.
 * The descriptors may be closed afterwards.
 * In web's sandbox nothing can be opened any more. So: before it is entered, a store must be there and
 * a first pages_pin() have succeeded; and after a flip it goes on with the last snapshot of the store it
 * has, until it is replaced by a process that opens the new one. */
rc pages_reader_open(const char *dir, int control_fd, int pin_fd,
                     struct pages_reader **out_reader) MUST_USE;
void pages_reader_close(struct pages_reader *r); /* NULL is fine */

/* Between pin and unpin answers stay as they are. A pin lasts one turn of the loop, not longer: one
 * that stands for PAGES_PIN_STALE_MS costs the process its life. No system call, unless the store
 * changed. RC_AGAIN: there is no store now; answer 503. */
rc pages_pin(struct pages_reader *r) MUST_USE;
void pages_unpin(struct pages_reader *r); /* all spans of answers end here */
/* Only while pinned. accept: PAGES_ACCEPT_… or-ed. RC_NOT_FOUND (nothing noted), RC_CORRUPT. */
rc pages_find(struct pages_reader *r, struct span key, unsigned accept,
              struct pages_answer *out_answer) MUST_USE;

#endif
