#include "render/page.h"

#include "base/hash.h"
#include "base/utf8.h"
#include "codec/json.h"
#include "render/html.h"
#include "render/links.h"
#include "story/limits.h"

/* Lengths in characters. */
#define HEADLINE_SHORT 45
#define HEADLINE_LONG 90
#define WORD_LONG 20

/* ---- the frame ------------------------------------------------------------------------------- */

static void add_nav_link(struct arena *a, struct value *list, struct span name, struct span path,
                         struct span hue, bool current) {
    struct value *link = value_add_map(a, list, SPAN(""));
    value_add_text(a, link, SPAN("name"), name);
    value_add_text(a, link, SPAN("path"), path);
    value_add_text(a, link, SPAN("hue"), hue);
    value_add_bool(a, link, SPAN("current"), current);
}

/* The sections; a site that names none has the ways in that every site has. */
static void add_nav(struct render *r, struct arena *a, struct value *page,
                    const struct page_frame *frame) {
    struct value *nav = value_add_list(a, page, SPAN("nav"));
    struct span here = frame->section.n ? link_section(r, a, frame->section) : frame->path;
    for (size_t i = 0; i < r->site.section_count; i++) {
        struct span section = r->site.sections[i], path = link_section(r, a, section);
        add_nav_link(a, nav, section, path, theme_hue(r, a, section), span_eq(path, here));
    }
    if (r->site.section_count) return;
    static const struct {
        const char *phrase, *path;
    } ways[] = {{"front", "/"}, {"latest", "/latest"}, {"archive", "/archive"}};
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        struct span path = link_own(r, a, ways[i].path);
        add_nav_link(a, nav, theme_phrase(r, "", span_str(ways[i].phrase)), path, SPAN(""),
                     span_eq(path, frame->path));
    }
}

static bool is_of_language(const struct render_translation *t, struct span language) {
    return span_eq_nocase(dates_plain_language(t->language), dates_plain_language(language));
}

static void add_translation(struct arena *a, struct value *translations, struct span language,
                            struct span url) {
    struct value *translation = value_add_map(a, translations, SPAN(""));
    value_add_text(a, translation, SPAN("lang"), dates_plain_language(language));
    value_add_text(a, translation, SPAN("url"), url);
}

/* The oldest of each language, if this page is that of its own: then each of them names each. */
static void add_translations(struct render *r, struct arena *a, struct value *page,
                             const struct page_frame *frame) {
    struct value *translations = value_add_list(a, page, SPAN("translations"));
    const struct render_translation *all = frame->translations;
    size_t others = 0;
    for (size_t i = 0; i < frame->translation_count; i++) {
        const bool is_own = is_of_language(&all[i], frame->language);
        if (is_own && all[i].older) return;
        others += !is_own;
    }
    if (others == 0) return;
    add_translation(a, translations, frame->language, theme_url(r, a, frame->path));
    for (size_t i = 0; i < frame->translation_count; i++) {
        bool told = is_of_language(&all[i], frame->language);
        for (size_t k = 0; k < i; k++) told = told || is_of_language(&all[i], all[k].language);
        if (!told) add_translation(a, translations, all[i].language, all[i].url);
    }
}

/* The switch leads to the same story there, if there is one. */
static void add_editions(struct render *r, struct arena *a, struct value *page,
                         const struct page_frame *frame) {
    value_add_bool(a, page, SPAN("has_editions"), r->site.edition_count > 0);
    struct value *editions = value_add_list(a, page, SPAN("editions"));
    for (size_t i = 0; i < r->site.edition_count; i++) {
        const struct render_edition *e = &r->site.editions[i];
        struct span url = e->url;
        for (size_t k = frame->translation_count; k > 0; k--)
            if (is_of_language(&frame->translations[k - 1], e->language))
                url = frame->translations[k - 1].url;
        struct value *edition = value_add_map(a, editions, SPAN(""));
        /* a reader looks for the language; two papers in one language have names */
        struct span language = dates_same_language(e->language, r->site.language)
                                   ? (struct span){0}
                                   : dates_language(a, e->language);
        value_add_text(a, edition, SPAN("name"), language.n ? language : e->name);
        value_add_text(a, edition, SPAN("lang"), dates_plain_language(e->language));
        value_add_text(a, edition, SPAN("dir"),
                       dates_is_rtl(e->language) ? SPAN("rtl") : SPAN("ltr"));
        value_add_text(a, edition, SPAN("url"), url);
    }
    add_translations(r, a, page, frame);
}

