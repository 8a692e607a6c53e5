#include "record/signer_wire.h"

#include "record/be.h"

#define MAGIC "DLs1"
#define ANSWER_BIT 128

static bool kind_ok(uint64_t kind) {
    return kind == SIGNER_HEAD || kind == SIGNER_APPEND;
}

void signer_question_write(const struct signer_question *q, struct buf *out) {
    CHECK(q->count <= SIGNER_BATCH_MAX);
    buf_str(out, MAGIC);
    buf_be(out, q->kind, 1);
    buf_be(out, 0, 3);
    buf_be(out, q->tag, 8);
    buf_be(out, q->from, 8);
    buf_be(out, q->count, 4);
    buf_be(out, 0, 4);
    buf_add(out, span_of(q->leaves, q->count * SHA256_BYTES));
}

bool signer_question_read(struct span message, struct signer_question *out) {
    const char *p = message.p;
    if (message.n < SIGNER_QUESTION_BYTES || !span_starts(message, SPAN(MAGIC))) return false;
    if (!kind_ok(be_read(p + 4, 1)) || be_read(p + 5, 3) != 0 || be_read(p + 28, 4) != 0) {
        return false;
    }
    struct signer_question q = {.kind = (enum signer_kind)be_read(p + 4, 1),
                                .tag = be_read(p + 8, 8),
                                .from = be_read(p + 16, 8),
                                .count = (size_t)be_read(p + 24, 4)};
    if (q.kind == SIGNER_HEAD && (q.from != 0 || q.count != 0)) return false;
    if (q.kind == SIGNER_APPEND && (q.count == 0 || q.count > SIGNER_BATCH_MAX)) return false;
    if (message.n != SIGNER_QUESTION_BYTES + q.count * SHA256_BYTES) return false;
    q.leaves = (const struct sha256 *)(const void *)(p + SIGNER_QUESTION_BYTES);
    *out = q;
    return true;
}

void signer_answer_write(const struct signer_answer *a, struct buf *out) {
    CHECK(a->note.n <= NOTE_BYTES_MAX && a->why.n <= RC_WHY_MAX);
    buf_str(out, MAGIC);
    buf_be(out, a->kind | ANSWER_BIT, 1);
    buf_be(out, a->code, 1);
    buf_be(out, 0, 2);
    buf_be(out, a->tag, 8);
    buf_be(out, a->size, 8);
    buf_add(out, span_of(a->root.bytes, SHA256_BYTES));
    buf_be(out, a->note.n, 2);
    buf_be(out, a->why.n, 2);
    buf_be(out, 0, 4);
    buf_add(out, a->note);
    buf_add(out, a->why);
}

/* Whatever the origin is, which core does not know here, and whether or not the signature is right,
 * for which it has the key elsewhere. */
static bool note_says(const struct signer_answer *a) {
    char text[NOTE_BYTES_MAX];
    struct buf b;
    buf_init_fixed(&b, text, sizeof text);
    struct checkpoint c = {
        .origin = span_sub(a->note, 0, span_find(a->note, '\n')), .size = a->size, .root = a->root};
    checkpoint_write(&c, &b);
    buf_char(&b, '\n');
    return !b.over && span_starts(a->note, buf_span(&b));
}

bool signer_answer_read(struct span message, struct signer_answer *out) {
    const char *p = message.p;
    if (message.n < SIGNER_ANSWER_BYTES || !span_starts(message, SPAN(MAGIC))) return false;
    uint64_t kind = be_read(p + 4, 1) ^ ANSWER_BIT, code = be_read(p + 5, 1);
    if (!kind_ok(kind) || code >= RC_COUNT || be_read(p + 6, 2) != 0 || be_read(p + 60, 4) != 0) {
        return false;
    }
    size_t note = (size_t)be_read(p + 56, 2), why = (size_t)be_read(p + 58, 2);
    if (note > NOTE_BYTES_MAX || why > RC_WHY_MAX ||
        message.n != SIGNER_ANSWER_BYTES + note + why) {
        return false;
    }
    struct signer_answer a = {.kind = (enum signer_kind)kind,
                              .code = (rc)code,
                              .tag = be_read(p + 8, 8),
                              .size = be_read(p + 16, 8),
                              .note = span_sub(message, SIGNER_ANSWER_BYTES, note),
                              .why = span_sub(message, SIGNER_ANSWER_BYTES + note, why)};
    memcpy(a.root.bytes, p + 24, SHA256_BYTES);
    static const struct sha256 no_root;
    if (a.code == RC_OK && (why != 0 || !note_says(&a))) return false;
    if (a.code != RC_OK && (note != 0 || a.size != 0 || !sha256_eq(&a.root, &no_root))) {
        return false;
    }
    *out = a;
    return true;
}
