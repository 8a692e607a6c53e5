#include "story/sample.h"

#include "base/buf.h"
#include "base/utf8.h"
#include "story/limits.h"

struct revision sample_small(void) {
    return (struct revision){
        .story = {{0x3f, 0x1c, 0x5a, 0x0e, 0x9b, 0x7d, 0x4c, 0x62, 0xa8, 0xe0, 0xd1, 0xf2, 0xb3,
                   0xc4, 0xd5, 0xe6}},
        .number = 1,
        .path = SPAN("/2026/11/24/harbour-reopens"),
        .code = SPAN("abc2345"),
        .published = 1795552439123,
        .updated = 1795552439123,
        .language = SPAN("en"),
        .headline = SPAN("Harbour reopens"),
    };
}

static void *list_of(struct arena *arena, const void *items, size_t bytes) {
    void *p = arena_take(arena, bytes);
    CHECK(p);
    memcpy(p, items, bytes);
    return p;
}
#define LIST(arena, type, ...) list_of(arena, (type[]){__VA_ARGS__}, sizeof((type[]){__VA_ARGS__}))

struct text sample_text(struct arena *arena, struct span s) {
    return (struct text){LIST(arena, struct run, {.text = s}), 1};
}

static struct text rich_text(struct arena *arena) {
    struct run *runs =
        LIST(arena, struct run, {.text = SPAN("The pier ")},
             {.text = SPAN("opened"), .look = RUN_STRONG | RUN_EMPHASIS},
             {.text = SPAN(" at noon: "), .look = 0},
             {.text = SPAN("the notice"), .href = SPAN("https://port.example/notice?a=1&b=2#x")},
             {.text = SPAN("H"), .look = RUN_CODE}, {.text = SPAN("2"), .look = RUN_SUB},
             {.text = SPAN("O"), .look = RUN_CODE | RUN_SUP | RUN_SUB | RUN_STRONG | RUN_EMPHASIS});
    return (struct text){runs, 7};
}

static struct block *full_blocks(struct arena *arena, size_t *count) {
    struct text plain = sample_text(arena, SPAN("„Kräne“ \\ \"stehen\" still"));
    struct text arabic = sample_text(arena, SPAN("أُعيد فتح الميناء"));
    struct text *rows = LIST(arena, struct text, plain, arabic);
    struct text *cells = LIST(arena, struct text, plain, {NULL, 0}, arabic, plain);
    struct block blocks[] = {
        {.kind = BLOCK_PARAGRAPH, .text = rich_text(arena)},
        {.kind = BLOCK_HEADING, .level = 2, .text = plain},
        {.kind = BLOCK_LIST, .ordered = true, .rows = rows, .row_count = 2},
        {.kind = BLOCK_QUOTE,
         .rows = rows,
         .row_count = 2,
         .speaker = SPAN("Mara Vale"),
         .occasion = SPAN("at the opening"),
         .url = SPAN("https://port.example/speech")},
        {.kind = BLOCK_PULL_QUOTE, .rows = rows, .row_count = 1},
        {.kind = BLOCK_PICTURE, .picture = 1},
        {.kind = BLOCK_TABLE, .columns = 2, .header_row = true, .rows = cells, .row_count = 4},
        {.kind = BLOCK_PREFORMATTED, .text = sample_text(arena, SPAN("  a  b\n\n c"))},
        {.kind = BLOCK_RULE},
        {.kind = BLOCK_EMBED, .url = SPAN("https://video.example/1"), .title = SPAN("The film")},
        {.kind = BLOCK_GALLERY, .pictures = LIST(arena, unsigned, 1, 0), .picture_count = 2},
        {.kind = BLOCK_EVENTS,
         .rows = LIST(arena, struct text, arabic, plain),
         .row_count = 2,
         .times = LIST(arena, ms_t, 1795552439123, 1795552500000)},
        {.kind = BLOCK_AUDIO,
         .url = SPAN("https://radio.example/1.mp3"),
         .title = SPAN("The talk")},
    };
    *count = COUNT_OF(blocks);
    return list_of(arena, blocks, sizeof blocks);
}

