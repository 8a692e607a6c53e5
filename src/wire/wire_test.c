#include "wire/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "wire/fuzz_wire.h"

static struct arena *arena;

static int begin(void **state) {
    (void)state;
    arena = arena_new(2 * WIRE_ARENA_BYTES);
    return 0;
}
static int end(void **state) {
    (void)state;
    arena_free(arena);
    return 0;
}

/* `n` times the string. */
static struct span times(const char *s, size_t n) {
    size_t bytes = strlen(s);
    char *p = arena_take(arena, bytes * n + 1);
    assert_non_null(p);
    for (size_t i = 0; i < n; i++) memcpy(p + i * bytes, s, bytes);
    return span_of(p, bytes * n);
}

static struct span join(struct span a, struct span b, struct span c) {
    char *p = arena_take(arena, a.n + b.n + c.n + 1);
    assert_non_null(p);
    if (a.n) memcpy(p, a.p, a.n);
    if (b.n) memcpy(p + a.n, b.p, b.n);
    if (c.n) memcpy(p + a.n + b.n, c.p, c.n);
    return span_of(p, a.n + b.n + c.n);
}

#define assert_span(s, expected) assert_string_equal(arena_strdup(arena, (s)), (expected))

/* ---- blocks as one string ------------------------------------------------------------------- */

static void dump_text(struct buf *out, const struct text *text) {
    for (size_t i = 0; i < text->count; i++) {
        const struct run *run = &text->runs[i];
        if (run->look || run->href.n) buf_str(out, "{");
        for (unsigned bit = 0; bit < 5; bit++)
            if (run->look & 1u << bit) buf_char(out, "BIC_^"[bit]);
        if (run->href.n) buf_char(out, '@');
        buf_add(out, run->href);
        if (run->look || run->href.n) buf_str(out, ":");
        buf_add(out, run->text);
        if (run->look || run->href.n) buf_str(out, "}");
    }
}

static void dump_rows(struct buf *out, const struct block *block) {
    for (size_t i = 0; i < block->row_count; i++) {
        if (i) buf_char(out, '|');
        if (block->times) buf_printf(out, "%lld ", (long long)block->times[i] / 1000);
        dump_text(out, &block->rows[i]);
    }
}

static void dump_block(struct buf *out, const struct intent *in, const struct block *block) {
    const struct picture *picture;
    switch (block->kind) {
    case BLOCK_PARAGRAPH: buf_str(out, "p["); break;
    case BLOCK_HEADING: buf_printf(out, "h%u[", block->level); break;
    case BLOCK_LIST: buf_str(out, block->ordered ? "ol[" : "ul["); break;
    case BLOCK_QUOTE: buf_str(out, "q["); break;
    case BLOCK_PULL_QUOTE: buf_str(out, "pq["); break;
    case BLOCK_TABLE:
        buf_printf(out, "t%u%s[", block->columns, block->header_row ? "h" : "");
        break;
    case BLOCK_PREFORMATTED: buf_str(out, "pre["); break;
    case BLOCK_RULE: buf_str(out, "hr["); break;
    case BLOCK_EMBED: buf_str(out, "embed["); break;
    case BLOCK_AUDIO: buf_str(out, "audio["); break;
    case BLOCK_EVENTS: buf_str(out, "events["); break;
    case BLOCK_GALLERY:
        buf_str(out, "gallery[");
        for (size_t i = 0; i < block->picture_count; i++) {
            picture = &in->draft.pictures[block->pictures[i]];
            buf_printf(out, "%s" SPAN_FMT ";" SPAN_FMT ";" SPAN_FMT, i ? "|" : "",
                       SPAN_ARG(in->pictures[block->pictures[i]].href), SPAN_ARG(picture->caption),
                       SPAN_ARG(picture->credit));
        }
        break;
    case BLOCK_PICTURE:
        picture = &in->draft.pictures[block->picture];
        buf_printf(out, "pic%u[" SPAN_FMT ";" SPAN_FMT ";" SPAN_FMT ";" SPAN_FMT, block->picture,
                   SPAN_ARG(in->pictures[block->picture].href), SPAN_ARG(picture->caption),
                   SPAN_ARG(picture->alt), SPAN_ARG(picture->credit));
        break;
    case BLOCK_KIND_COUNT: fail();
    }
    dump_text(out, &block->text);
    dump_rows(out, block);
    buf_char(out, ']');
    if (block->speaker.n || block->occasion.n)
        buf_printf(out, "(" SPAN_FMT ";" SPAN_FMT ")", SPAN_ARG(block->speaker),
                   SPAN_ARG(block->occasion));
    if (block->url.n || block->title.n)
        buf_printf(out, "<" SPAN_FMT ";" SPAN_FMT ">", SPAN_ARG(block->url),
                   SPAN_ARG(block->title));
}

static const char *dump(const struct intent *in) {
    struct buf out;
    buf_init(&out, 8u << 20);
    for (size_t i = 0; i < in->draft.block_count; i++) {
        if (i) buf_char(&out, ' ');
        dump_block(&out, in, &in->draft.blocks[i]);
    }
    for (size_t i = 0; i < in->remark_count; i++) buf_str(&out, " !");
    const char *copy = arena_strdup(arena, buf_span(&out));
    buf_done(&out);
    return copy;
}

/* ---- HTML ------------------------------------------------------------------------------------ */

static void check_html(bool xml, struct span html, const char *expected) {
    struct intent in = {0};
    rc code = wire_html_blocks(arena, html, xml, SPAN("html"), &in);
    if (code != RC_OK) fail_msg("%s: %s", html.p, rc_why());
    if (strcmp(dump(&in), expected) != 0)
        fail_msg("\n%.300s\ngives    %s\nexpected %s", html.p, dump(&in), expected);
    fuzz_check_draft(arena, &in.draft);
}

static const struct {
    const char *html, *blocks;
} html_cases[] = {
    /* Paragraphs, white space, containers that mean nothing. */
    {"<p>One</p><p>Two</p>", "p[One] p[Two]"},
    {" loose <div> a <section>b</section> c </div> d ", "p[loose] p[a] p[b] p[c] p[d]"},
    {"<p>a\n\t b &nbsp; c</p><p> </p><p>&nbsp;</p>", "p[a b c]"},
    {"<p>a<p>b<p>c", "p[a] p[b] p[c]"},
    {"a<br>b<br><br>c<br> <br>d", "p[a b] p[c] p[d]"},
    {"a</p>b</br>c</br></br>d</li>e", "p[a] p[b c] p[de]"},
    {"<dl><dt>a<dd>b</dl><address>c</address>", "p[a] p[b] p[c]"},
    {"<html><head><title>t</title><meta charset=x></head><body class=x>b</body></html>", "p[b]"},
    {"<head><title>t</title><body>b", "p[b]"},
    {"<unknown>a<x-y z=1>b</x-y></unknown><o:p>c</o:p>", "p[abc]"},
    {"a < b > c <3 & d &amp; e &lt;p&gt; &eacute;&#233;&#xe9; &bogus;",
     "p[a < b > c <3 & d & e <p> ééé &bogus;]"},
    {"", ""},
    /* Looks. */
    {"<b>a</b><strong>b</strong> <em>c<i>d</i></em>", "p[{B:ab} {I:cd}]"},
    {"<b>a<i>b</b>c</i>", "p[{B:a}{BI:b}{I:c}]"},
    {"H<sub>2</sub>O x<sup>2</sup> <code>f</code><kbd>k</kbd>", "p[H{_:2}O x{^:2} {C:fk}]"},
    {"<b> a </b> b", "p[{B:a }b]"},
    {"a<b> </b>b <i></i>c", "p[a{B: }b c]"},
    {"a<b>\u200b</b>c", "p[ac]"},
    {"<b>x<p>y</b>z", "p[{B:x}] p[{B:y}z]"},
    {"<q>said</q> <del>gone <b>too</b></del><s>x</s>kept<ins>in</ins>", "p[“said” keptin]"},
    /* Headings. */
    {"<h1>a</h1><h2>b</h2><h3>c</h3><h4>d</h4><h5>e</h5><h6>f</h6>",
     "h2[a] h2[b] h3[c] h4[d] h4[e] h4[f]"},
    {"<h2><p>a</p></h2>b<h3></h3>", "h2[a] p[b]"},
    /* Lists. */
    {"<ul><li>a<li>b</ul><ol><li>c</ol>", "ul[a|b] ol[c]"},
    {"<ul><li>a<ul><li>b<li><b>c</b></ul>d<li>e</ul>", "ul[a|b|{B:c} d|e]"},
    {"<ul><li><p>a</p><p>b</p><li><blockquote>c</blockquote></ul>", "ul[a b|c]"},
    {"<ul></ul><ul><li></ul>x", "p[x]"},
    {"<li>a<li>b", "p[a] p[b]"},
    /* Quotes. */
    {"<blockquote>a</blockquote>", "q[a]"},
    {"<blockquote cite='https://e.org/x'><p>a<p>b<footer>— Mara Vale, at sea</footer></blockquote>",
     "q[a|b](Mara Vale;at sea)<https://e.org/x;>"},
    {"<blockquote cite='javascript:x'>a<footer>Mara, <cite>at sea, "
     "twice</cite></footer></blockquote>",
     "q[a](Mara;at sea, twice)"},
    {"<blockquote><p>a</p><cite>Mara Vale</cite></blockquote>", "q[a](Mara Vale;)"},
    {"<blockquote><p>a <cite>Book</cite> b</p></blockquote>", "q[a Book b]"},
    {"<blockquote><p>a<p>— Mara, here</blockquote>", "q[a](Mara;here)"},
    {"<blockquote><p>— a</blockquote>", "q[— a]"},
    {"<blockquote><p>a<blockquote>b<ul><li>c</ul></blockquote><h3>d</h3></blockquote>",
     "q[a|b|c|d]"},
    {"<blockquote class='big pull-quote'>a</blockquote>", "pq[a]"},
    {"<figure><blockquote>a</blockquote><figcaption>Mara, here</figcaption></figure>",
     "q[a](Mara;here)"},
    {"<blockquote><footer>x</footer></blockquote>b", "p[b]"},
    {"<blockquote>a<footer>— — , <cite>— x, y</cite></footer></blockquote>", "q[a](x;y)"},
    {"<figure><blockquote><p>a<p>— b</blockquote><figcaption>C "
     "<cite>d</cite></figcaption></figure>",
     "q[a|— b](C;d)"},
    {"<figure><blockquote><p>a<p>— b, c</blockquote></figure>", "q[a](b;c)"},
    {"<blockquote>a<footer>, x</footer></blockquote>", "q[a](x;)"},
    {"<figure><img src=a.jpg><figcaption>A</figcaption><blockquote>b<p>— C</blockquote></figure>",
     "pic0[a.jpg;A;;] q[b](C;)"},
    {"<blockquote>a<p>b<p>— ,</blockquote>", "q[a|b|— ,]"},
    {"<blockquote>a<footer>—</footer></blockquote>", "q[a]"},
    /* Tables. */
    {"<table><tr><th>a<th>b<tr><td>1<td>2</table>", "t2h[a|b|1|2]"},
    {"<table><tr><td>1<tr><td>2<td>3</table>", "t2[1||2|3]"},
    {"<table><tr><td rowspan=2>1<td>2<tr><td>3</table>", "t2[1|2||3]"},
    {"<table><tr><td colspan=2>1<td>2<tr><td>3<td>4<td>5</table>", "t3[1||2|3|4|5]"},
    {"<table><caption>C</caption><tr><td><b>1</b> <p>x</table>", "p[C] t1[{B:1} x]"},
    {"<table><tr><td>1<table><tr><td>2<td>3</table>4</table>", "t1[1 2 3 4]"},
    {"<table><tr><td></table><table></table><table>x<tr><td>y</table>", "p[x] t1[y]"},
    {"<table><tr><th>a</table>", "t1[a]"},
    /* Preformatted, rules. */
    {"<pre>\na\n  b <b>c</b>\n</pre>", "pre[a\n  b {B:c}]"},
    {"<pre><code>a\tb</code></pre>", "pre[a b]"},
    {"<pre><ul><li>a</ul></pre>b", "pre[a] p[b]"},
    {"<pre>a<hr>b</pre>", "pre[a] hr[] pre[b]"},
    {"a<hr>b<ul><li>c<hr>d</ul>", "p[a] hr[] p[b] ul[c d]"},
    /* Links. */
    {"<a href='https://e.org/?a=1&amp;b=2'>x</a>y", "p[{@https://e.org/?a=1&b=2:x}y]"},
    {"<a href=/s/abc>x</a> <a href=mailto:a@e.org>m</a>", "p[{@/s/abc:x} {@mailto:a@e.org:m}]"},
    {"<a href=https://e.org/><b>x</b> y</a>", "p[{B@https://e.org/:x}{@https://e.org/: y}]"},
    {"<a name=x>y</a>", "p[y]"},
    {"<a href='javascript:alert(1)'>x</a>", "p[x] !"},
    {"<a href='  jAvAsCrIpT&#58;alert(1)'>x</a>", "p[x] !"},
    {"<a href='java&Tab;script:x'>x</a><a href='java&NewLine;script&colon;x'>y</a>", "p[xy] ! !"},
    {"<a href='&#1;javascript:x'>x</a>", "p[x] !"},
    {"<a href='data:text/html,<script>'>x</a><a href=vbscript:x>y</a>", "p[xy] ! !"},
    {"<a href='//evil.org/'>x</a><a href='/\\evil.org'>y</a><a href='rel.html'>z</a>",
     "p[xyz] ! ! !"},
    {"<a href='https://bank@evil.org/'>x</a>", "p[x] !"},
    {"<p onclick=x style='a:b' href=javascript:x>x</p><b href=https://e.org/>y</b>",
     "p[x] p[{B:y}]"},
    /* Pictures. */
    {"<p>a<img src=pier.jpg alt='The pier'>b", "p[a] pic0[pier.jpg;;The pier;] p[b]"},
    {"<figure><img src=a/b%20c.jpg><figcaption>Cap <cite>© X</cite></figcaption></figure>",
     "pic0[a/b c.jpg;Cap;;© X]"},
    {"<figure><figcaption>Cap</figcaption><img src=a.jpg></figure><img src=a.jpg>",
     "pic0[a.jpg;Cap;;] pic0[a.jpg;Cap;;]"},
    {"<figure><table><tr><td>1</table><figcaption>Cap</figcaption></figure>", "t1[1] p[Cap]"},
    {"<img src=https://e.org/a.jpg><img src=data:x><img src=../a><img src=/a><img>x",
     "p[x] ! ! ! ! !"},
    {"<ul><li>a<img src=a.jpg></ul>", "ul[a] !"},
    {"<figure><img src=a.jpg><img src=b.jpg><figcaption>Both</figcaption></figure>",
     "gallery[a.jpg;Both;|b.jpg;;]"},
    {"<figure class=g><figure><img src=a.jpg><figcaption>A <cite>© X</cite></figcaption></figure>"
     "<figure><img src=b.jpg><figcaption>B</figcaption></figure><figcaption>Both</figcaption>"
     "</figure>",
     "gallery[a.jpg;A;© X|b.jpg;B;] p[Both]"},
    {"<figure><figure><img src=a.jpg></figure><figure><img src=b.jpg><figcaption>B</figcaption>"
     "</figure><figcaption>Both</figcaption></figure>",
     "gallery[a.jpg;Both;|b.jpg;B;]"},
    {"<figure><div><img src=a.jpg> <img src=a.jpg></div></figure>", "pic0[a.jpg;;;]"},
    {"<figure><img src=a.jpg>x<img src=b.jpg></figure>", "pic0[a.jpg;;;] p[x] pic1[b.jpg;;;]"},
    {"<p><img src=a.jpg><img src=b.jpg></p>", "pic0[a.jpg;;;] pic1[b.jpg;;;]"},
    {"<figure><figure><figure><img src=a.jpg><figcaption>A</figcaption></figure></figure>"
     "<img src=b.jpg></figure>",
     "gallery[a.jpg;A;|b.jpg;;]"},
    /* Key events. */
    {"<ol class='x events' reversed><li><time datetime=2026-11-24T09:39:00+03:00>9.39</time> "
     "<b>b</b><li><time datetime=2026-11-24T06:00:00Z>6</time>a</ol>",
     "events[1795500000 a|1795502340 {B:b}]"},
    {"<ul class=events><li>c<time datetime=2026-11-24T07:00:00Z></time><li><p><time "
     "datetime=2026-11-24T06:00:00Z>6</time><p>a<li><time datetime=2026-11-24T06:00:00Z>6</time>b"
     "<ul><li>x</ul> y</ul>",
     "events[1795500000 a|1795500000 b x y|1795503600 c]"},
    {"<ol class=events reversed><li><time datetime=2026-11-24T06:00:00Z>6</time>b<li><time "
     "datetime=2026-11-24T06:00:00Z>6</time>a</ol>",
     "events[1795500000 a|1795500000 b]"},
    {"<ol class=events>x<li><time datetime=2026-11-24T06:00:00Z></time>a<li><time "
     "datetime=today>b</time> c</ol>",
     "events[1795500000 a] p[x] p[b c]"},
    {"<ol class=events reversed><li><time>6</time> a<li>b</ol>", "ul[6 a|b]"},
    {"<ol class=events><li><time datetime=2026-11-24T06:00:00Z></time></ol>x", "p[x]"},
    {"<ol class=events><li><time datetime=1970-01-01T00:00:00Z>then</time> a</ol>", "ul[then a]"},
    {"<ul><li><ol class=events><li><time datetime=2026-11-24T06:00:00Z>6</time> a</ol></ul>",
     "ul[6 a]"},
    {"at <time datetime=2026-11-24T06:00:00Z>six</time>", "p[at six]"},
    /* Sound. */
    {"<audio src=https://e.org/a title='A talk'><p>x<source src=y></audio>z",
     "audio[]<https://e.org/a;A talk> p[z]"},
    {"<figure><audio src=https://e.org/a></audio><figcaption>Cap</figcaption></figure>",
     "audio[]<https://e.org/a;Cap>"},
    {"<figure class=audio><a href=https://e.org/a>T</a></figure>", "audio[]<https://e.org/a;T>"},
    {"a<audio><source src=https://e.org/a></audio>b<audio src=a.mp3></audio>", "p[a] p[b] ! !"},
    {"<ul><li>a<audio src=https://e.org/a></audio></ul>", "ul[a] !"},
    /* Embeds. */
    {"<iframe src=https://e.org/v title='A film'>x<b>y</iframe>z",
     "embed[]<https://e.org/v;A film> p[z]"},
    {"<iframe src=javascript:x></iframe><iframe></iframe>z", "p[z] ! !"},
    {"<figure class=embed><a href=https://e.org/>T</a></figure>", "embed[]<https://e.org/;T>"},
    {"<figure class=embed><a href=https://e.org/>https://e.org/</a></figure>",
     "embed[]<https://e.org/;>"},
    {"<blockquote>a<iframe src=https://e.org/></iframe></blockquote>", "q[a] !"},
    /* What goes whole. */
    {"a<script>b</script>c<style>d</style>e<SCRIPT SRC=x></SCRIPT >f", "p[acef]"},
    {"a<script><!--<script></script>b", "p[ab]"},
    {"a<script>x</scriptx></script>b<script>", "p[ab]"},
    {"a<svg><b>x</b><svg></svg>y</svg>b<svg/>c<object><p>x</object>d<math><mi>x</math>e",
     "p[abcde]"},
    {"a<noscript><img src=http://x></noscript><template><p>x</template>b<video>x</video>", "p[ab]"},
    {"a<textarea><p>x</textarea>b<select><option>x</select>c<button>x</button>d", "p[abcd]"},
    {"a<!-- <p>x --><!--> b <!---> c <!-- --!> d <!doctype html> e <?php x ?> f</>g</ x>h",
     "p[a b c d e fgh]"},
    {"a<!-- x ---->b<!-- y --- z -->c<!-- x", "p[abc]"},
    {"a<p title=\"</p><script>\">b<p title='>' x>c<p", "p[a] p[b] p[c]"},
    {"a<![CDATA[x]]>b", "p[ab]"},
    {"<p>a\u202eb\u200bc\u2066d\u2069</p>", "p[abc\u2066d\u2069]"},
    {"&#0;&#x202e;&#xd800;a&#1;b", "p[\ufffd\ufffdab]"},
};

