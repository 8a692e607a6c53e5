/*
 * Character sets of IPTC-IIM and EXIF: what is declared, else what the texts look most like. Agencies'
 * old systems wrote Latin-1 (that is, Windows-1252) or Mac OS Roman and said nothing.
 */
#include <unicode/uchar.h>
#include <unicode/ucnv.h>

#include "base/utf8.h"
#include "media/inner.h"

#define WINDOWS "windows-1252"
#define MACINTOSH "macintosh"

struct charset_choice charset_declared(struct span escapes) {
    /* ISO 2022: ESC, G1–G3 of 96 characters, final byte (ISO-IR 100 …). */
    static const struct {
        char final;
        const char *converter;
    } sets[] = {
        {'A', WINDOWS}, /* ISO 8859-1; who says so uses 80–9F nevertheless */
        {'B', "ISO-8859-2"}, {'C', "ISO-8859-3"}, {'D', "ISO-8859-4"},
        {'F', "ISO-8859-7"}, {'G', "ISO-8859-6"}, {'H', "ISO-8859-8"},
        {'L', "ISO-8859-5"}, {'M', "ISO-8859-9"}, {'b', "ISO-8859-15"},
    };
    struct charset_choice choice = {.kind = CHARSET_UNKNOWN};
    for (size_t at = 0; at + 3 <= escapes.n; at++) {
        const char *p = escapes.p + at;
        if (p[0] != '\x1B') continue;
        if (p[1] == '%' && (p[2] == 'G' || p[2] == '/')) {
            choice = (struct charset_choice){.kind = CHARSET_UTF8};
        } else if (p[1] == '-' || p[1] == '.' || p[1] == '/') {
            for (size_t i = 0; i < COUNT_OF(sets); i++)
                if (sets[i].final == p[2])
                    choice = (struct charset_choice){CHARSET_CONVERTER, sets[i].converter};
        }
    }
    return choice;
}

struct span charset_decode(struct charset_choice choice, struct span raw, struct arena *a) {
    if (raw.n == 0) return SPAN("");
    if (choice.kind == CHARSET_UTF8 && utf8_valid(raw)) return arena_copy(a, raw);
    const char *name = choice.kind == CHARSET_CONVERTER ? choice.converter
                       : choice.kind == CHARSET_UTF8    ? "UTF-8"
                                                        : WINDOWS;
    UErrorCode error = U_ZERO_ERROR;
    UConverter *converter = ucnv_open(name, &error);
    /* A character of a one-byte set has three bytes in UTF-8 at most; so has U+FFFD. */
    int32_t cap = (int32_t)(3 * raw.n);
    char *out = raw.n <= MEDIA_METADATA_BYTES_MAX ? arena_take(a, (size_t)cap) : NULL;
    int32_t n = 0;
    if (out && converter)
        n = ucnv_toAlgorithmic(UCNV_UTF8, converter, out, cap, raw.p, (int32_t)raw.n, &error);
    ucnv_close(converter);
    if (!out || U_FAILURE(error)) return (struct span){NULL, 0};
    return span_of(out, (size_t)n);
}

/* ---- guessing -------------------------------------------------------------------------------------- */

static bool is_space_or_end(uint32_t c) {
    return c == 0 || u_isUWhiteSpace((UChar32)c);
}

/* Would a writer write c between these two? Words in one case, signs where they belong. 0: cannot say. */
static int likely(uint32_t before, uint32_t c, uint32_t after) {
    bool letter_before = u_isalpha((UChar32)before), letter_after = u_isalpha((UChar32)after);
    switch (c) {
    case 0x2019: return letter_before ? 3 : 1; /* don’t, the readers’ */
    case 0x201C:                               /* “ */
    case 0x2018:
    case 0xAB: return !letter_before && !is_space_or_end(after) ? 3 : -2;
    case 0x201D: /* ” */
    case 0xBB: return !letter_after && !is_space_or_end(before) ? 3 : -2;
    case 0x2013: /* – */
    case 0x2014: return 3;
    case 0x2026: return !letter_after || !letter_before ? 3 : -2; /* … */
    case 0xA0:
    case 0xA3:
    case 0xA9:
    case 0xAE:
    case 0xB0:
    case 0xB7:
    case 0x2022:
    case 0x20AC:
    case 0x2122: return letter_before && letter_after ? -2 : 1; /* £ © ® ° · • € ™ */
    default: break;
    }
    if (!u_isalpha((UChar32)c)) return -2;
    if (!letter_before && !letter_after) return 0;
    bool high = u_isupper((UChar32)c);
    if (high && u_islower((UChar32)before)) return -2; /* cafÉ */
    return 2;
}

static int score(const char *converter, const struct span *texts, size_t count) {
    int sum = 0;
    struct arena *a = arena_new(4u << 20);
    for (size_t i = 0; i < count; i++) {
        struct span s = charset_decode((struct charset_choice){CHARSET_CONVERTER, converter},
                                       span_sub(texts[i], 0, 8192), a);
        uint32_t before = 0, c = 0, after = 0;
        for (size_t at = 0; at < s.n || after;) {
            if (at >= s.n || !utf8_next(s, &at, &after)) after = 0;
            if (c >= 0x80) sum += likely(before, c, after);
            before = c;
            c = after;
        }
        if (c >= 0x80) sum += likely(before, c, 0);
    }
    arena_free(a);
    return sum;
}

struct charset_choice charset_guess(const struct span *texts, size_t count) {
    bool utf8 = true;
    for (size_t i = 0; i < count; i++) utf8 &= utf8_valid(texts[i]);
    if (utf8) return (struct charset_choice){.kind = CHARSET_UTF8};
    bool mac = score(MACINTOSH, texts, count) > score(WINDOWS, texts, count);
    return (struct charset_choice){CHARSET_CONVERTER, mac ? MACINTOSH : WINDOWS};
}
