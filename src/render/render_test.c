/* render: every page kind and feed, with plain, missing, hostile and Arabic values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "codec/json.h"
#include "render/escape.h"
#include "render/html.h"
#include "render/render.h"
#include "render/theme.h"
#include "story/sample.h"

#define ARENA_BYTES (32u << 20)
#define PAGE_BYTES (16u << 20)

/* Ends tags, strings, CDATA, comments and lines of every language that is written here. */
#define EVIL \
    "</title></script><script>alert(1)</script>\" onload=\"x' ]]>--> & {{x}} \xE2\x80\xA8 \\"

struct bench {
    struct arena *arena;
    struct render *render;
    struct buf out;
};

static struct bench *bench_new(const char *language, const char *zone) {
    struct bench *b = calloc(1, sizeof *b);
    b->arena = arena_new(ARENA_BYTES);
    buf_init(&b->out, PAGE_BYTES);
    struct render_site site = {.name = SPAN("The Averil Courier"),
                               .url = SPAN("https://courier.example"),
                               .language = span_str(language),
                               .zone = span_str(zone)};
    if (render_new(&site, &b->render) != RC_OK) fail_msg("%s", rc_why());
    return b;
}

static int set_up(void **state) {
    *state = bench_new("en-GB", "Europe/Athens");
    return 0;
}

static int set_up_arabic(void **state) {
    *state = bench_new("ar", "Asia/Damascus");
    return 0;
}

static int tear_down(void **state) {
    struct bench *b = *state;
    buf_done(&b->out);
    render_free(b->render);
    arena_free(b->arena);
    free(b);
    return 0;
}

/* ---- looking at what was written ---------------------------------------------------------------
 */

static size_t count_of(struct span text, const char *what) {
    size_t count = 0, n = strlen(what);
    for (size_t i = 0; i + n <= text.n; i++) count += memcmp(text.p + i, what, n) == 0;
    return count;
}

static size_t place_of(const struct bench *b, const char *what) {
    const char *hit = memmem(b->out.p, b->out.n, what, strlen(what));
    if (!hit) fail_msg("not there: %s", what);
    return (size_t)(hit - b->out.p);
}

static bool is_there(const struct bench *b, const char *what) {
    return memmem(b->out.p, b->out.n, what, strlen(what)) != NULL;
}

static void has(const struct bench *b, const char *what) {
    (void)place_of(b, what);
}

static void has_not(const struct bench *b, const char *what) {
    if (b->out.n && memmem(b->out.p, b->out.n, what, strlen(what))) fail_msg("is there: %s", what);
}

static bool one_of(struct span word, const char *words) {
    struct span rest = span_str(words);
    while (rest.n)
        if (span_eq(span_cut(&rest, ' '), word)) return true;
    return false;
}

/* Reads one attribute of a tag whose inside is *rest. */
static bool read_attribute(struct span *rest, struct span *out_name, struct span *out_value) {
    *rest = span_trim(*rest);
    if (rest->n == 0) return false;
    size_t n = 0;
    while (n < rest->n && rest->p[n] != '=' && rest->p[n] != ' ') n++;
    *out_name = span_sub(*rest, 0, n);
    *rest = span_from(*rest, n);
    *out_value = SPAN("");
    if (rest->n == 0 || rest->p[0] != '=') return true;
    assert_true(rest->n >= 3 && rest->p[1] == '"');
    *rest = span_from(*rest, 2);
    size_t end = span_find(*rest, '"');
    assert_true(end < rest->n);
    *out_value = span_sub(*rest, 0, end);
    *rest = span_from(*rest, end + 1);
    assert_true(rest->n == 0 || rest->p[0] == ' ' || rest->p[0] == '/');
    return true;
}

#define ELEMENTS                                                                                   \
    "html head meta title link style script body a header p bdi nav ul ol li main article span "   \
    "h1 h2 "                                                                                       \
    "h3 h4 div figure figcaption picture source img blockquote table thead tbody tr th td pre hr " \
    "strong em code sub sup del ins cite time section footer aside details summary button"
#define ATTRIBUTES                                                                                 \
    "lang dir charset name content rel href type title property class id data-zone data-digits "   \
    "aria-label "                                                                                  \
    "aria-label aria-labelledby datetime data-age data-colour src srcset sizes width height alt "  \
    "loading "                                                                                     \
    "fetchpriority "                                                                               \
    "cite "                                                                                        \
    "scope role tabindex as crossorigin media data-gmt aria-current hreflang data-copy data-done " \
    "data-report hidden decoding reversed"
#define VOID_ELEMENTS "meta link img source hr"

struct seen {
    size_t h1, scripts;
    struct span ids[4096];
    size_t id_count;
};

static void look_at_tag(struct span tag, struct seen *seen) {
    size_t n = 0;
    while (n < tag.n && tag.p[n] != ' ') n++;
    struct span name = span_sub(tag, 0, n), rest = span_from(tag, n), attribute, value;
    if (!one_of(name, ELEMENTS)) fail_msg("unexpected element <" SPAN_FMT ">", SPAN_ARG(tag));
    seen->h1 += span_eq(name, SPAN("h1"));
    seen->scripts += span_eq(name, SPAN("script"));
    while (read_attribute(&rest, &attribute, &value)) {
        if (!one_of(attribute, ATTRIBUTES))
            fail_msg("unexpected attribute in <" SPAN_FMT ">", SPAN_ARG(tag));
        assert_true(span_find(value, '<') == value.n);
        if (span_eq(attribute, SPAN("href"))) assert_false(span_starts(value, SPAN("javascript")));
        if (!span_eq(attribute, SPAN("id"))) continue;
        for (size_t i = 0; i < seen->id_count; i++) assert_false(span_eq(seen->ids[i], value));
        assert_true(seen->id_count < COUNT_OF(seen->ids));
        seen->ids[seen->id_count++] = value;
    }
}

/* Every element is closed in order, every attribute quoted and expected, every id there once. */
static void check_html(struct span html, struct seen *seen) {
    struct span open[64];
    size_t depth = 0, at = 0;
    *seen = (struct seen){0};
    while ((at += span_find(span_from(html, at), '<')) < html.n) {
        struct span rest = span_from(html, at + 1);
        if (span_starts(rest, SPAN("!doctype html>"))) {
            at++;
            continue;
        }
        size_t end = span_find(rest, '>');
        assert_true(end < rest.n);
        struct span tag = span_sub(rest, 0, end), name = tag;
        at += end + 2;
        if (tag.p[0] == '/') {
            if (depth == 0 || !span_eq(open[depth - 1], span_from(tag, 1)))
                fail_msg("<" SPAN_FMT "> closes <" SPAN_FMT ">", SPAN_ARG(tag),
                         SPAN_ARG(open[depth ? depth - 1 : 0]));
            depth--;
            continue;
        }
        look_at_tag(tag, seen);
        name.n = span_find(name, ' ');
        if (one_of(name, VOID_ELEMENTS)) continue;
        assert_true(depth < COUNT_OF(open));
        open[depth++] = name;
        if (span_eq(name, SPAN("script")) || span_eq(name, SPAN("style"))) {
            const char *close = memmem(html.p + at, html.n - at, "</", 2);
            assert_non_null(close);
            at = (size_t)(close - html.p);
        }
    }
    assert_int_equal(depth, 0);
}

static void check_page(struct bench *b, size_t scripts) {
    static struct seen seen;
    check_html(buf_span(&b->out), &seen);
    assert_int_equal(seen.h1, 1);
    assert_int_equal(seen.scripts, scripts);
    assert_int_equal(count_of(buf_span(&b->out), "<main "), 1);
    has_not(b, "{{");
}

static void story_page(struct bench *b, const struct revision *v) {
    buf_clear(&b->out);
    rc code = render_story_page(b->render, b->arena,
                                &(struct render_story){.revision = v, .entry = 18204}, &b->out);
    if (code != RC_OK) fail_msg("%s", rc_why());
    check_page(b, 2);
}

static json_t *json_of(struct span text) {
    json_t *json = NULL;
    if (json_read(text, &json) != RC_OK) fail_msg("%s", rc_why());
    return json;
}

static void is_text(const json_t *object, const char *name, const char *expected) {
    struct span text = json_member_string(object, name);
    if (!span_eq(text, span_str(expected)))
        fail_msg("%s is \"" SPAN_FMT "\", not \"%s\"", name, SPAN_ARG(text), expected);
}

/* ---- a story of our own ------------------------------------------------------------------------
 */

static struct rendition renditions[] = {
    {.hash = {{0xAB}}, .type = {"image/avif", 10}, .width = 1600, .height = 1067, .bytes = 5},
    {.hash = {{0xCD}}, .type = {"image/jpeg", 10}, .width = 1280, .height = 853, .bytes = 6},
    {.hash = {{0xEF}}, .type = {"image/jpeg", 10}, .width = 640, .height = 427, .bytes = 7},
};

static struct revision courier_story(struct arena *a) {
    struct revision v = sample_small();
    static struct byline bylines[] = {{{"Mara Vale", 9}, {"Harbour correspondent", 21}},
                                      {{"J. Orr", 6}, {NULL, 0}}};
    static struct tag tags[] = {{TAG_PLACE, {"Port Averil", 11}, {"port-averil", 11}},
                                {TAG_TOPIC,
                                 {"\xD9\x85\xD9\x8A\xD9\x86\xD8\xA7\xD8\xA1", 10},
                                 {"\xD9\x85\xD9\x8A\xD9\x86\xD8\xA7\xD8\xA1", 10}}};
    static struct correction corrections[] = {
        {1795560000000, CHANGE_CORRECTION, {"The pier opened on Monday, not Sunday.", 38}}};
    static struct picture pictures[] = {{.caption = {"The pier at dawn", 16},
                                         .alt = {"A long pier", 11},
                                         .credit = {"\xC2\xA9 COURIER / M. VALE", 20},
                                         .creator = {"Mara Vale", 9},
                                         .copyright = {"Courier Ltd", 11},
                                         .renditions = renditions,
                                         .rendition_count = COUNT_OF(renditions)}};
    struct block *blocks = ARENA_ARRAY(a, struct block, 4);
    struct text *rows = ARENA_ARRAY(a, struct text, 1);
    assert_non_null(blocks);
    assert_non_null(rows);
    blocks[0] = (struct block){
        .kind = BLOCK_HEADING, .level = 2, .text = sample_text(a, SPAN("At the pier"))};
    blocks[1] = (struct block){.kind = BLOCK_PARAGRAPH,
                               .text = sample_text(a, SPAN("The first ferry left."))};
    rows[0] = sample_text(a, SPAN("We waited nine days."));
    blocks[2] = (struct block){.kind = BLOCK_QUOTE,
                               .rows = rows,
                               .row_count = 1,
                               .speaker = SPAN("Ada Kern"),
                               .occasion = SPAN("at the gate"),
                               .url = SPAN("https://port.example/a?b=1&c=2")};
    blocks[3] =
        (struct block){.kind = BLOCK_PARAGRAPH, .text = sample_text(a, SPAN("Then it rained."))};
    v.headline = SPAN("Harbour reopens & ferries sail");
    v.standfirst = SPAN("After nine days.");
    v.section = SPAN("City life");
    v.work = WORK_ANALYSIS;
    v.number = 3;
    v.language = SPAN("en-GB");
    v.change = CHANGE_CORRECTION;
    v.updated = v.published + 3600000;
    v.dateline = (struct dateline){SPAN("PORT AVERIL"), SPAN("COURIER")};
    v.bylines = bylines, v.byline_count = COUNT_OF(bylines);
    v.tags = tags, v.tag_count = COUNT_OF(tags);
    v.corrections = corrections, v.correction_count = 1;
    v.pictures = pictures, v.picture_count = 1, v.lead_picture = true;
    v.blocks = blocks, v.block_count = 4;
    v.credit_line = SPAN("Courier Ltd 2026");
    if (story_check(&v) != RC_OK) fail_msg("%s", rc_why());
    return v;
}

static void story_has_its_parts(void **state) {
    struct bench *b = *state;
    struct revision v = courier_story(b->arena);
    story_page(b, &v);
    has(b, "<html lang=\"en-GB\" dir=\"ltr\">");
    has(b, "<title>Harbour reopens &amp; ferries sail – The Averil Courier</title>");
    has(b, "<link rel=\"canonical\" href=\"https://courier.example/2026/11/24/harbour-reopens\">");
    has(b, "<link rel=\"alternate\" type=\"application/json\" "
           "href=\"https://courier.example/2026/11/24/harbour-reopens.json\"");
    has(b, "<meta property=\"og:title\" content=\"Harbour reopens &amp; ferries sail\">");
    has(b, "<meta property=\"og:image\" content=\"https://courier.example/media/cd0000");
    has(b, "<a href=\"/section/city-life\">City life</a> <span class=\"work "
           "is-analysis\">Analysis</span>");
    has(b, "<h1 class=\"short\">Harbour reopens &amp; ferries sail</h1>");
    has(b, "<p class=\"standfirst\">After nine days.</p>");
    has(b, "<a class=\"name\" href=\"/author/mara-vale\" rel=\"author\">Mara Vale</a> <span "
           "class=\"role\">Harbour correspondent</span>");
    has(b, "<p class=\"byline\"><a class=\"name\" href=\"/author/j-orr\" rel=\"author\">J. "
           "Orr</a></p>");
    has(b, "<p id=\"p1\"><span class=\"dateline\">PORT AVERIL (COURIER) — </span>The first ferry "
           "left.</p>");
    has(b, "<p id=\"p2\">Then it rained.</p>");
    has(b,
        "<figure class=\"quote\" id=\"q1\"><blockquote "
        "cite=\"https://port.example/a?b=1&amp;c=2\"><p>We "
        "waited nine days.</p></blockquote><figcaption><span class=\"speaker\">Ada Kern</span> "
        "<cite "
        "class=\"occasion\"><a href=\"https://port.example/a?b=1&amp;c=2\">at the gate</a></cite>");
    has(b, "Published <time datetime=\"2026-11-24T20:33:59Z\"");
    has(b, "Updated <time datetime=\"2026-11-24T21:33:59Z\"");
    has(b, "<strong>Correction</strong> <time datetime=\"2026-11-24T22:40:00Z\">");
    has(b, "The pier opened on Monday, not Sunday.");
    has(b, "<a href=\"/tag/port-averil\" rel=\"tag\">Port Averil</a>");
    has(b, "<a href=\"/tag/%D9%85%D9%8A%D9%86%D8%A7%D8%A1\"");
    has(b, "<a href=\"/s/abc2345\" dir=\"ltr\">https://courier.example/s/abc2345</a>");
    has(b, "<a href=\"/record/opening/18204.json\">Recorded as entry <bdi>18,204</bdi></a>");
    has(b, "<a href=\"/record/revision/18204.json\">");
    has(b, "Courier Ltd 2026");
    has_not(b, "text was lost");
    /* in the order of reading */
    assert_true(place_of(b, "<h1 ") < place_of(b, "class=\"picture lead wide\""));
    assert_true(place_of(b, "class=\"picture lead wide\"") < place_of(b, "class=\"byline\""));
    assert_true(place_of(b, "class=\"byline\"") < place_of(b, "id=\"p1\""));
    assert_true(place_of(b, "id=\"p2\"") < place_of(b, "class=\"corrections\""));
    assert_true(place_of(b, "class=\"corrections\"") < place_of(b, "class=\"verify\""));
}

