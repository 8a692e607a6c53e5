/*
 * markdown: story.md → an intent. Front matter (front.h), then Markdown by md4c: CommonMark and
 * GitHub's tables; raw HTML is off, so tags are text. md4c builds no tree: it calls back in reading
 * order, and the calls go straight into a weave (blocks.h).
 */
#include <md4c.h>

#include "base/utf8.h"
#include "story/limits.h"
#include "story/withdrawal.h"
#include "wire/front.h"

/* ---- the body -------------------------------------------------------------------------------- */

#define PARAGRAPH_IMAGES_MAX PICTURES_MAX

struct image {
    struct span href, alt, title;
};

struct body {
    struct weave w;
    struct span text; /* the whole item: what md4c's pointers point into */
    size_t counted;   /* how far `line` has been counted */
    unsigned line, depth;
    unsigned inner_quote; /* depth of the quote with which the one around it begins; 0: none does */
    size_t inner_rows;    /* … its paragraphs */
    bool wants_headline;  /* the first "# …" is it */
    bool in_headline;
    bool table_head;
    unsigned in_image; /* images may stand in an image's text */
    struct buf alt;
    struct image image, images[PARAGRAPH_IMAGES_MAX];
    size_t image_count;
};

/* The line of what md4c has just read. It goes forward only, so that all calls together read the
 * text once. */
static void seen(struct body *b, const char *p) {
    const char *begin = b->text.p, *end = begin + b->text.n;
    if (p < begin || p > end) return; /* not a piece of the text: an entity's, a reference's */
    for (size_t to = (size_t)(p - begin); b->counted < to; b->counted++)
        b->line += begin[b->counted] == '\n';
}

static void name_line(struct body *b) {
    b->w.where = arena_printf(b->w.arena, "line %u", b->line);
}

/* md4c stops when a call returns what is not 0. */
static int go_on(struct body *b) {
    return b->w.failed == RC_OK ? 0 : 1;
}

static const struct {
    const char *name, *text;
} entities[] = {
    {"amp", "&"},       {"lt", "<"},       {"gt", ">"},       {"quot", "\""},    {"apos", "'"},
    {"nbsp", "\u00a0"}, {"copy", "©"},     {"reg", "®"},      {"trade", "™"},    {"hellip", "…"},
    {"mdash", "—"},     {"ndash", "–"},    {"lsquo", "‘"},    {"rsquo", "’"},    {"sbquo", "‚"},
    {"ldquo", "“"},     {"rdquo", "”"},    {"bdquo", "„"},    {"laquo", "«"},    {"raquo", "»"},
    {"bull", "•"},      {"middot", "·"},   {"deg", "°"},      {"euro", "€"},     {"pound", "£"},
    {"yen", "¥"},       {"cent", "¢"},     {"sect", "§"},     {"para", "¶"},     {"times", "×"},
    {"divide", "÷"},    {"plusmn", "±"},   {"frac12", "½"},   {"frac14", "¼"},   {"frac34", "¾"},
    {"minus", "−"},     {"prime", "′"},    {"Prime", "″"},    {"rarr", "→"},     {"larr", "←"},
    {"zwnj", "\u200c"}, {"zwj", "\u200d"}, {"lrm", "\u200e"}, {"rlm", "\u200f"},
};

/* "&#8212;", "&#x2014;", "&mdash;"; a name that is not in the table stays as it was typed. */
static struct span entity_text(struct span entity, char bytes[4]) {
    struct span name = span_sub(entity, 1, entity.n - 2);
    if (name.n > 1 && name.p[0] == '#') {
        uint32_t point = 0;
        bool hex = name.p[1] == 'x' || name.p[1] == 'X';
        for (size_t i = hex ? 2 : 1; i < name.n && point <= 0x10ffff; i++) {
            unsigned c = (unsigned char)name.p[i];
            unsigned digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
            point = point * (hex ? 16 : 10) + digit;
        }
        return span_of(bytes, utf8_put(point ? point : 0xfffd, bytes));
    }
    for (size_t i = 0; i < COUNT_OF(entities); i++)
        if (span_eq(name, span_str(entities[i].name))) return span_str(entities[i].text);
    return entity;
}

/* An address or a title, entities decoded. */
static struct span attribute(struct body *b, const MD_ATTRIBUTE *attribute) {
    struct buf out;
    char bytes[4];
    buf_init(&out, WIRE_BYTES_MAX);
    for (unsigned i = 0; attribute->text && attribute->substr_offsets[i] < attribute->size; i++) {
        size_t from = attribute->substr_offsets[i], to = attribute->substr_offsets[i + 1];
        struct span part = span_of(attribute->text + from, to - from);
        if (attribute->substr_types[i] == MD_TEXT_ENTITY) part = entity_text(part, bytes);
        if (attribute->substr_types[i] != MD_TEXT_NULLCHAR) buf_add(&out, part);
    }
    struct span copy = arena_copy(b->w.arena, buf_span(&out));
    buf_done(&out);
    return copy;
}

