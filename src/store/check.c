/*
 * check: `dateline fsck`. SQLite's own check, then every promise that schema.c and stories.c make,
 * looked at from the truth: entries and canonical bytes. Memory: 24 bytes a story, and one
 * revision at a time.
 */
#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"
#include "record/record.h"
#include "store/db.h"
#include "story/canon.h"

#define ITEM_ARENA_BYTES (64u << 20)

/* What the log says of a story, gathered while walking it. */
struct seen {
    uint64_t last_entry; /* ENTRY_NONE: nothing yet */
    uint32_t number;
    bool text_lost;
    enum story_state state;
};

struct check {
    struct store *s;
    void (*report)(void *ctx, struct span fault);
    void *ctx;
    uint64_t faults;
    struct arena *item; /* emptied for each entry or story */
    struct seen *seen;  /* by row of the story, which count from 1 without gaps */
    uint64_t story_count;
};

static void fault(struct check *c, const char *fmt, ...) PRINTF(2, 3);
static void fault(struct check *c, const char *fmt, ...) {
    char text[RC_WHY_MAX];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    size_t length = n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    c->report(c->ctx, span_of(text, length));
    c->faults++;
}

/* ---- SQLite's own ---- */

static rc check_sqlite(struct check *c) {
    rc code;
    QUERY(own, c->s, CHECK_SQLITE);
    while ((code = query_row(&own)) == RC_OK) {
        struct span text = column_span(&own, NULL, 0);
        if (!span_eq(text, SPAN("ok"))) fault(c, "SQLite: " SPAN_FMT, SPAN_ARG(text));
    }
    if (code != RC_NOT_FOUND) return code;
    QUERY(references, c->s, CHECK_REFERENCES);
    while ((code = query_row(&references)) == RC_OK) {
        struct span table = column_span(&references, NULL, 0);
        fault(c, "a row of " SPAN_FMT " refers to nothing", SPAN_ARG(table));
    }
    return code == RC_NOT_FOUND ? RC_OK : code;
}

/* ---- the log ---- */

static void check_note(struct check *c, uint64_t index, const struct revision *r) {
    const struct correction *told = told_by(r);
    bool is;
    if (!told) return;
    if (note_is(c->s, index, told, &is) != RC_OK || !is)
        fault(c, "entry %llu: what it told its readers is not among the notes as it says",
              (unsigned long long)index);
}

/* Does the text that is stored for an entry open its root, and is it what it says it is? */
static void check_text(struct check *c, const struct entry_row *row, const struct entry *entry) {
    unsigned long long index = row->index;
    if (!row->has_revision) return; /* store_entry() has opened the root */
    struct revision r;
    if (canon_read(c->item, row->canonical, &r) != RC_OK)
        fault(c, "entry %llu: the revision cannot be read: %s", index, rc_why());
    else if (memcmp(r.story.bytes, entry->story.bytes, STORY_ID_BYTES) != 0 ||
             r.number != entry->revision || r.number != row->number)
        fault(c, "entry %llu: the revision is of another story or number", index);
    else if (story_is_standing(&r) != (entry->type == ENTRY_STANDARDS))
        fault(c,
              "entry %llu: a standing page's text is not of an entry of type standards, or the "
              "other way round",
              index);
    else
        check_note(c, index, &r);
}

static void check_follows(struct check *c, uint64_t index, const struct entry *entry,
                          bool has_revision, struct seen *seen) {
    if (entry->previous != seen->last_entry)
        fault(c, "entry %llu: \"previous\" is not the story's entry before it",
              (unsigned long long)index);
    bool text = entry_type_has_text(entry->type);
    if (text != has_revision)
        fault(c, "entry %llu: there should%s be a revision", (unsigned long long)index,
              text ? "" : " not");
    if (text && entry->revision != seen->number + 1)
        fault(c, "entry %llu: revision %u comes after %u", (unsigned long long)index,
              entry->revision, seen->number);
    if (text) seen->number = entry->revision;
}

