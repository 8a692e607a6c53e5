/*
 * canon: what it guarantees.
 * 1. canon_write() writes the members of every object in the order in which they stand in the
 *    functions below, which is JCS order; nothing sorts them. canon_test.c holds it against the
 * sorting writer of codec/json.
 * 2. canon_read() takes exactly the bytes that canon_write() makes of a revision that passes
 *    story_check(): it checks, writes again, and compares.
 * 3. canon_parts() and canon_join() know nothing of revisions but which values are opened. They
 * take arbitrary bytes: what is not canonical JSON of that outline is RC_CORRUPT.
 * 4. If no part is empty, canon_join() of canon_parts() gives the same bytes, and canon_parts() of
 *    canon_join() the same parts.
 */
#include "story/canon.h"

#include <stdio.h>

#include "base/utf8.h"
#include "codec/json.h"
#include "story/limits.h"

/* ---- writing ------------------------------------------------------------------------------ */

/* Members are written with a comma before each; the first one's becomes the brace. */
#define MEMBER(out, name) buf_add(out, SPAN(",\"" name "\":"))
#define MEMBER_STRING(out, name, s)    \
    do {                               \
        if ((s).n) {                   \
            MEMBER(out, name);         \
            json_write_string(out, s); \
        }                              \
    } while (0)
#define MEMBER_INTEGER(out, name, value) (MEMBER(out, name), buf_u64(out, (uint64_t)(value)))
#define MEMBER_ID(out, name, id)                      \
    do {                                              \
        if (story_id_given(id)) {                     \
            char hex_[2 * STORY_ID_BYTES + 1];        \
            story_id_hex(id, hex_);                   \
            MEMBER_STRING(out, name, span_str(hex_)); \
        }                                             \
    } while (0)
#define MEMBER_TRUE(out, name, value)                        \
    do {                                                     \
        if (value) buf_add(out, SPAN(",\"" name "\":true")); \
    } while (0)

static void object_end(struct buf *out, size_t begin) {
    if (out->over) return;
    CHECK(out->p[begin] == ',');
    out->p[begin] = '{';
    buf_char(out, '}');
}

static void write_text(struct buf *out, const struct text *t) {
    static const struct {
        unsigned look;
        const char *word;
    } looks[] = {{RUN_CODE, "\"code\""},
                 {RUN_EMPHASIS, "\"emphasis\""},
                 {RUN_STRONG, "\"strong\""},
                 {RUN_SUB, "\"sub\""},
                 {RUN_SUP, "\"sup\""}};
    buf_char(out, '[');
    for (size_t i = 0; i < t->count; i++) {
        const struct run *run = &t->runs[i];
        if (i) buf_char(out, ',');
        size_t begin = out->n;
        MEMBER_STRING(out, "href", run->href);
        if (run->look) {
            char separator = '[';
            MEMBER(out, "look");
            for (size_t k = 0; k < COUNT_OF(looks); k++) {
                if (!(run->look & looks[k].look)) continue;
                buf_char(out, separator);
                buf_str(out, looks[k].word);
                separator = ',';
            }
            buf_char(out, ']');
        }
        MEMBER_STRING(out, "text", run->text);
        object_end(out, begin);
    }
    buf_char(out, ']');
}

/* "name":[1,2,3], left out if there is nothing in it. */
#define MEMBER_INTEGERS(out, name, numbers, count)     \
    do {                                               \
        if (count) {                                   \
            MEMBER(out, name);                         \
            for (size_t i_ = 0; i_ < (count); i_++) {  \
                buf_char(out, i_ ? ',' : '[');         \
                buf_u64(out, (uint64_t)(numbers)[i_]); \
            }                                          \
            buf_char(out, ']');                        \
        }                                              \
    } while (0)

static void write_block(struct buf *out, const struct block *b) {
    size_t begin = out->n;
    if (b->columns) MEMBER_INTEGER(out, "columns", b->columns);
    MEMBER_TRUE(out, "headerRow", b->header_row);
    MEMBER_STRING(out, "kind", block_kind_word(b->kind));
    if (b->level) MEMBER_INTEGER(out, "level", b->level);
    MEMBER_STRING(out, "occasion", b->occasion);
    MEMBER_TRUE(out, "ordered", b->ordered);
    if (b->kind == BLOCK_PICTURE) MEMBER_INTEGER(out, "picture", b->picture);
    MEMBER_INTEGERS(out, "pictures", b->pictures, b->picture_count);
    if (b->row_count) {
        MEMBER(out, "rows");
        for (size_t i = 0; i < b->row_count; i++) {
            buf_char(out, i ? ',' : '[');
            write_text(out, &b->rows[i]);
        }
        buf_char(out, ']');
    }
    MEMBER_STRING(out, "speaker", b->speaker);
    if (b->text.count) {
        MEMBER(out, "text");
        write_text(out, &b->text);
    }
    if (b->times) MEMBER_INTEGERS(out, "times", b->times, b->row_count);
    MEMBER_STRING(out, "title", b->title);
    MEMBER_STRING(out, "url", b->url);
    object_end(out, begin);
}

static void write_byline(struct buf *out, const struct byline *b) {
    size_t begin = out->n;
    MEMBER_STRING(out, "name", b->name);
    MEMBER_STRING(out, "role", b->role);
    object_end(out, begin);
}

static void write_tag(struct buf *out, const struct tag *t) {
    size_t begin = out->n;
    MEMBER_STRING(out, "kind", tag_kind_word(t->kind));
    MEMBER_STRING(out, "name", t->name);
    MEMBER_STRING(out, "slug", t->slug);
    object_end(out, begin);
}

