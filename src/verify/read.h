/*
 * read: the readers of single forms in docs/record-format.md: for verify.h, which checks a record from
 * outside, and for fsck, which checks what a site's folder holds. All are strict: what one accepts
 * has exactly one spelling, and it was that one. A refusal is RC_INVALID with rc_why() saying what is
 * wrong; where is added by whoever fetched it.
 */
#ifndef DATELINE_VERIFY_READ_H
#define DATELINE_VERIFY_READ_H

#include <jansson.h>

#include "base/buf.h"
#include "base/hash.h"

#define VERIFY_ENTRY_BYTES_MAX 512
#define VERIFY_PARTS_MAX 4096
#define VERIFY_TILE_WIDTH 256
#define VERIFY_NOTE_BYTES_MAX (64 * 1024)         /* a checkpoint, a key */
#define VERIFY_JSON_BYTES_MAX (16u * 1024 * 1024) /* an opening, a revision */

/* --- entry.c: §2 --- */

#define VERIFY_TYPES(X) \
    X(revision)         \
    X(correction)       \
    X(withdrawal)       \
    X(restore)          \
    X(erase)            \
    X(site)             \
    X(flash)            \
    X(standards)        \
    X(broadcast)        \
    X(key)
enum verify_type {
#define X(name) VERIFY_##name,
    VERIFY_TYPES(X)
#undef X
        VERIFY_TYPE_COUNT
};
extern const char *const verify_type_name[VERIFY_TYPE_COUNT];

#define VERIFY_NONE UINT64_MAX
struct verify_entry {
    enum verify_type type;
    bool has_story;
    uint8_t story[16];
    uint64_t number;   /* of the revision; 0: "-" */
    uint64_t previous; /* VERIFY_NONE: "-" */
    unsigned year, month, day, hour, minute, second, ms;
    unsigned parts;
    struct sha256 root;
};
rc verify_entry_parse(struct span bytes, struct verify_entry *out_entry) MUST_USE;
static inline bool verify_entry_has_text(const struct verify_entry *entry) {
    return entry->type == VERIFY_revision || entry->type == VERIFY_correction ||
           entry->type == VERIFY_standards;
}

/* --- jcs.c: RFC 8785, integers only --- */

/* Parses, writes again, and compares: refuses all but the one spelling. json_decref() what it
 * gives. */
rc verify_jcs_parse(struct span text, json_t **out_json) MUST_USE;
/* Adds the JCS text. Refuses reals, integers outside 0 … 2^53 − 1, members out of order, too deep.
 */
rc verify_jcs_write(const json_t *json, struct buf *out) MUST_USE;
void verify_jcs_string(struct span s, struct buf *out);
static inline struct span verify_json_span(const json_t *json) {
    return span_of(json_string_value(json), json_string_length(json));
}
bool verify_is_nfc(struct span s); /* of well-formed UTF-8 */

/* --- opening.c: §4 --- */

struct verify_part {
    bool open;
    struct span text; /* if open: the part's bytes, inside json */
    uint8_t salt[32];
    struct sha256 commitment; /* told, or computed if open */
};
struct verify_opening {
    json_t *json;
    uint64_t entry;
    bool seeded; /* it is `seed` alone: its parts are the revision's */
    uint8_t seed[32];
    size_t count, open;
    struct verify_part *parts;
};
/* The commitment of a part; the salt of part i out of a seed. */
struct sha256 verify_commitment(struct span part, const uint8_t salt[32]);
struct sha256 verify_salt(const uint8_t seed[32], uint64_t i);
rc verify_opening_parse(struct span text, struct verify_opening *out_opening) MUST_USE;
void verify_opening_done(struct verify_opening *opening);
struct sha256 verify_opening_root(const struct verify_opening *opening);
/* Is this the opening of this entry: its index, the number of its parts, its root, and the parts
 * that its type has? Of one that is seeded only the index, and that the entry has a revision. */
rc verify_opening_check(const struct verify_opening *opening, uint64_t index,
                        const struct verify_entry *entry) MUST_USE;

/* --- revision.c: §3, §4 --- */

/* Is it the canonical revision of this entry? Gives each part that it is cut into, in order; `text`
 * lives during the call. What `part` answers, if not RC_OK, ends it. *out_json (NULL: not wanted) is
 * the document; json_decref() it. */
rc verify_revision_cut(struct span text, const struct verify_entry *entry,
                       rc (*part)(void *arg, struct span text), void *arg,
                       json_t **out_json) MUST_USE;

/* Is it the canonical revision of this entry, and do its parts, with salts out of this seed, give the entry's root? */
rc verify_revision_seeded(struct span text, const struct verify_entry *entry,
                          const uint8_t seed[32]) MUST_USE;

/* --- note.c: signed-note, tlog-checkpoint --- */

struct verify_key {
    struct span name; /* inside the bytes that were parsed */
    uint8_t id[4];
    uint8_t public_key[32];
};
/* "name+id+base64", without a line feed. */
rc verify_key_parse(struct span vkey, struct verify_key *out_key) MUST_USE;

struct verify_checkpoint {
    struct span origin; /* all spans: inside the bytes that were parsed */
    uint64_t size;
    struct sha256 root;
    struct span text;       /* what is signed: the three lines */
    struct span signatures; /* the lines behind the empty one; each is well-formed */
};
rc verify_checkpoint_parse(struct span note, struct verify_checkpoint *out_checkpoint) MUST_USE;
/* Is it signed by the key, and is every signature that claims to be this key's good? */
rc verify_checkpoint_signed(const struct verify_checkpoint *checkpoint,
                            const struct verify_key *key) MUST_USE;

/* --- tree.c: RFC 6962 §2.1 --- */

struct sha256 verify_leaf(struct span data);
struct sha256 verify_node(const struct sha256 *left, const struct sha256 *right);
/* The MTH over leaf hashes (or over the roots of equal full subtrees). Uses `hashes` up. n ≥ 1. */
struct sha256 verify_mth(struct sha256 *hashes, size_t n);

#endif
