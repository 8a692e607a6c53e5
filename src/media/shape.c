/*
 * What a file is, by its first bytes; and whether a rendition is as our savers write them. The check
 * is strict: a file that is a JPEG and something else at once (a page, a script, an archive), or
 * carries what the photographer's camera noted, is not served.
 *
 * JPEG: ITU-T T.81 §B. AVIF: ISO 14496-12 §8.11, ISO 23008-12 §6.
 */
#include "media/inner.h"

#define X(NAME, name, type, extension) [MEDIA_##NAME] = {"" name, "" type, "" extension},
static const struct {
    const char *name, *type, *extension;
} formats[MEDIA_FORMAT_COUNT] = {MEDIA_FORMAT_TABLE(X)};
#undef X

struct span media_format_name(enum media_format format) {
    return span_str(formats[format].name);
}
struct span media_format_type(enum media_format format) {
    return span_str(formats[format].type);
}
const char *media_format_extension(enum media_format format) {
    return formats[format].extension;
}

const enum media_format MEDIA_SERVED[MEDIA_SERVED_COUNT] = {MEDIA_AVIF, MEDIA_JPEG};

size_t media_widths(uint32_t width, uint32_t height, uint32_t out_widths[MEDIA_WIDTHS_MAX]) {
    static const uint32_t steps[] = {1920, 1600, 1280, 960, 780, 640, 480, 320};
    uint32_t widest = width < MEDIA_WIDTH_MAX ? width : MEDIA_WIDTH_MAX;
    if (media_height(width, height, widest) > MEDIA_HEIGHT_MAX)
        widest = (uint32_t)((uint64_t)width * MEDIA_HEIGHT_MAX / height);
    if (widest == 0) widest = 1;
    size_t n = 0;
    out_widths[n++] = widest;
    for (size_t i = 0; i < COUNT_OF(steps) && n < MEDIA_WIDTHS_MAX; i++)
        if (steps[i] < widest) out_widths[n++] = steps[i];
    return n;
}

/* ---- what it is ---------------------------------------------------------------------------------- */

static bool has(struct span s, size_t at, const char *bytes, size_t n) {
    return s.n >= at + n && memcmp(s.p + at, bytes, n) == 0;
}
#define HAS(s, at, literal) has((s), (at), (literal), sizeof(literal) - 1)

/* AVIF is one of the brands of ISO 14496-12 files: the first, or among the compatible ones. */
static bool has_brand(struct span s, const char brand[4]) {
    if (!HAS(s, 4, "ftyp")) return false;
    size_t end = media_be(s.p, 4);
    if (end > s.n) end = s.n;
    for (size_t at = 8; at + 4 <= end; at += 4)
        if (at != 12 && memcmp(s.p + at, brand, 4) == 0) return true;
    return false;
}

static bool is_svg(struct span s) {
    struct span head = span_sub(s, 0, 1024);
    return memmem(head.p, head.n, "<svg", 4) != NULL;
}

static const char *name_of_other(struct span s) {
    static const struct {
        size_t at;
        const char *bytes;
        size_t n;
        const char *name;
    } others[] = {
        {0, "GIF8", 4, "a GIF"},
        {0, "II*\0", 4, "a TIFF or camera raw file"},
        {0, "MM\0*", 4, "a TIFF or camera raw file"},
        {0, "%PDF", 4, "a PDF"},
        {0, "8BPS", 4, "a Photoshop document"},
        {0, "BM", 2, "a BMP"},
        {0, "\xFF\x0A", 2, "a JPEG XL"},
        {0, "\0\0\0\x0CJXL ", 8, "a JPEG XL"},
        {0, "\0\0\0\x0CjP  ", 8, "a JPEG 2000"},
        {4, "ftyphei", 7, "a HEIC"},
        {4, "ftyphev", 7, "a HEIC"},
        {4, "ftypmif1", 8, "a HEIC"},
        {4, "ftyp", 4, "a film"},
        {0, "PK\x03\x04", 4, "a ZIP archive"},
    };
    for (size_t i = 0; i < COUNT_OF(others); i++)
        if (has(s, others[i].at, others[i].bytes, others[i].n)) return others[i].name;
    return is_svg(s) ? "an SVG" : NULL;
}

