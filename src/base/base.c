#include "base/base.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const struct {
    const char *name, *text;
    int http, exit_code;
} rc_rows[RC_COUNT] = {
#define X(name, text, http, exit_code) {#name, text, http, exit_code},
    RC_TABLE(X)
#undef X
};

const char *rc_name(rc code) {
    return (unsigned)code < RC_COUNT ? rc_rows[code].name : "?";
}
const char *rc_text(rc code) {
    return (unsigned)code < RC_COUNT ? rc_rows[code].text : "?";
}
int rc_http_status(rc code) {
    return (unsigned)code < RC_COUNT ? rc_rows[code].http : 500;
}
int rc_exit_code(rc code) {
    return (unsigned)code < RC_COUNT ? rc_rows[code].exit_code : 1;
}

static _Thread_local char why[RC_WHY_MAX];

/* A cut at RC_WHY_MAX may fall inside a UTF-8 sequence: drop the broken tail, the text goes into
 * JSON answers. */
static void why_mend(void) {
    size_t n = strlen(why);
    if (n < RC_WHY_MAX - 1) return;
    while (n > 0 && ((unsigned char)why[n - 1] & 0xC0) == 0x80) n--;
    if (n > 0 && (unsigned char)why[n - 1] >= 0xC0) n--;
    why[n] = 0;
}

rc rc_fail(rc code, const char *fmt, ...) {
    char text[RC_WHY_MAX]; /* an argument may be rc_why() itself */
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    memcpy(why, text, sizeof why);
    why_mend();
    return code;
}

rc rc_in(rc code, const char *fmt, ...) {
    char front[RC_WHY_MAX], all[2 * RC_WHY_MAX];
    va_list args;
    va_start(args, fmt);
    vsnprintf(front, sizeof front, fmt, args);
    va_end(args);
    snprintf(all, sizeof all, "%s%s", front, why);
    memcpy(why, all, sizeof why - 1);
    why[sizeof why - 1] = 0;
    why_mend();
    return code;
}

const char *rc_why(void) {
    return why;
}
void rc_why_clear(void) {
    why[0] = 0;
}

_Noreturn void check_failed(const char *belief, const char *file, int line) {
    fprintf(stderr, "dateline: CHECK failed: %s (%s:%d); why noted: %s\n", belief, file, line, why);
    abort();
}

#define STEP 16 /* a loop of fixed length becomes vector instructions */

size_t span_printable(struct span s, size_t from) {
    size_t at = from;
    while (s.n - at >= STEP) {
        unsigned char other = 0;
        for (size_t i = 0; i < STEP; i++)
            other |= (unsigned char)((unsigned char)(s.p[at + i] - 0x20) >= 0x5F);
        if (other) break;
        at += STEP;
    }
    while (at < s.n && (unsigned char)(s.p[at] - 0x20) < 0x5F) at++;
    return at - from;
}

static bool is_any(unsigned char c, unsigned char low, const char set[SPAN_SET]) {
    unsigned char hit = c < low;
    for (size_t k = 0; k < SPAN_SET; k++) hit |= (unsigned char)(c == (unsigned char)set[k]);
    return hit;
}

size_t span_find_any(struct span s, size_t from, unsigned char low, const char set[SPAN_SET]) {
    size_t at = from;
    while (s.n - at >= STEP) {
        unsigned char hit = 0;
        for (size_t i = 0; i < STEP; i++) hit |= is_any((unsigned char)s.p[at + i], low, set);
        if (hit) break;
        at += STEP;
    }
    while (at < s.n && !is_any((unsigned char)s.p[at], low, set)) at++;
    return at;
}

static unsigned char lower(char c) {
    unsigned char u = (unsigned char)c;
    return u >= 'A' && u <= 'Z' ? u + 32 : u;
}

bool span_eq_nocase(struct span a, struct span b) {
    if (a.n != b.n) return false;
    for (size_t i = 0; i < a.n; i++)
        if (lower(a.p[i]) != lower(b.p[i])) return false;
    return true;
}

int span_cmp(struct span a, struct span b) {
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n ? memcmp(a.p, b.p, n) : 0;
    return order ? order : (a.n > b.n) - (a.n < b.n);
}

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

struct span span_trim(struct span s) {
    while (s.n && is_space(s.p[0])) s.p++, s.n--;
    while (s.n && is_space(s.p[s.n - 1])) s.n--;
    return s;
}

struct span span_cut(struct span *rest, char c) {
    size_t at = span_find(*rest, c);
    struct span head = span_sub(*rest, 0, at);
    *rest = at < rest->n ? span_from(*rest, at + 1) : (struct span){NULL, 0};
    return head;
}

bool span_to_u64(struct span s, uint64_t max, uint64_t *out_value) {
    uint64_t value = 0;
    if (s.n == 0 || (s.n > 1 && s.p[0] == '0')) return false;
    for (size_t i = 0; i < s.n; i++) {
        unsigned digit = (unsigned char)s.p[i] - '0';
        if (digit > 9 || value > (max - digit) / 10) return false;
        value = value * 10 + digit;
    }
    if (value > max) return false;
    *out_value = value;
    return true;
}

bool span_eq_secret(struct span a, struct span b) {
    unsigned char differ = a.n != b.n;
    for (size_t i = 0; i < a.n && i < b.n; i++) differ |= (unsigned char)(a.p[i] ^ b.p[i]);
    return differ == 0;
}
