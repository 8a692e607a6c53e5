/* Every verb of store.h, through it, and what each refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/db.h"
#include "store/testkit.h"
#include "story/canon.h"
#include "sys/random.h"

#define T0 1795552439123
#define OK(call) assert_int_equal((call), RC_OK)

static char folder[64], path[96];
static struct store *s;
static struct arena *a;

static int make(void **state) {
    (void)state;
    strcpy(folder, "/tmp/store-test-XXXXXX");
    if (!mkdtemp(folder)) return -1;
    snprintf(path, sizeof path, "%s/dateline.db", folder);
    a = arena_new(64 << 20);
    random_test_seed(7);
    return store_open(path, &s) == RC_OK ? 0 : -1;
}

static int unmake(void **state) {
    (void)state;
    char command[96];
    store_close(s);
    arena_free(a);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

static void reopen(void) {
    store_close(s);
    s = NULL;
    OK(store_open(path, &s));
}

static void assert_span(struct span got, const char *wanted) {
    if (!span_eq(got, span_str(wanted)))
        fail_msg("\"" SPAN_FMT "\" is not \"%s\"", SPAN_ARG(got), wanted);
}

static void print_fault(void *ctx, struct span fault) {
    (void)ctx;
    print_message("fault: " SPAN_FMT "\n", SPAN_ARG(fault));
}

static void assert_sound(void) {
    OK(store_check(s, print_fault, NULL));
}

/* Runs SQL on the file behind the store's back. */
static void behind(const char *sql) {
    sqlite3 *db;
    store_close(s);
    s = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    char *why = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK) fail_msg("%s: %s", sql, why);
    sqlite3_close(db);
}

#define REFS(...) ((struct list_ref[]){__VA_ARGS__})
#define REF(key) \
    { SPAN(key) }

static void publish(const struct store_publish *act) {
    OK(store_begin(s));
    rc code = store_publish(s, act);
    if (code != RC_OK) fail_msg("publish: %s", rc_why());
    OK(store_commit(s));
}

static void revise(unsigned story, const char *headline, ms_t at, const struct list_ref *lists,
                   size_t n) {
    struct store_publish act = kit_revision(s, a, story, headline, at, lists, n);
    publish(&act);
}

static void act_on(unsigned story, enum entry_type type, ms_t at, const struct list_ref *lists,
                   size_t n) {
    struct store_publish act = kit_act(s, a, story, type, at, lists, n);
    publish(&act);
}

/* An act that is refused with `code`, changes nothing, and leaves the group usable. */
static void refused(const struct store_publish *act, rc code) {
    uint64_t before, after;
    OK(store_log_size(s, &before));
    OK(store_begin(s));
    OK(store_savepoint(s));
    rc_why_clear();
    assert_int_equal(store_publish(s, act), code);
    assert_string_not_equal(rc_why(), "");
    store_savepoint_back(s);
    OK(store_commit(s));
    OK(store_log_size(s, &after));
    assert_true(before == after);
}

/* ---- opening ---- */

static void test_open(void **state) {
    (void)state;
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    uint64_t size;
    OK(store_log_size(s, &size));
    assert_int_equal(size, 0);
    OK(store_outbox_last(s, &size));
    assert_int_equal(size, 0);
    assert_sound();
    reopen();
    assert_sound();

    behind("PRAGMA user_version=1000");
    assert_int_equal(store_open(path, &s), RC_CONFLICT);
    assert_non_null(strstr(rc_why(), "newer Dateline"));
    behind("PRAGMA user_version=0");
    assert_int_equal(store_open(path, &s), RC_CORRUPT);
    behind("PRAGMA user_version=3; PRAGMA application_id=5");
    assert_int_equal(store_open(path, &s), RC_CORRUPT);
    assert_non_null(strstr(rc_why(), "not one of Dateline"));
    behind("PRAGMA application_id=0x444c4e31; DROP TABLE meta");
    assert_int_equal(store_open(path, &s), RC_CORRUPT);
    assert_int_equal(store_open("/nowhere/at/all.db", &s), RC_NOT_FOUND);
    assert_null(s);

    char other[128];
    snprintf(other, sizeof other, "%s/text", folder);
    FILE *f = fopen(other, "w");
    for (int i = 0; i < 1000; i++) fputs("this is no database\n", f);
    fclose(f);
    assert_int_equal(store_open(other, &s), RC_CORRUPT);
}

/* Another process may look at a running site's database, and not stop it. */
static void test_second_reader(void **state) {
    (void)state;
    revise(1, "One", T0, NULL, 0);
    sqlite3 *db;
    sqlite3_stmt *q;
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "BEGIN", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT count(*) FROM entries", -1, &q, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(q), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int(q, 0), 1);
    revise(2, "Two", T0, NULL, 0);
    OK(store_checkpoint(s));
    sqlite3_reset(q);
    assert_int_equal(sqlite3_step(q), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int(q, 0), 1);
    sqlite3_finalize(q);
    sqlite3_close(db);
    OK(store_checkpoint(s));
    assert_sound();
    /* Somebody who writes there is in the way, and only for as long. */
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(store_begin(s), RC_BUSY);
    struct story_row row;
    struct story_id id = kit_id(1);
    OK(store_story_by_id(s, a, &id, &row));
    sqlite3_close(db);
    revise(3, "Three", T0, NULL, 0);
    assert_sound();
}

/* ---- stories ---- */

static void test_story(void **state) {
    (void)state;
    struct story_row row;
    struct story_id id = kit_id(1);
    assert_int_equal(store_story_by_id(s, a, &id, &row), RC_NOT_FOUND);
    assert_non_null(strstr(rc_why(), "00000001"));
    assert_int_equal(store_story_by_uri(s, a, SPAN("urn:kit:1"), &row), RC_NOT_FOUND);
    assert_int_equal(store_story_by_code(s, a, SPAN("2222223"), &row), RC_NOT_FOUND);
    assert_int_equal(store_story_by_path(s, a, SPAN("/x"), &row), RC_NOT_FOUND);

    struct store_publish act = kit_revision(s, a, 1, "One", T0, NULL, 0);
    publish(&act);
    OK(store_story_by_id(s, a, &id, &row));
    assert_int_equal(row.state, STORY_PUBLISHED);
    assert_int_equal(row.number, 1);
    assert_int_equal(row.last_entry, 0);
    assert_span(row.uri, "urn:kit:1");
    assert_true(row.has_version && row.version == 1);
    assert_true(sha256_eq(&row.content, &act.row.content));
    assert_span(row.path, "/2026/11/24/story-1");
    assert_span(row.code, "2222223");
    assert_true(row.published == T0 && row.updated == T0);
    assert_int_equal(row.reason.n, 0);
    assert_false(row.text_lost);
    OK(store_story_by_uri(s, a, SPAN("urn:kit:1"), &row));
    OK(store_story_by_code(s, a, SPAN("2222223"), &row));
    OK(store_story_by_path(s, a, SPAN("/2026/11/24/story-1"), &row));
    assert_memory_equal(row.id.bytes, id.bytes, STORY_ID_BYTES);

    /* A second revision on another path: the first still leads there. */
    act = kit_revision(s, a, 1, "One, again", T0 + 5, NULL, 0);
    act.row.path = act.derive->path = SPAN("/moved");
    struct buf b;
    struct span *parts;
    size_t count;
    buf_init(&b, 1 << 20);
    OK(canon_write(act.derive, &b));
    act.canonical = arena_copy(a, buf_span(&b));
    buf_done(&b);
    OK(canon_parts(a, act.canonical, &parts, &count));
    struct entry entry;
    OK(entry_read(act.entry, &entry));
    entry.root = parts_root(parts, act.salts, count);
    buf_init(&b, ENTRY_BYTES_MAX);
    entry_write(&entry, &b);
    act.entry = buf_span(&b);
    publish(&act);
    buf_done(&b);
    OK(store_story_by_path(s, a, SPAN("/2026/11/24/story-1"), &row));
    assert_span(row.path, "/moved");
    assert_true(row.published == T0 && row.updated == T0 + 5);
    assert_int_equal(row.number, 2);
    assert_int_equal(row.last_entry, 1);

    struct span free_path;
    struct story_id other = kit_id(9);
    OK(store_path_free(s, a, SPAN("/2026/11/24/story-1"), &id, &free_path));
    assert_span(free_path, "/2026/11/24/story-1");
    OK(store_path_free(s, a, SPAN("/2026/11/24/story-1"), &other, &free_path));
    assert_span(free_path, "/2026/11/24/story-1-2");
    OK(store_path_free(s, a, SPAN("/new"), &other, &free_path));
    assert_span(free_path, "/new");
    assert_true(store_code_taken(s, SPAN("2222223")));
    assert_false(store_code_taken(s, SPAN("zzzzzzz")));

    revise(2, "Two", T0, NULL, 0);
    uint64_t at = 0;
    OK(store_story_next(s, a, at, &at, &row));
    assert_memory_equal(row.id.bytes, id.bytes, STORY_ID_BYTES);
    OK(store_story_next(s, a, at, &at, &row));
    assert_int_equal(row.id.bytes[3], 2);
    assert_int_equal(store_story_next(s, a, at, &at, &row), RC_NOT_FOUND);
    assert_int_equal(store_story_next(s, a, UINT64_MAX, &at, &row), RC_NOT_FOUND);
    assert_sound();
}

