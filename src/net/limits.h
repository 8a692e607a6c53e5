/*
 * limits: what one web process lends to strangers: time, memory, descriptors. All in one place; a
 * test sets its own by struct net_limits, so that it need not wait.
 *
 * Reading is bounded by a deadline and a minimum rate, writing likewise: whoever sends or takes a
 * byte now and then holds a connection for as long as these say and no longer.
 */
#ifndef DATELINE_NET_LIMITS_H
#define DATELINE_NET_LIMITS_H

#include "base/base.h"

#define NET_IDLE_MS 60000            /* between two requests, and before the first */
#define NET_HEAD_MS 10000            /* from a head's first byte to its last */
#define NET_RATE_AFTER_MS 10000      /* then the minimum rates hold, averaged from the beginning */
#define NET_BODY_RATE_MIN 1024       /* bytes/s of a request's body */
#define NET_BODY_MS 600000           /* the whole of it, whatever its rate */
#define NET_ANSWER_RATE_MIN 1024     /* bytes/s that the client takes of an answer */
#define NET_ANSWER_STALL_MS 20000    /* without taking a single byte */
#define NET_ANSWER_MS 1800000        /* the whole of it, whatever its rate */
#define NET_HEAD_OUT_BYTES_MAX 65536 /* of an answer */
#define NET_LINGER_MS 5000           /* after a refusal: read and drop, so that it is not lost */
#define NET_LINGER_BYTES 1048576     /* at most so much */
#define NET_STOP_MS 9000 /* after SIGTERM: what is begun may end; the supervisor kills at 10 s */
#define NET_STOP_IDLE_MS 500 /* after SIGTERM: a request that is on its way is still answered */
#define NET_SLOW_BYTES_MAX 67108864 /* copies of answers for slow readers, of the whole process */
#define NET_CONNECTIONS_MAX \
    65536 /* of one process, and always NET_FDS_SPARE below its descriptors */
#define NET_FDS_SPARE 32
#define NET_ACCEPTS_A_TURN 4    /* the other web processes want some too */
#define NET_ACCEPT_PAUSE_MS 200 /* after EMFILE and the like, unless a connection closes before */
#define NET_PAUSE_TOLD_EVERY_MS 10000 /* in the log */
#define NET_EVICT_AFTER_MS \
    2000                     /* out of connections: who has been idle for so long makes room … \
                              */
#define NET_EVICT_AT_ONCE 32 /* … so many at a time */
#define NET_SWEEP_MS 1000

struct net_limits {
    unsigned idle_ms, head_ms, rate_after_ms, body_ms, answer_stall_ms, answer_ms, linger_ms,
        stop_ms, stop_idle_ms, evict_after_ms, sweep_ms;
    unsigned body_rate_min, answer_rate_min; /* bytes/s */
    uint64_t slow_bytes_max;
    unsigned connections_max; /* 0: NET_CONNECTIONS_MAX, but below what descriptors allow */
};
#define NET_LIMITS                                               \
    ((struct net_limits){.idle_ms = NET_IDLE_MS,                 \
                         .head_ms = NET_HEAD_MS,                 \
                         .rate_after_ms = NET_RATE_AFTER_MS,     \
                         .body_ms = NET_BODY_MS,                 \
                         .answer_stall_ms = NET_ANSWER_STALL_MS, \
                         .answer_ms = NET_ANSWER_MS,             \
                         .linger_ms = NET_LINGER_MS,             \
                         .stop_ms = NET_STOP_MS,                 \
                         .stop_idle_ms = NET_STOP_IDLE_MS,       \
                         .evict_after_ms = NET_EVICT_AFTER_MS,   \
                         .sweep_ms = NET_SWEEP_MS,               \
                         .body_rate_min = NET_BODY_RATE_MIN,     \
                         .answer_rate_min = NET_ANSWER_RATE_MIN, \
                         .slow_bytes_max = NET_SLOW_BYTES_MAX})

#endif
