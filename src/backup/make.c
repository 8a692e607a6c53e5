/*
 * Making a backup: the database first, whose moment is the backup's; then what it needs. The journal is cut where
 * the database ends (it is only appended to, so its beginning is what it was then). Pictures are written
 * before the story that shows them is committed, and stay: what lies there afterwards is enough.
 */
#include <stdarg.h>
#include <stdio.h>

#include "backup/inner.h"
#include "base/mem.h"
#include "record/record.h"
#include "sys/clock.h"
#include "sys/fault.h"

#define WAL_LOOK_PIECES 16 /* how often the WAL's size is looked at */
#define WAL_WAIT_MS 10000  /* for core to bring it in */
#define FOLDER_DEPTH_MAX 8 /* below themes/ */
#define FOLDER_NAMES_MAX 1000000
#define NAMES_BYTES_MAX (512u << 20)

struct make {
    struct backup_dest *d;
    const struct backup_source *source;
    struct manifest manifest;
    struct buf list; /* the one that is being written */
    char *block;     /* PIECE_BYTES_MAX: a piece of a file of the site */
    struct backup_result result;
};

static void say(struct make *m, const char *fmt, ...) PRINTF(2, 3);
static void say(struct make *m, const char *fmt, ...) {
    char text[RC_WHY_MAX];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    size_t length = n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    m->source->say(m->source->arg, span_of(text, length));
}

/* ---- lists ------------------------------------------------------------------------------------------ */

static rc add_piece(struct make *m, struct span bytes, const char *path) {
    struct piece piece;
    TRY(piece_put(m->d, bytes, &piece));
    line_write(&m->list, &piece, path);
    m->result.bytes += bytes.n;
    return RC_OK;
}

/* What was added since the last one is the list `name`. */
static rc end_list(struct make *m, const char *name) {
    struct piece piece;
    if (m->list.over)
        return rc_fail(RC_TOO_BIG, "%s: more than a backup can name in one list", name);
    TRY(piece_put(m->d, buf_span(&m->list), &piece));
    if (m->manifest.lists_count == LISTS_MAX)
        return rc_fail(RC_TOO_BIG, "%s: more folders than a backup can have", name);
    manifest_add_list(&m->manifest, name, &piece);
    buf_clear(&m->list);
    return RC_OK;
}

/* The first `bytes` bytes of an open file of the site, cut every `cut`. */
static rc add_bytes(struct make *m, const struct file *f, const char *path, uint64_t bytes,
                    size_t cut) {
    uint64_t at = 0;
    do {
        size_t n, want = bytes - at < cut ? (size_t)(bytes - at) : cut;
        TRY(file_read_at(f, at, m->block, want, &n));
        if (n < want) return rc_fail(RC_CORRUPT, "%s: became shorter while it was read", f->name);
        TRY(add_piece(m, span_of(m->block, n), path));
        at += n;
    } while (at < bytes);
    m->result.files++;
    return RC_OK;
}

/* A file as it is now. It may have gone since its folder was listed. */
static rc add_file(struct make *m, const char *path) {
    struct file f;
    struct file_stat stat;
    rc code = file_open(m->source->site, path, FILE_READ | FILE_NO_LINK, &f);
    if (code == RC_NOT_FOUND) return RC_OK;
    TRY(code);
    code = file_stat_open(&f, &stat);
    if (code == RC_OK) code = add_bytes(m, &f, path, stat.bytes, PIECE_BYTES_MAX);
    file_close(&f);
    return code;
}

/* ---- the database ----------------------------------------------------------------------------------- */

static uint64_t wal_bytes(struct make *m) {
    struct file_stat stat;
    return file_stat(m->source->site, SITE_DATABASE "-wal", &stat) == RC_OK ? stat.bytes : 0;
}

