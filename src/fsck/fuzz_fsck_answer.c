/*
 * Fuzz target fsck_answer: the bytes of an entry of the page store, also with their checksum set right.
 *   - They are refused, or read into spans that lie inside them, which can be inflated and checked.
 *   - What readers are served can be read here too: what pages/ takes, this takes.
 */
#include "base/mem.h"
#include "fsck/inner.h"
#include "pages/value.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_inside(struct span outer, struct span s) {
    CHECK(s.n == 0 || (s.p >= outer.p && s.p + s.n <= outer.p + outer.n));
}

static void look(struct span key, struct span plain_key, struct span value) {
    struct pages_answer theirs;
    struct span found, prolog_key;
    struct answer ours;
    const bool served = value_read(value, plain_key, 0, &found, &theirs, &prolog_key) == RC_OK;
    const bool read = answer_read(key, value, &ours) == RC_OK;
    CHECK(read || !served);
    if (!read) return;
    check_inside(value, ours.head);
    check_inside(value, ours.head_304);
    check_inside(value, ours.key);
    for (unsigned e = 0; e < ENCODINGS; e++) {
        check_inside(value, ours.encoding[e].head);
        check_inside(value, ours.encoding[e].body);
    }
    check_inside(value, answer_header(&ours, SPAN("Location")));
    if (ours.prolog_bytes || ours.identity_bytes > 1 << 20) return; /* there is no store here */
    struct prologs *prologs = prologs_new(NULL);
    struct buf body;
    buf_init(&body, 2 << 20);
    rc code = answer_check(&ours, prologs, &body);
    CHECK(code == RC_OK || code == RC_CORRUPT);
    buf_done(&body);
    prologs_free(prologs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    const struct span plain = SPAN("/p"), none = {NULL, 0};
    char *copy = mem_new(n + 1);
    if (n) memcpy(copy, data, n);
    look(SPAN("p/p"), plain, span_of(copy, n));
    if (value_seal(copy, n, plain)) look(SPAN("p/p"), plain, span_of(copy, n));
    if (value_seal(copy, n, none))
        look(SPAN("q0123456789abcdef0123456789abcdef"), none, span_of(copy, n));
    mem_free(copy);
    return 0;
}
