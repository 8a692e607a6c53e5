#include "main/core.h"

#include <uv.h>

#include "base/mem.h"
#include "main/calls.h"
#include "main/darkroom.h"
#include "main/roles.h"
#include "net/channel.h"
#include "sys/log.h"
#include "sys/socket.h"

#define MESSAGES_A_TURN 128                /* taken from one socket before the others have theirs */
#define UNSENT_MAX (4 * CHANNEL_CALLS_MAX) /* GO and ANSWER of all its calls, twice */
#define CALL_TEXTS_BYTES (4 * CHANNEL_TEXT_BYTES_MAX)

/* One call: its body comes in pieces; whole, it waits in the queue for the end of the turn. */
struct core_call {
    struct core_call *next;   /* of its peer */
    struct core_call *queued; /* behind it in the queue */
    struct peer *peer;        /* NULL: nobody waits for the answer any more */
    uint64_t id;
    bool whole; /* and lives on until it was run, whoever still waits for it */
    struct darkroom_visit visit;
    struct call call;
    struct buf body;
    struct arena *texts;
};

/* An answer that its socket did not take yet. */
struct unsent {
    struct unsent *next;
    size_t n;
    char bytes[];
};

struct peer {
    struct core *core;
    uv_poll_t poll;
    int fd;
    bool is_web, is_client, closed;
    bool
        deaf; /* a web has ended its side: asked again at the timer's next turn, not at every one */
    struct core_call *calls;
    size_t calls_count;
    struct unsent *unsent, **unsent_end;
    size_t unsent_count;
};

struct core {
    struct core_setup setup;
    uv_loop_t loop;
    uv_signal_t term;
    uv_poll_t commands;
    uv_timer_t timer;
    uv_idle_t more; /* the next step at once */
    uv_check_t after_poll;
    struct peer webs[CONFIG_WEBS_MAX];
    struct peer others[CORE_COMMANDS_MAX]; /* fd −1: free */
    struct core_call *queue, **queue_end;
    struct darkroom *darkroom;
    size_t bodies_bytes;
    size_t stale_told; /* web + 1 that the supervisor was told to kill */
    rc result;
    char scratch[CHANNEL_MESSAGE_BYTES_MAX];
};

/* ---- calls -------------------------------------------------------------------------------------- */

static void call_free(struct core *c, struct core_call *call) {
    c->bodies_bytes -= call->body.n;
    buf_done(&call->body);
    buf_done(&call->call.headers);
    buf_done(&call->call.answer);
    arena_free(call->texts);
    mem_free(call);
}

static struct core_call *call_find(struct peer *p, uint64_t id) {
    for (struct core_call *call = p->calls; call; call = call->next)
        if (call->id == id) return call;
    return NULL;
}

static void call_unlink(struct core_call *call) {
    struct peer *p = call->peer;
    for (struct core_call **at = &p->calls; *at; at = &(*at)->next) {
        if (*at != call) continue;
        *at = call->next;
        p->calls_count--;
        break;
    }
    call->peer = NULL;
}

/* Takes it off its peer's list. A queued one lives on until it was run. */
static void call_leave(struct core_call *call) {
    struct core *c = call->peer->core;
    call_unlink(call);
    if (!call->whole) call_free(c, call);
}

/* Commands come and go; only a web's socket outlives a core. */
static uint64_t epoch_of(const struct peer *p) {
    return p->is_web ? p->core->setup.epoch : 0;
}

/* ---- sockets ---------------------------------------------------------------------------------------- */

static void on_readable(uv_poll_t *poll, int status, int events);

/* Who asks and does not take the answers is not heard until he does. */
static bool may_ask(const struct peer *p) {
    return !p->closed && !p->deaf && p->unsent_count < UNSENT_MAX;
}

static void watch(struct peer *p) {
    int events = (may_ask(p) ? UV_READABLE : 0) | (p->unsent ? UV_WRITABLE : 0);
    if (p->closed) return;
    CHECK((events ? uv_poll_start(&p->poll, events, on_readable) : uv_poll_stop(&p->poll)) == 0);
}

static void on_closed(uv_handle_t *handle) {
    struct peer *p = handle->data;
    if (!p->is_web) socket_close(p->fd);
    p->fd = -1;
}

static void peer_close(struct peer *p) {
    if (p->closed) return;
    p->closed = true;
    while (p->calls) call_leave(p->calls);
    while (p->unsent) {
        struct unsent *u = p->unsent;
        p->unsent = u->next;
        mem_free(u);
    }
    p->unsent_end = &p->unsent;
    p->unsent_count = 0;
    uv_close((uv_handle_t *)&p->poll, on_closed);
    if (p->is_client) uv_stop(&p->core->loop);
}

