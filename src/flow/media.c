/*
 * Pictures, kept. What a sender sends is decoded elsewhere (media/); here lies what came of it:
 *
 *   SITE/media/ab/HASH.avif, .jpg   what is served, by the hash of its bytes
 *   SITE/media/ab/HASH.sent.json    by the hash of the file that was sent: what is known of it, that
 *                                   is, the texts in it, and which of the others are its renditions
 *
 * So the same picture is decoded once, and an item that comes again needs no decoding. The file that
 * was sent is not kept: it tells where it was taken, and with what.
 *
 * The note is written last: a crash leaves at most files that nobody names, and that are written
 * again. A note that does not hold (cut, of another recipe, its files gone) is as none.
 */
#include <stdio.h>

#include "codec/json.h"
#include "flow/inner.h"
#include "media/media.h"
#include "story/limits.h"

#define MEDIA_PATH_BYTES 128
#define KNOWN "sent.json"
#define KNOWN_BYTES_MAX 131072
/* A note's last member: SHA-256 of all before it. */
#define NOTE_CHECK ",\"check\":\""
#define NOTE_END "\"}\n"

static const char *extension_of(struct span type) {
    for (enum media_format format = 0; format < MEDIA_FORMAT_COUNT; format++)
        if (span_eq(media_format_type(format), type)) return media_format_extension(format);
    return "bin";
}

static void hash_text(const struct sha256 *hash, char out[2 * SHA256_BYTES + 1]) {
    struct buf b;
    buf_init_fixed(&b, out, 2 * SHA256_BYTES);
    buf_hex(&b, hash->bytes, SHA256_BYTES);
    out[2 * SHA256_BYTES] = 0;
}

static void file_path(const struct sha256 *of, const char *extension, char out[MEDIA_PATH_BYTES]) {
    char hash[2 * SHA256_BYTES + 1];
    hash_text(of, hash);
    snprintf(out, MEDIA_PATH_BYTES, "media/%.2s/%s.%s", hash, hash, extension);
}

struct span media_path(struct arena *a, const struct rendition *r) {
    char hash[2 * SHA256_BYTES + 1];
    hash_text(&r->hash, hash);
    return arena_printf(a, "/media/%s.%s", hash, extension_of(r->type));
}

/* ---- files ------------------------------------------------------------------------------------ */

static bool is_there(struct flow *f, const struct rendition *r) {
    char path[MEDIA_PATH_BYTES];
    struct file_stat stat;
    file_path(&r->hash, extension_of(r->type), path);
    return file_stat(f->setup.site, path, &stat) == RC_OK && stat.bytes == r->bytes;
}

static rc write_file(struct flow *f, const char *path, struct span bytes) {
    char folder[MEDIA_PATH_BYTES];
    snprintf(folder, sizeof folder, "%.8s", path); /* "media/ab" */
    rc code = file_make_folder(f->setup.site, folder, 0);
    if (code == RC_OK) code = file_sync_folder_of(f->setup.site, folder);
    if (code != RC_OK && code != RC_CONFLICT) return code;
    return file_replace(f->setup.site, path, bytes, 0);
}

rc media_read(struct flow *f, const struct rendition *rendition, struct buf *out) {
    char path[MEDIA_PATH_BYTES];
    file_path(&rendition->hash, extension_of(rendition->type), path);
    TRY(file_read_all(f->setup.site, path, out));
    struct sha256 hash = sha256_of(buf_span(out));
    if (!sha256_eq(&hash, &rendition->hash))
        return rc_fail(RC_CORRUPT,
                       "%s: its bytes are not those of its name; restore it from a backup", path);
    return RC_OK;
}

/* ---- the note: what is known of a file that was sent ------------------------------------------- */

