/*
 * The flipped bits: one bit of one file of a site at a time, then dateline fsck, then the bit is put
 * back. Either fsck names it, or nobody could have been told anything else: then the database, read
 * row by row, and the page store, read entry by entry through LMDB, must hold exactly what they held
 * before. Of the other files there is no such excuse.
 *
 *     flips PROGRAM SITE SEED COUNT
 *
 * Each group of files gets the same share. Prints a line a group; exit code 1 if a bit was missed.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <lmdb.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define FILES_MAX 65536
#define PATH_BYTES 1024
#define OUTPUT_BYTES (1 << 20)
#define MAP_BYTES ((size_t)1 << 40)

enum group { DATABASE, WAL, JOURNAL, SIGNER, HEAD, CONFIG, PAGES, MEDIA, GROUPS };
static const char *const names[GROUPS] = {"database", "wal",           "journal", "signer",
                                          "head",     "configuration", "pages",   "media"};

static struct {
    char path[PATH_BYTES]; /* within the site */
    long bytes;
    enum group group;
} files[FILES_MAX];
static unsigned file_count, in_group[GROUPS];
static struct { unsigned named, same, missed; } counts[GROUPS];
static const char *program, *site;
static char output[OUTPUT_BYTES];

static _Noreturn void stop(const char *what, const char *which) {
    fprintf(stderr, "flips: %s %s: %s\n", what, which, strerror(errno));
    exit(2);
}

/* xorshift64*, so that a seed means the same everywhere */
static unsigned long long seed;
static unsigned long long draw(unsigned long long below) {
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return (seed * 2685821657736338717ull >> 11) % below;
}

static int add(const char *path, const struct stat *stat, int kind, struct FTW *at) {
    const char *name = path + strlen(site) + 1;
    enum group group;
    (void)at;
    if (kind != FTW_F || stat->st_size == 0) return 0;
    if (!strcmp(name, "store/dateline.db"))
        group = DATABASE;
    else if (!strcmp(name, "store/dateline.db-wal"))
        group = WAL;
    else if (!strcmp(name, "record/journal"))
        group = JOURNAL;
    else if (!strcmp(name, "record/signer"))
        group = SIGNER;
    else if (!strcmp(name, "record/key") || !strcmp(name, "record/checkpoint"))
        group = HEAD;
    else if (!strcmp(name, "dateline.conf") || !strncmp(name, "themes/", 7))
        group = CONFIG;
    else if (!strncmp(name, "pages/", 6) && strstr(name, "data.mdb"))
        group = PAGES;
    else if (!strncmp(name, "media/", 6))
        group = MEDIA;
    else
        return 0; /* locks, -shm, run/, log/: nothing is kept there */
    if (file_count == FILES_MAX) return 0;
    snprintf(files[file_count].path, PATH_BYTES, "%s", name);
    files[file_count].bytes = stat->st_size;
    files[file_count++].group = group;
    in_group[group]++;
    return 0;
}

static void full_path(unsigned file, char out[2 * PATH_BYTES]) {
    snprintf(out, 2 * PATH_BYTES, "%s/%s", site, files[file].path);
}

static void flip(unsigned file, long at, unsigned bit) {
    char path[2 * PATH_BYTES];
    unsigned char byte;
    full_path(file, path);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0 || pread(fd, &byte, 1, at) != 1) stop("reading", path);
    byte = (unsigned char)(byte ^ (1u << bit));
    if (pwrite(fd, &byte, 1, at) != 1 || close(fd) != 0) stop("writing", path);
}

