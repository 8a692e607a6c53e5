/*
 * The journal: docs/record-format.md §7. One writer, which the caller sees to.
 *
 * What holds:
 * 1. When journal_append() returns RC_OK, the entries are durable. Otherwise, unless it is
 * RC_FATAL, the file is as before, durably.
 * 2. At no time are more than UNSYNCED_MAX bytes written and not synced. They are the file's last.
 * 3. So when the records in the last UNSYNCED_MAX bytes are whole and count on, all are:
 *    journal_open() looks at no more. It writes these bytes anew and syncs before it believes: what
 *    it read may be in memory only, left by a process that was killed before its sync, or whose
 * sync failed (the kernel then takes them for written).
 * 4. After a failed sync nothing is known (the kernel may have dropped the bytes): every call
 * fails.
 *
 * What a crash leaves, at each step of an append:
 *   before the write           nothing
 *   between write and sync     any of the 512-byte sectors written, in any order; in the others
 * what was there: zeros, or nothing. That is a torn tail: the first record that is not whole and
 * all behind it are cut off, even if whole ones are among them: nothing of it was acknowledged.
 *   after the sync             the entries; the caller may not have heard of it and finds them
 *   while cutting              the torn tail or a shorter one: cut again
 * A bad record that such a crash cannot have left (whole ones behind it but no sector of zeros in
 * it, or too far from the end) is damage of what was acknowledged: nothing is touched, and
 * RC_CORRUPT says where.
 */
#include "base/mem.h"
#include "record/be.h"
#include "record/record.h"
#include "sys/fault.h"
#include "sys/log.h"

#define HEADER "dateline-journal/v1\n"
#define HEADER_BYTES (sizeof HEADER - 1)
#define HEAD_BYTES 10 /* of a record: length, index */
#define TAIL_BYTES 10 /* check, length again */
#define RECORD_BYTES_MIN (HEAD_BYTES + 1 + TAIL_BYTES)
#define RECORD_BYTES_MAX (HEAD_BYTES + ENTRY_BYTES_MAX + TAIL_BYTES)
#define UNSYNCED_MAX (512u << 10)
#define SECTOR_BYTES 512
#define BLOCK_BYTES (64u << 10) /* is read at once */

struct journal {
    struct file file;
    uint64_t bytes; /* where the next record goes */
    uint64_t size;
    bool dead; /* a sync has failed */
    /* The entry behind the last one that was read, and where its record begins. */
    uint64_t mark_index, mark_at;
    /* A piece of the file: block_n bytes at block_at. */
    uint64_t block_at;
    size_t block_n;
    char block[BLOCK_BYTES];
};

/* ---- looking at the file --------------------------------------------------------------------- */

static void forget_block(struct journal *j) {
    j->block_n = 0;
}

/* The bytes [at, at + n) as far as the file has them; good until the next look. A block is read
 * around them: forward from `at`, or backward from at + n. */
static rc look(struct journal *j, uint64_t at, size_t n, bool backward, struct span *out_bytes) {
    CHECK(at <= j->bytes && n <= BLOCK_BYTES);
    if (n > j->bytes - at) n = (size_t)(j->bytes - at);
    if (n == 0) {
        *out_bytes = (struct span){NULL, 0};
        return RC_OK;
    }
    if (at < j->block_at || at + n > j->block_at + j->block_n) {
        uint64_t from = !backward ? at : at + n > BLOCK_BYTES ? at + n - BLOCK_BYTES : 0;
        size_t want = j->bytes - from < BLOCK_BYTES ? (size_t)(j->bytes - from) : BLOCK_BYTES, got;
        forget_block(j);
        TRY(file_read_at(&j->file, from, j->block, want, &got));
        if (got < want) {
            return rc_fail(RC_CORRUPT, "%s: became shorter while it was read", j->file.name);
        }
        j->block_at = from;
        j->block_n = got;
    }
    *out_bytes = span_of(j->block + (at - j->block_at), n);
    return RC_OK;
}

struct record {
    uint64_t index;
    struct span entry;
    size_t bytes;
};

static void check_of(struct span checked, uint8_t out_check[8]) {
    struct sha256 hash = sha256_of(checked);
    memcpy(out_check, hash.bytes, 8);
}

