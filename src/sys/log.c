#include "sys/log.h"

#include <errno.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "sys/clock.h"

static struct {
    char process[48];
    int fd;
    enum log_level least;
    uint64_t lost, lost_told;
} to = {.process = "dateline", .fd = 2, .least = LOG_INFO};

static const char *const level_names[] = {"error", "warn", "info", "debug"};

void log_setup(const char *process, int fd, enum log_level least) {
    struct buf b;
    buf_init_fixed(&b, to.process, sizeof to.process - 1);
    buf_add(&b, span_sub(span_str(process), 0, sizeof to.process - 1));
    to.process[b.n] = 0;
    to.fd = fd;
    to.least = least;
}

bool log_wants(enum log_level level) {
    return level <= to.least;
}

uint64_t log_lost(void) {
    return to.lost;
}

/* RFC 8259 §7, at most `room` bytes: cut between characters, never inside an escape. */
static void put_escaped(struct buf *b, struct span s, size_t room) {
    size_t end = b->n + room;
    for (size_t at = 0; at < s.n;) {
        uint32_t point;
        if (!utf8_next(s, &at, &point)) {
            point = 0xFFFD;
            at++;
        }
        if (b->n + 6 > end) {
            if (b->n + 3 <= end) buf_str(b, "…");
            return;
        }
        char bytes[4];
        if (point == '"' || point == '\\') {
            buf_char(b, '\\');
            buf_char(b, (char)point);
        } else if (point == '\n') {
            buf_str(b, "\\n");
        } else if (point < 0x20 || (point >= 0x7F && point < 0xA0) || point == 0x2028 ||
                   point == 0x2029) {
            buf_printf(b, "\\u%04x", point); /* also what would move a terminal's cursor */
        } else {
            buf_add(b, span_of(bytes, utf8_put(point, bytes)));
        }
    }
}

static void put_key(struct buf *b, const char *key) {
    buf_str(b, ",\"");
    put_escaped(b, span_str(key), 64);
    buf_str(b, "\":");
}

void log_write(enum log_level level, const char *message, const struct log_field *fields,
               size_t count) {
    if (!log_wants(level)) return;
    char line[LOG_LINE_MAX];
    struct buf b;
    buf_init_fixed(&b, line, sizeof line);
    char now[CLOCK_TEXT_BYTES];
    clock_text(clock_wall_ms(), true, now);
    buf_printf(&b, "{\"time\":\"%s\",\"level\":\"%s\",\"process\":\"", now, level_names[level]);
    put_escaped(&b, span_str(to.process), 64);
    buf_str(&b, "\",\"message\":\"");
    put_escaped(&b, span_str(message), 1024);
    buf_char(&b, '"');
    if (to.lost > to.lost_told) {
        put_key(&b, "lost");
        buf_u64(&b, to.lost - to.lost_told);
    }
    for (size_t i = 0; i < count; i++) {
        const struct log_field *f = &fields[i];
        if (!f->key) continue;
        const size_t closing = 8, number = 24, key = 72;
        if (b.n + key + number + closing > sizeof line) break;
        put_key(&b, f->key);
        if (f->is_text) {
            buf_char(&b, '"');
            put_escaped(&b, f->text, sizeof line - b.n - closing);
            buf_char(&b, '"');
        } else {
            buf_i64(&b, f->number);
        }
    }
    buf_str(&b, "}\n");
    CHECK(!b.over);
    ssize_t put;
    do put = write(to.fd, b.p, b.n);
    while (put < 0 && errno == EINTR);
    if (put == (ssize_t)b.n)
        to.lost_told = to.lost;
    else
        to.lost++;
}
