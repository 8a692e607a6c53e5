/* pages: what each kind of page knows; how it looks is in themes/default. */
#include "base/hash.h"
#include "codec/json.h"
#include "render/html.h"
#include "render/jsonld.h"
#include "render/links.h"

/* Pieces of a page that are HTML before the template sees them. */
#define PIECE_BYTES_MAX (16u << 20)

static void add_time(struct render *r, struct arena *a, struct value *into, struct span name,
                     struct span iso_name, ms_t at) {
    char iso[DATES_ISO_BYTES];
    value_add_text(a, into, name, dates_time(r->dates, a, at));
    value_add_text(a, into, iso_name, arena_copy(a, dates_iso(iso, at)));
}

/* lang and dir, where they differ from the site's; both absent otherwise. */
static void add_language(struct render *r, struct arena *a, struct value *into,
                         struct span language) {
    if (language.n == 0 || span_eq_nocase(language, r->site.language)) {
        value_add_absent(a, into, SPAN("lang"));
        value_add_absent(a, into, SPAN("dir"));
        return;
    }
    value_add_text(a, into, SPAN("lang"), language);
    value_add_text(a, into, SPAN("dir"), dates_is_rtl(language) ? SPAN("rtl") : SPAN("ltr"));
}

/* Takes what stands in `piece` into the arena as html, and empties it for the next. */
static rc add_piece(struct arena *a, struct value *into, struct span name, struct buf *piece) {
    if (piece->over)
        return rc_fail(RC_TOO_BIG, "the page's " SPAN_FMT " is over %u bytes of HTML",
                       SPAN_ARG(name), PIECE_BYTES_MAX);
    value_add_html(a, into, name, arena_copy(a, buf_span(piece)));
    buf_clear(piece);
    return RC_OK;
}

/* ---- a story --------------------------------------------------------------------------------- */

