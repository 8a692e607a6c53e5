/*
 * An LMDB 0.9 data file, read as bytes. LMDB itself trusts its file: a flipped bit in a page leads it
 * outside of its map; and it protects what it reads by a lock file, which a reader that dies would leave
 * in the writer's way. Here each page is copied out of the file and looked at before it is believed.
 *
 * Why a copy may be believed although core goes on writing. A page of snapshot T is never written
 * again until the transaction after T + 2 has begun: LMDB reuses what T + 1 has freed once T + 1 is
 * older than the oldest reader, which is at least the snapshot the writer itself began from (core's own
 * readers hold more, but that is not needed). So what was copied is of T, whole, if the newest snapshot
 * in the file is still T or T + 1 when the copying is done; if it is not, the copies are thrown away,
 * with whatever seemed wrong in them, and fewer are taken the next time.
 */
#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"
#include "fsck/inner.h"
#include "sys/clock.h"

#define PAGE_BYTES 4096
#define HEAD_BYTES 16 /* of a page */
#define NODE_BYTES 8  /* before a key */
#define MAGIC 0xBEEFC0DEu
#define VERSION 1
#define META 8
#define BRANCH 1
#define LEAF 2
#define OVERFLOW 4
#define BIG 1 /* a leaf's node: its value stands in overflow pages */
#define INTEGER_KEYS 8
#define DEPTH_MAX 32
#define KEY_BYTES_MAX 511
#define VALUE_BYTES_MAX ((size_t)64 << 20)
#define STORE_NAMES_MAX 4096
#define BATCH_ENTRIES 64
#define BATCH_BYTES ((size_t)1 << 20)
#define FOUND_MAX 16 /* in one batch */
#define FOUND_BYTES 300
#define TRIES_MAX 2000
#define META_TRIES 100

enum { MAIN_TREE = 88, FREE_TREE = 40, LAST_PAGE = 136, TXN = 144 }; /* in a meta page */

struct tree {
    uint32_t pad;
    uint16_t flags, depth;
    uint64_t branches, leaves, overflows, entries, root;
};
struct snapshot {
    uint64_t txn, last_page;
    struct tree free, main;
};

struct lm {
    struct file file;
    uint64_t bytes;
    char name[64];
    struct snapshot first; /* as it was opened */
};

static uint64_t get(const void *p, unsigned bytes) {
    const uint8_t *b = p;
    uint64_t value = 0;
    for (unsigned i = bytes; i > 0; i--) value = value << 8 | b[i - 1];
    return value;
}

/* ---- snapshots ---- */

static struct tree tree_at(const uint8_t *p) {
    return (struct tree){.pad = (uint32_t)get(p, 4),
                         .flags = (uint16_t)get(p + 4, 2),
                         .depth = (uint16_t)get(p + 6, 2),
                         .branches = get(p + 8, 8),
                         .leaves = get(p + 16, 8),
                         .overflows = get(p + 24, 8),
                         .entries = get(p + 32, 8),
                         .root = get(p + 40, 8)};
}

static bool meta_good(const uint8_t *page, uint64_t number) {
    return get(page, 8) == number && get(page + 10, 2) == META && get(page + 16, 4) == MAGIC &&
           get(page + 20, 4) == VERSION && get(page + FREE_TREE, 4) == PAGE_BYTES;
}

/* Both, as the file has them now: read until two readings are the same. */
static rc metas_read(const struct lm *lm, uint8_t metas[2 * PAGE_BYTES]) {
    uint8_t again[2 * PAGE_BYTES];
    size_t n;
    TRY(file_read_at(&lm->file, 0, metas, 2 * PAGE_BYTES, &n));
    for (unsigned tries = 0; tries < META_TRIES; tries++) {
        if (n != sizeof again)
            return rc_fail(RC_CORRUPT, "%s: ends before its second page", lm->name);
        TRY(file_read_at(&lm->file, 0, again, sizeof again, &n));
        if (memcmp(metas, again, sizeof again) == 0) return RC_OK;
        memcpy(metas, again, sizeof again);
    }
    return rc_fail(RC_BUSY, "%s: is written faster than it can be read", lm->name);
}

