#include "wire/multipart.h"

#define BOUNDARY_BYTES_MAX 70 /* RFC 2046 §5.1.1 */

/* "name=value" or 'name="value"' behind a ';'; in quotes \" and %22 both occur: the first is undone, the
 * second is what RFC 7578 §2 asks browsers for, and is undone too. */
static bool parameter(struct arena *a, struct span header, struct span name,
                      struct span *out_value) {
    struct span rest = header;
    (void)span_cut(&rest, ';');
    while (rest.n) {
        rest = span_trim(rest);
        size_t eq = span_find(rest, '=');
        if (eq == rest.n) return false;
        struct span key = span_trim(span_sub(rest, 0, eq));
        rest = span_from(rest, eq + 1);
        struct span value;
        if (rest.n && rest.p[0] == '"') {
            char *text = arena_take(a, rest.n + 1);
            size_t n = 0, at = 1;
            if (!text) return false;
            for (; at < rest.n && rest.p[at] != '"'; at++) {
                if (rest.p[at] == '\\' && at + 1 < rest.n)
                    at++;
                else if (span_starts(span_from(rest, at), SPAN("%22"))) {
                    text[n++] = '"';
                    at += 2;
                    continue;
                }
                text[n++] = rest.p[at];
            }
            if (at == rest.n) return false;
            value = span_of(text, n);
            rest = span_from(rest, at + 1);
            (void)span_cut(&rest, ';');
        } else {
            value = span_trim(span_cut(&rest, ';'));
        }
        if (span_eq_nocase(key, name)) {
            *out_value = value;
            return true;
        }
    }
    return false;
}

static bool boundary_ok(struct span b) {
    if (b.n == 0 || b.n > BOUNDARY_BYTES_MAX) return false;
    for (size_t i = 0; i < b.n; i++)
        if ((unsigned char)b.p[i] < ' ' || (unsigned char)b.p[i] > '~') return false;
    return b.p[b.n - 1] != ' ';
}

/* Index of `what` in s, or s.n. */
static size_t find(struct span s, struct span what) {
    const char *hit = s.n && what.n ? memmem(s.p, s.n, what.p, what.n) : NULL;
    return hit ? (size_t)(hit - s.p) : s.n;
}

static rc read_head(struct arena *a, struct span head, size_t number, struct multipart_part *part) {
    bool has_name = false;
    while (head.n) {
        struct span line = span_cut(&head, '\n');
        if (!span_ends(line, SPAN("\r")))
            return rc_fail(RC_INVALID, "part %zu: a header line without CR LF", number);
        line.n--;
        struct span value = line, name = span_cut(&value, ':');
        if (!value.p) return rc_fail(RC_INVALID, "part %zu: a header line without a colon", number);
        if (span_eq_nocase(name, SPAN("content-disposition"))) {
            struct span kind = value;
            kind = span_trim(span_cut(&kind, ';'));
            has_name = span_eq_nocase(kind, SPAN("form-data")) &&
                       parameter(a, value, SPAN("name"), &part->name);
            (void)parameter(a, value, SPAN("filename"), &part->filename);
        } else if (span_eq_nocase(name, SPAN("content-type"))) {
            part->type = span_trim(value);
        } else if (span_eq_nocase(name, SPAN("content-transfer-encoding"))) {
            return rc_fail(RC_INVALID,
                           "part %zu: a transfer encoding is not taken: send the bytes as they are",
                           number);
        }
    }
    return has_name ? RC_OK
                    : rc_fail(RC_INVALID, "part %zu: no Content-Disposition: form-data with a name",
                              number);
}

rc multipart_read(struct arena *a, struct span content_type, struct span body,
                  struct multipart_part **out_parts, size_t *out_count) {
    struct span boundary;
    if (!parameter(a, content_type, SPAN("boundary"), &boundary) || !boundary_ok(boundary))
        return rc_fail(RC_INVALID, "Content-Type: multipart/form-data without a valid boundary");
    struct span open = arena_printf(a, "\r\n--" SPAN_FMT, SPAN_ARG(boundary));
    struct multipart_part *parts = ARENA_ARRAY(a, struct multipart_part, MULTIPART_PARTS_MAX);
    if (!open.p || !parts)
        return rc_fail(RC_TOO_BIG, "the upload needs more memory than one operation may have");
    if (!span_starts(body, span_from(open, 2)))
        return rc_fail(RC_INVALID, "the body does not begin with the boundary of its Content-Type");
    size_t count = 0;
    struct span rest = span_from(body, open.n - 2);
    while (!span_starts(rest, SPAN("--"))) {
        if (!span_starts(rest, SPAN("\r\n")))
            return rc_fail(RC_INVALID, "part %zu: bytes behind its boundary", count + 1);
        if (count == MULTIPART_PARTS_MAX)
            return rc_fail(RC_TOO_BIG, "more than %d parts in one upload", MULTIPART_PARTS_MAX);
        rest = span_from(rest, 2);
        size_t head = find(span_sub(rest, 0, MULTIPART_HEAD_BYTES_MAX), SPAN("\r\n\r\n"));
        if (head >= rest.n || head >= MULTIPART_HEAD_BYTES_MAX)
            return rc_fail(RC_INVALID, "part %zu: its header lines do not end within %d bytes",
                           count + 1, MULTIPART_HEAD_BYTES_MAX);
        struct multipart_part *part = &parts[count];
        TRY(read_head(a, span_sub(rest, 0, head + 2), count + 1, part));
        rest = span_from(rest, head + 4);
        size_t end = find(rest, open);
        if (end == rest.n) return rc_fail(RC_INVALID, "part %zu: no boundary ends it", count + 1);
        part->bytes = span_sub(rest, 0, end);
        rest = span_from(rest, end + open.n);
        count++;
    }
    *out_parts = parts;
    *out_count = count;
    return RC_OK;
}

/* As parameter() undoes it. */
static void quoted(struct buf *out, struct span s) {
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '\r' || c == '\n') continue;
        if (c == '"' || c == '\\' || span_starts(span_from(s, i), SPAN("%22"))) buf_char(out, '\\');
        buf_char(out, c);
    }
}

void multipart_write_part(struct buf *out, struct span boundary,
                          const struct multipart_part *part) {
    if (out->n) buf_str(out, "\r\n");
    buf_str(out, "--");
    buf_add(out, boundary);
    buf_str(out, "\r\nContent-Disposition: form-data; name=\"");
    quoted(out, part->name);
    if (part->filename.n) {
        buf_str(out, "\"; filename=\"");
        quoted(out, part->filename);
    }
    buf_str(out, "\"\r\n");
    if (part->type.n) {
        buf_str(out, "Content-Type: ");
        buf_add(out, part->type);
        buf_str(out, "\r\n");
    }
    buf_str(out, "\r\n");
    buf_add(out, part->bytes);
}

void multipart_write_end(struct buf *out, struct span boundary) {
    buf_str(out, "\r\n--");
    buf_add(out, boundary);
    buf_str(out, "--\r\n");
}
