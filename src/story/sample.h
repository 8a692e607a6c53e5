/* sample: revisions for tests. */
#ifndef DATELINE_STORY_SAMPLE_H
#define DATELINE_STORY_SAMPLE_H

#include "story/story.h"

/* The smallest that passes story_check(). */
struct revision sample_small(void);
/* Every field and every block kind. */
struct revision sample_full(struct arena *arena);
/* The second version of a standing page, at /about; `text` is its one paragraph. */
struct revision sample_standing(struct arena *arena, struct span text);
/* Another one for each seed, always one that passes story_check(). */
struct revision sample_random(struct arena *arena, uint64_t seed);
/* A text of one run. */
struct text sample_text(struct arena *arena, struct span s);

#endif
