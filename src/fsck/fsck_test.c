/*
 * The readers against those that write: an LMDB file against LMDB, answers against pages/; and both when
 * a bit is flipped, or when somebody writes meanwhile. What whole sites have is t/q_fsck.sh.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
#include <lmdb.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/mem.h"
#include "fsck/inner.h"
#include "pages/pages.h"

#define OK(call)                                               \
    do {                                                       \
        rc ok_ = (call);                                       \
        if (ok_ != RC_OK) fail_msg("%s: %s", #call, rc_why()); \
    } while (0)

static char folder[64], store[96], found_text[4096];
static unsigned found_count;
static struct file site;

static void on_find(void *arg, const struct fsck_finding *finding) {
    (void)arg;
    if (!finding->is_fault) return;
    if (found_count++) return; /* the first is nearest to the cause */
    snprintf(found_text, sizeof found_text, SPAN_FMT, SPAN_ARG(finding->what));
}
static const struct fsck_options options = {.site = &site, .served = true, .find = on_find};

static uint64_t state = 1;
static uint32_t draw(uint32_t below) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33) % below;
}

static int begin(void **arg) {
    (void)arg;
    state = 1;
    found_count = 0;
    snprintf(folder, sizeof folder, "/tmp/fsck-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(store, sizeof store, "%s/pages", folder);
    assert_int_equal(mkdir(store, 0755), 0);
    snprintf(store, sizeof store, "%s/pages/1", folder);
    assert_int_equal(mkdir(store, 0755), 0);
    OK(file_open(NULL, folder, FILE_FOLDER, &site));
    return 0;
}
static int end(void **arg) {
    char command[128];
    (void)arg;
    file_close(&site);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

/* ---- LMDB ---- */

#define KEYS 4000
#define VALUE_MAX 20000

static MDB_env *env_open(void) {
    MDB_env *env;
    assert_int_equal(mdb_env_create(&env), 0);
    assert_int_equal(mdb_env_set_mapsize(env, (size_t)1 << 30), 0);
    assert_int_equal(mdb_env_open(env, store, MDB_NOSYNC, 0600), 0);
    return env;
}

static size_t key_make(uint32_t n, char out[400]) {
    const size_t length = 1 + (n * 7919u) % 390;
    memset(out, 'a' + (char)(n % 26), length);
    const int digits = snprintf(NULL, 0, "%u", n);
    if ((size_t)digits <= length) {
        char text[16];
        snprintf(text, sizeof text, "%u", n);
        memcpy(out, text, (size_t)digits);
        return length;
    }
    return (size_t)snprintf(out, 400, "%u", n);
}

/* A value says of which key it is, and in every byte the same number: a mixture shows. */
static size_t value_make(uint32_t n, uint8_t mark, char *out) {
    const size_t length = 5 + draw(draw(4) == 0 ? VALUE_MAX : 300);
    memset(out, mark, length);
    memcpy(out, &n, 4);
    return length;
}

static void write_some(MDB_env *env, unsigned count, uint8_t mark) {
    MDB_txn *txn;
    MDB_dbi dbi;
    char key[400], *value = mem_new(VALUE_MAX + 8);
    assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
    assert_int_equal(mdb_dbi_open(txn, NULL, 0, &dbi), 0);
    while (count--) {
        const uint32_t n = draw(KEYS);
        MDB_val k = {key_make(n, key), key}, v = {value_make(n, mark, value), value};
        if (draw(5) == 0) {
            int code = mdb_del(txn, dbi, &k, NULL);
            assert_true(code == 0 || code == MDB_NOTFOUND);
        } else {
            assert_int_equal(mdb_put(txn, dbi, &k, &v, 0), 0);
        }
    }
    assert_int_equal(mdb_txn_commit(txn), 0);
    mem_free(value);
}

struct seen {
    struct sha256 hash;
    uint64_t count;
    bool bad;
};
static void see(struct seen *seen, struct span key, struct span value) {
    struct span parts[] = {span_of(seen->hash.bytes, 32), key, value};
    seen->hash = sha256_of_parts(parts, 3);
    seen->count++;
}
static rc visit(void *arg, const struct lm_entry *e) {
    see(arg, e->key, e->value);
    return RC_OK;
}

static struct seen by_lmdb(MDB_env *env) {
    struct seen seen = {.count = 0};
    MDB_txn *txn;
    MDB_dbi dbi;
    MDB_cursor *cursor;
    MDB_val k, v;
    assert_int_equal(mdb_txn_begin(env, NULL, MDB_RDONLY, &txn), 0);
    assert_int_equal(mdb_dbi_open(txn, NULL, 0, &dbi), 0);
    assert_int_equal(mdb_cursor_open(txn, dbi, &cursor), 0);
    while (mdb_cursor_get(cursor, &k, &v, MDB_NEXT) == 0)
        see(&seen, span_of(k.mv_data, k.mv_size), span_of(v.mv_data, v.mv_size));
    mdb_cursor_close(cursor);
    mdb_txn_abort(txn);
    return seen;
}

static rc by_us(struct seen *seen, rc (*each)(void *arg, const struct lm_entry *e)) {
    struct fsck f = {.o = &options};
    struct lm *lm;
    TRY(lm_open(&f, &lm));
    rc code = lm_each(&f, lm, each, seen);
    lm_close(lm);
    return code;
}

static void reads_what_lmdb_wrote(void **arg) {
    (void)arg;
    MDB_env *env = env_open();
    for (unsigned i = 0; i < 60; i++) {
        struct seen ours = {.count = 0};
        write_some(env, i ? 200 : 1, (uint8_t)i);
        if (i % 6 != 0) continue;
        struct seen theirs = by_lmdb(env);
        OK(by_us(&ours, visit));
        if (found_count) fail_msg("after %u commits: %s", i + 1, found_text);
        assert_int_equal(ours.count, theirs.count);
        assert_memory_equal(&ours.hash, &theirs.hash, sizeof ours.hash);
    }
    struct fsck f = {.o = &options};
    struct lm *lm;
    struct buf value;
    MDB_txn *txn;
    MDB_dbi dbi;
    unsigned there = 0;
    buf_init(&value, 1 << 20);
    OK(lm_open(&f, &lm));
    assert_int_equal(mdb_txn_begin(env, NULL, MDB_RDONLY, &txn), 0);
    assert_int_equal(mdb_dbi_open(txn, NULL, 0, &dbi), 0);
    for (uint32_t n = 0; n < KEYS; n++) {
        char key[400];
        MDB_val k = {key_make(n, key), key}, v;
        const bool has = mdb_get(txn, dbi, &k, &v) == 0;
        rc code = lm_get(lm, span_of(key, k.mv_size), &value);
        assert_int_equal(code, has ? RC_OK : RC_NOT_FOUND);
        if (has) assert_true(span_eq(buf_span(&value), span_of(v.mv_data, v.mv_size)));
        there += has;
    }
    assert_true(there > KEYS / 2 && there < KEYS);
    mdb_txn_abort(txn);
    lm_close(lm);
    buf_done(&value);
    mdb_env_close(env);
}

static void reads_an_empty_store(void **arg) {
    (void)arg;
    struct seen seen = {.count = 0};
    MDB_env *env = env_open();
    OK(by_us(&seen, visit));
    assert_int_equal(seen.count, 0);
    if (found_count) fail_msg("%s", found_text);
    mdb_env_close(env);
}

/* Named, or what is in it is the same; never outside of anything (AddressSanitizer looks). */
static void a_flipped_bit_is_found(void **arg) {
    (void)arg;
    char path[128];
    struct stat stat;
    unsigned named = 0;
    MDB_env *env = env_open();
    for (unsigned i = 0; i < 12; i++) write_some(env, 60, (uint8_t)i);
    struct seen good = by_lmdb(env);
    mdb_env_close(env);
    snprintf(path, sizeof path, "%s/data.mdb", store);
    FILE *f = fopen(path, "r+b");
    assert_non_null(f);
    assert_int_equal(fstat(fileno(f), &stat), 0);
    for (unsigned i = 0; i < 600; i++) {
        /* the heads of pages more often than the rest */
        const long at = i % 2 ? (long)draw((uint32_t)stat.st_size)
                              : (long)(draw((uint32_t)(stat.st_size / 4096)) * 4096 + draw(24));
        struct seen now = {.count = 0};
        fseek(f, at, SEEK_SET);
        const int byte = fgetc(f), other = byte ^ 1 << draw(8);
        fseek(f, at, SEEK_SET);
        fputc(other, f);
        fflush(f);
        found_count = 0;
        rc code = by_us(&now, visit);
        const bool same = memcmp(&now.hash, &good.hash, sizeof good.hash) == 0;
        if (!found_count && code == RC_OK && !same) {
            /* in a value: its own sums are for who reads it */
            assert_int_equal(now.count, good.count);
        }
        named += found_count > 0 || code != RC_OK;
        fseek(f, at, SEEK_SET);
        fputc(byte, f);
        fflush(f);
    }
    fclose(f);
    found_count = 0;
    struct seen again = {.count = 0};
    OK(by_us(&again, visit));
    assert_int_equal(found_count, 0);
    assert_memory_equal(&again.hash, &good.hash, sizeof good.hash);
    if (named < 60) fail_msg("only %u of 600 were named", named);
}

static rc whole(void *arg, const struct lm_entry *e) {
    struct seen *seen = arg;
    uint32_t n;
    char key[400];
    seen->count++;
    memcpy(&n, e->value.p, 4);
    if (!span_eq(e->key, span_of(key, key_make(n, key)))) seen->bad = true;
    for (size_t i = 5; i < e->value.n; i++) seen->bad = seen->bad || e->value.p[i] != e->value.p[4];
    return RC_OK;
}

static void reads_while_somebody_writes(void **arg) {
    (void)arg;
    MDB_env *env = env_open();
    for (unsigned i = 0; i < 10; i++) write_some(env, 300, (uint8_t)i);
    mdb_env_close(env);
    fflush(NULL);
    pid_t writer = fork();
    if (writer == 0) {
        env = env_open();
        for (unsigned i = 0;; i++) {
            write_some(env, 20, (uint8_t)i);
            usleep(500);
        }
    }
    assert_true(writer > 0);
    unsigned looked = 0;
    for (unsigned i = 0; i < 40; i++) {
        struct seen seen = {.count = 0};
        rc code = by_us(&seen, whole);
        if (code == RC_BUSY) continue; /* written faster than it can be read: said so */
        if (code != RC_OK) fail_msg("%s", rc_why());
        assert_false(seen.bad);
        assert_true(seen.count > KEYS / 4);
        looked++;
    }
    kill(writer, SIGKILL);
    waitpid(writer, NULL, 0);
    if (found_count) fail_msg("%u times, e.g. %s", found_count, found_text);
    assert_true(looked > 0);
}

/* ---- answers ---- */

static void page_read(const struct page *page, struct buf *copy) {
    struct pages_builder *b = pages_builder_new();
    struct span value;
    OK(pages_build(b, page, &value));
    buf_add(copy, value);
    pages_builder_free(b);
}

static void answers_are_those_of_pages(void **arg) {
    (void)arg;
    char body[4000], key[900];
    struct buf value, plain, lmdb_key;
    struct prologs *prologs = prologs_new(NULL);
    for (size_t i = 0; i < sizeof body; i++) body[i] = (char)('a' + i % 17 * i % 13);
    memset(key, 'k', sizeof key);
    key[0] = '/';
    buf_init(&value, 1 << 20);
    buf_init(&plain, 1 << 20);
    buf_init(&lmdb_key, 4096);
    for (unsigned shape = 0; shape < 24; shape++) {
        const struct page page = {
            .key = span_of(key, shape % 3 == 2 ? 900 : 20),
            .status = shape % 4 == 3 ? 410 : 200,
            .headers = SPAN("Cache-Control: no-cache\r\nContent-Type: text/html\r\n"),
            .body = span_of(body, shape % 5 == 4 ? 30 : 4000),
            .br = shape % 2,
            .as_is = shape >= 18,
            .generation = shape};
        struct answer a;
        buf_clear(&value);
        page_read(&page, &value);
        buf_clear(&lmdb_key);
        buf_char(&lmdb_key, shape % 3 == 2 ? 'q' : 'p');
        struct sha256 hash = sha256_of(page.key);
        buf_add(&lmdb_key, shape % 3 == 2 ? span_of(hash.bytes, 32) : page.key);
        OK(answer_read(buf_span(&lmdb_key), buf_span(&value), &a));
        OK(answer_check(&a, prologs, &plain));
        assert_int_equal(a.status, page.status);
        assert_true(span_eq(buf_span(&plain), page.body));
        assert_true(span_eq(answer_header(&a, SPAN("cache-control")), SPAN("no-cache")));
        if (shape % 3 == 2) assert_true(span_eq(a.key, page.key));
        /* every bit of every byte */
        for (size_t at = 0; at < value.n; at++) {
            const unsigned bit = (unsigned)(at % 8);
            value.p[at] = (char)(value.p[at] ^ 1 << bit);
            rc code = answer_read(buf_span(&lmdb_key), buf_span(&value), &a);
            if (code == RC_OK) code = answer_check(&a, prologs, &plain);
            if (code == RC_OK) fail_msg("shape %u: byte %zu, bit %u", shape, at, bit);
            value.p[at] = (char)(value.p[at] ^ 1 << bit);
        }
    }
    buf_done(&lmdb_key);
    buf_done(&plain);
    buf_done(&value);
    prologs_free(prologs);
}

struct met {
    struct prologs *prologs;
    struct buf body;
    unsigned pages, prolog_count;
};
static rc meet(void *arg, const struct lm_entry *e) {
    struct met *met = arg;
    struct answer a;
    met->prolog_count += e->key.p[0] == 'r';
    if (e->key.p[0] != 'p') return RC_OK;
    TRY(answer_read(e->key, e->value, &a));
    TRY(answer_check(&a, met->prologs, &met->body));
    assert_true(a.prolog_bytes > 0);
    assert_true(span_starts(buf_span(&met->body), SPAN("<!doctype html>")));
    met->pages++;
    return RC_OK;
}

static void prologs_are_put_in_front(void **arg) {
    (void)arg;
    char dir[96], page_body[8192];
    struct pages_writer *w;
    struct met met = {.pages = 0};
    snprintf(dir, sizeof dir, "%s/pages", folder);
    assert_int_equal(rmdir(store), 0);
    const struct pages_setup setup = {.dir = dir, .control_fd = -1};
    OK(pages_writer_open(&setup, &w));
    for (unsigned kind = 0; kind < 3; kind++) {
        char begin_text[4096];
        int n = snprintf(begin_text, sizeof begin_text, "<!doctype html><style>%0*u</style>", 3000,
                         kind);
        struct pages_prolog *prolog = pages_prolog_new(span_of(begin_text, (size_t)n));
        OK(pages_begin(w));
        for (unsigned i = 0; i < 20; i++) {
            char path[32];
            int bytes =
                snprintf(page_body, sizeof page_body, "%s<p>%0*u", begin_text, 400 + (int)i, i);
            snprintf(path, sizeof path, "/%u/%u", kind, i);
            const struct page page = {.key = span_str(path),
                                      .status = 200,
                                      .headers = SPAN("Content-Type: text/html\r\n"),
                                      .body = span_of(page_body, (size_t)bytes),
                                      .prolog = prolog,
                                      .br = i % 2};
            OK(pages_put(w, &page));
        }
        OK(pages_commit(w));
        pages_prolog_free(prolog);
    }
    struct fsck f = {.o = &options};
    struct lm *lm;
    OK(lm_open(&f, &lm));
    met.prologs = prologs_new(lm);
    buf_init(&met.body, 1 << 20);
    OK(lm_each(&f, lm, meet, &met));
    if (found_count) fail_msg("%s", found_text);
    assert_int_equal(met.pages, 60);
    assert_int_equal(met.prolog_count, 3);
    prologs_free(met.prologs);
    buf_done(&met.body);
    lm_close(lm);
    pages_writer_close(w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_what_lmdb_wrote, begin, end),
        cmocka_unit_test_setup_teardown(reads_an_empty_store, begin, end),
        cmocka_unit_test_setup_teardown(a_flipped_bit_is_found, begin, end),
        cmocka_unit_test_setup_teardown(reads_while_somebody_writes, begin, end),
        cmocka_unit_test_setup_teardown(answers_are_those_of_pages, begin, end),
        cmocka_unit_test_setup_teardown(prologs_are_put_in_front, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
