/*
 * mem: the only place that calls malloc. A failing allocation of bounded size ends the process
 * (the supervisor restarts it; nothing acknowledged goes with it), so callers never see NULL.
 */
#ifndef DATELINE_BASE_MEM_H
#define DATELINE_BASE_MEM_H

#include "base/base.h"

void *mem_new(size_t bytes) __attribute__((malloc, returns_nonnull)); /* zeroed */
void *mem_resize(void *p, size_t bytes) __attribute__((returns_nonnull));
void mem_free(void *p);                                           /* NULL is fine */
char *mem_strdup(struct span s) __attribute__((returns_nonnull)); /* NUL-terminated copy */

#endif
