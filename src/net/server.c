/*
 * One connection, drawn as it lives:
 *
 *             ┌──────────── the answer has gone out whole, keep-alive ─────────────┐
 *             ▼                                                                    │
 *   accept ▶ READING ──a head──▶ OPEN ──net_answer──▶ (all taken at once) ─────────┤
 *             │                   │                     │ not all taken            │
 *             │ EOF, deadline     │ client gone         ▼                          │
 *             ▼                   ▼                  WRITING ──────────────────────┘
 *           CLOSED ◀──────────────┴──────────────────── │ deadline, rate      │ close or refusal
 *             ▲                                                               ▼
 *             └────────────── EOF, deadline, NET_LINGER_BYTES ──────── LINGERING
 *
 * CLOSED lasts until libuv has given the handle back, at the end of the same turn; whoever holds
 * the connection in between (a callback further up the stack) sees the state and leaves it alone.
 *
 * uv_poll_t instead of uv_tcp_t: it is smaller, opens no file behind our back (libuv keeps a
 * reserve descriptor for accept and reopens it, which a confined process may not), never closes a
 * connection that it could not accept, and leaves read, write and shutdown to us, so that their
 * number is known.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/mem.h"
#include "http/body.h"
#include "http/date.h"
#include "net/net.h"
#include "net/slow.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "sys/process.h"

/* More than the longest head and the empty line before it, so that the parser's limit is met first.
 */
#define INBOX_BYTES (HTTP_HEAD_BYTES_MAX + 64)
#define INBOX_BYTES_FIRST 1024 /* who dribbles a head costs hardly more than he has sent */
#define SLAB_CONNECTIONS 64
#define LISTENERS_MAX 16
#define TAIL_BYTES 96

enum state { READING, OPEN, WRITING, LINGERING, CLOSED };

/* What has been read and not used: only while a head is not whole, a body is read, or requests
 * wait. */
struct inbox {
    struct http_progress progress;
    struct http_body body;
    size_t decoded; /* bytes[0 … decoded) is body that the door has not taken */
    size_t raw;     /* bytes[raw … n) is as it was sent */
    size_t n;
    size_t cap;
    char bytes[];
};

/* What the socket has not taken. */
struct outbox {
    uint64_t begun, progressed; /* uv_now() */
    uint64_t done;              /* bytes that the socket took since */
    struct slow_body *body;     /* NULL: none */
    size_t body_at, head_n, head_at;
    char head[];
};

struct net_conn {
    uv_poll_t poll;
    struct net *net;
    struct net_conn *next, *prev; /* all that are not CLOSED; next alone: the free ones */
    struct inbox *inbox;
    struct outbox *outbox;
    void *data;
    uint64_t since;      /* uv_now() of: the end of the last answer; a head's first byte; the body's
                          * beginning;      lingering */
    uint64_t held_since; /* the door did not take the body's next piece */
    int fd;
    uint32_t lingered; /* bytes dropped */
    uint8_t state, polled;
    uint8_t address[6], address_bytes; /* the client's network */
    bool serving : 1;                  /* serve() is on the stack */
    bool keep_alive : 1;               /* after this answer */
    bool says_keep_alive : 1;          /* HTTP/1.0 must be told */
    bool expect_continue : 1;
    bool has_body : 1, wants_body : 1, body_held : 1, body_ended : 1;
    bool refusing : 1, bytes_follow : 1;
};
/* The memory of an idle connection; with what libuv keeps by descriptor, less than 1 KB. */
_Static_assert(sizeof(struct net_conn) <= 512, "an idle connection is small");

struct slab {
    struct slab *next;
    struct net_conn conns[SLAB_CONNECTIONS];
};

struct net {
    uv_loop_t loop;
    uv_signal_t term;
    uv_timer_t sweep, accept_again;
    uv_poll_t listeners[LISTENERS_MAX];
    int listen_fds[LISTENERS_MAX];
    size_t listeners_count;
    struct net_limits limits;
    struct net_door door;
    struct net_conn all; /* head of the list */
    struct net_conn *free;
    struct slab *slabs;
    struct slow slow;
    struct net_stat stat;
    bool stopping;
    uint64_t stopped_at, evicted_at, pause_told;
    uint64_t date_until; /* uv_now() from which on the tails are old */
    size_t tail_n[3];
    char tails[3][TAIL_BYTES];   /* Date, Connection, empty line */
    struct http_request request; /* large, and one at a time */
    char head[NET_HEAD_OUT_BYTES_MAX];
    char shared[INBOX_BYTES]; /* what was just read, of whichever connection */
};

