/* Tests of sys/, through its headers. The sandbox is tried for real, in forked copies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sys/clock.h"
#include "sys/crew.h"
#include "sys/fault.h"
#include "sys/file.h"
#include "sys/log.h"
#include "sys/memfd.h"
#include "sys/process.h"
#include "sys/random.h"
#include "sys/sandbox.h"
#include "sys/socket.h"

static char folder_path[64];
static struct file folder;

static int make_folder(void **state) {
    (void)state;
    strcpy(folder_path, "/tmp/sys-test-XXXXXX");
    return mkdtemp(folder_path) && file_open(NULL, folder_path, FILE_FOLDER, &folder) == RC_OK ? 0
                                                                                               : -1;
}

static int remove_folder(void **state) {
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", folder_path);
    file_close(&folder);
    return system(command);
}

#define assert_ok(call) assert_code(call, RC_OK)
static void check_code(rc got, rc wanted, const char *text, int line) {
    if (got != wanted) {
        fail_msg("line %d: %s is %s (%s), not %s", line, text, rc_name(got), rc_why(),
                 rc_name(wanted));
    }
}
#define assert_code(call, wanted) check_code((call), (wanted), #call, __LINE__)
static void check_why(const char *part, int line) {
    if (!strstr(rc_why(), part))
        fail_msg("line %d: \"%s\" does not say \"%s\"", line, rc_why(), part);
}
#define assert_why(part) check_why((part), __LINE__)

/* ---- files ----------------------------------------------------------------------------------- */

static void test_file_bytes(void **state) {
    (void)state;
    struct file f;
    assert_code(file_open(&folder, "a", FILE_READ, &f), RC_NOT_FOUND);
    char wanted[128];
    snprintf(wanted, sizeof wanted, "%s/a: No such file or directory while opening it",
             folder_path);
    assert_string_equal(rc_why(), wanted);

    assert_ok(file_open(&folder, "a", FILE_WRITE | FILE_CREATE | FILE_NEW, &f));
    assert_ok(file_write_at(&f, 3, SPAN("defg")));
    assert_ok(file_write_at(&f, 0, SPAN("abc")));
    char bytes[16];
    size_t n = 99;
    assert_ok(file_read_at(&f, 2, bytes, 3, &n));
    assert_int_equal(n, 3);
    assert_memory_equal(bytes, "cde", 3);
    assert_ok(file_read_at(&f, 5, bytes, sizeof bytes, &n));
    assert_int_equal(n, 2);
    assert_ok(file_read_at(&f, 100, bytes, sizeof bytes, &n));
    assert_int_equal(n, 0);
    assert_ok(file_truncate(&f, 4));
    assert_ok(file_sync(&f));
    file_close(&f);
    file_close(&f);

    assert_code(file_open(&folder, "a", FILE_WRITE | FILE_CREATE | FILE_NEW, &f), RC_CONFLICT);
    assert_ok(file_open(&folder, "a", FILE_APPEND, &f));
    assert_ok(file_append(&f, SPAN("XY")));
    file_close(&f);

    struct buf b;
    buf_init(&b, 6);
    assert_ok(file_read_all(&folder, "a", &b));
    assert_true(span_eq(buf_span(&b), SPAN("abcdXY")));
    buf_done(&b);
    buf_init(&b, 5);
    assert_code(file_read_all(&folder, "a", &b), RC_TOO_BIG);
    buf_done(&b);

    struct file_stat s;
    assert_ok(file_stat(&folder, "a", &s));
    assert_int_equal(s.kind, FILE_KIND_FILE);
    assert_int_equal(s.bytes, 6);
    assert_int_equal(s.mode, 0600);
    assert_true(s.inode != 0);
    assert_true(llabs(s.modified_ms - clock_wall_ms()) < 60000);
    assert_true(s.born_ns == 0 || llabs((ms_t)(s.born_ns / 1000000) - clock_wall_ms()) < 60000);
    assert_ok(file_stat(&folder, "", &s));
    assert_int_equal(s.kind, FILE_KIND_FOLDER);

    /* written through what may only be read */
    assert_ok(file_open(&folder, "a", FILE_READ, &f));
    assert_code(file_write_at(&f, 0, SPAN("four")), RC_IO);
    assert_why("a: Bad file descriptor while writing 4 bytes");
    file_close(&f);
}

static void test_file_disk_full(void **state) {
    (void)state;
    struct file f;
    assert_ok(file_open(NULL, "/dev/full", FILE_WRITE, &f));
    assert_code(file_append(&f, SPAN("word")), RC_FULL);
    assert_string_equal(rc_why(), "/dev/full: No space left on device while writing 4 bytes");
    file_close(&f);
}

static void test_file_sync_failure_is_final(void **state) {
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    struct file f = file_of_fd(ends[1], "a pipe"); /* cannot be synced */
    assert_code(file_sync(&f), RC_FATAL);
    assert_why("a pipe: Invalid argument while syncing");
    file_close(&f);
    close(ends[0]);
}

