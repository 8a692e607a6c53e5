/* pages: stories, standing pages, and pages that say why there is nothing; how they look is in
 * themes/default. */
#include "base/hash.h"
#include "render/changes.h"
#include "render/escape.h"
#include "render/html.h"
#include "render/jsonld.h"
#include "render/links.h"
#include "render/page.h"

#define MAIL_BYTES_MAX 16384
/* Below this the text is no higher than what stands beside it. */
#define SHORT_STORY_WORDS 160
#define BYLINES_SHOWN 3 /* more are "and others"; feeds and schema.org name them all */

/* ---- a story --------------------------------------------------------------------------------- */

/* What others are told to show of the page. */
static void add_image(struct render *r, struct arena *a, struct value *page,
                      const struct render_story *story) {
    const struct revision *v = story->revision;
    const bool may = v->lead_picture && v->picture_count &&
                     rights_allow(&v->pictures[0].rights, CHANNEL_WEB, story->at);
    const struct rendition *shown = may ? html_rendition(&v->pictures[0]) : NULL;
    if (!shown) {
        value_add_absent(a, page, SPAN("image"));
        return;
    }
    struct value *image = value_add_map(a, page, SPAN("image"));
    value_add_text(a, image, SPAN("url"), theme_url(r, a, link_media(a, shown)));
    value_add_integer(a, image, SPAN("width"), shown->width);
    value_add_integer(a, image, SPAN("height"), shown->height);
    value_add_text(a, image, SPAN("alt"), v->pictures[0].alt);
}

static void add_people_and_tags(struct render *r, struct arena *a, struct value *page,
                                const struct revision *v) {
    struct value *bylines = value_add_list(a, page, SPAN("bylines"));
    value_add_bool(a, page, SPAN("others"), v->byline_count > BYLINES_SHOWN);
    for (size_t i = 0; i < v->byline_count && i < BYLINES_SHOWN; i++) {
        struct value *byline = value_add_map(a, bylines, SPAN(""));
        value_add_text(a, byline, SPAN("name"), v->bylines[i].name);
        value_add_text(a, byline, SPAN("path"), link_author(r, a, v->bylines[i].name));
        value_add_text(a, byline, SPAN("role"), v->bylines[i].role);
    }
    /* people, places, organisations, topics: in the order of their kinds */
    value_add_bool(a, page, SPAN("has_tags"), v->tag_count > 0);
    struct value *tags = value_add_list(a, page, SPAN("tags"));
    for (int kind = 0; kind < TAG_KIND_COUNT; kind++)
        for (size_t i = 0; i < v->tag_count; i++) {
            if (v->tags[i].kind != (enum tag_kind)kind) continue;
            struct value *tag = value_add_map(a, tags, SPAN(""));
            value_add_text(a, tag, SPAN("name"), v->tags[i].name);
            value_add_text(a, tag, SPAN("path"), link_tag(r, a, v->tags[i].slug));
        }
}

/* What readers must know before they read stands above the text; what it says rightly by now stands
 * below. */
static bool is_notice(enum change kind) {
    return change_place(kind) == CHANGE_TOP;
}

static void add_corrections(struct render *r, struct arena *a, struct value *page,
                            const struct revision *v) {
    struct value *notices = value_add_list(a, page, SPAN("notices"));
    struct value *corrections = value_add_list(a, page, SPAN("corrections"));
    ms_t corrected = 0;
    bool any = false;
    for (size_t i = 0; i < v->correction_count; i++) {
        const struct correction *c = &v->corrections[i];
        bool notice = is_notice(c->kind);
        struct value *item = value_add_map(a, notice ? notices : corrections, SPAN(""));
        value_add_text(a, item, SPAN("kind"), theme_phrase(r, "change_", change_word(c->kind)));
        value_add_text(a, item, SPAN("text"), c->text);
        page_add_time(r, a, item, SPAN("at"), SPAN("iso"), c->at);
        if (c->kind == CHANGE_CORRECTION) corrected = c->at;
        any = any || !notice;
    }
    value_add_bool(a, page, SPAN("has_corrections"), any);
    if (corrected) {
        page_add_time(r, a, page, SPAN("corrected"), SPAN("corrected_iso"), corrected);
    } else {
        value_add_absent(a, page, SPAN("corrected"));
        value_add_absent(a, page, SPAN("corrected_iso"));
    }
}

static void add_parameter(struct buf *out, const char *name, struct span text) {
    buf_str(out, name);
    escape_segment(out, text);
}

