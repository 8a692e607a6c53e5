/* Which of the texts in a file counts: media.h says the rule. */
#include "media/inner.h"

#include "base/utf8.h"

/* ---- dates ----------------------------------------------------------------------------------------- */

/* n digits at the beginning of *s, with or without one of `separators` before; takes them off. */
static bool take_number(struct span *s, const char *separators, unsigned n, unsigned max,
                        unsigned *out) {
    struct span rest = *s;
    if (rest.n && *separators && strchr(separators, rest.p[0])) rest = span_from(rest, 1);
    unsigned value = 0;
    if (rest.n < n) return false;
    for (unsigned i = 0; i < n; i++) {
        if (rest.p[i] < '0' || rest.p[i] > '9') return false;
        value = value * 10 + (unsigned)(rest.p[i] - '0');
    }
    if (value > max) return false;
    *out = value;
    *s = span_from(rest, n);
    return true;
}

/* "Z", "+0300", "-03:00". */
static void put_zone(struct span s, struct buf *out) {
    unsigned hours, minutes;
    if (s.n == 0) return;
    char sign = s.p[0];
    struct span rest = span_from(s, 1);
    if (sign == 'Z' && rest.n == 0) {
        buf_char(out, 'Z');
    } else if ((sign == '+' || sign == '-') && take_number(&rest, "", 2, 14, &hours) &&
               take_number(&rest, ":", 2, 59, &minutes)) {
        buf_printf(out, "%c%02u:%02u", sign, hours, minutes);
    }
}

struct span metadata_date(struct span date, struct span time, struct arena *a) {
    char text[MEDIA_DATE_BYTES_MAX];
    struct buf out;
    unsigned year, month, day, hour, minute, second = 0;
    date = span_trim(date);
    /* Date and time in one: XMP's "T", EXIF's space. */
    size_t split = span_find(date, 'T') < date.n ? span_find(date, 'T') : span_find(date, ' ');
    if (split < date.n) {
        time = span_from(date, split + 1);
        date = span_sub(date, 0, split);
    }
    time = span_trim(time);
    buf_init_fixed(&out, text, sizeof text);
    if (!take_number(&date, "", 4, 9999, &year) || year == 0) return SPAN("");
    buf_printf(&out, "%04u", year);
    if (take_number(&date, "-:", 2, 12, &month) && month > 0) {
        buf_printf(&out, "-%02u", month);
        if (take_number(&date, "-:", 2, 31, &day) && day > 0) {
            buf_printf(&out, "-%02u", day);
            if (take_number(&time, "", 2, 23, &hour) && take_number(&time, ":", 2, 59, &minute)) {
                if (!take_number(&time, ":", 2, 60, &second)) second = 0;
                if (time.n && time.p[0] == '.') {
                    time = span_from(time, 1);
                    while (time.n && time.p[0] >= '0' && time.p[0] <= '9')
                        time = span_from(time, 1);
                }
                buf_printf(&out, "T%02u:%02u:%02u", hour, minute, second);
                put_zone(time, &out);
            }
        }
    }
    return arena_copy(a, buf_span(&out));
}

/* ---- which counts ------------------------------------------------------------------------------------ */

/* What cameras write into EXIF's ImageDescription by themselves. */
static bool is_placeholder(struct span s) {
    static const char *const placeholders[] = {"OLYMPUS DIGITAL CAMERA",
                                               "SONY DSC",
                                               "DIGITAL CAMERA",
                                               "MINOLTA DIGITAL CAMERA",
                                               "KONICA MINOLTA DIGITAL CAMERA",
                                               "SAMSUNG",
                                               "Exif_JPEG_PICTURE",
                                               "DCIM",
                                               "default"};
    for (size_t i = 0; i < COUNT_OF(placeholders); i++)
        if (span_eq_nocase(s, span_str(placeholders[i]))) return true;
    return false;
}

/* IIM's fields are short (a byline has 32 bytes): is one only the other, cut? */
static bool is_cut_of(struct span shorter, struct span whole) {
    return shorter.n >= 16 && span_starts(whole, shorter);
}

static void choose(enum media_field field, struct span xmp, const struct iim *iim, struct span exif,
                   struct media_picture *out) {
    struct span iptc = span_trim(iim->fields[field]);
    bool iptc_later = iim->digest_stored && !iim->digest_right;
    bool differ = xmp.n && iptc.n && !span_eq(xmp, iptc) && !is_cut_of(iptc, xmp);
    if (differ && field != MEDIA_CREATED) out->notes |= 1u << MEDIA_NOTE_CONFLICT;
    if (xmp.n && !(differ && iptc_later)) {
        out->fields[field] = xmp;
        out->origins[field] = MEDIA_FROM_XMP;
    } else if (iptc.n) {
        out->fields[field] = iptc;
        out->origins[field] = MEDIA_FROM_IPTC;
    } else if (exif.n) {
        out->fields[field] = exif;
        out->origins[field] = MEDIA_FROM_EXIF;
    }
}

/* At most n bytes, between characters. */
static struct span cut_to(struct span s, size_t n) {
    size_t end = 0;
    uint32_t point;
    for (size_t at = 0; at < s.n && utf8_next(s, &at, &point) && at <= n;) end = at;
    return span_sub(s, 0, end);
}

void metadata_read(const struct metadata_source *source, struct arena *a,
                   struct media_picture *out) {
#define X(NAME, word, bytes_max) bytes_max,
    static const size_t bytes_max[MEDIA_FIELD_COUNT] = {MEDIA_FIELD_TABLE(X)};
#undef X
    struct span xmp[MEDIA_FIELD_COUNT] = {{NULL, 0}}, exif[MEDIA_FIELD_COUNT] = {{NULL, 0}};
    struct iim iim;
    struct exif raw;
    bool damaged = source->xmp.n > MEDIA_METADATA_BYTES_MAX, has_location = false;
    if (source->xmp.n && !damaged) damaged = !xmp_read(source->xmp, a, xmp, &has_location);
    iim_read(source->jpeg, a, &iim);
    exif_read(source->exif, &raw);
    struct charset_choice choice = charset_guess(raw.fields, MEDIA_FIELD_COUNT);
    for (unsigned i = 0; i < MEDIA_FIELD_COUNT; i++)
        exif[i] = charset_decode(choice, raw.fields[i], a);
    if (is_placeholder(exif[MEDIA_CAPTION])) exif[MEDIA_CAPTION] = SPAN("");
    xmp[MEDIA_CREATED] = metadata_date(xmp[MEDIA_CREATED], SPAN(""), a);
    xmp[MEDIA_EXPIRES] = metadata_date(xmp[MEDIA_EXPIRES], SPAN(""), a);
    exif[MEDIA_CREATED] = metadata_date(exif[MEDIA_CREATED], SPAN(""), a);
    for (unsigned i = 0; i < MEDIA_FIELD_COUNT; i++) {
        choose((enum media_field)i, xmp[i], &iim, exif[i], out);
        struct span whole = out->fields[i];
        out->fields[i] = cut_to(whole, bytes_max[i]);
        if (out->fields[i].n < whole.n) out->notes |= 1u << MEDIA_NOTE_CUT;
        if (out->fields[i].n == 0) out->origins[i] = MEDIA_FROM_NOWHERE;
    }
    if (raw.has_location || has_location) out->notes |= 1u << MEDIA_NOTE_LOCATION;
    if (damaged || iim.damaged || arena_over(a)) out->notes |= 1u << MEDIA_NOTE_METADATA;
}
