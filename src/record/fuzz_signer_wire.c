/* What is read as a question or an answer is written back to the same bytes. */
#include "record/signer_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct span message = span_of(data, n);
    struct signer_question question;
    struct signer_answer answer;
    struct buf b;
    buf_init(&b, SIGNER_QUESTION_MAX);
    if (signer_question_read(message, &question)) {
        signer_question_write(&question, &b);
        CHECK(span_eq(buf_span(&b), message));
    }
    buf_clear(&b);
    if (signer_answer_read(message, &answer)) {
        signer_answer_write(&answer, &b);
        CHECK(span_eq(buf_span(&b), message));
    }
    buf_done(&b);
    return 0;
}
