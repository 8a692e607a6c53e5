/* Tests of pages/, through its header; its inside and LMDB's own calls only to spoil what lies in a store. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <lmdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "base/hash.h"
#include "base/mem.h"
#include "pages/value.h"
#include "sys/clock.h"
#include "sys/file.h"
#include "sys/log.h"
#include "sys/memfd.h"
#include "sys/sandbox.h"

#define WEBS 3
#define STORE_BYTES (64u << 20)

static struct {
    char root[64], dir[80];
    int control_fd, pin_fd[WEBS];
    struct pages_setup setup;
} site;

static struct pages_control *control_map(void) {
    void *memory;
    if (memfd_map(site.control_fd, sizeof(struct pages_control), true, &memory) != RC_OK) abort();
    return memory;
}

static int site_make(void **state) {
    (void)state;
    /* In memory, where there is such a place: a sync costs nothing there. */
    struct stat st;
    bool shm = stat("/dev/shm", &st) == 0 && access("/dev/shm", W_OK) == 0;
    snprintf(site.root, sizeof site.root, "%s/pages-test-XXXXXX", shm ? "/dev/shm" : "/tmp");
    if (!mkdtemp(site.root)) return -1;
    snprintf(site.dir, sizeof site.dir, "%s/pages", site.root);
    if (memfd_new("control", sizeof(struct pages_control), &site.control_fd) != RC_OK) return -1;
    for (size_t i = 0; i < WEBS; i++) {
        if (memfd_new("pin", sizeof(struct pages_pin_page), &site.pin_fd[i]) != RC_OK) return -1;
    }
    site.setup = (struct pages_setup){.dir = site.dir,
                                      .control_fd = site.control_fd,
                                      .pin_fds = site.pin_fd,
                                      .pin_fds_count = WEBS,
                                      .store_bytes_max = STORE_BYTES};
    return 0;
}

static int site_remove(void **state) {
    (void)state;
    memfd_close(site.control_fd);
    for (size_t i = 0; i < WEBS; i++) memfd_close(site.pin_fd[i]);
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", site.root);
    return system(command);
}

static void check_code(rc got, rc wanted, const char *text, int line) {
    if (got != wanted) {
        fail_msg("line %d: %s is %s (%s), not %s", line, text, rc_name(got), rc_why(),
                 rc_name(wanted));
    }
}
#define assert_code(call, wanted) check_code((call), (wanted), #call, __LINE__)
#define assert_ok(call) assert_code(call, RC_OK)
static void check_why(const char *part, int line) {
    if (!strstr(rc_why(), part))
        fail_msg("line %d: \"%s\" does not say \"%s\"", line, rc_why(), part);
}
#define assert_why(part) check_why((part), __LINE__)
static void check_span(struct span got, const char *wanted, int line) {
    if (!span_eq(got, span_str(wanted))) {
        fail_msg("line %d: \"" SPAN_FMT "\", not \"%s\"", line, SPAN_ARG(got), wanted);
    }
}
#define assert_span(got, wanted) check_span((got), (wanted), __LINE__)

static struct pages_writer *writer_open(void) {
    struct pages_writer *w;
    assert_ok(pages_writer_open(&site.setup, &w));
    return w;
}
static struct pages_reader *reader_open(size_t index) {
    struct pages_reader *r;
    assert_ok(pages_reader_open(site.dir, site.control_fd, site.pin_fd[index], &r));
    return r;
}
static void put_one(struct pages_writer *w, const struct page *page) {
    assert_ok(pages_begin(w));
    assert_ok(pages_put(w, page));
    assert_ok(pages_commit(w));
}
static void put_text(struct pages_writer *w, const char *key, const char *body) {
    struct page page = {.key = span_str(key), .status = 200, .body = span_str(body)};
    put_one(w, &page);
}
static void check_text(struct pages_reader *r, const char *key, const char *body, int line) {
    struct pages_answer answer;
    check_code(pages_find(r, span_str(key), 0, &answer), RC_OK, key, line);
    check_span(answer.body, body, line);
}
#define assert_page(r, key, body) check_text((r), (key), (body), __LINE__)

/* Text that shrinks by compression: n bytes, at most 64 KiB of them. */
static struct span text_of(size_t n) {
    static char text[65536];
    static const char words[] =
        "the council voted on the budget after midnight, and nobody slept; ";
    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = i % 97 == 0 ? (char)('A' + i / 97 % 26) : words[i % (sizeof words - 1)];
    }
    CHECK(n <= sizeof text);
    return span_of(text, n);
}

static bool exists(const char *name) {
    char path[160];
    snprintf(path, sizeof path, "%s/%s", site.dir, name);
    return access(path, F_OK) == 0;
}
static unsigned mode_of(const char *name) {
    char path[160];
    struct stat st;
    snprintf(path, sizeof path, "%s/%s", site.dir, name);
    assert_int_equal(stat(path, &st), 0);
    return st.st_mode & 07777u;
}

/* ---- answers --------------------------------------------------------------------------------- */

static void assert_identity(const struct pages_answer *answer, struct span body) {
    assert_int_equal(answer->encoding, PAGES_IDENTITY);
    assert_int_equal(answer->body_bytes, body.n);
    if (!answer->inflate) {
        assert_true(span_eq(answer->body, body));
        return;
    }
    char *out = mem_new(body.n + 1);
    assert_ok(pages_inflate(answer, out));
    assert_true(span_eq(span_of(out, body.n), body));
    assert_int_equal(out[body.n], 0);
    mem_free(out);
}

static void test_answer_on_the_wire(void **state) {
    (void)state;
    struct pages_writer *w = writer_open();
    struct pages_reader *r = reader_open(0);
    struct page page = {
        .key = SPAN("/2026/11/24/slug"),
        .status = 200,
        .headers = SPAN("Content-Type: text/html\r\nCache-Control: max-age=5\r\nX-Empty:\r\n"
                        "content-location: /x\r\nEXPIRES: 0\r\n"),
        .body = text_of(5000),
        .br = true,
        .generation = 77};
    put_one(w, &page);

    struct pages_answer a[4];
    assert_ok(pages_pin(r));
    for (unsigned accept = 0; accept < 4; accept++) {
        assert_ok(pages_find(r, page.key, accept, &a[accept]));
        assert_int_equal(a[accept].status, 200);
        assert_int_equal(a[accept].generation, 77);
        assert_span(a[accept].head,
                    "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
                    "Cache-Control: max-age=5\r\nX-Empty:\r\ncontent-location: /x\r\n"
                    "EXPIRES: 0\r\nVary: Accept-Encoding\r\n");
        assert_span(a[accept].head_304, "Cache-Control: max-age=5\r\ncontent-location: /x\r\n"
                                        "EXPIRES: 0\r\nVary: Accept-Encoding\r\n");
        char text[256];
        snprintf(text, sizeof text, "ETag: " SPAN_FMT "\r\n", SPAN_ARG(a[accept].etag));
        assert_span(a[accept].head_304_etag, text);
        assert_ok(pages_answer_check(&a[accept]));
    }
    assert_identity(&a[0], page.body);
    assert_true(a[0].inflate);
    assert_int_equal(a[1].encoding, PAGES_GZIP);
    assert_int_equal(a[2].encoding, PAGES_BR);
    assert_int_equal(a[3].encoding, PAGES_BR);
    assert_false(a[1].inflate || a[2].inflate || a[3].inflate);
    assert_true(a[2].body.n < a[1].body.n && a[1].body.n < page.body.n);
    assert_int_equal(a[1].body_bytes, a[1].body.n);

    /* each encoding has its own strong ETag, of the same 32 hex digits */
    assert_int_equal(a[0].etag.n, 34);
    assert_int_equal(a[0].etag.p[0], '"');
    assert_int_equal(a[0].etag.p[33], '"');
    assert_true(span_eq(span_sub(a[0].etag, 0, 33), span_sub(a[1].etag, 0, 33)));
    assert_span(span_from(a[1].etag, 33 + 9), "-gzip\""); /* and of eight of its own */
    assert_span(span_from(a[2].etag, 33 + 9), "-br\"");
    char head[256];
    snprintf(head, sizeof head, "ETag: " SPAN_FMT "\r\nContent-Length: 5000\r\n",
             SPAN_ARG(a[0].etag));
    assert_span(a[0].head_encoding, head);
    snprintf(head, sizeof head,
             "ETag: " SPAN_FMT "\r\nContent-Encoding: gzip\r\nContent-Length: %zu\r\n",
             SPAN_ARG(a[1].etag), a[1].body.n);
    assert_span(a[1].head_encoding, head);
    snprintf(head, sizeof head,
             "ETag: " SPAN_FMT "\r\nContent-Encoding: br\r\nContent-Length: %zu\r\n",
             SPAN_ARG(a[2].etag), a[2].body.n);
    assert_span(a[2].head_encoding, head);

    struct pages_answer mine;
    assert_ok(pages_get(w, page.key, PAGES_ACCEPT_GZIP, &mine));
    assert_true(span_eq(mine.body, a[1].body) && span_eq(mine.head_encoding, a[1].head_encoding));
    pages_unpin(r);
    pages_reader_close(r);
    pages_writer_close(w);
}

