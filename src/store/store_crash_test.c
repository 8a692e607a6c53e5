/* The store when things go wrong: killed, every step failing, the disk full, a sync failing, the
 * file damaged. Built with DATELINE_FAULTS whatever the build was configured with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "store/testkit.h"
#include "sys/clock.h"
#include "sys/fault.h"
#include "sys/random.h"

#define T0 1795552439123
#define OK(call)                                                   \
    do {                                                           \
        rc ok_code = (call);                                       \
        if (ok_code != RC_OK) fail_msg("%s: %s", #call, rc_why()); \
    } while (0)
static const struct list_ref refs[] = {{{"all", 3}}, {{"tag/a", 5}}, {{"day/2026-11-24", 14}}};

static char folder[64], path[96];

static int make_below(const char *where) {
    snprintf(folder, sizeof folder, "%s/store-crash-XXXXXX", where);
    if (!mkdtemp(folder)) return -1;
    snprintf(path, sizeof path, "%s/dateline.db", folder);
    random_test_seed(3);
    return 0;
}

/* In memory where that can be had: nothing here asks whether the disk keeps what it was given, and
 * there are thousands of syncs. */
static int make(void **state) {
    (void)state;
    return make_below(access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
}

static int make_large(void **state) {
    (void)state;
    return make_below("/tmp");
}

static int unmake(void **state) {
    (void)state;
    char command[96];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

static void print_fault(void *ctx, struct span fault) {
    (void)ctx;
    print_message("fault: " SPAN_FMT "\n", SPAN_ARG(fault));
}

/* Opens, holds it against everything that store_check() knows, and answers the log's size. */
static uint64_t sound_size(void) {
    struct store *s;
    uint64_t size = 0;
    if (store_open(path, &s) != RC_OK) fail_msg("open: %s", rc_why());
    OK(store_log_size(s, &size));
    if (store_check(s, print_fault, NULL) != RC_OK) fail_msg("check: %s", rc_why());
    store_close(s);
    return size;
}

/* One group of n acts on random stories. */
static rc group(struct store *s, unsigned n) {
    struct arena *a = arena_new(64 << 20);
    rc code = store_begin(s);
    for (unsigned i = 0; code == RC_OK && i < n; i++) {
        unsigned story = (unsigned)(random_u64() % 50);
        code = store_savepoint(s);
        if (code != RC_OK) break;
        struct store_publish act =
            kit_revision(s, a, story, "In a group", T0, refs, random_u64() % (COUNT_OF(refs) + 1));
        code = store_publish(s, &act);
        if (code == RC_OK) code = store_savepoint_keep(s);
    }
    if (code == RC_OK) code = store_commit(s);
    arena_free(a);
    return code;
}

/* ---- killed ---- */

static _Noreturn void publish_until_killed(int tell) {
    struct store *s;
    uint64_t size;
    random_test_seed(0);
    if (store_open(path, &s) != RC_OK) _exit(9);
    for (;;) {
        if (group(s, 1 + (unsigned)(random_u64() % 16)) != RC_OK) _exit(9);
        if (store_log_size(s, &size) != RC_OK) _exit(9);
        if (write(tell, &size, sizeof size) != sizeof size) _exit(9);
        if (random_u64() % 4 == 0 && store_checkpoint(s) != RC_OK) _exit(9);
    }
}

/* What was acknowledged is there, and nothing is half there. */
static void test_killed(void **state) {
    (void)state;
    uint64_t acknowledged = 0;
    for (int round = 0; round < 40; round++) {
        int ends[2], status;
        assert_int_equal(pipe(ends), 0);
        fflush(NULL);
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) publish_until_killed(ends[1]);
        close(ends[1]);
        uint64_t told;
        bool during_open = round % 8 == 0;
        if (!during_open && read(ends[0], &told, sizeof told) == sizeof told) acknowledged = told;
        usleep((useconds_t)(random_u64() % (during_open ? 3000 : 30000)));
        kill(pid, SIGKILL);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        while (read(ends[0], &told, sizeof told) == sizeof told) acknowledged = told;
        close(ends[0]);
        uint64_t size = sound_size();
        assert_in_range(size, acknowledged,
                        acknowledged + 16); /* + a group that could not say so */
        acknowledged = size;
    }
    assert_true(acknowledged > 35);
}

/* ---- every step failing ---- */

enum { WRONG = 99, FATAL = 1, GROUP = 10 }; /* exit codes: 10 for each commit that returned */

/* After RC_FATAL nothing answers anything else, and closing is quiet. */
static _Noreturn void all_is_fatal(struct store *s, int commits) {
    uint64_t n;
    struct span value;
    struct story_row row;
    struct story_id id = kit_id(1);
    struct arena *a = arena_new(1 << 20);
    bool fatal = store_log_size(s, &n) == RC_FATAL &&
                 store_meta(s, a, SPAN("x"), &value) == RC_FATAL &&
                 store_story_by_id(s, a, &id, &row) == RC_FATAL &&
                 store_checkpoint(s) == RC_FATAL && store_code_taken(s, SPAN("zzzzzzz")) &&
                 store_begin(s) == RC_FATAL && strstr(rc_why(), "I/O error") != NULL;
    store_close(s);
    _exit(fatal ? GROUP * commits + FATAL : WRONG);
}

#define STEP(call)                                     \
    do {                                               \
        rc got = (call);                               \
        if (got == RC_FATAL) all_is_fatal(s, commits); \
        if (got != RC_OK) _exit(WRONG);                \
    } while (0)

/* A short life with every kind of writing. */
static _Noreturn void live(void) {
    struct store *s;
    int commits = 0;
    struct arena *a = arena_new(64 << 20);
    struct sha256 hash = sha256_of(SPAN("token"));
    struct held_row held = {.due = T0, .uri = SPAN("urn:h"), .draft = SPAN("{}")};
    struct store_publish act;
    struct card *cards;
    size_t count;
    uint64_t index;
    rc code = store_open(path, &s);
    if (code != RC_OK) _exit(code == RC_FATAL ? FATAL : WRONG);
    STEP(store_begin(s));
    act = kit_revision(s, a, 1, "One", T0, refs, 2);
    STEP(store_publish(s, &act));
    STEP(store_savepoint(s));
    act = kit_revision(s, a, 2, "Two", T0, refs, 3);
    STEP(store_publish(s, &act));
    store_savepoint_back(s);
    STEP(store_hold(s, &held));
    STEP(store_token_add(s, SPAN("wire"), &hash, T0));
    STEP(store_meta_set(s, SPAN("x"), SPAN("y")));
    STEP(store_commit(s));
    commits++;
    STEP(store_checkpoint(s));
    STEP(store_begin(s));
    act = kit_act(s, a, 1, ENTRY_WITHDRAWAL, T0, refs, 1);
    STEP(store_publish(s, &act));
    STEP(store_log_size(s, &index));
    STEP(store_entry_refill(s, index, kit_lost_entry(s, a, 3, ENTRY_REVISION, T0)));
    STEP(store_commit(s));
    commits++;
    STEP(store_begin(s));
    act = kit_revision(s, a, 2, "Two", T0, refs, 3);
    STEP(store_publish(s, &act));
    store_rollback(s);
    STEP(store_list_newest(s, a, SPAN("all"), 10, &cards, &count));
    store_close(s);
    _exit(GROUP * commits);
}

static int in_child(void (*run)(void), const char *rule) {
    int status;
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        if (rule) setenv("DATELINE_FAULT", rule, 1);
        run();
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* In a child, since fault_db() counts for the life of a process. */
static _Noreturn void tell_size(void) {
    _exit((int)sound_size());
}

static void test_every_step(void **state) {
    (void)state;
    static const int sizes[] = {0, 1, 3}; /* of the log after so many commits */
    int n = 1, before_commit = 0;
    for (;; n++) {
        char rule[32], command[160];
        snprintf(command, sizeof command, "rm -f %s*", path);
        assert_int_equal(system(command), 0);
        snprintf(rule, sizeof rule, "db:%d", n);
        int exit_code = in_child(live, rule);
        if (exit_code == 2 * GROUP) break;
        if (exit_code < 0 || exit_code % GROUP != FATAL) fail_msg("step %d: exit %d", n, exit_code);
        assert_int_equal(in_child(tell_size, NULL), sizes[exit_code / GROUP]);
        before_commit += exit_code == FATAL;
        assert_true(n < 1000);
    }
    print_message("%d steps, %d of them before the first commit\n", n - 1, before_commit);
    assert_true(before_commit > 80 && n > before_commit + 40); /* every part of that life failed */
}

/* ---- the disk, through a VFS whose writes and syncs can be made to fail ---- */

static sqlite3_vfs shim;
static sqlite3_vfs *real_vfs;
static const sqlite3_io_methods *real_io[4]; /* SQLite has several, by kind of file */
static sqlite3_io_methods shim_io[4];
static int fail_write_at, fail_sync_at, fail_code; /* 0: never; counted down */

static const sqlite3_io_methods *real_of(const sqlite3_file *file) {
    return real_io[file->pMethods - shim_io];
}

static int shim_write(sqlite3_file *file, const void *p, int n, sqlite3_int64 at) {
    if (fail_write_at > 0 && --fail_write_at == 0) {
        fail_write_at = -1;
        if (n > 1) real_of(file)->xWrite(file, p, n / 2, at); /* a part gets there */
        return fail_code;
    }
    return real_of(file)->xWrite(file, p, n, at);
}

static int shim_sync(sqlite3_file *file, int flags) {
    if (fail_sync_at > 0 && --fail_sync_at == 0) {
        fail_sync_at = -1;
        return SQLITE_IOERR_FSYNC;
    }
    return real_of(file)->xSync(file, flags);
}

static int shim_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                     int *out_flags) {
    (void)vfs;
    int code = real_vfs->xOpen(real_vfs, name, file, flags, out_flags);
    if (!file->pMethods) return code;
    size_t i = 0;
    while (real_io[i] && real_io[i] != file->pMethods) i++;
    assert_true(i < COUNT_OF(real_io));
    real_io[i] = file->pMethods;
    shim_io[i] = *file->pMethods;
    shim_io[i].xWrite = shim_write;
    shim_io[i].xSync = shim_sync;
    file->pMethods = &shim_io[i];
    return code;
}

static int make_with_shim(void **state) {
    real_vfs = sqlite3_vfs_find(NULL);
    shim = *real_vfs;
    shim.zName = "shim";
    shim.pNext = NULL;
    shim.xOpen = shim_open;
    fail_write_at = fail_sync_at = 0;
    return sqlite3_vfs_register(&shim, 1) == SQLITE_OK ? make(state) : -1;
}

static int unmake_with_shim(void **state) {
    sqlite3_vfs_unregister(&shim);
    return unmake(state);
}

/* RC_FULL at whichever write: nothing is kept, and the same store goes on when there is room. */
static void test_full(void **state) {
    (void)state;
    struct store *s;
    uint64_t size, before = 0;
    int refused = 0;
    OK(store_open(path, &s));
    OK(group(s, 4));
    before = 4;
    fail_code = SQLITE_FULL;
    for (int n = 1;; n++) {
        fail_write_at = n;
        rc code = group(s, 3);
        if (code == RC_OK) break;
        assert_int_equal(code, RC_FULL);
        assert_string_not_equal(rc_why(), "");
        OK(store_log_size(s, &size));
        assert_true(size == before);
        OK(store_check(s, print_fault, NULL));
        OK(group(s, 1));
        before++;
        refused++;
    }
    assert_true(refused > 5);
    fail_write_at = 1;
    assert_int_equal(store_checkpoint(s), RC_FULL);
    OK(store_checkpoint(s));
    before += 3;
    store_close(s);
    assert_true(sound_size() == before);
}

/* A verb that meets the full disk: the group is gone at once, and every verb says so until its end.
 */
static void test_lost_group(void **state) {
    (void)state;
    struct store *s;
    uint64_t size;
    struct arena *a = arena_new(64 << 20);
    OK(store_open(path, &s));
    static char big[8 << 20];
    OK(store_begin(s));
    OK(store_meta_set(s, SPAN("small"), SPAN("x")));
    OK(store_savepoint(s));
    fail_code = SQLITE_FULL;
    fail_write_at = 1;
    rc code = RC_OK;
    for (int i = 0; code == RC_OK && i < 9; i++) /* more than the page cache holds */
        code = store_meta_set(s, span_of((char[]){(char)('a' + i)}, 1), span_of(big, sizeof big));
    assert_int_equal(code, RC_FULL);
    struct span value;
    assert_int_equal(store_log_size(s, &size), RC_FULL);
    assert_int_equal(store_meta_set(s, SPAN("small"), SPAN("y")), RC_FULL);
    store_savepoint_back(s);
    assert_int_equal(store_savepoint(s), RC_FULL);
    assert_int_equal(store_commit(s), RC_FULL);
    assert_int_equal(store_meta(s, a, SPAN("small"), &value), RC_NOT_FOUND);
    OK(store_begin(s));
    OK(store_meta_set(s, SPAN("small"), SPAN("z")));
    OK(store_commit(s));
    OK(store_meta(s, a, SPAN("small"), &value));
    arena_free(a);
    store_close(s);
    assert_true(sound_size() == 0);
}

/* A failed sync or write is final for this process; the next one finds all or nothing of the group.
 */
static void test_final(void **state) {
    (void)state;
    uint64_t before = 0;
    for (int n = 0; n < 14; n++) {
        struct store *s;
        uint64_t size;
        OK(store_open(path, &s));
        OK(group(s, 2));
        before += 2;
        fail_code = n % 2 ? SQLITE_IOERR_WRITE : SQLITE_IOERR_FSYNC;
        if (n == 0)
            fail_sync_at = 1;
        else
            fail_write_at = n;
        assert_int_equal(group(s, 3), RC_FATAL);
        assert_int_equal(store_log_size(s, &size), RC_FATAL);
        assert_int_equal(store_begin(s), RC_FATAL);
        assert_int_equal(store_checkpoint(s), RC_FATAL);
        store_close(s);
        size = sound_size();
        assert_true(size == before || size == before + 3);
        before = size;
    }
    struct store *s;
    OK(store_open(path, &s));
    OK(group(s, 2));
    fail_sync_at = 2; /* the WAL's is the first, the database's the second */
    assert_int_equal(store_checkpoint(s), RC_FATAL);
    assert_int_equal(store_begin(s), RC_FATAL);
    store_close(s);
    assert_true(sound_size() == before + 2);
}

static off_t wal_bytes(void) {
    struct stat st;
    char wal[128];
    snprintf(wal, sizeof wal, "%s-wal", path);
    assert_int_equal(stat(wal, &st), 0);
    return st.st_size;
}

/* The largest that the WAL was after one of so many commits of 4 MiB. */
static off_t commit_big(struct store *s, int times) {
    static char big[4 << 20];
    off_t largest = 0;
    for (int i = 0; i < times; i++) {
        random_bytes(big, sizeof big);
        OK(store_begin(s));
        OK(store_meta_set(s, SPAN("big"), span_of(big, sizeof big)));
        OK(store_commit(s));
        if (wal_bytes() > largest) largest = wal_bytes();
    }
    return largest;
}

/* The WAL is brought in by store_begin() when nobody else does it. Who reads an old state from
 * outside lets it grow, but stops nobody. */
static void test_wal_bound(void **state) {
    (void)state;
    struct store *s;
    sqlite3 *db;
    OK(store_open(path, &s));
    assert_in_range(commit_big(s, 40), 64 << 20, 80 << 20); /* 160 MiB were written */
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "BEGIN; SELECT count(*) FROM meta", NULL, NULL, NULL),
                     SQLITE_OK);
    assert_true(commit_big(s, 26) > 100 << 20);
    sqlite3_close(db);
    commit_big(s, 8);
    assert_true(wal_bytes() < 64 << 20); /* begun anew, and cut */
    OK(store_checkpoint(s));
    store_close(s);
    sound_size();
}

