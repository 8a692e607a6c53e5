/*
 * html: untrusted HTML → blocks, in three steps that each have little to do.
 *
 *   1. filter: a tokenizer (HTML Living Standard §13.2.5) writes the input again with only the
 *      tags that mean something to us, under one name each, with only the attributes that are
 *      read, all quoted alike; comments, scripts and foreign markup are gone. It counts start
 *      tags and nesting on the way.
 *   2. gumbo builds the tree of *that* text: what is missing or wrongly nested is repaired as
 * browsers do it, entities are decoded. So its two weaknesses (quadratic in depth and in
 * attributes, copying open formatting elements into every paragraph) meet only what step 1 counted.
 *   3. a walk of the tree, without recursion, feeds a weave (blocks.h).
 */
#include <gumbo.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "story/limits.h"
#include "wire/blocks.h"

/* ---- 1. the filter -------------------------------------------------------------------------- */

enum what {
    INLINE, /* the tag goes, its text stays: everything that is not in the table */
    TAG,    /* kept as `as` */
    LOOSE,  /* the same; HTML closes it by itself, so that it does not nest: not counted */
    EMPTY,  /* the same; has no end */
    DROP,   /* goes with everything in it */
    RAW,    /* the same; its content is no markup at all (§13.2.5.2–4) */
    QUOTED, /* q: becomes quotation marks */
};

static const struct tag_rule {
    const char *name, *as;
    enum what what;
} rules[] = {
    {"p", "p", LOOSE},
    {"h1", "h1", TAG},
    {"h2", "h2", TAG},
    {"h3", "h3", TAG},
    {"h4", "h4", TAG},
    {"h5", "h5", TAG},
    {"h6", "h6", TAG},
    {"hl1", "h2", TAG},
    {"hl2", "h3", TAG},
    {"ul", "ul", TAG},
    {"menu", "ul", TAG},
    {"ol", "ol", TAG},
    {"li", "li", LOOSE},
    {"blockquote", "blockquote", TAG},
    {"bq", "blockquote", TAG},
    {"cite", "cite", TAG},
    {"footer", "footer", TAG},
    {"credit", "cite", TAG},
    {"figure", "figure", TAG},
    {"figcaption", "figcaption", TAG},
    {"table", "table", TAG},
    {"caption", "caption", TAG},
    {"thead", "thead", LOOSE},
    {"tbody", "tbody", LOOSE},
    {"tfoot", "tfoot", LOOSE},
    {"tr", "tr", LOOSE},
    {"td", "td", LOOSE},
    {"th", "th", LOOSE},
    {"pre", "pre", TAG},
    {"listing", "pre", TAG},
    {"hr", "hr", EMPTY},
    {"br", "br", EMPTY},
    {"img", "img", EMPTY},
    {"image", "img", EMPTY},
    {"a", "a", TAG},
    {"strong", "strong", TAG},
    {"b", "strong", TAG},
    {"em", "em", TAG},
    {"i", "em", TAG},
    {"code", "code", TAG},
    {"kbd", "code", TAG},
    {"samp", "code", TAG},
    {"tt", "code", TAG},
    {"time", "time", TAG},
    {"sub", "sub", TAG},
    {"sup", "sup", TAG},
    {"q", "q", QUOTED},
    {"address", "div", TAG},
    {"article", "div", TAG},
    {"aside", "div", TAG},
    {"block", "div", TAG},
    {"body.content", "div", TAG},
    {"center", "div", TAG},
    {"dd", "div", TAG},
    {"details", "div", TAG},
    {"dialog", "div", TAG},
    {"dir", "ul", TAG},
    {"div", "div", TAG},
    {"dl", "div", TAG},
    {"dt", "div", TAG},
    {"fieldset", "div", TAG},
    {"form", "div", TAG},
    {"header", "div", TAG},
    {"hedline", "div", TAG},
    {"hgroup", "div", TAG},
    {"main", "div", TAG},
    {"nav", "div", TAG},
    {"note", "div", TAG},
    {"section", "div", TAG},
    {"summary", "div", TAG},
    /* What plays by itself becomes a card, or goes. */
    {"iframe", "iframe", RAW},
    {"audio", "audio", RAW},
    {"noembed", NULL, RAW},
    {"noframes", NULL, RAW},
    {"script", NULL, RAW},
    {"style", NULL, RAW},
    {"textarea", NULL, RAW},
    {"title", NULL, RAW},
    {"xmp", NULL, RAW},
    {"applet", NULL, DROP},
    {"body.end", NULL, DROP},
    {"body.head", NULL, DROP},
    {"button", NULL, DROP},
    {"canvas", NULL, DROP},
    {"datalist", NULL, DROP},
    {"del", NULL, DROP},
    {"head", NULL, DROP},
    {"map", NULL, DROP},
    {"math", NULL, DROP},
    {"media", NULL, DROP},
    {"noscript", NULL, DROP},
    {"object", NULL, DROP},
    {"rp", NULL, DROP},
    {"rt", NULL, DROP},
    {"s", NULL, DROP},
    {"select", NULL, DROP},
    {"strike", NULL, DROP},
    {"svg", NULL, DROP},
    {"template", NULL, DROP},
    {"video", NULL, DROP},
};

