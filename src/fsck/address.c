/* Which list is behind an address, and the other way round; without the edition's prefix. */
#include <inttypes.h>

#include "fsck/inner.h"

static bool all_digits(struct span s) {
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9') return false;
    return s.n > 0;
}

static bool number_is(struct span s, uint64_t *out_number) {
    return span_to_u64(s, UINT32_MAX, out_number);
}

/* What follows the prefix; false: it does not stand there. */
static bool after(struct span s, const char *prefix, struct span *out_rest) {
    if (!span_starts(s, span_str(prefix))) return false;
    *out_rest = span_from(s, strlen(prefix));
    return true;
}

static bool hex_digit(char c, uint8_t *value) {
    const bool digit = c >= '0' && c <= '9';
    if (!digit && !(c >= 'A' && c <= 'F')) return false;
    *value = (uint8_t)(*value << 4 | (digit ? c - '0' : c - 'A' + 10));
    return true;
}

/* Percent-decoded; false: it is not encoded as it should be. */
static bool decode(struct span s, struct buf *out) {
    for (size_t i = 0; i < s.n; i++) {
        uint8_t byte = 0;
        if (s.p[i] != '%') {
            buf_char(out, s.p[i]);
            continue;
        }
        if (i + 2 >= s.n || !hex_digit(s.p[i + 1], &byte) || !hex_digit(s.p[i + 2], &byte))
            return false;
        buf_char(out, (char)byte);
        i += 2;
    }
    return !out->over;
}

/* What a segment of a path need not encode (RFC 3986 §3.3), and the slash. */
static bool plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("-._~/", c));
}

static void encode(struct span s, struct buf *out) {
    for (size_t i = 0; i < s.n; i++) {
        if (plain(s.p[i]))
            buf_char(out, s.p[i]);
        else
            buf_printf(out, "%%%02X", (uint8_t)s.p[i]);
    }
}

/* "/items" or "/items/3", behind "", "/tag/SLUG", "/section/SLUG" or "/day/2026-11-24". */
static bool read_api(struct span path, struct buf *key, uint64_t *out_page) {
    struct span number, list;
    size_t at = path.n;
    while (at > 0 && !span_starts(span_from(path, at), SPAN("/items"))) at--;
    list = span_sub(path, 0, at);
    if (!after(span_from(path, at), "/items", &number)) return false;
    if (number.n && (number.p[0] != '/' || !number_is(span_from(number, 1), out_page)))
        return false;
    if (!list.n) {
        buf_str(key, "all");
        return true;
    }
    return (span_starts(list, SPAN("/tag/")) || span_starts(list, SPAN("/section/")) ||
            span_starts(list, SPAN("/day/"))) &&
           decode(span_from(list, 1), key);
}

/* "2026-11-3" */
static bool read_month(struct span text, struct buf *key, uint64_t *out_page) {
    if (text.n < 9 || text.p[7] != '-' || !number_is(span_from(text, 8), out_page)) return false;
    buf_str(key, "month/");
    buf_add(key, span_sub(text, 0, 7));
    return true;
}

/* "/2026", "/2026/11": the archive, no list; "/2026/11/24", with "/page/K". */
static bool read_day(struct span path, struct buf *key, uint64_t *out_page) {
    struct span rest;
    if (path.n > 5 && (path.n < 8 || !all_digits(span_sub(path, 6, 2)))) return false;
    if (path.n == 5 || path.n == 8) return true;
    if (path.n < 11 || path.p[8] != '/' || !all_digits(span_sub(path, 9, 2))) return false;
    buf_printf(key, "day/%.4s-%.2s-%.2s", path.p + 1, path.p + 6, path.p + 9);
    rest = span_from(path, 11);
    return !rest.n || (after(rest, "/page/", &rest) && number_is(rest, out_page));
}

/* "/section/SLUG" … with "/K" or a feed behind. */
static bool read_named(struct span path, struct buf *key, uint64_t *out_page) {
    static const char *const kinds[] = {"/section/", "/tag/", "/author/", "/corrections"};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (!span_starts(path, span_str(kinds[i]))) continue;
        size_t end = strlen(kinds[i]);
        while (end < path.n && path.p[end] != '/') end++;
        const struct span rest = span_from(path, end);
        bool good = !rest.n || span_eq(rest, SPAN("/feed.xml")) ||
                    span_eq(rest, SPAN("/feed.json")) || number_is(span_from(rest, 1), out_page);
        return good && decode(span_sub(path, 1, end - 1), key);
    }
    return false;
}

bool address_read(struct span path, struct buf *key, uint64_t *out_page, bool *out_may_be_empty) {
    static const char *const fixed[] = {"",
                                        "/",
                                        "/feed.xml",
                                        "/atom.xml",
                                        "/feed.json",
                                        "/archive",
                                        "/sitemap.xml",
                                        "/sitemap-fronts.xml",
                                        "/sitemap-pages.xml",
                                        "/news-sitemap.xml",
                                        "/robots.txt",
                                        "/favicon.ico"};
    struct span rest;
    *out_page = 0;
    *out_may_be_empty = true;
    for (size_t i = 0; i < COUNT_OF(fixed); i++)
        if (span_eq(path, span_str(fixed[i]))) return true;
    if (after(path, "/theme/", &rest)) return true;
    if (after(path, "/api/v1", &rest)) return read_api(rest, key, out_page);
    /* What is configured or linked everywhere has a page, with or without stories. */
    *out_may_be_empty = span_starts(path, SPAN("/section/")) ||
                        span_starts(path, SPAN("/corrections")) || span_eq(path, SPAN("/latest"));
    if (span_eq(path, SPAN("/latest")) || after(path, "/latest/", &rest)) {
        buf_str(key, "all");
        return path.n == strlen("/latest") || number_is(rest, out_page);
    }
    if (span_ends(path, SPAN(".xml")) &&
        (after(path, "/sitemap-", &rest) || after(path, "/sitemap/", &rest))) {
        rest.n -= strlen(".xml");
        return read_month(rest, key, out_page);
    }
    if (path.n >= 5 && all_digits(span_sub(path, 1, 4)) && (path.n == 5 || path.p[5] == '/'))
        return read_day(path, key, out_page);
    return read_named(path, key, out_page);
}

void address_write(struct span edition, struct span list, uint64_t page, bool older,
                   struct buf *out) {
    struct span rest;
    buf_clear(out);
    if (edition.n) buf_printf(out, "/" SPAN_FMT, SPAN_ARG(edition));
    if (after(list, "day/", &rest)) {
        buf_printf(out, "/%.4s/%.2s/%.2s", rest.p, rest.p + 5, rest.p + 8);
        if (page) buf_printf(out, "/page/%" PRIu64, page);
    } else if (after(list, "month/", &rest)) {
        buf_printf(out, "/sitemap%c%.7s-%" PRIu64 ".xml", older ? '/' : '-', rest.p, page);
    } else if (span_eq(list, SPAN("all"))) {
        if (page)
            buf_printf(out, "/latest/%" PRIu64, page);
        else if (!edition.n)
            buf_char(out, '/');
    } else {
        buf_char(out, '/');
        encode(list, out);
        if (page) buf_printf(out, "/%" PRIu64, page);
    }
}
