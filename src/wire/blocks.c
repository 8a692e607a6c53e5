#include "wire/blocks.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/utf8.h"
#include "story/limits.h"

rc wire_memory(void) {
    return rc_fail(RC_TOO_BIG,
                   "the item takes more memory than is allowed for one; make it smaller");
}

rc weave_failed(struct weave *w, rc code) {
    if (w->failed == RC_OK)
        w->failed = w->where.n ? rc_in(code, SPAN_FMT ": ", SPAN_ARG(w->where)) : code;
    return w->failed;
}

#define FAIL(w, ...) ((void)weave_failed((w), rc_fail(__VA_ARGS__)))

/* One more element in an array in the arena: doubled when full, so that at most half is waste.
 * NULL past the cap. */
static void *grown(struct weave *w, void *array, size_t count, size_t *cap, size_t size) {
    if (count < *cap) return array;
    size_t more = *cap ? *cap * 2 : 8;
    while (more <= count) more *= 2;
    void *bigger = arena_take(w->arena, more * size);
    if (!bigger) {
        (void)weave_failed(w, wire_memory());
        return NULL;
    }
    if (count) memcpy(bigger, array, count * size);
    *cap = more;
    return bigger;
}

void weave_init(struct weave *w, struct arena *arena, struct intent *intent, struct span where) {
    *w = (struct weave){.arena = arena,
                        .intent = intent,
                        .where = where,
                        .block_cap = intent->draft.block_count,
                        .picture_cap = intent->picture_count,
                        .remark_cap = intent->remark_count};
    buf_init(&w->raw, WIRE_TEXT_BYTES_MAX);
}

struct span wire_excerpt(struct span s) {
    size_t n = s.n > WIRE_EXCERPT_BYTES_MAX ? WIRE_EXCERPT_BYTES_MAX : s.n;
    while (n < s.n && n && ((unsigned char)s.p[n] & 0xC0) == 0x80) n--;
    return span_sub(s, 0, n);
}

void weave_remark(struct weave *w, const char *fmt, ...) {
    struct intent *in = w->intent;
    if (w->failed != RC_OK || in->remark_count >= WIRE_REMARKS_MAX) return;
    struct intent_remark *remarks =
        grown(w, in->remarks, in->remark_count, &w->remark_cap, sizeof *remarks);
    if (!remarks) return;
    char text[1024];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    bool last = in->remark_count + 1 == WIRE_REMARKS_MAX;
    struct span raw =
        last ? arena_printf(w->arena, "there is more to remark than the first %d things",
                            WIRE_REMARKS_MAX - 1)
             : arena_printf(w->arena, SPAN_FMT "%s%s", SPAN_ARG(w->where), w->where.n ? ": " : "",
                            text);
    struct span normal = {0};
    size_t end = raw.n; /* vsnprintf may have cut a character in two */
    while (end && !utf8_valid(span_sub(raw, 0, end)) && raw.n - end < 4) end--;
    rc code = story_normalize(w->arena, span_sub(raw, 0, end), false, &normal);
    if (code != RC_OK) {
        (void)weave_failed(w, code);
        return;
    }
    in->remarks = remarks;
    in->remarks[in->remark_count++].text = normal;
}

/* ---- one text ------------------------------------------------------------------------------- */

static unsigned look_now(const struct weave *w) {
    unsigned look = 0;
    for (unsigned i = 0; i < COUNT_OF(w->looks); i++)
        if (w->looks[i]) look |= 1u << i;
    return w->keep_lines ? look & ~(unsigned)RUN_CODE : look; /* all of it is code already */
}

void weave_text(struct weave *w, struct span utf8) {
    if (w->failed != RC_OK || utf8.n == 0) return;
    unsigned look = look_now(w);
    struct weave_piece *last = w->piece_count ? &w->pieces[w->piece_count - 1] : NULL;
    if (!last || last->look != look || !span_eq(last->href, w->href)) {
        if (w->piece_count == WIRE_RUNS_MAX) {
            FAIL(w, RC_TOO_BIG, "a text with more than %d changes of look or link", WIRE_RUNS_MAX);
            return;
        }
        void *pieces = grown(w, w->pieces, w->piece_count, &w->piece_cap, sizeof *w->pieces);
        if (!pieces) return;
        w->pieces = pieces;
        w->pieces[w->piece_count++] = (struct weave_piece){w->raw.n, look, w->href};
    }
    buf_add(&w->raw, utf8);
    if (w->raw.over) FAIL(w, RC_TOO_BIG, "a text longer than %u bytes", WIRE_TEXT_BYTES_MAX);
}

