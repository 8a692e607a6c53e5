/*
 * arena: memory with the lifetime of one operation (a request, a publish, a rendered page).
 * Everything is freed at once; nothing is freed alone. An arena has a cap: past it
 * arena_take() returns NULL and the arena remembers (arena_over), so that a hostile input costs
 * a bounded amount and one clear error. Under AddressSanitizer freed memory is poisoned.
 */
#ifndef DATELINE_BASE_ARENA_H
#define DATELINE_BASE_ARENA_H

#include "base/base.h"

struct arena;

struct arena *arena_new(size_t bytes_max);
void arena_free(struct arena *a);  /* NULL is fine */
void arena_reset(struct arena *a); /* frees all but the first block, for the next operation */

/* Zeroed, aligned for any type. NULL past the cap. */
void *arena_take(struct arena *a, size_t bytes) MUST_USE;
/* A copy of s. {NULL,0} past the cap (arena_over tells it from an empty span). */
struct span arena_copy(struct arena *a, struct span s);
/* "%…" into the arena; NUL-terminated behind the span. {NULL,0} past the cap. */
struct span arena_printf(struct arena *a, const char *fmt, ...) PRINTF(2, 3);
/* NUL-terminated copy, for libraries that want one. NULL past the cap. */
char *arena_strdup(struct arena *a, struct span s);
bool arena_over(const struct arena *a);
size_t arena_bytes(const struct arena *a); /* taken so far */

#define ARENA_NEW(a, type) ((type *)arena_take((a), sizeof(type)))
#define ARENA_ARRAY(a, type, count) \
    ((count) > SIZE_MAX / sizeof(type) ? NULL : (type *)arena_take((a), (count) * sizeof(type)))

#endif
