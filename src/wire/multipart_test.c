#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/mem.h"
#include "wire/multipart.h"

#define TYPE "multipart/form-data; boundary=b"
#define HEAD(name) "Content-Disposition: form-data; name=\"" name "\"\r\n"

static struct arena *a;
static struct multipart_part *parts;
static size_t count;

static rc parse(const char *type, struct span body) {
    arena_reset(a);
    parts = NULL;
    count = 0;
    return multipart_read(a, span_str(type), body, &parts, &count);
}

static void is(struct span got, const char *wanted) {
    assert_int_equal(got.n, strlen(wanted));
    if (got.n) assert_memory_equal(got.p, wanted, got.n);
}

static void accept(const char *body) {
    rc code = parse(TYPE, span_str(body));
    if (code != RC_OK) print_error("%s\n", rc_why());
    assert_int_equal(code, RC_OK);
}

static void refuse(const char *body, const char *why) {
    assert_int_equal(parse(TYPE, span_str(body)), RC_INVALID);
    if (!strstr(rc_why(), why)) print_error("%s\n", rc_why());
    assert_non_null(strstr(rc_why(), why));
}

/* The header lines of the only part. */
static void accept_head(const char *lines) {
    char body[8192];
    snprintf(body, sizeof body, "--b\r\n%s\r\nx\r\n--b--\r\n", lines);
    accept(body);
    assert_int_equal(count, 1);
    is(parts[0].bytes, "x");
}

static void parts_are_read(void **state) {
    (void)state;
    accept("--b\r\n" HEAD("item") "Content-Type: text/markdown\r\n\r\none\r\n--b\r\n" HEAD(
        "note") "\r\n\r\n--b\r\n" HEAD("x") "\r\n--b\r\n-\r\n--\r\n--b--");
    assert_int_equal(count, 3);
    is(parts[0].name, "item");
    is(parts[0].type, "text/markdown");
    is(parts[0].filename, "");
    is(parts[0].bytes, "one");
    is(parts[1].name, "note");
    is(parts[1].bytes, "");
    /* a line that looks like the boundary, but has no line end before it, is no boundary */
    is(parts[2].bytes, "--b\r\n-\r\n--");
    accept("--b--");
    assert_int_equal(count, 0);
    accept("--b--\r\nwhatever follows");
    assert_int_equal(count, 0);
}

static void names_are_read(void **state) {
    (void)state;
    accept_head(
        "content-disposition:form-data;name=\"p\";filename=\"a \\\"b\\\" %22c%22; d.jpg\"\r\n");
    is(parts[0].name, "p");
    is(parts[0].filename, "a \"b\" \"c\"; d.jpg");
    accept_head("Content-Disposition: FORM-DATA; filename=plain.jpg ; NAME=p\r\n");
    is(parts[0].name, "p");
    is(parts[0].filename, "plain.jpg");
    /* a parameter's name within another's value is none */
    accept_head(
        "Content-Disposition: form-data; x=\"; name=evil; filename=evil\"; name=\"good\"\r\n");
    is(parts[0].name, "good");
    is(parts[0].filename, "");
    accept_head("X-Other: 1\r\n" HEAD("n"));
    is(parts[0].name, "n");
}

static void heads_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *lines, *why;
    } bad[] = {
        {"X: 1\r\n", "part 1: no Content-Disposition"},
        {"\r\n", "without a colon"},
        {"Content-Disposition: attachment; name=\"a\"\r\n", "no Content-Disposition"},
        {"Content-Disposition: form-data\r\n", "no Content-Disposition"},
        {"Content-Disposition: form-data; name\r\n", "no Content-Disposition"},
        {"Content-Disposition: form-data; name=\"a\r\n", "no Content-Disposition"},
        {"Content-Disposition: form-data; name=\"a\\\r\n", "no Content-Disposition"},
        {HEAD("a") "no colon\r\n", "without a colon"},
        {"X: 1\n" HEAD("a"), "without CR LF"},
        {HEAD("a") "Content-Transfer-Encoding: base64\r\n", "transfer encoding"},
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        char body[512];
        snprintf(body, sizeof body, "--b\r\n%s\r\nx\r\n--b--\r\n", bad[i].lines);
        refuse(body, bad[i].why);
    }
}

static void bodies_are_refused(void **state) {
    (void)state;
    refuse("", "does not begin");
    refuse("x--b--", "does not begin");
    refuse("\r\n--b--", "does not begin");
    refuse("--B--", "does not begin");
    refuse("--b", "bytes behind its boundary");
    refuse("--b-", "bytes behind its boundary");
    refuse("--bb\r\n" HEAD("a") "\r\nx\r\n--b--", "bytes behind its boundary");
    refuse("--b \r\n" HEAD("a") "\r\nx\r\n--b--", "bytes behind its boundary");
    refuse("--b\n" HEAD("a") "\r\nx\r\n--b--", "bytes behind its boundary");
    refuse("--b\r\n", "do not end");
    refuse("--b\r\n" HEAD("a"), "do not end");
    refuse("--b\r\n" HEAD("a") "\r\n", "no boundary ends it");
    refuse("--b\r\n" HEAD("a") "\r\nx\n--b--", "no boundary ends it");
    refuse("--b\r\n" HEAD("a") "\r\nx\r\n--b", "part 2: bytes behind");
    /* the end of the head is not the beginning of a boundary's line */
    refuse("--b\r\n" HEAD("a") "\r\n--b--", "no boundary ends it");
}

