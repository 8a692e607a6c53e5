#include "http/bytes.h"

/* What an ASCII letter or digit is; x: one that is a hex digit; u: "-", ".", "_", "~". */
#define a \
    (BYTE_TOKEN | BYTE_PATH | BYTE_QUERY | BYTE_VALUE | BYTE_UNRESERVED | BYTE_PCHAR | BYTE_PLAIN)
#define x (a | BYTE_HEX)
#define u a
/* A delimiter of RFC 3986 that may stand in a segment: t as a token too, d not. */
#define t (BYTE_TOKEN | BYTE_PATH | BYTE_QUERY | BYTE_VALUE | BYTE_PCHAR | BYTE_PLAIN)
#define d (BYTE_PATH | BYTE_QUERY | BYTE_VALUE | BYTE_PCHAR | BYTE_PLAIN)
/* Sent in targets, but no part of a segment: o, and p where it is a token too. */
#define o (BYTE_PATH | BYTE_QUERY | BYTE_VALUE)
#define p (BYTE_TOKEN | BYTE_PATH | BYTE_QUERY | BYTE_VALUE)
#define s (o | BYTE_PLAIN)
#define q (BYTE_QUERY | BYTE_VALUE)
#define k (BYTE_TOKEN | BYTE_VALUE)
#define v BYTE_VALUE

/* clang-format off */
const uint8_t http_bytes[256] = {
/*         0  1  2  3  4  5  6  7  8  9  A  B  C  D  E  F */
/* 0x00 */ 0, 0, 0, 0, 0, 0, 0, 0, 0, v, 0, 0, 0, 0, 0, 0,
/* 0x10 */ 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
/*  !"# */ v, t, v, k, t, p, t, t, d, d, t, t, d, u, u, s,
/* 0123 */ x, x, x, x, x, x, x, x, x, x, d, d, v, d, v, q,
/* @ABC */ d, x, x, x, x, x, x, a, a, a, a, a, a, a, a, a,
/* PQRS */ a, a, a, a, a, a, a, a, a, a, a, o, o, o, p, u,
/* `abc */ p, x, x, x, x, x, x, a, a, a, a, a, a, a, a, a,
/* pqrs */ a, a, a, a, a, a, a, a, a, a, a, o, p, o, u, 0,
/* 0x80 */ v, v, v, v, v, v, v, v, v, v, v, v, v, v, v, v,
/* 0x90 */ v, v, v, v, v, v, v, v, v, v, v, v, v, v, v, v,
/* 0xA0 */ v, v, v, v, v, v, v, v, v, v, v, v, v, v, v, v,
/* 0xB0 */ v, v, v, v, v, v, v, v, v, v, v, v, v, v, v, v,
/* 0xC0 */ v, v, v, v, v, v, v, v, v, v, v, v, v, v, v, v,
/* 0xD0 */ v, v, v, v, v, v, v, v, v, v, v, v, v, v, v, v,
/* 0xE0 */ v, v, v, v, v, v, v, v, v, v, v, v, v, v, v, v,
/* 0xF0 */ v, v, v, v, v, v, v, v, v, v, v, v, v, v, v, v,
};
/* clang-format on */
