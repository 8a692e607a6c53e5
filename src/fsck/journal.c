/*
 * docs/record-format.md §7. What each record must be follows from the database's entries, which were
 * checked before: so a record that differs is named by its byte, and the next one is known to begin
 * behind it. What is behind the database's last entry is read for itself.
 */
#include <inttypes.h>

#include "base/mem.h"
#include "fsck/inner.h"

#define NAME "record/journal"
#define ENTRY_BYTES_MAX 512
#define AROUND 20 /* bytes of a record beside its entry */
#define WINDOW_BYTES (1u << 20)

struct journal {
    struct fsck *f;
    struct file file;
    uint64_t at, bytes; /* next record; of the file */
    uint8_t *window;
    uint64_t window_at;
    size_t window_n;
};

static void record_write(uint64_t index, struct span entry, struct buf *out) {
    buf_clear(out);
    buf_be(out, entry.n, 2);
    buf_be(out, index, 8);
    buf_add(out, entry);
    struct sha256 check = sha256_of(buf_span(out));
    buf_add(out, span_of(check.bytes, 8));
    buf_be(out, entry.n, 2);
}

/* Up to n bytes at j->at. */
static rc peek(struct journal *j, size_t n, struct span *out) {
    if (j->at < j->window_at || j->at + n > j->window_at + j->window_n) {
        j->window_at = j->at;
        TRY(file_read_at(&j->file, j->at, j->window, WINDOW_BYTES, &j->window_n));
    }
    const size_t from = (size_t)(j->at - j->window_at);
    *out = span_sub(span_of(j->window, j->window_n), from, n);
    return RC_OK;
}

/* It begins here, and is whole: whatever it is. */
static bool record_good(struct span bytes, uint64_t index, size_t *out_n) {
    if (bytes.n < AROUND) return false;
    const uint8_t *p = (const uint8_t *)bytes.p;
    const size_t n = (size_t)p[0] << 8 | p[1];
    char memory[ENTRY_BYTES_MAX + AROUND];
    struct buf record;
    if (n < 1 || n > ENTRY_BYTES_MAX || bytes.n < n + AROUND) return false;
    buf_init_fixed(&record, memory, sizeof memory);
    record_write(index, span_sub(bytes, 10, n), &record);
    *out_n = n + AROUND;
    return span_eq(buf_span(&record), span_sub(bytes, 0, n + AROUND));
}

static rc compare(struct journal *j, uint64_t *out_missing) {
    char memory[ENTRY_BYTES_MAX + AROUND];
    struct buf record;
    buf_init_fixed(&record, memory, sizeof memory);
    rc code = RC_OK;
    *out_missing = UINT64_MAX;
    if (!j->f->db) return RC_OK; /* of a site that was never started */
    sqlite3_stmt *q = db_prepare(j->f, "SELECT idx, bytes FROM entries ORDER BY idx");
    while (code == RC_OK && db_row(j->f, q)) {
        const uint64_t index = db_u64(q, 0);
        struct span is;
        record_write(index, db_span(q, 1), &record);
        code = peek(j, record.n, &is);
        if (code != RC_OK) break;
        size_t same = 0;
        while (same < is.n && is.p[same] == record.p[same]) same++;
        if (same < record.n && is.n < record.n) { /* the file ends here */
            *out_missing = index;
            break;
        }
        if (same < record.n)
            find(j->f, KIND_JOURNAL,
                 NAME ", byte %" PRIu64 ": entry %" PRIu64 " is not as the database "
                      "has it",
                 j->at + same, index);
        j->at += record.n;
        if (index % 4096 == 0) progress(j->f, "journal", index, j->f->entry_count);
    }
    db_done(q);
    return code;
}

/* Entries that the database does not have (yet). */
static rc behind(struct journal *j) {
    uint64_t index = j->f->entry_count, first = index;
    for (;; index++) {
        struct span bytes;
        size_t n = 0;
        TRY(peek(j, ENTRY_BYTES_MAX + AROUND, &bytes));
        if (!bytes.n) break;
        if (!record_good(bytes, index, &n)) {
            if (!j->f->o->served)
                find(j->f, KIND_JOURNAL,
                     NAME ", byte %" PRIu64 ": what follows entry %" PRIu64
                          " is no whole record; if power failed it was never "
                          "acknowledged, and the next dateline serve cuts it off",
                     j->at, index - 1);
            break;
        }
        j->at += n;
    }
    if (index > first && !j->f->o->served)
        find(j->f, KIND_ENTRY,
             "entries %" PRIu64 " to %" PRIu64 " are in record/journal, and not in the "
             "database: it is older",
             first, index - 1);
    return RC_OK;
}

static rc check(struct journal *j) {
    const struct fsck *f = j->f;
    const uint64_t is_signed = f->signed_size > f->head_size ? f->signed_size : f->head_size;
    struct span head;
    uint64_t missing;
    TRY(peek(j, strlen(JOURNAL_HEAD), &head));
    if (!span_eq(head, SPAN(JOURNAL_HEAD)))
        find(j->f, KIND_JOURNAL, NAME ", byte 0: is no journal of this kind");
    j->at = strlen(JOURNAL_HEAD);
    TRY(compare(j, &missing));
    if (missing == UINT64_MAX) return behind(j);
    if (missing < is_signed)
        find(j->f, KIND_JOURNAL,
             NAME ", byte %" PRIu64 ": ends before entry %" PRIu64 ", and %" PRIu64 " were signed",
             j->at, missing, is_signed);
    else if (!j->f->o->served)
        find(j->f, KIND_WAITING, NAME ": entries from %" PRIu64 " on are not in it yet", missing);
    return RC_OK;
}

rc journal_check(struct fsck *f) {
    struct journal j = {.f = f};
    struct file_stat stat;
    TRY(file_open(f->o->site, NAME, FILE_READ, &j.file));
    rc code = file_stat_open(&j.file, &stat);
    j.window = mem_new(WINDOW_BYTES);
    if (code == RC_OK) code = check(&j);
    if (code == RC_OK) f->r.bytes += stat.bytes;
    mem_free(j.window);
    file_close(&j.file);
    return code;
}
