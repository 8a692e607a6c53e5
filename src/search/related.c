#include "search/search.h"

#include "desk/desk.h"

#define RARE_STORIES 64
#define WEIGHT_ONE 65536u               /* of a tag that stands alone */
#define WEIGHT_LEAST (WEIGHT_ONE / 10u) /* log2(1 + stories) up to 10: a thousand stories */
#define LOG_ONE 16u                     /* log2 in sixteenths */
#define DAY_MS (24 * 3600 * 1000)
#define EVENT_MS (3 * (uint64_t)DAY_MS)

/* log2(n) for n ≥ 1, in sixteenths: whole part, and the four bits that follow. Grows with n. */
static uint32_t log_of(uint64_t n) {
    const unsigned whole = 63 - (unsigned)__builtin_clzll(n);
    const uint64_t next = whole >= 4 ? n >> (whole - 4) : n << (4 - whole);
    return whole * LOG_ONE + (uint32_t)(next & 15);
}

static uint32_t weight_of_tag(uint64_t stories) {
    if (stories < 1) stories = 1;
    if (stories == UINT64_MAX) stories--;
    return WEIGHT_ONE * LOG_ONE / log_of(stories + 1);
}

uint32_t related_weight(const uint64_t *tag_stories, size_t tag_count, uint32_t tags) {
    uint32_t weight = 0;
    for (size_t i = 0; i < tag_count && i < RELATED_TAGS_MAX; i++)
        if (tags >> i & 1) weight += weight_of_tag(tag_stories[i]);
    return weight;
}

static uint64_t apart(ms_t a, ms_t b) {
    return a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a;
}

static uint64_t score_of(const struct related_subject *s, const struct related_candidate *c) {
    const uint64_t weight = related_weight(s->tag_stories, s->tag_count, c->tags);
    if (weight < WEIGHT_LEAST) return 0;
    const uint64_t days = apart(s->published, c->published) / DAY_MS;
    return (weight * 4 * LOG_ONE << 8) / (4 * LOG_ONE + log_of(1 + days));
}

static bool same(const struct story_id *a, const struct story_id *b) {
    return memcmp(a, b, sizeof *a) == 0;
}

static bool is_newer(const struct related_candidate *a, const struct related_candidate *b) {
    if (a->published != b->published) return a->published > b->published;
    return memcmp(&a->id, &b->id, sizeof a->id) < 0;
}

static uint32_t rare_tags(const struct related_subject *s) {
    uint32_t rare = 0;
    for (size_t i = 0; i < s->tag_count && i < RELATED_TAGS_MAX; i++)
        if (s->tag_stories[i] <= RARE_STORIES) rare |= (uint32_t)1 << i;
    return rare;
}

/* The candidates that may be shown, by falling score, or by falling time. */
struct pool {
    const struct related_subject *subject;
    const struct related_candidate *candidates;
    uint32_t rare;
    struct chosen {
        size_t at;
        uint64_t score;
    } of[RELATED_CANDIDATES_MAX];
    size_t count;
};

static bool is_one_event(const struct pool *p, size_t a, size_t b) {
    const struct related_candidate *x = &p->candidates[a], *y = &p->candidates[b];
    const struct related_subject *s = p->subject;
    if (apart(x->published, y->published) > EVENT_MS) return false;
    const uint64_t both = related_weight(s->tag_stories, s->tag_count, x->tags & y->tags & p->rare);
    const uint64_t either =
        related_weight(s->tag_stories, s->tag_count, (x->tags | y->tags) & p->rare);
    return both > 0 && both * 4 >= either * 3;
}

static bool may_stand(const struct pool *p, size_t at) {
    const struct related_candidate *c = &p->candidates[at];
    return desk_shows(DESK_PLACE_RELATED, c->state, c->retracted) && !same(&c->id, &p->subject->id);
}

/* Puts one where it belongs in an order that is kept; what falls off the end is gone. */
static void insert(const struct pool *p, struct chosen *of, size_t *count, size_t max,
                   struct chosen one) {
    size_t at = *count;
    const struct related_candidate *c = &p->candidates[one.at];
    while (at > 0 && (of[at - 1].score < one.score || (of[at - 1].score == one.score &&
                                                       is_newer(c, &p->candidates[of[at - 1].at]))))
        at--;
    if (at == max) return;
    if (*count < max) ++*count;
    for (size_t i = *count - 1; i > at; i--) of[i] = of[i - 1];
    of[at] = one;
}

static bool is_told(const struct pool *p, size_t at, const size_t *told, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (told[i] == at || is_one_event(p, at, told[i])) return true;
    return false;
}

static size_t pick_pins(const struct pool *p, size_t count, size_t out_picked[RELATED_MAX]) {
    size_t n = 0;
    for (size_t pin = 0; pin < p->subject->pin_count && n < RELATED_MAX; pin++)
        for (size_t i = 0; i < count; i++) {
            if (!same(&p->candidates[i].id, &p->subject->pins[pin]) || !may_stand(p, i)) continue;
            bool there = false;
            for (size_t k = 0; k < n; k++) there |= out_picked[k] == i;
            if (!there) out_picked[n++] = i;
            break;
        }
    return n;
}

size_t related_pick(const struct related_subject *subject,
                    const struct related_candidate *candidates, size_t count,
                    size_t out_picked[RELATED_MAX]) {
    struct pool pool = {.subject = subject, .candidates = candidates, .rare = rare_tags(subject)};
    if (count > RELATED_CANDIDATES_MAX) count = RELATED_CANDIDATES_MAX;
    size_t n = pick_pins(&pool, count, out_picked);
    /* The newest first, so that each event is told by its newest: who is of one event with one that
     * stands there already falls out, and drags nobody along. */
    for (size_t i = 0; i < count; i++)
        if (may_stand(&pool, i) && score_of(subject, &candidates[i]) > 0)
            insert(&pool, pool.of, &pool.count, RELATED_CANDIDATES_MAX, (struct chosen){.at = i});
    size_t told[RELATED_CANDIDATES_MAX + RELATED_MAX], told_count = n;
    for (size_t i = 0; i < n; i++) told[i] = out_picked[i];
    struct chosen best[RELATED_MAX];
    size_t best_count = 0;
    for (size_t i = 0; i < pool.count && n < RELATED_MAX; i++) {
        const size_t at = pool.of[i].at;
        if (is_told(&pool, at, told, told_count)) continue;
        told[told_count++] = at;
        insert(&pool, best, &best_count, RELATED_MAX - n,
               (struct chosen){.at = at, .score = score_of(subject, &candidates[at])});
    }
    for (size_t i = 0; i < best_count; i++) out_picked[n++] = best[i].at;
    return n;
}
