/*
 * The records here are written by a small writer of this file's own, from docs/record-format.md:
 * the tree by RFC 6962's recursive definition, revisions and their parts by hand. Every corruption
 * must be found, once, and named at its place.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/mem.h"
#include "verify/internal.h"
#include "verify/verify.h"

#define ORIGIN "news.example/record"

/* --- a source in memory --- */

struct file {
    struct span path;
    struct buf bytes;
    unsigned status;
};

struct site {
    struct arena *arena;
    struct file files[2048];
    size_t count;
    size_t fetches, fail_at; /* the n-th fetch fails; 0: none */
};

static struct file *site_find(struct site *site, struct span path) {
    for (size_t i = 0; i < site->count; i++)
        if (span_eq(site->files[i].path, path)) return &site->files[i];
    return NULL;
}

static struct file *file_of(struct site *site, const char *path) {
    struct file *file = site_find(site, span_str(path));
    if (!file) fail_msg("no file %s", path);
    return file;
}

static struct buf *site_add(struct site *site, struct span path, unsigned status) {
    assert_true(site->count < COUNT_OF(site->files));
    assert_null(site_find(site, path));
    struct file *file = &site->files[site->count++];
    file->path = arena_copy(site->arena, path);
    file->status = status;
    buf_init(&file->bytes, 64u << 20);
    return &file->bytes;
}

static rc site_fetch(void *arg, struct span path, struct buf *out, unsigned *out_status) {
    struct site *site = arg;
    if (++site->fetches == site->fail_at) return rc_fail(RC_IO, "the line is dead");
    assert_true(span_starts(path, SPAN("/record/")));
    const struct file *file = site_find(site, path);
    *out_status = file ? file->status : 404;
    if (file) buf_add(out, buf_span(&file->bytes));
    return RC_OK;
}

static void site_done(struct site *site) {
    for (size_t i = 0; i < site->count; i++) buf_done(&site->files[i].bytes);
    arena_free(site->arena);
    mem_free(site);
}

static struct site *site_new(void) {
    struct site *site = mem_new(sizeof *site);
    site->arena = arena_new(64u << 20);
    return site;
}

/* --- the writer --- */

struct log_key {
    uint8_t public_key[32], secret[64];
};

static struct log_key log_key_of(uint8_t seed_byte) {
    struct log_key key;
    uint8_t seed[32];
    memset(seed, seed_byte, sizeof seed);
    crypto_sign_seed_keypair(key.public_key, key.secret, seed);
    return key;
}

static void key_id(const struct log_key *key, const char *name, uint8_t id[4]) {
    crypto_hash_sha256_state state;
    uint8_t hash[32], mid[2] = {0x0A, 0x01};
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const uint8_t *)name, strlen(name));
    crypto_hash_sha256_update(&state, mid, 2);
    crypto_hash_sha256_update(&state, key->public_key, 32);
    crypto_hash_sha256_final(&state, hash);
    memcpy(id, hash, 4);
}

static void vkey_write(struct buf *out, const struct log_key *key, const char *name) {
    uint8_t id[4], typed[33] = {1};
    key_id(key, name, id);
    memcpy(typed + 1, key->public_key, 32);
    buf_printf(out, "%s+", name);
    buf_hex(out, id, 4);
    buf_char(out, '+');
    buf_base64(out, typed, 33);
}

static void signature_write(struct buf *out, struct span text, const struct log_key *key,
                            const char *name) {
    uint8_t signature[68];
    key_id(key, name, signature);
    crypto_sign_detached(signature + 4, NULL, (const uint8_t *)text.p, text.n, key->secret);
    buf_printf(out, "\xE2\x80\x94 %s ", name);
    buf_base64(out, signature, sizeof signature);
    buf_char(out, '\n');
}

static void note_write(struct buf *out, const char *text, const struct log_key *key,
                       const char *name) {
    buf_clear(out);
    buf_str(out, text);
    buf_char(out, '\n');
    signature_write(out, span_str(text), key, name);
}

/* RFC 6962 §2.1, as it is defined there. */
static void mth(const struct sha256 *leaves, size_t n, struct sha256 *out) {
    if (n == 0) {
        crypto_hash_sha256(out->bytes, NULL, 0);
    } else if (n == 1) {
        *out = leaves[0];
    } else {
        size_t k = 1;
        while (k * 2 < n) k *= 2;
        uint8_t bytes[65] = {1};
        struct sha256 left, right;
        mth(leaves, k, &left);
        mth(leaves + k, n - k, &right);
        memcpy(bytes + 1, left.bytes, 32);
        memcpy(bytes + 33, right.bytes, 32);
        crypto_hash_sha256(out->bytes, bytes, 65);
    }
}

static void leaf_of(struct span data, struct sha256 *out) {
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const uint8_t *)"\0", 1);
    crypto_hash_sha256_update(&state, (const uint8_t *)data.p, data.n);
    crypto_hash_sha256_final(&state, out->bytes);
}

static void tile_path(char *out, size_t cap, const char *level, uint64_t n, size_t width) {
    char number[40];
    if (n >= 1000000)
        snprintf(number, sizeof number, "x%03u/x%03u/%03u", (unsigned)(n / 1000000),
                 (unsigned)(n / 1000 % 1000), (unsigned)(n % 1000));
    else if (n >= 1000)
        snprintf(number, sizeof number, "x%03u/%03u", (unsigned)(n / 1000), (unsigned)(n % 1000));
    else
        snprintf(number, sizeof number, "%03u", (unsigned)n);
    snprintf(out, cap, "/record/tile/%s/%s", level, number);
    if (width != 256) snprintf(out + strlen(out), cap - strlen(out), ".p/%zu", width);
}

static void tiles_write(struct site *site, const char *level, const struct sha256 *hashes,
                        size_t n) {
    for (size_t at = 0; at < n; at += 256) {
        char path[100];
        size_t width = n - at < 256 ? n - at : 256;
        tile_path(path, sizeof path, level, at / 256, width);
        buf_add(site_add(site, span_str(path), 200), span_of(hashes + at, width * 32));
    }
}

static void bundles_write(struct site *site, const struct span *entries, size_t n) {
    for (size_t at = 0; at < n; at += 256) {
        char path[100];
        size_t width = n - at < 256 ? n - at : 256;
        tile_path(path, sizeof path, "entries", at / 256, width);
        struct buf *bundle = site_add(site, span_str(path), 200);
        for (size_t i = at; i < at + width; i++) {
            buf_be(bundle, entries[i].n, 2);
            buf_add(bundle, entries[i]);
        }
    }
}

/* Key, checkpoint, tiles and bundles. */
static void log_write(struct site *site, const struct span *entries, size_t n) {
    struct log_key key = log_key_of(1);
    struct sha256 *hashes = mem_new((n + 1) * sizeof *hashes), root;
    for (size_t i = 0; i < n; i++) leaf_of(entries[i], &hashes[i]);
    mth(hashes, n, &root);
    bundles_write(site, entries, n);
    size_t width = n;
    for (char level[2] = "0"; width; level[0]++) {
        tiles_write(site, level, hashes, width);
        width /= 256;
        for (size_t i = 0; i < width; i++) mth(hashes + i * 256, 256, &hashes[i]);
    }
    mem_free(hashes);
    struct buf text;
    buf_init(&text, 4096);
    buf_printf(&text, ORIGIN "\n%zu\n", n);
    buf_base64(&text, root.bytes, 32);
    buf_str(&text, "\n");
    buf_char(&text, '\0');
    note_write(site_add(site, SPAN("/record/checkpoint"), 200), text.p, &key, ORIGIN);
    buf_done(&text);
    struct buf *vkey = site_add(site, SPAN("/record/key"), 200);
    vkey_write(vkey, &key, ORIGIN);
    buf_char(vkey, '\n');
}

/* --- looking at what the check says --- */

struct seen {
    struct verify_result result;
    char first[512]; /* the first fault */
    char all[8192];
    size_t told;
    uint64_t progress;
};

static void seen_fault(void *arg, struct span text) {
    struct seen *seen = arg;
    if (seen->told++ == 0) snprintf(seen->first, sizeof seen->first, SPAN_FMT, SPAN_ARG(text));
    size_t n = strlen(seen->all);
    snprintf(seen->all + n, sizeof seen->all - n, SPAN_FMT "\n", SPAN_ARG(text));
}

static void seen_progress(void *arg, uint64_t done, uint64_t of) {
    struct seen *seen = arg;
    assert_true(done <= of && done >= seen->progress);
    seen->progress = done;
}

static rc look_with(struct site *site, struct span vkey, bool tree_only, struct seen *seen) {
    memset(seen, 0, sizeof *seen);
    struct verify_source source = {site, site_fetch};
    struct verify_options options = {.vkey = vkey,
                                     .tree_only = tree_only,
                                     .fault = seen_fault,
                                     .progress = seen_progress,
                                     .arg = seen};
    return verify_record(&source, &options, &seen->result);
}

static void look(struct site *site, bool tree_only, struct seen *seen) {
    rc code = look_with(site, SPAN(""), tree_only, seen);
    if (code != RC_OK) fail_msg("%s: %s", rc_name(code), rc_why());
}

/* The first fault begins so, and there are that many. */
static void expect(const char *name, const struct seen *seen, const char *first, uint64_t faults) {
    if (strncmp(seen->first, first, strlen(first)) != 0 || seen->result.faults != faults)
        fail_msg("%s: expected %" PRIu64 " faults, the first: %s\ngot %" PRIu64 ":\n%s", name,
                 faults, first, seen->result.faults, seen->all);
}

/* --- the model: a few stories with everything in them --- */

#define ITEMS_MAX 300
struct item {
    struct buf entry, opening, revision;
    unsigned opening_status, revision_status; /* 404: there is no file */
};
struct model {
    struct item items[ITEMS_MAX];
    size_t count;
};

static void part_commit(struct span part, const uint8_t salt[32], struct sha256 *out) {
    crypto_hash_sha256_state state;
    uint8_t length[8] = {0};
    length[6] = (uint8_t)(part.n >> 8);
    length[7] = (uint8_t)part.n;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const uint8_t *)"dateline-commit/v1\0", 19);
    crypto_hash_sha256_update(&state, salt, 32);
    crypto_hash_sha256_update(&state, length, 8);
    crypto_hash_sha256_update(&state, (const uint8_t *)part.p, part.n);
    crypto_hash_sha256_final(&state, out->bytes);
}

/* Salts of a seed of the byte `of`. */
static void seed_opening(struct item *item, size_t index, int of, const char *const *parts,
                         struct sha256 *out_root, size_t *out_count) {
    static const char tag[] = "dateline-salt/v1";
    uint8_t seed[32];
    struct sha256 leaves[64], commitment;
    size_t n = 0;
    memset(seed, of, sizeof seed);
    for (; parts[n]; n++) {
        const uint8_t number[8] = {0, 0, 0, 0, 0, 0, 0, (uint8_t)n};
        uint8_t salt[32];
        crypto_hash_sha256_state state;
        crypto_hash_sha256_init(&state);
        crypto_hash_sha256_update(&state, (const uint8_t *)tag, sizeof tag);
        crypto_hash_sha256_update(&state, seed, sizeof seed);
        crypto_hash_sha256_update(&state, number, sizeof number);
        crypto_hash_sha256_final(&state, salt);
        part_commit(span_str(parts[n]), salt, &commitment);
        leaf_of(span_of(commitment.bytes, 32), &leaves[n]);
    }
    buf_printf(&item->opening, "{\"entry\":%zu,\"seed\":\"", index);
    buf_hex(&item->opening, seed, 32);
    buf_str(&item->opening, "\",\"version\":1}");
    mth(leaves, n, out_root);
    *out_count = n;
}

