/*
 * diff: the shortest way from one sequence to another, by deleting and inserting alone (E. W. Myers,
 * "An O(ND) Difference Algorithm and Its Variations", 1986). Pure; over whatever can be compared.
 */
#ifndef DATELINE_CODEC_DIFF_H
#define DATELINE_CODEC_DIFF_H

#include "base/base.h"

/* Deleted and inserted elements that are looked for; time is this times the length, memory 2 · square of
 * it bytes. */
#define DIFF_COST_MAX 500

/*
 * same(arg, i, j): is element i of the old sequence element j of the new one? An equivalence.
 * out_old[i] and out_new[j] become true for what is kept: as many in both, in the same order, each
 * the same as its partner. What both begin and end with is always kept. False: what lies between
 * differs by more than DIFF_COST_MAX, and of that nothing is kept.
 */
bool diff(size_t old_count, size_t new_count, bool (*same)(void *arg, size_t i, size_t j),
          void *arg, bool *out_old, bool *out_new);

#endif
