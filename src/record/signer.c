/*
 * The signer: the key, the log's size and the edge of its tree, in one file, SITE/record/signer;
 * and the process that answers for it.
 *
 * The file has two slots of 4096 bytes, at 0 and at 65536 (apart, so that a device which tears a
 * large unit while it writes one slot does not take the other along). Each holds everything:
 *
 *      0  24  "dateline-signer-slot/v1" ‖ 0x0A
 *     24   8  sequence: 1, 2, 3 …; an even one stands in slot 0, an odd one in slot 1
 *     32  32  the machine: SHA-256 of "dateline-machine/v1" ‖ 0x0A ‖ /etc/machine-id, or zeros
 * without one 64   8  this file's inode 72   8  its time of birth, ns since 1970; 0 where the file
 * system does not tell 80   1  1: the seed was exported 81   1  length of the origin 82   6  0 88
 * 256  origin, filled up with zeros 344  32  seed 376   8  size 384 2048 hashes of the edge
 * (codec/merkle.h), filled up with zeros 2432 …    zeros 4064  32  SHA-256 of the 4064 bytes before
 *
 * The whole slot with the larger sequence counts; the next state is written into the other slot,
 * then synced. The bytes were allocated when the file was made.
 *
 * What holds:
 * 1. A head is signed only after the state that it shows is durable. So no two heads that were ever
 *    signed contradict each other, whatever happens in between. (When it starts, the signer writes
 * the state that it read anew, and syncs: what it read may be in memory only, left by a process
 * that was killed before its sync, or whose sync failed.)
 * 2. A state is never older than what was signed by more than the one step that a broken slot
 * costs; then the journal, which has everything, is appended again, to the same tree.
 * 3. The file is refused where it was not made or adopted: on another machine, as a copy, restored
 *    from a backup (another inode, another birth). Two things are not seen here. Bytes written back
 *    into the very same file: core sees a head smaller than the one that it has published, and
 *    stops. A whole disk or virtual machine put back to an older day: nothing on it knows better;
 *    whoever has kept a later head does.
 * 4. The seed is given out once at most: the mark is durable, in both slots, before.
 * 5. One process has it at a time: a lock on SITE/record/signer.lock.
 *
 * What a crash leaves, at each step of an append:
 *   before the write       the old state
 *   in the write           the old state, and a slot that is not whole
 *   between write, sync    the old state or the new one, whole; signed was neither, but the old
 *   after the sync         the new state; the caller has not heard of it and asks for the head
 */
#include <sodium.h>

#include "base/mem.h"
#include "record/be.h"
#include "record/signer_wire.h"
#include "sys/fault.h"
#include "sys/log.h"
#include "sys/process.h"
#include "sys/random.h"
#include "sys/socket.h"

#define FILE_PATH "signer"
#define NEW_PATH "signer.new"
#define LOCK_PATH "signer.lock"
#define MACHINE_PATH "/etc/machine-id"
#define SLOT_BYTES 4096
#define SLOT_SPACING 65536
#define CHECKED_BYTES (SLOT_BYTES - SHA256_BYTES)
#define MAGIC "dateline-signer-slot/v1\n"

enum { /* where a slot's parts are */
       AT_SEQUENCE = 24,
       AT_MACHINE = 32,
       AT_INODE = 64,
       AT_BORN = 72,
       AT_EXPORTED = 80,
       AT_ORIGIN_LENGTH = 81,
       AT_ORIGIN = 88,
       AT_SEED = 344,
       AT_SIZE = 376,
       AT_EDGE = 384,
       AT_REST = AT_EDGE + MERKLE_EDGE_MAX * SHA256_BYTES,
};
_Static_assert(AT_ORIGIN + NOTE_NAME_BYTES_MAX + 1 == AT_SEED, "the origin fits");
_Static_assert(AT_REST < CHECKED_BYTES, "the edge fits");

struct binding {
    struct sha256 machine;
    uint64_t inode, born_ns;
};

struct state {
    uint64_t sequence;
    struct binding binding;
    bool exported;
    char origin[NOTE_NAME_BYTES_MAX + 1];
    struct merkle_edge edge;
};

/* Lies between guard pages, locked into memory as far as the system allows it, and out of core
 * dumps. */
struct secret {
    uint8_t seed[NOTE_SEED_BYTES];
    uint8_t slot[2][SLOT_BYTES]; /* as read, or to be written */
};

