/*
 * libvips at work, in a media job: one file in, its renditions out. In this order:
 *
 *   1. The header: is it what it seems, and within the limits? Before the first pixel.
 *   2. Metadata (metadata.c).
 *   3. The base: the picture decoded once, row by row where the format can, shrunk on the way by a whole
 *      number if it is far larger than needed, made sRGB, turned upright, and kept in memory.
 *   4. Each rendition from the narrowest picture at hand that is at least twice as wide (the base, or
 *      an earlier rendition), so that the small ones cost little and none is softened by being
 *      resized from one hardly larger.
 *
 * Savers are given pixels without any metadata.
 */
#include "base/hash.h"
#include "media/inner.h"
#include "media/vips.h"
#include "sys/process.h"

#define JPEG_QUALITY 72
#define AVIF_QUALITY 55
#define THREADS_MAX 4
#define WHITE 255.0
#define BASE_PIXELS 24000000 /* 72 MB */
#define SOFT_BELOW 1280      /* pixels: MEDIA_NOTE_NARROW */

/* ---- what is owed to GLib ----------------------------------------------------------------------- */

static void drop(VipsImage **image) {
    if (*image) (lib.g_object_unref)(*image);
    *image = NULL;
}
/* `step` made *next of *image: it takes its place. */
static rc take(VipsImage **image, VipsImage **next, int result, const char *what) {
    if (result != 0) {
        drop(next);
        return vips_failed(what);
    }
    drop(image);
    *image = *next;
    *next = NULL;
    return RC_OK;
}

/* ---- 1. the header ------------------------------------------------------------------------------- */

static rc load(struct span bytes, enum media_format format, int shrink, VipsImage **out) {
    void *p = (void *)(uintptr_t)bytes.p;
    int result = -1;
    *out = NULL;
    lib.vips_error_clear();
    switch (format) {
    case MEDIA_JPEG:
        result =
            lib.vips_jpegload_buffer(p, bytes.n, out, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on",
                                     VIPS_FAIL_ON_TRUNCATED, "shrink", shrink, NULL);
        break;
    case MEDIA_PNG:
        result = lib.vips_pngload_buffer(p, bytes.n, out, "access", VIPS_ACCESS_SEQUENTIAL,
                                         "fail_on", VIPS_FAIL_ON_TRUNCATED, NULL);
        break;
    case MEDIA_WEBP:
        result = lib.vips_webpload_buffer(p, bytes.n, out, "access", VIPS_ACCESS_SEQUENTIAL,
                                          "fail_on", VIPS_FAIL_ON_TRUNCATED, NULL);
        break;
    case MEDIA_AVIF:
        result = lib.vips_heifload_buffer(p, bytes.n, out, "access", VIPS_ACCESS_SEQUENTIAL,
                                          "fail_on", VIPS_FAIL_ON_TRUNCATED, NULL);
        break;
    case MEDIA_FORMAT_COUNT: break;
    }
    return result == 0 ? RC_OK : vips_failed("header");
}

static rc check_header(const VipsImage *image, enum media_format format,
                       const struct media_limits *limits) {
    uint64_t width = (uint64_t)image->Xsize, height = (uint64_t)image->Ysize;
    if (width > limits->side || height > limits->side)
        return rc_fail(RC_TOO_BIG, "%llu × %llu pixels: a side may have %u",
                       (unsigned long long)width, (unsigned long long)height, limits->side);
    if (width * height > limits->pixels)
        return rc_fail(RC_TOO_BIG, "%llu × %llu are %llu million pixels; it may have %llu million",
                       (unsigned long long)width, (unsigned long long)height,
                       (unsigned long long)(width * height / 1000000),
                       (unsigned long long)(limits->pixels / 1000000));
    const char *compression = NULL;
    if (format == MEDIA_AVIF && (lib.vips_image_get_string((VipsImage *)(uintptr_t)image,
                                                           "heif-compression", &compression) != 0 ||
                                 strcmp(compression, "av1") != 0))
        return rc_fail(RC_INVALID, "an AVIF whose picture is not AV1");
    return RC_OK;
}

