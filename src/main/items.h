/*
 * items: which files a command was given, and the pictures beside them.
 *
 * A file is an item whatever its name; "-" is standard input; of a folder every *.md, *.markdown
 * and *.json in it and below is one, in byte order of their paths, so that the same folder always
 * gives the same order. Names that begin with a dot are left out, links to folders not followed.
 */
#ifndef DATELINE_MAIN_ITEMS_H
#define DATELINE_MAIN_ITEMS_H

#include "base/arena.h"
#include "base/buf.h"

#define ITEMS_MAX 1000000       /* in one command */
#define ITEMS_DEPTH_MAX 32      /* folders in folders */
#define ITEMS_FOLDER_MAX 200000 /* names in one folder */

/* Paths live in a, NUL-terminated. RC_NOT_FOUND names the operand; RC_INVALID: a folder without items. */
rc items_find(const char *const *operands, size_t operands_count, struct arena *a,
              struct span **out_paths, size_t *out_count) MUST_USE;

/* The item's text, added to b (whose limit is the item's). */
rc items_read(struct span path, struct buf *b) MUST_USE;

/* A picture that the item names by a relative href: read from beside the item, never from above its
 * folder: RC_DENIED for an absolute one, "..", a scheme, or a link. `-` has no folder: RC_NOT_FOUND. */
rc items_read_beside(struct span item_path, struct span href, struct buf *b) MUST_USE;

#endif
