/*
 * The shim: put under the program by LD_PRELOAD. It stands between the program (and SQLite and LMDB
 * in it) and the system, wherever a file or folder of the site is changed, and notes in the log
 * (log.h) what was there before. A sync marks what went before as durable; it does not reach the
 * disk, so that a thousand cuts take no longer than they must.
 *
 * At the event that the tool has chosen, the power goes: the process ends at once, with its change
 * made and noted but not durable, and every other process ends where it would change something
 * next.
 *
 * The real calls are made by number: nothing is looked up, no call is made that the program's own
 * sandbox would not let through. Descriptors opened for writing only are opened for reading too,
 * for the old bytes. What is no durable state is let through unseen: locks, SQLite's -shm, run/.
 */
#undef _FILE_OFFSET_BITS /* open() and open64() are two names here */
#undef _FORTIFY_SOURCE
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define FDS_MAX 1024
#define NONE UINT32_MAX
#define SEEN __attribute__((visibility("default")))

static struct cut_log *log_;

/* What a descriptor of this process leads to. */
static struct {
    uint32_t file; /* NONE: nothing of the site's, or nothing durable */
    bool append, sync;
} fds[FDS_MAX];

/* ---- the power ------------------------------------------------------------------------------- */

static _Noreturn void die(void) {
    for (;;) (void)syscall(SYS_tgkill, getpid(), (pid_t)syscall(SYS_gettid), SIGKILL);
}

static void lock(void) {
    uint32_t nobody = 0;
    while (!atomic_compare_exchange_weak(&log_->lock, &nobody, 1)) {
        nobody = 0;
        if (log_->dead) die();
        sched_yield();
    }
    if (log_->dead) die();
}

static void unlock(void) {
    log_->lock = 0;
}

/* The change was made and noted: is it the last? */
static void event(uint32_t file, enum cut_op op) {
    uint8_t kind = log_->file[file].kind;
    bool last = ++log_->events == log_->die_at;
    if (op == CUT_SYNC) last |= ++log_->syncs == log_->die_at_sync;
    if (kind == log_->die_kind && log_->die_at_kind) last |= --log_->die_at_kind == 0;
    if (!last) return;
    log_->last_op = (uint8_t)op;
    log_->last_kind = kind;
    log_->dead = 1;
    die();
}

static void complain(const char *what, const char *path) {
    if (!log_->complaint[0])
        snprintf(log_->complaint, sizeof log_->complaint, "%s: %.200s", what, path);
}

/* ---- names ----------------------------------------------------------------------------------- */

static bool ends(const char *s, const char *end) {
    size_t n = strlen(s), m = strlen(end);
    return n >= m && !strcmp(s + n - m, end);
}

static enum cut_kind kind_of(const char *path) {
    if (ends(path, "/record/journal")) return CUT_JOURNAL;
    if (strstr(path, "/record/signer")) return CUT_SIGNER;
    if (ends(path, "-wal")) return CUT_WAL;
    if (ends(path, "dateline.db")) return CUT_DATABASE;
    if (ends(path, "data.mdb")) return CUT_LMDB;
    if (strstr(path, "/media/")) return CUT_MEDIA;
    return CUT_OTHER;
}

static bool is_durable(const char *path) {
    size_t n = strlen(log_->site);
    if (strncmp(path, log_->site, n) || (path[n] && path[n] != '/')) return false;
    return strncmp(path + n, "/run/", 5) && !ends(path, ".lock") && !ends(path, "lock.mdb") &&
           !ends(path, "-shm");
}

/* The whole path; false: it is nothing of the site's. */
static bool path_of(int dirfd, const char *path, char out[CUT_PATH_BYTES]) {
    char whole[2 * CUT_PATH_BYTES] = "", *to = out;
    if (!log_ || !path) return false;
    if (path[0] == '/') {
        if (strlen(path) >= sizeof whole) return false;
        strcpy(whole, path);
    } else {
        const char *base = NULL;
        char here[CUT_PATH_BYTES];
        if (dirfd == AT_FDCWD) {
            if (syscall(SYS_getcwd, here, sizeof here) > 0) base = here;
        } else if (dirfd >= 0 && dirfd < FDS_MAX && fds[dirfd].file != NONE) {
            base = log_->file[fds[dirfd].file].path;
        }
        if (!base || snprintf(whole, sizeof whole, "%s/%s", base, path) >= (int)sizeof whole)
            return false;
    }
    for (const char *p = whole; *p;) {
        while (*p == '/') p++;
        size_t n = strcspn(p, "/");
        if (n == 0) break;
        if (n == 1 && *p == '.') {
            p++;
            continue;
        }
        if ((n == 2 && !strncmp(p, "..", 2)) || to + n + 2 > out + CUT_PATH_BYTES) return false;
        *to++ = '/';
        memcpy(to, p, n);
        to += n;
        p += n;
    }
    *to = 0;
    return is_durable(out);
}