/* Is there a record at the beginning of bytes, by its lengths? */
static bool record_framed(struct span bytes, struct record *out) {
    if (bytes.n < RECORD_BYTES_MIN) return false;
    size_t n = (size_t)be_read(bytes.p, 2), all = HEAD_BYTES + n + TAIL_BYTES;
    if (n == 0 || n > ENTRY_BYTES_MAX || all > bytes.n) return false;
    if (be_read(bytes.p + all - 2, 2) != n) return false;
    *out = (struct record){
        .index = be_read(bytes.p + 2, 8), .entry = span_sub(bytes, HEAD_BYTES, n), .bytes = all};
    return true;
}

/* … and by its check? */
static bool record_whole(struct span bytes, struct record *out) {
    struct record r;
    if (!record_framed(bytes, &r)) return false;
    uint8_t check[8];
    check_of(span_sub(bytes, 0, HEAD_BYTES + r.entry.n), check);
    if (memcmp(check, bytes.p + HEAD_BYTES + r.entry.n, sizeof check) != 0) return false;
    *out = r;
    return true;
}

/* The record that ends at `end`. *out_ok false: there is none that is framed (whole, if `whole`).
 */
static rc record_before(struct journal *j, uint64_t end, bool whole, struct record *out,
                        bool *out_ok) {
    struct span bytes = {NULL, 0};
    *out_ok = false;
    if (end < HEADER_BYTES + RECORD_BYTES_MIN) return RC_OK;
    TRY(look(j, end - 2, 2, true, &bytes));
    size_t all = HEAD_BYTES + (size_t)be_read(bytes.p, 2) + TAIL_BYTES;
    if (all > RECORD_BYTES_MAX || all > end - HEADER_BYTES) return RC_OK;
    TRY(look(j, end - all, all, true, &bytes));
    *out_ok = whole ? record_whole(bytes, out) : record_framed(bytes, out);
    return RC_OK;
}

/* ---- opening --------------------------------------------------------------------------------- */

static rc header_write(struct journal *j) {
    TRY(file_truncate(&j->file, 0));
    TRY(file_write_at(&j->file, 0, SPAN(HEADER)));
    TRY(file_sync(&j->file));
    j->bytes = HEADER_BYTES;
    return RC_OK;
}

static bool all_zero(struct span s) {
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i]) return false;
    }
    return true;
}

/* A file without records whose header is cut short, or was not written: its making was interrupted.
 */
static rc header_check(struct journal *j) {
    char header[HEADER_BYTES];
    size_t n;
    TRY(file_read_at(&j->file, 0, header, sizeof header, &n));
    struct span have = span_of(header, n);
    if (span_eq(have, SPAN(HEADER))) return RC_OK;
    if (j->bytes <= HEADER_BYTES && (span_starts(SPAN(HEADER), have) || all_zero(have))) {
        return header_write(j);
    }
    return rc_fail(RC_CORRUPT, "%s: does not begin as a journal does", j->file.name);
}

/* Guarantee 3: are the records in the last UNSYNCED_MAX bytes whole, and do they count on? */
static rc tail_check(struct journal *j, bool *out_ok, uint64_t *out_size) {
    uint64_t at = j->bytes, size = 0, next = 0;
    while (at > HEADER_BYTES && j->bytes - at < UNSYNCED_MAX) {
        struct record r;
        TRY(record_before(j, at, true, &r, out_ok));
        if (!*out_ok) return RC_OK;
        if (at == j->bytes)
            size = r.index + 1;
        else if (r.index + 1 != next)
            *out_ok = false;
        next = r.index;
        at -= r.bytes;
        if (at == HEADER_BYTES && r.index != 0) *out_ok = false;
        if (!*out_ok) return RC_OK;
    }
    *out_ok = true;
    *out_size = size;
    return RC_OK;
}

/* The first record, counted from the file's beginning, that is not whole. */
static rc find_bad(struct journal *j, uint64_t *out_at, uint64_t *out_index) {
    uint64_t at = HEADER_BYTES, index = 0;
    for (;;) {
        struct span bytes = {NULL, 0};
        struct record r;
        TRY(look(j, at, RECORD_BYTES_MAX, false, &bytes));
        if (!record_whole(bytes, &r) || r.index != index) break;
        at += r.bytes;
        index++;
    }
    *out_at = at;
    *out_index = index;
    return RC_OK;
}

