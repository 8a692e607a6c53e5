/*
 * Properties: an opening that is accepted has one spelling: written from what was read, it is the
 * same bytes. JSON that is accepted as JCS is what jansson's own writer makes of it (but for \u
 * escapes, which that writes in capitals). A canonical revision is refused, whatever it holds, if
 * its opening opens nothing.
 */
#include <inttypes.h>

#include "verify/internal.h"

static void opening_again(struct span text) {
    struct verify_opening opening;
    struct buf b;
    if (verify_opening_parse(text, &opening) != RC_OK) return;
    buf_init(&b, text.n + 1);
    buf_printf(&b, "{\"entry\":%" PRIu64 ",\"%s", opening.entry,
               opening.seeded ? "seed\":\"" : "parts\":[");
    if (opening.seeded) buf_hex(&b, opening.seed, sizeof opening.seed);
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
    buf_str(&b, opening.seeded ? "\",\"version\":1}" : "],\"version\":1}");
    CHECK(span_eq(buf_span(&b), text));
    buf_done(&b);
    verify_opening_done(&opening);
}

static int add(const char *bytes, size_t n, void *out) {
    buf_add(out, span_of(bytes, n));
    return 0;
}

static void json_again(struct span text) {
    json_t *json;
    struct buf b;
    if (verify_jcs_parse(text, &json) != RC_OK) return;
    buf_init(&b, text.n + 1);
    CHECK(json_dump_callback(json, add, &b, JSON_COMPACT | JSON_ENCODE_ANY) == 0);
    if (!text.n || !memmem(text.p, text.n, "\\u", 2)) CHECK(span_eq(buf_span(&b), text));
    buf_done(&b);
    json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct span text = span_of(data, n);
    static const struct verify_entry entry = {
        .type = VERIFY_revision, .has_story = true, .number = 1};
    struct verify_part closed = {.open = false};
    struct verify_opening none = {.count = 1, .parts = &closed};
    opening_again(text);
    json_again(text);
    CHECK(verify_revision_check(text, &entry, &none) != RC_OK);
    return 0;
}
