/* `dateline doctor`: what a person would look at first, in one list. */
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unicode/uversion.h>
#include <uv.h>

#include "main/commands.h"
#include "main/roles.h"
#include "main/site.h"
#include "main/theme.h"
#include "media/media.h"
#include "sys/clock.h"
#include "sys/memfd.h"
#include "sys/process.h"
#include "sys/sandbox.h"

#define SYNCS 25
#define SYNC_TOO_FAST_US 8 /* no disk: memory, or a controller that lies */
#define SYNC_SLOW_US 20000 /* a publish waits for four of them */
#define FREE_LOW_BYTES (512ull << 20)
#define TIME_FIRST_MS 1704067200000 /* 2024-01-01: before this program was written */

struct doctor {
    struct site *site;
    bool verbose;
    unsigned bad, warnings;
};

enum finding { FINE, ODD, BAD };
static void say(struct doctor *d, enum finding finding, const char *fmt, ...) PRINTF(3, 4);
static void say(struct doctor *d, enum finding finding, const char *fmt, ...) {
    static const char *const marks[] = {"ok  ", "warn", "BAD "};
    d->warnings += finding == ODD;
    d->bad += finding == BAD;
    printf("%s  ", marks[finding]);
    va_list args;
    va_start(args, fmt);
    vprintf(fmt, args);
    va_end(args);
    putchar('\n');
}

static void look_at_libraries(struct doctor *d) {
    UVersionInfo icu;
    char icu_text[U_MAX_VERSION_STRING_LENGTH];
    u_getVersion(icu);
    u_versionToString(icu, icu_text);
    say(d, FINE, "dateline " DATELINE_VERSION ", libuv %s, libsodium %s, ICU %s",
        uv_version_string(), sodium_version_string(), icu_text);
}

static void look_at_sandbox(struct doctor *d) {
    for (enum sandbox_role role = 0; role < SANDBOX_ROLES; role++) {
        struct sandbox_options options;
        struct sandbox_level level;
        struct arena *a = arena_new(1 << 16);
        struct buf report;
        buf_init(&report, 1 << 16);
        rc code = role_sandbox(role, d->site, a, &options);
        if (code == RC_OK) code = sandbox_report(&options, &level, &report);
        arena_free(a);
        const char *name = sandbox_role_name(role);
        if (code != RC_OK) {
            say(d, BAD, "%s", rc_why());
        } else if (!level.seccomp) {
            say(d, ODD,
                "sandbox of %s: no_new_privs only; this build has a sanitizer and is not for use",
                name);
        } else if (!level.landlock) {
            say(d, ODD, "sandbox of %s: no_new_privs, seccomp; this kernel has no Landlock", name);
        } else {
            say(d, FINE,
                "sandbox of %s: no_new_privs, seccomp, Landlock ABI %d; every attempt refused",
                name, level.landlock_abi);
        }
        struct span lines = buf_span(&report);
        while (d->verbose && lines.n) {
            struct span line = span_cut(&lines, '\n');
            printf("        " SPAN_FMT "\n", SPAN_ARG(line));
        }
        buf_done(&report);
    }
}

/* A picture of one grey pixel goes the way of all pictures: are the libraries there, does it work? */
static void look_at_media(struct doctor *d) {
    static const uint8_t png[] = {
        0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0x00, 0x00, 0x00, 0x0D, 0x49, 0x48,
        0x44, 0x52, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x00, 0x00, 0x00,
        0x00, 0x3A, 0x7E, 0x9B, 0x55, 0x00, 0x00, 0x00, 0x0A, 0x49, 0x44, 0x41, 0x54, 0x78,
        0x9C, 0x63, 0x68, 0x00, 0x00, 0x00, 0x82, 0x00, 0x81, 0x77, 0xCD, 0x72, 0xB6, 0x00,
        0x00, 0x00, 0x00, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82};
    const struct media_setup setup = role_media_setup();
    struct media_picture picture;
    struct arena *a = arena_new(1 << 16);
    struct buf answer;
    buf_init(&answer, MEDIA_ANSWER_BYTES_MAX);
    mono_t begun = clock_mono_ns();
    rc code = media_look_at(&setup, span_of(png, sizeof png), &MEDIA_LIMITS, &answer, a, &picture);
    if (code != RC_OK)
        say(d, BAD, "pictures cannot be taken: %s", rc_why());
    else
        say(d, FINE, "pictures: a test picture was read in its own process in %llu ms",
            (unsigned long long)((clock_mono_ns() - begun) / CLOCK_MS(1)));
    buf_done(&answer);
    arena_free(a);
}

