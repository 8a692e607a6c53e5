/* The plain functions: they need no context from the heap, and cannot fail. OpenSSL 3 would rather have its
 * EVP interface used, whose set-up costs more than hashing a tree's node does. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/hash.h"

#include <openssl/sha.h>

struct sha256 sha256_of(struct span s) {
    return sha256_of_parts(&s, 1);
}

struct sha256 sha256_of_parts(const struct span *parts, size_t count) {
    struct sha256 out;
    SHA256_CTX state;
    SHA256_Init(&state);
    for (size_t i = 0; i < count; i++)
        if (parts[i].n) SHA256_Update(&state, parts[i].p, parts[i].n);
    SHA256_Final(out.bytes, &state);
    return out;
}
