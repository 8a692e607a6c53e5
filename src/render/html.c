#include "render/html.h"

#include "render/changes.h"
#include "render/dates.h"
#include "render/escape.h"
#include "story/limits.h"

static void attribute(struct buf *out, const char *name, struct span value) {
    buf_char(out, ' ');
    buf_str(out, name);
    buf_str(out, "=\"");
    escape_html(out, value);
    buf_char(out, '"');
}

/* ---- inline ---------------------------------------------------------------------------------- */

/* story_check() has refused all others; they would do harm here, so that they are looked at again.
 */
static bool is_link(struct span href) {
    return span_starts(href, SPAN("https://")) || span_starts(href, SPAN("http://")) ||
           span_starts(href, SPAN("mailto:")) ||
           (span_starts(href, SPAN("/")) && !span_starts(href, SPAN("//")));
}

static const struct {
    unsigned look;
    const char *open, *close;
} looks[] = {
    {RUN_STRONG, "<strong>", "</strong>"}, {RUN_EMPHASIS, "<em>", "</em>"},
    {RUN_CODE, "<code>", "</code>"},       {RUN_SUB, "<sub>", "</sub>"},
    {RUN_SUP, "<sup>", "</sup>"},
};

/* Of a text that shows its changes: the element around its marked runs. */
static void write_mark(struct buf *out, unsigned mark, bool close) {
    if (mark) buf_printf(out, close ? "</%s>" : "<%s>", mark == RUN_DELETED ? "del" : "ins");
}

void html_text(struct buf *out, const struct text *t) {
    struct span open = {0};
    unsigned mark = 0;
    for (size_t i = 0; i < t->count; i++) {
        const struct run *run = &t->runs[i];
        struct span href = is_link(run->href) ? run->href : (struct span){0};
        const unsigned its = run->look & (RUN_DELETED | RUN_INSERTED);
        if (its != mark) {
            if (open.n) buf_str(out, "</a>");
            open = (struct span){0};
            write_mark(out, mark, true);
            write_mark(out, its, false);
            mark = its;
        }
        if (run->look & RUN_ASIDE) {
            buf_str(out, "<span class=\"quiet\">");
            escape_html(out, run->text);
            buf_str(out, " </span>");
            continue;
        }
        if (!span_eq(href, open)) {
            if (open.n) buf_str(out, "</a>");
            if (href.n) {
                buf_str(out, "<a");
                attribute(out, "href", href);
                buf_char(out, '>');
            }
            open = href;
        }
        for (size_t k = 0; k < COUNT_OF(looks); k++)
            if (run->look & looks[k].look) buf_str(out, looks[k].open);
        escape_html(out, run->text);
        for (size_t k = COUNT_OF(looks); k-- > 0;)
            if (run->look & looks[k].look) buf_str(out, looks[k].close);
    }
    if (open.n) buf_str(out, "</a>");
    write_mark(out, mark, true);
}

static void write_linked(struct buf *out, struct span text, struct span href) {
    if (is_link(href)) {
        buf_str(out, "<a");
        attribute(out, "href", href);
        buf_char(out, '>');
    }
    escape_html(out, text);
    if (is_link(href)) buf_str(out, "</a>");
}

static void write_class(struct buf *out, const char *element, const char *name, struct span text,
                        struct span href) {
    buf_printf(out, "<%s class=\"%s\">", element, name);
    write_linked(out, text, href);
    buf_printf(out, "</%s>", element);
}

/* ---- anchors --------------------------------------------------------------------------------- */

/* How many ids each letter has given so far. */
struct anchors {
    size_t count['z' - 'a' + 1];
};

static void write_id(struct buf *out, struct anchors *anchors, char letter) {
    buf_printf(out, " id=\"%c%zu\"", letter, ++anchors->count[letter - 'a']);
}

