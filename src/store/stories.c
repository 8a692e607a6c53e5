/*
 * stories: stories, their revisions, and the log, which are written together.
 *
 * What store_publish() guarantees of every entry that it takes, since whoever checks the log from
 * outside will ask for it (docs/record-format.md §5): its index is the next; it names the story,
 * and as previous the story's newest entry; revisions count 1, 2, 3 …; it has as many salts as
 * parts. All that is looked at before the first write.
 */
#include <jansson.h>
#include <stdio.h>

#include "codec/json.h"
#include "record/record.h"
#include "store/db.h"
#include "story/canon.h"

#define PATH_TRIES_MAX 10000
#define ACT_ARENA_BYTES (1u << 20)      /* what placing one act in its lists takes */
#define OPENING_ARENA_BYTES (64u << 20) /* cutting a canonical revision of the largest size */

/* ---- rows ---- */

/* The row that q stands on, in STORY_COLUMNS. */
static rc story_of(struct query *q, struct arena *a, int64_t *out_rowid,
                   struct story_row *out_row) {
    struct story_row row = {.number = column_u32(q, 3), .last_entry = column_u64(q, 4)};
    int64_t rowid = column_i64(q, 0);
    column_bytes(q, 1, row.id.bytes, STORY_ID_BYTES);
    if (!story_state_of(column_span(q, NULL, 2), &row.state)) q->unsound = true;
    row.uri = column_span(q, a, 5);
    row.has_version = !column_is_null(q, 6);
    if (row.has_version) row.version = column_u64(q, 6);
    if (!column_is_null(q, 7)) column_bytes(q, 7, row.content.bytes, SHA256_BYTES);
    row.path = column_span(q, a, 8);
    row.code = column_span(q, a, 9);
    row.published = column_i64(q, 10);
    row.updated = column_i64(q, 11);
    row.reason = column_span(q, a, 12);
    row.text_lost = column_i64(q, 13) != 0;
    row.retracted = column_i64(q, 14) != 0;
    if (!column_is_null(q, 15)) row.standing = column_u32(q, 15);
    TRY(query_sound(q, a));
    *out_rowid = rowid;
    *out_row = row;
    return RC_OK;
}

/* Runs q, whose parameter is bound. RC_NOT_FOUND without a reason: the caller knows what it sought.
 */
static rc find(struct query *q, struct arena *a, int64_t *out_rowid, struct story_row *out_row) {
    TRY(query_row(q));
    return story_of(q, a, out_rowid, out_row);
}

static rc find_id(struct store *s, struct arena *a, const struct story_id *id, int64_t *out_rowid,
                  struct story_row *out_row) {
    QUERY(q, s, STORY_BY_ID);
    bind_blob(&q, id->bytes, STORY_ID_BYTES);
    return find(&q, a, out_rowid, out_row);
}

static rc missing(rc code, const char *what, struct span value) {
    if (code != RC_NOT_FOUND) return code;
    return rc_fail(RC_NOT_FOUND, "store: there is no story with the %s " SPAN_FMT, what,
                   SPAN_ARG(value));
}

rc store_story_by_id(struct store *s, struct arena *a, const struct story_id *id,
                     struct story_row *out_row) {
    char hex[2 * STORY_ID_BYTES + 1];
    int64_t rowid;
    rc code = find_id(s, a, id, &rowid, out_row);
    if (code == RC_NOT_FOUND) story_id_hex(id, hex);
    return code == RC_NOT_FOUND ? missing(code, "id", span_str(hex)) : code;
}

rc store_story_by_uri(struct store *s, struct arena *a, struct span uri,
                      struct story_row *out_row) {
    int64_t rowid;
    QUERY(q, s, STORY_BY_URI);
    bind_text(&q, uri);
    return missing(find(&q, a, &rowid, out_row), "uri", uri);
}

rc store_story_by_code(struct store *s, struct arena *a, struct span code,
                       struct story_row *out_row) {
    int64_t rowid;
    QUERY(q, s, STORY_BY_CODE);
    bind_text(&q, code);
    return missing(find(&q, a, &rowid, out_row), "code", code);
}

