/*
 * client: a command's way to core. If somebody serves the site, over run/core.sock; else the command
 * takes the site's lock and starts signer, media and core for itself, sandboxed as always, until it ends.
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
    struct process core, signer, media; /* PROCESS_NONE: somebody else's core */
    struct file lock;
};

rc client_open(const struct site *site, struct client *out_client) MUST_USE;
/* Ends what was started for it. RC_OK only if that ended well too. */
rc client_close(struct client *c) MUST_USE;

#define CLIENT_CALLS_MAX 128 /* under way at once; = CHANNEL_CALLS_MAX */

struct client_call {
    /* in */
    const char *method, *path, *content_type;
    struct span body;
    /* out; in the arena given */
    unsigned status;
    struct span answer;
};
/* Sends a call; *out_id is in its answer. RC_GONE: core has died (what was not answered may have been done or not; sent
 * again, it is found to be there). */
rc client_send(struct client *c, const struct client_call *call, uint64_t *out_id) MUST_USE;
/* The next answer, of whichever call: its id, and status and answer of *out_call. Waits as long as it takes. */
rc client_receive(struct client *c, struct arena *a, uint64_t *out_id,
                  struct client_call *out_call) MUST_USE;
/* Both, for a caller with one call at a time. */
rc client_ask(struct client *c, struct arena *a, struct client_call *call) MUST_USE;

/* One call from beginning to end, for a command that has no other: its answer goes to `use` (which may be NULL) while
 * core is there. */
rc client_once(const struct site *site, struct arena *a, struct client_call *call,
               rc (*use)(void *arg, const struct client_call *call), void *arg) MUST_USE;

/* A call's failure as this process's own: the message of its answer, and the code. RC_OK for status < 400. */
rc client_result(const struct client_call *call) MUST_USE;

#endif