/* "caption — credit" */
static void caption_and_credit(struct body *b, struct span title, struct picture *out) {
    struct span dash = SPAN(" — ");
    size_t cut = title.n;
    for (size_t i = 0; i + dash.n <= title.n; i++)
        if (span_starts(span_from(title, i), dash)) cut = i;
    rc code = story_normalize(b->w.arena, span_sub(title, 0, cut), false, &out->caption);
    if (code == RC_OK)
        code = story_normalize(b->w.arena, span_from(title, cut + dash.n), false, &out->credit);
    if (code != RC_OK) (void)weave_failed(&b->w, code);
}

/* Alone in its paragraph. */
static void place_image(struct body *b, const struct image *image) {
    struct weave *w = &b->w;
    struct picture fields = {0};
    if (wire_is_audio(
            image->href)) { /* the same sign, as players and readers of Markdown have it */
        weave_card(w, BLOCK_AUDIO, image->href, image->alt.n ? image->alt : image->title);
        return;
    }
    rc code = story_normalize(w->arena, image->alt, false, &fields.alt);
    if (code != RC_OK) (void)weave_failed(w, code);
    caption_and_credit(b, image->title, &fields);
    (void)weave_image(w, image->href, &fields);
}

/* The images of the paragraph, or heading, cell … that ends here: alone in it one is a picture
 * block, several are a gallery. */
static void place_images(struct body *b, bool paragraph) {
    struct weave *w = &b->w;
    bool alone = paragraph && w->owner == WEAVE_OPEN && span_trim(buf_span(&w->raw)).n == 0;
    size_t count = b->image_count, from = w->intent->draft.block_count;
    b->image_count = 0;
    if (count == 0) return;
    name_line(b);
    for (size_t i = 0; i < count && w->failed == RC_OK; i++) {
        const struct image *image = &b->images[i];
        if (alone)
            place_image(b, image);
        else
            weave_remark(w,
                         "the picture " SPAN_FMT
                         " was left out: a picture stands alone, with an empty line "
                         "before and behind it",
                         SPAN_ARG(wire_excerpt(image->href)));
    }
    if (alone) weave_gallery(w, from);
    w->where = (struct span){0};
}

static void heading(struct body *b, const MD_BLOCK_H_DETAIL *detail) {
    b->in_headline = b->wants_headline && detail->level == 1 && b->w.owner == WEAVE_OPEN;
    if (b->in_headline) {
        weave_break(&b->w);
        weave_capture_begin(&b->w);
    } else {
        weave_heading_begin(&b->w, detail->level);
    }
}

static void heading_end(struct body *b) {
    if (!b->in_headline) {
        weave_heading_end(&b->w);
        return;
    }
    weave_capture_end(&b->w);
    b->w.intent->draft.headline = wire_word(b->w.arena, &b->w.who);
    if (b->w.intent->draft.headline.n > HEADLINE_BYTES_MAX)
        (void)weave_failed(
            &b->w, rc_fail(RC_TOO_BIG, "a headline of more than %d bytes", HEADLINE_BYTES_MAX));
    b->w.who = (struct text){0};
    b->wants_headline = b->w.intent->draft.headline.n == 0;
    b->in_headline = false;
}

/* A quote that is nothing but a quote in a quote ("> > …") is a pull quote. */
static void quote(struct body *b) {
    struct weave *w = &b->w;
    bool first = w->owner == WEAVE_QUOTE && w->depth == 1 && w->block.row_count == 0 &&
                 span_trim(buf_span(&w->raw)).n == 0 && b->inner_quote == 0;
    weave_quote_begin(w, (struct span){0}, false);
    if (first) {
        b->inner_quote = b->depth;
        b->inner_rows = 0;
    } else if (b->inner_quote == b->depth && w->block.row_count != b->inner_rows) {
        b->inner_quote = UINT32_MAX; /* something stands between this one and the first */
    }
}

static void quote_end(struct body *b) {
    struct weave *w = &b->w;
    if (b->inner_quote == b->depth + 1) weave_quote_pull(w, b->inner_rows);
    weave_quote_end(w, false);
    if (b->inner_quote == b->depth) b->inner_rows = w->block.row_count;
    if (w->owner == WEAVE_OPEN) b->inner_quote = 0;
    b->depth--;
}

static int enter_block(MD_BLOCKTYPE type, void *detail, void *user) {
    struct body *b = user;
    struct weave *w = &b->w;
    place_images(b, false);
    if (type == MD_BLOCK_QUOTE || type == MD_BLOCK_UL || type == MD_BLOCK_OL)
        if (++b->depth > WIRE_DEPTH_MAX)
            (void)weave_failed(
                w, rc_fail(RC_TOO_BIG, "quotes and lists nest deeper than %d", WIRE_DEPTH_MAX));
    switch (type) {
    case MD_BLOCK_QUOTE: quote(b); break;
    case MD_BLOCK_UL: weave_list_begin(w, false); break;
    case MD_BLOCK_OL: weave_list_begin(w, true); break;
    case MD_BLOCK_LI: weave_item(w); break;
    case MD_BLOCK_HR: weave_rule(w); break;
    case MD_BLOCK_H: heading(b, detail); break;
    case MD_BLOCK_CODE: weave_pre_begin(w); break;
    case MD_BLOCK_P: weave_break(w); break;
    case MD_BLOCK_TABLE: weave_table_begin(w); break;
    case MD_BLOCK_THEAD: b->table_head = true; break;
    case MD_BLOCK_TBODY: b->table_head = false; break;
    case MD_BLOCK_TR: weave_row(w); break;
    case MD_BLOCK_TH:
    case MD_BLOCK_TD: weave_cell(w, b->table_head, 1, 1); break;
    case MD_BLOCK_DOC:
    case MD_BLOCK_HTML: break;
    }
    return go_on(b);
}

