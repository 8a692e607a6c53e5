/* Which answers a story, an entry and the record have: read, made (make.c), put. */
#include "flow/inner.h"

#include <stdio.h>

#include "codec/json.h"
#include "http/date.h"
#include "story/canon.h"
#include "story/limits.h"
#include "sys/clock.h"

#define META_CURSOR "cursor"
#define META_LISTS_CURSOR "lists-cursor"
#define META_RECORD_SIZE "record-size"
#define META_LEASES "leases"
#define META_AGED "aged-"      /* and the edition's number */
#define TRIED_BYTES_MIN 131072 /* nothing shorter becomes a hundred times as long on a page */
#define CACHE_BYTES 128
#define BEGIN_TRIES 1000 /* of 5 ms: a web process that still reads from before core's restart */

/* ---- where a shelf stands ----------------------------------------------------------------------- */

static rc get_number(struct shelf *shelf, const char *name, uint64_t *out_number) {
    struct span value;
    rc code = pages_meta_get(shelf->pages, name, &value);
    *out_number = 0;
    if (code == RC_NOT_FOUND) return RC_OK;
    TRY(code);
    if (!span_to_u64(value, UINT64_MAX, out_number))
        return rc_fail(RC_CORRUPT, "the page store's %s is not a number", name);
    return RC_OK;
}

static rc put_number(struct shelf *shelf, const char *name, uint64_t number) {
    char text[20];
    struct buf b;
    buf_init_fixed(&b, text, sizeof text);
    buf_u64(&b, number);
    return pages_meta_put(shelf->pages, name, buf_span(&b));
}

static rc get_tile(void *arg, const struct tile *tile, struct span path, struct span *out_bytes) {
    struct shelf *shelf = arg;
    struct pages_answer answer;
    char key[TILE_PATH_BYTES_MAX + 16];
    (void)tile;
    int n = snprintf(key, sizeof key, "/record/" SPAN_FMT, SPAN_ARG(path));
    TRY(pages_get(shelf->pages, span_of(key, (size_t)n), 0, &answer));
    if (answer.inflate) return rc_fail(RC_CORRUPT, "%s: a tile is compressed", key);
    *out_bytes = answer.body;
    return RC_OK;
}

rc shelf_load(struct shelf *shelf) {
    uint64_t size, leases;
    TRY(get_number(shelf, META_CURSOR, &shelf->cursor));
    TRY(get_number(shelf, META_LISTS_CURSOR, &shelf->lists_cursor));
    TRY(get_number(shelf, META_RECORD_SIZE, &size));
    TRY(get_number(shelf, META_LEASES, &leases));
    shelf->leases = leases < INT64_MAX ? (ms_t)leases : 0;
    shelf->lease_place = 0;
    for (unsigned i = 0; i < FLOW_EDITIONS_MAX; i++) {
        char name[16];
        snprintf(name, sizeof name, META_AGED "%u", i);
        TRY(get_number(shelf, name, &shelf->aged[i]));
        shelf->aging[i] = shelf->aged[i];
    }
    tiles_free(shelf->tiles);
    shelf->tiles = tiles_new();
    rc code = tiles_load(shelf->tiles, size, get_tile, shelf);
    if (code == RC_NOT_FOUND)
        code = rc_fail(RC_CORRUPT, "the page store lacks a tile of the record");
    return code;
}

void shelf_close(struct shelf *shelf) {
    pages_writer_close(shelf->pages);
    tiles_free(shelf->tiles);
    dirty_free(shelf->dirty);
    *shelf = (struct shelf){0};
}

rc shelf_begin(struct shelf *shelf) {
    for (int tries = 0;; tries++) {
        rc code = pages_begin(shelf->pages);
        if (code != RC_BUSY || tries == BEGIN_TRIES) return code;
        clock_sleep_ms(5);
    }
}

rc shelf_put_cursors(struct shelf *shelf) {
    for (unsigned i = 0; i < FLOW_EDITIONS_MAX; i++) {
        char name[16];
        snprintf(name, sizeof name, META_AGED "%u", i);
        if (shelf->aged[i]) TRY(put_number(shelf, name, shelf->aged[i]));
    }
    TRY(put_number(shelf, META_CURSOR, shelf->cursor));
    TRY(put_number(shelf, META_LISTS_CURSOR, shelf->lists_cursor));
    TRY(put_number(shelf, META_LEASES, (uint64_t)shelf->leases));
    return put_number(shelf, META_RECORD_SIZE, tiles_size(shelf->tiles));
}

