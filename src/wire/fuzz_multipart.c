/*
 * Whatever comes is refused, or its parts lie within the body, in order and apart from one another; what is
 * written with parts out of the same bytes reads back equal.
 */
#include <stdint.h>

#include "base/mem.h"
#include "wire/multipart.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define TYPE SPAN("multipart/form-data; boundary=frontier")

static void read_bytes(struct span type, struct span body) {
    struct arena *a = arena_new(1 << 20);
    struct multipart_part *parts;
    size_t count;
    if (multipart_read(a, type, body, &parts, &count) == RC_OK) {
        const char *at = body.p;
        CHECK(count <= MULTIPART_PARTS_MAX);
        for (size_t i = 0; i < count; i++) {
            CHECK(parts[i].bytes.p >= at);
            CHECK(parts[i].bytes.n <= (size_t)(body.p + body.n - parts[i].bytes.p));
            at = parts[i].bytes.p + parts[i].bytes.n;
        }
    }
    arena_free(a);
}

/* A line of the input without what a header line cannot hold. */
static struct span word(struct arena *a, struct span *rest) {
    struct span line = span_cut(rest, '\n');
    char *to = arena_take(a, line.n + 1);
    size_t n = 0;
    CHECK(to != NULL);
    for (size_t i = 0; i < line.n && n < 300; i++)
        if (line.p[i] != '\r') to[n++] = line.p[i];
    return span_of(to, n);
}

static void write_and_read(struct span input) {
    struct arena *a = arena_new(16 << 20);
    struct multipart_part parts[8], *read;
    size_t count = 0, got;
    struct buf out;
    buf_init(&out, 16 << 20);
    while (input.n && count < COUNT_OF(parts)) {
        struct multipart_part *part = &parts[count++];
        *part = (struct multipart_part){.name = word(a, &input), .filename = word(a, &input)};
        part->type = span_trim(word(a, &input));
        part->bytes = span_cut(&input, '\0');
        multipart_write_part(&out, SPAN("frontier"), part);
    }
    multipart_write_end(&out, SPAN("frontier"));
    bool clash = false; /* the caller chooses a boundary that no part holds */
    for (size_t i = 0; i < count; i++)
        clash |= parts[i].bytes.n && memmem(parts[i].bytes.p, parts[i].bytes.n, "frontier", 8);
    if (count && !clash) {
        CHECK(multipart_read(a, TYPE, buf_span(&out), &read, &got) == RC_OK);
        CHECK(got == count);
        for (size_t i = 0; i < count; i++) {
            CHECK(span_eq(read[i].name, parts[i].name));
            CHECK(span_eq(read[i].filename, parts[i].filename));
            CHECK(span_eq(read[i].type, parts[i].type));
            CHECK(span_eq(read[i].bytes, parts[i].bytes));
        }
    }
    buf_done(&out);
    arena_free(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct span rest = span_of((const char *)data, n);
    write_and_read(rest);
    read_bytes(TYPE, rest);
    struct span type = span_cut(&rest, '\n');
    if (rest.p) read_bytes(type, rest);
    return 0;
}
