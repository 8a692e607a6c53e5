/*
 * changes: what makes one version of a text out of the one before it. The answer is again blocks and
 * texts, in which runs are marked; html.h writes them. Pure.
 *
 * Blocks are compared with blocks, rows (items of a list, paragraphs of a quote, rows of a table) with
 * rows, words with words. A word is the same if it has the same letters, look and link: where only the
 * emphasis or the link changed, the word is deleted and inserted. Blocks that have little in common, or are
 * of another shape (level of a heading, attribution of a quote, columns of a table), are deleted and inserted
 * whole. A rule between paragraphs has no text that could be marked: it is shown as it is now.
 */
#ifndef DATELINE_RENDER_CHANGES_H
#define DATELINE_RENDER_CHANGES_H

#include "base/arena.h"
#include "story/story.h"

/* In run.look, beside enum run_look; html.c knows them, a story never has them. */
enum run_mark {
    RUN_DELETED = 1 << 8,
    RUN_INSERTED = 1 << 9,
    RUN_ASIDE = 1 << 10 /* not of the text: for those who cannot see the marks */
};

struct changes {
    struct text headline, standfirst;
    bool headline_differs, standfirst_differs, blocks_differ;
    struct block *blocks;
    size_t block_count;
};

/* What is said before what was deleted and inserted: "removed:", "added:". */
struct change_words {
    struct span deleted, inserted;
};

/* The answer lives in a and in both versions. RC_TOO_BIG: a cannot hold it. */
rc changes_of(struct arena *a, const struct revision *old, const struct revision *now,
              const struct change_words *words, struct changes *out_changes) MUST_USE;

#endif
