/*
 * The order, and why: what the page store says is signed and carried is read first, then the
 * database's view is fixed, then everything else is looked at. So whatever was signed or carried then
 * is in that view, and in the journal, and in every later state of the page store: what is behind may be
 * on its way, what is before must be there.
 *
 *   1. files          media, the signer's file, modes, what is left over
 *   2. wal, database  what SQLite would leave out; SQLite's own check; the schema
 *   3. rows           entries with their texts, then what is derived from them; lists; sums
 *   4. journal        byte for byte what the database says it is
 *   5. record         key, checkpoint, tiles, bundles; bundles against the database
 *   6. pages          every answer; what must be there and is not, and the other way round
 */
#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "fsck/inner.h"

static const struct {
    const char *name;
    bool is_fault;
    const char *follows, *mend;
} kinds[KIND_COUNT] = {
#define X(name, is_fault, follows, mend) {#name, is_fault, follows, mend},
    FSCK_KINDS(X)
#undef X
};

static void tell(struct fsck *f, enum kind kind, struct span what) {
    char name[32];
    size_t n = 0;
    for (const char *c = kinds[kind].name; *c && n + 1 < sizeof name; c++)
        name[n++] = *c == '_' ? '-' : (char)(*c | 0x20);
    name[n] = 0;
    const struct fsck_finding finding = {.is_fault = kinds[kind].is_fault,
                                         .kind = name,
                                         .what = what,
                                         .follows = kinds[kind].follows,
                                         .mend = kinds[kind].mend};
    f->o->find(f->o->arg, &finding);
}

/* What a damaged file has in it goes to a terminal: what is no text is told in hex. */
static void text_clean(struct span text, struct buf *out) {
    size_t at = 0, from;
    uint32_t point;
    while (from = at, at < text.n) {
        const bool good = utf8_next(text, &at, &point);
        if (good && point >= ' ' && point != 0x7F && (point < 0x80 || point > 0x9F)) {
            buf_add(out, span_sub(text, from, at - from));
            continue;
        }
        if (!good) at = from + 1;
        for (; from < at; from++) buf_printf(out, "\\x%02x", (uint8_t)text.p[from]);
    }
}

void find(struct fsck *f, enum kind kind, const char *fmt, ...) {
    char text[2048];
    *(kinds[kind].is_fault ? &f->r.faults : &f->r.notes) += 1;
    if (++f->found[kind] > FSCK_TOLD_MAX) return;
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (n < 0) n = 0;
    char memory[4 * sizeof text];
    struct buf clean;
    buf_init_fixed(&clean, memory, sizeof memory);
    text_clean(span_of(text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1), &clean);
    tell(f, kind, buf_span(&clean));
}

static void tell_rest(struct fsck *f) {
    for (unsigned i = 0; i < KIND_COUNT; i++) {
        char text[80];
        if (f->found[i] <= FSCK_TOLD_MAX) continue;
        int n = snprintf(text, sizeof text, "and %llu more of this kind",
                         (unsigned long long)(f->found[i] - FSCK_TOLD_MAX));
        tell(f, (enum kind)i, span_of(text, (size_t)n));
    }
}

void progress(struct fsck *f, const char *step, uint64_t done, uint64_t of) {
    if (f->o->progress) f->o->progress(f->o->arg, step, done, of);
}

uint64_t short_hash(struct span s) {
    struct sha256 hash = sha256_of(s);
    uint64_t value;
    memcpy(&value, hash.bytes, sizeof value);
    return value;
}

/* A damaged file ends the step that it is in, not the others. */
static rc step(struct fsck *f, rc code, const char *where, enum kind kind) {
    if (code == RC_OK || code == RC_FATAL) return code;
    find(f, kind, "%s%s", where, rc_why());
    return RC_OK;
}

/* As dateline init leaves it: a journal of no entries, and no database yet. */
static bool never_started(const struct fsck *f) {
    struct file_stat stat;
    return !f->lm && file_stat(f->o->site, "store/dateline.db", &stat) == RC_NOT_FOUND &&
           file_stat(f->o->site, "record/journal", &stat) == RC_OK &&
           stat.bytes == strlen(JOURNAL_HEAD);
}

static rc check_all(struct fsck *f) {
    TRY(step(f, files_check(f), "", KIND_UNREADABLE));
    rc code = lm_open(f, &f->lm);
    if (code == RC_NOT_FOUND)
        find(f, KIND_WAITING, "pages/: there is no page store");
    else
        TRY(step(f, code, "", KIND_STORE));
    if (f->lm) {
        f->cursor = pages_number(f, "cursor");
        f->lists_cursor = pages_number(f, "lists-cursor");
        f->leases = pages_number(f, "leases");
        f->signed_size = pages_number(f, "record-size");
    }
    if (never_started(f)) {
        find(f, KIND_WAITING, "store/dateline.db: is not there: the site was never started");
        return step(f, journal_check(f), "", KIND_JOURNAL);
    }
    TRY(step(f, wal_check(f), "", KIND_UNREADABLE));
    code = db_open(f);
    if (code != RC_OK) return step(f, code, "store/dateline.db: ", KIND_DATABASE);
    TRY(db_check(f));
    TRY(rows_check(f));
    TRY(lists_check(f));
    TRY(sums_check(f));
    sources_check(f);
    TRY(step(f, restored_check(f), "",
             KIND_UNREADABLE)); /* before: says what the journal must have */
    TRY(step(f, journal_check(f), "", KIND_JOURNAL));
    if (!f->lm) return RC_OK;
    TRY(step(f, record_check(f), "", KIND_RECORD));
    return step(f, pages_check(f), "", KIND_STORE);
}

rc fsck_site(const struct fsck_options *options, struct fsck_result *out_result) {
    struct fsck *f = mem_new(sizeof *f);
    f->o = options;
    rc code = check_all(f);
    tell_rest(f);
    if (code == RC_OK) *out_result = f->r;
    db_close(f);
    lm_close(f->lm);
    mem_free(f->entries);
    mem_free(f->stories);
    mem_free(f);
    return code;
}
