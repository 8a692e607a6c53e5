/*
 * store: the truth. The only way in to SITE/store/dateline.db, which only core opens (but see store_snapshot). Verbs, not
 * queries; SQLite behind it now, PostgreSQL perhaps later, so nothing of either shows here.
 *
 * What is kept is each revision's canonical bytes (story/canon.h), the salts of its parts, and its
 * log entry with the index that was given in the same transaction. Everything else is derived
 * from those and says so below.
 *
 * All writing happens between store_begin() and store_commit(); core groups many publications into
 * one transaction. Reads inside it see its own writes; reads outside see the last commit.
 * store_savepoint()/store_savepoint_back() undo one item of a group without losing the others. A
 * verb that failed may have done a half: nothing but store_savepoint_back() or store_rollback() may
 * follow it (CHECKed).
 *
 * Errors: RC_FULL (the disk; nothing of the transaction was kept, core may go on), RC_FATAL (a
 * failed fsync or I/O error: core must stop, see docs/operator.md; every later call answers it
 * too), RC_CORRUPT, RC_NOT_FOUND, RC_CONFLICT; RC_BUSY (a process from outside holds a lock). After
 * RC_FULL, RC_CORRUPT or RC_BUSY from a statement the whole transaction has been rolled back; every
 * verb answers the same until store_rollback() or store_commit(), which does so once more, ends it.
 * RC_TOO_BIG: an answer is over the arena. Spans given out live in the arena given in.
 */
#ifndef DATELINE_STORE_STORE_H
#define DATELINE_STORE_STORE_H

#include "base/arena.h"
#include "base/base.h"
#include "base/hash.h"
#include "story/card.h"
#include "story/story.h"

struct store;

/* Opens, creates or upgrades (user_version) the database. Refuses a SQLite below 3.51.3, and reads
 * back journal_mode=WAL and synchronous=FULL. */
rc store_open(const char *path, struct store **out_store) MUST_USE;
void store_close(struct store *s);

rc store_begin(struct store *s) MUST_USE;
/* Durable when it returns RC_OK. RC_FATAL: nobody knows whether it is there; acknowledge nothing,
 * refuse nothing, end, and look after the next start. Any other code: nothing of it is there. In
 * every case the transaction is over. */
rc store_commit(struct store *s) MUST_USE;
void store_rollback(struct store *s);
/* For many reads of one state, without the locks that each would take by itself; ended by
 * store_rollback(). Nothing may be written in between. */
rc store_read_begin(struct store *s) MUST_USE;
rc store_savepoint(struct store *s) MUST_USE;      /* one level */
rc store_savepoint_keep(struct store *s) MUST_USE; /* what came since stays in the transaction */
void store_savepoint_back(struct store *s);        /* what came since is undone */
/* A piece of checkpointing (PASSIVE): what was committed since the last one. Never blocks a commit; called
 * when core is idle. A core that is never idle does it in store_begin(), when 64 MiB wait. */
rc store_checkpoint(struct store *s) MUST_USE;
/* Is it worth it? The commit that begins the WAL anew behind it has a sync more to wait for. */
bool store_checkpoint_due(const struct store *s);

/* ---- stories ---- */

struct story_row {
    struct story_id id;
    enum story_state state;
    uint32_t number;     /* of the newest revision; 0 while only a held draft exists */
    uint64_t last_entry; /* log index of its newest entry; UINT64_MAX: none yet */
    struct span uri;     /* empty: none */
    bool has_version;
    uint64_t version;        /* the sender's */
    struct sha256 content;   /* of what the sender sent, see store_publish.content */
    struct span path, code;  /* now; older paths redirect */
    ms_t published, updated; /* 0 while held */
    struct span reason;      /* of a withdrawal */
    /* The newest revision is in the log, but its text is not here (see store_entry_refill). The
     * store keeps this by itself: store_publish() does not read it. Such a story has no path and no
     * code if nothing of it was here, and stands in no list until its next revision. */
    bool text_lost;
    bool retracted;    /* story_is_retracted() of its newest text; kept in the same way */
    unsigned standing; /* likewise: its order, if it is a standing page; 0: a story, or not known */
};

rc store_story_by_id(struct store *s, struct arena *a, const struct story_id *id,
                     struct story_row *out_row) MUST_USE;
/* By the uri of its newest act, or by one it had before: see desk_wish.continues. */
rc store_story_by_uri(struct store *s, struct arena *a, struct span uri,
                      struct story_row *out_row) MUST_USE;
rc store_story_by_code(struct store *s, struct arena *a, struct span code,
                       struct story_row *out_row) MUST_USE;
/* Every path the story ever had, its present one among them. */
rc store_story_paths(struct store *s, struct arena *a, const struct story_id *id,
                     struct span **out_paths, size_t *out_count) MUST_USE;