static void write_note(const struct media_picture *p, struct buf *out) {
    bool any = false;
    buf_printf(out, "{\"colour\":%u,\"fields\":{", p->colour);
    for (unsigned i = 0; i < MEDIA_FIELD_COUNT; i++) {
        if (!p->fields[i].n) continue;
        if (any) buf_char(out, ',');
        any = true;
        json_write_string(out, media_field_word((enum media_field)i));
        buf_char(out, ':');
        json_write_string(out, p->fields[i]);
    }
    buf_printf(out, "},\"height\":%u,\"notes\":%u,\"recipe\":%d,\"renditions\":[", p->height,
               p->notes, MEDIA_RECIPE);
    for (size_t i = 0; i < p->files_count; i++) {
        const struct rendition *r = &p->files[i].about;
        buf_printf(out, "%s{\"bytes\":%llu,\"hash\":\"", i ? "," : "",
                   (unsigned long long)r->bytes);
        buf_hex(out, r->hash.bytes, SHA256_BYTES);
        buf_printf(out, "\",\"height\":%u,\"type\":\"" SPAN_FMT "\",\"width\":%u}", r->height,
                   SPAN_ARG(r->type), r->width);
    }
    buf_printf(out, "],\"width\":%u", p->width);
    struct sha256 check = sha256_of(buf_span(out));
    buf_str(out, NOTE_CHECK);
    buf_hex(out, check.bytes, SHA256_BYTES);
    buf_str(out, NOTE_END);
}

/* Is it what was written? The first notes had no check. */
static bool note_whole(struct span text, const json_t *json) {
    const struct span wanted = json_member_string(json, "check");
    const size_t tail = sizeof NOTE_CHECK - 1 + 2 * SHA256_BYTES + sizeof NOTE_END - 1;
    uint8_t check[SHA256_BYTES];
    if (!wanted.n) return true;
    if (text.n <= tail || !hex_decode(wanted, check, sizeof check)) return false;
    struct sha256 hash = sha256_of(span_sub(text, 0, text.n - tail));
    return memcmp(hash.bytes, check, sizeof check) == 0;
}

static uint32_t number_of(const json_t *object, const char *name) {
    const json_t *value = json_object_get(object, name);
    json_int_t n = json_is_integer(value) ? json_integer_value(value) : 0;
    return n > 0 && n <= UINT32_MAX ? (uint32_t)n : 0;
}

static bool read_rendition(const json_t *json, struct media_file *out) {
    struct span type = json_member_string(json, "type"), hash = json_member_string(json, "hash");
    struct rendition *r = &out->about;
    *r = (struct rendition){.width = number_of(json, "width"),
                            .height = number_of(json, "height"),
                            .bytes = number_of(json, "bytes")};
    for (enum media_format format = 0; format < MEDIA_FORMAT_COUNT; format++) {
        if (!span_eq(media_format_type(format), type)) continue;
        out->format = format;
        r->type = media_format_type(format);
    }
    return r->type.n && r->width && r->height && r->bytes && hash.n == 2 * SHA256_BYTES &&
           hex_decode(hash, r->hash.bytes, SHA256_BYTES);
}

static bool read_note(const json_t *json, struct arena *a, struct media_picture *out) {
    const json_t *fields = json_object_get(json, "fields"),
                 *list = json_object_get(json, "renditions");
    struct media_picture p = {.width = number_of(json, "width"),
                              .height = number_of(json, "height"),
                              .colour = number_of(json, "colour"),
                              .notes = number_of(json, "notes"),
                              .files_count = json_array_size(list)};
    if (number_of(json, "recipe") != MEDIA_RECIPE || !p.files_count ||
        p.files_count > MEDIA_RENDITIONS_MAX)
        return false;
    for (unsigned i = 0; i < MEDIA_FIELD_COUNT; i++) {
        struct span word = media_field_word((enum media_field)i);
        p.fields[i] = arena_copy(a, json_member_string(fields, word.p)); /* word ends in NUL */
    }
    for (size_t i = 0; i < p.files_count; i++)
        if (!read_rendition(json_array_get(list, i), &p.files[i])) return false;
    *out = p;
    return !arena_over(a);
}

