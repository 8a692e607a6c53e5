/*
 * The power cuts: runs the program on one site again and again with the shim under it, lets the
 * power go at a random change or sync, loses a random part of what was not durable, and runs it
 * again on what is left. What it finds wrong by itself: a run that fails though its power was on;
 * one that hangs; two signed heads of one size that differ. The rest is for t/check.py, which gets
 * from here what was acknowledged and every signed head that was ever written into a page store.
 *
 * What may be lost, as disks may do: of each sector, its states since the last sync of the file,
 * back to any of them; of the sizes likewise; of the changes in a folder since its last sync, the
 * latest ones (each file system keeps their order). How much is lost is drawn anew at each cut: see
 * enum policy.
 */
#include "log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define STORIES_MAX 200000
#define PATH_BYTES 1024
#define WAIT_S 60

static struct cut_log *log_;
static char log_path[PATH_BYTES], work[PATH_BYTES], site[PATH_BYTES];

static _Noreturn void stop(const char *what, const char *which) {
    fprintf(stderr, "cuts: %s %s: %s\n", what, which, strerror(errno));
    exit(2);
}

static void path_join(char out[PATH_BYTES], const char *folder, const char *name) {
    size_t n = strlen(folder), m = strlen(name);
    if (n + m + 2 > PATH_BYTES) {
        errno = ENAMETOOLONG;
        stop("join", name);
    }
    memcpy(out, folder, n);
    out[n] = '/';
    memcpy(out + n + 1, name, m + 1);
}

static void state_path(char out[PATH_BYTES], const char *name) {
    path_join(out, work, name);
}

/* ---- chance ---------------------------------------------------------------------------------- */

static uint64_t random_state;

static uint64_t random_next(void) { /* splitmix64 */
    uint64_t z = random_state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}
static uint64_t random_below(uint64_t n) {
    return n ? random_next() % n : 0;
}
static bool random_is(unsigned percent) {
    return random_below(100) < percent;
}

/* ---- the cut --------------------------------------------------------------------------------- */

enum policy {
    LOSE_ALL,     /* nothing that was not synced is left */
    KEEP_ALL,     /* … everything */
    LOSE_SECTORS, /* each sector by itself */
    LOSE_WRITES,  /* each change as a whole */
    LOSE_FILES,   /* all of a file's or folder's, or nothing */
    KEEP_FIRST,   /* up to some moment everything, then nothing */
    KEEP_LAST,    /* the other way round */
    POLICIES
};
static const char *const policy_names[POLICIES] = {"lose-all", "keep-all",   "sectors",  "writes",
                                                   "files",    "keep-first", "keep-last"};
static const char *const kind_names[CUT_KINDS] = {"other",    "journal", "signer", "wal",
                                                  "database", "lmdb",    "media",  "folder"};
static const char *const op_names[CUT_OPS] = {"write",  "resize", "sync",     "create",
                                              "remove", "rename", "make-dir", "remove-dir"};

struct disk_file { /* what the disk has of a file of the log */
    char path[CUT_PATH_BYTES];
    bool live, touched, size_kept, names_kept, lucky;
    uint64_t size;
};
static struct disk_file disk[CUT_FILES_MAX];
static uint64_t *kept_sectors; /* a hash table of what is decided: 1 + file << 40 | sector */
static uint64_t kept_mask;
static FILE *trace;

struct cut {
    enum policy policy;
    unsigned percent; /* is kept */
    uint64_t index, middle;
    bool whole; /* this record's */
    unsigned lost, kept;
};

static bool keeps(struct cut *c, uint32_t file) {
    bool kept = false;
    switch (c->policy) {
    case LOSE_ALL: break;
    case KEEP_ALL: kept = true; break;
    case LOSE_SECTORS: kept = random_is(c->percent); break;
    case LOSE_WRITES: kept = c->whole; break;
    case LOSE_FILES: kept = disk[file].lucky; break;
    case KEEP_FIRST: kept = c->index < c->middle; break;
    case KEEP_LAST: kept = c->index >= c->middle; break;
    case POLICIES: break;
    }
    if (kept)
        c->kept++;
    else
        c->lost++;
    return kept;
}

