/*
 * What holds:
 *  1. The bytes are judged from left to right, and each fault is decided at one certain byte: by it
 *     and what stands before it, never by what stands behind. So a prefix that is refused is
 *     refused with the same status whatever follows, and no split changes a verdict.
 *  2. Whatever is judged was read with the same rules: after RC_AGAIN the next call either sees
 * that the new bytes cannot matter by themselves ("dull": more of the same token, target or value,
 *     below its limit), or it reads the head again from its first byte. The second happens at most
 *     a few times a line, so a trickled head costs lines × bytes, not bytes².
 *  3. Nothing of *out_request is written before the head is whole and right.
 *
 * Where the standards leave a choice:
 *  - Lines end in CR LF. A bare CR or LF, NUL, DEL and other controls are 400 everywhere; obs-text
 *    (bytes ≥ 0x80) may stand in a field value (RFC 9110 §5.5) and nowhere else.
 *  - HTTP/1.2 to HTTP/1.9 are read as HTTP/1.1 (RFC 9110 §2.5); another major version, also the
 *    preface of HTTP/2, is 505; what is no version at all (HTTP/0.9, "http/1.1") is 400.
 *  - A target is "/…", "http://…" or "https://…" (RFC 9112 §3.2.1, §3.2.2) or, for OPTIONS, "*".
 *    It holds no "#", quote, angle bracket or byte ≥ 0x80. [ ] \ ^ ` { | } are let through, because
 *    browsers send them in queries; http_path_normal() refuses them in paths. CONNECT is 501.
 *  - Host: letters, digits, "-", ".", "_", "~" without empty labels (so no percent-encoding, no
 *    comma, no user), or an IPv6 address in brackets; perhaps a port from 0 to 65535. HTTP/1.0 may
 *    come without it. In an absolute-form target the authority is held to the same rules.
 *  - Content-Length is digits without leading zeros, in one line. Transfer-Encoding is "chunked" in
 *    one line of an HTTP/1.1 request: 501 if other codings come before a last "chunked", 400 for
 *    everything else (RFC 9112 §6.1, §6.3).
 *  - Fields that mean one thing (Authorization, Content-Type, If-None-Match, Host) may come once.
 *  - Upgrade, TE, Trailer, Keep-Alive have no effect.
 */
#include "http/request.h"

#include "http/bytes.h"

typedef const unsigned char *bytes_t;

struct reader {
    bytes_t from, at, end; /* end: of the input, or of the longest head we read */
    struct http_progress *progress;
    unsigned status;
    bool absolute, host_given, close, stay;
    unsigned coding_yes, coding_no; /* enum http_accept_encoding */
    bool coding_star;
    struct http_request r; /* last: of its fields only those that are there are ever written */
};

static rc __attribute__((cold, noinline))
refuse(struct reader *h, unsigned status, const char *why) {
    h->status = status;
    return rc_fail(RC_INVALID, "request: %s", why);
}

/* The input ends. As long as it grows by bytes of the classes `dull`, and not beyond dull_end,
 * there is nothing new to judge; no class: the next byte must be looked at. */
static rc __attribute__((cold, noinline)) starve(struct reader *h, unsigned dull, size_t dull_end) {
    size_t n = (size_t)(h->end - h->from);
    if (n == HTTP_HEAD_BYTES_MAX) return refuse(h, 431, "the header section is too long");
    if (!dull) dull_end = n;
    if (dull_end > HTTP_HEAD_BYTES_MAX - 1) dull_end = HTTP_HEAD_BYTES_MAX - 1;
    *h->progress = (struct http_progress){.scanned = n, .dull_end = dull_end, .dull = dull};
    return RC_AGAIN;
}

static bool still_dull(struct span bytes, struct http_progress *progress) {
    if (bytes.n > progress->dull_end) return false;
    for (size_t i = progress->scanned; i < bytes.n; i++)
        if (!byte_is((unsigned char)bytes.p[i], progress->dull)) return false;
    if (bytes.n > progress->scanned) progress->scanned = bytes.n;
    return true;
}

static bytes_t at_most(const struct reader *h, bytes_t from, size_t n) {
    return (size_t)(h->end - from) > n ? from + n : h->end;
}

static inline uint64_t differ_8(const char *s, const char *lower) {
    uint64_t a, b;
    memcpy(&a, s, 8);
    memcpy(&b, lower, 8);
    return (a | UINT64_MAX / 255 * 0x20) ^ b;
}
static inline uint32_t differ_4(const char *s, const char *lower) {
    uint32_t a, b;
    memcpy(&a, s, 4);
    memcpy(&b, lower, 4);
    return (a | UINT32_MAX / 255 * 0x20) ^ b;
}

