/* inner: between the files of backup/. backup.h says what lies where. */
#ifndef DATELINE_BACKUP_INNER_H
#define DATELINE_BACKUP_INNER_H

#include "backup/backup.h"
#include "base/hash.h"

#define FORMAT "dateline-backup/v1"
#define LISTS_MAX 4096
#define PATH_BYTES_MAX 512
#define SITE_CONFIG "dateline.conf"
#define SITE_DATABASE "store/dateline.db"
#define SITE_JOURNAL "record/journal"
#define SITE_CHECKPOINT "record/checkpoint"
#define SITE_KEY "record/key"

/* ---- hashes.c: a set of hashes ------------------------------------------------------------------- */

struct hashes {
    struct sha256 *of;
    bool *used;
    size_t count, cap;
};
void hashes_done(struct hashes *h);
bool hashes_have(const struct hashes *h, const struct sha256 *hash);
bool hashes_add(struct hashes *h, const struct sha256 *hash); /* false: it was there */

/* ---- dest.c: the folder and its pieces ----------------------------------------------------------- */

struct piece {
    struct sha256 hash;
    uint64_t bytes;
};

#define PENDING_MAX 256
#define PENDING_BYTES_MAX (64u << 20)

struct backup_dest {
    struct file dir, lock;
    char *path; /* SQLite opens by path */
    struct note_key key;
    char key_text[NOTE_NAME_BYTES_MAX + 128];
    char *scratch;       /* PIECE_BYTES_MAX: a piece that is read */
    struct hashes sure;  /* read and found right by this process */
    struct hashes fresh; /* not there before this process wrote them */
    /* Written under "new/", not yet synced, read back and named. */
    struct piece *pending;
    size_t pending_count;
    uint64_t pending_bytes;
    uint64_t fresh_pieces, fresh_bytes;
};

#define PIECE_PATH_BYTES 80
void piece_path(const struct sha256 *hash, char out_path[PIECE_PATH_BYTES]);
/* Writes it, unless it is there and right. pieces_end() syncs what was written, reads it back, and gives it its name. */
rc piece_put(struct backup_dest *d, struct span bytes, struct piece *out_piece) MUST_USE;
rc pieces_end(struct backup_dest *d) MUST_USE;
/* Is it there, and right? As piece_get(), once for each. */
rc piece_check(struct backup_dest *d, const struct piece *piece) MUST_USE;
/* How long it is, if it is there. */
bool piece_size(struct backup_dest *d, const struct sha256 *hash, uint64_t *out_bytes);
/* Its bytes, good until the next call. RC_CORRUPT, RC_NOT_FOUND. */
rc piece_get(struct backup_dest *d, const struct piece *piece, struct span *out_bytes) MUST_USE;
/* Removes what this process has written; or, pieces_forget(), what has no name yet. */
void pieces_forget(struct backup_dest *d);
void pieces_take_back(struct backup_dest *d);

/* ---- manifest.c ------------------------------------------------------------------------------------ */

struct list {
    struct piece piece;
    char name[64];
};
struct manifest {
    char name[BACKUP_NAME_BYTES];
    char key[NOTE_NAME_BYTES_MAX + 128];
    ms_t made;
    char made_text[32];
    uint64_t entries, journal;
    struct list *lists; /* lists_count, of at most LISTS_MAX */
    size_t lists_count;
};
void manifest_done(struct manifest *m);
/* "2026-12-01T04-19-06.123Z" */
void manifest_name(ms_t made, char out_name[BACKUP_NAME_BYTES]);
/* What the name says; INT64_MIN: it is none. */
ms_t manifest_time(struct span name);
void manifest_add_list(struct manifest *m, const char *name, const struct piece *piece);
/* As it is written, with its last line. */
void manifest_text(const struct manifest *m, struct buf *out);
/* Durable when it returns; the pieces are so before. */
rc manifest_write(struct backup_dest *d, const struct manifest *m) MUST_USE;
/* One whose writing failed at its very end. */
void manifest_take_back(struct backup_dest *d, const char *name);
rc manifest_read(struct backup_dest *d, const char *name, struct manifest *out) MUST_USE;
rc manifest_parse(struct span text, const char *name, struct manifest *out) MUST_USE;
/* The names of all, the oldest first. */
rc manifest_names(struct backup_dest *d, struct arena *a, struct span **out_names,
                  size_t *out_count) MUST_USE;

struct line {
    struct piece piece;
    struct span path;
};
void line_write(struct buf *list, const struct piece *piece, const char *path);
/* Takes the first line of *rest. Strict; a path is one that a backup writes. RC_CORRUPT. */
rc line_read(struct span *rest, struct line *out) MUST_USE;
/* Every line of a list, in order. */
rc list_each(struct backup_dest *d, const struct list *list,
             rc (*each)(void *arg, const struct line *line), void *arg) MUST_USE;

/* ---- put.c: files out of their pieces ---------------------------------------------------------------- */

/* Puts files together as their lines come, below `root`; put_end() behind the last line. A file that
 * is there already with the right bytes is left alone. */
struct put {
    struct backup_dest *d;
    const struct file *root;
    /* NULL: all, as they are. False: this file is not wanted. May change its path. */
    bool (*wanted)(void *arg, char path[PATH_BYTES_MAX]);
    void *arg;
    uint64_t files, bytes; /* so far */
    /* the file that is being put */
    char from[PATH_BYTES_MAX], to[PATH_BYTES_MAX];
    bool open;
    struct file file;
    uint64_t at;
};
rc put_line(void *put, const struct line *line) MUST_USE;
rc put_end(struct put *p) MUST_USE;
/* All lists; durable when it returns. */
rc put_all(struct put *p, const struct manifest *m) MUST_USE;

#endif
