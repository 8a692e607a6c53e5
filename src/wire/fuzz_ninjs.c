/* Whatever is accepted as ninjs can be stored and read back; a refusal says where. */
#include "wire/fuzz_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    fuzz_item(WIRE_NINJS, span_of(data, n));
    return 0;
}
