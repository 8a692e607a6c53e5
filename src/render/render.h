/*
 * render: what readers get. Pure: the same input gives the same bytes; no clock, no store, no
 * file. Times on pages are absolute, in the site's zone; what ages ("8 min ago") is the script's.
 *
 * Pages are Mustache templates over a tree of values (mustache.h). Escaping is by type: text is
 * always escaped, and {{{x}}} or {{&x}} on anything but HTML that this folder made is an error of
 * the template. A template that names an unknown field is an error too.
 *
 * All functions add to `out`: RC_TOO_BIG if it overflows. `a` is the operation's arena.
 */
#ifndef DATELINE_RENDER_RENDER_H
#define DATELINE_RENDER_RENDER_H

#include "base/arena.h"
#include "base/buf.h"
#include "story/card.h"
#include "story/story.h"
#include "story/withdrawal.h"

/* Another edition, as the switch names it: in its own language. */
struct render_edition {
    struct span name, language, url;
};
struct render_link {
    struct span name, path;
};

/*
 * A theme: files that stand in the place of the built-in ones of the same name, or beside them;
 * docs/themes.md says which there may be. Of phrases only those that a theme gives. All of it lives as
 * long as whoever renders with it. A message about it begins with `where` and says file and line.
 */
#define RENDER_THEME_FILES_MAX 64
#define RENDER_THEME_FILE_BYTES_MAX (512u << 10)
struct render_file {
    struct span name, bytes; /* "story.mustache", "fonts/text.woff2" */
};
struct render_theme {
    struct span where; /* "SITE/themes/own" */
    const struct render_file *files;
    size_t count;
};
/* What there is already: to begin from. */
void render_theme_built_in(const struct render_file **out_files, size_t *out_count);
/* A number of all that a theme (NULL: the built-in one) makes pages from. */
uint64_t render_theme_number(const struct render_theme *theme);

struct render_site {
    struct span name, url; /* "https://example.org": no slash at the end */
    struct span
        language; /* BCP 47; gives the direction and the phrases (English where there are none) */
    struct span zone; /* IANA */
    /* What follows may be missing. */
    struct span prefix;          /* of all paths of this edition: "/ar"; empty: the site's first */
    const struct span *sections; /* names, in the order of the navigation and of the front */
    size_t section_count;
    const struct render_edition *editions; /* the others; with none there is no switch */
    size_t edition_count;
    const struct render_link *links; /* standing pages, at the foot of every page */
    size_t link_count;
    struct span address;              /* for errors that readers find: an e-mail address */
    struct span notice;               /* at the foot of every page: "All of this is invented." */
    const struct render_theme *theme; /* NULL: the built-in one */
};

/* Makes a page of every kind over sample data, with every name that the templates have looked up. */
struct render_theme_counts {
    size_t templates,
        phrases; /* all that there are: with the built-in ones that it does not replace */
};
rc render_theme_check(const struct render_site *site,
                      struct render_theme_counts *out_counts) MUST_USE;

struct render;
/* Parses the theme; copies what it needs of site, but for the theme. RC_INVALID, RC_TOO_BIG. */
rc render_new(const struct render_site *site, struct render **out_render) MUST_USE;
void render_free(struct render *r);

/* The theme's files that pages name: faces and the icon. Their paths have their hash in them, so
 * that they may be kept for ever. Live as long as r. */
struct render_asset {
    struct span path; /* "/theme/display.0123456789abcdef.woff2" */
    struct span type; /* "font/woff2" */
    struct span bytes;
};
const struct render_asset *render_assets(const struct render *r, size_t *out_count);

/* What HTML pages begin with, each with one of them: all up to the end of the style sheet, the same bytes
 * for all pages of a kind; and the value of Content-Security-Policy that goes with it, which names the hashes of this style
 * sheet and of the script. Live as long as r. */
#define RENDER_PROLOGS_MAX 8
struct render_prolog {
    struct span bytes, csp;
};
const struct render_prolog *render_prologs(const struct render *r, size_t *out_count);

