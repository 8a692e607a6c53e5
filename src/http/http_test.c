/*
 * Most of it is one table of what may come over a connection. Each stream is given whole, in two
 * pieces cut at every byte, and byte by byte, always in memory that ends where the piece ends; what
 * comes out must be the same each time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "http/body.h"
#include "http/date.h"
#include "http/path.h"
#include "http/range.h"
#include "http/request.h"

#define BODY_MAX 40 /* decoded, of the streams in the table */

enum { OK = 0, AGAIN = 1 }; /* or the status of the refusal */

/* A connection as the door drives it: a request is answered when its body is whole. */
struct door {
    char *p; /* what has arrived and is not used up */
    size_t n;
    bool in_body, closed;
    struct http_progress progress;
    struct http_request r;
    struct http_body body;
    unsigned answered, refused;
    struct buf story; /* what was seen, to compare */
};

static void door_init(struct door *d) {
    memset(d, 0, sizeof *d);
    buf_init(&d->story, 1 << 20);
}
static void door_done(struct door *d) {
    mem_free(d->p);
    buf_done(&d->story);
}

static void door_use(struct door *d, size_t n) {
    char *rest = mem_new(d->n - n ? d->n - n : 1);
    memcpy(rest, d->p + n, d->n - n);
    mem_free(d->p);
    d->p = rest;
    d->n -= n;
}

static void tell(struct door *d, const char *what, struct span s) {
    if (!s.p)
        buf_printf(&d->story, " %s", what);
    else if (s.p >= d->p && s.p + s.n <= d->p + d->n)
        buf_printf(&d->story, " %s@%zu+%zu", what, (size_t)(s.p - d->p), s.n);
    else
        fail_msg("%s does not lie in the input", what);
}

static void tell_request(struct door *d) {
    const struct http_request *r = &d->r;
    buf_printf(&d->story, "\nhead %zu m%u v%u k%u c%u l%u:%llu e%u a%u", r->head_bytes, r->method,
               r->minor, r->keep_alive, r->chunked, r->has_length,
               (unsigned long long)r->content_length, r->expect_continue, r->accept_encoding);
    tell(d, "method", r->method_text);
    tell(d, "target", r->target);
    tell(d, "path", r->path);
    tell(d, "query", r->query);
    tell(d, "host", r->host);
    tell(d, "inm", r->if_none_match);
    tell(d, "auth", r->authorization);
    tell(d, "type", r->content_type);
    for (size_t i = 0; i < r->field_count; i++) {
        tell(d, "name", r->fields[i].name);
        tell(d, "value", r->fields[i].value);
    }
}

/* False: it needs more, or it is over. */
static bool door_step(struct door *d) {
    unsigned status = 0;
    if (!d->in_body) {
        rc code = http_request_parse(span_of(d->p, d->n), &d->progress, &d->r, &status);
        if (code == RC_AGAIN) {
            assert_int_equal(d->progress.scanned, d->n);
            return false;
        }
        if (code == RC_INVALID) {
            d->refused = status;
            return false;
        }
        assert_int_equal(code, RC_OK);
        tell_request(d);
        http_body_begin(&d->body, &d->r, BODY_MAX);
        d->progress = (struct http_progress){0};
        door_use(d, d->r.head_bytes);
        d->in_body = true;
        buf_str(&d->story, "\nbody ");
    }
    while (!d->body.whole) {
        size_t used;
        struct span piece;
        rc code = http_body_feed(&d->body, span_of(d->p, d->n), &used, &piece, &status);
        if (code == RC_INVALID) {
            d->refused = status;
            size_t again;
            assert_int_equal(http_body_feed(&d->body, SPAN("0"), &again, &piece, &status), code);
            assert_int_equal(d->refused, status);
            return false;
        }
        assert_int_equal(code, RC_OK);
        buf_add(&d->story, piece);
        if (used == 0) break;
        door_use(d, used);
    }
    if (!d->body.whole) return false;
    d->answered++;
    d->in_body = false;
    d->closed = !d->r.keep_alive;
    return !d->closed;
}

static void door_feed(struct door *d, const char *p, size_t n) {
    if (d->refused || d->closed) return;
    char *all = mem_new(d->n + n ? d->n + n : 1);
    if (d->n) memcpy(all, d->p, d->n);
    memcpy(all + d->n, p, n);
    mem_free(d->p);
    d->p = all;
    d->n += n;
    while (door_step(d))
        if (d->n == 0) break;
}

static int door_end(const struct door *d) {
    if (d->refused) return (int)d->refused;
    return d->closed || (d->n == 0 && !d->in_body) ? OK : AGAIN;
}

static void door_agrees(const struct door *a, const struct door *b, const char *name, size_t cut) {
    if (a->answered != b->answered || door_end(a) != door_end(b) ||
        !span_eq(buf_span(&a->story), buf_span(&b->story)))
        fail_msg("%s, cut at %zu: answered %u, end %d; whole: %u, %d\n%.*s\n%.*s", name, cut,
                 b->answered, door_end(b), a->answered, door_end(a), (int)b->story.n, b->story.p,
                 (int)a->story.n, a->story.p);
}

/* What a parser that goes on from its progress says of each front part is what one says that sees
 * it for the first time (of a long stream this is tried near its end, where its limit lies). */
static void progress_agrees(const char *name, struct span bytes) {
    struct http_progress progress = {0};
    rc code = RC_AGAIN;
    for (size_t n = 0; n <= bytes.n && code == RC_AGAIN; n++) {
        struct http_progress fresh = {0};
        struct http_request r;
        unsigned status = 0, fresh_status = 0;
        code = http_request_parse(span_sub(bytes, 0, n), &progress, &r, &status);
        if (bytes.n - n > 300) continue;
        rc fresh_code = http_request_parse(span_sub(bytes, 0, n), &fresh, &r, &fresh_status);
        if (fresh_code != code || fresh_status != status)
            fail_msg("%s, first %zu bytes: %s %u; at once: %s %u", name, n, rc_name(code), status,
                     rc_name(fresh_code), fresh_status);
    }
}

static void stream_check(const char *name, struct span bytes, unsigned answered, int end) {
    struct door whole, other;
    door_init(&whole);
    door_feed(&whole, bytes.p, bytes.n);
    if (whole.answered != answered || door_end(&whole) != end)
        fail_msg("%s: answered %u, end %d (%s); expected %u, %d", name, whole.answered,
                 door_end(&whole), end >= 400 ? rc_why() : "", answered, end);
    size_t stride = bytes.n > 1000 ? 97 : 1;
    for (size_t cut = 0; cut < bytes.n; cut += stride) {
        door_init(&other);
        door_feed(&other, bytes.p, cut);
        door_feed(&other, bytes.p + cut, bytes.n - cut);
        door_agrees(&whole, &other, name, cut);
        door_done(&other);
    }
    door_init(&other);
    for (size_t i = 0; i < bytes.n; i++) door_feed(&other, bytes.p + i, 1);
    door_agrees(&whole, &other, name, SIZE_MAX);
    door_done(&other);
    progress_agrees(name, bytes);
    if (end >= 400) { /* a later request is not answered, nor does it change the refusal */
        door_init(&other);
        door_feed(&other, bytes.p, bytes.n);
        door_feed(&other, "\r\n\r\nGET /later HTTP/1.1\r\nHost: a\r\n\r\n", 38);
        door_agrees(&whole, &other, name, bytes.n);
        door_done(&other);
    }
    door_done(&whole);
}

#define GET "GET / HTTP/1.1\r\nHost: a\r\n"
#define POST "POST /x HTTP/1.1\r\nHost: a\r\n"
#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"
#define HOST(value) "GET / HTTP/1.1\r\nHost:" value "\r\n\r\n"
#define TARGET(target) "GET " target " HTTP/1.1\r\nHost: a\r\n\r\n"
#define VERSION(version) "GET / " version "\r\nHost: a\r\n\r\n"
#define FIELD(line) GET line "\r\n\r\n"
#define LENGTH(value) POST "Content-Length:" value "\r\n\r\n"
#define CODING(value) POST "Transfer-Encoding:" value "\r\n\r\n"
#define CHUNK(bytes) CHUNKED bytes
#define B(literal) literal, sizeof(literal) - 1

