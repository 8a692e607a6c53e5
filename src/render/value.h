/*
 * value: what a template is filled with: a tree of typed values in an arena. The type decides how
 * a value may be written: text is escaped wherever it goes, html goes as it is and is made by this
 * folder alone.
 *
 * Building never fails at the single step: past the arena's cap nothing is added (a NULL map takes
 * nothing) and arena_over() says so at the end. Spans and names are borrowed, not copied.
 */
#ifndef DATELINE_RENDER_VALUE_H
#define DATELINE_RENDER_VALUE_H

#include "base/arena.h"

enum value_kind {
    VALUE_ABSENT, /* a field that is known, but not given: false, writes nothing */
    VALUE_TEXT,   /* empty: false */
    VALUE_HTML,   /* empty: false */
    VALUE_INTEGER,
    VALUE_BOOL,
    VALUE_LIST, /* empty: false */
    VALUE_MAP,
};

struct value {
    enum value_kind kind;
    bool truth;          /* BOOL */
    struct span name;    /* in a map */
    struct value *next;  /* in a list or a map */
    struct span text;    /* TEXT, HTML */
    int64_t integer;     /* INTEGER */
    struct value *first; /* LIST, MAP: in the order they were added */
    struct value *last;
};

/* A map or list that stands alone. */
struct value *value_map(struct arena *a);
struct value *value_list(struct arena *a);

/* Add to a map under `name`, which must not be in it yet, or to a list (name is ignored there). */
void value_add_absent(struct arena *a, struct value *into, struct span name);
/* An empty text is a field that was not given. */
void value_add_text(struct arena *a, struct value *into, struct span name, struct span text);
void value_add_html(struct arena *a, struct value *into, struct span name, struct span html);
void value_add_integer(struct arena *a, struct value *into, struct span name, int64_t integer);
void value_add_bool(struct arena *a, struct value *into, struct span name, bool truth);
struct value *value_add_list(struct arena *a, struct value *into, struct span name);
struct value *value_add_map(struct arena *a, struct value *into, struct span name);

/* The field of a map, or NULL. */
const struct value *value_field(const struct value *map, struct span name);

#endif