rc store_story_by_path(struct store *s, struct arena *a, struct span path,
                       struct story_row *out_row) {
    int64_t rowid;
    QUERY(q, s, STORY_BY_PATH);
    bind_text(&q, path);
    return missing(find(&q, a, &rowid, out_row), "path", path);
}

rc store_story_next(struct store *s, struct arena *a, uint64_t after, uint64_t *out_rowid,
                    struct story_row *out_row) {
    int64_t rowid;
    if (after > INT64_MAX) return rc_fail(RC_NOT_FOUND, "store: there is no later story");
    QUERY(q, s, STORY_NEXT);
    bind_u64(&q, after);
    rc code = find(&q, a, &rowid, out_row);
    if (code == RC_NOT_FOUND) return rc_fail(code, "store: there is no later story");
    if (code == RC_OK) *out_rowid = (uint64_t)rowid;
    return code;
}

rc store_standing_pages(struct store *s, struct arena *a, size_t count, struct story_row **out_rows,
                        size_t *out_count) {
    struct story_row *rows = NULL;
    size_t n = 0, cap = 0;
    int64_t rowid;
    QUERY(q, s, STANDING_PAGES);
    bind_u64(&q, count > INT32_MAX ? INT32_MAX : count);
    rc code;
    while ((code = query_row(&q)) == RC_OK) {
        rows = grow(a, rows, n, &cap, sizeof *rows);
        if (!rows) return rc_fail(RC_TOO_BIG, "store: too many pages for one operation");
        TRY(story_of(&q, a, &rowid, &rows[n++]));
    }
    if (code != RC_NOT_FOUND) return code;
    *out_rows = rows;
    *out_count = n;
    return RC_OK;
}

/* RC_NOT_FOUND: nobody has it. */
static rc path_owner(struct store *s, struct span path, struct story_id *out_owner) {
    struct story_id owner;
    QUERY(q, s, PATH_OWNER);
    bind_text(&q, path);
    TRY(query_row(&q));
    column_bytes(&q, 0, owner.bytes, STORY_ID_BYTES);
    TRY(query_sound(&q, NULL));
    *out_owner = owner;
    return RC_OK;
}

static bool same_story(const struct story_id *a, const struct story_id *b) {
    return memcmp(a->bytes, b->bytes, STORY_ID_BYTES) == 0;
}

rc store_path_free(struct store *s, struct arena *a, struct span wanted, const struct story_id *id,
                   struct span *out_path) {
    struct span path = wanted;
    for (unsigned n = 1; n <= PATH_TRIES_MAX; n++) {
        struct story_id owner;
        char digits[16];
        if (n > 1) {
            struct span tail = span_of(digits, (size_t)snprintf(digits, sizeof digits, "-%u", n));
            char *joined = arena_take(a, wanted.n + tail.n);
            if (!joined) return rc_fail(RC_TOO_BIG, "store: no memory left for a path");
            if (wanted.n) memcpy(joined, wanted.p, wanted.n);
            memcpy(joined + wanted.n, tail.p, tail.n);
            path = span_of(joined, wanted.n + tail.n);
        }
        rc code = path_owner(s, path, &owner);
        if (code == RC_NOT_FOUND || (code == RC_OK && n == 1 && same_story(&owner, id))) {
            path = arena_copy(a, path);
            if (arena_over(a)) return rc_fail(RC_TOO_BIG, "store: no memory left for a path");
            *out_path = path;
            return RC_OK;
        }
        if (code != RC_OK) return code;
    }
    return rc_fail(RC_CONFLICT,
                   "store: " SPAN_FMT " and the next %d paths are taken; give another slug",
                   SPAN_ARG(wanted), PATH_TRIES_MAX - 1);
}

static rc code_taken(struct store *s, struct span code, bool *out_taken) {
    QUERY(q, s, CODE_OWNER);
    bind_text(&q, code);
    rc found = query_row(&q);
    if (found != RC_OK && found != RC_NOT_FOUND) return found;
    *out_taken = found == RC_OK;
    return RC_OK;
}

bool store_code_taken(struct store *s, struct span code) {
    bool taken = true; /* who cannot be asked does not say that it is free */
    return code_taken(s, code, &taken) != RC_OK || taken;
}

/* ---- writing ---- */

