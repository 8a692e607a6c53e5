/*
 * demo: the files of demo/, carried in the program, so that `dateline demo` needs nothing beside it.
 */
#ifndef DATELINE_MAIN_DEMO_H
#define DATELINE_MAIN_DEMO_H

#include "base/base.h"

/* In DEMO_PAGES the standing pages and in DEMO_STORIES the items of all editions, in the order of their names,
 * in which they are to be published, and what the items show. Written by embed_demo.py. */
#define DEMO_PAGES "pages"
#define DEMO_STORIES "stories"
struct demo_file {
    const char *name, *begin, *end;
};
extern const struct demo_file demo_files[];
extern const size_t demo_file_count;

rc demo_unpack(const char *folder) MUST_USE; /* makes it */
void demo_remove(const char *folder);

#endif
