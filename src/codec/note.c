#include "codec/note.h"

#include "base/utf8.h"

#define SIGNATURE_TYPE_ED25519 1
#define KEY_ID_BYTES 4
#define DASH "\xE2\x80\x94 " /* an em dash and a space begin a signature line */

/* Unicode's White_Space, but for the control characters. */
static bool is_space(uint32_t point) {
    return point == ' ' || point == 0x85 || point == 0xA0 || point == 0x1680 ||
           (point >= 0x2000 && point <= 0x200A) || point == 0x2028 || point == 0x2029 ||
           point == 0x202F || point == 0x205F || point == 0x3000;
}

/* A name that some key may have, of any length. */
static bool name_of_any_key(struct span name) {
    uint32_t point;
    size_t at = 0;
    while (at < name.n) {
        if (!utf8_next(name, &at, &point)) return false;
        if (point < ' ' || point == '+' || is_space(point)) return false;
    }
    return name.n > 0;
}

bool note_name_ok(struct span name) {
    return name.n <= NOTE_NAME_BYTES_MAX && name_of_any_key(name);
}

static rc name_check(struct span name) {
    if (note_name_ok(name)) return RC_OK;
    return rc_fail(RC_INVALID,
                   "key name \"" SPAN_FMT
                   "\": it must have 1 … %d bytes of UTF-8 without \"+\" and white space",
                   SPAN_ARG(name), NOTE_NAME_BYTES_MAX);
}

/* The key's ID follows from the rest. The name has been checked. */
static struct note_key key_make(struct span name, const uint8_t public_key[NOTE_PUBLIC_BYTES]) {
    struct note_key key = {.name = ""};
    memcpy(key.name, name.p, name.n);
    memcpy(key.public_key, public_key, NOTE_PUBLIC_BYTES);
    static const char type[] = {'\n', SIGNATURE_TYPE_ED25519};
    struct span parts[] = {name, {type, sizeof type}, span_of(public_key, NOTE_PUBLIC_BYTES)};
    struct sha256 hash = sha256_of_parts(parts, COUNT_OF(parts));
    memcpy(key.id, hash.bytes, KEY_ID_BYTES);
    return key;
}

rc note_key_of_seed(struct span name, const uint8_t seed[NOTE_SEED_BYTES],
                    struct note_key *out_key) {
    TRY(name_check(name));
    uint8_t public_key[NOTE_PUBLIC_BYTES], secret_key[crypto_sign_SECRETKEYBYTES];
    crypto_sign_seed_keypair(public_key, secret_key, seed);
    sodium_memzero(secret_key, sizeof secret_key);
    *out_key = key_make(name, public_key);
    return RC_OK;
}

void note_key_write(const struct note_key *key, struct buf *out) {
    uint8_t typed[1 + NOTE_PUBLIC_BYTES] = {SIGNATURE_TYPE_ED25519};
    memcpy(typed + 1, key->public_key, NOTE_PUBLIC_BYTES);
    buf_str(out, key->name);
    buf_char(out, '+');
    buf_hex(out, key->id, KEY_ID_BYTES);
    buf_char(out, '+');
    buf_base64(out, typed, sizeof typed);
}

rc note_key_read(struct span vkey, struct note_key *out_key) {
    struct span rest = vkey, name = span_cut(&rest, '+'), id = span_cut(&rest, '+');
    TRY(name_check(name));
    uint8_t id_bytes[KEY_ID_BYTES], typed[1 + NOTE_PUBLIC_BYTES];
    size_t n;
    if (!hex_decode(id, id_bytes, sizeof id_bytes)) {
        return rc_fail(RC_INVALID, "key: behind the name there must be \"+\" and 8 hex digits");
    }
    if (!base64_decode(rest, typed, sizeof typed, &n) || n != sizeof typed) {
        return rc_fail(RC_INVALID, "key: its third part is not the base64 of %zu bytes",
                       sizeof typed);
    }
    if (typed[0] != SIGNATURE_TYPE_ED25519) {
        return rc_fail(RC_INVALID, "key: signature type %u is not Ed25519 (1)", typed[0]);
    }
    struct note_key key = key_make(name, typed + 1);
    if (memcmp(key.id, id_bytes, KEY_ID_BYTES) != 0) {
        return rc_fail(RC_INVALID, "key: its ID does not belong to its name and public key; a "
                                   "character may have been mistyped");
    }
    *out_key = key;
    return RC_OK;
}

void checkpoint_write(const struct checkpoint *c, struct buf *out) {
    buf_add(out, c->origin);
    buf_char(out, '\n');
    buf_u64(out, c->size);
    buf_char(out, '\n');
    buf_base64(out, c->root.bytes, SHA256_BYTES);
    buf_char(out, '\n');
}

/* UTF-8 without control characters but the line feed, and it ends with one. */
static bool text_ok(struct span text) {
    if (!span_ends(text, SPAN("\n")) || !utf8_valid(text)) return false;
    for (size_t i = 0; i < text.n; i++) {
        if ((uint8_t)text.p[i] < ' ' && text.p[i] != '\n') return false;
    }
    return true;
}

