#include <stdio.h>

#include "base/mem.h"
#include "http/date.h"
#include "http/path.h"
#include "site/web.h"
#include "sys/log.h"

/* What holds for every answer; those of stored pages are stored with them. */
#define SAFE_HEADERS                                                          \
    "X-Content-Type-Options: nosniff\r\n"                                     \
    "Referrer-Policy: strict-origin-when-cross-origin\r\n"                    \
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n" \
    "Cache-Control: no-store\r\n"

/* ---- answers of our own ---------------------------------------------------------------------- */

void answer_with(struct site_web *web, struct net_conn *c, const struct asked *asked,
                 const struct net_answer *answer, bool closes) {
    if (web->access) {
        access_line(web->access, c, asked, answer->status,
                    answer->body_not_sent ? 0 : answer->body[0].n + answer->body[1].n);
    }
    if (closes)
        net_refuse_with(c, answer);
    else
        net_answer(c, answer);
}

static void answer_built_in(struct site_web *web, struct net_conn *c, const struct asked *asked,
                            unsigned status, struct span more, bool closes) {
    char line[64], body[160], head[512];
    net_status_line(status, line);
    const char *reason = http_reason(status);
    int body_n =
        snprintf(body, sizeof body,
                 asked->of_core ? "{\"status\":%u,\"title\":\"%s\"}\n" : "%u %s\n", status, reason);
    struct buf b;
    buf_init_fixed(&b, head, sizeof head);
    buf_str(&b, line);
    buf_str(&b, SAFE_HEADERS);
    if (status != 204) {
        buf_str(&b, asked->of_core ? "Content-Type: application/problem+json\r\n" /* RFC 9457 */
                                   : "Content-Type: text/plain; charset=utf-8\r\n");
        buf_printf(&b, "Content-Length: %d\r\n", body_n);
    }
    CHECK(!b.over);
    const struct net_answer answer = {.status = status,
                                      .head = {buf_span(&b), more},
                                      .body = {span_of(body, (size_t)body_n)},
                                      .body_not_sent = asked->is_head || status == 204};
    answer_with(web, c, asked, &answer, closes);
}

void answer_status(struct site_web *web, struct net_conn *c, const struct asked *asked,
                   unsigned status, struct span more, bool closes) {
    struct net_answer answer;
    if (!asked->of_core && status >= 400 && reader_pin(web) == RC_OK &&
        reader_stored(web, asked, status, &answer)) {
        answer.head[2] = more;
        answer_with(web, c, asked, &answer, closes);
        return;
    }
    answer_built_in(web, c, asked, status, more, closes);
}

/* ---- Host ------------------------------------------------------------------------------------ */

static struct span without_port(struct span host) {
    if (host.n && host.p[0] == '[') {
        size_t end = span_find(host, ']');
        return span_sub(host, 0, end + 1);
    }
    return span_sub(host, 0, span_find(host, ':'));
}

/* 127.0.0.0/8, as it is written: four numbers. */
static bool is_loopback4(struct span host) {
    if (!span_starts(host, SPAN("127."))) return false;
    for (unsigned i = 0; i < 4; i++) {
        uint64_t number;
        struct span part = span_cut(&host, '.');
        if (!span_to_u64(part, 255, &number) || (host.p == NULL) != (i == 3)) return false;
    }
    return true;
}

/* A name that is not ours would let a page of somebody else's read us as its own (DNS rebinding),
 * or put us into a cache under it. HTTP/1.0 need not name one. */
static bool host_is_ours(struct site_web *web, const struct http_request *r) {
    if (r->host.n == 0) return r->minor == 0;
    if (span_eq(r->host, web->host)) return true; /* the same as the last one, as nearly always */
    struct span host = without_port(r->host);
    bool ours = span_eq_nocase(host, SPAN("localhost")) || span_eq(host, SPAN("[::1]")) ||
                is_loopback4(host);
    for (size_t i = 0; i < web->setup.hosts_count && !ours; i++) {
        ours = span_eq_nocase(host, without_port(web->setup.hosts[i]));
    }
    if (ours && r->host.n <= sizeof web->host_bytes) {
        memcpy(web->host_bytes, r->host.p, r->host.n);
        web->host = span_of(web->host_bytes, r->host.n);
    }
    return ours;
}

/* ---- the door -------------------------------------------------------------------------------- */

static unsigned status_of_method(struct span method) {
    /* Known, and not for anything here: 405. Else 501 (RFC 9110 §15.5.6, §15.6.2). */
    static const char *const known[] = {"GET",    "HEAD",  "POST",  "PUT",
                                        "DELETE", "PATCH", "TRACE", "CONNECT"};
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        if (span_eq(method, span_str(known[i]))) return 405;
    }
    return 501;
}

