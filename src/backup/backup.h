/*
 * backup: a site's truth, again and again, in another folder, while the site goes on; and back.
 *
 * A backup folder (DEST) is made so that a stranger can read it with sha256sum and cat:
 *
 *   dateline-backup      whose it is: "dateline-backup/v1", and "key VKEY" of the site's record
 *   backups/TIME         one backup: the manifest below. The name is its time, "2026-12-01T04-19-06.123Z"
 *   pieces/ab/HASH       bytes, under their SHA-256. What several backups have is there once
 *   lock, new/, scratch/ of the command that works on it now, or of one that was interrupted
 *
 * A manifest is lines of text:
 *
 *   dateline-backup/v1
 *   key VKEY                      of the record
 *   made 2026-12-01T04:19:06.123Z
 *   entries N                     of the record that the database has …
 *   journal N                     … and that the journal has
 *   list HASH BYTES NAME          a piece that is a list: of "store", "record", "media/ab", "site"
 *   end HASH                      the SHA-256 of all lines before
 *
 * A list is lines "HASH BYTES PATH": the pieces of files, in order; pieces with one path, put together, are
 * that file of the site. The database and the journal are cut every PIECE_CUT bytes, so that the next
 * backup writes what has changed; others are whole, up to PIECE_BYTES_MAX.
 *
 * What holds:
 * 1. A backup is of one moment of the database; its journal has no entry that its database has not; every
 *    picture that its database names is in it. The key and the signer's state never are.
 * 2. A manifest is written when all that it names is written, synced and read back; by a rename. So a
 *    backup is there whole or not at all. What an interrupted one left are pieces that nobody names; the
 *    next one finds and uses them.
 * 3. A piece is given out only if its bytes have its hash.
 * 4. Removing begins with the manifests: a crash leaves pieces that nobody names.
 */
#ifndef DATELINE_BACKUP_BACKUP_H
#define DATELINE_BACKUP_BACKUP_H

#include "base/arena.h"
#include "base/buf.h"
#include "codec/note.h"
#include "store/store.h"
#include "sys/file.h"

#define PIECE_CUT (256u << 10)
#define PIECE_BYTES_MAX (16u << 20)
/* While the database is read, nothing that is committed leaves its WAL. When it has grown by this much, the backup lets
 * go, waits until core has brought it in, and begins anew, faster: what is written already is there. */
#define BACKUP_WAL_BYTES_MAX (256u << 20)
#define BACKUP_TURNS_MAX 8
#define BACKUP_GENERATIONS_MAX 10000
#define BACKUP_NAME_BYTES 32

struct backup_dest;
/* Opens a backup folder, and locks it as `who` (a line) until it is closed. RC_BUSY: another command is on it.
 * With `key` it must be of the site with this key (RC_CONFLICT), and is made if it is not there or empty; without, it
 * must be there (RC_NOT_FOUND). RC_CONFLICT if it is something else. */
rc backup_open(const char *path, const struct note_key *key, const char *who,
               struct backup_dest **out_dest) MUST_USE;
void backup_close(struct backup_dest *d); /* NULL is fine */
const struct note_key *backup_key(const struct backup_dest *d);
/* RC_CONFLICT if DEST lies in the site's folder (its own backup would be in the next one). */
rc backup_outside(const char *dest_path, const struct file *site) MUST_USE;

/* What was found on the way that is worth a line: damage, of the site's or of DEST's files. */
typedef void backup_say(void *arg, struct span line);

/* ---- making one ------------------------------------------------------------------------------------ */

struct backup_source {
    const struct file *site;
    struct store_snapshot *snapshot;
    /* Begins the snapshot, once for each turn, and tells the newest signed head that it covers; "": none is known. */
    rc (*begin)(void *arg, struct store_snapshot *snapshot, struct buf *out_checkpoint);
    void *arg; /* of begin and say */
    backup_say *say;
};
struct backup_result {
    char name[BACKUP_NAME_BYTES];
    ms_t made;
    uint64_t entries, files, bytes; /* of the backup */
    uint64_t new_pieces, new_bytes; /* written now */
    unsigned turns, damaged;        /* files of the site that are not what they should be */
    bool checkpoint;
};
/* RC_FULL: what was written is taken back. Other failures leave what the next one finds. */
rc backup_make(struct backup_dest *d, const struct backup_source *source,
               struct backup_result *out_result) MUST_USE;

/* Only the newest n backups stay, and the pieces that they name. */
rc backup_keep(struct backup_dest *d, size_t n, uint64_t *out_backups,
               uint64_t *out_pieces) MUST_USE;

/* ---- looking at them ------------------------------------------------------------------------------- */

struct backup_verified {
    uint64_t backups, pieces, bytes, unnamed, faults;
    char newest[BACKUP_NAME_BYTES];
};
/* Reads and hashes every piece of every backup; and puts together the newest one's database and journal in DEST/scratch,
 * where they are checked as `dateline fsck` does, and against each other. Each fault is said; RC_CORRUPT if
 * there was one. */
rc backup_verify(struct backup_dest *d, backup_say *say, void *arg,
                 struct backup_verified *out_verified) MUST_USE;

/* ---- going back ------------------------------------------------------------------------------------- */

struct backup_restored {
    char name[BACKUP_NAME_BYTES];
    uint64_t entries, files, bytes;
    char aside[64]; /* --store-only: where in the site what was there has gone to */
};
/* The newest backup that was made not after `at` (the beginning of a time as manifests write it: "2026-12-01T04"; NULL:
 * the newest of all). RC_NOT_FOUND. */
rc backup_choose(struct backup_dest *d, const char *at, char out_name[BACKUP_NAME_BYTES]) MUST_USE;

/*
 * A whole site, into a folder that is empty but for what an interrupted restore of the same backup left. The
 * configuration is what makes a folder a site: it comes last, when everything else is there and synced;
 * before() is called then, if not NULL, and can refuse. The folders that a site has must be there.
 * RC_CONFLICT: something else is in it.
 */
#define BACKUP_MARK \
    "dateline.conf.restoring-" /* and the backup's name: the configuration, until then */
rc backup_may_restore(const struct file *site, const char *name) MUST_USE;
rc backup_restore(struct backup_dest *d, const char *name, const struct file *site,
                  rc (*before)(void *arg), void *arg, struct backup_restored *out) MUST_USE;

/*
 * Under the running log: database, pictures, configuration and themes of a site whose record is there, and further. The
 * record stays as it is; the next start refills the database from the journal. What was there goes to
 * SITE/before-restore-TIME. The caller holds the site's lock. RC_CONFLICT if the journals are of two logs.
 *
 * An interruption leaves the old database or the new one in force, whole; given again, the command ends
 * what it began.
 */
rc backup_restore_store(struct backup_dest *d, const char *name, const struct file *site,
                        struct backup_restored *out) MUST_USE;

#endif
