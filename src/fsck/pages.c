/*
 * Every answer in the page store: whether it is whole, and whether it is what the database says should
 * be under its address; then what should be there and was not met.
 *
 * `wanted()` says of an address what the database wants there; the same question is asked for an answer
 * that was met, for one that is missing, and, while somebody serves, once more for what did not
 * agree: with a newer view of the database and, after that, of the page store. What was carried to
 * the pages in that view must then be there. Only what never agrees is found.
 */
#include <inttypes.h>
#include <libdeflate.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"
#include "fsck/inner.h"
#include "sys/clock.h"

#define FORMAT "dateline pages 2"
#define VALUE_BYTES_MAX (64u << 20)
#define KEY_BYTES_MAX 8193
#define PAGE_STORIES 30
#define SITEMAP_STORIES 1000
#define AGAIN_BYTES_MAX (16u << 20) /* of addresses to be looked at again */
#define AGAIN_TRIES 60
#define AGAIN_MS 100
#define LOCATION_BYTES_MAX 8192

/* What the database wants under an address. */
struct wanted {
    enum { NOTHING, ANYTHING, GONE, SHOWN, REDIRECT, BODY, PICTURE } what;
    bool must_be;    /* else it may be missing */
    unsigned status; /* of REDIRECT, BODY */
    char location[LOCATION_BYTES_MAX];
    uint64_t body;           /* of BODY: short_hash() */
    uint64_t entry;          /* of SHOWN: of the text that is shown */
    uint64_t number;         /* and its number */
    bool is_json;            /* of SHOWN */
    struct span hash;        /* of PICTURE: hex */
    const char *nothing_why; /* of NOTHING */
};

struct pages {
    struct fsck *f;
    struct prologs *prologs;
    struct buf body, value, again;
    bool again_full, only_looking; /* only_looking: what does not agree is not found yet */
    struct wanted wanted;
    sqlite3_stmt *by_path, *by_code, *list, *notes, *version, *media, *leases, *of_entry;
};

/* ---- what the database wants ---- */

enum { P_ROW, P_STATE, P_PATH, P_CODE, P_LAST, P_TEXT, P_NUMBER, P_STANDING };
#define STORY_OF                                                                          \
    "SELECT s.row, s.state, s.path, s.code, s.last_entry, "                               \
    "(SELECT entry FROM revisions AS r WHERE r.story = s.row AND canonical IS NOT NULL "  \
    "ORDER BY number DESC LIMIT 1), "                                                     \
    "(SELECT number FROM revisions AS r WHERE r.story = s.row AND canonical IS NOT NULL " \
    "ORDER BY number DESC LIMIT 1), %s FROM stories AS s "

static void location_is(struct wanted *w, unsigned status, struct span path, const char *end) {
    w->what = REDIRECT;
    w->status = status;
    snprintf(w->location, sizeof w->location, SPAN_FMT "%s", SPAN_ARG(path), end);
}

static bool ask(struct fsck *f, sqlite3_stmt *q, struct span text) {
    if (!q) return false;
    db_bind(q, 1, text);
    return db_row(f, q);
}

/* `path` is one of a story's, now or once, without the .json. */
static bool want_path(struct pages *p, struct span path, bool is_json, struct wanted *w) {
    sqlite3_stmt *q = p->by_path;
    if (!ask(p->f, q, path)) return false;
    if (is_json && !db_null(q, P_STANDING)) { /* it has no ninjs */
        sqlite3_reset(q);
        return false;
    }
    struct span now = db_span(q, P_PATH);
    w->must_be = db_u64(q, P_LAST) < p->f->cursor;
    w->is_json = is_json;
    w->entry = db_u64(q, P_TEXT);
    w->number = db_u64(q, P_NUMBER);
    if (!w->must_be)
        w->what = ANYTHING; /* on its way */
    else if (!span_eq(now, path))
        location_is(w, 301, now, is_json ? ".json" : "");
    else
        w->what = span_eq(db_span(q, P_STATE), SPAN("published")) ? SHOWN : GONE;
    if (!p->f->looking_again && db_u64(q, P_ROW) <= p->f->story_count && span_eq(now, path))
        p->f->stories[db_u64(q, P_ROW) - 1].seen |= is_json ? SEEN_JSON : SEEN_PATH;
    sqlite3_reset(q);
    return true;
}

