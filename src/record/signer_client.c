#include "record/signer_wire.h"
#include "sys/clock.h"
#include "sys/random.h"
#include "sys/socket.h"

/* The signer does not answer, or there is none any more: what came of the question is not known. */
static rc no_answer(void) {
    char why[RC_WHY_MAX];
    memcpy(why, rc_why(), sizeof why - 1);
    why[sizeof why - 1] = 0;
    return rc_fail(RC_BUSY, "the signer gives no answer: %s", why);
}

/* Receives until the answer with the question's tag is there; earlier ones are of questions that
 * were given up. */
static rc receive(int fd, const struct signer_question *q, char message[SIGNER_ANSWER_MAX],
                  struct signer_answer *out) {
    mono_t begin = clock_mono_ns();
    for (;;) {
        uint64_t passed_ms = (clock_mono_ns() - begin) / CLOCK_MS(1);
        int left_ms = passed_ms < SIGNER_ANSWER_MS ? SIGNER_ANSWER_MS - (int)passed_ms : 0;
        size_t n;
        rc code = socket_receive(fd, message, SIGNER_ANSWER_MAX, left_ms, &n);
        if (code == RC_AGAIN || code == RC_GONE || code == RC_IO) return no_answer();
        if (code != RC_OK) return rc_in(RC_CORRUPT, "the signer: ");
        struct signer_answer a;
        if (!signer_answer_read(span_of(message, n), &a)) {
            return rc_fail(RC_CORRUPT, "the signer sent what is no answer");
        }
        if (a.tag != q->tag) continue;
        if (a.kind != q->kind) {
            return rc_fail(RC_CORRUPT, "the signer answered another question than was asked");
        }
        *out = a;
        return RC_OK;
    }
}

static rc ask(int fd, struct signer_question *q, struct signer_head *out_head) {
    char bytes[SIGNER_QUESTION_MAX], message[SIGNER_ANSWER_MAX];
    struct buf b;
    q->tag = random_u64();
    buf_init_fixed(&b, bytes, sizeof bytes);
    signer_question_write(q, &b);
    rc code = socket_send(fd, buf_span(&b), SIGNER_ANSWER_MS);
    if (code != RC_OK) return no_answer();
    struct signer_answer a = {.code = RC_IO};
    TRY(receive(fd, q, message, &a));
    if (a.code != RC_OK) return rc_fail(a.code, "signer: " SPAN_FMT, SPAN_ARG(a.why));
    if (q->kind == SIGNER_APPEND && a.size != q->from + q->count) {
        return rc_fail(RC_CORRUPT, "the signer appended %zu entries at %llu, but says %llu",
                       q->count, (unsigned long long)q->from, (unsigned long long)a.size);
    }
    out_head->size = a.size;
    out_head->root = a.root;
    memcpy(out_head->note, a.note.p, a.note.n);
    out_head->note_bytes = a.note.n;
    return RC_OK;
}

rc signer_head(int fd, struct signer_head *out_head) {
    struct signer_question q = {.kind = SIGNER_HEAD};
    return ask(fd, &q, out_head);
}

rc signer_append(int fd, uint64_t from, const struct sha256 *leaves, size_t count,
                 struct signer_head *out_head) {
    CHECK(count >= 1 && count <= SIGNER_BATCH_MAX);
    struct signer_question q = {
        .kind = SIGNER_APPEND, .from = from, .count = count, .leaves = leaves};
    return ask(fd, &q, out_head);
}
