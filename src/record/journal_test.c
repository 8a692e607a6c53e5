/* Tests of the journal: what is kept, and what every kind of interruption leaves. */
#include "record/testing.h"

#define HEADER_BYTES 20
#define UNSYNCED_MAX (512u << 10)

/* Entry i of every journal here: 1 … 512 bytes that follow from i. */
static struct span entry_of(uint64_t i, char out[ENTRY_BYTES_MAX]) {
    size_t n = i % 7 == 0 ? ENTRY_BYTES_MAX : i % 5 == 0 ? 1 : 150 + (size_t)(i * 37 % 100);
    for (size_t k = 0; k < n; k++) out[k] = (char)('a' + (i + k * 31) % 26);
    return span_of(out, n);
}

static rc append_some(struct journal *j, uint64_t from, size_t count) {
    char *bytes = mem_new(count * ENTRY_BYTES_MAX + 1);
    struct span *entries = mem_new((count + 1) * sizeof *entries);
    for (size_t i = 0; i < count; i++) {
        entries[i] = entry_of(from + i, bytes + i * ENTRY_BYTES_MAX);
    }
    rc code = journal_append(j, from, entries, count);
    mem_free(entries);
    mem_free(bytes);
    return code;
}

static uint64_t record_bytes(uint64_t i) {
    char bytes[ENTRY_BYTES_MAX];
    return 20 + entry_of(i, bytes).n;
}

static void check_read(struct journal *j, uint64_t from, size_t count) {
    struct arena *a = arena_new(64u << 20);
    struct span *entries;
    size_t n;
    assert_ok(journal_read(j, a, from, count, &entries, &n));
    uint64_t there = from < journal_size(j) ? journal_size(j) - from : 0;
    assert_int_equal(n, count < there ? count : there);
    for (size_t i = 0; i < n; i++) {
        char bytes[ENTRY_BYTES_MAX];
        assert_true(span_eq(entries[i], entry_of(from + i, bytes)));
    }
    arena_free(a);
}

/* A new one with `count` entries, closed. */
static void make_journal(size_t count) {
    struct journal *j;
    file_gone("journal");
    assert_ok(journal_open(&folder, &j));
    assert_int_equal(journal_size(j), 0);
    if (count) assert_ok(append_some(j, 0, count));
    journal_close(j);
}

/* It opens with `size` entries, all right, and goes on. */
static void check_opens(uint64_t size) {
    struct journal *j;
    assert_ok(journal_open(&folder, &j));
    assert_int_equal(journal_size(j), size);
    check_read(j, 0, (size_t)size + 1);
    assert_ok(append_some(j, size, 3));
    journal_close(j);
    assert_ok(journal_open(&folder, &j));
    assert_int_equal(journal_size(j), size + 3);
    check_read(j, 0, (size_t)size + 4);
    journal_close(j);
}