/* ---- files ------------------------------------------------------------------------------------------ */

struct span file_headers(const char *type, const char *cache, char *memory, size_t bytes) {
    int n = snprintf(memory, bytes,
                     "Content-Type: %s\r\nCache-Control: %s\r\nX-Content-Type-Options: nosniff\r\n",
                     type, cache);
    CHECK(n > 0 && (size_t)n < bytes);
    return span_of(memory, (size_t)n);
}

rc shelf_put_file(struct shelf *shelf, struct span key, const char *type, const char *cache,
                  struct span body) {
    char headers[256];
    const struct page page = {.key = key,
                              .status = 200,
                              .headers = file_headers(type, cache, headers, sizeof headers),
                              .body = body,
                              .as_is = true};
    return pages_put(shelf->pages, &page);
}

/* Whoever keeps a copy keeps it no longer than it may be shown. */
static const char *picture_cache(ms_t end, char memory[CACHE_BYTES]) {
    char date[HTTP_DATE_CHARS];
    if (end == INT64_MAX) return IMMUTABLE;
    http_date(end, date);
    int n = snprintf(memory, CACHE_BYTES, "public, must-revalidate\r\nExpires: %.*s",
                     HTTP_DATE_CHARS, date);
    CHECK(n > 0 && n < CACHE_BYTES);
    return memory;
}

static rc put_picture(struct flow *f, struct shelf *shelf, struct arena *a,
                      const struct rendition *rendition, struct buf *bytes) {
    struct pages_answer there;
    struct span key = media_path(a, rendition);
    char type[64], cache[CACHE_BYTES];
    ms_t end;
    TRY(lease_end(f, a, span_from(key, 1), &end));
    const char *wanted = picture_cache(end, cache);
    rc code = pages_get(shelf->pages, key, 0, &there);
    if (code == RC_OK && memmem(there.head.p, there.head.n, wanted, strlen(wanted))) return RC_OK;
    if (code != RC_OK && code != RC_NOT_FOUND) return code;
    buf_clear(bytes);
    snprintf(type, sizeof type, SPAN_FMT, SPAN_ARG(rendition->type));
    TRY(media_read(f, rendition, bytes));
    return shelf_put_file(shelf, key, type, wanted, buf_span(bytes));
}

static rc put_pictures(struct flow *f, struct shelf *shelf, struct arena *a,
                       const struct revision *r, ms_t at) {
    struct buf bytes;
    buf_init(&bytes, PAGES_BODY_BYTES_MAX);
    rc code = RC_OK;
    for (size_t i = 0; i < r->picture_count && code == RC_OK; i++) {
        const struct picture *p = &r->pictures[i];
        if (!rights_allow_any(&p->rights, at)) continue;
        for (size_t k = 0; k < p->rendition_count && code == RC_OK; k++)
            code = put_picture(f, shelf, a, &p->renditions[k], &bytes);
    }
    buf_done(&bytes);
    return code;
}

rc shelf_drop_pictures(struct flow *f, struct shelf *shelf, struct arena *a,
                       const struct story_id *id) {
    struct list_place *places;
    size_t count;
    const ms_t now = leases_now(f);
    TRY(store_story_lists(f->store, a, id, &places, &count));
    for (size_t i = 0; i < count; i++) {
        if (!span_starts(places[i].key, LIST_MEDIA)) continue;
        struct span rest = span_from(places[i].key, LIST_MEDIA.n);
        struct span media = span_sub(places[i].key, 0, LIST_MEDIA.n + span_find(rest, '/'));
        ms_t end;
        TRY(lease_end(f, a, media, &end));
        if (end > now) continue;
        struct span key = arena_printf(a, "/" SPAN_FMT, SPAN_ARG(media));
        if (!key.p) return rc_fail(RC_TOO_BIG, "too many pictures for one operation");
        TRY(pages_delete(shelf->pages, key));
    }
    return RC_OK;
}

