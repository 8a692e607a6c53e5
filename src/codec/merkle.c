#include "codec/merkle.h"

struct sha256 merkle_leaf(struct span data) {
    return sha256_of_parts((struct span[]){span_of("\0", 1), data}, 2);
}

struct sha256 merkle_node(const struct sha256 *left, const struct sha256 *right) {
    uint8_t joined[1 + 2 * SHA256_BYTES];
    joined[0] = 1;
    memcpy(joined + 1, left->bytes, SHA256_BYTES);
    memcpy(joined + 1 + SHA256_BYTES, right->bytes, SHA256_BYTES);
    return sha256_of(span_of(joined, sizeof joined));
}

struct sha256 merkle_root(const struct sha256 *leaves, size_t count) {
    struct merkle_edge edge = {.size = 0};
    for (size_t i = 0; i < count; i++) merkle_edge_append(&edge, &leaves[i]);
    return merkle_edge_root(&edge);
}

unsigned merkle_edge_count(const struct merkle_edge *edge) {
    return (unsigned)__builtin_popcountll(edge->size);
}

void merkle_edge_append(struct merkle_edge *edge, const struct sha256 *leaf) {
    CHECK(edge->size < UINT64_MAX);
    struct sha256 hash = *leaf;
    unsigned at = merkle_edge_count(edge);
    /* As in adding 1: each 1 bit at the end is a full subtree that the new one completes. */
    for (uint64_t bits = edge->size; bits & 1; bits >>= 1) {
        at--;
        hash = merkle_node(&edge->hashes[at], &hash);
    }
    edge->hashes[at] = hash;
    edge->size++;
}

struct sha256 merkle_edge_root(const struct merkle_edge *edge) {
    unsigned at = merkle_edge_count(edge);
    if (at == 0) return sha256_of((struct span){NULL, 0});
    struct sha256 hash = edge->hashes[--at];
    while (at > 0) hash = merkle_node(&edge->hashes[--at], &hash);
    return hash;
}

/* The node's place, `at` of 0 … `last` at its level, as a proof climbs from level to level. */
struct climb {
    uint64_t at, last;
};

/* One level up. */
static void climb_up(struct climb *c) {
    c->at >>= 1;
    c->last >>= 1;
}

/* Is the proof's next hash the left brother? If so, the levels at which the node has none (it is
 * the last, and even) are passed. */
static bool climb_left(struct climb *c) {
    bool left = (c->at & 1) || c->at == c->last;
    while (left && !(c->at & 1) && c->at != 0) climb_up(c);
    return left;
}

bool merkle_inclusion_ok(uint64_t index, uint64_t size, const struct sha256 *leaf,
                         const struct sha256 *proof, size_t proof_count,
                         const struct sha256 *root) {
    if (index >= size) return false;
    struct climb c = {.at = index, .last = size - 1};
    struct sha256 hash = *leaf;
    for (size_t i = 0; i < proof_count; i++) {
        if (c.last == 0) return false;
        hash = climb_left(&c) ? merkle_node(&proof[i], &hash) : merkle_node(&hash, &proof[i]);
        climb_up(&c);
    }
    return c.last == 0 && sha256_eq(&hash, root);
}

bool merkle_consistency_ok(uint64_t size1, uint64_t size2, const struct sha256 *proof,
                           size_t proof_count, const struct sha256 *root1,
                           const struct sha256 *root2) {
    if (size1 == 0 || size1 > size2) return false;
    if (size1 == size2) return proof_count == 0 && sha256_eq(root1, root2);
    if (proof_count == 0) return false;
    struct climb c = {.at = size1 - 1, .last = size2 - 1};
    while (c.at & 1) climb_up(&c);
    /* A full tree is itself the node that the two have in common: the proof leaves it out. */
    bool full = (size1 & (size1 - 1)) == 0;
    struct sha256 hash1 = full ? *root1 : proof[0], hash2 = hash1;
    for (size_t i = full ? 0 : 1; i < proof_count; i++) {
        if (c.last == 0) return false;
        if (climb_left(&c)) {
            hash1 = merkle_node(&proof[i], &hash1);
            hash2 = merkle_node(&proof[i], &hash2);
        } else {
            hash2 = merkle_node(&hash2, &proof[i]);
        }
        climb_up(&c);
    }
    return c.last == 0 && sha256_eq(&hash1, root1) && sha256_eq(&hash2, root2);
}