/* A question, and room for the answer. */
static void add_line(struct buf *out, struct span text) {
    buf_str(out, "%0D%0A%0D%0A");
    escape_segment(out, text);
    buf_str(out, "%0D%0A");
}

/* "mailto:…" with a subject and the story's address: sharing needs no script, and no one else's. */
static struct span mail_link(struct render *r, struct arena *a, struct span to,
                             const struct revision *v, bool with_version) {
    struct buf out;
    buf_init(&out, MAIL_BYTES_MAX);
    buf_str(&out, "mailto:");
    size_t at = span_find(to, '@');
    escape_segment(&out, span_sub(to, 0, at));
    if (at < to.n) {
        buf_char(&out, '@');
        escape_segment(&out, span_from(to, at + 1));
    }
    add_parameter(&out, "?subject=", v->headline);
    add_parameter(&out, "&body=", theme_url(r, a, link_short(a, v->code)));
    if (with_version) {
        buf_str(&out, "%20");
        add_parameter(&out, "", theme_phrase(r, "", SPAN("revision")));
        buf_printf(&out, "%%20%u", v->number);
        add_line(&out, theme_phrase(r, "", SPAN("report_wrong")));
        add_line(&out, theme_phrase(r, "", SPAN("report_passage")));
    }
    struct span link = arena_copy(a, buf_span(&out));
    buf_done(&out);
    return link;
}

static void add_addresses(struct render *r, struct arena *a, struct value *page,
                          const struct render_story *story) {
    const struct revision *v = story->revision;
    struct span short_path = link_short(a, v->code), ninjs = link_ninjs(a, v->path);
    value_add_text(a, page, SPAN("short_path"), short_path);
    value_add_text(a, page, SPAN("short_url"), theme_url(r, a, short_path));
    value_add_text(a, page, SPAN("json_path"), ninjs);
    value_add_text(a, page, SPAN("json_url"), theme_url(r, a, ninjs));
    value_add_text(a, page, SPAN("share_url"), mail_link(r, a, SPAN(""), v, false));
    value_add_text(a, page, SPAN("report_url"),
                   r->site.address.n ? mail_link(r, a, r->site.address, v, true) : SPAN(""));
    value_add_text(a, page, SPAN("opening_path"), link_opening(a, story->entry));
    value_add_text(a, page, SPAN("revision_path"), link_revision(a, story->entry));
    value_add_text(a, page, SPAN("entry"),
                   dates_number(r->dates, a, (int64_t)(story->entry & INT64_MAX)));
    value_add_text(a, page, SPAN("number"), dates_number(r->dates, a, v->number));
    value_add_bool(a, page, SPAN("newer_lost"), story->newer_lost);
}

static void add_heads(struct render *r, struct arena *a, struct value *page,
                      const struct revision *v) {
    page_add_headline(a, page, v->headline);
    value_add_text(a, page, SPAN("social_title"),
                   v->headline_social.n ? v->headline_social : v->headline);
    value_add_text(a, page, SPAN("standfirst"), v->standfirst);
    value_add_text(a, page, SPAN("description"), v->standfirst);
    /* a section called Opinion has said it */
    struct span work = theme_phrase(r, "work_", work_word(v->work));
    value_add_text(a, page, SPAN("work"), span_eq_nocase(work, v->section) ? SPAN("") : work);
    value_add_text(a, page, SPAN("work_kind"), work_word(v->work));
    value_add_text(a, page, SPAN("section"), v->section);
    value_add_text(a, page, SPAN("section_path"),
                   v->section.n ? link_section(r, a, v->section) : SPAN(""));
    value_add_text(a, page, SPAN("credit_line"), v->credit_line);
    page_add_language(r, a, page, v->language);
    page_add_time(r, a, page, SPAN("published"), SPAN("published_iso"), v->published);
    char iso[DATES_ISO_BYTES];
    value_add_text(a, page, SPAN("updated_iso"), arena_copy(a, dates_iso(iso, v->updated)));
    value_add_text(a, page, SPAN("dated"), dates_time(r->dates, a, v->updated));
    if (v->updated == v->published)
        value_add_absent(a, page, SPAN("updated"));
    else if (dates_same_day(dates_day_of(r->dates, v->updated),
                            dates_day_of(r->dates, v->published)))
        value_add_text(a, page, SPAN("updated"), dates_clock(r->dates, a, v->updated));
    else
        value_add_text(a, page, SPAN("updated"), dates_time(r->dates, a, v->updated));
}

