/*
 * buf: the one bounded builder. It grows up to `bytes_max` and then, instead of failing at every
 * call, sets `over`, takes nothing more, and keeps what it had; the caller looks once, at the end.
 */
#ifndef DATELINE_BASE_BUF_H
#define DATELINE_BASE_BUF_H

#include "base/base.h"

struct buf {
    char *p;
    size_t n, cap, bytes_max;
    bool over;  /* sticky: something did not fit */
    bool fixed; /* p is the caller's memory: never grown, never freed */
};

void buf_init(struct buf *b, size_t bytes_max);
void buf_init_fixed(struct buf *b, void *memory, size_t bytes); /* never allocates */
void buf_done(struct buf *b);
void buf_clear(struct buf *b); /* keeps the memory, forgets `over` */

void buf_add(struct buf *b, struct span s);
void buf_str(struct buf *b, const char *str);
void buf_char(struct buf *b, char c);
void buf_u64(struct buf *b, uint64_t value); /* decimal */
void buf_i64(struct buf *b, int64_t value);
void buf_hex(struct buf *b, const void *bytes, size_t n);    /* lower case */
void buf_base64(struct buf *b, const void *bytes, size_t n); /* RFC 4648 §4, padded */
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF(2, 3);
void buf_be(struct buf *b, uint64_t value, unsigned bytes); /* big-endian, `bytes` ≤ 8 */
/* n writable bytes at the end, counted as added; NULL (and over) if they do not fit. */
char *buf_room(struct buf *b, size_t n);
static inline struct span buf_span(const struct buf *b) {
    return (struct span){b->p, b->n};
}

/* The other direction. Strict: exactly n bytes / canonical padding and zero spare bits. */
bool hex_decode(struct span hex, void *out_bytes, size_t n); /* lower case only */
bool base64_decode(struct span text, void *out_bytes, size_t cap, size_t *out_n);

#endif
