/*
 * compose: which story stands where on a front, and how large. The server knows the lengths of all
 * texts, so that it can do what a style sheet cannot: choose the lead, deal the rest out over
 * columns, and let neighbouring columns end together.
 *
 * Heights are estimates, in pixels of the widest layout (twelve columns, 1,208 px); what is shown
 * narrower only has fewer columns. Cards are given newest first; each is placed once or left over.
 */
#ifndef DATELINE_RENDER_COMPOSE_H
#define DATELINE_RENDER_COMPOSE_H

#include "base/arena.h"
#include "story/card.h"

#define COMPOSE_COLUMNS_MAX 4
#define COMPOSE_CARDS_MAX 96 /* what a front looks at; the rest is not on it */
#define COMPOSE_BAND_MIN 3   /* stories that a section needs for a band of its own */

enum level {
    LEVEL_LEAD,   /* one a front */
    LEVEL_BIG,    /* the first of a section */
    LEVEL_BESIDE, /* the same with its text beside the picture */
    LEVEL_PHOTO,  /* a card with its picture */
    LEVEL_TEXT,   /* the same without */
    LEVEL_LINE,   /* a headline under the lead */
    LEVEL_VOICE,  /* opinion: author, and portrait if there is one */
};
enum crop { CROP_NONE, CROP_SQUARE, CROP_TALL }; /* 3:2, 1:1, 4:5 */

struct placed {
    const struct card *card;
    enum level level;
    enum crop crop;
    bool standfirst; /* is shown */
    bool kicker;     /* so is what it is, or its section */
    int headline_chars, standfirst_chars;
};
struct column {
    unsigned span; /* of twelve */
    struct placed *placed;
    size_t count;
    int height;
};
enum band_kind { BAND_TOP, BAND_SECTION, BAND_VOICES, BAND_MORE };
struct band {
    enum band_kind kind;
    struct span section; /* SECTION: its name */
    bool flipped;        /* the big one stands at the end */
    struct column columns[COMPOSE_COLUMNS_MAX];
    size_t column_count;
};

/* A front: the top first. Sections come in the order given, others after them in that of their
 * newest story; those with too few stories fill the top or end up in BAND_MORE. RC_TOO_BIG past the
 * arena's cap. `tall_type`: of a script that is set with more air (Arabic). */
struct front {
    struct band *bands;
    size_t count;
    /* Of what is told while it happens, and of what has just become known, the newest: a line each
     * above the rest, unless it is the lead. NULL: none. */
    const struct card *live, *breaking;
};
rc compose_front(struct arena *a, const struct card *cards, size_t count,
                 const struct span *sections, size_t section_count, bool tall_type,
                 struct front *out_front) MUST_USE;
#define COMPOSE_BREAKING_MS (12 * 3600000LL) /* older than this against the newest: no more */

/* The band that opens a section's or a tag's page: one large story and what fits beside it. Which of
 * the cards it took is set in taken[count]. False: there are too few for a band. */
bool compose_opening(struct arena *a, const struct card *cards, size_t count, bool tall_type,
                     struct band *out_band, bool *taken);

/* Opinion has its own hue and place. */
bool compose_is_voice(const struct card *card);

#endif
