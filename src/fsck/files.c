/* docs/site-format.md §3, §4, and its first table. */
#include <stdio.h>

#include "base/mem.h"
#include "fsck/inner.h"
#include "sys/clock.h"

#define NAMES_MAX (4u << 20) /* in one folder */
#define NAMES_BYTES (1u << 30)
#define PICTURE_BYTES_MAX (64u << 20)
#define NOTE_BYTES_MAX (1u << 20)
#define SLOT_BYTES 4096
#define SLOT_SPACING 65536
#define SLOT_SEQUENCE 24
#define SIGNER_BYTES (SLOT_SPACING + SLOT_BYTES)
#define LOOKS 20 /* at a slot that is being written */

static const struct {
    const char *type, *extension;
} types[] = {
    {"image/avif", "avif"}, {"image/jpeg", "jpg"}, {"image/png", "png"}, {"image/webp", "webp"}};

const char *media_extension(struct span type) {
    for (size_t i = 0; i < COUNT_OF(types); i++)
        if (span_eq(type, span_str(types[i].type))) return types[i].extension;
    return NULL;
}

static void unreadable(struct fsck *f) {
    find(f, KIND_UNREADABLE, "%s", rc_why());
}

/* ---- media/ ---- */

static void picture_check(struct fsck *f, const char *path, struct span hash, struct buf *bytes) {
    char hex[2 * SHA256_BYTES];
    struct buf b;
    buf_clear(bytes);
    if (file_read_all(f->o->site, path, bytes) != RC_OK) {
        unreadable(f);
        return;
    }
    struct sha256 is = sha256_of(buf_span(bytes));
    buf_init_fixed(&b, hex, sizeof hex);
    buf_hex(&b, is.bytes, sizeof is.bytes);
    if (!span_eq(buf_span(&b), hash))
        find(f, KIND_PICTURE, "%s: its bytes are not those of its name", path);
    f->r.pictures++;
    f->r.bytes += bytes->n;
}

static bool hash_good(struct span hex) {
    uint8_t bytes[SHA256_BYTES];
    return hex_decode(hex, bytes, sizeof bytes);
}

static bool rendition_path(const json_t *rendition, char out[160]) {
    const json_t *hash = json_object_get(rendition, "hash"),
                 *type = json_object_get(rendition, "type");
    const char *extension =
        media_extension(span_of(json_string_value(type), json_string_length(type)));
    if (!extension || json_string_length(hash) != 2 * SHA256_BYTES) return false;
    snprintf(out, 160, "media/%.2s/%s.%s", json_string_value(hash), json_string_value(hash),
             extension);
    return true;
}

void rendition_check(struct fsck *f, uint64_t row, const json_t *rendition) {
    char path[160];
    struct file_stat stat;
    if (!rendition_path(rendition, path)) {
        find(f, KIND_PICTURE, "stories row %llu: shows a picture of no type that is served",
             (unsigned long long)row);
        return;
    }
    rc code = file_stat(f->o->site, path, &stat);
    uint64_t bytes = (uint64_t)json_integer_value(json_object_get(rendition, "bytes"));
    if (code == RC_NOT_FOUND)
        find(f, KIND_PICTURE, "%s: is not there; stories row %llu shows it", path,
             (unsigned long long)row);
    else if (code != RC_OK)
        unreadable(f);
    else if (stat.bytes != bytes)
        find(f, KIND_PICTURE, "%s: has %llu bytes; stories row %llu shows one of %llu", path,
             (unsigned long long)stat.bytes, (unsigned long long)row, (unsigned long long)bytes);
}

