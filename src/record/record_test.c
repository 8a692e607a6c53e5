/* Tests of entries, openings, tiles and `record build`. */
#include "record/testing.h"

/* ---- entries --------------------------------------------------------------------------------- */

/* The example of docs/record-format.md §2. */
static const char example[] =
    "dateline-entry/v1\n"
    "type revision\n"
    "story 3f1c5a0e9b7d4c62a8e0d1f2b3c4d5e6\n"
    "revision 3\n"
    "previous 18203\n"
    "time 2026-11-24T20:33:59.123Z\n"
    "parts 41\n"
    "root 9c56cc51b374c3ba189210d5b6d4bf57790d351c96c47c02190ecf1e430635ab\n";

static void the_documents_entry(void **state) {
    (void)state;
    struct entry e;
    assert_ok(entry_read(span_str(example), &e));
    assert_int_equal(e.type, ENTRY_REVISION);
    assert_true(e.has_story);
    assert_int_equal(e.story.bytes[0], 0x3f);
    assert_int_equal(e.story.bytes[15], 0xe6);
    assert_int_equal(e.revision, 3);
    assert_int_equal(e.previous, 18203);
    assert_int_equal(e.time, 1795552439123);
    assert_int_equal(e.parts, 41);
    assert_int_equal(e.root.bytes[31], 0xab);
    struct buf b;
    buf_init(&b, ENTRY_BYTES_MAX);
    entry_write(&e, &b);
    assert_true(span_eq(buf_span(&b), span_str(example)));
    buf_done(&b);
}

static void entries_come_back(void **state) {
    (void)state;
    struct buf b;
    buf_init(&b, ENTRY_BYTES_MAX);
    for (unsigned i = 0; i < 2000; i++) {
        struct entry e = {.type = (enum entry_type)below(ENTRY_TYPE_COUNT),
                          .has_story = below(4) != 0,
                          .revision = below(3) ? (uint32_t)random_u64() : 0,
                          .previous = below(3) ? random_u64() >> below(64) : ENTRY_NONE,
                          .parts = 1 + (uint32_t)below(ENTRY_PARTS_MAX)},
                     got;
        /* 0001-01-01T00:00:00.000Z … 9999-12-31T23:59:59.999Z, and both ends */
        e.time = -62135596800000 + (ms_t)below(315537897600000);
        if (i == 0) e.time = -62135596800000;
        if (i == 1) e.time = 253402300799999;
        random_bytes(&e.root, sizeof e.root);
        if (e.has_story) random_bytes(&e.story, sizeof e.story);
        buf_clear(&b);
        entry_write(&e, &b);
        assert_false(b.over);
        assert_ok(entry_read(buf_span(&b), &got));
        assert_memory_equal(&got.root, &e.root, sizeof e.root);
        assert_memory_equal(&got.story, &e.story, sizeof e.story);
        assert_true(got.type == e.type && got.has_story == e.has_story &&
                    got.revision == e.revision);
        assert_true(got.previous == e.previous && got.time == e.time && got.parts == e.parts);
    }
    buf_done(&b);
}

