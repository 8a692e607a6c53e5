/* jsonld: schema.org for a story's page, and for a standing page. */
#ifndef DATELINE_RENDER_JSONLD_H
#define DATELINE_RENDER_JSONLD_H

#include "render/theme.h"

/* A NewsArticle, or the subtype for its kind of work; safe inside <script>. `words`: story_words(). */
void jsonld_story(struct render *r, struct arena *a, const struct render_story *story, size_t words,
                  struct buf *out);
/* A WebPage: AboutPage at …/about, ContactPage at …/contact. */
void jsonld_standing(struct render *r, struct arena *a, const struct revision *revision,
                     struct buf *out);

#endif
