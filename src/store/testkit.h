/* testkit: a store in a folder of its own, and acts that fit into its log. For tests and bench. */
#ifndef DATELINE_STORE_TESTKIT_H
#define DATELINE_STORE_TESTKIT_H

#include "record/record.h"
#include "store/store.h"

/* Story n of the tests: its id. */
struct story_id kit_id(unsigned story);

/* The next revision of story n, as the store has it now; published at `at`. Lives in a. */
struct store_publish kit_revision(struct store *s, struct arena *a, unsigned story,
                                  const char *headline, ms_t at, const struct list_ref *lists,
                                  size_t list_count);
/* The same in no list, as a translation of `original`, or of nothing (NULL). */
struct store_publish kit_translation(struct store *s, struct arena *a, unsigned story,
                                     const char *headline, ms_t at,
                                     const struct story_id *original);
/* The same as a correction that says what was wrong, in the list of notes `key`. */
struct store_publish kit_correction(struct store *s, struct arena *a, unsigned story, ms_t at,
                                    const char *note, struct span key);
/* The next version of a standing page. */
struct store_publish kit_page(struct store *s, struct arena *a, unsigned story,
                              const char *headline, ms_t at, unsigned order);
/* A withdrawal, restore or erase of it. */
struct store_publish kit_act(struct store *s, struct arena *a, unsigned story, enum entry_type type,
                             ms_t at, const struct list_ref *lists, size_t list_count);
/* An entry about it that this store never saw: the next revision, or an act. */
struct span kit_lost_entry(struct store *s, struct arena *a, unsigned story, enum entry_type type,
                           ms_t at);

#endif
