/* escape: text into HTML, XML, JSON and URLs. The text is well-formed UTF-8. */
#ifndef DATELINE_RENDER_ESCAPE_H
#define DATELINE_RENDER_ESCAPE_H

#include "base/buf.h"

/* & < > " ' as character references: safe as text and in quoted attribute values. */
void escape_html(struct buf *out, struct span text);
/* The same; characters that XML 1.0 cannot hold become U+FFFD. */
void escape_xml(struct buf *out, struct span text);
/* A JSON string with its quotes. < > & and U+2028, U+2029 are written as \u escapes, so that the
 * JSON may stand in a <script> element and be read as JavaScript. */
void escape_json(struct buf *out, struct span text);
/* One segment of a path: all but RFC 3986's unreserved characters is percent-encoded. */
void escape_segment(struct buf *out, struct span text);

#endif
