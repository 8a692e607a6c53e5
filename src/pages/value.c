#include "pages/value.h"

#include <brotli/encode.h>
#include <libdeflate.h>
#include <zlib.h>

#include "base/hash.h"
#include "base/mem.h"

#define VALUE_MAGIC 0x32706C44u /* "Dlp2" */
#define BROTLI_QUALITY 5
#define KEEP_BYTES (1u << 20)
#define GZIP_LEVEL 6
#define GZIP_LEVEL_RARELY_READ 1 /* a third of the time, a fifth more bytes */
#define ETAG_HASH_BYTES 16
#define ETAG_STORED_BYTES 4
/* zlib.h: a window of 32 KiB, a gzip head in front; the most memory it may use; what a flush adds. */
#define GZIP_WINDOW_BITS (15 + 16)
#define GZIP_MEMORY 9
#define GZIP_FLUSH_BYTES 64

/* Making a compressor costs more than using it. */
struct pages_builder {
    struct libdeflate_compressor *gzip, *gzip_rarely_read;
    struct buf value, bodies;
};

static const struct {
    unsigned status;
    const char *line;
} status_lines[] = {
    {200, "HTTP/1.1 200 OK\r\n"},
    {301, "HTTP/1.1 301 Moved Permanently\r\n"},
    {302, "HTTP/1.1 302 Found\r\n"},
    {303, "HTTP/1.1 303 See Other\r\n"},
    {307, "HTTP/1.1 307 Temporary Redirect\r\n"},
    {308, "HTTP/1.1 308 Permanent Redirect\r\n"},
    {400, "HTTP/1.1 400 Bad Request\r\n"},
    {401, "HTTP/1.1 401 Unauthorized\r\n"},
    {403, "HTTP/1.1 403 Forbidden\r\n"},
    {404, "HTTP/1.1 404 Not Found\r\n"},
    {405, "HTTP/1.1 405 Method Not Allowed\r\n"},
    {410, "HTTP/1.1 410 Gone\r\n"},
    {413, "HTTP/1.1 413 Content Too Large\r\n"},
    {421, "HTTP/1.1 421 Misdirected Request\r\n"},
    {429, "HTTP/1.1 429 Too Many Requests\r\n"},
    {431, "HTTP/1.1 431 Request Header Fields Too Large\r\n"},
    {451, "HTTP/1.1 451 Unavailable For Legal Reasons\r\n"},
    {500, "HTTP/1.1 500 Internal Server Error\r\n"},
    {501, "HTTP/1.1 501 Not Implemented\r\n"},
    {503, "HTTP/1.1 503 Service Unavailable\r\n"},
};

static const char *status_line(unsigned status) {
    for (size_t i = 0; i < COUNT_OF(status_lines); i++) {
        if (status_lines[i].status == status) return status_lines[i].line;
    }
    return NULL;
}

static const struct {
    const char *etag_suffix, *header;
} encodings[PAGES_ENCODINGS] = {
    [PAGES_IDENTITY] = {"", ""},
    [PAGES_GZIP] = {"-gzip", "Content-Encoding: gzip\r\n"},
    [PAGES_BR] = {"-br", "Content-Encoding: br\r\n"},
};

/* ---- the header lines that are given --------------------------------------------------------- */

static bool is_one_of(struct span name, const char *const *names, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (span_eq_nocase(name, span_str(names[i]))) return true;
    }
    return false;
}

static bool is_reserved(struct span name) {
    static const char *const names[] = {
        "Connection", "Content-Encoding", "Content-Length",    "Date",    "ETag",
        "Keep-Alive", "Trailer",          "Transfer-Encoding", "Upgrade", "Vary"};
    return is_one_of(name, names, COUNT_OF(names));
}

/* RFC 9110 §15.4.5; Vary is added by add_text(). */
static bool belongs_into_304(struct span name) {
    static const char *const names[] = {"Cache-Control", "Content-Location", "Expires"};
    return is_one_of(name, names, COUNT_OF(names));
}

/* RFC 9110 §5.6.2 */
static bool is_token(struct span s) {
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && (c == 0 || !strchr("!#$%&'*+-.^_`|~", c))) return false;
    }
    return s.n > 0;
}

