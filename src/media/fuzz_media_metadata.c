/* Metadata of any bytes, as IIM in a JPEG and as EXIF: texts are well-formed UTF-8, within their limits,
 * and say where they are from. (XMP is exempi's to read.) */
#include <stdint.h>

#include "base/utf8.h"
#include "media/inner.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
#define X(NAME, word, bytes_max) bytes_max,
    static const size_t bytes_max[MEDIA_FIELD_COUNT] = {MEDIA_FIELD_TABLE(X)};
#undef X
    struct arena *a = arena_new(16u << 20);
    struct media_picture p = {.notes = 0};
    struct metadata_source source = {.jpeg = span_of(data, n), .exif = span_of(data, n)};
    metadata_read(&source, a, &p);
    for (unsigned i = 0; i < MEDIA_FIELD_COUNT; i++) {
        CHECK(utf8_valid(p.fields[i]) && p.fields[i].n <= bytes_max[i]);
        CHECK((p.fields[i].n > 0) == (p.origins[i] != MEDIA_FROM_NOWHERE));
    }
    CHECK(p.notes < 1u << MEDIA_NOTE_COUNT);
    struct span date = p.fields[MEDIA_CREATED];
    CHECK(span_eq(date, metadata_date(date, SPAN(""), a)));
    arena_free(a);
    return 0;
}