/* The pages, as far as the WAL has not grown too large: then *out_more. */
static rc read_database(struct make *m, bool *out_more) {
    const uint64_t bytes = store_snapshot_bytes(m->source->snapshot), wal = wal_bytes(m);
    unsigned pieces = 0;
    *out_more = false;
    for (uint64_t at = 0; at < bytes;) {
        size_t n = bytes - at < PIECE_CUT ? (size_t)(bytes - at) : PIECE_CUT;
        TRY(store_snapshot_read(m->source->snapshot, at, n, m->block));
        TRY(add_piece(m, span_of(m->block, n), SITE_DATABASE));
        at += n;
        if (++pieces % WAL_LOOK_PIECES == 0 && at < bytes &&
            wal_bytes(m) > wal + BACKUP_WAL_BYTES_MAX) {
            *out_more = true;
            return RC_OK;
        }
    }
    m->result.files++;
    return RC_OK;
}

/* Core brings its WAL in when it is idle, or at the latest when it next writes. */
static void wait_for_wal(struct make *m) {
    const uint64_t before = wal_bytes(m);
    for (unsigned waited = 0; waited < WAL_WAIT_MS && wal_bytes(m) >= before; waited += 50)
        clock_sleep_ms(50);
}

static rc add_checkpoint(struct make *m, struct span note) {
    struct checkpoint c;
    if (note.n == 0) return RC_OK;
    TRY(checkpoint_read(note, &m->d->key, &c));
    if (c.size > m->manifest.entries)
        return rc_fail(RC_CORRUPT,
                       "the newest signed head is of %llu entries, the database has %llu",
                       (unsigned long long)c.size, (unsigned long long)m->manifest.entries);
    m->result.checkpoint = true;
    m->result.files++;
    return add_piece(m, note, SITE_CHECKPOINT);
}

/* *checkpoint: the head that goes with it. */
static rc add_database(struct make *m, struct buf *checkpoint) {
    const struct backup_source *s = m->source;
    for (bool more = true; more;) {
        if (m->result.turns++ == BACKUP_TURNS_MAX)
            return rc_fail(RC_BUSY,
                           "so much is published that the database could not be read in one go, "
                           "%d times; try again when it is quieter",
                           BACKUP_TURNS_MAX);
        buf_clear(checkpoint);
        TRY(s->begin(s->arg, s->snapshot, checkpoint));
        m->manifest.made = clock_wall_ms();
        m->manifest.entries = store_snapshot_entries(s->snapshot);
        m->result.bytes = 0;
        buf_clear(&m->list);
        rc code = read_database(m, &more);
        store_snapshot_end(s->snapshot);
        TRY(code);
        if (more) wait_for_wal(m);
    }
    return end_list(m, "store");
}

/* ---- the record ------------------------------------------------------------------------------------- */

static rc add_journal(struct make *m) {
    struct file f;
    uint64_t bytes = 0;
    TRY(file_open(m->source->site, SITE_JOURNAL, FILE_READ | FILE_NO_LINK, &f));
    rc code = journal_walk(&f, m->manifest.entries, NULL, NULL, &m->manifest.journal, &bytes);
    if (code == RC_OK) code = add_bytes(m, &f, SITE_JOURNAL, bytes, PIECE_CUT);
    file_close(&f);
    return code;
}

static rc add_record(struct make *m, struct span checkpoint) {
    char key[sizeof m->d->key_text + 2];
    TRY(add_journal(m));
    int n = snprintf(key, sizeof key, "%s\n", m->d->key_text);
    TRY(add_piece(m, span_of(key, (size_t)n), SITE_KEY));
    m->result.files++;
    TRY(add_checkpoint(m, checkpoint));
    return end_list(m, "record");
}

/* ---- pictures --------------------------------------------------------------------------------------- */

/* "HASH.avif": served as it is, and named by the hash of its bytes. Not so ".sent.json", which is named by
 * the hash of another file. */