/* Normalises a piece without trimming it: a full stop on each side that asks for it keeps the white
 * space there (no character composes with one), and is taken off again. */
static rc normal_piece(struct arena *arena, struct span raw, bool keep_lines, bool guard_left,
                       bool guard_right, struct span *out) {
    struct span guarded = raw, normal;
    if (guard_left || guard_right) {
        char *copy = arena_take(arena, raw.n + 2);
        if (!copy) return wire_memory();
        size_t n = 0;
        if (guard_left) copy[n++] = '.';
        if (raw.n) memcpy(copy + n, raw.p, raw.n);
        n += raw.n;
        if (guard_right) copy[n++] = '.';
        guarded = span_of(copy, n);
    }
    TRY(story_normalize(arena, guarded, keep_lines, &normal));
    *out = span_sub(normal, guard_left, normal.n - guard_left - guard_right);
    return RC_OK;
}

static rc append_run(struct weave *w, struct text *text, struct run run) {
    struct run *last = text->count ? &text->runs[text->count - 1] : NULL;
    if (!last || last->look != run.look || !span_eq(last->href, run.href)) {
        text->runs[text->count++] = run;
        return RC_OK;
    }
    /* Something between two runs alike came to nothing: they are one now. */
    char *bytes = arena_take(w->arena, last->text.n + run.text.n);
    if (!bytes) return wire_memory();
    memcpy(bytes, last->text.p, last->text.n);
    memcpy(bytes + last->text.n, run.text.p, run.text.n);
    struct span joined = span_of(bytes, last->text.n + run.text.n);
    return normal_piece(w->arena, joined, w->keep_lines, true, true, &last->text);
}

/* story_check() would find it too, but could not say where it came from. */
static rc check_size(const struct text *text) {
    size_t bytes = 0;
    for (size_t i = 0; i < text->count; i++) bytes += text->runs[i].text.n;
    if (text->count > RUNS_MAX)
        return rc_fail(RC_TOO_BIG, "a text with more than %d changes of look or link", RUNS_MAX);
    if (bytes > TEXT_BYTES_MAX)
        return rc_fail(RC_TOO_BIG, "a text of %zu bytes, at most %d are taken", bytes,
                       TEXT_BYTES_MAX);
    return RC_OK;
}

/* The text as it was taken, made normal; the next one begins. */
static rc take_line(struct weave *w, struct text *out_text) {
    struct text text = {0};
    text.runs = ARENA_ARRAY(w->arena, struct run, w->piece_count ? w->piece_count : 1);
    if (!text.runs) return wire_memory();
    for (size_t i = 0; i < w->piece_count; i++) {
        size_t from = w->pieces[i].from;
        size_t to = i + 1 < w->piece_count ? w->pieces[i + 1].from : w->raw.n;
        struct run run = {.look = w->pieces[i].look, .href = w->pieces[i].href};
        TRY(normal_piece(w->arena, span_sub(buf_span(&w->raw), from, to - from), w->keep_lines,
                         true, true, &run.text));
        struct run *last = text.count ? &text.runs[text.count - 1] : NULL;
        bool after_space = !last || span_ends(last->text, SPAN(" "));
        if (!w->keep_lines && after_space && span_starts(run.text, SPAN(" ")))
            run.text = span_from(run.text, 1);
        if (run.text.n) TRY(append_run(w, &text, run));
    }
    while (text.count) { /* trimmed at both ends, as the whole is */
        struct span blank;
        TRY(normal_piece(w->arena, text.runs[0].text, w->keep_lines, false, true,
                         &text.runs[0].text));
        TRY(story_normalize(w->arena, text.runs[0].text, false, &blank));
        if (blank.n) break;
        text.runs++;
        text.count--;
    }
    while (text.count) {
        struct run *last = &text.runs[text.count - 1];
        TRY(normal_piece(w->arena, last->text, w->keep_lines, text.count > 1, false, &last->text));
        if (last->text.n) break;
        text.count--;
    }
    buf_clear(&w->raw);
    w->piece_count = 0;
    TRY(check_size(&text));
    *out_text = text;
    return RC_OK;
}

