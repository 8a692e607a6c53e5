/* Backups: made, looked through, and put back. What lies in DEST: backup/backup.h. */
#include <sodium.h>
#include <stdio.h>

#include "backup/backup.h"
#include "codec/merkle.h"
#include "main/client.h"
#include "main/commands.h"
#include "main/site.h"
#include "record/record.h"
#include "sys/clock.h"
#include "sys/process.h"
#include "sys/sandbox.h"

#define ANSWER_BYTES_MAX (1u << 20)
#define BEGIN_MS 3000 /* for a moment with nothing between what is stored and what is signed */
#define SEED_BYTES_MAX 4096

static void who_text(const char *command, char out[64]) {
    snprintf(out, 64, "dateline %s, process %d\n", command, process_id());
}

/* From here on this process reads and writes in these folders, and does nothing else. */
static rc confine(const struct sandbox_path *paths, size_t count) {
    struct sandbox_options options = {.role = SANDBOX_CORE};
    struct sandbox_level level;
    for (size_t i = 0; i < count; i++) {
        struct file_stat stat;
        if (file_stat(NULL, paths[i].path, &stat) == RC_OK)
            options.paths[options.paths_count++] = paths[i];
    }
    TRY(sandbox_enter(&options, &level));
    return sandbox_selftest(SANDBOX_CORE, &level, NULL);
}

static void print_line(void *arg, struct span line) {
    (void)arg;
    fprintf(stderr, SPAN_FMT "\n", SPAN_ARG(line));
}

/* ---- backup ------------------------------------------------------------------------------------------ */

/* The newest signed head comes from core. */
struct head_source {
    struct client *client; /* NULL: nobody publishes; `note` is what core said last */
    struct arena *memory;
    struct buf note;
};

static rc ask_head(struct head_source *h) {
    struct client_call call = {
        .method = "GET", .path = "/checkpoint", .content_type = "", .body = SPAN("")};
    arena_reset(h->memory);
    buf_clear(&h->note);
    TRY(client_ask(h->client, h->memory, &call));
    TRY(client_result(&call));
    buf_add(&h->note, call.answer);
    return h->note.over ? rc_fail(RC_TOO_BIG, "the signed head is too long") : RC_OK;
}

/* The second line of a checkpoint. */
static bool head_is_of(struct span note, uint64_t entries) {
    uint64_t size;
    (void)span_cut(&note, '\n');
    return span_to_u64(span_cut(&note, '\n'), UINT64_MAX, &size) && size == entries;
}

/*
 * The moment: at best one at which all that is stored is signed. First the head, then the snapshot, so that
 * the head is never ahead of it; while stories pour in some are stored in between, and it is tried again.
 */
static rc begin(void *arg, struct store_snapshot *snapshot, struct buf *out_checkpoint) {
    struct head_source *h = arg;
    const mono_t deadline = clock_mono_ns() + CLOCK_MS(BEGIN_MS);
    for (;;) {
        if (h->client && ask_head(h) != RC_OK) {
            fprintf(stderr, "no signed head could be had (%s): the backup is made without\n",
                    rc_why());
            buf_clear(&h->note);
            h->client = NULL;
        }
        TRY(store_snapshot_begin(snapshot));
        if (!h->client || clock_mono_ns() >= deadline ||
            head_is_of(buf_span(&h->note), store_snapshot_entries(snapshot)))
            break;
        store_snapshot_end(snapshot);
    }
    buf_add(out_checkpoint, buf_span(&h->note));
    return RC_OK;
}

/* SITE/run/backup: for `dateline status`, a line each: name, a space, value. */
static void remember(const struct site *site, const char *dest, const struct backup_result *r) {
    char made[CLOCK_TEXT_BYTES];
    struct buf b;
    clock_text(r->made, true, made);
    buf_init(&b, 16384);
    buf_printf(&b, "made %s\nfolder %s\nname %s\nentries %llu\nbytes %llu\n", made, dest, r->name,
               (unsigned long long)r->entries, (unsigned long long)r->bytes);
    if (file_replace(&site->dir, SITE_BACKUP_STATUS, buf_span(&b), 0) != RC_OK)
        fprintf(stderr, "the backup is made, but the site does not remember it: %s\n", rc_why());
    buf_done(&b);
}

static void print_made(const struct backup_result *r) {
    printf("backup %s: %llu entries, %llu files, %llu bytes; %llu bytes in %llu pieces were new\n",
           r->name, (unsigned long long)r->entries, (unsigned long long)r->files,
           (unsigned long long)r->bytes, (unsigned long long)r->new_bytes,
           (unsigned long long)r->new_pieces);
    if (r->turns > 1)
        printf("so much was published meanwhile that the database was begun %u times\n", r->turns);
    if (!r->checkpoint)
        printf("it has no signed head: restored without the key, it cannot show its record\n");
}