static void opening_write(struct item *item, size_t index, const char *const *parts,
                          struct sha256 *out_root, size_t *out_count) {
    struct sha256 leaves[64], commitment;
    size_t n = 0;
    buf_printf(&item->opening, "{\"entry\":%zu,\"parts\":[", index);
    for (; parts[n]; n++) {
        uint8_t salt[32];
        const char *text = parts[n];
        bool erased = *text == '!';
        if (erased) text++;
        memset(salt, (int)(index * 16 + n), sizeof salt);
        part_commit(span_str(text), salt, &commitment);
        leaf_of(span_of(commitment.bytes, 32), &leaves[n]);
        buf_str(&item->opening, n ? ",{" : "{");
        if (erased) {
            buf_str(&item->opening, "\"commitment\":\"");
            buf_hex(&item->opening, commitment.bytes, 32);
        } else {
            buf_str(&item->opening, "\"part\":\"");
            for (const char *p = text; *p; p++) {
                if (*p == '"' || *p == '\\') buf_char(&item->opening, '\\');
                buf_char(&item->opening, *p);
            }
            buf_str(&item->opening, "\",\"salt\":\"");
            buf_hex(&item->opening, salt, 32);
        }
        buf_str(&item->opening, "\"}");
    }
    buf_str(&item->opening, "],\"version\":1}");
    mth(leaves, n, out_root);
    *out_count = n;
}

/* Numbers below 0: "-". A part that begins with ! is erased. Those of the story 'c' have a seed. */
static struct item *model_add(struct model *m, const char *type, char story, int number,
                              int previous, const char *revision, const char *const *parts) {
    struct item *item = &m->items[m->count];
    struct sha256 root;
    size_t count;
    buf_init(&item->entry, 4096);
    buf_init(&item->opening, 1u << 20);
    buf_init(&item->revision, 1u << 20);
    if (story == 'c' && revision)
        seed_opening(item, m->count, 0xAB, parts, &root, &count);
    else
        opening_write(item, m->count, parts, &root, &count);
    buf_printf(&item->entry, "dateline-entry/v1\ntype %s\nstory ", type);
    for (int i = 0; i < (story ? 32 : 1); i++) buf_char(&item->entry, story ? story : '-');
    buf_printf(&item->entry, number < 0 ? "\nrevision -" : "\nrevision %d", number);
    buf_printf(&item->entry, previous < 0 ? "\nprevious -" : "\nprevious %d", previous);
    buf_printf(&item->entry, "\ntime 2026-11-24T20:33:59.123Z\nparts %zu\nroot ", count);
    buf_hex(&item->entry, root.bytes, 32);
    buf_char(&item->entry, '\n');
    buf_str(&item->revision, revision ? revision : "");
    item->opening_status = 200;
    item->revision_status = revision ? 200 : 404;
    m->count++;
    return item;
}

#define ID(digit) \
    digit digit digit digit digit digit digit digit digit digit digit digit digit digit digit digit

/* Members in JCS order; everything that is opened stands in it. */
static const char rich[] =
    "{\"blocks\":[{\"kind\":\"paragraph\",\"text\":[{\"text\":\"One \"},{\"look\":[\"strong\"],"
    "\"text\":\"two\"}]},{\"columns\":2,\"kind\":\"table\",\"rows\":[[],[{\"text\":\"x\"}]]},"
    "{\"kind\":\"rule\"}],\"bylines\":[{\"name\":\"Ann Ode\"}],\"code\":\"abc\",\"corrections\":[{"
    "\"at\":5,\"kind\":\"correction\",\"text\":\"Was 3.\"}],\"dateline\":{\"place\":\"OSLO\"},"
    "\"headline\":\"Harbour \\\"reopens\\\"\",\"leadPicture\":true,\"number\":1,\"path\":\"/a\","
    "\"pictures\":[{\"alt\":\"A quay\",\"renditions\":[{\"bytes\":9,\"hash\":\"" ID("cc")
        ID("cc") "\",\"height\":1,\"type\":\"image/jpeg\",\"width\":2},{\"bytes\":8,\"hash\":\"" ID(
            "dd")
            ID("dd") "\",\"height\":1,\"type\":\"image/"
                     "jpeg\",\"width\":1}]},{\"caption\":\"\xC3\x85re\",\"channels\":[\"feed\","
                     "\"web\"],\"expires\":7,\"noRedistribution\":true,\"usageTerms\":\"One "
                     "year\"}],\"published\":1,\"related\":[\"" ID("ba") "\"],\"story\":\"" ID(
                         "aa") "\",\"tags\":[{\"kind\":\"place\",\"name\":\"Oslo\","
                               "\"slug\":\"oslo\"}],\"updated\":9007199254740991,\"version\":1}";
static const char *const rich_parts[] = {
    "[[\"blocks\",0],{\"kind\":\"paragraph\",\"text\":[{\"text\":\"One \"},{\"look\":[\"strong\"],"
    "\"text\":\"two\"}]}]",
    "[[\"blocks\",1],{\"columns\":2,\"kind\":\"table\",\"rows\":[[],[{\"text\":\"x\"}]]}]",
    "[[\"blocks\",2],{\"kind\":\"rule\"}]",
    "[[\"bylines\",0],{\"name\":\"Ann Ode\"}]",
    "[[\"code\"],\"abc\"]",
    "[[\"corrections\",0],{\"at\":5,\"kind\":\"correction\",\"text\":\"Was 3.\"}]",
    "[[\"dateline\"],{\"place\":\"OSLO\"}]",
    "[[\"headline\"],\"Harbour \\\"reopens\\\"\"]",
    "[[\"leadPicture\"],true]",
    "[[\"number\"],1]",
    "[[\"path\"],\"/a\"]",
    "[[\"pictures\",0,\"alt\"],\"A quay\"]",
    "[[\"pictures\",0,\"renditions\",0],{\"bytes\":9,\"hash\":\"" ID("cc")
        ID("cc") "\",\"height\":1,\"type\":\"image/jpeg\",\"width\":2}]",
    "[[\"pictures\",0,\"renditions\",1],{\"bytes\":8,\"hash\":\"" ID("dd")
        ID("dd") "\",\"height\":1,\"type\":\"image/jpeg\",\"width\":1}]",
    "[[\"pictures\",1,\"caption\"],\"\xC3\x85re\"]",
    "[[\"pictures\",1,\"channels\"],[\"feed\",\"web\"]]",
    "[[\"pictures\",1,\"expires\"],7]",
    "[[\"pictures\",1,\"noRedistribution\"],true]",
    "[[\"pictures\",1,\"usageTerms\"],\"One year\"]",
    "[[\"published\"],1]",
    "[[\"related\"],[\"" ID("ba") "\"]]",
    "[[\"story\"],\"" ID("aa") "\"]",
    "[[\"tags\",0],{\"kind\":\"place\",\"name\":\"Oslo\",\"slug\":\"oslo\"}]",
    "[[\"updated\"],9007199254740991]",
    "[[\"version\"],1]",
    NULL};

/* The least that this test calls a revision. */
static struct item *plain_add(struct model *m, const char *type, char story, int number,
                              int previous, const char *change, const char *headline, bool erased) {
    char revision[1024], id[33], parts_text[5][256];
    const char *parts[6];
    size_t n = 0;
    memset(id, story, 32);
    id[32] = '\0';
    if (change) snprintf(parts_text[n++], 256, "[[\"change\"],\"%s\"]", change);
    snprintf(parts_text[n++], 256, "%s[[\"headline\"],\"%s\"]", erased ? "!" : "", headline);
    snprintf(parts_text[n++], 256, "[[\"number\"],%d]", number);
    snprintf(parts_text[n++], 256, "[[\"story\"],\"%s\"]", id);
    snprintf(parts_text[n++], 256, "[[\"version\"],1]");
    for (size_t i = 0; i < n; i++) parts[i] = parts_text[i];
    parts[n] = NULL;
    snprintf(revision, sizeof revision,
             "{%s%s%s\"headline\":\"%s\",\"number\":%d,\"story\":\"%s\",\"version\":1}",
             change ? "\"change\":\"" : "", change ? change : "", change ? "\"," : "", headline,
             number, id);
    struct item *item = model_add(m, type, story, number, previous, revision, parts);
    if (erased) item->revision_status = 410;
    return item;
}

/* A version of a standing page; `standing` is the value of that member. */
static void page_add(struct model *m, int number, int previous, const char *headline,
                     const char *standing) {
    char revision[512], parts_text[6][256];
    const char *parts[7];
    size_t n = 0;
    if (number > 1) snprintf(parts_text[n++], 256, "[[\"change\"],\"update\"]");
    snprintf(parts_text[n++], 256, "[[\"headline\"],\"%s\"]", headline);
    snprintf(parts_text[n++], 256, "[[\"number\"],%d]", number);
    snprintf(parts_text[n++], 256, "[[\"standing\"],%s]", standing);
    snprintf(parts_text[n++], 256, "[[\"story\"],\"" ID("77") "\"]");
    snprintf(parts_text[n++], 256, "[[\"version\"],1]");
    for (size_t i = 0; i < n; i++) parts[i] = parts_text[i];
    parts[n] = NULL;
    snprintf(revision, sizeof revision,
             "{%s\"headline\":\"%s\",\"number\":%d,\"standing\":%s,\"story\":\"" ID(
                 "77") "\",\"version\":1}",
             number > 1 ? "\"change\":\"update\"," : "", headline, number, standing);
    model_add(m, "standards", '7', number, previous, revision, parts);
}

static const char *const reasons[] = {"[[\"reason\"],\"A court said so\"]", "[[\"status\"],410]",
                                      NULL};
static const char *const restored[] = {"[[\"revision\"],1]", NULL};
static const char *const other[] = {"[[\"anything\",3],{}]", NULL};

static void model_fill(struct model *m) {
    model_add(m, "revision", 'a', 1, -1, rich, rich_parts); /* 0 */
    struct item *withheld = plain_add(m, "revision", 'b', 1, -1, NULL, "Bee", false);
    plain_add(m, "revision", 'a', 2, 0, "update", "Second", false);                      /* 2 */
    model_add(m, "site", 0, -1, -1, NULL, other);                                        /* 3 */
    plain_add(m, "correction", 'a', 3, 2, "editors-note", "Third", false);               /* 4 */
    model_add(m, "withdrawal", 'b', 1, 1, NULL, reasons);                                /* 5 */
    struct item *again = plain_add(m, "revision", 'c', 1, -1, NULL, "Sea", false);       /* 6 */
    model_add(m, "withdrawal", 'c', -1, 6, NULL, reasons);                               /* 7 */
    model_add(m, "restore", 'c', 1, 7, NULL, restored);                                  /* 8 */
    plain_add(m, "revision", 'd', 1, -1, NULL, "Dee", true);                             /* 9 */
    model_add(m, "erase", 'd', 1, 9, NULL, other);                                       /* 10 */
    struct item *lost = plain_add(m, "revision", 'e', 1, -1, NULL, "Eee", false);        /* 11 */
    plain_add(m, "revision", 'a', 4, 4, "minor", "\xF0\x9F\x97\x9E\xEF\xAC\xA1", false); /* 12 */
    page_add(m, 1, -1, "About", "{\"order\":10}");                                       /* 13 */
    page_add(m, 2, 13, "About us", "{\"note\":\"Who we are.\",\"order\":10}");           /* 14 */
    (void)again;
    withheld->opening_status = withheld->revision_status = 410;
    buf_clear(&withheld->opening);
    lost->opening_status = lost->revision_status = 410;
    buf_clear(&lost->opening);
    buf_str(&lost->opening, "{\"entry\":11,\"lost\":true,\"version\":1}");
}
#define MODEL_COUNT 15

