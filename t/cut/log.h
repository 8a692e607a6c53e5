/*
 * What the shim (shim.c) writes down while the program runs and the tool (cuts.c) reads after a
 * power cut: every change to a file or folder of the site, with what was there before.
 *
 * The log is a file that every process of the program maps as shared memory before its main()
 * begins. It goes on over several runs of the program, until the power is cut.
 */
#pragma once
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define CUT_SECTOR 512
#define CUT_LOG_BYTES (512u << 20) /* sparse */
#define CUT_FILES_MAX 8192
#define CUT_PATH_BYTES 256
#define CUT_PIDS_MAX 256
#define CUT_ENV_LOG "DATELINE_CUT_LOG"

enum cut_kind {
    CUT_OTHER,
    CUT_JOURNAL,
    CUT_SIGNER,
    CUT_WAL,
    CUT_DATABASE,
    CUT_LMDB,
    CUT_MEDIA,
    CUT_FOLDER,
    CUT_KINDS
};

enum cut_op {
    CUT_WRITE,    /* the data: the sectors [offset, offset + n) as they were; zeros past the end */
    CUT_RESIZE,   /* the data: from offset on, what was cut off */
    CUT_SYNC,     /* (is counted, has no record) */
    CUT_CREATE,   /* a name came to be */
    CUT_REMOVE,   /* … went; the data: the file's content */
    CUT_RENAME,   /* `file` got the name of `other`, whose content is the data if it was there */
    CUT_MAKE_DIR, /* a folder came to be */
    CUT_REMOVE_DIR,
    CUT_OPS
};

struct cut_file {
    char path[CUT_PATH_BYTES];
    uint32_t folder; /* the folder it is in */
    uint32_t mode;
    uint8_t kind;
    bool live;       /* the path is its name; else it was removed or replaced */
    uint64_t synced; /* what the log has of it below this offset is durable */
};

struct cut_record {
    uint64_t bytes; /* with the data behind it; a multiple of 8 */
    uint64_t offset, n, old_size;
    uint32_t file, other;
    uint8_t op;
    bool resized;
    bool replaced; /* by a rename */
};

struct cut_log {
    _Atomic uint32_t lock; /* held over each change, its record, and what follows from it */
    _Atomic uint32_t dead; /* the power is off: every process ends at its next change */
    uint64_t events, syncs;
    /* The power goes at this event, at this sync, at this event of die_kind; 0: never. */
    uint64_t die_at, die_at_sync, die_at_kind;
    uint32_t die_kind;
    uint32_t lie; /* 1 << kind: its syncs do nothing */
    uint32_t files;
    uint64_t used; /* bytes of records */
    uint8_t last_op, last_kind;
    uint32_t pids;
    int32_t pid[CUT_PIDS_MAX];
    char site[CUT_PATH_BYTES];
    char complaint[256]; /* what the shim cannot follow: the run means nothing */
    struct cut_file file[CUT_FILES_MAX];
    _Alignas(8) char records[];
};

/* What was below the folder `from` is below `to`. */
static inline void path_move(char path[CUT_PATH_BYTES], const char *from, const char *to) {
    char moved[2 * CUT_PATH_BYTES];
    snprintf(moved, sizeof moved, "%s%s", to, path + strlen(from));
    memcpy(path, moved, CUT_PATH_BYTES - 1);
    path[CUT_PATH_BYTES - 1] = 0;
}
