/*
 * The log as readers get it: verify/ checks key, checkpoint, bundles and tiles against each other, as a
 * stranger would, out of the page store; and each bundle that it asks for is compared with the
 * database's entries on the way. Openings and revisions are compared with the rest of the pages.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/mem.h"
#include "fsck/inner.h"
#include "verify/read.h"
#include "verify/verify.h"

#define VALUE_BYTES_MAX (64u << 20)
#define BUNDLES SPAN("/record/tile/entries/")

struct record {
    struct fsck *f;
    struct prologs *prologs;
    struct buf value, body;
    sqlite3_stmt *entries;
    bool different; /* from the database: told once a bundle */
};

/* "x001/x234/067" or with ".p/12" behind. */
static uint64_t bundle_number(struct span text) {
    uint64_t n = 0;
    for (size_t i = 0; i < text.n && text.p[i] != '.'; i++)
        if (text.p[i] >= '0' && text.p[i] <= '9') n = n * 10 + (uint64_t)(text.p[i] - '0');
    return n;
}

static void bundle_compare(struct record *r, struct span path, struct span bundle) {
    uint64_t index = bundle_number(span_from(path, BUNDLES.n)) * VERIFY_TILE_WIDTH;
    if (!r->entries) return;
    sqlite3_bind_int64(r->entries, 1, (int64_t)index);
    while (bundle.n >= 2) {
        const size_t n = (size_t)(uint8_t)bundle.p[0] << 8 | (uint8_t)bundle.p[1];
        if (index < r->f->entry_count && db_row(r->f, r->entries) &&
            !span_eq(db_span(r->entries, 0), span_sub(bundle, 2, n)))
            find(r->f, KIND_ENTRY, "entry %" PRIu64 ": the database has other bytes than " SPAN_FMT,
                 index, SPAN_ARG(path));
        bundle = span_from(bundle, 2 + n);
        index++;
    }
    sqlite3_reset(r->entries);
}

static rc fetch(void *arg, struct span path, struct buf *out, unsigned *out_status) {
    struct record *r = arg;
    struct answer answer;
    char key[300];
    int n = snprintf(key, sizeof key, "p" SPAN_FMT, SPAN_ARG(path));
    if (n < 0 || (size_t)n >= sizeof key) return rc_fail(RC_TOO_BIG, "an address is too long");
    rc code = lm_get(r->f->lm, span_of(key, (size_t)n), &r->value);
    *out_status = 404;
    if (code == RC_NOT_FOUND) return RC_OK;
    if (code == RC_OK) code = answer_read(span_of(key, (size_t)n), buf_span(&r->value), &answer);
    if (code == RC_OK) code = answer_check(&answer, r->prologs, &r->body);
    if (code != RC_OK) {
        *out_status = 500; /* as readers get it; the pages' check says more */
        return code == RC_CORRUPT ? RC_OK : code;
    }
    *out_status = answer.status;
    buf_add(out, buf_span(&r->body));
    if (span_starts(path, BUNDLES)) bundle_compare(r, path, buf_span(&r->body));
    return RC_OK;
}

static void on_fault(void *arg, struct span text) {
    struct record *r = arg;
    find(r->f, KIND_RECORD, SPAN_FMT, SPAN_ARG(text));
}

static void on_progress(void *arg, uint64_t done, uint64_t of) {
    struct record *r = arg;
    progress(r->f, "record", done, of);
}

