/* Tests of merkle.h, note.h, tile.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "codec/merkle.h"
#include "codec/note.h"
#include "codec/tile.h"

#define assert_ok(call) assert_code(call, RC_OK)
static void check_code(rc got, rc wanted, const char *text, int line) {
    if (got != wanted) {
        fail_msg("line %d: %s is %s (%s), not %s", line, text, rc_name(got), rc_why(),
                 rc_name(wanted));
    }
}
#define assert_code(call, wanted) check_code((call), (wanted), #call, __LINE__)
static void check_why(const char *part, int line) {
    if (!strstr(rc_why(), part)) {
        fail_msg("line %d: \"%s\" does not say \"%s\"", line, rc_why(), part);
    }
}
#define assert_why(part) check_why((part), __LINE__)

/* ---- merkle ---------------------------------------------------------------------------------- */

static struct sha256 leaf_of(size_t i) {
    char text[32];
    return merkle_leaf(span_of(text, (size_t)snprintf(text, sizeof text, "leaf %zu", i)));
}

/* RFC 6962 §2.1 to the letter. */
static struct sha256 root_by_definition(const struct sha256 *leaves, size_t n) {
    if (n == 0) return sha256_of(span_of("", 0));
    if (n == 1) return leaves[0];
    size_t k = 1;
    while (k * 2 < n) k *= 2;
    struct sha256 left = root_by_definition(leaves, k),
                  right = root_by_definition(leaves + k, n - k);
    return merkle_node(&left, &right);
}

/* RFC 6962 §2.1.1 */
static size_t path_by_definition(const struct sha256 *leaves, size_t m, size_t n,
                                 struct sha256 *out) {
    if (n == 1) return 0;
    size_t k = 1, count;
    while (k * 2 < n) k *= 2;
    if (m < k) {
        count = path_by_definition(leaves, m, k, out);
        out[count] = root_by_definition(leaves + k, n - k);
    } else {
        count = path_by_definition(leaves + k, m - k, n - k, out);
        out[count] = root_by_definition(leaves, k);
    }
    return count + 1;
}

/* RFC 6962 §2.1.2: SUBPROOF */
static size_t subproof(const struct sha256 *leaves, size_t m, size_t n, bool whole,
                       struct sha256 *out) {
    if (m == n) {
        if (whole) return 0;
        out[0] = root_by_definition(leaves, n);
        return 1;
    }
    size_t k = 1, count;
    while (k * 2 < n) k *= 2;
    if (m <= k) {
        count = subproof(leaves, m, k, whole, out);
        out[count] = root_by_definition(leaves + k, n - k);
    } else {
        count = subproof(leaves + k, m - k, n - k, false, out);
        out[count] = root_by_definition(leaves, k);
    }
    return count + 1;
}

#define TREE_MAX 70

