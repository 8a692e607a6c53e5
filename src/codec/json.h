/*
 * json: reading by jansson behind limits, writing in JCS order.
 *
 * Values are jansson's, since what is read here is walked elsewhere; this header adds what jansson
 * does not have: limits, a place for every complaint, and canonical output (RFC 8785 for the subset
 * without fractions: integers of 53 bits, strings, booleans, arrays, objects; members in the order
 * of their UTF-16 code units).
 */
#ifndef DATELINE_CODEC_JSON_H
#define DATELINE_CODEC_JSON_H

#include <jansson.h>

#include "base/buf.h"

#define JSON_DEPTH_MAX 64
#define JSON_BYTES_MAX (4u << 20)

/* A whole JSON text; duplicate members, NUL in strings and depth over JSON_DEPTH_MAX are refused.
 * RC_INVALID "line 3, column 7: …", RC_TOO_BIG. The caller json_decref()s it. */
rc json_read(struct span text, json_t **out_value) MUST_USE;

/* Adds the canonical text. RC_INVALID if the value has a real, an integer beyond ±(2^53 − 1) or null. */
rc json_write_canonical(const json_t *value, struct buf *out) MUST_USE;

/* Adds s as a JSON string with its quotes, escaped as JCS does (RFC 8785 §3.2.2.2). s is UTF-8. */
void json_write_string(struct buf *out, struct span s);

/* An object's string member; {NULL,0} if it is missing or not a string. */
struct span json_member_string(const json_t *object, const char *name);

#endif