/* A whole record behind the bad one at `bad`, or there, but counting wrong. */
static rc find_whole(struct journal *j, uint64_t bad, bool *out_found, uint64_t *out_at) {
    *out_found = false;
    for (uint64_t at = bad; at < j->bytes && !*out_found; at++) {
        struct span bytes = {NULL, 0};
        struct record r;
        TRY(look(j, at, RECORD_BYTES_MAX, false, &bytes));
        *out_found = record_whole(bytes, &r);
        *out_at = at;
    }
    return RC_OK;
}

/* Did a sector of the bad record never reach the disk? */
static rc has_lost_sector(struct journal *j, uint64_t bad, bool *out_lost) {
    struct span bytes = {NULL, 0};
    TRY(look(j, bad, RECORD_BYTES_MAX + SECTOR_BYTES, false, &bytes));
    size_t n = bytes.n >= 2 ? (size_t)be_read(bytes.p, 2) : 0;
    size_t record = n <= ENTRY_BYTES_MAX && n > 0 ? HEAD_BYTES + n + TAIL_BYTES : RECORD_BYTES_MAX;
    *out_lost = false;
    for (size_t at = 0; at < record && at < bytes.n && !*out_lost;) {
        size_t left = SECTOR_BYTES - (bad + at) % SECTOR_BYTES;
        struct span part = span_sub(bytes, at, left);
        *out_lost = part.n >= 2 && all_zero(part); /* a length's first byte alone may be zero */
        at += left;
    }
    return RC_OK;
}

static rc tail_repair(struct journal *j) {
    uint64_t bad, index, whole = 0;
    bool found, lost;
    TRY(find_bad(j, &bad, &index));
    TRY(find_whole(j, bad, &found, &whole));
    TRY(has_lost_sector(j, bad, &lost));
    if (found && (!lost || j->bytes - bad > UNSYNCED_MAX)) {
        return rc_fail(RC_CORRUPT,
                       "%s: damage at byte %llu, in entry %llu, before a good record at byte %llu: "
                       "look at the disk, and put the file of a backup in its place",
                       j->file.name, (unsigned long long)bad, (unsigned long long)index,
                       (unsigned long long)whole);
    }
    if (j->bytes - bad > UNSYNCED_MAX) {
        return rc_fail(
            RC_CORRUPT,
            "%s: nothing is readable from byte %llu (entry %llu) to the end, which is "
            "more than a crash leaves: look at the disk, and put the file of a backup in "
            "its place",
            j->file.name, (unsigned long long)bad, (unsigned long long)index);
    }
    uint64_t cut = j->bytes - bad;
    forget_block(j);
    TRY(file_truncate(&j->file, bad));
    fault_point("journal.after-cut");
    j->bytes = bad;
    j->size = index;
    if (cut) {
        log_event(LOG_WARN, "the journal ended in entries that were never acknowledged; cut off",
                  LOG_INT("bytes", cut), LOG_INT("entries", index));
    }
    return RC_OK;
}

/* Guarantee 3: durable is what this process has written and synced, not what it has read. */
static rc tail_rewrite(struct journal *j) {
    uint64_t at = j->bytes > UNSYNCED_MAX ? j->bytes - UNSYNCED_MAX : 0;
    size_t n = (size_t)(j->bytes - at), got = 0;
    char *bytes = mem_new(n);
    rc code = file_read_at(&j->file, at, bytes, n, &got);
    if (code == RC_OK && got < n) {
        code = rc_fail(RC_CORRUPT, "%s: became shorter while it was read", j->file.name);
    }
    if (code == RC_OK) code = file_write_at(&j->file, at, span_of(bytes, n));
    mem_free(bytes);
    return code == RC_OK ? file_sync(&j->file) : code;
}

static rc open_file(struct journal *j) {
    struct file_stat stat;
    TRY(file_stat_open(&j->file, &stat));
    j->bytes = stat.bytes;
    TRY(header_check(j));
    bool ok;
    TRY(tail_check(j, &ok, &j->size));
    if (!ok) TRY(tail_repair(j));
    j->mark_at = HEADER_BYTES;
    return tail_rewrite(j);
}