static int leave_block(MD_BLOCKTYPE type, void *detail, void *user) {
    struct body *b = user;
    struct weave *w = &b->w;
    (void)detail;
    place_images(b, type == MD_BLOCK_P);
    switch (type) {
    case MD_BLOCK_QUOTE: quote_end(b); break;
    case MD_BLOCK_UL:
    case MD_BLOCK_OL:
        b->depth--;
        weave_list_end(w);
        break;
    case MD_BLOCK_H: heading_end(b); break;
    case MD_BLOCK_CODE: weave_pre_end(w); break;
    case MD_BLOCK_P: weave_break(w); break;
    case MD_BLOCK_TABLE: weave_table_end(w); break;
    case MD_BLOCK_DOC:
    case MD_BLOCK_LI:
    case MD_BLOCK_HR:
    case MD_BLOCK_HTML:
    case MD_BLOCK_THEAD:
    case MD_BLOCK_TBODY:
    case MD_BLOCK_TR:
    case MD_BLOCK_TH:
    case MD_BLOCK_TD: break;
    }
    return go_on(b);
}

static void image_begin(struct body *b, const MD_SPAN_IMG_DETAIL *detail) {
    if (b->in_image++) return;
    buf_clear(&b->alt);
    b->image.href = attribute(b, &detail->src);
    b->image.title = attribute(b, &detail->title);
}

static void image_end(struct body *b) {
    if (--b->in_image) return;
    b->image.alt = arena_copy(b->w.arena, buf_span(&b->alt));
    if (b->alt.over)
        (void)weave_failed(&b->w,
                           rc_fail(RC_TOO_BIG, "an alt text of more than %d bytes", ALT_BYTES_MAX));
    if (b->image_count == PARAGRAPH_IMAGES_MAX)
        (void)weave_failed(&b->w, rc_fail(RC_TOO_BIG, "more than %d pictures in one paragraph",
                                          PARAGRAPH_IMAGES_MAX));
    else
        b->images[b->image_count++] = b->image;
}

static int enter_span(MD_SPANTYPE type, void *detail, void *user) {
    struct body *b = user;
    if (type == MD_SPAN_IMG) {
        image_begin(b, detail);
    } else if (b->in_image) {
        return go_on(b); /* its text is an alt text: without looks */
    } else if (type == MD_SPAN_A) {
        name_line(b);
        weave_link(&b->w, attribute(b, &((MD_SPAN_A_DETAIL *)detail)->href));
        b->w.where = (struct span){0};
    } else if (type == MD_SPAN_EM) {
        weave_look(&b->w, RUN_EMPHASIS, true);
    } else if (type == MD_SPAN_STRONG) {
        weave_look(&b->w, RUN_STRONG, true);
    } else if (type == MD_SPAN_CODE) {
        weave_look(&b->w, RUN_CODE, true);
    }
    return go_on(b);
}

static int leave_span(MD_SPANTYPE type, void *detail, void *user) {
    struct body *b = user;
    (void)detail;
    if (type == MD_SPAN_IMG) {
        image_end(b);
    } else if (b->in_image) {
        return go_on(b);
    } else if (type == MD_SPAN_A) {
        weave_unlink(&b->w);
    } else if (type == MD_SPAN_EM) {
        weave_look(&b->w, RUN_EMPHASIS, false);
    } else if (type == MD_SPAN_STRONG) {
        weave_look(&b->w, RUN_STRONG, false);
    } else if (type == MD_SPAN_CODE) {
        weave_look(&b->w, RUN_CODE, false);
    }
    return go_on(b);
}

static int text(MD_TEXTTYPE type, const MD_CHAR *bytes, MD_SIZE n, void *user) {
    struct body *b = user;
    struct span s = span_of(bytes, n);
    char point[4];
    seen(b, bytes);
    if (type == MD_TEXT_ENTITY) s = entity_text(s, point);
    if (type == MD_TEXT_BR || type == MD_TEXT_SOFTBR) s = SPAN(" ");
    if (type == MD_TEXT_NULLCHAR) return go_on(b);
    if (b->in_image)
        buf_add(&b->alt, s);
    else
        weave_text(&b->w, s);
    return go_on(b);
}

