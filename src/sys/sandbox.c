#include "sys/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "sys/log.h"
#include "sys/process.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HAS_SECCOMP false
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#define HAS_SECCOMP false
#endif
#endif
#ifndef HAS_SECCOMP
#define HAS_SECCOMP true
#endif

bool sandbox_has_seccomp(void) {
    return HAS_SECCOMP;
}

const char *sandbox_role_name(enum sandbox_role role) {
    static const char *const names[SANDBOX_ROLES] = {"web", "core", "signer", "media"};
    return names[role];
}

/* ---- seccomp: what is allowed ---------------------------------------------------------------- */

#define IN(role) (1u << (role))
#define WEB IN(SANDBOX_WEB)
#define CORE IN(SANDBOX_CORE)
#define SIGNER IN(SANDBOX_SIGNER)
#define MEDIA IN(SANDBOX_MEDIA)
#define LASTING (WEB | CORE | SIGNER) /* they live on: loops, timers, connections */
#define ALL (LASTING | MEDIA)

/* Whatever their arguments. (Since Linux 5.11 the kernel knows these by a bitmap, without running
 * the filter: the hot path's read, writev and epoll_pwait cost nothing more.) */
static const struct {
    unsigned roles;
    int call;
} allowed[] = {
    /* bytes through what is open */
    {ALL, SCMP_SYS(read)},
    {ALL, SCMP_SYS(readv)},
    {LASTING, SCMP_SYS(pread64)},
    {LASTING, SCMP_SYS(preadv)},
    {ALL, SCMP_SYS(write)},
    {ALL, SCMP_SYS(writev)},
    {ALL, SCMP_SYS(close)},
    {ALL, SCMP_SYS(lseek)},
    {ALL, SCMP_SYS(fstat)},
    {ALL, SCMP_SYS(recvfrom)},
    {ALL, SCMP_SYS(recvmsg)},
    {ALL, SCMP_SYS(sendto)},
    {ALL, SCMP_SYS(sendmsg)},
    {LASTING, SCMP_SYS(shutdown)},
    {LASTING, SCMP_SYS(recvmmsg)},
    {LASTING, SCMP_SYS(sendmmsg)},
    {WEB | CORE, SCMP_SYS(accept)},
    {WEB | CORE, SCMP_SYS(accept4)},
    {LASTING, SCMP_SYS(getsockopt)},
    {LASTING, SCMP_SYS(getsockname)},
    {LASTING, SCMP_SYS(getpeername)},
    /* waiting, time, randomness */
    {ALL, SCMP_SYS(poll)},
    {ALL, SCMP_SYS(ppoll)},
    {LASTING, SCMP_SYS(select)},
    {LASTING, SCMP_SYS(pselect6)},
    {LASTING, SCMP_SYS(epoll_create1)},
    {LASTING, SCMP_SYS(epoll_ctl)},
    {LASTING, SCMP_SYS(epoll_wait)},
    {LASTING, SCMP_SYS(epoll_pwait)},
    {LASTING, SCMP_SYS(epoll_pwait2)},
    {LASTING, SCMP_SYS(eventfd2)},
    {LASTING, SCMP_SYS(timerfd_create)},
    {LASTING, SCMP_SYS(timerfd_settime)},
    {LASTING, SCMP_SYS(timerfd_gettime)},
    {ALL, SCMP_SYS(futex)},
    {ALL, SCMP_SYS(nanosleep)},
    {ALL, SCMP_SYS(clock_nanosleep)},
    {ALL, SCMP_SYS(clock_gettime)},
    {ALL, SCMP_SYS(clock_getres)},
    {ALL, SCMP_SYS(gettimeofday)},
    {ALL, SCMP_SYS(time)},
    {ALL, SCMP_SYS(getrandom)},
    {ALL, SCMP_SYS(sched_yield)},
    {ALL, SCMP_SYS(restart_syscall)},
    /* memory (mmap, mprotect: below) */
    {ALL, SCMP_SYS(munmap)},
    {ALL, SCMP_SYS(mremap)},
    {ALL, SCMP_SYS(madvise)},
    {ALL, SCMP_SYS(brk)},
    /* signals to itself, its end, and who it is */
    {ALL, SCMP_SYS(rt_sigaction)},
    {ALL, SCMP_SYS(rt_sigprocmask)},
    {ALL, SCMP_SYS(rt_sigreturn)},
    {ALL, SCMP_SYS(sigaltstack)},
    {ALL, SCMP_SYS(exit)},
    {ALL, SCMP_SYS(exit_group)},
    {ALL, SCMP_SYS(getpid)},
    {ALL, SCMP_SYS(gettid)},
    {LASTING, SCMP_SYS(getppid)},
    {LASTING, SCMP_SYS(getuid)},
    {LASTING, SCMP_SYS(geteuid)},
    {LASTING, SCMP_SYS(getgid)},
    {LASTING, SCMP_SYS(getegid)},
    {ALL, SCMP_SYS(getrusage)},
    {LASTING, SCMP_SYS(uname)},
    {ALL, SCMP_SYS(sched_getaffinity)},
    {ALL, SCMP_SYS(getcpu)},
    {ALL, SCMP_SYS(set_robust_list)},
    {ALL, SCMP_SYS(rseq)},
    {LASTING, SCMP_SYS(membarrier)},
    /* durable writes into what is open */
    {CORE | SIGNER, SCMP_SYS(pwrite64)},
    {CORE | SIGNER, SCMP_SYS(pwritev)},
    {CORE | SIGNER, SCMP_SYS(fdatasync)},
    {CORE | SIGNER, SCMP_SYS(fsync)},
    {CORE | SIGNER, SCMP_SYS(ftruncate)},
    {CORE | SIGNER, SCMP_SYS(fallocate)},
    {CORE | SIGNER, SCMP_SYS(flock)},
    {CORE | SIGNER, SCMP_SYS(fcntl)},
    {CORE | SIGNER, SCMP_SYS(statx)},
    {CORE | SIGNER, SCMP_SYS(fstatfs)},
    /* files and folders; Landlock says which */
    {CORE, SCMP_SYS(openat)},
    {CORE, SCMP_SYS(open)},
    {CORE, SCMP_SYS(newfstatat)},
    {CORE, SCMP_SYS(stat)},
    {CORE, SCMP_SYS(lstat)},
    {CORE, SCMP_SYS(statfs)},
    {CORE, SCMP_SYS(access)},
    {CORE, SCMP_SYS(faccessat)},
    {CORE, SCMP_SYS(faccessat2)},
    {CORE, SCMP_SYS(readlink)},
    {CORE, SCMP_SYS(readlinkat)},
    {CORE, SCMP_SYS(getdents64)},
    {CORE, SCMP_SYS(getcwd)},
    {CORE, SCMP_SYS(unlink)},
    {CORE, SCMP_SYS(unlinkat)},
    {CORE, SCMP_SYS(rename)},
    {CORE, SCMP_SYS(renameat)},
    {CORE, SCMP_SYS(renameat2)},
    {CORE, SCMP_SYS(mkdir)},
    {CORE, SCMP_SYS(mkdirat)},
    {CORE, SCMP_SYS(rmdir)},
    {CORE, SCMP_SYS(fchmod)},
    {CORE, SCMP_SYS(fchmodat)},
    {CORE, SCMP_SYS(chmod)},
    {CORE, SCMP_SYS(fchown)}, /* SQLite as root: its WAL gets the database's owner */
    {CORE, SCMP_SYS(umask)},
    {CORE, SCMP_SYS(fadvise64)},
    {CORE, SCMP_SYS(msync)},
    {CORE, SCMP_SYS(sync_file_range)},
    {CORE, SCMP_SYS(syncfs)}, /* a backup's many files */
    {CORE, SCMP_SYS(dup)},
    {CORE, SCMP_SYS(pipe2)},
    /* run/core.sock (a Unix socket: see below). No connect: the machine's own services listen there */
    {CORE, SCMP_SYS(bind)},
    {CORE, SCMP_SYS(listen)},
};

