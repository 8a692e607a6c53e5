/*
 * Property: an opening that is accepted has one spelling: written from what was read, it is the
 * same bytes. The same bytes as a canonical revision are refused or accepted, against an opening
 * that opens nothing of it.
 */
#include <inttypes.h>

#include "verify/internal.h"

static void opening_again(struct span text) {
    struct verify_opening opening;
    struct buf b;
    if (verify_opening_parse(text, &opening) != RC_OK) return;
    buf_init(&b, text.n + 1);
    buf_printf(&b, "{\"entry\":%" PRIu64 ",\"parts\":[", opening.entry);
    for (size_t i = 0; i < opening.count; i++) {
        const struct verify_part *part = &opening.parts[i];
        buf_str(&b, i ? ",{" : "{");
        if (part->open) {
            buf_str(&b, "\"part\":");
            verify_jcs_string(part->text, &b);
            buf_str(&b, ",\"salt\":\"");
            buf_hex(&b, part->salt, sizeof part->salt);
        } else {
            buf_str(&b, "\"commitment\":\"");
            buf_hex(&b, part->commitment.bytes, SHA256_BYTES);
        }
        buf_str(&b, "\"}");
    }
    buf_str(&b, "],\"version\":1}");
    CHECK(span_eq(buf_span(&b), text));
    buf_done(&b);
    verify_opening_done(&opening);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct span text = span_of(data, n);
    static const struct verify_entry entry = {
        .type = VERIFY_revision, .has_story = true, .number = 1};
    struct verify_part closed = {.open = false};
    struct verify_opening none = {.count = 1, .parts = &closed};
    opening_again(text);
    CHECK(verify_revision_check(text, &entry, &none) != RC_OK);
    return 0;
}