static const char *const attributes_kept[] = {"href",    "src",     "alt",  "title",    "class",
                                              "colspan", "rowspan", "cite", "datetime", "reversed"};
#define ATTRIBUTES COUNT_OF(attributes_kept)

static const struct tag_rule *rule_of(struct span name) {
    for (size_t i = 0; i < COUNT_OF(rules); i++)
        if (span_eq_nocase(name, span_str(rules[i].name))) return &rules[i];
    return NULL;
}

struct filter {
    struct span html;
    size_t at;
    bool xml;
    struct buf *out;
    unsigned tags, depth;
    unsigned open[COUNT_OF(rules)]; /* by rule; aliases are joined at the first of their name */
    const struct tag_rule *dropping;
    unsigned drop_depth;
};

/* The rule that counts for all aliases of the same output name. */
static size_t slot_of(const struct tag_rule *rule) {
    size_t i = 0;
    while (!rules[i].as || strcmp(rules[i].as, rule->as) != 0) i++;
    return i;
}

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}
static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

struct token {
    struct span name;
    bool end, self_closing;
    struct span attributes[ATTRIBUTES];
};

static struct span take_until(struct filter *f, const char *stops) {
    size_t from = f->at;
    while (f->at < f->html.n && (f->html.p[f->at] == 0 || !strchr(stops, f->html.p[f->at])))
        f->at++;
    return span_sub(f->html, from, f->at - from);
}

static void take_spaces(struct filter *f) {
    while (f->at < f->html.n && is_space(f->html.p[f->at])) f->at++;
}

static struct span take_value(struct filter *f) {
    if (f->at < f->html.n && (f->html.p[f->at] == '"' || f->html.p[f->at] == '\'')) {
        const char quote[2] = {f->html.p[f->at++], 0};
        struct span value = take_until(f, quote);
        if (f->at < f->html.n) f->at++;
        return value;
    }
    return take_until(f, " \t\n\r\f>");
}

/* A tag, from behind "<" or "</" on. False if the text ends inside it: no tag then. */
static bool take_tag(struct filter *f, struct token *tag) {
    tag->name = take_until(f, " \t\n\r\f/>");
    for (;;) {
        while (f->at < f->html.n && (is_space(f->html.p[f->at]) || f->html.p[f->at] == '/'))
            f->at++;
        if (f->at >= f->html.n) return false;
        if (f->html.p[f->at] == '>') {
            tag->self_closing = f->html.p[f->at - 1] == '/';
            f->at++;
            return true;
        }
        size_t from = f->at;
        if (f->html.p[f->at] == '=') f->at++; /* belongs to the name, §13.2.5.32 */
        (void)take_until(f, " \t\n\r\f/>=");
        struct span name = span_sub(f->html, from, f->at - from), value = SPAN("");
        take_spaces(f);
        if (f->at < f->html.n && f->html.p[f->at] == '=') {
            f->at++;
            take_spaces(f);
            value = take_value(f);
        }
        for (size_t i = 0; i < ATTRIBUTES; i++)
            if (tag->attributes[i].p == NULL && span_eq_nocase(name, span_str(attributes_kept[i])))
                tag->attributes[i] = value;
    }
}

