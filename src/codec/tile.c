#include "codec/tile.h"

#define ENTRY_LENGTH_MAX 65535
#define GROUPS_MAX 7 /* of three digits, in 2^64 − 1 */

/* No tree of less than 2^64 entries has a tile beyond. */
static uint64_t index_max(int level) {
    unsigned full_bits = 8 * (level == TILE_ENTRIES_LEVEL ? 1u : (unsigned)level + 1);
    return full_bits >= 64 ? 0 : UINT64_MAX >> full_bits;
}

size_t tile_path(const struct tile *tile, char out_path[TILE_PATH_BYTES_MAX]) {
    CHECK(tile->level >= TILE_ENTRIES_LEVEL && tile->level < TILE_LEVELS_MAX);
    CHECK(tile->index <= index_max(tile->level));
    CHECK(tile->width >= 1 && tile->width <= TILE_WIDTH);
    struct buf b;
    buf_init_fixed(&b, out_path, TILE_PATH_BYTES_MAX - 1);
    if (tile->level == TILE_ENTRIES_LEVEL)
        buf_str(&b, "tile/entries/");
    else
        buf_printf(&b, "tile/%d/", tile->level);
    unsigned groups[GROUPS_MAX], count = 0;
    uint64_t rest = tile->index;
    do {
        groups[count++] = (unsigned)(rest % 1000);
        rest /= 1000;
    } while (rest);
    while (count-- > 0) buf_printf(&b, count ? "x%03u/" : "%03u", groups[count]);
    if (tile->width < TILE_WIDTH) buf_printf(&b, ".p/%u", tile->width);
    CHECK(!b.over);
    out_path[b.n] = 0;
    return b.n;
}

/* "x001/x234/067" */
static bool index_read(struct span text, uint64_t max, uint64_t *out_index) {
    uint64_t index = 0;
    for (unsigned groups = 0; text.p; groups++) {
        struct span group = span_cut(&text, '/');
        if (text.p && !span_starts(group, SPAN("x"))) return false;
        if (text.p) group = span_from(group, 1);
        if (group.n != 3 || groups == GROUPS_MAX) return false;
        unsigned value = 0;
        for (size_t i = 0; i < 3; i++) {
            if (group.p[i] < '0' || group.p[i] > '9') return false;
            value = value * 10 + (unsigned)(group.p[i] - '0');
        }
        if (groups == 0 && text.p && value == 0) return false; /* a group too many */
        if (value > max || index > (max - value) / 1000) return false;
        index = index * 1000 + value;
    }
    *out_index = index;
    return true;
}

bool tile_path_read(struct span path, struct tile *out_tile) {
    if (path.n >= TILE_PATH_BYTES_MAX || !span_eq(span_cut(&path, '/'), SPAN("tile"))) return false;
    struct span level = span_cut(&path, '/');
    if (!path.p) return false;
    struct tile tile = {.level = TILE_ENTRIES_LEVEL, .width = TILE_WIDTH};
    uint64_t number;
    if (!span_eq(level, SPAN("entries"))) {
        if (!span_to_u64(level, TILE_LEVELS_MAX - 1, &number)) return false;
        tile.level = (int)number;
    }
    struct span index = span_cut(&path, '.');
    if (path.p) {
        if (!span_starts(path, SPAN("p/"))) return false;
        if (!span_to_u64(span_from(path, 2), TILE_WIDTH - 1, &number) || number == 0) return false;
        tile.width = (unsigned)number;
    }
    if (!index_read(index, index_max(tile.level), &tile.index)) return false;
    *out_tile = tile;
    return true;
}

void tile_entry_write(struct span entry, struct buf *out) {
    CHECK(entry.n <= ENTRY_LENGTH_MAX);
    buf_be(out, entry.n, 2);
    buf_add(out, entry);
}

bool tile_entry_next(struct span bundle, size_t *at, struct span *out_entry) {
    struct span rest = span_from(bundle, *at);
    if (rest.n < 2) return false;
    size_t n = (size_t)(uint8_t)rest.p[0] << 8 | (uint8_t)rest.p[1];
    if (rest.n - 2 < n) return false;
    *out_entry = span_sub(rest, 2, n);
    *at += 2 + n;
    return true;
}