/* What a picture's rights say decides where it is, before and behind the end of a lease. */
static void pictures_are_shown_as_allowed(void **state) {
    struct bench *b = *state;
    const ms_t end = 1827088439123;
    static const struct {
        struct rights rights;
        bool web, ninjs, api; /* as long as the lease lasts */
    } cases[] = {{{0, 0, false}, true, true, true},
                 {{0, 1827088439123, false}, true, true, true},
                 {{0, 1827088439123, true}, true, false, false},
                 {{1u << CHANNEL_WEB, 1827088439123, false}, true, false, false},
                 {{1u << CHANNEL_API | 1u << CHANNEL_FEED, 0, false}, false, true, true},
                 {{1u << CHANNEL_PRINT, 1827088439123, false}, false, false, false}};
    for (size_t i = 0; i < 2 * COUNT_OF(cases); i++) {
        const struct rights rights = cases[i / 2].rights;
        const ms_t at = end - 1 + (ms_t)(i % 2);
        const bool over = rights.expires && at >= end;
        arena_reset(b->arena);
        struct revision v = courier_story(b->arena);
        struct picture picture = v.pictures[0];
        struct block pictured[5];
        memcpy(pictured, v.blocks, 4 * sizeof *pictured);
        pictured[4] = (struct block){.kind = BLOCK_PICTURE};
        picture.rights = rights;
        v.pictures = &picture, v.picture_count = 1;
        v.blocks = pictured, v.block_count = 5;
        struct render_story story = {.revision = &v, .entry = 1, .at = at};
        const bool web = cases[i / 2].web && !over;
        buf_clear(&b->out);
        assert_int_equal(render_story_page(b->render, b->arena, &story, &b->out), RC_OK);
        if (web != is_there(b, "/media/")) fail_msg("case %zu: the page", i);
        if (web != is_there(b, "og:image")) fail_msg("case %zu: og:image", i);
        if (web != is_there(b, "ImageObject")) fail_msg("case %zu: JSON-LD", i);
        /* Once above the text, once in it: the caption stays, where there was a picture. */
        const bool gone = cases[i / 2].web && over;
        if (gone) {
            has(b,
                "<figure class=\"picture lead gone\"><p>The rights to this picture have ended.</p>"
                "<figcaption><span class=\"caption\">The pier at dawn</span> <cite "
                "class=\"credit\">");
            has(b, "<figure class=\"picture gone\" id=\"f1\"><p>");
        } else {
            has_not(b, "The rights to this picture");
        }
        if (!cases[i / 2].web) has_not(b, "The pier at dawn");
        buf_clear(&b->out);
        assert_int_equal(render_ninjs(b->render, b->arena, &story, &b->out), RC_OK);
        if ((cases[i / 2].ninjs && !over) != is_there(b, "/media/")) fail_msg("case %zu: ninjs", i);
        if (!cases[i / 2].ninjs || over) has_not(b, "The pier at dawn");
    }
}

#define CARD_PICTURE                                                                       \
    "\"alt\":\"A pier\",\"renditions\":[{\"hash\":"                                        \
    "\"00000000000000000000000000000000000000000000000000000000000000aa\",\"height\":900," \
    "\"type\":\"image/jpeg\",\"width\":1600}],\"credit\":\"© COURIER / <M. Vale>\"}"

static void lists_show_pictures_as_allowed(void **state) {
    struct bench *b = *state;
    static const struct {
        struct span picture;
        bool web, feed, api; /* at 6; at 7 nothing that has an end */
        bool ends;
    } cases[] = {
        {{"{" CARD_PICTURE, sizeof "{" CARD_PICTURE - 1}, true, true, true, false},
        {{"{\"rights\":[0,7,0]," CARD_PICTURE, sizeof "{\"rights\":[0,7,0]," CARD_PICTURE - 1},
         true,
         true,
         true,
         true},
        {{"{\"rights\":[0,7,1]," CARD_PICTURE, sizeof "{\"rights\":[0,7,1]," CARD_PICTURE - 1},
         true,
         false,
         false,
         true},
        {{"{\"rights\":[2,0,0]," CARD_PICTURE, sizeof "{\"rights\":[2,0,0]," CARD_PICTURE - 1},
         false,
         true,
         false,
         false}};
    typedef rc render_one(struct render * r, struct arena * a, const struct render_list *list,
                          struct span self, struct buf *out);
    static render_one *const feeds[] = {render_rss, render_atom, render_json_feed};
    for (size_t i = 0; i < 2 * COUNT_OF(cases); i++) {
        arena_reset(b->arena);
        struct card card = {.path = SPAN("/2026/11/24/a"),
                            .code = SPAN("abc2345"),
                            .headline = SPAN("A"),
                            .kind = SPAN("news"),
                            .language = SPAN("en"),
                            .published = 1795552439123,
                            .updated = 1795552439123,
                            .picture = cases[i / 2].picture};
        struct render_list list = {.kind = RENDER_FRONT,
                                   .path = SPAN("/"),
                                   .at = 6 + (ms_t)(i % 2),
                                   .cards = &card,
                                   .count = 1};
        const bool over = i % 2 && cases[i / 2].ends;
        for (size_t k = 0; k < COUNT_OF(feeds); k++) {
            buf_clear(&b->out);
            assert_int_equal(feeds[k](b->render, b->arena, &list, SPAN("/f"), &b->out), RC_OK);
            if ((cases[i / 2].feed && !over) != is_there(b, "/media/0000"))
                fail_msg("case %zu: feed %zu", i, k);
            if (k == 0 && cases[i / 2].feed && !over)
                has(b, "<media:credit>© COURIER / &lt;M. Vale&gt;</media:credit>");
        }
        const struct render_items items = {.self = SPAN("/api/v1/items")};
        buf_clear(&b->out);
        assert_int_equal(render_items(b->render, b->arena, &list, &items, &b->out), RC_OK);
        if ((cases[i / 2].api && !over) != is_there(b, "\"picture\":{\"url\":"))
            fail_msg("case %zu: API", i);
        buf_clear(&b->out);
        assert_int_equal(render_list_page(b->render, b->arena, &list, &b->out), RC_OK);
        if ((cases[i / 2].web && !over) != is_there(b, "/media/0000"))
            fail_msg("case %zu: front", i);
    }
}

static void bylines_lead_to_their_authors(void **state) {
    struct bench *b = *state;
    struct revision v = courier_story(b->arena);
    struct byline bylines[] = {{SPAN("Mara Vale"), SPAN("")},
                               {SPAN("J. Orr"), SPAN("")},
                               {SPAN("A"), SPAN("")},
                               {SPAN("Zoë B"), SPAN("Diver")}};
    v.bylines = bylines, v.byline_count = 3;
    struct render_story story = {.revision = &v, .entry = 1};
    assert_int_equal(render_story_page(b->render, b->arena, &story, &b->out), RC_OK);
    has(b, "<a class=\"name\" href=\"/author/mara-vale\" rel=\"author\">Mara Vale</a>");
    has_not(b, "and others");
    v.byline_count = 4;
    buf_clear(&b->out);
    assert_int_equal(render_story_page(b->render, b->arena, &story, &b->out), RC_OK);
    has(b, "<p class=\"byline others\">and others</p>");
    has_not(b, "href=\"/author/zoe-b\"");
    has(b, "\"jobTitle\":\"Diver\",\"url\":\"https://courier.example/author/zoe-b\"");
}

static void picture_has_caption_and_credit_apart(void **state) {
    struct bench *b = *state;
    struct revision v = courier_story(b->arena);
    story_page(b, &v);
    has(b, "<figure class=\"picture lead wide\"><picture><source type=\"image/avif\" "
           "srcset=\"/media/ab0000");
    has(b, ".avif 1600w\" sizes=");
    has(b,
        "<img src=\"/media/cd00000000000000000000000000000000000000000000000000000000000000.jpg\" "
        "srcset=");
    has(b, ".jpg 640w\"");
    has(b, "width=\"1280\" height=\"853\" alt=\"A long pier\" fetchpriority=\"high\">");
    has(b, "<figcaption><span class=\"caption\">The pier at dawn</span> "
           "<cite class=\"credit\">© COURIER / M. VALE</cite></figcaption>");
    v.pictures = &(struct picture){.renditions = renditions, .rendition_count = 1};
    story_page(b, &v);
    has(b, ".avif\" width=\"1600\" height=\"1067\" alt=\"\" fetchpriority=\"high\"></figure>");
    has_not(b, "<figcaption><span class=\"caption\"");
}

static void story_without_optional_fields(void **state) {
    struct bench *b = *state;
    struct revision v = sample_small();
    story_page(b, &v);
    has_not(b, "class=\"standfirst\"");
    has_not(b, "class=\"byline\"");
    has_not(b, "class=\"dateline\"");
    has_not(b, "Updated <time");
    has_not(b, "class=\"corrections\"");
    has_not(b, "class=\"tags\"");
    has_not(b, "<figure");
    has_not(b, "/section/");
    has_not(b, "og:image");
    has_not(b, "og:description");
    has_not(b, " – <");
    /* the dateline is not lost where there is no paragraph */
    v.dateline.place = SPAN("PORT AVERIL");
    story_page(b, &v);
    has(b, "<p><span class=\"dateline\">PORT AVERIL — </span></p>");
    v.dateline = (struct dateline){.source = SPAN("COURIER")};
    story_page(b, &v);
    has(b, "<span class=\"dateline\">(COURIER) — </span>");
}

/* Above the text what must be known before it is read, below it what was set right. */
static void notes_stand_where_they_are_needed(void **state) {
    struct bench *b = *state;
    struct revision v = courier_story(b->arena);
    struct correction notes[] = {
        {1795560000000, CHANGE_EDITORS_NOTE, SPAN("A note.")},
        {1795560000000, CHANGE_CLARIFICATION, SPAN("It is clear now.")},
        {1795560000000, CHANGE_RETRACTION, SPAN("We do not stand by it.")},
    };
    v.corrections = notes, v.correction_count = 3;
    story_page(b, &v);
    assert_true(place_of(b, "<span>A note.") < place_of(b, "id=\"p1\""));
    assert_true(place_of(b, "<span>We do not stand by it.") < place_of(b, "id=\"p1\""));
    assert_true(place_of(b, "id=\"p2\"") < place_of(b, "<span>It is clear now."));
    has_not(b, "href=\"#corrections\""); /* no mistake was made */
    v.corrections = notes, v.correction_count = 1;
    story_page(b, &v);
    has_not(b, "id=\"corrections\"");
}

static void a_lost_newer_text_is_told(void **state) {
    struct bench *b = *state;
    struct revision v = sample_small();
    struct render_story story = {.revision = &v, .entry = 0, .newer_lost = true};
    assert_int_equal(render_story_page(b->render, b->arena, &story, &b->out), RC_OK);
    has(b, "but its text was lost");
    has(b, "Recorded as entry <bdi>0</bdi>");
}

static void another_language_is_marked(void **state) {
    struct bench *b = *state;
    struct revision v = sample_small();
    v.language = SPAN("ar");
    story_page(b, &v);
    has(b, "<html lang=\"en-GB\" dir=\"ltr\">");
    has(b, "<h1 class=\"short\" lang=\"ar\" dir=\"rtl\">");
    has(b, "font-family:AT");
    static const char *const same[] = {"en-GB", "en-GB-u-hc-h23"};
    for (size_t i = 0; i < COUNT_OF(same); i++) {
        v.language = span_str(same[i]);
        story_page(b, &v);
        has(b, "<h1 class=\"short\">");
        has_not(b, "font-family:AT");
    }
}

