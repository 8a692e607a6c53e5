/*
 * body: a request's body as it arrives: of a given length, or chunked (RFC 9112 §7.1, strictly: no
 * bare LF, no white space around the size, chunk extensions bounded and ignored, trailers refused
 * when they are not well-formed and thrown away otherwise).
 */
#ifndef DATELINE_HTTP_BODY_H
#define DATELINE_HTTP_BODY_H

#include "http/request.h"

#define HTTP_CHUNK_SIZE_DIGITS_MAX 16      /* leading zeros too; else 400 */
#define HTTP_CHUNK_EXTENSION_BYTES_MAX 256 /* of one chunk line in all */
#define HTTP_EXTENSIONS_BYTES_MAX 16384    /* of all chunk lines of one body, without their sizes */
#define HTTP_TRAILER_BYTES_MAX 4096

struct http_body {
    uint64_t bytes_max;  /* decoded; more is 413 */
    uint64_t taken;      /* decoded so far */
    uint64_t left;       /* of the length, or of the chunk */
    unsigned state;      /* private to body.c */
    uint32_t line_bytes; /* of the chunk line or trailer section so far */
    uint32_t extension_bytes;
    bool whole; /* the body has ended; what follows is the next request */
};

/* For the request whose head was just parsed. A request without a body is whole at once. */
void http_body_begin(struct http_body *b, const struct http_request *r, uint64_t bytes_max);

/*
 * Eats from the front of `bytes` and hands out the next run of body bytes (a piece of the input,
 * perhaps empty). Call again with what is left until *out_used is 0 or b->whole.
 *   RC_OK; RC_INVALID with *out_status 400 or 413 (decoded bytes_max, extensions or trailer too
 *   long): refuse and close; it is refused again however often it is called.
 */
rc http_body_feed(struct http_body *b, struct span bytes, size_t *out_used, struct span *out_piece,
                  unsigned *out_status) MUST_USE;

#endif
