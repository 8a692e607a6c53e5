/*
 * Pictures, kept by the hash of their bytes: SITE/media/ab/abcdef….jpg. What they are is read from
 * their first bytes; nothing is decoded here. Sizes stand where the formats put them: JPEG
 * (ITU-T T.81 §B.2.2, the first frame header), PNG (ISO 15948 §11.2.2), WebP (RFC 9649 §2), AVIF
 * (ISO 14496-12 `ispe`, the largest).
 */
#include <stdio.h>

#include "flow/inner.h"

#define MEDIA_PATH_BYTES 128
#define PICTURE_BYTES_MAX PAGES_BODY_BYTES_MAX
#define PICTURE_SIDE_MAX 16384
#define PICTURE_PIXELS_MAX 100000000

static uint32_t be(const uint8_t *p, unsigned n) {
    uint32_t value = 0;
    for (unsigned i = 0; i < n; i++) value = value << 8 | p[i];
    return value;
}
static uint32_t le(const uint8_t *p, unsigned n) {
    uint32_t value = 0;
    for (unsigned i = n; i > 0; i--) value = value << 8 | p[i - 1];
    return value;
}

static bool jpeg_size(struct span s, uint32_t *w, uint32_t *h) {
    const uint8_t *p = (const uint8_t *)s.p;
    for (size_t at = 2; at + 4 <= s.n;) {
        if (p[at] != 0xFF) return false;
        uint8_t marker = p[at + 1];
        if (marker == 0xFF) {
            at++;
            continue;
        }
        size_t n = be(p + at + 2, 2);
        bool frame =
            marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
        if (n < 2 || marker == 0xDA) return false;
        if (frame) {
            if (at + 9 > s.n || n < 8) return false;
            *h = be(p + at + 5, 2);
            *w = be(p + at + 7, 2);
            return true;
        }
        at += 2 + n;
    }
    return false;
}

static bool png_size(struct span s, uint32_t *w, uint32_t *h) {
    const uint8_t *p = (const uint8_t *)s.p;
    if (s.n < 33 || memcmp(p + 12, "IHDR", 4) != 0) return false;
    *w = be(p + 16, 4);
    *h = be(p + 20, 4);
    return true;
}

static bool webp_size(struct span s, uint32_t *w, uint32_t *h) {
    const uint8_t *p = (const uint8_t *)s.p;
    if (s.n < 30) return false;
    if (memcmp(p + 12, "VP8X", 4) == 0) {
        *w = le(p + 24, 3) + 1;
        *h = le(p + 27, 3) + 1;
    } else if (memcmp(p + 12, "VP8L", 4) == 0 && p[20] == 0x2F) {
        uint32_t bits = le(p + 21, 4);
        *w = (bits & 0x3FFF) + 1;
        *h = (bits >> 14 & 0x3FFF) + 1;
    } else if (memcmp(p + 12, "VP8 ", 4) == 0 && memcmp(p + 23, "\x9D\x01\x2A", 3) == 0) {
        *w = le(p + 26, 2) & 0x3FFF;
        *h = le(p + 28, 2) & 0x3FFF;
    } else {
        return false;
    }
    return true;
}

static bool avif_size(struct span s, uint32_t *w, uint32_t *h) {
    const uint8_t *p = (const uint8_t *)s.p;
    size_t look = s.n < 65536 ? s.n : 65536;
    bool found = false;
    for (size_t at = 8; at + 16 <= look; at++) {
        if (memcmp(p + at, "ispe", 4) != 0) continue;
        uint32_t width = be(p + at + 8, 4), height = be(p + at + 12, 4);
        if (found && (uint64_t)width * height <= (uint64_t)*w * *h) continue;
        *w = width;
        *h = height;
        found = true;
    }
    return found;
}

static const struct {
    const char *extension;
    struct span type;
    bool (*size)(struct span s, uint32_t *w, uint32_t *h);
} formats[] = {
    {"jpg", {"image/jpeg", 10}, jpeg_size},
    {"png", {"image/png", 9}, png_size},
    {"webp", {"image/webp", 10}, webp_size},
    {"avif", {"image/avif", 10}, avif_size},
};

