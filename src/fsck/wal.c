/*
 * The write-ahead log (sqlite.org/fileformat2.html §4). SQLite takes its frames up to the first whose
 * check does not hold and is silent about the rest, since that is how a power cut ends it. So a flipped bit
 * in the middle would lose what was committed behind it, and nobody would be told.
 *
 * What a power cut or a kill may leave is one transaction that was not synced yet: the last. So when
 * there is more than one transaction behind a bad frame, it is damage; when there is one, it may be
 * either. While somebody serves, only the first is looked for, and more than once: the log is written, and
 * begun anew, meanwhile.
 */
#include "base/mem.h"
#include "fsck/inner.h"
#include "sys/clock.h"

#define NAME "store/dateline.db-wal"
#define HEAD_BYTES 32
#define FRAME_HEAD_BYTES 24
#define MAGIC 0x377F0682u /* or one more: sums in big-endian words */
#define VERSION 3007000u
#define LOOKS 10
#define LOOKS_SAME 3

static uint32_t be(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}
static uint32_t le(const uint8_t *p) {
    return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

struct sum {
    uint32_t a, b;
};
static struct sum sum_add(struct sum s, bool big, const uint8_t *p, size_t n) {
    for (size_t i = 0; i + 8 <= n; i += 8) {
        s.a += (big ? be(p + i) : le(p + i)) + s.b;
        s.b += (big ? be(p + i + 4) : le(p + i + 4)) + s.a;
    }
    return s;
}

struct wal {
    uint8_t head[HEAD_BYTES];
    uint64_t frames;   /* that the file has room for */
    uint64_t bad;      /* the first that does not hold; == frames: none */
    unsigned commits;  /* transactions that end behind it, by frames that claim to be of this log */
    bool is_one, half; /* the bad one claims to be of this log; only half of its claim is */
    const char *head_wrong;
};

static rc frame_read(const struct file *file, uint64_t frame, uint32_t page, uint8_t *bytes) {
    size_t n, all = FRAME_HEAD_BYTES + (size_t)page;
    TRY(file_read_at(file, HEAD_BYTES + frame * all, bytes, all, &n));
    return n == all ? RC_OK : rc_fail(RC_AGAIN, NAME ": was cut while it was read");
}

static rc frames_read(const struct file *file, uint32_t page, struct wal *w, uint8_t *bytes) {
    const bool big = w->head[3] & 1;
    struct sum sum = sum_add((struct sum){0, 0}, big, w->head, 24);
    w->bad = w->frames;
    for (uint64_t i = 0; i < w->frames; i++) {
        TRY(frame_read(file, i, page, bytes));
        const bool one = be(bytes + 8) == be(w->head + 16),
                   other = be(bytes + 12) == be(w->head + 20);
        if (w->bad < w->frames) {
            w->commits += one && other && be(bytes + 4) != 0;
            continue;
        }
        sum = sum_add(sum, big, bytes, 8);
        sum = sum_add(sum, big, bytes + FRAME_HEAD_BYTES, page);
        if (one && other && sum.a == be(bytes + 16) && sum.b == be(bytes + 20)) continue;
        w->bad = i;
        w->is_one = one && other;
        w->half = one != other;
        w->commits = w->is_one && be(bytes + 4) != 0;
    }
    return RC_OK;
}

static const char *head_wrong(const uint8_t *head) {
    struct sum sum = sum_add((struct sum){0, 0}, head[3] & 1, head, 24);
    if ((be(head) & ~1u) != MAGIC || be(head + 4) != VERSION) return "its head is of another kind";
    uint32_t page = be(head + 8);
    if (sum.a != be(head + 24) || sum.b != be(head + 28)) return "its head's check does not hold";
    return page < 512 || page > 65536 || page % 8 ? "it has a page size that cannot be" : NULL;
}

/* RC_NOT_FOUND: there is none, or nothing in it. */
static rc wal_read(struct fsck *f, struct wal *w) {
    struct file file;
    struct file_stat stat;
    size_t n = 0;
    TRY(file_open(f->o->site, NAME, FILE_READ, &file));
    rc code = file_stat_open(&file, &stat);
    if (code == RC_OK) code = file_read_at(&file, 0, w->head, HEAD_BYTES, &n);
    if (code == RC_OK && n < HEAD_BYTES) code = RC_NOT_FOUND;
    if (code == RC_OK) w->head_wrong = head_wrong(w->head);
    if (code == RC_OK && !w->head_wrong) {
        const uint32_t page = be(w->head + 8);
        uint8_t *bytes = mem_new(FRAME_HEAD_BYTES + (size_t)page);
        w->frames = (stat.bytes - HEAD_BYTES) / (FRAME_HEAD_BYTES + (uint64_t)page);
        code = frames_read(&file, page, w, bytes);
        mem_free(bytes);
        f->r.bytes += stat.bytes;
    }
    file_close(&file);
    return code;
}

static bool is_damage(const struct wal *w) {
    return w->head_wrong || w->commits > 1;
}

/* While somebody writes: it is damage if it is there again and again. */
static rc wal_watch(struct fsck *f, struct wal *w, bool *out_stands) {
    unsigned same = 0;
    for (unsigned looks = 0; looks < LOOKS && same < LOOKS_SAME; looks++) {
        struct wal again = {.bad = 0};
        clock_sleep_ms(50);
        TRY(wal_read(f, &again));
        if (!is_damage(&again)) break;
        same = memcmp(again.head, w->head, HEAD_BYTES) == 0 && again.bad == w->bad ? same + 1 : 0;
        *w = again;
    }
    *out_stands = same == LOOKS_SAME;
    return RC_OK;
}

rc wal_check(struct fsck *f) {
    struct wal w = {.bad = 0};
    bool stands = true;
    rc code = wal_read(f, &w);
    if (code == RC_OK && f->o->served) {
        stands = is_damage(&w);
        if (stands) code = wal_watch(f, &w, &stands);
    }
    if (code == RC_NOT_FOUND || (code == RC_AGAIN && f->o->served) || !stands) return RC_OK;
    TRY(code);
    if (w.head_wrong) {
        find(f, KIND_WAL_END, NAME ", byte 0: %s", w.head_wrong);
    } else if (w.bad < w.frames && (w.is_one || w.half || w.commits)) {
        const uint64_t at = HEAD_BYTES + w.bad * (FRAME_HEAD_BYTES + (uint64_t)be(w.head + 8));
        if (w.commits > 1)
            find(f, KIND_DATABASE,
                 NAME ", byte %llu: a frame was changed, and %u transactions end behind it",
                 (unsigned long long)at, w.commits);
        else
            find(f, KIND_WAL_END, NAME ", byte %llu: the last transaction is not whole",
                 (unsigned long long)at);
    }
    return RC_OK;
}