static void test_path_free_ends(void **state) {
    (void)state;
    struct span free_path;
    struct story_id id = kit_id(1), other = kit_id(2);
    revise(1, "One", T0, NULL, 0);
    behind("WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i+1 FROM n WHERE i < 9999) "
           "INSERT INTO paths SELECT '/2026/11/24/story-1-' || i, 1, zeroblob(8) FROM n");
    OK(store_open(path, &s));
    OK(store_path_free(s, a, SPAN("/2026/11/24/story-1"), &other, &free_path));
    assert_span(free_path, "/2026/11/24/story-1-10000");
    behind("INSERT INTO paths VALUES ('/2026/11/24/story-1-10000', 1, zeroblob(8))");
    OK(store_open(path, &s));
    assert_int_equal(store_path_free(s, a, SPAN("/2026/11/24/story-1"), &other, &free_path),
                     RC_CONFLICT);
    OK(store_path_free(s, a, SPAN("/2026/11/24/story-1"), &id, &free_path));
}

static void test_refusals(void **state) {
    (void)state;
    revise(1, "One", T0, NULL, 0);
    struct store_publish good = kit_revision(s, a, 2, "Two", T0, NULL, 0), act = good;
    struct revision derive;
#define REFUSE(code, change)   \
    do {                       \
        act = good;            \
        derive = *good.derive; \
        act.derive = &derive;  \
        change;                \
        refused(&act, code);   \
    } while (0)
    REFUSE(RC_CONFLICT, {
        act.entry_index = 0;
        act.row.last_entry = 0;
    });
    REFUSE(RC_CONFLICT, {
        act.entry_index = 2;
        act.row.last_entry = 2;
    });
    REFUSE(RC_INVALID, act.row.last_entry = 0);
    REFUSE(RC_INVALID, act.entry.n--);
    REFUSE(RC_INVALID, act.row.id = kit_id(3));
    REFUSE(RC_INVALID, act.row.number = 2);
    REFUSE(RC_INVALID, act.has_revision = false);
    REFUSE(RC_INVALID, act.salts.n -= 1);
    REFUSE(RC_INVALID, act.salts.n -= SALT_BYTES);
    REFUSE(RC_INVALID, act.canonical.n = 0);
    REFUSE(RC_INVALID, derive.path = SPAN("/elsewhere"));
    REFUSE(RC_INVALID, act.derive = NULL);
    REFUSE(RC_CONFLICT, act.row.state = STORY_WITHDRAWN);
    REFUSE(RC_CONFLICT, act.row.state = STORY_PRIVATE);
    REFUSE(RC_CONFLICT, act.row.uri = SPAN("urn:kit:1"));
    REFUSE(RC_CONFLICT, act.row.path = derive.path = SPAN("/2026/11/24/story-1"));
    REFUSE(RC_CONFLICT, act.row.code = derive.code = SPAN("2222223"));
    REFUSE(RC_TOO_BIG, act.row.version = (uint64_t)INT64_MAX + 1);
    REFUSE(RC_TOO_BIG, act.list_count = 2049);
    REFUSE(RC_CONFLICT, { /* "previous" of another entry */
                          struct entry entry;
                          OK(entry_read(act.entry, &entry));
                          entry.previous = 0;
                          struct buf b;
                          buf_init(&b, 512);
                          entry_write(&entry, &b);
                          act.entry = arena_copy(a, buf_span(&b));
                          buf_done(&b);
    });
    act = good;
    act.row.version = INT64_MAX;
    publish(&act);
    struct story_row row;
    OK(store_story_by_id(s, a, &good.row.id, &row));
    assert_true(row.version == INT64_MAX);

    act = kit_revision(s, a, 2, "Two", T0, NULL, 0);
    act.row.code = act.derive->code = SPAN("zzzzzzz");
    refused(&act, RC_CONFLICT); /* a code is for ever */
    act = kit_act(s, a, 7, ENTRY_WITHDRAWAL, T0, NULL, 0);
    refused(&act, RC_CONFLICT); /* nobody knows story 7 */
    act = kit_act(s, a, 2, ENTRY_WITHDRAWAL, T0, NULL, 0);
    act.parts_json.n = 0;
    refused(&act, RC_INVALID);
    act = kit_act(s, a, 2, ENTRY_WITHDRAWAL, T0, NULL, 0);
    act.row.number = 2;
    refused(&act, RC_CONFLICT);
    assert_sound();
}

static void test_lists_limit(void **state) {
    (void)state;
    static struct list_ref refs[2049];
    for (int i = 0; i < 2049; i++) refs[i].key = arena_printf(a, "tag/%d", i);
    revise(1, "One", T0, refs, 2048);
    struct store_publish act = kit_revision(s, a, 1, "One", T0, refs + 2048, 1);
    refused(&act, RC_TOO_BIG); /* the 1025th in its life */
    revise(1, "One", T0, refs, 2048);
    assert_sound();
}

/* ---- groups ---- */

static void test_groups(void **state) {
    (void)state;
    struct story_row row;
    struct story_id one = kit_id(1), two = kit_id(2), three = kit_id(3);
    OK(store_begin(s));
    struct store_publish act = kit_revision(s, a, 1, "One", T0, REFS(REF("all")), 1);
    OK(store_publish(s, &act));
    OK(store_savepoint(s));
    act = kit_revision(s, a, 2, "Two", T0, REFS(REF("all")), 1);
    OK(store_publish(s, &act));
    store_savepoint_back(s);
    OK(store_savepoint(s));
    act = kit_revision(s, a, 3, "Three", T0, REFS(REF("all")), 1);
    OK(store_publish(s, &act));
    OK(store_savepoint_keep(s));
    OK(store_story_by_id(s, a, &three, &row)); /* reads within see their own writes */
    OK(store_commit(s));
    OK(store_story_by_id(s, a, &one, &row));
    OK(store_story_by_id(s, a, &three, &row));
    assert_int_equal(row.last_entry, 1);
    assert_int_equal(store_story_by_id(s, a, &two, &row), RC_NOT_FOUND);

    OK(store_begin(s));
    act = kit_revision(s, a, 2, "Two", T0, REFS(REF("all")), 1);
    OK(store_publish(s, &act));
    store_rollback(s);
    assert_int_equal(store_story_by_id(s, a, &two, &row), RC_NOT_FOUND);
    reopen();
    struct list_info info;
    OK(store_list_info(s, a, SPAN("all"), &info));
    assert_int_equal(info.places, 2);
    assert_sound();
}

/* ---- revisions and entries ---- */