static void other_editions(void **state) {
    struct bench *b = *state;
    const struct render_edition editions[] = {
        {SPAN("Gazette"), SPAN("ar-u-nu-latn"), SPAN("https://courier.example/ar")},
        {SPAN("The Courier abroad"), SPAN("en-US"), SPAN("https://courier.example/us")}};
    const struct render_site site = {.name = SPAN("The Averil Courier"),
                                     .url = SPAN("https://courier.example"),
                                     .language = SPAN("en-GB"),
                                     .zone = SPAN("UTC"),
                                     .editions = editions,
                                     .edition_count = 2};
    struct render *r;
    assert_int_equal(render_new(&site, &r), RC_OK);
    struct revision v = sample_small();
    v.language = SPAN("en-GB-u-hc-h23"); /* its own, as the others name it */
    const struct render_translation arabic = {SPAN("ar-u-nu-latn"),
                                              SPAN("https://courier.example/ar/x")};
    struct render_story story = {.revision = &v};
    assert_int_equal(render_story_page(r, b->arena, &story, &b->out), RC_OK);
    /* by the language, but where that is ours too */
    has(b, "<li><a href=\"https://courier.example/ar\" lang=\"ar\" dir=\"rtl\" "
           "hreflang=\"ar\">العربية</a></li>");
    has(b, "<li><a href=\"https://courier.example/us\" lang=\"en-US\" dir=\"ltr\" "
           "hreflang=\"en-US\">The Courier abroad</a></li>");
    has_not(b, "<link rel=\"alternate\" hreflang");
    story.translations = &arabic, story.translation_count = 1;
    buf_clear(&b->out);
    assert_int_equal(render_story_page(r, b->arena, &story, &b->out), RC_OK);
    has(b, "<li><a href=\"https://courier.example/ar/x\" lang=\"ar\"");
    has(b, "<link rel=\"alternate\" hreflang=\"ar\" href=\"https://courier.example/ar/x\">");
    has(b, "<link rel=\"alternate\" hreflang=\"en-GB\" "
           "href=\"https://courier.example/2026/11/24/harbour-reopens\">");
    has_not(b, "x-default"); /* no language of a paper is the others' default */
    /* two in one language: the older is told, by itself and by the others */
    struct render_translation three[] = {
        {SPAN("en-GB"), SPAN("https://courier.example/us/x"), false},
        {SPAN("ar"), SPAN("https://courier.example/ar/x"), false},
        {SPAN("ar-u-nu-latn"), SPAN("https://courier.example/ar/y"), false}};
    story.translations = three, story.translation_count = 3;
    buf_clear(&b->out);
    assert_int_equal(render_story_page(r, b->arena, &story, &b->out), RC_OK);
    has(b, "<link rel=\"alternate\" hreflang=\"ar\" href=\"https://courier.example/ar/x\">");
    has(b, "hreflang=\"en-GB\" href=\"https://courier.example/2026/");
    has_not(b, "hreflang=\"en-GB\" href=\"https://courier.example/us/x");
    has_not(b, "/ar/y");
    three[0].older = true;
    buf_clear(&b->out);
    assert_int_equal(render_story_page(r, b->arena, &story, &b->out), RC_OK);
    has_not(b, "<link rel=\"alternate\" hreflang");
    render_free(r);
}

static void arabic_site(void **state) {
    struct bench *b = *state; /* of which ICU 72 says that it has digits of its own */
    struct revision v = courier_story(b->arena);
    v.language = SPAN("ar");
    story_page(b, &v);
    has(b, "<html lang=\"ar\" dir=\"rtl\">");
    has(b, "<span class=\"work is-analysis\">تحليل</span>");
    has(b, "data-digits=\"arab\"");
    has(b, "مسجَّل في القيد رقم");
    has(b, "نوفمبر"); /* November, and no left or right in the style */
    has_not(b, "left:");
    has_not(b, "right:");
    assert_int_equal(
        render_error_page(b->render, b->arena, &(struct render_error){.status = 404}, &b->out),
        RC_OK);
    has(b, "لا توجد صفحة كهذه");
}

static struct span json_ld(const struct bench *b) {
    size_t from = place_of(b, "<script type=\"application/ld+json\">") + 35;
    struct span rest = span_from(buf_span(&b->out), from);
    return span_sub(rest, 0, span_find(rest, '<'));
}

static void json_ld_says_the_same(void **state) {
    struct bench *b = *state;
    struct revision v = courier_story(b->arena);
    story_page(b, &v);
    json_t *ld = json_of(json_ld(b));
    is_text(ld, "@type", "AnalysisNewsArticle");
    is_text(ld, "headline", "Harbour reopens & ferries sail");
    is_text(ld, "datePublished", "2026-11-24T20:33:59Z");
    is_text(ld, "dateModified", "2026-11-24T21:33:59Z");
    is_text(ld, "articleSection", "City life");
    is_text(ld, "dateline", "PORT AVERIL (COURIER)");
    is_text(json_array_get(json_object_get(ld, "author"), 1), "name", "J. Orr");
    json_t *image = json_array_get(json_object_get(ld, "image"), 0);
    is_text(image, "creditText", "© COURIER / M. VALE");
    is_text(json_object_get(image, "creator"), "name", "Mara Vale");
    json_t *correction = json_array_get(json_object_get(ld, "correction"), 0);
    is_text(correction, "@type", "CorrectionComment");
    is_text(correction, "text", "The pier opened on Monday, not Sunday.");
    is_text(correction, "datePublished", "2026-11-24T22:40:00Z");
    assert_int_equal(json_integer_value(json_object_get(ld, "wordCount")), story_words(&v));
    json_decref(ld);
}

/* The policy of the page in b->out. */
static struct span policy_of(struct bench *b) {
    size_t count, k = 0;
    const struct render_prolog *prologs = render_prologs(b->render, &count);
    while (k < count && !span_starts(buf_span(&b->out), prologs[k].bytes)) k++;
    assert_true(k < count);
    return prologs[k].csp;
}

/* The hash of what stands between two tags is in the policy. */
static void is_in_policy(struct bench *b, const char *open, const char *close) {
    size_t from = place_of(b, open) + strlen(open);
    struct span rest = span_from(buf_span(&b->out), from);
    const char *end = memmem(rest.p, rest.n, close, strlen(close));
    struct sha256 hash = sha256_of(span_of(rest.p, (size_t)(end - rest.p)));
    struct buf name;
    buf_init(&name, 200);
    buf_str(&name, " 'sha256-");
    buf_base64(&name, hash.bytes, SHA256_BYTES);
    buf_char(&name, '\'');
    assert_int_equal(count_of(policy_of(b), arena_strdup(b->arena, buf_span(&name))), 1);
    buf_done(&name);
    /* page.md, §0 and §6 */
    if (strcmp(open, "<script>") == 0) assert_true((size_t)(end - rest.p) <= 5 * 1024);
    assert_int_equal(count_of(buf_span(&b->out), "<style>"), 1);
    has_not(b, "style=");
}

static void csp_names_what_is_inline(void **state) {
    struct bench *b = *state;
    struct revision v = sample_small();
    story_page(b, &v);
    is_in_policy(b, "<style>", "</style>");
    is_in_policy(b, "<script>", "</script>");
    v.language = SPAN("ar");
    story_page(b, &v);
    is_in_policy(b, "<style>", "</style>");
    struct render_list front = {.kind = RENDER_FRONT, .path = SPAN("/")};
    buf_clear(&b->out);
    assert_int_equal(render_list_page(b->render, b->arena, &front, &b->out), RC_OK);
    is_in_policy(b, "<style>", "</style>");
    for (unsigned status = 404; status <= 500; status += 96) {
        buf_clear(&b->out);
        assert_int_equal(render_error_page(b->render, b->arena,
                                           &(struct render_error){.status = status}, &b->out),
                         RC_OK);
        is_in_policy(b, "<style>", "</style>");
        if (status == 500) has_not(b, "woff2");
    }
    assert_int_equal(
        count_of(policy_of(b),
                 "default-src 'none'; connect-src 'self'; img-src 'self'; font-src 'self';"),
        1);
    assert_int_equal(count_of(policy_of(b), "frame-ancestors 'none'"), 1);
}

/* What a page names of the theme is there, under a name that says what is in it. */
static void assets_are_named(void **state) {
    struct bench *b = *state;
    struct revision v = sample_small();
    v.language = SPAN("ar");
    story_page(b, &v);
    size_t count, faces = 0;
    const struct render_asset *assets = render_assets(b->render, &count);
    for (size_t i = 0; i < count; i++) {
        struct sha256 hash = sha256_of(assets[i].bytes);
        struct buf name;
        buf_init(&name, 200);
        buf_hex(&name, hash.bytes, 8);
        assert_true(span_starts(assets[i].path, SPAN("/theme/")));
        assert_int_equal(count_of(assets[i].path, arena_strdup(b->arena, buf_span(&name))), 1);
        assert_true(count_of(buf_span(&b->out), arena_strdup(b->arena, assets[i].path)) > 0);
        bool face = span_ends(assets[i].path, SPAN(".woff2"));
        assert_true(span_eq(assets[i].type, face ? SPAN("font/woff2") : SPAN("image/svg+xml")));
        faces += face && span_starts(assets[i].bytes, SPAN("wOF2"));
        buf_done(&name);
    }
    assert_int_equal(faces, 8);
    assert_int_equal(count_of(buf_span(&b->out), "url("), 10);
    assert_int_equal(count_of(buf_span(&b->out), "url(/theme/"), 10);
}

static void styles_lose_what_means_nothing(void **state) {
    struct bench *b = *state;
    static const char *const pairs[][2] = {
        {"/* x */ a , b > c {\n  color : red ;\n}\n", "a,b>c{color :red}"},
        {"a :is(b, c) { d: calc(1px + 2px); e: \"x ; y\" ; }",
         "a :is(b,c){d:calc(1px + 2px);e:\"x ; y\"}"},
        {"@media (min-width:1px) and (print) { a { b: c } }",
         "@media (min-width:1px) and (print){a{b:c}}"},
        {"a{b:url(none.woff2) url( x )", "a{b:url(none.woff2) url( x )"},
        {"/* never ended", ""},
        {"a{b:'", "a{b:'"},
        {"url(", "url("},
    };
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        buf_clear(&b->out);
        theme_add_css(b->render, &b->out, span_str(pairs[i][0]));
        if (!span_eq(buf_span(&b->out), span_str(pairs[i][1])))
            fail_msg("%s became " SPAN_FMT, pairs[i][0], SPAN_ARG(buf_span(&b->out)));
    }
}

/* ---- hostile values ----------------------------------------------------------------------------
 */

static struct revision evil_story(struct arena *a) {
    struct span evil = SPAN(EVIL);
    struct revision v = sample_full(a);
    v.path = v.code = v.language = v.section = v.headline = v.headline_short = v.headline_social =
        v.headline_feed = v.standfirst = v.slug = v.credit_line = evil;
    v.dateline = (struct dateline){evil, evil};
    for (size_t i = 0; i < v.byline_count; i++) v.bylines[i] = (struct byline){evil, evil};
    for (size_t i = 0; i < v.tag_count; i++) v.tags[i].name = v.tags[i].slug = evil;
    for (size_t i = 0; i < v.correction_count; i++) v.corrections[i].text = evil;
    for (size_t i = 0; i < v.picture_count; i++) {
        struct picture *p = &v.pictures[i];
        p->caption = p->alt = p->credit = p->creator = p->copyright = evil;
    }
    for (size_t i = 0; i < v.block_count; i++) {
        struct block *block = &v.blocks[i];
        block->speaker = block->occasion = block->title = evil;
        block->url = i % 2 ? SPAN("https://x.example/\"><script>alert(1)</script>" EVIL)
                           : SPAN("javascript:alert(1)//" EVIL);
        for (size_t k = 0; k < block->text.count; k++) {
            block->text.runs[k].text = evil;
            block->text.runs[k].href = k % 2 ? block->url : SPAN("//x.example/" EVIL);
        }
        for (size_t k = 0; k < block->row_count; k++)
            for (size_t m = 0; m < block->rows[k].count; m++) block->rows[k].runs[m].text = evil;
    }
    return v;
}

static void hostile_story(void **state) {
    struct bench *b = *state;
    struct revision v = evil_story(b->arena);
    buf_clear(&b->out);
    struct render_story story = {.revision = &v, .entry = UINT64_MAX};
    if (render_story_page(b->render, b->arena, &story, &b->out) != RC_OK) fail_msg("%s", rc_why());
    static struct seen seen;
    check_html(buf_span(&b->out), &seen);
    assert_int_equal(seen.scripts, 2);
    has_not(b, "<script>alert");
    has_not(b, "href=\"javascript");
    has_not(b, "href=\"//");
    json_t *ld = json_of(json_ld(b));
    is_text(ld, "headline", EVIL);
    assert_int_equal(count_of(json_ld(b), "\xE2\x80\xA8"), 0);
    json_decref(ld);
    buf_clear(&b->out);
    assert_int_equal(render_ninjs(b->render, b->arena, &story, &b->out), RC_OK);
    json_decref(json_of(buf_span(&b->out)));
}

static struct card evil_card(void) {
    struct span evil = SPAN(EVIL);
    return (struct card){
        .path = evil,
        .code = evil,
        .headline = evil,
        .standfirst = evil,
        .section = evil,
        .kind = evil,
        .language = evil,
        .picture = SPAN(
            "{\"alt\":\"<script>alert(1)</script>\\\"\",\"hash\":\"abababababababababababababababab"
            "abababababababababababababababab\",\"height\":2,\"type\":\"image/png\",\"width\":3}"),
    };
}

static void hostile_lists(void **state) {
    struct bench *b = *state;
    struct span evil = SPAN(EVIL);
    struct card cards[2] = {evil_card(), evil_card()};
    const struct render_note notes[] = {{.change = CHANGE_CORRECTION, .text = evil},
                                        {.change = CHANGE_RETRACTION, .text = evil}};
    for (int kind = 0; kind < RENDER_LIST_KINDS; kind++) {
        struct render_list list = {.kind = (enum render_list_kind)kind,
                                   .title = evil,
                                   .day = {2026, 11, 24},
                                   .path = evil,
                                   .cards = cards,
                                   .count = 2,
                                   .page = 1,
                                   .pages = 2,
                                   .newer = evil,
                                   .older = evil,
                                   .feed = evil,
                                   .notes = kind == RENDER_CORRECTIONS ? notes : NULL};
        buf_clear(&b->out);
        if (render_list_page(b->render, b->arena, &list, &b->out) != RC_OK)
            fail_msg("%s", rc_why());
        static struct seen seen;
        check_html(buf_span(&b->out), &seen);
        assert_int_equal(seen.scripts, 1);
        if (kind != RENDER_FRONT && kind != RENDER_CORRECTIONS)
            has(b, "alt=\"\""); /* a card's headline says it */
        buf_clear(&b->out);
        assert_int_equal(render_rss(b->render, b->arena, &list, evil, &b->out), RC_OK);
        has_not(b, "<script");
        has_not(b, "]]>");
        buf_clear(&b->out);
        assert_int_equal(render_json_feed(b->render, b->arena, &list, evil, &b->out), RC_OK);
        json_t *feed = json_of(buf_span(&b->out));
        is_text(json_array_get(json_object_get(feed, "items"), 1), "title", EVIL);
        json_decref(feed);
    }
    struct render_gone gone = {.why = {451, evil, evil, evil}, .headline = evil, .path = evil};
    buf_clear(&b->out);
    assert_int_equal(render_gone_page(b->render, b->arena, &gone, &b->out), RC_OK);
    static struct seen seen;
    check_html(buf_span(&b->out), &seen);
    assert_int_equal(seen.scripts, 1);
    buf_clear(&b->out);
    assert_int_equal(render_gone_ninjs(b->render, b->arena, &gone, &b->out), RC_OK);
    json_t *item = json_of(buf_span(&b->out));
    is_text(item, "edNote", EVIL);
    json_decref(item);
    buf_clear(&b->out);
    assert_int_equal(render_sitemap(b->render, &(struct render_sitemap_ref){evil, 0}, 1, &b->out),
                     RC_OK);
    has_not(b, "<script");
}

