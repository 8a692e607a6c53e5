/*
 * HTML → blocks → HTML: whatever a sender writes, what we print of it has allowed tags only, and reads
 * back to the same blocks (equal blocks are equal in print). Pictures are left to wire's own target:
 * their addresses are given by us.
 */
#include "base/mem.h"
#include "render/html.h"
#include "wire/fuzz_wire.h"

#define PRINT_BYTES_MAX (16u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const char *const allowed[] = {
    "p",     "h2",   "h3", "h4",     "ul",  "ol",   "li",  "figure", "blockquote", "figcaption",
    "span",  "cite", "a",  "strong", "em",  "code", "sub", "sup",    "table",      "thead",
    "tbody", "tr",   "th", "td",     "div", "pre",  "hr",  "time"};
static const char *const attributes[] = {"id",       "class",    "cite",       "href",
                                         "tabindex", "role",     "aria-label", "scope",
                                         "rel",      "datetime", "reversed"};

static bool one_of(struct span word, const char *const *words, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (span_eq(word, span_str(words[i]))) return true;
    return false;
}

/* Every "<" begins one of our tags, every attribute is one of ours, quoted. */
static void check_tags(struct span html) {
    while (html.n) {
        (void)span_cut(&html, '<');
        if (!html.p) return;
        struct span tag = span_cut(&html, '>');
        if (span_starts(tag, SPAN("/"))) tag = span_from(tag, 1);
        struct span name = span_cut(&tag, ' ');
        CHECK(one_of(name, allowed, COUNT_OF(allowed)));
        while (tag.n) {
            struct span attribute = span_cut(&tag, '=');
            CHECK(one_of(span_trim(attribute), attributes, COUNT_OF(attributes)));
            CHECK(span_starts(tag, SPAN("\"")));
            tag = span_from(tag, 1);
            (void)span_cut(&tag, '"');
        }
    }
}

static void drop_pictures(struct revision *r) {
    size_t kept = 0;
    for (size_t i = 0; i < r->block_count; i++)
        if (r->blocks[i].kind != BLOCK_PICTURE && r->blocks[i].kind != BLOCK_GALLERY)
            r->blocks[kept++] = r->blocks[i];
    r->block_count = kept;
    r->picture_count = 0;
}

static rc read_and_print(struct arena *arena, struct span html, struct buf *out) {
    struct intent intent = {0};
    TRY(wire_html_blocks(arena, html, false, SPAN("html"), &intent));
    struct revision r = fuzz_revision(arena, &intent.draft);
    drop_pictures(&r);
    html_blocks(out, &r, 0, NULL);
    return out->over || arena_over(arena) ? RC_TOO_BIG : RC_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct arena *arena = arena_new(2 * WIRE_ARENA_BYTES);
    struct buf first, second;
    buf_init(&first, PRINT_BYTES_MAX);
    buf_init(&second, PRINT_BYTES_MAX);
    if (read_and_print(arena, span_of(data, n), &first) == RC_OK) {
        check_tags(buf_span(&first));
        rc code = read_and_print(arena, buf_span(&first), &second);
        CHECK(code == RC_OK || code == RC_TOO_BIG);
        if (code == RC_OK) CHECK(span_eq(buf_span(&first), buf_span(&second)));
    }
    buf_done(&first);
    buf_done(&second);
    arena_free(arena);
    return 0;
}
