/* bytes: which byte may stand where, as one table for the parsers of this folder. Private to it. */
#ifndef DATELINE_HTTP_BYTES_H
#define DATELINE_HTTP_BYTES_H

#include "base/base.h"

enum {
    BYTE_TOKEN = 1,       /* tchar, RFC 9110 §5.6.2 */
    BYTE_PATH = 2,        /* of a request target before its "?", see request.c */
    BYTE_QUERY = 4,       /* the same and "?" */
    BYTE_VALUE = 8,       /* of a field value: VCHAR, SP, HTAB, obs-text; RFC 9110 §5.5 */
    BYTE_UNRESERVED = 16, /* RFC 3986 §2.3; here also what a host name may hold */
    BYTE_PCHAR = 32,      /* of a path segment, unencoded (so without "%"); RFC 3986 §3.3 */
    BYTE_HEX = 64,
    BYTE_PLAIN = 128, /* BYTE_PCHAR or "/" */
};

extern const uint8_t http_bytes[256];

static inline bool byte_is(unsigned char c, unsigned classes) {
    return (http_bytes[c] & classes) != 0;
}
static inline bool byte_is_digit(unsigned char c) {
    return c >= '0' && c <= '9';
}
/* Of a byte that is BYTE_HEX. */
static inline unsigned byte_hex(unsigned char c) {
    return c <= '9' ? c - (unsigned)'0' : (c | 0x20u) - 'a' + 10u;
}
/* The first byte from p on that is of none of the classes, or `end`. */
static inline const unsigned char *bytes_skip(const unsigned char *p, const unsigned char *end,
                                              unsigned classes) {
    while (end - p >= 4 &&
           (http_bytes[p[0]] & http_bytes[p[1]] & http_bytes[p[2]] & http_bytes[p[3]] & classes))
        p += 4;
    while (p < end && byte_is(*p, classes)) p++;
    return p;
}
static inline bool bytes_are(struct span s, unsigned classes) {
    const unsigned char *from = (const unsigned char *)s.p;
    return bytes_skip(from, from + s.n, classes) == from + s.n;
}

#endif
