#include "main/theme.h"

#include "sys/log.h"
#include "sys/memfd.h"

#define SOURCES_BYTES_MAX (64u << 10)          /* RENDER_THEME_FILES_MAX lines of names */
#define NAMES_MAX (4 * RENDER_THEME_FILES_MAX) /* in a folder, with those that are skipped */

/* ---- reading ---------------------------------------------------------------------------------- */

struct reading {
    struct file dir;
    struct arena *a;
    struct render_file *files;
    size_t count, bytes;
    struct buf scratch;
};

/* What editors and file managers leave, and what is for people. */
static bool is_skipped(struct span name) {
    return span_starts(name, SPAN(".")) || span_ends(name, SPAN("~")) ||
           span_ends(name, SPAN(".md")) || span_ends(name, SPAN(".txt"));
}

static rc read_file(struct reading *r, const char *name) {
    struct file f;
    if (r->count == RENDER_THEME_FILES_MAX)
        return rc_fail(RC_TOO_BIG, "%s: more than %d files", r->dir.name, RENDER_THEME_FILES_MAX);
    /* no links: what they lead to would be shown to the world */
    TRY(file_open(&r->dir, name, FILE_READ | FILE_NO_LINK, &f));
    buf_clear(&r->scratch);
    rc code = file_read_rest(&f, &r->scratch);
    file_close(&f);
    TRY(code);
    r->bytes += r->scratch.n;
    if (r->bytes > THEME_FILES_BYTES_MAX)
        return rc_fail(RC_TOO_BIG, "%s: over %u bytes together", r->dir.name,
                       THEME_FILES_BYTES_MAX);
    struct render_file *file = &r->files[r->count++];
    file->name = arena_copy(r->a, span_str(name));
    file->bytes = arena_copy(r->a, buf_span(&r->scratch));
    return arena_over(r->a) ? rc_fail(RC_TOO_BIG, "%s: too large", r->dir.name) : RC_OK;
}

static rc read_folder(struct reading *r, const char *path, bool top) {
    struct span *names;
    size_t count;
    TRY(file_list(&r->dir, path, NAMES_MAX, r->a, &names, &count));
    for (size_t i = 0; i < count; i++) {
        struct file_stat stat;
        if (is_skipped(names[i])) continue;
        const char *name =
            arena_printf(r->a, "%s%s" SPAN_FMT, path, top ? "" : "/", SPAN_ARG(names[i])).p;
        if (!name) return rc_fail(RC_TOO_BIG, "%s: too many files", r->dir.name);
        TRY(file_stat(&r->dir, name, &stat));
        bool known = span_eq(names[i], SPAN("fonts")) || span_eq(names[i], SPAN("phrases"));
        if (stat.kind != FILE_KIND_FOLDER)
            TRY(read_file(r, name));
        else if (top && known)
            TRY(read_folder(r, name, false));
        else
            return rc_fail(RC_INVALID, "%s/%s:1: a theme has no such folder", r->dir.name, name);
    }
    return RC_OK;
}

rc theme_read(const struct site *site, struct span name, struct arena *a,
              struct render_theme *out_theme) {
    struct span path = arena_printf(a, THEME_FOLDER "/" SPAN_FMT, SPAN_ARG(name));
    struct reading r = {.a = a,
                        .files = ARENA_ARRAY(a, struct render_file, RENDER_THEME_FILES_MAX)};
    if (!path.p || !r.files) return rc_fail(RC_TOO_BIG, "the theme is too large");
    rc code = file_open(&site->dir, path.p, FILE_FOLDER, &r.dir);
    if (code == RC_NOT_FOUND)
        return rc_fail(code, "%s/%s: there is no such folder; dateline theme export makes one",
                       site->path, path.p);
    TRY(code);
    buf_init(&r.scratch, RENDER_THEME_FILE_BYTES_MAX);
    code = read_folder(&r, "", true);
    buf_done(&r.scratch);
    file_close(&r.dir);
    TRY(code);
    *out_theme = (struct render_theme){
        .where = arena_printf(a, "%s/%s", site->path, path.p), .files = r.files, .count = r.count};
    return RC_OK;
}

rc theme_check(const struct config *config, const struct render_theme *theme,
               struct render_theme_counts *out_counts) {
    struct render_theme_counts all = {0};
    for (size_t i = 0; i < config->edition_count; i++) {
        const struct config_edition *e = &config->editions[i];
        struct render_theme_counts counts;
        const struct render_site site = {.name = e->name,
                                         .url = config->url,
                                         .language = e->language,
                                         .zone = e->zone,
                                         .sections = e->sections,
                                         .section_count = e->section_count,
                                         .address = e->address,
                                         .notice = e->notice,
                                         .theme = theme};
        TRY(render_theme_check(&site, &counts));
        all.templates = counts.templates;
        if (counts.phrases > all.phrases) all.phrases = counts.phrases;
    }
    *out_counts = all;
    return RC_OK;
}