static void serve(struct net_conn *c, char *bytes, size_t n);
static void body_step(struct net_conn *c);
static void answer_done(struct net_conn *c);
static void accept_more(struct net *n);

/* ---- small things ---------------------------------------------------------------------------- */

static uint64_t now_ms(const struct net *n) {
    return uv_now(&n->loop);
}

static void inbox_free(struct net_conn *c) {
    mem_free(c->inbox);
    c->inbox = NULL;
}

static void outbox_free(struct net_conn *c) {
    if (!c->outbox) return;
    slow_release(&c->net->slow, c->outbox->body);
    slow_less(&c->net->slow, sizeof *c->outbox + c->outbox->head_n);
    mem_free(c->outbox);
    c->outbox = NULL;
}

/* With room for `bytes` at least. What points into it may have moved. */
static struct inbox *inbox_of(struct net_conn *c, size_t bytes) {
    CHECK(bytes <= INBOX_BYTES);
    if (!c->inbox || c->inbox->cap < bytes) {
        bool fresh = !c->inbox;
        size_t cap = fresh ? INBOX_BYTES_FIRST : c->inbox->cap;
        while (cap < bytes) cap *= 2;
        if (cap > INBOX_BYTES) cap = INBOX_BYTES;
        c->inbox = mem_resize(c->inbox, sizeof *c->inbox + cap);
        if (fresh) *c->inbox = (struct inbox){0};
        c->inbox->cap = cap;
    }
    return c->inbox;
}

static void on_event(uv_poll_t *poll, int status, int events);

/* Ask libuv for what the state waits for; costs nothing if that is what it does already. */
static void settle(struct net_conn *c) {
    int wanted = 0;
    switch ((enum state)c->state) {
    case READING:
    case LINGERING: wanted = UV_READABLE; break;
    case OPEN:
        wanted = c->wants_body && !c->body_held && !c->body_ended ? UV_READABLE : UV_DISCONNECT;
        break;
    case WRITING: wanted = UV_WRITABLE; break;
    case CLOSED: return;
    }
    if (wanted == c->polled) return;
    CHECK(uv_poll_start(&c->poll, wanted, on_event) == 0);
    c->polled = (uint8_t)wanted;
}

static void on_conn_closed(uv_handle_t *handle) {
    struct net_conn *c = handle->data;
    c->next = c->net->free;
    c->net->free = c;
}

static void conn_close(struct net_conn *c) {
    struct net *n = c->net;
    if (c->state == CLOSED) return;
    bool was_open = c->state == OPEN;
    c->state = CLOSED;
    if (was_open && n->door.gone) n->door.gone(n->door.arg, c);
    c->prev->next = c->next;
    c->next->prev = c->prev;
    inbox_free(c);
    outbox_free(c);
    uv_close((uv_handle_t *)&c->poll, on_conn_closed);
    close(c->fd);
    n->stat.open--;
    if (n->stopping && n->stat.open == 0)
        uv_stop(&n->loop);
    else if (n->stat.paused)
        accept_more(n);
}

static void conn_drop(struct net_conn *c) {
    c->net->stat.dropped++;
    conn_close(c);
}

/* ---- writing --------------------------------------------------------------------------------- */

enum tail { TAIL_PLAIN, TAIL_KEEP_ALIVE, TAIL_CLOSE };

static struct span tail_of(struct net_conn *c, bool keep_alive) {
    struct net *n = c->net;
    if (now_ms(n) >= n->date_until) {
        ms_t wall = clock_wall_ms();
        char date[HTTP_DATE_CHARS];
        http_date(wall, date);
        static const char *const connection[] = {"", "Connection: keep-alive\r\n",
                                                 "Connection: close\r\n"};
        for (size_t i = 0; i < COUNT_OF(connection); i++) {
            n->tail_n[i] = (size_t)snprintf(n->tails[i], TAIL_BYTES, "Date: %.*s\r\n%s\r\n",
                                            HTTP_DATE_CHARS, date, connection[i]);
        }
        n->date_until = now_ms(n) + (uint64_t)(1000 - wall % 1000);
    }
    enum tail tail = !keep_alive ? TAIL_CLOSE : c->says_keep_alive ? TAIL_KEEP_ALIVE : TAIL_PLAIN;
    return span_of(n->tails[tail], n->tail_n[tail]);
}

