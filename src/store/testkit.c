#include "store/testkit.h"

#include <stdio.h>

#include "story/canon.h"
#include "story/sample.h"
#include "sys/random.h"

struct story_id kit_id(unsigned story) {
    struct story_id id = {{0}};
    for (int i = 0; i < 4; i++) id.bytes[i] = (uint8_t)(story >> (24 - 8 * i));
    id.bytes[15] = 0x5a;
    return id;
}

static struct span kit_code(struct arena *a, unsigned story) {
    char code[STORY_CODE_CHARS];
    for (int i = STORY_CODE_CHARS - 1; i >= 0; i--) {
        code[i] = STORY_CODE_ALPHABET[story % (sizeof STORY_CODE_ALPHABET - 1)];
        story /= sizeof STORY_CODE_ALPHABET - 1;
    }
    return arena_copy(a, span_of(code, sizeof code));
}

/* The story now; false if it is not there. */
static bool now(struct store *s, struct arena *a, unsigned story, struct story_row *out_row) {
    struct story_id id = kit_id(story);
    if (store_story_by_id(s, a, &id, out_row) == RC_OK) return true;
    *out_row = (struct story_row){.id = id, .last_entry = ENTRY_NONE};
    return false;
}

static struct span written(struct arena *a, const struct entry *entry) {
    char memory[ENTRY_BYTES_MAX];
    struct buf b;
    buf_init_fixed(&b, memory, sizeof memory);
    entry_write(entry, &b);
    CHECK(!b.over);
    return arena_copy(a, buf_span(&b));
}

static struct span salts_for(struct arena *a, size_t count) {
    char *salts = arena_take(a, count * SALT_BYTES);
    random_bytes(salts, count * SALT_BYTES);
    return span_of(salts, count * SALT_BYTES);
}

static void seal(struct store *s, struct arena *a, struct store_publish *act, enum entry_type type,
                 ms_t at, uint64_t previous, const struct span *parts, size_t count) {
    if (store_log_size(s, &act->entry_index) != RC_OK) act->entry_index = 0; /* publish will say */
    act->row.last_entry = act->entry_index;
    act->salts = salts_for(a, entry_type_has_text(type) ? 1 : count);
    struct entry entry = {.type = type,
                          .has_story = true,
                          .story = act->row.id,
                          .revision = act->row.number,
                          .previous = previous,
                          .time = at,
                          .parts = (uint32_t)count};
    entry.root = parts_root(parts, act->salts, count);
    act->entry = written(a, &entry);
}

static struct revision *sample_of(struct arena *a, unsigned story) {
    struct revision *r = ARENA_NEW(a, struct revision);
    CHECK(r != NULL);
    *r = story % 3 ? sample_small() : sample_full(a);
    return r;
}

/* note: it corrects what was said before; NULL: an update. */
static struct store_publish revision_of(struct store *s, struct arena *a, unsigned story,
                                        const char *headline, ms_t at, const char *note,
                                        struct revision *r) {
    struct store_publish act = {.has_revision = true};
    bool known = now(s, a, story, &act.row);
    uint64_t previous = act.row.last_entry;
    r->story = act.row.id;
    r->number = ++act.row.number;
    r->change = r->number > 1 ? CHANGE_UPDATE : CHANGE_NONE;
    r->correction_count = r->number > 1 ? r->correction_count : 0;
    if (note) {
        r->change = CHANGE_CORRECTION;
        r->corrections = ARENA_NEW(a, struct correction);
        CHECK(r->corrections != NULL);
        r->corrections[0] =
            (struct correction){at, CHANGE_CORRECTION, arena_copy(a, span_str(note))};
        r->correction_count = 1;
    }
    r->code = kit_code(a, story);
    r->path = arena_printf(a, "/2026/11/24/story-%u", story);
    r->headline = arena_copy(a, span_str(headline));
    r->published = known && act.row.path.n ? act.row.published : at;
    r->updated = at;
    act.row.path = r->path;
    act.row.code = r->code;
    act.row.published = r->published;
    act.row.updated = r->updated;
    if (!known) {
        act.row.state = STORY_PUBLISHED;
        act.row.uri = arena_printf(a, "urn:kit:%u", story);
    }
    act.row.has_version = true;
    act.row.version = r->number;
    act.derive = r;
    struct buf b;
    struct span *parts;
    size_t count;
    buf_init(&b, 1 << 20);
    CHECK(canon_write(r, &b) == RC_OK);
    act.canonical = arena_copy(a, buf_span(&b));
    buf_done(&b);
    act.row.content = sha256_of(act.canonical);
    CHECK(canon_parts(a, act.canonical, &parts, &count) == RC_OK);
    const enum entry_type type = story_is_standing(r) ? ENTRY_STANDARDS
                                 : note               ? ENTRY_CORRECTION
                                                      : ENTRY_REVISION;
    seal(s, a, &act, type, at, previous, parts, count);
    return act;
}

