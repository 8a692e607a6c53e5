/*
 * Entries with what they commit to, and what is derived from both, in the order of the log; one pass.
 * Of each entry 24 bytes are kept: which bodies its answers in the page store must have.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/mem.h"
#include "fsck/inner.h"
#include "verify/read.h"

#define OPENING_BYTES_MAX VERIFY_JSON_BYTES_MAX
#define SALT_BYTES 32
#define NONE UINT64_MAX

/* Columns of `entries_sql`. */
enum {
    E_INDEX,
    E_STORY,
    E_BYTES,
    E_ID,
    E_NUMBER_NOW,
    E_HAS_REVISION,
    E_REVISION_STORY,
    E_NUMBER,
    E_CANONICAL,
    E_REVISION_SALTS,
    E_HAS_ACT,
    E_ACT_STORY,
    E_PARTS,
    E_ACT_SALTS
};
static const char entries_sql[] =
    "SELECT e.idx, e.story, e.bytes, s.id, s.number, "
    "r.entry IS NOT NULL, r.story, r.number, r.canonical, r.salts, "
    "a.entry IS NOT NULL, a.story, a.parts, a.salts "
    "FROM entries AS e LEFT JOIN stories AS s ON s.row = e.story "
    "LEFT JOIN revisions AS r ON r.entry = e.idx LEFT JOIN acts AS a ON a.entry = e.idx "
    "ORDER BY e.idx";

enum {
    S_ROW,
    S_ID,
    S_STATE,
    S_NUMBER,
    S_LAST_ENTRY,
    S_TEXT_LOST,
    S_PATH,
    S_CODE,
    S_PUBLISHED,
    S_UPDATED,
    S_HEADLINE,
    S_STANDFIRST,
    S_SECTION,
    S_KIND,
    S_LANGUAGE,
    S_PICTURE,
    S_AUTHOR,
    S_RETRACTED,
    S_TRANSLATION_OF,
    S_STANDING
};
#define STORY_COLUMNS                                                                           \
    "row, id, state, number, last_entry, text_lost, path, code, published, updated, headline, " \
    "standfirst, section, kind, language, picture, author, retracted, "

struct rows {
    struct fsck *f;
    sqlite3_stmt *story, *path, *newest, *note;
    uint64_t notes;     /* that the texts tell */
    struct buf opening; /* of the entry at hand, as its answer must be */
    struct span salts;  /* that are left */
    bool seeded;        /* … or the seed of all */
    struct sha256 *leaves;
    size_t parts;
};

/* The columns that came with a later schema. */
static const char *later_columns(const struct fsck *f) {
    return f->schema >= STANDING_SINCE ? "translation_of, standing"
           : f->schema >= 2            ? "translation_of, NULL"
                                       : "NULL, NULL";
}

/* ---- parts ---- */

static rc part_add(void *arg, struct span text) {
    struct rows *r = arg;
    struct sha256 derived;
    if (r->salts.n < SALT_BYTES) return rc_fail(RC_CORRUPT, "has fewer salts than parts");
    if (r->parts == VERIFY_PARTS_MAX) return rc_fail(RC_CORRUPT, "has too many parts");
    const uint8_t *salt = (const uint8_t *)r->salts.p;
    if (r->seeded) {
        derived = verify_salt(salt, r->parts);
        salt = derived.bytes;
    }
    struct sha256 commitment = verify_commitment(text, salt);
    r->leaves[r->parts] = verify_leaf(span_of(commitment.bytes, SHA256_BYTES));
    if (r->seeded) {
        r->parts++;
        return RC_OK;
    }
    buf_str(&r->opening, r->parts++ ? ",{\"part\":" : "{\"part\":");
    verify_jcs_string(text, &r->opening);
    buf_str(&r->opening, ",\"salt\":\"");
    buf_hex(&r->opening, salt, SALT_BYTES);
    buf_str(&r->opening, "\"}");
    r->salts = span_from(r->salts, SALT_BYTES);
    return RC_OK;
}