/* An arena that is used up is noticed in weave_done(). */
static struct span normal(struct arena *arena, struct span raw) {
    struct span line = {0};
    return story_normalize(arena, raw, false, &line) == RC_OK ? line : (struct span){0};
}

struct span wire_word(struct arena *arena, const struct text *text) {
    return text->count ? normal(arena, text_plain(arena, text)) : (struct span){0};
}

rc wire_cut_start(struct arena *arena, struct text *text, size_t bytes) {
    struct span rest = span_from(text->runs[0].text, bytes);
    TRY(normal_piece(arena, rest, false, false, text->count > 1, &rest));
    if (rest.n == 0) return RC_OK; /* nothing would be left: it stays */
    text->runs[0].text = rest;
    return RC_OK;
}

void weave_look(struct weave *w, enum run_look look, bool on) {
    unsigned i = (unsigned)__builtin_ctz((unsigned)look);
    if (on)
        w->looks[i]++;
    else if (w->looks[i])
        w->looks[i]--;
}

void weave_link(struct weave *w, struct span raw_href) {
    if (w->failed != RC_OK) return;
    w->href = (struct span){0};
    if (!wire_href(w->arena, raw_href, &w->href))
        weave_remark(w,
                     "the link \"" SPAN_FMT
                     "\" was left out, its text was kept: only http, https, mailto "
                     "and paths on this site (/…) are linked",
                     SPAN_ARG(wire_excerpt(raw_href)));
}

void weave_unlink(struct weave *w) {
    w->href = (struct span){0};
}

/* ---- blocks --------------------------------------------------------------------------------- */

static void add_block(struct weave *w, struct block block) {
    struct revision *draft = &w->intent->draft;
    if (w->failed != RC_OK) return;
    if (draft->block_count == BLOCKS_MAX) {
        FAIL(w, RC_TOO_BIG, "more than %d blocks", BLOCKS_MAX);
        return;
    }
    void *blocks = grown(w, draft->blocks, draft->block_count, &w->block_cap, sizeof block);
    if (!blocks) return;
    draft->blocks = blocks;
    draft->blocks[draft->block_count++] = block;
}

static void event_row(struct weave *w, size_t row) {
    void *times = grown(w, w->block.times, row, &w->time_cap, sizeof *w->block.times);
    if (!times) return;
    w->block.times = times;
    w->block.times[row] = w->time;
}

static void add_row(struct weave *w, struct text text) {
    if (w->block.row_count == ROWS_MAX) {
        FAIL(w, RC_TOO_BIG, "a list or quote of more than %d parts", ROWS_MAX);
        return;
    }
    void *rows = grown(w, w->block.rows, w->block.row_count, &w->row_cap, sizeof text);
    if (!rows) return;
    w->block.rows = rows;
    w->block.rows[w->block.row_count++] = text;
    if (w->block.kind == BLOCK_EVENTS) event_row(w, w->block.row_count - 1);
}

/* The text so far goes where the container wants it. */
static void deliver(struct weave *w) {
    struct text text;
    if (w->failed != RC_OK) return;
    rc code = take_line(w, &text);
    if (code != RC_OK) {
        (void)weave_failed(w, code);
        return;
    }
    if (text.count == 0) return;
    switch (w->owner) {
    case WEAVE_OPEN:
        add_block(w, (struct block){.kind = w->keep_lines ? BLOCK_PREFORMATTED
                                            : w->level    ? BLOCK_HEADING
                                                          : BLOCK_PARAGRAPH,
                                    .level = w->keep_lines ? 0 : w->level,
                                    .text = text});
        return;
    case WEAVE_LIST:
    case WEAVE_QUOTE: add_row(w, text); return;
    case WEAVE_TABLE:
        if (w->row_open && w->cells_in_row)
            w->block.rows[(w->block.row_count - 1) * WIRE_COLUMNS_MAX + w->column] = text;
        return;
    }
}

