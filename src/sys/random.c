#include "sys/random.h"

#include <errno.h>
#include <sodium.h>
#include <sys/random.h>

static uint64_t test_seed, test_calls;

void random_bytes(void *out, size_t n) {
    if (test_seed) {
        uint8_t seed[randombytes_SEEDBYTES] = {0};
        test_calls++;
        memcpy(seed, &test_seed, sizeof test_seed);
        memcpy(seed + sizeof test_seed, &test_calls, sizeof test_calls);
        randombytes_buf_deterministic(out, n, seed);
        return;
    }
    for (size_t have = 0; have < n;) {
        ssize_t got = getrandom((char *)out + have, n - have, 0);
        CHECK(got > 0 || errno == EINTR);
        if (got > 0) have += (size_t)got;
    }
}

uint64_t random_u64(void) {
    uint64_t value;
    random_bytes(&value, sizeof value);
    return value;
}

void random_test_seed(uint64_t seed) {
    test_seed = seed;
    test_calls = 0;
}
