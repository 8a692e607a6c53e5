/*
 * front: the front matter of story.md, a small and strict part of YAML. Inner header of wire.
 *
 *     ---
 *     headline: Harbour reopens after storm      a plain value runs to the end of its line,
 *     standfirst: "First ferry leaves at noon"   whatever is in it; quotes are taken off, \" and
 *     tags: [person: Mara Vale, ferries]         \\ inside "…" and '' inside '…' mean one
 *     byline:                                    a list in brackets, or line by line
 *       - Mara Vale, Harbour correspondent
 *     # a comment
 *     ---
 *
 * A value may not begin with one of { } ] & * ! | > % @ ` (YAML means something by them that is
 * not read here), a key stands at the start of its line and only once. Everything else is an error
 * with its line.
 */
#ifndef DATELINE_WIRE_FRONT_H
#define DATELINE_WIRE_FRONT_H

#include "wire/blocks.h"

struct front_value {
    struct span text; /* normal, one line */
    unsigned line;
};
struct front_key {
    const char *name;
    bool list;        /* may have several values */
    size_t bytes_max; /* of each value */
    /* Filled in by front_read(). */
    unsigned line; /* 0: the key is not there */
    struct front_value *values;
    size_t count;
};

/* Reads the front matter at the start of `text` into `keys`. Without a first line "---" there is
 * none: nothing is filled in. RC_INVALID, RC_TOO_BIG "line 3: …". *out_body is where the text
 * behind it starts, *out_line the number of that line. */
rc front_read(struct arena *arena, struct span text, struct front_key *keys, size_t key_count,
              size_t *out_body, unsigned *out_line) MUST_USE;

#endif