static const struct {
    const char *name, *bytes;
    size_t n;
    unsigned answered;
    int end;
} streams[] = {
    /* what is right */
    {"the least", B(GET "\r\n"), 1, OK},
    {"nothing", B(""), 0, OK},
    {"two in a row", B(GET "\r\n" GET "\r\n"), 2, OK},
    {"three, the last not whole", B(GET "\r\n" GET "\r\n" GET), 2, AGAIN},
    {"an empty line before it", B("\r\n" GET "\r\n"), 1, OK},
    {"an empty line between two", B(GET "\r\n\r\n" GET "\r\n"), 2, OK},
    {"an empty line only", B("\r\n"), 0, AGAIN},
    {"no white space in a field", B("GET / HTTP/1.1\r\nHost:a\r\nX:\r\n\r\n"), 1, OK},
    {"much white space in a field", B(FIELD("X: \t  y  z \t ")), 1, OK},
    {"only white space in a field", B(FIELD("X:  \t ")), 1, OK},
    {"obs-text in a value", B(FIELD("User-Agent: caf\xc3\xa9 \xff\x80")), 1, OK},
    {"a long value with tabs", B(FIELD("X: 0123456789abcdef\t0123456789abcdef\t\t0123456789")), 1,
     OK},
    {"odd characters in a name", B(FIELD("!#$%&'*+-.^_`|~09aZ: 1")), 1, OK},
    {"names in capitals", B("GET / HTTP/1.1\r\nHOST: a\r\nCONNECTION: CLOSE\r\n\r\n" GET "\r\n"), 1,
     OK},
    {"another method", B("PROPFIND / HTTP/1.1\r\nHost: a\r\n\r\n"), 1, OK},
    {"a method in small letters is another", B("get / HTTP/1.1\r\nHost: a\r\n\r\n"), 1, OK},
    {"OPTIONS *", B("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"), 1, OK},
    {"a query with what browsers send", B(TARGET("/a?b={c|d}&e[]=^`\\'?/:@")), 1, OK},
    {"escapes", B(TARGET("/%41%zz?%")), 1, OK},
    {"two slashes", B(TARGET("//a//b")), 1, OK},
    {"absolute-form", B(TARGET("http://b.example:80/x?y")), 1, OK},
    {"absolute-form, https", B(TARGET("HTTPS://[::1]:8443/")), 1, OK},
    {"absolute-form without a path", B(TARGET("http://b.example")), 1, OK},
    {"HTTP/1.0", B(VERSION("HTTP/1.0") GET "\r\n"), 1, OK},
    {"HTTP/1.0 without Host", B("GET / HTTP/1.0\r\n\r\n"), 1, OK},
    {"HTTP/1.0 that stays", B("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n" GET "\r\n"), 2,
     OK},
    {"HTTP/1.0 that stays and closes",
     B("GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n" GET "\r\n"), 1, OK},
    {"HTTP/1.2 is answered as 1.1", B(VERSION("HTTP/1.2") GET "\r\n"), 2, OK},
    {"HTTP/1.9", B(VERSION("HTTP/1.9")), 1, OK},
    {"close", B(FIELD("Connection: close") GET "\r\n"), 1, OK},
    {"close among others", B(FIELD("Connection: x, ,Close , y") GET "\r\n"), 1, OK},
    {"close in a second line", B(FIELD("Connection: x\r\nConnection: close") GET "\r\n"), 1, OK},
    {"close as part of a word", B(FIELD("Connection: closed, not-close") GET "\r\n"), 2, OK},
    {"Upgrade is not followed", B(FIELD("Connection: Upgrade\r\nUpgrade: h2c") GET "\r\n"), 2, OK},
    {"TE and Trailer", B(FIELD("TE: trailers, gzip\r\nTrailer: Host")), 1, OK},
    {"Expect", B(POST "Content-Length: 2\r\nExpect: 100-Continue\r\n\r\nab"), 1, OK},
    {"a body on GET is framed", B(GET "Content-Length: 3\r\n\r\nabc" GET "\r\n"), 2, OK},
    {"a length of 0", B(LENGTH("0") GET "\r\n"), 2, OK},
    {"a body that looks like a request", B(LENGTH("29") GET "\r\nGE" GET "\r\n"), 2, OK},
    {"a body, then half a request", B(LENGTH("2") "abGET"), 1, AGAIN},
    {"a body that is not whole", B(LENGTH("5") "abcd"), 0, AGAIN},
    {"a body at the limit", B(LENGTH("40") "0123456789012345678901234567890123456789"), 1, OK},
    {"chunked in capitals", B(CODING(" CHUNKED\t") "0\r\n\r\n"), 1, OK},
    {"chunks", B(CHUNK("3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n") GET "\r\n"), 2, OK},
    {"a chunk holds line ends", B(CHUNK("6\r\n\r\n0\r\n\r\r\n0\r\n\r\n")), 1, OK},
    {"chunk size in either case", B(CHUNK("a\r\n0123456789\r\nB\r\n0123456789a\r\n00\r\n\r\n")), 1,
     OK},
    {"chunk size with zeros", B(CHUNK("0000000000000001\r\na\r\n0000000000000000\r\n\r\n")), 1, OK},
    {"chunk extensions", B(CHUNK("1;a;b=c;d=\"e \\\" \\\\;\"\r\nx\r\n0;last\r\n\r\n")), 1, OK},
    {"a trailer", B(CHUNK("0\r\nX: y\r\nContent-Length: 7\r\nZ:\t\r\n\r\n") GET "\r\n"), 2, OK},
    {"chunks to the limit", B(CHUNK("28\r\n0123456789012345678901234567890123456789\r\n0\r\n\r\n")),
     1, OK},
    {"chunked, not whole", B(CHUNK("3\r\nabc\r\n0\r\n\r")), 0, AGAIN},

    /* two readings of where a request ends */
    {"length and coding", B(POST "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"), 0,
     400},
    {"coding and length", B(POST "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n"), 0,
     400},
    {"coding and length 0", B(POST "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n"), 0,
     400},
    {"two lengths", B(POST "Content-Length: 3\r\nContent-Length: 4\r\n\r\n"), 0, 400},
    {"two equal lengths", B(POST "Content-Length: 3\r\ncontent-length: 3\r\n\r\n"), 0, 400},
    {"a list of lengths", B(LENGTH(" 5, 5")), 0, 400},
    {"a list of one length", B(LENGTH(" 5,")), 0, 400},
    {"a length with a plus", B(LENGTH(" +5")), 0, 400},
    {"a negative length", B(LENGTH(" -5")), 0, 400},
    {"a length of minus nothing", B(LENGTH(" -0")), 0, 400},
    {"a length in hex", B(LENGTH(" 0x5")), 0, 400},
    {"a length with a letter", B(LENGTH(" 5a")), 0, 400},
    {"a length with a space", B(LENGTH(" 5 5")), 0, 400},
    {"a length with a point", B(LENGTH(" 5.0")), 0, 400},
    {"a length with an exponent", B(LENGTH(" 1e1")), 0, 400},
    {"a length with an underscore", B(LENGTH(" 1_0")), 0, 400},
    {"a length in quotes", B(LENGTH(" \"5\"")), 0, 400},
    {"a length with a leading zero", B(LENGTH(" 05")), 0, 400},
    {"a length of two zeros", B(LENGTH(" 00")), 0, 400},
    {"a length in other digits", B(LENGTH(" \xd9\xa5")), 0, 400},
    {"an empty length", B(LENGTH("")), 0, 400},
    {"a blank length", B(LENGTH("  ")), 0, 400},
    {"a length over 2^63", B(LENGTH(" 9223372036854775809")), 0, 413},
    {"a length of 2^64", B(LENGTH(" 18446744073709551616")), 0, 413},
    {"a length of 2^64 + 5", B(LENGTH(" 18446744073709551621")), 0, 413},
    {"a length of 2^32 + 5", B(LENGTH(" 4294967301")), 0, 413},
    {"a length of 40 digits", B(LENGTH(" 1000000000000000000000000000000000000005")), 0, 413},
    {"a length over what this body may have", B(LENGTH("41") "0"), 0, 413},
    {"gzip, chunked", B(CODING(" gzip, chunked")), 0, 501},
    {"an unknown coding, chunked", B(CODING(" x,, chunked")), 0, 501},
    {"a coding without chunked", B(CODING(" gzip")), 0, 400},
    {"identity", B(CODING(" identity")), 0, 400},
    {"chunked twice", B(CODING(" chunked, chunked")), 0, 400},
    {"chunked not last", B(CODING(" chunked, gzip")), 0, 400},
    {"chunked in two lines",
     B(POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"), 0, 400},
    {"two codings in two lines",
     B(POST "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"), 0, 400},
    {"xchunked", B(CODING(" xchunked")), 0, 400},
    {"chunked with a parameter", B(CODING(" chunked;q=1")), 0, 400},
    {"chunked with a no-break space", B(CODING(" chunked\xa0")), 0, 400},
    {"chunked in quotes", B(CODING(" \"chunked\"")), 0, 400},
    {"chunked and a comma", B(CODING(" chunked,")), 0, 400},
    {"a comma and chunked", B(CODING(" ,chunked")), 0, 400},
    {"chunked with a vertical tab",
     B(CODING(" \x0b"
              "chunked")),
     0, 400},
    {"no coding", B(CODING("")), 0, 400},
    {"chunked in HTTP/1.0", B("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"),
     0, 400},
    {"space before the colon", B(POST "Content-Length : 3\r\n\r\n"), 0, 400},
    {"tab before the colon", B(POST "Transfer-Encoding\t: chunked\r\n\r\n"), 0, 400},
    {"a folded line", B(POST "X: y\r\n Content-Length: 3\r\n\r\n"), 0, 400},
    {"a folded coding", B(POST "Transfer-Encoding:\r\n chunked\r\n\r\n"), 0, 400},
    {"a line folded with a tab", B(POST "X: y\r\n\tz\r\n\r\n"), 0, 400},
    {"white space before the first field", B("GET / HTTP/1.1\r\n Host: a\r\nHost: a\r\n\r\n"), 0,
     400},

    /* line ends and control bytes */
    {"bare LF after the request line", B("GET / HTTP/1.1\nHost: a\r\n\r\n"), 0, 400},
    {"bare LF after a field", B("GET / HTTP/1.1\r\nHost: a\n\r\n"), 0, 400},
    {"bare LF at the end", B(GET "\n"), 0, 400},
    {"bare LF everywhere", B("GET / HTTP/1.1\nHost: a\n\n"), 0, 400},
    {"bare LF before the request", B("\n" GET "\r\n"), 0, 400},
    {"bare CR in a value", B(FIELD("X: a\rContent-Length: 5")), 0, 400},
    {"bare CR in the target", B(TARGET("/a\rb")), 0, 400},
    {"bare CR after the request line", B("GET / HTTP/1.1\rHost: a\r\n\r\n"), 0, 400},
    {"bare CR at the end", B(GET "\rX"), 0, 400},
    {"CR CR LF", B("GET / HTTP/1.1\r\nHost: a\r\r\n\r\n"), 0, 400},
    {"two empty lines before it", B("\r\n\r\n" GET "\r\n"), 0, 400},
    {"NUL in a value", B(FIELD("X: a\0b")), 0, 400},
    {"NUL in a name", B(FIELD("X\0: a")), 0, 400},
    {"NUL in the target", B(TARGET("/a\0b")), 0, 400},
    {"NUL in the method", B("G\0T / HTTP/1.1\r\nHost: a\r\n\r\n"), 0, 400},
    {"NUL first", B("\0" GET "\r\n"), 0, 400},
    {"DEL in a value", B(FIELD("X: 0\x7f")), 0, 400},
    {"DEL in a long value", B(FIELD("X: 0123456789\x7f g123456789abcdef")), 0, 400},
    {"NUL in a long value", B(FIELD("X: 0123456789abcdef\0g123456789abcdef")), 0, 400},
    {"ESC in a value", B(FIELD("X: \x1b[31m0123456789")), 0, 400},
    {"a form feed in a value", B(FIELD("X: a\x0c")), 0, 400},
    {"a byte over 0x7f in a name", B(FIELD("X\xc3\xa9: a")), 0, 400},

    /* the request line */
    {"space before it", B(" " GET "\r\n"), 0, 400},
    {"two spaces before the target", B("GET  / HTTP/1.1\r\nHost: a\r\n\r\n"), 0, 400},
    {"two spaces before the version", B("GET /  HTTP/1.1\r\nHost: a\r\n\r\n"), 0, 400},
    {"a space after the version", B("GET / HTTP/1.1 \r\nHost: a\r\n\r\n"), 0, 400},
    {"a tab for a space", B("GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n"), 0, 400},
    {"a space in the target", B(TARGET("/a b")), 0, 400},
    {"a method with a slash", B("GE/T / HTTP/1.1\r\nHost: a\r\n\r\n"), 0, 400},
    {"a method in brackets", B("(GET) / HTTP/1.1\r\nHost: a\r\n\r\n"), 0, 400},
    {"no target", B("GET HTTP/1.1\r\nHost: a\r\n\r\n"), 0, 400},
    {"no version", B("GET /\r\nHost: a\r\n\r\n"), 0, 400},
    {"an empty version", B("GET / \r\nHost: a\r\n\r\n"), 0, 400},
    {"small letters in the version", B(VERSION("http/1.1")), 0, 400},
    {"another protocol", B(VERSION("HTCPCP/1.0")), 0, 400},
    {"HTTP/11", B(VERSION("HTTP/11")), 0, 400},
    {"HTTP/1.10", B(VERSION("HTTP/1.10")), 0, 400},
    {"HTTP/1", B(VERSION("HTTP/1")), 0, 400},
    {"HTTP/1,1", B(VERSION("HTTP/1,1")), 0, 400},
    {"HTTP/01.1", B(VERSION("HTTP/01.1")), 0, 505},
    {"HTTP/0.9", B(VERSION("HTTP/0.9")), 0, 505},
    {"HTTP/2.0", B(VERSION("HTTP/2.0")), 0, 505},
    {"HTTP/3", B(VERSION("HTTP/3")), 0, 505},
    {"the preface of HTTP/2", B("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 0, 505},
    {"a TLS hello", B("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"), 0, 400},
    {"a fragment", B(TARGET("/a#b")), 0, 400},
    {"a fragment in the query", B(TARGET("/a?b#c")), 0, 400},
    {"a raw byte over 0x7f", B(TARGET("/caf\xc3\xa9")), 0, 400},
    {"a quote in the target", B(TARGET("/\"")), 0, 400},
    {"a bracket in the target", B(TARGET("/<script>")), 0, 400},
    {"a target without a slash", B(TARGET("index.html")), 0, 400},
    {"a target that is a query", B(TARGET("?a")), 0, 400},
    {"* for GET", B(TARGET("*")), 0, 400},
    {"* and more", B("OPTIONS *x HTTP/1.1\r\nHost: a\r\n\r\n"), 0, 400},
    {"authority-form", B("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n"), 0, 501},
    {"authority-form for GET", B(TARGET("h:80")), 0, 400},
    {"another scheme", B(TARGET("ftp://a/")), 0, 400},
    {"a scheme that begins like ours", B(TARGET("httpx://a/")), 0, 400},
    {"a scheme without an authority", B(TARGET("http:/a")), 0, 400},
    {"absolute-form with an empty authority", B(TARGET("http:///a")), 0, 400},
    {"absolute-form with a user", B(TARGET("http://u@a/")), 0, 400},
    {"absolute-form with a bad port", B(TARGET("http://a:x/")), 0, 400},
    {"absolute-form with a query only", B(TARGET("http://a?x")), 0, 400},
    {"absolute-form and a malformed Host", B("GET http://b/ HTTP/1.1\r\nHost: a b\r\n\r\n"), 0,
     400},
    {"absolute-form without Host", B("GET http://b/ HTTP/1.1\r\n\r\n"), 0, 400},

    /* Host */
    {"no Host", B("GET / HTTP/1.1\r\nX: y\r\n\r\n"), 0, 400},
    {"two Hosts", B("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), 0, 400},
    {"two equal Hosts", B("GET / HTTP/1.1\r\nHost: a\r\nX: y\r\nhost: a\r\n\r\n"), 0, 400},
    {"two Hosts in HTTP/1.0", B("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n"), 0, 400},
    {"an empty Host", B(HOST(" ")), 0, 400},
    {"a list of Hosts", B(HOST("a, b")), 0, 400},
    {"a Host and a comma", B(HOST("a,b")), 0, 400},
    {"a Host with a user", B(HOST("u@a")), 0, 400},
    {"a Host with a path", B(HOST("a/b")), 0, 400},
    {"a Host with a scheme", B(HOST("http://a")), 0, 400},
    {"a Host with a query", B(HOST("a?b")), 0, 400},
    {"a Host with a fragment", B(HOST("a#b")), 0, 400},
    {"a Host with an escape", B(HOST("a%2eb")), 0, 400},
    {"a Host with a space", B(HOST("a b")), 0, 400},
    {"a Host with a quote", B(HOST("\"a\"")), 0, 400},
    {"a Host with a letter over 0x7f", B(HOST("\xc3\xa9.example")), 0, 400},
    {"a Host with an empty label", B(HOST("a..b")), 0, 400},
    {"a Host that begins with a dot", B(HOST(".a")), 0, 400},
    {"a Host that is a dot", B(HOST(".")), 0, 400},
    {"a Host that is a port", B(HOST(":80")), 0, 400},
    {"a port of no digits", B(HOST("a:")), 0, 400},
    {"a port of six digits", B(HOST("a:000080")), 0, 400},
    {"a port over 65535", B(HOST("a:65536")), 0, 400},
    {"a port with letters", B(HOST("a:80x")), 0, 400},
    {"a port with a sign", B(HOST("a:+80")), 0, 400},
    {"two ports", B(HOST("a:80:80")), 0, 400},
    {"IPv6 without brackets", B(HOST("::1")), 0, 400},
    {"IPv6 with an open bracket", B(HOST("[::1")), 0, 400},
    {"IPv6 and garbage", B(HOST("[::1]x")), 0, 400},
    {"IPv6 and an empty port", B(HOST("[::1]:")), 0, 400},
    {"IPv6 with a zone", B(HOST("[fe80::1%25eth0]")), 0, 400},
    {"IPvFuture", B(HOST("[v1.a]")), 0, 400},
    {"IPv6 with nothing", B(HOST("[]")), 0, 400},
    {"IPv6 with a lone colon", B(HOST("[:]")), 0, 400},
    {"IPv6 with three colons", B(HOST("[:::]")), 0, 400},
    {"IPv6 with two gaps", B(HOST("[1::2::3]")), 0, 400},
    {"IPv6 with seven groups", B(HOST("[1:2:3:4:5:6:7]")), 0, 400},
    {"IPv6 with nine groups", B(HOST("[1:2:3:4:5:6:7:8:9]")), 0, 400},
    {"IPv6 with eight groups and a gap", B(HOST("[1:2:3:4:5:6:7:8::]")), 0, 400},
    {"IPv6 with five digits", B(HOST("[12345::]")), 0, 400},
    {"IPv6 ending in a colon", B(HOST("[1:2:3:4:5:6:7:]")), 0, 400},
    {"IPv6 with half an IPv4", B(HOST("[::1.2.3]")), 0, 400},
    {"IPv6 with an IPv4 over 255", B(HOST("[::1.2.3.256]")), 0, 400},
    {"IPv6 with an IPv4 in front", B(HOST("[1.2.3.4::]")), 0, 400},
    {"a name", B(HOST(" News.Example-1_x.org ")), 1, OK},
    {"a name with a last dot and a port", B(HOST("example.org.:443")), 1, OK},
    {"IPv4", B(HOST("127.0.0.1:65535")), 1, OK},
    {"IPv6", B(HOST("[2001:db8::1]:1")), 1, OK},
    {"IPv6, all of it", B(HOST("[1:2:3:4:5:6:7:abcD]")), 1, OK},
    {"IPv6, a gap at the end", B(HOST("[1:2:3:4:5:6:7::]")), 1, OK},
    {"IPv6, nothing but a gap", B(HOST("[::]")), 1, OK},
    {"IPv6, IPv4 at the end", B(HOST("[::ffff:1.2.3.4]")), 1, OK},

    /* other fields */
    {"a line without a colon", B(FIELD("X")), 0, 400},
    {"a line without a name", B(FIELD(": x")), 0, 400},
    {"a name with a space", B(FIELD("X Y: z")), 0, 400},
    {"a name in brackets", B(FIELD("(X): z")), 0, 400},
    {"another expectation", B(FIELD("Expect: 200-ok")), 0, 417},
    {"no expectation", B(FIELD("Expect:")), 0, 417},
    {"two expectations", B(FIELD("Expect: 100-continue, x")), 0, 417},
    {"Connection with a quote", B(FIELD("Connection: \"close\"")), 0, 400},
    {"Connection with a parameter", B(FIELD("Connection: close;x")), 0, 400},
    {"two Authorizations", B(FIELD("Authorization: a\r\nAuthorization: a")), 0, 400},
    {"two Content-Types", B(FIELD("Content-Type: a/b\r\nContent-Type:")), 0, 400},
    {"two empty If-None-Matches", B(FIELD("If-None-Match:\r\nIf-None-Match:")), 0, 400},
    {"the second of two is wrong", B(GET "\r\nGET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n"), 1, 400},

    /* chunks */
    {"no size", B(CHUNK("\r\nabc\r\n")), 0, 400},
    {"a size that is no number", B(CHUNK("g\r\n")), 0, 400},
    {"a size with 0x", B(CHUNK("0x3\r\nabc\r\n0\r\n\r\n")), 0, 400},
    {"a size with a plus", B(CHUNK("+3\r\nabc\r\n0\r\n\r\n")), 0, 400},
    {"a negative size", B(CHUNK("-1\r\n")), 0, 400},
    {"a space before the size", B(CHUNK(" 3\r\nabc\r\n0\r\n\r\n")), 0, 400},
    {"a space after the size", B(CHUNK("3 \r\nabc\r\n0\r\n\r\n")), 0, 400},
    {"a size with an underscore", B(CHUNK("1_0\r\n")), 0, 400},
    {"a size of 17 digits", B(CHUNK("00000000000000003\r\n")), 0, 400},
    {"a size over the limit", B(CHUNK("29\r\n")), 0, 413},
    {"a size over 2^64", B(CHUNK("10000000000000003\r\nabc")), 0, 413},
    {"a second size over the limit", B(CHUNK("20\r\n01234567890123456789012345678901\r\n9\r\n")), 0,
     413},
    {"bare LF after the size", B(CHUNK("3\nabc\r\n0\r\n\r\n")), 0, 400},
    {"bare CR after the size", B(CHUNK("3\rabc\r\n0\r\n\r\n")), 0, 400},
    {"another byte for LF after the size", B(CHUNK("3\rXabc\r\n0\r\n\r\n")), 0, 400},
    {"another byte for CR after the data", B(CHUNK("3\r\nabcX\n0\r\n\r\n")), 0, 400},
    {"another byte for LF after the data", B(CHUNK("3\r\nabc\rX0\r\n\r\n")), 0, 400},
    {"bare LF after the data", B(CHUNK("3\r\nabc\n0\r\n\r\n")), 0, 400},
    {"bare CR after the data", B(CHUNK("3\r\nabc\r0\r\n\r\n")), 0, 400},
    {"data longer than its size", B(CHUNK("3\r\nabcd\r\n0\r\n\r\n")), 0, 400},
    {"data shorter than its size", B(CHUNK("4\r\nabc\r\n0\r\n\r\n")), 0, 400},
    {"bare LF after the last size", B(CHUNK("0\n\r\n")), 0, 400},
    {"bare LF at the end of chunks", B(CHUNK("0\r\n\n")), 0, 400},
    {"bare CR at the end of chunks", B(CHUNK("0\r\n\rX")), 0, 400},
    {"an empty extension", B(CHUNK("3;\r\nabc\r\n0\r\n\r\n")), 0, 400},
    {"an extension with an empty value", B(CHUNK("3;a=\r\nabc\r\n0\r\n\r\n")), 0, 400},
    {"an extension with white space", B(CHUNK("3; a=b\r\nabc\r\n0\r\n\r\n")), 0, 400},
    {"an extension with a bare LF", B(CHUNK("3;a\nbc\r\n0\r\n\r\n")), 0, 400},
    {"an extension with an open quote", B(CHUNK("3;a=\"b\r\nabc\r\n0\r\n\r\n")), 0, 400},
    {"an extension with more after a quote", B(CHUNK("3;a=\"b\"c\r\nabc\r\n0\r\n\r\n")), 0, 400},
    {"an extension with NUL", B(CHUNK("3;a=\"\0\"\r\nabc\r\n0\r\n\r\n")), 0, 400},
    {"an escaped CR", B(CHUNK("3;a=\"\\\r\"\r\nabc\r\n0\r\n\r\n")), 0, 400},
    {"a trailer without a colon", B(CHUNK("0\r\nX\r\n\r\n")), 0, 400},
    {"a trailer without a name", B(CHUNK("0\r\n: x\r\n\r\n")), 0, 400},
    {"a trailer with a space before the colon", B(CHUNK("0\r\nX : y\r\n\r\n")), 0, 400},
    {"a folded trailer", B(CHUNK("0\r\nX: y\r\n z\r\n\r\n")), 0, 400},
    {"a trailer with a bare LF", B(CHUNK("0\r\nX: y\n\r\n")), 0, 400},
    {"a trailer with a bare CR", B(CHUNK("0\r\nX: y\rz\r\n\r\n")), 0, 400},
    {"a trailer with NUL", B(CHUNK("0\r\nX: \0\r\n\r\n")), 0, 400},
    {"a request where a trailer should be", B(CHUNK("0\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")), 0,
     400},
};

static void streams_end_as_they_should(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(streams); i++)
        stream_check(streams[i].name, span_of(streams[i].bytes, streams[i].n), streams[i].answered,
                     streams[i].end);
}

/* The last byte of each is the fault: it is seen when it comes, not when the head is whole. */
static void refusals_come_with_the_faulty_byte(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        size_t n;
        unsigned status;
    } rows[] = {
        {B("\x16"), 400},
        {B("\n"), 400},
        {B("\r\n\r"), 400},
        {B(" "), 400},
        {B("GET("), 400},
        {B("GET  "), 400},
        {B("CONNECT "), 501},
        {B("GET x"), 400},
        {B("GET /#"), 400},
        {B("GET /?\""), 400},
        {B("GET http://a@b/ "), 400},
        {B("GET / h"), 400},
        {B("GET / HTTP/2"), 505},
        {B("GET / HTTP/1.x"), 400},
        {B("GET / HTTP/1.1\n"), 400},
        {B("GET / HTTP/1.1\rX"), 400},
        {B("GET / HTTP/1.1\r\n "), 400},
        {B("GET / HTTP/1.1\r\n:"), 400},
        {B("GET / HTTP/1.1\r\nHost "), 400},
        {B("GET / HTTP/1.1\r\nHost:\n"), 400},
        {B("GET / HTTP/1.1\r\nHost: a\x7f"), 400},
        {B("GET / HTTP/1.1\r\nHost: a\rX"), 400},
        {B("GET / HTTP/1.1\r\nHost: a, b\r\n"), 400},
        {B(GET "Host: a\r\n"), 400},
        {B(GET "Expect: x\r\n"), 417},
        {B(GET "Content-Length: 1,1\r\n"), 400},
        {B(GET "Content-Length: 67108865\r\n"), 413},
        {B(GET "Transfer-Encoding: x, chunked\r\n"), 501},
        {B(GET "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n"), 400},
        {B("GET / HTTP/1.1\r\n\r\n"), 400},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct http_request r;
        struct http_progress bytewise = {0};
        unsigned status = 0;
        for (size_t n = 0; n < rows[i].n; n++) {
            struct http_progress fresh = {0};
            rc_why_clear();
            assert_int_equal(http_request_parse(span_of(rows[i].bytes, n), &fresh, &r, &status),
                             RC_AGAIN);
            assert_int_equal(http_request_parse(span_of(rows[i].bytes, n), &bytewise, &r, &status),
                             RC_AGAIN);
            assert_string_equal(rc_why(), "");
        }
        struct span all = span_of(rows[i].bytes, rows[i].n);
        rc code = http_request_parse(all, &bytewise, &r, &status);
        if (code != RC_INVALID || status != rows[i].status)
            fail_msg("row %zu: %s %u", i, rc_name(code), status);
        assert_string_not_equal(rc_why(), "");
    }
}

/* ---- limits: the last that passes and the first that does not ---- */

static void repeat(struct buf *b, const char *text, size_t times) {
    while (times-- > 0) buf_str(b, text);
}

static void limit_check(const char *name, const char *front, const char *text, size_t times,
                        const char *back, int over) {
    for (size_t extra = 0; extra < 2; extra++) {
        struct buf b;
        buf_init(&b, 1 << 17);
        buf_str(&b, front);
        repeat(&b, text, times + extra);
        buf_str(&b, back);
        assert_false(b.over);
        stream_check(name, buf_span(&b), extra ? 0 : 1, extra ? over : OK);
        buf_done(&b);
    }
}

static void limits_of_a_head_are_exact(void **state) {
    (void)state;
    limit_check("method", "", "M", HTTP_METHOD_BYTES_MAX, " / HTTP/1.1\r\nHost: a\r\n\r\n", 501);
    limit_check("target", "GET /", "x", HTTP_TARGET_BYTES_MAX - 1, " HTTP/1.1\r\nHost: a\r\n\r\n",
                414);
    limit_check("query", "GET /?", "?", HTTP_TARGET_BYTES_MAX - 2, " HTTP/1.1\r\nHost: a\r\n\r\n",
                414);
    limit_check("host", "GET / HTTP/1.1\r\nHost: ", "h", HTTP_HOST_BYTES_MAX - 6, ":65535\r\n\r\n",
                400);
    limit_check("value", GET "X:", "x", HTTP_FIELD_BYTES_MAX - 2, "\r\n\r\n", 431);
    limit_check("blanks in a value", GET "X:", " ", HTTP_FIELD_BYTES_MAX - 2, "\r\n\r\n", 431);
    limit_check("name", GET, "x", HTTP_FIELD_BYTES_MAX - 1, ":\r\n\r\n", 431);
    limit_check("fields", GET, "X: y\r\n", HTTP_FIELDS_MAX - 1, "\r\n", 431);
    char front[9000] = GET "X:";
    size_t n = strlen(front);
    memset(front + n, 'x', 8190);
    strcpy(front + n + 8190, "\r\nY:");
    n = strlen(front);
    limit_check("head", front, "y", HTTP_HEAD_BYTES_MAX - 4 - n, "\r\n\r\n", 431);
    /* A head that is as long as it may be and not at its end is refused at once. */
    struct buf b;
    buf_init(&b, 1 << 15);
    buf_str(&b, front);
    repeat(&b, "y", HTTP_HEAD_BYTES_MAX - 1 - n);
    stream_check("head without an end", buf_span(&b), 0, AGAIN);
    buf_char(&b, 'y');
    stream_check("head without an end", buf_span(&b), 0, 431);
    buf_done(&b);
}

static void content_length_has_a_limit(void **state) {
    (void)state;
    struct http_request r;
    struct http_progress progress = {0};
    unsigned status = 0;
    assert_int_equal(http_request_parse(SPAN(LENGTH("67108864")), &progress, &r, &status), RC_OK);
    assert_int_equal(r.content_length, HTTP_BODY_BYTES_MAX);
    progress = (struct http_progress){0};
    assert_int_equal(http_request_parse(SPAN(LENGTH("67108865")), &progress, &r, &status),
                     RC_INVALID);
    assert_int_equal(status, 413);
}

static void limits_of_chunks_are_exact(void **state) {
    (void)state;
    limit_check("chunk line", CHUNKED "0;", "x", HTTP_CHUNK_EXTENSION_BYTES_MAX - 2, "\r\n\r\n",
                413);
    limit_check("trailer", CHUNKED "0\r\nX:", "x", HTTP_TRAILER_BYTES_MAX - 4, "\r\n\r\n", 413);
    struct http_request r = {.chunked = true};
    struct http_body b;
    struct buf all;
    buf_init(&all, 1 << 17);
    size_t lines = 0;
    for (size_t sum = 0; sum + 200 <= HTTP_EXTENSIONS_BYTES_MAX; sum += 200, lines++) {
        buf_str(&all, "1;");
        repeat(&all, "x", 199);
        buf_str(&all, "\r\nd\r\n");
    }
    for (int over = 0; over < 2; over++) {
        struct buf one;
        buf_init(&one, 1 << 17);
        buf_add(&one, buf_span(&all));
        buf_str(&one, "0;");
        repeat(&one, "x", HTTP_EXTENSIONS_BYTES_MAX - lines * 200 - 1 + (size_t)over);
        buf_str(&one, "\r\n\r\n");
        http_body_begin(&b, &r, 1000);
        struct span rest = buf_span(&one), piece;
        unsigned status = 0;
        rc code = RC_OK;
        while (code == RC_OK && rest.n) {
            size_t used = 0;
            code = http_body_feed(&b, rest, &used, &piece, &status);
            rest = span_from(rest, used);
        }
        assert_int_equal(code, over ? RC_INVALID : RC_OK);
        assert_int_equal(status, over ? 413 : 0);
        assert_int_equal(b.whole, !over);
        buf_done(&one);
    }
    buf_done(&all);
}

/* ---- what a request says ---- */

static struct http_request parsed(struct span bytes) {
    struct http_request r;
    struct http_progress progress = {0};
    unsigned status = 0;
    rc code = http_request_parse(bytes, &progress, &r, &status);
    if (code != RC_OK) fail_msg("%s: " SPAN_FMT, rc_why(), SPAN_ARG(bytes));
    return r;
}

static void a_request_is_taken_apart(void **state) {
    (void)state;
    struct http_request r = parsed(
        SPAN("\r\nPUT /a/b?c=d?e HTTP/1.1\r\nhost: news.example:8080 \r\nX-One:\t1 \r\n"
             "If-None-Match: W/\"x\"\r\nAuthorization: Bearer t\r\ncontent-TYPE: text/plain\r\n"
             "Expect: 100-continue\r\nContent-Length: 12\r\nX-One: 2\r\n\r\nbody"));
    assert_int_equal(r.method, HTTP_PUT);
    assert_true(span_eq(r.method_text, SPAN("PUT")));
    assert_true(span_eq(r.target, SPAN("/a/b?c=d?e")));
    assert_true(span_eq(r.path, SPAN("/a/b")));
    assert_true(span_eq(r.query, SPAN("c=d?e")));
    assert_true(span_eq(r.host, SPAN("news.example:8080")));
    assert_true(span_eq(r.if_none_match, SPAN("W/\"x\"")));
    assert_true(span_eq(r.authorization, SPAN("Bearer t")));
    assert_true(span_eq(r.content_type, SPAN("text/plain")));
    assert_true(r.minor == 1 && r.keep_alive && r.expect_continue && !r.chunked && r.has_length);
    assert_int_equal(r.content_length, 12);
    assert_int_equal(r.field_count, 8);
    assert_true(span_eq(r.fields[1].name, SPAN("X-One")));
    assert_true(span_eq(r.fields[1].value, SPAN("1")));
    struct span value = SPAN("untouched");
    assert_int_equal(http_request_field(&r, SPAN("x-one"), &value), RC_INVALID);
    assert_int_equal(http_request_field(&r, SPAN("x-two"), &value), RC_NOT_FOUND);
    assert_true(span_eq(value, SPAN("untouched")));
    assert_int_equal(http_request_field(&r, SPAN("HOST"), &value), RC_OK);
    assert_true(span_eq(value, r.host));

    static const struct {
        const char *text;
        enum http_method method;
    } methods[] = {
        {"GET", HTTP_GET},       {"HEAD", HTTP_HEAD},       {"POST", HTTP_POST},
        {"DELETE", HTTP_DELETE}, {"OPTIONS", HTTP_OPTIONS}, {"PATCH", HTTP_OTHER},
        {"GETS", HTTP_OTHER},    {"Get", HTTP_OTHER},       {"PAST", HTTP_OTHER},
        {"SELECTS", HTTP_OTHER}, {"DELETF", HTTP_OTHER},
    };
    for (size_t i = 0; i < COUNT_OF(methods); i++) {
        char text[80];
        int n = snprintf(text, sizeof text, "%s / HTTP/1.0\r\n\r\n", methods[i].text);
        r = parsed(span_of(text, (size_t)n));
        assert_int_equal(r.method, methods[i].method);
        assert_true(span_eq(r.method_text, span_str(methods[i].text)));
        assert_true(r.query.p == NULL && r.host.n == 0 && r.authorization.n == 0);
    }
}

static void absolute_form_wins_over_host(void **state) {
    (void)state;
    struct http_request r = parsed(SPAN("GET http://b.example:81/x?y HTTP/1.1\r\nHost: a\r\n\r\n"));
    assert_true(span_eq(r.host, SPAN("b.example:81")));
    assert_true(span_eq(r.target, SPAN("/x?y")));
    assert_true(span_eq(r.path, SPAN("/x")));
    assert_true(span_eq(r.query, SPAN("y")));
    r = parsed(SPAN("GET http://b.example HTTP/1.1\r\nHost: a\r\n\r\n"));
    assert_true(span_eq(r.host, SPAN("b.example")));
    assert_true(span_eq(r.target, SPAN("/")) && span_eq(r.path, SPAN("/")) && !r.query.p);
    r = parsed(SPAN("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"));
    assert_true(span_eq(r.path, SPAN("*")) && span_eq(r.host, SPAN("a")));
    r = parsed(SPAN("GET /? HTTP/1.1\r\nHost: a\r\n\r\n"));
    assert_true(r.query.p && r.query.n == 0 && span_eq(r.path, SPAN("/")));
}

static void expectations_are_for_1_1(void **state) {
    (void)state;
    struct http_request r = parsed(SPAN("GET / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n"));
    assert_false(r.expect_continue);
    assert_int_equal(parsed(SPAN("GET / HTTP/1.7\r\nHost: a\r\n\r\n")).minor, 1);
}

static void accept_encoding_is_weighed(void **state) {
    (void)state;
    static const struct {
        const char *lines;
        unsigned accepted;
    } rows[] = {
        {"", 0},
        {"Accept-Encoding:\r\n", 0},
        {"Accept-Encoding: gzip\r\n", 1},
        {"Accept-Encoding: X-GZip\r\n", 1},
        {"Accept-Encoding: br\r\n", 2},
        {"Accept-Encoding: gzip, deflate, br, zstd\r\n", 3},
        {"Accept-Encoding: gzip;q=0\r\n", 0},
        {"Accept-Encoding: gzip;q=0.000, br ; q=0.001\r\n", 2},
        {"Accept-Encoding: gzip; Q=1.000 ,,br;q=1.\r\n", 3},
        {"Accept-Encoding: gzip;q=1.001\r\n", 0},
        {"Accept-Encoding: gzip;q=2\r\n", 0},
        {"Accept-Encoding: gzip;q=0.1234\r\n", 0},
        {"Accept-Encoding: gzip;q=\r\n", 0},
        {"Accept-Encoding: gzip;q=.5\r\n", 0},
        {"Accept-Encoding: gzip;q=1x\r\n", 0},
        {"Accept-Encoding: gzip;v=1\r\n", 0},
        {"Accept-Encoding: *\r\n", 3},
        {"Accept-Encoding: *;q=0\r\n", 0},
        {"Accept-Encoding: gzip, *;q=0\r\n", 1},
        {"Accept-Encoding: *, gzip;q=0\r\n", 2},
        {"Accept-Encoding: identity\r\n", 0},
        {"Accept-Encoding: identity;q=1, *;q=0\r\n", 0},
        {"Accept-Encoding: gzipped, xbr\r\n", 0},
        {"Accept-Encoding: gzip\r\nAccept-Encoding: br\r\n", 3},
        {"Accept-Encoding: gzip\r\nAccept-Encoding: gzip;q=0\r\n", 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[200];
        int n = snprintf(text, sizeof text, GET "%s\r\n", rows[i].lines);
        struct http_request r = parsed(span_of(text, (size_t)n));
        if (r.accept_encoding != rows[i].accepted)
            fail_msg("%s: %u", rows[i].lines, r.accept_encoding);
    }
}

/* RFC 9110 §14.1.2: its examples, its limits, and what is none. */
static void ranges_are_cut(void **state) {
    (void)state;
    static const struct {
        const char *value;
        uint64_t bytes;
        enum http_range is;
        uint64_t from, n;
    } cases[] = {
        {"bytes=0-499", 10000, HTTP_RANGE_PART, 0, 500},
        {"bytes=500-999", 10000, HTTP_RANGE_PART, 500, 500},
        {"bytes=-500", 10000, HTTP_RANGE_PART, 9500, 500},
        {"bytes=9500-", 10000, HTTP_RANGE_PART, 9500, 500},
        {"BYTES=0-0", 1, HTTP_RANGE_PART, 0, 1},
        {"bytes=0-", 5, HTTP_RANGE_PART, 0, 5},
        {"bytes=4-99", 5, HTTP_RANGE_PART, 4, 1},
        {"bytes=0-18446744073709551615", 5, HTTP_RANGE_PART, 0, 5},
        {"bytes=0-99999999999999999999999", 5, HTTP_RANGE_PART, 0, 5},
        {"bytes=-99999999999999999999999", 5, HTTP_RANGE_PART, 0, 5},
        {"bytes=5-", 5, HTTP_RANGE_NONE, 0, 0},
        {"bytes=99999999999999999999999-", 5, HTTP_RANGE_NONE, 0, 0},
        {"bytes=-0", 5, HTTP_RANGE_NONE, 0, 0},
        {"bytes=0-", 0, HTTP_RANGE_NONE, 0, 0},
        {"bytes=-1", 0, HTTP_RANGE_NONE, 0, 0},
        {"bytes=3-2", 5, HTTP_RANGE_WHOLE, 0, 0},
        {"bytes=0-1,3-4", 5, HTTP_RANGE_WHOLE, 0, 0},
        {"bytes=-", 5, HTTP_RANGE_WHOLE, 0, 0},
        {"bytes=", 5, HTTP_RANGE_WHOLE, 0, 0},
        {"bytes", 5, HTTP_RANGE_WHOLE, 0, 0},
        {"", 5, HTTP_RANGE_WHOLE, 0, 0},
        {"bytes=a-2", 5, HTTP_RANGE_WHOLE, 0, 0},
        {"bytes=1-2x", 5, HTTP_RANGE_WHOLE, 0, 0},
        {"bytes=--2", 5, HTTP_RANGE_WHOLE, 0, 0},
        {"bytes=+1-2", 5, HTTP_RANGE_WHOLE, 0, 0},
        {"lines=1-2", 5, HTTP_RANGE_WHOLE, 0, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint64_t from = 0, n = 0;
        enum http_range is = http_range_read(span_str(cases[i].value), cases[i].bytes, &from, &n);
        if (is != cases[i].is || from != cases[i].from || n != cases[i].n)
            fail_msg("%s of %ju: %d, %ju from %ju", cases[i].value, (uintmax_t)cases[i].bytes, is,
                     (uintmax_t)n, (uintmax_t)from);
    }
}

static void etags_match_weakly(void **state) {
    (void)state;
    assert_true(http_etag_matches(SPAN("\"a\""), SPAN("\"a\"")));
    assert_true(http_etag_matches(SPAN("W/\"a\""), SPAN("\"a\"")));
    assert_true(http_etag_matches(SPAN("\"a\""), SPAN("W/\"a\"")));
    assert_true(http_etag_matches(SPAN(" \"x,y\" ,, W/\"\",\t\"a\" "), SPAN("\"a\"")));
    assert_true(http_etag_matches(SPAN("*"), SPAN("\"a\"")));
    assert_true(http_etag_matches(SPAN("\"\xc3\xa9\""), SPAN("\"\xc3\xa9\"")));
    assert_false(http_etag_matches(SPAN(""), SPAN("\"a\"")));
    assert_false(http_etag_matches(SPAN("\"A\""), SPAN("\"a\"")));
    assert_false(http_etag_matches(SPAN("a"), SPAN("\"a\"")));
    assert_false(http_etag_matches(SPAN("\"a"), SPAN("\"a\"")));
    assert_false(http_etag_matches(SPAN("w/\"a\""), SPAN("\"a\"")));
    assert_false(http_etag_matches(SPAN("\"a\" \"b\""), SPAN("\"a\"")));
    assert_false(http_etag_matches(SPAN("\"a\", b"), SPAN("\"a\"")));
    assert_false(http_etag_matches(SPAN("\"a\", *"), SPAN("\"a\"")));
    assert_false(http_etag_matches(SPAN("\"a b\", \"a\""), SPAN("\"a\"")));
    assert_false(http_etag_matches(SPAN("\"b,\"a\""), SPAN("\"a\"")));
    assert_false(http_etag_matches(SPAN("\"a\""), SPAN("a")));
}

static void a_refusal_writes_no_request(void **state) {
    (void)state;
    struct http_request r, before;
    memset(&r, 0x5A, sizeof r);
    before = r;
    struct http_progress progress = {0};
    unsigned status = 7;
    assert_int_equal(http_request_parse(SPAN(GET "X: y\r\n"), &progress, &r, &status), RC_AGAIN);
    assert_int_equal(status, 7);
    assert_int_equal(http_request_parse(SPAN(GET "X: y\r\n\n"), &progress, &r, &status),
                     RC_INVALID);
    assert_int_equal(status, 400);
    assert_memory_equal(&r, &before, sizeof r);
}

static void a_body_of_no_length_is_whole(void **state) {
    (void)state;
    struct http_request r = {0};
    struct http_body b;
    size_t used = 9;
    struct span piece;
    unsigned status;
    http_body_begin(&b, &r, 0);
    assert_true(b.whole);
    assert_int_equal(http_body_feed(&b, SPAN("GET"), &used, &piece, &status), RC_OK);
    assert_true(used == 0 && piece.n == 0);
    r.has_length = true;
    r.content_length = 1;
    http_body_begin(&b, &r, 0);
    assert_false(b.whole);
    assert_int_equal(http_body_feed(&b, SPAN(""), &used, &piece, &status), RC_INVALID);
    assert_int_equal(status, 413);
}

/* A bytes_max near 2^64 does not let a chunk size wrap around. */
static void chunk_sizes_do_not_wrap(void **state) {
    (void)state;
    struct http_request r = {.chunked = true};
    struct http_body b;
    size_t used;
    struct span piece;
    unsigned status = 0;
    http_body_begin(&b, &r, UINT64_MAX);
    assert_int_equal(http_body_feed(&b, SPAN("ffffffffffffffff\r\n"), &used, &piece, &status),
                     RC_OK);
    assert_true(b.left == UINT64_MAX);
    http_body_begin(&b, &r, UINT64_MAX);
    assert_int_equal(
        http_body_feed(&b, SPAN("1\r\na\r\nffffffffffffffff\r\n"), &used, &piece, &status), RC_OK);
    assert_true(span_eq(piece, SPAN("a")) && used == 4);
    assert_int_equal(http_body_feed(&b, SPAN("\r\nffffffffffffffff\r\n"), &used, &piece, &status),
                     RC_INVALID);
    assert_int_equal(status, 413);
}

/* ---- paths and dates ---- */

static void paths_have_one_form(void **state) {
    (void)state;
    static const struct {
        const char *path, *normal; /* NULL: refused */
    } rows[] = {
        {"/", "/"},
        {"/a/b-c._~", "/a/b-c._~"},
        {"/a//b/", "/a//b/"},
        {"/%61%2D%5f%7e", "/a-_~"},
        {"/x%c3%a9", "/x%C3%A9"},
        {"/%C3%A9", "/%C3%A9"},
        {"/%f0%9f%98%80z%41", "/%F0%9F%98%80zA"},
        {"/a:@!$&'()*+,;=", "/a:@!$&'()*+,;="},
        {"/%3a%40%21", "/%3A%40%21"},
        {"/%25%20%3f%23", "/%25%20%3F%23"},
        {"/%2541", "/%2541"},
        {"/%C2%A0", "/%C2%A0"},
        {"/...", "/..."},
        {"/.a/b.", "/.a/b."},
        {"/%2e%2e%2e", "/..."},
        {"", NULL},
        {"*", NULL},
        {"a", NULL},
        {"/.", NULL},
        {"/..", NULL},
        {"/a/../b", NULL},
        {"/a/./b", NULL},
        {"/%2e", NULL},
        {"/a/%2E%2e/b", NULL},
        {"/.%2e/", NULL},
        {"/%", NULL},
        {"/%4", NULL},
        {"/%4g", NULL},
        {"/%g4", NULL},
        {"/%%41", NULL},
        {"/%00", NULL},
        {"/a%0a", NULL},
        {"/%1f", NULL},
        {"/%7f", NULL},
        {"/%C2%85", NULL},
        {"/%2f", NULL},
        {"/%2F", NULL},
        {"/%5c", NULL},
        {"/a\\b", NULL},
        {"/a b", NULL},
        {"/a|b", NULL},
        {"/a[b]", NULL},
        {"/a^", NULL},
        {"/{a}", NULL},
        {"/a\"", NULL},
        {"/a?b", NULL},
        {"/a#b", NULL},
        {"/\xc3\xa9", NULL},
        {"/\x01", NULL},
        {"/%c3", NULL},
        {"/%c3x", NULL},
        {"/%c3%41", NULL},
        {"/%a9", NULL},
        {"/%c0%af", NULL},
        {"/%ed%a0%80", NULL},
        {"/%f4%90%80%80", NULL},
        {"/%ff", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct span path = span_str(rows[i].path), normal = {NULL, 0}, again;
        char out[100], out_again[100];
        rc code = http_path_normal(path, out, sizeof out, &normal);
        if (code != (rows[i].normal ? RC_OK : RC_INVALID))
            fail_msg("%s: %s", rows[i].path, rc_name(code));
        if (!rows[i].normal) continue;
        if (!span_eq(normal, span_str(rows[i].normal)))
            fail_msg("%s: " SPAN_FMT, rows[i].path, SPAN_ARG(normal));
        if (span_eq(normal, path)) assert_ptr_equal(normal.p, path.p);
        assert_int_equal(http_path_normal(normal, out_again, normal.n, &again), RC_OK);
        assert_true(again.p == normal.p && again.n == normal.n);
    }
}

static void text_becomes_a_path(void **state) {
    (void)state;
    char out[100], again[100];
    struct span path, normal;
    assert_int_equal(
        http_path_encode(SPAN("/d\xc3\xa9j\xc3\xa0 vu/50%?#[a]'&+\"<"), out, sizeof out, &path),
        RC_OK);
    assert_true(span_eq(path, SPAN("/d%C3%A9j%C3%A0%20vu/50%25%3F%23%5Ba%5D'&+%22%3C")));
    assert_int_equal(http_path_normal(path, again, sizeof again, &normal), RC_OK);
    assert_ptr_equal(normal.p, path.p);
    assert_int_equal(http_path_encode(SPAN("/\xc3\xa9"), out, 7, &path), RC_OK);
    assert_int_equal(http_path_encode(SPAN("/\xc3\xa9"), out, 6, &path), RC_TOO_BIG);
    assert_int_equal(http_path_encode(SPAN("/ab"), out, 2, &path), RC_TOO_BIG);
    assert_int_equal(http_path_encode(SPAN("/\xc3"), out, 100, &path), RC_INVALID);
    assert_int_equal(http_path_encode(SPAN("/a\nb"), out, 100, &path), RC_INVALID);
    assert_int_equal(http_path_encode(SPAN("/a\\b"), out, 100, &path), RC_INVALID);
    assert_int_equal(http_path_encode(SPAN("/a/../b"), out, 100, &path), RC_INVALID);
}

static void date_check(ms_t at, const char *text) {
    char out[HTTP_DATE_CHARS + 1] = {0};
    http_date(at, out);
    assert_string_equal(out, text);
}

static void dates_are_imf_fixdate(void **state) {
    (void)state;
    date_check(INT64_C(784111777000), "Sun, 06 Nov 1994 08:49:37 GMT");
    date_check(0, "Thu, 01 Jan 1970 00:00:00 GMT");
    date_check(-1, "Wed, 31 Dec 1969 23:59:59 GMT");
    date_check(999, "Thu, 01 Jan 1970 00:00:00 GMT");
    date_check(INT64_C(951782400000), "Tue, 29 Feb 2000 00:00:00 GMT");
    date_check(INT64_C(4107542400000), "Mon, 01 Mar 2100 00:00:00 GMT");
    date_check(INT64_C(1709251199999), "Thu, 29 Feb 2024 23:59:59 GMT");
    date_check(INT64_C(-62135596800000), "Mon, 01 Jan 0001 00:00:00 GMT");
    date_check(INT64_C(253402300799999), "Fri, 31 Dec 9999 23:59:59 GMT");
    date_check(INT64_MIN, "Mon, 01 Jan 0001 00:00:00 GMT");
    date_check(INT64_MAX, "Fri, 31 Dec 9999 23:59:59 GMT");
    assert_string_equal(http_reason(404), "Not Found");
    assert_string_equal(http_reason(431), "Request Header Fields Too Large");
    assert_string_equal(http_reason(299), "");
    for (int i = 0; i < RC_COUNT; i++)
        assert_string_not_equal(http_reason((unsigned)rc_http_status((rc)i)), "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_end_as_they_should),
        cmocka_unit_test(refusals_come_with_the_faulty_byte),
        cmocka_unit_test(limits_of_a_head_are_exact),
        cmocka_unit_test(content_length_has_a_limit),
        cmocka_unit_test(limits_of_chunks_are_exact),
        cmocka_unit_test(a_request_is_taken_apart),
        cmocka_unit_test(absolute_form_wins_over_host),
        cmocka_unit_test(expectations_are_for_1_1),
        cmocka_unit_test(accept_encoding_is_weighed),
        cmocka_unit_test(ranges_are_cut),
        cmocka_unit_test(etags_match_weakly),
        cmocka_unit_test(a_refusal_writes_no_request),
        cmocka_unit_test(a_body_of_no_length_is_whole),
        cmocka_unit_test(chunk_sizes_do_not_wrap),
        cmocka_unit_test(paths_have_one_form),
        cmocka_unit_test(text_becomes_a_path),
        cmocka_unit_test(dates_are_imf_fixdate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
