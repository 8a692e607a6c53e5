/* wire: every limit on bytes from outside. What a story may hold is in story/limits.h. */
#ifndef DATELINE_WIRE_LIMITS_H
#define DATELINE_WIRE_LIMITS_H

#define WIRE_BYTES_MAX (1u << 20)      /* a whole item */
#define WIRE_ARENA_BYTES (64u << 20)   /* for wire_read's arena */
#define WIRE_REMARKS_MAX 64            /* the last one says that there were more */
#define WIRE_TEXT_BYTES_MAX (1u << 20) /* one text as it comes, before white space is folded */
#define WIRE_RUNS_MAX 16384            /* runs in one text, before equal neighbours are joined */
#define WIRE_EXCERPT_BYTES_MAX 200     /* of what somebody sent, in a message */
#define WIRE_HREF_BYTES_MAX 2048       /* a link's address */
#define WIRE_FILE_BYTES_MAX 255        /* a picture's href */
#define WIRE_COLUMNS_MAX 64            /* of a table */
#define WIRE_DEPTH_MAX 64 /* elements, or Markdown's quotes and lists, inside one another */

/* Counted before gumbo sees anything: its time is quadratic in depth, and it has no limits. */
#define HTML_TAGS_MAX 8192
#define HTML_WALK_DEPTH_MAX 1024 /* of gumbo's tree, which may be deeper than the tags were */

#define FRONT_LINES_MAX 256       /* of front matter */
#define FRONT_LINE_BYTES_MAX 8192 /* of one of its lines */
#define FRONT_LIST_MAX 256        /* elements in one of its lists */

#endif