static void write_correction(struct buf *out, const struct correction *c) {
    size_t begin = out->n;
    MEMBER_INTEGER(out, "at", c->at);
    MEMBER_STRING(out, "kind", change_word(c->kind));
    MEMBER_STRING(out, "text", c->text);
    object_end(out, begin);
}

static void write_rendition(struct buf *out, const struct rendition *d) {
    size_t begin = out->n;
    MEMBER_INTEGER(out, "bytes", d->bytes);
    MEMBER(out, "hash");
    buf_char(out, '"');
    buf_hex(out, d->hash.bytes, SHA256_BYTES);
    buf_char(out, '"');
    MEMBER_INTEGER(out, "height", d->height);
    MEMBER_STRING(out, "type", d->type);
    MEMBER_INTEGER(out, "width", d->width);
    object_end(out, begin);
}

/* "name":[…], left out if there is nothing in it. */
#define MEMBER_ARRAY(out, name, items, count, write)  \
    do {                                              \
        if (count) {                                  \
            MEMBER(out, name);                        \
            for (size_t i_ = 0; i_ < (count); i_++) { \
                buf_char(out, i_ ? ',' : '[');        \
                write(out, &(items)[i_]);             \
            }                                         \
            buf_char(out, ']');                       \
        }                                             \
    } while (0)

static void write_channels(struct buf *out, unsigned channels) {
    if (!channels) return;
    MEMBER(out, "channels");
    char separator = '[';
    for (unsigned i = 0; i < CHANNEL_COUNT; i++) {
        if (!(channels >> i & 1)) continue;
        buf_char(out, separator);
        json_write_string(out, channel_word((enum channel)i));
        separator = ',';
    }
    buf_char(out, ']');
}

static void write_picture(struct buf *out, const struct picture *p) {
    size_t begin = out->n;
    MEMBER_STRING(out, "alt", p->alt);
    MEMBER_STRING(out, "caption", p->caption);
    write_channels(out, p->rights.channels);
    MEMBER_STRING(out, "colour", p->colour);
    MEMBER_STRING(out, "copyright", p->copyright);
    MEMBER_STRING(out, "creator", p->creator);
    MEMBER_STRING(out, "credit", p->credit);
    if (p->rights.expires) MEMBER_INTEGER(out, "expires", p->rights.expires);
    MEMBER_TRUE(out, "noRedistribution", p->rights.no_redistribution);
    MEMBER_ARRAY(out, "renditions", p->renditions, p->rendition_count, write_rendition);
    MEMBER_STRING(out, "usageTerms", p->usage_terms);
    object_end(out, begin);
}

static void write_id(struct buf *out, const struct story_id *id) {
    char hex[2 * STORY_ID_BYTES + 1];
    story_id_hex(id, hex);
    json_write_string(out, span_str(hex));
}

static void write_dateline(struct buf *out, const struct dateline *d) {
    if (d->place.n == 0 && d->source.n == 0) return;
    MEMBER(out, "dateline");
    size_t begin = out->n;
    MEMBER_STRING(out, "place", d->place);
    MEMBER_STRING(out, "source", d->source);
    object_end(out, begin);
}

static void write_standing(struct buf *out, const struct standing_page *s) {
    if (s->order == 0) return;
    MEMBER(out, "standing");
    size_t begin = out->n;
    MEMBER_STRING(out, "note", s->note);
    MEMBER_INTEGER(out, "order", s->order);
    object_end(out, begin);
}

static void write_revision(struct buf *out, const struct revision *r) {
    size_t begin = out->n;
    MEMBER_ARRAY(out, "blocks", r->blocks, r->block_count, write_block);
    MEMBER_ARRAY(out, "bylines", r->bylines, r->byline_count, write_byline);
    if (r->change != CHANGE_NONE) MEMBER_STRING(out, "change", change_word(r->change));
    MEMBER_STRING(out, "code", r->code);
    MEMBER_ARRAY(out, "corrections", r->corrections, r->correction_count, write_correction);
    MEMBER_STRING(out, "creditLine", r->credit_line);
    write_dateline(out, &r->dateline);
    MEMBER_STRING(out, "edition", r->edition);
    MEMBER_STRING(out, "headline", r->headline);
    MEMBER_STRING(out, "headlineFeed", r->headline_feed);
    MEMBER_STRING(out, "headlineShort", r->headline_short);
    MEMBER_STRING(out, "headlineSocial", r->headline_social);
    MEMBER_STRING(out, "language", r->language);
    MEMBER_TRUE(out, "leadPicture", r->lead_picture);
    MEMBER_INTEGER(out, "number", r->number);
    MEMBER_STRING(out, "path", r->path);
    MEMBER_ARRAY(out, "pictures", r->pictures, r->picture_count, write_picture);
    MEMBER_INTEGER(out, "published", r->published);
    MEMBER_ARRAY(out, "related", r->related, r->related_count, write_id);
    MEMBER_STRING(out, "section", r->section);
    MEMBER_STRING(out, "slug", r->slug);
    MEMBER_STRING(out, "standfirst", r->standfirst);
    write_standing(out, &r->standing);
    MEMBER_ID(out, "story", &r->story);
    MEMBER_ARRAY(out, "tags", r->tags, r->tag_count, write_tag);
    MEMBER_ID(out, "translationOf", &r->translation_of);
    MEMBER_INTEGER(out, "updated", r->updated);
    MEMBER_INTEGER(out, "version", 1);
    if (!story_is_standing(r)) MEMBER_STRING(out, "work", work_word(r->work));
    object_end(out, begin);
}

rc canon_write(const struct revision *r, struct buf *out) {
    size_t begin = out->n;
    write_revision(out, r);
    if (!out->over && out->n - begin <= CANON_BYTES_MAX) return RC_OK;
    out->n = begin;
    return rc_fail(RC_TOO_BIG, "the story's canonical form is over %d bytes", CANON_BYTES_MAX);
}