static void hostile_site(void **state) {
    (void)state;
    struct render_site site = {.name = SPAN(EVIL),
                               .url = SPAN("https://x.example/\"><script>"),
                               .language = SPAN("en"),
                               .zone = SPAN("UTC")};
    struct bench b = {.arena = arena_new(ARENA_BYTES)};
    buf_init(&b.out, PAGE_BYTES);
    assert_int_equal(render_new(&site, &b.render), RC_OK);
    struct revision v = sample_small();
    assert_int_equal(
        render_story_page(b.render, b.arena, &(struct render_story){.revision = &v}, &b.out),
        RC_OK);
    static struct seen seen;
    check_html(buf_span(&b.out), &seen);
    assert_int_equal(seen.scripts, 2);
    buf_done(&b.out);
    render_free(b.render);
    arena_free(b.arena);
}

/* A report of an error names the story and the version, and has room for the passage; an old story says so. */
static void errors_can_be_reported(void **state) {
    (void)state;
    struct render_site site = {.name = SPAN("The Averil Courier"),
                               .url = SPAN("https://courier.example"),
                               .language = SPAN("en-GB"),
                               .zone = SPAN("UTC"),
                               .address = SPAN("desk@courier.example")};
    struct bench b = {.arena = arena_new(ARENA_BYTES)};
    buf_init(&b.out, PAGE_BYTES);
    assert_int_equal(render_new(&site, &b.render), RC_OK);
    struct revision v = courier_story(b.arena);
    struct render_story story = {.revision = &v};
    assert_int_equal(render_story_page(b.render, b.arena, &story, &b.out), RC_OK);
    check_page(&b, 2);
    has(&b,
        "href=\"mailto:desk@courier.example?subject=Harbour%20reopens%20%26%20ferries%20sail&amp;"
        "body=https%3A%2F%2Fcourier.example%2Fs%2Fabc2345%20version%203%0D%0A%0D%0AWhat%20is%20"
        "wrong%3A%0D%0A%0D%0A%0D%0AThe%20passage%3A%0D%0A\" data-report=\"\"");
    has_not(&b, "From the archive");
    story.old = true;
    buf_clear(&b.out);
    assert_int_equal(render_story_page(b.render, b.arena, &story, &b.out), RC_OK);
    has(&b,
        "<p class=\"note\">From the archive: <time datetime=\"2026-11-24T20:33:59Z\">Tuesday, 24 "
        "November 2026</time>. It says what was known then.</p>");
    buf_done(&b.out);
    render_free(b.render);
    arena_free(b.arena);
}

static void sites_that_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *language, *zone, *why;
    } bad[] = {{"", "UTC", "language"},
               {"en gb", "UTC", "language"},
               {"english-language-of-the-realm", "UTC", "language"},
               {"en", "", "zone"},
               {"en", "Europe/Nowhere", "zone"},
               {"en", "Europe/Athens\"", "zone"}};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct render *r;
        struct render_site site = {.name = SPAN("x"),
                                   .language = span_str(bad[i].language),
                                   .zone = span_str(bad[i].zone)};
        assert_int_equal(render_new(&site, &r), RC_INVALID);
        assert_non_null(strstr(rc_why(), bad[i].why));
    }
}

/* ---- blocks ------------------------------------------------------------------------------------
 */

static void every_block_kind(void **state) {
    struct bench *b = *state;
    struct revision v = sample_full(b->arena);
    v.dateline = (struct dateline){SPAN("PORT AVERIL"), SPAN("COURIER")};
    v.pictures[1].rights = (struct rights){0};
    assert_int_equal(render_blocks(b->render, b->arena, &v, &b->out), RC_OK);
    static struct seen seen;
    check_html(buf_span(&b->out), &seen);
    has_not(b, "dateline"); /* the page's own, not a block's */
    has(b, "<p id=\"p1\">The pier <strong><em>opened</em></strong> at noon: <a "
           "href=\"https://port.example/notice?a=1&amp;b=2#x\">the "
           "notice</a><code>H</code><sub>2</sub>"
           "<strong><em><code><sub><sup>O</sup></sub></code></em></strong></p>");
    has(b, "<h2 id=\"h1\">");
    has(b, "<ol id=\"l1\"><li>");
    has(b, "<figure class=\"quote\" id=\"q1\"><blockquote class=\"marked\" cite=");
    has(b, "<figure class=\"pull-quote\" id=\"q2\"><blockquote class=\"pull-quote marked\"><p>");
    has(b, "<figure class=\"picture wide\" id=\"f1\">");
    has(b, "loading=\"lazy\"");
    has(b, "<div class=\"table\" id=\"t1\" role=\"group\" tabindex=\"0\"><table>");
    has(b, "<th scope=\"col\"></th>");
    has(b, "<pre id=\"p2\">");
    has(b, "<hr>");
    has(b, "<figure class=\"embed\" id=\"f2\"><a href=\"https://");
    has(b, "<figure class=\"gallery\" id=\"f3\"><figure class=\"picture wide\">");
    has(b, "<ol class=\"events\" id=\"l2\" reversed=\"\">\n<li id=\"e2\"><time "
           "datetime=\"2026-11-24T20:35:00Z\">2026-11-24T20:35:00Z</time> ");
    has(b, "<li id=\"e1\">");
    has(b,
        "<figure class=\"audio\" id=\"f4\"><a href=\"https://radio.example/1.mp3\">The talk</a>");
    struct buf small;
    buf_init(&small, 10);
    assert_int_equal(render_blocks(b->render, b->arena, &v, &small), RC_TOO_BIG);
    buf_done(&small);
}

/* Every block but a rule has an id of its own; check_html() has seen that none is there twice. */
static void every_block_can_be_linked_to(void **state) {
    struct bench *b = *state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        arena_reset(b->arena);
        buf_clear(&b->out);
        struct revision v = sample_random(b->arena, seed);
        for (size_t i = 0; i < v.picture_count; i++) v.pictures[i].rights = (struct rights){0};
        size_t blocks = 0;
        for (size_t i = 0; i < v.block_count; i++) {
            blocks += v.blocks[i].kind != BLOCK_RULE;
            if (v.blocks[i].kind == BLOCK_EVENTS) blocks += v.blocks[i].row_count;
        }
        assert_int_equal(render_blocks(b->render, b->arena, &v, &b->out), RC_OK);
        static struct seen seen;
        check_html(buf_span(&b->out), &seen);
        assert_int_equal(seen.id_count, blocks);
    }
}

/* Before the text they have a heading, and their times are the edition's. */
static void key_events_come_first(void **state) {
    struct bench *b = *state;
    struct revision v = sample_small();
    struct text rows[] = {sample_text(b->arena, SPAN("The mole is open")),
                          sample_text(b->arena, SPAN("The ferry sails"))};
    ms_t times[] = {1795552439123, 1795552500000};
    struct block blocks[] = {
        {.kind = BLOCK_EVENTS, .rows = rows, .row_count = 2, .times = times},
        {.kind = BLOCK_PARAGRAPH, .text = sample_text(b->arena, SPAN("Text"))},
        {.kind = BLOCK_EVENTS, .rows = rows, .row_count = 1, .times = times},
    };
    v.blocks = blocks, v.block_count = COUNT_OF(blocks);
    story_page(b, &v);
    has(b, "<section class=\"key-events\" aria-labelledby=\"key-events\">\n<h2 "
           "id=\"key-events\">Key events</h2>\n<ol class=\"events\" id=\"l1\" reversed=\"\">\n<li "
           "id=\"e2\"><a href=\"#e2\"><time datetime=\"2026-11-24T20:35:00Z\">22:35</time></a> "
           "The ferry sails");
    /* over midnight in Athens, the day is said too */
    times[1] += 2 * 3600000;
    story_page(b, &v);
    has(b, "<time datetime=\"2026-11-24T22:35:00Z\">25 Nov 2026, 00:35</time>");
    assert_true(place_of(b, "The ferry sails") < place_of(b, "The mole is open"));
    assert_true(place_of(b, "</section>\n<p id=\"p1\">") < place_of(b, "<li id=\"e3\">"));
    assert_int_equal(count_of(buf_span(&b->out), "<h2 id=\"key-events\">"), 1);
    has_not(b, "liveBlogUpdate");
    v.work = WORK_LIVE;
    story_page(b, &v);
    has(b, "\"coverageStartTime\":\"2026-11-24T20:33:59Z\",\"liveBlogUpdate\":[{\"@type\":"
           "\"BlogPosting\",\"url\":\"");
    has(b, "#e2\",\"datePublished\":\"2026-11-24T22:35:00Z\",\"headline\":\"The ferry sails\"},");
}

static void tables_have_heads_and_bodies(void **state) {
    struct bench *b = *state;
    struct text cells[] = {sample_text(b->arena, SPAN("a")), sample_text(b->arena, SPAN("b")),
                           sample_text(b->arena, SPAN("c")), sample_text(b->arena, SPAN("d"))};
    struct block block = {
        .kind = BLOCK_TABLE, .columns = 2, .rows = cells, .row_count = 4, .header_row = true};
    struct revision v = {.blocks = &block, .block_count = 1};
    assert_int_equal(render_blocks(b->render, b->arena, &v, &b->out), RC_OK);
    has(b, "<table><thead><tr><th scope=\"col\">a</th><th "
           "scope=\"col\">b</th></tr></thead><tbody><tr><td>c"
           "</td><td>d</td></tr></tbody></table>");
    block.header_row = false;
    buf_clear(&b->out);
    assert_int_equal(render_blocks(b->render, b->arena, &v, &b->out), RC_OK);
    has(b,
        "<table><tbody><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></tbody></table>");
    block.header_row = true, block.row_count = 2;
    buf_clear(&b->out);
    assert_int_equal(render_blocks(b->render, b->arena, &v, &b->out), RC_OK);
    has(b, "</tr></thead></table>");
}

static void neighbours_share_their_link(void **state) {
    struct bench *b = *state;
    struct run runs[] = {{.text = SPAN("a"), .href = SPAN("/x")},
                         {.text = SPAN("b"), .href = SPAN("/x"), .look = RUN_STRONG},
                         {.text = SPAN("c"), .href = SPAN("mailto:a@b.example")},
                         {.text = SPAN("d")}};
    struct block block = {.kind = BLOCK_PARAGRAPH, .text = {runs, 4}};
    struct revision v = {.blocks = &block, .block_count = 1};
    assert_int_equal(render_blocks(b->render, b->arena, &v, &b->out), RC_OK);
    has(b, "<p id=\"p1\"><a href=\"/x\">a<strong>b</strong></a><a "
           "href=\"mailto:a@b.example\">c</a>d</p>");
}

/* Whatever passes story_check() becomes a sound page, and the same one twice. */
static void any_story_renders_and_renders_the_same(void **state) {
    struct bench *b = *state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        arena_reset(b->arena);
        struct revision v = sample_random(b->arena, seed);
        story_page(b, &v);
        struct sha256 first = sha256_of(buf_span(&b->out));
        struct bench *other = bench_new("en-GB", "Europe/Athens");
        story_page(other, &v);
        struct sha256 second = sha256_of(buf_span(&other->out));
        assert_true(sha256_eq(&first, &second));
        void *p = other;
        tear_down(&p);
    }
}

/* ---- lists, errors, machines -------------------------------------------------------------------
 */

/* Hostile text adds nothing to a feed's markup: as many tags as with harmless text. */
static void hostile_feeds_keep_their_shape(void **state) {
    struct bench *b = *state;
    struct span harmless = SPAN("x"), evil = SPAN(EVIL);
    size_t tags[2], quotes[2];
    for (int i = 0; i < 2; i++) {
        struct span text = i ? evil : harmless;
        struct card card = {.path = text,
                            .code = text,
                            .headline = text,
                            .standfirst = text,
                            .section = text,
                            .author = text,
                            .kind = SPAN("news")};
        struct render_list list = {
            .kind = RENDER_TAG, .title = text, .path = text, .cards = &card, .count = 1};
        struct render_sitemap_ref ref = {text, 0};
        buf_clear(&b->out);
        assert_int_equal(render_rss(b->render, b->arena, &list, text, &b->out), RC_OK);
        assert_int_equal(render_atom(b->render, b->arena, &list, text, &b->out), RC_OK);
        assert_int_equal(render_news_sitemap(b->render, &card, 1, &b->out), RC_OK);
        assert_int_equal(render_sitemap(b->render, &ref, 1, &b->out), RC_OK);
        assert_int_equal(render_sitemap_index(b->render, &ref, 1, &b->out), RC_OK);
        tags[i] = count_of(buf_span(&b->out), "<") + count_of(buf_span(&b->out), ">");
        quotes[i] = count_of(buf_span(&b->out), "\"") + count_of(buf_span(&b->out), "'");
    }
    assert_int_equal(tags[0], tags[1]);
    assert_int_equal(quotes[0], quotes[1]);
}

static struct card courier_card(void) {
    return (struct card){.path = SPAN("/2026/11/24/harbour-reopens"),
                         .code = SPAN("abc2345"),
                         .headline = SPAN("Harbour reopens"),
                         .standfirst = SPAN("After nine days."),
                         .section = SPAN("City"),
                         .kind = SPAN("opinion"),
                         .language = SPAN("en-GB"),
                         .published = 1795552439123,
                         .updated = 1795556039123};
}