rc store_log_size(struct store *s, uint64_t *out_size) {
    QUERY(q, s, LOG_LAST);
    rc code = query_row(&q);
    if (code != RC_OK && code != RC_NOT_FOUND) return code;
    uint64_t size = code == RC_OK ? column_u64(&q, 0) + 1 : 0;
    TRY(query_sound(&q, NULL));
    *out_size = size;
    return RC_OK;
}

static rc is_next(struct store *s, uint64_t index) {
    uint64_t size;
    TRY(store_log_size(s, &size));
    if (index == size && index < INT64_MAX) return RC_OK;
    return rc_fail(RC_CONFLICT, "store: entry %llu is not the next, which is %llu",
                   (unsigned long long)index, (unsigned long long)size);
}

/* The state of a story follows from its entries: nobody can read in the log what was done beside
 * it. A new text of a withdrawn story stays withdrawn until the story is restored. */
enum story_state state_after(enum entry_type type, bool known, enum story_state before) {
    if (type == ENTRY_WITHDRAWAL) return STORY_WITHDRAWN;
    if (type == ENTRY_RESTORE) return STORY_PUBLISHED;
    if (type == ENTRY_ERASE) return STORY_DESTROYED;
    return known ? before : STORY_PUBLISHED;
}

/* The story that an act is about, before it. */
struct before {
    bool known;
    int64_t rowid;
    struct story_row row; /* last_entry ENTRY_NONE if it is not known */
};

static rc look_before(struct store *s, struct arena *a, const struct story_id *id,
                      struct before *out_before) {
    struct before before = {.row = {.id = *id, .last_entry = ENTRY_NONE}};
    rc code = find_id(s, a, id, &before.rowid, &before.row);
    if (code != RC_OK && code != RC_NOT_FOUND) return code;
    before.known = code == RC_OK;
    *out_before = before;
    return RC_OK;
}

/* Does the entry follow the story's newest one? */
static rc follows(const struct entry *entry, const struct before *before) {
    if (entry->previous != before->row.last_entry)
        return rc_fail(RC_CONFLICT,
                       "store: the entry's \"previous\" is not the story's newest entry, %lld",
                       (long long)before->row.last_entry);
    bool counts = entry_type_has_text(entry->type) ? entry->revision == before->row.number + 1
                                                   : entry->revision <= before->row.number;
    if (!counts || entry->revision > INT32_MAX)
        return rc_fail(RC_CONFLICT,
                       "store: the entry is about revision %u, but the story's newest is %u",
                       entry->revision, before->row.number);
    return RC_OK;
}

static rc invalid(const char *what) {
    return rc_fail(RC_INVALID, "store: publish: %s", what);
}

const struct correction *told_by(const struct revision *r) {
    if (change_place(r->change) == CHANGE_UNTOLD || r->correction_count == 0) return NULL;
    return &r->corrections[r->correction_count - 1];
}

/* Do the act's own pieces fit together? */
static rc check_act(const struct store_publish *act, const struct entry *entry) {
    const struct story_row *row = &act->row;
    if (!entry->has_story || !same_story(&entry->story, &row->id))
        return invalid("the entry names another story");
    if (entry_type_has_text(entry->type) != act->has_revision ||
        (act->has_revision && entry->revision != row->number) ||
        row->last_entry != act->entry_index)
        return invalid("row, entry and index do not belong together");
    if (!salts_fit(act->salts, entry->parts) ||
        (!act->has_revision && act->salts.n != (size_t)entry->parts * SALT_BYTES))
        return invalid("there must be one salt for each part of the entry, or a text's seed");
    if (row->has_version && row->version > INT64_MAX)
        return rc_fail(RC_TOO_BIG, "store: publish: the version is over 2^63 - 1");
    if (act->list_count > LISTS_OF_STORY_MAX)
        return rc_fail(RC_TOO_BIG, "store: publish: more than %d lists", LISTS_OF_STORY_MAX);
    if (!act->has_revision)
        return act->parts_json.n ? RC_OK : invalid("an act without a text has parts of its own");
    const struct revision *r = act->derive;
    if (!r || !same_story(&r->story, &row->id) || r->number != row->number ||
        !span_eq(r->path, row->path) || !span_eq(r->code, row->code) ||
        r->published != row->published || r->updated != row->updated || act->canonical.n == 0 ||
        row->path.n == 0 || row->code.n == 0)
        return invalid("the row is not what the revision says");
    if (told_by(r) && !act->notes.n) return invalid("what it tells has no list to stand in");
    if (story_is_standing(r) != (entry->type == ENTRY_STANDARDS))
        return invalid("a standing page's text, and no other, is of an entry of type standards");
    return RC_OK;
}