static rc add_related(struct render *r, struct arena *a, struct value *page,
                      const struct render_story *story, struct buf *piece) {
    value_add_bool(a, page, SPAN("has_related"), story->related_count > 0);
    struct value *related = value_add_list(a, page, SPAN("related"));
    const struct card *cards = page_cards(a, story->related, story->related_count, story->at);
    for (size_t i = 0; i < story->related_count && !arena_over(a); i++) {
        const struct placed placed = {.card = &cards[i], .level = LEVEL_TEXT};
        const struct page_card shown = {.placed = &placed,
                                        .level = SPAN("more"),
                                        .heading = SPAN("h3"),
                                        .thumb = true,
                                        .full_date = true};
        TRY(page_add_card(r, a, related, &shown, piece));
    }
    return RC_OK;
}

static rc add_pieces(struct render *r, struct arena *a, struct value *page,
                     const struct render_story *story, struct buf *piece) {
    const struct revision *v = story->revision;
    const size_t words = story_words(v); /* counting is a tenth of all the rest of this page */
    value_add_bool(a, page, SPAN("brief"), words < SHORT_STORY_WORDS);
    const struct html_page look = {.dates = r->dates,
                                   .arena = a,
                                   .key_events = theme_phrase(r, "", SPAN("key_events")),
                                   .rights_ended = theme_phrase(r, "", SPAN("rights_ended")),
                                   .at = story->at};
    if (v->lead_picture && v->picture_count) html_figure(piece, &v->pictures[0], HTML_LEAD, &look);
    value_add_bool(a, page, SPAN("bare"), piece->n == 0);
    TRY(page_add_piece(a, page, SPAN("lead"), piece));
    html_blocks(piece, v, story->at, &look);
    TRY(page_add_piece(a, page, SPAN("blocks"), piece));
    jsonld_story(r, a, story, words, piece);
    TRY(page_add_piece(a, page, SPAN("jsonld"), piece));
    return add_related(r, a, page, story, piece);
}

rc render_story_page(struct render *r, struct arena *a, const struct render_story *story,
                     struct buf *out) {
    const struct revision *v = story->revision;
    const struct page_frame frame = {
        .kind = "story",
        .style = !r->rtl && dates_is_rtl(v->language) ? STYLE_OTHER_STORY : STYLE_STORY,
        .title = v->headline,
        .path = v->path,
        .section = v->section,
        .hue = v->work == WORK_OPINION ? SPAN("opinion") : theme_hue(r, a, v->section),
        .language = v->language,
        .translations = story->translations,
        .translation_count = story->translation_count};
    struct value *page = page_new(r, a, &frame);
    add_addresses(r, a, page, story);
    add_heads(r, a, page, v);
    add_image(r, a, page, story);
    add_people_and_tags(r, a, page, v);
    add_corrections(r, a, page, v);
    value_add_text(a, page, SPAN("old"),
                   story->old ? dates_day(r->dates, a, dates_day_of(r->dates, v->published))
                              : SPAN(""));
    struct buf piece;
    buf_init(&piece, PAGE_PIECE_BYTES_MAX);
    rc code = add_pieces(r, a, page, story, &piece);
    buf_done(&piece);
    TRY(code);
    return theme_page(r, a, frame.style, SPAN("story"), page, out);
}

rc render_blocks(struct render *r, struct arena *a, const struct revision *revision,
                 struct buf *out) {
    (void)r;
    (void)a;
    html_blocks(out, revision, 0, NULL);
    return out->over ? rc_fail(RC_TOO_BIG, "the story's blocks are over %zu bytes of HTML",
                               out->bytes_max)
                     : RC_OK;
}

/* ---- a standing page ------------------------------------------------------------------------- */

static struct value *new_standing(struct render *r, struct arena *a, const struct revision *v,
                                  uint64_t entry, const struct page_frame *frame) {
    struct value *page = page_new(r, a, frame);
    page_add_headline(a, page, v->headline);
    page_add_language(r, a, page, v->language);
    value_add_text(a, page, SPAN("standfirst"), v->standfirst);
    page_add_time(r, a, page, SPAN("updated"), SPAN("updated_iso"), v->updated);
    value_add_text(a, page, SPAN("version"), dates_number(r->dates, a, v->number));
    value_add_text(a, page, SPAN("opening_path"), link_opening(a, entry));
    value_add_text(a, page, SPAN("revision_path"), link_revision(a, entry));
    value_add_text(a, page, SPAN("entry"), dates_number(r->dates, a, (int64_t)(entry & INT64_MAX)));
    return page;
}