/* What web's socket carries for a dead core, or from one, is not a reason to close it. */
static void send_message(struct peer *p, const struct channel_message *message) {
    rc code = p->unsent ? RC_AGAIN : channel_send(p->fd, message, p->core->scratch);
    if (code == RC_OK) return;
    if (code != RC_AGAIN) {
        if (!p->is_web) peer_close(p);
        return;
    }
    struct buf b;
    buf_init(&b, CHANNEL_MESSAGE_BYTES_MAX);
    channel_write(message, &b);
    struct unsent *u = mem_new(sizeof *u + b.n);
    u->n = b.n;
    memcpy(u->bytes, b.p, b.n);
    buf_done(&b);
    *p->unsent_end = u;
    p->unsent_end = &u->next;
    p->unsent_count++;
    watch(p);
}

static void send_unsent(struct peer *p) {
    while (p->unsent) {
        struct unsent *u = p->unsent;
        rc code = socket_send(p->fd, span_of(u->bytes, u->n), 0);
        if (code == RC_AGAIN) return;
        p->unsent = u->next;
        p->unsent_count--;
        if (!p->unsent) p->unsent_end = &p->unsent;
        mem_free(u);
        if (code != RC_OK && !p->is_web) {
            peer_close(p);
            return;
        }
    }
    watch(p);
}

static void send_answer(struct peer *p, uint64_t id, struct call *call) {
    struct channel_message m = {.kind = CHANNEL_ANSWER,
                                .epoch = epoch_of(p),
                                .id = id,
                                .status = call->status,
                                .headers = buf_span(&call->headers),
                                .body = buf_span(&call->answer)};
    if (call->answer.over || m.headers.n + m.body.n > CHANNEL_ANSWER_BYTES_MAX) {
        m.status = 500;
        m.headers = SPAN("Content-Type: application/json\r\n");
        m.body = SPAN("{\"error\":\"TOO_BIG\",\"message\":\"the answer is too long\"}\n");
    }
    send_message(p, &m);
}

static void fatal(struct core *c) {
    c->result = RC_FATAL;
    uv_stop(&c->loop);
}

/* ---- messages ------------------------------------------------------------------------------------------ */

/* Off the list first: a socket that is found closed takes all that are on it along. */
static void answer_and_leave(struct peer *p, struct core_call *call) {
    call_unlink(call);
    send_answer(p, call->id, &call->call);
    call_free(p->core, call);
}

static void refuse(struct peer *p, struct core_call *call, unsigned status, const char *error,
                   const char *message) {
    call->call.status = status;
    buf_clear(&call->call.headers);
    buf_clear(&call->call.answer);
    buf_str(&call->call.headers, "Content-Type: application/json\r\n");
    buf_printf(&call->call.answer, "{\"error\":\"%s\",\"message\":\"%s\"}\n", error, message);
    answer_and_leave(p, call);
}

static void on_call(struct peer *p, const struct channel_message *m) {
    struct core *c = p->core;
    if (call_find(p, m->id)) {
        if (!p->is_web) peer_close(p);
        return;
    }
    struct core_call *call = mem_new(sizeof *call);
    call->peer = p;
    call->id = m->id;
    call->texts = arena_new(CALL_TEXTS_BYTES + 64);
    call->call = (struct call){.trusted = !p->is_web,
                               .method = arena_copy(call->texts, m->method),
                               .path = arena_copy(call->texts, m->path),
                               .authorization = arena_copy(call->texts, m->authorization),
                               .content_type = arena_copy(call->texts, m->content_type)};
    buf_init(&call->call.headers, 8192);
    buf_init(&call->call.answer, CHANNEL_ANSWER_BYTES_MAX);
    buf_init(&call->body, CALLS_BODY_BYTES_MAX);
    call->next = p->calls;
    p->calls = call;
    p->calls_count++;
    if (p->calls_count > CHANNEL_CALLS_MAX) {
        refuse(p, call, 503, "BUSY", "too many calls at once");
    } else if (c->bodies_bytes >= CORE_BODIES_BYTES_MAX) {
        refuse(p, call, 503, "BUSY", "too many uploads at once; try again in a moment");
    } else if (calls_allow(c->setup.flow, &call->call) != RC_OK) {
        answer_and_leave(p, call);
    } else {
        send_message(
            p, &(struct channel_message){.kind = CHANNEL_GO, .epoch = epoch_of(p), .id = m->id});
    }
}

