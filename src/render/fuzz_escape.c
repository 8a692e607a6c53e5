/* escape: any text, escaped, holds no markup, and is the same text when it is read back. */
#include <stdlib.h>

#include "base/utf8.h"
#include "codec/json.h"
#include "render/escape.h"

static void check_json(struct buf *out, struct span text) {
    json_t *array = NULL;
    buf_clear(out);
    buf_char(out, '[');
    escape_json(out, text);
    buf_char(out, ']');
    struct span json = buf_span(out);
    CHECK(span_find(json, '<') == json.n && span_find(json, '>') == json.n);
    CHECK(span_find(json, '&') == json.n && !memmem(json.p, json.n, "\xE2\x80\xA8", 3));
    if (span_find(text, 0) < text.n) return; /* which json_read() refuses */
    CHECK(json_read(json, &array) == RC_OK);
    const json_t *string = json_array_get(array, 0);
    CHECK(span_eq(span_of(json_string_value(string), json_string_length(string)), text));
    json_decref(array);
}

static void check_html(struct buf *out, struct span text) {
    static const struct {
        struct span reference;
        char c;
    } known[] = {{{"&amp;", 5}, '&'},
                 {{"&lt;", 4}, '<'},
                 {{"&gt;", 4}, '>'},
                 {{"&quot;", 6}, '"'},
                 {{"&#39;", 5}, '\''}};
    buf_clear(out);
    escape_html(out, text);
    struct span rest = buf_span(out);
    for (size_t i = 0; i < text.n; i++) {
        char c = rest.p[0];
        size_t n = 1;
        CHECK(c != '<' && c != '>' && c != '"' && c != '\'');
        if (c == '&') {
            n = 0;
            for (size_t k = 0; k < COUNT_OF(known) && !n; k++)
                if (span_starts(rest, known[k].reference)) c = known[k].c, n = known[k].reference.n;
            CHECK(n);
        }
        CHECK(c == text.p[i]);
        rest = span_from(rest, n);
    }
    CHECK(rest.n == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct span text = span_of(data, n);
    struct buf out;
    if (n > 100000) return 0;
    buf_init(&out, 1u << 20);
    check_html(&out, text);
    buf_clear(&out);
    escape_xml(&out, text);
    struct span xml = buf_span(&out);
    CHECK(utf8_valid(xml) && span_find(xml, '<') == xml.n && !memmem(xml.p, xml.n, "]]>", 3));
    for (size_t i = 0; i < xml.n; i++)
        CHECK((unsigned char)xml.p[i] >= 0x20 || strchr("\t\n\r", xml.p[i]));
    buf_clear(&out);
    escape_segment(&out, text);
    for (size_t i = 0; i < out.n; i++)
        CHECK(out.p[i] > ' ' && out.p[i] < 127 && !strchr("/?#<>\"&", out.p[i]));
    if (utf8_valid(text)) check_json(&out, text);
    buf_done(&out);
    return 0;
}
