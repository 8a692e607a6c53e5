#include "main/config.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <unicode/ucal.h>
#include <unicode/uenum.h>
#include <unicode/uloc.h>

#include "base/utf8.h"
#include "story/story.h"

#define NAME_BYTES_MAX 200
#define URL_BYTES_MAX 200
#define RESERVE_MB_MAX 65536
#define LOG_ROTATE_MB_MAX 65536
#define LOG_KEEP_MAX 999
#define SECTION_BYTES_MAX 100
#define ARABIC_COMMA SPAN("\xD8\x8C")
#define NOTICE_BYTES_MAX 400
#define OLD_AFTER_DAYS 365
#define OLD_AFTER_DAYS_MAX 36500
#define THEME_BYTES_MAX 64

static const char *const log_levels[] = {"error", "warn", "info", "debug"};

/* ---- values ---------------------------------------------------------------------------------- */

static struct config_edition *edition(struct config *c) {
    return &c->editions[c->edition_count - 1];
}

static rc set_edition(struct config *c, const char *where, struct span value) {
    if (!edition_key_good(value))
        return rc_fail(RC_INVALID,
                       "%s: edition: \"" SPAN_FMT
                       "\" is not a key of small letters, digits and single \"-\", such as en",
                       where, SPAN_ARG(span_sub(value, 0, 60)));
    for (size_t i = 0; i + 1 < c->edition_count; i++)
        if (span_eq(c->editions[i].key, value))
            return rc_fail(RC_INVALID, "%s: there is an edition " SPAN_FMT " already", where,
                           SPAN_ARG(value));
    edition(c)->key = value;
    return RC_OK;
}

static rc set_sections(struct config *c, const char *where, struct span value) {
    struct config_edition *e = edition(c);
    e->section_count = 0;
    while (value.n) {
        size_t end = span_find(value, ','), arabic = end;
        for (size_t i = 0; i + 1 < end && arabic == end; i++)
            if (span_starts(span_from(value, i), ARABIC_COMMA)) arabic = i;
        struct span one = span_trim(span_sub(value, 0, arabic));
        value = span_from(value, arabic + (arabic < end ? ARABIC_COMMA.n : 1));
        if (one.n == 0) continue;
        if (one.n > SECTION_BYTES_MAX || e->section_count == CONFIG_SECTIONS_MAX)
            return rc_fail(RC_INVALID, "%s: sections: at most %d of at most %d bytes", where,
                           CONFIG_SECTIONS_MAX, SECTION_BYTES_MAX);
        e->sections[e->section_count++] = one;
    }
    return RC_OK;
}

static rc set_address(struct config *c, const char *where, struct span value) {
    size_t at = span_find(value, '@');
    bool good = value.n <= NAME_BYTES_MAX && at > 0 && at + 1 < value.n;
    for (size_t i = 0; i < value.n; i++) good = good && value.p[i] > ' ' && value.p[i] < 0x7F;
    if (value.n && !good)
        return rc_fail(RC_INVALID, "%s: address must be an e-mail address, or nothing", where);
    edition(c)->address = value;
    return RC_OK;
}

static rc set_notice(struct config *c, const char *where, struct span value) {
    if (value.n > NOTICE_BYTES_MAX)
        return rc_fail(RC_INVALID, "%s: notice is longer than %d bytes", where, NOTICE_BYTES_MAX);
    edition(c)->notice = value;
    return RC_OK;
}

static rc set_old_after_days(struct config *c, const char *where, struct span value) {
    uint64_t number;
    if (!span_to_u64(value, OLD_AFTER_DAYS_MAX, &number))
        return rc_fail(RC_INVALID, "%s: old_after_days must be a number of days, 0 to %d", where,
                       OLD_AFTER_DAYS_MAX);
    edition(c)->old_after_days = (unsigned)number;
    return RC_OK;
}

static rc set_name(struct config *c, const char *where, struct span value) {
    if (value.n == 0 || value.n > NAME_BYTES_MAX) {
        return rc_fail(RC_INVALID, "%s: name must have 1 to %d bytes", where, NAME_BYTES_MAX);
    }
    edition(c)->name = value;
    return RC_OK;
}

