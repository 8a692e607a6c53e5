#include "main/status.h"

#include "codec/json.h"
#include "sys/clock.h"

#define FLAG_NOTE_BYTES 400 /* of what was told: enough to know it by */

struct writer {
    struct buf *out;
    bool comma;
};

static void put_name(struct writer *w, const char *name) {
    if (w->comma) buf_char(w->out, ',');
    if (name) buf_printf(w->out, "\"%s\":", name);
    w->comma = true;
}
static void put_open(struct writer *w, const char *member, char bracket) {
    put_name(w, member);
    buf_char(w->out, bracket);
    w->comma = false;
}
static void put_close(struct writer *w, char bracket) {
    buf_char(w->out, bracket);
    w->comma = true;
}
static void put_number(struct writer *w, const char *member, uint64_t value) {
    put_name(w, member);
    buf_u64(w->out, value);
}
static void put_text(struct writer *w, const char *member, struct span value) {
    put_name(w, member);
    json_write_string(w->out, value);
}
/* 0: not there. */
static void put_time(struct writer *w, const char *member, ms_t at) {
    char bytes[CLOCK_TEXT_BYTES];
    if (at) put_text(w, member, span_of(bytes, clock_text(at, false, bytes)));
}
static void put_hex(struct writer *w, const char *member, const void *bytes, size_t n) {
    put_name(w, member);
    buf_char(w->out, '"');
    buf_hex(w->out, bytes, n);
    buf_char(w->out, '"');
}

static void write_editions(struct writer *w, const struct flow_status *s) {
    put_open(w, "editions", '[');
    for (size_t i = 0; i < s->edition_count; i++) {
        const struct flow_edition_count *e = &s->editions[i];
        put_open(w, NULL, '{');
        put_text(w, "key", e->key);
        put_text(w, "name", e->name);
        put_number(w, "published", e->published);
        put_number(w, "withdrawn", e->withdrawn);
        put_number(w, "notes", e->notes);
        put_close(w, '}');
    }
    put_close(w, ']');
}

static void write_record(struct writer *w, const struct flow_status *s) {
    put_open(w, "record", '{');
    put_number(w, "entries", s->entries);
    if (s->signed_known) {
        put_number(w, "signed", s->signed_entries);
        put_hex(w, "root", s->root.bytes, SHA256_BYTES);
    }
    put_time(w, "newest", s->newest_entry);
    put_close(w, '}');
}

static void write_queue(struct writer *w, const struct flow_status *s) {
    put_open(w, "queue", '{');
    put_number(w, "stories", s->outbox);
    put_number(w, "lists_soon", s->lists_soon);
    put_number(w, "lists_later", s->lists_later);
    put_time(w, "next_embargo", s->next_due);
    put_close(w, '}');
}

static void write_pages(struct writer *w, const struct flow_status *s) {
    uint8_t theme[8];
    for (size_t i = 0; i < sizeof theme; i++) theme[i] = (uint8_t)(s->theme >> (56 - 8 * i));
    put_open(w, "pages", '{');
    put_number(w, "store", s->page_store);
    put_number(w, "answers", s->answers);
    put_number(w, "bytes", s->pages_bytes);
    put_hex(w, "theme", theme, sizeof theme);
    put_name(w, "outdated");
    buf_str(w->out, s->outdated ? "true" : "false");
    if (s->rebuilding) {
        put_open(w, "rebuild", '{');
        put_number(w, "done", s->rebuilt);
        put_number(w, "of", s->to_rebuild);
        put_close(w, '}');
    }
    put_close(w, '}');
}

static void write_flag(struct writer *w, const struct flow_flag *flag) {
    size_t n = flag->note.n < FLAG_NOTE_BYTES ? flag->note.n : FLAG_NOTE_BYTES;
    while (n < flag->note.n && n > 0 && ((unsigned char)flag->note.p[n] & 0xC0) == 0x80) n--;
    put_open(w, NULL, '{');
    put_text(w, "path", flag->path);
    put_text(w, "headline", flag->headline);
    put_text(w, "original_path", flag->original_path);
    put_text(w, "original_headline", flag->original_headline);
    put_text(w, "what", flag->what);
    put_time(w, "at", flag->at);
    put_text(w, "note", span_sub(flag->note, 0, n));
    put_number(w, "entry", flag->entry);
    put_close(w, '}');
}

rc status_write(struct flow *f, struct arena *a, struct buf *out) {
    struct writer w = {.out = out};
    struct flow_status status;
    struct flow_flag *flags;
    size_t count, told = 0;
    TRY(flow_status(f, a, &status));
    TRY(flow_flags(f, a, &flags, &count));
    put_open(&w, NULL, '{');
    put_text(&w, "version", SPAN(DATELINE_VERSION));
    put_time(&w, "since", status.since);
    put_text(&w, "trouble", status.trouble);
    write_editions(&w, &status);
    write_record(&w, &status);
    write_queue(&w, &status);
    write_pages(&w, &status);
    put_open(&w, "flags", '[');
    for (; told < count && out->n < STATUS_BYTES_MAX; told++) {
        const struct writer before = w;
        const size_t n = out->n;
        write_flag(&w, &flags[told]);
        if (out->n <= STATUS_BYTES_MAX) continue;
        out->n = n; /* it was one too many */
        w = before;
        break;
    }
    put_close(&w, ']');
    put_number(&w, "flags_left", count - told);
    put_close(&w, '}');
    buf_char(out, '\n');
    return RC_OK;
}