static void on_data(struct peer *p, const struct channel_message *m) {
    struct core *c = p->core;
    struct core_call *call = call_find(p, m->id);
    if (!call || call->whole) return;
    size_t before = call->body.n;
    buf_add(&call->body, m->body);
    c->bodies_bytes += call->body.n - before;
    if (call->body.over)
        refuse(p, call, 413, "TOO_BIG", "the upload is over 64 MiB");
    else if (c->bodies_bytes > CORE_BODIES_BYTES_MAX)
        refuse(p, call, 503, "BUSY", "too many uploads at once; try again in a moment");
}

static void on_end(struct peer *p, const struct channel_message *m) {
    struct core *c = p->core;
    struct core_call *call = call_find(p, m->id);
    if (!call || call->whole) return;
    call->whole = true;
    call->call.body = call->body.n ? buf_span(&call->body) : SPAN("");
    call->visit = (struct darkroom_visit){.call = &call->call, .in_order = p->is_web ? NULL : p};
    darkroom_enter(c->darkroom, &call->visit);
}

static void on_developed(void *arg, struct darkroom_visit *visit, rc code) {
    struct core *c = arg;
    struct core_call *call = (void *)((char *)visit - offsetof(struct core_call, visit));
    if (code == RC_FATAL) {
        fatal(c);
    } else if (code != RC_OK) {
        struct peer *p = call->peer;
        calls_refuse(&call->call, code);
        if (p)
            answer_and_leave(p, call);
        else
            call_free(c, call);
    } else {
        *c->queue_end = call;
        c->queue_end = &call->queued;
    }
}

static void on_message(struct peer *p, const struct channel_message *m) {
    if (m->epoch != epoch_of(p)) return;
    struct core_call *call;
    switch (m->kind) {
    case CHANNEL_CALL: on_call(p, m); return;
    case CHANNEL_DATA: on_data(p, m); return;
    case CHANNEL_END: on_end(p, m); return;
    case CHANNEL_ABORT:
        call = call_find(p, m->id);
        if (call) call_leave(call);
        return;
    case CHANNEL_GO:
    case CHANNEL_ANSWER: break;
    }
    if (!p->is_web) peer_close(p); /* not a caller's word */
}

static void on_readable(uv_poll_t *poll, int status, int events) {
    struct peer *p = poll->data;
    (void)status;
    if (events & UV_WRITABLE) send_unsent(p);
    for (int i = 0; i < MESSAGES_A_TURN && may_ask(p); i++) {
        struct channel_message m;
        static char scratch[CHANNEL_MESSAGE_BYTES_MAX]; /* answering uses the other one */
        rc code = channel_receive(p->fd, scratch, &m);
        if (code == RC_OK) {
            on_message(p, &m);
        } else if (code == RC_INVALID) {
            log_event(LOG_WARN, "not a message", LOG_WHY());
            if (!p->is_web) peer_close(p);
        } else {
            /* A web's socket has its other end in the supervisor too: it never closes. But a web can
             * end its side of it for good, and then it is always readable. */
            if (code != RC_AGAIN && !p->is_web) peer_close(p);
            if (code != RC_AGAIN && p->is_web) {
                p->deaf = true;
                watch(p);
            }
            return;
        }
    }
}

static void peer_begin(struct core *c, struct peer *p, int fd) {
    p->core = c;
    p->fd = fd;
    p->closed = false;
    p->unsent_end = &p->unsent;
    CHECK(uv_poll_init(&c->loop, &p->poll, fd) == 0);
    p->poll.data = p;
    watch(p);
}

static void on_command(uv_poll_t *poll, int status, int events) {
    struct core *c = poll->data;
    int fd;
    (void)status;
    (void)events;
    while (socket_accept(c->setup.commands_fd, &fd) == RC_OK) {
        struct peer *p = NULL;
        for (size_t i = 0; i < CORE_COMMANDS_MAX && !p; i++)
            if (c->others[i].fd < 0) p = &c->others[i];
        if (p)
            peer_begin(c, p, fd);
        else
            socket_close(fd);
    }
}

/* ---- a turn ------------------------------------------------------------------------------------------------ */

static void on_timer(uv_timer_t *timer);
static void on_idle(uv_idle_t *idle);

/* What goes on beside. Its next step is at the earliest after the sockets were looked at: libuv runs a
 * timer of 0 ms that is started by itself again and again before it polls. */
