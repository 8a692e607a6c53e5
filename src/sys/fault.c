#include "sys/fault.h"

#ifdef DATELINE_FAULTS

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Single-threaded, as every process of Dateline that writes. */
static char process_name[32] = "";
static uint64_t calls_sys, calls_sync, calls_db;

static const struct {
    const char *name;
    int value;
} errors[] = {
    {"EIO", EIO},       {"ENOSPC", ENOSPC}, {"EDQUOT", EDQUOT}, {"EACCES", EACCES},
    {"EMFILE", EMFILE}, {"ENOMEM", ENOMEM}, {"EINTR", EINTR},   {"EROFS", EROFS},
};

/* A typing error in a rule would make a play pass for nothing. */
static _Noreturn void bad_rule(struct span rule) {
    fprintf(stderr, "dateline: not a fault rule: " SPAN_FMT "\n", SPAN_ARG(rule));
    _exit(2);
}

/* Cuts "core/" from the rule's front; false if it is another process's. */
static bool for_us(struct span *rule) {
    size_t slash = span_find(*rule, '/');
    if (slash == rule->n) return true;
    bool ours = span_eq(span_sub(*rule, 0, slash), span_str(process_name));
    *rule = span_from(*rule, slash + 1);
    return ours;
}

void fault_point(const char *name) {
    static bool asked;
    static struct span wanted;
    static uint64_t left = 1;
    if (!asked) {
        asked = true;
        struct span rule = span_str(getenv("DATELINE_CRASH"));
        if (rule.n && for_us(&rule)) {
            wanted = span_cut(&rule, ':');
            if (rule.p && (!span_to_u64(rule, UINT32_MAX, &left) || left == 0)) bad_rule(rule);
        }
    }
    if (wanted.n == 0 || !span_eq(wanted, span_str(name))) return;
    if (--left > 0) return;
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

/* Is there a rule for call number n of `kind`? *out_errno from its third part, EIO without. */
static bool hit(struct span kind, uint64_t n, int *out_errno) {
    struct span rules = span_str(getenv("DATELINE_FAULT"));
    while (rules.n) {
        struct span whole = span_cut(&rules, ','), rule = whole;
        if (!for_us(&rule)) continue;
        struct span of = span_cut(&rule, ':');
        bool known =
            span_eq(of, SPAN("sys")) || span_eq(of, SPAN("sync")) || span_eq(of, SPAN("db"));
        struct span number = span_cut(&rule, ':');
        bool and_later = span_ends(number, SPAN("+"));
        if (and_later) number.n--;
        uint64_t at;
        if (!known || !span_to_u64(number, UINT64_MAX, &at)) bad_rule(whole);
        int error = EIO;
        if (rule.p) {
            size_t i = 0;
            while (i < COUNT_OF(errors) && !span_eq(rule, span_str(errors[i].name))) i++;
            if (i == COUNT_OF(errors)) bad_rule(whole);
            error = errors[i].value;
        }
        if (span_eq(of, kind) && (n == at || (and_later && n > at))) {
            *out_errno = error;
            return true;
        }
    }
    return false;
}

bool fault_sys(int *out_errno) {
    return hit(SPAN("sys"), ++calls_sys, out_errno);
}

bool fault_sync(int *out_errno) {
    return hit(SPAN("sync"), ++calls_sync, out_errno);
}

bool fault_db(void) {
    int ignored;
    return hit(SPAN("db"), ++calls_db, &ignored);
}

static int count_fd = -1;

static void tell_count(void) {
    char line[128];
    int n = snprintf(line, sizeof line, "%s sys %llu db %llu sync %llu\n", process_name,
                     (unsigned long long)calls_sys, (unsigned long long)calls_db,
                     (unsigned long long)calls_sync);
    if (write(count_fd, line, (size_t)n) != n)
        fputs("dateline: cannot write fault counts\n", stderr);
}

void fault_setup(const char *process) {
    snprintf(process_name, sizeof process_name, "%s", process);
    const char *path = getenv("DATELINE_FAULT_COUNT");
    if (!path) return;
    count_fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644); /* before any sandbox */
    if (count_fd < 0 || atexit(tell_count) != 0) bad_rule(span_str(path));
}

#else
/* A translation unit must not be empty (C17 6.9). */
extern int fault_none;
int fault_none;
#endif