/* ---- reading ------------------------------------------------------------------------------ */

/* One object whose members are being taken; whatever is not taken is unknown. */
struct object {
    struct arena *arena;
    const json_t *json;
    size_t taken;
};

/* Puts `place` in front of a complaint about a member ("name: …"), an element ("[3]…") or the value
 * there itself (": …"). */
static rc in_place(rc code, const char *place) {
    return rc_in(code, rc_why()[0] == ':' || rc_why()[0] == '[' ? "%s" : "%s.", place);
}

static rc in_element(rc code, const char *array, size_t at) {
    char place[64];
    snprintf(place, sizeof place, "%s[%zu]", array, at);
    return in_place(code, place);
}

static rc bad(const char *name, const char *what) {
    return rc_fail(RC_CORRUPT, "%s: %s", name, what);
}

static const json_t *take(struct object *o, const char *name) {
    const json_t *value = json_object_get(o->json, name);
    o->taken += value != NULL;
    return value;
}

static rc object_done(const struct object *o) {
    if (o->taken == json_object_size(o->json)) return RC_OK;
    return rc_fail(RC_CORRUPT, ": has %zu members that do not belong there",
                   json_object_size(o->json) - o->taken);
}

static rc object_of(struct arena *arena, const json_t *json, struct object *out) {
    if (!json_is_object(json)) return rc_fail(RC_CORRUPT, ": is not an object");
    *out = (struct object){arena, json, 0};
    return RC_OK;
}

/* The reading functions write a part of the caller's revision, which the caller throws away if any
 * of them fails. */
static rc take_string(struct object *o, const char *name, struct span *s) {
    const json_t *value = take(o, name);
    if (!value) return RC_OK;
    if (!json_is_string(value) || json_string_length(value) == 0)
        return bad(name, "is not a string with something in it");
    *s = arena_copy(o->arena, span_of(json_string_value(value), json_string_length(value)));
    return s->p ? RC_OK : rc_fail(RC_TOO_BIG, "%s: does not fit into memory", name);
}

static rc take_integer(struct object *o, const char *name, uint64_t max, uint64_t *number) {
    const json_t *value = take(o, name);
    if (!value) return RC_OK;
    if (!json_is_integer(value) || json_integer_value(value) < 0 ||
        (uint64_t)json_integer_value(value) > max)
        return rc_fail(RC_CORRUPT, "%s: is not an integer in 0 … %llu", name,
                       (unsigned long long)max);
    *number = (uint64_t)json_integer_value(value);
    return RC_OK;
}

static rc take_unsigned(struct object *o, const char *name, unsigned *number) {
    uint64_t wide = *number;
    TRY(take_integer(o, name, UINT32_MAX, &wide));
    *number = (unsigned)wide;
    return RC_OK;
}

static rc take_ms(struct object *o, const char *name, ms_t *time) {
    uint64_t wide = 0;
    TRY(take_integer(o, name, CANON_INTEGER_MAX, &wide));
    *time = (ms_t)wide;
    return RC_OK;
}

static rc take_true(struct object *o, const char *name, bool *flag) {
    const json_t *value = take(o, name);
    if (value && !json_is_true(value)) return bad(name, "is not true");
    *flag = value != NULL;
    return RC_OK;
}

static struct span take_word(struct object *o, const char *name) {
    const json_t *value = take(o, name);
    return json_is_string(value) ? span_of(json_string_value(value), json_string_length(value))
                                 : (struct span){NULL, 0};
}

static rc take_id(struct object *o, const char *name, struct story_id *id) {
    const json_t *value = take(o, name);
    if (value && !story_id_parse(span_of(json_string_value(value), json_string_length(value)), id))
        return bad(name, "is not 32 lower-case hex digits");
    return RC_OK;
}

/* Room for an array's elements in the arena. A member that is missing gives NULL and 0. */
static rc take_array(struct object *o, const char *name, size_t count_max, size_t element_bytes,
                     const json_t **array, void *elements, size_t *count) {
    *array = take(o, name);
    if (!*array) return RC_OK;
    size_t n = json_array_size(*array);
    if (n == 0) return bad(name, "is not an array with something in it");
    if (n > count_max)
        return rc_fail(RC_CORRUPT, "%s: %zu elements, at most %zu are taken", name, n, count_max);
    void *p = arena_take(o->arena, n * element_bytes);
    if (!p) return rc_fail(RC_TOO_BIG, "%s: does not fit into memory", name);
    memcpy(elements, &p, sizeof p);
    *count = n;
    return RC_OK;
}

#define TAKE_ARRAY(o, name, field, field_count, max, read)                                 \
    do {                                                                                   \
        const json_t *array_;                                                              \
        TRY(take_array(o, name, max, sizeof *(field), &array_, &(field), &(field_count))); \
        for (size_t i_ = 0; array_ && i_ < (field_count); i_++) {                          \
            rc code_ = read((o)->arena, json_array_get(array_, i_), &(field)[i_]);         \
            if (code_ != RC_OK) return in_element(code_, name, i_);                        \
        }                                                                                  \
    } while (0)

static rc read_looks(const json_t *array, unsigned *looks) {
    static const struct {
        const char *word;
        unsigned look;
    } words[] = {{"code", RUN_CODE},
                 {"emphasis", RUN_EMPHASIS},
                 {"strong", RUN_STRONG},
                 {"sub", RUN_SUB},
                 {"sup", RUN_SUP}};
    for (size_t i = 0; i < json_array_size(array); i++) {
        const char *word = json_string_value(json_array_get(array, i));
        unsigned look = 0;
        for (size_t k = 0; word && k < COUNT_OF(words); k++)
            if (strcmp(word, words[k].word) == 0) look = words[k].look;
        if (!look) return rc_fail(RC_CORRUPT, "look[%zu]: is unknown", i);
        *looks |= look;
    }
    return *looks ? RC_OK : bad("look", "is not an array with something in it");
}

