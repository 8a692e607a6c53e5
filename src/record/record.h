/*
 * record: the proof. Entries, what they commit to, the journal, the signer, tiles and heads.
 * docs/record-format.md is the specification; this header is the way to it from our side.
 *
 * The order in which core uses it, for a batch of entries already in the store's transaction:
 *     journal_append  (durable)  →  signer_append  (durable, signed)  →  tiles_append  →  the page store
 * What a crash leaves behind: journal ≥ signer ≥ page store, always; record_catch_up() (flow/) walks
 * the difference.
 */
#ifndef DATELINE_RECORD_RECORD_H
#define DATELINE_RECORD_RECORD_H

#include "base/arena.h"
#include "base/buf.h"
#include "codec/merkle.h"
#include "codec/note.h"
#include "codec/tile.h"
#include "story/story.h"
#include "sys/file.h"

/* ---- entries (docs/record-format.md §2) --------------------------------------------------- */

#define ENTRY_BYTES_MAX 512
#define ENTRY_PARTS_MAX 4096
#define ENTRY_NONE UINT64_MAX /* no previous entry */

#define ENTRY_TYPE_TABLE(X)     \
    X(REVISION, "revision")     \
    X(CORRECTION, "correction") \
    X(WITHDRAWAL, "withdrawal") \
    X(RESTORE, "restore")       \
    X(ERASE, "erase")           \
    X(SITE, "site")             \
    X(FLASH, "flash")           \
    X(STANDARDS, "standards")   \
    X(BROADCAST, "broadcast")   \
    X(KEY, "key")
enum entry_type {
#define X(name, word) ENTRY_##name,
    ENTRY_TYPE_TABLE(X)
#undef X
        ENTRY_TYPE_COUNT
};

/* Is it about a new text, which is a canonical revision? */
static inline bool entry_type_has_text(enum entry_type type) {
    return type == ENTRY_REVISION || type == ENTRY_CORRECTION || type == ENTRY_STANDARDS;
}

struct entry {
    enum entry_type type;
    bool has_story;
    struct story_id story;
    uint32_t revision; /* 0: none */
    uint64_t previous; /* ENTRY_NONE: none */
    ms_t time;
    uint32_t parts;
    struct sha256 root;
};
void entry_write(const struct entry *entry, struct buf *out); /* ≤ ENTRY_BYTES_MAX */
/* Strict: what entry_write() writes, and nothing else. RC_INVALID with the line. */
rc entry_read(struct span bytes, struct entry *out_entry) MUST_USE;

/* ---- commitments and openings (§4) --------------------------------------------------------- */

#define SALT_BYTES 32
struct sha256 part_commitment(const uint8_t salt[SALT_BYTES], struct span part);
/*
 * What `count` parts are salted with: 32 bytes a part, in order; or, for more than one part, 32 bytes in all: a seed,
 * from which each part's salt is derived. A seed is for a text whose parts are all there: it takes no place, and its
 * opening need not repeat the text.
 */
bool salts_fit(struct span salts, size_t count);
bool salts_are_seed(struct span salts, size_t count);
/* Over parts[i] with their salts, which fit. */
struct sha256 parts_root(const struct span *parts, struct span salts, size_t count);
/* The opening of entry `index`, part by part; one with p == NULL is given by commitments[i] alone (which may
 * be NULL if every part is there). `salts`: one a part. */
void opening_write(uint64_t index, const struct span *parts, struct span salts,
                   const struct sha256 *commitments, size_t count, struct buf *out);
/* The opening of an entry with a revision, by the seed alone. */
void opening_write_seed(uint64_t index, struct span seed, struct buf *out);

/* ---- the journal (§7) ------------------------------------------------------------------------ */

struct journal;
/* Opens SITE/record/journal for appending, made if missing (an empty one, durable). A torn tail is cut off,
 * and logged. RC_CORRUPT: damage before a good record (says at which byte). Costs one look at the
 * tail, unless that is torn. */
rc journal_open(const struct file *record_dir, struct journal **out_journal) MUST_USE;
/* The same on a descriptor that is open already (core's sandbox allows the file alone). */
rc journal_open_fd(int fd, struct journal **out_journal) MUST_USE;
void journal_close(struct journal *j);
uint64_t journal_size(const struct journal *j); /* entries */
/* Appends entries from index `from` == journal_size(), durable when it returns. RC_FULL: what was written is cut
 * off again, nothing is there. RC_FATAL: a failed sync. */
rc journal_append(struct journal *j, uint64_t from, const struct span *entries,
                  size_t count) MUST_USE;
/* Entries [from, from + count) that are there, at most count, in `a`. Walks back from the end. */
rc journal_read(struct journal *j, struct arena *a, uint64_t from, size_t count,
                struct span **out_entries, size_t *out_count) MUST_USE;
/* For who only reads, beside a writer too: the whole records from the beginning of an open journal, at most
 * `entries`; each() (NULL: nobody) is given one after another, and what it returns, if not RC_OK, ends it. It ends at
 * the first that is not whole: the file's end, or one that is being written. *out_bytes: where that begins. */
