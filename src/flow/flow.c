/* Opening, closing, and what goes on beside publishing. */
#include "flow/flow.h"

#include <stdio.h>

#include "base/mem.h"
#include "flow/inner.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "sys/random.h"

#define LISTS_QUIET_MS 15 /* lists wait until nothing was published for so long … */
#define LISTS_LATEST_MS \
    2000                 /* … and while stories pour in, some of them have their turn so often */
#define LISTS_FLIP_MS 50 /* a flip with as much as is made in this time */
/* What can wait does so until nothing was published for so long, or is done a little at a time: every ten
 * seconds; twice as often if so many pages wait; and so on. */
#define LATER_QUIET_MS 150
#define LATER_EVERY_MS 10000
#define LATER_MANY 200
#define LATER_FLIP_MS 4
#define SETTLE_REBUILD_ENTRIES \
    2000 /* a rebuild that is due is done at the end, if it is this small */
#define PUMP_AGAIN_MS 500
#define RESERVE_AGAIN_MS 1000
#define IDLE_MS 1000
#define KEYS_BYTES 4096 /* keys of lists, one an edition */
#define TOKEN_BYTES 32
#define META_SOURCES SPAN("sources")

/* ---- opening ------------------------------------------------------------------------------------- */

static rc open_pages(struct flow *f) {
    char dir[4096];
    snprintf(dir, sizeof dir, "%s/pages", f->setup.path);
    const struct pages_setup setup = {.dir = dir,
                                      .control_fd = f->setup.control_fd,
                                      .pin_fds = f->setup.pin_fds,
                                      .pin_fds_count = f->setup.pin_fds_count};
    TRY(pages_writer_open(&setup, &f->shelf.pages));
    f->shelf.dirty = dirty_new();
    return shelf_load(&f->shelf);
}

/* A page store that has nothing yet gets what every site has, before the first reader comes. */
static rc first_pages(struct flow *f) {
    struct arena *a = arena_new(OPERATION_BYTES_MAX);
    rc code = theme_look(f);
    if (code == RC_OK) code = shelf_begin(&f->shelf);
    if (code == RC_OK) {
        code = shelf_put_fixed(f, &f->shelf);
        /* A head behind the tiles (the signer lost its last state) is brought up by the pump first. */
        if (code == RC_OK && f->head_known && f->head.size >= tiles_size(f->shelf.tiles))
            code = shelf_put_record(f, &f->shelf);
        if (code == RC_OK && f->shelf.cursor == 0) {
            lists_mark_empty(f, &f->shelf, a);
            code = lists_put_all(f, &f->shelf);
        }
        /* What was news when core ended need not be any more; and the newest heads on the page of what is
         * not there, which was just put, come with the front. */
        for (unsigned i = 0; i < f->edition_count; i++) {
            dirty_add(f->shelf.dirty, DIRTY_LATER, edition_list(f, a, i, LIST_NEWS), 0);
            dirty_add(f->shelf.dirty, DIRTY_SOON, edition_list(f, a, i, LIST_ALL), 0);
        }
        if (code == RC_OK) code = theme_put(f, &f->shelf);
        if (code == RC_OK) code = shelf_put_cursors(&f->shelf);
        if (code == RC_OK)
            code = pages_commit(f->shelf.pages);
        else
            pages_abort(f->shelf.pages);
    }
    arena_free(a);
    return code;
}

/* Lists and a rebuild are made out of the store: not while it holds what is not recorded yet. */
static rc all_is_public(struct flow *f, bool *out_is) {
    uint64_t last;
    TRY(store_outbox_last(f->store, &last));
    *out_is = f->shelf.cursor >= last;
    return RC_OK;
}

/* What ended while nobody ran: before anything else is said. */
static rc end_leases(struct flow *f) {
    bool is_public;
    TRY(all_is_public(f, &is_public));
    return leases_work_all(f, &f->shelf, is_public);
}

