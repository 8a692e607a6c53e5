/*
 * fault: places where the plays break the program. Compiled to nothing unless the build was
 * configured with -Dfaults=true.
 *
 *   fault_point("publish.after-journal");
 *       DATELINE_CRASH=publish.after-journal    kill -9 of this process when it gets here
 *       DATELINE_CRASH=publish.after-journal:3  … the third time
 *       A name may start with the process: "core/publish.after-journal".
 *   fault_sys(&error)   before each system call made through sys/file.h
 *       DATELINE_FAULT=sys:17:ENOSPC            the 17th of this process fails so, once
 *       DATELINE_FAULT=sys:17+:EIO              … and every later one
 *       DATELINE_FAULT=core/sys:17:EIO          … in the process with that name only
 *   fault_sync(&error)  before each fdatasync or fsync made through sys/file.h, which is then counted by fault_sys() too
 *       DATELINE_FAULT=core/sync:2:EIO          the 2nd sync of core
 *   fault_db()          before each step of the database; true: behave as if it had failed
 *       DATELINE_FAULT=db:5                     the 5th
 * DATELINE_FAULT takes several, separated by commas. DATELINE_FAULT_COUNT=FILE: at exit the process
 * appends "PROCESS sys N db M sync K" to it, so that a play knows how far to count.
 * Errors by name: EIO ENOSPC EDQUOT EACCES EMFILE ENOMEM EINTR EROFS.
 */
#ifndef DATELINE_SYS_FAULT_H
#define DATELINE_SYS_FAULT_H

#include "base/base.h"

#ifdef DATELINE_FAULTS
void fault_point(const char *name);
bool fault_sys(int *out_errno);
bool fault_sync(int *out_errno);
bool fault_db(void);
/* The process's name for the rules above ("core", "signer", "web"); called once by main/. */
void fault_setup(const char *process);
#else
static inline void fault_point(const char *name) {
    (void)name;
}
static inline bool fault_sys(int *out_errno) {
    (void)out_errno;
    return false;
}
static inline bool fault_sync(int *out_errno) {
    (void)out_errno;
    return false;
}
static inline bool fault_db(void) {
    return false;
}
static inline void fault_setup(const char *process) {
    (void)process;
}
#endif

#endif
