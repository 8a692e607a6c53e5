/*
 * Whatever HTML gives, its blocks can be stored and read back, every address in them has a scheme
 * that is allowed, and the blocks, written as plain HTML, give the same blocks again. Two bits
 * of the first byte choose HTML or XHTML, and how quotes are written.
 */
#include <time.h>

#include "wire/fuzz_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static bool as_figures; /* how quotes are printed: both forms are read */

static void print_escaped(struct buf *out, struct span s) {
    for (size_t i = 0; i < s.n; i++) switch (s.p[i]) {
        case '&': buf_str(out, "&amp;"); break;
        case '<': buf_str(out, "&lt;"); break;
        case '"': buf_str(out, "&quot;"); break;
        default: buf_char(out, s.p[i]);
        }
}

static void print_text(struct buf *out, const struct text *text) {
    static const char *const tags[] = {"strong", "em", "code", "sub", "sup"};
    for (size_t i = 0; i < text->count; i++) {
        const struct run *run = &text->runs[i];
        if (run->href.n) {
            buf_str(out, "<a href=\"");
            print_escaped(out, run->href);
            buf_str(out, "\">");
        }
        for (unsigned bit = 0; bit < COUNT_OF(tags); bit++)
            if (run->look & 1u << bit) buf_printf(out, "<%s>", tags[bit]);
        print_escaped(out, run->text);
        for (unsigned bit = COUNT_OF(tags); bit-- > 0;)
            if (run->look & 1u << bit) buf_printf(out, "</%s>", tags[bit]);
        if (run->href.n) buf_str(out, "</a>");
    }
}

static void print_attribute(struct buf *out, const char *name, struct span value) {
    if (!value.n) return;
    buf_printf(out, " %s=\"", name);
    print_escaped(out, value);
    buf_char(out, '"');
}

static void print_rows(struct buf *out, const struct block *block, const char *tag) {
    for (size_t i = 0; i < block->row_count; i++) {
        buf_printf(out, "<%s>", tag);
        print_text(out, &block->rows[i]);
        buf_printf(out, "</%s>", tag);
    }
}

static void print_quote(struct buf *out, const struct block *block) {
    const char *around = as_figures ? "figcaption" : "footer";
    buf_str(out, as_figures ? "<figure><blockquote" : "<blockquote");
    if (block->kind == BLOCK_PULL_QUOTE) buf_str(out, " class=\"pull-quote\"");
    print_attribute(out, "cite", block->url);
    buf_char(out, '>');
    print_rows(out, block, "p");
    if (as_figures) buf_str(out, "</blockquote>");
    if (block->speaker.n) {
        buf_printf(out, "<%s>", around);
        print_escaped(out, block->speaker);
        if (block->occasion.n) {
            buf_str(out, " <cite>");
            print_escaped(out, block->occasion);
            buf_str(out, "</cite>");
        }
        buf_printf(out, "</%s>", around);
    }
    buf_str(out, as_figures ? "</figure>" : "</blockquote>");
}

static void print_table(struct buf *out, const struct block *block) {
    buf_str(out, "<table>");
    for (size_t i = 0; i < block->row_count; i++) {
        const char *tag = block->header_row && i < block->columns ? "th" : "td";
        if (i % block->columns == 0) buf_str(out, "<tr>");
        buf_printf(out, "<%s>", tag);
        print_text(out, &block->rows[i]);
        buf_printf(out, "</%s>", tag);
    }
    buf_str(out, "</table>");
}

static void print_picture(struct buf *out, struct span href, const struct picture *picture) {
    buf_str(out, "<figure><img src=\"");
    for (size_t i = 0; i < href.n; i++) buf_printf(out, "%%%02x", (unsigned char)href.p[i]);
    buf_char(out, '"');
    print_attribute(out, "alt", picture->alt);
    buf_str(out, "><figcaption>");
    print_escaped(out, picture->caption);
    buf_str(out, "<cite>");
    print_escaped(out, picture->credit);
    buf_str(out, "</cite></figcaption></figure>");
}

static void print_line(struct buf *out, const char *tag, const struct text *text) {
    buf_printf(out, "<%s>", tag);
    print_text(out, text);
    buf_printf(out, "</%s>", tag);
}