/* A restored site whose key is elsewhere: its newest known head takes the place of the signer's. */
static void do_without_signer(struct flow *f) {
    struct checkpoint c;
    const struct span note = f->setup.checkpoint;
    if (note.n > NOTE_BYTES_MAX || (note.n > 0 && checkpoint_read(note, &f->key, &c) != RC_OK)) {
        log_event(LOG_ERROR, "record/checkpoint is no head of this record; passed over", LOG_WHY());
    } else if (note.n > 0) {
        f->head.size = c.size;
        f->head.root = c.root;
        memcpy(f->head.note, note.p, note.n);
        f->head.note_bytes = note.n;
        f->head_known = true;
    }
    (void)!rc_fail(
        RC_BUSY,
        "this site was restored without its signer: readers are served, nothing can be "
        "published. If the site that it was copied from is gone for good, and nobody has seen "
        "a later head of its record, give it its exported key: dateline record import-key. "
        "Two signers with one key would contradict each other");
    (void)flow_stop(f, RC_BUSY);
}

/* Written when it changes, that is, when somebody has changed a file. */
static rc keep_sources(struct flow *f) {
    struct span kept;
    struct arena *a = arena_new(OPERATION_BYTES_MAX);
    rc code = f->setup.sources.n ? store_meta(f->store, a, META_SOURCES, &kept) : RC_OK;
    const bool same = code == RC_OK && (!f->setup.sources.n || span_eq(kept, f->setup.sources));
    arena_free(a);
    if (same || (code != RC_OK && code != RC_NOT_FOUND)) return code;
    TRY(store_begin(f->store));
    return store_end(f, store_meta_set(f->store, META_SOURCES, f->setup.sources));
}

static rc open_all(struct flow *f) {
    char path[4096];
    TRY(editions_open(f));
    f->generation = editions_generation(f, render_theme_number(f->setup.theme));
    TRY(makers_open(f));
    editions_head(f);
    TRY(note_key_read(span_str(f->setup.key), &f->key));
    if (f->setup.no_signer) do_without_signer(f);
    /* First: from now on readers are served, whatever is wrong with the rest. */
    TRY(open_pages(f));
    age_begin(f, &f->shelf);
    snprintf(path, sizeof path, "%s/store/dateline.db", f->setup.path);
    TRY(store_open(path, &f->store));
    TRY(journal_open_fd(f->setup.journal_fd, &f->journal));
    TRY(foot_renew(f));  /* before anything is made; now the store can be asked */
    f->foot_due = false; /* what that means for the pages, theme_look() says */
    rc code = catch_up(f);
    if (code == RC_BUSY || code == RC_FULL) { /* no signer, or no space, now: readers first */
        log_event(LOG_WARN, "not everything that is stored is public yet; it is tried again",
                  LOG_WHY());
        f->behind = true;
        code = RC_OK;
    }
    if (f->stopped) code = RC_OK;
    TRY(code);
    if (reserve_keep(f) != RC_OK) f->disk_full = true;
    code = keep_sources(f);
    if (code == RC_FATAL) return code;
    if (code != RC_OK) log_event(LOG_WARN, "what the site was started with is not kept", LOG_WHY());
    code = first_pages(f);
    if (code == RC_OK && !f->stopped) code = pump(f);
    /* Without a signer: what its last known head covers, and nothing behind it. */
    if (code == RC_OK && f->setup.no_signer && f->head_known) code = pump_shelf(f, &f->shelf);
    if (code == RC_FATAL) return code;
    f->behind = code != RC_OK; /* nothing may be said to be public before it is */
    if (code == RC_OK) code = end_leases(f);
    if (code == RC_FATAL) return code;
    if (code == RC_FULL) reserve_give_up(f);
    if (code != RC_OK)
        log_event(LOG_WARN, "not everything that is stored is public yet; it is tried again",
                  LOG_WHY());
    return RC_OK;
}

