#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "main/config.h"

static void test_written_is_read(void **state) {
    (void)state;
    struct config c, again;
    config_defaults(&c);
    c.editions[0].name = SPAN("The Example # Times = best");
    c.url = SPAN("http://localhost:8080");
    c.listen_count = 2;
    c.listen[1] = (struct config_listen){.host = "::1", .port = 80};
    c.log_access = true;
    c.log_level = LOG_DEBUG;
    c.require_alt = c.require_credit = true;
    c.webs = 3;
    c.theme = SPAN("own");
    struct buf b;
    buf_init(&b, CONFIG_BYTES_MAX);
    config_write(&c, &b);
    if (config_parse(buf_span(&b), "site/dateline.conf", &again) != RC_OK) fail_msg("%s", rc_why());
    assert_true(span_eq(again.editions[0].name, c.editions[0].name));
    assert_true(span_eq(again.host, SPAN("localhost:8080")));
    assert_int_equal(again.listen_count, 2);
    assert_string_equal(again.listen[1].host, "::1");
    assert_int_equal(again.listen[1].port, 80);
    assert_true(again.log_access && again.log_level == LOG_DEBUG && again.webs == 3);
    assert_true(again.require_alt && again.require_credit);
    assert_int_equal(again.reserve_mb, 64);
    assert_true(span_eq(again.theme, SPAN("own")));
    struct buf second;
    buf_init(&second, CONFIG_BYTES_MAX);
    config_write(&again, &second);
    assert_true(span_eq(buf_span(&b), buf_span(&second)));
    buf_done(&b);
    buf_done(&second);
}

static void test_defaults(void **state) {
    (void)state;
    struct config c;
    assert_int_equal(config_parse(SPAN("\n  name=N \r\n#x\n\turl = https://[::1]:8443"), "c", &c),
                     RC_OK);
    assert_true(span_eq(c.editions[0].name, SPAN("N")));
    assert_true(span_eq(c.host, SPAN("[::1]:8443")));
    assert_true(span_eq(c.editions[0].language, SPAN("en")) &&
                span_eq(c.editions[0].zone, SPAN("UTC")));
    assert_string_equal(c.listen[0].host, "127.0.0.1");
    assert_int_equal(c.webs, 0);
}

static void test_editions(void **state) {
    (void)state;
    struct config c, again;
    assert_int_equal(config_parse(SPAN("name = N\nurl = http://localhost\nzone = Asia/Beirut\n"
                                       "old_after_days = 90\n"
                                       "sections = City, World ,Sport\n[edition ar]\nname = بريد\n"
                                       "language = ar\nsections = المدينة، العالم, رأي\n"
                                       "old_after_days = 0\n"
                                       "[ edition  north-coast ]\nname = N2\n"),
                                  "c", &c),
                     RC_OK);
    struct buf b;
    buf_init(&b, CONFIG_BYTES_MAX);
    config_write(&c, &b);
    if (config_parse(buf_span(&b), "c", &again) != RC_OK) fail_msg("%s", rc_why());
    assert_int_equal(again.edition_count, 3);
    assert_true(span_eq(again.editions[0].key, SPAN("en")));
    assert_int_equal(again.editions[0].section_count, 3);
    assert_true(span_eq(again.editions[0].sections[1], SPAN("World")));
    assert_true(span_eq(again.editions[1].key, SPAN("ar")));
    assert_int_equal(again.editions[1].section_count, 3);
    assert_true(span_eq(again.editions[1].sections[2], SPAN("رأي")));
    assert_true(span_eq(again.editions[2].zone, SPAN("Asia/Beirut")));
    assert_true(span_eq(again.editions[2].name, SPAN("N2")));
    assert_int_equal(again.editions[0].old_after_days, 90);
    assert_int_equal(again.editions[1].old_after_days, 0);
    assert_int_equal(again.editions[2].old_after_days, 90);
    config_defaults(&c);
    assert_int_equal(c.editions[0].old_after_days, 365);
    buf_done(&b);
}