static struct model *model_new(void) {
    struct model *m = mem_new(sizeof *m);
    model_fill(m);
    assert_int_equal(m->count, MODEL_COUNT);
    return m;
}

static void model_done(struct model *m) {
    for (size_t i = 0; i < m->count; i++) {
        buf_done(&m->items[i].entry);
        buf_done(&m->items[i].opening);
        buf_done(&m->items[i].revision);
    }
    mem_free(m);
}

static struct site *model_site(const struct model *m) {
    struct site *site = site_new();
    struct span entries[ITEMS_MAX];
    for (size_t i = 0; i < m->count; i++) {
        const struct item *item = &m->items[i];
        char path[80];
        entries[i] = buf_span(&item->entry);
        snprintf(path, sizeof path, "/record/opening/%zu.json", i);
        buf_add(site_add(site, span_str(path), item->opening_status), buf_span(&item->opening));
        if (item->revision_status == 404) continue;
        snprintf(path, sizeof path, "/record/revision/%zu.json", i);
        buf_add(site_add(site, span_str(path), item->revision_status), buf_span(&item->revision));
    }
    log_write(site, entries, m->count);
    return site;
}

/* --- everything good --- */

static void a_good_record_has_no_fault(void **state) {
    (void)state;
    struct model *m = model_new();
    struct site *site = model_site(m);
    struct seen seen;
    look(site, false, &seen);
    expect("good", &seen, "", 0);
    assert_string_equal(seen.result.origin, ORIGIN);
    assert_int_equal(seen.result.size, MODEL_COUNT);
    assert_int_equal(seen.result.stories, 6);
    assert_int_equal(seen.result.opened, MODEL_COUNT - 2);
    assert_int_equal(seen.result.withheld, 1);
    assert_int_equal(seen.result.lost, 1);
    assert_int_equal(seen.result.not_understood, 0);
    assert_int_equal(seen.progress, 2 * MODEL_COUNT);
    look(site, true, &seen);
    expect("good, the tree only", &seen, "", 0);
    assert_int_equal(seen.result.opened, 0);
    assert_int_equal(seen.progress, MODEL_COUNT);
    site_done(site);
    model_done(m);
}

/* Entries that are none of ours: `record build` takes any bytes, of any length, none too. */
static struct site *foreign_site(size_t n) {
    struct site *site = site_new();
    struct span *entries = mem_new((n + 1) * sizeof *entries);
    for (size_t i = 0; i < n; i++) {
        entries[i] = arena_printf(site->arena, "leaf %zu", i);
        if (i % 7 == 3) entries[i].n = 0;
    }
    log_write(site, entries, n);
    mem_free(entries);
    return site;
}

static void trees_of_many_sizes_are_good(void **state) {
    (void)state;
    static const size_t sizes[] = {0,   1,   2,   3,     7,     255,   256,
                                   257, 512, 513, 65535, 65536, 65537, 66049};
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        struct site *site = foreign_site(sizes[i]);
        struct seen seen;
        look(site, true, &seen);
        expect("a tree", &seen, "", 0);
        assert_int_equal(seen.result.size, sizes[i]);
        assert_int_equal(seen.result.not_understood, sizes[i]);
        site_done(site);
    }
}

static void a_record_over_several_bundles_is_good(void **state) {
    (void)state;
    for (size_t n = 255; n <= 257; n++) {
        struct model *m = mem_new(sizeof *m);
        for (size_t i = 0; i < n; i++)
            plain_add(m, i ? "correction" : "revision", 'a', (int)i + 1, (int)i - 1,
                      i ? "retraction" : NULL, "Again", false);
        struct site *site = model_site(m);
        struct seen seen;
        look(site, false, &seen);
        expect("several bundles", &seen, "", 0);
        assert_int_equal(seen.result.opened, n);
        assert_int_equal(seen.result.stories, 1);
        site_done(site);
        model_done(m);
    }
}

static void entries_of_others_are_faults_in_a_record(void **state) {
    (void)state;
    struct site *site = foreign_site(1003);
    struct seen seen;
    look(site, false, &seen);
    expect("foreign", &seen, "entry 0: its first line", 1003);
    assert_int_equal(seen.told, 1000);
    assert_int_equal(seen.result.not_understood, 1003);
    site_done(site);
}

/* --- one byte, in every file --- */

static void a_flipped_bit_is_found_in_every_file(void **state) {
    (void)state;
    struct model *m = model_new();
    struct site *site = model_site(m);
    struct seen seen;
    size_t flips = 0;
    for (size_t i = 0; i < site->count; i++) {
        struct file *file = &site->files[i];
        if (file->status != 200) continue;
        size_t step = file->bytes.n < 250 ? 1 : 7;
        for (size_t at = 0; at < file->bytes.n; at += step) {
            char bit = (char)(1u << (at * 5 % 8));
            file->bytes.p[at] ^= bit;
            look(site, false, &seen);
            if (!seen.result.faults)
                fail_msg(SPAN_FMT ": byte %zu is not looked at", SPAN_ARG(file->path), at);
            file->bytes.p[at] ^= bit;
            flips++;
        }
    }
    assert_true(flips > 2000);
    look(site, false, &seen);
    expect("as it was", &seen, "", 0);
    site_done(site);
    model_done(m);
}

/* --- files of the tree --- */

static void replace(struct arena *a, struct buf *b, const char *from, const char *to) {
    const char *hit = b->n ? memmem(b->p, b->n, from, strlen(from)) : NULL;
    if (!hit) fail_msg("\"%s\" is not in it", from);
    size_t at = (size_t)(hit - b->p);
    struct span tail = arena_copy(a, span_from(buf_span(b), at + strlen(from)));
    b->n = at;
    buf_str(b, to);
    buf_add(b, tail);
}

struct tree_case {
    const char *name, *path;
    enum { FLIP_LAST, CUT, GROW, GONE, FAILS, EMPTY } how;
    const char *expect;
    uint64_t faults;
};

/* 513 entries: two full tiles of level 0 and one of width 1, one of level 1 of width 2. */
static const struct tree_case tree_cases[] = {
    {"full tile", "/record/tile/0/000", FLIP_LAST, "/record/tile/0/000: hash 255 is not", 1},
    {"partial tile", "/record/tile/0/002.p/1", FLIP_LAST, "/record/tile/0/002.p/1: hash 0 is not",
     1},
    {"upper tile", "/record/tile/1/000.p/2", FLIP_LAST, "/record/tile/1/000.p/2: hash 1 is not", 1},
    {"short tile", "/record/tile/0/001", CUT, "/record/tile/0/001: is 8191 bytes", 1},
    {"long tile", "/record/tile/0/001", GROW, "/record/tile/0/001: is 8193 bytes", 1},
    {"long partial", "/record/tile/1/000.p/2", GROW, "/record/tile/1/000.p/2: is 65 bytes", 1},
    {"empty tile", "/record/tile/0/002.p/1", EMPTY, "/record/tile/0/002.p/1: is 0 bytes", 1},
    {"no full tile", "/record/tile/0/000", GONE, "/record/tile/0/000: answers 404", 1},
    {"no partial tile", "/record/tile/0/002.p/1", GONE, "/record/tile/0/002.p/1: answers 404", 1},
    {"no upper tile", "/record/tile/1/000.p/2", GONE, "/record/tile/1/000.p/2: answers 404", 1},
    {"a tile fails", "/record/tile/0/000", FAILS, "/record/tile/0/000: answers 503", 1},
    {"no bundle", "/record/tile/entries/001", GONE, "/record/tile/entries/001: answers 404", 1},
    {"no partial bundle", "/record/tile/entries/002.p/1", GONE,
     "/record/tile/entries/002.p/1: answers 404", 1},
    {"a bundle fails", "/record/tile/entries/000", FAILS, "/record/tile/entries/000: answers 503",
     1},
    {"short bundle", "/record/tile/entries/000", CUT, "/record/tile/entries/000: ends inside", 1},
    {"long bundle", "/record/tile/entries/000", GROW, "/record/tile/entries/000: 1 bytes stand", 1},
    {"empty bundle", "/record/tile/entries/000", EMPTY, "/record/tile/entries/000: ends after 0",
     1},
    /* One entry is another: its tile, the tile above, and the root say so. */
    {"another entry", "/record/tile/entries/001", FLIP_LAST, "/record/tile/0/001: hash 255 is not",
     3},
    {"another last entry", "/record/tile/entries/002.p/1", FLIP_LAST,
     "/record/tile/0/002.p/1: hash 0 is not", 2},
};

static void break_file(struct file *file, int how) {
    switch (how) {
    case FLIP_LAST: file->bytes.p[file->bytes.n - 1] ^= 1; break;
    case CUT: file->bytes.n--; break;
    case GROW: buf_char(&file->bytes, 'x'); break;
    case GONE: file->path = SPAN("/gone"); break;
    case FAILS: file->status = 503; break;
    default: file->bytes.n = 0; break;
    }
}

static void a_broken_tree_is_named(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(tree_cases); i++) {
        const struct tree_case *t = &tree_cases[i];
        struct site *site = foreign_site(513);
        struct seen seen;
        break_file(file_of(site, t->path), t->how);
        look(site, true, &seen);
        expect(t->name, &seen, t->expect, t->faults);
        site_done(site);
    }
}

static void a_bundle_and_its_tile_may_both_be_missing(void **state) {
    (void)state;
    struct site *site = foreign_site(513);
    struct seen seen;
    break_file(file_of(site, "/record/tile/entries/000"), GONE);
    break_file(file_of(site, "/record/tile/0/000"), GONE);
    look(site, true, &seen);
    expect("both", &seen, "/record/tile/entries/000: answers 404", 3);
    assert_non_null(strstr(seen.all, "the root cannot be computed"));
    assert_int_equal(seen.result.not_understood, 257);
    site_done(site);
}

/* A partial tile that a full one replaced may be gone: then the full one does. */
static void the_full_tile_stands_for_the_partial_one(void **state) {
    (void)state;
    struct site *small = foreign_site(300), *large = foreign_site(512);
    struct seen seen;
    static const char *const levels[] = {"0", "entries"};
    for (size_t i = 0; i < 2; i++) {
        char partial[60], full[60];
        snprintf(partial, sizeof partial, "/record/tile/%s/001.p/44", levels[i]);
        snprintf(full, sizeof full, "/record/tile/%s/001", levels[i]);
        file_of(small, partial)->path = SPAN("/gone");
        buf_add(site_add(small, span_str(full), 200), buf_span(&file_of(large, full)->bytes));
    }
    look(small, true, &seen);
    expect("replaced", &seen, "", 0);
    /* It must be good where it is asked, and full. */
    file_of(small, "/record/tile/0/001")->bytes.p[43 * 32] ^= 1;
    look(small, true, &seen);
    expect("replaced, wrong", &seen, "/record/tile/0/001: hash 43 is not", 1);
    file_of(small, "/record/tile/0/001")->bytes.n = 44 * 32;
    look(small, true, &seen);
    expect("replaced, short", &seen, "/record/tile/0/001: is 1408 bytes", 1);
    site_done(small);
    site_done(large);
}

static void endless_logs_end(void **state) {
    (void)state;
    struct site *site = foreign_site(0);
    struct seen seen;
    struct log_key key = log_key_of(1);
    note_write(&file_of(site, "/record/checkpoint")->bytes,
               ORIGIN "\n9223372036854775807\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", &key,
               ORIGIN);
    assert_int_equal(look_with(site, SPAN(""), true, &seen), RC_NOT_FOUND);
    site_done(site);
}