static void lists(void **state) {
    struct bench *b = *state;
    struct card card = courier_card();
    struct render_list list = {.kind = RENDER_TAG,
                               .title = SPAN("Ferries"),
                               .path = SPAN("/tag/ferries"),
                               .cards = &card,
                               .count = 1,
                               .page = 2,
                               .pages = 3,
                               .newer = SPAN("/tag/ferries"),
                               .older = SPAN("/tag/ferries/1"),
                               .feed = SPAN("/tag/ferries/rss"),
                               .json_feed = SPAN("/tag/ferries/feed.json"),
                               .atom = SPAN("/atom.xml")};
    assert_int_equal(render_list_page(b->render, b->arena, &list, &b->out), RC_OK);
    check_page(b, 1);
    has(b, "<h1>Ferries</h1>");
    has(b, "<h3 class=\"hl short\"><a href=\"/2026/11/24/harbour-reopens\">Harbour "
           "reopens</a></h3>");
    has(b, "<h2><a href=\"/2026/11/24\"><time datetime=\"2026-11-24\">Tuesday");
    has(b, "<p class=\"kick\">Opinion</p>");
    has(b, "<time datetime=\"2026-11-24T20:33:59Z\" data-age=\"\">22:33</time>");
    has(b, "<bdi>2 / 3</bdi>");
    has(b, "<a href=\"/tag/ferries/1\" rel=\"next\">Older stories</a>");
    has(b, "<link rel=\"alternate\" type=\"application/rss+xml\" title=\"Ferries\" "
           "href=\"/tag/ferries/rss\">");
    has(b, "<link rel=\"alternate\" type=\"application/feed+json\" title=\"Ferries\" "
           "href=\"/tag/ferries/feed.json\">");
    has(b, "<link rel=\"alternate\" type=\"application/atom+xml\" title=\"Ferries\" "
           "href=\"/atom.xml\">");
    list = (struct render_list){.kind = RENDER_FRONT, .path = SPAN("/")};
    buf_clear(&b->out);
    assert_int_equal(render_list_page(b->render, b->arena, &list, &b->out), RC_OK);
    check_page(b, 1);
    has(b, "<title>The Averil Courier</title>");
    has(b, "There are no stories here yet.");
    has_not(b, "class=\"pages\"");
    has_not(b, "rss");
    list = (struct render_list){
        .kind = RENDER_DAY, .day = {2026, 11, 24}, .path = SPAN("/2026/11/24")};
    buf_clear(&b->out);
    assert_int_equal(render_list_page(b->render, b->arena, &list, &b->out), RC_OK);
    has(b, "<h1>Tuesday, 24 November 2026</h1>");
    has_not(b, "rel=\"next\"");
    has_not(b, "<p class=\"count\">");
}

static void a_day_knows_the_days_beside_it(void **state) {
    struct bench *b = *state;
    struct card card = courier_card();
    card.picture = SPAN("");
    const struct render_list list = {.kind = RENDER_DAY,
                                     .day = {2026, 11, 24},
                                     .day_before = {2026, 11, 21},
                                     .day_after = {2027, 1, 2},
                                     .path = SPAN("/2026/11/24"),
                                     .stories = 31,
                                     .cards = &card,
                                     .count = 1};
    assert_int_equal(render_list_page(b->render, b->arena, &list, &b->out), RC_OK);
    check_page(b, 1);
    has(b, "<p class=\"count\">Stories <bdi>31</bdi></p>");
    has(b, "<a class=\"before\" href=\"/2026/11/21\" rel=\"prev\">Sat 21</a>\n"
           "<a href=\"/2026/11\">November 2026</a>\n"
           "<a class=\"after\" href=\"/2027/01/02\" rel=\"next\">Saturday, 2 January 2027</a>");
}

static void what_happens_now_stands_above(void **state) {
    struct bench *b = *state;
    struct card cards[4];
    for (size_t i = 0; i < COUNT_OF(cards); i++) {
        cards[i] = courier_card();
        cards[i].id.bytes[0] = (uint8_t)i;
        cards[i].path = arena_printf(b->arena, "/2026/11/24/%zu", i);
        cards[i].kind = i == 1 ? SPAN("live") : i == 2 ? SPAN("breaking") : SPAN("news");
        if (i) cards[i].picture = SPAN("");
    }
    cards[2].headline = SPAN("Mole <open>");
    cards[3].kind = SPAN("sponsored");
    struct render_list list = {
        .kind = RENDER_FRONT, .path = SPAN("/"), .cards = cards, .count = COUNT_OF(cards)};
    assert_int_equal(render_list_page(b->render, b->arena, &list, &b->out), RC_OK);
    check_page(b, 1);
    has(b, "<aside class=\"banner\" aria-label=\"Breaking\"><p><a href=\"/2026/11/24/2\">"
           "<strong>Breaking</strong> <span>Mole &lt;open&gt;</span></a></p></aside>");
    has(b, "<p class=\"live\"><a href=\"/2026/11/24/1\"><strong class=\"is-live\">Live</strong> ");
    has(b, "<p class=\"kick is-sponsored\">Paid content</p>");
    assert_int_equal(count_of(buf_span(&b->out), "\"/2026/11/24/1\""), 1);
    assert_int_equal(count_of(buf_span(&b->out), "\"/2026/11/24/2\""), 1);
    /* in other lists they are cards like all others, with their mark */
    list.kind = RENDER_LATEST;
    buf_clear(&b->out);
    assert_int_equal(render_list_page(b->render, b->arena, &list, &b->out), RC_OK);
    has_not(b, "class=\"banner\"");
    has(b, "<p class=\"kick is-live\">Live</p>");
    has(b, "<p class=\"kick is-breaking\">Breaking</p>");
}

static void a_page_that_is_not_there_shows_the_newest(void **state) {
    struct bench *b = *state;
    struct card cards[RENDER_ERROR_HEADS_MAX + 2];
    for (size_t i = 0; i < COUNT_OF(cards); i++) {
        cards[i] = courier_card();
        cards[i].path = arena_printf(b->arena, "/2026/11/24/%zu", i);
    }
    const struct render_error error = {404, cards, COUNT_OF(cards)};
    assert_int_equal(render_error_page(b->render, b->arena, &error, &b->out), RC_OK);
    check_page(b, 1);
    has(b, "<h2 id=\"newest\">Newest stories</h2>");
    assert_int_equal(count_of(buf_span(&b->out), "<li><a href=\"/2026/11/24/"),
                     RENDER_ERROR_HEADS_MAX);
    has(b, "<nav class=\"onward\"");
    buf_clear(&b->out);
    assert_int_equal(
        render_error_page(b->render, b->arena, &(struct render_error){.status = 404}, &b->out),
        RC_OK);
    has_not(b, "id=\"newest\"");
}

static void a_section_says_its_kind_once(void **state) {
    struct bench *b = *state;
    struct revision v = courier_story(b->arena);
    v.work = WORK_OPINION;
    v.section = SPAN("Opinion");
    story_page(b, &v);
    has_not(b, "class=\"work");
    v.work = WORK_LIVE;
    story_page(b, &v);
    has(b, "<span class=\"work is-live\">Live</span>");
    has(b, "\"@type\":\"LiveBlogPosting\"");
}

static void a_card_with_a_broken_picture_is_refused(void **state) {
    struct bench *b = *state;
    static const char *const broken[] = {
        "{", "[]", "{}",
        "{\"alt\":\"x\",\"hash\":\"ab\",\"height\":2,\"type\":\"image/png\",\"width\":3}"};
    for (size_t i = 0; i < COUNT_OF(broken); i++) {
        struct card card = courier_card();
        card.picture = span_str(broken[i]);
        struct render_list list = {
            .kind = RENDER_LATEST, .path = SPAN("/latest"), .cards = &card, .count = 1};
        assert_int_not_equal(render_list_page(b->render, b->arena, &list, &b->out), RC_OK);
    }
}

static void archive(void **state) {
    struct bench *b = *state;
    struct render_archive_count months[] = {
        {{2026, 11, 0}, 12}, {{2026, 2, 0}, 1300}, {{2024, 2, 0}, 1}};
    struct render_archive all = {.counts = months, .count = 3};
    assert_int_equal(render_archive_page(b->render, b->arena, &all, &b->out), RC_OK);
    check_page(b, 1);
    has(b, "<h1>Archive</h1>");
    has(b, "<h2><a href=\"/2026\">2026</a> <span class=\"count\"><bdi>1,312</bdi></span></h2>");
    has(b, "<a href=\"/2026/11\"><time datetime=\"2026-11\">November</time> <span "
           "class=\"count\"><bdi>12</bdi></span></a>");
    has(b, "<h2><a href=\"/2024\">2024</a>");
    has_not(b, "rel=\"next\"");
    struct render_archive_count days[] = {{{2026, 11, 24}, 12}, {{2026, 2, 28}, 1}};
    struct render_archive year = {
        .of = {2026, 0, 0}, .counts = days, .count = 2, .older = {2024, 0, 0}};
    buf_clear(&b->out);
    assert_int_equal(render_archive_page(b->render, b->arena, &year, &b->out), RC_OK);
    check_page(b, 1);
    has(b, "<h1>2026</h1>\n<p class=\"count\">Stories <bdi>13</bdi></p>");
    has(b, "<a href=\"/archive\">Archive</a>\n</nav>");
    has(b, "<h2><a href=\"/2026/11\">November 2026</a> <span "
           "class=\"count\"><bdi>12</bdi></span></h2>");
    has(b, "<a href=\"/2026/11/24\"><time datetime=\"2026-11-24\">Tue 24</time> <span "
           "class=\"count\"><bdi>12</bdi></span></a>");
    has(b, "<a class=\"before\" href=\"/2024\" rel=\"prev\">2024</a>");
    struct render_archive month = {.of = {2026, 11, 0},
                                   .counts = days,
                                   .count = 1,
                                   .newer = {2027, 1, 0},
                                   .older = {2026, 2, 0}};
    buf_clear(&b->out);
    assert_int_equal(render_archive_page(b->render, b->arena, &month, &b->out), RC_OK);
    check_page(b, 1);
    has(b, "<h1>November 2026</h1>");
    has_not(b, "<h2>");
    has(b, "<a class=\"before\" href=\"/2026/02\" rel=\"prev\">February 2026</a>\n"
           "<a href=\"/2026\">2026</a>\n"
           "<a class=\"after\" href=\"/2027/01\" rel=\"next\">January 2027</a>");
    buf_clear(&b->out);
    assert_int_equal(render_archive_page(b->render, b->arena, &(struct render_archive){0}, &b->out),
                     RC_OK);
    check_page(b, 1);
    has(b, "There are no stories here yet.");
}

static void archive_in_arabic(void **state) {
    struct bench *b = *state;
    struct render_archive_count month = {{2026, 11, 0}, 12};
    struct render_archive all = {.counts = &month, .count = 1};
    assert_int_equal(render_archive_page(b->render, b->arena, &all, &b->out), RC_OK);
    check_page(b, 1);
    has(b, "\">٢٠٢٦</a>");
    has(b, "<time datetime=\"2026-11\">نوفمبر</time>");
}

static void standing_pages_have_versions(void **state) {
    struct bench *b = *state;
    struct revision v = sample_standing(b->arena, SPAN("We print what we know."));
    const struct render_version versions[] = {
        {.number = 2, .at = v.updated, .note = v.standing.note, .language = v.language},
        {.number = 1, .lost = true}};
    const struct render_translation translation = {SPAN("ar"),
                                                   SPAN("https://courier.example/ar/about")};
    const struct render_standing page = {.revision = &v,
                                         .entry = 7,
                                         .versions = versions,
                                         .version_count = 2,
                                         .translations = &translation,
                                         .translation_count = 1};
    assert_int_equal(render_standing_page(b->render, b->arena, &page, &b->out), RC_OK);
    check_page(b, 2);
    has(b, "<link rel=\"canonical\" href=\"https://courier.example/about\">");
    has(b, "<link rel=\"alternate\" hreflang=\"ar\" href=\"https://courier.example/ar/about\">");
    has(b, "<p id=\"p1\">We print what we know.</p>");
    has(b, "Version <bdi>2</bdi>");
    has(b, "<a href=\"/about/v/2\">");
    has(b, "Says who owns the paper.");
    has(b, "Its text was lost.");
    has_not(b, "/about/v/1");
    has_not(b, "A later version of this page");
    has(b, "/record/opening/7.json");
    has(b, "{\"@context\":\"https://schema.org\",\"@type\":\"AboutPage\",\"url\":"
           "\"https://courier.example/about\",\"name\":\"About the Courier\"");
    has(b, "\"version\":\"2\"");
    has_not(b, "noindex");
}

static void versions_show_what_they_changed(void **state) {
    struct bench *b = *state;
    struct revision before = sample_standing(b->arena, SPAN("We print what we know.")),
                    v = sample_standing(b->arena, SPAN("We print only what we know."));
    before.number = 1;
    before.change = CHANGE_NONE;
    v.headline = SPAN("About the Averil Courier");
    struct render_changes changes = {.revision = &v, .before = &before, .entry = 9};
    assert_int_equal(render_version_page(b->render, b->arena, &changes, &b->out), RC_OK);
    check_page(b, 1);
    has(b, "<link rel=\"canonical\" href=\"https://courier.example/about/v/2\">");
    has(b, "<meta name=\"robots\" content=\"noindex\">");
    has(b, ">About the Averil Courier</h1>");
    has(b, "About the <ins><span class=\"quiet\">added: </span>Averil </ins>Courier");
    has(b, "We print <ins><span class=\"quiet\">added: </span>only </ins>what we know.");
    has(b, "Marked is what was changed since <a href=\"/about/v/1\">");
    has(b, "Says who owns the paper.");
    v = before;
    v.number = 2;
    buf_clear(&b->out);
    assert_int_equal(render_version_page(b->render, b->arena, &changes, &b->out), RC_OK);
    check_page(b, 1);
    has(b, "Nothing in the text was changed since <a href=\"/about/v/1\">");
    has_not(b, "<ins>");
    changes.before = NULL;
    buf_clear(&b->out);
    assert_int_equal(render_version_page(b->render, b->arena, &changes, &b->out), RC_OK);
    check_page(b, 1);
    has(b, "The text of the version before this one was lost");
    v.number = 1;
    buf_clear(&b->out);
    assert_int_equal(render_version_page(b->render, b->arena, &changes, &b->out), RC_OK);
    check_page(b, 1);
    has(b, "This is the first version.");
    has_not(b, "/about/v/0");
}

