#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "codec/json.h"
#include "story/canon.h"
#include "story/limits.h"
#include "story/sample.h"

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

#define OK(call)                                                 \
    do {                                                         \
        rc code_ = (call);                                       \
        if (code_ != RC_OK) fail_msg("%s: %s", #call, rc_why()); \
    } while (0)

static struct span write_down(const struct revision *r) {
    struct buf b;
    buf_init(&b, CANON_BYTES_MAX);
    OK(story_check(r));
    OK(canon_write(r, &b));
    struct span s = arena_copy(arena, buf_span(&b));
    buf_done(&b);
    return s;
}

static void assert_why(const char *wanted) {
    if (strncmp(rc_why(), wanted, strlen(wanted)) != 0)
        fail_msg("wanted \"%s\", got \"%s\"", wanted, rc_why());
}

/* ---- writing and reading ------------------------------------------------------------------ */

#define SMALL                                                                                 \
    "\"code\":\"abc2345\",\"headline\":\"Harbour reopens\",\"language\":\"en\",\"number\":1," \
    "\"path\":\"/2026/11/24/harbour-reopens\",\"published\":1795552439123,"                   \
    "\"story\":\"3f1c5a0e9b7d4c62a8e0d1f2b3c4d5e6\",\"updated\":1795552439123,\"version\":1," \
    "\"work\":\"news\""

static void the_smallest_is_spelled_as_specified(void **state) {
    (void)state;
    struct revision r = sample_small();
    assert_true(span_eq(write_down(&r), SPAN("{" SMALL "}")));
}

static void a_full_one_is_spelled_as_specified(void **state) {
    (void)state;
    struct revision r = sample_full(arena);
    struct span bytes = write_down(&r);
    static const char *const pieces[] = {
        "{\"blocks\":[{\"kind\":\"paragraph\",\"text\":[{\"text\":\"The pier \"},",
        "{\"look\":[\"emphasis\",\"strong\"],\"text\":\"opened\"},{\"text\":\" at noon: \"},",
        "{\"href\":\"https://port.example/notice?a=1&b=2#x\",\"text\":\"the notice\"},",
        "{\"look\":[\"code\",\"emphasis\",\"strong\",\"sub\",\"sup\"],\"text\":\"O\"}]},",
        "{\"kind\":\"heading\",\"level\":2,\"text\":[{\"text\":\"„Kräne“ \\\\ \\\"stehen\\\" "
        "still\"}]},",
        "{\"kind\":\"list\",\"ordered\":true,\"rows\":[[{",
        "{\"kind\":\"quote\",\"occasion\":\"at the opening\",\"rows\":[[{",
        "]],\"speaker\":\"Mara "
        "Vale\",\"url\":\"https://port.example/speech\"},{\"kind\":\"pull-quote\"",
        "{\"kind\":\"picture\",\"picture\":1},{\"columns\":2,\"headerRow\":true,\"kind\":\"table\","
        "\"rows\":[[{",
        "}],[],[{",
        "{\"kind\":\"preformatted\",\"text\":[{\"text\":\"  a  b\\n\\n c\"}]},{\"kind\":\"rule\"},",
        "{\"kind\":\"embed\",\"title\":\"The "
        "film\",\"url\":\"https://video.example/1\"},{\"kind\":\"gallery\",\"pictures\":[1,0]},",
        "{\"kind\":\"events\",\"rows\":[[{",
        "}]],\"times\":[1795552439123,1795552500000]},",
        "{\"kind\":\"audio\",\"title\":\"The "
        "talk\",\"url\":\"https://radio.example/1.mp3\"}],\"bylines\":[",
        "{\"name\":\"Mara Vale\",\"role\":\"Harbour correspondent\"},{\"name\":\"Jürgen Groß\"}],",
        "\"change\":\"correction\",\"code\":\"abc2345\",\"corrections\":[{\"at\":1795552440000,",
        "\"kind\":\"clarification\",\"text\":\"The pier is the north pier.\"},{",
        "\"creditLine\":\"© 2026 Courier\",\"dateline\":{\"place\":\"PORT "
        "AVERIL\",\"source\":\"COURIER\"},\"edition\":\"en\",",
        "\"headline\":\"Harbour reopens\",\"headlineFeed\":\"Harbour: "
        "open\",\"headlineShort\":\"Harbour open\",",
        "\"headlineSocial\":\"It is open "
        "🚢👩🏽‍✈️\",\"language\":\"en\",\"leadPicture\":true,\"number\":3,\"path\":",
        "\"pictures\":[{\"alt\":\"A pier\",\"caption\":\"The "
        "pier\",\"colour\":\"#2f4a61\",\"copyright\":\"Courier\",\"creator\":\"M. Vale\",",
        "\"credit\":\"© COURIER / M. VALE\",\"renditions\":[{\"bytes\":90000,\"hash\":\"01020300",
        "\",\"height\":900,\"type\":\"image/avif\",\"width\":1600},{\"bytes\":40000,",
        "{\"channels\":[\"feed\",\"web\"],\"expires\":1827088439123,\"noRedistribution\":true,",
        "\"width\":1600}],\"usageTerms\":\"One year\"}],\"published\":1795552439123,",
        "\"related\":[\"07060500000000000000000000000000\",\"04030200000000000000000000000000\"],",
        "\"section\":\"Harbour\",\"slug\":\"harbour-reopens\",",
        "\"standfirst\":\"After three "
        "years\",\"story\":\"3f1c5a0e9b7d4c62a8e0d1f2b3c4d5e6\",\"tags\":[",
        "{\"kind\":\"place\",\"name\":\"Port Averil\",\"slug\":\"port-averil\"},",
        "],\"translationOf\":\"09080700000000000000000000000000\",\"updated\":1795552499123,"
        "\"version\":1,\"work\":\"analysis\"}",
    };
    const char *at = bytes.p; /* arena_copy() ends it with a NUL */
    for (size_t i = 0; i < COUNT_OF(pieces); i++) {
        at = strstr(at, pieces[i]);
        if (!at) fail_msg("not there, or not in this order: %s", pieces[i]);
        at += strlen(pieces[i]);
    }
}

static void a_standing_page_is_spelled_as_specified(void **state) {
    (void)state;
    struct revision r = sample_standing(arena, SPAN("We print.")), back;
    struct span bytes = write_down(&r);
    assert_true(span_eq(
        bytes, SPAN("{\"blocks\":[{\"kind\":\"paragraph\",\"text\":[{\"text\":\"We print.\"}]}],"
                    "\"change\":\"update\",\"code\":\"abc2345\",\"headline\":\"About the "
                    "Courier\",\"headlineShort\":\"About\",\"language\":\"en\",\"number\":2,"
                    "\"path\":\"/about\",\"published\":1795552439123,\"slug\":\"about\","
                    "\"standing\":{\"note\":\"Says who owns the paper.\",\"order\":10},"
                    "\"story\":\"3f1c5a0e9b7d4c62a8e0d1f2b3c4d5e6\",\"updated\":1795552499123,"
                    "\"version\":1}")));
    OK(canon_read(arena, bytes, &back));
    assert_true(story_is_standing(&back));
    assert_int_equal(back.standing.order, 10);
    assert_true(span_eq(back.standing.note, r.standing.note));
}

/* jansson's values, sorted by codec/json, are the second opinion on what is canonical. */
static void round_trip(const struct revision *r) {
    struct revision back;
    struct span bytes = write_down(r), *parts;
    size_t count;
    json_t *json;
    struct buf b;
    OK(canon_read(arena, bytes, &back));
    assert_true(span_eq(write_down(&back), bytes));
    buf_init(&b, CANON_BYTES_MAX);
    OK(json_read(bytes, &json));
    OK(json_write_canonical(json, &b));
    json_decref(json);
    assert_true(span_eq(buf_span(&b), bytes));
    buf_clear(&b);
    OK(canon_parts(arena, bytes, &parts, &count));
    OK(canon_join(arena, parts, count, &b));
    assert_true(span_eq(buf_span(&b), bytes));
    buf_done(&b);
}

static void revisions_come_back(void **state) {
    (void)state;
    struct revision r = sample_full(arena), back;
    round_trip(&r);
    for (uint64_t seed = 1; seed <= 300; seed++) {
        arena_reset(arena);
        r = sample_random(arena, seed);
        round_trip(&r);
    }
    r = sample_full(arena);
    OK(canon_read(arena, write_down(&r), &back));
    assert_memory_equal(&back.story, &r.story, sizeof r.story);
    assert_int_equal(back.number, 3);
    assert_int_equal(back.change, CHANGE_CORRECTION);
    assert_memory_equal(&back.translation_of, &r.translation_of, sizeof r.translation_of);
    assert_true(span_eq(back.edition, SPAN("en")));
    assert_int_equal(back.work, WORK_ANALYSIS);
    assert_int_equal(back.updated, r.updated);
    assert_true(span_eq(back.headline_social, r.headline_social));
    assert_true(back.lead_picture);
    assert_int_equal(back.block_count, r.block_count);
    assert_int_equal(back.blocks[0].text.runs[1].look, RUN_STRONG | RUN_EMPHASIS);
    assert_int_equal(back.blocks[6].rows[1].count, 0);
    assert_int_equal(back.blocks[5].picture, 1);
    assert_int_equal(back.blocks[10].picture_count, 2);
    assert_int_equal(back.blocks[10].pictures[0], 1);
    assert_int_equal(back.blocks[11].times[1], 1795552500000);
    assert_true(sha256_eq(&back.pictures[0].renditions[1].hash, &r.pictures[0].renditions[1].hash));
    assert_true(span_eq(back.corrections[1].text, r.corrections[1].text));
}

static void write_has_its_limits(void **state) {
    (void)state;
    struct revision r = sample_full(arena);
    struct buf b;
    buf_init(&b, 100);
    buf_str(&b, "before");
    assert_int_equal(canon_write(&r, &b), RC_TOO_BIG);
    assert_true(span_eq(buf_span(&b), SPAN("before")));
    buf_done(&b);

    /* Five blocks of 200 KB or so: the size is made exact by the last one. */
    struct block *blocks = ARENA_ARRAY(arena, struct block, 5);
    char *letters = arena_take(arena, TEXT_BYTES_MAX);
    memset(letters, 'a', TEXT_BYTES_MAX);
    for (int i = 0; i < 5; i++) {
        blocks[i].kind = BLOCK_PARAGRAPH;
        blocks[i].text = sample_text(arena, span_of(letters, i < 4 ? 200000 : 1));
    }
    r.blocks = blocks;
    r.block_count = 5;
    size_t bytes = write_down(&r).n;
    blocks[4].text.runs[0].text.n += CANON_BYTES_MAX - bytes;
    struct revision back;
    struct span exact = write_down(&r), *parts;
    size_t count;
    assert_int_equal(exact.n, CANON_BYTES_MAX);
    OK(canon_read(arena, exact, &back));
    OK(canon_parts(arena, exact, &parts, &count));
    buf_init(&b, CANON_BYTES_MAX + 10);
    OK(canon_join(arena, parts, count, &b));
    blocks[4].text.runs[0].text.n++;
    buf_clear(&b);
    assert_int_equal(canon_write(&r, &b), RC_TOO_BIG);
    assert_int_equal(b.n, 0);
    buf_done(&b);
    struct span over = {exact.p, exact.n + 1}; /* the copy's NUL */
    assert_int_equal(canon_read(arena, over, &back), RC_CORRUPT);
    assert_int_equal(canon_parts(arena, over, &parts, &count), RC_CORRUPT);
}

static void not_canonical(const char *text, const char *why) {
    struct revision r = {.number = 77};
    rc code = canon_read(arena, span_str(text), &r);
    if (code != RC_CORRUPT) fail_msg("%s: %s", text, rc_name(code));
    assert_why(why);
    assert_int_equal(r.number, 77);
}

static void what_is_not_canonical_is_corrupt(void **state) {
    (void)state;
    struct revision r;
    OK(canon_read(arena, SPAN("{" SMALL "}"), &r));
    not_canonical("", "$: line 1");
    not_canonical("[]", "$: is not an object");
    not_canonical("{}", "$.version: ");
    not_canonical("{" SMALL "} ", "$: byte ");
    not_canonical("{ " SMALL "}", "$: byte 1: not the canonical spelling");
    not_canonical("{" SMALL ",\"x\":1}", "$: has 1 members that do not belong there");
    not_canonical("{" SMALL ",\"work\":\"news\"}", "$: line 1");
    not_canonical("{" SMALL ",\"section\":\"a\"}", "$: byte "); /* out of order */
    not_canonical("{\"blocks\":[]," SMALL "}", "$.blocks: ");
    not_canonical("{\"blocks\":{}," SMALL "}", "$.blocks: ");
    not_canonical("{\"blocks\":[1]," SMALL "}", "$.blocks[0]: is not an object");
    not_canonical("{\"blocks\":[{}]," SMALL "}", "$.blocks[0].kind: is unknown");
    not_canonical("{\"blocks\":[{\"kind\":\"html\"}]," SMALL "}", "$.blocks[0].kind: is unknown");
    not_canonical("{\"blocks\":[{\"kind\":\"rule\",\"x\":1}]," SMALL "}",
                  "$.blocks[0]: has 1 members");
    not_canonical("{\"blocks\":[{\"kind\":\"paragraph\"}]," SMALL "}",
                  "$.blocks[0].text: is missing");
    not_canonical("{\"blocks\":[{\"kind\":\"paragraph\",\"text\":\"x\"}]," SMALL "}",
                  "$.blocks[0].text: is not an array");
    not_canonical(
        "{\"blocks\":[{\"kind\":\"paragraph\",\"text\":[{\"look\":[],\"text\":\"a\"}]}]," SMALL "}",
        "$.blocks[0].text[0].look: ");
    not_canonical("{\"blocks\":[{\"kind\":\"paragraph\",\"text\":[{\"look\":[\"bold\"],\"text\":"
                  "\"a\"}]}]," SMALL "}",
                  "$.blocks[0].text[0].look[0]: ");
    not_canonical("{\"blocks\":[{\"kind\":\"paragraph\",\"text\":[{\"look\":[\"sup\",\"sub\"],"
                  "\"text\":\"a\"}]}]," SMALL "}",
                  "$: byte 51: not the canonical spelling");
    not_canonical(
        "{\"blocks\":[{\"kind\":\"paragraph\",\"text\":[{\"text\":\"e\xcc\x81\"}]}]," SMALL "}",
        "$.blocks[0].text[0].text: is not in Unicode Normalization Form C");
    not_canonical(
        "{\"blocks\":[{\"kind\":\"list\",\"ordered\":false,\"rows\":[[{\"text\":\"a\"}]]}]," SMALL
        "}",
        "$.blocks[0].ordered: ");
    not_canonical("{\"blocks\":[{\"kind\":\"picture\",\"picture\":0}]," SMALL "}",
                  "$.blocks[0].picture: ");
    not_canonical("{\"blocks\":[{\"kind\":\"gallery\",\"pictures\":[0,true]}]," SMALL "}",
                  "$.blocks[0].pictures[1]: is not an integer");
    not_canonical("{\"blocks\":[{\"kind\":\"gallery\",\"pictures\":[0,1]}]," SMALL "}",
                  "$.blocks[0].pictures[0]: there is no pictures[0]");
    not_canonical(
        "{\"blocks\":[{\"kind\":\"events\",\"rows\":[[{\"text\":\"a\"}]],\"times\":[1,2]}]," SMALL
        "}",
        "$.blocks[0].times: are not as many as the rows");
    not_canonical(
        "{\"blocks\":[{\"kind\":\"events\",\"rows\":[[{\"text\":\"a\"}]],\"times\":[\"1\"]}]," SMALL
        "}",
        "$.blocks[0].times[0]: is not an integer");
    not_canonical("{\"blocks\":[{\"kind\":\"rule\",\"times\":[1]}]," SMALL "}",
                  "$.blocks[0].times: are not as many");
    not_canonical(arena_printf(arena, "{" SMALL ",\"bylines\":[1%s]}",
                               ",1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1")
                      .p,
                  "$.bylines: 33 elements, at most 32");
    not_canonical("{\"change\":\"none\"," SMALL "}", "$: byte 3: not the canonical spelling");
    not_canonical("{" SMALL ",\"section\":\"\"}", "$.section: ");
    not_canonical("{" SMALL ",\"section\":7}", "$.section: ");
    not_canonical("{" SMALL ",\"leadPicture\":1}", "$.leadPicture: ");
    not_canonical("{" SMALL ",\"dateline\":{}}", "$: byte ");
    not_canonical("{" SMALL ",\"edition\":\"EN\"}", "$.edition: is not a key");
    not_canonical("{" SMALL ",\"translationOf\":\"3f\"}", "$.translationOf: is not 32");
    not_canonical("{" SMALL ",\"translationOf\":\"00000000000000000000000000000000\"}", "$: byte ");
    not_canonical("{" SMALL ",\"dateline\":{\"x\":1}}", "$.dateline: has 1");
    not_canonical("{\"standing\":{\"order\":1}," SMALL "}", "$.work: a standing page is of none");
    not_canonical("{\"standing\":{\"order\":0}," SMALL "}", "$.standing.order: is missing");
    not_canonical("{\"standing\":{\"note\":\"a\"}," SMALL "}", "$.standing.order: is missing");
    not_canonical("{\"standing\":{\"order\":1,\"x\":1}," SMALL "}", "$.standing: has 1");
    not_canonical("{\"version\":2}", "$.version: is not 1");
    not_canonical("{\"version\":1.0}", "$.version: ");
    not_canonical("{\"version\":1,\"story\":\"3F1c5a0e9b7d4c62a8e0d1f2b3c4d5e6\"}", "$.story: ");
    not_canonical(
        "{\"version\":1,\"story\":\"3f1c5a0e9b7d4c62a8e0d1f2b3c4d5e6\",\"number\":4294967296}",
        "$.number: ");
    not_canonical("{\"version\":1,\"story\":\"3f1c5a0e9b7d4c62a8e0d1f2b3c4d5e6\",\"number\":-1}",
                  "$.number: ");
}

/* Any one byte changed: refused, or another revision that is spelled as canonically. */
static void one_changed_byte_never_passes_unseen(void **state) {
    (void)state;
    struct revision full = sample_full(arena), r;
    struct span bytes = write_down(&full);
    char *copy = arena_strdup(arena, bytes);
    struct arena *scratch = arena_new(16u << 20);
    struct buf b;
    size_t refused = 0;
    buf_init(&b, CANON_BYTES_MAX);
    for (size_t i = 0; i < bytes.n; i++) {
        copy[i] ^= i % 2 ? 0x20 : 0x01;
        arena_reset(scratch);
        buf_clear(&b);
        if (canon_read(scratch, span_of(copy, bytes.n), &r) == RC_OK) {
            OK(canon_write(&r, &b));
            assert_true(span_eq(buf_span(&b), span_of(copy, bytes.n)));
        } else {
            refused++;
        }
        copy[i] = bytes.p[i];
    }
    assert_true(refused > bytes.n / 2);
    buf_done(&b);
    arena_free(scratch);
}

static void memory_is_a_limit_and_not_a_fault_of_the_bytes(void **state) {
    (void)state;
    struct revision full = sample_full(arena), r;
    struct span bytes = write_down(&full), *parts;
    size_t count = 0, taken = 0;
    for (size_t cap = 1;; cap += 97) {
        struct arena *small = arena_new(cap);
        rc code = canon_read(small, bytes, &r);
        arena_free(small);
        if (code == RC_OK) break;
        assert_int_equal(code, RC_TOO_BIG);
        taken++;
    }
    assert_true(taken > 20);
    struct arena *small = arena_new(1000);
    assert_int_equal(canon_parts(small, bytes, &parts, &count), RC_TOO_BIG);
    assert_int_equal(count, 0);
    arena_free(small);
}

/* ---- parts -------------------------------------------------------------------------------- */

static void parts_are_cut_where_the_format_says(void **state) {
    (void)state;
    static const char doc[] =
        "{\"blocks\":[{\"kind\":\"rule\"},[\"]}\",{}]],\"bylines\":[\"a\"],"
        "\"dateline\":{\"place\":\"x\"},"
        "\"headline\":\"H \\\"q\\\" é \\u0001\\u001f\\n\",\"leadPicture\":true,\"number\":12,"
        "\"pictures\":[{\"caption\":\"c\",\"renditions\":[{\"width\":1},2],"
        "\"zoom\":3},{\"renditions\":[4]}],"
        "\"work\":\"news\"}";
    static const char *const wanted[] = {
        "[[\"blocks\",0],{\"kind\":\"rule\"}]",
        "[[\"blocks\",1],[\"]}\",{}]]",
        "[[\"bylines\",0],\"a\"]",
        "[[\"dateline\"],{\"place\":\"x\"}]",
        "[[\"headline\"],\"H \\\"q\\\" é \\u0001\\u001f\\n\"]",
        "[[\"leadPicture\"],true]",
        "[[\"number\"],12]",
        "[[\"pictures\",0,\"caption\"],\"c\"]",
        "[[\"pictures\",0,\"renditions\",0],{\"width\":1}]",
        "[[\"pictures\",0,\"renditions\",1],2]",
        "[[\"pictures\",0,\"zoom\"],3]",
        "[[\"pictures\",1,\"renditions\",0],4]",
        "[[\"work\"],\"news\"]",
    };
    struct span *parts;
    size_t count;
    struct buf b;
    OK(canon_parts(arena, span_str(doc), &parts, &count));
    assert_int_equal(count, COUNT_OF(wanted));
    for (size_t i = 0; i < count; i++)
        if (!span_eq(parts[i], span_str(wanted[i])))
            fail_msg("%.*s is not %s", (int)parts[i].n, parts[i].p, wanted[i]);
    buf_init(&b, 10000);
    OK(canon_join(arena, parts, count, &b));
    assert_true(span_eq(buf_span(&b), span_str(doc)));
    buf_done(&b);
    buf_init(&b, sizeof doc - 2);
    assert_int_equal(canon_join(arena, parts, count, &b), RC_TOO_BIG);
    assert_int_equal(b.n, 0);
    buf_done(&b);
}

static void what_cannot_be_cut_is_corrupt(void **state) {
    (void)state;
    static const char *const bad[] = {"",
                                      "[]",
                                      "{}",
                                      "{",
                                      "1",
                                      "null",
                                      "{\"a\":1",
                                      "{\"a\":1}x",
                                      "{\"a\":1} ",
                                      " {\"a\":1}",
                                      "{\"a\": 1}",
                                      "{\"a\":1,}",
                                      "{\"b\":1,\"a\":1}",
                                      "{\"a\":1,\"a\":1}",
                                      "{\"\":1}",
                                      "{\"a1\":1}",
                                      "{a:1}",
                                      "{\"a\"}",
                                      "{\"a\":}",
                                      "{\"a\":01}",
                                      "{\"a\":-1}",
                                      "{\"a\":1.5}",
                                      "{\"a\":1e3}",
                                      "{\"a\":9007199254740992}",
                                      "{\"a\":false}",
                                      "{\"a\":null}",
                                      "{\"a\":tru}",
                                      "{\"a\":\"x}",
                                      "{\"a\":\"x\ny\"}",
                                      "{\"a\":\"\\/\"}",
                                      "{\"a\":\"\\u0041\"}",
                                      "{\"a\":\"\\u000a\"}",
                                      "{\"a\":\"\\u001F\"}",
                                      "{\"a\":\"\\u00\"}",
                                      "{\"a\":\"\\",
                                      "{\"a\":\"\xff\"}",
                                      "{\"a\":\"\xed\xa0\x80\"}",
                                      "{\"a\":\"\xe2\x82",
                                      "{\"a\":[1}",
                                      "{\"a\":[1,]}",
                                      "{\"a\":{\"b\":1]}",
                                      "{\"a\":{\"c\":1,\"b\":2}}",
                                      "{\"blocks\":1}",
                                      "{\"blocks\":[]}",
                                      "{\"blocks\":{}}",
                                      "{\"blocks\":[1",
                                      "{\"tags\":[]}",
                                      "{\"bylines\":[]}",
                                      "{\"corrections\":[]}",
                                      "{\"pictures\":[]}",
                                      "{\"pictures\":[1]}",
                                      "{\"pictures\":[{}]}",
                                      "{\"pictures\":[{\"renditions\":[]}]}",
                                      "{\"pictures\":[{\"renditions\":1}]}",
                                      "{\"pictures\":[{\"b\":1,\"a\":1}]}"};
    struct span *parts = NULL;
    size_t count = 77;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        rc code = canon_parts(arena, span_str(bad[i]), &parts, &count);
        if (code != RC_CORRUPT) fail_msg("%s: %s", bad[i], rc_name(code));
    }
    assert_null(parts);
    assert_int_equal(count, 77);
}

