/*
 * multipart: multipart/form-data (RFC 7578), as an upload of an item with its pictures comes, and as
 * our own commands send it. Strict: CR LF everywhere, no preamble, no transfer encodings, no nesting.
 */
#ifndef DATELINE_WIRE_MULTIPART_H
#define DATELINE_WIRE_MULTIPART_H

#include "base/arena.h"
#include "base/buf.h"

#define MULTIPART_PARTS_MAX 128
#define MULTIPART_HEAD_BYTES_MAX 2048 /* header lines of one part */

struct multipart_part {
    struct span name;     /* of the form's field */
    struct span filename; /* empty: not given */
    struct span type;     /* Content-Type; empty: not given */
    struct span bytes;
};

/* content_type: the request's. Names live in a, the rest points into body. RC_INVALID says which part is wrong. */
rc multipart_read(struct arena *a, struct span content_type, struct span body,
                  struct multipart_part **out_parts, size_t *out_count) MUST_USE;

/* The other direction. `boundary` must not occur in any part: choose it at random. Add parts, then end. */
void multipart_write_part(struct buf *out, struct span boundary, const struct multipart_part *part);
void multipart_write_end(struct buf *out, struct span boundary);

#endif