/* Cuts the first line off *rest: its name, and all of it with its CRLF. */
static rc header_cut(struct span *rest, struct span *out_name, struct span *out_line) {
    size_t end = span_find(*rest, '\n');
    if (end == rest->n || end == 0 || rest->p[end - 1] != '\r') {
        return rc_fail(RC_INVALID, "page: a header line does not end in CR LF: \"" SPAN_FMT "\"",
                       SPAN_ARG(span_sub(*rest, 0, 80)));
    }
    struct span line = span_sub(*rest, 0, end - 1), value = line, name = span_cut(&value, ':');
    if (name.n == line.n || !is_token(name)) {
        return rc_fail(RC_INVALID, "page: not a header line: \"" SPAN_FMT "\"",
                       SPAN_ARG(span_sub(line, 0, 80)));
    }
    for (size_t i = 0; i < value.n; i++) {
        unsigned char c = (unsigned char)value.p[i];
        if (c < ' ' || c == 0x7F) {
            return rc_fail(RC_INVALID, "page: a control byte (0x%02x) in the header " SPAN_FMT, c,
                           SPAN_ARG(span_sub(name, 0, 80)));
        }
    }
    if (is_reserved(name)) {
        return rc_fail(RC_INVALID, "page: the header " SPAN_FMT " is added here or by the sender",
                       SPAN_ARG(name));
    }
    *out_name = name;
    *out_line = span_sub(*rest, 0, end + 1);
    *rest = span_from(*rest, end + 1);
    return RC_OK;
}

static rc page_check(const struct page *page) {
    if (!page->key.n) return rc_fail(RC_INVALID, "page: an empty key");
    if (page->key.n > PAGES_KEY_BYTES_MAX) {
        return rc_fail(RC_TOO_BIG, "page: a key of %zu bytes (at most %d)", page->key.n,
                       PAGES_KEY_BYTES_MAX);
    }
    if (!status_line(page->status)) {
        return rc_fail(RC_INVALID, "page: status %u is none that is stored", page->status);
    }
    if (page->headers.n > PAGES_HEADERS_BYTES_MAX) {
        return rc_fail(RC_TOO_BIG, "page: %zu bytes of headers (at most %d)", page->headers.n,
                       PAGES_HEADERS_BYTES_MAX);
    }
    if (page->body.n > PAGES_BODY_BYTES_MAX) {
        return rc_fail(RC_TOO_BIG, "page: a body of %zu bytes (at most %d)", page->body.n,
                       PAGES_BODY_BYTES_MAX);
    }
    if (page->prolog && !span_starts(page->body, page->prolog->bytes))
        return rc_fail(RC_INVALID, "page: the body does not begin with its prolog");
    for (struct span rest = page->headers, name, line; rest.n;)
        TRY(header_cut(&rest, &name, &line));
    return RC_OK;
}

/* ---- prologs --------------------------------------------------------------------------------- */

/* With zlib, since libdeflate ends every stream that it writes. */
struct pages_prolog *pages_prolog_new(struct span bytes) {
    CHECK(bytes.n > 0 && bytes.n <= PAGES_BODY_BYTES_MAX);
    z_stream z = {0};
    CHECK(deflateInit2(&z, Z_BEST_COMPRESSION, Z_DEFLATED, GZIP_WINDOW_BITS, GZIP_MEMORY,
                       Z_DEFAULT_STRATEGY) == Z_OK);
    const size_t most = deflateBound(&z, bytes.n) + GZIP_FLUSH_BYTES;
    char *p = mem_new(bytes.n), *gzip = mem_new(most);
    memcpy(p, bytes.p, bytes.n);
    z.next_in = (unsigned char *)p;
    z.avail_in = (uInt)bytes.n;
    z.next_out = (unsigned char *)gzip;
    z.avail_out = (uInt)most;
    CHECK(deflate(&z, Z_FULL_FLUSH) == Z_OK && z.avail_in == 0 && z.avail_out > 0);
    struct pages_prolog *prolog = mem_new(sizeof *prolog);
    *prolog = (struct pages_prolog){.bytes = span_of(p, bytes.n),
                                    .gzip = span_of(gzip, most - z.avail_out),
                                    .hash = sha256_of(bytes)};
    (void)deflateEnd(&z); /* it says that the stream has no end */
    struct sha256 hash = sha256_of(prolog->gzip);
    memcpy(prolog->key, hash.bytes, sizeof prolog->key);
    return prolog;
}

void pages_prolog_free(struct pages_prolog *prolog) {
    if (!prolog) return;
    mem_free((void *)(uintptr_t)prolog->bytes.p);
    mem_free((void *)(uintptr_t)prolog->gzip.p);
    mem_free(prolog);
}