/* The example with one thing changed. */
static void entries_are_canonical_or_refused(void **state) {
    (void)state;
    static const struct {
        const char *old, *new, *why; /* why NULL: it is fine so */
    } cases[] = {
        {"type revision", "type key", NULL},
        {"story 3f1c5a0e9b7d4c62a8e0d1f2b3c4d5e6", "story -", NULL},
        {"revision 3\n", "revision -\n", NULL},
        {"revision 3\n", "revision 4294967295\n", NULL},
        {"previous 18203", "previous -", NULL},
        {"previous 18203", "previous 0", NULL},
        {"previous 18203", "previous 18446744073709551614", NULL},
        {"2026-11-24", "2024-02-29", NULL},
        {"2026-11-24", "0001-01-01", NULL},
        {"parts 41", "parts 4096", NULL},
        {"v1\n", "v2\n", "line 1"},
        {"v1\n", "v1 \n", "line 1"},
        {"v1\n", "v1\r\n", "line 1"},
        {"dateline-entry", "Dateline-entry", "line 1"},
        {"type revision", "type Revision", "line 2"},
        {"type revision", "type  revision", "line 2"},
        {"type revision", "type", "line 2"},
        {"type revision", "type -", "line 2"},
        {"story 3f", "story 3F", "line 3"},
        {"story 3f", "story f", "line 3"},
        {"story 3f", "story 003f", "line 3"},
        {"revision 3\n", "revision 0\n", "line 4"},
        {"revision 3\n", "revision 03\n", "line 4"},
        {"revision 3\n", "revision 4294967296\n", "line 4"},
        {"revision 3\n", "revision +3\n", "line 4"},
        {"revision 3\n", "", "line 4"},
        {"revision 3\n", "revision 3\nrevision 3\n", "line 5"},
        {"previous 18203", "previous 18446744073709551615", "line 5"},
        {"previous 18203", "previous ", "line 5"},
        {"previous 18203", "previous --", "line 5"},
        {"2026-11-24", "2026-02-29", "line 6"},
        {"2026-11-24", "2026-13-24", "line 6"},
        {"2026-11-24", "2026-00-24", "line 6"},
        {"2026-11-24", "2026-11-31", "line 6"},
        {"2026-11-24", "2026-11-00", "line 6"},
        {"2026-11-24", "0000-11-24", "line 6"},
        {"T20", "T24", "line 6"},
        {"T20", "t20", "line 6"},
        {":59.", ":60.", "line 6"},
        {".123Z", "Z", "line 6"},
        {".123Z", ".123z", "line 6"},
        {".123Z", ".1234Z", "line 6"},
        {"parts 41", "parts 0", "line 7"},
        {"parts 41", "parts 4097", "line 7"},
        {"parts 41", "parts -", "line 7"},
        {"root 9c", "root 9C", "line 8"},
        {"root 9c", "root 9", "line 8"},
        {"ab\n", "ab", "line 8"},
        {"ab\n", "ab\n\n", "behind line 8"},
        {"ab\n", "ab\nx", "behind line 8"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buf b, again;
        struct entry e;
        buf_init(&b, 1024);
        buf_init(&again, 1024);
        const char *at = strstr(example, cases[i].old);
        assert_non_null(at);
        buf_add(&b, span_of(example, (size_t)(at - example)));
        buf_str(&b, cases[i].new);
        buf_str(&b, at + strlen(cases[i].old));
        rc code = entry_read(buf_span(&b), &e);
        if (code != (cases[i].why ? RC_INVALID : RC_OK)) {
            fail_msg("case %zu: %s, %s", i, rc_name(code), rc_why());
        }
        if (cases[i].why) {
            assert_why(cases[i].why);
        } else {
            entry_write(&e, &again);
            assert_true(span_eq(buf_span(&again), buf_span(&b)));
        }
        buf_done(&b);
        buf_done(&again);
    }
    char bytes[ENTRY_BYTES_MAX + 1];
    struct entry e;
    memset(bytes, 'x', sizeof bytes);
    assert_code(entry_read(span_of(bytes, sizeof bytes), &e), RC_INVALID);
    assert_why("at most 512");
    assert_code(entry_read(span_of(bytes, sizeof bytes - 1), &e), RC_INVALID);
    assert_why("line 1");
    for (size_t n = 0; n < sizeof example - 1; n++) {
        assert_code(entry_read(span_of(example, n), &e), RC_INVALID);
    }
}

/* ---- commitments and openings ---------------------------------------------------------------- */

static void commitments_and_roots(void **state) {
    (void)state;
    uint8_t salts[3 * SALT_BYTES];
    memset(salts, 's', SALT_BYTES);
    memset(salts + SALT_BYTES, 't', 2 * SALT_BYTES);
    struct span parts[3] = {SPAN("[[\"headline\"],\"A\"]"), SPAN(""), SPAN("x")};
    struct sha256 c[3], l[3];
    for (unsigned i = 0; i < 3; i++) c[i] = part_commitment(salts + i * SALT_BYTES, parts[i]);
    struct sha256 wanted = sha256_of(SPAN("dateline-commit/v1\0ssssssssssssssssssssssssssssssss"
                                          "\0\0\0\0\0\0\0\22[[\"headline\"],\"A\"]"));
    assert_true(sha256_eq(&c[0], &wanted));
    for (unsigned i = 0; i < 3; i++) l[i] = merkle_leaf(span_of(c[i].bytes, SHA256_BYTES));
    for (unsigned n = 0; n <= 3; n++) {
        struct sha256 root = parts_root(parts, span_of(salts, n * SALT_BYTES), n);
        struct sha256 by_leaves = merkle_root(l, n);
        assert_true(sha256_eq(&root, &by_leaves));
    }
}

/* What a seed gives is what its salts give, one by one. */
static void seeds(void **state) {
    (void)state;
    const struct span seed = SPAN("ssssssssssssssssssssssssssssssss");
    struct span parts[3] = {SPAN("[[\"headline\"],\"A\"]"), SPAN(""), SPAN("x")};
    const struct sha256 salts[3] = {
        sha256_of(SPAN("dateline-salt/v1\0ssssssssssssssssssssssssssssssss\0\0\0\0\0\0\0\0")),
        sha256_of(SPAN("dateline-salt/v1\0ssssssssssssssssssssssssssssssss\0\0\0\0\0\0\0\1")),
        sha256_of(SPAN("dateline-salt/v1\0ssssssssssssssssssssssssssssssss\0\0\0\0\0\0\0\2"))};
    for (size_t n = 2; n <= 3; n++) {
        struct sha256 by_seed = parts_root(parts, seed, n);
        struct sha256 by_salts = parts_root(parts, span_of(salts, n * SALT_BYTES), n);
        assert_true(sha256_eq(&by_seed, &by_salts));
        assert_true(salts_are_seed(seed, n) && salts_fit(seed, n));
        assert_true(salts_fit(span_of(salts, n * SALT_BYTES), n));
        assert_false(salts_fit(span_of(salts, (n + 1) * SALT_BYTES), n));
    }
    assert_false(salts_are_seed(seed, 1)); /* its salt */
    assert_false(salts_fit(span_sub(seed, 0, 31), 3));
    struct buf b;
    buf_init(&b, 4096);
    opening_write_seed(7, seed, &b);
    buf_char(&b, 0);
    assert_string_equal(
        b.p, "{\"entry\":7,\"seed\":\""
             "7373737373737373737373737373737373737373737373737373737373737373\",\"version\":1}");
    buf_done(&b);
}

static void openings(void **state) {
    (void)state;
    uint8_t salts[3 * SALT_BYTES];
    memset(salts, 0xAB, sizeof salts);
    struct span parts[3] = {SPAN("[[\"headline\"],\"Harbour reopens\"]"), {NULL, 0}, SPAN("")};
    struct sha256 commitments[3] = {{{0}}, {{0xCD, 1}}, {{0}}};
    struct buf b;
    buf_init(&b, 4096);
    opening_write(18204, parts, span_of(salts, sizeof salts), commitments, 3, &b);
#define SALT "abababababababababababababababababababababababababababababababab"
    assert_int_equal(
        b.n, strlen("{\"entry\":18204,\"parts\":[{\"part\":\"[[\\\"headline\\\"],\\\"Harbour "
                    "reopens\\\"]\",\"salt\":\"" SALT "\"},{\"commitment\":\"" SALT
                    "\"},{\"part\":\"\",\"salt\":\"" SALT "\"}],\"version\":1}"));
    buf_char(&b, 0);
    assert_string_equal(
        b.p,
        "{\"entry\":18204,\"parts\":[{\"part\":\"[[\\\"headline\\\"],\\\"Harbour "
        "reopens\\\"]\",\"salt\":\"" SALT
        "\"},{\"commitment\":\"cd01000000000000000000000000000000000000000000000000000000000000\"},"
        "{\"part\":\"\",\"salt\":\"" SALT "\"}],\"version\":1}");
    buf_clear(&b);
    opening_write(0, parts, span_of(salts, SALT_BYTES), NULL, 1, &b);
    assert_true(span_starts(buf_span(&b), SPAN("{\"entry\":0,\"parts\":[{\"part\":")));
    buf_done(&b);
}

/* ---- tiles ----------------------------------------------------------------------------------- */

/* What was put, by path: the newest. */
#define PUTS_MAX 4096
struct shelf {
    struct {
        char path[TILE_PATH_BYTES_MAX];
        struct span bytes;
        bool fresh; /* in this append */
    } items[PUTS_MAX];
    size_t count, calls, fail_at; /* fail_at: that call is refused; 0: none */
};

static size_t shelf_find(const struct shelf *s, struct span path) {
    size_t i = 0;
    while (i < s->count && !span_eq(span_str(s->items[i].path), path)) i++;
    return i;
}

static rc shelf_put(void *arg, const struct tile *tile, struct span path, struct span bytes) {
    struct shelf *s = arg;
    struct tile same;
    assert_true(tile_path_read(path, &same));
    assert_true(same.level == tile->level && same.index == tile->index &&
                same.width == tile->width);
    if (++s->calls == s->fail_at) return rc_fail(RC_FULL, "no room");
    size_t i = shelf_find(s, path);
    assert_true(i < PUTS_MAX);
    if (i == s->count) {
        s->count++;
        memcpy(s->items[i].path, path.p, path.n + 1);
    } else {
        assert_false(s->items[i].fresh); /* once each */
        mem_free((void *)(uintptr_t)s->items[i].bytes.p);
    }
    char *copy = mem_new(bytes.n);
    memcpy(copy, bytes.p, bytes.n);
    s->items[i].bytes = span_of(copy, bytes.n);
    s->items[i].fresh = true;
    return RC_OK;
}

static rc shelf_get(void *arg, const struct tile *tile, struct span path, struct span *out_bytes) {
    (void)tile;
    const struct shelf *s = arg;
    size_t i = shelf_find(s, path);
    if (i == s->count) return rc_fail(RC_NOT_FOUND, "no such tile");
    *out_bytes = s->items[i].bytes;
    return RC_OK;
}

static void shelf_done(struct shelf *s) {
    for (size_t i = 0; i < s->count; i++) mem_free((void *)(uintptr_t)s->items[i].bytes.p);
    mem_free(s);
}

#define LOG_MAX 70000
static struct sha256 leaves[LOG_MAX];
static char texts[LOG_MAX][24];
static struct span entries[LOG_MAX];

static int make_entries(void **state) {
    for (size_t i = 0; i < LOG_MAX; i++) {
        entries[i] = span_of(
            texts[i], (size_t)snprintf(texts[i], sizeof texts[i], "entry %zu", i * i % 7919));
        leaves[i] = merkle_leaf(entries[i]);
    }
    return make_folder(state);
}

/* The tile's bytes by the definition of tlog-tiles: hash i is MTH(D[(n·256 + i)·256^L …)). */
static void tile_by_definition(const struct tile *tile, struct buf *out) {
    for (unsigned i = 0; i < tile->width; i++) {
        uint64_t at = tile->index * 256 + i;
        if (tile->level == TILE_ENTRIES_LEVEL) {
            tile_entry_write(entries[at], out);
        } else {
            size_t span = (size_t)1 << (8 * tile->level);
            struct sha256 hash = merkle_root(leaves + at * span, span);
            buf_add(out, span_of(hash.bytes, SHA256_BYTES));
        }
    }
}

/* Every tile that a tree of `size` has by §1 is there and right. The number of them. */
static size_t check_tree(const struct shelf *s, uint64_t size, uint64_t from) {
    size_t count = 0;
    for (int level = TILE_ENTRIES_LEVEL; level < TILE_LEVELS_MAX; level++) {
        unsigned bits = level < 0 ? 0 : 8 * (unsigned)level;
        uint64_t hashes = bits < 64 ? size >> bits : 0, before = bits < 64 ? from >> bits : 0;
        for (uint64_t n = before / 256; n * 256 < hashes; n++) {
            struct tile tile = {.level = level, .index = n, .width = 256};
            if (hashes - n * 256 < 256) tile.width = (unsigned)(hashes - n * 256);
            if (hashes == before) continue;
            char path[TILE_PATH_BYTES_MAX];
            struct buf wanted;
            buf_init(&wanted, 1 << 20);
            size_t i = shelf_find(s, span_of(path, tile_path(&tile, path)));
            if (i == s->count)
                fail_msg("%s is missing in a tree of %llu", path, (unsigned long long)size);
            tile_by_definition(&tile, &wanted);
            if (!span_eq(buf_span(&wanted), s->items[i].bytes)) fail_msg("%s is wrong", path);
            if (!s->items[i].fresh) fail_msg("%s was not put again", path);
            buf_done(&wanted);
            count++;
        }
    }
    return count;
}

static void tiles_are_those_of_the_definition(void **state) {
    (void)state;
    static const size_t steps[] = {1, 1, 253, 1, 1, 255, 256, 257, 511, 3, 700, 1, 0, 1024, 5000};
    struct shelf *s = mem_new(sizeof *s);
    struct tiles *t = tiles_new();
    uint64_t size = 0;
    for (unsigned round = 0; round < 40; round++) {
        size_t count = round < COUNT_OF(steps) ? steps[round] : (size_t)below(2000);
        if (round == 39) count = LOG_MAX - (size_t)size; /* over 256² */
        for (size_t i = 0; i < s->count; i++) s->items[i].fresh = false;
        s->calls = 0;
        assert_ok(tiles_append(t, entries + size, count, shelf_put, s));
        size_t wanted = check_tree(s, size + count, size);
        assert_int_equal(s->calls, wanted); /* and no others */
        size += count;
        struct sha256 root = merkle_root(leaves, (size_t)size), got = tiles_root(t);
        assert_int_equal(tiles_size(t), size);
        assert_true(sha256_eq(&root, &got));
        if (round % 3 && round != 39) continue;
        /* Loaded from what was put, it goes on in the same way. */
        struct tiles *loaded = tiles_new();
        assert_ok(tiles_load(loaded, size, shelf_get, s));
        got = tiles_root(loaded);
        assert_true(sha256_eq(&root, &got));
        tiles_free(t);
        t = loaded;
    }
    tiles_free(t);
    shelf_done(s);
}

static void a_failing_put_changes_nothing(void **state) {
    (void)state;
    struct tiles *t = tiles_new();
    struct shelf *s = mem_new(sizeof *s);
    assert_ok(tiles_append(t, entries, 300, shelf_put, s));
    struct sha256 before = tiles_root(t);
    for (size_t n = 1;; n++) {
        struct shelf *other = mem_new(sizeof *other);
        other->fail_at = n;
        rc code = tiles_append(t, entries + 300, 700, shelf_put, other);
        shelf_done(other);
        if (code == RC_OK) {
            assert_int_equal(n, 8); /* 3 tiles of hashes, 3 of entries, 1 of level 1 */
            break;
        }
        assert_int_equal(code, RC_FULL);
        struct sha256 root = tiles_root(t);
        assert_int_equal(tiles_size(t), 300);
        assert_true(sha256_eq(&root, &before));
    }
    struct sha256 root = tiles_root(t), wanted = merkle_root(leaves, 1000);
    assert_true(sha256_eq(&root, &wanted));
    tiles_free(t);
    shelf_done(s);
}

static void what_does_not_fit_is_not_loaded(void **state) {
    (void)state;
    struct shelf *s = mem_new(sizeof *s);
    struct tiles *t = tiles_new(), *loaded = tiles_new();
    struct sha256 root, wanted;
    assert_ok(tiles_append(t, entries, 600, shelf_put, s));
    assert_ok(tiles_append(t, entries + 600, 200, shelf_put, s));
    assert_code(tiles_load(loaded, 601, shelf_get, s), RC_OK); /* out of the full tile 2 */
    root = tiles_root(loaded);
    wanted = merkle_root(leaves, 601);
    assert_true(sha256_eq(&root, &wanted));
    tiles_free(loaded);
    loaded = tiles_new();
    assert_code(tiles_load(loaded, 801, shelf_get, s), RC_NOT_FOUND);
    static const char *const paths[] = {"tile/0/003.p/32", "tile/entries/003.p/32",
                                        "tile/1/000.p/3"};
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        struct span *bytes = &s->items[shelf_find(s, span_str(paths[i]))].bytes, kept = *bytes;
        bytes->n--;
        assert_code(tiles_load(loaded, 800, shelf_get, s), RC_CORRUPT);
        *bytes = kept;
        if (i == 2) break; /* what a hash of level 1 is over is not there: the root tells */
        char *p = (char *)(uintptr_t)bytes->p;
        p[bytes->n - 1] ^= 1;
        assert_code(tiles_load(loaded, 800, shelf_get, s), RC_CORRUPT);
        p[bytes->n - 1] ^= 1;
    }
    assert_int_equal(tiles_size(loaded), 0);
    assert_ok(tiles_load(loaded, 800, shelf_get, s));
    root = tiles_root(loaded);
    wanted = merkle_root(leaves, 800);
    assert_true(sha256_eq(&root, &wanted));
    tiles_free(loaded);
    tiles_free(t);
    shelf_done(s);
}

