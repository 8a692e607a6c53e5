/* Whatever HTML gives, its blocks can be stored and read back, and every address in them has a
 * scheme that is allowed. The first bit of the input chooses HTML or XHTML. */
#include "wire/fuzz_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    if (n == 0) return 0;
    struct arena *arena = arena_new(2 * WIRE_ARENA_BYTES);
    struct intent intent = {0};
    rc code = wire_html_blocks(arena, span_of(data + 1, n - 1), data[0] & 1, SPAN("html"), &intent);
    if (code == RC_OK) {
        fuzz_check_pictures(&intent);
        fuzz_check_draft(arena, &intent.draft);
    } else {
        CHECK(code == RC_TOO_BIG || code == RC_INVALID);
        CHECK(span_starts(span_str(rc_why()), SPAN("html: ")));
    }
    arena_free(arena);
    return 0;
}
