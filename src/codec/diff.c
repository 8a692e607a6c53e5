/*
 * Row d of the table has the d + 1 diagonals that d edits can reach: on diagonal k = x − y = 2i − d
 * the furthest x, before which everything is decided. Rows are kept, so that the way can be walked back.
 */
#include "codec/diff.h"

#include "base/mem.h"

struct middle { /* what is neither in the common beginning nor in the common end */
    bool (*same)(void *arg, size_t i, size_t j);
    void *arg;
    size_t begin; /* of both sequences */
    int32_t old_count, new_count;
    int32_t *rows;
};

static int32_t *row_of(const struct middle *m, int32_t d) {
    return m->rows + (size_t)d * ((size_t)d + 1) / 2;
}

/* Is diagonal i of row d reached best by an insertion? If not, by a deletion. */
static bool by_insertion(const int32_t *before, int32_t d, int32_t i) {
    return i == 0 || (i != d && before[i - 1] < before[i]);
}

/* Fills row d; true: the end is reached. */
static bool advance(const struct middle *m, int32_t d) {
    int32_t *row = row_of(m, d);
    const int32_t *before = d ? row_of(m, d - 1) : NULL;
    for (int32_t i = 0; i <= d; i++) {
        int32_t x = d == 0 ? 0 : by_insertion(before, d, i) ? before[i] : before[i - 1] + 1;
        int32_t y = x - (2 * i - d);
        while (x < m->old_count && y < m->new_count &&
               m->same(m->arg, m->begin + (size_t)x, m->begin + (size_t)y))
            x++, y++;
        row[i] = x;
        if (x >= m->old_count && y >= m->new_count) return true;
    }
    return false;
}

static void keep(const struct middle *m, int32_t *x, int32_t *y, int32_t to, bool *out_old,
                 bool *out_new) {
    while (*x > to) {
        out_old[m->begin + (size_t)-- * x] = true;
        out_new[m->begin + (size_t)-- * y] = true;
    }
}

/* From the end back to the beginning. */
static void walk_back(const struct middle *m, int32_t d, bool *out_old, bool *out_new) {
    int32_t x = m->old_count, y = m->new_count;
    for (; d > 0; d--) {
        const int32_t *before = row_of(m, d - 1);
        int32_t i = (x - y + d) / 2;
        bool inserted = by_insertion(before, d, i);
        int32_t from =
            inserted ? before[i] : before[i - 1] + 1; /* where the common stretch begins */
        keep(m, &x, &y, from, out_old, out_new);
        if (inserted)
            y--;
        else
            x--;
    }
    keep(m, &x, &y, 0, out_old, out_new);
}

bool diff(size_t old_count, size_t new_count, bool (*same)(void *arg, size_t i, size_t j),
          void *arg, bool *out_old, bool *out_new) {
    CHECK(old_count < INT32_MAX / 2 && new_count < INT32_MAX / 2);
    size_t begin = 0, end = 0;
    memset(out_old, 0, old_count * sizeof *out_old);
    memset(out_new, 0, new_count * sizeof *out_new);
    while (begin < old_count && begin < new_count && same(arg, begin, begin)) begin++;
    while (end < old_count - begin && end < new_count - begin &&
           same(arg, old_count - 1 - end, new_count - 1 - end))
        end++;
    memset(out_old, true, begin);
    memset(out_new, true, begin);
    memset(out_old + old_count - end, true, end);
    memset(out_new + new_count - end, true, end);
    struct middle m = {.same = same,
                       .arg = arg,
                       .begin = begin,
                       .old_count = (int32_t)(old_count - begin - end),
                       .new_count = (int32_t)(new_count - begin - end)};
    size_t cells = 0, cap = 0;
    bool there = false;
    int32_t d = 0;
    for (; !there && d <= DIFF_COST_MAX; d++) {
        cells += (size_t)d + 1;
        if (cells > cap) m.rows = mem_resize(m.rows, (cap = 2 * cells + 64) * sizeof *m.rows);
        there = advance(&m, d);
    }
    if (there) walk_back(&m, d - 1, out_old, out_new);
    mem_free(m.rows);
    return there;
}
