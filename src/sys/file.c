#include "sys/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/mem.h"
#include "sys/fault.h"

/* A system call: repeated while it is interrupted, made to fail where a play says so. */
#define SYS(call)                                      \
    __extension__({                                    \
        long sys_result_;                              \
        do {                                           \
            int sys_fault_ = 0;                        \
            if (fault_sys(&sys_fault_)) {              \
                errno = sys_fault_;                    \
                sys_result_ = -1;                      \
            } else {                                   \
                sys_result_ = (long)(call);            \
            }                                          \
        } while (sys_result_ == -1 && errno == EINTR); \
        sys_result_;                                   \
    })

/* The same for a sync, which a play can make fail by itself. */
#define SYNC(call)                                   \
    __extension__({                                  \
        int sync_fault_ = 0;                         \
        bool sync_fails_ = fault_sync(&sync_fault_); \
        if (sync_fails_) errno = sync_fault_;        \
        sync_fails_ ? -1L : SYS(call);               \
    })

static rc code_of(int error) {
    switch (error) {
    case ENOSPC:
    case EDQUOT: return RC_FULL;
    case ENOENT:
    case ENOTDIR: return RC_NOT_FOUND;
    case EEXIST:
    case ENOTEMPTY: return RC_CONFLICT;
    case EACCES:
    case EPERM:
    case EROFS: return RC_DENIED;
    default: return RC_IO;
    }
}

/* "DIR/PATH", or its end. */
static void name_make(const struct file *dir, const char *path, char out_name[FILE_NAME_BYTES]) {
    struct buf b;
    char long_name[2 * 4096];
    buf_init_fixed(&b, long_name, sizeof long_name);
    if (dir && *path)
        buf_printf(&b, "%s/", dir->name);
    else if (dir)
        buf_str(&b, dir->name);
    buf_str(&b, path);
    struct span name = buf_span(&b), cut = SPAN("…");
    struct buf out;
    buf_init_fixed(&out, out_name, FILE_NAME_BYTES - 1);
    if (name.n > FILE_NAME_BYTES - 1) {
        buf_add(&out, cut);
        name = span_from(name, name.n - (FILE_NAME_BYTES - 1 - cut.n));
    }
    buf_add(&out, name);
    out_name[out.n] = 0;
}

static int fd_of(const struct file *dir) {
    return dir ? dir->fd : AT_FDCWD;
}

/* The failure `error` of doing `what` (as in "while %s") to `path` below dir. */
static rc fail_at(int error, const struct file *dir, const char *path, const char *what) {
    char name[FILE_NAME_BYTES];
    name_make(dir, path, name);
    return rc_fail(code_of(error), "%s: %s while %s", name, strerror(error), what);
}

static rc fail_on(int error, const struct file *f, const char *what) {
    return rc_fail(code_of(error), "%s: %s while %s", f->name, strerror(error), what);
}

rc file_open(const struct file *dir, const char *path, unsigned how, struct file *out_file) {
    int flags = O_CLOEXEC | O_NOCTTY;
    if (how & FILE_FOLDER)
        flags |= O_DIRECTORY | O_RDONLY;
    else
        flags |= how & (FILE_WRITE | FILE_APPEND) ? O_RDWR : O_RDONLY;
    if (how & FILE_APPEND) flags |= O_APPEND;
    if (how & FILE_CREATE) flags |= O_CREAT;
    if (how & FILE_NEW) flags |= O_CREAT | O_EXCL;
    if (how & FILE_EMPTY) flags |= O_TRUNC;
    if (how & FILE_NO_LINK) flags |= O_NOFOLLOW;
    int fd = (int)SYS(openat(fd_of(dir), path, flags, how & FILE_PUBLIC ? 0644 : 0600));
    if (fd < 0) return fail_at(errno, dir, path, flags & O_CREAT ? "creating it" : "opening it");
    struct file f = {.fd = fd};
    name_make(dir, path, f.name);
    *out_file = f;
    return RC_OK;
}