/*
 * `s` holds no control byte, `lower` only a–z, 0–9 and "-": then or-ing 0x20 changes upper-case
 * letters to lower ones and can make no other byte equal. lower.n is known when this is compiled,
 * and words are compared whole, the last one overlapping the one before.
 */
static inline bool is_word(struct span s, struct span lower) {
    if (s.n != lower.n) return false;
    uint64_t differ = 0;
    if (lower.n >= 8) {
        for (size_t i = 0; i + 8 < lower.n; i += 8) differ |= differ_8(s.p + i, lower.p + i);
        differ |= differ_8(s.p + lower.n - 8, lower.p + lower.n - 8);
    } else if (lower.n >= 4) {
        differ = differ_4(s.p, lower.p) | differ_4(s.p + lower.n - 4, lower.p + lower.n - 4);
    } else {
        for (size_t i = 0; i < lower.n; i++)
            differ |= ((unsigned char)s.p[i] | 0x20u) ^ (unsigned char)lower.p[i];
    }
    return differ == 0;
}

static struct span trim(struct span s) {
    while (s.n && (s.p[0] == ' ' || s.p[0] == '\t')) s.p++, s.n--;
    while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t')) s.n--;
    return s;
}

/* The next element of a comma-separated list, empty ones left out (RFC 9110 §5.6.1.2). */
static bool next_element(struct span *rest, struct span *out_element) {
    while (rest->n) {
        struct span element = trim(span_cut(rest, ','));
        if (element.n) {
            *out_element = element;
            return true;
        }
    }
    return false;
}

/* ---- host ---- */

/* RFC 3986 §3.2.2 IPv6address: eight groups, or fewer around one "::"; an IPv4 address may stand
 * for the last two. */
static bool ipv4_valid(struct span s) {
    unsigned parts = 0;
    do {
        uint64_t part;
        if (!span_to_u64(span_cut(&s, '.'), 255, &part)) return false;
        parts++;
    } while (s.p);
    return parts == 4;
}

static bool ipv6_valid(struct span s) {
    unsigned groups = 0;
    bool gap = false;
    size_t i = 0;
    if (span_starts(s, SPAN("::"))) gap = true, i = 2;
    while (i < s.n) {
        size_t digits = 0;
        while (i + digits < s.n && byte_is((unsigned char)s.p[i + digits], BYTE_HEX)) digits++;
        if (i + digits < s.n && s.p[i + digits] == '.') {
            if (!ipv4_valid(span_from(s, i))) return false;
            groups += 2;
            break;
        }
        if (digits == 0 || digits > 4 || ++groups > 8) return false;
        i += digits;
        if (i == s.n) break;
        if (s.p[i] != ':' || ++i == s.n) return false;
        if (s.p[i] == ':') {
            if (gap) return false;
            gap = true;
            i++;
        }
    }
    return gap ? groups < 8 : groups == 8;
}

static bool port_valid(struct span s) {
    unsigned value = 0;
    if (s.n == 0 || s.n > 5) return false;
    for (size_t i = 0; i < s.n; i++) {
        if (!byte_is_digit((unsigned char)s.p[i])) return false;
        value = value * 10 + (unsigned)(s.p[i] - '0');
    }
    return value <= 65535;
}

static bool host_valid(struct span s) {
    size_t n = 0;
    if (s.n > HTTP_HOST_BYTES_MAX) return false;
    if (s.n && s.p[0] == '[') {
        size_t close = span_find(s, ']');
        if (close == s.n || !ipv6_valid(span_sub(s, 1, close - 1))) return false;
        n = close + 1;
    } else {
        char before = '.';
        for (; n < s.n && byte_is((unsigned char)s.p[n], BYTE_UNRESERVED); n++) {
            if (s.p[n] == '.' && before == '.') return false;
            before = s.p[n];
        }
        if (n == 0) return false;
    }
    return n == s.n || (s.p[n] == ':' && port_valid(span_from(s, n + 1)));
}

/* ---- the request line ---- */

