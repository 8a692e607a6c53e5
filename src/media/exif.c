/*
 * EXIF 2.3 (JEITA CP-3451C), the few texts of it that count here: a TIFF in small. libexif, which
 * libvips brings, gives them in its own words ("(Photographer) - [None] (Editor)").
 */
#include "media/inner.h"

enum { IMAGE_DESCRIPTION = 0x010E, ARTIST = 0x013B, COPYRIGHT = 0x8298, EXIF_IFD = 0x8769 };
enum { GPS_IFD = 0x8825, DATE_TIME_ORIGINAL = 0x9003 };
enum { ASCII = 2, LONG = 4 };
#define ENTRY_BYTES 12
#define GPS_LATITUDE 2 /* of the GPS IFD */
#define GPS_LONGITUDE 4

struct tiff {
    struct span bytes; /* offsets count from its beginning */
    bool big_endian;
};

static uint32_t number(const struct tiff *t, size_t at, unsigned n) {
    struct span s = span_sub(t->bytes, at, n);
    if (s.n < n) return 0;
    return t->big_endian ? media_be(s.p, n) : media_le(s.p, n);
}

/* A text ends at its first NUL: what stands behind (a copyright's editor) is not asked for. */
static struct span text(const struct tiff *t, size_t entry) {
    size_t n = number(t, entry + 4, 4);
    size_t at = n <= 4 ? entry + 8 : number(t, entry + 8, 4);
    if (number(t, entry + 2, 2) != ASCII || n > t->bytes.n) return (struct span){NULL, 0};
    struct span s = span_sub(t->bytes, at, n);
    return span_trim(span_sub(s, 0, span_find(s, '\0')));
}

static void read_entry(const struct tiff *t, size_t entry, struct exif *out, size_t *exif_at,
                       size_t *gps_at) {
    switch (number(t, entry, 2)) {
    case IMAGE_DESCRIPTION: out->fields[MEDIA_CAPTION] = text(t, entry); break;
    case ARTIST: out->fields[MEDIA_CREATOR] = text(t, entry); break;
    case COPYRIGHT: out->fields[MEDIA_COPYRIGHT] = text(t, entry); break;
    case DATE_TIME_ORIGINAL: out->fields[MEDIA_CREATED] = text(t, entry); break;
    case EXIF_IFD: *exif_at = number(t, entry + 8, 4); break;
    case GPS_IFD: *gps_at = number(t, entry + 8, 4); break;
    default: break;
    }
}

void exif_read(struct span blob, struct exif *out) {
    struct tiff t = {.bytes = blob};
    size_t exif_at = 0, gps_at = 0, unused = 0;
    *out = (struct exif){.has_location = false};
    if (span_starts(blob, SPAN("Exif\0\0"))) t.bytes = span_from(blob, 6);
    t.big_endian = span_starts(t.bytes, SPAN("MM\0*"));
    if (!t.big_endian && !span_starts(t.bytes, SPAN("II*\0"))) return;
    size_t at = number(&t, 4, 4), count = number(&t, at, 2);
    for (size_t i = 0; i < count; i++)
        read_entry(&t, at + 2 + i * ENTRY_BYTES, out, &exif_at, &gps_at);
    count = exif_at ? number(&t, exif_at, 2) : 0;
    for (size_t i = 0; i < count; i++)
        read_entry(&t, exif_at + 2 + i * ENTRY_BYTES, out, &unused, &unused);
    count = gps_at ? number(&t, gps_at, 2) : 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t tag = number(&t, gps_at + 2 + i * ENTRY_BYTES, 2);
        out->has_location |= tag == GPS_LATITUDE || tag == GPS_LONGITUDE;
    }
}