static void skip_past(struct filter *f, struct span end) {
    struct span rest = span_from(f->html, f->at);
    const char *hit = rest.p && rest.n ? memmem(rest.p, rest.n, end.p, end.n) : NULL;
    f->at = hit ? (size_t)(hit - f->html.p) + end.n : f->html.n;
}

/* "<!--": ends at "-->" or "--!>", and at once in "<!-->" and "<!--->". */
static void skip_comment(struct filter *f) {
    struct span rest = span_from(f->html, f->at);
    if (span_starts(rest, SPAN(">")) || span_starts(rest, SPAN("->"))) {
        f->at += span_starts(rest, SPAN(">")) ? 1 : 2;
        return;
    }
    while (f->at < f->html.n) {
        skip_past(f, SPAN("--"));
        f->at -= f->at < f->html.n; /* dashes may overlap: "--->" */
        rest = span_from(f->html, f->at);
        if (span_starts(rest, SPAN("->")) || span_starts(rest, SPAN("-!>"))) {
            f->at += span_starts(rest, SPAN("->")) ? 2 : 3;
            return;
        }
    }
}

/* To the end tag of an element whose content is no markup, which is then read as any other. */
static void skip_raw(struct filter *f, struct span name) {
    while (f->at < f->html.n) {
        skip_past(f, SPAN("</"));
        struct span rest = span_from(f->html, f->at);
        if (!span_eq_nocase(span_sub(rest, 0, name.n), name)) continue;
        if (rest.n > name.n && !is_space(rest.p[name.n]) && rest.p[name.n] != '/' &&
            rest.p[name.n] != '>')
            continue;
        f->at -= 2;
        return;
    }
}

static void add_text(struct filter *f, struct span text) {
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '<')
            buf_str(f->out, "&lt;");
        else if (text.p[i] != 0)
            buf_char(f->out, text.p[i]);
    }
}

static void add_attributes(struct filter *f, const struct token *tag) {
    for (size_t i = 0; i < ATTRIBUTES; i++) {
        struct span value = tag->attributes[i];
        if (value.p == NULL) continue;
        buf_printf(f->out, " %s=\"", attributes_kept[i]);
        for (size_t at = 0; at < value.n; at++) {
            if (value.p[at] == '"')
                buf_str(f->out, "&quot;");
            else if (value.p[at] != 0)
                buf_char(f->out, value.p[at]);
        }
        buf_char(f->out, '"');
    }
}

static rc open_tag(struct filter *f, const struct tag_rule *rule, const struct token *tag) {
    if (rule->what == TAG && ++f->depth > WIRE_DEPTH_MAX)
        return rc_fail(RC_TOO_BIG, "elements nest deeper than %d", WIRE_DEPTH_MAX);
    if (rule->what == TAG || rule->what == LOOSE) f->open[slot_of(rule)]++;
    buf_printf(f->out, "<%s", rule->as);
    add_attributes(f, tag);
    buf_char(f->out, '>');
    return RC_OK;
}

/* HTML makes an element of an end tag in two cases without a start, </p> and </br>: so they are
 * counted like one, and past the limit they are nothing. */
static void stray_end(struct filter *f, const char *tag) {
    if (f->tags >= HTML_TAGS_MAX) return;
    f->tags++;
    buf_str(f->out, tag);
}

static void close_tag(struct filter *f, const struct tag_rule *rule) {
    size_t slot = slot_of(rule);
    if (f->open[slot]) {
        f->open[slot]--;
        if (rule->what == TAG) f->depth--;
        buf_printf(f->out, "</%s>", rule->as);
    } else if (!strcmp(rule->as, "p")) {
        stray_end(f, "</p>");
    }
}

