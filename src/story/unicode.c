#include "story/unicode.h"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "story/limits.h"
#include "story/story.h"

/* ---- characters --------------------------------------------------------------------------- */

enum char_class char_class_of(uint32_t point) {
    if (point > 0x20 && point < 0x7F) return CHAR_PLAIN;
    if (point == 0x20 || point == 0xA0) return CHAR_SPACE;
    if (point < 0xA0) return (point >= 9 && point <= 13) || point == 0x85 ? CHAR_BREAK : CHAR_DROP;
    if (point < 0x1680) return CHAR_PLAIN;
    if (point == 0x2028 || point == 0x2029) return CHAR_BREAK;
    if (point == 0x1680 || (point >= 0x2000 && point <= 0x200A) || point == 0x202F ||
        point == 0x205F || point == 0x3000)
        return CHAR_SPACE;
    if (point == 0x200B || point == 0xFEFF || (point >= 0x202A && point <= 0x202E))
        return CHAR_DROP;
    if ((point & 0xFFFE) == 0xFFFE || (point >= 0xFDD0 && point <= 0xFDEF)) return CHAR_DROP;
    return CHAR_PLAIN;
}

bool char_is_alnum(uint32_t point) {
    if (point < 0x80)
        return (point >= '0' && point <= '9') || ((point | 0x20) >= 'a' && (point | 0x20) <= 'z');
    return u_isalnum((UChar32)point);
}

/* The first combining mark is U+0300, and what stands before it is its own NFC. */
#define FIRST_MARK 0x300
static bool is_mark(uint32_t point) {
    return point >= FIRST_MARK && u_getCombiningClass((UChar32)point) != 0;
}

/* ---- normalization ------------------------------------------------------------------------ */

/* ICU normalizes UTF-16. Both directions are by us or by ICU without loss, since `s` is
 * well-formed. Lengths are below NORMALIZE_BYTES_MAX, so every number fits into ICU's int32_t. */
struct utf16 {
    UChar *p, small[512];
    int32_t n;
};

static void utf16_of(struct span s, struct utf16 *out) {
    UErrorCode error = U_ZERO_ERROR;
    /* Never more UTF-16 units than UTF-8 bytes. */
    out->p = s.n <= COUNT_OF(out->small) ? out->small : mem_new(s.n * sizeof(UChar));
    u_strFromUTF8WithSub(out->p,
                         (int32_t)(s.n <= COUNT_OF(out->small) ? COUNT_OF(out->small) : s.n),
                         &out->n, s.p, (int32_t)s.n, 0xFFFD, NULL, &error);
    CHECK(U_SUCCESS(error));
}

static void utf16_done(struct utf16 *u) {
    if (u->p != u->small) mem_free(u->p);
}

static void utf16_replace(struct utf16 *u, UChar *p, int32_t n) {
    utf16_done(u);
    u->p = p;
    u->n = n;
}

static const UNormalizer2 *nfc(void) {
    UErrorCode error = U_ZERO_ERROR;
    const UNormalizer2 *n = unorm2_getNFCInstance(&error);
    CHECK(U_SUCCESS(error));
    return n;
}

static void utf16_normalize(struct utf16 *u, const UNormalizer2 *form) {
    UErrorCode error = U_ZERO_ERROR;
    int32_t cap = u->n + 64;
    UChar *p = mem_new((size_t)cap * sizeof(UChar));
    int32_t n = unorm2_normalize(form, u->p, u->n, p, cap, &error);
    if (error == U_BUFFER_OVERFLOW_ERROR) {
        error = U_ZERO_ERROR;
        cap = n;
        p = mem_resize(p, (size_t)cap * sizeof(UChar));
        n = unorm2_normalize(form, u->p, u->n, p, cap, &error);
    }
    CHECK(U_SUCCESS(error));
    utf16_replace(u, p, n);
}

/* Three bytes a unit are always enough. {NULL,0} past the arena's cap. */
static struct span utf16_to_utf8(const struct utf16 *u, struct arena *arena) {
    UErrorCode error = U_ZERO_ERROR;
    int32_t n = 0;
    size_t cap = (size_t)u->n * 3;
    char *p = arena_take(arena, cap ? cap : 1);
    if (!p) return (struct span){NULL, 0};
    u_strToUTF8WithSub(p, (int32_t)cap, &n, u->p, u->n, 0xFFFD, NULL, &error);
    CHECK(U_SUCCESS(error));
    return span_of(p, (size_t)n);
}