/* What of the answer the socket has not taken, in memory of our own. False: there is none left. */
static bool keep_unsent(struct net_conn *c, struct span head, size_t sent,
                        const struct net_answer *answer, bool with_body) {
    struct net *n = c->net;
    struct span left = span_from(head, sent);
    if (!slow_more(&n->slow, sizeof(struct outbox) + left.n)) return false;
    struct outbox *out = mem_new(sizeof *out + left.n);
    c->outbox = out;
    out->begun = out->progressed = now_ms(n);
    out->done = sent;
    out->head_n = left.n;
    if (left.n) memcpy(out->head, left.p, left.n);
    if (!with_body) return true;
    out->body_at = sent > head.n ? sent - head.n : 0;
    out->body = slow_take(&n->slow, answer->body_key, answer->body);
    return out->body != NULL;
}

static void write_more(struct net_conn *c) {
    struct outbox *out = c->outbox;
    struct iovec v[2] = {{out->head + out->head_at, out->head_n - out->head_at}};
    if (out->body) {
        v[1] = (struct iovec){(char *)slow_bytes(out->body) + out->body_at,
                              out->body->body_bytes - out->body_at};
    }
    size_t left = v[0].iov_len + v[1].iov_len;
    ssize_t sent = writev(c->fd, v, 2);
    if (sent < 0) {
        if (errno != EAGAIN && errno != EINTR) conn_close(c);
        return;
    }
    out->progressed = now_ms(c->net);
    out->done += (uint64_t)sent;
    size_t of_head = (size_t)sent < v[0].iov_len ? (size_t)sent : v[0].iov_len;
    out->head_at += of_head;
    out->body_at += (size_t)sent - of_head;
    if ((size_t)sent < left) return;
    outbox_free(c);
    answer_done(c);
}

/* One piece for the kernel: copying some hundred bytes costs less than its walk over five. */
static struct span join_head(struct net_conn *c, const struct net_answer *answer, bool keep_alive) {
    struct net *n = c->net;
    struct span tail = tail_of(c, keep_alive);
    char *to = n->head;
    for (size_t i = 0; i <= COUNT_OF(answer->head); i++) {
        struct span s = i < COUNT_OF(answer->head) ? answer->head[i] : tail;
        CHECK(s.n <= (size_t)(n->head + sizeof n->head - to));
        if (s.n) memcpy(to, s.p, s.n);
        to += s.n;
    }
    return span_of(n->head, (size_t)(to - n->head));
}

static void write_answer(struct net_conn *c, const struct net_answer *answer) {
    struct net *n = c->net;
    if (c->state == CLOSED) return;
    CHECK(c->state == OPEN);
    c->state = WRITING; /* the door has answered: what happens from here on is not its business */
    c->keep_alive = c->keep_alive && !c->refusing && !n->stopping;
    const size_t body_bytes = answer->body_not_sent ? 0 : answer->body[0].n + answer->body[1].n;
    struct span head = join_head(c, answer, c->keep_alive);
    struct iovec v[3] = {{(char *)head.p, head.n}};
    int pieces = 1;
    for (size_t i = 0; i < COUNT_OF(answer->body) && body_bytes; i++)
        if (answer->body[i].n)
            v[pieces++] = (struct iovec){(char *)answer->body[i].p, answer->body[i].n};
    ssize_t sent = writev(c->fd, v, pieces);
    if (sent == (ssize_t)(head.n + body_bytes)) {
        answer_done(c);
    } else if (sent < 0 && errno != EAGAIN && errno != EINTR) {
        conn_close(c);
    } else if (!keep_unsent(c, head, sent > 0 ? (size_t)sent : 0, answer, body_bytes > 0)) {
        conn_drop(c);
    } else if (!c->serving) {
        settle(c);
    }
}

void net_answer(struct net_conn *c, const struct net_answer *answer) {
    /* A body that was not read stands where the next request would. */
    if (c->has_body && !c->body_ended) c->refusing = true;
    write_answer(c, answer);
}

void net_refuse_with(struct net_conn *c, const struct net_answer *answer) {
    c->refusing = true;
    write_answer(c, answer);
}

/* Closing at once would make the kernel send a reset if something unread is there, and a reset
 * makes the client's kernel throw away what it has not read yet: the answer (RFC 9112 §9.6). */
static void linger(struct net_conn *c) {
    inbox_free(c);
    if (shutdown(c->fd, SHUT_WR) < 0) {
        conn_close(c);
        return;
    }
    c->state = LINGERING;
    c->since = now_ms(c->net);
    if (!c->serving) settle(c);
}

