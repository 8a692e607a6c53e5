/*
 * file: files and folders, the only way to the disk (but for SQLite and LMDB, which bring their
 * own). Interrupted calls are repeated here and nowhere else; partial writes are finished here.
 *
 * Every failure notes why: "PATH: No space left on device while writing 4096 bytes", and is
 *   RC_FULL       ENOSPC, EDQUOT: the caller answers 507 and may try again later
 *   RC_NOT_FOUND  ENOENT, ENOTDIR
 *   RC_CONFLICT   EEXIST, ENOTEMPTY
 *   RC_DENIED     EACCES, EPERM, EROFS
 *   RC_BUSY       a lock that another process has
 *   RC_FATAL      a sync that failed. The kernel may have thrown the bytes away and will answer
 *                 "fine" the next time: the process must end and read again what the disk has.
 *   RC_IO         anything else
 *
 * A path is NUL-terminated and relative to `dir` (a struct file opened with FILE_FOLDER), or to the
 * current folder when `dir` is NULL. Everything is opened close-on-exec.
 */
#ifndef DATELINE_SYS_FILE_H
#define DATELINE_SYS_FILE_H

#include "base/arena.h"
#include "base/buf.h"

#define FILE_NAME_BYTES 256 /* a longer path keeps its end: "…/record/journal" */

struct file {
    int fd;                     /* -1: closed */
    char name[FILE_NAME_BYTES]; /* for messages only */
};
#define FILE_CLOSED ((struct file){.fd = -1})

enum file_how {
    FILE_READ = 1,
    FILE_WRITE = 2,     /* reads too */
    FILE_APPEND = 4,    /* every write goes to the end; reads too */
    FILE_CREATE = 8,    /* if missing; 0600 (nobody else) … */
    FILE_PUBLIC = 16,   /* … or 0644 (0755 for folders) less the umask */
    FILE_NEW = 32,      /* with FILE_CREATE: RC_CONFLICT if it is there */
    FILE_EMPTY = 64,    /* cut to nothing */
    FILE_FOLDER = 128,  /* it must be a folder */
    FILE_NO_LINK = 256, /* a symbolic link as last part is refused */
};

rc file_open(const struct file *dir, const char *path, unsigned how,
             struct file *out_file) MUST_USE;
/* A descriptor that somebody else opened (inherited, standard input). */
struct file file_of_fd(int fd, const char *name);
void file_close(struct file *f); /* a closed one is fine; says nothing: file_sync() first */

/* Up to n bytes from `offset`; *out_n < n only at the end of the file. */
rc file_read_at(const struct file *f, uint64_t offset, void *bytes, size_t n,
                size_t *out_n) MUST_USE;
/* All that is still to be read (files, pipes, terminals), added to b. RC_TOO_BIG past b's limit. */
rc file_read_rest(const struct file *f, struct buf *b) MUST_USE;
/* open, read to the end, close. */
rc file_read_all(const struct file *dir, const char *path, struct buf *b) MUST_USE;
/* All bytes of s or a failure; then a part of it may be there (file_truncate() takes it back). */
rc file_write_at(const struct file *f, uint64_t offset, struct span s) MUST_USE;
rc file_append(const struct file *f, struct span s) MUST_USE; /* FILE_APPEND, pipes, terminals */
rc file_truncate(const struct file *f, uint64_t bytes) MUST_USE;
/* Blocks for the first `bytes` bytes, really there: writing into them cannot fail for space. */
rc file_reserve(const struct file *f, uint64_t bytes) MUST_USE;

/* Data, and what is needed to read it back (fdatasync). RC_FATAL when it fails, see above. */
rc file_sync(const struct file *f) MUST_USE;
/* Everything that was written so far, by whomever, on the file system that an open folder is on; for who has written
 * many files. RC_FATAL likewise. */
rc file_sync_all(const struct file *dir) MUST_USE;
/* What the kernel keeps of it in memory is not needed any more, so that the next look is at the disk. A hint, after a
 * sync. */
void file_forget(const struct file *f);
/* The folder that holds `path`: makes a create, rename or unlink in it durable. RC_FATAL likewise. */
rc file_sync_folder_of(const struct file *dir, const char *path) MUST_USE;
/* The whole content at once, durable when it returns: path.tmp, sync, rename, sync of the folder.
 * A crash leaves the old content or the new one, and perhaps a path.tmp that the next call reuses.
 * `how`: FILE_PUBLIC or 0. One writer at a time. */
rc file_replace(const struct file *dir, const char *path, struct span content,
                unsigned how) MUST_USE;

/* An exclusive lock (flock) on the file `path`, made if missing, as long as the file stays open or
 * the process lives. `who` (a line: "core 4711") is written into it; RC_BUSY cites the holder's. */
rc file_lock(const struct file *dir, const char *path, const char *who,
             struct file *out_file) MUST_USE;

rc file_make_folder(const struct file *dir, const char *path, unsigned how) MUST_USE;
rc file_rename(const struct file *dir, const char *from,
               const char *to) MUST_USE; /* replaces `to` */
/* Each gets the other's name, in one step. RC_IO where the file system cannot. */
rc file_exchange(const struct file *dir, const char *one, const char *other) MUST_USE;
rc file_remove(const struct file *dir, const char *path) MUST_USE;
rc file_remove_folder(const struct file *dir, const char *path) MUST_USE; /* must be empty */
rc file_set_mode(const struct file *dir, const char *path, unsigned mode) MUST_USE;

enum file_kind {
    FILE_KIND_FILE,
    FILE_KIND_FOLDER,
    FILE_KIND_LINK,
    FILE_KIND_SOCKET,
    FILE_KIND_OTHER
};
struct file_stat {
    enum file_kind kind;
    uint64_t bytes;
    uint64_t device, inode;
    uint64_t born_ns; /* since 1970; 0 where the file system does not say */
    ms_t modified_ms;
    unsigned mode; /* permission bits, 07777 */
    uint32_t uid;
};
/* Does not follow a last symbolic link. path "" means dir itself. */
rc file_stat(const struct file *dir, const char *path, struct file_stat *out_stat) MUST_USE;
rc file_stat_open(const struct file *f, struct file_stat *out_stat) MUST_USE;

/* The names in a folder but "." and "..", in byte order, in a's memory (NUL-terminated too).
 * RC_TOO_BIG with more than names_max. path "" means dir itself. */
rc file_list(const struct file *dir, const char *path, size_t names_max, struct arena *a,
             struct span **out_names, size_t *out_count) MUST_USE;

/* Read-only, shared with the page cache; the first `bytes` bytes, which must be there. The caller
 * keeps others from cutting the file (a read past its end is a SIGBUS). An empty one is {NULL,0}. */
rc file_map(const struct file *f, uint64_t bytes, struct span *out_bytes) MUST_USE;
void file_unmap(struct span bytes);

struct file_space {
    uint64_t bytes_free; /* for this user */
    uint64_t bytes_total;
    const char *type;    /* "ext4", … or "other"; static text */
    const char *warning; /* NULL, or why a site should not live here */
};
rc file_space(const struct file *dir, const char *path, struct file_space *out_space) MUST_USE;

bool file_is_terminal(int fd);

#endif