/* Where no rule allows them, these fail with EPERM (on_refused_call() sees to it): libraries try them
 * and do without. Every other refused call ends the process. */
static const int refused_softly[] = {
    SCMP_SYS(openat),
    SCMP_SYS(open),
    SCMP_SYS(newfstatat),
    SCMP_SYS(stat),
    SCMP_SYS(lstat),
    SCMP_SYS(statx),
    SCMP_SYS(access),
    SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2),
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
    SCMP_SYS(getcwd),
    SCMP_SYS(ioctl),
    SCMP_SYS(fcntl),
    SCMP_SYS(prctl),
    SCMP_SYS(prlimit64),
    SCMP_SYS(getrlimit),
    SCMP_SYS(sysinfo),
    SCMP_SYS(sched_setaffinity),
    SCMP_SYS(sched_getparam),
    SCMP_SYS(sched_getscheduler),
    SCMP_SYS(setsockopt),
    SCMP_SYS(pipe2),
    SCMP_SYS(dup),
    SCMP_SYS(mlock),
    SCMP_SYS(munlock),
    SCMP_SYS(mincore),
    SCMP_SYS(fadvise64),
};

/* One allowed form of a call that is otherwise refused. */
#define ALLOW(roles_, call, ...)                                                    \
    do {                                                                            \
        const struct scmp_arg_cmp forms_[] = {__VA_ARGS__};                         \
        if (result == 0 && (IN(role) & (roles_))) {                                 \
            result = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(call), \
                                            COUNT_OF(forms_), forms_);              \
        }                                                                           \
    } while (0)
