/* signed-note and tlog-checkpoint (C2SP), as docs/record-format.md §1 narrows them. */
#include "base/utf8.h"
#include "verify/internal.h"

#define ED25519_TYPE 0x01

/* Unicode's White_Space. */
static bool is_space(uint32_t point) {
    return (point >= 0x09 && point <= 0x0D) || point == 0x20 || point == 0x85 || point == 0xA0 ||
           point == 0x1680 || (point >= 0x2000 && point <= 0x200A) || point == 0x2028 ||
           point == 0x2029 || point == 0x202F || point == 0x205F || point == 0x3000;
}

static rc name_check(struct span name, const char *whose) {
    if (!name.n) return rc_fail(RC_INVALID, "%s is empty", whose);
    if (name.n > VERIFY_NAME_BYTES_MAX)
        return rc_fail(RC_INVALID, "%s is longer than %u bytes", whose, VERIFY_NAME_BYTES_MAX);
    for (size_t at = 0; at < name.n;) {
        uint32_t point;
        if (!utf8_next(name, &at, &point))
            return rc_fail(RC_INVALID, "%s is not well-formed UTF-8", whose);
        if (is_space(point) || point == '+' || point < 0x20)
            return rc_fail(RC_INVALID, "%s holds a space, a plus or a control character", whose);
    }
    return RC_OK;
}

rc verify_key_parse(struct span vkey, struct verify_key *out_key) {
    struct verify_key key;
    struct span rest = vkey;
    key.name = span_cut(&rest, '+');
    struct span id = span_cut(&rest, '+');
    if (!rest.p) return rc_fail(RC_INVALID, "the key is not name+id+base64");
    TRY(name_check(key.name, "the key's name"));
    if (!hex_decode(id, key.id, sizeof key.id))
        return rc_fail(RC_INVALID, "the key's id is not 8 lower-case hex digits");
    uint8_t bytes[64];
    size_t n;
    if (!base64_decode(rest, bytes, sizeof bytes, &n))
        return rc_fail(RC_INVALID, "the key is not canonical base64");
    if (n != 33 || bytes[0] != ED25519_TYPE)
        return rc_fail(RC_INVALID, "the key is not of type 1 (Ed25519) with 32 bytes");
    memcpy(key.public_key, bytes + 1, 32);
    struct span pieces[] = {key.name, SPAN("\n"), span_of(bytes, 33)};
    struct sha256 hash = sha256_of_parts(pieces, COUNT_OF(pieces));
    if (memcmp(hash.bytes, key.id, sizeof key.id) != 0)
        return rc_fail(RC_INVALID, "the key's id is not that of its name and bytes");
    *out_key = key;
    return RC_OK;
}

/* Cuts a line off; it must have its line feed. */
static rc line_cut(struct span *rest, const char *what, struct span *out_line) {
    struct span line = span_cut(rest, '\n');
    if (!rest->p) return rc_fail(RC_INVALID, "%s is missing, or has no line feed", what);
    *out_line = line;
    return RC_OK;
}

rc verify_signature_next(struct span *rest, struct verify_signature *out_signature) {
    struct span line = {0};
    TRY(line_cut(rest, "a signature line", &line));
    if (!span_starts(line, SPAN("\xE2\x80\x94 ")))
        return rc_fail(RC_INVALID, "a signature line does not begin with an em dash and a space");
    struct span text = span_from(line, 4);
    out_signature->name = span_cut(&text, ' ');
    if (!text.p) return rc_fail(RC_INVALID, "a signature line has a name only");
    TRY(name_check(out_signature->name, "a signature's name"));
    if (!base64_decode(text, out_signature->bytes, sizeof out_signature->bytes, &out_signature->n))
        return rc_fail(RC_INVALID, "a signature is not canonical base64 of at most %zu bytes",
                       sizeof out_signature->bytes);
    if (out_signature->n < 5) return rc_fail(RC_INVALID, "a signature is shorter than 5 bytes");
    return RC_OK;
}

rc verify_checkpoint_parse(struct span note, struct verify_checkpoint *out_checkpoint) {
    struct verify_checkpoint head;
    if (note.n > VERIFY_NOTE_BYTES_MAX)
        return rc_fail(RC_INVALID, "the note has more than %u bytes", VERIFY_NOTE_BYTES_MAX);
    if (!utf8_valid(note)) return rc_fail(RC_INVALID, "the note is not well-formed UTF-8");
    for (size_t i = 0; i < note.n; i++)
        if ((uint8_t)note.p[i] < 0x20 && note.p[i] != '\n')
            return rc_fail(RC_INVALID, "the note holds a control character, at byte %zu", i);
    struct span rest = note, size = {0}, root = {0}, empty = {0};
    TRY(line_cut(&rest, "the origin", &head.origin));
    TRY(name_check(head.origin, "the origin"));
    TRY(line_cut(&rest, "the size", &size));
    if (!span_to_u64(size, INT64_MAX, &head.size))
        return rc_fail(RC_INVALID, "the size is not a decimal number without leading zeros");
    TRY(line_cut(&rest, "the root", &root));
    size_t n;
    if (!base64_decode(root, head.root.bytes, SHA256_BYTES, &n) || n != SHA256_BYTES)
        return rc_fail(RC_INVALID, "the root is not canonical base64 of 32 bytes");
    head.text = span_sub(note, 0, note.n - rest.n);
    TRY(line_cut(&rest, "the empty line", &empty));
    if (empty.n)
        return rc_fail(RC_INVALID, "a fourth line stands before the signatures: there are three");
    head.signatures = rest;
    if (!rest.n) return rc_fail(RC_INVALID, "there is no signature");
    for (unsigned i = 0; rest.n; i++) {
        struct verify_signature signature;
        if (i == VERIFY_SIGNATURES_MAX)
            return rc_fail(RC_INVALID, "more than %u signatures", VERIFY_SIGNATURES_MAX);
        TRY(verify_signature_next(&rest, &signature));
    }
    *out_checkpoint = head;
    return RC_OK;
}

rc verify_checkpoint_signed(const struct verify_checkpoint *checkpoint,
                            const struct verify_key *key) {
    if (!span_eq(checkpoint->origin, key->name))
        return rc_fail(RC_INVALID, "the origin is not the name of the key, " SPAN_FMT,
                       SPAN_ARG(key->name));
    unsigned good = 0;
    for (struct span rest = checkpoint->signatures; rest.n;) {
        struct verify_signature signature;
        TRY(verify_signature_next(&rest, &signature));
        if (!span_eq(signature.name, key->name) || memcmp(signature.bytes, key->id, 4) != 0)
            continue; /* another's: a witness, a key to come */
        if (signature.n != 4 + crypto_sign_BYTES ||
            crypto_sign_verify_detached(signature.bytes + 4, (const uint8_t *)checkpoint->text.p,
                                        checkpoint->text.n, key->public_key) != 0)
            return rc_fail(RC_INVALID, "the key's signature does not hold");
        good++;
    }
    if (!good) return rc_fail(RC_INVALID, "it is not signed by the key");
    return RC_OK;
}
