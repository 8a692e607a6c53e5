/* A file that passes for a rendition is whole, and nothing can stand behind it. */
#include <stdint.h>

#include "base/mem.h"
#include "media/inner.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    static const enum media_format formats[] = {MEDIA_JPEG, MEDIA_AVIF};
    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        uint32_t width, height;
        enum media_format sniffed;
        struct span s = span_of(data, n);
        if (shape_check(s, formats[i], &width, &height) != RC_OK) continue;
        CHECK(media_sniff(s, &sniffed) == RC_OK && sniffed == formats[i]);
        char *more = mem_new(n + 1);
        memcpy(more, data, n);
        CHECK(shape_check(span_of(more, n + 1), formats[i], &width, &height) != RC_OK);
        mem_free(more);
        CHECK(shape_check(span_sub(s, 0, n - 1), formats[i], &width, &height) != RC_OK);
    }
    return 0;
}