/* ---- 2. metadata ----------------------------------------------------------------------------------- */

static struct span blob_of(VipsImage *image, const char *name) {
    const void *p;
    size_t n;
    if (lib.vips_image_get_typeof(image, name) == 0 ||
        lib.vips_image_get_blob(image, name, &p, &n) != 0)
        return (struct span){NULL, 0};
    return span_of(p, n);
}

static void read_metadata(VipsImage *image, struct span bytes, enum media_format format,
                          struct arena *a, struct media_picture *out) {
    struct metadata_source source = {.xmp = blob_of(image, VIPS_META_XMP_NAME),
                                     .exif = blob_of(image, VIPS_META_EXIF_NAME)};
    if (format == MEDIA_JPEG) source.jpeg = bytes;
    metadata_read(&source, a, out);
}

/* ---- 3. the base ----------------------------------------------------------------------------------- */

/* Averages blocks of that many pixels a side, or (0) resizes to exactly width × height. Colours are
 * weighted by how opaque they are. */
static rc resize(VipsImage **image, uint32_t blocks, uint32_t width, uint32_t height) {
    VipsImage *next = NULL;
    VipsBandFormat format = (*image)->BandFmt;
    uint32_t from_width = (uint32_t)(*image)->Xsize, from_height = (uint32_t)(*image)->Ysize;
    if (!blocks && width == from_width && height == from_height) return RC_OK;
    bool alpha = lib.vips_image_hasalpha(*image);
    if (alpha) TRY(take(image, &next, lib.vips_premultiply(*image, &next, NULL), "transparency"));
    int result = blocks ? lib.vips_shrink(*image, &next, blocks, blocks, NULL)
                        : lib.vips_resize(*image, &next, (double)width / from_width, "vscale",
                                          (double)height / from_height, NULL);
    TRY(take(image, &next, result, "size"));
    if (alpha) {
        TRY(take(image, &next, lib.vips_unpremultiply(*image, &next, NULL), "transparency"));
        TRY(take(image, &next, lib.vips_cast(*image, &next, format, NULL), "transparency"));
    }
    return RC_OK;
}

/* 8 bits, sRGB, with or without alpha. */
static rc make_srgb(VipsImage **image) {
    VipsImage *next = NULL;
    bool cmyk = (*image)->Type == VIPS_INTERPRETATION_CMYK;
    bool profile = lib.vips_image_get_typeof(*image, VIPS_META_ICC_NAME) != 0;
    if (profile || cmyk) {
        /* "cmyk" is what one without a profile, or with a bad one, is taken for. */
        int result = lib.vips_icc_transform(*image, &next, "srgb", "embedded", TRUE, "depth", 8,
                                            "intent", VIPS_INTENT_RELATIVE,
                                            cmyk ? "input_profile" : NULL, "cmyk", NULL);
        if (result == 0) return take(image, &next, 0, "colours");
        drop(&next);
        if (cmyk) return vips_failed("colours");
    }
    TRY(take(image, &next, lib.vips_colourspace(*image, &next, VIPS_INTERPRETATION_sRGB, NULL),
             "colours"));
    return take(image, &next, lib.vips_cast_uchar(*image, &next, NULL), "colours");
}

/* Forgets all that is not pixels, and computes these: in memory, at image->data. */
static rc keep(VipsImage **image) {
    VipsImage *next = NULL; /* metadata may be taken from an image that is ours alone */
    TRY(take(image, &next, lib.vips_copy(*image, &next, NULL), "pixels"));
    char **names = lib.vips_image_get_fields(*image);
    for (size_t i = 0; names && names[i]; i++) (void)lib.vips_image_remove(*image, names[i]);
    (lib.g_strfreev)(names);
    next = lib.vips_image_copy_memory(*image);
    return take(image, &next, next ? 0 : -1, "pixels");
}

/*
 * By how much the picture is shrunk in whole numbers while it is decoded (JPEG's decoder does it itself,
 * by 2, 4 or 8, and is the faster for it): the base stays at least half as wide again as the widest
 * rendition, so that the filter, not the averaging of blocks, makes what is seen; unless it were larger
 * than is good for memory.
 */
