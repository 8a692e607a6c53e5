/*
 * sandbox: what a process gives up before it reads the first byte from outside, for good.
 *
 *   no_new_privs   always
 *   seccomp        an allow-list of system calls per role; the promises hold by this alone
 *   Landlock       files, as far as the kernel has it: a second wall, never the only one
 *   no core dumps, and not debuggable by others of the same user (both would show the key)
 *
 * | role   | may                                               | may not                             |
 * | web    | accept, read, write, map what is open already     | open, create, socket, connect, exec, fork |
 * | core   | files (Landlock: the site's), listen on a Unix socket, threads | network, connect, exec, fork |
 * | signer | read, write and sync what is open already          | open, socket, connect, exec, fork     |
 * | media  | read and write what is open already, threads       | all that; and wait for events, timers |
 *
 * None may map memory executable, trace or signal another process, mount, load modules, or change
 * its identity. A forbidden call is not made: it ends the process (SIGSYS) after one line in the log
 * that names it; a few that libraries try and do without (openat, ioctl, prctl …) get EPERM instead.
 * Shared writable memory is mapped, and what the table calls "open already" opened, before.
 *
 * AddressSanitizer and ThreadSanitizer need calls that no role may make (they open /proc/self/maps,
 * map executable memory, start a tracer): in such builds sandbox_enter() sets no_new_privs only,
 * the level says so, and the test of the filters says that it was skipped.
 */
#ifndef DATELINE_SYS_SANDBOX_H
#define DATELINE_SYS_SANDBOX_H

#include "base/buf.h"

enum sandbox_role { SANDBOX_WEB, SANDBOX_CORE, SANDBOX_SIGNER, SANDBOX_MEDIA };
#define SANDBOX_ROLES 4

#define SANDBOX_PATHS_MAX 16
struct sandbox_path {
    const char *path; /* a file, or a folder and all below it; must exist */
    bool may_write;   /* in a folder also create, rename, remove */
};
struct sandbox_options {
    enum sandbox_role role;
    /* What Landlock leaves reachable by opening; core only. */
    struct sandbox_path paths[SANDBOX_PATHS_MAX];
    size_t paths_count;
};

struct sandbox_level {
    bool no_new_privs;
    bool seccomp;
    int landlock_abi; /* 0: the kernel has none */
    bool landlock;    /* in force */
};

/* For this process, for ever. RC_FATAL if seccomp or no_new_privs cannot be had; a kernel without
 * Landlock is only told. */
rc sandbox_enter(const struct sandbox_options *options, struct sandbox_level *out_level) MUST_USE;

/* After sandbox_enter(), inside the process: try everything that its role must not, and find it
 * refused. RC_FATAL names the first call that was let through (what it did is taken back, and the
 * process must end). `report` gets a line an attempt; NULL if nobody reads it. Before
 * sandbox_enter() it fails: it is a test that can. */
rc sandbox_selftest(enum sandbox_role role, const struct sandbox_level *level,
                    struct buf *report) MUST_USE;

/* The same two in a forked copy of this process, which is not changed: for `dateline doctor`. */
rc sandbox_report(const struct sandbox_options *options, struct sandbox_level *out_level,
                  struct buf *report) MUST_USE;

int sandbox_landlock_abi(void); /* the kernel's; 0: none */
const char *sandbox_role_name(enum sandbox_role role);
/* False in builds whose sanitizer cannot live with seccomp. */
bool sandbox_has_seccomp(void);

#endif