/* ---- a story -------------------------------------------------------------------------------------- */

static rc make_redirects(struct making *m, const struct story_of *of) {
    for (size_t i = 0; i < of->path_count; i++) {
        struct span old = of->paths[i];
        if (span_eq(old, of->row.path)) continue;
        TRY(make_redirect(m, old, 301, of->row.path));
        TRY(make_redirect(m, arena_printf(m->a, SPAN_FMT ".json", SPAN_ARG(old)), 301,
                          arena_printf(m->a, SPAN_FMT ".json", SPAN_ARG(of->row.path))));
    }
    return RC_OK;
}

/* What stands beside a story must not keep it from being shown: shelf_try_story() measured it alone. */
static rc render_page(struct making *m, const struct story_of *of) {
    struct buf *out = &m->maker->out;
    rc code = render_story_page(making_render(m), m->a, &of->shown, out);
    if (code != RC_TOO_BIG || arena_over(m->a)) return code;
    struct render_story alone = of->shown;
    alone.related_count = alone.pinned_count = alone.translation_count = 0;
    buf_clear(out);
    return render_story_page(making_render(m), m->a, &alone, out);
}

static rc make_shown(struct making *m, struct story_of *of) {
    struct buf *out = &m->maker->out;
    struct span json = arena_printf(m->a, SPAN_FMT ".json", SPAN_ARG(of->row.path));
    if (!of->shown.revision) {
        struct revision *revision = ARENA_NEW(m->a, struct revision);
        if (!revision)
            return rc_fail(RC_TOO_BIG, "a story needs more memory than one operation may have");
        TRY(canon_read(m->a, of->canonical, revision));
        of->shown.revision = revision;
    }
    TRY(make_redirects(m, of));
    TRY(render_page(m, of));
    TRY(make_html(m, of->row.path, 200, of->br, buf_span(out)));
    buf_clear(out);
    TRY(render_ninjs(making_render(m), m->a, &of->shown, out));
    TRY(make_file(m, json, 200, "application/json", true, buf_span(out)));
    return make_redirect(m, arena_printf(m->a, "/s/" SPAN_FMT, SPAN_ARG(of->row.code)), 302,
                         of->row.path);
}

static rc make_gone(struct making *m, struct story_of *of) {
    struct buf *out = &m->maker->out;
    const unsigned status = of->gone.why.status;
    if (of->canonical.n) {
        struct revision revision;
        TRY(canon_read(m->a, of->canonical, &revision));
        of->gone.headline = revision.headline;
        of->gone.language = revision.language;
    }
    TRY(make_redirects(m, of));
    TRY(render_gone_page(making_render(m), m->a, &of->gone, out));
    TRY(make_html(m, of->row.path, status, false, buf_span(out)));
    if (of->row.standing) return make_versions_gone(m, buf_span(out));
    TRY(make_html(m, arena_printf(m->a, "/s/" SPAN_FMT, SPAN_ARG(of->row.code)), status, false,
                  buf_span(out)));
    buf_clear(out);
    TRY(render_gone_ninjs(making_render(m), m->a, &of->gone, out));
    return make_file(m, arena_printf(m->a, SPAN_FMT ".json", SPAN_ARG(of->row.path)), status,
                     "application/json", true, buf_span(out));
}

static rc make_story(struct making *m) {
    struct story_of *of = m->of;
    if (of->row.state != STORY_PUBLISHED) return make_gone(m, of);
    return of->row.standing ? make_standing(m) : make_shown(m, of);
}

/* The newest revision whose text is here. */
static rc newest_text(struct flow *f, struct arena *a, const struct story_row *row,
                      struct revision_row *out_stored) {
    for (uint32_t number = row->number; number > 0; number--) {
        rc code = store_revision(f->store, a, &row->id, number, out_stored);
        if (code == RC_OK && !out_stored->text_lost) return RC_OK;
        if (code != RC_OK && code != RC_NOT_FOUND) return code;
    }
    return RC_NOT_FOUND;
}