#define START "name = N\nurl = http://localhost\n"
static void test_errors_name_the_line(void **state) {
    (void)state;
    static const struct {
        const char *text, *why;
    } cases[] = {
        {START "nmae = x\n", "c:3: \"nmae\" is not a key; keys are name, url,"},
        {START "zone\n", "c:3: not \"key = value\""},
        {START "\n# zone\nzone = UTC\nzone = UTC", "c:6: zone stands in line 5 already"},
        {START "[edition ar]\nlanguage = ar\n", "c: a line \"name = …\" is needed"},
        {START "[edition ar]\nname = A\nurl = http://x\n", "c:5: url is the site's"},
        {START "[edition ar]\nname = A\n[edition ar]\nname = B\n", "c:5: there is an edition ar"},
        {START "[edition Ar]\n", "c:3: edition: \"Ar\" is not a key"},
        {START "[editions]\n", "c:3: not \"[edition KEY]\""},
        {"name = N\n", "c: a line \"url = …\" is needed"},
        {"", "c: a line \"name = …\" is needed"},
        {START "zone = Europe/Atlantis", "c:3: zone: \"Europe/Atlantis\" is not an IANA time zone"},
        {START "zone = GMT+3", "is not an IANA"},
        {START "zone =", "is not an IANA"},
        {START "language = english_UK!", "c:3: language: \"english_UK!\" is not a language tag"},
        {START "language = en-", "is not a language tag"},
        {START "listen = 127.0.0.1", "c:3: listen: \"127.0.0.1\" is not ADDRESS:PORT"},
        {START "listen = localhost:80", "is not ADDRESS:PORT"},
        {START "listen = 127.0.0.1:65536", "is not ADDRESS:PORT"},
        {START "listen = ::1:80", "is not ADDRESS:PORT"},
        {START "listen = [::1]80", "is not ADDRESS:PORT"},
        {START "listen = [127.0.0.1]:80", "is not ADDRESS:PORT"},
        {START "listen =", "c:3: listen: no address"},
        {START "listen = 1 2 3 4 5 6 7 8 9", "more than 8"},
        {START "webs = 0", "c:3: webs must be auto or 1 to 64"},
        {START "webs = 65", "webs must be"},
        {START "log.access = yes", "log.access must be on or off"},
        {START "log.level = all", "log.level must be"},
        {START "log.rotate_mb = 65537", "c:3: log.rotate_mb must be a number, 0 to 65536"},
        {START "log.keep = some", "c:3: log.keep must be a number, 0 to 999"},
        {START "pictures.require = caption", "pictures.require: alt, credit"},
        {START "reserve_mb = -1", "reserve_mb must be"},
        {START "old_after_days = a year", "old_after_days must be a number of days"},
        {START "old_after_days = 36501", "old_after_days must be a number of days, 0 to 36500"},
        {START "theme = ../own", "c:3: theme must be the name of a folder"},
        {START "theme = .own", "theme must be"},
        {START "theme = a b", "theme must be"},
        {"name =\n", "c:1: name must have 1 to"},
        {"name = a\x01"
         "b",
         "c:1: name has a control character"},
        {"name = \xff", "c:1: name is not UTF-8"},
        {"url = example.org", "c:1: url must begin with https:// or http://"},
        {"url = http://example.org/", "c:1: url must end behind the host"},
        {"url = http://Example.org", "is not a host in lower-case"},
        {"url = http://", "is not a host"},
        {"url = http://a..b", "is not a host"},
        {"url = http://a:0", "is not a host"},
        {"url = http://a:", "is not a host"},
        {"url = http://[::1", "is not a host"},
        {"url = http://[]", "is not a host"},
        {"url = http://a@b", "is not a host"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct config c;
        rc code = config_parse(span_str(cases[i].text), "c", &c);
        if (code != RC_INVALID || !strstr(rc_why(), cases[i].why)) {
            fail_msg("case %zu: %s, %s: not \"%s\"", i, rc_name(code), rc_why(), cases[i].why);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_written_is_read),
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_editions),
        cmocka_unit_test(test_errors_name_the_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
