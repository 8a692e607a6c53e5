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
    DESK_WITHDRAW, /* show it no longer; or say of a withdrawn one that the law demands it */
    DESK_DROP,     /* forget a held draft that was never shown */
    DESK_RESTORE,  /* show again what was withdrawn, as it was */
    DESK_ACTS
};
const char *desk_act_word(enum desk_act act); /* "publish" */

/* May `role` do `act` to a story in `state`? (PUBLISH and HOLD of a new one: STORY_PRIVATE.) */
bool desk_may(enum desk_role role, enum desk_act act, enum story_state state);

/*
 * Kinds of change. For each: must it tell readers what it changed, and does it move "updated"?
 *
 *   kind           note    date   entry        the note stands
 *   minor          never   stays  revision     -
 *   update         never   moves  revision     -
 *   clarification  always  moves  correction   at the foot
 *   correction     always  moves  correction   at the foot
 *   editors-note   always  moves  correction   at the top
 *   retraction     always  moves  correction   at the top
 *
 * A note is told on the page for good. One that would not be told is refused, not dropped.
 */
bool desk_change_needs_note(enum change change);
bool desk_change_moves_date(enum change change);

/* May `act` on a story be a change of this kind? What is said of a first publication is CHANGE_NONE.
 * Who was retracted is not updated, nor retracted again: what can be said of it still is what its
 * notes say. A new text is a new story. */
bool desk_may_change(enum desk_act act, enum change change, bool retracted);

/*
 * Where a story is met. A retraction marks and does not hide, as COPE's guidelines and the large
 * papers have it: the text stays at its address (200) with the notice at its top, and stays in what
 * documents what was published, marked; it leaves what recommends it to read. A withdrawal leaves
 * everything; its address says why (410, or 451).
 */
#define DESK_PLACE_TABLE(X)                                                                  \
    X(PAGE)        /* its address, short address, ninjs, item of the API */                  \
    X(FRONT)       /* front page, latest, section pages */                                   \
    X(FEED)        /* every feed, and the news sitemap */                                    \
    X(RELATED)     /* computed, or pinned by another story */                                \
    X(TOPIC)       /* pages of its tags and authors */                                       \
    X(ARCHIVE)     /* pages of its day, month and year, sitemap, search, lists of the API */ \
    X(CORRECTIONS) /* the edition's page and feed of corrections, if it has any */
enum desk_place {
#define X(name) DESK_PLACE_##name,
    DESK_PLACE_TABLE(X)
#undef X
        DESK_PLACES
};
bool desk_shows(enum desk_place place, enum story_state state, bool retracted);

/* What the item asks for. */
struct desk_wish {
    bool canceled;
    bool legal;     /* canceled because an authority demands it */
    bool continues; /* the facts are of the story that the item updates under a name of its own */
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
    bool retracted; /* story_is_retracted() */
    bool said;      /* withdrawn with these very words: reason, authority, date */
    bool held;      /* a draft waits under the same name */
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
 *   canceled, withdrawn already    NOTHING; but a legal demand is put on record, once in the same words
 *   a lower version                RC_CONFLICT
 *   the same version               the same content: NOTHING; other content: RC_CONFLICT
 *   no version on one of the sides compared by content; so is an item that continues a story: its
 *                                  versions count another item's
 *   withdrawn or destroyed         RC_DENIED, unless canceled again: NOTHING
 *   embargo after `now`            HOLD
 *   a correction, clarification, retraction or editor's note without a note: RC_INVALID
 *   a note with a minor change or an update: RC_INVALID
 *   no kind of change said         an update
 *   retracted                      an update or another retraction: RC_DENIED
 */
rc desk_decide(enum desk_role role, const struct desk_wish *wish, const struct desk_facts *facts,
               ms_t now, struct desk_verdict *out_verdict) MUST_USE;

/*
 * Standing pages: about the paper, its ethics, its rules for readers. They are the paper's own word, so
 * that no token may write them: whoever may send stories may not change what the paper stands for.
 * `facts`: known, state and content; `content` of what would be shown, without the note on the change.
 *
 *   not known                      PUBLISH
 *   the same content               NOTHING
 *   other content                  REVISE, an update
 *   withdrawn or destroyed         RC_DENIED
 */
rc desk_decide_page(enum desk_role role, const struct desk_facts *facts,
                    const struct sha256 *content, struct desk_verdict *out_verdict) MUST_USE;

#endif
