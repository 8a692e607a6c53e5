#include "sys/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/timex.h>
#include <time.h>

static ms_t standing; /* not 0: the wall clock stands here */
static ms_t moved_ms; /* by tests */
static bool asked_environment;

static ms_t from_environment(void) {
#ifdef DATELINE_FAULTS
    static ms_t offset;
    if (!asked_environment) {
        const char *text = getenv("DATELINE_CLOCK");
        if (text) offset = strtoll(text, NULL, 10);
    }
    asked_environment = true;
    return offset;
#else
    (void)asked_environment;
    return 0;
#endif
}

static uint64_t ask_ns(clockid_t which) {
    struct timespec ts;
    CHECK(clock_gettime(which, &ts) == 0);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

ms_t clock_wall_ms(void) {
    if (standing) return standing + moved_ms;
    return (ms_t)(ask_ns(CLOCK_REALTIME) / 1000000) + moved_ms + from_environment();
}

mono_t clock_mono_ns(void) {
    return ask_ns(CLOCK_MONOTONIC) + (mono_t)moved_ms * 1000000;
}

bool clock_is_synchronized(void) {
    struct timex t = {.modes = 0};
    int state = adjtimex(&t);
    return state >= 0 && state != TIME_ERROR;
}

void clock_sleep_ms(unsigned ms) {
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    while (nanosleep(&left, &left) < 0) {
    } /* interrupted: the rest */
}

void clock_test_set(ms_t now) {
    standing = now;
    moved_ms = 0;
}

void clock_test_advance(ms_t by) {
    moved_ms += by;
}

size_t clock_text(ms_t at, bool with_ms, char out_text[CLOCK_TEXT_BYTES]) {
    /* Howard Hinnant's days → civil; the year's length in days is what gmtime_r() would do too, but
     * that takes a lock and may read files the first time, which a sandbox refuses. */
    const ms_t first = -62135596800000, last = 253402300799999; /* years 0001 and 9999 */
    if (at < first) at = first;
    if (at > last) at = last;
    int64_t days = at / 86400000, ms = at % 86400000;
    if (ms < 0) {
        ms += 86400000;
        days--;
    }
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    unsigned day_of_era = (unsigned)(z - era * 146097);
    unsigned year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    unsigned shifted = (5 * day_of_year + 2) / 153;
    unsigned day = day_of_year - (153 * shifted + 2) / 5 + 1;
    unsigned month = shifted < 10 ? shifted + 3 : shifted - 9;
    unsigned year = (unsigned)((int64_t)year_of_era + era * 400) + (month <= 2);
    unsigned second = (unsigned)(ms / 1000);
    int n = snprintf(out_text, CLOCK_TEXT_BYTES, "%04u-%02u-%02uT%02u:%02u:%02u", year % 10000,
                     month, day, second / 3600, second / 60 % 60, second % 60);
    if (with_ms) {
        n += snprintf(out_text + n, CLOCK_TEXT_BYTES - (size_t)n, ".%03u", (unsigned)(ms % 1000));
    }
    n += snprintf(out_text + n, CLOCK_TEXT_BYTES - (size_t)n, "Z");
    return (size_t)n;
}

/* n digits at s.p + at */
static bool digits_read(struct span s, size_t at, size_t n, int64_t *out_value) {
    int64_t value = 0;
    for (size_t i = at; i < at + n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9') return false;
        value = value * 10 + (s.p[i] - '0');
    }
    *out_value = value;
    return true;
}

bool clock_read(struct span text, ms_t *out_time) {
    int64_t year, month, day, hour, minute, second, ms;
    if (text.n != 24 || !digits_read(text, 0, 4, &year) || !digits_read(text, 5, 2, &month) ||
        !digits_read(text, 8, 2, &day) || !digits_read(text, 11, 2, &hour) ||
        !digits_read(text, 14, 2, &minute) || !digits_read(text, 17, 2, &second) ||
        !digits_read(text, 20, 3, &ms) || year == 0) {
        return false;
    }
    /* Civil date → days, years beginning in March. What is no date (31 February, 25 o'clock), or
     * has other signs between the digits, comes back as another text. */
    int64_t y = month <= 2 ? year - 1 : year, era = y / 400, of_era = y % 400;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int64_t days = era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year - 719468;
    ms_t time = (((days * 24 + hour) * 60 + minute) * 60 + second) * 1000 + ms;
    char again[CLOCK_TEXT_BYTES];
    if (!span_eq(text, span_of(again, clock_text(time, true, again)))) return false;
    *out_time = time;
    return true;
}