/* Of a text with more than one part one salt is a seed. */
static void opening_begin(struct rows *r, uint64_t index, const struct verify_entry *entry,
                          struct span salts) {
    buf_clear(&r->opening);
    r->salts = salts;
    r->parts = 0;
    r->seeded = verify_entry_has_text(entry) && entry->parts > 1 && salts.n == SALT_BYTES;
    buf_printf(&r->opening, "{\"entry\":%" PRIu64 ",\"%s", index,
               r->seeded ? "seed\":\"" : "parts\":[");
    if (r->seeded) buf_hex(&r->opening, salts.p, SALT_BYTES);
}

/* Does what is stored give the entry's root? */
static rc opening_end(struct rows *r, const struct verify_entry *entry) {
    buf_str(&r->opening, r->seeded ? "\",\"version\":1}" : "],\"version\":1}");
    if (r->salts.n && !r->seeded) return rc_fail(RC_CORRUPT, "has more salts than parts");
    if (r->parts != entry->parts)
        return rc_fail(RC_CORRUPT, "has %zu parts, the entry commits to %u", r->parts,
                       entry->parts);
    struct sha256 root = verify_mth(r->leaves, r->parts);
    return sha256_eq(&root, &entry->root)
               ? RC_OK
               : rc_fail(RC_CORRUPT, "is not what the entry commits to: its parts and salts give "
                                     "another root");
}

static rc act_read(struct rows *r, uint64_t index, const struct verify_entry *entry,
                   struct span parts, struct span salts) {
    json_t *json;
    TRY(verify_jcs_parse(parts, &json));
    rc code = json_array_size(json) ? RC_OK : rc_fail(RC_CORRUPT, "has no parts");
    opening_begin(r, index, entry, salts);
    for (size_t i = 0; code == RC_OK && i < json_array_size(json); i++) {
        const json_t *part = json_array_get(json, i);
        code = json_is_string(part) ? part_add(r, verify_json_span(part))
                                    : rc_fail(RC_CORRUPT, "has a part that is no text");
    }
    json_decref(json);
    if (code == RC_OK) code = opening_end(r, entry);
    if (code != RC_OK) return code;
    struct verify_opening opening;
    TRY(verify_opening_parse(buf_span(&r->opening), &opening));
    code = verify_opening_check(&opening, index, entry);
    verify_opening_done(&opening);
    return code;
}

/* ---- what is derived from the newest text ---- */

static struct span member(const json_t *json, const char *name) {
    const json_t *value = json_object_get(json, name);
    return json_is_string(value) ? verify_json_span(value) : (struct span){NULL, 0};
}
static uint64_t integer(const json_t *json, const char *name) {
    return (uint64_t)json_integer_value(json_object_get(json, name));
}

/* A credit is one of its names, or both together. */
static bool credit_good(const json_t *picture, struct span line) {
    struct span credit = member(picture, "credit"), creator = member(picture, "creator");
    char memory[4096];
    struct buf b;
    if (span_eq(line, credit.n ? credit : creator)) return true;
    for (unsigned sign = 0; sign < 2; sign++) {
        buf_init_fixed(&b, memory, sizeof memory);
        if (sign) buf_str(&b, "© ");
        buf_add(&b, credit);
        buf_str(&b, " / ");
        buf_add(&b, creator);
        if (span_eq(buf_span(&b), line)) return true;
    }
    return false;
}

static uint64_t element(const json_t *array, size_t i) {
    return (uint64_t)json_integer_value(json_array_get(array, i));
}

static bool rights_good(const json_t *picture, const json_t *rights) {
    const size_t channels = json_array_size(json_object_get(picture, "channels"));
    return element(rights, 1) == integer(picture, "expires") &&
           element(rights, 2) == json_is_true(json_object_get(picture, "noRedistribution")) &&
           (size_t)__builtin_popcountll(element(rights, 0)) == channels;
}

/* As it is written; what a text may say in more than one way is taken from what stands there, if it is
 * one of these. Rows of older programs have no credit. */