static bool is_nfc(struct span s) {
    UErrorCode error = U_ZERO_ERROR;
    struct utf16 u;
    utf16_of(s, &u);
    bool yes = unorm2_isNormalized(nfc(), u.p, u.n, &error);
    CHECK(U_SUCCESS(error));
    utf16_done(&u);
    return yes;
}

/* ---- checking ----------------------------------------------------------------------------- */

rc string_check(struct span s, bool line_feeds, struct string_ends *out_ends) {
    struct string_ends ends = {.blank = true};
    enum char_class before = CHAR_PLAIN;
    unsigned marks = 0;
    bool wide = false;
    uint32_t point;
    CHECK(s.n > 0);
    for (size_t at = 0, begin; at < s.n;) {
        begin = at;
        struct span run = span_sub(s, at, span_printable(s, at));
        if (run.n > 0) {
            bool opens = run.p[0] == ' ', closes = run.p[run.n - 1] == ' ';
            if (at == 0) ends.first = opens ? CHAR_SPACE : CHAR_PLAIN;
            if ((opens && at > 0 && before != CHAR_PLAIN) || memmem(run.p, run.n, "  ", 2))
                ends.doubled_spaces = true;
            at += run.n;
            while (ends.blank && run.n > 0 && run.p[0] == ' ') run = span_from(run, 1);
            ends.blank = ends.blank && run.n == 0;
            before = closes ? CHAR_SPACE : CHAR_PLAIN;
            marks = 0;
            continue;
        }
        if (!utf8_next(s, &at, &point))
            return rc_fail(RC_INVALID, "byte %zu: is not well-formed UTF-8", begin);
        enum char_class now = char_class_of(point);
        if (now == CHAR_DROP || (now == CHAR_BREAK && !(line_feeds && point == '\n')))
            return rc_fail(RC_INVALID, "byte %zu: U+%04X may not stand in a story", begin,
                           (unsigned)point);
        if (begin == 0) ends.first = now;
        if (now == CHAR_PLAIN)
            ends.blank = false;
        else if (begin > 0 && before != CHAR_PLAIN)
            ends.doubled_spaces = true;
        if (now == CHAR_BREAK && ends.blank) ends.blank_line = true;
        before = now;
        wide = wide || point >= FIRST_MARK;
        marks = is_mark(point) ? marks + 1 : 0;
        if (marks > MARKS_MAX)
            return rc_fail(RC_INVALID, "byte %zu: more than %d combining marks in a row", begin,
                           MARKS_MAX);
    }
    ends.last = before;
    if (wide && !is_nfc(s)) return rc_fail(RC_INVALID, "is not in Unicode Normalization Form C");
    *out_ends = ends;
    return RC_OK;
}

/* ---- story_normalize ---------------------------------------------------------------------- */

/* Writes to p, which has raw.n bytes: nothing that is put is longer than what it was read from.
 * False if raw is not well-formed. */
static bool fold_line(struct span raw, char *p, size_t *out_n) {
    size_t n = 0, printable = 0; /* up to there nothing else comes */
    uint32_t point, space = 0;   /* the white space that is owed before the next plain character */
    for (size_t at = 0; at < raw.n;) {
        if (at >= printable) printable = at + span_printable(raw, at);
        struct span run = span_sub(raw, at, printable - at);
        if (run.n > 0) {
            const char *doubled = memmem(run.p, run.n, "  ", 2);
            if (doubled) run.n = (size_t)(doubled - run.p) + 1;
            at += run.n;
            if (run.p[0] == ' ') {
                space = ' ';
                run = span_from(run, 1);
            }
            if (run.n == 0) continue;
            if (space && n) n += utf8_put(space, p + n);
            space = run.p[run.n - 1] == ' ' ? ' ' : 0;
            run.n -= space != 0;
            memcpy(p + n, run.p, run.n);
            n += run.n;
            continue;
        }
        if (!utf8_next(raw, &at, &point)) return false;
        switch (char_class_of(point)) {
        case CHAR_DROP: break;
        case CHAR_SPACE: space = space ? ' ' : point; break;
        case CHAR_BREAK: space = ' '; break;
        case CHAR_PLAIN:
            if (space && n) n += utf8_put(space, p + n);
            space = 0;
            n += utf8_put(point, p + n);
        }
    }
    *out_n = n;
    return true;
}

