/* mustache: the official suite, then what is our own: strict mode, limits, places of errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>

#include "render/mustache.h"

#define ARENA_BYTES (8u << 20)

static struct span string_of(const json_t *json) {
    return span_of(json_string_value(json), json_string_length(json));
}

static void add_json(struct arena *a, struct value *into, struct span name, const json_t *json) {
    const char *key;
    size_t i;
    json_t *item;
    struct value *inner;
    switch (json_typeof(json)) {
    case JSON_NULL: value_add_absent(a, into, name); break;
    case JSON_TRUE:
    case JSON_FALSE: value_add_bool(a, into, name, json_is_true(json)); break;
    case JSON_INTEGER: value_add_integer(a, into, name, json_integer_value(json)); break;
    case JSON_REAL:
        value_add_text(a, into, name, arena_printf(a, "%g", json_real_value(json)));
        break;
    case JSON_STRING: value_add_text(a, into, name, string_of(json)); break;
    case JSON_ARRAY:
        inner = value_add_list(a, into, name);
        json_array_foreach(json, i, item) add_json(a, inner, SPAN(""), item);
        break;
    case JSON_OBJECT:
        inner = value_add_map(a, into, name);
        json_object_foreach((json_t *)(uintptr_t)json, key, item)
            add_json(a, inner, span_str(key), item);
        break;
    }
}

static unsigned run_suite(const char *file) {
    const char *shared = getenv("DATELINE_SHARED");
    char path[512];
    snprintf(path, sizeof path, "%s/vectors/mustache/%s.json", shared ? shared : "../shared", file);
    json_error_t error;
    json_t *suite = json_load_file(path, 0, &error);
    if (!suite) fail_msg("%s: %s", path, error.text);
    size_t i;
    json_t *test;
    unsigned failed = 0, passed = 0;
    json_array_foreach(json_object_get(suite, "tests"), i, test) {
        struct arena *a = arena_new(ARENA_BYTES);
        struct value *list = value_list(a);
        add_json(a, list, SPAN(""), json_object_get(test, "data"));
        const struct mustache *partials[8], *template = NULL;
        struct mustache_set set = {.templates = partials};
        const char *key;
        json_t *partial;
        json_object_foreach(json_object_get(test, "partials"), key, partial) {
            assert_true(set.count < COUNT_OF(partials));
            assert_int_equal(
                mustache_parse(a, span_str(key), string_of(partial), &partials[set.count]), RC_OK);
            set.count++;
        }
        struct buf out;
        buf_init(&out, 1u << 20);
        rc code = mustache_parse(a, SPAN("main"), string_of(json_object_get(test, "template")),
                                 &template);
        const struct value *context = list->first;
        if (code == RC_OK)
            code = mustache_render(template, &set, &context, 1, MUSTACHE_LENIENT, &out);
        struct span expected = string_of(json_object_get(test, "expected"));
        if (code != RC_OK || !span_eq(buf_span(&out), expected)) {
            print_error("%s: %s: %s\nexpected [" SPAN_FMT "]\n     got [" SPAN_FMT "]\n", file,
                        json_string_value(json_object_get(test, "name")), code ? rc_why() : "",
                        SPAN_ARG(expected), SPAN_ARG(buf_span(&out)));
            failed++;
        } else {
            passed++;
        }
        buf_done(&out);
        arena_free(a);
    }
    json_decref(suite);
    assert_int_equal(failed, 0);
    return passed;
}

static void official_suite(void **state) {
    (void)state;
    assert_int_equal(run_suite("comments"), 12);
    assert_int_equal(run_suite("delimiters"), 14);
    assert_int_equal(run_suite("interpolation"), 42);
    assert_int_equal(run_suite("inverted"), 22);
    assert_int_equal(run_suite("partials"), 12);
    assert_int_equal(run_suite("sections"), 34);
    assert_int_equal(run_suite("~dynamic-names"), 21);
    assert_int_equal(run_suite("~inheritance"), 27);
}

struct bench {
    struct arena *arena;
    struct buf out;
    const struct mustache *partials[4];
    struct mustache_set set;
    struct value *map;
};

static int set_up(void **state) {
    struct bench *b = calloc(1, sizeof *b);
    b->arena = arena_new(ARENA_BYTES);
    buf_init(&b->out, 1u << 16);
    b->set.templates = b->partials;
    b->map = value_map(b->arena);
    value_add_text(b->arena, b->map, SPAN("text"), SPAN("<script>\"'&"));
    value_add_text(b->arena, b->map, SPAN("empty"), SPAN(""));
    value_add_html(b->arena, b->map, SPAN("html"), SPAN("<b>x</b>"));
    value_add_integer(b->arena, b->map, SPAN("zero"), 0);
    value_add_absent(b->arena, b->map, SPAN("absent"));
    value_add_list(b->arena, b->map, SPAN("list"));
    struct value *inner = value_add_map(b->arena, b->map, SPAN("map"));
    value_add_bool(b->arena, inner, SPAN("yes"), true);
    *state = b;
    return 0;
}

static int tear_down(void **state) {
    struct bench *b = *state;
    buf_done(&b->out);
    arena_free(b->arena);
    free(b);
    return 0;
}

static void add_partial(struct bench *b, struct span name, struct span source) {
    assert_int_equal(mustache_parse(b->arena, name, source, &b->partials[b->set.count]), RC_OK);
    b->set.count++;
}

static rc run(struct bench *b, struct span source, bool strict) {
    const struct mustache *t;
    buf_clear(&b->out);
    rc_why_clear();
    TRY(mustache_parse(b->arena, SPAN("t"), source, &t));
    const struct value *context = b->map;
    return mustache_render(t, &b->set, &context, 1, strict ? MUSTACHE_STRICT : MUSTACHE_LENIENT,
                           &b->out);
}

static void gives(struct bench *b, const char *source, const char *expected) {
    rc code = run(b, span_str(source), true);
    if (code) fail_msg("%s: %s", source, rc_why());
    if (!span_eq(buf_span(&b->out), span_str(expected)))
        fail_msg("%s gives [" SPAN_FMT "]", source, SPAN_ARG(buf_span(&b->out)));
}

static void refuses(struct bench *b, const char *source, rc code, const char *why) {
    rc got = run(b, span_str(source), true);
    if (got != code || !strstr(rc_why(), why))
        fail_msg("%s: %s, \"%s\"", source, rc_name(got), rc_why());
}

static void strict_writes_by_type(void **state) {
    struct bench *b = *state;
    gives(b, "{{text}}", "&lt;script&gt;&quot;&#39;&amp;");
    gives(b, "{{{html}}}{{&html}}", "<b>x</b><b>x</b>");
    gives(b, "{{zero}}{{absent}}{{{absent}}}{{absent.anything.at.all}}", "0");
    gives(b,
          "{{#zero}}entry {{.}}{{/zero}}{{#empty}}E{{/empty}}{{#absent}}A{{/absent}}"
          "{{#list}}L{{/list}}{{^list}}none{{/list}}{{#map}}{{yes}}{{/map}}",
          "entry 0nonetrue");
    refuses(b, "{{{text}}}", RC_INVALID, "t.mustache:1:1: only html");
    refuses(b, "{{& text}}", RC_INVALID, "only html");
    refuses(b, "{{{zero}}}", RC_INVALID, "only html");
    refuses(b, "{{html}}", RC_INVALID, "three braces");
    refuses(b, "{{map}}", RC_INVALID, "a list or a map");
    refuses(b, "{{#map}}{{{text}}}{{/map}}", RC_INVALID, "only html");
}

static void strict_refuses_unknown_names(void **state) {
    struct bench *b = *state;
    refuses(b, "a\n\xC3\xA9\xC3\xA9 {{nope}}", RC_INVALID,
            "t.mustache:2:4: there is no such field: {{nope}}");
    refuses(b, "{{map.no}}", RC_INVALID, "no such field");
    refuses(b, "{{text.no}}", RC_INVALID, "no such field");
    refuses(b, "{{#nope}}{{/nope}}", RC_INVALID, "no such field");
    refuses(b, "{{^nope}}{{/nope}}", RC_INVALID, "no such field");
    refuses(b, "{{>nope}}", RC_INVALID, "no such template");
    refuses(b, "{{<nope}}{{/nope}}", RC_INVALID, "no such template");
    refuses(b, "{{>*nope}}", RC_INVALID, "no such field");
    refuses(b, "{{>*zero}}", RC_INVALID, "a partial's name is text");
}

static void errors_name_the_template(void **state) {
    struct bench *b = *state;
    add_partial(b, SPAN("inner"), SPAN("fine\n  {{$block}}{{{text}}}{{/block}}"));
    refuses(b, "{{>inner}}", RC_INVALID, "inner.mustache:2:13:");
    refuses(b, "\n{{<inner}}{{$block}}{{gone}}{{/block}}{{/inner}}", RC_INVALID,
            "t.mustache:2:21:");
    gives(b, "{{<inner}}{{$block}}{{zero}}{{/block}}{{/inner}}", "fine\n  0");
}

static void what_cannot_be_parsed(void **state) {
    struct bench *b = *state;
    refuses(b, "{{", RC_INVALID, "t.mustache:1:1: the tag is not closed");
    refuses(b, "{{{x}}", RC_INVALID, "not closed");
    refuses(b, "{{=<% }}", RC_INVALID, "not closed");
    refuses(b, "{{}}", RC_INVALID, "a tag needs a name");
    refuses(b, "{{a b}}", RC_INVALID, "a tag needs a name");
    refuses(b, "{{#a}}", RC_INVALID, "never closed: {{a}}");
    refuses(b, "{{/a}}", RC_INVALID, "nothing is open");
    refuses(b, "{{#a}}{{#b}}{{/a}}{{/b}}", RC_INVALID, "must be closed first, by {{/b}}");
    refuses(b, "{{=a=}}", RC_INVALID, "delimiters are set by two words");
    refuses(b, "{{=a b c=}}", RC_INVALID, "delimiters");
    refuses(b, "{{==a ==}}", RC_INVALID, "delimiters");
}

static struct span repeat(struct arena *a, const char *head, const char *tail, size_t times) {
    struct buf text;
    buf_init(&text, 1u << 20);
    for (size_t i = 0; i < times; i++) buf_str(&text, head);
    for (size_t i = 0; i < times; i++) buf_str(&text, tail);
    struct span copy = arena_copy(a, buf_span(&text));
    buf_done(&text);
    return copy;
}

static void limits(void **state) {
    struct bench *b = *state;
    assert_int_equal(run(b, repeat(b->arena, "{{#map}}", "{{/map}}", MUSTACHE_NESTING_MAX), true),
                     RC_OK);
    assert_int_equal(
        run(b, repeat(b->arena, "{{#map}}", "{{/map}}", MUSTACHE_NESTING_MAX + 1), true),
        RC_TOO_BIG);
    struct span big = repeat(b->arena, "x", "", MUSTACHE_BYTES_MAX + 1);
    buf_done(&b->out);
    buf_init(&b->out, 1u << 20);
    assert_int_equal(run(b, span_sub(big, 0, MUSTACHE_BYTES_MAX), true), RC_OK);
    assert_int_equal(run(b, big, true), RC_TOO_BIG);
    struct span name = repeat(b->arena, "n", "", MUSTACHE_NAME_BYTES_MAX + 1);
    assert_int_equal(
        run(b, arena_printf(b->arena, "{{" SPAN_FMT "}}", SPAN_ARG(span_from(name, 1))), false),
        RC_OK);
    assert_int_equal(run(b, arena_printf(b->arena, "{{" SPAN_FMT "}}", SPAN_ARG(name)), false),
                     RC_TOO_BIG);
    buf_done(&b->out);
    buf_init(&b->out, 10);
    assert_int_equal(run(b, SPAN("0123456789"), true), RC_OK);
    assert_int_equal(run(b, SPAN("0123456789A"), true), RC_TOO_BIG);
}

static void recursion_ends(void **state) {
    struct bench *b = *state;
    add_partial(b, SPAN("self"), SPAN("{{>self}}"));
    refuses(b, "{{>self}}", RC_TOO_BIG, "nested too deeply");
    add_partial(b, SPAN("through"), SPAN("{{#map}}{{<through}}{{/through}}{{/map}}"));
    refuses(b, "{{>through}}", RC_TOO_BIG, "nested too deeply");
    /* an argument that holds a block of its own name is not its own argument */
    add_partial(b, SPAN("parent"), SPAN("[{{$x}}{{/x}}]"));
    gives(b, "{{<parent}}{{$x}}a{{$x}}b{{/x}}{{/x}}{{/parent}}", "[ab]");
}

