/*
 * The check (docs/record-format.md §5), in the order in which its steps depend on each other:
 *
 *   1. key and checkpoint: what was signed, by whom, how large it is;
 *   2. the tree: every bundle once, 256 entries at a time. Their hashes fill one tile a level; a
 *      full one is compared with what the source has and leaves one hash in the level above. What
 *      remains at the end are the partial tiles and, over them, the root;
 *   3. on the way, each entry's form and its place in its story;
 *   4. the openings: the bundles again (known by their hash), now that it is known which stories
 *      were withdrawn later. If one is withheld for no reason, what the log has gained since is
 *      read too, before it is called a fault: a site goes on while it is checked.
 *
 * Memory: 64 KB of hashes, 32 bytes a bundle, 40 bytes a slot in the table of stories (which is up
 * to three times as large as what it holds), one bundle, one opening with its revision.
 *
 * A wrong tile is one fault, that tile. A wrong entry is a fault of every tile above it, and of the
 * root. Where a bundle could not be read, its hashes are taken from the tile of level 0, and what
 * its entries would have said about their stories is not held against the entries behind them.
 */
#include "verify/verify.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"
#include "verify/internal.h"

#define LEVELS 8 /* 256^8 entries are more than a checkpoint can say */

struct level {
    struct sha256 hash[VERIFY_TILE_WIDTH]; /* of the tile that is being filled */
    unsigned n;
    bool unknown;   /* one of them could not be had */
    uint64_t tiles; /* full ones, done */
};

/* An opening that is withheld, with no reason among the entries. */
struct unexplained {
    uint64_t index;
    uint8_t story[16];
};

struct check {
    const struct verify_source *source;
    const struct verify_options *options;
    struct verify_result result;
    struct buf key_text;
    struct verify_key key; /* inside key_text, or what was given */
    bool key_known;
    uint64_t size;      /* of the checkpoint read last */
    struct sha256 root; /* of the same */
    struct level level[LEVELS];
    struct verify_stories stories;
    struct sha256 *bundles; /* hash of each as it was read first; all zero: it was not */
    uint64_t bundles_cap, missing;
    uint64_t blind_to; /* entries below this one may not all have been read */
    struct unexplained *unexplained;
    size_t unexplained_count;
    struct buf body, second;
};

/* --- faults and fetching --- */

static void fault(struct check *c, const char *fmt, ...) PRINTF(2, 3);
static void fault(struct check *c, const char *fmt, ...) {
    if (++c->result.faults > VERIFY_FAULTS_TOLD_MAX || !c->options->fault) return;
    char text[2048];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (n < 0) n = 0;
    c->options->fault(c->options->arg,
                      span_of(text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1));
}

static void progress(struct check *c, uint64_t done) {
    if (!c->options->progress) return;
    uint64_t passes = c->options->tree_only ? 1 : 2;
    c->options->progress(c->options->arg, done, c->result.size * passes);
}

/* A path, with room for the longest. */
struct path {
    char memory[160];
    struct buf text;
};
static struct span path_start(struct path *path, const char *fixed) {
    buf_init_fixed(&path->text, path->memory, sizeof path->memory);
    buf_str(&path->text, fixed);
    return buf_span(&path->text);
}

static rc fetch(struct check *c, struct span path, struct buf *out, unsigned *out_status) {
    buf_clear(out);
    return c->source->fetch(c->source->arg, path, out, out_status);
}

/* What must be there: anything but a 200 that fits is a fault of the path. */
static rc fetch_must(struct check *c, struct span path, struct buf *out, bool *out_there) {
    unsigned status = 0;
    TRY(fetch(c, path, out, &status));
    *out_there = status == 200 && !out->over;
    if (status != 200)
        fault(c, SPAN_FMT ": answers %u, and must be there", SPAN_ARG(path), status);
    else if (out->over)
        fault(c, SPAN_FMT ": has more than %zu bytes", SPAN_ARG(path), out->bytes_max);
    return RC_OK;
}

/* --- 1. key and checkpoint --- */

