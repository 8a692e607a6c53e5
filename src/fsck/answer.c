/* docs/site-format.md §2: an answer's bytes. */
#include <brotli/decode.h>
#include <libdeflate.h>
#include <stdio.h>
#include <zlib.h>

#include "base/mem.h"
#include "fsck/inner.h"

#define HEAD_BYTES 96
#define MAGIC "Dlp2"
#define TEXT_BYTES_MAX 8192 /* of a path, a head */
#define BODY_BYTES_MAX 16777216
#define HASH_BYTES 16
#define ETAG_OWN_BYTES 4
#define PROLOG_KEY_BYTES 20
#define PROLOGS_MAX 64
#define WINDOW_BITS (15 + 16) /* zlib.h: 32 KiB, with gzip's head */

static uint32_t number(const char *p, unsigned bytes) {
    uint32_t value = 0;
    for (unsigned i = bytes; i > 0; i--) value = value << 8 | (uint8_t)p[i - 1];
    return value;
}

static rc corrupt(const char *what) {
    return rc_fail(RC_CORRUPT, "%s", what);
}

static struct span take(struct span *rest, size_t n) {
    struct span s = span_sub(*rest, 0, n);
    *rest = span_from(*rest, n);
    return s;
}

static uint32_t checksum(struct span path, struct span value, size_t text) {
    char head[HEAD_BYTES];
    memcpy(head, value.p, sizeof head);
    memset(head + 4, 0, 4);
    uint32_t crc = path.n ? libdeflate_crc32(0, path.p, path.n) : 0;
    crc = libdeflate_crc32(crc, head, sizeof head);
    return text ? libdeflate_crc32(crc, value.p + HEAD_BYTES, text) : crc;
}

rc answer_read(struct span key, struct span value, struct answer *out) {
    if (value.n < HEAD_BYTES || memcmp(value.p, MAGIC, 4) != 0)
        return corrupt("it is no answer of this format");
    const char *p = value.p;
    uint32_t stored = number(p + 18, 2), path = number(p + 20, 4), head = number(p + 24, 4),
             head_304 = number(p + 28, 4), heads[ENCODINGS], lines[ENCODINGS], bodies[ENCODINGS];
    struct answer a = {.status = number(p + 16, 2),
                       .identity_bytes = number(p + 32, 4),
                       .prolog_bytes = number(p + 36, 4),
                       .prolog_key = span_of(p + 40, PROLOG_KEY_BYTES)};
    size_t text = (size_t)path + head + head_304, all = 0;
    bool good = path <= TEXT_BYTES_MAX && head <= 2 * TEXT_BYTES_MAX &&
                head_304 <= 2 * TEXT_BYTES_MAX && a.identity_bytes <= BODY_BYTES_MAX &&
                a.prolog_bytes <= BODY_BYTES_MAX && !(stored >> ENCODINGS);
    for (unsigned e = 0; e < ENCODINGS; e++) {
        a.encoding[e].is_stored = stored >> e & 1;
        heads[e] = number(p + 60 + 12 * e, 4);
        lines[e] = number(p + 64 + 12 * e, 4);
        bodies[e] = number(p + 68 + 12 * e, 4);
        good = good && heads[e] <= TEXT_BYTES_MAX && lines[e] <= heads[e] &&
               bodies[e] <= BODY_BYTES_MAX && (a.encoding[e].is_stored || !bodies[e]);
        text += heads[e];
        if (a.encoding[e].is_stored) all += HASH_BYTES + (size_t)bodies[e];
    }
    if (!good || HEAD_BYTES + text + all != value.n)
        return corrupt("its lengths do not make up its own");
    const bool is_long = key.p[0] == 'q';
    if (checksum(is_long ? (struct span){NULL, 0} : span_from(key, 1), value, text) !=
        number(p + 4, 4))
        return corrupt("its checksum is not that of its head");
    if (is_long != (path != 0) || a.encoding[IDENTITY].is_stored == a.encoding[GZIP].is_stored ||
        (a.prolog_bytes && !a.encoding[GZIP].is_stored))
        return corrupt("it contradicts itself");
    struct span rest = span_from(value, HEAD_BYTES);
    a.key = take(&rest, path);
    a.head = take(&rest, head);
    a.head_304 = take(&rest, head_304);
    for (unsigned e = 0; e < ENCODINGS; e++) {
        a.encoding[e].head = take(&rest, heads[e]);
        a.encoding[e].etag_line = span_sub(a.encoding[e].head, 0, lines[e]);
    }
    for (unsigned e = 0; e < ENCODINGS; e++) {
        if (!a.encoding[e].is_stored) continue;
        a.encoding[e].hash = take(&rest, HASH_BYTES);
        a.encoding[e].body = take(&rest, bodies[e]);
    }
    *out = a;
    return RC_OK;
}