/* Whatever is in two versions, no markup of theirs comes through, and it is whole HTML. */
static void hostile_versions(void **state) {
    struct bench *b = *state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        arena_reset(b->arena);
        struct revision before = sample_random(b->arena, seed),
                        v = sample_random(b->arena, seed + 1);
        before.picture_count = v.picture_count = 0;
        for (size_t i = 0; i < before.block_count; i++)
            if (before.blocks[i].kind == BLOCK_PICTURE || before.blocks[i].kind == BLOCK_GALLERY)
                before.blocks[i] = (struct block){.kind = BLOCK_RULE};
        for (size_t i = 0; i < v.block_count; i++)
            if (v.blocks[i].kind == BLOCK_PICTURE || v.blocks[i].kind == BLOCK_GALLERY)
                v.blocks[i] = (struct block){.kind = BLOCK_RULE};
        v.path = SPAN("/about");
        v.number = 2;
        const struct render_changes changes = {.revision = &v, .before = &before};
        buf_clear(&b->out);
        assert_int_equal(render_version_page(b->render, b->arena, &changes, &b->out), RC_OK);
        check_page(b, 1);
    }
}

static void gone_and_errors(void **state) {
    struct bench *b = *state;
    struct render_gone gone = {.why = {.status = 451,
                                       .reason = SPAN("It names a witness."),
                                       .authority = SPAN("Averil District Court"),
                                       .demanded = SPAN("2026-11-20")},
                               .headline = SPAN("Harbour reopens"),
                               .language = SPAN("ar"),
                               .path = SPAN("/2026/11/24/harbour-reopens"),
                               .code = SPAN("abc2345"),
                               .number = 3,
                               .published = 1795552439123,
                               .at = 1795638839123,
                               .entry = 7};
    assert_int_equal(render_gone_page(b->render, b->arena, &gone, &b->out), RC_OK);
    check_page(b, 1);
    has(b, "A legal demand forbids it.");
    has(b, "<h1 class=\"short\" lang=\"ar\" dir=\"rtl\">Harbour reopens</h1>");
    has(b, "<strong>Withdrawn:</strong> <time datetime=\"2026-11-25T20:33:59Z\">");
    has(b, "<strong>Demanded by:</strong> Averil District Court · "
           "<time datetime=\"2026-11-20\">Friday, 20 November 2026</time>");
    has(b, "<strong>The reason given:</strong> It names a witness.");
    has(b, "/record/opening/7.json");
    has(b, "<meta name=\"robots\" content=\"noindex\">");
    buf_clear(&b->out);
    assert_int_equal(render_gone_ninjs(b->render, b->arena, &gone, &b->out), RC_OK);
    json_t *item = json_of(buf_span(&b->out));
    is_text(item, "pubStatus", "canceled");
    is_text(item, "uri", "https://courier.example/s/abc2345");
    is_text(item, "version", "3");
    is_text(item, "versionCreated", "2026-11-25T20:33:59Z");
    is_text(item, "edNote", "It names a witness.");
    is_text(json_array_get(json_object_get(item, "organisations"), 0), "name",
            "Averil District Court");
    json_decref(item);
    gone = (struct render_gone){.why = {.status = 410}};
    buf_clear(&b->out);
    gone.path = SPAN("/2026/11/24/harbour-reopens");
    assert_int_equal(render_gone_page(b->render, b->arena, &gone, &b->out), RC_OK);
    check_page(b, 1);
    has(b, "<link rel=\"canonical\" href=\"https://courier.example/2026/11/24/harbour-reopens\">");
    has(b, "<h1>This story was withdrawn</h1>");
    has_not(b, "The reason given");
    static const unsigned known[] = {400, 403, 404, 405, 413, 421, 429, 431, 500, 501, 503, 418};
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        buf_clear(&b->out);
        assert_int_equal(render_error_page(b->render, b->arena,
                                           &(struct render_error){.status = known[i]}, &b->out),
                         RC_OK);
        check_page(b, 1);
        assert_int_equal(count_of(buf_span(&b->out), "<h1>That did not work</h1>"),
                         known[i] == 418);
    }
}

/* A story that was corrected twice stands there twice, under the days of its corrections. */
static void corrections(void **state) {
    struct bench *b = *state;
    struct card card = courier_card(), cards[] = {card, card};
    cards[1].retracted = true;
    const struct render_note notes[] = {
        {1795638839123, CHANGE_RETRACTION, SPAN("We do not stand by it & say so."), 9},
        {1795552439123, CHANGE_CORRECTION, SPAN("It opened at eight."), 7}};
    struct render_list list = {.kind = RENDER_CORRECTIONS,
                               .path = SPAN("/corrections"),
                               .feed = SPAN("/corrections/feed.xml"),
                               .cards = cards,
                               .notes = notes,
                               .count = 2};
    assert_int_equal(render_list_page(b->render, b->arena, &list, &b->out), RC_OK);
    check_page(b, 1);
    has(b, "<h1>Corrections and clarifications</h1>");
    has(b, "<h2><time datetime=\"2026-11-25\">");
    has(b, "<p class=\"kick\">Retraction <time datetime=\"2026-11-25T20:33:59Z\">");
    has(b, "<p class=\"what\">We do not stand by it &amp; say so.</p>");
    has(b, "<p class=\"kick\">Correction <time datetime=\"2026-11-24T20:33:59Z\">");
    has(b, "<p class=\"what\">It opened at eight.</p>");
    has_not(b, "class=\"card");
    buf_clear(&b->out);
    assert_int_equal(render_rss(b->render, b->arena, &list, list.feed, &b->out), RC_OK);
    has(b, "<lastBuildDate>Wed, 25 Nov 2026 20:33:59 +0000</lastBuildDate>");
    has(b, "<title>Retraction: ");
    has(b, "<description>We do not stand by it &amp; say so.</description>");
    has(b, "<category>Correction</category>");
    has(b, "<pubDate>Tue, 24 Nov 2026 20:33:59 +0000</pubDate>");
    has(b, "<guid isPermaLink=\"false\">https://courier.example/record/opening/7.json</guid>");
}

static void feeds(void **state) {
    struct bench *b = *state;
    struct card card = courier_card();
    struct render_list list = {.kind = RENDER_SECTION,
                               .title = SPAN("City"),
                               .path = SPAN("/section/city"),
                               .cards = &card,
                               .count = 1};
    assert_int_equal(render_rss(b->render, b->arena, &list, SPAN("/section/city/rss"), &b->out),
                     RC_OK);
    has(b, "<title>City – The Averil Courier</title>");
    has(b, "<atom:link rel=\"self\" type=\"application/rss+xml\" "
           "href=\"https://courier.example/section/city/rss\"/>");
    has(b, "<pubDate>Tue, 24 Nov 2026 20:33:59 +0000</pubDate>");
    has(b, "<lastBuildDate>Tue, 24 Nov 2026 21:33:59 +0000</lastBuildDate>");
    has(b, "<guid isPermaLink=\"true\">https://courier.example/s/abc2345</guid>");
    buf_clear(&b->out);
    assert_int_equal(
        render_json_feed(b->render, b->arena, &list, SPAN("/section/city/feed.json"), &b->out),
        RC_OK);
    json_t *feed = json_of(buf_span(&b->out));
    is_text(feed, "version", "https://jsonfeed.org/version/1.1");
    is_text(feed, "feed_url", "https://courier.example/section/city/feed.json");
    json_t *item = json_array_get(json_object_get(feed, "items"), 0);
    is_text(item, "id", "https://courier.example/s/abc2345");
    is_text(item, "date_modified", "2026-11-24T21:33:59Z");
    json_decref(feed);
    struct card cards[2] = {card, card};
    cards[1].retracted = true;
    cards[1].headline = SPAN("Not stood by");
    cards[1].updated += 1000;
    list.cards = cards;
    list.count = 2;
    list.atom = SPAN("/atom.xml");
    buf_clear(&b->out);
    assert_int_equal(render_rss(b->render, b->arena, &list, SPAN("/x"), &b->out), RC_OK);
    assert_int_equal(render_atom(b->render, b->arena, &list, SPAN("/x"), &b->out), RC_OK);
    assert_int_equal(render_json_feed(b->render, b->arena, &list, SPAN("/x"), &b->out), RC_OK);
    assert_int_equal(count_of(buf_span(&b->out), "Harbour reopens"), 3);
    has_not(b, "Not stood by");
    has_not(b, "21:34:00");
    list.count = 0;
    buf_clear(&b->out);
    assert_int_equal(render_rss(b->render, b->arena, &list, SPAN("/x"), &b->out), RC_OK);
    has_not(b, "<item>");
    has_not(b, "lastBuildDate");
    buf_clear(&b->out);
    assert_int_equal(render_json_feed(b->render, b->arena, &list, SPAN("/x"), &b->out), RC_OK);
    has(b, "\"items\":[]");
}

static void atom(void **state) {
    struct bench *b = *state;
    struct card cards[2] = {courier_card(), courier_card()};
    cards[0].author = SPAN("Mara Vale");
    cards[1].section = cards[1].standfirst = SPAN("");
    cards[1].language = SPAN("ar");
    struct render_list list = {
        .kind = RENDER_LATEST, .path = SPAN("/"), .cards = cards, .count = 2};
    assert_int_equal(render_atom(b->render, b->arena, &list, SPAN("/atom.xml"), &b->out), RC_OK);
    const char *const wanted =
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
        "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"en-GB\">\n"
        "<id>https://courier.example/</id>\n"
        "<title>The Averil Courier</title>\n"
        "<updated>2026-11-24T21:33:59Z</updated>\n"
        "<author><name>The Averil Courier</name>\n</author>\n"
        "<link rel=\"self\" type=\"application/atom+xml\" "
        "href=\"https://courier.example/atom.xml\"/>\n"
        "<link rel=\"alternate\" type=\"text/html\" href=\"https://courier.example/\"/>\n"
        "<entry>\n"
        "<id>https://courier.example/s/abc2345</id>\n"
        "<title>Harbour reopens</title>\n"
        "<link rel=\"alternate\" type=\"text/html\" "
        "href=\"https://courier.example/2026/11/24/harbour-reopens\"/>\n"
        "<published>2026-11-24T20:33:59Z</published>\n"
        "<updated>2026-11-24T21:33:59Z</updated>\n"
        "<author><name>Mara Vale</name>\n<uri>https://courier.example/author/mara-vale</uri>\n"
        "</author>\n"
        "<summary>After nine days.</summary>\n"
        "<category term=\"City\"/>\n"
        "</entry>\n"
        "<entry xml:lang=\"ar\">\n"
        "<id>https://courier.example/s/abc2345</id>\n"
        "<title>Harbour reopens</title>\n"
        "<link rel=\"alternate\" type=\"text/html\" "
        "href=\"https://courier.example/2026/11/24/harbour-reopens\"/>\n"
        "<published>2026-11-24T20:33:59Z</published>\n"
        "<updated>2026-11-24T21:33:59Z</updated>\n"
        "</entry>\n"
        "</feed>\n";
    assert_true(span_eq(buf_span(&b->out), span_str(wanted)));
    list.count = 0;
    buf_clear(&b->out);
    assert_int_equal(render_atom(b->render, b->arena, &list, SPAN("/atom.xml"), &b->out), RC_OK);
    has(b, "<updated>1970-01-01T00:00:00Z</updated>");
    has_not(b, "<entry>");
}

static void items(void **state) {
    struct bench *b = *state;
    struct card cards[2] = {courier_card(), courier_card()};
    cards[0].author = SPAN("Mara Vale");
    cards[1].headline = SPAN(EVIL);
    cards[1].retracted = true;
    struct render_list list = {.kind = RENDER_TAG,
                               .title = SPAN("Ferries"),
                               .path = SPAN("/tag/ferries"),
                               .cards = cards,
                               .count = 2,
                               .page = 2};
    struct render_items at = {.self = SPAN("/api/v1/tag/ferries/items/2"),
                              .newer = SPAN("/api/v1/tag/ferries/items/3"),
                              .older = SPAN("/api/v1/tag/ferries/items/1")};
    assert_int_equal(render_items(b->render, b->arena, &list, &at, &b->out), RC_OK);
    json_t *page = json_of(buf_span(&b->out));
    is_text(page, "self", "https://courier.example/api/v1/tag/ferries/items/2");
    is_text(page, "prev", "https://courier.example/api/v1/tag/ferries/items/3");
    is_text(page, "next", "https://courier.example/api/v1/tag/ferries/items/1");
    assert_int_equal(json_integer_value(json_object_get(page, "page")), 2);
    json_t *item = json_array_get(json_object_get(page, "items"), 0);
    is_text(item, "uri", "https://courier.example/s/abc2345");
    is_text(item, "story", "00000000000000000000000000000000");
    is_text(item, "headline", "Harbour reopens");
    is_text(item, "standfirst", "After nine days.");
    is_text(item, "section", "City");
    is_text(item, "kind", "opinion");
    is_text(item, "by", "Mara Vale");
    is_text(item, "language", "en-GB");
    is_text(item, "published", "2026-11-24T20:33:59Z");
    is_text(item, "updated", "2026-11-24T21:33:59Z");
    is_text(item, "url", "https://courier.example/2026/11/24/harbour-reopens");
    is_text(item, "ninjs", "https://courier.example/2026/11/24/harbour-reopens.json");
    assert_null(json_object_get(item, "status"));
    item = json_array_get(json_object_get(page, "items"), 1);
    is_text(item, "headline", EVIL);
    is_text(item, "status", "retracted");
    json_decref(page);
    list.count = 0;
    at = (struct render_items){.self = SPAN("/api/v1/items")};
    buf_clear(&b->out);
    assert_int_equal(render_items(b->render, b->arena, &list, &at, &b->out), RC_OK);
    has(b, "\"items\":[]");
    has_not(b, "\"next\"");
    has_not(b, "\"prev\"");
}