static rc snapshot_read(const struct lm *lm, struct snapshot *out) {
    uint8_t metas[2 * PAGE_BYTES];
    TRY(metas_read(lm, metas));
    bool any = false;
    for (unsigned i = 0; i < 2; i++) {
        const uint8_t *meta = metas + i * PAGE_BYTES;
        struct snapshot s = {.txn = get(meta + TXN, 8),
                             .last_page = get(meta + LAST_PAGE, 8),
                             .free = tree_at(meta + FREE_TREE),
                             .main = tree_at(meta + MAIN_TREE)};
        if (!meta_good(meta, i) || (any && s.txn <= out->txn)) continue;
        *out = s;
        any = true;
    }
    return any ? RC_OK
               : rc_fail(RC_CORRUPT, "%s: neither of its first two pages is one of LMDB's",
                         lm->name);
}

/* May what was copied of this snapshot be believed? */
static rc still(const struct lm *lm, const struct snapshot *s, bool *out_still) {
    struct snapshot now;
    TRY(snapshot_read(lm, &now));
    *out_still = now.txn == s->txn || now.txn == s->txn + 1;
    return RC_OK;
}

/* ---- opening ---- */

rc lm_open(struct fsck *f, struct lm **out_lm) {
    struct arena *a = arena_new(1 << 20);
    struct span *names;
    size_t count = 0;
    uint64_t highest = 0, n;
    rc code = file_list(f->o->site, "pages", STORE_NAMES_MAX, a, &names, &count);
    for (size_t i = 0; code == RC_OK && i < count; i++)
        if (span_to_u64(names[i], UINT32_MAX, &n) && n > highest) highest = n;
    arena_free(a);
    TRY(code);
    if (!highest) return rc_fail(RC_NOT_FOUND, "pages/: there is no page store");
    struct lm *lm = mem_new(sizeof *lm);
    struct file_stat stat;
    snprintf(lm->name, sizeof lm->name, "pages/%llu/data.mdb", (unsigned long long)highest);
    code = file_open(f->o->site, lm->name, FILE_READ, &lm->file);
    if (code != RC_OK) {
        mem_free(lm);
        return code;
    }
    code = file_stat_open(&lm->file, &stat);
    if (code == RC_OK) lm->bytes = stat.bytes;
    if (code == RC_OK) code = snapshot_read(lm, &lm->first);
    if (code != RC_OK) {
        lm_close(lm);
        return code;
    }
    *out_lm = lm;
    return RC_OK;
}

void lm_close(struct lm *lm) {
    if (!lm) return;
    file_close(&lm->file);
    mem_free(lm);
}

const char *lm_name(const struct lm *lm) {
    return lm->name;
}

/* ---- pages ---- */

struct lm_page {
    uint64_t number;
    uint8_t bytes[PAGE_BYTES];
    unsigned kind, nodes;
};
struct node {
    struct span key;
    uint64_t child; /* of a branch */
    uint32_t bytes; /* of the value */
    uint64_t at,
        page; /* of the value: in the page, or its first overflow page; page 0: it is in this one */
};

static rc bad(const struct lm *lm, uint64_t page, const char *what) {
    return rc_fail(RC_CORRUPT, "%s, byte %llu: page %llu %s", lm->name,
                   (unsigned long long)page * PAGE_BYTES, (unsigned long long)page, what);
}

static unsigned node_at(const struct lm_page *page, unsigned i) {
    return (unsigned)get(page->bytes + HEAD_BYTES + 2 * i, 2);
}

static bool node_read(const struct lm_page *page, unsigned i, struct node *out) {
    unsigned at = node_at(page, i);
    if (at + NODE_BYTES > PAGE_BYTES || at % 2) return false;
    const uint8_t *p = page->bytes + at;
    unsigned low = (unsigned)get(p, 2), high = (unsigned)get(p + 2, 2),
             flags = (unsigned)get(p + 4, 2), key = (unsigned)get(p + 6, 2);
    if (key > KEY_BYTES_MAX || at + NODE_BYTES + key > PAGE_BYTES) return false;
    *out = (struct node){.key = span_of(p + NODE_BYTES, key)};
    if (page->kind == BRANCH) {
        out->child = low | (uint64_t)high << 16 | (uint64_t)flags << 32;
        return true;
    }
    out->bytes = low | high << 16;
    out->at = at + NODE_BYTES + key;
    if (flags == BIG && out->at + 8 <= PAGE_BYTES) {
        out->page = get(page->bytes + out->at, 8);
        return out->page != 0;
    }
    return flags == 0 && out->at + out->bytes <= PAGE_BYTES;
}