rc media_sniff(struct span s, enum media_format *out_format) {
    if (HAS(s, 0, "\xFF\xD8\xFF")) {
        *out_format = MEDIA_JPEG;
    } else if (HAS(s, 0, "\x89PNG\r\n\x1A\n")) {
        *out_format = MEDIA_PNG;
    } else if (HAS(s, 0, "RIFF") && HAS(s, 8, "WEBP")) {
        *out_format = MEDIA_WEBP;
    } else if (has_brand(s, "avif") || has_brand(s, "avis")) {
        *out_format = MEDIA_AVIF;
    } else {
        const char *other = name_of_other(s);
        return rc_fail(RC_INVALID, "it is %s; a picture is a JPEG, PNG, WebP or AVIF",
                       other ? other : "none that is known");
    }
    return RC_OK;
}

/* ---- as our savers write them -------------------------------------------------------------------- */

/* Behind SOS: entropy-coded bytes until the next marker that is none of RST0–7 or a stuffed FF. */
static size_t skip_scan(struct span s, size_t at) {
    for (; at + 1 < s.n; at++) {
        if ((uint8_t)s.p[at] != 0xFF) continue;
        uint8_t next = (uint8_t)s.p[at + 1];
        if (next != 0 && !(next >= 0xD0 && next <= 0xD7)) return at;
    }
    return s.n;
}

static rc check_jpeg(struct span s, uint32_t *out_width, uint32_t *out_height) {
    enum {
        SOF0 = 0xC0,
        SOF2 = 0xC2,
        DHT = 0xC4,
        SOI = 0xD8,
        EOI,
        SOS,
        DQT,
        DRI = 0xDD,
        APP0 = 0xE0
    };
    bool frame = false, scan = false;
    size_t at = 2;
    if (!HAS(s, 0, "\xFF\xD8")) return rc_fail(RC_INVALID, "no JPEG");
    while (at + 2 <= s.n && (uint8_t)s.p[at] == 0xFF) {
        unsigned marker = (uint8_t)s.p[at + 1];
        if (marker == EOI) {
            if (at + 2 != s.n) return rc_fail(RC_INVALID, "a JPEG with bytes behind its end");
            return frame && scan ? RC_OK : rc_fail(RC_INVALID, "a JPEG without a picture");
        }
        if (at + 4 > s.n) break;
        size_t n = media_be(s.p + at + 2, 2);
        if (n < 2 || at + 2 + n > s.n) break;
        struct span segment = span_sub(s, at + 4, n - 2);
        at += 2 + n;
        switch (marker) {
        case SOF0:
        case SOF2:
            if (frame || segment.n < 6 || segment.p[0] != 8)
                return rc_fail(RC_INVALID, "a JPEG with an odd frame");
            *out_height = media_be(segment.p + 1, 2);
            *out_width = media_be(segment.p + 3, 2);
            frame = true;
            break;
        case DHT:
        case DQT:
        case DRI: break;
        case SOS:
            scan = true;
            at = skip_scan(s, at);
            break;
        case APP0:
            if (segment.n == 14 && HAS(segment, 0, "JFIF\0")) break;
            return rc_fail(RC_INVALID, "a JPEG with an odd APP0");
        default: return rc_fail(RC_INVALID, "a JPEG with a segment %02X", marker);
        }
    }
    return rc_fail(RC_INVALID, "a JPEG without its end");
}

/* ISO 14496-12 §4.2: length, type, content; takes the first off *rest. */
static bool next_box(struct span *rest, char out_type[5], struct span *out) {
    size_t n = rest->n < 8 ? 0 : media_be(rest->p, 4);
    if (n < 8 || n > rest->n) return false;
    memcpy(out_type, rest->p + 4, 4);
    out_type[4] = 0;
    *out = span_sub(*rest, 8, n - 8);
    *rest = span_from(*rest, n);
    return true;
}