struct span pages_prolog_bytes(const struct pages_prolog *prolog) {
    return prolog->bytes;
}

/* ---- building -------------------------------------------------------------------------------- */

/* All three: the bytes added, 0 if that would not be fewer than `limit`; then nothing is added. */
static size_t add_gzip(struct buf *out, struct span body, size_t limit,
                       struct libdeflate_compressor *gzip) {
    char *room = buf_room(out, limit - 1);
    CHECK(room != NULL);
    size_t n = libdeflate_gzip_compress(gzip, body.p, body.n, room, limit - 1);
    out->n -= limit - 1 - n;
    return n;
}

/* What follows the prolog, and a gzip stream's end (RFC 1952 §2.3.1: CRC-32 and length of the whole). */
static size_t add_gzip_rest(struct buf *out, const struct page *page, size_t limit,
                            struct libdeflate_compressor *gzip) {
    const struct pages_prolog *prolog = page->prolog;
    const uint32_t end[2] = {libdeflate_crc32(0, page->body.p, page->body.n),
                             (uint32_t)page->body.n};
    _Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "as gzip has it");
    if (limit <= prolog->gzip.n + sizeof end) return 0;
    const size_t most = limit - prolog->gzip.n - 1;
    struct span rest = span_from(page->body, prolog->bytes.n);
    char *room = buf_room(out, most);
    CHECK(room != NULL);
    size_t n = libdeflate_deflate_compress(gzip, rest.p, rest.n, room, most - sizeof end);
    if (n) {
        memcpy(room + n, end, sizeof end);
        n += sizeof end;
    }
    out->n -= most - n;
    return n;
}

static size_t add_brotli(struct buf *out, struct span body, size_t limit) {
    char *room = buf_room(out, limit - 1);
    CHECK(room != NULL);
    size_t n = limit - 1;
    if (!BrotliEncoderCompress(BROTLI_QUALITY, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_TEXT, body.n,
                               (const uint8_t *)body.p, &n, (uint8_t *)room)) {
        n = 0;
    }
    out->n -= limit - 1 - n;
    return n;
}

/* A body stands behind its hash: pages_answer_check finds it there. */
static size_t body_open(struct buf *bodies) {
    CHECK(buf_room(bodies, VALUE_BODY_HASH_BYTES) != NULL);
    return bodies->n;
}
static void body_close(struct buf *bodies, size_t from, struct span prolog) {
    struct span parts[] = {prolog, span_from(buf_span(bodies), from)};
    struct sha256 hash = sha256_of_parts(parts, COUNT_OF(parts));
    memcpy(bodies->p + from - VALUE_BODY_HASH_BYTES, hash.bytes, VALUE_BODY_HASH_BYTES);
}

/* The bodies as stored; fills in what the head says of them. */
static void add_bodies(const struct page *page, struct libdeflate_compressor *gzip,
                       struct buf *bodies, struct value_head *head) {
    struct span body = page->body, none = {NULL, 0};
    const struct pages_prolog *prolog = page->prolog;
    if (!page->as_is && body.n >= VALUE_BODY_TINY) {
        size_t from = body_open(bodies);
        size_t n = prolog ? add_gzip_rest(bodies, page, body.n, gzip)
                          : add_gzip(bodies, body, body.n, gzip);
        if (n) {
            body_close(bodies, from, prolog ? prolog->gzip : none);
            head->stored |= 1u << PAGES_GZIP;
            head->encoding[PAGES_GZIP].body_bytes = (uint32_t)n;
            if (prolog) {
                head->prolog_bytes = (uint32_t)prolog->gzip.n;
                memcpy(head->prolog_key, prolog->key, sizeof head->prolog_key);
            }
        } else {
            bodies->n = 0;
        }
    }
    if (!head->stored) {
        size_t from = body_open(bodies);
        buf_add(bodies, body);
        body_close(bodies, from, none);
        head->stored = 1u << PAGES_IDENTITY;
        head->encoding[PAGES_IDENTITY].body_bytes = (uint32_t)body.n;
    } else if (page->br) {
        size_t before = bodies->n, from = body_open(bodies);
        size_t n =
            add_brotli(bodies, body, head->prolog_bytes + head->encoding[PAGES_GZIP].body_bytes);
        if (n) {
            body_close(bodies, from, none);
            head->stored |= 1u << PAGES_BR;
            head->encoding[PAGES_BR].body_bytes = (uint32_t)n;
        } else {
            bodies->n = before;
        }
    }
}

