/*
 * The chunked coding as a machine that eats one byte a step, but for the data, which is handed out
 * as it lies there. Like the head it is judged from left to right, each fault at one certain byte.
 *
 *   SIZE_FIRST ─▶ SIZE ─▶ (EXT …) ─▶ SIZE_LF ─┬▶ DATA ─▶ DATA_CR ─▶ DATA_LF ─▶ SIZE_FIRST
 *                                             └▶ LINE ─▶ END_LF: whole
 *                                                  └▶ NAME ─▶ VALUE ─▶ LINE_LF ─▶ LINE
 */
#include "http/body.h"

#include "http/bytes.h"

enum state {
    LENGTH,     /* not chunked: `left` bytes are still to come */
    SIZE_FIRST, /* the first digit of a chunk's size */
    SIZE,
    EXT_NAME_FIRST, /* after ";" (RFC 9112 §7.1.1, without its "bad" white space) */
    EXT_NAME,
    EXT_VALUE_FIRST, /* after "=" */
    EXT_VALUE,
    EXT_QUOTED,
    EXT_ESCAPED,
    EXT_QUOTED_END,
    SIZE_LF,
    DATA,
    DATA_CR,
    DATA_LF,
    LINE, /* of the trailer section: a field, or the end */
    NAME,
    VALUE,
    LINE_LF,
    END_LF,
    WHOLE,
    BAD,  /* refused with 400 */
    OVER, /* refused with 413 */
};

void http_body_begin(struct http_body *b, const struct http_request *r, uint64_t bytes_max) {
    *b = (struct http_body){.bytes_max = bytes_max, .state = SIZE_FIRST};
    if (r->chunked) return;
    b->left = r->has_length ? r->content_length : 0;
    b->whole = b->left == 0;
    b->state = b->whole ? WHOLE : b->left > bytes_max ? OVER : LENGTH;
}

static enum state first_digit(struct http_body *b, unsigned char c) {
    if (!byte_is(c, BYTE_HEX)) return BAD;
    b->left = byte_hex(c);
    b->line_bytes = 0;
    return b->left > b->bytes_max - b->taken ? OVER : SIZE;
}

static enum state next_digit(struct http_body *b, unsigned char c) {
    if (!byte_is(c, BYTE_HEX)) return c == ';' ? EXT_NAME_FIRST : c == '\r' ? SIZE_LF : BAD;
    if (b->line_bytes >= HTTP_CHUNK_SIZE_DIGITS_MAX) return BAD; /* so 64 bits hold it */
    b->left = b->left << 4 | byte_hex(c);
    return b->left > b->bytes_max - b->taken ? OVER : SIZE;
}

static enum state extension(enum state state, unsigned char c) {
    switch ((unsigned)state) {
    case EXT_NAME_FIRST: return byte_is(c, BYTE_TOKEN) ? EXT_NAME : BAD;
    case EXT_NAME:
        if (byte_is(c, BYTE_TOKEN)) return EXT_NAME;
        if (c == '=') return EXT_VALUE_FIRST;
        break;
    case EXT_VALUE_FIRST: return c == '"' ? EXT_QUOTED : byte_is(c, BYTE_TOKEN) ? EXT_VALUE : BAD;
    case EXT_VALUE:
        if (byte_is(c, BYTE_TOKEN)) return EXT_VALUE;
        break;
    case EXT_QUOTED:
        if (!byte_is(c, BYTE_VALUE)) return BAD;
        return c == '"' ? EXT_QUOTED_END : c == '\\' ? EXT_ESCAPED : EXT_QUOTED;
    case EXT_ESCAPED: return byte_is(c, BYTE_VALUE) ? EXT_QUOTED : BAD;
    default: break; /* EXT_QUOTED_END */
    }
    return c == ';' ? EXT_NAME_FIRST : c == '\r' ? SIZE_LF : BAD;
}

static enum state trailer(enum state state, unsigned char c) {
    switch ((unsigned)state) {
    case LINE: return c == '\r' ? END_LF : byte_is(c, BYTE_TOKEN) ? NAME : BAD;
    case NAME: return byte_is(c, BYTE_TOKEN) ? NAME : c == ':' ? VALUE : BAD;
    case VALUE: return byte_is(c, BYTE_VALUE) ? VALUE : c == '\r' ? LINE_LF : BAD;
    default: return c == '\n' ? LINE : BAD; /* LINE_LF */
    }
}

/* The state after one byte that is not data. */
static enum state step(struct http_body *b, unsigned char c) {
    enum state before = b->state, after;
    switch ((unsigned)before) {
    case SIZE_FIRST: after = first_digit(b, c); break;
    case SIZE: after = next_digit(b, c); break;
    case SIZE_LF: b->line_bytes = 0; return c != '\n' ? BAD : b->left ? DATA : LINE;
    case DATA_CR: return c == '\r' ? DATA_LF : BAD;
    case DATA_LF: return c == '\n' ? SIZE_FIRST : BAD;
    case END_LF: return c == '\n' ? WHOLE : BAD;
    case LINE:
    case NAME:
    case VALUE:
    case LINE_LF:
        after = trailer(before, c);
        if (after < END_LF && ++b->line_bytes > HTTP_TRAILER_BYTES_MAX) return OVER;
        return after;
    default: after = extension(before, c); break;
    }
    bool counts = after >= EXT_NAME_FIRST && after <= EXT_QUOTED_END;
    if (counts && ++b->extension_bytes > HTTP_EXTENSIONS_BYTES_MAX) return OVER;
    if (after < SIZE_LF && ++b->line_bytes > HTTP_CHUNK_EXTENSION_BYTES_MAX) return OVER;
    return after;
}

static rc refuse(const struct http_body *b, unsigned *out_status) {
    *out_status = b->state == OVER ? 413 : 400;
    if (b->state == OVER)
        return rc_fail(RC_INVALID, "body: it is over a limit (%llu bytes, or that of a line)",
                       (unsigned long long)b->bytes_max);
    return rc_fail(RC_INVALID, "body: broken chunked coding");
}

rc http_body_feed(struct http_body *b, struct span bytes, size_t *out_used, struct span *out_piece,
                  unsigned *out_status) {
    size_t i = 0;
    struct span piece = {NULL, 0};
    while (b->state < WHOLE && i < bytes.n && !piece.n) {
        if (b->state != LENGTH && b->state != DATA) {
            b->state = step(b, (unsigned char)bytes.p[i++]);
            continue;
        }
        size_t n = bytes.n - i < b->left ? bytes.n - i : (size_t)b->left;
        piece = span_sub(bytes, i, n);
        i += n;
        b->left -= n;
        b->taken += n;
        if (b->left == 0) b->state = b->state == DATA ? DATA_CR : WHOLE;
    }
    if (b->state >= BAD) return refuse(b, out_status);
    b->whole = b->state == WHOLE;
    *out_used = i;
    *out_piece = piece;
    return RC_OK;
}