static enum http_method method_of(struct span s) {
    switch (s.n) {
    case 3:
        if (memcmp(s.p, "GET", 3) == 0) return HTTP_GET;
        return memcmp(s.p, "PUT", 3) == 0 ? HTTP_PUT : HTTP_OTHER;
    case 4:
        if (memcmp(s.p, "HEAD", 4) == 0) return HTTP_HEAD;
        return memcmp(s.p, "POST", 4) == 0 ? HTTP_POST : HTTP_OTHER;
    case 6: return memcmp(s.p, "DELETE", 6) == 0 ? HTTP_DELETE : HTTP_OTHER;
    case 7: return memcmp(s.p, "OPTIONS", 7) == 0 ? HTTP_OPTIONS : HTTP_OTHER;
    default: return HTTP_OTHER;
    }
}

static rc read_method(struct reader *h) {
    bytes_t from = h->at, p = from, cut = at_most(h, from, HTTP_METHOD_BYTES_MAX);
    while (p < cut && byte_is(*p, BYTE_TOKEN)) p++;
    if (p == h->end) return starve(h, BYTE_TOKEN, (size_t)(from - h->from) + HTTP_METHOD_BYTES_MAX);
    if (byte_is(*p, BYTE_TOKEN)) return refuse(h, 501, "the method is too long");
    if (*p != ' ' || p == from) return refuse(h, 400, "it does not begin with a method");
    h->r.method_text = span_of(from, (size_t)(p - from));
    h->r.method = method_of(h->r.method_text);
    if (h->r.method == HTTP_OTHER && span_eq(h->r.method_text, SPAN("CONNECT")))
        return refuse(h, 501, "CONNECT: this is not a proxy");
    h->at = p + 1;
    return RC_OK;
}

/* "http://host/path": leaves the path in `target`, as if it had come in origin-form. */
static rc take_authority(struct reader *h, struct span *target) {
    struct span whole = *target;
    size_t slashes = span_find(whole, ':') + 1;
    struct span scheme = span_sub(whole, 0, slashes - 1), rest = span_from(whole, slashes);
    if (!(is_word(scheme, SPAN("http")) || is_word(scheme, SPAN("https"))) ||
        !span_starts(rest, SPAN("//")))
        return refuse(h, 400, "the target is neither a path nor an http URL");
    rest = span_from(rest, 2);
    size_t n = 0;
    while (n < rest.n && rest.p[n] != '/' && rest.p[n] != '?') n++;
    if (!host_valid(span_sub(rest, 0, n)))
        return refuse(h, 400, "the target's authority is not host[:port]");
    if (n < rest.n && rest.p[n] == '?') return refuse(h, 400, "the target has no path");
    h->r.host = span_sub(rest, 0, n);
    h->absolute = true;
    /* An empty path is "/" (RFC 9110 §4.2.3): the one before the authority will do. */
    *target = n < rest.n ? span_from(rest, n) : span_sub(whole, slashes + 1, 1);
    return RC_OK;
}

static rc read_target(struct reader *h) {
    bytes_t from = h->at, p = from, cut = at_most(h, from, HTTP_TARGET_BYTES_MAX), query = NULL;
    size_t dull_end = (size_t)(from - h->from) + HTTP_TARGET_BYTES_MAX;
    if (p == h->end) return starve(h, 0, 0);
    if (*p != '/' && *p != '*' && (*p | 0x20) != 'h')
        return refuse(h, 400, "the target is neither a path nor an http URL");
    p = bytes_skip(p, cut, BYTE_PATH);
    if (p == h->end) return starve(h, BYTE_PATH, dull_end);
    if (*p == '?' && p < cut) {
        query = ++p;
        p = bytes_skip(p, cut, BYTE_QUERY);
        if (p == h->end) return starve(h, BYTE_QUERY, dull_end);
    }
    if (byte_is(*p, BYTE_QUERY)) return refuse(h, 414, "the target is too long");
    if (*p != ' ') return refuse(h, 400, "a byte that may not stand in a target");
    struct span target = span_of(from, (size_t)(p - from));
    if (*from != '/' && *from != '*') TRY(take_authority(h, &target));
    h->r.target = target;
    h->r.path = target;
    if (query) {
        h->r.query = span_of(query, (size_t)(p - query));
        h->r.path.n -= h->r.query.n + 1;
    }
    h->at = p + 1;
    return RC_OK;
}