/*
 * The same content has the same ETags, whichever store or process made them; that of an encoding has the
 * hash of its own bytes too, since they are others with more effort or a newer library, and a strong tag
 * stands for bytes (RFC 9110 §8.8.1).
 */
static struct sha256 etag_hash(const struct page *page) {
    const struct pages_prolog *prolog = page->prolog; /* its hash stands for it */
    uint64_t lengths[3] = {page->headers.n, prolog ? prolog->bytes.n : 0, page->body.n};
    struct span parts[] = {span_of(lengths, sizeof lengths), page->headers,
                           prolog ? span_of(prolog->hash.bytes, SHA256_BYTES) : SPAN(""),
                           span_from(page->body, lengths[1])};
    return sha256_of_parts(parts, COUNT_OF(parts));
}

static void add_text(const struct page *page, const struct buf *bodies, struct value_head *head,
                     struct buf *out) {
    static const char vary[] = "Vary: Accept-Encoding\r\n";
    bool varies = head->stored != 1u << PAGES_IDENTITY;
    if (page->key.n > PAGES_KEY_BYTES_PLAIN) {
        buf_add(out, page->key);
        head->key_bytes = (uint32_t)page->key.n;
    }
    size_t from = out->n;
    buf_str(out, status_line(page->status));
    buf_add(out, page->headers);
    if (varies) buf_str(out, vary);
    head->head_bytes = (uint32_t)(out->n - from);

    from = out->n;
    if (page->status == 200) {
        for (struct span rest = page->headers, name, line; rest.n;) {
            CHECK(header_cut(&rest, &name, &line) == RC_OK); /* page_check() has seen them */
            if (belongs_into_304(name)) buf_add(out, line);
        }
        if (varies) buf_str(out, vary);
    }
    head->head_304_bytes = (uint32_t)(out->n - from);

    struct sha256 hash = etag_hash(page);
    size_t at = 0; /* of the next stored body's hash */
    for (unsigned e = 0; e < PAGES_ENCODINGS; e++) {
        const char *stored = bodies->p + at;
        if (head->stored & 1u << e) at += VALUE_BODY_HASH_BYTES + head->encoding[e].body_bytes;
        if (e != PAGES_IDENTITY && !(head->stored & 1u << e)) continue;
        from = out->n;
        if (page->status == 200) {
            buf_str(out, "ETag: \"");
            buf_hex(out, hash.bytes, ETAG_HASH_BYTES);
            if (e != PAGES_IDENTITY) {
                buf_char(out, '-');
                buf_hex(out, stored, ETAG_STORED_BYTES);
            }
            buf_str(out, encodings[e].etag_suffix);
            buf_str(out, "\"\r\n");
        }
        head->encoding[e].etag_line_bytes = (uint32_t)(out->n - from);
        buf_str(out, encodings[e].header);
        buf_str(out, "Content-Length: ");
        buf_u64(out, e == PAGES_IDENTITY ? page->body.n
                     : e == PAGES_GZIP   ? head->prolog_bytes + head->encoding[e].body_bytes
                                         : head->encoding[e].body_bytes);
        buf_str(out, "\r\n");
        head->encoding[e].head_bytes = (uint32_t)(out->n - from);
        CHECK(head->encoding[e].head_bytes <= VALUE_HEAD_ENCODING_BYTES_MAX);
    }
}

static rc value_build(struct pages_builder *b, const struct page *page) {
    struct buf *out = &b->value, *bodies = &b->bodies;
    TRY(page_check(page));
    struct value_head head = {
        .magic = VALUE_MAGIC,
        .generation = page->generation,
        .status = (uint16_t)page->status,
        .identity_bytes = (uint32_t)page->body.n,
    };
    buf_clear(bodies);
    add_bodies(page, page->rarely_read ? b->gzip_rarely_read : b->gzip, bodies, &head);

    buf_clear(out);
    CHECK(buf_room(out, sizeof head) != NULL);
    add_text(page, bodies, &head, out);
    buf_add(out, buf_span(bodies));
    CHECK(!out->over);
    memcpy(out->p, &head, sizeof head);
    CHECK(value_seal(out->p, out->n, head.key_bytes ? (struct span){NULL, 0} : page->key));
    return RC_OK;
}

struct pages_builder *pages_builder_new(void) {
    struct pages_builder *b = mem_new(sizeof *b);
    b->gzip = libdeflate_alloc_compressor(GZIP_LEVEL);
    b->gzip_rarely_read = libdeflate_alloc_compressor(GZIP_LEVEL_RARELY_READ);
    CHECK(b->gzip != NULL && b->gzip_rarely_read != NULL);
    buf_init(&b->value, VALUE_BYTES_MAX);
    buf_init(&b->bodies, VALUE_BYTES_MAX);
    return b;
}