/* ---- a damaged file ---- */

static void write_file(struct span bytes) {
    char command[160];
    snprintf(command, sizeof command, "rm -f %s*", path);
    assert_int_equal(system(command), 0);
    FILE *f = fopen(path, "w");
    assert_true(fwrite(bytes.p, 1, bytes.n, f) == bytes.n);
    fclose(f);
}

static struct span read_file(void) {
    static char bytes[4 << 20];
    FILE *f = fopen(path, "r");
    size_t n = fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    return span_of(bytes, n);
}

static void count_fault(void *ctx, struct span fault) {
    assert_true(fault.n > 0);
    ++*(int *)ctx;
}

static void expect_bearable(rc code) {
    if (code == RC_OK || code == RC_CORRUPT || code == RC_CONFLICT || code == RC_NOT_FOUND ||
        code == RC_INVALID || code == RC_DENIED || code == RC_TOO_BIG)
        return;
    fail_msg("%s: %s", rc_name(code), rc_why());
}

/* Reads and writes whatever is there; true if the check, or opening, found something. */
static bool use_damaged(void) {
    struct store *s;
    rc code = store_open(path, &s);
    expect_bearable(code);
    if (code != RC_OK) return true;
    int faults = 0;
    rc checked = store_check(s, count_fault, &faults);
    expect_bearable(checked);
    struct arena *a = arena_new(64 << 20);
    struct card *cards;
    struct list_info *lists;
    struct span *entries;
    size_t count;
    expect_bearable(store_list_newest(s, a, SPAN("all"), 100, &cards, &count));
    expect_bearable(store_lists(s, a, SPAN(""), SPAN(""), 100, &lists, &count));
    expect_bearable(store_entries(s, a, 0, 100, &entries, &count));
    code = store_begin(s);
    expect_bearable(code);
    if (code == RC_OK) {
        struct store_publish act = kit_revision(s, a, 60, "On damaged ground", T0, refs, 3);
        expect_bearable(store_publish(s, &act));
        store_rollback(s);
    }
    arena_free(a);
    store_close(s);
    return checked != RC_OK;
}