/* 1025 items, in each of them 1025 again: over a million pieces, though nothing is nested deeply.
 */
static void work_is_bounded(void **state) {
    struct bench *b = *state;
    struct value *many = value_add_list(b->arena, b->map, SPAN("many"));
    for (int i = 0; i < 1025; i++) value_add_integer(b->arena, many, SPAN(""), i);
    gives(b, "{{#many}}{{#list}}{{/list}}{{/many}}", "");
    refuses(b, "{{#many}}{{#many}}{{#list}}{{/list}}{{/many}}{{/many}}", RC_TOO_BIG,
            "too many pieces");
}

static void indentation_is_bounded(void **state) {
    struct bench *b = *state;
    struct span blanks = repeat(b->arena, " ", "", MUSTACHE_INDENT_BYTES_MAX + 1);
    add_partial(b, SPAN("p"), SPAN("x\n"));
    assert_int_equal(
        run(b, arena_printf(b->arena, SPAN_FMT "{{>p}}", SPAN_ARG(span_from(blanks, 1))), true),
        RC_OK);
    assert_int_equal(b->out.n, MUSTACHE_INDENT_BYTES_MAX + 2);
    assert_int_equal(run(b, arena_printf(b->arena, SPAN_FMT "{{>p}}", SPAN_ARG(blanks)), true),
                     RC_TOO_BIG);
}