static void test_html(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(html_cases); i++)
        check_html(false, span_str(html_cases[i].html), html_cases[i].blocks);
}

/* What is too long for an attribution stays a paragraph of the quote. */
static void test_attribution_limit(void **state) {
    (void)state;
    const struct span open = SPAN("<blockquote>a<footer>"), close = SPAN("</footer></blockquote>");
    for (size_t n = SPEAKER_BYTES_MAX; n <= SPEAKER_BYTES_MAX + 1; n++) {
        struct intent in = {0};
        assert_int_equal(
            wire_html_blocks(arena, join(open, times("b", n), close), false, SPAN("h"), &in),
            RC_OK);
        assert_int_equal(in.draft.blocks[0].row_count, n > SPEAKER_BYTES_MAX ? 2 : 1);
        assert_int_equal(in.draft.blocks[0].speaker.n, n > SPEAKER_BYTES_MAX ? 0 : n);
    }
}

static void test_html_xml(void **state) {
    (void)state;
    check_html(true, SPAN("<p/>a<p/>b<script src='x'/>c<![CDATA[<p>&amp;]]>"), "p[a] p[bc<p>&]");
    check_html(true,
               SPAN("<?xml version='1.0'?><nitf><head><title>t</title></head><body><body.head>"
                    "<hedline><hl1>H</hl1></hedline></body.head><body.content><block><hl2>S</hl2>"
                    "<p>One</p><media><p>x</p></media></block></body.content><body.end>e"
                    "</body.end></body></nitf>"),
               "h3[S] p[One]");
}

/* NUL bytes and ill-formed UTF-8 come only through this door: wire_read refuses them before. */
static void test_html_bytes(void **state) {
    (void)state;
    struct intent in = {0};
    check_html(false, span_of("a<\0b>c<a hr\0ef=x>d", 18), "p[a<b>cd]");
    assert_int_equal(wire_html_blocks(arena, SPAN("<p>\xff"), false, SPAN("here"), &in),
                     RC_INVALID);
    assert_string_equal(rc_why(), "here: not well-formed UTF-8");
}

static void check_html_limit(struct span html, const char *why) {
    struct intent in = {0};
    rc code = wire_html_blocks(arena, html, false, SPAN("h"), &in);
    if (!why) {
        if (code != RC_OK) fail_msg("%s", rc_why());
        return;
    }
    assert_int_equal(code, RC_TOO_BIG);
    assert_string_equal(rc_why(), why);
}

static void test_html_limits(void **state) {
    (void)state;
    const struct span x = SPAN("x"), none = {0};
    check_html_limit(join(times("<div>", 64), x, none), NULL);
    check_html_limit(join(times("<div>", 65), x, none), "h: elements nest deeper than 64");
    check_html_limit(join(times("<div>", 20000), x, none), "h: elements nest deeper than 64");
    check_html_limit(join(times("<div>a</div>", 1000), times("<b>", 64), x), NULL);
    check_html_limit(join(times("<br>", 8192), x, none), NULL);
    check_html_limit(join(times("<br>", 8193), x, none), "h: more than 8192 start tags");
    check_html_limit(join(times("<script></script>", 8193), x, none),
                     "h: more than 8192 start tags");
    check_html_limit(times("<p>a", 3500), NULL);
    check_html_limit(times("<p>a", 3501), "h: more than 3500 blocks");
    check_html_limit(join(SPAN("<ul>"), times("<li>a", 4096), none), NULL);
    check_html_limit(join(SPAN("<ul>"), times("<li>a", 4097), none),
                     "h: a list or quote of more than 4096 parts");
    check_html_limit(join(SPAN("<table>"), times("<td>a", 64), none), NULL);
    check_html_limit(join(SPAN("<table>"), times("<td>a", 65), none),
                     "h: a table with more than 64 columns");
    check_html_limit(SPAN("<table><td colspan=99999999999999999999>a"), NULL);
    check_html_limit(SPAN("<table><td colspan=65>a"), "h: a table with more than 64 columns");
    check_html_limit(join(SPAN("<table><tr><td>a"), times("<tr>", 4095), none), NULL);
    check_html_limit(join(SPAN("<table><tr><td>a"), times("<tr>", 4096), none),
                     "h: a table of more than 4096 rows");
    const struct span wide = SPAN("<table><tr><td colspan=64>a");
    check_html_limit(join(wide, times("<tr><td>a", 63), none), NULL);
    check_html_limit(join(wide, times("<tr><td>a", 64), none),
                     "h: a table of more than 4096 cells");
    const struct span figure = SPAN("<figure><img src=a><figcaption>");
    check_html_limit(join(figure, times("a", 8192), none), NULL);
    check_html_limit(join(figure, times("a", 8193), none),
                     "h: the caption of a picture has 8193 bytes, at most 8192 are taken");
    check_html_limit(times("a", TEXT_BYTES_MAX), NULL);
    check_html_limit(times("a", TEXT_BYTES_MAX + 1),
                     "h: a text of 262145 bytes, at most 262144 are taken");
    check_html_limit(times("<b>a</b>a", RUNS_MAX / 2), NULL);
    check_html_limit(times("<b>a</b>a", RUNS_MAX / 2 + 1),
                     "h: a text with more than 4096 changes of look or link");
    check_html_limit(times(" ", WIRE_BYTES_MAX), NULL);
    check_html_limit(times(" ", WIRE_BYTES_MAX + 1), "h: HTML longer than 1048576 bytes");
    /* End tags that gumbo ignores leave its tree deeper than the tags were. */
    check_html_limit(times("<div><table></div></table>", 1100),
                     "h: elements nest deeper than 1024");
}