struct store_publish kit_revision(struct store *s, struct arena *a, unsigned story,
                                  const char *headline, ms_t at, const struct list_ref *lists,
                                  size_t list_count) {
    struct store_publish act = revision_of(s, a, story, headline, at, NULL, sample_of(a, story));
    act.lists = lists;
    act.list_count = list_count;
    return act;
}

struct store_publish kit_translation(struct store *s, struct arena *a, unsigned story,
                                     const char *headline, ms_t at,
                                     const struct story_id *original) {
    struct revision *r = sample_of(a, story);
    r->translation_of = original ? *original : (struct story_id){{0}};
    return revision_of(s, a, story, headline, at, NULL, r);
}

struct store_publish kit_correction(struct store *s, struct arena *a, unsigned story, ms_t at,
                                    const char *note, struct span key) {
    struct store_publish act = revision_of(s, a, story, "Corrected", at, note, sample_of(a, story));
    act.notes = key;
    return act;
}

struct store_publish kit_page(struct store *s, struct arena *a, unsigned story,
                              const char *headline, ms_t at, unsigned order) {
    struct revision *r = ARENA_NEW(a, struct revision);
    CHECK(r != NULL);
    *r = sample_standing(a, SPAN("We print."));
    r->standing.order = order;
    return revision_of(s, a, story, headline, at, NULL, r);
}

static enum story_state state_of(enum entry_type type) {
    if (type == ENTRY_ERASE) return STORY_DESTROYED;
    return type == ENTRY_WITHDRAWAL ? STORY_WITHDRAWN : STORY_PUBLISHED;
}

struct store_publish kit_act(struct store *s, struct arena *a, unsigned story, enum entry_type type,
                             ms_t at, const struct list_ref *lists, size_t list_count) {
    struct store_publish act = {.lists = lists, .list_count = list_count};
    now(s, a, story, &act.row);
    act.row.state = state_of(type);
    act.row.reason = type == ENTRY_WITHDRAWAL ? SPAN("a \"wrong\" name") : (struct span){0};
    struct span parts[] = {SPAN("[[\"reason\"],\"a \\\"wrong\\\" name\"]"),
                           SPAN("[[\"status\"],410]")};
    act.parts_json = SPAN(
        "[\"[[\\\"reason\\\"],\\\"a \\\\\\\"wrong\\\\\\\" name\\\"]\",\"[[\\\"status\\\"],410]\"]");
    seal(s, a, &act, type, at, act.row.last_entry, parts, COUNT_OF(parts));
    return act;
}

struct span kit_lost_entry(struct store *s, struct arena *a, unsigned story, enum entry_type type,
                           ms_t at) {
    struct story_row row;
    now(s, a, story, &row);
    bool text = entry_type_has_text(type);
    struct entry entry = {.type = type,
                          .has_story = true,
                          .story = row.id,
                          .revision = row.number + (text ? 1 : 0),
                          .previous = row.last_entry,
                          .time = at,
                          .parts = 7};
    return written(a, &entry);
}
