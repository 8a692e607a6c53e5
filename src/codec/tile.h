/*
 * tile: C2SP tlog-tiles: paths, and which tiles a tree has. Pure.
 */
#ifndef DATELINE_CODEC_TILE_H
#define DATELINE_CODEC_TILE_H

#include "base/buf.h"
#include "base/hash.h"

#define TILE_WIDTH 256
#define TILE_LEVELS_MAX 8       /* 256^8 > any size */
#define TILE_ENTRIES_LEVEL (-1) /* the level of entry bundles, "entries" in a path */
#define TILE_PATH_BYTES_MAX 64

struct tile {
    int level;      /* TILE_ENTRIES_LEVEL, 0 … */
    uint64_t index; /* N */
    unsigned width; /* 1 … 256; 256 is a full one and has no ".p/" */
};
/* "tile/0/x001/x234/067.p/8"; returns its length; NUL-terminated. */
size_t tile_path(const struct tile *tile, char out_path[TILE_PATH_BYTES_MAX]);
/* Strict: exactly what tile_path() writes. */
bool tile_path_read(struct span path, struct tile *out_tile);

/* An entry bundle's element: uint16 big-endian length ‖ bytes. */
void tile_entry_write(struct span entry, struct buf *out);
/* The next element at *at; false at the end or if it is cut short (then *at < bundle.n). */
bool tile_entry_next(struct span bundle, size_t *at, struct span *out_entry);

#endif
