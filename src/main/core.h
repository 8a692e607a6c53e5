/*
 * core: the loop of the one process that writes. It takes calls from web processes and commands
 * (net/channel.h), gathers those that are whole into a batch, runs them (calls.h), answers, and
 * between batches lets flow work.
 *
 * What has new pictures waits for them in the darkroom (darkroom.h), and others are run meanwhile.
 *
 * A caller that is slow, floods or lies costs at most its own socket: bodies are bounded one by one and
 * together, a message that is none closes a command's socket, and is dropped from a web's.
 */
#ifndef DATELINE_MAIN_CORE_H
#define DATELINE_MAIN_CORE_H

#include <stdatomic.h>

#include "flow/flow.h"

#define CORE_BODIES_BYTES_MAX (256u << 20) /* of all calls under way together; more: 503 */
#define CORE_COMMANDS_MAX 64               /* commands connected at once */

struct core_setup {
    struct flow *flow;
    const int *web_fds; /* by index of the web */
    size_t web_fds_count;
    int commands_fd; /* listens for commands; −1: none */
    int media_fd;    /* to the keeper of media jobs */
    int client_fd;   /* one command, connected; core ends when it closes; −1: none */
    int notes_fd;    /* to the supervisor; −1: none */
    uint64_t epoch;  /* of this core: messages with another are dropped */
};

/* Until SIGTERM, or until client_fd is closed: RC_OK. RC_FATAL: a sync failed. */
rc core_run(const struct core_setup *setup) MUST_USE;

#endif