static void test_file_replace(void **state) {
    (void)state;
    assert_ok(file_replace(&folder, "conf", SPAN("one"), FILE_PUBLIC));
    struct file_stat before, after;
    assert_ok(file_stat(&folder, "conf", &before));
    assert_int_equal(before.mode & 0400, 0400);
    assert_int_equal(before.mode & 0022, 0);
    /* what a crash left */
    assert_ok(file_replace(&folder, "conf.tmp", SPAN("torn"), 0));
    assert_ok(file_replace(&folder, "conf", SPAN("two and more"), 0));
    assert_ok(file_stat(&folder, "conf", &after));
    assert_true(before.inode != after.inode);
    assert_int_equal(after.mode, 0600);
    assert_code(file_stat(&folder, "conf.tmp", &after), RC_NOT_FOUND);
    struct buf b;
    buf_init(&b, 100);
    assert_ok(file_read_all(&folder, "conf", &b));
    assert_true(span_eq(buf_span(&b), SPAN("two and more")));
    buf_done(&b);
    assert_code(file_replace(&folder, "no/conf", SPAN("x"), 0), RC_NOT_FOUND);
    /* a folder in its place: the rename fails, nothing is left behind */
    assert_ok(file_make_folder(&folder, "taken", 0));
    assert_code(file_replace(&folder, "taken", SPAN("x"), 0), RC_IO);
    assert_why("taken");
    assert_code(file_stat(&folder, "taken.tmp", &after), RC_NOT_FOUND);
}

static void test_file_lock(void **state) {
    (void)state;
    struct file first, second;
    assert_ok(file_lock(&folder, "lock", "core 4711\n", &first));
    assert_code(file_lock(&folder, "lock", "other", &second), RC_BUSY);
    assert_why("lock: locked by core 4711");
    file_close(&first);
    assert_ok(file_lock(&folder, "lock", "b", &second));
    assert_code(file_lock(&folder, "lock", "c", &first), RC_BUSY);
    assert_true(span_ends(span_str(rc_why()), SPAN("locked by b")));
    file_close(&second);
    assert_int_equal(symlinkat("lock", folder.fd, "link"), 0);
    assert_code(file_lock(&folder, "link", "x", &second), RC_IO);
}

static void test_file_folders(void **state) {
    (void)state;
    struct arena *a = arena_new(1 << 20);
    struct span *names = NULL;
    size_t count = 99;
    assert_ok(file_make_folder(&folder, "f", 0));
    assert_code(file_make_folder(&folder, "f", 0), RC_CONFLICT);
    assert_ok(file_list(&folder, "f", 2, a, &names, &count));
    assert_int_equal(count, 0);
    assert_ok(file_replace(&folder, "f/z", SPAN(""), 0));
    assert_ok(file_replace(&folder, "f/B", SPAN(""), 0));
    assert_ok(file_list(&folder, "f", 2, a, &names, &count));
    assert_int_equal(count, 2);
    assert_string_equal(names[0].p, "B");
    assert_string_equal(names[1].p, "z");
    assert_code(file_list(&folder, "f", 1, a, &names, &count), RC_TOO_BIG);
    assert_code(file_list(&folder, "f/z", 1, a, &names, &count), RC_NOT_FOUND);
    assert_code(file_remove_folder(&folder, "f"), RC_CONFLICT);
    assert_ok(file_rename(&folder, "f/z", "f/B"));
    assert_ok(file_remove(&folder, "f/B"));
    assert_code(file_remove(&folder, "f/B"), RC_NOT_FOUND);
    assert_ok(file_remove_folder(&folder, "f"));
    arena_free(a);
}

/* Two names change places, whatever they name; where one is missing, nothing happens. */
static void test_file_exchange(void **state) {
    (void)state;
    char path[] = "/tmp/exchange-XXXXXX";
    struct file dir;
    struct buf b;
    assert_non_null(mkdtemp(path));
    assert_int_equal(file_open(NULL, path, FILE_FOLDER, &dir), RC_OK);
    assert_int_equal(file_replace(&dir, "file", SPAN("one"), 0), RC_OK);
    assert_int_equal(file_make_folder(&dir, "folder", 0), RC_OK);
    assert_int_equal(file_replace(&dir, "folder/file", SPAN("two"), 0), RC_OK);
    assert_int_equal(file_exchange(&dir, "file", "folder"), RC_OK);
    assert_int_equal(file_sync_all(&dir), RC_OK);
    buf_init(&b, 16);
    assert_int_equal(file_read_all(&dir, "folder", &b), RC_OK);
    assert_true(span_eq(buf_span(&b), SPAN("one")));
    buf_clear(&b);
    assert_int_equal(file_read_all(&dir, "file/file", &b), RC_OK);
    assert_true(span_eq(buf_span(&b), SPAN("two")));
    assert_int_equal(file_exchange(&dir, "file", "nothing"), RC_NOT_FOUND);
    assert_int_equal(file_exchange(&dir, "nothing", "file"), RC_NOT_FOUND);
    buf_done(&b);
    assert_int_equal(file_remove(&dir, "file/file"), RC_OK);
    assert_int_equal(file_remove_folder(&dir, "file"), RC_OK);
    assert_int_equal(file_remove(&dir, "folder"), RC_OK);
    file_close(&dir);
    assert_int_equal(rmdir(path), 0);
}

static void test_clock_read(void **state) {
    (void)state;
    static const char *const bad[] = {"",
                                      "2026-11-24T20:33:59Z",
                                      "2026-02-30T20:33:59.123Z",
                                      "2026-11-24T24:33:59.123Z",
                                      "2026-11-24 20:33:59.123Z",
                                      "2026-11-24T20:33:59.123z",
                                      "2026-11-24T20:33:59.1234Z",
                                      "0000-11-24T20:33:59.123Z",
                                      "2026-11-24T20:33:60.123Z"};
    ms_t at;
    for (ms_t wanted = -62135596800000; wanted < 253402300799999; wanted += 86399000123 * 7) {
        char text[CLOCK_TEXT_BYTES];
        size_t n = clock_text(wanted, true, text);
        assert_true(clock_read(span_of(text, n), &at));
        assert_true(at == wanted);
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++) assert_false(clock_read(span_str(bad[i]), &at));
}