static int format_of(struct span s) {
    if (span_starts(s, SPAN("\xFF\xD8\xFF"))) return 0;
    if (span_starts(s, SPAN("\x89PNG\r\n\x1A\n"))) return 1;
    if (span_starts(s, SPAN("RIFF")) && span_starts(span_from(s, 8), SPAN("WEBP"))) return 2;
    if (span_starts(span_from(s, 4), SPAN("ftypavi"))) return 3;
    return -1;
}

static const char *extension_of(struct span type) {
    for (size_t i = 0; i < COUNT_OF(formats); i++)
        if (span_eq(formats[i].type, type)) return formats[i].extension;
    return "bin";
}

static void hash_text(const struct sha256 *hash, char out[2 * SHA256_BYTES + 1]) {
    struct buf b;
    buf_init_fixed(&b, out, 2 * SHA256_BYTES);
    buf_hex(&b, hash->bytes, SHA256_BYTES);
    out[2 * SHA256_BYTES] = 0;
}

static void file_path(const struct rendition *r, char out[MEDIA_PATH_BYTES]) {
    char hash[2 * SHA256_BYTES + 1];
    hash_text(&r->hash, hash);
    snprintf(out, MEDIA_PATH_BYTES, "media/%.2s/%s.%s", hash, hash, extension_of(r->type));
}

struct span media_path(struct arena *a, const struct rendition *r) {
    char hash[2 * SHA256_BYTES + 1];
    hash_text(&r->hash, hash);
    return arena_printf(a, "/media/%s.%s", hash, extension_of(r->type));
}

rc media_look(struct span bytes, struct rendition *out) {
    int format = format_of(bytes);
    if (format < 0) return rc_fail(RC_INVALID, "not a JPEG, PNG, WebP or AVIF");
    struct rendition r = {.type = formats[format].type, .bytes = bytes.n};
    if (!formats[format].size(bytes, &r.width, &r.height) || r.width == 0 || r.height == 0)
        return rc_fail(RC_INVALID, "its width and height cannot be read");
    if (bytes.n > PICTURE_BYTES_MAX || r.width > PICTURE_SIDE_MAX || r.height > PICTURE_SIDE_MAX ||
        (uint64_t)r.width * r.height > PICTURE_PIXELS_MAX)
        return rc_fail(RC_TOO_BIG,
                       "%zu bytes, %u × %u; at most %d bytes, %d pixels a side, %d in all", bytes.n,
                       r.width, r.height, PICTURE_BYTES_MAX, PICTURE_SIDE_MAX, PICTURE_PIXELS_MAX);
    *out = r;
    return RC_OK;
}

rc media_keep(struct flow *f, struct span href, struct span bytes, struct rendition *out) {
    struct rendition r;
    rc looked = media_look(bytes, &r);
    if (looked != RC_OK) return rc_in(looked, "picture \"" SPAN_FMT "\": ", SPAN_ARG(href));
    r.hash = sha256_of(bytes);
    char path[MEDIA_PATH_BYTES], folder[MEDIA_PATH_BYTES];
    struct file_stat stat;
    file_path(&r, path);
    rc code = file_stat(f->setup.site, path, &stat);
    if (code == RC_NOT_FOUND) {
        snprintf(folder, sizeof folder, "%.8s", path); /* "media/ab" */
        code = file_make_folder(f->setup.site, folder, 0);
        if (code == RC_OK) code = file_sync_folder_of(f->setup.site, folder);
        if (code != RC_OK && code != RC_CONFLICT) return code;
        TRY(file_replace(f->setup.site, path, bytes, 0));
    } else {
        TRY(code);
        if (stat.bytes != bytes.n) TRY(file_replace(f->setup.site, path, bytes, 0));
    }
    *out = r;
    return RC_OK;
}

rc media_read(struct flow *f, const struct rendition *rendition, struct buf *out) {
    char path[MEDIA_PATH_BYTES];
    file_path(rendition, path);
    TRY(file_read_all(f->setup.site, path, out));
    struct sha256 hash = sha256_of(buf_span(out));
    if (!sha256_eq(&hash, &rendition->hash))
        return rc_fail(RC_CORRUPT,
                       "%s: its bytes are not those of its name; restore it from a backup", path);
    return RC_OK;
}
