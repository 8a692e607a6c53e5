#include "base/utf8.h"

bool utf8_next(struct span s, size_t *at, uint32_t *out_point) {
    if (*at >= s.n) return false;
    const unsigned char *u = (const unsigned char *)s.p + *at;
    size_t left = s.n - *at, more;
    uint32_t point, least;
    if (u[0] < 0x80) {
        *out_point = u[0];
        *at += 1;
        return true;
    }
    if (u[0] >= 0xC2 && u[0] <= 0xDF)
        more = 1, point = u[0] & 0x1Fu, least = 0x80;
    else if ((u[0] & 0xF0) == 0xE0)
        more = 2, point = u[0] & 0x0Fu, least = 0x800;
    else if (u[0] >= 0xF0 && u[0] <= 0xF4)
        more = 3, point = u[0] & 0x07u, least = 0x10000;
    else
        return false;
    if (left <= more) return false;
    for (size_t i = 1; i <= more; i++) {
        if ((u[i] & 0xC0) != 0x80) return false;
        point = point << 6 | (u[i] & 0x3Fu);
    }
    if (point < least || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) return false;
    *out_point = point;
    *at += more + 1;
    return true;
}

bool utf8_valid(struct span s) {
    uint32_t point;
    for (size_t at = 0; at < s.n;)
        if (!utf8_next(s, &at, &point)) return false;
    return true;
}

size_t utf8_put(uint32_t point, char out_bytes[4]) {
    if (point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) point = 0xFFFD;
    if (point < 0x80) {
        out_bytes[0] = (char)point;
        return 1;
    }
    size_t n = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--, point >>= 6) out_bytes[i] = (char)(0x80 | (point & 0x3F));
    out_bytes[0] = (char)((0xF00u >> n & 0xFFu) | point);
    return n;
}

size_t utf8_count(struct span s) {
    size_t count = 0;
    for (size_t i = 0; i < s.n; i++) count += ((unsigned char)s.p[i] & 0xC0) != 0x80;
    return count;
}