static void test_file_map(void **state) {
    (void)state;
    assert_ok(file_replace(&folder, "m", SPAN("mapped"), 0));
    struct file f;
    assert_ok(file_open(&folder, "m", FILE_READ, &f));
    struct span bytes;
    assert_ok(file_map(&f, 6, &bytes));
    assert_true(span_eq(bytes, SPAN("mapped")));
    file_unmap(bytes);
    assert_ok(file_map(&f, 0, &bytes));
    assert_int_equal(bytes.n, 0);
    file_unmap(bytes);
    assert_code(file_map(&f, 7, &bytes), RC_CORRUPT);
    file_close(&f);
    assert_ok(file_open(&folder, "r", FILE_WRITE | FILE_CREATE, &f));
    assert_ok(file_reserve(&f, 1 << 20));
    struct stat st;
    assert_int_equal(fstat(f.fd, &st), 0);
    assert_true(st.st_blocks * 512 >= 1 << 20);
    file_close(&f);
    struct file_space space;
    assert_ok(file_space(&folder, "", &space));
    assert_true(space.bytes_free > 0 && space.bytes_free <= space.bytes_total);
    assert_ok(file_space(NULL, "/dev/shm", &space));
    assert_string_equal(space.type, "tmpfs");
    assert_non_null(space.warning);
}

static void test_file_long_names(void **state) {
    (void)state;
    char path[700];
    memset(path, 'x', sizeof path);
    path[350] = '/';
    memcpy(path + sizeof path - 6, "/tail", 6);
    struct file f;
    assert_code(file_open(&folder, path, FILE_READ, &f), RC_IO);
    assert_why("xxx/tail: File name too long");
    assert_true(span_starts(span_str(rc_why()), SPAN("…")));
}

/* ---- clock, randomness, log ------------------------------------------------------------------ */

static void test_clock(void **state) {
    (void)state;
    static const struct {
        ms_t at;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00.000Z"},
        {1571553540123, "2019-10-20T06:39:00.123Z"},
        {951782399999, "2000-02-28T23:59:59.999Z"},
        {951782400000, "2000-02-29T00:00:00.000Z"},
        {4107542400000, "2100-03-01T00:00:00.000Z"},
        {-1, "1969-12-31T23:59:59.999Z"},
        {-62135596800000, "0001-01-01T00:00:00.000Z"},
        {INT64_MIN, "0001-01-01T00:00:00.000Z"},
        {INT64_MAX, "9999-12-31T23:59:59.999Z"},
    };
    char text[CLOCK_TEXT_BYTES];
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(clock_text(cases[i].at, true, text), 24);
        assert_string_equal(text, cases[i].text);
    }
    assert_int_equal(clock_text(1571553540999, false, text), 20);
    assert_string_equal(text, "2019-10-20T06:39:00Z");

    assert_true(llabs(clock_wall_ms() - (ms_t)time(NULL) * 1000) < 2000);
    mono_t mono = clock_mono_ns();
    assert_true(clock_mono_ns() >= mono);
    clock_test_set(1571553540000);
    assert_int_equal(clock_wall_ms(), 1571553540000);
    clock_test_advance(1500);
    assert_int_equal(clock_wall_ms(), 1571553541500);
    assert_true(clock_mono_ns() - mono >= CLOCK_MS(1500));
    clock_test_set(0);
    assert_true(llabs(clock_wall_ms() - (ms_t)time(NULL) * 1000) < 2000);
}

static void test_random(void **state) {
    (void)state;
    uint8_t a[300], b[300];
    random_bytes(a, sizeof a);
    random_bytes(b, sizeof b);
    assert_memory_not_equal(a, b, sizeof a);
    random_test_seed(7);
    random_bytes(a, sizeof a);
    uint64_t next = random_u64();
    random_test_seed(7);
    random_bytes(b, sizeof b);
    assert_memory_equal(a, b, sizeof a);
    assert_int_equal(random_u64(), next);
    assert_true(random_u64() != next);
    random_test_seed(0);
    random_bytes(b, sizeof b);
    assert_memory_not_equal(a, b, sizeof a);
}

static size_t log_line(int fd, char *out, size_t cap) {
    ssize_t n = read(fd, out, cap - 1);
    assert_true(n > 0);
    out[n] = 0;
    return (size_t)n;
}

static void test_log(void **state) {
    (void)state;
    int ends[2];
    assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
    char line[2 * LOG_LINE_MAX];
    log_setup("web 2", ends[1], LOG_INFO);
    clock_test_set(1571553540123);
    log_event(LOG_DEBUG, "not written");
    log_event(LOG_WARN, "process \"died\"", LOG_TEXT("role", SPAN("a\n\x1b[2J\xff\\")),
              LOG_INT("pid", -7));
    log_line(ends[0], line, sizeof line);
    assert_string_equal(
        line, "{\"time\":\"2019-10-20T06:39:00.123Z\",\"level\":\"warn\",\"process\":\"web 2\","
              "\"message\":\"process "
              "\\\"died\\\"\",\"role\":\"a\\n\\u001b[2J\xef\xbf\xbd\\\\\",\"pid\":-7}\n");
    /* any length of any bytes: one line within the limit, whole */
    static char big[3 * LOG_LINE_MAX];
    static const char fills[] = {'x', '\1', '"', '\xff', '\xc3'};
    for (size_t k = 0; k < sizeof fills; k++) {
        memset(big, fills[k], sizeof big);
        for (size_t n = LOG_LINE_MAX - 300; n < LOG_LINE_MAX; n++) {
            log_event(LOG_INFO, "big", LOG_TEXT("a", span_of(big, n)),
                      LOG_TEXT("b", span_of(big, n)), LOG_INT("c", INT64_MIN),
                      LOG_TEXT("d", SPAN("tail")));
            size_t got = log_line(ends[0], line, sizeof line);
            assert_true(got <= LOG_LINE_MAX);
            assert_true(got > LOG_LINE_MAX / 2);
            assert_memory_equal(line + got - 2, "}\n", 2);
            assert_ptr_equal(strchr(line, '\n'), line + got - 1);
        }
    }
    /* a reader that does not read: counted, not waited for */
    while (log_lost() == 0) log_event(LOG_INFO, "more", LOG_TEXT("a", span_of(big, 3000)));
    while (read(ends[0], line, sizeof line) > 0) {
    }
    log_event(LOG_INFO, "again");
    log_line(ends[0], line, sizeof line);
    assert_non_null(strstr(line, "\"lost\":1"));
    log_setup("test", 2, LOG_INFO);
    clock_test_set(0);
    close(ends[0]);
    close(ends[1]);
}

