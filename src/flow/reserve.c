/*
 * run/reserve: blocks that are really there, kept for the day the disk is full. When something that
 * is half done (stored, not yet public) meets the full disk, they are given up, and it is finished; after that
 * nothing new is taken until the reserve is whole again, so the next day finds it there.
 */
#include "flow/inner.h"
#include "sys/clock.h"
#include "sys/log.h"

#define RESERVE_FILE "run/reserve"

rc reserve_keep(struct flow *f) {
    struct file file;
    if (f->setup.reserve_mb == 0) {
        f->disk_full = false;
        return RC_OK;
    }
    f->disk_tried = clock_mono_ns();
    rc code = file_open(f->setup.site, RESERVE_FILE, FILE_WRITE | FILE_CREATE, &file);
    if (code == RC_OK) {
        code = file_reserve(&file, (uint64_t)f->setup.reserve_mb << 20);
        if (code != RC_OK) (void)!file_truncate(&file, 0); /* what others may need now */
        file_close(&file);
    }
    if (code != RC_OK) {
        if (!f->disk_full)
            log_event(LOG_ERROR, "the disk is full: nothing is published until space is freed",
                      LOG_WHY());
        f->disk_full = true;
        return rc_fail(code == RC_IO ? RC_IO : RC_FULL,
                       "the disk is full: free some space, publishing goes on by itself (%u MB are "
                       "kept in reserve)",
                       f->setup.reserve_mb);
    }
    if (f->disk_full) log_event(LOG_INFO, "there is space again; publishing goes on");
    f->disk_full = false;
    return RC_OK;
}

void reserve_give_up(struct flow *f) {
    struct file file;
    char why[RC_WHY_MAX];
    memcpy(why, rc_why(), sizeof why);
    if (!f->disk_full)
        log_event(LOG_ERROR, "the disk is full: the reserve is given up, nothing new is published",
                  LOG_WHY());
    f->disk_full = true;
    if (file_open(f->setup.site, RESERVE_FILE, FILE_WRITE, &file) == RC_OK) {
        if (file_truncate(&file, 0) != RC_OK)
            log_event(LOG_ERROR, "the reserve cannot be given up", LOG_WHY());
        file_close(&file);
    }
    (void)!pump(f); /* what is stored already shall be seen; if this fails, it is tried again */
    (void)!rc_fail(RC_FULL, "%s", why);
}
