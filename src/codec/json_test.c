#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/mem.h"
#include "codec/json.h"

static void assert_why(const char *wanted) {
    if (!strstr(rc_why(), wanted)) fail_msg("\"%s\" is not in: %s", wanted, rc_why());
}

/* What `text` becomes; the code if it is refused at either step. */
static rc again(struct span text, struct buf *out) {
    json_t *value;
    TRY(json_read(text, &value));
    rc code = json_write_canonical(value, out);
    json_decref(value);
    return code;
}

static void assert_becomes(const char *text, const char *canonical) {
    struct buf b;
    buf_init(&b, 1u << 16);
    if (again(span_str(text), &b) != RC_OK) fail_msg("%s: %s", text, rc_why());
    if (!span_eq(buf_span(&b), span_str(canonical)))
        fail_msg("%s became %.*s", text, (int)b.n, b.p);
    buf_done(&b);
}

static void assert_refused(const char *text, const char *why) {
    struct buf b;
    buf_init(&b, 1u << 16);
    buf_str(&b, "before");
    assert_int_equal(again(span_str(text), &b), RC_INVALID);
    assert_why(why);
    assert_true(span_eq(buf_span(&b), SPAN("before")));
    buf_done(&b);
}

static void values_get_one_spelling(void **state) {
    (void)state;
    assert_becomes(" { } ", "{}");
    assert_becomes("[ ]", "[]");
    assert_becomes("[true , false,-0,0,-17]", "[true,false,0,0,-17]");
    assert_becomes("9007199254740991", "9007199254740991");
    assert_becomes("-9007199254740991", "-9007199254740991");
    assert_becomes("\"\\u00e9\\/\\ud83d\\ude00\"", "\"é/😀\"");
    /* RFC 8785 §3.2.2.2, and DEL and U+2028, which are not escaped. */
    assert_becomes("\"\\b\\t\\n\\f\\r\\\"\\\\\\u0001\\u001F\\u007f\\u2028\"",
                   "\"\\b\\t\\n\\f\\r\\\"\\\\\\u0001\\u001f\x7f\xe2\x80\xa8\"");
    assert_becomes("{\"b\":{\"d\":1,\"c\":[{}]},\"a\":\"x\"}",
                   "{\"a\":\"x\",\"b\":{\"c\":[{}],\"d\":1}}");
}

/* The example of RFC 8785 §3.2.3, whose point is U+1F600 before U+FB33: by UTF-16, not by UTF-8. */
static void members_stand_in_utf16_order(void **state) {
    (void)state;
    assert_becomes(
        "{\"\\u20ac\":\"Euro Sign\",\"\\r\":\"Carriage Return\","
        "\"\\ufb33\":\"Hebrew Letter Dalet With Dagesh\",\"1\":\"One\","
        "\"\\ud83d\\ude00\":\"Emoji: Grinning Face\",\"\\u0080\":\"Control\","
        "\"\\u00f6\":\"Latin Small Letter O With Diaeresis\"}",
        "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\xc2\x80\":\"Control\","
        "\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\","
        "\"😀\":\"Emoji: Grinning Face\",\"\xef\xac\xb3\":\"Hebrew Letter Dalet With Dagesh\"}");
    assert_becomes(
        "{\"aa\":1,\"a\":2,\"\":3,\"\\uE000\":4,\"\\uD7FF\":5,\"\\uDBFF\\uDFFF\":6}",
        "{\"\":3,\"a\":2,\"aa\":1,\"\xed\x9f\xbf\":5,\"\xf4\x8f\xbf\xbf\":6,\"\xee\x80\x80\":4}");
}

static void what_has_no_canonical_form_is_refused(void **state) {
    (void)state;
    assert_refused("[1.5]", "integers only");
    assert_refused("1.0", "integers only");
    assert_refused("1e3", "integers only");
    assert_refused("[null]", "null");
    assert_refused("9007199254740992", "2^53");
    assert_refused("-9007199254740992", "2^53");
}