static struct span nested(size_t depth) {
    struct buf b;
    buf_init(&b, 1000);
    buf_str(&b, "{\"a\":");
    for (size_t i = 1; i < depth; i++) buf_char(&b, '[');
    buf_char(&b, '1');
    for (size_t i = 1; i < depth; i++) buf_char(&b, ']');
    buf_char(&b, '}');
    struct span s = arena_copy(arena, buf_span(&b));
    buf_done(&b);
    return s;
}

/* {"tags":[1,1,…]} */
static struct span many(size_t count) {
    struct buf b;
    buf_init(&b, 100000);
    buf_str(&b, "{\"tags\":[1");
    for (size_t i = 1; i < count; i++) buf_str(&b, ",1");
    buf_str(&b, "]}");
    struct span s = arena_copy(arena, buf_span(&b));
    buf_done(&b);
    return s;
}

static void depth_and_number_of_parts_are_limited(void **state) {
    (void)state;
    struct span *parts;
    size_t count;
    struct buf b;
    buf_init(&b, 100000);
    OK(canon_parts(arena, nested(CANON_DEPTH_MAX), &parts, &count));
    OK(canon_join(arena, parts, count, &b));
    assert_int_equal(canon_parts(arena, nested(CANON_DEPTH_MAX + 1), &parts, &count), RC_CORRUPT);
    assert_why("byte ");
    OK(canon_parts(arena, many(CANON_PARTS_MAX), &parts, &count));
    assert_int_equal(count, CANON_PARTS_MAX);
    assert_int_equal(canon_parts(arena, many(CANON_PARTS_MAX + 1), &parts, &count), RC_CORRUPT);
    assert_why("more than 4096 parts");
    buf_clear(&b);
    OK(canon_join(arena, parts, count, &b));
    assert_true(span_eq(buf_span(&b), many(CANON_PARTS_MAX)));
    buf_clear(&b);
    assert_int_equal(canon_join(arena, parts, CANON_PARTS_MAX + 1, &b), RC_CORRUPT);
    buf_done(&b);
}