struct revision sample_full(struct arena *arena) {
    struct revision r = sample_small();
    struct rendition *renditions = LIST(arena, struct rendition,
                                        {.hash = {{1, 2, 3}},
                                         .type = SPAN("image/avif"),
                                         .width = 1600,
                                         .height = 900,
                                         .bytes = 90000},
                                        {.hash = {{4, 5, 6}},
                                         .type = SPAN("image/jpeg"),
                                         .width = 800,
                                         .height = 450,
                                         .bytes = 40000});
    r.number = 3;
    r.updated += 60000;
    r.change = CHANGE_CORRECTION;
    r.translation_of = (struct story_id){{9, 8, 7}};
    r.edition = SPAN("en");
    r.work = WORK_ANALYSIS;
    r.section = SPAN("Harbour");
    r.headline_short = SPAN("Harbour open");
    r.headline_social = SPAN("It is open 🚢👩🏽‍✈️");
    r.headline_feed = SPAN("Harbour: open");
    r.standfirst = SPAN("After three years");
    r.slug = SPAN("harbour-reopens");
    r.dateline = (struct dateline){SPAN("PORT AVERIL"), SPAN("COURIER")};
    r.bylines = LIST(arena, struct byline, {SPAN("Mara Vale"), SPAN("Harbour correspondent")},
                     {SPAN("Jürgen Groß"), {NULL, 0}});
    r.byline_count = 2;
    r.credit_line = SPAN("© 2026 Courier");
    r.tags = LIST(arena, struct tag, {TAG_PLACE, SPAN("Port Averil"), SPAN("port-averil")},
                  {TAG_TOPIC, SPAN("ميناء"), SPAN("ميناء")});
    r.tag_count = 2;
    r.pictures = LIST(arena, struct picture,
                      {.caption = SPAN("The pier"),
                       .alt = SPAN("A pier"),
                       .credit = SPAN("© COURIER / M. VALE"),
                       .creator = SPAN("M. Vale"),
                       .copyright = SPAN("Courier"),
                       .colour = SPAN("#2f4a61"),
                       .renditions = renditions,
                       .rendition_count = 2},
                      {.usage_terms = SPAN("One year"),
                       .rights = {.channels = 1u << CHANNEL_WEB | 1u << CHANNEL_FEED,
                                  .expires = 1827088439123,
                                  .no_redistribution = true},
                       .renditions = renditions,
                       .rendition_count = 1});
    r.picture_count = 2;
    r.lead_picture = true;
    r.blocks = full_blocks(arena, &r.block_count);
    r.corrections =
        LIST(arena, struct correction,
             {1795552440000, CHANGE_CLARIFICATION, SPAN("The pier is the north pier.")},
             {1795552450000, CHANGE_CORRECTION, SPAN("It opened at noon, not at ten.")});
    r.correction_count = 2;
    r.related = LIST(arena, struct story_id, {{7, 6, 5}}, {{4, 3, 2}});
    r.related_count = 2;
    return r;
}

struct revision sample_standing(struct arena *arena, struct span text) {
    struct revision r = sample_small();
    struct text said = sample_text(arena, text);
    r.number = 2;
    r.change = CHANGE_UPDATE;
    r.updated += 60000;
    r.path = SPAN("/about");
    r.slug = SPAN("about");
    r.headline = SPAN("About the Courier");
    r.headline_short = SPAN("About");
    r.standing = (struct standing_page){.order = 10, .note = SPAN("Says who owns the paper.")};
    r.blocks = LIST(arena, struct block, {.kind = BLOCK_PARAGRAPH, .text = said});
    r.block_count = 1;
    return r;
}

/* ---- random ------------------------------------------------------------------------------- */

struct maker {
    struct arena *arena;
    uint64_t state;
};

/* xorshift64* */
static uint64_t below(struct maker *m, uint64_t limit) {
    m->state ^= m->state >> 12;
    m->state ^= m->state << 25;
    m->state ^= m->state >> 27;
    return (m->state * 0x2545F4914F6CDD1Du >> 11) % limit;
}
static bool coin(struct maker *m) {
    return below(m, 2);
}

static const uint32_t letters[] = {
    'a',    'b',    'Z',    '0',    '"',    '\\',   '/',    '<',    '&',    '.',     0xE9,
    0xDF,   0x2019, 0x2014, 0x0645, 0x064A, 0x0627, 0x0651, 0x4E2D, 0xAC00, 0x200D,  0x1F6A2,
    0xE000, 0xFFFD, 0x2066, 0x200F, 0x0301, 0x0323, 0x41,   0x20AC, 0x7E,   0x10FFFD};

/* Text of up to `chars` characters as story_normalize() leaves it, never empty. */
static struct span words(struct maker *m, size_t chars, bool lines) {
    struct buf b;
    struct span s;
    char utf8[4];
    buf_init(&b, 1u << 16);
    buf_char(&b, 'x');
    for (size_t i = 0, n = 1 + below(m, chars); i < n; i++) {
        uint32_t point = below(m, 6) == 0 ? ' ' : letters[below(m, COUNT_OF(letters))];
        if (lines && below(m, 12) == 0) point = '\n';
        buf_add(&b, span_of(utf8, utf8_put(point, utf8)));
    }
    CHECK(story_normalize(m->arena, buf_span(&b), lines, &s) == RC_OK);
    buf_done(&b);
    return s;
}