static bool sector_kept(uint32_t file, uint64_t sector, bool keep) {
    uint64_t key = (uint64_t)(file + 1) << 40 | sector,
             at = key * UINT64_C(0x9e3779b97f4a7c15) >> 20;
    for (;; at++) {
        uint64_t *slot = &kept_sectors[at & kept_mask];
        if (*slot == key) return true;
        if (*slot) continue;
        if (keep) *slot = key;
        return false;
    }
}

static void touch(uint32_t file) {
    struct disk_file *d = &disk[file];
    struct stat s;
    if (d->touched) return;
    if (stat(d->path, &s) < 0) stop("stat", d->path);
    d->touched = true;
    d->size = (uint64_t)s.st_size;
}

/* The bytes at `at` as they were, sector by sector, unless a later state is kept; with `keep` each
 * sector may be kept as it is now. */
static void restore(struct cut *c, uint32_t file, uint64_t at, const char *bytes, uint64_t n,
                    bool keep) {
    int fd = open(disk[file].path, O_RDWR | O_CLOEXEC);
    if (fd < 0) stop("open", disk[file].path);
    while (n) {
        uint64_t piece = CUT_SECTOR - at % CUT_SECTOR;
        if (piece > n) piece = n;
        if (!sector_kept(file, at / CUT_SECTOR, false)) {
            if (keep && keeps(c, file))
                sector_kept(file, at / CUT_SECTOR, true);
            else if (pwrite(fd, bytes, piece, (off_t)at) != (ssize_t)piece)
                stop("write", disk[file].path);
        }
        at += piece;
        bytes += piece;
        n -= piece;
    }
    close(fd);
}

static void make_again(uint32_t file, const char *bytes, uint64_t n) {
    struct disk_file *d = &disk[file];
    int fd = open(d->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) stop("make again", d->path);
    if (write(fd, bytes, n) != (ssize_t)n) stop("write", d->path);
    (void)!fchmod(fd, (mode_t)log_->file[file].mode);
    close(fd);
    d->live = true;
    d->touched = false;
}

static void remove_tree(const char *path) {
    DIR *dir = opendir(path);
    struct dirent *e;
    char below[PATH_BYTES];
    while (dir && (e = readdir(dir))) {
        if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..")) continue;
        path_join(below, path, e->d_name);
        if (e->d_type == DT_DIR)
            remove_tree(below);
        else
            unlink(below);
    }
    if (dir) closedir(dir);
    rmdir(path);
}

static bool is_below(uint32_t file, uint32_t folder) {
    for (uint32_t up; (up = log_->file[file].folder) != file; file = up)
        if (up == folder) return true;
    return false;
}

static void undo_name(const struct cut_record *r, const char *data) {
    struct disk_file *d = &disk[r->file];
    switch ((enum cut_op)r->op) {
    case CUT_CREATE:
        unlink(d->path);
        d->live = false;
        break;
    case CUT_REMOVE: make_again(r->file, data, r->n); break;
    case CUT_RENAME:
        if (rename(d->path, data + r->n) < 0) stop("rename", d->path);
        for (uint32_t i = 0; i < log_->files; i++)
            if (is_below(i, r->file)) path_move(disk[i].path, d->path, data + r->n);
        strcpy(d->path, data + r->n);
        if (r->replaced) make_again(r->other, data, r->n);
        break;
    case CUT_MAKE_DIR:
        remove_tree(d->path);
        d->live = false;
        for (uint32_t i = 0; i < log_->files; i++)
            if (is_below(i, r->file)) disk[i].live = false;
        break;
    case CUT_REMOVE_DIR:
        if (mkdir(d->path, 0700) < 0) stop("mkdir", d->path);
        d->live = true;
        break;
    case CUT_WRITE:
    case CUT_RESIZE:
    case CUT_SYNC:
    case CUT_OPS: break;
    }
}