struct signer {
    struct file file, lock;
    struct state state; /* what is durable */
    struct note_key key;
    struct secret *secret;
    bool dead; /* a sync has failed */
    char message[SIGNER_QUESTION_MAX];
};

/* ---- a slot's bytes -------------------------------------------------------------------------- */

static void slot_write(const struct state *s, const uint8_t seed[NOTE_SEED_BYTES],
                       uint8_t slot[SLOT_BYTES]) {
    struct buf b;
    size_t origin = strlen(s->origin), edge = merkle_edge_count(&s->edge) * SHA256_BYTES;
    memset(slot, 0, SLOT_BYTES);
    buf_init_fixed(&b, slot, AT_ORIGIN);
    buf_str(&b, MAGIC);
    buf_be(&b, s->sequence, 8);
    buf_add(&b, span_of(s->binding.machine.bytes, SHA256_BYTES));
    buf_be(&b, s->binding.inode, 8);
    buf_be(&b, s->binding.born_ns, 8);
    buf_be(&b, s->exported, 1);
    buf_be(&b, origin, 1);
    CHECK(!b.over && b.n == AT_ORIGIN_LENGTH + 1);
    memcpy(slot + AT_ORIGIN, s->origin, origin);
    memcpy(slot + AT_SEED, seed, NOTE_SEED_BYTES);
    buf_init_fixed(&b, slot + AT_SIZE, 8);
    buf_be(&b, s->edge.size, 8);
    memcpy(slot + AT_EDGE, s->edge.hashes, edge);
    struct sha256 check = sha256_of(span_of(slot, CHECKED_BYTES));
    memcpy(slot + CHECKED_BYTES, check.bytes, SHA256_BYTES);
}

static bool all_zero(const uint8_t *bytes, size_t from, size_t to) {
    uint8_t any = 0;
    for (size_t i = from; i < to; i++) any |= bytes[i];
    return any == 0;
}

/* Is slot number `at` whole? Its seed stays where it is. */
static bool slot_read(const uint8_t slot[SLOT_BYTES], unsigned at, struct state *out) {
    struct sha256 check = sha256_of(span_of(slot, CHECKED_BYTES));
    if (memcmp(check.bytes, slot + CHECKED_BYTES, SHA256_BYTES) != 0) return false;
    if (memcmp(slot, MAGIC, sizeof MAGIC - 1) != 0) return false;
    struct state s = {
        .sequence = be_read(slot + AT_SEQUENCE, 8),
        .binding = {.inode = be_read(slot + AT_INODE, 8), .born_ns = be_read(slot + AT_BORN, 8)},
        .exported = slot[AT_EXPORTED] == 1,
        .edge = {.size = be_read(slot + AT_SIZE, 8)}};
    size_t origin = slot[AT_ORIGIN_LENGTH], edge = merkle_edge_count(&s.edge) * SHA256_BYTES;
    memcpy(s.binding.machine.bytes, slot + AT_MACHINE, SHA256_BYTES);
    memcpy(s.origin, slot + AT_ORIGIN, origin);
    memcpy(s.edge.hashes, slot + AT_EDGE, edge);
    if (s.sequence % 2 != at || slot[AT_EXPORTED] > 1) return false;
    if (!note_name_ok(span_of(s.origin, origin)) || strlen(s.origin) != origin) return false;
    if (!all_zero(slot, AT_ORIGIN_LENGTH + 1, AT_ORIGIN) ||
        !all_zero(slot, AT_ORIGIN + origin, AT_SEED) ||
        !all_zero(slot, AT_EDGE + edge, CHECKED_BYTES)) {
        return false;
    }
    *out = s;
    return true;
}

/* ---- the file -------------------------------------------------------------------------------- */

static rc memory_new(struct signer **out_signer) {
    if (sodium_init() < 0) return rc_fail(RC_FATAL, "libsodium does not start");
    struct signer *s = mem_new(sizeof *s);
    s->file = s->lock = FILE_CLOSED;
    s->secret = sodium_malloc(sizeof *s->secret); /* not mem_new(): this is wiped, and guarded */
    CHECK(s->secret != NULL);
    sodium_memzero(s->secret, sizeof *s->secret);
    *out_signer = s;
    return RC_OK;
}

void signer_close(struct signer *signer) {
    if (!signer) return;
    file_close(&signer->file);
    file_close(&signer->lock);
    sodium_free(signer->secret); /* wipes it */
    mem_free(signer);
}

