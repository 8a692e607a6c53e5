/*
 * The door to core: a request under /api/v1/ becomes a call over the channel (net/channel.h).
 *
 *   FREE ─▶ WANTED ─CALL sent─▶ CALLED ─GO─▶ SENDING ─END sent─▶ SENT
 *              │                  │            │                 │
 *              ├──────────────────┴────────────┴─────────────────┤
 *              ▼ client gone                                     ▼ ANSWER, deadline, core gone
 *          ABORTING ─ABORT sent─▶ FREE                          FREE (the client is answered)
 *
 * A message that the socket does not take waits here: a CALL as bytes, END and ABORT as a state,
 * DATA in net's inbox, which is not read on meanwhile. pump() sends what waits once there is room.
 */
#include <stdio.h>

#include "base/mem.h"
#include "net/channel.h"
#include "site/web.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "sys/memfd.h"

#define MESSAGES_A_TURN 64
#define KEPT_PATH_BYTES 200 /* for the access log */
#define KEPT_METHOD_BYTES 8

enum call_state { FREE, WANTED, CALLED, SENDING, SENT, ABORTING };

struct call {
    enum call_state state;
    struct api *api;
    struct net_conn *c; /* NULL: ABORTING */
    uint64_t id;
    uint64_t begun; /* uv_now() */
    char *call;     /* WANTED: the encoded CALL */
    size_t call_bytes;
    bool has_body;
    bool data_waits, end_waits;
    uint8_t method_bytes, path_bytes;
    char method[KEPT_METHOD_BYTES], path[KEPT_PATH_BYTES];
};

struct api {
    struct site_web *web;
    struct pages_control *control;
    uint64_t epoch; /* of the core that has the calls */
    uint64_t last_id;
    int fd; /* −1: there is no core */
    uv_poll_t poll;
    uv_timer_t look;
    bool has_poll, full; /* the socket */
    size_t pump_from;
    unsigned under_way;
    struct call calls[CHANNEL_CALLS_MAX];
    char sent[CHANNEL_MESSAGE_BYTES_MAX], received[CHANNEL_MESSAGE_BYTES_MAX];
};

#define LATER SPAN("Retry-After: 2\r\n")

/* ---- one call -------------------------------------------------------------------------------- */

static struct asked asked_of(const struct call *call) {
    return (struct asked){.method = span_of(call->method, call->method_bytes),
                          .target = span_of(call->path, call->path_bytes),
                          .of_core = true};
}

static void call_free(struct call *call) {
    if (call->c) net_set_data(call->c, NULL);
    mem_free(call->call);
    *call = (struct call){.api = call->api};
    if (--call->api->under_way == 0) CHECK(uv_timer_stop(&call->api->look) == 0);
}

static void on_channel(uv_poll_t *poll, int status, int events);

static void watch(struct api *api) {
    CHECK(uv_poll_start(&api->poll, api->full ? UV_READABLE | UV_WRITABLE : UV_READABLE,
                        on_channel) == 0);
    uv_unref((uv_handle_t *)&api->poll);
}

/* RC_OK; RC_AGAIN: there is no room, pump() will try again; else there is no core. */
static rc send_message(struct api *api, const struct channel_message *message) {
    if (api->full) return RC_AGAIN; /* what waits longer goes first */
    rc code = channel_send(api->fd, message, api->sent);
    if (code == RC_AGAIN) {
        api->full = true;
        watch(api);
    }
    return code;
}

static rc send_kind(struct call *call, enum channel_kind kind, struct span body) {
    const struct channel_message m = {
        .kind = kind, .epoch = call->api->epoch, .id = call->id, .body = body};
    return send_message(call->api, &m);
}

/* Core does not answer it: the client is told, and may try again. */
static void call_fail(struct call *call) {
    const struct call kept = *call;
    const struct asked asked = asked_of(&kept);
    call_free(call);
    if (kept.c) answer_status(kept.api->web, kept.c, &asked, 503, LATER, true);
}

