/*
 * dates: times and numbers for people (ICU: the site's zone, language, digits) and for machines.
 * ICU's calendars and formatters are dear to open, so that they are kept: one thread at a time.
 */
#ifndef DATELINE_RENDER_DATES_H
#define DATELINE_RENDER_DATES_H

#include "base/arena.h"
#include "base/buf.h"
#include "render/render.h"

struct dates;

/* RC_INVALID if the language is no BCP 47 tag or the zone is not in the IANA database. */
rc dates_new(struct span language, struct span zone, struct dates **out_dates) MUST_USE;
void dates_free(struct dates *d);

struct render_day dates_day_of(struct dates *d, ms_t at);
ms_t dates_moment(struct dates *d, struct render_day day,
                  unsigned seconds); /* see render_moment() */

/* As the language has it; pages name the zone once (dates_zone). */
struct span dates_time(struct dates *d, struct arena *a, ms_t at);  /* "24 Nov 2026, 14:05" */
struct span dates_clock(struct dates *d, struct arena *a, ms_t at); /* "14:05" */
struct span dates_day(struct dates *d, struct arena *a,
                      struct render_day day); /* "Tuesday, 24 November 2026" */
struct span dates_weekday(struct dates *d, struct arena *a, struct render_day day); /* "Tue 24" */
struct span dates_month(struct dates *d, struct arena *a,
                        struct render_day day); /* "November 2026" */
struct span dates_month_alone(struct dates *d, struct arena *a,
                              struct render_day day);                            /* "November" */
struct span dates_year(struct dates *d, struct arena *a, struct render_day day); /* "2026" */
/* On a page that names `today`: "14:05" of that day, "Sun" of the six before it, then "18 Oct", and
 * "18 Oct 2025" of another year or of a later day. */
struct span dates_near(struct dates *d, struct arena *a, ms_t at, struct render_day today);
bool dates_same_day(struct render_day x, struct render_day y);

/* "18,204" */
struct span dates_number(struct dates *d, struct arena *a, int64_t number);

/* "+3", "+5:30" for a zone that keeps to GMT and this; empty for one whose clocks are moved, and
 * which has a name instead: "Eastern European Time". */
struct span dates_offset(struct dates *d, struct arena *a);
struct span dates_zone_name(struct dates *d, struct arena *a);

/* "2026-11-24T12:05:00Z" (RFC 3339), "Tue, 24 Nov 2026 12:05:00 +0000" (RFC 5322), "2026-11-24". */
#define DATES_ISO_BYTES 40
struct span dates_iso(char memory[DATES_ISO_BYTES], ms_t at);
void dates_rfc822(struct buf *out, ms_t at);
struct span dates_iso_day(char memory[DATES_ISO_BYTES], struct render_day day);

bool dates_is_rtl(struct span language);
/* Are both of one language, whatever the region? */
bool dates_same_language(struct span x, struct span y);
/* "ar" of "ar-u-nu-latn": what follows a single letter is about figures and clocks, and means
 * nothing to search engines and readers of feeds. */
struct span dates_plain_language(struct span language);
/* A language in itself: "العربية"; empty if ICU does not know it. */
struct span dates_language(struct arena *a, struct span language);
/* The digits that the language's dates are written in ("latn", "arab"), so that a script can use
 * the same: browsers have other ideas of what a language uses. */
struct span dates_digits(struct arena *a, struct span language);

#endif