/* Reads both slots and takes the newer of those that are whole. `alone`: no signer writes them now.
 */
static rc state_read(struct signer *s, bool alone) {
    struct state states[2];
    bool whole[2];
    for (unsigned i = 0; i < 2; i++) {
        size_t n;
        uint8_t *slot = s->secret->slot[i];
        TRY(file_read_at(&s->file, (uint64_t)i * SLOT_SPACING, slot, SLOT_BYTES, &n));
        whole[i] = n == SLOT_BYTES && slot_read(slot, i, &states[i]);
        if (alone && !whole[i] && !all_zero(slot, 0, n)) {
            log_event(LOG_WARN, "a slot of the signer's file is not whole",
                      LOG_TEXT("file", span_str(s->file.name)), LOG_INT("slot", i));
        }
    }
    if (!whole[0] && !whole[1]) {
        return rc_fail(RC_CORRUPT,
                       "%s: neither of its two slots is whole: the key is lost if no export of it "
                       "exists; what was published stays provable, new entries need a new log",
                       s->file.name);
    }
    bool second = !whole[0] || (whole[1] && states[1].sequence > states[0].sequence);
    s->state = states[second];
    memcpy(s->secret->seed, s->secret->slot[second] + AT_SEED, NOTE_SEED_BYTES);
    return note_key_of_seed(span_str(s->state.origin), s->secret->seed, &s->key);
}

/* Writes `next` (its sequence is given here) into the slot that does not count, durably. If it
 * fails s->state is as before, and what may have got into that slot is not whole. */
static rc state_write(struct signer *s, struct state *next) {
    next->sequence = s->state.sequence + 1;
    unsigned at = next->sequence % 2;
    uint8_t *slot = s->secret->slot[at];
    slot_write(next, s->secret->seed, slot);
    TRY(file_write_at(&s->file, (uint64_t)at * SLOT_SPACING, span_of(slot, SLOT_BYTES)));
    fault_point("signer.after-write");
    rc code = file_sync(&s->file);
    if (code != RC_OK) {
        s->dead = true;
        return code;
    }
    fault_point("signer.after-sync");
    s->state = *next;
    return RC_OK;
}

/* Where this file is now. Without a machine-id (some containers) the file alone must do: a copy is
 * another file on any machine. */
static rc binding_read(const struct file *f, struct binding *out) {
    struct file_stat stat;
    TRY(file_stat_open(f, &stat));
    struct binding b = {.inode = stat.inode, .born_ns = stat.born_ns};
    struct buf id;
    buf_init(&id, 4096);
    buf_str(&id, "dateline-machine/v1\n");
    size_t before = id.n;
    rc code = file_read_all(NULL, MACHINE_PATH, &id);
    struct span text = span_trim(span_from(buf_span(&id), before));
    if (code == RC_OK && text.n && !span_eq(text, SPAN("uninitialized"))) {
        b.machine = sha256_of(span_sub(buf_span(&id), 0, before + text.n));
    } else if (code == RC_OK || code == RC_NOT_FOUND) {
        log_event(LOG_WARN,
                  "there is no " MACHINE_PATH "; the signer's file is bound to itself alone");
        code = RC_OK;
    }
    buf_done(&id);
    if (code == RC_OK) *out = b;
    return code;
}

static rc binding_check(const struct signer *s) {
    struct binding here;
    const struct binding *made = &s->state.binding;
    TRY(binding_read(&s->file, &here));
    bool machine = sha256_eq(&here.machine, &made->machine);
    if (machine && here.inode == made->inode && here.born_ns == made->born_ns) return RC_OK;
    return rc_fail(
        RC_CONFLICT,
        "%s: belongs to another %s: it was copied or restored. Two signers with one key would "
        "contradict each other. If the other one is gone for good, and this is its newest "
        "state: dateline record adopt",
        s->file.name, machine ? "file" : "machine");
}

static rc file_take(struct signer *s, const struct file *record_dir) {
    char who[64];
    struct buf b;
    buf_init_fixed(&b, who, sizeof who - 1);
    buf_printf(&b, "signer %d\n", process_id());
    who[b.n] = 0;
    TRY(file_open(record_dir, FILE_PATH, FILE_WRITE | FILE_NO_LINK, &s->file));
    TRY(file_lock(record_dir, LOCK_PATH, who, &s->lock));
    return state_read(s, true);
}