static bool fold_lines(struct span raw, char *p, size_t *out_n) {
    size_t n = 0, end = 0,
           line = 0; /* end: behind the last plain character; line: where it began */
    uint32_t point, before = 0;
    for (size_t at = 0; at < raw.n; before = point) {
        if (!utf8_next(raw, &at, &point)) return false;
        switch (char_class_of(point)) {
        case CHAR_DROP: break;
        case CHAR_SPACE: n += utf8_put(point, p + n); break;
        case CHAR_BREAK:
            if (point == '\t' || point == '\v' || point == '\f')
                p[n++] = ' ';
            else if (point != '\n' || before != '\r')
                p[n++] = '\n', line = end ? line : n;
            break;
        case CHAR_PLAIN: n += utf8_put(point, p + n), end = n;
        }
    }
    if (end) memmove(p, p + line, end - line);
    *out_n = end ? end - line : 0;
    return true;
}

/* Drops, in place, the marks in a row that are over the limit. It also bounds what normalization
 * costs: putting n marks in their order takes n² steps. */
static struct span limit_marks(char *p, size_t n, bool *out_wide) {
    struct span s = span_of(p, n);
    size_t kept = 0;
    unsigned marks = 0;
    bool wide = false;
    uint32_t point;
    for (size_t at = 0, begin = 0; at < s.n; begin = at) {
        at += span_printable(s, at);
        if (at > begin) {
            marks = 0;
            if (kept < begin) memmove(p + kept, p + begin, at - begin);
            kept += at - begin;
            continue;
        }
        CHECK(utf8_next(s, &at, &point)); /* we wrote it */
        marks = is_mark(point) ? marks + 1 : 0;
        wide = wide || point >= FIRST_MARK;
        if (marks > MARKS_MAX) continue;
        if (kept < begin) memmove(p + kept, p + begin, at - begin);
        kept += at - begin;
    }
    *out_wide = wide;
    return span_of(p, kept);
}

static rc too_much(void) {
    return rc_fail(RC_TOO_BIG, "the text is longer than there is memory for");
}

/* Printable ASCII with single spaces between words: most of what comes is normal already. */
static bool is_plain(struct span s) {
    if (s.n == 0 || s.p[0] == ' ' || s.p[s.n - 1] == ' ') return false;
    return span_printable(s, 0) == s.n && !memmem(s.p, s.n, "  ", 2);
}

rc story_normalize(struct arena *arena, struct span raw, bool keep_line_feeds, struct span *out) {
    if (raw.n <= NORMALIZE_BYTES_MAX && is_plain(raw)) {
        struct span copy = arena_copy(arena, raw);
        if (!copy.p) return too_much();
        *out = copy;
        return RC_OK;
    }
    if (raw.n > NORMALIZE_BYTES_MAX)
        return rc_fail(RC_TOO_BIG, "text of %zu bytes, at most %d are taken", raw.n,
                       NORMALIZE_BYTES_MAX);
    char *p = arena_take(arena, raw.n ? raw.n : 1);
    size_t n;
    bool wide;
    if (!p) return too_much();
    if (!(keep_line_feeds ? fold_lines : fold_line)(raw, p, &n))
        return rc_fail(RC_INVALID, "the text is not well-formed UTF-8");
    struct span s = limit_marks(p, n, &wide);
    if (wide && !is_nfc(s)) {
        struct utf16 u;
        utf16_of(s, &u);
        utf16_normalize(&u, nfc());
        s = utf16_to_utf8(&u, arena);
        utf16_done(&u);
        if (!s.p) return too_much();
        /* Some characters become several marks. */
        s = limit_marks((char *)(uintptr_t)s.p, s.n, &wide);
    }
    *out = s.n ? s : (struct span){NULL, 0};
    return RC_OK;
}

/* ---- slugs -------------------------------------------------------------------------------- */

/* Words, put one after another as long as they fit. */
struct slug {
    char bytes[SLUG_BYTES_MAX];
    size_t n;
    size_t words_end; /* behind the last complete word */
    bool separator;   /* owed before the next character */
    bool full;
};

static void slug_put(struct slug *g, struct span character) {
    if (g->full) return;
    bool join = g->separator && g->n > 0;
    if (join) g->words_end = g->n;
    if (g->n + join + character.n > sizeof g->bytes) {
        g->full = true;
        if (g->words_end) g->n = g->words_end; /* else one long word: cut within */
        return;
    }
    if (join) g->bytes[g->n++] = '-';
    g->separator = false;
    memcpy(g->bytes + g->n, character.p, character.n);
    g->n += character.n;
}

