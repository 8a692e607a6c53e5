/*
 * canon: the canonical form of a revision, and its cutting into parts. docs/record-format.md is
 * the specification that others implement; this header says the same in fewer words.
 *
 * The canonical revision is one JSON object in JCS (RFC 8785): Unicode NFC, integers only. Members
 * that are "not given" are left out. What the store keeps is these bytes; every column is derived.
 *
 * A *part* is the smallest piece that can be proven, or erased, alone. Its bytes are the JCS text
 * of the two-element array [path, value], where path is an array of member names and indexes:
 *     [["headline"],"Harbour reopens"]   [["blocks",3],{"kind":"paragraph",…}]
 *     [["pictures",0,"caption"],"…"]     [["pictures",0,"renditions",2],{…}]
 * Which values are opened: the document; in it `blocks`, `corrections`, `tags`, `bylines` (one part
 * an element), `pictures` (opened to each picture's members) and there `renditions` (one part an
 * element). Everything else is one part. Parts stand in document order: JCS order of members, array
 * order of elements. An opened array that is empty is left out of the document.
 */
#ifndef DATELINE_STORY_CANON_H
#define DATELINE_STORY_CANON_H

#include "base/arena.h"
#include "base/buf.h"
#include "story/story.h"

/* Adds the canonical bytes of r. RC_TOO_BIG over CANON_BYTES_MAX (story/limits.h). r must have
 * passed story_check(). */
rc canon_write(const struct revision *r, struct buf *out) MUST_USE;

/* Reads canonical bytes back. RC_CORRUPT with the JSON path if they are not the canonical form of a
 * revision: for every r, reading what canon_write wrote gives r again, and writing what was read
 * gives the same bytes. The revision lives in `arena`; RC_TOO_BIG if that cannot hold it. */
rc canon_read(struct arena *arena, struct span bytes, struct revision *out_revision) MUST_USE;

/* Cuts canonical bytes into parts; each part's bytes live in `arena`. At most CANON_PARTS_MAX. */
rc canon_parts(struct arena *arena, struct span bytes, struct span **out_parts,
               size_t *out_count) MUST_USE;

/* Joins parts again. A part that was erased is an empty span: its member or element is left out
 * (an array shrinks), so the result may no longer be a revision, but is still canonical JSON. */
rc canon_join(struct arena *arena, const struct span *parts, size_t count,
              struct buf *out) MUST_USE;

#endif