/* "/about/v/2": a version of a standing page. Of one whose text is lost there is none. */
static bool want_version(struct pages *p, struct span path, struct wanted *w) {
    sqlite3_stmt *q = p->by_path;
    uint64_t number;
    size_t at = path.n;
    while (at > 0 && path.p[at - 1] != '/') at--;
    if (!p->version || at < 4 || !span_eq(span_sub(path, at - 3, 3), SPAN("/v/")) ||
        !span_to_u64(span_from(path, at), UINT32_MAX, &number) ||
        !ask(p->f, q, span_sub(path, 0, at - 3)))
        return false;
    const bool standing = !db_null(q, P_STANDING);
    const bool public = span_eq(db_span(q, P_STATE), SPAN("published"));
    const bool carried = db_u64(q, P_LAST) < p->f->cursor;
    const uint64_t row = db_u64(q, P_ROW);
    sqlite3_reset(q);
    if (!standing) return false;
    sqlite3_bind_int64(p->version, 1, (int64_t)row);
    sqlite3_bind_int64(p->version, 2, (int64_t)number);
    const bool there = db_row(p->f, p->version);
    w->entry = there ? db_u64(p->version, 0) : 0;
    w->number = number;
    w->must_be = there && carried && (!public || db_u64(p->version, 1) != 0);
    w->what = !carried ? ANYTHING : !there ? NOTHING : public ? SHOWN : GONE;
    w->nothing_why = "is a version that its page does not have";
    if (there) sqlite3_reset(p->version);
    return true;
}

static bool want_code(struct pages *p, struct span code, struct wanted *w) {
    sqlite3_stmt *q = p->by_code;
    if (!ask(p->f, q, code)) return false;
    w->must_be = db_u64(q, P_LAST) < p->f->cursor;
    if (!w->must_be)
        w->what = ANYTHING;
    else if (span_eq(db_span(q, P_STATE), SPAN("published")))
        location_is(w, 302, db_span(q, P_PATH), "");
    else
        w->what = GONE;
    if (!p->f->looking_again && db_u64(q, P_ROW) <= p->f->story_count)
        p->f->stories[db_u64(q, P_ROW) - 1].seen |= SEEN_CODE;
    sqlite3_reset(q);
    return true;
}

static uint8_t entry_state(struct pages *p, uint64_t index, const struct entry_known *known) {
    struct fsck *f = p->f;
    if (!f->looking_again) return known->story ? f->stories[known->story - 1].state : STATE_NONE;
    if (!p->of_entry) return STATE_NONE;
    sqlite3_bind_int64(p->of_entry, 1, (int64_t)index);
    uint8_t state = STATE_NONE;
    if (db_row(f, p->of_entry))
        state = span_eq(db_span(p->of_entry, 0), SPAN("published"))   ? STATE_PUBLISHED
                : span_eq(db_span(p->of_entry, 0), SPAN("withdrawn")) ? STATE_WITHDRAWN
                                                                      : STATE_DESTROYED;
    sqlite3_reset(p->of_entry);
    return state;
}

/* "/record/opening/12.json" and "/record/revision/12.json". */
static bool want_entry(struct pages *p, struct span number, bool is_revision, struct wanted *w) {
    struct fsck *f = p->f;
    uint64_t index;
    char said[96];
    if (!span_ends(number, SPAN(".json"))) return false;
    number.n -= strlen(".json");
    if (!span_to_u64(number, INT64_MAX, &index)) return false;
    w->what = ANYTHING;
    if (index >= f->entry_count) {
        /* Newer than this view; of a site that stands still there is none such. */
        w->nothing_why = "is of an entry that is not there";
        if (!f->o->served) w->what = NOTHING;
        return true;
    }
    struct entry_known *known = &f->entries[index];
    if (!f->looking_again) known->seen |= is_revision ? SEEN_REVISION : SEEN_OPENING;
    w->must_be = index < f->cursor && known->story && (!is_revision || known->has_revision);
    if (known->bad || !known->story || index >= f->cursor) return true;
    if (is_revision && !known->has_revision) {
        w->what = NOTHING;
        w->nothing_why = "is of an entry without a text";
        return true;
    }
    const uint8_t state = entry_state(p, index, known);
    const bool withheld = state != STATE_PUBLISHED && known->has_revision;
    w->what = BODY;
    w->status = 410;
    if (known->lost || state == STATE_DESTROYED) {
        snprintf(said, sizeof said, "{\"entry\":%" PRIu64 ",\"lost\":true,\"version\":1}", index);
        if (!known->lost) w->what = ANYTHING;
    } else if (withheld) {
        snprintf(said, sizeof said, "{\"entry\":%" PRIu64 ",\"version\":1,\"withheld\":true}",
                 index);
    } else {
        w->status = 200;
        w->body = is_revision ? known->revision : known->opening;
        return true;
    }
    w->body = short_hash(span_str(said));
    return true;
}