static void undo(struct cut *c, const struct cut_record *r) {
    const char *data = (const char *)(r + 1);
    struct disk_file *d = &disk[r->file];
    uint64_t at = (uint64_t)((const char *)r - log_->records);
    bool content = r->op == CUT_WRITE || r->op == CUT_RESIZE;
    uint32_t holder = content ? r->file : log_->file[r->file].folder;
    if (at < log_->file[holder].synced) return;
    c->whole = random_is(c->percent);
    unsigned kept = c->kept, lost = c->lost;
    if (!content) {
        /* (A folder that is gone was empty before.) */
        if (disk[holder].names_kept || !disk[holder].live) return;
        if (keeps(c, holder))
            disk[holder].names_kept = true;
        else
            undo_name(r, data);
    } else {
        if (!d->live) return;
        touch(r->file);
        bool resize = r->resized && !d->size_kept;
        if (r->op == CUT_WRITE) restore(c, r->file, r->offset, data, r->n, true);
        if (resize && keeps(c, r->file)) {
            d->size_kept = true;
        } else if (resize) {
            d->size = r->old_size;
            if (r->op == CUT_RESIZE) restore(c, r->file, r->offset, data, r->n, false);
        }
    }
    if (trace)
        fprintf(trace, "%5llu %-10s %-8s %s at %llu, %llu bytes, size was %llu: %u kept, %u lost\n",
                (unsigned long long)c->index, op_names[r->op], kind_names[log_->file[r->file].kind],
                d->path, (unsigned long long)r->offset, (unsigned long long)r->n,
                (unsigned long long)r->old_size, c->kept - kept, c->lost - lost);
}

static void forget_log(void) {
    log_->files = 0;
    log_->used = 0;
}

static struct cut power_cut(void) {
    struct cut c = {.policy = (enum policy)random_below(POLICIES),
                    .percent = 10 + (unsigned)random_below(81)};
    uint64_t count = 0, sectors = 1024;
    for (uint64_t at = 0; at < log_->used; count++) {
        const struct cut_record *r = (const void *)(log_->records + at);
        sectors += r->op == CUT_WRITE ? r->n / CUT_SECTOR : 0;
        at += r->bytes;
    }
    const struct cut_record **all = calloc(count + 1, sizeof *all);
    for (kept_mask = 1024; kept_mask < 2 * sectors; kept_mask *= 2) {
    }
    kept_sectors = calloc(kept_mask, sizeof *kept_sectors);
    if (!all || !kept_sectors) stop("memory", "");
    kept_mask--;
    uint64_t i = 0;
    for (uint64_t at = 0; at < log_->used; i++) {
        all[i] = (const void *)(log_->records + at);
        at += all[i]->bytes;
    }
    for (uint32_t f = 0; f < log_->files; f++) {
        disk[f] = (struct disk_file){.live = log_->file[f].live, .lucky = random_is(c.percent)};
        memcpy(disk[f].path, log_->file[f].path, CUT_PATH_BYTES);
    }
    /* The middle lies among what may be lost. */
    uint64_t first = count;
    for (i = count; i-- > 0;) {
        const struct cut_record *r = all[i];
        uint32_t holder =
            r->op == CUT_WRITE || r->op == CUT_RESIZE ? r->file : log_->file[r->file].folder;
        if ((uint64_t)((const char *)r - log_->records) >= log_->file[holder].synced) first = i;
    }
    c.middle = first + random_below(count - first + 1);
    for (i = count; i-- > 0;) {
        c.index = i;
        undo(&c, all[i]);
    }
    for (uint32_t f = 0; f < log_->files; f++)
        if (disk[f].live && disk[f].touched && truncate(disk[f].path, (off_t)disk[f].size) < 0)
            stop("truncate", disk[f].path);
    free(all);
    free(kept_sectors);
    forget_log();
    return c;
}

/* ---- running the program --------------------------------------------------------------------- */

static const char *program, *shim;
static char said[1 << 16];

struct end {
    bool cut; /* its power went */
    int code; /* else; -1: it hung */
};

static void kill_all(void) {
    log_->dead = 1;
    for (uint32_t i = 0; i < log_->pids && i < CUT_PIDS_MAX; i++) kill(log_->pid[i], SIGKILL);
}

/* When its power goes: at the n-th event, sync, or event of a kind of file; all 0: never. */
struct moment {
    uint64_t event, sync, of_kind;
    enum cut_kind kind;
};

