#include "wire/front.h"

struct reader {
    struct arena *arena;
    struct front_key *keys;
    size_t key_count;
    unsigned line;
    struct front_key *open; /* "key:" that waits for "- …" lines */
};

static rc at(const struct reader *r, rc code) {
    return rc_in(code, "line %u: ", r->line);
}

static rc add_value(struct reader *r, struct front_key *key, struct span raw) {
    struct span text;
    if (!key->list && key->count)
        return at(r, rc_fail(RC_INVALID, "%s takes one value, not a list", key->name));
    if (key->count == FRONT_LIST_MAX)
        return at(r, rc_fail(RC_TOO_BIG, "%s: more than %d values", key->name, FRONT_LIST_MAX));
    rc code = story_normalize(r->arena, raw, false, &text);
    if (code != RC_OK) return at(r, code);
    if (text.n == 0) return at(r, rc_fail(RC_INVALID, "%s: the value is empty", key->name));
    if (text.n > key->bytes_max)
        return at(r, rc_fail(RC_TOO_BIG, "%s: %zu bytes, at most %zu are taken", key->name, text.n,
                             key->bytes_max));
    if (!key->values)
        key->values = ARENA_ARRAY(r->arena, struct front_value, key->list ? FRONT_LIST_MAX : 1);
    if (!key->values) return wire_memory();
    key->values[key->count++] = (struct front_value){text, r->line};
    return RC_OK;
}

/* A quoted value at the start of *rest, without its quotes; *rest begins behind it. */
static rc quoted(struct reader *r, struct span *rest, struct span *out) {
    char quote = rest->p[0];
    char *bytes = arena_take(r->arena, rest->n);
    size_t n = 0, i = 1;
    if (!bytes) return wire_memory();
    for (; i < rest->n && rest->p[i] != quote; i++) {
        char c = rest->p[i];
        if (quote == '"' && c == '\\') {
            if (i + 1 >= rest->n || (rest->p[i + 1] != '"' && rest->p[i + 1] != '\\'))
                return at(r, rc_fail(RC_INVALID, "only \\\" and \\\\ are read inside \"…\""));
            c = rest->p[++i];
        }
        bytes[n++] = c;
        if (quote == '\'' && i + 2 < rest->n && rest->p[i + 1] == '\'' && rest->p[i + 2] == '\'') {
            bytes[n++] = '\'';
            i += 2;
        }
    }
    if (i >= rest->n) return at(r, rc_fail(RC_INVALID, "the quote %c is not closed", quote));
    *rest = span_trim(span_from(*rest, i + 1));
    *out = span_of(bytes, n);
    return RC_OK;
}

static rc check_plain(const struct reader *r, struct span value) {
    if (value.n && value.p[0] && strchr("{}]&*!|>%@`", value.p[0]))
        return at(r,
                  rc_fail(RC_INVALID, "a value that begins with %c must be in quotes", value.p[0]));
    return RC_OK;
}

static rc scalar(struct reader *r, struct front_key *key, struct span value) {
    struct span text = value;
    if (value.p[0] == '"' || value.p[0] == '\'') {
        TRY(quoted(r, &value, &text));
        if (value.n && value.p[0] != '#')
            return at(r, rc_fail(RC_INVALID, "something stands behind the closing quote"));
    } else {
        TRY(check_plain(r, value));
    }
    return add_value(r, key, text);
}

/* "[a, "b, c", d]" */
static rc bracket_list(struct reader *r, struct front_key *key, struct span value) {
    if (!span_ends(value, SPAN("]")))
        return at(r, rc_fail(RC_INVALID, "the list is not closed: ] is missing"));
    value = span_trim(span_sub(value, 1, value.n - 2));
    while (value.n) {
        struct span text;
        if (value.p[0] == '"' || value.p[0] == '\'') {
            TRY(quoted(r, &value, &text));
            if (value.n && value.p[0] != ',')
                return at(r, rc_fail(RC_INVALID, "a comma is missing in the list"));
            value = span_trim(span_from(value, 1));
        } else {
            size_t comma = span_find(value, ',');
            text = span_trim(span_sub(value, 0, comma));
            TRY(check_plain(r, text));
            value = span_trim(span_from(value, comma + 1));
        }
        TRY(add_value(r, key, text));
    }
    return RC_OK;
}

