#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"

void buf_init(struct buf *b, size_t bytes_max) {
    *b = (struct buf){.bytes_max = bytes_max};
}

void buf_init_fixed(struct buf *b, void *memory, size_t bytes) {
    *b = (struct buf){.p = memory, .cap = bytes, .bytes_max = bytes, .fixed = true};
}

void buf_done(struct buf *b) {
    if (!b->fixed) mem_free(b->p);
    *b = (struct buf){0};
}

void buf_clear(struct buf *b) {
    b->n = 0;
    b->over = false;
}

char *buf_room(struct buf *b, size_t n) {
    if (b->over || n > b->bytes_max - b->n) {
        b->over = true;
        return NULL;
    }
    if (b->n + n > b->cap) {
        size_t cap = b->cap ? b->cap : 256;
        while (cap < b->n + n) cap *= 2;
        if (cap > b->bytes_max) cap = b->bytes_max;
        b->p = mem_resize(b->p, cap);
        b->cap = cap;
    }
    char *at = b->p + b->n;
    b->n += n;
    return at;
}

void buf_add(struct buf *b, struct span s) {
    if (s.n == 0) return;
    char *at = buf_room(b, s.n);
    if (at) memcpy(at, s.p, s.n);
}

void buf_str(struct buf *b, const char *str) {
    buf_add(b, span_str(str));
}

void buf_char(struct buf *b, char c) {
    char *at = buf_room(b, 1);
    if (at) *at = c;
}

void buf_u64(struct buf *b, uint64_t value) {
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    buf_add(b, span_of(digits + at, sizeof digits - at));
}

void buf_i64(struct buf *b, int64_t value) {
    if (value < 0) buf_char(b, '-');
    buf_u64(b, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void buf_hex(struct buf *b, const void *bytes, size_t n) {
    static const char digit[] = "0123456789abcdef";
    const unsigned char *u = bytes;
    char *at = buf_room(b, n * 2);
    for (size_t i = 0; at && i < n; i++) {
        at[2 * i] = digit[u[i] >> 4];
        at[2 * i + 1] = digit[u[i] & 15];
    }
}

static const char base64_digit[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void buf_base64(struct buf *b, const void *bytes, size_t n) {
    const unsigned char *u = bytes;
    for (size_t i = 0; i < n; i += 3) {
        uint32_t v = (uint32_t)u[i] << 16;
        if (i + 1 < n) v |= (uint32_t)u[i + 1] << 8;
        if (i + 2 < n) v |= u[i + 2];
        char four[4] = {base64_digit[v >> 18], base64_digit[v >> 12 & 63],
                        i + 1 < n ? base64_digit[v >> 6 & 63] : '=',
                        i + 2 < n ? base64_digit[v & 63] : '='};
        buf_add(b, span_of(four, 4));
    }
}

void buf_printf(struct buf *b, const char *fmt, ...) {
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    char small[256];
    int n = vsnprintf(small, sizeof small, fmt, args);
    va_end(args);
    CHECK(n >= 0);
    if ((size_t)n < sizeof small) {
        buf_add(b, span_of(small, (size_t)n));
    } else {
        char *large = mem_new((size_t)n + 1);
        vsnprintf(large, (size_t)n + 1, fmt, again);
        buf_add(b, span_of(large, (size_t)n));
        mem_free(large);
    }
    va_end(again);
}

void buf_be(struct buf *b, uint64_t value, unsigned bytes) {
    CHECK(bytes <= 8);
    char *at = buf_room(b, bytes);
    for (unsigned i = 0; at && i < bytes; i++) at[i] = (char)(value >> (8 * (bytes - 1 - i)));
}

static int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

bool hex_decode(struct span hex, void *out_bytes, size_t n) {
    unsigned char *out = out_bytes;
    if (hex.n != n * 2) return false;
    for (size_t i = 0; i < hex.n; i++)
        if (hex_value(hex.p[i]) < 0) return false;
    for (size_t i = 0; i < n; i++)
        out[i] = (unsigned char)(hex_value(hex.p[2 * i]) << 4 | hex_value(hex.p[2 * i + 1]));
    return true;
}

static int base64_value(char c) {
    const char *at = c ? strchr(base64_digit, c) : NULL;
    return at ? (int)(at - base64_digit) : -1;
}

bool base64_decode(struct span text, void *out_bytes, size_t cap, size_t *out_n) {
    unsigned char *out = out_bytes;
    size_t n = 0;
    if (text.n % 4 != 0) return false;
    for (size_t i = 0; i < text.n; i += 4) {
        bool last = i + 4 == text.n;
        int pad = !last || text.p[i + 3] != '=' ? 0 : text.p[i + 2] == '=' ? 2 : 1;
        uint32_t v = 0;
        for (int k = 0; k < 4; k++) {
            int digit = k >= 4 - pad ? 0 : base64_value(text.p[i + (size_t)k]);
            if (digit < 0) return false;
            v = v << 6 | (uint32_t)digit;
        }
        if ((pad == 1 && (v & 0xFF)) || (pad == 2 && (v & 0xFFFF))) return false;
        if (n + (size_t)(3 - pad) > cap) return false;
        out[n++] = (unsigned char)(v >> 16);
        if (pad < 2) out[n++] = (unsigned char)(v >> 8);
        if (pad < 1) out[n++] = (unsigned char)v;
    }
    *out_n = n;
    return true;
}