/* ---- shared memory --------------------------------------------------------------------------- */

static void test_memfd(void **state) {
    (void)state;
    int fd, reading;
    assert_ok(memfd_new("test", 100, &fd));
    assert_ok(memfd_read_only(fd, &reading));
    void *mine, *theirs, *no;
    assert_ok(memfd_map(fd, 100, true, &mine));
    assert_ok(memfd_map(reading, 100, false, &theirs));
    strcpy(mine, "shared");
    assert_string_equal(theirs, "shared");
    /* who may only read cannot make the memory writable, by any way */
    assert_code(memfd_map(reading, 100, true, &no), RC_DENIED);
    assert_int_equal(mprotect(theirs, 4096, PROT_READ | PROT_WRITE), -1);
    assert_int_equal(write(reading, "x", 1), -1);
    /* and nobody can cut it under the others */
    assert_int_equal(ftruncate(fd, 0), -1);
    assert_int_equal(ftruncate(fd, 1 << 20), -1);
    assert_int_equal(fallocate(fd, FALLOC_FL_PUNCH_HOLE, 0, 4096), -1);
    memfd_unmap(mine, 100);
    memfd_unmap(theirs, 100);
    memfd_close(fd);
    memfd_close(reading);
}

/* ---- sockets --------------------------------------------------------------------------------- */

static void test_sockets(void **state) {
    (void)state;
    int first, second, third;
    uint16_t port = 0, other;
    assert_ok(socket_listen_tcp("127.0.0.1", 0, &first, &port));
    assert_true(port > 0);
    assert_code(socket_listen_tcp("127.0.0.1", port, &second, &other), RC_BUSY);
    assert_why("Address already in use");
    assert_code(socket_listen_tcp("localhost", 0, &second, &other), RC_INVALID);
    socket_close(first);

    char path[128], bytes[8];
    snprintf(path, sizeof path, "%s/sock", folder_path);
    assert_code(socket_connect_path(path, &second), RC_NOT_FOUND);
    assert_ok(socket_listen_path(path, &first));
    struct file_stat s;
    assert_ok(file_stat(&folder, "sock", &s));
    assert_int_equal(s.kind, FILE_KIND_SOCKET);
    assert_int_equal(s.mode, 0600);
    assert_ok(socket_connect_path(path, &second));
    third = accept(first, NULL, NULL);
    assert_true(third >= 0);
    size_t n = 0;
    assert_code(socket_receive(third, bytes, sizeof bytes, 0, &n), RC_AGAIN);
    assert_ok(socket_send(second, SPAN("one"), -1));
    assert_ok(socket_send(second, SPAN("too long for it"), -1));
    assert_ok(socket_send(second, SPAN("last"), -1));
    socket_close(second);
    assert_ok(socket_receive(third, bytes, sizeof bytes, -1, &n));
    assert_int_equal(n, 3);
    assert_code(socket_receive(third, bytes, sizeof bytes, -1, &n), RC_TOO_BIG);
    assert_ok(socket_receive(third, bytes, sizeof bytes, -1, &n));
    assert_memory_equal(bytes, "last", 4);
    assert_code(socket_receive(third, bytes, sizeof bytes, -1, &n), RC_GONE);
    assert_code(socket_send(third, SPAN("x"), -1), RC_GONE);
    socket_close(third);
    socket_close(first);
    /* nobody listens any more, and the next one may */
    assert_code(socket_connect_path(path, &second), RC_NOT_FOUND);
    assert_ok(socket_listen_path(path, &first));
    socket_close(first);
    char longest[200];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = 0;
    assert_code(socket_listen_path(longest, &first), RC_TOO_BIG);

    int pair[2];
    assert_ok(socket_pair(pair));
    rc code = RC_OK;
    for (int i = 0; code == RC_OK && i < 100000; i++) code = socket_send(pair[0], SPAN("full"), 0);
    assert_code(code, RC_AGAIN);
    socket_close(pair[0]);
    socket_close(pair[1]);
}

