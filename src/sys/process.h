/*
 * process: starting the program's other roles (by executing itself anew, so that nothing of the
 * parent's memory goes along), limits, and how processes end.
 */
#ifndef DATELINE_SYS_PROCESS_H
#define DATELINE_SYS_PROCESS_H

#include "base/base.h"

#define PROCESS_FD_FIRST 3 /* inherited descriptors are numbered from here, in the order given */
#define PROCESS_FDS_MAX 600
#define PROCESS_ARGS_MAX 32

struct process_command {
    const char *program;     /* NULL: this very program (/proc/self/exe) */
    const char *const *args; /* argv[0] first, count of them */
    size_t args_count;
    const int *fds; /* become 3, 4, … in the child; all others are closed. -1: a gap */
    size_t fds_count;
    int error_fd;          /* becomes its standard error; -1: inherits ours */
    bool dies_with_parent; /* SIGKILL when this process ends, however it ends */
    bool on_terminal; /* keeps standard input and output (an editor); else /dev/null and error_fd */
};

struct process {
    int pid;
    int pidfd; /* readable (poll) when it has ended; -1: not started */
};
#define PROCESS_NONE ((struct process){.pid = -1, .pidfd = -1})

rc process_start(const struct process_command *command, struct process *out_process) MUST_USE;
rc process_signal(const struct process *p, int signal) MUST_USE; /* RC_NOT_FOUND if it has ended */

struct process_end {
    int exit_code; /* -1: by a signal */
    int signal;    /* 0: by exit */
};
const char *process_signal_name(int signal); /* "KILL"; "?" */
/* Waits. Closes pidfd and sets *p to PROCESS_NONE. */
rc process_wait(struct process *p, struct process_end *out_end) MUST_USE;
/* The same if it has ended already; else RC_AGAIN. */
rc process_reap(struct process *p, struct process_end *out_end) MUST_USE;

/* Run fn in a forked copy of this process and wait: what it returns (0–255) is its exit code. */
rc process_try(int (*fn)(void *arg), void *arg, struct process_end *out_end) MUST_USE;

unsigned process_cpus(void); /* that this process may use; at least 1 */
int process_id(void);
uint32_t process_user(void);

void process_set_name(const char *name); /* for ps and top, at most 15 bytes */

/* Raises the soft limit of descriptors to `want` or as far as allowed. */
rc process_limit_files(uint64_t want, uint64_t *out_have) MUST_USE;
/* SIGTERM no longer ends this process but makes *out_fd readable. */
rc process_term_fd(int *out_fd) MUST_USE;

/* For good, for this process and its threads. RLIMIT_DATA: all memory that it can write and shares
 * with nobody; at the limit allocations fail. RLIMIT_CPU: SIGXCPU at cpu_s, SIGKILL a second later.
 * Under AddressSanitizer, whose shadow is larger than any limit, memory stays unlimited. */
struct process_limits {
    uint64_t memory_bytes;
    unsigned cpu_s;
};
rc process_limit(const struct process_limits *limits) MUST_USE;
/* What libraries write to standard output and error goes nowhere from now on (not under a sanitizer,
 * which reports there); *out_error is a descriptor of what standard error was. */
rc process_silence(int *out_error) MUST_USE;
/* Others go first: for the processor (nice), and when the machine's memory is at its end this one
 * is the first to go. As far as the kernel allows it. */
void process_give_way(void);
/* The largest amount of memory that it had in RAM so far, libraries included. */
uint64_t process_peak_bytes(void);
/* SIGPIPE off; called once by main. */
void process_ignore_pipe_signal(void);

#endif