/* Opens the file and locks it; where it belongs is not looked at. */
static rc take(const struct file *record_dir, struct signer **out_signer) {
    struct signer *s;
    TRY(memory_new(&s));
    rc code = file_take(s, record_dir);
    if (code != RC_OK) {
        signer_close(s);
        return code;
    }
    *out_signer = s;
    return RC_OK;
}

/* ---- commands -------------------------------------------------------------------------------- */

/* What a new file begins with. */
struct beginning {
    struct span origin;
    const uint8_t *seed;            /* NULL: a new one; else one that was given out before */
    const struct merkle_edge *edge; /* NULL: of an empty log */
};

/* A file whose first state is in slot 1, and all of whose bytes are allocated. */
static rc first_state(struct signer *s, const struct beginning *begin) {
    const struct span origin = begin->origin;
    if (begin->seed)
        memcpy(s->secret->seed, begin->seed, NOTE_SEED_BYTES);
    else
        random_bytes(s->secret->seed, NOTE_SEED_BYTES);
    TRY(note_key_of_seed(origin, s->secret->seed, &s->key));
    struct state first = {.exported = begin->seed != NULL};
    if (begin->edge) first.edge = *begin->edge;
    memcpy(first.origin, origin.p, origin.n);
    TRY(binding_read(&s->file, &first.binding));
    static const uint8_t zeros[SLOT_SPACING + SLOT_BYTES];
    TRY(file_write_at(&s->file, 0, span_of(zeros, sizeof zeros)));
    return state_write(s, &first);
}

static rc create_at(struct signer *s, const struct file *record_dir,
                    const struct beginning *begin) {
    /* What an interrupted one left: a key that nobody knows. */
    rc code = file_remove(record_dir, NEW_PATH);
    if (code != RC_OK && code != RC_NOT_FOUND) return code;
    TRY(file_open(record_dir, NEW_PATH, FILE_WRITE | FILE_CREATE | FILE_NEW, &s->file));
    TRY(first_state(s, begin));
    /* A rename changes neither inode nor birth. */
    TRY(file_rename(record_dir, NEW_PATH, FILE_PATH));
    fault_point("signer.after-rename");
    return file_sync_folder_of(record_dir, FILE_PATH);
}

static rc create(const struct file *record_dir, const struct beginning *begin) {
    if (!note_name_ok(begin->origin)) {
        return rc_fail(RC_INVALID, "\"" SPAN_FMT "\" cannot be a log's name",
                       SPAN_ARG(begin->origin));
    }
    struct file_stat stat;
    rc code = file_stat(record_dir, FILE_PATH, &stat);
    if (code == RC_OK) {
        return rc_fail(RC_CONFLICT, "%s/" FILE_PATH ": there is a log already, with its key",
                       record_dir->name);
    }
    if (code != RC_NOT_FOUND) return code;
    struct signer *s;
    TRY(memory_new(&s));
    code = create_at(s, record_dir, begin);
    signer_close(s);
    return code;
}

rc signer_create(const struct file *record_dir, struct span origin) {
    return create(record_dir, &(struct beginning){.origin = origin});
}

rc signer_import(const struct file *record_dir, struct span origin,
                 const uint8_t seed[NOTE_SEED_BYTES], const struct merkle_edge *edge) {
    return create(record_dir, &(struct beginning){.origin = origin, .seed = seed, .edge = edge});
}

rc signer_key(const struct file *record_dir, struct note_key *out_key) {
    struct signer *s;
    TRY(memory_new(&s));
    rc code = file_open(record_dir, FILE_PATH, FILE_READ | FILE_NO_LINK, &s->file);
    if (code == RC_OK) code = state_read(s, false);
    /* A signer may have written one slot after the other just while they were read. */
    if (code == RC_CORRUPT) code = state_read(s, false);
    if (code == RC_OK) *out_key = s->key;
    signer_close(s);
    return code;
}

static rc export_marked(struct signer *s) {
    TRY(binding_check(s));
    if (s->state.exported) {
        return rc_fail(RC_GONE, "%s: the key was exported before; it is given out once",
                       s->file.name);
    }
    for (unsigned slots = 0; slots < 2; slots++) {
        struct state next = s->state;
        next.exported = true;
        TRY(state_write(s, &next));
    }
    return RC_OK;
}