static size_t node_bytes(const struct lm_page *page, const struct node *node) {
    size_t n = NODE_BYTES + node->key.n;
    if (page->kind == LEAF) n += node->page ? 8 : node->bytes;
    return (n + 1) / 2 * 2;
}

/* Its nodes fill what it says is in use, exactly: LMDB moves them together. */
static const char *nodes_wrong(const struct lm_page *page, unsigned upper) {
    size_t used = 0;
    for (unsigned i = 0; i < page->nodes; i++) {
        struct node node;
        if (node_at(page, i) < upper || !node_read(page, i, &node))
            return "has an entry that cannot be";
        used += node_bytes(page, &node);
    }
    return used == PAGE_BYTES - upper ? NULL : "has entries that do not fill what it says is used";
}

static rc page_read(const struct lm *lm, const struct snapshot *s, uint64_t number,
                    struct lm_page *out) {
    size_t n;
    if (number < 2 || number > s->last_page)
        return rc_fail(RC_CORRUPT, "%s: page %llu is named, and there is none", lm->name,
                       (unsigned long long)number);
    TRY(file_read_at(&lm->file, number * PAGE_BYTES, out->bytes, PAGE_BYTES, &n));
    if (n != PAGE_BYTES) return bad(lm, number, "is behind the end of the file");
    out->number = number;
    out->kind = (unsigned)get(out->bytes + 10, 2);
    unsigned lower = (unsigned)get(out->bytes + 12, 2), upper = (unsigned)get(out->bytes + 14, 2);
    if (get(out->bytes, 8) != number) return bad(lm, number, "has another number in it");
    if (out->kind != BRANCH && out->kind != LEAF)
        return bad(lm, number, "is of no kind that belongs here");
    if (lower < HEAD_BYTES || lower % 2 || lower > upper || upper > PAGE_BYTES)
        return bad(lm, number, "has lengths that cannot be");
    out->nodes = (lower - HEAD_BYTES) / 2;
    const char *wrong = nodes_wrong(out, upper);
    return wrong ? bad(lm, number, wrong) : RC_OK;
}

/* How many pages a value of this size needs; it may have more, if a longer one was there before. */
static uint64_t overflow_pages(uint32_t bytes) {
    return (HEAD_BYTES - 1 + (uint64_t)bytes) / PAGE_BYTES + 1;
}

static rc value_read(const struct lm *lm, const struct snapshot *s, const struct lm_page *page,
                     const struct node *node, struct buf *out, uint64_t *out_at,
                     uint64_t *out_pages) {
    *out_pages = 0;
    if (!node->page) {
        *out_at = page->number * PAGE_BYTES + node->at;
        buf_add(out, span_of(page->bytes + node->at, node->bytes));
        return RC_OK;
    }
    uint8_t head[HEAD_BYTES];
    size_t n;
    if (node->page < 2 || node->page > s->last_page)
        return bad(lm, page->number, "names a value outside of the file");
    TRY(file_read_at(&lm->file, node->page * PAGE_BYTES, head, sizeof head, &n));
    if (n != sizeof head) return bad(lm, node->page, "is behind the end of the file");
    const uint64_t pages = get(head + 12, 4);
    if (get(head, 8) != node->page || get(head + 10, 2) != OVERFLOW ||
        pages < overflow_pages(node->bytes) || pages > s->last_page - node->page + 1)
        return bad(lm, node->page, "is not the value's that is named there");
    char *room = buf_room(out, node->bytes);
    if (!room) return bad(lm, node->page, "has a value that is too large");
    *out_at = node->page * PAGE_BYTES + HEAD_BYTES;
    *out_pages = pages;
    TRY(file_read_at(&lm->file, *out_at, room, node->bytes, &n));
    return n == node->bytes ? RC_OK : bad(lm, node->page, "is behind the end of the file");
}

/* The child in which the key is; of a leaf the first node that is not below it. */
static rc place_of(const struct lm *lm, const struct lm_page *page, struct span key,
                   unsigned *out) {
    unsigned i = page->kind == BRANCH ? 1 : 0;
    if (page->kind == BRANCH && page->nodes == 0) return bad(lm, page->number, "is empty");
    for (; i < page->nodes; i++) {
        struct node node;
        if (!node_read(page, i, &node)) return bad(lm, page->number, "has an entry that cannot be");
        int order = span_cmp(node.key, key);
        if (page->kind == BRANCH ? order > 0 : order >= 0) break;
    }
    *out = page->kind == BRANCH ? i - 1 : i;
    return RC_OK;
}

