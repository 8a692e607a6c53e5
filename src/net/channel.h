/*
 * channel: calls from a web process, or from a command, to core, over a Unix socket that keeps
 * messages whole (SOCK_SEQPACKET). A call is an HTTP request in small: core's answer is one message.
 *
 *     caller                                core
 *     CALL id (method, path, fields)   ──▶
 *                                      ◀──  GO id              (send the body), or at once ANSWER id
 *     DATA id …, DATA id, END id       ──▶
 *                                      ◀──  ANSWER id          (also before END: stop sending)
 *     ABORT id at any time: nobody waits for the answer any more (what was begun may be done or not)
 *
 * A caller without a body sends END right behind CALL. Ids are the caller's, ascending, never reused on one
 * socket. `epoch` is core's (pages_control.core_epoch; 0 on the command socket): a message of another epoch
 * belongs to a core, or is meant for one, that has died; it is dropped on both sides, and a web that sees
 * the epoch change answers 503 for every call under way.
 * Both sides treat what comes as bytes from outside. Nothing here blocks.
 */
#ifndef DATELINE_NET_CHANNEL_H
#define DATELINE_NET_CHANNEL_H

#include "base/buf.h"

#define CHANNEL_MESSAGE_BYTES_MAX 65536
#define CHANNEL_DATA_BYTES_MAX 61440   /* of one DATA */
#define CHANNEL_TEXT_BYTES_MAX 8192    /* each of path, authorization, content type */
#define CHANNEL_ANSWER_BYTES_MAX 57344 /* headers and body of an answer */
#define CHANNEL_CALLS_MAX 128          /* under way on one socket; more: the caller answers 503 */

enum channel_kind {
    CHANNEL_CALL = 1,
    CHANNEL_GO,
    CHANNEL_DATA,
    CHANNEL_END,
    CHANNEL_ABORT,
    CHANNEL_ANSWER
};

struct channel_message {
    enum channel_kind kind;
    uint64_t epoch, id;
    /* CALL */
    struct span method, path, authorization, content_type; /* path: with query */
    uint64_t body_bytes;                                   /* UINT64_MAX: not known */
    /* ANSWER */
    unsigned status;
    struct span headers; /* "Name: value\r\n"…, without Content-Length, Date, Connection */
    struct span body;    /* of DATA too */
};

/* Adds the message's bytes to out (empty before). */
void channel_write(const struct channel_message *message, struct buf *out);
/* RC_INVALID: not such a message. Spans point into bytes. */
rc channel_read(struct span bytes, struct channel_message *out_message) MUST_USE;

/* Non-blocking. RC_AGAIN: the socket is full / nothing is there. RC_GONE: the other end is closed.
 * `scratch` has CHANNEL_MESSAGE_BYTES_MAX bytes; what was received points into it. */
rc channel_send(int fd, const struct channel_message *message, char *scratch) MUST_USE;
rc channel_receive(int fd, char *scratch, struct channel_message *out_message) MUST_USE;

#endif
