/*
 * calls: what core can be asked, by readers' programs over the API and by commands over the socket: one
 * table (calls.c), one form: a small HTTP request in, a small HTTP answer out.
 *
 *   POST /api/v1/items        an item, or multipart/form-data: "item" and pictures (their filename is
 *                             the href); also "change", "note", "archive" as fields
 *   and for commands only:
 *   POST /withdraw            {"story","reason"}; by law: "authority", and perhaps "demanded"
 *   POST /restore             {"story"}
 *   GET  /tokens              POST /tokens {"name"}          POST /tokens/revoke {"name"}
 *   POST /rebuild             GET /rebuild: {"running","done","of"}
 *   GET  /status              how the site stands, and its flags: status.h
 *   GET  /checkpoint          the newest signed head, as it is signed
 *
 * Answers are JSON but for /checkpoint and /tokens; errors {"error":"INVALID","message":"…"}.
 */
#ifndef DATELINE_MAIN_CALLS_H
#define DATELINE_MAIN_CALLS_H

#include "flow/flow.h"

#define CALLS_BODY_BYTES_MAX (64u << 20)
#define CALLS_ITEM_PICTURES_MAX 64

struct call {
    /* in */
    bool trusted; /* from the machine itself; else token-bearing */
    struct span method, path, authorization, content_type, body;
    char token[FLOW_TOKEN_NAME_BYTES]; /* whose; calls_allow() fills it, calls_run() logs it */
    /* out; buffers are the caller's to initialize and free */
    unsigned status;
    struct buf headers, answer;
};

/* A failure as the call's answer; rc_why() says why. */
void calls_refuse(struct call *call, rc code);
/* Before the body is sent: RC_OK if such a call is taken from such a caller at all; else why not, with
 * call->status and call->answer filled. */
rc calls_allow(struct flow *f, struct call *call) MUST_USE;
/* The next picture, from the *at-th on, that came with an item and that flow does not know yet; it must,
 * before the call is run. *at is moved behind it. False: there is none (or it is no such call, or cannot be
 * read: running it will say so). Spans live in a, or point into the call's body. */
bool calls_unknown_picture(struct flow *f, struct arena *a, const struct call *call, size_t *at,
                           struct flow_picture *out_picture);
/* Items of a batch become public together, before the other calls in it. RC_FATAL: the process must end. */
rc calls_run(struct flow *f, struct call **calls, size_t count) MUST_USE;

#endif
