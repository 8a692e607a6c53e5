/* inner: what the files of flow/ share. Nobody else includes it. */
#ifndef DATELINE_FLOW_INNER_H
#define DATELINE_FLOW_INNER_H

#include "flow/flow.h"
#include "media/media.h"
#include "pages/pages.h"
#include "record/record.h"
#include "render/render.h"
#include "store/store.h"
#include "sys/crew.h"

#define OPERATION_BYTES_MAX (64u << 20)     /* arena of one step: a batch, a flip, a list */
#define PAGE_BYTES_MAX PAGES_BODY_BYTES_MAX /* one rendered page */
#define LIST_PAGE_STORIES 30      /* in a page of a list; fixed for ever: paths depend on it */
#define FRONT_STORIES 60          /* newest; the front is composed out of them */
#define SITEMAP_PAGE_STORIES 1000 /* likewise; the last one is made anew for each story */
#define LIST_KEY_BYTES_MAX 400    /* "tag/" and a slug */
/* Standing pages: every version of one is made at once, in one making's memory (standing.c). */
#define STANDING_BYTES_MAX 65536  /* canonical form of one version */
#define STANDING_VERSIONS_MAX 200 /* of one page */
#define STANDING_PAGES_MAX 64     /* of one edition */
#define BULK_ROWS 8 /* more than this in a flip are an archive: nobody is waiting for them */
#define IMMUTABLE "public, max-age=31536000, immutable"
#define NO_CACHE "no-cache"

/* Which pages of which lists do not show yet what the store has: those that people look at after a
 * publication, and what can wait some seconds, and is then done once for all that was published in
 * them: sitemaps, the archive's counts, brotli, the pages of other stories. */
enum dirty_when { DIRTY_SOON, DIRTY_LATER, DIRTY_WHENS };
struct dirty;
struct dirty *dirty_new(void);
void dirty_free(struct dirty *d);
/* page 0: the newest stories, under the list's own path. */
void dirty_add(struct dirty *d, enum dirty_when when, struct span key, uint64_t page);
size_t dirty_count(const struct dirty *d, enum dirty_when when);
size_t dirty_all(const struct dirty *d);
/* Takes one out; false: none. `key` lives in a. */
bool dirty_take(struct dirty *d, enum dirty_when when, struct arena *a, struct span *out_key,
                uint64_t *out_page);

/*
 * A shelf is one page store and how far it has come. There is one, and during a rebuild two.
 *   cursor        outbox rows up to here are public; a meta of the page store, so part of each flip
 *   lists_cursor  of these, the lists show them too
 *   leases        leases of pictures that end until then are over on all its pages
 */
struct shelf {
    struct pages_writer *pages;
    struct tiles *tiles; /* what the page store has, and what the flip under way adds */
    uint64_t cursor, lists_cursor;
    ms_t leases;
    uint64_t lease_place; /* of the list of those that end next: so far it is done */
    uint64_t aged[FLOW_EDITIONS_MAX], aging[FLOW_EDITIONS_MAX]; /* see age.c */
    struct dirty *dirty;
    bool bulk; /* many stories in one flip: an archive, whose pages are stored in gzip alone */
};

/* An edition, as flow knows it. Everything but the record belongs to one. */
struct edition {
    struct span key;
    struct span prefix;      /* of its paths: "" or "/ar" */
    struct span list_prefix; /* of the keys of its lists: "" or "ar:" */
    struct span language;    /* of an item that does not say */
    /* What its HTML pages begin with, as its renders make them, and their headers. */
    struct pages_prolog *prologs[RENDER_PROLOGS_MAX];
    struct span headers[RENDER_PROLOGS_MAX];
    size_t prolog_count;
};

/* Links to the standing pages, at the foot of every page of an edition. They are part of what pages are
 * made with, as the theme is: with other ones every page is made anew. */
struct foot {
    struct arena *memory;
    struct render_link *links[FLOW_EDITIONS_MAX]; /* by edition */
    size_t counts[FLOW_EDITIONS_MAX];
    uint64_t number; /* of all of them; 0: there are none */
};

/* What one thread makes answers with. */
struct maker {
    struct render *render[FLOW_EDITIONS_MAX]; /* by edition */
    struct pages_builder *builder;
    struct buf out; /* to render into; empty when make() begins */
};

