/*
 * roles: what a process of `dateline serve` is started as. The supervisor makes every descriptor
 * once and keeps it; a role finds them at the numbers that its command line gives:
 *
 *   dateline role web SITE --index 0 --fds config=3,lock=4,…
 *
 * A role reads its configuration from `config` (the text the supervisor has accepted), takes its
 * descriptors, enters its sandbox, tries it, and then runs until SIGTERM. The keeper of media jobs has no
 * sandbox, as the supervisor has none: what it starts would inherit it. A media job knows no site.
 */
#ifndef DATELINE_MAIN_ROLES_H
#define DATELINE_MAIN_ROLES_H

#include "main/args.h"
#include "main/site.h"
#include "media/media.h"
#include "sys/process.h"
#include "sys/sandbox.h"

/* The descriptors of a role by name, in the order of their numbers from PROCESS_FD_FIRST. The same
 * name may come several times (a listener each address, a channel each web process). */
struct role_fds {
    const char *names[PROCESS_FDS_MAX];
    int fds[PROCESS_FDS_MAX];
    size_t count;
};
void role_fds_add(struct role_fds *fds, const char *name, int fd);
/* "config=3,listen=4,listen=5": what --fds says; at most ROLE_FDS_TEXT_BYTES. */
#define ROLE_FDS_TEXT_BYTES 16384
void role_fds_text(const struct role_fds *fds, char out_text[ROLE_FDS_TEXT_BYTES]);
/* The n-th of that name in the text of --fds, -1 if there is none. */
int role_fds_find(const char *text, const char *name, unsigned nth);

/* Into a memfd that a role reads: one that is started later must not find what the operator is just
 * writing into the file. */
rc role_share_config(const struct config *config, int *out_fd) MUST_USE;

/* What core tells the supervisor, a message each. */
struct role_note {
    uint32_t kind; /* ROLE_NOTE_… */
    uint32_t web;  /* index */
};
#define ROLE_NOTE_KILL_WEB 1 /* its pin has stood too long */

/* What a role of this site keeps; paths live in a. */
rc role_sandbox(enum sandbox_role role, const struct site *site, struct arena *a,
                struct sandbox_options *out_options) MUST_USE;

rc role_web(const struct args *args);
rc role_core(const struct args *args);
rc role_signer(const struct args *args);
rc role_media(const struct args *args);     /* the keeper of media jobs */
rc role_media_job(const struct args *args); /* one; its socket is descriptor PROCESS_FD_FIRST */

/* How this program becomes a media job. */
struct media_setup role_media_setup(void);

#endif
