/* random: bytes that nobody can guess, from the kernel (getrandom, which cannot fail once up). */
#ifndef DATELINE_SYS_RANDOM_H
#define DATELINE_SYS_RANDOM_H

#include "base/base.h"

void random_bytes(void *out, size_t n);
uint64_t random_u64(void);

/* For tests: from now on the bytes follow from `seed` alone. 0 gives real ones back. */
void random_test_seed(uint64_t seed);

#endif
