/* Backups through their header, and the formats that a stranger reads, byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "backup/inner.h"
#include "base/mem.h"
#include "record/record.h"
#include "store/testkit.h"
#include "sys/clock.h"
#include "sys/random.h"

#define T0 1795552439123
#define ORIGIN SPAN("play.example/record")

static char folder[64], dest_path[96], site_path[96];
static struct file site;
static struct note_key key;
static uint8_t seed[NOTE_SEED_BYTES];

static void check(rc got, rc wanted, const char *why, int line) {
    if (got != wanted)
        fail_msg("line %d: %s (%s), not %s", line, rc_name(got), rc_why(), rc_name(wanted));
    if (why && !strstr(rc_why(), why))
        fail_msg("line %d: \"%s\" does not say \"%s\"", line, rc_why(), why);
}
#define assert_ok(call) check((call), RC_OK, NULL, __LINE__)
#define assert_fails(call, code, why) check((call), (code), (why), __LINE__)

static void sh(const char *fmt, ...) PRINTF(1, 2);
static void sh(const char *fmt, ...) {
    char command[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(command, sizeof command, fmt, args);
    va_end(args);
    if (system(command) != 0) fail_msg("%s", command);
}

static int make(void **state) {
    (void)state;
    strcpy(folder, "/tmp/backup-test-XXXXXX");
    if (!mkdtemp(folder)) return -1;
    snprintf(dest_path, sizeof dest_path, "%s/dest", folder);
    snprintf(site_path, sizeof site_path, "%s/site", folder);
    random_test_seed(11);
    random_bytes(seed, sizeof seed);
    sh("mkdir -p %s/store %s/record %s/media/ab %s/themes/own", site_path, site_path, site_path,
       site_path);
    if (file_open(NULL, site_path, FILE_FOLDER, &site) != RC_OK) return -1;
    return note_key_of_seed(ORIGIN, seed, &key) == RC_OK ? 0 : -1;
}

static int unmake(void **state) {
    (void)state;
    char command[96];
    file_close(&site);
    clock_test_set(0);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

static struct backup_dest *dest(void) {
    struct backup_dest *d;
    assert_ok(backup_open(dest_path, &key, "test\n", &d));
    return d;
}

/* ---- formats ------------------------------------------------------------------------------------------ */

static struct span manifest_sample(struct backup_dest *d, struct buf *out) {
    struct manifest m = {.made = T0, .entries = 7, .journal = 6};
    struct piece piece = {.hash = sha256_of(SPAN("x")), .bytes = 123};
    char path[64];
    memcpy(m.key, d->key_text, sizeof m.key);
    manifest_name(m.made, m.name);
    manifest_add_list(&m, "store", &piece);
    manifest_add_list(&m, "media/ab", &piece);
    assert_ok(manifest_write(d, &m));
    snprintf(path, sizeof path, "backups/%s", m.name);
    assert_ok(file_read_all(&d->dir, path, out));
    manifest_done(&m);
    return buf_span(out);
}

/* What is written is read; what is cut, longer or changed in one bit is refused. */
static void test_manifest(void **state) {
    (void)state;
    struct backup_dest *d = dest();
    struct buf text;
    struct manifest m;
    buf_init(&text, 65536);
    struct span whole = manifest_sample(d, &text);
    const char *name = "2026-11-24T20-33-59.123Z";
    assert_ok(manifest_parse(whole, name, &m));
    assert_int_equal(m.made, T0);
    assert_int_equal(m.entries, 7);
    assert_int_equal(m.journal, 6);
    assert_int_equal(m.lists_count, 2);
    assert_string_equal(m.lists[1].name, "media/ab");
    assert_int_equal(m.lists[1].piece.bytes, 123);
    assert_string_equal(m.name, name);
    manifest_done(&m);
    assert_fails(manifest_parse(whole, "2026-11-24T20-33-59.124Z", &m), RC_CORRUPT, "another time");
    for (size_t n = 0; n < whole.n; n++)
        assert_int_not_equal(manifest_parse(span_sub(whole, 0, n), name, &m), RC_OK);
    for (size_t i = 0; i < whole.n; i++) {
        for (int bit = 0; bit < 8; bit++) {
            text.p[i] = (char)(text.p[i] ^ (1 << bit));
            assert_int_not_equal(manifest_parse(whole, name, &m), RC_OK);
            text.p[i] = (char)(text.p[i] ^ (1 << bit));
        }
    }
    buf_char(&text, '\n');
    assert_int_not_equal(manifest_parse(buf_span(&text), name, &m), RC_OK);
    buf_done(&text);
    backup_close(d);
}