typedef rc journal_each(void *arg, uint64_t index, struct span entry);
rc journal_walk(const struct file *file, uint64_t entries, journal_each *each, void *arg,
                uint64_t *out_entries, uint64_t *out_bytes) MUST_USE;

/* ---- the signer ------------------------------------------------------------------------------ */

/*
 * SITE/record/signer, 0600: seed, origin, size, edge of the tree, in two slots that are written in turn and
 * synced, bound to this machine and this file (machine-id, inode, birth time), locked while a signer
 * runs. Head and key are in no other place. signer.c opens with the file's layout and what a crash
 * leaves.
 */
/* `dateline init`: a new key and an empty log. RC_CONFLICT if there is one. */
rc signer_create(const struct file *record_dir, struct span origin) MUST_USE;
/* A signer out of the seed that was exported, for a log whose entries so far have this edge: of a site
 * whose own signer's file is gone for good. RC_CONFLICT if there is one. */
rc signer_import(const struct file *record_dir, struct span origin,
                 const uint8_t seed[NOTE_SEED_BYTES], const struct merkle_edge *edge) MUST_USE;
/* The verifier key; from a file that belongs elsewhere too. */
rc signer_key(const struct file *record_dir, struct note_key *out_key) MUST_USE;
/* `record export-key`: the seed, once: RC_GONE the second time, durable before it is given out. */
rc signer_export_seed(const struct file *record_dir, uint8_t out_seed[NOTE_SEED_BYTES]) MUST_USE;
/* `record adopt`: binds a copied site's file to this machine. RC_BUSY while a signer runs on it. */
rc signer_adopt(const struct file *record_dir) MUST_USE;

/* The signer's process, before its sandbox: opens and locks the file. RC_CONFLICT: bound to another machine or file
 * (says: dateline record adopt). RC_BUSY: another signer. RC_CORRUPT: no slot is whole. */
struct signer;
rc signer_open(const struct file *record_dir, struct signer **out_signer) MUST_USE;
/* … and inside it: answers what comes on fd (SOCK_SEQPACKET) until it is closed (RC_OK) or a sync fails (RC_FATAL). */
rc signer_run(struct signer *signer, int fd) MUST_USE;
void signer_close(struct signer *signer);

/* Core's side. One question at a time. */
#define SIGNER_BATCH_MAX 1024 /* hashes in one message */
#define SIGNER_ANSWER_MS 10000
struct signer_head {
    uint64_t size;
    struct sha256 root;
    char note[NOTE_BYTES_MAX]; /* the signed checkpoint */
    size_t note_bytes;
};
/* Where it stands. The note is the one it signed last (signed anew: the same bytes, Ed25519 is deterministic). */
rc signer_head(int fd, struct signer_head *out_head) MUST_USE;
/* Appends leaf hashes behind `from`. RC_CONFLICT if its size is not `from`: nothing was appended. RC_FULL:
 * nothing was appended. RC_BUSY: it did not answer in time, or is gone: ask signer_head() before anything else. */
rc signer_append(int fd, uint64_t from, const struct sha256 *leaves, size_t count,
                 struct signer_head *out_head) MUST_USE;

/* ---- tiles: what the tree looks like from outside ---------------------------------------------- */

/* The right edge in tiles: at each level the hashes of the partial tile, and the entries of the
 * partial bundle. Kept in core's memory. */
struct tiles;
struct tiles *tiles_new(void); /* of an empty log */
void tiles_free(struct tiles *t);
uint64_t tiles_size(const struct tiles *t);
struct sha256 tiles_root(const struct tiles *t);

/* Called for every tile that is new or wider than before, once each, at its last width; path is
 * "tile/…" without the prefix. What it returns, if not RC_OK, ends it and is returned. */
typedef rc tiles_put(void *arg, const struct tile *tile, struct span path, struct span bytes);
/* Appends entries. On failure t is as before. */
rc tiles_append(struct tiles *t, const struct span *entries, size_t count, tiles_put *put,
                void *arg) MUST_USE;

/* Fills t (which is empty) for a tree of `size`, out of tiles that were put earlier: get() gives
 * the bytes of one, or RC_NOT_FOUND. RC_CORRUPT if they do not fit together. */
typedef rc tiles_get(void *arg, const struct tile *tile, struct span path, struct span *out_bytes);
rc tiles_load(struct tiles *t, uint64_t size, tiles_get *get, void *arg) MUST_USE;

/* ---- `record build` (§6) ------------------------------------------------------------------------ */

/* Writes DIR/checkpoint, DIR/key, DIR/tile/…; entries are any bytes ≤ 65535. `next` gives one after another in order;
 * RC_NOT_FOUND ends it. */
typedef rc record_next(void *arg, struct span *out_entry);
rc record_build(const struct file *dir, struct span origin, const uint8_t seed[NOTE_SEED_BYTES],
                record_next *next, void *arg) MUST_USE;

#endif
