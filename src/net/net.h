/*
 * net: TCP connections that speak HTTP/1.1, driven by libuv. It accepts, reads, parses with http/,
 * asks the door behind it for an answer, and writes it; it knows nothing of news. channel.h, beside
 * it, is what web says to core.
 *
 * What it promises:
 *  1. Requests of one connection are answered in the order they came, one at a time; what was sent
 *     behind a request waits, at most HTTP_HEAD_BYTES_MAX of it here, the rest in the kernel.
 *  2. After a refusal nothing that follows on the connection is looked at. The refusal reaches the
 *     client: our side is shut, what still comes is read and dropped for a while, then it is
 * closed.
 *  3. A request costs one read and one writev. Nothing is allocated for it unless its head comes in
 *     pieces or its answer is taken slowly.
 *  4. Spans given to net_answer() are not used after it returns: what the socket does not take is
 *     copied, the body once for all slow readers of the same one, within limits.slow_bytes_max.
 *  5. Every wait has an end (limits.h): one sweep a second looks at all connections.
 *  6. Without descriptors accepting pauses; it goes on when a connection closes, or a moment later.
 *
 * One thread. net_new() makes what a confined process may not (sandbox.h): call it before.
 */
#ifndef DATELINE_NET_NET_H
#define DATELINE_NET_NET_H

#include <uv.h>

#include "http/request.h"
#include "net/limits.h"

struct net;
struct net_conn;

/* What goes out: head, then Date and Connection, an empty line, body. */
struct net_answer {
    unsigned status;      /* 304 and such: for whoever logs; the bytes are in head */
    struct span head[3];  /* status line and header lines, each with its CR LF; any may be
                          * empty; together less than NET_HEAD_OUT_BYTES_MAX */
    struct span body[2];  /* one behind the other; either may be empty */
    bool body_not_sent;   /* HEAD, 304: body is ignored */
    struct span body_key; /* equal bodies have equal keys: a strong ETag. Empty: not shared */
};

/* The door. Callbacks may answer at once; none may run the loop. */
struct net_door {
    void *arg;
    /*
     * A whole head. Its spans end with this call. Answer it with net_answer() or net_refuse_with(),
     * or return without: then the request is open and `gone` or an answer ends it.
     */
    void (*request)(void *arg, struct net_conn *c, const struct http_request *r);
    /* Bytes that are no request, or a body that breaks its rules: answer with `status`, by
     * net_refuse_with(). rc_why() says what was wrong. */
    void (*refused)(void *arg, struct net_conn *c, unsigned status);
    /*
     * The next bytes of the body that net_body() asked for, decoded; is_last: nothing follows
     * (perhaps piece is empty). True: taken. False: not now; they are offered again by
     * net_body_again().
     */
    bool (*body)(void *arg, struct net_conn *c, struct span piece, bool is_last);
    /* An open request whose client is gone, or was too slow. No answer any more. */
    void (*gone)(void *arg, struct net_conn *c);
    void (*swept)(void *arg); /* each limits.sweep_ms */
};

struct net_setup {
    const int *listen_fds; /* taken over: closed by net_free(), or when it stops */
    size_t listen_fds_count;
    struct net_limits limits;
    struct net_door door;
};

rc net_new(const struct net_setup *setup, struct net **out_net) MUST_USE;
/* Runs until SIGTERM (or net_stop) and what was begun has ended, at most limits.stop_ms more. */
rc net_run(struct net *n) MUST_USE;
void net_stop(struct net *n);
void net_free(struct net *n); /* NULL is fine; not while it runs */
/* For a door's own handles (uv_poll_t, uv_timer_t). They must not keep the loop alive (uv_unref).
 */
uv_loop_t *net_loop(struct net *n);

/* The answer to c's request; exactly one for each. It may close c (then `gone` is not called). */
void net_answer(struct net_conn *c, const struct net_answer *answer);
/* The same, then promise 2. Also for an answer that comes before the request's body has been read.
 */
void net_refuse_with(struct net_conn *c, const struct net_answer *answer);

/* For an open request: read its body, at most bytes_max decoded bytes (else `refused` with 413),
 * after "100 Continue" if the client waits for it. A request without a body gets one empty last
 * piece. */
void net_body(struct net_conn *c, uint64_t bytes_max);
void net_body_again(struct net_conn *c);
/* Has the whole body been handed over and taken? */
bool net_body_ended(const struct net_conn *c);

/* A word of the door's own about an open request. NULL at first. */
void net_set_data(struct net_conn *c, void *data);
void *net_data(const struct net_conn *c);

/* The client's network, not its address: IPv4 to /24, IPv6 to /48 ("203.0.113.0", "2001:db8:1::").
 */
#define NET_ADDRESS_BYTES 48
void net_client(const struct net_conn *c, char out_text[NET_ADDRESS_BYTES]);
/* "HTTP/1.1 404 Not Found\r\n" for a status that has no stored answer. */
void net_status_line(unsigned status, char out_text[64]);

struct net_stat {
    uint64_t accepted, requests, dropped; /* dropped: by a deadline, a rate, or the memory limit */
    uint64_t slow_bytes;
    unsigned open, open_most;
    bool paused;
};
void net_stat(const struct net *n, struct net_stat *out_stat);

#endif