static rc get_in(const struct lm *lm, const struct snapshot *s, struct span key,
                 struct buf *value) {
    struct lm_page page;
    struct node node;
    uint64_t number = s->main.root, at, pages;
    if (number == UINT64_MAX) return RC_NOT_FOUND;
    for (unsigned depth = 0; depth < DEPTH_MAX; depth++) {
        unsigned i;
        TRY(page_read(lm, s, number, &page));
        TRY(place_of(lm, &page, key, &i));
        if (page.kind == BRANCH) {
            CHECK(node_read(&page, i, &node));
            number = node.child;
            continue;
        }
        if (i == page.nodes || !node_read(&page, i, &node) || !span_eq(node.key, key))
            return RC_NOT_FOUND;
        return value_read(lm, s, &page, &node, value, &at, &pages);
    }
    return bad(lm, s->main.root, "is the root of a tree that does not end");
}

rc lm_get(struct lm *lm, struct span key, struct buf *value) {
    for (unsigned tries = 0; tries < TRIES_MAX; tries++) {
        struct snapshot s;
        bool same;
        TRY(snapshot_read(lm, &s));
        buf_clear(value);
        rc code = get_in(lm, &s, key, value);
        TRY(still(lm, &s, &same));
        if (same) return code;
    }
    return rc_fail(RC_BUSY, "%s: is written faster than it can be read", lm->name);
}

/* ---- all of it ---- */

struct batch_entry {
    size_t key_at, key_n, value_at, value_n; /* in batch.bytes */
    uint64_t at;
};
struct walk {
    struct fsck *f;
    struct lm *lm;
    struct snapshot s; /* of this batch */
    bool moved;        /* batches were of more than one */
    char last[KEY_BYTES_MAX];
    size_t last_n;
    bool begun;
    uint8_t *used; /* a bit a page */
    uint64_t pages, branches, leaves, overflows, entries;
    uint64_t told_pages[FOUND_MAX]; /* those at which a batch began anew are met again */
    unsigned told;
    /* of this batch */
    struct batch_entry batch[BATCH_ENTRIES];
    unsigned count, limit;
    struct buf bytes;
    struct {
        uint64_t page;
        char text[FOUND_BYTES];
    } found[FOUND_MAX];
    unsigned found_count;
    char before[KEY_BYTES_MAX]; /* the key before */
    size_t before_n;
    bool has_before;
    char low[KEY_BYTES_MAX]; /* what led here: nothing below it may stand here */
    size_t low_n;
    bool has_low;
};

static bool mark(struct walk *w, uint64_t page) {
    if (page >= w->pages) return false;
    uint8_t bit = (uint8_t)(1u << page % 8), *byte = &w->used[page / 8];
    bool is_new = !(*byte & bit);
    *byte |= bit;
    return is_new;
}

static void found(struct walk *w, uint64_t page) {
    for (unsigned i = 0; i < w->found_count; i++)
        if (w->found[i].page == page) return;
    for (unsigned i = 0; i < w->told; i++)
        if (w->told_pages[i] == page) return;
    if (w->found_count == FOUND_MAX) return;
    w->found[w->found_count].page = page;
    snprintf(w->found[w->found_count++].text, FOUND_BYTES, "%s", rc_why());
}

static void found_why(struct walk *w, uint64_t page, const char *what) {
    (void)!bad(w->lm, page, what);
    found(w, page);
}

static bool after_before(const struct walk *w, struct span key) {
    return !w->has_before || span_cmp(key, span_of(w->before, w->before_n)) > 0;
}