static int cmp_u64(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Appends and syncs as the journal does. */
static rc time_syncs(const struct file *site, uint64_t *out_median_us) {
    static const char block[4096];
    uint64_t took[SYNCS];
    struct file f;
    rc code = file_open(site, "run/doctor.tmp", FILE_APPEND | FILE_CREATE | FILE_EMPTY, &f);
    if (code != RC_OK) return code;
    for (size_t i = 0; i < SYNCS && code == RC_OK; i++) {
        mono_t start = clock_mono_ns();
        code = file_append(&f, span_of(block, sizeof block));
        if (code == RC_OK) code = file_sync(&f);
        took[i] = (clock_mono_ns() - start) / 1000;
    }
    file_close(&f);
    rc removed = file_remove(site, "run/doctor.tmp");
    if (code == RC_OK) code = removed;
    if (code != RC_OK) return code;
    qsort(took, SYNCS, sizeof *took, cmp_u64);
    *out_median_us = took[SYNCS / 2];
    return RC_OK;
}

static void look_at_disk(struct doctor *d) {
    struct file_space space;
    if (file_space(&d->site->dir, "", &space) != RC_OK) {
        say(d, BAD, "%s", rc_why());
        return;
    }
    if (space.warning)
        say(d, ODD, "file system %s: %s", space.type, space.warning);
    else
        say(d, FINE, "file system %s", space.type);
    enum finding finding = space.bytes_free < FREE_LOW_BYTES           ? BAD
                           : space.bytes_free < space.bytes_total / 20 ? ODD
                                                                       : FINE;
    say(d, finding, "free space: %llu MB of %llu", (unsigned long long)(space.bytes_free >> 20),
        (unsigned long long)(space.bytes_total >> 20));
    uint64_t median_us;
    if (time_syncs(&d->site->dir, &median_us) != RC_OK) {
        say(d, BAD, "%s", rc_why());
    } else if (median_us < SYNC_TOO_FAST_US) {
        say(d, ODD,
            "an append with sync takes %llu µs: too fast for a disk; after a power cut what was "
            "acknowledged may be lost",
            (unsigned long long)median_us);
    } else {
        say(d, median_us > SYNC_SLOW_US ? ODD : FINE, "an append with sync takes %llu µs%s",
            (unsigned long long)median_us,
            median_us > SYNC_SLOW_US ? ": publishing will be slow" : "");
    }
}

static void look_at_clock(struct doctor *d) {
    char now[CLOCK_TEXT_BYTES];
    clock_text(clock_wall_ms(), false, now);
    struct file_stat journal;
    bool has_journal = file_stat(&d->site->dir, "record/journal", &journal) == RC_OK;
    if (clock_wall_ms() < TIME_FIRST_MS) {
        say(d, BAD, "clock: %s cannot be; set it before anything is published", now);
    } else if (has_journal && journal.modified_ms > clock_wall_ms() + 1000) {
        say(d, BAD,
            "clock: %s is before the last entry of the record; set it before anything is published",
            now);
    } else if (!clock_is_synchronized()) {
        say(d, ODD, "clock: %s, but nothing keeps it right (systemd-timesyncd, chrony, ntpd)", now);
    } else {
        say(d, FINE, "clock: %s, kept right", now);
    }
}

static void look_at_lock(struct doctor *d) {
    struct file lock;
    rc code = site_lock(d->site, "doctor", 0, &lock);
    if (code == RC_OK) {
        file_close(&lock);
        say(d, FINE, "nobody serves this site now");
        return;
    }
    say(d, code == RC_BUSY ? FINE : BAD, "%s", rc_why());
    if (code != RC_BUSY) return;
    char text[16384];
    struct buf b;
    buf_init_fixed(&b, text, sizeof text);
    if (file_read_all(&d->site->dir, "run/status", &b) != RC_OK) return; /* a command, not serve */
    (void)!file_read_all(&d->site->dir, SITE_MEDIA_STATUS,
                         &b); /* the keeper may be about to begin */
    struct span lines = buf_span(&b);
    while (lines.n) {
        struct span line = span_cut(&lines, '\n');
        bool down = memmem(line.p, line.n, ": down", 6) != NULL;
        bool is_child =
            !span_starts(line, SPAN("listens: ")) && !span_starts(line, SPAN("since: "));
        bool died = is_child && !span_ends(line, SPAN("died 0 times"));
        say(d, down ? BAD : died ? ODD : FINE, SPAN_FMT, SPAN_ARG(line));
    }
}

/* Nobody else may write what the site is made of, or read what it keeps to itself. */
static void look_at_permissions(struct doctor *d) {
    static const struct {
        const char *path;
        unsigned forbidden;
        bool must_exist;
    } rules[] = {
        {"", 0022, true},
        {CONFIG_FILE, 0022, true},
        {"store", 0077, true},
        {"store/dateline.db", 0077, false},
        {"record", 0077, true},
        {"record/journal", 0077, false},
        {"record/signer", 0077, false},
        {"pages", 0022, true},
        {"media", 0022, true},
        {"run", 0077, true},
        {"log", 0077, true},
    };
    unsigned wrong = 0;
    for (size_t i = 0; i < COUNT_OF(rules); i++) {
        struct file_stat stat;
        rc code = file_stat(&d->site->dir, rules[i].path, &stat);
        if (code == RC_NOT_FOUND && !rules[i].must_exist) continue;
        const char *path = *rules[i].path ? rules[i].path : ".";
        if (code != RC_OK) {
            say(d, BAD, "%s", rc_why());
        } else if (stat.kind == FILE_KIND_LINK) {
            say(d, BAD, "%s/%s: a symbolic link", d->site->path, path);
        } else if (stat.mode & rules[i].forbidden) {
            say(d, BAD, "%s/%s: others of this machine may reach it (%03o); chmod go-%s it",
                d->site->path, path, stat.mode, rules[i].forbidden & 0044 ? "rwx" : "w");
        } else if (stat.uid != process_user() && process_user() != 0) {
            say(d, BAD, "%s/%s: belongs to another user (%u)", d->site->path, path, stat.uid);
        } else {
            continue;
        }
        wrong++;
    }
    if (wrong == 0) say(d, FINE, "permissions: nobody else can reach what is private");
}

static void look_at_theme(struct doctor *d) {
    int fd;
    if (d->site->config.theme.n == 0) return;
    if (theme_share(d->site, &fd) != RC_OK) {
        say(d, BAD, "theme: %s. At a start the built-in one is used", rc_why());
        return;
    }
    memfd_close(fd);
    say(d, FINE, "theme: " SPAN_FMT, SPAN_ARG(d->site->config.theme));
}

rc command_doctor(const struct args *args) {
    struct site site;
    TRY(site_open(args->operands[0], &site));
    struct doctor d = {.site = &site, .verbose = args_option(args, "--verbose") != NULL};
    say(&d, FINE, "configuration: %s/%s", site.path, CONFIG_FILE);
    look_at_theme(&d);
    look_at_libraries(&d);
    look_at_sandbox(&d);
    look_at_media(&d);
    look_at_disk(&d);
    look_at_clock(&d);
    look_at_lock(&d);
    look_at_permissions(&d);
    site_close(&site);
    if (d.bad) return rc_fail(RC_IO, "%u findings are BAD, %u are warnings", d.bad, d.warnings);
    return RC_OK;
}
