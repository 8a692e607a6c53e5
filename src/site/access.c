/*
 * The access log: a line a request, of the same form as sys/log's, in batches:
 *   {"time":"…Z","level":"info","process":"web 2","message":"request","client":"203.0.113.0",
 *    "method":"GET","path":"/2026/…","status":200,"bytes":5612}
 * A batch is written when the buffer is full, and with each sweep. The client is its network only;
 * no User-Agent, no Referer, no query: they say more about readers than a newsroom needs to keep.
 */
#include "base/mem.h"
#include "site/web.h"
#include "sys/clock.h"
#include "sys/file.h"

#define LINE_BYTES_MAX 1536
#define PATH_BYTES_MAX 1024 /* as written; longer ones are cut */
#define PIPE_BYTES \
    4096 /* what a pipe takes whole, so that lines of several processes do not mix \
          */

struct access {
    struct file to;
    bool is_pipe;
    mono_t time_until;
    char time[CLOCK_TEXT_BYTES];
    const char *process;
    uint64_t lost;
    size_t n;
    char bytes[SITE_ACCESS_BUFFER_BYTES];
};

struct access *access_new(int fd, const char *process) {
    struct access *a = mem_new(sizeof *a);
    a->to = file_of_fd(fd, "the access log");
    a->process = process;
    struct file_stat stat;
    a->is_pipe = file_stat_open(&a->to, &stat) != RC_OK || stat.kind != FILE_KIND_FILE;
    return a;
}

/* Whole lines, at most PIPE_BYTES of them, or all. */
static size_t batch(const struct access *a, size_t at) {
    size_t n = a->n - at;
    if (!a->is_pipe || n <= PIPE_BYTES) return n;
    const char *end = memrchr(a->bytes + at, '\n', PIPE_BYTES);
    return end ? (size_t)(end + 1 - (a->bytes + at)) : PIPE_BYTES;
}

void access_flush(struct access *a) {
    for (size_t at = 0; at < a->n;) {
        struct span lines = span_of(a->bytes + at, batch(a, at));
        /* What cannot be written is counted, and never waited for. */
        if (file_append(&a->to, lines) != RC_OK) {
            for (size_t i = 0; i < lines.n; i++) a->lost += lines.p[i] == '\n';
        }
        at += lines.n;
    }
    a->n = 0;
}

void access_free(struct access *a) {
    if (!a) return;
    access_flush(a);
    mem_free(a);
}

static char *put(char *to, struct span s) {
    memcpy(to, s.p, s.n);
    return to + s.n;
}

static char *put_str(char *to, const char *s) {
    return put(to, span_str(s));
}

static char *put_u64(char *to, uint64_t value) {
    char digits[20];
    size_t n = 0;
    do digits[n++] = (char)('0' + value % 10);
    while ((value /= 10) > 0);
    while (n) *to++ = digits[--n];
    return to;
}

/* ASCII as it is; what JSON or a terminal would take amiss, percent-encoded as in a URL. */
static char *put_text(char *to, struct span s, size_t bytes_max) {
    static const char hex[] = "0123456789ABCDEF";
    char *end = to + bytes_max;
    for (size_t i = 0; i < s.n && to + 3 <= end; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c >= 0x20 && c < 0x7F && c != '"' && c != '\\') {
            *to++ = (char)c;
        } else {
            *to++ = '%';
            *to++ = hex[c >> 4];
            *to++ = hex[c & 15];
        }
    }
    return to;
}

void access_line(struct access *a, const struct net_conn *c, const struct asked *asked,
                 unsigned status, uint64_t body_bytes) {
    if (a->n + LINE_BYTES_MAX > sizeof a->bytes) access_flush(a);
    mono_t now = clock_mono_ns();
    if (now >= a->time_until) { /* to the hundredth of a second is enough */
        clock_text(clock_wall_ms(), true, a->time);
        a->time_until = now + CLOCK_MS(10);
    }
    char client[NET_ADDRESS_BYTES], *to = a->bytes + a->n;
    net_client(c, client);
    to = put_str(to, "{\"time\":\"");
    to = put_str(to, a->time);
    to = put_str(to, "\",\"level\":\"info\",\"process\":\"");
    to = put_text(to, span_str(a->process), 32);
    to = put_str(to, "\",\"message\":\"request\",\"client\":\"");
    to = put_str(to, client);
    to = put_str(to, "\",\"method\":\"");
    to = put_text(to, asked->method, 32);
    to = put_str(to, "\",\"path\":\"");
    to = put_text(to, asked->target, PATH_BYTES_MAX);
    to = put_str(to, "\",\"status\":");
    to = put_u64(to, status);
    to = put_str(to, ",\"bytes\":");
    to = put_u64(to, body_bytes);
    if (a->lost) {
        to = put_str(to, ",\"lost\":");
        to = put_u64(to, a->lost);
        a->lost = 0;
    }
    to = put_str(to, "}\n");
    a->n = (size_t)(to - a->bytes);
    CHECK(a->n <= sizeof a->bytes);
}