static void roots_are_the_rfcs(void **state) {
    (void)state;
    struct sha256 leaves[TREE_MAX];
    struct merkle_edge edge = {.size = 0};
    for (size_t n = 0;; n++) {
        struct sha256 wanted = root_by_definition(leaves, n), got = merkle_root(leaves, n),
                      of_edge = merkle_edge_root(&edge);
        assert_memory_equal(&got, &wanted, sizeof got);
        assert_memory_equal(&of_edge, &wanted, sizeof got);
        assert_int_equal(edge.size, n);
        if (n == TREE_MAX) break;
        leaves[n] = leaf_of(n);
        merkle_edge_append(&edge, &leaves[n]);
        assert_int_equal(merkle_edge_count(&edge), __builtin_popcountll(n + 1));
    }
    /* The RFC's own values for nothing and for an empty leaf. */
    uint8_t bytes[SHA256_BYTES];
    struct sha256 got = merkle_root(NULL, 0);
    assert_true(hex_decode(SPAN("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
                           bytes, sizeof bytes));
    assert_memory_equal(got.bytes, bytes, sizeof bytes);
    got = merkle_leaf(SPAN(""));
    assert_true(hex_decode(SPAN("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
                           bytes, sizeof bytes));
    assert_memory_equal(got.bytes, bytes, sizeof bytes);
}

static void proofs_hold_and_nothing_else(void **state) {
    (void)state;
    struct sha256 leaves[TREE_MAX], proof[66];
    for (size_t i = 0; i < TREE_MAX; i++) leaves[i] = leaf_of(i);
    for (size_t n = 1; n <= TREE_MAX; n++) {
        struct sha256 root = merkle_root(leaves, n);
        for (size_t i = 0; i < n; i++) {
            size_t count = path_by_definition(leaves, i, n, proof);
            assert_true(merkle_inclusion_ok(i, n, &leaves[i], proof, count, &root));
            assert_false(
                merkle_inclusion_ok(i, n, &leaves[(i + 1) % TREE_MAX], proof, count, &root));
            assert_false(merkle_inclusion_ok(n, n, &leaves[i], proof, count, &root));
            assert_false(merkle_inclusion_ok(i, n, &leaves[i], proof, count + 1, &root));
            if (count == 0) continue;
            assert_false(merkle_inclusion_ok(i, n, &leaves[i], proof, count - 1, &root));
            for (size_t k = 0; k < count; k++) {
                proof[k].bytes[31] ^= 1;
                assert_false(merkle_inclusion_ok(i, n, &leaves[i], proof, count, &root));
                proof[k].bytes[31] ^= 1;
            }
        }
        for (size_t m = 1; m <= n; m++) {
            struct sha256 root1 = merkle_root(leaves, m);
            size_t count = subproof(leaves, m, n, true, proof);
            assert_true(merkle_consistency_ok(m, n, proof, count, &root1, &root));
            assert_false(merkle_consistency_ok(m, n, proof, count + 1, &root1, &root));
            assert_false(merkle_consistency_ok(0, n, proof, count, &root1, &root));
            if (m == n) continue;
            assert_false(merkle_consistency_ok(m, n, proof, count, &root, &root1));
            assert_false(merkle_consistency_ok(n, m, proof, count, &root, &root1));
            assert_false(merkle_consistency_ok(m, n, proof, count - 1, &root1, &root));
            for (size_t k = 0; k < count; k++) {
                proof[k].bytes[0] ^= 128;
                assert_false(merkle_consistency_ok(m, n, proof, count, &root1, &root));
                proof[k].bytes[0] ^= 128;
            }
        }
    }
}

/* ---- published cases ------------------------------------------------------------------------- */

static size_t decode(const json_t *value, uint8_t *out, size_t cap) {
    const char *text = json_string_value(value);
    size_t n = 0;
    if (text) assert_true(base64_decode(span_str(text), out, cap, &n));
    return n;
}

/* A hash in a proof of another length than 32 bytes is one that our types cannot even say: refused.
 * A shorter root ("don't care") stands for itself, filled up. */
static bool hash_member(const json_t *value, bool is_root, struct sha256 *out) {
    uint8_t bytes[1024];
    size_t n = decode(value, bytes, sizeof bytes);
    if (n > SHA256_BYTES || (n < SHA256_BYTES && !is_root)) return false;
    *out = (struct sha256){{0}};
    memcpy(out->bytes, bytes, n);
    return true;
}

/* Some indexes are 2^64 − 1, which jansson reads as a real only. */
static uint64_t number_member(const json_t *c, const char *name) {
    double value = json_number_value(json_object_get(c, name));
    return value >= 18446744073709551615.0 ? UINT64_MAX : (uint64_t)value;
}

static bool case_accepted(const json_t *c, bool inclusion) {
    struct sha256 proof[256], a, b;
    json_t *list = json_object_get(c, "proof");
    size_t count = json_array_size(list);
    assert_true(count <= COUNT_OF(proof));
    for (size_t i = 0; i < count; i++) {
        if (!hash_member(json_array_get(list, i), false, &proof[i])) return false;
    }
    if (inclusion) {
        return hash_member(json_object_get(c, "leafHash"), false, &a) &&
               hash_member(json_object_get(c, "root"), true, &b) &&
               merkle_inclusion_ok(number_member(c, "leafIdx"), number_member(c, "treeSize"), &a,
                                   proof, count, &b);
    }
    return hash_member(json_object_get(c, "root1"), true, &a) &&
           hash_member(json_object_get(c, "root2"), true, &b) &&
           merkle_consistency_ok(number_member(c, "size1"), number_member(c, "size2"), proof, count,
                                 &a, &b);
}

static void run_cases(const char *kind, bool inclusion) {
    const char *shared = getenv("DATELINE_SHARED");
    char folder[4096], path[8192];
    snprintf(folder, sizeof folder, "%s/vectors/merkle/%s", shared ? shared : "../shared", kind);
    DIR *d = opendir(folder);
    if (!d) skip(); /* the test data is not part of the project */
    size_t accepted = 0, refused = 0;
    for (struct dirent *e; (e = readdir(d));) {
        if (!span_ends(span_str(e->d_name), SPAN(".json"))) continue;
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        json_error_t error;
        json_t *c = json_load_file(path, JSON_DECODE_INT_AS_REAL, &error);
        if (!c) fail_msg("%s: %s", path, error.text);
        bool wanted = !json_is_true(json_object_get(c, "wantErr"));
        if (case_accepted(c, inclusion) != wanted) {
            fail_msg("%s: must be %s", path, wanted ? "accepted" : "refused");
        }
        *(wanted ? &accepted : &refused) += 1;
        json_decref(c);
    }
    closedir(d);
    print_message("%s: %zu accepted, %zu refused\n", kind, accepted, refused);
    assert_true(accepted > 0 && refused > 0);
}

static void published_inclusion_cases(void **state) {
    (void)state;
    run_cases("inclusion", true);
}
static void published_consistency_cases(void **state) {
    (void)state;
    run_cases("consistency", false);
}

/* ---- note ------------------------------------------------------------------------------------ */

static const uint8_t seed[NOTE_SEED_BYTES] = {1, 2, 3};
static struct note_key the_key(void) {
    struct note_key key;
    assert_ok(note_key_of_seed(SPAN("example.org/record"), seed, &key));
    return key;
}

static void names(void **state) {
    (void)state;
    static const char *const good[] = {"a", "example.org:8080/record", "Gr\303\274\303\237e",
                                       "a-b_c.d"};
    static const char *const bad[] = {
        "",      "a b",          "a+b",   "a\tb",    "a\nb", "a\302\240b", "a\342\200\203",
        "a\377", "\343\200\200", "a\037", "\302\205"};
    for (size_t i = 0; i < COUNT_OF(good); i++) assert_true(note_name_ok(span_str(good[i])));
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        if (note_name_ok(span_str(bad[i]))) fail_msg("bad[%zu]", i);
    }
    char text[NOTE_NAME_BYTES_MAX + 1];
    memset(text, 'x', sizeof text);
    struct note_key key;
    assert_ok(note_key_of_seed(span_of(text, NOTE_NAME_BYTES_MAX), seed, &key));
    assert_int_equal(strlen(key.name), NOTE_NAME_BYTES_MAX);
    assert_code(note_key_of_seed(span_of(text, sizeof text), seed, &key), RC_INVALID);
    assert_code(note_key_of_seed(SPAN("a b"), seed, &key), RC_INVALID);
    assert_why("white space");
}

/* A key and a note that others made: the example of the signed-note document. */
static void the_example_of_others(void **state) {
    (void)state;
    struct note_key key;
    assert_ok(note_key_read(
        SPAN("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"), &key));
    assert_string_equal(key.name, "example.com/foo");
    struct span note = SPAN(
        "This is an example message.\n\n"
        "\xE2\x80\x94 example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ER"
        "YNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n");
    struct checkpoint c;
    /* Its signature is right, so that the text is looked at: it is no checkpoint. */
    assert_code(checkpoint_read(note, &key, &c), RC_INVALID);
    assert_why("origin");
    key.public_key[5] ^= 1;
    assert_code(checkpoint_read(note, &key, &c), RC_DENIED);
}

static void keys(void **state) {
    (void)state;
    struct note_key key = the_key(), again;
    struct buf b;
    buf_init(&b, 1024);
    note_key_write(&key, &b);
    assert_ok(note_key_read(buf_span(&b), &again));
    assert_memory_equal(&again, &key, sizeof key);
    for (size_t i = 0; i < b.n; i++) { /* one character changed: never read as the same key */
        char kept = b.p[i];
        b.p[i] = kept == 'A' ? 'B' : 'A';
        rc code = note_key_read(buf_span(&b), &again);
        assert_true(code == RC_INVALID);
        b.p[i] = kept;
    }
    for (size_t n = 0; n < b.n; n++) {
        assert_code(note_key_read(span_of(b.p, n), &again), RC_INVALID);
    }
    buf_char(&b, '\n');
    assert_code(note_key_read(buf_span(&b), &again), RC_INVALID);
    buf_done(&b);
    /* an ECDSA key */
    assert_code(
        note_key_read(SPAN("a+00000000+AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), &again),
        RC_INVALID);
    assert_why("Ed25519");
}

/* A note over `body` by the key, then `more`. */
static struct span signed_note(struct buf *b, const char *body, const char *more) {
    struct note_key key = the_key();
    buf_clear(b);
    assert_ok(note_sign(span_str(body), &key, seed, b));
    buf_str(b, more);
    return buf_span(b);
}

#define ORIGIN "example.org/record\n"
#define ROOT "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
#define LINE_OF_ANOTHER "\xE2\x80\x94 example.org/other AAAAAAAA\n"

static void checkpoints(void **state) {
    (void)state;
    struct note_key key = the_key();
    struct buf b;
    buf_init(&b, 3 * NOTE_BYTES_MAX);
    struct checkpoint c, want = {.origin = span_str(key.name), .size = UINT64_MAX};
    for (unsigned i = 0; i < SHA256_BYTES; i++) want.root.bytes[i] = (uint8_t)i;
    checkpoint_write(&want, &b);
    assert_memory_equal(b.p, ORIGIN "18446744073709551615\n" ROOT, b.n);
    struct span note = signed_note(&b, ORIGIN "18446744073709551615\n" ROOT, "");
    assert_ok(checkpoint_read(note, &key, &c));
    assert_true(span_eq(c.origin, want.origin) && c.size == want.size);
    assert_true(sha256_eq(&c.root, &want.root));
    assert_true(c.origin.p == note.p);
    for (size_t i = 0; i < note.n; i++) { /* no byte can be changed, or cut off */
        b.p[i] ^= 1;
        assert_true(checkpoint_read(note, &key, &c) != RC_OK);
        b.p[i] ^= 1;
        assert_true(checkpoint_read(span_of(note.p, i), &key, &c) != RC_OK);
    }
    assert_ok(checkpoint_read(note, &key, &c));

    static const struct {
        const char *body, *more;
        rc code;
        const char *why;
    } cases[] = {
        {ORIGIN "5\n" ROOT, LINE_OF_ANOTHER LINE_OF_ANOTHER, RC_OK, ""},
        {ORIGIN "5\n" ROOT, "\xE2\x80\x94 example.org/record AAAAAAAA\n", RC_OK, ""},
        {ORIGIN "5\n" ROOT, "- example.org/other AAAAAAAA\n", RC_INVALID, "dash"},
        {ORIGIN "5\n" ROOT, "\xE2\x80\x94 example.org/other AAAA\n", RC_INVALID, "base64"},
        {ORIGIN "5\n" ROOT, "\xE2\x80\x94 example.org/other AAAAAAA\n", RC_INVALID, "base64"},
        {ORIGIN "5\n" ROOT, "\xE2\x80\x94  AAAAAAAA\n", RC_INVALID, "base64"},
        {ORIGIN "5\n" ROOT, "\xE2\x80\x94 a\n", RC_INVALID, "base64"},
        {ORIGIN "5\n" ROOT, "\r\n", RC_INVALID, "UTF-8"},
        {ORIGIN "5\n" ROOT, "\xFF\n", RC_INVALID, "UTF-8"},
        {ORIGIN "5\n" ROOT, "\xE2\x80\x94 a AAAAAAAA", RC_INVALID, "UTF-8"},
        {ORIGIN "5\n" ROOT "\n", "", RC_INVALID, "extension"},
        {ORIGIN "5\n" ROOT "x\n", "", RC_INVALID, "extension"},
        {ORIGIN "5\n", "", RC_INVALID, "third"},
        {ORIGIN "5\nAAAA\n", "", RC_INVALID, "third"},
        {ORIGIN "05\n" ROOT, "", RC_INVALID, "size"},
        {ORIGIN "18446744073709551616\n" ROOT, "", RC_INVALID, "size"},
        {ORIGIN "-5\n" ROOT, "", RC_INVALID, "size"},
        {"example.org/other\n5\n" ROOT, "", RC_INVALID, "origin"},
        {"\n5\n" ROOT, "", RC_INVALID, "origin"},
        {ORIGIN "0\n" ROOT, "", RC_INVALID, "empty log"},
        {ORIGIN "0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", "", RC_OK, ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        rc code = checkpoint_read(signed_note(&b, cases[i].body, cases[i].more), &key, &c);
        if (code != cases[i].code) fail_msg("case %zu: %s, %s", i, rc_name(code), rc_why());
        if (code != RC_OK) assert_why(cases[i].why);
    }
    /* Ours twice, the second one wrong: the whole note is refused. */
    struct buf wrong;
    buf_init(&wrong, 1024);
    buf_add(&wrong, signed_note(&b, ORIGIN "5\n" ROOT, ""));
    buf_add(&wrong,
            span_from(signed_note(&b, ORIGIN "6\n" ROOT, ""), strlen(ORIGIN "6\n" ROOT) + 1));
    assert_code(checkpoint_read(buf_span(&wrong), &key, &c), RC_DENIED);
    assert_why("is wrong");
    /* Only another's. */
    assert_code(checkpoint_read(SPAN(ORIGIN "5\n" ROOT "\n" LINE_OF_ANOTHER), &key, &c), RC_DENIED);
    assert_code(checkpoint_read(SPAN(ORIGIN "5\n" ROOT "\n"), &key, &c), RC_DENIED);
    assert_code(checkpoint_read(SPAN(ORIGIN "5\n" ROOT), &key, &c), RC_INVALID);
    assert_code(checkpoint_read(SPAN(""), &key, &c), RC_INVALID);
    buf_done(&wrong);
    buf_done(&b);
}

static void note_limits(void **state) {
    (void)state;
    struct note_key key = the_key();
    struct checkpoint c;
    struct buf b;
    buf_init(&b, 3 * NOTE_BYTES_MAX);
    (void)signed_note(&b, ORIGIN "5\n" ROOT, "");
    size_t own = b.n, left = NOTE_BYTES_MAX - own;
    /* Another's line that fills the note to the last byte. */
    buf_str(&b, "\xE2\x80\x94 ");
    size_t name = left - strlen("\xE2\x80\x94  AAAAAAAA\n");
    for (size_t i = 0; i < name; i++) buf_char(&b, 'x');
    buf_str(&b, " AAAAAAAA\n");
    assert_int_equal(b.n, NOTE_BYTES_MAX);
    assert_ok(checkpoint_read(buf_span(&b), &key, &c));
    buf_str(&b, LINE_OF_ANOTHER);
    assert_code(checkpoint_read(buf_span(&b), &key, &c), RC_INVALID);
    assert_why("more than");

    static char body[NOTE_BYTES_MAX + 1];
    size_t signature = own - strlen(ORIGIN "5\n" ROOT);
    memset(body, '\n', sizeof body);
    buf_clear(&b);
    assert_ok(note_sign(span_of(body, NOTE_BYTES_MAX - signature), &key, seed, &b));
    buf_clear(&b);
    assert_code(note_sign(span_of(body, NOTE_BYTES_MAX - signature + 1), &key, seed, &b),
                RC_TOO_BIG);
    struct buf small;
    char memory[64];
    buf_init_fixed(&small, memory, sizeof memory);
    assert_code(note_sign(SPAN("a\n"), &key, seed, &small), RC_TOO_BIG);
    buf_clear(&b);
    assert_code(note_sign(SPAN("no line feed"), &key, seed, &b), RC_INVALID);
    assert_code(note_sign(SPAN(""), &key, seed, &b), RC_INVALID);
    assert_code(note_sign(SPAN("a\tb\n"), &key, seed, &b), RC_INVALID);
    uint8_t other[NOTE_SEED_BYTES] = {9};
    assert_code(note_sign(SPAN("a\n"), &key, other, &b), RC_INVALID);
    assert_why("seed");
    assert_int_equal(b.n, 0);
    buf_done(&b);
}

/* ---- tile ------------------------------------------------------------------------------------ */

static void tile_paths(void **state) {
    (void)state;
    static const struct {
        struct tile tile;
        const char *path;
    } good[] = {
        {{0, 0, 256}, "tile/0/000"},
        {{0, 1234067, 256}, "tile/0/x001/x234/067"},
        {{TILE_ENTRIES_LEVEL, 1234067, 8}, "tile/entries/x001/x234/067.p/8"},
        {{1, 999, 255}, "tile/1/999.p/255"},
        {{1, 1000, 1}, "tile/1/x001/000.p/1"},
        {{7, 0, 3}, "tile/7/000.p/3"},
        {{6, 255, 256}, "tile/6/255"},
        {{0, UINT64_MAX >> 8, 255}, "tile/0/x072/x057/x594/x037/x927/935.p/255"},
    };
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        char path[TILE_PATH_BYTES_MAX];
        struct tile tile;
        assert_int_equal(tile_path(&good[i].tile, path), strlen(good[i].path));
        assert_string_equal(path, good[i].path);
        assert_true(tile_path_read(span_str(path), &tile));
        assert_int_equal(tile.level, good[i].tile.level);
        assert_int_equal(tile.index, good[i].tile.index);
        assert_int_equal(tile.width, good[i].tile.width);
    }
    static const char *const bad[] = {
        "",
        "tile",
        "tile/",
        "tile/0",
        "tile/0/",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/x000/001",
        "tile/0/x001",
        "tile/0/001/002",
        "tile/0/x01/002",
        "tile/0/001/",
        "tile/0/x001/",
        "tile/00/001",
        "tile/8/000",
        "tile/-1/000",
        "tile/7/001",
        "tile/6/256",
        "tile/x/000",
        "tile/entries",
        "tile/entries/",
        "tile/Entries/000",
        "Tile/0/000",
        "/tile/0/000",
        "tile//0/000",
        "tile/0/000.p",
        "tile/0/000.p/",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/1/",
        "tile/0/000.p1",
        "tile/0/000.q/1",
        "tile/0/0a0",
        "tile/0/x072/x057/x594/x037/x927/936",
        "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
        "tile/0/000 ",
        "tile/0/000.p/+1",
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct tile tile;
        if (tile_path_read(span_str(bad[i]), &tile)) fail_msg("%s was read", bad[i]);
    }
    struct tile tile;
    assert_false(tile_path_read(span_of("tile/0/000\0", 11), &tile));
}

static void bundles(void **state) {
    (void)state;
    struct buf b;
    buf_init(&b, 1 << 20);
    char *large = mem_new(65535);
    tile_entry_write(SPAN("ab"), &b);
    tile_entry_write(SPAN(""), &b);
    tile_entry_write(span_of(large, 65535), &b);
    assert_memory_equal(b.p, "\0\2ab\0\0\xFF\xFF", 8);
    size_t at = 0;
    struct span entry;
    assert_true(tile_entry_next(buf_span(&b), &at, &entry));
    assert_true(span_eq(entry, SPAN("ab")));
    assert_true(tile_entry_next(buf_span(&b), &at, &entry));
    assert_int_equal(entry.n, 0);
    struct span cut = span_sub(buf_span(&b), 0, b.n - 1);
    assert_false(tile_entry_next(cut, &at, &entry));
    assert_int_equal(at, 6);
    assert_true(tile_entry_next(buf_span(&b), &at, &entry));
    assert_int_equal(entry.n, 65535);
    assert_int_equal(at, b.n);
    assert_false(tile_entry_next(buf_span(&b), &at, &entry));
    at = 0;
    assert_false(tile_entry_next(SPAN("\1"), &at, &entry));
    mem_free(large);
    buf_done(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roots_are_the_rfcs),
        cmocka_unit_test(proofs_hold_and_nothing_else),
        cmocka_unit_test(published_inclusion_cases),
        cmocka_unit_test(published_consistency_cases),
        cmocka_unit_test(names),
        cmocka_unit_test(the_example_of_others),
        cmocka_unit_test(keys),
        cmocka_unit_test(checkpoints),
        cmocka_unit_test(note_limits),
        cmocka_unit_test(tile_paths),
        cmocka_unit_test(bundles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