/* HASH.sent.json: {…,"check":"…"}: hash of what stands before that member. */
static const char *note_wrong(struct fsck *f, struct span text) {
    static const char member[] = ",\"check\":\"";
    const size_t tail = sizeof member - 1 + 2 * SHA256_BYTES + strlen("\"}\n");
    json_error_t error;
    json_t *json = json_loadb(text.n ? text.p : "", text.n, JSON_REJECT_DUPLICATES, &error);
    const char *wrong = json_is_object(json) ? NULL : "it is no JSON object";
    const json_t *rendition;
    size_t i;
    json_array_foreach(json_object_get(json, "renditions"), i, rendition) {
        char path[160];
        struct file_stat stat;
        if (!rendition_path(rendition, path) || file_stat(f->o->site, path, &stat) != RC_OK)
            wrong = "it names a picture that is not there";
    }
    if (!wrong && json_object_get(json, "check")) { /* older ones have none */
        struct sha256 is = sha256_of(span_sub(text, 0, text.n > tail ? text.n - tail : 0));
        char memory[128];
        struct buf b;
        buf_init_fixed(&b, memory, sizeof memory);
        buf_str(&b, member);
        buf_hex(&b, is.bytes, sizeof is.bytes);
        buf_str(&b, "\"}\n");
        if (text.n <= tail || !span_eq(span_from(text, text.n - tail), buf_span(&b)))
            wrong = "its text is not what was written";
    }
    json_decref(json);
    return wrong;
}

static void note_check(struct fsck *f, const char *path, struct buf *bytes) {
    buf_clear(bytes);
    if (file_read_all(f->o->site, path, bytes) != RC_OK) {
        unreadable(f);
        return;
    }
    const char *wrong = note_wrong(f, buf_span(bytes));
    if (wrong) find(f, KIND_SENT, "%s: %s", path, wrong);
    f->r.bytes += bytes->n;
}

/* Under media/ab/. */
static void media_file(struct fsck *f, struct span folder, struct span name, struct buf *bytes) {
    char path[400];
    struct span hash = span_sub(name, 0, 2 * SHA256_BYTES), extension = span_from(name, hash.n);
    snprintf(path, sizeof path, "media/" SPAN_FMT "/" SPAN_FMT, SPAN_ARG(folder), SPAN_ARG(name));
    if (span_ends(name, SPAN(".tmp"))) {
        if (!f->o->served)
            find(f, KIND_LEFT, "%s: was being written when something broke off", path);
        return;
    }
    bool known = false;
    for (size_t i = 0; i < COUNT_OF(types); i++)
        known = known ||
                (extension.n > 1 && span_eq(span_from(extension, 1), span_str(types[i].extension)));
    bool sent = span_eq(extension, SPAN(".sent.json"));
    if (!hash_good(hash) || !span_starts(hash, folder) || !(known || sent) || extension.p[0] != '.')
        find(f, KIND_UNKNOWN, "%s: no file of a site has such a name", path);
    else if (sent)
        note_check(f, path, bytes);
    else
        picture_check(f, path, hash, bytes);
}

static rc media_folder(struct fsck *f, struct span folder, struct buf *bytes) {
    char path[300];
    struct span *names;
    size_t count = 0;
    struct arena *a = arena_new(NAMES_BYTES);
    snprintf(path, sizeof path, "media/" SPAN_FMT, SPAN_ARG(folder));
    rc code = file_list(f->o->site, path, NAMES_MAX, a, &names, &count);
    for (size_t i = 0; code == RC_OK && i < count; i++) media_file(f, folder, names[i], bytes);
    arena_free(a);
    if (code != RC_OK) unreadable(f);
    return RC_OK;
}

static rc media_check(struct fsck *f) {
    struct span *names;
    size_t count;
    struct arena *a = arena_new(1 << 20);
    struct buf bytes;
    buf_init(&bytes, PICTURE_BYTES_MAX);
    rc code = file_list(f->o->site, "media", 4096, a, &names, &count);
    for (size_t i = 0; code == RC_OK && i < count; i++) {
        progress(f, "pictures", i, count);
        if (names[i].n == 2)
            code = media_folder(f, names[i], &bytes);
        else
            find(f, KIND_UNKNOWN, "media/" SPAN_FMT ": no file of a site has such a name",
                 SPAN_ARG(names[i]));
    }
    buf_done(&bytes);
    arena_free(a);
    return code;
}

/* ---- the signer's file ---- */

struct slot {
    bool good, zero;
    uint64_t sequence; /* if it is good */
};

