/*
 * log_file: SITE/log/dateline.log, with log.to = file. The supervisor alone writes it. Every other
 * process has one end of a socket for its standard error, each write a message of whole lines, so
 * that lines never mix, no process that hears the network may write a file, and the file can be
 * put away while they go on.
 *
 * When it is larger than log.rotate_mb it becomes dateline.log.1, that one dateline.log.2, and so
 * on; the one that would become .log.(log.keep + 1) is removed. A line is never cut in two. What
 * cannot be written (a full disk) is counted, never waited for; the next line says how much it was.
 */
#ifndef DATELINE_MAIN_LOG_FILE_H
#define DATELINE_MAIN_LOG_FILE_H

#include <uv.h>

#include "main/site.h"

#define LOG_FILE "log/dateline.log"

struct log_file;

/* Opens it for appending, made if missing, and begins to write what comes (the calling process's
 * own lines too, by log_setup()). Ends the process when there is not even memory. */
rc log_file_open(const struct site *site, uv_loop_t *loop, struct log_file **out_log) MUST_USE;
/* For the others' standard error; theirs to inherit, not to close. */
int log_file_end(const struct log_file *log);
/* SIGHUP: the file is opened anew (somebody may have moved it) with what the configuration says now. A
 * failure leaves everything as it was. */
rc log_file_reopen(struct log_file *log, const struct site *site) MUST_USE;
/* Writes what has come so far. The handles stay in the loop, which ends with the process. */
void log_file_flush(struct log_file *log);

#endif