static rc key_read(struct check *c) {
    struct span given = span_trim(c->options->vkey);
    if (given.n) {
        rc code = verify_key_parse(given, &c->key);
        if (code != RC_OK) return rc_in(RC_USAGE, "the key that was given: ");
        c->key_known = true;
    }
    bool there;
    TRY(fetch_must(c, SPAN("/record/key"), &c->key_text, &there));
    if (!there) return RC_OK;
    struct span line = buf_span(&c->key_text);
    if (!line.n || line.p[line.n - 1] != '\n') {
        fault(c, "/record/key: does not end with a line feed");
        return RC_OK;
    }
    line.n--;
    if (given.n) {
        if (!span_eq(line, given)) fault(c, "/record/key: is not the key that was given");
    } else if (verify_key_parse(line, &c->key) != RC_OK) {
        fault(c, "/record/key: %s", rc_why());
    } else {
        c->key_known = true;
    }
    return RC_OK;
}

/* Without a usable key (a fault already) the rest can still be looked at. */
static rc head_read(struct check *c, bool *out_readable) {
    struct verify_checkpoint head;
    *out_readable = false;
    bool there;
    TRY(fetch_must(c, SPAN("/record/checkpoint"), &c->body, &there));
    if (!there) return RC_OK;
    if (verify_checkpoint_parse(buf_span(&c->body), &head) != RC_OK) {
        fault(c, "/record/checkpoint: %s", rc_why());
        return RC_OK;
    }
    if (c->key_known && verify_checkpoint_signed(&head, &c->key) != RC_OK)
        fault(c, "/record/checkpoint: %s", rc_why());
    memcpy(c->result.origin, head.origin.p, head.origin.n);
    c->result.origin[head.origin.n] = '\0';
    c->size = head.size;
    c->root = head.root;
    *out_readable = true;
    return RC_OK;
}

/* --- 2. the tree --- */

/* Tile or bundle n of a level, `width` wide; a partial one may have been replaced by the full one.
 * *out_of is the width of what was found, 0 if nothing was: then *out_status is that of the path
 * asked for first. */
static rc wide_fetch(struct check *c, const char *level, uint64_t n, unsigned width,
                     struct buf *out, struct path *path, unsigned *out_of, unsigned *out_status) {
    unsigned status;
    path_start(path, "");
    verify_tile_path(&path->text, level, n, width);
    TRY(fetch(c, buf_span(&path->text), out, out_status));
    *out_of = *out_status == 200 ? width : 0;
    if (*out_of || width == VERIFY_TILE_WIDTH) return RC_OK;
    struct path full;
    path_start(&full, "");
    verify_tile_path(&full.text, level, n, VERIFY_TILE_WIDTH);
    TRY(fetch(c, buf_span(&full.text), out, &status));
    if (status != 200) return RC_OK;
    *out_of = VERIFY_TILE_WIDTH;
    path_start(path, "");
    verify_tile_path(&path->text, level, n, VERIFY_TILE_WIDTH);
    return RC_OK;
}

static rc tile_compare(struct check *c, unsigned at, unsigned width) {
    struct level *level = &c->level[at];
    char name[4] = {(char)('0' + at), '\0'};
    struct path path;
    unsigned of, status;
    TRY(wide_fetch(c, name, level->tiles, width, &c->second, &path, &of, &status));
    struct span tile = buf_span(&c->second), where = buf_span(&path.text);
    if (!of) {
        fault(c, SPAN_FMT ": answers %u, and must be there", SPAN_ARG(where), status);
        return RC_OK;
    }
    if (c->second.over || tile.n != (size_t)of * SHA256_BYTES) {
        fault(c, SPAN_FMT ": is %s%zu bytes long, not %u hashes", SPAN_ARG(where),
              c->second.over ? "more than " : "", tile.n, of);
        return RC_OK;
    }
    unsigned differ = 0, first = 0;
    for (unsigned i = 0; i < width && !level->unknown; i++)
        if (memcmp(tile.p + (size_t)i * SHA256_BYTES, level->hash[i].bytes, SHA256_BYTES) != 0 &&
            differ++ == 0)
            first = i;
    if (differ)
        fault(c, SPAN_FMT ": hash %u is not that of the entries (%u differ)", SPAN_ARG(where),
              first, differ);
    return RC_OK;
}