static void test_etag_follows_content(void **state) {
    (void)state;
    struct pages_writer *w = writer_open();
    struct page page = {
        .key = SPAN("/a"), .status = 200, .headers = SPAN("A: 1\r\n"), .body = SPAN("body")};
    struct pages_answer answer;
    char first[64], again[64];
    put_one(w, &page);
    assert_ok(pages_get(w, page.key, 0, &answer));
    snprintf(first, sizeof first, SPAN_FMT, SPAN_ARG(answer.etag));
    page.generation = 2; /* made anew by another theme, with the same outcome */
    page.key = SPAN("/b");
    put_one(w, &page);
    assert_ok(pages_get(w, page.key, 0, &answer));
    assert_span(answer.etag, first);
    page.headers = SPAN("A: 2\r\n");
    put_one(w, &page);
    assert_ok(pages_get(w, page.key, 0, &answer));
    snprintf(again, sizeof again, SPAN_FMT, SPAN_ARG(answer.etag));
    assert_string_not_equal(first, again);
    page.body = SPAN("Body");
    put_one(w, &page);
    assert_ok(pages_get(w, page.key, 0, &answer));
    assert_false(span_eq(answer.etag, span_str(again)));
    pages_writer_close(w);
}

/* Other bytes of the same text: the tag of the text stays, that of the bytes does not. */
static void test_etag_stands_for_bytes(void **state) {
    (void)state;
    struct pages_writer *w = writer_open();
    struct page page = {.key = SPAN("/a"), .status = 200, .body = text_of(5000)};
    struct pages_answer answer;
    char tags[3][2][64]; /* by turn; identity, gzip */
    size_t bytes[3];
    for (int turn = 0; turn < 3; turn++) {
        page.rarely_read = turn == 1;
        put_one(w, &page);
        for (unsigned accept = 0; accept <= PAGES_ACCEPT_GZIP; accept++) {
            assert_ok(pages_get(w, page.key, accept, &answer));
            snprintf(tags[turn][accept], sizeof tags[turn][accept], SPAN_FMT,
                     SPAN_ARG(answer.etag));
            bytes[turn] = answer.body.n;
        }
    }
    assert_int_not_equal(bytes[0], bytes[1]);
    assert_string_equal(tags[0][0], tags[1][0]);
    assert_string_not_equal(tags[0][1], tags[1][1]);
    assert_string_equal(tags[0][0], tags[2][0]);
    assert_string_equal(tags[0][1], tags[2][1]);
    pages_writer_close(w);
}

static void test_what_is_stored(void **state) {
    (void)state;
    struct pages_writer *w = writer_open();
    char noise[4000];
    uint64_t x = 88172645463325252u;
    for (size_t i = 0; i < sizeof noise; i++) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        noise[i] = (char)x;
    }
    const struct {
        struct span body;
        bool br, as_is, gzip_wanted, br_wanted;
    } rows[] = {
        {{NULL, 0}, true, false, false, false},
        {text_of(199), true, false, false, false},
        {text_of(200), false, false, true, false},
        {text_of(200), true, true, false, false},
        {text_of(5000), false, false, true, false},
        {text_of(5000), true, false, true, true},
        {text_of(5000), false, true, false, false},
        {span_of(noise, sizeof noise), true, false, false, false}, /* nothing makes it shorter */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct page page = {.key = SPAN("/"),
                            .status = 200,
                            .body = rows[i].body,
                            .br = rows[i].br,
                            .as_is = rows[i].as_is};
        put_one(w, &page);
        struct pages_answer plain, gzip, br;
        assert_ok(pages_get(w, page.key, 0, &plain));
        assert_identity(&plain, page.body);
        assert_int_equal(plain.inflate, rows[i].gzip_wanted);
        assert_ok(pages_answer_check(&plain));
        assert_int_equal(span_ends(plain.head, SPAN("Vary: Accept-Encoding\r\n")),
                         rows[i].gzip_wanted);
        assert_int_equal(plain.head_304.n != 0, rows[i].gzip_wanted);
        assert_ok(pages_get(w, page.key, PAGES_ACCEPT_GZIP, &gzip));
        assert_int_equal(gzip.encoding, rows[i].gzip_wanted ? PAGES_GZIP : PAGES_IDENTITY);
        assert_ok(pages_get(w, page.key, PAGES_ACCEPT_BR, &br));
        assert_int_equal(br.encoding, rows[i].br_wanted ? PAGES_BR : PAGES_IDENTITY);
        if (!rows[i].br_wanted) assert_identity(&br, page.body);
    }
    pages_writer_close(w);
}

static void test_statuses(void **state) {
    (void)state;
    static const unsigned good[] = {200, 301, 302, 303, 307, 308, 400, 401, 403, 404,
                                    405, 410, 413, 421, 429, 431, 451, 500, 501, 503};
    struct pages_writer *w = writer_open();
    assert_ok(pages_begin(w));
    unsigned taken = 0;
    for (unsigned status = 0; status < 1000; status++) {
        struct page page = {.key = SPAN("/s"),
                            .status = status,
                            .headers = SPAN("Cache-Control: no-cache\r\n"),
                            .body = text_of(300)};
        bool wanted = false;
        for (size_t i = 0; i < COUNT_OF(good); i++) wanted |= good[i] == status;
        assert_code(pages_put(w, &page), wanted ? RC_OK : RC_INVALID);
        if (!wanted) continue;
        taken++;
        struct pages_answer answer;
        char line[32];
        assert_ok(pages_get(w, page.key, PAGES_ACCEPT_GZIP, &answer));
        assert_int_equal(answer.status, status);
        snprintf(line, sizeof line, "HTTP/1.1 %u ", status);
        assert_true(span_starts(answer.head, span_str(line)));
        assert_int_equal(answer.etag.n != 0, status == 200);
        assert_int_equal(answer.head_304.n != 0, status == 200);
        assert_int_equal(answer.head_304_etag.n != 0, status == 200);
        assert_int_equal(answer.encoding, PAGES_GZIP);
    }
    assert_int_equal(taken, COUNT_OF(good));
    pages_writer_close(w);
}

static void test_headers_that_are_refused(void **state) {
    (void)state;
    struct pages_writer *w = writer_open();
    const struct span bad[] = {
        SPAN("A: b"),
        SPAN("A: b\n"),
        SPAN("A: b\r"),
        SPAN("\r\n"),
        SPAN("\n"),
        SPAN("A b\r\n"),
        SPAN(": b\r\n"),
        SPAN(" A: b\r\n"),
        SPAN("A : b\r\n"),
        SPAN("A: b\r\n c\r\n"),
        SPAN("A: b\rc\r\n"),
        SPAN("A: b\nc: d\r\n"),
        SPAN("A: \0\r\n"),
        SPAN("A\0: b\r\n"),
        SPAN("A: \x01\r\n"),
        SPAN("A: \x7F\r\n"),
        SPAN("A: a\tb\r\n"),
        SPAN("\xC3\xA4: b\r\n"),
        SPAN("A: b\r\n\r\n"),
        SPAN("A: b\r\nB: c\r\nbad\r\n"),
        SPAN("Connection: x\r\n"),
        SPAN("CONTENT-ENCODING: x\r\n"),
        SPAN("content-length: 1\r\n"),
        SPAN("Date: x\r\n"),
        SPAN("ETag: x\r\n"),
        SPAN("Keep-Alive: x\r\n"),
        SPAN("Trailer: x\r\n"),
        SPAN("Transfer-Encoding: x\r\n"),
        SPAN("Upgrade: x\r\n"),
        SPAN("vary: x\r\n"),
    };
    struct page page = {.key = SPAN("/"), .status = 200, .body = SPAN("x")};
    assert_ok(pages_begin(w));
    assert_ok(pages_put(w, &page));
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        page.headers = bad[i];
        if (pages_put(w, &page) != RC_INVALID) fail_msg("taken: " SPAN_FMT, SPAN_ARG(bad[i]));
    }
    const struct span good[] = {SPAN(""), SPAN("A:\r\n"), SPAN("A: \xE2\x82\xAC\r\n"),
                                SPAN("X-Date: 1\r\nVary-: 2\r\n"),
                                SPAN("!#$%&'*+-.^_`|~09azAZ: :\r\n")};
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        page.headers = good[i];
        assert_ok(pages_put(w, &page));
    }
    /* the limits, both sides */
    char *line = mem_new(PAGES_HEADERS_BYTES_MAX + 2);
    memset(line, 'a', PAGES_HEADERS_BYTES_MAX + 1);
    line[1] = ':';
    memcpy(line + PAGES_HEADERS_BYTES_MAX - 2, "\r\n", 2);
    page.headers = span_of(line, PAGES_HEADERS_BYTES_MAX);
    assert_ok(pages_put(w, &page));
    memcpy(line + PAGES_HEADERS_BYTES_MAX - 2, "a\r\n", 3);
    page.headers = span_of(line, PAGES_HEADERS_BYTES_MAX + 1);
    assert_code(pages_put(w, &page), RC_TOO_BIG);
    mem_free(line);
    page.headers = SPAN("");
    char *body = mem_new(PAGES_BODY_BYTES_MAX + 1);
    page.body = span_of(body, PAGES_BODY_BYTES_MAX + 1);
    assert_code(pages_put(w, &page), RC_TOO_BIG);
    page.body.n--;
    assert_ok(pages_put(w, &page)); /* gzip */
    page.key = SPAN("/as-is");
    page.as_is = true;
    assert_ok(pages_put(w, &page));
    /* refusals have not touched the transaction */
    assert_ok(pages_commit(w));
    struct pages_answer answer;
    for (unsigned i = 0; i < 2; i++) {
        assert_ok(pages_get(w, i ? SPAN("/as-is") : SPAN("/"), 0, &answer));
        assert_int_equal(answer.inflate, !i);
        assert_identity(&answer, page.body);
    }
    mem_free(body);
    pages_writer_close(w);
}

/* ---- keys and metas -------------------------------------------------------------------------- */