static void bad_texts_are_refused_with_their_place(void **state) {
    (void)state;
    assert_refused("", "line 1, column 0");
    assert_refused("{\"a\":1,\n \"b\":2,\n \"a\":3}", "line 3, column ");
    assert_refused("{\"a\":1} x", "line 1, column ");
    assert_refused("\"a\\u0000b\"", "line 1, column ");
    assert_refused("\"\\ud800\"", "line 1, column ");
    assert_refused("\"\xff\"", "line 1, column ");
    assert_refused("[1,]", "line 1, column ");
    assert_refused("'a'", "line 1, column ");
    assert_refused("NaN", "line 1, column ");
    assert_refused("99999999999999999999", "line 1, column ");
}

static void depth_and_size_have_limits(void **state) {
    (void)state;
    char deep[2 * JSON_DEPTH_MAX + 3];
    json_t *value;
    size_t n = JSON_DEPTH_MAX;
    memset(deep, '[', n);
    memset(deep + n, ']', n);
    assert_int_equal(json_read(span_of(deep, 2 * n), &value), RC_OK);
    json_decref(value);
    memset(deep, '[', n + 1);
    memset(deep + n + 1, ']', n + 1);
    assert_int_equal(json_read(span_of(deep, 2 * n + 2), &value), RC_INVALID);
    assert_why("line 1, column 65: more than 64");
    /* Brackets in strings are no depth, an escaped quote ends no string. */
    char quoted[400] = "[\"\\\"";
    memset(quoted + 4, '[', 200);
    strcpy(quoted + 204, "\",[]]");
    assert_int_equal(json_read(span_str(quoted), &value), RC_OK);
    json_decref(value);

    char *big = mem_new(JSON_BYTES_MAX + 1);
    memset(big, ' ', JSON_BYTES_MAX + 1);
    big[0] = '7';
    assert_int_equal(json_read(span_of(big, JSON_BYTES_MAX), &value), RC_OK);
    json_decref(value);
    assert_int_equal(json_read(span_of(big, JSON_BYTES_MAX + 1), &value), RC_TOO_BIG);
    mem_free(big);
}

static void values_made_by_hand_are_held_to_the_limits(void **state) {
    (void)state;
    struct buf b;
    buf_init(&b, 1000);
    json_t *value = json_integer(1);
    for (int i = 0; i < JSON_DEPTH_MAX; i++) value = json_pack("[o]", value);
    assert_int_equal(json_write_canonical(value, &b), RC_OK);
    value = json_pack("[o]", value);
    assert_int_equal(json_write_canonical(value, &b), RC_INVALID);
    json_decref(value);
    buf_done(&b);
    buf_init(&b, 5);
    value = json_string("1234");
    assert_int_equal(json_write_canonical(value, &b), RC_TOO_BIG);
    assert_int_equal(b.n, 0);
    json_decref(value);
    buf_done(&b);
}

static void string_members_are_strings_or_nothing(void **state) {
    (void)state;
    json_t *value;
    assert_int_equal(json_read(SPAN("{\"a\":\"x\",\"b\":1,\"c\":\"\"}"), &value), RC_OK);
    assert_true(span_eq(json_member_string(value, "a"), SPAN("x")));
    assert_null(json_member_string(value, "b").p);
    assert_null(json_member_string(value, "d").p);
    assert_non_null(json_member_string(value, "c").p);
    assert_int_equal(json_member_string(value, "c").n, 0);
    assert_null(json_member_string(NULL, "a").p);
    json_decref(value);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_get_one_spelling),
        cmocka_unit_test(members_stand_in_utf16_order),
        cmocka_unit_test(what_has_no_canonical_form_is_refused),
        cmocka_unit_test(bad_texts_are_refused_with_their_place),
        cmocka_unit_test(depth_and_size_have_limits),
        cmocka_unit_test(values_made_by_hand_are_held_to_the_limits),
        cmocka_unit_test(string_members_are_strings_or_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
