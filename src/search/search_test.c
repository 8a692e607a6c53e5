/* Related stories: five days of a small paper, judged by hand; then what must hold for any table. */
#include "search/search.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define DAY ((ms_t)24 * 3600 * 1000)
#define NOON (20000 * DAY + DAY / 2) /* of the day the subjects appear on */

static struct story_id id_of(unsigned number) {
    struct story_id id = {{0}};
    id.bytes[0] = 1;
    id.bytes[14] = (uint8_t)(number >> 8);
    id.bytes[15] = (uint8_t)number;
    return id;
}

/* ---- judged examples ------------------------------------------------------------------------------ */

struct told {
    const char *headline; /* NULL: the table's end */
    double days_ago;
    uint32_t tags; /* bits, of the subject's */
    enum story_state state;
    bool retracted;
};
#define TOLD_MAX 12

static void judge(const uint64_t *tag_stories, size_t tag_count, const struct told *told,
                  const char *wanted) {
    struct related_candidate candidates[TOLD_MAX];
    const struct related_subject subject = {
        .id = id_of(999), .published = NOON, .tag_stories = tag_stories, .tag_count = tag_count};
    char got[400] = "";
    size_t count = 0, picked[RELATED_MAX], length = 0;
    for (; told[count].headline; count++)
        candidates[count] = (struct related_candidate){
            .id = id_of((unsigned)count),
            .published = NOON - (ms_t)(told[count].days_ago * (double)DAY),
            .tags = told[count].tags,
            .state = told[count].state == STORY_PRIVATE ? STORY_PUBLISHED : told[count].state,
            .retracted = told[count].retracted};
    size_t n = related_pick(&subject, candidates, count, picked);
    for (size_t i = 0; i < n; i++)
        length += (size_t)snprintf(got + length, sizeof got - length, "%s%s", i ? " | " : "",
                                   told[picked[i]].headline);
    assert_string_equal(got, wanted);
}

/* "Harbour tunnel: second tube breaks through". The tunnel has few stories, the harbour many, the city's own
 * name stands under almost everything. The tunnel's own news come first, the near before the far. The
 * harbour's fire of this morning is of something else, but nearer to it than a budget of half a year ago;
 * what shares the city alone is not related at all. */
static void a_rare_tag_tells_more(void **state) {
    (void)state;
    static const uint64_t tags[] = {9, 420, 11800}; /* tunnel, harbour, Port Averil */
    static const struct told told[] = {
        {"First tube opens", 40, 7, 0, false},       {"Crane fire", 0.2, 6, 0, false},
        {"Tunnel budget doubles", 200, 5, 0, false}, {"Mayor's bicycle found", 0.1, 4, 0, false},
        {"Drill arrives", 90, 7, 0, false},          {NULL, 0, 0, 0, false},
    };
    judge(tags, 3, told, "First tube opens | Drill arrives | Crane fire | Tunnel budget doubles");
}

/* "Storm: ferries resume". Three reports of the storm's night say the same with the same rare tags: the
 * last of them stands for all. A report of the dike's repair three weeks on is of the same storm, but no
 * longer the same event. */
static void one_event_is_told_once(void **state) {
    (void)state;
    static const uint64_t tags[] = {6, 30, 900}; /* Storm Ilse, ferries, weather */
    static const struct told told[] = {
        {"Storm warning", 1.5, 7, 0, false},    {"Storm hits", 1.2, 7, 0, false},
        {"Storm passes", 0.8, 7, 0, false},     {"Dike repaired after Ilse", 22, 5, 0, false},
        {"New ferry ordered", 60, 2, 0, false}, {NULL, 0, 0, 0, false},
    };
    judge(tags, 3, told, "Storm passes | Dike repaired after Ilse | New ferry ordered");
}

/* "Council votes on trams". The best match was withdrawn, the next retracted: neither is shown, and neither
 * stands for its event; the one beneath, of the same event as both, does. */
static void what_is_gone_is_never_shown(void **state) {
    (void)state;
    static const uint64_t tags[] = {12, 50}; /* trams, council */
    static const struct told told[] = {
        {"Tram vote leaked", 0.1, 3, STORY_WITHDRAWN, false},
        {"Tram vote was bought", 0.2, 3, 0, true},
        {"Tram plan: what is at stake", 0.5, 3, 0, false},
        {"Council meets the baker", 3, 2, 0, false},
        {"Old plan", 5, 3, STORY_DESTROYED, false},
        {NULL, 0, 0, 0, false},
    };
    judge(tags, 2, told, "Tram plan: what is at stake | Council meets the baker");
}