static uint32_t shrink_of(enum media_format format, uint32_t width, uint32_t height,
                          uint32_t widest) {
    uint32_t shrink = 1;
    for (;;) {
        uint32_t next = format == MEDIA_JPEG ? shrink * 2 : shrink + 1;
        uint64_t pixels = (uint64_t)(width / shrink) * (height / shrink);
        uint32_t least = pixels > BASE_PIXELS ? widest : widest + widest / 2;
        if (width / next < least || (format == MEDIA_JPEG && next > 8)) return shrink;
        shrink = next;
    }
}

/* *image is the header's; what is in its place then are pixels. */
static rc make_base(struct span bytes, enum media_format format, VipsImage **image,
                    struct media_picture *out) {
    VipsImage *next = NULL;
    uint32_t widths[MEDIA_WIDTHS_MAX];
    int orientation = lib.vips_image_get_orientation(*image);
    bool lies = orientation >= 5; /* on its side */
    out->width = (uint32_t)(lies ? (*image)->Ysize : (*image)->Xsize);
    out->height = (uint32_t)(lies ? (*image)->Xsize : (*image)->Ysize);
    (void)media_widths(out->width, out->height, widths);
    uint32_t shrink = shrink_of(format, out->width, out->height, widths[0]);
    if (shrink > 1 && format == MEDIA_JPEG) {
        drop(image);
        TRY(load(bytes, format, (int)shrink, image));
    } else if (shrink > 1) {
        TRY(resize(image, shrink, 0, 0));
    }
    TRY(make_srgb(image));
    if (orientation > 1) {
        next = lib.vips_image_copy_memory(*image);
        TRY(take(image, &next, next ? 0 : -1, "pixels"));
        TRY(take(image, &next, lib.vips_autorot(*image, &next, NULL), "orientation"));
    }
    return keep(image);
}

/* ---- 4. the renditions ----------------------------------------------------------------------------- */

/* What is transparent, on white; another reference to the image if nothing is. */
static rc flatten(VipsImage *image, VipsImage **out) {
    VipsImage *flat = NULL, *next = NULL;
    if (!lib.vips_image_hasalpha(image)) {
        *out = (lib.g_object_ref)(image);
        return RC_OK;
    }
    VipsArrayDouble *white = lib.vips_array_double_newv(1, WHITE);
    int result = lib.vips_flatten(image, &next, "background", white, NULL);
    lib.vips_area_unref((VipsArea *)white);
    TRY(take(&flat, &next, result, "transparency"));
    rc code = keep(&flat);
    if (code == RC_OK)
        *out = flat;
    else
        drop(&flat);
    return code;
}

static rc save_jpeg(VipsImage *image, struct arena *a, struct span *out) {
    void *p = NULL;
    size_t n = 0;
    if (lib.vips_jpegsave_buffer(image, &p, &n, "Q", JPEG_QUALITY, "interlace", TRUE,
                                 "optimize_coding", TRUE, "strip", TRUE, NULL) != 0)
        return vips_failed("rendition in JPEG");
    *out = arena_copy(a, span_of(p, n));
    (lib.g_free)(p);
    return RC_OK;
}

static rc save_avif(const VipsImage *image, struct arena *a, struct span *out) {
    const struct pixels pixels = {.bytes = image->data,
                                  .width = (uint32_t)image->Xsize,
                                  .height = (uint32_t)image->Ysize,
                                  .bands = (uint32_t)image->Bands};
    struct buf bytes;
    buf_init(&bytes, MEDIA_ANSWER_BYTES_MAX);
    rc code = heif_save(&pixels, AVIF_QUALITY, &bytes);
    if (code == RC_OK) *out = arena_copy(a, buf_span(&bytes));
    buf_done(&bytes);
    return code;
}

