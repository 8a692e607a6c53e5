/*
 * AVIF, written by libheif itself: libvips 8.14 puts EXIF into each that it writes. libheif is in the
 * process already (libvips reads AVIF by it), and is opened in the same way (vips.h).
 */
#include <dlfcn.h>
#include <libheif/heif.h>

#include "media/inner.h"

#define LIBRARY "libheif.so.1"
#define SPEED 9 /* the fastest: no slower than WebP, and smaller (./dev bench media) */

#define HEIF_TABLE(X)                      \
    X(heif_init)                           \
    X(heif_context_alloc)                  \
    X(heif_context_free)                   \
    X(heif_context_get_encoder_for_format) \
    X(heif_encoder_release)                \
    X(heif_encoder_set_lossy_quality)      \
    X(heif_encoder_set_parameter_integer)  \
    X(heif_encoder_set_parameter_string)   \
    X(heif_encoding_options_alloc)         \
    X(heif_encoding_options_free)          \
    X(heif_nclx_color_profile_alloc)       \
    X(heif_nclx_color_profile_free)        \
    X(heif_image_create)                   \
    X(heif_image_add_plane)                \
    X(heif_image_get_plane)                \
    X(heif_image_release)                  \
    X(heif_context_encode_image)           \
    X(heif_context_write)

static struct {
#define X(name) __typeof__(&name) name;
    HEIF_TABLE(X)
#undef X
    int threads;
} heif;

rc heif_open(unsigned threads) {
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (!library) return rc_fail(RC_IO, "%s; pictures need libheif (Debian: libheif1)", dlerror());
#define X(name)                                   \
    *(void **)&heif.name = dlsym(library, #name); \
    if (!heif.name) return rc_fail(RC_IO, LIBRARY " lacks %s: it is another version", #name);
    HEIF_TABLE(X)
#undef X
    heif.threads = (int)threads;
    if (heif.heif_init(NULL).code != heif_error_Ok)
        return rc_fail(RC_IO, LIBRARY ": it does not begin");
    return RC_OK;
}

/* All that one file needs; each is freed if it is there. */
struct making {
    struct heif_context *context;
    struct heif_encoder *encoder;
    struct heif_encoding_options *options;
    struct heif_color_profile_nclx *colours;
    struct heif_image *image;
};

static struct heif_error write_to_buf(struct heif_context *context, const void *data, size_t size,
                                      void *arg) {
    (void)context;
    buf_add(arg, span_of(data, size));
    return (struct heif_error){.code = heif_error_Ok, .message = ""};
}

/* Each step, as long as all went well. */
#define STEP(call)                                          \
    do {                                                    \
        if (error.code == heif_error_Ok) error = heif.call; \
    } while (0)

static struct heif_error fill(struct making *w, const struct pixels *p) {
    struct heif_error error = {.code = heif_error_Ok};
    bool alpha = p->bands == 4;
    STEP(heif_image_create((int)p->width, (int)p->height, heif_colorspace_RGB,
                           alpha ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB,
                           &w->image));
    STEP(
        heif_image_add_plane(w->image, heif_channel_interleaved, (int)p->width, (int)p->height, 8));
    if (error.code != heif_error_Ok) return error;
    int stride;
    uint8_t *rows = heif.heif_image_get_plane(w->image, heif_channel_interleaved, &stride);
    size_t row = (size_t)p->width * p->bands;
    for (size_t y = 0; y < p->height; y++)
        memcpy(rows + y * (size_t)stride, p->bytes + y * row, row);
    return error;
}

static struct heif_error encode(struct making *w, const struct pixels *p, int quality,
                                struct buf *out) {
    struct heif_writer writer = {.writer_api_version = 1, .write = write_to_buf};
    struct heif_error error = fill(w, p);
    STEP(heif_context_get_encoder_for_format(w->context, heif_compression_AV1, &w->encoder));
    STEP(heif_encoder_set_lossy_quality(w->encoder, quality));
    STEP(heif_encoder_set_parameter_integer(w->encoder, "speed", SPEED));
    STEP(heif_encoder_set_parameter_integer(w->encoder, "threads", heif.threads));
    STEP(heif_encoder_set_parameter_string(w->encoder, "chroma", "420"));
    w->colours->color_primaries = heif_color_primaries_ITU_R_BT_709_5;
    w->colours->transfer_characteristics = heif_transfer_characteristic_IEC_61966_2_1;
    w->colours->matrix_coefficients = heif_matrix_coefficients_ITU_R_BT_601_6;
    w->colours->full_range_flag = 1;
    w->options->output_nclx_profile = w->colours;
    STEP(heif_context_encode_image(w->context, w->image, w->encoder, w->options, NULL));
    STEP(heif_context_write(w->context, &writer, out));
    return error;
}

rc heif_save(const struct pixels *p, int quality, struct buf *out) {
    struct making w = {.context = heif.heif_context_alloc(),
                       .options = heif.heif_encoding_options_alloc(),
                       .colours = heif.heif_nclx_color_profile_alloc()};
    rc code = RC_OK;
    if (!w.context || !w.options || !w.colours) {
        code =
            rc_fail(RC_TOO_BIG, "it needs more memory than its process may use (its renditions)");
    } else {
        struct heif_error error = encode(&w, p, quality, out);
        if (error.code == heif_error_Memory_allocation_error)
            code = rc_fail(RC_TOO_BIG,
                           "it needs more memory than its process may use (its renditions)");
        else if (error.code != heif_error_Ok || out->over)
            code = rc_fail(RC_INVALID, "no AVIF can be made of it: %s", error.message);
    }
    if (w.image) heif.heif_image_release(w.image);
    if (w.encoder) heif.heif_encoder_release(w.encoder);
    if (w.options) heif.heif_encoding_options_free(w.options);
    if (w.colours) heif.heif_nclx_color_profile_free(w.colours);
    if (w.context) heif.heif_context_free(w.context);
    return code;
}
