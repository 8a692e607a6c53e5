/*
 * desk: editorial law. Pure functions: who may do what, to what, in which state; and what an item
 * that arrives means for the story it names. No I/O: every role × act × state is a row of a table.
 * What no row allows is refused.
 */
#ifndef DATELINE_DESK_DESK_H
#define DATELINE_DESK_DESK_H

#include "base/hash.h"
#include "story/story.h"

enum desk_role {
    DESK_OPERATOR, /* a command on the machine itself: has the site's files anyway */
    DESK_SENDER,   /* a token of the API: a newsroom's system, an agency */
    DESK_CLOCK,    /* an embargo that is over */
    DESK_ROLES
};

enum desk_act {
    DESK_NOTHING,  /* it is there already */
    DESK_PUBLISH,  /* a new story */
    DESK_REVISE,   /* the next revision of one that is published */
    DESK_HOLD,     /* keep it until its embargo is over */
    DESK_WITHDRAW, /* show it no longer */
    DESK_DROP,     /* forget a held draft that was never shown */
    DESK_ACTS
};
const char *desk_act_word(enum desk_act act); /* "publish" */

/* May `role` do `act` to a story in `state`? (PUBLISH and HOLD of a new one: STORY_PRIVATE.) */
bool desk_may(enum desk_role role, enum desk_act act, enum story_state state);

/* What the item asks for. */
struct desk_wish {
    bool canceled;
    bool has_version;
    uint64_t version;
    struct sha256 content; /* of everything that would be shown */
    ms_t embargoed_until;  /* 0: none */
    enum change change;    /* CHANGE_NONE: not said */
    bool has_note;         /* a text that tells readers what was changed */
};
/* What is known of the story that the item names. */
struct desk_facts {
    bool known; /* published once, or withdrawn: there is a row */
    enum story_state state;
    bool has_version;
    uint64_t version;
    struct sha256 content;
    bool held; /* a draft waits under the same name */
    bool held_has_version;
    uint64_t held_version;
    struct sha256 held_content;
};
struct desk_verdict {
    enum desk_act act;
    enum change change; /* of the revision that PUBLISH, REVISE or HOLD makes */
};

/*
 *   canceled                       withdraws, or drops what is held, whatever else is said; unknown: RC_NOT_FOUND
 *   a lower version                RC_CONFLICT
 *   the same version               the same content: NOTHING; other content: RC_CONFLICT
 *   no version on one of the sides compared by content
 *   withdrawn or destroyed         RC_DENIED, unless canceled again: NOTHING
 *   embargo after `now`            HOLD
 *   a correction, clarification, retraction or editor's note without a note: RC_INVALID
 */
rc desk_decide(enum desk_role role, const struct desk_wish *wish, const struct desk_facts *facts,
               ms_t now, struct desk_verdict *out_verdict) MUST_USE;

/* Must a change of this kind tell readers what it changed, and does it move "updated"? */
bool desk_change_needs_note(enum change change);
bool desk_change_moves_date(enum change change);

#endif