/* The file of that name in the log; with `kind`, it is made. */
static uint32_t file_of(const char *path, int kind) {
    for (uint32_t i = log_->files; i-- > 0;)
        if (log_->file[i].live && !strcmp(log_->file[i].path, path)) return i;
    if (kind < 0) return NONE;
    if (log_->files == CUT_FILES_MAX) {
        complain("too many files for the log", path);
        return NONE;
    }
    uint32_t id = log_->files++;
    struct cut_file *f = &log_->file[id];
    *f = (struct cut_file){.kind = (uint8_t)kind, .live = true, .mode = 0600};
    strcpy(f->path, path);
    char folder[CUT_PATH_BYTES];
    strcpy(folder, path);
    *strrchr(folder, '/') = 0;
    f->folder = is_durable(folder) ? file_of(folder, CUT_FOLDER) : id;
    return id;
}

/* ---- records --------------------------------------------------------------------------------- */

static bool room_for(uint64_t n) {
    if (log_->used + sizeof(struct cut_record) + n + 8 + CUT_PATH_BYTES <=
        CUT_LOG_BYTES - sizeof *log_)
        return true;
    complain("the log is full", "");
    return false;
}

/* The data stands behind it already: `n` bytes. */
static void note(struct cut_record r, uint64_t n) {
    r.bytes = (sizeof r + n + 7) & ~UINT64_C(7);
    memcpy(log_->records + log_->used, &r, sizeof r);
    log_->used += r.bytes;
}

static char *data_next(void) {
    return log_->records + log_->used + sizeof(struct cut_record);
}

static uint64_t size_of(int fd) {
    struct stat s;
    return syscall(SYS_fstat, fd, &s) < 0 ? 0 : (uint64_t)s.st_size;
}

/* The bytes [at, at + n) as they are, zeros past the end. */
static void save(int fd, uint64_t at, uint64_t n, char *out) {
    uint64_t have = 0;
    while (have < n) {
        long got = syscall(SYS_pread64, fd, out + have, n - have, at + have);
        if (got <= 0) break;
        have += (uint64_t)got;
    }
    memset(out + have, 0, n - have);
}

/* The content of the file of that name goes behind the next record. */
static bool save_named(const char *path, uint64_t *out_n, uint32_t *out_mode) {
    struct stat s;
    long fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW, 0);
    if (fd < 0) return false;
    bool is_file =
        syscall(SYS_fstat, (int)fd, &s) == 0 && S_ISREG(s.st_mode) && room_for((uint64_t)s.st_size);
    if (is_file) {
        *out_n = (uint64_t)s.st_size;
        *out_mode = s.st_mode & 07777u;
        save((int)fd, 0, *out_n, data_next());
    }
    (void)syscall(SYS_close, (int)fd);
    return is_file;
}

/* ---- changes --------------------------------------------------------------------------------- */

static bool is_ours(int fd) {
    return log_ && fd >= 0 && fd < FDS_MAX && fds[fd].file != NONE;
}

static void mark_synced(uint32_t file) {
    if (!(log_->lie & 1u << log_->file[file].kind)) log_->file[file].synced = log_->used;
}

