/* Lists, and the rows that nothing else vouches for. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"
#include "fsck/inner.h"
#include "verify/read.h"

#define LISTS_OF_STORY_MAX 4096
#define DAY_MS 86400000

/* ---- the lists of one story ---- */

/* "2026-11-24" of milliseconds since 1970, by days: Howard Hinnant's civil_from_days. */
static void day_text(ms_t at, char out[16]) {
    int64_t days = at / DAY_MS - (at % DAY_MS < 0) + 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t doe = days - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    unsigned day = (unsigned)(doy - (153 * mp + 2) / 5 + 1);
    unsigned month = (unsigned)(mp < 10 ? mp + 3 : mp - 9);
    const unsigned year = (unsigned)(yoe + era * 400 + (month <= 2)) % 10000;
    snprintf(out, 16, "%04u-%02u-%02u", year, month % 100, day % 100);
}

bool list_is_shared(struct span key) {
    return span_starts(key, SPAN("media/")) || span_starts(key, SPAN("lease/")) ||
           span_starts(key, SPAN("pin/"));
}

/* What a story's places say; each that its text explains is crossed out. */
struct places {
    struct fsck *f;
    uint64_t row;
    struct buf keys;
    struct {
        size_t at, n;
        bool stands, wanted;
    } place[LISTS_OF_STORY_MAX];
    size_t count;
    size_t prefix; /* of the keys of its edition: "ar:" */
};

static bool wants(struct places *p, struct span rest, bool whole_key) {
    for (size_t i = 0; i < p->count; i++) {
        struct span key = span_of(p->keys.p + p->place[i].at, p->place[i].n);
        if (!whole_key) key = span_from(key, p->prefix);
        if (!span_eq(key, rest) || !p->place[i].stands) continue;
        p->place[i].wanted = true;
        return true;
    }
    return false;
}

static void want(struct places *p, const char *fmt, ...) PRINTF(2, 3);
static void want(struct places *p, const char *fmt, ...) {
    char key[600];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(key, sizeof key, fmt, args);
    va_end(args);
    if (n < 0 || (size_t)n >= sizeof key) return;
    if (!wants(p, span_of(key, (size_t)n), list_is_shared(span_of(key, (size_t)n))))
        find(p->f, KIND_ROW,
             "list_places: stories row %" PRIu64 " does not stand in %s, where its "
             "newest text belongs",
             p->row, key);
}

/* How many of a kind it stands in, all taken for wanted: what their names are depends on slugs. */
static size_t of_kind(struct places *p, const char *kind) {
    size_t n = 0;
    for (size_t i = 0; i < p->count; i++) {
        struct span key = span_from(span_of(p->keys.p + p->place[i].at, p->place[i].n), p->prefix);
        if (!p->place[i].stands || !span_starts(key, span_str(kind))) continue;
        p->place[i].wanted = true;
        n++;
    }
    return n;
}

/* Its day is that of its edition's zone, which is at most a day away. */
static void want_day(struct places *p, ms_t at) {
    bool day = false, month = false;
    for (int days = -1; days <= 1; days++) {
        char text[16], key[32];
        day_text(at + days * (ms_t)DAY_MS, text);
        snprintf(key, sizeof key, "day/%s", text);
        day = day || wants(p, span_str(key), false);
        snprintf(key, sizeof key, "month/%.7s", text);
        month = month || wants(p, span_str(key), false);
    }
    if (!day || !month || of_kind(p, "day/") != 1 || of_kind(p, "month/") != 1)
        find(p->f, KIND_ROW,
             "list_places: stories row %" PRIu64 " does not stand in one day and one "
             "month, those of its time",
             p->row);
}