/* RC_AGAIN: the batch is full. */
static rc leaf_walk(struct walk *w, const struct lm_page *page, unsigned from) {
    for (unsigned i = from; i < page->nodes; i++) {
        struct node node;
        CHECK(node_read(page, i, &node)); /* page_read() has seen it */
        if (!after_before(w, node.key)) found_why(w, page->number, "has keys out of order");
        if (w->has_low && span_cmp(node.key, span_of(w->low, w->low_n)) < 0)
            found_why(w, page->number, "has a key below the one that leads to it");
        memcpy(w->before, node.key.p, node.key.n);
        w->before_n = node.key.n;
        w->has_before = true;
        if (w->begun && span_cmp(node.key, span_of(w->last, w->last_n)) <= 0) continue;
        if (w->count == w->limit || w->bytes.n > BATCH_BYTES) return RC_AGAIN;
        struct batch_entry *e = &w->batch[w->count];
        e->key_at = w->bytes.n;
        e->key_n = node.key.n;
        buf_add(&w->bytes, node.key);
        e->value_at = w->bytes.n;
        uint64_t pages;
        rc code = value_read(w->lm, &w->s, page, &node, &w->bytes, &e->at, &pages);
        if (code != RC_OK) {
            if (code != RC_CORRUPT) return code;
            w->bytes.n = e->key_at;
            w->bytes.over = false;
            found(w, node.page ? node.page : page->number);
            continue;
        }
        e->value_n = w->bytes.n - e->value_at;
        w->count++;
        for (uint64_t k = 0; k < pages; k++)
            if (mark(w, node.page + k)) w->overflows++;
    }
    return RC_OK;
}

static rc page_walk(struct walk *w, uint64_t number, unsigned depth) {
    struct lm_page page;
    rc code = depth < w->s.main.depth ? page_read(w->lm, &w->s, number, &page)
                                      : bad(w->lm, number, "is deeper than the tree says it is");
    if (code == RC_OK && (page.kind == LEAF) != (depth + 1 == w->s.main.depth))
        code = bad(w->lm, number, "is of no kind that belongs here");
    if (code == RC_CORRUPT) {
        found(w, number);
        return RC_OK;
    }
    TRY(code);
    if (mark(w, number)) *(page.kind == LEAF ? &w->leaves : &w->branches) += 1;
    unsigned from = 0;
    if (page.kind == LEAF) return leaf_walk(w, &page, 0);
    if (page.nodes < 2) found_why(w, number, "has fewer than two below it");
    if (w->begun && place_of(w->lm, &page, span_of(w->last, w->last_n), &from) != RC_OK)
        return RC_OK;
    for (unsigned i = from; i < page.nodes; i++) {
        struct node node;
        CHECK(node_read(&page, i, &node));
        /* What stands below is not below the key that leads there; what stood before is. */
        if (i > from && !after_before(w, node.key))
            found_why(w, number, "has a key that is not above all before it");
        if (i > 0) {
            memcpy(w->low, node.key.p, node.key.n);
            w->low_n = node.key.n;
            w->has_low = true;
        }
        TRY(page_walk(w, node.child, depth + 1));
    }
    return RC_OK;
}

/* One batch of one snapshot. *out_end: there is nothing behind it. */
static rc batch_fill(struct walk *w, bool *out_end) {
    for (unsigned tries = 0; tries < TRIES_MAX; tries++) {
        struct snapshot s;
        bool same;
        TRY(snapshot_read(w->lm, &s));
        if (w->begun && s.txn != w->s.txn) w->moved = true;
        w->s = s;
        w->count = w->found_count = 0;
        w->has_before = w->has_low = false;
        buf_clear(&w->bytes);
        rc code = s.main.root == UINT64_MAX ? RC_OK : page_walk(w, s.main.root, 0);
        if (code != RC_OK && code != RC_AGAIN) return code;
        TRY(still(w->lm, &s, &same));
        if (same) {
            *out_end = code == RC_OK;
            return RC_OK;
        }
        w->moved = true;
        if (w->limit > 1) w->limit /= 2;
    }
    return rc_fail(RC_BUSY, "%s: is written faster than it can be read", w->lm->name);
}

static void batch_tell(struct walk *w) {
    for (unsigned i = 0; i < w->found_count; i++) {
        find(w->f, KIND_STORE, "%s", w->found[i].text);
        w->told_pages[w->told++ % FOUND_MAX] = w->found[i].page;
        if (w->told > FOUND_MAX) w->told = FOUND_MAX;
    }
}

/* ---- what is free ---- */

struct free_walk {
    struct walk *w;
    uint64_t branches, leaves, overflows, entries;
    bool broken;
};