static rc save(VipsImage *image, enum media_format format, struct arena *a,
               struct media_file *out) {
    struct span bytes = {NULL, 0};
    TRY(format == MEDIA_JPEG ? save_jpeg(image, a, &bytes) : save_avif(image, a, &bytes));
    if (!bytes.p) return rc_fail(RC_TOO_BIG, "its renditions are too large together");
    *out = (struct media_file){.format = format,
                               .bytes = bytes,
                               .about = {.hash = sha256_of(bytes),
                                         .type = media_format_type(format),
                                         .width = (uint32_t)image->Xsize,
                                         .height = (uint32_t)image->Ysize,
                                         .bytes = bytes.n}};
    return RC_OK;
}

/* From the narrowest that is wide enough. images[0] is the base. */
static rc make_smaller(VipsImage *const *images, size_t count, uint32_t width, uint32_t height,
                       VipsImage **out) {
    VipsImage *image = images[0];
    for (size_t i = 1; i < count; i++)
        if ((uint32_t)images[i]->Xsize >= 2 * width) image = images[i];
    (void)(lib.g_object_ref)(image);
    rc code = resize(&image, 0, width, height);
    if (code == RC_OK) code = keep(&image);
    if (code == RC_OK)
        *out = image;
    else
        drop(&image);
    return code;
}

static uint32_t average(const VipsImage *image) {
    const uint8_t *p = image->data;
    uint64_t sums[3] = {0, 0, 0}, pixels = (uint64_t)image->Xsize * (uint64_t)image->Ysize;
    int bands = image->Bands;
    for (uint64_t i = 0; i < pixels; i++, p += bands)
        for (int band = 0; band < 3; band++) sums[band] += p[band];
    uint32_t colour = 0;
    for (int band = 0; band < 3; band++)
        colour = colour << 8 | (uint32_t)((sums[band] + pixels / 2) / pixels);
    return colour;
}

/* One width in each format that is served. The last one's average is the picture's. */
static rc save_all(VipsImage *image, struct arena *a, struct media_picture *out) {
    VipsImage *flat = NULL;
    TRY(flatten(image, &flat));
    rc code = RC_OK;
    for (size_t i = 0; i < MEDIA_SERVED_COUNT && code == RC_OK; i++) {
        code = save(MEDIA_SERVED[i] == MEDIA_JPEG ? flat : image, MEDIA_SERVED[i], a,
                    &out->files[out->files_count]);
        if (code == RC_OK) out->files_count++;
    }
    out->colour = average(flat);
    drop(&flat);
    return code;
}

static rc make_files(VipsImage *base, struct arena *a, struct media_picture *out) {
    VipsImage *images[1 + MEDIA_WIDTHS_MAX] = {base};
    uint32_t widths[MEDIA_WIDTHS_MAX];
    size_t count = media_widths(out->width, out->height, widths), made = 1;
    rc code = RC_OK;
    for (size_t i = 0; i < count && code == RC_OK; i++) {
        uint32_t height = media_height(out->width, out->height, widths[i]);
        code = make_smaller(images, made, widths[i], height, &images[made]);
        if (code == RC_OK) code = save_all(images[made++], a, out);
    }
    for (size_t i = 1; i < made; i++) drop(&images[i]);
    return code;
}

/* ---- all of it --------------------------------------------------------------------------------------- */

rc develop_open(void) {
    unsigned threads = process_cpus();
    if (threads > THREADS_MAX) threads = THREADS_MAX;
    TRY(vips_open(threads));
    return heif_open(threads);
}

rc develop(struct span bytes, enum media_format format, const struct media_limits *limits,
           struct arena *a, struct media_picture *out) {
    VipsImage *image = NULL;
    *out = (struct media_picture){.format = format};
    TRY(load(bytes, format, 1, &image));
    rc code = check_header(image, format, limits);
    if (code == RC_OK) {
        if (lib.vips_image_get_n_pages(image) > 1) out->notes |= 1u << MEDIA_NOTE_ANIMATED;
        read_metadata(image, bytes, format, a, out);
        code = make_base(bytes, format, &image, out);
    }
    if (code == RC_OK && out->width < SOFT_BELOW) out->notes |= 1u << MEDIA_NOTE_NARROW;
    if (code == RC_OK) code = make_files(image, a, out);
    drop(&image);
    return code;
}
