/* testing: what the tests of record/ share. */
#ifndef DATELINE_RECORD_TESTING_H
#define DATELINE_RECORD_TESTING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "record/record.h"
#include "sys/random.h"

#define assert_ok(call) assert_code(call, RC_OK)
static inline void check_code(rc got, rc wanted, const char *text, int line) {
    if (got != wanted) {
        fail_msg("line %d: %s is %s (%s), not %s", line, text, rc_name(got), rc_why(),
                 rc_name(wanted));
    }
}
#define assert_code(call, wanted) check_code((call), (wanted), #call, __LINE__)
static inline void check_why(const char *part, int line) {
    if (!strstr(rc_why(), part)) {
        fail_msg("line %d: \"%s\" does not say \"%s\"", line, rc_why(), part);
    }
}
#define assert_why(part) check_why((part), __LINE__)

/* A folder of the test's own, here a site's record/. */
static char folder_path[64];
static struct file folder;

static inline int make_folder(void **state) {
    (void)state;
    /* In memory if possible: these tests sync ten thousand times, and what a disk does is not their
     * subject. */
    strcpy(folder_path, "/dev/shm/record-test-XXXXXX");
    if (!mkdtemp(folder_path)) strcpy(folder_path, "/tmp/record-test-XXXXXX");
    return (access(folder_path, F_OK) == 0 || mkdtemp(folder_path)) &&
                   file_open(NULL, folder_path, FILE_FOLDER, &folder) == RC_OK
               ? 0
               : -1;
}

static inline int remove_folder(void **state) {
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", folder_path);
    file_close(&folder);
    return system(command);
}

/* The file's bytes; replaced in place (the same inode), or cut to nothing. */
static inline struct buf file_bytes(const char *path) {
    struct buf b;
    buf_init(&b, 64u << 20);
    assert_ok(file_read_all(&folder, path, &b));
    return b;
}
static inline void file_gone(const char *path) {
    rc code = file_remove(&folder, path);
    assert_true(code == RC_OK || code == RC_NOT_FOUND);
}
static inline void file_set(const char *path, struct span bytes) {
    struct file f;
    assert_ok(file_open(&folder, path, FILE_WRITE | FILE_CREATE, &f));
    assert_ok(file_truncate(&f, 0));
    assert_ok(file_write_at(&f, 0, bytes));
    file_close(&f);
}

/* This program again in a process of its own, as `role` (main() sees to it), with one variable set
 * in its environment ("" for none), and fd open as number 3. */
static inline pid_t start_role(const char *role, const char *variable, const char *value, int fd) {
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid != 0) return pid;
    if (*variable) setenv(variable, value, 1);
    if (fd >= 0 && dup2(fd, 3) != 3) _exit(99);
    if (fd == 3) fcntl(3, F_SETFD, 0);
    execl("/proc/self/exe", "test", role, folder_path, (char *)NULL);
    _exit(98);
}

/* Its exit code, or −signal. */
static inline int end_of(pid_t pid) {
    int status;
    while (waitpid(pid, &status, 0) < 0) assert_int_equal(errno, EINTR);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static inline uint64_t below(uint64_t n) {
    return random_u64() % n;
}

#endif
