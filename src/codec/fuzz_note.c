/*
 * The input is a note's text and, behind a NUL, signature lines. The text is signed with a fixed
 * key; what checkpoint_read() then accepts must be written back to the same bytes.
 */
#include "codec/note.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const uint8_t seed[NOTE_SEED_BYTES] = "a fixed seed of thirty-two bytes";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct span others = span_of(data, n), body = span_cut(&others, 0);
    struct note_key key;
    CHECK(note_key_of_seed(SPAN("example.org/record"), seed, &key) == RC_OK);
    struct checkpoint c;
    rc ignored = checkpoint_read(body, &key, &c); /* a note as it comes */
    (void)ignored;

    struct buf note, again;
    buf_init(&note, 2 * NOTE_BYTES_MAX);
    buf_init(&again, NOTE_BYTES_MAX);
    rc code = note_sign(body, &key, seed, &note);
    size_t own = note.n;
    if (code == RC_OK) {
        buf_add(&note, others);
        code = checkpoint_read(buf_span(&note), &key, &c);
    }
    if (code == RC_OK) {
        checkpoint_write(&c, &again);
        CHECK(span_eq(buf_span(&again), body));
        buf_clear(&again);
        CHECK(note_sign(body, &key, seed, &again) == RC_OK);
        CHECK(span_eq(buf_span(&again), span_of(note.p, own)));
    }
    buf_done(&note);
    buf_done(&again);
    return 0;
}