/* ---- prologs ---- */

struct prolog {
    char key[PROLOG_KEY_BYTES];
    struct buf gzip, plain;
    struct sha256 hash; /* of plain */
    char wrong[128];    /* "": it is good */
};
struct prologs {
    struct lm *lm;
    struct prolog kept[PROLOGS_MAX];
    size_t count, next;
    struct libdeflate_decompressor *inflater;
};

struct prologs *prologs_new(struct lm *lm) {
    struct prologs *p = mem_new(sizeof *p);
    p->lm = lm;
    p->inflater = libdeflate_alloc_decompressor();
    CHECK(p->inflater != NULL);
    return p;
}

static void prolog_done(struct prolog *p) {
    buf_done(&p->gzip);
    buf_done(&p->plain);
}

void prologs_free(struct prologs *p) {
    if (!p) return;
    for (size_t i = 0; i < p->count; i++) prolog_done(&p->kept[i]);
    libdeflate_free_decompressor(p->inflater);
    mem_free(p);
}

/* A stream without an end: all of it goes in, and what comes out is what there is. */
static bool inflate_begun(struct span gzip, struct buf *out) {
    char piece[16384];
    z_stream z = {0};
    if (inflateInit2(&z, WINDOW_BITS) != Z_OK) return false;
    z.next_in = (unsigned char *)(uintptr_t)gzip.p;
    z.avail_in = (uInt)gzip.n;
    int code = Z_OK;
    do {
        z.next_out = (unsigned char *)piece;
        z.avail_out = sizeof piece;
        code = inflate(&z, Z_SYNC_FLUSH);
        buf_add(out, span_of(piece, sizeof piece - z.avail_out));
    } while (code == Z_OK && !out->over && (z.avail_in || z.avail_out == 0));
    bool good = (code == Z_OK || code == Z_BUF_ERROR) && z.avail_in == 0 && !out->over;
    (void)inflateEnd(&z);
    return good;
}

static void prolog_load(struct prologs *all, struct prolog *p) {
    char key[1 + PROLOG_KEY_BYTES] = {'r'};
    memcpy(key + 1, p->key, PROLOG_KEY_BYTES);
    buf_init(&p->gzip, BODY_BYTES_MAX);
    buf_init(&p->plain, BODY_BYTES_MAX);
    rc code = lm_get(all->lm, span_of(key, sizeof key), &p->gzip);
    struct sha256 hash = sha256_of(buf_span(&p->gzip));
    const char *wrong = NULL;
    if (code != RC_OK)
        wrong = "its prolog is not there";
    else if (memcmp(hash.bytes, p->key, PROLOG_KEY_BYTES) != 0)
        wrong = "its prolog was changed";
    else if (!inflate_begun(buf_span(&p->gzip), &p->plain))
        wrong = "its prolog cannot be inflated";
    snprintf(p->wrong, sizeof p->wrong, "%s", wrong ? wrong : "");
    p->hash = sha256_of(buf_span(&p->plain));
}

static struct prolog *prolog_of(struct prologs *all, struct span key) {
    for (size_t i = 0; i < all->count; i++)
        if (memcmp(all->kept[i].key, key.p, PROLOG_KEY_BYTES) == 0) return &all->kept[i];
    struct prolog *p = &all->kept[all->next];
    if (all->count < PROLOGS_MAX)
        all->count++;
    else
        prolog_done(p);
    all->next = (all->next + 1) % PROLOGS_MAX;
    memcpy(p->key, key.p, PROLOG_KEY_BYTES);
    prolog_load(all, p);
    return p;
}

/* ---- bodies ---- */

static bool hash_is(struct span hash, const struct span *parts, size_t count) {
    struct sha256 is = sha256_of_parts(parts, count);
    return memcmp(is.bytes, hash.p, HASH_BYTES) == 0;
}

static rc gunzip(struct prologs *all, const struct prolog *prolog, struct span gzip, uint32_t bytes,
                 struct buf *body) {
    struct buf joined;
    buf_init(&joined, 2 * BODY_BYTES_MAX);
    if (prolog) {
        buf_add(&joined, buf_span(&prolog->gzip));
        buf_add(&joined, gzip);
        gzip = buf_span(&joined);
    }
    size_t used = 0, made = 0;
    char *room = buf_room(body, bytes);
    bool good = room && libdeflate_gzip_decompress_ex(all->inflater, gzip.p, gzip.n, room, bytes,
                                                      &used, &made) == LIBDEFLATE_SUCCESS;
    good = good && used == gzip.n && made == bytes;
    buf_done(&joined);
    return good ? RC_OK : corrupt("its gzip body does not inflate to what it says");
}