struct file file_of_fd(int fd, const char *name) {
    struct file f = {.fd = fd};
    name_make(NULL, name, f.name);
    return f;
}

void file_close(struct file *f) {
    if (f->fd >= 0) (void)close(f->fd); /* Linux has closed it even when interrupted */
    f->fd = -1;
}

rc file_read_at(const struct file *f, uint64_t offset, void *bytes, size_t n, size_t *out_n) {
    size_t have = 0;
    while (have < n) {
        long got = SYS(pread(f->fd, (char *)bytes + have, n - have, (off_t)(offset + have)));
        if (got < 0) {
            return rc_fail(code_of(errno), "%s: %s while reading %zu bytes at %llu", f->name,
                           strerror(errno), n, (unsigned long long)offset);
        }
        if (got == 0) break;
        have += (size_t)got;
    }
    *out_n = have;
    return RC_OK;
}

rc file_read_rest(const struct file *f, struct buf *b) {
    char block[16384];
    for (;;) {
        long got = SYS(read(f->fd, block, sizeof block));
        if (got < 0) return fail_on(errno, f, "reading it");
        if (got == 0) return RC_OK;
        buf_add(b, span_of(block, (size_t)got));
        if (b->over) return rc_fail(RC_TOO_BIG, "%s: more than %zu bytes", f->name, b->bytes_max);
    }
}

rc file_read_all(const struct file *dir, const char *path, struct buf *b) {
    struct file f;
    TRY(file_open(dir, path, FILE_READ, &f));
    rc code = file_read_rest(&f, b);
    file_close(&f);
    return code;
}

static rc fail_write(int error, const struct file *f, size_t n) {
    return rc_fail(code_of(error), "%s: %s while writing %zu bytes", f->name, strerror(error), n);
}

rc file_write_at(const struct file *f, uint64_t offset, struct span s) {
    for (size_t done = 0; done < s.n;) {
        long put = SYS(pwrite(f->fd, s.p + done, s.n - done, (off_t)(offset + done)));
        if (put < 0) return fail_write(errno, f, s.n);
        done += (size_t)put;
    }
    return RC_OK;
}

rc file_append(const struct file *f, struct span s) {
    for (size_t done = 0; done < s.n;) {
        long put = SYS(write(f->fd, s.p + done, s.n - done));
        if (put < 0) return fail_write(errno, f, s.n);
        done += (size_t)put;
    }
    return RC_OK;
}

rc file_truncate(const struct file *f, uint64_t bytes) {
    if (SYS(ftruncate(f->fd, (off_t)bytes)) < 0) return fail_on(errno, f, "cutting it");
    return RC_OK;
}

rc file_reserve(const struct file *f, uint64_t bytes) {
    if (bytes == 0) return RC_OK;
    if (SYS(fallocate(f->fd, 0, 0, (off_t)bytes)) < 0) {
        return rc_fail(code_of(errno), "%s: %s while reserving %llu bytes", f->name,
                       strerror(errno), (unsigned long long)bytes);
    }
    return RC_OK;
}

static rc fail_sync(int error, const char *name) {
    return rc_fail(
        RC_FATAL,
        "%s: %s while syncing: what was written may be lost, so this process must end; look at the "
        "disk (dmesg), then start again",
        name, strerror(error));
}

rc file_sync(const struct file *f) {
    if (SYNC(fdatasync(f->fd)) < 0) return fail_sync(errno, f->name);
    return RC_OK;
}

rc file_sync_all(const struct file *dir) {
    if (SYNC(syncfs(dir->fd)) < 0) return fail_sync(errno, dir->name);
    return RC_OK;
}

void file_forget(const struct file *f) {
    (void)posix_fadvise(f->fd, 0, 0, POSIX_FADV_DONTNEED);
}