struct seen {
    struct buf text;
    unsigned corrupt;
    rc stop_with;
};
static rc see(void *arg, rc code, struct span key, const struct pages_answer *answer) {
    struct seen *seen = arg;
    if (code != RC_OK) {
        assert_int_equal(code, RC_CORRUPT);
        assert_null(key.p);
        assert_null(answer);
        seen->corrupt++;
    } else {
        buf_add(&seen->text, span_sub(key, 0, 3));
        buf_u64(&seen->text, key.n);
        buf_char(&seen->text, '=');
        buf_add(&seen->text, answer->body);
        buf_char(&seen->text, ' ');
    }
    return seen->stop_with;
}
static void check_each(struct pages_writer *w, struct span from, const char *wanted,
                       unsigned corrupt, int line) {
    struct seen seen = {0};
    buf_init(&seen.text, 4096);
    check_code(pages_each(w, from, 0, see, &seen), RC_OK, "pages_each", line);
    check_span(buf_span(&seen.text), wanted, line);
    assert_int_equal(seen.corrupt, corrupt);
    buf_done(&seen.text);
}
#define assert_each(w, from, wanted) check_each((w), (from), (wanted), 0, __LINE__)

static void test_keys(void **state) {
    (void)state;
    struct pages_writer *w = writer_open();
    struct pages_reader *r = reader_open(0);
    char *key = mem_new(PAGES_KEY_BYTES_MAX + 1);
    memset(key, 'k', PAGES_KEY_BYTES_MAX + 1);
    static const size_t lengths[] = {1, PAGES_KEY_BYTES_PLAIN, PAGES_KEY_BYTES_PLAIN + 1,
                                     PAGES_KEY_BYTES_MAX};
    assert_ok(pages_begin(w));
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        char body[2] = {(char)('0' + i), 0};
        struct page page = {.key = span_of(key, lengths[i]), .status = 200, .body = span_str(body)};
        assert_ok(pages_put(w, &page));
    }
    struct page page = {.key = span_of(key, PAGES_KEY_BYTES_MAX + 1), .status = 200};
    assert_code(pages_put(w, &page), RC_TOO_BIG);
    page.key.n = 0;
    assert_code(pages_put(w, &page), RC_INVALID);
    page.key = SPAN("a\0b");
    page.body = SPAN("nul");
    assert_ok(pages_put(w, &page));
    assert_ok(pages_commit(w));

    struct pages_answer answer;
    assert_ok(pages_pin(r));
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        char body[2] = {(char)('0' + i), 0};
        assert_ok(pages_find(r, span_of(key, lengths[i]), 0, &answer));
        assert_span(answer.body, body);
        assert_code(pages_find(r, span_of(key, lengths[i] + 1), 0, &answer),
                    lengths[i] + 1 == PAGES_KEY_BYTES_PLAIN + 1 ? RC_OK : RC_NOT_FOUND);
    }
    assert_ok(pages_find(r, SPAN("a\0b"), 0, &answer));
    assert_code(pages_find(r, SPAN("a"), 0, &answer), RC_NOT_FOUND);
    assert_code(pages_find(r, SPAN(""), 0, &answer), RC_NOT_FOUND);
    pages_unpin(r);

    /* in order, the long ones (which have an order of their own) last */
    struct seen seen = {0};
    buf_init(&seen.text, 4096);
    assert_ok(pages_each(w, SPAN(""), 0, see, &seen));
    assert_true(span_starts(buf_span(&seen.text), SPAN("a\0b3=nul k1=0 kkk400=1 kkk")));
    assert_non_null(strstr(seen.text.p + 4, " kkk401=2 "));
    assert_non_null(strstr(seen.text.p + 4, " kkk8192=3 "));
    buf_clear(&seen.text);
    assert_ok(pages_each(w, SPAN("kk"), 0, see, &seen));
    assert_true(span_starts(buf_span(&seen.text), SPAN("kkk400=1 ")));
    buf_clear(&seen.text);
    seen.stop_with = RC_GONE; /* what the visitor says ends it */
    assert_code(pages_each(w, SPAN("k"), 0, see, &seen), RC_GONE);
    assert_true(span_eq(buf_span(&seen.text), SPAN("k1=0 ")));
    buf_done(&seen.text);

    assert_ok(pages_begin(w));
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        assert_ok(pages_delete(w, span_of(key, lengths[i])));
        assert_ok(pages_delete(w, span_of(key, lengths[i])));
    }
    assert_code(pages_delete(w, span_of(key, PAGES_KEY_BYTES_MAX + 1)), RC_TOO_BIG);
    assert_ok(pages_commit(w));
    struct pages_stat stat;
    assert_ok(pages_writer_stat(w, &stat));
    assert_int_equal(stat.entries, 1);
    assert_ok(pages_get(w, SPAN("a\0b"), 0, &answer));
    mem_free(key);
    pages_reader_close(r);
    pages_writer_close(w);
}

static void test_transactions(void **state) {
    (void)state;
    struct pages_writer *w = writer_open();
    struct pages_reader *r = reader_open(0);
    struct page page = {.key = SPAN("/a"), .status = 200, .body = SPAN("1")};
    struct pages_answer answer;
    struct span value;
    struct pages_stat before, after;
    put_one(w, &page);
    assert_ok(pages_writer_stat(w, &before));
    assert_int_equal(before.entries, 1);

    assert_code(pages_meta_get(w, "cursor", &value), RC_NOT_FOUND);
    assert_ok(pages_begin(w));
    assert_ok(pages_meta_put(w, "cursor", SPAN("\0seven")));
    page.body = SPAN("2");
    assert_ok(pages_put(w, &page));
    page.key = SPAN("/b");
    assert_ok(pages_put(w, &page));
    assert_each(w, SPAN(""), "/a2=2 /b2=2 "); /* core sees it, web does not */
    assert_ok(pages_meta_get(w, "cursor", &value));
    assert_true(span_eq(value, SPAN("\0seven")));
    assert_ok(pages_pin(r));
    assert_page(r, "/a", "1");
    assert_code(pages_find(r, SPAN("/b"), 0, &answer), RC_NOT_FOUND);
    pages_unpin(r);
    pages_abort(w);
    pages_abort(w);
    assert_code(pages_meta_get(w, "cursor", &value), RC_NOT_FOUND);
    assert_each(w, SPAN(""), "/a2=1 ");

    /* an empty one, and one that deletes nothing, make no snapshot */
    assert_ok(pages_begin(w));
    assert_ok(pages_commit(w));
    assert_ok(pages_begin(w));
    assert_ok(pages_delete(w, SPAN("/none")));
    assert_ok(pages_commit(w));
    assert_ok(pages_writer_stat(w, &after));
    assert_int_equal(after.snapshot, before.snapshot);
    assert_ok(pages_pin(r));
    assert_page(r, "/a", "1");
    pages_unpin(r);

    /* metas, and their limits */
    char name[PAGES_META_NAME_BYTES_MAX + 1] = {0}, large[PAGES_META_BYTES_MAX + 1] = {0};
    memset(name, 'n', PAGES_META_NAME_BYTES_MAX);
    assert_ok(pages_begin(w));
    assert_code(pages_meta_put(w, name, span_of(large, sizeof large)), RC_TOO_BIG);
    assert_ok(pages_meta_put(w, name, span_of(large, sizeof large - 1)));
    assert_ok(pages_meta_put(w, "empty", SPAN("")));
    assert_ok(pages_commit(w));
    assert_ok(pages_begin(w));
    assert_ok(pages_delete(w, SPAN("/a")));
    pages_writer_close(w); /* without a commit */
    w = writer_open();
    assert_each(w, SPAN(""), "/a2=1 ");
    assert_ok(pages_meta_get(w, name, &value));
    assert_true(span_eq(value, span_of(large, sizeof large - 1)));
    assert_ok(pages_meta_get(w, "empty", &value));
    assert_int_equal(value.n, 0);
    assert_ok(pages_writer_stat(w, &after));
    assert_int_equal(after.entries, 3);
    assert_int_equal(after.store, before.store);
    pages_reader_close(r);
    pages_writer_close(w);
}

static void test_full_store(void **state) {
    (void)state;
    site.setup.store_bytes_max = 1 << 20;
    struct pages_writer *w = writer_open();
    put_text(w, "/kept", "kept");
    char key[16];
    struct page page = {.status = 200, .body = text_of(20000), .as_is = true};
    rc code = RC_OK;
    unsigned n = 0;
    assert_ok(pages_begin(w));
    while (code == RC_OK && n < 1000) {
        snprintf(key, sizeof key, "/%u", n++);
        page.key = span_str(key);
        code = pages_put(w, &page);
    }
    assert_code(code, RC_FULL);
    assert_in_range(n, 20, 60);
    page.body = SPAN("small");
    assert_code(pages_put(w, &page), RC_FULL); /* it can only be given up */
    assert_why("can only be given up");
    struct pages_answer answer;
    assert_code(pages_get(w, page.key, 0, &answer), RC_FULL);
    assert_code(pages_delete(w, page.key), RC_FULL);
    assert_code(pages_commit(w), RC_FULL);
    assert_each(w, SPAN(""), "/ke5=kept ");
    /* what was written in vain is free again, time after time */
    for (unsigned i = 0; i < 100; i++) {
        page.key = SPAN("/again");
        page.body = text_of(20000 + i);
        put_one(w, &page);
        assert_ok(pages_begin(w));
        assert_ok(pages_delete(w, page.key));
        assert_ok(pages_commit(w));
    }
    pages_writer_close(w);
    /* a larger limit: a reader that mapped the smaller one follows */
    struct pages_reader *r = reader_open(0);
    site.setup.store_bytes_max = 8 << 20;
    w = writer_open();
    for (unsigned i = 0; i < 200; i++) {
        snprintf(key, sizeof key, "/%03u", i);
        page.key = span_str(key);
        page.body = text_of(20000);
        put_one(w, &page);
        assert_ok(pages_pin(r));
        assert_ok(pages_find(r, page.key, 0, &answer));
        assert_true(span_eq(answer.body, page.body));
        pages_unpin(r);
    }
    struct pages_stat stat;
    assert_ok(pages_writer_stat(w, &stat));
    assert_true(stat.bytes_file > 2 << 20);
    pages_reader_close(r);
    pages_writer_close(w);
}