void pages_builder_free(struct pages_builder *b) {
    if (!b) return;
    libdeflate_free_compressor(b->gzip);
    libdeflate_free_compressor(b->gzip_rarely_read);
    buf_done(&b->value);
    buf_done(&b->bodies);
    mem_free(b);
}

/* What one large page needed is not kept for ever. */
static void buf_keep_small(struct buf *b, size_t keep) {
    if (b->cap <= keep) return;
    buf_done(b);
    buf_init(b, VALUE_BYTES_MAX);
}

rc pages_build(struct pages_builder *b, const struct page *page, struct span *out_value) {
    buf_keep_small(&b->value, KEEP_BYTES);
    buf_keep_small(&b->bodies, KEEP_BYTES);
    TRY(value_build(b, page));
    *out_value = buf_span(&b->value);
    return RC_OK;
}

/* ---- reading --------------------------------------------------------------------------------- */

static uint32_t crc_add(uint32_t crc, const void *p, size_t n) {
    return n ? libdeflate_crc32(crc, p, n) : crc; /* libdeflate starts anew at a NULL */
}

/* The head, if every length in it is within its limit and all of them make up exactly n bytes;
 * *out_text_bytes is what lies between the head and the first body. */
static const char *head_read(const void *value, size_t n, struct value_head *out_head,
                             size_t *out_text_bytes) {
    struct value_head head;
    if (n < sizeof head) return "is too short";
    memcpy(&head, value, sizeof head);
    if (head.magic != VALUE_MAGIC) return "is of another kind";
    if (head.key_bytes > PAGES_KEY_BYTES_MAX || head.head_bytes > VALUE_HEAD_BYTES_MAX ||
        head.head_304_bytes > VALUE_HEAD_BYTES_MAX || head.identity_bytes > PAGES_BODY_BYTES_MAX ||
        head.prolog_bytes > PAGES_BODY_BYTES_MAX) {
        return "has a length over its limit";
    }
    bool identity = head.stored & 1u << PAGES_IDENTITY, gzip = head.stored & 1u << PAGES_GZIP;
    if (head.stored >> PAGES_ENCODINGS || identity == gzip) return "has no body, or too many";
    size_t text = (size_t)head.key_bytes + head.head_bytes + head.head_304_bytes, bodies = 0;
    for (unsigned e = 0; e < PAGES_ENCODINGS; e++) {
        bool stored = head.stored & 1u << e;
        size_t line = head.encoding[e].etag_line_bytes, body = head.encoding[e].body_bytes;
        if (head.encoding[e].head_bytes > VALUE_HEAD_ENCODING_BYTES_MAX ||
            line > head.encoding[e].head_bytes || body > PAGES_BODY_BYTES_MAX) {
            return "has a length over its limit";
        }
        if ((line && line < sizeof "ETag: \"\"\r\n" - 1) || (!stored && body)) {
            return "contradicts itself";
        }
        text += head.encoding[e].head_bytes;
        if (stored) bodies += VALUE_BODY_HASH_BYTES + body;
    }
    if (identity &&
        (head.encoding[PAGES_IDENTITY].body_bytes != head.identity_bytes || head.prolog_bytes)) {
        return "contradicts itself";
    }
    if (sizeof head + text + bodies != n) return "has another length than it says";
    *out_head = head;
    *out_text_bytes = text;
    return NULL;
}

static uint32_t checksum_of(struct value_head head, const char *text, size_t text_bytes,
                            struct span plain_key) {
    head.checksum = 0;
    uint32_t crc = crc_add(0, plain_key.p, plain_key.n);
    crc = crc_add(crc, &head, sizeof head);
    return crc_add(crc, text, text_bytes);
}

bool value_seal(void *value, size_t n, struct span plain_key) {
    struct value_head head;
    size_t text_bytes;
    if (head_read(value, n, &head, &text_bytes)) return false;
    head.checksum = checksum_of(head, (char *)value + sizeof head, text_bytes, plain_key);
    memcpy(value, &head, sizeof head);
    return true;
}

static struct span take(const char **at, size_t n) {
    struct span s = {*at, n};
    *at += n;
    return s;
}

