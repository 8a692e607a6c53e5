#include "base/mem.h"
#include "record/record.h"

#define ENTRY_LENGTH_MAX 65535 /* a bundle's lengths have 16 bits */
#define BUNDLE_BYTES_MAX (TILE_WIDTH * (2 + ENTRY_LENGTH_MAX))

/* The last tile of a level, as far as it is filled (never full: then the next one begins). */
struct level {
    struct sha256 hashes[TILE_WIDTH];
    struct merkle_edge edge; /* over them; its size is the tile's width */
    uint64_t index;          /* N */
    bool changed;            /* and not put yet */
};

struct edge_tiles {
    uint64_t size;
    struct level levels[TILE_LEVELS_MAX];
    struct buf bundle; /* the entries of levels[0] */
};

struct tiles {
    struct edge_tiles now, next; /* next: the working copy of an append */
};

struct tiles *tiles_new(void) {
    struct tiles *t = mem_new(sizeof *t);
    buf_init(&t->now.bundle, BUNDLE_BYTES_MAX);
    buf_init(&t->next.bundle, BUNDLE_BYTES_MAX);
    return t;
}

void tiles_free(struct tiles *t) {
    if (!t) return;
    buf_done(&t->now.bundle);
    buf_done(&t->next.bundle);
    mem_free(t);
}

uint64_t tiles_size(const struct tiles *t) {
    return t->now.size;
}

struct sha256 tiles_root(const struct tiles *t) {
    /* The roots of the tree's full subtrees, from the largest to the smallest: the levels' edges,
     * from the highest level to the lowest. */
    struct merkle_edge all = {.size = t->now.size};
    unsigned count = 0;
    for (unsigned i = TILE_LEVELS_MAX; i-- > 0;) {
        const struct merkle_edge *edge = &t->now.levels[i].edge;
        unsigned n = merkle_edge_count(edge);
        memcpy(all.hashes + count, edge->hashes, n * sizeof *edge->hashes);
        count += n;
    }
    return merkle_edge_root(&all);
}

/* ---- appending ------------------------------------------------------------------------------- */

static void level_copy(struct level *to, const struct level *from) {
    memcpy(to->hashes, from->hashes, from->edge.size * sizeof *from->hashes);
    to->edge.size = from->edge.size;
    memcpy(to->edge.hashes, from->edge.hashes,
           merkle_edge_count(&from->edge) * sizeof *from->edge.hashes);
    to->index = from->index;
    to->changed = false;
}

static void edge_tiles_copy(struct edge_tiles *to, const struct edge_tiles *from) {
    to->size = from->size;
    for (unsigned i = 0; i < TILE_LEVELS_MAX; i++) level_copy(&to->levels[i], &from->levels[i]);
    buf_clear(&to->bundle);
    buf_add(&to->bundle, buf_span(&from->bundle));
}

static rc put_one(int level, uint64_t index, unsigned width, struct span bytes, tiles_put *put,
                  void *arg) {
    char path[TILE_PATH_BYTES_MAX];
    struct tile tile = {.level = level, .index = index, .width = width};
    size_t n = tile_path(&tile, path);
    return put(arg, &tile, span_of(path, n), bytes);
}

static rc put_level(const struct edge_tiles *e, unsigned at, tiles_put *put, void *arg) {
    const struct level *l = &e->levels[at];
    unsigned width = (unsigned)l->edge.size;
    if (at == 0) {
        TRY(put_one(TILE_ENTRIES_LEVEL, l->index, width, buf_span(&e->bundle), put, arg));
    }
    struct span bytes = span_of(l->hashes, width * sizeof *l->hashes);
    return put_one((int)at, l->index, width, bytes, put, arg);
}

/* Adds a hash; what becomes full is put, and its root goes one level up. */
static rc push(struct edge_tiles *e, struct sha256 hash, tiles_put *put, void *arg) {
    for (unsigned at = 0;; at++) {
        CHECK(at < TILE_LEVELS_MAX);
        struct level *l = &e->levels[at];
        l->hashes[l->edge.size] = hash;
        merkle_edge_append(&l->edge, &hash);
        l->changed = true;
        if (l->edge.size < TILE_WIDTH) return RC_OK;
        TRY(put_level(e, at, put, arg));
        hash = merkle_edge_root(&l->edge);
        l->edge.size = 0;
        l->index++;
        l->changed = false;
        if (at == 0) buf_clear(&e->bundle);
    }
}

