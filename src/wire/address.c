/* Addresses, file names, times and datelines as they come from outside. */
#include <unicode/uidna.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "wire/blocks.h"

static bool is_alpha(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
static int hex_value(char c) {
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* As a browser reads an attribute (WHATWG URL §4.4): tab, LF and CR are taken out wherever they
 * stand, white space and control characters at both ends. False if another one is inside. */
static bool strip(struct span raw, struct buf *out) {
    while (raw.n && (unsigned char)raw.p[0] <= ' ') raw = span_from(raw, 1);
    while (raw.n && (unsigned char)raw.p[raw.n - 1] <= ' ') raw.n--;
    for (size_t i = 0; i < raw.n; i++) {
        char c = raw.p[i];
        if (c == '\t' || c == '\n' || c == '\r') continue;
        if ((unsigned char)c < ' ' || c == 0x7f) return false;
        buf_char(out, c);
    }
    return !out->over;
}

/* Path, query and fragment: what RFC 3986 does not allow there is percent-encoded. */
static void encode(struct buf *out, struct span s) {
    bool fragment = false;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        bool plain = c < 0x80 && (is_alpha((char)c) || is_digit((char)c) ||
                                  (c && strchr("-._~:/?@!$&'()*+,;=", c) != NULL));
        if (c == '%')
            plain = i + 2 < s.n && hex_value(s.p[i + 1]) >= 0 && hex_value(s.p[i + 2]) >= 0;
        if (c == '#') {
            plain = !fragment;
            fragment = true;
        }
        if (plain)
            buf_char(out, (char)c);
        else
            buf_printf(out, "%%%02X", c);
    }
}

/* A host as DNS knows it: IDNA by UTS #46, then letters, digits, "-", "." and a port, or an IPv6
 * address in brackets. */
static bool add_host(struct buf *out, struct span authority) {
    char ascii[256];
    struct span host = authority, port = {0};
    if (span_find(authority, '@') < authority.n) return false; /* "https://bank@elsewhere" */
    if (host.n && host.p[0] == '[') {
        size_t close = span_find(host, ']');
        if (close < 3 || close >= host.n) return false;
        for (size_t i = 1; i < close; i++)
            if (hex_value(host.p[i]) < 0 && host.p[i] != ':' && host.p[i] != '.') return false;
        port = span_from(host, close + 1);
        host = span_sub(host, 0, close + 1);
        buf_add(out, host);
    } else {
        size_t colon = span_find(host, ':');
        port = span_from(host, colon);
        host = span_sub(host, 0, colon);
        if (host.n == 0 || host.n > sizeof ascii - 1) return false;
        UErrorCode status = U_ZERO_ERROR;
        UIDNAInfo info = UIDNA_INFO_INITIALIZER;
        UIDNA *idna = uidna_openUTS46(
            UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ | UIDNA_NONTRANSITIONAL_TO_ASCII, &status);
        int32_t n = uidna_nameToASCII_UTF8(idna, host.p, (int32_t)host.n, ascii, sizeof ascii,
                                           &info, &status);
        uidna_close(idna);
        /* Hyphens in odd places and long labels are DNS's business; what is not a host is ours. */
        const uint32_t fatal = UIDNA_ERROR_DISALLOWED | UIDNA_ERROR_PUNYCODE |
                               UIDNA_ERROR_INVALID_ACE_LABEL | UIDNA_ERROR_BIDI |
                               UIDNA_ERROR_CONTEXTJ | UIDNA_ERROR_LEADING_COMBINING_MARK |
                               UIDNA_ERROR_DOMAIN_NAME_TOO_LONG;
        if (U_FAILURE(status) || n <= 0 || n > (int32_t)sizeof ascii || (info.errors & fatal) != 0)
            return false;
        for (int32_t i = 0; i < n; i++)
            if (!is_alpha(ascii[i]) && !is_digit(ascii[i]) && !strchr("-._", ascii[i]))
                return false;
        if (ascii[0] == '.') return false;
        buf_add(out, span_of(ascii, (size_t)n));
    }
    if (port.n == 0) return true;
    uint64_t number;
    if (port.n == 1) return true; /* "host:" */
    if (port.p[0] != ':' || !span_to_u64(span_from(port, 1), 65535, &number)) return false;
    buf_add(out, port);
    return true;
}

static bool write_href(struct buf *out, struct span s) {
    if (s.n && s.p[0] == '/') {
        if (s.n > 1 && (s.p[1] == '/' || s.p[1] == '\\')) return false; /* another host */
        encode(out, s);
        return true;
    }
    size_t colon = span_find(s, ':');
    struct span scheme = span_sub(s, 0, colon), rest = span_from(s, colon + 1);
    if (span_eq_nocase(scheme, SPAN("mailto"))) {
        if (rest.n == 0 || rest.p[0] == '?') return false;
        buf_str(out, "mailto:");
        encode(out, rest);
        return true;
    }
    bool https = span_eq_nocase(scheme, SPAN("https"));
    if ((!https && !span_eq_nocase(scheme, SPAN("http"))) || !span_starts(rest, SPAN("//")))
        return false;
    rest = span_from(rest, 2);
    size_t end = 0;
    while (end < rest.n && !strchr("/?#\\", rest.p[end])) end++;
    if (end < rest.n && rest.p[end] == '\\') return false; /* to some the host ends here */
    buf_str(out, https ? "https://" : "http://");
    if (!add_host(out, span_sub(rest, 0, end))) return false;
    encode(out, span_from(rest, end));
    return true;
}

bool wire_href(struct arena *arena, struct span raw, struct span *out_href) {
    char stripped[WIRE_HREF_BYTES_MAX], written[WIRE_HREF_BYTES_MAX];
    struct buf in, out;
    buf_init_fixed(&in, stripped, sizeof stripped);
    buf_init_fixed(&out, written, sizeof written);
    if (!utf8_valid(raw) || !strip(raw, &in)) return false;
    if (!write_href(&out, buf_span(&in)) || out.over) return false;
    struct span href = arena_copy(arena, buf_span(&out));
    if (href.n == 0) return false;
    *out_href = href;
    return true;
}

/* A code point that may not be in a file's name: controls, and what is not seen (U+200B–200F,
 * U+202A–202E, U+2028/9, U+2066–2069, U+FEFF). */
static bool hidden(uint32_t point) {
    return point < 0x20 || (point >= 0x7f && point < 0xa0) ||
           (point >= 0x200b && point <= 0x200f) || (point >= 0x2028 && point <= 0x202e) ||
           (point >= 0x2060 && point <= 0x206f) || point == 0xfeff;
}

bool wire_file(struct arena *arena, struct span raw, struct span *out_file) {
    char decoded[WIRE_FILE_BYTES_MAX];
    struct buf name;
    uint32_t point;
    buf_init_fixed(&name, decoded, sizeof decoded);
    raw = span_trim(raw);
    for (size_t i = 0; i < raw.n; i++) {
        if (raw.p[i] == '%' && i + 2 < raw.n && hex_value(raw.p[i + 1]) >= 0 &&
            hex_value(raw.p[i + 2]) >= 0) {
            buf_char(&name, (char)(hex_value(raw.p[i + 1]) * 16 + hex_value(raw.p[i + 2])));
            i += 2;
        } else {
            buf_char(&name, raw.p[i]);
        }
    }
    struct span rest = buf_span(&name);
    if (name.over || rest.n == 0) return false;
    for (size_t at = 0; at < rest.n;)
        if (!utf8_next(rest, &at, &point) || hidden(point) || point == '\\' || point == ':')
            return false;
    while (rest.p) { /* span_cut leaves NULL behind the last segment */
        struct span segment = span_cut(&rest, '/');
        if (segment.n == 0 || span_eq(segment, SPAN(".")) || span_eq(segment, SPAN("..")))
            return false;
    }
    struct span file = arena_copy(arena, buf_span(&name));
    if (file.n == 0) return false;
    *out_file = file;
    return true;
}

/* ---- times ---------------------------------------------------------------------------------- */

/* `digits` decimal digits at *at, then `then` (0: nothing wanted); within from … to. */
static bool number(struct span s, size_t *at, unsigned digits, char then, int from, int to,
                   int *out) {
    int value = 0;
    for (unsigned i = 0; i < digits; i++, (*at)++) {
        if (*at >= s.n || !is_digit(s.p[*at])) return false;
        value = value * 10 + (s.p[*at] - '0');
    }
    if (then) {
        if (*at >= s.n || s.p[*at] != then) return false;
        (*at)++;
    }
    *out = value;
    return value >= from && value <= to;
}

/* Days since 1970-01-01 in the Gregorian calendar; years 1–9999. */
static int64_t days_of(int year, int month, int day) {
    static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    int y = year - 1, leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    int64_t days = (int64_t)y * 365 + y / 4 - y / 100 + y / 400 - 719162;
    return days + before[month - 1] + (month > 2 && leap) + day - 1;
}

static int days_in(int year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

/* "Z", "+01:00", "-0330" at the end of s: minutes east. */
static bool zone(struct span s, size_t at, int *out_minutes) {
    int hours, minutes;
    if (at >= s.n) return false;
    if (s.n - at == 1 && (s.p[at] == 'Z' || s.p[at] == 'z')) {
        *out_minutes = 0;
        return true;
    }
    bool east = s.p[at] == '+';
    if (!east && s.p[at] != '-') return false;
    bool colon = s.n - at == 6;
    at++;
    if (!number(s, &at, 2, colon ? ':' : 0, 0, 23, &hours)) return false;
    if (!number(s, &at, 2, 0, 0, 59, &minutes) || at != s.n) return false;
    *out_minutes = (east ? 1 : -1) * (hours * 60 + minutes);
    return true;
}

bool wire_time(struct span s, ms_t *out_time) {
    int year, month, day, hour, minute, second, ms = 0, east;
    size_t at = 0;
    if (!number(s, &at, 4, '-', 1, 9999, &year) || !number(s, &at, 2, '-', 1, 12, &month) ||
        !number(s, &at, 2, 0, 1, 31, &day) || day > days_in(year, month))
        return false;
    if (at >= s.n || (s.p[at] != 'T' && s.p[at] != 't')) return false;
    at++;
    if (!number(s, &at, 2, ':', 0, 23, &hour) || !number(s, &at, 2, ':', 0, 59, &minute) ||
        !number(s, &at, 2, 0, 0, 59, &second))
        return false;
    if (at < s.n && s.p[at] == '.') {
        int place = 100;
        size_t first = ++at;
        for (; at < s.n && is_digit(s.p[at]); at++, place /= 10) ms += (s.p[at] - '0') * place;
        if (at == first) return false;
    }
    if (!zone(s, at, &east)) return false;
    int64_t seconds = ((days_of(year, month, day) * 24 + hour) * 60 + minute - east) * 60 + second;
    *out_time = seconds * 1000 + ms;
    return true;
}

bool wire_day(struct span s) {
    int year, month, day;
    size_t at = 0;
    return number(s, &at, 4, '-', 1970, 9999, &year) && number(s, &at, 2, '-', 1, 12, &month) &&
           number(s, &at, 2, 0, 1, 31, &day) && at == s.n && day <= days_in(year, month);
}

/* ---- datelines ------------------------------------------------------------------------------ */

#define DATELINE_PLACE_BYTES_MAX 80
#define DATELINE_SOURCE_BYTES_MAX 40

/* A word in capitals, two letters or more: what tells a dateline from a sentence with a
 * parenthesis. Letters beyond ASCII count as capitals; "GROSSETO, Italy" has its word first. */
static bool begins_in_capitals(struct span place) {
    size_t letters = 0;
    for (size_t i = 0; i < place.n && place.p[i] != ' ' && place.p[i] != ','; i++) {
        char c = place.p[i];
        if (c >= 'a' && c <= 'z') return false;
        letters += is_alpha(c) || (unsigned char)c >= 0x80;
    }
    return letters >= 2 && is_alpha(place.p[0]);
}

/* One word, or all in capitals: "AP", "Reuters", "BUSINESS WIRE"; not "World Health Organization".
 */
static bool is_source(struct span source) {
    bool lower = false;
    for (size_t i = 0; i < source.n; i++)
        lower = lower || (source.p[i] >= 'a' && source.p[i] <= 'z');
    return source.n && (!lower || span_find(source, ' ') == source.n);
}

static size_t skip_spaces(struct span text, size_t at) {
    for (;;) {
        struct span rest = span_from(text, at);
        size_t n = span_starts(rest, SPAN(" ")) ? 1 : span_starts(rest, SPAN("\u00a0")) ? 2 : 0;
        if (n == 0) return at;
        at += n;
    }
}

bool wire_dateline(struct span text, struct dateline *out_dateline, size_t *out_bytes) {
    static const char *const dashes[] = {"—", "–", "--", "-", "―"};
    size_t open = span_find(span_sub(text, 0, DATELINE_PLACE_BYTES_MAX), '(');
    size_t close = open + span_find(span_sub(text, open, DATELINE_SOURCE_BYTES_MAX + 2), ')');
    if (open >= text.n || open >= DATELINE_PLACE_BYTES_MAX || close >= text.n ||
        text.p[close] != ')')
        return false;
    struct span place = span_trim(span_sub(text, 0, open));
    struct span source = span_trim(span_sub(text, open + 1, close - open - 1));
    if (place.n == 0 || !is_source(source) || !begins_in_capitals(place)) return false;
    for (size_t i = 0; i < place.n; i++)
        if (strchr(".!?:;\"", place.p[i]) && place.p[i]) return false;
    size_t at = skip_spaces(text, close + 1);
    for (size_t i = 0; i < COUNT_OF(dashes); i++) {
        struct span dash = span_str(dashes[i]);
        if (!span_starts(span_from(text, at), dash)) continue;
        at = skip_spaces(text, at + dash.n);
        *out_dateline = (struct dateline){place, source};
        *out_bytes = at;
        return true;
    }
    return false;
}