static void test_entries(void **state) {
    (void)state;
    struct store_publish first = kit_revision(s, a, 1, "One", T0, NULL, 0);
    publish(&first);
    revise(3, "Three", T0, NULL, 0);
    struct store_publish withdrawal = kit_act(s, a, 1, ENTRY_WITHDRAWAL, T0 + 1, NULL, 0);
    publish(&withdrawal);

    struct revision_row revision;
    OK(store_revision(s, a, &first.row.id, 1, &revision));
    assert_int_equal(revision.entry_index, 0);
    assert_true(span_eq(revision.canonical, first.canonical) &&
                span_eq(revision.salts, first.salts));
    assert_false(revision.text_lost);
    assert_int_equal(store_revision(s, a, &first.row.id, 2, &revision), RC_NOT_FOUND);

    struct entry_row row;
    OK(store_entry(s, a, 0, &row));
    assert_true(row.has_story && row.has_revision && row.number == 1 && !row.text_lost);
    assert_true(span_eq(row.entry, first.entry) && span_eq(row.canonical, first.canonical));
    assert_true(span_eq(row.salts, first.salts) && row.parts_json.n == 0);
    OK(store_entry(s, a, 2, &row));
    assert_true(row.has_story && !row.has_revision && !row.text_lost);
    assert_true(span_eq(row.parts_json, withdrawal.parts_json) &&
                span_eq(row.salts, withdrawal.salts));
    assert_int_equal(store_entry(s, a, 3, &row), RC_NOT_FOUND);
    assert_int_equal(store_entry(s, a, UINT64_MAX, &row), RC_NOT_FOUND);

    struct span *entries;
    size_t count;
    OK(store_entries(s, a, 0, 10, &entries, &count));
    assert_int_equal(count, 3);
    assert_true(span_eq(entries[2], withdrawal.entry));
    OK(store_entries(s, a, 1, 1, &entries, &count));
    assert_int_equal(count, 1);
    OK(store_entries(s, a, 3, 10, &entries, &count));
    assert_int_equal(count, 0);
    OK(store_entries(s, a, UINT64_MAX, SIZE_MAX, &entries, &count));
    assert_int_equal(count, 0);

    struct outbox_row *rows;
    uint64_t last;
    OK(store_outbox_last(s, &last));
    assert_int_equal(last, 3);
    OK(store_outbox(s, a, 0, 2, &rows, &count));
    assert_int_equal(count, 2);
    assert_true(rows[0].sequence == 1 && rows[1].sequence == 2 && rows[1].entry_index == 1);
    OK(store_outbox(s, a, 2, 10, &rows, &count));
    assert_int_equal(count, 1);
    assert_memory_equal(rows[0].story.bytes, first.row.id.bytes, STORY_ID_BYTES);
    OK(store_outbox(s, a, 3, 10, &rows, &count));
    assert_int_equal(count, 0);

    struct arena *small = arena_new(64);
    assert_int_equal(store_revision(s, small, &first.row.id, 1, &revision), RC_TOO_BIG);
    assert_int_equal(store_entries(s, small, 0, 10, &entries, &count), RC_TOO_BIG);
    arena_free(small);
    assert_sound();
}

/* What is hashed when written is hashed again when read. */
static void test_changed_text(void **state) {
    (void)state;
    revise(1, "One", T0, NULL, 0);
    act_on(1, ENTRY_WITHDRAWAL, T0, NULL, 0);
    behind("UPDATE revisions SET canonical = CAST(replace(CAST(canonical AS TEXT), 'One', 'Own') "
           "AS BLOB)");
    assert_int_equal(store_open(path, &s), RC_OK);
    struct story_id id = kit_id(1);
    struct revision_row revision;
    struct entry_row row;
    assert_int_equal(store_revision(s, a, &id, 1, &revision), RC_CORRUPT);
    assert_int_equal(store_entry(s, a, 0, &row), RC_CORRUPT);
    OK(store_entry(s, a, 1, &row));
    assert_int_equal(store_check(s, print_fault, NULL), RC_CORRUPT);
}

static void test_withdraw(void **state) {
    (void)state;
    struct story_row row;
    struct story_id id = kit_id(1);
    struct card *cards;
    size_t count;
    revise(1, "One", T0, REFS(REF("all"), REF("tag/a")), 2);
    act_on(1, ENTRY_WITHDRAWAL, T0 + 10, REFS(REF("all")), 1);
    OK(store_story_by_id(s, a, &id, &row));
    assert_int_equal(row.state, STORY_WITHDRAWN);
    assert_span(row.reason, "a \"wrong\" name");
    assert_int_equal(row.number, 1);
    assert_span(row.path, "/2026/11/24/story-1");
    OK(store_list_newest(s, a, SPAN("all"), 9, &cards, &count));
    assert_int_equal(count, 0);
    /* A new text does not bring it back, a restore does. */
    revise(1, "One, corrected", T0 + 20, REFS(REF("all")), 1);
    OK(store_list_newest(s, a, SPAN("all"), 9, &cards, &count));
    assert_int_equal(count, 0);
    act_on(1, ENTRY_RESTORE, T0 + 30, REFS(REF("all")), 1);
    OK(store_list_newest(s, a, SPAN("all"), 9, &cards, &count));
    assert_int_equal(count, 1);
    assert_span(cards[0].headline, "One, corrected");
    assert_int_equal(cards[0].place, 1);
    OK(store_list_newest(s, a, SPAN("tag/a"), 9, &cards, &count));
    assert_int_equal(count, 0);
    OK(store_story_by_id(s, a, &id, &row));
    assert_int_equal(row.reason.n, 0);
    assert_sound();
}

static void test_destroy(void **state) {
    (void)state;
    struct story_id id = kit_id(3);
    revise(3, "A name that a court took down", T0, REFS(REF("all")), 1);
    act_on(3, ENTRY_WITHDRAWAL, T0, REFS(REF("all")), 1);
    act_on(3, ENTRY_ERASE, T0, NULL, 0);
    struct story_row row;
    OK(store_story_by_id(s, a, &id, &row));
    assert_int_equal(row.state, STORY_DESTROYED);
    assert_true(store_code_taken(s, row.code));
    struct span free_path;
    struct story_id other = kit_id(4);
    OK(store_path_free(s, a, row.path, &other, &free_path));
    assert_false(span_eq(free_path, row.path));
    struct revision_row revision;
    OK(store_revision(s, a, &id, 1, &revision));
    assert_true(revision.text_lost && revision.canonical.n == 0 && revision.salts.n == 0);
    struct entry_row entry;
    OK(store_entry(s, a, 1, &entry));
    assert_true(entry.text_lost && entry.salts.n == 0);
    OK(store_entry(s, a, 2, &entry));
    assert_false(entry.text_lost); /* the erasure opens itself */
    struct store_publish act = kit_revision(s, a, 3, "Again", T0, NULL, 0);
    refused(&act, RC_CONFLICT);
    assert_sound();
    OK(store_checkpoint(s));
    store_close(s); /* takes the WAL away */
    s = NULL;
    char command[160];
    snprintf(command, sizeof command, "grep -q 'court took' %s", path);
    assert_int_not_equal(system(command), 0);
}

/* ---- refilling ---- */

static void refill(struct span entry) {
    uint64_t index;
    OK(store_log_size(s, &index));
    OK(store_begin(s));
    rc code = store_entry_refill(s, index, entry);
    if (code != RC_OK) fail_msg("refill: %s", rc_why());
    OK(store_commit(s));
}

static rc refill_once(uint64_t index, struct span entry) {
    OK(store_begin(s));
    rc code = store_entry_refill(s, index, entry);
    store_rollback(s);
    return code;
}