/* Out of the record: what its entry says is what its page says. */
static rc gone_read(struct flow *f, struct arena *a, struct story_of *of) {
    struct revision_row stored;
    of->gone = (struct render_gone){.standing = of->row.standing > 0,
                                    .path = of->row.path,
                                    .code = of->row.code,
                                    .number = of->row.number,
                                    .published = of->row.published};
    TRY(withdrawal_find(f, a, &of->row, &of->gone.why, &of->gone.at, &of->gone.entry));
    rc code = newest_text(f, a, &of->row, &stored);
    if (code == RC_OK) of->canonical = stored.canonical;
    return code == RC_NOT_FOUND ? RC_OK : code;
}

/* RC_NOT_FOUND: there is nothing to make. */
static rc story_read(struct flow *f, struct arena *a, const struct story_id *id,
                     struct story_of *of) {
    struct revision_row stored;
    TRY(store_story_by_id(f->store, a, id, &of->row));
    if (of->row.path.n == 0) return RC_NOT_FOUND; /* recorded, but all its texts are lost */
    TRY(store_story_paths(f->store, a, id, &of->paths, &of->path_count));
    if (of->row.state != STORY_PUBLISHED) return gone_read(f, a, of);
    if (of->row.standing) return standing_read(f, a, of);
    const struct plan *fresh = fresh_of(f, of->row.last_entry);
    if (fresh && fresh->act.has_revision) {
        of->shown =
            (struct render_story){.revision = fresh->act.derive, .entry = of->row.last_entry};
        of->canonical = fresh->act.canonical;
    } else {
        TRY(newest_text(f, a, &of->row, &stored));
        of->shown = (struct render_story){.entry = stored.entry_index,
                                          .newer_lost = stored.number != of->row.number};
        of->canonical = stored.canonical;
    }
    of->shown.at = leases_now(f);
    of->shown.old = age_is_old(f, edition_of_path(f, of->row.path), of->row.published);
    TRY(related_read(f, a, &of->row, of->canonical, &of->shown));
    return translations_read(f, a, &of->row, &of->shown);
}

rc story_begin(struct flow *f, const struct story_id *id, enum story_form form,
               struct making **out_making) {
    struct making *m = making_new(f);
    struct story_of *of = ARENA_NEW(m->a, struct story_of);
    CHECK(of != NULL);
    of->br = form == STORY_WHOLE;
    rc code = story_read(f, m->a, id, of);
    if (code != RC_OK) {
        making_free(m);
        *out_making = NULL;
        return code == RC_NOT_FOUND ? RC_OK : code;
    }
    m->of = of;
    m->edition = edition_of_path(f, of->row.path);
    making_begin(m, make_story, of->canonical.n);
    *out_making = m;
    return RC_OK;
}

rc story_put(struct flow *f, struct shelf *shelf, struct making *m) {
    if (!m) return RC_OK;
    TRY(shelf_put_made(shelf, m));
    const struct story_of *of = m->of;
    if (of->row.number > 1 || of->row.state != STORY_PUBLISHED)
        TRY(shelf_drop_pictures(f, shelf, m->a, &of->row.id));
    if (of->row.state != STORY_PUBLISHED || of->row.standing) return RC_OK; /* it shows none */
    return put_pictures(f, shelf, m->a, of->shown.revision, of->shown.at);
}

/* As a pump would after a crash, out of the canonical bytes alone. */
static rc try_pages(struct flow *f, struct arena *a, struct span canonical, struct buf *out) {
    struct revision revision;
    TRY(canon_read(a, canonical, &revision));
    const struct render_story story = {.revision = &revision, .newer_lost = true};
    TRY(render_story_page(owners_render(f, edition_of_path(f, revision.path)), a, &story, out));
    buf_clear(out);
    return render_ninjs(owners_render(f, 0), a, &story, out);
}

rc shelf_try_story(struct flow *f, struct span canonical) {
    if (canonical.n <= TRIED_BYTES_MIN) return RC_OK;
    struct arena *a = arena_new(OPERATION_BYTES_MAX / 2); /* the pump has other things in its own */
    struct buf out;
    buf_init(&out, PAGE_BYTES_MAX);
    rc code = try_pages(f, a, canonical, &out);
    buf_done(&out);
    arena_free(a);
    return code;
}

