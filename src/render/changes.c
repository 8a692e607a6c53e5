/*
 * Two levels are alike: blocks in a text, rows in a block. Both are *pieces*: some texts, and a shape that
 * must be the same. Pieces that are the same are found by diff(); those between two of them are paired by how
 * many words they share, in order; the rest is deleted or inserted whole. Inside a pair words are compared.
 */
#include "render/changes.h"

#include "base/utf8.h"
#include "codec/diff.h"

#define PAIRS_MAX \
    10000 /* pieces deleted times pieces inserted between two that stay: else none is paired */
#define SHORT_WORD 3     /* characters */
#define ALIKE_PERCENT 40 /* of words that two pieces must share to be one that was changed */

static rc too_big(void) {
    return rc_fail(RC_TOO_BIG,
                   "two versions need more memory to be compared than one page may have");
}

/* ---- words ----------------------------------------------------------------------------------- */

struct word {
    struct span text, tail;           /* tail: the white space behind it */
    const struct run *run, *tail_run; /* whose look and link they have */
};
struct words {
    struct word *list;
    size_t count;
};

static bool is_space(char c) {
    return c == ' ';
}

/* At most one more than spaces and runs. Of preformatted text each line is a word. */
static rc words_of(struct arena *a, const struct text *t, bool lines, struct words *out) {
    size_t most = 0;
    for (size_t i = 0; i < t->count; i++) {
        most++;
        for (size_t k = 0; k < t->runs[i].text.n; k++)
            most += lines ? t->runs[i].text.p[k] == '\n' : is_space(t->runs[i].text.p[k]);
    }
    struct word *list = ARENA_ARRAY(a, struct word, most + 1);
    size_t n = 0;
    if (!list) return too_big();
    for (size_t i = 0; i < t->count; i++) {
        struct span s = t->runs[i].text;
        for (size_t at = 0; at < s.n;) {
            size_t end = at, tail;
            while (end < s.n && !(lines ? s.p[end] == '\n' : is_space(s.p[end]))) end++;
            for (tail = end; !lines && tail < s.n && is_space(s.p[tail]);) tail++;
            if (lines && end < s.n) tail = ++end;
            if (end == at && n > 0 &&
                !lines) /* a run begins with a space: it is of the word before */
                list[n - 1].tail = span_sub(s, at, tail - at), list[n - 1].tail_run = &t->runs[i];
            else
                list[n++] = (struct word){span_sub(s, at, end - at), span_sub(s, end, tail - end),
                                          &t->runs[i], &t->runs[i]};
            at = tail;
        }
    }
    *out = (struct words){list, n};
    return RC_OK;
}

static bool same_word(const struct word *a, const struct word *b) {
    return span_eq(a->text, b->text) && a->run->look == b->run->look &&
           span_eq(a->run->href, b->run->href);
}

/* FNV-1a; only to tell how much is alike. */
static uint64_t word_hash(struct span s) {
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < s.n; i++) h = (h ^ (unsigned char)s.p[i]) * 1099511628211u;
    return h;
}

struct pair_of_words {
    const struct words *old, *now;
};
static bool same_words(void *arg, size_t i, size_t j) {
    const struct pair_of_words *p = arg;
    return same_word(&p->old->list[i], &p->now->list[j]);
}

/* ---- a text out of two ------------------------------------------------------------------------- */

struct merge {
    struct arena *a;
    const struct change_words *words;
    struct run *runs;
    size_t count, cap;
    unsigned mark; /* of the run before */
    bool failed;
};

static void add_run(struct merge *m, struct span text, const struct run *like, unsigned look) {
    if (text.n == 0 || m->failed) return;
    struct run *last = m->count ? &m->runs[m->count - 1] : NULL;
    struct span href = like ? like->href : SPAN("");
    if (last && last->look == look && span_eq(last->href, href) &&
        last->text.p + last->text.n == text.p) {
        last->text.n += text.n; /* they stood together */
        return;
    }
    if (m->count == m->cap) {
        size_t cap = 2 * m->cap + 8;
        struct run *runs = ARENA_ARRAY(m->a, struct run, cap);
        if (!runs) {
            m->failed = true;
            return;
        }
        if (m->count) memcpy(runs, m->runs, m->count * sizeof *runs);
        m->runs = runs;
        m->cap = cap;
    }
    m->runs[m->count++] = (struct run){.text = text, .href = href, .look = look};
}