/* Each must end, with blocks or a limit, in a time that nobody notices. */
static void test_html_hostile(void **state) {
    (void)state;
    static const char *const pieces[] = {
        "<",
        "&",
        "<!--",
        "<a b",
        "<div>",
        "<p>",
        "</p>",
        "<table>",
        "<b><p>",
        "<script>",
        "</",
        "<br/",
        "<a href=\"",
        "<q>",
        "<svg>",
        "<table><b>",
        "<li>",
        "<pre>",
        "<![CDATA[",
        "\xc2\xa0",
        "<select><p>",
        "<figure><figcaption>",
        "<blockquote><footer>",
        "<h1><h2></h1>",
        "e\xcc\x81",
    };
    for (size_t i = 0; i < COUNT_OF(pieces); i++) {
        struct intent in = {0};
        rc code = wire_html_blocks(arena, times(pieces[i], (256u << 10) / strlen(pieces[i])), i & 1,
                                   SPAN("h"), &in);
        assert_true(code == RC_OK || code == RC_TOO_BIG);
        if (code == RC_OK) fuzz_check_draft(arena, &in.draft);
        arena_reset(arena);
    }
}

/* ---- addresses, times, datelines ------------------------------------------------------------- */

static void test_href(void **state) {
    (void)state;
    static const char *const good[][2] = {
        {"http://e.org", "http://e.org"},
        {"HTTPS://E.org/A", "https://e.org/A"},
        {" https://e.org/ ", "https://e.org/"},
        {"ht\ttps://e\n.org/", "https://e.org/"},
        {"https://e.org/a b\"<>`{}|\\^", "https://e.org/a%20b%22%3C%3E%60%7B%7D%7C%5C%5E"},
        {"https://e.org/%41%zz#a#b", "https://e.org/%41%25zz#a%23b"},
        {"https://e.org:8080/?q=ä", "https://e.org:8080/?q=%C3%A4"},
        {"https://bücher.example/", "https://xn--bcher-kva.example/"},
        {"https://[2001:db8::1]:80/x", "https://[2001:db8::1]:80/x"},
        {"https://e.org?x", "https://e.org?x"},
        {"mailto:a@e.org?subject=x y", "mailto:a@e.org?subject=x%20y"},
        {"MAILTO:a@e.org", "mailto:a@e.org"},
        {"/", "/"},
        {"/a/../b?c#d", "/a/../b?c#d"},
        {"https://e.org/\u202e", "https://e.org/%E2%80%AE"},
    };
    static const char *const bad[] = {
        "",
        " ",
        "a",
        "#x",
        "?x",
        "a/b",
        "//e.org",
        "/\\e.org",
        "/\t/e.org",
        "\\\\e.org",
        "http:",
        "http:e.org",
        "http://",
        "http:///x",
        "https://?x",
        "https://:80/",
        "https://a@e.org/",
        "https://a:b@e.org/",
        "https://e.org:99999/",
        "https://e.org:x/",
        "https://e.org:1:2/",
        "https://[::1",
        "https://[]/",
        "https://[javascript]/",
        "https://e%2eorg/",
        "https://e org/",
        "https://e<b>.org/",
        "https://.org/",
        "https://xn--a/",
        "javascript:x",
        "JAVASCRIPT:x",
        "java\nscript:x",
        "\x01javascript:x",
        "javascript&colon;x",
        "data:,x",
        "vbscript:x",
        "file:///etc/passwd",
        "ftp://e.org/",
        "blob:https://e.org/x",
        "view-source:http://e.org",
        "http\x01://e.org/",
        "https://e.org/\x7f",
        "mailto:",
        "mailto:?x",
        "tel:1",
        "\xff",
        "https://e.org/\xc3",
        "feed:https://e.org/",
        "jav\u200bascript:x",
        "https:/e.org/",
        "https://e.org\\x",
    };
    struct span out;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        if (!wire_href(arena, span_str(good[i][0]), &out)) fail_msg("%s", good[i][0]);
        assert_span(out, good[i][1]);
        assert_true(fuzz_safe_href(out));
        assert_true(wire_href(arena, out, &out)); /* and stays as it is */
        assert_span(out, good[i][1]);
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (wire_href(arena, span_str(bad[i]), &out)) fail_msg("%s was taken", bad[i]);
    assert_true(wire_href(arena, join(SPAN("/"), times("a", 2047), (struct span){0}), &out));
    assert_false(wire_href(arena, join(SPAN("/"), times("a", 2048), (struct span){0}), &out));
    assert_false(wire_href(arena, join(SPAN("/"), times("ä", 683), (struct span){0}), &out));
}

static void test_file(void **state) {
    (void)state;
    static const char *const good[][2] = {
        {"pier.jpg", "pier.jpg"},
        {"a/b/c.png", "a/b/c.png"},
        {" a b.jpg ", "a b.jpg"},
        {"a%20b.jpg", "a b.jpg"},
        {"..a/b..", "..a/b.."},
        {"100%.jpg", "100%.jpg"},
        {"Hafen-größe.jpg", "Hafen-größe.jpg"},
    };
    static const char *const bad[] = {
        "",
        " ",
        ".",
        "..",
        "/a",
        "../a",
        "a/../b",
        "a/..",
        "a//b",
        "a/",
        "./a",
        "a\\b",
        "c:a",
        "http://e.org/a.jpg",
        "//e.org/a",
        "data:x",
        "%2e%2e/a",
        "%2fa",
        "a%2f..%2fb",
        "a%00b",
        "a%0ab",
        "a%5cb",
        "%68ttp%3a//x",
        "a%ffb",
        "a\u202ejpg.b",
        "a\u200bb",
        "a\nb",
    };
    struct span out;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        if (!wire_file(arena, span_str(good[i][0]), &out)) fail_msg("%s", good[i][0]);
        assert_span(out, good[i][1]);
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (wire_file(arena, span_str(bad[i]), &out)) fail_msg("%s was taken", bad[i]);
    assert_true(wire_file(arena, times("a", 255), &out));
    assert_false(wire_file(arena, times("a", 256), &out));
}

static void test_time(void **state) {
    (void)state;
    static const struct {
        const char *text;
        ms_t time;
    } good[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"2026-11-24T09:39:00+03:00", 1795502340000},
        {"2026-11-24T06:39:00.5z", 1795502340500},
        {"2026-11-24T06:39:00.1239999Z", 1795502340123},
        {"2026-11-24t03:09:00-0330", 1795502340000},
        {"2000-02-29T23:59:59Z", 951868799000},
        {"1969-12-31T23:59:59.999Z", -1},
        {"0001-01-01T00:00:00Z", -62135596800000},
        {"9999-12-31T23:59:59.999Z", 253402300799999},
    };
    static const char *const bad[] = {
        "",
        "2026-11-24",
        "2026-11-24T09:39:00",
        "2026-11-24T09:39Z",
        "2026-11-24 09:39:00Z",
        "2026-13-24T09:39:00Z",
        "2026-11-31T09:39:00Z",
        "2026-02-29T09:39:00Z",
        "1900-02-29T00:00:00Z",
        "2026-11-24T24:00:00Z",
        "2026-11-24T09:60:00Z",
        "2026-11-24T09:39:60Z",
        "2026-11-24T09:39:00.Z",
        "2026-11-24T09:39:00+3",
        "2026-11-24T09:39:00+03:60",
        "2026-11-24T09:39:00+24:00",
        "2026-11-24T09:39:00Zx",
        "0000-01-01T00:00:00Z",
        "2026-11-24T09:39:00+03:00 ",
        "x",
        "2026-1-24T09:39:00Z",
        "+2026-11-24T09:39:00Z",
        "2026-11-24T09:39:00+03.00",
    };
    ms_t out;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        if (!wire_time(span_str(good[i].text), &out)) fail_msg("%s", good[i].text);
        if (out != good[i].time) fail_msg("%s: %lld", good[i].text, (long long)out);
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (wire_time(span_str(bad[i]), &out)) fail_msg("%s was taken", bad[i]);
}

static void test_dateline(void **state) {
    (void)state;
    static const struct {
        const char *text, *place, *source, *rest;
    } cases[] = {
        {"PORT AVERIL (COURIER) — Text", "PORT AVERIL", "COURIER", "Text"},
        {"GROSSETO, Italy (AP) -- The", "GROSSETO, Italy", "AP", "The"},
        {"LONDON (Reuters) - X", "LONDON", "Reuters", "X"},
        {"ST. LOUIS (AP) - X", NULL, NULL, NULL}, /* a full stop ends a sentence */
        {"MÜNCHEN (dpa) – X", "MÜNCHEN", "dpa", "X"},
        {"NASA (the space agency) — said", NULL, NULL, NULL},
        {"Rome (AP) — X", NULL, NULL, NULL},
        {"A (B) — X", NULL, NULL, NULL},
        {"ROME (AP) X", NULL, NULL, NULL},
        {"ROME () — X", NULL, NULL, NULL},
        {"ROME (AP", NULL, NULL, NULL},
        {"(AP) — X", NULL, NULL, NULL},
        {"ROME", NULL, NULL, NULL},
        {"", NULL, NULL, NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct dateline d;
        size_t bytes;
        bool is = wire_dateline(span_str(cases[i].text), &d, &bytes);
        if (is != (cases[i].place != NULL)) fail_msg("%s", cases[i].text);
        if (!is) continue;
        assert_span(d.place, cases[i].place);
        assert_span(d.source, cases[i].source);
        assert_string_equal(cases[i].text + bytes, cases[i].rest);
    }
}

/* ---- ninjs: the published examples ----------------------------------------------------------- */

static struct span read_vector(const char *name) {
    const char *shared = getenv("DATELINE_SHARED");
    struct span path =
        arena_printf(arena, "%s/vectors/ninjs/%s", shared ? shared : "../shared", name);
    FILE *file = fopen(path.p, "rb");
    if (!file) fail_msg("%s cannot be opened", path.p);
    char *bytes = arena_take(arena, WIRE_BYTES_MAX);
    assert_non_null(bytes);
    size_t n = fread(bytes, 1, WIRE_BYTES_MAX, file);
    fclose(file);
    return span_of(bytes, n);
}

static const struct {
    const char *file;
    const char *why; /* of a refusal, its start; NULL: it is a story */
    const char *headline, *place, *language;
    size_t blocks, tags, bylines, remarks;
    int64_t version; /* -1: none */
} vectors[] = {
    {"001_simple_example.json", NULL, "Captain of wrecked cruise ship on trial in Italy",
     "GROSSETO, Italy", "xx", 1, 0, 1, 0, -1},
    {"002_renditions_example.json", "$.headlines: there is no headline"},
    {"003_associations_example.json", NULL,
     "Dell Redefines Workstation Computing Boundaries with Smallest Tower and Most Powerful Rack "
     "Workstations",
     "", "xx", 1, 0, 0, 2, 1},
    {"004_simple_text_article.json", NULL, "Captain of wrecked cruise ship on trial in Italy",
     "GROSSETO, Italy", "xx", 4, 0, 1, 0, -1},
    {"005_complex_text_article.json", NULL, "Captain of wrecked cruise ship on trial in Italy",
     "GROSSETO, Italy", "en", 4, 5, 1, 0, -1},
    {"006_photo_only.json", "$.type: \"picture\" is no story"},
    {"007_multimedia.json", NULL, "Captain of wrecked cruise ship on trial in Italy",
     "GROSSETO, Italy", "en", 4, 5, 1, 2, -1},
    {"008_event.json", "$.type: \"event\" is no story"},
    {"20231004-UEFA-ChampionLeague.json", "$.eventDetails: an event is no story"},
    {"20231005-65-addb-event.json", "$.type: \"event\" is no story"},
    {"20231008-anti-doping-measures-at-the-tour-down-under-will-be-the-toughest-ever-addb-ninjs-"
     "nitf"
     ".json",
     NULL, "Anti-doping measures at the 'Tour Down Under' will be the toughest ever",
     "Oslo, Norway", "en", 17, 3, 1, 0, 2},
    {"20231016-addb-example-press-conference.json", "$.eventDetails: an event is no story"},
    {"SIPA_image_3.json", "$.type: \"picture\" is no story"},
    {"ap_audio.json", "$.type: \"audio\" is no story"},
    {"ap_image.json", "$.type: \"picture\" is no story"},
    {"ap_video.json", "$.type: \"video\" is no story"},
    {"businesswire-newsml-20130605006126.json", NULL, "Cambrios被Gartner評選為「最酷供應商」", "",
     "zh", 1, 13, 0, 0, 1},
    {"businesswire-newsml-20130731006140.json", NULL,
     "Lunch Taking a Toll? Let Applebee’s® Industrial Strength Lunch Decoy Stand In", "", "en", 1,
     10, 0, 2, 1},
    {"imageEncodedRights.json", "$.type: \"picture\" is no story"},
    {"imageLinkedRights.json", "$.type: \"picture\" is no story"},
    {"ninjsExSimpleText_3.json", NULL, "Captain of wrecked cruise ship on trial in Italy",
     "GROSSETO, Italy", "xx", 4, 0, 1, 0, -1},
    {"simpleEvent.json", "$.type: \"event\" is no story"},
    {"tt_event_pressconference_3.0.json", "$.type: \"event\" is no story"},
    {"ninjs-schema_3.1.json", "$.uri: is missing"}, /* no item at all */
};

static void test_vectors(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        struct intent in;
        rc code = wire_read(arena, WIRE_GUESS, read_vector(vectors[i].file), SPAN("xx"), &in);
        if (vectors[i].why) {
            assert_int_equal(code, RC_INVALID);
            if (!span_starts(span_str(rc_why()), span_str(vectors[i].why)))
                fail_msg("%s: %s", vectors[i].file, rc_why());
            continue;
        }
        if (code != RC_OK) fail_msg("%s: %s", vectors[i].file, rc_why());
        assert_span(in.draft.headline, vectors[i].headline);
        assert_span(in.draft.dateline.place, vectors[i].place);
        assert_span(in.draft.language, vectors[i].language);
        assert_int_equal(in.draft.block_count, vectors[i].blocks);
        assert_int_equal(in.draft.tag_count, vectors[i].tags);
        assert_int_equal(in.draft.byline_count, vectors[i].bylines);
        assert_int_equal(in.remark_count, vectors[i].remarks);
        assert_int_equal(in.has_version ? (int64_t)in.version : -1, vectors[i].version);
        assert_int_equal(in.picture_count, 0);
        assert_true(in.uri.n > 0 && in.published_claim > 0);
        fuzz_check_draft(arena, &in.draft);
    }
}