rc file_sync_folder_of(const struct file *dir, const char *path) {
    const char *slash = strrchr(path, '/');
    char folder[4096] = ".";
    if (slash == path) {
        folder[0] = '/';
    } else if (slash) {
        size_t n = (size_t)(slash - path);
        if (n >= sizeof folder) return fail_at(ENAMETOOLONG, dir, path, "syncing its folder");
        memcpy(folder, path, n);
        folder[n] = 0;
    }
    struct file f;
    TRY(file_open(dir, folder, FILE_FOLDER, &f));
    rc code = RC_OK;
    if (SYNC(fsync(f.fd)) < 0) code = fail_sync(errno, f.name);
    file_close(&f);
    return code;
}

rc file_replace(const struct file *dir, const char *path, struct span content, unsigned how) {
    char temporary[4096];
    if ((size_t)snprintf(temporary, sizeof temporary, "%s.tmp", path) >= sizeof temporary) {
        return fail_at(ENAMETOOLONG, dir, path, "replacing it");
    }
    /* What a crash left behind may have other permissions, or be a link: begin anew. */
    rc code = file_remove(dir, temporary);
    if (code != RC_OK && code != RC_NOT_FOUND) return code;
    struct file f;
    TRY(file_open(dir, temporary, FILE_WRITE | FILE_CREATE | FILE_NEW | (how & FILE_PUBLIC), &f));
    code = file_write_at(&f, 0, content);
    if (code == RC_OK) code = file_sync(&f);
    file_close(&f);
    if (code == RC_OK) code = file_rename(dir, temporary, path);
    if (code != RC_OK) {
        /* Take back what did not come to be, without touching the reason. */
        (void)unlinkat(fd_of(dir), temporary, 0);
        return code;
    }
    return file_sync_folder_of(dir, path);
}

rc file_lock(const struct file *dir, const char *path, const char *who, struct file *out_file) {
    struct file f;
    TRY(file_open(dir, path, FILE_WRITE | FILE_CREATE | FILE_PUBLIC | FILE_NO_LINK, &f));
    if (SYS(flock(f.fd, LOCK_EX | LOCK_NB)) < 0) {
        int error = errno;
        if (error != EWOULDBLOCK) {
            rc code = fail_on(error, &f, "locking it");
            file_close(&f);
            return code;
        }
        char holder[128] = "";
        size_t n = 0;
        if (file_read_at(&f, 0, holder, sizeof holder - 1, &n) != RC_OK) n = 0;
        while (n > 0 && (unsigned char)holder[n - 1] <= ' ') n--;
        holder[n] = 0;
        for (size_t i = 0; i < n; i++) {
            if ((unsigned char)holder[i] < ' ') holder[i] = '?';
        }
        rc code = rc_fail(RC_BUSY, "%s: locked by %s", f.name, n ? holder : "another process");
        file_close(&f);
        return code;
    }
    rc code = file_truncate(&f, 0);
    if (code == RC_OK) code = file_write_at(&f, 0, span_str(who));
    if (code == RC_FULL) code = RC_OK; /* a full disk: the lock stands without its holder's name */
    if (code != RC_OK) {
        file_close(&f);
        return code;
    }
    *out_file = f;
    return RC_OK;
}

rc file_make_folder(const struct file *dir, const char *path, unsigned how) {
    if (SYS(mkdirat(fd_of(dir), path, how & FILE_PUBLIC ? 0755 : 0700)) < 0) {
        return fail_at(errno, dir, path, "making the folder");
    }
    return RC_OK;
}

rc file_rename(const struct file *dir, const char *from, const char *to) {
    if (SYS(renameat(fd_of(dir), from, fd_of(dir), to)) < 0) {
        int error = errno;
        char name[FILE_NAME_BYTES];
        name_make(dir, from, name);
        return rc_fail(code_of(error), "%s: %s while renaming it to %s", name, strerror(error), to);
    }
    return RC_OK;
}

