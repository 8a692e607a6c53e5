/* The archive: pages of all years, of a year and of a month, out of the counts of their days. */
#include <stdio.h>

#include "flow/inner.h"

#define DAYS_MAX 366 /* in what one page of the archive is about */

/* "month/2026-03", "archive/2026-03" or "archive/2026", after the prefix. */
static bool period_of_key(struct span key, const char *prefix, struct render_day *out_of) {
    int year, n = 0;
    unsigned month = 0;
    char text[16];
    if (!span_starts(key, span_str(prefix))) return false;
    key = span_from(key, strlen(prefix));
    if (key.n >= sizeof text) return false;
    snprintf(text, sizeof text, SPAN_FMT, SPAN_ARG(key));
    if (sscanf(text, "%4d%n-%2u%n", &year, &n, &month, &n) < 1 || (size_t)n != key.n) return false;
    *out_of = (struct render_day){year, month, 0};
    return true;
}

/* The months in which anything was ever published, the oldest first. */
struct month {
    struct render_day of;
    uint64_t shown;
};
static rc all_months(struct flow *f, struct arena *a, unsigned edition, struct month **out_months,
                     size_t *out_count) {
    struct list_info *lists = ARENA_ARRAY(a, struct list_info, MONTHS_MAX);
    struct month *months = ARENA_ARRAY(a, struct month, MONTHS_MAX);
    size_t count, n = 0;
    if (!lists || !months) return rc_fail(RC_TOO_BIG, "too many months for one operation");
    TRY(lists_under(f, a, edition_list(f, a, edition, LIST_MONTH), MONTHS_MAX, lists, &count));
    for (size_t i = 0; i < count; i++) {
        struct span rest;
        (void)edition_of_list(f, lists[i].key, &rest);
        if (period_of_key(rest, LIST_MONTH.p, &months[n].of)) months[n++].shown = lists[i].shown;
    }
    *out_months = months;
    *out_count = n;
    return RC_OK;
}

static int months_between(struct render_day x, struct render_day y) {
    return 12 * (x.year - y.year) + (int)x.month - (int)y.month;
}

/* The nearest years or months on both sides that have a page. A page stays when its stories are
 * withdrawn, and the links to it with it: so they change only when a month gets its first story. */
static void beside(const struct month *months, size_t count, struct render_day of,
                   struct render_day *out_older, struct render_day *out_newer) {
    *out_older = *out_newer = (struct render_day){0};
    for (size_t i = 0; i < count; i++) {
        struct render_day at = months[i].of;
        if (of.month == 0) at.month = 0;
        int ahead = months_between(at, of);
        if (ahead < 0) *out_older = at;
        if (ahead > 0 && !out_newer->year) *out_newer = at;
    }
}

static void mark_period(struct flow *f, struct shelf *shelf, struct arena *a, unsigned edition,
                        struct render_day of) {
    if (of.year == 0) return;
    struct span key = of.month ? arena_printf(a, "archive/%04d-%02u", of.year, of.month)
                               : arena_printf(a, "archive/%04d", of.year);
    dirty_add(shelf->dirty, DIRTY_LATER, edition_list(f, a, edition, key), 0);
}

void archive_mark(struct flow *f, struct shelf *shelf, struct arena *a, struct span month) {
    struct span rest;
    struct render_day of;
    unsigned edition = edition_of_list(f, month, &rest);
    if (!period_of_key(rest, LIST_MONTH.p, &of)) return;
    mark_period(f, shelf, a, edition, of);
    of.month = 0;
    mark_period(f, shelf, a, edition, of);
    dirty_add(shelf->dirty, DIRTY_LATER, edition_list(f, a, edition, LIST_ARCHIVE), 0);
}

rc archive_mark_beside(struct flow *f, struct shelf *shelf, struct arena *a, unsigned edition,
                       struct span month) {
    struct month *months;
    struct render_day of, older, newer;
    size_t count;
    if (!period_of_key(month, LIST_MONTH.p, &of)) return RC_OK;
    TRY(all_months(f, a, edition, &months, &count));
    for (unsigned part = 0; part < 2; part++) {
        beside(months, count, of, &older, &newer);
        mark_period(f, shelf, a, edition, older);
        mark_period(f, shelf, a, edition, newer);
        of.month = 0;
    }
    return RC_OK;
}

/* The days of a month that have a page, the oldest first. */
#define MONTH_DAYS_MAX 31
static rc days_of(struct flow *f, struct arena *a, unsigned edition, struct render_day month,
                  struct render_day days[MONTH_DAYS_MAX], size_t *out_count) {
    struct list_info lists[MONTH_DAYS_MAX];
    size_t count, n = 0;
    struct span prefix = arena_printf(a, "day/%04d-%02u-", month.year, month.month), rest;
    TRY(lists_under(f, a, edition_list(f, a, edition, prefix), MONTH_DAYS_MAX, lists, &count));
    for (size_t i = 0; i < count; i++) {
        (void)edition_of_list(f, lists[i].key, &rest);
        if (day_of_key(rest, &days[n])) n++;
    }
    *out_count = n;
    return RC_OK;
}