/* Answers that are made beside and not put yet; see make.c. */
struct making {
    struct job job;    /* first: make.c casts */
    struct flow *flow; /* read only, but for the hand's own maker */
    struct arena *a;   /* what it is made of, while it is made, and the answers */
    rc (*make)(struct making *m);
    void *of;            /* for make; in a, or alive until it is freed */
    unsigned edition;    /* whose answers they are; 0 until it is said */
    struct maker *maker; /* make's, while it runs */
    size_t weight;       /* about as many bytes in */
    struct made *made, **made_end;
    rc code;
    char why[RC_WHY_MAX];
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
    struct making *story, *opening; /* begun already; or NULL */
};

/* A version of a standing page. */
struct version_of {
    uint32_t number;
    uint64_t entry;
    struct span canonical; /* empty: its text is lost */
};

/* What a story's, or standing page's, answers are made of. */
struct story_of {
    struct story_row row;
    struct span *paths; /* all it ever had */
    size_t path_count;
    struct span canonical;
    struct render_story shown;   /* revision NULL: to be read from `canonical` */
    struct version_of *versions; /* of a standing page, the first one first */
    struct render_gone gone; /* if it is not shown; its headline is to be read from `canonical` */
    bool br;
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
    ms_t since;           /* when it was opened */
    struct arena *memory; /* what lives as long as flow: copies of setup's texts */
    struct store *store;
    struct journal *journal;
    struct crew *crew;
    struct maker makers[CREW_THREADS_MAX + 1]; /* by hand */
    uint64_t generation; /* the number of the theme and the foot that they make pages with */
    bool outdated;       /* not every page that is served is made with it */
    struct foot foot;
    bool foot_due; /* the foot changed: a rebuild is to be begun */
    struct edition editions[FLOW_EDITIONS_MAX];
    unsigned edition_count;
    struct note_key key;
    struct signer_head head; /* the signed head; valid if head_known */
    bool head_known;
    bool stopped; /* signing must not go on in this process: see why */
    char why[RC_WHY_MAX];
    bool disk_full; /* the reserve was given up: nothing new is taken until it is whole again */
    mono_t disk_tried;
    bool behind; /* the last pump did not come through */
    mono_t pump_tried;
    mono_t dirty_since, dirty_last; /* a publication: the first that lists lack, and the last */
    mono_t later_last;
    ms_t news_due
        [FLOW_EDITIONS_MAX]; /* by edition: when its news sitemap has a story too many; 0: not known */
    ms_t leases_dropped; /* until then files are gone, though not all their pages; see leases.c */
    mono_t age_next;     /* when age.c looks at the calendar again */
    /* What this very batch has stored, so that it need not be read back and parsed again at once. A pump
     * after a crash finds none of it and reads the store: the same bytes, the same pages. */
    struct plan *fresh[FLOW_BATCH_MAX];
    size_t fresh_count, fresh_weight;
    struct shelf shelf;
    struct rebuild *rebuild; /* NULL: none under way */
};

/* ---- plan.c */
/* By address, path, short address or code, id, or uri. RC_NOT_FOUND. */
rc find_story(struct flow *f, struct arena *a, struct span name,
              struct story_row *out_row) MUST_USE;
rc plan_item(struct flow *f, struct arena *a, const struct flow_item *item, ms_t now,
             struct intent *out_intent, struct plan *out_plan) MUST_USE;
rc plan_held(struct flow *f, struct arena *a, const struct held_row *held, ms_t now,
             struct plan *out_plan) MUST_USE;
/* Salts, root and entry of an act whose parts are given. */
rc plan_entry(struct flow *f, struct arena *a, enum entry_type type, ms_t now,
              const struct span *parts, size_t count, struct plan *plan) MUST_USE;
/* In a transaction of the store. */
rc plan_store(struct flow *f, const struct plan *plan) MUST_USE;

/* ---- withdrawal.c: shown no longer, and again */
rc plan_withdrawal(struct flow *f, struct arena *a, const struct story_row *row,
                   const struct withdrawal *withdrawal, ms_t now, struct plan *out_plan) MUST_USE;
rc plan_restore(struct flow *f, struct arena *a, const struct story_row *row, ms_t now,
                struct plan *out_plan) MUST_USE;
/* Why a story that is not shown is not, since when, and which entry says so. */
rc withdrawal_find(struct flow *f, struct arena *a, const struct story_row *row,
                   struct withdrawal *out, ms_t *out_at, uint64_t *out_entry) MUST_USE;
/* Is it withdrawn with these words already? */
rc withdrawal_said(struct flow *f, struct arena *a, const struct story_row *row,
                   const struct withdrawal *withdrawal, bool *out_said) MUST_USE;