/* NULL: the hash is not known. */
static rc level_add(struct check *c, unsigned at, const struct sha256 *hash) {
    CHECK(at < LEVELS);
    struct level *level = &c->level[at];
    if (hash)
        level->hash[level->n] = *hash;
    else
        level->unknown = true;
    if (++level->n < VERIFY_TILE_WIDTH) return RC_OK;
    TRY(tile_compare(c, at, VERIFY_TILE_WIDTH));
    bool unknown = level->unknown;
    struct sha256 up = verify_mth(level->hash, VERIFY_TILE_WIDTH);
    level->n = 0;
    level->unknown = false;
    level->tiles++;
    return level_add(c, at + 1, unknown ? NULL : &up);
}

/* The partial tiles; then, from the lowest level up, each one's hashes with what is below it as the
 * last. */
static rc tree_end(struct check *c) {
    struct sha256 root = sha256_of(SPAN("")), list[VERIFY_TILE_WIDTH];
    bool any = false, unknown = false;
    for (unsigned at = 0; at < LEVELS; at++) {
        struct level *level = &c->level[at];
        if (!level->n) continue;
        TRY(tile_compare(c, at, level->n));
        unknown = unknown || level->unknown;
        size_t n = level->n;
        memcpy(list, level->hash, n * sizeof *list);
        if (any) list[n++] = root;
        root = verify_mth(list, n);
        any = true;
    }
    if (unknown)
        fault(c, "/record/checkpoint: the root cannot be computed: entries are missing");
    else if (!sha256_eq(&root, &c->root))
        fault(c, "/record/checkpoint: the root is not that of the entries");
    return RC_OK;
}

struct bundle {
    bool read;
    unsigned count;
    struct span entries[VERIFY_TILE_WIDTH]; /* inside check.body */
    struct sha256 hash;                     /* of the entries read */
};

static unsigned bundle_width(const struct check *c, uint64_t n) {
    uint64_t left = c->size - n * VERIFY_TILE_WIDTH;
    return left < VERIFY_TILE_WIDTH ? (unsigned)left : VERIFY_TILE_WIDTH;
}

static rc bundle_read(struct check *c, uint64_t n, struct bundle *bundle) {
    struct path path;
    unsigned of, status;
    bundle->read = false;
    bundle->count = bundle_width(c, n);
    TRY(wide_fetch(c, "entries", n, bundle->count, &c->body, &path, &of, &status));
    struct span where = buf_span(&path.text);
    if (!of)
        fault(c, SPAN_FMT ": answers %u, and must be there", SPAN_ARG(where), status);
    else if (c->body.over)
        fault(c, SPAN_FMT ": has more than %zu bytes", SPAN_ARG(where), c->body.bytes_max);
    else if (verify_bundle_cut(buf_span(&c->body), bundle->count, of, bundle->entries) != RC_OK)
        fault(c, SPAN_FMT ": %s", SPAN_ARG(where), rc_why());
    else
        bundle->read = true;
    if (bundle->read) {
        struct span last = bundle->entries[bundle->count - 1];
        bundle->hash = sha256_of(span_of(c->body.p, (size_t)(last.p + last.n - c->body.p)));
    }
    return RC_OK;
}

/* The bundle could not be read: the tree above it may still be checked, with the hashes of its
 * tile. */
static rc hashes_from_tile(struct check *c, uint64_t n, unsigned from, unsigned count) {
    struct path path;
    struct sha256 hashes[VERIFY_TILE_WIDTH];
    unsigned of, status;
    TRY(wide_fetch(c, "0", n, count, &c->second, &path, &of, &status));
    bool there = of && !c->second.over && c->second.n == (size_t)of * SHA256_BYTES;
    if (there) memcpy(hashes, c->second.p, (size_t)count * SHA256_BYTES);
    for (unsigned i = from; i < count; i++) TRY(level_add(c, 0, there ? &hashes[i] : NULL));
    if (!there && ++c->missing > VERIFY_MISSING_MAX)
        return rc_fail(RC_NOT_FOUND,
                       "more than %u bundles of entries are missing, with their tiles",
                       VERIFY_MISSING_MAX);
    return RC_OK;
}

/* --- 3. stories --- */

