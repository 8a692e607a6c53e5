#include "render/compose.h"

#include "base/utf8.h"

#define GAP_MAX 60          /* columns that end within this of each other end together */
#define LEAD_SEARCH 8       /* the lead is among so many of the newest */
#define LINES_MAX 4         /* under the lead */
#define COLUMN_CARDS_MAX 7  /* of one column: all ways to show them are tried */
#define RECIPE_CARDS_MAX 11 /* of a section */
#define VOICES_MAX 4
#define MORE_MAX 16
#define DROPPED_COST 45 /* a story that is not shown weighs as much as so many uneven pixels */
#define PADDING 28

/* ---- heights --------------------------------------------------------------------------------- */

static int lines_of(int chars, int chars_a_line) {
    return (chars + chars_a_line - 1) / chars_a_line;
}

static int width_of(unsigned span) {
    return (int)span * 1240 / 12 - 32;
}

static int picture_height(const struct placed *p, int width) {
    bool shown = p->level == LEVEL_LEAD || p->level == LEVEL_BIG || p->level == LEVEL_PHOTO;
    if (!shown || p->card->picture.n == 0) return 0;
    switch (p->crop) {
    case CROP_NONE: break;
    case CROP_SQUARE: return width + 10;
    case CROP_TALL: return width * 5 / 4 + 10;
    }
    return width * 2 / 3 + 10;
}

struct measure {
    int headline_line, headline_chars; /* pixels; characters a line at 278 px */
    int standfirst_line, standfirst_chars;
};

static const struct measure *measure_of(enum level level, bool tall_type) {
    static const struct {
        struct measure latin, tall;
    } measures[] = {
        [LEVEL_LEAD] = {{50, 13, 26, 33}, {65, 15, 31, 33}},
        [LEVEL_BIG] = {{29, 22, 23, 38}, {37, 22, 30, 34}},
        [LEVEL_BESIDE] = {{38, 15, 28, 30}, {49, 15, 35, 29}},
        [LEVEL_PHOTO] = {{23, 29, 23, 37}, {30, 31, 30, 34}},
        [LEVEL_TEXT] = {{23, 29, 23, 37}, {30, 31, 30, 34}},
        [LEVEL_LINE] = {{35, 35, 0, 1}, {41, 35, 0, 1}},
        [LEVEL_VOICE] = {{26, 20, 23, 37}, {33, 20, 30, 34}},
    };
    return tall_type ? &measures[level].tall : &measures[level].latin;
}

/* Without picture and standfirst. */
static int bare_height(const struct placed *p, unsigned span, bool tall_type) {
    const struct measure *m = measure_of(p->level, tall_type);
    int chars = p->headline_chars, line = m->headline_line;
    /* a lead without a picture is set by a third larger */
    if (p->level == LEVEL_LEAD && p->card->picture.n == 0) chars += chars / 3, line += line / 3;
    int height = lines_of(chars, m->headline_chars * width_of(span) / 278) * line;
    if (p->level == LEVEL_LINE) return height;
    return height + PADDING + 25 + (p->kicker ? 20 : 0);
}

static int standfirst_height(const struct placed *p, unsigned span, bool tall_type) {
    const struct measure *m = measure_of(p->level, tall_type);
    if (p->standfirst_chars == 0) return 0;
    return lines_of(p->standfirst_chars, m->standfirst_chars * width_of(span) / 278) *
               m->standfirst_line +
           6;
}

static int height_of(const struct placed *p, unsigned span, bool tall_type) {
    if (p->level == LEVEL_BESIDE) {
        int picture = width_of(6) * 2 / 3;
        int text = bare_height(p, 3, tall_type) + standfirst_height(p, 3, tall_type);
        return picture > text ? picture : text;
    }
    return bare_height(p, span, tall_type) + picture_height(p, width_of(span)) +
           (p->standfirst ? standfirst_height(p, span, tall_type) : 0);
}

static void measure_column(struct column *c, bool tall_type) {
    c->height = 0;
    for (size_t i = 0; i < c->count; i++) c->height += height_of(&c->placed[i], c->span, tall_type);
}

/* ---- the cards that are left ----------------------------------------------------------------- */

struct pile {
    const struct card *cards;
    const struct placed *measured; /* the cards again, with their lengths */
    bool *taken;
    size_t count;
    struct arena *arena;
    bool tall_type;
};

bool compose_is_voice(const struct card *card) {
    return span_eq(card->kind, SPAN("opinion"));
}