static void drop_more(struct net_conn *c) {
    ssize_t got = recv(c->fd, c->net->shared, sizeof c->net->shared, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got > 0) c->lingered += (uint32_t)got;
    if (got <= 0 || c->lingered >= NET_LINGER_BYTES) conn_close(c);
}

static void answer_done(struct net_conn *c) {
    if (c->refusing) {
        linger(c);
    } else if (!c->keep_alive) {
        if (c->net->stopping || (c->serving ? c->bytes_follow : c->inbox != NULL)) {
            linger(c); /* something is unread, or may be on its way */
        } else {
            conn_close(c);
        }
    } else {
        c->state = READING;
        c->since = now_ms(c->net);
        if (c->serving) return;
        if (c->inbox) serve(c, c->inbox->bytes, c->inbox->n);
        settle(c);
    }
}

/* ---- reading requests ------------------------------------------------------------------------ */

static void begin_request(struct net_conn *c, bool keep_alive) {
    c->state = OPEN;
    c->data = NULL;
    c->keep_alive = keep_alive;
    c->says_keep_alive = c->expect_continue = false;
    c->has_body = c->wants_body = c->body_held = c->body_ended = c->refusing = false;
    c->net->stat.requests++;
}

/* The door must answer; if it does not, the connection has no use any more. */
static void refused(struct net_conn *c, unsigned status) {
    struct net *n = c->net;
    c->refusing = true;
    n->door.refused(n->door.arg, c, status);
    if (c->state == OPEN) conn_close(c);
}

static void hand_over(struct net_conn *c, const struct http_request *r) {
    struct net *n = c->net;
    begin_request(c, r->keep_alive);
    c->says_keep_alive = r->minor == 0;
    c->expect_continue = r->expect_continue;
    c->has_body = r->chunked || (r->has_length && r->content_length > 0);
    if (c->has_body) http_body_begin(&inbox_of(c, 0)->body, r, HTTP_BODY_BYTES_MAX);
    n->door.request(n->door.arg, c, r);
}

/* What is left of the input is kept until it is its turn. */
static void keep_rest(struct net_conn *c, const char *rest, size_t n,
                      const struct http_progress *progress) {
    if (c->state == CLOSED || c->state == LINGERING) return; /* nobody will look at it */
    if (c->refusing) n = 0;
    if (n == 0 && !(c->state == OPEN && c->has_body)) {
        inbox_free(c);
        return;
    }
    bool fresh = !c->inbox;
    /* If rest points into it, it has room: it does not move. */
    struct inbox *in = inbox_of(c, n);
    if (fresh && c->state == READING) c->since = now_ms(c->net); /* a head's first bytes */
    if (n && rest != in->bytes) memmove(in->bytes, rest, n);
    in->n = n;
    in->raw = 0;
    in->progress = *progress;
}

/* Answers what stands whole at the front of bytes, which are the shared buffer's or the inbox's. */
static void serve(struct net_conn *c, char *bytes, size_t n) {
    struct net *net = c->net;
    size_t at = 0;
    struct http_progress progress = {0};
    if (c->inbox && bytes == c->inbox->bytes) progress = c->inbox->progress;
    c->serving = true;
    while (at < n && c->state == READING) {
        unsigned status = 400;
        rc code =
            http_request_parse(span_of(bytes + at, n - at), &progress, &net->request, &status);
        if (code == RC_AGAIN) break;
        progress = (struct http_progress){0};
        if (code != RC_OK) {
            begin_request(c, false);
            refused(c, status);
            break;
        }
        at += net->request.head_bytes;
        if (at > n) at = n;
        c->bytes_follow = at < n;
        hand_over(c, &net->request);
    }
    c->serving = false;
    keep_rest(c, bytes + at, n - at, &progress);
    if (c->state == OPEN && c->wants_body) body_step(c);
}

static void read_requests(struct net_conn *c) {
    struct net *n = c->net;
    struct inbox *in = c->inbox;
    if (in && in->n == in->cap && in->cap < INBOX_BYTES) in = inbox_of(c, in->cap + 1);
    char *to = in ? in->bytes + in->n : n->shared;
    size_t room = in ? in->cap - in->n : sizeof n->shared;
    if (room == 0) { /* the parser did not say so itself */
        begin_request(c, false);
        refused(c, 431);
        return;
    }
    ssize_t got = recv(c->fd, to, room, 0);
    if (got <= 0) {
        if (got == 0 || (errno != EAGAIN && errno != EINTR)) conn_close(c);
        return;
    }
    if (in) {
        in->n += (size_t)got;
        serve(c, in->bytes, in->n);
    } else {
        serve(c, n->shared, (size_t)got);
    }
}

