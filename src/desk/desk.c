#include "desk/desk.h"

const char *desk_act_word(enum desk_act act) {
    static const char *const words[DESK_ACTS] = {"nothing",  "publish", "revise", "hold",
                                                 "withdraw", "drop",    "restore"};
    CHECK((unsigned)act < DESK_ACTS);
    return words[act];
}

#define IN(state) (1u << STORY_##state)
#define ANY (IN(PRIVATE) | IN(PUBLISHED) | IN(WITHDRAWN) | IN(DESTROYED))

/* The states in which a role may do an act. */
static const unsigned law[DESK_ROLES][DESK_ACTS] = {
    [DESK_OPERATOR] = {[DESK_NOTHING] = ANY,
                       [DESK_PUBLISH] = IN(PRIVATE),
                       [DESK_REVISE] = IN(PUBLISHED),
                       [DESK_HOLD] = IN(PRIVATE) | IN(PUBLISHED),
                       [DESK_WITHDRAW] = IN(PUBLISHED) | IN(WITHDRAWN),
                       [DESK_DROP] = IN(PRIVATE),
                       [DESK_RESTORE] = IN(WITHDRAWN)},
    /* What a newsroom took away, no system that sends old items again brings back. */
    [DESK_SENDER] = {[DESK_NOTHING] = ANY,
                     [DESK_PUBLISH] = IN(PRIVATE),
                     [DESK_REVISE] = IN(PUBLISHED),
                     [DESK_HOLD] = IN(PRIVATE) | IN(PUBLISHED),
                     [DESK_WITHDRAW] = IN(PUBLISHED) | IN(WITHDRAWN),
                     [DESK_DROP] = IN(PRIVATE)},
    /* Time releases what a person has given; it takes nothing back and holds nothing. */
    [DESK_CLOCK] =
        {[DESK_NOTHING] = ANY, [DESK_PUBLISH] = IN(PRIVATE), [DESK_REVISE] = IN(PUBLISHED)},
};

bool desk_may(enum desk_role role, enum desk_act act, enum story_state state) {
    if ((unsigned)role >= DESK_ROLES || (unsigned)act >= DESK_ACTS) return false;
    return (unsigned)state < STORY_STATE_COUNT && (law[role][act] & 1u << state) != 0;
}

bool desk_change_needs_note(enum change change) {
    return change_place(change) != CHANGE_UNTOLD;
}

bool desk_change_moves_date(enum change change) {
    return change != CHANGE_NONE && change != CHANGE_MINOR;
}

#define OF(change) (1u << CHANGE_##change)
#define TOLD (OF(CLARIFICATION) | OF(CORRECTION) | OF(EDITORS_NOTE))

/* The kinds of change that an act may be: of a story that stands, and of one that was retracted. */
static const unsigned changes[DESK_ACTS][2] = {
    [DESK_NOTHING] = {OF(NONE), OF(NONE)},
    [DESK_PUBLISH] = {OF(NONE), 0},
    [DESK_REVISE] = {OF(MINOR) | OF(UPDATE) | TOLD | OF(RETRACTION), OF(MINOR) | TOLD},
    [DESK_HOLD] = {OF(NONE) | OF(MINOR) | OF(UPDATE) | TOLD | OF(RETRACTION), OF(MINOR) | TOLD},
    [DESK_WITHDRAW] = {OF(NONE), OF(NONE)},
    [DESK_DROP] = {OF(NONE), OF(NONE)},
    [DESK_RESTORE] = {OF(NONE), OF(NONE)},
};

bool desk_may_change(enum desk_act act, enum change change, bool retracted) {
    if ((unsigned)act >= DESK_ACTS || (unsigned)change >= CHANGE_COUNT) return false;
    return (changes[act][retracted] & 1u << change) != 0;
}

bool desk_shows(enum desk_place place, enum story_state state, bool retracted) {
    static const bool documents[DESK_PLACES] = {[DESK_PLACE_PAGE] = true,
                                                [DESK_PLACE_TOPIC] = true,
                                                [DESK_PLACE_ARCHIVE] = true,
                                                [DESK_PLACE_CORRECTIONS] = true};
    if ((unsigned)place >= DESK_PLACES || state != STORY_PUBLISHED) return false;
    return !retracted || documents[place];
}

static rc may_or_deny(enum desk_role role, enum desk_act act, enum story_state state) {
    if (desk_may(role, act, state)) return RC_OK;
    if (state == STORY_WITHDRAWN || state == STORY_DESTROYED)
        return rc_fail(RC_DENIED, "this story was %s; publish a new item under a new uri",
                       state == STORY_WITHDRAWN ? "withdrawn" : "destroyed by law");
    return rc_fail(RC_DENIED, "%s is not allowed here", desk_act_word(act));
}