static bool is_apostrophe(uint32_t point) {
    return point == '\'' || point == 0x2018 || point == 0x2019 || point == 0x02BC;
}

/* False if it is not plain ASCII. */
static bool slug_ascii(struct span text, struct slug *g) {
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c >= 0x80) return false;
        char lower = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
        if ((lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9'))
            slug_put(g, span_of(&lower, 1));
        else if (c != '\'')
            g->separator = true;
    }
    return true;
}

static bool is_latin(UChar32 c) {
    UErrorCode error = U_ZERO_ERROR;
    return uscript_getScript(c, &error) == USCRIPT_LATIN;
}

/* Keeps letters, digits, and the marks of scripts that are not Latin; in place, decomposed text. */
static void slug_filter(struct utf16 *u) {
    int32_t kept = 0;
    bool after_letter = false, after_latin = false;
    for (int32_t at = 0; at < u->n;) {
        UChar32 c;
        U16_NEXT(u->p, at, u->n, c);
        uint32_t type = U_MASK(u_charType(c));
        if (is_apostrophe((uint32_t)c) || (type & U_MASK(U_FORMAT_CHAR))) continue;
        bool letter = type & (U_GC_L_MASK | U_GC_ND_MASK), mark = type & U_GC_M_MASK;
        if (mark && after_latin) continue;
        if (letter) after_latin = is_latin(c);
        if (!letter && !mark) after_latin = false;
        after_letter = letter || (mark && after_letter);
        if (!after_letter) c = ' ';
        UBool over = false;
        U16_APPEND(u->p, kept, u->n, c, over); /* never longer than what was read */
        CHECK(!over);
    }
    u->n = kept;
}

static void utf16_lower(struct utf16 *u) {
    UErrorCode error = U_ZERO_ERROR;
    int32_t cap = u->n * 3 + 1; /* the longest lower case of one character (SpecialCasing.txt) */
    UChar *p = mem_new((size_t)cap * sizeof(UChar));
    int32_t n = u_strToLower(p, cap, u->p, u->n, "", &error);
    CHECK(U_SUCCESS(error));
    utf16_replace(u, p, n);
}

static void slug_unicode(struct arena *arena, struct span text, struct slug *g) {
    UErrorCode error = U_ZERO_ERROR;
    const UNormalizer2 *nfkd = unorm2_getNFKDInstance(&error);
    CHECK(U_SUCCESS(error));
    struct utf16 u;
    utf16_of(text, &u);
    utf16_normalize(&u, nfkd);
    utf16_lower(&u);
    slug_filter(&u);
    utf16_normalize(&u, nfc());
    struct span s = utf16_to_utf8(&u, arena);
    utf16_done(&u);
    uint32_t point;
    for (size_t at = 0, begin = 0; utf8_next(s, &at, &point); begin = at) {
        if (point == ' ')
            g->separator = true;
        else
            slug_put(g, span_sub(s, begin, at - begin));
    }
}

struct span slug_of(struct arena *arena, struct span text) {
    struct slug g = {.n = 0};
    text = span_sub(text, 0, SLUG_SOURCE_BYTES_MAX);
    if (!slug_ascii(text, &g)) {
        g = (struct slug){.n = 0};
        slug_unicode(arena, text, &g);
    }
    return g.n ? arena_copy(arena, span_of(g.bytes, g.n)) : SPAN("story");
}

rc slug_check(const char *name, struct span slug) {
    struct string_ends ends;
    if (slug.n > SLUG_BYTES_MAX)
        return rc_fail(RC_TOO_BIG, "%s: %zu bytes, at most %d are taken", name, slug.n,
                       SLUG_BYTES_MAX);
    rc code = string_check(slug, false, &ends);
    if (code != RC_OK) return rc_in(code, "%s: ", name);
    uint32_t point, before = '-';
    for (size_t at = 0; utf8_next(slug, &at, &point); before = point) {
        uint32_t type = U_MASK(u_charType((UChar32)point));
        bool good = point == '-' ? before != '-'
                                 : (type & (U_GC_L_MASK | U_GC_M_MASK | U_GC_ND_MASK)) &&
                                       !(type & (U_GC_LU_MASK | U_GC_LT_MASK));
        if (!good)
            return rc_fail(RC_INVALID,
                           "%s: U+%04X: a slug is lower-case words with \"-\" between them", name,
                           (unsigned)point);
    }
    if (before == '-') return rc_fail(RC_INVALID, "%s: ends with \"-\"", name);
    return RC_OK;
}
