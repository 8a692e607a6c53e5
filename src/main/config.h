/*
 * config: SITE/dateline.conf, the one file that an operator edits.
 *
 *   key = value        one a line; the value runs to the end of the line, without the spaces around it
 *   # a comment        a line of its own
 *   [edition KEY]      what follows is of another edition of the paper: name, language, zone,
 *                      sections, address, notice, old_after_days. The first edition's stand above, with the rest.
 *
 * Whatever is not understood is an error with file and line: an unknown key, a key twice, a value
 * that cannot be. A missing key has the default that config_write() shows, but for name and url.
 */
#ifndef DATELINE_MAIN_CONFIG_H
#define DATELINE_MAIN_CONFIG_H

#include "base/arena.h"
#include "base/buf.h"
#include "flow/flow.h"
#include "sys/file.h"
#include "sys/log.h"

#define CONFIG_FILE "dateline.conf"
#define CONFIG_BYTES_MAX 65536
#define CONFIG_LISTEN_MAX 8
#define CONFIG_WEBS_MAX 64
#define CONFIG_EDITIONS_MAX FLOW_EDITIONS_MAX
#define CONFIG_SECTIONS_MAX 16

struct config_listen {
    char host[46]; /* a numeric address, IPv4 or IPv6 without brackets; NUL-terminated */
    uint16_t port; /* 0: any free one */
};

struct config_edition {
    struct span key;      /* "ar": its pages stand under "/ar/"; those of the first under "/" */
    struct span name;     /* "The Example Times" */
    struct span language; /* BCP 47: "en", "pt-BR" */
    struct span zone;     /* IANA: "Europe/Lisbon" */
    struct span sections[CONFIG_SECTIONS_MAX]; /* in the order of the front and the navigation */
    size_t section_count;
    struct span address;     /* e-mail, for errors that readers find; empty: none */
    struct span notice;      /* at the foot of every page; empty: none */
    unsigned old_after_days; /* stories say that they are old; 0: never */
};

struct config {
    struct span url; /* "https://example.org", no slash at the end */
    struct span
        host; /* the part of url that readers send as Host: "example.org", "localhost:8080" */
    struct config_edition editions[CONFIG_EDITIONS_MAX];
    size_t edition_count; /* ≥ 1 */
    struct config_listen listen[CONFIG_LISTEN_MAX];
    size_t listen_count;
    unsigned webs; /* web processes; 0: one per core of the machine */
    bool log_access;
    enum log_level log_level;
    bool log_to_file;       /* SITE/log/dateline.log instead of standard error … */
    unsigned log_rotate_mb; /* … put away when it is as large; 0: never */
    unsigned log_keep;      /* how many of those stay */
    struct span theme;      /* the name of a folder in SITE/themes; empty: the built-in one */
    bool require_alt, require_credit; /* of every picture */
    unsigned reserve_mb;              /* kept free on the disk, given up when it is full */
};

/* The name of a theme's folder: letters, digits, "-", "_", ".", which does not come first. */
bool config_theme_good(struct span name);
/* Every value but name and url as it is without a line in the file. */
void config_defaults(struct config *out_config);
/* One key, as `--name` gives it too; of an edition's, the last edition's. `where` begins the message: "SITE/dateline.conf:7". Spans are
 * kept, not copied. */
rc config_set(struct config *config, const char *where, struct span key,
              struct span value) MUST_USE;
/* The whole file; spans point into text. `path` is for messages. */
rc config_parse(struct span text, const char *path, struct config *out_config) MUST_USE;
/* SITE/dateline.conf; its text lives in a. */
rc config_load(const struct file *site, struct arena *a, struct config *out_config) MUST_USE;
/* The commented file that holds exactly `config`. */
void config_write(const struct config *config, struct buf *b);

/* "127.0.0.1:8080", "[::1]:8080"; a number alone is a port of 127.0.0.1. */
rc config_parse_listen(const char *where, struct span text,
                       struct config_listen *out_listen) MUST_USE;

#endif