static rc br_check(struct span br, struct span body) {
    struct buf plain;
    size_t n = body.n;
    buf_init(&plain, BODY_BYTES_MAX + 1);
    char *room = buf_room(&plain, body.n + 1); /* one more, so that more is seen */
    n = body.n + 1;
    bool good = room && BrotliDecoderDecompress(br.n, (const uint8_t *)br.p, &n, (uint8_t *)room) ==
                            BROTLI_DECODER_RESULT_SUCCESS;
    good = good && span_eq(span_of(room, n), body);
    buf_done(&plain);
    return good ? RC_OK : corrupt("its br body does not inflate to what its gzip body does");
}

/* The header lines that were given: without the status line, and without Vary if it was added. */
static struct span lines_given(const struct answer *a) {
    struct span head = a->head, vary = SPAN("Vary: Accept-Encoding\r\n");
    head = span_from(head, span_find(head, '\n') + 1);
    if (a->encoding[GZIP].is_stored && span_ends(head, vary)) head.n -= vary.n;
    return head;
}

static void etag_line(const struct answer *a, unsigned e, const struct sha256 *hash, bool own,
                      struct buf *line, char *memory, size_t bytes) {
    static const char *const suffix[ENCODINGS] = {"", "-gzip", "-br"};
    buf_init_fixed(line, memory, bytes);
    if (a->status != 200) return;
    buf_str(line, "ETag: \"");
    buf_hex(line, hash->bytes, HASH_BYTES);
    if (own && e != IDENTITY) {
        buf_char(line, '-');
        buf_hex(line, a->encoding[e].hash.p, ETAG_OWN_BYTES);
    }
    buf_printf(line, "%s\"\r\n", suffix[e]);
}

static rc etag_check(const struct answer *a, const struct prolog *prolog, struct span body) {
    struct span lines = lines_given(a);
    const size_t plain = prolog ? prolog->plain.n : 0;
    uint64_t lengths[3] = {lines.n, plain, body.n};
    struct span parts[] = {span_of(lengths, sizeof lengths), lines,
                           prolog ? span_of(prolog->hash.bytes, SHA256_BYTES) : SPAN(""),
                           span_from(body, plain)};
    struct sha256 hash = sha256_of_parts(parts, COUNT_OF(parts));
    for (unsigned e = 0; e < ENCODINGS; e++) {
        char memory[128];
        struct buf line;
        if (!a->encoding[e].head.n) continue;
        etag_line(a, e, &hash, true, &line, memory, sizeof memory);
        if (span_eq(buf_span(&line), a->encoding[e].etag_line)) continue;
        /* Stores that were made before encodings had their own hash in it. */
        etag_line(a, e, &hash, false, &line, memory, sizeof memory);
        if (!span_eq(buf_span(&line), a->encoding[e].etag_line))
            return corrupt("its ETag is not that of its body and headers");
    }
    return RC_OK;
}

rc answer_check(const struct answer *a, struct prologs *all, struct buf *body) {
    const struct prolog *prolog = NULL;
    if (a->prolog_bytes) {
        prolog = prolog_of(all, a->prolog_key);
        if (prolog->wrong[0]) return corrupt(prolog->wrong);
        if (prolog->gzip.n != a->prolog_bytes) return corrupt("its prolog is of another length");
    }
    for (unsigned e = 0; e < ENCODINGS; e++) {
        struct span parts[] = {prolog && e == GZIP ? buf_span(&prolog->gzip) : SPAN(""),
                               a->encoding[e].body};
        if (a->encoding[e].is_stored && !hash_is(a->encoding[e].hash, parts, COUNT_OF(parts)))
            return corrupt("a stored body was changed");
    }
    buf_clear(body);
    if (a->encoding[GZIP].is_stored)
        TRY(gunzip(all, prolog, a->encoding[GZIP].body, a->identity_bytes, body));
    else
        buf_add(body, a->encoding[IDENTITY].body);
    if (body->over || body->n != a->identity_bytes) return corrupt("its body is of another length");
    if (prolog && !span_starts(buf_span(body), buf_span(&prolog->plain)))
        return corrupt("its body does not begin with its prolog");
    if (a->encoding[BR].is_stored) TRY(br_check(a->encoding[BR].body, buf_span(body)));
    return etag_check(a, prolog, buf_span(body));
}

struct span answer_header(const struct answer *a, struct span name) {
    struct span rest = a->head;
    while (rest.n) {
        struct span value = span_cut(&rest, '\n'), at = span_cut(&value, ':');
        if (span_eq_nocase(at, name)) return span_trim(value);
    }
    return SPAN("");
}
