/*
 * A chunked body, read whole, byte by byte and in pieces as the first bytes of the input say: the
 * same decoded bytes, end and verdict. And what is encoded in chunks decodes to itself.
 */
#include <stdint.h>

#include "base/buf.h"
#include "http/body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct decoded {
    struct buf bytes;
    rc code;
    unsigned status;
    bool whole;
    size_t used;
};

/* `steps` says how many bytes come at a time, again and again; empty: all at once. */
static struct decoded decode(struct span input, struct span steps, uint64_t bytes_max) {
    struct http_request r = {.chunked = true};
    struct http_body b;
    struct decoded d = {.code = RC_OK};
    buf_init(&d.bytes, input.n + 1);
    http_body_begin(&b, &r, bytes_max);
    size_t at = 0;
    for (size_t turn = 0; at < input.n && d.code == RC_OK && !b.whole; turn++) {
        size_t step = steps.n ? (unsigned char)steps.p[turn % steps.n] + 1u : input.n;
        struct span now = span_sub(input, at, step);
        while (d.code == RC_OK && !b.whole) {
            size_t used = 0;
            struct span piece = {NULL, 0};
            d.code = http_body_feed(&b, now, &used, &piece, &d.status);
            CHECK(used <= now.n && piece.n <= used);
            if (used == 0) break;
            buf_add(&d.bytes, piece);
            now = span_from(now, used);
            at += used;
        }
    }
    d.whole = b.whole;
    d.used = d.code == RC_OK ? at : 0;
    CHECK(!d.bytes.over && d.bytes.n <= bytes_max);
    if (d.code == RC_OK) CHECK(d.bytes.n == b.taken && (b.whole || at == input.n));
    return d;
}

static void are_same(struct decoded a, struct decoded *b) {
    CHECK(a.code == b->code && a.status == b->status && a.whole == b->whole && a.used == b->used);
    CHECK(span_eq(buf_span(&a.bytes), buf_span(&b->bytes)));
    buf_done(&b->bytes);
}

static void round_trip(struct span data, struct span steps) {
    struct buf wire;
    buf_init(&wire, data.n * 16 + 100);
    for (size_t at = 0, turn = 0; at < data.n; turn++) {
        struct span chunk =
            span_sub(data, at, steps.n ? (unsigned char)steps.p[turn % steps.n] + 1u : data.n);
        buf_printf(&wire, turn % 2 ? "%zx\r\n" : "%04zX;a=\"b\"\r\n", chunk.n);
        buf_add(&wire, chunk);
        buf_str(&wire, "\r\n");
        at += chunk.n;
        if (turn > 4000) { /* no more extensions than one body may have */
            steps = (struct span){NULL, 0};
        }
    }
    buf_str(&wire, "0\r\nX: y\r\n\r\n");
    CHECK(!wire.over);
    struct decoded d = decode(buf_span(&wire), steps, data.n);
    CHECK(d.code == RC_OK && d.whole && span_eq(buf_span(&d.bytes), data));
    buf_done(&d.bytes);
    if (data.n) { /* one byte more than is allowed is too much */
        d = decode(buf_span(&wire), steps, data.n - 1);
        CHECK(d.code == RC_INVALID && d.status == 413);
        buf_done(&d.bytes);
    }
    buf_done(&wire);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct span input = span_of(data, n), steps = span_sub(input, 0, 4);
    input = span_from(input, 4);
    uint64_t bytes_max = 1000;
    struct decoded whole = decode(input, SPAN(""), bytes_max);
    struct decoded bytewise = decode(input, SPAN("\0"), bytes_max);
    struct decoded pieces = decode(input, steps, bytes_max);
    are_same(whole, &bytewise);
    are_same(whole, &pieces);
    buf_done(&whole.bytes);
    round_trip(input, steps);
    return 0;
}
