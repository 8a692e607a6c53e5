/* docs/record-format.md §2. */
#include "verify/internal.h"

const char *const verify_type_name[VERIFY_TYPE_COUNT] = {
#define X(name) #name,
    VERIFY_TYPES(X)
#undef X
};

/* Cuts "name value\n" off. */
static rc line_cut(struct span *rest, struct span name, struct span *out_value) {
    struct span line = span_cut(rest, '\n');
    if (!rest->p)
        return rc_fail(RC_INVALID, "the line " SPAN_FMT " is missing, or has no line feed",
                       SPAN_ARG(name));
    if (!span_starts(line, name) || line.n <= name.n || line.p[name.n] != ' ')
        return rc_fail(RC_INVALID, "a line is not \"" SPAN_FMT " …\"", SPAN_ARG(name));
    *out_value = span_from(line, name.n + 1);
    return RC_OK;
}

static bool digits(struct span s, size_t at, size_t n, unsigned *out_value) {
    unsigned value = 0;
    for (size_t i = at; i < at + n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9') return false;
        value = value * 10 + (unsigned)(s.p[i] - '0');
    }
    *out_value = value;
    return true;
}

/* 2026-11-24T20:33:59.123Z */
static bool time_parse(struct span s, struct verify_entry *e) {
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    static const char form[] = "----------T--:--:--.---Z";
    if (s.n != sizeof form - 1) return false;
    if (s.p[4] != '-' || s.p[7] != '-' || s.p[10] != 'T' || s.p[13] != ':' || s.p[16] != ':' ||
        s.p[19] != '.' || s.p[23] != 'Z')
        return false;
    if (!digits(s, 0, 4, &e->year) || !digits(s, 5, 2, &e->month) || !digits(s, 8, 2, &e->day) ||
        !digits(s, 11, 2, &e->hour) || !digits(s, 14, 2, &e->minute) ||
        !digits(s, 17, 2, &e->second) || !digits(s, 20, 3, &e->ms))
        return false;
    if (e->year < 1 || e->month < 1 || e->month > 12 || e->day < 1) return false;
    bool leap = e->year % 4 == 0 && (e->year % 100 != 0 || e->year % 400 == 0);
    if (e->day > days[e->month - 1] + (e->month == 2 && leap ? 1u : 0u)) return false;
    return e->hour < 24 && e->minute < 60 && e->second < 60;
}

static bool type_parse(struct span s, enum verify_type *out_type) {
    for (unsigned i = 0; i < VERIFY_TYPE_COUNT; i++)
        if (span_eq(s, span_str(verify_type_name[i]))) {
            *out_type = (enum verify_type)i;
            return true;
        }
    return false;
}

rc verify_entry_parse(struct span bytes, struct verify_entry *out_entry) {
    struct verify_entry e = {0};
    struct span rest = bytes, value;
    if (bytes.n > VERIFY_ENTRY_BYTES_MAX)
        return rc_fail(RC_INVALID, "it has more than %u bytes", VERIFY_ENTRY_BYTES_MAX);
    value = span_cut(&rest, '\n');
    if (!rest.p || !span_eq(value, SPAN("dateline-entry/v1")))
        return rc_fail(RC_INVALID, "its first line is not dateline-entry/v1");
    TRY(line_cut(&rest, SPAN("type"), &value));
    if (!type_parse(value, &e.type)) return rc_fail(RC_INVALID, "its type is none of ours");
    TRY(line_cut(&rest, SPAN("story"), &value));
    e.has_story = !span_eq(value, SPAN("-"));
    if (e.has_story && !hex_decode(value, e.story, sizeof e.story))
        return rc_fail(RC_INVALID, "its story is not 32 lower-case hex digits");
    TRY(line_cut(&rest, SPAN("revision"), &value));
    if (!span_eq(value, SPAN("-")) &&
        (!span_to_u64(value, VERIFY_INTEGER_MAX, &e.number) || e.number == 0))
        return rc_fail(RC_INVALID, "its revision is not a number from 1");
    TRY(line_cut(&rest, SPAN("previous"), &value));
    e.previous = VERIFY_NONE;
    if (!span_eq(value, SPAN("-")) && !span_to_u64(value, INT64_MAX, &e.previous))
        return rc_fail(RC_INVALID, "its previous is not an index");
    TRY(line_cut(&rest, SPAN("time"), &value));
    if (!time_parse(value, &e)) return rc_fail(RC_INVALID, "its time is not one");
    TRY(line_cut(&rest, SPAN("parts"), &value));
    uint64_t parts;
    if (!span_to_u64(value, VERIFY_PARTS_MAX, &parts) || parts == 0)
        return rc_fail(RC_INVALID, "its parts are not 1 to %u", VERIFY_PARTS_MAX);
    e.parts = (unsigned)parts;
    TRY(line_cut(&rest, SPAN("root"), &value));
    if (!hex_decode(value, e.root.bytes, SHA256_BYTES))
        return rc_fail(RC_INVALID, "its root is not 64 lower-case hex digits");
    if (rest.n) return rc_fail(RC_INVALID, "something stands behind its eight lines");
    *out_entry = e;
    return RC_OK;
}
