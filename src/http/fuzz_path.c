/*
 * The normal form of a path is its own normal form, is never longer, and stands for the same bytes;
 * a text that was made a path is in normal form and stands for the text.
 */
#include <stdint.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "http/path.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static unsigned hex(char c) {
    return c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a' + 10);
}

/* Every escape is known to be whole. */
static size_t decode(struct span path, char *out) {
    size_t n = 0;
    for (size_t i = 0; i < path.n; n++) {
        if (path.p[i] == '%') {
            out[n] = (char)(hex(path.p[i + 1]) << 4 | hex(path.p[i + 2]));
            i += 3;
        } else {
            out[n] = path.p[i++];
        }
    }
    return n;
}

static void normalize(struct span path) {
    char *out = mem_new(path.n + 1), *again = mem_new(path.n + 1);
    struct span normal, twice;
    if (http_path_normal(path, out, path.n, &normal) == RC_OK) {
        CHECK(normal.n <= path.n);
        CHECK(normal.p == path.p ? normal.n == path.n : normal.p == out);
        CHECK(http_path_normal(normal, again, normal.n, &twice) == RC_OK);
        CHECK(twice.p == normal.p && twice.n == normal.n);
        char *a = mem_new(path.n + 1), *b = mem_new(path.n + 1);
        size_t an = decode(path, a), bn = decode(normal, b);
        CHECK(an == bn && memcmp(a, b, an) == 0);
        CHECK(utf8_valid(span_of(a, an)));
        mem_free(a);
        mem_free(b);
    }
    mem_free(out);
    mem_free(again);
}

static void encode(struct span text) {
    size_t cap = 3 * text.n + 1;
    char *out = mem_new(cap), *back = mem_new(cap), *again = mem_new(cap);
    struct span path, normal;
    if (http_path_encode(text, out, cap, &path) == RC_OK) {
        CHECK(decode(path, back) == text.n);
        CHECK(text.n == 0 || memcmp(back, text.p, text.n) == 0);
        if (path.n && path.p[0] == '/') {
            CHECK(http_path_normal(path, again, path.n, &normal) == RC_OK);
            CHECK(normal.p == path.p);
        }
    }
    mem_free(out);
    mem_free(back);
    mem_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    normalize(span_of(data, n));
    encode(span_of(data, n));
    return 0;
}