static void a_way_that_fails_ends_the_check(void **state) {
    (void)state;
    struct model *m = model_new();
    struct site *site = model_site(m);
    struct seen seen;
    look(site, false, &seen);
    size_t fetches = site->fetches;
    for (size_t i = 1; i <= fetches; i++) {
        site->fetches = 0;
        site->fail_at = i;
        assert_int_equal(look_with(site, SPAN(""), false, &seen), RC_IO);
        assert_int_equal(site->fetches, i);
    }
    site_done(site);
    model_done(m);
}

/* --- the checkpoint and the key --- */

#define EMPTY_ROOT "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

static void checkpoints_are_strict(void **state) {
    (void)state;
    static const struct {
        const char *name, *text, *expect;
    } cases[] = {
        {"as it is", ORIGIN "\n0\n" EMPTY_ROOT "\n", ""},
        {"extension", ORIGIN "\n0\n" EMPTY_ROOT "\nmore\n", "a fourth line"},
        {"leading zero", ORIGIN "\n00\n" EMPTY_ROOT "\n", "the size is not"},
        {"sign", ORIGIN "\n+0\n" EMPTY_ROOT "\n", "the size is not"},
        {"no size", ORIGIN "\n\n" EMPTY_ROOT "\n", "the size is not"},
        {"too large", ORIGIN "\n9223372036854775808\n" EMPTY_ROOT "\n", "the size is not"},
        {"short root", ORIGIN "\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuA==\n",
         "the root is not"},
        {"spare bits", ORIGIN "\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=\n",
         "the root is not"},
        {"no padding", ORIGIN "\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU\n",
         "the root is not"},
        {"wrong root", ORIGIN "\n0\n57DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
         "the root is not that of the entries"},
        {"other origin", "other.example/record\n0\n" EMPTY_ROOT "\n", "the origin is not the name"},
        {"no origin", "\n0\n" EMPTY_ROOT "\n", "the origin is empty"},
        {"space in the origin", "news example\n0\n" EMPTY_ROOT "\n", "the origin holds a space"},
        {"carriage return", ORIGIN "\n0\r\n" EMPTY_ROOT "\n", "the note holds a control"},
        {"two lines", ORIGIN "\n0\n", "the root is not"},
        {"no UTF-8", ORIGIN "\xFF\n0\n" EMPTY_ROOT "\n", "the note is not well-formed"},
    };
    struct log_key key = log_key_of(1);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct site *site = foreign_site(0);
        struct seen seen;
        char text[200];
        note_write(&file_of(site, "/record/checkpoint")->bytes, cases[i].text, &key, ORIGIN);
        look(site, true, &seen);
        snprintf(text, sizeof text, "/record/checkpoint: %s", cases[i].expect);
        expect(cases[i].name, &seen, *cases[i].expect ? text : "", *cases[i].expect ? 1 : 0);
        site_done(site);
    }
}

static void long_origins_are_refused(void **state) {
    (void)state;
    struct log_key key = log_key_of(1);
    for (size_t n = 255; n <= 256; n++) {
        char name[300], text[400];
        memset(name, 'n', n);
        name[n] = '\0';
        struct site *site = foreign_site(0);
        struct seen seen;
        snprintf(text, sizeof text, "%s\n0\n" EMPTY_ROOT "\n", name);
        note_write(&file_of(site, "/record/checkpoint")->bytes, text, &key, name);
        struct buf *vkey = &file_of(site, "/record/key")->bytes;
        buf_clear(vkey);
        vkey_write(vkey, &key, name);
        buf_char(vkey, '\n');
        look(site, true, &seen);
        assert_int_equal(seen.result.faults, n == 255 ? 0 : 2);
        assert_int_equal(strlen(seen.result.origin), n == 255 ? 255 : 0);
        site_done(site);
    }
}

static void signatures_are_strict(void **state) {
    (void)state;
    struct site *site = foreign_site(5);
    struct seen seen;
    struct log_key key = log_key_of(1), witness = log_key_of(2);
    struct buf *note = &file_of(site, "/record/checkpoint")->bytes;
    struct span good = arena_copy(site->arena, buf_span(note));
    struct span text =
        span_sub(good, 0, (size_t)((char *)memmem(good.p, good.n, "\n\n", 2) - good.p) + 1);
    struct span lines = span_from(good, text.n + 1);

    /* Others may sign too, before and behind. */
    buf_clear(note);
    buf_add(note, text);
    buf_char(note, '\n');
    signature_write(note, text, &witness, "witness.example");
    buf_add(note, lines);
    signature_write(note, text, &witness, ORIGIN);
    look(site, true, &seen);
    expect("witnesses", &seen, "", 0);

    buf_clear(note);
    buf_add(note, text);
    buf_char(note, '\n');
    look(site, true, &seen);
    expect("no signature", &seen, "/record/checkpoint: there is no signature", 1);
    signature_write(note, text, &witness, ORIGIN);
    look(site, true, &seen);
    expect("other key", &seen, "/record/checkpoint: it is not signed by the key", 1);
    /* The key's own signature, over something else, beside the good one. */
    signature_write(note, text, &key, ORIGIN);
    signature_write(note, SPAN("else\n"), &key, ORIGIN);
    look(site, true, &seen);
    expect("one bad", &seen, "/record/checkpoint: the key's signature does not hold", 1);

    static const struct {
        const char *name, *line;
    } bad[] = {
        {"hyphen", "- " ORIGIN " AAAAAAA=\n"},
        {"name only", "\xE2\x80\x94 " ORIGIN "\n"},
        {"no name", "\xE2\x80\x94  AAAAAAA=\n"},
        {"short", "\xE2\x80\x94 " ORIGIN " AAAAAA==\n"},
        {"two spaces", "\xE2\x80\x94 " ORIGIN "  AAAAAAA=\n"},
        {"trailing space", "\xE2\x80\x94 " ORIGIN " AAAAAAA= \n"},
        {"no line feed", "\xE2\x80\x94 " ORIGIN " AAAAAAA="},
        {"empty line", "\n"},
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        buf_clear(note);
        buf_add(note, good);
        buf_str(note, bad[i].line);
        look(site, true, &seen);
        expect(bad[i].name, &seen, "/record/checkpoint: a signature", 1);
    }
    buf_clear(note);
    buf_add(note, good);
    for (unsigned i = 1; i < VERIFY_SIGNATURES_MAX; i++) buf_str(note, "\xE2\x80\x94 w AAAAAAA=\n");
    look(site, true, &seen);
    expect("as many as may be", &seen, "", 0);
    buf_str(note, "\xE2\x80\x94 w AAAAAAA=\n");
    look(site, true, &seen);
    expect("one too many", &seen, "/record/checkpoint: more than 100 signatures", 1);
    site_done(site);
}

static void a_checkpoint_of_fewer_entries_is_found(void **state) {
    (void)state;
    struct site *site = foreign_site(5), *four = foreign_site(4);
    struct seen seen;
    struct buf *note = &file_of(site, "/record/checkpoint")->bytes;
    buf_clear(note);
    buf_add(note, buf_span(&file_of(four, "/record/checkpoint")->bytes));
    file_of(site, "/record/tile/entries/000.p/5")->path = SPAN("/record/tile/entries/000.p/4");
    file_of(site, "/record/tile/0/000.p/5")->path = SPAN("/record/tile/0/000.p/4");
    look(site, true, &seen);
    expect("fewer", &seen, "/record/tile/entries/000.p/4: 8 bytes stand behind", 3);
    site_done(site);
    site_done(four);
}

static void keys_are_strict(void **state) {
    (void)state;
    struct log_key wrong = log_key_of(2);
    struct site *site = foreign_site(3);
    struct seen seen;
    struct buf *file = &file_of(site, "/record/key")->bytes;
    struct span line = arena_copy(site->arena, buf_span(file));
    struct span good = span_sub(line, 0, line.n - 1);
    char memory[200];
    struct buf other_key;
    buf_init_fixed(&other_key, memory, sizeof memory);
    vkey_write(&other_key, &wrong, ORIGIN);

    assert_int_equal(look_with(site, good, true, &seen), RC_OK);
    expect("known", &seen, "", 0);
    assert_int_equal(look_with(site, line, true, &seen), RC_OK);
    expect("known, with its line feed", &seen, "", 0);
    assert_int_equal(look_with(site, buf_span(&other_key), true, &seen), RC_OK);
    expect("another was known", &seen, "/record/key: is not the key that was given", 2);
    assert_non_null(strstr(seen.all, "it is not signed by the key"));
    assert_int_equal(look_with(site, SPAN("nonsense"), true, &seen), RC_USAGE);

    buf_clear(file);
    buf_add(file, buf_span(&other_key));
    buf_char(file, '\n');
    look(site, true, &seen);
    expect("the source has another", &seen, "/record/checkpoint: it is not signed by the key", 1);
    /* The right id before another key. */
    uint8_t typed[33] = {1};
    memcpy(typed + 1, wrong.public_key, 32);
    buf_clear(file);
    buf_add(file, span_sub(good, 0, strlen(ORIGIN) + 10));
    buf_base64(file, typed, 33);
    buf_char(file, '\n');
    look(site, true, &seen);
    expect("wrong id", &seen, "/record/key: the key's id is not that", 1);
    typed[0] = 2;
    buf_clear(file);
    buf_add(file, span_sub(good, 0, strlen(ORIGIN) + 10));
    buf_base64(file, typed, 33);
    buf_char(file, '\n');
    look(site, true, &seen);
    expect("wrong type", &seen, "/record/key: the key is not of type 1", 1);
    buf_clear(file);
    buf_add(file, good);
    look(site, true, &seen);
    expect("no line feed", &seen, "/record/key: does not end", 1);
    buf_str(file, "\n\n");
    look(site, true, &seen);
    expect("two line feeds", &seen, "/record/key: the key is not canonical", 1);
    file_of(site, "/record/key")->status = 404;
    look(site, true, &seen);
    expect("no key", &seen, "/record/key: answers 404", 1);
    assert_int_equal(look_with(site, good, true, &seen), RC_OK);
    expect("known, but not there", &seen, "/record/key: answers 404", 1);
    file_of(site, "/record/checkpoint")->status = 500;
    look(site, true, &seen);
    expect("nothing", &seen, "/record/key: answers 404", 2);
    site_done(site);
}

/* --- entries --- */

struct edit_case {
    const char *name;
    size_t item;
    const char *from, *to; /* in the entry, the opening or the revision */
    const char *expect;
    uint64_t faults;
};