rc record_check(struct fsck *f) {
    struct record r = {.f = f};
    struct verify_result result;
    const struct verify_source source = {&r, fetch};
    const struct verify_options options = {
        .tree_only = true, .fault = on_fault, .progress = on_progress, .arg = &r};
    r.prologs = prologs_new(f->lm);
    r.entries = db_prepare(f, "SELECT bytes FROM entries WHERE idx >= ? ORDER BY idx");
    buf_init(&r.value, VALUE_BYTES_MAX);
    buf_init(&r.body, VALUE_BYTES_MAX);
    rc code = verify_record(&source, &options, &result);
    if (code == RC_OK && result.size < f->signed_size)
        find(f, KIND_RECORD, "/record/checkpoint: is of %" PRIu64 " entries, the tiles of %" PRIu64,
             result.size, f->signed_size);
    if (code == RC_OK && result.size > f->signed_size && !f->o->served)
        find(f, KIND_RECORD, "/record/checkpoint: is of %" PRIu64 " entries, the tiles of %" PRIu64,
             result.size, f->signed_size);
    buf_done(&r.body);
    buf_done(&r.value);
    db_done(r.entries);
    prologs_free(r.prologs);
    return code;
}

/* ---- what stands in for a signer ---- */

/* The root over the database's first n entries: full subtrees, the largest first, each as the hash of it
 * alone; joined from the right (RFC 6962 §2.1). */
static struct sha256 root_of(struct fsck *f, uint64_t n) {
    struct sha256 stack[64], root = sha256_of(SPAN(""));
    unsigned depth = 0;
    uint64_t index = 0;
    sqlite3_stmt *q = db_prepare(f, "SELECT bytes FROM entries WHERE idx < ? ORDER BY idx");
    if (q) sqlite3_bind_int64(q, 1, (int64_t)n);
    while (db_row(f, q)) {
        stack[depth++] = verify_leaf(db_span(q, 0));
        for (uint64_t full = index++; full & 1; full >>= 1, depth--)
            stack[depth - 2] = verify_node(&stack[depth - 2], &stack[depth - 1]);
    }
    db_done(q);
    if (depth) root = stack[--depth];
    while (depth) root = verify_node(&stack[--depth], &root);
    return root;
}

static void head_check(struct fsck *f, struct span note, const struct verify_key *key) {
    struct verify_checkpoint head;
    rc code = verify_checkpoint_parse(note, &head);
    if (code == RC_OK && key) code = verify_checkpoint_signed(&head, key);
    if (code != RC_OK) {
        find(f, KIND_HEAD, RESTORED_HEAD ": %s", rc_why());
        return;
    }
    f->head_size = head.size;
    if (head.size > f->entry_count) {
        find(f, KIND_HEAD,
             RESTORED_HEAD ": is of %" PRIu64 " entries, and the database has %" PRIu64, head.size,
             f->entry_count);
        return;
    }
    const struct sha256 root = root_of(f, head.size);
    if (!sha256_eq(&root, &head.root))
        find(f, KIND_HEAD, RESTORED_HEAD ": its root is not that of the entries");
}

rc restored_check(struct fsck *f) {
    struct verify_key key;
    struct buf line, note;
    buf_init(&line, VERIFY_NOTE_BYTES_MAX);
    buf_init(&note, VERIFY_NOTE_BYTES_MAX);
    rc code = file_read_all(f->o->site, RESTORED_KEY, &line);
    const bool is_restored = code == RC_OK;
    bool key_good = false;
    if (code == RC_NOT_FOUND) code = RC_OK;
    if (code == RC_OK && is_restored) {
        struct span vkey = buf_span(&line);
        if (!vkey.n || vkey.p[vkey.n - 1] != '\n') {
            find(f, KIND_HEAD, RESTORED_KEY ": does not end with a line feed");
        } else {
            vkey.n--;
            key_good = verify_key_parse(vkey, &key) == RC_OK;
            if (!key_good) find(f, KIND_HEAD, RESTORED_KEY ": %s", rc_why());
        }
        code = file_read_all(f->o->site, RESTORED_HEAD, &note);
        if (code == RC_OK) head_check(f, buf_span(&note), key_good ? &key : NULL);
        if (code == RC_NOT_FOUND) code = RC_OK; /* nothing was signed when the backup was made */
    }
    f->r.bytes += line.n + note.n;
    buf_done(&note);
    buf_done(&line);
    return code;
}