static void print_card(struct buf *out, const char *class, const struct block *block) {
    buf_printf(out, "<figure class=\"%s\"><a", class);
    print_attribute(out, "href", block->url);
    buf_char(out, '>');
    print_escaped(out, block->title.n ? block->title : block->url);
    buf_str(out, "</a></figure>");
}

/* Newest first, as we print them, or oldest first. */
static void print_events(struct buf *out, const struct block *block) {
    buf_str(out, as_figures ? "<ol class=\"events\" reversed>" : "<ul class=\"events\">");
    for (size_t i = 0; i < block->row_count; i++) {
        size_t at = as_figures ? block->row_count - 1 - i : i;
        time_t seconds = block->times[at] / 1000;
        struct tm tm;
        char text[40];
        CHECK(gmtime_r(&seconds, &tm) && strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm));
        buf_printf(out, "<li><time datetime=\"%s.%03uZ\">then</time> ", text,
                   (unsigned)(block->times[at] % 1000));
        print_text(out, &block->rows[at]);
        buf_str(out, "</li>");
    }
    buf_str(out, as_figures ? "</ol>" : "</ul>");
}

static void print_gallery(struct buf *out, const struct intent *in, const struct block *block) {
    buf_str(out, "<figure>");
    for (size_t i = 0; i < block->picture_count; i++)
        print_picture(out, in->pictures[block->pictures[i]].href,
                      &in->draft.pictures[block->pictures[i]]);
    buf_str(out, "</figure>");
}

static void print_block(struct buf *out, const struct intent *in, const struct block *block) {
    static const char *const headings[] = {"h2", "h3", "h4"};
    switch (block->kind) {
    case BLOCK_PARAGRAPH: print_line(out, "p", &block->text); return;
    case BLOCK_HEADING: print_line(out, headings[block->level - 2], &block->text); return;
    case BLOCK_PREFORMATTED: print_line(out, "pre", &block->text); return;
    case BLOCK_LIST:
        buf_str(out, block->ordered ? "<ol>" : "<ul>");
        print_rows(out, block, "li");
        buf_str(out, block->ordered ? "</ol>" : "</ul>");
        return;
    case BLOCK_QUOTE:
    case BLOCK_PULL_QUOTE: print_quote(out, block); return;
    case BLOCK_PICTURE:
        print_picture(out, in->pictures[block->picture].href, &in->draft.pictures[block->picture]);
        return;
    case BLOCK_TABLE: print_table(out, block); return;
    case BLOCK_RULE: buf_str(out, "<hr>"); return;
    case BLOCK_EMBED: print_card(out, "embed", block); return;
    case BLOCK_AUDIO: print_card(out, "audio", block); return;
    case BLOCK_GALLERY: print_gallery(out, in, block); return;
    case BLOCK_EVENTS: print_events(out, block); return;
    case BLOCK_KIND_COUNT: CHECK(false);
    }
}

static void print_blocks(struct buf *out, const struct intent *in) {
    for (size_t i = 0; i < in->draft.block_count; i++) print_block(out, in, &in->draft.blocks[i]);
}

/* Equal blocks are equal in print. */
static void check_again(struct arena *arena, const struct intent *in) {
    struct buf first, second;
    struct intent again = {0};
    buf_init(&first, 8 * WIRE_BYTES_MAX);
    buf_init(&second, 8 * WIRE_BYTES_MAX);
    print_blocks(&first, in);
    rc code = wire_html_blocks(arena, buf_span(&first), false, SPAN("again"), &again);
    if (code == RC_OK) {
        print_blocks(&second, &again);
        CHECK(again.draft.block_count == in->draft.block_count);
        CHECK(span_eq(buf_span(&first), buf_span(&second)));
    } else {
        CHECK(code == RC_TOO_BIG);
    }
    buf_done(&first);
    buf_done(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    if (n == 0) return 0;
    as_figures = data[0] & 2;
    struct arena *arena = arena_new(2 * WIRE_ARENA_BYTES);
    struct intent intent = {0};
    rc code = wire_html_blocks(arena, span_of(data + 1, n - 1), data[0] & 1, SPAN("html"), &intent);
    if (code == RC_OK) {
        fuzz_check_pictures(&intent);
        fuzz_check_draft(arena, &intent.draft);
        check_again(arena, &intent);
    } else {
        CHECK(code == RC_TOO_BIG || code == RC_INVALID);
        CHECK(span_starts(span_str(rc_why()), SPAN("html: ")));
    }
    arena_free(arena);
    return 0;
}
