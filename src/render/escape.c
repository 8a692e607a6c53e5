#include "render/escape.h"

#include "base/utf8.h"

static const char *html_reference(char c) {
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return NULL;
    }
}

static const char html_special[SPAN_SET] = {'&', '<', '>', '"', '\'', '&'};

void escape_html(struct buf *out, struct span text) {
    size_t from = 0;
    for (size_t i = 0; (i = span_find_any(text, i, 0, html_special)) < text.n; i++) {
        const char *reference = html_reference(text.p[i]);
        buf_add(out, span_sub(text, from, i - from));
        buf_str(out, reference);
        from = i + 1;
    }
    buf_add(out, span_from(text, from));
}

/* XML 1.0 §2.2, Char */
static bool xml_has(uint32_t point) {
    if (point < 0x20) return point == 0x09 || point == 0x0A || point == 0x0D;
    return point != 0xFFFE && point != 0xFFFF;
}

void escape_xml(struct buf *out, struct span text) {
    size_t from = 0, at = 0, printable = 0;
    while (at < text.n) {
        if (at >= printable) printable = at + span_printable(text, at);
        size_t begin = span_find_any(span_sub(text, 0, printable), at, 0, html_special);
        uint32_t point;
        const char *instead = NULL;
        at = begin;
        if (begin < printable) {
            instead = html_reference(text.p[at++]);
        } else if (at == text.n) {
            break;
        } else if (!utf8_next(text, &at, &point)) {
            at = begin + 1;
            instead = "\xEF\xBF\xBD";
        } else if (!xml_has(point)) {
            instead = "\xEF\xBF\xBD";
        }
        if (!instead) continue;
        buf_add(out, span_sub(text, from, begin - from));
        buf_str(out, instead);
        from = at;
    }
    buf_add(out, span_from(text, from));
}

void escape_json(struct buf *out, struct span text) {
    buf_char(out, '"');
    size_t from = 0;
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        size_t eaten = 1;
        unsigned point = c;
        if (c == 0xE2 && i + 2 < text.n && (unsigned char)text.p[i + 1] == 0x80 &&
            ((unsigned char)text.p[i + 2] & 0xFE) == 0xA8) {
            point = 0x2000u | ((unsigned char)text.p[i + 2] & 0x3Fu);
            eaten = 3;
        } else if (c >= 0x20 && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&') {
            continue;
        }
        buf_add(out, span_sub(text, from, i - from));
        if (c == '"' || c == '\\') {
            buf_char(out, '\\');
            buf_char(out, (char)c);
        } else if (c == '\n') {
            buf_str(out, "\\n");
        } else {
            buf_printf(out, "\\u%04x", point);
        }
        i += eaten - 1;
        from = i + 1;
    }
    buf_add(out, span_from(text, from));
    buf_char(out, '"');
}

void escape_segment(struct buf *out, struct span text) {
    static const char digit[] = "0123456789ABCDEF";
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
            c == '-' || c == '.' || c == '_' || c == '~') {
            buf_char(out, (char)c);
        } else {
            buf_char(out, '%');
            buf_char(out, digit[c >> 4]);
            buf_char(out, digit[c & 15]);
        }
    }
}