/* ---- reading a body -------------------------------------------------------------------------- */

/* Squeezes the body bytes of what is there to the inbox's front. False: *out_status. */
static bool decode(struct inbox *in, unsigned *out_status) {
    while (!in->body.whole && in->raw < in->n) {
        size_t used = 0;
        struct span piece = {0};
        rc code = http_body_feed(&in->body, span_of(in->bytes + in->raw, in->n - in->raw), &used,
                                 &piece, out_status);
        if (code != RC_OK) return false;
        if (piece.n) memmove(in->bytes + in->decoded, piece.p, piece.n);
        in->decoded += piece.n;
        in->raw += used;
        if (used == 0) break;
    }
    return true;
}

/* The decoded bytes are the door's now; what follows them moves to the front. */
static void decoded_taken(struct inbox *in) {
    in->n -= in->raw;
    memmove(in->bytes, in->bytes + in->raw, in->n);
    in->raw = in->decoded = 0;
    in->progress = (struct http_progress){0};
}

static bool offer(struct net_conn *c, struct span piece, bool is_last) {
    struct net *n = c->net;
    c->body_ended = is_last; /* the door may answer now and keep the connection */
    c->serving = true;
    bool taken = n->door.body(n->door.arg, c, piece, is_last);
    c->serving = false;
    if (taken || c->state != OPEN) return true;
    c->body_ended = false;
    c->body_held = true;
    c->held_since = now_ms(n);
    return false;
}

/* As far as the bytes go that are there, and the door takes them. */
static void body_step(struct net_conn *c) {
    struct inbox *in = c->inbox;
    if (c->state != OPEN || !c->wants_body || c->body_ended) return;
    if (!c->has_body) {
        (void)offer(c, (struct span){0}, true);
    } else {
        unsigned status = 400;
        CHECK(in != NULL);
        if (!decode(in, &status)) {
            refused(c, status);
            return;
        }
        if ((in->decoded || in->body.whole) &&
            offer(c, span_of(in->bytes, in->decoded), in->body.whole) && c->inbox) {
            decoded_taken(in);
            if (in->n == 0 && c->body_ended) inbox_free(c);
        }
    }
    if (c->state == READING && c->inbox) serve(c, c->inbox->bytes, c->inbox->n);
    settle(c);
}

static void read_body(struct net_conn *c) {
    struct inbox *in = inbox_of(c, INBOX_BYTES);
    ssize_t got = 0; /* no room: a chunk line longer than all limits, as good as gone */
    if (in->n < in->cap) got = recv(c->fd, in->bytes + in->n, in->cap - in->n, 0);
    if (got <= 0) {
        if (got == 0 || (errno != EAGAIN && errno != EINTR)) conn_close(c);
        return;
    }
    in->n += (size_t)got;
    body_step(c);
}

void net_body(struct net_conn *c, uint64_t bytes_max) {
    if (c->state != OPEN || c->wants_body) return;
    c->wants_body = true;
    c->since = now_ms(c->net);
    if (c->has_body) c->inbox->body.bytes_max = bytes_max;
    bool begun = c->serving ? c->bytes_follow : c->inbox && c->inbox->n > 0;
    if (c->has_body && c->expect_continue && !begun) {
        static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
        ssize_t n = sizeof go_on - 1;
        if (send(c->fd, go_on, (size_t)n, MSG_NOSIGNAL) != n) {
            conn_drop(c);
            return;
        }
    }
    if (!c->serving) body_step(c);
}

void net_body_again(struct net_conn *c) {
    if (c->state != OPEN || !c->body_held) return;
    c->body_held = false;
    c->since += now_ms(c->net) - c->held_since; /* the client did not dawdle: core did */
    if (!c->serving) body_step(c);
}

bool net_body_ended(const struct net_conn *c) {
    return c->body_ended;
}

/* ---- events ---------------------------------------------------------------------------------- */