rc signer_export_seed(const struct file *record_dir, uint8_t out_seed[NOTE_SEED_BYTES]) {
    struct signer *s;
    TRY(take(record_dir, &s));
    rc code = export_marked(s);
    if (code == RC_OK) memcpy(out_seed, s->secret->seed, NOTE_SEED_BYTES);
    signer_close(s);
    return code;
}

rc signer_adopt(const struct file *record_dir) {
    struct signer *s;
    TRY(take(record_dir, &s));
    struct state next = s->state;
    rc code = binding_read(&s->file, &next.binding);
    if (code == RC_OK) code = state_write(s, &next);
    if (code == RC_OK) code = file_set_mode(record_dir, FILE_PATH, 0600);
    signer_close(s);
    return code;
}

/* ---- the process ----------------------------------------------------------------------------- */

rc signer_open(const struct file *record_dir, struct signer **out_signer) {
    struct signer *s;
    TRY(take(record_dir, &s));
    struct state again = s->state;
    rc code = binding_check(s);
    if (code == RC_OK) code = state_write(s, &again); /* guarantee 1 */
    if (code != RC_OK) {
        signer_close(s);
        return code;
    }
    *out_signer = s;
    return RC_OK;
}

/* The question's hashes behind the edge, durably. */
static rc append(struct signer *s, const struct signer_question *q) {
    uint64_t size = s->state.edge.size;
    if (q->from != size) {
        return rc_fail(RC_CONFLICT, "the log has %llu entries, entry %llu cannot be appended",
                       (unsigned long long)size, (unsigned long long)q->from);
    }
    if (size > UINT64_MAX - q->count) return rc_fail(RC_TOO_BIG, "the log is full");
    struct state next = s->state;
    for (size_t i = 0; i < q->count; i++) merkle_edge_append(&next.edge, &q->leaves[i]);
    return state_write(s, &next);
}

/* Signs what is durable. */
static rc sign(struct signer *s, struct signer_answer *a, struct buf *note) {
    char body[NOTE_BYTES_MAX];
    struct buf b;
    buf_init_fixed(&b, body, sizeof body);
    struct checkpoint c = {.origin = span_str(s->state.origin),
                           .size = s->state.edge.size,
                           .root = merkle_edge_root(&s->state.edge)};
    checkpoint_write(&c, &b);
    CHECK(!b.over);
    TRY(note_sign(buf_span(&b), &s->key, s->secret->seed, note));
    a->size = c.size;
    a->root = c.root;
    a->note = buf_span(note);
    return RC_OK;
}

static rc answer(struct signer *s, int fd, struct span message) {
    struct signer_question q;
    if (!signer_question_read(message, &q)) {
        return rc_fail(RC_INVALID, "the signer was sent %zu bytes that are no question", message.n);
    }
    struct signer_answer a = {.kind = q.kind, .tag = q.tag};
    char note_bytes[NOTE_BYTES_MAX], bytes[SIGNER_ANSWER_MAX];
    struct buf note, b;
    buf_init_fixed(&note, note_bytes, sizeof note_bytes);
    if (q.kind == SIGNER_APPEND) a.code = append(s, &q);
    if (a.code == RC_FATAL) return a.code;
    if (a.code == RC_OK) a.code = sign(s, &a, &note);
    fault_point("signer.after-sign");
    if (a.code != RC_OK) a.why = span_str(rc_why());
    buf_init_fixed(&b, bytes, sizeof bytes);
    signer_answer_write(&a, &b);
    CHECK(!b.over);
    TRY(socket_send(fd, buf_span(&b), -1));
    fault_point("signer.after-answer");
    return RC_OK;
}

rc signer_run(struct signer *s, int fd) {
    if (s->dead) {
        return rc_fail(RC_FATAL, "%s: an earlier sync failed, so this process must end",
                       s->file.name);
    }
    for (;;) {
        size_t n;
        rc code = socket_receive(fd, s->message, sizeof s->message, -1, &n);
        if (code == RC_OK) code = answer(s, fd, span_of(s->message, n));
        if (code == RC_GONE) return RC_OK;
        /* Core has lost its senses: there is nothing to answer, and nothing was done. */
        if (code == RC_INVALID || code == RC_TOO_BIG) {
            log_event(LOG_ERROR, "not a question to the signer", LOG_WHY());
        } else if (code != RC_OK) {
            return code;
        }
    }
}