/* A story does not become a standing page, nor a page a story. */
static rc check_kind(const struct store_publish *act, const struct before *before) {
    if (!act->has_revision || !before->known || before->row.path.n == 0) return RC_OK;
    if (story_is_standing(act->derive) == (before->row.standing > 0)) return RC_OK;
    return rc_fail(RC_CONFLICT, "store: it is %s",
                   before->row.standing ? "a standing page, and no story" : "a story, and no page");
}

/* Addresses never change hands, and a story's code never changes. */
static rc check_addresses(struct store *s, const struct store_publish *act,
                          const struct before *before, bool *out_path_is_new) {
    const struct story_row *row = &act->row;
    struct story_id owner;
    rc code = path_owner(s, row->path, &owner);
    if (code != RC_OK && code != RC_NOT_FOUND) return code;
    bool is_new = code == RC_NOT_FOUND;
    if (!is_new && !same_story(&owner, &row->id))
        return rc_fail(RC_CONFLICT, "store: the path " SPAN_FMT " is or was another story's",
                       SPAN_ARG(row->path));
    if (before->row.code.n && !span_eq(before->row.code, row->code))
        return rc_fail(RC_CONFLICT, "store: the story has the code " SPAN_FMT " for ever",
                       SPAN_ARG(before->row.code));
    bool taken = false;
    if (!before->row.code.n) TRY(code_taken(s, row->code, &taken));
    if (taken)
        return rc_fail(RC_CONFLICT, "store: the code " SPAN_FMT " is taken", SPAN_ARG(row->code));
    *out_path_is_new = is_new;
    return RC_OK;
}

static rc add_entry(struct store *s, uint64_t index, const int64_t *story, struct span bytes) {
    QUERY(q, s, ENTRY_ADD);
    bind_u64(&q, index);
    if (story)
        bind_i64(&q, *story);
    else
        bind_null(&q);
    bind_blob(&q, bytes.p, bytes.n);
    return query_run(&q);
}

static rc add_story(struct store *s, const struct story_row *row, int64_t *out_rowid) {
    QUERY(q, s, STORY_ADD);
    bind_blob(&q, row->id.bytes, STORY_ID_BYTES);
    bind_text(&q, story_state_word(row->state));
    bind_u64(&q, row->number);
    bind_u64(&q, row->last_entry);
    bind_i64(&q, row->published);
    bind_i64(&q, row->updated);
    TRY(query_row(&q));
    int64_t rowid = column_i64(&q, 0);
    TRY(query_run(&q));
    *out_rowid = rowid;
    return RC_OK;
}

static rc set_act(struct store *s, int64_t rowid, const struct story_row *row) {
    QUERY(q, s, STORY_ACT);
    bind_i64(&q, rowid);
    bind_text(&q, story_state_word(row->state));
    bind_u64(&q, row->number);
    bind_u64(&q, row->last_entry);
    bind_i64(&q, row->text_lost);
    return query_run(&q);
}

/* The name it had stays its own, and one that another story had is not to be had. */
static rc change_uri(struct store *s, int64_t rowid, struct span uri) {
    if (!uri.n) return RC_OK;
    QUERY(owner, s, URI_OWNER);
    bind_text(&owner, uri);
    rc code = query_row(&owner);
    if (code == RC_OK && column_i64(&owner, 0) != rowid)
        return rc_fail(RC_CONFLICT, "store: another story has the uri " SPAN_FMT, SPAN_ARG(uri));
    if (code != RC_OK && code != RC_NOT_FOUND) return code;
    QUERY(keep, s, URI_KEEP);
    bind_i64(&keep, rowid);
    bind_text(&keep, uri);
    return query_run(&keep);
}