/* Runs it to its end, and all that it started. */
static struct end run(char *const argv[], struct moment when) {
    log_->lock = log_->dead = 0;
    log_->events = log_->syncs = 0;
    log_->die_at = when.event;
    log_->die_at_sync = when.sync;
    log_->die_at_kind = when.of_kind;
    log_->die_kind = when.kind;
    log_->pids = 0;
    char path[PATH_BYTES];
    state_path(path, "said");
    pid_t pid = fork();
    if (pid < 0) stop("fork", "");
    if (pid == 0) {
        int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
        if (fd < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0) _exit(126);
        close(fd);
        setenv("LD_PRELOAD", shim, 1);
        setenv(CUT_ENV_LOG, log_path, 1);
        execv(argv[0], argv);
        _exit(127);
    }
    struct end end = {.code = -1};
    for (unsigned ms = 0;;) {
        int status;
        pid_t ended = waitpid(-1, &status, WNOHANG);
        if (ended < 0) break;
        if (ended == pid)
            end.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        if (ended) continue;
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        if (++ms >= WAIT_S * 1000) {
            kill_all();
            while (waitpid(-1, &status, 0) > 0) {
            }
            end.code = -1;
            break;
        }
    }
    end.cut = log_->dead && end.code >= 0;
    FILE *f = fopen(path, "r");
    size_t n = f ? fread(said, 1, sizeof said - 1, f) : 0;
    said[n] = 0;
    if (f) fclose(f);
    if (log_->complaint[0]) {
        fprintf(stderr, "cuts: the shim cannot follow: %s\n", log_->complaint);
        exit(2);
    }
    return end;
}

/* ---- heads ----------------------------------------------------------------------------------- */

/* Each signed note in a page store's raw file. Whether the signature is right, the checker says. */
static struct head {
    uint64_t size;
    char root[45];
} * heads;
static size_t heads_count;

static bool head_add(const char *note, size_t n, uint64_t size, const char *root) {
    bool known = false;
    for (size_t i = heads_count; i-- > 0;) {
        if (heads[i].size != size) continue;
        if (!strncmp(heads[i].root, root, 44))
            known = true;
        else
            return false;
    }
    if (known) return true;
    heads = realloc(heads, (heads_count + 1) * sizeof *heads);
    if (!heads) stop("memory", "");
    heads[heads_count].size = size;
    memcpy(heads[heads_count].root, root, 44);
    heads[heads_count++].root[44] = 0;
    char path[PATH_BYTES];
    state_path(path, "heads");
    FILE *f = fopen(path, "a");
    if (!f) stop("open", path);
    fwrite(note, 1, n, f);
    fwrite("\n\0\n", 1, 3, f); /* as the checker reads them */
    fclose(f);
    return true;
}

