/* Whatever is accepted as story.md, or as a standing page, can be stored and read back; a refusal says where. */
#include "wire/fuzz_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    fuzz_item(WIRE_MARKDOWN, span_of(data, n));
    fuzz_item(WIRE_PAGE, span_of(data, n));
    return 0;
}