static struct span maybe(struct maker *m, size_t chars) {
    return coin(m) ? words(m, chars, false) : (struct span){NULL, 0};
}

static struct text random_text(struct maker *m, bool lines) {
    struct text t = {.count = 1 + below(m, 5)};
    t.runs = ARENA_ARRAY(m->arena, struct run, t.count);
    CHECK(t.runs);
    for (size_t i = 0; i < t.count; i++) {
        struct run *run = &t.runs[i];
        run->text = words(m, 60, lines);
        run->look = (unsigned)below(m, 32);
        if (below(m, 4) == 0) run->href = SPAN("mailto:desk@courier.example");
        if (i && run->look == run[-1].look) run->look ^= RUN_SUP;
    }
    return t;
}

static void random_rows(struct maker *m, struct block *b, size_t count, bool empty_ones) {
    b->rows = ARENA_ARRAY(m->arena, struct text, count);
    CHECK(b->rows);
    b->row_count = count;
    for (size_t i = 0; i < count; i++)
        if (!empty_ones || below(m, 3)) b->rows[i] = random_text(m, false);
}

/* Some of the pictures, from the last to the first. */
static void random_gallery(struct maker *m, struct block *b, size_t pictures) {
    if (pictures < 2) {
        b->kind = BLOCK_RULE;
        return;
    }
    b->pictures = ARENA_ARRAY(m->arena, unsigned, pictures);
    CHECK(b->pictures);
    for (size_t left = pictures; left > 0; left--)
        if (left <= 2 || coin(m)) b->pictures[b->picture_count++] = (unsigned)left - 1;
}

static struct block random_block(struct maker *m, size_t pictures) {
    struct block b = {.kind = (enum block_kind)below(m, BLOCK_KIND_COUNT)};
    switch (b.kind) {
    case BLOCK_HEADING:
        b.level = 2 + (unsigned)below(m, 3);
        b.text = random_text(m, false);
        break;
    case BLOCK_PARAGRAPH: b.text = random_text(m, false); break;
    case BLOCK_PREFORMATTED: b.text = random_text(m, true); break;
    case BLOCK_LIST:
        b.ordered = coin(m);
        random_rows(m, &b, 1 + below(m, 5), false);
        break;
    case BLOCK_QUOTE:
    case BLOCK_PULL_QUOTE:
        b.speaker = maybe(m, 20);
        b.occasion = maybe(m, 20);
        if (coin(m)) b.url = SPAN("/2026/11/24/speech");
        random_rows(m, &b, 1 + below(m, 3), false);
        break;
    case BLOCK_PICTURE:
        if (pictures == 0) b.kind = BLOCK_RULE;
        b.picture = pictures ? (unsigned)below(m, pictures) : 0;
        break;
    case BLOCK_TABLE:
        b.columns = 1 + (unsigned)below(m, 4);
        b.header_row = coin(m);
        random_rows(m, &b, b.columns * (1 + below(m, 4)), true);
        break;
    case BLOCK_EMBED:
    case BLOCK_AUDIO:
        b.url = SPAN("http://video.example/ü");
        b.title = maybe(m, 30);
        break;
    case BLOCK_GALLERY: random_gallery(m, &b, pictures); break;
    case BLOCK_EVENTS:
        random_rows(m, &b, 1 + below(m, 6), false);
        b.times = ARENA_ARRAY(m->arena, ms_t, b.row_count);
        CHECK(b.times);
        for (size_t i = 0; i < b.row_count; i++)
            b.times[i] = (i ? b.times[i - 1] : 1) + (ms_t)below(m, 86400000);
        break;
    case BLOCK_RULE:
    case BLOCK_KIND_COUNT: break;
    }
    return b;
}

static struct picture random_picture(struct maker *m) {
    const struct span types[] = {SPAN("image/jpeg"), SPAN("image/png"), SPAN("image/webp"),
                                 SPAN("image/avif")};
    struct picture p = {.usage_terms = maybe(m, 30),
                        .rights = {.channels = (unsigned)below(m, 1u << CHANNEL_COUNT),
                                   .expires = coin(m) ? 1795552439123 : 0,
                                   .no_redistribution = coin(m)},
                        .caption = maybe(m, 80),
                        .alt = maybe(m, 80),
                        .credit = maybe(m, 30),
                        .creator = maybe(m, 30),
                        .copyright = maybe(m, 30),
                        .colour = coin(m) ? SPAN("#00ff7a") : (struct span){0},
                        .rendition_count = 1 + below(m, 5)};
    p.renditions = ARENA_ARRAY(m->arena, struct rendition, p.rendition_count);
    CHECK(p.renditions);
    for (size_t i = 0; i < p.rendition_count; i++) {
        struct rendition *d = &p.renditions[i];
        for (size_t k = 0; k < SHA256_BYTES; k++) d->hash.bytes[k] = (uint8_t)below(m, 256);
        d->type = types[below(m, COUNT_OF(types))];
        d->width = (uint32_t)(2000 - 300 * i);
        d->height = 1 + (uint32_t)below(m, RENDITION_PIXELS_MAX);
        d->bytes = 1 + below(m, RENDITION_BYTES_MAX);
    }
    return p;
}