/* ---- handing over: each text behind its length and a line feed --------------------------------- */

static void put_text(struct buf *b, struct span text) {
    buf_printf(b, "%zu\n", text.n);
    buf_add(b, text);
}

static bool take_text(struct span *rest, struct span *out_text) {
    uint64_t n;
    struct span line = span_cut(rest, '\n');
    if (!rest->p || !span_to_u64(line, rest->n, &n)) return false;
    *out_text = span_sub(*rest, 0, (size_t)n);
    *rest = span_from(*rest, (size_t)n);
    return true;
}

static rc pack(const struct render_theme *theme, int *out_fd) {
    struct buf b;
    int fd = -1;
    buf_init(&b, 2 * THEME_FILES_BYTES_MAX);
    put_text(&b, theme->where);
    for (size_t i = 0; i < theme->count; i++) {
        put_text(&b, theme->files[i].name);
        put_text(&b, theme->files[i].bytes);
    }
    CHECK(!b.over);
    rc code = memfd_new("dateline theme", b.n, &fd);
    if (code == RC_OK) {
        struct file f = file_of_fd(fd, "the theme in memory");
        code = file_write_at(&f, 0, buf_span(&b));
    }
    buf_done(&b);
    if (code == RC_OK)
        *out_fd = fd;
    else
        memfd_close(fd);
    return code;
}

rc theme_share(const struct site *site, int *out_fd) {
    struct span name = site->config.theme;
    if (name.n == 0) {
        *out_fd = -1;
        return RC_OK;
    }
    struct render_theme theme;
    struct render_theme_counts counts;
    struct arena *a = arena_new(THEME_READ_BYTES);
    rc code = theme_read(site, name, a, &theme);
    if (code == RC_OK) code = theme_check(&site->config, &theme, &counts);
    if (code == RC_OK) code = pack(&theme, out_fd);
    arena_free(a);
    return code;
}

int theme_share_or_none(const struct site *site) {
    int fd;
    if (theme_share(site, &fd) == RC_OK) return fd;
    log_event(LOG_ERROR, "theme refused; the built-in one is used", LOG_WHY());
    return -1;
}

rc theme_receive(int fd, struct arena *a, struct render_theme *out_theme) {
    struct file f = file_of_fd(fd, "the theme in memory");
    struct file_stat stat;
    struct span rest;
    struct render_file *files = ARENA_ARRAY(a, struct render_file, RENDER_THEME_FILES_MAX);
    struct render_theme theme = {.files = files};
    CHECK(files != NULL);
    TRY(file_stat_open(&f, &stat));
    TRY(file_map(&f, stat.bytes, &rest));
    bool good = take_text(&rest, &theme.where);
    /* the last page is filled up with zeros */
    while (good && rest.n && rest.p[0] && theme.count < RENDER_THEME_FILES_MAX) {
        struct render_file *file = &files[theme.count++];
        good = take_text(&rest, &file->name) && take_text(&rest, &file->bytes);
    }
    if (!good) return rc_fail(RC_CORRUPT, "the theme in memory is damaged");
    *out_theme = theme;
    return RC_OK;
}

static void source_add(struct buf *b, struct span folder, struct span name, struct span bytes) {
    struct sha256 hash = sha256_of(bytes);
    buf_hex(b, hash.bytes, sizeof hash.bytes);
    if (folder.n)
        buf_printf(b, " " THEME_FOLDER "/" SPAN_FMT "/" SPAN_FMT "\n", SPAN_ARG(folder),
                   SPAN_ARG(name));
    else
        buf_printf(b, " " SPAN_FMT "\n", SPAN_ARG(name));
}

rc theme_sources(const struct site *site, const struct render_theme *theme, struct arena *a,
                 struct span *out_sources) {
    struct buf config, b;
    buf_init(&config, CONFIG_BYTES_MAX);
    buf_init(&b, SOURCES_BYTES_MAX);
    rc code = file_read_all(&site->dir, CONFIG_FILE, &config);
    if (code == RC_OK) source_add(&b, SPAN(""), SPAN(CONFIG_FILE), buf_span(&config));
    for (size_t i = 0; theme && code == RC_OK && i < theme->count; i++)
        source_add(&b, site->config.theme, theme->files[i].name, theme->files[i].bytes);
    if (code == RC_OK) *out_sources = arena_copy(a, buf_span(&b));
    buf_done(&config);
    buf_done(&b);
    return code;
}
