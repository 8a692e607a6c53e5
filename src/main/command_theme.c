/* Themes: the folders SITE/themes/NAME. */
#include <stdio.h>

#include "main/commands.h"
#include "main/theme.h"

#define NAME_OF_AN_EXPORT SPAN("own")

static const char readme[] =
    "# A theme of Dateline\n"
    "\n"
    "All of the built-in theme, to change. Delete what you do not change: each file that is not "
    "here\n"
    "is the built-in one, and gets better with it; of phrases/ each line.\n"
    "\n"
    "    dateline theme check SITE NAME    is it good?\n"
    "    theme = NAME                      in SITE/dateline.conf\n"
    "    kill -HUP                         to `dateline serve`: it is read, and every page made "
    "anew\n"
    "\n"
    "*.mustache are the pages, *.css their styles (each page carries those it needs), script.js "
    "the one\n"
    "script, phrases/LANGUAGE what pages say, fonts/ the faces, icon.svg the icon. docs/themes.md "
    "of\n"
    "Dateline lists every field, and says what is refused. The fonts' licence is fonts/OFL.txt.\n";

/* The second operand, or what there is instead. */
static rc name_of(const struct args *args, struct span otherwise, struct span *out_name) {
    struct span name = args->operands_count > 1 ? span_str(args->operands[1]) : otherwise;
    if (name.n && !config_theme_good(name))
        return rc_fail(RC_INVALID, "\"%s\" cannot be a theme's name: letters, digits, -, _ and .",
                       args->operands[1]);
    *out_name = name;
    return RC_OK;
}

static rc make_folder(const struct file *dir, const char *path, bool may_be_there) {
    rc code = file_make_folder(dir, path, FILE_PUBLIC);
    return code == RC_CONFLICT && may_be_there ? RC_OK : code;
}

static rc write_theme(const struct file *dir) {
    const struct render_file *files;
    size_t count;
    render_theme_built_in(&files, &count);
    TRY(make_folder(dir, "fonts", false));
    TRY(make_folder(dir, "phrases", false));
    for (size_t i = 0; i < count; i++) {
        char name[FILE_NAME_BYTES];
        snprintf(name, sizeof name, SPAN_FMT, SPAN_ARG(files[i].name));
        TRY(file_replace(dir, name, files[i].bytes, FILE_PUBLIC));
    }
    return file_replace(dir, "README.md", span_str(readme), FILE_PUBLIC);
}

rc command_theme_export(const struct args *args) {
    struct site site;
    struct span name = {NULL, 0};
    char path[FILE_NAME_BYTES];
    TRY(name_of(args, NAME_OF_AN_EXPORT, &name));
    TRY(site_open(args->operands[0], &site));
    snprintf(path, sizeof path, THEME_FOLDER "/" SPAN_FMT, SPAN_ARG(name));
    rc code = make_folder(&site.dir, THEME_FOLDER, true);
    if (code == RC_OK) code = make_folder(&site.dir, path, false);
    if (code == RC_CONFLICT)
        code = rc_fail(code, "%s/%s is there already; give another name", site.path, path);
    struct file dir = FILE_CLOSED;
    if (code == RC_OK) code = file_open(&site.dir, path, FILE_FOLDER, &dir);
    if (code == RC_OK) code = write_theme(&dir);
    file_close(&dir);
    if (code == RC_OK)
        printf("%s/%s is the built-in theme, to change. Then:\n"
               "dateline theme check %s " SPAN_FMT "\n",
               site.path, path, site.path, SPAN_ARG(name));
    site_close(&site);
    return code;
}

rc command_theme_check(const struct args *args) {
    struct site site;
    struct span name = {NULL, 0};
    struct render_theme theme;
    struct render_theme_counts counts;
    TRY(site_open(args->operands[0], &site));
    struct arena *a = arena_new(THEME_READ_BYTES);
    rc code = name_of(args, site.config.theme, &name);
    if (code == RC_OK && name.n) code = theme_read(&site, name, a, &theme);
    if (code == RC_OK) code = theme_check(&site.config, name.n ? &theme : NULL, &counts);
    if (code == RC_OK)
        printf("%s" SPAN_FMT ": %zu templates, %zu phrases: good\n",
               name.n ? "theme " : "the built-in theme", SPAN_ARG(name), counts.templates,
               counts.phrases);
    arena_free(a);
    site_close(&site);
    return code;
}
