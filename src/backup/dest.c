/*
 * The backup folder, and its pieces. Pieces are written below "new/", many of them are synced at once, each is
 * read back, and only then renamed to its hash: a name is never there without its bytes, unless the disk
 * has lost them; which is found, and mended if the site still has them, whenever a backup needs that piece again.
 */
#include <stdio.h>

#include "backup/inner.h"
#include "base/mem.h"
#include "sys/fault.h"

#define IDENTITY "dateline-backup"
#define IDENTITY_BYTES_MAX 1024
#define NEW "new"
#define NEW_PATH_BYTES 32
#define FOLDERS_UP_MAX 256

/* ---- the folder ---------------------------------------------------------------------------------- */

static void key_text(const struct note_key *key, char *out, size_t bytes) {
    struct buf b;
    buf_init_fixed(&b, out, bytes - 1);
    note_key_write(key, &b);
    CHECK(!b.over);
    out[b.n] = 0;
}

static rc identity_read(struct backup_dest *d, struct span text, const struct note_key *wanted) {
    struct span format = span_cut(&text, '\n'), line = span_cut(&text, '\n');
    struct note_key key;
    if (!span_eq(format, SPAN(FORMAT)) || !span_starts(line, SPAN("key ")) || text.n ||
        note_key_read(span_from(line, 4), &key) != RC_OK)
        return rc_fail(RC_CORRUPT, "%s/" IDENTITY ": is not what a backup's folder begins with",
                       d->dir.name);
    if (wanted && memcmp(&key, wanted, sizeof key) != 0)
        return rc_fail(RC_CONFLICT,
                       "%s: holds backups of another site's record (%s), not of this one's (%s)%s",
                       d->dir.name, key.name, wanted->name,
                       strcmp(key.name, wanted->name) == 0 ? ": the keys differ" : "");
    d->key = key;
    return RC_OK;
}

/* A folder that is to become a backup's: nothing is in it but what an interrupted beginning leaves. */
static rc must_be_empty(struct backup_dest *d) {
    struct arena *a = arena_new(1u << 16);
    struct span *names;
    size_t count = 0;
    rc code = file_list(&d->dir, "", 64, a, &names, &count);
    if (code == RC_TOO_BIG) count = 0;
    bool others = code == RC_TOO_BIG;
    for (size_t i = 0; i < count && code == RC_OK; i++)
        others |= !span_eq(names[i], SPAN("lock")) && !span_starts(names[i], SPAN(IDENTITY));
    arena_free(a);
    if (!others) return code;
    return rc_fail(RC_CONFLICT,
                   "%s: is not empty, and no backup's folder; a backup needs a folder of its own",
                   d->dir.name);
}

static rc identity_write(struct backup_dest *d, const struct note_key *key) {
    char bytes[IDENTITY_BYTES_MAX];
    struct buf b;
    buf_init_fixed(&b, bytes, sizeof bytes);
    buf_str(&b, FORMAT "\nkey ");
    note_key_write(key, &b);
    buf_char(&b, '\n');
    CHECK(!b.over);
    TRY(file_replace(&d->dir, IDENTITY, buf_span(&b), 0));
    d->key = *key;
    return RC_OK;
}

static rc folder_make(const struct file *dir, const char *path) {
    rc code = file_make_folder(dir, path, 0);
    if (code == RC_CONFLICT) return RC_OK;
    TRY(code);
    return file_sync_folder_of(dir, path);
}

static rc identify(struct backup_dest *d, const struct note_key *key) {
    char bytes[IDENTITY_BYTES_MAX];
    struct buf b;
    buf_init_fixed(&b, bytes, sizeof bytes);
    rc code = file_read_all(&d->dir, IDENTITY, &b);
    if (code == RC_OK) {
        TRY(identity_read(d, buf_span(&b), key));
    } else if (code == RC_NOT_FOUND && key) {
        TRY(identity_write(d, key));
    } else if (code == RC_NOT_FOUND) {
        return rc_fail(code, "%s: holds no backups", d->dir.name);
    } else {
        return code;
    }
    key_text(&d->key, d->key_text, sizeof d->key_text);
    TRY(folder_make(&d->dir, "backups"));
    TRY(folder_make(&d->dir, NEW));
    return folder_make(&d->dir, "pieces");
}

static rc open_all(struct backup_dest *d, const char *path, const struct note_key *key,
                   const char *who) {
    if (key) {
        rc made = file_make_folder(NULL, path, 0);
        if (made != RC_OK && made != RC_CONFLICT) return made;
    }
    TRY(file_open(NULL, path, FILE_FOLDER, &d->dir));
    /* First: no lock is left in what is no backup's folder. */
    struct file_stat stat;
    rc code = file_stat(&d->dir, IDENTITY, &stat);
    if (code == RC_NOT_FOUND && !key) return rc_fail(code, "%s: holds no backups", path);
    if (code == RC_NOT_FOUND) code = must_be_empty(d);
    TRY(code);
    TRY(file_lock(&d->dir, "lock", who, &d->lock));
    TRY(identify(d, key));
    d->scratch = mem_new(PIECE_BYTES_MAX);
    d->pending = mem_new(PENDING_MAX * sizeof *d->pending);
    return RC_OK;
}

