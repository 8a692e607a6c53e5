#include "render/value.h"

static struct value *value_new(struct arena *a, enum value_kind kind) {
    struct value *v = ARENA_NEW(a, struct value);
    if (v) v->kind = kind;
    return v;
}

struct value *value_map(struct arena *a) {
    return value_new(a, VALUE_MAP);
}

struct value *value_list(struct arena *a) {
    return value_new(a, VALUE_LIST);
}

static struct value *value_add(struct arena *a, struct value *into, struct span name,
                               enum value_kind kind) {
    if (!into) return NULL;
    CHECK(into->kind == VALUE_MAP || into->kind == VALUE_LIST);
    DCHECK(into->kind == VALUE_LIST || !value_field(into, name));
    struct value *v = value_new(a, kind);
    if (!v) return NULL;
    v->name = name;
    if (into->last)
        into->last->next = v;
    else
        into->first = v;
    into->last = v;
    return v;
}

void value_add_absent(struct arena *a, struct value *into, struct span name) {
    (void)value_add(a, into, name, VALUE_ABSENT);
}

void value_add_text(struct arena *a, struct value *into, struct span name, struct span text) {
    struct value *v = value_add(a, into, name, VALUE_TEXT);
    if (v) v->text = text;
}

void value_add_html(struct arena *a, struct value *into, struct span name, struct span html) {
    struct value *v = value_add(a, into, name, VALUE_HTML);
    if (v) v->text = html;
}

void value_add_integer(struct arena *a, struct value *into, struct span name, int64_t integer) {
    struct value *v = value_add(a, into, name, VALUE_INTEGER);
    if (v) v->integer = integer;
}

void value_add_bool(struct arena *a, struct value *into, struct span name, bool truth) {
    struct value *v = value_add(a, into, name, VALUE_BOOL);
    if (v) v->truth = truth;
}

struct value *value_add_list(struct arena *a, struct value *into, struct span name) {
    return value_add(a, into, name, VALUE_LIST);
}

struct value *value_add_map(struct arena *a, struct value *into, struct span name) {
    return value_add(a, into, name, VALUE_MAP);
}

const struct value *value_field(const struct value *map, struct span name) {
    for (const struct value *v = map->first; v; v = v->next)
        if (span_eq(v->name, name)) return v;
    return NULL;
}
