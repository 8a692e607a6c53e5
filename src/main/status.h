/* status: how a site stands, as core's answer to GET /status; docs/operator.md lists its members. */
#ifndef DATELINE_MAIN_STATUS_H
#define DATELINE_MAIN_STATUS_H

#include "flow/flow.h"

/* One JSON object. Of flags as many as STATUS_BYTES_MAX have room for; "flags_left" says how many there
 * are beside them. */
#define STATUS_BYTES_MAX 40960 /* below what an answer may have: net/channel.h */
rc status_write(struct flow *f, struct arena *a, struct buf *out) MUST_USE;

#endif