/* The disk says no in the middle of a commit (here: to a file over a certain size). Where LMDB got
 * rid of a part of a write it cannot tell a full disk from a broken one. */
static void test_disk_refuses(void **state) {
    (void)state;
    struct pages_writer *w = writer_open();
    struct pages_reader *r = reader_open(0);
    put_text(w, "/a", "1");
    struct rlimit before, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    struct page page = {.status = 200, .body = text_of(50000), .as_is = true};
    unsigned full = 0;
    for (unsigned i = 0; i < 20; i++) {
        small = before;
        small.rlim_cur = i % 2 ? (256 << 10) + i * 4096 : 8192; /* a part is written; nothing is */
        assert_ok(pages_begin(w));
        assert_ok(pages_meta_put(w, "cursor", SPAN("9")));
        for (unsigned n = 0; n < 20; n++) {
            char key[16];
            page.key = span_of(key, (size_t)snprintf(key, sizeof key, "/%u", n));
            assert_ok(pages_put(w, &page));
        }
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
        rc code = pages_commit(w);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        assert_true(code == RC_FULL || code == RC_FATAL);
        assert_each(w, SPAN(""), "/a2=1 ");
        if (code == RC_FULL)
            full++; /* this one goes on */
        else
            pages_writer_close(w), w = writer_open();
        struct span value;
        assert_code(pages_meta_get(w, "cursor", &value), RC_NOT_FOUND);
        put_text(w, "/a", "1");
        assert_ok(pages_pin(r));
        assert_page(r, "/a", "1");
        pages_unpin(r);
    }
    assert_int_equal(full, 10);
    signal(SIGXFSZ, handler);
    page.key = SPAN("/large");
    put_one(w, &page);
    struct pages_answer answer;
    assert_ok(pages_get(w, page.key, 0, &answer));
    assert_ok(pages_answer_check(&answer));
    pages_reader_close(r);
    pages_writer_close(w);
}

/* ---- spoilt bytes ---------------------------------------------------------------------------- */

/* Rewrites one entry of the store; the writer is closed. */
static void entry_edit(const char *store, struct span key,
                       void edit(char *bytes, size_t *n, size_t at), size_t at) {
    char path[160];
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi dbi;
    MDB_val k = {key.n, (void *)(uintptr_t)key.p}, v;
    snprintf(path, sizeof path, "%s/%s", site.dir, store);
    assert_int_equal(mdb_env_create(&env), 0);
    assert_int_equal(mdb_env_open(env, path, MDB_NOTLS, 0600), 0);
    assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
    assert_int_equal(mdb_dbi_open(txn, NULL, 0, &dbi), 0);
    assert_int_equal(mdb_get(txn, dbi, &k, &v), 0);
    size_t n = v.mv_size;
    char *copy = mem_new(n + 64);
    memcpy(copy, v.mv_data, n);
    edit(copy, &n, at);
    v = (MDB_val){n, copy};
    assert_int_equal(mdb_put(txn, dbi, &k, &v, 0), 0);
    assert_int_equal(mdb_txn_commit(txn), 0);
    mem_free(copy);
    mdb_env_close(env);
}
static void edit_flip(char *bytes, size_t *n, size_t at) {
    assert_true(at < *n);
    bytes[at] = (char)(bytes[at] ^ 0x10);
}
static void edit_cut(char *bytes, size_t *n, size_t at) {
    (void)bytes;
    *n = at;
}
static void edit_grow(char *bytes, size_t *n, size_t at) {
    memset(bytes + *n, 0, at);
    *n += at;
}

static void test_spoilt_values(void **state) {
    (void)state;
    struct pages_writer *w = writer_open();
    struct page page = {
        .key = SPAN("/a"), .status = 200, .headers = SPAN("A: b\r\n"), .body = SPAN("body")};
    put_one(w, &page);
    put_text(w, "/b", "whole");
    assert_ok(pages_begin(w));
    assert_ok(pages_meta_put(w, "m", SPAN("meta")));
    assert_ok(pages_commit(w));
    struct pages_answer answer;
    assert_ok(pages_get(w, page.key, 0, &answer));
    /* the head, its texts, 16 bytes of hash, the body */
    size_t body_at =
        sizeof(struct value_head) + answer.head.n + answer.head_304.n + answer.head_encoding.n + 16;
    size_t all = body_at + 4;
    pages_writer_close(w);

    for (size_t i = 0; i < 3 * all; i++) {
        size_t at = i % all;
        bool in_body = i < all && at >= body_at - 16;
        void (*edit)(char *, size_t *, size_t) = i < all       ? edit_flip
                                                 : i < 2 * all ? edit_cut
                                                               : edit_grow;
        if (edit == edit_grow && (at == 0 || at > 60)) continue;
        entry_edit("1", SPAN("p/a"), edit, at);
        w = writer_open();
        struct pages_reader *r = reader_open(1);
        assert_ok(pages_pin(r));
        if (in_body) {
            assert_ok(pages_find(r, page.key, 0, &answer));
            assert_code(pages_answer_check(&answer), RC_CORRUPT);
        } else {
            assert_code(pages_find(r, page.key, 3, &answer), RC_CORRUPT);
            assert_why("rebuild the store");
            assert_code(pages_get(w, page.key, 0, &answer), RC_CORRUPT);
            check_each(w, SPAN(""), "/b2=whole ", 1, __LINE__);
        }
        assert_ok(pages_find(r, SPAN("/b"), 0, &answer));
        pages_unpin(r);
        pages_reader_close(r);
        put_one(w, &page); /* mended by writing it again */
        assert_ok(pages_get(w, page.key, 0, &answer));
        pages_writer_close(w);
    }
    for (size_t at = 0; at < 8; at++) {
        entry_edit("1", SPAN("mm"), edit_flip, at);
        w = writer_open();
        struct span value;
        assert_code(pages_meta_get(w, "m", &value), RC_CORRUPT);
        pages_writer_close(w);
        entry_edit("1", SPAN("mm"), edit_flip, at);
    }
    entry_edit("1", SPAN("mm"), edit_cut, 3);
    w = writer_open();
    struct span value;
    assert_code(pages_meta_get(w, "m", &value), RC_CORRUPT);
    pages_writer_close(w);
}

/* One gzip stream out of two pieces, the first of which is stored once. */
static void test_prologs(void **state) {
    (void)state;
    struct pages_writer *w = writer_open();
    char begin[9000], body[2][12000];
    uint32_t random = 1;
    for (size_t i = 0; i < sizeof begin; i++)
        begin[i] = (char)('a' + ((random = random * 1664525 + 1013904223) >> 28));
    struct pages_prolog *prolog = pages_prolog_new(span_of(begin, sizeof begin));
    struct pages_stat before, after;
    assert_ok(pages_writer_stat(w, &before));
    assert_ok(pages_begin(w));
    for (size_t k = 0; k < COUNT_OF(body); k++) {
        memcpy(body[k], begin, sizeof begin);
        for (size_t i = sizeof begin; i < sizeof body[k]; i++)
            body[k][i] = (char)('A' + (i + k) * i % 25);
        const struct page page = {.key = k ? SPAN("/b") : SPAN("/a"),
                                  .status = 200,
                                  .body = span_of(body[k], sizeof body[k]),
                                  .prolog = prolog,
                                  .br = k == 1};
        assert_ok(pages_put(w, &page));
    }
    const struct page other = {.key = SPAN("/c"),
                               .status = 200,
                               .body = span_of(body[0] + 1, sizeof body[0] - 1),
                               .prolog = prolog};
    assert_code(pages_put(w, &other), RC_INVALID); /* it does not begin so */
    assert_ok(pages_commit(w));
    assert_ok(pages_writer_stat(w, &after));
    assert_int_equal(after.entries - before.entries, 3);

    struct pages_answer answer;
    for (size_t k = 0; k < COUNT_OF(body); k++) {
        char out[sizeof body[0]];
        const struct span key = k ? SPAN("/b") : SPAN("/a");
        assert_ok(pages_get(w, key, PAGES_ACCEPT_GZIP, &answer));
        assert_int_equal(answer.encoding, PAGES_GZIP);
        assert_int_equal(answer.body_bytes, answer.prolog.n + answer.body.n);
        assert_true(answer.prolog.n > 0 && answer.body.n > 0);
        assert_ok(pages_answer_check(&answer));
        z_stream z = {.next_out = (unsigned char *)out, .avail_out = sizeof out};
        assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
        z.next_in = (unsigned char *)(uintptr_t)answer.prolog.p;
        z.avail_in = (unsigned)answer.prolog.n;
        assert_int_equal(inflate(&z, Z_SYNC_FLUSH), Z_OK);
        assert_int_equal(z.total_out,
                         sizeof begin); /* all that it has, before what follows is there */
        z.next_in = (unsigned char *)(uintptr_t)answer.body.p;
        z.avail_in = (unsigned)answer.body.n;
        assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
        assert_int_equal(z.avail_in, 0);
        assert_int_equal(inflateEnd(&z), Z_OK);
        assert_memory_equal(out, body[k], sizeof out);

        assert_ok(pages_get(w, key, 0, &answer));
        assert_true(answer.inflate && answer.body_bytes == sizeof out);
        memset(out, 0, sizeof out);
        assert_ok(pages_inflate(&answer, out));
        assert_memory_equal(out, body[k], sizeof out);
    }
    assert_ok(pages_get(w, SPAN("/b"), PAGES_ACCEPT_BR, &answer));
    assert_true(answer.encoding == PAGES_BR && answer.prolog.n == 0);
    assert_ok(pages_answer_check(&answer));

    char key[1 + VALUE_PROLOG_KEY_BYTES] = {'r'};
    memcpy(key + 1, prolog->key, sizeof prolog->key);
    pages_writer_close(w);
    entry_edit("1", span_of(key, sizeof key), edit_flip, 100);
    w = writer_open();
    assert_ok(pages_get(w, SPAN("/a"), PAGES_ACCEPT_GZIP, &answer));
    assert_code(pages_answer_check(&answer), RC_CORRUPT);
    pages_writer_close(w);
    entry_edit("1", span_of(key, sizeof key), edit_cut, 100);
    w = writer_open();
    assert_code(pages_get(w, SPAN("/a"), PAGES_ACCEPT_GZIP, &answer), RC_CORRUPT);
    assert_why("rebuild the store");
    assert_ok(pages_get(w, SPAN("/b"), PAGES_ACCEPT_BR, &answer));
    pages_writer_close(w);
    pages_prolog_free(prolog);
}

