/*
 * The QR code of a short address, "/s/CODE.svg": drawn when somebody asks for it, and only if there is such an
 * address. It is made of the address alone, few ask, and for a million stories it would be a million answers
 * to make and to keep; caches may keep it for ever.
 */
#include <qrencode.h>
#include <stdio.h>

#include "site/web.h"

#define QUIET 4 /* modules of white around it: ISO/IEC 18004 */
#define QR_BYTES_MAX 65536
#define HEAD                                                                       \
    "HTTP/1.1 200 OK\r\nContent-Type: image/svg+xml\r\nCache-Control: public, "    \
    "max-age=31536000, immutable\r\nContent-Security-Policy: default-src 'none'; " \
    "style-src 'none'\r\nX-Content-Type-Options: nosniff\r\n"

static const struct span ending = {".svg", 4};

/* Dark modules that touch in their row are one stroke, through their middle. */
static void add_strokes(struct buf *out, const QRcode *qr) {
    for (int y = 0; y < qr->width; y++)
        for (int x = 0; x < qr->width; x++) {
            const int from = x;
            while (x < qr->width && qr->data[y * qr->width + x] & 1) x++;
            if (x > from) buf_printf(out, "M%d %d.5h%d", from + QUIET, y + QUIET, x - from);
        }
}

/* False: no code holds an address of that length. */
static bool draw(struct span url, struct buf *out) {
    QRcode *qr = QRcode_encodeData((int)url.n, (const unsigned char *)url.p, 0, QR_ECLEVEL_L);
    if (!qr) return false;
    const int size = qr->width + 2 * QUIET;
    buf_printf(out,
               "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
               "shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/>"
               "<path stroke=\"#000\" d=\"",
               size, size, size, size);
    add_strokes(out, qr);
    buf_str(out, "\"/></svg>\n");
    QRcode_free(qr);
    return !out->over;
}

bool qr_answer(struct site_web *web, struct net_conn *c, const struct asked *asked,
               struct span path) {
    struct pages_answer redirect;
    const struct span address = span_sub(path, 0, path.n - ending.n);
    if (!span_starts(path, SPAN("/s/")) || !span_ends(path, ending) ||
        pages_find(web->pages, address, 0, &redirect) != RC_OK || redirect.status != 302)
        return false;
    struct buf url, svg;
    char length[64];
    buf_init(&url, HTTP_TARGET_BYTES_MAX + web->setup.url.n);
    buf_init(&svg, QR_BYTES_MAX);
    buf_add(&url, web->setup.url);
    buf_add(&url, address);
    const bool drawn = !url.over && draw(buf_span(&url), &svg);
    if (drawn) {
        const int n = snprintf(length, sizeof length, "Content-Length: %zu\r\n", svg.n);
        const struct net_answer answer = {.status = 200,
                                          .head = {SPAN(HEAD), span_of(length, (size_t)n)},
                                          .body = {buf_span(&svg)},
                                          .body_not_sent = asked->is_head};
        answer_with(web, c, asked, &answer, false);
    }
    buf_done(&url);
    buf_done(&svg);
    return drawn;
}
