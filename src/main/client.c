#include "main/client.h"

#include "base/mem.h"
#include "codec/json.h"
#include "main/roles.h"
#include "main/theme.h"
#include "net/channel.h"
#include "record/record.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "sys/memfd.h"
#include "sys/socket.h"

#define OPEN_WAIT_MS 10000 /* for another command that is core at the moment */
#define SEND_WAIT_MS 60000

/* ---- a core of our own ------------------------------------------------------------------------------ */

static rc start_role(const struct site *site, const char *role, struct role_fds *fds,
                     struct process *out_process) {
    char text[ROLE_FDS_TEXT_BYTES];
    role_fds_text(fds, text);
    const char *const args[] = {"dateline", "role", role,    site->path,
                                "--index",  "0",    "--fds", text};
    const struct process_command command = {.args = args,
                                            .args_count = COUNT_OF(args),
                                            .fds = fds->fds,
                                            .fds_count = fds->count,
                                            .error_fd = -1,
                                            .dies_with_parent = true};
    return process_start(&command, out_process);
}

static rc start_core(const struct site *site, struct client *c) {
    static struct role_fds signer_fds, media_fds, core_fds;
    int config_fd = -1, signer_ends[2] = {-1, -1}, media_ends[2] = {-1, -1};
    int client_ends[2] = {-1, -1};
    signer_fds.count = media_fds.count = core_fds.count = 0;
    const int theme_fd = theme_share_or_none(site);
    /* The command says itself what it did; what it started speaks when something is wrong. */
    struct config quiet = site->config;
    if (quiet.log_level > LOG_WARN) quiet.log_level = LOG_WARN;
    rc code = role_share_config(&quiet, &config_fd);
    if (code == RC_OK) code = socket_pair(signer_ends);
    if (code == RC_OK) code = socket_pair(media_ends);
    if (code == RC_OK) code = socket_pair(client_ends);
    if (code == RC_OK) {
        role_fds_add(&signer_fds, "config", config_fd);
        role_fds_add(&signer_fds, "core", signer_ends[1]);
        role_fds_add(&media_fds, "config", config_fd);
        role_fds_add(&media_fds, "core", media_ends[1]);
        role_fds_add(&core_fds, "config", config_fd);
        role_fds_add(&core_fds, "lock", c->lock.fd);
        role_fds_add(&core_fds, "signer", signer_ends[0]);
        role_fds_add(&core_fds, "media", media_ends[0]);
        role_fds_add(&core_fds, "client", client_ends[1]);
        if (theme_fd >= 0) role_fds_add(&core_fds, "theme", theme_fd);
        code = start_role(site, "signer", &signer_fds, &c->signer);
    }
    if (code == RC_OK) code = start_role(site, "media", &media_fds, &c->media);
    if (code == RC_OK) code = start_role(site, "core", &core_fds, &c->core);
    memfd_close(config_fd);
    memfd_close(theme_fd);
    socket_close(signer_ends[0]);
    socket_close(signer_ends[1]);
    socket_close(media_ends[0]);
    socket_close(media_ends[1]);
    socket_close(client_ends[1]);
    if (code != RC_OK) {
        socket_close(client_ends[0]);
        return code;
    }
    c->fd = client_ends[0];
    return RC_OK;
}

rc client_open(const struct site *site, struct client *out_client) {
    struct client c = {.fd = -1,
                       .core = PROCESS_NONE,
                       .signer = PROCESS_NONE,
                       .media = PROCESS_NONE,
                       .lock = FILE_CLOSED};
    char path[SITE_SOCKET_BYTES];
    site_socket_path(site, path);
    const mono_t deadline = clock_mono_ns() + CLOCK_MS(OPEN_WAIT_MS);
    for (;;) {
        rc code = site_lock(site, "command", 0, &c.lock);
        if (code == RC_OK) {
            code = start_core(site, &c);
            if (code != RC_OK) (void)!client_close(&c);
        } else if (code == RC_BUSY && socket_connect_path(path, &c.fd) == RC_OK) {
            code = RC_OK;
        } else if (code == RC_BUSY && clock_mono_ns() < deadline) {
            clock_sleep_ms(20);
            continue;
        } else if (code == RC_BUSY) {
            (void)!site_lock(site, "command", 0, &c.lock); /* its message names who has it */
        }
        TRY(code);
        *out_client = c;
        return RC_OK;
    }
}