struct value *page_new(struct render *r, struct arena *a, const struct page_frame *frame) {
    struct value *page = value_map(a);
    value_add_text(a, page, SPAN("kind"), span_str(frame->kind));
    value_add_text(a, page, SPAN("hue"), frame->hue);
    value_add_text(a, page, SPAN("title"), frame->title);
    value_add_text(a, page, SPAN("url"), frame->path.n ? theme_url(r, a, frame->path) : SPAN(""));
    add_nav(r, a, page, frame);
    add_editions(r, a, page, frame);
    return page;
}

void page_add_time(struct render *r, struct arena *a, struct value *into, struct span name,
                   struct span iso_name, ms_t at) {
    char iso[DATES_ISO_BYTES];
    value_add_text(a, into, name, dates_time(r->dates, a, at));
    value_add_text(a, into, iso_name, arena_copy(a, dates_iso(iso, at)));
}

void page_add_language(struct render *r, struct arena *a, struct value *into,
                       struct span language) {
    /* How the edition writes dates and digits (-u-…) is no other language. */
    if (language.n == 0 ||
        span_eq_nocase(dates_plain_language(language), dates_plain_language(r->site.language))) {
        value_add_absent(a, into, SPAN("lang"));
        value_add_absent(a, into, SPAN("dir"));
        return;
    }
    value_add_text(a, into, SPAN("lang"), language);
    value_add_text(a, into, SPAN("dir"), dates_is_rtl(language) ? SPAN("rtl") : SPAN("ltr"));
}

rc page_add_piece(struct arena *a, struct value *into, struct span name, struct buf *piece) {
    if (piece->over)
        return rc_fail(RC_TOO_BIG, "the page's " SPAN_FMT " is over %u bytes of HTML",
                       SPAN_ARG(name), PAGE_PIECE_BYTES_MAX);
    value_add_html(a, into, name, arena_copy(a, buf_span(piece)));
    buf_clear(piece);
    return RC_OK;
}

static bool has_long_word(struct span text) {
    while (text.n)
        if (utf8_count(span_cut(&text, ' ')) >= WORD_LONG) return true;
    return false;
}

void page_add_headline(struct arena *a, struct value *into, struct span headline) {
    size_t chars = utf8_count(headline);
    struct span size = chars <= HEADLINE_SHORT ? SPAN("short")
                       : chars > HEADLINE_LONG ? SPAN("long")
                                               : SPAN("middle");
    value_add_text(a, into, SPAN("headline"), headline);
    value_add_text(a, into, SPAN("size"), size);
    value_add_bool(a, into, SPAN("long_word"), has_long_word(headline));
    value_add_bool(a, into, SPAN("marked"), html_is_marked(headline));
}

/* ---- cards ----------------------------------------------------------------------------------- */

static bool read_rendition(const json_t *json, struct rendition *out) {
    json_int_t width = json_integer_value(json_object_get(json, "width"));
    json_int_t height = json_integer_value(json_object_get(json, "height"));
    *out = (struct rendition){.type = json_member_string(json, "type")};
    if (!hex_decode(json_member_string(json, "hash"), out->hash.bytes, SHA256_BYTES) ||
        width <= 0 || width > UINT32_MAX || height <= 0 || height > UINT32_MAX ||
        !html_media_extension(out->type))
        return false;
    out->width = (uint32_t)width;
    out->height = (uint32_t)height;
    return true;
}

/* Both forms that struct card knows. */
bool page_read_picture(const json_t *root, struct rendition *renditions, struct picture *out) {
    const json_t *list = json_object_get(root, "renditions");
    size_t count = list ? json_array_size(list) : 1;
    if (count == 0 || count > RENDITIONS_MAX) return false;
    for (size_t i = 0; i < count; i++)
        if (!read_rendition(list ? json_array_get(list, i) : root, &renditions[i])) return false;
    *out = (struct picture){.alt = json_member_string(root, "alt"),
                            .colour = json_member_string(root, "colour"),
                            .credit = json_member_string(root, "credit"),
                            .renditions = renditions,
                            .rendition_count = count};
    return true;
}

const struct card *page_cards(struct arena *a, const struct card *cards, size_t count, ms_t at) {
    struct card *others = NULL;
    for (size_t i = 0; i < count; i++) {
        if (cards[i].picture.n == 0 || card_allows(&cards[i], CHANNEL_WEB, at)) continue;
        if (!others) {
            others = ARENA_ARRAY(a, struct card, count);
            if (!others) return cards; /* the arena is over: nothing is made of it */
            memcpy(others, cards, count * sizeof *others);
        }
        others[i].picture = (struct span){0};
    }
    return others ? others : cards;
}

