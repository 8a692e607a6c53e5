/* Property: a checkpoint, or a key, that is accepted has one spelling: written from what was read,
 * it is the same bytes. */
#include <inttypes.h>

#include "verify/internal.h"

static void key_again(struct span text) {
    struct verify_key key;
    struct buf b;
    uint8_t typed[33] = {1};
    if (verify_key_parse(text, &key) != RC_OK) return;
    memcpy(typed + 1, key.public_key, 32);
    buf_init(&b, text.n + 1);
    buf_add(&b, key.name);
    buf_char(&b, '+');
    buf_hex(&b, key.id, sizeof key.id);
    buf_char(&b, '+');
    buf_base64(&b, typed, sizeof typed);
    CHECK(span_eq(buf_span(&b), text));
    buf_done(&b);
}

static void checkpoint_again(struct span text) {
    struct verify_checkpoint head;
    struct verify_signature signature;
    struct buf b;
    if (verify_checkpoint_parse(text, &head) != RC_OK) return;
    buf_init(&b, text.n + 1);
    buf_add(&b, head.origin);
    buf_printf(&b, "\n%" PRIu64 "\n", head.size);
    buf_base64(&b, head.root.bytes, SHA256_BYTES);
    buf_char(&b, '\n');
    CHECK(span_eq(buf_span(&b), head.text));
    buf_char(&b, '\n');
    for (struct span rest = head.signatures; rest.n;) {
        CHECK(verify_signature_next(&rest, &signature) == RC_OK);
        buf_str(&b, "\xE2\x80\x94 ");
        buf_add(&b, signature.name);
        buf_char(&b, ' ');
        buf_base64(&b, signature.bytes, signature.n);
        buf_char(&b, '\n');
    }
    CHECK(span_eq(buf_span(&b), text));
    buf_done(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    key_again(span_of(data, n));
    checkpoint_again(span_of(data, n));
    return 0;
}
