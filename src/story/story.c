#include "story/story.h"

#include "base/buf.h"
#include "base/utf8.h"
#include "story/limits.h"
#include "story/unicode.h"

/* ---- words of the tables ------------------------------------------------------------------ */

#define WORD(name, word, ...) {word, sizeof(word) - 1},
static const struct span state_words[] = {STORY_STATE_TABLE(WORD)};
static const struct span work_words[] = {WORK_TABLE(WORD)};
static const struct span change_words[] = {CHANGE_TABLE(WORD)};
static const struct span tag_kind_words[] = {TAG_KIND_TABLE(WORD)};
static const struct span channel_words[] = {CHANNEL_TABLE(WORD)};
static const struct span block_kind_words[] = {BLOCK_TABLE(WORD)};
#define SCHEMA(name, word, schema) {schema, sizeof(schema) - 1},
static const struct span work_schemas[] = {WORK_TABLE(SCHEMA)};

static bool word_find(const struct span *words, unsigned count, struct span word,
                      unsigned *out_at) {
    for (unsigned i = 0; i < count; i++)
        if (span_eq(words[i], word)) {
            *out_at = i;
            return true;
        }
    return false;
}

#define WORDS(type, noun, words)                                         \
    struct span noun##_word(enum type value) {                           \
        CHECK((unsigned)value < COUNT_OF(words));                        \
        return words[value];                                             \
    }                                                                    \
    bool noun##_of(struct span word, enum type *out_value) {             \
        unsigned at;                                                     \
        if (!word_find(words, COUNT_OF(words), word, &at)) return false; \
        *out_value = (enum type)at;                                      \
        return true;                                                     \
    }
WORDS(story_state, story_state, state_words)
WORDS(work, work, work_words)
WORDS(change, change, change_words)
WORDS(tag_kind, tag_kind, tag_kind_words)
WORDS(channel, channel, channel_words)
WORDS(block_kind, block_kind, block_kind_words)

enum change_place change_place(enum change change) {
#define PLACE(name, word, place) CHANGE_##place,
    static const enum change_place places[] = {CHANGE_TABLE(PLACE)};
    CHECK((unsigned)change < CHANGE_COUNT);
    return places[change];
}

bool story_is_retracted(const struct revision *r) {
    for (size_t i = 0; i < r->correction_count; i++)
        if (r->corrections[i].kind == CHANGE_RETRACTION) return true;
    return false;
}

bool story_is_standing(const struct revision *r) {
    return r->standing.order > 0;
}

struct span work_schema(enum work work) {
    CHECK((unsigned)work < WORK_COUNT);
    return work_schemas[work];
}

/* ---- ids ---------------------------------------------------------------------------------- */

void story_id_hex(const struct story_id *id, char out_hex[2 * STORY_ID_BYTES + 1]) {
    struct buf b;
    buf_init_fixed(&b, out_hex, 2 * STORY_ID_BYTES + 1);
    buf_hex(&b, id->bytes, STORY_ID_BYTES);
    buf_char(&b, 0);
    CHECK(!b.over);
}

bool story_id_parse(struct span hex, struct story_id *out_id) {
    struct story_id id;
    if (!hex_decode(hex, id.bytes, STORY_ID_BYTES)) return false;
    *out_id = id;
    return true;
}

bool story_id_given(const struct story_id *id) {
    static const struct story_id none;
    return memcmp(id, &none, sizeof none) != 0;
}

bool edition_key_good(struct span key) {
    bool good = key.n > 0 && key.n <= EDITION_BYTES_MAX && key.p[key.n - 1] != '-';
    for (size_t i = 0; good && i < key.n; i++) {
        char c = key.p[i];
        bool letter = c >= 'a' && c <= 'z', digit = c >= '0' && c <= '9';
        good = letter || (i > 0 && (digit || (c == '-' && key.p[i - 1] != '-')));
    }
    return good;
}

/* ---- text --------------------------------------------------------------------------------- */

struct span text_plain(struct arena *arena, const struct text *t) {
    size_t bytes = 0, at = 0;
    for (size_t i = 0; i < t->count; i++) bytes += t->runs[i].text.n;
    if (bytes == 0) return (struct span){NULL, 0};
    char *p = arena_take(arena, bytes);
    if (!p) return (struct span){NULL, 0};
    for (size_t i = 0; i < t->count; i++) {
        memcpy(p + at, t->runs[i].text.p, t->runs[i].text.n);
        at += t->runs[i].text.n;
    }
    return span_of(p, bytes);
}

/* ---- words -------------------------------------------------------------------------------- */

/* Scripts that put no space between words: there each character counts, as word processors do. */
static bool stands_alone(uint32_t point) {
    return (point >= 0x3041 && point <= 0x30FF) || (point >= 0x3400 && point <= 0x4DBF) ||
           (point >= 0x4E00 && point <= 0x9FFF) || (point >= 0x20000 && point <= 0x323AF);
}

/* A word is a stretch without white space that has a letter or digit in it, however many runs it
 * goes through. */
static size_t text_words(const struct text *t) {
    size_t words = 0;
    bool in_word = false;
    for (size_t i = 0; i < t->count; i++) {
        const struct span s = t->runs[i].text;
        uint32_t point;
        for (size_t at = 0; at < s.n;) {
            unsigned char c = (unsigned char)s.p[at] | 0x20;
            if ((in_word && s.p[at] > 0x20 && s.p[at] < 0x7F) || (c >= 'a' && c <= 'z')) {
                words += !in_word; /* most of most languages' bytes */
                in_word = true;
                at++;
                continue;
            }
            if (!utf8_next(s, &at, &point)) break;
            if (stands_alone(point)) {
                words++;
                in_word = false;
            } else if (char_class_of(point) != CHAR_PLAIN) {
                in_word = false;
            } else if (!in_word && char_is_alnum(point)) {
                words++;
                in_word = true;
            }
        }
    }
    return words;
}

size_t story_words(const struct revision *r) {
    size_t words = 0;
    for (size_t i = 0; i < r->block_count; i++) {
        const struct block *b = &r->blocks[i];
        if (b->kind == BLOCK_PULL_QUOTE) continue; /* it stands in the text already */
        words += text_words(&b->text);
        for (size_t k = 0; k < b->row_count; k++) words += text_words(&b->rows[k]);
    }
    return words;
}