static rc read_run(struct arena *arena, const json_t *json, struct run *run) {
    struct object o = {0};
    TRY(object_of(arena, json, &o));
    TRY(take_string(&o, "href", &run->href));
    const json_t *looks = take(&o, "look");
    if (looks) TRY(read_looks(looks, &run->look));
    TRY(take_string(&o, "text", &run->text));
    return object_done(&o);
}

/* A text is an array itself: of runs, in an empty cell of none. */
static rc read_text(struct arena *arena, const json_t *json, struct text *t) {
    size_t count = json_array_size(json);
    if (!json_is_array(json) || count > RUNS_MAX)
        return rc_fail(RC_CORRUPT, ": is not an array of at most %d runs", RUNS_MAX);
    if (count == 0) return RC_OK;
    t->runs = ARENA_ARRAY(arena, struct run, count);
    if (!t->runs) return rc_fail(RC_TOO_BIG, ": does not fit into memory");
    t->count = count;
    for (size_t i = 0; i < count; i++) {
        rc code = read_run(arena, json_array_get(json, i), &t->runs[i]);
        if (code != RC_OK) return in_element(code, "", i);
    }
    return RC_OK;
}

static rc read_unsigned(struct arena *arena, const json_t *json, unsigned *number) {
    (void)arena;
    if (!json_is_integer(json) || json_integer_value(json) < 0 ||
        json_integer_value(json) > UINT32_MAX)
        return rc_fail(RC_CORRUPT, ": is not an integer in 0 … %lu", (unsigned long)UINT32_MAX);
    *number = (unsigned)json_integer_value(json);
    return RC_OK;
}

static rc read_ms(struct arena *arena, const json_t *json, ms_t *time) {
    (void)arena;
    if (!json_is_integer(json)) return rc_fail(RC_CORRUPT, ": is not an integer");
    *time = (ms_t)json_integer_value(json);
    return RC_OK;
}

static rc read_block(struct arena *arena, const json_t *json, struct block *b) {
    struct object o = {0};
    size_t times = 0;
    TRY(object_of(arena, json, &o));
    if (!block_kind_of(take_word(&o, "kind"), &b->kind)) return bad("kind", "is unknown");
    TRY(take_unsigned(&o, "columns", &b->columns));
    TRY(take_true(&o, "headerRow", &b->header_row));
    TRY(take_unsigned(&o, "level", &b->level));
    TRY(take_string(&o, "occasion", &b->occasion));
    TRY(take_true(&o, "ordered", &b->ordered));
    TRY(take_unsigned(&o, "picture", &b->picture));
    TAKE_ARRAY(&o, "pictures", b->pictures, b->picture_count, PICTURES_MAX, read_unsigned);
    TAKE_ARRAY(&o, "rows", b->rows, b->row_count, ROWS_MAX, read_text);
    TRY(take_string(&o, "speaker", &b->speaker));
    const json_t *text = take(&o, "text");
    rc code = text ? read_text(arena, text, &b->text) : RC_OK;
    if (code != RC_OK) return in_place(code, "text");
    TAKE_ARRAY(&o, "times", b->times, times, ROWS_MAX, read_ms);
    if (b->times && times != b->row_count) return bad("times", "are not as many as the rows");
    TRY(take_string(&o, "title", &b->title));
    TRY(take_string(&o, "url", &b->url));
    return object_done(&o);
}

static rc read_byline(struct arena *arena, const json_t *json, struct byline *b) {
    struct object o = {0};
    TRY(object_of(arena, json, &o));
    TRY(take_string(&o, "name", &b->name));
    TRY(take_string(&o, "role", &b->role));
    return object_done(&o);
}

static rc read_tag(struct arena *arena, const json_t *json, struct tag *t) {
    struct object o = {0};
    TRY(object_of(arena, json, &o));
    if (!tag_kind_of(take_word(&o, "kind"), &t->kind)) return bad("kind", "is unknown");
    TRY(take_string(&o, "name", &t->name));
    TRY(take_string(&o, "slug", &t->slug));
    return object_done(&o);
}

static rc read_correction(struct arena *arena, const json_t *json, struct correction *c) {
    struct object o = {0};
    TRY(object_of(arena, json, &o));
    TRY(take_ms(&o, "at", &c->at));
    if (!change_of(take_word(&o, "kind"), &c->kind)) return bad("kind", "is unknown");
    TRY(take_string(&o, "text", &c->text));
    return object_done(&o);
}

static rc read_rendition(struct arena *arena, const json_t *json, struct rendition *d) {
    struct object o = {0};
    TRY(object_of(arena, json, &o));
    TRY(take_integer(&o, "bytes", CANON_INTEGER_MAX, &d->bytes));
    if (!hex_decode(take_word(&o, "hash"), d->hash.bytes, SHA256_BYTES))
        return bad("hash", "is not 64 lower-case hex digits");
    TRY(take_unsigned(&o, "height", &d->height));
    TRY(take_string(&o, "type", &d->type));
    TRY(take_unsigned(&o, "width", &d->width));
    return object_done(&o);
}

static rc take_channels(struct object *o, unsigned *channels) {
    const json_t *array = take(o, "channels");
    if (!array) return RC_OK;
    for (size_t i = 0; i < json_array_size(array); i++) {
        enum channel channel;
        const json_t *word = json_array_get(array, i);
        if (!channel_of(span_of(json_string_value(word), json_string_length(word)), &channel))
            return rc_fail(RC_CORRUPT, "channels[%zu]: is unknown", i);
        *channels |= 1u << channel;
    }
    return *channels ? RC_OK : bad("channels", "is not an array with something in it");
}

