/*
 * base: what every other folder may include. Knows nothing of news, files or sockets.
 *
 * This header is the whole vocabulary of errors, assertions and borrowed bytes. The other
 * headers of this folder stand alone: arena.h, buf.h, hash.h, utf8.h, limits.h.
 */
#ifndef DATELINE_BASE_BASE_H
#define DATELINE_BASE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF(fmt_at, args_at) __attribute__((format(printf, fmt_at, args_at)))
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/*
 * rc: the one error type. A function that can fail returns it; outputs come last, are named
 * out_x, and are written only on RC_OK. The table of codes, with the text, the HTTP status and
 * the exit code of each, is RC_TABLE; docs/operator.md prints it.
 *
 *   X(name, text, http status, process exit code)
 */
#define RC_TABLE(X)                                             \
    X(OK, "ok", 200, 0)                                         \
    X(USAGE, "the command was not understood", 400, 2)          \
    X(INVALID, "the input breaks its own rules", 422, 3)        \
    X(TOO_BIG, "the input is over a limit", 413, 3)             \
    X(DENIED, "that is not allowed", 403, 4)                    \
    X(NOT_FOUND, "there is no such thing", 404, 5)              \
    X(CONFLICT, "it contradicts what is already there", 409, 6) \
    X(FULL, "the disk is full", 507, 7)                         \
    X(IO, "the system refused", 500, 8)                         \
    X(CORRUPT, "stored bytes are not what was written", 500, 9) \
    X(BUSY, "another has it now", 503, 10)                      \
    X(AGAIN, "not yet: more input or time is needed", 503, 11)  \
    X(GONE, "it was here and is no longer", 410, 5)             \
    X(FATAL, "this process must not go on", 500, 12)

enum rc_code {
#define X(name, text, http, exit_code) RC_##name,
    RC_TABLE(X)
#undef X
        RC_COUNT
};
typedef enum rc_code rc;

const char *rc_name(rc code); /* "INVALID" */
const char *rc_text(rc code); /* "the input breaks its own rules" */
int rc_http_status(rc code);
int rc_exit_code(rc code);

/*
 * Why it failed is noted once, where it is known, and reported once, by whoever answers the
 * request. rc_fail() stores the text for this thread (cut at RC_WHY_MAX) and returns `code`, so
 * that the usual form is `return rc_fail(RC_INVALID, "line %u: …", line);`. A text says what was
 * wrong, where, and what to do. rc_why() is "" until the first failure; rc_why_clear() empties it.
 */
#define RC_WHY_MAX 1024
rc rc_fail(rc code, const char *fmt, ...) PRINTF(2, 3) MUST_USE;
/* Put more in front of what is noted: "item 3: " + why. Returns `code` again. */
rc rc_in(rc code, const char *fmt, ...) PRINTF(2, 3) MUST_USE;
const char *rc_why(void);
void rc_why_clear(void);

/* Return the failure to the caller at once; the reason has been noted where it was known. */
#define TRY(call)                                 \
    do {                                          \
        rc try_code_ = (call);                    \
        if (try_code_ != RC_OK) return try_code_; \
    } while (0)

/*
 * CHECK: a belief about our own code. It stays on in release; when it is false the process
 * ends (it is restarted by the supervisor). Bytes from outside never trip a CHECK.
 * DCHECK: the same where the cost would be felt; debug and sanitizer builds only.
 */
#define CHECK(belief)                                                                  \
    do {                                                                               \
        if (__builtin_expect(!(belief), 0)) check_failed(#belief, __FILE__, __LINE__); \
    } while (0)
#ifdef NDEBUG
#define DCHECK(belief) ((void)sizeof(belief))
#else
#define DCHECK(belief) CHECK(belief)
#endif
_Noreturn void check_failed(const char *belief, const char *file, int line);

/*
 * span: borrowed bytes, not NUL-terminated. Whoever made the bytes says how long they live.
 * p may be NULL only when n is 0.
 */
struct span {
    const char *p;
    size_t n;
};

#define SPAN(literal) ((struct span){"" literal, sizeof(literal) - 1})
#define SPAN_FMT "%.*s"
#define SPAN_ARG(s) (int)((s).n > 4096 ? 4096 : (s).n), (s).n ? (s).p : ""

static inline struct span span_of(const void *p, size_t n) {
    return (struct span){p, n};
}
static inline struct span span_str(const char *str) {
    return (struct span){str, str ? strlen(str) : 0};
}
static inline bool span_eq(struct span a, struct span b) {
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}
static inline bool span_starts(struct span s, struct span prefix) {
    return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}
static inline bool span_ends(struct span s, struct span suffix) {
    return s.n >= suffix.n &&
           (suffix.n == 0 || memcmp(s.p + s.n - suffix.n, suffix.p, suffix.n) == 0);
}
/* The part from `from` on, at most `n` bytes; never outside s. */
static inline struct span span_sub(struct span s, size_t from, size_t n) {
    if (from > s.n) from = s.n;
    if (n > s.n - from) n = s.n - from;
    return (struct span){s.p ? s.p + from : NULL, n};
}
static inline struct span span_from(struct span s, size_t from) {
    return span_sub(s, from, SIZE_MAX);
}
/* Index of the first `c`, or s.n. */
static inline size_t span_find(struct span s, char c) {
    const char *hit = s.n ? memchr(s.p, c, s.n) : NULL;
    return hit ? (size_t)(hit - s.p) : s.n;
}
/* How many bytes from `from` on are printable ASCII, U+0020 to U+007E: most of most texts, and nothing
 * that any format escapes but a few punctuation marks. Many bytes a step. */
size_t span_printable(struct span s, size_t from);
/* Index of the first byte from `from` on that is below `low` or one of `set`, or s.n: what an escaper has
 * to look at. Many bytes a step. */
#define SPAN_SET 6
size_t span_find_any(struct span s, size_t from, unsigned char low, const char set[SPAN_SET]);
/* ASCII case only. */
bool span_eq_nocase(struct span a, struct span b);
/* memcmp order, the shorter first. */
int span_cmp(struct span a, struct span b);
/* Without ASCII white space at both ends. */
struct span span_trim(struct span s);
/* Cut `*rest` at the first `c`: returns what stands before, leaves what stands after.
 * Without a `c` returns all and leaves an empty span with p == NULL. */
struct span span_cut(struct span *rest, char c);
/* Decimal digits only, the whole span, no sign, no leading zero but "0" itself, ≤ max. */
bool span_to_u64(struct span s, uint64_t max, uint64_t *out_value);
/* Equal, in a time that depends on the lengths only. For secrets. */
bool span_eq_secret(struct span a, struct span b);

/* Scalars with a unit. */
typedef int64_t ms_t; /* milliseconds since 1970-01-01T00:00:00Z, POSIX time (no leap seconds) */
typedef uint64_t
    mono_t; /* nanoseconds of a clock that never goes back; only differences mean something */

#endif