rc value_read(struct span value, struct span plain_key, unsigned accept, struct span *out_key,
              struct pages_answer *out_answer, struct span *out_prolog_key) {
    struct value_head head;
    size_t text_bytes;
    const char *wrong = head_read(value.p, value.n, &head, &text_bytes);
    if (!wrong && (head.key_bytes != 0) == (plain_key.n != 0))
        wrong = "has a key of the wrong kind";
    if (!wrong &&
        checksum_of(head, value.p + sizeof head, text_bytes, plain_key) != head.checksum) {
        wrong = "does not have its checksum";
    }
    if (wrong) {
        return rc_fail(RC_CORRUPT, "page store: the entry \"" SPAN_FMT "\" %s; rebuild the store",
                       SPAN_ARG(span_sub(plain_key, 0, 200)), wrong);
    }
    const char *at = value.p + sizeof head;
    struct pages_answer answer = {.status = head.status, .generation = head.generation};
    struct span key = take(&at, head.key_bytes);
    answer.head = take(&at, head.head_bytes);
    answer.head_304 = take(&at, head.head_304_bytes);

    unsigned client = PAGES_IDENTITY; /* what it gets, and from which stored body */
    if (accept & PAGES_ACCEPT_GZIP && head.stored & 1u << PAGES_GZIP) client = PAGES_GZIP;
    if (accept & PAGES_ACCEPT_BR && head.stored & 1u << PAGES_BR) client = PAGES_BR;
    answer.inflate = !(head.stored & 1u << client);
    unsigned from = answer.inflate ? PAGES_GZIP : client;

    for (unsigned e = 0; e < PAGES_ENCODINGS; e++) {
        struct span text = take(&at, head.encoding[e].head_bytes);
        if (e == client) answer.head_encoding = text;
    }
    answer.head_304_etag = span_sub(answer.head_encoding, 0, head.encoding[client].etag_line_bytes);
    if (answer.head_304_etag.n) {
        size_t name = sizeof "ETag: " - 1;
        answer.etag =
            span_sub(answer.head_304_etag, name, answer.head_304_etag.n - name - sizeof "\r\n" + 1);
    }
    for (unsigned e = 0; e < PAGES_ENCODINGS; e++) {
        if (!(head.stored & 1u << e)) continue;
        at += VALUE_BODY_HASH_BYTES;
        struct span body = take(&at, head.encoding[e].body_bytes);
        if (e == from) answer.body = body;
    }
    *out_prolog_key = (struct span){NULL, 0};
    if (from == PAGES_GZIP && head.prolog_bytes) {
        answer.prolog.n = head.prolog_bytes;
        *out_prolog_key =
            span_of(value.p + offsetof(struct value_head, prolog_key), sizeof head.prolog_key);
    }
    answer.encoding = (enum pages_encoding)client;
    answer.body_bytes = answer.inflate ? head.identity_bytes : answer.prolog.n + answer.body.n;
    *out_key = plain_key.n ? plain_key : key;
    *out_answer = answer;
    return RC_OK;
}

rc pages_inflate(const struct pages_answer *answer, void *out_bytes) {
    CHECK(answer->inflate);
    struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
    CHECK(d != NULL);
    struct span gzip = answer->body;
    char *joined = NULL;
    if (answer->prolog.n) {
        joined = mem_new(answer->prolog.n + gzip.n);
        memcpy(joined, answer->prolog.p, answer->prolog.n);
        memcpy(joined + answer->prolog.n, gzip.p, gzip.n);
        gzip = span_of(joined, answer->prolog.n + gzip.n);
    }
    size_t used = 0;
    enum libdeflate_result result = libdeflate_gzip_decompress_ex(d, gzip.p, gzip.n, out_bytes,
                                                                  answer->body_bytes, &used, NULL);
    libdeflate_free_decompressor(d);
    mem_free(joined);
    if (result != LIBDEFLATE_SUCCESS || used != gzip.n) {
        return rc_fail(RC_CORRUPT,
                       "page store: a stored body cannot be inflated; rebuild the store");
    }
    return RC_OK;
}

rc pages_answer_check(const struct pages_answer *answer) {
    struct span parts[] = {answer->prolog, answer->body};
    struct sha256 hash = sha256_of_parts(parts, COUNT_OF(parts));
    if (memcmp(answer->body.p - VALUE_BODY_HASH_BYTES, hash.bytes, VALUE_BODY_HASH_BYTES) != 0) {
        return rc_fail(RC_CORRUPT, "page store: a stored body was changed; rebuild the store");
    }
    return RC_OK;
}
