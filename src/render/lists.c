/* lists: fronts, the pages of sections, tags and days, and the archive. */
#include "base/hash.h"
#include "render/links.h"
#include "render/page.h"

/* Pages that open with a band as on the front; the others are lines alone. */
static bool has_opening(const struct render_list *list) {
    bool newest = list->newer.n == 0;
    return newest && (list->kind == RENDER_SECTION || list->kind == RENDER_TAG);
}

struct span page_section_name(struct render *r, struct arena *a, const struct render_list *list) {
    struct span path = link_section(r, a, list->title);
    for (size_t i = 0; i < r->site.section_count; i++)
        if (span_eq(link_section(r, a, r->site.sections[i]), path)) return r->site.sections[i];
    for (size_t i = 0; i < list->count; i++)
        if (span_eq(link_section(r, a, list->cards[i].section), path))
            return list->cards[i].section;
    return list->title;
}

static struct span heading_of(struct render *r, struct arena *a, const struct render_list *list) {
    switch (list->kind) {
    case RENDER_FRONT: return r->site.name;
    case RENDER_LATEST: return theme_phrase(r, "", SPAN("latest"));
    case RENDER_DAY: return dates_day(r->dates, a, list->day);
    case RENDER_SECTION: return page_section_name(r, a, list);
    case RENDER_TAG:
    case RENDER_AUTHOR: return list->title;
    case RENDER_CORRECTIONS: return theme_phrase(r, "", SPAN("corrections"));
    case RENDER_LIST_KINDS: break;
    }
    CHECK(!"a list has a kind");
    return list->title;
}

/* ---- bands ----------------------------------------------------------------------------------- */

struct writer {
    struct render *r;
    struct arena *a;
    struct buf *piece;
    struct render_day today;
    bool full_date;
    struct span heading;
};

static rc add_column(const struct writer *w, struct value *columns, const struct column *column) {
    struct value *item = value_add_map(w->a, columns, SPAN(""));
    value_add_text(w->a, item, SPAN("span"), arena_printf(w->a, "s%u", column->span));
    struct value *cards = value_add_list(w->a, item, SPAN("cards"));
    struct value *lines = NULL;
    for (size_t i = 0; i < column->count && !arena_over(w->a); i++) {
        const struct placed *placed = &column->placed[i];
        const struct page_card shown = {
            .placed = placed, .heading = w->heading, .full_date = w->full_date, .today = w->today};
        if (placed->level == LEVEL_LINE && !lines)
            lines = value_add_list(w->a, item, SPAN("lines"));
        struct value *into = placed->level == LEVEL_LINE ? lines : cards;
        TRY(page_add_card(w->r, w->a, into, &shown, w->piece));
    }
    value_add_bool(w->a, item, SPAN("has_lines"), lines != NULL);
    if (!lines) value_add_absent(w->a, item, SPAN("lines"));
    return RC_OK;
}

static rc add_band(const struct writer *w, struct value *bands, const struct band *band,
                   size_t number) {
    static const char *const classes[] = {[BAND_TOP] = "top-band",
                                          [BAND_SECTION] = "section",
                                          [BAND_VOICES] = "voices",
                                          [BAND_MORE] = "rest"};
    struct value *item = value_add_map(w->a, bands, SPAN(""));
    struct span name = band->section, hue = theme_hue(w->r, w->a, band->section);
    if (band->kind == BAND_VOICES)
        name = theme_phrase(w->r, "", SPAN("voices")), hue = SPAN("opinion");
    if (band->kind == BAND_MORE) name = theme_phrase(w->r, "", SPAN("more_stories"));
    value_add_text(w->a, item, SPAN("class"), span_str(classes[band->kind]));
    value_add_text(w->a, item, SPAN("id"), arena_printf(w->a, "band-%zu", number));
    value_add_text(w->a, item, SPAN("name"), name);
    value_add_text(w->a, item, SPAN("hue"), hue);
    value_add_text(w->a, item, SPAN("path"),
                   band->section.n ? link_section(w->r, w->a, band->section) : SPAN(""));
    value_add_bool(w->a, item, SPAN("flipped"), band->flipped);
    /* what columns end together at is only as good as there are columns */
    value_add_integer(w->a, item, SPAN("count"), (int64_t)band->column_count);
    struct value *columns = value_add_list(w->a, item, SPAN("columns"));
    for (size_t i = 0; i < band->column_count; i++) TRY(add_column(w, columns, &band->columns[i]));
    return RC_OK;
}

static void add_line(const struct writer *w, struct value *page, struct span name,
                     const struct card *card) {
    if (!card) {
        value_add_absent(w->a, page, name);
        return;
    }
    struct value *line = value_add_map(w->a, page, name);
    value_add_text(w->a, line, SPAN("path"), card->path);
    value_add_text(w->a, line, SPAN("headline"), card->headline);
    page_add_language(w->r, w->a, line, card->language);
}