static bool ends_with_space(const struct merge *m) {
    if (m->count == 0) return true;
    struct span text = m->runs[m->count - 1].text;
    char last = text.p[text.n - 1];
    return is_space(last) || last == '\n';
}

/* A change begins: whoever cannot see it is told. */
static void begin_mark(struct merge *m, unsigned mark) {
    if (m->mark == mark) return;
    if (mark && m->mark && !ends_with_space(m)) add_run(m, SPAN(" "), NULL, 0);
    m->mark = mark;
    if (!mark) return;
    add_run(m, mark == RUN_DELETED ? m->words->deleted : m->words->inserted, NULL,
            mark | RUN_ASIDE);
}

static void add_word(struct merge *m, const struct word *w, unsigned mark) {
    begin_mark(m, mark);
    add_run(m, w->text, w->run, w->run->look | mark);
    add_run(m, w->tail, w->tail_run, w->tail_run->look | mark);
}

static void take_text(struct merge *m, struct text *out) {
    *out = (struct text){m->runs, m->count};
}

/* All of it, marked so. */
static rc marked_text(struct arena *a, const struct change_words *words, const struct text *t,
                      unsigned mark, struct text *out) {
    struct merge m = {.a = a, .words = words};
    for (size_t i = 0; i < t->count; i++) {
        begin_mark(&m, mark);
        add_run(&m, t->runs[i].text, &t->runs[i], t->runs[i].look | mark);
    }
    take_text(&m, out);
    return m.failed ? too_big() : RC_OK;
}

static void merge_words(struct merge *m, const struct words *old, const struct words *now,
                        const bool *old_kept, const bool *now_kept) {
    size_t i = 0, j = 0;
    while (i < old->count || j < now->count) {
        if (i < old->count && !old_kept[i]) {
            if (i > 0 && old->list[i - 1].tail.n && !ends_with_space(m))
                add_run(m, SPAN(" "), NULL, 0);
            add_word(m, &old->list[i++], RUN_DELETED);
        } else if (j < now->count && !now_kept[j]) {
            if (j > 0 && now->list[j - 1].tail.n && !ends_with_space(m))
                add_run(m, SPAN(" "), NULL, 0);
            add_word(m, &now->list[j++], RUN_INSERTED);
        } else {
            add_word(m, &now->list[j++], 0);
            i++;
        }
    }
}

/* A short word that stayed between two changes only makes them hard to read. */
static void join_changes(const struct words *old, const struct words *now, bool *old_kept,
                         bool *now_kept) {
    for (size_t i = 0, j = 0; i < old->count && j < now->count;) {
        if (!old_kept[i]) {
            i++;
        } else if (!now_kept[j]) {
            j++;
        } else {
            bool before = (i > 0 && !old_kept[i - 1]) || (j > 0 && !now_kept[j - 1]);
            bool after = (i + 1 < old->count && !old_kept[i + 1]) ||
                         (j + 1 < now->count && !now_kept[j + 1]);
            if (before && after && utf8_count(old->list[i].text) <= SHORT_WORD)
                old_kept[i] = now_kept[j] = false;
            i++, j++;
        }
    }
}