static rc read_body(struct arena *arena, struct span bytes, size_t from, unsigned line,
                    struct intent *intent) {
    static const MD_PARSER parser = {.flags = MD_FLAG_TABLES | MD_FLAG_NOHTML,
                                     .enter_block = enter_block,
                                     .leave_block = leave_block,
                                     .enter_span = enter_span,
                                     .leave_span = leave_span,
                                     .text = text};
    struct body b = {.text = bytes,
                     .counted = from,
                     .line = line,
                     .wants_headline = intent->draft.headline.n == 0};
    struct span body = span_from(bytes, from);
    weave_init(&b.w, arena, intent, (struct span){0});
    buf_init(&b.alt, ALT_BYTES_MAX);
    int stopped = md_parse(body.n ? body.p : "", (MD_SIZE)body.n, &parser, &b);
    if (stopped && b.w.failed == RC_OK)
        (void)weave_failed(&b.w, rc_fail(RC_TOO_BIG, "the Markdown parser ran out of memory"));
    buf_done(&b.alt);
    rc code = weave_done(&b.w);
    if (code != RC_OK && !span_starts(span_str(rc_why()), SPAN("line ")))
        return rc_in(code, "line %u: ", b.line);
    return code;
}

/* ---- front matter → draft -------------------------------------------------------------------- */

enum key {
    HEADLINE,
    SHORT,
    SOCIAL,
    FEED,
    STANDFIRST,
    LANGUAGE,
    KIND,
    SECTION,
    BYLINE,
    DATELINE,
    TAGS,
    URI,
    UPDATES,
    TRANSLATION_OF,
    RELATED,
    EDITION,
    VERSION,
    EVENTS,
    EMBARGO,
    DATE,
    SLUG,
    PICTURE,
    PICTURE_CAPTION,
    PICTURE_ALT,
    PICTURE_CREDIT,
    PICTURE_CREATOR,
    PICTURE_COPYRIGHT,
    PICTURE_TERMS,
    PICTURE_CHANNELS,
    PICTURE_EXPIRES,
    PICTURE_REDISTRIBUTION,
    RIGHTS,
    CHANGE,
    NOTE,
    CREDIT,
    STATUS,
    REASON,
    AUTHORITY,
    DEMANDED,
    KEY_COUNT
};

#define WORD_BYTES_MAX 64
#define URI_BYTES_MAX 2048

static const struct front_key known_keys[KEY_COUNT] = {
    [HEADLINE] = {.name = "headline", .bytes_max = HEADLINE_BYTES_MAX},
    [SHORT] = {.name = "short", .bytes_max = HEADLINE_BYTES_MAX},
    [SOCIAL] = {.name = "social", .bytes_max = HEADLINE_BYTES_MAX},
    [FEED] = {.name = "feed", .bytes_max = HEADLINE_BYTES_MAX},
    [STANDFIRST] = {.name = "standfirst", .bytes_max = STANDFIRST_BYTES_MAX},
    [LANGUAGE] = {.name = "language", .bytes_max = LANGUAGE_BYTES_MAX},
    [KIND] = {.name = "kind", .bytes_max = WORD_BYTES_MAX},
    [SECTION] = {.name = "section", .bytes_max = SECTION_BYTES_MAX},
    [BYLINE] = {.name = "byline", .bytes_max = BYLINE_BYTES_MAX, .list = true},
    [DATELINE] = {.name = "dateline", .bytes_max = 2 * DATELINE_BYTES_MAX},
    [TAGS] = {.name = "tags", .bytes_max = TAG_NAME_BYTES_MAX, .list = true},
    [URI] = {.name = "uri", .bytes_max = URI_BYTES_MAX},
    [UPDATES] = {.name = "updates", .bytes_max = URI_BYTES_MAX},
    [TRANSLATION_OF] = {.name = "translation-of", .bytes_max = URI_BYTES_MAX},
    [RELATED] = {.name = "related", .bytes_max = URI_BYTES_MAX, .list = true},
    [EDITION] = {.name = "edition", .bytes_max = EDITION_BYTES_MAX},
    [VERSION] = {.name = "version", .bytes_max = WORD_BYTES_MAX},
    [EVENTS] = {.name = "events", .bytes_max = FRONT_LINE_BYTES_MAX, .list = true},
    [EMBARGO] = {.name = "embargo", .bytes_max = WORD_BYTES_MAX},
    [DATE] = {.name = "date", .bytes_max = WORD_BYTES_MAX},
    [SLUG] = {.name = "slug", .bytes_max = SLUG_BYTES_MAX},
    [PICTURE] = {.name = "picture", .bytes_max = WIRE_HREF_BYTES_MAX},
    [PICTURE_CAPTION] = {.name = "picture-caption", .bytes_max = CAPTION_BYTES_MAX},
    [PICTURE_CREDIT] = {.name = "picture-credit", .bytes_max = PICTURE_CREDIT_BYTES_MAX},
    [PICTURE_ALT] = {.name = "picture-alt", .bytes_max = ALT_BYTES_MAX},
    [PICTURE_CREATOR] = {.name = "picture-creator", .bytes_max = PICTURE_CREDIT_BYTES_MAX},
    [PICTURE_COPYRIGHT] = {.name = "picture-copyright", .bytes_max = PICTURE_CREDIT_BYTES_MAX},
    [PICTURE_TERMS] = {.name = "picture-terms", .bytes_max = PICTURE_CREDIT_BYTES_MAX},
    [PICTURE_CHANNELS] = {.name = "picture-channels", .bytes_max = WORD_BYTES_MAX, .list = true},
    [PICTURE_EXPIRES] = {.name = "picture-expires", .bytes_max = WORD_BYTES_MAX},
    [PICTURE_REDISTRIBUTION] = {.name = "picture-redistribution", .bytes_max = WORD_BYTES_MAX},
    [RIGHTS] = {.name = "rights", .bytes_max = FRONT_LINE_BYTES_MAX, .list = true},
    [CHANGE] = {.name = "change", .bytes_max = WORD_BYTES_MAX},
    [NOTE] = {.name = "note", .bytes_max = CORRECTION_BYTES_MAX},
    [CREDIT] = {.name = "credit", .bytes_max = CREDIT_LINE_BYTES_MAX},
    [STATUS] = {.name = "status", .bytes_max = WORD_BYTES_MAX},
    [REASON] = {.name = "reason", .bytes_max = STANDFIRST_BYTES_MAX},
    [AUTHORITY] = {.name = "authority", .bytes_max = WITHDRAWAL_AUTHORITY_BYTES_MAX},
    [DEMANDED] = {.name = "demanded", .bytes_max = WORD_BYTES_MAX},
};

