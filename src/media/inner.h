/* inner: what the files of media/ share. Nobody else includes it. */
#ifndef DATELINE_MEDIA_INNER_H
#define DATELINE_MEDIA_INNER_H

#include "media/media.h"
#include "story/limits.h"

static inline uint32_t media_be(const char *p, unsigned n) {
    uint32_t value = 0;
    for (unsigned i = 0; i < n; i++) value = value << 8 | (uint8_t)p[i];
    return value;
}
static inline uint32_t media_le(const char *p, unsigned n) {
    uint32_t value = 0;
    for (unsigned i = n; i > 0; i--) value = value << 8 | (uint8_t)p[i - 1];
    return value;
}

/* Of a picture of that size, resized to to_width: rounded, at least 1. */
static inline uint32_t media_height(uint32_t width, uint32_t height, uint32_t to_width) {
    uint64_t n = ((uint64_t)height * to_width + width / 2) / width;
    return n ? (uint32_t)n : 1;
}

/* ---- shape.c ---- */
/* Is this a whole file of the format, as our own savers write them: a picture of that size and
 * nothing else: no metadata, no profile, no comment, nothing behind it? RC_INVALID names what is. */
rc shape_check(struct span bytes, enum media_format format, uint32_t *out_width,
               uint32_t *out_height) MUST_USE;

/* ---- charset.c ---- */
/* Texts of one file whose character set is not declared are judged together. */
enum charset { CHARSET_UNKNOWN, CHARSET_UTF8, CHARSET_CONVERTER };
struct charset_choice {
    enum charset kind;
    const char *converter; /* CHARSET_CONVERTER: ICU's name */
};
/* What IIM 1:90 (ISO 2022 escapes) declares; CHARSET_UNKNOWN if empty or not known. */
struct charset_choice charset_declared(struct span escapes);
/* UTF-8, Windows-1252 or Mac OS Roman, whichever the texts together look most like. */
struct charset_choice charset_guess(const struct span *texts, size_t count);
/* Into UTF-8, in a; ill-formed bytes become U+FFFD. {NULL,0} past the arena's cap. */
struct span charset_decode(struct charset_choice choice, struct span raw, struct arena *a);

/* ---- iim.c: IPTC-IIM 4.2 in JPEG's APP13 ---- */
struct iim {
    struct span fields[MEDIA_FIELD_COUNT]; /* UTF-8, not normalised; in the arena */
    bool present, damaged;
    bool digest_stored; /* Photoshop's, of the IIM as it was when the XMP was written … */
    bool digest_right;  /* … and is it this one's? */
};
void iim_read(struct span jpeg, struct arena *a, struct iim *out);

/* ---- xmp.c ---- */
rc xmp_open(void) MUST_USE; /* before the sandbox */
/* False: it is no XMP. Fields in UTF-8, not normalised, in a. */
bool xmp_read(struct span packet, struct arena *a, struct span out_fields[MEDIA_FIELD_COUNT],
              bool *out_has_location);

/* ---- exif.c ---- */
struct exif {
    struct span fields[MEDIA_FIELD_COUNT]; /* raw bytes, in whatever character set; in the blob */
    bool has_location;
};
/* A TIFF, with or without "Exif\0\0" before it. What is ill-formed is not there. */
void exif_read(struct span blob, struct exif *out);

/* ---- metadata.c: which counts ---- */
/* What stands in the file: empty spans where there is nothing. */
struct metadata_source {
    struct span jpeg; /* the file, if it is a JPEG: for IIM */
    struct span xmp, exif;
};
/* Fills fields, origins and adds notes. */
void metadata_read(const struct metadata_source *source, struct arena *a,
                   struct media_picture *out);
/* "20191020", "2019:10:20", "2019-10-20" and a time → ISO 8601; empty if it is none. */
struct span metadata_date(struct span date, struct span time, struct arena *a);

/* ---- heif.c: AVIF, written ---- */
struct pixels {
    const uint8_t *bytes; /* row by row, sRGB or sRGB and alpha, nothing between */
    uint32_t width, height, bands;
};
rc heif_open(unsigned threads) MUST_USE; /* before the sandbox */
/* `quality` 0–100. */
rc heif_save(const struct pixels *pixels, int quality, struct buf *out) MUST_USE;

/* ---- develop.c: libvips at work ---- */
rc develop_open(void) MUST_USE; /* before the sandbox */
/* Texts and files lie in a. */
rc develop(struct span bytes, enum media_format format, const struct media_limits *limits,
           struct arena *a, struct media_picture *out) MUST_USE;

#endif