/* The tree is built over the changed entry: only what the entry says is wrong. */
static const struct edit_case entry_cases[] = {
    {"magic", 2, "entry/v1", "entry/v2", "entry 2: its first line", 1},
    {"type", 2, "type revision", "type Revision", "entry 2: its type", 1},
    {"no type", 2, "type revision\n", "", "entry 2: a line is not \"type", 1},
    {"two spaces", 2, "type revision", "type  revision", "entry 2: its type", 1},
    {"trailing space", 2, "type revision", "type revision ", "entry 2: its type", 1},
    {"tab", 2, "type revision", "type\trevision", "entry 2: a line is not \"type", 1},
    {"carriage return", 2, "revision 2\n", "revision 2\r\n", "entry 2: its revision", 1},
    {"story in capitals", 2, "story a", "story A", "entry 2: its story", 1},
    {"short story", 2, "story aa", "story a", "entry 2: its story", 1},
    {"long story", 2, "story aa", "story aaa", "entry 2: its story", 1},
    {"revision 0", 2, "revision 2", "revision 0", "entry 2: its revision", 1},
    {"revision 02", 2, "revision 2", "revision 02", "entry 2: its revision", 1},
    {"revision 2^53", 2, "revision 2", "revision 9007199254740992", "entry 2: its revision", 1},
    {"previous -1", 2, "previous 0", "previous -1", "entry 2: its previous is not an index", 1},
    {"previous 00", 2, "previous 0", "previous 00", "entry 2: its previous is not an index", 1},
    {"year 0", 2, "time 2026", "time 0000", "entry 2: its time", 1},
    {"month 13", 2, "-11-", "-13-", "entry 2: its time", 1},
    {"31 November", 2, "-11-24", "-11-31", "entry 2: its time", 1},
    {"29 February", 2, "-11-24", "-02-29", "entry 2: its time", 1},
    {"hour 24", 2, "T20:", "T24:", "entry 2: its time", 1},
    {"second 60", 2, ":59.", ":60.", "entry 2: its time", 1},
    {"no milliseconds", 2, ".123Z", "Z", "entry 2: its time", 1},
    {"offset", 2, ".123Z", ".123+", "entry 2: its time", 1},
    {"no parts", 2, "parts 5", "parts 0", "entry 2: its parts", 1},
    {"4097 parts", 2, "parts 5", "parts 4097", "entry 2: its parts", 1},
    {"parts 05", 2, "parts 5", "parts 05", "entry 2: its parts", 1},
    {"short root", 2, "root ", "root 0", "entry 2: its root", 1},
    {"more lines", 2, "\nroot", "\nmore 1\nroot", "entry 2: a line is not \"root", 1},
    {"swapped", 2, "type revision\nstory", "story revision\ntype", "entry 2: a line is not \"type",
     1},
    /* Canonical, but not true. */
    {"another time", 2, "2026-11-24", "2024-02-29", "", 0},
    {"29 February 2000", 2, "2026-11-24", "2000-02-29", "", 0},
    {"29 February 2100", 2, "2026-11-24", "2100-02-29", "entry 2: its time", 1},
    {"year 9999", 2, "2026-", "9999-", "", 0},
    {"previous of another", 2, "previous 0", "previous 1", "entry 2: its previous is not 0", 1},
    {"no previous", 2, "previous 0", "previous -", "entry 2: its previous is not 0", 1},
    {"older previous", 4, "previous 2", "previous 0", "entry 4: its previous is not 2", 1},
    {"previous in the future", 2, "previous 0", "previous 9", "entry 2: its previous is not 0", 1},
    {"previous of itself", 2, "previous 0", "previous 2", "entry 2: its previous is not 0", 1},
    {"a first with one before", 6, "previous -", "previous 5", "entry 6: its previous is not -", 1},
    {"a gap", 12, "revision 4", "revision 5", "entry 12: its revision is 5, the story's next is 4",
     2},
    {"the same again", 12, "revision 4", "revision 3", "entry 12: its revision is 3", 2},
    {"not from 1", 9, "revision 1", "revision 2", "entry 9: its revision is 2", 1},
    {"no number", 12, "revision 4", "revision -", "entry 12: its revision is 0", 2},
    {"about the future", 10, "revision 1", "revision 2", "entry 10: it is about revision 2", 1},
    {"no story, a revision", 3, "revision -", "revision 1", "entry 3: a revision of no story", 1},
    {"no story, a previous", 3, "previous -", "previous 2", "entry 3: it has a previous entry", 1},
    {"an erase of no story", 3, "type site", "type erase", "entry 3: a erase of no story", 1},
    {"a key of no story", 3, "type site", "type key", "", 0},
    {"another root", 3, "root ", "root", "entry 3: a line is not \"root", 1},
    {"standards of no story", 3, "type site", "type standards", "entry 3: a standards of no story",
     2},
    {"a version too many", 14, "revision 2", "revision 3", "entry 14: its revision is 3", 2},
    {"a story that becomes a page", 2, "type revision", "type standards",
     "entry 2: a standards, but its story is no standing page", 3},
    {"a page that becomes a story", 14, "type standards", "type revision",
     "entry 14: a revision, but its story is a standing page", 2},
    /* Types that the opening and the text belie. */
    {"a page as a story", 13, "type standards", "type revision",
     "entry 14: a standards, but its story is no standing page", 2},
    {"a revision that corrects", 4, "type correction", "type revision",
     "/record/revision/4.json: change: editors-note, of", 1},
    {"a correction that does not", 2, "type revision", "type correction",
     "/record/revision/2.json: change: update, of", 1},
    {"a first correction", 6, "type revision", "type correction",
     "/record/revision/6.json: a first revision corrects nothing", 1},
    {"a restore that withdraws", 8, "type restore", "type withdrawal",
     "/record/opening/8.json: a withdrawal's parts", 1},
    {"a withdrawal that restores", 7, "type withdrawal", "type restore",
     "/record/opening/7.json: a restore has more parts", 1},
    {"another number of parts", 12, "parts 5", "parts 4", "/record/opening/12.json: it has 5 parts",
     1},
    /* Entry 1 is withheld because of entry 5. */
    {"nothing withdrawn", 5, "type withdrawal", "type flash", "/record/opening/1.json: is withheld",
     1},
    {"erased, not withdrawn", 5, "type withdrawal", "type erase", "", 0},
};

static void edit_and_expect(const struct edit_case *t, int what) {
    struct model *m = model_new();
    struct arena *a = arena_new(1u << 20);
    struct item *item = &m->items[t->item];
    replace(a,
            what == 0   ? &item->entry
            : what == 1 ? &item->opening
                        : &item->revision,
            t->from, t->to);
    struct site *site = model_site(m);
    struct seen seen;
    look(site, false, &seen);
    expect(t->name, &seen, t->expect, t->faults);
    site_done(site);
    arena_free(a);
    model_done(m);
}

static void false_entries_are_named(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(entry_cases); i++) edit_and_expect(&entry_cases[i], 0);
}

/* At every end of an entry, something that must not stand there. */
static void entries_end_where_they_end(void **state) {
    (void)state;
    struct model *m = model_new();
    struct buf *good = &m->items[2].entry;
    struct verify_entry e;
    assert_int_equal(verify_entry_parse(buf_span(good), &e), RC_OK);
    for (size_t n = 0; n < good->n; n++)
        assert_int_equal(verify_entry_parse(span_sub(buf_span(good), 0, n), &e), RC_INVALID);
    buf_char(good, '\n');
    assert_int_equal(verify_entry_parse(buf_span(good), &e), RC_INVALID);
    while (good->n < 600) buf_char(good, 'x');
    assert_int_equal(verify_entry_parse(buf_span(good), &e), RC_INVALID);
    model_done(m);
}

/* --- openings and revisions --- */

static const struct edit_case opening_cases[] = {
    {"a word of a part", 2, "Second", "Seconf", "/record/opening/2.json: its parts and salts", 2},
    {"a salt", 2, "\"salt\":\"2", "\"salt\":\"3", "/record/opening/2.json: its parts and salts", 1},
    {"a salt in capitals", 11 + 1, "\"salt\":\"c", "\"salt\":\"C",
     "/record/opening/12.json: part 0: its salt", 1},
    {"a short salt", 2, "\"salt\":\"2", "\"salt\":\"", "/record/opening/2.json: part 0: its salt",
     1},
    {"no salt", 9, "{\"part\":\"[[\\\"number", "{\"party\":\"[[\\\"number",
     "/record/opening/9.json: part 1: it has neither", 1},
    {"a commitment", 9, "{\"commitment\":\"", "{\"commitment\":\"0",
     "/record/opening/9.json: part 0: its commitment", 1},
    {"another entry's", 2, "\"entry\":2", "\"entry\":4", "/record/opening/2.json: it is of entry 4",
     1},
    {"version 2", 2, "\"version\":1}", "\"version\":2}", "/record/opening/2.json: its version", 1},
    {"more members", 2, "\"version\":1}", "\"version\":1,\"x\":1}",
     "/record/opening/2.json: its members", 1},
    {"white space", 2, "\"version\":1}", "\"version\": 1}",
     "/record/opening/2.json: it is not in canonical", 1},
    {"a line feed behind", 2, "\"version\":1}", "\"version\":1}\n",
     "/record/opening/2.json: it is not in canonical", 1},
    {"another escape", 2, "Second", "S\\u0065cond",
     "/record/opening/2.json: it is not in canonical", 1},
    {"order", 2, "{\"entry\":2,", "{\"version\":1,", "/record/opening/2.json: it is no JSON", 1},
    {"twice", 2, "{\"entry\":2,", "{\"entry\":2,\"entry\":2,",
     "/record/opening/2.json: it is no JSON", 1},
    {"a real", 2, "\"entry\":2,", "\"entry\":2.0,",
     "/record/opening/2.json: a number is no integer", 1},
    {"below 0", 2, "\"entry\":2,", "\"entry\":-2,", "/record/opening/2.json: a number is outside",
     1},
    {"minus 0", 2, "\"entry\":2,", "\"entry\":-0,",
     "/record/opening/2.json: it is not in canonical", 1},
    {"2^53", 2, "\"entry\":2,", "\"entry\":9007199254740992,",
     "/record/opening/2.json: a number is outside", 1},
    {"a part that is no pair", 2, "\\\"Second\\\"]", "\\\"Second\\\",1]",
     "/record/opening/2.json: part 1: it is not [path", 1},
    {"a part with space", 2, "],\\\"Second", "], \\\"Second",
     "/record/opening/2.json: part 1: it is not in canonical", 1},
    {"a part that is no JSON", 2, "[[\\\"headline", "[\\\"headline",
     "/record/opening/2.json: part 1: it is", 1},
    {"a seed", 6, "\"seed\":\"a", "\"seed\":\"c",
     "/record/revision/6.json: its parts and its opening's seed", 1},
    {"a seed in capitals", 6, "\"seed\":\"a", "\"seed\":\"A",
     "/record/opening/6.json: its seed is not", 1},
    {"a short seed", 6, "\"seed\":\"a", "\"seed\":\"", "/record/opening/6.json: its seed is not",
     1},
    {"a seed and parts", 6, ",\"seed\"", ",\"parts\":[],\"seed\"",
     "/record/opening/6.json: its members are not", 1},
    {"a number as seed", 6, "\"ab", "8,\"version\":1}", "/record/opening/6.json: it is", 1},
    {"a seed of another entry", 6, "\"entry\":6", "\"entry\":4",
     "/record/opening/6.json: it is of entry 4", 1},
    {"a seed of what has no revision", 3,
     "\"parts\":[{\"part\":\"[[\\\"anything\\\",3],{}]\",\"salt\":", "\"seed\":",
     "/record/opening/3.json: it", 1},
    {"lost, of another", 11, "\"entry\":11", "\"entry\":10", "/record/opening/11.json: says lost",
     1},
    {"lost, not true", 11, "true", "false", "/record/opening/11.json: says lost", 1},
    {"not lost", 11, "lost", "left", "/record/opening/11.json: is withheld", 1},
};

static void false_openings_are_named(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(opening_cases); i++) edit_and_expect(&opening_cases[i], 1);
}