static void test_sockets_pass_descriptors(void **state) {
    (void)state;
    int ends[2], pipe_ends[2], passed = -1;
    char bytes[8];
    size_t n = 0;
    assert_ok(socket_pair(ends));
    assert_int_equal(pipe(pipe_ends), 0);
    assert_ok(socket_send_fd(ends[0], SPAN("with"), pipe_ends[1], -1));
    assert_ok(socket_send_fd(ends[0], SPAN("without"), -1, -1));
    assert_ok(socket_receive_fd(ends[1], bytes, sizeof bytes, -1, &n, &passed));
    assert_int_equal(n, 4);
    assert_true(passed >= 0 && passed != pipe_ends[1]);
    assert_true(fcntl(passed, F_GETFD) & FD_CLOEXEC);
    assert_int_equal(write(passed, "x", 1), 1);
    assert_int_equal(read(pipe_ends[0], bytes, 1), 1);
    socket_close(passed);
    assert_ok(socket_receive_fd(ends[1], bytes, sizeof bytes, -1, &n, &passed));
    assert_int_equal(passed, -1);
    /* Who does not ask for it does not get it: nothing is left open. */
    assert_ok(socket_send_fd(ends[0], SPAN("with"), pipe_ends[1], -1));
    assert_ok(socket_send_fd(ends[0], SPAN("with, and too long"), pipe_ends[1], -1));
    assert_ok(socket_receive(ends[1], bytes, sizeof bytes, -1, &n));
    assert_code(socket_receive_fd(ends[1], bytes, sizeof bytes, -1, &n, &passed), RC_TOO_BIG);
    close(pipe_ends[1]);
    assert_int_equal(read(pipe_ends[0], bytes, 1), 0);

    const int fds[] = {-1, ends[1], pipe_ends[0]};
    unsigned ready = 0;
    assert_ok(socket_wait(fds, 3, -1, &ready));
    assert_int_equal(ready, 4); /* the pipe is at its end */
    assert_code(socket_wait(fds, 2, 5, &ready), RC_AGAIN);
    assert_ok(socket_send(ends[0], SPAN("x"), -1));
    assert_ok(socket_wait(fds, 3, -1, &ready));
    assert_int_equal(ready, 6);
    close(pipe_ends[0]);
    socket_close(ends[0]);
    socket_close(ends[1]);
}

static int wait_for_term(void *arg) {
    int fd, *told = arg;
    unsigned ready;
    if (process_term_fd(&fd) != RC_OK || socket_wait(&fd, 1, 0, &ready) != RC_AGAIN) return 1;
    if (write(told[1], "x", 1) != 1) return 2;
    return socket_wait(&fd, 1, 10000, &ready) == RC_OK ? 7 : 3;
}
static void test_process_term(void **state) {
    (void)state;
    int ends[2], status;
    char byte;
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) _exit(wait_for_term(ends));
    assert_int_equal(read(ends[0], &byte, 1), 1);
    assert_int_equal(kill(pid, SIGTERM), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(WEXITSTATUS(status), 7);
    close(ends[0]);
    close(ends[1]);
}

static int use_memory(void *arg) {
    (void)arg;
    if (process_limit(&(struct process_limits){.memory_bytes = 64u << 20, .cpu_s = 10}) != RC_OK)
        return 1;
    void *some = malloc(32u << 20), *more = malloc(64u << 20);
    return some && !more && process_peak_bytes() > 0 ? 0 : 2;
}
static int use_time(void *arg) {
    (void)arg;
    if (process_limit(&(struct process_limits){.memory_bytes = 1u << 30, .cpu_s = 1}) != RC_OK)
        return 1;
    for (volatile unsigned n = 0;; n++) {
    }
}
static int give_way(void *arg) {
    process_give_way();
    return getpriority(PRIO_PROCESS, 0) - *(int *)arg;
}
static int say_much(void *arg) {
    int error, *ends = arg;
    if (dup2(ends[1], 2) < 0 || process_silence(&error) != RC_OK) return 1;
    fprintf(stderr, "a library");
    if (write(1, "a library", 9) != 9 || write(error, "us", 2) != 2) return 2;
    return 0;
}
static void test_process_limits(void **state) {
    (void)state;
    struct process_end end;
    if (sandbox_has_seccomp()) {
        assert_ok(process_try(use_memory, NULL, &end));
        assert_int_equal(end.exit_code, 0);
    }
    assert_ok(process_try(use_time, NULL, &end));
    assert_int_equal(end.signal, SIGXCPU);
    int nice_before = getpriority(PRIO_PROCESS, 0);
    assert_ok(process_try(give_way, &nice_before, &end));
    assert_true(end.exit_code == 5 || nice_before > 14);
    int ends[2];
    char text[32];
    assert_int_equal(pipe(ends), 0);
    assert_ok(process_try(say_much, ends, &end));
    assert_int_equal(end.exit_code, 0);
    if (sandbox_has_seccomp()) {
        assert_int_equal(read(ends[0], text, sizeof text), 2);
        assert_memory_equal(text, "us", 2);
    }
    close(ends[0]);
    close(ends[1]);
}

/* ---- processes ------------------------------------------------------------------------------- */