/* Nobody waits for it any more. */
static void call_abort(struct call *call) {
    bool known = call->state != WANTED; /* core has heard of it */
    if (known && send_kind(call, CHANNEL_ABORT, (struct span){0}) == RC_AGAIN) {
        if (call->c) net_set_data(call->c, NULL);
        call->c = NULL;
        call->state = ABORTING;
        return;
    }
    call_free(call);
}

static void fail_all(struct api *api, const char *why) {
    unsigned failed = 0;
    for (size_t i = 0; i < CHANNEL_CALLS_MAX; i++) {
        if (api->calls[i].state == FREE) continue;
        failed++;
        call_fail(&api->calls[i]);
    }
    if (failed)
        log_event(LOG_WARN, "calls to core have no answer", LOG_TEXT("why", span_str(why)),
                  LOG_INT("calls", failed));
}

/* The core that had our calls has died: nothing of theirs will come. */
static void look_at_epoch(struct api *api) {
    uint64_t epoch = atomic_load(&api->control->core_epoch);
    if (epoch == api->epoch) return;
    api->epoch = epoch;
    fail_all(api, "core was started anew");
}

static void core_gone(struct api *api) {
    if (api->fd < 0) return;
    api->fd = -1;
    CHECK(uv_poll_stop(&api->poll) == 0);
    log_event(LOG_ERROR, "the channel to core is closed", LOG_WHY());
    fail_all(api, "the channel to core is closed");
}

static void on_look(uv_timer_t *timer) {
    struct api *api = timer->data;
    const struct site_web_setup *setup = &api->web->setup;
    uint64_t now = uv_now(net_loop(api->web->net));
    look_at_epoch(api);
    for (size_t i = 0; i < CHANNEL_CALLS_MAX; i++) {
        struct call *call = &api->calls[i];
        bool waits_for_go = call->has_body && (call->state == WANTED || call->state == CALLED);
        uint64_t allowed = waits_for_go ? setup->go_ms : setup->call_ms;
        if (call->state == FREE || call->state == ABORTING || now - call->begun <= allowed)
            continue;
        log_event(LOG_WARN, "core does not answer",
                  LOG_TEXT("path", span_of(call->path, call->path_bytes)),
                  LOG_INT("ms", now - call->begun));
        struct net_conn *c = call->c;
        struct call kept = *call;
        call_abort(call);
        const struct asked asked = asked_of(&kept);
        answer_status(api->web, c, &asked, 503, LATER, true);
    }
}

/* ---- sending --------------------------------------------------------------------------------- */

/* RC_OK: nothing of this call waits (it may even be over). */
static rc send_waiting(struct call *call) {
    if (call->state == WANTED) {
        struct channel_message m;
        CHECK(channel_read(span_of(call->call, call->call_bytes), &m) == RC_OK);
        TRY(send_message(call->api, &m));
        mem_free(call->call);
        call->call = NULL;
        call->state = CALLED;
        call->end_waits = !call->has_body;
    }
    if (call->state == ABORTING) {
        rc code = send_kind(call, CHANNEL_ABORT, (struct span){0});
        if (code == RC_OK) call_free(call);
        return code;
    }
    if (call->data_waits) {
        call->data_waits = false;
        net_body_again(call->c); /* comes back as api_body(), which may end the call */
        return call->api->full ? RC_AGAIN : RC_OK;
    }
    if (call->end_waits) {
        TRY(send_kind(call, CHANNEL_END, (struct span){0}));
        call->end_waits = false;
        call->state = SENT;
    }
    return RC_OK;
}

/* In turn, from the one that did not fit the last time. */
static void pump(struct api *api) {
    for (size_t done = 0; !api->full && api->fd >= 0 && done < CHANNEL_CALLS_MAX; done++) {
        struct call *call = &api->calls[(api->pump_from + done) % CHANNEL_CALLS_MAX];
        if (call->state == FREE) continue;
        rc code = send_waiting(call);
        if (code == RC_AGAIN) {
            api->pump_from = (api->pump_from + done) % CHANNEL_CALLS_MAX;
            return;
        }
        if (code != RC_OK) core_gone(api);
    }
}

