/*
 * printer: JSON written in the order it is said. Strings are escaped so that the text may stand in
 * a <script> element (escape_json). A member or element without a value is not written.
 */
#ifndef DATELINE_RENDER_PRINTER_H
#define DATELINE_RENDER_PRINTER_H

#include "base/buf.h"

struct printer {
    struct buf *out;
    bool comma; /* something stands before the next member or element */
};

/* name is NULL for an element and for the outermost value. */
void print_open(struct printer *p, const char *name, char bracket);
void print_close(struct printer *p, char bracket);
void print_text(struct printer *p, const char *name, struct span text); /* nothing if it is empty */
void print_integer(struct printer *p, const char *name, int64_t value);

#endif
