#include "http/range.h"

/* Digits alone; more than fit count as the largest number. */
static bool number_read(struct span s, uint64_t *out_number) {
    uint64_t number = 0;
    if (s.n == 0) return false;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9') return false;
        const uint64_t digit = (uint64_t)(s.p[i] - '0');
        number = number > (UINT64_MAX - digit) / 10 ? UINT64_MAX : number * 10 + digit;
    }
    *out_number = number;
    return true;
}

enum http_range http_range_read(struct span value, uint64_t bytes, uint64_t *out_from,
                                uint64_t *out_n) {
    uint64_t first, last;
    struct span set = value, unit = span_cut(&set, '=');
    if (!span_eq_nocase(unit, SPAN("bytes")) || !set.p) return HTTP_RANGE_WHOLE;
    struct span end = span_trim(set), begin = span_cut(&end, '-');
    if (!end.p) return HTTP_RANGE_WHOLE;
    if (begin.n == 0) { /* the last so many */
        if (!number_read(end, &last)) return HTTP_RANGE_WHOLE;
        if (last == 0 || bytes == 0) return HTTP_RANGE_NONE;
        *out_n = last < bytes ? last : bytes;
        *out_from = bytes - *out_n;
        return HTTP_RANGE_PART;
    }
    if (!number_read(begin, &first)) return HTTP_RANGE_WHOLE;
    last = UINT64_MAX;
    if (end.n && (!number_read(end, &last) || last < first)) return HTTP_RANGE_WHOLE;
    if (first >= bytes) return HTTP_RANGE_NONE;
    if (last >= bytes) last = bytes - 1;
    *out_from = first;
    *out_n = last - first + 1;
    return HTTP_RANGE_PART;
}
