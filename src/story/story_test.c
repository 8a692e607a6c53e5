#include "story/card.h"
#include "story/story.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "story/limits.h"
#include "story/sample.h"
#include "story/unicode.h"
#include "story/withdrawal.h"

static struct arena *arena;

static int begin(void **state) {
    (void)state;
    arena = arena_new(64u << 20);
    return 0;
}
static int end(void **state) {
    (void)state;
    arena_free(arena);
    return 0;
}

/* `n` times the string. */
static struct span times(const char *s, size_t n) {
    struct buf b;
    buf_init(&b, 8u << 20);
    for (size_t i = 0; i < n; i++) buf_str(&b, s);
    assert_false(b.over);
    struct span all = arena_copy(arena, buf_span(&b));
    buf_done(&b);
    return all;
}

/* ---- words and ids ------------------------------------------------------------------------ */

static void words_and_values_match(void **state) {
    (void)state;
    enum work work = WORK_COUNT;
    enum block_kind kind;
    enum change change;
    enum tag_kind tag;
    enum story_state story_state;
    assert_true(span_eq(work_word(WORK_ANALYSIS), SPAN("analysis")));
    assert_true(span_eq(work_schema(WORK_SPONSORED), SPAN("AdvertiserContentArticle")));
    for (unsigned i = 0; i < WORK_COUNT; i++)
        assert_true(work_of(work_word((enum work)i), &work) && work == (enum work)i);
    for (unsigned i = 0; i < BLOCK_KIND_COUNT; i++)
        assert_true(block_kind_of(block_kind_word((enum block_kind)i), &kind) && kind == i);
    for (unsigned i = 0; i < CHANGE_COUNT; i++)
        assert_true(change_of(change_word((enum change)i), &change) && change == i);
    for (unsigned i = 0; i < TAG_KIND_COUNT; i++)
        assert_true(tag_kind_of(tag_kind_word((enum tag_kind)i), &tag) && tag == i);
    for (unsigned i = 0; i < STORY_STATE_COUNT; i++)
        assert_true(story_state_of(story_state_word((enum story_state)i), &story_state) &&
                    story_state == i);
    work = WORK_REVIEW;
    assert_false(work_of(SPAN("News"), &work));
    assert_false(work_of(SPAN(""), &work));
    assert_int_equal(work, WORK_REVIEW);
}

static void ids_are_32_small_hex_digits(void **state) {
    (void)state;
    struct story_id id, same = {{7}};
    char hex[2 * STORY_ID_BYTES + 1];
    assert_true(story_id_parse(SPAN("00ff5a0e9b7d4c62a8e0d1f2b3c4d5e6"), &id));
    assert_int_equal(id.bytes[1], 0xFF);
    story_id_hex(&id, hex);
    assert_string_equal(hex, "00ff5a0e9b7d4c62a8e0d1f2b3c4d5e6");
    assert_false(story_id_parse(SPAN("00FF5a0e9b7d4c62a8e0d1f2b3c4d5e6"), &same));
    assert_false(story_id_parse(SPAN("00ff5a0e9b7d4c62a8e0d1f2b3c4d5e"), &same));
    assert_false(story_id_parse(SPAN("00ff5a0e9b7d4c62a8e0d1f2b3c4d5e60"), &same));
    assert_int_equal(same.bytes[0], 7);
}

static void editions_have_keys(void **state) {
    (void)state;
    static const char *const good[] = {"a", "en", "north-coast-2", "a2",
                                       "abcdefghijklmnopqrstuvwxyz-abcde"};
    static const char *const bad[] = {
        "", "2", "-a", "a-", "a--b", "En", "a b", "a/b", "é", "abcdefghijklmnopqrstuvwxyz-abcdef"};
    for (size_t i = 0; i < COUNT_OF(good); i++) assert_true(edition_key_good(span_str(good[i])));
    for (size_t i = 0; i < COUNT_OF(bad); i++) assert_false(edition_key_good(span_str(bad[i])));
}

static void text_is_joined_and_words_are_counted(void **state) {
    (void)state;
    struct run runs[] = {{.text = SPAN("un")},
                         {.text = SPAN("believ"), .look = RUN_STRONG},
                         {.text = SPAN("able, it’s – 3.5 ")},
                         {.text = SPAN("新聞 ميناء"), .look = RUN_CODE}};
    struct text t = {runs, 4}, none = {NULL, 0};
    assert_true(span_eq(text_plain(arena, &t), SPAN("unbelievable, it’s – 3.5 新聞 ميناء")));
    assert_int_equal(text_plain(arena, &none).n, 0);
    struct text rows[] = {t, none};
    struct block blocks[] = {{.kind = BLOCK_PARAGRAPH, .text = t},
                             {.kind = BLOCK_TABLE, .rows = rows, .row_count = 2},
                             {.kind = BLOCK_PULL_QUOTE, .rows = rows, .row_count = 1},
                             {.kind = BLOCK_RULE}};
    struct revision r = {.blocks = blocks, .block_count = 4};
    assert_int_equal(story_words(&r), 12);
}

static void a_retraction_stays(void **state) {
    (void)state;
    struct revision r = sample_full(arena);
    assert_false(story_is_retracted(&r));
    r.corrections[0].kind = CHANGE_RETRACTION; /* and something was told after it */
    assert_true(story_is_retracted(&r));
    r = sample_small();
    assert_false(story_is_retracted(&r));
}

/* ---- story_normalize ---------------------------------------------------------------------- */

static struct span normal(struct span raw, bool lines) {
    struct span out;
    if (story_normalize(arena, raw, lines, &out) != RC_OK) fail_msg("%s", rc_why());
    return out;
}
#define LINE(raw, wanted) assert_true(span_eq(normal(SPAN(raw), false), SPAN(wanted)))
#define LINES(raw, wanted) assert_true(span_eq(normal(SPAN(raw), true), SPAN(wanted)))