static bool named_by_hash(struct span name, struct sha256 *out_hash) {
    struct span rest = name, hash = span_cut(&rest, '.');
    return hash.n == 2 * SHA256_BYTES && rest.n && !span_ends(rest, SPAN("json")) &&
           hex_decode(hash, out_hash->bytes, SHA256_BYTES);
}

/* One that an earlier backup has needs not be read; it has it whole even if the site has lost some of it. */
static bool add_known_picture(struct make *m, const char *path, const struct sha256 *hash,
                              uint64_t site_bytes) {
    struct piece piece = {.hash = *hash};
    if (!piece_size(m->d, hash, &piece.bytes) || piece_check(m->d, &piece) != RC_OK) return false;
    line_write(&m->list, &piece, path);
    m->result.bytes += piece.bytes;
    m->result.files++;
    if (piece.bytes != site_bytes) {
        m->result.damaged++;
        say(m, "%s: is damaged: it has not the length that it had. The backup has it whole", path);
    }
    return true;
}

static rc add_picture(struct make *m, const char *path, struct span name) {
    struct file_stat stat;
    struct sha256 hash;
    bool named = named_by_hash(name, &hash);
    rc code = file_stat(m->source->site, path, &stat);
    if (code == RC_NOT_FOUND) return RC_OK;
    TRY(code);
    if (stat.kind != FILE_KIND_FILE) return RC_OK;
    if (named && add_known_picture(m, path, &hash, stat.bytes)) return RC_OK;
    const size_t before = m->list.n;
    TRY(add_file(m, path));
    struct span rest = span_from(buf_span(&m->list), before);
    struct line line;
    if (!named || rest.n == 0 || stat.bytes > PIECE_BYTES_MAX) return RC_OK;
    TRY(line_read(&rest, &line));
    if (sha256_eq(&line.piece.hash, &hash)) return RC_OK;
    m->result.damaged++;
    say(m,
        "%s: is damaged: its bytes are not those of its name. It is kept as it is; another backup "
        "may "
        "have it whole",
        path);
    return RC_OK;
}

static rc add_pictures_of(struct make *m, struct arena *a, struct span folder) {
    char path[PATH_BYTES_MAX], name[64];
    struct span *names;
    size_t count;
    struct file_stat stat;
    int n = snprintf(name, sizeof name, "media/" SPAN_FMT, SPAN_ARG(folder));
    if (n < 0 || (size_t)n >= sizeof name)
        return rc_fail(RC_TOO_BIG, "media/: a folder with too long a name");
    TRY(file_stat(m->source->site, name, &stat));
    if (stat.kind != FILE_KIND_FOLDER) return RC_OK;
    TRY(file_list(m->source->site, name, FOLDER_NAMES_MAX, a, &names, &count));
    for (size_t i = 0; i < count; i++) {
        if (span_ends(names[i], SPAN(".tmp"))) continue; /* is being written: for a later story */
        n = snprintf(path, sizeof path, "%s/" SPAN_FMT, name, SPAN_ARG(names[i]));
        if (n < 0 || (size_t)n >= sizeof path)
            return rc_fail(RC_TOO_BIG, "%s: too long a name", name);
        TRY(add_picture(m, path, names[i]));
    }
    return m->list.n ? end_list(m, name) : RC_OK;
}

static rc add_pictures(struct make *m) {
    struct arena *all = arena_new(NAMES_BYTES_MAX), *one = arena_new(NAMES_BYTES_MAX);
    struct span *folders;
    size_t count = 0;
    rc code = file_list(m->source->site, "media", LISTS_MAX, all, &folders, &count);
    for (size_t i = 0; i < count && code == RC_OK; i++) {
        arena_reset(one);
        code = add_pictures_of(m, one, folders[i]);
    }
    arena_free(one);
    arena_free(all);
    return code;
}

/* ---- configuration and themes ------------------------------------------------------------------------- */