#define R0 "/record/revision/0.json: "
static const struct edit_case revision_cases[] = {
    {"a word", 0, "quay", "pier", R0 "its part 11 is not part 11", 1},
    {"a hash", 0, "dddd", "dddc", R0 "its part 13 is not part 13", 1},
    {"a block less", 0, ",{\"kind\":\"rule\"}", "", R0 "its part 2 is not part 2", 1},
    {"a block more", 0, ",{\"kind\":\"rule\"}", ",{\"kind\":\"rule\"},{\"kind\":\"rule\"}",
     R0 "its part 3 is not part 3", 1},
    {"another story's", 0, "\"story\":\"aa", "\"story\":\"ab", R0 "story: is not", 1},
    {"another number", 0, "\"number\":1", "\"number\":2", R0 "number: is not", 1},
    {"version 2", 0, "\"version\":1", "\"version\":2", R0 "version: is not", 1},
    {"a change", 0, "\"code\"", "\"change\":\"update\",\"code\"", R0 "change: the first", 1},
    {"no change", 2, "\"change\":\"update\",", "", "/record/revision/2.json: change: is none", 1},
    {"an odd change", 2, "update", "updated", "/record/revision/2.json: change: is none", 1},
    {"a correcting change", 2, "update", "retraction",
     "/record/revision/2.json: change: retraction, of", 1},
    {"not NFC", 0, "\xC3\x85re", "A\xCC\x8Are", R0 "pictures: 1: caption: is not in Normal", 1},
    {"a singleton", 0, "\xC3\x85re", "\xE2\x84\xABre", R0 "pictures: 1: caption: is not in Normal",
     1},
    {"an empty string", 0, "A quay", "", R0 "pictures: 0: alt: is an empty string", 1},
    {"an unknown channel", 0, "\"feed\"", "\"fax\"",
     R0 "pictures: 1: channels: is none of its words", 1},
    {"a channel twice", 0, "\"feed\",", "\"web\",",
     R0 "pictures: 1: channels: is not of its words in their order", 1},
    {"channels out of order", 0, "[\"feed\",\"web\"]", "[\"web\",\"feed\"]",
     R0 "pictures: 1: channels: is not of its words in their order", 1},
    {"no channel", 0, "[\"feed\",\"web\"]", "[]", R0 "pictures: 1: channels: is an empty array", 1},
    {"an end in words", 0, "\"expires\":7", "\"expires\":\"7\"",
     R0 "pictures: 1: expires: is no integer", 1},
    {"a story that is none", 0, "\"" ID("ba") "\"", "\"ba\"", R0 "related: 0: is not 32", 1},
    {"a story twice", 0, "[\"" ID("ba") "\"]", "[\"" ID("ba") "\",\"" ID("ba") "\"]",
     R0 "related: 1: stands there twice", 1},
    {"an empty array", 0, "[\"strong\"]", "[]", R0 "blocks: 0: text: is an empty array", 1},
    {"null", 0, "\"leadPicture\":true", "\"leadPicture\":null", R0 "leadPicture: is not true", 1},
    {"false", 0, "\"leadPicture\":true", "\"leadPicture\":false", R0 "leadPicture: is not true", 1},
    {"a real", 0, "\"columns\":2", "\"columns\":2.5", R0 "a number is no integer", 1},
    {"an exponent", 0, "\"columns\":2", "\"columns\":2e0", R0 "a number is no integer", 1},
    {"below 0", 0, "\"updated\":", "\"updated\":-", R0 "a number is outside", 1},
    {"2^53", 0, "\"updated\":9007199254740991", "\"updated\":9007199254740992",
     R0 "a number is outside", 1},
    {"order", 0, "\"alt\":\"A quay\",\"renditions\"", "\"renditions\":[],\"alt\"",
     R0 "member \"alt\" is not in JCS order", 1},
    {"white space", 0, ",\"tags\"", ", \"tags\"", R0 "it is not in canonical", 1},
    {"an escape", 0, "Oslo", "Osl\\u006f", R0 "it is not in canonical", 1},
    {"a slash", 0, "/a", "\\/a", R0 "it is not in canonical", 1},
    {"twice", 0, "\"version\":1", "\"version\":1,\"version\":1", R0 "it is no JSON", 1},
    {"no UTF-8", 0, "Oslo", "Os\xC3", R0 "it is no JSON", 1},
    {"a byte order mark", 0, "{\"blocks\"", "\xEF\xBB\xBF{\"blocks\"", R0 "it is no JSON", 1},
    {"more behind", 0, "\"version\":1}", "\"version\":1}{}", R0 "it is no JSON", 1},
    {"a member more", 0, "\"version\":1}", "\"version\":1,\"x\":1}",
     R0 "has a member that the format", 1},
    {"a known member more", 0,
     "\"story\":", "\"slug\":\"harbour\",\"story\":", R0 "its part 21 is not part 21", 1},
    {"one more at the end", 0, "\"version\":1}", "\"version\":1,\"work\":\"news\"}",
     R0 "cut into parts, it has more", 1},
    {"one less at the end", 2, ",\"version\":1}", "}", "/record/revision/2.json: version: is not",
     1},
    {"a page without its order", 13, "{\"order\":10}", "{}",
     "/record/revision/13.json: standing: is an empty object", 1},
    {"no page", 13, "\"standing\":{\"order\":10},", "",
     "/record/revision/13.json: standing: is missing, of an entry of type standards", 1},
    {"a page of another order", 13, "\"order\":10", "\"order\":11",
     "/record/revision/13.json: its part 2 is not part 2", 1},
    {"a page's correction", 14, "\"change\":\"update\"", "\"change\":\"minor\"",
     "/record/revision/14.json: change: a version of a standing page is an update", 1},
    {"a story as a page", 2, "\"story\"", "\"standing\":{\"order\":1},\"story\"",
     "/record/revision/2.json: standing: is there, of an entry of type revision", 1},
    {"a member less", 0, "\"updated\":9007199254740991,", "", R0 "its part 23 is not part 23", 1},
    {"a word, of a seed", 6, "Sea", "See",
     "/record/revision/6.json: its parts and its opening's seed", 1},
    {"a member more, of a seed", 6, "\"number\"", "\"headlineFeed\":\"E\",\"number\"",
     "/record/revision/6.json: it has 5 parts, the entry commits to 4", 1},
};

static void false_revisions_are_named(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(revision_cases); i++) edit_and_expect(&revision_cases[i], 2);
}

static const struct {
    const char *name, *path;
    unsigned status;
    const char *expect;
    uint64_t faults;
} status_cases[] = {
    {"no opening", "/record/opening/0.json", 404, "/record/opening/0.json: answers 404", 1},
    {"an opening fails", "/record/opening/0.json", 500, "/record/opening/0.json: answers 500", 1},
    {"an opening elsewhere", "/record/opening/0.json", 302, "/record/opening/0.json: answers 302",
     1},
    {"no revision", "/record/revision/0.json", 404, "/record/revision/0.json: answers 404", 1},
    {"a revision withheld", "/record/revision/0.json", 410, "/record/revision/0.json: answers 410",
     1},
    {"a revision fails", "/record/revision/9.json", 500, "/record/revision/9.json: answers 500", 1},
    {"an erased part shown", "/record/revision/9.json", 200, "/record/revision/9.json: its part 0",
     1},
    {"text of a withheld one", "/record/revision/1.json", 200, "/record/revision/1.json: is shown",
     1},
    {"withheld: its story stands", "/record/opening/0.json", 410,
     "/record/revision/0.json: is shown", 2},
    {"withheld: restored", "/record/opening/6.json", 410, "/record/revision/6.json: is shown", 2},
    {"withheld: the withdrawal itself", "/record/opening/5.json", 410,
     "/record/opening/5.json: is withheld", 1},
    {"withheld: of no story", "/record/opening/3.json", 410, "/record/opening/3.json: is withheld",
     1},
    {"nothing there, and shown", "/record/opening/1.json", 200,
     "/record/opening/1.json: it is no JSON", 1},
};

