/*
 * Going back. A whole site is put into an empty folder; it is none until its configuration has its name, which
 * is the last step (backup.h). Its database alone, under a log that went on, is put together beside the one in
 * force, in SITE/restoring, and the two change places in one step:
 *
 *   restoring/store/restored   the mark, made first: what is in this folder is not in force yet. After the step
 *                              it lies in store/, and restoring/store is what was in force before.
 *   before-restore-TIME/       then gets restoring/store, and a copy of each other file before it is replaced
 *
 * What a crash leaves, at each step:
 *   while putting together     the old database in force; restoring/ is written over by the next one
 *   before, after the step     the old one; the new one. The mark tells which, and the next one ends it
 *   behind it                  the new one, and configuration or themes of either day: the next one ends that
 */
#include <stdio.h>

#include "backup/inner.h"
#include "base/mem.h"
#include "sys/clock.h"
#include "sys/fault.h"

#define WORK "restoring"
#define MARK "restored"
#define JOURNAL_BLOCK 65536

/* ---- which one --------------------------------------------------------------------------------------- */

/* "2026-12-01T04:19" says the same of a time as of a name, in which ':' is '-'. */
static bool not_after(struct span name, const char *at) {
    size_t i = 0;
    for (; at[i] && i < name.n; i++) {
        char c = at[i] == ':' ? '-' : at[i];
        if (name.p[i] != c) return name.p[i] < c;
    }
    return at[i] == 0;
}

rc backup_choose(struct backup_dest *d, const char *at, char out_name[BACKUP_NAME_BYTES]) {
    struct span *names;
    size_t count = 0;
    if (at && (strlen(at) < 4 || strspn(at, "0123456789-:T.Z") != strlen(at)))
        return rc_fail(RC_USAGE, "--at: a time as backups are named is needed, or its beginning: "
                                 "2026-12-01 or 2026-12-01T04:19");
    struct arena *a = arena_new(1u << 20);
    rc code = manifest_names(d, a, &names, &count);
    while (code == RC_OK && count > 0 && at && !not_after(names[count - 1], at)) count--;
    if (code == RC_OK && count == 0)
        code = at ? rc_fail(RC_NOT_FOUND, "%s: no backup was made by %s", d->dir.name, at)
                  : rc_fail(RC_NOT_FOUND, "%s: no backup is in it yet", d->dir.name);
    if (code == RC_OK) {
        memset(out_name, 0, BACKUP_NAME_BYTES);
        memcpy(out_name, names[count - 1].p, names[count - 1].n);
    }
    arena_free(a);
    return code;
}

/* ---- a whole site ------------------------------------------------------------------------------------- */

static void mark_name(const char *name, char out[64]) {
    snprintf(out, 64, BACKUP_MARK "%s", name);
}

rc backup_may_restore(const struct file *site, const char *name) {
    struct arena *a = arena_new(1u << 16);
    struct span *names;
    size_t count = 0;
    char mark[64];
    bool begun = false;
    mark_name(name, mark);
    rc code = file_list(site, "", 256, a, &names, &count);
    for (size_t i = 0; i < count && code == RC_OK; i++) {
        if (span_eq(names[i], span_str(mark))) begun = true;
        if (!span_starts(names[i], SPAN(BACKUP_MARK)) || span_eq(names[i], span_str(mark)) ||
            span_ends(names[i], SPAN(".tmp")))
            continue;
        code = rc_fail(RC_CONFLICT,
                       "%s: a restore of another backup was interrupted here (" SPAN_FMT
                       "): end it with --at, or remove the folder",
                       site->name, SPAN_ARG(span_from(names[i], strlen(BACKUP_MARK))));
    }
    /* its very first file was being written */
    if (count == 1 && span_starts(names[0], SPAN(BACKUP_MARK))) begun = true;
    arena_free(a);
    if (code == RC_TOO_BIG || (code == RC_OK && count > 0 && !begun))
        return rc_fail(
            RC_CONFLICT,
            "%s: is not empty; a site is restored into a folder of its own (or, under its "
            "running log, with --store-only)",
            site->name);
    return code;
}