static rc read_picture(struct arena *arena, const json_t *json, struct picture *p) {
    struct object o = {0};
    TRY(object_of(arena, json, &o));
    TRY(take_string(&o, "alt", &p->alt));
    TRY(take_string(&o, "caption", &p->caption));
    TRY(take_string(&o, "colour", &p->colour));
    TRY(take_string(&o, "copyright", &p->copyright));
    TRY(take_string(&o, "creator", &p->creator));
    TRY(take_string(&o, "credit", &p->credit));
    TAKE_ARRAY(&o, "renditions", p->renditions, p->rendition_count, RENDITIONS_MAX, read_rendition);
    TRY(take_string(&o, "usageTerms", &p->usage_terms));
    TRY(take_channels(&o, &p->rights.channels));
    TRY(take_ms(&o, "expires", &p->rights.expires));
    TRY(take_true(&o, "noRedistribution", &p->rights.no_redistribution));
    return object_done(&o);
}

static rc read_id(struct arena *arena, const json_t *json, struct story_id *id) {
    (void)arena;
    if (story_id_parse(span_of(json_string_value(json), json_string_length(json)), id))
        return RC_OK;
    return rc_fail(RC_CORRUPT, ": is not 32 lower-case hex digits");
}

static rc read_dateline(struct object *revision, struct dateline *d) {
    struct object o = {0};
    const json_t *json = take(revision, "dateline");
    if (!json) return RC_OK;
    TRY(object_of(revision->arena, json, &o));
    TRY(take_string(&o, "place", &d->place));
    TRY(take_string(&o, "source", &d->source));
    return object_done(&o);
}

static rc read_standing(struct object *revision, struct standing_page *s) {
    struct object o = {0};
    const json_t *json = take(revision, "standing");
    if (!json) return RC_OK;
    TRY(object_of(revision->arena, json, &o));
    TRY(take_string(&o, "note", &s->note));
    TRY(take_unsigned(&o, "order", &s->order));
    if (s->order == 0) return bad("order", "is missing");
    return object_done(&o);
}

static rc read_given(struct object *o, struct revision *r) {
    uint64_t number = 0, version = 0;
    TRY(take_integer(o, "version", CANON_INTEGER_MAX, &version));
    if (version != 1) return bad("version", "is not 1: a newer Dateline wrote this");
    TRY(take_id(o, "story", &r->story));
    TRY(take_integer(o, "number", UINT32_MAX, &number));
    r->number = (uint32_t)number;
    TRY(take_string(o, "path", &r->path));
    TRY(take_string(o, "code", &r->code));
    TRY(take_ms(o, "published", &r->published));
    TRY(take_ms(o, "updated", &r->updated));
    struct span change = take_word(o, "change");
    if (change.p && !change_of(change, &r->change)) return bad("change", "is unknown");
    return take_id(o, "translationOf", &r->translation_of);
}

static rc read_written(struct object *o, struct revision *r) {
    TRY(take_string(o, "edition", &r->edition));
    TRY(take_string(o, "language", &r->language));
    rc code = read_standing(o, &r->standing);
    if (code != RC_OK) return in_place(code, "standing");
    struct span work = take_word(o, "work");
    if (story_is_standing(r) ? work.p != NULL : !work_of(work, &r->work))
        return bad("work", story_is_standing(r) ? "a standing page is of none" : "is unknown");
    TRY(take_string(o, "section", &r->section));
    TRY(take_string(o, "headline", &r->headline));
    TRY(take_string(o, "headlineShort", &r->headline_short));
    TRY(take_string(o, "headlineSocial", &r->headline_social));
    TRY(take_string(o, "headlineFeed", &r->headline_feed));
    TRY(take_string(o, "standfirst", &r->standfirst));
    TRY(take_string(o, "slug", &r->slug));
    TRY(take_string(o, "creditLine", &r->credit_line));
    code = read_dateline(o, &r->dateline);
    if (code != RC_OK) return in_place(code, "dateline");
    TRY(take_true(o, "leadPicture", &r->lead_picture));
    TAKE_ARRAY(o, "bylines", r->bylines, r->byline_count, BYLINES_MAX, read_byline);
    TAKE_ARRAY(o, "tags", r->tags, r->tag_count, TAGS_MAX, read_tag);
    TAKE_ARRAY(o, "pictures", r->pictures, r->picture_count, PICTURES_MAX, read_picture);
    TAKE_ARRAY(o, "blocks", r->blocks, r->block_count, BLOCKS_MAX, read_block);
    TAKE_ARRAY(o, "corrections", r->corrections, r->correction_count, CORRECTIONS_MAX,
               read_correction);
    TAKE_ARRAY(o, "related", r->related, r->related_count, RELATED_PINS_MAX, read_id);
    return RC_OK;
}

static rc read_revision(struct arena *arena, const json_t *json, struct revision *r) {
    struct object o = {0};
    TRY(object_of(arena, json, &o));
    TRY(read_given(&o, r));
    TRY(read_written(&o, r));
    TRY(object_done(&o));
    return story_check(r);
}

/* What was read says the same, but is it spelled so? */
static rc check_spelling(const struct revision *r, struct span bytes) {
    struct buf again;
    buf_init(&again, bytes.n + 1);
    rc code = canon_write(r, &again);
    size_t at = 0;
    while (at < again.n && at < bytes.n && again.p[at] == bytes.p[at]) at++;
    if (code != RC_OK || again.n != bytes.n || at != bytes.n)
        code = rc_fail(RC_CORRUPT, ": byte %zu: not the canonical spelling", at);
    buf_done(&again);
    return code;
}

