/*
 * site: the doors: what a web process answers.
 *
 *   reader.c   GET and HEAD of ready pages, out of pages/
 *   qr.c       GET and HEAD of a short address's QR code
 *   api.c      what is sent to /api/v1/…, handed to core over the channel
 *   routes.c   which path is whose: the table
 *   access.c   the access log
 *
 * How main wires it:
 *
 *     struct site_web_setup setup = {.listen_fds = …, …};
 *     struct site_web *web;
 *     TRY(site_web_open(&setup, &web));   // everything that the sandbox forbids: loop, LMDB, maps
 *     TRY(role_confine(SANDBOX_WEB, …));
 *     TRY(site_web_run(web));             // returns RC_OK after SIGTERM, at most 9 s later
 *     site_web_close(web);                // or leave it to the end of the process
 */
#ifndef DATELINE_SITE_SITE_H
#define DATELINE_SITE_SITE_H

#include "net/limits.h"

struct site_web_setup {
    const int
        *listen_fds; /* listening, non-blocking, shared with the other web processes; taken over */
    size_t listen_fds_count;
    int core_fd; /* this web's end of the channel to core; −1: there is no core, calls get 503 */
    int control_fd;        /* of struct pages_control, read-only is enough */
    int pin_fd;            /* of this web's struct pages_pin_page */
    const char *pages_dir; /* SITE/pages */
    /* What readers send as Host ("example.org", "localhost:8080"): compared without case and
     * without the port. localhost, 127.0.0.0/8 and [::1] are answered always. */
    const struct span *hosts;
    size_t hosts_count;
    struct span url;          /* the site's, without a slash at the end: "https://example.org" */
    int access_fd;            /* where access lines go (2: standard error); −1: no access log */
    const char *process;      /* "web 2": for the access lines */
    struct net_limits limits; /* NET_LIMITS */
    unsigned call_ms;         /* a call to core; 0: SITE_CALL_MS */
    unsigned go_ms;           /* until core has said GO, or answered; 0: SITE_GO_MS */
};
#define SITE_CALL_MS 60000
#define SITE_GO_MS 15000
#define SITE_EPOCH_LOOK_MS 100 /* while calls are under way: does the core that has them live? */
#define SITE_HOSTS_MAX 16
#define SITE_ACCESS_BUFFER_BYTES 65536

struct site_web;

/* Strings and spans of setup must live as long as the web. Descriptors other than listen_fds and
 * core_fd may be closed afterwards. */
rc site_web_open(const struct site_web_setup *setup, struct site_web **out_web) MUST_USE;
rc site_web_run(struct site_web *web) MUST_USE;
void site_web_close(struct site_web *web); /* NULL is fine */

#endif