/* ---- media.c: pictures as files under SITE/media, by the hash of their bytes */
/* What is known of a file that was sent (files[].bytes are empty). RC_NOT_FOUND: nothing that holds. */
rc media_learn(struct flow *f, struct arena *a, struct span original,
               struct media_picture *out) MUST_USE;
/* Stands for it until it is known whether it is shown at all: its hash, type and length. */
rc media_name(struct span href, struct span original, struct rendition *out) MUST_USE;
/* Its renditions, and what it says of itself where the item says nothing; what is missing is remarked. At
 * most MEDIA_REMARKS_MAX remarks, for which intent->remarks has room. RC_BUSY: it is not known. */
#define MEDIA_REMARKS_MAX (4 + MEDIA_NOTE_COUNT)
rc media_show(struct flow *f, struct arena *a, unsigned edition, struct span href,
              struct span original, struct picture *picture, struct intent *intent) MUST_USE;
/* The end of a lease, as a person says it: a moment, or a day that is over then in the edition. */
rc media_until(struct flow *f, unsigned edition, struct span text, ms_t *out_at) MUST_USE;
rc media_read(struct flow *f, const struct rendition *rendition, struct buf *out) MUST_USE;
/* "/media/HASH.EXT" */
struct span media_path(struct arena *a, const struct rendition *rendition);

/* ---- standing.c */
/* Where a page of this slug stands. RC_CONFLICT: something else of the site does. */
rc standing_path(struct flow *f, struct arena *a, unsigned edition, struct span slug,
                 struct span *out_path) MUST_USE;
/* May there be one more version of it; or, with number 0, one more page? RC_TOO_BIG. */
rc standing_fits(struct flow *f, struct arena *a, unsigned edition, uint32_t number) MUST_USE;
/* All versions, into `of`, whose row is known. */
rc standing_read(struct flow *f, struct arena *a, struct story_of *of) MUST_USE;
/* The page, its versions, its short address. */
rc make_standing(struct making *m) MUST_USE;
/* That it is withdrawn, at the addresses of its versions. */
rc make_versions_gone(struct making *m, struct span body) MUST_USE;
/* Reads the foot anew. If it is another one, all makers get it, and a rebuild is due; no making may be under
 * way then. */
rc foot_renew(struct flow *f) MUST_USE;
void foot_close(struct flow *f);
/* For the sitemap: paths of what is published. */
rc standing_refs(struct flow *f, struct arena *a, struct render_sitemap_ref **out_refs,
                 size_t *out_count) MUST_USE;

/* ---- publish.c */
/* Ends a transaction of the store: what came of it commits it, or undoes it and is returned. */
rc store_end(struct flow *f, rc code) MUST_USE;

/* ---- pump.c */
/* f->head is what the signer says of itself, checked against our key. */
rc ask_head(struct flow *f) MUST_USE;
/* The act that made the entry, if it is of this batch; else NULL. */
struct plan *fresh_of(const struct flow *f, uint64_t entry);
/* Everything in the store becomes recorded, signed and public. Not RC_OK: it is tried again. */
rc pump(struct flow *f) MUST_USE;
/* Brings one shelf up to the store; what is not signed yet stays out. */
rc pump_shelf(struct flow *f, struct shelf *shelf) MUST_USE;
/* Signing stops for good; noted and logged once. */
rc flow_stop(struct flow *f, rc code);

/* ---- editions.c */
rc editions_open(struct flow *f) MUST_USE; /* out of f->setup; makers_open() needs them */
/* The number of all that pages are made with: the theme's, and after how many days a story is old. */
uint64_t editions_generation(const struct flow *f, uint64_t theme);
void editions_head(struct flow *f);  /* their headers and prologs; needs the makers */
void editions_renew(struct flow *f); /* the prologs, when the makers are other ones */
void editions_close(struct flow *f);
/* What an HTML page of the edition begins with, by its bytes, and the headers that go with it. */
const struct pages_prolog *edition_prolog(const struct flow *f, unsigned edition, struct span page,
                                          struct span *out_headers);
struct render *owners_render(const struct flow *f, unsigned edition);
/* RC_INVALID: there is no such edition. Empty: the first. */
rc edition_find(const struct flow *f, struct span key, unsigned *out_edition) MUST_USE;
/* Whose page it is; the first's, if it is nobody else's. */
unsigned edition_of_path(const struct flow *f, struct span path);
/* Of a list's key: whose it is, and the key without the edition. */
unsigned edition_of_list(const struct flow *f, struct span key, struct span *out_rest);
/* A path, or a list's key, of an edition. */
struct span edition_path(const struct flow *f, struct arena *a, unsigned edition, struct span path);
struct span edition_list(const struct flow *f, struct arena *a, unsigned edition, struct span key);

