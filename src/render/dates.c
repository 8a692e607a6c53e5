#include "render/dates.h"

#include <stdio.h>
#include <unicode/ucal.h>
#include <unicode/udat.h>
#include <unicode/udatpg.h>
#include <unicode/uloc.h>
#include <unicode/unum.h>
#include <unicode/unumsys.h>
#include <unicode/ustring.h>

#include "base/mem.h"

#define ZONE_UNITS_MAX 64
#define PATTERN_UNITS_MAX 128
#define DATE_UNITS_MAX 128
#define DAY_MS 86400000LL

/* Those that are given moments are in the site's zone, those that are given days in UTC. */
enum shape {
    TIME,
    CLOCK,
    ZONE_NAME,
    DAY,
    WEEKDAY,
    WEEKDAY_ALONE,
    MONTH,
    MONTH_ALONE,
    YEAR,
    NEAR_DAY,
    FAR_DAY,
    SHAPES
};
static const struct {
    const char *skeleton;
    bool of_moments;
} shapes[SHAPES] = {
    [TIME] = {"yMMMdjm", true},   [CLOCK] = {"jm", true},
    [ZONE_NAME] = {"vvvv", true}, [DAY] = {"yMMMMEEEEd", false},
    [WEEKDAY] = {"EEEd", false},  [WEEKDAY_ALONE] = {"ccc", false},
    [MONTH] = {"yMMMM", false},   [MONTH_ALONE] = {"LLLL", false},
    [YEAR] = {"y", false},        [NEAR_DAY] = {"MMMd", false},
    [FAR_DAY] = {"yMMMd", false},
};

struct dates {
    UCalendar *calendar; /* Gregorian, in the site's zone */
    UDateFormat *formats[SHAPES];
    UNumberFormat *number;
    int minutes; /* ahead of GMT … */
    bool moved;  /* … but its clocks are moved for the summer */
};

/* "ar-EG-u-nu-latn" → "ar_EG@numbers=latn" */
static bool locale_of(struct span language, char locale[ULOC_FULLNAME_CAPACITY]) {
    char tag[ULOC_FULLNAME_CAPACITY];
    if (language.n == 0 || language.n >= sizeof tag) return false;
    memcpy(tag, language.p, language.n);
    tag[language.n] = 0;
    UErrorCode error = U_ZERO_ERROR;
    int32_t parsed = 0;
    int32_t n = uloc_forLanguageTag(tag, locale, ULOC_FULLNAME_CAPACITY, &parsed, &error);
    return U_SUCCESS(error) && n > 0 && n < ULOC_FULLNAME_CAPACITY && (size_t)parsed == language.n;
}

static struct span text_of(struct arena *a, const UChar *units, int32_t n, UErrorCode error) {
    char text[DATE_UNITS_MAX * 3];
    int32_t bytes = 0;
    u_strToUTF8(text, sizeof text, &bytes, units, n, &error);
    CHECK(U_SUCCESS(error));
    return arena_copy(a, span_of(text, (size_t)bytes));
}

bool dates_is_rtl(struct span language) {
    char locale[ULOC_FULLNAME_CAPACITY];
    return locale_of(language, locale) && uloc_isRightToLeft(locale);
}

struct span dates_plain_language(struct span language) {
    for (size_t i = 0; i + 2 < language.n; i++)
        if (language.p[i] == '-' && language.p[i + 2] == '-') return span_sub(language, 0, i);
    return language;
}

bool dates_same_language(struct span x, struct span y) {
    return span_eq_nocase(span_cut(&x, '-'), span_cut(&y, '-'));
}

struct span dates_language(struct arena *a, struct span language) {
    char locale[ULOC_FULLNAME_CAPACITY];
    UChar units[DATE_UNITS_MAX];
    UErrorCode error = U_ZERO_ERROR;
    if (!locale_of(language, locale)) return (struct span){0};
    int32_t n = uloc_getDisplayLanguage(locale, locale, units, DATE_UNITS_MAX, &error);
    return U_SUCCESS(error) ? text_of(a, units, n, error) : (struct span){0};
}

