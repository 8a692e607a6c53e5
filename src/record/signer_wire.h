/*
 * signer_wire: what core and the signer say to each other, a SOCK_SEQPACKET message each. Numbers
 * are big-endian. Both ends read strictly: what these functions would not have written is refused.
 *
 *   question, 32 bytes ‖ 32 × count        answer, 64 bytes ‖ note ‖ why
 *    0  4  "DLs1"                           0  4  "DLs1"
 *    4  1  kind: 1 HEAD, 2 APPEND           4  1  kind of the question + 128
 *    5  3  0                                5  1  rc
 *    8  8  tag                              6  2  0
 *   16  8  from (HEAD: 0)                   8  8  the question's tag
 *   24  4  count (HEAD: 0; 1 … 1024)       16  8  size         (these three: 0 if rc is not OK)
 *   28  4  0                               24 32  root
 *   32     leaf hashes                     56  2  length of the note, the signed checkpoint
 *                                          58  2  length of why (0 if rc is OK)
 *                                          60  4  0
 *
 * The tag is the asker's choice, new for each question, so that the late answer to a question that
 * was given up is not taken for the answer to the next.
 */
#ifndef DATELINE_RECORD_SIGNER_WIRE_H
#define DATELINE_RECORD_SIGNER_WIRE_H

#include "record/record.h"

#define SIGNER_QUESTION_BYTES 32
#define SIGNER_ANSWER_BYTES 64
#define SIGNER_QUESTION_MAX (SIGNER_QUESTION_BYTES + SIGNER_BATCH_MAX * SHA256_BYTES)
#define SIGNER_ANSWER_MAX (SIGNER_ANSWER_BYTES + NOTE_BYTES_MAX + RC_WHY_MAX)

enum signer_kind { SIGNER_HEAD = 1, SIGNER_APPEND = 2 };

struct signer_question {
    enum signer_kind kind;
    uint64_t tag, from;
    size_t count;
    const struct sha256 *leaves; /* count of them; when read: inside the message */
};
void signer_question_write(const struct signer_question *q, struct buf *out);
bool signer_question_read(struct span message, struct signer_question *out);

struct signer_answer {
    enum signer_kind kind;
    rc code;
    uint64_t tag, size;
    struct sha256 root;
    struct span note, why; /* when read: inside the message */
};
void signer_answer_write(const struct signer_answer *a, struct buf *out);
/* Also: the note's text says size and root. */
bool signer_answer_read(struct span message, struct signer_answer *out);

#endif