static bool heads_in(const char *bytes, size_t n, const char *origin) {
    char begin[128], middle[128];
    size_t begin_n = (size_t)snprintf(begin, sizeof begin, "%s\n", origin);
    size_t middle_n = (size_t)snprintf(middle, sizeof middle, "\n\n— %s ", origin);
    const char *p = bytes, *end = bytes + n;
    while ((p = memmem(p, (size_t)(end - p), begin, begin_n))) {
        const char *note = p, *q = p += begin_n;
        uint64_t size = 0;
        while (q < end && *q >= '0' && *q <= '9' && q - p < 12)
            size = size * 10 + (uint64_t)(*q++ - '0');
        if (q == p || end - q < 300 || *q != '\n' || memcmp(q + 45, middle, middle_n)) continue;
        const char *signature = q + 45 + middle_n, *line = memchr(signature, '\n', 120);
        if (!line || strspn(signature,
                            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=") !=
                         (size_t)(line - signature))
            continue;
        if (!head_add(note, (size_t)(line + 1 - note), size, q + 1)) return false;
    }
    return true;
}

static bool heads_read(const char *origin) {
    char path[PATH_BYTES];
    bool good = true;
    char pages[PATH_BYTES], one[PATH_BYTES];
    path_join(pages, site, "pages");
    DIR *dir = opendir(pages);
    struct dirent *e;
    while (dir && (e = readdir(dir)) && good) {
        struct stat s;
        path_join(one, pages, e->d_name);
        path_join(path, one, "data.mdb");
        int fd = e->d_name[0] == '.' ? -1 : open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0) continue;
        if (fstat(fd, &s) == 0 && s.st_size > 0) {
            char *p = mmap(NULL, (size_t)s.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
            if (p != MAP_FAILED) {
                good = heads_in(p, (size_t)s.st_size, origin);
                munmap(p, (size_t)s.st_size);
            }
        }
        close(fd);
    }
    if (dir) closedir(dir);
    return good;
}

/* ---- what is done to the site ---------------------------------------------------------------- */

enum act { ACT_NEW, ACT_REVISE, ACT_PICTURE, ACT_WITHDRAW, ACT_REBUILD, ACTS };
static const struct {
    const char *name;
    unsigned percent;
    uint64_t events, syncs; /* of a run: a first guess, then what was counted */
} acts_begin[ACTS] = {{"publish", 47, 150, 14},
                      {"revise", 20, 150, 14},
                      {"picture", 20, 160, 18},
                      {"withdraw", 8, 150, 14},
                      {"rebuild", 5, 100, 12}};

static struct story {
    char path[200]; /* empty: not acknowledged */
    unsigned said;
    bool pictured, withdrawn;
} * stories;
static unsigned stories_count;
static struct { uint64_t events, syncs; } usual[ACTS];

static void state_read(void) {
    char path[PATH_BYTES], at[200], what[12];
    unsigned n, times;
    stories = calloc(STORIES_MAX, sizeof *stories);
    if (!stories) stop("memory", "");
    state_path(path, "acknowledged");
    FILE *f = fopen(path, "r");
    while (f && fscanf(f, "urn:cut:%u %199s Text %*u, said %u.\n", &n, at, &times) == 3) {
        if (n >= STORIES_MAX) break;
        strcpy(stories[n].path, at);
        stories[n].said = times;
    }
    if (f) fclose(f);
    state_path(path, "others");
    f = fopen(path, "r");
    while (f && fscanf(f, "%u %11s %199s", &n, what, at) == 3 && n < STORIES_MAX) {
        strcpy(stories[n].path, at);
        stories[n].pictured |= !strcmp(what, "pictured");
        stories[n].withdrawn |= !strcmp(what, "withdrawn");
    }
    if (f) fclose(f);
    state_path(path, "next");
    f = fopen(path, "r");
    if (f && fscanf(f, "%u", &stories_count) != 1) stories_count = 0;
    if (f) fclose(f);
    state_path(path, "heads");
    f = fopen(path, "r");
    static char all[64 << 20];
    size_t got = f ? fread(all, 1, sizeof all, f) : 0;
    if (f) fclose(f);
    for (char *p = all; p < all + got;) {
        char *end = memmem(p, (size_t)(all + got - p), "\n\0\n", 3), *line = strchr(p, '\n');
        if (!end || !line) break;
        heads = realloc(heads, (heads_count + 1) * sizeof *heads);
        if (!heads) stop("memory", "");
        heads[heads_count].size = strtoull(line + 1, &line, 10);
        memcpy(heads[heads_count].root, line + 1, 44);
        heads[heads_count++].root[44] = 0;
        p = end + 3;
    }
}

static void state_write(void) {
    char path[PATH_BYTES];
    state_path(path, "acknowledged");
    FILE *f = fopen(path, "w");
    if (!f) stop("open", path);
    for (unsigned i = 0; i < stories_count; i++)
        if (!stories[i].withdrawn)
            fprintf(f, "urn:cut:%u %s Text %u, said %u.\n", i, stories[i].path, i, stories[i].said);
    fclose(f);
    state_path(path, "others");
    f = fopen(path, "w");
    if (!f) stop("open", path);
    for (unsigned i = 0; i < stories_count; i++)
        if (stories[i].withdrawn)
            fprintf(f, "%u withdrawn %s\n", i, stories[i].path);
        else if (stories[i].pictured)
            fprintf(f, "%u pictured %s\n", i, stories[i].path);
    fclose(f);
    state_path(path, "next");
    f = fopen(path, "w");
    if (!f) stop("open", path);
    fprintf(f, "%u\n", stories_count);
    fclose(f);
}

static void item_write(unsigned nth, unsigned i, unsigned times, bool picture,
                       char out[PATH_BYTES]) {
    char name[32];
    snprintf(name, sizeof name, "item-%u.md", nth);
    state_path(out, name);
    FILE *f = fopen(out, "w");
    if (!f) stop("open", out);
    fprintf(f, "---\nuri: urn:cut:%u\nheadline: Cut story %u\ntags: [Cut, Tag %u]\n", i, i, i % 7);
    if (picture)
        fprintf(f, "picture: picture-%u.png\npicture-credit: © CUT\npicture-alt: A chart\n",
                i % 64);
    fprintf(f, "---\n\nText %u, said %u.\n", i, times);
    fclose(f);
}

#define TOGETHER 3 /* are published at once, now and then */

struct plan {
    enum act act;
    unsigned story, count; /* from this one on, so many */
};

static struct plan plan_next(void) {
    struct plan p = {.act = ACT_NEW, .count = 1};
    unsigned dice = (unsigned)random_below(100);
    while (dice >= acts_begin[p.act].percent) dice -= acts_begin[p.act++].percent;
    if (p.act == ACT_REVISE || p.act == ACT_WITHDRAW) {
        p.story = (unsigned)random_below(stories_count);
        if (stories_count > 0 && !stories[p.story].withdrawn) return p;
        p.act = ACT_NEW;
    }
    p.story = stories_count;
    if (p.act == ACT_NEW && random_is(25)) p.count = TOGETHER;
    return p;
}

static struct end plan_run(const struct plan *p, struct moment when) {
    char items[TOGETHER][PATH_BYTES], *argv[8] = {(char *)(uintptr_t)program};
    size_t n = 1;
    switch (p->act) {
    case ACT_NEW:
    case ACT_PICTURE:
    case ACT_REVISE:
        argv[n++] = (char *)(uintptr_t) "publish";
        argv[n++] = site;
        for (unsigned i = 0; i < p->count; i++) {
            unsigned times = p->act == ACT_REVISE ? stories[p->story].said + 1 : 1;
            item_write(i, p->story + i, times, p->act == ACT_PICTURE, items[i]);
            argv[n++] = items[i];
        }
        break;
    case ACT_WITHDRAW:
        argv[n++] = (char *)(uintptr_t) "withdraw";
        argv[n++] = site;
        argv[n++] = stories[p->story].path;
        argv[n++] = (char *)(uintptr_t) "--reason";
        argv[n++] = (char *)(uintptr_t) "A cut.";
        break;
    case ACT_REBUILD:
        argv[n++] = (char *)(uintptr_t) "rebuild";
        argv[n++] = site;
        break;
    case ACTS: break;
    }
    return run(argv, when);
}

/* Were all of them acknowledged, in what was said? The power may have gone right after. */
static bool plan_said(const struct plan *p) {
    unsigned count = 0;
    for (const char *at = said; (at = strstr(at, " http://")); at++) count++;
    return p->act != ACT_REBUILD && count == p->count;
}

static void plan_done(const struct plan *p) {
    const char *at = said;
    for (unsigned i = p->story; i < p->story + p->count && p->act != ACT_REBUILD; i++) {
        struct story *story = &stories[i];
        if (p->act == ACT_WITHDRAW) {
            story->withdrawn = true;
            continue;
        }
        at = strchr(strstr(at, "http://") + 7, '/');
        if (sscanf(at, "%199s", story->path) != 1) stop("read", "what was said");
        story->said++;
        story->pictured = p->act == ACT_PICTURE;
        if (i == stories_count) stories_count++;
    }
}

/* Most events are writes to the database and the pages, so that a third of the moments is drawn
 * among the syncs, and a third among the kinds of files first. */
static struct moment moment_next(enum act act) {
    struct moment m = {0};
    switch (random_below(3)) {
    case 0: m.event = 1 + random_below(usual[act].events * 9 / 8 + 1); break;
    case 1: m.sync = 1 + random_below(usual[act].syncs + 2); break;
    default:
        m.kind = act == ACT_PICTURE && random_is(50) ? CUT_MEDIA
                                                     : (enum cut_kind)random_below(CUT_KINDS);
        m.of_kind = 1 + random_below(6);
    }
    return m;
}

static void trace_begin(unsigned number) {
    char path[PATH_BYTES], name[32];
    if (trace) fclose(trace);
    snprintf(name, sizeof name, "undone-%u", number % 8);
    state_path(path, name);
    trace = fopen(path, "w");
}

static int cuts_run(uint64_t seed, unsigned count, const char *origin) {
    char path[PATH_BYTES];
    state_path(path, "cuts");
    FILE *told = fopen(path, "a");
    if (!told) stop("open", path);
    setvbuf(told, NULL, _IOLBF, 0);
    state_read();
    for (size_t i = 0; i < ACTS; i++) {
        usual[i].events = acts_begin[i].events;
        usual[i].syncs = acts_begin[i].syncs;
    }
    const char *fault = NULL;
    struct plan p = plan_next();
    struct end end = {0};
    for (unsigned done = 0, tries = 0;;) {
        /* When all is done, the last run keeps its power, so that nothing is left half known. */
        bool last = done >= count;
        end = plan_run(&p, last ? (struct moment){0} : moment_next(p.act));
        tries++;
        if (!heads_read(origin)) {
            fault = "two heads of one size";
            break;
        }
        bool was = p.act == ACT_WITHDRAW && tries > 1 && strstr(said, "withdrawn");
        bool acknowledged = plan_said(&p) || (!end.cut && (was || p.act == ACT_REBUILD));
        if (!end.cut && end.code != 0 && !was)
            fault = end.code < 0 ? "it hangs" : "it fails with its power on";
        else if (!end.cut && !acknowledged)
            fault = "it does not say where";
        if (fault) break;
        if (!end.cut && tries == 1) {
            usual[p.act].events = log_->events;
            usual[p.act].syncs = log_->syncs;
        }
        const char *act = acts_begin[p.act].name;
        bool first = tries == 1;
        if (acknowledged) {
            plan_done(&p);
            if (last) break;
            p = plan_next();
            tries = 0;
        }
        /* Else it goes on into the next run with what this one has not synced. */
        if (!end.cut && !random_is(60)) continue;
        uint64_t events = log_->events;
        trace_begin(done++);
        struct cut c = power_cut();
        fprintf(told, "%s %s: %s %s; event %llu; %s %u%%: %u lost, %u kept\n", act,
                first ? "new" : "again", end.cut ? op_names[log_->last_op] : "at",
                end.cut ? kind_names[log_->last_kind] : "rest", (unsigned long long)events,
                policy_names[c.policy], c.percent, c.lost, c.kept);
    }
    forget_log();
    state_write();
    if (trace) fclose(trace);
    fclose(told);
    if (!fault) return 0;
    printf("FAULT seed %llu, %s of story %u: %s (exit %d); cuts, said and undone-N are in %s\n%s\n",
           (unsigned long long)seed, acts_begin[p.act].name, p.story, fault, end.code, work, said);
    return 1;
}

/* ---- what it needs --------------------------------------------------------------------------- */

static void log_make(uint32_t lie) {
    state_path(log_path, "log");
    int fd = open(log_path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || ftruncate(fd, CUT_LOG_BYTES) < 0) stop("make", log_path);
    log_ = mmap(NULL, CUT_LOG_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (log_ == MAP_FAILED) stop("map", log_path);
    close(fd);
    if (strlen(site) >= sizeof log_->site) stop("use so long a name as", site);
    memcpy(log_->site, site, strlen(site) + 1);
    log_->lie = lie;
}

/* One cut after any other program has run once: cuts cut PROGRAM [ARGUMENT…], for testing the shim.
 */
static int cut_once(char **argv) {
    uint64_t total;
    (void)run(argv, (struct moment){0});
    total = log_->events;
    struct cut c = power_cut();
    printf("%llu events, %s: %u lost, %u kept\n", (unsigned long long)total, policy_names[c.policy],
           c.lost, c.kept);
    return 0;
}

int main(int argc, char **argv) {
    uint64_t seed = 1;
    unsigned count = 100;
    uint32_t lie = 0;
    const char *origin = "play.example/record";
    int option;
    while ((option = getopt(argc, argv, "+s:n:l:o:")) > 0) {
        if (option == 's') seed = strtoull(optarg, NULL, 10);
        if (option == 'n') count = (unsigned)strtoul(optarg, NULL, 10);
        if (option == 'o') origin = optarg;
        for (unsigned k = 0; option == 'l' && k < CUT_KINDS; k++)
            if (!strcmp(optarg, kind_names[k])) lie |= 1u << k;
        if (option == '?') return 2;
    }
    if (argc - optind < 3) {
        fputs(
            "cuts [-s SEED] [-n COUNT] [-l KIND-WHOSE-SYNCS-LIE] [-o ORIGIN] SHIM WORK PROGRAM "
            "[ARGUMENT…]\n"
            "WORK/site is the site. With arguments: PROGRAM is run once, then the power is cut.\n",
            stderr);
        return 2;
    }
    const char *where = realpath(argv[optind + 1], NULL);
    shim = realpath(argv[optind], NULL);
    if (!shim || !where) stop("find", argv[optind + !!shim]);
    path_join(work, where, "");
    work[strlen(where)] = 0;
    path_join(site, work, "site");
    program = argv[optind + 2];
    random_state = seed * UINT64_C(0x2545f4914f6cdd1d);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    log_make(lie);
    int code = argc - optind > 3 ? cut_once(argv + optind + 2) : cuts_run(seed, count, origin);
    unlink(log_path);
    return code;
}