static void picture_write(const json_t *json, struct span is, struct buf *out) {
    const json_t *picture = json_array_get(json_object_get(json, "pictures"), 0), *rendition;
    const json_t *renditions = json_object_get(picture, "renditions");
    json_error_t error;
    size_t i;
    if (!json_is_true(json_object_get(json, "leadPicture")) || !json_array_size(renditions)) return;
    json_t *there = is.n ? json_loadb(is.p, is.n, JSON_REJECT_DUPLICATES, &error) : NULL;
    const json_t *rights = json_object_get(there, "rights");
    struct span credit = member(there, "credit");
    buf_char(out, '{');
    if (rights && rights_good(picture, rights))
        buf_printf(out, "\"rights\":[%" PRIu64 ",%" PRIu64 ",%" PRIu64 "],", element(rights, 0),
                   element(rights, 1), element(rights, 2));
    buf_str(out, "\"alt\":");
    verify_jcs_string(member(picture, "alt"), out);
    if (member(picture, "colour").n) {
        buf_str(out, ",\"colour\":");
        verify_jcs_string(member(picture, "colour"), out);
    }
    buf_str(out, ",\"renditions\":[");
    json_array_foreach(renditions, i, rendition) {
        buf_str(out, i ? ",{\"hash\":" : "{\"hash\":");
        verify_jcs_string(member(rendition, "hash"), out);
        buf_printf(out, ",\"height\":%" PRIu64 ",\"type\":", integer(rendition, "height"));
        verify_jcs_string(member(rendition, "type"), out);
        buf_printf(out, ",\"width\":%" PRIu64 "}", integer(rendition, "width"));
    }
    buf_char(out, ']');
    if (credit.n && credit_good(picture, credit)) {
        buf_str(out, ",\"credit\":");
        verify_jcs_string(credit, out);
    }
    buf_char(out, '}');
    json_decref(there);
}

static bool is_retracted(const json_t *json) {
    const json_t *correction;
    size_t i;
    json_array_foreach(
        json_object_get(json, "corrections"), i,
        correction) if (span_eq(member(correction, "kind"), SPAN("retraction"))) return true;
    return false;
}

static void text_is(struct rows *r, uint64_t row, sqlite3_stmt *q, int column, const char *name,
                    struct span wanted) {
    struct span is = db_span(q, column);
    if (span_eq(is, wanted) && (is.p != NULL || wanted.p == NULL)) return;
    find(r->f, KIND_ROW,
         "stories row %" PRIu64 ", %s: is \"" SPAN_FMT "\", its newest text has \"" SPAN_FMT "\"",
         row, name, SPAN_ARG(span_sub(is, 0, 200)), SPAN_ARG(span_sub(wanted, 0, 200)));
}

static void number_is(struct rows *r, uint64_t row, sqlite3_stmt *q, int column, const char *name,
                      uint64_t wanted) {
    if (db_u64(q, column) == wanted) return;
    find(r->f, KIND_ROW, "stories row %" PRIu64 ", %s: is %" PRIu64 ", not %" PRIu64, row, name,
         db_u64(q, column), wanted);
}

