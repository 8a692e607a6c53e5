#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "codec/json.h"
#include "story/canon.h"
#include "story/limits.h"
#include "story/sample.h"

static struct arena *arena;

static int begin(void **state) {
    (void)state;
    arena = arena_new(64u << 20);
    return 0;
}
static int end(void **state) {
    (void)state;
    arena_free(arena);
    return 0;
}

#define OK(call)                                                 \
    do {                                                         \
        rc code_ = (call);                                       \
        if (code_ != RC_OK) fail_msg("%s: %s", #call, rc_why()); \
    } while (0)

static struct span write_down(const struct revision *r) {
    struct buf b;
    buf_init(&b, CANON_BYTES_MAX);
    OK(story_check(r));
    OK(canon_write(r, &b));
    struct span s = arena_copy(arena, buf_span(&b));
    buf_done(&b);
    return s;
}

static void small_and_full_are_spelled_as_specified(void **state) {
    (void)state;
    struct revision r = sample_small();
    assert_true(span_eq(write_down(&r),
                        SPAN("{\"code\":\"abc2345\",\"headline\":\"Harbour "
                             "reopens\",\"language\":\"en\",\"number\":1,"
                             "\"path\":\"/2026/11/24/harbour-reopens\",\"published\":1795552439123,"
                             "\"story\":\"3f1c5a0e9b7d4c62a8e0d1f2b3c4d5e6\",\"updated\":"
                             "1795552439123,\"version\":1,"
                             "\"work\":\"news\"}")));
    r = sample_full(arena);
    fprintf(stderr, "%.*s\n", (int)write_down(&r).n, write_down(&r).p);
}

static void random_round(struct revision r, uint64_t seed) {
    (void)seed;
    struct revision back;
    struct span bytes = write_down(&r), *parts;
    size_t count;
    OK(canon_read(arena, bytes, &back));
    assert_true(span_eq(write_down(&back), bytes));
    json_t *json;
    struct buf b;
    buf_init(&b, CANON_BYTES_MAX);
    OK(json_read(bytes, &json));
    OK(json_write_canonical(json, &b));
    json_decref(json);
    assert_true(span_eq(buf_span(&b), bytes));
    buf_clear(&b);
    OK(canon_parts(arena, bytes, &parts, &count));
    OK(canon_join(arena, parts, count, &b));
    assert_true(span_eq(buf_span(&b), bytes));
    buf_done(&b);
}

static void random_revisions_come_back(void **state) {
    (void)state;
    random_round(sample_full(arena), 0);
    for (uint64_t seed = 1; seed <= 500; seed++) {
        arena_reset(arena);
        random_round(sample_random(arena, seed), seed);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(small_and_full_are_spelled_as_specified, begin, end),
        cmocka_unit_test_setup_teardown(random_revisions_come_back, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
