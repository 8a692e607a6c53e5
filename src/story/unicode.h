/* unicode: which characters a story's strings may hold. For this folder only. */
#ifndef DATELINE_STORY_UNICODE_H
#define DATELINE_STORY_UNICODE_H

#include "base/base.h"

enum char_class {
    CHAR_PLAIN,
    CHAR_SPACE, /* white space that may stand alone */
    CHAR_BREAK, /* tab, line ends: becomes a space, or a line feed where these are kept */
    CHAR_DROP,  /* never stands in a story */
};
enum char_class char_class_of(uint32_t point);
bool char_is_alnum(uint32_t point); /* letter or digit of any script */

/* What a string that passed begins and ends with; a line feed is CHAR_BREAK. */
struct string_ends {
    enum char_class first, last;
    bool blank;          /* white space only */
    bool blank_line;     /* before anything else there is an empty or blank line */
    bool doubled_spaces; /* somewhere two white spaces stand together */
};

/* Well-formed, of permitted characters, in NFC, at most MARKS_MAX marks in a row. RC_INVALID "byte
 * 7: U+202E …". s is not empty. */
rc string_check(struct span s, bool line_feeds, struct string_ends *out_ends) MUST_USE;

/* The shape that slug_of() gives. RC_INVALID or RC_TOO_BIG, beginning with `name`. */
rc slug_check(const char *name, struct span slug) MUST_USE;

#endif