static rc read_version(struct reader *h) {
    static const char want[] = "HTTP/1.?\r\n";
    bytes_t p = h->at;
    size_t i = h->end - p >= 7 && memcmp(p, want, 7) == 0 ? 7 : 0;
    for (; i < sizeof want - 1; i++) {
        if (p + i == h->end) return starve(h, 0, 0);
        if (p[i] == (unsigned char)want[i] || (i == 7 && byte_is_digit(p[i]))) continue;
        if (i == 5 && byte_is_digit(p[i])) return refuse(h, 505, "not a version we speak");
        return refuse(h, 400, "the request line does not end in HTTP/1.x CR LF");
    }
    h->r.minor = p[7] == '0' ? 0 : 1;
    if (h->r.target.p[0] == '*' && (h->r.method != HTTP_OPTIONS || h->r.target.n != 1))
        return refuse(h, 400, "the target * is for OPTIONS");
    h->at = p + sizeof want - 1;
    return RC_OK;
}

/* ---- fields that mean something here; each is judged when its line is whole ---- */

static rc take_host(struct reader *h, struct span value) {
    if (h->host_given) return refuse(h, 400, "Host comes twice");
    if (!host_valid(value)) return refuse(h, 400, "Host is not host[:port]");
    h->host_given = true;
    if (!h->absolute) h->r.host = value;
    return RC_OK;
}

static rc take_length(struct reader *h, struct span value) {
    if (h->r.has_length) return refuse(h, 400, "Content-Length comes twice");
    if (h->r.chunked) return refuse(h, 400, "Content-Length with Transfer-Encoding");
    if (value.n == 0 || (value.n > 1 && value.p[0] == '0'))
        return refuse(h, 400, "Content-Length is not a number");
    for (size_t i = 0; i < value.n; i++)
        if (!byte_is_digit((unsigned char)value.p[i]))
            return refuse(h, 400, "Content-Length is not a number");
    if (!span_to_u64(value, HTTP_BODY_BYTES_MAX, &h->r.content_length))
        return refuse(h, 413, "Content-Length is over the limit");
    h->r.has_length = true;
    return RC_OK;
}

static rc take_transfer_encoding(struct reader *h, struct span value) {
    if (h->r.minor == 0) return refuse(h, 400, "Transfer-Encoding in HTTP/1.0");
    if (h->r.chunked) return refuse(h, 400, "Transfer-Encoding comes twice");
    if (h->r.has_length) return refuse(h, 400, "Content-Length with Transfer-Encoding");
    if (is_word(value, SPAN("chunked"))) {
        h->r.chunked = true;
        return RC_OK;
    }
    size_t codings = 0;
    bool last = false, misplaced = false;
    struct span coding;
    while (next_element(&value, &coding)) {
        misplaced |= last || !bytes_are(coding, BYTE_TOKEN);
        last = is_word(coding, SPAN("chunked"));
        codings++;
    }
    if (misplaced || !last || codings == 1)
        return refuse(h, 400, "Transfer-Encoding does not end in one chunked");
    return refuse(h, 501, "a transfer coding we do not know");
}

static rc take_connection(struct reader *h, struct span value) {
    struct span option;
    while (next_element(&value, &option)) {
        if (!bytes_are(option, BYTE_TOKEN)) return refuse(h, 400, "Connection is malformed");
        if (is_word(option, SPAN("close"))) h->close = true;
        if (is_word(option, SPAN("keep-alive"))) h->stay = true;
    }
    return RC_OK;
}

/* RFC 9110 §12.4.2: 0 or 1 with at most three decimals. Only a well-formed weight above 0 counts.
 */
static bool weight_is_positive(struct span s) {
    if (s.n < 3 || s.n > 7 || (s.p[0] | 0x20) != 'q' || s.p[1] != '=') return false;
    if (s.p[2] != '0' && s.p[2] != '1') return false;
    if (s.n > 3 && s.p[3] != '.') return false;
    bool some = s.p[2] == '1';
    for (size_t i = 4; i < s.n; i++) {
        if (!byte_is_digit((unsigned char)s.p[i])) return false;
        if (s.p[i] != '0') {
            if (s.p[2] == '1') return false;
            some = true;
        }
    }
    return some;
}

/* A malformed element is no reason to refuse: the answer then is not compressed. */
static void take_accept_encoding(struct reader *h, struct span value) {
    struct span element;
    while (next_element(&value, &element)) {
        size_t semicolon = span_find(element, ';');
        struct span coding = trim(span_sub(element, 0, semicolon));
        bool yes =
            semicolon == element.n || weight_is_positive(trim(span_from(element, semicolon + 1)));
        unsigned bit = 0;
        if (is_word(coding, SPAN("gzip")) || is_word(coding, SPAN("x-gzip")))
            bit = HTTP_ACCEPT_GZIP;
        else if (is_word(coding, SPAN("br")))
            bit = HTTP_ACCEPT_BR;
        else if (span_eq(coding, SPAN("*")) && yes)
            h->coding_star = true;
        if (yes)
            h->coding_yes |= bit;
        else
            h->coding_no |= bit;
    }
}

