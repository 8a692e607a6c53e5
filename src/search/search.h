/*
 * search: which stories belong beside which. Pure functions over what somebody else has read: no store, no
 * clock; the same input gives the same answer on every machine (whole numbers only).
 *
 * Related stories. What two stories have in common are their tags, and a tag says the more the fewer
 * stories have it. So:
 *   score     the weights of the tags shared with the subject, 1 / log2(1 + stories under the tag) each,
 *             times nearness in time, 4 / (4 + log2(1 + days apart)): the same day counts full, a month about
 *             half, ten years a quarter.
 *   threshold a tag that more than about a thousand stories have relates nothing by itself: no box is better
 *             than an arbitrary one.
 *   one event two reports whose rare tags coincide almost wholly (three quarters of their weight) and that
 *             appeared within three days of each other are one event; the newest stands for it. Rare is a
 *             tag of at most 64 stories. A month-long strike is many events, its first morning is one.
 *   law       desk_shows(DESK_PLACE_RELATED): never what was withdrawn or retracted.
 *   pins      an editor's choice comes first, in the editor's order, and is bound by the law alone.
 * Equal scores: the newer first, then by id.
 */
#ifndef DATELINE_SEARCH_SEARCH_H
#define DATELINE_SEARCH_SEARCH_H

#include "story/story.h"

#define RELATED_MAX 4
#define RELATED_TAGS_MAX 32        /* of the subject; the rarest are enough */
#define RELATED_CANDIDATES_MAX 512 /* looked at; those behind are not */

struct related_subject {
    struct story_id id; /* never related to itself, should it be among the candidates */
    ms_t published;
    const uint64_t *tag_stories; /* of each of its tags: how many stories stand under it */
    size_t tag_count;            /* at most RELATED_TAGS_MAX */
    const struct story_id *pins; /* first, if they are among the candidates and may be shown */
    size_t pin_count;
};
struct related_candidate {
    struct story_id id;
    ms_t published;
    uint32_t tags; /* bit i: it has the subject's tag i. Its other tags relate nothing. */
    enum story_state state;
    bool retracted;
};

/* Indices of the picked candidates, the nearest first; returns how many. */
size_t related_pick(const struct related_subject *subject,
                    const struct related_candidate *candidates, size_t count,
                    size_t out_picked[RELATED_MAX]);

/* The first factor of the score: what sharing these of the subject's tags is worth, apart from time. For
 * who has to choose what is worth reading whole. */
uint32_t related_weight(const uint64_t *tag_stories, size_t tag_count, uint32_t tags);

#endif
