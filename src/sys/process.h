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
/* SIGPIPE off; called once by main. */
void process_ignore_pipe_signal(void);

#endif