rc note_sign(struct span body, const struct note_key *key, const uint8_t seed[NOTE_SEED_BYTES],
             struct buf *out) {
    if (!text_ok(body)) {
        return rc_fail(RC_INVALID, "note: its text must be UTF-8 lines, each ended by a line feed");
    }
    uint8_t public_key[NOTE_PUBLIC_BYTES], secret_key[crypto_sign_SECRETKEYBYTES];
    uint8_t signature[KEY_ID_BYTES + crypto_sign_BYTES];
    crypto_sign_seed_keypair(public_key, secret_key, seed);
    memcpy(signature, key->id, KEY_ID_BYTES);
    crypto_sign_detached(signature + KEY_ID_BYTES, NULL, (const uint8_t *)body.p, body.n,
                         secret_key);
    sodium_memzero(secret_key, sizeof secret_key);
    if (memcmp(public_key, key->public_key, NOTE_PUBLIC_BYTES) != 0) {
        return rc_fail(RC_INVALID, "note: the seed is not that of the key %s", key->name);
    }
    size_t before = out->n;
    buf_add(out, body);
    buf_str(out, "\n" DASH);
    buf_str(out, key->name);
    buf_char(out, ' ');
    buf_base64(out, signature, sizeof signature);
    buf_char(out, '\n');
    if (out->over || out->n - before > NOTE_BYTES_MAX) {
        return rc_fail(RC_TOO_BIG, "note: more than %d bytes with its signature", NOTE_BYTES_MAX);
    }
    return RC_OK;
}

/* One signature line, without its line feed. *out_ours: it is by `key`, and right. */
static rc signature_read(struct span line, struct span body, const struct note_key *key,
                         bool *out_ours) {
    if (!span_starts(line, SPAN(DASH))) {
        return rc_fail(RC_INVALID, "note: a signature line does not begin with a dash and a space");
    }
    struct span text = span_from(line, sizeof DASH - 1), name = span_cut(&text, ' ');
    uint8_t bytes[NOTE_BYTES_MAX];
    size_t n;
    if (!name_of_any_key(name) || !base64_decode(text, bytes, sizeof bytes, &n) ||
        n <= KEY_ID_BYTES) {
        return rc_fail(RC_INVALID, "note: a signature line is not a key's name and base64");
    }
    *out_ours = false;
    if (!span_eq(name, span_str(key->name)) || memcmp(bytes, key->id, KEY_ID_BYTES) != 0) {
        return RC_OK;
    }
    if (n != KEY_ID_BYTES + crypto_sign_BYTES ||
        crypto_sign_verify_detached(bytes + KEY_ID_BYTES, (const uint8_t *)body.p, body.n,
                                    key->public_key) != 0) {
        return rc_fail(RC_DENIED, "note: the signature of %s is wrong", key->name);
    }
    *out_ours = true;
    return RC_OK;
}

/* Cuts the note at its last empty line. */
static bool note_cut(struct span note, struct span *out_body, struct span *out_signatures) {
    for (size_t at = note.n; at >= 2; at--) {
        if (note.p[at - 1] != '\n' || note.p[at - 2] != '\n') continue;
        *out_body = span_sub(note, 0, at - 1);
        *out_signatures = span_from(note, at);
        return true;
    }
    return false;
}

static rc body_read(struct span body, const struct note_key *key, struct checkpoint *out) {
    struct span origin = span_cut(&body, '\n'), size = span_cut(&body, '\n'),
                root = span_cut(&body, '\n');
    struct checkpoint c = {.origin = origin};
    size_t n;
    if (!span_eq(origin, span_str(key->name))) {
        return rc_fail(RC_INVALID, "checkpoint: its origin \"" SPAN_FMT "\" is not the key's name",
                       SPAN_ARG(origin));
    }
    if (!span_to_u64(size, UINT64_MAX, &c.size)) {
        return rc_fail(RC_INVALID, "checkpoint: its second line is not a size");
    }
    if (!base64_decode(root, c.root.bytes, SHA256_BYTES, &n) || n != SHA256_BYTES) {
        return rc_fail(RC_INVALID, "checkpoint: its third line is not the base64 of a hash");
    }
    if (!body.p || body.n) {
        return rc_fail(RC_INVALID, "checkpoint: it has extension lines, which are not allowed");
    }
    struct sha256 of_nothing = sha256_of((struct span){NULL, 0});
    if (c.size == 0 && !sha256_eq(&c.root, &of_nothing)) {
        return rc_fail(RC_INVALID, "checkpoint: the root of an empty log is another");
    }
    *out = c;
    return RC_OK;
}

rc checkpoint_read(struct span note, const struct note_key *key, struct checkpoint *out) {
    if (note.n > NOTE_BYTES_MAX) {
        return rc_fail(RC_INVALID, "note: more than %d bytes", NOTE_BYTES_MAX);
    }
    struct span body, signatures;
    if (!text_ok(note) || !note_cut(note, &body, &signatures)) {
        return rc_fail(RC_INVALID, "note: it is not UTF-8 lines with an empty one in between");
    }
    bool signed_by_key = false;
    while (signatures.n) {
        bool ours;
        TRY(signature_read(span_cut(&signatures, '\n'), body, key, &ours));
        signed_by_key |= ours;
    }
    if (!signed_by_key) return rc_fail(RC_DENIED, "note: it has no signature of %s", key->name);
    return body_read(body, key, out);
}