static enum theme_style style_of(const struct render *r, const struct revision *v) {
    return !r->rtl && dates_is_rtl(v->language) ? STYLE_OTHER_STORY : STYLE_STORY;
}

struct span render_version_path(struct arena *a, struct span path, uint32_t number) {
    return arena_printf(a, SPAN_FMT "/v/%u", SPAN_ARG(path), number);
}

static void add_versions(struct render *r, struct arena *a, struct value *page,
                         const struct render_standing *standing) {
    struct value *versions = value_add_list(a, page, SPAN("versions"));
    for (size_t i = 0; i < standing->version_count && !arena_over(a); i++) {
        const struct render_version *v = &standing->versions[i];
        struct value *item = value_add_map(a, versions, SPAN(""));
        value_add_bool(a, item, SPAN("lost"), v->lost);
        value_add_text(a, item, SPAN("path"),
                       render_version_path(a, standing->revision->path, v->number));
        value_add_text(a, item, SPAN("number"), dates_number(r->dates, a, v->number));
        page_add_time(r, a, item, SPAN("at"), SPAN("iso"), v->at);
        value_add_text(a, item, SPAN("note"), v->note);
        page_add_language(r, a, item, v->language);
    }
}

rc render_standing_page(struct render *r, struct arena *a, const struct render_standing *standing,
                        struct buf *out) {
    const struct revision *v = standing->revision;
    const struct page_frame frame = {.kind = "standing",
                                     .style = style_of(r, v),
                                     .title = v->headline,
                                     .path = v->path,
                                     .language = v->language,
                                     .translations = standing->translations,
                                     .translation_count = standing->translation_count};
    struct value *page = new_standing(r, a, v, standing->entry, &frame);
    value_add_bool(a, page, SPAN("newer_lost"), standing->newer_lost);
    add_versions(r, a, page, standing);
    struct buf piece;
    buf_init(&piece, PAGE_PIECE_BYTES_MAX);
    html_blocks(&piece, v, 0, NULL);
    rc code = page_add_piece(a, page, SPAN("blocks"), &piece);
    if (code == RC_OK) {
        jsonld_standing(r, a, v, &piece);
        code = page_add_piece(a, page, SPAN("jsonld"), &piece);
    }
    buf_done(&piece);
    TRY(code);
    return theme_page(r, a, frame.style, SPAN("standing"), page, out);
}

static rc add_changed_text(struct arena *a, struct value *page, struct span name,
                           const struct text *text, bool differs, struct buf *piece) {
    if (differs) html_text(piece, text);
    return page_add_piece(a, page, name, piece);
}

/* Its text, in which what is not as it was before is marked. */
static rc add_changes(struct render *r, struct arena *a, struct value *page,
                      const struct render_changes *of, struct buf *piece) {
    const struct change_words words = {theme_phrase(r, "", SPAN("words_removed")),
                                       theme_phrase(r, "", SPAN("words_added"))};
    struct changes changes = {.blocks = of->revision->blocks,
                              .block_count = of->revision->block_count};
    struct revision shown = *of->revision;
    const struct revision *before = of->before;
    if (before) TRY(changes_of(a, before, of->revision, &words, &changes));
    shown.blocks = changes.blocks;
    shown.block_count = changes.block_count;
    value_add_bool(a, page, SPAN("same"),
                   before && !changes.headline_differs && !changes.standfirst_differs &&
                       !changes.blocks_differ);
    TRY(add_changed_text(a, page, SPAN("headline_changes"), &changes.headline,
                         changes.headline_differs, piece));
    TRY(add_changed_text(a, page, SPAN("standfirst_changes"), &changes.standfirst,
                         changes.standfirst_differs, piece));
    html_blocks(piece, &shown, 0, NULL);
    return page_add_piece(a, page, SPAN("blocks"), piece);
}

rc render_version_page(struct render *r, struct arena *a, const struct render_changes *changes,
                       struct buf *out) {
    const struct revision *v = changes->revision;
    const struct page_frame frame = {
        .kind = "standing",
        .style = style_of(r, v),
        .title = arena_printf(a, SPAN_FMT " (" SPAN_FMT " " SPAN_FMT ")", SPAN_ARG(v->headline),
                              SPAN_ARG(theme_phrase(r, "", SPAN("revision"))),
                              SPAN_ARG(dates_number(r->dates, a, v->number))),
        .path = render_version_path(a, v->path, v->number)};
    struct value *page = new_standing(r, a, v, changes->entry, &frame);
    value_add_text(a, page, SPAN("note"), v->standing.note);
    value_add_text(a, page, SPAN("current_path"), v->path);
    value_add_bool(a, page, SPAN("first"), v->number == 1);
    value_add_bool(a, page, SPAN("lost"), v->number > 1 && !changes->before);
    value_add_text(a, page, SPAN("before_path"),
                   v->number > 1 ? render_version_path(a, v->path, v->number - 1) : SPAN(""));
    value_add_text(a, page, SPAN("before"),
                   v->number > 1 ? dates_number(r->dates, a, v->number - 1) : SPAN(""));
    struct buf piece;
    buf_init(&piece, PAGE_PIECE_BYTES_MAX);
    rc code = add_changes(r, a, page, changes, &piece);
    buf_done(&piece);
    TRY(code);
    return theme_page(r, a, frame.style, SPAN("version"), page, out);
}