/* <TAG id="…">, with a class if it has one. */
static void open_block(struct buf *out, struct anchors *anchors, const char *tag, char letter,
                       const char *class) {
    buf_printf(out, "<%s", tag);
    if (class) buf_printf(out, " class=\"%s\"", class);
    write_id(out, anchors, letter);
    buf_char(out, '>');
}

/* ---- pictures -------------------------------------------------------------------------------- */

const char *html_media_extension(struct span type) {
    static const struct {
        const char *type, *extension;
    } known[] = {{"image/jpeg", "jpg"},
                 {"image/png", "png"},
                 {"image/webp", "webp"},
                 {"image/avif", "avif"}};
    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (span_eq(type, span_str(known[i].type))) return known[i].extension;
    return NULL;
}

void html_media_path(struct buf *out, const struct rendition *r) {
    const char *extension = html_media_extension(r->type);
    buf_str(out, "/media/");
    buf_hex(out, r->hash.bytes, sizeof r->hash.bytes);
    buf_char(out, '.');
    buf_str(out, extension ? extension : "bin");
}

const struct rendition *html_rendition(const struct picture *p) {
    const struct rendition *any = NULL;
    for (size_t i = 0; i < p->rendition_count; i++) {
        const struct rendition *r = &p->renditions[i];
        if (span_eq(r->type, SPAN("image/jpeg")) || span_eq(r->type, SPAN("image/png"))) return r;
        if (!any && html_media_extension(r->type)) any = r;
    }
    return any;
}

/* The brief's layouts, in the order of enum html_use; widths in CSS pixels. */
static const struct {
    const char *sizes;
    uint32_t width_max; /* pixels: what is wider is of no use there, even at two for one */
} uses[HTML_USES] = {
    [HTML_LEAD] = {"(min-width:79.5rem) 984px,(min-width:75rem) calc(100vw - 18rem),"
                   "(min-width:50rem) calc(100vw - 3rem),100vw",
                   UINT32_MAX},
    [HTML_BODY] = {"(min-width:75rem) 624px,(min-width:50rem) calc(100vw - 14.75rem),"
                   "calc(100vw - 2rem)",
                   1280},
    [HTML_CARD_LEAD] = {"(min-width:75rem) 588px,(min-width:50rem) calc(58vw - 2.6rem),100vw",
                        1280},
    [HTML_CARD_BIG] =
        {"(min-width:75rem) 588px,(min-width:50rem) calc(58vw - 2.6rem),calc(100vw - 2rem)", 1280},
    [HTML_CARD] = {"(min-width:75rem) 280px,(min-width:50rem) 46vw,116px", 780},
    [HTML_CARD_THUMB] = {"104px", 320},
};

/* Is it offered there? The narrowest of its type always is. */
static bool is_offered(const struct picture *p, const struct rendition *r, struct span type,
                       enum html_use use) {
    if (!span_eq(r->type, type)) return false;
    if (r->width <= uses[use].width_max) return true;
    for (size_t i = 0; i < p->rendition_count; i++)
        if (span_eq(p->renditions[i].type, type) && p->renditions[i].width < r->width) return false;
    return true;
}

static size_t count_offered(const struct picture *p, struct span type, enum html_use use) {
    size_t count = 0;
    for (size_t i = 0; i < p->rendition_count; i++)
        count += is_offered(p, &p->renditions[i], type, use);
    return count;
}

static void write_sizes(struct buf *out, const struct picture *p, struct span type,
                        enum html_use use) {
    buf_str(out, " srcset=\"");
    bool first = true;
    for (size_t i = 0; i < p->rendition_count; i++) {
        const struct rendition *r = &p->renditions[i];
        if (!is_offered(p, r, type, use)) continue;
        if (!first) buf_str(out, ", ");
        first = false;
        html_media_path(out, r);
        buf_printf(out, " %uw", r->width);
    }
    buf_printf(out, "\" sizes=\"%s\"", uses[use].sizes);
}

