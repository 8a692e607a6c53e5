#include "base/mem.h"

#include <stdlib.h>

void *mem_new(size_t bytes) {
    void *p = calloc(1, bytes ? bytes : 1);
    CHECK(p != NULL);
    return p;
}

void *mem_resize(void *p, size_t bytes) {
    p = realloc(p, bytes ? bytes : 1);
    CHECK(p != NULL);
    return p;
}

void mem_free(void *p) {
    free(p);
}

char *mem_strdup(struct span s) {
    char *copy = mem_new(s.n + 1);
    if (s.n) memcpy(copy, s.p, s.n);
    return copy;
}