/* ---- an entry --------------------------------------------------------------------------------------- */

struct entry_of {
    uint64_t index;
    const struct span *parts; /* NULL: to be read from canonical, or from parts_json */
    size_t part_count;
    bool has_revision;
    struct span canonical, parts_json, salts;
    bool lost, withheld; /* it is not opened, and the answer says why */
    struct span entry;   /* its bytes */
    bool is_act;         /* on a story, and without a text: a withdrawal, a restore */
};

static rc parts_from_json(struct arena *a, struct span parts_json, struct entry_of *of) {
    json_t *array;
    TRY(json_read(parts_json, &array));
    size_t count = json_array_size(array);
    struct span *parts = ARENA_ARRAY(a, struct span, count + 1);
    for (size_t i = 0; parts && i < count; i++) {
        json_t *part = json_array_get(array, i);
        parts[i] = arena_copy(a, span_of(json_string_value(part), json_string_length(part)));
    }
    json_decref(array);
    if (!parts || arena_over(a)) return rc_fail(RC_TOO_BIG, "too many parts for one operation");
    of->parts = parts;
    of->part_count = count;
    return RC_OK;
}

static rc read_parts(struct arena *a, struct entry_of *of) {
    struct span *parts;
    if (!of->parts && of->has_revision) {
        TRY(canon_parts(a, of->canonical, &parts, &of->part_count));
        of->parts = parts;
    } else if (!of->parts) {
        TRY(parts_from_json(a, of->parts_json, of));
    }
    if (of->salts.n == of->part_count * SALT_BYTES) return RC_OK;
    return rc_fail(RC_CORRUPT, "entry %llu: %zu parts, but %zu bytes of salts",
                   (unsigned long long)of->index, of->part_count, of->salts.n);
}

static rc make_opening(struct making *m, struct entry_of *of, struct span opening,
                       struct span revision) {
    struct buf *out = &m->maker->out;
    struct entry entry;
    TRY(entry_read(of->entry, &entry));
    if (of->has_revision && salts_are_seed(of->salts, entry.parts)) {
        opening_write_seed(of->index, of->salts, out);
    } else {
        TRY(read_parts(m->a, of));
        opening_write(of->index, of->parts, of->salts, NULL, of->part_count, out);
    }
    if (out->over)
        return rc_fail(RC_TOO_BIG, "entry %llu: its opening is too large",
                       (unsigned long long)of->index);
    TRY(make_file(m, opening, 200, "application/json", true, buf_span(out)));
    if (!of->has_revision) return RC_OK;
    return make_file(m, revision, 200, "application/json", true, of->canonical);
}

static rc make_entry(struct making *m) {
    struct entry_of *of = m->of;
    struct span opening =
        arena_printf(m->a, "/record/opening/%llu.json", (unsigned long long)of->index);
    struct span revision =
        arena_printf(m->a, "/record/revision/%llu.json", (unsigned long long)of->index);
    if (!of->lost && !of->withheld) return make_opening(m, of, opening, revision);
    struct span said = of->lost
                           ? arena_printf(m->a, "{\"entry\":%llu,\"lost\":true,\"version\":1}",
                                          (unsigned long long)of->index)
                           : arena_printf(m->a, "{\"entry\":%llu,\"version\":1,\"withheld\":true}",
                                          (unsigned long long)of->index);
    TRY(make_file(m, opening, 410, "application/json", true, said));
    return of->has_revision ? make_file(m, revision, 410, "application/json", true, said) : RC_OK;
}

static rc entry_find(struct flow *f, struct arena *a, uint64_t index, struct entry_of *of) {
    struct entry_row row;
    struct story_row story = {.state = STORY_PUBLISHED};
    of->index = index;
    const struct plan *fresh = fresh_of(f, index);
    if (fresh) TRY(store_story_by_id(f->store, a, &fresh->act.row.id, &story));
    if (fresh && (story.state == STORY_PUBLISHED || !fresh->act.has_revision)) {
        of->entry = fresh->act.entry;
        of->is_act = !fresh->act.has_revision;
        of->parts = fresh->parts;
        of->part_count = fresh->part_count;
        of->has_revision = fresh->act.has_revision;
        of->canonical = fresh->act.canonical;
        of->salts = fresh->act.salts;
        return RC_OK;
    }
    TRY(store_entry(f->store, a, index, &row));
    if (row.has_story) TRY(store_story_by_id(f->store, a, &row.story, &story));
    of->has_revision = row.has_revision;
    of->entry = row.entry;
    of->is_act = row.has_story && !row.has_revision;
    of->canonical = row.canonical;
    of->parts_json = row.parts_json;
    of->salts = row.salts;
    of->lost = row.text_lost;
    of->withheld = story.state != STORY_PUBLISHED && row.has_revision;
    return RC_OK;
}

