#include "main/items.h"

#include <stdio.h>

#include "base/mem.h"
#include "sys/file.h"

/* Grows outside the arena, which could not give the old array back. */
struct paths {
    struct span *p;
    size_t n, cap;
};

static rc add_path(struct paths *paths, struct span path) {
    if (paths->n == ITEMS_MAX)
        return rc_fail(RC_TOO_BIG, "more than %d items in one command", ITEMS_MAX);
    if (paths->n == paths->cap) {
        paths->cap = paths->cap ? paths->cap * 2 : 64;
        paths->p = mem_resize(paths->p, paths->cap * sizeof *paths->p);
    }
    paths->p[paths->n++] = path;
    return RC_OK;
}

static bool has_lines(struct span name) {
    return span_ends(name, SPAN(".ndjson")) || span_ends(name, SPAN(".jsonl"));
}

static bool is_item_name(struct span name) {
    return span_ends(name, SPAN(".md")) || span_ends(name, SPAN(".markdown")) ||
           span_ends(name, SPAN(".json")) || has_lines(name);
}

static rc find_in_folder(struct span folder, unsigned depth, struct arena *a, struct paths *paths) {
    if (depth > ITEMS_DEPTH_MAX) {
        return rc_fail(RC_TOO_BIG, SPAN_FMT ": more than %d folders deep", SPAN_ARG(folder),
                       ITEMS_DEPTH_MAX);
    }
    struct span *names;
    size_t count;
    TRY(file_list(NULL, folder.p, ITEMS_FOLDER_MAX, a, &names, &count));
    for (size_t i = 0; i < count; i++) {
        if (names[i].p[0] == '.') continue;
        const char *slash = span_ends(folder, SPAN("/")) ? "" : "/";
        struct span path = arena_printf(a, "%s%s%s", folder.p, slash, names[i].p);
        if (!path.p)
            return rc_fail(RC_TOO_BIG, SPAN_FMT ": too many names in it", SPAN_ARG(folder));
        struct file_stat stat;
        TRY(file_stat(NULL, path.p, &stat));
        if (stat.kind == FILE_KIND_FOLDER)
            TRY(find_in_folder(path, depth + 1, a, paths));
        else if (is_item_name(names[i]))
            TRY(add_path(paths, path));
    }
    return RC_OK;
}

static rc find_operand(const char *operand, struct arena *a, struct paths *paths) {
    if (!strcmp(operand, "-")) return add_path(paths, SPAN("-"));
    struct span path = span_str(arena_strdup(a, span_str(operand)));
    if (!path.p) return rc_fail(RC_TOO_BIG, "too many items in one command");
    struct file folder;
    /* Opening as a folder follows a link, which the operator may well have given. */
    if (file_open(NULL, operand, FILE_FOLDER, &folder) == RC_OK) {
        file_close(&folder);
        size_t before = paths->n;
        TRY(find_in_folder(path, 1, a, paths));
        if (paths->n == before) {
            return rc_fail(
                RC_INVALID,
                "%s: no item in this folder (*.md, *.markdown, *.json, *.ndjson, *.jsonl)",
                operand);
        }
        return RC_OK;
    }
    struct file_stat stat;
    TRY(file_stat(NULL, operand, &stat));
    return add_path(paths, path);
}

rc items_find(const char *const *operands, size_t operands_count, struct arena *a,
              struct span **out_paths, size_t *out_count) {
    struct paths paths = {0};
    rc code = RC_OK;
    for (size_t i = 0; i < operands_count && code == RC_OK; i++)
        code = find_operand(operands[i], a, &paths);
    struct span *kept = NULL;
    if (code == RC_OK) {
        kept = ARENA_ARRAY(a, struct span, paths.n);
        if (kept)
            memcpy(kept, paths.p, paths.n * sizeof *kept);
        else
            code = rc_fail(RC_TOO_BIG, "too many items in one command");
    }
    mem_free(paths.p);
    if (code != RC_OK) return code;
    *out_paths = kept;
    *out_count = paths.n;
    return RC_OK;
}

/* ---- one after another ------------------------------------------------------------------------- */

#define BLOCK_BYTES (1u << 20)

struct items {
    const struct span *paths;
    size_t count, at; /* of the files: the one that is next, or being read */
    struct buf text;
    /* Of a file of lines that is being read. */
    struct file file; /* FILE_CLOSED: none is */
    uint64_t line, offset, bytes;
    size_t block_at, block_n;
    char block[BLOCK_BYTES];
};

struct items *items_begin(const struct span *paths, size_t count, size_t item_bytes_max) {
    struct items *items = mem_new(sizeof *items);
    items->paths = paths;
    items->count = count;
    items->file = FILE_CLOSED;
    buf_init(&items->text, item_bytes_max);
    return items;
}

void items_end(struct items *items) {
    if (!items) return;
    file_close(&items->file);
    buf_done(&items->text);
    mem_free(items);
}

double items_share_done(const struct items *items) {
    double of_file =
        items->file.fd >= 0 && items->bytes
            ? (double)(items->offset - items->block_n + items->block_at) / (double)items->bytes
            : 0;
    return items->count ? ((double)items->at + of_file) / (double)items->count : 1;
}