rc backup_open(const char *path, const struct note_key *key, const char *who,
               struct backup_dest **out_dest) {
    struct backup_dest *d = mem_new(sizeof *d);
    d->dir = d->lock = FILE_CLOSED;
    d->path = mem_strdup(span_str(path));
    rc code = open_all(d, path, key, who);
    if (code != RC_OK) {
        backup_close(d);
        return code;
    }
    *out_dest = d;
    return RC_OK;
}

void backup_close(struct backup_dest *d) {
    if (!d) return;
    hashes_done(&d->sure);
    hashes_done(&d->fresh);
    mem_free(d->pending);
    mem_free(d->scratch);
    mem_free(d->path);
    file_close(&d->lock);
    file_close(&d->dir);
    mem_free(d);
}

const struct note_key *backup_key(const struct backup_dest *d) {
    return &d->key;
}

/* From the folder, or the one that it is to be made in, up to the root. */
static rc look_up(struct file *at, const char *dest_path, const struct file_stat *site) {
    for (int i = 0; i < FOLDERS_UP_MAX; i++) {
        struct file_stat here;
        struct file up;
        TRY(file_stat_open(at, &here));
        if (here.device == site->device && here.inode == site->inode)
            return rc_fail(RC_CONFLICT,
                           "%s: lies in the site's own folder; a backup belongs elsewhere, at best "
                           "on another disk",
                           dest_path);
        TRY(file_open(at, "..", FILE_FOLDER, &up));
        file_close(at);
        *at = up;
        struct file_stat above;
        TRY(file_stat_open(at, &above));
        if (above.device == here.device && above.inode == here.inode) return RC_OK;
    }
    return rc_fail(RC_TOO_BIG, "%s: too deep a folder", dest_path);
}

rc backup_outside(const char *dest_path, const struct file *site) {
    struct file_stat stat;
    struct file at;
    TRY(file_stat_open(site, &stat));
    rc code = file_open(NULL, dest_path, FILE_FOLDER, &at);
    if (code == RC_NOT_FOUND) {
        char parent[4096];
        struct span path = span_str(dest_path);
        while (path.n > 1 && path.p[path.n - 1] == '/') path.n--;
        while (path.n > 0 && path.p[path.n - 1] != '/') path.n--;
        snprintf(parent, sizeof parent, "%.*s", (int)path.n, dest_path);
        code = file_open(NULL, path.n ? parent : ".", FILE_FOLDER, &at);
    }
    TRY(code);
    code = look_up(&at, dest_path, &stat);
    file_close(&at);
    return code;
}

/* ---- pieces -------------------------------------------------------------------------------------- */

void piece_path(const struct sha256 *hash, char out_path[PIECE_PATH_BYTES]) {
    struct buf b;
    buf_init_fixed(&b, out_path, PIECE_PATH_BYTES - 1);
    buf_str(&b, "pieces/");
    buf_hex(&b, hash->bytes, 1);
    buf_char(&b, '/');
    buf_hex(&b, hash->bytes, SHA256_BYTES);
    CHECK(!b.over);
    out_path[b.n] = 0;
}

/* Is what the file has what the name says? Its bytes stand in d->scratch. */
static rc read_and_hash(struct backup_dest *d, const char *path, const struct piece *piece) {
    struct file f;
    size_t n = 0;
    char more;
    if (piece->bytes > PIECE_BYTES_MAX)
        return rc_fail(RC_CORRUPT, "%s/%s: is said to have %llu bytes, more than a piece has",
                       d->dir.name, path, (unsigned long long)piece->bytes);
    TRY(file_open(&d->dir, path, FILE_READ | FILE_NO_LINK, &f));
    rc code = file_read_at(&f, 0, d->scratch, (size_t)piece->bytes, &n);
    size_t behind = 0;
    if (code == RC_OK) code = file_read_at(&f, piece->bytes, &more, 1, &behind);
    file_close(&f);
    TRY(code);
    struct sha256 hash = sha256_of(span_of(d->scratch, n));
    if (n == piece->bytes && behind == 0 && sha256_eq(&hash, &piece->hash)) return RC_OK;
    return rc_fail(RC_CORRUPT, "%s/%s: its bytes are not those of its name", d->dir.name, path);
}

