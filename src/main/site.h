/*
 * site: the folder that is one site, and its one lock. See docs/operator.md for what lies where:
 *
 *   dateline.conf     the configuration
 *   store/            the database                      run/core.lock   held while anybody is core
 *   record/           journal and signer's file; of a   run/core.sock   where commands ask core
 *                     restored site: key, checkpoint    run/backup      where and when the last backup was made
 *   pages/            ready answers; may be deleted     run/status      who runs, and how often it died
 *   themes/NAME/      how pages look, if theme = NAME
 *   media/            pictures                          run/media       how many of them were read
 *   log/              dateline.log, if log.to = file    run/reserve     space kept for a full disk
 */
#ifndef DATELINE_MAIN_SITE_H
#define DATELINE_MAIN_SITE_H

#include "main/config.h"
#include "record/record.h"
#include "sys/file.h"

struct site {
    const char *path; /* as it was given */
    struct file dir;
    struct config config;    /* in force: options of the command line may have changed it */
    struct config from_file; /* as dateline.conf has it */
    struct arena *memory;    /* holds path and the configuration's text */
};

/* RC_NOT_FOUND if the folder is none, or holds no dateline.conf. */
rc site_open(const char *path, struct site *out_site) MUST_USE;
void site_close(struct site *site); /* a zeroed one is fine */

/* Makes the folder (or takes an empty one), its folders, the record's key and journal, and its
 * configuration. RC_CONFLICT if there is something in it. */
rc site_create(const char *path, const struct config *config, struct span origin) MUST_USE;

/* The folders of a site, as far as they are not there; what init and restore begin with. */
rc site_make_folders(const struct file *site_dir) MUST_USE;

/* The record's verifier key: the signer's; or, in a site that was restored without its signer
 * (*out_signer false), what record/key says. */
#define SITE_RECORD_KEY "record/key"
#define SITE_RECORD_CHECKPOINT "record/checkpoint" /* of such a site: the newest known head */
rc site_record_key(const struct file *site_dir, struct note_key *out_key,
                   bool *out_signer) MUST_USE;

/* The lock that makes its holder the site's one core: while the file stays open, also in processes
 * that inherit it. Waits up to wait_ms for a holder that is about to end. RC_BUSY names the holder. */
#define SITE_LOCK_WAIT_MS 3000
rc site_lock(const struct site *site, const char *as, unsigned wait_ms,
             struct file *out_lock) MUST_USE;

#define SITE_MEDIA_STATUS "run/media" /* a line: media jobs started, and died */

#define SITE_BACKUP_STATUS "run/backup" /* see command_backup.c */

/* A path to run/core.sock that is short enough for a socket however long the site's own path is. */
#define SITE_SOCKET_BYTES 64
void site_socket_path(const struct site *site, char out_path[SITE_SOCKET_BYTES]);

#endif