static void answer_method(struct site_web *web, struct net_conn *c, const struct http_request *r,
                          const struct asked *asked, const struct route *route) {
    char allow[80];
    int n = snprintf(allow, sizeof allow, "Allow: %s\r\n", route->allow);
    bool options = r->method == HTTP_OPTIONS;
    answer_status(web, c, asked, options ? 204 : status_of_method(r->method_text),
                  span_of(allow, (size_t)n), !options);
}

static void on_request(void *arg, struct net_conn *c, const struct http_request *r) {
    struct site_web *web = arg;
    struct asked asked = {.method = r->method_text,
                          .target = r->path,
                          .is_head = r->method == HTTP_HEAD,
                          .accept = r->accept_encoding};
    struct span path = r->path;
    bool all = span_eq(r->path, SPAN("*")); /* OPTIONS *, RFC 9112 §3.2.4 */
    if (!host_is_ours(web, r)) {
        answer_status(web, c, &asked, 421, (struct span){0}, true);
        return;
    }
    if (!all && http_path_normal(r->path, web->path, sizeof web->path, &path) != RC_OK) {
        answer_status(web, c, &asked, 400, (struct span){0}, true);
        return;
    }
    const struct route *route = route_find(path);
    asked.of_core = route->of_core != 0;
    if (!(route->methods & (1u << r->method))) {
        answer_method(web, c, r, &asked, route);
    } else if (route->of_core & (1u << r->method)) {
        api_request(web->api, c, r, &asked, path);
    } else {
        reader_answer(web, c, r, &asked, path);
    }
}

/* Bytes that are no request, or the body of a call that breaks its rules. */
static void on_refused(void *arg, struct net_conn *c, unsigned status) {
    struct site_web *web = arg;
    const struct asked asked = {.of_core = net_data(c) != NULL};
    if (log_wants(LOG_DEBUG)) log_event(LOG_DEBUG, "refused", LOG_INT("status", status), LOG_WHY());
    api_gone(web->api, c);
    answer_status(web, c, &asked, status, (struct span){0}, true);
}

static bool on_body(void *arg, struct net_conn *c, struct span piece, bool is_last) {
    struct site_web *web = arg;
    return api_body(web->api, c, piece, is_last);
}

static void on_gone(void *arg, struct net_conn *c) {
    struct site_web *web = arg;
    api_gone(web->api, c);
}

static void on_turn(uv_prepare_t *turn) {
    reader_unpin(turn->data);
}

static void on_swept(void *arg) {
    struct site_web *web = arg;
    if (web->access) access_flush(web->access);
}

/* ---- beginning and end ----------------------------------------------------------------------- */

rc site_web_open(const struct site_web_setup *setup, struct site_web **out_web) {
    struct site_web *web = mem_new(sizeof *web);
    web->setup = *setup;
    if (!setup->call_ms) web->setup.call_ms = SITE_CALL_MS;
    if (!setup->go_ms) web->setup.go_ms = SITE_GO_MS;
    const struct net_setup net_setup = {.listen_fds = setup->listen_fds,
                                        .listen_fds_count = setup->listen_fds_count,
                                        .limits = setup->limits,
                                        .door = {.arg = web,
                                                 .request = on_request,
                                                 .refused = on_refused,
                                                 .body = on_body,
                                                 .gone = on_gone,
                                                 .swept = on_swept}};
    rc code = pages_reader_open(setup->pages_dir, setup->control_fd, setup->pin_fd, &web->pages);
    /* LMDB is opened with the first pin, if there is a store: now, while files may be opened. */
    if (code == RC_OK) {
        code = pages_pin(web->pages);
        if (code == RC_OK)
            pages_unpin(web->pages);
        else if (code == RC_AGAIN)
            code = RC_OK;
    }
    if (code == RC_OK) code = net_new(&net_setup, &web->net);
    if (code == RC_OK) {
        web->turn.data = web;
        CHECK(uv_prepare_init(net_loop(web->net), &web->turn) == 0);
        CHECK(uv_prepare_start(&web->turn, on_turn) == 0);
        uv_unref((uv_handle_t *)&web->turn);
        code = api_new(web, &web->api);
    }
    if (code == RC_OK && setup->access_fd >= 0)
        web->access = access_new(setup->access_fd, setup->process);
    if (code != RC_OK) {
        site_web_close(web);
        return code;
    }
    *out_web = web;
    return RC_OK;
}

rc site_web_run(struct site_web *web) {
    rc code = net_run(web->net);
    reader_unpin(web);
    if (web->access) access_flush(web->access);
    return code;
}

void site_web_close(struct site_web *web) {
    if (!web) return;
    if (web->net) uv_close((uv_handle_t *)&web->turn, NULL);
    api_close(web->api); /* its handles are the loop's, which net_free() ends */
    net_free(web->net);
    api_free(web->api);
    pages_reader_close(web->pages);
    access_free(web->access);
    mem_free(web->inflated);
    mem_free(web);
}
