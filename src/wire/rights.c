/*
 * rights: what a picture's owner allows, as senders say it: in words of story.md, or in a policy in ODRL
 * (W3C, the Open Digital Rights Language, which IPTC's RightsML is a profile of), in its JSON form.
 *
 * Of a policy three things are read, since these decide where a picture is shown:
 *   permission, constraint deliveryChannel is one of …   the channels; words that are no channel of ours
 *                                                         allow nothing here
 *   permission, constraint dateTime before …             the end of the lease
 *   prohibition of distribute                             not to be passed on
 * Names may be bare, compact ("odrl:distribute") or whole IRIs.
 */
#include "story/limits.h"
#include "wire/blocks.h"

#define POLICY_LIST_MAX 64

bool wire_until(struct span text, ms_t *out_at, struct span *out_day) {
    ms_t at;
    if (wire_time(text, &at) && at > 0) {
        *out_at = at;
        *out_day = (struct span){0};
        return true;
    }
    if (!wire_day(text)) return false;
    *out_at = 0;
    *out_day = text;
    return true;
}

/* ---- words -------------------------------------------------------------------------------------- */

static rc read_channels(struct span value, unsigned *out_channels) {
    unsigned channels = 0;
    for (size_t at = 0, end; at < value.n; at = end + 1) {
        for (end = at; end < value.n && value.p[end] != ' ' && value.p[end] != ',';) end++;
        struct span word = span_sub(value, at, end - at);
        enum channel channel;
        if (word.n == 0) continue;
        if (!channel_of(word, &channel))
            return rc_fail(RC_INVALID,
                           "there is no channel \"" SPAN_FMT "\"; known are: api feed print web",
                           SPAN_ARG(wire_excerpt(word)));
        channels |= 1u << channel;
    }
    if (!channels) return rc_fail(RC_INVALID, "a channel is wanted: api feed print web");
    *out_channels = channels;
    return RC_OK;
}

static rc read_redistribution(struct span value, bool *out_no) {
    *out_no = span_eq(value, SPAN("no"));
    if (*out_no || span_eq(value, SPAN("yes"))) return RC_OK;
    return rc_fail(RC_INVALID, "must be yes or no");
}

static rc read_text(struct span value, struct span *out) {
    if (value.n > PICTURE_CREDIT_BYTES_MAX)
        return rc_fail(RC_TOO_BIG, "%zu bytes, at most %d are taken", value.n,
                       PICTURE_CREDIT_BYTES_MAX);
    *out = value;
    return RC_OK;
}

rc wire_right(struct span key, struct span value, struct picture *p, struct span *out_day) {
    if (span_eq(key, SPAN("channels"))) return read_channels(value, &p->rights.channels);
    if (span_eq(key, SPAN("redistribution")))
        return read_redistribution(value, &p->rights.no_redistribution);
    if (span_eq(key, SPAN("credit"))) return read_text(value, &p->credit);
    if (span_eq(key, SPAN("creator"))) return read_text(value, &p->creator);
    if (span_eq(key, SPAN("copyright"))) return read_text(value, &p->copyright);
    if (span_eq(key, SPAN("terms"))) return read_text(value, &p->usage_terms);
    if (!span_eq(key, SPAN("expires")))
        return rc_fail(RC_INVALID, "is unknown; known are: channels expires redistribution credit "
                                   "creator copyright terms");
    if (wire_until(value, &p->rights.expires, out_day)) return RC_OK;
    return rc_fail(RC_INVALID,
                   "must be a day, whose end is meant, or a date and time with its zone: "
                   "2026-12-31 or 2026-12-31T18:00:00+03:00");
}

/* ---- ODRL ---------------------------------------------------------------------------------------- */

/* A name: a string, or an object that has it as its @id; without what stands before it. */
static struct span name_of(const json_t *value) {
    if (json_is_object(value)) {
        const json_t *id = json_object_get(value, "@id");
        if (!id) id = json_object_get(value, "id");
        if (!id) id = json_object_get(value, "@value");
        value = id;
    }
    struct span name = span_of(json_string_value(value), json_string_length(value));
    size_t from = name.n;
    while (from > 0 && !strchr(":/#", name.p[from - 1])) from--;
    return span_from(name, from);
}

/* A thing alone, or several in an array. */
static size_t count_of(const json_t *value) {
    if (!value) return 0;
    size_t count = json_is_array(value) ? json_array_size(value) : 1;
    return count < POLICY_LIST_MAX ? count : POLICY_LIST_MAX;
}
static const json_t *at_of(const json_t *value, size_t i) {
    return json_is_array(value) ? json_array_get(value, i) : value;
}

/* The text of a right operand: a moment has colons in it, and is no name. */
static struct span text_of(const json_t *value) {
    if (json_is_object(value)) value = json_object_get(value, "@value");
    return span_of(json_string_value(value), json_string_length(value));
}

static bool constrain(const json_t *constraint, struct arena *arena, struct rights *rights,
                      struct span *day) {
    const json_t *right = json_object_get(constraint, "rightOperand");
    struct span left = name_of(json_object_get(constraint, "leftOperand"));
    struct span operator= name_of(json_object_get(constraint, "operator"));
    if (span_eq(left, SPAN("dateTime"))) {
        struct span until = arena_copy(arena, text_of(right));
        return (span_eq(operator, SPAN("lt")) || span_eq(operator, SPAN("lteq"))) &&
               wire_until(until, &rights->expires, day);
    }
    if (!span_eq(left, SPAN("deliveryChannel"))) return true; /* nothing that we could break */
    if (!span_eq(operator, SPAN("isAnyOf")) && !span_eq(operator, SPAN("eq"))) return false;
    unsigned channels = 0;
    for (size_t i = 0; i < count_of(right); i++) {
        enum channel channel;
        if (channel_of(name_of(at_of(right, i)), &channel)) channels |= 1u << channel;
    }
    /* Of those that are named we know none: what we do is not among them. */
    rights->channels = channels ? channels : 1u << CHANNEL_PRINT;
    return true;
}

bool wire_policy(struct arena *arena, const json_t *policy, struct rights *rights,
                 struct span *out_day) {
    bool sound = json_is_object(policy);
    const json_t *rules = json_object_get(policy, "permission");
    for (size_t i = 0; i < count_of(rules); i++) {
        const json_t *constraints = json_object_get(at_of(rules, i), "constraint");
        for (size_t k = 0; k < count_of(constraints); k++)
            sound = constrain(at_of(constraints, k), arena, rights, out_day) && sound;
    }
    rules = json_object_get(policy, "prohibition");
    for (size_t i = 0; i < count_of(rules); i++) {
        const json_t *actions = json_object_get(at_of(rules, i), "action");
        for (size_t k = 0; k < count_of(actions); k++)
            if (span_eq(name_of(at_of(actions, k)), SPAN("distribute")))
                rights->no_redistribution = true;
    }
    return sound;
}