rc entry_begin(struct flow *f, uint64_t index, struct making **out_making) {
    struct making *m = making_new(f);
    struct entry_of *of = ARENA_NEW(m->a, struct entry_of);
    CHECK(of != NULL);
    rc code = entry_find(f, m->a, index, of);
    if (code != RC_OK) {
        making_free(m);
        return code;
    }
    m->of = of;
    making_begin(m, make_entry, of->canonical.n);
    *out_making = m;
    return RC_OK;
}

/* A withdrawal withholds the openings of the entries before it, a restore opens them again: all of them,
 * however many and long. */
static rc put_before(struct flow *f, struct shelf *shelf, const struct entry_of *of) {
    struct arena *a = arena_new(OPERATION_BYTES_MAX);
    struct entry entry;
    rc code = entry_read(of->entry, &entry);
    uint64_t index = code == RC_OK ? entry.previous : ENTRY_NONE, later = of->index;
    while (code == RC_OK && index != ENTRY_NONE) {
        struct entry_row stored;
        struct making *m = NULL;
        if (index >= later)
            code = rc_fail(RC_CORRUPT, "entry %llu names a later one as the one before",
                           (unsigned long long)later);
        arena_reset(a);
        if (code == RC_OK) code = store_entry(f->store, a, index, &stored);
        if (code == RC_OK) code = entry_read(stored.entry, &entry);
        if (code == RC_OK) code = entry_begin(f, index, &m);
        if (code == RC_OK) code = shelf_put_made(shelf, m);
        making_free(m);
        later = index;
        if (code == RC_OK) index = entry.previous;
    }
    arena_free(a);
    return code;
}

rc entry_put(struct flow *f, struct shelf *shelf, struct making *m) {
    const struct entry_of *of = m->of;
    TRY(shelf_put_made(shelf, m));
    return of->is_act ? put_before(f, shelf, of) : RC_OK;
}

/* ---- the record -------------------------------------------------------------------------------------- */

/* The partial tiles that a full one replaces are of no use any more. */
static rc put_tile(void *arg, const struct tile *tile, struct span path, struct span bytes) {
    struct shelf *shelf = arg;
    char key[TILE_PATH_BYTES_MAX + 16];
    int n = snprintf(key, sizeof key, "/record/" SPAN_FMT, SPAN_ARG(path));
    TRY(shelf_put_file(shelf, span_of(key, (size_t)n), "application/octet-stream", IMMUTABLE,
                       bytes));
    for (unsigned width = 1; tile->width == TILE_WIDTH && width < TILE_WIDTH; width++) {
        struct tile partial = *tile;
        partial.width = width;
        char old[TILE_PATH_BYTES_MAX];
        tile_path(&partial, old);
        n = snprintf(key, sizeof key, "/record/%s", old);
        TRY(pages_delete(shelf->pages, span_of(key, (size_t)n)));
    }
    return RC_OK;
}

#define TILE_STEP 4096 /* entries read at once */

/*
 * How many of the entries that are left go into the tiles next. A tile is put at its last width of a step; and who
 * has kept an earlier head asks for the narrower ones, until a full one is in their place. So whoever makes all
 * tiles anew makes the last ones of each level at every width that they had, or could have had: level 0
 * entry by entry, level 1 by full tiles of level 0. (One of level 2 spans sixteen million entries.)
 */
static size_t tile_step(uint64_t from, uint64_t left, bool anew) {
    const uint64_t wide = (uint64_t)TILE_WIDTH * TILE_WIDTH;
    uint64_t step = left;
    if (anew && left > wide)
        step = left - wide;
    else if (anew && left >= TILE_WIDTH)
        step = TILE_WIDTH - from % TILE_WIDTH;
    else if (anew)
        step = 1;
    return step > TILE_STEP ? TILE_STEP : (size_t)step;
}

