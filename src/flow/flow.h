/*
 * flow: the conductor. It alone knows the order in which a story becomes public:
 *
 *   flow_submit   intent ─▶ desk ─▶ store    one transaction: canonical bytes, entry, outbox row
 *   pump          record: journal + sync ─▶ signer ─▶ pages: one flip of story pages, tiles, checkpoint
 *   flow_work     lists and feeds, coalesced; embargoes that are over; a rebuild's next piece
 *
 * Reading order: publish.c (about a hundred lines: what happens to an item), plan.c (what an item
 * becomes), pump.c (what is stored becomes public), shelf.c (which pages a story has), standing.c (which a
 * page about the paper has, and the foot), lists.c, catch_up.c (starting up; what to do when the stored things disagree), rebuild.c.
 *
 * Everything here is for core's one thread. RC_FATAL from any function: the process must end (a sync
 * failed); what was acknowledged is safe.
 */
#ifndef DATELINE_FLOW_FLOW_H
#define DATELINE_FLOW_FLOW_H

#include "base/arena.h"
#include "base/buf.h"
#include "desk/desk.h"
#include "media/media.h"
#include "story/withdrawal.h"
#include "sys/file.h"
#include "wire/wire.h"

struct flow;
struct render_theme;

/* An edition of the paper: its pages in its own language, under its own prefix. */
#define FLOW_EDITIONS_MAX 8
struct flow_edition {
    struct span key; /* items name it; "/KEY" begins its paths, but for those of the first */
    struct span name, language, zone;
    const struct span *sections; /* in the order of the front and the navigation */
    size_t section_count;
    struct span address, notice; /* see struct render_site; may be empty */
    unsigned old_after_days;     /* its stories say that they are old; 0: never */
};

struct flow_setup {
    const struct file *site; /* the folder; stays open as long as flow lives */
    const char *path;        /* of the site: SQLite and LMDB open by path */
    struct span url;
    const struct flow_edition *editions; /* 1 to FLOW_EDITIONS_MAX; the first is the site's own */
    size_t edition_count;
    int journal_fd; /* open for reading and writing, not O_APPEND; taken over */
    int signer_fd;  /* to the signer's process */
    /* There is none: a site that was restored without its key. What `checkpoint` (a signed note, empty: none is
     * known) covers is served; nothing is published. */
    bool no_signer;
    struct span checkpoint;
    const char *key; /* the verifier key (vkey) that the signer must sign with */
    int control_fd;  /* pages_control; -1: nobody reads beside us */
    const int *pin_fds;
    size_t pin_fds_count;
    bool require_alt, require_credit; /* an item whose picture has none is refused */
    unsigned reserve_mb;              /* run/reserve is kept this large */
    const struct render_theme *theme; /* NULL: the built-in one; lives as long as flow */
    /* Of each file that people write and core was started with, "HEX PATH\n", HEX its SHA-256. Kept in
     * the database, so that fsck can say when one of them is another. Empty: nothing is kept. */
    struct span sources;
};

/* Opens store, journal and page store and walks whatever a crash left between them. Fails only when
 * core must not run (RC_FATAL, RC_BUSY: another core; RC_CORRUPT database). When only signing is
 * impossible, it succeeds: readers are served, and flow_trouble() says what to do. */
rc flow_open(const struct flow_setup *setup, struct flow **out_flow) MUST_USE;
void flow_close(struct flow *f); /* NULL is fine */

/* Why nothing can be published now, and what to do; "" if it can. */
const char *flow_trouble(const struct flow *f);

/* ---- items ------------------------------------------------------------------------------------ */

#define FLOW_BATCH_MAX 64 /* items in one transaction */

struct flow_picture {
    struct span href; /* as the item names it */
    struct span bytes;
};
struct flow_item {
    /* in */
    enum desk_role role;
    enum wire_form form;
    struct span bytes;
    const struct flow_picture *pictures;
    size_t picture_count;
    enum change change; /* given beside the item; CHANGE_NONE: what the item says */
    struct span note;
    bool archive; /* an import: the item's own date is when it was published */
    /* out; spans live in the arena given */
    rc code;
    struct span why; /* if code is not RC_OK */
    enum desk_act act;
    struct span path;     /* of the story's page; empty: it has none (held, dropped) */
    struct span story;    /* its id, hex */
    struct span code_url; /* "/s/CODE" */
    uint32_t revision;
    uint64_t entry; /* index in the record, if act made one */
    ms_t due;       /* DESK_HOLD: when it will be published */
    struct span *remarks;
    size_t remark_count;
};

/* At most FLOW_BATCH_MAX items, in order; each succeeds or fails alone. When it returns, every item
 * with RC_OK is durable, recorded, signed, and its own URL answers with it. */
rc flow_submit(struct flow *f, struct arena *a, struct flow_item *items, size_t count) MUST_USE;

