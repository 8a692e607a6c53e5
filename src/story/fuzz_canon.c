/*
 * Any bytes are either refused, or are what canon_write() makes of what canon_read() read; cut into
 * parts and joined they are the same again; joined without some parts they can still be cut. Lines
 * taken as parts are refused, or join to what is cut into just these parts.
 */
#include "base/arena.h"
#include "story/canon.h"
#include "story/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void join_without_some(struct arena *arena, struct span *parts, size_t count, uint8_t seed) {
    struct buf joined;
    struct span *again;
    size_t again_count;
    unsigned left = 0;
    buf_init(&joined, CANON_BYTES_MAX);
    for (size_t i = 0; i < count; i++)
        if ((seed >> (i % 8)) & 1)
            parts[i] = (struct span){NULL, 0};
        else
            left++;
    CHECK(canon_join(arena, parts, count, &joined) == RC_OK);
    if (left) {
        CHECK(canon_parts(arena, buf_span(&joined), &again, &again_count) == RC_OK);
        CHECK(again_count == left);
    } else {
        CHECK(span_eq(buf_span(&joined), SPAN("{}")));
    }
    buf_done(&joined);
}

static void check_bytes(struct arena *arena, struct span bytes) {
    struct revision r;
    struct span *parts = NULL;
    size_t count = 0;
    struct buf out;
    buf_init(&out, 2 * CANON_BYTES_MAX);
    bool is_revision = canon_read(arena, bytes, &r) == RC_OK;
    if (is_revision) {
        CHECK(canon_write(&r, &out) == RC_OK);
        CHECK(span_eq(buf_span(&out), bytes));
    }
    rc code = canon_parts(arena, bytes, &parts, &count);
    CHECK(code == RC_OK || !is_revision);
    if (code == RC_OK) {
        buf_clear(&out);
        CHECK(canon_join(arena, parts, count, &out) == RC_OK);
        CHECK(span_eq(buf_span(&out), bytes));
        join_without_some(arena, parts, count, (uint8_t)bytes.n);
    }
    buf_done(&out);
}

/* Lines as parts: joined, they are a document that is cut into just these parts. */
static void check_lines(struct arena *arena, struct span lines) {
    struct span parts[64], *again;
    size_t count = 0, again_count;
    struct buf out;
    while (lines.p && count < COUNT_OF(parts)) {
        struct span line = span_cut(&lines, '\n');
        if (line.n) parts[count++] = line;
    }
    buf_init(&out, CANON_BYTES_MAX);
    if (count && canon_join(arena, parts, count, &out) == RC_OK) {
        CHECK(canon_parts(arena, buf_span(&out), &again, &again_count) == RC_OK);
        CHECK(again_count == count);
        for (size_t i = 0; i < count; i++) CHECK(span_eq(parts[i], again[i]));
    }
    buf_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct arena *arena = arena_new(64u << 20);
    check_bytes(arena, span_of(data, n));
    if (n > 2 && data[0] == '[') check_lines(arena, span_of(data, n));
    arena_free(arena);
    return 0;
}