static size_t left_of(const struct pile *pile, struct span section) {
    size_t n = 0;
    for (size_t i = 0; i < pile->count; i++)
        n += !pile->taken[i] && !compose_is_voice(&pile->cards[i]) &&
             span_eq(pile->cards[i].section, section);
    return n;
}

static const struct placed *measure_cards(struct arena *a, const struct card *cards, size_t count) {
    struct placed *measured = ARENA_ARRAY(a, struct placed, count + 1);
    for (size_t i = 0; measured && i < count; i++)
        measured[i] = (struct placed){.card = &cards[i],
                                      .headline_chars = (int)utf8_count(cards[i].headline),
                                      .standfirst_chars = (int)utf8_count(cards[i].standfirst)};
    return measured;
}

static struct placed place(const struct pile *pile, size_t at, enum level level) {
    struct placed placed = pile->measured[at];
    bool photo = level == LEVEL_PHOTO && placed.card->picture.n == 0;
    placed.level = photo ? LEVEL_TEXT : level;
    placed.standfirst = level != LEVEL_LINE;
    placed.kicker = !span_eq(placed.card->kind, SPAN("news"));
    return placed;
}

static struct placed take(struct pile *pile, size_t at, enum level level) {
    pile->taken[at] = true;
    return place(pile, at, level);
}

/* A column with room for `max`; {0} past the arena's cap. */
static struct column column_new(struct pile *pile, unsigned span, size_t max) {
    return (struct column){.span = span, .placed = ARENA_ARRAY(pile->arena, struct placed, max)};
}

static void add(struct column *c, struct placed placed) {
    if (c->placed) c->placed[c->count++] = placed;
}

/* ---- letting columns end together ------------------------------------------------------------ */

static int apart(int x, int y) {
    return x > y ? x - y : y - x;
}

/* Tries all ways to show the column's cards, with and without standfirst, and three crops of the
 * photo that opens it; keeps the one that ends nearest to `height`. Returns the price: pixels, and
 * something for what is unusual. */
static int fit_column(struct column *c, int height, bool tall_type) {
    int bare = 0, standfirst[COLUMN_CARDS_MAX], best = INT32_MAX;
    bool photo = c->count && c->placed[0].level == LEVEL_PHOTO;
    unsigned best_mask = 0;
    enum crop best_crop = CROP_NONE;
    CHECK(c->count <= COLUMN_CARDS_MAX);
    for (size_t i = 0; i < c->count; i++) {
        bare += bare_height(&c->placed[i], c->span, tall_type);
        standfirst[i] = standfirst_height(&c->placed[i], c->span, tall_type);
    }
    for (enum crop crop = CROP_NONE; crop <= (photo ? CROP_TALL : CROP_NONE); crop++) {
        if (c->count) c->placed[0].crop = crop;
        int with_picture = bare + (c->count ? picture_height(c->placed, width_of(c->span)) : 0);
        for (unsigned mask = 0; mask < 1u << c->count; mask++) {
            int sum = with_picture;
            for (size_t i = 0; i < c->count; i++)
                if (mask >> i & 1) sum += standfirst[i];
            /* a card with a photo says more, too */
            int price = apart(sum, height) + 15 * (int)crop + (photo && !(mask & 1) ? 12 : 0);
            if (price >= best) continue;
            best = price;
            best_mask = mask;
            best_crop = crop;
        }
    }
    for (size_t i = 0; i < c->count; i++) c->placed[i].standfirst = best_mask >> i & 1;
    if (c->count) c->placed[0].crop = best_crop;
    measure_column(c, tall_type);
    return best;
}