static void write_image(struct buf *out, const struct picture *p, const struct rendition *shown,
                        enum html_use use) {
    static const char *const modern[] = {"image/avif", "image/webp"};
    bool wrapped = false, at_once = use == HTML_LEAD || use == HTML_CARD_LEAD;
    for (size_t i = 0; i < COUNT_OF(modern); i++) {
        struct span type = span_str(modern[i]);
        if (span_eq(type, shown->type) || count_offered(p, type, use) == 0) continue;
        if (!wrapped) buf_str(out, "<picture>");
        wrapped = true;
        buf_str(out, "<source");
        attribute(out, "type", type);
        write_sizes(out, p, type, use);
        buf_char(out, '>');
    }
    buf_str(out, "<img src=\"");
    html_media_path(out, shown);
    buf_char(out, '"');
    if (count_offered(p, shown->type, use) > 1) write_sizes(out, p, shown->type, use);
    buf_printf(out, " width=\"%u\" height=\"%u\"", shown->width, shown->height);
    if (p->colour.n) attribute(out, "data-colour", p->colour);
    attribute(out, "alt", use == HTML_LEAD || use == HTML_BODY ? p->alt : (struct span){0});
    buf_str(out, at_once ? " fetchpriority=\"high\">" : " loading=\"lazy\" decoding=\"async\">");
    if (wrapped) buf_str(out, "</picture>");
}

static const char *shape_of(const struct rendition *widest) {
    uint64_t width = widest->width, height = widest->height;
    if (height > width) return " tall";
    if (width >= 2 * height + height / 5) return width < 1248 ? " small" : " panorama";
    return width < 624 ? " small" : width >= 1280 ? " wide" : "";
}

/* What an <img> without choice loads: the widest that is offered. */
static const struct rendition *plain_rendition(const struct picture *p, enum html_use use) {
    const struct rendition *best = html_rendition(p);
    if (!best || is_offered(p, best, best->type, use)) return best;
    const struct rendition *narrower = NULL;
    for (size_t i = 0; i < p->rendition_count; i++) {
        const struct rendition *r = &p->renditions[i];
        if (is_offered(p, r, best->type, use) && (!narrower || r->width > narrower->width))
            narrower = r;
    }
    return narrower;
}

static void write_caption(struct buf *out, const struct picture *p, bool line) {
    char memory[2 * PICTURE_CREDIT_BYTES_MAX + 16];
    struct buf credit;
    buf_init_fixed(&credit, memory, sizeof memory);
    if (line)
        picture_credit_line(p, &credit);
    else
        buf_add(&credit, p->credit);
    if (!p->caption.n && !credit.n) return;
    buf_str(out, "<figcaption>");
    if (p->caption.n) write_class(out, "span", "caption", p->caption, SPAN(""));
    if (p->caption.n && credit.n) buf_char(out, ' ');
    if (credit.n) write_class(out, "cite", "credit", buf_span(&credit), SPAN(""));
    buf_str(out, "</figcaption>");
}

static bool on_web(const struct picture *p) {
    const struct rights rights = {.channels = p->rights.channels};
    return rights_allow(&rights, CHANNEL_WEB, 0);
}

/* The caption tells on, of a picture that may not be seen any more. */
static void write_ended(struct buf *out, const struct picture *p, enum html_use use,
                        struct anchors *anchors, const struct html_page *page) {
    buf_printf(out, "<figure class=\"picture%s gone\"", use == HTML_LEAD ? " lead" : "");
    if (anchors) write_id(out, anchors, 'f');
    buf_str(out, "><p>");
    escape_html(out, page->rights_ended);
    buf_str(out, "</p>");
    write_caption(out, p, true);
    buf_str(out, "</figure>\n");
}

/* Is there anything of it? On a page, what once was there leaves its caption. */
static bool has_figure(const struct picture *p, ms_t at, const struct html_page *page) {
    if (!html_rendition(p)) return false;
    return page ? on_web(p) : rights_allow(&p->rights, CHANNEL_API, at);
}