/* ---- joining ------------------------------------------------------------------------------ */

#define JOIN_MAX 8
static rc join(const char *const *texts, struct buf *out) {
    struct span parts[JOIN_MAX];
    size_t count = 0;
    for (; texts[count]; count++) parts[count] = span_str(texts[count]);
    return canon_join(arena, parts, count, out);
}
#define JOINS(wanted, ...)                                                            \
    do {                                                                              \
        struct buf b_;                                                                \
        buf_init(&b_, 1000);                                                          \
        OK(join((const char *const[]){__VA_ARGS__, NULL}, &b_));                      \
        if (!span_eq(buf_span(&b_), SPAN(wanted))) fail_msg("%.*s", (int)b_.n, b_.p); \
        buf_done(&b_);                                                                \
    } while (0)
#define DOES_NOT_JOIN(why, ...)                                                            \
    do {                                                                                   \
        struct buf b_;                                                                     \
        buf_init(&b_, 1000);                                                               \
        buf_str(&b_, "before");                                                            \
        assert_int_equal(join((const char *const[]){__VA_ARGS__, NULL}, &b_), RC_CORRUPT); \
        assert_why(why);                                                                   \
        assert_true(span_eq(buf_span(&b_), SPAN("before")));                               \
        buf_done(&b_);                                                                     \
    } while (0)