/* ---- make.c */
rc makers_open(struct flow *f) MUST_USE;
void makers_close(struct flow *f);
/* Renders that know the foot of now. No making may be under way. */
rc makers_renew(struct flow *f) MUST_USE;
/* The making's edition's, while it is made. */
struct render *making_render(const struct making *m);
/* Fill in m->of, then begin it; the rest of m is make.c's. */
struct making *making_new(struct flow *f);
void making_begin(struct making *m, rc (*make)(struct making *m), size_t weight);
rc making_wait(struct making *m) MUST_USE; /* what make() returned, and why */
void making_free(struct making *m);        /* at any time; NULL is fine */
/* May one more be begun, with so many under way that weigh so much? */
bool making_fits(size_t count, size_t weight);
/* begin() and put() for 0 … count−1, in order, begin() somewhat ahead. A making of NULL is put as well;
 * all are freed. */
rc make_all(size_t count, rc (*begin)(void *arg, size_t i, struct making **out_making),
            rc (*put)(void *arg, size_t i, struct making *m), void *arg) MUST_USE;
/* Inside make(): one more answer. br: with brotli too, which costs as much as all the rest of it. */
rc make_html(struct making *m, struct span key, unsigned status, bool br,
             struct span body) MUST_USE;
/* … the edition's page of an error. */
rc make_error(struct making *m, const struct render_error *error) MUST_USE;
rc make_file(struct making *m, struct span key, unsigned status, const char *type, bool rarely_read,
             struct span body) MUST_USE;
/* For ever, since its name says what is in it: the theme's faces and icon. */
rc make_asset(struct making *m, struct span key, struct span type, struct span body) MUST_USE;
rc make_redirect(struct making *m, struct span key, unsigned status, struct span to) MUST_USE;

/* ---- shelf.c: what puts, within a transaction of shelf->pages */
/* Cursors and tiles as the page store has them; what memory had is forgotten. Outside transactions. */
rc shelf_load(struct shelf *shelf) MUST_USE;
void shelf_close(struct shelf *shelf);
rc shelf_begin(struct shelf *shelf) MUST_USE;
rc shelf_put_made(struct shelf *shelf, struct making *m) MUST_USE; /* waits for it */
/* As it is, uncompressed. */
rc shelf_put_file(struct shelf *shelf, struct span key, const char *type, const char *cache,
                  struct span body) MUST_USE;
/* Everything under the story's path, in the place of what was there. */
enum story_form {
    STORY_AT_ONCE, /* in gzip */
    STORY_WHOLE    /* in brotli too: follows it, see lists_mark_story() */
};
rc story_begin(struct flow *f, const struct story_id *id, enum story_form form,
               struct making **out_making) MUST_USE;
rc story_put(struct flow *f, struct shelf *shelf, struct making *m) MUST_USE;
/* Pictures of this story that nobody shows any more are not served. */
rc shelf_drop_pictures(struct flow *f, struct shelf *shelf, struct arena *a,
                       const struct story_id *id) MUST_USE;
/* Can it be shown? What is stored must be: a story whose pages cannot be made would stop the pump, and
 * with it every other story. So it is asked before one is taken. RC_TOO_BIG: no. */
rc shelf_try_story(struct flow *f, struct span canonical) MUST_USE;
/* Its opening, and its revision's canonical bytes. */
rc entry_begin(struct flow *f, uint64_t index, struct making **out_making) MUST_USE;
/* … and what it changes of the openings before it; shelf_put_made() puts itself alone. */
rc entry_put(struct flow *f, struct shelf *shelf, struct making *m) MUST_USE;
rc shelf_put_record(struct flow *f, struct shelf *shelf) MUST_USE; /* tiles, checkpoint */
rc shelf_put_fixed(struct flow *f, struct shelf *shelf) MUST_USE;  /* errors, robots, key */
rc shelf_put_cursors(struct shelf *shelf) MUST_USE;
/* In `memory`. */
struct span file_headers(const char *type, const char *cache, char *memory, size_t bytes);

/* ---- lists.c */
/* What every edition has though nothing was published: its front, sections, corrections and archive; and
 * the sitemap. */