static void write_figure(struct buf *out, const struct picture *p, enum html_use use,
                         struct anchors *anchors, ms_t at, const struct html_page *page) {
    const struct rendition *shown = plain_rendition(p, use);
    if (!has_figure(p, at, page) || !shown) {
        if (anchors) anchors->count['f' - 'a']++; /* what follows keeps its name */
        return;
    }
    if (page && !rights_allow(&p->rights, CHANNEL_WEB, at)) {
        write_ended(out, p, use, anchors, page);
        return;
    }
    buf_printf(out, "<figure class=\"picture%s%s\"", use == HTML_LEAD ? " lead" : "",
               shape_of(&p->renditions[0]));
    if (anchors) write_id(out, anchors, 'f');
    buf_char(out, '>');
    write_image(out, p, shown, use);
    write_caption(out, p, page != NULL);
    buf_str(out, "</figure>\n");
}

void html_figure(struct buf *out, const struct picture *p, enum html_use use,
                 const struct html_page *page) {
    write_figure(out, p, use, NULL, page->at, page);
}

void html_picture(struct buf *out, const struct picture *p, enum html_use use) {
    const struct rendition *shown = plain_rendition(p, use);
    if (!shown) return;
    write_image(out, p, shown, use);
    buf_char(out, '\n');
}

/* ---- blocks ---------------------------------------------------------------------------------- */

void html_dateline_text(struct buf *out, const struct dateline *d) {
    buf_add(out, d->place);
    if (d->place.n && d->source.n) buf_char(out, ' ');
    if (d->source.n) {
        buf_char(out, '(');
        buf_add(out, d->source);
        buf_char(out, ')');
    }
}

static void write_dateline(struct buf *out, const struct dateline *d) {
    buf_str(out, "<span class=\"dateline\">");
    escape_html(out, d->place);
    if (d->place.n && d->source.n) buf_char(out, ' ');
    if (d->source.n) {
        buf_char(out, '(');
        escape_html(out, d->source);
        buf_char(out, ')');
    }
    buf_str(out, " \xE2\x80\x94 </span>");
}

/* What is longer is read, not looked at: it is set smaller. In bytes, of which Arabic takes two for a
 * letter, and is set larger. */
#define QUOTE_BYTES 220

bool html_is_marked(struct span text) {
    static const char *const marks[] = {"\"",           "\xC2\xAB",     "\xE2\x80\x98",
                                        "\xE2\x80\x9A", "\xE2\x80\x9C", "\xE2\x80\x9E",
                                        "\xE2\x80\xB9"};
    for (size_t i = 0; i < COUNT_OF(marks); i++)
        if (span_starts(text, span_str(marks[i]))) return true;
    return false;
}

static void write_quote(struct buf *out, struct anchors *anchors, const struct block *b) {
    bool pull = b->kind == BLOCK_PULL_QUOTE;
    bool marked = b->row_count && b->rows[0].count && html_is_marked(b->rows[0].runs[0].text);
    open_block(out, anchors, "figure", 'q', pull ? "pull-quote" : "quote");
    size_t bytes = 0;
    for (size_t i = 0; i < b->row_count; i++)
        for (size_t k = 0; k < b->rows[i].count; k++) bytes += b->rows[i].runs[k].text.n;
    static const char *const names[] = {"pull-quote", "marked", "long"};
    const bool given[] = {pull, marked, bytes > QUOTE_BYTES};
    buf_str(out, "<blockquote");
    bool any = false;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (!given[i]) continue;
        buf_str(out, any ? " " : " class=\"");
        buf_str(out, names[i]);
        any = true;
    }
    if (any) buf_char(out, '"');
    if (is_link(b->url)) attribute(out, "cite", b->url);
    buf_char(out, '>');
    for (size_t i = 0; i < b->row_count; i++) {
        buf_str(out, "<p>");
        html_text(out, &b->rows[i]);
        buf_str(out, "</p>");
    }
    buf_str(out, "</blockquote>");
    if (b->speaker.n || b->occasion.n) {
        buf_str(out, "<figcaption>");
        if (b->speaker.n)
            write_class(out, "span", "speaker", b->speaker, b->occasion.n ? SPAN("") : b->url);
        if (b->speaker.n && b->occasion.n) buf_char(out, ' ');
        if (b->occasion.n) write_class(out, "cite", "occasion", b->occasion, b->url);
        buf_str(out, "</figcaption>");
    }
    buf_str(out, "</figure>\n");
}