/* Is anybody's lease of it not over? */
static bool leased(struct pages *p, struct span key) {
    struct span digits;
    uint64_t end = 0;
    if (!p->leases) return false;
    db_bind(p->leases, 1, key);
    if (!db_row(p->f, p->leases)) return false;
    digits = span_from(db_span(p->leases, 0), key.n + 1);
    while (digits.n > 1 && digits.p[0] == '0') digits = span_from(digits, 1);
    const bool good = span_to_u64(digits, INT64_MAX, &end);
    sqlite3_reset(p->leases);
    return good && end > p->f->leases;
}

static void want_picture(struct pages *p, struct span name, struct wanted *w) {
    char text[300];
    int n = snprintf(text, sizeof text, "media/" SPAN_FMT, SPAN_ARG(name));
    w->what = NOTHING;
    w->nothing_why = "is a picture that no story may show now";
    if (n < 0 || (size_t)n >= sizeof text) return;
    struct span key = span_of(text, (size_t)n);
    bool any = false;
    if (ask(p->f, p->media, key)) {
        w->must_be = db_u64(p->media, 0) > 0;
        any = db_u64(p->media, 1) != 0;
        sqlite3_reset(p->media);
    }
    if (leased(p, key)) w->must_be = true;
    if (!any && !w->must_be) return;
    w->what = PICTURE;
    w->hash = span_sub(name, 0, 2 * SHA256_BYTES);
    /* Whoever shows it may be on his way. */
    if (p->f->cursor < p->f->entry_count) w->must_be = false;
}

/* ---- lists: an address says which ---- */

static unsigned edition_of(const struct fsck *f, struct span path, struct span *out_rest) {
    for (unsigned i = 1; i < f->o->edition_count; i++) {
        struct span key = f->o->editions[i];
        if (path.n <= key.n || !span_starts(span_from(path, 1), key)) continue;
        if (path.n > 1 + key.n && path.p[1 + key.n] != '/') continue;
        *out_rest = span_from(path, 1 + key.n);
        return i;
    }
    *out_rest = path;
    return 0;
}

static void want_list(struct pages *p, struct span path, struct wanted *w) {
    char memory[2048];
    struct buf key;
    struct span rest;
    uint64_t page;
    bool may_be_empty;
    const unsigned edition = edition_of(p->f, path, &rest);
    buf_init_fixed(&key, memory, sizeof memory);
    if (edition) buf_printf(&key, SPAN_FMT ":", SPAN_ARG(p->f->o->editions[edition]));
    const size_t none = key.n;
    w->what = NOTHING;
    w->nothing_why = "is there, and nothing in the database has this address";
    if (!address_read(rest, &key, &page, &may_be_empty) || key.over) return;
    w->what = ANYTHING;
    if (key.n == none) return;
    const bool month = span_starts(span_from(buf_span(&key), none), SPAN("month/"));
    const uint64_t in_page = month ? SITEMAP_STORIES : PAGE_STORIES;
    const bool notes = p->notes && span_eq(span_from(buf_span(&key), none), SPAN("corrections"));
    sqlite3_stmt *q = notes ? p->notes : p->list;
    const bool there = ask(p->f, q, buf_span(&key));
    const uint64_t places = there ? db_u64(q, 0) : 0;
    if (there) sqlite3_reset(q);
    if (!there && may_be_empty && page == 0) return;
    if (!there || page > (places + in_page - 1) / in_page) w->what = NOTHING;
}

