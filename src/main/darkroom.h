/*
 * darkroom: the pictures of calls are developed (media/) before the calls are run, beside core's loop:
 * a thread waits for the media job, and meanwhile core publishes what has no new pictures.
 *
 * Every call that is whole passes through it. One whose pictures are all known leaves at once; the
 * others stand in line, and each picture that is not known yet takes a job. A picture that cannot be
 * taken refuses its call. What one caller sends in order, and waits for only at the end (a command),
 * leaves in order; of others only pictures wait.
 */
#ifndef DATELINE_MAIN_DARKROOM_H
#define DATELINE_MAIN_DARKROOM_H

#include <uv.h>

#include "main/calls.h"

struct darkroom;

/* One call's stay; embedded in whoever has the call. Zeroed before. */
struct darkroom_visit {
    struct call *call;
    const void *in_order; /* calls with the same one leave in order; NULL: as they are ready */
    struct darkroom_visit *next;
    size_t pictures; /* that were looked at */
};

/* keeper_fd: as in media_develop(). `leave` is called on the loop's thread, for each visit once: RC_OK, it
 * can be run; RC_FATAL, this process must end; else it is refused, and rc_why() says why. */
struct darkroom *darkroom_new(uv_loop_t *loop, struct flow *flow, int keeper_fd,
                              void (*leave)(void *arg, struct darkroom_visit *visit, rc code),
                              void *arg);
/* The call and its body stay where they are until it leaves. */
void darkroom_enter(struct darkroom *d, struct darkroom_visit *visit);

#endif