static rc decide_canceled(enum desk_role role, const struct desk_wish *wish,
                          const struct desk_facts *facts, struct desk_verdict *out_verdict) {
    if (!facts->known && !facts->held)
        return rc_fail(RC_NOT_FOUND, "nothing to withdraw: no story has this uri");
    const bool shown = facts->known && facts->state == STORY_PUBLISHED;
    const bool demanded =
        facts->known && facts->state == STORY_WITHDRAWN && wish->legal && !facts->said;
    enum desk_act act = shown || demanded ? DESK_WITHDRAW : facts->held ? DESK_DROP : DESK_NOTHING;
    TRY(may_or_deny(role, act, act == DESK_DROP ? STORY_PRIVATE : facts->state));
    *out_verdict = (struct desk_verdict){.act = act};
    return RC_OK;
}

/* Against what is there under the same name: is it news? */
static rc compare(const struct desk_wish *wish, bool has_version, uint64_t version,
                  const struct sha256 *content, const char *what, bool *out_is_new) {
    bool same = sha256_eq(&wish->content, content);
    *out_is_new = !same;
    if (!wish->has_version || !has_version) return RC_OK;
    if (wish->version < version)
        return rc_fail(RC_CONFLICT, "version %llu is older than version %llu, which %s",
                       (unsigned long long)wish->version, (unsigned long long)version, what);
    if (wish->version == version && !same)
        return rc_fail(RC_CONFLICT,
                       "version %llu %s with other content; a change needs a higher version",
                       (unsigned long long)version, what);
    *out_is_new = wish->version > version;
    return RC_OK;
}

static rc may_change_or_deny(enum desk_act act, enum change change, bool retracted) {
    if (desk_may_change(act, change, retracted)) return RC_OK;
    return rc_fail(RC_DENIED,
                   "this story was retracted, it takes no " SPAN_FMT "; say minor, clarification, "
                   "correction or editors-note, or publish a new item under a new uri",
                   SPAN_ARG(change_word(change)));
}

static rc check_note(enum change change, bool has_note) {
    bool needs = desk_change_needs_note(change);
    if (needs && !has_note)
        return rc_fail(RC_INVALID, "a " SPAN_FMT " must say what it changes: give it a note",
                       SPAN_ARG(change_word(change)));
    if (!needs && has_note)
        return rc_fail(RC_INVALID,
                       "the note would be told to nobody: a change of the kind " SPAN_FMT
                       " has none; leave it out, or say clarification or correction",
                       SPAN_ARG(change_word(change)));
    return RC_OK;
}

rc desk_decide(enum desk_role role, const struct desk_wish *wish, const struct desk_facts *facts,
               ms_t now, struct desk_verdict *out_verdict) {
    if (wish->canceled) return decide_canceled(role, wish, facts, out_verdict);
    enum story_state state = facts->known ? facts->state : STORY_PRIVATE;
    if (facts->known && state != STORY_PUBLISHED) return may_or_deny(role, DESK_REVISE, state);
    bool is_new = true;
    if (facts->known)
        TRY(compare(wish, facts->has_version && !wish->continues, facts->version, &facts->content,
                    "is published", &is_new));
    bool hold = wish->embargoed_until > now;
    if (is_new && facts->held && role != DESK_CLOCK) {
        bool is_new_to_held;
        TRY(compare(wish, facts->held_has_version, facts->held_version, &facts->held_content,
                    "is held under embargo", &is_new_to_held));
        if (hold) is_new = is_new_to_held;
    }
    enum desk_act act = !is_new        ? DESK_NOTHING
                        : hold         ? DESK_HOLD
                        : facts->known ? DESK_REVISE
                                       : DESK_PUBLISH;
    TRY(may_or_deny(role, act, state));
    enum change change = act == DESK_NOTHING || !facts->known ? CHANGE_NONE
                         : wish->change == CHANGE_NONE        ? CHANGE_UPDATE
                                                              : wish->change;
    TRY(may_change_or_deny(act, change, facts->known && facts->retracted));
    if (facts->known && act != DESK_NOTHING) TRY(check_note(change, wish->has_note));
    *out_verdict = (struct desk_verdict){.act = act, .change = change};
    return RC_OK;
}

rc desk_decide_page(enum desk_role role, const struct desk_facts *facts,
                    const struct sha256 *content, struct desk_verdict *out_verdict) {
    if (role != DESK_OPERATOR)
        return rc_fail(RC_DENIED, "standing pages are published on the machine itself, with "
                                  "dateline page: no token may change them");
    if (facts->known && facts->state != STORY_PUBLISHED)
        return rc_fail(RC_DENIED,
                       "this page was " SPAN_FMT ", and its address goes on saying so; give "
                       "another slug",
                       SPAN_ARG(story_state_word(facts->state)));
    struct desk_verdict verdict = {.act = DESK_PUBLISH, .change = CHANGE_NONE};
    if (facts->known) verdict = (struct desk_verdict){DESK_REVISE, CHANGE_UPDATE};
    if (facts->known && sha256_eq(&facts->content, content)) verdict.act = DESK_NOTHING;
    *out_verdict = verdict;
    return RC_OK;
}