void weave_break(struct weave *w) {
    if (w->keep_lines)
        weave_text(w, SPAN("\n"));
    else if (w->capturing || w->owner == WEAVE_LIST || w->owner == WEAVE_TABLE)
        weave_text(w, SPAN(" "));
    else
        deliver(w);
}

void weave_heading_begin(struct weave *w, unsigned level) {
    weave_break(w);
    w->level = level < 2 ? 2 : level > 4 ? 4 : level;
}

void weave_heading_end(struct weave *w) {
    weave_break(w);
    w->level = 0;
}

void weave_pre_begin(struct weave *w) {
    weave_break(w);
    w->keep_lines = w->owner == WEAVE_OPEN && !w->capturing;
}

void weave_pre_end(struct weave *w) {
    if (w->keep_lines) {
        deliver(w);
        w->keep_lines = false;
    } else {
        weave_break(w);
    }
}

/* True if the container is the outermost one, which the texts go to. */
static bool own(struct weave *w, enum weave_owner owner, struct block block) {
    weave_break(w);
    if (w->owner != WEAVE_OPEN || w->capturing || w->keep_lines) {
        w->depth++;
        return false;
    }
    w->owner = owner;
    w->depth = 1;
    w->block = block;
    w->row_cap = w->time_cap = 0;
    w->time = 0;
    w->who = w->occasion = (struct text){0};
    return true;
}

/* True if that was the outermost one: w->block is whole. */
static bool disown(struct weave *w) {
    if (w->depth > 1 || w->capturing || w->owner == WEAVE_OPEN) {
        weave_break(w);
        if (w->depth) w->depth--;
        return false;
    }
    deliver(w);
    w->owner = WEAVE_OPEN;
    w->depth = 0;
    return w->failed == RC_OK;
}

void weave_list_begin(struct weave *w, bool ordered) {
    (void)own(w, WEAVE_LIST, (struct block){.kind = BLOCK_LIST, .ordered = ordered});
}

void weave_item(struct weave *w) {
    bool events = w->block.kind == BLOCK_EVENTS;
    if (w->owner == WEAVE_LIST && !w->capturing && !(events && w->depth > 1)) {
        deliver(w);
        w->time = 0;
    } else {
        weave_break(w);
    }
}

/* ---- key events ----------------------------------------------------------------------------- */

void weave_events_begin(struct weave *w, bool newest_first) {
    /* until it ends `ordered` says in which order it came */
    (void)own(w, WEAVE_LIST, (struct block){.kind = BLOCK_EVENTS, .ordered = newest_first});
}

bool weave_event_wants_time(const struct weave *w) {
    return w->failed == RC_OK && w->owner == WEAVE_LIST && w->block.kind == BLOCK_EVENTS &&
           w->depth == 1 && !w->capturing && w->time == 0;
}

void weave_event_time(struct weave *w, ms_t time) {
    w->time = time;
}

void weave_events(struct weave *w, struct text *rows, ms_t *times, size_t count) {
    for (size_t i = 1; i < count; i++) { /* most come in order, or were turned round */
        struct text row = rows[i];
        ms_t time = times[i];
        size_t at = i;
        for (; at > 0 && times[at - 1] > time; at--) {
            rows[at] = rows[at - 1];
            times[at] = times[at - 1];
        }
        rows[at] = row;
        times[at] = time;
    }
    if (count)
        add_block(w, (struct block){
                         .kind = BLOCK_EVENTS, .rows = rows, .row_count = count, .times = times});
}

static void turn_round(struct block *events) {
    for (size_t i = 0, k = events->row_count; i + 1 < k--; i++) {
        struct text row = events->rows[i];
        ms_t time = events->times[i];
        events->rows[i] = events->rows[k];
        events->times[i] = events->times[k];
        events->rows[k] = row;
        events->times[k] = time;
    }
}

static void events_end(struct weave *w, struct block list) {
    size_t count = 0, others = 0;
    struct text *rest = ARENA_ARRAY(w->arena, struct text, list.row_count);
    if (!rest) {
        (void)weave_failed(w, wire_memory());
        return;
    }
    for (size_t i = 0; i < list.row_count; i++) count += list.times[i] != 0;
    if (count == 0) {
        add_block(
            w, (struct block){.kind = BLOCK_LIST, .rows = list.rows, .row_count = list.row_count});
        return;
    }
    if (list.ordered) turn_round(&list);
    count = 0;
    for (size_t i = 0; i < list.row_count; i++) {
        if (list.times[i] == 0) {
            rest[others++] = list.rows[i];
            continue;
        }
        list.rows[count] = list.rows[i];
        list.times[count++] = list.times[i];
    }
    weave_events(w, list.rows, list.times, count);
    for (size_t i = 0; i < others; i++) weave_paragraph(w, rest[i]);
}

