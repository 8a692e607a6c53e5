/*
 * value: the bytes under one key of the store: made by pages_build, read in place by value_read.
 * Inside pages/ only.
 *
 *     struct value_head
 *     text      the key if it is a long one; head; head_304; the heads of the three encodings
 *     bodies    of each encoding that is stored: 16 bytes of its SHA-256, then itself
 * A body in gzip may go on where its prolog, stored for itself, ends; then the hash is of both.
 *
 * Integers are in the machine's order and not aligned: a store is derived and never leaves the
 * machine. A checksum covers the key and all but the bodies; it finds what a disk or a stray write
 * * did, it does not stop who may write the file (nobody but core). The reader trusts no length all
 * the same: it looks at the head alone before all lengths have been found to make up the value's,
 * and then at VALUE_LOOK_BYTES_MAX at most. Bodies it does not touch.
 */
#ifndef DATELINE_PAGES_VALUE_H
#define DATELINE_PAGES_VALUE_H

#include "base/hash.h"
#include "pages/pages.h"

/* A shorter body is not compressed: the header lines would eat the gain. */
#define VALUE_BODY_TINY 200
#define VALUE_BODY_HASH_BYTES 16
#define VALUE_PROLOG_KEY_BYTES 20 /* of the SHA-256 of its gzip bytes */
#define VALUE_HEAD_ENCODING_BYTES_MAX 128
/* Status line and Vary, beside what is given. */
#define VALUE_HEAD_BYTES_MAX (PAGES_HEADERS_BYTES_MAX + 128)

struct value_head {
    uint32_t magic;
    uint32_t checksum; /* CRC-32 of a plain key, this struct with 0 in here, the text */
    uint64_t generation;
    uint16_t status;
    uint16_t stored;    /* bit e: the body in encoding e is here */
    uint32_t key_bytes; /* 0: LMDB's key is the key */
    uint32_t head_bytes;
    uint32_t head_304_bytes;
    uint32_t identity_bytes;
    uint32_t prolog_bytes; /* 0: none */
    uint8_t prolog_key[VALUE_PROLOG_KEY_BYTES];
    struct {
        uint32_t head_bytes;      /* 0: the client cannot get this encoding */
        uint32_t etag_line_bytes; /* at the head's beginning */
        uint32_t body_bytes;      /* 0 unless stored; without the prolog */
    } encoding[PAGES_ENCODINGS];
};
_Static_assert(sizeof(struct value_head) == 96,
               "no padding: every byte is covered by the checksum");

#define VALUE_LOOK_BYTES_MAX                                                      \
    (sizeof(struct value_head) + PAGES_KEY_BYTES_MAX + 2 * VALUE_HEAD_BYTES_MAX + \
     PAGES_ENCODINGS * VALUE_HEAD_ENCODING_BYTES_MAX)
#define VALUE_BYTES_MAX     \
    (VALUE_LOOK_BYTES_MAX + \
     PAGES_ENCODINGS * (size_t)(VALUE_BODY_HASH_BYTES + PAGES_BODY_BYTES_MAX))

/* `plain_key` is the page's key, or empty: a long key, which then stands in the value. *out_key is
 * the key, the answer's spans lie in `value`. Any bytes may come in. RC_CORRUPT.
 * The answer lacks its prolog: it is stored under *out_prolog_key, if that is not empty, and must have
 * as many bytes as the answer's has already. */
rc value_read(struct span value, struct span plain_key, unsigned accept, struct span *out_key,
              struct pages_answer *out_answer, struct span *out_prolog_key) MUST_USE;

/* As it is stored. */
struct pages_prolog {
    struct span bytes, gzip;
    struct sha256 hash;                  /* of bytes */
    uint8_t key[VALUE_PROLOG_KEY_BYTES]; /* of gzip */
};

/* Sets the checksum of a value whose lengths agree; false, and nothing set, if they do not. */
bool value_seal(void *value, size_t n, struct span plain_key);

#endif