static rc start_tag(struct filter *f, const struct token *tag) {
    const struct tag_rule *rule = rule_of(tag->name);
    bool empty = tag->self_closing && f->xml;
    if (++f->tags > HTML_TAGS_MAX)
        return rc_fail(RC_TOO_BIG, "more than %d start tags", HTML_TAGS_MAX);
    if (!rule) return RC_OK;
    if (rule->what == RAW && !empty) skip_raw(f, tag->name);
    if (f->dropping) {
        if (rule == f->dropping && !empty) f->drop_depth++;
        return RC_OK;
    }
    switch (rule->what) {
    case INLINE: return RC_OK;
    case QUOTED: add_text(f, empty ? SPAN("“”") : SPAN("“")); return RC_OK;
    case DROP:
        if (empty || (tag->self_closing && !strcmp(rule->name, "svg"))) return RC_OK;
        f->dropping = rule;
        f->drop_depth = 1;
        return RC_OK;
    case RAW:
        if (!rule->as) return RC_OK;
        TRY(open_tag(f, rule, tag));
        buf_printf(f->out, "</%s>", rule->as);
        return RC_OK;
    case TAG:
    case LOOSE:
    case EMPTY:
        TRY(open_tag(f, rule, tag));
        if (empty && rule->what != EMPTY) close_tag(f, rule);
        return RC_OK;
    }
    return RC_OK;
}

static void end_tag(struct filter *f, const struct token *tag) {
    const struct tag_rule *rule = rule_of(tag->name);
    if (!rule) return;
    if (f->dropping) {
        if (rule == f->dropping && --f->drop_depth == 0) f->dropping = NULL;
        return;
    }
    if (rule->what == QUOTED) add_text(f, SPAN("”"));
    if (rule->what == TAG || rule->what == LOOSE) close_tag(f, rule);
    if (rule->what == EMPTY && !strcmp(rule->name, "br") && !f->xml) stray_end(f, "<br>");
}

static rc take_markup(struct filter *f) {
    struct span rest = span_from(f->html, f->at); /* begins with "<" */
    struct token tag = {0};
    if (rest.n > 1 && is_letter(rest.p[1])) {
        f->at += 1;
        if (!take_tag(f, &tag)) return RC_OK;
        /* <head> may end without an end tag. */
        if (f->dropping && !strcmp(f->dropping->name, "head") &&
            span_eq_nocase(tag.name, SPAN("body")))
            f->dropping = NULL;
        return start_tag(f, &tag);
    }
    if (rest.n > 2 && rest.p[1] == '/' && is_letter(rest.p[2])) {
        f->at += 2;
        if (take_tag(f, &tag)) end_tag(f, &tag);
    } else if (span_starts(rest, SPAN("<!--"))) {
        f->at += 4;
        skip_comment(f);
    } else if (f->xml && span_starts(rest, SPAN("<![CDATA["))) {
        f->at += 9;
        size_t from = f->at;
        skip_past(f, SPAN("]]>"));
        size_t n = f->at - from;
        if (!f->dropping) add_text(f, span_sub(f->html, from, n >= 3 ? n - 3 : n));
    } else if (rest.n > 1 && (rest.p[1] == '!' || rest.p[1] == '?' || rest.p[1] == '/')) {
        skip_past(f, SPAN(">"));
    } else {
        f->at += 1;
        if (!f->dropping) buf_str(f->out, "&lt;");
    }
    return RC_OK;
}

static rc filter(struct span html, bool xml, struct buf *out) {
    struct filter f = {.html = html, .xml = xml, .out = out};
    buf_str(out, "<!DOCTYPE html><body>");
    while (f.at < html.n) {
        struct span text = take_until(&f, "<");
        if (!f.dropping) add_text(&f, text);
        if (f.at < html.n) TRY(take_markup(&f));
    }
    if (out->over) return rc_fail(RC_TOO_BIG, "the HTML is longer than is allowed");
    return RC_OK;
}

/* ---- 3. the walk ---------------------------------------------------------------------------- */

struct walk {
    struct weave *w;
    unsigned breaks;  /* br after br, nothing between */
    unsigned figures; /* that are open */
    /* The outermost, and the one in it: a gallery's picture. Those in that one belong to it. */
    struct figure {
        size_t from; /* its first block */
        struct text caption, credit;
    } figure[2];
    enum block_kind card;       /* what a link in the figure is: EMBED or AUDIO; else COUNT */
    const GumboNode *capturing; /* the element whose text is taken apart from the rest */
};