static void free_list(struct free_walk *fw, uint64_t page, struct span list) {
    struct walk *w = fw->w;
    uint64_t n = list.n >= 8 ? get(list.p, 8) : UINT64_MAX;
    if (list.n % 8 || n != list.n / 8 - 1) {
        found_why(w, page, "has a list of free pages of another length than it says");
        fw->broken = true;
        return;
    }
    for (uint64_t i = 1; i <= n; i++) {
        uint64_t number = get(list.p + 8 * i, 8);
        if (number >= 2 && number < w->pages && mark(w, number)) continue;
        find(w->f, KIND_STORE, "%s, in page %llu: page %llu is said to be free, and %s",
             w->lm->name, (unsigned long long)page, (unsigned long long)number,
             number < 2 || number >= w->pages ? "there is none" : "it is not, or twice");
        fw->broken = true;
    }
}

static void free_page(struct free_walk *fw, uint64_t number, unsigned depth) {
    struct walk *w = fw->w;
    struct lm_page page;
    uint64_t before = 0;
    if (depth >= w->s.free.depth || page_read(w->lm, &w->s, number, &page) != RC_OK) {
        if (depth >= w->s.free.depth)
            (void)!bad(w->lm, number, "is deeper than the tree says it is");
        found(w, number);
        fw->broken = true;
        return;
    }
    if (!mark(w, number)) found_why(w, number, "is used twice");
    *(page.kind == LEAF ? &fw->leaves : &fw->branches) += 1;
    for (unsigned i = 0; i < page.nodes; i++) {
        struct node node;
        struct buf value;
        uint64_t at, pages;
        CHECK(node_read(&page, i, &node));
        uint64_t key = node.key.n == 8 ? get(node.key.p, 8) : UINT64_MAX;
        bool named = page.kind == LEAF || i > 0;
        if (named && (key == UINT64_MAX || key <= before || key > w->s.txn))
            found_why(w, number, "has a key that no list of free pages has");
        if (named) before = key;
        if (page.kind == BRANCH) {
            free_page(fw, node.child, depth + 1);
            continue;
        }
        buf_init(&value, VALUE_BYTES_MAX);
        if (value_read(w->lm, &w->s, &page, &node, &value, &at, &pages) == RC_OK)
            free_list(fw, number, buf_span(&value));
        else
            found(w, number), fw->broken = true;
        buf_done(&value);
        for (uint64_t k = 0; k < pages; k++)
            if (mark(w, node.page + k)) fw->overflows++;
        fw->entries++;
    }
}

static void count_is(struct walk *w, const char *of, const char *what, uint64_t said, uint64_t is) {
    if (said != is)
        find(w->f, KIND_STORE, "%s: its head says %llu %s%s, there are %llu", w->lm->name,
             (unsigned long long)said, of, what, (unsigned long long)is);
}

/* Every page is used by something, once, or free. Only a store that stood still can say so. */
static rc pages_account(struct walk *w) {
    struct free_walk fw = {.w = w};
    bool same;
    w->found_count = 0;
    if (w->s.free.root != UINT64_MAX) free_page(&fw, w->s.free.root, 0);
    TRY(still(w->lm, &w->s, &same));
    if (!same) {
        find(w->f, KIND_UNSEEN, "%s: what is free in it: it was written to meanwhile", w->lm->name);
        return RC_OK;
    }
    bool whole = w->f->found[KIND_STORE] == 0 && w->found_count == 0 && !fw.broken;
    batch_tell(w);
    count_is(w, "", "branch pages", w->s.main.branches, w->branches);
    count_is(w, "", "leaf pages", w->s.main.leaves, w->leaves);
    count_is(w, "", "overflow pages", w->s.main.overflows, w->overflows);
    count_is(w, "", "entries", w->s.main.entries, w->entries);
    count_is(w, "free ", "branch pages", w->s.free.branches, fw.branches);
    count_is(w, "free ", "leaf pages", w->s.free.leaves, fw.leaves);
    count_is(w, "free ", "overflow pages", w->s.free.overflows, fw.overflows);
    count_is(w, "free ", "entries", w->s.free.entries, fw.entries);
    for (uint64_t page = 2; whole && page < w->pages; page++)
        if (mark(w, page))
            find(w->f, KIND_STORE, "%s, byte %llu: page %llu is neither used nor free", w->lm->name,
                 (unsigned long long)page * PAGE_BYTES, (unsigned long long)page);
    return RC_OK;
}

