/* Is a theme good? Pages of every kind, once with all that a story can have and once with next to
 * nothing, in MUSTACHE_WHOLE. */
#include "render/theme.h"
#include "story/card.h"

#define CHECK_ARENA_BYTES (16u << 20)
#define CHECK_PAGE_BYTES (4u << 20)
#define SAMPLE_AT 1795552439123 /* 2026-11-24 */
#define CARDS 30

struct checker {
    struct render *r;
    struct arena *a;
    struct buf out;
};

#define SAMPLE_PICTURE                                                                     \
    "{\"alt\":\"A pier\",\"renditions\":[{\"hash\":"                                       \
    "\"00000000000000000000000000000000000000000000000000000000000000aa\",\"height\":900," \
    "\"type\":\"image/jpeg\",\"width\":1600}]}"
#define SAMPLE_PORTRAIT                                                                     \
    "{\"alt\":\"A keeper\",\"renditions\":[{\"hash\":"                                      \
    "\"00000000000000000000000000000000000000000000000000000000000000bb\",\"height\":1600," \
    "\"type\":\"image/jpeg\",\"width\":900}]}"

/* Of several sections and kinds, with and without pictures, so that every form of card is among them. */
static struct card *sample_cards(struct checker *c) {
    struct card *cards = ARENA_ARRAY(c->a, struct card, CARDS);
    for (size_t i = 0; cards && i < CARDS; i++)
        cards[i] = (struct card){
            .id = {{(uint8_t)(i + 1)}},
            .path = arena_printf(c->a, "/2026/11/24/sample-%zu", i),
            .code = SPAN("abc2345"),
            .headline = i % 7 == 3 ? SPAN("\"We knew\": an unabbreviatedheadlineword of a sample")
                                   : arena_printf(c->a, "Sample %zu", i),
            .standfirst = i % 2 ? SPAN("") : SPAN("What it is about."),
            .section = i % 3 ? SPAN("Harbour") : SPAN("City"),
            .kind = i % 6 == 5   ? SPAN("opinion")
                    : i % 6 == 2 ? SPAN("analysis")
                    : i == 9     ? SPAN("live")
                    : i == 1     ? SPAN("breaking")
                                 : SPAN("news"),
            .language = i % 9 == 4 ? SPAN("ar") : SPAN("en"),
            .published = SAMPLE_AT - (ms_t)i * 36000000,
            .updated = SAMPLE_AT - (ms_t)i * 36000000 + (i % 2 ? 0 : 600000),
            .author = SPAN("Mara Vale"),
            .picture = i % 4 == 0   ? SPAN(SAMPLE_PICTURE)
                       : i % 4 == 1 ? SPAN(SAMPLE_PORTRAIT)
                                    : SPAN("")};
    return cards;
}

static struct revision bare_revision(void) {
    return (struct revision){.story = {{1}},
                             .number = 1,
                             .path = SPAN("/2026/11/24/sample"),
                             .code = SPAN("abc2345"),
                             .published = SAMPLE_AT,
                             .updated = SAMPLE_AT,
                             .language = SPAN("en"),
                             .headline = SPAN("A sample")};
}

static rc check_story(struct checker *c, const struct render_story *story) {
    buf_clear(&c->out);
    return render_story_page(c->r, c->a, story, &c->out);
}

