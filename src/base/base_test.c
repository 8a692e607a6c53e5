#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/base.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/utf8.h"

static void spans_cut_and_compare(void **state) {
    (void)state;
    struct span rest = SPAN("a,b,,c");
    assert_true(span_eq(span_cut(&rest, ','), SPAN("a")));
    assert_true(span_eq(span_cut(&rest, ','), SPAN("b")));
    assert_true(span_eq(span_cut(&rest, ','), SPAN("")));
    assert_true(span_eq(span_cut(&rest, ','), SPAN("c")));
    assert_null(rest.p);
    assert_true(span_eq_nocase(SPAN("HoSt"), SPAN("hOsT")));
    assert_false(span_eq_nocase(SPAN("host"), SPAN("hos")));
    assert_true(span_eq(span_trim(SPAN(" \t x y\r\n")), SPAN("x y")));
    assert_true(span_cmp(SPAN("ab"), SPAN("abc")) < 0);
    assert_int_equal(span_sub(SPAN("abc"), 5, 9).n, 0);
}

static void spans_are_searched_many_bytes_at_a_time(void **state) {
    (void)state;
    static const char others[] = {0x1F, 0x7F, (char)0x80, (char)0xFF, 0, '"', '\\'};
    static const char set[SPAN_SET] = {'"', '\\', '"', '"', '"', '"'};
    char text[80];
    for (size_t n = 0; n < sizeof text; n++) {
        for (size_t k = 0; k <= n; k++) {
            memset(text, "a ~"[(n + k) % 3], n);
            char other = others[(n + 2 * k) % sizeof others];
            if (k < n) text[k] = other;
            bool printable = other == '"' || other == '\\',
                 any = printable || (unsigned char)other < 32;
            for (size_t from = 0; from <= n; from += 7) {
                size_t before = from <= k ? k - from : n - from;
                assert_int_equal(span_printable(span_of(text, n), from),
                                 printable ? n - from : before);
                assert_int_equal(span_find_any(span_of(text, n), from, 32, set),
                                 any ? from + before : n);
            }
        }
    }
}
static void numbers_are_strict(void **state) {
    (void)state;
    uint64_t v = 77;
    assert_true(span_to_u64(SPAN("0"), 9, &v) && v == 0);
    assert_true(span_to_u64(SPAN("18446744073709551615"), UINT64_MAX, &v) && v == UINT64_MAX);
    assert_false(span_to_u64(SPAN("18446744073709551616"), UINT64_MAX, &v));
    assert_false(span_to_u64(SPAN("10"), 9, &v));
    assert_false(span_to_u64(SPAN("01"), 9, &v));
    assert_false(span_to_u64(SPAN("+1"), 9, &v));
    assert_false(span_to_u64(SPAN(""), 9, &v));
}

static void buf_stops_at_its_limit_and_remembers(void **state) {
    (void)state;
    struct buf b;
    buf_init(&b, 8);
    buf_str(&b, "12345678");
    assert_false(b.over);
    buf_char(&b, '9');
    assert_true(b.over);
    buf_str(&b, "");
    assert_int_equal(b.n, 8);
    buf_done(&b);
    char room[4];
    buf_init_fixed(&b, room, sizeof room);
    buf_u64(&b, 12345);
    assert_true(b.over);
}

static void base64_and_hex_refuse_other_spellings(void **state) {
    (void)state;
    struct buf b;
    buf_init(&b, 100);
    buf_base64(&b, "foobar!", 7);
    assert_true(span_eq(buf_span(&b), SPAN("Zm9vYmFyIQ==")));
    char out[16];
    size_t n;
    assert_true(base64_decode(buf_span(&b), out, sizeof out, &n) && n == 7);
    assert_memory_equal(out, "foobar!", 7);
    assert_false(base64_decode(SPAN("Zm9vYmFyIR=="), out, sizeof out, &n)); /* spare bits */
    assert_false(base64_decode(SPAN("Zm9v="), out, sizeof out, &n));
    assert_false(base64_decode(SPAN("Z=9v"), out, sizeof out, &n));
    assert_false(base64_decode(SPAN("Zm9vYmFy"), out, 5, &n));
    buf_clear(&b);
    buf_hex(&b, "\x00\xff\x1a", 3);
    assert_true(span_eq(buf_span(&b), SPAN("00ff1a")));
    assert_true(hex_decode(SPAN("00ff1a"), out, 3));
    assert_false(hex_decode(SPAN("00FF1a"), out, 3));
    buf_done(&b);
}

static void arena_has_a_cap(void **state) {
    (void)state;
    struct arena *a = arena_new(10000);
    assert_non_null(arena_take(a, 9000));
    assert_null(arena_take(a, 2000));
    assert_true(arena_over(a));
    arena_reset(a);
    assert_false(arena_over(a));
    char *p = arena_take(a, 10000);
    for (int i = 0; i < 10000; i++) assert_int_equal(p[i], 0);
    arena_free(a);
}

static void utf8_refuses_what_unicode_refuses(void **state) {
    (void)state;
    assert_true(utf8_valid(SPAN("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x93\xB0")));
    assert_false(utf8_valid(SPAN("\xC0\x80")));
    assert_false(utf8_valid(SPAN("\xE0\x80\x80")));
    assert_false(utf8_valid(SPAN("\xED\xA0\x80")));
    assert_false(utf8_valid(SPAN("\xF4\x90\x80\x80")));
    assert_false(utf8_valid(SPAN("\xE2\x82")));
    for (uint32_t point = 0; point <= 0x10FFFF; point++) {
        if (point >= 0xD800 && point <= 0xDFFF) continue;
        char bytes[4];
        size_t n = utf8_put(point, bytes), at = 0;
        uint32_t back;
        assert_true(utf8_next(span_of(bytes, n), &at, &back));
        assert_true(back == point && at == n);
    }
}

static void failures_carry_their_reason(void **state) {
    (void)state;
    rc code = rc_fail(RC_INVALID, "line %d: bad", 3);
    code = rc_in(code, "a.md: ");
    assert_int_equal(code, RC_INVALID);
    assert_string_equal(rc_why(), "a.md: line 3: bad");
    assert_int_equal(rc_http_status(RC_FULL), 507);
}

static void sha256_matches_fips(void **state) {
    (void)state;
    struct sha256 h = sha256_of(SPAN("abc"));
    struct buf b;
    buf_init(&b, 64);
    buf_hex(&b, h.bytes, sizeof h.bytes);
    assert_true(span_eq(buf_span(&b),
                        SPAN("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")));
    buf_done(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spans_cut_and_compare),
        cmocka_unit_test(spans_are_searched_many_bytes_at_a_time),
        cmocka_unit_test(numbers_are_strict),
        cmocka_unit_test(buf_stops_at_its_limit_and_remembers),
        cmocka_unit_test(base64_and_hex_refuse_other_spellings),
        cmocka_unit_test(arena_has_a_cap),
        cmocka_unit_test(utf8_refuses_what_unicode_refuses),
        cmocka_unit_test(failures_carry_their_reason),
        cmocka_unit_test(sha256_matches_fips),
    };
    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