static void test_process_descriptors(void **state) {
    (void)state;
    int a[2], b[2], errors[2];
    assert_int_equal(pipe2(a, O_CLOEXEC), 0);
    assert_int_equal(pipe2(b, O_CLOEXEC), 0);
    assert_int_equal(pipe2(errors, O_CLOEXEC), 0);
    int other = open("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_true(other >= 0);
    /* 3 and 4 exchanged, 5 a gap: whatever numbers they have here */
    const int fds[] = {b[1], a[1], -1};
    static const char script[] =
        "echo three >&3; echo four >&4; echo error >&2; cd /proc/self/fd; "
        "for f in *; do test -e $f && test $f -lt 10 && printf '%s ' $f >&2; done; exit 7";
    const char *const args[] = {"sh", "-c", script};
    const struct process_command command = {.program = "sh",
                                            .args = args,
                                            .args_count = 3,
                                            .fds = fds,
                                            .fds_count = 3,
                                            .error_fd = errors[1],
                                            .dies_with_parent = true};
    struct process p = PROCESS_NONE;
    assert_ok(process_start(&command, &p));
    close(a[1]);
    close(b[1]);
    close(errors[1]);
    char text[128] = "";
    assert_int_equal(read(b[0], text, sizeof text), 6);
    assert_memory_equal(text, "three\n", 6);
    assert_int_equal(read(a[0], text, sizeof text), 5);
    assert_memory_equal(text, "four\n", 5);
    struct process_end end;
    assert_ok(process_wait(&p, &end));
    assert_int_equal(end.exit_code, 7);
    assert_int_equal(end.signal, 0);
    assert_int_equal(p.pidfd, -1);
    memset(text, 0, sizeof text);
    size_t n = 0;
    for (ssize_t got; (got = read(errors[0], text + n, sizeof text - 1 - n)) > 0;) n += (size_t)got;
    /* nothing else of ours came along (the shell itself may hold one: its folder) */
    assert_memory_equal(text, "error\n0 1 2 3 4 ", 16);
    close(a[0]);
    close(b[0]);
    close(errors[0]);
    close(other);
}

static void test_process_ends(void **state) {
    (void)state;
    const char *const missing[] = {"no-such-program-here"};
    struct process p = PROCESS_NONE;
    struct process_end end;
    assert_code(process_start(
                    &(struct process_command){
                        .program = missing[0], .args = missing, .args_count = 1, .error_fd = -1},
                    &p),
                RC_NOT_FOUND);
    assert_why("no-such-program-here: No such file");
    const char *const sleeps[] = {"sleep", "100"};
    const struct process_command command = {
        .program = "sleep", .args = sleeps, .args_count = 2, .error_fd = -1};
    assert_ok(process_start(&command, &p));
    assert_code(process_reap(&p, &end), RC_AGAIN);
    assert_ok(process_signal(&p, SIGTERM));
    assert_ok(process_wait(&p, &end));
    assert_int_equal(end.exit_code, -1);
    assert_int_equal(end.signal, SIGTERM);
    assert_code(process_signal(&p, SIGTERM), RC_NOT_FOUND);
    assert_true(process_cpus() >= 1);
}

static int parent_that_dies(void *arg) {
    const char *const args[] = {"sh", "-c", "echo >&3; exec sleep 100"};
    const int fds[] = {*(int *)arg};
    struct process p;
    if (process_start(&(struct process_command){.program = "sh",
                                                .args = args,
                                                .args_count = 3,
                                                .fds = fds,
                                                .fds_count = 1,
                                                .error_fd = -1,
                                                .dies_with_parent = true},
                      &p) != RC_OK)
        return 1;
    kill(getpid(), SIGKILL);
    return 1;
}

static void test_process_dies_with_parent(void **state) {
    (void)state;
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    struct process_end end;
    assert_ok(process_try(parent_that_dies, &ends[1], &end));
    assert_int_equal(end.signal, SIGKILL);
    close(ends[1]);
    /* The pipe ends when its last holder, the grandchild, is gone. */
    char text[8];
    alarm(20);
    while (read(ends[0], text, sizeof text) > 0) {
    }
    alarm(0);
    close(ends[0]);
}

/* ---- sandbox --------------------------------------------------------------------------------- */

static void skip_without_seccomp(void) {
    if (sandbox_has_seccomp()) return;
    print_message("skipped: this sanitizer's run-time cannot live with seccomp\n");
    skip();
}

static void test_sandbox_roles(void **state) {
    (void)state;
    skip_without_seccomp();
    for (enum sandbox_role role = 0; role < SANDBOX_ROLES; role++) {
        struct sandbox_options options = {.role = role};
        if (role == SANDBOX_CORE) {
            options.paths[options.paths_count++] = (struct sandbox_path){folder_path, true};
        }
        struct sandbox_level level;
        struct buf report;
        buf_init(&report, 1 << 16);
        assert_ok(sandbox_report(&options, &level, &report));
        assert_true(level.no_new_privs && level.seccomp);
        assert_int_equal(level.landlock, level.landlock_abi > 0);
        buf_char(&report, 0);
        assert_non_null(strstr(report.p, "make an Internet socket            refused, would end"));
        assert_null(strstr(report.p, "THROUGH"));
        buf_done(&report);
    }
    /* We are not changed by it. */
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    close(fd);
}

/* The test can fail: outside of a sandbox, and in one that allows too much for the role. */
static int selftest_outside(void *arg) {
    (void)arg;
    struct sandbox_level level = {0};
    return (int)sandbox_selftest(SANDBOX_WEB, &level, NULL);
}
static int selftest_of_other_role(void *arg) {
    (void)arg;
    struct sandbox_level level;
    if (sandbox_enter(&(struct sandbox_options){.role = SANDBOX_CORE}, &level) != RC_OK) return 1;
    return sandbox_selftest(SANDBOX_SIGNER, &level, NULL) == RC_FATAL &&
                   strstr(rc_why(), "the sandbox of signer: it could ")
               ? 0
               : 1;
}
static void test_sandbox_selftest_can_fail(void **state) {
    (void)state;
    skip_without_seccomp();
    struct process_end end;
    assert_ok(process_try(selftest_outside, NULL, &end));
    assert_int_equal(end.exit_code, RC_FATAL);
    assert_ok(process_try(selftest_of_other_role, NULL, &end));
    assert_int_equal(end.exit_code, 0);
}

static int log_pipe;
static int forbidden_call(void *arg) {
    struct sandbox_level level;
    log_setup("web 1", log_pipe, LOG_INFO);
    if (sandbox_enter(&(struct sandbox_options){.role = SANDBOX_WEB}, &level) != RC_OK) return 1;
    if (arg) {
        execl("/bin/true", "true", (char *)NULL);
    } else {
        return socket(AF_INET, SOCK_STREAM, 0) < 0 ? 2 : 3;
    }
    return 4;
}
static void test_sandbox_forbidden_call_ends_it(void **state) {
    (void)state;
    skip_without_seccomp();
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    log_pipe = ends[1];
    for (size_t i = 0; i < 2; i++) {
        struct process_end end;
        assert_ok(process_try(forbidden_call, i ? &end : NULL, &end));
        assert_int_equal(end.signal, SIGSYS);
        char line[LOG_LINE_MAX];
        log_line(ends[0], line, sizeof line);
        assert_non_null(strstr(line, i ? "\"call\":\"execve\"" : "\"call\":\"socket\""));
        assert_non_null(strstr(line, "\"process\":\"web 1\""));
    }
    close(ends[0]);
    close(ends[1]);
}

/* ---- crew ------------------------------------------------------------------------------------ */

struct sum_job {
    struct job job;
    unsigned from, to, hand;
    uint64_t sum;
};
static void sum_up(struct job *job, unsigned hand) {
    struct sum_job *s = (struct sum_job *)job;
    s->sum = 0;
    s->hand = hand;
    for (unsigned i = s->from; i < s->to; i++) s->sum += i;
}

/* All jobs are done once, in whichever order one waits, by hands that the crew has. */
static int sum_with(unsigned threads) {
    struct crew *c;
    struct sum_job jobs[200] = {{.from = 0}};
    if (crew_new(threads, &c) != RC_OK) return 1;
    if (crew_hands(c) != threads + 1) return 2;
    for (int round = 0; round < 20; round++) {
        for (unsigned i = 0; i < COUNT_OF(jobs); i++) {
            jobs[i].job.run = sum_up;
            jobs[i].from = i;
            jobs[i].to = 10 * i + (unsigned)round;
            crew_begin(c, &jobs[i].job);
        }
        for (unsigned k = 0; k < COUNT_OF(jobs); k++) {
            struct sum_job *s = &jobs[(k * 77) % COUNT_OF(jobs)];
            crew_wait(c, &s->job);
            uint64_t sum = 0;
            for (unsigned i = s->from; i < s->to; i++) sum += i;
            if (s->sum != sum || s->hand > threads) return 3;
        }
    }
    struct sum_job never = {.job = {.run = sum_up}};
    crew_wait(c, &never.job);
    for (unsigned i = 0; i < COUNT_OF(jobs); i++) {
        jobs[i].sum = 0;
        jobs[i].to = jobs[i].from + 2;
        crew_begin(c, &jobs[i].job);
    }
    for (unsigned i = COUNT_OF(jobs); i-- > 0;) {
        crew_drop(c, &jobs[i].job);
        bool done = jobs[i].job.state == JOB_DONE;
        if (jobs[i].sum != (done ? 2 * i + 1 : 0)) return 4;
    }
    crew_free(c);
    return (int)never.sum;
}
static void test_crew(void **state) {
    (void)state;
    assert_int_equal(sum_with(0), 0);
    assert_int_equal(sum_with(1), 0);
    assert_int_equal(sum_with(5), 0);
    assert_true(crew_threads_of_use() >= 1 && crew_threads_of_use() <= CREW_THREADS_MAX);
}

/* Everything that core does to files goes on inside its folder, and only there. */
static int core_at_work(void *arg) {
    (void)arg;
    struct sandbox_level level;
    struct sandbox_options options = {.role = SANDBOX_CORE};
    options.paths[options.paths_count++] = (struct sandbox_path){folder_path, true};
    options.paths[options.paths_count++] = (struct sandbox_path){"/etc/passwd", false};
    if (sandbox_enter(&options, &level) != RC_OK) return 1;
    char path[128];
    struct file f;
    struct buf b;
    buf_init(&b, 1 << 20);
    if (file_make_folder(&folder, "core", 0) != RC_OK) return 2;
    if (file_replace(&folder, "core/a", SPAN("x"), 0) != RC_OK) return 3;
    if (file_replace(&folder, "core/a", SPAN("y"), 0) != RC_OK) return 4;
    if (file_rename(&folder, "core/a", "b") != RC_OK) return 5;
    if (file_lock(&folder, "core/lock", "core", &f) != RC_OK) return 6;
    if (file_reserve(&f, 4096) != RC_OK || file_truncate(&f, 0) != RC_OK) return 7;
    if (file_read_all(NULL, "/etc/passwd", &b) != RC_OK || b.n == 0) return 8;
    if (file_set_mode(&folder, "b", 0644) != RC_OK) return 9;
    struct file_space space;
    struct file_stat s;
    if (file_space(&folder, "", &space) != RC_OK || file_stat(&folder, "b", &s) != RC_OK) return 10;
    if (file_remove(&folder, "b") != RC_OK) return 11;
    if (sum_with(3) != 0) return 16; /* threads are made, and work, inside */
    int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s/core.sock", folder_path);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 1) < 0) return 12;
    if (!level.landlock) return 0;
    if (file_open(NULL, "/etc/passwd", FILE_WRITE, &f) != RC_DENIED) return 13;
    if (file_open(NULL, "/etc/hostname", FILE_READ, &f) != RC_DENIED) return 14;
    snprintf(path, sizeof path, "%s-beside", folder_path);
    if (file_replace(NULL, path, SPAN("x"), 0) != RC_DENIED) return 15;
    return 0;
}
static void test_sandbox_core_works(void **state) {
    (void)state;
    skip_without_seccomp();
    struct process_end end;
    assert_ok(process_try(core_at_work, NULL, &end));
    assert_int_equal(end.signal, 0);
    assert_int_equal(end.exit_code, 0);
}

static struct file signer_file;
static int signer_at_work(void *arg) {
    int *channel = arg;
    struct sandbox_level level;
    if (sandbox_enter(&(struct sandbox_options){.role = SANDBOX_SIGNER}, &level) != RC_OK) return 1;
    char byte;
    size_t n;
    if (recv(channel[1], &byte, 1, 0) != 1) return 2;
    if (file_write_at(&signer_file, 0, span_of(&byte, 1)) != RC_OK) return 3;
    if (file_sync(&signer_file) != RC_OK) return 4;
    if (file_read_at(&signer_file, 0, &byte, 1, &n) != RC_OK || n != 1) return 5;
    if (send(channel[1], &byte, 1, MSG_NOSIGNAL) != 1) return 6;
    random_bytes(&byte, 1);
    struct file f;
    /* by libraries that can do without: an error, not the end */
    if (file_open(NULL, "/etc/passwd", FILE_READ, &f) != RC_DENIED) return 7;
    struct file_stat s;
    if (file_stat_open(&signer_file, &s) != RC_OK || s.bytes != 1) return 8;
    return 0;
}
static void test_sandbox_signer_works(void **state) {
    (void)state;
    skip_without_seccomp();
    int channel[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, channel), 0);
    assert_ok(file_open(&folder, "signer", FILE_WRITE | FILE_CREATE, &signer_file));
    assert_int_equal(send(channel[0], "k", 1, 0), 1);
    struct process_end end;
    assert_ok(process_try(signer_at_work, channel, &end));
    assert_int_equal(end.signal, 0);
    assert_int_equal(end.exit_code, 0);
    char byte = 0;
    assert_int_equal(recv(channel[0], &byte, 1, 0), 1);
    assert_int_equal(byte, 'k');
    file_close(&signer_file);
    close(channel[0]);
    close(channel[1]);
}