static rc merge_text(struct arena *a, const struct change_words *words, const struct text *old,
                     const struct text *now, bool lines, struct text *out) {
    struct words old_words = {0}, now_words = {0};
    TRY(words_of(a, old, lines, &old_words));
    TRY(words_of(a, now, lines, &now_words));
    bool *old_kept = ARENA_ARRAY(a, bool, old_words.count + 1);
    bool *now_kept = ARENA_ARRAY(a, bool, now_words.count + 1);
    if (!old_kept || !now_kept) return too_big();
    struct pair_of_words pair = {&old_words, &now_words};
    (void)diff(old_words.count, now_words.count, same_words, &pair, old_kept, now_kept);
    size_t kept = 0, most = old_words.count > now_words.count ? old_words.count : now_words.count;
    for (size_t i = 0; i < old_words.count; i++) kept += old_kept[i];
    if (!lines && kept * 100 < most * ALIKE_PERCENT) { /* a word here and there says nothing */
        memset(old_kept, 0, old_words.count * sizeof *old_kept);
        memset(now_kept, 0, now_words.count * sizeof *now_kept);
    }
    if (!lines) join_changes(&old_words, &now_words, old_kept, now_kept);
    struct merge m = {.a = a, .words = words};
    merge_words(&m, &old_words, &now_words, old_kept, now_kept);
    take_text(&m, out);
    return m.failed ? too_big() : RC_OK;
}

/* ---- pieces ------------------------------------------------------------------------------------- */

struct piece {
    const struct text *texts;
    size_t count;
    const struct block *shape; /* NULL: a row */
    uint64_t *hashes;          /* of its words, sorted; filled in when it is wanted */
    size_t hash_count;
};
struct pieces {
    struct piece *list;
    size_t count;
};

static bool same_text(const struct text *a, const struct text *b) {
    if (a->count != b->count) return false;
    for (size_t i = 0; i < a->count; i++)
        if (a->runs[i].look != b->runs[i].look || !span_eq(a->runs[i].text, b->runs[i].text) ||
            !span_eq(a->runs[i].href, b->runs[i].href))
            return false;
    return true;
}

static bool same_times(const struct block *a, const struct block *b) {
    if (!a->times && !b->times) return true;
    return a->times && b->times && a->row_count == b->row_count &&
           memcmp(a->times, b->times, a->row_count * sizeof *a->times) == 0;
}

static bool same_shape(const struct block *a, const struct block *b) {
    if (!a || !b) return a == b;
    return a->kind == b->kind && a->level == b->level && a->ordered == b->ordered &&
           a->header_row == b->header_row && a->columns == b->columns &&
           span_eq(a->speaker, b->speaker) && span_eq(a->occasion, b->occasion) &&
           span_eq(a->url, b->url) && span_eq(a->title, b->title) && same_times(a, b);
}

static bool same_piece(const struct piece *a, const struct piece *b) {
    if (a->count != b->count || !same_shape(a->shape, b->shape)) return false;
    for (size_t i = 0; i < a->count; i++)
        if (!same_text(&a->texts[i], &b->texts[i])) return false;
    return true;
}

struct pair_of_pieces {
    const struct pieces *old, *now;
};
static bool same_pieces(void *arg, size_t i, size_t j) {
    const struct pair_of_pieces *p = arg;
    return same_piece(&p->old->list[i], &p->now->list[j]);
}

static void sink(uint64_t *heap, size_t count, size_t at) {
    for (size_t child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && heap[child + 1] > heap[child]) child++;
        if (heap[at] >= heap[child]) return;
        uint64_t value = heap[at];
        heap[at] = heap[child];
        heap[child] = value;
    }
}

/* A heap sort. glibc's qsort() asks the system how much memory it has, which a thread of core must not. */
static void sort(uint64_t *values, size_t count) {
    for (size_t i = count / 2; i-- > 0;) sink(values, count, i);
    for (size_t end = count; end-- > 1;) {
        uint64_t value = values[0];
        values[0] = values[end];
        values[end] = value;
        sink(values, end, 0);
    }
}

static rc hash_piece(struct arena *a, struct piece *p) {
    struct words words = {0};
    size_t count = 0;
    if (p->hashes) return RC_OK;
    for (size_t pass = 0; pass < 2; pass++) {
        size_t n = 0;
        for (size_t i = 0; i < p->count; i++) {
            TRY(words_of(a, &p->texts[i], false, &words));
            for (size_t k = 0; k < words.count; k++, n++)
                if (pass) p->hashes[n] = word_hash(words.list[k].text);
        }
        count = n;
        if (!pass && !(p->hashes = ARENA_ARRAY(a, uint64_t, n + 1))) return too_big();
    }
    sort(p->hashes, count);
    p->hash_count = count;
    return RC_OK;
}