static struct span attribute(const GumboNode *node, const char *name) {
    const GumboAttribute *a = gumbo_get_attribute(&node->v.element.attributes, name);
    return a ? span_str(a->value) : (struct span){0};
}

static bool has_class(const GumboNode *node, struct span wanted) {
    struct span classes = attribute(node, "class");
    while (classes.n) {
        struct span class = span_cut(&classes, ' ');
        if (span_eq(class, wanted)) return true;
    }
    return false;
}

static unsigned number_of(struct span s, unsigned otherwise, unsigned max) {
    uint64_t value;
    s = span_trim(s);
    if (!span_to_u64(s, UINT32_MAX, &value) || value == 0) return otherwise;
    return value > max ? max : (unsigned)value;
}

static void image(struct walk *walk, const GumboNode *node) {
    struct weave *w = walk->w;
    struct picture fields = {0};
    rc code = story_normalize(w->arena, attribute(node, "alt"), false, &fields.alt);
    if (code != RC_OK)
        (void)weave_failed(w, code);
    else
        (void)weave_image(w, attribute(node, "src"), &fields);
}

static void line_break(struct walk *walk) {
    struct weave *w = walk->w;
    if (w->keep_lines) {
        weave_text(w, SPAN("\n"));
    } else if (++walk->breaks < 2) {
        weave_text(w, SPAN(" "));
    } else {
        weave_break(w);
    }
}

static bool is_quote(const struct block *block) {
    return block->kind == BLOCK_QUOTE || block->kind == BLOCK_PULL_QUOTE;
}

/* The caption belongs to the first picture in the figure (of several: that has none of its own),
 * quote without a speaker, or audio without a title. */
static bool give_caption(struct walk *walk, const struct figure *figure) {
    struct weave *w = walk->w;
    struct revision *draft = &w->intent->draft;
    struct span caption = wire_word(w->arena, &figure->caption);
    size_t pictures = 0;
    for (size_t i = figure->from; i < draft->block_count; i++)
        pictures += draft->blocks[i].kind == BLOCK_PICTURE;
    for (size_t i = figure->from; i < draft->block_count; i++) {
        struct block *block = &draft->blocks[i];
        if (block->kind == BLOCK_PICTURE) {
            struct picture *picture = &draft->pictures[block->picture];
            const struct picture given = {.caption = caption,
                                          .credit = wire_word(w->arena, &figure->credit)};
            if (pictures > 1 && picture->caption.n) continue;
            weave_picture_fields(w, picture, &given);
            return true;
        }
        if (is_quote(block) && block->speaker.n == 0) {
            w->who = figure->caption;
            w->occasion = figure->credit;
            weave_attribute(w, block);
            return true;
        }
        if (block->kind == BLOCK_AUDIO && block->title.n == 0 && figure->credit.count == 0 &&
            caption.n <= EMBED_TITLE_BYTES_MAX) {
            block->title = caption;
            return true;
        }
    }
    return false;
}

static struct figure *figure_now(struct walk *walk) {
    return &walk->figure[walk->figures > 1];
}

static void figure_begin(struct walk *walk, const GumboNode *node) {
    weave_break(walk->w);
    walk->figures++;
    if (walk->figures > COUNT_OF(walk->figure)) return;
    *figure_now(walk) = (struct figure){.from = walk->w->intent->draft.block_count};
    if (walk->figures == 1)
        walk->card = has_class(node, SPAN("embed"))   ? BLOCK_EMBED
                     : has_class(node, SPAN("audio")) ? BLOCK_AUDIO
                                                      : BLOCK_KIND_COUNT;
}

