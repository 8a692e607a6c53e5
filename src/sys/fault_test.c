/* The fault points themselves, and sys/file.h with its n-th system call failing, for every n. Built
 * with DATELINE_FAULTS whatever the build was configured with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/fault.h"
#include "sys/file.h"

static char folder_path[64];

/* Runs fn in a fresh process with these rules; its wait status. */
static int run(int (*fn)(void), const char *crash, const char *fault) {
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        if (crash) setenv("DATELINE_CRASH", crash, 1);
        if (fault) setenv("DATELINE_FAULT", fault, 1);
        fault_setup("core");
        _exit(fn());
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static int pass_points(void) {
    for (int i = 1; i <= 3; i++) {
        fault_point("publish.other");
        fault_point("publish.after-journal");
        if (i == 3) return 33;
    }
    return 0;
}

static void test_points(void **state) {
    (void)state;
    assert_int_equal(WEXITSTATUS(run(pass_points, NULL, NULL)), 33);
    assert_int_equal(WTERMSIG(run(pass_points, "publish.after-journal", NULL)), SIGKILL);
    assert_int_equal(WTERMSIG(run(pass_points, "publish.after-journal:3", NULL)), SIGKILL);
    assert_int_equal(WEXITSTATUS(run(pass_points, "publish.after-journal:4", NULL)), 33);
    assert_int_equal(WEXITSTATUS(run(pass_points, "publish.after", NULL)), 33);
    assert_int_equal(WTERMSIG(run(pass_points, "core/publish.other", NULL)), SIGKILL);
    assert_int_equal(WEXITSTATUS(run(pass_points, "web/publish.other", NULL)), 33);
    assert_int_equal(WEXITSTATUS(run(pass_points, "publish.other:x", NULL)), 2);
}

static int count_db(void) {
    int failed = 0;
    for (int i = 0; i < 5; i++) failed = failed * 2 + fault_db();
    return failed;
}

static void test_db(void **state) {
    (void)state;
    assert_int_equal(WEXITSTATUS(run(count_db, NULL, NULL)), 0);
    assert_int_equal(WEXITSTATUS(run(count_db, NULL, "db:2")), 8);
    assert_int_equal(WEXITSTATUS(run(count_db, NULL, "db:4+")), 3);
    assert_int_equal(WEXITSTATUS(run(count_db, NULL, "sys:1:EIO,core/db:5,web/db:1")), 1);
    assert_int_equal(WEXITSTATUS(run(count_db, NULL, "dp:5")), 2);
    assert_int_equal(WEXITSTATUS(run(count_db, NULL, "db:1:ENOSUCH")), 2);
}

/* "old" is there; it is replaced by "new". Exit: 0 done, 1 failed as it should, 9 wrong. */
static int replace_once(void) {
    struct file dir;
    rc code = file_open(NULL, folder_path, FILE_FOLDER, &dir);
    if (code == RC_OK) code = file_replace(&dir, "f", SPAN("new"), 0);
    if (code == RC_OK) return 0;
    return *rc_why() ? (code == RC_FATAL ? 2 : 1) : 9;
}

static void read_now(char out[16]) {
    char path[128];
    snprintf(path, sizeof path, "%s/f", folder_path);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    out[fread(out, 1, 15, f)] = 0;
    fclose(f);
}

static void write_old(void) {
    char path[128];
    snprintf(path, sizeof path, "%s/f", folder_path);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs("old", f);
    fclose(f);
}

static void test_every_call_of_replace(void **state) {
    (void)state;
    static const char *const names[] = {"ENOSPC", "EIO", "EINTR"};
    for (size_t e = 0; e < COUNT_OF(names); e++) {
        int syncs_failed = 0, n = 1;
        for (;; n++) {
            char rule[64], now[16];
            snprintf(rule, sizeof rule, "sys:%d:%s", n, names[e]);
            write_old();
            int exit_code = WEXITSTATUS(run(replace_once, NULL, rule));
            assert_int_not_equal(exit_code, 9);
            read_now(now);
            syncs_failed += exit_code == 2;
            if (exit_code == 0)
                assert_string_equal(now, "new");
            else if (exit_code == 1 && strcmp(now, "new") != 0)
                assert_string_equal(now, "old");
            if (exit_code == 0 && e < 2 && n != 2) break; /* 2: the left-over, which is not there */
            if (e == 2) assert_int_equal(exit_code, 0);   /* an interruption is never seen */
            if (n == 20) break;
        }
        if (e < 2) {
            assert_int_equal(syncs_failed, 2); /* of the file and of the folder */
            assert_in_range(n, 8, 12);
        }
    }
}

static int make_folder(void **state) {
    (void)state;
    strcpy(folder_path, "/tmp/fault-test-XXXXXX");
    return mkdtemp(folder_path) ? 0 : -1;
}

static int remove_folder(void **state) {
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", folder_path);
    return system(command);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_points),
        cmocka_unit_test(test_db),
        cmocka_unit_test(test_every_call_of_replace),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