/* ---- record build ---------------------------------------------------------------------------- */

struct source {
    uint64_t at, size;
    char bytes[65536];
    size_t first_bytes; /* of the first entry, if not 0 */
};

static rc source_next(void *arg, struct span *out_entry) {
    struct source *s = arg;
    if (s->at == s->size) return rc_fail(RC_NOT_FOUND, "no more");
    struct span entry = entries[s->at];
    if (s->at == 0 && s->first_bytes)
        entry = span_of(s->bytes, s->first_bytes);
    else
        memcpy(s->bytes, entry.p, entry.n); /* the same memory each time */
    *out_entry = span_of(s->bytes, entry.n);
    s->at++;
    return RC_OK;
}

/* The files below `path`, added to the shelf's count. */
static size_t count_files(const char *path) {
    char command[256], line[64];
    snprintf(command, sizeof command, "find %s/%s -type f | wc -l", folder_path, path);
    FILE *f = popen(command, "r");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f));
    pclose(f);
    return strtoul(line, NULL, 10);
}

static void built_logs(void **state) {
    (void)state;
    static const uint64_t sizes[] = {0, 1, 255, 256, 257, 1000, 65536, 70000};
    const uint8_t seed[NOTE_SEED_BYTES] = {7};
    for (size_t k = 0; k < COUNT_OF(sizes); k++) {
        char name[32];
        struct file dir;
        struct source *source = mem_new(sizeof *source);
        source->size = sizes[k];
        snprintf(name, sizeof name, "log%zu", k);
        assert_ok(file_make_folder(&folder, name, FILE_PUBLIC));
        assert_ok(file_open(&folder, name, FILE_FOLDER, &dir));
        assert_ok(record_build(&dir, SPAN("example.org/log"), seed, source_next, source));
        struct buf b;
        struct note_key key, of_seed;
        struct checkpoint c;
        buf_init(&b, 1 << 20);
        assert_ok(file_read_all(&dir, "key", &b));
        assert_true(span_ends(buf_span(&b), SPAN("\n")));
        assert_ok(note_key_read(span_sub(buf_span(&b), 0, b.n - 1), &key));
        assert_ok(note_key_of_seed(SPAN("example.org/log"), seed, &of_seed));
        assert_memory_equal(&key, &of_seed, sizeof key);
        buf_clear(&b);
        assert_ok(file_read_all(&dir, "checkpoint", &b));
        assert_ok(checkpoint_read(buf_span(&b), &key, &c));
        struct sha256 root = merkle_root(leaves, (size_t)sizes[k]);
        assert_int_equal(c.size, sizes[k]);
        assert_true(sha256_eq(&c.root, &root));
        /* Exactly the final tree's tiles. */
        size_t files = 0;
        for (int level = TILE_ENTRIES_LEVEL; level <= 2; level++) {
            uint64_t hashes = sizes[k] >> (level < 0 ? 0 : 8 * level);
            for (uint64_t n = 0; n * 256 < hashes; n++, files++) {
                uint64_t left = hashes - n * 256;
                struct tile tile = {
                    .level = level, .index = n, .width = left < 256 ? (unsigned)left : 256};
                char path[TILE_PATH_BYTES_MAX];
                struct buf wanted;
                buf_init(&wanted, 1 << 20);
                tile_path(&tile, path);
                buf_clear(&b);
                assert_ok(file_read_all(&dir, path, &b));
                tile_by_definition(&tile, &wanted);
                assert_true(span_eq(buf_span(&b), buf_span(&wanted)));
                buf_done(&wanted);
            }
        }
        assert_int_equal(count_files(name), files + 2);
        source->at = 0;
        assert_code(record_build(&dir, SPAN("example.org/log"), seed, source_next, source),
                    RC_CONFLICT);
        assert_why("empty folder");
        buf_done(&b);
        mem_free(source);
        file_close(&dir);
    }
}