/* A path out of a backup becomes a path in a site. */
static void test_lines(void **state) {
    (void)state;
    static const char *const bad_paths[] = {
        "",   "/etc/passwd", "..",  "../x",  "a/../b", "a/..",  "a//b",
        "a/", ".",           "./a", "a/./b", "a\tb",   "a\x7f", "a\rb",
    };
    char text[1024], hash[65];
    struct buf b;
    struct line line;
    buf_init_fixed(&b, hash, sizeof hash);
    struct sha256 x = sha256_of(SPAN("x"));
    buf_hex(&b, x.bytes, SHA256_BYTES);
    hash[64] = 0;
    int n = snprintf(text, sizeof text, "%s 42 media/ab/x y.jpg\nrest", hash);
    struct span rest = span_of(text, (size_t)n);
    assert_ok(line_read(&rest, &line));
    assert_true(sha256_eq(&line.piece.hash, &x));
    assert_int_equal(line.piece.bytes, 42);
    assert_true(span_eq(line.path, SPAN("media/ab/x y.jpg")));
    assert_true(span_eq(rest, SPAN("rest")));
    for (size_t i = 0; i < COUNT_OF(bad_paths); i++) {
        n = snprintf(text, sizeof text, "%s 42 %s\n", hash, bad_paths[i]);
        rest = span_of(text, (size_t)n);
        assert_fails(line_read(&rest, &line), RC_CORRUPT, "is not one");
    }
    static const char *const bad[] = {"%s 42 x",      "%s -1 x\n",    "%s 99999999999 x\n",
                                      "%s x\n",       "%s\n",         "0%s 42 x\n",
                                      "%.63s 42 x\n", "%.63sG 42 x\n"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        n = snprintf(text, sizeof text, bad[i], hash);
#pragma GCC diagnostic pop
        rest = span_of(text, (size_t)n);
        assert_fails(line_read(&rest, &line), RC_CORRUPT, "is not one");
    }
}

static void test_hashes(void **state) {
    (void)state;
    struct hashes h = {0};
    for (uint32_t i = 0; i < 20000; i++) {
        struct sha256 hash = sha256_of(span_of(&i, sizeof i));
        assert_false(hashes_have(&h, &hash));
        assert_true(hashes_add(&h, &hash));
        assert_false(hashes_add(&h, &hash));
    }
    assert_int_equal(h.count, 20000);
    for (uint32_t i = 0; i < 40000; i++) {
        struct sha256 hash = sha256_of(span_of(&i, sizeof i));
        assert_int_equal(hashes_have(&h, &hash), i < 20000);
    }
    hashes_done(&h);
}

/* ---- pieces ------------------------------------------------------------------------------------------- */

static void test_pieces(void **state) {
    (void)state;
    struct backup_dest *d = dest();
    struct piece a, again, big;
    struct span bytes;
    char path[PIECE_PATH_BYTES];
    assert_ok(piece_put(d, SPAN("some bytes"), &a));
    assert_ok(piece_put(d, SPAN("some bytes"), &again));
    assert_int_equal(d->fresh_pieces, 1);
    assert_fails(piece_get(d, &a, &bytes), RC_NOT_FOUND,
                 NULL); /* it has no name before it is synced */
    assert_ok(pieces_end(d));
    assert_ok(piece_get(d, &a, &bytes));
    assert_true(span_eq(bytes, SPAN("some bytes")));
    /* More than are gathered at once. */
    for (unsigned i = 0; i < PENDING_MAX + 10; i++)
        assert_ok(piece_put(d, span_of(&i, sizeof i), &again));
    char *block = mem_new(PIECE_BYTES_MAX);
    assert_ok(piece_put(d, span_of(block, PIECE_BYTES_MAX), &big));
    assert_ok(pieces_end(d));
    assert_ok(piece_get(d, &big, &bytes));
    mem_free(block);
    backup_close(d);

    /* Another process finds it; damaged, it is told, and mended by whoever has the bytes. */
    piece_path(&a.hash, path);
    for (int how = 0; how < 4; how++) {
        static const char *const spoil[] = {"printf S | dd of=%s/%s conv=notrunc status=none",
                                            "truncate -s 3 %s/%s", "echo >>%s/%s", "rm %s/%s"};
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        sh(spoil[how], dest_path, path);
#pragma GCC diagnostic pop
        d = dest();
        assert_int_not_equal(piece_get(d, &a, &bytes), RC_OK);
        assert_non_null(strstr(rc_why(), path));
        assert_ok(piece_put(d, SPAN("some bytes"), &again));
        assert_ok(pieces_end(d));
        assert_ok(piece_get(d, &a, &bytes));
        /* What was damaged before does not go with what is taken back; what was not there does. */
        pieces_take_back(d);
        assert_int_equal(piece_get(d, &a, &bytes), how == 3 ? RC_NOT_FOUND : RC_OK);
        assert_ok(piece_put(d, SPAN("some bytes"), &again));
        assert_ok(pieces_end(d));
        backup_close(d);
    }
}