/* "Averil United win": football and the city, a thousand times each in the archive. Both together make a match
 * report, the nearest first; either alone makes nothing, and then the box is empty. */
static void common_tags_alone_relate_nothing(void **state) {
    (void)state;
    static const uint64_t tags[] = {3000, 12000}; /* football, Port Averil */
    static const struct told both[] = {
        {"United draw", 7, 3, 0, false},
        {"United lose", 14, 3, 0, false},
        {"Library closes", 0.1, 2, 0, false},
        {NULL, 0, 0, 0, false},
    };
    static const struct told either[] = {
        {"Elsewhere, a cup", 0.1, 1, 0, false},
        {"Library closes", 0.1, 2, 0, false},
        {NULL, 0, 0, 0, false},
    };
    judge(tags, 2, both, "United draw | United lose");
    judge(tags, 2, either, "");
}

/* "Lighthouse turns 200": of a rare tag there is a feature of last week and a report of ten years ago; of a
 * middling one (heritage, 300) a piece of today. Rare and near, then middling and near, and the old one,
 * whose tag is rare enough to outlive ten years, between them. */
static void time_weighs_but_does_not_rule(void **state) {
    (void)state;
    static const uint64_t tags[] = {3, 300}; /* lighthouse, heritage */
    static const struct told told[] = {
        {"Heritage day", 0.3, 2, 0, false},        {"Lamp fails", 3650, 3, 0, false},
        {"The keeper's daughter", 7, 3, 0, false}, {"Mill restored", 365, 2, 0, false},
        {"Barn restored", 900, 2, 0, false},       {NULL, 0, 0, 0, false},
    };
    judge(tags, 2, told, "The keeper's daughter | Lamp fails | Heritage day | Mill restored");
}

/* ---- pins ------------------------------------------------------------------------------------------ */

static void pins_come_first(void **state) {
    (void)state;
    static const uint64_t tags[] = {5, 40};
    const struct story_id pins[] = {id_of(3), id_of(77), id_of(2), id_of(3), id_of(4)};
    const struct related_candidate candidates[] = {
        {.id = id_of(0), .published = NOON, .tags = 3, .state = STORY_PUBLISHED},
        {.id = id_of(1), .published = NOON - 9 * DAY, .tags = 3, .state = STORY_PUBLISHED},
        {.id = id_of(2), .published = NOON - DAY, .tags = 3, .state = STORY_PUBLISHED},
        {.id = id_of(3), .published = NOON - 99 * DAY, .tags = 0, .state = STORY_PUBLISHED},
        {.id = id_of(4), .published = NOON, .tags = 3, .state = STORY_WITHDRAWN},
    };
    const struct related_subject subject = {.id = id_of(999),
                                            .published = NOON,
                                            .tag_stories = tags,
                                            .tag_count = 2,
                                            .pins = pins,
                                            .pin_count = COUNT_OF(pins)};
    size_t picked[RELATED_MAX];
    /* 0 is of one event with the pinned 2, though newer: the editor's choice stands for it. */
    assert_int_equal(related_pick(&subject, candidates, COUNT_OF(candidates), picked), 3);
    assert_int_equal(picked[0], 3);
    assert_int_equal(picked[1], 2);
    assert_int_equal(picked[2], 1);
}

/* ---- for any table --------------------------------------------------------------------------------- */

static uint32_t dice(void) {
    static uint32_t x = 2463534242u; /* xorshift: the same in every run */
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return x;
}

#define MANY (RELATED_CANDIDATES_MAX + 40)
static struct related_candidate many[MANY], turned[MANY];

static bool is_picked(size_t i, const size_t *picked, size_t n) {
    for (size_t k = 0; k < n; k++)
        if (picked[k] == i) return true;
    return false;
}