static void test_refill(void **state) {
    (void)state;
    struct story_id one = kit_id(1), two = kit_id(2);
    struct story_row row;
    struct card *cards;
    struct list_info info;
    size_t count;
    revise(1, "One", T0, REFS(REF("all")), 1);
    refill(kit_lost_entry(s, a, 1, ENTRY_CORRECTION, T0 + 1)); /* known story, lost text */
    refill(kit_lost_entry(s, a, 2, ENTRY_REVISION, T0 + 2));   /* unknown story */
    OK(store_story_by_id(s, a, &one, &row));
    assert_true(row.text_lost && row.number == 2 && row.last_entry == 1 &&
                row.state == STORY_PUBLISHED);
    OK(store_list_newest(s, a, SPAN("all"), 9, &cards, &count));
    assert_int_equal(count, 0);
    OK(store_story_by_id(s, a, &two, &row));
    assert_true(row.text_lost && row.number == 1 && row.last_entry == 2 && row.path.n == 0);
    assert_true(row.code.n == 0 && row.uri.n == 0 && row.published == T0 + 2);
    struct revision_row revision;
    OK(store_revision(s, a, &two, 1, &revision));
    assert_true(revision.text_lost && revision.canonical.n == 0);
    struct entry_row entry;
    OK(store_entry(s, a, 2, &entry));
    assert_true(entry.text_lost && entry.has_revision && entry.number == 1);
    uint64_t last;
    OK(store_outbox_last(s, &last));
    assert_int_equal(last, 3);
    assert_sound();

    refill(kit_lost_entry(s, a, 2, ENTRY_WITHDRAWAL, T0 + 3));
    OK(store_story_by_id(s, a, &two, &row));
    assert_int_equal(row.state, STORY_WITHDRAWN);
    OK(store_entry(s, a, 3, &entry));
    assert_true(entry.text_lost && !entry.has_revision);
    refill(kit_lost_entry(s, a, 2, ENTRY_RESTORE, T0 + 4));
    refill(kit_lost_entry(s, a, 2, ENTRY_ERASE, T0 + 5));
    OK(store_story_by_id(s, a, &two, &row));
    assert_int_equal(row.state, STORY_DESTROYED);

    /* The next revision brings the story back, on its old place. */
    revise(1, "One, third", T0 + 6, REFS(REF("all")), 1);
    OK(store_story_by_id(s, a, &one, &row));
    assert_true(!row.text_lost && row.number == 3);
    OK(store_list_info(s, a, SPAN("all"), &info));
    assert_true(info.places == 1 && info.shown == 1);
    assert_sound();

    /* An entry of no story. */
    struct buf b;
    struct entry bare = {.type = ENTRY_SITE, .previous = ENTRY_NONE, .time = T0, .parts = 1};
    buf_init(&b, ENTRY_BYTES_MAX);
    entry_write(&bare, &b);
    refill(buf_span(&b));
    buf_done(&b);
    OK(store_entry(s, a, 7, &entry));
    assert_true(!entry.has_story && entry.text_lost);
    OK(store_outbox_last(s, &last));
    assert_int_equal(last, 7); /* it is of no page */
    assert_sound();

    /* What does not fit. */
    struct span next = kit_lost_entry(s, a, 1, ENTRY_REVISION, T0);
    assert_int_equal(refill_once(7, next), RC_CONFLICT);
    assert_int_equal(refill_once(9, next), RC_CONFLICT);
    assert_int_equal(refill_once(8, span_sub(next, 0, next.n - 1)), RC_INVALID);
    assert_int_equal(refill_once(8, next), RC_OK);
    struct entry wrong;
    OK(entry_read(next, &wrong));
    wrong.previous = 2;
    buf_init(&b, ENTRY_BYTES_MAX);
    entry_write(&wrong, &b);
    assert_int_equal(refill_once(8, buf_span(&b)), RC_CORRUPT);
    buf_done(&b);
    assert_sound();
}

/* ---- held, tokens, meta ---- */

static void test_held(void **state) {
    (void)state;
    struct held_row row = {.due = T0 + 100,
                           .uri = SPAN("urn:x"),
                           .draft = SPAN("{\"a\":1}"),
                           .has_version = true,
                           .version = 4,
                           .content = sha256_of(SPAN("x")),
                           .change = CHANGE_CORRECTION,
                           .change_note = SPAN("the name")};
    struct held_row got;
    assert_int_equal(store_held_next(s, a, &got), RC_NOT_FOUND);
    OK(store_begin(s));
    OK(store_hold(s, &row));
    row.due = T0 + 50;
    row.uri = (struct span){0};
    row.has_version = false;
    row.change = CHANGE_NONE;
    row.change_note = (struct span){0};
    OK(store_hold(s, &row));
    OK(store_hold(s, &row)); /* without a uri nothing is replaced */
    OK(store_commit(s));
    OK(store_held_next(s, a, &got));
    assert_true(got.due == T0 + 50 && got.uri.n == 0 && !got.has_version &&
                got.change == CHANGE_NONE);
    OK(store_held_by_uri(s, a, SPAN("urn:x"), &got));
    assert_true(got.due == T0 + 100 && got.version == 4 && got.change == CHANGE_CORRECTION);
    assert_span(got.change_note, "the name");
    assert_span(got.draft, "{\"a\":1}");
    assert_true(sha256_eq(&got.content, &row.content));
    uint64_t old = got.id;
    got.due = T0 + 10;
    OK(store_begin(s));
    OK(store_hold(s, &got)); /* replaces */
    assert_int_equal(store_held_drop(s, old), RC_NOT_FOUND);
    OK(store_commit(s));
    OK(store_held_next(s, a, &got));
    assert_span(got.uri, "urn:x");
    OK(store_begin(s));
    OK(store_held_drop(s, got.id));
    row.has_version = true;
    row.version = (uint64_t)INT64_MAX + 1;
    assert_int_equal(store_hold(s, &row), RC_TOO_BIG);
    OK(store_commit(s));
    assert_int_equal(store_held_by_uri(s, a, SPAN("urn:x"), &got), RC_NOT_FOUND);
    assert_sound();
}

static void test_tokens(void **state) {
    (void)state;
    struct sha256 one = sha256_of(SPAN("one")), two = sha256_of(SPAN("two"));
    struct token_row row, *rows;
    size_t count;
    assert_int_equal(store_token_check(s, a, &one, &row), RC_DENIED);
    OK(store_begin(s));
    OK(store_token_add(s, SPAN("wire"), &one, T0));
    assert_int_equal(store_token_add(s, SPAN("wire"), &two, T0), RC_CONFLICT);
    assert_int_equal(store_token_add(s, SPAN("desk"), &one, T0), RC_CONFLICT);
    assert_int_equal(store_token_add(s, SPAN(""), &two, T0), RC_INVALID);
    OK(store_commit(s));
    OK(store_token_check(s, a, &one, &row));
    assert_span(row.name, "wire");
    OK(store_begin(s));
    OK(store_token_revoke(s, SPAN("wire"), T0 + 1));
    assert_int_equal(store_token_revoke(s, SPAN("wire"), T0 + 1), RC_NOT_FOUND);
    OK(store_token_add(s, SPAN("wire"), &two, T0 + 2));
    OK(store_commit(s));
    assert_int_equal(store_token_check(s, a, &one, &row), RC_DENIED);
    OK(store_token_check(s, a, &two, &row));
    OK(store_tokens(s, a, &rows, &count));
    assert_int_equal(count, 2);
    assert_true(rows[0].revoked == T0 + 1 && rows[1].revoked == 0 && rows[1].made == T0 + 2);
}

static void test_meta(void **state) {
    (void)state;
    struct span value;
    assert_int_equal(store_meta(s, a, SPAN("site.origin"), &value), RC_NOT_FOUND);
    OK(store_begin(s));
    OK(store_meta_set(s, SPAN("site.origin"), SPAN("https://a.example")));
    OK(store_meta_set(s, SPAN("site.origin"), SPAN("https://b.example")));
    OK(store_meta_set(s, SPAN("empty"), SPAN("")));
    OK(store_commit(s));
    reopen();
    OK(store_meta(s, a, SPAN("site.origin"), &value));
    assert_span(value, "https://b.example");
    OK(store_meta(s, a, SPAN("empty"), &value));
    assert_int_equal(value.n, 0);
}

/* ---- lists ---- */