static rc add_front(const struct writer *w, struct value *page, const struct render_list *list) {
    struct front front;
    TRY(compose_front(w->a, list->cards, list->count, w->r->site.sections, w->r->site.section_count,
                      w->r->rtl, &front));
    struct value *bands = value_add_list(w->a, page, SPAN("bands"));
    add_line(w, page, SPAN("live"), front.live);
    add_line(w, page, SPAN("breaking"), front.breaking);
    for (size_t i = 0; i < front.count && !arena_over(w->a); i++)
        TRY(add_band(w, bands, &front.bands[i], i));
    return RC_OK;
}

/* ---- lines under the dates of their days ------------------------------------------------------ */

static struct value *add_day(const struct writer *w, struct value *days, struct render_day day,
                             struct span name, struct span path) {
    char iso[DATES_ISO_BYTES];
    struct value *item = value_add_map(w->a, days, SPAN(""));
    value_add_text(w->a, item, SPAN("day"), name);
    value_add_text(w->a, item, SPAN("path"), path);
    value_add_text(w->a, item, SPAN("iso"), arena_copy(w->a, dates_iso_day(iso, day)));
    return item;
}

static rc add_days(const struct writer *w, struct value *page, const struct render_list *list,
                   const bool *taken) {
    struct value *days = value_add_list(w->a, page, SPAN("days")), *cards = NULL;
    struct render_day day = {0};
    for (size_t i = 0; i < list->count && !arena_over(w->a); i++) {
        if (taken && taken[i]) continue;
        struct render_day its = dates_day_of(w->r->dates, list->cards[i].published);
        if (!cards || !dates_same_day(day, its)) {
            struct value *item =
                add_day(w, days, its,
                        list->kind == RENDER_DAY ? SPAN("") : dates_day(w->r->dates, w->a, its),
                        link_day(w->r, w->a, its));
            cards = value_add_list(w->a, item, SPAN("cards"));
            value_add_list(w->a, item, SPAN("notes"));
            day = its;
        }
        /* a day has room for its pictures */
        const bool day_page = list->kind == RENDER_DAY;
        const struct placed placed = {.card = &list->cards[i],
                                      .level = day_page ? LEVEL_PHOTO : LEVEL_TEXT,
                                      .standfirst = true,
                                      .kicker = list->kind != RENDER_SECTION ||
                                                !span_eq(list->cards[i].kind, SPAN("news"))};
        const struct page_card shown = {.placed = &placed,
                                        .level = SPAN("row"),
                                        .heading = day_page ? SPAN("h2") : SPAN("h3"),
                                        .thumb = !day_page,
                                        .by_published = true,
                                        .today = its};
        TRY(page_add_card(w->r, w->a, cards, &shown, w->piece));
    }
    return RC_OK;
}

/* Corrections stand under the days on which they were made. */
static void add_notes(const struct writer *w, struct value *page, const struct render_list *list) {
    struct value *days = value_add_list(w->a, page, SPAN("days")), *notes = NULL;
    struct render_day day = {0};
    for (size_t i = 0; i < list->count && !arena_over(w->a); i++) {
        const struct render_note *note = &list->notes[i];
        const struct card *card = &list->cards[i];
        struct render_day its = dates_day_of(w->r->dates, note->at);
        if (!notes || !dates_same_day(day, its)) {
            struct value *item = add_day(w, days, its, dates_day(w->r->dates, w->a, its),
                                         SPAN("")); /* no story may be of it */
            value_add_list(w->a, item, SPAN("cards"));
            notes = value_add_list(w->a, item, SPAN("notes"));
            day = its;
        }
        struct value *item = value_add_map(w->a, notes, SPAN(""));
        char iso[DATES_ISO_BYTES];
        value_add_text(w->a, item, SPAN("kind"),
                       theme_phrase(w->r, "change_", change_word(note->change)));
        value_add_text(w->a, item, SPAN("text"), note->text);
        value_add_text(w->a, item, SPAN("time"), dates_clock(w->r->dates, w->a, note->at));
        value_add_text(w->a, item, SPAN("iso"), arena_copy(w->a, dates_iso(iso, note->at)));
        value_add_text(w->a, item, SPAN("path"), card->path);
        page_add_headline(w->a, item, card->headline);
        page_add_language(w->r, w->a, item, card->language);
    }
}

static rc add_parts(const struct writer *w, struct value *page, const struct render_list *list) {
    struct band opening;
    bool *taken = ARENA_ARRAY(w->a, bool, list->count + 1);
    struct value *bands = value_add_list(w->a, page, SPAN("bands"));
    TRY(theme_arena_ok(w->a, "the list"));
    if (list->kind == RENDER_CORRECTIONS) {
        add_notes(w, page, list);
        return RC_OK;
    }
    if (has_opening(list) &&
        compose_opening(w->a, list->cards, list->count, w->r->rtl, &opening, taken))
        TRY(add_band(w, bands, &opening, 0));
    return add_days(w, page, list, taken);
}