void lists_mark_empty(struct flow *f, struct shelf *shelf, struct arena *a);
/* Is its page there though nothing stands in it? Of a key without its edition. */
bool list_is_standing(const struct flow *f, struct arena *a, unsigned edition, struct span rest);
/* What has to be made because time passed; out_next: when that is again, or INT64_MAX. */
void lists_mark_old_news(struct flow *f, struct shelf *shelf, struct arena *a, ms_t now,
                         ms_t *out_next);
/* The pages on which this story stands, and those of its translations. */
rc lists_mark(struct flow *f, struct shelf *shelf, struct arena *a,
              const struct story_id *id) MUST_USE;
/* The stories that show its card: found when the lists are put. */
void lists_mark_near(struct shelf *shelf, const struct story_id *id);
/* Its own pages: with what stands beside it now, and as STORY_WHOLE. */
void lists_mark_story(struct shelf *shelf, const struct story_id *id);
/* Of a standing page: what names it, but for the foot. */
rc lists_mark_standing(struct flow *f, struct shelf *shelf, struct arena *a,
                       const struct story_id *id) MUST_USE;
/* Marks what rows behind lists_cursor touched: at the start, and when a flip failed. */
rc lists_mark_since(struct flow *f, struct shelf *shelf) MUST_USE;
/* Renders of what is marked for then as much as is begun within so many milliseconds, but something, in
 * the transaction that is open. What is made soon may mark more for later. */
#define LISTS_ALL UINT_MAX
rc lists_put(struct flow *f, struct shelf *shelf, enum dirty_when when, unsigned ms) MUST_USE;
rc lists_put_all(struct flow *f, struct shelf *shelf) MUST_USE;
/* The same in a transaction of its own; moves lists_cursor when all is done. */
rc lists_flip(struct flow *f, struct shelf *shelf, enum dirty_when when, unsigned ms) MUST_USE;
/* Keys of the lists that a revision stands in. */
rc lists_of(struct flow *f, struct arena *a, unsigned edition, const struct revision *r,
            struct list_ref **out_lists, size_t *out_count) MUST_USE;
/* All lists whose keys begin so, in the order of their keys; `lists` has room for max. */
rc lists_under(struct flow *f, struct arena *a, struct span prefix, size_t max,
               struct list_info *lists, size_t *out_count) MUST_USE;
#define MONTHS_MAX (12 * 400)
#define LIST_ALL SPAN("all")
#define LIST_MONTH SPAN("month/") /* it has no page, but sitemaps; the archive counts it */
#define LIST_CORRECTIONS SPAN("corrections") /* of notes: what readers were told of changes */
#define LIST_SITEMAP SPAN("sitemap")         /* not a list: the index of sitemaps, and fronts */
#define LIST_ARCHIVE SPAN("archive")         /* likewise: pages of years, months and days */
#define LIST_NEWS SPAN("news")               /* likewise: the sitemap of the last two days */
#define LIST_PAGES SPAN("pages")             /* likewise: the sitemap of standing pages */
#define LIST_STORY \
    SPAN("story/")              /* likewise: one story's own pages, with brotli, by its id in hex */
#define LIST_NEAR SPAN("near/") /* likewise: the pages of stories that show its card */
/* Lists without pages, of the stories that … */
#define LIST_MEDIA \
    SPAN("media/") /* … show one picture: "media/HASH.EXT", or until then, "…/TIME" */
#define LIST_LEASE SPAN("lease/") /* … show pictures whose lease ends at a time */
#define LIST_PIN SPAN("pin/")     /* … have chosen a story to stand beside them */
bool list_has_pages(struct span key);
/* Of a key without its edition. */
uint64_t list_page_of(struct span key, uint64_t place);
uint64_t list_pages(struct span key, uint64_t places);

/* ---- list_page.c, archive.c, sitemaps.c: one page of those that lists_put() puts. _read() reads what the page
 * is made of, and sets m->of and m->make. RC_NOT_FOUND: there is no such page any more. */
rc list_page_read(struct flow *f, struct span key, uint64_t page, bool br,
                  struct making *m) MUST_USE;
/* Of a whole key; page 0: the list's own path. */
struct span list_path(const struct flow *f, struct arena *a, struct span key, uint64_t page);
bool day_of_key(struct span key, struct render_day *out_day);
rc archive_read(struct flow *f, struct span key, struct making *m) MUST_USE;
/* The pages of the archive about a month ("month/2026-11", with its edition), its year, and all years. */
void archive_mark(struct flow *f, struct shelf *shelf, struct arena *a, struct span month);
/* A month's first story gives the pages beside it their links to it. */
rc archive_mark_beside(struct flow *f, struct shelf *shelf, struct arena *a, unsigned edition,
                       struct span month) MUST_USE;
