/*
 * A web process as it is, sandbox and all (but for builds with a sanitizer, which know none), in a
 * forked process with a port and a page store of its own; the test speaks to it in raw bytes, and
 * plays core at the other end of its channel.
 */
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "http/request.h"
#include "net/channel.h"
#include "pages/pages.h"
#include "site/site.h"
#include "sys/clock.h"
#include "sys/memfd.h"
#include "sys/process.h"
#include "sys/sandbox.h"
#include "sys/socket.h"

#define BIG_BYTES (6u << 20)
#define PATIENCE_S 30 /* until a test that hangs fails */

static char *big;

struct server {
    char dir[64];
    int control, pin, core, log;
    struct pages_control *control_page;
    uint16_t port;
    pid_t pid;
};

struct wishes {
    struct net_limits limits;
    unsigned call_ms, go_ms, files;
    bool no_store, no_front, with_log;
};
#define WISHES ((struct wishes){.limits = NET_LIMITS})

/* A child that does not outlive this process, should a test fail. */
static pid_t fork_child(void) {
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) prctl(PR_SET_PDEATHSIG, SIGKILL);
    return pid;
}

/* ---- the page store -------------------------------------------------------------------------- */

static void put(struct pages_writer *w, const char *key, unsigned status, struct span body,
                bool as_is) {
    const struct page page = {
        .key = span_str(key),
        .status = status,
        .headers = SPAN("Content-Type: text/html\r\nX-Stored: yes\r\nCache-Control: max-age=5\r\n"),
        .body = body,
        .as_is = as_is};
    assert_int_equal(pages_put(w, &page), RC_OK);
}

static struct pages_writer *open_writer(const struct server *s) {
    const struct pages_setup setup = {
        .dir = s->dir, .control_fd = s->control, .pin_fds = &s->pin, .pin_fds_count = 1};
    struct pages_writer *w;
    assert_int_equal(pages_writer_open(&setup, &w), RC_OK);
    return w;
}

static struct span text_of(char c) {
    static char text[26][3000];
    memset(text[c - 'a'], c, sizeof text[0]);
    return span_of(text[c - 'a'], sizeof text[0]);
}

static void fill(const struct server *s, bool with_front) {
    struct pages_writer *w = open_writer(s);
    if (!big) {
        uint64_t x = 88172645463325252u;
        big = mem_new(BIG_BYTES);
        for (size_t i = 0; i < BIG_BYTES; i++) {
            x ^= x << 13, x ^= x >> 7, x ^= x << 17;
            big[i] = (char)x;
        }
    }
    assert_int_equal(pages_begin(w), RC_OK);
    if (with_front) put(w, "/", 200, SPAN("front"), true);
    put(w, "/a", 200, text_of('a'), false);
    put(w, "/b", 200, text_of('b'), false);
    put(w, "/caf%C3%A9", 200, SPAN("coffee"), true);
    put(w, "/big", 200, span_of(big, BIG_BYTES), true);
    put(w, "/s/abc2345", 302, SPAN("/a"), true);
    put(w, "/s/gone234", 410, SPAN("gone"), true);
    put(w, "!404", 404, SPAN("stored: not here"), true);
    put(w, "!405", 405, SPAN("stored: not so"), true);
    assert_int_equal(pages_commit(w), RC_OK);
    pages_writer_close(w);
}

/* ---- the server ------------------------------------------------------------------------------ */

static void run_server(const struct server *s, const struct wishes *wishes, int listener,
                       int core) {
    static const struct span hosts[] = {{"news.example", 12}};
    const struct site_web_setup setup = {.listen_fds = &listener,
                                         .listen_fds_count = 1,
                                         .core_fd = core,
                                         .control_fd = s->control,
                                         .pin_fd = s->pin,
                                         .pages_dir = s->dir,
                                         .hosts = hosts,
                                         .hosts_count = 1,
                                         .url = SPAN("https://courier.example"),
                                         .access_fd = wishes->with_log ? s->log : -1,
                                         .process = "web 0",
                                         .limits = wishes->limits,
                                         .call_ms = wishes->call_ms,
                                         .go_ms = wishes->go_ms};
    struct site_web *web;
    process_ignore_pipe_signal();
    if (wishes->files) {
        const struct rlimit limit = {wishes->files, wishes->files};
        if (setrlimit(RLIMIT_NOFILE, &limit) < 0) _exit(101);
    }
    if (site_web_open(&setup, &web) != RC_OK) {
        fprintf(stderr, "%s\n", rc_why());
        _exit(102);
    }
    /* As in production: whatever it calls from here on, its sandbox must know. */
    const struct sandbox_options options = {.role = SANDBOX_WEB};
    struct sandbox_level level;
    rc code = sandbox_enter(&options, &level);
    if (code == RC_OK) code = site_web_run(web);
    if (code != RC_OK) fprintf(stderr, "%s\n", rc_why());
    site_web_close(web);
    socket_close(core);
    exit(code == RC_OK ? 0 : 103);
}

static void start(struct server *s, const struct wishes *wishes) {
    int ends[2], listener;
    void *page;
    *s = (struct server){.dir = "/tmp/dateline-site-test-XXXXXX"};
    assert_non_null(mkdtemp(s->dir));
    assert_int_equal(memfd_new("control", sizeof(struct pages_control), &s->control), RC_OK);
    assert_int_equal(memfd_new("pin", sizeof(struct pages_pin_page), &s->pin), RC_OK);
    assert_int_equal(memfd_new("log", 1 << 20, &s->log), RC_OK);
    assert_int_equal(memfd_map(s->control, sizeof(struct pages_control), true, &page), RC_OK);
    s->control_page = page;
    s->control_page->core_epoch = 1;
    if (!wishes->no_store) fill(s, !wishes->no_front);
    assert_int_equal(socket_pair(ends), RC_OK);
    assert_int_equal(socket_listen_tcp("127.0.0.1", 0, &listener, &s->port), RC_OK);
    s->pid = fork_child();
    if (s->pid == 0) {
        socket_close(ends[0]);
        run_server(s, wishes, listener, ends[1]);
    }
    socket_close(ends[1]);
    socket_close(listener);
    s->core = ends[0];
}

