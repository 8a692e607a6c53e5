/*
 * theme: the folder SITE/themes/NAME, on its way to core.
 *
 * Whoever starts core reads the folder, tries what it has read, and hands it over in memory, as the
 * configuration: a core that is started again later does not find what a designer is just writing, and
 * one that is refused leaves the theme that is in force where it is.
 */
#ifndef DATELINE_MAIN_THEME_H
#define DATELINE_MAIN_THEME_H

#include "main/site.h"
#include "render/render.h"

#define THEME_FOLDER "themes"
#define THEME_FILES_BYTES_MAX (4u << 20) /* all of its files */

/* All files of the folder, into a (of THEME_READ_BYTES). RC_NOT_FOUND; RC_TOO_BIG. */
#define THEME_READ_BYTES (THEME_FILES_BYTES_MAX + 262144)
rc theme_read(const struct site *site, struct span name, struct arena *a,
              struct render_theme *out_theme) MUST_USE;
/* Pages of every kind in each edition. RC_INVALID, RC_TOO_BIG, with file and line. NULL: the built-in
 * one. */
rc theme_check(const struct config *config, const struct render_theme *theme,
               struct render_theme_counts *out_counts) MUST_USE;
/* The configured theme, read and checked, in a memfd; −1: the built-in one is configured. */
rc theme_share(const struct site *site, int *out_fd) MUST_USE;
/* For a start: a theme that is refused is told in the log, and the built-in one taken. */
int theme_share_or_none(const struct site *site);
/* What theme_share() made, in memory that stays; the list of files lives in a. */
rc theme_receive(int fd, struct arena *a, struct render_theme *out_theme) MUST_USE;
/* flow_setup.sources: of the configuration as it lies there, and of the theme's files as they are here. */
rc theme_sources(const struct site *site, const struct render_theme *theme, struct arena *a,
                 struct span *out_sources) MUST_USE;

#endif