static rc append_to(struct edge_tiles *e, const struct span *entries, size_t count, tiles_put *put,
                    void *arg) {
    for (size_t i = 0; i < count; i++) {
        CHECK(entries[i].n <= ENTRY_LENGTH_MAX);
        tile_entry_write(entries[i], &e->bundle);
        e->size++;
        TRY(push(e, merkle_leaf(entries[i]), put, arg));
    }
    for (unsigned at = 0; at < TILE_LEVELS_MAX; at++) {
        if (e->levels[at].changed) TRY(put_level(e, at, put, arg));
    }
    return RC_OK;
}

rc tiles_append(struct tiles *t, const struct span *entries, size_t count, tiles_put *put,
                void *arg) {
    edge_tiles_copy(&t->next, &t->now);
    TRY(append_to(&t->next, entries, count, put, arg));
    edge_tiles_copy(&t->now, &t->next);
    return RC_OK;
}

/* ---- loading --------------------------------------------------------------------------------- */

/* The tile, or the full one that has replaced it. */
static rc get_one(int level, uint64_t index, unsigned width, tiles_get *get, void *arg,
                  struct span *out_bytes) {
    char path[TILE_PATH_BYTES_MAX];
    struct tile tile = {.level = level, .index = index, .width = width};
    size_t n = tile_path(&tile, path);
    rc code = get(arg, &tile, span_of(path, n), out_bytes);
    if (code != RC_NOT_FOUND) return code;
    tile.width = TILE_WIDTH;
    n = tile_path(&tile, path);
    return get(arg, &tile, span_of(path, n), out_bytes);
}

static rc misfit(const char *what, unsigned level, uint64_t index) {
    return rc_fail(RC_CORRUPT, "tiles: %s of level %u, tile %llu, is not what was put there", what,
                   level, (unsigned long long)index);
}

static rc load_level(struct edge_tiles *e, unsigned at, unsigned width, tiles_get *get, void *arg) {
    struct level *l = &e->levels[at];
    struct span bytes;
    TRY(get_one((int)at, l->index, width, get, arg, &bytes));
    if (bytes.n != width * sizeof *l->hashes && bytes.n != sizeof l->hashes) {
        return misfit("the length", at, l->index);
    }
    memcpy(l->hashes, bytes.p, width * sizeof *l->hashes);
    for (unsigned i = 0; i < width; i++) merkle_edge_append(&l->edge, &l->hashes[i]);
    return RC_OK;
}

/* Every entry must have the hash that the tile of level 0 says. */
static rc load_bundle(struct edge_tiles *e, tiles_get *get, void *arg) {
    struct level *l = &e->levels[0];
    struct span bytes, entry;
    unsigned width = (unsigned)l->edge.size, count = 0;
    size_t at = 0;
    TRY(get_one(TILE_ENTRIES_LEVEL, l->index, width, get, arg, &bytes));
    while (tile_entry_next(bytes, &at, &entry)) {
        if (count++ >= width) continue; /* of the full one */
        struct sha256 hash = merkle_leaf(entry);
        if (!sha256_eq(&hash, &l->hashes[count - 1])) return misfit("an entry", 0, l->index);
        tile_entry_write(entry, &e->bundle);
    }
    if (at != bytes.n || (count != width && count != TILE_WIDTH)) {
        return misfit("the number of entries", 0, l->index);
    }
    return RC_OK;
}

static rc load_all(struct edge_tiles *e, uint64_t size, tiles_get *get, void *arg) {
    e->size = size;
    for (unsigned at = 0; at < TILE_LEVELS_MAX; at++, size /= TILE_WIDTH) {
        e->levels[at].index = size / TILE_WIDTH;
        if (size % TILE_WIDTH) TRY(load_level(e, at, (unsigned)(size % TILE_WIDTH), get, arg));
    }
    return e->levels[0].edge.size ? load_bundle(e, get, arg) : RC_OK;
}

rc tiles_load(struct tiles *t, uint64_t size, tiles_get *get, void *arg) {
    CHECK(t->now.size == 0);
    edge_tiles_copy(&t->next, &t->now);
    TRY(load_all(&t->next, size, get, arg));
    edge_tiles_copy(&t->now, &t->next);
    return RC_OK;
}