static void *add_one(void *arg) {
    ++*(int *)arg;
    return NULL;
}
/* Threads, and nothing of other processes. */
static int media_at_work(void *arg) {
    int *channel = arg, count = 0;
    char byte;
    pthread_t thread;
    struct sandbox_level level;
    struct file f;
    if (sandbox_enter(&(struct sandbox_options){.role = SANDBOX_MEDIA}, &level) != RC_OK) return 1;
    if (recv(channel[1], &byte, 1, 0) != 1) return 2;
    for (int i = 0; i < 3; i++) {
        if (pthread_create(&thread, NULL, add_one, &count) != 0) return 3;
        if (pthread_join(thread, NULL) != 0) return 4;
    }
    if (count != 3) return 5;
    if (send(channel[1], &byte, 1, MSG_NOSIGNAL) != 1) return 6;
    if (file_open(NULL, "/etc/passwd", FILE_READ, &f) != RC_DENIED) return 7;
    return byte == 'f' ? (int)fork() : 0;
}
static void test_sandbox_media_works(void **state) {
    (void)state;
    skip_without_seccomp();
    for (unsigned forks = 0; forks < 2; forks++) {
        int channel[2];
        struct process_end end;
        assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, channel), 0);
        assert_int_equal(send(channel[0], forks ? "f" : "m", 1, 0), 1);
        assert_ok(process_try(media_at_work, channel, &end));
        assert_int_equal(end.signal, forks ? SIGSYS : 0);
        if (!forks) assert_int_equal(end.exit_code, 0);
        close(channel[0]);
        close(channel[1]);
    }
}