/* Where it may be shown at all; a lease has lists of its own, by its end. */
static void want_picture(struct places *p, const json_t *picture) {
    const json_t *channels = json_object_get(picture, "channels"), *channel, *rendition;
    const long long expires = json_integer_value(json_object_get(picture, "expires"));
    bool shown = !channels;
    size_t i;
    json_array_foreach(channels, i, channel) shown =
        shown || strcmp(json_string_value(channel), "print") != 0;
    if (!shown) return;
    if (expires) want(p, "lease/%015lld", expires);
    json_array_foreach(json_object_get(picture, "renditions"), i, rendition) {
        const char *hash = json_string_value(json_object_get(rendition, "hash")),
                   *extension =
                       media_extension(verify_json_span(json_object_get(rendition, "type")));
        if (!extension) continue; /* told with the row */
        if (expires)
            want(p, "media/%s.%s/%015lld", hash, extension, expires);
        else
            want(p, "media/%s.%s", hash, extension);
    }
}

static void want_all(struct places *p, const json_t *json) {
    const json_t *element;
    size_t i, corrections = json_array_size(json_object_get(json, "corrections"));
    bool retracted = false;
    json_array_foreach(json_object_get(json, "corrections"), i, element) retracted =
        retracted || !strcmp(json_string_value(json_object_get(element, "kind")), "retraction");
    if (json_object_get(json, "standing")) return; /* it stands in none */
    if (!retracted) want(p, "all");
    if (corrections && p->f->schema < NOTES_SINCE) want(p, "corrections");
    want_day(p, (ms_t)json_integer_value(json_object_get(json, "published")));
    if (of_kind(p, "section/") != (json_object_get(json, "section") && !retracted))
        find(p->f, KIND_ROW,
             "list_places: stories row %" PRIu64 " stands in another number of sections "
             "than its newest text has",
             p->row);
    json_array_foreach(json_object_get(json, "tags"), i, element)
        want(p, "tag/%s", json_string_value(json_object_get(element, "slug")));
    const size_t bylines = json_array_size(json_object_get(json, "bylines")),
                 authors = of_kind(p, "author/");
    if (authors > bylines || (bylines && !authors))
        find(p->f, KIND_ROW,
             "list_places: stories row %" PRIu64 " stands with other authors than its "
             "newest text has",
             p->row);
    json_array_foreach(json_object_get(json, "pictures"), i, element) want_picture(p, element);
    json_array_foreach(json_object_get(json, "related"), i, element)
        want(p, "pin/%s", json_string_value(element));
}

static size_t prefix_of(const struct fsck *f, struct span key) {
    for (size_t i = 1; i < f->o->edition_count; i++) {
        struct span edition = f->o->editions[i];
        if (span_starts(key, edition) && key.n > edition.n && key.p[edition.n] == ':')
            return edition.n + 1;
    }
    return 0;
}

void story_lists_check(struct fsck *f, uint64_t row, bool is_shown, const json_t *json) {
    static const char sql[] =
        "SELECT key, stands, p.shown FROM list_places AS p JOIN lists AS l ON "
        "l.id = p.list WHERE p.story = ?";
    if (!f->of_story) f->of_story = db_prepare(f, sql);
    if (!f->of_story) return;
    struct places *p = mem_new(sizeof *p);
    p->f = f;
    p->row = row;
    buf_init(&p->keys, 4 << 20);
    sqlite3_bind_int64(f->of_story, 1, (int64_t)row);
    while (db_row(f, f->of_story)) {
        struct span key = db_span(f->of_story, 0);
        const bool stands = db_u64(f->of_story, 1) != 0, shown = db_u64(f->of_story, 2) != 0;
        if (shown != (stands && is_shown))
            find(f, KIND_ROW,
                 "list_places: " SPAN_FMT ", stories row %" PRIu64 ": is%s shown, against "
                 "the story's state",
                 SPAN_ARG(key), row, shown ? "" : " not");
        if (p->count == LISTS_OF_STORY_MAX) continue;
        p->place[p->count].at = p->keys.n;
        p->place[p->count].n = key.n;
        p->place[p->count++].stands = stands;
        if (stands && !list_is_shared(key)) p->prefix = prefix_of(f, key);
        buf_add(&p->keys, key);
    }
    want_all(p, json);
    for (size_t i = 0; i < p->count; i++)
        if (p->place[i].stands && !p->place[i].wanted)
            find(f, KIND_ROW,
                 "list_places: stories row %" PRIu64 " stands in " SPAN_FMT
                 ", of which its newest text says nothing",
                 row, SPAN_ARG(span_of(p->keys.p + p->place[i].at, p->place[i].n)));
    buf_done(&p->keys);
    mem_free(p);
}