static void inner_contexts_hide_outer(void **state) {
    struct bench *b = *state;
    struct value *site = value_map(b->arena), *page = value_map(b->arena);
    value_add_text(b->arena, site, SPAN("a"), SPAN("site"));
    value_add_text(b->arena, site, SPAN("b"), SPAN("site"));
    value_add_text(b->arena, page, SPAN("b"), SPAN("page"));
    const struct value *contexts[] = {site, page};
    const struct mustache *t;
    assert_int_equal(mustache_parse(b->arena, SPAN("t"), SPAN("{{a}} {{b}}"), &t), RC_OK);
    assert_int_equal(mustache_render(t, &b->set, contexts, 2, MUSTACHE_STRICT, &b->out), RC_OK);
    assert_true(span_eq(buf_span(&b->out), SPAN("site page")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(official_suite),
        cmocka_unit_test_setup_teardown(strict_writes_by_type, set_up, tear_down),
        cmocka_unit_test_setup_teardown(strict_refuses_unknown_names, set_up, tear_down),
        cmocka_unit_test_setup_teardown(errors_name_the_template, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_cannot_be_parsed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(limits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(recursion_ends, set_up, tear_down),
        cmocka_unit_test_setup_teardown(work_is_bounded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(indentation_is_bounded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(inner_contexts_hide_outer, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