static void add_image(struct render *r, struct arena *a, struct value *page,
                      const struct revision *v) {
    const struct rendition *shown =
        v->lead_picture && v->picture_count ? html_rendition(&v->pictures[0]) : NULL;
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

static void add_people_and_tags(struct arena *a, struct value *page, const struct revision *v) {
    struct value *bylines = value_add_list(a, page, SPAN("bylines"));
    for (size_t i = 0; i < v->byline_count; i++) {
        struct value *byline = value_add_map(a, bylines, SPAN(""));
        value_add_text(a, byline, SPAN("name"), v->bylines[i].name);
        value_add_text(a, byline, SPAN("role"), v->bylines[i].role);
    }
    value_add_bool(a, page, SPAN("has_tags"), v->tag_count > 0);
    struct value *tags = value_add_list(a, page, SPAN("tags"));
    for (size_t i = 0; i < v->tag_count; i++) {
        struct value *tag = value_add_map(a, tags, SPAN(""));
        value_add_text(a, tag, SPAN("name"), v->tags[i].name);
        value_add_text(a, tag, SPAN("path"), link_tag(a, v->tags[i].slug));
    }
}

static void add_corrections(struct render *r, struct arena *a, struct value *page,
                            const struct revision *v) {
    value_add_bool(a, page, SPAN("has_corrections"), v->correction_count > 0);
    struct value *list = value_add_list(a, page, SPAN("corrections"));
    for (size_t i = 0; i < v->correction_count; i++) {
        const struct correction *c = &v->corrections[i];
        struct value *item = value_add_map(a, list, SPAN(""));
        value_add_text(a, item, SPAN("kind"), theme_phrase(r, "change_", change_word(c->kind)));
        value_add_text(a, item, SPAN("text"), c->text);
        add_time(r, a, item, SPAN("at"), SPAN("iso"), c->at);
    }
}

static void add_addresses(struct render *r, struct arena *a, struct value *page,
                          const struct render_story *story) {
    const struct revision *v = story->revision;
    struct span short_path = link_short(a, v->code), ninjs = link_ninjs(a, v->path);
    value_add_text(a, page, SPAN("url"), theme_url(r, a, v->path));
    value_add_text(a, page, SPAN("short_path"), short_path);
    value_add_text(a, page, SPAN("short_url"), theme_url(r, a, short_path));
    value_add_text(a, page, SPAN("json_path"), ninjs);
    value_add_text(a, page, SPAN("json_url"), theme_url(r, a, ninjs));
    value_add_text(a, page, SPAN("opening_path"), link_opening(a, story->entry));
    value_add_text(a, page, SPAN("revision_path"), link_revision(a, story->entry));
    value_add_integer(a, page, SPAN("entry"), (int64_t)story->entry);
    value_add_integer(a, page, SPAN("number"), v->number);
    value_add_bool(a, page, SPAN("newer_lost"), story->newer_lost);
}

static void add_heads(struct render *r, struct arena *a, struct value *page,
                      const struct revision *v) {
    value_add_text(a, page, SPAN("title"), v->headline);
    value_add_text(a, page, SPAN("headline"), v->headline);
    value_add_text(a, page, SPAN("social_title"),
                   v->headline_social.n ? v->headline_social : v->headline);
    value_add_text(a, page, SPAN("standfirst"), v->standfirst);
    value_add_text(a, page, SPAN("description"), v->standfirst);
    value_add_text(a, page, SPAN("work"), theme_phrase(r, "work_", work_word(v->work)));
    value_add_text(a, page, SPAN("section"), v->section);
    value_add_text(a, page, SPAN("section_path"),
                   v->section.n ? link_section(a, v->section) : SPAN(""));
    value_add_text(a, page, SPAN("credit_line"), v->credit_line);
    add_language(r, a, page, v->language);
    add_time(r, a, page, SPAN("published"), SPAN("published_iso"), v->published);
    if (v->updated != v->published) {
        add_time(r, a, page, SPAN("updated"), SPAN("updated_iso"), v->updated);
    } else {
        char iso[DATES_ISO_BYTES];
        value_add_absent(a, page, SPAN("updated"));
        value_add_text(a, page, SPAN("updated_iso"), arena_copy(a, dates_iso(iso, v->updated)));
    }
}

static rc add_pieces(struct render *r, struct arena *a, struct value *page,
                     const struct revision *v, struct buf *piece) {
    if (v->lead_picture && v->picture_count) html_picture(piece, &v->pictures[0], true);
    TRY(add_piece(a, page, SPAN("lead"), piece));
    html_blocks(piece, v, true);
    TRY(add_piece(a, page, SPAN("blocks"), piece));
    jsonld_story(r, a, v, piece);
    return add_piece(a, page, SPAN("jsonld"), piece);
}

rc render_story_page(struct render *r, struct arena *a, const struct render_story *story,
                     struct buf *out) {
    const struct revision *v = story->revision;
    struct value *page = value_map(a);
    add_addresses(r, a, page, story);
    add_heads(r, a, page, v);
    add_image(r, a, page, v);
    add_people_and_tags(a, page, v);
    add_corrections(r, a, page, v);
    struct buf piece;
    buf_init(&piece, PIECE_BYTES_MAX);
    rc code = add_pieces(r, a, page, v, &piece);
    buf_done(&piece);
    TRY(code);
    return theme_page(r, a, SPAN("story"), page, out);
}

rc render_blocks(struct render *r, struct arena *a, const struct revision *revision,
                 struct buf *out) {
    (void)r;
    (void)a;
    html_blocks(out, revision, false);
    return out->over ? rc_fail(RC_TOO_BIG, "the story's blocks are over %zu bytes of HTML",
                               out->bytes_max)
                     : RC_OK;
}

/* ---- lists ----------------------------------------------------------------------------------- */

/* The picture of a card, of which we know one rendition. */
static rc add_card_picture(struct arena *a, struct value *item, struct span json,
                           struct buf *piece) {
    json_t *root = NULL;
    if (json.n) {
        TRY(json_read(json, &root));
        json_int_t width = json_integer_value(json_object_get(root, "width"));
        json_int_t height = json_integer_value(json_object_get(root, "height"));
        struct rendition rendition = {.type = json_member_string(root, "type")};
        struct picture picture = {
            .alt = json_member_string(root, "alt"), .renditions = &rendition, .rendition_count = 1};
        bool good =
            hex_decode(json_member_string(root, "hash"), rendition.hash.bytes, SHA256_BYTES) &&
            width > 0 && width <= UINT32_MAX && height > 0 && height <= UINT32_MAX &&
            html_media_extension(rendition.type);
        rendition.width = (uint32_t)width;
        rendition.height = (uint32_t)height;
        if (good) html_picture(piece, &picture, false);
        json_decref(root);
        if (!good)
            return rc_fail(RC_CORRUPT,
                           "a card's picture is not {alt, hash, height, type, width}: " SPAN_FMT,
                           SPAN_ARG(json));
    }
    return add_piece(a, item, SPAN("picture"), piece);
}

static rc add_card(struct render *r, struct arena *a, struct value *list, const struct card *card,
                   struct buf *piece) {
    struct value *item = value_add_map(a, list, SPAN(""));
    value_add_text(a, item, SPAN("path"), card->path);
    value_add_text(a, item, SPAN("headline"), card->headline);
    value_add_text(a, item, SPAN("standfirst"), card->standfirst);
    value_add_text(a, item, SPAN("section"), card->section);
    value_add_text(a, item, SPAN("work"), theme_phrase(r, "work_", card->kind));
    add_language(r, a, item, card->language);
    add_time(r, a, item, SPAN("time"), SPAN("iso"), card->published);
    return add_card_picture(a, item, card->picture, piece);
}

static struct span heading_of(struct render *r, struct arena *a, const struct render_list *list) {
    switch (list->kind) {
    case RENDER_FRONT: return r->site.name;
    case RENDER_LATEST: return theme_phrase(r, "", SPAN("latest"));
    case RENDER_DAY: return dates_day(r->dates, a, list->day);
    case RENDER_TAG:
    case RENDER_SECTION: return list->title;
    case RENDER_LIST_KINDS: break;
    }
    CHECK(!"a list has a kind");
    return list->title;
}

static rc add_list(struct render *r, struct arena *a, struct value *page,
                   const struct render_list *list) {
    static const char *const kinds[RENDER_LIST_KINDS] = {"front", "latest", "tag", "section",
                                                         "day"};
    bool front = list->kind == RENDER_FRONT;
    struct span heading = heading_of(r, a, list);
    value_add_text(a, page, SPAN("kind"), span_str(kinds[list->kind]));
    value_add_text(a, page, SPAN("title"), front ? SPAN("") : heading);
    value_add_text(a, page, SPAN("heading"), heading);
    value_add_bool(a, page, SPAN("quiet"), front);
    value_add_text(a, page, SPAN("url"), theme_url(r, a, list->path));
    value_add_bool(a, page, SPAN("paged"), list->pages > 0);
    value_add_integer(a, page, SPAN("page"), (int64_t)list->page);
    value_add_integer(a, page, SPAN("pages"), (int64_t)list->pages);
    value_add_text(a, page, SPAN("newer"), list->newer);
    value_add_text(a, page, SPAN("older"), list->older);
    value_add_text(a, page, SPAN("feed"), list->feed);
    struct value *cards = value_add_list(a, page, SPAN("cards"));
    struct buf piece;
    buf_init(&piece, PIECE_BYTES_MAX);
    rc code = RC_OK;
    for (size_t i = 0; i < list->count && code == RC_OK && !arena_over(a); i++)
        code = add_card(r, a, cards, &list->cards[i], &piece);
    buf_done(&piece);
    return code;
}

rc render_list_page(struct render *r, struct arena *a, const struct render_list *list,
                    struct buf *out) {
    struct value *page = value_map(a);
    TRY(add_list(r, a, page, list));
    return theme_page(r, a, SPAN("list"), page, out);
}

rc render_archive_page(struct render *r, struct arena *a, const struct render_archive_day *days,
                       size_t count, struct buf *out) {
    struct value *page = value_map(a);
    value_add_text(a, page, SPAN("title"), theme_phrase(r, "", SPAN("archive")));
    value_add_text(a, page, SPAN("url"), theme_url(r, a, SPAN("/archive")));
    value_add_bool(a, page, SPAN("has_days"), count > 0);
    struct value *list = value_add_list(a, page, SPAN("days"));
    for (size_t i = 0; i < count && !arena_over(a); i++) {
        char iso[DATES_ISO_BYTES];
        struct value *item = value_add_map(a, list, SPAN(""));
        value_add_text(a, item, SPAN("path"), link_day(a, days[i].day));
        value_add_text(a, item, SPAN("iso"), arena_copy(a, dates_iso_day(iso, days[i].day)));
        value_add_text(a, item, SPAN("day"), dates_day(r->dates, a, days[i].day));
        value_add_integer(a, item, SPAN("stories"), (int64_t)days[i].stories);
    }
    return theme_page(r, a, SPAN("archive"), page, out);
}

/* ---- what is not there ----------------------------------------------------------------------- */

rc render_gone_page(struct render *r, struct arena *a, const struct render_gone *gone,
                    struct buf *out) {
    struct value *page = value_map(a);
    struct span word = gone->status == 451 ? SPAN("451") : SPAN("410");
    struct span why = gone->status == 451 ? SPAN("451_why") : SPAN("410_why");
    value_add_text(a, page, SPAN("title"), theme_phrase(r, "gone_", word));
    value_add_text(a, page, SPAN("heading"), theme_phrase(r, "gone_", word));
    value_add_text(a, page, SPAN("explanation"), theme_phrase(r, "gone_", why));
    value_add_text(a, page, SPAN("headline"), gone->headline);
    value_add_text(a, page, SPAN("url"), gone->path.n ? theme_url(r, a, gone->path) : SPAN(""));
    value_add_text(a, page, SPAN("reason"), gone->reason);
    value_add_text(a, page, SPAN("opening_path"), link_opening(a, gone->entry));
    value_add_integer(a, page, SPAN("entry"), (int64_t)gone->entry);
    add_time(r, a, page, SPAN("at"), SPAN("iso"), gone->at);
    return theme_page(r, a, SPAN("gone"), page, out);
}

rc render_error_page(struct render *r, struct arena *a, unsigned status, struct buf *out) {
    struct span word = arena_printf(a, "%u", status);
    struct span why = arena_printf(a, "%u_why", status);
    if (theme_phrase(r, "error_", word).n == 0) word = SPAN("other"), why = SPAN("other_why");
    struct value *page = value_map(a);
    value_add_text(a, page, SPAN("title"), theme_phrase(r, "error_", word));
    value_add_text(a, page, SPAN("heading"), theme_phrase(r, "error_", word));
    value_add_text(a, page, SPAN("explanation"), theme_phrase(r, "error_", why));
    value_add_integer(a, page, SPAN("status"), status);
    return theme_page(r, a, SPAN("error"), page, out);
}