static struct span sound_file(void) {
    struct store *s;
    OK(store_open(path, &s));
    for (int i = 0; i < 6; i++) OK(group(s, 6));
    store_close(s);
    return read_file();
}

static void test_flipped(void **state) {
    (void)state;
    struct span sound = sound_file();
    char *bytes = malloc(sound.n);
    int noticed = 0, flips = 250;
    for (int i = 0; i < flips; i++) {
        memcpy(bytes, sound.p, sound.n);
        size_t at =
            i < 100 ? (size_t)i : random_u64() % sound.n; /* the whole header, then anywhere */
        bytes[at] = (char)(bytes[at] ^ (1 << random_u64() % 8));
        write_file(span_of(bytes, sound.n));
        noticed += use_damaged();
    }
    free(bytes);
    print_message("%d of %d flipped bits were noticed\n", noticed, flips);
    assert_true(noticed > flips / 4); /* most others fell on free bytes */
}

static void test_cut(void **state) {
    (void)state;
    struct span sound = sound_file();
    for (int i = 1; i <= 30; i++) {
        size_t n = sound.n * (size_t)i / 31 + (i % 2 ? 0 : (size_t)i);
        write_file(span_sub(sound, 0, n < 1 ? 1 : n));
        assert_true(use_damaged());
    }
    write_file(span_sub(sound, 0, sound.n - 4096));
    assert_true(use_damaged());
    write_file(sound);
    assert_false(use_damaged());
}

int main(int argc, char **argv) {
    if (argc > 1) cmocka_set_test_filter(argv[1]);
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)
#define SHIM(name) cmocka_unit_test_setup_teardown(name, make_with_shim, unmake_with_shim)
    const struct CMUnitTest tests[] = {
        /* first: fault_db() counts from the start of this process */
        TEST(test_every_step), TEST(test_killed),
        SHIM(test_full),       SHIM(test_lost_group),
        SHIM(test_final),      cmocka_unit_test_setup_teardown(test_wal_bound, make_large, unmake),
        TEST(test_flipped),    TEST(test_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