static char other_bytes[1024];
static size_t other_n;
static void edit_keep(char *bytes, size_t *n, size_t at) {
    (void)at;
    assert_true(*n <= sizeof other_bytes);
    memcpy(other_bytes, bytes, other_n = *n);
}
static void edit_other(char *bytes, size_t *n, size_t at) {
    (void)at;
    assert_true(other_n <= *n + 64);
    memcpy(bytes, other_bytes, *n = other_n);
}
/* Values that are whole, but another's. */
static void test_swapped_values(void **state) {
    (void)state;
    char long_a[500], long_b[500];
    memset(long_a, 'a', sizeof long_a);
    memset(long_b, 'b', sizeof long_b);
    struct pages_writer *w = writer_open();
    put_text(w, "/a", "A");
    put_text(w, "/b", "B");
    struct page page = {.key = span_of(long_a, sizeof long_a), .status = 200, .body = SPAN("LA")};
    put_one(w, &page);
    page.key = span_of(long_b, sizeof long_b);
    put_one(w, &page);
    pages_writer_close(w);
    entry_edit("1", SPAN("p/a"), edit_keep, 0);
    entry_edit("1", SPAN("p/b"), edit_other, 0);
    char key_a[33] = "q", key_b[33] = "q";
    memcpy(key_a + 1, sha256_of(span_of(long_a, sizeof long_a)).bytes, 32);
    memcpy(key_b + 1, sha256_of(span_of(long_b, sizeof long_b)).bytes, 32);
    entry_edit("1", span_of(key_a, sizeof key_a), edit_keep, 0);
    entry_edit("1", span_of(key_b, sizeof key_b), edit_other, 0);
    w = writer_open();
    struct pages_answer answer;
    assert_ok(pages_get(w, SPAN("/a"), 0, &answer));
    assert_code(pages_get(w, SPAN("/b"), 0, &answer), RC_CORRUPT);
    assert_ok(pages_get(w, span_of(long_a, sizeof long_a), 0, &answer));
    assert_span(answer.body, "LA");
    assert_code(pages_get(w, page.key, 0, &answer), RC_NOT_FOUND);
    check_each(w, SPAN(""), "/a2=A aaa500=LA ", 2, __LINE__);
    pages_writer_close(w);
}

/* ---- files ----------------------------------------------------------------------------------- */

static void test_modes_and_lock_file(void **state) {
    (void)state;
    static const mode_t umasks[] = {0, 022, 077};
    for (size_t i = 0; i < COUNT_OF(umasks); i++) {
        mode_t before = umask(umasks[i]);
        struct pages_writer *w = writer_open();
        umask(before);
        char data[32], lock[32], folder[16];
        snprintf(folder, sizeof folder, "%zu", i + 1);
        snprintf(data, sizeof data, "%zu/data.mdb", i + 1);
        snprintf(lock, sizeof lock, "%zu/lock.mdb", i + 1);
        assert_int_equal(mode_of(""), 0755);
        assert_int_equal(mode_of(folder), 0755);
        assert_int_equal(mode_of(data), 0644);
        assert_int_equal(mode_of(lock), 0600);
        put_text(w, "/a", "A");
        pages_writer_close(w);
        /* a reader neither needs nor makes the lock file */
        char path[160];
        snprintf(path, sizeof path, "%s/%s", site.dir, lock);
        assert_int_equal(unlink(path), 0);
        struct pages_reader *r = reader_open(0);
        assert_ok(pages_pin(r));
        assert_page(r, "/a", "A");
        assert_false(exists(lock));
        pages_unpin(r);
        pages_reader_close(r);
        /* the next round makes the next store */
        snprintf(path, sizeof path, "rm -rf %s", site.dir);
        assert_int_equal(system(path), 0);
    }
}