rc canon_read(struct arena *arena, struct span bytes, struct revision *out_revision) {
    struct revision r = {0};
    json_t *json;
    if (bytes.n > CANON_BYTES_MAX)
        return rc_fail(RC_CORRUPT, "$: %zu bytes, a canonical revision has at most %d", bytes.n,
                       CANON_BYTES_MAX);
    rc code = json_read(bytes, &json);
    if (code != RC_OK) return rc_in(RC_CORRUPT, "$: ");
    code = read_revision(arena, json, &r);
    if (code == RC_OK) code = check_spelling(&r, bytes);
    json_decref(json);
    /* What the arena cannot hold says nothing about the bytes; all else does. */
    if (code != RC_OK)
        return in_place(code == RC_TOO_BIG && arena_over(arena) ? RC_TOO_BIG : RC_CORRUPT, "$");
    *out_revision = r;
    return RC_OK;
}

/* ---- a scanner of canonical JSON ---------------------------------------------------------- */

/* Finds where values end, and is strict, so that one value has one spelling. No `false` and no
 * `null`: a canonical revision has none. */
struct scan {
    const char *p, *begin, *end;
};

static rc scan_fail(const struct scan *s, const char *what) {
    return rc_fail(RC_CORRUPT, "byte %zu: %s", (size_t)(s->p - s->begin), what);
}

static bool scan_is(const struct scan *s, char c) {
    return s->p < s->end && *s->p == c;
}

static bool scan_skip(struct scan *s, char c) {
    if (!scan_is(s, c)) return false;
    s->p++;
    return true;
}

static bool scan_skip_word(struct scan *s, struct span word) {
    if (!span_starts(span_of(s->p, (size_t)(s->end - s->p)), word)) return false;
    s->p += word.n;
    return true;
}

/* Behind a backslash. */
static bool scan_escape(struct scan *s) {
    if (s->p >= s->end) return false;
    if (*s->p != 0 && strchr("\"\\bfnrt", *s->p)) {
        s->p++;
        return true;
    }
    unsigned char control;
    if (s->end - s->p < 5 || memcmp(s->p, "u00", 3) != 0 ||
        !hex_decode(span_of(s->p + 3, 2), &control, 1) || control >= 0x20 ||
        (control != 0 && strchr("\b\f\n\r\t", control)))
        return false;
    s->p += 5;
    return true;
}

static rc scan_string(struct scan *s) {
    uint32_t point;
    if (!scan_skip(s, '"')) return scan_fail(s, "a string is wanted");
    while (s->p < s->end) {
        unsigned char c = (unsigned char)*s->p;
        if (c == '"') {
            s->p++;
            return RC_OK;
        }
        if (c < 0x20) return scan_fail(s, "a control character in a string");
        if (c == '\\') {
            s->p++;
            if (!scan_escape(s)) return scan_fail(s, "an escape that is not canonical");
        } else if (c < 0x80) {
            s->p++;
        } else {
            size_t at = 0;
            if (!utf8_next(span_of(s->p, (size_t)(s->end - s->p)), &at, &point))
                return scan_fail(s, "not well-formed UTF-8");
            s->p += at;
        }
    }
    return scan_fail(s, "the string does not end");
}

static rc scan_integer(struct scan *s, uint64_t max, uint64_t *out_value) {
    const char *begin = s->p;
    while (s->p < s->end && *s->p >= '0' && *s->p <= '9') s->p++;
    if (!span_to_u64(span_of(begin, (size_t)(s->p - begin)), max, out_value))
        return scan_fail(s, "a canonical integer is wanted");
    return RC_OK;
}

/* A member's name and its colon. Names are letters: so bytes are in the order of UTF-16 code units.
 */
static rc scan_name(struct scan *s, struct span *out_name) {
    if (!scan_skip(s, '"')) return scan_fail(s, "a member name is wanted");
    const char *begin = s->p;
    while (s->p < s->end && ((*s->p | 0x20) >= 'a' && (*s->p | 0x20) <= 'z')) s->p++;
    struct span name = span_of(begin, (size_t)(s->p - begin));
    if (name.n == 0 || !scan_skip(s, '"')) return scan_fail(s, "a member name is letters");
    *out_name = name;
    return RC_OK;
}

/* The next member of an object, of which *name is the one before (empty: none yet). */
static rc scan_member(struct scan *s, struct span *name) {
    struct span next;
    TRY(scan_name(s, &next));
    if (name->n && span_cmp(*name, next) >= 0)
        return scan_fail(s, "a member stands out of order, or twice");
    if (!scan_skip(s, ':')) return scan_fail(s, "\":\" is wanted");
    *name = next;
    return RC_OK;
}

/* Behind an element: true if another one follows. */
static rc scan_more(struct scan *s, char close, bool *out_more) {
    if (scan_skip(s, ',')) {
        *out_more = true;
        return RC_OK;
    }
    if (!scan_skip(s, close)) return scan_fail(s, "\",\" or the end of it is wanted");
    *out_more = false;
    return RC_OK;
}

static rc scan_value(struct scan *s, unsigned depth) {
    bool more;
    struct span name = {NULL, 0};
    uint64_t number;
    if (depth > CANON_DEPTH_MAX) return scan_fail(s, "too many values in one another");
    if (scan_is(s, '"')) return scan_string(s);
    if (scan_skip_word(s, SPAN("true"))) return RC_OK;
    if (scan_skip(s, '[')) {
        for (more = !scan_skip(s, ']'); more;) {
            TRY(scan_value(s, depth + 1));
            TRY(scan_more(s, ']', &more));
        }
        return RC_OK;
    }
    if (scan_skip(s, '{')) {
        for (more = !scan_skip(s, '}'); more;) {
            TRY(scan_member(s, &name));
            TRY(scan_value(s, depth + 1));
            TRY(scan_more(s, '}', &more));
        }
        return RC_OK;
    }
    return scan_integer(s, CANON_INTEGER_MAX, &number);
}

