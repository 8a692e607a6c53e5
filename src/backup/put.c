#include "backup/inner.h"

#include "sys/fault.h"

/* The folders that a path goes through, as far as they are not there. */
static rc make_folders(const struct file *root, const char *path) {
    char folder[PATH_BYTES_MAX];
    for (size_t i = 0; path[i]; i++) {
        folder[i] = path[i];
        if (path[i + 1] != '/') continue;
        folder[i + 1] = 0;
        rc code = file_make_folder(root, folder, 0);
        if (code != RC_OK && code != RC_CONFLICT) return code;
    }
    return RC_OK;
}

rc put_end(struct put *p) {
    if (!p->open) return RC_OK;
    struct file_stat stat;
    rc code = file_stat_open(&p->file, &stat);
    if (code == RC_OK && stat.bytes != p->at) code = file_truncate(&p->file, p->at);
    file_close(&p->file);
    p->open = false;
    p->files++;
    fault_point("restore.after-file");
    return code;
}

/* Its mode: what readers see anyway may be seen. */
static rc begin(struct put *p) {
    const unsigned how =
        strcmp(p->from, SITE_CONFIG) == 0 || span_starts(span_str(p->from), SPAN("themes/"))
            ? FILE_PUBLIC
            : 0;
    TRY(make_folders(p->root, p->to));
    TRY(file_open(p->root, p->to, FILE_WRITE | FILE_CREATE | FILE_NO_LINK | how, &p->file));
    p->open = true;
    p->at = 0;
    return RC_OK;
}

/* In pieces of a block: is this what stands there already? */
static rc is_same(struct put *p, struct span bytes, bool *out_same) {
    char block[65536];
    *out_same = true;
    for (size_t at = 0; at < bytes.n && *out_same; at += sizeof block) {
        struct span part = span_sub(bytes, at, sizeof block);
        size_t n;
        TRY(file_read_at(&p->file, p->at + at, block, part.n, &n));
        *out_same = span_eq(part, span_of(block, n));
    }
    return RC_OK;
}

rc put_line(void *arg, const struct line *line) {
    struct put *p = arg;
    if (!span_eq(line->path, span_str(p->from))) {
        TRY(put_end(p));
        memcpy(p->from, line->path.p, line->path.n);
        p->from[line->path.n] = 0;
        memcpy(p->to, p->from, sizeof p->to);
        if (!p->wanted || p->wanted(p->arg, p->to)) TRY(begin(p));
    }
    if (!p->open) return RC_OK;
    struct span bytes;
    bool same;
    TRY(piece_get(p->d, &line->piece, &bytes));
    TRY(is_same(p, bytes, &same));
    if (!same) TRY(file_write_at(&p->file, p->at, bytes));
    p->at += bytes.n;
    p->bytes += bytes.n;
    return RC_OK;
}

rc put_all(struct put *p, const struct manifest *m) {
    rc code = RC_OK;
    for (size_t i = 0; i < m->lists_count && code == RC_OK; i++)
        code = list_each(p->d, &m->lists[i], put_line, p);
    if (code == RC_OK) code = put_end(p);
    /* Also what was the same: another process may have written it and not come to its sync. */
    if (code == RC_OK) code = file_sync_all(p->root);
    if (p->open) file_close(&p->file);
    p->open = false;
    return code;
}