static rc check_stories(struct checker *c, const struct card *cards) {
    struct revision bare = bare_revision(), full = bare;
    struct run run = {.text = SPAN("The pier opened at noon.")};
    struct text text = {&run, 1};
    struct block blocks[] = {{.kind = BLOCK_PARAGRAPH, .text = text},
                             {.kind = BLOCK_PICTURE, .picture = 1}};
    struct rendition rendition = {
        .type = SPAN("image/jpeg"), .width = 1600, .height = 900, .bytes = 1};
    struct picture picture = {.caption = SPAN("The pier"),
                              .alt = SPAN("A pier"),
                              .credit = SPAN("M. Vale"),
                              .renditions = &rendition,
                              .rendition_count = 1};
    struct picture pictures[] = {picture, picture};
    pictures[1].rights.expires = SAMPLE_AT; /* it is over */
    struct byline bylines[] = {{SPAN("Mara Vale"), SPAN("Harbour correspondent")},
                               {SPAN("Jon Doe"), SPAN("")},
                               {SPAN("Agnes Tull"), SPAN("")},
                               {SPAN("Dario Fenn"), SPAN("")}};
    struct tag tag = {TAG_PLACE, SPAN("Port Averil"), SPAN("port-averil")};
    struct correction corrections[] = {
        {SAMPLE_AT, CHANGE_CORRECTION, SPAN("It opened at noon.")},
        {SAMPLE_AT, CHANGE_EDITORS_NOTE, SPAN("More is known by now.")}};
    full.number = 2;
    full.updated += 90000000;
    full.language = SPAN("ar"); /* another one than most editions' */
    full.section = SPAN("Harbour");
    full.standfirst = SPAN("After three years.");
    full.dateline = (struct dateline){SPAN("PORT AVERIL"), SPAN("COURIER")};
    full.credit_line = SPAN("M. Vale");
    full.bylines = bylines, full.byline_count = COUNT_OF(bylines);
    full.tags = &tag, full.tag_count = 1;
    full.pictures = pictures, full.picture_count = 2, full.lead_picture = true;
    full.blocks = blocks, full.block_count = COUNT_OF(blocks);
    full.corrections = corrections, full.correction_count = COUNT_OF(corrections);
    const struct render_translation translation = {.language = SPAN("tr"),
                                                   .url = SPAN("https://example.org/tr/1")};
    const struct render_story stories[] = {{.revision = &bare},
                                           {.revision = &full,
                                            .entry = 1,
                                            .newer_lost = true,
                                            .at = SAMPLE_AT,
                                            .old = true,
                                            .related = cards,
                                            .related_count = 4,
                                            .translations = &translation,
                                            .translation_count = 1}};
    for (size_t i = 0; i < COUNT_OF(stories); i++) TRY(check_story(c, &stories[i]));
    return RC_OK;
}

static rc check_versions(struct checker *c, const struct render_changes *versions, size_t count) {
    for (size_t i = 0; i < count; i++) {
        buf_clear(&c->out);
        TRY(render_version_page(c->r, c->a, &versions[i], &c->out));
    }
    return RC_OK;
}

/* With next to nothing, and with all that there can be; as first version, changed, unchanged, and after
 * one that was lost. */
static rc check_standing(struct checker *c) {
    struct revision bare = bare_revision(), full = bare, edited;
    struct run run = {.text = SPAN("We print.")}, other = {.text = SPAN("We print daily.")};
    struct text text = {&run, 1}, other_text = {&other, 1};
    struct block block = {.kind = BLOCK_PARAGRAPH, .text = text};
    struct block other_block = {.kind = BLOCK_PARAGRAPH, .text = other_text};
    bare.standing.order = 1;
    full.standing = (struct standing_page){.order = 2, .note = SPAN("Says who owns it.")};
    full.number = 2;
    full.language = SPAN("ar");
    full.standfirst = SPAN("Who we are.");
    full.blocks = &block, full.block_count = 1;
    edited = full;
    edited.number = 3;
    edited.headline = SPAN("Another sample");
    edited.standfirst = SPAN("Who we were.");
    edited.blocks = &other_block;
    const struct render_version versions[] = {
        {2, SAMPLE_AT, full.standing.note, full.language, false},
        {1, SAMPLE_AT, SPAN(""), SPAN(""), true}};
    const struct render_translation translation = {SPAN("ar"),
                                                   SPAN("https://example.org/ar/about")};
    const struct render_standing pages[] = {
        {.revision = &bare, .versions = &versions[1], .version_count = 1},
        {.revision = &full,
         .entry = 1,
         .newer_lost = true,
         .versions = versions,
         .version_count = 2,
         .translations = &translation,
         .translation_count = 1}};
    for (size_t i = 0; i < COUNT_OF(pages); i++) {
        buf_clear(&c->out);
        TRY(render_standing_page(c->r, c->a, &pages[i], &c->out));
    }
    const struct render_changes changes[] = {
        {&bare, NULL, 0}, {&full, NULL, 1}, {&full, &full, 1}, {&edited, &full, 2}};
    return check_versions(c, changes, COUNT_OF(changes));
}