static void derived_check(struct rows *r, uint64_t row, const json_t *json) {
    struct buf picture;
    uint8_t id[16];
    sqlite3_stmt *q = r->story;
    if (!q) return;
    sqlite3_bind_int64(q, 1, (int64_t)row);
    if (!db_row(r->f, q)) return; /* told with its entry */
    text_is(r, row, q, S_PATH, "path", member(json, "path"));
    text_is(r, row, q, S_CODE, "code", member(json, "code"));
    number_is(r, row, q, S_PUBLISHED, "published", integer(json, "published"));
    number_is(r, row, q, S_UPDATED, "updated", integer(json, "updated"));
    text_is(r, row, q, S_HEADLINE, "headline", member(json, "headline"));
    text_is(r, row, q, S_STANDFIRST, "standfirst", member(json, "standfirst"));
    text_is(r, row, q, S_SECTION, "section", member(json, "section"));
    const json_t *standing = json_object_get(json, "standing");
    text_is(r, row, q, S_KIND, "kind", standing ? SPAN("news") : member(json, "work"));
    if (r->f->schema >= STANDING_SINCE &&
        (standing ? db_u64(q, S_STANDING) != integer(standing, "order") : !db_null(q, S_STANDING)))
        find(r->f, KIND_ROW, "stories row %" PRIu64 ", standing: is not what its newest text says",
             row);
    text_is(r, row, q, S_LANGUAGE, "language", member(json, "language"));
    text_is(r, row, q, S_AUTHOR, "author",
            member(json_array_get(json_object_get(json, "bylines"), 0), "name"));
    number_is(r, row, q, S_RETRACTED, "retracted", is_retracted(json));
    buf_init(&picture, 1 << 20);
    picture_write(json, db_span(q, S_PICTURE), &picture);
    text_is(r, row, q, S_PICTURE, "picture", buf_span(&picture));
    buf_done(&picture);
    struct span of = member(json, "translationOf");
    const bool given = of.n && hex_decode(of, id, sizeof id);
    if (r->f->schema >= 2)
        text_is(r, row, q, S_TRANSLATION_OF, "translation_of",
                given ? span_of(id, sizeof id) : (struct span){NULL, 0});
    const bool published = span_eq(db_span(q, S_STATE), SPAN("published"));
    const bool is_shown = published && !db_u64(q, S_TEXT_LOST);
    sqlite3_reset(q);
    story_lists_check(r->f, row, is_shown, json);
    const json_t *one, *rendition;
    size_t i, k;
    if (!published) return;
    json_array_foreach(json_object_get(json, "pictures"), i, one)
        json_array_foreach(json_object_get(one, "renditions"), k, rendition)
            rendition_check(r->f, row, rendition);
}

static void path_check(struct rows *r, uint64_t index, uint64_t row, const json_t *json) {
    struct span path = member(json, "path");
    if (!r->path) return;
    db_bind(r->path, 1, path);
    const bool there = db_row(r->f, r->path);
    if (!there || db_u64(r->path, 0) != row)
        find(r->f, KIND_ROW,
             "paths: entry %" PRIu64 " gave the path " SPAN_FMT " to its story; it is %s", index,
             SPAN_ARG(path), there ? "another's" : "not there");
    sqlite3_reset(r->path);
}

/* What a revision told its readers stands in the list of its edition. */
static void note_check(struct rows *r, uint64_t index, uint64_t row, const json_t *json) {
    static const char *const told[] = {"clarification", "correction", "editors-note", "retraction"};
    const json_t *corrections = json_object_get(json, "corrections");
    const size_t count = json_array_size(corrections);
    struct span change = member(json, "change"), edition = member(json, "edition");
    char key[200] = "corrections";
    bool tells = false;
    for (size_t i = 0; i < COUNT_OF(told); i++) tells |= span_eq(change, span_str(told[i]));
    if (!tells || !count || !r->note) return;
    for (size_t i = 1; i < r->f->o->edition_count; i++)
        if (span_eq(edition, r->f->o->editions[i]))
            snprintf(key, sizeof key, SPAN_FMT ":corrections", SPAN_ARG(edition));
    const json_t *last = json_array_get(corrections, count - 1);
    r->notes++;
    sqlite3_bind_int64(r->note, 1, (int64_t)index);
    const bool there = db_row(r->f, r->note);
    if (!there || !span_eq(db_span(r->note, 0), span_str(key)) || db_u64(r->note, 1) != row ||
        db_u64(r->note, 2) != integer(last, "at") ||
        !span_eq(db_span(r->note, 3), member(last, "kind")) ||
        !span_eq(db_span(r->note, 4), member(last, "text")))
        find(r->f, KIND_ROW, "notes: what entry %" PRIu64 " told its readers is %s", index,
             there ? "another thing there" : "not there");
    sqlite3_reset(r->note);
}