static rc add_card_picture(struct arena *a, struct value *item, const struct page_card *shown,
                           struct buf *piece) {
    static const enum html_use of_level[] = {
        [LEVEL_LEAD] = HTML_CARD_LEAD,  [LEVEL_BIG] = HTML_CARD_BIG,
        [LEVEL_BESIDE] = HTML_CARD_BIG, [LEVEL_PHOTO] = HTML_CARD,
        [LEVEL_TEXT] = HTML_CARD_THUMB, [LEVEL_LINE] = HTML_CARD_THUMB,
        [LEVEL_VOICE] = HTML_CARD_THUMB};
    struct span json = shown->placed->card->picture;
    enum level level = shown->placed->level;
    bool wanted = shown->thumb || (level != LEVEL_TEXT && level != LEVEL_LINE);
    bool portrait = false;
    if (json.n && wanted) {
        json_t *root = NULL;
        struct rendition renditions[RENDITIONS_MAX];
        struct picture picture;
        TRY(json_read(json, &root));
        bool good = page_read_picture(root, renditions, &picture);
        if (good) {
            portrait = renditions[0].height > renditions[0].width;
            html_picture(piece, &picture, shown->thumb ? HTML_CARD_THUMB : of_level[level]);
        }
        json_decref(root);
        if (!good)
            return rc_fail(RC_CORRUPT, "a card's picture is not as story/card.h says: " SPAN_FMT,
                           SPAN_ARG(json));
    }
    value_add_bool(a, item, SPAN("portrait"), portrait);
    return page_add_piece(a, item, SPAN("picture"), piece);
}

static struct span kicker_of(struct render *r, const struct card *card) {
    if (!span_eq(card->kind, SPAN("news"))) return theme_phrase(r, "work_", card->kind);
    return card->section;
}

/* What a reader must not miss about it: that it goes on, or that it was paid for. */
static struct span mark_of(const struct card *card) {
    static const char *const marked[] = {"live", "breaking", "sponsored"};
    for (size_t i = 0; i < COUNT_OF(marked); i++)
        if (span_eq(card->kind, span_str(marked[i]))) return card->kind;
    return SPAN("");
}

static void add_card_time(struct render *r, struct arena *a, struct value *item,
                          const struct page_card *shown) {
    char iso[DATES_ISO_BYTES];
    const struct card *card = shown->placed->card;
    bool updated = shown->placed->level == LEVEL_LEAD && card->updated != card->published;
    ms_t at = shown->by_published ? card->published : card->updated;
    struct render_day today = shown->full_date ? (struct render_day){0} : shown->today;
    value_add_bool(a, item, SPAN("updated"), updated);
    value_add_text(a, item, SPAN("time"), dates_near(r->dates, a, at, today));
    value_add_text(a, item, SPAN("iso"), arena_copy(a, dates_iso(iso, at)));
}

rc page_add_card(struct render *r, struct arena *a, struct value *list,
                 const struct page_card *shown, struct buf *piece) {
    static const char *const levels[] = {"first", "big",  "beside", "photo",
                                         "text",  "line", "voice"};
    static const char *const crops[] = {"", "square", "upright"};
    const struct placed *placed = shown->placed;
    const struct card *card = placed->card;
    bool voice = compose_is_voice(card);
    struct value *item = value_add_map(a, list, SPAN(""));
    value_add_text(a, item, SPAN("level"),
                   shown->level.n ? shown->level : span_str(levels[placed->level]));
    value_add_text(a, item, SPAN("crop"), span_str(crops[placed->crop]));
    value_add_text(a, item, SPAN("heading"), shown->heading);
    value_add_text(a, item, SPAN("path"), card->path);
    page_add_headline(a, item, card->headline);
    value_add_text(a, item, SPAN("standfirst"), placed->standfirst ? card->standfirst : SPAN(""));
    value_add_text(a, item, SPAN("kicker"),
                   placed->kicker && placed->level != LEVEL_VOICE ? kicker_of(r, card) : SPAN(""));
    value_add_text(a, item, SPAN("mark"), mark_of(card));
    value_add_text(a, item, SPAN("author"), voice ? card->author : SPAN(""));
    value_add_text(a, item, SPAN("hue"), voice ? SPAN("opinion") : theme_hue(r, a, card->section));
    page_add_language(r, a, item, card->language);
    add_card_time(r, a, item, shown);
    return add_card_picture(a, item, shown, piece);
}