/* The calendar day in the site's zone. */
struct render_day {
    int year;
    unsigned month, day; /* 1–12, 1–31 */
};
struct render_day render_day_of(struct render *r, ms_t at);
/* When it is so many seconds behind the beginning of a day, by the clocks there; 86,400: when it is over. */
ms_t render_moment(struct render *r, struct render_day day, unsigned seconds);

/* ---- pages ----------------------------------------------------------------------------------- */

/* The same story in another edition. Of two in one language the older is told to search engines: the younger
 * names none, and is named by none. */
struct render_translation {
    struct span language, url;
    bool older; /* than this story */
};
struct render_story {
    const struct revision *revision;
    uint64_t entry;  /* index in the record */
    bool old;        /* it appeared so long ago that the page says so */
    bool newer_lost; /* a later revision is recorded, but its text was lost: say so */
    ms_t at;         /* when it is shown: leases of pictures that end until then are over */
    const struct card *related; /* the nearest first; before them those that the revision names */
    size_t related_count, pinned_count;
    struct span
        original; /* code of the story that it translates; empty: none, or it is not known */
    const struct render_translation *translations; /* the oldest first */
    size_t translation_count;
};
rc render_story_page(struct render *r, struct arena *a, const struct render_story *story,
                     struct buf *out) MUST_USE;

/* A story, or standing page, that is not shown any more: status 410 or 451, when and why. */
struct render_gone {
    bool standing; /* it was a standing page */
    struct withdrawal why;
    struct span headline, language; /* empty: its text is lost */
    struct span path, code;
    uint32_t number;    /* of its newest revision */
    ms_t published, at; /* at: when it was withdrawn */
    uint64_t entry;     /* that says so */
};
rc render_gone_page(struct render *r, struct arena *a, const struct render_gone *gone,
                    struct buf *out) MUST_USE;

enum render_list_kind {
    RENDER_FRONT,
    RENDER_LATEST,
    RENDER_TAG,
    RENDER_SECTION,
    RENDER_DAY,
    RENDER_AUTHOR,
    RENDER_CORRECTIONS,
    RENDER_LIST_KINDS
};
/* What readers were told of a change; the page of corrections has one for each card. */
struct render_note {
    ms_t at;
    enum change change;
    struct span text;
    uint64_t entry; /* of the revision that told it */
};
struct render_list {
    enum render_list_kind kind;
    struct span title; /* of the tag, section or author; the day is written by us from `day` */
    struct render_day day;
    struct render_day day_before,
        day_after;            /* of a day: the nearest that have stories; year 0: none */
    uint64_t stories;         /* of a day: in all */
    struct span path;         /* of the page itself */
    ms_t at;                  /* as in struct render_story */
    const struct card *cards; /* in the order they are shown: newest first */
    size_t count;
    const struct render_note *notes; /* of RENDER_CORRECTIONS: count of them, as the cards */
    uint64_t page, pages; /* numbered from the oldest: `pages` is the newest; 0 of 0: not paged */
    struct span newer, older; /* paths; empty: none */
    struct span feed;         /* paths of its feeds: RSS; empty: none … */
    struct span json_feed, atom;
};
rc render_list_page(struct render *r, struct arena *a, const struct render_list *list,
                    struct buf *out) MUST_USE;

/* What has stories: the months of all years ("/archive"), or the days of one year ("/2026") or month
 * ("/2026/11"). */
struct render_archive_count {
    struct render_day day; /* of a month: day 0 */
    uint64_t stories;
};
struct render_archive {
    struct render_day of;                      /* month 0: the year; year 0: all years */
    const struct render_archive_count *counts; /* newest first */
    size_t count;
    struct render_day newer, older; /* the years or months beside it; year 0: none */
};
rc render_archive_page(struct render *r, struct arena *a, const struct render_archive *archive,
                       struct buf *out) MUST_USE;

/* A page that is not a story: about, standards. `blocks` of the revision are its text; its number is
 * that of its version. */