static void lines_are_made_normal(void **state) {
    (void)state;
    LINE("", "");
    LINE(" \t\r\n ", "");
    LINE("  a \t b\r\nc  ", "a b c");
    LINE("a\xc2\x85"
         "b\xe2\x80\xa8"
         "c\xe2\x80\xa9"
         "d\x0b"
         "e\x0c"
         "f",
         "a b c d e f");
    LINE("a\0b\x01\x7f\xc2\x80"
         "c",
         "abc");
    LINE("5\xc2\xa0"
         "000 €",
         "5\xc2\xa0"
         "000 €"); /* a space that may stand alone stays */
    LINE("5\xc2\xa0 000", "5 000");
    LINE("\xe3\x80\x80"
         "新聞\xe3\x80\x80",
         "新聞");
    LINE("Ko\xcc\x88ln", "K\xc3\xb6ln");       /* NFD */
    LINE("\xe2\x84\xab", "\xc3\x85");          /* ANGSTROM SIGN */
    LINE("o\xe2\x80\x8b\xcc\x88", "\xc3\xb6"); /* U+200B between them */
    LINE("\xef\xbb\xbf"
         "a\xe2\x80\x8b"
         "b",
         "ab"); /* BOM, U+200B */
    LINE("a\xe2\x80\xae"
         "b\xe2\x80\xac\xe2\x80\xaa\xe2\x80\xab\xe2\x80\xad"
         "c",
         "abc");
    LINE("می\xe2\x80\x8cخواهم 👩\xe2\x80\x8d✈", "می\xe2\x80\x8cخواهم 👩\xe2\x80\x8d✈");
    LINE("\xe2\x81\xa6"
         "a\xe2\x81\xa9\xe2\x80\x8e\xe2\x80\x8f\xd8\x9c"
         "b",
         "\xe2\x81\xa6"
         "a\xe2\x81\xa9\xe2\x80\x8e\xe2\x80\x8f\xd8\x9c"
         "b");
    LINE("a\xef\xbf\xbe"
         "b\xef\xb7\x90"
         "c",
         "abc"); /* noncharacters */
}

static void line_feeds_are_kept_where_asked_for(void **state) {
    (void)state;
    LINES("", "");
    LINES(" \n \t\n", "");
    LINES("a\r\nb\rc\nd\xc2\x85"
          "e\xe2\x80\xa9"
          "f",
          "a\nb\nc\nd\ne\nf");
    LINES("\n \n  if (x)\n\n\ty  z;\n \n", "  if (x)\n\n y  z;");
    LINES("a\x01\n\xe2\x80\xae"
          "e\xcc\x81",
          "a\n\xc3\xa9");
}

static void bad_utf8_is_refused_and_size_limited(void **state) {
    (void)state;
    struct span out = SPAN("untouched");
    const struct span bad[] = {SPAN("a\xff"), SPAN("\xc0\xaf"), SPAN("\xed\xa0\x80"),
                               SPAN("x\xe2\x82"), SPAN("\xf4\x90\x80\x80")};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_int_equal(story_normalize(arena, bad[i], false, &out), RC_INVALID);
        assert_int_equal(story_normalize(arena, bad[i], true, &out), RC_INVALID);
    }
    assert_int_equal(story_normalize(arena, times("1234567 ", NORMALIZE_BYTES_MAX / 8), true, &out),
                     RC_OK);
    assert_int_equal(out.n, NORMALIZE_BYTES_MAX - 1);
    out = SPAN("untouched");
    assert_int_equal(
        story_normalize(arena, times("123456789", NORMALIZE_BYTES_MAX / 9 + 1), true, &out),
        RC_TOO_BIG);
    struct arena *small = arena_new(1000);
    assert_int_equal(story_normalize(small, times("a", 1001), false, &out), RC_TOO_BIG);
    arena_free(small);
    assert_true(span_eq(out, SPAN("untouched")));
}

/* U+0344 is a mark that becomes two of them; the marks must stay within the limit after that too.
 */
static void marks_in_a_row_are_limited(void **state) {
    (void)state;
    struct string_ends ends;
    struct span many[] = {times("\xcc\xa3\xcd\x84", 1000), times("\xcd\x84", MARKS_MAX)};
    for (size_t i = 0; i < COUNT_OF(many); i++) {
        struct span raw = arena_printf(arena, "x%.*sy", (int)many[i].n, many[i].p);
        struct span once = normal(raw, false);
        assert_int_equal(utf8_count(once), MARKS_MAX + 2);
        assert_int_equal(string_check(once, false, &ends), RC_OK);
        assert_true(span_eq(normal(once, false), once));
    }
    struct span over = arena_printf(arena, "x%s", times("\xcc\xa3", MARKS_MAX + 1).p);
    assert_int_equal(string_check(over, false, &ends), RC_INVALID);
    assert_int_equal(string_check(span_sub(over, 0, over.n - 2), false, &ends), RC_OK);
}

/* Each code point alone, between letters and after one: what comes out is always what is wanted. */
static void every_code_point_becomes_normal(void **state) {
    (void)state;
    for (uint32_t point = 0; point <= 0x10FFFF; point++) {
        char utf8[4];
        if (point >= 0xD800 && point <= 0xDFFF) continue;
        if (point % 4096 == 0) arena_reset(arena);
        struct span c = span_of(utf8, utf8_put(point, utf8));
        struct span raw = arena_printf(arena,
                                       "a%.*sA"
                                       "%.*s",
                                       (int)c.n, c.p, (int)c.n, c.p);
        if (point == 0) raw = SPAN("a\0A\0");
        struct string_ends ends;
        struct span once = normal(raw, false), slug = slug_of(arena, c);
        assert_int_equal(string_check(once, false, &ends), RC_OK);
        assert_true(span_eq(normal(once, false), once));
        if (slug_check("slug", slug) != RC_OK) fail_msg("U+%04X: %s", point, rc_why());
        if (slug_check("slug", slug_of(arena, raw)) != RC_OK)
            fail_msg("U+%04X: %s", point, rc_why());
        assert_true(char_class_of(point) != CHAR_DROP || string_check(c, true, &ends) != RC_OK);
    }
}

/* ---- slug_of ------------------------------------------------------------------------------ */

#define SLUG(text, wanted)                                           \
    do {                                                             \
        struct span slug_ = slug_of(arena, SPAN(text));              \
        if (!span_eq(slug_, SPAN(wanted)))                           \
            fail_msg("%s became %.*s", text, (int)slug_.n, slug_.p); \
    } while (0)

static void slugs_keep_letters_of_every_script(void **state) {
    (void)state;
    SLUG("Harbour reopens", "harbour-reopens");
    SLUG("  It's -- 5.5 o'clock!  ", "its-5-5-oclock");
    SLUG("It’s Mary‘s", "its-marys");
    SLUG("Über Köln — Größe", "uber-koln-große");
    SLUG("Ko\xcc\x88ln", "koln");
    SLUG("Crème brûlée à l’Élysée", "creme-brulee-a-lelysee");
    SLUG("İstanbul ISPARTA", "istanbul-isparta");
    SLUG("Новый порт Йошкар-Олы", "новый-порт-йошкар-олы");
    SLUG("ΟΔΟΣ Ἀθῆναι", "οδος-ἀθῆναι");
    SLUG("أُعيد فتح الميناء", "أُعيد-فتح-الميناء");
    SLUG("ميناء ٢٠٢٦", "ميناء-٢٠٢٦");
    SLUG("می\xe2\x80\x8cخواهم", "میخواهم");
    SLUG("हिन्दी समाचार", "हिन्दी-समाचार");
    SLUG("港が再開「本日」", "港が再開-本日");
    SLUG("한국 뉴스", "한국-뉴스");
    SLUG("ﬁve m² ＡＢＣ", "five-m2-abc");
    SLUG("🚢 opens 👩🏽\xe2\x80\x8d✈️ it", "opens-it");
    SLUG("a/b\\c?d#e%f&g", "a-b-c-d-e-f-g");
    SLUG("", "story");
    SLUG("¿…? 🚢", "story");
    SLUG("\xff\xfe", "story");
    SLUG("a\xff"
         "b",
         "a-b");
}