/* Deals cards in their order over columns without photos, each as high as the others. */
static void deal(struct pile *pile, struct band *band, const size_t *indices, size_t count,
                 bool kickers) {
    size_t columns = count >= 4 && count != 5 && count != 6 ? 4 : count >= 3 ? 3 : count;
    band->column_count = columns;
    int total = 0;
    for (size_t i = 0; i < columns; i++)
        band->columns[i] = column_new(pile, (unsigned)(12 / columns), count);
    for (size_t i = 0; i < count; i++) {
        struct placed p = place(pile, indices[i], LEVEL_TEXT);
        p.kicker |= kickers;
        total += bare_height(&p, (unsigned)(12 / columns), pile->tall_type);
    }
    int done = 0;
    for (size_t i = 0, at = 0; i < count; i++) {
        struct column *c = &band->columns[at];
        struct placed p = take(pile, indices[i], LEVEL_TEXT);
        p.standfirst = false;
        p.kicker |= kickers;
        int height = bare_height(&p, c->span, pile->tall_type);
        /* over the middle of its end: it belongs to the next, and no column stays empty */
        bool over = done + height / 2 > total / (int)columns * (int)(at + 1);
        bool needed = count - i <= columns - 1 - at;
        if (c->count && at + 1 < columns && (over || needed)) c = &band->columns[++at];
        done += height;
        add(c, p);
    }
    int highest = 0;
    for (size_t i = 0; i < columns; i++) {
        measure_column(&band->columns[i], pile->tall_type);
        if (band->columns[i].height > highest) highest = band->columns[i].height;
    }
    for (size_t i = 0; i < columns; i++)
        if (band->columns[i].count <= COLUMN_CARDS_MAX)
            (void)fit_column(&band->columns[i], highest + (count <= 8 ? 52 : 0), pile->tall_type);
}

/* ---- a section ------------------------------------------------------------------------------- */

/* The rest of a recipe in two columns: the first `photos` cards of the order have pictures. */
static void two_columns(const struct pile *pile, const size_t *order, size_t count, size_t split,
                        struct column out[2]) {
    out[0].count = out[1].count = 0;
    for (size_t i = 0; i < count; i++) {
        struct column *c = &out[i < split ? 0 : 1];
        add(c, place(pile, order[i], c->count == 0 ? LEVEL_PHOTO : LEVEL_TEXT));
    }
}

/* One big story and two columns beside it. indices: newest first, at least COMPOSE_BAND_MIN, the
 * big one among them. */
static int recipe(struct pile *pile, struct band *band, size_t big, const size_t *indices,
                  size_t count) {
    size_t rest[RECIPE_CARDS_MAX], n = 0, best_order[RECIPE_CARDS_MAX] = {0}, best_count = 0;
    size_t best_split = 1;
    int best = INT32_MAX;
    bool best_standfirst = true;
    for (size_t i = 0; i < count && n < RECIPE_CARDS_MAX; i++)
        if (indices[i] != big) rest[n++] = indices[i];
    struct column *columns = band->columns;
    columns[0] = column_new(pile, 6, 1);
    columns[1] = column_new(pile, 3, RECIPE_CARDS_MAX);
    columns[2] = column_new(pile, 3, RECIPE_CARDS_MAX);
    band->column_count = 3;
    if (arena_over(pile->arena)) return 0;
    add(&columns[0], place(pile, big, LEVEL_BIG));
    for (size_t shown = n; shown >= 2; shown--) {
        for (size_t split = 1; split < shown; split++) {
            if (split > COLUMN_CARDS_MAX || shown - split > COLUMN_CARDS_MAX) continue;
            /* a card with a picture opens each column, if there are any */
            size_t order[RECIPE_CARDS_MAX], heads[2] = {shown, shown}, found = 0, at = 0;
            for (size_t i = 0; i < shown && found < 2; i++)
                if (pile->cards[rest[i]].picture.n) heads[found++] = i;
            for (int c = 0; c < 2; c++) {
                size_t end = c ? shown : split;
                if (heads[c] < shown) order[at++] = rest[heads[c]];
                for (size_t i = 0; i < shown && at < end; i++) {
                    bool there = i == heads[0] || i == heads[1];
                    for (size_t k = 0; k < at && !there; k++) there = order[k] == rest[i];
                    if (!there) order[at++] = rest[i];
                }
            }
            for (int standfirst = 1; standfirst >= 0; standfirst--) {
                columns[0].placed[0].standfirst = standfirst;
                measure_column(&columns[0], pile->tall_type);
                two_columns(pile, order, shown, split, &columns[1]);
                int price = fit_column(&columns[1], columns[0].height, pile->tall_type) +
                            fit_column(&columns[2], columns[0].height, pile->tall_type) +
                            (standfirst ? 0 : 25) + DROPPED_COST * (int)(n - shown);
                if (price >= best) continue;
                best = price;
                best_split = split;
                best_count = shown;
                best_standfirst = standfirst;
                memcpy(best_order, order, shown * sizeof *order);
            }
        }
    }
    columns[0].placed[0].standfirst = best_standfirst;
    measure_column(&columns[0], pile->tall_type);
    two_columns(pile, best_order, best_count, best_split, &columns[1]);
    for (size_t i = 1; i < 3; i++)
        (void)fit_column(&columns[i], columns[0].height, pile->tall_type);
    return best;
}