bool api_body(struct api *api, struct net_conn *c, struct span piece, bool is_last) {
    struct call *call = net_data(c);
    if (!call) return true;
    if (piece.n) {
        rc code = send_kind(call, CHANNEL_DATA, piece);
        if (code == RC_AGAIN) {
            call->data_waits = true;
            return false;
        }
        if (code != RC_OK) {
            core_gone(api);
            return true;
        }
    }
    if (is_last) {
        call->end_waits = true;
        if (send_waiting(call) == RC_GONE) core_gone(api);
    }
    return true;
}

void api_gone(struct api *api, struct net_conn *c) {
    struct call *call = net_data(c);
    (void)api;
    if (call) call_abort(call);
}

/* ---- a request ------------------------------------------------------------------------------- */

/* RFC 6750 §2.1: "Bearer" and a token. Whether it opens anything, core says. */
static bool is_bearer(struct span authorization) {
    struct span rest = authorization, scheme = span_cut(&rest, ' ');
    if (!span_eq_nocase(scheme, SPAN("Bearer")) || rest.n == 0) return false;
    for (size_t i = 0; i < rest.n; i++) {
        char ch = rest.p[i];
        bool fits = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
                    (ch >= '0' && ch <= '9') || (ch != 0 && strchr("-._~+/=", ch));
        if (!fits) return false;
    }
    return true;
}

static struct call *call_new(struct api *api) {
    for (size_t i = 0; i < CHANNEL_CALLS_MAX; i++) {
        struct call *call = &api->calls[i];
        if (call->state != FREE) continue;
        call->state = WANTED;
        call->id = ++api->last_id;
        call->begun = uv_now(net_loop(api->web->net));
        if (api->under_way++ == 0) {
            CHECK(uv_timer_start(&api->look, on_look, SITE_EPOCH_LOOK_MS, SITE_EPOCH_LOOK_MS) == 0);
            uv_unref((uv_handle_t *)&api->look);
        }
        return call;
    }
    return NULL;
}

static uint8_t keep(char *to, size_t cap, struct span s) {
    size_t n = s.n < cap ? s.n : cap;
    memcpy(to, s.p, n);
    return (uint8_t)n;
}

/* Encoded at once: the request's bytes do not outlive this turn. */
static void encode_call(struct call *call, const struct http_request *r, struct span path) {
    char whole[HTTP_TARGET_BYTES_MAX + 1];
    struct buf target, b;
    buf_init_fixed(&target, whole, sizeof whole);
    buf_add(&target, path);
    if (r->query.p) {
        buf_char(&target, '?');
        buf_add(&target, r->query);
    }
    CHECK(!target.over);
    const struct channel_message m = {.kind = CHANNEL_CALL,
                                      .epoch = call->api->epoch,
                                      .id = call->id,
                                      .method = r->method_text,
                                      .path = buf_span(&target),
                                      .authorization = r->authorization,
                                      .content_type = r->content_type,
                                      .body_bytes = r->has_length ? r->content_length
                                                    : r->chunked  ? UINT64_MAX
                                                                  : 0};
    buf_init(&b, CHANNEL_MESSAGE_BYTES_MAX);
    channel_write(&m, &b);
    CHECK(!b.over);
    call->call = b.p;
    call->call_bytes = b.n;
}

void api_request(struct api *api, struct net_conn *c, const struct http_request *r,
                 const struct asked *asked, struct span path) {
    if (!is_bearer(r->authorization)) {
        answer_status(api->web, c, asked, 401,
                      SPAN("WWW-Authenticate: Bearer realm=\"dateline\"\r\n"), true);
        return;
    }
    look_at_epoch(api);
    struct call *call = api->fd >= 0 ? call_new(api) : NULL;
    if (!call) {
        answer_status(api->web, c, asked, 503, LATER, true);
        return;
    }
    call->c = c;
    call->has_body = r->chunked || (r->has_length && r->content_length > 0);
    call->method_bytes = keep(call->method, sizeof call->method, r->method_text);
    call->path_bytes = keep(call->path, sizeof call->path, path);
    encode_call(call, r, path);
    net_set_data(c, call);
    rc code = send_waiting(call);
    if (code != RC_OK && code != RC_AGAIN) core_gone(api);
}