/* Words that both have, in percent of the longer one; 0: too little to be a pair. */
static unsigned alike(const struct piece *a, const struct piece *b) {
    size_t common = 0, i = 0, j = 0;
    size_t most = a->hash_count > b->hash_count ? a->hash_count : b->hash_count;
    if (!same_shape(a->shape, b->shape) || (!a->shape && a->count != b->count)) return 0;
    if (most == 0) return 0;
    while (i < a->hash_count && j < b->hash_count) {
        if (a->hashes[i] == b->hashes[j])
            common++, i++, j++;
        else if (a->hashes[i] < b->hashes[j])
            i++;
        else
            j++;
    }
    unsigned percent = (unsigned)(common * 100 / most);
    return percent < ALIKE_PERCENT ? 0 : percent;
}

/* Pairs [i, old_end) with [j, now_end), in order, so that the pairs together are most alike. partner[i]: j, or
 * SIZE_MAX. */
static rc pair_pieces(struct arena *a, const struct pieces *old, size_t i0, size_t old_end,
                      const struct pieces *now, size_t j0, size_t now_end, size_t *partner) {
    const size_t n = old_end - i0, m = now_end - j0;
    for (size_t i = i0; i < old_end; i++) partner[i] = SIZE_MAX;
    if (n == 0 || m == 0 || n > PAIRS_MAX / m) return RC_OK;
    for (size_t i = i0; i < old_end; i++) TRY(hash_piece(a, &old->list[i]));
    for (size_t j = j0; j < now_end; j++) TRY(hash_piece(a, &now->list[j]));
    unsigned *best = ARENA_ARRAY(a, unsigned, (n + 1) * (m + 1)),
             *at = ARENA_ARRAY(a, unsigned, n *m);
    if (!best || !at) return too_big();
#define BEST(i, j) best[(i) * (m + 1) + (j)]
    for (size_t i = n; i-- > 0;)
        for (size_t j = m; j-- > 0;) {
            unsigned pair = alike(&old->list[i0 + i], &now->list[j0 + j]);
            unsigned skip = BEST(i + 1, j) > BEST(i, j + 1) ? BEST(i + 1, j) : BEST(i, j + 1);
            at[i * m + j] = pair;
            if (pair) pair += BEST(i + 1, j + 1);
            BEST(i, j) = pair > skip ? pair : skip;
        }
    for (size_t i = 0, j = 0; i < n && j < m;) {
        if (at[i * m + j] && BEST(i, j) == at[i * m + j] + BEST(i + 1, j + 1))
            partner[i0 + i++] = j0 + j++;
        else if (BEST(i, j) == BEST(i + 1, j))
            i++;
        else
            j++;
    }
#undef BEST
    return RC_OK;
}

/* Tells put() all pieces in their order, with index SIZE_MAX where one side has none. */
struct align {
    struct arena *a;
    struct pieces old, now;
    rc (*put)(void *arg, size_t i, size_t j, bool same);
    void *arg;
};

static rc put_gap(struct align *g, size_t i, size_t i_end, size_t j, size_t j_end,
                  const size_t *partner) {
    while (i < i_end || j < j_end) {
        if (i < i_end && partner[i] == SIZE_MAX) {
            TRY(g->put(g->arg, i++, SIZE_MAX, false));
        } else if (i < i_end && partner[i] == j) {
            TRY(g->put(g->arg, i++, j++, false));
        } else {
            TRY(g->put(g->arg, SIZE_MAX, j++, false));
        }
    }
    return RC_OK;
}

static rc align(struct align *g) {
    const size_t n = g->old.count, m = g->now.count;
    bool *old_kept = ARENA_ARRAY(g->a, bool, n + 1), *now_kept = ARENA_ARRAY(g->a, bool, m + 1);
    size_t *partner = ARENA_ARRAY(g->a, size_t, n + 1);
    if (!old_kept || !now_kept || !partner) return too_big();
    struct pair_of_pieces pair = {&g->old, &g->now};
    (void)diff(n, m, same_pieces, &pair, old_kept, now_kept);
    for (size_t i = 0, j = 0; i < n || j < m;) {
        size_t i_end = i, j_end = j;
        while (i_end < n && !old_kept[i_end]) i_end++;
        while (j_end < m && !now_kept[j_end]) j_end++;
        TRY(pair_pieces(g->a, &g->old, i, i_end, &g->now, j, j_end, partner));
        TRY(put_gap(g, i, i_end, j, j_end, partner));
        for (i = i_end, j = j_end; i < n && old_kept[i] && j < m && now_kept[j]; i++, j++)
            TRY(g->put(g->arg, i, j, true));
    }
    return RC_OK;
}

