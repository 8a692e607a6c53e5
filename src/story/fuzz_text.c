/* Whatever story_normalize() gives is what story_check() wants, and doing it twice changes nothing;
 * whatever slug_of() gives passes for a slug. */
#include "base/arena.h"
#include "base/utf8.h"
#include "story/limits.h"
#include "story/story.h"
#include "story/unicode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_normal(struct arena *arena, struct span raw, bool lines) {
    struct span once, twice;
    struct string_ends ends;
    if (story_normalize(arena, raw, lines, &once) != RC_OK) {
        CHECK(!utf8_valid(raw));
        return;
    }
    CHECK(story_normalize(arena, once, lines, &twice) == RC_OK);
    CHECK(span_eq(once, twice));
    if (once.n) {
        CHECK(string_check(once, lines, &ends) == RC_OK);
        CHECK(ends.last == CHAR_PLAIN && !ends.blank);
        CHECK(lines ? !ends.blank_line : ends.first == CHAR_PLAIN && !ends.doubled_spaces);
    }
    /* The other way round: what is good already stays as it is. */
    if (!lines && raw.n && string_check(raw, false, &ends) == RC_OK && !ends.doubled_spaces &&
        ends.first == CHAR_PLAIN && ends.last == CHAR_PLAIN)
        CHECK(span_eq(raw, once));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct arena *arena = arena_new(64u << 20);
    struct span raw = span_of(data, n);
    check_normal(arena, raw, false);
    check_normal(arena, raw, true);
    struct span slug = slug_of(arena, raw);
    CHECK(slug.n > 0 && slug_check("slug", slug) == RC_OK);
    arena_free(arena);
    return 0;
}
