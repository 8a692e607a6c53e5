/*
 * sandbox: what a process gives up before it reads the first byte from outside, for good.
 *
 *   no_new_privs   always
 *   seccomp        an allow-list of system calls per role; the promises hold by this alone
 *   Landlock       files, as far as the kernel has it: a second wall, never the only one
 *   rlimits        no core dumps; no new files for web, no new processes
 *
 * | role   | may                                               | may not                             |
 * | web    | accept, read, write, map what is open already     | open, create, socket, connect, exec, fork |
 * | core   | files below the site's folder, Unix sockets       | any network, exec, fork               |
 * | signer | read, write and sync what is open already          | open, socket, connect, exec, fork     |
 * | media  | read and write what is open already               | open, socket, connect, exec, fork     |
 *
 * None may map memory executable, trace another process, mount, load modules, or change identity.
 * A forbidden call ends the process ("SIGSYS"), after one line in the log that names it; a few that
 * libraries try and do without (openat, ioctl TCGETS, sched_setaffinity …) fail with EPERM instead.
 * Everything must be open, and threads started, before sandbox_enter().
 *
 * AddressSanitizer and ThreadSanitizer need calls that no role may make (they open /proc/self/maps,
 * map executable memory, start a tracer): in such builds sandbox_enter() sets no_new_privs and
 * rlimits only and sandbox_level() says so. So the tests of this folder test it unsanitized.
 */
#ifndef DATELINE_SYS_SANDBOX_H
#define DATELINE_SYS_SANDBOX_H

#include "base/buf.h"

enum sandbox_role { SANDBOX_WEB, SANDBOX_CORE, SANDBOX_SIGNER, SANDBOX_MEDIA, SANDBOX_ROLES };

#define SANDBOX_FOLDERS_MAX 8
struct sandbox_folder {
    const char *path;
    bool may_write; /* create, rename and remove in it too */
};
struct sandbox_options {
    enum sandbox_role role;
    /* What Landlock leaves reachable; only core has any. */
    struct sandbox_folder folders[SANDBOX_FOLDERS_MAX];
    size_t folders_count;
};

struct sandbox_level {
    bool no_new_privs;
    bool seccomp;
    int landlock_abi; /* 0: the kernel has none */
    bool landlock;    /* in force */
};

/* RC_FATAL if seccomp or no_new_privs cannot be had; a missing Landlock is only told. */
rc sandbox_enter(const struct sandbox_options *options, struct sandbox_level *out_level) MUST_USE;

/* Inside: try what this role must not, and find it refused. Calls that end the process are tried in
 * children where forking is possible at all: so this is called *before* sandbox_enter() and enters
 * in forked copies. RC_FATAL names the first call that was let through. A line an attempt goes to
 * `report` if it is not NULL. */
rc sandbox_selftest(const struct sandbox_options *options, struct buf *report) MUST_USE;

int sandbox_landlock_abi(void); /* the kernel's; 0: none */
const char *sandbox_role_name(enum sandbox_role role);
/* False in builds whose sanitizer cannot live with seccomp. */
bool sandbox_has_seccomp(void);

#endif