static void slugs_are_cut_between_words(void **state) {
    (void)state;
    struct span s = slug_of(arena, times("abcdefghi ", 20));
    assert_int_equal(s.n, 79); /* 8 words */
    assert_true(span_ends(s, SPAN("-abcdefghi")));
    s = slug_of(arena, times("a", 80));
    assert_int_equal(s.n, 80);
    s = slug_of(arena, times("b", 300));
    assert_int_equal(s.n, 80);
    s = slug_of(arena, arena_printf(arena, "one %s", times("b", 77).p));
    assert_true(span_eq(s, SPAN("one")));
    s = slug_of(arena, arena_printf(arena, "one %s two", times("b", 76).p));
    assert_int_equal(s.n, 80);
    s = slug_of(arena, times("港", 100)); /* 3 bytes each: 26 fit */
    assert_int_equal(s.n, 78);
    assert_true(utf8_valid(s));
    s = slug_of(arena, times("é ", 2000));
    assert_int_equal(s.n, 79);
}

/* ---- story_check -------------------------------------------------------------------------- */

static void refused(const struct revision *r, rc code, const char *why) {
    rc_why_clear();
    rc got = story_check(r);
    if (got != code || strncmp(rc_why(), why, strlen(why)) != 0)
        fail_msg("wanted %s \"%s…\", got %s \"%s\"", rc_name(code), why, rc_name(got), rc_why());
}

static void taken(const struct revision *r) {
    if (story_check(r) != RC_OK) fail_msg("%s", rc_why());
}

/* A full revision with one thing changed. */
#define REFUSED(code, why, change)              \
    do {                                        \
        struct revision r = sample_full(arena); \
        change;                                 \
        refused(&r, code, why);                 \
    } while (0)
#define TAKEN(change)                           \
    do {                                        \
        struct revision r = sample_full(arena); \
        change;                                 \
        taken(&r);                              \
    } while (0)

static void what_is_given_is_checked(void **state) {
    (void)state;
    TAKEN((void)0);
    struct revision small = sample_small();
    taken(&small);
    REFUSED(RC_INVALID, "story: is missing", r.story = (struct story_id){0});
    REFUSED(RC_INVALID, "number: is missing", r.number = 0);
    REFUSED(RC_INVALID, "change: is given", r.number = 1);
    REFUSED(RC_INVALID, "change: is missing", r.change = CHANGE_NONE);
    REFUSED(RC_INVALID, "change: is unknown", r.change = CHANGE_COUNT);
    REFUSED(RC_INVALID, "corrections: the last one", r.change = CHANGE_RETRACTION);
    REFUSED(RC_INVALID, "corrections: the last one", r.correction_count = 0);
    TAKEN((r.change = CHANGE_MINOR, r.correction_count = 0));
    REFUSED(RC_INVALID, "translationOf: a story is no translation", r.translation_of = r.story);
    TAKEN(r.translation_of = (struct story_id){0});
    REFUSED(RC_INVALID, "edition: is not a key", r.edition = SPAN("EN"));
    TAKEN(r.edition = SPAN(""));
    REFUSED(RC_INVALID, "published: is missing", r.published = 0);
    REFUSED(RC_INVALID, "published: is missing", r.published = -1);
    REFUSED(RC_INVALID, "updated: is before", r.updated = r.published - 1);
    TAKEN(r.updated = TIME_MS_MAX);
    REFUSED(RC_INVALID, "updated: is after the year", r.updated = TIME_MS_MAX + 1);
    REFUSED(RC_INVALID, "code: is missing", r.code = SPAN(""));
    REFUSED(RC_INVALID, "code: is not 7", r.code = SPAN("abc234"));
    REFUSED(RC_INVALID, "code: is not 7", r.code = SPAN("abc23450"));
    REFUSED(RC_INVALID, "code: is not 7", r.code = SPAN("abc234i"));
    REFUSED(RC_INVALID, "code: is not 7", r.code = SPAN("abc234\0"));
}

/* A standing page with one thing changed; `full` has all that news has. */
#define OF_PAGE(code, why, change)                                     \
    do {                                                               \
        struct revision r = sample_standing(arena, SPAN("We print.")); \
        struct revision full = sample_full(arena);                     \
        (void)full;                                                    \
        change;                                                        \
        refused(&r, code, why);                                        \
    } while (0)

static void standing_pages_have_nothing_of_news(void **state) {
    (void)state;
    struct revision page = sample_standing(arena, SPAN("We print."));
    taken(&page);
    assert_true(story_is_standing(&page));
    OF_PAGE(RC_INVALID, "work: is given", r.work = WORK_OPINION);
    OF_PAGE(RC_INVALID, "section: is given", r.section = full.section);
    OF_PAGE(RC_INVALID, "headlineSocial: is given", r.headline_social = full.headline_social);
    OF_PAGE(RC_INVALID, "headlineFeed: is given", r.headline_feed = full.headline_feed);
    OF_PAGE(RC_INVALID, "dateline: is given", r.dateline = full.dateline);
    OF_PAGE(RC_INVALID, "creditLine: is given", r.credit_line = full.credit_line);
    OF_PAGE(RC_INVALID, "bylines: is given", (r.bylines = full.bylines, r.byline_count = 1));
    OF_PAGE(RC_INVALID, "tags: is given", (r.tags = full.tags, r.tag_count = 1));
    OF_PAGE(RC_INVALID, "pictures: is given", (r.pictures = full.pictures, r.picture_count = 1));
    OF_PAGE(RC_INVALID, "corrections: is given",
            (r.corrections = full.corrections, r.correction_count = 1));
    OF_PAGE(RC_INVALID, "change: is given", r.change = CHANGE_MINOR);
    OF_PAGE(RC_INVALID, "standing.order: is over 999", r.standing.order = STANDING_ORDER_MAX + 1);
    OF_PAGE(RC_INVALID, "standing.note: ", r.standing.note = SPAN(" x"));
    OF_PAGE(RC_INVALID, "standing.note: is given", r.standing.order = 0);
    OF_PAGE(RC_TOO_BIG,
            "standing.note: ", r.standing.note = times("a", STANDING_NOTE_BYTES_MAX + 1));
    page.standing.note = times("a", STANDING_NOTE_BYTES_MAX);
    page.standing.order = STANDING_ORDER_MAX;
    taken(&page);
}

