/* range: which bytes of a representation a Range field asks for (RFC 9110 §14). */
#ifndef DATELINE_HTTP_RANGE_H
#define DATELINE_HTTP_RANGE_H

#include "base/base.h"

enum http_range {
    HTTP_RANGE_WHOLE, /* answer 200: another unit than bytes, malformed, or several ranges, which a
                       * server may pass over (§14.2) */
    HTTP_RANGE_PART,  /* 206: *out_n bytes from *out_from on; at least one */
    HTTP_RANGE_NONE   /* 416: there are no such bytes */
};
/* Of a representation of `bytes` bytes. */
enum http_range http_range_read(struct span value, uint64_t bytes, uint64_t *out_from,
                                uint64_t *out_n);

#endif