static rc check_lists(struct checker *c, const struct card *cards) {
    const struct render_day day = render_day_of(c->r, SAMPLE_AT),
                            day_before = render_day_of(c->r, SAMPLE_AT - 86400000);
    struct render_note notes[CARDS];
    for (size_t i = 0; i < CARDS; i++)
        notes[i] = (struct render_note){.at = SAMPLE_AT - (ms_t)i * 36000000,
                                        .change = i % 2 ? CHANGE_CORRECTION : CHANGE_RETRACTION,
                                        .text = SPAN("It opened at noon."),
                                        .entry = i};
    for (int kind = 0; kind < RENDER_LIST_KINDS; kind++) {
        const struct render_list full = {.kind = (enum render_list_kind)kind,
                                         .title = SPAN("Harbour"),
                                         .day = day,
                                         .day_before = day_before,
                                         .day_after = day,
                                         .stories = CARDS,
                                         .path = SPAN("/sample"),
                                         .cards = cards,
                                         .count = CARDS,
                                         .notes = kind == RENDER_CORRECTIONS ? notes : NULL,
                                         .page = 2,
                                         .pages = 3,
                                         .newer = kind % 2 ? SPAN("/sample/3") : SPAN(""),
                                         .older = SPAN("/sample/1"),
                                         .feed = SPAN("/sample/feed.xml")};
        const struct render_list empty = {
            .kind = full.kind, .title = full.title, .day = day, .path = full.path};
        buf_clear(&c->out);
        TRY(render_list_page(c->r, c->a, &full, &c->out));
        buf_clear(&c->out);
        TRY(render_list_page(c->r, c->a, &empty, &c->out));
    }
    /* All years; a year with one before it; a month with both. */
    const struct render_day none = {0}, year = {day.year, 0, 0}, month = {day.year, day.month, 0},
                            before = {day.year - 1, 0, 0},
                            after = {day.year, day.month % 12 + 1, 0};
    const struct render_archive_count months = {month, 3}, days = {day, 3};
    const struct render_archive archives[] = {
        {.of = none, .counts = &months, .count = 1},
        {.of = year, .counts = &months, .count = 1, .older = before},
        {.of = month, .counts = &days, .count = 1, .older = before, .newer = after},
        {.of = none}};
    for (size_t i = 0; i < COUNT_OF(archives); i++) {
        buf_clear(&c->out);
        TRY(render_archive_page(c->r, c->a, &archives[i], &c->out));
    }
    return RC_OK;
}

static rc check_prologs(struct checker *c) {
    for (int i = 0; i < STYLE_COUNT; i++) {
        buf_clear(&c->out);
        TRY(theme_prolog(c->r, c->a, (enum theme_style)i, &c->out));
    }
    return RC_OK;
}

static rc check_messages(struct checker *c, const struct card *cards) {
    static const unsigned errors[] = {404, 500};
    const struct render_gone gone[] = {
        {.why = {.status = 410}, .path = SPAN("/2026/11/24/sample"), .at = SAMPLE_AT},
        {.why = {.status = 451,
                 .reason = SPAN("It named somebody."),
                 .authority = SPAN("Court of Averil"),
                 .demanded = SPAN("2026-11-20")},
         .headline = SPAN("A sample"),
         .language = SPAN("ar"),
         .path = SPAN("/2026/11/24/sample"),
         .at = SAMPLE_AT,
         .entry = 1}};
    for (size_t i = 0; i < COUNT_OF(errors); i++) {
        buf_clear(&c->out);
        const struct render_error error = {errors[i], cards, i ? 0 : CARDS};
        TRY(render_error_page(c->r, c->a, &error, &c->out));
    }
    for (size_t i = 0; i < COUNT_OF(gone); i++) {
        buf_clear(&c->out);
        TRY(render_gone_page(c->r, c->a, &gone[i], &c->out));
    }
    return RC_OK;
}

static rc check_all(struct checker *c) {
    const struct card *cards = sample_cards(c);
    TRY(theme_arena_ok(c->a, "the theme's samples"));
    TRY(check_prologs(c));
    TRY(check_stories(c, cards));
    TRY(check_standing(c));
    TRY(check_lists(c, cards));
    return check_messages(c, cards);
}

rc render_theme_check(const struct render_site *site, struct render_theme_counts *out_counts) {
    /* with what a site may have or not */
    const struct render_edition edition = {site->name, site->language, site->url};
    const struct render_link link = {SPAN("About"), SPAN("/about")};
    struct render_site sample = *site;
    sample.editions = &edition, sample.edition_count = 1;
    sample.links = &link, sample.link_count = 1;
    sample.address = SPAN("desk@example.org");
    struct checker c = {0};
    TRY(render_new(&sample, &c.r));
    c.r->mode = MUSTACHE_WHOLE;
    c.a = arena_new(CHECK_ARENA_BYTES);
    buf_init(&c.out, CHECK_PAGE_BYTES);
    rc code = check_all(&c);
    struct render_theme_counts counts = {.templates = c.r->set.count};
    for (const struct value *v = c.r->phrases->first; v; v = v->next) counts.phrases++;
    buf_done(&c.out);
    arena_free(c.a);
    render_free(c.r);
    if (code == RC_OK) *out_counts = counts;
    return code;
}