/* ---- what is not there ----------------------------------------------------------------------- */

/* The day on which it was demanded, if that is known. */
static void add_demanded(struct render *r, struct arena *a, struct value *page, struct span day) {
    struct render_day demanded;
    bool known = day_read(day, &demanded.year, &demanded.month, &demanded.day);
    value_add_text(a, page, SPAN("demanded"), known ? dates_day(r->dates, a, demanded) : SPAN(""));
    value_add_text(a, page, SPAN("demanded_iso"), known ? day : SPAN(""));
}

rc render_gone_page(struct render *r, struct arena *a, const struct render_gone *gone,
                    struct buf *out) {
    const bool legal = gone->why.status == 451;
    struct span word = legal ? SPAN("451") : SPAN("410");
    struct span heading = theme_phrase(r, "gone_", gone->standing ? SPAN("page") : word);
    const struct page_frame frame = {.kind = "message",
                                     .style = STYLE_PLAIN,
                                     .title = gone->headline.n ? gone->headline : heading,
                                     .path = gone->path};
    struct value *page = page_new(r, a, &frame);
    value_add_text(a, page, SPAN("heading"), heading);
    value_add_text(a, page, SPAN("explanation"),
                   theme_phrase(r, "gone_", legal ? SPAN("451_why") : SPAN("410_why")));
    page_add_headline(a, page, gone->headline);
    page_add_language(r, a, page, gone->language);
    value_add_text(a, page, SPAN("reason"), gone->why.reason);
    value_add_text(a, page, SPAN("authority"), gone->why.authority);
    add_demanded(r, a, page, gone->why.demanded);
    value_add_text(a, page, SPAN("status"), word);
    value_add_text(a, page, SPAN("opening_path"), link_opening(a, gone->entry));
    value_add_text(a, page, SPAN("entry"),
                   dates_number(r->dates, a, (int64_t)(gone->entry & INT64_MAX)));
    page_add_time(r, a, page, SPAN("at"), SPAN("iso"), gone->at);
    return theme_page(r, a, frame.style, SPAN("gone"), page, out);
}

static rc add_newest(struct render *r, struct arena *a, struct value *page,
                     const struct render_error *error) {
    struct value *newest = value_add_list(a, page, SPAN("newest"));
    struct buf piece;
    rc code = RC_OK;
    buf_init(&piece, PAGE_PIECE_BYTES_MAX);
    for (size_t i = 0; i < error->count && i < RENDER_ERROR_HEADS_MAX && code == RC_OK; i++) {
        const struct placed placed = {.card = &error->newest[i], .level = LEVEL_LINE};
        const struct page_card shown = {.placed = &placed, .full_date = true};
        code = page_add_card(r, a, newest, &shown, &piece);
    }
    buf_done(&piece);
    value_add_bool(a, page, SPAN("has_newest"), error->count > 0);
    return code;
}

rc render_error_page(struct render *r, struct arena *a, const struct render_error *error,
                     struct buf *out) {
    const unsigned status = error->status;
    struct span word = arena_printf(a, "%u", status), number = word;
    struct span why = arena_printf(a, "%u_why", status);
    if (theme_phrase(r, "error_", word).n == 0) word = SPAN("other"), why = SPAN("other_why");
    const struct page_frame frame = {.kind = "message",
                                     .style = status >= 500 ? STYLE_BARE : STYLE_PLAIN,
                                     .title = theme_phrase(r, "error_", word)};
    struct value *page = page_new(r, a, &frame);
    value_add_text(a, page, SPAN("heading"), frame.title);
    value_add_text(a, page, SPAN("explanation"), theme_phrase(r, "error_", why));
    value_add_text(a, page, SPAN("status"), number);
    TRY(add_newest(r, a, page, error));
    return theme_page(r, a, frame.style, SPAN("error"), page, out);
}