static bool is_host_byte(char ch) {
    return (ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9') || ch == '-' || ch == '.';
}

/* scheme://host[:port] and nothing behind it. The host in lower case, as browsers send it. */
static rc set_url(struct config *c, const char *where, struct span value) {
    struct span rest = value, host;
    if (span_starts(value, SPAN("https://")))
        rest = span_from(value, 8);
    else if (span_starts(value, SPAN("http://")))
        rest = span_from(value, 7);
    else
        return rc_fail(RC_INVALID, "%s: url must begin with https:// or http://", where);
    host = rest;
    if (value.n > URL_BYTES_MAX) {
        return rc_fail(RC_INVALID, "%s: url is longer than %d bytes", where, URL_BYTES_MAX);
    }
    if (span_find(rest, '/') < rest.n) {
        return rc_fail(RC_INVALID,
                       "%s: url must end behind the host or port, without a slash: a site has its "
                       "host to itself",
                       where);
    }
    bool v6 = span_starts(rest, SPAN("["));
    struct span name =
        v6 ? span_sub(rest, 0, span_find(rest, ']') + 1) : span_sub(rest, 0, span_find(rest, ':'));
    struct span port = span_from(rest, name.n);
    bool good = name.n > 0;
    if (v6) {
        char text[46] = "", address[16];
        good = name.n > 2 && name.n - 2 < sizeof text && span_ends(name, SPAN("]"));
        if (good) memcpy(text, name.p + 1, name.n - 2);
        good = good && inet_pton(AF_INET6, text, address) == 1;
    } else {
        for (size_t i = 0; i < name.n; i++) good &= is_host_byte(name.p[i]);
        good = good && name.p[0] != '.' && name.p[0] != '-' && name.p[name.n - 1] != '.';
        for (size_t i = 1; i < name.n; i++) good &= !(name.p[i] == '.' && name.p[i - 1] == '.');
    }
    uint64_t number = 1;
    if (port.n)
        good = good && port.p[0] == ':' && span_to_u64(span_from(port, 1), 65535, &number) &&
               number > 0;
    if (!good) {
        return rc_fail(RC_INVALID,
                       "%s: url: \"" SPAN_FMT
                       "\" is not a host in lower-case ASCII with an optional port "
                       "(a name in another script is written in its xn-- form)",
                       where, SPAN_ARG(rest));
    }
    c->url = value;
    c->host = host;
    return RC_OK;
}

static rc set_language(struct config *c, const char *where, struct span value) {
    char tag[64] = "", locale[ULOC_FULLNAME_CAPACITY];
    int32_t parsed = 0;
    UErrorCode error = U_ZERO_ERROR;
    if (value.n > 0 && value.n < sizeof tag) {
        memcpy(tag, value.p, value.n);
        uloc_forLanguageTag(tag, locale, sizeof locale, &parsed, &error);
    }
    if (U_FAILURE(error) || parsed <= 0 || (size_t)parsed != value.n ||
        span_starts(value, SPAN("x-"))) {
        return rc_fail(RC_INVALID,
                       "%s: language: \"" SPAN_FMT
                       "\" is not a language tag (BCP 47), such as en, pt-BR or ar-u-nu-latn",
                       where, SPAN_ARG(value));
    }
    edition(c)->language = value;
    return RC_OK;
}

static rc set_zone(struct config *c, const char *where, struct span value) {
    UErrorCode error = U_ZERO_ERROR;
    UEnumeration *zones = ucal_openTimeZoneIDEnumeration(UCAL_ZONE_TYPE_ANY, NULL, NULL, &error);
    bool known = false;
    int32_t length = 0;
    for (const char *id;
         !known && (id = uenum_next(zones, &length, &error)) != NULL && U_SUCCESS(error);) {
        known = span_eq(value, span_of(id, (size_t)length));
    }
    uenum_close(zones);
    if (!known) {
        return rc_fail(RC_INVALID,
                       "%s: zone: \"" SPAN_FMT
                       "\" is not an IANA time zone, such as Europe/Lisbon or UTC",
                       where, SPAN_ARG(value));
    }
    edition(c)->zone = value;
    return RC_OK;
}

rc config_parse_listen(const char *where, struct span text, struct config_listen *out_listen) {
    struct config_listen listen = {.host = "127.0.0.1"};
    struct span host = SPAN("127.0.0.1"), port = text;
    bool v6 = span_starts(text, SPAN("["));
    if (v6) {
        size_t end = span_find(text, ']');
        host = end < text.n ? span_sub(text, 1, end - 1) : SPAN("");
        port = span_from(text, end + 1);
        if (span_starts(port, SPAN(":")))
            port = span_from(port, 1);
        else
            host = SPAN("");
    } else if (span_find(text, ':') < text.n) {
        host = span_cut(&port, ':');
    }
    uint64_t number;
    char address[16];
    bool good = host.n > 0 && host.n < sizeof listen.host && span_to_u64(port, 65535, &number);
    if (good) {
        memcpy(listen.host, host.p, host.n);
        listen.host[host.n] = 0;
        good = inet_pton(v6 ? AF_INET6 : AF_INET, listen.host, address) == 1;
    }
    if (!good) {
        return rc_fail(RC_INVALID,
                       "%s: listen: \"" SPAN_FMT
                       "\" is not ADDRESS:PORT, such as 127.0.0.1:8080, 0.0.0.0:80 or [::1]:8080",
                       where, SPAN_ARG(text));
    }
    listen.port = (uint16_t)number;
    *out_listen = listen;
    return RC_OK;
}

static rc set_listen(struct config *c, const char *where, struct span value) {
    size_t count = 0;
    while (value.n) {
        struct span one = span_cut(&value, ' ');
        if (one.n == 0) continue;
        if (count == CONFIG_LISTEN_MAX) {
            return rc_fail(RC_INVALID, "%s: listen: more than %d addresses", where,
                           CONFIG_LISTEN_MAX);
        }
        TRY(config_parse_listen(where, one, &c->listen[count]));
        count++;
    }
    if (count == 0) return rc_fail(RC_INVALID, "%s: listen: no address", where);
    c->listen_count = count;
    return RC_OK;
}

static rc set_webs(struct config *c, const char *where, struct span value) {
    uint64_t number = 0;
    if (!span_eq(value, SPAN("auto")) &&
        (!span_to_u64(value, CONFIG_WEBS_MAX, &number) || number == 0)) {
        return rc_fail(RC_INVALID, "%s: webs must be auto or 1 to %d", where, CONFIG_WEBS_MAX);
    }
    c->webs = (unsigned)number;
    return RC_OK;
}

static rc set_log_access(struct config *c, const char *where, struct span value) {
    if (!span_eq(value, SPAN("on")) && !span_eq(value, SPAN("off"))) {
        return rc_fail(RC_INVALID, "%s: log.access must be on or off", where);
    }
    c->log_access = span_eq(value, SPAN("on"));
    return RC_OK;
}

static rc set_log_level(struct config *c, const char *where, struct span value) {
    for (size_t i = 0; i < COUNT_OF(log_levels); i++) {
        if (!span_eq(value, span_str(log_levels[i]))) continue;
        c->log_level = (enum log_level)i;
        return RC_OK;
    }
    return rc_fail(RC_INVALID, "%s: log.level must be error, warn, info or debug", where);
}

static rc set_log_to(struct config *c, const char *where, struct span value) {
    if (!span_eq(value, SPAN("stderr")) && !span_eq(value, SPAN("file"))) {
        return rc_fail(RC_INVALID, "%s: log.to must be stderr or file", where);
    }
    c->log_to_file = span_eq(value, SPAN("file"));
    return RC_OK;
}

static rc set_number(const char *where, const char *name, struct span value, unsigned max,
                     unsigned *out_number) {
    uint64_t number;
    if (!span_to_u64(value, max, &number))
        return rc_fail(RC_INVALID, "%s: %s must be a number, 0 to %u", where, name, max);
    *out_number = (unsigned)number;
    return RC_OK;
}

static rc set_log_rotate_mb(struct config *c, const char *where, struct span value) {
    return set_number(where, "log.rotate_mb", value, LOG_ROTATE_MB_MAX, &c->log_rotate_mb);
}

static rc set_log_keep(struct config *c, const char *where, struct span value) {
    return set_number(where, "log.keep", value, LOG_KEEP_MAX, &c->log_keep);
}

static rc set_reserve_mb(struct config *c, const char *where, struct span value) {
    return set_number(where, "reserve_mb", value, RESERVE_MB_MAX, &c->reserve_mb);
}

static rc set_require(struct config *c, const char *where, struct span value) {
    c->require_alt = c->require_credit = false;
    while (value.n) {
        struct span one = span_trim(span_cut(&value, ','));
        bool alt = span_eq(one, SPAN("alt")), credit = span_eq(one, SPAN("credit"));
        if (one.n && !alt && !credit)
            return rc_fail(RC_INVALID,
                           "%s: pictures.require: alt, credit, both with a comma between, "
                           "or nothing",
                           where);
        c->require_alt |= alt;
        c->require_credit |= credit;
    }
    return RC_OK;
}

bool config_theme_good(struct span name) {
    bool good = name.n > 0 && name.n <= THEME_BYTES_MAX && name.p[0] != '.';
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        good = good && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                        (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.');
    }
    return good;
}

static rc set_theme(struct config *c, const char *where, struct span value) {
    if (value.n && !config_theme_good(value))
        return rc_fail(RC_INVALID,
                       "%s: theme must be the name of a folder in SITE/themes (letters, digits, "
                       "\"-\", \"_\", \".\", at most %d), or nothing",
                       where, THEME_BYTES_MAX);
    c->theme = value;
    return RC_OK;
}

/* ---- values as text, for config_write() ------------------------------------------------------ */

static void put_edition(const struct config *c, struct buf *b) {
    buf_add(b, c->editions[0].key);
}
static void put_name(const struct config *c, struct buf *b) {
    buf_add(b, c->editions[0].name);
}
static void put_list(const struct span *list, size_t count, struct buf *b) {
    for (size_t i = 0; i < count; i++)
        buf_printf(b, "%s" SPAN_FMT, i ? ", " : "", SPAN_ARG(list[i]));
}
static void put_sections(const struct config *c, struct buf *b) {
    put_list(c->editions[0].sections, c->editions[0].section_count, b);
}
static void put_address(const struct config *c, struct buf *b) {
    buf_add(b, c->editions[0].address);
}
static void put_notice(const struct config *c, struct buf *b) {
    buf_add(b, c->editions[0].notice);
}
static void put_old_after_days(const struct config *c, struct buf *b) {
    buf_u64(b, c->editions[0].old_after_days);
}
static void put_url(const struct config *c, struct buf *b) {
    buf_add(b, c->url);
}
static void put_language(const struct config *c, struct buf *b) {
    buf_add(b, c->editions[0].language);
}
static void put_zone(const struct config *c, struct buf *b) {
    buf_add(b, c->editions[0].zone);
}
static void put_listen(const struct config *c, struct buf *b) {
    for (size_t i = 0; i < c->listen_count; i++) {
        bool v6 = strchr(c->listen[i].host, ':') != NULL;
        buf_printf(b, v6 ? "%s[%s]:%u" : "%s%s:%u", i ? " " : "", c->listen[i].host,
                   c->listen[i].port);
    }
}
static void put_webs(const struct config *c, struct buf *b) {
    if (c->webs)
        buf_u64(b, c->webs);
    else
        buf_str(b, "auto");
}
static void put_log_access(const struct config *c, struct buf *b) {
    buf_str(b, c->log_access ? "on" : "off");
}
static void put_log_level(const struct config *c, struct buf *b) {
    buf_str(b, log_levels[c->log_level]);
}
static void put_log_to(const struct config *c, struct buf *b) {
    buf_str(b, c->log_to_file ? "file" : "stderr");
}
static void put_log_rotate_mb(const struct config *c, struct buf *b) {
    buf_u64(b, c->log_rotate_mb);
}
static void put_log_keep(const struct config *c, struct buf *b) {
    buf_u64(b, c->log_keep);
}
static void put_theme(const struct config *c, struct buf *b) {
    buf_add(b, c->theme);
}
static void put_require(const struct config *c, struct buf *b) {
    if (c->require_alt) buf_str(b, c->require_credit ? "alt, " : "alt");
    if (c->require_credit) buf_str(b, "credit");
}
static void put_reserve_mb(const struct config *c, struct buf *b) {
    buf_u64(b, c->reserve_mb);
}

/* ---- the keys -------------------------------------------------------------------------------- */

static const struct key {
    const char *name;
    bool needed, of_edition;
    rc (*set)(struct config *c, const char *where, struct span value);
    void (*put)(const struct config *c, struct buf *b);
    const char *comment;
} keys[] = {
    {"name", true, true, set_name, put_name,
     "# What the site is called: on every page, in every feed."},
    {"url", true, false, set_url, put_url,
     "# Where readers find it. It stands in every feed and in the record: choose it once."},
    {"language", false, true, set_language, put_language,
     "# The language of the pages (BCP 47): en, pt-BR, ar-u-nu-latn …"},
    {"zone", false, true, set_zone, put_zone,
     "# The newsroom's time zone (IANA): days of the archive and all times shown follow it."},
    {"edition", false, false, set_edition, put_edition,
     "# The key of this edition, by which items name it: en, north-coast."},
    {"sections", false, true, set_sections, put_sections,
     "# Its sections, in the order of the front page and the navigation: City, World, Sport."},
    {"address", false, true, set_address, put_address,
     "# The e-mail address for errors that readers find; empty: none."},
    {"notice", false, true, set_notice, put_notice,
     "# A line at the foot of every page; empty: none."},
    {"old_after_days", false, true, set_old_after_days, put_old_after_days,
     "# After so many days the page of a story says above its text from when it is; 0: never."},
    {"theme", false, false, set_theme, put_theme,
     "# How pages look: the name of a folder in themes/ (dateline theme export makes one); empty: "
     "the built-in theme."},
    {"pictures.require", false, false, set_require, put_require,
     "# What every picture must have, from the item or from its own metadata: alt, credit; empty: "
     "what "
     "is missing is remarked."},
    {"listen", false, false, set_listen, put_listen,
     "# Where the web processes listen: ADDRESS:PORT, several with spaces between, [::1]:8080 for "
     "IPv6."},
    {"webs", false, false, set_webs, put_webs,
     "# Web processes: auto is one per core of the machine."},
    {"log.to", false, false, set_log_to, put_log_to,
     "# stderr (systemd keeps it), or file: log/dateline.log."},
    {"log.rotate_mb", false, false, set_log_rotate_mb, put_log_rotate_mb,
     "# Megabytes after which log/dateline.log is put away as dateline.log.1; 0: never (after "
     "moving "
     "it "
     "away yourself send SIGHUP)."},
    {"log.keep", false, false, set_log_keep, put_log_keep,
     "# How many of those are kept: .1 is the newest."},
    {"log.level", false, false, set_log_level, put_log_level,
     "# The least important that is written: error, warn, info, debug."},
    {"log.access", false, false, set_log_access, put_log_access, "# One line a request: on, off."},
    {"reserve_mb", false, false, set_reserve_mb, put_reserve_mb,
     "# Megabytes set aside on the disk, so that a full disk can be survived and told."},
};
_Static_assert(COUNT_OF(keys) <= 32, "a bit a key below");

void config_defaults(struct config *out_config) {
    *out_config = (struct config){
        .editions = {{.key = SPAN("en"),
                      .language = SPAN("en"),
                      .zone = SPAN("UTC"),
                      .old_after_days = OLD_AFTER_DAYS}},
        .edition_count = 1,
        .listen = {{.host = "127.0.0.1", .port = 8080}},
        .listen_count = 1,
        .log_level = LOG_INFO,
        .log_rotate_mb = 64,
        .log_keep = 8,
        .reserve_mb = 64,
    };
}

/* The key's index, or COUNT_OF(keys). */
static size_t key_find(struct span name) {
    size_t i = 0;
    while (i < COUNT_OF(keys) && !span_eq(name, span_str(keys[i].name))) i++;
    return i;
}

rc config_set(struct config *config, const char *where, struct span key, struct span value) {
    size_t i = key_find(key);
    if (i == COUNT_OF(keys)) {
        char list[256] = "";
        struct buf b;
        buf_init_fixed(&b, list, sizeof list - 1);
        for (size_t k = 0; k < COUNT_OF(keys); k++)
            buf_printf(&b, "%s%s", k ? ", " : "", keys[k].name);
        return rc_fail(RC_INVALID, "%s: \"" SPAN_FMT "\" is not a key; keys are %s", where,
                       SPAN_ARG(span_sub(key, 0, 60)), list);
    }
    for (size_t k = 0; k < value.n; k++) {
        if ((unsigned char)value.p[k] < ' ' || value.p[k] == 0x7F) {
            return rc_fail(RC_INVALID, "%s: %s has a control character in it", where, keys[i].name);
        }
    }
    if (!utf8_valid(value)) return rc_fail(RC_INVALID, "%s: %s is not UTF-8", where, keys[i].name);
    return keys[i].set(config, where, value);
}

/* A line a key, by its index; those of an edition are forgotten where the next one begins. */
struct lines {
    unsigned of[COUNT_OF(keys)];
};

static rc check_needed(const struct lines *lines, const char *path, bool only_of_edition) {
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        if (keys[i].needed && (keys[i].of_edition || !only_of_edition) && !lines->of[i])
            return rc_fail(RC_INVALID, "%s: a line \"%s = …\" is needed", path, keys[i].name);
    return RC_OK;
}

/* "[edition ar]" */
static rc parse_edition(struct config *config, const char *where, struct span line,
                        struct lines *lines) {
    struct span inner = span_trim(span_sub(line, 1, line.n - 2)), word = span_cut(&inner, ' ');
    if (!span_ends(line, SPAN("]")) || !span_eq(word, SPAN("edition")))
        return rc_fail(RC_INVALID, "%s: not \"[edition KEY]\"", where);
    TRY(check_needed(lines, where, config->edition_count > 1));
    if (config->edition_count == CONFIG_EDITIONS_MAX)
        return rc_fail(RC_INVALID, "%s: more than %d editions", where, CONFIG_EDITIONS_MAX);
    const struct config_edition *first = &config->editions[0];
    config->editions[config->edition_count++] = (struct config_edition){
        .language = first->language, .zone = first->zone, .old_after_days = first->old_after_days};
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        if (keys[i].of_edition) lines->of[i] = 0;
    return set_edition(config, where, span_trim(inner));
}

static rc parse_line(struct config *config, const char *where, struct span line, unsigned number,
                     struct lines *lines) {
    struct span value = line, key = span_trim(span_cut(&value, '='));
    if (!value.p)
        return rc_fail(RC_INVALID, "%s: not \"key = value\"; a comment begins with #", where);
    size_t i = key_find(key);
    if (i < COUNT_OF(keys)) {
        if (config->edition_count > 1 && !keys[i].of_edition)
            return rc_fail(RC_INVALID,
                           "%s: %s is the site's, not an edition's: it stands above them", where,
                           keys[i].name);
        if (lines->of[i])
            return rc_fail(RC_INVALID, "%s: %s stands in line %u already", where, keys[i].name,
                           lines->of[i]);
        lines->of[i] = number;
    }
    return config_set(config, where, key, span_trim(value));
}

rc config_parse(struct span text, const char *path, struct config *out_config) {
    struct config config;
    struct lines lines = {{0}};
    char where[FILE_NAME_BYTES + 16];
    config_defaults(&config);
    for (unsigned number = 1; text.n; number++) {
        struct span line = span_trim(span_cut(&text, '\n'));
        if (line.n == 0 || line.p[0] == '#') continue;
        snprintf(where, sizeof where, "%.*s:%u", FILE_NAME_BYTES, path, number);
        if (line.p[0] == '[')
            TRY(parse_edition(&config, where, line, &lines));
        else
            TRY(parse_line(&config, where, line, number, &lines));
    }
    TRY(check_needed(&lines, path, config.edition_count > 1));
    *out_config = config;
    return RC_OK;
}

rc config_load(const struct file *site, struct arena *a, struct config *out_config) {
    struct buf b;
    buf_init(&b, CONFIG_BYTES_MAX);
    rc code = file_read_all(site, CONFIG_FILE, &b);
    struct span text = {NULL, 0};
    if (code == RC_OK && b.n) {
        text = arena_copy(a, buf_span(&b));
        CHECK(text.p != NULL);
    }
    buf_done(&b);
    if (code != RC_OK) return code;
    char path[2 * FILE_NAME_BYTES];
    snprintf(path, sizeof path, "%s/%s", site->name, CONFIG_FILE);
    return config_parse(text, path, out_config);
}

void config_write(const struct config *config, struct buf *b) {
    buf_str(
        b, "# Dateline's configuration of this site: key = value, a comment on a line of its own.\n"
           "# After a change: dateline serve reads it anew on SIGHUP, and when it starts.\n");
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        buf_printf(b, "\n%s\n%s = ", keys[i].comment, keys[i].name);
        keys[i].put(config, b);
        buf_char(b, '\n');
    }
    for (size_t i = 1; i < config->edition_count; i++) {
        const struct config_edition *e = &config->editions[i];
        buf_printf(b,
                   "\n[edition " SPAN_FMT "]\nname = " SPAN_FMT "\nlanguage = " SPAN_FMT
                   "\nzone = " SPAN_FMT "\nsections = ",
                   SPAN_ARG(e->key), SPAN_ARG(e->name), SPAN_ARG(e->language), SPAN_ARG(e->zone));
        put_list(e->sections, e->section_count, b);
        buf_printf(b, "\naddress = " SPAN_FMT "\nnotice = " SPAN_FMT "\nold_after_days = %u\n",
                   SPAN_ARG(e->address), SPAN_ARG(e->notice), e->old_after_days);
    }
}