#define FILL(m, items, count, most, type, make)                   \
    do {                                                          \
        count = below(m, (most) + 1);                             \
        items = ARENA_ARRAY((m)->arena, type, count);             \
        CHECK(items);                                             \
        for (size_t i_ = 0; i_ < count; i_++) (items)[i_] = make; \
    } while (0)

static void random_lists(struct maker *m, struct revision *r) {
    FILL(m, r->bylines, r->byline_count, 4, struct byline,
         ((struct byline){words(m, 30, false), maybe(m, 30)}));
    FILL(m, r->tags, r->tag_count, 8, struct tag,
         ((struct tag){.kind = (enum tag_kind)below(m, TAG_KIND_COUNT),
                       .name = words(m, 20, false)}));
    for (size_t i = 0; i < r->tag_count; i++) r->tags[i].slug = slug_of(m->arena, r->tags[i].name);
    FILL(m, r->pictures, r->picture_count, 4, struct picture, random_picture(m));
    FILL(m, r->blocks, r->block_count, 30, struct block, random_block(m, r->picture_count));
    FILL(m, r->corrections, r->correction_count, 3, struct correction,
         ((struct correction){r->published + (ms_t)i_, CHANGE_EDITORS_NOTE, words(m, 90, false)}));
}

/* What is left of it as a page; its blocks may have shown pictures. */
static void make_standing(struct maker *m, struct revision *r) {
    for (size_t i = 0; i < r->block_count; i++)
        if (r->blocks[i].kind == BLOCK_PICTURE || r->blocks[i].kind == BLOCK_GALLERY)
            r->blocks[i] = (struct block){.kind = BLOCK_RULE};
    r->work = WORK_NEWS;
    r->section = r->headline_social = r->headline_feed = r->credit_line = SPAN("");
    r->dateline = (struct dateline){{NULL, 0}, {NULL, 0}};
    r->byline_count = r->tag_count = r->picture_count = r->correction_count = 0;
    r->lead_picture = false;
    if (r->change != CHANGE_NONE) r->change = CHANGE_UPDATE;
    r->standing.order = 1 + (unsigned)below(m, STANDING_ORDER_MAX);
    r->standing.note = maybe(m, 60);
}

struct revision sample_random(struct arena *arena, uint64_t seed) {
    struct maker m = {arena, seed * 2 + 1};
    struct revision r = sample_small();
    for (int i = 0; i < 8; i++) below(&m, 2);
    for (size_t i = 0; i < STORY_ID_BYTES; i++) r.story.bytes[i] = (uint8_t)(1 + below(&m, 255));
    r.published = 1 + (ms_t)below(&m, TIME_MS_MAX - 1000);
    r.updated = r.published + (ms_t)below(&m, 1000);
    if (coin(&m)) r.edition = below(&m, 2) ? SPAN("ar") : SPAN("north-coast-2");
    if (below(&m, 4) == 0) r.translation_of.bytes[below(&m, STORY_ID_BYTES)] = 7;
    r.work = (enum work)below(&m, WORK_COUNT);
    r.section = maybe(&m, 20);
    r.headline = words(&m, 200, false);
    r.headline_short = maybe(&m, 50);
    r.headline_social = maybe(&m, 100);
    r.headline_feed = maybe(&m, 100);
    r.standfirst = maybe(&m, 300);
    if (coin(&m)) r.slug = slug_of(arena, r.headline);
    r.dateline = (struct dateline){maybe(&m, 20), maybe(&m, 20)};
    r.credit_line = maybe(&m, 40);
    random_lists(&m, &r);
    r.lead_picture = r.picture_count && coin(&m);
    if (r.correction_count) {
        r.number = 2 + (uint32_t)below(&m, UINT32_MAX - 2);
        r.change = coin(&m) ? CHANGE_EDITORS_NOTE : CHANGE_UPDATE;
    }
    if (below(&m, 8) == 0) make_standing(&m, &r);
    return r;
}