static void boundaries_have_a_form(void **state) {
    (void)state;
    char type[256], body[256], b[80];
    static const char *const bad[] = {"multipart/form-data",
                                      "multipart/form-data; boundary=",
                                      "multipart/form-data; boundary=\"\"",
                                      "multipart/form-data; boundary=\"b \"",
                                      "multipart/form-data; boundary=\"b\tc\"",
                                      "multipart/form-data; boundary=\"b",
                                      "multipart/form-data; boundary=b\xC3\xA9"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_int_equal(parse(bad[i], SPAN("--b--")), RC_INVALID);
        assert_non_null(strstr(rc_why(), "boundary"));
    }
    for (size_t n = 70; n <= 71; n++) {
        memset(b, 'b', n);
        b[n] = 0;
        snprintf(type, sizeof type, "multipart/form-data; x=1; Boundary=\"%s\"; y=2", b);
        snprintf(body, sizeof body, "--%s--", b);
        assert_int_equal(parse(type, span_str(body)), n == 70 ? RC_OK : RC_INVALID);
    }
}

static void limits_hold(void **state) {
    (void)state;
    struct buf body;
    buf_init(&body, 1 << 20);
    for (size_t n = MULTIPART_PARTS_MAX; n <= MULTIPART_PARTS_MAX + 1; n++) {
        buf_clear(&body);
        for (size_t i = 0; i < n; i++)
            multipart_write_part(&body, SPAN("b"), &(struct multipart_part){.name = SPAN("n")});
        multipart_write_end(&body, SPAN("b"));
        assert_int_equal(parse(TYPE, buf_span(&body)),
                         n == MULTIPART_PARTS_MAX ? RC_OK : RC_TOO_BIG);
    }
    /* the head, with the empty line that ends it */
    for (size_t n = MULTIPART_HEAD_BYTES_MAX; n <= MULTIPART_HEAD_BYTES_MAX + 1; n++) {
        buf_clear(&body);
        buf_str(&body, "--b\r\n" HEAD("n") "X: ");
        while (body.n < strlen("--b\r\n") + n - strlen("\r\n\r\n")) buf_char(&body, 'x');
        buf_str(&body, "\r\n\r\n\r\n--b--");
        assert_int_equal(parse(TYPE, buf_span(&body)),
                         n == MULTIPART_HEAD_BYTES_MAX ? RC_OK : RC_INVALID);
    }
    buf_done(&body);
    struct arena *small = arena_new(100);
    assert_int_equal(multipart_read(small, SPAN(TYPE), SPAN("--b--"), &parts, &count), RC_TOO_BIG);
    arena_free(small);
}

static void what_is_written_reads_back(void **state) {
    (void)state;
    const struct multipart_part written[] = {
        {SPAN("item"), SPAN(""), SPAN("text/markdown"), SPAN("\r\n--\r\n--c--\r\n")},
        {SPAN("p"), SPAN("a\"b\\c%22d\\\"%2"), SPAN("image/png"), SPAN("")},
        {SPAN(""), SPAN("ü;=,\\"), SPAN(""), {"\0\r\n-", 4}},
    };
    struct buf body;
    buf_init(&body, 1 << 20);
    for (size_t i = 0; i < COUNT_OF(written); i++)
        multipart_write_part(&body, SPAN("b"), &written[i]);
    multipart_write_end(&body, SPAN("b"));
    assert_int_equal(parse(TYPE, buf_span(&body)), RC_OK);
    assert_int_equal(count, COUNT_OF(written));
    for (size_t i = 0; i < count; i++) {
        assert_true(span_eq(parts[i].name, written[i].name));
        assert_true(span_eq(parts[i].filename, written[i].filename));
        assert_true(span_eq(parts[i].type, written[i].type));
        assert_true(span_eq(parts[i].bytes, written[i].bytes));
    }
    /* what cannot stand in a line is left out: no header line can be made of a name */
    buf_clear(&body);
    multipart_write_part(&body, SPAN("b"), &(struct multipart_part){.name = SPAN("a\r\nX: b")});
    multipart_write_end(&body, SPAN("b"));
    assert_int_equal(parse(TYPE, buf_span(&body)), RC_OK);
    is(parts[0].name, "aX: b");
    buf_done(&body);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_read),
        cmocka_unit_test(names_are_read),
        cmocka_unit_test(heads_are_refused),
        cmocka_unit_test(bodies_are_refused),
        cmocka_unit_test(boundaries_have_a_form),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(what_is_written_reads_back),
    };
    a = arena_new(1 << 20);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_free(a);
    return failed;
}