static void test_lists(void **state) {
    (void)state;
    struct list_info info, *lists;
    struct card *cards;
    struct list_place *places;
    size_t count;
    assert_int_equal(store_list_info(s, a, SPAN("all"), &info), RC_NOT_FOUND);
    OK(store_list_cards(s, a, SPAN("all"), 1, 20, &cards, &count));
    assert_int_equal(count, 0);
    revise(3, "Three", T0, REFS(REF("all"), REF("tag/a"), REF("tag/a")), 3);
    revise(1, "One", T0 + 1, REFS(REF("all"), REF("tag/b")), 2);
    revise(2, "Two", T0 + 2, REFS(REF("all"), REF("tag/a")), 2);
    OK(store_begin(s));
    OK(store_list_title(s, SPAN("tag/a"), SPAN("A, the first")));
    OK(store_list_title(s, SPAN("tag/a"), SPAN("A")));
    OK(store_commit(s));

    OK(store_list_info(s, a, SPAN("tag/a"), &info));
    assert_span(info.key, "tag/a");
    assert_span(info.title, "A");
    assert_true(info.places == 2 && info.shown == 2 && info.updated == T0 + 2);
    OK(store_list_cards(s, a, SPAN("all"), 2, 3, &cards, &count));
    assert_int_equal(count, 2);
    assert_span(cards[0].headline, "One");
    assert_span(cards[1].headline, "Two");
    assert_true(cards[1].place == 3);
    OK(store_list_newest(s, a, SPAN("all"), 2, &cards, &count));
    assert_int_equal(count, 2);
    assert_span(cards[0].headline, "Two");
    OK(store_list_cards(s, a, SPAN("all"), 0, UINT64_MAX, &cards, &count));
    assert_int_equal(count, 3);
    /* Story 3 is the full sample: every field of a card. */
    assert_span(cards[0].path, "/2026/11/24/story-3");
    assert_span(cards[0].code, "2222225");
    assert_true(cards[0].standfirst.n && cards[0].section.n && cards[0].kind.n &&
                cards[0].language.n);
    assert_true(span_starts(cards[0].picture, SPAN("{\"alt\":\"")));
    assert_true(cards[0].published == T0 && cards[0].updated == T0);
    assert_int_equal(cards[1].picture.n, 0);
    OK(store_list_newest(s, a, SPAN("all"), 0, &cards, &count));
    assert_int_equal(count, 0);

    OK(store_lists(s, a, SPAN("tag/"), SPAN(""), 10, &lists, &count));
    assert_int_equal(count, 2);
    assert_span(lists[0].key, "tag/a");
    OK(store_lists(s, a, SPAN("tag/"), SPAN("tag/a"), 10, &lists, &count));
    assert_int_equal(count, 1);
    assert_span(lists[0].key, "tag/b");
    OK(store_lists(s, a, SPAN("tag/"), SPAN("tag/b"), 10, &lists, &count));
    assert_int_equal(count, 0);
    OK(store_lists(s, a, SPAN(""), SPAN(""), 1, &lists, &count));
    assert_int_equal(count, 1);
    assert_span(lists[0].key, "all");
    OK(store_lists(s, a, SPAN("day/"), SPAN(""), 10, &lists, &count));
    assert_int_equal(count, 0);

    /* Leaves a list, comes back to its place; another came in between. */
    revise(2, "Two", T0 + 3, REFS(REF("all")), 1);
    revise(4, "Four", T0 + 4, REFS(REF("tag/a")), 1);
    OK(store_list_info(s, a, SPAN("tag/a"), &info));
    assert_true(info.places == 3 && info.shown == 2 && info.updated == T0 + 4);
    OK(store_list_cards(s, a, SPAN("tag/a"), 2, 2, &cards, &count));
    assert_int_equal(count, 0);
    revise(2, "Two", T0 + 5, REFS(REF("tag/a"), REF("all")), 2);
    OK(store_list_cards(s, a, SPAN("tag/a"), 2, 2, &cards, &count));
    assert_int_equal(count, 1);
    struct story_id id = kit_id(2);
    OK(store_story_lists(s, a, &id, &places, &count));
    assert_int_equal(count, 2);
    assert_span(places[0].key, "all");
    assert_span(places[1].key, "tag/a");
    assert_true(places[0].place == 3 && places[1].place == 2);
    assert_true(places[0].stands && places[0].shown == 3 && places[1].shown == 3);
    revise(2, "Two", T0 + 6, REFS(REF("all")), 1);
    OK(store_story_lists(s, a, &id, &places, &count));
    assert_true(count == 2 && !places[1].stands && places[1].shown == 2);
    assert_sound();
}

static void test_near(void **state) {
    (void)state;
    struct neighbour *near;
    struct card card;
    size_t count;
    for (unsigned i = 1; i <= 5; i++) revise(i, "Near", T0 + i, REFS(REF("tag/a")), 1);
    act_on(3, ENTRY_WITHDRAWAL, T0 + 9, REFS(REF("tag/a")), 1);
    OK(store_list_near(s, a, SPAN("tag/a"), 2, 4, &near, &count));
    assert_int_equal(count, 2);
    assert_true(near[0].place == 2 && near[1].place == 4);
    OK(store_card(s, a, near[1].row, &card));
    const struct story_id id = kit_id(4);
    assert_memory_equal(&card.id, &id, sizeof id);
    OK(store_list_near(s, a, SPAN("tag/a"), 0, UINT64_MAX, &near, &count));
    assert_int_equal(count, 4);
    OK(store_list_near(s, a, SPAN("tag/b"), 1, 9, &near, &count));
    assert_int_equal(count, 0);
    assert_int_equal(store_card(s, a, 99, &card), RC_NOT_FOUND);
}

/* ---- translations ---- */

static void translate(unsigned story, unsigned original, ms_t at) {
    const struct story_id id = kit_id(original);
    struct store_publish act =
        kit_translation(s, a, story, "Otherwise said", at, original ? &id : NULL);
    publish(&act);
}

/* The others of its group, by their headlines' numbers: the ids of the kit. */
static void group_is(unsigned story, const char *wanted) {
    struct story_id id = kit_id(story);
    struct card *cards;
    size_t count, length = 0;
    char got[64] = "";
    OK(store_translations(s, a, &id, 9, &cards, &count));
    for (size_t i = 0; i < count; i++)
        length += (size_t)snprintf(got + length, sizeof got - length, "%u ", cards[i].id.bytes[3]);
    assert_string_equal(got, wanted);
}

static void test_translations(void **state) {
    (void)state;
    struct card *cards;
    size_t count;
    for (unsigned i = 1; i <= 4; i++) translate(i, 0, T0);
    group_is(1, "");
    translate(2, 1, T0 + 1);
    translate(3, 1, T0 + 1);
    group_is(1, "2 3 ");
    group_is(2, "1 3 ");
    group_is(3, "1 2 ");
    group_is(4, "");
    const struct story_id one = kit_id(1), two = kit_id(2);
    struct story_row row;
    struct span code;
    struct card card;
    OK(store_story_by_id(s, a, &one, &row));
    OK(store_original(s, a, &two, &code));
    assert_true(span_eq(code, row.code));
    assert_int_equal(store_original(s, a, &one, &code), RC_NOT_FOUND);
    OK(store_story_card(s, a, &one, &card));
    assert_true(span_eq(card.code, row.code) && card.entry == row.last_entry);
    const struct story_id nobody = kit_id(77);
    assert_int_equal(store_story_card(s, a, &nobody, &card), RC_NOT_FOUND);
    OK(store_translations(s, a, &one, 1, &cards, &count));
    assert_int_equal(count, 1);
    translate(4, 3, T0 + 1); /* a translation of a translation */
    group_is(1, "2 3 4 ");
    group_is(4, "1 2 3 ");
    const struct story_id three = kit_id(3);
    OK(store_translations(s, a, &three, 9, &cards, &count));
    assert_int_equal(count, 3);
    for (size_t i = 0; i < count; i++) /* who came before the third */
        assert_int_equal(cards[i].place, cards[i].id.bytes[3] < 3);
    translate(1, 4, T0 + 1); /* and the original, out of the last: a ring has an end */
    group_is(1, "2 3 4 ");
    group_is(2, "1 3 4 ");
    translate(1, 0, T0 + 1);
    translate(4, 0, T0 + 1);
    group_is(4, "");
    OK(store_story_card(s, a, &two, &card));
    const uint64_t text = card.entry;
    act_on(2, ENTRY_WITHDRAWAL, T0 + 2, NULL, 0);
    OK(store_story_card(s, a, &two, &card)); /* an act without a text leaves it the newest */
    assert_true(card.entry == text);
    group_is(1, "3 ");
    group_is(2, "1 3 "); /* for whoever tells them */
    translate(3, 0, T0 + 3);
    group_is(1, "");
    group_is(3, "");
    act_on(2, ENTRY_ERASE, T0 + 4, NULL, 0);
    group_is(2, "");
    assert_sound();
}

static void count_fault(void *ctx, struct span fault) {
    (void)fault;
    ++*(int *)ctx;
}

/* "2:b:false 1:a:wrong": place, the story's headline, what was told; newest first. */
static void notes_are(const char *key, const char *expected) {
    struct note_row *notes;
    size_t count;
    char text[512];
    struct buf b;
    OK(store_notes_newest(s, a, span_str(key), 10, &notes, &count));
    buf_init_fixed(&b, text, sizeof text - 1);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(notes[i].change, CHANGE_CORRECTION);
        buf_printf(&b, "%llu:%u:" SPAN_FMT " ", (unsigned long long)notes[i].card.place,
                   notes[i].card.id.bytes[3], SPAN_ARG(notes[i].text));
    }
    text[b.n] = 0;
    assert_string_equal(text, expected);
}

static void correct(unsigned story, ms_t at, const char *note, const char *key) {
    struct store_publish act = kit_correction(s, a, story, at, note, span_str(key));
    publish(&act);
}

