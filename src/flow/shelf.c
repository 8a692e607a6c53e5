/* Which pages a story, an entry and the record have, and with which headers. */
#include "flow/inner.h"

#include <stdio.h>

#include "codec/json.h"
#include "story/canon.h"
#include "story/limits.h"
#include "sys/clock.h"

#define META_CURSOR "cursor"
#define META_LISTS_CURSOR "lists-cursor"
#define META_RECORD_SIZE "record-size"
#define TRIED_BYTES_MIN 131072 /* nothing shorter becomes a hundred times as long on a page */
#define BEGIN_TRIES 1000 /* of 5 ms: a web process that still reads from before core's restart */

#define IMMUTABLE "public, max-age=31536000, immutable"
#define NO_CACHE "no-cache"

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
    uint64_t size;
    TRY(get_number(shelf, META_CURSOR, &shelf->cursor));
    TRY(get_number(shelf, META_LISTS_CURSOR, &shelf->lists_cursor));
    TRY(get_number(shelf, META_RECORD_SIZE, &size));
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
    TRY(put_number(shelf, META_CURSOR, shelf->cursor));
    TRY(put_number(shelf, META_LISTS_CURSOR, shelf->lists_cursor));
    return put_number(shelf, META_RECORD_SIZE, tiles_size(shelf->tiles));
}

/* ---- kinds of answers ------------------------------------------------------------------------------ */

rc shelf_put_html(struct flow *f, struct shelf *shelf, struct span key, unsigned status, bool br,
                  struct span body) {
    const struct page page = {.key = key,
                              .status = status,
                              .headers = f->html_headers,
                              .body = body,
                              .br = br,
                              .rarely_read = shelf->bulk && !br,
                              .generation = GENERATION};
    return pages_put(shelf->pages, &page);
}

rc shelf_put_file(struct shelf *shelf, struct span key, unsigned status, const char *type,
                  const char *cache, enum file_kind_of_page kind, struct span body) {
    char headers[512];
    int n = snprintf(headers, sizeof headers,
                     "Content-Type: %s\r\nCache-Control: %s\r\nX-Content-Type-Options: nosniff\r\n",
                     type, cache);
    CHECK(n > 0 && (size_t)n < sizeof headers);
    const struct page page = {.key = key,
                              .status = status,
                              .headers = span_of(headers, (size_t)n),
                              .body = body,
                              .as_is = kind == FILE_AS_IS,
                              .rarely_read = kind == FILE_READ_RARELY,
                              .generation = GENERATION};
    return pages_put(shelf->pages, &page);
}

rc shelf_put_redirect(struct shelf *shelf, struct span key, unsigned status, struct span to) {
    char headers[PAGES_HEADERS_BYTES_MAX];
    int n = snprintf(headers, sizeof headers,
                     "Location: " SPAN_FMT
                     "\r\nContent-Type: text/plain; charset=utf-8\r\nCache-Control: no-cache\r\n"
                     "X-Content-Type-Options: nosniff\r\n",
                     SPAN_ARG(to));
    if (n < 0 || (size_t)n >= sizeof headers)
        return rc_fail(RC_TOO_BIG, "a path is too long to redirect to");
    const struct page page = {.key = key,
                              .status = status,
                              .headers = span_of(headers, (size_t)n),
                              .body = to,
                              .generation = GENERATION};
    return pages_put(shelf->pages, &page);
}

/* ---- a story -------------------------------------------------------------------------------------- */

static rc put_pictures(struct flow *f, struct shelf *shelf, struct arena *a,
                       const struct revision *r) {
    struct pages_answer there;
    struct buf bytes;
    buf_init(&bytes, PAGES_BODY_BYTES_MAX);
    rc code = RC_OK;
    for (size_t i = 0; i < r->picture_count && code == RC_OK; i++) {
        for (size_t k = 0; k < r->pictures[i].rendition_count && code == RC_OK; k++) {
            const struct rendition *rendition = &r->pictures[i].renditions[k];
            struct span key = media_path(a, rendition);
            char type[64];
            code = pages_get(shelf->pages, key, 0, &there);
            if (code != RC_NOT_FOUND) continue;
            buf_clear(&bytes);
            snprintf(type, sizeof type, SPAN_FMT, SPAN_ARG(rendition->type));
            code = media_read(f, rendition, &bytes);
            if (code == RC_OK)
                code =
                    shelf_put_file(shelf, key, 200, type, IMMUTABLE, FILE_AS_IS, buf_span(&bytes));
        }
    }
    buf_done(&bytes);
    return code;
}