static void figure_end(struct walk *walk) {
    struct weave *w = walk->w;
    struct revision *draft = &w->intent->draft;
    const struct figure *figure = figure_now(walk);
    weave_break(w);
    if (walk->figures-- > COUNT_OF(walk->figure) || w->failed != RC_OK) return;
    bool captioned = figure->caption.count || figure->credit.count;
    bool given = !captioned || give_caption(walk, figure);
    if (walk->figures == 0) weave_gallery(w, figure->from);
    if (!given) {
        weave_paragraph(w, figure->caption); /* of something else: it reads on as a paragraph */
        weave_paragraph(w, figure->credit);
    }
    if (walk->figures) return;
    walk->card = BLOCK_KIND_COUNT;
    for (size_t i = figure->from; i < draft->block_count; i++)
        if (is_quote(&draft->blocks[i])) weave_attribute_last(w, &draft->blocks[i]);
}

/* Whether an element's text is an attribution, a caption or a card's title rather than part of the
 * text around it. */
static bool captures(const struct walk *walk, const GumboNode *node) {
    const struct weave *w = walk->w;
    bool in_quote = w->owner == WEAVE_QUOTE && w->depth == 1;
    if (walk->capturing || w->keep_lines || w->failed != RC_OK) return false;
    switch ((int)node->v.element.tag) {
    case GUMBO_TAG_CAPTION: return w->owner == WEAVE_TABLE && w->depth == 1;
    case GUMBO_TAG_FIGCAPTION: return in_quote || (w->owner == WEAVE_OPEN && walk->figures);
    case GUMBO_TAG_FOOTER: return in_quote;
    case GUMBO_TAG_CITE: return in_quote && span_trim(buf_span(&w->raw)).n == 0;
    case GUMBO_TAG_A:
        return walk->card != BLOCK_KIND_COUNT && w->owner == WEAVE_OPEN &&
               attribute(node, "href").n;
    default: return false;
    }
}

static void capture(struct walk *walk, const GumboNode *node) {
    walk->capturing = node;
    weave_capture_begin(walk->w);
}

static void capture_end(struct walk *walk, const GumboNode *node) {
    struct weave *w = walk->w;
    if (walk->capturing != node) return;
    walk->capturing = NULL;
    weave_capture_end(w);
    if (w->owner == WEAVE_QUOTE) return; /* its end takes it from the weave */
    struct text who = w->who, cited = w->occasion;
    w->who = w->occasion = (struct text){0};
    if (node->v.element.tag == GUMBO_TAG_A) {
        weave_card(w, walk->card, attribute(node, "href"), wire_word(w->arena, &who));
    } else if (node->v.element.tag == GUMBO_TAG_CAPTION) {
        weave_paragraph(w, who);
    } else {
        struct figure *figure = figure_now(walk);
        if (figure->caption.count || figure->credit.count) return;
        figure->caption = who;
        figure->credit = cited;
    }
}

