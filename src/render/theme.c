#include "render/theme.h"

#include "base/hash.h"
#include "base/mem.h"

static struct span file_named(const char *name) {
    for (size_t i = 0; i < theme_file_count; i++)
        if (span_eq(theme_files[i].name, span_str(name))) return theme_files[i].bytes;
    return (struct span){0};
}

/* ---- phrases --------------------------------------------------------------------------------- */

/* "name = text", a line each; "#" begins a comment. What an earlier file said stays. */
static rc read_phrases(struct arena *a, struct value *phrases, const char *file) {
    struct span rest = file_named(file);
    for (unsigned line = 1; rest.n; line++) {
        struct span text = span_trim(span_cut(&rest, '\n'));
        if (text.n == 0 || text.p[0] == '#') continue;
        struct span phrase = text, name = span_trim(span_cut(&phrase, '='));
        phrase = span_trim(phrase);
        if (name.n == 0 || phrase.n == 0)
            return rc_fail(RC_INVALID, "%s, line %u: write \"name = text\"", file, line);
        if (!value_field(phrases, name)) value_add_text(a, phrases, name, phrase);
    }
    return RC_OK;
}

static rc add_phrases(struct render *r) {
    struct value *phrases = value_add_map(r->arena, r->frame, SPAN("phrase"));
    if (!phrases) return theme_arena_ok(r->arena, "the theme");
    struct span rest = r->site.language, primary = span_cut(&rest, '-');
    for (size_t i = 0; i < theme_file_count; i++) {
        struct span name = theme_files[i].name;
        if (span_starts(name, SPAN("phrases/")) && span_eq_nocase(span_from(name, 8), primary))
            TRY(read_phrases(r->arena, phrases, arena_strdup(r->arena, name)));
    }
    TRY(read_phrases(r->arena, phrases, "phrases/en"));
    r->phrases = phrases;
    return RC_OK;
}

struct span theme_phrase(const struct render *r, const char *prefix, struct span name) {
    size_t n = strlen(prefix);
    for (const struct value *v = r->phrases->first; v; v = v->next)
        if (span_starts(v->name, span_of(prefix, n)) && span_eq(span_from(v->name, n), name))
            return v->text;
    return (struct span){0};
}

/* ---- templates, style, script ---------------------------------------------------------------- */

static rc add_templates(struct render *r) {
    static const struct span suffix = {".mustache", 9};
    r->set.templates = r->templates;
    for (size_t i = 0; i < theme_file_count; i++) {
        struct span name = theme_files[i].name;
        if (!span_ends(name, suffix)) continue;
        CHECK(r->set.count < THEME_TEMPLATES_MAX);
        name = span_sub(name, 0, name.n - suffix.n);
        TRY(mustache_parse(r->arena, name, theme_files[i].bytes, &r->templates[r->set.count]));
        r->set.count++;
    }
    return RC_OK;
}

static void add_csp(struct render *r, struct span css, struct span script) {
    struct buf csp;
    buf_init(&csp, 1024);
    struct sha256 style_hash = sha256_of(css), script_hash = sha256_of(script);
    buf_str(&csp, "default-src 'none'; img-src 'self'; style-src 'sha256-");
    buf_base64(&csp, style_hash.bytes, SHA256_BYTES);
    buf_str(&csp, "'; script-src 'sha256-");
    buf_base64(&csp, script_hash.bytes, SHA256_BYTES);
    buf_str(&csp, "'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'");
    CHECK(!csp.over);
    r->csp = arena_copy(r->arena, buf_span(&csp));
    buf_done(&csp);
}

static rc fill(struct render *r, const struct render_site *site) {
    struct arena *a = r->arena;
    r->site = (struct render_site){.name = arena_copy(a, site->name),
                                   .url = arena_copy(a, site->url),
                                   .language = arena_copy(a, site->language),
                                   .zone = arena_copy(a, site->zone)};
    TRY(dates_new(r->site.language, r->site.zone, &r->dates));
    r->rtl = dates_is_rtl(r->site.language);
    struct span css = span_trim(file_named("page.css")),
                script = span_trim(file_named("script.js"));
    CHECK(css.n && script.n);
    r->frame = value_map(a);
    struct value *fields = value_add_map(a, r->frame, SPAN("site"));
    value_add_text(a, fields, SPAN("name"), r->site.name);
    value_add_text(a, fields, SPAN("url"), r->site.url);
    value_add_text(a, fields, SPAN("lang"), r->site.language);
    value_add_text(a, fields, SPAN("dir"), r->rtl ? SPAN("rtl") : SPAN("ltr"));
    value_add_text(a, fields, SPAN("zone"), r->site.zone);
    value_add_text(a, fields, SPAN("digits"), dates_digits(a, r->site.language));
    value_add_html(a, fields, SPAN("css"), css);
    value_add_html(a, fields, SPAN("script"), script);
    add_csp(r, css, script);
    TRY(add_phrases(r));
    TRY(add_templates(r));
    return theme_arena_ok(a, "the theme");
}

rc render_new(const struct render_site *site, struct render **out_render) {
    struct render *r = mem_new(sizeof *r);
    r->arena = arena_new(THEME_ARENA_BYTES);
    rc code = fill(r, site);
    if (code != RC_OK) {
        render_free(r);
        return code;
    }
    *out_render = r;
    return RC_OK;
}

void render_free(struct render *r) {
    if (!r) return;
    dates_free(r->dates);
    arena_free(r->arena);
    mem_free(r);
}

struct span render_csp(const struct render *r) {
    return r->csp;
}

struct render_day render_day_of(struct render *r, ms_t at) {
    return dates_day_of(r->dates, at);
}

rc theme_arena_ok(const struct arena *a, const char *what) {
    if (!arena_over(a)) return RC_OK;
    return rc_fail(RC_TOO_BIG, "%s needs more memory than one page may take (%zu bytes so far)",
                   what, arena_bytes(a));
}

rc theme_page(struct render *r, struct arena *a, struct span template, const struct value *page,
              struct buf *out) {
    TRY(theme_arena_ok(a, "the page"));
    const struct mustache *t = mustache_find(&r->set, template);
    CHECK(t);
    const struct value *contexts[] = {r->frame, page};
    return mustache_render(t, &r->set, contexts, COUNT_OF(contexts), true, out);
}

struct span theme_url(const struct render *r, struct arena *a, struct span path) {
    char *p = arena_take(a, r->site.url.n + path.n + 1);
    if (!p) return (struct span){0};
    if (r->site.url.n) memcpy(p, r->site.url.p, r->site.url.n);
    if (path.n) memcpy(p + r->site.url.n, path.p, path.n);
    return span_of(p, r->site.url.n + path.n);
}