static struct span value_of(const struct front_key *key) {
    return key->count ? key->values[0].text : (struct span){0};
}

static rc wrong(const struct front_key *key, const char *what) {
    return rc_fail(RC_INVALID, "line %u: %s %s", key->line, key->name, what);
}

static rc read_time(const struct front_key *key, ms_t *out) {
    if (key->count && !wire_time(value_of(key), out))
        return wrong(key,
                     "must be a date and time with its zone, such as 2026-11-24T09:39:00+03:00");
    return RC_OK;
}

/* "PORT AVERIL (COURIER)", "Port Averil / COURIER", or the place alone. */
static rc read_dateline(struct arena *arena, const struct front_key *key, struct dateline *out) {
    struct span text = value_of(key);
    size_t open = span_find(text, '('), slash = open < text.n ? open : span_find(text, '/');
    struct span place = span_sub(text, 0, slash), source = span_from(text, slash + 1);
    if (open < text.n) source = span_sub(source, 0, span_find(source, ')'));
    TRY(story_normalize(arena, place, false, &out->place));
    TRY(story_normalize(arena, source, false, &out->source));
    if (out->place.n > DATELINE_BYTES_MAX || out->source.n > DATELINE_BYTES_MAX)
        return rc_fail(RC_TOO_BIG, "line %u: dateline: a place or source of more than %d bytes",
                       key->line, DATELINE_BYTES_MAX);
    return RC_OK;
}

static rc read_bylines(struct arena *arena, const struct front_key *key, struct revision *draft) {
    if (key->count > BYLINES_MAX)
        return rc_fail(RC_TOO_BIG, "line %u: more than %d bylines", key->line, BYLINES_MAX);
    draft->bylines = ARENA_ARRAY(arena, struct byline, key->count + 1);
    if (!draft->bylines) return wire_memory();
    for (size_t i = 0; i < key->count; i++) {
        struct byline *byline = &draft->bylines[draft->byline_count];
        struct span text = key->values[i].text;
        size_t comma = span_find(text, ',');
        TRY(story_normalize(arena, span_sub(text, 0, comma), false, &byline->name));
        TRY(story_normalize(arena, span_from(text, comma + 1), false, &byline->role));
        if (byline->name.n == 0)
            return rc_fail(RC_INVALID, "line %u: a byline without a name", key->values[i].line);
        draft->byline_count++;
    }
    return RC_OK;
}

/* "person: Mara Vale", "place: …", "organisation: …", "topic: …"; without a kind it is a topic. */
static rc read_tags(struct arena *arena, const struct front_key *key, struct revision *draft) {
    if (key->count > TAGS_MAX)
        return rc_fail(RC_TOO_BIG, "line %u: more than %d tags", key->line, TAGS_MAX);
    draft->tags = ARENA_ARRAY(arena, struct tag, key->count + 1);
    if (!draft->tags) return wire_memory();
    for (size_t i = 0; i < key->count; i++) {
        struct tag tag = {.kind = TAG_TOPIC};
        struct span text = key->values[i].text;
        size_t colon = span_find(text, ':');
        if (colon < text.n && tag_kind_of(span_trim(span_sub(text, 0, colon)), &tag.kind))
            text = span_from(text, colon + 1);
        TRY(story_normalize(arena, text, false, &tag.name));
        if (tag.name.n == 0)
            return rc_fail(RC_INVALID, "line %u: a tag without a name", key->values[i].line);
        tag.slug = slug_of(arena, tag.name);
        bool again = false;
        for (size_t t = 0; t < draft->tag_count; t++)
            again = again ||
                    (draft->tags[t].kind == tag.kind && span_eq(draft->tags[t].slug, tag.slug));
        if (!again) draft->tags[draft->tag_count++] = tag;
    }
    return RC_OK;
}

