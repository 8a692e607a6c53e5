#include "sys/process.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/sandbox.h"

/* In the child, between fork and exec: only async-signal-safe calls. Returns errno. */
static int child_prepare(const struct process_command *command, int parent) {
    if (command->dies_with_parent) {
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) return errno;
        if (getppid() != parent) _exit(0); /* it ended before we asked */
    }
    /* What the terminal sends (Ctrl-C) is for the parent, which ends its children in order. */
    if (!command->on_terminal && setpgid(0, 0) < 0) return errno;
    sigset_t none;
    sigemptyset(&none);
    if (sigprocmask(SIG_SETMASK, &none, NULL) < 0) return errno;
    signal(SIGPIPE, SIG_DFL);

    /* A source may be another's target: first everything out of the way, then into place. */
    int above = PROCESS_FD_FIRST + (int)command->fds_count;
    int moved[PROCESS_FDS_MAX];
    for (size_t i = 0; i < command->fds_count; i++) {
        moved[i] = -1;
        if (command->fds[i] < 0) continue;
        moved[i] = fcntl(command->fds[i], F_DUPFD_CLOEXEC, above);
        if (moved[i] < 0) return errno;
    }
    int error_fd = -1;
    if (command->error_fd >= 0) {
        error_fd = fcntl(command->error_fd, F_DUPFD_CLOEXEC, above);
        if (error_fd < 0) return errno;
    }
    for (size_t i = 0; i < command->fds_count; i++) {
        int target = PROCESS_FD_FIRST + (int)i;
        if (moved[i] < 0)
            (void)close(target);
        else if (dup2(moved[i], target) < 0)
            return errno;
    }
    if (error_fd >= 0 && dup2(error_fd, 2) < 0) return errno;
    if (!command->on_terminal) {
        int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (nothing < 0 || dup2(nothing, 0) < 0 || dup2(2, 1) < 0) return errno;
    }
    return 0;
}

rc process_start(const struct process_command *command, struct process *out_process) {
    CHECK(command->args_count > 0 && command->args_count <= PROCESS_ARGS_MAX);
    CHECK(command->fds_count <= PROCESS_FDS_MAX);
    const char *argv[PROCESS_ARGS_MAX + 1] = {NULL};
    for (size_t i = 0; i < command->args_count; i++) argv[i] = command->args[i];
    const char *program = command->program ? command->program : "/proc/self/exe";

    int tell[2]; /* carries the child's errno; closed by a successful exec */
    if (pipe2(tell, O_CLOEXEC) < 0) {
        return rc_fail(RC_IO, "%s: %s while starting it", argv[0], strerror(errno));
    }
    int parent = getpid();
    pid_t pid = fork();
    if (pid < 0) {
        rc code = rc_fail(RC_IO, "%s: %s while starting it", argv[0], strerror(errno));
        close(tell[0]);
        close(tell[1]);
        return code;
    }
    if (pid == 0) {
        /* The pipe must survive the shuffling of descriptors. */
        int above = PROCESS_FD_FIRST + (int)command->fds_count;
        int pipe_fd = fcntl(tell[1], F_DUPFD_CLOEXEC, above);
        int error = pipe_fd < 0 ? errno : child_prepare(command, parent);
        if (error == 0 && !command->program) {
            execv(program, (char *const *)(uintptr_t)argv);
            error = errno;
        } else if (error == 0) {
            execvp(program, (char *const *)(uintptr_t)argv);
            error = errno;
        }
        if (write(pipe_fd, &error, sizeof error) < 0) _exit(126);
        _exit(127);
    }
    close(tell[1]);
    int error = 0;
    ssize_t got;
    do got = read(tell[0], &error, sizeof error);
    while (got < 0 && errno == EINTR);
    close(tell[0]);
    struct process p = {.pid = pid, .pidfd = -1};
    if (got == 0) {
        p.pidfd = pidfd_open(pid, 0);
        if (p.pidfd < 0) error = errno;
    }
    if (p.pidfd < 0) {
        (void)kill(pid, SIGKILL);
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
        }
        return rc_fail(error == ENOENT ? RC_NOT_FOUND : RC_IO, "%s: %s while starting it",
                       command->program ? command->program : argv[0],
                       strerror(error ? error : EIO));
    }
    *out_process = p;
    return RC_OK;
}

rc process_signal(const struct process *p, int signal) {
    if (p->pidfd < 0) return rc_fail(RC_NOT_FOUND, "the process is not running");
    if (pidfd_send_signal(p->pidfd, signal, NULL, 0) < 0) {
        return rc_fail(errno == ESRCH ? RC_NOT_FOUND : RC_IO,
                       "process %d: %s while sending signal %d", p->pid, strerror(errno), signal);
    }
    return RC_OK;
}

const char *process_signal_name(int signal) {
    const char *name = sigabbrev_np(signal);
    return name ? name : "?";
}