/* ---- what stands beside a day, a month or a year ------------------------------------------------ */

static struct span period_name(struct render *r, struct arena *a, struct render_day of) {
    if (of.year == 0) return theme_phrase(r, "", SPAN("archive"));
    if (of.day) return dates_day(r->dates, a, of);
    if (of.month == 0) return dates_year(r->dates, a, (struct render_day){of.year, 1, 1});
    return dates_month(r->dates, a, (struct render_day){of.year, of.month, 1});
}

/* Beside the day `page` "Mon 23" says enough, if it is of the same month. Year 0, which has no page of
 * its own here: empty fields. */
static void add_period(struct render *r, struct arena *a, struct value *into, const char *name,
                       struct render_day of, struct render_day page) {
    bool near = of.day && of.year == page.year && of.month == page.month;
    struct span path = of.day ? link_day(r, a, of) : link_archive(r, a, of);
    struct span said = near ? dates_weekday(r->dates, a, of) : period_name(r, a, of);
    value_add_text(a, into, span_str(name), of.year ? path : SPAN(""));
    value_add_text(a, into, arena_printf(a, "%s_name", name), of.year ? said : SPAN(""));
}

/* The way on from a page of the archive: to the one before, the one after, and the whole. */
static void add_beside(struct render *r, struct arena *a, struct value *page, struct render_day of,
                       struct render_day before, struct render_day after) {
    if (of.year == 0) {
        value_add_absent(a, page, SPAN("beside"));
        return;
    }
    struct value *beside = value_add_map(a, page, SPAN("beside"));
    const struct render_day up = {of.month ? of.year : 0, of.day ? of.month : 0, 0};
    add_period(r, a, beside, "before", before, of);
    add_period(r, a, beside, "after", after, of);
    value_add_text(a, beside, SPAN("up"), link_archive(r, a, up));
    value_add_text(a, beside, SPAN("up_name"), period_name(r, a, up));
}

/* ---- the pages ------------------------------------------------------------------------------- */

/* The front is of a day, that of its newest story, and names it: times on it are short. */
static void add_folio(struct render *r, struct arena *a, struct value *page,
                      const struct render_list *list, struct render_day *out_today) {
    ms_t newest = 0;
    for (size_t i = 0; i < list->count; i++)
        if (list->cards[i].updated > newest) newest = list->cards[i].updated;
    *out_today = dates_day_of(r->dates, newest);
    if (list->count == 0) {
        value_add_absent(a, page, SPAN("folio"));
        value_add_absent(a, page, SPAN("folio_iso"));
        return;
    }
    char iso[DATES_ISO_BYTES];
    value_add_text(a, page, SPAN("folio"), dates_day(r->dates, a, *out_today));
    value_add_text(a, page, SPAN("folio_iso"), arena_copy(a, dates_iso_day(iso, *out_today)));
}

static struct value *list_page_new(struct render *r, struct arena *a,
                                   const struct render_list *list) {
    static const char *const kinds[RENDER_LIST_KINDS] = {"front", "latest", "tag",        "section",
                                                         "day",   "author", "corrections"};
    bool front = list->kind == RENDER_FRONT;
    struct span heading = heading_of(r, a, list);
    struct span section = list->kind == RENDER_SECTION ? heading : SPAN("");
    const struct page_frame frame = {.kind = kinds[list->kind],
                                     .style = STYLE_FRONT,
                                     .title = front ? SPAN("") : heading,
                                     .path = list->path,
                                     .section = section,
                                     .hue = theme_hue(r, a, section)};
    struct value *page = page_new(r, a, &frame);
    value_add_text(a, page, SPAN("heading"), heading);
    value_add_bool(a, page, SPAN("empty"), list->count == 0);
    value_add_text(a, page, SPAN("feed"), list->feed);
    value_add_text(a, page, SPAN("json_feed"), list->json_feed);
    value_add_text(a, page, SPAN("atom"), list->atom);
    if (front) return page;
    value_add_bool(a, page, SPAN("paged"), list->pages > 1);
    value_add_text(a, page, SPAN("page"), dates_number(r->dates, a, (int64_t)list->page));
    value_add_text(a, page, SPAN("pages"), dates_number(r->dates, a, (int64_t)list->pages));
    value_add_text(a, page, SPAN("newer"), list->newer);
    value_add_text(a, page, SPAN("older"), list->older);
    const bool day = list->kind == RENDER_DAY;
    value_add_text(a, page, SPAN("stories"),
                   day && list->stories ? dates_number(r->dates, a, (int64_t)list->stories)
                                        : SPAN(""));
    add_beside(r, a, page, day ? list->day : (struct render_day){0}, list->day_before,
               list->day_after);
    return page;
}