static void wanted(struct pages *p, struct span path, struct wanted *w) {
    *w = (struct wanted){.what = ANYTHING};
    if (path.p[0] == '!') return;
    if (span_starts(path, SPAN("/record/"))) {
        struct span rest = span_from(path, strlen("/record/"));
        if (span_eq(rest, SPAN("checkpoint")) || span_eq(rest, SPAN("key")) ||
            span_starts(rest, SPAN("tile/")))
            return; /* record.c */
        if (span_starts(rest, SPAN("opening/")) &&
            want_entry(p, span_from(rest, strlen("opening/")), false, w))
            return;
        if (span_starts(rest, SPAN("revision/")) &&
            want_entry(p, span_from(rest, strlen("revision/")), true, w))
            return;
    }
    if (span_starts(path, SPAN("/media/"))) {
        want_picture(p, span_from(path, strlen("/media/")), w);
        return;
    }
    if (span_starts(path, SPAN("/s/")) && want_code(p, span_from(path, strlen("/s/")), w)) return;
    if (want_path(p, path, false, w) || want_version(p, path, w)) return;
    if (span_ends(path, SPAN(".json")) &&
        want_path(p, span_sub(path, 0, path.n - strlen(".json")), true, w))
        return;
    want_list(p, path, w);
}

/* ---- is it that? ---- */

static bool has(struct span body, const char *fmt, ...) PRINTF(2, 3);
static bool has(struct span body, const char *fmt, ...) {
    char text[128];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    return n > 0 && body.n && memmem(body.p, body.n, text, (size_t)n) != NULL;
}

/* NULL: it is. */
static const char *shown_wrong(const struct wanted *w, const struct answer *a, struct span body) {
    if (a->status != 200) return "does not answer 200, and its story is published";
    if (w->is_json)
        return has(body, "\"version\":\"%" PRIu64 "\"", w->number)
                   ? NULL
                   : "is not of its story's newest revision";
    /* A theme may leave the link to the record out; if it is there, it is that of this text. */
    if (has(body, "/record/opening/") && !has(body, "/record/opening/%" PRIu64 ".json", w->entry))
        return "is not of its story's newest revision";
    return NULL;
}

static bool picture_is(struct span hash, struct span body) {
    char hex[2 * SHA256_BYTES];
    struct buf b;
    struct sha256 is = sha256_of(body);
    buf_init_fixed(&b, hex, sizeof hex);
    buf_hex(&b, is.bytes, sizeof is.bytes);
    return span_eq(buf_span(&b), hash);
}

static const char *answer_wrong(const struct wanted *w, const struct answer *a, struct span body) {
    switch (w->what) {
    case NOTHING: return w->nothing_why;
    case ANYTHING: return NULL;
    case GONE:
        return a->status == 410 || a->status == 451
                   ? NULL
                   : "does not answer 410, and its story is withdrawn";
    case SHOWN: return shown_wrong(w, a, body);
    case REDIRECT:
        if (a->status == w->status &&
            span_eq(answer_header(a, SPAN("Location")), span_str(w->location)))
            return NULL;
        return "does not lead to its story's address";
    case BODY:
        if (a->status == w->status && short_hash(body) == w->body) return NULL;
        return a->status == w->status ? "is not what the database has"
                                      : "answers another status than it should";
    case PICTURE: return picture_is(w->hash, body) ? NULL : "is not the picture of its name";
    }
    return NULL;
}

/* ---- what was met ---- */

static void suspect(struct pages *p, struct span path, enum kind kind, const char *what,
                    uint64_t at) {
    if (p->f->o->served && !p->f->looking_again) {
        if (p->again.n + path.n + 2 > AGAIN_BYTES_MAX) {
            p->again_full = true;
            return;
        }
        buf_be(&p->again, path.n, 2);
        buf_add(&p->again, path);
        return;
    }
    if (at)
        find(p->f, kind, "%s, byte %" PRIu64 ": " SPAN_FMT " %s", lm_name(p->f->lm), at,
             SPAN_ARG(path), what);
    else
        find(p->f, kind, SPAN_FMT " %s", SPAN_ARG(path), what);
}