static ssize_t change_bytes(int fd, const struct iovec *v, int count, uint64_t offset, bool here) {
    uint64_t n = 0;
    for (int i = 0; i < count; i++) n += v[i].iov_len;
    lock();
    uint64_t size = size_of(fd), at = offset;
    if (fds[fd].append)
        at = size;
    else if (here)
        at = (uint64_t)syscall(SYS_lseek, fd, 0, SEEK_CUR);
    uint64_t from = at & ~(uint64_t)(CUT_SECTOR - 1);
    uint64_t to = (at + n + CUT_SECTOR - 1) & ~(uint64_t)(CUT_SECTOR - 1);
    if (room_for(to - from)) {
        save(fd, from, to - from, data_next());
        note((struct cut_record){.op = CUT_WRITE,
                                 .file = fds[fd].file,
                                 .offset = from,
                                 .n = to - from,
                                 .old_size = size,
                                 .resized = at + n > size},
             to - from);
    }
    long put = here ? syscall(SYS_writev, fd, v, count)
                    : syscall(SYS_pwritev, fd, v, count, offset, (uint64_t)0);
    event(fds[fd].file, CUT_WRITE);
    if (fds[fd].sync) mark_synced(fds[fd].file);
    unlock();
    return put;
}

static int change_size(int fd, uint64_t bytes) {
    lock();
    uint64_t size = size_of(fd), gone = bytes < size ? size - bytes : 0;
    if (size != bytes && room_for(gone)) {
        save(fd, bytes, gone, data_next());
        note((struct cut_record){.op = CUT_RESIZE,
                                 .file = fds[fd].file,
                                 .offset = bytes,
                                 .n = gone,
                                 .old_size = size,
                                 .resized = true},
             gone);
    }
    long result = syscall(SYS_ftruncate, fd, bytes);
    event(fds[fd].file, CUT_RESIZE);
    unlock();
    return (int)result;
}

static int sync_file(int fd) {
    lock();
    event(fds[fd].file, CUT_SYNC);
    mark_synced(fds[fd].file);
    unlock();
    return 0;
}

static int open_file(int dirfd, const char *path, int flags, mode_t mode) {
    char whole[CUT_PATH_BYTES];
    if (!path_of(dirfd, path, whole) || (flags & O_PATH) || (flags & O_TMPFILE) == O_TMPFILE) {
        int fd = (int)syscall(SYS_openat, dirfd, path, flags, mode);
        if (fd >= 0 && fd < FDS_MAX) fds[fd].file = NONE;
        return fd;
    }
    lock();
    struct stat s;
    bool was = !(flags & O_CREAT) ||
               syscall(SYS_newfstatat, AT_FDCWD, whole, &s, AT_SYMLINK_NOFOLLOW) == 0;
    int how = flags & ~O_TRUNC;
    if ((how & O_ACCMODE) == O_WRONLY) how = (how & ~O_ACCMODE) | O_RDWR;
    int fd = (int)syscall(SYS_openat, dirfd, path, how, mode), error = errno;
    if (fd < 0 || fd >= FDS_MAX) {
        if (fd >= 0) complain("too many descriptors", whole);
        unlock();
        errno = error;
        return fd;
    }
    bool folder = syscall(SYS_fstat, fd, &s) == 0 && S_ISDIR(s.st_mode);
    uint32_t file = file_of(whole, folder ? CUT_FOLDER : (int)kind_of(whole));
    fds[fd].file = file;
    fds[fd].append = flags & O_APPEND;
    fds[fd].sync = flags & O_DSYNC;
    if (file != NONE && !was) {
        log_->file[file].mode = s.st_mode & 07777u;
        note((struct cut_record){.op = CUT_CREATE, .file = file}, 0);
        event(file, CUT_CREATE);
    }
    unlock();
    if (file != NONE && (flags & O_TRUNC) && was && !folder) change_size(fd, 0);
    return fd;
}

static int remove_name(int dirfd, const char *path, int flags) {
    char whole[CUT_PATH_BYTES];
    if (!path_of(dirfd, path, whole)) return (int)syscall(SYS_unlinkat, dirfd, path, flags);
    lock();
    bool folder = flags & AT_REMOVEDIR;
    uint64_t n = 0;
    uint32_t mode = 0700;
    bool was = folder || save_named(whole, &n, &mode);
    int result = (int)syscall(SYS_unlinkat, dirfd, path, flags), error = errno;
    uint32_t file =
        result == 0 && was ? file_of(whole, folder ? CUT_FOLDER : (int)kind_of(whole)) : NONE;
    if (file != NONE) {
        log_->file[file].live = false;
        log_->file[file].mode = mode;
        note((struct cut_record){.op = folder ? CUT_REMOVE_DIR : CUT_REMOVE, .file = file, .n = n},
             n);
        event(file, folder ? CUT_REMOVE_DIR : CUT_REMOVE);
    }
    unlock();
    errno = error;
    return result;
}

