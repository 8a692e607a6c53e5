/* web: what the files of this folder share. */
#ifndef DATELINE_SITE_WEB_H
#define DATELINE_SITE_WEB_H

#include "base/buf.h"
#include "net/net.h"
#include "pages/pages.h"
#include "site/routes.h"
#include "site/site.h"

struct api;
struct access;

struct site_web {
    struct site_web_setup setup;
    struct net *net;
    struct pages_reader *pages;
    uv_prepare_t turn; /* before the loop waits: the pin goes */
    bool pinned;
    /* The answer found last since the pin was set: under load one page is asked for again and
     * again. last_path.n == 0: none. */
    struct pages_answer last;
    struct span last_path;
    unsigned last_accept;
    char last_path_bytes[PAGES_KEY_BYTES_PLAIN];
    struct api *api;
    struct access *access; /* NULL: not wanted */
    char *inflated;        /* the identity form of what is stored compressed: one at a time */
    size_t inflated_bytes;
    struct span host; /* the last Host that was found to be ours */
    char host_bytes[HTTP_HOST_BYTES_MAX];
    char location[HTTP_TARGET_BYTES_MAX +
                  64];                /* not on the stack, which the hot path would pay for */
    char part[192];                   /* the head of a 206 or 416; likewise */
    char path[HTTP_TARGET_BYTES_MAX]; /* normalized, if it was not; one at a time */
};

/* What is known of a request when it is answered; spans may be empty. */
struct asked {
    struct span method, target;
    bool is_head;
    bool of_core;    /* a caller of /api/: a program, not a reader */
    unsigned accept; /* enum pages_accept */
};

/* A refusal (or any answer that the pages have under "!STATUS"), else a built-in one. `more` is
 * header lines. It closes the connection if `closes`. */
void answer_status(struct site_web *web, struct net_conn *c, const struct asked *asked,
                   unsigned status, struct span more, bool closes);

/* Ends the request with bytes of our own, and writes its access line. */
void answer_with(struct site_web *web, struct net_conn *c, const struct asked *asked,
                 const struct net_answer *answer, bool closes);

/* reader.c */
void reader_answer(struct site_web *web, struct net_conn *c, const struct http_request *r,
                   const struct asked *asked, struct span path);
/* For the rest of this turn of the loop, however often it is called. */
rc reader_pin(struct site_web *web) MUST_USE;
void reader_unpin(struct site_web *web); /* without a pin: nothing */
/* The answer stored for a status, while pinned. */
bool reader_stored(struct site_web *web, const struct asked *asked, unsigned status,
                   struct net_answer *out_answer);

/* qr.c: false, and nothing is answered: the path is not that of a short address's QR code. While pinned.
 */
bool qr_answer(struct site_web *web, struct net_conn *c, const struct asked *asked,
               struct span path);

/* api.c */
rc api_new(struct site_web *web, struct api **out_api) MUST_USE;
void api_close(struct api *api); /* before the loop ends; NULL is fine */
void api_free(struct api *api);  /* after it */
void api_request(struct api *api, struct net_conn *c, const struct http_request *r,
                 const struct asked *asked, struct span path);
bool api_body(struct api *api, struct net_conn *c, struct span piece, bool is_last);
void api_gone(struct api *api, struct net_conn *c);

/* access.c */
struct access *access_new(int fd, const char *process);
void access_free(struct access *a); /* NULL is fine; what is left is written */
void access_line(struct access *a, const struct net_conn *c, const struct asked *asked,
                 unsigned status, uint64_t body_bytes);
void access_flush(struct access *a);

#endif
