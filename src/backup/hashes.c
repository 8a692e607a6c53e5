#include "backup/inner.h"
#include "base/mem.h"

#define CAP_FIRST 1024

void hashes_done(struct hashes *h) {
    mem_free(h->of);
    mem_free(h->used);
    *h = (struct hashes){0};
}

/* Where it is, or would be: open addressing; a hash is its own hash. */
static size_t slot_of(const struct hashes *h, const struct sha256 *hash) {
    uint64_t number;
    memcpy(&number, hash->bytes, sizeof number);
    size_t at = number & (h->cap - 1);
    while (h->used[at] && !sha256_eq(&h->of[at], hash)) at = (at + 1) & (h->cap - 1);
    return at;
}

bool hashes_have(const struct hashes *h, const struct sha256 *hash) {
    return h->cap && h->used[slot_of(h, hash)];
}

static void grow_to(struct hashes *h, size_t cap) {
    struct hashes bigger = {.of = mem_new(cap * sizeof *bigger.of),
                            .used = mem_new(cap * sizeof *bigger.used),
                            .count = h->count,
                            .cap = cap};
    for (size_t i = 0; i < h->cap; i++) {
        if (!h->used[i]) continue;
        size_t at = slot_of(&bigger, &h->of[i]);
        bigger.of[at] = h->of[i];
        bigger.used[at] = true;
    }
    hashes_done(h);
    *h = bigger;
}

bool hashes_add(struct hashes *h, const struct sha256 *hash) {
    if (2 * h->count >= h->cap) grow_to(h, h->cap ? 2 * h->cap : CAP_FIRST);
    size_t at = slot_of(h, hash);
    if (h->used[at]) return false;
    h->of[at] = *hash;
    h->used[at] = true;
    h->count++;
    return true;
}