static rc open_taken(struct file file, struct journal **out_journal) {
    struct journal *j = mem_new(sizeof *j);
    j->file = file;
    rc code = open_file(j);
    if (code != RC_OK) {
        mem_free(j);
        return code;
    }
    *out_journal = j;
    return RC_OK;
}

rc journal_open(const struct file *record_dir, struct journal **out_journal) {
    static const char path[] = "journal";
    struct file file;
    TRY(file_open(record_dir, path, FILE_WRITE | FILE_CREATE | FILE_NO_LINK, &file));
    /* Until its header is there, nobody knows whether the folder names it durably. */
    struct file_stat stat;
    rc code = file_stat_open(&file, &stat);
    if (code == RC_OK && stat.bytes < HEADER_BYTES) code = file_sync_folder_of(record_dir, path);
    if (code == RC_OK) code = open_taken(file, out_journal);
    if (code != RC_OK) file_close(&file);
    return code;
}

rc journal_open_fd(int fd, struct journal **out_journal) {
    return open_taken(file_of_fd(fd, "record/journal"), out_journal);
}

void journal_close(struct journal *j) {
    if (!j) return;
    file_close(&j->file);
    mem_free(j);
}

uint64_t journal_size(const struct journal *j) {
    return j->size;
}

/* ---- appending ------------------------------------------------------------------------------- */

static void record_write(uint64_t index, struct span entry, struct buf *out) {
    CHECK(entry.n >= 1 && entry.n <= ENTRY_BYTES_MAX);
    size_t begin = out->n;
    uint8_t check[8];
    buf_be(out, entry.n, 2);
    buf_be(out, index, 8);
    buf_add(out, entry);
    CHECK(!out->over);
    check_of(span_from(buf_span(out), begin), check);
    buf_add(out, span_of(check, sizeof check));
    buf_be(out, entry.n, 2);
    CHECK(!out->over);
}

/* As many of the entries as may be unsynced at once. */
static size_t chunk_write(uint64_t index, const struct span *entries, size_t count,
                          struct buf *out) {
    size_t n = 0;
    while (n < count && out->n + RECORD_BYTES_MAX <= UNSYNCED_MAX) {
        record_write(index + n, entries[n], out);
        n++;
    }
    return n;
}

static rc append_chunks(struct journal *j, const struct span *entries, size_t count,
                        struct buf *memory, uint64_t *out_bytes) {
    uint64_t at = j->bytes;
    for (size_t done = 0; done < count;) {
        buf_clear(memory);
        done += chunk_write(j->size + done, entries + done, count - done, memory);
        TRY(file_write_at(&j->file, at, buf_span(memory)));
        fault_point("journal.after-append");
        TRY(file_sync(&j->file));
        fault_point("journal.after-sync");
        at += memory->n;
    }
    *out_bytes = at;
    return RC_OK;
}

static rc check_alive(const struct journal *j) {
    if (!j->dead) return RC_OK;
    return rc_fail(RC_FATAL, "%s: an earlier sync failed, so this process must end", j->file.name);
}

/* Guarantee 1: what a failed append has written goes. The reason stays noted. */
static rc undo(struct journal *j, rc code) {
    bool cut = file_truncate(&j->file, j->bytes) == RC_OK && file_sync(&j->file) == RC_OK;
    if (cut) return code;
    j->dead = true;
    return rc_in(RC_FATAL, "what an append had written could not be cut off again: ");
}

rc journal_append(struct journal *j, uint64_t from, const struct span *entries, size_t count) {
    TRY(check_alive(j));
    if (from != j->size) {
        return rc_fail(RC_CONFLICT, "%s: has %llu entries, entry %llu cannot be appended",
                       j->file.name, (unsigned long long)j->size, (unsigned long long)from);
    }
    struct buf memory;
    uint64_t bytes = j->bytes;
    buf_init(&memory, UNSYNCED_MAX);
    forget_block(j);
    rc code = append_chunks(j, entries, count, &memory, &bytes);
    buf_done(&memory);
    if (code == RC_FATAL)
        j->dead = true;
    else if (code != RC_OK)
        code = undo(j, code);
    if (code != RC_OK) return code;
    j->bytes = bytes;
    j->size += count;
    return RC_OK;
}

/* ---- reading --------------------------------------------------------------------------------- */

static rc damaged(const struct journal *j, uint64_t at, uint64_t index) {
    return rc_fail(RC_CORRUPT, "%s: damage at byte %llu, in entry %llu: look at the disk",
                   j->file.name, (unsigned long long)at, (unsigned long long)index);
}