static void on_event(uv_poll_t *poll, int status, int events) {
    struct net_conn *c = poll->data;
    (void)events;
    if (status < 0) { /* libuv has stopped the handle: an error stands in the socket */
        conn_close(c);
        return;
    }
    switch ((enum state)c->state) {
    case READING: read_requests(c); break;
    case OPEN:
        if (c->polled == UV_READABLE)
            read_body(c);
        else
            conn_close(c);
        break;
    case WRITING: write_more(c); break;
    case LINGERING: drop_more(c); break;
    case CLOSED: return;
    }
    settle(c);
}

/* ---- accepting ------------------------------------------------------------------------------- */

static struct net_conn *conn_new(struct net *n) {
    if (!n->free) {
        struct slab *slab = mem_new(sizeof *slab);
        slab->next = n->slabs;
        n->slabs = slab;
        for (size_t i = 0; i < SLAB_CONNECTIONS; i++) {
            slab->conns[i].next = n->free;
            n->free = &slab->conns[i];
        }
    }
    struct net_conn *c = n->free;
    n->free = c->next;
    *c = (struct net_conn){.net = n, .state = READING, .since = now_ms(n)};
    return c;
}

static void keep_network(struct net_conn *c, const struct sockaddr_storage *address) {
    if (address->ss_family == AF_INET) {
        memcpy(c->address, &((const struct sockaddr_in *)address)->sin_addr, 3);
        c->address_bytes = 3;
    } else if (address->ss_family == AF_INET6) {
        memcpy(c->address, &((const struct sockaddr_in6 *)address)->sin6_addr, 6);
        c->address_bytes = 6;
    }
}

static void conn_begin(struct net *n, int fd, const struct sockaddr_storage *address) {
    struct net_conn *c = conn_new(n);
    c->fd = fd;
    keep_network(c, address);
    if (uv_poll_init(&n->loop, &c->poll, fd) != 0) { /* ENOMEM: epoll's own limit */
        close(fd);
        c->next = n->free;
        n->free = c;
        return;
    }
    c->poll.data = c;
    c->next = &n->all;
    c->prev = n->all.prev;
    c->prev->next = c->next->prev = c;
    n->stat.open++;
    n->stat.accepted++;
    if (n->stat.open > n->stat.open_most) n->stat.open_most = n->stat.open;
    settle(c);
}

static void on_acceptable(uv_poll_t *poll, int status, int events);

static void listen_on(struct net *n, bool on) {
    for (size_t i = 0; i < n->listeners_count; i++) {
        if (on)
            CHECK(uv_poll_start(&n->listeners[i], UV_READABLE, on_acceptable) == 0);
        else
            CHECK(uv_poll_stop(&n->listeners[i]) == 0);
    }
}

/* Whoever says nothing makes room for whoever wants something; the oldest first. */
static bool evict(struct net *n) {
    uint64_t now = now_ms(n);
    unsigned left = NET_EVICT_AT_ONCE;
    if (n->evicted_at && now - n->evicted_at < NET_ACCEPT_PAUSE_MS / 2) return false;
    n->evicted_at = now;
    for (struct net_conn *c = n->all.next, *next; c != &n->all && left > 0; c = next) {
        next = c->next;
        if (c->state != READING || c->inbox || now - c->since < n->limits.evict_after_ms) continue;
        conn_drop(c);
        left--;
    }
    return left < NET_EVICT_AT_ONCE;
}

static void on_accept_again(uv_timer_t *timer) {
    struct net *n = timer->data;
    if (n->stat.open < n->limits.connections_max || evict(n)) accept_more(n);
}

/* Not polled, so that a connection nobody can take does not keep this process busy. */
static void accept_pause(struct net *n, const char *why) {
    if (n->stat.paused || n->stopping || evict(n)) return;
    n->stat.paused = true;
    listen_on(n, false);
    CHECK(uv_timer_start(&n->accept_again, on_accept_again, NET_ACCEPT_PAUSE_MS,
                         NET_ACCEPT_PAUSE_MS) == 0);
    uint64_t now = now_ms(n);
    if (now >= n->pause_told + NET_PAUSE_TOLD_EVERY_MS || !n->pause_told) {
        log_event(LOG_WARN, "accepting pauses", LOG_TEXT("why", span_str(why)),
                  LOG_INT("open", n->stat.open));
        n->pause_told = now ? now : 1;
    }
}

static void accept_more(struct net *n) {
    if (!n->stat.paused || n->stopping) return;
    n->stat.paused = false;
    CHECK(uv_timer_stop(&n->accept_again) == 0);
    listen_on(n, true);
}