static void test_notes(void **state) {
    (void)state;
    struct note_row *notes;
    struct list_place *places;
    size_t count;
    uint64_t given;
    revise(1, "a", T0, NULL, 0);
    revise(2, "b", T0, NULL, 0);
    OK(store_notes_places(s, SPAN("corrections"), &given));
    assert_int_equal(given, 0);
    correct(1, T0 + 1, "wrong", "corrections");
    correct(2, T0 + 2, "false", "corrections");
    correct(1, T0 + 3, "untrue", "corrections");
    correct(2, T0 + 4, "elsewhere", "ar:corrections");
    revise(1, "an update tells nothing", T0 + 5, NULL, 0);
    notes_are("corrections", "3:1:untrue 2:2:false 1:1:wrong ");
    notes_are("ar:corrections", "1:2:elsewhere ");
    OK(store_notes(s, a, SPAN("corrections"), 1, 2, &notes, &count));
    assert_int_equal(count, 2);
    assert_true(span_eq(notes[0].text, SPAN("wrong")) && notes[0].at == T0 + 1);
    assert_true(notes[0].entry == 2 && notes[1].entry == 3);
    struct story_id id = kit_id(1);
    OK(store_story_notes(s, a, &id, &places, &count));
    assert_int_equal(count, 2);
    assert_true(span_eq(places[0].key, SPAN("corrections")));
    /* Withdrawn, they are not shown, but keep their places; erased, they are gone. */
    act_on(1, ENTRY_WITHDRAWAL, T0 + 6, NULL, 0);
    notes_are("corrections", "2:2:false ");
    correct(2, T0 + 7, "again", "corrections");
    notes_are("corrections", "4:2:again 2:2:false ");
    act_on(1, ENTRY_RESTORE, T0 + 8, NULL, 0);
    notes_are("corrections", "4:2:again 3:1:untrue 2:2:false 1:1:wrong ");
    act_on(1, ENTRY_ERASE, T0 + 9, NULL, 0);
    notes_are("corrections", "4:2:again 2:2:false ");
    assert_sound();
    /* What tells needs a list to tell it in. */
    struct store_publish act = kit_correction(s, a, 2, T0 + 10, "x", SPAN(""));
    OK(store_begin(s));
    assert_int_equal(store_publish(s, &act), RC_INVALID);
    store_rollback(s);
    /* They are checked against the texts that told them. */
    int faults = 0;
    behind("UPDATE notes SET text = 'nothing' WHERE place = 2");
    OK(store_open(path, &s));
    assert_int_equal(store_check(s, count_fault, &faults), RC_CORRUPT);
    assert_int_equal(faults, 1);
}

/* "2<1@5:untrue" and, of one that is gone, "2<1@6!": translation, original, entry, what was told. */
static void stale_is(const char *expected) {
    static const char *const lists[] = {"corrections", "ar:corrections"};
    struct stale_row *rows;
    struct card card;
    size_t count;
    char text[512];
    struct buf b;
    buf_init_fixed(&b, text, sizeof text - 1);
    for (size_t l = 0; l <= COUNT_OF(lists); l++) {
        if (l < COUNT_OF(lists))
            OK(store_stale_told(s, a, span_str(lists[l]), 10, &rows, &count));
        else
            OK(store_stale_gone(s, a, 10, &rows, &count));
        for (size_t i = 0; i < count; i++) {
            OK(store_card(s, a, rows[i].translation, &card));
            buf_printf(&b, "%u", card.id.bytes[3]);
            OK(store_card(s, a, rows[i].original, &card));
            buf_printf(&b, "<%u@%llu", card.id.bytes[3], (unsigned long long)rows[i].entry);
            assert_int_equal(rows[i].gone, l == COUNT_OF(lists));
            buf_printf(&b, rows[i].gone ? "!" : ":" SPAN_FMT, SPAN_ARG(rows[i].text));
            buf_char(&b, ' ');
        }
    }
    text[b.n] = 0;
    assert_string_equal(text, expected);
}

static void test_stale_translations(void **state) {
    (void)state;
    uint64_t count;
    translate(1, 0, T0);                         /* 0 */
    correct(1, T0 + 1, "before", "corrections"); /* 1: before there was a translation */
    translate(2, 1, T0 + 2);                     /* 2 */
    translate(3, 1, T0 + 2);                     /* 3 */
    stale_is("");
    revise(1, "an update", T0 + 3, NULL, 0); /* 4: tells nothing */
    stale_is("");
    correct(1, T0 + 3, "wrong", "corrections");  /* 5 */
    correct(1, T0 + 4, "untrue", "corrections"); /* 6 */
    stale_is("2<1@6:untrue 3<1@6:untrue 2<1@5:wrong 3<1@5:wrong ");
    translate(2, 1, T0 + 2); /* 7: by the clock it is older */
    stale_is("3<1@6:untrue 3<1@5:wrong ");
    /* A correction of the translation is of no concern to the original, but its next version. */
    correct(3, T0 + 5, "a typo", "ar:corrections"); /* 8; which translates nothing any more */
    stale_is("");
    translate(3, 1, T0 + 6);                      /* 9 */
    act_on(1, ENTRY_WITHDRAWAL, T0 + 7, NULL, 0); /* 10 */
    stale_is("2<1@10! 3<1@10! ");
    OK(store_withdrawn_count(s, SPAN(""), &count));
    assert_int_equal(count, 1);
    OK(store_withdrawn_count(s, SPAN("/2026/11"), &count));
    assert_int_equal(count, 1);
    OK(store_withdrawn_count(s, SPAN("/2026/1"), &count));
    assert_int_equal(count, 0);
    translate(2, 1, T0 + 8); /* 11 */
    stale_is("3<1@10! ");
    act_on(3, ENTRY_WITHDRAWAL, T0 + 9, NULL, 0); /* 12: nobody reads that translation */
    stale_is("");
    act_on(3, ENTRY_RESTORE, T0 + 9, NULL, 0); /* 13 */
    stale_is("3<1@10! ");
    act_on(1, ENTRY_RESTORE, T0 + 10, NULL, 0); /* 14 */
    stale_is("");
    act_on(1, ENTRY_ERASE, T0 + 11, NULL, 0); /* 15 */
    stale_is("2<1@15! 3<1@15! ");
    OK(store_withdrawn_count(s, SPAN(""), &count));
    assert_int_equal(count, 0);
    assert_sound();
}

/* As a database was before version 5. */
static void drop_sums(void) {
    static const char *const summed[] = {"stories", "uris",   "paths", "lists",
                                         "held",    "tokens", "meta"};
    for (size_t i = 0; i < COUNT_OF(summed); i++) {
        char sql[64];
        snprintf(sql, sizeof sql, "ALTER TABLE %s DROP COLUMN sum", summed[i]);
        behind(sql);
    }
}

/* A database of the second schema: corrected stories stood in a list like any other. */
static void test_upgrade_of_notes(void **state) {
    (void)state;
    revise(1, "a", T0, REFS(REF("all")), 1);
    revise(2, "b", T0, NULL, 0);
    correct(2, T0 + 1, "false", "-");
    correct(1, T0 + 2, "wrong", "-");
    correct(1, T0 + 3, "untrue", "-");
    drop_sums();
    behind("DELETE FROM notes; DROP TABLE notes; DROP INDEX stories_gone;"
           "DROP INDEX standing_pages; ALTER TABLE stories DROP COLUMN standing;"
           "INSERT INTO lists (id, key, places, shown) VALUES (90, 'corrections', 1, 1), "
           "(91, 'ar:corrections', 2, 1);"
           "INSERT INTO list_places VALUES (90, 1, 1, 1, 1), (91, 1, 1, 2, 1), (91, 0, 2, 1, 0);"
           "PRAGMA user_version=2");
    OK(store_open(path, &s));
    notes_are("corrections", "2:1:untrue 1:1:wrong ");
    notes_are("ar:corrections", "1:2:false ");
    assert_int_equal(store_list_info(s, a, SPAN("corrections"), &(struct list_info){0}),
                     RC_NOT_FOUND);
    assert_sound();
}

/* A database of the first schema: its texts say what they translate. */
static void test_upgrade(void **state) {
    (void)state;
    translate(1, 0, T0);
    translate(2, 1, T0);
    translate(3, 1, T0);
    translate(3, 0, T0 + 1);
    act_on(1, ENTRY_WITHDRAWAL, T0 + 2, NULL, 0);
    act_on(1, ENTRY_RESTORE, T0 + 3, NULL, 0);
    drop_sums();
    behind("DROP TABLE notes; DROP INDEX stories_gone;"
           "DROP INDEX translations; ALTER TABLE stories DROP COLUMN translation_of; "
           "DROP INDEX standing_pages; ALTER TABLE stories DROP COLUMN standing; "
           "PRAGMA user_version=1");
    OK(store_open(path, &s));
    group_is(1, "2 ");
    group_is(2, "1 ");
    group_is(3, "");
    assert_sound();
}

