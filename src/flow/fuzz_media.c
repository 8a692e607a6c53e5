/* What a picture is said to be is within the limits, and for all but AVIF does not depend on what follows its
 * header. */
#include <stdint.h>

#include "base/mem.h"
#include "flow/inner.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct rendition r = {0}, longer = {0};
    if (media_look(span_of((const char *)data, n), &r) != RC_OK) return 0;
    CHECK(r.width >= 1 && r.width <= 16384 && r.height >= 1 && r.height <= 16384);
    CHECK((uint64_t)r.width * r.height <= 100000000);
    CHECK(r.bytes == n && span_starts(r.type, SPAN("image/")));
    if (span_eq(r.type, SPAN("image/avif"))) return 0;
    char *more = mem_new(n + 64);
    memcpy(more, data, n);
    CHECK(media_look(span_of(more, n + 64), &longer) == RC_OK);
    CHECK(longer.width == r.width && longer.height == r.height);
    CHECK(span_eq(longer.type, r.type));
    mem_free(more);
    return 0;
}