/* A picture that no story shows any more, since this one was withdrawn or revised, is not served. */
static rc drop_pictures(struct flow *f, struct shelf *shelf, struct arena *a,
                        const struct story_id *id) {
    struct list_place *places;
    struct list_info info;
    size_t count;
    TRY(store_story_lists(f->store, a, id, &places, &count));
    for (size_t i = 0; i < count; i++) {
        if (!span_starts(places[i].key, LIST_MEDIA)) continue;
        TRY(store_list_info(f->store, a, places[i].key, &info));
        if (info.shown > 0) continue;
        struct span key = arena_printf(a, "/" SPAN_FMT, SPAN_ARG(info.key));
        if (!key.p) return rc_fail(RC_TOO_BIG, "too many pictures for one operation");
        TRY(pages_delete(shelf->pages, key));
    }
    return RC_OK;
}

/* Everything under the story's path, in the place of what was there. */
static rc put_shown(struct flow *f, struct shelf *shelf, struct arena *a,
                    const struct story_row *row, const struct render_story *story, bool br) {
    struct buf out;
    buf_init(&out, PAGE_BYTES_MAX);
    rc code = put_pictures(f, shelf, a, story->revision);
    if (code == RC_OK) code = render_story_page(f->render, a, story, &out);
    if (code == RC_OK) code = shelf_put_html(f, shelf, row->path, 200, br, buf_span(&out));
    buf_clear(&out);
    if (code == RC_OK) code = render_ninjs(f->render, a, story, &out);
    struct span json = arena_printf(a, SPAN_FMT ".json", SPAN_ARG(row->path));
    if (code == RC_OK)
        code = shelf_put_file(shelf, json, 200, "application/json", NO_CACHE, FILE_READ_RARELY,
                              buf_span(&out));
    buf_done(&out);
    TRY(code);
    return shelf_put_redirect(shelf, arena_printf(a, "/s/" SPAN_FMT, SPAN_ARG(row->code)), 302,
                              row->path);
}

static rc put_gone(struct flow *f, struct shelf *shelf, struct arena *a,
                   const struct story_row *row) {
    const struct render_gone gone = {.status = 410,
                                     .path = row->path,
                                     .reason = row->reason,
                                     .at = row->updated,
                                     .entry = row->last_entry};
    struct buf out;
    buf_init(&out, PAGE_BYTES_MAX);
    rc code = render_gone_page(f->render, a, &gone, &out);
    struct span json = arena_printf(a, SPAN_FMT ".json", SPAN_ARG(row->path));
    if (code == RC_OK) code = shelf_put_html(f, shelf, row->path, 410, false, buf_span(&out));
    if (code == RC_OK) code = shelf_put_html(f, shelf, json, 410, false, buf_span(&out));
    if (code == RC_OK)
        code = shelf_put_html(f, shelf, arena_printf(a, "/s/" SPAN_FMT, SPAN_ARG(row->code)), 410,
                              false, buf_span(&out));
    buf_done(&out);
    return code;
}

static rc withhold_entry(struct flow *f, struct shelf *shelf, struct arena *a, uint64_t index,
                         uint64_t *out_previous) {
    struct entry_row stored;
    struct entry entry;
    TRY(store_entry(f->store, a, index, &stored));
    TRY(entry_read(stored.entry, &entry));
    TRY(shelf_put_entry(f, shelf, a, index));
    if (entry.previous != ENTRY_NONE && entry.previous >= index)
        return rc_fail(RC_CORRUPT, "entry %llu names a later one as the one before",
                       (unsigned long long)index);
    *out_previous = entry.previous;
    return RC_OK;
}

