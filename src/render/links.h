/* links: the addresses of pages, as paths. In the arena; empty if it is full. */
#ifndef DATELINE_RENDER_LINKS_H
#define DATELINE_RENDER_LINKS_H

#include "render/theme.h"

struct span link_short(struct arena *a, struct span code); /* /s/CODE */
struct span link_ninjs(struct arena *a, struct span path); /* PATH.json */
/* Under the edition's prefix: */
struct span link_tag(const struct render *r, struct arena *a, struct span slug); /* /tag/SLUG */
struct span link_author(const struct render *r, struct arena *a, struct span name);
struct span link_section(const struct render *r, struct arena *a,
                         struct span section); /* /section/SLUG */
struct span link_day(const struct render *r, struct arena *a,
                     struct render_day day); /* /2026/11/24 */
struct span link_archive(const struct render *r, struct arena *a,
                         struct render_day of); /* /2026/11, /2026 (month 0), /archive (year 0) */
struct span link_own(const struct render *r, struct arena *a, const char *path); /* any other */
struct span link_opening(struct arena *a, uint64_t entry);          /* /record/opening/N.json */
struct span link_revision(struct arena *a, uint64_t entry);         /* /record/revision/N.json */
struct span link_media(struct arena *a, const struct rendition *r); /* /media/HASH.EXT */

#endif
