#include "sys/crew.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>

#include "base/mem.h"

struct crew;
struct worker {
    struct crew *crew;
    pthread_t thread;
    unsigned hand;
};

struct crew {
    pthread_mutex_t lock; /* all below, and the state of all jobs */
    pthread_cond_t begun, done;
    struct job *first, **end; /* queued */
    bool ends;
    struct worker workers[CREW_THREADS_MAX];
    unsigned count;
};

static void take(struct crew *c, struct job **at) {
    struct job *job = *at;
    *at = job->next;
    if (c->end == &job->next) c->end = at;
    job->state = JOB_TAKEN;
}

static void *work(void *arg) {
    const struct worker *w = arg;
    struct crew *c = w->crew;
    pthread_mutex_lock(&c->lock);
    for (;;) {
        while (!c->first && !c->ends) pthread_cond_wait(&c->begun, &c->lock);
        if (!c->first) break;
        struct job *job = c->first;
        take(c, &c->first);
        pthread_mutex_unlock(&c->lock);
        job->run(job, w->hand);
        pthread_mutex_lock(&c->lock);
        job->state = JOB_DONE;
        pthread_cond_signal(&c->done);
    }
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

rc crew_new(unsigned threads, struct crew **out_crew) {
    CHECK(threads <= CREW_THREADS_MAX);
    struct crew *c = mem_new(sizeof *c);
    c->end = &c->first;
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->begun, NULL);
    pthread_cond_init(&c->done, NULL);
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* the new threads have it from this one */
    int error = 0;
    while (c->count < threads && !error) {
        struct worker *w = &c->workers[c->count];
        w->crew = c;
        w->hand = c->count + 1;
        error = pthread_create(&w->thread, NULL, work, w);
        if (!error) c->count++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error) {
        crew_free(c);
        return rc_fail(RC_IO, "a thread could not be started: %s", strerror(error));
    }
    *out_crew = c;
    return RC_OK;
}

void crew_free(struct crew *c) {
    if (!c) return;
    pthread_mutex_lock(&c->lock);
    CHECK(!c->first);
    c->ends = true;
    pthread_cond_broadcast(&c->begun);
    pthread_mutex_unlock(&c->lock);
    for (unsigned i = 0; i < c->count; i++) pthread_join(c->workers[i].thread, NULL);
    pthread_cond_destroy(&c->begun);
    pthread_cond_destroy(&c->done);
    pthread_mutex_destroy(&c->lock);
    mem_free(c);
}

unsigned crew_hands(const struct crew *c) {
    return c->count + 1;
}

void crew_begin(struct crew *c, struct job *job) {
    pthread_mutex_lock(&c->lock);
    CHECK(job->state == JOB_IDLE || job->state == JOB_DONE);
    job->state = JOB_QUEUED;
    job->next = NULL;
    *c->end = job;
    c->end = &job->next;
    pthread_cond_signal(&c->begun);
    pthread_mutex_unlock(&c->lock);
}

static bool take_queued(struct crew *c, struct job *job) {
    if (job->state != JOB_QUEUED) return false;
    struct job **at = &c->first;
    while (*at != job) at = &(*at)->next;
    take(c, at);
    return true;
}

void crew_wait(struct crew *c, struct job *job) {
    pthread_mutex_lock(&c->lock);
    if (take_queued(c, job)) {
        pthread_mutex_unlock(&c->lock);
        job->run(job, 0);
        pthread_mutex_lock(&c->lock);
        job->state = JOB_DONE;
    }
    while (job->state == JOB_TAKEN) pthread_cond_wait(&c->done, &c->lock);
    pthread_mutex_unlock(&c->lock);
}

void crew_drop(struct crew *c, struct job *job) {
    pthread_mutex_lock(&c->lock);
    if (take_queued(c, job)) job->state = JOB_IDLE;
    while (job->state == JOB_TAKEN) pthread_cond_wait(&c->done, &c->lock);
    pthread_mutex_unlock(&c->lock);
}

unsigned crew_threads_of_use(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    unsigned cpus = (unsigned)CPU_COUNT(&set);
    return cpus <= 2 ? 1 : cpus - 1 < CREW_THREADS_MAX ? cpus - 1 : CREW_THREADS_MAX;
}
