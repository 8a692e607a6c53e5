/* compose: every card is placed once, columns end together, and no input is too odd for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "render/compose.h"

#define ARENA_BYTES (4u << 20)

static const char *const section_names[] = {"City", "World", "Business", "Culture", "Science"};

/* A number that looks random and is the same every time. */
static uint32_t next(uint32_t *seed) {
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

static struct card *some_cards(struct arena *a, size_t count, uint32_t seed, unsigned pictures) {
    static const char words[] =
        "Harbour reopens after two nights of storm while the council argues about the bill for the "
        "mole and the ferries wait for a pilot who knows the second bend of the new channel";
    struct card *cards = ARENA_ARRAY(a, struct card, count + 1);
    assert_non_null(cards);
    for (size_t i = 0; i < count; i++) {
        uint32_t kind = next(&seed) % 12;
        cards[i] =
            (struct card){.headline = span_of(words, 20 + next(&seed) % 60),
                          .standfirst = span_of(words, next(&seed) % 140),
                          .section = span_str(section_names[next(&seed) % COUNT_OF(section_names)]),
                          .kind = kind < 2    ? SPAN("opinion")
                                  : kind == 2 ? SPAN("analysis")
                                              : SPAN("news"),
                          .published = 1000000 - (ms_t)i,
                          .updated = 1000000 - (ms_t)i,
                          .picture = next(&seed) % 100 < pictures ? SPAN("{}") : SPAN("")};
    }
    return cards;
}

static int uneven(const struct band *band) {
    int low = INT32_MAX, high = 0;
    for (size_t i = 0; i < band->column_count; i++) {
        if (band->columns[i].height < low) low = band->columns[i].height;
        if (band->columns[i].height > high) high = band->columns[i].height;
    }
    return high - low;
}

static void check_band(const struct band *band, const struct card *cards, unsigned *seen) {
    unsigned spans = 0;
    assert_true(band->column_count >= 1 && band->column_count <= COMPOSE_COLUMNS_MAX);
    for (size_t i = 0; i < band->column_count; i++) {
        const struct column *c = &band->columns[i];
        spans += c->span;
        assert_true(c->count >= 1);
        for (size_t k = 0; k < c->count; k++) {
            const struct placed *p = &c->placed[k];
            seen[p->card - cards]++;
            if (p->level == LEVEL_PHOTO || p->level == LEVEL_BIG || p->level == LEVEL_BESIDE)
                assert_true(p->card->picture.n > 0);
            /* one photo a column, and it stands first */
            if (k) assert_true(p->level == LEVEL_TEXT || p->level == LEVEL_LINE);
            assert_int_equal(p->level == LEVEL_VOICE, band->kind == BAND_VOICES);
        }
    }
    assert_int_equal(spans, 12);
}

static void everything_is_placed_once(void **state) {
    (void)state;
    const struct span order[] = {SPAN("World"), SPAN("Nowhere"), SPAN("City")};
    int sum = 0, bands = 0;
    for (uint32_t seed = 0; seed < 200; seed++) {
        struct arena *a = arena_new(ARENA_BYTES);
        size_t count = seed % 2 ? 30 + seed % 50 : seed % 40;
        struct card *cards = some_cards(a, count, seed, seed % 5 * 20);
        unsigned seen[COMPOSE_CARDS_MAX] = {0};
        struct front front;
        assert_int_equal(
            compose_front(a, cards, count, order, COUNT_OF(order), seed % 3 == 0, &front), RC_OK);
        assert_int_equal(front.count > 0, count > 0);
        for (size_t i = 0; i < front.count; i++) {
            const struct band *band = &front.bands[i];
            assert_int_equal(band->kind == BAND_TOP, i == 0);
            assert_true(band->kind != BAND_MORE || i + 1 == front.count);
            check_band(band, cards, seen);
            if (band->kind == BAND_SECTION && band->columns[0].placed[0].level == LEVEL_BIG) {
                sum += uneven(band);
                bands++;
            }
        }
        size_t left = 0;
        for (size_t i = 0; i < count; i++) {
            assert_true(seen[i] <= 1);
            left += seen[i] == 0;
        }
        /* what is left over is what MORE could not hold */
        if (left) assert_int_equal(front.bands[front.count - 1].kind, BAND_MORE);
        arena_free(a);
    }
    /* page.md §4: until columns differ by less than 60 px */
    assert_true(bands > 100);
    if (sum / bands >= 60) fail_msg("columns are %d px apart on average", sum / bands);
}

static void sections_keep_their_order(void **state) {
    (void)state;
    struct arena *a = arena_new(ARENA_BYTES);
    struct card *cards = some_cards(a, 80, 7, 50);
    const struct span order[] = {SPAN("Science"), SPAN("Business"), SPAN("World")};
    struct front front;
    size_t n = 0;
    bool flipped = false;
    assert_int_equal(compose_front(a, cards, 80, order, 3, false, &front), RC_OK);
    for (size_t i = 0; i < front.count; i++) {
        if (front.bands[i].kind != BAND_SECTION) continue;
        if (n < 3) assert_true(span_eq(front.bands[i].section, order[n]));
        assert_int_equal(front.bands[i].flipped, flipped);
        flipped = !flipped;
        n++;
    }
    assert_int_equal(n, 5);
    arena_free(a);
}

static void the_lead_is_news_with_a_picture(void **state) {
    (void)state;
    struct arena *a = arena_new(ARENA_BYTES);
    struct card cards[5] = {
        {.headline = SPAN("a"), .kind = SPAN("opinion"), .picture = SPAN("{}"), .updated = 9},
        {.headline = SPAN("b"), .kind = SPAN("sponsored"), .picture = SPAN("{}"), .updated = 8},
        {.headline = SPAN("c"), .kind = SPAN("news"), .updated = 7},
        {.headline = SPAN("d"), .kind = SPAN("news"), .picture = SPAN("{}"), .updated = 3},
        {.headline = SPAN("e"), .kind = SPAN("news"), .picture = SPAN("{}"), .updated = 5}};
    struct front front;
    assert_int_equal(compose_front(a, cards, 5, NULL, 0, false, &front), RC_OK);
    assert_ptr_equal(front.bands[0].columns[0].placed[0].card, &cards[4]);
    /* without any picture the newest news leads, and without any news the newest of all */
    assert_int_equal(compose_front(a, cards, 3, NULL, 0, false, &front), RC_OK);
    assert_ptr_equal(front.bands[0].columns[0].placed[0].card, &cards[2]);
    assert_int_equal(compose_front(a, cards, 2, NULL, 0, false, &front), RC_OK);
    assert_ptr_equal(front.bands[0].columns[0].placed[0].card, &cards[0]);
    arena_free(a);
}

static void what_happens_now_has_its_line(void **state) {
    (void)state;
    struct arena *a = arena_new(ARENA_BYTES);
    const ms_t now = 100 * COMPOSE_BREAKING_MS;
    struct card cards[5] = {
        {.headline = SPAN("a"), .kind = SPAN("news"), .picture = SPAN("{}"), .updated = now},
        {.headline = SPAN("b"), .kind = SPAN("breaking"), .updated = now - COMPOSE_BREAKING_MS},
        {.headline = SPAN("c"), .kind = SPAN("live"), .updated = now - 9},
        {.headline = SPAN("d"), .kind = SPAN("live"), .updated = now - 8},
        {.headline = SPAN("e"), .kind = SPAN("news"), .updated = 1}};
    struct front front;
    unsigned seen[5] = {0};
    assert_int_equal(compose_front(a, cards, 5, NULL, 0, false, &front), RC_OK);
    assert_ptr_equal(front.live, &cards[3]);
    assert_ptr_equal(front.breaking, &cards[1]);
    for (size_t i = 0; i < front.count; i++)
        for (size_t k = 0; k < front.bands[i].column_count; k++)
            for (size_t n = 0; n < front.bands[i].columns[k].count; n++)
                seen[front.bands[i].columns[k].placed[n].card - cards]++;
    for (size_t i = 0; i < 5; i++) assert_int_equal(seen[i], i != 1 && i != 3);
    cards[1].updated--; /* too long ago */
    assert_int_equal(compose_front(a, cards, 5, NULL, 0, false, &front), RC_OK);
    assert_null(front.breaking);
    cards[3].picture = SPAN("{}"), cards[3].updated = now + 1; /* it leads: no line besides */
    assert_int_equal(compose_front(a, cards, 5, NULL, 0, false, &front), RC_OK);
    assert_ptr_equal(front.bands[0].columns[0].placed[0].card, &cards[3]);
    assert_null(front.live);
    assert_int_equal(compose_front(a, NULL, 0, NULL, 0, false, &front), RC_OK);
    assert_true(!front.live && !front.breaking);
    arena_free(a);
}

static void an_opening_takes_what_it_shows(void **state) {
    (void)state;
    for (size_t count = 0; count <= 30; count++) {
        struct arena *a = arena_new(ARENA_BYTES);
        struct card *cards = some_cards(a, count, (uint32_t)count, 60);
        bool taken[31];
        unsigned seen[COMPOSE_CARDS_MAX] = {0};
        struct band band;
        assert_int_equal(compose_opening(a, cards, count, false, &band, taken), count >= 3);
        if (count >= 3) check_band(&band, cards, seen);
        for (size_t i = 0; i < count; i++) assert_int_equal(seen[i], taken[i]);
        arena_free(a);
    }
}

static void a_small_arena_is_said(void **state) {
    (void)state;
    struct arena *big = arena_new(ARENA_BYTES);
    struct card *cards = some_cards(big, 60, 3, 50);
    size_t failed = 0;
    for (size_t bytes = 512; bytes < 65536; bytes += 512) {
        struct arena *a = arena_new(bytes);
        struct front front;
        rc code = compose_front(a, cards, 60, NULL, 0, false, &front);
        assert_true(code == RC_OK || code == RC_TOO_BIG);
        failed += code == RC_TOO_BIG;
        arena_free(a);
    }
    assert_true(failed > 0);
    arena_free(big);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_is_placed_once),
        cmocka_unit_test(sections_keep_their_order),
        cmocka_unit_test(the_lead_is_news_with_a_picture),
        cmocka_unit_test(what_happens_now_has_its_line),
        cmocka_unit_test(an_opening_takes_what_it_shows),
        cmocka_unit_test(a_small_arena_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