rc file_exchange(const struct file *dir, const char *one, const char *other) {
    if (SYS(renameat2(fd_of(dir), one, fd_of(dir), other, RENAME_EXCHANGE)) < 0) {
        return fail_at(errno, dir, one, "exchanging it with another");
    }
    return RC_OK;
}

rc file_remove(const struct file *dir, const char *path) {
    if (SYS(unlinkat(fd_of(dir), path, 0)) < 0) return fail_at(errno, dir, path, "removing it");
    return RC_OK;
}

rc file_remove_folder(const struct file *dir, const char *path) {
    if (SYS(unlinkat(fd_of(dir), path, AT_REMOVEDIR)) < 0) {
        return fail_at(errno, dir, path, "removing the folder");
    }
    return RC_OK;
}

rc file_set_mode(const struct file *dir, const char *path, unsigned mode) {
    if (SYS(fchmodat(fd_of(dir), path, (mode_t)mode, 0)) < 0) {
        return fail_at(errno, dir, path, "setting its permissions");
    }
    return RC_OK;
}

static rc stat_make(int fd, const char *path, struct file_stat *out_stat) {
    struct statx sx;
    if (SYS(statx(fd, path, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS | STATX_BTIME,
                  &sx)) < 0) {
        return RC_IO;
    }
    struct file_stat s = {
        .kind = S_ISREG(sx.stx_mode)    ? FILE_KIND_FILE
                : S_ISDIR(sx.stx_mode)  ? FILE_KIND_FOLDER
                : S_ISLNK(sx.stx_mode)  ? FILE_KIND_LINK
                : S_ISSOCK(sx.stx_mode) ? FILE_KIND_SOCKET
                                        : FILE_KIND_OTHER,
        .bytes = sx.stx_size,
        .device = makedev(sx.stx_dev_major, sx.stx_dev_minor),
        .inode = sx.stx_ino,
        .modified_ms = (ms_t)sx.stx_mtime.tv_sec * 1000 + sx.stx_mtime.tv_nsec / 1000000,
        .mode = sx.stx_mode & 07777u,
        .uid = sx.stx_uid,
    };
    if (sx.stx_mask & STATX_BTIME) {
        s.born_ns = (uint64_t)sx.stx_btime.tv_sec * 1000000000u + sx.stx_btime.tv_nsec;
    }
    *out_stat = s;
    return RC_OK;
}

rc file_stat(const struct file *dir, const char *path, struct file_stat *out_stat) {
    if (stat_make(fd_of(dir), path, out_stat) != RC_OK) {
        return fail_at(errno, dir, path, "looking at it");
    }
    return RC_OK;
}

rc file_stat_open(const struct file *f, struct file_stat *out_stat) {
    if (stat_make(f->fd, "", out_stat) != RC_OK) return fail_on(errno, f, "looking at it");
    return RC_OK;
}

static int name_cmp(const void *a, const void *b) {
    return span_cmp(*(const struct span *)a, *(const struct span *)b);
}

rc file_list(const struct file *dir, const char *path, size_t names_max, struct arena *a,
             struct span **out_names, size_t *out_count) {
    struct file f;
    TRY(file_open(dir, *path ? path : ".", FILE_FOLDER, &f));
    DIR *stream = fdopendir(f.fd); /* has the descriptor from now on */
    if (!stream) {
        rc code = fail_on(errno, &f, "listing it");
        file_close(&f);
        return code;
    }
    struct span *names = NULL;
    size_t count = 0, cap = 0;
    rc code = RC_OK;
    for (;;) {
        errno = 0;
        struct dirent *entry = readdir(stream);
        if (!entry) {
            if (errno) code = fail_on(errno, &f, "listing it");
            break;
        }
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
        if (count == names_max) {
            code = rc_fail(RC_TOO_BIG, "%s: more than %zu files in it", f.name, names_max);
            break;
        }
        if (count == cap) {
            cap = cap ? cap * 2 : 64;
            names = mem_resize(names, cap * sizeof *names);
        }
        const char *copy = arena_strdup(a, span_str(entry->d_name));
        if (!copy) {
            code = rc_fail(RC_TOO_BIG, "%s: its file names take too much memory", f.name);
            break;
        }
        names[count++] = span_str(copy);
    }
    (void)closedir(stream);
    struct span *kept = NULL;
    if (code == RC_OK && count) {
        qsort(names, count, sizeof *names, name_cmp);
        kept = ARENA_ARRAY(a, struct span, count);
        if (kept)
            memcpy(kept, names, count * sizeof *names);
        else
            code = rc_fail(RC_TOO_BIG, "%s: its file names take too much memory", f.name);
    }
    mem_free(names);
    if (code != RC_OK) return code;
    *out_names = kept;
    *out_count = count;
    return RC_OK;
}