static void test_vector_remarks(void **state) {
    (void)state;
    struct intent in;
    assert_int_equal(
        wire_read(arena, WIRE_NINJS, read_vector("007_multimedia.json"), SPAN("en"), &in), RC_OK);
    assert_span(
        in.remarks[0].text,
        "$.associations[0]: the picture http://hosted.ap.org/photos/2/2643c588-dc8d-4923-bebd-"
        "e3b904edbb3a-big.jpg was left out: it has only an http address; send its file beside "
        "the item");
    assert_int_equal(wire_read(arena, WIRE_NINJS,
                               read_vector("businesswire-newsml-20130731006140.json"), SPAN("en"),
                               &in),
                     RC_OK);
    assert_span(in.remarks[1].text, "$.associations[1]: an association of type \"video\" was left "
                                    "out: only pictures and audio are taken");
    assert_string_equal(
        dump(&in), "p[With more Applebee’s{^:®} Lunch Combos than ever – enough to try a new "
                   "combination every workday for a year – America’s favorite neighborhood grill "
                   "and bar this week unveiled a stronger, longer-lasting Industrial Strength "
                   "Lunch Decoy that is 20 percent thicker than the original, which sold out in "
                   "weeks last summer.] ! !");
}

/* ---- ninjs: members ------------------------------------------------------------------------- */

static rc read_ninjs(const char *json, struct intent *out) {
    return wire_read(arena, WIRE_NINJS, span_str(json), SPAN("en"), out);
}

static void test_ninjs_members(void **state) {
    (void)state;
    struct intent in;
    assert_int_equal(
        read_ninjs(
            "{\"uri\":\"tag:e.org,2026:1\",\"type\":\"text\",\"version\":\"12\",\"language\":\"en_"
            "GB\","
            "\"pubStatus\":\"usable\",\"firstCreated\":\"2026-11-24T06:00:00Z\",\"versionCreated\":"
            "\"2026-11-24T09:39:00+03:00\",\"embargoedUntil\":\"2026-11-25T00:00:00Z\",\"by\":\"By "
            "Mara "
            "Vale\",\"located\":\"Port "
            "Averil\",\"copyrightHolder\":\"COURIER\",\"usageTerms\":\"EU "
            "only\",\"genres\":[{\"uri\":\"http://cv.iptc.org/newscodes/genre/Analysis\"}],"
            "\"headlines\":[{\"role\":\"short\",\"value\":\"S\"},{\"value\":\" Main\\n one "
            "\"},{\"role\":"
            "\"social\",\"value\":\"So\"},{\"role\":\"feed\",\"value\":\"F\"}],\"descriptions\":[{"
            "\"role\":\"summary\",\"contentType\":\"text/html\",\"value\":\"<p>It <b>is</b> "
            "open.\"}],"
            "\"bodies\":[{\"contentType\":\"text/plain\",\"value\":\"plain\"},{\"contentType\":"
            "\"text/html; charset=utf-8\",\"value\":\"<h1>Main one</h1><p>It is open.</p><p>PORT "
            "AVERIL "
            "(AP)\\u00a0\\u2014 First <b>x</b></p><img "
            "src='b.jpg'>\"}],\"people\":[{\"name\":\"Mara "
            "Vale\"},{\"name\":\"mara  vale\"},{\"uri\":\"x\"}],\"subjects\":[{\"name\":\"Mara "
            "Vale\"}],"
            "\"events\":[{\"name\":\"E\"}],\"objects\":[{\"name\":\"O\"}],\"organisations\":[{"
            "\"name\":"
            "\"Org\"}],\"places\":[{\"name\":\"Pl\"}],\"zzz\":[1.5,null],\"associations\":[{"
            "\"name\":\"a\","
            "\"uri\":\"x\",\"type\":\"picture\",\"by\":\"J. Doe\",\"copyrightHolder\":\"AG\","
            "\"copyrightNotice\":\"(c) "
            "AG\",\"descriptions\":[{\"role\":\"caption\",\"value\":\"Cap\"},{"
            "\"role\":\"alt\",\"value\":\"Alt\"}],\"renditions\":[{\"name\":\"s\",\"href\":\"s."
            "jpg\","
            "\"width\":100},{\"name\":\"w\",\"href\":\"w.jpg\",\"width\":900},{\"name\":\"h\","
            "\"href\":"
            "\"https://e.org/"
            "x\",\"width\":9000}]},{\"name\":\"b\",\"uri\":\"y\",\"type\":\"graphic\","
            "\"renditions\":[{\"name\":\"m\",\"href\":\"b.jpg\"}]},{\"name\":\"c\",\"uri\":\"z\","
            "\"type\":\"picture\",\"headlines\":[{\"value\":\"Third\"}],\"renditions\":[{\"name\":"
            "\"m\","
            "\"href\":\"c.jpg\"}]}]}",
            &in),
        RC_OK);
    const struct revision *d = &in.draft;
    assert_span(in.uri, "tag:e.org,2026:1");
    assert_true(in.has_version && in.version == 12 && !in.canceled);
    assert_int_equal(in.first_created, 1795500000000);
    assert_int_equal(in.published_claim, 1795502340000);
    assert_int_equal(in.embargoed_until, 1795564800000);
    assert_span(d->language, "en-GB");
    assert_span(d->headline, "Main one");
    assert_span(d->headline_short, "S");
    assert_span(d->headline_social, "So");
    assert_span(d->headline_feed, "F");
    assert_span(d->standfirst, "It is open.");
    assert_span(d->bylines[0].name, "Mara Vale");
    assert_span(d->dateline.place, "PORT AVERIL");
    assert_span(d->dateline.source, "AP");
    assert_span(d->credit_line, "© COURIER · EU only");
    assert_int_equal(d->work, WORK_ANALYSIS);
    assert_int_equal(d->tag_count, 6);
    static const enum tag_kind kinds[] = {TAG_PERSON, TAG_PLACE, TAG_ORGANISATION,
                                          TAG_TOPIC,  TAG_TOPIC, TAG_TOPIC};
    for (size_t i = 0; i < 6; i++) assert_int_equal(d->tags[i].kind, kinds[i]);
    assert_span(d->tags[0].slug, "mara-vale");
    assert_true(d->lead_picture);
    assert_int_equal(d->picture_count, 3);
    assert_span(in.pictures[0].href, "w.jpg");
    assert_span(d->pictures[0].credit, "AG");
    assert_span(d->pictures[0].creator, "J. Doe");
    assert_span(d->pictures[0].copyright, "(c) AG");
    assert_span(d->pictures[0].alt, "Alt");
    assert_string_equal(dump(&in), "p[First {B:x}] pic1[b.jpg;;;] pic2[c.jpg;Third;;]");
    fuzz_check_draft(arena, d);
}

#define PICTURE_ITEM(members)                                                                 \
    "{\"uri\":\"x\",\"type\":\"text\",\"language\":\"en\",\"headlines\":[{\"value\":\"H\"}]," \
    "\"bodies\":[{\"contentType\":\"text/html\",\"value\":\"<p>T</p><figure><img "            \
    "src='m/small.jpg'>"                                                                      \
    "</figure>\"}],\"associations\":[{\"name\":\"a\",\"uri\":\"y\",\"type\":\"picture\","     \
    "\"renditions\":[{\"name\":\"1\",\"href\":\"m/"                                           \
    "large.avif\",\"width\":9},{\"name\":\"2\",\"href\":"                                     \
    "\"m/small.jpg\",\"width\":4}]," members "}]}"

static const struct rights *rights_of(const char *json, struct intent *in) {
    assert_int_equal(read_ninjs(json, in), RC_OK);
    assert_int_equal(in->draft.picture_count, 1); /* what the text shows is another size of it */
    assert_span(in->pictures[0].href, "m/large.avif");
    return &in->draft.pictures[0].rights;
}

static void test_ninjs_rights(void **state) {
    (void)state;
    struct intent in;
    const struct rights *r = rights_of(
        PICTURE_ITEM(
            "\"usageTerms\":\"Once\",\"expires\":\"2027-01-31T18:00:00+03:00\",\"rightsInfo\":"
            "{\"langId\":\"http://www.w3.org/ns/odrl/2/\",\"encodedRights\":\"{\\\"permission\\\":"
            "[{\\\"action\\\":\\\"use\\\",\\\"constraint\\\":[{\\\"leftOperand\\\":"
            "\\\"deliveryChannel\\\",\\\"operator\\\":\\\"isAnyOf\\\",\\\"rightOperand\\\":"
            "[\\\"web\\\",{\\\"@id\\\":\\\"https://e.org/channel/api\\\"},\\\"fax\\\"]}]}],"
            "\\\"prohibition\\\":{\\\"action\\\":[\\\"odrl:distribute\\\"]}}\"}"),
        &in);
    assert_int_equal(r->channels, 1u << CHANNEL_WEB | 1u << CHANNEL_API);
    assert_int_equal(r->expires, 1801407600000);
    assert_true(r->no_redistribution);
    assert_span(in.draft.pictures[0].usage_terms, "Once");
    assert_int_equal(in.remark_count, 0);
    r = rights_of(
        PICTURE_ITEM("\"rightsInfo\":[{\"encodedRights\":\"{\\\"permission\\\":{\\\"constraint\\\":"
                     "{\\\"leftOperand\\\":\\\"odrl:dateTime\\\",\\\"operator\\\":\\\"odrl:lt\\\","
                     "\\\"rightOperand\\\":{\\\"@value\\\":\\\"2027-01-31\\\"}}}}\"}]"),
        &in);
    assert_int_equal(r->expires, 0);
    assert_span(in.pictures[0].expires_day, "2027-01-31");
    /* Channels of which we know none: what we do is not allowed. */
    r = rights_of(
        PICTURE_ITEM("\"rightsInfo\":{\"encodedRights\":\"{\\\"permission\\\":[{\\\"constraint\\\":"
                     "[{\\\"leftOperand\\\":\\\"deliveryChannel\\\",\\\"operator\\\":\\\"eq\\\","
                     "\\\"rightOperand\\\":\\\"fax\\\"}]}]}\"}"),
        &in);
    assert_int_equal(r->channels, 1u << CHANNEL_PRINT);
    /* What cannot be read is told; a link alone is none of our business. */
    (void)rights_of(PICTURE_ITEM("\"rightsInfo\":{\"encodedRights\":\"<xml>\"}"), &in);
    assert_int_equal(in.remark_count, 1);
    assert_true(span_starts(in.remarks[0].text,
                            SPAN("$.associations[0].rightsInfo: its policy was not read")));
    (void)rights_of(PICTURE_ITEM("\"rightsInfo\":{\"linkedRights\":\"https://e.org/r\"}"), &in);
    assert_int_equal(in.remark_count, 0);
    assert_int_equal(read_ninjs(PICTURE_ITEM("\"expires\":\"later\""), &in), RC_INVALID);
    assert_non_null(strstr(rc_why(), "$.associations[0].expires: must be a date"));
    assert_int_equal(read_ninjs(PICTURE_ITEM("\"rightsInfo\":7"), &in), RC_INVALID);
}

static void test_ninjs_related(void **state) {
    (void)state;
    struct intent in;
    assert_int_equal(
        read_ninjs(
            "{\"uri\":\"x\",\"type\":\"text\",\"language\":\"en\",\"headlines\":[{\"value\":\"H\"}]"
            ","
            "\"bodies\":[{\"value\":\"T\"}],\"associations\":[{\"name\":\"a\",\"uri\":\"urn:1\","
            "\"rel\":"
            "\"irel:seeAlso\"},{\"name\":\"b\",\"uri\":\"urn:2\",\"rel\":\"seeAlso\",\"type\":"
            "\"text\"}]}",
            &in),
        RC_OK);
    assert_int_equal(in.related_count, 2);
    assert_span(in.related[0], "urn:1");
    assert_span(in.related[1], "urn:2");
    assert_true(in.related_by_sender);
    assert_int_equal(in.remark_count, 0);
}