static rc walk_back(struct journal *j, uint64_t to, uint64_t *out_at) {
    uint64_t at = j->bytes;
    for (uint64_t index = j->size; index > to; index--) {
        struct record r;
        bool ok;
        TRY(record_before(j, at, false, &r, &ok));
        if (!ok || r.index != index - 1) return damaged(j, at, index - 1);
        at -= r.bytes;
    }
    *out_at = at;
    return RC_OK;
}

static rc walk_on(struct journal *j, uint64_t index, uint64_t at, uint64_t to, uint64_t *out_at) {
    for (; index < to; index++) {
        struct span bytes = {NULL, 0};
        struct record r;
        TRY(look(j, at, RECORD_BYTES_MAX, false, &bytes));
        if (!record_framed(bytes, &r) || r.index != index) return damaged(j, at, index);
        at += r.bytes;
    }
    *out_at = at;
    return RC_OK;
}

/* Where entry `index` begins: from the end, the beginning, or where the last reading ended,
 * whichever is nearest. So the last few cost a few, and reading all piece by piece reads each
 * record once. */
static rc find_entry(struct journal *j, uint64_t index, uint64_t *out_at) {
    bool behind_mark = index >= j->mark_index;
    uint64_t begin = behind_mark ? j->mark_index : 0;
    if (j->size - index < index - begin) return walk_back(j, index, out_at);
    return walk_on(j, begin, behind_mark ? j->mark_at : HEADER_BYTES, index, out_at);
}

rc journal_read(struct journal *j, struct arena *a, uint64_t from, size_t count,
                struct span **out_entries, size_t *out_count) {
    TRY(check_alive(j));
    uint64_t there = from < j->size ? j->size - from : 0;
    if (count > there) count = (size_t)there;
    struct span *entries = ARENA_ARRAY(a, struct span, count);
    if (!entries) return rc_fail(RC_TOO_BIG, "%zu entries are too many to read at once", count);
    uint64_t at = HEADER_BYTES;
    if (count) TRY(find_entry(j, from, &at));
    for (size_t i = 0; i < count; i++) {
        struct span bytes = {NULL, 0};
        struct record r;
        TRY(look(j, at, RECORD_BYTES_MAX, false, &bytes));
        if (!record_whole(bytes, &r) || r.index != from + i) return damaged(j, at, from + i);
        entries[i] = arena_copy(a, r.entry);
        if (arena_over(a)) {
            return rc_fail(RC_TOO_BIG, "%zu entries are too many to read at once", count);
        }
        at += r.bytes;
    }
    if (count) {
        j->mark_index = from + count;
        j->mark_at = at;
    }
    *out_entries = entries;
    *out_count = count;
    return RC_OK;
}

/* ---- beside a writer ------------------------------------------------------------------------- */

static rc walk(struct journal *j, uint64_t entries, journal_each *each, void *arg,
               uint64_t *out_entries, uint64_t *out_bytes) {
    struct file_stat stat;
    char header[HEADER_BYTES];
    size_t n;
    TRY(file_stat_open(&j->file, &stat));
    TRY(file_read_at(&j->file, 0, header, sizeof header, &n));
    if (!span_eq(span_of(header, n), SPAN(HEADER)))
        return rc_fail(RC_CORRUPT, "%s: does not begin as a journal does", j->file.name);
    j->bytes = stat.bytes;
    uint64_t at = HEADER_BYTES, index = 0;
    while (index < entries) {
        struct span bytes = {NULL, 0};
        struct record r;
        TRY(look(j, at, RECORD_BYTES_MAX, false, &bytes));
        if (!record_whole(bytes, &r) || r.index != index) break;
        if (each) TRY(each(arg, index, r.entry));
        at += r.bytes;
        index++;
    }
    *out_entries = index;
    *out_bytes = at;
    return RC_OK;
}

rc journal_walk(const struct file *file, uint64_t entries, journal_each *each, void *arg,
                uint64_t *out_entries, uint64_t *out_bytes) {
    struct journal *j = mem_new(sizeof *j);
    j->file = *file;
    rc code = walk(j, entries, each, arg, out_entries, out_bytes);
    mem_free(j);
    return code;
}