static void erased_parts_are_left_out(void **state) {
    (void)state;
    JOINS("{}", "");
    JOINS("{}", "", "", "");
    JOINS("{\"b\":1}", "", "[[\"b\"],1]", "");
    JOINS("{\"blocks\":[1,3],\"work\":4}", "", "[[\"blocks\",1],1]", "", "[[\"blocks\",3],3]", "",
          "[[\"work\"],4]");
    JOINS("{\"work\":4}", "", "", "[[\"work\"],4]");
    JOINS("{\"pictures\":[{\"alt\":1},{\"renditions\":[5]}]}", "[[\"pictures\",0,\"alt\"],1]", "",
          "[[\"pictures\",1,\"renditions\",2],5]");
    JOINS("{\"pictures\":[{\"alt\":1,\"renditions\":[5,6],\"x\":1}],\"tags\":[2]}", "",
          "[[\"pictures\",3,\"alt\"],1]", "", "[[\"pictures\",3,\"renditions\",1],5]",
          "[[\"pictures\",3,\"renditions\",2],6]", "[[\"pictures\",3,\"x\"],1]",
          "[[\"tags\",0],2]");
}

static void parts_out_of_order_do_not_join(void **state) {
    (void)state;
    static const char order[] = "part 1: the part stands out of order";
    DOES_NOT_JOIN(order, "[[\"b\"],1]", "[[\"a\"],1]");
    DOES_NOT_JOIN(order, "[[\"a\"],1]", "[[\"a\"],1]");
    DOES_NOT_JOIN("part 0: the part stands out of order", "[[\"tags\",1],1]");
    DOES_NOT_JOIN(order, "[[\"tags\",0],1]", "[[\"tags\",0],1]");
    DOES_NOT_JOIN(order, "[[\"tags\",0],1]", "[[\"tags\",2],1]");
    DOES_NOT_JOIN("part 2: the part stands out of order", "[[\"tags\",0],1]", "",
                  "[[\"tags\",0],1]");
    DOES_NOT_JOIN(order, "[[\"pictures\",0,\"b\"],1]", "[[\"pictures\",0,\"a\"],1]");
    DOES_NOT_JOIN(order, "[[\"pictures\",0,\"b\"],1]", "[[\"pictures\",0,\"b\"],1]");
    DOES_NOT_JOIN(order, "[[\"pictures\",0,\"b\"],1]", "[[\"pictures\",2,\"a\"],1]");
    DOES_NOT_JOIN(order, "[[\"pictures\",0,\"a\"],1]", "[[\"pictures\",0,\"renditions\",1],1]");
    DOES_NOT_JOIN(order, "[[\"pictures\",0,\"renditions\",0],1]",
                  "[[\"pictures\",0,\"renditions\",0],1]");
    DOES_NOT_JOIN("part 2: the part stands out of order", "", "[[\"pictures\",1,\"a\"],1]",
                  "[[\"pictures\",0,\"z\"],1]");
}

