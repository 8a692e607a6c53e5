#include "media/vips.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include "media/limits.h"

#define LIBRARY "libvips.so.42"
#define ERROR_BYTES_MAX 200 /* of what a library says: it may hold pieces of the file */

struct vips_table lib;

static void log_nothing(const gchar *domain, GLogLevelFlags level, const gchar *message,
                        gpointer data) {
    (void)domain, (void)level, (void)message, (void)data;
}
static GLogWriterOutput write_nothing(GLogLevelFlags level, const GLogField *fields, gsize n,
                                      gpointer data) {
    (void)level, (void)fields, (void)n, (void)data;
    return G_LOG_WRITER_HANDLED;
}

/* AVIF is a module of its own in Debian's libvips. The others, which vips_init() would load with it
 * (ImageMagick, PDF, microscopes), stay where they are. */
static rc open_heif(void) {
    Dl_info where;
    char path[4096];
    if (lib.vips_type_find("VipsForeignLoad", "heifload_buffer")) return RC_OK; /* built in */
    if (!dladdr((void *)(uintptr_t)lib.vips_init, &where))
        return rc_fail(RC_IO, LIBRARY ": it does not say where it lies");
    const char *slash = strrchr(where.dli_fname, '/');
    int folder = slash ? (int)(slash - where.dli_fname) : 0;
    int n = snprintf(path, sizeof path, "%.*s/vips-modules-%d.%d/vips-heif.so", folder,
                     where.dli_fname, VIPS_MAJOR_VERSION, VIPS_MINOR_VERSION);
    if (n < 0 || (size_t)n >= sizeof path) return rc_fail(RC_IO, LIBRARY ": its path is too long");
    if (!lib.g_module_open(path, G_MODULE_BIND_LOCAL))
        return rc_fail(RC_IO, "%s: %s; pictures in AVIF need it", path, lib.g_module_error());
    if (!lib.vips_type_find("VipsForeignLoad", "heifload_buffer"))
        return rc_fail(RC_IO, "%s: no reader of AVIF in it", path);
    return RC_OK;
}

rc vips_open(unsigned threads) {
    static const char *const loaders[] = {"VipsForeignLoadJpegBuffer", "VipsForeignLoadPngBuffer",
                                          "VipsForeignLoadWebpBuffer", "VipsForeignLoadHeifBuffer"};
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (!library) return rc_fail(RC_IO, "%s; pictures need libvips (Debian: libvips42)", dlerror());
#define X(name)                                  \
    *(void **)&lib.name = dlsym(library, #name); \
    if (!lib.name) return rc_fail(RC_IO, LIBRARY " lacks %s: it is another version", #name);
    VIPS_TABLE(X)
#undef X
    (lib.g_log_set_default_handler)(log_nothing, NULL);
    (lib.g_log_set_writer_func)(write_nothing, NULL, NULL);
    /* vips_init() loads every module that it finds: let it look where there is none. And what is large
     * stays in memory, where there is a limit to it: there are no files in the sandbox. */
    if (setenv("VIPSHOME", "/nonexistent", 1) != 0 ||
        setenv("VIPS_DISC_THRESHOLD", "1000g", 1) != 0 || lib.vips_init("dateline") != 0)
        return rc_fail(RC_IO, LIBRARY ": it does not begin: %.*s", ERROR_BYTES_MAX,
                       lib.vips_error_buffer());
    TRY(open_heif());
    lib.vips_vector_set_enabled(
        FALSE); /* code made at run time: the sandbox has no memory for it */
    lib.vips_cache_set_max(0);
    lib.vips_concurrency_set((int)threads);
    lib.vips_block_untrusted_set(TRUE);
    lib.vips_operation_block_set("VipsForeignLoad", TRUE);
    for (size_t i = 0; i < COUNT_OF(loaders); i++) lib.vips_operation_block_set(loaders[i], FALSE);
    return RC_OK;
}

/* What the library has noted holds one of these words. */
static bool says(const char *text, const char *const *words, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (strcasestr(text, words[i])) return true;
    return false;
}

rc vips_failed(const char *what) {
    static const char *const memory[] = {"memory", "alloc"};
    static const char *const cut[] = {"premature end", "truncated",   "eof",
                                      "end of stream", "end of file", "not enough data",
                                      "end-of-file",   "read error"};
    const char *text = lib.vips_error_buffer();
    if (says(text, memory, COUNT_OF(memory)))
        return rc_fail(RC_TOO_BIG, "it needs more memory than its process may use (%s)", what);
    if (says(text, cut, COUNT_OF(cut)))
        return rc_fail(RC_INVALID, "the file ends before the picture does");
    /* The first line, as far as it is plain text: some libraries cite the file. */
    int n = 0;
    while (n < ERROR_BYTES_MAX && text[n] >= ' ' && text[n] <= '~') n++;
    return rc_fail(RC_INVALID, "it is damaged (%s%s%.*s)", what, n ? ": " : "", n, text);
}
