#include "render/theme.h"

#include "base/hash.h"
#include "base/mem.h"
#include "base/utf8.h"

#define THEME_NAME_BYTES_MAX 40
#define CSS_NESTING_MAX 16

/* ---- files ------------------------------------------------------------------------------------ */

static const struct render_file *find_file(const struct render_file *files, size_t count,
                                           struct span name) {
    for (size_t i = 0; i < count; i++)
        if (span_eq(files[i].name, name)) return &files[i];
    return NULL;
}

/* Of those that every theme has, since the built-in one has them. */
static struct span file_named(const struct render *r, const char *name) {
    const struct render_file *file = find_file(r->files, r->file_count, span_str(name));
    CHECK(file != NULL);
    return file->bytes;
}

static unsigned line_of(struct span text, size_t at) {
    unsigned line = 1;
    for (size_t i = 0; i < at && i < text.n; i++) line += text.p[i] == '\n';
    return line;
}

/* Small letters, digits and "-": what templates and style sheets can name. */
static bool is_stem(struct span name) {
    bool good = name.n > 0 && name.n <= THEME_NAME_BYTES_MAX;
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        good = good && ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-');
    }
    return good;
}

static bool is_stem_and(struct span name, struct span ending) {
    return span_ends(name, ending) && is_stem(span_sub(name, 0, name.n - ending.n));
}

/* Beside those that the built-in theme has. */
static bool may_be_added(struct span name) {
    if (span_starts(name, SPAN("fonts/")))
        return is_stem_and(span_from(name, 6), SPAN(".woff2")) || span_ends(name, SPAN(".txt"));
    if (span_starts(name, SPAN("phrases/"))) return is_stem(span_from(name, 8));
    return is_stem_and(name, SPAN(".mustache")) || is_stem_and(name, SPAN(".svg"));
}

static rc look_at_file(const struct render_file *file) {
    if (!find_file(theme_files, theme_file_count, file->name) && !may_be_added(file->name))
        return rc_fail(RC_INVALID,
                       SPAN_FMT ":1: a theme has no such file (names have small letters, "
                                "digits and \"-\")",
                       SPAN_ARG(file->name));
    if (file->bytes.n > RENDER_THEME_FILE_BYTES_MAX)
        return rc_fail(RC_TOO_BIG, SPAN_FMT ":1: over %u bytes", SPAN_ARG(file->name),
                       RENDER_THEME_FILE_BYTES_MAX);
    if (span_ends(file->name, SPAN(".woff2")) && !span_starts(file->bytes, SPAN("wOF2")))
        return rc_fail(RC_INVALID, SPAN_FMT ":1: not a WOFF2 font", SPAN_ARG(file->name));
    return RC_OK;
}

static rc add_files(struct render *r) {
    const struct render_theme *theme = r->site.theme;
    if (theme->count > RENDER_THEME_FILES_MAX)
        return rc_fail(RC_TOO_BIG, "more than %d files", RENDER_THEME_FILES_MAX);
    for (size_t i = 0; i < theme->count; i++) {
        TRY(look_at_file(&theme->files[i]));
        r->files[r->file_count++] = theme->files[i];
    }
    for (size_t i = 0; i < theme_file_count; i++) {
        if (find_file(theme->files, theme->count, theme_files[i].name)) continue;
        CHECK(r->file_count < THEME_FILES_MAX);
        r->files[r->file_count++] = theme_files[i];
    }
    return RC_OK;
}

static const struct render_theme built_in;

void render_theme_built_in(const struct render_file **out_files, size_t *out_count) {
    *out_files = theme_files;
    *out_count = theme_file_count;
}

static size_t add_parts(struct span *parts, uint64_t (*lengths)[2],
                        const struct render_file *file) {
    (*lengths)[0] = file->name.n;
    (*lengths)[1] = file->bytes.n;
    parts[0] = span_of(*lengths, sizeof *lengths);
    parts[1] = file->name;
    parts[2] = file->bytes;
    return 3;
}

