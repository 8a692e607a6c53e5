/*
 * limits: every limit on a story, each with the field it limits. story_check() holds a revision
 * against them and names the field. A limit may be raised, never lowered: what was stored once must
 * be readable for ever, and canon_read() checks too.
 */
#ifndef DATELINE_STORY_LIMITS_H
#define DATELINE_STORY_LIMITS_H

/* The canonical form, whole. */
#define CANON_BYTES_MAX 1048576            /* canon_write(), canon_read(), canon_parts() */
#define CANON_PARTS_MAX 4096               /* what one entry of the record commits to */
#define CANON_DEPTH_MAX 16                 /* arrays and objects in one another; a revision has 7 */
#define CANON_INTEGER_MAX 9007199254740991 /* 2^53 − 1: what JSON can say exactly */

/* struct revision */
#define TIME_MS_MAX \
    253402300799999                  /* published, updated, corrections[].at: end of the year 9999 \
                                    */
#define PATH_BYTES_MAX 1024          /* path, percent-encoded */
#define LANGUAGE_BYTES_MAX 35        /* language: RFC 5646 §4.4.1 */
#define EDITION_BYTES_MAX 32         /* edition */
#define SECTION_BYTES_MAX 256        /* section */
#define HEADLINE_BYTES_MAX 2048      /* headline, headlineShort, headlineSocial, headlineFeed */
#define STANDFIRST_BYTES_MAX 8192    /* standfirst */
#define SLUG_BYTES_MAX 80            /* slug, tags[].slug */
#define DATELINE_BYTES_MAX 256       /* dateline.place, dateline.source */
#define CREDIT_LINE_BYTES_MAX 1024   /* creditLine */
#define BYLINES_MAX 32               /* bylines */
#define BYLINE_BYTES_MAX 256         /* bylines[].name, bylines[].role */
#define TAGS_MAX 64                  /* tags */
#define TAG_NAME_BYTES_MAX 256       /* tags[].name */
#define CORRECTIONS_MAX 256          /* corrections */
#define CORRECTION_BYTES_MAX 8192    /* corrections[].text */
#define RELATED_PINS_MAX 8           /* related */
#define STANDING_ORDER_MAX 999       /* standing.order */
#define STANDING_NOTE_BYTES_MAX 2048 /* standing.note */

/* pictures[] */
#define PICTURES_MAX 64                /* pictures */
#define CAPTION_BYTES_MAX 8192         /* caption */
#define ALT_BYTES_MAX 8192             /* alt */
#define PICTURE_CREDIT_BYTES_MAX 1024  /* credit, creator, copyright, usageTerms */
#define RENDITIONS_MAX 32              /* renditions */
#define RENDITION_PIXELS_MAX 65535     /* renditions[].width, renditions[].height */
#define RENDITION_BYTES_MAX 1073741824 /* renditions[].bytes */

/* blocks[] */
#define BLOCKS_MAX 3500            /* blocks; leaves room for other parts, see CANON_PARTS_MAX */
#define ROWS_MAX 4096              /* rows of one block */
#define COLUMNS_MAX 64             /* columns */
#define RUNS_MAX 4096              /* text, rows[]: runs of one text */
#define TEXT_BYTES_MAX 262144      /* text, rows[]: all runs of one text together */
#define URL_BYTES_MAX 2048         /* url, text[].href */
#define SPEAKER_BYTES_MAX 256      /* speaker */
#define OCCASION_BYTES_MAX 1024    /* occasion */
#define EMBED_TITLE_BYTES_MAX 1024 /* title */

/* Helpers. */
#define MARKS_MAX 30 /* combining marks in a row: Unicode's stream-safe text, UAX 15 */
#define NORMALIZE_BYTES_MAX 4194304 /* story_normalize(): raw */
#define SLUG_SOURCE_BYTES_MAX 1024  /* slug_of(): what stands behind is not looked at */

#endif