/* The nearest days on both sides that have a page; year 0: there is none. As with months, a page stays
 * when its stories are withdrawn, and the links to it with it. */
rc archive_days_beside(struct flow *f, struct arena *a, unsigned edition, struct render_day day,
                       struct render_day *out_before, struct render_day *out_after) MUST_USE;
/* A day's first story ("day/2026-11-24") gives the days beside it their links to it. */
rc archive_mark_days_beside(struct flow *f, struct shelf *shelf, struct arena *a, unsigned edition,
                            struct span day_key) MUST_USE;
rc sitemap_read(struct flow *f, struct span key, uint64_t page, struct making *m) MUST_USE;
rc sitemap_index_read(struct flow *f, struct making *m) MUST_USE;
rc pages_sitemap_read(struct flow *f, struct making *m) MUST_USE; /* RC_NOT_FOUND: there are none */
rc news_sitemap_read(struct flow *f, struct making *m) MUST_USE;

/* ---- leases.c: what may be shown of pictures changes with time */
/* When a page is shown that is made now. Never before what is over already. */
ms_t leases_now(const struct flow *f);
/* The key of a picture's list; of the stories that show pictures until then. In a. */
struct span lease_media_key(struct arena *a, const struct rendition *rendition,
                            const struct rights *rights);
struct span lease_key(struct arena *a, ms_t ends);
/* When nobody may show a picture any more ("media/HASH.EXT"); INT64_MAX: never; 0: nobody shows it. */
rc lease_end(struct flow *f, struct arena *a, struct span media, ms_t *out_end) MUST_USE;
/* One flip's worth of what has ended; *out_next: when to come again, 0: at once. Some of what is stored may
 * not be public yet: then only files go, pages follow when it is. */
rc leases_work(struct flow *f, struct shelf *shelf, bool is_public, ms_t *out_next) MUST_USE;
rc leases_work_all(struct flow *f, struct shelf *shelf, bool is_public) MUST_USE;

/* ---- related.c: what stands beside a story */
/* Fill in what the story's page shows of others, in a. */
rc related_read(struct flow *f, struct arena *a, const struct story_row *row, struct span canonical,
                struct render_story *story) MUST_USE;
/* Of the stories that have chosen it. */
struct span pin_key(struct arena *a, const struct story_id *id);
rc translations_read(struct flow *f, struct arena *a, const struct story_row *row,
                     struct render_story *story) MUST_USE;
/* Marks the stories whose pages, as they are served, name this one as near. */
rc related_mark(struct flow *f, struct shelf *shelf, const struct story_id *id) MUST_USE;
rc translations_mark(struct flow *f, struct shelf *shelf, struct arena *a,
                     const struct story_id *id) MUST_USE;
/* Marks the pages of what a story translated before, which name it still: as its revisions say that
 * the rows behind the cursor added, and the last one before these. */
rc translations_left(struct flow *f, struct shelf *shelf, struct arena *a,
                     const struct story_row *row, uint64_t cursor) MUST_USE;

/* ---- age.c: stories that come of age */
bool age_is_old(const struct flow *f, unsigned edition, ms_t published);
/* Of a shelf whose pages are all still to be made: what is old today. One that knows keeps it. */
void age_begin(const struct flow *f, struct shelf *shelf);
/* Marks what has become old since then: a piece of it. */
rc age_work(struct flow *f, bool *out_more) MUST_USE;

/* ---- catch_up.c, rebuild.c, reserve.c */
rc catch_up(struct flow *f) MUST_USE;
/* Which theme a shelf's pages are made with, as a meta of it; in a transaction, beside theirs. */
rc theme_put(struct flow *f, struct shelf *shelf) MUST_USE;
/* At the start, of the shelf that is served: sets f->outdated. */
rc theme_look(struct flow *f) MUST_USE;
rc rebuild_work(struct flow *f, bool *out_more) MUST_USE;
void rebuild_drop(struct flow *f); /* if one is under way: what it has made is out of date */
rc rebuild_now(
    struct flow *f) MUST_USE; /* to the end, at once: the page store does not fit the store */
rc reserve_keep(struct flow *f) MUST_USE; /* RC_FULL */
void reserve_give_up(struct flow *f);

#endif
