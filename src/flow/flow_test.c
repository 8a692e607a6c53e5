/* The parts of flow that stand alone: the set of dirty list pages, what pictures are, numbers of pages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/mem.h"
#include "flow/inner.h"

/* ---- dirty.c, against a table --------------------------------------------------------------------- */

#define KEYS 40
#define PAGES 25

static uint32_t dice(void) {
    static uint32_t x = 2463534242u; /* xorshift: the same in every run */
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return x;
}

static struct span key_of(unsigned k, char text[16]) {
    int n = snprintf(text, 16, "tag/%u", k * k);
    return span_of(text, (size_t)n);
}

static void dirty_is_a_set(void **state) {
    (void)state;
    static bool model[KEYS][PAGES];
    size_t count = 0;
    struct dirty *d = dirty_new();
    struct arena *a = arena_new(1 << 16);
    char text[16];
    for (unsigned turn = 0; turn < 200000; turn++) {
        bool fills = turn / 5000 % 2 == 0; /* it grows and shrinks by turns */
        if (dice() % 8 < (fills ? 6u : 2u)) {
            unsigned k = dice() % KEYS, page = dice() % PAGES;
            dirty_add(d, key_of(k, text), page);
            count += !model[k][page];
            model[k][page] = true;
        } else {
            struct span key;
            uint64_t page, k;
            bool took = dirty_take(d, a, &key, &page);
            assert_int_equal(took, count > 0);
            if (!took) continue;
            assert_true(span_starts(key, SPAN("tag/")) && page < PAGES);
            for (k = 0; k < KEYS && !span_eq(key_of((unsigned)k, text), key);) k++;
            assert_true(k < KEYS && model[k][page]);
            model[k][page] = false;
            count--;
            arena_reset(a);
        }
        assert_int_equal(dirty_count(d), count);
    }
    arena_free(a);
    dirty_free(d);
}

/* Everything is taken in the end, though what is taken is added again now and then. */
static void dirty_is_emptied(void **state) {
    (void)state;
    struct dirty *d = dirty_new();
    struct arena *a = arena_new(1 << 20);
    struct span key;
    uint64_t page;
    unsigned taken = 0;
    for (uint64_t i = 0; i < 1000; i++) dirty_add(d, LIST_ALL, i);
    while (dirty_take(d, a, &key, &page)) {
        assert_true(span_eq(key, LIST_ALL));
        if (taken++ < 500) dirty_add(d, LIST_ALL, page);
    }
    assert_int_equal(taken, 1500);
    assert_int_equal(dirty_count(d), 0);
    dirty_free(d);
    arena_free(a);
}

/* SPAN() as a constant. */
#define CONST(text) \
    { text, sizeof(text) - 1 }

/* ---- media.c ------------------------------------------------------------------------------------------ */

static void is_picture(struct span bytes, const char *type, uint32_t width, uint32_t height) {
    struct rendition r = {0};
    rc code = media_look(bytes, &r);
    if (code != RC_OK) print_error("%s: %s\n", type, rc_why());
    assert_int_equal(code, RC_OK);
    assert_true(span_eq(r.type, span_str(type)));
    assert_int_equal(r.width, width);
    assert_int_equal(r.height, height);
    assert_int_equal(r.bytes, bytes.n);
}

/* Every shorter one is refused: the header is read to its end, and not one byte further. */
static void needs_all(struct span bytes) {
    for (size_t n = 0; n < bytes.n; n++) {
        struct rendition r;
        char *exact = mem_new(n ? n : 1);
        if (n) memcpy(exact, bytes.p, n);
        assert_int_equal(media_look(span_of(exact, n), &r), RC_INVALID);
        mem_free(exact);
    }
}

#define JPEG "\xFF\xD8\xFF\xE0\x00\x04\x11\x22\xFF\xFF\xC2\x00\x08\x08\x01\x02\x03\x04"
#define PNG_(w, h) "\x89PNG\r\n\x1A\n\0\0\0\rIHDR" w h "\x08\x02\0\0\0\0\0\0\0"
#define RIFF(fourcc) "RIFF\0\0\0\0WEBP" fourcc "\0\0\0\0"
#define ISPE(w, h) "\0\0\0\x14ispe\0\0\0\0" w h

