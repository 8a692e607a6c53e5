/* inner: what the files of flow/ share. Nobody else includes it. */
#ifndef DATELINE_FLOW_INNER_H
#define DATELINE_FLOW_INNER_H

#include "flow/flow.h"
#include "pages/pages.h"
#include "record/record.h"
#include "render/render.h"
#include "store/store.h"

#define OPERATION_BYTES_MAX (64u << 20)     /* arena of one step: a batch, a flip, a list */
#define PAGE_BYTES_MAX PAGES_BODY_BYTES_MAX /* one rendered page */
#define LIST_PAGE_STORIES 30       /* in a page of a list; fixed for ever: paths depend on it */
#define SITEMAP_PAGE_STORIES 10000 /* likewise */
#define LIST_KEY_BYTES_MAX 400     /* "tag/" and a slug */
#define REASON_BYTES_MAX 1000
#define GENERATION 1 /* of the built-in theme */

/* Which pages of which lists do not show yet what the store has. */
struct dirty;
struct dirty *dirty_new(void);
void dirty_free(struct dirty *d);
/* page 0: the newest stories, under the list's own path. */
void dirty_add(struct dirty *d, struct span key, uint64_t page);
size_t dirty_count(const struct dirty *d);
/* Takes one out; false: none. `key` lives in a. */
bool dirty_take(struct dirty *d, struct arena *a, struct span *out_key, uint64_t *out_page);

/*
 * A shelf is one page store and how far it has come. There is one, and during a rebuild two.
 *   cursor        outbox rows up to here are public; a meta of the page store, so part of each flip
 *   lists_cursor  of these, the lists show them too
 */
struct shelf {
    struct pages_writer *pages;
    struct tiles *tiles; /* what the page store has, and what the flip under way adds */
    uint64_t cursor, lists_cursor;
    struct dirty *dirty;
    bool bulk; /* many stories in one flip: an archive, whose pages are stored in gzip alone */
};

/* What an item becomes; plan.c makes it. */
struct plan {
    struct desk_verdict verdict;
    struct story_row row; /* known: as it is before the act */
    bool known;
    bool stores; /* `act` is to be stored */
    struct store_publish act;
    const struct span *parts; /* what its entry commits to */
    size_t part_count;
    bool holds; /* `held` is to be stored */
    struct held_row held;
    bool drops; /* the held draft drop_id is to be forgotten */
    uint64_t drop_id;
};

struct rebuild { /* see rebuild.c */
    struct shelf shelf;
    unsigned phase;
    uint64_t story_at, entry_at, list_phase, done, of;
    struct arena *memory;
    struct span list_after;
};

struct flow {
    struct flow_setup setup;
    struct arena *memory; /* what lives as long as flow: copies of setup's texts */
    struct store *store;
    struct journal *journal;
    struct render *render;
    struct note_key key;
    struct span html_headers; /* of every HTML page */
    struct signer_head head;  /* the signed head; valid if head_known */
    bool head_known;
    bool stopped; /* signing must not go on in this process: see why */
    char why[RC_WHY_MAX];
    bool disk_full; /* the reserve was given up: nothing new is taken until it is whole again */
    mono_t disk_tried;
    bool behind; /* the last pump did not come through */
    mono_t pump_tried;
    mono_t dirty_since, dirty_last;
    /* What this very batch has stored, so that it need not be read back and parsed again at once. A pump
     * after a crash finds none of it and reads the store: the same bytes, the same pages. */
    const struct plan *fresh[FLOW_BATCH_MAX];
    size_t fresh_count;
    struct shelf shelf;
    struct rebuild *rebuild; /* NULL: none under way */
};

/* ---- plan.c */
rc plan_item(struct flow *f, struct arena *a, const struct flow_item *item, ms_t now,
             struct intent *out_intent, struct plan *out_plan) MUST_USE;
rc plan_held(struct flow *f, struct arena *a, const struct held_row *held, ms_t now,
             struct plan *out_plan) MUST_USE;
rc plan_withdrawal(struct flow *f, struct arena *a, const struct story_row *row, struct span reason,
                   ms_t now, struct plan *out_plan) MUST_USE;
/* In a transaction of the store. */
rc plan_store(struct flow *f, const struct plan *plan) MUST_USE;

/* ---- media.c: pictures as files under SITE/media, by the hash of their bytes */
/* Type, width and height, and whether they are within limits; the hash is left empty. */
rc media_look(struct span bytes, struct rendition *out) MUST_USE;
rc media_keep(struct flow *f, struct span href, struct span bytes, struct rendition *out) MUST_USE;
rc media_read(struct flow *f, const struct rendition *rendition, struct buf *out) MUST_USE;
/* "/media/HASH.EXT" */
struct span media_path(struct arena *a, const struct rendition *rendition);