static bool is_below(uint32_t file, uint32_t folder) {
    for (uint32_t up; (up = log_->file[file].folder) != file; file = up)
        if (up == folder) return true;
    return false;
}

static int rename_name(int from_dir, const char *from, int to_dir, const char *to, unsigned flags) {
    char old[CUT_PATH_BYTES], new[CUT_PATH_BYTES];
    bool ours = path_of(from_dir, from, old);
    if (path_of(to_dir, to, new) != ours || (ours && flags)) complain("a rename", to);
    if (!ours) return (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, flags);
    lock();
    uint64_t n = 0;
    uint32_t mode = 0;
    struct stat s;
    bool folder =
        syscall(SYS_newfstatat, AT_FDCWD, old, &s, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(s.st_mode);
    uint32_t moved = file_of(old, folder ? CUT_FOLDER : (int)kind_of(old));
    bool replaced = !folder && save_named(new, &n, &mode);
    int result = (int)syscall(SYS_renameat, from_dir, from, to_dir, to), error = errno;
    if (result == 0 && moved != NONE) {
        uint32_t other = replaced ? file_of(new, kind_of(new)) : NONE;
        if (other != NONE) {
            log_->file[other].live = false;
            log_->file[other].mode = mode;
        }
        /* The old name stands behind the content. */
        char *name = data_next() + n;
        strcpy(name, old);
        strcpy(log_->file[moved].path, new);
        if (!folder) log_->file[moved].kind = (uint8_t)kind_of(new);
        for (uint32_t i = 0; folder && i < log_->files; i++)
            if (is_below(i, moved)) path_move(log_->file[i].path, old, new);
        note(
            (struct cut_record){
                .op = CUT_RENAME, .file = moved, .other = other, .n = n, .replaced = replaced},
            n + sizeof old);
        event(moved, CUT_RENAME);
    }
    unlock();
    errno = error;
    return result;
}

static int make_folder(int dirfd, const char *path, mode_t mode) {
    char whole[CUT_PATH_BYTES];
    if (!path_of(dirfd, path, whole)) return (int)syscall(SYS_mkdirat, dirfd, path, mode);
    lock();
    int result = (int)syscall(SYS_mkdirat, dirfd, path, mode), error = errno;
    uint32_t file = result == 0 ? file_of(whole, CUT_FOLDER) : NONE;
    if (file != NONE) {
        note((struct cut_record){.op = CUT_MAKE_DIR, .file = file}, 0);
        event(file, CUT_MAKE_DIR);
    }
    unlock();
    errno = error;
    return result;
}

/* ---- what the program calls ------------------------------------------------------------------ */

#define MODE_OF(flags, out)                \
    mode_t out = 0;                        \
    if ((flags) & (O_CREAT | O_TMPFILE)) { \
        va_list rest_;                     \
        va_start(rest_, flags);            \
        out = (mode_t)va_arg(rest_, int);  \
        va_end(rest_);                     \
    }

SEEN int open(const char *path, int flags, ...) {
    MODE_OF(flags, mode)
    return open_file(AT_FDCWD, path, flags, mode);
}
SEEN int open64(const char *path, int flags, ...) {
    MODE_OF(flags, mode)
    return open_file(AT_FDCWD, path, flags, mode);
}
SEEN int openat(int dirfd, const char *path, int flags, ...) {
    MODE_OF(flags, mode)
    return open_file(dirfd, path, flags, mode);
}
SEEN int openat64(int dirfd, const char *path, int flags, ...) {
    MODE_OF(flags, mode)
    return open_file(dirfd, path, flags, mode);
}
SEEN int creat(const char *path, mode_t mode) {
    return open_file(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}
SEEN int close(int fd) {
    if (fd >= 0 && fd < FDS_MAX) fds[fd].file = NONE;
    return (int)syscall(SYS_close, fd);
}
SEEN int dup2(int from, int to) {
    if (to >= 0 && to < FDS_MAX && from != to) fds[to].file = NONE;
    return (int)syscall(SYS_dup2, from, to);
}

SEEN ssize_t write(int fd, const void *p, size_t n) {
    if (!is_ours(fd)) return syscall(SYS_write, fd, p, n);
    return change_bytes(fd, &(struct iovec){(void *)(uintptr_t)p, n}, 1, 0, true);
}
SEEN ssize_t writev(int fd, const struct iovec *v, int count) {
    if (!is_ours(fd)) return syscall(SYS_writev, fd, v, count);
    return change_bytes(fd, v, count, 0, true);
}
SEEN ssize_t pwrite(int fd, const void *p, size_t n, off_t at) {
    if (!is_ours(fd)) return syscall(SYS_pwrite64, fd, p, n, at);
    return change_bytes(fd, &(struct iovec){(void *)(uintptr_t)p, n}, 1, (uint64_t)at, false);
}
SEEN ssize_t pwrite64(int fd, const void *p, size_t n, off64_t at) {
    return pwrite(fd, p, n, at);
}
SEEN ssize_t pwritev(int fd, const struct iovec *v, int count, off_t at) {
    if (!is_ours(fd)) return syscall(SYS_pwritev, fd, v, count, at, (uint64_t)0);
    return change_bytes(fd, v, count, (uint64_t)at, false);
}
SEEN ssize_t pwritev64(int fd, const struct iovec *v, int count, off64_t at) {
    return pwritev(fd, v, count, at);
}
SEEN int ftruncate(int fd, off_t bytes) {
    return is_ours(fd) ? change_size(fd, (uint64_t)bytes) : (int)syscall(SYS_ftruncate, fd, bytes);
}
SEEN int ftruncate64(int fd, off64_t bytes) {
    return ftruncate(fd, bytes);
}
SEEN int fallocate(int fd, int mode, off_t at, off_t n) {
    if (!is_ours(fd)) return (int)syscall(SYS_fallocate, fd, mode, at, n);
    if (mode != 0) complain("fallocate with a mode", log_->file[fds[fd].file].path);
    return (uint64_t)(at + n) > size_of(fd) ? change_size(fd, (uint64_t)(at + n)) : 0;
}
SEEN int fallocate64(int fd, int mode, off64_t at, off64_t n) {
    return fallocate(fd, mode, at, n);
}
SEEN int fsync(int fd) {
    return is_ours(fd) ? sync_file(fd) : 0;
}
SEEN int fdatasync(int fd) {
    return is_ours(fd) ? sync_file(fd) : 0;
}

SEEN int unlink(const char *path) {
    return remove_name(AT_FDCWD, path, 0);
}
SEEN int unlinkat(int dirfd, const char *path, int flags) {
    return remove_name(dirfd, path, flags);
}
SEEN int rmdir(const char *path) {
    return remove_name(AT_FDCWD, path, AT_REMOVEDIR);
}
SEEN int rename(const char *from, const char *to) {
    return rename_name(AT_FDCWD, from, AT_FDCWD, to, 0);
}
SEEN int renameat(int from_dir, const char *from, int to_dir, const char *to) {
    return rename_name(from_dir, from, to_dir, to, 0);
}
SEEN int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags) {
    return rename_name(from_dir, from, to_dir, to, flags);
}
SEEN int mkdir(const char *path, mode_t mode) {
    return make_folder(AT_FDCWD, path, mode);
}
SEEN int mkdirat(int dirfd, const char *path, mode_t mode) {
    return make_folder(dirfd, path, mode);
}

/* Stores into mapped memory would go past the log. */
SEEN void *mmap(void *at, size_t n, int access, int flags, int fd, off_t offset) {
    if ((access & PROT_WRITE) && (flags & MAP_SHARED) && is_ours(fd))
        complain("mapped for writing", log_->file[fds[fd].file].path);
    return (void *)syscall(SYS_mmap, at, n, access, flags, fd, offset);
}
SEEN void *mmap64(void *at, size_t n, int access, int flags, int fd, off64_t offset) {
    return mmap(at, n, access, flags, fd, offset);
}

__attribute__((constructor)) static void begin(void) {
    for (size_t i = 0; i < FDS_MAX; i++) fds[i].file = NONE;
    const char *path = getenv(CUT_ENV_LOG);
    if (!path) return;
    int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0);
    void *p = fd < 0 ? MAP_FAILED
                     : (void *)syscall(SYS_mmap, NULL, (size_t)CUT_LOG_BYTES,
                                       PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)0);
    (void)syscall(SYS_close, fd);
    if (p == MAP_FAILED) {
        perror(path);
        _exit(125);
    }
    log_ = p;
    lock();
    log_->pid[log_->pids++ % CUT_PIDS_MAX] = getpid();
    unlock();
}