/* ---- lists ---- */

rc lists_check(struct fsck *f) {
    sqlite3_stmt *q = db_prepare(
        f, "SELECT key, places, l.shown, count(DISTINCT place), coalesce(min(place), 1), "
           "coalesce(max(place), 0), coalesce(sum(p.shown), 0), coalesce(min(p.shown), 0), "
           "coalesce(max(stands), 0), updated "
           "FROM lists AS l LEFT JOIN list_places AS p ON p.list = l.id GROUP BY l.id");
    while (db_row(f, q)) {
        struct span key = db_span(q, 0);
        if (db_u64(q, 1) != db_u64(q, 3) || db_u64(q, 1) != db_u64(q, 5) || db_u64(q, 4) != 1)
            find(f, KIND_ROW, "lists: " SPAN_FMT ": its places are not numbered without gaps",
                 SPAN_ARG(key));
        if (db_u64(q, 2) != db_u64(q, 6))
            find(f, KIND_ROW, "lists: " SPAN_FMT ": shows %" PRIu64 " stories, and counts %" PRIu64,
                 SPAN_ARG(key), db_u64(q, 6), db_u64(q, 2));
        if (db_u64(q, 8) > 1)
            find(f, KIND_ROW,
                 "list_places: " SPAN_FMT ": has a place that is neither empty nor not",
                 SPAN_ARG(key));
        f->r.lists++;
    }
    db_done(q);
    return RC_OK;
}

/* ---- sums ---- */

static void value_add(sqlite3_stmt *q, int column, struct buf *out) {
    struct span bytes;
    switch (sqlite3_column_type(q, column)) {
    case SQLITE_NULL: buf_char(out, 'n'); return;
    case SQLITE_INTEGER:
        buf_char(out, 'i');
        buf_be(out, db_u64(q, column), 8);
        return;
    default:
        bytes = db_span(q, column);
        buf_char(out, sqlite3_column_type(q, column) == SQLITE_BLOB ? 'b' : 't');
        buf_be(out, bytes.n, 8);
        buf_add(out, bytes);
    }
}

/* The first column is the sum, the second tells which row it is, the sum is of those behind. */
static void sums_of(struct fsck *f, const char *table, const char *key, const char *sql) {
    struct buf row;
    buf_init(&row, 64 << 20);
    sqlite3_stmt *q = db_prepare(f, sql);
    while (db_row(f, q)) {
        buf_clear(&row);
        for (int i = 2; i < sqlite3_column_count(q); i++) value_add(q, i, &row);
        struct sha256 is = sha256_of(buf_span(&row));
        if (span_eq(db_span(q, 0), span_of(is.bytes, 8))) continue;
        find(f, KIND_SUM, "%s, %s " SPAN_FMT ": was changed since it was written", table, key,
             SPAN_ARG(span_of(sqlite3_column_text(q, 1), (size_t)sqlite3_column_bytes(q, 1))));
    }
    db_done(q);
    buf_done(&row);
}

rc sums_check(struct fsck *f) {
    if (f->schema < SUMS_SINCE) return RC_OK;
    progress(f, "sums", 0, 0);
    sums_of(f, "stories", "row",
            "SELECT sum, row, id, uri, version, content, reason, path, code, published, updated "
            "FROM stories");
    sums_of(f, "uris", "uri", "SELECT sum, uri, uri, story FROM uris");
    sums_of(f, "paths", "path", "SELECT sum, path, path, story FROM paths");
    sums_of(f, "lists", "key", "SELECT sum, key, key, title, updated FROM lists");
    sums_of(f, "held", "id",
            "SELECT sum, id, due, uri, draft, version, content, change, change_note FROM held");
    sums_of(f, "tokens", "id", "SELECT sum, id, name, hash, made, revoked FROM tokens");
    sums_of(f, "meta", "name", "SELECT sum, name, name, value FROM meta");
    return RC_OK;
}
