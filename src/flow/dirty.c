/* The set of list pages to be made anew: a hash table with open addressing. Its size is bounded by the
 * number of list pages there are. */
#include "base/mem.h"
#include "flow/inner.h"

struct slot {
    char *key; /* NULL: free */
    size_t key_bytes;
    uint64_t page;
};
struct dirty {
    struct slot *slots;
    size_t cap, count, taken_at;
};

struct dirty *dirty_new(void) {
    struct dirty *d = mem_new(sizeof *d);
    d->cap = 64;
    d->slots = mem_new(d->cap * sizeof *d->slots);
    return d;
}

void dirty_free(struct dirty *d) {
    if (!d) return;
    for (size_t i = 0; i < d->cap; i++) mem_free(d->slots[i].key);
    mem_free(d->slots);
    mem_free(d);
}

/* FNV-1a. Keys come from editors' tags: who could choose them to collide may publish anyway. */
static size_t hash_of(struct span key, uint64_t page) {
    uint64_t h = 14695981039346656037u ^ page;
    for (size_t i = 0; i < key.n; i++) h = (h ^ (unsigned char)key.p[i]) * 1099511628211u;
    return (size_t)(h ^ h >> 32);
}

static struct slot *find(struct dirty *d, struct span key, uint64_t page) {
    size_t at = hash_of(key, page) & (d->cap - 1);
    while (d->slots[at].key && (d->slots[at].page != page ||
                                !span_eq(span_of(d->slots[at].key, d->slots[at].key_bytes), key)))
        at = (at + 1) & (d->cap - 1);
    return &d->slots[at];
}

static void resize(struct dirty *d, size_t cap) {
    struct dirty old = *d;
    d->cap = cap;
    d->taken_at = 0;
    d->slots = mem_new(cap * sizeof *d->slots);
    for (size_t i = 0; i < old.cap; i++) {
        const struct slot *s = &old.slots[i];
        if (s->key) *find(d, span_of(s->key, s->key_bytes), s->page) = *s;
    }
    mem_free(old.slots);
}

void dirty_add(struct dirty *d, struct span key, uint64_t page) {
    if (d->count * 2 >= d->cap) resize(d, d->cap * 2);
    struct slot *slot = find(d, key, page);
    if (slot->key) return;
    *slot = (struct slot){.key = mem_strdup(key), .key_bytes = key.n, .page = page};
    d->count++;
}

size_t dirty_count(const struct dirty *d) {
    return d->count;
}

bool dirty_take(struct dirty *d, struct arena *a, struct span *out_key, uint64_t *out_page) {
    if (d->count == 0) return false;
    while (!d->slots[d->taken_at].key) d->taken_at = (d->taken_at + 1) & (d->cap - 1);
    struct slot *s = &d->slots[d->taken_at];
    *out_key = arena_copy(a, span_of(s->key, s->key_bytes));
    *out_page = s->page;
    mem_free(s->key);
    s->key = NULL;
    d->count--;
    /* Those behind it in the same run move up, or find() would stop at the hole. */
    for (size_t at = (d->taken_at + 1) & (d->cap - 1); d->slots[at].key;
         at = (at + 1) & (d->cap - 1)) {
        struct slot moved = d->slots[at];
        d->slots[at].key = NULL;
        *find(d, span_of(moved.key, moved.key_bytes), moved.page) = moved;
    }
    return true;
}