static void test_whose_it_is(void **state) {
    (void)state;
    struct backup_dest *d = dest(), *other;
    struct note_key foreign;
    uint8_t another[NOTE_SEED_BYTES] = {1};
    assert_fails(backup_open(dest_path, &key, "test\n", &other), RC_BUSY, "locked by test");
    assert_memory_equal(backup_key(d), &key, sizeof key);
    backup_close(d);
    assert_ok(note_key_of_seed(ORIGIN, another, &foreign));
    assert_fails(backup_open(dest_path, &foreign, "test\n", &d), RC_CONFLICT, "the keys differ");
    assert_fails(backup_open(folder, &key, "test\n", &d), RC_CONFLICT, "is not empty");
    assert_fails(backup_open(folder, NULL, "test\n", &d), RC_NOT_FOUND, "holds no backups");
    sh("echo nonsense >%s/dateline-backup", dest_path);
    assert_fails(backup_open(dest_path, &key, "test\n", &d), RC_CORRUPT, "begins with");
    /* Nothing but what an interrupted beginning leaves. */
    sh("rm -rf %s && mkdir %s && touch %s/lock %s/dateline-backup.tmp", dest_path, dest_path,
       dest_path, dest_path);
    backup_close(dest());
    char inside[128];
    snprintf(inside, sizeof inside, "%s/store", site_path);
    assert_fails(backup_outside(inside, &site), RC_CONFLICT, "own folder");
    snprintf(inside, sizeof inside, "%s/store/new", site_path);
    assert_fails(backup_outside(inside, &site), RC_CONFLICT, "own folder");
    snprintf(inside, sizeof inside, "%s/store/../../dest", site_path);
    assert_ok(backup_outside(inside, &site));
    assert_ok(backup_outside(dest_path, &site));
}

/* ---- backups ------------------------------------------------------------------------------------------- */

static struct store *store;
static struct arena *a;
static char said[4096];

static void say(void *arg, struct span line) {
    (void)arg;
    snprintf(said, sizeof said, SPAN_FMT, SPAN_ARG(line));
}

static rc begin_snapshot(void *arg, struct store_snapshot *s, struct buf *out_checkpoint) {
    (void)arg, (void)out_checkpoint;
    return store_snapshot_begin(s);
}

static void database_path(char out[128]) {
    snprintf(out, 128, "%s/" SITE_DATABASE, site_path);
}

/* Story n's next revision, journaled too, unless it is told to lag behind. */
static void publish(unsigned n, bool journaled) {
    struct journal *j;
    struct file record;
    struct list_ref all = {SPAN("all")};
    struct store_publish act = kit_revision(store, a, n, "A headline", T0, &all, 1);
    assert_ok(store_begin(store));
    assert_ok(store_publish(store, &act));
    assert_ok(store_commit(store));
    if (!journaled) return;
    assert_ok(file_open(&site, "record", FILE_FOLDER, &record));
    assert_ok(journal_open(&record, &j));
    assert_ok(journal_append(j, act.entry_index, &act.entry, 1));
    journal_close(j);
    file_close(&record);
}

