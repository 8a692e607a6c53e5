/*
 * `dateline record build`: a log out of any files, for those who have no site. It is made anew if
 * it was interrupted: nothing but the checkpoint, which comes last, is synced.
 */
#include "base/mem.h"
#include "record/record.h"

#define ENTRY_LENGTH_MAX 65535
#define BATCH_BYTES_MAX (TILE_WIDTH * ENTRY_LENGTH_MAX)
#define PARTIAL_TILES (TILE_LEVELS_MAX + 1) /* one a level, and one of entries */

/* A partial tile waits until it is known to be the final tree's. */
struct partial {
    bool waits;
    char path[TILE_PATH_BYTES_MAX];
    struct buf bytes;
};

struct build {
    const struct file *dir;
    struct tiles *tiles;
    struct partial partials[PARTIAL_TILES];
    struct buf batch; /* a bundle's entries, as in a bundle: what `next` gave may be gone */
};

/* Every folder on the way to path. */
static rc make_folders(const struct file *dir, const char *path) {
    char part[TILE_PATH_BYTES_MAX];
    for (size_t i = 0; path[i]; i++) {
        if (path[i] == '/') {
            part[i] = 0;
            rc code = file_make_folder(dir, part, FILE_PUBLIC);
            if (code != RC_OK && code != RC_CONFLICT) return code;
        }
        part[i] = path[i];
    }
    return RC_OK;
}

static rc write_tile(const struct file *dir, const char *path, struct span bytes) {
    struct file f;
    unsigned how = FILE_WRITE | FILE_CREATE | FILE_PUBLIC | FILE_NEW;
    rc code = file_open(dir, path, how, &f);
    if (code == RC_NOT_FOUND) { /* the first one in its folder */
        TRY(make_folders(dir, path));
        code = file_open(dir, path, how, &f);
    }
    if (code != RC_OK) return code;
    code = file_write_at(&f, 0, bytes);
    file_close(&f);
    return code;
}

static rc put_tile(void *arg, const struct tile *tile, struct span path, struct span bytes) {
    struct build *b = arg;
    struct partial *p = &b->partials[tile->level + 1];
    _Static_assert(TILE_ENTRIES_LEVEL == -1, "the entries' place is 0");
    p->waits = tile->width < TILE_WIDTH;
    if (!p->waits) return write_tile(b->dir, path.p, bytes);
    memcpy(p->path, path.p, path.n + 1);
    buf_clear(&p->bytes);
    buf_add(&p->bytes, bytes);
    CHECK(!p->bytes.over);
    return RC_OK;
}

/* Up to a bundle of entries. *out_count 0: there are no more. */
static rc take_batch(struct build *b, record_next *next, void *arg,
                     struct span out_entries[TILE_WIDTH], size_t *out_count) {
    size_t count = 0;
    buf_clear(&b->batch);
    while (count < TILE_WIDTH) {
        struct span entry;
        rc code = next(arg, &entry);
        if (code == RC_NOT_FOUND) break;
        if (code != RC_OK) return code;
        if (entry.n > ENTRY_LENGTH_MAX) {
            return rc_fail(RC_TOO_BIG, "entry %llu: %zu bytes, at most %d may be",
                           (unsigned long long)(tiles_size(b->tiles) + count), entry.n,
                           ENTRY_LENGTH_MAX);
        }
        tile_entry_write(entry, &b->batch);
        CHECK(!b->batch.over);
        count++;
    }
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        CHECK(tile_entry_next(buf_span(&b->batch), &at, &out_entries[i]));
    }
    *out_count = count;
    return RC_OK;
}

static rc build_tiles(struct build *b, record_next *next, void *arg) {
    struct span entries[TILE_WIDTH];
    size_t count;
    do {
        TRY(take_batch(b, next, arg, entries, &count));
        TRY(tiles_append(b->tiles, entries, count, put_tile, b));
    } while (count == TILE_WIDTH);
    for (unsigned i = 0; i < PARTIAL_TILES; i++) {
        const struct partial *p = &b->partials[i];
        if (p->waits) TRY(write_tile(b->dir, p->path, buf_span(&p->bytes)));
    }
    return RC_OK;
}

static rc build_head(struct build *b, const struct note_key *key,
                     const uint8_t seed[NOTE_SEED_BYTES]) {
    char text[NOTE_BYTES_MAX], note[NOTE_BYTES_MAX];
    struct buf body, out;
    struct checkpoint c = {
        .origin = span_str(key->name), .size = tiles_size(b->tiles), .root = tiles_root(b->tiles)};
    buf_init_fixed(&out, text, sizeof text);
    note_key_write(key, &out);
    buf_char(&out, '\n');
    CHECK(!out.over);
    TRY(file_replace(b->dir, "key", buf_span(&out), FILE_PUBLIC));
    buf_init_fixed(&body, text, sizeof text);
    checkpoint_write(&c, &body);
    CHECK(!body.over);
    buf_init_fixed(&out, note, sizeof note);
    TRY(note_sign(buf_span(&body), key, seed, &out));
    return file_replace(b->dir, "checkpoint", buf_span(&out), FILE_PUBLIC);
}

rc record_build(const struct file *dir, struct span origin, const uint8_t seed[NOTE_SEED_BYTES],
                record_next *next, void *arg) {
    struct note_key key;
    TRY(note_key_of_seed(origin, seed, &key));
    rc code = file_make_folder(dir, "tile", FILE_PUBLIC);
    if (code == RC_CONFLICT) return rc_in(code, "there is a log already; name an empty folder: ");
    if (code != RC_OK) return code;
    struct build *b = mem_new(sizeof *b);
    b->dir = dir;
    b->tiles = tiles_new();
    buf_init(&b->batch, BATCH_BYTES_MAX + 2 * TILE_WIDTH);
    for (unsigned i = 0; i < PARTIAL_TILES; i++) {
        buf_init(&b->partials[i].bytes, BATCH_BYTES_MAX + 2 * TILE_WIDTH);
    }
    code = build_tiles(b, next, arg);
    if (code == RC_OK) code = build_head(b, &key, seed);
    for (unsigned i = 0; i < PARTIAL_TILES; i++) buf_done(&b->partials[i].bytes);
    buf_done(&b->batch);
    tiles_free(b->tiles);
    mem_free(b);
    return code;
}
