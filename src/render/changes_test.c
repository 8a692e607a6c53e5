#include "render/changes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "render/html.h"
#include "story/sample.h"

static struct arena *arena;
static struct buf out;
static const struct change_words words = {{"removed:", 8}, {"added:", 6}};

static int begin(void **state) {
    (void)state;
    arena = arena_new(64u << 20);
    buf_init(&out, 1u << 20);
    return 0;
}
static int end(void **state) {
    (void)state;
    buf_done(&out);
    arena_free(arena);
    return 0;
}

/* ---- blocks of a word or two --------------------------------------------------------------------- */

/* "*…*" is strong, "<…>" is a link to /there; a line break ends the text. */
static struct text text_of(const char *s) {
    struct run *runs = ARENA_ARRAY(arena, struct run, strlen(s) + 1);
    size_t n = 0;
    while (*s) {
        char end = *s == '*' ? '*' : *s == '<' ? '>' : 0;
        struct run *run = &runs[n++];
        run->look = end == '*' ? RUN_STRONG : 0;
        run->href = end == '>' ? SPAN("/there") : SPAN("");
        if (end) s++;
        size_t bytes = end ? strcspn(s, end == '*' ? "*" : ">") : strcspn(s, "*<");
        run->text = span_of(s, bytes);
        s += bytes;
        if (end && *s) s++;
        if (!bytes) n--;
    }
    return (struct text){runs, n};
}

static struct block paragraph(const char *s) {
    return (struct block){.kind = BLOCK_PARAGRAPH, .text = text_of(s)};
}

/* Rows between "|". */
static struct block rows(enum block_kind kind, unsigned columns, const char *s) {
    struct block b = {.kind = kind, .columns = columns};
    b.rows = ARENA_ARRAY(arena, struct text, strlen(s) + 1);
    for (struct span rest = span_str(s); rest.p;)
        b.rows[b.row_count++] = text_of(arena_strdup(arena, span_cut(&rest, '|')));
    return b;
}

static struct revision page(struct block *blocks, size_t count) {
    struct revision r = sample_standing(arena, SPAN("x"));
    r.blocks = blocks;
    r.block_count = count;
    return r;
}

#define BLOCKS(...)                     \
    page((struct block[]){__VA_ARGS__}, \
         sizeof((struct block[]){__VA_ARGS__}) / sizeof(struct block))

static void changed(const struct revision *old, const struct revision *now, bool differs,
                    const char *wanted) {
    struct changes changes;
    assert_int_equal(changes_of(arena, old, now, &words, &changes), RC_OK);
    assert_int_equal(changes.blocks_differ, differs);
    struct revision shown = *now;
    shown.blocks = changes.blocks;
    shown.block_count = changes.block_count;
    buf_clear(&out);
    html_blocks(&out, &shown, 0, NULL);
    buf_char(&out, 0);
    assert_string_equal(out.p, wanted);
}

#define DEL "<del><span class=\"quiet\">removed: </span>"
#define INS "<ins><span class=\"quiet\">added: </span>"

static void texts(const char *old_text, const char *now_text, const char *wanted) {
    struct block a = paragraph(old_text), b = paragraph(now_text);
    struct revision old = page(&a, 1), now = page(&b, 1);
    changed(&old, &now, strcmp(old_text, now_text) != 0,
            arena_printf(arena, "<p id=\"p1\">%s</p>\n", wanted).p);
}

static void words_are_marked(void **state) {
    (void)state;
    texts("We print it.", "We print it.", "We print it.");
    texts("We print it daily.", "We print it weekly.",
          "We print it " DEL "daily.</del> " INS "weekly.</ins>");
    texts("We print it here.", "We never print it here.", "We " INS "never </ins>print it here.");
    texts("We never print it here.", "We print it here.", "We " DEL "never </del>print it here.");
    texts("We print.", "We print. We sell.",
          "We print."
          " " INS "We sell.</ins>");
    texts("We print. We sell.", "We print.", "We print. " DEL "We sell.</del>");
    texts("One two three four five", "One 2 three 4 five",
          "One " DEL "two </del>" INS "2 </ins>three " DEL "four </del>" INS "4 </ins>five");
    /* a short word between two changes goes with them */
    texts("We sell papers on the old square here", "We sell news at the new square here",
          "We sell " DEL "papers on the old </del>" INS "news at the new </ins>square here");
}