/* ---- publish.c */
/* Ends a transaction of the store: what came of it commits it, or undoes it and is returned. */
rc store_end(struct flow *f, rc code) MUST_USE;

/* ---- pump.c */
/* f->head is what the signer says of itself, checked against our key. */
rc ask_head(struct flow *f) MUST_USE;
/* The act that made the entry, if it is of this batch; else NULL. */
const struct plan *fresh_of(const struct flow *f, uint64_t entry);
/* Everything in the store becomes recorded, signed and public. Not RC_OK: it is tried again. */
rc pump(struct flow *f) MUST_USE;
/* Brings one shelf up to the store; what is not signed yet stays out. */
rc pump_shelf(struct flow *f, struct shelf *shelf) MUST_USE;
/* Signing stops for good; noted and logged once. */
rc flow_stop(struct flow *f, rc code);

/* ---- shelf.c: all within a transaction of shelf->pages */
/* Cursors and tiles as the page store has them; what memory had is forgotten. Outside transactions. */
rc shelf_load(struct shelf *shelf) MUST_USE;
void shelf_close(struct shelf *shelf);
rc shelf_begin(struct shelf *shelf) MUST_USE;
/* br: with brotli too, which costs as much as all the rest of it. */
rc shelf_put_story(struct flow *f, struct shelf *shelf, struct arena *a, const struct story_id *id,
                   bool br) MUST_USE;
/* Can it be shown? What is stored must be: a story whose pages cannot be made would stop the pump, and
 * with it every other story. So it is asked before one is taken. RC_TOO_BIG: no. */
rc shelf_try_story(struct flow *f, struct span canonical) MUST_USE;
rc shelf_put_entry(struct flow *f, struct shelf *shelf, struct arena *a, uint64_t index) MUST_USE;
rc shelf_put_record(struct flow *f, struct shelf *shelf,
                    struct arena *a) MUST_USE; /* tiles, checkpoint */
rc shelf_put_fixed(struct flow *f, struct shelf *shelf,
                   struct arena *a) MUST_USE; /* errors, robots, key */
rc shelf_put_cursors(struct shelf *shelf) MUST_USE;
rc shelf_put_html(struct flow *f, struct shelf *shelf, struct span key, unsigned status, bool br,
                  struct span body) MUST_USE;
enum file_kind_of_page { FILE_READ_OFTEN, FILE_READ_RARELY, FILE_AS_IS };
rc shelf_put_file(struct shelf *shelf, struct span key, unsigned status, const char *type,
                  const char *cache, enum file_kind_of_page kind, struct span body) MUST_USE;
rc shelf_put_redirect(struct shelf *shelf, struct span key, unsigned status,
                      struct span to) MUST_USE;

/* ---- lists.c */
/* The pages on which this story stands. */
rc lists_mark(struct flow *f, struct shelf *shelf, struct arena *a,
              const struct story_id *id) MUST_USE;
/* Marks what rows behind lists_cursor touched: at the start, and when a flip failed. */
rc lists_mark_since(struct flow *f, struct shelf *shelf) MUST_USE;
/* Renders at most `count` of what is marked, in the transaction that is open. */
rc lists_put(struct flow *f, struct shelf *shelf, size_t count) MUST_USE;
/* The same in a transaction of its own; moves lists_cursor when all are done. */
rc lists_flip(struct flow *f, struct shelf *shelf, size_t count) MUST_USE;
/* Keys of the lists that a revision stands in. */
rc lists_of(struct flow *f, struct arena *a, const struct revision *r, struct list_ref **out_lists,
            size_t *out_count) MUST_USE;
#define LIST_ALL SPAN("all")
#define LIST_SITEMAP SPAN("sitemap") /* not a list: the index of sitemaps */
#define LIST_ARCHIVE SPAN("archive") /* likewise: the page of days */
#define LIST_STORY \
    SPAN("story/") /* likewise: one story's own pages, with brotli, by its id in hex */
#define LIST_MEDIA SPAN("media/") /* of the stories that show one picture; it has no pages */
uint64_t list_page_of(struct span key, uint64_t place);
uint64_t list_pages(struct span key, uint64_t places);

/* ---- catch_up.c, rebuild.c, reserve.c */
rc catch_up(struct flow *f) MUST_USE;
rc rebuild_work(struct flow *f, bool *out_more) MUST_USE;
rc rebuild_now(
    struct flow *f) MUST_USE; /* to the end, at once: the page store does not fit the store */
rc reserve_keep(struct flow *f) MUST_USE; /* RC_FULL */
void reserve_give_up(struct flow *f);

#endif