uint64_t render_theme_number(const struct render_theme *theme) {
    struct span parts[3 * (THEME_FILES_MAX + RENDER_THEME_FILES_MAX)];
    uint64_t lengths[THEME_FILES_MAX + RENDER_THEME_FILES_MAX][2];
    size_t count = 0, n = 0;
    CHECK(theme_file_count <= THEME_FILES_MAX);
    for (size_t i = 0; i < theme_file_count; i++, n++)
        count += add_parts(&parts[count], &lengths[n], &theme_files[i]);
    for (size_t i = 0; theme && i < theme->count && i < RENDER_THEME_FILES_MAX; i++, n++)
        count += add_parts(&parts[count], &lengths[n], &theme->files[i]);
    struct sha256 hash = sha256_of_parts(parts, count);
    uint64_t number = 0;
    for (int i = 0; i < 8; i++) number = number << 8 | hash.bytes[i];
    return number;
}

/* A failure that names a file of the theme gets its folder in front: "themes/own/base.css:3: …". */
static rc tell_where(const struct render *r, rc code) {
    const struct render_theme *theme = r->site.theme;
    if (code == RC_OK || theme->where.n == 0) return code;
    struct span why = span_str(rc_why()), file = span_sub(why, 0, span_find(why, ':'));
    bool its = find_file(theme->files, theme->count, file) != NULL;
    return rc_in(code, SPAN_FMT "%s", SPAN_ARG(theme->where), its ? "/" : ": ");
}

/* ---- phrases --------------------------------------------------------------------------------- */

/* "name = text", a line each; "#" begins a comment. What an earlier file said stays. */
static rc read_phrases(struct arena *a, struct value *phrases, const struct render_file *file) {
    struct span rest = file->bytes;
    for (unsigned line = 1; rest.n; line++) {
        struct span text = span_trim(span_cut(&rest, '\n'));
        if (text.n == 0 || text.p[0] == '#') continue;
        struct span phrase = text, name = span_trim(span_cut(&phrase, '='));
        phrase = span_trim(phrase);
        if (name.n == 0 || phrase.n == 0)
            return rc_fail(RC_INVALID, SPAN_FMT ":%u: write \"name = text\"", SPAN_ARG(file->name),
                           line);
        if (!utf8_valid(text))
            return rc_fail(RC_INVALID, SPAN_FMT ":%u: not UTF-8", SPAN_ARG(file->name), line);
        if (!value_field(phrases, name)) value_add_text(a, phrases, name, phrase);
    }
    return RC_OK;
}

/* The theme's, and then the built-in ones that it does not give. */
static rc read_language(struct render *r, struct value *phrases, struct span language) {
    const struct render_theme *theme = r->site.theme;
    const struct render_file *lists[] = {theme->files, theme_files};
    const size_t counts[] = {theme->count, theme_file_count};
    for (size_t k = 0; k < COUNT_OF(lists); k++)
        for (size_t i = 0; i < counts[k]; i++)
            if (span_starts(lists[k][i].name, SPAN("phrases/")) &&
                span_eq_nocase(span_from(lists[k][i].name, 8), language))
                TRY(read_phrases(r->arena, phrases, &lists[k][i]));
    return RC_OK;
}