static void on_acceptable(uv_poll_t *poll, int status, int events) {
    struct net *n = poll->data;
    int listener = n->listen_fds[poll - n->listeners];
    (void)status; /* accept4() says what is wrong */
    (void)events;
    for (unsigned i = 0; i < NET_ACCEPTS_A_TURN && !n->stat.paused; i++) {
        if (n->stat.open >= n->limits.connections_max) {
            accept_pause(n, "as many connections as are allowed");
            return;
        }
        struct sockaddr_storage address;
        socklen_t address_bytes = sizeof address;
        int fd = accept4(listener, (struct sockaddr *)&address, &address_bytes,
                         SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            conn_begin(n, fd, &address);
            continue;
        }
        switch (errno) {
        case EAGAIN: return;
        case EMFILE:
        case ENFILE:
        case ENOBUFS:
        case ENOMEM: accept_pause(n, strerror(errno)); return;
        default: continue; /* that one was gone already (accept(2): ECONNABORTED, network errors) */
        }
    }
}

/* ---- the sweep ------------------------------------------------------------------------------- */

static bool too_slow(uint64_t bytes, uint64_t ms, unsigned rate_min, unsigned after_ms) {
    return ms > after_ms && bytes * 1000 < rate_min * ms;
}

static void look_at(struct net_conn *c, uint64_t now) {
    const struct net *n = c->net;
    const struct net_limits *l = &n->limits;
    uint64_t ms = now - c->since;
    switch ((enum state)c->state) {
    case READING:
        if (c->inbox) {
            if (ms > l->head_ms) conn_drop(c);
        } else if (ms > l->idle_ms || (n->stopping && now - n->stopped_at >= l->stop_idle_ms)) {
            conn_close(c);
        }
        break;
    case OPEN:
        if (!c->has_body || !c->wants_body || c->body_held || c->body_ended) break;
        if (ms > l->body_ms ||
            too_slow(c->inbox->body.taken, ms, l->body_rate_min, l->rate_after_ms)) {
            conn_drop(c);
        }
        break;
    case WRITING:
        ms = now - c->outbox->begun;
        if (now - c->outbox->progressed > l->answer_stall_ms || ms > l->answer_ms ||
            too_slow(c->outbox->done, ms, l->answer_rate_min, l->rate_after_ms)) {
            conn_drop(c);
        }
        break;
    case LINGERING:
        if (ms > l->linger_ms) conn_close(c);
        break;
    case CLOSED: break;
    }
}

static void on_sweep(uv_timer_t *timer) {
    struct net *n = timer->data;
    uint64_t now = now_ms(n);
    for (struct net_conn *c = n->all.next, *next; c != &n->all; c = next) {
        next = c->next;
        look_at(c, now);
    }
    if (n->door.swept) n->door.swept(n->door.arg);
    if (n->stopping && (n->stat.open == 0 || now - n->stopped_at >= n->limits.stop_ms))
        uv_stop(&n->loop);
}

/* ---- beginning and end ----------------------------------------------------------------------- */

static void on_term(uv_signal_t *signal, int number) {
    (void)number;
    net_stop(signal->data);
}

static rc listener_begin(struct net *n, int fd) {
    uv_poll_t *poll = &n->listeners[n->listeners_count];
    const int one = 1;
    /* What is accepted inherits it: an answer's last segment must not wait for an acknowledgement.
     */
    if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) < 0) {
        return rc_fail(RC_IO, "TCP_NODELAY on a listener: %s", strerror(errno));
    }
    int error = uv_poll_init(&n->loop, poll, fd);
    if (error) return rc_fail(RC_IO, "watching a listener: %s", uv_strerror(error));
    poll->data = n;
    n->listen_fds[n->listeners_count++] = fd;
    return RC_OK;
}

static rc limits_from(struct net *n) {
    uint64_t files;
    if (n->limits.connections_max) return RC_OK;
    TRY(process_limit_files(0, &files));
    n->limits.connections_max = NET_CONNECTIONS_MAX;
    if (files < NET_CONNECTIONS_MAX + NET_FDS_SPARE) {
        if (files < 2 * NET_FDS_SPARE) {
            return rc_fail(
                RC_FATAL,
                "%ju open files are allowed, too few to serve: raise the limit (ulimit -n)",
                (uintmax_t)files);
        }
        n->limits.connections_max = (unsigned)files - NET_FDS_SPARE;
    }
    return RC_OK;
}

