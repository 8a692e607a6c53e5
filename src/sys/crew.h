/*
 * crew: threads that do jobs beside the one thread that owns them.
 *
 * A job is a function and all it needs, in a struct that begins with struct job. It may change what
 * was given to it and read what nobody changes meanwhile; it does no I/O and keeps nothing. The owner
 * begins jobs and waits for every one of them, in any order. One that he waits for and nobody has taken
 * yet he does himself: a crew without threads works too, and nothing waits for a thread to wake up.
 *
 * The threads take no signals. They are made after sandbox_enter() and live in it.
 */
#ifndef DATELINE_SYS_CREW_H
#define DATELINE_SYS_CREW_H

#include "base/base.h"

#define CREW_THREADS_MAX 8

struct job {
    /* `hand` says who does it, 0 (the owner) to crew_hands() − 1: of things that one thread at a time
     * may use (a compressor, a calendar) keep one for each hand. */
    void (*run)(struct job *job, unsigned hand);
    struct job *next;
    enum { JOB_IDLE, JOB_QUEUED, JOB_TAKEN, JOB_DONE } state;
};

struct crew;
/* RC_IO: the system has no more threads. */
rc crew_new(unsigned threads, struct crew **out_crew) MUST_USE;
/* All jobs have been waited for. NULL is fine. */
void crew_free(struct crew *c);
unsigned crew_hands(const struct crew *c); /* the threads and the owner */

/* Only the owner. Jobs are taken in the order in which they were begun. */
void crew_begin(struct crew *c, struct job *job);
/* Afterwards what the job wrote can be read, and it can be freed or begun again. One that was never
 * begun: nothing happens. */
void crew_wait(struct crew *c, struct job *job);
/* The same, but what nobody has taken yet is not done at all. */
void crew_drop(struct crew *c, struct job *job);

/* How many threads are of use beside the owner: a processor each, and at least one, for while the
 * owner waits for a disk. */
unsigned crew_threads_of_use(void);

#endif