/* The two first pages: LMDB believes the one with the higher number, whatever else stands there. */
static rc metas_check(struct fsck *f, struct lm *lm) {
    uint8_t metas[2 * PAGE_BYTES];
    TRY(metas_read(lm, metas));
    uint64_t txn[2];
    for (unsigned i = 0; i < 2; i++) {
        const uint8_t *meta = metas + i * PAGE_BYTES;
        txn[i] = get(meta + TXN, 8);
        struct tree main = tree_at(meta + MAIN_TREE), free = tree_at(meta + FREE_TREE);
        if (!meta_good(meta, i) || main.flags || main.pad || free.flags != INTEGER_KEYS ||
            get(meta + 24, 8) != 0)
            find(f, KIND_STORE, "%s, byte %u: its page %u is not as LMDB writes it", lm->name,
                 i * PAGE_BYTES, i);
        /* a new store's two begin at 0 */
        if (txn[i] % 2 != i && txn[i] != 0)
            find(f, KIND_STORE, "%s, byte %u: snapshot %llu does not belong into page %u", lm->name,
                 i * PAGE_BYTES + TXN, (unsigned long long)txn[i], i);
    }
    if (txn[0] + 1 != txn[1] && txn[1] + 1 != txn[0] && txn[0] + txn[1] > 0)
        find(f, KIND_STORE, "%s: its last two snapshots are %llu and %llu, which do not follow",
             lm->name, (unsigned long long)txn[0], (unsigned long long)txn[1]);
    if (get(metas + 32, 8) != get(metas + PAGE_BYTES + 32, 8))
        find(f, KIND_STORE, "%s: its first two pages differ in how large it may become", lm->name);
    return RC_OK;
}

static rc walk_all(struct walk *w, rc (*visit)(void *arg, const struct lm_entry *entry),
                   void *arg) {
    bool end = false;
    while (!end) {
        TRY(batch_fill(w, &end));
        batch_tell(w);
        for (unsigned i = 0; i < w->count; i++) {
            const struct batch_entry *e = &w->batch[i];
            const struct lm_entry entry = {.key = span_of(w->bytes.p + e->key_at, e->key_n),
                                           .value = span_of(w->bytes.p + e->value_at, e->value_n),
                                           .at = e->at};
            TRY(visit(arg, &entry));
            w->entries++;
        }
        if (w->count) {
            const struct batch_entry *last = &w->batch[w->count - 1];
            memcpy(w->last, w->bytes.p + last->key_at, last->key_n);
            w->last_n = last->key_n;
            w->begun = true;
        } else if (!end) {
            return rc_fail(RC_CORRUPT, "%s: cannot be gone through", w->lm->name);
        }
        if (w->limit < BATCH_ENTRIES) w->limit++;
        progress(w->f, "pages", w->entries, w->s.main.entries);
    }
    return RC_OK;
}

rc lm_each(struct fsck *f, struct lm *lm, rc (*visit)(void *arg, const struct lm_entry *entry),
           void *arg) {
    struct walk *w = mem_new(sizeof *w);
    w->f = f;
    w->lm = lm;
    w->limit = BATCH_ENTRIES;
    w->pages = lm->first.last_page + 1;
    /* What the head says is not believed before the file has as much. */
    if (w->pages > lm->bytes / PAGE_BYTES) w->pages = lm->bytes / PAGE_BYTES;
    w->used = mem_new(w->pages / 8 + 1);
    buf_init(&w->bytes, BATCH_BYTES + VALUE_BYTES_MAX + KEY_BYTES_MAX);
    rc code = metas_check(f, lm);
    if (code == RC_OK && lm->first.last_page >= lm->bytes / PAGE_BYTES && !f->o->served)
        find(f, KIND_STORE, "%s: has %llu bytes, its head says %llu pages of %u", lm->name,
             (unsigned long long)lm->bytes, (unsigned long long)lm->first.last_page + 1,
             PAGE_BYTES);
    if (code == RC_OK) code = walk_all(w, visit, arg);
    if (code == RC_OK && (w->moved || w->s.txn != lm->first.txn))
        find(f, KIND_UNSEEN, "%s: what is free in it: it was written to meanwhile", lm->name);
    else if (code == RC_OK)
        code = pages_account(w);
    f->r.bytes += lm->bytes;
    buf_done(&w->bytes);
    mem_free(w->used);
    mem_free(w);
    return code;
}