struct whole {
    struct backup_dest *d;
    struct buf config;
};

static rc take_config(void *arg, const struct line *line) {
    struct whole *w = arg;
    struct span bytes;
    if (!span_eq(line->path, SPAN(SITE_CONFIG))) return RC_OK;
    TRY(piece_get(w->d, &line->piece, &bytes));
    buf_add(&w->config, bytes);
    return RC_OK;
}

/* All but the configuration, which is there already under its other name. */
static bool all_but_config(void *arg, char path[PATH_BYTES_MAX]) {
    (void)arg;
    return strcmp(path, SITE_CONFIG) != 0;
}

static rc restore(struct whole *w, const struct manifest *m, const struct file *site,
                  rc (*before)(void *arg), void *arg, struct put *put) {
    char mark[64];
    for (size_t i = 0; i < m->lists_count; i++)
        if (strcmp(m->lists[i].name, "site") == 0)
            TRY(list_each(w->d, &m->lists[i], take_config, w));
    if (w->config.n == 0 || w->config.over)
        return rc_fail(RC_CORRUPT, "backup %s: has no " SITE_CONFIG, m->name);
    mark_name(m->name, mark);
    TRY(file_replace(site, mark, buf_span(&w->config), FILE_PUBLIC));
    TRY(put_all(put, m));
    if (before) TRY(before(arg));
    fault_point("restore.before-config");
    TRY(file_rename(site, mark, SITE_CONFIG));
    fault_point("restore.after-config");
    return file_sync_folder_of(site, SITE_CONFIG);
}

rc backup_restore(struct backup_dest *d, const char *name, const struct file *site,
                  rc (*before)(void *arg), void *arg, struct backup_restored *out) {
    struct manifest m;
    struct whole w = {.d = d};
    struct put put = {.d = d, .root = site, .wanted = all_but_config};
    TRY(manifest_read(d, name, &m));
    buf_init(&w.config, PIECE_BYTES_MAX);
    rc code = backup_may_restore(site, name);
    if (code == RC_OK) code = restore(&w, &m, site, before, arg, &put);
    if (code == RC_OK) {
        *out = (struct backup_restored){
            .entries = m.entries, .files = put.files + 1, .bytes = put.bytes + w.config.n};
        memcpy(out->name, m.name, sizeof out->name);
    }
    buf_done(&w.config);
    manifest_done(&m);
    return code;
}

/* ---- under the running log ------------------------------------------------------------------------- */

struct store_only {
    struct backup_dest *d;
    const struct manifest *m;
    const struct file *site;
    char aside[64];
    bool aside_made;
    /* of the journals */
    struct file journal;
    uint64_t journal_bytes, at;
    char last
        [PATH_BYTES_MAX]; /* path of the line before: a file's pieces are one line after another */
};

/* As far as both go, the journals must be the same: else they are of two logs. */
static rc compare_journal(void *arg, const struct line *line) {
    struct store_only *s = arg;
    struct span bytes;
    if (!span_eq(line->path, SPAN(SITE_JOURNAL))) return RC_OK;
    TRY(piece_get(s->d, &line->piece, &bytes));
    uint64_t both = s->at < s->journal_bytes ? s->journal_bytes - s->at : 0;
    if (both > bytes.n) both = bytes.n;
    char *block = mem_new(JOURNAL_BLOCK);
    rc code = RC_OK;
    for (uint64_t i = 0; i < both && code == RC_OK; i += JOURNAL_BLOCK) {
        size_t want = both - i < JOURNAL_BLOCK ? (size_t)(both - i) : JOURNAL_BLOCK, n = 0;
        code = file_read_at(&s->journal, s->at + i, block, want, &n);
        if (code == RC_OK && !span_eq(span_of(block, n), span_sub(bytes, (size_t)i, want)))
            code = rc_fail(RC_CONFLICT,
                           "record/journal of this site is another one than the backup's, or "
                           "damaged: they differ before either ends");
    }
    mem_free(block);
    s->at += bytes.n;
    return code;
}