static void news_sitemap(void **state) {
    struct bench *b = *state;
    static const struct {
        const char *language, *code;
    } languages[] = {{"en-GB", "en"}, {"ar", "ar"}, {"zh", "zh-cn"}, {"zh-Hant-HK", "zh-tw"}};
    struct card card = courier_card();
    card.headline = SPAN("Fish & ships");
    for (size_t i = 0; i < COUNT_OF(languages); i++) {
        struct bench *its = bench_new(languages[i].language, "Europe/Athens");
        char line[64];
        snprintf(line, sizeof line, "<news:language>%s</news:language>", languages[i].code);
        assert_int_equal(render_news_sitemap(its->render, &card, 1, &its->out), RC_OK);
        has(its, line);
        void *it = its;
        tear_down(&it);
    }
    assert_int_equal(render_news_sitemap(b->render, &card, 1, &b->out), RC_OK);
    has(b, "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" "
           "xmlns:news=\"http://www.google.com/schemas/sitemap-news/0.9\">\n<url>\n"
           "<loc>https://courier.example/2026/11/24/harbour-reopens</loc>\n"
           "<news:news>\n<news:publication>\n<news:name>The Averil Courier</news:name>\n"
           "<news:language>en</news:language>\n</news:publication>\n"
           "<news:publication_date>2026-11-24T20:33:59Z</news:publication_date>\n"
           "<news:title>Fish &amp; ships</news:title>\n</news:news>\n</url>\n</urlset>\n");
    buf_clear(&b->out);
    assert_int_equal(render_news_sitemap(b->render, NULL, 0, &b->out), RC_OK);
    has_not(b, "<url>");
    assert_int_equal(render_news_sitemap(b->render, &card, RENDER_NEWS_STORIES_MAX + 1, &b->out),
                     RC_TOO_BIG);
}

static void sitemaps(void **state) {
    struct bench *b = *state;
    struct render_sitemap_ref ref = {SPAN("/2026/11/24/a&b"), 1795552439123};
    assert_int_equal(render_sitemap(b->render, &ref, 1, &b->out), RC_OK);
    has(b, "<url><loc>https://courier.example/2026/11/24/a&amp;b</"
           "loc><lastmod>2026-11-24T20:33:59Z</lastmod></url>");
    buf_clear(&b->out);
    assert_int_equal(render_sitemap_index(b->render, &ref, 1, &b->out), RC_OK);
    has(b, "<sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n<sitemap><loc>");
    struct render_sitemap_ref *many = calloc(50001, sizeof *many);
    buf_clear(&b->out);
    assert_int_equal(render_sitemap(b->render, many, 50000, &b->out), RC_OK);
    buf_clear(&b->out);
    assert_int_equal(render_sitemap(b->render, many, 50001, &b->out), RC_TOO_BIG);
    free(many);
    buf_clear(&b->out);
    assert_int_equal(render_robots(b->render, &b->out), RC_OK);
    has(b, "User-agent: *\n");
    has(b, "Sitemap: https://courier.example/sitemap.xml\n"
           "Sitemap: https://courier.example/news-sitemap.xml\n");
}

static void ninjs(void **state) {
    struct bench *b = *state;
    struct revision v = courier_story(b->arena);
    struct render_story story = {.revision = &v, .entry = 1};
    assert_int_equal(render_ninjs(b->render, b->arena, &story, &b->out), RC_OK);
    json_t *item = json_of(buf_span(&b->out));
    is_text(item, "uri", "https://courier.example/s/abc2345");
    is_text(item, "type", "text");
    is_text(item, "version", "3");
    is_text(item, "versionCreated", "2026-11-24T21:33:59Z");
    is_text(item, "by", "Mara Vale, J. Orr");
    is_text(item, "located", "PORT AVERIL");
    is_text(item, "edNote", "The pier opened on Monday, not Sunday.");
    is_text(json_array_get(json_object_get(item, "headlines"), 0), "value",
            "Harbour reopens & ferries sail");
    is_text(json_array_get(json_object_get(item, "genres"), 1), "name", "correction");
    json_t *told = json_array_get(json_object_get(item, "descriptions"), 1);
    is_text(told, "role", "correction");
    is_text(told, "value", "The pier opened on Monday, not Sunday.");
    is_text(json_array_get(json_object_get(item, "places"), 0), "uri",
            "https://courier.example/tag/port-averil");
    json_t *picture = json_array_get(json_object_get(item, "associations"), 0);
    is_text(picture, "name", "mainpic");
    is_text(json_array_get(json_object_get(picture, "descriptions"), 0), "value",
            "The pier at dawn");
    assert_int_equal(json_array_size(json_object_get(picture, "renditions")), 3);
    /* the body is what render_blocks() writes */
    struct buf blocks;
    buf_init(&blocks, PAGE_BYTES);
    assert_int_equal(render_blocks(b->render, b->arena, &v, &blocks), RC_OK);
    struct span body =
        json_member_string(json_array_get(json_object_get(item, "bodies"), 0), "value");
    assert_true(span_eq(body, buf_span(&blocks)));
    buf_done(&blocks);
    json_decref(item);
}

/* Every member that is written is one the schema has, and every required one is there. */
static void check_members(const json_t *schema, const json_t *object, bool top) {
    const json_t *type = json_object_get(json_object_get(schema, "$defs"), "ninjsType");
    const json_t *known = json_object_get(type, "properties");
    const char *name;
    json_t *member, *part;
    size_t i;
    assert_true(json_member_string(object, "uri").n > 0);
    json_object_foreach((json_t *)(uintptr_t)object, name, member) {
        bool association = !top && strcmp(name, "name") == 0;
        const json_t *property = json_object_get(known, name);
        association = association || (!top && strcmp(name, "rel") == 0);
        if (!property && !association) fail_msg("ninjs has no \"%s\"", name);
        const json_t *own = json_object_get(property, "properties");
        const char *own_key;
        json_t *own_value;
        if (json_is_object(member) && own) json_object_foreach(member, own_key, own_value) {
                if (!json_object_get(own, own_key))
                    fail_msg("ninjs has no \"%s.%s\"", name, own_key);
            }
        const json_t *inner = json_object_get(json_object_get(property, "items"), "properties");
        if (!inner || strcmp(name, "associations") == 0) continue;
        json_array_foreach(member, i, part) {
            const char *key;
            json_t *value;
            json_object_foreach(part, key, value) {
                if (!json_object_get(inner, key)) fail_msg("ninjs has no \"%s[].%s\"", name, key);
            }
        }
    }
    if (!top) return;
    json_array_foreach(json_object_get(object, "associations"), i, part)
        check_members(schema, part, false);
}

static void ninjs_keeps_to_the_schema(void **state) {
    struct bench *b = *state;
    const char *shared = getenv("DATELINE_SHARED");
    char path[512];
    snprintf(path, sizeof path, "%s/vectors/ninjs/ninjs-schema_3.1.json",
             shared ? shared : "../shared");
    json_error_t error;
    json_t *schema = json_load_file(path, 0, &error);
    if (!schema) fail_msg("%s: %s", path, error.text);
    for (uint64_t seed = 0; seed < 30; seed++) {
        arena_reset(b->arena);
        struct revision v = seed ? sample_random(b->arena, seed) : sample_full(b->arena);
        const struct card related = {.code = SPAN("abc2346")};
        const struct render_story story = {.revision = &v,
                                           .related = &related,
                                           .related_count = 1,
                                           .pinned_count = seed % 2,
                                           .original = SPAN("abc2347")};
        for (size_t i = 0; i < v.picture_count; i++) v.pictures[i].rights.no_redistribution = false;
        buf_clear(&b->out);
        assert_int_equal(render_ninjs(b->render, b->arena, &story, &b->out), RC_OK);
        json_t *item = json_of(buf_span(&b->out));
        check_members(schema, item, true);
        json_decref(item);
    }
    json_decref(schema);
}

/* ---- dates -------------------------------------------------------------------------------------
 */

static void day_is(struct bench *b, ms_t at, int year, unsigned month, unsigned day) {
    struct render_day got = render_day_of(b->render, at);
    assert_int_equal(got.year, year);
    assert_int_equal(got.month, month);
    assert_int_equal(got.day, day);
}

static void days_follow_the_zone(void **state) {
    struct bench *b = *state;               /* Athens: UTC+2, in summer +3 */
    day_is(b, 1795557599999, 2026, 11, 24); /* 23:59:59.999 in winter time */
    day_is(b, 1795557600000, 2026, 11, 25);
    day_is(b, 1774738799999, 2026, 3,
           29); /* 2026-03-29T00:59:59.999+02:00, before the clocks move */
    day_is(b, 1774817999999, 2026, 3, 29); /* 23:59:59.999 in summer time */
    day_is(b, 1774818000000, 2026, 3, 30); /* 00:00 */
    day_is(b, 1792961999999, 2026, 10, 25);
    day_is(b, 1792965599999, 2026, 10, 25);
    day_is(b, 1792965600000, 2026, 10, 26); /* a day of 25 hours */
    day_is(b, -1, 1970, 1, 1);
}

static void is_written(struct span text, const char *expected) {
    if (!span_eq(text, span_str(expected)))
        fail_msg("\"" SPAN_FMT "\", not \"%s\"", SPAN_ARG(text), expected);
}

static void times_are_the_zones(void **state) {
    struct bench *b = *state;
    struct dates *d = b->render->dates;
    is_written(dates_time(d, b->arena, 1795552439123), "24 Nov 2026, 22:33");
    is_written(dates_time(d, b->arena, 1782000000000), "21 Jun 2026, 03:00");
    is_written(dates_clock(d, b->arena, 1782000000000), "03:00");
    is_written(dates_number(d, b->arena, 1234567), "1,234,567");
    /* a moved clock has no offset that is always true, so that the zone is named */
    is_written(dates_offset(d, b->arena), "");
    is_written(dates_zone_name(d, b->arena), "Eastern European Time");
    static const char *const zones[][2] = {
        {"UTC", "+0"}, {"Asia/Kolkata", "+5:30"}, {"Etc/GMT-3", "+3"}, {"America/Bogota", "−5"}};
    for (size_t i = 0; i < COUNT_OF(zones); i++) {
        struct bench *other = bench_new("en-GB", zones[i][0]);
        is_written(dates_offset(other->render->dates, b->arena), zones[i][1]);
        void *p = other;
        tear_down(&p);
    }
}

/* On a page that names its day. */
static void near_times_are_short(void **state) {
    struct bench *b = *state;
    struct render_day today = {2026, 11, 24};
    static const struct {
        ms_t at;
        const char *said;
    } times[] = {{1795552439123, "22:33"},      {1795469639123, "Mon"},
                 {1795037639123, "Wed"},        {1794951239123, "17 Nov"},
                 {1767225600000, "1 Jan"},      {1767200000000, "31 Dec 2025"},
                 {1795638839123, "25 Nov 2026"}};
    for (size_t i = 0; i < COUNT_OF(times); i++)
        is_written(dates_near(b->render->dates, b->arena, times[i].at, today), times[i].said);
}

static void machine_dates(void **state) {
    (void)state;
    static const struct {
        ms_t at;
        const char *iso, *mail;
    } dates[] = {{0, "1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 +0000"},
                 {-1, "1969-12-31T23:59:59Z", "Wed, 31 Dec 1969 23:59:59 +0000"},
                 {951782400000, "2000-02-29T00:00:00Z", "Tue, 29 Feb 2000 00:00:00 +0000"},
                 {4107542400000, "2100-03-01T00:00:00Z", "Mon, 01 Mar 2100 00:00:00 +0000"},
                 {-62135596800000, "0001-01-01T00:00:00Z", "Mon, 01 Jan 0001 00:00:00 +0000"},
                 {253402300799999, "9999-12-31T23:59:59Z", "Fri, 31 Dec 9999 23:59:59 +0000"}};
    for (size_t i = 0; i < COUNT_OF(dates); i++) {
        char memory[DATES_ISO_BYTES], mail_memory[64];
        struct buf mail;
        buf_init_fixed(&mail, mail_memory, sizeof mail_memory);
        dates_rfc822(&mail, dates[i].at);
        assert_true(span_eq(dates_iso(memory, dates[i].at), span_str(dates[i].iso)));
        assert_true(span_eq(buf_span(&mail), span_str(dates[i].mail)));
    }
}

/* No time makes it fail, even one that story_check() would refuse. */
static void times_beyond_reason(void **state) {
    struct bench *b = *state;
    static const ms_t extremes[] = {INT64_MIN, INT64_MAX, -62135596800001, 253402300800000};
    for (size_t i = 0; i < COUNT_OF(extremes); i++) {
        char memory[DATES_ISO_BYTES], mail_memory[64];
        struct buf mail;
        buf_init_fixed(&mail, mail_memory, sizeof mail_memory);
        dates_rfc822(&mail, extremes[i]);
        assert_false(mail.over);
        assert_true(dates_iso(memory, extremes[i]).n < sizeof memory);
        assert_true(dates_time(b->render->dates, b->arena, extremes[i]).n > 0);
        assert_true(render_day_of(b->render, extremes[i]).day >= 1);
    }
}

static void days_are_written_as_given(void **state) {
    struct bench *b = *state;
    struct bench *west = bench_new("en-US", "Pacific/Honolulu");
    struct render_day day = {2026, 3, 1};
    assert_true(span_eq(dates_day(b->render->dates, b->arena, day), SPAN("Sunday, 1 March 2026")) ||
                span_eq(dates_day(b->render->dates, b->arena, day), SPAN("Sunday 1 March 2026")));
    assert_true(
        span_eq(dates_day(west->render->dates, b->arena, day), SPAN("Sunday, March 1, 2026")));
    void *p = west;
    tear_down(&p);
}

static void digits_are_the_languages(void **state) {
    (void)state;
    static const char *const languages[] = {"ar-EG-u-nu-arab", "ar-u-nu-latn", "th-u-ca-buddhist"};
    static const char *const wanted[] = {"٢٠٢٦", "2026", "2026"};
    for (size_t i = 0; i < COUNT_OF(languages); i++) {
        struct bench *b = bench_new(languages[i], "UTC");
        struct span text = dates_time(b->render->dates, b->arena, 1795552439123);
        if (!count_of(text, wanted[i])) fail_msg("%s: " SPAN_FMT, languages[i], SPAN_ARG(text));
        void *p = b;
        tear_down(&p);
    }
}