static void the_format_is_as_written_down(void **state) {
    (void)state;
    struct journal *j;
    file_gone("journal");
    assert_ok(journal_open(&folder, &j));
    assert_ok(journal_append(j, 0, (struct span[]){SPAN("one"), SPAN("two!")}, 2));
    journal_close(j);
    struct buf b = file_bytes("journal");
    assert_int_equal(b.n, 20 + 23 + 24);
    assert_memory_equal(b.p, "dateline-journal/v1\n", 20);
    struct sha256 check = sha256_of(SPAN("\0\3\0\0\0\0\0\0\0\0one"));
    assert_memory_equal(b.p + 20, "\0\3\0\0\0\0\0\0\0\0one", 13);
    assert_memory_equal(b.p + 33, check.bytes, 8);
    assert_memory_equal(b.p + 41, "\0\3\0\4\0\0\0\0\0\0\0\1two!", 16);
    buf_done(&b);
    struct stat st;
    char path[128];
    snprintf(path, sizeof path, "%s/journal", folder_path);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

static void what_is_appended_is_read(void **state) {
    (void)state;
    struct journal *j;
    make_journal(0);
    assert_ok(journal_open(&folder, &j));
    for (uint64_t size = 0; size < 3000;) {
        size_t count = 1 + (size_t)below(below(4) ? 5 : 400);
        assert_ok(append_some(j, size, count));
        size += count;
        assert_int_equal(journal_size(j), size);
        check_read(j, size - 1, 10);
        check_read(j, below(size), (size_t)below(50));
        check_read(j, size, 10);
        if (below(3) == 0) {
            journal_close(j);
            assert_ok(journal_open(&folder, &j));
            assert_int_equal(journal_size(j), size);
        }
    }
    for (uint64_t at = 0; at < journal_size(j); at += 100) check_read(j, at, 100);
    check_read(j, 0, SIZE_MAX);
    check_read(j, UINT64_MAX, 1);
    assert_code(append_some(j, 7, 1), RC_CONFLICT);
    assert_code(append_some(j, journal_size(j) + 1, 1), RC_CONFLICT);
    assert_ok(append_some(j, journal_size(j), 0));
    struct arena *small = arena_new(1000);
    struct span *entries;
    size_t n;
    assert_code(journal_read(j, small, 0, 100, &entries, &n), RC_TOO_BIG);
    arena_free(small);
    journal_close(j);
}

static void one_on_a_descriptor(void **state) {
    (void)state;
    make_journal(5);
    struct file f;
    struct journal *j;
    assert_ok(file_open(&folder, "journal", FILE_WRITE, &f));
    assert_ok(journal_open_fd(f.fd, &j));
    assert_int_equal(journal_size(j), 5);
    assert_ok(append_some(j, 5, 2));
    journal_close(j);
    check_opens(7);
    file_set("empty", SPAN(""));
    assert_ok(file_open(&folder, "empty", FILE_WRITE, &f));
    assert_ok(journal_open_fd(f.fd, &j));
    assert_int_equal(journal_size(j), 0);
    journal_close(j);
}

struct walked {
    uint64_t count, stop_at;
};
static rc walked_one(void *arg, uint64_t index, struct span entry) {
    struct walked *w = arg;
    char bytes[ENTRY_BYTES_MAX];
    if (index == w->stop_at) return rc_fail(RC_DENIED, "enough");
    assert_int_equal(index, w->count);
    assert_true(span_eq(entry, entry_of(index, bytes)));
    w->count++;
    return RC_OK;
}

/* Whole records from the beginning, as many as are asked for; what a writer is just writing is not there. */
static void who_only_reads_walks(void **state) {
    (void)state;
    struct file f;
    struct walked w = {.stop_at = UINT64_MAX};
    uint64_t entries, bytes, all = HEADER_BYTES;
    make_journal(300);
    assert_ok(file_open(&folder, "journal", FILE_WRITE, &f));
    assert_ok(journal_walk(&f, 200, walked_one, &w, &entries, &bytes));
    for (uint64_t i = 0; i < 200; i++) all += record_bytes(i);
    assert_int_equal(w.count, 200);
    assert_int_equal(entries, 200);
    assert_int_equal(bytes, all);
    for (uint64_t i = 200; i < 299; i++) all += record_bytes(i);
    assert_ok(file_truncate(&f, all + record_bytes(299) - 1));
    assert_ok(journal_walk(&f, UINT64_MAX, NULL, NULL, &entries, &bytes));
    assert_int_equal(entries, 299);
    assert_int_equal(bytes, all);
    w = (struct walked){.stop_at = 7};
    assert_code(journal_walk(&f, UINT64_MAX, walked_one, &w, &entries, &bytes), RC_DENIED);
    assert_int_equal(w.count, 7);
    assert_ok(file_write_at(&f, 0, SPAN("D")));
    assert_code(journal_walk(&f, 1, NULL, NULL, &entries, &bytes), RC_CORRUPT);
    file_close(&f);
}

/* Cut anywhere: the whole records that are left count, and nothing else. */
static void cut_at_every_byte(void **state) {
    (void)state;
    const size_t count = 9;
    make_journal(count);
    struct buf b = file_bytes("journal");
    for (size_t n = 0; n <= b.n; n++) {
        uint64_t whole = 0, at = HEADER_BYTES;
        while (whole < count && at + record_bytes(whole) <= n) at += record_bytes(whole++);
        file_set("journal", span_of(b.p, n));
        check_opens(whole);
    }
    buf_done(&b);
}

/* Any byte changed: in the last record it is cut off; elsewhere it is damage, and nothing is
 * touched. */
static void every_byte_changed(void **state) {
    (void)state;
    const size_t count = 9;
    make_journal(count);
    struct buf b = file_bytes("journal");
    size_t last = b.n - (size_t)record_bytes(count - 1);
    for (size_t i = 0; i < b.n; i++) {
        for (unsigned bit = 0; bit < 8; bit += 7) {
            b.p[i] = (char)(b.p[i] ^ (1 << bit));
            file_set("journal", buf_span(&b));
            if (i >= last) {
                check_opens(count - 1);
            } else {
                struct journal *j;
                assert_code(journal_open(&folder, &j), RC_CORRUPT);
                if (i >= HEADER_BYTES) assert_why("damage at byte");
                struct buf now = file_bytes("journal");
                assert_true(span_eq(buf_span(&now), buf_span(&b)));
                buf_done(&now);
            }
            b.p[i] = (char)(b.p[i] ^ (1 << bit));
        }
    }
    buf_done(&b);
}

/* A power cut between write and sync: of the last append some sectors are there and others are not,
 * and the file may be shorter. What was acknowledged is there; what is there more is right. */
static void some_sectors_of_an_append_are_lost(void **state) {
    (void)state;
    for (unsigned round = 0; round < 1500; round++) {
        size_t before = (size_t)below(30), count = 1 + (size_t)below(40);
        make_journal(before);
        struct buf old = file_bytes("journal");
        struct journal *j;
        assert_ok(journal_open(&folder, &j));
        assert_ok(append_some(j, before, count));
        journal_close(j);
        struct buf b = file_bytes("journal");
        unsigned keep = (unsigned)below(4); /* few, half, most of the sectors */
        for (size_t at = old.n; at < b.n;) {
            size_t n = 512 - at % 512;
            if (n > b.n - at) n = b.n - at;
            if (below(4) > keep) memset(b.p + at, 0, n);
            at += n;
        }
        if (below(2)) {
            b.n = old.n + (size_t)below(b.n - old.n + 1);
            if (below(2) && b.n / 512 * 512 >= old.n) b.n = b.n / 512 * 512;
        }
        file_set("journal", buf_span(&b));
        assert_ok(journal_open(&folder, &j));
        uint64_t size = journal_size(j);
        assert_true(size >= before && size <= before + count);
        journal_close(j);
        check_opens(size);
        buf_done(&b);
        buf_done(&old);
    }
}

static void what_no_crash_can_leave_is_damage(void **state) {
    (void)state;
    struct journal *j;
    const size_t count = 4000;
    make_journal(count);
    struct buf b = file_bytes("journal");
    assert_true(b.n > UNSYNCED_MAX + 100000);
    /* A lost sector far before the end, and a torn end. */
    memset(b.p + 512 * 20, 0, 1024);
    file_set("journal", span_of(b.p, b.n - 3));
    assert_code(journal_open(&folder, &j), RC_CORRUPT);
    assert_why("damage at byte");
    assert_why("before a good record at byte");
    /* The end is whole: opening looks at no more; reading finds it. */
    file_set("journal", buf_span(&b));
    assert_ok(journal_open(&folder, &j));
    assert_int_equal(journal_size(j), count);
    struct arena *a = arena_new(64u << 20);
    struct span *entries;
    size_t n;
    assert_code(journal_read(j, a, 0, count, &entries, &n), RC_CORRUPT);
    assert_why("damage at byte");
    assert_ok(journal_read(j, a, count - 100, 100, &entries, &n));
    arena_free(a);
    journal_close(j);
    buf_done(&b);
    /* The same, if an early entry was cut out. */
    make_journal(count);
    b = file_bytes("journal");
    memmove(b.p + HEADER_BYTES, b.p + HEADER_BYTES + record_bytes(0),
            b.n - HEADER_BYTES - (size_t)record_bytes(0));
    b.n -= (size_t)record_bytes(0);
    file_set("journal", buf_span(&b));
    assert_ok(journal_open(&folder, &j));
    a = arena_new(64u << 20);
    assert_code(journal_read(j, a, 0, 10, &entries, &n), RC_CORRUPT);
    arena_free(a);
    journal_close(j);
    buf_done(&b);
    /* More garbage at the end than one append can leave unsynced; and just as much. */
    for (unsigned more = 0; more < 2; more++) {
        make_journal(3);
        b = file_bytes("journal");
        size_t good = b.n;
        char *room = buf_room(&b, UNSYNCED_MAX + more);
        memset(room, 'x', UNSYNCED_MAX + more);
        file_set("journal", buf_span(&b));
        if (more) {
            assert_code(journal_open(&folder, &j), RC_CORRUPT);
            assert_why("more than a crash leaves");
        } else {
            check_opens(3);
        }
        assert_true(good < b.n);
        buf_done(&b);
    }
    /* A record that counts wrong, though whole: two journals put together. */
    make_journal(4);
    b = file_bytes("journal");
    size_t first = HEADER_BYTES + (size_t)record_bytes(0);
    struct buf twice;
    buf_init(&twice, 1 << 20);
    buf_add(&twice, buf_span(&b));
    buf_add(&twice, span_from(buf_span(&b), first));
    file_set("journal", buf_span(&twice));
    assert_code(journal_open(&folder, &j), RC_CORRUPT);
    /* Without its first entry. */
    buf_clear(&twice);
    buf_add(&twice, span_sub(buf_span(&b), 0, HEADER_BYTES));
    buf_add(&twice, span_from(buf_span(&b), first));
    file_set("journal", buf_span(&twice));
    assert_code(journal_open(&folder, &j), RC_CORRUPT);
    assert_why("entry 0");
    buf_done(&twice);
    buf_done(&b);
    file_set("journal", SPAN("something else, longer than a header"));
    assert_code(journal_open(&folder, &j), RC_CORRUPT);
    assert_why("does not begin");
    file_set("journal", SPAN("datelinX"));
    assert_code(journal_open(&folder, &j), RC_CORRUPT);
    file_set("journal", span_of("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20));
    check_opens(0);
}

/* ---- processes ------------------------------------------------------------------------------- */

#define BEFORE 10
#define MORE 3000 /* several syncs */

/* In a process of its own: appends MORE entries behind what is there. Exit code: the rc. */
static int role_append(void) {
    struct journal *j;
    rc code = journal_open(&folder, &j);
    if (code != RC_OK) return code;
    uint64_t size = journal_size(j);
    code = append_some(j, size, MORE);
    /* A failure that is not final leaves it as it was; a final one is final. */
    if (code != RC_OK && journal_size(j) != size) return 90;
    struct arena *a = arena_new(1000000);
    struct span *entries;
    size_t n;
    if (code == RC_FATAL) {
        if (append_some(j, size, 1) != RC_FATAL) return 91;
        if (journal_read(j, a, 0, 1, &entries, &n) != RC_FATAL) return 92;
        if (!strstr(rc_why(), "earlier sync")) return 93;
    }
    arena_free(a);
    journal_close(j);
    return (int)code;
}

#ifdef DATELINE_FAULTS
static uint64_t size_now(void) {
    struct journal *j;
    assert_ok(journal_open(&folder, &j));
    uint64_t size = journal_size(j);
    journal_close(j);
    return size;
}

static void killed_at_every_step(void **state) {
    (void)state;
    static const struct {
        const char *point;
        uint64_t min, max; /* entries that may be there */
    } cases[] = {
        {"journal.after-append", BEFORE + 500, BEFORE + MORE - 500},
        {"journal.after-sync", BEFORE + 500, BEFORE + MORE - 500},
        {"journal.after-append:2", BEFORE + 500, BEFORE + MORE},
        {"journal.after-sync:2", BEFORE + 500, BEFORE + MORE},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        make_journal(BEFORE);
        pid_t pid = start_role("append", "DATELINE_CRASH", cases[i].point, -1);
        assert_int_equal(end_of(pid), -SIGKILL);
        uint64_t size = size_now();
        if (size < cases[i].min || size > cases[i].max) {
            fail_msg("%s: %llu entries", cases[i].point, (unsigned long long)size);
        }
        check_opens(size);
    }
    /* While a torn tail is cut off. */
    make_journal(BEFORE);
    struct buf b = file_bytes("journal");
    file_set("journal", span_of(b.p, b.n - 1));
    buf_done(&b);
    assert_int_equal(end_of(start_role("append", "DATELINE_CRASH", "journal.after-cut", -1)),
                     -SIGKILL);
    check_opens(BEFORE - 1);
}

static void every_call_fails(void **state) {
    (void)state;
    static const char *const errors[] = {"ENOSPC", "EIO"};
    for (size_t e = 0; e < COUNT_OF(errors); e++) {
        unsigned failed = 0, full = 0, fatal = 0;
        for (unsigned n = 1;; n++) {
            char rule[64];
            snprintf(rule, sizeof rule, "sys:%u:%s", n, errors[e]);
            make_journal(BEFORE);
            int code = end_of(start_role("append", "DATELINE_FAULT", rule, -1));
            if (code < 0 || code >= RC_COUNT) fail_msg("%s: %d", rule, code);
            uint64_t size = size_now();
            if (code == RC_OK)
                assert_int_equal(size, BEFORE + MORE);
            else if (code != RC_FATAL)
                assert_int_equal(size, BEFORE);
            else
                assert_true(size >= BEFORE);
            check_opens(size);
            full += code == RC_FULL;
            fatal += code == RC_FATAL;
            failed += code != RC_OK;
            if (code == RC_OK && n > 20) break;
        }
        print_message("%s: %u calls failed, %u full, %u fatal\n", errors[e], failed, full, fatal);
        assert_true(failed >= 8 && fatal >= 3);
        if (e == 0) assert_true(full >= 3);
    }
}
#endif

int main(int argc, char **argv) {
    if (argc == 3) {
        rc code = file_open(NULL, argv[2], FILE_FOLDER, &folder);
        if (code != RC_OK) return (int)code;
        return strcmp(argv[1], "append") == 0 ? role_append() : 96;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_format_is_as_written_down),
        cmocka_unit_test(what_is_appended_is_read),
        cmocka_unit_test(one_on_a_descriptor),
        cmocka_unit_test(who_only_reads_walks),
        cmocka_unit_test(cut_at_every_byte),
        cmocka_unit_test(every_byte_changed),
        cmocka_unit_test(some_sectors_of_an_append_are_lost),
        cmocka_unit_test(what_no_crash_can_leave_is_damage),
#ifdef DATELINE_FAULTS
        cmocka_unit_test(killed_at_every_step),
        cmocka_unit_test(every_call_fails),
#endif
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