struct span dates_digits(struct arena *a, struct span language) {
    char locale[ULOC_FULLNAME_CAPACITY];
    UErrorCode error = U_ZERO_ERROR;
    if (!locale_of(language, locale)) return SPAN("latn");
    UNumberingSystem *system = unumsys_open(locale, &error);
    if (U_FAILURE(error)) return SPAN("latn");
    struct span name = arena_copy(a, span_str(unumsys_getName(system)));
    unumsys_close(system);
    return name;
}

static UDateFormat *format_new(const char *locale, const char *skeleton, const UChar *zone,
                               UErrorCode *error) {
    UChar wish[PATTERN_UNITS_MAX], pattern[PATTERN_UNITS_MAX];
    u_uastrncpy(wish, skeleton, PATTERN_UNITS_MAX);
    UDateTimePatternGenerator *generator = udatpg_open(locale, error);
    int32_t n = udatpg_getBestPattern(generator, wish, -1, pattern, PATTERN_UNITS_MAX, error);
    udatpg_close(generator);
    /* this one asks for "Standard Time" if it is let to choose */
    if (strcmp(skeleton, "vvvv") == 0) n = u_strlen(u_strcpy(pattern, wish));
    UDateFormat *format =
        udat_open(UDAT_PATTERN, UDAT_PATTERN, locale, zone, -1, pattern, n, error);
    if (U_FAILURE(*error)) return NULL;
    /* other calendars have other years than the URLs */
    UCalendar *gregorian = ucal_open(zone, -1, locale, UCAL_GREGORIAN, error);
    if (U_SUCCESS(*error)) udat_setCalendar(format, gregorian);
    ucal_close(gregorian);
    return format;
}

static bool zone_of(struct span zone, UChar units[ZONE_UNITS_MAX]) {
    if (zone.n == 0 || zone.n >= ZONE_UNITS_MAX) return false;
    for (size_t i = 0; i < zone.n; i++) {
        if (zone.p[i] <= ' ' || (unsigned char)zone.p[i] > '~') return false;
        units[i] = (UChar)zone.p[i];
    }
    units[zone.n] = 0;
    UErrorCode error = U_ZERO_ERROR;
    UBool known = 0;
    UChar canonical[ZONE_UNITS_MAX];
    ucal_getCanonicalTimeZoneID(units, (int32_t)zone.n, canonical, ZONE_UNITS_MAX, &known, &error);
    return U_SUCCESS(error) && known;
}

/* What the zone does is looked up in a year to come, not now: a page does not depend on the clock. */
#define WINTER 2525904000000 /* 2050-01-16 */
#define SUMMER 2541542400000 /* 2050-07-16 */

static int minutes_ahead(struct dates *d, ms_t at, UErrorCode *error) {
    if (U_FAILURE(*error)) return 0;
    ucal_setMillis(d->calendar, (UDate)at, error);
    return (ucal_get(d->calendar, UCAL_ZONE_OFFSET, error) +
            ucal_get(d->calendar, UCAL_DST_OFFSET, error)) /
           60000;
}