/* Against §3 alone; "" is good. */
static const struct {
    const char *json, *expect;
} shape_cases[] = {
    {"{\"version\":1}", ""},
    {"[]", "is no object"},
    {"{}", "is an empty object"},
    {"{\"hedline\":\"x\"}", "has a member"},
    {"{\"headline\":1}", "headline: is no string"},
    {"{\"published\":\"1\"}", "published: is no integer"},
    {"{\"path\":\"/2026/a-b_c~%C3%85;x=1\"}", ""},
    {"{\"path\":\"a\"}", "path: is not a path"},
    {"{\"path\":\"/%c3\"}", "path: is not a path"},
    {"{\"path\":\"/%C\"}", "path: is not a path"},
    {"{\"path\":\"/a b\"}", "path: is not a path"},
    {"{\"path\":\"/\xC3\x85\"}", "path: is not a path"},
    {"{\"path\":\"/a?b\"}", "path: is not a path"},
    {"{\"work\":\"sponsored\"}", ""},
    {"{\"work\":\"advert\"}", "work: is none"},
    {"{\"work\":\"news analysis\"}", "work: is none"},
    {"{\"translationOf\":\"00112233445566778899aabbccddeeff\"}", ""},
    {"{\"translationOf\":\"00112233445566778899AABBCCDDEEFF\"}", "translationOf: is not 32"},
    {"{\"edition\":\"ar\"}", ""},
    {"{\"edition\":\"\"}", "edition: is an empty string"},
    {"{\"standing\":{\"note\":\"a\",\"order\":999}}", ""},
    {"{\"standing\":{\"order\":0}}", "standing: order: is not 1"},
    {"{\"standing\":{\"order\":1000}}", "standing: order: is not 1"},
    {"{\"standing\":{\"order\":\"1\"}}", "standing: order: is not 1"},
    {"{\"standing\":{\"note\":\"a\"}}", "standing: order: is missing"},
    {"{\"standing\":{\"order\":1,\"place\":1}}", "standing: has a member"},
    {"{\"standing\":{\"order\":1},\"work\":\"news\"}", "work: a standing page has none"},
    {"{\"standing\":{\"order\":1},\"tags\":[{\"name\":\"a\"}]}", "tags: a standing page has none"},
    {"{\"dateline\":{}}", "dateline: is an empty object"},
    {"{\"dateline\":[]}", "dateline: is no object"},
    {"{\"bylines\":{}}", "bylines: is no array"},
    {"{\"bylines\":[1]}", "bylines: 0: is no object"},
    {"{\"bylines\":[{\"name\":\"A\"},{\"nom\":\"A\"}]}", "bylines: 1: has a member"},
    {"{\"tags\":[{\"kind\":\"thing\"}]}", "tags: 0: kind: is none"},
    {"{\"pictures\":[{\"renditions\":[{\"hash\":\"00\"}]}]}", "pictures: 0: renditions: 0: hash"},
    {"{\"pictures\":[{\"renditions\":{}}]}", "pictures: 0: renditions: is no array"},
    {"{\"leadPicture\":true}", "leadPicture: there is no picture"},
    {"{\"leadPicture\":true,\"pictures\":[{\"alt\":\"a\"}]}", ""},
    {"{\"corrections\":[{\"at\":1},{\"at\":1}]}", ""},
    {"{\"corrections\":[{\"at\":2},{\"at\":1}]}", "corrections: are not oldest first"},
    {"{\"corrections\":[{\"kind\":\"update\"}]}", "corrections: 0: kind: is none"},
    {"{\"corrections\":[{\"text\":[{\"text\":\"a\"}]}]}", ""},
    {"{\"blocks\":[{\"kind\":\"html\"}]}", "blocks: 0: kind: is none"},
    {"{\"blocks\":[{}]}", "blocks: 0: kind: is none"},
    {"{\"blocks\":[{\"kind\":\"rule\",\"url\":\"x\"}]}", "blocks: 0: has a member"},
    {"{\"blocks\":[{\"kind\":\"heading\",\"level\":4,\"text\":[{\"text\":\"a\"}]}]}", ""},
    {"{\"blocks\":[{\"kind\":\"heading\",\"level\":1,\"text\":[{\"text\":\"a\"}]}]}",
     "blocks: 0: level: is not 2"},
    {"{\"blocks\":[{\"kind\":\"heading\",\"level\":5,\"text\":[{\"text\":\"a\"}]}]}",
     "blocks: 0: level: is not 2"},
    {"{\"blocks\":[{\"kind\":\"picture\",\"picture\":0}],\"pictures\":[{\"alt\":\"a\"}]}", ""},
    {"{\"blocks\":[{\"kind\":\"picture\",\"picture\":1}],\"pictures\":[{\"alt\":\"a\"}]}",
     "blocks: 0: picture: there is no"},
#define TWO "\"pictures\":[{\"alt\":\"a\"},{\"alt\":\"b\"}]}"
    {"{\"blocks\":[{\"kind\":\"gallery\",\"pictures\":[1,0]}]," TWO, ""},
    {"{\"blocks\":[{\"kind\":\"gallery\",\"pictures\":[1]}]," TWO,
     "blocks: 0: pictures: a gallery has"},
    {"{\"blocks\":[{\"kind\":\"gallery\",\"pictures\":[1,1]}]," TWO,
     "blocks: 0: pictures: a picture stands in it twice"},
    {"{\"blocks\":[{\"kind\":\"gallery\",\"pictures\":[1,2]}]," TWO,
     "blocks: 0: pictures: there is no such"},
    {"{\"blocks\":[{\"kind\":\"gallery\",\"pictures\":[1,\"0\"]}]," TWO,
     "blocks: 0: pictures: 1: is no integer"},
    {"{\"blocks\":[{\"kind\":\"events\",\"rows\":[[{\"text\":\"a\"}],[{\"text\":\"b\"}]],\"times\":"
     "["
     "1,1]}]}",
     ""},
    {"{\"blocks\":[{\"kind\":\"events\",\"rows\":[[{\"text\":\"a\"}],[{\"text\":\"b\"}]],\"times\":"
     "["
     "2,1]}]}",
     "blocks: 0: times: are not oldest first"},
    {"{\"blocks\":[{\"kind\":\"events\",\"rows\":[[{\"text\":\"a\"}]]}]}",
     "blocks: 0: times: are not as many"},
    {"{\"blocks\":[{\"kind\":\"audio\",\"title\":\"t\",\"url\":\"https://e.org/\"}]}", ""},
    {"{\"blocks\":[{\"kind\":\"list\",\"ordered\":true,\"rows\":[[{\"text\":\"a\"}]]}]}", ""},
    {"{\"blocks\":[{\"kind\":\"list\",\"rows\":[[]]}]}", "blocks: 0: rows: 0: is an empty array"},
    {"{\"blocks\":[{\"columns\":2,\"kind\":\"table\",\"rows\":[[],[],[],[]]}]}", ""},
    {"{\"blocks\":[{\"columns\":2,\"kind\":\"table\",\"rows\":[[],[],[]]}]}",
     "blocks: 0: rows: are not whole"},
    {"{\"blocks\":[{\"columns\":0,\"kind\":\"table\",\"rows\":[[]]}]}",
     "blocks: 0: rows: are not whole"},
    {"{\"blocks\":[{\"columns\":1,\"kind\":\"table\",\"rows\":[{}]}]}",
     "blocks: 0: rows: 0: is no array"},
    {"{\"blocks\":[{\"kind\":\"paragraph\",\"text\":[{\"text\":\"\"}]}]}",
     "blocks: 0: text: is an empty string"},
    {"{\"blocks\":[{\"kind\":\"paragraph\",\"text\":[{\"href\":\"x\"}]}]}",
     "blocks: 0: text: is no string"},
    {"{\"blocks\":[{\"kind\":\"paragraph\",\"text\":[{\"text\":\"a\"},{\"text\":\"b\"}]}]}",
     "blocks: 0: text: neighbouring"},
    {"{\"blocks\":[{\"kind\":\"paragraph\",\"text\":[{\"href\":\"x\",\"text\":\"a\"},{\"href\":"
     "\"y\",\"text\":\"b\"}]}]}",
     ""},
    {"{\"blocks\":[{\"kind\":\"paragraph\",\"text\":[{\"look\":[\"code\",\"sup\"],\"text\":\"a\"}]}"
     "]}",
     ""},
    {"{\"blocks\":[{\"kind\":\"paragraph\",\"text\":[{\"look\":[\"sup\",\"code\"],\"text\":\"a\"}]}"
     "]}",
     "blocks: 0: text: look"},
    {"{\"blocks\":[{\"kind\":\"paragraph\",\"text\":[{\"look\":[\"sub\",\"sub\"],\"text\":\"a\"}]}]"
     "}",
     "blocks: 0: text: look"},
    {"{\"blocks\":[{\"kind\":\"paragraph\",\"text\":[{\"bold\":true,\"text\":\"a\"}]}]}",
     "blocks: 0: text: a run has"},
};

static void revisions_hold_what_the_format_knows(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(shape_cases); i++) {
        json_t *json = NULL;
        if (verify_jcs_parse(span_str(shape_cases[i].json), &json) != RC_OK)
            fail_msg("%s: %s", shape_cases[i].json, rc_why());
        rc_why_clear();
        rc code = verify_shape_check(json);
        const char *why = shape_cases[i].expect;
        if ((code == RC_OK) != (*why == '\0') || strncmp(rc_why(), why, strlen(why)) != 0)
            fail_msg("%s: expected \"%s\", got \"%s\"", shape_cases[i].json, why, rc_why());
        json_decref(json);
    }
}

static void wrong_answers_are_named(void **state) {
    (void)state;
    struct model *m = model_new();
    for (size_t i = 0; i < COUNT_OF(status_cases); i++) {
        struct site *site = model_site(m);
        struct seen seen;
        file_of(site, status_cases[i].path)->status = status_cases[i].status;
        look(site, false, &seen);
        expect(status_cases[i].name, &seen, status_cases[i].expect, status_cases[i].faults);
        site_done(site);
    }
    model_done(m);
}

/* A log that has grown when its checkpoint is asked for again. */
struct growing {
    struct site *before, *after;
    unsigned checkpoints;
};

static rc growing_fetch(void *arg, struct span path, struct buf *out, unsigned *out_status) {
    struct growing *g = arg;
    if (span_eq(path, SPAN("/record/checkpoint"))) g->checkpoints++;
    return site_fetch(g->checkpoints > 1 ? g->after : g->before, path, out, out_status);
}

static void expect_growing(const char *name, struct model *before, struct model *after,
                           const char *first, uint64_t faults) {
    struct growing g = {model_site(before), model_site(after), 0};
    struct seen seen;
    /* Entry 12 was withdrawn after the first checkpoint, before its opening was asked for. */
    file_of(g.before, "/record/opening/12.json")->status = 410;
    file_of(g.before, "/record/revision/12.json")->status = 410;
    memset(&seen, 0, sizeof seen);
    struct verify_source source = {&g, growing_fetch};
    struct verify_options options = {.fault = seen_fault, .progress = seen_progress, .arg = &seen};
    assert_int_equal(verify_record(&source, &options, &seen.result), RC_OK);
    expect(name, &seen, first, faults);
    assert_int_equal(g.checkpoints, 2);
    assert_int_equal(seen.result.size, MODEL_COUNT);
    if (!faults) assert_int_equal(seen.result.withheld, 2);
    site_done(g.before);
    site_done(g.after);
    model_done(after);
}

static void a_withdrawal_during_the_check_is_seen(void **state) {
    (void)state;
    struct model *before = model_new(), *after = model_new();
    expect_growing("no more entries", before, after, "/record/opening/12.json: is withheld", 1);
    after = model_new();
    model_add(after, "withdrawal", 'a', 4, 12, NULL, reasons);
    expect_growing("withdrawn since", before, after, "", 0);
    after = model_new();
    for (int i = 0; i < 280; i++) model_add(after, "flash", 0, -1, -1, NULL, other);
    model_add(after, "erase", 'a', 4, 12, NULL, other);
    expect_growing("withdrawn since, bundles later", before, after, "", 0);
    after = model_new();
    model_add(after, "withdrawal", 'b', 1, 5, NULL, reasons);
    expect_growing("another withdrawn", before, after, "/record/opening/12.json: is withheld", 1);
    /* The first of its tile, the partial one, is of another past; so is the root. */
    after = model_new();
    after->items[3].entry.p[20] = 'k';
    model_add(after, "withdrawal", 'a', 4, 12, NULL, reasons);
    expect_growing("another past", before, after, "/record/tile/0/000.p/16: hash 3 is not", 2);
    model_done(before);
}