static uint64_t count_of(struct fsck *f, const char *sql) {
    sqlite3_stmt *q = db_prepare(f, sql);
    uint64_t count = db_row(f, q) ? db_u64(q, 0) : 0;
    db_done(q);
    return count;
}

static void notes_check(struct rows *r) {
    if (r->f->schema < NOTES_SINCE) return;
    if (count_of(r->f, "SELECT count(*) FROM notes JOIN revisions USING (entry) WHERE canonical IS "
                       "NOT NULL") != r->notes)
        find(r->f, KIND_ROW, "notes: has more than the texts tell");
    sqlite3_stmt *q = db_prepare(r->f, "SELECT list FROM notes GROUP BY list HAVING count(*) <> "
                                       "max(place) OR min(place) <> 1");
    while (db_row(r->f, q))
        find(r->f, KIND_ROW, "notes: " SPAN_FMT ": its places are not numbered without gaps",
             SPAN_ARG(db_span(q, 0)));
    db_done(q);
}

/* ---- an entry ---- */

static void bad(struct rows *r, uint64_t index, enum kind kind, const char *what) {
    if (index < r->f->entry_count) r->f->entries[index].bad = true;
    find(r->f, kind, "entry %" PRIu64 ": %s", index, what);
}

/* The story of the entry, and whether the entry follows what was before in it; NULL: of none. */
static struct story_known *follow(struct rows *r, sqlite3_stmt *q, uint64_t index,
                                  const struct verify_entry *e) {
    const uint64_t row = db_null(q, E_STORY) ? 0 : db_u64(q, E_STORY);
    if (!e->has_story) {
        if (row) bad(r, index, KIND_ROW, "stands with a story, and names none");
        return NULL;
    }
    if (!row || row > r->f->story_count || !span_eq(db_span(q, E_ID), span_of(e->story, 16))) {
        bad(r, index, KIND_ROW, "stands with another story than it names");
        return NULL;
    }
    r->f->entries[index].story = (uint32_t)row;
    struct story_known *s = &r->f->stories[row - 1];
    const uint64_t previous = s->last_entry == NONE ? VERIFY_NONE : s->last_entry;
    const bool text = verify_entry_has_text(e);
    if (e->previous != previous && !s->bad)
        bad(r, index, KIND_ENTRY, "its \"previous\" is not its story's entry before");
    if (!s->bad && (text ? e->number != s->number + 1 : e->number > s->number))
        bad(r, index, KIND_ENTRY, "its revision does not follow its story's newest");
    if (text) s->number = (uint32_t)e->number;
    s->last_entry = index;
    if (e->type == VERIFY_erase)
        s->state = STATE_DESTROYED;
    else if (e->type == VERIFY_withdrawal)
        s->state = STATE_WITHDRAWN;
    else if (e->type == VERIFY_restore || s->state == STATE_NONE)
        s->state = STATE_PUBLISHED;
    return s;
}

static void revision_check(struct rows *r, sqlite3_stmt *q, uint64_t index,
                           const struct verify_entry *e, struct story_known *s) {
    struct entry_known *known = &r->f->entries[index];
    struct span canonical = db_span(q, E_CANONICAL);
    json_t *json = NULL;
    known->has_revision = true;
    r->f->r.revisions++;
    if (db_u64(q, E_REVISION_STORY) != known->story || db_u64(q, E_NUMBER) != e->number)
        bad(r, index, KIND_ROW, "its row in revisions is of another story or number");
    s->text_lost = canonical.p == NULL;
    known->lost = s->text_lost;
    if (known->lost) return;
    s->text = (uint32_t)e->number;
    opening_begin(r, index, e, db_span(q, E_REVISION_SALTS));
    rc code = verify_revision_cut(canonical, e, part_add, r, &json);
    if (code == RC_OK) code = opening_end(r, e);
    if (code == RC_OK) {
        known->opening = short_hash(buf_span(&r->opening));
        known->revision = short_hash(canonical);
        path_check(r, index, known->story, json);
        note_check(r, index, known->story, json);
        if (db_u64(q, E_NUMBER_NOW) == e->number) derived_check(r, known->story, json);
    } else {
        char what[RC_WHY_MAX + 80];
        snprintf(what, sizeof what, "its text in revisions %s", rc_why());
        bad(r, index, KIND_TEXT, what);
    }
    json_decref(json);
}

