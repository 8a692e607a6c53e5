/*
 * verify: checks a record from outside. Written from docs/record-format.md alone: it includes
 * nothing of ours but base/, so that a mistake in what writes the record is not made again by what
 * checks it. (SHA-256 and Ed25519 are libsodium's on both sides, JSON is jansson's.)
 */
#ifndef DATELINE_VERIFY_VERIFY_H
#define DATELINE_VERIFY_VERIFY_H

#include "base/buf.h"

/* Where the bytes come from: HTTP, a folder, a page store. */
struct verify_source {
    void *arg;
    /* path begins with "/record/". Adds the body; *out_status is 200, 404, 410 … A failure is of
     * the way there, and ends the check. */
    rc (*fetch)(void *arg, struct span path, struct buf *out, unsigned *out_status);
};

struct verify_options {
    struct span vkey; /* known from elsewhere; empty: what the source says */
    bool tree_only;   /* a log without openings (docs/record-format.md §6) */
    /* A fault: what is wrong, at which entry or path. */
    void (*fault)(void *arg, struct span text);
    void (*progress)(void *arg, uint64_t done, uint64_t of); /* NULL: nobody looks */
    void *arg;
};

struct verify_result {
    char origin[256];
    uint64_t size;           /* of the tree that the checkpoint names */
    uint64_t stories;        /* different ones among the entries */
    uint64_t opened;         /* entries whose commitments were computed from their opening */
    uint64_t withheld, lost; /* openings not shown: rightly withheld; text lost */
    uint64_t not_understood; /* entries that are none of ours; faults unless tree_only */
    uint64_t faults;
};

/* RC_OK: everything was looked at, and out_result->faults says how much is wrong. Anything else: it
 * could not be looked at. */
rc verify_record(const struct verify_source *source, const struct verify_options *options,
                 struct verify_result *out_result) MUST_USE;

#endif