/* Up to the signed head. */
static rc put_tiles(struct flow *f, struct shelf *shelf, struct arena *a) {
    const bool anew = tiles_size(shelf->tiles) == 0;
    while (tiles_size(shelf->tiles) < f->head.size) {
        uint64_t from = tiles_size(shelf->tiles), left = f->head.size - from;
        struct span *entries;
        size_t count, want = tile_step(from, left, anew);
        arena_reset(a);
        TRY(store_entries(f->store, a, from, want, &entries, &count));
        if (count != want)
            return rc_fail(RC_CORRUPT, "the database lacks entries that are signed: %llu on",
                           (unsigned long long)(from + count));
        TRY(tiles_append(shelf->tiles, entries, count, put_tile, shelf));
    }
    return RC_OK;
}

rc shelf_put_record(struct flow *f, struct shelf *shelf) {
    struct arena *a = arena_new(OPERATION_BYTES_MAX);
    rc code = put_tiles(f, shelf, a);
    arena_free(a);
    TRY(code);
    struct sha256 root = tiles_root(shelf->tiles);
    if (tiles_size(shelf->tiles) != f->head.size || !sha256_eq(&root, &f->head.root))
        return rc_fail(RC_CORRUPT,
                       "the entries in the database are not those that were signed (%llu entries "
                       "signed): restore the "
                       "database from a backup of this site, and keep record/ as it is",
                       (unsigned long long)f->head.size);
    return shelf_put_file(shelf, SPAN("/record/checkpoint"), "text/plain; charset=utf-8", NO_CACHE,
                          span_of(f->head.note, f->head.note_bytes));
}

/* ---- what does not depend on any story ------------------------------------------------------------------ */

rc make_error(struct making *m, const struct render_error *error) {
    struct buf *out = &m->maker->out;
    struct span prefix = m->flow->editions[m->edition].prefix; /* see site/reader.c */
    struct span key = arena_printf(m->a, "!%u" SPAN_FMT, error->status, SPAN_ARG(prefix));
    buf_clear(out);
    TRY(render_error_page(making_render(m), m->a, error, out));
    return make_html(m, key, error->status, false, buf_span(out));
}

static rc make_fixed(struct making *m) {
    struct buf *out = &m->maker->out;
    static const unsigned errors[] = {400, 403, 404, 405, 413, 421, 431, 500, 501, 503};
    for (size_t i = 0; i < COUNT_OF(errors); i++)
        TRY(make_error(m, &(struct render_error){.status = errors[i]}));
    if (m->edition > 0) return RC_OK;
    size_t count;
    const struct render_asset *assets = render_assets(making_render(m), &count);
    for (size_t i = 0; i < count; i++)
        TRY(make_asset(m, assets[i].path, assets[i].type, assets[i].bytes));
    /* Some ask for it before they have read a page, or though the page names another. */
    for (size_t i = 0; i < count; i++)
        if (span_starts(assets[i].path, SPAN("/theme/icon.")))
            TRY(make_redirect(m, SPAN("/favicon.ico"), 302, assets[i].path));
    buf_clear(out);
    TRY(render_robots(making_render(m), out));
    return make_file(m, SPAN("/robots.txt"), 200, "text/plain; charset=utf-8", false,
                     buf_span(out));
}

rc shelf_put_fixed(struct flow *f, struct shelf *shelf) {
    for (unsigned i = 0; i < f->edition_count; i++) {
        struct making *m = making_new(f);
        m->edition = i;
        making_begin(m, make_fixed, 0);
        rc code = shelf_put_made(shelf, m);
        making_free(m);
        TRY(code);
    }
    struct buf out;
    buf_init(&out, 1024);
    note_key_write(&f->key, &out);
    buf_char(&out, '\n');
    rc code = shelf_put_file(shelf, SPAN("/record/key"), "text/plain; charset=utf-8", NO_CACHE,
                             buf_span(&out));
    buf_done(&out);
    return code;
}