static void act_check(struct rows *r, sqlite3_stmt *q, uint64_t index,
                      const struct verify_entry *e) {
    struct entry_known *known = &r->f->entries[index];
    known->lost = !db_u64(q, E_HAS_ACT);
    if (known->lost) return; /* refilled from the journal, or destroyed */
    if (db_u64(q, E_ACT_STORY) != known->story)
        bad(r, index, KIND_ROW, "its row in acts is of another story");
    if (act_read(r, index, e, db_span(q, E_PARTS), db_span(q, E_ACT_SALTS)) == RC_OK) {
        known->opening = short_hash(buf_span(&r->opening));
        return;
    }
    char what[RC_WHY_MAX + 80];
    snprintf(what, sizeof what, "its parts in acts: %s", rc_why());
    bad(r, index, KIND_TEXT, what);
}

static void entry_check(struct rows *r, sqlite3_stmt *q, uint64_t index) {
    struct verify_entry e;
    if (verify_entry_parse(db_span(q, E_BYTES), &e) != RC_OK) {
        bad(r, index, KIND_ENTRY, rc_why());
        const uint64_t row = db_u64(q, E_STORY);
        if (row && row <= r->f->story_count) r->f->stories[row - 1].bad = true;
        return;
    }
    struct story_known *s = follow(r, q, index, &e);
    if (verify_entry_has_text(&e) != (db_u64(q, E_HAS_REVISION) != 0) ||
        (verify_entry_has_text(&e) && db_u64(q, E_HAS_ACT)))
        bad(r, index, KIND_ROW,
            "has a row in revisions or acts that its type does not have, or none");
    else if (s && db_u64(q, E_HAS_REVISION))
        revision_check(r, q, index, &e, s);
    else if (s)
        act_check(r, q, index, &e);
}

static void log_check(struct rows *r) {
    uint64_t next = 0;
    sqlite3_stmt *q = db_prepare(r->f, entries_sql);
    while (db_row(r->f, q)) {
        const uint64_t index = db_u64(q, E_INDEX);
        if (index >= r->f->entry_count) {
            find(r->f, KIND_ENTRY, "entry %" PRIu64 ": is numbered beyond their count", index);
            continue;
        }
        for (; next < index; next++) bad(r, next, KIND_ENTRY, "is missing");
        entry_check(r, q, index);
        next = index + 1;
        r->f->r.entries++;
        if (index % 256 == 0) progress(r->f, "entries", index, r->f->entry_count);
    }
    db_done(q);
}

/* ---- stories ---- */

static uint8_t state_of(struct span word) {
    if (span_eq(word, SPAN("published"))) return STATE_PUBLISHED;
    if (span_eq(word, SPAN("withdrawn"))) return STATE_WITHDRAWN;
    return span_eq(word, SPAN("destroyed")) ? STATE_DESTROYED : STATE_NONE;
}

/* Its newest text is lost: the columns are of the newest that is here. */
static void older_text(struct rows *r, uint64_t row) {
    if (!r->newest) return;
    json_t *json;
    json_error_t error;
    sqlite3_bind_int64(r->newest, 1, (int64_t)row);
    if (!db_row(r->f, r->newest)) return;
    struct span text = db_span(r->newest, 0);
    json = json_loadb(text.p, text.n, 0, &error); /* its entry was checked */
    if (json) derived_check(r, row, json);
    json_decref(json);
    sqlite3_reset(r->newest);
}