static void test_ninjs_older(void **state) {
    (void)state;
    struct intent in;
    assert_int_equal(
        read_ninjs(
            "{\"uri\":\"x\",\"type\":\"text\",\"version\":3,\"pubstatus\":\"usable\",\"headline\":"
            "\"H\",\"headline_short\":\"S\",\"byline\":\"A B\",\"description_text\":\"D\","
            "\"body_text\":\"t\",\"body_xhtml\":\"<p/>X\",\"person\":[{\"name\":\"P\"}],"
            "\"copyrightnotice\":\"N\",\"versioncreated\":\"2026-11-24T06:39:00Z\",\"embargoed\":"
            "\"2026-11-24T06:39:00Z\",\"associations\":{\"m\":{\"type\":\"picture\","
            "\"description_text\":\"C\",\"renditions\":{\"r\":{\"href\":\"a.jpg\"}}}}}",
            &in),
        RC_OK);
    assert_span(in.draft.headline, "H");
    assert_span(in.draft.headline_short, "S");
    assert_span(in.draft.standfirst, "D");
    assert_span(in.draft.bylines[0].name, "A B");
    assert_span(in.draft.credit_line, "N");
    assert_int_equal(in.version, 3);
    assert_int_equal(in.published_claim, 1795502340000);
    assert_int_equal(in.embargoed_until, 1795502340000);
    assert_string_equal(dump(&in), "p[X]");
    assert_true(in.draft.lead_picture);
    assert_span(in.draft.pictures[0].caption, "C");
}

static void test_ninjs_canceled(void **state) {
    (void)state;
    struct intent in;
    assert_int_equal(read_ninjs("{\"uri\":\"x\",\"type\":\"text\",\"version\":\"4\",\"pubStatus\":"
                                "\"canceled\",\"edNote\":\"KILL: wrong\",\"bodies\":7}",
                                &in),
                     RC_OK);
    assert_true(in.canceled && in.version == 4);
    assert_span(in.reason, "KILL: wrong");
    assert_int_equal(in.authority.n, 0);
    assert_int_equal(in.draft.block_count, 0);
    assert_int_equal(
        read_ninjs("{\"uri\":\"x\",\"type\":\"text\",\"pubStatus\":\"canceled\",\"organisations\":"
                   "[{\"name\":\"Police\"},{\"name\":\"A court\",\"rel\":\"x:authority\"}]}",
                   &in),
        RC_OK);
    assert_span(in.authority, "A court");
}

static void test_ninjs_plain(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"One\\nTwo\\r\\nThree", "p[One] p[Two] p[Three]"},
        {"One\\nmore\\n\\nTwo\\r\\n \\r\\nThree\\n", "p[One more] p[Two] p[Three]"},
        {"\\n\\nOne\\nTwo\\n\\n", "p[One] p[Two]"},
        {"<b>no</b> &amp;", "p[<b>no</b> &amp;]"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct intent in;
        struct span json = arena_printf(
            arena, "{\"uri\":\"x\",\"headline\":\"H\",\"body_text\":\"%s\"}", cases[i][0]);
        assert_int_equal(read_ninjs(json.p, &in), RC_OK);
        assert_string_equal(dump(&in), cases[i][1]);
    }
}