/* "2026-11-24T09:39:00+03:00 The first ferry leaves", in any order. */
static rc read_events(struct arena *arena, const struct front_key *key, struct intent *intent) {
    struct weave w;
    struct text *rows = ARENA_ARRAY(arena, struct text, key->count + 1);
    struct run *runs = ARENA_ARRAY(arena, struct run, key->count + 1);
    ms_t *times = ARENA_ARRAY(arena, ms_t, key->count + 1);
    if (!rows || !runs || !times) return wire_memory();
    for (size_t i = 0; i < key->count; i++) {
        struct span rest = key->values[i].text, time = span_cut(&rest, ' ');
        if (!wire_time(time, &times[i]) || times[i] <= 0 || rest.n == 0)
            return rc_fail(RC_INVALID,
                           "line %u: events: each must be a date and time with its zone, since "
                           "1970, and what happened: 2026-11-24T09:39:00+03:00 The ferry leaves",
                           key->values[i].line);
        runs[i].text = rest;
        rows[i] = (struct text){&runs[i], 1};
    }
    weave_init(&w, arena, intent, (struct span){0});
    weave_events(&w, rows, times, key->count);
    return weave_done(&w);
}

static rc read_picture(struct arena *arena, const struct front_key *keys, struct intent *intent) {
    struct picture fields = {.caption = value_of(&keys[PICTURE_CAPTION]),
                             .alt = value_of(&keys[PICTURE_ALT])};
    struct weave w;
    struct span day = {0};
    unsigned index;
    if (!keys[PICTURE].count) {
        for (int i = PICTURE_CAPTION; i <= PICTURE_REDISTRIBUTION; i++)
            if (keys[i].count) return wrong(&keys[i], "is given, but there is no picture");
        return RC_OK;
    }
    for (int i = PICTURE_CREDIT; i <= PICTURE_REDISTRIBUTION; i++) {
        struct span name = span_from(span_str(keys[i].name), strlen("picture-"));
        unsigned channels = 0;
        for (size_t k = 0; k < keys[i].count; k++) {
            rc code = wire_right(name, keys[i].values[k].text, &fields, &day);
            if (code != RC_OK)
                return rc_in(code, "line %u: %s: ", keys[i].values[k].line, keys[i].name);
            if (i == PICTURE_CHANNELS) channels |= fields.rights.channels;
        }
        if (channels) fields.rights.channels = channels;
    }
    weave_init(&w, arena, intent, arena_printf(arena, "line %u", keys[PICTURE].line));
    intent->draft.lead_picture = weave_picture(&w, value_of(&keys[PICTURE]), &fields, &index);
    if (intent->draft.lead_picture) intent->pictures[index].expires_day = day;
    return weave_done(&w);
}

/* "photos/pier.jpg; expires 2026-12-31; channels web feed": of any picture, wherever the item shows it. */
static rc read_right(struct arena *arena, const struct front_value *value, struct intent *intent) {
    struct span rest = value->text, file, day = {0};
    struct span raw = span_trim(span_cut(&rest, ';'));
    size_t i = 0;
    if (!wire_file(arena, raw, &file)) file = raw;
    while (i < intent->picture_count && !span_eq(intent->pictures[i].href, file)) i++;
    if (i == intent->picture_count)
        return rc_fail(RC_INVALID, "line %u: rights: the item shows no picture \"" SPAN_FMT "\"",
                       value->line, SPAN_ARG(wire_excerpt(raw)));
    if (!rest.n)
        return rc_fail(RC_INVALID,
                       "line %u: rights: \"file; key value; …\" is wanted, such as "
                       "photos/pier.jpg; expires 2026-12-31; redistribution no",
                       value->line);
    while (rest.p) {
        struct span text = span_trim(span_cut(&rest, ';')), key = span_cut(&text, ' ');
        if (key.n == 0 && !rest.p) break;
        rc code = wire_right(key, span_trim(text), &intent->draft.pictures[i], &day);
        if (code != RC_OK)
            return rc_in(code, "line %u: rights: " SPAN_FMT ": ", value->line,
                         SPAN_ARG(wire_excerpt(key)));
    }
    if (day.n) intent->pictures[i].expires_day = day;
    return RC_OK;
}

static rc read_rights(struct arena *arena, const struct front_key *key, struct intent *intent) {
    for (size_t i = 0; i < key->count; i++) TRY(read_right(arena, &key->values[i], intent));
    return RC_OK;
}

static rc read_related(struct arena *arena, const struct front_key *key, struct intent *out) {
    if (key->count > RELATED_PINS_MAX)
        return rc_fail(RC_TOO_BIG, "line %u: related: %zu stories, at most %d are taken", key->line,
                       key->count, RELATED_PINS_MAX);
    out->related = ARENA_ARRAY(arena, struct span, key->count + 1);
    if (!out->related) return wire_memory();
    for (size_t i = 0; i < key->count; i++)
        out->related[out->related_count++] = key->values[i].text;
    return RC_OK;
}