static rc check_entry(struct check *c, uint64_t index, struct span bytes, uint64_t story) {
    struct entry entry;
    struct entry_row row;
    rc code = entry_read(bytes, &entry);
    if (code != RC_OK) {
        fault(c, "entry %llu: %s", (unsigned long long)index, rc_why());
        return RC_OK;
    }
    code = store_entry(c->s, c->item, index, &row);
    if (code == RC_FATAL) return code;
    if (code != RC_OK)
        fault(c, "entry %llu: %s", (unsigned long long)index, rc_why());
    else if (!row.text_lost)
        check_text(c, &row, &entry);
    bool same = code != RC_OK || row.has_story == entry.has_story;
    if (code == RC_OK && row.has_story &&
        memcmp(row.story.bytes, entry.story.bytes, STORY_ID_BYTES) != 0)
        same = false;
    if (!same || entry.has_story != (story != 0))
        fault(c, "entry %llu stands with another story than it names", (unsigned long long)index);
    if (!story) return RC_OK;
    if (story > c->story_count) {
        fault(c, "entry %llu is of a story that is not there", (unsigned long long)index);
        return RC_OK;
    }
    struct seen *seen = &c->seen[story - 1];
    if (code != RC_OK)
        seen->number = entry.revision; /* was told; do not tell what follows from it */
    else {
        check_follows(c, index, &entry, row.has_revision, seen);
        if (row.has_revision) seen->text_lost = row.text_lost;
    }
    seen->state = state_after(entry.type, seen->last_entry != ENTRY_NONE, seen->state);
    seen->last_entry = index;
    return RC_OK;
}

static rc check_log(struct check *c) {
    uint64_t next = 0;
    rc code;
    QUERY(q, c->s, ENTRIES);
    bind_u64(&q, 0);
    bind_i64(&q, -1); /* no limit */
    while ((code = query_row(&q)) == RC_OK) {
        uint64_t index = column_u64(&q, 1);
        if (index != next)
            fault(c, "entries %llu to %llu are missing", (unsigned long long)next,
                  (unsigned long long)index - 1);
        next = index + 1;
        arena_reset(c->item);
        uint64_t story = column_is_null(&q, 2) ? 0 : column_u64(&q, 2);
        TRY(check_entry(c, index, column_span(&q, NULL, 0), story));
    }
    return code == RC_NOT_FOUND ? RC_OK : code;
}

/* ---- stories: what is derived ---- */

static bool card_is(const struct card *card, const struct revision *r, struct span picture) {
    return span_eq(card->path, r->path) && span_eq(card->code, r->code) &&
           span_eq(card->headline, r->headline) && span_eq(card->standfirst, r->standfirst) &&
           span_eq(card->section, r->section) && span_eq(card->kind, work_word(r->work)) &&
           span_eq(card->language, r->language) && card->published == r->published &&
           card->updated == r->updated && span_eq(card->picture, picture) &&
           card->retracted == story_is_retracted(r) &&
           span_eq(card->author, r->byline_count ? r->bylines[0].name : SPAN(""));
}

static rc translation_is(struct check *c, uint64_t rowid, const struct story_id *original,
                         bool *out_is) {
    struct story_id kept = {{0}};
    QUERY(q, c->s, TRANSLATION_OF);
    bind_u64(&q, rowid);
    TRY(query_row(&q));
    const bool given = !column_is_null(&q, 0);
    if (given) column_bytes(&q, 0, kept.bytes, STORY_ID_BYTES);
    TRY(query_sound(&q, NULL));
    *out_is = given == story_id_given(original) && memcmp(&kept, original, sizeof kept) == 0;
    return RC_OK;
}

static rc check_card(struct check *c, uint64_t rowid, const struct story_row *row,
                     const char *hex) {
    struct revision_row text;
    struct revision r;
    bool is_kept;
    rc code = store_revision(c->s, c->item, &row->id, row->number, &text);
    if (code == RC_FATAL) return code;
    if (code != RC_OK || text.text_lost || canon_read(c->item, text.canonical, &r) != RC_OK)
        return RC_OK; /* told with its entry */
    struct card card;
    QUERY(q, c->s, STORY_CARD);
    bind_u64(&q, rowid);
    TRY(query_row(&q));
    card = card_of(&q, c->item);
    TRY(query_sound(&q, c->item));
    TRY(translation_is(c, rowid, &r.translation_of, &is_kept));
    if (!is_kept)
        fault(c, "story %s: what it translates is not what its newest revision says", hex);
    if (row->standing != r.standing.order)
        fault(c, "story %s: its place at the foot is not what its newest revision says", hex);
    /* A row from before credits were kept gets its own with the story's next revision. */
    if (!card_is(&card, &r, picture_json(c->item, &r, true)) &&
        !card_is(&card, &r, picture_json(c->item, &r, false)))
        fault(c, "story %s: what lists show is not what its newest revision says", hex);
    return RC_OK;
}