/* The other way, for few pictures: the big one's text beside it, and one column of the others. */
static int recipe_beside(struct pile *pile, struct band *band, size_t big, const size_t *indices,
                         size_t count) {
    struct column *columns = band->columns;
    columns[0] = column_new(pile, 9, 1);
    columns[1] = column_new(pile, 3, COLUMN_CARDS_MAX);
    band->column_count = 2;
    if (arena_over(pile->arena)) return 0;
    add(&columns[0], place(pile, big, LEVEL_BESIDE));
    measure_column(&columns[0], pile->tall_type);
    int longer = columns[0].height - width_of(6) * 2 / 3; /* than the picture is high */
    int best = INT32_MAX;
    size_t best_count = 0;
    for (size_t shown = count - 1; shown >= 2; shown--) {
        if (shown > COLUMN_CARDS_MAX) continue;
        columns[1].count = 0;
        for (size_t i = 0; columns[1].count < shown; i++)
            if (indices[i] != big) add(&columns[1], place(pile, indices[i], LEVEL_TEXT));
        int price = fit_column(&columns[1], columns[0].height, pile->tall_type) + 40 + 2 * longer +
                    DROPPED_COST * (int)(count - 1 - shown);
        if (price >= best) continue;
        best = price;
        best_count = shown;
    }
    columns[1].count = best_count;
    (void)fit_column(&columns[1], columns[0].height, pile->tall_type);
    return best;
}

static void take_band(struct pile *pile, const struct band *band) {
    for (size_t i = 0; i < band->column_count; i++)
        for (size_t k = 0; k < band->columns[i].count; k++)
            pile->taken[band->columns[i].placed[k].card - pile->cards] = true;
}

/* What is left of a section, newest first, as a band. */
static void section_band(struct pile *pile, struct band *band, const size_t *indices,
                         size_t count) {
    if (count > RECIPE_CARDS_MAX + 1) count = RECIPE_CARDS_MAX + 1;
    for (size_t i = 0; i < count; i++) {
        if (pile->cards[indices[i]].picture.n == 0) continue;
        struct band other = *band;
        int price = recipe(pile, band, indices[i], indices, count);
        if (recipe_beside(pile, &other, indices[i], indices, count) < price) *band = other;
        take_band(pile, band);
        return;
    }
    deal(pile, band, indices, count, false);
}

static size_t collect(const struct pile *pile, struct span section, size_t *indices) {
    size_t n = 0;
    for (size_t i = 0; i < pile->count; i++)
        if (!pile->taken[i] && !compose_is_voice(&pile->cards[i]) &&
            span_eq(pile->cards[i].section, section))
            indices[n++] = i;
    return n;
}

bool compose_opening(struct arena *a, const struct card *cards, size_t count, bool tall_type,
                     struct band *out_band, bool *taken) {
    struct pile pile = {.cards = cards,
                        .measured = measure_cards(a, cards, count),
                        .taken = taken,
                        .count = count,
                        .arena = a,
                        .tall_type = tall_type};
    size_t indices[RECIPE_CARDS_MAX + 1], n = 0;
    for (size_t i = 0; i < count; i++) taken[i] = false;
    for (size_t i = 0; i < count && n < COUNT_OF(indices); i++) indices[n++] = i;
    *out_band = (struct band){.kind = BAND_SECTION};
    if (n < COMPOSE_BAND_MIN || !pile.measured) return false;
    section_band(&pile, out_band, indices, n);
    return true;
}

/* ---- the top --------------------------------------------------------------------------------- */

/* Among the newest, that with a picture of which there was news last; opinion and what was paid for
 * do not lead. */
static size_t find_lead(const struct pile *pile) {
    size_t best = pile->count;
    for (size_t i = 0; i < pile->count && i < LEAD_SEARCH; i++) {
        const struct card *card = &pile->cards[i], *other = &pile->cards[best];
        if (compose_is_voice(card) || span_eq(card->kind, SPAN("sponsored"))) continue;
        bool picture = card->picture.n > 0;
        if (best == pile->count || picture > (other->picture.n > 0) ||
            (picture == (other->picture.n > 0) && card->updated > other->updated))
            best = i;
    }
    return best == pile->count ? 0 : best;
}

/* May this card leave its section for the top? A section keeps what its band needs; one that cannot
 * have a band gives all, and so does the one that is dissolved. */