/* The openings of a story that was withdrawn are withheld, all of them, however many and long. */
static rc withhold_entries(struct flow *f, struct shelf *shelf, const struct story_row *row) {
    struct arena *a = arena_new(OPERATION_BYTES_MAX);
    rc code = RC_OK;
    for (uint64_t index = row->last_entry; index != ENTRY_NONE && code == RC_OK;) {
        arena_reset(a);
        code = withhold_entry(f, shelf, a, index, &index);
    }
    arena_free(a);
    return code;
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

rc shelf_put_story(struct flow *f, struct shelf *shelf, struct arena *a, const struct story_id *id,
                   bool br) {
    struct story_row row;
    struct revision_row stored;
    struct revision revision;
    TRY(store_story_by_id(f->store, a, id, &row));
    if (row.path.n == 0)
        return RC_OK; /* recorded, but all its texts are lost: nobody knows its path */
    struct span *paths;
    size_t count;
    TRY(store_story_paths(f->store, a, id, &paths, &count));
    for (size_t i = 0; i < count; i++) {
        if (span_eq(paths[i], row.path)) continue;
        TRY(shelf_put_redirect(shelf, paths[i], 301, row.path));
        TRY(shelf_put_redirect(shelf, arena_printf(a, SPAN_FMT ".json", SPAN_ARG(paths[i])), 301,
                               arena_printf(a, SPAN_FMT ".json", SPAN_ARG(row.path))));
    }
    TRY(drop_pictures(f, shelf, a, id));
    if (row.state != STORY_PUBLISHED) {
        TRY(put_gone(f, shelf, a, &row));
        return withhold_entries(f, shelf, &row);
    }
    const struct plan *fresh = fresh_of(f, row.last_entry);
    if (fresh && fresh->act.has_revision) {
        const struct render_story story = {.revision = fresh->act.derive, .entry = row.last_entry};
        return put_shown(f, shelf, a, &row, &story, br);
    }
    rc code = newest_text(f, a, &row, &stored);
    if (code == RC_NOT_FOUND) return RC_OK;
    TRY(code);
    TRY(canon_read(a, stored.canonical, &revision));
    const struct render_story story = {.revision = &revision,
                                       .entry = stored.entry_index,
                                       .newer_lost = stored.number != row.number};
    return put_shown(f, shelf, a, &row, &story, br);
}

/* ---- the record -------------------------------------------------------------------------------------- */

static rc parts_of(struct arena *a, const struct entry_row *row, struct span **out_parts,
                   size_t *out_count) {
    if (row->has_revision) return canon_parts(a, row->canonical, out_parts, out_count);
    json_t *array;
    TRY(json_read(row->parts_json, &array));
    size_t count = json_array_size(array);
    struct span *parts = ARENA_ARRAY(a, struct span, count + 1);
    for (size_t i = 0; parts && i < count; i++) {
        json_t *part = json_array_get(array, i);
        parts[i] = arena_copy(a, span_of(json_string_value(part), json_string_length(part)));
    }
    json_decref(array);
    if (arena_over(a)) return rc_fail(RC_TOO_BIG, "too many parts for one operation");
    *out_parts = parts;
    *out_count = count;
    return RC_OK;
}

static rc put_opening(struct shelf *shelf, struct arena *a, uint64_t index,
                      const struct span *parts, size_t count, struct span salts,
                      struct span canonical) {
    struct buf out;
    buf_init(&out, PAGE_BYTES_MAX);
    opening_write(index, parts, (const uint8_t *)salts.p, NULL, count, &out);
    struct span key = arena_printf(a, "/record/opening/%llu.json", (unsigned long long)index);
    rc code = out.over ? rc_fail(RC_TOO_BIG, "entry %llu: its opening is too large",
                                 (unsigned long long)index)
                       : shelf_put_file(shelf, key, 200, "application/json", NO_CACHE,
                                        FILE_READ_RARELY, buf_span(&out));
    buf_done(&out);
    if (code != RC_OK || !canonical.n) return code;
    key = arena_printf(a, "/record/revision/%llu.json", (unsigned long long)index);
    return shelf_put_file(shelf, key, 200, "application/json", NO_CACHE, FILE_READ_RARELY,
                          canonical);
}

/* As a pump would after a crash, out of the canonical bytes alone. */
static rc try_pages(struct flow *f, struct arena *a, struct span canonical, struct buf *out) {
    struct revision revision;
    struct span *parts;
    size_t count;
    TRY(canon_read(a, canonical, &revision));
    const struct render_story story = {.revision = &revision, .newer_lost = true};
    TRY(render_story_page(f->render, a, &story, out));
    buf_clear(out);
    TRY(render_ninjs(f->render, a, &story, out));
    buf_clear(out);
    TRY(canon_parts(a, canonical, &parts, &count));
    const uint8_t *salts = arena_take(a, count * SALT_BYTES);
    if (!salts) return rc_fail(RC_TOO_BIG, "the story has too many parts");
    opening_write(0, parts, salts, NULL, count, out);
    return out->over ? rc_fail(RC_TOO_BIG, "the story's opening is too large") : RC_OK;
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

rc shelf_put_entry(struct flow *f, struct shelf *shelf, struct arena *a, uint64_t index) {
    struct entry_row row;
    struct story_row story = {.state = STORY_PUBLISHED};
    const struct plan *fresh = fresh_of(f, index);
    if (fresh) TRY(store_story_by_id(f->store, a, &fresh->act.row.id, &story));
    if (fresh && (story.state == STORY_PUBLISHED || !fresh->act.has_revision))
        return put_opening(shelf, a, index, fresh->parts, fresh->part_count, fresh->act.salts,
                           fresh->act.canonical);
    TRY(store_entry(f->store, a, index, &row));
    if (row.has_story) TRY(store_story_by_id(f->store, a, &row.story, &story));
    struct span opening = arena_printf(a, "/record/opening/%llu.json", (unsigned long long)index);
    struct span revision = arena_printf(a, "/record/revision/%llu.json", (unsigned long long)index);
    bool withheld = story.state != STORY_PUBLISHED && row.has_revision;
    if (withheld || row.text_lost) {
        struct span said = row.text_lost
                               ? arena_printf(a, "{\"entry\":%llu,\"lost\":true,\"version\":1}",
                                              (unsigned long long)index)
                               : arena_printf(a, "{\"entry\":%llu,\"version\":1,\"withheld\":true}",
                                              (unsigned long long)index);
        TRY(shelf_put_file(shelf, opening, 410, "application/json", NO_CACHE, FILE_READ_RARELY,
                           said));
        if (!row.has_revision) return RC_OK;
        return shelf_put_file(shelf, revision, 410, "application/json", NO_CACHE, FILE_READ_RARELY,
                              said);
    }
    struct span *parts;
    size_t count;
    TRY(parts_of(a, &row, &parts, &count));
    if (row.salts.n != count * SALT_BYTES)
        return rc_fail(RC_CORRUPT, "entry %llu: %zu parts, but salts for %zu",
                       (unsigned long long)index, count, row.salts.n / SALT_BYTES);
    return put_opening(shelf, a, index, parts, count, row.salts,
                       row.has_revision ? row.canonical : SPAN(""));
}

/* The partial tiles that a full one replaces are of no use any more. */
static rc put_tile(void *arg, const struct tile *tile, struct span path, struct span bytes) {
    struct shelf *shelf = arg;
    char key[TILE_PATH_BYTES_MAX + 16];
    int n = snprintf(key, sizeof key, "/record/" SPAN_FMT, SPAN_ARG(path));
    TRY(shelf_put_file(shelf, span_of(key, (size_t)n), 200, "application/octet-stream", IMMUTABLE,
                       FILE_AS_IS, bytes));
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

rc shelf_put_record(struct flow *f, struct shelf *shelf, struct arena *a) {
    while (tiles_size(shelf->tiles) < f->head.size) {
        uint64_t from = tiles_size(shelf->tiles), left = f->head.size - from;
        struct span *entries;
        size_t count, want = left > TILE_STEP ? TILE_STEP : (size_t)left;
        TRY(store_entries(f->store, a, from, want, &entries, &count));
        if (count != want)
            return rc_fail(RC_CORRUPT, "the database lacks entries that are signed: %llu on",
                           (unsigned long long)(from + count));
        TRY(tiles_append(shelf->tiles, entries, count, put_tile, shelf));
    }
    struct sha256 root = tiles_root(shelf->tiles);
    if (tiles_size(shelf->tiles) != f->head.size || !sha256_eq(&root, &f->head.root))
        return rc_fail(RC_CORRUPT,
                       "the entries in the database are not those that were signed (%llu entries "
                       "signed): restore the "
                       "database from a backup of this site, and keep record/ as it is",
                       (unsigned long long)f->head.size);
    return shelf_put_file(shelf, SPAN("/record/checkpoint"), 200, "text/plain; charset=utf-8",
                          NO_CACHE, FILE_AS_IS, span_of(f->head.note, f->head.note_bytes));
}

/* ---- what does not depend on any story ------------------------------------------------------------------ */

rc shelf_put_fixed(struct flow *f, struct shelf *shelf, struct arena *a) {
    static const unsigned errors[] = {400, 403, 404, 405, 413, 421, 431, 500, 501, 503};
    struct buf out;
    char key[8];
    buf_init(&out, PAGE_BYTES_MAX);
    rc code = RC_OK;
    for (size_t i = 0; i < COUNT_OF(errors) && code == RC_OK; i++) {
        buf_clear(&out);
        int n = snprintf(key, sizeof key, "!%u", errors[i]);
        code = render_error_page(f->render, a, errors[i], &out);
        if (code == RC_OK)
            code =
                shelf_put_html(f, shelf, span_of(key, (size_t)n), errors[i], false, buf_span(&out));
    }
    buf_clear(&out);
    if (code == RC_OK) code = render_robots(f->render, &out);
    if (code == RC_OK)
        code = shelf_put_file(shelf, SPAN("/robots.txt"), 200, "text/plain; charset=utf-8",
                              NO_CACHE, FILE_READ_OFTEN, buf_span(&out));
    buf_clear(&out);
    note_key_write(&f->key, &out);
    buf_char(&out, '\n');
    if (code == RC_OK)
        code = shelf_put_file(shelf, SPAN("/record/key"), 200, "text/plain; charset=utf-8",
                              NO_CACHE, FILE_AS_IS, buf_span(&out));
    buf_done(&out);
    return code;
}