static void test_ninjs_relations(void **state) {
    (void)state;
#define RELATED(uri, rel) \
    "{\"name\":\"n\",\"uri\":\"" uri "\",\"type\":\"text\",\"rel\":\"" rel "\"}"
    static const struct {
        const char *members, *updates, *translation_of, *edition, *section;
        size_t tags, remarks;
    } cases[] = {
        {"\"evolvedfrom\":\"a\"", "a", "", "", "", 0, 0},
        {"\"associations\":[" RELATED("a", "evolvedFrom") "]", "a", "", "", "", 0, 0},
        {"\"associations\":[" RELATED("a", "irel:previousVersion") "]", "a", "", "", "", 0, 0},
        {"\"associations\":[" RELATED(
             "a", "http://cv.iptc.org/newscodes/itemrelation/evolvedFrom") "," RELATED("b",
                                                                                       "irel:"
                                                                                       "translatedF"
                                                                                       "rom") "]",
         "a", "b", "", "", 0, 0},
        {"\"evolvedfrom\":\"a\",\"associations\":[" RELATED("a", "evolvedFrom") "," RELATED(
             "c", "evolvedFrom") "]",
         "a", "", "", "", 0, 1},
        {"\"associations\":[" RELATED("a", "irel:dependsOn") "]", "", "", "", "", 0, 1},
        {"\"subjects\":[{\"name\":\"City\",\"rel\":\"section\"},{\"name\":\"Arabic\",\"literal\":"
         "\"ar\",\"rel\":\"edition\"},{\"name\":\"Ferries\",\"rel\":\"about\"}]",
         "", "", "ar", "City", 1, 0},
        {"\"subjects\":[{\"name\":\"en\",\"rel\":\"edition\"}]", "", "", "en", "", 0, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct intent in;
        struct span json = arena_printf(
            arena, "{\"uri\":\"x\",\"headline\":\"H\",\"body_text\":\"B\",%s}", cases[i].members);
        if (read_ninjs(json.p, &in) != RC_OK) fail_msg("%s: %s", json.p, rc_why());
        assert_span(in.updates, cases[i].updates);
        assert_span(in.translation_of, cases[i].translation_of);
        assert_span(in.draft.edition, cases[i].edition);
        assert_span(in.draft.section, cases[i].section);
        assert_int_equal(in.draft.tag_count, cases[i].tags);
        if (in.remark_count != cases[i].remarks) fail_msg("%s", json.p);
    }
}

static void test_ninjs_changes(void **state) {
    (void)state;
    static const struct {
        const char *members, *note;
        enum change change;
        size_t remarks;
    } cases[] = {
        {"\"genres\":[{\"name\":\"Analysis\"},{\"uri\":\"http://cv.iptc.org/newscodes/genre/"
         "Update\"}]",
         "", CHANGE_UPDATE, 0},
        {"\"genres\":[{\"name\":\"minor\"}],\"descriptions\":[{\"role\":\"minor\",\"value\":\"x\"}"
         "]",
         "", CHANGE_MINOR, 0},
        {"\"genres\":[{\"name\":\"Correction\"}],\"descriptions\":[{\"role\":\"summary\",\"value\":"
         "\"s\"},"
         "{\"role\":\"correction\",\"value\":\"New\"},{\"role\":\"correction\",\"value\":\"Old\"}]",
         "New", CHANGE_CORRECTION, 0},
        {"\"genres\":[{\"literal\":\"editors-note\"}],\"descriptions\":[{\"role\":\"editors-note\","
         "\"contentType\":\"text/html\",\"value\":\"<p>We <b>knew</b>\"}]",
         "We knew", CHANGE_EDITORS_NOTE, 0},
        {"\"genres\":[{\"name\":\"correction\"}],\"edNote\":\"for editors\"", "", CHANGE_NONE, 1},
        {"\"genres\":[{\"name\":\"none\"},{\"name\":\"Wrap\"}],\"descriptions\":[{\"role\":"
         "\"correction\","
         "\"value\":\"x\"}]",
         "", CHANGE_NONE, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct intent in;
        struct span json = arena_printf(
            arena, "{\"uri\":\"x\",\"headline\":\"H\",\"body_text\":\"B\",%s}", cases[i].members);
        if (read_ninjs(json.p, &in) != RC_OK) fail_msg("%s: %s", json.p, rc_why());
        assert_int_equal(in.change, cases[i].change);
        assert_span(in.change_note, cases[i].note);
        assert_int_equal(in.remark_count, cases[i].remarks);
    }
}

static void test_ninjs_audio(void **state) {
    (void)state;
#define SOUND(more) "{\"name\":\"n\",\"uri\":\"u\",\"type\":\"audio\"" more "}"
#define AT(href) ",\"renditions\":[{\"name\":\"m\",\"href\":\"" href "\"}]"
    static const char *const cases[][2] = {
        {SOUND(",\"headlines\":[{\"value\":\"A talk\"}]" AT("https://e.org/a")),
         "p[B] audio[]<https://e.org/a;A talk>"},
        {SOUND(",\"title\":\"T\"" AT("https://e.org/a")) "," SOUND(AT("https://e.org/a")),
         "p[B] audio[]<https://e.org/a;T>"},
        {SOUND(AT("a.mp3")) "," SOUND(""), "p[B] ! !"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct intent in;
        struct span json = arena_printf(
            arena, "{\"uri\":\"x\",\"headline\":\"H\",\"body_text\":\"B\",\"associations\":[%s]}",
            cases[i][0]);
        if (read_ninjs(json.p, &in) != RC_OK) fail_msg("%s: %s", json.p, rc_why());
        assert_string_equal(dump(&in), cases[i][1]);
        fuzz_check_draft(arena, &in.draft);
    }
}

/* A gallery in the text shows its pictures: they neither lead nor follow. */
static void test_ninjs_gallery(void **state) {
    (void)state;
    struct intent in;
#define PHOTO(name) "{\"name\":\"n\",\"uri\":\"u\",\"type\":\"picture\"" AT(name) "}"
    assert_int_equal(
        read_ninjs("{\"uri\":\"x\",\"headline\":\"H\",\"body_html\":\"<p>B<figure><img "
                   "src=a.jpg><img src=b.jpg></figure>\",\"associations\":[" PHOTO(
                       "a.jpg") "," PHOTO("b.jpg") "," PHOTO("c.jpg") "]}",
                   &in),
        RC_OK);
    assert_false(in.draft.lead_picture);
    assert_string_equal(dump(&in), "p[B] gallery[a.jpg;;|b.jpg;;] pic2[c.jpg;;;]");
}

/* %s stands in an item that would be taken without it. */
#define ITEM(members) \
    "{\"uri\":\"x\",\"type\":\"text\",\"headline\":\"H\",\"body_text\":\"B\"," members "}"
static const char *const ninjs_refusals[][2] = {
    {"", "line 1"},
    {"{", "line 1"},
    {"[]", "$: must be an object"},
    {"{}", "$.uri: is missing"},
    {"{\"uri\":\"x\",\"uri\":\"y\"}", "line 1"},
    {"{\"uri\":\" \"}", "$.uri: is missing"},
    {"{\"uri\":7}", "$.uri: must be a string"},
    {"{\"uri\":null}", "$.uri: must be a string"},
    {"{\"uri\":\"x\",\"type\":7}", "$.type: must be a string"},
    {"{\"uri\":\"x\",\"type\":\"txt\"}", "$.type: must be text, audio"},
    {"{\"uri\":\"x\",\"type\":\"planning\"}", "$.type: \"planning\" is no story"},
    {"{\"uri\":\"x\",\"plannedCoverage\":[]}", "$.plannedCoverage: an event is no story"},
    {"{\"uri\":\"x\",\"type\":\"text\"}", "$.headlines: there is no headline"},
    {"{\"uri\":\"x\",\"type\":\"text\",\"title\":\"T\"}", "$.bodies: there is no text"},
    {"{\"uri\":\"x\",\"title\":\"T\",\"bodies\":[{\"value\":\" \"}]}",
     "$.bodies: there is no text"},
    {"{\"uri\":\"x\",\"title\":\"T\",\"bodies\":[{\"contentType\":\"image/png\",\"value\":\"x\"}]}",
     "$.bodies: there is no text"},
    {"{\"uri\":\"x\",\"title\":\"T\",\"body_html\":\"<script>x</script>\"}",
     "$.body_html: there is no text in it"},
    {ITEM("\"pubStatus\":\"done\""), "$.pubStatus: must be usable, withheld or canceled"},
    {ITEM("\"pubStatus\":\"withheld\""), "$.pubStatus: a withheld item is not taken"},
    {ITEM("\"version\":\"1.2\""), "$.version: must be a whole number"},
    {ITEM("\"version\":\"\""), "$.version: must be a whole number"},
    {ITEM("\"version\":-1"), "$.version: must be a string"},
    {ITEM("\"version\":\"9223372036854775808\""), "$.version: must be a whole number"},
    {ITEM("\"versionCreated\":\"2026-11-24\""), "$.versionCreated: must be a date and time"},
    {ITEM("\"versionCreated\":\"\""), "$.versionCreated: must be a date and time"},
    {ITEM("\"firstCreated\":5"), "$.firstCreated: must be a string"},
    {ITEM("\"embargoedUntil\":\"2026-11-24T00:00:00\""), "$.embargoedUntil: must be a date"},
    {ITEM("\"embargoed\":\"soon\""), "$.embargoed: must be a date"},
    {ITEM("\"language\":\"e\""), "$.language: must be a BCP 47 tag"},
    {ITEM("\"language\":[]"), "$.language: must be a string"},
    {ITEM("\"headlines\":{}"), "$.headlines: must be an array"},
    {ITEM("\"headlines\":[\"x\"]"), "$.headlines[0]: must be an object"},
    {ITEM("\"headlines\":[{\"value\":\"a\"},{\"role\":\"main\"}]"),
     "$.headlines[1].value: is missing"},
    {ITEM("\"headlines\":[{\"value\":5}]"), "$.headlines[0].value: must be a string"},
    {ITEM("\"headlines\":[{\"value\":\"a\",\"role\":5}]"), "$.headlines[0].role: must be a string"},
    {ITEM("\"headline_short\":5"), "$.headline_short: must be a string"},
    {ITEM("\"bodies\":[{\"value\":\"a\",\"contentType\":5}]"),
     "$.bodies[0].contentType: must be a string"},
    {ITEM("\"descriptions\":5"), "$.descriptions: must be an array"},
    {ITEM("\"by\":5"), "$.by: must be a string"},
    {ITEM("\"located\":5"), "$.located: must be a string"},
    {ITEM("\"people\":{}"), "$.people: must be an array"},
    {ITEM("\"subjects\":[{\"name\":\"a\"},{\"name\":[]}]"), "$.subjects[1].name: must be a string"},
    {ITEM("\"copyrightNotice\":5"), "$.copyrightNotice: must be a string"},
    {ITEM("\"infoSources\":[5]"), "$.infoSources[0]: must be an object"},
    {ITEM("\"genres\":[{\"uri\":5}]"), "$.genres[0].uri: must be a string"},
    {ITEM("\"associations\":5"), "$.associations: must be an array"},
    {ITEM("\"associations\":[5]"), "$.associations[0]: must be an object"},
    {ITEM("\"associations\":[{\"name\":\"a\"}]"), "$.associations[0].uri: is missing"},
    {ITEM("\"associations\":[{\"uri\":\"a\"}]"), "$.associations[0].name: is missing"},
    {ITEM("\"associations\":{\"m\":5}"), "$.associations.m: must be an object"},
    {ITEM("\"associations\":[{\"name\":\"a\",\"uri\":\"x\",\"rel\":\"evolvedFrom\"}]"),
     "$.associations: the item is said to update or translate itself"},
    {ITEM("\"evolvedfrom\":5"), "$.evolvedfrom: must be a string"},
    {ITEM("\"subjects\":[{\"name\":\"Arabic\",\"rel\":\"edition\"}]"),
     "$.subjects[0].literal: must be an edition's key"},
    {ITEM("\"associations\":[{\"name\":\"a\",\"uri\":\"b\",\"type\":\"picture\",\"renditions\":[{"
          "\"href\":5}]}]"),
     "$.associations[0].renditions[0].href: must be a string"},
    {ITEM("\"associations\":[{\"name\":\"a\",\"uri\":\"b\",\"type\":\"picture\",\"renditions\":[{"
          "\"width\":\"5\"}]}]"),
     "$.associations[0].renditions[0].width: must be an integer"},
};

static void test_ninjs_refusals(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(ninjs_refusals); i++) {
        struct intent in;
        rc code = read_ninjs(ninjs_refusals[i][0], &in);
        if (code != RC_INVALID) fail_msg("%s: %s", ninjs_refusals[i][0], rc_name(code));
        if (!span_starts(span_str(rc_why()), span_str(ninjs_refusals[i][1])))
            fail_msg("%s: %s", ninjs_refusals[i][0], rc_why());
    }
}

static void check_ninjs_limit(struct span json, const char *why) {
    struct intent in;
    rc code = wire_read(arena, WIRE_NINJS, json, SPAN("en"), &in);
    if (!why) {
        if (code != RC_OK) fail_msg("%s", rc_why());
        fuzz_check_draft(arena, &in.draft);
        return;
    }
    assert_int_equal(code, RC_TOO_BIG);
    assert_string_equal(rc_why(), why);
}

static void test_ninjs_limits(void **state) {
    (void)state;
    const struct span
        open = SPAN("{\"uri\":\"x\",\"type\":\"text\",\"headline\":\"H\",\"body_text\":\"B\""),
        close = SPAN("}"), text = SPAN("\"}"), list = SPAN("]}"), none = {0};
    struct span with = join(open, SPAN(",\"by\":\""), none);
    check_ninjs_limit(join(with, times("a", 256), text), NULL);
    check_ninjs_limit(join(with, times("a", 257), text), "$.by: 257 bytes, at most 256 are taken");
    with = join(open, SPAN(",\"headlines\":[{\"value\":\""), none);
    check_ninjs_limit(join(with, times("a", 2048), SPAN("\"}]}")), NULL);
    check_ninjs_limit(join(with, times("a", 2049), SPAN("\"}]}")),
                      "$.headlines[0].value: 2049 bytes, at most 2048 are taken");
    with = join(open, SPAN(",\"headlines\":[{\"value\":\"a\"}"), none);
    check_ninjs_limit(join(with, times(",{\"value\":\"a\"}", 63), list), NULL);
    check_ninjs_limit(join(with, times(",{\"value\":\"a\"}", 64), list),
                      "$.headlines[64].value: more than 64 texts of a kind");
    with = join(open, SPAN(",\"subjects\":[{}"), none);
    check_ninjs_limit(join(with, times(",{}", 1023), list), NULL);
    check_ninjs_limit(join(with, times(",{}", 1024), list),
                      "$.subjects: 1025 elements, at most 1024 are taken");
    with = join(open, SPAN(",\"copyrightNotice\":\""), none);
    check_ninjs_limit(join(with, times("a", 1024), text), NULL);
    check_ninjs_limit(join(with, times("a", 1025), text),
                      "$.copyrightNotice: 1025 bytes, at most 1024 are taken");
    check_ninjs_limit(join(with, times("a", 1024), SPAN("\",\"usageTerms\":\"b\"}")),
                      "$.copyrightNotice: with the usage terms more than 1024 bytes");
    check_ninjs_limit(join(open, close, times(" ", WIRE_BYTES_MAX - open.n - 1)), NULL);
    check_ninjs_limit(join(open, close, times(" ", WIRE_BYTES_MAX - open.n)),
                      "the item has 1048577 bytes, at most 1048576 are taken");
}

/* More tags or remarks than there is room for do not cost the story. */
static void test_ninjs_cuts(void **state) {
    (void)state;
    struct buf json;
    struct intent in;
    buf_init(&json, WIRE_BYTES_MAX);
    buf_str(&json, "{\"uri\":\"x\",\"headline\":\"H\",\"body_text\":\"B\",\"subjects\":[");
    for (int i = 0; i < 70; i++) buf_printf(&json, "%s{\"name\":\"t %d\"}", i ? "," : "", i);
    buf_str(&json, "],\"associations\":[");
    for (int i = 0; i < 70; i++)
        buf_printf(&json, "%s{\"name\":\"a\",\"uri\":\"b\",\"type\":\"video\"}", i ? "," : "");
    buf_str(&json, "]}");
    assert_int_equal(wire_read(arena, WIRE_GUESS, buf_span(&json), SPAN("en"), &in), RC_OK);
    buf_done(&json);
    assert_int_equal(in.draft.tag_count, TAGS_MAX);
    assert_int_equal(in.remark_count, WIRE_REMARKS_MAX);
    assert_true(span_starts(in.remarks[0].text, SPAN("$.subjects[64]: ")));
    assert_span(in.remarks[WIRE_REMARKS_MAX - 1].text,
                "there is more to remark than the first 63 things");
}

/* ---- Markdown -------------------------------------------------------------------------------- */

static rc read_markdown(const char *text, struct intent *out) {
    return wire_read(arena, WIRE_MARKDOWN, span_str(text), SPAN("en"), out);
}

static const char *const markdown_cases[][2] = {
    {"# H\n\na *b* __c__ `d` **e *f***\nsoft", "p[a {I:b} {B:c} {C:d} {B:e }{BI:f} soft]"},
    {"# H\n\n## a\n### b\n#### c\n##### d\n# e", "h2[a] h3[b] h4[c] h4[d] h2[e]"},
    {"a\n\n# H", "p[a]"},
    {"H\n=\n\nb  \nc", "p[b c]"},
    {"# H\n- a\n- b\n  - c\n    1. d\n- e\n\n  f", "ul[a|b|c|d|e f]"},
    {"# H\n3. a\n4. b", "ol[a|b]"},
    {"# H\n> a\n> b\n>\n> c\n>\n> — Mara Vale, here", "q[a b|c](Mara Vale;here)"},
    {"# H\n> a\n>\n> -- Mara", "q[a](Mara;)"},
    {"# H\n> a\n> > b\n>\n> - c\n> - d", "q[a|b|c|d]"},
    {"# H\n> — a", "q[— a]"},
    {"# H\n[a](https://e.org/?a&amp;b \"t\") <https://e.org> <a@e.org>",
     "p[{@https://e.org/?a&b:a} {@https://e.org:https://e.org} {@mailto:a@e.org:a@e.org}]"},
    {"# H\n[a](javascript:x) [b](<jAva&#x9;script:x>) [c](rel) [d][r]\n\n[r]: data:x",
     "p[a b c d] ! ! ! !"},
    {"# H\n![*A*lt](a%20b.jpg \"Cap — tion — © X\")\n\n![](c.jpg)",
     "pic0[a b.jpg;Cap — tion;Alt;© X] pic1[c.jpg;;;]"},
    {"# H\n![a](a.jpg)\n![b](b.jpg \"B — © X\")", "gallery[a.jpg;;|b.jpg;B;© X]"},
    {"# H\n![a](a.jpg) ![b](b.jpg)\n![a](a.jpg)\n\nx", "gallery[a.jpg;;|b.jpg;;] p[x]"},
    {"# H\n![a](a.jpg) ![b](https://e.org/b.jpg)", "pic0[a.jpg;;a;] !"},
    {"# H\n![a](a.jpg) and ![b](b.jpg)", "p[and] ! !"},
    {"# H\n![The talk](https://e.org/t.MP3?x=1)\n\n![](http://e.org/u.ogg \"U\")\n\nx",
     "audio[]<https://e.org/t.MP3?x=1;The talk> audio[]<http://e.org/u.ogg;U> p[x]"},
    {"# H\nx\n\n![The talk](talk.mp3)", "p[x] !"},
    {"# H\n- ![The talk](https://e.org/t.mp3)\n- b", "ul[b] !"},
    {"# H\n![a](a.jpg) ![t](https://e.org/t.mp3)",
     "pic0[a.jpg;;a;] audio[]<https://e.org/t.mp3;t>"},
    {"# H\n> > a\n> >\n> > b", "pq[a|b]"},
    {"# H\n> > a\n> >\n> > — Mara Vale, here", "pq[a](Mara Vale;here)"},
    {"# H\n> > a\n>\n> — Mara Vale", "pq[a](Mara Vale;)"},
    {"# H\n> > a\n>\n> b", "q[a|b]"},
    {"# H\n> > a\n>\n> b\n>\n> — Mara", "q[a|b](Mara;)"},
    {"# H\n> > > a", "pq[a]"},
    {"# H\n> > a\n>\n> > b", "pq[a|b]"},
    {"# H\n> > a\n>\n> b\n>\n> > c", "q[a|b|c]"},
    {"# H\n> > a\n>\n> b\n>\n> > c\n\nx\n\n> > d", "q[a|b|c] p[x] pq[d]"},
    {"# H\n> - a\n>\n> > b", "q[a|b]"},
    {"# H\n> > a\n\n> b\n> > c", "pq[a] q[b|c]"},
    {"# H\n> >\n> b", "q[b]"},
    {"# H\n- > > a", "ul[a]"},
    {"# H\nx ![a](a.jpg) y", "p[x y] !"},
    {"# H\nx\n\n![a](https://e.org/a.jpg)\n\n![a](../a)", "p[x] ! !"},
    {"# H\n- ![a](a.jpg)\n- b", "ul[b] !"},
    {"# H\n## x ![a](a.jpg)", "h2[x] !"},
    {"# H\n| a | **b** |\n|---|--:|\n| 1 | 2 |\n| 3 |", "t2h[a|{B:b}|1|2|3|]"},
    {"# H\n| a |\n|---|", "t1[a]"},
    {"# H\n```\na *b*\n  c\n```\n\n    d", "pre[a *b*\n  c] pre[d]"},
    {"# H\na\n\n---\n\nb", "p[a] hr[] p[b]"},
    {"# H\n<b>a</b> <script>x</script>\n\n<div>\nb\n</div>",
     "p[<b>a</b> <script>x</script>] p[<div> b </div>]"},
    {"# H\n&mdash; &amp; &#65;&#x42; &bogus; &#0; \\*", "p[— & AB &bogus; \ufffd *]"},
    {"# H\na\u202eb", "p[ab]"},
    {"\xef\xbb\xbf# H\r\n\r\na\r\nb", "p[a b]"},
};

static void test_markdown(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(markdown_cases); i++) {
        struct intent in;
        if (read_markdown(markdown_cases[i][0], &in) != RC_OK)
            fail_msg("%s: %s", markdown_cases[i][0], rc_why());
        assert_span(in.draft.headline, "H");
        if (strcmp(dump(&in), markdown_cases[i][1]) != 0)
            fail_msg("\n%s\ngives    %s\nexpected %s", markdown_cases[i][0], dump(&in),
                     markdown_cases[i][1]);
        fuzz_check_draft(arena, &in.draft);
    }
}

static void test_front(void **state) {
    (void)state;
    struct intent in;
    assert_int_equal(
        read_markdown("---\n"
                      "# a comment\n"
                      "headline: Harbour: \"open\" # again\n"
                      "short: \"a \\\"b\\\" \\\\\"\n"
                      "social: 'it''s'\n"
                      "feed:   F\n"
                      "standfirst: It is open.\n"
                      "language: ar-EG\n"
                      "kind: analysis\n"
                      "section: World\n"
                      "byline:\n"
                      "  - Mara Vale, Harbour correspondent\n"
                      "- \"J. Doe\"\n"
                      "dateline: PORT AVERIL (COURIER)\n"
                      "tags: [person: Mara Vale, place: Port Averil, ferries, \"a, b\", ferries]\n"
                      "uri: tag:e.org,2026:1\n"
                      "updates: tag:e.org,2026:0\n"
                      "translation-of: /2026/11/24/harbour\n"
                      "edition: north-coast\n"
                      "version: 7\n"
                      "events:\n"
                      "  - 2026-11-24T09:39:00+03:00 The ferry leaves\n"
                      "  - \"2026-11-24T06:00:00Z The mole: \\\"open\\\"\"\n"
                      "embargo: 2026-11-25T00:00:00Z\n"
                      "date: 2026-11-24T09:39:00+03:00\n"
                      "slug: harbour-open\n"
                      "picture: photos/pier.jpg\n"
                      "picture-caption: The pier\n"
                      "picture-credit: © COURIER\n"
                      "picture-alt: A pier\n"
                      "picture-creator: M. Vale\n"
                      "picture-copyright: The Courier\n"
                      "picture-terms: One year\n"
                      "picture-channels: [web, feed]\n"
                      "picture-expires: 2027-01-31T18:00:00+03:00\n"
                      "picture-redistribution: no\n"
                      "related: [/2026/11/23/a, abc2345]\n"
                      "change: correction\n"
                      "note: The name was wrong.\n"
                      "credit: © COURIER 2026\n"
                      "---\n"
                      "# Not the headline\n\nText\n",
                      &in),
        RC_OK);
    const struct revision *d = &in.draft;
    assert_span(d->headline, "Harbour: \"open\" # again");
    assert_span(d->headline_short, "a \"b\" \\");
    assert_span(d->headline_social, "it's");
    assert_span(d->headline_feed, "F");
    assert_span(d->standfirst, "It is open.");
    assert_span(d->language, "ar-EG");
    assert_int_equal(d->work, WORK_ANALYSIS);
    assert_span(d->section, "World");
    assert_int_equal(d->byline_count, 2);
    assert_span(d->bylines[0].name, "Mara Vale");
    assert_span(d->bylines[0].role, "Harbour correspondent");
    assert_span(d->bylines[1].name, "J. Doe");
    assert_int_equal(d->bylines[1].role.n, 0);
    assert_span(d->dateline.place, "PORT AVERIL");
    assert_span(d->dateline.source, "COURIER");
    assert_int_equal(d->tag_count, 4);
    assert_int_equal(d->tags[0].kind, TAG_PERSON);
    assert_int_equal(d->tags[1].kind, TAG_PLACE);
    assert_int_equal(d->tags[2].kind, TAG_TOPIC);
    assert_span(d->tags[1].name, "Port Averil");
    assert_span(d->tags[3].name, "a, b");
    assert_span(in.uri, "tag:e.org,2026:1");
    assert_span(in.updates, "tag:e.org,2026:0");
    assert_span(in.translation_of, "/2026/11/24/harbour");
    assert_span(d->edition, "north-coast");
    assert_true(in.has_version && in.version == 7);
    assert_int_equal(in.embargoed_until, 1795564800000);
    assert_int_equal(in.published_claim, 1795502340000);
    assert_span(d->slug, "harbour-open");
    assert_true(d->lead_picture);
    assert_span(in.pictures[0].href, "photos/pier.jpg");
    assert_span(d->pictures[0].caption, "The pier");
    assert_span(d->pictures[0].credit, "© COURIER");
    assert_span(d->pictures[0].alt, "A pier");
    assert_span(d->pictures[0].creator, "M. Vale");
    assert_span(d->pictures[0].copyright, "The Courier");
    assert_span(d->pictures[0].usage_terms, "One year");
    assert_int_equal(d->pictures[0].rights.channels, 1u << CHANNEL_WEB | 1u << CHANNEL_FEED);
    assert_int_equal(d->pictures[0].rights.expires, 1801407600000);
    assert_true(d->pictures[0].rights.no_redistribution);
    assert_int_equal(in.related_count, 2);
    assert_span(in.related[0], "/2026/11/23/a");
    assert_span(in.related[1], "abc2345");
    assert_false(in.related_by_sender);
    assert_int_equal(in.change, CHANGE_CORRECTION);
    assert_span(in.change_note, "The name was wrong.");
    assert_span(d->credit_line, "© COURIER 2026");
    assert_string_equal(dump(&in),
                        "events[1795500000 The mole: \"open\"|1795502340 The ferry leaves] h2[Not "
                        "the headline] p[Text]");
    assert_int_equal(read_markdown("---\nuri: x\nstatus: canceled\nreason: Wrong\n---\n", &in),
                     RC_OK);
    assert_true(in.canceled);
    assert_span(in.reason, "Wrong");
    assert_int_equal(read_markdown("---\nuri: x\nstatus: canceled\nauthority: A court, Averil\n"
                                   "demanded: 2026-11-20\n---\n",
                                   &in),
                     RC_OK);
    assert_span(in.authority, "A court, Averil");
    assert_span(in.demanded, "2026-11-20");
    assert_int_equal(
        read_markdown("---\nheadline: H\nlanguage: en\npicture: http://e.org/x\n---\na", &in),
        RC_OK);
    assert_false(in.draft.lead_picture);
    assert_true(span_starts(in.remarks[0].text, SPAN("line 4: the picture http://e.org/x")));
}

/* Of every picture, wherever it is shown; a day's end is for whoever knows where it is. */
static void test_rights(void **state) {
    (void)state;
    struct intent in;
    assert_int_equal(
        read_markdown("---\nheadline: H\nlanguage: en\npicture: a.jpg\n"
                      "picture-channels: [web, api feed]\npicture-expires: 2027-01-31\nrights:\n"
                      "  - b.jpg; expires 2028-02-29T00:00:00Z; channels print; redistribution no\n"
                      "  - c%20d.jpg; creator A, B; terms Once; expires 2027-02-28;\n"
                      "---\nText\n\n![](b.jpg)\n\n![](<c d.jpg>)\n",
                      &in),
        RC_OK);
    const struct picture *p = in.draft.pictures;
    assert_int_equal(in.picture_count, 3);
    assert_int_equal(p[0].rights.channels,
                     1u << CHANNEL_WEB | 1u << CHANNEL_FEED | 1u << CHANNEL_API);
    assert_int_equal(p[0].rights.expires, 0);
    assert_span(in.pictures[0].expires_day, "2027-01-31");
    assert_int_equal(p[1].rights.channels, 1u << CHANNEL_PRINT);
    assert_int_equal(p[1].rights.expires, 1835395200000);
    assert_true(p[1].rights.no_redistribution);
    assert_int_equal(in.pictures[1].expires_day.n, 0);
    assert_span(p[2].creator, "A, B");
    assert_span(p[2].usage_terms, "Once");
    assert_span(in.pictures[2].expires_day, "2027-02-28");
}

#define PIC "---\nheadline: H\nlanguage: en\npicture: a.jpg\n"
static const struct {
    const char *text, *why;
} rights_errors[] = {
    {PIC "picture-channels: fax\n---\na", "line 5: picture-channels: there is no channel \"fax\""},
    {PIC "picture-expires: soon\n---\na", "line 5: picture-expires: must be a day"},
    {PIC "picture-expires: 2027-02-29\n---\na", "line 5: picture-expires: must be a day"},
    {PIC "picture-expires: 2027-02-28T10:00\n---\na", "line 5: picture-expires: must be a day"},
    {PIC "picture-redistribution: never\n---\na", "line 5: picture-redistribution: must be yes"},
    {PIC "rights: [b.jpg; expires 2027-02-28]\n---\na",
     "line 5: rights: the item shows no picture"},
    {PIC "rights: [a.jpg]\n---\na", "line 5: rights: \"file; key value"},
    {PIC "rights: [a.jpg; colour red]\n---\na", "line 5: rights: colour: is unknown"},
    {PIC "rights: [a.jpg; expires]\n---\na", "line 5: rights: expires: must be a day"},
    {"---\nheadline: H\nlanguage: en\npicture-expires: 2027-02-28\n---\na",
     "line 4: picture-expires is given, but there is no picture"},
    {"---\nheadline: H\nlanguage: en\nrelated: [a, b, c, d, e, f, g, h, i]\n---\na",
     "line 4: related: 9 stories, at most 8 are taken"},
};

static void test_rights_errors(void **state) {
    (void)state;
    struct intent in;
    for (size_t i = 0; i < COUNT_OF(rights_errors); i++) {
        assert_true(read_markdown(rights_errors[i].text, &in) != RC_OK);
        if (strncmp(rc_why(), rights_errors[i].why, strlen(rights_errors[i].why)) != 0)
            fail_msg("%s\nsays %s\nnot  %s", rights_errors[i].text, rc_why(), rights_errors[i].why);
    }
}

static const char *const markdown_refusals[][2] = {
    {"", "line 1: there is no headline"},
    {"a", "line 1: there is no headline"},
    {"# H", "line 1: the story has no text"},
    {"---\nheadline: H\n---\n", "line 4: the story has no text"},
    {"---\nheadline: H\n", "line 1: the front matter that begins here has no end"},
    {"---\nheadline: H\nheadlin: H\n---\na",
     "line 3: there is no key \"headlin\"; known are: headline"},
    {"---\nheadline: H\nheadline: H\n---\na", "line 3: headline stands in line 2 already"},
    {"---\nheadline\n---\na", "line 2: expected \"key: value\""},
    {"---\nheadline:H\n---\na", "line 2: expected \"key: value\""},
    {"---\n headline: H\n---\na", "line 2: a key stands at the start of its line"},
    {"---\nheadline:\n---\na", "line 4: there is no headline"},
    {"---\nheadline: \"\"\n---\na", "line 2: headline: the value is empty"},
    {"---\nheadline:\n  - H\n---\na", "line 3: headline takes one value"},
    {"---\nheadline: [H]\n---\na", "line 2: headline takes one value"},
    {"---\n- H\n---\na", "line 2: \"- …\" without a key"},
    {"---\nheadline: |\n  H\n---\na", "line 2: a value that begins with |"},
    {"---\nheadline: {a: b}\n---\na", "line 2: a value that begins with {"},
    {"---\nheadline: \"H\n---\na", "line 2: the quote \" is not closed"},
    {"---\nheadline: \"H\" x\n---\na", "line 2: something stands behind the closing quote"},
    {"---\nheadline: \"\\n\"\n---\na", "line 2: only \\\" and \\\\ are read"},
    {"---\ntags: [a, b\n---\na", "line 2: the list is not closed"},
    {"---\ntags: [\"a\" b]\n---\na", "line 2: a comma is missing"},
    {"---\ntags: [a,,b]\n---\na", "line 2: tags: the value is empty"},
    {"---\ntags: [\"person: \"]\n---\na", "line 2: a tag without a name"},
    {"---\nbyline: \", x\"\n---\na", "line 2: a byline without a name"},
    {"---\nkind: essay\n---\na", "line 2: kind must be news"},
    {"---\nlanguage: english language\n---\na", "line 2: language must be a BCP 47 tag"},
    {"---\nembargo: tomorrow\n---\na", "line 2: embargo must be a date and time"},
    {"---\ndate: 2026-11-24\n---\na", "line 2: date must be a date and time"},
    {"---\nslug: Harbour Open\n---\na", "line 2: slug must be lower-case words"},
    {"---\nversion: 1\n---\na", "line 2: version is given, but there is no uri"},
    {"---\nuri: x\nversion: 1.0\n---\na", "line 3: version must be a whole number"},
    {"---\nuri: x\nupdates: x\n---\na", "line 3: updates names the item itself"},
    {"---\ntranslation-of: x\nuri: x\n---\na", "line 2: translation-of names the item itself"},
    {"---\nedition: EN\n---\na", "line 2: edition must be a key"},
    {"---\nevents:\n- 2026-11-24T09:39:00 x\n---\na", "line 3: events: each must be"},
    {"---\nevents:\n- 2026-11-24T09:39:00Z\n---\na", "line 3: events: each must be"},
    {"---\nevents: [1969-11-24T09:39:00Z x]\n---\na", "line 2: events: each must be"},
    {"---\nchange: none\n---\na", "line 2: change must be minor"},
    {"---\nnote: x\n---\na", "line 2: note is given, but no change"},
    {"---\nstatus: draft\n---\na", "line 2: status can only be canceled"},
    {"---\nreason: x\n---\na", "line 2: reason is given, but not status"},
    {"---\nauthority: x\n---\na", "line 2: authority is given, but not status"},
    {"---\nstatus: canceled\ndemanded: 2026-11-20\n---\na", "line 3: demanded is given, but no"},
    {"---\nstatus: canceled\nauthority: x\ndemanded: Monday\n---\na", "line 4: demanded must be"},
    {"---\npicture-alt: x\n---\na", "line 2: picture-alt is given, but there is no picture"},
    {"# H\n\na\n\xff", "line 4: not well-formed UTF-8"},
};

static void test_markdown_refusals(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(markdown_refusals); i++) {
        struct intent in;
        rc code = read_markdown(markdown_refusals[i][0], &in);
        if (code != RC_INVALID) fail_msg("%s: %s", markdown_refusals[i][0], rc_name(code));
        if (!span_starts(span_str(rc_why()), span_str(markdown_refusals[i][1])))
            fail_msg("%s: %s", markdown_refusals[i][0], rc_why());
    }
    struct intent in;
    assert_int_equal(wire_read(arena, WIRE_GUESS, span_of("# H\na\0", 6), SPAN("en"), &in),
                     RC_INVALID);
    assert_string_equal(rc_why(), "line 2: a NUL byte, this is no text");
    assert_int_equal(wire_read(arena, WIRE_GUESS, SPAN("# H\na"), SPAN(""), &in), RC_INVALID);
    assert_string_equal(rc_why(), "line 1: language: is missing");
}