static void paths_are_normal(void **state) {
    (void)state;
    static const char *good[] = {"/",           "/a", "/a/", "/%D8%A3", "/a;b=1,2@x:y!$&'()*+",
                                 "/a.b/..c/%20"};
    static const char *bad[] = {"",        "a",    "//a",  "/%d8%a3", "/%4",        "/%",
                                "/%41",    "/a b", "/a?b", "/a#b",    "/ä",         "/..",
                                "/a/../b", "/a/.", "/%00", "/%2F",    "/%5C",       "/a\\b",
                                "/%7F",    "/%0A", "/%FF", "/%C3",    "/%ED%A0%80", "/a\"b"};
    for (size_t i = 0; i < COUNT_OF(good); i++) TAKEN(r.path = span_str(good[i]));
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        REFUSED(RC_INVALID, "path: ", r.path = span_str(bad[i]));
    TAKEN((r.path = arena_printf(arena, "/%s", times("a", PATH_BYTES_MAX - 1).p)));
    REFUSED(RC_TOO_BIG, "path: 1025 bytes",
            r.path = arena_printf(arena, "/%s", times("a", PATH_BYTES_MAX).p));
}

static void languages_have_their_shape(void **state) {
    (void)state;
    static const char *good[] = {"en", "ar-EG", "zh-Hans-CN", "sr-Latn", "es-419", "de-x-a", "tlh"};
    static const char *bad[] = {"",       "e",  "en_GB", "en-",       "-en",
                                "en--GB", "3n", "en-ä",  "abcdefghi", "en-abcdefghi"};
    for (size_t i = 0; i < COUNT_OF(good); i++) TAKEN(r.language = span_str(good[i]));
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        REFUSED(RC_INVALID, "language: ", r.language = span_str(bad[i]));
    TAKEN(r.language = SPAN("en-abcdefgh-abcdefgh-abcdefgh-abcde"));
    REFUSED(RC_TOO_BIG, "language: 36 bytes",
            r.language = SPAN("en-abcdefgh-abcdefgh-abcdefgh-abcdef"));
}

static void strings_are_as_normalize_leaves_them(void **state) {
    (void)state;
    REFUSED(RC_INVALID, "headline: is missing", r.headline = SPAN(""));
    REFUSED(RC_INVALID, "headline: is not in Unicode Normalization Form C",
            r.headline = SPAN("Ko\xcc\x88ln"));
    TAKEN(r.headline = normal(SPAN("Ko\xcc\x88ln"), false));
    REFUSED(RC_INVALID, "headline: byte 1: U+202E",
            r.headline = SPAN("a\xe2\x80\xae"
                              "b"));
    REFUSED(RC_INVALID, "headline: byte 1: U+200B",
            r.headline = SPAN("a\xe2\x80\x8b"
                              "b"));
    REFUSED(RC_INVALID, "headline: byte 2: U+000A", r.headline = SPAN("ab\nc"));
    REFUSED(RC_INVALID, "headline: byte 2: U+0000", r.headline = SPAN("ab\0c"));
    REFUSED(RC_INVALID, "headline: byte 1: is not well-formed", r.headline = SPAN("a\xc3"));
    REFUSED(RC_INVALID, "headline: begins or ends", r.headline = SPAN(" ab"));
    REFUSED(RC_INVALID, "headline: begins or ends", r.headline = SPAN("ab\xc2\xa0"));
    REFUSED(RC_INVALID, "headline: two white spaces", r.headline = SPAN("a  b"));
    REFUSED(RC_INVALID, "headlineShort: ", r.headline_short = SPAN(" "));
    REFUSED(RC_INVALID, "headlineSocial: ", r.headline_social = SPAN("\t"));
    REFUSED(RC_INVALID, "headlineFeed: ", r.headline_feed = SPAN("a\r"));
    REFUSED(RC_INVALID, "standfirst: ", r.standfirst = SPAN("\x7f"));
    REFUSED(RC_INVALID, "section: ", r.section = SPAN(" a"));
    REFUSED(RC_INVALID, "creditLine: ", r.credit_line = SPAN("a "));
    REFUSED(RC_INVALID, "dateline.place: ", r.dateline.place = SPAN("a "));
    REFUSED(RC_INVALID, "dateline.source: ", r.dateline.source = SPAN("a "));
    REFUSED(RC_INVALID, "work: ", r.work = WORK_COUNT);
    /* 300 letters of any script are a headline. */
    TAKEN(r.headline = times("م", 300));
    TAKEN(r.headline = times("ß", 300));
    TAKEN(r.headline = times("🚢", 300));
    TAKEN(r.headline = times("a", HEADLINE_BYTES_MAX));
    REFUSED(RC_TOO_BIG, "headline: 2049 bytes, at most 2048",
            r.headline = times("a", HEADLINE_BYTES_MAX + 1));
    TAKEN(r.standfirst = times("a", STANDFIRST_BYTES_MAX));
    REFUSED(RC_TOO_BIG, "standfirst: ", r.standfirst = times("a", STANDFIRST_BYTES_MAX + 1));
    REFUSED(RC_TOO_BIG, "section: ", r.section = times("a", SECTION_BYTES_MAX + 1));
    REFUSED(RC_TOO_BIG, "creditLine: ", r.credit_line = times("a", CREDIT_LINE_BYTES_MAX + 1));
    REFUSED(RC_TOO_BIG, "dateline.place: ", r.dateline.place = times("a", DATELINE_BYTES_MAX + 1));
}

