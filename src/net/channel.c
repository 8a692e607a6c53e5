/*
 * A message, all numbers big-endian:
 *
 *   0  kind (1 byte), version (1 byte: 1)
 *   2  epoch (8), id (8)
 *  18  CALL    body_bytes (8), lengths of method, path, authorization and content type (2 each),
 *              then those bytes
 *      DATA    the bytes, at least one
 *      ANSWER  status (2), length of headers (4), headers, body to the end
 *      others  nothing
 *
 * One form only: what is longer, shorter or has another version is no message.
 */
#include "net/channel.h"

#include <errno.h>
#include <sys/socket.h>

#define VERSION 1
#define FIXED_BYTES 18
#define CALL_TEXTS 4

void channel_write(const struct channel_message *m, struct buf *out) {
    buf_be(out, m->kind, 1);
    buf_be(out, VERSION, 1);
    buf_be(out, m->epoch, 8);
    buf_be(out, m->id, 8);
    switch (m->kind) {
    case CHANNEL_CALL: {
        const struct span *texts[CALL_TEXTS] = {&m->method, &m->path, &m->authorization,
                                                &m->content_type};
        buf_be(out, m->body_bytes, 8);
        for (size_t i = 0; i < CALL_TEXTS; i++) {
            CHECK(texts[i]->n <= CHANNEL_TEXT_BYTES_MAX);
            buf_be(out, texts[i]->n, 2);
        }
        for (size_t i = 0; i < CALL_TEXTS; i++) buf_add(out, *texts[i]);
        break;
    }
    case CHANNEL_DATA:
        CHECK(m->body.n > 0 && m->body.n <= CHANNEL_DATA_BYTES_MAX);
        buf_add(out, m->body);
        break;
    case CHANNEL_ANSWER:
        CHECK(m->headers.n + m->body.n <= CHANNEL_ANSWER_BYTES_MAX);
        CHECK(m->status >= 200 && m->status <= 599);
        buf_be(out, m->status, 2);
        buf_be(out, m->headers.n, 4);
        buf_add(out, m->headers);
        buf_add(out, m->body);
        break;
    case CHANNEL_GO:
    case CHANNEL_END:
    case CHANNEL_ABORT: break;
    }
}

/* ---- reading --------------------------------------------------------------------------------- */

struct reader {
    struct span rest;
    bool over; /* more was asked for than there is */
};

static struct span take(struct reader *r, size_t n) {
    if (n > r->rest.n) {
        r->over = true;
        return (struct span){0};
    }
    struct span s = span_sub(r->rest, 0, n);
    r->rest = span_from(r->rest, n);
    return s;
}

static uint64_t take_be(struct reader *r, size_t bytes) {
    struct span s = take(r, bytes);
    uint64_t value = 0;
    for (size_t i = 0; i < s.n; i++) value = value << 8 | (unsigned char)s.p[i];
    return value;
}

static rc bad(const char *what) {
    return rc_fail(RC_INVALID, "a message between web and core: %s", what);
}

static bool is_token(struct span s) {
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c <= ' ' || c >= 0x7F) return false;
    }
    return s.n > 0;
}

/* A field's value, or nothing: no control byte could leave it. */
static bool is_text(struct span s) {
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if ((c < ' ' && c != '\t') || c == 0x7F) return false;
    }
    return true;
}

static rc read_call(struct reader *r, struct channel_message *m) {
    struct span *texts[CALL_TEXTS] = {&m->method, &m->path, &m->authorization, &m->content_type};
    size_t lengths[CALL_TEXTS];
    m->body_bytes = take_be(r, 8);
    for (size_t i = 0; i < CALL_TEXTS; i++) lengths[i] = (size_t)take_be(r, 2);
    for (size_t i = 0; i < CALL_TEXTS; i++) {
        if (lengths[i] > CHANNEL_TEXT_BYTES_MAX) return bad("a text of a CALL is too long");
        *texts[i] = take(r, lengths[i]);
    }
    if (r->over) return RC_OK; /* the caller says so */
    if (!is_token(m->method)) return bad("a CALL's method is no token");
    if (m->path.n == 0 || m->path.p[0] != '/' || !is_text(m->path) ||
        span_find(m->path, ' ') < m->path.n) {
        return bad("a CALL's path is no path");
    }
    if (!is_text(m->authorization) || !is_text(m->content_type))
        return bad("control bytes in a CALL");
    return RC_OK;
}