static rc lines_begin(struct items *items, struct span path) {
    struct file_stat stat;
    TRY(file_open(NULL, path.p, FILE_READ, &items->file));
    rc code = file_stat_open(&items->file, &stat);
    if (code != RC_OK) {
        file_close(&items->file);
        return code;
    }
    items->line = items->offset = 0;
    items->bytes = stat.bytes;
    items->block_at = items->block_n = 0;
    return RC_OK;
}

static rc block_fill(struct items *items) {
    size_t n;
    TRY(file_read_at(&items->file, items->offset, items->block, sizeof items->block, &n));
    items->offset += n;
    items->block_at = 0;
    items->block_n = n;
    return RC_OK;
}

/* The next line without its end; *out_any false: the file has none any more. */
static rc line_next(struct items *items, bool *out_any) {
    *out_any = false;
    for (;;) {
        if (items->block_at == items->block_n) TRY(block_fill(items));
        if (items->block_n == 0) break;
        const char *from = items->block + items->block_at;
        size_t left = items->block_n - items->block_at;
        const char *end = memchr(from, '\n', left);
        buf_add(&items->text, span_of(from, end ? (size_t)(end - from) : left));
        items->block_at += end ? (size_t)(end - from) + 1 : left;
        *out_any = true;
        if (end) break;
    }
    if (*out_any) items->line++;
    return RC_OK;
}

static rc read_whole(struct items *items, struct span path) {
    if (!span_eq(path, SPAN("-"))) return file_read_all(NULL, path.p, &items->text);
    struct file input = file_of_fd(0, "standard input");
    return file_read_rest(&input, &items->text);
}

static void file_done(struct items *items) {
    file_close(&items->file);
    items->at++;
}

bool items_next(struct items *items, struct item_at *out_at, struct span *out_text, rc *out_code) {
    while (items->at < items->count) {
        struct span path = items->paths[items->at];
        buf_clear(&items->text);
        rc code = RC_OK;
        *out_at = (struct item_at){.path = path};
        if (!has_lines(path)) {
            code = read_whole(items, path);
            items->at++;
        } else {
            bool any = false;
            if (items->file.fd < 0) code = lines_begin(items, path);
            if (code == RC_OK) code = line_next(items, &any);
            if (code != RC_OK || !any) file_done(items);
            if (code == RC_OK && (!any || span_trim(buf_span(&items->text)).n == 0)) continue;
            out_at->line = items->line;
            if (code == RC_OK && items->text.over)
                code = rc_fail(RC_TOO_BIG, "a line of more than %zu bytes", items->text.bytes_max);
        }
        *out_text = buf_span(&items->text);
        *out_code = code;
        return true;
    }
    return false;
}

/* ---- beside an item ------------------------------------------------------------------------------ */

/* A scheme (RFC 3986 §3.1) before the first slash, or an absolute path. */
static bool is_relative(struct span href) {
    struct span first = span_sub(href, 0, span_find(href, '/'));
    return first.n > 0 && span_find(first, ':') == first.n;
}

rc items_read_beside(struct span item_path, struct span href, struct buf *b) {
    if (span_eq(item_path, SPAN("-"))) {
        return rc_fail(RC_NOT_FOUND,
                       "picture " SPAN_FMT ": an item from standard input has no folder to look in",
                       SPAN_ARG(href));
    }
    if (!is_relative(href) || href.n > 1024 || memchr(href.p, 0, href.n)) {
        return rc_fail(RC_DENIED, "picture " SPAN_FMT ": not a path beside the item",
                       SPAN_ARG(href));
    }
    char path[4096];
    size_t folder_n = item_path.n;
    while (folder_n > 0 && item_path.p[folder_n - 1] != '/') folder_n--;
    if (folder_n + 2 >= sizeof path)
        return rc_fail(RC_TOO_BIG, SPAN_FMT ": path too long", SPAN_ARG(item_path));
    memcpy(path, item_path.p, folder_n);
    path[folder_n] = 0;
    if (folder_n == 0) memcpy(path, ".", 2);

    /* Part by part, so that no part is a link or leads upward. */
    struct file at;
    TRY(file_open(NULL, path, FILE_FOLDER, &at));
    rc code = RC_OK;
    while (code == RC_OK) {
        struct span part = span_cut(&href, '/');
        bool last = href.p == NULL;
        if (part.n == 0 || span_eq(part, SPAN("..")) || part.n > 255) {
            code = rc_fail(RC_DENIED,
                           "%s: a picture's path beside the item may not hold \"..\" or \"//\"",
                           at.name);
            break;
        }
        char name[256];
        memcpy(name, part.p, part.n);
        name[part.n] = 0;
        struct file_stat stat;
        struct file next;
        code = file_stat(&at, name, &stat);
        if (code == RC_OK && stat.kind != (last ? FILE_KIND_FILE : FILE_KIND_FOLDER)) {
            code = rc_fail(RC_DENIED, "%s/%s: not a %s", at.name, name, last ? "file" : "folder");
        }
        if (code == RC_OK) {
            code = file_open(&at, name, (last ? FILE_READ : FILE_FOLDER) | FILE_NO_LINK, &next);
        }
        if (code != RC_OK) break;
        file_close(&at);
        at = next;
        if (last) {
            code = file_read_rest(&at, b);
            break;
        }
    }
    file_close(&at);
    return code;
}