static void enter(struct walk *walk, const GumboNode *node) {
    struct weave *w = walk->w;
    if (node->v.element.tag != GUMBO_TAG_BR) walk->breaks = 0;
    switch ((int)node->v.element.tag) {
    case GUMBO_TAG_P:
    case GUMBO_TAG_DIV: weave_break(w); return;
    case GUMBO_TAG_H1:
    case GUMBO_TAG_H2: weave_heading_begin(w, 2); return;
    case GUMBO_TAG_H3: weave_heading_begin(w, 3); return;
    case GUMBO_TAG_H4:
    case GUMBO_TAG_H5:
    case GUMBO_TAG_H6: weave_heading_begin(w, 4); return;
    case GUMBO_TAG_UL:
    case GUMBO_TAG_OL:
        if (has_class(node, SPAN("events")))
            weave_events_begin(w, attribute(node, "reversed").p != NULL);
        else
            weave_list_begin(w, node->v.element.tag == GUMBO_TAG_OL);
        return;
    case GUMBO_TAG_LI: weave_item(w); return;
    case GUMBO_TAG_BLOCKQUOTE:
        weave_quote_begin(w, attribute(node, "cite"), has_class(node, SPAN("pull-quote")));
        return;
    case GUMBO_TAG_TABLE: weave_table_begin(w); return;
    case GUMBO_TAG_TR: weave_row(w); return;
    case GUMBO_TAG_TH:
    case GUMBO_TAG_TD:
        weave_cell(w, node->v.element.tag == GUMBO_TAG_TH,
                   number_of(attribute(node, "colspan"), 1, WIRE_COLUMNS_MAX + 1),
                   number_of(attribute(node, "rowspan"), 1, 65534));
        return;
    case GUMBO_TAG_PRE: weave_pre_begin(w); return;
    case GUMBO_TAG_HR: weave_rule(w); return;
    case GUMBO_TAG_BR: line_break(walk); return;
    case GUMBO_TAG_IMG: image(walk, node); return;
    case GUMBO_TAG_IFRAME:
        weave_card(w, BLOCK_EMBED, attribute(node, "src"), attribute(node, "title"));
        return;
    case GUMBO_TAG_AUDIO:
        weave_card(w, BLOCK_AUDIO, attribute(node, "src"), attribute(node, "title"));
        return;
    case GUMBO_TAG_FIGURE: figure_begin(walk, node); return;
    case GUMBO_TAG_CAPTION:
    case GUMBO_TAG_FIGCAPTION:
    case GUMBO_TAG_FOOTER:
        if (captures(walk, node))
            capture(walk, node);
        else
            weave_break(w);
        return;
    case GUMBO_TAG_CITE:
        if (captures(walk, node)) capture(walk, node);
        weave_capture_cite(w, true);
        return;
    case GUMBO_TAG_A:
        if (captures(walk, node))
            capture(walk, node);
        else if (attribute(node, "href").n)
            weave_link(w, attribute(node, "href"));
        return;
    case GUMBO_TAG_STRONG: weave_look(w, RUN_STRONG, true); return;
    case GUMBO_TAG_EM: weave_look(w, RUN_EMPHASIS, true); return;
    case GUMBO_TAG_CODE: weave_look(w, RUN_CODE, true); return;
    case GUMBO_TAG_SUB: weave_look(w, RUN_SUB, true); return;
    case GUMBO_TAG_SUP: weave_look(w, RUN_SUP, true); return;
    default: return;
    }
}

static void leave(struct walk *walk, const GumboNode *node) {
    struct weave *w = walk->w;
    switch ((int)node->v.element.tag) {
    case GUMBO_TAG_P:
    case GUMBO_TAG_DIV: weave_break(w); return;
    case GUMBO_TAG_H1:
    case GUMBO_TAG_H2:
    case GUMBO_TAG_H3:
    case GUMBO_TAG_H4:
    case GUMBO_TAG_H5:
    case GUMBO_TAG_H6: weave_heading_end(w); return;
    case GUMBO_TAG_UL:
    case GUMBO_TAG_OL: weave_list_end(w); return;
    case GUMBO_TAG_BLOCKQUOTE: weave_quote_end(w, walk->figures > 0); return;
    case GUMBO_TAG_TABLE: weave_table_end(w); return;
    case GUMBO_TAG_PRE: weave_pre_end(w); return;
    case GUMBO_TAG_FIGURE: figure_end(walk); return;
    case GUMBO_TAG_CAPTION:
    case GUMBO_TAG_FIGCAPTION:
    case GUMBO_TAG_FOOTER:
        if (walk->capturing == node)
            capture_end(walk, node);
        else
            weave_break(w);
        return;
    case GUMBO_TAG_CITE:
        weave_capture_cite(w, false);
        capture_end(walk, node);
        return;
    case GUMBO_TAG_A:
        capture_end(walk, node);
        weave_unlink(w);
        return;
    case GUMBO_TAG_STRONG: weave_look(w, RUN_STRONG, false); return;
    case GUMBO_TAG_EM: weave_look(w, RUN_EMPHASIS, false); return;
    case GUMBO_TAG_CODE: weave_look(w, RUN_CODE, false); return;
    case GUMBO_TAG_SUB: weave_look(w, RUN_SUB, false); return;
    case GUMBO_TAG_SUP: weave_look(w, RUN_SUP, false); return;
    default: return;
    }
}

static void text_node(struct walk *walk, const GumboNode *node) {
    struct span text = span_str(node->v.text.text);
    if (span_trim(text).n) walk->breaks = 0;
    weave_text(walk->w, text);
}

