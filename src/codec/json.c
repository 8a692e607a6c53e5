#include "codec/json.h"

#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/mem.h"

#define INTEGER_MAX 9007199254740991 /* 2^53 − 1 */

/* jansson's own limit on depth is 2048, and only a constant of its build: so ours comes first. */
static rc depth_check(struct span text) {
    unsigned depth = 0, line = 1;
    size_t line_begin = 0;
    bool in_string = false;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (in_string) {
            if (c == '\\')
                i++;
            else if (c == '"')
                in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            if (++depth > JSON_DEPTH_MAX)
                return rc_fail(
                    RC_INVALID,
                    "line %u, column %zu: more than %d arrays and objects in one another", line,
                    i - line_begin + 1, JSON_DEPTH_MAX);
        } else if (c == ']' || c == '}') {
            if (depth > 0) depth--;
        } else if (c == '\n') {
            line++;
            line_begin = i + 1;
        }
    }
    return RC_OK;
}

/* jansson's hash tables are keyed, against texts made to collide. Left alone, it opens /dev/urandom
 * for the key when it makes its first object, which a sandbox may not allow; libsodium asks the
 * kernel. */
static void seed_tables(void) {
    static atomic_bool done;
    if (done) return;
    json_object_seed(randombytes_random() | 1u); /* 0 would mean: seed yourself */
    done = true;
}

rc json_read(struct span text, json_t **out_value) {
    if (text.n > JSON_BYTES_MAX)
        return rc_fail(RC_TOO_BIG, "JSON of %zu bytes, at most %u are taken", text.n,
                       JSON_BYTES_MAX);
    TRY(depth_check(text));
    seed_tables();
    json_error_t error;
    json_t *value =
        json_loadb(text.n ? text.p : "", text.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (!value)
        return rc_fail(RC_INVALID, "line %d, column %d: %s", error.line, error.column, error.text);
    *out_value = value;
    return RC_OK;
}

void json_write_string(struct buf *out, struct span s) {
    static const char set[SPAN_SET] = {'"', '\\', '"', '"', '"', '"'};
    size_t from = 0;
    buf_char(out, '"');
    for (size_t i = 0; (i = span_find_any(s, i, 0x20, set)) < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        buf_add(out, span_sub(s, from, i - from));
        from = i + 1;
        switch (c) {
        case '"': buf_add(out, SPAN("\\\"")); break;
        case '\\': buf_add(out, SPAN("\\\\")); break;
        case '\b': buf_add(out, SPAN("\\b")); break;
        case '\t': buf_add(out, SPAN("\\t")); break;
        case '\n': buf_add(out, SPAN("\\n")); break;
        case '\f': buf_add(out, SPAN("\\f")); break;
        case '\r': buf_add(out, SPAN("\\r")); break;
        default: buf_add(out, SPAN("\\u00")); buf_hex(out, &c, 1);
        }
    }
    buf_add(out, span_from(s, from));
    buf_char(out, '"');
}

struct member {
    struct span name;
    const json_t *value;
};

/* UTF-16 code units order as UTF-8 bytes do, but that surrogates (lead bytes F0–F4) come before
 * U+E000–FFFF (EE, EF). Those lead bytes differ from every other kind of byte. */
static unsigned utf16_rank(char c) {
    unsigned u = (unsigned char)c;
    return u == 0xEE || u == 0xEF ? u + 0x10 : u;
}

static int member_order(const void *pa, const void *pb) {
    const struct span a = ((const struct member *)pa)->name, b = ((const struct member *)pb)->name;
    for (size_t i = 0; i < a.n && i < b.n; i++)
        if (a.p[i] != b.p[i]) return utf16_rank(a.p[i]) < utf16_rank(b.p[i]) ? -1 : 1;
    return (a.n > b.n) - (a.n < b.n);
}

static rc write_value(const json_t *value, unsigned depth, struct buf *out);

static rc write_members(const struct member *members, size_t count, unsigned depth,
                        struct buf *out) {
    for (size_t i = 0; i < count; i++) {
        buf_char(out, i ? ',' : '{');
        json_write_string(out, members[i].name);
        buf_char(out, ':');
        TRY(write_value(members[i].value, depth, out));
    }
    if (count == 0) buf_char(out, '{');
    buf_char(out, '}');
    return RC_OK;
}

static rc write_object(const json_t *object, unsigned depth, struct buf *out) {
    size_t count = json_object_size(object), at = 0;
    struct member *members = mem_new((count ? count : 1) * sizeof *members);
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, key, value) {
        members[at++] = (struct member){span_str(key), value};
    }
    CHECK(at == count);
    qsort(members, count, sizeof *members, member_order);
    rc code = write_members(members, count, depth, out);
    mem_free(members);
    return code;
}

static rc write_array(const json_t *array, unsigned depth, struct buf *out) {
    size_t count = json_array_size(array);
    buf_char(out, '[');
    for (size_t i = 0; i < count; i++) {
        if (i) buf_char(out, ',');
        TRY(write_value(json_array_get(array, i), depth, out));
    }
    buf_char(out, ']');
    return RC_OK;
}

static rc write_value(const json_t *value, unsigned depth, struct buf *out) {
    json_int_t number;
    switch (json_typeof(value)) {
    case JSON_OBJECT:
    case JSON_ARRAY:
        if (depth >= JSON_DEPTH_MAX)
            return rc_fail(RC_INVALID, "more than %d arrays and objects in one another",
                           JSON_DEPTH_MAX);
        return json_is_object(value) ? write_object(value, depth + 1, out)
                                     : write_array(value, depth + 1, out);
    case JSON_STRING:
        json_write_string(out, span_of(json_string_value(value), json_string_length(value)));
        return RC_OK;
    case JSON_INTEGER:
        number = json_integer_value(value);
        if (number > INTEGER_MAX || number < -INTEGER_MAX)
            return rc_fail(RC_INVALID, "%lld: canonical JSON has integers up to 2^53 - 1",
                           (long long)number);
        buf_i64(out, number);
        return RC_OK;
    case JSON_TRUE: buf_add(out, SPAN("true")); return RC_OK;
    case JSON_FALSE: buf_add(out, SPAN("false")); return RC_OK;
    case JSON_REAL:
        return rc_fail(RC_INVALID, "%g: canonical JSON has integers only", json_real_value(value));
    case JSON_NULL: break;
    }
    return rc_fail(RC_INVALID, "null: canonical JSON leaves out what is not given");
}

rc json_write_canonical(const json_t *value, struct buf *out) {
    size_t begin = out->n;
    rc code = write_value(value, 0, out);
    if (code == RC_OK && out->over)
        code = rc_fail(RC_TOO_BIG, "canonical JSON of more than %zu bytes", out->bytes_max);
    if (code != RC_OK) out->n = begin;
    return code;
}

struct span json_member_string(const json_t *object, const char *name) {
    const json_t *value = json_object_get(object, name);
    if (!json_is_string(value)) return (struct span){NULL, 0};
    return span_of(json_string_value(value), json_string_length(value));
}