static void slugs_have_their_shape(void **state) {
    (void)state;
    static const char *bad[] = {"-a", "a-", "a--b", "A", "a b", "a/b", "É", "é!", "Ko\xcc\x88ln"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        REFUSED(RC_INVALID, "slug: ", r.slug = span_str(bad[i]));
    TAKEN(r.slug = SPAN("größe-٢-हिन्दी"));
    TAKEN(r.slug = times("a", SLUG_BYTES_MAX));
    REFUSED(RC_TOO_BIG, "slug: 81 bytes", r.slug = times("a", SLUG_BYTES_MAX + 1));
    REFUSED(RC_INVALID, "tags[1].slug: is missing", r.tags[1].slug = SPAN(""));
    REFUSED(RC_INVALID, "tags[1].slug: U+0041", r.tags[1].slug = SPAN("A"));
}

/* `wanted` copies of the first element. */
static void *copies(const void *first, size_t bytes, size_t wanted) {
    char *p = arena_take(arena, wanted * bytes);
    assert_non_null(p);
    for (size_t i = 0; i < wanted; i++) memcpy(p + i * bytes, first, bytes);
    return p;
}
#define REPEAT(items, item_count, wanted) \
    ((items) = copies((items), sizeof *(items), (wanted)), (item_count) = (wanted))

static void lists_are_checked(void **state) {
    (void)state;
    REFUSED(RC_INVALID, "bylines[1].name: is missing", r.bylines[1].name = SPAN(""));
    REFUSED(RC_INVALID, "bylines[0].role: ", r.bylines[0].role = SPAN(" "));
    TAKEN(REPEAT(r.bylines, r.byline_count, BYLINES_MAX));
    REFUSED(RC_TOO_BIG, "bylines: 33", REPEAT(r.bylines, r.byline_count, BYLINES_MAX + 1));
    REFUSED(RC_INVALID, "tags[0].kind: ", r.tags[0].kind = TAG_KIND_COUNT);
    REFUSED(RC_INVALID, "tags[0].name: is missing", r.tags[0].name = SPAN(""));
    TAKEN(REPEAT(r.tags, r.tag_count, TAGS_MAX));
    REFUSED(RC_TOO_BIG, "tags: 65", REPEAT(r.tags, r.tag_count, TAGS_MAX + 1));
    REFUSED(RC_INVALID, "corrections[0].at: is missing", r.corrections[0].at = 0);
    REFUSED(RC_INVALID, "corrections[1].at: is before", r.corrections[1].at = 1);
    REFUSED(RC_INVALID, "corrections[0].kind: ", r.corrections[0].kind = CHANGE_MINOR);
    REFUSED(RC_INVALID, "corrections[0].kind: ", r.corrections[0].kind = CHANGE_COUNT);
    REFUSED(RC_INVALID, "corrections[0].text: is missing", r.corrections[0].text = SPAN(""));
    TAKEN((r.change = CHANGE_UPDATE, REPEAT(r.corrections, r.correction_count, CORRECTIONS_MAX)));
    REFUSED(
        RC_TOO_BIG, "corrections: 257",
        (r.change = CHANGE_UPDATE, REPEAT(r.corrections, r.correction_count, CORRECTIONS_MAX + 1)));
}

static void related_stories_are_checked(void **state) {
    (void)state;
    REFUSED(RC_INVALID, "related[1]: is missing", r.related[1] = (struct story_id){{0}});
    REFUSED(RC_INVALID, "related[1]: is there already", r.related[1] = r.related[0]);
    REFUSED(RC_INVALID, "related[0]: is the story itself", r.related[0] = r.story);
    REFUSED(RC_TOO_BIG, "related: 9 stories", r.related_count = RELATED_PINS_MAX + 1);
}

static const char *line_of(const char *credit, const char *creator, const char *copyright) {
    static char text[256];
    struct buf out;
    const struct picture p = {
        .credit = span_str(credit), .creator = span_str(creator), .copyright = span_str(copyright)};
    buf_init_fixed(&out, text, sizeof text - 1);
    picture_credit_line(&p, &out);
    text[out.n] = 0;
    return text;
}

static void credits_are_one_line(void **state) {
    (void)state;
    assert_string_equal(line_of("COURIER", "M. Vale", ""), "© COURIER / M. Vale");
    assert_string_equal(line_of("COURIER", "M. Vale", "© The Courier"), "© COURIER / M. Vale");
    assert_string_equal(line_of("COURIER", "M. Vale", "City of Averil"), "COURIER / M. Vale");
    assert_string_equal(line_of("© AG", "M. Vale", ""), "© AG / M. Vale");
    assert_string_equal(line_of("© COURIER / M. VALE", "M. Vale", ""), "© COURIER / M. VALE");
    assert_string_equal(line_of("© البريد / رسم ببرنامج", "Drawn by program", ""),
                        "© البريد / رسم ببرنامج");
    assert_string_equal(line_of("Handout", "", "x"), "Handout");
    assert_string_equal(line_of("", "M. Vale", "x"), "M. Vale");
    assert_string_equal(line_of("", "", "x"), "");
}

/* Each channel by itself, before, at and behind the end of a lease; and what a card keeps of it. */
static void rights_are_what_they_say(void **state) {
    (void)state;
    const ms_t end = 1827088439123;
    for (unsigned channels = 0; channels < 1u << CHANNEL_COUNT; channels++)
        for (unsigned i = 0; i < CHANNEL_COUNT * 2u * 2 * 3; i++) {
            const enum channel channel = (enum channel)(i % CHANNEL_COUNT);
            const bool kept = i / CHANNEL_COUNT % 2, leased = i / (CHANNEL_COUNT * 2u) % 2;
            const ms_t at = end - 1 + i / (CHANNEL_COUNT * 4u);
            const struct rights rights = {channels, leased ? end : 0, kept};
            const bool named = channels == 0 || (channels >> channel & 1),
                       passes = channel == CHANNEL_API || channel == CHANNEL_FEED,
                       wanted = named && !(kept && passes) && !(leased && at >= end);
            assert_int_equal(rights_allow(&rights, channel, at), wanted);
            struct buf json;
            buf_init(&json, 256);
            card_rights_write(&rights, &json);
            assert_int_equal(json.n > 0, channels || leased || kept);
            buf_str(&json, json.n ? ",\"alt\":\"\"}" : "{\"alt\":\"\"}");
            const struct card card = {.picture = buf_span(&json)};
            assert_int_equal(card_allows(&card, channel, at), wanted);
            buf_done(&json);
        }
    assert_false(card_allows(&(struct card){0}, CHANNEL_WEB, 1));
    assert_false(card_allows(&(struct card){.picture = SPAN("{\"rights\":[1,")}, CHANNEL_API, 1));
    assert_false(card_allows(&(struct card){.picture = SPAN("{\"rights\":[]}")}, CHANNEL_API, 1));
    const struct rights print = {1u << CHANNEL_PRINT, 0, false};
    assert_false(rights_allow_any(&print, 1));
    const struct rights api = {1u << CHANNEL_API, 2, false};
    assert_true(rights_allow_any(&api, 1));
    assert_false(rights_allow_any(&api, 2));
}

static void pictures_are_checked(void **state) {
    (void)state;
    REFUSED(RC_INVALID, "pictures[1].caption: ", r.pictures[1].caption = SPAN("a "));
    REFUSED(RC_INVALID, "pictures[1].alt: ", r.pictures[1].alt = SPAN("a "));
    REFUSED(RC_INVALID, "pictures[1].credit: ", r.pictures[1].credit = SPAN("a "));
    REFUSED(RC_INVALID, "pictures[1].creator: ", r.pictures[1].creator = SPAN("a "));
    REFUSED(RC_INVALID, "pictures[1].copyright: ", r.pictures[1].copyright = SPAN("a "));
    static const char *const no_colour[] = {"2f4a61",  "#2f4a6",  "#2f4a611",
                                            "#2F4A61", "#2f4a6g", "red"};
    for (size_t i = 0; i < COUNT_OF(no_colour); i++)
        REFUSED(RC_INVALID, "pictures[1].colour: ", r.pictures[1].colour = span_str(no_colour[i]));
    REFUSED(RC_INVALID, "pictures[1].usageTerms: ", r.pictures[1].usage_terms = SPAN("a "));
    REFUSED(RC_INVALID,
            "pictures[1].channels: ", r.pictures[1].rights.channels = 1u << CHANNEL_COUNT);
    REFUSED(RC_INVALID, "pictures[1].expires: is missing", r.pictures[1].rights.expires = -1);
    REFUSED(RC_INVALID, "pictures[1].expires: is after",
            r.pictures[1].rights.expires = TIME_MS_MAX + 1);
    REFUSED(RC_INVALID, "pictures[1].renditions: is missing", r.pictures[1].rendition_count = 0);
    REFUSED(RC_INVALID, "pictures[0].renditions[1].type: ",
            r.pictures[0].renditions[1].type = SPAN("image/gif"));
    REFUSED(RC_INVALID, "pictures[0].renditions[1].width: is more",
            r.pictures[0].renditions[1].width = 1601);
    TAKEN(r.pictures[0].renditions[1].width = 1600);
    REFUSED(RC_INVALID, "pictures[0].renditions[1].width: is missing",
            r.pictures[0].renditions[1].width = 0);
    REFUSED(RC_INVALID, "pictures[0].renditions[0].height: is missing",
            r.pictures[0].renditions[0].height = 0);
    REFUSED(RC_INVALID, "pictures[0].renditions[0].bytes: is missing",
            r.pictures[0].renditions[0].bytes = 0);
    TAKEN(r.pictures[0].renditions[0].width = RENDITION_PIXELS_MAX);
    REFUSED(RC_TOO_BIG, "pictures[0].renditions[0].width: ",
            r.pictures[0].renditions[0].width = RENDITION_PIXELS_MAX + 1);
    REFUSED(RC_TOO_BIG, "pictures[0].renditions[0].height: ",
            r.pictures[0].renditions[0].height = RENDITION_PIXELS_MAX + 1);
    REFUSED(RC_TOO_BIG, "pictures[0].renditions[0].bytes: ",
            r.pictures[0].renditions[0].bytes = RENDITION_BYTES_MAX + 1);
    TAKEN(REPEAT(r.pictures[1].renditions, r.pictures[1].rendition_count, RENDITIONS_MAX));
    REFUSED(RC_TOO_BIG, "pictures[1].renditions: 33",
            REPEAT(r.pictures[1].renditions, r.pictures[1].rendition_count, RENDITIONS_MAX + 1));
    TAKEN(REPEAT(r.pictures, r.picture_count, PICTURES_MAX));
    REFUSED(RC_TOO_BIG, "pictures: 65", REPEAT(r.pictures, r.picture_count, PICTURES_MAX + 1));
    REFUSED(RC_INVALID, "leadPicture: there is no", (r.picture_count = 0, r.block_count = 0));
}

enum {
    PARAGRAPH,
    HEADING,
    LIST,
    QUOTE,
    PULL_QUOTE,
    PICTURE,
    TABLE,
    PREFORMATTED,
    RULE,
    EMBED,
    GALLERY,
    EVENTS,
    AUDIO
};

static void blocks_have_their_fields_and_no_others(void **state) {
    (void)state;
    struct text text = sample_text(arena, SPAN("x"));
    REFUSED(RC_INVALID, "blocks[1].kind: ", r.blocks[1].kind = BLOCK_KIND_COUNT);
    REFUSED(RC_INVALID, "blocks[0].text: is missing", r.blocks[PARAGRAPH].text.count = 0);
    REFUSED(RC_INVALID, "blocks[7].text: is missing", r.blocks[PREFORMATTED].text.count = 0);
    REFUSED(RC_INVALID, "blocks[1].level: 1 is not", r.blocks[HEADING].level = 1);
    TAKEN(r.blocks[HEADING].level = 4);
    REFUSED(RC_INVALID, "blocks[1].level: 5 is not", r.blocks[HEADING].level = 5);
    REFUSED(RC_INVALID, "blocks[2].rows: is missing", r.blocks[LIST].row_count = 0);
    REFUSED(RC_INVALID, "blocks[2].rows[1]: is missing", r.blocks[LIST].rows[1].count = 0);
    REFUSED(RC_INVALID, "blocks[3].speaker: ", r.blocks[QUOTE].speaker = SPAN("a "));
    REFUSED(RC_INVALID, "blocks[3].occasion: ", r.blocks[QUOTE].occasion = SPAN("a "));
    REFUSED(RC_INVALID, "blocks[5].picture: there is no pictures[2]",
            r.blocks[PICTURE].picture = 2);
    REFUSED(RC_INVALID, "blocks[6].columns: is missing", r.blocks[TABLE].columns = 0);
    REFUSED(RC_INVALID, "blocks[6].rows: 4 cells", r.blocks[TABLE].columns = 3);
    TAKEN(r.blocks[TABLE].columns = 4);
    REFUSED(RC_TOO_BIG, "blocks[6].columns: ", r.blocks[TABLE].columns = COLUMNS_MAX + 1);
    REFUSED(RC_INVALID, "blocks[9].url: is missing", r.blocks[EMBED].url = SPAN(""));
    REFUSED(RC_INVALID, "blocks[9].title: ", r.blocks[EMBED].title = SPAN("a "));

    REFUSED(RC_INVALID, "blocks[10].pictures: a gallery has", r.blocks[GALLERY].picture_count = 1);
    REFUSED(RC_INVALID, "blocks[10].pictures[1]: there is no pictures[2]",
            r.blocks[GALLERY].pictures[1] = 2);
    REFUSED(RC_INVALID, "blocks[10].pictures[1]: is there already",
            r.blocks[GALLERY].pictures[1] = 1);
    REFUSED(RC_INVALID, "blocks[11].rows: is missing", r.blocks[EVENTS].row_count = 0);
    REFUSED(RC_INVALID, "blocks[11].rows[0]: is missing", r.blocks[EVENTS].rows[0].count = 0);
    REFUSED(RC_INVALID, "blocks[11].times: is missing", r.blocks[EVENTS].times = NULL);
    REFUSED(RC_INVALID, "blocks[11].times[0]: is missing", r.blocks[EVENTS].times[0] = 0);
    REFUSED(RC_INVALID, "blocks[11].times[1]: is before", r.blocks[EVENTS].times[1] = 1);
    TAKEN(r.blocks[EVENTS].times[1] = r.blocks[EVENTS].times[0]);
    REFUSED(RC_INVALID, "blocks[11].times[1]: is after the year",
            r.blocks[EVENTS].times[1] = TIME_MS_MAX + 1);
    REFUSED(RC_INVALID, "blocks[12].url: is missing", r.blocks[AUDIO].url = SPAN(""));
    REFUSED(RC_INVALID, "blocks[12].url: is not", r.blocks[AUDIO].url = SPAN("/1.mp3"));
    TAKEN(r.blocks[AUDIO].title = SPAN(""));

    REFUSED(RC_INVALID, "blocks[8].pictures: is given", r.blocks[RULE].picture_count = 2);
    REFUSED(RC_INVALID, "blocks[2].times: is given", r.blocks[LIST].times = r.blocks[EVENTS].times);
    REFUSED(RC_INVALID, "blocks[8].text: is given", r.blocks[RULE].text = text);
    REFUSED(RC_INVALID, "blocks[8].rows: is given",
            (r.blocks[RULE].rows = &text, r.blocks[RULE].row_count = 1));
    REFUSED(RC_INVALID, "blocks[0].level: is given", r.blocks[PARAGRAPH].level = 2);
    REFUSED(RC_INVALID, "blocks[0].ordered: is given", r.blocks[PARAGRAPH].ordered = true);
    REFUSED(RC_INVALID, "blocks[2].speaker: is given", r.blocks[LIST].speaker = SPAN("a"));
    REFUSED(RC_INVALID, "blocks[2].occasion: is given", r.blocks[LIST].occasion = SPAN("a"));
    REFUSED(RC_INVALID, "blocks[2].url: is given", r.blocks[LIST].url = SPAN("/a"));
    REFUSED(RC_INVALID, "blocks[3].title: is given", r.blocks[QUOTE].title = SPAN("a"));
    REFUSED(RC_INVALID, "blocks[8].picture: is given", r.blocks[RULE].picture = 1);
    REFUSED(RC_INVALID, "blocks[2].columns: is given", r.blocks[LIST].columns = 1);
    REFUSED(RC_INVALID, "blocks[2].headerRow: is given", r.blocks[LIST].header_row = true);
}

static void texts_are_checked(void **state) {
    (void)state;
    REFUSED(RC_INVALID, "blocks[0].text[1].text: is missing",
            r.blocks[PARAGRAPH].text.runs[1].text = SPAN(""));
    REFUSED(RC_INVALID, "blocks[0].text[1].text: is not in Unicode",
            r.blocks[PARAGRAPH].text.runs[1].text = SPAN("e\xcc\x81"));
    REFUSED(RC_INVALID, "blocks[0].text[1].text: byte 1: U+000A",
            r.blocks[PARAGRAPH].text.runs[1].text = SPAN("e\n"));
    REFUSED(RC_INVALID, "blocks[0].text[1].look: ", r.blocks[PARAGRAPH].text.runs[1].look = 32);
    REFUSED(RC_INVALID, "blocks[0].text[1]: looks like", r.blocks[PARAGRAPH].text.runs[1].look = 0);
    REFUSED(RC_INVALID, "blocks[0].text[0].text: begins with white space",
            r.blocks[PARAGRAPH].text.runs[0].text = SPAN(" a"));
    REFUSED(RC_INVALID, "blocks[0].text[6].text: ends with white space",
            r.blocks[PARAGRAPH].text.runs[6].text = SPAN("a "));
    REFUSED(RC_INVALID, "blocks[2].rows[1][0].text: byte 0: U+0009",
            r.blocks[LIST].rows[1].runs[0].text = SPAN("\t"));
    REFUSED(RC_INVALID, "blocks[7].text[0].text: begins with a blank line",
            r.blocks[PREFORMATTED].text.runs[0].text = SPAN(" \na"));
    REFUSED(RC_INVALID, "blocks[7].text[0].text: ends with white space",
            r.blocks[PREFORMATTED].text.runs[0].text = SPAN("a\n"));
    REFUSED(RC_INVALID, "blocks[7].text[0].text: byte 1: U+000D",
            r.blocks[PREFORMATTED].text.runs[0].text = SPAN("a\r\nb"));
    TAKEN(r.blocks[HEADING].text = sample_text(arena, times("a", TEXT_BYTES_MAX)));
    REFUSED(RC_TOO_BIG, "blocks[1].text[0].text: 262145",
            r.blocks[HEADING].text = sample_text(arena, times("a", TEXT_BYTES_MAX + 1)));
    REFUSED(RC_TOO_BIG, "blocks[0].text: 4097 runs", r.blocks[PARAGRAPH].text.count = RUNS_MAX + 1);
    REFUSED(RC_TOO_BIG, "blocks[0].text: 262",
            r.blocks[PARAGRAPH].text.runs[1].text = times("a", TEXT_BYTES_MAX));
    TAKEN((r.blocks[TABLE].columns = 1,
           REPEAT(r.blocks[TABLE].rows, r.blocks[TABLE].row_count, ROWS_MAX)));
    REFUSED(RC_TOO_BIG, "blocks[6].rows: 4097",
            (r.blocks[TABLE].columns = 1,
             REPEAT(r.blocks[TABLE].rows, r.blocks[TABLE].row_count, ROWS_MAX + 1)));
}

static void only_harmless_urls_are_taken(void **state) {
    (void)state;
    static const char *good[] = {"http://a",
                                 "HTTPS://a.example/x?y#z",
                                 "mailto:a@b.example",
                                 "/",
                                 "/a/b",
                                 "https://de.wikipedia.example/wiki/Köln",
                                 "https://[::1]/"};
    static const char *bad[] = {"javascript:alert(1)",
                                "data:text/html,x",
                                "//evil.example/",
                                "a",
                                "https:/a",
                                "https://",
                                "http:///a",
                                "ftp://a",
                                "https://a b",
                                "https://a\"b",
                                "https://a<b",
                                "mailto:",
                                "https://a\\b",
                                "JavaScript:x",
                                "https://?x",
                                "#x",
                                "https://a\xe2\x80\xae",
                                "https://a\xc2\xa0.b",
                                "vbscript:x",
                                "/\\evil"};
    for (size_t i = 0; i < COUNT_OF(good); i++)
        TAKEN(r.blocks[0].text.runs[3].href = span_str(good[i]));
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        REFUSED(RC_INVALID,
                "blocks[0].text[3].href: ", r.blocks[0].text.runs[3].href = span_str(bad[i]));
    REFUSED(RC_INVALID, "blocks[9].url: is not", r.blocks[EMBED].url = SPAN("/a"));
    REFUSED(RC_INVALID, "blocks[9].url: is not", r.blocks[EMBED].url = SPAN("mailto:a@b"));
    TAKEN(r.blocks[QUOTE].url = SPAN("/a"));
    REFUSED(RC_INVALID, "blocks[3].url: is not", r.blocks[QUOTE].url = SPAN("mailto:a@b"));
    TAKEN(r.blocks[EMBED].url = arena_printf(arena, "https://%s", times("a", URL_BYTES_MAX - 8).p));
    REFUSED(RC_TOO_BIG, "blocks[9].url: 2049",
            r.blocks[EMBED].url =
                arena_printf(arena, "https://%s", times("a", URL_BYTES_MAX - 7).p));
}

static void blocks_and_parts_have_limits(void **state) {
    (void)state;
    TAKEN(REPEAT(r.blocks, r.block_count, BLOCKS_MAX));
    REFUSED(RC_TOO_BIG, "blocks: 3501", REPEAT(r.blocks, r.block_count, BLOCKS_MAX + 1));
    struct revision r = sample_full(arena);
    /* 6 strings and 2 renditions a picture, of which the first has all; 10 + 8 + 5 single parts,
     * and 2 bylines, tags and corrections each. */
    REPEAT(r.blocks, r.block_count, BLOCKS_MAX);
    REPEAT(r.pictures, r.picture_count, PICTURES_MAX);
    size_t others = BLOCKS_MAX + 8 * PICTURES_MAX + 23 + 3 * 2;
    REPEAT(r.pictures[0].renditions, r.pictures[0].rendition_count, 2);
    size_t left = CANON_PARTS_MAX - others;
    for (size_t i = 1; left; i++) {
        size_t more = left < 30 ? left : 30;
        REPEAT(r.pictures[i].renditions, r.pictures[i].rendition_count, 2 + more);
        left -= more;
    }
    taken(&r);
    REPEAT(r.tags, r.tag_count, 3);
    refused(&r, RC_TOO_BIG, "the story: 4097 parts");
}

/* ---- withdrawals -------------------------------------------------------------------------- */

static void days_are_of_the_calendar(void **state) {
    (void)state;
    static const char *const good[] = {"2026-11-20", "2024-02-29", "2000-02-29", "1000-01-01",
                                       "9999-12-31"};
    static const char *const bad[] = {"",           "2026-11-2",  "2026-11-200", "2026/11/20",
                                      "2026-11-31", "2026-00-10", "2026-13-10",  "2026-11-00",
                                      "2026-02-29", "1900-02-29", "0999-01-01",  "2026-1a-20"};
    int year;
    unsigned month, day;
    for (size_t i = 0; i < COUNT_OF(good); i++)
        if (!day_read(span_str(good[i]), &year, &month, &day)) fail_msg("%s", good[i]);
    assert_true(year == 9999 && month == 12 && day == 31);
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (day_read(span_str(bad[i]), &year, &month, &day)) fail_msg("%s was taken", bad[i]);
}

static void withdrawals_are_kept_as_parts(void **state) {
    (void)state;
    struct withdrawal w, got;
    struct span parts[WITHDRAWAL_PARTS_MAX], json;
    size_t count;
    assert_int_equal(withdrawal_make(arena, SPAN(" A  \"name\" "), SPAN(""), SPAN(""), &w), RC_OK);
    assert_int_equal(withdrawal_write(arena, &w, parts, &count, &json), RC_OK);
    assert_int_equal(count, 2);
    assert_true(span_eq(parts[0], SPAN("[[\"reason\"],\"A \\\"name\\\"\"]")));
    assert_true(span_eq(parts[1], SPAN("[[\"status\"],410]")));
    assert_int_equal(withdrawal_read(arena, json, &got), RC_OK);
    assert_true(withdrawal_same(&w, &got));

    assert_int_equal(withdrawal_make(arena, SPAN("law"), SPAN("A court"), SPAN("2026-11-20"), &w),
                     RC_OK);
    assert_int_equal(w.status, 451);
    assert_false(withdrawal_same(&w, &got));
    assert_int_equal(withdrawal_write(arena, &w, parts, &count, &json), RC_OK);
    assert_int_equal(count, 4);
    assert_true(span_eq(parts[0], SPAN("[[\"authority\"],\"A court\"]")));
    assert_true(span_eq(parts[1], SPAN("[[\"demanded\"],\"2026-11-20\"]")));
    assert_true(span_eq(parts[3], SPAN("[[\"status\"],451]")));
    assert_int_equal(withdrawal_read(arena, json, &got), RC_OK);
    assert_true(withdrawal_same(&w, &got));
    assert_int_equal(withdrawal_make(arena, SPAN(""), SPAN("A court"), SPAN(""), &w), RC_OK);
    assert_true(w.reason.n > 0);

    assert_int_equal(withdrawal_make(arena, SPAN("x"), SPAN(""), SPAN("2026-11-20"), &w),
                     RC_INVALID);
    assert_int_equal(withdrawal_make(arena, SPAN("x"), SPAN("y"), SPAN("20 November"), &w),
                     RC_INVALID);
    assert_int_equal(withdrawal_make(arena, times("x", 1001), SPAN(""), SPAN(""), &w), RC_TOO_BIG);
    assert_int_equal(withdrawal_make(arena, SPAN("x"), times("x", 301), SPAN(""), &w), RC_TOO_BIG);
    static const char *const bad[] = {"{}",
                                      "[]",
                                      "[7]",
                                      "[\"7\"]",
                                      "[\"[[\\\"status\\\"],404]\"]",
                                      "[\"[[\\\"reason\\\"],7]\",\"[[\\\"status\\\"],410]\"]",
                                      "[\"[[\\\"other\\\"],7]\",\"[[\\\"status\\\"],410]\"]"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (withdrawal_read(arena, span_str(bad[i]), &got) != RC_INVALID) fail_msg("%s", bad[i]);
}

int main(void) {
#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        T(words_and_values_match),
        T(ids_are_32_small_hex_digits),
        T(editions_have_keys),
        T(text_is_joined_and_words_are_counted),
        T(a_retraction_stays),
        T(lines_are_made_normal),
        T(line_feeds_are_kept_where_asked_for),
        T(bad_utf8_is_refused_and_size_limited),
        T(marks_in_a_row_are_limited),
        T(every_code_point_becomes_normal),
        T(slugs_keep_letters_of_every_script),
        T(slugs_are_cut_between_words),
        T(what_is_given_is_checked),
        T(standing_pages_have_nothing_of_news),
        T(paths_are_normal),
        T(languages_have_their_shape),
        T(strings_are_as_normalize_leaves_them),
        T(slugs_have_their_shape),
        T(lists_are_checked),
        T(pictures_are_checked),
        T(related_stories_are_checked),
        T(credits_are_one_line),
        T(rights_are_what_they_say),
        T(blocks_have_their_fields_and_no_others),
        T(texts_are_checked),
        T(only_harmless_urls_are_taken),
        T(blocks_and_parts_have_limits),
        T(days_are_of_the_calendar),
        T(withdrawals_are_kept_as_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
