/* A job's answer, which may be anything: what core takes from it holds, and written again is read as the
 * same. */
#include <stdint.h>

#include "base/mem.h"
#include "media/inner.h"
#include "story/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static bool same(const struct media_picture *a, const struct media_picture *b) {
    bool equal = a->width == b->width && a->height == b->height && a->colour == b->colour &&
                 a->files_count == b->files_count;
    for (unsigned i = 0; i < MEDIA_FIELD_COUNT; i++)
        equal &= span_eq(a->fields[i], b->fields[i]) && a->origins[i] == b->origins[i];
    for (size_t i = 0; i < a->files_count && equal; i++)
        equal = span_eq(a->files[i].bytes, b->files[i].bytes);
    return equal;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct arena *a = arena_new(16u << 20);
    struct media_picture p, again;
    for (enum media_format format = 0; format < MEDIA_FORMAT_COUNT; format++) {
        if (media_answer_read(span_of(data, n), format, &MEDIA_LIMITS, a, &p) != RC_OK) continue;
        CHECK(p.width && p.height && (uint64_t)p.width * p.height <= MEDIA_PIXELS_MAX);
        CHECK(p.files_count >= 1 && p.files_count <= MEDIA_RENDITIONS_MAX);
        for (size_t i = 0; i < p.files_count; i++)
            CHECK(p.files[i].about.width <= p.width &&
                  p.files[i].about.bytes == p.files[i].bytes.n);
        struct buf b;
        buf_init(&b, MEDIA_ANSWER_BYTES_MAX);
        media_answer_write(RC_OK, "", &p, &b);
        CHECK(media_answer_read(buf_span(&b), format, &MEDIA_LIMITS, a, &again) == RC_OK);
        CHECK(same(&p, &again));
        buf_done(&b);
    }
    arena_free(a);
    return 0;
}