/* "Name: value\r\n", as often as you like: whoever writes them out must not be led astray. */
static bool are_headers(struct span s) {
    while (s.n) {
        size_t end = span_find(s, '\r');
        if (end + 1 >= s.n || s.p[end + 1] != '\n') return false;
        struct span line = span_sub(s, 0, end), value = line, name = span_cut(&value, ':');
        if (value.p == NULL || !is_token(name) || !is_text(value)) return false;
        s = span_from(s, end + 2);
    }
    return true;
}

static rc read_answer(struct reader *r, struct channel_message *m) {
    m->status = (unsigned)take_be(r, 2);
    size_t headers_bytes = (size_t)take_be(r, 4);
    m->headers = take(r, headers_bytes);
    if (r->over) return RC_OK;
    m->body = take(r, r->rest.n);
    if (m->headers.n + m->body.n > CHANNEL_ANSWER_BYTES_MAX) return bad("an ANSWER is too long");
    if (m->status < 200 || m->status > 599) return bad("an ANSWER's status is none");
    if (!are_headers(m->headers)) return bad("an ANSWER's headers are none");
    return RC_OK;
}

rc channel_read(struct span bytes, struct channel_message *out_message) {
    struct reader r = {.rest = bytes};
    struct channel_message m = {0};
    unsigned kind = (unsigned)take_be(&r, 1), version = (unsigned)take_be(&r, 1);
    m.epoch = take_be(&r, 8);
    m.id = take_be(&r, 8);
    if (bytes.n > CHANNEL_MESSAGE_BYTES_MAX) return bad("longer than any");
    if (r.over) return bad("cut off");
    if (version != VERSION) return bad("of another version");
    if (kind < CHANNEL_CALL || kind > CHANNEL_ANSWER) return bad("of an unknown kind");
    m.kind = (enum channel_kind)kind;
    switch (m.kind) {
    case CHANNEL_CALL: TRY(read_call(&r, &m)); break;
    case CHANNEL_ANSWER: TRY(read_answer(&r, &m)); break;
    case CHANNEL_DATA:
        m.body = take(&r, r.rest.n);
        if (m.body.n == 0 || m.body.n > CHANNEL_DATA_BYTES_MAX)
            return bad("DATA of no or too many bytes");
        break;
    case CHANNEL_GO:
    case CHANNEL_END:
    case CHANNEL_ABORT: break;
    }
    if (r.over) return bad("cut off");
    if (r.rest.n) return bad("bytes follow it");
    *out_message = m;
    return RC_OK;
}

/* ---- the socket ------------------------------------------------------------------------------ */

rc channel_send(int fd, const struct channel_message *message, char *scratch) {
    struct buf b;
    buf_init_fixed(&b, scratch, CHANNEL_MESSAGE_BYTES_MAX);
    channel_write(message, &b);
    CHECK(!b.over);
    ssize_t put;
    do put = send(fd, b.p, b.n, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (put < 0 && errno == EINTR);
    if (put == (ssize_t)b.n) return RC_OK;
    if (errno == EAGAIN || errno == ENOBUFS) return RC_AGAIN;
    if (errno == EPIPE || errno == ECONNRESET)
        return rc_fail(RC_GONE, "channel: the other end is closed");
    return rc_fail(RC_IO, "channel: %s while sending", strerror(errno));
}

rc channel_receive(int fd, char *scratch, struct channel_message *out_message) {
    ssize_t got;
    do got = recv(fd, scratch, CHANNEL_MESSAGE_BYTES_MAX, MSG_DONTWAIT | MSG_TRUNC);
    while (got < 0 && errno == EINTR);
    if (got < 0 && errno == EAGAIN) return RC_AGAIN;
    /* An empty message and the end look the same here; nobody sends empty ones. */
    if (got == 0 || (got < 0 && errno == ECONNRESET)) {
        return rc_fail(RC_GONE, "channel: the other end is closed");
    }
    if (got < 0) return rc_fail(RC_IO, "channel: %s while receiving", strerror(errno));
    if (got > CHANNEL_MESSAGE_BYTES_MAX) return bad("longer than any");
    return channel_read(span_of(scratch, (size_t)got), out_message);
}
