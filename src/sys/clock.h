/* clock: what time it is, and how long something took. The only place that asks. */
#ifndef DATELINE_SYS_CLOCK_H
#define DATELINE_SYS_CLOCK_H

#include "base/base.h"

/* POSIX time. It may go back when the administrator or NTP says so. */
ms_t clock_wall_ms(void);
/* Never goes back; only differences mean something. Nanoseconds. */
mono_t clock_mono_ns(void);
/* Does the kernel believe that something (NTP) keeps the wall clock right? */
bool clock_is_synchronized(void);
void clock_sleep_ms(unsigned ms);
#define CLOCK_MS(count) ((mono_t)(count)*1000000)

/*
 * For tests. clock_test_set: the wall clock stands still at `now`; 0 gives the real one back.
 * clock_test_advance: moves both clocks (a standing one too), for this process.
 * In builds with -Dfaults=true the environment's DATELINE_CLOCK moves the wall clock of every
 * process that inherits it: "+3600000" ms later, "-…" earlier.
 */
void clock_test_set(ms_t now);
void clock_test_advance(ms_t by);

/* "2019-10-20T09:39:00Z" or with ".123" if with_ms; years 0001–9999. Returns length, at most 24;
 * always NUL-terminated. */
#define CLOCK_TEXT_BYTES 32
size_t clock_text(ms_t at, bool with_ms, char out_text[CLOCK_TEXT_BYTES]);
/* Back: "2026-11-24T20:33:59.123Z", what clock_text() writes with_ms and nothing else; else false. */
bool clock_read(struct span text, ms_t *out_time);

#endif