/* Its bytes are hashed, and wiped. */
static rc slot_read(const struct file *file, uint64_t at, struct slot *out) {
    uint8_t slot[SLOT_BYTES];
    size_t n;
    *out = (struct slot){.good = false};
    for (unsigned looks = 0; looks < LOOKS && !out->good && !out->zero; looks++) {
        if (looks) clock_sleep_ms(10);
        TRY(file_read_at(file, at, slot, sizeof slot, &n));
        struct sha256 is = sha256_of(span_of(slot, SLOT_BYTES - SHA256_BYTES));
        out->good = n == sizeof slot &&
                    memcmp(is.bytes, slot + SLOT_BYTES - SHA256_BYTES, SHA256_BYTES) == 0;
        out->zero = n == sizeof slot && sodium_is_zero(slot, n);
        for (unsigned i = 0; out->good && i < 8; i++)
            out->sequence = out->sequence << 8 | slot[SLOT_SEQUENCE + i];
        sodium_memzero(slot, sizeof slot);
    }
    return RC_OK;
}

/* Nobody reads what is between the halves, and nobody writes it. */
static rc gap_check(struct fsck *f, const struct file *file) {
    uint8_t bytes[SLOT_BYTES];
    size_t n;
    for (uint64_t at = SLOT_BYTES; at < SLOT_SPACING; at += sizeof bytes) {
        TRY(file_read_at(file, at, bytes, sizeof bytes, &n));
        if (!sodium_is_zero(bytes, n))
            find(f, KIND_SIGNER, "record/signer, byte %llu: there are bytes between its halves",
                 (unsigned long long)at);
    }
    return RC_OK;
}

static rc signer_check(struct fsck *f) {
    struct file file;
    struct file_stat stat;
    rc code = file_open(f->o->site, "record/signer", FILE_READ, &file);
    if (code == RC_NOT_FOUND && file_stat(f->o->site, RESTORED_KEY, &stat) == RC_OK) {
        find(f, KIND_UNSIGNED, "record/signer: is not there: the site was restored without it");
        return RC_OK;
    }
    TRY(code);
    code = file_stat_open(&file, &stat);
    if (code == RC_OK && stat.bytes != SIGNER_BYTES)
        find(f, KIND_SIGNER, "record/signer: has %llu bytes, not %u",
             (unsigned long long)stat.bytes, SIGNER_BYTES);
    struct slot slot[2] = {{.good = false}, {.good = false}};
    for (unsigned i = 0; i < 2 && code == RC_OK; i++)
        code = slot_read(&file, i * SLOT_SPACING, &slot[i]);
    for (unsigned i = 0; i < 2 && code == RC_OK; i++) {
        /* That of a signer that was made, and has signed nothing yet. */
        const bool unused = i == 0 && slot[0].zero && slot[1].good && slot[1].sequence == 1;
        if (!slot[i].good && !unused)
            find(f, KIND_SIGNER, "record/signer, byte %u: this half of it was changed",
                 i * SLOT_SPACING);
    }
    if (code == RC_OK) code = gap_check(f, &file);
    file_close(&file);
    return code;
}

/* ---- who may read what; what is left over ---- */

static void mode_check(struct fsck *f, const char *path, unsigned forbidden) {
    struct file_stat stat;
    rc code = file_stat(f->o->site, path, &stat);
    if (code == RC_OK && (stat.mode & forbidden))
        find(f, KIND_SECRET, "%s: has the mode %04o: others may reach it", path, stat.mode);
}

/* Only their owner's: what they hold, or what lies in them. */
static void modes_check(struct fsck *f) {
    static const char *const secret[] = {"record/signer", "store/dateline.db",
                                         "store/dateline.db-wal"};
    for (size_t i = 0; i < COUNT_OF(secret); i++) mode_check(f, secret[i], 0077);
    mode_check(f, "record", 0022);
    mode_check(f, "store", 0022);
    mode_check(f, "media", 0022);
    mode_check(f, "pages", 0022);
    mode_check(f, "", 0022);
    mode_check(f, "dateline.conf", 0022);
}

