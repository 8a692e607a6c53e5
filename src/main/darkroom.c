#include "main/darkroom.h"

#include <stdlib.h>

#include "base/mem.h"
#include "sys/log.h"

#define TEXTS_BYTES_MAX (1u << 20) /* of one picture */

struct darkroom {
    uv_loop_t *loop;
    struct flow *flow;
    int keeper_fd;
    void (*leave)(void *arg, struct darkroom_visit *visit, rc code);
    void *arg;
    struct darkroom_visit *line, **line_end; /* its head is the one at work, if `working` */
    bool working, leaving;
    /* the picture under way: the thread's while it works, else ours */
    uv_work_t work;
    struct flow_picture picture;
    struct media_picture developed;
    struct buf answer;
    struct arena *texts;
    rc code;
    char why[RC_WHY_MAX];
};

static void go_on(struct darkroom *d);

/* On a thread of libuv's. */
static void on_work(uv_work_t *work) {
    struct darkroom *d = work->data;
    rc_why_clear();
    d->code = media_develop(d->keeper_fd, d->picture.bytes, &MEDIA_LIMITS, &d->answer, d->texts,
                            &d->developed);
    memcpy(d->why, rc_why(), sizeof d->why);
}

static void first_leaves(struct darkroom *d, rc code) {
    struct darkroom_visit *visit = d->line;
    d->line = visit->next;
    if (!d->line) d->line_end = &d->line;
    visit->next = NULL;
    d->leave(d->arg, visit, code);
}

static void on_worked(uv_work_t *work, int status) {
    struct darkroom *d = work->data;
    CHECK(status == 0); /* nobody cancels it */
    d->working = false;
    rc code = d->code;
    if (code == RC_OK)
        code = flow_picture_keep(d->flow, d->picture.bytes, &d->developed);
    else
        code = rc_fail(code, "%s", d->why);
    if (code != RC_OK) {
        code = rc_in(code, "picture \"" SPAN_FMT "\": ", SPAN_ARG(d->picture.href));
        first_leaves(d, code);
    }
    go_on(d);
}

/* Until somebody has to be waited for. */
static void go_on(struct darkroom *d) {
    if (d->leaving) return; /* whoever leaves may let another one in */
    d->leaving = true;
    while (d->line && !d->working) {
        arena_reset(d->texts);
        if (calls_unknown_picture(d->flow, d->texts, d->line->call, &d->line->pictures,
                                  &d->picture)) {
            d->working = true;
            d->work.data = d;
            CHECK(uv_queue_work(d->loop, &d->work, on_work, on_worked) == 0);
        } else {
            first_leaves(d, RC_OK);
        }
    }
    d->leaving = false;
}

struct darkroom *darkroom_new(uv_loop_t *loop, struct flow *flow, int keeper_fd,
                              void (*leave)(void *arg, struct darkroom_visit *visit, rc code),
                              void *arg) {
    struct darkroom *d = mem_new(sizeof *d);
    *d = (struct darkroom){.loop = loop,
                           .flow = flow,
                           .keeper_fd = keeper_fd,
                           .leave = leave,
                           .arg = arg,
                           .texts = arena_new(TEXTS_BYTES_MAX)};
    d->line_end = &d->line;
    buf_init(&d->answer, MEDIA_ANSWER_BYTES_MAX);
    CHECK(setenv("UV_THREADPOOL_SIZE", "1", 1) == 0); /* the keeper has one job at a time */
    return d;
}

/* Has it to wait for nobody and nothing? */
static bool may_pass(struct darkroom *d, struct darkroom_visit *visit) {
    for (const struct darkroom_visit *v = d->line; v && visit->in_order; v = v->next)
        if (v->in_order == visit->in_order) return false;
    struct arena *a = arena_new(TEXTS_BYTES_MAX); /* the other one may be the thread's now */
    struct flow_picture picture;
    bool unknown = calls_unknown_picture(d->flow, a, visit->call, &visit->pictures, &picture);
    visit->pictures -= unknown; /* to be found again when its turn comes */
    arena_free(a);
    return !unknown;
}

void darkroom_enter(struct darkroom *d, struct darkroom_visit *visit) {
    if (may_pass(d, visit)) {
        d->leave(d->arg, visit, RC_OK);
        return;
    }
    visit->next = NULL;
    *d->line_end = visit;
    d->line_end = &visit->next;
    go_on(d);
}