#define ARG_IS(n, value) SCMP_CMP((n), SCMP_CMP_EQ, (scmp_datum_t)(value))
#define ARG_LACKS(n, bits) SCMP_CMP((n), SCMP_CMP_MASKED_EQ, (scmp_datum_t)(bits), 0)

#define THREAD_FLAGS                                                                    \
    (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | \
     CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID)

static int add_rules(scmp_filter_ctx filter, enum sandbox_role role) {
    int result = 0;
    for (size_t i = 0; i < COUNT_OF(allowed) && result == 0; i++) {
        if (!(allowed[i].roles & IN(role))) continue;
        result = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, allowed[i].call, 0, NULL);
    }
    /* Memory: never executable. In web shared memory is never writable: its pin page is mapped
     * before, and the page store cannot be mapped anew to write into it. */
    ALLOW(ALL, mmap, ARG_LACKS(2, PROT_EXEC), ARG_LACKS(3, MAP_SHARED));
    ALLOW(WEB | SIGNER, mmap, ARG_LACKS(2, PROT_EXEC | PROT_WRITE));
    ALLOW(CORE, mmap, ARG_LACKS(2, PROT_EXEC));
    ALLOW(ALL, mprotect, ARG_LACKS(2, PROT_EXEC));
    /* glibc's fstat() */
    ALLOW(WEB | SIGNER | MEDIA, newfstatat, ARG_IS(3, AT_EMPTY_PATH));
    ALLOW(WEB, fcntl, ARG_IS(1, F_GETFL));
    ALLOW(WEB, fcntl, ARG_IS(1, F_SETFL));
    ALLOW(WEB, fcntl, ARG_IS(1, F_GETFD));
    ALLOW(WEB, fcntl, ARG_IS(1, F_SETFD));
    ALLOW(LASTING, ioctl, ARG_IS(1, FIONBIO));
    ALLOW(LASTING, ioctl, ARG_IS(1, FIONREAD));
    ALLOW(LASTING, ioctl, ARG_IS(1, FIOCLEX));
    ALLOW(WEB, setsockopt, ARG_IS(1, SOL_SOCKET));
    ALLOW(WEB, setsockopt, ARG_IS(1, 6 /* IPPROTO_TCP */));
    ALLOW(CORE, setsockopt, ARG_IS(1, SOL_SOCKET));
    ALLOW(CORE, socket, ARG_IS(0, AF_UNIX));
    ALLOW(CORE, socketpair, ARG_IS(0, AF_UNIX));
    ALLOW(ALL, prctl, ARG_IS(0, PR_SET_NAME));
    ALLOW(ALL, prctl, ARG_IS(0, PR_GET_SECCOMP));
    ALLOW(ALL, prctl, ARG_IS(0, PR_GET_NO_NEW_PRIVS));
    ALLOW(ALL, prlimit64, ARG_IS(2, 0));     /* getrlimit() */
    ALLOW(ALL, tgkill, ARG_IS(0, getpid())); /* abort() */
    /* Threads, with the very flags of pthread_create(); they are under the same filter. clone3 keeps its
     * flags where no filter can see them: glibc does without it if it is "not there". (A trap would not
     * do: glibc blocks all signals around it.) */
    ALLOW(CORE | MEDIA, clone, ARG_IS(0, THREAD_FLAGS));
    if (result == 0 && (IN(role) & (CORE | MEDIA)))
        result = seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0, NULL);
    return result;
}

