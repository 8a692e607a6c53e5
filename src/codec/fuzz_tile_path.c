/* What tile_path_read() accepts, tile_path() writes back. */
#include "codec/tile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct span path = span_of(data, n);
    struct tile tile;
    if (!tile_path_read(path, &tile)) return 0;
    char again[TILE_PATH_BYTES_MAX];
    CHECK(span_eq(path, span_of(again, tile_path(&tile, again))));
    return 0;
}