static rc set_sender(struct store *s, int64_t rowid, const struct story_row *row) {
    TRY(change_uri(s, rowid, row->uri));
    QUERY(q, s, STORY_SENDER);
    bind_i64(&q, rowid);
    bind_text_or_null(&q, row->uri);
    if (row->has_version)
        bind_u64(&q, row->version);
    else
        bind_null(&q);
    bind_blob(&q, row->content.bytes, SHA256_BYTES);
    bind_text_or_null(&q, row->reason);
    rc code = query_run(&q);
    return code == RC_CONFLICT
               ? rc_in(code, "another story has the uri " SPAN_FMT, SPAN_ARG(row->uri))
               : code;
}

static rc set_derived(struct store *s, struct arena *a, int64_t rowid, const struct revision *r) {
    struct span picture = picture_json(a, r, true);
    if (arena_over(a))
        return rc_fail(RC_TOO_BIG, "store: publish: the lead picture's alt is too long");
    QUERY(q, s, STORY_DERIVED);
    bind_i64(&q, rowid);
    bind_text(&q, r->path);
    bind_text(&q, r->code);
    bind_i64(&q, r->published);
    bind_i64(&q, r->updated);
    bind_text(&q, r->headline);
    bind_text_or_null(&q, r->standfirst);
    bind_text_or_null(&q, r->section);
    bind_text(&q, work_word(r->work));
    bind_text(&q, r->language);
    bind_text_or_null(&q, picture);
    bind_text_or_null(&q, r->byline_count ? r->bylines[0].name : (struct span){NULL, 0});
    bind_i64(&q, story_is_retracted(r));
    if (story_id_given(&r->translation_of))
        bind_blob(&q, r->translation_of.bytes, STORY_ID_BYTES);
    else
        bind_null(&q);
    if (story_is_standing(r))
        bind_u64(&q, r->standing.order);
    else
        bind_null(&q);
    return query_run(&q);
}

static rc add_path(struct store *s, struct span path, int64_t rowid) {
    QUERY(q, s, PATH_ADD);
    bind_text(&q, path);
    bind_i64(&q, rowid);
    return query_run(&q);
}

/* canonical and salts NULL: the text is lost. */
static rc add_revision(struct store *s, uint64_t index, int64_t rowid, uint32_t number,
                       const struct span *canonical, const struct span *salts) {
    QUERY(q, s, REVISION_ADD);
    bind_u64(&q, index);
    bind_i64(&q, rowid);
    bind_u64(&q, number);
    if (canonical)
        bind_blob(&q, canonical->p, canonical->n);
    else
        bind_null(&q);
    if (salts)
        bind_blob(&q, salts->p, salts->n);
    else
        bind_null(&q);
    return query_run(&q);
}

static rc add_act(struct store *s, uint64_t index, int64_t rowid, struct span parts,
                  struct span salts) {
    QUERY(q, s, ACT_ADD);
    bind_u64(&q, index);
    bind_i64(&q, rowid);
    bind_text(&q, parts);
    bind_blob(&q, salts.p, salts.n);
    return query_run(&q);
}

/* Erased by law: the entries stay, what they commit to goes. secure_delete overwrites it in the
 * database; the WAL loses it with the next checkpoint that starts it anew. */
static rc destroy_texts(struct store *s, int64_t rowid) {
    QUERY(revisions, s, DESTROY_REVISIONS);
    bind_i64(&revisions, rowid);
    TRY(query_run(&revisions));
    QUERY(acts, s, DESTROY_ACTS);
    bind_i64(&acts, rowid);
    TRY(query_run(&acts));
    QUERY(notes, s, DESTROY_NOTES);
    bind_i64(&notes, rowid);
    TRY(query_run(&notes));
    QUERY(card, s, DESTROY_CARD);
    bind_i64(&card, rowid);
    return query_run(&card);
}

static bool is_shown(const struct story_row *row) {
    return row->state == STORY_PUBLISHED && !row->text_lost;
}

