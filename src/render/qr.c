/* The QR code of a short address, drawn by libqrencode's table of modules. */
#include <qrencode.h>

#include "render/links.h"

#define QUIET 4 /* modules of white around it: ISO/IEC 18004 */

/* Some hundred of them in each code: printf() would take longer than the encoding. */
static void add_stroke(struct buf *out, int x, int y, int n) {
    buf_char(out, 'M');
    buf_u64(out, (uint64_t)x);
    buf_char(out, ' ');
    buf_u64(out, (uint64_t)y);
    buf_char(out, 'h');
    buf_u64(out, (uint64_t)n);
    buf_str(out, "v1h-");
    buf_u64(out, (uint64_t)n);
    buf_char(out, 'z');
}

rc render_qr(struct render *r, struct arena *a, struct span code, struct buf *out) {
    struct span url = theme_url(r, a, link_short(a, code));
    TRY(theme_arena_ok(a, "the QR code"));
    QRcode *qr = QRcode_encodeData((int)url.n, (const unsigned char *)url.p, 0, QR_ECLEVEL_L);
    if (!qr)
        return rc_fail(RC_TOO_BIG, "no QR code holds an address of %zu bytes: " SPAN_FMT, url.n,
                       SPAN_ARG(url));
    int size = qr->width + 2 * QUIET;
    buf_printf(out,
               "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
               "shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/>"
               "<path d=\"",
               size, size, size, size);
    /* dark modules that touch in their row are one stroke */
    for (int y = 0; y < qr->width; y++)
        for (int x = 0; x < qr->width; x++) {
            int from = x;
            while (x < qr->width && qr->data[y * qr->width + x] & 1) x++;
            if (x > from) add_stroke(out, from + QUIET, y + QUIET, x - from);
        }
    buf_str(out, "\"/></svg>\n");
    QRcode_free(qr);
    return out->over ? rc_fail(RC_TOO_BIG, "a QR code is over %zu bytes", out->bytes_max) : RC_OK;
}