static bool may_go(const struct pile *pile, size_t at, struct span dissolved) {
    const struct card *card = &pile->cards[at];
    if (pile->taken[at] || compose_is_voice(card)) return false;
    size_t left = left_of(pile, card->section);
    return left != COMPOSE_BAND_MIN || span_eq(card->section, dissolved);
}

static size_t next_for_top(const struct pile *pile, bool photo, struct span dissolved) {
    for (size_t i = 0; i < pile->count; i++)
        if (may_go(pile, i, dissolved) && (!photo || pile->cards[i].picture.n)) return i;
    return pile->count;
}

/* The section with the fewest stories left. */
static struct span smallest_section(const struct pile *pile) {
    struct span smallest = {0};
    size_t fewest = SIZE_MAX;
    for (size_t i = pile->count; i-- > 0;) {
        if (pile->taken[i] || compose_is_voice(&pile->cards[i])) continue;
        size_t left = left_of(pile, pile->cards[i].section);
        if (left >= fewest) continue;
        fewest = left;
        smallest = pile->cards[i].section;
    }
    return smallest;
}

static void add_lines(struct pile *pile, struct column *lead) {
    struct span section = lead->placed[0].card->section;
    size_t left = left_of(pile, section), lines = 0;
    size_t may = left > COMPOSE_BAND_MIN + 1 ? left - COMPOSE_BAND_MIN - 1 : 0;
    may = may > LINES_MAX ? LINES_MAX : may & ~(size_t)1;
    /* what has a picture is wanted elsewhere */
    for (int with_picture = 0; with_picture < 2; with_picture++)
        for (size_t i = 0; i < pile->count && lines < may; i++) {
            const struct card *card = &pile->cards[i];
            if (pile->taken[i] || compose_is_voice(card) || !span_eq(card->section, section) ||
                (card->picture.n > 0) != with_picture)
                continue;
            add(lead, take(pile, i, LEVEL_LINE));
            lines++;
        }
}

static void top_band(struct pile *pile, struct band *band) {
    *band = (struct band){.kind = BAND_TOP};
    struct column *columns = band->columns;
    columns[0] = column_new(pile, 6, 1 + LINES_MAX);
    columns[1] = column_new(pile, 3, COLUMN_CARDS_MAX);
    columns[2] = column_new(pile, 3, COLUMN_CARDS_MAX);
    if (arena_over(pile->arena)) return;
    add(&columns[0], take(pile, find_lead(pile), LEVEL_LEAD));
    columns[0].placed[0].standfirst = columns[0].placed[0].kicker = true;
    add_lines(pile, &columns[0]);
    /* the lines stand two and two */
    int lines = 0;
    for (size_t i = 1; i < columns[0].count; i++)
        lines += height_of(&columns[0].placed[i], 3, pile->tall_type);
    columns[0].height = height_of(&columns[0].placed[0], 6, pile->tall_type) + lines / 2;
    struct span dissolved = {0};
    for (;;) {
        struct column *c = columns[1].height <= columns[2].height ? &columns[1] : &columns[2];
        if (c->height + GAP_MAX > columns[0].height || c->count == COLUMN_CARDS_MAX) break;
        size_t at = pile->count;
        if (c->count == 0) at = next_for_top(pile, true, dissolved);
        if (at == pile->count) at = next_for_top(pile, false, dissolved);
        if (at == pile->count) {
            dissolved = smallest_section(pile);
            at = next_for_top(pile, false, dissolved);
        }
        if (at == pile->count) break;
        struct placed p = take(pile, at, c->count == 0 ? LEVEL_PHOTO : LEVEL_TEXT);
        p.kicker = true;
        add(c, p);
        measure_column(c, pile->tall_type);
    }
    for (size_t i = 1; i < 3; i++)
        (void)fit_column(&columns[i], columns[0].height, pile->tall_type);
    band->column_count = columns[2].count ? 3 : columns[1].count ? 2 : 1;
    if (band->column_count == 2) columns[0].span = 8, columns[1].span = 4;
    if (band->column_count == 1) columns[0].span = 12;
}

/* ---- the rest -------------------------------------------------------------------------------- */

static void voices_band(struct pile *pile, struct band *band) {
    size_t indices[VOICES_MAX], n = 0;
    for (size_t i = 0; i < pile->count && n < VOICES_MAX; i++)
        if (!pile->taken[i] && compose_is_voice(&pile->cards[i])) indices[n++] = i;
    if (n < 2) return;
    band->kind = BAND_VOICES;
    band->column_count = n;
    for (size_t i = 0; i < n; i++) {
        band->columns[i] = column_new(pile, (unsigned)(12 / n), 1);
        struct placed p = take(pile, indices[i], LEVEL_VOICE);
        p.standfirst = n < VOICES_MAX;
        add(&band->columns[i], p);
        measure_column(&band->columns[i], pile->tall_type);
    }
}

