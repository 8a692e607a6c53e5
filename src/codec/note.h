/*
 * note: C2SP signed-note and tlog-checkpoint, Ed25519 (signature type 0x01) only. Pure, but for the
 * signing itself, which is libsodium's.
 */
#ifndef DATELINE_CODEC_NOTE_H
#define DATELINE_CODEC_NOTE_H

#include "base/buf.h"
#include "base/hash.h"

#define NOTE_NAME_BYTES_MAX 255
#define NOTE_BYTES_MAX 4096
#define NOTE_SEED_BYTES 32
#define NOTE_PUBLIC_BYTES 32

/* What a vkey line says: "name+0123abcd+base64(0x01 ‖ public key)". */
struct note_key {
    char name[NOTE_NAME_BYTES_MAX + 1]; /* NUL-terminated: not empty, no "+", no white space */
    uint8_t id[4];
    uint8_t public_key[NOTE_PUBLIC_BYTES];
};
bool note_name_ok(struct span name);
/* From the seed (RFC 8032 §5.1.5). RC_INVALID for a name that a key may not have. */
rc note_key_of_seed(struct span name, const uint8_t seed[NOTE_SEED_BYTES],
                    struct note_key *out_key) MUST_USE;
void note_key_write(const struct note_key *key, struct buf *out); /* the vkey, no line feed */
rc note_key_read(struct span vkey, struct note_key *out_key) MUST_USE;

struct checkpoint {
    struct span origin;
    uint64_t size;
    struct sha256 root;
};
/* The body that is signed: three lines. */
void checkpoint_write(const struct checkpoint *c, struct buf *out);
/* body, an empty line, "— name base64\n". */
rc note_sign(struct span body, const struct note_key *key, const uint8_t seed[NOTE_SEED_BYTES],
             struct buf *out) MUST_USE;
/* Verifies the note against one key, other keys' lines are passed over, and reads its body as a
 * checkpoint. RC_INVALID says what is wrong with the note; RC_DENIED: no valid signature by `key`.
 * Extension lines are refused. *out's origin points into note. */
rc checkpoint_read(struct span note, const struct note_key *key, struct checkpoint *out) MUST_USE;

#endif