/* NULL: all is well; *out_kind otherwise. `value` empty: it is missing. */
static const char *page_wrong(struct pages *p, struct span key, struct span value,
                              struct span *out_path, enum kind *out_kind) {
    struct answer a;
    struct wanted *w = &p->wanted;
    *out_path = span_from(key, 1);
    *out_kind = KIND_PAGE;
    if (value.n) {
        if (answer_read(key, value, &a) != RC_OK ||
            answer_check(&a, p->prologs, &p->body) != RC_OK) {
            if (key.p[0] == 'q') *out_path = SPAN("(an address of more than 400 bytes)");
            return rc_why();
        }
        if (key.p[0] == 'q') {
            struct sha256 hash = sha256_of(a.key);
            *out_path = a.key;
            if (!span_eq(span_from(key, 1), span_of(hash.bytes, sizeof hash.bytes)))
                return "lies under another's key";
        }
        if (!out_path->n) return "has no address";
    }
    *out_kind = KIND_PAGE_WRONG;
    wanted(p, *out_path, w);
    if (value.n) return answer_wrong(w, &a, buf_span(&p->body));
    return w->must_be && w->what != NOTHING ? "is missing" : NULL;
}

static void meta_check(struct pages *p, const struct lm_entry *e) {
    uint64_t number;
    struct span value = span_from(e->value, 4), name = span_from(e->key, 1);
    uint32_t crc = libdeflate_crc32(0, e->key.p, e->key.n), said = 0;
    if (value.n) crc = libdeflate_crc32(crc, value.p, value.n);
    if (e->value.n >= 4) memcpy(&said, e->value.p, sizeof said);
    const bool digits = !span_eq(name, SPAN("theme"));
    if (e->value.n < 4 || crc != said || (digits && !span_to_u64(value, UINT64_MAX, &number)))
        find(p->f, KIND_STORE, "%s, byte %" PRIu64 ": \"" SPAN_FMT "\" is not what was written",
             lm_name(p->f->lm), e->at, SPAN_ARG(name));
}

static rc visit(void *arg, const struct lm_entry *e) {
    struct pages *p = arg;
    struct sha256 hash;
    struct span path;
    enum kind kind;
    const char *wrong;
    switch (e->key.n ? e->key.p[0] : 0) {
    case 'f':
        if (e->key.n != 1 || !span_eq(e->value, SPAN(FORMAT)))
            find(p->f, KIND_STORE, "%s, byte %" PRIu64 ": is of another format", lm_name(p->f->lm),
                 e->at);
        return RC_OK;
    case 'm': meta_check(p, e); return RC_OK;
    case 'r':
        hash = sha256_of(e->value);
        if (e->key.n != 21 || memcmp(hash.bytes, e->key.p + 1, 20) != 0)
            find(p->f, KIND_STORE, "%s, byte %" PRIu64 ": a beginning of many pages was changed",
                 lm_name(p->f->lm), e->at);
        return RC_OK;
    case 'p':
    case 'q':
        p->f->r.pages++;
        wrong = page_wrong(p, e->key, e->value, &path, &kind);
        if (wrong) suspect(p, path, kind, wrong, e->at);
        return RC_OK;
    default:
        find(p->f, KIND_STORE, "%s, byte %" PRIu64 ": an entry of no kind that is known",
             lm_name(p->f->lm), e->at);
        return RC_OK;
    }
}

/* ---- what was not met ---- */

static rc page_get(struct pages *p, struct span path, struct buf *value) {
    char key[KEY_BYTES_MAX];
    buf_clear(value);
    if (!path.n || path.n >= sizeof key) return RC_OK;
    size_t n = 1 + path.n;
    if (path.n <= 400) {
        key[0] = 'p';
        memcpy(key + 1, path.p, path.n);
    } else {
        struct sha256 hash = sha256_of(path);
        key[0] = 'q';
        memcpy(key + 1, hash.bytes, sizeof hash.bytes);
        n = 1 + sizeof hash.bytes;
    }
    rc code = lm_get(p->f->lm, span_of(key, n), value);
    if (code != RC_OK) buf_clear(value);
    return code == RC_NOT_FOUND || code == RC_CORRUPT ? RC_OK : code;
}