/* ---- rows of a block ------------------------------------------------------------------------------ */

static size_t width_of(const struct block *b) {
    return b->kind == BLOCK_TABLE ? b->columns : 1;
}

static rc rows_of(struct arena *a, const struct block *b, struct pieces *out) {
    const size_t width = width_of(b), count = b->row_count / width;
    struct piece *list = ARENA_ARRAY(a, struct piece, count + 1);
    if (!list) return too_big();
    for (size_t i = 0; i < count; i++)
        list[i] = (struct piece){.texts = b->rows + i * width, .count = width};
    *out = (struct pieces){list, count};
    return RC_OK;
}

struct row_merge {
    struct arena *a;
    const struct change_words *words;
    const struct block *old, *now;
    struct text *rows;
    size_t count;
};

static rc put_row(void *arg, size_t i, size_t j, bool same) {
    struct row_merge *m = arg;
    const size_t width = width_of(m->now);
    for (size_t k = 0; k < width; k++) {
        struct text *out = &m->rows[m->count++];
        const struct text *old = i == SIZE_MAX ? NULL : &m->old->rows[i * width + k];
        const struct text *now = j == SIZE_MAX ? NULL : &m->now->rows[j * width + k];
        if (same)
            *out = *now;
        else if (old && now)
            TRY(merge_text(m->a, m->words, old, now, false, out));
        else
            TRY(marked_text(m->a, m->words, old ? old : now, old ? RUN_DELETED : RUN_INSERTED,
                            out));
    }
    return RC_OK;
}

static rc merge_rows(struct arena *a, const struct change_words *words, const struct block *old,
                     const struct block *now, struct block *out) {
    struct row_merge m = {.a = a, .words = words, .old = old, .now = now};
    struct align g = {.a = a, .put = put_row, .arg = &m};
    m.rows = ARENA_ARRAY(a, struct text, old->row_count + now->row_count + 1);
    if (!m.rows) return too_big();
    TRY(rows_of(a, old, &g.old));
    TRY(rows_of(a, now, &g.now));
    TRY(align(&g));
    out->rows = m.rows;
    out->row_count = m.count;
    return RC_OK;
}

/* ---- blocks ---------------------------------------------------------------------------------------- */

/* A text of one run, marked. */
static rc marked_line(struct arena *a, const struct change_words *words, struct span text,
                      struct span href, unsigned mark, struct text *out) {
    struct run run = {.text = text, .href = href};
    const struct text line = {&run, text.n > 0};
    return marked_text(a, words, &line, mark, out);
}

/* What stands beside the rows of a quote, and what a card shows, becomes text: else it would not be marked. */
static rc mark_beside(struct arena *a, const struct change_words *words, unsigned mark,
                      struct block *b) {
    if (b->kind == BLOCK_EMBED || b->kind == BLOCK_AUDIO) {
        struct span shown = b->title.n ? b->title : b->url;
        struct block card = {.kind = BLOCK_PARAGRAPH};
        TRY(marked_line(a, words, shown, b->url, mark, &card.text));
        *b = card;
        return RC_OK;
    }
    if (b->speaker.n == 0 && b->occasion.n == 0) return RC_OK;
    struct text *rows = ARENA_ARRAY(a, struct text, b->row_count + 1);
    struct span said =
        arena_printf(a, "\u2014 " SPAN_FMT "%s" SPAN_FMT, SPAN_ARG(b->speaker),
                     b->speaker.n && b->occasion.n ? ", " : "", SPAN_ARG(b->occasion));
    if (!rows || !said.p) return too_big();
    if (b->row_count) memcpy(rows, b->rows, b->row_count * sizeof *rows);
    TRY(marked_line(a, words, said, b->url, mark, &rows[b->row_count++]));
    b->rows = rows;
    b->speaker = b->occasion = (struct span){NULL, 0};
    return RC_OK;
}