rc flow_open(const struct flow_setup *setup, struct flow **out_flow) {
    struct flow *f = mem_new(sizeof *f);
    f->memory = arena_new(1u << 20);
    f->since = clock_wall_ms();
    f->setup = *setup;
    f->setup.path = arena_strdup(f->memory, span_str(setup->path));
    f->setup.key = arena_strdup(f->memory, span_str(setup->key));
    f->setup.url = arena_copy(f->memory, setup->url);
    f->setup.checkpoint = arena_copy(f->memory, setup->checkpoint);
    f->setup.sources = arena_copy(f->memory, setup->sources);
    rc code = open_all(f);
    if (code != RC_OK) {
        flow_close(f);
        return code;
    }
    *out_flow = f;
    return RC_OK;
}

void flow_close(struct flow *f) {
    if (!f) return;
    if (f->rebuild) {
        shelf_close(&f->rebuild->shelf);
        arena_free(f->rebuild->memory);
        mem_free(f->rebuild);
    }
    shelf_close(&f->shelf);
    journal_close(f->journal);
    store_close(f->store);
    makers_close(f);
    editions_close(f);
    foot_close(f);
    arena_free(f->memory);
    mem_free(f);
}

const char *flow_trouble(const struct flow *f) {
    if (f->stopped) return f->why;
    if (f->disk_full) return "the disk is full: free some space, publishing goes on by itself";
    return f->behind ? "what is stored is not public yet; it is tried again" : "";
}

/* ---- what goes on beside ---------------------------------------------------------------------------- */

static uint64_t ms_since(mono_t then) {
    return (clock_mono_ns() - then) / 1000000;
}

/* The embargo that ends next, if it has ended. */
static rc release_held(struct flow *f, bool *out_did, ms_t *out_next) {
    struct arena *a = arena_new(OPERATION_BYTES_MAX);
    struct held_row held;
    const ms_t now = clock_wall_ms();
    *out_next = INT64_MAX;
    rc code = store_held_next(f->store, a, &held);
    if (code == RC_NOT_FOUND || (code == RC_OK && held.due > now)) {
        if (code == RC_OK) *out_next = held.due;
        arena_free(a);
        return RC_OK;
    }
    struct plan plan = {0};
    if (code == RC_OK) code = store_begin(f->store);
    if (code == RC_OK) {
        rc planned = plan_held(f, a, &held, now, &plan);
        if (planned != RC_OK && planned != RC_FATAL && planned != RC_FULL) {
            /* Law or input says no now: it was said yes when it was held, so say it loudly. */
            log_event(LOG_ERROR, "a held item could not be published and is dropped",
                      LOG_TEXT("uri", held.uri), LOG_WHY());
            plan = (struct plan){.drops = true, .drop_id = held.id};
            planned = RC_OK;
        }
        code = store_end(f, planned == RC_OK ? plan_store(f, &plan) : planned);
    }
    if (code == RC_OK) code = pump(f);
    if (code == RC_OK)
        log_event(LOG_INFO, "embargo over", LOG_TEXT("uri", held.uri),
                  LOG_TEXT("path", plan.act.row.path));
    arena_free(a);
    *out_did = true;
    return code;
}

/* What people look at. */
static rc work_soon(struct flow *f, unsigned *wait) {
    const uint64_t quiet = ms_since(f->dirty_last),
                   waited = f->dirty_since ? ms_since(f->dirty_since) : UINT64_MAX;
    if (quiet < LISTS_QUIET_MS && waited < LISTS_LATEST_MS) {
        *wait = (unsigned)(LISTS_QUIET_MS - quiet);
        return RC_OK;
    }
    TRY(lists_flip(f, &f->shelf, DIRTY_SOON, LISTS_FLIP_MS));
    f->dirty_since = dirty_count(f->shelf.dirty, DIRTY_SOON) > 0 ? clock_mono_ns() : 0;
    *wait = 0;
    return RC_OK;
}

/* The rest, when nothing else comes. While stories pour in, a little of it from time to time, the more
 * often the more has gathered: a story that comes meanwhile waits for as long as a flip takes. */
