/*
 * merkle: the tree of RFC 6962 §2.1 over SHA-256. Pure.
 */
#ifndef DATELINE_CODEC_MERKLE_H
#define DATELINE_CODEC_MERKLE_H

#include "base/hash.h"

struct sha256 merkle_leaf(struct span data); /* 0x00 ‖ data */
struct sha256 merkle_node(const struct sha256 *left, const struct sha256 *right); /* 0x01 ‖ l ‖ r */
/* MTH over `count` leaf hashes; of none: SHA-256 of nothing. */
struct sha256 merkle_root(const struct sha256 *leaves, size_t count);

/*
 * The right edge of a growing tree: the roots of its maximal full subtrees, from the largest
 * (leftmost) to the smallest; one for each 1 bit of `size`. All that appending needs. */
#define MERKLE_EDGE_MAX 64
struct merkle_edge {
    uint64_t size;
    struct sha256 hashes[MERKLE_EDGE_MAX]; /* popcount(size) of them */
};
unsigned merkle_edge_count(const struct merkle_edge *edge);
void merkle_edge_append(struct merkle_edge *edge, const struct sha256 *leaf);
struct sha256 merkle_edge_root(const struct merkle_edge *edge);

/* RFC 6962 §2.1.1, §2.1.2 as checked by RFC 9162 §2.1.3.2 and §2.1.4.2: exactly the right number of
 * hashes, and every one used. size1 ≤ size2; size1 0 with an empty proof proves nothing: false. */
bool merkle_inclusion_ok(uint64_t index, uint64_t size, const struct sha256 *leaf,
                         const struct sha256 *proof, size_t proof_count, const struct sha256 *root);
bool merkle_consistency_ok(uint64_t size1, uint64_t size2, const struct sha256 *proof,
                           size_t proof_count, const struct sha256 *root1,
                           const struct sha256 *root2);

#endif
