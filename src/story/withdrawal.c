#include "story/withdrawal.h"

#include <stdio.h>

#include "codec/json.h"
#include "story/story.h"

#define PARTS_JSON_BYTES_MAX 32768 /* every byte escaped twice */

static bool digits_read(struct span text, unsigned *out) {
    *out = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9') return false;
        *out = *out * 10 + (unsigned)(text.p[i] - '0');
    }
    return true;
}

bool day_read(struct span text, int *out_year, unsigned *out_month, unsigned *out_day) {
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    unsigned year, month, day;
    if (text.n != 10 || text.p[4] != '-' || text.p[7] != '-') return false;
    if (!digits_read(span_sub(text, 0, 4), &year) || !digits_read(span_sub(text, 5, 2), &month) ||
        !digits_read(span_sub(text, 8, 2), &day))
        return false;
    if (year < 1000 || month < 1 || month > 12 || day < 1) return false;
    const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (day > days[month - 1] + (unsigned)(month == 2 && leap)) return false;
    *out_year = (int)year;
    *out_month = month;
    *out_day = day;
    return true;
}

static rc one_text(struct arena *a, const char *name, struct span raw, size_t bytes_max,
                   struct span *out) {
    *out = SPAN("");
    if (raw.n == 0) return RC_OK;
    TRY(story_normalize(a, raw, false, out));
    if (out->n > bytes_max)
        return rc_fail(RC_TOO_BIG, "%s: %zu bytes; at most %zu", name, out->n, bytes_max);
    return RC_OK;
}

rc withdrawal_make(struct arena *a, struct span reason, struct span authority, struct span demanded,
                   struct withdrawal *out) {
    struct withdrawal w = {.status = 410};
    int year;
    unsigned month, day;
    TRY(one_text(a, "reason", reason, WITHDRAWAL_REASON_BYTES_MAX, &w.reason));
    TRY(one_text(a, "authority", authority, WITHDRAWAL_AUTHORITY_BYTES_MAX, &w.authority));
    TRY(one_text(a, "demanded", demanded, WITHDRAWAL_AUTHORITY_BYTES_MAX, &w.demanded));
    if (w.reason.n == 0) w.reason = SPAN("withdrawn by the newsroom");
    if (w.authority.n) w.status = 451;
    if (w.demanded.n && !w.authority.n)
        return rc_fail(RC_INVALID, "demanded: is given, but no authority that demanded it");
    if (w.demanded.n && !day_read(w.demanded, &year, &month, &day))
        return rc_fail(RC_INVALID, "demanded: \"" SPAN_FMT "\" is not a date such as 2026-11-20",
                       SPAN_ARG(span_sub(w.demanded, 0, 60)));
    *out = w;
    return RC_OK;
}

bool withdrawal_same(const struct withdrawal *x, const struct withdrawal *y) {
    return x->status == y->status && span_eq(x->reason, y->reason) &&
           span_eq(x->authority, y->authority) && span_eq(x->demanded, y->demanded);
}

/* ---- as parts ------------------------------------------------------------------------------------ */

static void add_text(struct arena *a, struct buf *b, const char *name, struct span text,
                     struct span *parts, size_t *count) {
    if (text.n == 0) return;
    buf_clear(b);
    buf_printf(b, "[[\"%s\"],", name);
    json_write_string(b, text);
    buf_char(b, ']');
    parts[(*count)++] = b->over ? (struct span){0} : arena_copy(a, buf_span(b));
}

rc withdrawal_write(struct arena *a, const struct withdrawal *w,
                    struct span out_parts[WITHDRAWAL_PARTS_MAX], size_t *out_count,
                    struct span *out_json) {
    struct buf b;
    size_t n = 0;
    buf_init(&b, PARTS_JSON_BYTES_MAX);
    add_text(a, &b, "authority", w->authority, out_parts, &n);
    add_text(a, &b, "demanded", w->demanded, out_parts, &n);
    add_text(a, &b, "reason", w->reason, out_parts, &n);
    out_parts[n++] = arena_printf(a, "[[\"status\"],%u]", w->status);
    buf_clear(&b);
    for (size_t i = 0; i < n; i++) {
        buf_char(&b, i ? ',' : '[');
        json_write_string(&b, out_parts[i]);
    }
    buf_char(&b, ']');
    struct span json = b.over ? (struct span){0} : arena_copy(a, buf_span(&b));
    buf_done(&b);
    if (!json.p || arena_over(a))
        return rc_fail(RC_TOO_BIG, "the withdrawal needs more memory than one operation may have");
    *out_json = json;
    *out_count = n;
    return RC_OK;
}

/* [[NAME],VALUE] */
static bool part_read(struct arena *a, const json_t *part, struct withdrawal *w) {
    const json_t *path = json_array_get(part, 0), *value = json_array_get(part, 1);
    const char *name = json_string_value(json_array_get(path, 0));
    if (!name || json_array_size(part) != 2 || json_array_size(path) != 1) return false;
    if (!strcmp(name, "status")) {
        w->status = (unsigned)json_integer_value(value);
        return w->status == 410 || w->status == 451;
    }
    struct span *text = !strcmp(name, "reason")      ? &w->reason
                        : !strcmp(name, "authority") ? &w->authority
                        : !strcmp(name, "demanded")  ? &w->demanded
                                                     : NULL;
    if (!text || !json_is_string(value)) return false;
    *text = arena_copy(a, span_of(json_string_value(value), json_string_length(value)));
    return true;
}

rc withdrawal_read(struct arena *a, struct span json, struct withdrawal *out) {
    struct withdrawal w = {.status = 0};
    json_t *array, *part;
    TRY(json_read(json, &array));
    bool good = json_is_array(array);
    for (size_t i = 0; good && i < json_array_size(array); i++) {
        const json_t *text = json_array_get(array, i);
        good =
            json_is_string(text) &&
            json_read(span_of(json_string_value(text), json_string_length(text)), &part) == RC_OK;
        if (!good) break;
        good = part_read(a, part, &w);
        json_decref(part);
    }
    json_decref(array);
    if (!good || !w.status) return rc_fail(RC_INVALID, "these are not a withdrawal's parts");
    if (arena_over(a))
        return rc_fail(RC_TOO_BIG, "the withdrawal needs more memory than one operation may have");
    *out = w;
    return RC_OK;
}