/* Any path the story ever had. */
rc store_story_by_path(struct store *s, struct arena *a, struct span path,
                       struct story_row *out_row) MUST_USE;
/* In order of creation; `after` 0 starts; *out_rowid goes into the next call. RC_NOT_FOUND at the
 * end. */
rc store_story_next(struct store *s, struct arena *a, uint64_t after, uint64_t *out_rowid,
                    struct story_row *out_row) MUST_USE;

/* Every standing page, withdrawn ones too, in the order of the foot: by their order, then by age; at
 * most `count`. */
rc store_standing_pages(struct store *s, struct arena *a, size_t count, struct story_row **out_rows,
                        size_t *out_count) MUST_USE;

/* A path nobody has, or had: `wanted`, else wanted-2, wanted-3 … ; RC_CONFLICT after 10,000. If
 * `id` itself has or had `wanted`, that is the answer. Looks only; store_publish() takes it. */
rc store_path_free(struct store *s, struct arena *a, struct span wanted, const struct story_id *id,
                   struct span *out_path) MUST_USE;
bool store_code_taken(struct store *s, struct span code); /* codes are never given back */

/* ---- revisions and the log, written together ---- */

/* The index that the next entry gets; 0 in a new store. Entries are numbered without gaps. */
rc store_log_size(struct store *s, uint64_t *out_size) MUST_USE;

struct list_ref { /* a list the story stands in, see below */
    struct span key;
};

/*
 * One act on a story: a new revision, a withdrawal, a restore, an erasure. In one transaction it
 * stores the revision, the entry, the list places and the outbox row.
 *
 * The entry must fit: a text of a standing page comes by ENTRY_STANDARDS, and no other text does; it is of this story, its `previous` is the story's newest entry, its revision
 * the next one (or, without a text, the newest), and there is a salt for each of its parts
 * (RC_CONFLICT, RC_INVALID). The state follows from its type: withdrawal, restore and erase make
 * WITHDRAWN, PUBLISHED, DESTROYED, a text leaves it as it was, at first PUBLISHED; so a withdrawn
 * story stays withdrawn under a new text until it is restored. An act without a text changes of the
 * row only state, last_entry, uri, version, content and reason. An erasure deletes every text and
 * salt that was stored for the story before. RC_CONFLICT too if path, code or uri is another
 * story's, or the code is not the one it has.
 */
struct store_publish {
    struct story_row row;    /* as it is to be after the act; row.last_entry == entry_index */
    uint64_t entry_index;    /* == store_log_size(), else RC_CONFLICT */
    struct span entry;       /* canonical bytes, ≤ 512 */
    bool has_revision;       /* false for a withdrawal or restore: no new text */
    struct span canonical;   /* story/canon.h; with has_revision */
    struct span parts_json;  /* without: the act's parts, a JSON array of their texts (strings) */
    struct span salts;       /* record.h: of a text its seed, or one a part, as an act has them */
    struct revision *derive; /* the same revision as a struct: columns and cards come from it */
    const struct list_ref *lists; /* those it stands in from now on; places once given stay */
    size_t list_count;
    struct span
        notes; /* key of the list of what was told; needed if the revision tells something */
};
rc store_publish(struct store *s, const struct store_publish *act) MUST_USE;

struct revision_row {
    struct story_id story;
    uint32_t number;
    uint64_t entry_index;
    struct span canonical, salts;
    bool text_lost; /* in the log, but not here: both are empty */
};
/* RC_CORRUPT if the text is not what its entry commits to: what was hashed when it was written is
 * hashed again when it is read. store_entry() likewise. */
rc store_revision(struct store *s, struct arena *a, const struct story_id *id, uint32_t number,
                  struct revision_row *out_row) MUST_USE;

/* Entries [from, from + count) that exist, in order; at most count. */
rc store_entries(struct store *s, struct arena *a, uint64_t from, size_t count,
                 struct span **out_entries, size_t *out_count) MUST_USE;
/* What the entry at an index is, and what it commits to: for its opening. */
struct entry_row {
    uint64_t index;
    struct span entry; /* its canonical bytes */
    bool has_story;
    struct story_id story;
    bool has_revision;     /* then `canonical` is its text, else `parts_json` are its parts */
    uint32_t number;       /* of the revision, if has_revision */
    struct span canonical; /* story/canon.h */
    struct span parts_json;
    struct span salts;
    bool text_lost; /* canonical or parts, and salts, are not here: empty */
};
rc store_entry(struct store *s, struct arena *a, uint64_t index,
               struct entry_row *out_row) MUST_USE;

/* An entry that the journal has and this (older, restored) store has not: kept as a bare entry, its
 * story marked "recorded, text lost" if it names one; made if it is unknown, then without path,
 * code and uri. Index must be store_log_size(). RC_CORRUPT if journal and store are not of one log.
 */