static bool type_needs_story(enum verify_type type) {
    /* revision correction withdrawal restore erase */
    return type <= VERIFY_erase || type == VERIFY_standards;
}

static void number_check(struct check *c, uint64_t index, const struct verify_entry *e,
                         uint64_t newest) {
    if (verify_entry_has_text(e)) {
        if (e->number != newest + 1)
            fault(c, "entry %" PRIu64 ": its revision is %" PRIu64 ", the story's next is %" PRIu64,
                  index, e->number, newest + 1);
    } else if (e->number > newest) {
        fault(c,
              "entry %" PRIu64 ": it is about revision %" PRIu64 ", the story's newest is %" PRIu64,
              index, e->number, newest);
    }
}

/* A story does not become a standing page, nor a page a story. */
static void kind_check(struct check *c, uint64_t index, const struct verify_entry *e,
                       struct verify_story *story) {
    const bool standing = e->type == VERIFY_standards;
    if (!verify_entry_has_text(e)) return;
    if (story->has_text && story->standing != standing)
        fault(c, "entry %" PRIu64 ": a %s, but its story is %s", index, verify_type_name[e->type],
              standing ? "no standing page" : "a standing page");
    story->has_text = true;
    story->standing = standing;
}

static void entry_follow(struct check *c, uint64_t index, const struct verify_entry *e) {
    if (!e->has_story) {
        if (type_needs_story(e->type))
            fault(c, "entry %" PRIu64 ": a %s of no story", index, verify_type_name[e->type]);
        if (e->number) fault(c, "entry %" PRIu64 ": a revision of no story", index);
        if (e->previous != VERIFY_NONE)
            fault(c, "entry %" PRIu64 ": it has a previous entry, and no story", index);
        return;
    }
    struct verify_story *story = verify_stories_take(&c->stories, e->story);
    uint64_t previous = story->next ? story->next - 1 : VERIFY_NONE;
    /* Entries between the story's newest and this one that could not be read may have been the
     * story's. */
    bool blind = c->blind_to > story->next;
    if (e->previous != previous &&
        (!blind || (e->previous != VERIFY_NONE && e->previous >= index))) {
        if (previous == VERIFY_NONE)
            fault(c, "entry %" PRIu64 ": its previous is not -, and it is its story's first",
                  index);
        else
            fault(c,
                  "entry %" PRIu64 ": its previous is not %" PRIu64
                  ", its story's newest before it",
                  index, previous);
    }
    if (!blind) number_check(c, index, e, story->number);
    kind_check(c, index, e, story);
    if (verify_entry_has_text(e)) story->number = e->number;
    if (e->type == VERIFY_withdrawal || e->type == VERIFY_erase) story->gone = index + 1;
    if (e->type == VERIFY_restore) story->gone = 0;
    story->next = index + 1;
}

static void entries_follow(struct check *c, uint64_t first, const struct bundle *bundle,
                           unsigned from) {
    for (unsigned i = from; i < bundle->count; i++) {
        struct verify_entry e;
        if (verify_entry_parse(bundle->entries[i], &e) == RC_OK) {
            entry_follow(c, first + i, &e);
            continue;
        }
        c->result.not_understood++;
        c->blind_to = first + i + 1;
        if (!c->options->tree_only) fault(c, "entry %" PRIu64 ": %s", first + i, rc_why());
    }
}

static void bundle_remember(struct check *c, uint64_t n, const struct bundle *bundle) {
    if (n >= c->bundles_cap) {
        c->bundles_cap = c->bundles_cap ? c->bundles_cap * 2 : 64;
        c->bundles = mem_resize(c->bundles, c->bundles_cap * sizeof *c->bundles);
    }
    if (bundle->read)
        c->bundles[n] = bundle->hash;
    else
        memset(&c->bundles[n], 0, sizeof c->bundles[n]);
}