rc render_list_page(struct render *r, struct arena *a, const struct render_list *given,
                    struct buf *out) {
    struct render_list shown = *given;
    const struct render_list *list = &shown;
    shown.cards = page_cards(a, given->cards, given->count, given->at);
    TRY(theme_arena_ok(a, "the list"));
    bool front = list->kind == RENDER_FRONT;
    struct value *page = list_page_new(r, a, list);
    struct buf piece;
    struct writer w = {.r = r,
                       .a = a,
                       .piece = &piece,
                       .full_date = !front,
                       .heading = front ? SPAN("h3") : SPAN("h2")};
    buf_init(&piece, PAGE_PIECE_BYTES_MAX);
    if (front) add_folio(r, a, page, list, &w.today);
    rc code = front ? add_front(&w, page, list) : add_parts(&w, page, list);
    buf_done(&piece);
    TRY(code);
    return theme_page(r, a, STYLE_FRONT, front ? SPAN("front") : SPAN("list"), page, out);
}

/* ---- the archive: years of months, or months of days ------------------------------------------ */

/* The period that a month, or a day, is counted under. */
static struct render_day group_of(struct render_day day) {
    return (struct render_day){day.year, day.day ? day.month : 0, 0};
}

static struct value *add_group(struct render *r, struct arena *a, struct value *groups,
                               const struct render_archive *archive, size_t from) {
    const struct render_day of = group_of(archive->counts[from].day);
    const bool is_all = dates_same_day(of, archive->of); /* the page's heading says it */
    uint64_t stories = 0;
    for (size_t i = from;
         i < archive->count && dates_same_day(group_of(archive->counts[i].day), of); i++)
        stories += archive->counts[i].stories;
    struct value *group = value_add_map(a, groups, SPAN(""));
    value_add_text(a, group, SPAN("id"),
                   of.month ? arena_printf(a, "m%04d-%02u", of.year, of.month)
                            : arena_printf(a, "y%04d", of.year));
    value_add_text(a, group, SPAN("name"), is_all ? SPAN("") : period_name(r, a, of));
    value_add_text(a, group, SPAN("path"), link_archive(r, a, of));
    value_add_text(a, group, SPAN("stories"), dates_number(r->dates, a, (int64_t)stories));
    return value_add_list(a, group, SPAN("items"));
}

static void add_count(struct render *r, struct arena *a, struct value *items,
                      const struct render_archive_count *count) {
    struct render_day day = count->day;
    struct value *item = value_add_map(a, items, SPAN(""));
    value_add_text(a, item, SPAN("stories"), dates_number(r->dates, a, (int64_t)count->stories));
    if (day.day == 0) {
        value_add_text(a, item, SPAN("path"), link_archive(r, a, day));
        value_add_text(a, item, SPAN("iso"), arena_printf(a, "%04d-%02u", day.year, day.month));
        day.day = 1;
        value_add_text(a, item, SPAN("label"), dates_month_alone(r->dates, a, day));
        return;
    }
    char iso[DATES_ISO_BYTES];
    value_add_text(a, item, SPAN("path"), link_day(r, a, day));
    value_add_text(a, item, SPAN("iso"), arena_copy(a, dates_iso_day(iso, day)));
    value_add_text(a, item, SPAN("label"), dates_weekday(r->dates, a, day));
}

rc render_archive_page(struct render *r, struct arena *a, const struct render_archive *archive,
                       struct buf *out) {
    const struct render_day of = archive->of;
    const struct span heading = period_name(r, a, of);
    const struct page_frame frame = {
        .kind = "archive", .style = STYLE_FRONT, .title = heading, .path = link_archive(r, a, of)};
    struct value *page = page_new(r, a, &frame);
    value_add_text(a, page, SPAN("heading"), heading);
    value_add_bool(a, page, SPAN("empty"), archive->count == 0);
    uint64_t stories = 0;
    for (size_t i = 0; i < archive->count; i++) stories += archive->counts[i].stories;
    value_add_text(a, page, SPAN("stories"),
                   stories ? dates_number(r->dates, a, (int64_t)stories) : SPAN(""));
    add_beside(r, a, page, of, archive->older, archive->newer);
    struct value *groups = value_add_list(a, page, SPAN("groups")), *items = NULL;
    struct render_day group = {0};
    for (size_t i = 0; i < archive->count && !arena_over(a); i++) {
        struct render_day its = group_of(archive->counts[i].day);
        if (!items || !dates_same_day(its, group)) items = add_group(r, a, groups, archive, i);
        group = its;
        add_count(r, a, items, &archive->counts[i]);
    }
    return theme_page(r, a, STYLE_FRONT, SPAN("archive"), page, out);
}