static void any_table(void **state) {
    (void)state;
    for (unsigned turn = 0; turn < 400; turn++) {
        uint64_t tags[RELATED_TAGS_MAX];
        const size_t tag_count = 1 + dice() % RELATED_TAGS_MAX;
        const size_t count = turn % 8 ? dice() % 40 : dice() % (RELATED_CANDIDATES_MAX + 1);
        for (size_t i = 0; i < tag_count; i++) tags[i] = dice() >> dice() % 32;
        if (turn == 0) tags[0] = UINT64_MAX;
        for (size_t i = 0; i < count; i++)
            many[i] = (struct related_candidate){
                .id = id_of((unsigned)i),
                .published = NOON + (ms_t)(dice() % 2000) * DAY / 8 - 100 * DAY,
                .tags = dice() & dice() & (uint32_t)(((uint64_t)1 << tag_count) - 1),
                .state = dice() % 6 ? STORY_PUBLISHED : STORY_WITHDRAWN,
                .retracted = dice() % 6 == 0};
        const struct related_subject subject = {.id = id_of(dice() % 40),
                                                .published = NOON,
                                                .tag_stories = tags,
                                                .tag_count = tag_count};
        size_t picked[RELATED_MAX], again[RELATED_MAX];
        const size_t n = related_pick(&subject, many, count, picked);
        assert_true(n <= RELATED_MAX && n <= count);
        for (size_t i = 0; i < n; i++) {
            const struct related_candidate *c = &many[picked[i]];
            assert_true(picked[i] < count && c->state == STORY_PUBLISHED && !c->retracted);
            assert_true(related_weight(tags, tag_count, c->tags) > 0);
            assert_memory_not_equal(&c->id, &subject.id, sizeof c->id);
            assert_false(is_picked(picked[i], picked, i));
        }
        /* The order they come in decides nothing. */
        for (size_t i = 0; i < count; i++) turned[i] = many[count - 1 - i];
        assert_int_equal(related_pick(&subject, turned, count, again), n);
        for (size_t i = 0; i < n; i++) assert_int_equal(again[i], count - 1 - picked[i]);
        /* Who was not picked may go, unless it hid others: of one event, and newer. */
        if (n < RELATED_MAX) continue;
        const struct related_candidate gone = many[picked[0]];
        many[picked[0]].state = STORY_WITHDRAWN;
        const size_t left = related_pick(&subject, many, count, again);
        assert_true(left >= n - 1);
        assert_false(is_picked(picked[0], again, left));
        many[picked[0]] = gone;
    }
}

/* The rarer, the heavier; more shared tags are never less. */
static void weights_fall(void **state) {
    (void)state;
    for (uint64_t n = 1; n < 100000; n++) {
        const uint64_t two[] = {n, n + 1};
        assert_true(related_weight(two, 2, 1) >= related_weight(two, 2, 2));
        assert_true(related_weight(two, 2, 3) > related_weight(two, 2, 1));
    }
    const uint64_t ends[] = {0, UINT64_MAX};
    assert_true(related_weight(ends, 2, 1) > related_weight(ends, 2, 2));
    assert_true(related_weight(ends, 2, 2) > 0);
    assert_int_equal(related_weight(ends, 2, 0), 0);
}

/* Too many: those behind are not looked at. */
static void there_is_a_limit(void **state) {
    (void)state;
    static const uint64_t tags[] = {5};
    size_t picked[RELATED_MAX];
    for (size_t i = 0; i < MANY; i++)
        many[i] = (struct related_candidate){.id = id_of((unsigned)i),
                                             .tags = i >= RELATED_CANDIDATES_MAX,
                                             .state = STORY_PUBLISHED};
    const struct related_subject subject = {.id = id_of(999), .tag_stories = tags, .tag_count = 1};
    assert_int_equal(related_pick(&subject, many, MANY, picked), 0);
    many[RELATED_CANDIDATES_MAX - 1].tags = 1;
    assert_int_equal(related_pick(&subject, many, MANY, picked), 1);
    assert_int_equal(related_pick(&subject, NULL, 0, picked), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rare_tag_tells_more),
        cmocka_unit_test(one_event_is_told_once),
        cmocka_unit_test(what_is_gone_is_never_shown),
        cmocka_unit_test(common_tags_alone_relate_nothing),
        cmocka_unit_test(time_weighs_but_does_not_rule),
        cmocka_unit_test(pins_come_first),
        cmocka_unit_test(any_table),
        cmocka_unit_test(weights_fall),
        cmocka_unit_test(there_is_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
