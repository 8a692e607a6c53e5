/*
 * demo: the files of demo/, carried in the program, so that `dateline demo` needs nothing beside it.
 */
#ifndef DATELINE_MAIN_DEMO_H
#define DATELINE_MAIN_DEMO_H

#include "base/base.h"

/* The items of all editions, in the order in which they are to be published, and in pictures/ what they
 * show. Written by embed_demo.py. */
struct demo_file {
    const char *name, *begin, *end;
};
extern const struct demo_file demo_files[];
extern const size_t demo_file_count;

rc demo_unpack(const char *folder) MUST_USE; /* makes it */
void demo_remove(const char *folder);

#endif
