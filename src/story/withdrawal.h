/*
 * withdrawal: why a story is not shown any more, and as what the record keeps it
 * (docs/record-format.md §4). When it was withdrawn is the time of the entry.
 */
#ifndef DATELINE_STORY_WITHDRAWAL_H
#define DATELINE_STORY_WITHDRAWAL_H

#include "base/arena.h"
#include "base/base.h"

#define WITHDRAWAL_REASON_BYTES_MAX 1000
#define WITHDRAWAL_AUTHORITY_BYTES_MAX 300
#define WITHDRAWAL_PARTS_MAX 4

struct withdrawal {
    unsigned status; /* 410; or 451 (RFC 7725): a legal demand */
    struct span reason;
    struct span authority; /* who demanded it; only and always with 451 */
    struct span demanded;  /* … and when: "2026-11-20"; may be empty */
};

/* "2026-11-20", a day of the Gregorian calendar in the years 1000 to 9999. */
bool day_read(struct span text, int *out_year, unsigned *out_month, unsigned *out_day);

/* Makes what somebody gave into one that can be kept: texts normal, status by whether an authority is
 * named, a reason where none was given. RC_INVALID, RC_TOO_BIG: with the name of what is wrong. */
rc withdrawal_make(struct arena *a, struct span reason, struct span authority, struct span demanded,
                   struct withdrawal *out) MUST_USE;
bool withdrawal_same(const struct withdrawal *x, const struct withdrawal *y);

/* The parts of its entry, in their order; *out_json: the same as a JSON array of strings. */
rc withdrawal_write(struct arena *a, const struct withdrawal *w,
                    struct span out_parts[WITHDRAWAL_PARTS_MAX], size_t *out_count,
                    struct span *out_json) MUST_USE;
/* What withdrawal_write() gave as *out_json. RC_INVALID. */
rc withdrawal_read(struct arena *a, struct span json, struct withdrawal *out) MUST_USE;

#endif