static void what_is_no_part_does_not_join(void **state) {
    (void)state;
    static const char *const bad[] = {"x",
                                      "[",
                                      "[[",
                                      "[[]",
                                      "[[],1]",
                                      "[[1],1]",
                                      "[[\"a\"]",
                                      "[[\"a\"]]",
                                      "[[\"a\"],1",
                                      "[[\"a\"],1]x",
                                      "[[\"a\"], 1]",
                                      "[[\"a\"],1,2]",
                                      "[[\"a\",0],1]",
                                      "[[\"tags\"],1]",
                                      "[[\"tags\",00],1]",
                                      "[[\"tags\",-1],1]",
                                      "[[\"tags\",4097],1]",
                                      "[[\"tags\",0,\"a\"],1]",
                                      "[[\"pictures\",0],{}]",
                                      "[[\"pictures\",0,\"a\",0],1]",
                                      "[[\"pictures\",0,\"renditions\"],[]]",
                                      "[[\"pictures\",0,\"renditions\",0,0],1]",
                                      "[[\"a\"],null]",
                                      "[[\"a\"],\"\\/\"]",
                                      "[[\"a-b\"],1]"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) DOES_NOT_JOIN("part 0: byte ", bad[i]);
}

/* Without some of its parts, a revision is still something that can be cut. */
static void what_is_left_of_a_revision_can_be_cut(void **state) {
    (void)state;
    struct buf b;
    buf_init(&b, CANON_BYTES_MAX);
    for (uint64_t seed = 1; seed <= 100; seed++) {
        struct span *parts, *again;
        size_t count, again_count, left = 0;
        arena_reset(arena);
        struct revision r = sample_random(arena, seed);
        OK(canon_parts(arena, write_down(&r), &parts, &count));
        for (size_t i = 0; i < count; i++)
            if ((i * 2654435761u ^ seed * 40503u) >> 7 & 1)
                parts[i] = (struct span){NULL, 0};
            else
                left++;
        buf_clear(&b);
        OK(canon_join(arena, parts, count, &b));
        assert_true(left > 0 && left < count);
        OK(canon_parts(arena, buf_span(&b), &again, &again_count));
        assert_int_equal(again_count, left);
    }
    buf_done(&b);
}

int main(void) {
#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        T(the_smallest_is_spelled_as_specified),
        T(a_full_one_is_spelled_as_specified),
        T(a_standing_page_is_spelled_as_specified),
        T(revisions_come_back),
        T(write_has_its_limits),
        T(what_is_not_canonical_is_corrupt),
        T(one_changed_byte_never_passes_unseen),
        T(memory_is_a_limit_and_not_a_fault_of_the_bytes),
        T(parts_are_cut_where_the_format_says),
        T(what_cannot_be_cut_is_corrupt),
        T(depth_and_number_of_parts_are_limited),
        T(erased_parts_are_left_out),
        T(parts_out_of_order_do_not_join),
        T(what_is_no_part_does_not_join),
        T(what_is_left_of_a_revision_can_be_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