/* ---- parts -------------------------------------------------------------------------------- */

/* Where a part's value stands: ["headline"], ["blocks",3], ["pictures",0,"caption"] or
 * ["pictures",0,"renditions",2]. */
struct place {
    struct span member; /* of the document */
    bool indexed;       /* it is opened: */
    uint64_t index;
    struct span sub;  /* member of a picture; else empty */
    bool sub_indexed; /* it is `renditions`: */
    uint64_t sub_index;
};

static bool is_pictures(struct span member) {
    return span_eq(member, SPAN("pictures"));
}
static bool is_opened(struct span member) {
    return span_eq(member, SPAN("blocks")) || span_eq(member, SPAN("bylines")) ||
           span_eq(member, SPAN("corrections")) || span_eq(member, SPAN("tags")) ||
           is_pictures(member);
}
static bool is_renditions(struct span sub) {
    return span_eq(sub, SPAN("renditions"));
}

static void add_name(struct buf *out, struct span name) {
    buf_char(out, '"');
    buf_add(out, name);
    buf_char(out, '"');
}

/* The parts made so far, one after another. */
struct cutter {
    struct scan scan;
    struct buf bytes;
    size_t ends[CANON_PARTS_MAX];
    size_t count;
};

/* The value that follows becomes a part. */
static rc cut_value(struct cutter *c, const struct place *at, unsigned depth) {
    const char *begin = c->scan.p;
    struct buf *out = &c->bytes;
    TRY(scan_value(&c->scan, depth));
    if (c->count == CANON_PARTS_MAX)
        return rc_fail(RC_CORRUPT, "more than %d parts", CANON_PARTS_MAX);
    buf_add(out, SPAN("[["));
    add_name(out, at->member);
    if (at->indexed) buf_char(out, ','), buf_u64(out, at->index);
    if (at->sub.n) buf_char(out, ','), add_name(out, at->sub);
    if (at->sub_indexed) buf_char(out, ','), buf_u64(out, at->sub_index);
    buf_add(out, SPAN("],"));
    buf_add(out, span_of(begin, (size_t)(c->scan.p - begin)));
    buf_char(out, ']');
    c->ends[c->count++] = out->n;
    return RC_OK;
}

static rc cut_renditions(struct cutter *c, struct place *at) {
    bool more = true;
    if (!scan_skip(&c->scan, '[')) return scan_fail(&c->scan, "an array is wanted");
    at->sub_indexed = true;
    for (at->sub_index = 0; more; at->sub_index++) {
        TRY(cut_value(c, at, 4));
        TRY(scan_more(&c->scan, ']', &more));
    }
    at->sub_indexed = false;
    return RC_OK;
}

static rc cut_picture(struct cutter *c, struct place *at) {
    bool more = true;
    if (!scan_skip(&c->scan, '{')) return scan_fail(&c->scan, "an object is wanted");
    for (at->sub = (struct span){NULL, 0}; more;) {
        TRY(scan_member(&c->scan, &at->sub));
        TRY(is_renditions(at->sub) ? cut_renditions(c, at) : cut_value(c, at, 3));
        TRY(scan_more(&c->scan, '}', &more));
    }
    at->sub = (struct span){NULL, 0};
    return RC_OK;
}

static rc cut_array(struct cutter *c, struct place *at) {
    bool more = true;
    if (!scan_skip(&c->scan, '[')) return scan_fail(&c->scan, "an array is wanted");
    at->indexed = true;
    for (at->index = 0; more; at->index++) {
        TRY(is_pictures(at->member) ? cut_picture(c, at) : cut_value(c, at, 2));
        TRY(scan_more(&c->scan, ']', &more));
    }
    at->indexed = false;
    return RC_OK;
}

static rc cut_document(struct cutter *c) {
    bool more = true;
    struct place at = {0};
    if (!scan_skip(&c->scan, '{')) return scan_fail(&c->scan, "an object is wanted");
    while (more) {
        TRY(scan_member(&c->scan, &at.member));
        TRY(is_opened(at.member) ? cut_array(c, &at) : cut_value(c, &at, 1));
        TRY(scan_more(&c->scan, '}', &more));
    }
    return c->scan.p == c->scan.end ? RC_OK
                                    : scan_fail(&c->scan, "something stands behind the end");
}

static rc parts_keep(struct arena *arena, const struct cutter *c, struct span **out_parts) {
    struct span *parts = ARENA_ARRAY(arena, struct span, c->count);
    struct span all = arena_copy(arena, buf_span(&c->bytes));
    if (!parts || !all.p) return rc_fail(RC_TOO_BIG, "the parts do not fit into memory");
    for (size_t i = 0, begin = 0; i < c->count; begin = c->ends[i++])
        parts[i] = span_sub(all, begin, c->ends[i] - begin);
    *out_parts = parts;
    return RC_OK;
}

#define PLACE_BYTES_MAX 64 /* brackets, names of opened members and two indexes */

rc canon_parts(struct arena *arena, struct span bytes, struct span **out_parts, size_t *out_count) {
    if (bytes.n > CANON_BYTES_MAX)
        return rc_fail(RC_CORRUPT, "%zu bytes, a canonical revision has at most %d", bytes.n,
                       CANON_BYTES_MAX);
    struct cutter c;
    c.scan = (struct scan){bytes.p, bytes.p, bytes.n ? bytes.p + bytes.n : bytes.p};
    c.count = 0;
    buf_init(&c.bytes, 2 * bytes.n + (size_t)CANON_PARTS_MAX * PLACE_BYTES_MAX);
    rc code = cut_document(&c);
    CHECK(!c.bytes.over);
    size_t count = c.count;
    if (code == RC_OK) code = parts_keep(arena, &c, out_parts);
    buf_done(&c.bytes);
    if (code == RC_OK) *out_count = count;
    return code;
}