rc media_learn(struct flow *f, struct arena *a, struct span original, struct media_picture *out) {
    char path[MEDIA_PATH_BYTES];
    struct sha256 hash = sha256_of(original);
    struct buf text;
    json_t *json = NULL;
    file_path(&hash, KNOWN, path);
    buf_init(&text, KNOWN_BYTES_MAX);
    rc code = file_read_all(f->setup.site, path, &text);
    bool known = code == RC_OK && json_read(buf_span(&text), &json) == RC_OK &&
                 note_whole(buf_span(&text), json) && read_note(json, a, out);
    for (size_t i = 0; known && i < out->files_count; i++)
        known = is_there(f, &out->files[i].about);
    json_decref(json);
    buf_done(&text);
    return known ? RC_OK : rc_fail(RC_NOT_FOUND, "%s: nothing is known of it yet", path);
}

bool flow_picture_known(struct flow *f, struct span original) {
    struct arena *a = arena_new(KNOWN_BYTES_MAX);
    struct media_picture p;
    bool known = media_learn(f, a, original, &p) == RC_OK;
    arena_free(a);
    return known;
}

rc flow_picture_keep(struct flow *f, struct span original, const struct media_picture *p) {
    char path[MEDIA_PATH_BYTES];
    struct sha256 hash = sha256_of(original);
    for (size_t i = 0; i < p->files_count; i++) {
        const struct rendition *r = &p->files[i].about;
        if (is_there(f, r)) continue;
        file_path(&r->hash, extension_of(r->type), path);
        TRY(write_file(f, path, p->files[i].bytes));
    }
    struct buf note;
    buf_init(&note, KNOWN_BYTES_MAX);
    write_note(p, &note);
    CHECK(!note.over);
    file_path(&hash, KNOWN, path);
    rc code = write_file(f, path, buf_span(&note));
    buf_done(&note);
    return code;
}

/* ---- what an item shows of it -------------------------------------------------------------------- */

rc media_name(struct span href, struct span original, struct rendition *out) {
    enum media_format format;
    if (media_sniff(original, &format) != RC_OK)
        return rc_in(RC_INVALID, "picture \"" SPAN_FMT "\": ", SPAN_ARG(href));
    *out = (struct rendition){.hash = sha256_of(original),
                              .type = media_format_type(format),
                              .width = 1,
                              .height = 1,
                              .bytes = original.n};
    return RC_OK;
}

/* The agency; who took it is told apart. A holder alone is named in its place. */
static struct span credit_of(const struct media_picture *m) {
    if (m->fields[MEDIA_CREDIT].n) return m->fields[MEDIA_CREDIT];
    if (m->fields[MEDIA_SOURCE].n || m->fields[MEDIA_CREATOR].n) return m->fields[MEDIA_SOURCE];
    return m->fields[MEDIA_COPYRIGHT];
}

/* At most four digits, which somebody has looked at. */
static unsigned number_at(struct span s, size_t at, size_t digits) {
    unsigned value = 0;
    for (size_t i = at; i < at + digits && i < s.n; i++)
        value = value * 10 + (unsigned)(s.p[i] - '0');
    return value;
}

rc media_until(struct flow *f, unsigned edition, struct span text, ms_t *out_at) {
    char memory[MEDIA_DATE_BYTES_MAX + 1];
    struct span day = {NULL, 0};
    struct buf local;
    ms_t at = 0;
    if (wire_until(text, &at, &day) && day.n == 0) {
        *out_at = at;
        return RC_OK;
    }
    /* A file's time without a zone is read by the clocks of the edition. */
    buf_init_fixed(&local, memory, sizeof memory);
    buf_add(&local, text);
    buf_char(&local, 'Z');
    if (!day.n && (local.over || !wire_until(buf_span(&local), &at, &day)))
        return rc_fail(RC_INVALID, "\"" SPAN_FMT "\" is no day, nor a date and time",
                       SPAN_ARG(span_sub(text, 0, 40)));
    const struct render_day of = {(int)number_at(text, 0, 4), number_at(text, 5, 2),
                                  number_at(text, 8, 2)};
    const unsigned seconds = day.n ? 86400 : (unsigned)(at / 1000 % 86400);
    *out_at = render_moment(owners_render(f, edition), of, seconds);
    return RC_OK;
}

