/* theme: templates, styles, script, faces and phrases, parsed for one site. */
#ifndef DATELINE_RENDER_THEME_H
#define DATELINE_RENDER_THEME_H

#include "render/dates.h"
#include "render/mustache.h"
#include "render/render.h"

#define THEME_TEMPLATES_MAX 40
#define THEME_ASSETS_MAX 32
#define THEME_FILES_MAX 128 /* with the built-in ones */
#define THEME_HUES_MAX 64
#define THEME_ARENA_BYTES (1u << 20)

/* What stands in themes/default, in the binary; written by embed.py. */
extern const struct render_file theme_files[];
extern const size_t theme_file_count;

/* A page carries one style, with no more in it than its kind needs. */
enum theme_style {
    STYLE_PLAIN,       /* errors, withdrawn stories */
    STYLE_BARE,        /* the same without faces: our fault, so ask for nothing more */
    STYLE_FRONT,       /* fronts and lists */
    STYLE_STORY,       /* … */
    STYLE_OTHER_STORY, /* a story in Arabic letters on a site in Latin ones */
    STYLE_COUNT
};

/* Sections of this name (as a slug) have this hue, a class of the style sheets. */
struct theme_hue {
    struct span slug, hue;
};

struct render {
    struct arena *arena; /* holds all of this */
    struct render_site site;
    struct render_file files[THEME_FILES_MAX]; /* the theme's, and what it lacks */
    size_t file_count;
    enum mustache_mode mode;
    bool rtl;
    struct dates *dates;
    const struct mustache *templates[THEME_TEMPLATES_MAX];
    struct mustache_set set;
    struct value *frame; /* "site", "phrase", "asset": what every page knows */
    const struct value *phrases;
    struct render_asset assets[THEME_ASSETS_MAX];
    size_t asset_count;
    struct theme_hue hues[THEME_HUES_MAX];
    size_t hue_count;
    struct span styles[STYLE_COUNT];
    struct render_prolog prologs[STYLE_COUNT];
};

/* The phrase NAME or PREFIX_NAME; empty if there is none. */
struct span theme_phrase(const struct render *r, const char *prefix, struct span name);
/* The hue of a section: "city"; empty: ink. */
struct span theme_hue(const struct render *r, struct arena *a, struct span section);

/* A page of that style: its prolog, then a template over the site's fields and those of the page,
 * strictly. */
rc theme_page(struct render *r, struct arena *a, enum theme_style style, struct span template,
              const struct value *page, struct buf *out) MUST_USE;
/* What all pages of that style begin with. render_new() has made it. */
rc theme_prolog(struct render *r, struct arena *a, enum theme_style style,
                struct buf *out) MUST_USE;

/* The site's address with a path; in the arena. */
struct span theme_url(const struct render *r, struct arena *a, struct span path);

/* Adds a style sheet without comments and white space that means nothing; url(FILE) of an asset
 * becomes its path. Other urls stay. */
void theme_add_css(const struct render *r, struct buf *out, struct span css);

/* All functions that build in an arena end with this: RC_TOO_BIG if it is full. */
rc theme_arena_ok(const struct arena *a, const char *what) MUST_USE;

#endif