void weave_list_end(struct weave *w) {
    if (!disown(w) || w->block.row_count == 0) return;
    if (w->block.kind == BLOCK_EVENTS)
        events_end(w, w->block);
    else
        add_block(w, w->block);
}

/* ---- quotes --------------------------------------------------------------------------------- */

void weave_quote_begin(struct weave *w, struct span raw_url, bool pull) {
    struct block quote = {.kind = pull ? BLOCK_PULL_QUOTE : BLOCK_QUOTE};
    if (raw_url.n) (void)wire_href(w->arena, raw_url, &quote.url);
    if (span_starts(quote.url, SPAN("mailto:"))) quote.url = (struct span){0};
    (void)own(w, WEAVE_QUOTE, quote);
}

/* Length of a dash at the start: "—", "–", "―", "--"; 0 if there is none. */
static size_t dash_bytes(struct span s) {
    static const char *const dashes[] = {"—", "–", "―", "---", "--"};
    for (size_t i = 0; i < COUNT_OF(dashes); i++)
        if (span_starts(s, span_str(dashes[i]))) return strlen(dashes[i]);
    return 0;
}

/* Without what leads to a name: dashes, and commas, behind which another would be taken for the one
 * between speaker and occasion. */
static struct span without_dashes(struct weave *w, struct span s) {
    for (size_t n; (n = span_starts(s, SPAN(",")) ? 1 : dash_bytes(s)) > 0;)
        s = normal(w->arena, span_from(s, n));
    return s;
}

/* "— Speaker, occasion", or the two apart if `occasion` is given. False if it is too long to be an
 * attribution. */
static bool attribute_to(struct weave *w, struct block *quote, struct span who,
                         struct span occasion) {
    who = without_dashes(w, who);
    while (span_ends(who, SPAN(","))) who = normal(w->arena, span_sub(who, 0, who.n - 1));
    if (who.n == 0) {
        who = without_dashes(w, occasion);
        occasion = (struct span){0};
    }
    if (occasion.n == 0) {
        size_t comma = span_find(who, ',');
        occasion = normal(w->arena, span_from(who, comma + 1));
        who = normal(w->arena, span_sub(who, 0, comma));
    }
    if (who.n > SPEAKER_BYTES_MAX || occasion.n > OCCASION_BYTES_MAX) return false;
    quote->speaker = who;
    quote->occasion = occasion;
    return true;
}

/* A text that was taken for an attribution and is none goes back to the quote. */
static void append_row(struct weave *w, struct block *quote, struct text text) {
    struct text *rows = ARENA_ARRAY(w->arena, struct text, quote->row_count + 1);
    if (!rows || text.count == 0) return;
    memcpy(rows, quote->rows, quote->row_count * sizeof *rows);
    rows[quote->row_count++] = text;
    quote->rows = rows;
}

void weave_attribute(struct weave *w, struct block *quote) {
    struct span who = wire_word(w->arena, &w->who), occasion = wire_word(w->arena, &w->occasion);
    if (!attribute_to(w, quote, who, occasion)) {
        append_row(w, quote, w->who);
        append_row(w, quote, w->occasion);
    }
    w->who = w->occasion = (struct text){0};
}

void weave_attribute_last(struct weave *w, struct block *quote) {
    if (quote->row_count < 2 || quote->speaker.n) return;
    struct span last = wire_word(w->arena, &quote->rows[quote->row_count - 1]);
    struct block with = *quote;
    /* dashes alone name nobody */
    if (!dash_bytes(last) || !attribute_to(w, &with, last, (struct span){0}) || !with.speaker.n)
        return;
    with.row_count--;
    *quote = with;
}

