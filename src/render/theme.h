/* theme: the built-in templates, style, script and phrases, parsed for one site. */
#ifndef DATELINE_RENDER_THEME_H
#define DATELINE_RENDER_THEME_H

#include "render/dates.h"
#include "render/mustache.h"
#include "render/render.h"

#define THEME_TEMPLATES_MAX 16
#define THEME_ARENA_BYTES (1u << 20)

/* What stands in themes/default, in the binary; written by embed.py. */
struct theme_file {
    struct span name, bytes;
};
extern const struct theme_file theme_files[];
extern const size_t theme_file_count;

struct render {
    struct arena *arena; /* holds all of this */
    struct render_site site;
    bool rtl;
    struct dates *dates;
    const struct mustache *templates[THEME_TEMPLATES_MAX];
    struct mustache_set set;
    struct value *frame; /* "site" and "phrase": what every page knows */
    const struct value *phrases;
    struct span csp;
};

/* The phrase NAME or PREFIX_NAME; empty if there is none. */
struct span theme_phrase(const struct render *r, const char *prefix, struct span name);

/* Renders a template over the site's fields and those of the page, strictly. */
rc theme_page(struct render *r, struct arena *a, struct span template, const struct value *page,
              struct buf *out) MUST_USE;

/* The site's address with a path; in the arena. */
struct span theme_url(const struct render *r, struct arena *a, struct span path);

/* All functions that build in an arena end with this: RC_TOO_BIG if it is full. */
rc theme_arena_ok(const struct arena *a, const char *what) MUST_USE;

#endif
