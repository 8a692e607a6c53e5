/* date: IMF-fixdate, "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 §5.6.7). */
#ifndef DATELINE_HTTP_DATE_H
#define DATELINE_HTTP_DATE_H

#include "base/base.h"

#define HTTP_DATE_CHARS 29
/* Years 0001–9999, a time outside becomes the nearest end; no NUL is written. */
void http_date(ms_t at, char out_text[HTTP_DATE_CHARS]);
/* "Not Found"; "" for a status we never send. */
const char *http_reason(unsigned status);

#endif