/* ---- SIGSYS: a refused call, named ----------------------------------------------------------- */

/* While the self-test tries a call, its refusal is noted and the call answers EPERM too. */
static volatile sig_atomic_t trying, refused;
enum { REFUSED = 1, REFUSED_SOFTLY };

static void on_refused_call(int signal_number, siginfo_t *info, void *context) {
    ucontext_t *machine = context;
    bool softly = false;
    for (size_t i = 0; i < COUNT_OF(refused_softly); i++)
        softly |= refused_softly[i] == info->si_syscall;
    if (trying || softly) {
        refused = softly ? REFUSED_SOFTLY : REFUSED;
#if defined(__x86_64__)
        machine->uc_mcontext.gregs[REG_RAX] = -EPERM;
#elif defined(__aarch64__)
        machine->uc_mcontext.regs[0] = (unsigned long long)-EPERM;
#else
#error "sandbox: where does a system call's result stand on this machine?"
#endif
        return;
    }
    char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, info->si_syscall);
    /* The process ends here: what is not safe in a signal handler can break nothing any more. */
    log_event(LOG_ERROR, "a call that this process must not make; it ends",
              LOG_TEXT("call", span_str(name ? name : "?")), LOG_INT("number", info->si_syscall));
    signal(signal_number, SIG_DFL);
    sigset_t only;
    sigemptyset(&only);
    sigaddset(&only, signal_number);
    sigprocmask(SIG_UNBLOCK, &only, NULL);
    raise(signal_number);
    _exit(128 + SIGSYS);
}

static rc enter_seccomp(enum sandbox_role role) {
    struct sigaction action = {.sa_flags = SA_SIGINFO};
    action.sa_sigaction = on_refused_call;
    sigemptyset(&action.sa_mask);
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_TRAP);
    if (!filter) return rc_fail(RC_FATAL, "seccomp: no filter could be made");
    int result = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    if (result == 0) result = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
    if (result == 0) result = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    if (result == 0) result = add_rules(filter, role);
    if (result == 0 && sigaction(SIGSYS, &action, NULL) < 0) result = -errno;
    if (result == 0) result = seccomp_load(filter);
    seccomp_release(filter);
    if (result != 0) {
        return rc_fail(RC_FATAL,
                       "seccomp: %s while taking rights from the %s process; a kernel with "
                       "CONFIG_SECCOMP_FILTER "
                       "is needed, and a container must allow it",
                       strerror(-result), sandbox_role_name(role));
    }
    return RC_OK;
}

/* ---- Landlock -------------------------------------------------------------------------------- */

/* linux/landlock.h of Debian 12 knows ABI 2; the rest of the constants, by version of the ABI. */
struct ruleset_attr {
    uint64_t handled_fs;  /* 1 */
    uint64_t handled_net; /* 4 */
    uint64_t scoped;      /* 6 */
};
#define FS_EXECUTE (1ull << 0)
#define FS_WRITE_FILE (1ull << 1)
#define FS_READ_FILE (1ull << 2)
#define FS_READ_DIR (1ull << 3)
#define FS_REMOVE_DIR (1ull << 4)
#define FS_REMOVE_FILE (1ull << 5)
#define FS_MAKE_DIR (1ull << 7)
#define FS_MAKE_REG (1ull << 8)
#define FS_MAKE_SOCK (1ull << 9)
#define FS_ABI_1 ((1ull << 13) - 1)
#define FS_REFER (1ull << 13)     /* 2: rename from one folder to another */
#define FS_TRUNCATE (1ull << 14)  /* 3 */
#define FS_IOCTL_DEV (1ull << 15) /* 5 */
#define NET_BIND_TCP (1ull << 0)  /* 4 */
#define NET_CONNECT_TCP (1ull << 1)
#define SCOPE_ABSTRACT_UNIX_SOCKET (1ull << 0) /* 6 */
#define SCOPE_SIGNAL (1ull << 1)