static void wait_end(struct server *s) {
    int status;
    assert_int_equal(waitpid(s->pid, &status, 0), s->pid);
    if (WIFSIGNALED(status)) fail_msg("the server was ended by signal %d", WTERMSIG(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", s->dir);
    assert_int_equal(system(command), 0);
    memfd_unmap(s->control_page, sizeof(struct pages_control));
    memfd_close(s->control);
    memfd_close(s->pin);
    memfd_close(s->log);
    socket_close(s->core);
}

static void stop(struct server *s) {
    assert_int_equal(kill(s->pid, SIGTERM), 0);
    wait_end(s);
}

/* ---- a client -------------------------------------------------------------------------------- */

static int dial_with(const struct server *s, int receive_bytes) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    if (receive_bytes) setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
    const struct timeval patience = {.tv_sec = PATIENCE_S};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    const struct sockaddr_in to = {.sin_family = AF_INET,
                                   .sin_port = htons(s->port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

static int dial(const struct server *s) {
    return dial_with(s, 0);
}

static void say(int fd, struct span bytes) {
    while (bytes.n) {
        ssize_t n = send(fd, bytes.p, bytes.n, MSG_NOSIGNAL);
        assert_true(n > 0);
        bytes = span_from(bytes, (size_t)n);
    }
}

static void say_str(int fd, const char *text) {
    say(fd, span_str(text));
}

/* Everything until the end; a reset is an end that loses bytes, so it fails. */
static struct span hear_all(int fd) {
    static char bytes[BIG_BYTES + (1 << 20)];
    size_t n = 0;
    for (;;) {
        ssize_t got = recv(fd, bytes + n, sizeof bytes - 1 - n, 0);
        if (got < 0) fail_msg("%s after %zu bytes", strerror(errno), n);
        if (got == 0) break;
        n += (size_t)got;
        assert_true(n < sizeof bytes - 1);
    }
    close(fd);
    bytes[n] = 0;
    return span_of(bytes, n);
}

/* One answer: head and, unless `no_body`, as much as Content-Length says. */
struct heard {
    unsigned status;
    struct span head, body;
};
static struct heard hear_with(int fd, bool no_body) {
    static char bytes[BIG_BYTES + 65536];
    struct heard h = {0};
    size_t n = 0;
    while (n < 4 || memcmp(bytes + n - 4, "\r\n\r\n", 4) != 0) {
        ssize_t got = recv(fd, bytes + n, 1, 0);
        if (got <= 0) fail_msg("%s in a head: %.*s", got ? strerror(errno) : "end", (int)n, bytes);
        n++;
    }
    bytes[n] = 0;
    h.head = span_of(bytes, n);
    assert_int_equal(sscanf(bytes, "HTTP/1.1 %u ", &h.status), 1);
    const char *length = strstr(bytes, "Content-Length: ");
    size_t left = length && !no_body ? (size_t)atol(length + 16) : 0;
    h.body = span_of(bytes + n, left);
    for (size_t at = n; left > 0;) {
        ssize_t got = recv(fd, bytes + at, left, 0);
        if (got <= 0) fail_msg("%s in a body", got ? strerror(errno) : "end");
        at += (size_t)got;
        left -= (size_t)got;
    }
    return h;
}
static struct heard hear(int fd) {
    return hear_with(fd, false);
}

static bool has(struct span s, const char *text) {
    return memmem(s.p, s.n, text, strlen(text)) != NULL;
}

#define HOST "Host: news.example\r\n"

static struct heard ask(int fd, const char *request_line, const char *fields) {
    char text[8192];
    snprintf(text, sizeof text, "%s\r\n" HOST "%s\r\n", request_line, fields);
    say_str(fd, text);
    return hear_with(fd, strncmp(request_line, "HEAD", 4) == 0);
}

static unsigned count(struct span s, const char *text) {
    unsigned n = 0;
    for (const char *at; (at = memmem(s.p, s.n, text, strlen(text))); n++) {
        s = span_from(s, (size_t)(at - s.p) + 1);
    }
    return n;
}

/* ---- readers --------------------------------------------------------------------------------- */

/* Parts of what is stored as it is; of the rest none. */
static void parts_are_answered(void **state) {
    (void)state;
    struct server s;
    start(&s, &WISHES);
    int fd = dial(&s);
    struct heard h = ask(fd, "GET / HTTP/1.1", "");
    assert_true(h.status == 200 && has(h.head, "\r\nAccept-Ranges: bytes\r\n"));
    const char *at = memmem(h.head.p, h.head.n, "ETag: ", 6);
    assert_non_null(at);
    char same[160];
    struct span rest = span_of(at + 6, (size_t)(h.head.p + h.head.n - at - 6));
    struct span etag = span_cut(&rest, '\r');
    snprintf(same, sizeof same, "Range: bytes=0-0\r\nIf-Range: " SPAN_FMT "\r\n", SPAN_ARG(etag));
    h = ask(fd, "GET / HTTP/1.1", same);
    assert_true(h.status == 206 && span_eq(h.body, SPAN("f")));
    h = ask(fd, "GET / HTTP/1.1", "Range: bytes=0-0\r\nIf-Range: \"other\"\r\n");
    assert_true(h.status == 200 && span_eq(h.body, SPAN("front")));
    h = ask(fd, "GET / HTTP/1.1",
            "Range: bytes=0-0\r\nIf-Range: Tue, 01 Dec 2026 09:00:00 GMT\r\n");
    assert_int_equal(h.status, 200);
    h = ask(fd, "GET / HTTP/1.1", "Range: bytes=1-3\r\n");
    assert_true(h.status == 206 && span_eq(h.body, SPAN("ron")) &&
                has(h.head, "\r\nContent-Range: bytes 1-3/5\r\n") &&
                has(h.head, "\r\nX-Stored: yes\r\n") && has(h.head, "\r\nETag: \"") &&
                !has(h.head, "200 OK"));
    assert_int_equal(count(h.head, "Content-Length"), 1);
    h = ask(fd, "GET / HTTP/1.1", "Range: bytes=-2\r\n");
    assert_true(h.status == 206 && span_eq(h.body, SPAN("nt")));
    h = ask(fd, "GET / HTTP/1.1", "Range: bytes=5-\r\n");
    assert_true(h.status == 416 && has(h.head, "\r\nContent-Range: bytes */5\r\n"));
    static const char *const whole[] = {"Range: bytes=0-1,3-4\r\n",
                                        "Range: bytes=0-1\r\nRange: bytes=2-3\r\n",
                                        "Range: pages=1\r\n"};
    for (size_t i = 0; i < COUNT_OF(whole); i++) {
        h = ask(fd, "GET / HTTP/1.1", whole[i]);
        assert_true(h.status == 200 && span_eq(h.body, SPAN("front")));
    }
    h = ask(fd, "HEAD / HTTP/1.1", "Range: bytes=0-0\r\n");
    assert_true(h.status == 200 && has(h.head, "\r\nContent-Length: 5\r\n"));
    h = ask(fd, "GET /a HTTP/1.1", "Range: bytes=0-9\r\n"); /* stored in gzip */
    assert_true(h.status == 200 && h.body.n == 3000 && !has(h.head, "Accept-Ranges"));
    h = ask(fd, "GET / HTTP/1.1", ""); /* and the connection goes on */
    assert_int_equal(h.status, 200);
    close(fd);
    stop(&s);
}

static void pages_are_answered(void **state) {
    (void)state;
    struct server s;
    start(&s, &WISHES);
    int fd = dial(&s); /* all on one connection */
    struct heard h = ask(fd, "GET / HTTP/1.1", "");
    assert_int_equal(h.status, 200);
    assert_true(span_eq(h.body, SPAN("front")));
    assert_true(has(h.head, "\r\nX-Stored: yes\r\n") && has(h.head, "\r\nDate: ") &&
                !has(h.head, "Connection"));
    h = ask(fd, "GET /a?utm=1 HTTP/1.1", "");
    assert_true(h.status == 200 && span_eq(h.body, text_of('a')) &&
                !has(h.head, "Content-Encoding"));
    h = ask(fd, "GET /a HTTP/1.1", "Accept-Encoding: gzip\r\n");
    assert_true(h.status == 200 && h.body.n < 200 && has(h.head, "\r\nContent-Encoding: gzip\r\n"));
    const char *at = memmem(h.head.p, h.head.n, "ETag: ", 6);
    assert_non_null(at);
    char etag[128], fields[256];
    struct span rest = span_of(at + 6, (size_t)(h.head.p + h.head.n - at - 6));
    struct span value = span_cut(&rest, '\r');
    snprintf(etag, sizeof etag, SPAN_FMT, SPAN_ARG(value));
    snprintf(fields, sizeof fields, "Accept-Encoding: gzip\r\nIf-None-Match: \"x\", %s\r\n", etag);
    h = ask(fd, "GET /a HTTP/1.1", fields);
    assert_true(h.status == 304 && has(h.head, etag) &&
                has(h.head, "\r\nCache-Control: max-age=5\r\n"));
    assert_true(!has(h.head, "Content-Length") && !has(h.head, "Content-Type"));
    h = ask(fd, "GET /a HTTP/1.1", "If-None-Match: \"x\"\r\n");
    assert_int_equal(h.status, 200);
    h = ask(fd, "HEAD /a HTTP/1.1", "");
    assert_true(h.status == 200 && has(h.head, "\r\nContent-Length: 3000\r\n"));
    h = ask(fd, "GET /b HTTP/1.1", ""); /* so HEAD sent no body */
    assert_true(h.status == 200 && span_eq(h.body, text_of('b')));
    h = ask(fd, "GET /c%61f%c3%a9 HTTP/1.1", "");
    assert_true(h.status == 200 && span_eq(h.body, SPAN("coffee")));
    h = ask(fd, "GET /a/?x=%20y HTTP/1.1", "");
    assert_true(h.status == 308 && has(h.head, "\r\nLocation: /a?x=%20y\r\n"));
    assert_true(has(h.head, "X-Content-Type-Options: nosniff\r\n"));
    h = ask(fd, "GET /none HTTP/1.1", "");
    assert_true(h.status == 404 && span_eq(h.body, SPAN("stored: not here")));
    h = ask(fd, "GET /none/ HTTP/1.1", "");
    assert_int_equal(h.status, 404);
    h = ask(fd, "HEAD /none HTTP/1.1", "");
    assert_int_equal(h.status, 404);
    h = ask(fd, "GET !404 HTTP/1.1", ""); /* no way to it by its key */
    assert_int_equal(h.status, 400);
    close(fd);
    fd = dial(&s);
    h = ask(fd, "OPTIONS /a HTTP/1.1", "");
    assert_true(h.status == 204 && has(h.head, "\r\nAllow: GET, HEAD, OPTIONS\r\n"));
    h = ask(fd, "OPTIONS * HTTP/1.1", "");
    assert_int_equal(h.status, 204);
    h = ask(fd, "GET /a HTTP/1.1", "Connection: close\r\n");
    assert_true(h.status == 200 && has(h.head, "\r\nConnection: close\r\n"));
    assert_int_equal(hear_all(fd).n, 0);
    stop(&s);
}

/* Black strokes within the quiet zone, and as many modules wide as the address needs; only of what is. */
static void short_addresses_have_qr_codes(void **state) {
    (void)state;
    struct server s;
    start(&s, &WISHES);
    int fd = dial(&s);
    struct heard h = ask(fd, "GET /s/abc2345.svg HTTP/1.1", "Accept-Encoding: gzip\r\n");
    assert_int_equal(h.status, 200);
    assert_true(has(h.head, "\r\nContent-Type: image/svg+xml\r\n") && has(h.head, "immutable"));
    assert_true(has(h.body, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 37 37\""));
    /* the finders at three corners begin with seven dark modules in a row */
    assert_true(has(h.body, "M4 4.5h7M") && has(h.body, "M26 4.5h7M") && has(h.body, "M4 26.5h7M"));
    assert_true(!has(h.body, "M3 ") && h.body.n < 4000);
    h = ask(fd, "HEAD /s/abc2345.svg HTTP/1.1", "");
    assert_true(h.status == 200 && has(h.head, "\r\nContent-Length: "));
    assert_int_equal(ask(fd, "GET /s/gone234.svg HTTP/1.1", "").status, 404);
    assert_int_equal(ask(fd, "GET /s/none234.svg HTTP/1.1", "").status, 404);
    assert_int_equal(ask(fd, "GET /a.svg HTTP/1.1", "").status, 404);
    assert_int_equal(ask(fd, "GET /s/.svg HTTP/1.1", "").status, 404);
    close(fd);
    stop(&s);
}

static void hosts_are_checked(void **state) {
    (void)state;
    static const struct {
        const char *host;
        unsigned status;
    } cases[] = {{"news.example", 200},
                 {"NEWS.Example:8080", 200},
                 {"localhost", 200},
                 {"LOCALHOST:1", 200},
                 {"127.0.0.1:8080", 200},
                 {"127.255.1.2", 200},
                 {"[::1]", 200},
                 {"[::1]:80", 200},
                 {"other.example", 421},
                 {"news.example.evil", 421},
                 {"127.0.0.1.evil.example", 421},
                 {"127.0.0", 421},
                 {"128.0.0.1", 421},
                 {"127.0.0.256", 421},
                 {"[::2]", 421},
                 {"localhost.evil", 421}};
    struct server s;
    start(&s, &WISHES);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char text[256];
        int fd = dial(&s);
        snprintf(text, sizeof text, "GET /a HTTP/1.1\r\nHost: %s\r\n\r\n", cases[i].host);
        say_str(fd, text);
        struct heard h = hear(fd);
        if (h.status != cases[i].status) fail_msg("%s: %u", cases[i].host, h.status);
        close(fd);
    }
    stop(&s);
}

static void old_clients_are_served(void **state) {
    (void)state;
    struct server s;
    start(&s, &WISHES);
    int fd = dial(&s);
    say_str(fd, "GET / HTTP/1.0\r\n\r\n");
    struct span all = hear_all(fd);
    assert_true(span_starts(all, SPAN("HTTP/1.1 200 ")) && has(all, "\r\nConnection: close\r\n"));
    assert_true(span_ends(all, SPAN("\r\n\r\nfront")));
    fd = dial(&s);
    for (int i = 0; i < 3; i++) {
        say_str(fd, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        assert_true(has(hear(fd).head, "\r\nConnection: keep-alive\r\n"));
    }
    close(fd);
    stop(&s);
}

static void requests_in_a_row_are_answered_in_order(void **state) {
    (void)state;
    enum { N = 400 };
    static char text[N * 64];
    struct server s;
    struct buf b;
    start(&s, &WISHES);
    buf_init_fixed(&b, text, sizeof text);
    for (int i = 0; i < N; i++)
        buf_printf(&b, "GET /%c HTTP/1.1\r\n" HOST "\r\n", i % 3 ? 'b' : 'a');
    for (size_t step = 1; step <= b.n; step = step * 7 + 1) { /* split in many ways */
        int fd = dial(&s);
        size_t limit = step == 1 ? 2000 : b.n; /* byte by byte, for a while */
        unsigned whole = 0;
        for (size_t at = 0; at < limit; at += step) {
            struct span piece = span_sub(span_of(text, limit), at, step);
            say(fd, piece);
            whole = count(span_of(text, at + piece.n), "\r\n\r\n");
        }
        for (unsigned i = 0; i < whole; i++) {
            struct heard h = hear(fd);
            assert_true(h.status == 200 && span_eq(h.body, text_of(i % 3 ? 'b' : 'a')));
        }
        close(fd);
    }
    stop(&s);
}

static void after_a_refusal_nothing_is_answered(void **state) {
    (void)state;
#define NEXT "GET /a HTTP/1.1\r\n" HOST "\r\n"
    static const struct {
        const char *bytes;
        unsigned status;
    } cases[] = {
        {"nonsense\r\n\r\n" NEXT, 400},
        {"GET /a HTTP/1.1\r\n\r\n" NEXT, 400},
        {"GET /a HTTP/1.1\r\nHost: other\r\n\r\n" NEXT, 421},
        {"GET /%zz HTTP/1.1\r\n" HOST "\r\n" NEXT, 400},
        {"GET /a/../b HTTP/1.1\r\n" HOST "\r\n" NEXT, 400},
        {"GET /a HTTP/2.0\r\n" HOST "\r\n" NEXT, 505},
        {"GET /a HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc" NEXT, 400},
        {"GET /a HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" NEXT, 400},
        {"HEAD /a HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc" NEXT, 400},
        {"POST /a HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc" NEXT, 405},
        {"DELETE /a HTTP/1.1\r\n" HOST "\r\n" NEXT, 405},
        {"BREW /a HTTP/1.1\r\n" HOST "\r\n" NEXT, 501},
        {"PATCH /api/v1/items HTTP/1.1\r\n" HOST "\r\n" NEXT, 405},
        {"POST /api/v1/items HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc" NEXT, 401},
        {"POST /api/v1/items HTTP/1.1\r\n" HOST "Authorization: Basic eA==\r\n\r\n" NEXT, 401},
        {"POST /api/v1/items HTTP/1.1\r\n" HOST "Authorization: Bearer \r\n\r\n" NEXT, 401},
        {"POST /api/v1/items HTTP/1.1\r\n" HOST "Content-Length: 67108865\r\n\r\nabc" NEXT, 413},
    };
    struct server s;
    start(&s, &WISHES);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int fd = dial(&s);
        say_str(fd, NEXT);
        say_str(fd, cases[i].bytes);
        (void)hear(fd);
        (void)send(fd, NEXT, sizeof NEXT - 1, MSG_NOSIGNAL); /* what comes later too */
        struct span all = hear_all(fd);
        unsigned status = 0;
        (void)sscanf(all.p, "HTTP/1.1 %u", &status);
        if (status != cases[i].status) fail_msg("%s: %u", cases[i].bytes, status);
        assert_int_equal(count(all, "HTTP/1.1 "), 1);
        assert_true(has(all, "\r\nConnection: close\r\n"));
        if (status == 401) assert_true(has(all, "\r\nWWW-Authenticate: Bearer "));
        if (status == 405) assert_true(has(all, "\r\nAllow: GET, "));
    }
    /* Both sides of the head's limit. */
    static char long_head[HTTP_HEAD_BYTES_MAX + 4096];
    for (int over = 0; over < 2; over++) {
        struct buf b;
        buf_init_fixed(&b, long_head, sizeof long_head);
        buf_str(&b, "GET /a HTTP/1.1\r\n" HOST);
        while (b.n + 1100 < HTTP_HEAD_BYTES_MAX) buf_printf(&b, "X: %01000d\r\n", 0);
        size_t pad = HTTP_HEAD_BYTES_MAX - b.n - 7 + (size_t)over;
        buf_printf(&b, "Y: %0*d\r\n\r\n", (int)pad, 0);
        assert_int_equal(b.n, HTTP_HEAD_BYTES_MAX + over);
        int fd = dial(&s);
        say(fd, buf_span(&b));
        assert_int_equal(hear(fd).status, over ? 431 : 200);
        close(fd);
    }
    stop(&s);
}

/* The client sends a lot that nobody will read, and sees the refusal all the same. */
static void a_refusal_is_not_lost(void **state) {
    (void)state;
    struct server s;
    start(&s, &WISHES);
    int fd = dial(&s);
    say_str(fd, "POST /api/v1/items HTTP/1.1\r\n" HOST "Content-Length: 500000\r\n\r\n");
    for (int i = 0; i < 50; i++) say(fd, span_of(big, 10000));
    struct span all = hear_all(fd);
    assert_true(span_starts(all, SPAN("HTTP/1.1 401 ")));
    stop(&s);
}

static void without_a_store_readers_get_503(void **state) {
    (void)state;
    struct wishes wishes = WISHES;
    wishes.no_store = true;
    struct server s;
    start(&s, &wishes);
    int fd = dial(&s);
    struct heard h = ask(fd, "GET /a HTTP/1.1", "");
    assert_true(h.status == 503 && has(h.head, "\r\nRetry-After: ") && has(h.head, "nosniff"));
    close(fd);
    stop(&s);
}

/* It has what was put first, and no page that says 404 of what comes later. */
static void while_a_store_is_filled_readers_get_503(void **state) {
    (void)state;
    struct wishes wishes = WISHES;
    wishes.no_front = true;
    struct server s;
    start(&s, &wishes);
    int fd = dial(&s);
    struct heard h = ask(fd, "GET /nothing HTTP/1.1", "");
    assert_true(h.status == 503 && has(h.head, "\r\nRetry-After: "));
    assert_int_equal(ask(fd, "GET / HTTP/1.1", "").status, 503);
    assert_int_equal(ask(fd, "GET /a HTTP/1.1", "").status, 200);
    close(fd);
    stop(&s);
}

/* ---- playing core ---------------------------------------------------------------------------- */

#define AUTH "Authorization: Bearer s3cret\r\n"

static struct channel_message core_hear(const struct server *s) {
    static char bytes[CHANNEL_MESSAGE_BYTES_MAX];
    struct channel_message m;
    size_t n;
    assert_int_equal(socket_receive(s->core, bytes, sizeof bytes, PATIENCE_S * 1000, &n), RC_OK);
    assert_int_equal(channel_read(span_of(bytes, n), &m), RC_OK);
    return m;
}

static void core_say_at(const struct server *s, uint64_t epoch, enum channel_kind kind, uint64_t id,
                        unsigned status, const char *body) {
    static char bytes[CHANNEL_MESSAGE_BYTES_MAX];
    const struct channel_message m = {.kind = kind,
                                      .epoch = epoch,
                                      .id = id,
                                      .status = status,
                                      .headers = SPAN("Content-Type: application/json\r\n"),
                                      .body = span_str(body)};
    assert_int_equal(channel_send(s->core, &m, bytes), RC_OK);
}

static void core_say(const struct server *s, enum channel_kind kind, uint64_t id, unsigned status,
                     const char *body) {
    core_say_at(s, s->control_page->core_epoch, kind, id, status, body);
}

/* ---- time ------------------------------------------------------------------------------------ */

static void who_dawdles_is_dropped(void **state) {
    (void)state;
    struct wishes wishes = WISHES;
    wishes.limits.sweep_ms = 10;
    wishes.limits.head_ms = 50;
    wishes.limits.idle_ms = 200;
    struct server s;
    start(&s, &wishes);
    int half = dial(&s), idle = dial(&s), used = dial(&s), more = dial(&s);
    say_str(half, "GET /a HT");
    say_str(more,
            "GET /a HTTP/1.1\r\n" HOST "\r\nGET /b HT"); /* the next one's beginning counts too */
    assert_int_equal(ask(used, "GET /a HTTP/1.1", "").status, 200);
    assert_int_equal(hear(more).status, 200);
    assert_int_equal(hear_all(half).n, 0);
    assert_int_equal(hear_all(more).n, 0);
    assert_int_equal(hear_all(idle).n, 0);
    assert_int_equal(hear_all(used).n, 0);
    stop(&s);
}

static void slow_readers_get_every_byte(void **state) {
    (void)state;
    struct server s;
    start(&s, &WISHES);
    int fds[4];
    for (size_t i = 0; i < COUNT_OF(fds); i++) {
        fds[i] = dial_with(&s, 8192);
        say_str(fds[i], "GET /big HTTP/1.1\r\n" HOST "\r\nGET /a HTTP/1.1\r\n" HOST
                        "Connection: close\r\n\r\n");
    }
    /* Meanwhile the page changes, again and again: no reader may see the new bytes. */
    int other = dial(&s);
    assert_int_equal(ask(other, "GET /a HTTP/1.1", "").status, 200);
    close(other);
    struct pages_writer *w = open_writer(&s);
    for (int i = 0; i < 10; i++) {
        rc code;
        while ((code = pages_begin(w)) == RC_BUSY) clock_sleep_ms(5);
        assert_int_equal(code, RC_OK);
        put(w, "/big", 200, span_of(big + 1 + i, BIG_BYTES - 1 - (size_t)i), true);
        assert_int_equal(pages_commit(w), RC_OK);
    }
    pages_writer_close(w);
    for (size_t i = 0; i < COUNT_OF(fds); i++) {
        struct heard h = hear(fds[i]);
        assert_true(h.status == 200 && span_eq(h.body, span_of(big, BIG_BYTES)));
        assert_true(span_ends(hear_all(fds[i]), text_of('a')));
    }
    stop(&s);
}

static void who_takes_nothing_is_dropped(void **state) {
    (void)state;
    struct wishes wishes = WISHES;
    wishes.limits.sweep_ms = 10;
    wishes.limits.answer_stall_ms = 100;
    struct server s;
    start(&s, &wishes);
    int stalled = dial_with(&s, 8192), fd;
    say_str(stalled, "GET /big HTTP/1.1\r\n" HOST "\r\n");
    clock_sleep_ms(400);
    size_t n = 0;
    static char bytes[65536];
    for (ssize_t got; (got = recv(stalled, bytes, sizeof bytes, 0)) > 0;) n += (size_t)got;
    assert_true(n < BIG_BYTES); /* it was cut off; what was under way arrives, or a reset */
    close(stalled);
    fd = dial(&s);
    assert_int_equal(ask(fd, "GET /a HTTP/1.1", "").status, 200);
    close(fd);
    stop(&s);
}

/* Some bytes now and then keep no connection: the averages count. */
static void minimum_rates_hold(void **state) {
    (void)state;
    struct wishes wishes = WISHES;
    wishes.limits.sweep_ms = 10;
    wishes.limits.rate_after_ms = 100;
    struct server s;
    start(&s, &wishes);
    int fd = dial(&s);
    say_str(fd, "POST /api/v1/items HTTP/1.1\r\n" HOST AUTH "Content-Length: 5000\r\n\r\n");
    uint64_t id = core_hear(&s).id;
    clock_sleep_ms(300); /* core takes its time: not the client's fault */
    core_say(&s, CHANNEL_GO, id, 0, "");
    struct channel_message m;
    do {
        (void)send(fd, "x", 1, MSG_NOSIGNAL);
        clock_sleep_ms(20);
        m = core_hear(&s);
    } while (m.kind == CHANNEL_DATA);
    assert_true(m.kind == CHANNEL_ABORT && m.id == id);
    close(fd);
    stop(&s);

    wishes.limits.answer_rate_min = 1u << 31;
    start(&s, &wishes);
    fd = dial_with(&s, 8192);
    say_str(fd, "GET /big HTTP/1.1\r\n" HOST "\r\n");
    size_t n = 0;
    char bytes[512];
    for (ssize_t got; (got = recv(fd, bytes, sizeof bytes, 0)) > 0; n += (size_t)got) {
        if (n < 20000) clock_sleep_ms(10);
    }
    assert_true(n < BIG_BYTES);
    close(fd);
    stop(&s);
}

static void lingering_has_an_end(void **state) {
    (void)state;
    struct wishes wishes = WISHES;
    wishes.limits.sweep_ms = 10;
    wishes.limits.linger_ms = 100;
    struct server s;
    start(&s, &wishes);
    int fd = dial(&s); /* by time: it says nothing, and does not leave */
    say_str(fd, "nonsense\r\n\r\n");
    assert_int_equal(hear(fd).status, 400);
    while (send(fd, "x", 1, MSG_NOSIGNAL) == 1) clock_sleep_ms(20);
    close(fd);
    stop(&s);

    start(&s, &WISHES);
    fd = dial(&s); /* by bytes */
    say_str(fd, "nonsense\r\n\r\n");
    size_t n = 0;
    for (ssize_t sent; (sent = send(fd, big, 65536, MSG_NOSIGNAL)) > 0;) n += (size_t)sent;
    assert_true(n >= NET_LINGER_BYTES);
    close(fd);
    stop(&s);
}

static void memory_for_slow_readers_is_bounded(void **state) {
    (void)state;
    struct wishes wishes = WISHES;
    wishes.limits.slow_bytes_max = BIG_BYTES / 2;
    struct server s;
    start(&s, &wishes);
    int fd = dial_with(&s, 8192);
    say_str(fd, "GET /big HTTP/1.1\r\n" HOST "\r\n");
    clock_sleep_ms(100);
    size_t n = 0;
    static char bytes[65536];
    for (ssize_t got; (got = recv(fd, bytes, sizeof bytes, 0)) > 0;) n += (size_t)got;
    assert_true(n < BIG_BYTES);
    close(fd);
    stop(&s);
}

static void sigterm_lets_end_what_is_begun(void **state) {
    (void)state;
    struct server s;
    struct wishes wishes = WISHES;
    wishes.limits.stop_ms = 60000;
    start(&s, &wishes);
    int fd = dial_with(&s, 8192), idle = dial(&s);
    assert_int_equal(ask(idle, "GET /a HTTP/1.1", "").status, 200);
    say_str(fd, "GET /big HTTP/1.1\r\n" HOST "\r\n");
    clock_sleep_ms(50);
    assert_int_equal(kill(s.pid, SIGTERM), 0);
    clock_sleep_ms(50);
    struct heard h = ask(idle, "GET /b HTTP/1.1", ""); /* was on its way */
    assert_true(h.status == 200 && has(h.head, "\r\nConnection: close\r\n"));
    close(idle);
    struct span all = hear_all(fd);
    assert_true(span_ends(all, span_of(big, BIG_BYTES)));
    wait_end(&s);
}

/* ---- descriptors ----------------------------------------------------------------------------- */

static double cpu_of_children(void) {
    struct rusage use;
    getrusage(RUSAGE_CHILDREN, &use);
    return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
           (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

static void crowd(const struct wishes *wishes) {
    struct server s;
    enum { N = 60 };
    int fds[N];
    double before = cpu_of_children();
    start(&s, wishes);
    for (int i = 0; i < N; i++) fds[i] = dial(&s); /* the kernel takes them all */
    assert_int_equal(ask(fds[0], "GET /a HTTP/1.1", "").status, 200);
    clock_sleep_ms(1500);         /* some wait in the kernel: that must cost nothing */
    for (int i = 1; i < N; i++) { /* each gets its turn as another leaves */
        close(fds[i - 1]);
        assert_int_equal(ask(fds[i], "GET /a HTTP/1.1", "").status, 200);
    }
    close(fds[N - 1]);
    stop(&s);
    assert_true(cpu_of_children() - before < 0.7); /* a spinning accept would take 1.5 s */
}

static void out_of_descriptors_accepting_waits(void **state) {
    (void)state;
    struct wishes wishes = WISHES;
    wishes.files = 48;
    wishes.limits.connections_max = 1000; /* more than there are descriptors */
    crowd(&wishes);
}

static void out_of_connections_accepting_waits(void **state) {
    (void)state;
    struct wishes wishes = WISHES;
    wishes.limits.connections_max = 20;
    crowd(&wishes);
}

static void the_idle_make_room(void **state) {
    (void)state;
    struct wishes wishes = WISHES;
    struct server s;
    wishes.limits.connections_max = 20;
    wishes.limits.evict_after_ms = 50;
    start(&s, &wishes);
    int fds[20];
    for (size_t i = 0; i < COUNT_OF(fds); i++) fds[i] = dial(&s);
    clock_sleep_ms(200);
    int fd = dial(&s);
    assert_int_equal(ask(fd, "GET /a HTTP/1.1", "").status, 200);
    for (size_t i = 0; i < COUNT_OF(fds); i++) close(fds[i]);
    close(fd);
    stop(&s);
}

/* ---- core ------------------------------------------------------------------------------------ */

static void calls_go_to_core(void **state) {
    (void)state;
    struct server s;
    start(&s, &WISHES);
    int fd = dial(&s);
    say_str(fd, "POST /api/v1/items?dry=1 HTTP/1.1\r\n" HOST AUTH
                "Content-Type: text/markdown\r\nContent-Length: 11\r\n\r\nhello worldGET /a "
                "HTTP/1.1\r\n" HOST "\r\n");
    struct channel_message m = core_hear(&s);
    assert_true(m.kind == CHANNEL_CALL && m.epoch == 1 && m.body_bytes == 11);
    assert_true(span_eq(m.method, SPAN("POST")) && span_eq(m.path, SPAN("/api/v1/items?dry=1")));
    assert_true(span_eq(m.authorization, SPAN("Bearer s3cret")) &&
                span_eq(m.content_type, SPAN("text/markdown")));
    uint64_t id = m.id;
    core_say(&s, CHANNEL_GO, id, 0, "");
    m = core_hear(&s);
    assert_true(m.kind == CHANNEL_DATA && m.id == id && span_eq(m.body, SPAN("hello world")));
    m = core_hear(&s);
    assert_true(m.kind == CHANNEL_END && m.id == id);
    core_say_at(&s, 7, CHANNEL_ANSWER, id, 500, "of another epoch");
    core_say(&s, CHANNEL_ANSWER, id + 1, 500, "of a call that is none");
    assert_int_equal(send(s.core, "nonsense", 8, 0), 8);
    core_say(&s, CHANNEL_ANSWER, id, 201, "{\"id\":1}");
    struct heard h = hear(fd);
    assert_true(h.status == 201 && span_eq(h.body, SPAN("{\"id\":1}")));
    assert_true(has(h.head, "\r\nContent-Type: application/json\r\n") &&
                has(h.head, "\r\nContent-Length: 8\r\n"));
    h = hear(fd); /* what was sent behind the call */
    assert_true(h.status == 200 && span_eq(h.body, text_of('a')));

    /* What is read is stored: core is not asked, whoever asks. */
    h = ask(fd, "GET /api/v1/items HTTP/1.1", AUTH);
    assert_true(h.status == 404 && has(h.head, "application/problem+json"));

    /* Without a body: END at once. */
    say_str(fd, "DELETE /api/v1/items/7 HTTP/1.1\r\n" HOST AUTH "\r\n");
    m = core_hear(&s);
    assert_true(m.kind == CHANNEL_CALL && m.id > id && m.body_bytes == 0);
    id = m.id;
    assert_int_equal(core_hear(&s).kind, CHANNEL_END);
    core_say(&s, CHANNEL_ANSWER, id, 204, "");
    h = hear(fd);
    assert_true(h.status == 204 && !has(h.head, "Content-Length"));

    /* Chunked, in pieces, and the client waits for 100 Continue. */
    say_str(fd, "PUT /api/v1/items/7 HTTP/1.1\r\n" HOST AUTH
                "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n");
    m = core_hear(&s);
    assert_true(m.kind == CHANNEL_CALL && m.body_bytes == UINT64_MAX);
    id = m.id;
    core_say(&s, CHANNEL_GO, id, 0, "");
    assert_int_equal(hear(fd).status, 100);
    say_str(fd, "3\r\nabc\r\n2\r");
    m = core_hear(&s);
    assert_true(m.kind == CHANNEL_DATA && span_eq(m.body, SPAN("abc")));
    say_str(fd, "\nde\r\n0\r\n\r\n");
    m = core_hear(&s);
    assert_true(m.kind == CHANNEL_DATA && span_eq(m.body, SPAN("de")));
    assert_int_equal(core_hear(&s).kind, CHANNEL_END);
    core_say(&s, CHANNEL_ANSWER, id, 200, "ok");
    assert_true(span_eq(hear(fd).body, SPAN("ok")));
    assert_int_equal(ask(fd, "GET /a HTTP/1.1", "").status, 200);
    close(fd);
    stop(&s);
}

static void an_early_answer_ends_the_body(void **state) {
    (void)state;
    struct server s;
    start(&s, &WISHES);
    int fd = dial(&s);
    say_str(fd, "POST /api/v1/items HTTP/1.1\r\n" HOST AUTH "Content-Length: 500000\r\n\r\n");
    uint64_t id = core_hear(&s).id;
    core_say(&s, CHANNEL_ANSWER, id, 403, "no");
    for (int i = 0; i < 50; i++) say(fd, span_of(big, 10000));
    struct span all = hear_all(fd);
    assert_true(span_starts(all, SPAN("HTTP/1.1 403 ")) && has(all, "\r\nConnection: close\r\n"));
    assert_true(span_ends(all, SPAN("no")) && count(all, "HTTP/1.1 ") == 1);
    stop(&s);
}

static void large_bodies_pass_while_core_is_slow(void **state) {
    (void)state;
    struct server s;
    start(&s, &WISHES);
    int fd = dial(&s);
    char head[256];
    snprintf(head, sizeof head,
             "POST /api/v1/items HTTP/1.1\r\n" HOST AUTH "Content-Length: %u\r\n\r\n", BIG_BYTES);
    pid_t client = fork_child();
    if (client == 0) {
        say_str(fd, head);
        say(fd, span_of(big, BIG_BYTES));
        _exit(0);
    }
    uint64_t id = core_hear(&s).id;
    core_say(&s, CHANNEL_GO, id, 0, "");
    clock_sleep_ms(100); /* the channel is full by now */
    size_t n = 0;
    for (;;) {
        struct channel_message m = core_hear(&s);
        assert_int_equal(m.id, id);
        if (m.kind == CHANNEL_END) break;
        assert_true(m.kind == CHANNEL_DATA && n + m.body.n <= BIG_BYTES);
        assert_memory_equal(m.body.p, big + n, m.body.n);
        n += m.body.n;
    }
    assert_int_equal(n, BIG_BYTES);
    assert_int_equal(waitpid(client, NULL, 0), client);
    core_say(&s, CHANNEL_ANSWER, id, 200, "all of it");
    assert_true(span_eq(hear(fd).body, SPAN("all of it")));
    close(fd);
    stop(&s);
}

static void bad_bodies_end_the_call(void **state) {
    (void)state;
    struct server s;
    start(&s, &WISHES);
    int fd = dial(&s);
    say_str(fd,
            "POST /api/v1/items HTTP/1.1\r\n" HOST AUTH "Transfer-Encoding: chunked\r\n\r\nzz\r\n");
    uint64_t id = core_hear(&s).id;
    core_say(&s, CHANNEL_GO, id, 0, "");
    struct channel_message m = core_hear(&s);
    assert_true(m.kind == CHANNEL_ABORT && m.id == id);
    assert_true(span_starts(hear_all(fd), SPAN("HTTP/1.1 400 ")));
    fd = dial(&s);
    say_str(fd, "POST /api/v1/items HTTP/1.1\r\n" HOST AUTH
                "Transfer-Encoding: chunked\r\n\r\n4000001\r\nabc");
    id = core_hear(&s).id;
    core_say(&s, CHANNEL_GO, id, 0, "");
    m = core_hear(&s);
    assert_int_equal(m.kind, CHANNEL_ABORT);
    assert_true(span_starts(hear_all(fd), SPAN("HTTP/1.1 413 ")));
    stop(&s);
}

static void a_client_that_leaves_aborts_its_call(void **state) {
    (void)state;
    struct server s;
    start(&s, &WISHES);
    /* Before GO, within the body, and while it waits for the answer. */
    for (int when = 0; when < 3; when++) {
        int fd = dial(&s);
        say_str(fd, "POST /api/v1/items HTTP/1.1\r\n" HOST AUTH "Content-Length: 5\r\n\r\n");
        uint64_t id = core_hear(&s).id;
        if (when > 0) core_say(&s, CHANNEL_GO, id, 0, "");
        if (when == 1) say_str(fd, "ab");
        if (when == 2) say_str(fd, "abcde");
        if (when > 0) assert_int_equal(core_hear(&s).kind, CHANNEL_DATA);
        if (when == 2) assert_int_equal(core_hear(&s).kind, CHANNEL_END);
        close(fd);
        struct channel_message m = core_hear(&s);
        assert_true(m.kind == CHANNEL_ABORT && m.id == id);
        core_say(&s, CHANNEL_ANSWER, id, 200, "too late");
    }
    int fd = dial(&s);
    assert_int_equal(ask(fd, "GET /a HTTP/1.1", "").status, 200);
    close(fd);
    stop(&s);
}

static void when_core_dies_callers_are_told(void **state) {
    (void)state;
    struct server s;
    start(&s, &WISHES);
    int waits = dial(&s), sends = dial(&s);
    say_str(waits, "DELETE /api/v1/items HTTP/1.1\r\n" HOST AUTH "\r\n");
    assert_int_equal(core_hear(&s).kind, CHANNEL_CALL);
    assert_int_equal(core_hear(&s).kind, CHANNEL_END);
    say_str(sends, "POST /api/v1/items HTTP/1.1\r\n" HOST AUTH "Content-Length: 5\r\n\r\nab");
    uint64_t id = core_hear(&s).id;
    core_say(&s, CHANNEL_GO, id, 0, "");
    assert_int_equal(core_hear(&s).kind, CHANNEL_DATA);
    s.control_page->core_epoch++; /* the supervisor starts another */
    struct span all = hear_all(waits);
    assert_true(span_starts(all, SPAN("HTTP/1.1 503 ")) && has(all, "\r\nRetry-After: "));
    assert_true(has(all, "application/problem+json"));
    assert_true(span_starts(hear_all(sends), SPAN("HTTP/1.1 503 ")));
    /* The new one gets new calls; what is said of the old ones is not heard. */
    int fd = dial(&s);
    say_str(fd, "DELETE /api/v1/items HTTP/1.1\r\n" HOST AUTH "\r\n");
    struct channel_message m = core_hear(&s);
    assert_true(m.kind == CHANNEL_CALL && m.epoch == 2);
    uint64_t new_id = m.id;
    assert_int_equal(core_hear(&s).kind, CHANNEL_END);
    core_say_at(&s, 1, CHANNEL_ANSWER, new_id, 500, "by the dead");
    core_say(&s, CHANNEL_ANSWER, new_id, 200, "by the living");
    assert_true(span_eq(hear(fd).body, SPAN("by the living")));
    /* And when its end is closed for good. */
    say_str(fd, "DELETE /api/v1/items HTTP/1.1\r\n" HOST AUTH "\r\n");
    assert_int_equal(core_hear(&s).kind, CHANNEL_CALL);
    assert_int_equal(core_hear(&s).kind, CHANNEL_END);
    socket_close(s.core);
    s.core = -1;
    assert_true(span_starts(hear_all(fd), SPAN("HTTP/1.1 503 ")));
    fd = dial(&s);
    assert_int_equal(ask(fd, "DELETE /api/v1/items HTTP/1.1", AUTH).status, 503);
    close(fd);
    fd = dial(&s);
    assert_int_equal(ask(fd, "GET /a HTTP/1.1", "").status, 200); /* readers do not notice */
    close(fd);
    stop(&s);
}

static void calls_have_deadlines_and_a_limit(void **state) {
    (void)state;
    struct wishes wishes = WISHES;
    wishes.go_ms = 200;
    wishes.call_ms = 400;
    struct server s;
    start(&s, &wishes);
    int a = dial(&s), b = dial(&s);
    say_str(a, "POST /api/v1/items HTTP/1.1\r\n" HOST AUTH
               "Content-Length: 5\r\n\r\nabcde"); /* no GO */
    uint64_t id = core_hear(&s).id;
    struct channel_message m = core_hear(&s);
    assert_true(m.kind == CHANNEL_ABORT && m.id == id);
    assert_true(span_starts(hear_all(a), SPAN("HTTP/1.1 503 ")));
    say_str(b, "DELETE /api/v1/items HTTP/1.1\r\n" HOST AUTH "\r\n"); /* no answer */
    assert_int_equal(core_hear(&s).kind, CHANNEL_CALL);
    assert_int_equal(core_hear(&s).kind, CHANNEL_END);
    assert_int_equal(core_hear(&s).kind, CHANNEL_ABORT);
    assert_true(span_starts(hear_all(b), SPAN("HTTP/1.1 503 ")));
    stop(&s);

    int fds[CHANNEL_CALLS_MAX];
    start(&s, &WISHES);
    for (size_t i = 0; i < COUNT_OF(fds); i++) {
        fds[i] = dial(&s);
        say_str(fds[i], "DELETE /api/v1/items HTTP/1.1\r\n" HOST AUTH "\r\n");
        assert_int_equal(core_hear(&s).kind, CHANNEL_CALL);
        id = core_hear(&s).id;
    }
    a = dial(&s); /* one more than may be */
    assert_int_equal(ask(a, "DELETE /api/v1/items HTTP/1.1", AUTH).status, 503);
    close(a);
    core_say(&s, CHANNEL_ANSWER, id, 200, "x"); /* the last one */
    assert_int_equal(hear(fds[COUNT_OF(fds) - 1]).status, 200);
    say_str(fds[COUNT_OF(fds) - 1], "DELETE /api/v1/items HTTP/1.1\r\n" HOST AUTH "\r\n");
    assert_int_equal(core_hear(&s).kind, CHANNEL_CALL);
    for (size_t i = 0; i < COUNT_OF(fds); i++) close(fds[i]);
    stop(&s);
}

static void many_calls_at_once_do_not_starve(void **state) {
    (void)state;
    enum { N = 20, BYTES = 200000 };
    struct server s;
    start(&s, &WISHES);
    int fds[N];
    size_t got[N] = {0};
    unsigned ended = 0;
    pid_t clients[N];
    for (int i = 0; i < N; i++) {
        fds[i] = dial(&s);
        clients[i] = fork_child();
        if (clients[i] == 0) {
            char head[256];
            snprintf(head, sizeof head,
                     "POST /api/v1/items HTTP/1.1\r\n" HOST AUTH "Content-Length: %d\r\n\r\n",
                     BYTES);
            say_str(fds[i], head);
            say(fds[i], span_of(big + i, BYTES));
            _exit(span_eq(hear(fds[i]).body, SPAN("ok")) ? 0 : 1);
        }
    }
    uint64_t first = 0;
    while (ended < N) {
        struct channel_message m = core_hear(&s);
        if (!first) first = m.id;
        size_t i = (size_t)(m.id - first);
        assert_true(i < N);
        if (m.kind == CHANNEL_CALL) {
            core_say(&s, CHANNEL_GO, m.id, 0, "");
        } else if (m.kind == CHANNEL_DATA) {
            got[i] += m.body.n;
        } else {
            assert_int_equal(m.kind, CHANNEL_END);
            assert_int_equal(got[i], BYTES);
            core_say(&s, CHANNEL_ANSWER, m.id, 200, "ok");
            ended++;
        }
    }
    for (int i = 0; i < N; i++) {
        int status;
        assert_int_equal(waitpid(clients[i], &status, 0), clients[i]);
        assert_int_equal(status, 0);
        close(fds[i]);
    }
    stop(&s);
}

/* ---- the access log -------------------------------------------------------------------------- */

static void requests_are_logged(void **state) {
    (void)state;
    struct wishes wishes = WISHES;
    wishes.with_log = true;
    wishes.limits.sweep_ms = 10;
    struct server s;
    start(&s, &wishes);
    int fd = dial(&s);
    (void)ask(fd, "GET /a?secret=1 HTTP/1.1", "");
    (void)ask(fd, "GET /none%22%5B HTTP/1.1", "");
    close(fd);
    static char text[65536];
    size_t n = 0;
    while (count(span_of(text, n), "\n") < 2) {
        ssize_t got = pread(s.log, text, sizeof text - 1, 0);
        assert_true(got >= 0);
        n = strnlen(text, (size_t)got);
        clock_sleep_ms(5);
    }
    struct span lines = span_of(text, n), first = span_cut(&lines, '\n'),
                second = span_cut(&lines, '\n');
    assert_true(span_starts(first, SPAN("{\"time\":\"")) && span_ends(first, SPAN("}")));
    assert_true(has(first, "\"client\":\"127.0.0.0\",\"method\":\"GET\",\"path\":\"/"
                           "a\",\"status\":200,\"bytes\":3000"));
    assert_true(has(second, "\"path\":\"/none%22%5B\",\"status\":404") &&
                !has(span_of(text, n), "secret"));
    stop(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_answered),
        cmocka_unit_test(pages_are_answered),
        cmocka_unit_test(short_addresses_have_qr_codes),
        cmocka_unit_test(hosts_are_checked),
        cmocka_unit_test(old_clients_are_served),
        cmocka_unit_test(requests_in_a_row_are_answered_in_order),
        cmocka_unit_test(after_a_refusal_nothing_is_answered),
        cmocka_unit_test(a_refusal_is_not_lost),
        cmocka_unit_test(without_a_store_readers_get_503),
        cmocka_unit_test(while_a_store_is_filled_readers_get_503),
        cmocka_unit_test(who_dawdles_is_dropped),
        cmocka_unit_test(slow_readers_get_every_byte),
        cmocka_unit_test(who_takes_nothing_is_dropped),
        cmocka_unit_test(minimum_rates_hold),
        cmocka_unit_test(lingering_has_an_end),
        cmocka_unit_test(memory_for_slow_readers_is_bounded),
        cmocka_unit_test(sigterm_lets_end_what_is_begun),
        cmocka_unit_test(out_of_descriptors_accepting_waits),
        cmocka_unit_test(out_of_connections_accepting_waits),
        cmocka_unit_test(the_idle_make_room),
        cmocka_unit_test(calls_go_to_core),
        cmocka_unit_test(an_early_answer_ends_the_body),
        cmocka_unit_test(large_bodies_pass_while_core_is_slow),
        cmocka_unit_test(bad_bodies_end_the_call),
        cmocka_unit_test(a_client_that_leaves_aborts_its_call),
        cmocka_unit_test(when_core_dies_callers_are_told),
        cmocka_unit_test(calls_have_deadlines_and_a_limit),
        cmocka_unit_test(many_calls_at_once_do_not_starve),
        cmocka_unit_test(requests_are_logged),
    };
    process_ignore_pipe_signal();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    mem_free(big);
    return failed;
}