static rc work_later(struct flow *f, unsigned *wait) {
    const size_t count = dirty_count(f->shelf.dirty, DIRTY_LATER);
    if (count == 0) return RC_OK;
    const uint64_t quiet = ms_since(f->dirty_last), rested = ms_since(f->later_last),
                   rest = LATER_EVERY_MS / (1 + count / LATER_MANY);
    if (quiet < LATER_QUIET_MS && rested < rest) {
        const uint64_t until = LATER_QUIET_MS - quiet;
        *wait = (unsigned)(until < rest - rested ? until : rest - rested);
        return RC_OK;
    }
    TRY(lists_flip(f, &f->shelf, DIRTY_LATER, LATER_FLIP_MS));
    f->later_last = clock_mono_ns();
    *wait = 0;
    return RC_OK;
}

/* What is news is that for two days; *next: the earliest moment at which that is over for a story. */
static void grow_old(struct flow *f, ms_t *next) {
    struct arena *a = arena_new(KEYS_BYTES);
    ms_t due;
    lists_mark_old_news(f, &f->shelf, a, clock_wall_ms(), &due);
    arena_free(a);
    if (due < *next) *next = due;
}

static rc work_lists(struct flow *f, unsigned *wait) {
    if (dirty_count(f->shelf.dirty, DIRTY_SOON) > 0) return work_soon(f, wait);
    f->dirty_since = 0;
    return work_later(f, wait);
}

/* The foot changed: a rebuild, when nothing else comes. */
static rc begin_due_rebuild(struct flow *f, unsigned *wait) {
    const uint64_t quiet = ms_since(f->dirty_last);
    if (!f->foot_due || f->rebuild) return RC_OK;
    if (quiet >= LATER_QUIET_MS) return flow_rebuild(f);
    if (*wait > LATER_QUIET_MS - quiet) *wait = (unsigned)(LATER_QUIET_MS - quiet);
    return RC_OK;
}

rc flow_work(struct flow *f, unsigned *out_wait_ms) {
    unsigned wait = IDLE_MS;
    bool did = false, more = false, is_public = false;
    ms_t next = INT64_MAX, lease = INT64_MAX;
    rc code = RC_OK;
    if (f->disk_full && ms_since(f->disk_tried) >= RESERVE_AGAIN_MS) (void)!reserve_keep(f);
    if (f->behind && !f->stopped && ms_since(f->pump_tried) >= PUMP_AGAIN_MS) code = pump(f);
    if (code == RC_OK && !f->behind && !f->stopped && !f->disk_full)
        code = release_held(f, &did, &next);
    if (code == RC_OK) code = all_is_public(f, &is_public);
    if (code == RC_OK && is_public) grow_old(f, &next);
    if (code == RC_OK) code = leases_work(f, &f->shelf, is_public, &lease);
    if (code == RC_OK && is_public) code = work_lists(f, &wait);
    if (code == RC_OK && is_public && !f->rebuild) code = age_work(f, &did);
    if (code == RC_OK && is_public) code = begin_due_rebuild(f, &wait);
    if (code == RC_OK && is_public) code = rebuild_work(f, &more);
    if (code == RC_OK && wait > LISTS_QUIET_MS && store_checkpoint_due(f->store))
        code = store_checkpoint(f->store);
    if (code == RC_FULL) reserve_give_up(f);
    if (code == RC_FATAL) return code;
    if (code != RC_OK) {
        log_event(LOG_WARN, "not done; it is tried again", LOG_WHY());
        wait = PUMP_AGAIN_MS;
    } else if (did || more || lease == 0) {
        wait = 0;
    }
    if (lease && lease < next) next = lease;
    if (f->behind && wait > PUMP_AGAIN_MS) wait = PUMP_AGAIN_MS;
    ms_t until = next - clock_wall_ms();
    if (next != INT64_MAX && until < (ms_t)wait) wait = until > 0 ? (unsigned)until : 0;
    *out_wait_ms = wait;
    return RC_OK;
}