rc archive_days_beside(struct flow *f, struct arena *a, unsigned edition, struct render_day day,
                       struct render_day *out_before, struct render_day *out_after) {
    struct render_day days[MONTH_DAYS_MAX], older, newer, none = {0};
    struct month *months;
    size_t count, month_count;
    *out_before = *out_after = none;
    TRY(days_of(f, a, edition, day, days, &count));
    for (size_t i = 0; i < count; i++) {
        if (days[i].day < day.day) *out_before = days[i];
        if (days[i].day > day.day && !out_after->year) *out_after = days[i];
    }
    if (out_before->year && out_after->year) return RC_OK;
    TRY(all_months(f, a, edition, &months, &month_count));
    beside(months, month_count, (struct render_day){day.year, day.month, 0}, &older, &newer);
    if (!out_before->year && older.year) {
        TRY(days_of(f, a, edition, older, days, &count));
        if (count) *out_before = days[count - 1];
    }
    if (!out_after->year && newer.year) {
        TRY(days_of(f, a, edition, newer, days, &count));
        if (count) *out_after = days[0];
    }
    return RC_OK;
}

rc archive_mark_days_beside(struct flow *f, struct shelf *shelf, struct arena *a, unsigned edition,
                            struct span day_key) {
    struct render_day day, beside_it[2];
    if (!day_of_key(day_key, &day)) return RC_OK;
    TRY(archive_days_beside(f, a, edition, day, &beside_it[0], &beside_it[1]));
    for (size_t i = 0; i < COUNT_OF(beside_it); i++) {
        const struct render_day at = beside_it[i];
        if (!at.year) continue;
        struct span key = arena_printf(a, "day/%04d-%02u-%02u", at.year, at.month, at.day);
        dirty_add(shelf->dirty, DIRTY_LATER, edition_list(f, a, edition, key), 0);
    }
    return RC_OK;
}

struct archive_of {
    struct span path;
    struct render_archive archive;
};

static rc make_archive(struct making *m) {
    const struct archive_of *of = m->of;
    TRY(render_archive_page(making_render(m), m->a, &of->archive, &m->maker->out));
    return make_html(m, of->path, 200, false, buf_span(&m->maker->out));
}

static rc add_months(struct arena *a, const struct month *months, size_t count,
                     struct render_archive *archive) {
    struct render_archive_count *counts = ARENA_ARRAY(a, struct render_archive_count, count + 1);
    if (!counts) return rc_fail(RC_TOO_BIG, "too many months for one operation");
    for (size_t i = count; i > 0; i--)
        if (months[i - 1].shown)
            counts[archive->count++] = (struct render_archive_count){
                .day = months[i - 1].of, .stories = months[i - 1].shown};
    archive->counts = counts;
    return RC_OK;
}

/* Of a year or a month: its days. */
static rc add_days(struct flow *f, struct arena *a, unsigned edition, struct span period,
                   struct render_archive *archive) {
    struct list_info *lists = ARENA_ARRAY(a, struct list_info, DAYS_MAX);
    struct render_archive_count *counts = ARENA_ARRAY(a, struct render_archive_count, DAYS_MAX);
    size_t count;
    if (!lists || !counts) return rc_fail(RC_TOO_BIG, "too many days for one operation");
    struct span prefix = arena_printf(a, "day/" SPAN_FMT "-", SPAN_ARG(period)), rest;
    TRY(lists_under(f, a, edition_list(f, a, edition, prefix), DAYS_MAX, lists, &count));
    for (size_t i = count; i > 0; i--) {
        struct render_archive_count *next = &counts[archive->count];
        (void)edition_of_list(f, lists[i - 1].key, &rest);
        if (lists[i - 1].shown == 0 || !day_of_key(rest, &next->day)) continue;
        next->stories = lists[i - 1].shown;
        archive->count++;
    }
    archive->counts = counts;
    return RC_OK;
}

rc archive_read(struct flow *f, struct span rest, struct making *m) {
    struct arena *a = m->a;
    struct archive_of *of = ARENA_NEW(a, struct archive_of);
    CHECK(of != NULL);
    struct render_archive *archive = &of->archive;
    const unsigned edition = m->edition;
    struct month *months;
    size_t count;
    m->of = of;
    m->make = make_archive;
    TRY(all_months(f, a, edition, &months, &count));
    if (!period_of_key(rest, "archive/", &archive->of)) {
        of->path = edition_path(f, a, edition, SPAN("/archive"));
        return add_months(a, months, count, archive);
    }
    beside(months, count, archive->of, &archive->older, &archive->newer);
    const struct render_day at = archive->of;
    struct span path = at.month ? arena_printf(a, "/%04d/%02u", at.year, at.month)
                                : arena_printf(a, "/%04d", at.year);
    of->path = edition_path(f, a, edition, path);
    return add_days(f, a, edition, span_from(rest, strlen("archive/")), archive);
}
