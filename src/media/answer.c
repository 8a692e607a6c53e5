/*
 * A job's answer. Integers are big-endian; nothing may stand behind the last byte.
 *
 *   "DLMA" 1                       magic, version
 *   u8 code                        enum rc; not OK: u16 length and text, and that is all
 *   u8 format, u32 width, u32 height, u24 colour, u32 notes
 *   u8 count, and for each field: u8 field (ascending), u8 origin, u32 length, text in UTF-8
 *   u8 count, and for each file:  u8 format, u32 width, u32 height, u32 length, hash[32], bytes
 *
 * A job has read a stranger's file and may be the stranger's by now. So the reader, in core, takes
 * nothing on trust: the format is that of the file sent; sizes are within the limits, and of the
 * renditions exactly those that follow from them; each rendition is one picture and nothing else
 * (shape.c), its size and hash its own; texts are made what story.h promises. What a job can still do is
 * give the wrong picture for its own file.
 */
#include "base/hash.h"
#include "base/utf8.h"
#include "media/inner.h"

#define MAGIC SPAN("DLMA\x01")

#define X(NAME, word, bytes_max) {"" word, bytes_max},
static const struct {
    const char *word;
    size_t bytes_max;
} fields[MEDIA_FIELD_COUNT] = {MEDIA_FIELD_TABLE(X)};
#undef X
#define X(NAME, text) "" text,
static const char *const notes[MEDIA_NOTE_COUNT] = {MEDIA_NOTE_TABLE(X)};
#undef X

struct span media_field_word(enum media_field field) {
    return span_str(fields[field].word);
}
struct span media_note_text(enum media_note note) {
    return span_str(notes[note]);
}
struct span media_origin_word(enum media_origin origin) {
    static const char *const words[MEDIA_ORIGIN_COUNT] = {"", "XMP", "IPTC", "EXIF"};
    return span_str(words[origin]);
}

/* ---- writing, in the job -------------------------------------------------------------------------- */

void media_answer_write(rc failed, const char *why, const struct media_picture *p,
                        struct buf *out) {
    buf_add(out, MAGIC);
    buf_be(out, failed, 1);
    if (failed != RC_OK) {
        struct span text = span_sub(span_str(why), 0, MEDIA_WHY_BYTES_MAX);
        while (!utf8_valid(text)) text.n--;
        buf_be(out, text.n, 2);
        buf_add(out, text);
        return;
    }
    buf_be(out, p->format, 1);
    buf_be(out, p->width, 4);
    buf_be(out, p->height, 4);
    buf_be(out, p->colour, 3);
    buf_be(out, p->notes, 4);
    unsigned count = 0;
    for (unsigned i = 0; i < MEDIA_FIELD_COUNT; i++) count += p->fields[i].n > 0;
    buf_be(out, count, 1);
    for (unsigned i = 0; i < MEDIA_FIELD_COUNT; i++) {
        if (p->fields[i].n == 0) continue;
        buf_be(out, i, 1);
        buf_be(out, p->origins[i], 1);
        buf_be(out, p->fields[i].n, 4);
        buf_add(out, p->fields[i]);
    }
    buf_be(out, p->files_count, 1);
    for (size_t i = 0; i < p->files_count; i++) {
        const struct media_file *file = &p->files[i];
        buf_be(out, file->format, 1);
        buf_be(out, file->about.width, 4);
        buf_be(out, file->about.height, 4);
        buf_be(out, file->bytes.n, 4);
        buf_add(out, span_of(file->about.hash.bytes, SHA256_BYTES));
        buf_add(out, file->bytes);
    }
}

/* ---- reading, in core -------------------------------------------------------------------------------- */

/* What is left of the answer; `short_of` once something was asked for that was not there. */
struct rest {
    struct span s;
    bool short_of;
};
static struct span take(struct rest *r, size_t n) {
    if (n > r->s.n) {
        r->short_of = true;
        r->s = span_from(r->s, r->s.n);
        return SPAN("");
    }
    struct span taken = span_sub(r->s, 0, n);
    r->s = span_from(r->s, n);
    return taken;
}
static uint32_t take_number(struct rest *r, unsigned bytes) {
    struct span s = take(r, bytes);
    return s.n == bytes ? media_be(s.p, bytes) : 0;
}

#define NOT_ONE(...) rc_fail(RC_CORRUPT, "not a media job's answer: " __VA_ARGS__)

static rc read_failure(struct rest *r, unsigned code) {
    struct span text = take(r, take_number(r, 2));
    if (r->short_of || r->s.n || text.n > MEDIA_WHY_BYTES_MAX || !utf8_valid(text))
        return NOT_ONE("an ill-formed failure");
    if (code != RC_INVALID && code != RC_TOO_BIG) return NOT_ONE("a failure of code %u", code);
    return rc_fail((rc)code, SPAN_FMT, SPAN_ARG(text));
}