static rc odd_box(const char *type) {
    return rc_fail(RC_INVALID, "an AVIF with an odd \"%s\"", type);
}

/* iinf: the picture and perhaps its alpha; no EXIF, no XMP, no further pictures. */
static rc check_items(struct span iinf) {
    struct span rest = span_from(iinf, 6), infe;
    char type[5];
    unsigned items = 0;
    while (next_box(&rest, type, &infe)) {
        if (strcmp(type, "infe") != 0 || !HAS(infe, 0, "\2\0\0\0") || !HAS(infe, 8, "av01"))
            return odd_box(type);
        items++;
    }
    return rest.n == 0 && (items == 1 || items == 2) ? RC_OK : odd_box("iinf");
}

/* iprp, ipco: what is needed to decode it; no ICC profile. */
static rc check_properties(struct span iprp, uint32_t *out_width, uint32_t *out_height) {
    struct span rest = iprp, ipco, property;
    char type[5] = "iprp";
    *out_width = *out_height = 0;
    if (!next_box(&rest, type, &ipco) || strcmp(type, "ipco") != 0) return odd_box(type);
    while (next_box(&ipco, type, &property)) {
        if (strcmp(type, "ispe") == 0 && property.n == 12) {
            uint32_t width = media_be(property.p + 4, 4), height = media_be(property.p + 8, 4);
            if (*out_width && (width != *out_width || height != *out_height)) return odd_box(type);
            *out_width = width;
            *out_height = height;
        } else if (strcmp(type, "colr") == 0) {
            if (property.n != 11 || !HAS(property, 0, "nclx")) return odd_box(type);
        } else if (strcmp(type, "av1C") != 0 && strcmp(type, "pixi") != 0 &&
                   strcmp(type, "auxC") != 0) {
            return odd_box(type);
        }
    }
    if (ipco.n || *out_width == 0) return odd_box("ipco");
    if (!next_box(&rest, type, &property) || strcmp(type, "ipma") != 0 || rest.n)
        return odd_box("iprp");
    return RC_OK;
}

static rc check_avif(struct span s, uint32_t *out_width, uint32_t *out_height) {
    struct span rest = s, box, meta;
    char type[5] = "";
    bool items = false, properties = false;
    if (!next_box(&rest, type, &box) || strcmp(type, "ftyp") != 0 || !HAS(box, 0, "avif"))
        return rc_fail(RC_INVALID, "no AVIF");
    if (!next_box(&rest, type, &meta) || strcmp(type, "meta") != 0) return odd_box(type);
    if (!next_box(&rest, type, &box) || strcmp(type, "mdat") != 0 || rest.n) return odd_box(type);
    rest = span_from(meta, 4);
    while (next_box(&rest, type, &box)) {
        if (strcmp(type, "iinf") == 0 && !items) {
            TRY(check_items(box));
            items = true;
        } else if (strcmp(type, "iprp") == 0 && !properties) {
            TRY(check_properties(box, out_width, out_height));
            properties = true;
        } else if (strcmp(type, "hdlr") != 0 && strcmp(type, "pitm") != 0 &&
                   strcmp(type, "iloc") != 0 && strcmp(type, "iref") != 0) {
            return odd_box(type);
        }
    }
    return rest.n == 0 && items && properties ? RC_OK : odd_box("meta");
}

rc shape_check(struct span bytes, enum media_format format, uint32_t *out_width,
               uint32_t *out_height) {
    switch (format) {
    case MEDIA_JPEG: return check_jpeg(bytes, out_width, out_height);
    case MEDIA_AVIF: return check_avif(bytes, out_width, out_height);
    case MEDIA_PNG:
    case MEDIA_WEBP:
    case MEDIA_FORMAT_COUNT: break;
    }
    return rc_fail(RC_INVALID, "a format that is not served");
}