rc store_entry_refill(struct store *s, uint64_t index, struct span entry) MUST_USE;

/* ---- held: embargoed drafts, waiting for their time ---- */

struct held_row {
    uint64_t id;
    ms_t due;
    struct span uri;
    struct span draft; /* canonical bytes of the draft revision (number 0) */
    bool has_version;
    uint64_t version;
    struct sha256 content;
    enum change change;
    struct span change_note;
};
/* Replaces a held draft with the same non-empty uri. */
rc store_hold(struct store *s, const struct held_row *row) MUST_USE;
rc store_held_by_uri(struct store *s, struct arena *a, struct span uri,
                     struct held_row *out_row) MUST_USE;
/* The earliest; RC_NOT_FOUND if none is held. */
rc store_held_next(struct store *s, struct arena *a, struct held_row *out_row) MUST_USE;
rc store_held_drop(struct store *s, uint64_t id) MUST_USE;

/* ---- lists: numbered from the oldest ---- */

/*
 * A list is an ordered set of stories under a key: "all", "tag/SLUG", "section/SLUG",
 * "day/2026-11-24". A story gets the next place (1, 2, 3 …) when it first appears, and keeps it:
 * page k of a list holds places (k-1)·size+1 … k·size, so a full page never shifts. A withdrawn
 * story leaves its place empty.
 */
struct list_info {
    struct span key, title; /* title: the tag's or section's name as last written */
    uint64_t places;        /* given so far */
    uint64_t shown;         /* of these, published now */
    ms_t updated;
};
rc store_list_info(struct store *s, struct arena *a, struct span key,
                   struct list_info *out_info) MUST_USE;
rc store_list_title(struct store *s, struct span key, struct span title) MUST_USE;
/* Published stories on places [first, last], ascending by place. */
rc store_list_cards(struct store *s, struct arena *a, struct span key, uint64_t first,
                    uint64_t last, struct card **out_cards, size_t *out_count) MUST_USE;
/* The newest `count` published stories, descending by place. */
rc store_list_newest(struct store *s, struct arena *a, struct span key, size_t count,
                     struct card **out_cards, size_t *out_count) MUST_USE;
/* Lists whose key starts with `prefix`, in key order, after key `after`, at most count. */
rc store_lists(struct store *s, struct arena *a, struct span prefix, struct span after,
               size_t count, struct list_info **out_lists, size_t *out_count) MUST_USE;
/* The lists a story stands in, or stood in once, with its place in each. */
struct list_place {
    struct span key;
    uint64_t place;
    bool stands;    /* now; but for its state, which may hide it */
    uint64_t shown; /* how many stories the list shows */
};
rc store_story_lists(struct store *s, struct arena *a, const struct story_id *id,
                     struct list_place **out_places, size_t *out_count) MUST_USE;

/* Who stands near whom: the rows (as store_story_next() counts) of what is shown on places
 * [first, last], ascending by place, without reading the stories themselves. RC_OK if there is no such
 * list: nobody stands in it. */
struct neighbour {
    uint64_t row, place;
};
rc store_list_near(struct store *s, struct arena *a, struct span key, uint64_t first, uint64_t last,
                   struct neighbour **out_near, size_t *out_count) MUST_USE;
/* What lists show of a story, whether it is published or not. */
rc store_card(struct store *s, struct arena *a, uint64_t row, struct card *out_card) MUST_USE;
rc store_story_card(struct store *s, struct arena *a, const struct story_id *id,
                    struct card *out_card) MUST_USE;

/* ---- notes: what readers were told ---- */

/* A clarification, correction, editor's note or retraction: one of each revision that has one. They are
 * numbered as the stories of a list are; those of a story that is not shown are not given. */
struct note_row {
    struct card card; /* of its story; place: the note's */
    uint64_t entry;   /* of the revision that told it */
    ms_t at;
    enum change change;
    struct span text;
};
/* On places [first, last], ascending. */
rc store_notes(struct store *s, struct arena *a, struct span key, uint64_t first, uint64_t last,
               struct note_row **out_notes, size_t *out_count) MUST_USE;
/* The newest, descending. */
rc store_notes_newest(struct store *s, struct arena *a, struct span key, size_t count,
                      struct note_row **out_notes, size_t *out_count) MUST_USE;
rc store_notes_places(struct store *s, struct span key, uint64_t *out_places) MUST_USE; /* given */
/* Those of a story: key and place. */
rc store_story_notes(struct store *s, struct arena *a, const struct story_id *id,
                     struct list_place **out_places, size_t *out_count) MUST_USE;

/* ---- translations ---- */