static void pictures_have_sizes(void **state) {
    (void)state;
    is_picture(SPAN(JPEG), "image/jpeg", 0x0304, 0x0102);
    needs_all(SPAN(JPEG));
    is_picture(SPAN(PNG_("\0\0\x01\x02", "\0\0\0\x03")), "image/png", 258, 3);
    needs_all(SPAN(PNG_("\0\0\x01\x02", "\0\0\0\x03")));
    is_picture(SPAN(RIFF("VP8X") "\0\0\0\0\x01\x02\0\x03\0\0"), "image/webp", 514, 4);
    needs_all(SPAN(RIFF("VP8X") "\0\0\0\0\x01\x02\0\x03\0\0"));
    is_picture(SPAN(RIFF("VP8L") "\x2F\x01\xC0\0\0\0\0\0\0\0"), "image/webp", 2, 4);
    is_picture(SPAN(RIFF("VP8 ") "\0\0\0\x9D\x01\x2A\x05\x40\x06\xC0"), "image/webp", 5, 6);
    is_picture(SPAN("\0\0\0\x1C"
                    "ftypavif" ISPE("\0\0\0\x07", "\0\0\0\x08")),
               "image/avif", 7, 8);
    needs_all(SPAN("\0\0\0\x1C"
                   "ftypavif" ISPE("\0\0\0\x07", "\0\0\0\x08")));
    /* a small one within (a thumbnail, a tile) is not the picture */
    is_picture(SPAN("\0\0\0\x1C"
                    "ftypavis" ISPE("\0\0\0\x07", "\0\0\0\x08") ISPE("\0\0\0\x50", "\0\0\0\x40")
                        ISPE("\0\0\0\x09", "\0\0\0\x09")),
               "image/avif", 80, 64);
}

static void others_are_refused(void **state) {
    (void)state;
    static const struct {
        struct span bytes;
        rc code;
    } bad[] = {
        {CONST(""), RC_INVALID},
        {CONST("<svg xmlns='http://www.w3.org/2000/svg'/>"), RC_INVALID},
        {CONST("GIF89a\x01\0\x01\0\0\0\0"), RC_INVALID},
        {CONST("\xFF\xD8\xFF\xDA\0\x08\xFF\xC0\0\x08\x08\0\1\0\1"),
         RC_INVALID}, /* scan before frame */
        {CONST("\xFF\xD8\xFF\xE0\0\0\xFF\xC0\0\x08\x08\0\1\0\1"), RC_INVALID}, /* a length of 0 */
        {CONST("\xFF\xD8\xFF\xE0\xFF\xFF\xFF\xC0\0\x08\x08\0\1\0\1"), RC_INVALID},
        {CONST("\xFF\xD8\xFF\xC0\0\x08\x08\0\0\0\1"), RC_INVALID}, /* no height */
        {CONST("\xFF\xD8\xFF\xC4\0\x08\x08\0\1\0\1"), RC_INVALID}, /* tables, no frame */
        {CONST(PNG_("\0\0\0\0", "\0\0\0\x03")), RC_INVALID},
        {CONST(PNG_("\0\0\x40\0", "\0\0\0\x01")), RC_OK},
        {CONST(PNG_("\0\0\x40\x01", "\0\0\0\x01")), RC_TOO_BIG},
        {CONST(PNG_("\0\0\x27\x10", "\0\0\x27\x10")), RC_OK}, /* 10000 a side */
        {CONST(PNG_("\0\0\x27\x10", "\0\0\x27\x11")), RC_TOO_BIG},
        {CONST(PNG_("\xFF\xFF\xFF\xFF", "\xFF\xFF\xFF\xFF")), RC_TOO_BIG},
        {CONST(RIFF("VP8L") "\x2E\x01\xC0\0\0\0\0\0\0\0"), RC_INVALID},
        {CONST(RIFF("VP9 ") "\0\0\0\x9D\x01\x2A\x05\x40\x06\xC0"), RC_INVALID},
        {CONST("\0\0\0\x1C"
               "ftypheic" ISPE("\0\0\0\x07", "\0\0\0\x08")),
         RC_INVALID},
        {CONST("\0\0\0\x1C"
               "ftypavif" ISPE("\xFF\xFF\xFF\xFF", "\xFF\xFF\xFF\xFF")),
         RC_TOO_BIG},
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct rendition r;
        rc code = media_look(bad[i].bytes, &r);
        if (code != bad[i].code) print_error("%zu: %s\n", i, rc_why());
        assert_int_equal(code, bad[i].code);
    }
    const size_t n = 16777216; /* more than a page may have */
    for (size_t more = 0; more <= 1; more++) {
        char *large = mem_new(n + more);
        struct rendition r;
        memcpy(large, JPEG, sizeof JPEG - 1);
        assert_int_equal(media_look(span_of(large, n + more), &r), more ? RC_TOO_BIG : RC_OK);
        mem_free(large);
    }
}