void weave_quote_pull(struct weave *w, size_t rows) {
    weave_break(w);
    if (w->failed != RC_OK || w->owner != WEAVE_QUOTE) return;
    const struct block *quote = &w->block;
    bool pull = quote->row_count == rows;
    if (quote->row_count == rows + 1)
        pull = dash_bytes(wire_word(w->arena, &quote->rows[rows])) > 0;
    if (pull && rows) w->block.kind = BLOCK_PULL_QUOTE;
}

void weave_quote_end(struct weave *w, bool more) {
    if (!disown(w) || w->block.row_count == 0) return;
    if (w->who.count || w->occasion.count)
        weave_attribute(w, &w->block);
    else if (!more)
        weave_attribute_last(w, &w->block);
    add_block(w, w->block);
}

/* ---- tables --------------------------------------------------------------------------------- */

/* While a table is open its block has WIRE_COLUMNS_MAX cells a row, and row_count counts rows. */
void weave_table_begin(struct weave *w) {
    if (!own(w, WEAVE_TABLE, (struct block){.kind = BLOCK_TABLE})) return;
    w->row_open = false;
    w->table_first = true;
    memset(w->spans, 0, sizeof w->spans);
}

static bool in_own_table(const struct weave *w) {
    return w->failed == RC_OK && w->owner == WEAVE_TABLE && w->depth == 1 && !w->capturing;
}

static void row_end(struct weave *w) {
    if (!w->row_open) return;
    deliver(w);
    w->row_open = false;
    if (w->table_first && w->cells_in_row) {
        w->block.header_row = w->row_head;
        w->table_first = false;
    }
}

void weave_row(struct weave *w) {
    if (!in_own_table(w)) {
        weave_break(w);
        return;
    }
    row_end(w);
    if (w->block.row_count == ROWS_MAX) {
        FAIL(w, RC_TOO_BIG, "a table of more than %d rows", ROWS_MAX);
        return;
    }
    void *rows = grown(w, w->block.rows, w->block.row_count, &w->row_cap,
                       WIRE_COLUMNS_MAX * sizeof *w->block.rows);
    if (!rows) return;
    w->block.rows = rows;
    w->block.row_count++;
    for (size_t i = 0; i < WIRE_COLUMNS_MAX; i++)
        if (w->spans[i]) w->spans[i]--;
    w->row_open = true;
    w->row_head = true;
    w->cells_in_row = 0;
    w->column = 0;
}

void weave_cell(struct weave *w, bool head, unsigned colspan, unsigned rowspan) {
    if (!in_own_table(w) || !w->row_open) {
        weave_break(w);
        return;
    }
    deliver(w);
    unsigned column = w->cells_in_row ? w->column + 1 : 0;
    while (column < WIRE_COLUMNS_MAX && w->spans[column]) column++;
    if (colspan == 0) colspan = 1;
    if (column >= WIRE_COLUMNS_MAX || colspan > WIRE_COLUMNS_MAX - column) {
        FAIL(w, RC_TOO_BIG, "a table with more than %d columns", WIRE_COLUMNS_MAX);
        return;
    }
    for (unsigned i = 0; i < colspan; i++) w->spans[column + i] = rowspan ? rowspan : 1;
    if (column + colspan > w->block.columns) w->block.columns = column + colspan;
    w->column = column;
    w->cells_in_row++;
    w->row_head = w->row_head && head;
}

void weave_table_end(struct weave *w) {
    if (in_own_table(w)) row_end(w);
    if (!disown(w)) return;
    struct block table = w->block;
    size_t rows = table.row_count, kept = 0;
    bool any = false;
    struct text *cells = ARENA_ARRAY(w->arena, struct text, rows * table.columns + 1);
    if (!cells) {
        (void)weave_failed(w, wire_memory());
        return;
    }
    for (size_t row = 0; row < rows; row++) {
        bool empty = true;
        for (unsigned i = 0; i < table.columns; i++) {
            cells[kept * table.columns + i] = table.rows[row * WIRE_COLUMNS_MAX + i];
            empty = empty && cells[kept * table.columns + i].count == 0;
        }
        if (row == 0 && empty) table.header_row = false;
        if (!empty) kept++; /* a row without any text is not a row */
        any = any || !empty;
    }
    if (!any) return;
    if (kept == 1) table.header_row = false; /* a head of nothing */
    if (kept * table.columns > ROWS_MAX) {
        FAIL(w, RC_TOO_BIG, "a table of more than %d cells", ROWS_MAX);
        return;
    }
    table.rows = cells;
    table.row_count = kept * table.columns;
    add_block(w, table);
}

