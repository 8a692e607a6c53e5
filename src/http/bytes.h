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
static inline bool bytes_are(struct span s, unsigned classes) {
    for (size_t i = 0; i < s.n; i++)
        if (!byte_is((unsigned char)s.p[i], classes)) return false;
    return true;
}

#endif
