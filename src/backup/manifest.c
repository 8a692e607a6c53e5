/* What a backup says of itself: its manifest, and the lists that it names. Strict: what is not written here is
 * refused, since a path out of a backup becomes a path in a site. */
#include "backup/inner.h"

#include "base/mem.h"
#include "sys/clock.h"
#include "sys/fault.h"

#define MANIFEST_BYTES_MAX (1u << 20)
#define HEX (2 * SHA256_BYTES)

/* ---- manifests ------------------------------------------------------------------------------------ */

void manifest_done(struct manifest *m) {
    mem_free(m->lists);
    *m = (struct manifest){0};
}

void manifest_name(ms_t made, char out_name[BACKUP_NAME_BYTES]) {
    _Static_assert(BACKUP_NAME_BYTES >= CLOCK_TEXT_BYTES, "a time fits");
    clock_text(made, true, out_name);
    for (char *p = out_name; *p; p++)
        if (*p == ':') *p = '-'; /* some file systems have no ':' in names */
}

void manifest_add_list(struct manifest *m, const char *name, const struct piece *piece) {
    if (!m->lists) m->lists = mem_new(LISTS_MAX * sizeof *m->lists);
    CHECK(m->lists_count < LISTS_MAX);
    struct list *list = &m->lists[m->lists_count++];
    list->piece = *piece;
    struct buf b;
    buf_init_fixed(&b, list->name, sizeof list->name - 1);
    buf_str(&b, name);
    CHECK(!b.over);
}

void manifest_text(const struct manifest *m, struct buf *out) {
    char made[CLOCK_TEXT_BYTES];
    clock_text(m->made, true, made);
    buf_printf(out, FORMAT "\nkey %s\nmade %s\nentries %llu\njournal %llu\n", m->key, made,
               (unsigned long long)m->entries, (unsigned long long)m->journal);
    for (size_t i = 0; i < m->lists_count; i++) {
        buf_str(out, "list ");
        line_write(out, &m->lists[i].piece, m->lists[i].name);
    }
    struct sha256 end = sha256_of(buf_span(out));
    buf_str(out, "end ");
    buf_hex(out, end.bytes, SHA256_BYTES);
    buf_char(out, '\n');
}

static void manifest_path(const char *name, char out_path[64]) {
    struct buf b;
    buf_init_fixed(&b, out_path, 63);
    buf_str(&b, "backups/");
    buf_str(&b, name);
    CHECK(!b.over);
    out_path[b.n] = 0;
}

rc manifest_write(struct backup_dest *d, const struct manifest *m) {
    struct buf b;
    char path[64];
    buf_init(&b, MANIFEST_BYTES_MAX);
    manifest_text(m, &b);
    CHECK(!b.over);
    manifest_path(m->name, path);
    fault_point("backup.before-manifest");
    rc code = file_replace(&d->dir, path, buf_span(&b), 0);
    fault_point("backup.after-manifest");
    buf_done(&b);
    return code;
}

void manifest_take_back(struct backup_dest *d, const char *name) {
    char path[64];
    manifest_path(name, path);
    (void)!file_remove(&d->dir, path);
}

static rc damaged(const char *name, const char *what) {
    return rc_fail(RC_CORRUPT, "backups/%s: %s", name, what);
}

/* The value of the next line, which begins with `name` and a space. */
static bool value_of(struct span *rest, struct span name, struct span *out_value) {
    struct span line = span_cut(rest, '\n');
    if (!span_starts(line, name) || line.n <= name.n || line.p[name.n] != ' ') return false;
    *out_value = span_from(line, name.n + 1);
    return true;
}

static rc parse(struct span text, const char *name, struct manifest *m) {
    struct span rest = text, value, key;
    struct note_key read_key;
    char own_name[BACKUP_NAME_BYTES];
    /* Its last line is "end " and 64 digits over all the others. */
    if (text.n < 4 + HEX + 1) return damaged(name, "is cut short");
    struct span above = span_sub(text, 0, text.n - (4 + HEX + 1)), end = span_from(text, above.n);
    struct sha256 hash = sha256_of(above), said;
    if (!value_of(&end, SPAN("end"), &value) || !hex_decode(value, said.bytes, SHA256_BYTES) ||
        !sha256_eq(&hash, &said) || !span_ends(above, SPAN("\n")))
        return damaged(name, "its bytes are not those that its last line is the hash of");
    rest = above;
    if (!span_eq(span_cut(&rest, '\n'), SPAN(FORMAT)))
        return rc_fail(RC_CONFLICT, "backups/%s: is of another program's format", name);
    if (!value_of(&rest, SPAN("key"), &key) || key.n >= sizeof m->key || memchr(key.p, 0, key.n) ||
        note_key_read(key, &read_key) != RC_OK || !value_of(&rest, SPAN("made"), &value) ||
        !clock_read(value, &m->made))
        return damaged(name, "does not say whose it is, and when it was made");
    memcpy(m->key, key.p, key.n);
    manifest_name(m->made, own_name);
    if (strcmp(own_name, name) != 0)
        return damaged(name, "was made at another time than its name says");
    if (!value_of(&rest, SPAN("entries"), &value) || !span_to_u64(value, INT64_MAX, &m->entries) ||
        !value_of(&rest, SPAN("journal"), &value) || !span_to_u64(value, INT64_MAX, &m->journal))
        return damaged(name, "does not say how many entries it has");
    while (rest.n) {
        struct line line;
        char list_name[64] = "";
        if (!span_starts(rest, SPAN("list ")) || m->lists_count == LISTS_MAX)
            return damaged(name, "has a line that is none of a manifest");
        rest = span_from(rest, 5);
        TRY(line_read(&rest, &line));
        if (line.path.n >= sizeof list_name)
            return damaged(name, "has a list with too long a name");
        memcpy(list_name, line.path.p, line.path.n);
        manifest_add_list(m, list_name, &line.piece);
    }
    memcpy(m->name, own_name, sizeof own_name);
    return RC_OK;
}

