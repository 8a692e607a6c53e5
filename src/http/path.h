/*
 * path: a request's path in the one form under which pages are stored, so that two spellings of one
 * URL (RFC 3986 §6.2.2) are one page.
 */
#ifndef DATELINE_HTTP_PATH_H
#define DATELINE_HTTP_PATH_H

#include "base/base.h"

/*
 * The normal form of `path` (which begins with "/") into out (cap ≥ path.n, it never grows):
 * unreserved characters are not percent-encoded, hex digits are capitals, everything else stays as
 * it was sent. RC_INVALID (a reason noted) for a broken percent-encoding; an encoded NUL, control,
 * "/" or "\"; a "." or ".." segment (also encoded); bytes that are not well-formed UTF-8 once
 * decoded; a byte that a path may not hold unencoded (RFC 3986 §3.3). Normalizing twice changes
 * nothing. A path that is normal already comes back as itself, uncopied.
 */
rc http_path_normal(struct span path, char *out, size_t cap, struct span *out_path) MUST_USE;

/*
 * The path of a URL for Unicode text: percent-encodes what a segment may not hold; "/" stays. The
 * result is in normal form if the text begins with "/". `out` gets at most cap bytes; RC_TOO_BIG.
 * RC_INVALID for a text of which no normal path can be made: not UTF-8, a control, "\", a "." or
 * ".." segment.
 */
rc http_path_encode(struct span text, char *out, size_t cap, struct span *out_path) MUST_USE;

#endif