static void pages_are(const char *wanted) {
    struct story_row *rows;
    size_t count;
    char got[200] = "";
    OK(store_standing_pages(s, a, 10, &rows, &count));
    for (size_t i = 0; i < count; i++)
        snprintf(got + strlen(got), sizeof got - strlen(got), "%u/%u ", rows[i].id.bytes[3],
                 rows[i].standing);
    assert_string_equal(got, wanted);
}

static void page(unsigned story, const char *headline, ms_t at, unsigned order) {
    struct store_publish act = kit_page(s, a, story, headline, at, order);
    publish(&act);
}

static void test_standing_pages(void **state) {
    (void)state;
    pages_are("");
    page(2, "Ethics", T0, 20);
    page(4, "Contact", T0, 10);
    page(5, "About", T0, 10);
    revise(1, "A story", T0, NULL, 0);
    pages_are("4/10 5/10 2/20 ");
    page(2, "How we work", T0 + 1, 1);
    pages_are("2/1 4/10 5/10 ");
    act_on(4, ENTRY_WITHDRAWAL, T0 + 2, NULL, 0);
    pages_are("2/1 4/10 5/10 ");
    struct store_publish lost = kit_page(s, a, 5, "Lost", T0, 3);
    lost.salts.n -= SALT_BYTES;
    refused(&lost, RC_INVALID);
    /* what it is does not change */
    struct store_publish act = kit_page(s, a, 1, "A page?", T0 + 3, 5);
    refused(&act, RC_CONFLICT);
    act = kit_revision(s, a, 2, "A story?", T0 + 3, NULL, 0);
    refused(&act, RC_CONFLICT);
    /* and its entry says it */
    act = kit_page(s, a, 7, "A page", T0 + 3, 5);
    act.derive->standing.order = 0;
    refused(&act, RC_INVALID);
    act = kit_revision(s, a, 7, "A story", T0 + 3, NULL, 0);
    act.derive->standing.order = 5;
    refused(&act, RC_INVALID);
    /* in the journal, but not here */
    refill(kit_lost_entry(s, a, 2, ENTRY_STANDARDS, T0 + 4));
    refill(kit_lost_entry(s, a, 9, ENTRY_STANDARDS, T0 + 4));
    pages_are("2/1 4/10 5/10 ");
    assert_sound();
    reopen();
    assert_sound();
    page(2, "How we work now", T0 + 5, 2);
    assert_sound();
}

/* What a list of 200,000 stories costs is decided by the plans: everything is sought by an index,
 * and nothing is sorted. But for what looks at one end of a table, or answers with all of it. */
static void test_plans(void **state) {
    (void)state;
    static const struct {
        const char *name, *text;
    } all[] = {
#define X(name, text) {#name, text},
        SQL_TABLE(X)
#undef X
    };
    static const char *const whole[] = {"LOG_LAST", "OUTBOX_LAST", "HELD_NEXT", "TOKENS"};
    sqlite3 *db;
    int looked_at = 0;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    struct store functions = {.db = db};
    assert_int_equal(sum_register(&functions), SQLITE_OK);
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        bool may_scan = strncmp(all[i].name, "CHECK_", 6) == 0; /* fsck reads everything */
        for (size_t w = 0; w < COUNT_OF(whole); w++) may_scan |= strcmp(all[i].name, whole[w]) == 0;
        char *sql = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", all[i].text);
        sqlite3_stmt *plan;
        assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &plan, NULL), SQLITE_OK);
        while (sqlite3_step(plan) == SQLITE_ROW) {
            const char *line = (const char *)sqlite3_column_text(plan, 3);
            looked_at++;
            if (may_scan) continue;
            bool sorts_few = strcmp(all[i].name, "STORY_LISTS") == 0;
            if (strcmp(line, "SCAN alike") == 0) continue; /* what the query itself has found */
            if (strstr(line, "SCAN") || (strstr(line, "TEMP B-TREE") && !sorts_few))
                fail_msg("%s: %s", all[i].name, line);
        }
        sqlite3_finalize(plan);
        sqlite3_free(sql);
    }
    sqlite3_close(db);
    assert_true(looked_at > 40);
}

/* ---- a random life, against a model that a child could keep ---- */

enum { STORIES = 40, LISTS = 7, STEPS = 500 };
static const char *const keys[LISTS] = {
    "all", "day/2026-11-24", "section/world", "tag/a", "tag/b", "tag/ç", "z"};
struct model_story {
    unsigned revisions;
    bool withdrawn, destroyed, lost;
    bool stands[LISTS];
    unsigned place[LISTS];
    char headline[32];
};
struct model {
    struct model_story stories[STORIES];
    unsigned places[LISTS], entries;
};

static bool model_shows(const struct model_story *story, int list) {
    return story->revisions && !story->withdrawn && !story->destroyed && !story->lost &&
           story->stands[list];
}

static void compare_list(const struct model *m, int list) {
    unsigned shown = 0;
    const struct model_story *at[STORIES + 1] = {0};
    for (int i = 0; i < STORIES; i++) {
        if (m->stories[i].place[list]) at[m->stories[i].place[list]] = &m->stories[i];
        shown += model_shows(&m->stories[i], list);
    }
    struct list_info info;
    rc code = store_list_info(s, a, span_str(keys[list]), &info);
    if (m->places[list] == 0) {
        assert_int_equal(code, RC_NOT_FOUND);
        return;
    }
    assert_int_equal(code, RC_OK);
    assert_int_equal(info.places, m->places[list]);
    assert_int_equal(info.shown, shown);
    struct card *cards;
    size_t count, n = 0;
    unsigned first = (unsigned)(random_u64() % (STORIES + 1)),
             last = (unsigned)(random_u64() % (STORIES + 1));
    OK(store_list_cards(s, a, span_str(keys[list]), first, last, &cards, &count));
    for (unsigned place = first ? first : 1; place <= last; place++) {
        if (!at[place] || !model_shows(at[place], list)) continue;
        assert_true(n < count && cards[n].place == place);
        assert_span(cards[n++].headline, at[place]->headline);
    }
    assert_int_equal(n, count);
    size_t wanted = random_u64() % 12;
    OK(store_list_newest(s, a, span_str(keys[list]), wanted, &cards, &count));
    n = 0;
    for (unsigned place = STORIES; place > 0 && n < wanted; place--) {
        if (!at[place] || !model_shows(at[place], list)) continue;
        assert_true(n < count && cards[n].place == place);
        n++;
    }
    assert_int_equal(n, count);
}

static void place_in_model(struct model *m, struct model_story *story, const bool *in) {
    for (int l = 0; l < LISTS; l++) {
        story->stands[l] = in[l];
        if (in[l] && !story->place[l]) story->place[l] = ++m->places[l];
    }
}

static void model_step(struct model *m) {
    unsigned n = (unsigned)(random_u64() % STORIES), kind = (unsigned)(random_u64() % 20);
    struct model_story *story = &m->stories[n];
    struct list_ref refs[LISTS];
    bool in[LISTS];
    size_t count = 0;
    for (int l = 0; l < LISTS; l++)
        if ((in[l] = random_u64() % 2)) refs[count++].key = span_str(keys[l]);
    ms_t at = T0 + m->entries;
    if (story->destroyed) return;
    struct store_publish act;
    bool again = story->revisions != 0;
    if (kind < 12 || !again) {
        snprintf(story->headline, sizeof story->headline, "Headline %u", m->entries);
        act = kit_revision(s, a, n, story->headline, at, refs, count);
        OK(store_publish(s, &act));
        story->revisions++;
        story->lost = false;
        place_in_model(m, story, in);
    } else if (kind < 18) {
        act =
            kit_act(s, a, n, story->withdrawn ? ENTRY_RESTORE : ENTRY_WITHDRAWAL, at, refs, count);
        OK(store_publish(s, &act));
        story->withdrawn = !story->withdrawn;
        place_in_model(m, story, in);
    } else if (kind == 18) {
        OK(store_entry_refill(s, m->entries, kit_lost_entry(s, a, n, ENTRY_REVISION, at)));
        story->lost = true;
        story->revisions++;
    } else if (random_u64() % 3 == 0) {
        act = kit_act(s, a, n, ENTRY_ERASE, at, NULL, 0);
        OK(store_publish(s, &act));
        story->destroyed = true;
        place_in_model(m, story, (bool[LISTS]){0});
    } else {
        return;
    }
    m->entries++;
}

