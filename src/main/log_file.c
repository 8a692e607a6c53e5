#include "main/log_file.h"

#include <stdio.h>

#include "base/mem.h"
#include "sys/log.h"
#include "sys/socket.h"

#define MESSAGE_BYTES_MAX (256u << 10) /* more than a socket carries at once */
#define NAME_BYTES 48

struct log_file {
    const struct file *dir; /* the site's */
    struct file file;
    uint64_t bytes, rotate_bytes; /* rotate_bytes 0: never */
    unsigned keep;
    enum log_level level;
    int ends[2]; /* [0] ours; [1] the others' */
    uv_poll_t poll;
    uint64_t lost; /* lines, since the last one that was written */
    char message[MESSAGE_BYTES_MAX];
};

static rc open_file(const struct file *dir, struct file *out_file, uint64_t *out_bytes) {
    struct file file;
    struct file_stat stat;
    TRY(file_open(dir, LOG_FILE, FILE_APPEND | FILE_CREATE, &file));
    rc code = file_stat_open(&file, &stat);
    if (code != RC_OK) {
        file_close(&file);
        return code;
    }
    *out_file = file;
    *out_bytes = stat.bytes;
    return RC_OK;
}

static void take_on(struct log_file *log, struct file file, uint64_t bytes) {
    file_close(&log->file);
    log->file = file;
    log->bytes = bytes;
    log_setup("supervisor", log->file.fd, log->level);
}

static void old_name(unsigned number, char out_name[NAME_BYTES]) {
    if (number == 0)
        snprintf(out_name, NAME_BYTES, LOG_FILE);
    else
        snprintf(out_name, NAME_BYTES, LOG_FILE ".%u", number);
}

/* From the oldest on, so that a crash in between leaves a gap and overwrites nothing. */
static rc shift(const struct log_file *log) {
    char from[NAME_BYTES], to[NAME_BYTES];
    for (unsigned number = log->keep; number-- > 0;) {
        old_name(number, from);
        old_name(number + 1, to);
        rc code = file_rename(log->dir, from, to);
        if (code != RC_OK && code != RC_NOT_FOUND) return code;
    }
    if (log->keep > 0) return RC_OK;
    return file_remove(log->dir, LOG_FILE);
}

static void rotate(struct log_file *log) {
    struct file file;
    uint64_t bytes;
    rc code = shift(log);
    if (code == RC_OK) code = open_file(log->dir, &file, &bytes);
    if (code != RC_OK) {
        log->bytes = 0; /* goes on in the old one, and tries again when as much has come */
        log_event(LOG_ERROR, "the log could not be rotated", LOG_WHY());
        return;
    }
    take_on(log, file, bytes);
}

static uint64_t lines_of(struct span text) {
    uint64_t lines = 0;
    for (size_t i = 0; i < text.n; i++) lines += text.p[i] == '\n';
    return lines;
}

static void write_message(struct log_file *log, struct span text) {
    rc code = file_append(&log->file, text);
    if (code != RC_OK) {
        log->lost += lines_of(text);
        return;
    }
    log->bytes += text.n;
    if (log->lost) {
        log_event(LOG_ERROR, "lines of the log could not be written", LOG_INT("lines", log->lost));
        log->lost = 0;
    }
    if (log->rotate_bytes && log->bytes >= log->rotate_bytes) rotate(log);
}

void log_file_flush(struct log_file *log) {
    size_t n;
    while (socket_receive(log->ends[0], log->message, sizeof log->message, 0, &n) == RC_OK)
        write_message(log, span_of(log->message, n));
}

static void on_message(uv_poll_t *poll, int status, int events) {
    (void)status;
    (void)events;
    log_file_flush(poll->data);
}

static void configure(struct log_file *log, const struct config *config) {
    log->rotate_bytes = (uint64_t)config->log_rotate_mb << 20;
    log->keep = config->log_keep;
    log->level = config->log_level;
}

rc log_file_open(const struct site *site, uv_loop_t *loop, struct log_file **out_log) {
    struct file file;
    uint64_t bytes;
    int ends[2];
    TRY(open_file(&site->dir, &file, &bytes));
    rc code = socket_pair(ends);
    if (code != RC_OK) {
        file_close(&file);
        return code;
    }
    struct log_file *log = mem_new(sizeof *log);
    *log = (struct log_file){.dir = &site->dir, .file = FILE_CLOSED, .ends = {ends[0], ends[1]}};
    configure(log, &site->config);
    take_on(log, file, bytes);
    CHECK(uv_poll_init(loop, &log->poll, ends[0]) == 0);
    log->poll.data = log;
    CHECK(uv_poll_start(&log->poll, UV_READABLE, on_message) == 0);
    *out_log = log;
    return RC_OK;
}

int log_file_end(const struct log_file *log) {
    return log->ends[1];
}

rc log_file_reopen(struct log_file *log, const struct site *site) {
    struct file file;
    uint64_t bytes;
    TRY(open_file(&site->dir, &file, &bytes));
    log_file_flush(log);
    configure(log, &site->config);
    take_on(log, file, bytes);
    return RC_OK;
}