rc dates_new(struct span language, struct span zone, struct dates **out_dates) {
    char locale[ULOC_FULLNAME_CAPACITY];
    UChar zone_units[ZONE_UNITS_MAX], utc[] = {'U', 'T', 'C', 0};
    if (!locale_of(language, locale))
        return rc_fail(RC_INVALID,
                       "language: \"" SPAN_FMT "\" is no language tag (BCP 47) such as \"en-GB\"",
                       SPAN_ARG(language));
    if (!zone_of(zone, zone_units))
        return rc_fail(RC_INVALID,
                       "zone: there is no time zone \"" SPAN_FMT
                       "\"; give one such as \"Europe/Athens\"",
                       SPAN_ARG(zone));
    struct dates *d = mem_new(sizeof *d);
    UErrorCode error = U_ZERO_ERROR;
    d->calendar = ucal_open(zone_units, -1, locale, UCAL_GREGORIAN, &error);
    for (int i = 0; i < SHAPES; i++)
        d->formats[i] =
            format_new(locale, shapes[i].skeleton, shapes[i].of_moments ? zone_units : utc, &error);
    d->number = unum_open(UNUM_DECIMAL, NULL, 0, locale, NULL, &error);
    d->minutes = minutes_ahead(d, WINTER, &error);
    d->moved = minutes_ahead(d, SUMMER, &error) != d->minutes;
    if (U_FAILURE(error)) {
        dates_free(d);
        return rc_fail(RC_IO, "ICU cannot write dates in \"" SPAN_FMT "\": %s; is libicu whole?",
                       SPAN_ARG(language), u_errorName(error));
    }
    *out_dates = d;
    return RC_OK;
}

void dates_free(struct dates *d) {
    if (!d) return;
    if (d->calendar) ucal_close(d->calendar);
    for (int i = 0; i < SHAPES; i++)
        if (d->formats[i]) udat_close(d->formats[i]);
    if (d->number) unum_close(d->number);
    mem_free(d);
}

struct render_day dates_day_of(struct dates *d, ms_t at) {
    UErrorCode error = U_ZERO_ERROR;
    ucal_setMillis(d->calendar, (UDate)at, &error);
    struct render_day day = {
        .year = ucal_get(d->calendar, UCAL_EXTENDED_YEAR, &error),
        .month = (unsigned)ucal_get(d->calendar, UCAL_MONTH, &error) + 1,
        .day = (unsigned)ucal_get(d->calendar, UCAL_DATE, &error),
    };
    CHECK(U_SUCCESS(error));
    return day;
}

ms_t dates_moment(struct dates *d, struct render_day day, unsigned seconds) {
    UErrorCode error = U_ZERO_ERROR;
    ucal_clear(d->calendar);
    ucal_setDateTime(d->calendar, day.year, (int32_t)day.month - 1, (int32_t)day.day,
                     (int32_t)(seconds / 3600), (int32_t)(seconds / 60 % 60),
                     (int32_t)(seconds % 60), &error);
    ms_t at = (ms_t)ucal_getMillis(d->calendar, &error);
    CHECK(U_SUCCESS(error));
    return at;
}

static struct span format(const struct dates *d, enum shape shape, struct arena *a, ms_t at) {
    UChar units[DATE_UNITS_MAX];
    UErrorCode error = U_ZERO_ERROR;
    int32_t n = udat_format(d->formats[shape], (UDate)at, units, DATE_UNITS_MAX, NULL, &error);
    return text_of(a, units, n, error);
}

struct span dates_time(struct dates *d, struct arena *a, ms_t at) {
    return format(d, TIME, a, at);
}

struct span dates_clock(struct dates *d, struct arena *a, ms_t at) {
    return format(d, CLOCK, a, at);
}

struct span dates_zone_name(struct dates *d, struct arena *a) {
    return format(d, ZONE_NAME, a, WINTER);
}

struct span dates_number(struct dates *d, struct arena *a, int64_t number) {
    UChar units[DATE_UNITS_MAX];
    UErrorCode error = U_ZERO_ERROR;
    int32_t n = unum_formatInt64(d->number, number, units, DATE_UNITS_MAX, NULL, &error);
    return text_of(a, units, n, error);
}

struct span dates_offset(struct dates *d, struct arena *a) {
    if (d->moved) return (struct span){0};
    int size = d->minutes < 0 ? -d->minutes : d->minutes;
    const char *sign = d->minutes < 0 ? "\xE2\x88\x92" : "+";
    struct span hours = dates_number(d, a, size / 60);
    if (size % 60 == 0) return arena_printf(a, "%s" SPAN_FMT, sign, SPAN_ARG(hours));
    return arena_printf(a, "%s" SPAN_FMT ":" SPAN_FMT, sign, SPAN_ARG(hours),
                        SPAN_ARG(dates_number(d, a, size % 60)));
}