static rc write_act(struct store *s, struct arena *a, const struct store_publish *act,
                    const struct entry *entry, const struct before *before, bool path_is_new) {
    struct story_row row = act->row;
    int64_t rowid = before->rowid;
    row.text_lost = !act->has_revision && before->row.text_lost;
    if (!before->known) TRY(add_story(s, &row, &rowid));
    TRY(add_entry(s, act->entry_index, &rowid, act->entry));
    if (row.state == STORY_DESTROYED) TRY(destroy_texts(s, rowid));
    TRY(set_act(s, rowid, &row));
    TRY(set_sender(s, rowid, &row));
    if (act->has_revision) {
        TRY(add_revision(s, act->entry_index, rowid, row.number, &act->canonical, &act->salts));
        TRY(set_derived(s, a, rowid, act->derive));
        if (told_by(act->derive))
            TRY(note_add(s, act->notes, act->entry_index, rowid, told_by(act->derive)));
        if (path_is_new) TRY(add_path(s, row.path, rowid));
    } else {
        TRY(add_act(s, act->entry_index, rowid, act->parts_json, act->salts));
    }
    return lists_place(s, a, rowid, is_shown(&row), act->lists, act->list_count, entry->time);
}

static rc publish(struct store *s, struct arena *a, const struct store_publish *act) {
    struct entry entry;
    struct before before;
    bool path_is_new = false;
    TRY(entry_read(act->entry, &entry));
    TRY(check_act(act, &entry));
    TRY(is_next(s, act->entry_index));
    TRY(look_before(s, a, &act->row.id, &before));
    TRY(follows(&entry, &before));
    TRY(check_kind(act, &before));
    if (!act->has_revision && (!before.known || act->row.number != before.row.number))
        return rc_fail(RC_CONFLICT, "store: an act without a text must be on the newest revision");
    if (before.known && before.row.state == STORY_DESTROYED)
        return rc_fail(RC_CONFLICT, "store: the story is destroyed");
    if (act->row.state != state_after(entry.type, before.known, before.row.state))
        return rc_fail(RC_CONFLICT,
                       "store: an entry of that type does not make the story " SPAN_FMT,
                       SPAN_ARG(story_state_word(act->row.state)));
    if (act->has_revision) TRY(check_addresses(s, act, &before, &path_is_new));
    return db_wrote(s, write_act(s, a, act, &entry, &before, path_is_new));
}

rc store_publish(struct store *s, const struct store_publish *act) {
    TRY(db_may_write(s));
    struct arena *a = arena_new(ACT_ARENA_BYTES);
    rc code = publish(s, a, act);
    arena_free(a);
    return code;
}

/* ---- refilling from the journal ---- */

/* What the story is after an entry of which nothing but itself is known. */
static struct story_row row_after(const struct entry *entry, uint64_t index,
                                  const struct before *before) {
    struct story_row row = before->row;
    if (!before->known) {
        row.published = row.updated = entry->time; /* the nearest that is known */
    }
    row.state = state_after(entry->type, before->known, before->row.state);
    if (entry_type_has_text(entry->type)) {
        row.number = entry->revision;
        row.text_lost = true;
    }
    row.last_entry = index;
    return row;
}

static rc write_refill(struct store *s, struct arena *a, uint64_t index, struct span bytes,
                       const struct entry *entry, const struct before *before) {
    if (!entry->has_story) return add_entry(s, index, NULL, bytes);
    struct story_row row = row_after(entry, index, before);
    int64_t rowid = before->rowid;
    if (!before->known) TRY(add_story(s, &row, &rowid));
    TRY(add_entry(s, index, &rowid, bytes));
    if (entry->type == ENTRY_ERASE) TRY(destroy_texts(s, rowid));
    TRY(set_act(s, rowid, &row));
    if (entry_type_has_text(entry->type))
        TRY(add_revision(s, index, rowid, row.number, NULL, NULL));
    return lists_place(s, a, rowid, is_shown(&row), NULL, 0, entry->time);
}

static rc refill(struct store *s, struct arena *a, uint64_t index, struct span bytes) {
    struct entry entry;
    struct before before = {0};
    TRY(entry_read(bytes, &entry));
    TRY(is_next(s, index));
    if (entry.has_story) {
        TRY(look_before(s, a, &entry.story, &before));
        rc code = follows(&entry, &before);
        if (code != RC_OK)
            return rc_in(RC_CORRUPT, "entry %llu of the journal does not fit this database",
                         (unsigned long long)index);
    }
    return db_wrote(s, write_refill(s, a, index, bytes, &entry, &before));
}