rc piece_get(struct backup_dest *d, const struct piece *piece, struct span *out_bytes) {
    char path[PIECE_PATH_BYTES];
    piece_path(&piece->hash, path);
    TRY(read_and_hash(d, path, piece));
    hashes_add(&d->sure, &piece->hash);
    *out_bytes = span_of(d->scratch, (size_t)piece->bytes);
    return RC_OK;
}

rc piece_check(struct backup_dest *d, const struct piece *piece) {
    struct span bytes;
    return hashes_have(&d->sure, &piece->hash) ? RC_OK : piece_get(d, piece, &bytes);
}

bool piece_size(struct backup_dest *d, const struct sha256 *hash, uint64_t *out_bytes) {
    char path[PIECE_PATH_BYTES];
    struct file_stat stat;
    piece_path(hash, path);
    if (file_stat(&d->dir, path, &stat) != RC_OK || stat.bytes > PIECE_BYTES_MAX) return false;
    *out_bytes = stat.bytes;
    return true;
}

static void new_path(size_t i, char out_path[NEW_PATH_BYTES]) {
    snprintf(out_path, NEW_PATH_BYTES, NEW "/%03zu", i);
}

static rc write_new(struct backup_dest *d, struct span bytes) {
    char path[NEW_PATH_BYTES];
    struct file f;
    new_path(d->pending_count, path);
    TRY(file_open(&d->dir, path, FILE_WRITE | FILE_CREATE | FILE_EMPTY | FILE_NO_LINK, &f));
    rc code = file_write_at(&f, 0, bytes);
    file_close(&f);
    return code;
}

rc piece_put(struct backup_dest *d, struct span bytes, struct piece *out_piece) {
    const struct piece piece = {.hash = sha256_of(bytes), .bytes = bytes.n};
    CHECK(bytes.n <= PIECE_BYTES_MAX);
    rc there = piece_check(d, &piece);
    if (there != RC_OK && there != RC_NOT_FOUND && there != RC_CORRUPT) return there;
    if (there != RC_OK) {
        if (d->pending_count == PENDING_MAX || d->pending_bytes > PENDING_BYTES_MAX)
            TRY(pieces_end(d));
        TRY(write_new(d, bytes));
        d->pending[d->pending_count++] = piece;
        d->pending_bytes += bytes.n;
        hashes_add(&d->sure, &piece.hash); /* or pieces_end() fails */
        /* A damaged one that is mended is not taken back. */
        if (there == RC_NOT_FOUND) hashes_add(&d->fresh, &piece.hash);
        d->fresh_pieces++;
        d->fresh_bytes += bytes.n;
        fault_point("backup.after-piece");
    }
    *out_piece = piece;
    return RC_OK;
}

/* What was just written is read from the disk, not from memory, as far as the kernel does as it is told. */
static rc name_new(struct backup_dest *d, size_t i) {
    const struct piece *piece = &d->pending[i];
    char from[NEW_PATH_BYTES], to[PIECE_PATH_BYTES], folder[16];
    struct file f;
    new_path(i, from);
    TRY(file_open(&d->dir, from, FILE_READ, &f));
    file_forget(&f);
    file_close(&f);
    TRY(read_and_hash(d, from, piece));
    piece_path(&piece->hash, to);
    snprintf(folder, sizeof folder, "pieces/%02x", piece->hash.bytes[0]);
    TRY(folder_make(&d->dir, folder));
    TRY(file_rename(&d->dir, from, to));
    fault_point("backup.after-rename");
    return RC_OK;
}

rc pieces_end(struct backup_dest *d) {
    if (d->pending_count == 0) return RC_OK;
    TRY(file_sync_all(&d->dir));
    for (size_t i = 0; i < d->pending_count; i++) TRY(name_new(d, i));
    d->pending_count = 0;
    d->pending_bytes = 0;
    return file_sync_all(&d->dir);
}

void pieces_forget(struct backup_dest *d) {
    struct arena *a = arena_new(1u << 20);
    struct span *names;
    size_t count;
    if (file_list(&d->dir, NEW, 2 * PENDING_MAX, a, &names, &count) != RC_OK) count = 0;
    for (size_t i = 0; i < count; i++) {
        char path[NEW_PATH_BYTES];
        int n = snprintf(path, sizeof path, NEW "/" SPAN_FMT, SPAN_ARG(names[i]));
        if (n > 0 && (size_t)n < sizeof path) (void)!file_remove(&d->dir, path);
    }
    arena_free(a);
    d->pending_count = 0;
    d->pending_bytes = 0;
}

void pieces_take_back(struct backup_dest *d) {
    pieces_forget(d);
    for (size_t i = 0; i < d->fresh.cap; i++) {
        char path[PIECE_PATH_BYTES];
        if (!d->fresh.used[i]) continue;
        piece_path(&d->fresh.of[i], path);
        (void)!file_remove(&d->dir, path);
    }
    hashes_done(&d->fresh);
    hashes_done(&d->sure);
    d->fresh_bytes = 0;
}
