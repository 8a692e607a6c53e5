/*
 * pages_serve: one web process as it ships, with its sandbox, over a page store made for it: a
 * story of about the size that a news page has (7–10 KB compressed), and 10,000 others beside it; all
 * begin with one prolog, as pages do.
 *
 *   pages_serve DIR PORT [ACCESS-LOG]
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "pages/pages.h"
#include "site/site.h"
#include "sys/log.h"
#include "sys/memfd.h"
#include "sys/process.h"
#include "sys/sandbox.h"
#include "sys/socket.h"

#define STORY_BYTES 22000
#define PROLOG_BYTES \
    11000 /* of it the same in all: as many as a style sheet has, when compressed */
#define OTHERS 10000

static const char headers[] = "Content-Type: text/html; charset=utf-8\r\n"
                              "Cache-Control: public, max-age=15, stale-while-revalidate=60\r\n"
                              "X-Content-Type-Options: nosniff\r\n"
                              "Referrer-Policy: strict-origin-when-cross-origin\r\n"
                              "Content-Security-Policy: default-src 'self'; object-src 'none'; "
                              "base-uri 'none'; frame-ancestors 'none'\r\n";

/* Sentences of a small vocabulary with tags between them: compresses about as a story does. */
static void add_text(struct buf *b, uint64_t seed, size_t until) {
    uint64_t x = seed * 2654435761u + 88172645463325252u;
    while (b->n < until) {
        buf_str(b, "<p id=\"p\">");
        for (unsigned words = 0; words < 60; words++) {
            char word[16];
            x ^= x << 13, x ^= x >> 7, x ^= x << 17;
            uint64_t w = x % 1500, n = 2 + w * 7 % 9;
            for (uint64_t i = 0; i < n; i++)
                word[i] = (char)('a' + (w * 31 + i * i * 17 + w / (i + 1)) % 26);
            buf_add(b, span_of(word, n));
            buf_char(b, ' ');
        }
        buf_str(b, "</p>\n");
    }
}

static struct span story(struct buf *b, const struct pages_prolog *prolog, uint64_t seed) {
    buf_clear(b);
    buf_add(b, pages_prolog_bytes(prolog));
    add_text(b, seed, STORY_BYTES);
    buf_str(b, "</article></body></html>\n");
    return buf_span(b);
}

static rc fill(const char *dir, int control, int pin) {
    const struct pages_setup setup = {
        .dir = dir, .control_fd = control, .pin_fds = &pin, .pin_fds_count = 1};
    struct pages_writer *w;
    struct buf b;
    buf_init(&b, 2 * STORY_BYTES);
    buf_str(
        &b,
        "<!doctype html><html lang=\"en\"><head><title>A story</title></head><body><article>\n");
    add_text(&b, OTHERS + 1, PROLOG_BYTES);
    struct pages_prolog *prolog = pages_prolog_new(buf_span(&b));
    TRY(pages_writer_open(&setup, &w));
    TRY(pages_begin(w));
    for (unsigned i = 0; i <= OTHERS; i++) {
        char key[64];
        snprintf(key, sizeof key, i ? "/2026/11/24/another-story-%u" : "/2026/11/24/story", i);
        const struct page page = {.key = span_str(key),
                                  .status = 200,
                                  .headers = span_str(headers),
                                  .body = story(&b, prolog, i),
                                  .prolog = prolog};
        TRY(pages_put(w, &page));
    }
    rc code = pages_commit(w);
    pages_writer_close(w);
    pages_prolog_free(prolog);
    buf_done(&b);
    return code;
}

static rc serve(const char *dir, uint16_t port, const char *access_log) {
    int control, pin, listener;
    TRY(memfd_new("control", sizeof(struct pages_control), &control));
    TRY(memfd_new("pin", sizeof(struct pages_pin_page), &pin));
    TRY(fill(dir, control, pin));
    TRY(socket_listen_tcp("127.0.0.1", port, &listener, &port));
    uint64_t files;
    TRY(process_limit_files(1u << 20, &files));
    struct site_web_setup setup = {.listen_fds = &listener,
                                   .listen_fds_count = 1,
                                   .core_fd = -1,
                                   .control_fd = control,
                                   .pin_fd = pin,
                                   .pages_dir = dir,
                                   .access_fd = -1,
                                   .process = "web 0",
                                   .limits = NET_LIMITS};
    if (access_log)
        setup.access_fd = open(access_log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    struct site_web *web;
    struct sandbox_level level;
    const struct sandbox_options options = {.role = SANDBOX_WEB};
    TRY(site_web_open(&setup, &web));
    TRY(sandbox_enter(&options, &level));
    TRY(sandbox_selftest(SANDBOX_WEB, &level, NULL));
    TRY(site_web_run(web));
    site_web_close(web);
    return RC_OK;
}

int main(int argc, char **argv) {
    if (argc < 3) return 2;
    process_ignore_pipe_signal();
    rc code = serve(argv[1], (uint16_t)strtol(argv[2], NULL, 10), argc > 3 ? argv[3] : NULL);
    if (code != RC_OK) fprintf(stderr, "pages_serve: %s\n", rc_why());
    return rc_exit_code(code);
}