/* The root is right: what is committed to is wrong. */
static void parts_are_those_of_the_type(void **state) {
    (void)state;
    static const struct {
        const char *type;
        int number;
        const char *parts[8], *expect;
    } cases[] = {
        {"withdrawal", 4, {"[[\"reason\"],\"x\"]", "[[\"status\"],410]"}, ""},
        {"withdrawal", 4, {"![[\"reason\"],\"x\"]", "[[\"status\"],410]"}, ""},
        {"withdrawal", 4, {"[[\"reason\"],\"x\"]", "[[\"status\"],404]"}, "a withdrawal's parts"},
        {"withdrawal", 4, {"[[\"reason\"],1]", "[[\"status\"],410]"}, "a withdrawal's parts"},
        {"withdrawal", 4, {"[[\"status\"],410]", "[[\"reason\"],\"x\"]"}, "a withdrawal's parts"},
        {"withdrawal", 4, {"[[\"reason\"],\"x\"]"}, "a withdrawal's parts"},
        {"withdrawal", 4, {"[[\"reason\"],\"x\"]", "[[\"status\"],451]"}, "a withdrawal's parts"},
        {"withdrawal",
         4,
         {"[[\"authority\"],\"c\"]", "[[\"reason\"],\"x\"]", "[[\"status\"],451]"},
         ""},
        {"withdrawal",
         4,
         {"[[\"authority\"],\"c\"]", "[[\"demanded\"],\"2026-11-20\"]", "[[\"reason\"],\"x\"]",
          "[[\"status\"],451]"},
         ""},
        {"withdrawal",
         4,
         {"[[\"authority\"],\"c\"]", "[[\"reason\"],\"x\"]", "[[\"status\"],410]"},
         "a withdrawal's parts"},
        {"withdrawal",
         4,
         {"[[\"demanded\"],\"2026-11-20\"]", "[[\"reason\"],\"x\"]", "[[\"status\"],451]"},
         "a withdrawal's parts"},
        {"restore", 4, {"[[\"revision\"],4]"}, ""},
        {"restore", -1, {"[[\"revision\"],4]"}, ""},
        {"restore", 4, {"![[\"revision\"],4]"}, ""},
        {"restore", 4, {"[[\"revision\"],3]"}, "a restore's part names another"},
        {"restore", -1, {"[[\"revision\"],0]"}, "a restore's part is not"},
        {"restore", -1, {"[[\"revision\",0],4]"}, "a restore's part is not"},
        {"restore", -1, {"[[\"revision\"],\"4\"]"}, "a restore's part is not"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct model *m = model_new();
        model_add(m, cases[i].type, 'a', cases[i].number, 12, NULL, cases[i].parts);
        struct site *site = model_site(m);
        struct seen seen;
        char text[100];
        look(site, false, &seen);
        snprintf(text, sizeof text, "/record/opening/15.json: %s", cases[i].expect);
        expect(cases[i].parts[0], &seen, *cases[i].expect ? text : "", *cases[i].expect ? 1 : 0);
        site_done(site);
        model_done(m);
    }
}

static void a_revision_with_a_part_too_few_is_found(void **state) {
    (void)state;
    static const char text[] = "{\"number\":1,\"story\":\"" ID("ff") "\",\"version\":1}";
    static const char *const parts[] = {"[[\"number\"],1]", "[[\"story\"],\"" ID("ff") "\"]",
                                        "[[\"version\"],1]", "[[\"work\"],\"news\"]", NULL};
    struct model *m = model_new();
    model_add(m, "revision", 'f', 1, -1, text, parts);
    struct site *site = model_site(m);
    struct seen seen;
    look(site, false, &seen);
    expect("too few", &seen, "/record/revision/15.json: cut into parts, it has fewer", 1);
    site_done(site);
    model_done(m);
}

/* The first time the bundle is the one of the tree, then another. */
static rc turning_fetch(void *arg, struct span path, struct buf *out, unsigned *out_status) {
    struct growing *g = arg;
    bool bundle = span_eq(path, SPAN("/record/tile/entries/000.p/15"));
    return site_fetch(bundle && g->checkpoints++ ? g->after : g->before, path, out, out_status);
}

static void a_bundle_that_turns_is_found(void **state) {
    (void)state;
    struct model *before = model_new(), *after = model_new();
    after->items[3].entry.p[after->items[3].entry.n - 2] ^= 1;
    struct growing g = {model_site(before), model_site(after), 0};
    struct seen seen;
    memset(&seen, 0, sizeof seen);
    struct verify_source source = {&g, turning_fetch};
    struct verify_options options = {.fault = seen_fault, .arg = &seen};
    assert_int_equal(verify_record(&source, &options, &seen.result), RC_OK);
    expect("turns", &seen, "entry 0: its bundle is another one when read again", 1);
    assert_int_equal(seen.result.opened, 0);
    site_done(g.before);
    site_done(g.after);
    model_done(before);
    model_done(after);
}

static void a_part_that_is_missing_is_found(void **state) {
    (void)state;
    struct model *m = model_new();
    struct buf *opening = &m->items[2].opening;
    const char *from = memmem(opening->p, opening->n, "{\"part\"", 7);
    const char *to = memmem(from + 1, (size_t)(opening->p + opening->n - from - 1), "{\"part\"", 7);
    size_t cut = (size_t)(to - from), at = (size_t)(from - opening->p);
    memmove(opening->p + at, to, opening->n - at - cut);
    opening->n -= cut;
    struct site *site = model_site(m);
    struct seen seen;
    look(site, false, &seen);
    expect("a part less", &seen, "/record/opening/2.json: it has 4 parts, the entry commits to 5",
           2);
    site_done(site);
    model_done(m);
}

static void deep_json_is_refused(void **state) {
    (void)state;
    for (int depth = VERIFY_JSON_DEPTH_MAX; depth <= VERIFY_JSON_DEPTH_MAX + 1; depth++) {
        struct buf b;
        json_t *json = NULL;
        buf_init(&b, 1000);
        for (int i = 0; i < depth; i++) buf_char(&b, '[');
        buf_char(&b, '1');
        for (int i = 0; i < depth; i++) buf_char(&b, ']');
        assert_int_equal(verify_jcs_parse(buf_span(&b), &json),
                         depth > VERIFY_JSON_DEPTH_MAX ? RC_INVALID : RC_OK);
        json_decref(json);
        buf_done(&b);
    }
}

static void openings_have_a_limit_of_parts(void **state) {
    (void)state;
    for (size_t n = VERIFY_PARTS_MAX; n <= VERIFY_PARTS_MAX + 1; n++) {
        struct verify_opening opening;
        struct buf b;
        buf_init(&b, 1u << 20);
        buf_str(&b, "{\"entry\":1,\"parts\":[");
        for (size_t i = 0; i < n; i++)
            buf_printf(&b, "%s{\"commitment\":\"%064zx\"}", i ? "," : "", i);
        buf_str(&b, "],\"version\":1}");
        rc code = verify_opening_parse(buf_span(&b), &opening);
        assert_int_equal(code, n > VERIFY_PARTS_MAX ? RC_INVALID : RC_OK);
        if (code == RC_OK) {
            struct sha256 *leaves = mem_new(n * sizeof *leaves), root, computed;
            for (size_t i = 0; i < n; i++)
                leaf_of(span_of(opening.parts[i].commitment.bytes, 32), &leaves[i]);
            mth(leaves, n, &root);
            computed = verify_opening_root(&opening);
            assert_memory_equal(computed.bytes, root.bytes, 32);
            mem_free(leaves);
            verify_opening_done(&opening);
        }
        buf_done(&b);
    }
    struct verify_opening none;
    assert_int_equal(verify_opening_parse(SPAN("{\"entry\":1,\"parts\":[],\"version\":1}"), &none),
                     RC_INVALID);
}

static void answers_have_a_limit_of_bytes(void **state) {
    (void)state;
    static const struct {
        const char *path;
        size_t bytes_max;
        const char *at_most, *more;
    } cases[] = {
        {"/record/key", VERIFY_NOTE_BYTES_MAX, "/record/key: does not end",
         "/record/key: has more than 65536 bytes"},
        {"/record/checkpoint", VERIFY_NOTE_BYTES_MAX, "/record/checkpoint: a signature line",
         "/record/checkpoint: the note has more than 65536 bytes"},
        {"/record/tile/entries/000.p/15", VERIFY_BUNDLE_BYTES_MAX,
         "/record/tile/entries/000.p/15: 16",
         "/record/tile/entries/000.p/15: has more than 16777472"},
        {"/record/opening/0.json", VERIFY_JSON_BYTES_MAX, "/record/opening/0.json: it is no JSON",
         "/record/opening/0.json: has more than 16777216 bytes"},
        {"/record/revision/0.json", VERIFY_JSON_BYTES_MAX, "/record/revision/0.json: it is no JSON",
         "/record/revision/0.json: has more than 16777216 bytes"},
        {"/record/tile/0/000.p/15", VERIFY_JSON_BYTES_MAX,
         "/record/tile/0/000.p/15: is 16777216 bytes", "/record/tile/0/000.p/15: is more than"},
    };
    struct model *m = model_new();
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct site *site = model_site(m);
        struct seen seen;
        struct buf *bytes = &file_of(site, cases[i].path)->bytes;
        char *more = buf_room(bytes, cases[i].bytes_max - bytes->n);
        memset(more, 'a', cases[i].bytes_max - (size_t)(more - bytes->p));
        look(site, false, &seen);
        expect("at most", &seen, cases[i].at_most, 1);
        buf_char(bytes, 'a');
        look(site, false, &seen);
        expect("more", &seen, cases[i].more, 1);
        site_done(site);
    }
    model_done(m);
}

/* RFC 8785 §3.2.3: by UTF-16 code units, not by code points. */
static void jcs_orders_and_escapes(void **state) {
    (void)state;
    json_t *json = NULL;
    assert_int_equal(
        verify_jcs_parse(SPAN("{\"\\r\":1,\"1\":2,\"\xC2\x80\":3,\"\xC3\xB6\":4,\"\xE2\x82\xAC\":5,"
                              "\"\xF0\x9F\x98\x80\":6,\"\xEF\xAC\xB3\":7}"),
                         &json),
        RC_OK);
    json_decref(json);
    assert_int_equal(verify_jcs_parse(SPAN("{\"\xEF\xAC\xB3\":7,\"\xF0\x9F\x98\x80\":6}"), &json),
                     RC_INVALID);
    assert_int_equal(
        verify_jcs_parse(SPAN("\"\\b\\t\\n\\f\\r\\\"\\\\\\u0000\\u001f/\x7F\""), &json), RC_OK);
    json_decref(json);
    assert_int_equal(verify_jcs_parse(SPAN("\"\\u001F\""), &json), RC_INVALID);
    assert_int_equal(verify_jcs_parse(SPAN("{\"a\":1,\"ab\":1}"), &json), RC_OK);
    json_decref(json);
    assert_int_equal(verify_jcs_parse(SPAN("{\"ab\":1,\"a\":1}"), &json), RC_INVALID);
    assert_true(verify_is_nfc(SPAN("")));
    assert_true(verify_is_nfc(SPAN("e\xCC\x82\xCC\x81x")) == false);
    assert_true(verify_is_nfc(SPAN("\xE1\xBA\xBF")));
}

static void many_stories_are_told_apart(void **state) {
    (void)state;
    struct verify_stories stories;
    verify_stories_init(&stories);
    for (uint64_t i = 0; i < 5000; i++) {
        uint8_t id[16] = {0};
        memcpy(id, &i, sizeof i);
        assert_null(verify_stories_find(&stories, id));
        struct verify_story *story = verify_stories_take(&stories, id);
        assert_int_equal(story->next, 0);
        story->next = i + 1;
    }
    assert_int_equal(stories.count, 5000);
    for (uint64_t i = 0; i < 5000; i++) {
        uint8_t id[16] = {0};
        memcpy(id, &i, sizeof i);
        assert_int_equal(verify_stories_find(&stories, id)->next, i + 1);
        assert_int_equal(verify_stories_take(&stories, id)->next, i + 1);
    }
    assert_int_equal(stories.count, 5000);
    verify_stories_done(&stories);
}

static void tiles_have_the_paths_of_the_document(void **state) {
    (void)state;
    static const struct {
        uint64_t n;
        unsigned width;
        const char *path;
    } cases[] = {
        {0, 256, "/record/tile/0/000"},
        {999, 1, "/record/tile/0/999.p/1"},
        {1000, 255, "/record/tile/0/x001/000.p/255"},
        {1234067, 256, "/record/tile/0/x001/x234/067"},
        {UINT64_MAX, 9, "/record/tile/0/x018/x446/x744/x073/x709/x551/615.p/9"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char memory[100];
        struct buf b;
        buf_init_fixed(&b, memory, sizeof memory);
        verify_tile_path(&b, "0", cases[i].n, cases[i].width);
        assert_true(span_eq(buf_span(&b), span_str(cases[i].path)));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tiles_have_the_paths_of_the_document),
        cmocka_unit_test(jcs_orders_and_escapes),
        cmocka_unit_test(deep_json_is_refused),
        cmocka_unit_test(openings_have_a_limit_of_parts),
        cmocka_unit_test(answers_have_a_limit_of_bytes),
        cmocka_unit_test(many_stories_are_told_apart),
        cmocka_unit_test(a_good_record_has_no_fault),
        cmocka_unit_test(a_record_over_several_bundles_is_good),
        cmocka_unit_test(entries_of_others_are_faults_in_a_record),
        cmocka_unit_test(trees_of_many_sizes_are_good),
        cmocka_unit_test(a_broken_tree_is_named),
        cmocka_unit_test(a_bundle_and_its_tile_may_both_be_missing),
        cmocka_unit_test(the_full_tile_stands_for_the_partial_one),
        cmocka_unit_test(endless_logs_end),
        cmocka_unit_test(a_way_that_fails_ends_the_check),
        cmocka_unit_test(checkpoints_are_strict),
        cmocka_unit_test(long_origins_are_refused),
        cmocka_unit_test(signatures_are_strict),
        cmocka_unit_test(a_checkpoint_of_fewer_entries_is_found),
        cmocka_unit_test(keys_are_strict),
        cmocka_unit_test(false_entries_are_named),
        cmocka_unit_test(entries_end_where_they_end),
        cmocka_unit_test(false_openings_are_named),
        cmocka_unit_test(false_revisions_are_named),
        cmocka_unit_test(revisions_hold_what_the_format_knows),
        cmocka_unit_test(wrong_answers_are_named),
        cmocka_unit_test(parts_are_those_of_the_type),
        cmocka_unit_test(a_revision_with_a_part_too_few_is_found),
        cmocka_unit_test(a_bundle_that_turns_is_found),
        cmocka_unit_test(a_part_that_is_missing_is_found),
        cmocka_unit_test(a_withdrawal_during_the_check_is_seen),
        cmocka_unit_test(a_flipped_bit_is_found_in_every_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