static void build_limits(void **state) {
    (void)state;
    const uint8_t seed[NOTE_SEED_BYTES] = {7};
    for (size_t n = 65535; n <= 65536; n++) {
        char name[32];
        struct file dir;
        struct source *source = mem_new(sizeof *source);
        source->size = 2;
        source->first_bytes = n;
        snprintf(name, sizeof name, "large%zu", n);
        assert_ok(file_make_folder(&folder, name, FILE_PUBLIC));
        assert_ok(file_open(&folder, name, FILE_FOLDER, &dir));
        assert_code(record_build(&dir, SPAN("a"), seed, source_next, source),
                    n == 65535 ? RC_OK : RC_TOO_BIG);
        if (n > 65535) assert_why("entry 0");
        struct file_stat stat;
        assert_code(file_stat(&dir, "checkpoint", &stat), n == 65535 ? RC_OK : RC_NOT_FOUND);
        assert_code(record_build(&dir, SPAN("a b"), seed, source_next, source), RC_INVALID);
        mem_free(source);
        file_close(&dir);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_documents_entry),
        cmocka_unit_test(entries_come_back),
        cmocka_unit_test(entries_are_canonical_or_refused),
        cmocka_unit_test(commitments_and_roots),
        cmocka_unit_test(seeds),
        cmocka_unit_test(openings),
        cmocka_unit_test(tiles_are_those_of_the_definition),
        cmocka_unit_test(a_failing_put_changes_nothing),
        cmocka_unit_test(what_does_not_fit_is_not_loaded),
        cmocka_unit_test(built_logs),
        cmocka_unit_test(build_limits),
    };
    return cmocka_run_group_tests(tests, make_entries, remove_folder);
}