/* ---- joining ------------------------------------------------------------------------------ */

static rc read_index(struct scan *s, bool *out_indexed, uint64_t *out_index) {
    *out_indexed = scan_skip(s, ',');
    return *out_indexed ? scan_integer(s, CANON_PARTS_MAX, out_index) : RC_OK;
}

/* The place and the value of a part. */
static rc read_part(struct span part, struct place *out_place, struct span *out_value) {
    struct scan s = {part.p, part.p, part.p + part.n};
    struct place at = {0};
    if (!scan_skip_word(&s, SPAN("[["))) return scan_fail(&s, "a part begins with \"[[\"");
    TRY(scan_name(&s, &at.member));
    TRY(read_index(&s, &at.indexed, &at.index));
    if (at.indexed && scan_skip(&s, ',')) {
        TRY(scan_name(&s, &at.sub));
        TRY(read_index(&s, &at.sub_indexed, &at.sub_index));
    }
    if (at.indexed != is_opened(at.member) || (at.sub.n > 0) != is_pictures(at.member) ||
        at.sub_indexed != is_renditions(at.sub))
        return scan_fail(&s, "a revision is not cut at such a place");
    if (!scan_skip_word(&s, SPAN("],"))) return scan_fail(&s, "the path does not end");
    const char *begin = s.p;
    TRY(scan_value(&s, 1u + at.indexed + (at.sub.n > 0) + at.sub_indexed));
    *out_value = span_of(begin, (size_t)(s.p - begin));
    *out_place = at;
    if (!scan_skip(&s, ']') || s.p != s.end) return scan_fail(&s, "the part does not end");
    return RC_OK;
}

/* The joined document: what has been written, and what is open there. */
struct joiner {
    struct buf *out;
    struct place last; /* .member empty: nothing yet */
    bool gap;          /* a part was erased since */
};

/* An index follows the one before it, unless something was erased there. */
static bool index_follows(const struct joiner *j, bool same, uint64_t before, uint64_t index) {
    uint64_t next = same ? before + 1 : 0;
    return index == next || (j->gap && index > next);
}

static rc out_of_order(void) {
    return rc_fail(RC_CORRUPT, "the part stands out of order, or one is missing before it");
}

/* In a picture that is open: its next member, or its next rendition. */
static rc join_in_picture(struct joiner *j, const struct place *at, bool same_picture) {
    struct span before = same_picture ? j->last.sub : (struct span){NULL, 0};
    bool same = before.n && span_eq(before, at->sub);
    if (same ? !at->sub_indexed : before.n && span_cmp(before, at->sub) > 0) return out_of_order();
    if (at->sub_indexed && !index_follows(j, same, j->last.sub_index, at->sub_index))
        return out_of_order();
    if (same) {
        buf_char(j->out, ',');
        return RC_OK;
    }
    if (same_picture && j->last.sub_indexed) buf_char(j->out, ']');
    buf_char(j->out, same_picture ? ',' : '{');
    add_name(j->out, at->sub);
    buf_char(j->out, ':');
    if (at->sub_indexed) buf_char(j->out, '[');
    return RC_OK;
}

static void close_picture(struct joiner *j) {
    if (j->last.sub_indexed) buf_char(j->out, ']');
    if (j->last.sub.n) buf_char(j->out, '}');
}

static void close_member(struct joiner *j) {
    close_picture(j);
    if (j->last.indexed) buf_char(j->out, ']');
}

/* Everything that stands between the last value and the one at `at`. */
static rc join_to(struct joiner *j, const struct place *at) {
    bool same = j->last.member.n && span_eq(j->last.member, at->member);
    bool same_picture = same && at->sub.n && at->index == j->last.index;
    if (same ? !at->indexed : j->last.member.n && span_cmp(j->last.member, at->member) > 0)
        return out_of_order();
    if (at->indexed && !same_picture && !index_follows(j, same, j->last.index, at->index))
        return out_of_order();
    if (!same) {
        if (j->last.member.n) close_member(j);
        buf_char(j->out, j->last.member.n ? ',' : '{');
        add_name(j->out, at->member);
        buf_char(j->out, ':');
        if (at->indexed) buf_char(j->out, '[');
    } else if (!same_picture) {
        close_picture(j);
        buf_char(j->out, ',');
    }
    return at->sub.n ? join_in_picture(j, at, same_picture) : RC_OK;
}

static rc join_part(struct joiner *j, struct span part) {
    struct place at;
    struct span value;
    TRY(read_part(part, &at, &value));
    TRY(join_to(j, &at));
    buf_add(j->out, value);
    j->last = at;
    j->gap = false;
    return RC_OK;
}

rc canon_join(struct arena *arena, const struct span *parts, size_t count, struct buf *out) {
    (void)arena;
    struct joiner j = {.out = out};
    size_t begin = out->n;
    rc code = RC_OK;
    if (count > CANON_PARTS_MAX)
        return rc_fail(RC_CORRUPT, "%zu parts, at most %d are taken", count, CANON_PARTS_MAX);
    for (size_t i = 0; i < count && code == RC_OK; i++) {
        if (parts[i].n == 0) {
            j.gap = true;
            continue;
        }
        code = join_part(&j, parts[i]);
        if (code != RC_OK) code = rc_in(code, "part %zu: ", i);
    }
    if (code == RC_OK) {
        if (j.last.member.n)
            close_member(&j);
        else
            buf_char(out, '{');
        buf_char(out, '}');
        if (out->over || out->n - begin > CANON_BYTES_MAX)
            code = rc_fail(RC_TOO_BIG, "the parts join to more than %d bytes", CANON_BYTES_MAX);
    }
    if (code != RC_OK) out->n = begin;
    return code;
}
