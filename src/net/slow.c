#include "net/slow.h"

#include "base/mem.h"

/* FNV-1a: a key is an ETag of our own, no choice of a stranger's. */
static uint32_t bucket_of(struct span key) {
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < key.n; i++) h = (h ^ (unsigned char)key.p[i]) * 16777619u;
    return h % SLOW_BUCKETS;
}

static struct slow_body *find(const struct slow *s, uint32_t bucket, struct span key,
                              struct span body) {
    for (struct slow_body *b = s->buckets[bucket]; b; b = b->next) {
        /* The key says that they are equal; the bytes prove it. */
        if (span_eq(span_of(b->bytes, b->key_bytes), key) &&
            span_eq(span_of(slow_bytes(b), b->body_bytes), body)) {
            return b;
        }
    }
    return NULL;
}

bool slow_more(struct slow *s, size_t bytes) {
    if (bytes > s->bytes_max - s->bytes) return false;
    s->bytes += bytes;
    return true;
}

void slow_less(struct slow *s, size_t bytes) {
    CHECK(bytes <= s->bytes);
    s->bytes -= bytes;
}

static size_t size_of(const struct slow_body *b) {
    return sizeof *b + b->key_bytes + b->body_bytes;
}

struct slow_body *slow_take(struct slow *s, struct span key, struct span body) {
    uint32_t bucket = key.n ? bucket_of(key) : SLOW_BUCKETS;
    struct slow_body *b = key.n ? find(s, bucket, key, body) : NULL;
    if (b) {
        b->readers++;
        return b;
    }
    size_t bytes = sizeof *b + key.n + body.n;
    if (!slow_more(s, bytes)) return NULL;
    b = mem_new(bytes);
    *b = (struct slow_body){
        .readers = 1, .bucket = bucket, .key_bytes = key.n, .body_bytes = body.n};
    if (key.n) memcpy(b->bytes, key.p, key.n);
    if (body.n) memcpy(b->bytes + key.n, body.p, body.n);
    if (bucket < SLOW_BUCKETS) {
        b->next = s->buckets[bucket];
        s->buckets[bucket] = b;
    }
    return b;
}

void slow_release(struct slow *s, struct slow_body *b) {
    if (!b || --b->readers > 0) return;
    if (b->bucket < SLOW_BUCKETS) {
        struct slow_body **at = &s->buckets[b->bucket];
        while (*at != b) at = &(*at)->next;
        *at = b->next;
    }
    slow_less(s, size_of(b));
    mem_free(b);
}