static void write_list(struct buf *out, struct anchors *anchors, const struct block *b) {
    open_block(out, anchors, b->ordered ? "ol" : "ul", 'l', NULL);
    for (size_t i = 0; i < b->row_count; i++) {
        buf_str(out, "<li>");
        html_text(out, &b->rows[i]);
        buf_str(out, "</li>");
    }
    buf_str(out, b->ordered ? "</ol>\n" : "</ul>\n");
}

static void write_table(struct buf *out, struct anchors *anchors, const struct block *b) {
    if (b->columns == 0) return;
    /* wide tables scroll by themselves, and by the keyboard */
    buf_str(out, "<div class=\"table\"");
    write_id(out, anchors, 't');
    buf_str(out, " role=\"group\" tabindex=\"0\"><table>");
    for (size_t i = 0; i < b->row_count; i++) {
        bool head = b->header_row && i < b->columns;
        size_t column = i % b->columns;
        if (column == 0) {
            if (head) buf_str(out, "<thead>");
            if (!head && i == (b->header_row ? b->columns : 0)) buf_str(out, "<tbody>");
            buf_str(out, "<tr>");
        }
        buf_str(out, head ? "<th scope=\"col\">" : "<td>");
        html_text(out, &b->rows[i]);
        buf_str(out, head ? "</th>" : "</td>");
        if (column + 1 == b->columns) buf_str(out, head ? "</tr></thead>" : "</tr>");
    }
    if (b->row_count > (b->header_row ? b->columns : 0)) buf_str(out, "</tbody>");
    buf_str(out, "</table></div>\n");
}

static void write_preformatted(struct buf *out, struct anchors *anchors, const struct block *b) {
    open_block(out, anchors, "pre", 'p', NULL);
    /* HTML drops a line feed right after <pre> */
    if (b->text.count && span_starts(b->text.runs[0].text, SPAN("\n"))) buf_char(out, '\n');
    html_text(out, &b->text);
    buf_str(out, "</pre>\n");
}

static void write_gallery(struct buf *out, struct anchors *anchors, const struct revision *r,
                          const struct block *b, ms_t at, const struct html_page *page) {
    bool any = false;
    for (size_t i = 0; i < b->picture_count; i++) {
        CHECK(b->pictures[i] < r->picture_count);
        any = any || has_figure(&r->pictures[b->pictures[i]], at, page);
    }
    if (!any) {
        anchors->count['f' - 'a']++;
        return;
    }
    open_block(out, anchors, "figure", 'f', "gallery");
    for (size_t i = 0; i < b->picture_count; i++) {
        write_figure(out, &r->pictures[b->pictures[i]], HTML_BODY, NULL, at, page);
    }
    buf_str(out, "</figure>\n");
}

/* Of one day, the time of day says enough. */
static bool of_one_day(const struct html_page *page, const struct block *b) {
    for (size_t i = 1; i < b->row_count; i++)
        if (!dates_same_day(dates_day_of(page->dates, b->times[0]),
                            dates_day_of(page->dates, b->times[i])))
            return false;
    return true;
}

