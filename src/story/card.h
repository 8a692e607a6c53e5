/* card: what a list shows of a story. Derived from its newest revision; whoever gives it says how
 * long it lives. */
#ifndef DATELINE_STORY_CARD_H
#define DATELINE_STORY_CARD_H

#include "story/story.h"

struct card {
    struct story_id id;
    struct span path, code, headline, standfirst, section, kind; /* kind: word of enum work */
    struct span language;
    ms_t published, updated;
    uint64_t place; /* in the list it was asked from, see store.h */
    struct span
        picture; /* JSON of the lead picture: {"alt","hash","height","type","width"}, or empty */
};

#endif
