/* be: big-endian numbers out of bytes; buf_be() is the other direction. */
#ifndef DATELINE_RECORD_BE_H
#define DATELINE_RECORD_BE_H

#include "base/base.h"

static inline uint64_t be_read(const void *bytes, unsigned n) {
    const uint8_t *u = bytes;
    uint64_t value = 0;
    for (unsigned i = 0; i < n; i++) value = value << 8 | u[i];
    return value;
}

#endif