static void check_markdown_limit(struct span text, const char *why) {
    struct intent in;
    rc code = wire_read(arena, WIRE_MARKDOWN, text, SPAN("en"), &in);
    if (!why) {
        if (code != RC_OK) fail_msg("%s", rc_why());
        fuzz_check_draft(arena, &in.draft);
        return;
    }
    assert_int_equal(code, RC_TOO_BIG);
    assert_string_equal(rc_why(), why);
}

/* "- a", "  - a", "    - a" … */
static struct span deep_list(unsigned depth) {
    struct buf text;
    buf_init(&text, WIRE_BYTES_MAX);
    buf_str(&text, "# H\n\n");
    for (unsigned i = 0; i < depth; i++) buf_printf(&text, "%*s- a\n", (int)(2 * i), "");
    struct span copy = arena_copy(arena, buf_span(&text));
    buf_done(&text);
    return copy;
}

static void test_markdown_limits(void **state) {
    (void)state;
    check_markdown_limit(deep_list(64), NULL);
    check_markdown_limit(deep_list(65), "line 66: quotes and lists nest deeper than 64");
    const struct span head = SPAN("# H\n\n"), fence = SPAN("---\nheadline: H\n"),
                      body = SPAN("---\nx"), none = {0};
    check_markdown_limit(join(head, times(">", 64), SPAN("a")), NULL);
    check_markdown_limit(join(head, times(">", 65), SPAN("a")),
                         "line 1: quotes and lists nest deeper than 64");
    check_markdown_limit(join(head, times("![a](b)", 64), none), NULL);
    check_markdown_limit(join(head, times("![a](b)", 65), none),
                         "line 3: more than 64 pictures in one paragraph");
    check_markdown_limit(join(head, times("a\n\n", 3500), none), NULL);
    check_markdown_limit(join(head, times("a\n\n", 3501), none),
                         "line 7003: more than 3500 blocks");
    check_markdown_limit(join(fence, times("#\n", 255), body), NULL);
    check_markdown_limit(join(fence, times("#\n", 256), body),
                         "line 258: front matter of more than 256 lines");
    struct span line = join(SPAN("#"), times("a", 8191), SPAN("\n"));
    check_markdown_limit(join(fence, line, body), NULL);
    line = join(SPAN("#"), times("a", 8192), SPAN("\n"));
    check_markdown_limit(join(fence, line, body), "line 3: longer than 8192 bytes");
    line = join(SPAN("section: "), times("a", 256), SPAN("\n"));
    check_markdown_limit(join(fence, line, body), NULL);
    line = join(SPAN("section: "), times("a", 257), SPAN("\n"));
    check_markdown_limit(join(fence, line, body),
                         "line 3: section: 257 bytes, at most 256 are taken");
    line = join(SPAN("dateline: "), times("a", 256), SPAN(" (b)\n"));
    check_markdown_limit(join(fence, line, body), NULL);
    line = join(SPAN("dateline: "), times("a", 257), SPAN(" (b)\n"));
    check_markdown_limit(join(fence, line, body),
                         "line 3: dateline: a place or source of more than 256 bytes");
    check_markdown_limit(join(SPAN("# "), times("a", 2048), SPAN("\n\nb")), NULL);
    check_markdown_limit(join(SPAN("# "), times("a", 2049), SPAN("\n\nb")),
                         "line 1: a headline of more than 2048 bytes");
    check_markdown_limit(join(SPAN("# H\n\n!["), times("a", 8192), SPAN("](b)")), NULL);
    check_markdown_limit(join(SPAN("# H\n\n!["), times("a", 8193), SPAN("](b)")),
                         "line 3: an alt text of more than 8192 bytes");
    line = join(SPAN("![](b \"c — "), times("a", 1024), SPAN("\")"));
    check_markdown_limit(join(head, line, none), NULL);
    line = join(SPAN("![](b \"c — "), times("a", 1025), SPAN("\")"));
    check_markdown_limit(join(head, line, none),
                         "line 1: the credit of a picture has 1025 bytes, at most 1024 are taken");
    line = join(SPAN("tags: [a"), times(",a", 63), SPAN("]\n"));
    check_markdown_limit(join(fence, line, body), NULL);
    line = join(SPAN("tags: [a"), times(",a", 64), SPAN("]\n"));
    check_markdown_limit(join(fence, line, body), "line 3: more than 64 tags");
    line = join(SPAN("tags: [a"), times(",a", 256), SPAN("]\n"));
    check_markdown_limit(join(fence, line, body), "line 3: tags: more than 256 values");
    line = join(SPAN("byline: [a"), times(",a", 32), SPAN("]\n"));
    check_markdown_limit(join(fence, line, body), "line 3: more than 32 bylines");
}

