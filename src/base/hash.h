/* hash: SHA-256 (FIPS 180-4) by OpenSSL's libcrypto, which uses the processor's own instructions. */
#ifndef DATELINE_BASE_HASH_H
#define DATELINE_BASE_HASH_H

#include <sodium.h>

#include "base/base.h"

#define SHA256_BYTES 32
struct sha256 {
    uint8_t bytes[SHA256_BYTES];
};

struct sha256 sha256_of(struct span s);
/* Over the pieces, one after another, without joining them. */
struct sha256 sha256_of_parts(const struct span *parts, size_t count);
static inline bool sha256_eq(const struct sha256 *a, const struct sha256 *b) {
    return memcmp(a->bytes, b->bytes, SHA256_BYTES) == 0;
}

#endif