static void begin_site(void) {
    char path[128];
    database_path(path);
    a = arena_new(64u << 20);
    assert_ok(store_open(path, &store));
    for (unsigned i = 0; i < 20; i++) publish(i, true);
    sh("echo 'name = X' >%s/dateline.conf; echo theme >%s/themes/own/style.css", site_path,
       site_path);
    sh("cd %s/media/ab && printf picture >p && h=$(sha256sum <p | cut -d' ' -f1) && mv p $h.jpg && "
       "echo '{}' >$h.sent.json && touch half.tmp",
       site_path);
}

static void end_site(void) {
    store_close(store);
    store = NULL;
    arena_free(a);
}

static struct backup_result backup(struct backup_dest *d) {
    char path[128];
    struct store_snapshot *snapshot;
    struct backup_result result;
    const struct backup_source source = {.site = &site, .begin = begin_snapshot, .say = say};
    struct backup_source with = source;
    database_path(path);
    *said = 0;
    assert_ok(store_snapshot_open(path, &snapshot));
    with.snapshot = snapshot;
    assert_ok(backup_make(d, &with, &result));
    store_snapshot_close(snapshot);
    return result;
}

static void verify(struct backup_dest *d, uint64_t backups) {
    struct backup_verified v;
    *said = 0;
    rc code = backup_verify(d, say, NULL, &v);
    if (code != RC_OK) fail_msg("%s: %s", rc_why(), said);
    assert_int_equal(v.backups, backups);
    assert_int_equal(v.faults, 0);
}

static void test_backups(void **state) {
    (void)state;
    begin_site();
    clock_test_set(T0);
    struct backup_dest *d = dest();
    struct backup_result one = backup(d);
    assert_int_equal(one.entries, 20);
    assert_int_equal(one.files,
                     7); /* database, journal, key, picture and its note, configuration, theme */
    assert_string_equal(one.name, "2026-11-24T20-33-59.123Z");
    verify(d, 1);
    backup_close(d);

    /* The clock goes back; the newest is the newest, and has what changed. */
    clock_test_set(T0 - 3600000);
    d = dest();
    publish(3, true);
    publish(4, false); /* a crash: the journal lags */
    struct backup_result two = backup(d);
    assert_int_equal(two.entries, 22);
    assert_string_equal(two.name, "2026-11-24T20-33-59.124Z");
    assert_true(two.new_bytes < one.new_bytes + 65536);
    verify(d, 2);
    backup_close(d);
    d = dest();
    struct backup_result three = backup(d);
    assert_int_equal(three.new_pieces, 0);

    /* Which one: not after what is said, to the length that it is said. */
    char name[BACKUP_NAME_BYTES];
    assert_ok(backup_choose(d, NULL, name));
    assert_string_equal(name, three.name);
    assert_ok(backup_choose(d, "2026-11-24", name));
    assert_string_equal(name, three.name);
    assert_ok(backup_choose(d, "2026-11-24T20:33:59.123Z", name));
    assert_string_equal(name, one.name);
    assert_ok(backup_choose(d, two.name, name));
    assert_string_equal(name, two.name);
    assert_fails(backup_choose(d, "2026-11-24T20:33:58", name), RC_NOT_FOUND, "was made by");
    assert_fails(backup_choose(d, "soon", name), RC_USAGE, "--at");

    uint64_t backups, pieces;
    assert_ok(backup_keep(d, 1, &backups, &pieces));
    assert_int_equal(backups, 2);
    assert_true(pieces > 0);
    verify(d, 1);
    assert_ok(backup_keep(d, 1, &backups, &pieces));
    assert_int_equal(backups + pieces, 0);
    backup_close(d);
    end_site();
}

static rc refuse(void *arg) {
    (void)arg;
    return rc_fail(RC_DENIED, "not yet");
}