/* The entries from index `done` on; those before it were looked at, and are in the levels. */
static rc tree_check(struct check *c, uint64_t done) {
    struct bundle bundle;
    unsigned from = (unsigned)(done % VERIFY_TILE_WIDTH);
    bool again = done != 0;
    for (uint64_t first = done - from; first < c->size; first += VERIFY_TILE_WIDTH, from = 0) {
        uint64_t n = first / VERIFY_TILE_WIDTH;
        TRY(bundle_read(c, n, &bundle));
        if (!c->options->tree_only && !again) bundle_remember(c, n, &bundle);
        if (!bundle.read) {
            c->blind_to = first + bundle.count;
            TRY(hashes_from_tile(c, n, from, bundle.count));
        } else {
            for (unsigned i = from; i < bundle.count; i++) {
                struct sha256 hash = verify_leaf(bundle.entries[i]);
                TRY(level_add(c, 0, &hash));
            }
            entries_follow(c, first, &bundle, from);
        }
        if (!again) progress(c, first + bundle.count);
    }
    return tree_end(c);
}

/* --- 4. openings --- */

static struct span numbered(struct path *path, const char *kind, uint64_t index) {
    path_start(path, "");
    buf_printf(&path->text, "/record/%s/%" PRIu64 ".json", kind, index);
    return buf_span(&path->text);
}

static void withheld_fault(struct check *c, uint64_t index) {
    fault(c,
          "/record/opening/%" PRIu64
          ".json: is withheld, and no withdrawal or erase that stands is behind it",
          index);
}

/* Is a withdrawal or erase of the story behind this entry, with no restore behind that? */
static bool is_gone(const struct check *c, const uint8_t id[16], uint64_t index) {
    const struct verify_story *story = verify_stories_find(&c->stories, id);
    return story && story->gone > index + 1;
}

/* A 410: withheld, or lost. */
static void withheld_check(struct check *c, struct span where, uint64_t index,
                           const struct verify_entry *e) {
    char memory[80];
    struct buf lost;
    json_t *json = NULL;
    struct span body = buf_span(&c->second);
    buf_init_fixed(&lost, memory, sizeof memory);
    buf_printf(&lost, "{\"entry\":%" PRIu64 ",\"lost\":true,\"version\":1}", index);
    if (span_eq(body, buf_span(&lost))) {
        c->result.lost++;
        return;
    }
    json = json_loadb(body.n ? body.p : "", body.n, 0, NULL);
    bool says_lost = json_object_get(json, "lost") != NULL;
    json_decref(json);
    if (says_lost) {
        fault(c, SPAN_FMT ": says lost, but not in the form for this entry", SPAN_ARG(where));
    } else if (e->has_story && is_gone(c, e->story, index)) {
        c->result.withheld++;
    } else if (e->has_story && c->unexplained_count < VERIFY_FAULTS_TOLD_MAX) {
        struct unexplained *u = &c->unexplained[c->unexplained_count++];
        u->index = index;
        memcpy(u->story, e->story, sizeof u->story);
    } else {
        withheld_fault(c, index);
    }
}

/* The text of an entry whose opening is not shown, or not whole, need not be there. */
static rc revision_check(struct check *c, uint64_t index, const struct verify_entry *e,
                         const struct verify_opening *opening) {
    struct path path;
    unsigned status = 0;
    struct span where = numbered(&path, "revision", index);
    TRY(fetch(c, where, &c->second, &status));
    bool must = opening && (opening->seeded || opening->open == opening->count);
    if (status != 200) {
        if (must || (status != 404 && status != 410))
            fault(c, SPAN_FMT ": answers %u, %s", SPAN_ARG(where), status,
                  must ? "and must be there" : "neither 404 nor 410");
    } else if (!opening) {
        fault(c, SPAN_FMT ": is shown, and its opening is not", SPAN_ARG(where));
    } else if (c->second.over) {
        fault(c, SPAN_FMT ": has more than %zu bytes", SPAN_ARG(where), c->second.bytes_max);
    } else if ((opening->seeded
                    ? verify_revision_seeded(buf_span(&c->second), e, opening->seed)
                    : verify_revision_check(buf_span(&c->second), e, opening)) != RC_OK) {
        fault(c, SPAN_FMT ": %s", SPAN_ARG(where), rc_why());
    }
    return RC_OK;
}