static rc end_of(struct process *p, int options, struct process_end *out_end) {
    siginfo_t info = {0};
    int result;
    do result = waitid(P_PIDFD, (id_t)p->pidfd, &info, WEXITED | options);
    while (result < 0 && errno == EINTR);
    if (result < 0) {
        return rc_fail(RC_IO, "process %d: %s while waiting for it", p->pid, strerror(errno));
    }
    if (info.si_pid == 0) return rc_fail(RC_AGAIN, "process %d is still running", p->pid);
    if (info.si_code == CLD_EXITED) {
        *out_end = (struct process_end){.exit_code = info.si_status, .signal = 0};
    } else {
        *out_end = (struct process_end){.exit_code = -1, .signal = info.si_status};
    }
    close(p->pidfd);
    *p = PROCESS_NONE;
    return RC_OK;
}

rc process_wait(struct process *p, struct process_end *out_end) {
    return end_of(p, 0, out_end);
}

rc process_reap(struct process *p, struct process_end *out_end) {
    return end_of(p, WNOHANG, out_end);
}

rc process_try(int (*fn)(void *arg), void *arg, struct process_end *out_end) {
    pid_t pid = fork();
    if (pid < 0) return rc_fail(RC_IO, "a test process: %s while starting it", strerror(errno));
    if (pid == 0) _exit(fn(arg));
    int status;
    pid_t got;
    do got = waitpid(pid, &status, 0);
    while (got < 0 && errno == EINTR);
    if (got < 0) return rc_fail(RC_IO, "process %d: %s while waiting for it", pid, strerror(errno));
    *out_end = WIFEXITED(status)
                   ? (struct process_end){.exit_code = WEXITSTATUS(status)}
                   : (struct process_end){.exit_code = -1, .signal = WTERMSIG(status)};
    return RC_OK;
}

unsigned process_cpus(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) < 0) return 1;
    int count = CPU_COUNT(&set);
    return count > 0 ? (unsigned)count : 1;
}

int process_id(void) {
    return getpid();
}

uint32_t process_user(void) {
    return geteuid();
}

void process_set_name(const char *name) {
    (void)prctl(PR_SET_NAME, name); /* for ps and top; nothing depends on it */
}

rc process_limit_files(uint64_t want, uint64_t *out_have) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) {
        return rc_fail(RC_IO, "limit of descriptors: %s while asking for it", strerror(errno));
    }
    if (limit.rlim_cur < want) {
        limit.rlim_cur = want < limit.rlim_max ? want : limit.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &limit) < 0) {
            return rc_fail(RC_IO, "limit of descriptors: %s while setting it to %llu",
                           strerror(errno), (unsigned long long)limit.rlim_cur);
        }
    }
    *out_have = limit.rlim_cur;
    return RC_OK;
}

rc process_term_fd(int *out_fd) {
    sigset_t term;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    int fd = signalfd(-1, &term, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0 || sigprocmask(SIG_BLOCK, &term, NULL) < 0) {
        rc code = rc_fail(RC_IO, "signals: %s while asking for SIGTERM", strerror(errno));
        if (fd >= 0) close(fd);
        return code;
    }
    *out_fd = fd;
    return RC_OK;
}

static rc limit_one(const char *what, int resource, uint64_t soft, uint64_t hard) {
    const struct rlimit limit = {.rlim_cur = soft, .rlim_max = hard};
    if (setrlimit((unsigned)resource, &limit) < 0)
        return rc_fail(RC_IO, "limit of %s: %s while setting it", what, strerror(errno));
    return RC_OK;
}

rc process_limit(const struct process_limits *limits) {
    if (sandbox_has_seccomp())
        TRY(limit_one("memory", RLIMIT_DATA, limits->memory_bytes, limits->memory_bytes));
    return limit_one("processor time", RLIMIT_CPU, limits->cpu_s, limits->cpu_s + 1);
}

rc process_silence(int *out_error) {
    int error = fcntl(2, F_DUPFD_CLOEXEC, PROCESS_FD_FIRST);
    int nothing = sandbox_has_seccomp() ? open("/dev/null", O_WRONLY | O_CLOEXEC) : -1;
    bool failed = error < 0 || (sandbox_has_seccomp() && nothing < 0) ||
                  (nothing >= 0 && (dup2(nothing, 1) < 0 || dup2(nothing, 2) < 0));
    if (nothing >= 0) close(nothing);
    if (failed) return rc_fail(RC_IO, "standard error: %s while silencing it", strerror(errno));
    *out_error = error;
    return RC_OK;
}

void process_give_way(void) {
    (void)!nice(5); /* than it was: somebody may have asked for less already */
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd < 0) return;
    (void)!write(fd, "1000", 4);
    close(fd);
}

uint64_t process_peak_bytes(void) {
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) < 0) return 0;
    return (uint64_t)usage.ru_maxrss * 1024;
}

void process_ignore_pipe_signal(void) {
    signal(SIGPIPE, SIG_IGN);
}
