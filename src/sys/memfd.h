/*
 * memfd: a piece of memory that several processes map, kept by a descriptor. Its size is sealed:
 * nobody who holds the descriptor can cut it under the others (a SIGBUS), or make it grow.
 * What it holds is plain integers, read and written atomically; whoever reads what a less trusted
 * process writes treats it as bytes from outside.
 */
#ifndef DATELINE_SYS_MEMFD_H
#define DATELINE_SYS_MEMFD_H

#include "base/base.h"

/* `bytes` is rounded up to whole pages; zeroed. `name` is seen in /proc only. */
rc memfd_new(const char *name, size_t bytes, int *out_fd) MUST_USE;
/* A second descriptor of the same memory through which it cannot be written or mapped writable:
 * the one to hand to a process that shall only read. */
rc memfd_read_only(int fd, int *out_fd) MUST_USE;
rc memfd_map(int fd, size_t bytes, bool writable, void **out_memory) MUST_USE;
void memfd_unmap(void *memory, size_t bytes);
void memfd_close(int fd);

#endif
