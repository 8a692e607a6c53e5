#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif
#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#define POISON(p, n) ASAN_POISON_MEMORY_REGION(p, n)
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION(p, n)
#define REDZONE 16
#else
#define POISON(p, n) ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#define REDZONE 0
#endif

#define BLOCK_BYTES_MIN 8192

struct block {
    struct block *next;
    size_t cap, used;
    alignas(max_align_t) char bytes[];
};

struct arena {
    struct block *first, *last;
    size_t bytes_max, taken;
    bool over;
};

static struct block *block_new(size_t cap) {
    struct block *b = mem_new(sizeof *b + cap);
    b->cap = cap;
    POISON(b->bytes, cap);
    return b;
}

static void block_free(struct block *b) {
    UNPOISON(b->bytes, b->cap);
    mem_free(b);
}

struct arena *arena_new(size_t bytes_max) {
    struct arena *a = mem_new(sizeof *a);
    a->bytes_max = bytes_max;
    return a;
}

void arena_reset(struct arena *a) {
    for (struct block *b = a->first ? a->first->next : NULL, *next; b; b = next) {
        next = b->next;
        block_free(b);
    }
    if (a->first) {
        UNPOISON(a->first->bytes, a->first->cap);
        memset(a->first->bytes, 0, a->first->used);
        POISON(a->first->bytes, a->first->cap);
        a->first->used = 0;
        a->first->next = NULL;
    }
    a->last = a->first;
    a->taken = 0;
    a->over = false;
}

void arena_free(struct arena *a) {
    if (!a) return;
    arena_reset(a);
    if (a->first) block_free(a->first);
    mem_free(a);
}

void *arena_take(struct arena *a, size_t bytes) {
    const size_t align = alignof(max_align_t);
    if (bytes > a->bytes_max || a->taken > a->bytes_max - bytes) {
        a->over = true;
        return NULL;
    }
    size_t need = (bytes + REDZONE + align - 1) / align * align;
    if (need == 0) need = align;
    struct block *b = a->last;
    if (!b || b->cap - b->used < need) {
        size_t cap = b ? b->cap * 2 : BLOCK_BYTES_MIN;
        if (cap > (1u << 20)) cap = 1u << 20;
        if (cap < need) cap = need;
        b = block_new(cap);
        if (a->last)
            a->last->next = b;
        else
            a->first = b;
        a->last = b;
    }
    void *p = b->bytes + b->used;
    UNPOISON(p, bytes);
    b->used += need;
    a->taken += bytes;
    return p;
}

struct span arena_copy(struct arena *a, struct span s) {
    char *p = arena_strdup(a, s);
    return p ? span_of(p, s.n) : (struct span){NULL, 0};
}

char *arena_strdup(struct arena *a, struct span s) {
    char *p = s.n < SIZE_MAX ? arena_take(a, s.n + 1) : NULL;
    if (!p) return NULL;
    if (s.n) memcpy(p, s.p, s.n);
    return p;
}

struct span arena_printf(struct arena *a, const char *fmt, ...) {
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    char *p = n < 0 ? NULL : arena_take(a, (size_t)n + 1);
    if (p) vsnprintf(p, (size_t)n + 1, fmt, again);
    va_end(again);
    return p ? span_of(p, (size_t)n) : (struct span){NULL, 0};
}

bool arena_over(const struct arena *a) {
    return a->over;
}
size_t arena_bytes(const struct arena *a) {
    return a->taken;
}