/* The names of the item and of what it belongs to. */
static rc read_names(const struct front_key *keys, struct intent *out) {
    out->uri = value_of(&keys[URI]);
    out->updates = value_of(&keys[UPDATES]);
    out->translation_of = value_of(&keys[TRANSLATION_OF]);
    out->draft.edition = value_of(&keys[EDITION]);
    if (out->updates.n && span_eq(out->updates, out->uri))
        return wrong(&keys[UPDATES], "names the item itself: a new version of it needs only its "
                                     "uri and a higher version");
    if (out->translation_of.n && span_eq(out->translation_of, out->uri))
        return wrong(&keys[TRANSLATION_OF], "names the item itself");
    if (out->draft.edition.n && !edition_key_good(out->draft.edition))
        return wrong(&keys[EDITION], "must be a key such as en or north-coast");
    return RC_OK;
}

static rc read_withdrawal(const struct front_key *keys, struct intent *out) {
    static const int of_it[] = {REASON, AUTHORITY, DEMANDED};
    int year;
    unsigned month, day;
    if (keys[STATUS].count && !span_eq(value_of(&keys[STATUS]), SPAN("canceled")))
        return wrong(&keys[STATUS], "can only be canceled");
    out->canceled = keys[STATUS].count > 0;
    for (size_t i = 0; i < COUNT_OF(of_it); i++)
        if (keys[of_it[i]].count && !out->canceled)
            return wrong(&keys[of_it[i]], "is given, but not status: canceled");
    out->reason = value_of(&keys[REASON]);
    out->authority = value_of(&keys[AUTHORITY]);
    out->demanded = value_of(&keys[DEMANDED]);
    if (out->demanded.n && !out->authority.n)
        return wrong(&keys[DEMANDED], "is given, but no authority that demanded it");
    if (out->demanded.n && !day_read(out->demanded, &year, &month, &day))
        return wrong(&keys[DEMANDED], "must be a date, such as 2026-11-20");
    return RC_OK;
}

static rc read_words(struct arena *arena, const struct front_key *keys, struct span language,
                     struct intent *out) {
    struct revision *draft = &out->draft;
    struct span own = value_of(&keys[LANGUAGE]);
    if (!wire_language(arena, own.n ? own : language, &draft->language))
        return own.n ? wrong(&keys[LANGUAGE], "must be a BCP 47 tag such as en or ar-EG")
                     : rc_fail(RC_INVALID, "line 1: language: is missing");
    if (keys[KIND].count && !work_of(value_of(&keys[KIND]), &draft->work))
        return wrong(&keys[KIND], "must be news, analysis, opinion, review, interview, feature, "
                                  "background, agency, sponsored, live or breaking");
    if (keys[SLUG].count && !span_eq(slug_of(arena, value_of(&keys[SLUG])), value_of(&keys[SLUG])))
        return wrong(&keys[SLUG], "must be lower-case words with \"-\" between them");
    if (keys[VERSION].count && !span_to_u64(value_of(&keys[VERSION]), INT64_MAX, &out->version))
        return wrong(&keys[VERSION], "must be a whole number in decimal digits");
    if (keys[VERSION].count && !keys[URI].count)
        return wrong(&keys[VERSION], "is given, but there is no uri that it is a version of");
    out->has_version = keys[VERSION].count > 0;
    if (keys[CHANGE].count &&
        (!change_of(value_of(&keys[CHANGE]), &out->change) || out->change == CHANGE_NONE))
        return wrong(&keys[CHANGE], "must be minor, update, clarification, correction, "
                                    "editors-note or retraction");
    if (keys[NOTE].count && !keys[CHANGE].count)
        return wrong(&keys[NOTE], "is given, but no change that it explains");
    return read_withdrawal(keys, out);
}

static rc read_front(struct arena *arena, const struct front_key *keys, struct span language,
                     struct intent *out) {
    struct revision *draft = &out->draft;
    draft->headline = value_of(&keys[HEADLINE]);
    draft->headline_short = value_of(&keys[SHORT]);
    draft->headline_social = value_of(&keys[SOCIAL]);
    draft->headline_feed = value_of(&keys[FEED]);
    draft->standfirst = value_of(&keys[STANDFIRST]);
    draft->section = value_of(&keys[SECTION]);
    draft->slug = value_of(&keys[SLUG]);
    draft->credit_line = value_of(&keys[CREDIT]);
    out->change_note = value_of(&keys[NOTE]);
    TRY(read_names(keys, out));
    TRY(read_words(arena, keys, language, out));
    TRY(read_time(&keys[EMBARGO], &out->embargoed_until));
    TRY(read_time(&keys[DATE], &out->published_claim));
    TRY(read_dateline(arena, &keys[DATELINE], &draft->dateline));
    TRY(read_bylines(arena, &keys[BYLINE], draft));
    TRY(read_tags(arena, &keys[TAGS], draft));
    TRY(read_events(arena, &keys[EVENTS], out));
    TRY(read_related(arena, &keys[RELATED], out));
    return read_picture(arena, keys, out);
}

static rc look_at_text(const struct intent *intent, unsigned line, const char *key,
                       const char *what) {
    if (intent->draft.headline.n == 0)
        return rc_fail(RC_INVALID,
                       "line %u: there is no %s: give \"%s:\" in the front "
                       "matter, or begin the text with \"# …\"",
                       line, key, key);
    if (intent->draft.block_count == 0)
        return rc_fail(RC_INVALID, "line %u: the %s has no text", line, what);
    return RC_OK;
}

