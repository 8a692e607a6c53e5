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
    bool retracted;     /* say so wherever its headline stands: story_is_retracted() */
    uint64_t entry;     /* of its newest text; UINT64_MAX: none is here */
    uint64_t place;     /* in the list it was asked from, see store.h */
    struct span author; /* the first byline's name; empty where it was not asked for */
    /* JSON of the lead picture, or empty: {"alt", "renditions": [{"hash","height","type","width"} …]},
     * widest first; or of its widest rendition alone: {"alt","hash","height","type","width"}. If its owner
     * allows not everything, "rights" stands before all others; "credit" is as printed, behind them. */
    struct span picture;
};

/* May its picture be shown there and then? False if it has none. */
bool card_allows(const struct card *card, enum channel channel, ms_t at);
/* What card.picture begins with, up to the comma: nothing if everything is allowed. */
void card_rights_write(const struct rights *rights, struct buf *out);

#endif