static void more_band(struct pile *pile, struct band *band) {
    size_t indices[MORE_MAX], n = 0;
    for (size_t i = 0; i < pile->count && n < MORE_MAX; i++)
        if (!pile->taken[i]) indices[n++] = i;
    if (n == 0) return;
    band->kind = BAND_MORE;
    deal(pile, band, indices, n, true);
}

/* The sections that are left, each once. */
static size_t list_sections(const struct pile *pile, const struct span *wished, size_t count,
                            struct span *out) {
    size_t n = 0;
    for (size_t i = 0; i < count + pile->count && n < COMPOSE_CARDS_MAX; i++) {
        struct span section = i < count ? wished[i] : pile->cards[i - count].section;
        bool there = section.n == 0 || left_of(pile, section) < COMPOSE_BAND_MIN;
        for (size_t k = 0; k < n && !there; k++) there = span_eq(out[k], section);
        if (!there) out[n++] = section;
    }
    return n;
}

/* Takes the newest of that kind, unless it is the lead. */
static const struct card *take_line(struct pile *pile, struct span kind, size_t lead, ms_t since) {
    size_t best = pile->count;
    for (size_t i = 0; i < pile->count; i++) {
        const struct card *card = &pile->cards[i];
        if (!span_eq(card->kind, kind) || card->updated < since) continue;
        if (best == pile->count || card->updated > pile->cards[best].updated) best = i;
    }
    if (best == pile->count || best == lead) return NULL;
    pile->taken[best] = true;
    return &pile->cards[best];
}

static void take_lines(struct pile *pile, struct front *front) {
    const size_t lead = find_lead(pile);
    ms_t newest = 0;
    for (size_t i = 0; i < pile->count; i++)
        if (pile->cards[i].updated > newest) newest = pile->cards[i].updated;
    front->live = take_line(pile, SPAN("live"), lead, 0);
    front->breaking = take_line(pile, SPAN("breaking"), lead, newest - COMPOSE_BREAKING_MS);
}

rc compose_front(struct arena *a, const struct card *cards, size_t count,
                 const struct span *sections, size_t section_count, bool tall_type,
                 struct front *out_front) {
    if (count > COMPOSE_CARDS_MAX) count = COMPOSE_CARDS_MAX;
    struct front front = {.bands = ARENA_ARRAY(a, struct band, COMPOSE_CARDS_MAX + 3)};
    struct pile pile = {.cards = cards,
                        .measured = measure_cards(a, cards, count),
                        .taken = ARENA_ARRAY(a, bool, COMPOSE_CARDS_MAX),
                        .count = count,
                        .arena = a,
                        .tall_type = tall_type};
    struct span *order = ARENA_ARRAY(a, struct span, COMPOSE_CARDS_MAX);
    size_t *indices = ARENA_ARRAY(a, size_t, COMPOSE_CARDS_MAX);
    *out_front = (struct front){0};
    if (count == 0) return RC_OK;
    if (arena_over(a)) return rc_fail(RC_TOO_BIG, "a front needs more memory than it may take");
    take_lines(&pile, &front);
    top_band(&pile, &front.bands[front.count++]);
    size_t n = list_sections(&pile, sections, section_count, order);
    for (size_t i = 0; i < n + 1 && !arena_over(a); i++) {
        struct band *band = &front.bands[front.count];
        *band = (struct band){0};
        if (i < n) {
            band->kind = BAND_SECTION;
            band->section = order[i];
            band->flipped = i % 2;
            section_band(&pile, band, indices, collect(&pile, order[i], indices));
            front.count++;
            band++;
        }
        /* the voices after the first section, or after the top */
        if (i != (n > 1 ? 0 : n)) continue;
        *band = (struct band){0};
        voices_band(&pile, band);
        front.count += band->column_count > 0;
    }
    struct band *more = &front.bands[front.count];
    *more = (struct band){0};
    more_band(&pile, more);
    front.count += more->column_count > 0;
    if (arena_over(a)) return rc_fail(RC_TOO_BIG, "a front needs more memory than it may take");
    *out_front = front;
    return RC_OK;
}