int sandbox_landlock_abi(void) {
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    return abi > 0 ? (int)abi : 0;
}

static rc landlock_add_path(int ruleset, uint64_t handled, const struct sandbox_path *path) {
    int fd = open(path->path, O_PATH | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) < 0) {
        rc code = rc_fail(RC_NOT_FOUND, "%s: %s while preparing the sandbox", path->path,
                          strerror(errno));
        if (fd >= 0) close(fd);
        return code;
    }
    uint64_t access = FS_READ_FILE;
    if (path->may_write) access |= FS_WRITE_FILE | FS_TRUNCATE;
    if (S_ISDIR(st.st_mode)) {
        access |= FS_READ_DIR;
        if (path->may_write) {
            access |= FS_REMOVE_DIR | FS_REMOVE_FILE | FS_MAKE_DIR | FS_MAKE_REG | FS_MAKE_SOCK |
                      FS_REFER;
        }
    }
    struct landlock_path_beneath_attr attr = {.allowed_access = access & handled, .parent_fd = fd};
    long result = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &attr, 0);
    int error = errno;
    close(fd);
    if (result < 0) {
        return rc_fail(RC_FATAL, "Landlock: %s while allowing %s", strerror(error), path->path);
    }
    return RC_OK;
}

static rc enter_landlock(const struct sandbox_options *options, int abi) {
    struct ruleset_attr attr = {.handled_fs = FS_ABI_1};
    size_t size = sizeof attr.handled_fs;
    if (abi >= 2) attr.handled_fs |= FS_REFER;
    if (abi >= 3) attr.handled_fs |= FS_TRUNCATE;
    if (abi >= 5) attr.handled_fs |= FS_IOCTL_DEV;
    if (abi >= 4) {
        attr.handled_net = NET_BIND_TCP | NET_CONNECT_TCP;
        size = offsetof(struct ruleset_attr, scoped);
    }
    if (abi >= 6) {
        attr.scoped = SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL;
        size = sizeof attr;
    }
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, size, 0);
    if (ruleset < 0)
        return rc_fail(RC_FATAL, "Landlock: %s while making the rules", strerror(errno));
    rc code = RC_OK;
    for (size_t i = 0; i < options->paths_count && code == RC_OK; i++) {
        code = landlock_add_path(ruleset, attr.handled_fs, &options->paths[i]);
    }
    if (code == RC_OK && syscall(SYS_landlock_restrict_self, ruleset, 0) < 0) {
        code = rc_fail(RC_FATAL, "Landlock: %s while putting the rules in force", strerror(errno));
    }
    close(ruleset);
    return code;
}

rc sandbox_enter(const struct sandbox_options *options, struct sandbox_level *out_level) {
    struct sandbox_level level = {.landlock_abi = sandbox_landlock_abi()};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) {
        return rc_fail(RC_FATAL, "no_new_privs: %s", strerror(errno));
    }
    level.no_new_privs = true;
    const struct rlimit no_dump = {0, 0};
    if (setrlimit(RLIMIT_CORE, &no_dump) < 0) {
        return rc_fail(RC_FATAL, "limit of core dumps: %s", strerror(errno));
    }
    if (HAS_SECCOMP) {
        if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0) {
            return rc_fail(RC_FATAL, "not to be debugged: %s", strerror(errno));
        }
        if (level.landlock_abi > 0) {
            TRY(enter_landlock(options, level.landlock_abi));
            level.landlock = true;
        }
        TRY(enter_seccomp(options->role));
        level.seccomp = true;
    }
    *out_level = level;
    return RC_OK;
}