/* ---- what core says -------------------------------------------------------------------------- */

static void answered(struct call *call, const struct channel_message *m) {
    char line[64], length[64];
    struct net_conn *c = call->c;
    struct site_web *web = call->api->web;
    struct call kept = *call;
    call_free(call);
    net_status_line(m->status, line);
    bool no_body = m->status == 204 || m->status == 304;
    int n = no_body ? 0 : snprintf(length, sizeof length, "Content-Length: %zu\r\n", m->body.n);
    const struct net_answer answer = {
        .status = m->status,
        .head = {span_str(line), m->headers, span_of(length, (size_t)n)},
        .body = {m->body},
        .body_not_sent = no_body};
    const struct asked asked = asked_of(&kept);
    answer_with(web, c, &asked, &answer, false);
}

static void heard(struct api *api, const struct channel_message *m) {
    struct call *call = NULL;
    if (m->epoch != api->epoch) return; /* of a core that has died, or meant for one */
    for (size_t i = 0; i < CHANNEL_CALLS_MAX && !call; i++) {
        struct call *at = &api->calls[i];
        if (at->state != FREE && at->id == m->id) call = at;
    }
    if (!call || call->state == ABORTING || call->state == WANTED) return;
    if (m->kind == CHANNEL_ANSWER) {
        answered(call, m);
    } else if (m->kind == CHANNEL_GO && call->state == CALLED && call->has_body) {
        call->state = SENDING;
        net_body(call->c, HTTP_BODY_BYTES_MAX);
    }
}

static void on_channel(uv_poll_t *poll, int status, int events) {
    struct api *api = poll->data;
    struct channel_message m;
    if (status < 0) events = UV_READABLE; /* receiving says what it is */
    look_at_epoch(api);
    if (events & UV_WRITABLE && api->full) {
        api->full = false;
        pump(api);
        if (!api->full && api->fd >= 0) watch(api);
    }
    for (unsigned i = 0; i < MESSAGES_A_TURN && api->fd >= 0; i++) {
        rc code = channel_receive(api->fd, api->received, &m);
        if (code == RC_AGAIN) break;
        if (code == RC_OK)
            heard(api, &m);
        else if (code == RC_INVALID)
            log_event(LOG_ERROR, "not a message from core", LOG_WHY());
        else
            core_gone(api);
    }
}

/* ---- beginning and end ----------------------------------------------------------------------- */

rc api_new(struct site_web *web, struct api **out_api) {
    struct api *api = mem_new(sizeof *api);
    api->web = web;
    api->fd = web->setup.core_fd;
    for (size_t i = 0; i < CHANNEL_CALLS_MAX; i++) api->calls[i].api = api;
    void *control;
    rc code = memfd_map(web->setup.control_fd, sizeof *api->control, false, &control);
    if (code != RC_OK) {
        mem_free(api);
        return code;
    }
    api->control = control;
    api->epoch = atomic_load(&api->control->core_epoch);
    CHECK(uv_timer_init(net_loop(web->net), &api->look) == 0);
    api->look.data = api->poll.data = api;
    if (api->fd >= 0) {
        int error = uv_poll_init(net_loop(web->net), &api->poll, api->fd);
        if (error)
            code = rc_fail(RC_IO, "watching the channel to core: %s", uv_strerror(error));
        else
            watch(api);
    }
    api->has_poll = api->fd >= 0 && code == RC_OK;
    *out_api = api;
    return code;
}

void api_close(struct api *api) {
    if (!api) return;
    if (api->has_poll) uv_close((uv_handle_t *)&api->poll, NULL);
    uv_close((uv_handle_t *)&api->look, NULL);
}

void api_free(struct api *api) {
    if (!api) return;
    memfd_unmap(api->control, sizeof *api->control);
    mem_free(api);
}