static void story_check(struct rows *r, sqlite3_stmt *q, uint64_t row) {
    struct story_known *s = &r->f->stories[row - 1];
    if (s->bad) return; /* told with its entry */
    const uint64_t last = db_u64(q, S_LAST_ENTRY);
    if (s->last_entry == NONE) {
        find(r->f, KIND_ROW, "stories row %" PRIu64 ": the log has nothing of it", row);
        return;
    }
    if (last != s->last_entry) number_is(r, row, q, S_LAST_ENTRY, "last_entry", s->last_entry);
    number_is(r, row, q, S_NUMBER, "number", s->number);
    if (state_of(db_span(q, S_STATE)) != s->state)
        find(r->f, KIND_ROW,
             "stories row %" PRIu64 ", state: " SPAN_FMT " is not what its entries say", row,
             SPAN_ARG(db_span(q, S_STATE)));
    if (s->state == STATE_DESTROYED) {
        if (s->text)
            find(r->f, KIND_TEXT, "stories row %" PRIu64 ": is destroyed, its texts are not", row);
        return;
    }
    number_is(r, row, q, S_TEXT_LOST, "text_lost", s->text_lost);
    if (s->text_lost && s->text) older_text(r, row);
    if (!s->text && (!db_null(q, S_PATH) || !db_null(q, S_CODE)))
        find(r->f, KIND_ROW, "stories row %" PRIu64 ": has an address, and never had a text", row);
}

static void stories_check(struct rows *r) {
    uint64_t next = 1;
    char sql[512];
    snprintf(sql, sizeof sql, "SELECT " STORY_COLUMNS "%s FROM stories ORDER BY row",
             later_columns(r->f));
    sqlite3_stmt *q = db_prepare(r->f, sql);
    while (db_row(r->f, q)) {
        const uint64_t row = db_u64(q, S_ROW);
        r->f->r.stories++;
        if (row != next)
            find(r->f, KIND_ROW, "stories: row %" PRIu64 " stands where %" PRIu64 " should", row,
                 next);
        next = row + 1;
        if (row && row <= r->f->story_count) story_check(r, q, row);
        if (row % 256 == 0) progress(r->f, "stories", row, r->f->story_count);
    }
    db_done(q);
    q = db_prepare(r->f,
                   "SELECT s.row, s.path FROM stories AS s WHERE s.path IS NOT NULL AND s.row "
                   "IS NOT (SELECT story FROM paths WHERE paths.path = s.path)");
    while (db_row(r->f, q))
        find(r->f, KIND_ROW, "paths: " SPAN_FMT " is not kept as that of stories row %" PRIu64,
             SPAN_ARG(db_span(q, 1)), db_u64(q, 0));
    db_done(q);
}

rc rows_check(struct fsck *f) {
    struct rows r = {.f = f};
    char sql[512];
    f->entry_count = count_of(f, "SELECT count(*) FROM entries");
    f->story_count = count_of(f, "SELECT count(*) FROM stories");
    if (f->story_count > UINT32_MAX) return rc_fail(RC_TOO_BIG, "more than 2^32 stories");
    f->entries = mem_new((f->entry_count + 1) * sizeof *f->entries);
    f->stories = mem_new((f->story_count + 1) * sizeof *f->stories);
    for (uint64_t i = 0; i < f->story_count; i++) f->stories[i].last_entry = NONE;
    snprintf(sql, sizeof sql, "SELECT " STORY_COLUMNS "%s FROM stories WHERE row = ?",
             later_columns(f));
    if (f->schema >= NOTES_SINCE)
        r.note = db_prepare(f, "SELECT list, story, at, change, text FROM notes WHERE entry = ?");
    r.story = db_prepare(f, sql);
    r.path = db_prepare(f, "SELECT story FROM paths WHERE path = ?");
    r.newest = db_prepare(f, "SELECT canonical FROM revisions WHERE story = ? AND canonical IS NOT "
                             "NULL ORDER BY number DESC LIMIT 1");
    r.leaves = mem_new(VERIFY_PARTS_MAX * sizeof *r.leaves);
    buf_init(&r.opening, OPENING_BYTES_MAX);
    log_check(&r);
    notes_check(&r);
    stories_check(&r);
    buf_done(&r.opening);
    mem_free(r.leaves);
    return RC_OK;
}