static void write_file(const char *name, const char *text) {
    char path[160];
    snprintf(path, sizeof path, "%s/%s", site.dir, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
}
static void make_folder(const char *name) {
    char path[160];
    snprintf(path, sizeof path, "%s/%s", site.dir, name);
    assert_int_equal(mkdir(path, 0755), 0);
}

static void test_unusable_stores(void **state) {
    (void)state;
    struct pages_control *control = control_map();
    struct span value;
    struct pages_writer *w = writer_open();
    assert_int_equal(atomic_load(&control->store), 1);
    put_text(w, "/a", "A");
    pages_writer_close(w);

    /* leavings: a store half built, one flipped away from; and what is not ours */
    make_folder("2.new");
    write_file("2.new/data.mdb", "half");
    make_folder("5");
    write_file("5/data.mdb", "this is not LMDB's, though as long as its header would be "
                             "and a good deal longer than that, so that it is read in full: "
                             "........................................................");
    make_folder("notes");
    write_file("7x", "");
    w = writer_open(); /* 5 is the newest, and cannot be read */
    assert_int_equal(atomic_load(&control->store), 6);
    assert_false(exists("1") || exists("2.new") || exists("5") || exists("6.new"));
    assert_true(exists("6/data.mdb") && exists("notes") && exists("7x"));
    assert_code(pages_meta_get(w, "cursor", &value), RC_NOT_FOUND);
    put_text(w, "/a", "A6");
    pages_writer_close(w);

    entry_edit("6", SPAN("f"), edit_flip, 3); /* another version's format */
    w = writer_open();
    assert_int_equal(atomic_load(&control->store), 7);
    assert_each(w, SPAN(""), "");
    struct page page = {.key = SPAN("/a"), .status = 200, .body = text_of(60000), .as_is = true};
    put_one(w, &page);
    pages_writer_close(w);

    char path[160];
    snprintf(path, sizeof path, "%s/7/data.mdb", site.dir);
    assert_int_equal(truncate(path, 3 * 4096), 0); /* a copy that was broken off */
    w = writer_open();
    struct pages_reader *r = reader_open(0);
    struct pages_answer answer;
    rc code = pages_get(w, page.key, 0, &answer); /* an error or another store; not a SIGBUS */
    assert_true(code == RC_CORRUPT || code == RC_NOT_FOUND);
    assert_ok(pages_pin(r));
    assert_code(pages_find(r, page.key, 0, &answer), code);
    pages_unpin(r);
    pages_reader_close(r);
    pages_writer_close(w);

    /* an older copy of the served file, put back while the control page lives */
    uint64_t store = atomic_load(&control->store);
    atomic_store(&control->bank[store & 1].latest, 1000);
    w = writer_open();
    assert_int_equal(atomic_load(&control->store), store + 1);
    pages_writer_close(w);
    memfd_unmap(control, sizeof *control);
}

static void test_flip(void **state) {
    (void)state;
    struct pages_reader *r = reader_open(0), *slow = reader_open(1);
    assert_code(pages_pin(r), RC_AGAIN); /* no store yet */
    struct pages_writer *w = writer_open(), *next, *third;
    put_text(w, "/a", "old");
    assert_ok(pages_pin(r));
    assert_page(r, "/a", "old");
    pages_unpin(r);

    assert_ok(pages_writer_next(w, &next));
    assert_code(pages_writer_next(w, &third), RC_BUSY);
    assert_true(exists("2.new/data.mdb"));
    assert_int_equal(mode_of("2.new/data.mdb"), 0644);
    assert_int_equal(mode_of("2.new/lock.mdb"), 0600);
    put_text(next, "/a", "thrown away");
    pages_writer_close(next);
    assert_false(exists("2.new"));

    assert_ok(pages_writer_next(w, &next));
    put_text(next, "/a", "new");
    put_text(w, "/a", "old still"); /* both are written */
    put_text(next, "/b", "new too");
    assert_ok(pages_pin(slow));
    assert_page(slow, "/a", "old still");
    assert_ok(pages_flip(next));
    put_text(w, "/a", "too late");
    assert_code(pages_writer_next(next, &third), RC_BUSY); /* its bank is w's */
    pages_writer_close(w);
    assert_false(exists("1") || exists("2.new"));
    assert_true(exists("2/data.mdb"));
    assert_page(slow, "/a", "old still"); /* until the end of its turn */
    put_text(next, "/a", "newer");
    assert_ok(pages_pin(r));
    assert_page(r, "/a", "newer");
    assert_page(r, "/b", "new too");
    pages_unpin(r);

    /* the next but one uses the bank again in which `slow` is pinned */
    assert_ok(pages_writer_next(next, &third));
    put_text(third, "/a", "third");
    assert_page(slow, "/a", "old still");
    pages_unpin(slow);
    assert_ok(pages_pin(slow));
    assert_page(slow, "/a", "newer");
    pages_unpin(slow);
    assert_ok(pages_flip(third));
    pages_writer_close(next);
    pages_writer_close(third);
    w = writer_open(); /* what was flipped to is what is opened */
    struct pages_stat stat;
    assert_ok(pages_writer_stat(w, &stat));
    assert_int_equal(stat.store, 3);
    assert_ok(pages_pin(slow));
    assert_page(slow, "/a", "third");
    pages_unpin(slow);

    assert_ok(pages_writer_next(w, &next)); /* the old one may go first */
    pages_writer_close(w);
    put_text(next, "/a", "fourth");
    assert_ok(pages_flip(next));
    assert_ok(pages_pin(r));
    assert_page(r, "/a", "fourth");
    pages_unpin(r);
    pages_writer_close(next);
    pages_reader_close(slow);
    pages_reader_close(r);
    pages_reader_close(NULL);
    pages_writer_close(NULL);
}

/* ---- pins ------------------------------------------------------------------------------------ */

static void test_pin_keeps_a_snapshot(void **state) {
    (void)state;
    struct pages_writer *w = writer_open();
    struct pages_reader *r = reader_open(0), *other = reader_open(1);
    struct page page = {.key = SPAN("/a"), .status = 200, .as_is = true};
    struct pages_answer answer;
    struct pages_stat pinned, freed;
    static char wanted[9000];
    memset(wanted, '0', sizeof wanted);
    page.body = span_of(wanted, sizeof wanted);
    put_one(w, &page);
    assert_ok(pages_pin(r));
    assert_ok(pages_find(r, page.key, 0, &answer));
    struct span body = answer.body;
    for (unsigned i = 1; i < 100; i++) {
        static char next[9000];
        memset(next, '0' + (int)(i % 10), sizeof next);
        page.body = span_of(next, sizeof next);
        put_one(w, &page);
        assert_memory_equal(body.p, wanted, sizeof wanted);
        assert_ok(pages_pin(other)); /* while others go on */
        assert_ok(pages_find(other, page.key, 0, &answer));
        assert_true(span_eq(answer.body, page.body));
        pages_unpin(other);
    }
    assert_ok(pages_answer_check(&answer));
    assert_ok(pages_writer_stat(w, &pinned));
    assert_true(pinned.snapshots_held >= 99);
    pages_unpin(r);
    for (unsigned i = 0; i < 100; i++) put_one(w, &page);
    assert_ok(pages_writer_stat(w, &freed));
    assert_in_range(freed.snapshots_held, 1, 3);
    /* what was freed is used again */
    assert_true(freed.bytes_file <= pinned.bytes_file + 100000);
    assert_int_equal(freed.snapshot, pinned.snapshot + 100);
    pages_reader_close(r);
    pages_reader_close(other);
    pages_writer_close(w);
}

static struct pages_pin_page *pin_map(size_t index) {
    void *memory;
    assert_ok(memfd_map(site.pin_fd[index], sizeof(struct pages_pin_page), true, &memory));
    return memory;
}

static void test_pin_from_before_core(void **state) {
    (void)state;
    struct pages_writer *w = writer_open();
    struct pages_reader *r = reader_open(2);
    size_t index = 9;
    put_text(w, "/a", "1");
    assert_ok(pages_pin(r));
    put_text(w, "/a", "2");
    pages_writer_close(w);
    w = writer_open();
    assert_code(pages_begin(w), RC_BUSY);
    assert_page(r, "/a", "1");
    assert_false(pages_stale_pin(w, CLOCK_MS(1000), &index));
    assert_false(pages_stale_pin(w, CLOCK_MS(1000 + PAGES_PIN_STALE_MS) - 1, &index));
    assert_true(pages_stale_pin(w, CLOCK_MS(1000 + PAGES_PIN_STALE_MS), &index));
    assert_int_equal(index, 2);
    assert_code(pages_begin(w), RC_BUSY);
    pages_unpin(r);
    put_text(w, "/a", "3");
    /* a pin at the newest snapshot is no hindrance, */
    assert_ok(pages_pin(r));
    pages_writer_close(w);
    w = writer_open();
    put_text(w, "/a", "4");
    put_text(w, "/a", "5");
    assert_page(r, "/a", "3");
    /* nor is what a process left that has been cleared up after */
    pages_writer_close(w);
    w = writer_open();
    assert_code(pages_begin(w), RC_BUSY);
    assert_ok(pages_pin_clear(site.pin_fd[2]));
    assert_ok(pages_begin(w));
    pages_abort(w);
    pages_writer_close(w);
    pages_unpin(r);
    pages_reader_close(r);
}

/* What a reader makes of the control page, whatever it says. */
static void test_pin_rules(void **state) {
    (void)state;
    struct pages_control *control = control_map();
    struct pages_bank *bank = &control->bank[1];
    struct pages_writer *w = writer_open();
    struct pages_reader *r = reader_open(0);
    struct pages_pin_page *pin = pin_map(0);
    put_text(w, "/a", "1");
    put_text(w, "/a", "2");
    uint64_t newest = atomic_load(&bank->latest);
    assert_int_equal(atomic_load(&bank->committing), newest);
    assert_true(atomic_load(&bank->floor) <= newest);
    assert_ok(pages_pin(r));
    assert_int_equal(atomic_load(&pin->pin[1]), newest);
    pages_unpin(r);
    assert_int_equal(atomic_load(&pin->pin[1]), 0);

    const struct {
        uint64_t latest, floor, committing;
        rc wanted;
    } rows[] = {
        {newest, newest, newest, RC_OK},
        {newest, newest, newest + 1, RC_OK},     /* the next commit writes the other meta page, */
        {newest, newest, newest + 2, RC_AGAIN},  /* the next but one writes ours */
        {newest - 1, newest - 1, newest, RC_OK}, /* core stands just before latest = newest */
        {newest - 1, newest, newest, RC_AGAIN},  /* below the floor: not protected */
        {newest, newest, newest - 1, RC_AGAIN},  /* a snapshot that was not begun */
        {newest + 1, newest + 1, newest + 1, RC_AGAIN}, /* one that is not in the file */
        {0, 0, 0, RC_AGAIN},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        atomic_store(&bank->latest, rows[i].latest);
        atomic_store(&bank->floor, rows[i].floor);
        atomic_store(&bank->committing, rows[i].committing);
        rc code = pages_pin(r);
        if (code != rows[i].wanted) fail_msg("row %zu: %s (%s)", i, rc_name(code), rc_why());
        assert_int_equal(atomic_load(&pin->pin[1]), code == RC_OK ? rows[i].latest : 0);
        if (code == RC_OK) {
            assert_page(r, "/a", "2");
            pages_unpin(r);
        }
    }
    atomic_store(&control->store, 9); /* a store that is not there */
    assert_code(pages_pin(r), RC_AGAIN);
    memfd_unmap(pin, sizeof *pin);
    memfd_unmap(control, sizeof *control);
    pages_reader_close(r);
    pages_writer_close(w);
}

static void test_stale_pins(void **state) {
    (void)state;
    struct pages_writer *w = writer_open();
    struct pages_pin_page *pin = pin_map(1);
    size_t index = 9;
    mono_t at = CLOCK_MS(1000000), step = CLOCK_MS(PAGES_PIN_STALE_MS);
    put_text(w, "/a", "1");
    struct pages_stat stat;
    assert_ok(pages_writer_stat(w, &stat));
    uint64_t newest = stat.snapshot;
    /* at the newest one (or at one that does not exist) nobody is hindered, however long */
    atomic_store(&pin->pin[1], newest);
    assert_false(pages_stale_pin(w, at, &index));
    assert_false(pages_stale_pin(w, at + 2 * step, &index));
    atomic_store(&pin->pin[1], UINT64_MAX);
    assert_false(pages_stale_pin(w, at, &index));
    assert_false(pages_stale_pin(w, at + 2 * step, &index));
    put_text(w, "/a", "2"); /* and a false high one stops nothing */
    put_text(w, "/a", "3");
    /* the time counts from when it was seen below; another number is another pin */
    atomic_store(&pin->pin[1], newest);
    assert_false(pages_stale_pin(w, at + 3 * step, &index));
    atomic_store(&pin->pin[1], newest + 1);
    assert_false(pages_stale_pin(w, at + 4 * step, &index));
    assert_false(pages_stale_pin(w, at + 5 * step - 1, &index));
    assert_true(pages_stale_pin(w, at + 5 * step, &index));
    assert_int_equal(index, 1);
    /* one that jumps about and is 0 at times does not begin anew, */
    atomic_store(&pin->pin[1], 0);
    assert_false(pages_stale_pin(w, at + 5 * step, &index));
    atomic_store(&pin->pin[1], newest);
    assert_true(pages_stale_pin(w, at + 5 * step, &index));
    /* unless it is newer */
    put_text(w, "/a", "4");
    atomic_store(&pin->pin[1], newest + 2);
    assert_false(pages_stale_pin(w, at + 5 * step, &index));
    /* the other bank's belongs to the other store */
    atomic_store(&pin->pin[0], 1);
    atomic_store(&pin->pin[1], 0);
    assert_false(pages_stale_pin(w, at + 6 * step, &index));
    assert_false(pages_stale_pin(w, at + 8 * step, &index));
    /* a false low one: the file grows, and is told of; nothing else */
    atomic_store(&pin->pin[1], 1);
    for (unsigned i = 0; i < 20; i++) put_text(w, "/a", "4");
    assert_ok(pages_writer_stat(w, &stat));
    assert_true(stat.snapshots_held >= 18);
    assert_ok(pages_pin_clear(site.pin_fd[1]));
    assert_int_equal(atomic_load(&pin->pin[0]) | atomic_load(&pin->pin[1]), 0);
    for (unsigned i = 0; i < 3; i++) put_text(w, "/a", "5");
    assert_ok(pages_writer_stat(w, &stat));
    assert_in_range(stat.snapshots_held, 1, 3);
    memfd_unmap(pin, sizeof *pin);
    pages_writer_close(w);
}

static void test_setup(void **state) {
    (void)state;
    struct pages_writer *w;
    int fds[PAGES_WEB_MAX + 1];
    for (size_t i = 0; i < COUNT_OF(fds); i++) fds[i] = site.pin_fd[0];
    site.setup.pin_fds = fds;
    site.setup.pin_fds_count = PAGES_WEB_MAX + 1;
    assert_code(pages_writer_open(&site.setup, &w), RC_TOO_BIG);
    site.setup.pin_fds_count = PAGES_WEB_MAX;
    w = writer_open();
    pages_writer_close(w);
    /* alone: for fsck and rebuild without a server */
    site.setup.control_fd = -1;
    site.setup.pin_fds_count = 0;
    site.setup.store_bytes_max = 0; /* what the program uses */
    w = writer_open();
    put_text(w, "/a", "A");
    pages_writer_close(w);
    /* opened by a process that may not write the control page */
    int read_only;
    assert_ok(memfd_read_only(site.control_fd, &read_only));
    struct pages_reader *r;
    assert_ok(pages_reader_open(site.dir, read_only, site.pin_fd[0], &r));
    memfd_close(read_only);
    site.setup.control_fd = site.control_fd;
    w = writer_open();
    assert_ok(pages_pin(r));
    assert_page(r, "/a", "A");
    pages_unpin(r);
    pages_reader_close(r);
    pages_writer_close(w);
    site.setup.dir = "/dev/null/pages";
    assert_code(pages_writer_open(&site.setup, &w), RC_NOT_FOUND);
}

/* ---- a core that is killed between two steps, or whose calls fail --------------------------- */

#ifdef DATELINE_FAULTS
/* What a core does, from its start to a flip; the exit code says how far it came. */
static int core_works(void) {
    struct pages_writer *w = NULL, *next = NULL;
    struct page page = {.key = SPAN("/a"), .status = 200, .body = SPAN("2")};
    int came_to = 1;
    if (pages_writer_open(&site.setup, &w) != RC_OK) return came_to;
    for (came_to = 2; came_to < 7; came_to++) { /* until an old snapshot is given up */
        if (pages_begin(w) != RC_OK || pages_put(w, &page) != RC_OK || pages_commit(w) != RC_OK) {
            goto end;
        }
    }
    if (pages_writer_next(w, &next) != RC_OK) goto end;
    came_to = 8;
    page.body = SPAN("3");
    if (pages_begin(next) != RC_OK || pages_put(next, &page) != RC_OK ||
        pages_commit(next) != RC_OK) {
        goto end;
    }
    came_to = 9;
    if (pages_flip(next) == RC_OK) came_to = 0;
end:
    pages_writer_close(w);
    pages_writer_close(next);
    return came_to;
}

/* "/a" is what is wanted; then writes it. Exit code 0, or the step that went wrong. */
static const char *core_wants;
static int core_looks(void) {
    struct pages_writer *w;
    struct pages_answer answer;
    if (pages_writer_open(&site.setup, &w) != RC_OK) return 1;
    rc code = pages_get(w, SPAN("/a"), 0, &answer);
    if (core_wants && (code != RC_OK || !span_eq(answer.body, span_str(core_wants)))) return 2;
    struct page page = {.key = SPAN("/a"), .status = 200, .body = SPAN("1")};
    if (pages_begin(w) != RC_OK || pages_put(w, &page) != RC_OK || pages_commit(w) != RC_OK)
        return 3;
    pages_writer_close(w);
    return 0;
}

/* In a process of its own, with that variable set; its wait status. This process itself must not
 * have come to a fault point nor made a call that counts: so these tests are the first. */
static int in_child(int (*core)(void), const char *variable, const char *rule) {
    pid_t pid = fork();
    if (pid == 0) {
        if (variable) setenv(variable, rule, 1);
        _exit(core());
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void test_core_killed(void **state) {
    (void)state;
    static const struct {
        const char *point, *web_sees, *then; /* web with core dead; after its restart */
    } rows[] = {
        {"pages.committing", "1", "1"}, {"pages.committed", "2", "2"}, {"pages.served", "2", "2"},
        {"pages.given-up", "2", "2"},   {"pages.renamed", "2", "3"},   {"pages.flipped", "3", "3"},
    };
    struct pages_reader *r = reader_open(0);
    core_wants = NULL;
    assert_int_equal(in_child(core_looks, NULL, NULL), 0);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int status = in_child(core_works, "DATELINE_CRASH", rows[i].point);
        if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL) {
            fail_msg("%s was not reached: %#x", rows[i].point, status);
        }
        struct pages_answer answer;
        assert_ok(pages_pin(r));
        assert_ok(pages_find(r, SPAN("/a"), 0, &answer));
        if (!span_eq(answer.body, span_str(rows[i].web_sees))) {
            fail_msg("%s: web sees " SPAN_FMT, rows[i].point, SPAN_ARG(answer.body));
        }
        pages_unpin(r);
        core_wants = rows[i].then;
        status = in_child(core_looks, NULL, NULL);
        if (status) fail_msg("%s: the next core ends with %#x", rows[i].point, status);
        assert_ok(pages_pin(r));
        assert_page(r, "/a", "1");
        pages_unpin(r);
    }
    pages_reader_close(r);
}

/* The n-th call of ours fails, for every n: from no folder to a flip, and from a store that is
 * there. */
static void test_calls_that_fail(void **state) {
    (void)state;
    struct pages_reader *r = reader_open(1);
    unsigned came_to[10] = {0};
    core_wants = NULL;
    for (unsigned from_nothing = 0; from_nothing < 2; from_nothing++) {
        for (unsigned n = 1, whole = 0; whole < 8; n++) {
            char rule[32];
            snprintf(rule, sizeof rule, "sys:%u:EIO", n);
            int status = in_child(core_works, "DATELINE_FAULT", rule);
            if (!WIFEXITED(status) || WEXITSTATUS(status) > 9) fail_msg("%s: %#x", rule, status);
            came_to[WEXITSTATUS(status)]++;
            /* beyond the last call, or a call whose failure does not matter (deleting leavings) */
            whole = WEXITSTATUS(status) ? 0 : whole + 1;
            status = in_child(core_looks, NULL, NULL); /* whatever was left, the next one begins */
            if (status) fail_msg("%s: the next core ends with %#x", rule, status);
            assert_ok(pages_pin(r));
            assert_page(r, "/a", "1");
            pages_unpin(r);
            if (from_nothing) {
                char command[128];
                snprintf(command, sizeof command, "rm -rf %s", site.dir);
                assert_int_equal(system(command), 0);
            }
        }
    }
    assert_true(came_to[1] > 20 && came_to[7] > 10 && came_to[9] > 4);
    assert_int_equal(came_to[2] + came_to[3] + came_to[4] + came_to[5] + came_to[6],
                     0); /* LMDB's own */
    pages_reader_close(r);
}
#endif

/* ---- in the sandboxes of web and core -------------------------------------------------------- */

/* Each: 0, or the step that failed; a call that the sandbox forbids ends the process. */
static int web_in_sandbox(struct pages_reader *r, int ready_fd, int step_fd) {
    struct sandbox_options options = {.role = SANDBOX_WEB};
    struct sandbox_level level;
    struct pages_answer answer;
    char out[5000], byte;
    if (pages_pin(r) != RC_OK) return 1;
    pages_unpin(r);
    if (sandbox_enter(&options, &level) != RC_OK) return 2;
    if (pages_pin(r) != RC_OK || pages_find(r, SPAN("/a"), 0, &answer) != RC_OK) return 3;
    if (answer.body_bytes != sizeof out || pages_inflate(&answer, out) != RC_OK) return 4;
    pages_unpin(r);
    if (write(ready_fd, "", 1) != 1 || read(step_fd, &byte, 1) != 1) return 5; /* core flips */
    /* The old store's last snapshot, whole, though its files are gone. */
    for (int i = 0; i < 3; i++) {
        if (pages_pin(r) != RC_OK || pages_find(r, SPAN("/a"), 0, &answer) != RC_OK) return 6;
        if (answer.body_bytes != sizeof out || pages_inflate(&answer, out) != RC_OK) return 7;
        pages_unpin(r);
    }
    pages_reader_close(r);
    return 0;
}
static int core_in_sandbox(void) {
    struct sandbox_options options = {
        .role = SANDBOX_CORE, .paths = {{.path = site.dir, .may_write = true}}, .paths_count = 1};
    struct sandbox_level level;
    struct pages_writer *w, *next;
    struct page page = {.key = SPAN("/a"), .status = 200, .body = text_of(5000), .br = true};
    if (sandbox_enter(&options, &level) != RC_OK) return 1;
    if (pages_writer_open(&site.setup, &w) != RC_OK) return 2;
    for (unsigned i = 0; i < 5; i++) {
        if (pages_begin(w) != RC_OK || pages_put(w, &page) != RC_OK || pages_commit(w) != RC_OK)
            return 3;
    }
    if (pages_writer_next(w, &next) != RC_OK || pages_flip(next) != RC_OK) return 4;
    pages_writer_close(w);
    pages_writer_close(next);
    return 0;
}

static void test_sandboxes(void **state) {
    (void)state;
    if (!sandbox_has_seccomp()) skip();
    struct page page = {.key = SPAN("/a"), .status = 200, .body = text_of(5000)};
    struct pages_writer *w = writer_open();
    put_one(w, &page);
    pages_writer_close(w);
    int ready[2], step[2], status;
    char byte;
    assert_int_equal(pipe(ready) | pipe(step), 0);
    pid_t web = fork();
    if (web == 0) {
        struct pages_reader *r;
        close(ready[0]), close(step[1]);
        if (pages_reader_open(site.dir, site.control_fd, site.pin_fd[0], &r) != RC_OK) _exit(9);
        _exit(web_in_sandbox(r, ready[1], step[0]));
    }
    close(ready[1]), close(step[0]);
    bool is_ready = read(ready[0], &byte, 1) == 1;
    if (is_ready) {
        pid_t core = fork();
        if (core == 0) _exit(core_in_sandbox());
        assert_int_equal(waitpid(core, &status, 0), core);
        if (status) fail_msg("core ends with %#x", status);
        assert_int_equal(write(step[1], "", 1), 1);
    }
    close(ready[0]), close(step[1]);
    assert_int_equal(waitpid(web, &status, 0), web);
    if (status) fail_msg("web ends with %#x", status);
    assert_true(is_ready);
}

/* ---- everything at once ---------------------------------------------------------------------- */

/* Readers verify what they find while core commits, is killed, and is started again. Each commit
 * puts the same generation into /first and /last and into some of the pages between; each body
 * says whose and of which generation it is. */
#define CROWD_PAGES 200
#define CROWD_COMMITS 1500
#define CROWD_CORES 6
struct crowd {
    _Atomic bool stop, core_stop;
    _Atomic uint64_t commits;
    struct {
        _Atomic uint64_t turns, wrong;
        _Atomic bool hang, hangs; /* asked to stop while pinned; has */
    } reader[WEBS];
};

static uint64_t mix(uint64_t x) {
    x ^= x >> 33, x *= 0xff51afd7ed558ccdULL;
    x ^= x >> 33, x *= 0xc4ceb9fe1a85ec53ULL;
    return x ^ x >> 33;
}
static size_t crowd_key(uint64_t number, char out_key[32]) {
    return (size_t)snprintf(out_key, 32, "/page/%llu", (unsigned long long)number);
}
static size_t crowd_body(uint64_t number, uint64_t generation, uint64_t *out_words) {
    size_t count = 3 + mix(number * 77 + generation) % 1500; /* up to 12 KB */
    for (size_t i = 0; i < count; i++) out_words[i] = mix(number ^ generation << 20) + i;
    out_words[0] = number;
    return count * sizeof *out_words;
}
static bool crowd_is_right(struct pages_reader *r, uint64_t number, uint64_t *out_generation) {
    static uint64_t words[1503];
    char key[32];
    struct pages_answer answer;
    struct span k = span_of(key, crowd_key(number, key));
    if (pages_find(r, k, 0, &answer) != RC_OK) return false;
    size_t n = crowd_body(number, answer.generation, words);
    *out_generation = answer.generation;
    return span_eq(answer.body, span_of(words, n));
}

static _Noreturn void crowd_reader(struct crowd *crowd, size_t index) {
    struct pages_reader *r;
    if (pages_reader_open(site.dir, site.control_fd, site.pin_fd[index], &r) != RC_OK) _exit(1);
    uint64_t x = index + 1, newest = 0;
    while (!atomic_load(&crowd->stop)) {
        rc code = pages_pin(r);
        if (code == RC_AGAIN && newest == 0) continue; /* core has not made a store yet */
        uint64_t first = 0, last = 0, generation;
        bool right = code == RC_OK && crowd_is_right(r, 0, &first);
        for (unsigned i = 0; right && i < 4; i++) {
            x = mix(x + 1);
            right =
                crowd_is_right(r, 1 + x % (CROWD_PAGES - 2), &generation) && generation <= first;
        }
        if (right && x % 4 == 0) clock_sleep_ms(1); /* a long turn */
        if (right && atomic_load(&crowd->reader[index].hang)) {
            atomic_store(&crowd->reader[index].hangs, true);
            for (;;) pause();
        }
        right =
            right && crowd_is_right(r, CROWD_PAGES - 1, &last) && first == last && first >= newest;
        newest = first;
        if (!right) atomic_fetch_add(&crowd->reader[index].wrong, 1);
        atomic_fetch_add(&crowd->reader[index].turns, 1);
        if (code != RC_OK) _exit(2);
        pages_unpin(r);
    }
    pages_reader_close(r);
    _exit(0);
}

static rc crowd_commit(struct pages_writer *w, uint64_t generation, bool all) {
    static uint64_t words[1503];
    rc code;
    while ((code = pages_begin(w)) == RC_BUSY) clock_sleep_ms(1);
    TRY(code);
    for (uint64_t number = 0; number < CROWD_PAGES; number++) {
        bool ends = number == 0 || number == CROWD_PAGES - 1;
        if (!all && !ends && mix(number * 131 + generation) % 40) continue;
        char key[32];
        struct page page = {.key = span_of(key, crowd_key(number, key)),
                            .status = 200,
                            .as_is = true,
                            .generation = generation};
        page.body = span_of(words, crowd_body(number, generation, words));
        TRY(pages_put(w, &page));
    }
    return pages_commit(w);
}

static _Noreturn void crowd_core(struct crowd *crowd) {
    struct pages_writer *w;
    struct pages_answer answer;
    if (pages_writer_open(&site.setup, &w) != RC_OK) _exit(1);
    bool filled = pages_get(w, SPAN("/page/0"), 0, &answer) == RC_OK;
    uint64_t generation = filled ? answer.generation : 0;
    while (!atomic_load(&crowd->core_stop)) {
        if (crowd_commit(w, ++generation, !filled) != RC_OK) {
            fprintf(stderr, "core: %s\n", rc_why());
            _exit(2);
        }
        filled = true;
        atomic_fetch_add(&crowd->commits, 1);
    }
    pages_writer_close(w);
    _exit(0);
}

static pid_t crowd_start(struct crowd *crowd, int reader) {
    pid_t pid = fork();
    if (pid) return pid;
    alarm(120); /* never left behind */
    if (reader < 0) crowd_core(crowd);
    crowd_reader(crowd, (size_t)reader);
}
/* Until it is so; not for ever, should the process that brings it about be dead. */
static void crowd_still_lives(pid_t pid) {
    int status;
    if (waitpid(pid, &status, WNOHANG) == pid) fail_msg("a process ended with %#x", status);
    clock_sleep_ms(1);
}
static void crowd_kill(pid_t pid) {
    int status;
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status)); /* and not dead already of something else */
}
static void crowd_end(pid_t pid) {
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (!WIFEXITED(status) || WEXITSTATUS(status)) fail_msg("a process ended with %#x", status);
}