static void looks_and_links_are_changes(void **state) {
    (void)state;
    texts("We *never* print it.", "We never print it.",
          "We " DEL "<strong>never</strong> </del>" INS "never </ins>print it.");
    texts("See our rules there today.", "See our <rules> there today.",
          "See our " DEL "rules </del>" INS "<a href=\"/there\">rules</a> </ins>there today.");
    texts("a *b* c d e", "a *b* c d f", "a <strong>b</strong> c d " DEL "e</del> " INS "f</ins>");
    texts("That is *all*.", "That is *all*!",
          "That is <strong>all</strong>" DEL ".</del> " INS "!</ins>");
}

static void little_in_common_is_replaced(void **state) {
    (void)state;
    struct revision old = BLOCKS(paragraph("Nobody may speak of the harbour here.")),
                    now = BLOCKS(paragraph("The editor answers every letter."));
    changed(&old, &now, true,
            "<p id=\"p1\">" DEL "Nobody may speak of the harbour here.</del></p>\n"
            "<p id=\"p2\">" INS "The editor answers every letter.</ins></p>\n");
}

static void blocks_come_and_go(void **state) {
    (void)state;
    struct revision old = BLOCKS(paragraph("One one one."), paragraph("Two two two."),
                                 paragraph("Three three three.")),
                    now = BLOCKS(paragraph("One one one."), paragraph("Three three more."),
                                 paragraph("Four four four."));
    changed(&old, &now, true,
            "<p id=\"p1\">One one one.</p>\n<p id=\"p2\">" DEL "Two two two.</del></p>\n"
            "<p id=\"p3\">Three three " DEL "three.</del> " INS "more.</ins></p>\n"
            "<p id=\"p4\">" INS "Four four four.</ins></p>\n");
    changed(&old, &old, false,
            "<p id=\"p1\">One one one.</p>\n<p id=\"p2\">Two two two.</p>\n"
            "<p id=\"p3\">Three three three.</p>\n");
}

static void rows_are_compared_with_rows(void **state) {
    (void)state;
    struct revision old = BLOCKS(rows(BLOCK_LIST, 0, "be brief|be kind to all|no links")),
                    now = BLOCKS(rows(BLOCK_LIST, 0, "be brief|be fair to all|no links|no names"));
    changed(&old, &now, true,
            "<ul id=\"l1\"><li>be brief</li><li>be " DEL "kind </del>" INS "fair </ins>to all</li>"
            "<li>no links</li><li>" INS "no names</ins></li></ul>\n");
    old = BLOCKS(rows(BLOCK_TABLE, 2, "for|write to|news|desk@x|")), old.blocks[0].row_count = 4;
    now = BLOCKS(rows(BLOCK_TABLE, 2, "for|write to|news|news@x"));
    changed(&old, &now, true,
            "<div class=\"table\" id=\"t1\" role=\"group\" tabindex=\"0\"><table><tbody><tr>"
            "<td>for</td><td>write to</td></tr><tr><td>news</td><td>" DEL "desk@x</del> " INS
            "news@x</ins></td></tr></tbody></table></div>\n");
}