/* Looks whether what is under an address, if anything, is what should be. */
static rc look(struct pages *p, struct span path, bool *out_good) {
    enum kind kind;
    struct span is;
    char key[KEY_BYTES_MAX + 1] = "p";
    TRY(page_get(p, path, &p->value));
    size_t n = 1 + path.n;
    if (path.n > 400) {
        struct sha256 hash = sha256_of(path);
        key[0] = 'q';
        memcpy(key + 1, hash.bytes, sizeof hash.bytes);
        n = 1 + sizeof hash.bytes;
        if (!p->value.n) { /* the address is not in the key */
            wanted(p, path, &p->wanted);
            *out_good = !p->wanted.must_be;
            if (!*out_good) suspect(p, path, KIND_PAGE_WRONG, "is missing", 0);
            return RC_OK;
        }
    } else {
        memcpy(key + 1, path.p, path.n);
    }
    const char *wrong = page_wrong(p, span_of(key, n), buf_span(&p->value), &is, &kind);
    *out_good = !wrong;
    if (wrong && !p->only_looking) suspect(p, path, kind, wrong, 0);
    return RC_OK;
}

static rc look_at(struct pages *p, const char *fmt, ...) PRINTF(2, 3);
static rc look_at(struct pages *p, const char *fmt, ...) {
    char path[KEY_BYTES_MAX];
    bool good;
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(path, sizeof path, fmt, args);
    va_end(args);
    if (n <= 0 || (size_t)n >= sizeof path) return RC_OK;
    return look(p, span_of(path, (size_t)n), &good);
}

static rc entries_missing(struct pages *p) {
    struct fsck *f = p->f;
    const uint64_t end = f->cursor < f->entry_count ? f->cursor : f->entry_count;
    for (uint64_t i = 0; i < end; i++) {
        const struct entry_known *e = &f->entries[i];
        if (!e->story || e->bad) continue;
        if (!(e->seen & SEEN_OPENING)) TRY(look_at(p, "/record/opening/%" PRIu64 ".json", i));
        if (e->has_revision && !(e->seen & SEEN_REVISION))
            TRY(look_at(p, "/record/revision/%" PRIu64 ".json", i));
    }
    return RC_OK;
}

static rc stories_missing(struct pages *p) {
    struct fsck *f = p->f;
    rc code = RC_OK;
    char sql[160];
    snprintf(sql, sizeof sql,
             "SELECT row, path, code, last_entry, number, %s FROM stories WHERE path IS NOT NULL "
             "ORDER BY row",
             f->schema >= STANDING_SINCE ? "standing" : "NULL");
    sqlite3_stmt *q = db_prepare(f, sql);
    while (code == RC_OK && db_row(f, q)) {
        const uint64_t row = db_u64(q, 0);
        if (!row || row > f->story_count || db_u64(q, 3) >= f->cursor) continue;
        const uint8_t seen = f->stories[row - 1].seen;
        struct span path = db_span(q, 1), short_code = db_span(q, 2);
        if (!(seen & SEEN_PATH)) code = look_at(p, SPAN_FMT, SPAN_ARG(path));
        const bool standing = !db_null(q, 5);
        for (uint64_t n = 1; standing && n <= db_u64(q, 4) && code == RC_OK; n++)
            code = look_at(p, SPAN_FMT "/v/%" PRIu64, SPAN_ARG(path), n);
        if (!standing && !(seen & SEEN_JSON) && code == RC_OK)
            code = look_at(p, SPAN_FMT ".json", SPAN_ARG(path));
        if (!(seen & SEEN_CODE) && code == RC_OK)
            code = look_at(p, "/s/" SPAN_FMT, SPAN_ARG(short_code));
    }
    db_done(q);
    q = db_prepare(f, "SELECT p.path FROM paths AS p JOIN stories AS s ON s.row = p.story WHERE "
                      "s.path IS NOT NULL AND p.path <> s.path ORDER BY p.path");
    while (code == RC_OK && db_row(f, q)) {
        struct span path = db_span(q, 0);
        code = look_at(p, SPAN_FMT, SPAN_ARG(path));
        if (code == RC_OK) code = look_at(p, SPAN_FMT ".json", SPAN_ARG(path));
    }
    db_done(q);
    return code;
}