static void test_markdown_hostile(void **state) {
    (void)state;
    static const char *const pieces[] = {
        "[",        "![",      "[](",        "<",     "`",         "*a ", "_*",    "> ",
        "- a\n",    "|",       "|a|\n|-|\n", "&a;",   "[a]: /b\n", "\\",  "a\n\n", "**a _b ",
        "<a href=", "[a](b) ", "~~~\n",      "# x\n", "e\xcc\x81", "((("};
    for (size_t i = 0; i < COUNT_OF(pieces); i++) {
        struct intent in;
        struct span text = times(pieces[i], (WIRE_BYTES_MAX - 5) / strlen(pieces[i]));
        rc code = wire_read(arena, WIRE_MARKDOWN, join(SPAN("# H\n\n"), text, (struct span){0}),
                            SPAN("en"), &in);
        assert_true(code == RC_OK || code == RC_TOO_BIG || code == RC_INVALID);
        arena_reset(arena);
    }
}

/* An arena that is too small is a limit like another. */
static void test_memory(void **state) {
    (void)state;
    const struct span text =
        SPAN("# H\n\na *b* [c](/d)\n\n- e\n\n| f |\n|---|\n\n> g\n\n![h](i.jpg)");
    struct intent in;
    bool done = false;
    for (size_t bytes = 0; bytes < 1u << 20 && !done; bytes += 64) {
        struct arena *small = arena_new(bytes);
        rc code = wire_read(small, WIRE_MARKDOWN, text, SPAN("en"), &in);
        if (code != RC_OK && code != RC_TOO_BIG) fail_msg("%zu: %s", bytes, rc_why());
        done = code == RC_OK;
        arena_free(small);
    }
    assert_true(done);
}

static void test_guess(void **state) {
    (void)state;
    struct intent in;
    assert_int_equal(wire_read(arena, WIRE_GUESS,
                               SPAN(" \n{\"uri\":\"u\",\"title\":\"T\",\"body_text\":"
                                    "\"b\"}"),
                               SPAN("en"), &in),
                     RC_OK);
    assert_span(in.uri, "u");
    assert_int_equal(wire_read(arena, WIRE_GUESS, SPAN("# T\n\n{b}"), SPAN("en"), &in), RC_OK);
    assert_span(in.draft.headline, "T");
}

static void page_refused(const char *text, rc code, const char *why) {
    struct intent in = {.version = 77};
    rc_why_clear();
    if (wire_read(arena, WIRE_PAGE, span_str(text), SPAN("en"), &in) != code)
        fail_msg("taken otherwise: %s: %s", text, rc_why());
    if (strncmp(rc_why(), why, strlen(why)) != 0)
        fail_msg("wanted \"%s…\", got \"%s\"", why, rc_why());
    assert_int_equal(in.version, 77);
}

static void test_page(void **state) {
    (void)state;
    struct intent in;
    struct buf out;
    buf_init(&out, 1u << 16);
    assert_int_equal(
        wire_read(arena, WIRE_PAGE,
                  SPAN("---\ntitle: About \"us\"\nshort: About\nslug: about\n"
                       "standfirst: Who we are\nlanguage: en-GB\nedition: en\n"
                       "order: 7\nnote: Says *who* owns us\ntranslation-of: /ar/about\n"
                       "---\nWe **print**.\n\n## Since\n\n- 1874\n"),
                  SPAN("ar"), &in),
        RC_OK);
    assert_true(story_is_standing(&in.draft));
    assert_int_equal(in.draft.standing.order, 7);
    assert_span(in.draft.standing.note, "Says *who* owns us");
    assert_span(in.draft.headline, "About \"us\"");
    assert_span(in.draft.headline_short, "About");
    assert_span(in.draft.standfirst, "Who we are");
    assert_span(in.draft.slug, "about");
    assert_span(in.draft.edition, "en");
    assert_span(in.draft.language, "en-GB");
    assert_span(in.translation_of, "/ar/about");
    for (size_t i = 0; i < in.draft.block_count; i++) dump_block(&out, &in, &in.draft.blocks[i]);
    assert_span(buf_span(&out), "p[We {B:print}.]h2[Since]ul[1874]");
    buf_done(&out);
    /* what is not said */
    assert_int_equal(wire_read(arena, WIRE_PAGE, SPAN("# How we work\n\nWell.\n"), SPAN("en"), &in),
                     RC_OK);
    assert_span(in.draft.headline, "How we work");
    assert_span(in.draft.slug, "how-we-work");
    assert_span(in.draft.language, "en");
    assert_int_equal(in.draft.standing.order, WIRE_PAGE_ORDER);
    assert_int_equal(in.draft.standing.note.n, 0);
    /* nothing is taken for ninjs */
    assert_int_equal(wire_read(arena, WIRE_PAGE, SPAN("# T\n\n{}"), SPAN("en"), &in), RC_OK);

    page_refused("---\ntitle: T\n---\n", RC_INVALID, "line 4: the page has no text");
    page_refused("---\nslug: t\n---\ntext\n", RC_INVALID,
                 "line 4: there is no title: give \"title:\"");
    page_refused("---\nheadline: T\n---\ntext\n", RC_INVALID,
                 "line 2: there is no key \"headline\"");
    page_refused("---\ntitle: T\ntags: a\n---\ntext\n", RC_INVALID, "line 3: there is no key");
    page_refused("---\ntitle: T\nslug: A b\n---\ntext\n", RC_INVALID, "line 3: slug must be");
    page_refused("---\ntitle: T\norder: 0\n---\ntext\n", RC_INVALID, "line 3: order must be");
    page_refused("---\ntitle: T\norder: 1000\n---\ntext\n", RC_INVALID, "line 3: order must be");
    page_refused("---\ntitle: T\norder: first\n---\ntext\n", RC_INVALID, "line 3: order must be");
    page_refused("---\ntitle: T\nedition: EN\n---\ntext\n", RC_INVALID, "line 3: edition must be");
    page_refused("---\ntitle: T\nlanguage: x\n---\ntext\n", RC_INVALID, "line 3: language must be");
    page_refused("---\ntitle: T\n---\ntext\n\n![A pier](photos/pier.jpg)\n", RC_INVALID,
                 "line 4: the text shows the picture \"photos/pier.jpg\"");
    assert_int_equal(wire_read(arena, WIRE_PAGE,
                               join(SPAN("---\ntitle: T\nnote: "),
                                    times("a", STANDING_NOTE_BYTES_MAX + 1), SPAN("\n---\ntext\n")),
                               SPAN("en"), &in),
                     RC_TOO_BIG);
    assert_int_equal(wire_read(arena, WIRE_PAGE,
                               join(SPAN("---\ntitle: T\nnote: "),
                                    times("a", STANDING_NOTE_BYTES_MAX), SPAN("\n---\ntext\n")),
                               SPAN("en"), &in),
                     RC_OK);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(html),
        TEST(html_xml),
        TEST(html_bytes),
        TEST(html_limits),
        TEST(html_hostile),
        TEST(href),
        TEST(file),
        TEST(time),
        TEST(dateline),
        TEST(vectors),
        TEST(vector_remarks),
        TEST(ninjs_members),
        TEST(ninjs_rights),
        TEST(ninjs_related),
        TEST(ninjs_older),
        TEST(ninjs_canceled),
        TEST(ninjs_plain),
        TEST(ninjs_relations),
        TEST(ninjs_changes),
        TEST(ninjs_audio),
        TEST(ninjs_gallery),
        TEST(ninjs_refusals),
        TEST(ninjs_limits),
        TEST(ninjs_cuts),
        TEST(markdown),
        TEST(front),
        TEST(rights),
        TEST(rights_errors),
        TEST(markdown_refusals),
        TEST(markdown_limits),
        TEST(markdown_hostile),
        TEST(memory),
        TEST(guess),
        TEST(page),
        TEST(attribution_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
