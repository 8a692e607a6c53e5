/* utf8: Unicode 15 §3.9 well-formed UTF-8; no allocation, no tables of characters. */
#ifndef DATELINE_BASE_UTF8_H
#define DATELINE_BASE_UTF8_H

#include "base/base.h"

/* Reads one code point at *at and moves *at past it. False (and *at unmoved) if the bytes there
 * are not well-formed: overlong, surrogate, above U+10FFFF, cut short. */
bool utf8_next(struct span s, size_t *at, uint32_t *out_point);
bool utf8_valid(struct span s);
/* 1–4 bytes; a surrogate or a value above U+10FFFF becomes U+FFFD. */
size_t utf8_put(uint32_t point, char out_bytes[4]);
/* Number of code points; s must be valid. */
size_t utf8_count(struct span s);

#endif