static void other_shapes_are_replaced_whole(void **state) {
    (void)state;
    struct block two = {.kind = BLOCK_HEADING, .level = 2, .text = text_of("Our rules")},
                 three = {.kind = BLOCK_HEADING, .level = 3, .text = text_of("Our rules")};
    struct revision old = page(&two, 1), now = page(&three, 1);
    changed(&old, &now, true,
            "<h2 id=\"h1\">" DEL "Our rules</del></h2>\n<h3 id=\"h2\">" INS
            "Our rules</ins></h3>\n");
    struct block said = rows(BLOCK_QUOTE, 0, "We print."), other = said;
    said.speaker = SPAN("Ann Ode"), said.occasion = SPAN("in 1874");
    other.speaker = SPAN("Bo Ek");
    old = page(&said, 1), now = page(&other, 1);
    changed(&old, &now, true,
            "<figure class=\"quote\" id=\"q1\"><blockquote><p>" DEL "We print.</del></p><p>" DEL
            "— Ann Ode, in 1874</del></p></blockquote></figure>\n"
            "<figure class=\"quote\" id=\"q2\"><blockquote><p>" INS "We print.</ins></p><p>" INS
            "— Bo Ek</ins></p></blockquote></figure>\n");
    struct block film = {
        .kind = BLOCK_EMBED, .url = SPAN("https://e.org/1"), .title = SPAN("Film")};
    struct block talk = {.kind = BLOCK_AUDIO, .url = SPAN("https://e.org/2")};
    old = page(&film, 1), now = page(&talk, 1);
    changed(&old, &now, true,
            "<p id=\"p1\">" DEL "<a href=\"https://e.org/1\">Film</a></del></p>\n"
            "<p id=\"p2\">" INS "<a href=\"https://e.org/2\">https://e.org/2</a></ins></p>\n");
    /* a rule is shown as it is now */
    struct revision ruled = BLOCKS(paragraph("a b"), {.kind = BLOCK_RULE}),
                    plain = BLOCKS(paragraph("a b"));
    changed(&ruled, &plain, true, "<p id=\"p1\">a b</p>\n");
    changed(&plain, &ruled, true, "<p id=\"p1\">a b</p>\n<hr>\n");
    struct block lines = {.kind = BLOCK_PREFORMATTED, .text = text_of("one  1\ntwo  2\n three")},
                 more = {.kind = BLOCK_PREFORMATTED, .text = text_of("one  1\ntwo 2\n three")};
    old = page(&lines, 1), now = page(&more, 1);
    changed(&old, &now, true,
            "<pre id=\"p1\">one  1\n" DEL "two  2\n</del>" INS "two 2\n</ins> three</pre>\n");
}

static void heads_are_compared(void **state) {
    (void)state;
    struct revision old = sample_standing(arena, SPAN("x")), now = old;
    struct changes changes;
    now.headline = SPAN("About the Averil Courier");
    now.standfirst = SPAN("Who we are");
    assert_int_equal(changes_of(arena, &old, &now, &words, &changes), RC_OK);
    assert_true(changes.headline_differs && changes.standfirst_differs && !changes.blocks_differ);
    html_text(&out, &changes.headline);
    buf_char(&out, '|');
    html_text(&out, &changes.standfirst);
    buf_char(&out, 0);
    assert_string_equal(out.p, "About the " INS "Averil </ins>Courier|" INS "Who we are</ins>");
}

/* ---- any two versions ------------------------------------------------------------------------------ */

/* All letters of what is not marked so, without white space. */
static void letters_of(const struct block *blocks, size_t count, unsigned without, struct buf *b) {
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k <= blocks[i].row_count; k++) {
            const struct text *t = k ? &blocks[i].rows[k - 1] : &blocks[i].text;
            for (size_t n = 0; n < t->count; n++)
                for (size_t at = 0; at < t->runs[n].text.n; at++)
                    if (!(t->runs[n].look & (without | RUN_ASIDE)) &&
                        !strchr(" \n", t->runs[n].text.p[at]))
                        buf_char(b, t->runs[n].text.p[at]);
        }
}

