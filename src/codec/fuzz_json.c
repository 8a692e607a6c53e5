/* Whatever JSON is taken and has a canonical form: reading that form gives that form again. */
#include "base/buf.h"
#include "codec/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    json_t *first, *second;
    if (json_read(span_of(data, n), &first) != RC_OK) return 0;
    struct buf a, b;
    buf_init(&a, 8 * (size_t)JSON_BYTES_MAX);
    buf_init(&b, 8 * (size_t)JSON_BYTES_MAX);
    if (json_write_canonical(first, &a) == RC_OK && a.n <= JSON_BYTES_MAX) {
        CHECK(json_read(buf_span(&a), &second) == RC_OK);
        CHECK(json_equal(first, second));
        CHECK(json_write_canonical(second, &b) == RC_OK);
        CHECK(span_eq(buf_span(&a), buf_span(&b)));
        json_decref(second);
    }
    json_decref(first);
    buf_done(&a);
    buf_done(&b);
    return 0;
}