static rc compare_journals(struct store_only *s) {
    struct file_stat stat;
    rc code = file_open(s->site, SITE_JOURNAL, FILE_READ | FILE_NO_LINK, &s->journal);
    if (code == RC_NOT_FOUND) return RC_OK; /* it is lost: the database writes it anew */
    TRY(code);
    code = file_stat_open(&s->journal, &stat);
    if (code == RC_OK) s->journal_bytes = stat.bytes;
    for (size_t i = 0; i < s->m->lists_count && code == RC_OK; i++)
        if (strcmp(s->m->lists[i].name, "record") == 0)
            code = list_each(s->d, &s->m->lists[i], compare_journal, s);
    file_close(&s->journal);
    return code;
}

/* Pictures go to where they belong: their names say what they are. */
static bool beside(void *arg, char path[PATH_BYTES_MAX]) {
    char to[PATH_BYTES_MAX + 16];
    (void)arg;
    if (span_starts(span_str(path), SPAN("media/"))) return true;
    if (span_starts(span_str(path), SPAN("record/"))) return false;
    int n = snprintf(to, sizeof to, WORK "/%s", path);
    if (n < 0 || (size_t)n >= PATH_BYTES_MAX) return false;
    memcpy(path, to, (size_t)n + 1);
    return true;
}

static bool is_there(const struct file *site, const char *path) {
    struct file_stat stat;
    return file_stat(site, path, &stat) == RC_OK;
}

static rc make_folder(const struct file *site, const char *path) {
    rc code = file_make_folder(site, path, 0);
    if (code == RC_OK) code = file_sync_folder_of(site, path);
    return code == RC_CONFLICT ? RC_OK : code;
}

static rc make_aside(struct store_only *s) {
    if (s->aside_made) return RC_OK;
    char name[BACKUP_NAME_BYTES];
    manifest_name(clock_wall_ms(), name);
    snprintf(s->aside, sizeof s->aside, "before-restore-%s", name);
    TRY(file_make_folder(s->site, s->aside, 0));
    s->aside_made = true;
    return file_sync_folder_of(s->site, s->aside);
}

/* What was in force before the step. */
static rc put_store_aside(struct store_only *s) {
    char path[96];
    TRY(make_aside(s));
    snprintf(path, sizeof path, "%s/store", s->aside);
    TRY(file_rename(s->site, WORK "/store", path));
    fault_point("restore.after-aside");
    TRY(file_sync_folder_of(s->site, path));
    return file_sync_folder_of(s->site, WORK "/store");
}

/* An earlier one came as far as the step, or behind it. */
static rc end_earlier(struct store_only *s) {
    if (is_there(s->site, "store/" MARK) && is_there(s->site, WORK "/store") &&
        !is_there(s->site, WORK "/store/" MARK))
        TRY(put_store_aside(s));
    rc code = file_remove(s->site, "store/" MARK);
    return code == RC_NOT_FOUND ? RC_OK : code;
}

static rc change_places(struct store_only *s) {
    fault_point("restore.before-exchange");
    if (!is_there(s->site, "store"))
        TRY(file_rename(s->site, WORK "/store", "store"));
    else
        TRY(file_exchange(s->site, WORK "/store", "store"));
    fault_point("restore.after-exchange");
    TRY(file_sync_folder_of(s->site, "store"));
    TRY(file_sync_folder_of(s->site, WORK "/store"));
    return is_there(s->site, WORK "/store") ? put_store_aside(s) : RC_OK;
}

/* ---- configuration and themes -------------------------------------------------------------------------- */

static rc read_whole(const struct file *site, const char *path, struct buf *b) {
    buf_clear(b);
    return file_read_all(site, path, b);
}

static rc make_folders_for(const struct file *site, const char *path) {
    char folder[PATH_BYTES_MAX + 64];
    for (size_t i = 0; path[i] && i < sizeof folder - 1; i++) {
        if (path[i] == '/') {
            folder[i] = 0;
            TRY(make_folder(site, folder));
        }
        folder[i] = path[i];
    }
    return RC_OK;
}