/* ---- lists ---- */

static bool is_there(struct pages *p, struct span path) {
    return page_get(p, path, &p->value) != RC_OK || p->value.n > 0;
}

static void list_pages(struct pages *p, struct span key, uint64_t places, struct buf *path) {
    struct span edition = SPAN(""), rest = key;
    for (size_t i = 1; i < p->f->o->edition_count; i++) {
        struct span e = p->f->o->editions[i];
        if (key.n <= e.n || !span_starts(key, e) || key.p[e.n] != ':') continue;
        edition = e;
        rest = span_from(key, e.n + 1);
    }
    const bool month = span_starts(rest, SPAN("month/"));
    const uint64_t in_page = month ? SITEMAP_STORIES : PAGE_STORIES;
    if ((span_starts(rest, SPAN("day/")) && rest.n < 14) || (month && rest.n < 13) || !places)
        return;
    for (uint64_t page = month ? 1 : 0; page <= (places + in_page - 1) / in_page; page++) {
        address_write(edition, rest, page, false, path);
        if (is_there(p, buf_span(path))) continue;
        address_write(edition, rest, page, true, path); /* where older stores have it */
        if (is_there(p, buf_span(path))) continue;
        address_write(edition, rest, page, false, path);
        find(p->f, KIND_PAGE_WRONG, SPAN_FMT " is missing", SPAN_ARG(buf_span(path)));
    }
}

/* Lists come behind stories, when there is time: what is missing may be on its way, and nothing says
 * which. So only of a store whose lists are all made. */
static rc lists_missing(struct pages *p) {
    struct fsck *f = p->f;
    struct buf path;
    if (f->lists_cursor < f->cursor || f->o->served) return RC_OK;
    buf_init(&path, KEY_BYTES_MAX);
    sqlite3_stmt *q = db_prepare(f, f->schema >= NOTES_SINCE
                                        ? "SELECT key, places, shown FROM lists UNION ALL "
                                          "SELECT list, max(place), 0 FROM notes GROUP BY list"
                                        : "SELECT key, places, shown FROM lists");
    while (db_row(f, q)) {
        struct span key = db_span(q, 0);
        struct span rest = span_from(key, strlen("media/"));
        if (!list_is_shared(key)) {
            list_pages(p, key, db_u64(q, 1), &path);
        } else if (db_u64(q, 2) && span_starts(key, SPAN("media/")) &&
                   span_find(rest, '/') == rest.n) {
            buf_clear(&path);
            buf_printf(&path, "/" SPAN_FMT, SPAN_ARG(key));
            if (!is_there(p, buf_span(&path)))
                find(f, KIND_PAGE_WRONG, SPAN_FMT " is missing", SPAN_ARG(buf_span(&path)));
        }
    }
    db_done(q);
    buf_done(&path);
    return RC_OK;
}

/* ---- again ---- */

uint64_t pages_number(struct fsck *f, const char *name) {
    char key[64];
    struct buf value;
    uint64_t number = 0;
    int n = snprintf(key, sizeof key, "m%s", name);
    buf_init(&value, 8192);
    if (lm_get(f->lm, span_of(key, (size_t)n), &value) != RC_OK ||
        !span_to_u64(span_from(buf_span(&value), 4), UINT64_MAX, &number))
        number = 0;
    buf_done(&value);
    return number;
}

static rc newer_view(struct pages *p) {
    struct fsck *f = p->f;
    struct lm *lm;
    /* After a rebuild another one is served; no prolog is kept from the one before. */
    TRY(lm_open(f, &lm));
    lm_close(f->lm);
    f->lm = lm;
    prologs_free(p->prologs);
    p->prologs = prologs_new(lm);
    f->cursor = pages_number(f, "cursor");
    f->leases = pages_number(f, "leases");
    return db_again(f);
}

