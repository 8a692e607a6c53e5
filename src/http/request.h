/*
 * request: one HTTP/1.1 request, parsed strictly (RFC 9112, RFC 9110; where they leave a choice
 * between refusing and repairing, we refuse). Sans-IO: bytes in, a request or a refusal out; no
 * allocation, no socket. The parser is a pure function of the bytes: however they were split on
 * their way, the verdict is the same.
 */
#ifndef DATELINE_HTTP_REQUEST_H
#define DATELINE_HTTP_REQUEST_H

#include "base/base.h"

/* Line and header section together; each over-long line has its own limit below, else 431. */
#define HTTP_HEAD_BYTES_MAX 16384
#define HTTP_METHOD_BYTES_MAX 32     /* else 501 */
#define HTTP_HOST_BYTES_MAX 261      /* a DNS name and ":65535"; else 400 */
#define HTTP_TARGET_BYTES_MAX 8192   /* else 414 */
#define HTTP_FIELDS_MAX 64           /* else 431 */
#define HTTP_FIELD_BYTES_MAX 8192    /* a field line without its CR LF: else 431 */
#define HTTP_BODY_BYTES_MAX 67108864 /* 64 MiB: what Content-Length may say, else 413 */

/* Methods of RFC 9110 §9 that anything here answers; any other token is HTTP_OTHER (405 or 501 is
 * the door's to say). */
enum http_method {
    HTTP_GET,
    HTTP_HEAD,
    HTTP_POST,
    HTTP_PUT,
    HTTP_DELETE,
    HTTP_OPTIONS,
    HTTP_OTHER
};

enum http_accept_encoding {
    HTTP_ACCEPT_GZIP = 1,
    HTTP_ACCEPT_BR = 2
}; /* same bits as pages_accept */

struct http_field {
    struct span name, value; /* value without the white space around it */
};

/* Spans point into the bytes that were parsed. */
struct http_request {
    enum http_method method;
    struct span method_text;
    struct span target; /* as sent; origin-form, or what follows the host in absolute-form; "*" */
    struct span path, query; /* of the target; query without "?", p == NULL if there is none */
    struct span host; /* of Host (or of an absolute-form target, which then wins): host[:port];
                       * empty only in HTTP/1.0, which may come without */
    unsigned minor;   /* HTTP/1.minor: 0 or 1 (1.2 to 1.9 are read as 1.1) */
    bool keep_alive;  /* may another request follow on this connection? */
    bool chunked;     /* the body is chunked … */
    bool has_length;  /* … or this long; neither: there is none */
    uint64_t content_length;
    bool expect_continue;
    unsigned accept_encoding; /* enum http_accept_encoding or-ed, from Accept-Encoding with q > 0 */
    struct span if_none_match, authorization, content_type; /* empty: not given */
    struct http_field fields[HTTP_FIELDS_MAX];
    size_t field_count;
    size_t head_bytes; /* of the input that are this head; the body, or the next request, begins
                          there */
};

/*
 * Where a head that is not whole yet was left, so that bytes that trickle in are not looked at
 * again and again. Zero it before a new request; the same bytes, at the same or another address,
 * must stand at the front of the next call's input.
 */
struct http_progress {
    size_t scanned;  /* bytes looked at */
    size_t dull_end; /* private to request.c, like the next */
    unsigned dull;
};

/*
 * Parses the head at the front of `bytes`.
 *   RC_OK       *out_request is filled
 *   RC_AGAIN    the head is not whole, and nothing in it is wrong so far; nothing noted
 *   RC_INVALID  refused: *out_status is the answer (400, 413, 414, 417, 431, 501, 505); rc_why()
 *               says what was wrong. Send it, close, and never look at what follows.
 * One empty line (CR LF) before the request line is skipped (RFC 9112 §2.2), no more than one.
 */
rc http_request_parse(struct span bytes, struct http_progress *progress,
                      struct http_request *out_request, unsigned *out_status) MUST_USE;

/* The value of a field that may come once only: RC_NOT_FOUND (nothing noted); RC_INVALID if it
 * comes twice. */
rc http_request_field(const struct http_request *r, struct span name,
                      struct span *out_value) MUST_USE;

/* Does an If-None-Match value name `etag` (with its quotes)? Weak comparison, "*" matches
 * (RFC 9110 §13.1.2, §8.8.3.2). A malformed list matches nothing. */
bool http_etag_matches(struct span if_none_match, struct span etag);

#endif