/* Days since 1970-01-01 of the proleptic Gregorian calendar, and back: counted in eras of 400 years
 * whose years begin in March, so that the leap day is the last of its year. */
static int64_t days_of(struct render_day day) {
    int64_t year = (int64_t)day.year - (day.month <= 2);
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t of_era = year - era * 400;
    int64_t month = ((int64_t)day.month + 9) % 12;
    int64_t of_year = (153 * month + 2) / 5 + (int64_t)day.day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

struct civil {
    int64_t year;
    unsigned month, day, hour, minute, second, weekday; /* weekday 0: Sunday */
};

static struct civil civil_of(ms_t at) {
    int64_t days = at / DAY_MS, rest = at % DAY_MS;
    if (rest < 0) rest += DAY_MS, days--;
    int64_t shifted = days + 719468;
    int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int64_t of_era = shifted - era * 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153;
    return (struct civil){
        .year = year + era * 400 + (month >= 10),
        .month = (unsigned)(month < 10 ? month + 3 : month - 9),
        .day = (unsigned)(of_year - (153 * month + 2) / 5 + 1),
        .hour = (unsigned)(rest / 3600000),
        .minute = (unsigned)(rest / 60000 % 60),
        .second = (unsigned)(rest / 1000 % 60),
        .weekday = (unsigned)(((days % 7) + 11) % 7),
    };
}

struct span dates_day(struct dates *d, struct arena *a, struct render_day day) {
    return format(d, DAY, a, days_of(day) * DAY_MS);
}

struct span dates_weekday(struct dates *d, struct arena *a, struct render_day day) {
    return format(d, WEEKDAY, a, days_of(day) * DAY_MS);
}

struct span dates_month(struct dates *d, struct arena *a, struct render_day day) {
    return format(d, MONTH, a, days_of(day) * DAY_MS);
}

struct span dates_month_alone(struct dates *d, struct arena *a, struct render_day day) {
    return format(d, MONTH_ALONE, a, days_of(day) * DAY_MS);
}

struct span dates_year(struct dates *d, struct arena *a, struct render_day day) {
    return format(d, YEAR, a, days_of(day) * DAY_MS);
}

struct span dates_near(struct dates *d, struct arena *a, ms_t at, struct render_day today) {
    struct render_day day = dates_day_of(d, at);
    int64_t before = days_of(today) - days_of(day);
    if (before == 0) return dates_clock(d, a, at);
    enum shape shape = day.year == today.year && before > 0 ? NEAR_DAY : FAR_DAY;
    if (before > 0 && before <= 6) shape = WEEKDAY_ALONE;
    return format(d, shape, a, days_of(day) * DAY_MS);
}

bool dates_same_day(struct render_day x, struct render_day y) {
    return x.year == y.year && x.month == y.month && x.day == y.day;
}

struct span dates_iso(char memory[DATES_ISO_BYTES], ms_t at) {
    struct civil c = civil_of(at);
    int n = snprintf(memory, DATES_ISO_BYTES, "%04lld-%02u-%02uT%02u:%02u:%02uZ", (long long)c.year,
                     c.month, c.day, c.hour, c.minute, c.second);
    return span_of(memory, (size_t)n);
}

struct span dates_iso_day(char memory[DATES_ISO_BYTES], struct render_day day) {
    int n = snprintf(memory, DATES_ISO_BYTES, "%04d-%02u-%02u", day.year, day.month, day.day);
    return span_of(memory, (size_t)n);
}

void dates_rfc822(struct buf *out, ms_t at) {
    static const char weekday[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char month[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct civil c = civil_of(at);
    buf_printf(out, "%s, %02u %s %04lld %02u:%02u:%02u +0000", weekday[c.weekday], c.day,
               month[c.month - 1], (long long)c.year, c.hour, c.minute, c.second);
}
