#include "http/date.h"

#define DAY_MS INT64_C(86400000)
#define FIRST_MS (INT64_C(-719162) * DAY_MS)    /* 0001-01-01 */
#define LAST_MS (INT64_C(2932897) * DAY_MS - 1) /* 9999-12-31, its last millisecond */

static const char day_names[7][4] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
static const char month_names[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct date {
    int64_t year;
    unsigned month, day; /* from 1 */
};

/* Proleptic Gregorian. Years are counted from March, so that the leap day is a year's last day, in
 * cycles of 400 years or 146097 days. */
static struct date date_of_days(int64_t days) {
    int64_t since = days + 719468; /* since 0000-03-01; never negative here */
    int64_t cycle = since / 146097;
    unsigned in_cycle = (unsigned)(since % 146097);
    unsigned year = (in_cycle - in_cycle / 1460 + in_cycle / 36524 - in_cycle / 146096) / 365;
    unsigned in_year = in_cycle - (365 * year + year / 4 - year / 100);
    unsigned month = (5 * in_year + 2) / 153; /* 0 is March */
    struct date d = {.day = in_year - (153 * month + 2) / 5 + 1,
                     .month = month < 10 ? month + 3 : month - 9};
    d.year = cycle * 400 + year + (d.month <= 2);
    return d;
}

static void put_number(char *out, unsigned digits, uint64_t value) {
    while (digits-- > 0) {
        out[digits] = (char)('0' + value % 10);
        value /= 10;
    }
}

void http_date(ms_t at, char out_text[HTTP_DATE_CHARS]) {
    if (at < FIRST_MS) at = FIRST_MS;
    if (at > LAST_MS) at = LAST_MS;
    int64_t days = (at - FIRST_MS) / DAY_MS + FIRST_MS / DAY_MS;
    uint64_t second = (uint64_t)(at - days * DAY_MS) / 1000;
    struct date d = date_of_days(days);
    memcpy(out_text, "Day, 00 Mon 0000 00:00:00 GMT", HTTP_DATE_CHARS);
    /* 0001-01-01 was a Monday. */
    memcpy(out_text, day_names[(at - FIRST_MS) / DAY_MS % 7], 3);
    put_number(out_text + 5, 2, d.day);
    memcpy(out_text + 8, month_names[d.month - 1], 3);
    put_number(out_text + 12, 4, (uint64_t)d.year);
    put_number(out_text + 17, 2, second / 3600);
    put_number(out_text + 20, 2, second / 60 % 60);
    put_number(out_text + 23, 2, second % 60);
}

const char *http_reason(unsigned status) {
    switch (status) {
    case 100: return "Continue";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 417: return "Expectation Failed";
    case 421: return "Misdirected Request";
    case 422: return "Unprocessable Content";
    case 428: return "Precondition Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    case 507: return "Insufficient Storage";
    default: return "";
    }
}
