#include "base/hash.h"

struct sha256 sha256_of(struct span s) {
    return sha256_of_parts(&s, 1);
}

struct sha256 sha256_of_parts(const struct span *parts, size_t count) {
    struct sha256 out;
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    for (size_t i = 0; i < count; i++)
        if (parts[i].n) crypto_hash_sha256_update(&state, (const uint8_t *)parts[i].p, parts[i].n);
    crypto_hash_sha256_final(&state, out.bytes);
    return out;
}