rc store_entry_refill(struct store *s, uint64_t index, struct span entry) {
    TRY(db_may_write(s));
    struct arena *a = arena_new(ACT_ARENA_BYTES);
    rc code = refill(s, a, index, entry);
    arena_free(a);
    return code;
}

/* ---- reading revisions and entries ---- */

/* Do these parts and salts give the entry's root? */
static rc opening_check(uint64_t index, const struct entry *entry, const struct span *parts,
                        size_t count, struct span salts) {
    if (count != entry->parts || !salts_fit(salts, count))
        return rc_fail(RC_CORRUPT,
                       "store: entry %llu commits to %u parts, but %zu are stored, with %zu bytes "
                       "of salts",
                       (unsigned long long)index, entry->parts, count, salts.n);
    struct sha256 root = parts_root(parts, salts, count);
    if (sha256_eq(&root, &entry->root)) return RC_OK;
    return rc_fail(RC_CORRUPT,
                   "store: what is stored for entry %llu is not what the log says was published",
                   (unsigned long long)index);
}

static rc parts_of_json(struct arena *a, struct span json, struct span **out_parts,
                        size_t *out_count) {
    json_t *array;
    TRY(json_read(json, &array));
    size_t count = json_is_array(array) ? json_array_size(array) : 0;
    struct span *parts = count ? ARENA_ARRAY(a, struct span, count) : NULL;
    bool sound = json_is_array(array);
    for (size_t i = 0; parts && i < count; i++) {
        const json_t *part = json_array_get(array, i);
        sound = sound && json_is_string(part);
        if (sound)
            parts[i] = arena_copy(a, span_of(json_string_value(part), json_string_length(part)));
    }
    json_decref(array);
    if (!sound) return rc_fail(RC_INVALID, "store: parts are an array of strings");
    if (arena_over(a))
        return rc_fail(RC_TOO_BIG, "store: the parts are over this operation's memory");
    *out_parts = parts;
    *out_count = count;
    return RC_OK;
}

/* What is hashed when written is hashed again when read. */
static rc verify(uint64_t index, struct span bytes, bool is_text, struct span what,
                 struct span salts) {
    struct entry entry;
    struct span *parts;
    size_t count;
    struct arena *a = arena_new(OPENING_ARENA_BYTES);
    rc code = entry_read(bytes, &entry);
    if (code == RC_OK)
        code =
            is_text ? canon_parts(a, what, &parts, &count) : parts_of_json(a, what, &parts, &count);
    if (code == RC_OK)
        code = opening_check(index, &entry, parts, count, salts);
    else
        code = rc_in(RC_CORRUPT, "store: entry %llu", (unsigned long long)index);
    arena_free(a);
    return code;
}

rc store_revision(struct store *s, struct arena *a, const struct story_id *id, uint32_t number,
                  struct revision_row *out_row) {
    QUERY(q, s, REVISION);
    bind_blob(&q, id->bytes, STORY_ID_BYTES);
    bind_u64(&q, number);
    rc code = query_row(&q);
    if (code == RC_NOT_FOUND) return rc_fail(code, "store: the story has no revision %u", number);
    if (code != RC_OK) return code;
    struct revision_row row = {.story = *id, .number = number, .entry_index = column_u64(&q, 0)};
    row.text_lost = column_is_null(&q, 1);
    row.canonical = column_span(&q, a, 1);
    row.salts = column_span(&q, a, 2);
    TRY(query_sound(&q, a));
    if (!row.text_lost)
        TRY(verify(row.entry_index, column_span(&q, NULL, 3), true, row.canonical, row.salts));
    *out_row = row;
    return RC_OK;
}