static rc make(const struct site *site, const char *dest_path, struct backup_dest *dest,
               struct head_source *heads, struct store_snapshot *snapshot, size_t keep) {
    struct backup_result result;
    const struct backup_source source = {
        .site = &site->dir, .snapshot = snapshot, .begin = begin, .arg = heads, .say = print_line};
    TRY(backup_make(dest, &source, &result));
    print_made(&result);
    remember(site, dest_path, &result);
    if (keep > 0) {
        uint64_t backups, pieces;
        TRY(backup_keep(dest, keep, &backups, &pieces));
        if (backups || pieces)
            printf("%llu older backups and %llu pieces of them were removed\n",
                   (unsigned long long)backups, (unsigned long long)pieces);
    }
    if (result.damaged == 0) return RC_OK;
    return rc_fail(RC_CORRUPT,
                   "the backup is made, but %u of the site's files are damaged, see above",
                   result.damaged);
}

/* One that nobody serves: what a crash has left is brought in, and nothing goes on beside. */
static rc settle(struct client *client, struct head_source *heads) {
    heads->client = client;
    rc code = ask_head(heads);
    if (code != RC_OK) {
        fprintf(stderr, "no signed head could be had (%s): the backup is made without\n", rc_why());
        buf_clear(&heads->note);
    }
    heads->client = NULL;
    return client_close(client);
}

static rc backup_site(const struct site *site, const char *dest_path, size_t keep) {
    struct note_key key;
    struct backup_dest *dest = NULL;
    struct client client = {.fd = -1,
                            .core = PROCESS_NONE,
                            .signer = PROCESS_NONE,
                            .media = PROCESS_NONE,
                            .lock = FILE_CLOSED};
    struct store_snapshot *snapshot = NULL;
    struct head_source heads = {.memory = arena_new(ANSWER_BYTES_MAX)};
    bool has_signer;
    char who[64], database[4096];
    who_text("backup", who);
    buf_init(&heads.note, NOTE_BYTES_MAX);
    rc code = site_record_key(&site->dir, &key, &has_signer);
    if (code == RC_OK) code = backup_outside(dest_path, &site->dir);
    if (code == RC_OK) code = backup_open(dest_path, &key, who, &dest);
    if (code == RC_OK) {
        rc reached = client_open(site, &client);
        if (reached != RC_OK)
            fprintf(stderr, "core cannot be asked (%s): the backup is made without a signed head\n",
                    rc_why());
        else if (client.core.pidfd >= 0)
            (void)!settle(&client, &heads); /* its trouble is no reason to have no backup */
        else
            heads.client = &client;
    }
    snprintf(database, sizeof database, "%s/store/dateline.db", site->path);
    if (code == RC_OK) code = store_snapshot_open(database, &snapshot);
    if (code == RC_OK) {
        const char *store = arena_printf(site->memory, "%s/store", site->path).p,
                   *run = arena_printf(site->memory, "%s/run", site->path).p;
        CHECK(store && run);
        const struct sandbox_path paths[] = {
            {site->path, false}, {store, true}, {run, true}, {dest_path, true}};
        code = confine(paths, COUNT_OF(paths));
    }
    if (code == RC_OK) code = make(site, dest_path, dest, &heads, snapshot, keep);
    store_snapshot_close(snapshot);
    backup_close(dest);
    (void)!client_close(&client);
    buf_done(&heads.note);
    arena_free(heads.memory);
    return code;
}

static rc verify(const char *dest_path) {
    struct backup_dest *dest;
    struct backup_verified v;
    char who[64];
    who_text("backup --verify", who);
    TRY(backup_open(dest_path, NULL, who, &dest));
    const struct sandbox_path paths[] = {{dest_path, true}};
    rc code = confine(paths, COUNT_OF(paths));
    if (code == RC_OK) code = backup_verify(dest, print_line, NULL, &v);
    backup_close(dest);
    TRY(code);
    printf("%llu backups, %llu pieces, %llu bytes: every byte is what was written",
           (unsigned long long)v.backups, (unsigned long long)v.pieces,
           (unsigned long long)v.bytes);
    if (*v.newest) printf("; the newest, %s, is a whole site", v.newest);
    printf("\n");
    if (v.unnamed)
        printf(
            "%llu pieces are of no backup: of one that was interrupted. The next backup uses them; "
            "--keep removes them\n",
            (unsigned long long)v.unnamed);
    return RC_OK;
}