/* Those that do not agree stay; in the last try they are found. */
static rc look_again(struct pages *p) {
    p->f->looking_again = true;
    if (p->again_full)
        find(p->f, KIND_UNSEEN,
             "more addresses than can be looked at again did not agree at first");
    for (unsigned tries = 1; p->again.n && tries <= AGAIN_TRIES; tries++) {
        struct buf left;
        buf_init(&left, AGAIN_BYTES_MAX);
        TRY(newer_view(p));
        p->only_looking = tries < AGAIN_TRIES;
        rc code = RC_OK;
        for (struct span rest = buf_span(&p->again); rest.n >= 2 && code == RC_OK;) {
            const size_t n = (size_t)(uint8_t)rest.p[0] << 8 | (uint8_t)rest.p[1];
            struct span path = span_sub(rest, 2, n);
            bool good = true;
            code = look(p, path, &good);
            if (!good) buf_add(&left, span_sub(rest, 0, 2 + n));
            rest = span_from(rest, 2 + n);
        }
        buf_done(&p->again);
        p->again = left;
        TRY(code);
        progress(p->f, "again", tries, AGAIN_TRIES);
        if (p->again.n && p->only_looking) clock_sleep_ms(AGAIN_MS);
    }
    return RC_OK;
}

static rc check(struct pages *p) {
    struct fsck *f = p->f;
    char sql[1024];
    const char *standing = f->schema >= STANDING_SINCE ? "s.standing" : "NULL";
    snprintf(sql, sizeof sql, STORY_OF "WHERE s.row = (SELECT story FROM paths WHERE path = ?)",
             standing);
    p->by_path = db_prepare(f, sql);
    snprintf(sql, sizeof sql, STORY_OF "WHERE s.code = ?", standing);
    p->by_code = db_prepare(f, sql);
    if (f->schema >= STANDING_SINCE)
        p->version = db_prepare(f, "SELECT entry, canonical IS NOT NULL FROM revisions WHERE story "
                                   "= ? AND number = ?");
    if (f->schema >= NOTES_SINCE)
        p->notes = db_prepare(f, "SELECT max(place) FROM notes WHERE list = ? GROUP BY list");
    p->list = db_prepare(f, "SELECT places FROM lists WHERE key = ?");
    p->media =
        db_prepare(f, "SELECT l.shown, EXISTS (SELECT 1 FROM list_places AS p JOIN stories AS s "
                      "ON s.row = p.story WHERE p.list = l.id AND p.stands = 1 AND "
                      "s.state = 'published') FROM lists AS l WHERE l.key = ?");
    p->leases = db_prepare(f, "SELECT key FROM lists WHERE key > ?1 || '/' AND key < ?1 || '0' AND "
                              "shown > 0 ORDER BY key DESC LIMIT 1");
    p->of_entry =
        db_prepare(f, "SELECT s.state FROM entries AS e JOIN stories AS s ON s.row = e.story "
                      "WHERE e.idx = ?");
    if (f->cursor < f->entry_count && !f->o->served)
        find(f, KIND_WAITING, "pages: entries from %" PRIu64 " on are not carried to them",
             f->cursor);
    else if (f->lists_cursor < f->cursor && !f->o->served)
        find(f, KIND_WAITING, "pages: lists and feeds since entry %" PRIu64 " are not made",
             f->lists_cursor);
    TRY(lm_each(f, f->lm, visit, p));
    if (f->cursor > f->entry_count && !f->o->served)
        find(f, KIND_ENTRY,
             "the pages have entries up to %" PRIu64 ", the database up to %" PRIu64
             ": it is older",
             f->cursor, f->entry_count);
    TRY(entries_missing(p));
    TRY(stories_missing(p));
    TRY(lists_missing(p));
    return look_again(p);
}

rc pages_check(struct fsck *f) {
    struct pages *p = mem_new(sizeof *p);
    p->f = f;
    p->prologs = prologs_new(f->lm);
    buf_init(&p->body, VALUE_BYTES_MAX);
    buf_init(&p->value, VALUE_BYTES_MAX);
    buf_init(&p->again, AGAIN_BYTES_MAX);
    rc code = check(p);
    buf_done(&p->again);
    buf_done(&p->value);
    buf_done(&p->body);
    prologs_free(p->prologs);
    mem_free(p);
    return code;
}