static void turn(struct core *c) {
    unsigned wait_ms = 1000;
    if (c->result != RC_OK) return;
    if (flow_work(c->setup.flow, &wait_ms) != RC_OK) {
        fatal(c);
        return;
    }
    for (size_t i = 0; i < c->setup.web_fds_count; i++) {
        struct peer *p = &c->webs[i];
        if (!p->deaf) continue;
        p->deaf = false;
        watch(p);
    }
    size_t web;
    if (flow_stale_web(c->setup.flow, &web) && c->setup.notes_fd >= 0 && c->stale_told != web + 1) {
        struct role_note note = {.kind = ROLE_NOTE_KILL_WEB, .web = (uint32_t)web};
        if (socket_send(c->setup.notes_fd, span_of(&note, sizeof note), 0) == RC_OK)
            c->stale_told = web + 1;
    } else {
        c->stale_told = 0;
    }
    if (wait_ms == 0)
        CHECK(uv_idle_start(&c->more, on_idle) == 0);
    else
        CHECK(uv_timer_start(&c->timer, on_timer, wait_ms, 0) == 0);
}

static void on_timer(uv_timer_t *timer) {
    turn(timer->data);
}

static void on_idle(uv_idle_t *idle) {
    CHECK(uv_idle_stop(idle) == 0);
    turn(idle->data);
}

/* Everything that became whole in this turn goes through in batches; who comes meanwhile waits in the
 * sockets and makes the next batch. */
static void run_queue(struct core *c) {
    struct call *batch[FLOW_BATCH_MAX];
    struct core_call *calls[FLOW_BATCH_MAX];
    bool any = false;
    while (c->queue && c->result == RC_OK) {
        size_t n = 0;
        while (c->queue && n < FLOW_BATCH_MAX) {
            struct core_call *call = c->queue;
            c->queue = call->queued;
            if (!c->queue) c->queue_end = &c->queue;
            calls[n] = call;
            batch[n++] = &call->call;
        }
        if (calls_run(c->setup.flow, batch, n) != RC_OK) fatal(c);
        for (size_t i = 0; i < n; i++) {
            struct peer *p = calls[i]->peer;
            if (p && c->result == RC_OK) send_answer(p, calls[i]->id, &calls[i]->call);
            if (calls[i]->peer) call_leave(calls[i]);
            call_free(c, calls[i]);
        }
        any = true;
    }
    if (any && c->result == RC_OK) CHECK(uv_idle_start(&c->more, on_idle) == 0);
}

static void on_polled(uv_check_t *check) {
    run_queue(check->data);
}

static void on_term(uv_signal_t *signal, int number) {
    (void)number;
    uv_stop(signal->loop);
}

rc core_run(const struct core_setup *setup) {
    static struct core core; /* too large for the stack, and there is one */
    struct core *c = &core;
    c->setup = *setup;
    c->queue_end = &c->queue;
    CHECK(setup->web_fds_count <= CONFIG_WEBS_MAX);
    CHECK(uv_loop_init(&c->loop) == 0);
    CHECK(uv_signal_init(&c->loop, &c->term) == 0);
    CHECK(uv_signal_start(&c->term, on_term, SIGTERM) == 0);
    CHECK(uv_timer_init(&c->loop, &c->timer) == 0);
    CHECK(uv_check_init(&c->loop, &c->after_poll) == 0);
    CHECK(uv_idle_init(&c->loop, &c->more) == 0);
    c->timer.data = c->more.data = c->after_poll.data = c;
    CHECK(uv_check_start(&c->after_poll, on_polled) == 0);
    CHECK(uv_timer_start(&c->timer, on_timer, 0, 0) == 0);
    for (size_t i = 0; i < CORE_COMMANDS_MAX; i++) c->others[i].fd = -1;
    for (size_t i = 0; i < setup->web_fds_count; i++) {
        c->webs[i].is_web = true;
        peer_begin(c, &c->webs[i], setup->web_fds[i]);
    }
    c->darkroom = darkroom_new(&c->loop, setup->flow, setup->media_fd, on_developed, c);
    if (setup->client_fd >= 0) {
        c->others[0].is_client = true;
        peer_begin(c, &c->others[0], setup->client_fd);
    }
    if (setup->commands_fd >= 0) {
        CHECK(uv_poll_init(&c->loop, &c->commands, setup->commands_fd) == 0);
        c->commands.data = c;
        CHECK(uv_poll_start(&c->commands, UV_READABLE, on_command) == 0);
    }
    (void)uv_run(&c->loop, UV_RUN_DEFAULT);
    run_queue(c); /* what is whole is done; what is not, its sender sends again */
    return c->result == RC_OK ? RC_OK : rc_fail(c->result, "%s", rc_why());
}