static rc end_of(struct process *p, const char *name) {
    struct process_end end;
    if (p->pidfd < 0) return RC_OK;
    TRY(process_wait(p, &end));
    if (end.exit_code == 0) return RC_OK;
    return rc_fail(RC_IO, "%s ended with %s %d; its last line above says why", name,
                   end.signal ? "signal" : "exit code", end.signal ? end.signal : end.exit_code);
}

rc client_close(struct client *c) {
    socket_close(c->fd);
    c->fd = -1;
    rc code = end_of(&c->core, "core");
    /* These end when core's end of their sockets is gone. */
    rc signer = end_of(&c->signer, "the signer"),
       media = end_of(&c->media, "the keeper of media jobs");
    file_close(&c->lock);
    return code != RC_OK ? code : signer != RC_OK ? signer : media;
}

/* ---- calls --------------------------------------------------------------------------------------------- */

static rc send_message(struct client *c, const struct channel_message *m, struct buf *scratch) {
    buf_clear(scratch);
    channel_write(m, scratch);
    return socket_send(c->fd, buf_span(scratch), SEND_WAIT_MS);
}

static rc send_call(struct client *c, const struct client_call *call, struct buf *scratch) {
    struct channel_message m = {.kind = CHANNEL_CALL,
                                .id = ++c->last_id,
                                .method = span_str(call->method),
                                .path = span_str(call->path),
                                .content_type = span_str(call->content_type),
                                .body_bytes = call->body.n};
    TRY(send_message(c, &m, scratch));
    struct span rest = call->body;
    while (rest.n) {
        struct span piece = span_sub(rest, 0, CHANNEL_DATA_BYTES_MAX);
        TRY(send_message(c,
                         &(struct channel_message){.kind = CHANNEL_DATA, .id = m.id, .body = piece},
                         scratch));
        rest = span_from(rest, piece.n);
    }
    return send_message(c, &(struct channel_message){.kind = CHANNEL_END, .id = m.id}, scratch);
}

static rc explain(rc code) {
    if (code != RC_GONE) return code;
    return rc_fail(
        code,
        "core ended before it had answered: its last message says why. Once it runs, give the "
        "command again: what was done already is found to be there");
}

rc client_send(struct client *c, const struct client_call *call, uint64_t *out_id) {
    struct buf scratch;
    buf_init(&scratch, CHANNEL_MESSAGE_BYTES_MAX);
    rc code = send_call(c, call, &scratch);
    buf_done(&scratch);
    *out_id = c->last_id;
    return explain(code);
}

rc client_receive(struct client *c, struct arena *a, uint64_t *out_id,
                  struct client_call *out_call) {
    static char bytes[CHANNEL_MESSAGE_BYTES_MAX];
    struct channel_message m;
    do {
        size_t n;
        rc code = socket_receive(c->fd, bytes, sizeof bytes, -1, &n);
        if (code != RC_OK) return explain(code);
        TRY(channel_read(span_of(bytes, n), &m));
    } while (m.kind != CHANNEL_ANSWER);
    out_call->status = m.status;
    out_call->answer = arena_copy(a, m.body);
    *out_id = m.id;
    return out_call->answer.p ? RC_OK : rc_fail(RC_TOO_BIG, "too many answers for one operation");
}

rc client_ask(struct client *c, struct arena *a, struct client_call *call) {
    uint64_t sent, answered = 0;
    TRY(client_send(c, call, &sent));
    while (answered != sent) TRY(client_receive(c, a, &answered, call));
    return RC_OK;
}

rc client_result(const struct client_call *call) {
    json_t *object;
    if (call->status < 400) return RC_OK;
    rc code = RC_IO;
    if (json_read(call->answer, &object) != RC_OK)
        return rc_fail(code, "core answered %u", call->status);
    struct span name = json_member_string(object, "error"),
                message = json_member_string(object, "message");
    for (rc known = 1; known < RC_COUNT; known++)
        if (span_eq(name, span_str(rc_name(known)))) code = known;
    code = rc_fail(code, SPAN_FMT, SPAN_ARG(message));
    json_decref(object);
    return code;
}

rc client_once(const struct site *site, struct arena *a, struct client_call *call,
               rc (*use)(void *arg, const struct client_call *call), void *arg) {
    struct client client;
    TRY(client_open(site, &client));
    rc code = client_ask(&client, a, call);
    if (code == RC_OK) code = client_result(call);
    if (code == RC_OK && use) code = use(arg, call);
    rc closed = client_close(&client);
    return code == RC_OK ? closed : code;
}
