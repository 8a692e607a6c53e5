#include "wire/wire.h"

#include "base/utf8.h"
#include "wire/blocks.h"

static bool is_alnum(char c, bool digits) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (digits && c >= '0' && c <= '9');
}

bool wire_language(struct arena *arena, struct span raw, struct span *out_language) {
    struct span tag = arena_copy(arena, span_trim(raw));
    char *bytes = (char *)(uintptr_t)tag.p;
    size_t part = 0;
    bool first = true;
    if (tag.n < 2 || tag.n > 35) return false; /* RFC 5646 §4.4.1 */
    for (size_t i = 0; i <= tag.n; i++) {
        if (i < tag.n && bytes[i] == '_') bytes[i] = '-';
        if (i == tag.n || bytes[i] == '-') {
            if (part < (first ? 2 : 1) || part > 8) return false;
            part = 0;
            first = false;
        } else {
            if (!is_alnum(bytes[i], !first)) return false;
            part++;
        }
    }
    *out_language = tag;
    return true;
}

/* Everything that is not given by the desk or the store keeps story_check()'s rules. */
static rc check(struct arena *arena, const struct revision *draft) {
    static struct rendition rendition = {.type = {"image/jpeg", 10}, 1, 1, 1};
    struct revision r = *draft;
    memset(r.story.bytes, 1, sizeof r.story.bytes);
    r.number = 1;
    r.path = SPAN("/story");
    r.code = SPAN("2222222");
    r.published = r.updated = 1;
    if (r.picture_count) {
        r.pictures = ARENA_ARRAY(arena, struct picture, r.picture_count);
        if (!r.pictures) return wire_memory();
        memcpy(r.pictures, draft->pictures, r.picture_count * sizeof *r.pictures);
        for (size_t i = 0; i < r.picture_count; i++) {
            r.pictures[i].renditions = &rendition;
            r.pictures[i].rendition_count = 1;
        }
    }
    return story_check(&r);
}

static rc check_bytes(struct span bytes) {
    size_t line = 1;
    uint32_t point;
    if (bytes.n > WIRE_BYTES_MAX)
        return rc_fail(RC_TOO_BIG, "the item has %zu bytes, at most %u are taken", bytes.n,
                       WIRE_BYTES_MAX);
    for (size_t at = 0; at < bytes.n;) {
        if (!utf8_next(bytes, &at, &point))
            return rc_fail(RC_INVALID, "line %zu: not well-formed UTF-8; save the item as UTF-8",
                           line);
        if (point == 0) return rc_fail(RC_INVALID, "line %zu: a NUL byte, this is no text", line);
        line += point == '\n';
    }
    return RC_OK;
}

rc wire_read(struct arena *arena, enum wire_form form, struct span bytes, struct span language,
             struct intent *out_intent) {
    struct intent intent = {0};
    TRY(check_bytes(bytes));
    if (span_starts(bytes, SPAN("\xEF\xBB\xBF"))) bytes = span_from(bytes, 3);
    if (form == WIRE_GUESS)
        form = span_starts(span_trim(bytes), SPAN("{")) ? WIRE_NINJS : WIRE_MARKDOWN;
    rc code = form == WIRE_NINJS  ? wire_ninjs(arena, bytes, language, &intent)
              : form == WIRE_PAGE ? wire_page(arena, bytes, language, &intent)
                                  : wire_markdown(arena, bytes, language, &intent);
    if (code == RC_OK && !intent.canceled) code = check(arena, &intent.draft);
    /* Where memory ended, a value may seem to be missing: that is not the reason. */
    if (arena_over(arena)) return wire_memory();
    TRY(code);
    *out_intent = intent;
    return RC_OK;
}