/* ---- what stands alone ---------------------------------------------------------------------- */

/* Ends the text before something that is a block by itself; false where none can stand. */
static bool stands(struct weave *w) {
    if (w->owner != WEAVE_OPEN || w->capturing) {
        weave_break(w);
        return false;
    }
    deliver(w);
    return w->failed == RC_OK;
}

void weave_rule(struct weave *w) {
    if (stands(w)) add_block(w, (struct block){.kind = BLOCK_RULE});
}

bool wire_is_audio(struct span href) {
    static const char *const ends[] = {".mp3", ".m4a",  ".aac", ".ogg",
                                       ".oga", ".opus", ".wav", ".flac"};
    size_t n = 0;
    while (n < href.n && href.p[n] != '?' && href.p[n] != '#') n++;
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        struct span end = span_str(ends[i]);
        if (n > end.n && span_eq_nocase(span_sub(href, n - end.n, end.n), end)) return true;
    }
    return false;
}

void weave_card(struct weave *w, enum block_kind kind, struct span raw_url, struct span title) {
    struct block card = {.kind = kind};
    const char *what = kind == BLOCK_AUDIO ? "audio" : "embed";
    bool alone = stands(w);
    if (w->failed != RC_OK) return;
    if (!wire_href(w->arena, raw_url, &card.url) || !span_starts(card.url, SPAN("http"))) {
        weave_remark(w, "an %s without an http or https address was left out", what);
        return;
    }
    if (!alone) {
        weave_remark(w, "the %s " SPAN_FMT " inside a list, quote or table was left out", what,
                     SPAN_ARG(card.url));
        return;
    }
    rc code = story_normalize(w->arena, title, false, &card.title);
    if (code != RC_OK) (void)weave_failed(w, code);
    /* A card without a title shows its address: read back, that is no title either. */
    if (card.title.n > EMBED_TITLE_BYTES_MAX || span_eq(card.title, card.url))
        card.title = (struct span){0};
    add_block(w, card);
}

void weave_paragraph(struct weave *w, struct text text) {
    if (text.count) add_block(w, (struct block){.kind = BLOCK_PARAGRAPH, .text = text});
}

void weave_capture_begin(struct weave *w) {
    if (w->capturing || w->keep_lines) return;
    deliver(w);
    w->capturing = true;
    w->who = w->occasion = (struct text){0};
}

static void captured(struct weave *w, struct text *into) {
    struct text text;
    if (w->failed != RC_OK) return;
    rc code = take_line(w, &text);
    if (code != RC_OK)
        (void)weave_failed(w, code);
    else if (text.count && into->count == 0)
        *into = text;
}

void weave_capture_cite(struct weave *w, bool on) {
    if (w->capturing) captured(w, on ? &w->who : &w->occasion);
}

void weave_capture_end(struct weave *w) {
    if (!w->capturing) return;
    captured(w, &w->who);
    w->capturing = false;
}

/* ---- pictures ------------------------------------------------------------------------------- */

static void keep(struct weave *w, const char *name, struct span *have, struct span given,
                 size_t bytes_max) {
    if (have->n == 0) *have = given;
    if (have->n > bytes_max)
        FAIL(w, RC_TOO_BIG, "the %s of a picture has %zu bytes, at most %zu are taken", name,
             have->n, bytes_max);
}

void weave_picture_fields(struct weave *w, struct picture *picture, const struct picture *given) {
    keep(w, "caption", &picture->caption, given->caption, CAPTION_BYTES_MAX);
    keep(w, "alt text", &picture->alt, given->alt, ALT_BYTES_MAX);
    keep(w, "credit", &picture->credit, given->credit, PICTURE_CREDIT_BYTES_MAX);
    keep(w, "creator", &picture->creator, given->creator, PICTURE_CREDIT_BYTES_MAX);
    keep(w, "copyright", &picture->copyright, given->copyright, PICTURE_CREDIT_BYTES_MAX);
    keep(w, "usage terms", &picture->usage_terms, given->usage_terms, PICTURE_CREDIT_BYTES_MAX);
    if (!picture->rights.channels) picture->rights.channels = given->rights.channels;
    if (!picture->rights.expires) picture->rights.expires = given->rights.expires;
    if (given->rights.no_redistribution) picture->rights.no_redistribution = true;
}

