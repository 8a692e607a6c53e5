/* Arguments, items, a site's folder. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "main/args.h"
#include "main/items.h"
#include "main/roles.h"
#include "main/site.h"
#include "main/theme.h"
#include "sys/memfd.h"

static char folder_path[64];

static int make_folder(void **state) {
    (void)state;
    strcpy(folder_path, "/tmp/main-test-XXXXXX");
    return mkdtemp(folder_path) && chdir(folder_path) == 0 ? 0 : -1;
}

static int remove_folder(void **state) {
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", folder_path);
    return chdir("/") || system(command);
}

static void sh(const char *command) {
    if (system(command) != 0) fail_msg("%s", command);
}

static void check(rc got, rc wanted, const char *why, int line) {
    if (got != wanted)
        fail_msg("line %d: %s (%s), not %s", line, rc_name(got), rc_why(), rc_name(wanted));
    if (why && !strstr(rc_why(), why))
        fail_msg("line %d: \"%s\" does not say \"%s\"", line, rc_why(), why);
}
#define assert_ok(call) check((call), RC_OK, NULL, __LINE__)
#define assert_fails(call, code, why) check((call), (code), (why), __LINE__)

/* ---- arguments ------------------------------------------------------------------------------- */

static const struct command trial = {
    .name = "trial",
    .operands = "SITE ITEM…",
    .operands_min = 1,
    .operands_max = 3,
    .options = {"--name TEXT", "--force"},
};

static void test_args(void **state) {
    (void)state;
    struct args args;
    const char *both[] = {"--name", "N", "site", "--force", "-", "--", "--name"};
    assert_ok(args_parse(&trial, both, COUNT_OF(both), &args));
    assert_int_equal(args.operands_count, 3);
    assert_string_equal(args.operands[0], "site");
    assert_string_equal(args.operands[1], "-");
    assert_string_equal(args.operands[2], "--name");
    assert_string_equal(args_option(&args, "--name"), "N");
    assert_string_equal(args_option(&args, "--force"), "");
    const char *equals[] = {"a", "--name=--x=y"};
    assert_ok(args_parse(&trial, equals, COUNT_OF(equals), &args));
    assert_string_equal(args_option(&args, "--name"), "--x=y");
    assert_null(args_option(&args, "--force"));

    const char *none[] = {"--force"};
    assert_fails(
        args_parse(&trial, none, 1, &args), RC_USAGE,
        "something is missing; it goes: dateline trial SITE ITEM… [--name TEXT] [--force]");
    const char *many[] = {"a", "b", "c", "d"};
    assert_fails(args_parse(&trial, many, 4, &args), RC_USAGE, "one too many: d;");
    const char *wrong[] = {"a", "--nmae", "x"};
    assert_fails(args_parse(&trial, wrong, 3, &args), RC_USAGE, "no such option: --nmae");
    const char *half[] = {"a", "--name"};
    assert_fails(args_parse(&trial, half, 2, &args), RC_USAGE, "a value is missing behind --name");
    const char *twice[] = {"a", "--name=x", "--name", "y"};
    assert_fails(args_parse(&trial, twice, 4, &args), RC_USAGE, "given twice: --name");
    const char *flag[] = {"a", "--force=yes"};
    assert_fails(args_parse(&trial, flag, 2, &args), RC_USAGE, "takes no value: --force");
}

/* ---- items ----------------------------------------------------------------------------------- */

static void test_items(void **state) {
    (void)state;
    sh("mkdir -p in/b/c in/empty in/.hidden && echo 2 >in/b/two.md && echo 1 >in/a.json && echo 3 "
       ">in/b/c/x.markdown"
       " && echo no >in/b/photo.jpg && echo no >in/.hidden/y.md && echo no >in/.z.md && ln -s "
       "../in in/b/loop"
       " && echo 4 >plain");
    struct arena *a = arena_new(1 << 20);
    struct span *paths;
    size_t count;
    const char *operands[] = {"plain", "in/", "-", "in/b/photo.jpg"};
    assert_ok(items_find(operands, COUNT_OF(operands), a, &paths, &count));
    static const char *const wanted[] = {"plain",       "in/a.json", "in/b/c/x.markdown",
                                         "in/b/two.md", "-",         "in/b/photo.jpg"};
    assert_int_equal(count, COUNT_OF(wanted));
    for (size_t i = 0; i < count; i++) assert_string_equal(paths[i].p, wanted[i]);
    const char *missing[] = {"plain", "nothing"};
    assert_fails(items_find(missing, 2, a, &paths, &count), RC_NOT_FOUND, "nothing: No such file");
    const char *empty[] = {"in/empty"};
    assert_fails(items_find(empty, 1, a, &paths, &count), RC_INVALID,
                 "in/empty: no item in this folder");
    arena_free(a);
}