static void test_restore(void **state) {
    (void)state;
    char path[128];
    struct file to;
    struct backup_restored restored;
    begin_site();
    struct backup_dest *d = dest();
    const struct backup_result one = backup(d);
    publish(1, true);
    const struct backup_result two = backup(d);
    snprintf(path, sizeof path, "%s/new", folder);
    sh("mkdir %s", path);
    assert_ok(file_open(NULL, path, FILE_FOLDER, &to));
    /* Until the last step it is no site; then the same again ends it, and another is refused. */
    assert_fails(backup_restore(d, one.name, &to, refuse, NULL, &restored), RC_DENIED, "not yet");
    sh("! test -e %s/dateline.conf", path);
    sh("printf spoilt >%s/record/key", path);
    assert_fails(backup_restore(d, two.name, &to, NULL, NULL, &restored), RC_CONFLICT,
                 "was interrupted here");
    assert_ok(backup_restore(d, one.name, &to, NULL, NULL, &restored));
    assert_int_equal(restored.entries, 20);
    assert_int_equal(restored.files, one.files);
    sh("cmp %s/dateline.conf %s/dateline.conf && diff -r %s/themes %s/themes", path, site_path,
       path, site_path);
    sh("test -z \"$(ls %s | grep restoring)\" && ! test -e %s/media/ab/half.tmp", path, path);
    sh("n=$(stat -c %%s %s/record/journal) && head -c $n %s/record/journal | cmp - "
       "%s/record/journal",
       path, site_path, path);
    assert_fails(backup_restore(d, one.name, &to, NULL, NULL, &restored), RC_CONFLICT, "not empty");
    uint64_t size;
    struct store *copy;
    snprintf(path, sizeof path, "%s/new/" SITE_DATABASE, folder);
    assert_ok(store_open(path, &copy));
    assert_ok(store_log_size(copy, &size));
    assert_int_equal(size, 20);
    store_close(copy);
    file_close(&to);
    backup_close(d);
    end_site();
}

/* Beside a journal that is longer; never beside another one. */
static void test_restore_store(void **state) {
    (void)state;
    char path[128];
    uint64_t size;
    struct backup_restored restored;
    begin_site();
    struct backup_dest *d = dest();
    const struct backup_result one = backup(d);
    publish(1, true);
    store_close(store);
    sh("echo 'name = Y' >%s/dateline.conf; cp %s/record/journal %s/journal", site_path, site_path,
       folder);
    sh("printf ! | dd of=%s/record/journal bs=1 seek=40 conv=notrunc status=none", site_path);
    assert_fails(backup_restore_store(d, one.name, &site, &restored), RC_CONFLICT, "differ");
    sh("cp %s/journal %s/record/journal", folder, site_path);
    assert_ok(backup_restore_store(d, one.name, &site, &restored));
    database_path(path);
    assert_ok(store_open(path, &store));
    assert_ok(store_log_size(store, &size));
    assert_int_equal(size, 20);
    sh("cmp %s/journal %s/record/journal", folder, site_path);
    sh("grep -q X %s/dateline.conf && grep -q Y %s/%s/dateline.conf", site_path, site_path,
       restored.aside);
    sh("test -s %s/%s/" SITE_DATABASE, site_path, restored.aside);
    sh("! test -e %s/restoring && ! test -e %s/store/restored", site_path, site_path);
    backup_close(d);
    end_site();
}

/* A picture that the site has spoilt is told; what a backup has of it already stays whole. */
static void test_damaged_picture(void **state) {
    char path[128];
    struct file to;
    struct backup_restored restored;
    (void)state;
    begin_site();
    struct backup_dest *d = dest();
    (void)backup(d);
    sh("printf another >>%s/media/ab/$(ls %s/media/ab | grep jpg)", site_path, site_path);
    struct backup_result r = backup(d);
    assert_int_equal(r.damaged, 1);
    assert_non_null(strstr(said, "is damaged"));
    verify(d, 2);
    snprintf(path, sizeof path, "%s/new", folder);
    sh("mkdir %s", path);
    assert_ok(file_open(NULL, path, FILE_FOLDER, &to));
    assert_ok(backup_restore(d, r.name, &to, NULL, NULL, &restored));
    sh("test \"$(cat %s/media/ab/*.jpg)\" = picture", path);
    file_close(&to);
    backup_close(d);
    end_site();
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)
    const struct CMUnitTest tests[] = {
        TEST(test_manifest), TEST(test_lines),         TEST(test_hashes),
        TEST(test_pieces),   TEST(test_whose_it_is),   TEST(test_backups),
        TEST(test_restore),  TEST(test_restore_store), TEST(test_damaged_picture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
