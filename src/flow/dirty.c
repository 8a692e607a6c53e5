/* The pages to be made anew, in two sets by when: hash tables with open addressing. Their size is bounded
 * by the number of pages there are. */
#include "base/mem.h"
#include "flow/inner.h"

struct slot {
    char *key; /* NULL: free */
    size_t key_bytes;
    uint64_t page;
};
struct set {
    struct slot *slots;
    size_t cap, count, taken_at;
};
struct dirty {
    struct set sets[DIRTY_WHENS];
};

struct dirty *dirty_new(void) {
    struct dirty *d = mem_new(sizeof *d);
    for (int when = 0; when < DIRTY_WHENS; when++) {
        struct set *set = &d->sets[when];
        set->cap = 64;
        set->slots = mem_new(set->cap * sizeof *set->slots);
    }
    return d;
}

void dirty_free(struct dirty *d) {
    if (!d) return;
    for (int when = 0; when < DIRTY_WHENS; when++) {
        struct set *set = &d->sets[when];
        for (size_t i = 0; i < set->cap; i++) mem_free(set->slots[i].key);
        mem_free(set->slots);
    }
    mem_free(d);
}

/* FNV-1a. Keys come from editors' tags: who could choose them to collide may publish anyway. */
static size_t hash_of(struct span key, uint64_t page) {
    uint64_t h = 14695981039346656037u ^ page;
    for (size_t i = 0; i < key.n; i++) h = (h ^ (unsigned char)key.p[i]) * 1099511628211u;
    return (size_t)(h ^ h >> 32);
}

static struct slot *find(struct set *d, struct span key, uint64_t page) {
    size_t at = hash_of(key, page) & (d->cap - 1);
    while (d->slots[at].key && (d->slots[at].page != page ||
                                !span_eq(span_of(d->slots[at].key, d->slots[at].key_bytes), key)))
        at = (at + 1) & (d->cap - 1);
    return &d->slots[at];
}

static void resize(struct set *d, size_t cap) {
    struct set old = *d;
    d->cap = cap;
    d->taken_at = 0;
    d->slots = mem_new(cap * sizeof *d->slots);
    for (size_t i = 0; i < old.cap; i++) {
        const struct slot *s = &old.slots[i];
        if (s->key) *find(d, span_of(s->key, s->key_bytes), s->page) = *s;
    }
    mem_free(old.slots);
}

void dirty_add(struct dirty *dirty, enum dirty_when when, struct span key, uint64_t page) {
    struct set *d = &dirty->sets[when];
    if (d->count * 2 >= d->cap) resize(d, d->cap * 2);
    struct slot *slot = find(d, key, page);
    if (slot->key) return;
    *slot = (struct slot){.key = mem_strdup(key), .key_bytes = key.n, .page = page};
    d->count++;
}

size_t dirty_count(const struct dirty *dirty, enum dirty_when when) {
    return dirty->sets[when].count;
}

size_t dirty_all(const struct dirty *dirty) {
    return dirty->sets[DIRTY_SOON].count + dirty->sets[DIRTY_LATER].count;
}

bool dirty_take(struct dirty *dirty, enum dirty_when when, struct arena *a, struct span *out_key,
                uint64_t *out_page) {
    struct set *d = &dirty->sets[when];
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