static struct block random_block(void) {
    static const char *const vocabulary[] = {"we ", "print ", "*never* ", "news ", "<here> ",
                                             "of ", "the ",   "harbour ", "and ",  "sell. "};
    char text[400] = "x ";
    enum { KINDS = 4 };
    int kind = rand() % KINDS;
    for (int i = rand() % 20; i >= 0; i--)
        strcat(text, vocabulary[(size_t)rand() % COUNT_OF(vocabulary)]);
    if (kind == 0) {
        struct block heading = paragraph(arena_strdup(arena, span_str(text)));
        heading.kind = BLOCK_HEADING;
        heading.level = 2 + (unsigned)rand() % 3;
        return heading;
    }
    if (kind == 1) return paragraph(arena_strdup(arena, span_str(text)));
    for (char *p = text; *p; p++)
        if (*p == 'n' && rand() % 3 == 0) *p = '|';
    struct block b = rows(kind == 2 ? BLOCK_LIST : BLOCK_TABLE, kind == 2 ? 0 : 1,
                          arena_strdup(arena, span_str(text)));
    return b;
}

static void old_and_new_can_be_read_out_of_it(void **state) {
    (void)state;
    struct buf wanted, got;
    buf_init(&wanted, 1u << 20);
    buf_init(&got, 1u << 20);
    srand(11);
    for (int round = 0; round < 3000; round++) {
        struct block blocks[2][12];
        size_t count[2] = {(size_t)rand() % 10, 0};
        arena_reset(arena);
        for (size_t i = 0; i < count[0]; i++) {
            blocks[0][i] = random_block();
            if (rand() % 5 && count[1] < 11) blocks[1][count[1]++] = blocks[0][i];
            if (rand() % 4 == 0 && count[1] < 11) blocks[1][count[1]++] = random_block();
        }
        for (size_t i = 0; i < count[1]; i++) /* a word less */
            if (rand() % 3 == 0 && blocks[1][i].text.count > 1) blocks[1][i].text.count--;
        struct revision old = page(blocks[0], count[0]), now = page(blocks[1], count[1]);
        struct changes changes;
        assert_int_equal(changes_of(arena, &old, &now, &words, &changes), RC_OK);
        const struct {
            const struct revision *of;
            unsigned without;
        } sides[] = {{&old, RUN_INSERTED}, {&now, RUN_DELETED}};
        for (size_t side = 0; side < 2; side++) {
            buf_clear(&wanted);
            buf_clear(&got);
            letters_of(sides[side].of->blocks, sides[side].of->block_count, 0, &wanted);
            letters_of(changes.blocks, changes.block_count, sides[side].without, &got);
            assert_true(span_eq(buf_span(&wanted), buf_span(&got)));
        }
    }
    buf_done(&wanted);
    buf_done(&got);
}

static void memory_is_a_limit(void **state) {
    (void)state;
    struct revision old = sample_full(arena), now = sample_full(arena);
    now.blocks = ARENA_ARRAY(arena, struct block, old.block_count);
    memcpy(now.blocks, old.blocks, old.block_count * sizeof *now.blocks);
    now.blocks[0].text = text_of("Another beginning");
    struct changes changes = {.block_count = 77};
    bool fitted = false;
    for (size_t bytes = 64; !fitted && bytes < 1u << 20; bytes += 64) {
        struct arena *small = arena_new(bytes);
        rc code = changes_of(small, &old, &now, &words, &changes);
        fitted = code == RC_OK;
        if (!fitted) {
            assert_int_equal(code, RC_TOO_BIG);
            assert_int_equal(changes.block_count, 77);
        }
        arena_free(small);
    }
    assert_true(fitted);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(words_are_marked),
        TEST(looks_and_links_are_changes),
        TEST(little_in_common_is_replaced),
        TEST(blocks_come_and_go),
        TEST(rows_are_compared_with_rows),
        TEST(other_shapes_are_replaced_whole),
        TEST(heads_are_compared),
        TEST(old_and_new_can_be_read_out_of_it),
        TEST(memory_is_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
