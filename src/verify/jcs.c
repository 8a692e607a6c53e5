/*
 * RFC 8785 for what docs/record-format.md uses of it. jansson keeps members in the order in which
 * it read them, so that the writer sorts nothing: it refuses members that are not in ascending
 * order, and the text is JCS if it comes out again as it went in.
 */
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "verify/internal.h"

void verify_jcs_string(struct span s, struct buf *out) {
    static const char short_of[0x20] = {
        ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    buf_char(out, '"');
    size_t from = 0;
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = (uint8_t)s.p[i];
        if (c >= 0x20 && c != '"' && c != '\\') continue;
        buf_add(out, span_sub(s, from, i - from));
        from = i + 1;
        if (c >= 0x20) {
            buf_char(out, '\\');
            buf_char(out, (char)c);
        } else if (short_of[c]) {
            buf_char(out, '\\');
            buf_char(out, short_of[c]);
        } else {
            buf_printf(out, "\\u%04x", c);
        }
    }
    buf_add(out, span_from(s, from));
    buf_char(out, '"');
}

/* The first UTF-16 code unit of a code point, which is what RFC 8785 §3.2.3 compares first. */
static uint32_t lead_unit(uint32_t point) {
    return point < 0x10000 ? point : 0xD800 + ((point - 0x10000) >> 10);
}

/* a before b, by UTF-16 code units. Both are well-formed: jansson takes nothing else. */
static bool key_before(struct span a, struct span b) {
    size_t at = 0, bt = 0;
    uint32_t x, y;
    for (;;) {
        if (!utf8_next(b, &bt, &y)) return false;
        if (!utf8_next(a, &at, &x)) return true;
        if (x != y) return lead_unit(x) != lead_unit(y) ? lead_unit(x) < lead_unit(y) : x < y;
    }
}

static rc write_at(const json_t *json, unsigned depth, struct buf *out);

static rc write_object(const json_t *json, unsigned depth, struct buf *out) {
    json_t *object =
        (json_t *)(uintptr_t)json; /* json_object_iter() takes no const; nothing is changed */
    struct span before = {NULL, 0};
    buf_char(out, '{');
    for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at)) {
        struct span name = span_of(json_object_iter_key(at), json_object_iter_key_len(at));
        if (before.p) {
            if (!key_before(before, name))
                return rc_fail(RC_INVALID, "member \"" SPAN_FMT "\" is not in JCS order",
                               SPAN_ARG(name));
            buf_char(out, ',');
        }
        before = name;
        verify_jcs_string(name, out);
        buf_char(out, ':');
        TRY(write_at(json_object_iter_value(at), depth + 1, out));
    }
    buf_char(out, '}');
    return RC_OK;
}

static rc write_at(const json_t *json, unsigned depth, struct buf *out) {
    if (depth > VERIFY_JSON_DEPTH_MAX)
        return rc_fail(RC_INVALID, "more than %u levels deep", VERIFY_JSON_DEPTH_MAX);
    switch (json_typeof(json)) {
    case JSON_OBJECT: return write_object(json, depth, out);
    case JSON_ARRAY:
        buf_char(out, '[');
        for (size_t i = 0; i < json_array_size(json); i++) {
            if (i) buf_char(out, ',');
            TRY(write_at(json_array_get(json, i), depth + 1, out));
        }
        buf_char(out, ']');
        return RC_OK;
    case JSON_STRING: verify_jcs_string(verify_json_span(json), out); return RC_OK;
    case JSON_INTEGER: {
        json_int_t value = json_integer_value(json);
        if (value < 0 || value > VERIFY_INTEGER_MAX)
            return rc_fail(RC_INVALID, "a number is outside 0 … 2^53 - 1");
        buf_u64(out, (uint64_t)value);
        return RC_OK;
    }
    case JSON_REAL: return rc_fail(RC_INVALID, "a number is no integer");
    case JSON_TRUE: buf_str(out, "true"); return RC_OK;
    case JSON_FALSE: buf_str(out, "false"); return RC_OK;
    case JSON_NULL: buf_str(out, "null"); return RC_OK;
    }
    return rc_fail(RC_INVALID, "a value of no known kind");
}

rc verify_jcs_write(const json_t *json, struct buf *out) {
    return write_at(json, 0, out);
}

static rc same_again(const json_t *json, struct span text) {
    struct buf again;
    buf_init(&again, text.n);
    rc code = verify_jcs_write(json, &again);
    if (code == RC_OK && (again.over || !span_eq(buf_span(&again), text))) {
        size_t at = 0;
        while (at < again.n && at < text.n && again.p[at] == text.p[at]) at++;
        code = rc_fail(RC_INVALID, "it is not in canonical form (JCS), from byte %zu on", at);
    }
    buf_done(&again);
    return code;
}

rc verify_jcs_parse(struct span text, json_t **out_json) {
    json_error_t error;
    json_t *json = json_loadb(text.n ? text.p : "", text.n,
                              JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_ANY, &error);
    if (!json)
        return rc_fail(RC_INVALID, "it is no JSON: %s, at byte %d", error.text, error.position);
    rc code = same_again(json, text);
    if (code != RC_OK) {
        json_decref(json);
        return code;
    }
    *out_json = json;
    return RC_OK;
}

bool verify_is_nfc(struct span s) {
    size_t at = 0;
    uint32_t point = 0;
    /* All below U+0300 is as it is in NFC, and combines with nothing. */
    while (at < s.n && utf8_next(s, &at, &point) && point < 0x300) {
    }
    if (at == s.n && point < 0x300) return true;
    if (s.n > INT32_MAX) return false;
    UErrorCode error = U_ZERO_ERROR;
    const UNormalizer2 *nfc = unorm2_getNFCInstance(&error);
    UChar *units = mem_new(s.n * sizeof *units);
    int32_t n = 0;
    u_strFromUTF8(units, (int32_t)s.n, &n, s.p, (int32_t)s.n, &error);
    bool is = unorm2_isNormalized(nfc, units, n, &error);
    mem_free(units);
    return U_SUCCESS(error) && is;
}