static rc take_expect(struct reader *h, struct span value) {
    if (!is_word(value, SPAN("100-continue")))
        return refuse(h, 417, "an expectation other than 100-continue");
    h->r.expect_continue = h->r.minor > 0; /* RFC 9110 §10.1.1: HTTP/1.0 cannot be answered so */
    return RC_OK;
}

static rc take_once(struct reader *h, struct span *out_value, struct span value) {
    if (out_value->p) return refuse(h, 400, "a field that may come once only comes twice");
    *out_value = value;
    return RC_OK;
}

static rc take_field(struct reader *h, struct span name, struct span value) {
    switch (name.n) {
    case 4:
        if (is_word(name, SPAN("host"))) return take_host(h, value);
        break;
    case 6:
        if (is_word(name, SPAN("expect"))) return take_expect(h, value);
        break;
    case 10:
        if (is_word(name, SPAN("connection"))) return take_connection(h, value);
        break;
    case 12:
        if (is_word(name, SPAN("content-type"))) return take_once(h, &h->r.content_type, value);
        break;
    case 13:
        if (is_word(name, SPAN("if-none-match"))) return take_once(h, &h->r.if_none_match, value);
        if (is_word(name, SPAN("authorization"))) return take_once(h, &h->r.authorization, value);
        break;
    case 14:
        if (is_word(name, SPAN("content-length"))) return take_length(h, value);
        break;
    case 15:
        if (is_word(name, SPAN("accept-encoding"))) take_accept_encoding(h, value);
        break;
    case 17:
        if (is_word(name, SPAN("transfer-encoding"))) return take_transfer_encoding(h, value);
        break;
    default: break;
    }
    return RC_OK;
}

/* ---- the header section ---- */

/* The first byte from p on that is not BYTE_VALUE, or `end`; eight at a time where all of them are
 * plain. */
static inline bytes_t skip_value(bytes_t p, bytes_t end) {
    const uint64_t ones = UINT64_MAX / 255, tops = ones << 7;
    for (;;) {
        while (end - p >= 8) {
            uint64_t word;
            memcpy(&word, p, 8);
            uint64_t del = word ^ ones * 0x7F;
            if ((((word - ones * 0x20) & ~word) | ((del - ones) & ~del)) & tops) break;
            p += 8;
        }
        bytes_t stop = end - p >= 8 ? p + 8 : end;
        while (p < stop && byte_is(*p, BYTE_VALUE)) p++;
        if (p < stop || p == end) return p;
    }
}

static rc __attribute__((cold, noinline)) refuse_name(struct reader *h, bytes_t from, bytes_t p) {
    bool space = *p == ' ' || *p == '\t';
    if (p == from && space) return refuse(h, 400, "a folded line");
    if (space) return refuse(h, 400, "white space before a colon");
    return refuse(h, 400, "a line is not name: value");
}

static rc read_field(struct reader *h) {
    bytes_t from = h->at, p = from, cut = at_most(h, from, HTTP_FIELD_BYTES_MAX);
    size_t dull_end = (size_t)(from - h->from) + HTTP_FIELD_BYTES_MAX;
    if (h->r.field_count == HTTP_FIELDS_MAX) return refuse(h, 431, "too many fields");
    p = bytes_skip(p, cut, BYTE_TOKEN);
    if (p == h->end) return starve(h, BYTE_TOKEN, dull_end);
    if (p == cut) return refuse(h, 431, "a field is too long");
    if (*p != ':' || p == from) return refuse_name(h, from, p);
    struct span name = span_of(from, (size_t)(p - from));
    from = ++p;
    p = skip_value(p, cut);
    if (p == h->end) return starve(h, BYTE_VALUE, dull_end);
    if (p == cut && *p != '\r') return refuse(h, 431, "a field is too long");
    if (*p != '\r') return refuse(h, 400, "a control byte in a field");
    if (p + 1 == h->end) return starve(h, 0, 0);
    if (p[1] != '\n') return refuse(h, 400, "a CR without LF");
    struct span value = trim(span_of(from, (size_t)(p - from)));
    h->r.fields[h->r.field_count++] = (struct http_field){name, value};
    h->at = p + 2;
    return take_field(h, name, value);
}

