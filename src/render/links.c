#include "render/links.h"

#include <inttypes.h>

#include "render/escape.h"
#include "render/html.h"

#define LINK_BYTES_MAX 4096

static struct span link_under(struct arena *a, struct span edition, const char *prefix,
                              struct span segment) {
    char memory[LINK_BYTES_MAX];
    struct buf path;
    buf_init_fixed(&path, memory, sizeof memory);
    buf_add(&path, edition);
    buf_str(&path, prefix);
    escape_segment(&path, segment);
    CHECK(!path.over);
    return arena_copy(a, buf_span(&path));
}

struct span link_short(struct arena *a, struct span code) {
    return link_under(a, SPAN(""), "/s/", code);
}

struct span link_ninjs(struct arena *a, struct span path) {
    return arena_printf(a, SPAN_FMT ".json", SPAN_ARG(path));
}

struct span link_tag(const struct render *r, struct arena *a, struct span slug) {
    return link_under(a, r->site.prefix, "/tag/", slug);
}

struct span link_section(const struct render *r, struct arena *a, struct span section) {
    return link_under(a, r->site.prefix, "/section/", slug_of(a, section));
}

struct span link_author(const struct render *r, struct arena *a, struct span name) {
    return link_under(a, r->site.prefix, "/author/", slug_of(a, name));
}

struct span link_day(const struct render *r, struct arena *a, struct render_day day) {
    return arena_printf(a, SPAN_FMT "/%04d/%02u/%02u", SPAN_ARG(r->site.prefix), day.year,
                        day.month, day.day);
}

struct span link_archive(const struct render *r, struct arena *a, struct render_day of) {
    if (of.year == 0) return link_own(r, a, "/archive");
    if (of.month == 0) return arena_printf(a, SPAN_FMT "/%04d", SPAN_ARG(r->site.prefix), of.year);
    return arena_printf(a, SPAN_FMT "/%04d/%02u", SPAN_ARG(r->site.prefix), of.year, of.month);
}

struct span link_own(const struct render *r, struct arena *a, const char *path) {
    if (r->site.prefix.n && !strcmp(path, "/")) return r->site.prefix;
    return arena_printf(a, SPAN_FMT "%s", SPAN_ARG(r->site.prefix), path);
}

struct span link_opening(struct arena *a, uint64_t entry) {
    return arena_printf(a, "/record/opening/%" PRIu64 ".json", entry);
}

struct span link_revision(struct arena *a, uint64_t entry) {
    return arena_printf(a, "/record/revision/%" PRIu64 ".json", entry);
}

struct span link_media(struct arena *a, const struct rendition *r) {
    char memory[128];
    struct buf path;
    buf_init_fixed(&path, memory, sizeof memory);
    html_media_path(&path, r);
    CHECK(!path.over);
    return arena_copy(a, buf_span(&path));
}