rc manifest_parse(struct span text, const char *name, struct manifest *out) {
    struct manifest m = {0};
    rc code = parse(text, name, &m);
    if (code != RC_OK) {
        manifest_done(&m);
        return code;
    }
    *out = m;
    return RC_OK;
}

rc manifest_read(struct backup_dest *d, const char *name, struct manifest *out) {
    struct buf text;
    char path[64];
    manifest_path(name, path);
    buf_init(&text, MANIFEST_BYTES_MAX);
    rc code = file_read_all(&d->dir, path, &text);
    if (code == RC_OK) code = manifest_parse(buf_span(&text), name, out);
    buf_done(&text);
    if (code == RC_OK && strcmp(out->key, d->key_text) != 0) {
        manifest_done(out);
        code = rc_fail(RC_CORRUPT, "backups/%s: is of another record than this folder's", name);
    }
    return code;
}

ms_t manifest_time(struct span name) {
    char text[CLOCK_TEXT_BYTES] = "";
    ms_t made;
    if (name.n != 24) return INT64_MIN;
    memcpy(text, name.p, name.n);
    if (text[13] != '-' || text[16] != '-') return INT64_MIN;
    text[13] = text[16] = ':';
    return clock_read(span_of(text, name.n), &made) ? made : INT64_MIN;
}

rc manifest_names(struct backup_dest *d, struct arena *a, struct span **out_names,
                  size_t *out_count) {
    struct span *names;
    size_t count, n = 0;
    TRY(file_list(&d->dir, "backups", 2 * BACKUP_GENERATIONS_MAX, a, &names, &count));
    for (size_t i = 0; i < count; i++)
        if (manifest_time(names[i]) != INT64_MIN)
            names[n++] = names[i]; /* in the order of bytes, that is, of time */
    *out_names = names;
    *out_count = n;
    return RC_OK;
}

/* ---- lists ------------------------------------------------------------------------------------------ */

void line_write(struct buf *list, const struct piece *piece, const char *path) {
    buf_hex(list, piece->hash.bytes, SHA256_BYTES);
    buf_printf(list, " %llu %s\n", (unsigned long long)piece->bytes, path);
}

/* A path below the folder that it will be put under: no part is empty, "." or "..", none has a sign that a line or a
 * terminal would take for something else. */
static bool path_ok(struct span path) {
    if (path.n == 0 || path.n >= PATH_BYTES_MAX) return false;
    for (size_t i = 0; i < path.n; i++)
        if ((unsigned char)path.p[i] < ' ' || path.p[i] == 0x7f) return false;
    for (struct span rest = path; rest.p;) {
        struct span part = span_cut(&rest, '/');
        if (part.n == 0 || span_eq(part, SPAN(".")) || span_eq(part, SPAN(".."))) return false;
    }
    return true;
}

rc line_read(struct span *rest, struct line *out) {
    struct span whole = *rest, line = span_cut(&whole, '\n'), path = line;
    struct span hash = span_cut(&path, ' '), bytes = span_cut(&path, ' ');
    struct line l = {.path = path};
    if (!whole.p || !hex_decode(hash, l.piece.hash.bytes, SHA256_BYTES) || hash.n != HEX ||
        !span_to_u64(bytes, PIECE_BYTES_MAX, &l.piece.bytes) || !path_ok(path))
        return rc_fail(RC_CORRUPT, "a line of a backup's list is not one: \"" SPAN_FMT "\"",
                       SPAN_ARG(span_sub(line, 0, 200)));
    *rest = whole;
    *out = l;
    return RC_OK;
}

rc list_each(struct backup_dest *d, const struct list *list,
             rc (*each)(void *arg, const struct line *line), void *arg) {
    struct span bytes;
    TRY(piece_get(d, &list->piece, &bytes));
    /* each() may read pieces, over these bytes. */
    char *copy = mem_new(bytes.n + 1);
    if (bytes.n) memcpy(copy, bytes.p, bytes.n);
    struct span rest = span_of(copy, bytes.n);
    rc code = RC_OK;
    while (rest.n && code == RC_OK) {
        struct line line;
        code = line_read(&rest, &line);
        if (code == RC_OK) code = each(arg, &line);
    }
    mem_free(copy);
    return code;
}