rc wire_markdown(struct arena *arena, struct span bytes, struct span language,
                 struct intent *out_intent) {
    struct front_key keys[KEY_COUNT];
    size_t body;
    unsigned line;
    memcpy(keys, known_keys, sizeof keys);
    TRY(front_read(arena, bytes, keys, KEY_COUNT, &body, &line));
    TRY(read_front(arena, keys, language, out_intent));
    TRY(read_body(arena, bytes, body, line, out_intent));
    if (out_intent->canceled) return RC_OK;
    TRY(read_rights(arena, &keys[RIGHTS], out_intent));
    return look_at_text(out_intent, line, "headline", "story");
}

/* ---- a standing page --------------------------------------------------------------------------- */

enum page_key {
    PAGE_TITLE,
    PAGE_SHORT,
    PAGE_STANDFIRST,
    PAGE_SLUG,
    PAGE_LANGUAGE,
    PAGE_EDITION,
    PAGE_TRANSLATION_OF,
    PAGE_ORDER,
    PAGE_NOTE,
    PAGE_KEY_COUNT
};

static const struct front_key page_keys[PAGE_KEY_COUNT] = {
    [PAGE_TITLE] = {.name = "title", .bytes_max = HEADLINE_BYTES_MAX},
    [PAGE_SHORT] = {.name = "short", .bytes_max = HEADLINE_BYTES_MAX},
    [PAGE_STANDFIRST] = {.name = "standfirst", .bytes_max = STANDFIRST_BYTES_MAX},
    [PAGE_SLUG] = {.name = "slug", .bytes_max = SLUG_BYTES_MAX},
    [PAGE_LANGUAGE] = {.name = "language", .bytes_max = LANGUAGE_BYTES_MAX},
    [PAGE_EDITION] = {.name = "edition", .bytes_max = EDITION_BYTES_MAX},
    [PAGE_TRANSLATION_OF] = {.name = "translation-of", .bytes_max = URI_BYTES_MAX},
    [PAGE_ORDER] = {.name = "order", .bytes_max = WORD_BYTES_MAX},
    [PAGE_NOTE] = {.name = "note", .bytes_max = STANDING_NOTE_BYTES_MAX},
};

static rc read_page_front(struct arena *arena, const struct front_key *keys, struct span language,
                          struct intent *out) {
    struct revision *draft = &out->draft;
    const struct span slug = value_of(&keys[PAGE_SLUG]), own = value_of(&keys[PAGE_LANGUAGE]);
    uint64_t order = WIRE_PAGE_ORDER;
    if (!wire_language(arena, own.n ? own : language, &draft->language))
        return own.n ? wrong(&keys[PAGE_LANGUAGE], "must be a BCP 47 tag such as en or ar-EG")
                     : rc_fail(RC_INVALID, "line 1: language: is missing");
    if (slug.n && !span_eq(slug_of(arena, slug), slug))
        return wrong(&keys[PAGE_SLUG], "must be lower-case words with \"-\" between them");
    if (keys[PAGE_ORDER].count &&
        (!span_to_u64(value_of(&keys[PAGE_ORDER]), STANDING_ORDER_MAX, &order) || order == 0))
        return wrong(&keys[PAGE_ORDER], "must be a whole number from 1 to 999");
    draft->headline = value_of(&keys[PAGE_TITLE]);
    draft->headline_short = value_of(&keys[PAGE_SHORT]);
    draft->standfirst = value_of(&keys[PAGE_STANDFIRST]);
    draft->slug = slug;
    draft->edition = value_of(&keys[PAGE_EDITION]);
    if (draft->edition.n && !edition_key_good(draft->edition))
        return wrong(&keys[PAGE_EDITION], "must be a key such as en or north-coast");
    out->translation_of = value_of(&keys[PAGE_TRANSLATION_OF]);
    draft->standing =
        (struct standing_page){.order = (unsigned)order, .note = value_of(&keys[PAGE_NOTE])};
    return RC_OK;
}

rc wire_page(struct arena *arena, struct span bytes, struct span language,
             struct intent *out_intent) {
    struct front_key keys[PAGE_KEY_COUNT];
    struct revision *draft = &out_intent->draft;
    size_t body;
    unsigned line;
    memcpy(keys, page_keys, sizeof keys);
    TRY(front_read(arena, bytes, keys, PAGE_KEY_COUNT, &body, &line));
    TRY(read_page_front(arena, keys, language, out_intent));
    TRY(read_body(arena, bytes, body, line, out_intent));
    TRY(look_at_text(out_intent, line, "title", "page"));
    if (out_intent->picture_count)
        return rc_fail(RC_INVALID,
                       "line %u: the text shows the picture \"" SPAN_FMT
                       "\": a standing page is text "
                       "alone, so that its versions can be compared",
                       line, SPAN_ARG(out_intent->pictures[0].href));
    if (draft->slug.n == 0) draft->slug = slug_of(arena, draft->headline);
    return RC_OK;
}