/* ---- the self-test: try it ------------------------------------------------------------------- */

/* Each makes a forbidden call in a form that does no harm, and returns its result (−1: errno says
 * why). What one did nevertheless, it takes back. */
static long close_if(long fd) {
    if (fd >= 0) close((int)fd);
    return fd;
}
static long try_open_read(void) {
    return close_if(syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY | O_CLOEXEC, 0));
}
static long try_open_write(void) {
    return close_if(syscall(SYS_openat, AT_FDCWD, "/dev/null", O_WRONLY | O_CLOEXEC, 0));
}
static long try_create(void) {
    long result = syscall(SYS_mkdirat, AT_FDCWD, "/tmp/dateline-sandbox-test", 0700);
    int error = errno;
    if (result == 0) rmdir("/tmp/dateline-sandbox-test");
    errno = error;
    return result;
}
static long try_unlink(void) {
    return syscall(SYS_unlinkat, -1, "dateline-sandbox-test", 0);
}
static long try_rename(void) {
    return syscall(SYS_renameat2, -1, "a", -1, "b", 0);
}
static long try_truncate(void) {
    return syscall(SYS_ftruncate, -1, 0);
}
static long try_pwrite(void) {
    return syscall(SYS_pwrite64, -1, "", 0, 0);
}
static long try_link(void) {
    return syscall(SYS_linkat, -1, "a", -1, "b", 0);
}
static long try_symlink(void) {
    return syscall(SYS_symlinkat, "a", -1, "b");
}
static long try_socket_inet(void) {
    return close_if(syscall(SYS_socket, AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
}
static long try_socket_inet6(void) {
    return close_if(syscall(SYS_socket, AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
}
static long try_socket_netlink(void) {
    return close_if(syscall(SYS_socket, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0));
}
static long try_socket_unix(void) {
    return close_if(syscall(SYS_socket, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
}
static long try_connect(void) {
    return syscall(SYS_connect, -1, NULL, 0);
}
static long try_bind(void) {
    return syscall(SYS_bind, -1, NULL, 0);
}
static long try_accept(void) {
    return syscall(SYS_accept4, -1, NULL, NULL, 0);
}
static long try_exec(void) {
    return syscall(SYS_execve, "", NULL, NULL);
}
static long try_exec_at(void) {
    return syscall(SYS_execveat, -1, "", NULL, NULL, 0);
}
static long try_fork(void) {
    long pid = syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
    if (pid == 0) _exit(0);
    return pid;
}
static long try_clone3(void) {
    long result = syscall(SYS_clone3, NULL, 0);
    if (result < 0 && errno == ENOSYS) refused = REFUSED_SOFTLY; /* the kernel's own is EINVAL */
    return result;
}
static long try_vfork(void) {
    long pid = syscall(SYS_clone, CLONE_VM | CLONE_VFORK | SIGCHLD, NULL, NULL, NULL, NULL);
    if (pid == 0) _exit(0);
    return pid;
}
static long try_map_exec(void) {
    void *p = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) return -1;
    munmap(p, 4096);
    return 0;
}
static long try_protect_exec(void) {
    void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) return 0;
    long result = mprotect(p, 4096, PROT_READ | PROT_EXEC);
    int error = errno;
    munmap(p, 4096);
    errno = error;
    return result;
}
static long try_map_shared_write(void) {
    void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) return -1;
    munmap(p, 4096);
    return 0;
}
static long try_ptrace(void) {
    return syscall(SYS_ptrace, 0x4206 /* PTRACE_SEIZE */, getppid(), NULL, NULL);
}
static long try_read_memory(void) {
    return syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0);
}
static long try_kill(void) {
    return syscall(SYS_kill, getppid(), 0);
}
static long try_kill_thread(void) {
    return syscall(SYS_tgkill, getppid(), getppid(), 0);
}
static long try_pidfd(void) {
    return close_if(syscall(SYS_pidfd_open, getppid(), 0));
}
static long try_mount(void) {
    return syscall(SYS_mount, NULL, NULL, NULL, 0, NULL);
}
static long try_unshare(void) {
    return syscall(SYS_unshare, 0);
}
static long try_set_uid(void) {
    return syscall(SYS_setuid, getuid());
}
static long try_bpf(void) {
    return syscall(SYS_bpf, -1, NULL, 0);
}
static long try_io_uring(void) {
    return syscall(SYS_io_uring_setup, 0, NULL);
}
static long try_userfaultfd(void) {
    return close_if(syscall(SYS_userfaultfd, O_CLOEXEC));
}
static long try_perf(void) {
    return syscall(SYS_perf_event_open, NULL, 0, -1, -1, 0);
}
static long try_keyctl(void) {
    return syscall(SYS_keyctl, -1, 0, 0, 0, 0);
}
static long try_module(void) {
    return syscall(SYS_finit_module, -1, NULL, 0);
}
static long try_handle(void) {
    return syscall(SYS_open_by_handle_at, -1, NULL, 0);
}
static long try_terminal_input(void) {
    return syscall(SYS_ioctl, -1, 0x5412 /* TIOCSTI: types into the operator's terminal */, "");
}
static long try_limits(void) {
    return syscall(SYS_prlimit64, getppid(), RLIMIT_NOFILE, "", NULL);
}

static const struct {
    const char *what;
    unsigned seccomp;  /* roles where seccomp alone must refuse it */
    unsigned landlock; /* roles where Landlock must */
    long (*make)(void);
} attempts[] = {
    {"open a file outside the site", WEB | SIGNER | MEDIA, CORE, try_open_read},
    {"open a file for writing", WEB | SIGNER | MEDIA, CORE, try_open_write},
    {"make a folder", WEB | SIGNER | MEDIA, CORE, try_create},
    {"remove a file", WEB | SIGNER | MEDIA, 0, try_unlink},
    {"rename a file", WEB | SIGNER | MEDIA, 0, try_rename},
    {"cut a file", WEB | MEDIA, 0, try_truncate},
    {"write at a place in a file", WEB | MEDIA, 0, try_pwrite},
    {"link a file", ALL, 0, try_link},
    {"make a symbolic link", ALL, 0, try_symlink},
    {"make an Internet socket", ALL, 0, try_socket_inet},
    {"make an IPv6 datagram socket", ALL, 0, try_socket_inet6},
    {"make a netlink socket", ALL, 0, try_socket_netlink},
    {"make a Unix socket", WEB | SIGNER | MEDIA, 0, try_socket_unix},
    {"connect", ALL, 0, try_connect},
    {"bind a socket", WEB | SIGNER | MEDIA, 0, try_bind},
    {"accept a connection", SIGNER | MEDIA, 0, try_accept},
    {"execute a program", ALL, 0, try_exec},
    {"execute a program by descriptor", ALL, 0, try_exec_at},
    {"fork", ALL, 0, try_fork},
    {"fork with shared memory", ALL, 0, try_vfork},
    {"clone3", ALL, 0, try_clone3},
    {"map executable memory", ALL, 0, try_map_exec},
    {"make memory executable", ALL, 0, try_protect_exec},
    {"map shared memory for writing", WEB | SIGNER | MEDIA, 0, try_map_shared_write},
    {"trace another process", ALL, 0, try_ptrace},
    {"read another process's memory", ALL, 0, try_read_memory},
    {"signal another process", ALL, 0, try_kill},
    {"signal another process's thread", ALL, 0, try_kill_thread},
    {"hold another process", ALL, 0, try_pidfd},
    {"change another process's limits", ALL, 0, try_limits},
    {"mount", ALL, 0, try_mount},
    {"enter a namespace", ALL, 0, try_unshare},
    {"change identity", ALL, 0, try_set_uid},
    {"load a BPF program", ALL, 0, try_bpf},
    {"set up io_uring", ALL, 0, try_io_uring},
    {"handle page faults", ALL, 0, try_userfaultfd},
    {"watch performance events", ALL, 0, try_perf},
    {"reach the kernel's keys", ALL, 0, try_keyctl},
    {"load a kernel module", ALL, 0, try_module},
    {"open a file by handle", ALL, 0, try_handle},
    {"type into a terminal", ALL, 0, try_terminal_input},
};

rc sandbox_selftest(enum sandbox_role role, const struct sandbox_level *level, struct buf *report) {
    const char *name = sandbox_role_name(role);
    if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) {
        return rc_fail(RC_FATAL, "the sandbox of %s: no_new_privs is not set", name);
    }
    if (!HAS_SECCOMP) {
        if (report) buf_str(report, "(built with a sanitizer: no seccomp, nothing to try)\n");
        return RC_OK;
    }
    if (prctl(PR_GET_SECCOMP) != 2) {
        return rc_fail(RC_FATAL, "the sandbox of %s: seccomp is not in force", name);
    }
    for (size_t i = 0; i < COUNT_OF(attempts); i++) {
        bool by_seccomp = attempts[i].seccomp & IN(role);
        bool by_landlock = level->landlock && (attempts[i].landlock & IN(role));
        if (!by_seccomp && !by_landlock) continue;
        refused = 0;
        trying = 1;
        errno = 0;
        long result = attempts[i].make();
        int error = errno;
        trying = 0;
        bool right = result == -1 && (by_seccomp ? refused != 0 : error == EACCES);
        if (report) {
            buf_printf(report, "%-34s %s\n", attempts[i].what,
                       !right               ? "LET THROUGH"
                       : refused == REFUSED ? "refused, would end the process"
                                            : "refused");
        }
        if (!right) {
            return rc_fail(RC_FATAL,
                           "the sandbox of %s: it could %s (%s); it must not serve on this machine",
                           name, attempts[i].what, result == -1 ? strerror(error) : "succeeded");
        }
    }
    return RC_OK;
}

struct report_job {
    const struct sandbox_options *options;
    int pipe_fd;
};

#define REPORT_BYTES_MAX 32768
static int report_in_child(void *arg) {
    struct report_job *job = arg;
    struct sandbox_level level = {0};
    char memory[REPORT_BYTES_MAX];
    struct buf text;
    buf_init_fixed(&text, memory, sizeof memory);
    rc code = sandbox_enter(job->options, &level);
    if (code == RC_OK) code = sandbox_selftest(job->options->role, &level, &text);
    if (code != RC_OK) buf_printf(&text, "%s\n", rc_why());
    if (write(job->pipe_fd, &level, sizeof level) != (ssize_t)sizeof level) return RC_IO;
    for (size_t at = 0; at < text.n;) {
        ssize_t put = write(job->pipe_fd, text.p + at, text.n - at);
        if (put <= 0) return RC_IO;
        at += (size_t)put;
    }
    return (int)code;
}

rc sandbox_report(const struct sandbox_options *options, struct sandbox_level *out_level,
                  struct buf *report) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) return rc_fail(RC_IO, "pipe: %s", strerror(errno));
    /* The report fits into the pipe (64 KB), so that one after the other is enough. */
    struct report_job job = {.options = options, .pipe_fd = ends[1]};
    struct process_end end = {.exit_code = -1};
    rc code = process_try(report_in_child, &job, &end);
    close(ends[1]);
    struct sandbox_level level = {0};
    char text[REPORT_BYTES_MAX];
    ssize_t got = read(ends[0], &level, sizeof level);
    bool whole = got == (ssize_t)sizeof level;
    size_t n = 0;
    while (whole && n < sizeof text) {
        got = read(ends[0], text + n, sizeof text - n);
        if (got <= 0) break;
        n += (size_t)got;
    }
    close(ends[0]);
    if (code != RC_OK) return code;
    if (report) buf_add(report, span_of(text, n));
    if (end.signal || !whole) {
        return rc_fail(RC_FATAL, "the sandbox of %s: the test process ended by signal %d",
                       sandbox_role_name(options->role), end.signal);
    }
    *out_level = level;
    if (end.exit_code != RC_OK) {
        struct span last = span_trim(span_of(text, n));
        while (span_find(last, '\n') < last.n) (void)span_cut(&last, '\n');
        return rc_fail(RC_FATAL, SPAN_FMT, SPAN_ARG(last));
    }
    return RC_OK;
}
