/* Property: an entry that is accepted has one spelling; written from what was read, it is the same
 * bytes. */
#include <inttypes.h>

#include "verify/internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct verify_entry e;
    if (verify_entry_parse(span_of(data, n), &e) != RC_OK) return 0;
    char memory[VERIFY_ENTRY_BYTES_MAX];
    struct buf b;
    buf_init_fixed(&b, memory, sizeof memory);
    buf_printf(&b, "dateline-entry/v1\ntype %s\nstory ", verify_type_name[e.type]);
    if (e.has_story)
        buf_hex(&b, e.story, sizeof e.story);
    else
        buf_char(&b, '-');
    buf_str(&b, "\nrevision ");
    if (e.number)
        buf_u64(&b, e.number);
    else
        buf_char(&b, '-');
    buf_str(&b, "\nprevious ");
    if (e.previous != VERIFY_NONE)
        buf_u64(&b, e.previous);
    else
        buf_char(&b, '-');
    buf_printf(&b, "\ntime %04u-%02u-%02uT%02u:%02u:%02u.%03uZ\nparts %u\nroot ", e.year, e.month,
               e.day, e.hour, e.minute, e.second, e.ms, e.parts);
    buf_hex(&b, e.root.bytes, SHA256_BYTES);
    buf_char(&b, '\n');
    CHECK(!b.over && span_eq(buf_span(&b), span_of(data, n)));
    return 0;
}
