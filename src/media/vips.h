/*
 * vips: libvips, opened when a media job begins and at no other time. It brings a hundred libraries
 * along (an SVG renderer, a PDF one …), which no other process of this program shall have in its
 * memory; so the program is not linked to it. The table below is checked by the compiler against its
 * headers, and by the loader when it is opened.
 */
#ifndef DATELINE_MEDIA_VIPS_H
#define DATELINE_MEDIA_VIPS_H

#include <gmodule.h>
#include <vips/vips.h>
/* behind it: */
#include <vips/vector.h>

#include "base/base.h"

#define VIPS_TABLE(X)             \
    X(vips_init)                  \
    X(vips_vector_set_enabled)    \
    X(vips_cache_set_max)         \
    X(vips_concurrency_set)       \
    X(vips_block_untrusted_set)   \
    X(vips_operation_block_set)   \
    X(vips_type_find)             \
    X(vips_error_buffer)          \
    X(vips_error_clear)           \
    X(vips_jpegload_buffer)       \
    X(vips_pngload_buffer)        \
    X(vips_webpload_buffer)       \
    X(vips_heifload_buffer)       \
    X(vips_premultiply)           \
    X(vips_unpremultiply)         \
    X(vips_cast_uchar)            \
    X(vips_cast)                  \
    X(vips_resize)                \
    X(vips_shrink)                \
    X(vips_icc_transform)         \
    X(vips_colourspace)           \
    X(vips_autorot)               \
    X(vips_flatten)               \
    X(vips_jpegsave_buffer)       \
    X(vips_copy)                  \
    X(vips_array_double_newv)     \
    X(vips_area_unref)            \
    X(vips_image_copy_memory)     \
    X(vips_image_hasalpha)        \
    X(vips_image_get_typeof)      \
    X(vips_image_get_orientation) \
    X(vips_image_get_n_pages)     \
    X(vips_image_get_blob)        \
    X(vips_image_get_string)      \
    X(vips_image_get_fields)      \
    X(vips_image_remove)          \
    X(g_object_ref)               \
    X(g_object_unref)             \
    X(g_free)                     \
    X(g_strfreev)                 \
    X(g_log_set_default_handler)  \
    X(g_log_set_writer_func)      \
    X(g_module_open)              \
    X(g_module_error)

struct vips_table {
#define X(name) __typeof__(&name) name;
    VIPS_TABLE(X)
#undef X
};
extern struct vips_table lib;

/* Opens the library, with the loaders of JPEG, PNG, WebP and AVIF and no other, without a JIT,
 * without a word on standard error. `threads`: how many compute. RC_IO: it is not there, or lacks
 * something. Nothing is opened later: this comes before the sandbox. */
rc vips_open(unsigned threads) MUST_USE;

/* The library's own error, as a failure; `what` it was about. RC_TOO_BIG if memory was what lacked, else
 * RC_INVALID: the file is at fault. */
rc vips_failed(const char *what);

#endif