static rc mark_block(struct arena *a, const struct change_words *words, const struct block *from,
                     unsigned mark, struct block *out) {
    *out = *from;
    TRY(marked_text(a, words, &from->text, mark, &out->text));
    out->rows = from->row_count ? ARENA_ARRAY(a, struct text, from->row_count) : NULL;
    if (from->row_count && !out->rows) return too_big();
    for (size_t i = 0; i < from->row_count; i++)
        TRY(marked_text(a, words, &from->rows[i], mark, &out->rows[i]));
    return mark_beside(a, words, mark, out);
}

struct block_merge {
    struct arena *a;
    const struct change_words *words;
    const struct revision *old, *now;
    struct changes *out;
};

static bool is_wordless(const struct block *b) {
    return b->kind == BLOCK_RULE || b->kind == BLOCK_PICTURE || b->kind == BLOCK_GALLERY;
}

static rc put_block(void *arg, size_t i, size_t j, bool same) {
    struct block_merge *m = arg;
    const struct block *old = i == SIZE_MAX ? NULL : &m->old->blocks[i];
    const struct block *now = j == SIZE_MAX ? NULL : &m->now->blocks[j];
    if (!now && is_wordless(old)) {
        m->out->blocks_differ = true;
        return RC_OK;
    }
    struct block *out = &m->out->blocks[m->out->block_count++];
    if (!same) m->out->blocks_differ = true;
    if (same || (now && is_wordless(now))) {
        *out = *now;
        return RC_OK;
    }
    if (!old || !now)
        return mark_block(m->a, m->words, old ? old : now, old ? RUN_DELETED : RUN_INSERTED, out);
    *out = *now;
    if (now->row_count) return merge_rows(m->a, m->words, old, now, out);
    return merge_text(m->a, m->words, &old->text, &now->text, now->kind == BLOCK_PREFORMATTED,
                      &out->text);
}

static rc pieces_of(struct arena *a, const struct revision *r, struct pieces *out) {
    struct piece *list = ARENA_ARRAY(a, struct piece, r->block_count + 1);
    if (!list) return too_big();
    for (size_t i = 0; i < r->block_count; i++) {
        const struct block *b = &r->blocks[i];
        list[i] = b->row_count ? (struct piece){.texts = b->rows, .count = b->row_count, .shape = b}
                               : (struct piece){.texts = &b->text, .count = 1, .shape = b};
    }
    *out = (struct pieces){list, r->block_count};
    return RC_OK;
}

static rc merge_line(struct arena *a, const struct change_words *words, struct span old,
                     struct span now, struct text *out, bool *out_differs) {
    struct run *runs = ARENA_ARRAY(a, struct run, 2);
    if (!runs) return too_big();
    runs[0].text = old, runs[1].text = now;
    const struct text before = {&runs[0], old.n > 0}, after = {&runs[1], now.n > 0};
    *out_differs = !span_eq(old, now);
    return merge_text(a, words, &before, &after, false, out);
}

rc changes_of(struct arena *a, const struct revision *old, const struct revision *now,
              const struct change_words *words, struct changes *out_changes) {
    struct changes out = {.block_count = 0};
    struct block_merge m = {.a = a, .words = words, .old = old, .now = now, .out = &out};
    struct align g = {.a = a, .put = put_block, .arg = &m};
    TRY(merge_line(a, words, old->headline, now->headline, &out.headline, &out.headline_differs));
    TRY(merge_line(a, words, old->standfirst, now->standfirst, &out.standfirst,
                   &out.standfirst_differs));
    out.blocks = ARENA_ARRAY(a, struct block, old->block_count + now->block_count + 1);
    if (!out.blocks) return too_big();
    TRY(pieces_of(a, old, &g.old));
    TRY(pieces_of(a, now, &g.now));
    TRY(align(&g));
    *out_changes = out;
    return RC_OK;
}