rc command_backup(const struct args *args) {
    const char *keep_text = args_option(args, "--keep");
    uint64_t keep = 0;
    if (args_option(args, "--verify")) {
        if (args->operands_count != 1 || keep_text)
            return rc_fail(RC_USAGE,
                           "dateline backup --verify DEST: the backups' folder, and nothing else");
        return verify(args->operands[0]);
    }
    if (args->operands_count != 2)
        return rc_fail(RC_USAGE,
                       "dateline backup SITE DEST: a site, and the folder of its backups");
    if (keep_text &&
        (!span_to_u64(span_str(keep_text), BACKUP_GENERATIONS_MAX, &keep) || keep == 0))
        return rc_fail(RC_USAGE, "--keep: how many backups are to stay, 1 to %d",
                       BACKUP_GENERATIONS_MAX);
    struct site site;
    TRY(site_open(args->operands[0], &site));
    rc code = backup_site(&site, args->operands[1], (size_t)keep);
    site_close(&site);
    return code;
}

/* ---- the key, given back -------------------------------------------------------------------------------- */

static rc read_seed(const char *path, uint8_t out_seed[NOTE_SEED_BYTES]) {
    char text[SEED_BYTES_MAX];
    struct buf b;
    struct file input = file_of_fd(0, "standard input");
    buf_init_fixed(&b, text, sizeof text);
    rc code = strcmp(path, "-") == 0 ? file_read_rest(&input, &b) : file_read_all(NULL, path, &b);
    if (code == RC_OK && !hex_decode(span_trim(buf_span(&b)), out_seed, NOTE_SEED_BYTES))
        code = rc_fail(RC_INVALID,
                       "%s: is no key: the 64 digits that dateline record export-key has printed",
                       path);
    sodium_memzero(text, sizeof text);
    return code;
}

struct walk {
    struct merkle_edge edge;
    struct checkpoint known; /* size 0: none */
    struct sha256 root;      /* at its size */
};

static rc walk_entry(void *arg, uint64_t index, struct span entry) {
    struct walk *w = arg;
    struct sha256 leaf = merkle_leaf(entry);
    (void)index;
    merkle_edge_append(&w->edge, &leaf);
    if (w->edge.size == w->known.size) w->root = merkle_edge_root(&w->edge);
    return RC_OK;
}

/* The log as the journal has it; and it must be the one whose head is known. */
static rc walk_journal(const struct file *site, const struct note_key *key, struct walk *w) {
    struct file journal;
    struct buf note;
    char bytes[NOTE_BYTES_MAX];
    uint64_t entries, journal_bytes;
    buf_init_fixed(&note, bytes, sizeof bytes);
    rc code = file_read_all(site, SITE_RECORD_CHECKPOINT, &note);
    if (code == RC_OK) code = checkpoint_read(buf_span(&note), key, &w->known);
    if (code != RC_OK && code != RC_NOT_FOUND) return code;
    TRY(file_open(site, "record/journal", FILE_READ | FILE_NO_LINK, &journal));
    code = journal_walk(&journal, UINT64_MAX, walk_entry, w, &entries, &journal_bytes);
    file_close(&journal);
    TRY(code);
    if (w->known.size > 0 && w->known.size <= w->edge.size && !sha256_eq(&w->root, &w->known.root))
        return rc_fail(RC_CORRUPT, "record/journal is not the log whose head record/checkpoint is");
    return RC_OK;
}

static rc import_key(const struct file *site, const uint8_t seed[NOTE_SEED_BYTES]) {
    static const char *const known[] = {SITE_RECORD_KEY, SITE_RECORD_CHECKPOINT};
    struct note_key key, given;
    struct file record;
    struct walk w = {.edge = {0}};
    bool has_signer;
    TRY(site_record_key(site, &key, &has_signer));
    TRY(note_key_of_seed(span_str(key.name), seed, &given));
    if (memcmp(&key, &given, sizeof key) != 0)
        return rc_fail(RC_DENIED, "that is the key of another record, not of %s", key.name);
    if (has_signer) return rc_fail(RC_CONFLICT, "the site has its signer, with this very key");
    TRY(walk_journal(site, &key, &w));
    TRY(file_open(site, "record", FILE_FOLDER, &record));
    rc code = signer_import(&record, span_str(key.name), seed, &w.edge);
    file_close(&record);
    TRY(code);
    /* What stood in for it, and would be out of date with the next entry. */
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        code = file_remove(site, known[i]);
        if (code != RC_OK && code != RC_NOT_FOUND) return code;
    }
    return RC_OK;
}

static void print_imported(void) {
    printf("this site signs its record again, from its journal's last entry on. If the site it was "
           "copied from signs on, or has published more since, the two contradict each other, and "
           "whoever has seen both can prove it\n");
}

rc command_record_import_key(const struct args *args) {
    struct site site;
    struct file lock;
    uint8_t seed[NOTE_SEED_BYTES];
    TRY(read_seed(args->operands[1], seed));
    TRY(site_open(args->operands[0], &site));
    rc code = site_lock(&site, "record import-key", 0, &lock);
    if (code == RC_OK) {
        code = import_key(&site.dir, seed);
        file_close(&lock);
    }
    sodium_memzero(seed, sizeof seed);
    site_close(&site);
    if (code == RC_OK) print_imported();
    return code;
}