/* What translates what, as the newest texts say, makes a group: an original and its translations, and
 * theirs. So each names each, whichever of them the others were made from. The others of this story's group
 * that are published, the oldest first, at most `count`; whether this one is published does not matter. A card's
 * place is 1 of a story that came before this one, else 0. */
rc store_translations(struct store *s, struct arena *a, const struct story_id *id, size_t count,
                      struct card **out_cards, size_t *out_count) MUST_USE;

/* The code of the story that this one translates, as its newest text says; RC_NOT_FOUND: it translates none,
 * or that one is not published. */
rc store_original(struct store *s, struct arena *a, const struct story_id *id,
                  struct span *out_code) MUST_USE;

/* A published translation whose original told or suffered something in a later entry than the newest text of
 * the translation. At most `count`. */
struct stale_row {
    uint64_t translation, original; /* rows, for store_card() */
    uint64_t entry;                 /* of the original */
    bool gone;                      /* the original is not shown any more; else: */
    ms_t at;
    enum change change;
    struct span text;
};
/* By what stands in the list of notes `key`, the newest first. */
rc store_stale_told(struct store *s, struct arena *a, struct span key, size_t count,
                    struct stale_row **out_rows, size_t *out_count) MUST_USE;
/* By what was withdrawn or destroyed. */
rc store_stale_gone(struct store *s, struct arena *a, size_t count, struct stale_row **out_rows,
                    size_t *out_count) MUST_USE;
/* Stories that are withdrawn now and whose path begins with `prefix` and a slash. */
rc store_withdrawn_count(struct store *s, struct span prefix, uint64_t *out_count) MUST_USE;

/* ---- outbox: what the pages do not show yet ---- */

struct outbox_row {
    uint64_t sequence; /* ascending; the pump's cursor lives in the page store */
    struct story_id story;
    uint64_t entry_index;
};
/* Every store_publish() adds one, and every store_entry_refill() of a story; its sequence is the
 * entry's index + 1, also after a restore. Rows after `cursor`, ascending, at most count. */
rc store_outbox(struct store *s, struct arena *a, uint64_t cursor, size_t count,
                struct outbox_row **out_rows, size_t *out_count) MUST_USE;
rc store_outbox_last(struct store *s, uint64_t *out_sequence) MUST_USE; /* 0: none ever */

/* ---- tokens for the API ---- */

struct token_row {
    uint64_t id;
    struct span name;
    ms_t made, revoked; /* revoked 0: valid */
};
rc store_token_add(struct store *s, struct span name, const struct sha256 *hash, ms_t now) MUST_USE;
/* RC_DENIED if there is no valid token with that hash. store_token_add(): RC_CONFLICT if a valid
 * one has that name. */
rc store_token_check(struct store *s, struct arena *a, const struct sha256 *hash,
                     struct token_row *out_row) MUST_USE;
rc store_tokens(struct store *s, struct arena *a, struct token_row **out_rows,
                size_t *out_count) MUST_USE;
rc store_token_revoke(struct store *s, struct span name, ms_t now) MUST_USE;

/* ---- small named values ("site.origin") ---- */
rc store_meta(struct store *s, struct arena *a, struct span name, struct span *out_value) MUST_USE;
rc store_meta_set(struct store *s, struct span name, struct span value) MUST_USE;

/* For a copy in a backup, which has no pages or pictures beside it (dateline fsck reads by itself): SQLite's own check and ours (indexes without gaps, derived columns equal to
 * what the canonical bytes give, parts and salts giving the entry's root). Calls report for each
 * fault; RC_CORRUPT if there was one. */
rc store_check(struct store *s, void (*report)(void *ctx, struct span fault), void *ctx) MUST_USE;

/* ---- a copy, from outside core ---- */

/*
 * The database file as it is at one moment, while core goes on writing: for backups. Another process
 * than core opens it, to read only. Between begin and end what is committed stays in the WAL, which
 * grows; commits do not wait. Errors as above, but RC_FATAL is no reason to end: nothing is written.
 */
struct store_snapshot;
rc store_snapshot_open(const char *path, struct store_snapshot **out_snapshot) MUST_USE;
void store_snapshot_close(struct store_snapshot *s); /* NULL is fine */
rc store_snapshot_begin(struct store_snapshot *s) MUST_USE;
void store_snapshot_end(struct store_snapshot *s);
/* Of the moment that began: how many bytes the file has, and how many entries are in it. */
uint64_t store_snapshot_bytes(const struct store_snapshot *s);
uint64_t store_snapshot_entries(const struct store_snapshot *s);
/* A piece of it: whole pages, of at most STORE_PAGE_BYTES_MAX. */
#define STORE_PAGE_BYTES_MAX 65536
rc store_snapshot_read(struct store_snapshot *s, uint64_t from, size_t n, char *out_bytes) MUST_USE;

#endif
