/*
 * Fuzz target page_value: the bytes of an entry.
 *   - Any bytes, also with their checksum set right, are refused, or read into spans that lie
 * inside them; those can be read, checked and inflated.
 *   - What pages_build makes of any page, with a prolog or without, is read back equal, for every
 * Accept-Encoding.
 */

#include "base/mem.h"
#include "pages/value.h"

#define INFLATE_BYTES_MAX (1u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct span inflated(const struct pages_answer *a, rc *out_code) {
    char *out = mem_new(a->body_bytes + 1);
    *out_code = pages_inflate(a, out);
    return span_of(out, a->body_bytes);
}

static void check_inside(struct span outer, struct span s) {
    CHECK(s.n == 0 || (s.p >= outer.p && s.p + s.n <= outer.p + outer.n));
    unsigned char sum = 0;
    for (size_t i = 0; i < s.n; i++) sum = (unsigned char)(sum + (unsigned char)s.p[i]);
    volatile unsigned char sink = sum; /* AddressSanitizer sees each byte read */
    (void)sink;
}

static void read_any(struct span value, struct span key) {
    for (unsigned accept = 0; accept < 4; accept++) {
        struct pages_answer a;
        struct span found, prolog_key;
        if (value_read(value, key, accept, &found, &a, &prolog_key) != RC_OK) continue;
        CHECK(found.n > 0);
        CHECK((prolog_key.n != 0) == (a.prolog.n != 0));
        check_inside(value, prolog_key);
        /* Any bytes of that length: what the store has under that key. */
        if (a.prolog.n > value.n) continue;
        a.prolog.p = value.p;
        if (!key.n) check_inside(value, found);
        check_inside(value, a.head);
        check_inside(value, a.head_encoding);
        check_inside(value, a.head_304);
        check_inside(value, a.head_304_etag);
        check_inside(value, a.etag);
        check_inside(value, a.body);
        CHECK(a.body_bytes <= PAGES_BODY_BYTES_MAX &&
              (a.inflate || a.body_bytes == a.prolog.n + a.body.n));
        rc code = pages_answer_check(&a);
        CHECK(code == RC_OK || code == RC_CORRUPT);
        if (a.inflate && a.body_bytes <= INFLATE_BYTES_MAX) {
            struct span out = inflated(&a, &code);
            CHECK(code == RC_OK || code == RC_CORRUPT);
            mem_free((void *)(uintptr_t)out.p);
        }
    }
}

static void check_built(const struct page *page, struct span value) {
    bool is_long = page->key.n > PAGES_KEY_BYTES_PLAIN;
    struct span key = is_long ? (struct span){NULL, 0} : page->key, found, prolog_key;
    for (unsigned accept = 0; accept < 4; accept++) {
        struct pages_answer a;
        CHECK(value_read(value, key, accept, &found, &a, &prolog_key) == RC_OK);
        if (prolog_key.n) {
            CHECK(page->prolog && a.prolog.n == page->prolog->gzip.n);
            CHECK(span_eq(prolog_key, span_of(page->prolog->key, VALUE_PROLOG_KEY_BYTES)));
            a.prolog = page->prolog->gzip;
        }
        CHECK(span_eq(found, page->key));
        CHECK(a.status == page->status && a.generation == page->generation);
        CHECK(pages_answer_check(&a) == RC_OK);
        size_t line = span_find(a.head, '\n') + 1;
        CHECK(span_eq(span_sub(a.head, line, page->headers.n), page->headers));
        CHECK((a.etag.n != 0) == (page->status == 200));
        CHECK(a.encoding == PAGES_IDENTITY || (!page->as_is && !a.inflate));
        CHECK(a.encoding != PAGES_BR || (page->br && accept & PAGES_ACCEPT_BR));
        CHECK(a.encoding != PAGES_GZIP || accept & PAGES_ACCEPT_GZIP);
        if (a.encoding != PAGES_IDENTITY) continue;
        CHECK(a.body_bytes == page->body.n);
        rc code = RC_OK;
        struct span out = a.inflate ? inflated(&a, &code) : a.body;
        CHECK(code == RC_OK && span_eq(out, page->body));
        if (a.inflate) mem_free((void *)(uintptr_t)out.p);
    }
    /* bound to its key */
    struct pages_answer a;
    CHECK(value_read(value, SPAN("another"), 0, &found, &a, &prolog_key) == RC_CORRUPT);
}

static void build_any(const uint8_t *data, size_t n) {
    static const unsigned statuses[] = {200, 404, 301, 999};
    static struct pages_builder *builder;
    if (!builder) builder = pages_builder_new();
    if (n < 3) return;
    char key[PAGES_KEY_BYTES_PLAIN + 1];
    memset(key, 'k', sizeof key);
    struct span rest = span_of(data + 3, n - 3);
    struct page page = {.key = span_of(key, data[0] & 1 ? sizeof key : (size_t)1 + data[2]),
                        .br = data[0] & 2,
                        .as_is = data[0] & 4,
                        .status = statuses[data[0] >> 3 & 3],
                        .headers = span_sub(rest, 0, data[1]),
                        .generation = (uint64_t)data[2] << 40};
    struct buf body;
    struct span value;
    buf_init(&body, 1 << 20);
    /* the same again and again, so that it can be compressed */
    for (unsigned i = 0; i <= data[0] >> 5; i++) buf_add(&body, span_from(rest, data[1]));
    page.body = buf_span(&body);
    struct pages_prolog *prolog = NULL;
    if (data[0] & 1 && data[2] && body.n)
        page.prolog = prolog = pages_prolog_new(span_sub(page.body, 0, data[2]));
    rc code = pages_build(builder, &page, &value);
    CHECK(code == RC_OK || code == RC_INVALID);
    if (code == RC_OK) check_built(&page, value);
    pages_prolog_free(prolog);
    buf_done(&body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    char *copy = mem_new(n ? n : 1); /* of its own: a byte too far is found */
    if (n) memcpy(copy, data, n);
    struct span value = span_of(copy, n), keys[] = {SPAN("/k"), {NULL, 0}};
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        read_any(value, keys[i]);
        if (value_seal(copy, n, keys[i])) read_any(value, keys[i]);
    }
    mem_free(copy);
    build_any(data, n);
    return 0;
}