/* ---- restore -------------------------------------------------------------------------------------------- */

struct restoring {
    const struct file *site;
    bool has_seed;
    uint8_t seed[NOTE_SEED_BYTES];
};

/* Everything is there but the name that makes it a site. */
static rc before_it_is_a_site(void *arg) {
    struct restoring *r = arg;
    struct note_key key;
    bool has_signer;
    TRY(site_make_folders(r->site));
    TRY(site_record_key(r->site, &key, &has_signer));
    /* has_signer: an interrupted restore came this far */
    return r->has_seed && !has_signer ? import_key(r->site, r->seed) : RC_OK;
}

static void print_restored(const struct backup_restored *r, const char *site) {
    printf("%s is as it was in backup %s: %llu entries, %llu files, %llu bytes\n", site, r->name,
           (unsigned long long)r->entries, (unsigned long long)r->files,
           (unsigned long long)r->bytes);
}

static rc restore_whole(struct backup_dest *dest, const char *name, const char *dest_path,
                        const char *site_path, struct restoring *r) {
    struct file site;
    struct backup_restored restored;
    rc code = file_make_folder(NULL, site_path, FILE_PUBLIC);
    const bool made = code == RC_OK;
    if (code != RC_OK && code != RC_CONFLICT) return code;
    TRY(file_open(NULL, site_path, FILE_FOLDER, &site));
    r->site = &site;
    code = backup_may_restore(&site, name);
    if (code == RC_OK && made) code = file_sync_folder_of(NULL, site_path);
    const struct sandbox_path paths[] = {
        {dest_path, false}, {site_path, true}, {"/etc/machine-id", false}};
    if (code == RC_OK) code = confine(paths, COUNT_OF(paths));
    if (code == RC_OK) code = backup_restore(dest, name, &site, before_it_is_a_site, r, &restored);
    file_close(&site);
    TRY(code);
    print_restored(&restored, site_path);
    if (r->has_seed)
        print_imported();
    else
        printf("It serves, and signs nothing: its key is not in the backup. If the site it comes "
               "from is "
               "gone for good: dateline record import-key %s FILE, with the exported key\n",
               site_path);
    return RC_OK;
}

static rc restore_store(struct backup_dest *dest, const char *name, const char *dest_path,
                        const char *site_path) {
    struct site site;
    struct file lock;
    struct note_key key;
    struct backup_restored restored;
    bool has_signer;
    TRY(site_open(site_path, &site));
    rc code = site_lock(&site, "restore", 0, &lock);
    if (code == RC_OK) {
        code = site_record_key(&site.dir, &key, &has_signer);
        if (code == RC_OK && memcmp(&key, backup_key(dest), sizeof key) != 0)
            code = rc_fail(RC_CONFLICT, "%s: is of another record (%s) than the backups are (%s)",
                           site_path, key.name, backup_key(dest)->name);
        const struct sandbox_path paths[] = {{dest_path, false}, {site_path, true}};
        if (code == RC_OK) code = confine(paths, COUNT_OF(paths));
        if (code == RC_OK) code = backup_restore_store(dest, name, &site.dir, &restored);
        file_close(&lock);
    } else if (code == RC_BUSY) {
        code = rc_in(code, "end dateline serve first: ");
    }
    site_close(&site);
    TRY(code);
    print_restored(&restored, site_path);
    if (*restored.aside) printf("What was there is in %s/%s\n", site_path, restored.aside);
    printf("Its record was left as it is. The next start takes what the record has more from the "
           "journal; of these "
           "entries the texts are lost, unless they are published again\n");
    return RC_OK;
}

rc command_restore(const struct args *args) {
    const char *dest_path = args->operands[0], *site_path = args->operands[1],
               *at = args_option(args, "--at"), *key = args_option(args, "--key");
    const bool store_only = args_option(args, "--store-only") != NULL;
    struct restoring r = {.has_seed = key != NULL};
    struct backup_dest *dest;
    char who[64], name[BACKUP_NAME_BYTES];
    if (store_only && key)
        return rc_fail(RC_USAGE,
                       "--store-only leaves the record as it is: --key has no place there");
    if (key) TRY(read_seed(key, r.seed));
    who_text("restore", who);
    TRY(backup_open(dest_path, NULL, who, &dest));
    rc code = backup_choose(dest, at, name);
    if (code == RC_OK)
        code = store_only ? restore_store(dest, name, dest_path, site_path)
                          : restore_whole(dest, name, dest_path, site_path, &r);
    sodium_memzero(r.seed, sizeof r.seed);
    backup_close(dest);
    return code;
}
