#include "record/record.h"
#include "sys/clock.h"

#define FIRST_LINE "dateline-entry/v1"

static const char *const type_words[ENTRY_TYPE_COUNT] = {
#define X(name, word) [ENTRY_##name] = (word),
    ENTRY_TYPE_TABLE(X)
#undef X
};

static void number_write(struct buf *out, const char *name, bool is_there, uint64_t number) {
    buf_str(out, name);
    if (is_there)
        buf_u64(out, number);
    else
        buf_char(out, '-');
    buf_char(out, '\n');
}

void entry_write(const struct entry *entry, struct buf *out) {
    CHECK(entry->type < ENTRY_TYPE_COUNT);
    CHECK(entry->parts >= 1 && entry->parts <= ENTRY_PARTS_MAX);
    char story[2 * STORY_ID_BYTES + 1] = "-", time[CLOCK_TEXT_BYTES];
    if (entry->has_story) story_id_hex(&entry->story, story);
    clock_text(entry->time, true, time);
    buf_printf(out, FIRST_LINE "\ntype %s\nstory %s\n", type_words[entry->type], story);
    number_write(out, "revision ", entry->revision != 0, entry->revision);
    number_write(out, "previous ", entry->previous != ENTRY_NONE, entry->previous);
    buf_printf(out, "time %s\n", time);
    number_write(out, "parts ", true, entry->parts);
    buf_str(out, "root ");
    buf_hex(out, entry->root.bytes, SHA256_BYTES);
    buf_char(out, '\n');
}

/* ---- reading --------------------------------------------------------------------------------- */

static bool type_read(struct span text, enum entry_type *out_type) {
    for (unsigned i = 0; i < ENTRY_TYPE_COUNT; i++) {
        if (!span_eq(text, span_str(type_words[i]))) continue;
        *out_type = (enum entry_type)i;
        return true;
    }
    return false;
}

/* min … max, or "-" for `none`. */
static bool number_read(struct span text, uint64_t min, uint64_t max, uint64_t none,
                        uint64_t *out_value) {
    if (span_eq(text, SPAN("-"))) {
        *out_value = none;
        return true;
    }
    return span_to_u64(text, max, out_value) && *out_value >= min;
}

/* The value of line `number`, whose name is `name`. */
static rc line_next(struct span *rest, unsigned number, const char *name, struct span *out_value) {
    struct span line = span_cut(rest, '\n'), wanted = span_str(name);
    if (!rest->p) return rc_fail(RC_INVALID, "entry: line %u has no line feed", number);
    if (!span_starts(line, wanted)) {
        return rc_fail(RC_INVALID, "entry: line %u does not begin with \"%s\"", number, name);
    }
    *out_value = span_from(line, wanted.n);
    return RC_OK;
}

static rc bad_value(unsigned number, const char *what) {
    return rc_fail(RC_INVALID, "entry: line %u: %s", number, what);
}

rc entry_read(struct span bytes, struct entry *out_entry) {
    if (bytes.n > ENTRY_BYTES_MAX) {
        return rc_fail(RC_INVALID, "entry: %zu bytes, at most %d may be", bytes.n, ENTRY_BYTES_MAX);
    }
    static const char *const names[] = {FIRST_LINE,  "type ", "story ", "revision ",
                                        "previous ", "time ", "parts ", "root "};
    struct span rest = bytes, values[COUNT_OF(names)];
    for (unsigned i = 0; i < COUNT_OF(names); i++) {
        TRY(line_next(&rest, i + 1, names[i], &values[i]));
    }
    if (rest.n) return rc_fail(RC_INVALID, "entry: there is more behind line 8");

    struct entry e = {.has_story = !span_eq(values[2], SPAN("-"))};
    uint64_t revision, parts;
    if (values[0].n) return bad_value(1, "there is more behind \"" FIRST_LINE "\"");
    if (!type_read(values[1], &e.type)) return bad_value(2, "a type that is not known");
    if (e.has_story && !story_id_parse(values[2], &e.story)) {
        return bad_value(3, "neither 32 hex digits nor \"-\"");
    }
    if (!number_read(values[3], 1, UINT32_MAX, 0, &revision)) {
        return bad_value(4, "neither a revision's number nor \"-\"");
    }
    if (!number_read(values[4], 0, ENTRY_NONE - 1, ENTRY_NONE, &e.previous)) {
        return bad_value(5, "neither an index nor \"-\"");
    }
    if (!clock_read(values[5], &e.time)) return bad_value(6, "not a time in UTC with milliseconds");
    if (!span_to_u64(values[6], ENTRY_PARTS_MAX, &parts) || parts == 0) {
        return bad_value(7, "not a number of parts, 1 … 4096");
    }
    if (!hex_decode(values[7], e.root.bytes, SHA256_BYTES)) {
        return bad_value(8, "not 64 hex digits in lower case");
    }
    e.revision = (uint32_t)revision;
    e.parts = (uint32_t)parts;
    *out_entry = e;
    return RC_OK;
}