static struct front_key *key_of(const struct reader *r, struct span name) {
    for (size_t i = 0; i < r->key_count; i++)
        if (span_eq(name, span_str(r->keys[i].name))) return &r->keys[i];
    return NULL;
}

static rc unknown_key(const struct reader *r, struct span name) {
    char bytes[RC_WHY_MAX / 2];
    struct buf known;
    buf_init_fixed(&known, bytes, sizeof bytes);
    for (size_t i = 0; i < r->key_count; i++)
        buf_printf(&known, "%s%s", i ? " " : "", r->keys[i].name);
    return at(r, rc_fail(RC_INVALID, "there is no key \"" SPAN_FMT "\"; known are: %.*s",
                         SPAN_ARG(wire_excerpt(name)), (int)known.n, known.p));
}

static rc key_line(struct reader *r, struct span line) {
    size_t colon = span_find(line, ':');
    struct span name = span_sub(line, 0, colon), value = span_trim(span_from(line, colon + 1));
    if (colon >= line.n || (colon + 1 < line.n && line.p[colon + 1] != ' '))
        return at(r,
                  rc_fail(RC_INVALID, "expected \"key: value\", \"- value\", or --- at the end of "
                                      "the front matter"));
    struct front_key *key = key_of(r, name);
    if (!key) return unknown_key(r, name);
    if (key->line)
        return at(r, rc_fail(RC_INVALID, "%s stands in line %u already", key->name, key->line));
    key->line = r->line;
    r->open = NULL;
    if (value.n == 0 || value.p[0] == '#') {
        r->open = key;
        return RC_OK;
    }
    if (value.p[0] != '[') return scalar(r, key, value);
    if (!key->list) return at(r, rc_fail(RC_INVALID, "%s takes one value, not a list", key->name));
    return bracket_list(r, key, value);
}

static rc item_line(struct reader *r, struct span item) {
    if (!r->open)
        return at(r, rc_fail(RC_INVALID, "\"- …\" without a key that ends in \":\" above it"));
    if (!r->open->list)
        return at(r, rc_fail(RC_INVALID, "%s takes one value, not a list", r->open->name));
    item = span_trim(span_from(item, 1));
    if (item.n == 0 || item.p[0] == '[')
        return at(r, rc_fail(RC_INVALID, "a value is wanted behind \"- \""));
    return scalar(r, r->open, item);
}

static rc one_line(struct reader *r, struct span line) {
    struct span text = span_trim(line);
    if (line.n > FRONT_LINE_BYTES_MAX)
        return at(r, rc_fail(RC_TOO_BIG, "longer than %d bytes", FRONT_LINE_BYTES_MAX));
    if (text.n == 0 || text.p[0] == '#') return RC_OK;
    if (span_eq(text, SPAN("-")) || span_starts(text, SPAN("- "))) return item_line(r, text);
    if (text.p != line.p)
        return at(r, rc_fail(RC_INVALID, "a key stands at the start of its line"));
    return key_line(r, text);
}

static bool is_fence(struct span line) {
    while (line.n && (line.p[line.n - 1] == '\r' || line.p[line.n - 1] == ' ')) line.n--;
    return span_eq(line, SPAN("---"));
}

rc front_read(struct arena *arena, struct span text, struct front_key *keys, size_t key_count,
              size_t *out_body, unsigned *out_line) {
    struct reader r = {.arena = arena, .keys = keys, .key_count = key_count, .line = 1};
    struct span rest = text;
    if (!is_fence(span_cut(&rest, '\n'))) {
        *out_body = 0;
        *out_line = 1;
        return RC_OK;
    }
    while (rest.p) {
        struct span line = span_cut(&rest, '\n');
        r.line++;
        if (r.line > FRONT_LINES_MAX + 1 && !is_fence(line))
            return at(&r,
                      rc_fail(RC_TOO_BIG, "front matter of more than %d lines", FRONT_LINES_MAX));
        if (is_fence(line)) {
            /* A key without a value is not given: as in the template that `dateline new` opens. */
            for (size_t i = 0; i < key_count; i++)
                if (keys[i].count == 0) keys[i].line = 0;
            *out_body = rest.p ? (size_t)(rest.p - text.p) : text.n;
            *out_line = r.line + 1;
            return RC_OK;
        }
        TRY(one_line(&r, line));
    }
    return rc_fail(RC_INVALID, "line 1: the front matter that begins here has no end: a line ---");
}
