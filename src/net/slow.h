/*
 * slow: what an answer's reader has not taken yet. A body is copied once, however many take it
 * slowly: copies are counted, found by their key, and freed with their last reader. All copies of
 * a process together stay within a limit.
 */
#ifndef DATELINE_NET_SLOW_H
#define DATELINE_NET_SLOW_H

#include "base/base.h"

#define SLOW_BUCKETS 256

struct slow_body {
    struct slow_body *next; /* in its bucket */
    uint32_t readers;
    uint32_t bucket; /* SLOW_BUCKETS: not shared */
    size_t key_bytes, body_bytes;
    char bytes[]; /* key, body */
};

struct slow {
    struct slow_body *buckets[SLOW_BUCKETS];
    uint64_t bytes, bytes_max;
};

/* A body in two pieces. NULL: over the limit. An empty key is shared with nobody. */
struct slow_body *slow_take(struct slow *s, struct span key, const struct span body[2]);
void slow_release(struct slow *s, struct slow_body *b); /* NULL is fine */
static inline const char *slow_bytes(const struct slow_body *b) {
    return b->bytes + b->key_bytes;
}
/* For what a reader keeps alone: false if it does not fit. Given back by slow_less(). */
bool slow_more(struct slow *s, size_t bytes);
void slow_less(struct slow *s, size_t bytes);

#endif
