/* schema: what the tables are, and the way from older ones to today's. Inside store/ only. */
#ifndef DATELINE_STORE_SCHEMA_H
#define DATELINE_STORE_SCHEMA_H

#include <stddef.h>

#define SCHEMA_APPLICATION_ID 0x444c4e31 /* "DLN1": file(1) and we know the file as ours */
#define SCHEMA_VERSION 5                 /* user_version of what schema_steps[] leads to */

/* schema_steps[v] is the SQL that leads from version v to v + 1; version 0 is an empty file. */
extern const char *const schema_steps[SCHEMA_VERSION];

#endif
