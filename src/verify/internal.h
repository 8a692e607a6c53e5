/*
 * verify's own parts: readers of each form in docs/record-format.md. All are strict: what one
 * accepts has exactly one spelling, and it was that one. A refusal is RC_INVALID with rc_why()
 * saying what is wrong; where (which path, which entry) is added by whoever fetched it.
 */
#ifndef DATELINE_VERIFY_INTERNAL_H
#define DATELINE_VERIFY_INTERNAL_H

#include "verify/read.h"

/* Limits. Those that the document names are its own; the others bound what a stranger can make us
 * do. */
#define VERIFY_NAME_BYTES_MAX 255                    /* of a key, an origin */
#define VERIFY_SIGNATURES_MAX 100                    /* lines in a note */
#define VERIFY_BUNDLE_BYTES_MAX (256 * (2 + 65535u)) /* as large as one can be */
#define VERIFY_JSON_DEPTH_MAX 64
#define VERIFY_INTEGER_MAX 9007199254740991 /* 2^53 - 1 */
#define VERIFY_FAULTS_TOLD_MAX 1000         /* the rest is counted */
#define VERIFY_MISSING_MAX 1000             /* bundles; then nothing is there to look at */

/* --- note.c: signed-note, tlog-checkpoint --- */

struct verify_signature {
    struct span name;
    uint8_t bytes[1024]; /* 4 of the key's id, then the signature */
    size_t n;
};
/* Cuts one line off *rest. */
rc verify_signature_next(struct span *rest, struct verify_signature *out_signature) MUST_USE;

/* --- revision.c: §3, §4 --- */

/* Is it the canonical revision of this entry, and does cutting it give exactly the parts opened? */
rc verify_revision_check(struct span text, const struct verify_entry *entry,
                         const struct verify_opening *opening) MUST_USE;

/* --- shape.c: §3 --- */

/* Are its members those of a canonical revision, each of its kind, in NFC, nothing empty? */
rc verify_shape_check(const json_t *json) MUST_USE;

/* --- tree.c: RFC 6962 §2.1, tlog-tiles --- */

/* "/record/tile/LEVEL/N" or "….p/WIDTH" if width is not 256. */
void verify_tile_path(struct buf *out, const char *level, uint64_t n, unsigned width);
/* Cuts a bundle of exactly `of` entries, and gives the first `count`. */
rc verify_bundle_cut(struct span bundle, unsigned count, unsigned of,
                     struct span out_entries[VERIFY_TILE_WIDTH]) MUST_USE;

/* --- stories.c: what is known of each story --- */

struct verify_story {
    uint8_t id[16];
    uint64_t next; /* index of its newest entry, plus one; 0 in a free slot */
    uint64_t number;
    bool has_text, standing; /* it has texts, and is a standing page */
    uint64_t
        gone; /* index of the last withdrawal or erase with no restore behind it, plus one; or 0 */
};
struct verify_stories {
    struct verify_story *slots;
    size_t count, slots_n;                       /* slots_n: a power of two, or 0 */
    uint8_t hash_key[crypto_shorthash_KEYBYTES]; /* ids come from outside: nobody can aim them */
};
void verify_stories_init(struct verify_stories *stories);
void verify_stories_done(struct verify_stories *stories);
struct verify_story *verify_stories_find(const struct verify_stories *stories,
                                         const uint8_t id[16]); /* NULL: unknown */
/* Found or made (then next is 0; the caller sets it). Good until the next call. */
struct verify_story *verify_stories_take(struct verify_stories *stories, const uint8_t id[16]);

#endif
