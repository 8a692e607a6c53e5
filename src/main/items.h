/*
 * items: which files a command was given, the items in them, and the pictures beside them.
 *
 * A file is an item whatever its name, but *.ndjson and *.jsonl, of which each line that is not empty is one (ninjs): an
 * archive in one file, however large; "-" is standard input. Of a folder every *.md, *.markdown, *.json, *.ndjson and
 * *.jsonl in it and below is taken, in byte order of their paths, so that the same folder always
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

/* Where an item stands. */
struct item_at {
    struct span path;
    uint64_t line; /* from 1; 0: the file is the item */
};

/* One item after another, of files as items_find() has found them. */
struct items;
struct items *items_begin(const struct span *paths, size_t count, size_t item_bytes_max);
/* False: there is no more. Else *out_at says where, and *out_code whether it could be read: then its text is in
 * *out_text until the next call. After a failure the next call goes on behind it. */
bool items_next(struct items *items, struct item_at *out_at, struct span *out_text, rc *out_code);
/* How much is done, of 1: files, and of the present one bytes. */
double items_share_done(const struct items *items);
void items_end(struct items *items); /* NULL is fine */

/* A picture that the item names by a relative href: read from beside the item, never from above its
 * folder: RC_DENIED for an absolute one, "..", a scheme, or a link. `-` has no folder: RC_NOT_FOUND. */
rc items_read_beside(struct span item_path, struct span href, struct buf *b) MUST_USE;

#endif
