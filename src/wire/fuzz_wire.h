/* What wire's fuzz targets and tests hold every draft against. */
#ifndef DATELINE_WIRE_FUZZ_WIRE_H
#define DATELINE_WIRE_FUZZ_WIRE_H

#include "story/canon.h"
#include "story/limits.h"
#include "wire/blocks.h"

/* The draft as a revision that could be stored: what desk, store and media give is made up. */
static inline struct revision fuzz_revision(struct arena *arena, const struct revision *draft) {
    static struct rendition rendition = {.type = {"image/jpeg", 10}, 1, 1, 1};
    struct revision r = *draft;
    memset(r.story.bytes, 1, sizeof r.story.bytes);
    r.number = 1;
    r.path = SPAN("/2026/11/24/story");
    r.code = SPAN("2345678");
    r.published = r.updated = 1795508343000;
    if (r.language.n == 0) r.language = SPAN("en");
    if (r.headline.n == 0) r.headline = SPAN("Headline");
    if (r.picture_count) r.pictures = ARENA_ARRAY(arena, struct picture, r.picture_count);
    for (size_t i = 0; i < r.picture_count; i++) {
        r.pictures[i] = draft->pictures[i];
        r.pictures[i].renditions = &rendition;
        r.pictures[i].rendition_count = 1;
    }
    return r;
}

/* Written apart from address.c: what a browser would make of it. */
static inline bool fuzz_safe_href(struct span href) {
    for (size_t i = 0; i < href.n; i++)
        if (href.p[i] <= ' ' || href.p[i] > '~' || strchr("\"<>\\^`{|}", href.p[i])) return false;
    return span_starts(href, SPAN("http://")) || span_starts(href, SPAN("https://")) ||
           span_starts(href, SPAN("mailto:")) ||
           (span_starts(href, SPAN("/")) && !span_starts(href, SPAN("//")));
}

static inline void fuzz_check_text(const struct text *text) {
    for (size_t i = 0; i < text->count; i++)
        if (text->runs[i].href.n) CHECK(fuzz_safe_href(text->runs[i].href));
}

static inline void fuzz_check_hrefs(const struct revision *draft) {
    for (size_t i = 0; i < draft->block_count; i++) {
        const struct block *block = &draft->blocks[i];
        fuzz_check_text(&block->text);
        for (size_t row = 0; row < block->row_count; row++) fuzz_check_text(&block->rows[row]);
        if (block->url.n) CHECK(fuzz_safe_href(block->url));
        if (block->kind == BLOCK_PICTURE) CHECK(block->picture < draft->picture_count);
        for (size_t k = 0; k < block->picture_count; k++)
            CHECK(block->pictures[k] < draft->picture_count);
    }
}

/* The only reason not to be storable is size; what is storable survives the canonical form. */
static inline void fuzz_check_draft(struct arena *arena, const struct revision *draft) {
    struct revision r = fuzz_revision(arena, draft), back;
    struct buf first, second;
    if (arena_over(arena)) return;
    fuzz_check_hrefs(&r);
    rc code = story_check(&r);
    CHECK(code == RC_OK || code == RC_TOO_BIG);
    if (code != RC_OK) return;
    buf_init(&first, CANON_BYTES_MAX);
    buf_init(&second, CANON_BYTES_MAX);
    if (canon_write(&r, &first) == RC_OK) {
        code = canon_read(arena, buf_span(&first), &back);
        CHECK(code == RC_OK || arena_over(arena));
        if (code == RC_OK) {
            CHECK(canon_write(&back, &second) == RC_OK);
            CHECK(span_eq(buf_span(&first), buf_span(&second)));
        }
    }
    buf_done(&first);
    buf_done(&second);
}

static inline void fuzz_check_pictures(const struct intent *intent) {
    CHECK(intent->picture_count == intent->draft.picture_count);
    for (size_t i = 0; i < intent->picture_count; i++) {
        struct span rest = intent->pictures[i].href;
        CHECK(rest.n && rest.p[0] != '/' && span_find(rest, ':') == rest.n);
        while (rest.p) CHECK(!span_eq(span_cut(&rest, '/'), SPAN("..")));
    }
}

/* An item is a story, or its refusal names a place: a line, a JSON path, or a limit. */
static inline void fuzz_item(enum wire_form form, struct span bytes) {
    struct arena *arena = arena_new(2 * WIRE_ARENA_BYTES);
    struct intent intent;
    rc code = wire_read(arena, form, bytes, SPAN("en"), &intent);
    if (code == RC_OK) {
        fuzz_check_pictures(&intent);
        if (!intent.canceled) fuzz_check_draft(arena, &intent.draft);
    } else {
        struct span why = span_str(rc_why());
        CHECK(code == RC_TOO_BIG || code == RC_INVALID);
        CHECK(code == RC_TOO_BIG || span_starts(why, SPAN("$")) || span_starts(why, SPAN("line ")));
    }
    arena_free(arena);
}

#endif