/* Each item of files and of lines, wherever blocks of what is read end; what cannot be read costs itself alone. */
static void test_items_in_files(void **state) {
    (void)state;
    sh("mkdir -p lines && echo whole >lines/a.md && printf '{1}\n\n  \n{2}\r\n{3}' >lines/b.ndjson "
       "&& : >lines/c.jsonl"
       " && head -c 3000000 /dev/zero | tr '\\0' x >lines/d.jsonl && printf '\n{4}\n' "
       ">>lines/d.jsonl"
       " && for i in $(seq 300000); do echo \"{$i}\"; done >lines/e.ndjson");
    struct arena *a = arena_new(1 << 20);
    struct span *paths, text;
    struct item_at at;
    size_t count, n = 0;
    rc code;
    const char *operands[] = {"lines/a.md", "gone.ndjson", "lines"};
    assert_fails(items_find(operands, 2, a, &paths, &count), RC_NOT_FOUND, "gone.ndjson");
    operands[1] = "lines/b.ndjson";
    assert_ok(items_find(operands, 3, a, &paths, &count));
    static const struct {
        const char *path, *text; /* text NULL: too long */
        uint64_t line;
    } wanted[] = {{"lines/a.md", "whole\n", 0},   {"lines/b.ndjson", "{1}", 1},
                  {"lines/b.ndjson", "{2}\r", 4}, {"lines/b.ndjson", "{3}", 5},
                  {"lines/a.md", "whole\n", 0},   {"lines/b.ndjson", "{1}", 1},
                  {"lines/b.ndjson", "{2}\r", 4}, {"lines/b.ndjson", "{3}", 5},
                  {"lines/d.jsonl", NULL, 1},     {"lines/d.jsonl", "{4}", 2}};
    struct items *items = items_begin(paths, count, 2 << 20);
    double share = 0;
    for (; items_next(items, &at, &text, &code); n++) {
        assert_true(items_share_done(items) >= share && items_share_done(items) <= 1);
        share = items_share_done(items);
        if (n >= COUNT_OF(wanted)) {
            char line[32];
            snprintf(line, sizeof line, "{%zu}", n - COUNT_OF(wanted) + 1);
            assert_true(code == RC_OK && span_eq(text, span_str(line)));
            assert_int_equal(at.line, n - COUNT_OF(wanted) + 1);
            continue;
        }
        assert_true(span_eq(at.path, span_str(wanted[n].path)));
        assert_int_equal(at.line, wanted[n].line);
        assert_int_equal(code, wanted[n].text ? RC_OK : RC_TOO_BIG);
        if (wanted[n].text) assert_true(span_eq(text, span_str(wanted[n].text)));
    }
    assert_int_equal(n, COUNT_OF(wanted) + 300000);
    assert_true(share == 1);
    items_end(items);
    sh("rm lines/a.md lines/b.ndjson");
    items = items_begin(paths, 2, 100);
    for (n = 0; items_next(items, &at, &text, &code); n++) assert_int_equal(code, RC_NOT_FOUND);
    assert_int_equal(n, 2);
    items_end(items);
    arena_free(a);
}

static void test_pictures_beside(void **state) {
    (void)state;
    sh("mkdir -p pics/sub && echo one >pics/one.jpg && echo two >pics/sub/two.jpg && echo secret "
       ">secret"
       " && ln -s ../secret pics/link.jpg && ln -s .. pics/up && echo here >here.jpg");
    static const struct {
        const char *href;
        rc code;
    } cases[] = {
        {"one.jpg", RC_OK},
        {"sub/two.jpg", RC_OK},
        {"../secret", RC_DENIED},
        {"sub/../../secret", RC_DENIED},
        {"/etc/passwd", RC_DENIED},
        {"link.jpg", RC_DENIED},
        {"up/secret", RC_DENIED},
        {"http://a/b.jpg", RC_DENIED},
        {"file:one.jpg", RC_DENIED},
        {"data:x", RC_DENIED},
        {"", RC_DENIED},
        {"sub", RC_DENIED},
        {"sub//two.jpg", RC_DENIED},
        {"sub/", RC_DENIED},
        {"none.jpg", RC_NOT_FOUND},
        {"one.jpg/x", RC_DENIED},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buf b;
        buf_init(&b, 100);
        rc code = items_read_beside(SPAN("pics/item.md"), span_str(cases[i].href), &b);
        if (code != cases[i].code) fail_msg("%s: %s (%s)", cases[i].href, rc_name(code), rc_why());
        assert_int_equal(b.n, code == RC_OK ? 4 : 0);
        buf_done(&b);
    }
    struct buf b;
    buf_init(&b, 4);
    assert_fails(items_read_beside(SPAN("x.md"), SPAN("here.jpg"), &b), RC_TOO_BIG, "here.jpg");
    assert_fails(items_read_beside(SPAN("-"), SPAN("here.jpg"), &b), RC_NOT_FOUND,
                 "standard input");
    buf_done(&b);
}

/* ---- site ------------------------------------------------------------------------------------ */