static void test_crowd(void **state) {
    (void)state;
    struct crowd *crowd =
        mmap(NULL, sizeof *crowd, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(crowd != MAP_FAILED);
    pid_t core = crowd_start(crowd, -1), reader[WEBS];
    while (atomic_load(&crowd->commits) == 0) crowd_still_lives(core);
    for (int i = 0; i < WEBS; i++) reader[i] = crowd_start(crowd, i);
    for (unsigned round = 1; round < CROWD_CORES; round++) {
        while (atomic_load(&crowd->commits) < round * CROWD_COMMITS / CROWD_CORES) {
            crowd_still_lives(core);
        }
        size_t victim = round % WEBS;
        if (round % 2) { /* a reader that dies while it is pinned */
            atomic_store(&crowd->reader[victim].hang, true);
            while (!atomic_load(&crowd->reader[victim].hangs)) crowd_still_lives(reader[victim]);
            crowd_kill(reader[victim]);
        }
        crowd_kill(core);
        core = crowd_start(crowd, -1);
        if (round % 2) {
            clock_sleep_ms(5); /* core begins, or must wait, with that pin standing */
            assert_ok(pages_pin_clear(site.pin_fd[victim]));
            atomic_store(&crowd->reader[victim].hang, false);
            atomic_store(&crowd->reader[victim].hangs, false);
            reader[victim] = crowd_start(crowd, (int)victim);
        }
    }
    while (atomic_load(&crowd->commits) < CROWD_COMMITS) crowd_still_lives(core);
    atomic_store(&crowd->core_stop, true);
    crowd_end(core);
    atomic_store(&crowd->stop, true);
    for (int i = 0; i < WEBS; i++) crowd_end(reader[i]);
    uint64_t turns = 0;
    for (int i = 0; i < WEBS; i++) {
        assert_int_equal(atomic_load(&crowd->reader[i].wrong), 0);
        assert_true(atomic_load(&crowd->reader[i].turns) > 10);
        turns += atomic_load(&crowd->reader[i].turns);
    }
    struct pages_writer *w = writer_open();
    struct pages_stat stat;
    assert_ok(pages_writer_stat(w, &stat));
    print_message("%llu turns beside %llu commits, %llu KB\n", (unsigned long long)turns,
                  (unsigned long long)stat.snapshot, (unsigned long long)stat.bytes_file / 1024);
    assert_true(stat.snapshot >= CROWD_COMMITS);
    pages_writer_close(w);
    munmap(crowd, sizeof *crowd);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, site_make, site_remove)
    const struct CMUnitTest tests[] = {
#ifdef DATELINE_FAULTS
        TEST(test_core_killed),
        TEST(test_calls_that_fail),
#endif
        TEST(test_answer_on_the_wire),
        TEST(test_etag_follows_content),
        TEST(test_etag_stands_for_bytes),
        TEST(test_what_is_stored),
        TEST(test_statuses),
        TEST(test_headers_that_are_refused),
        TEST(test_keys),
        TEST(test_transactions),
        TEST(test_full_store),
        TEST(test_disk_refuses),
        TEST(test_spoilt_values),
        TEST(test_prologs),
        TEST(test_swapped_values),
        TEST(test_modes_and_lock_file),
        TEST(test_unusable_stores),
        TEST(test_flip),
        TEST(test_pin_keeps_a_snapshot),
        TEST(test_pin_from_before_core),
        TEST(test_pin_rules),
        TEST(test_stale_pins),
        TEST(test_setup),
        TEST(test_sandboxes),
        TEST(test_crowd),
    };
    log_setup("pages test", -1, LOG_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
