#include "net/slow.h"

#include "base/mem.h"

/* FNV-1a: a key is an ETag of our own, no choice of a stranger's. */
static uint32_t bucket_of(struct span key) {
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < key.n; i++) h = (h ^ (unsigned char)key.p[i]) * 16777619u;
    return h % SLOW_BUCKETS;
}

static bool is_body(const struct slow_body *b, const struct span body[2]) {
    struct span bytes = span_of(slow_bytes(b), b->body_bytes);
    return bytes.n == body[0].n + body[1].n && span_starts(bytes, body[0]) &&
           span_eq(span_from(bytes, body[0].n), body[1]);
}

static struct slow_body *find(const struct slow *s, uint32_t bucket, struct span key,
                              const struct span body[2]) {
    for (struct slow_body *b = s->buckets[bucket]; b; b = b->next) {
        /* The key says that they are equal; the bytes prove it. */
        if (span_eq(span_of(b->bytes, b->key_bytes), key) && is_body(b, body)) return b;
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

struct slow_body *slow_take(struct slow *s, struct span key, const struct span body[2]) {
    uint32_t bucket = key.n ? bucket_of(key) : SLOW_BUCKETS;
    struct slow_body *b = key.n ? find(s, bucket, key, body) : NULL;
    if (b) {
        b->readers++;
        return b;
    }
    const size_t body_bytes = body[0].n + body[1].n, bytes = sizeof *b + key.n + body_bytes;
    if (!slow_more(s, bytes)) return NULL;
    b = mem_new(bytes);
    *b = (struct slow_body){
        .readers = 1, .bucket = bucket, .key_bytes = key.n, .body_bytes = body_bytes};
    if (key.n) memcpy(b->bytes, key.p, key.n);
    char *to = b->bytes + key.n;
    for (size_t i = 0; i < 2; to += body[i++].n)
        if (body[i].n) memcpy(to, body[i].p, body[i].n);
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
