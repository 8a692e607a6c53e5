/*
 * page: what the pages have in common, for those who fill them (pages.c, lists.c): the frame that
 * the layout needs, and a card's fields.
 */
#ifndef DATELINE_RENDER_PAGE_H
#define DATELINE_RENDER_PAGE_H

#include <jansson.h>

#include "render/compose.h"
#include "render/theme.h"

/* Pieces of a page that are HTML before the template sees them. */
#define PAGE_PIECE_BYTES_MAX (16u << 20)

struct page_frame {
    const char *kind; /* of page, a class of its body: "story" */
    enum theme_style style;
    struct span title; /* before the site's name; empty: that alone */
    struct span path;  /* empty: a page without an address of its own */
    struct span section, hue;
    struct span language; /* of a page that has translations: those name it so, too */
    const struct render_translation *translations;
    size_t translation_count;
};
/* A page's map with all that layout.mustache asks for. */
struct value *page_new(struct render *r, struct arena *a, const struct page_frame *frame);

/* "22:33, 24 Nov 2026" and its machine form. */
void page_add_time(struct render *r, struct arena *a, struct value *into, struct span name,
                   struct span iso_name, ms_t at);
/* lang and dir, where they differ from the site's; both absent otherwise. */
void page_add_language(struct render *r, struct arena *a, struct value *into, struct span language);
/* Takes what stands in `piece` into the arena as html, and empties it for the next. */
rc page_add_piece(struct arena *a, struct value *into, struct span name,
                  struct buf *piece) MUST_USE;
/* "headline", "marked" and "size": a class for its length, which CSS cannot know. */
void page_add_headline(struct arena *a, struct value *into, struct span headline);

/* How a card is shown besides what compose.h says. */
struct page_card {
    const struct placed *placed;
    struct span level;   /* its class, if not that of placed->level */
    struct span heading; /* "h2" */
    bool thumb;          /* a picture of a hundred pixels */
    bool by_published;   /* it stands under that date */
    bool full_date;      /* "24 Nov 2026" instead of what is near to `today` */
    struct render_day today;
};
rc page_add_card(struct render *r, struct arena *a, struct value *list,
                 const struct page_card *shown, struct buf *piece) MUST_USE;

/* As the site writes it, or else its stories; the list may know no more than its address. */
struct span page_section_name(struct render *r, struct arena *a, const struct render_list *list);

/* The cards as pages show them: without the pictures that may not be there, or not any more. */
const struct card *page_cards(struct arena *a, const struct card *cards, size_t count, ms_t at);

/* What card.picture says; `renditions` has RENDITIONS_MAX. Spans point into json. */
bool page_read_picture(const json_t *json, struct rendition *renditions, struct picture *out);

#endif