static rc add_folder(struct make *m, struct arena *a, const char *folder, unsigned depth) {
    struct span *names;
    size_t count;
    if (depth == FOLDER_DEPTH_MAX) return rc_fail(RC_TOO_BIG, "%s: too deep a folder", folder);
    rc code = file_list(m->source->site, folder, FOLDER_NAMES_MAX, a, &names, &count);
    if (code == RC_NOT_FOUND) return RC_OK;
    TRY(code);
    for (size_t i = 0; i < count; i++) {
        char path[PATH_BYTES_MAX];
        struct file_stat stat;
        int n = snprintf(path, sizeof path, "%s/" SPAN_FMT, folder, SPAN_ARG(names[i]));
        if (n < 0 || (size_t)n >= sizeof path)
            return rc_fail(RC_TOO_BIG, "%s: too long a name", folder);
        TRY(file_stat(m->source->site, path, &stat));
        if (stat.kind == FILE_KIND_FOLDER)
            TRY(add_folder(m, a, path, depth + 1));
        else if (stat.kind == FILE_KIND_FILE)
            TRY(add_file(m, path));
        else
            say(m, "%s: is neither a file nor a folder, and not in the backup", path);
    }
    return RC_OK;
}

static rc add_site(struct make *m) {
    struct arena *a = arena_new(NAMES_BYTES_MAX);
    rc code = add_file(m, SITE_CONFIG);
    if (code == RC_OK) code = add_folder(m, a, "themes", 0);
    arena_free(a);
    return code == RC_OK ? end_list(m, "site") : code;
}

/* ---- all of it ---------------------------------------------------------------------------------------- */

/* Later than every other one here, whatever the clock says: the newest has the last name. */
static rc name_it(struct make *m) {
    struct arena *a = arena_new(1u << 20);
    struct span *names;
    size_t count = 0;
    ms_t last = INT64_MIN;
    rc code = manifest_names(m->d, a, &names, &count);
    if (code == RC_OK && count > 0) last = manifest_time(names[count - 1]);
    arena_free(a);
    TRY(code);
    if (m->manifest.made <= last) m->manifest.made = last + 1;
    manifest_name(m->manifest.made, m->manifest.name);
    return RC_OK;
}

static rc make_all(struct make *m, struct buf *checkpoint) {
    pieces_forget(m->d); /* an interrupted one's */
    TRY(add_database(m, checkpoint));
    fault_point("backup.after-database");
    TRY(add_record(m, buf_span(checkpoint)));
    TRY(add_pictures(m));
    TRY(add_site(m));
    TRY(name_it(m));
    TRY(pieces_end(m->d));
    return manifest_write(m->d, &m->manifest);
}

rc backup_make(struct backup_dest *d, const struct backup_source *source,
               struct backup_result *out_result) {
    struct make m = {.d = d, .source = source};
    struct buf checkpoint;
    memcpy(m.manifest.key, d->key_text, sizeof m.manifest.key);
    buf_init(&m.list, PIECE_BYTES_MAX);
    buf_init(&checkpoint, NOTE_BYTES_MAX);
    m.block = mem_new(PIECE_BYTES_MAX);
    rc code = make_all(&m, &checkpoint);
    if (code == RC_OK) {
        memcpy(m.result.name, m.manifest.name, sizeof m.result.name);
        m.result.made = m.manifest.made;
        m.result.entries = m.manifest.entries;
        m.result.new_pieces = d->fresh_pieces;
        m.result.new_bytes = d->fresh_bytes;
        *out_result = m.result;
    } else if (code == RC_FULL) {
        char why[RC_WHY_MAX];
        memcpy(why, rc_why(), sizeof why);
        if (*m.manifest.name) manifest_take_back(d, m.manifest.name);
        pieces_take_back(d);
        code = rc_fail(code, "%s; what this backup had written is taken back", why);
    }
    mem_free(m.block);
    buf_done(&checkpoint);
    buf_done(&m.list);
    manifest_done(&m.manifest);
    return code;
}