/* ---- limits ------------------------------------------------------------------------------------
 */

static void what_does_not_fit_is_refused(void **state) {
    struct bench *b = *state;
    struct revision v = sample_full(b->arena);
    struct render_story story = {.revision = &v};
    assert_int_equal(render_story_page(b->render, b->arena, &story, &b->out), RC_OK);
    struct buf exact, short_of;
    buf_init(&exact, b->out.n);
    buf_init(&short_of, b->out.n - 1);
    assert_int_equal(render_story_page(b->render, b->arena, &story, &exact), RC_OK);
    assert_int_equal(render_story_page(b->render, b->arena, &story, &short_of), RC_TOO_BIG);
    buf_done(&exact);
    buf_done(&short_of);
    struct arena *small = arena_new(4096);
    buf_clear(&b->out);
    assert_int_equal(render_story_page(b->render, small, &story, &b->out), RC_TOO_BIG);
    assert_int_equal(render_ninjs(b->render, small, &story, &b->out), RC_TOO_BIG);
    arena_free(small);
}

/* Both languages say everything. */
static void phrases_are_complete(void **state) {
    struct bench *english = *state;
    struct bench *arabic = bench_new("ar", "UTC");
    size_t count = 0;
    for (const struct value *v = english->render->phrases->first; v; v = v->next, count++) {
        const struct value *other = value_field(arabic->render->phrases, v->name);
        assert_non_null(other);
        if (span_eq(other->text, v->text)) fail_msg("not in Arabic: " SPAN_FMT, SPAN_ARG(v->name));
    }
    for (const struct value *v = arabic->render->phrases->first; v; v = v->next) count--;
    assert_int_equal(count, 0);
    for (int i = 0; i < WORK_COUNT; i++)
        assert_true(theme_phrase(english->render, "work_", work_word((enum work)i)).n > 0);
    for (int i = CHANGE_CLARIFICATION; i < CHANGE_COUNT; i++)
        assert_true(theme_phrase(english->render, "change_", change_word((enum change)i)).n > 0);
    void *p = arabic;
    tear_down(&p);
}

static void escaping(void **state) {
    (void)state;
    char memory[256];
    struct buf out;
    buf_init_fixed(&out, memory, sizeof memory);
    escape_html(&out, SPAN("a<b>&\"'c"));
    assert_true(span_eq(buf_span(&out), SPAN("a&lt;b&gt;&amp;&quot;&#39;c")));
    buf_clear(&out);
    escape_xml(&out, SPAN("]]>\x01\xEF\xBF\xBE\t\xC3\xA9"));
    assert_true(span_eq(buf_span(&out), SPAN("]]&gt;\xEF\xBF\xBD\xEF\xBF\xBD\t\xC3\xA9")));
    buf_clear(&out);
    escape_json(&out, SPAN("\"\\</a>&\n\x01\xE2\x80\xA8\xE2\x80\xA9\xE2\x80\xAA"));
    assert_true(
        span_eq(buf_span(&out),
                SPAN("\"\\\"\\\\\\u003c/a\\u003e\\u0026\\n\\u0001\\u2028\\u2029\xE2\x80\xAA\"")));
    buf_clear(&out);
    escape_segment(&out, SPAN("a-B_9.~/?#%\xC3\xA9 "));
    assert_true(span_eq(buf_span(&out), SPAN("a-B_9.~%2F%3F%23%25%C3%A9%20")));
}

#define WITH_SITE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

/* ---- themes ------------------------------------------------------------------------------------ */

static rc check_theme(const struct render_file *files, size_t count, const char *language) {
    const struct render_theme theme = {SPAN("themes/own"), files, count};
    const struct render_site site = {.name = SPAN("The Averil Courier"),
                                     .url = SPAN("https://courier.example"),
                                     .language = span_str(language),
                                     .zone = SPAN("UTC"),
                                     .theme = &theme};
    struct render_theme_counts counts;
    rc code = render_theme_check(&site, &counts);
    if (code == RC_OK && (counts.templates < 10 || counts.phrases < 40)) fail_msg("counts");
    return code;
}

static void theme_errors_name_file_and_line(void **state) {
    (void)state;
    static char large[RENDER_THEME_FILE_BYTES_MAX + 1];
    memset(large, ' ', sizeof large);
    const struct {
        struct render_file file;
        const char *why;
    } cases[] = {
        {{SPAN("card.mustache"), SPAN("<p>\n{{#headline}}")}, "themes/own/card.mustache:2:1: "},
        {{SPAN("card.mustache"), SPAN("\n\n {{nope}}")},
         "themes/own/card.mustache:3:2: there is no such field: {{nope}}"},
        /* within what no sample shows */
        {{SPAN("error.mustache"), SPAN("{{#site.notice}}\n{{nope}}{{/site.notice}}")},
         "themes/own/error.mustache:2:1: "},
        {{SPAN("error.mustache"), SPAN("{{^heading}}{{nope}}{{/heading}}")},
         "themes/own/error.mustache:1:13: "},
        {{SPAN("error.mustache"), SPAN("{{{heading}}}")}, "themes/own/error.mustache:1:1: "},
        {{SPAN("error.mustache"), SPAN("{{>nobody}}")}, "themes/own/error.mustache:1:1: "},
        {{SPAN("base.css"), SPAN("a{b:c}\n/* and")}, "themes/own/base.css:2: the comment"},
        {{SPAN("base.css"), SPAN("a{\nb{c:d}\n")}, "themes/own/base.css:1: { is never"},
        {{SPAN("base.css"), SPAN("a{}\n}")}, "themes/own/base.css:2: nothing is open"},
        {{SPAN("base.css"), SPAN("a{b:\"</style>\"}")}, "themes/own/base.css:1: \"</\""},
        {{SPAN("base.css"), SPAN("a{\nb:url(lost.woff2)}")}, "themes/own/base.css:2: url()"},
        {{SPAN("base.css"), SPAN("a{b:'c}")}, "themes/own/base.css:1: the string"},
        {{SPAN("base.css"), SPAN("\xff")}, "themes/own/base.css:1: not UTF-8"},
        {{SPAN("script.js"), SPAN("a\n</script>")}, "themes/own/script.js:2: "},
        {{SPAN("phrases/en"), SPAN("# good\nlatest = New\nskip")}, "themes/own/phrases/en:3: "},
        {{SPAN("stroy.css"), SPAN("")}, "themes/own/stroy.css:1: a theme has no such file"},
        {{SPAN("fonts/text.woff2"), SPAN("GIF89a")}, "themes/own/fonts/text.woff2:1: "},
        {{SPAN("fonts/icon.woff2"), SPAN("wOF2")}, ": another file is called icon too"},
        {{SPAN("base.css"), {large, sizeof large}}, "themes/own/base.css:1: over "},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        rc code = check_theme(&cases[i].file, 1, "en");
        assert_true(code == RC_INVALID || code == RC_TOO_BIG);
        if (!strstr(rc_why(), cases[i].why)) fail_msg("%s\nis not %s", rc_why(), cases[i].why);
    }
    struct render_file many[RENDER_THEME_FILES_MAX + 1];
    for (size_t i = 0; i < COUNT_OF(many); i++)
        many[i] = (struct render_file){SPAN("base.css"), SPAN("")};
    assert_int_equal(check_theme(many, COUNT_OF(many), "en"), RC_TOO_BIG);
}

/* A name that is unknown is found wherever it stands: the samples of the check come into every section of
 * every template. One that is missed here needs a sample in theme_check.c. */
static void an_unknown_name_is_found_in_every_section(void **state) {
    (void)state;
    const struct render_file *files;
    size_t count;
    struct buf text;
    buf_init(&text, RENDER_THEME_FILE_BYTES_MAX);
    render_theme_built_in(&files, &count);
    for (size_t i = 0; i < count; i++) {
        struct span source = files[i].bytes;
        if (!span_ends(files[i].name, SPAN(".mustache"))) continue;
        for (size_t at = 0; at + 3 < source.n; at++) {
            struct span rest = span_from(source, at);
            if (!span_starts(rest, SPAN("{{#")) && !span_starts(rest, SPAN("{{^"))) continue;
            size_t inside = at + span_find(rest, '}') + 2;
            buf_clear(&text);
            buf_add(&text, span_sub(source, 0, inside));
            buf_str(&text, "{{nope}}");
            buf_add(&text, span_from(source, inside));
            const struct render_file file = {files[i].name, buf_span(&text)};
            if (check_theme(&file, 1, "en") != RC_INVALID || !strstr(rc_why(), "{{nope}}"))
                fail_msg(SPAN_FMT ", byte %zu: not found", SPAN_ARG(file.name), at);
        }
    }
    buf_done(&text);
}

static void a_theme_stands_over_the_built_in_one(void **state) {
    (void)state;
    assert_int_equal(check_theme(NULL, 0, "en"), RC_OK);
    assert_int_equal(check_theme(NULL, 0, "ar"), RC_OK);
    const struct render_file files[] = {
        {SPAN("error.mustache"), SPAN("<i>{{phrase.mine}} {{phrase.latest}} {{phrase.archive}} "
                                      "{{>extra}}</i>")},
        {SPAN("extra.mustache"), SPAN("{{status}}")},
        {SPAN("front.css"), SPAN("")},
        {SPAN("phrases/en"), SPAN("mine = Ours\nlatest = Fresh\n")},
        {SPAN("phrases/fr"), SPAN("archive = Les archives\n")},
    };
    const struct render_theme theme = {SPAN("themes/own"), files, COUNT_OF(files)};
    const struct render_site site = {.name = SPAN("N"),
                                     .url = SPAN("https://courier.example"),
                                     .language = SPAN("fr"),
                                     .zone = SPAN("UTC"),
                                     .theme = &theme};
    struct render *r;
    struct buf out;
    struct arena *a = arena_new(ARENA_BYTES);
    buf_init(&out, PAGE_BYTES);
    assert_int_equal(check_theme(files, COUNT_OF(files), "en"), RC_OK);
    assert_int_equal(render_new(&site, &r), RC_OK);
    assert_int_equal(render_error_page(r, a, &(struct render_error){.status = 404}, &out), RC_OK);
    size_t count, behind = 0;
    const struct render_prolog *prologs = render_prologs(r, &count);
    for (size_t i = 0; i < count; i++) {
        assert_true(span_ends(prologs[i].bytes, SPAN("</style>\n")));
        if (span_starts(buf_span(&out), prologs[i].bytes)) behind = prologs[i].bytes.n;
    }
    assert_true(behind > 0);
    assert_true(span_eq(span_trim(span_from(buf_span(&out), behind)),
                        SPAN("<i>Ours Fresh Les archives 404</i>")));
    render_free(r);
    arena_free(a);
    buf_done(&out);

    struct render_file other = files[0];
    const struct render_theme changed = {SPAN("themes/own"), &other, 1};
    uint64_t number = render_theme_number(&changed);
    assert_true(number == render_theme_number(&changed));
    assert_true(number != render_theme_number(NULL));
    other.bytes = SPAN("<i></i>");
    assert_true(number != render_theme_number(&changed));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(theme_errors_name_file_and_line),
        cmocka_unit_test(a_theme_stands_over_the_built_in_one),
        cmocka_unit_test(an_unknown_name_is_found_in_every_section),
        WITH_SITE(story_has_its_parts),
        WITH_SITE(picture_has_caption_and_credit_apart),
        WITH_SITE(pictures_are_shown_as_allowed),
        WITH_SITE(lists_show_pictures_as_allowed),
        WITH_SITE(bylines_lead_to_their_authors),
        WITH_SITE(story_without_optional_fields),
        WITH_SITE(notes_stand_where_they_are_needed),
        WITH_SITE(a_lost_newer_text_is_told),
        WITH_SITE(another_language_is_marked),
        cmocka_unit_test_setup_teardown(arabic_site, set_up_arabic, tear_down),
        WITH_SITE(other_editions),
        WITH_SITE(json_ld_says_the_same),
        WITH_SITE(csp_names_what_is_inline),
        WITH_SITE(assets_are_named),
        WITH_SITE(styles_lose_what_means_nothing),
        WITH_SITE(hostile_story),
        WITH_SITE(hostile_lists),
        WITH_SITE(hostile_feeds_keep_their_shape),
        cmocka_unit_test(hostile_site),
        cmocka_unit_test(sites_that_are_refused),
        WITH_SITE(every_block_kind),
        WITH_SITE(every_block_can_be_linked_to),
        WITH_SITE(key_events_come_first),
        WITH_SITE(tables_have_heads_and_bodies),
        WITH_SITE(neighbours_share_their_link),
        WITH_SITE(any_story_renders_and_renders_the_same),
        WITH_SITE(lists),
        WITH_SITE(a_card_with_a_broken_picture_is_refused),
        WITH_SITE(archive),
        WITH_SITE(a_day_knows_the_days_beside_it),
        WITH_SITE(what_happens_now_stands_above),
        WITH_SITE(a_page_that_is_not_there_shows_the_newest),
        WITH_SITE(a_section_says_its_kind_once),
        cmocka_unit_test_setup_teardown(archive_in_arabic, set_up_arabic, tear_down),
        WITH_SITE(standing_pages_have_versions),
        WITH_SITE(versions_show_what_they_changed),
        WITH_SITE(hostile_versions),
        WITH_SITE(gone_and_errors),
        WITH_SITE(corrections),
        cmocka_unit_test(errors_can_be_reported),
        WITH_SITE(feeds),
        WITH_SITE(atom),
        WITH_SITE(items),
        WITH_SITE(news_sitemap),
        WITH_SITE(sitemaps),
        WITH_SITE(ninjs),
        WITH_SITE(ninjs_keeps_to_the_schema),
        WITH_SITE(days_follow_the_zone),
        WITH_SITE(times_are_the_zones),
        WITH_SITE(near_times_are_short),
        cmocka_unit_test(machine_dates),
        WITH_SITE(times_beyond_reason),
        WITH_SITE(days_are_written_as_given),
        cmocka_unit_test(digits_are_the_languages),
        WITH_SITE(what_does_not_fit_is_refused),
        WITH_SITE(phrases_are_complete),
        cmocka_unit_test(escaping),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
