/* demo: the files of demo/, carried in the program, so that `dateline demo` needs nothing beside it. */
#ifndef DATELINE_MAIN_DEMO_H
#define DATELINE_MAIN_DEMO_H

#include "base/base.h"

rc demo_unpack(const char *folder) MUST_USE; /* makes it */
void demo_remove(const char *folder);

#endif