static rc read_fields(struct rest *r, struct arena *a, struct media_picture *p) {
    unsigned count = take_number(r, 1), least = 0;
    for (unsigned i = 0; i < count; i++) {
        unsigned field = take_number(r, 1), origin = take_number(r, 1);
        struct span text = take(r, take_number(r, 4)), *out = &p->fields[field];
        if (r->short_of || field < least || field >= MEDIA_FIELD_COUNT)
            return NOT_ONE("its fields end early, or are out of order");
        if (origin == MEDIA_FROM_NOWHERE || origin >= MEDIA_ORIGIN_COUNT || text.n == 0 ||
            text.n > fields[field].bytes_max || !utf8_valid(text))
            return NOT_ONE("an ill-formed %s", fields[field].word);
        least = field + 1;
        TRY(story_normalize(a, text, false, out));
        struct span date = field == MEDIA_CREATED ? metadata_date(*out, SPAN(""), a) : *out;
        if (!span_eq(date, *out)) return NOT_ONE("a date that is none");
        if (out->n > fields[field].bytes_max) { /* NFC can make it longer */
            *out = SPAN("");
            p->notes |= 1u << MEDIA_NOTE_CUT;
        }
        if (out->n) p->origins[field] = (enum media_origin)origin;
    }
    return RC_OK;
}

/* One file: what it says of itself, what it is, and what it should be. */
static rc read_file(struct rest *r, enum media_format format, uint32_t width, uint32_t height,
                    struct media_file *out) {
    unsigned said_format = take_number(r, 1);
    uint32_t said_width = take_number(r, 4), said_height = take_number(r, 4), is_width, is_height;
    size_t n = take_number(r, 4);
    struct span hash = take(r, SHA256_BYTES), bytes = take(r, n);
    if (r->short_of || bytes.n == 0) return NOT_ONE("a rendition is missing");
    if (said_format != format || said_width != width || said_height != height)
        return NOT_ONE("a rendition %u × %u where one %u × %u belongs", said_width, said_height,
                       width, height);
    *out = (struct media_file){.format = format,
                               .bytes = bytes,
                               .about = {.hash = sha256_of(bytes),
                                         .type = media_format_type(format),
                                         .width = width,
                                         .height = height,
                                         .bytes = n}};
    if (memcmp(out->about.hash.bytes, hash.p, SHA256_BYTES) != 0)
        return NOT_ONE("a rendition that is not of its hash");
    rc code = shape_check(bytes, format, &is_width, &is_height);
    if (code != RC_OK) return rc_in(RC_CORRUPT, "not a media job's answer: ");
    if (is_width != width || is_height != height)
        return NOT_ONE("a rendition that is %u × %u and not %u × %u", is_width, is_height, width,
                       height);
    return RC_OK;
}

static rc read_files(struct rest *r, struct media_picture *p) {
    uint32_t widths[MEDIA_WIDTHS_MAX];
    size_t count = media_widths(p->width, p->height, widths) * MEDIA_SERVED_COUNT;
    if (take_number(r, 1) != count) return NOT_ONE("not all its renditions, or others");
    for (size_t i = 0; i < count; i++) {
        uint32_t width = widths[i / MEDIA_SERVED_COUNT];
        TRY(read_file(r, MEDIA_SERVED[i % MEDIA_SERVED_COUNT], width,
                      media_height(p->width, p->height, width), &p->files[i]));
    }
    p->files_count = count;
    return RC_OK;
}

rc media_answer_read(struct span answer, enum media_format format,
                     const struct media_limits *limits, struct arena *a,
                     struct media_picture *out) {
    struct rest r = {.s = answer};
    struct media_picture p = {.format = format};
    if (!span_eq(take(&r, MAGIC.n), MAGIC)) return NOT_ONE("it begins otherwise");
    unsigned code = take_number(&r, 1);
    if (code != RC_OK) return read_failure(&r, code);
    if (take_number(&r, 1) != format) return NOT_ONE("of another format");
    p.width = take_number(&r, 4);
    p.height = take_number(&r, 4);
    p.colour = take_number(&r, 3);
    p.notes = take_number(&r, 4);
    if (p.width == 0 || p.height == 0 || p.width > limits->side || p.height > limits->side ||
        (uint64_t)p.width * p.height > limits->pixels || p.notes >= 1u << MEDIA_NOTE_COUNT)
        return NOT_ONE("%u × %u pixels, notes %x", p.width, p.height, p.notes);
    TRY(read_fields(&r, a, &p));
    TRY(read_files(&r, &p));
    if (r.short_of || r.s.n) return NOT_ONE("it ends early, or late");
    *out = p;
    return RC_OK;
}