static void test_site(void **state) {
    (void)state;
    struct config config;
    config_defaults(&config);
    config.editions[0].name = SPAN("N");
    config.url = SPAN("http://localhost");
    struct site site, again;
    assert_fails(site_open("site", &site), RC_NOT_FOUND,
                 "site: there is no such folder; dateline init site");
    assert_ok(site_create("site", &config, SPAN("n.example/record")));
    assert_fails(site_create("site", &config, SPAN("n.example/record")), RC_CONFLICT,
                 "site: is not empty");
    sh("mkdir made && mkdir full && touch full/x");
    assert_ok(site_create("made", &config, SPAN("n.example/record")));
    assert_fails(site_create("full", &config, SPAN("n.example/record")), RC_CONFLICT,
                 "full: is not empty");
    assert_fails(site_open("full", &site), RC_NOT_FOUND, "full: holds no dateline.conf");
    assert_ok(site_open("site", &site));
    assert_true(span_eq(site.config.host, SPAN("localhost")));
    struct file_stat stat;
    assert_ok(file_stat(&site.dir, "record", &stat));
    assert_int_equal(stat.mode, 0700);

    struct file lock, other;
    assert_ok(site_open("site", &again));
    assert_ok(site_lock(&site, "serve", 0, &lock));
    assert_fails(site_lock(&again, "publish", 60, &other), RC_BUSY,
                 "core.lock: locked by dateline serve, process ");
    file_close(&lock);
    assert_ok(site_lock(&again, "publish", 0, &other));
    file_close(&other);
    site_close(&site);
    site_close(&site);
    site_close(&again);
    sh("echo zone = Mars >>site/dateline.conf");
    assert_fails(site_open("site", &site), RC_INVALID, "site/dateline.conf:");
}

static void test_role_fds(void **state) {
    (void)state;
    static struct role_fds fds;
    char text[ROLE_FDS_TEXT_BYTES];
    role_fds_add(&fds, "config", 77);
    role_fds_add(&fds, "web", 78);
    role_fds_add(&fds, "web", 79);
    role_fds_text(&fds, text);
    assert_string_equal(text, "config=3,web=4,web=5");
    assert_int_equal(fds.fds[2], 79);
    assert_int_equal(role_fds_find(text, "web", 1), 5);
    assert_int_equal(role_fds_find(text, "web", 2), -1);
    assert_int_equal(role_fds_find(text, "we", 0), -1);
    assert_int_equal(role_fds_find("web=x,core=4", "web", 0), -1);
}

/* ---- themes ---------------------------------------------------------------------------------- */

static void test_theme(void **state) {
    (void)state;
    struct site site;
    struct config config;
    struct render_theme theme;
    struct arena *a = arena_new(1u << 20);
    int fd;
    config_defaults(&config);
    config.editions[0].name = SPAN("N");
    assert_ok(config_set(&config, "t", SPAN("url"), SPAN("http://localhost")));
    assert_ok(site_create("themed", &config, SPAN("localhost/record")));
    assert_ok(site_open("themed", &site));
    assert_ok(theme_share(&site, &fd));
    assert_int_equal(fd, -1);

    site.config.theme = SPAN("own");
    assert_fails(theme_share(&site, &fd), RC_NOT_FOUND, "themed/themes/own: there is no such");
    sh("mkdir -p themed/themes/own/phrases");
    sh("echo latest = Fresh >themed/themes/own/phrases/en; : >themed/themes/own/front.css");
    sh("echo x >themed/themes/own/.swap; echo x >themed/themes/own/README.md");
    assert_ok(theme_share(&site, &fd));
    assert_ok(theme_receive(fd, a, &theme));
    assert_true(span_eq(theme.where, SPAN("themed/themes/own")));
    assert_int_equal(theme.count, 2);
    assert_true(span_eq(theme.files[0].name, SPAN("front.css")));
    assert_int_equal(theme.files[0].bytes.n, 0);
    assert_true(span_eq(theme.files[1].bytes, SPAN("latest = Fresh\n")));

    struct file f = file_of_fd(fd, "damaged");
    assert_ok(file_write_at(&f, 0, SPAN("99999\n")));
    assert_fails(theme_receive(fd, a, &theme), RC_CORRUPT, "damaged");
    memfd_close(fd);

    sh("echo 'a{' >themed/themes/own/front.css");
    assert_fails(theme_share(&site, &fd), RC_INVALID, "themed/themes/own/front.css:1: ");
    assert_int_equal(theme_share_or_none(&site), -1);
    sh("rm themed/themes/own/front.css; mkdir themed/themes/own/images");
    assert_fails(theme_share(&site, &fd), RC_INVALID, "images:1: a theme has no such folder");
    sh("rmdir themed/themes/own/images; cd themed/themes/own; for i in $(seq 65); do : >x-$i.svg; "
       "done");
    assert_fails(theme_share(&site, &fd), RC_TOO_BIG, "more than 64 files");
    site_close(&site);
    arena_free(a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_args),           cmocka_unit_test(test_items),
        cmocka_unit_test(test_items_in_files), cmocka_unit_test(test_pictures_beside),
        cmocka_unit_test(test_site),           cmocka_unit_test(test_role_fds),
        cmocka_unit_test(test_theme),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
