/*
 * mustache: templates after the Mustache specification 1.4 with its optional modules inheritance
 * and dynamic names (github.com/mustache/spec); no lambdas.
 *
 * A template is parsed once into a program and rendered often. Three modes:
 *   - lenient, as the specification has it: unknown names and partials write nothing, {{{x}}}
 * writes text as it is;
 *   - strict, for the product: {{{x}}} and {{&x}} on anything but html, {{x}} on html, a list or a
 *     map, an unknown field, partial or parent is RC_INVALID;
 *   - whole, to check a template: strict, and what stands in a section is written though a false
 *     value or an empty text would skip it, so that the names in it are looked up.
 * A field that is there without a value (VALUE_ABSENT) writes nothing in both. Sections are skipped
 * for absent values, false, empty text and empty lists; an integer is always true.
 *
 * All end on any input: whitespace, names and nesting are bounded when parsed, depth and work when
 * rendered. Every complaint begins with "NAME.mustache:LINE:COLUMN: ".
 */
#ifndef DATELINE_RENDER_MUSTACHE_H
#define DATELINE_RENDER_MUSTACHE_H

#include "base/arena.h"
#include "base/buf.h"
#include "render/value.h"

#define MUSTACHE_BYTES_MAX (256u << 10) /* of one template */
#define MUSTACHE_NAME_BYTES_MAX 128     /* of a field, partial or block */
#define MUSTACHE_NESTING_MAX \
    32                        /* sections, blocks and parents within each other, in a template \
                               */
#define MUSTACHE_DEPTH_MAX 96 /* the same and partials, when rendered */
#define MUSTACHE_INDENT_BYTES_MAX 256 /* of nested partials together */
#define MUSTACHE_STEPS_MAX (1u << 20) /* pieces of templates written in one rendering */

struct mustache;

/* Parses; the program lives in `a` and refers to name and source. RC_INVALID, RC_TOO_BIG. */
rc mustache_parse(struct arena *a, struct span name, struct span source,
                  const struct mustache **out_template) MUST_USE;

/* The templates that partials and parents are taken from, by their names. */
struct mustache_set {
    const struct mustache *const *templates;
    size_t count;
};
/* NULL if there is none. */
const struct mustache *mustache_find(const struct mustache_set *set, struct span name);

enum mustache_mode { MUSTACHE_LENIENT, MUSTACHE_STRICT, MUSTACHE_WHOLE };

/* Adds to out. Names are looked up in contexts[count - 1] first. RC_INVALID, RC_TOO_BIG. */
rc mustache_render(const struct mustache *template, const struct mustache_set *partials,
                   const struct value *const *contexts, size_t count, enum mustache_mode mode,
                   struct buf *out) MUST_USE;

#endif