static rc add_phrases(struct render *r) {
    struct value *phrases = value_add_map(r->arena, r->frame, SPAN("phrase"));
    if (!phrases) return theme_arena_ok(r->arena, "the theme");
    struct span rest = r->site.language, primary = span_cut(&rest, '-');
    TRY(read_language(r, phrases, primary));
    TRY(read_language(r, phrases, SPAN("en")));
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

/* "hue_city = City, Local": the names of sections that have this hue. */
static void add_hues(struct render *r) {
    for (const struct value *v = r->phrases->first; v; v = v->next) {
        if (!span_starts(v->name, SPAN("hue_"))) continue;
        struct span rest = v->text;
        while (rest.n && r->hue_count < THEME_HUES_MAX) {
            struct span name = span_trim(span_cut(&rest, ','));
            if (name.n == 0) continue;
            r->hues[r->hue_count++] =
                (struct theme_hue){.slug = slug_of(r->arena, name), .hue = span_from(v->name, 4)};
        }
    }
}

struct span theme_hue(const struct render *r, struct arena *a, struct span section) {
    if (section.n == 0) return section;
    struct span slug = slug_of(a, section);
    for (size_t i = 0; i < r->hue_count; i++)
        if (span_eq(r->hues[i].slug, slug)) return r->hues[i].hue;
    return (struct span){0};
}

/* ---- faces and other files that pages name --------------------------------------------------- */

static const struct {
    struct span ending, type;
} asset_types[] = {{{".woff2", 6}, {"font/woff2", 10}}, {{".svg", 4}, {"image/svg+xml", 13}}};

static struct span base_name(struct span name) {
    for (size_t i = name.n; i-- > 0;)
        if (name.p[i] == '/') return span_from(name, i + 1);
    return name;
}

static const struct render_asset *find_asset(const struct render *r, struct span file) {
    size_t stem = span_find(file, '.');
    for (size_t i = 0; i < r->asset_count; i++) {
        struct span name = base_name(r->assets[i].path);
        if (span_ends(name, span_from(file, stem)) && span_find(name, '.') == stem &&
            span_eq(span_sub(name, 0, stem), span_sub(file, 0, stem)))
            return &r->assets[i];
    }
    return NULL;
}

static rc add_assets(struct render *r) {
    struct arena *a = r->arena;
    struct value *fields = value_add_map(a, r->frame, SPAN("asset"));
    for (size_t i = 0; i < r->file_count; i++) {
        const struct render_file *file = &r->files[i];
        for (size_t k = 0; k < COUNT_OF(asset_types); k++) {
            if (!span_ends(file->name, asset_types[k].ending)) continue;
            struct span name = base_name(file->name);
            struct span stem = span_sub(name, 0, name.n - asset_types[k].ending.n);
            if (r->asset_count == THEME_ASSETS_MAX)
                return rc_fail(RC_TOO_BIG, SPAN_FMT ":1: more than %d fonts and pictures",
                               SPAN_ARG(file->name), THEME_ASSETS_MAX);
            if (fields && value_field(fields, stem))
                return rc_fail(RC_INVALID, SPAN_FMT ":1: another file is called " SPAN_FMT " too",
                               SPAN_ARG(file->name), SPAN_ARG(stem));
            struct sha256 hash = sha256_of(file->bytes);
            struct buf path;
            char memory[256];
            buf_init_fixed(&path, memory, sizeof memory);
            buf_printf(&path, "/theme/" SPAN_FMT ".", SPAN_ARG(stem));
            buf_hex(&path, hash.bytes, 8);
            buf_add(&path, asset_types[k].ending);
            CHECK(!path.over);
            struct render_asset *asset = &r->assets[r->asset_count++];
            *asset = (struct render_asset){.path = arena_copy(a, buf_span(&path)),
                                           .type = asset_types[k].type,
                                           .bytes = file->bytes};
            value_add_text(a, fields, stem, asset->path);
        }
    }
    return RC_OK;
}

const struct render_asset *render_assets(const struct render *r, size_t *out_count) {
    *out_count = r->asset_count;
    return r->assets;
}

/* ---- styles ---------------------------------------------------------------------------------- */

static bool is_css_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* A quoted string or url(…) from `at`; how many bytes it has, 0 if there is none. */
static size_t verbatim(struct span css, size_t at) {
    char end = css.p[at];
    size_t n = 1;
    if (span_starts(span_from(css, at), SPAN("url(")))
        end = ')';
    else if (end != '"' && end != '\'')
        return 0;
    while (at + n < css.n && css.p[at + n] != end) n++;
    return at + n < css.n ? n + 1 : n;
}

/* What a url(…) names, which may stand in quotation marks. */
static struct span url_inside(struct span url) {
    struct span inside = span_trim(span_sub(url, 4, url.n - 5));
    bool quoted = inside.n >= 2 && (inside.p[0] == '"' || inside.p[0] == '\'') &&
                  inside.p[inside.n - 1] == inside.p[0];
    return quoted ? span_sub(inside, 1, inside.n - 2) : inside;
}

void theme_add_css(const struct render *r, struct buf *out, struct span css) {
    char last = '{'; /* after which white space means nothing */
    bool space = false;
    for (size_t at = 0; at < css.n;) {
        if (span_starts(span_from(css, at), SPAN("/*"))) {
            const char *end = memmem(css.p + at, css.n - at, "*/", 2);
            at = end ? (size_t)(end - css.p) + 2 : css.n;
            continue;
        }
        char c = css.p[at];
        if (is_css_space(c)) {
            space = true;
            at++;
            continue;
        }
        if (space && !strchr("{};,:>", last) && !strchr("{};,>", c)) buf_char(out, ' ');
        space = false;
        /* the last declaration needs no semicolon */
        if (c == ';') {
            size_t next = at + 1;
            while (next < css.n && is_css_space(css.p[next])) next++;
            if (next < css.n && css.p[next] == '}') {
                at++;
                last = ';';
                continue;
            }
        }
        size_t n = verbatim(css, at);
        struct span text = span_sub(css, at, n ? n : 1);
        const struct render_asset *asset = c == 'u' && n ? find_asset(r, url_inside(text)) : NULL;
        if (asset)
            buf_printf(out, "url(" SPAN_FMT ")", SPAN_ARG(asset->path));
        else
            buf_add(out, text);
        last = text.p[text.n - 1];
        at += text.n;
    }
}

static rc css_fail(const struct render_file *file, size_t at, const char *what) {
    return rc_fail(RC_INVALID, SPAN_FMT ":%u: %s", SPAN_ARG(file->name), line_of(file->bytes, at),
                   what);
}

/* A string or url(…) of n bytes. */
static rc check_verbatim(const struct render *r, const struct render_file *file, size_t at,
                         size_t n) {
    struct span text = span_sub(file->bytes, at, n);
    bool url = text.p[0] == 'u';
    if (text.p[n - 1] != (url ? ')' : text.p[0]) || n < 2)
        return css_fail(file, at, url ? "url( is not closed" : "the string is not closed");
    if (!url) return RC_OK;
    struct span inside = url_inside(text);
    if (find_asset(r, inside) || span_starts(inside, SPAN("/")) || span_starts(inside, SPAN("#")))
        return RC_OK;
    return css_fail(file, at,
                    "url() names a font or picture of the theme by its name without a folder; "
                    "nothing is loaded from elsewhere");
}

/* What would spoil more than its own rule: something that is not closed, a file that is not there. What
 * a browser does not know, it skips. */
static rc check_css(const struct render *r, const struct render_file *file) {
    struct span css = file->bytes;
    size_t open[CSS_NESTING_MAX], depth = 0;
    if (!utf8_valid(css)) return css_fail(file, 0, "not UTF-8");
    const char *end_tag = css.n ? memmem(css.p, css.n, "</", 2) : NULL;
    if (end_tag) return css_fail(file, (size_t)(end_tag - css.p), "\"</\" would end the style");
    for (size_t at = 0; at < css.n;) {
        struct span rest = span_from(css, at);
        if (span_starts(rest, SPAN("/*"))) {
            const char *end = memmem(rest.p + 2, rest.n - 2, "*/", 2);
            if (!end) return css_fail(file, at, "the comment is not closed");
            at = (size_t)(end - css.p) + 2;
            continue;
        }
        size_t n = verbatim(css, at);
        if (n) {
            TRY(check_verbatim(r, file, at, n));
        } else if (css.p[at] == '{') {
            if (depth == CSS_NESTING_MAX) return css_fail(file, at, "nested too deeply");
            open[depth++] = at;
        } else if (css.p[at] == '}') {
            if (depth == 0) return css_fail(file, at, "nothing is open that } could close");
            depth--;
        }
        at += n ? n : 1;
    }
    return depth ? css_fail(file, open[depth - 1], "{ is never closed") : RC_OK;
}

static rc check_texts(const struct render *r) {
    for (size_t i = 0; i < r->file_count; i++) {
        const struct render_file *file = &r->files[i];
        if (span_ends(file->name, SPAN(".css"))) TRY(check_css(r, file));
        if (!span_eq(file->name, SPAN("script.js"))) continue;
        for (size_t at = 0; at < file->bytes.n; at++) {
            struct span rest = span_from(file->bytes, at);
            if (span_starts(rest, SPAN("</")) || span_starts(rest, SPAN("<!--")))
                return css_fail(file, at, "\"</\" or \"<!--\" would end the script");
        }
        if (!utf8_valid(file->bytes)) return css_fail(file, 0, "not UTF-8");
    }
    return RC_OK;
}

static void add_css_file(const struct render *r, struct buf *out, const char *name) {
    theme_add_css(r, out, file_named(r, name));
}

static rc add_styles(struct render *r) {
    static const char *const files[STYLE_COUNT][3] = {
        [STYLE_PLAIN] = {"fonts.css", "base.css", "notice.css"},
        [STYLE_BARE] = {"base.css", "notice.css"},
        [STYLE_FRONT] = {"fonts.css", "base.css", "front.css"},
        [STYLE_STORY] = {"fonts.css", "base.css", "story.css"},
        [STYLE_OTHER_STORY] = {"fonts.css", "base.css", "story.css"},
    };
    struct buf css;
    buf_init(&css, THEME_ARENA_BYTES);
    for (int i = 0; i < STYLE_COUNT; i++) {
        bool arabic = r->rtl || i == STYLE_OTHER_STORY;
        buf_clear(&css);
        if (arabic && i != STYLE_BARE) add_css_file(r, &css, "fonts-arabic.css");
        for (size_t k = 0; k < COUNT_OF(files[i]) && files[i][k]; k++)
            add_css_file(r, &css, files[i][k]);
        if (arabic) add_css_file(r, &css, "arabic.css");
        r->styles[i] = arena_copy(r->arena, buf_span(&css));
        if (css.over) break;
    }
    bool over = css.over;
    buf_done(&css);
    return over ? rc_fail(RC_TOO_BIG, "over %u bytes of CSS", THEME_ARENA_BYTES) : RC_OK;
}

/* ---- templates and what all pages know -------------------------------------------------------- */

static rc add_templates(struct render *r) {
    static const struct span suffix = {".mustache", 9};
    r->set.templates = r->templates;
    for (size_t i = 0; i < r->file_count; i++) {
        struct span file = r->files[i].name, name = span_sub(file, 0, file.n - suffix.n);
        if (!span_ends(file, suffix)) continue;
        if (r->set.count == THEME_TEMPLATES_MAX)
            return rc_fail(RC_TOO_BIG, SPAN_FMT ":1: more than %d templates", SPAN_ARG(file),
                           THEME_TEMPLATES_MAX);
        if (!utf8_valid(r->files[i].bytes))
            return rc_fail(RC_INVALID, SPAN_FMT ":1: not UTF-8", SPAN_ARG(file));
        TRY(mustache_parse(r->arena, name, r->files[i].bytes, &r->templates[r->set.count]));
        r->set.count++;
    }
    return RC_OK;
}

static rc fill_template(struct render *r, struct span template, const struct value *fields,
                        struct buf *out) {
    const struct mustache *t = mustache_find(&r->set, template);
    CHECK(t);
    const struct value *contexts[] = {r->frame, fields};
    return mustache_render(t, &r->set, contexts, COUNT_OF(contexts), r->mode, out);
}

static rc fill_prolog(struct render *r, struct arena *a, enum theme_style style, struct buf *out) {
    struct value *fields = value_map(a);
    value_add_html(a, fields, SPAN("css"), r->styles[style]);
    value_add_bool(a, fields, SPAN("faces"), style != STYLE_BARE);
    TRY(theme_arena_ok(a, "the theme"));
    return fill_template(r, SPAN("prolog"), fields, out);
}

static void add_hash(struct buf *out, struct span inline_text) {
    struct sha256 hash = sha256_of(inline_text);
    buf_str(out, " 'sha256-");
    buf_base64(out, hash.bytes, SHA256_BYTES);
    buf_char(out, '\'');
}

static struct span csp_of(struct render *r, struct span style, struct span script) {
    char memory[512];
    struct buf csp;
    buf_init_fixed(&csp, memory, sizeof memory);
    /* connect-src: nothing of ours connects, but who audits a page (Lighthouse) asks for robots.txt out
     * of it. */
    buf_str(&csp,
            "default-src 'none'; connect-src 'self'; img-src 'self'; font-src 'self'; style-src");
    add_hash(&csp, style);
    buf_str(&csp, "; script-src");
    add_hash(&csp, script);
    buf_str(&csp, "; base-uri 'none'; form-action 'self'; frame-ancestors 'none'");
    CHECK(!csp.over);
    return arena_copy(r->arena, buf_span(&csp));
}

static rc add_prologs(struct render *r, struct span script) {
    struct buf prolog;
    buf_init(&prolog, THEME_ARENA_BYTES);
    rc code = RC_OK;
    for (int i = 0; i < STYLE_COUNT && code == RC_OK; i++) {
        buf_clear(&prolog);
        code = fill_prolog(r, r->arena, (enum theme_style)i, &prolog);
        r->prologs[i] = (struct render_prolog){.bytes = arena_copy(r->arena, buf_span(&prolog)),
                                               .csp = csp_of(r, r->styles[i], script)};
    }
    buf_done(&prolog);
    return code;
}

static void copy_site(struct render *r, const struct render_site *site) {
    struct arena *a = r->arena;
    struct span *sections = ARENA_ARRAY(a, struct span, site->section_count + 1);
    r->site = (struct render_site){.name = arena_copy(a, site->name),
                                   .url = arena_copy(a, site->url),
                                   .language = arena_copy(a, site->language),
                                   .zone = arena_copy(a, site->zone),
                                   .prefix = arena_copy(a, site->prefix),
                                   .address = arena_copy(a, site->address),
                                   .theme = site->theme ? site->theme : &built_in};
    for (size_t i = 0; sections && i < site->section_count; i++)
        sections[i] = arena_copy(a, site->sections[i]);
    if (!sections) return;
    r->site.sections = sections;
    r->site.section_count = site->section_count;
}

static void add_site(struct render *r, const struct render_site *site, struct span script) {
    struct arena *a = r->arena;
    struct value *fields = value_add_map(a, r->frame, SPAN("site"));
    value_add_text(a, fields, SPAN("name"), r->site.name);
    value_add_text(a, fields, SPAN("url"), r->site.url);
    value_add_text(a, fields, SPAN("lang"), r->site.language);
    value_add_text(a, fields, SPAN("dir"), r->rtl ? SPAN("rtl") : SPAN("ltr"));
    value_add_bool(a, fields, SPAN("rtl"), r->rtl);
    value_add_text(a, fields, SPAN("zone"), r->site.zone);
    value_add_text(a, fields, SPAN("prefix"), r->site.prefix);
    value_add_text(a, fields, SPAN("home"), r->site.prefix.n ? r->site.prefix : SPAN("/"));
    value_add_text(a, fields, SPAN("offset"), dates_offset(r->dates, a));
    value_add_text(a, fields, SPAN("zone_name"), dates_zone_name(r->dates, a));
    value_add_text(a, fields, SPAN("digits"), dates_digits(a, r->site.language));
    value_add_text(a, fields, SPAN("notice"), arena_copy(a, site->notice));
    value_add_text(a, fields, SPAN("address"), r->site.address);
    value_add_html(a, fields, SPAN("script"), script);
    struct value *links = value_add_list(a, fields, SPAN("links"));
    for (size_t i = 0; i < site->link_count; i++) {
        struct value *link = value_add_map(a, links, SPAN(""));
        value_add_text(a, link, SPAN("name"), arena_copy(a, site->links[i].name));
        value_add_text(a, link, SPAN("path"), arena_copy(a, site->links[i].path));
    }
    struct render_edition *editions =
        ARENA_ARRAY(a, struct render_edition, site->edition_count + 1);
    if (!editions) return;
    for (size_t i = 0; i < site->edition_count; i++)
        editions[i] = (struct render_edition){.name = arena_copy(a, site->editions[i].name),
                                              .language = arena_copy(a, site->editions[i].language),
                                              .url = arena_copy(a, site->editions[i].url)};
    r->site.editions = editions;
    r->site.edition_count = site->edition_count;
}

static rc fill(struct render *r, const struct render_site *site) {
    copy_site(r, site);
    TRY(theme_arena_ok(r->arena, "the theme"));
    TRY(dates_new(r->site.language, r->site.zone, &r->dates));
    TRY(add_files(r));
    struct span script = span_trim(file_named(r, "script.js"));
    r->rtl = dates_is_rtl(r->site.language);
    r->frame = value_map(r->arena);
    add_site(r, site, script);
    TRY(add_assets(r));
    TRY(check_texts(r));
    TRY(add_styles(r));
    TRY(add_phrases(r));
    add_hues(r);
    TRY(add_templates(r));
    TRY(add_prologs(r, script));
    return theme_arena_ok(r->arena, "the theme");
}

rc render_new(const struct render_site *site, struct render **out_render) {
    struct render *r = mem_new(sizeof *r);
    r->arena = arena_new(THEME_ARENA_BYTES);
    r->mode = MUSTACHE_STRICT;
    rc code = tell_where(r, fill(r, site));
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

struct render_day render_day_of(struct render *r, ms_t at) {
    return dates_day_of(r->dates, at);
}

ms_t render_moment(struct render *r, struct render_day day, unsigned seconds) {
    return dates_moment(r->dates, day, seconds);
}

rc theme_arena_ok(const struct arena *a, const char *what) {
    if (!arena_over(a)) return RC_OK;
    return rc_fail(RC_TOO_BIG, "%s needs more memory than one page may take (%zu bytes so far)",
                   what, arena_bytes(a));
}

rc theme_prolog(struct render *r, struct arena *a, enum theme_style style, struct buf *out) {
    return tell_where(r, fill_prolog(r, a, style, out));
}

rc theme_page(struct render *r, struct arena *a, enum theme_style style, struct span template,
              const struct value *page, struct buf *out) {
    TRY(theme_arena_ok(a, "the page"));
    buf_add(out, r->prologs[style].bytes);
    return tell_where(r, fill_template(r, template, page, out));
}

const struct render_prolog *render_prologs(const struct render *r, size_t *out_count) {
    _Static_assert(STYLE_COUNT <= RENDER_PROLOGS_MAX, "one a style");
    *out_count = STYLE_COUNT;
    return r->prologs;
}

struct span theme_url(const struct render *r, struct arena *a, struct span path) {
    char *p = arena_take(a, r->site.url.n + path.n + 1);
    if (!p) return (struct span){0};
    if (r->site.url.n) memcpy(p, r->site.url.p, r->site.url.n);
    if (path.n) memcpy(p + r->site.url.n, path.p, path.n);
    return span_of(p, r->site.url.n + path.n);
}