rc net_new(const struct net_setup *setup, struct net **out_net) {
    CHECK(setup->listen_fds_count <= LISTENERS_MAX);
    struct net *n = mem_new(sizeof *n);
    n->limits = setup->limits;
    n->door = setup->door;
    n->slow.bytes_max = n->limits.slow_bytes_max;
    n->all.next = n->all.prev = &n->all;
    rc code = limits_from(n);
    if (code == RC_OK && uv_loop_init(&n->loop) != 0)
        code = rc_fail(RC_IO, "no event loop can be made");
    if (code != RC_OK) {
        mem_free(n);
        return code;
    }
    CHECK(uv_timer_init(&n->loop, &n->sweep) == 0);
    CHECK(uv_timer_init(&n->loop, &n->accept_again) == 0);
    n->sweep.data = n->accept_again.data = n->term.data = n;
    int error = uv_signal_init(&n->loop, &n->term);
    if (error == 0) error = uv_signal_start(&n->term, on_term, SIGTERM);
    if (error) code = rc_fail(RC_IO, "watching SIGTERM: %s", uv_strerror(error));
    for (size_t i = 0; i < setup->listen_fds_count && code == RC_OK; i++) {
        code = listener_begin(n, setup->listen_fds[i]);
    }
    if (code != RC_OK) {
        net_free(n);
        return code;
    }
    *out_net = n;
    return RC_OK;
}

rc net_run(struct net *n) {
    uv_update_time(&n->loop);
    listen_on(n, true);
    CHECK(uv_timer_start(&n->sweep, on_sweep, n->limits.sweep_ms, n->limits.sweep_ms) == 0);
    (void)uv_run(&n->loop, UV_RUN_DEFAULT);
    while (n->all.next != &n->all) conn_drop(n->all.next); /* what did not end in time */
    return RC_OK;
}

static void listeners_close(struct net *n) {
    for (size_t i = 0; i < n->listeners_count; i++) {
        uv_close((uv_handle_t *)&n->listeners[i], NULL);
        close(n->listen_fds[i]);
    }
    n->listeners_count = 0;
}

void net_stop(struct net *n) {
    if (n->stopping) return;
    uv_update_time(&n->loop);
    n->stopping = true;
    n->stopped_at = now_ms(n);
    listeners_close(n); /* the other web processes have them too */
    CHECK(uv_timer_stop(&n->accept_again) == 0);
    uint64_t often = n->limits.sweep_ms < 100 ? n->limits.sweep_ms : 100;
    CHECK(uv_timer_start(&n->sweep, on_sweep, often, often) == 0);
    if (n->stat.open == 0) uv_stop(&n->loop);
}

void net_free(struct net *n) {
    if (!n) return;
    while (n->all.next != &n->all) conn_close(n->all.next);
    listeners_close(n);
    uv_close((uv_handle_t *)&n->sweep, NULL);
    uv_close((uv_handle_t *)&n->accept_again, NULL);
    uv_close((uv_handle_t *)&n->term, NULL);
    (void)uv_run(&n->loop, UV_RUN_DEFAULT);
    CHECK(uv_loop_close(&n->loop) == 0);
    while (n->slabs) {
        struct slab *slab = n->slabs;
        n->slabs = slab->next;
        mem_free(slab);
    }
    mem_free(n);
}

uv_loop_t *net_loop(struct net *n) {
    return &n->loop;
}

/* ---- what the door asks ---------------------------------------------------------------------- */

void net_set_data(struct net_conn *c, void *data) {
    c->data = data;
}

void *net_data(const struct net_conn *c) {
    return c->data;
}

void net_client(const struct net_conn *c, char out_text[NET_ADDRESS_BYTES]) {
    const uint8_t *a = c->address;
    if (c->address_bytes == 3) {
        snprintf(out_text, NET_ADDRESS_BYTES, "%u.%u.%u.0", a[0], a[1], a[2]);
    } else if (c->address_bytes == 6) {
        snprintf(out_text, NET_ADDRESS_BYTES, "%x:%x:%x::", a[0] << 8 | a[1], a[2] << 8 | a[3],
                 a[4] << 8 | a[5]);
    } else {
        snprintf(out_text, NET_ADDRESS_BYTES, "?");
    }
}

void net_status_line(unsigned status, char out_text[64]) {
    snprintf(out_text, 64, "HTTP/1.1 %u %.40s\r\n", status, http_reason(status));
}

void net_stat(const struct net *n, struct net_stat *out_stat) {
    *out_stat = n->stat;
    out_stat->slow_bytes = n->slow.bytes;
}