static void refuse_picture(struct weave *w, struct span raw) {
    bool http = span_eq_nocase(span_sub(raw, 0, 4), SPAN("http")) || span_starts(raw, SPAN("//"));
    weave_remark(w, "the picture " SPAN_FMT " was left out: %s",
                 SPAN_ARG(raw.n ? wire_excerpt(raw) : SPAN("without an address")),
                 http ? "it has only an http address; send its file beside the item"
                      : "its address must name a file beside the item (photos/pier.jpg)");
}

static bool is_picture(const struct intent_picture *picture, struct span file) {
    if (span_eq(picture->href, file)) return true;
    for (size_t i = 0; i < picture->size_count; i++)
        if (span_eq(picture->sizes[i], file)) return true;
    return false;
}

bool weave_picture(struct weave *w, struct span raw_href, const struct picture *fields,
                   unsigned *out_index) {
    struct intent *in = w->intent;
    struct revision *draft = &in->draft;
    struct span file;
    if (w->failed != RC_OK) return false;
    if (!wire_file(w->arena, raw_href, &file)) {
        refuse_picture(w, raw_href);
        return false;
    }
    size_t i = 0;
    while (i < in->picture_count && !is_picture(&in->pictures[i], file)) i++;
    if (i == PICTURES_MAX) {
        FAIL(w, RC_TOO_BIG, "more than %d pictures", PICTURES_MAX);
        return false;
    }
    if (i == in->picture_count) {
        size_t cap = w->picture_cap;
        void *pictures = grown(w, draft->pictures, i, &cap, sizeof *draft->pictures);
        void *hrefs = grown(w, in->pictures, i, &w->picture_cap, sizeof *in->pictures);
        if (!pictures || !hrefs) return false;
        draft->pictures = pictures;
        in->pictures = hrefs;
        draft->pictures[i] = (struct picture){0};
        in->pictures[i] = (struct intent_picture){.href = file};
        draft->picture_count = ++in->picture_count;
    }
    weave_picture_fields(w, &draft->pictures[i], fields);
    *out_index = (unsigned)i;
    return true;
}

bool weave_image(struct weave *w, struct span raw_href, const struct picture *fields) {
    unsigned index;
    if (!stands(w)) {
        weave_remark(w, "a picture inside a list, quote, table or caption was left out");
        return false;
    }
    if (!weave_picture(w, raw_href, fields, &index)) return false;
    weave_picture_block(w, index);
    return true;
}

void weave_picture_block(struct weave *w, unsigned index) {
    add_block(w, (struct block){.kind = BLOCK_PICTURE, .picture = index});
}

void weave_gallery(struct weave *w, size_t from) {
    struct revision *draft = &w->intent->draft;
    bool seen[PICTURES_MAX] = {false};
    if (w->failed != RC_OK || from >= draft->block_count) return;
    struct block gallery = {.kind = BLOCK_GALLERY};
    gallery.pictures = ARENA_ARRAY(w->arena, unsigned, draft->block_count - from);
    if (!gallery.pictures) {
        (void)weave_failed(w, wire_memory());
        return;
    }
    for (size_t i = from; i < draft->block_count; i++) {
        const struct block *block = &draft->blocks[i];
        if (block->kind != BLOCK_PICTURE) return;
        if (!seen[block->picture]) gallery.pictures[gallery.picture_count++] = block->picture;
        seen[block->picture] = true;
    }
    draft->block_count = from + 1; /* one picture, however often, is no gallery */
    if (gallery.picture_count > 1) draft->blocks[from] = gallery;
}

rc weave_done(struct weave *w) {
    /* A parser that stopped may leave things open; what failed has been noted. */
    if (w->failed == RC_OK) {
        w->capturing = false;
        deliver(w);
    }
    buf_done(&w->raw);
    if (arena_over(w->arena) && w->failed == RC_OK) (void)weave_failed(w, wire_memory());
    return w->failed;
}