/* CR LF, if it stands here; false in *out_there if another byte does. */
static rc read_empty_line(struct reader *h, bool *out_there) {
    if (h->at == h->end) return starve(h, 0, 0);
    if (*h->at == '\r') {
        if (h->at + 1 == h->end) return starve(h, 0, 0);
        if (h->at[1] != '\n') return refuse(h, 400, "a CR without LF");
        h->at += 2;
        *out_there = true;
        return RC_OK;
    }
    *out_there = false;
    return RC_OK;
}

static rc read_head(struct reader *h) {
    bool there = false;
    TRY(read_empty_line(h, &there));
    TRY(read_method(h));
    TRY(read_target(h));
    TRY(read_version(h));
    for (;;) {
        TRY(read_empty_line(h, &there));
        if (there) break;
        TRY(read_field(h));
    }
    if (h->r.minor > 0 && !h->host_given) return refuse(h, 400, "Host is missing");
    unsigned both = HTTP_ACCEPT_GZIP | HTTP_ACCEPT_BR;
    h->r.accept_encoding = (h->coding_star ? both : h->coding_yes) & ~h->coding_no;
    h->r.keep_alive = !h->close && (h->r.minor > 0 || h->stay);
    h->r.head_bytes = (size_t)(h->at - h->from);
    return RC_OK;
}

rc http_request_parse(struct span bytes, struct http_progress *progress,
                      struct http_request *out_request, unsigned *out_status) {
    if (still_dull(bytes, progress)) return RC_AGAIN;
    struct reader h __attribute__((uninitialized));
    memset(&h, 0, offsetof(struct reader, r) + offsetof(struct http_request, fields));
    h.r.field_count = 0;
    h.from = h.at = (bytes_t)bytes.p;
    h.end = h.from + (bytes.n < HTTP_HEAD_BYTES_MAX ? bytes.n : HTTP_HEAD_BYTES_MAX);
    h.progress = progress;
    rc code = read_head(&h);
    if (code == RC_OK) {
        memcpy(out_request, &h.r,
               offsetof(struct http_request, fields) + h.r.field_count * sizeof h.r.fields[0]);
        out_request->field_count = h.r.field_count;
        out_request->head_bytes = h.r.head_bytes;
    } else if (code == RC_INVALID) {
        *out_status = h.status;
    }
    return code;
}

/* ---- questions about a parsed request ---- */

rc http_request_field(const struct http_request *r, struct span name, struct span *out_value) {
    const struct span *value = NULL;
    for (size_t i = 0; i < r->field_count; i++) {
        if (!span_eq_nocase(r->fields[i].name, name)) continue;
        if (value)
            return rc_fail(RC_INVALID, "request: " SPAN_FMT " may come once only", SPAN_ARG(name));
        value = &r->fields[i].value;
    }
    if (!value) return RC_NOT_FOUND;
    *out_value = *value;
    return RC_OK;
}

/* An entity-tag at the front of *rest (RFC 9110 §8.8.3), without its W/: quotes and what they hold.
 */
static bool take_etag(struct span *rest, struct span *out_tag) {
    struct span s = *rest;
    if (span_starts(s, SPAN("W/"))) s = span_from(s, 2);
    if (s.n == 0 || s.p[0] != '"') return false;
    size_t n = 1;
    while (n < s.n && s.p[n] != '"') {
        if (!byte_is((unsigned char)s.p[n], BYTE_VALUE) || s.p[n] == ' ' || s.p[n] == '\t')
            return false;
        n++;
    }
    if (n == s.n) return false;
    *out_tag = span_sub(s, 0, n + 1);
    *rest = span_from(s, n + 1);
    return true;
}

bool http_etag_matches(struct span if_none_match, struct span etag) {
    struct span ours, tag, rest = trim(if_none_match);
    if (span_eq(rest, SPAN("*"))) return true;
    if (!take_etag(&etag, &ours) || etag.n) return false;
    bool hit = false;
    while (rest.n) {
        if (rest.p[0] == ',') {
            rest = trim(span_from(rest, 1));
            continue;
        }
        if (!take_etag(&rest, &tag)) return false;
        rest = trim(rest);
        if (rest.n && rest.p[0] != ',') return false;
        if (span_eq(tag, ours)) hit = true;
    }
    return hit;
}