static void test_random_life(void **state) {
    (void)state;
    static struct model model, kept;
    memset(&model, 0, sizeof model);
    random_test_seed(20261124);
    for (int step = 0; step < STEPS; step++) {
        OK(store_begin(s));
        kept = model;
        model_step(&model);
        if (random_u64() % 4 == 0) {
            struct model before = model;
            OK(store_savepoint(s));
            model_step(&model);
            if (random_u64() % 2)
                OK(store_savepoint_keep(s));
            else {
                store_savepoint_back(s);
                model = before;
            }
        }
        if (random_u64() % 10 == 0) {
            store_rollback(s);
            model = kept;
        } else {
            OK(store_commit(s));
        }
        for (int l = 0; l < LISTS; l++) compare_list(&model, l);
        uint64_t size;
        OK(store_log_size(s, &size));
        assert_int_equal(size, model.entries);
        if (step % 100 == 50) reopen();
        if (step % 50 == 0) {
            OK(store_checkpoint(s));
            assert_sound();
        }
        arena_reset(a);
    }
    assert_sound();
    assert_true(model.entries > 300);
}

/* ---- the check finds what is wrong ---- */

static void test_check_finds(void **state) {
    (void)state;
    static const char *const damage[] = {
        "UPDATE stories SET headline = 'other' WHERE row = 2",
        "UPDATE stories SET picture = NULL WHERE picture IS NOT NULL",
        "UPDATE stories SET updated = updated + 1 WHERE row = 2",
        "UPDATE stories SET number = 7 WHERE row = 2",
        "UPDATE stories SET last_entry = 0 WHERE row = 2",
        "UPDATE stories SET state = 'withdrawn' WHERE row = 3",
        "UPDATE stories SET text_lost = 1 WHERE row = 2",
        "UPDATE stories SET translation_of = NULL WHERE row = 4",
        "UPDATE stories SET translation_of = zeroblob(16) WHERE row = 3",
        "UPDATE stories SET row = 9 WHERE row = 5",
        "DELETE FROM paths WHERE story = 2",
        "UPDATE lists SET shown = shown - 1 WHERE key = 'all'",
        "UPDATE lists SET places = places + 1 WHERE key = 'all'",
        "UPDATE list_places SET shown = 0 WHERE place = 1",
        "UPDATE list_places SET place = 9 WHERE place = 5",
        "UPDATE entries SET idx = 99 WHERE idx = 5",
        "DELETE FROM entries WHERE idx = 2",
        "UPDATE entries SET bytes = x'41' WHERE idx = 1",
        "UPDATE entries SET bytes = (SELECT bytes FROM entries WHERE idx = 0) WHERE idx = 1",
        "UPDATE entries SET story = 1 WHERE idx = 1",
        "UPDATE entries SET story = NULL WHERE idx = 1",
        "UPDATE revisions SET salts = zeroblob(length(salts)) WHERE entry = 1",
        "UPDATE revisions SET salts = substr(salts, 33) WHERE entry = 1",
        "UPDATE revisions SET canonical = x'7b7d' WHERE entry = 1",
        "UPDATE revisions SET number = 3 WHERE entry = 1",
        "DELETE FROM revisions WHERE entry = 1",
        "UPDATE stories SET standing = 7 WHERE row = 2",
        "UPDATE stories SET standing = 7 WHERE standing IS NOT NULL",
        "UPDATE stories SET standing = NULL",
        "UPDATE acts SET parts = '[\"[[\\\"reason\\\"],\\\"x\\\"]\",\"[[\\\"status\\\"],410]\"]'",
        "UPDATE acts SET parts = '7'",
    };
    for (unsigned i = 0; i < 5; i++) revise(i, "Sound", T0, REFS(REF("all")), 1);
    act_on(1, ENTRY_WITHDRAWAL, T0, REFS(REF("all")), 1);
    page(6, "About", T0, 20);
    assert_sound();
    char sound[128], command[300];
    snprintf(sound, sizeof sound, "%s/sound", folder);
    store_close(s);
    snprintf(command, sizeof command, "cp %s %s", path, sound);
    assert_int_equal(system(command), 0);
    s = NULL;
    for (size_t i = 0; i < COUNT_OF(damage); i++) {
        snprintf(command, sizeof command, "cp %s %s", sound, path);
        assert_int_equal(system(command), 0);
        behind(damage[i]);
        OK(store_open(path, &s));
        int faults = 0;
        rc code = store_check(s, count_fault, &faults);
        if (code != RC_CORRUPT || faults == 0) fail_msg("not found: %s", damage[i]);
    }
}

/* ---- a copy from outside ---- */

/* The whole of what the snapshot has, into a file of its own. */
static void copy_snapshot(struct store_snapshot *snapshot, const char *to) {
    const uint64_t bytes = store_snapshot_bytes(snapshot);
    FILE *f = fopen(to, "w");
    char piece[STORE_PAGE_BYTES_MAX];
    assert_non_null(f);
    for (uint64_t at = 0; at < bytes; at += sizeof piece) {
        size_t n = bytes - at < sizeof piece ? (size_t)(bytes - at) : sizeof piece;
        OK(store_snapshot_read(snapshot, at, n, piece));
        assert_true(fwrite(piece, 1, n, f) == n);
    }
    assert_int_equal(fclose(f), 0);
}

/* It is of one moment, whatever is committed and brought in meanwhile, and whole without a WAL. */
static void test_snapshot(void **state) {
    (void)state;
    char copy[128];
    struct store_snapshot *snapshot;
    uint64_t size;
    snprintf(copy, sizeof copy, "%s/copy.db", folder);
    for (unsigned i = 0; i < 30; i++) revise(i, "Before", T0, REFS(REF("all")), 1);
    OK(store_checkpoint(s));
    for (unsigned i = 0; i < 10; i++) revise(i, "Before, again", T0 + 1, REFS(REF("all")), 1);
    OK(store_snapshot_open(path, &snapshot));
    OK(store_snapshot_begin(snapshot));
    assert_int_equal(store_snapshot_entries(snapshot), 40);
    for (unsigned i = 20; i < 60; i++) revise(i, "Since", T0 + 2, REFS(REF("all")), 1);
    OK(store_checkpoint(s));
    copy_snapshot(snapshot, copy);
    store_snapshot_end(snapshot);
    /* Another moment, by the same connection. */
    OK(store_snapshot_begin(snapshot));
    assert_int_equal(store_snapshot_entries(snapshot), 80);
    store_snapshot_close(snapshot);
    assert_sound();
    store_close(s);
    OK(store_open(copy, &s));
    OK(store_log_size(s, &size));
    assert_int_equal(size, 40);
    assert_sound();
}

static void test_snapshot_refuses(void **state) {
    (void)state;
    char other[128];
    struct store_snapshot *snapshot;
    sqlite3 *db;
    snprintf(other, sizeof other, "%s/other.db", folder);
    assert_int_not_equal(store_snapshot_open(other, &snapshot), RC_OK);
    assert_non_null(strstr(rc_why(), other));
    assert_int_equal(sqlite3_open(other, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "CREATE TABLE t (x)", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    assert_int_equal(store_snapshot_open(other, &snapshot), RC_CORRUPT);
    behind("PRAGMA user_version=999");
    assert_int_equal(store_snapshot_open(path, &snapshot), RC_CONFLICT);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)
    const struct CMUnitTest tests[] = {
        TEST(test_open),
        TEST(test_second_reader),
        TEST(test_story),
        TEST(test_path_free_ends),
        TEST(test_refusals),
        TEST(test_lists_limit),
        TEST(test_groups),
        TEST(test_entries),
        TEST(test_changed_text),
        TEST(test_withdraw),
        TEST(test_destroy),
        TEST(test_refill),
        TEST(test_notes),
        TEST(test_upgrade_of_notes),
        TEST(test_stale_translations),
        TEST(test_held),
        TEST(test_tokens),
        TEST(test_meta),
        TEST(test_lists),
        TEST(test_plans),
        TEST(test_random_life),
        TEST(test_check_finds),
        TEST(test_near),
        TEST(test_translations),
        TEST(test_upgrade),
        TEST(test_snapshot),
        TEST(test_snapshot_refuses),
        TEST(test_standing_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