static void write_events(struct buf *out, struct anchors *anchors, const struct html_page *page,
                         const struct block *b, bool first) {
    size_t before = anchors->count['e' - 'a'];
    bool short_times = page && of_one_day(page, b);
    if (page && first) {
        buf_str(out, "<section class=\"key-events\" aria-labelledby=\"key-events\">\n"
                     "<h2 id=\"key-events\">");
        escape_html(out, page->key_events);
        buf_str(out, "</h2>\n");
    }
    buf_str(out, "<ol class=\"events\"");
    write_id(out, anchors, 'l');
    buf_str(out, " reversed=\"\">\n");
    for (size_t i = b->row_count; i-- > 0;) {
        char memory[DATES_ISO_BYTES];
        struct span iso = dates_iso(memory, b->times[i]), said = iso;
        if (page)
            said = short_times ? dates_clock(page->dates, page->arena, b->times[i])
                               : dates_time(page->dates, page->arena, b->times[i]);
        buf_printf(out, "<li id=\"e%zu\">", before + i + 1);
        if (page) buf_printf(out, "<a href=\"#e%zu\">", before + i + 1);
        buf_printf(out, "<time datetime=\"" SPAN_FMT "\">", SPAN_ARG(iso));
        escape_html(out, said);
        buf_str(out, page ? "</time></a> " : "</time> ");
        html_text(out, &b->rows[i]);
        buf_str(out, "</li>\n");
    }
    anchors->count['e' - 'a'] += b->row_count;
    buf_str(out, page && first ? "</ol>\n</section>\n" : "</ol>\n");
}

static void write_card(struct buf *out, struct anchors *anchors, const struct block *b) {
    open_block(out, anchors, "figure", 'f', b->kind == BLOCK_AUDIO ? "audio" : "embed");
    write_linked(out, b->title.n ? b->title : b->url, b->url);
    buf_str(out, "</figure>\n");
}

static void write_heading(struct buf *out, struct anchors *anchors, const struct block *b) {
    const char tag[] = {'h', (char)('0' + b->level), 0};
    CHECK(b->level >= 2 && b->level <= 4);
    open_block(out, anchors, tag, 'h', NULL);
    html_text(out, &b->text);
    buf_printf(out, "</%s>\n", tag);
}

void html_blocks(struct buf *out, const struct revision *r, ms_t at, const struct html_page *page) {
    struct anchors anchors = {0};
    bool dateline = page && (r->dateline.place.n || r->dateline.source.n);
    for (size_t i = 0; i < r->block_count && !out->over; i++) {
        const struct block *b = &r->blocks[i];
        switch (b->kind) {
        case BLOCK_PARAGRAPH:
            open_block(out, &anchors, "p", 'p', NULL);
            if (dateline) write_dateline(out, &r->dateline);
            dateline = false;
            html_text(out, &b->text);
            buf_str(out, "</p>\n");
            break;
        case BLOCK_HEADING: write_heading(out, &anchors, b); break;
        case BLOCK_LIST: write_list(out, &anchors, b); break;
        case BLOCK_QUOTE:
        case BLOCK_PULL_QUOTE: write_quote(out, &anchors, b); break;
        case BLOCK_PICTURE:
            CHECK(b->picture < r->picture_count);
            write_figure(out, &r->pictures[b->picture], HTML_BODY, &anchors, at, page);
            break;
        case BLOCK_TABLE: write_table(out, &anchors, b); break;
        case BLOCK_PREFORMATTED: write_preformatted(out, &anchors, b); break;
        case BLOCK_RULE: buf_str(out, "<hr>\n"); break;
        case BLOCK_EMBED:
        case BLOCK_AUDIO: write_card(out, &anchors, b); break;
        case BLOCK_GALLERY: write_gallery(out, &anchors, r, b, at, page); break;
        case BLOCK_EVENTS: write_events(out, &anchors, page, b, i == 0); break;
        case BLOCK_KIND_COUNT: CHECK(!"a block has a kind");
        }
    }
    /* a story without a paragraph still says where it comes from */
    if (dateline) {
        buf_str(out, "<p>");
        write_dateline(out, &r->dateline);
        buf_str(out, "</p>\n");
    }
}