/* Withdraws a story named by path, "/s/CODE", code, uri or id; of `why` the texts count, as somebody
 * gave them. An authority makes it 451, of a story that is withdrawn already too. */
rc flow_withdraw(struct flow *f, struct arena *a, enum desk_role role, struct span story,
                 const struct withdrawal *why, struct flow_item *out_item) MUST_USE;
/* Shows a withdrawn story again, as it was. */
rc flow_restore(struct flow *f, struct arena *a, enum desk_role role, struct span story,
                struct flow_item *out_item) MUST_USE;

/* ---- pictures --------------------------------------------------------------------------------- */

/* A picture of an item must be known when the item is submitted: a media job has made of it what is
 * served (media/media.h), and that is kept. `original` is the file as it was sent. */
bool flow_picture_known(struct flow *f, struct span original);
rc flow_picture_keep(struct flow *f, struct span original,
                     const struct media_picture *picture) MUST_USE;

/* ---- what goes on beside ------------------------------------------------------------------------ */

/* One bounded piece of what waits; *out_wait_ms: when to call again at the latest (0: at once). */
rc flow_work(struct flow *f, unsigned *out_wait_ms) MUST_USE;

/* All the lists that wait, now, and on a small site a rebuild that is due: for a core that is about to end.
 * (One that does not is no harm: the next start finds what is missing.) */
rc flow_settle(struct flow *f) MUST_USE;

/* Begins to make every page anew, beside the ones served. RC_BUSY: it is under way. */
rc flow_rebuild(struct flow *f) MUST_USE;
/* Not every page that is served is made with this theme, or this foot: a rebuild is due. */
bool flow_outdated(const struct flow *f);
bool flow_rebuilding(const struct flow *f, uint64_t *out_done, uint64_t *out_of);

/* The number of a web process that must be killed: it holds the page store back. */
bool flow_stale_web(struct flow *f, size_t *out_web);

/* ---- tokens --------------------------------------------------------------------------------------- */

/* A new one, once: "dl_" and 43 characters; only its hash is kept. RC_CONFLICT: the name is taken. */
#define FLOW_TOKEN_CHARS 46
rc flow_token_add(struct flow *f, struct span name, char out_token[FLOW_TOKEN_CHARS + 1]) MUST_USE;
/* RC_DENIED. The name is for the log: a longer one is cut. */
#define FLOW_TOKEN_NAME_BYTES 64
rc flow_token_check(struct flow *f, struct span token,
                    char out_name[FLOW_TOKEN_NAME_BYTES]) MUST_USE;
rc flow_token_revoke(struct flow *f, struct span name) MUST_USE;
/* A line each: name, made, revoked. */
rc flow_tokens(struct flow *f, struct arena *a, struct buf *out) MUST_USE;

/* ---- standing pages ------------------------------------------------------------------------------ */

/* They come and go as items do: flow_submit() with WIRE_PAGE, flow_withdraw(). A line each, in the order of the
 * foot: path, order, version, when it came into force, title. */
rc flow_pages(struct flow *f, struct arena *a, struct buf *out) MUST_USE;

/* ---- looking ------------------------------------------------------------------------------------ */

/* The newest signed head; good until the next call. RC_BUSY: none is known now. */
rc flow_checkpoint(const struct flow *f, struct span *out_note) MUST_USE;

struct flow_edition_count {
    struct span key, name;
    uint64_t published, withdrawn;
    uint64_t notes; /* corrections and the like that were ever told */
};
struct flow_status {
    ms_t since;          /* core's start */
    struct span trouble; /* flow_trouble() */
    struct flow_edition_count editions[FLOW_EDITIONS_MAX];
    size_t edition_count;
    uint64_t entries, signed_entries;
    bool signed_known; /* the signer has told its head since the start: */
    struct sha256 root;
    ms_t newest_entry; /* its time; 0: none */
    uint64_t outbox, lists_soon, lists_later;
    ms_t next_due; /* when the next embargo ends; 0: none is held */
    uint64_t page_store, answers, pages_bytes, theme;
    bool outdated, rebuilding;
    uint64_t rebuilt, to_rebuild;
};
rc flow_status(struct flow *f, struct arena *a, struct flow_status *out_status) MUST_USE;

/* Translations that are behind their original, the newest of what it told first. */
#define FLOW_FLAGS_MAX 1000
struct flow_flag {
    struct span path, headline; /* of the translation */
    struct span original_path, original_headline;
    struct span
        what; /* "correction", "clarification", "editors-note", "retraction", "withdrawal" */
    struct span note; /* what readers of the original were told */
    ms_t at;          /* when … */
    uint64_t entry;   /* and which entry says so */
};
rc flow_flags(struct flow *f, struct arena *a, struct flow_flag **out_flags,
              size_t *out_count) MUST_USE;

#endif
