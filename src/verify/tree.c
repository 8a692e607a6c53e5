#include "verify/internal.h"

struct sha256 verify_leaf(struct span data) {
    struct span pieces[] = {SPAN("\0"), data};
    return sha256_of_parts(pieces, 2);
}

struct sha256 verify_node(const struct sha256 *left, const struct sha256 *right) {
    uint8_t bytes[1 + 2 * SHA256_BYTES];
    bytes[0] = 1;
    memcpy(bytes + 1, left->bytes, SHA256_BYTES);
    memcpy(bytes + 1 + SHA256_BYTES, right->bytes, SHA256_BYTES);
    struct sha256 out;
    crypto_hash_sha256(out.bytes, bytes, sizeof bytes);
    return out;
}

/* Level by level: neighbours are joined, one that is left over goes up as it is. That is the tree
 * of RFC 6962, whose left side is always the largest full one. */
struct sha256 verify_mth(struct sha256 *hashes, size_t n) {
    CHECK(n >= 1);
    while (n > 1) {
        for (size_t i = 0; i < n / 2; i++)
            hashes[i] = verify_node(&hashes[2 * i], &hashes[2 * i + 1]);
        if (n % 2) hashes[n / 2] = hashes[n - 1];
        n = (n + 1) / 2;
    }
    return hashes[0];
}

void verify_tile_path(struct buf *out, const char *level, uint64_t n, unsigned width) {
    unsigned groups[8], count = 0; /* 2^64 has seven groups of three digits */
    do {
        groups[count++] = (unsigned)(n % 1000);
        n /= 1000;
    } while (n);
    buf_printf(out, "/record/tile/%s", level);
    while (count--) buf_printf(out, count ? "/x%03u" : "/%03u", groups[count]);
    if (width != VERIFY_TILE_WIDTH) buf_printf(out, ".p/%u", width);
}

rc verify_bundle_cut(struct span bundle, unsigned count, unsigned of,
                     struct span out_entries[VERIFY_TILE_WIDTH]) {
    CHECK(count <= of && of <= VERIFY_TILE_WIDTH);
    for (unsigned i = 0; i < of; i++) {
        if (!bundle.n) return rc_fail(RC_INVALID, "ends after %u of %u entries", i, of);
        if (bundle.n < 2) return rc_fail(RC_INVALID, "ends inside the length of its entry %u", i);
        size_t n = (size_t)(uint8_t)bundle.p[0] << 8 | (uint8_t)bundle.p[1];
        if (bundle.n - 2 < n) return rc_fail(RC_INVALID, "ends inside its entry %u", i);
        if (i < count) out_entries[i] = span_sub(bundle, 2, n);
        bundle = span_from(bundle, 2 + n);
    }
    if (bundle.n) return rc_fail(RC_INVALID, "%zu bytes stand behind its %u entries", bundle.n, of);
    return RC_OK;
}