/* The time of a key event; what it says to people is ours to say. */
static bool is_event_time(struct walk *walk, const GumboNode *node) {
    ms_t time;
    if (node->v.element.tag != GUMBO_TAG_TIME || !weave_event_wants_time(walk->w) ||
        !wire_time(attribute(node, "datetime"), &time) || time <= 0)
        return false;
    weave_event_time(walk->w, time);
    return true;
}

static rc walk_tree(struct walk *walk, const GumboNode *root) {
    static const size_t bytes = HTML_WALK_DEPTH_MAX * sizeof(struct {
                                    const GumboNode *node;
                                    unsigned next;
                                });
    struct {
        const GumboNode *node;
        unsigned next;
    } *stack = mem_new(bytes);
    size_t depth = 1;
    stack[0].node = root;
    while (depth && walk->w->failed == RC_OK) {
        const GumboNode *node = stack[depth - 1].node;
        const GumboVector *children = &node->v.element.children;
        if (stack[depth - 1].next == children->length) {
            leave(walk, node);
            depth--;
            continue;
        }
        const GumboNode *child = children->data[stack[depth - 1].next++];
        if (child->type == GUMBO_NODE_ELEMENT) {
            if (depth == HTML_WALK_DEPTH_MAX) {
                (void)weave_failed(walk->w, rc_fail(RC_TOO_BIG, "elements nest deeper than %d",
                                                    HTML_WALK_DEPTH_MAX));
                break;
            }
            if (is_event_time(walk, child)) continue;
            enter(walk, child);
            stack[depth].node = child;
            stack[depth++].next = 0;
        } else if (child->type == GUMBO_NODE_TEXT || child->type == GUMBO_NODE_WHITESPACE) {
            text_node(walk, child);
        }
    }
    mem_free(stack);
    return walk->w->failed;
}

static void *take(void *unused, size_t bytes) {
    (void)unused;
    return mem_new(bytes);
}
static void give(void *unused, void *memory) {
    (void)unused;
    mem_free(memory);
}

static rc read_html(struct weave *w, struct span html, bool xml) {
    struct walk walk = {.w = w, .card = BLOCK_KIND_COUNT};
    struct buf filtered;
    if (html.n > WIRE_BYTES_MAX)
        return rc_fail(RC_TOO_BIG, "HTML longer than %u bytes", WIRE_BYTES_MAX);
    if (!utf8_valid(html)) return rc_fail(RC_INVALID, "not well-formed UTF-8");
    buf_init(&filtered, 8 * WIRE_BYTES_MAX);
    rc code = filter(html, xml, &filtered);
    if (code == RC_OK) {
        GumboOptions options = kGumboDefaultOptions;
        options.allocator = take;
        options.deallocator = give;
        options.max_errors = 0;
        GumboOutput *tree = gumbo_parse_with_options(&options, filtered.p, filtered.n);
        (void)walk_tree(&walk, tree->root);
        gumbo_destroy_output(&options, tree);
    }
    buf_done(&filtered);
    return code;
}

rc wire_html_blocks(struct arena *arena, struct span html, bool xml, struct span where,
                    struct intent *intent) {
    struct weave w;
    weave_init(&w, arena, intent, where);
    rc code = read_html(&w, html, xml);
    if (code != RC_OK) (void)weave_failed(&w, code);
    return weave_done(&w);
}

rc wire_html_line(struct arena *arena, struct span html, struct span where, struct span *out_text) {
    struct intent scratch = {0};
    struct buf line;
    TRY(wire_html_blocks(arena, html, false, where, &scratch));
    buf_init(&line, WIRE_TEXT_BYTES_MAX);
    for (size_t i = 0; i < scratch.draft.block_count; i++) {
        const struct block *block = &scratch.draft.blocks[i];
        buf_add(&line, wire_word(arena, &block->text));
        for (size_t row = 0; row < block->row_count; row++) {
            buf_char(&line, ' ');
            buf_add(&line, wire_word(arena, &block->rows[row]));
        }
        buf_char(&line, ' ');
    }
    rc code = story_normalize(arena, buf_span(&line), false, out_text);
    buf_done(&line);
    return code;
}
