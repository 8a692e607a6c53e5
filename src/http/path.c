#include "http/path.h"

#include "base/utf8.h"
#include "http/bytes.h"

static const char hex_digits[] = "0123456789ABCDEF";

/* The byte that the escape at `at` stands for, or -1. */
static int escape_at(struct span s, size_t at) {
    if (s.n - at < 3 || s.p[at] != '%') return -1;
    unsigned char high = (unsigned char)s.p[at + 1], low = (unsigned char)s.p[at + 2];
    if (!byte_is(high, BYTE_HEX) || !byte_is(low, BYTE_HEX)) return -1;
    return (int)(byte_hex(high) << 4 | byte_hex(low));
}

static size_t put_escape(char *out, unsigned char c) {
    out[0] = '%';
    out[1] = hex_digits[c >> 4];
    out[2] = hex_digits[c & 15];
    return 3;
}

/* What may not be in a path, however it is written: it is no name, or another parser may take it
 * for a separator. */
static bool forbidden(uint32_t point) {
    return point < 0x20 || (point >= 0x7F && point < 0xA0) || point == '\\';
}

/* One character that is sent as escapes, from s.p + *at on. Writes its normal form; *at moves past
 * it. At most four escapes make one character. */
static rc take_escapes(struct span s, size_t *at, char *out, size_t *out_n) {
    char bytes[4];
    size_t n = 0, used = 0, put = 0;
    for (int c; n < 4 && *at + 3 * n < s.n && (c = escape_at(s, *at + 3 * n)) >= 0;)
        bytes[n++] = (char)c;
    if (n == 0) return rc_fail(RC_INVALID, "path: a %% without two hex digits");
    uint32_t point;
    if (!utf8_next(span_of(bytes, n), &used, &point))
        return rc_fail(RC_INVALID, "path: escapes that are not UTF-8");
    if (forbidden(point) || point == '/')
        return rc_fail(RC_INVALID, "path: an encoded control character, / or \\");
    if (used == 1 && byte_is((unsigned char)bytes[0], BYTE_UNRESERVED))
        out[put++] = bytes[0];
    else
        for (size_t i = 0; i < used; i++) put += put_escape(out + put, (unsigned char)bytes[i]);
    *at += 3 * used;
    *out_n = put;
    return RC_OK;
}

/* A "." or ".." between two slashes; path is in normal form. */
static bool has_dots(struct span path) {
    if (span_find(path, '.') == path.n) return false;
    while (path.p) {
        struct span segment = span_cut(&path, '/');
        if (span_eq(segment, SPAN(".")) || span_eq(segment, SPAN(".."))) return true;
    }
    return false;
}

rc http_path_normal(struct span path, char *out, size_t cap, struct span *out_path) {
    CHECK(cap >= path.n);
    if (path.n == 0 || path.p[0] != '/')
        return rc_fail(RC_INVALID, "path: it does not begin with /");
    size_t at = 0, n = 0; /* of path, of the result */
    bool copied = false;  /* the result has begun to differ, and is in out */
    const unsigned char *bytes = (const unsigned char *)path.p, *end = bytes + path.n;
    for (;;) {
        size_t run = (size_t)(bytes_skip(bytes + at, end, BYTE_PLAIN) - (bytes + at));
        if (copied) memcpy(out + n, path.p + at, run);
        at += run;
        n += run;
        if (at == path.n) break;
        if (bytes[at] != '%')
            return rc_fail(RC_INVALID, "path: byte 0x%02X must be percent-encoded", bytes[at]);
        char form[12] = {0};
        size_t from = at, form_n = 0;
        TRY(take_escapes(path, &at, form, &form_n));
        if (!copied && (form_n != at - from || memcmp(form, path.p + from, form_n) != 0)) {
            memcpy(out, path.p, from);
            copied = true;
        }
        if (copied) memcpy(out + n, form, form_n);
        n += form_n;
    }
    struct span normal = span_of(copied ? out : path.p, n);
    if (has_dots(normal)) return rc_fail(RC_INVALID, "path: a . or .. segment");
    *out_path = normal;
    return RC_OK;
}

rc http_path_encode(struct span text, char *out, size_t cap, struct span *out_path) {
    size_t n = 0;
    for (size_t at = 0; at < text.n;) {
        size_t from = at;
        uint32_t point;
        if (!utf8_next(text, &at, &point)) return rc_fail(RC_INVALID, "path: it is not UTF-8");
        if (forbidden(point)) return rc_fail(RC_INVALID, "path: a control character or \\");
        bool plain = point == '/' || (point < 0x80 && byte_is((unsigned char)point, BYTE_PCHAR));
        if (cap - n < (plain ? 1 : 3 * (at - from)))
            return rc_fail(RC_TOO_BIG, "path: over %zu bytes when encoded", cap);
        if (plain)
            out[n++] = (char)point;
        else
            for (; from < at; from++) n += put_escape(out + n, (unsigned char)text.p[from]);
    }
    struct span path = span_of(out, n);
    if (has_dots(path)) return rc_fail(RC_INVALID, "path: a . or .. segment");
    *out_path = path;
    return RC_OK;
}
