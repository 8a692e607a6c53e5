/* What entry_read() accepts, entry_write() writes back. */
#include "record/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct span bytes = span_of(data, n);
    struct entry entry;
    if (entry_read(bytes, &entry) != RC_OK) return 0;
    char again[ENTRY_BYTES_MAX];
    struct buf b;
    buf_init_fixed(&b, again, sizeof again);
    entry_write(&entry, &b);
    CHECK(span_eq(bytes, buf_span(&b)));
    return 0;
}
