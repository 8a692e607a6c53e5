/*
 * client: a command's way to core. If somebody serves the site, over run/core.sock; else the command
 * takes the site's lock and starts signer and core for itself, sandboxed as always, until it ends.
 */
#ifndef DATELINE_MAIN_CLIENT_H
#define DATELINE_MAIN_CLIENT_H

#include "base/arena.h"
#include "base/buf.h"
#include "main/site.h"
#include "sys/process.h"

struct client {
    int fd;
    uint64_t last_id;
    struct process core, signer; /* PROCESS_NONE: somebody else's core */
    struct file lock;
};

rc client_open(const struct site *site, struct client *out_client) MUST_USE;
/* Ends what was started for it. RC_OK only if that ended well too. */
rc client_close(struct client *c) MUST_USE;

#define CLIENT_CALLS_MAX 64 /* of one client_calls(); = CHANNEL_CALLS_MAX */

struct client_call {
    /* in */
    const char *method, *path, *content_type;
    struct span body;
    /* out; in the arena given */
    unsigned status;
    struct span answer;
};
/* All of them at once; waits for all answers, as long as it takes. RC_GONE: core has died (what was not answered
 * may have been done or not; sent again, it is found to be there). */
rc client_calls(struct client *c, struct arena *a, struct client_call *calls, size_t count) MUST_USE;

/* A call's failure as this process's own: the message of its answer, and the code. RC_OK for status < 400. */
rc client_result(const struct client_call *call) MUST_USE;

#endif