rc flow_settle(struct flow *f) {
    for (int when = 0; when < DIRTY_WHENS; when++)
        while (!f->disk_full && dirty_count(f->shelf.dirty, (enum dirty_when)when) > 0)
            TRY(lists_flip(f, &f->shelf, (enum dirty_when)when, LISTS_FLIP_MS));
    uint64_t size;
    TRY(store_log_size(f->store, &size));
    if ((f->foot_due || f->rebuild) && !f->disk_full && !f->stopped && !f->behind &&
        size <= SETTLE_REBUILD_ENTRIES)
        return rebuild_now(f);
    return RC_OK;
}

bool flow_stale_web(struct flow *f, size_t *out_web) {
    return pages_stale_pin(f->shelf.pages, clock_mono_ns(), out_web);
}

/* ---- tokens ------------------------------------------------------------------------------------------ */

/* RFC 4648 §5, without padding. */
static void token_text(const uint8_t bytes[TOKEN_BYTES], char out[FLOW_TOKEN_CHARS + 1]) {
    struct buf b;
    buf_init_fixed(&b, out, FLOW_TOKEN_CHARS + 1);
    buf_str(&b, "dl_");
    buf_base64(&b, bytes, TOKEN_BYTES); /* 44 characters, the last one "=" */
    for (size_t i = 0; i < b.n; i++) out[i] = out[i] == '+' ? '-' : out[i] == '/' ? '_' : out[i];
    out[FLOW_TOKEN_CHARS] = 0;
}

rc flow_token_add(struct flow *f, struct span name, char out_token[FLOW_TOKEN_CHARS + 1]) {
    uint8_t bytes[TOKEN_BYTES];
    char token[FLOW_TOKEN_CHARS + 2];
    if (name.n == 0 || name.n > 64)
        return rc_fail(RC_INVALID, "a token's name has 1 to 64 bytes, and says who uses it");
    random_bytes(bytes, sizeof bytes);
    token_text(bytes, token);
    struct sha256 hash = sha256_of(span_str(token));
    TRY(store_begin(f->store));
    rc code = store_token_add(f->store, name, &hash, clock_wall_ms());
    TRY(store_end(f, code));
    memcpy(out_token, token, FLOW_TOKEN_CHARS + 1);
    return RC_OK;
}

rc flow_token_check(struct flow *f, struct span token, char out_name[FLOW_TOKEN_NAME_BYTES]) {
    struct arena *a = arena_new(65536);
    struct token_row row;
    struct sha256 hash = sha256_of(token);
    rc code = store_token_check(f->store, a, &hash, &row);
    if (code == RC_OK) snprintf(out_name, FLOW_TOKEN_NAME_BYTES, SPAN_FMT, SPAN_ARG(row.name));
    arena_free(a);
    return code == RC_DENIED ? rc_fail(code, "no valid token; dateline token add makes one") : code;
}

rc flow_token_revoke(struct flow *f, struct span name) {
    TRY(store_begin(f->store));
    return store_end(f, store_token_revoke(f->store, name, clock_wall_ms()));
}

rc flow_tokens(struct flow *f, struct arena *a, struct buf *out) {
    struct token_row *rows;
    size_t count;
    TRY(store_tokens(f->store, a, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        char made[CLOCK_TEXT_BYTES], revoked[CLOCK_TEXT_BYTES] = "valid";
        clock_text(rows[i].made, false, made);
        if (rows[i].revoked) clock_text(rows[i].revoked, false, revoked);
        buf_printf(out, SPAN_FMT "\tmade %s\t%s%s\n", SPAN_ARG(rows[i].name), made,
                   rows[i].revoked ? "revoked " : "", revoked);
    }
    return RC_OK;
}

/* ---- looking -------------------------------------------------------------------------------------------- */

rc flow_checkpoint(const struct flow *f, struct span *out_note) {
    if (!f->head_known)
        return rc_fail(RC_BUSY, "%s",
                       *flow_trouble(f) ? flow_trouble(f) : "the signer has not answered yet");
    *out_note = span_of(f->head.note, f->head.note_bytes);
    return RC_OK;
}