static void fill(struct span *field, struct span from_file) {
    if (!field->n) *field = from_file;
}

static void remark(struct arena *a, struct intent *intent, struct span href, const char *what) {
    struct span text = arena_printf(a, "picture \"" SPAN_FMT "\": %s", SPAN_ARG(href), what);
    if (text.p) intent->remarks[intent->remark_count++].text = text;
}

/* When its lease ends, as its file says. What nobody can read is told to somebody who can. */
static void show_end(struct flow *f, struct arena *a, unsigned edition, struct span href,
                     struct span said, struct picture *picture, struct intent *intent) {
    if (!said.n || picture->rights.expires) return;
    if (media_until(f, edition, said, &picture->rights.expires) == RC_OK) return;
    struct span text = arena_printf(
        a, "it says that it expires \"" SPAN_FMT "\", which is no day; say it with the item",
        SPAN_ARG(said));
    if (text.p) remark(a, intent, href, text.p);
    rc_why_clear();
}

/* An owner's words are for a person, who says with the item what follows from them. */
static void show_terms(struct arena *a, struct span href, struct picture *picture,
                       struct intent *intent) {
    const struct rights *r = &picture->rights;
    if (!picture->usage_terms.n || r->channels || r->expires || r->no_redistribution) return;
    struct span text =
        arena_printf(a, "its usage terms are \"" SPAN_FMT "\"", SPAN_ARG(picture->usage_terms));
    if (text.p) remark(a, intent, href, text.p);
}

rc media_show(struct flow *f, struct arena *a, unsigned edition, struct span href,
              struct span original, struct picture *picture, struct intent *intent) {
    struct media_picture m;
    if (media_learn(f, a, original, &m) != RC_OK)
        return rc_fail(RC_BUSY,
                       "picture \"" SPAN_FMT "\": it was not read yet; send the item again",
                       SPAN_ARG(href));
    picture->renditions = ARENA_ARRAY(a, struct rendition, m.files_count);
    if (!picture->renditions) return rc_fail(RC_TOO_BIG, "too many pictures for one operation");
    picture->rendition_count = m.files_count;
    for (size_t i = 0; i < m.files_count; i++) picture->renditions[i] = m.files[i].about;
    picture->colour = arena_printf(a, "#%06x", m.colour & 0xFFFFFF);
    fill(&picture->caption, m.fields[MEDIA_CAPTION]);
    fill(&picture->alt, m.fields[MEDIA_ALT]);
    fill(&picture->credit, credit_of(&m));
    fill(&picture->creator, m.fields[MEDIA_CREATOR]);
    fill(&picture->copyright, m.fields[MEDIA_COPYRIGHT]);
    fill(&picture->usage_terms, m.fields[MEDIA_USAGE_TERMS]);
    show_end(f, a, edition, href, m.fields[MEDIA_EXPIRES], picture, intent);
    if (!picture->alt.n && f->setup.require_alt)
        return rc_fail(RC_INVALID,
                       "picture \"" SPAN_FMT "\": it has no alt text, and this site requires one",
                       SPAN_ARG(href));
    if (!picture->credit.n && !picture->creator.n && f->setup.require_credit)
        return rc_fail(RC_INVALID,
                       "picture \"" SPAN_FMT "\": it has no credit, and this site requires one",
                       SPAN_ARG(href));
    if (!picture->alt.n)
        remark(a, intent, href,
               picture->caption.n ? "it has no alt text; its caption stands in"
                                  : "it has no alt text, and no caption that could stand in");
    fill(&picture->alt, picture->caption);
    if (!picture->credit.n && !picture->creator.n) remark(a, intent, href, "it has no credit");
    show_terms(a, href, picture, intent);
    for (unsigned i = 0; i < MEDIA_NOTE_COUNT; i++) {
        char text[256];
        if (!(m.notes & 1u << i) || i == MEDIA_NOTE_LOCATION) continue;
        snprintf(text, sizeof text, "it %s", media_note_text((enum media_note)i).p);
        remark(a, intent, href, text);
    }
    return RC_OK;
}