static rc left_in(struct fsck *f, const char *folder, const char *const *known,
                  size_t known_count) {
    struct span *names;
    size_t count = 0;
    struct arena *a = arena_new(16 << 20);
    rc code = file_list(f->o->site, folder, 65536, a, &names, &count);
    for (size_t i = 0; code == RC_OK && i < count; i++) {
        bool is_known = false;
        for (size_t k = 0; k < known_count; k++)
            is_known = is_known || span_eq(names[i], span_str(known[k]));
        if (is_known) continue;
        /* "restoring", "store/restored": of a restore */
        const bool before = !*folder && span_starts(names[i], SPAN("before-restore-"));
        const bool left =
            before || span_ends(names[i], SPAN(".tmp")) || span_ends(names[i], SPAN(".new")) ||
            span_eq(names[i], SPAN("restoring")) || span_eq(names[i], SPAN("restored"));
        find(f, left ? KIND_LEFT : KIND_UNKNOWN, "%s%s" SPAN_FMT ": %s", folder, *folder ? "/" : "",
             SPAN_ARG(names[i]),
             before ? "is what was there before a restore"
             : left ? "was being written when something broke off"
                    : "no file of a site has such a name");
    }
    arena_free(a);
    return code;
}

/* Stores of pages beside the one that is served. */
static rc stores_left(struct fsck *f) {
    struct span *names;
    size_t count = 0;
    uint64_t highest = 0, n;
    struct arena *a = arena_new(1 << 20);
    rc code = file_list(f->o->site, "pages", 4096, a, &names, &count);
    for (size_t i = 0; code == RC_OK && i < count; i++)
        if (span_to_u64(names[i], UINT32_MAX, &n) && n > highest) highest = n;
    for (size_t i = 0; code == RC_OK && i < count; i++) {
        if (span_to_u64(names[i], UINT32_MAX, &n) && n == highest) continue;
        find(f, KIND_LEFT, "pages/" SPAN_FMT ": is not the page store that is served",
             SPAN_ARG(names[i]));
    }
    arena_free(a);
    return code == RC_NOT_FOUND ? RC_OK : code;
}

static rc left_check(struct fsck *f) {
    static const char *const site[] = {"dateline.conf", "store",  "record", "pages",
                                       "media",         "themes", "run",    "log"};
    static const char *const store[] = {"dateline.db", "dateline.db-wal", "dateline.db-shm"};
    static const char *const record[] = {"journal", "signer", "signer.lock", "checkpoint", "key"};
    TRY(left_in(f, "", site, COUNT_OF(site)));
    if (f->o->served) return RC_OK; /* what is being written now is not left over */
    TRY(left_in(f, "store", store, COUNT_OF(store)));
    TRY(left_in(f, "record", record, COUNT_OF(record)));
    return stores_left(f);
}

static void source_check(struct fsck *f, struct span line, struct buf *bytes) {
    char path[1024];
    uint8_t wanted[SHA256_BYTES];
    struct span hex = span_cut(&line, ' ');
    int n = snprintf(path, sizeof path, SPAN_FMT, SPAN_ARG(line));
    if (n <= 0 || (size_t)n >= sizeof path || !hex_decode(hex, wanted, sizeof wanted)) {
        find(f, KIND_ROW, "meta, name sources: has a line that is none");
        return;
    }
    buf_clear(bytes);
    rc code = file_read_all(f->o->site, path, bytes);
    struct sha256 is = sha256_of(buf_span(bytes));
    if (code == RC_NOT_FOUND)
        find(f, KIND_CHANGED, "%s: is not there any more", path);
    else if (code != RC_OK)
        unreadable(f);
    else if (memcmp(is.bytes, wanted, sizeof wanted) != 0)
        find(f, KIND_CHANGED, "%s: is not what the site was started with", path);
    f->r.bytes += bytes->n;
}

void sources_check(struct fsck *f) {
    struct buf bytes, lines;
    buf_init(&bytes, PICTURE_BYTES_MAX);
    buf_init(&lines, NOTE_BYTES_MAX);
    sqlite3_stmt *q = db_prepare(f, "SELECT value FROM meta WHERE name = 'sources'");
    if (db_row(f, q)) buf_add(&lines, db_span(q, 0));
    db_done(q);
    for (struct span rest = buf_span(&lines); rest.n;)
        source_check(f, span_cut(&rest, '\n'), &bytes);
    buf_done(&lines);
    buf_done(&bytes);
}

rc files_check(struct fsck *f) {
    modes_check(f);
    rc code = signer_check(f);
    if (code != RC_OK) unreadable(f);
    TRY(left_check(f));
    return media_check(f);
}