static rc check_story(struct check *c, uint64_t rowid, const struct story_row *row) {
    char hex[2 * STORY_ID_BYTES + 1];
    story_id_hex(&row->id, hex);
    if (rowid > c->story_count) {
        fault(c, "story %s: the stories are not numbered without gaps", hex);
        return RC_OK;
    }
    const struct seen *seen = &c->seen[rowid - 1];
    if (row->last_entry != seen->last_entry || row->number != seen->number)
        fault(c, "story %s: its newest entry or revision is not the one in the log", hex);
    if (row->state != seen->state) fault(c, "story %s: its state is not what the log says", hex);
    if (seen->state == STORY_DESTROYED) return RC_OK;
    if (row->text_lost != seen->text_lost)
        fault(c, "story %s: \"text lost\" is not what is stored", hex);
    return seen->text_lost ? RC_OK : check_card(c, rowid, row, hex);
}

static rc check_stories(struct check *c) {
    uint64_t after = 0;
    for (;;) {
        struct story_row row;
        arena_reset(c->item);
        rc code = store_story_next(c->s, c->item, after, &after, &row);
        if (code == RC_NOT_FOUND) break;
        if (code != RC_OK) return code;
        TRY(check_story(c, after, &row));
    }
    rc code;
    QUERY(q, c->s, CHECK_PATHS);
    while ((code = query_row(&q)) == RC_OK) {
        struct span path = column_span(&q, NULL, 0);
        fault(c, "the path " SPAN_FMT " is not kept as its story's", SPAN_ARG(path));
    }
    return code == RC_NOT_FOUND ? RC_OK : code;
}

/* ---- lists ---- */

static rc check_lists(struct check *c) {
    rc code;
    QUERY(lists, c->s, CHECK_LISTS);
    while ((code = query_row(&lists)) == RC_OK) {
        struct span key = column_span(&lists, NULL, 0);
        uint64_t places = column_u64(&lists, 1), rows = column_u64(&lists, 3);
        if (places != rows || places != column_u64(&lists, 4))
            fault(c, "list " SPAN_FMT ": its places are not numbered without gaps", SPAN_ARG(key));
        if (column_u64(&lists, 2) != column_u64(&lists, 5))
            fault(c, "list " SPAN_FMT ": the count of shown stories is wrong", SPAN_ARG(key));
    }
    if (code != RC_NOT_FOUND) return code;
    QUERY(places, c->s, CHECK_PLACES);
    while ((code = query_row(&places)) == RC_OK) {
        struct span key = column_span(&places, NULL, 0);
        fault(c, "list " SPAN_FMT ", place %llu: shown or not against its story's state",
              SPAN_ARG(key), (unsigned long long)column_u64(&places, 1));
    }
    return code == RC_NOT_FOUND ? RC_OK : code;
}

static rc count_stories(struct store *s, uint64_t *out_count) {
    QUERY(q, s, CHECK_SIZE);
    TRY(query_row(&q));
    *out_count = column_u64(&q, 0);
    return RC_OK;
}

static rc check_all(struct check *c) {
    TRY(check_sqlite(c));
    TRY(count_stories(c->s, &c->story_count));
    c->seen = mem_new((c->story_count + 1) * sizeof *c->seen);
    for (uint64_t i = 0; i < c->story_count; i++) c->seen[i].last_entry = ENTRY_NONE;
    TRY(check_log(c));
    TRY(check_stories(c));
    return check_lists(c);
}

rc store_check(struct store *s, void (*report)(void *ctx, struct span fault), void *ctx) {
    struct check c = {.s = s, .report = report, .ctx = ctx};
    c.item = arena_new(ITEM_ARENA_BYTES);
    rc code = check_all(&c);
    arena_free(c.item);
    mem_free(c.seen);
    if (code == RC_CORRUPT) {
        fault(&c, "the check could not go on: %s", rc_why());
        return code;
    }
    if (code == RC_OK && c.faults)
        return rc_fail(RC_CORRUPT, "store: %llu faults were found", (unsigned long long)c.faults);
    return code;
}