/* ---- lists.c -------------------------------------------------------------------------------------------- */

static void pages_have_thirty_places(void **state) {
    (void)state;
    static const struct {
        struct span key;
        uint64_t place, page;
    } wanted[] = {{CONST("tag/a"), 1, 1},
                  {CONST("tag/a"), 30, 1},
                  {CONST("all"), 31, 2},
                  {CONST("month/2026-11"), 10000, 1},
                  {CONST("month/2026-11"), 10001, 2},
                  {CONST("tag/month/x"), 31, 2}};
    for (size_t i = 0; i < COUNT_OF(wanted); i++)
        assert_int_equal(list_page_of(wanted[i].key, wanted[i].place), wanted[i].page);
    assert_int_equal(list_pages(SPAN("all"), 0), 0);
}

/* ---- make.c: in order, whatever the crew does; and nothing is left behind ------------------------------ */

#define STEPS 150

struct steps {
    struct flow *flow;
    size_t fails_begin, fails_make, fails_put; /* the step that does; STEPS: none */
    size_t begun, put;
};
struct step_of {
    size_t i;
    bool fails;
};

static rc make_step(struct making *m) {
    const struct step_of *of = m->of;
    char key[16];
    int n = snprintf(key, sizeof key, "/%zu", of->i);
    for (size_t k = 0; k < 1 + of->i % 7; k++) buf_str(&m->maker->out, "the same words again; ");
    if (of->fails) return rc_fail(RC_INVALID, "step %zu", of->i);
    return make_html(m, span_of(key, (size_t)n), 200, of->i % 5 == 0, buf_span(&m->maker->out));
}

static rc begin_step(void *arg, size_t i, struct making **out_making) {
    struct steps *s = arg;
    assert_int_equal(i, s->begun++);
    if (i == s->fails_begin) return rc_fail(RC_INVALID, "step %zu", i);
    if (i % 11 == 3) return RC_OK; /* nothing to make */
    struct making *m = making_new(s->flow, i % 2);
    struct step_of *of = ARENA_NEW(m->a, struct step_of);
    *of = (struct step_of){.i = i, .fails = i == s->fails_make};
    m->of = of;
    making_begin(m, make_step, i % 3 ? 100 : 3u << 20); /* large ones narrow the window */
    *out_making = m;
    return RC_OK;
}

static rc put_step(void *arg, size_t i, struct making *m) {
    struct steps *s = arg;
    assert_int_equal(i, s->put++);
    assert_int_equal(m == NULL, i % 11 == 3);
    if (i == s->fails_put) return rc_fail(RC_INVALID, "step %zu", i);
    if (!m) return RC_OK;
    TRY(making_wait(m));
    assert_int_equal(((const struct step_of *)m->of)->i, i);
    assert_non_null(m->made);
    return RC_OK;
}

static void makings_are_put_in_order(void **state) {
    (void)state;
    const struct flow_edition edition = {
        .key = SPAN("en"), .name = SPAN("Test"), .language = SPAN("en"), .zone = SPAN("UTC")};
    struct flow f = {
        .memory = arena_new(1 << 20),
        .setup = {.url = SPAN("http://test.example"), .editions = &edition, .edition_count = 1}};
    assert_int_equal(editions_open(&f), RC_OK);
    assert_int_equal(makers_open(&f), RC_OK);
    editions_head(&f);
    for (size_t fails = 0; fails <= STEPS; fails += 5) {
        for (unsigned where = 0; where < 3; where++) {
            struct steps s = {&f, STEPS, STEPS, STEPS, 0, 0};
            *(where == 0 ? &s.fails_begin : where == 1 ? &s.fails_make : &s.fails_put) = fails;
            bool is_made = where != 1 || fails % 11 != 3;
            rc code = make_all(STEPS, begin_step, put_step, &s);
            assert_int_equal(code, fails < STEPS && is_made ? RC_INVALID : RC_OK);
            if (code == RC_OK) assert_int_equal(s.put, STEPS);
            if (code == RC_OK) continue;
            char why[32];
            snprintf(why, sizeof why, "step %zu", fails);
            assert_string_equal(rc_why(), why);
            assert_true(s.put <= fails + 1);
        }
    }
    makers_close(&f);
    arena_free(f.memory);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dirty_is_a_set),     cmocka_unit_test(makings_are_put_in_order),
        cmocka_unit_test(dirty_is_emptied),   cmocka_unit_test(pictures_have_sizes),
        cmocka_unit_test(others_are_refused), cmocka_unit_test(pages_have_thirty_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