static rc opening_check(struct check *c, uint64_t index, const struct verify_entry *e) {
    struct path path;
    struct verify_opening opening;
    unsigned status = 0;
    struct span where = numbered(&path, "opening", index);
    TRY(fetch(c, where, &c->second, &status));
    if (status == 410) {
        withheld_check(c, where, index, e);
        return verify_entry_has_text(e) ? revision_check(c, index, e, NULL) : RC_OK;
    }
    if (status != 200) {
        fault(c, SPAN_FMT ": answers %u, and must be there", SPAN_ARG(where), status);
        return RC_OK;
    }
    if (c->second.over) {
        fault(c, SPAN_FMT ": has more than %zu bytes", SPAN_ARG(where), c->second.bytes_max);
        return RC_OK;
    }
    if (verify_opening_parse(buf_span(&c->second), &opening) != RC_OK) {
        fault(c, SPAN_FMT ": %s", SPAN_ARG(where), rc_why());
        return RC_OK;
    }
    const bool good = verify_opening_check(&opening, index, e) == RC_OK;
    if (!good) fault(c, SPAN_FMT ": %s", SPAN_ARG(where), rc_why());
    const uint64_t faults = c->result.faults;
    rc code = verify_entry_has_text(e) ? revision_check(c, index, e, &opening) : RC_OK;
    if (good && (!opening.seeded || faults == c->result.faults)) c->result.opened++;
    verify_opening_done(&opening);
    return code;
}

static rc openings_check(struct check *c) {
    static const struct sha256 unread;
    struct bundle bundle;
    for (uint64_t n = 0, first = 0; first < c->size; n++, first += VERIFY_TILE_WIDTH) {
        if (sha256_eq(&c->bundles[n], &unread)) continue;
        TRY(bundle_read(c, n, &bundle));
        if (!bundle.read) continue;
        if (!sha256_eq(&c->bundles[n], &bundle.hash)) {
            fault(c, "entry %" PRIu64 ": its bundle is another one when read again", first);
            continue;
        }
        for (unsigned i = 0; i < bundle.count; i++) {
            struct verify_entry e;
            if (verify_entry_parse(bundle.entries[i], &e) == RC_OK)
                TRY(opening_check(c, first + i, &e));
        }
        progress(c, c->result.size + first + bundle.count);
    }
    return RC_OK;
}

/* The site goes on while it is checked: a story may have been withdrawn behind the checkpoint that
 * was read first. What has no reason yet gets one look at what came since; that this is the same
 * log, grown, is checked on the way. */
static rc unexplained_check(struct check *c) {
    uint64_t done = c->size;
    bool readable;
    if (!c->unexplained_count) return RC_OK;
    TRY(head_read(c, &readable));
    if (readable && c->size > done) TRY(tree_check(c, done));
    for (size_t i = 0; i < c->unexplained_count; i++) {
        const struct unexplained *u = &c->unexplained[i];
        if (is_gone(c, u->story, u->index))
            c->result.withheld++;
        else
            withheld_fault(c, u->index);
    }
    return RC_OK;
}

/* --- all of it --- */

static rc check_all(struct check *c) {
    bool readable;
    TRY(key_read(c));
    TRY(head_read(c, &readable));
    if (!readable) return RC_OK;
    c->result.size = c->size;
    TRY(tree_check(c, 0));
    c->result.stories = c->stories.count;
    if (c->options->tree_only) return RC_OK;
    TRY(openings_check(c));
    return unexplained_check(c);
}

rc verify_record(const struct verify_source *source, const struct verify_options *options,
                 struct verify_result *out_result) {
    struct check *c = mem_new(sizeof *c);
    c->source = source;
    c->options = options;
    verify_stories_init(&c->stories);
    /* body: checkpoint, bundles; second: tiles, openings, revisions, while a bundle is in body. */
    buf_init(&c->body, VERIFY_BUNDLE_BYTES_MAX);
    buf_init(&c->second, VERIFY_JSON_BYTES_MAX);
    buf_init(&c->key_text, VERIFY_NOTE_BYTES_MAX);
    c->unexplained = mem_new(VERIFY_FAULTS_TOLD_MAX * sizeof *c->unexplained);
    rc code = check_all(c);
    if (code == RC_OK) *out_result = c->result;
    buf_done(&c->second);
    buf_done(&c->body);
    verify_stories_done(&c->stories);
    buf_done(&c->key_text);
    mem_free(c->unexplained);
    mem_free(c->bundles);
    mem_free(c);
    return code;
}