static int abort_inside(void *arg) {
    (void)arg;
    struct sandbox_level level;
    if (sandbox_enter(&(struct sandbox_options){.role = SANDBOX_WEB}, &level) != RC_OK) return 1;
    check_failed("a belief", "here", 1);
}
static void test_sandbox_check_is_seen(void **state) {
    (void)state;
    skip_without_seccomp();
    struct process_end end;
    assert_ok(process_try(abort_inside, NULL, &end));
    assert_int_equal(end.signal, SIGABRT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_file_bytes),
        cmocka_unit_test(test_file_disk_full),
        cmocka_unit_test(test_file_sync_failure_is_final),
        cmocka_unit_test(test_file_replace),
        cmocka_unit_test(test_file_lock),
        cmocka_unit_test(test_file_folders),
        cmocka_unit_test(test_file_exchange),
        cmocka_unit_test(test_clock_read),
        cmocka_unit_test(test_file_map),
        cmocka_unit_test(test_file_long_names),
        cmocka_unit_test(test_clock),
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_log),
        cmocka_unit_test(test_memfd),
        cmocka_unit_test(test_sockets),
        cmocka_unit_test(test_sockets_pass_descriptors),
        cmocka_unit_test(test_process_descriptors),
        cmocka_unit_test(test_process_ends),
        cmocka_unit_test(test_process_dies_with_parent),
        cmocka_unit_test(test_process_term),
        cmocka_unit_test(test_process_limits),
        cmocka_unit_test(test_crew),
        cmocka_unit_test(test_sandbox_roles),
        cmocka_unit_test(test_sandbox_selftest_can_fail),
        cmocka_unit_test(test_sandbox_forbidden_call_ends_it),
        cmocka_unit_test(test_sandbox_core_works),
        cmocka_unit_test(test_sandbox_signer_works),
        cmocka_unit_test(test_sandbox_media_works),
        cmocka_unit_test(test_sandbox_check_is_seen),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