struct render_version {
    uint32_t number;
    ms_t at;
    struct span note, language;
    bool lost; /* it is recorded, but nothing else is known of it: it has no page */
};
struct render_standing {
    const struct revision *revision; /* of the newest version whose text is here */
    uint64_t entry;
    bool newer_lost;                       /* a later one is recorded, but its text was lost */
    const struct render_version *versions; /* all, the newest first */
    size_t version_count;
    const struct render_translation *translations;
    size_t translation_count;
};
rc render_standing_page(struct render *r, struct arena *a, const struct render_standing *standing,
                        struct buf *out) MUST_USE;

/* "PATH/v/N": one version, with what it changed. */
struct render_changes {
    const struct revision *revision, *before; /* before: NULL if it is the first, or was lost */
    uint64_t entry;
};
rc render_version_page(struct render *r, struct arena *a, const struct render_changes *changes,
                       struct buf *out) MUST_USE;
/* Its path; in a. */
struct span render_version_path(struct arena *a, struct span path, uint32_t number);

/* 400 403 404 405 413 421 429 431 500 501 503 … as a page that says what happened, what to do and
 * where to go on. */
#define RENDER_ERROR_HEADS_MAX 5
struct render_error {
    unsigned status;
    const struct card *newest; /* the heads that a reader may have looked for; may be none */
    size_t count;              /* of which the first RENDER_ERROR_HEADS_MAX are shown */
};
rc render_error_page(struct render *r, struct arena *a, const struct render_error *error,
                     struct buf *out) MUST_USE;

/* ---- for machines ------------------------------------------------------------------------------
 */

/* RSS 2.0, Atom and JSON Feed 1.1 of a list (headline, standfirst, link, author, dates, picture if feeds may
 * have it; no bodies); what was retracted is left out. `path` of list is that of the HTML page; self that of
 * the feed. */
rc render_rss(struct render *r, struct arena *a, const struct render_list *list, struct span self,
              struct buf *out) MUST_USE;
rc render_atom(struct render *r, struct arena *a, const struct render_list *list, struct span self,
               struct buf *out) MUST_USE;
rc render_json_feed(struct render *r, struct arena *a, const struct render_list *list,
                    struct span self, struct buf *out) MUST_USE;
/* A page of the read API (docs/api.md): what its list has, with links along the list. */
struct render_items {
    struct span self, newer,
        older; /* paths; no newer: the newest there is, or was when it was made */
};
rc render_items(struct render *r, struct arena *a, const struct render_list *list,
                const struct render_items *items, struct buf *out) MUST_USE;
/* sitemaps.org 0.9: an index of files, and what stands in one. */
struct render_sitemap_ref {
    struct span path;
    ms_t updated; /* 0: not told */
};
rc render_sitemap_index(struct render *r, const struct render_sitemap_ref *refs, size_t count,
                        struct buf *out) MUST_USE;
rc render_sitemap(struct render *r, const struct render_sitemap_ref *refs, size_t count,
                  struct buf *out) MUST_USE;
/* Google's news sitemap 0.9: the stories of the last two days; whoever calls knows which these are. */
#define RENDER_NEWS_STORIES_MAX 1000
rc render_news_sitemap(struct render *r, const struct card *cards, size_t count,
                       struct buf *out) MUST_USE;
/* Names the sitemap of the site, and the news sitemaps of this edition and the others. */
rc render_robots(struct render *r, struct buf *out) MUST_USE;
/* ninjs 3.1 of a story. */
rc render_ninjs(struct render *r, struct arena *a, const struct render_story *story,
                struct buf *out) MUST_USE;

/* The same of one that is not shown any more: pubStatus "canceled". */
rc render_gone_ninjs(struct render *r, struct arena *a, const struct render_gone *gone,
                     struct buf *out) MUST_USE;

/* Blocks as HTML, the way they stand in the page's article. `html.c` is the one place that writes
 * it. */
rc render_blocks(struct render *r, struct arena *a, const struct revision *revision,
                 struct buf *out) MUST_USE;

#endif