/* Its exit code; what it printed is in `output`. */
static int run_fsck(void) {
    int ends[2], status;
    size_t n = 0;
    if (pipe2(ends, O_CLOEXEC) != 0) stop("pipe", "");
    pid_t child = fork();
    if (child < 0) stop("fork", "");
    if (child == 0) {
        dup2(ends[1], 1);
        dup2(ends[1], 2);
        execl(program, program, "fsck", site, (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    for (ssize_t got; (got = read(ends[0], output + n, sizeof output - 1 - n)) > 0;)
        n += (size_t)got;
    output[n] = 0;
    close(ends[0]);
    if (waitpid(child, &status, 0) != child) stop("waitpid", "");
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

/* ---- what everything says, in one hash ---- */

static void hash_bytes(crypto_hash_sha256_state *hash, const void *p, size_t n) {
    crypto_hash_sha256_update(hash, (const unsigned char *)&n, sizeof n);
    if (n) crypto_hash_sha256_update(hash, p, n);
}

static void hash_query(sqlite3 *db, const char *sql, crypto_hash_sha256_state *hash) {
    sqlite3_stmt *q;
    int code = sqlite3_prepare_v2(db, sql, -1, &q, NULL);
    while (code == SQLITE_OK || code == SQLITE_ROW) {
        code = sqlite3_step(q);
        for (int i = 0; code == SQLITE_ROW && i < sqlite3_column_count(q); i++) {
            int type = sqlite3_column_type(q, i);
            hash_bytes(hash, &type, sizeof type);
            hash_bytes(hash, sqlite3_column_blob(q, i), (size_t)sqlite3_column_bytes(q, i));
        }
    }
    hash_bytes(hash, &code, sizeof code);
    sqlite3_finalize(q);
}

static void hash_database(unsigned char out[32]) {
    static const char *const tables[] = {"entries", "revisions", "acts",   "stories",
                                         "paths",   "uris",      "lists",  "list_places",
                                         "notes",   "held",      "tokens", "meta"};
    crypto_hash_sha256_state hash;
    sqlite3 *db;
    char path[2 * PATH_BYTES], command[8 * PATH_BYTES];
    crypto_hash_sha256_init(&hash);
    /* In a copy: with a WAL SQLite makes files beside it. */
    snprintf(command, sizeof command,
             "rm -rf '%s.copy' && mkdir '%s.copy' && cp '%s'/store/dateline.db* '%s.copy' && rm -f "
             "'%s.copy'/dateline.db-shm",
             site, site, site, site, site);
    if (system(command) != 0) stop("copying the database of", site);
    snprintf(path, sizeof path, "%s.copy/dateline.db", site);
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK) {
        hash_query(db, "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name", &hash);
        hash_query(db, "PRAGMA user_version", &hash);
        for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
            char sql[64];
            snprintf(sql, sizeof sql, "SELECT * FROM %s", tables[i]);
            hash_query(db, sql, &hash);
        }
    }
    sqlite3_close(db);
    crypto_hash_sha256_final(&hash, out);
}

/* In a child: a damaged file may end whoever maps it. All zero then. */
static void hash_pages(unsigned file, unsigned char out[32]) {
    char path[2 * PATH_BYTES];
    int ends[2], status;
    full_path(file, path);
    memset(out, 0, 32);
    if (pipe2(ends, O_CLOEXEC) != 0) stop("pipe", "");
    pid_t child = fork();
    if (child < 0) stop("fork", "");
    if (child == 0) {
        crypto_hash_sha256_state hash;
        MDB_env *env;
        MDB_txn *txn;
        MDB_dbi dbi;
        MDB_cursor *cursor;
        MDB_val key, value;
        crypto_hash_sha256_init(&hash);
        if (mdb_env_create(&env) || mdb_env_set_mapsize(env, MAP_BYTES) ||
            mdb_env_open(env, path, MDB_RDONLY | MDB_NOLOCK | MDB_NOSUBDIR, 0600) ||
            mdb_txn_begin(env, NULL, MDB_RDONLY, &txn) || mdb_dbi_open(txn, NULL, 0, &dbi) ||
            mdb_cursor_open(txn, dbi, &cursor))
            _exit(1);
        int code;
        while ((code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0) {
            MDB_val found;
            hash_bytes(&hash, key.mv_data, key.mv_size);
            hash_bytes(&hash, value.mv_data, value.mv_size);
            /* and by its key */
            if (mdb_get(txn, dbi, &key, &found) || found.mv_data != value.mv_data) _exit(1);
        }
        hash_bytes(&hash, &code, sizeof code);
        crypto_hash_sha256_final(&hash, out);
        _exit(write(ends[1], out, 32) == 32 ? 0 : 1);
    }
    close(ends[1]);
    if (read(ends[0], out, 32) != 32) memset(out, 0, 32);
    close(ends[0]);
    if (waitpid(child, &status, 0) != child) stop("waitpid", "");
}

static void hash_content(unsigned file, unsigned char out[32]) {
    if (files[file].group == PAGES)
        hash_pages(file, out);
    else
        hash_database(out);
}

/* ---- one ---- */

/* Mostly where something is: much of a small database is zeros that nobody reads. */
static long place(unsigned file) {
    char path[2 * PATH_BYTES];
    unsigned char byte = 0;
    long at = 0;
    full_path(file, path);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) stop("opening", path);
    for (unsigned tries = 0; tries < 12 && byte == 0; tries++) {
        at = (long)draw((unsigned long long)files[file].bytes);
        if (pread(fd, &byte, 1, at) != 1) stop("reading", path);
    }
    close(fd);
    return at;
}

static void one(enum group group) {
    unsigned char before[32], now[32];
    unsigned file, nth = (unsigned)draw(in_group[group]);
    for (file = 0; files[file].group != group || nth-- > 0; file++) continue;
    const long at = place(file);
    const unsigned bit = (unsigned)draw(8);
    const bool may_be_same = group == DATABASE || group == WAL || group == PAGES;
    if (may_be_same) hash_content(file, before);
    flip(file, at, bit);
    const int code = run_fsck();
    /* Of what is read row by row, a row, an entry or an address is a name; else the file must be. */
    const bool is_named = (code == 9 && (may_be_same ? strstr(output, "FAULT") != NULL
                                                     : strstr(output, files[file].path) != NULL)) ||
                          (code == 0 && strstr(output, files[file].path) != NULL);
    bool same = false;
    if (!is_named && code == 0 && may_be_same) {
        hash_content(file, now);
        same = memcmp(before, now, sizeof now) == 0;
    }
    flip(file, at, bit);
    if (is_named)
        counts[group].named++;
    else if (same)
        counts[group].same++;
    else {
        counts[group].missed++;
        printf("missed: %s, byte %ld, bit %u: exit code %d\n%.2000s\n", files[file].path, at, bit,
               code, output);
    }
}

int main(int argc, char **argv) {
    if (argc != 5 || sodium_init() < 0) return 2;
    program = argv[1];
    site = argv[2];
    seed = strtoull(argv[3], NULL, 10) * 2 + 1;
    const unsigned count = (unsigned)strtoul(argv[4], NULL, 10);
    if (nftw(site, add, 16, FTW_PHYS) != 0) stop("walking", site);
    if (run_fsck() != 0) {
        printf("not in order before anything was flipped:\n%s", output);
        return 1;
    }
    for (unsigned i = 0; i < count; i++) {
        const enum group group = (enum group)(i % GROUPS);
        if (in_group[group]) one(group);
    }
    unsigned missed = run_fsck() != 0;
    if (missed) printf("not in order after everything was put back:\n%s", output);
    for (unsigned i = 0; i < GROUPS; i++) {
        missed += counts[i].missed;
        if (in_group[i])
            printf("%s: %u bits: %u named, %u without effect, %u missed\n", names[i],
                   counts[i].named + counts[i].same + counts[i].missed, counts[i].named,
                   counts[i].same, counts[i].missed);
    }
    return missed ? 1 : 0;
}
