/*
 * log: one JSON line an event, at most LOG_LINE_MAX bytes, in one write(2):
 *   {"time":"2026-11-23T09:39:00.123Z","level":"warn","process":"web 2","message":"…","pid":4711}
 * to standard error or to a file opened for appending, so that lines of several processes never
 * mix. A line that cannot be written is counted, never waited for; the next one says "lost".
 *
 *   log_event(LOG_WARN, "process died", LOG_TEXT("role", span_str("web")), LOG_INT("pid", pid));
 *
 * Text fields are cut to fit and escaped (RFC 8259 §7; ill-formed UTF-8 becomes U+FFFD).
 * What is secret is never a field.
 */
#ifndef DATELINE_SYS_LOG_H
#define DATELINE_SYS_LOG_H

#include "base/base.h"

#define LOG_LINE_MAX 4096

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

struct log_field {
    const char *key; /* NULL: skipped */
    bool is_text;
    struct span text;
    int64_t number;
};
#define LOG_TEXT(k, s) ((struct log_field){.key = (k), .is_text = true, .text = (s)})
#define LOG_INT(k, v) ((struct log_field){.key = (k), .number = (int64_t)(v)})
/* The reason noted for this thread. */
#define LOG_WHY() LOG_TEXT("why", span_str(rc_why()))

#define log_event(level, message, ...)                                                \
    log_write((level), (message), (struct log_field[]){{.key = NULL}, ##__VA_ARGS__}, \
              sizeof((struct log_field[]){{.key = NULL}, ##__VA_ARGS__}) /            \
                  sizeof(struct log_field))
void log_write(enum log_level level, const char *message, const struct log_field *fields,
               size_t count);

/* Who is speaking, where to (2 is standard error), and the least important level that is written.
 * Before the first call: "dateline", 2, LOG_INFO. */
void log_setup(const char *process, int fd, enum log_level least);
bool log_wants(enum log_level level);
uint64_t log_lost(void); /* lines that could not be written */

#endif