/* The file that lies in WORK takes its place; the one there is copied aside first, if it is another. */
static rc replace_file(struct store_only *s, const char *path) {
    char from[PATH_BYTES_MAX + 16], aside[PATH_BYTES_MAX + 96];
    struct buf now, then;
    snprintf(from, sizeof from, WORK "/%s", path);
    buf_init(&now, 4 * PIECE_BYTES_MAX);
    buf_init(&then, 4 * PIECE_BYTES_MAX);
    rc code = read_whole(s->site, from, &then);
    if (code == RC_OK) code = read_whole(s->site, path, &now);
    bool is_new = code == RC_NOT_FOUND;
    if (is_new) code = make_folders_for(s->site, path);
    bool differs = is_new || !span_eq(buf_span(&now), buf_span(&then));
    if (code == RC_OK && differs && !is_new) {
        code = make_aside(s);
        snprintf(aside, sizeof aside, "%s/%s", s->aside, path);
        if (code == RC_OK) code = make_folders_for(s->site, aside);
        if (code == RC_OK) code = file_replace(s->site, aside, buf_span(&now), 0);
    }
    if (code == RC_OK && differs) code = file_rename(s->site, from, path);
    if (code == RC_OK && differs) code = file_sync_folder_of(s->site, path);
    if (code == RC_OK && !differs) code = file_remove(s->site, from);
    fault_point("restore.after-replace");
    buf_done(&now);
    buf_done(&then);
    return code;
}

static rc replace_line(void *arg, const struct line *line) {
    struct store_only *s = arg;
    if (span_eq(line->path, span_str(s->last))) return RC_OK;
    memcpy(s->last, line->path.p, line->path.n);
    s->last[line->path.n] = 0;
    return replace_file(s, s->last);
}

/* Its folders, the inner ones first; they are empty, or it is left to whoever looks. */
static void remove_work(struct store_only *s, const char *folder, unsigned depth) {
    struct arena *a = arena_new(1u << 20);
    struct span *names;
    size_t count = 0;
    if (depth < 16 && file_list(s->site, folder, 4096, a, &names, &count) == RC_OK) {
        for (size_t i = 0; i < count; i++) {
            char path[PATH_BYTES_MAX];
            int n = snprintf(path, sizeof path, "%s/" SPAN_FMT, folder, SPAN_ARG(names[i]));
            if (n > 0 && (size_t)n < sizeof path) remove_work(s, path, depth + 1);
        }
    }
    (void)!file_remove_folder(s->site, folder);
    arena_free(a);
}

static rc restore_store(struct store_only *s, struct put *put) {
    TRY(compare_journals(s));
    TRY(end_earlier(s));
    TRY(make_folder(s->site, WORK));
    TRY(make_folder(s->site, WORK "/store"));
    TRY(file_replace(s->site, WORK "/store/" MARK, span_str(s->m->name), 0));
    TRY(put_all(put, s->m));
    TRY(change_places(s));
    for (size_t i = 0; i < s->m->lists_count; i++)
        if (strcmp(s->m->lists[i].name, "site") == 0)
            TRY(list_each(s->d, &s->m->lists[i], replace_line, s));
    remove_work(s, WORK, 0);
    rc code = file_remove(s->site, "store/" MARK);
    return code == RC_NOT_FOUND ? RC_OK : code;
}

rc backup_restore_store(struct backup_dest *d, const char *name, const struct file *site,
                        struct backup_restored *out) {
    struct manifest m;
    TRY(manifest_read(d, name, &m));
    struct store_only s = {.d = d, .m = &m, .site = site, .journal = FILE_CLOSED};
    struct put put = {.d = d, .root = site, .wanted = beside};
    rc code = restore_store(&s, &put);
    if (code == RC_OK) {
        *out =
            (struct backup_restored){.entries = m.entries, .files = put.files, .bytes = put.bytes};
        memcpy(out->name, m.name, sizeof out->name);
        memcpy(out->aside, s.aside, sizeof out->aside);
    }
    manifest_done(&m);
    return code;
}