rc store_entry(struct store *s, struct arena *a, uint64_t index, struct entry_row *out_row) {
    if (index > INT64_MAX) return rc_fail(RC_NOT_FOUND, "store: there is no such entry");
    QUERY(q, s, ENTRY);
    bind_u64(&q, index);
    rc code = query_row(&q);
    if (code == RC_NOT_FOUND)
        return rc_fail(code, "store: there is no entry %llu", (unsigned long long)index);
    if (code != RC_OK) return code;
    struct entry_row row = {.index = index, .entry = column_span(&q, a, 0)};
    row.has_story = !column_is_null(&q, 1);
    if (row.has_story) column_bytes(&q, 1, row.story.bytes, STORY_ID_BYTES);
    row.has_revision = !column_is_null(&q, 2);
    if (row.has_revision) row.number = column_u32(&q, 2);
    row.canonical = column_span(&q, a, 3);
    row.parts_json = column_span(&q, a, 5);
    row.salts = column_span(&q, a, row.has_revision ? 4 : 6);
    row.text_lost = row.has_revision ? !row.canonical.n : !row.parts_json.n;
    TRY(query_sound(&q, a));
    if (!row.text_lost)
        TRY(verify(index, row.entry, row.has_revision,
                   row.has_revision ? row.canonical : row.parts_json, row.salts));
    *out_row = row;
    return RC_OK;
}

rc store_entries(struct store *s, struct arena *a, uint64_t from, size_t count,
                 struct span **out_entries, size_t *out_count) {
    struct span *entries = NULL;
    size_t n = 0, cap = 0;
    if (from > INT64_MAX) count = 0;
    QUERY(q, s, ENTRIES);
    bind_u64(&q, count ? from : 0);
    bind_u64(&q, count > INT32_MAX ? INT32_MAX : count);
    rc code;
    while ((code = query_row(&q)) == RC_OK) {
        if (column_u64(&q, 1) != from + n)
            return rc_fail(RC_CORRUPT, "store: entry %llu is missing",
                           (unsigned long long)(from + n));
        entries = grow(a, entries, n, &cap, sizeof *entries);
        if (entries) entries[n++] = column_span(&q, a, 0);
        TRY(query_sound(&q, a));
    }
    if (code != RC_NOT_FOUND) return code;
    *out_entries = entries;
    *out_count = n;
    return RC_OK;
}

/* ---- outbox ---- */

/* No table: see schema.c. A row's sequence is its entry's index + 1. */
rc store_outbox(struct store *s, struct arena *a, uint64_t cursor, size_t count,
                struct outbox_row **out_rows, size_t *out_count) {
    struct outbox_row *rows = NULL;
    size_t n = 0, cap = 0;
    if (cursor > INT64_MAX) count = 0;
    QUERY(q, s, OUTBOX);
    bind_u64(&q, count ? cursor : 0);
    bind_u64(&q, count > INT32_MAX ? INT32_MAX : count);
    rc code;
    while ((code = query_row(&q)) == RC_OK) {
        rows = grow(a, rows, n, &cap, sizeof *rows);
        if (rows) {
            struct outbox_row *row = &rows[n++];
            *row = (struct outbox_row){.entry_index = column_u64(&q, 0)};
            row->sequence = row->entry_index + 1;
            column_bytes(&q, 1, row->story.bytes, STORY_ID_BYTES);
        }
        TRY(query_sound(&q, a));
    }
    if (code != RC_NOT_FOUND) return code;
    *out_rows = rows;
    *out_count = n;
    return RC_OK;
}

rc store_outbox_last(struct store *s, uint64_t *out_sequence) {
    QUERY(q, s, OUTBOX_LAST);
    rc code = query_row(&q);
    if (code != RC_OK && code != RC_NOT_FOUND) return code;
    uint64_t sequence = code == RC_OK ? column_u64(&q, 0) + 1 : 0;
    TRY(query_sound(&q, NULL));
    *out_sequence = sequence;
    return RC_OK;
}

rc store_story_paths(struct store *s, struct arena *a, const struct story_id *id,
                     struct span **out_paths, size_t *out_count) {
    struct span *paths = NULL;
    size_t n = 0, cap = 0;
    QUERY(q, s, STORY_PATHS);
    bind_blob(&q, id->bytes, STORY_ID_BYTES);
    rc code;
    while ((code = query_row(&q)) == RC_OK) {
        paths = grow(a, paths, n, &cap, sizeof *paths);
        if (paths) paths[n++] = column_span(&q, a, 0);
        TRY(query_sound(&q, a));
    }
    if (code != RC_NOT_FOUND) return code;
    *out_paths = paths;
    *out_count = n;
    return RC_OK;
}
