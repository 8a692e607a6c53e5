/*
 * IPTC-IIM 4.2, as it lies in a JPEG: in segments APP13 "Photoshop 3.0", which hold image resources
 * (Adobe Photoshop File Formats, "Image Resource Blocks"): 0x0404 is IIM, 0x0425 the digest (MD5) that
 * IIM had when the XMP was written. exempi reads IIM too, but loses what is not UTF-8 without a word.
 */
#define OPENSSL_SUPPRESS_DEPRECATED /* as in base/hash.c: the plain function, nothing is opened */
#include <openssl/md5.h>

#include "base/utf8.h"

#include "media/inner.h"

#define RESOURCE_IIM 0x0404
#define RESOURCE_DIGEST 0x0425
#define VALUES_MAX 16 /* of a field that may be repeated */

static const char photoshop[] = "Photoshop 3.0"; /* with its NUL */

/* Which fields of record 2 we read. A date and its time make one. */
enum { DATE_EXPIRES = 37, TIME_EXPIRES = 38, DATE_CREATED = 55, TIME_CREATED = 60, BYLINE = 80 };
static const struct {
    uint8_t dataset;
    enum media_field field;
} datasets[] = {
    {BYLINE, MEDIA_CREATOR}, {90, MEDIA_CITY},    {101, MEDIA_COUNTRY},   {105, MEDIA_HEADLINE},
    {110, MEDIA_CREDIT},     {115, MEDIA_SOURCE}, {116, MEDIA_COPYRIGHT}, {120, MEDIA_CAPTION},
};

/* The payloads of all APP13 segments "Photoshop 3.0", joined: one resource may lie in several. */
static void photoshop_of(struct span jpeg, struct buf *out) {
    for (size_t at = 2; at + 4 <= jpeg.n && (uint8_t)jpeg.p[at] == 0xFF;) {
        unsigned marker = (uint8_t)jpeg.p[at + 1];
        if (marker == 0xFF) {
            at++;
            continue;
        }
        if (marker == 0xDA || marker == 0xD9) return; /* the picture begins */
        size_t n = media_be(jpeg.p + at + 2, 2);
        struct span segment = span_sub(jpeg, at + 4, n < 2 ? 0 : n - 2);
        if (marker == 0xED && span_starts(segment, span_of(photoshop, sizeof photoshop)))
            buf_add(out, span_from(segment, sizeof photoshop));
        at += 2 + (n < 2 ? 2 : n);
    }
}

/* "8BIM", id, name (a length and bytes, padded to even), length, bytes (padded). Takes it off *rest. */
static bool next_resource(struct span *rest, unsigned *out_id, struct span *out_bytes) {
    if (rest->n < 12 || memcmp(rest->p, "8BIM", 4) != 0) return false;
    size_t name = 1 + (size_t)(uint8_t)rest->p[6];
    name += name & 1;
    size_t head = 6 + name + 4;
    if (head > rest->n) return false;
    size_t n = media_be(rest->p + head - 4, 4);
    if (n > rest->n - head) return false;
    *out_id = media_be(rest->p + 4, 2);
    *out_bytes = span_sub(*rest, head, n);
    *rest = span_from(*rest, head + n + (n & 1));
    return true;
}

/* 1C, record, dataset, length (2 bytes; with the high bit: the length of the length), bytes. */
static bool next_dataset(struct span *rest, unsigned *out_record, unsigned *out_dataset,
                         struct span *out_bytes) {
    if (rest->n < 5 || rest->p[0] != 0x1C) return false;
    size_t n = media_be(rest->p + 3, 2), head = 5;
    if (n & 0x8000) {
        size_t length_bytes = n & 0x7FFF;
        if (length_bytes == 0 || length_bytes > 4 || length_bytes > rest->n - head) return false;
        n = media_be(rest->p + head, (unsigned)length_bytes);
        head += length_bytes;
    }
    if (n > rest->n - head) return false;
    *out_record = (uint8_t)rest->p[1];
    *out_dataset = (uint8_t)rest->p[2];
    *out_bytes = span_sub(*rest, head, n);
    *rest = span_from(*rest, head + n);
    return true;
}

struct raw {
    struct span values[VALUES_MAX];
    enum media_field fields[VALUES_MAX];
    size_t count;
    struct span charset, date, time, end_date, end_time;
};

static void read_datasets(struct span bytes, struct raw *raw, struct iim *out) {
    struct span rest = bytes, value;
    unsigned record, dataset;
    while (next_dataset(&rest, &record, &dataset, &value)) {
        if (record == 1 && dataset == 90) raw->charset = value;
        if (record != 2) continue;
        if (dataset == DATE_CREATED) raw->date = value;
        if (dataset == TIME_CREATED) raw->time = value;
        if (dataset == DATE_EXPIRES) raw->end_date = value;
        if (dataset == TIME_EXPIRES) raw->end_time = value;
        for (size_t i = 0; i < COUNT_OF(datasets) && raw->count < VALUES_MAX; i++) {
            if (datasets[i].dataset != dataset || value.n == 0) continue;
            raw->fields[raw->count] = datasets[i].field;
            raw->values[raw->count++] = value;
        }
    }
    /* Some writers fill up with zeros. */
    for (size_t i = 0; i < rest.n; i++) out->damaged |= rest.p[i] != 0;
}

static void add_value(struct span *field, struct span value, bool repeats, struct arena *a) {
    if (field->n == 0)
        *field = value;
    else if (repeats)
        *field = arena_printf(a, SPAN_FMT ", " SPAN_FMT, SPAN_ARG(*field), SPAN_ARG(value));
}

void iim_read(struct span jpeg, struct arena *a, struct iim *out) {
    struct buf all;
    struct span rest, bytes, digest = {NULL, 0};
    struct raw raw = {.count = 0};
    unsigned id;
    *out = (struct iim){.present = false};
    buf_init(&all, MEDIA_METADATA_BYTES_MAX);
    photoshop_of(jpeg, &all);
    out->damaged = all.over;
    struct span iim = {NULL, 0};
    rest = buf_span(&all);
    while (next_resource(&rest, &id, &bytes)) {
        if (id == RESOURCE_IIM && !out->present) {
            out->present = true;
            iim = bytes;
        }
        if (id == RESOURCE_DIGEST && bytes.n == MD5_DIGEST_LENGTH) digest = bytes;
    }
    read_datasets(iim, &raw, out);
    struct charset_choice choice = charset_declared(raw.charset);
    for (size_t i = 0; i < raw.count && choice.kind == CHARSET_UTF8; i++)
        if (!utf8_valid(raw.values[i]))
            choice.kind = CHARSET_UNKNOWN; /* it says so, and it is not */
    if (choice.kind == CHARSET_UNKNOWN) choice = charset_guess(raw.values, raw.count);
    for (size_t i = 0; i < raw.count; i++)
        add_value(&out->fields[raw.fields[i]], charset_decode(choice, raw.values[i], a),
                  raw.fields[i] == MEDIA_CREATOR, a);
    out->fields[MEDIA_CREATED] = metadata_date(raw.date, raw.time, a);
    out->fields[MEDIA_EXPIRES] = metadata_date(raw.end_date, raw.end_time, a);
    if (digest.n) {
        uint8_t now[MD5_DIGEST_LENGTH];
        MD5((const uint8_t *)(iim.n ? iim.p : ""), iim.n, now);
        out->digest_stored = true;
        out->digest_right = memcmp(now, digest.p, sizeof now) == 0;
    }
    buf_done(&all);
}