rc file_map(const struct file *f, uint64_t bytes, struct span *out_bytes) {
    if (bytes == 0) {
        *out_bytes = (struct span){NULL, 0};
        return RC_OK;
    }
    struct file_stat s;
    TRY(file_stat_open(f, &s));
    if (s.bytes < bytes) {
        return rc_fail(RC_CORRUPT, "%s: has %llu bytes where at least %llu were expected", f->name,
                       (unsigned long long)s.bytes, (unsigned long long)bytes);
    }
    void *p = (void *)SYS(mmap(NULL, bytes, PROT_READ, MAP_SHARED, f->fd, 0));
    if (p == MAP_FAILED) return fail_on(errno, f, "mapping it");
    *out_bytes = span_of(p, bytes);
    return RC_OK;
}

void file_unmap(struct span bytes) {
    if (bytes.n) CHECK(munmap((void *)(uintptr_t)bytes.p, bytes.n) == 0);
}

/* linux/magic.h and statfs(2). */
static const struct {
    unsigned long magic;
    const char *type, *warning;
} file_systems[] = {
    {0xEF53, "ext4", NULL},
    {0x58465342, "xfs", NULL},
    {0x9123683E, "btrfs", NULL},
    {0xF2F52010, "f2fs", NULL},
    {0x2FC12FC1, "zfs", NULL},
    {0x01021994, "tmpfs", "it is in memory: everything is lost when the machine stops"},
    {0x858458F6, "ramfs", "it is in memory: everything is lost when the machine stops"},
    {0x794C7630, "overlayfs", "it is a container's own layer: lost when the container is removed"},
    {0x6969, "nfs", "a network file system: its locks and memory maps are not safe for a database"},
    {0xFF534D42, "cifs",
     "a network file system: its locks and memory maps are not safe for a database"},
    {0xFE534D42, "smb2",
     "a network file system: its locks and memory maps are not safe for a database"},
    {0x65735546, "fuse", "a FUSE file system: nobody knows whether a sync really reaches the disk"},
    {0x01021997, "9p",
     "a network file system: its locks and memory maps are not safe for a database"},
    {0x4d44, "vfat", "it has neither permissions nor a journal"},
};

rc file_space(const struct file *dir, const char *path, struct file_space *out_space) {
    struct file f;
    TRY(file_open(dir, *path ? path : ".", FILE_FOLDER, &f));
    struct statfs s;
    rc code = RC_OK;
    if (SYS(fstatfs(f.fd, &s)) < 0) code = fail_on(errno, &f, "asking for its free space");
    file_close(&f);
    if (code != RC_OK) return code;
    struct file_space space = {
        .bytes_free = (uint64_t)s.f_bavail * (uint64_t)s.f_bsize,
        .bytes_total = (uint64_t)s.f_blocks * (uint64_t)s.f_bsize,
        .type = "other",
    };
    for (size_t i = 0; i < COUNT_OF(file_systems); i++) {
        if ((unsigned long)s.f_type == file_systems[i].magic) {
            space.type = file_systems[i].type;
            space.warning = file_systems[i].warning;
        }
    }
    *out_space = space;
    return RC_OK;
}

bool file_is_terminal(int fd) {
    return isatty(fd) == 1;
}
