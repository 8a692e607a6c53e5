/*
 * fsck: reads everything that lies in a site's folder, and whether it agrees. Written from
 * docs/site-format.md and docs/record-format.md: it includes nothing of ours but base/, sys/ and
 * verify/'s readers, so that a mistake in what writes is not made again by what checks. It writes
 * nothing into the folder.
 *
 * A site may be served, and go on publishing, meanwhile. The database is read in one transaction. The
 * page store is read without LMDB and without its lock: pages are copied, and thrown away if the store
 * has moved on by more than it keeps (lmdb.c). What does not agree then is looked at again, with a
 * newer view of both, before it is called a fault.
 *
 * Memory: 24 bytes an entry and a story, SQLite's cache (16 MiB), one bit for each 4 KiB of the page
 * store, one answer with its bodies (at most 64 MiB), one revision.
 */
#ifndef DATELINE_FSCK_FSCK_H
#define DATELINE_FSCK_FSCK_H

#include "base/buf.h"
#include "sys/file.h"

struct fsck_finding {
    bool is_fault; /* else a note: nothing is lost, and nobody is told anything wrong */
    const char *kind;
    struct span what;    /* what is wrong, where: file and offset, table and row, address */
    const char *follows; /* for readers, for the record */
    const char *mend;    /* what to do; SITE stands for the site's path */
};

struct fsck_options {
    const struct file *site;     /* its folder */
    const char *path;            /* the same, for SQLite */
    bool served;                 /* somebody is core now; else nobody becomes it until the end */
    const struct span *editions; /* their keys; the first one's pages have no prefix */
    size_t edition_count;
    void (*find)(void *arg, const struct fsck_finding *finding);
    /* done and of: of the step that it is in; of 0: not known. NULL: nobody looks. */
    void (*progress)(void *arg, const char *step, uint64_t done, uint64_t of);
    void *arg;
};

/* Of one kind; the rest is counted, and told as a number. */
#define FSCK_TOLD_MAX 100

struct fsck_result {
    uint64_t faults, notes;
    uint64_t entries, revisions, stories, lists, pages, pictures, bytes; /* looked at */
};

/* RC_OK: everything was looked at, and out_result->faults says how much is wrong. Anything else: it
 * could not be looked at. */
rc fsck_site(const struct fsck_options *options, struct fsck_result *out_result) MUST_USE;

#endif
