#include "main/roles.h"

#include <stdio.h>

#include "base/buf.h"
#include "flow/flow.h"
#include "main/core.h"
#include "main/site.h"
#include "main/theme.h"
#include "pages/pages.h"
#include "record/record.h"
#include "site/site.h"
#include "sys/fault.h"
#include "sys/log.h"
#include "sys/memfd.h"
#include "sys/sandbox.h"
#include "sys/socket.h"

#define ROLE_BYTES_MAX (1 << 20) /* its configuration, theme and paths */

/* ---- descriptors ----------------------------------------------------------------------------- */

void role_fds_add(struct role_fds *fds, const char *name, int fd) {
    CHECK(fds->count < PROCESS_FDS_MAX);
    fds->names[fds->count] = name;
    fds->fds[fds->count] = fd;
    fds->count++;
}

void role_fds_text(const struct role_fds *fds, char out_text[ROLE_FDS_TEXT_BYTES]) {
    struct buf b;
    buf_init_fixed(&b, out_text, ROLE_FDS_TEXT_BYTES - 1);
    for (size_t i = 0; i < fds->count; i++) {
        buf_printf(&b, "%s%s=%zu", i ? "," : "", fds->names[i], PROCESS_FD_FIRST + i);
    }
    CHECK(!b.over);
    out_text[b.n] = 0;
}

int role_fds_find(const char *text, const char *name, unsigned nth) {
    struct span rest = span_str(text);
    while (rest.n) {
        struct span number = span_cut(&rest, ','), key = span_cut(&number, '=');
        uint64_t fd;
        if (!span_eq(key, span_str(name)) || !span_to_u64(number, INT32_MAX, &fd)) continue;
        if (nth-- == 0) return (int)fd;
    }
    return -1;
}

/* Into a memfd that the children read: one that is started again later must not find what the
 * operator is just writing into the file. */
rc role_share_config(const struct config *config, int *out_fd) {
    struct buf b;
    buf_init(&b, CONFIG_BYTES_MAX);
    config_write(config, &b);
    CHECK(!b.over);
    int fd = -1;
    rc code = memfd_new("dateline config", CONFIG_BYTES_MAX, &fd);
    if (code == RC_OK) {
        struct file f = file_of_fd(fd, "the configuration in memory");
        code = file_write_at(&f, 0, buf_span(&b));
    }
    buf_done(&b);
    if (code != RC_OK) {
        memfd_close(fd);
        return code;
    }
    *out_fd = fd;
    return RC_OK;
}

/* ---- sandbox --------------------------------------------------------------------------------- */

rc role_sandbox(enum sandbox_role role, const struct site *site, struct arena *a,
                struct sandbox_options *out_options) {
    struct sandbox_options options = {.role = role};
    /* Not record/: the signer's file lies there. Its journal alone. */
    static const char *const for_core[] = {"store", "pages", "media", "run", "record/journal"};
    for (size_t i = 0; role == SANDBOX_CORE && i < COUNT_OF(for_core); i++) {
        const char *path = arena_printf(a, "%s/%s", site->path, for_core[i]).p;
        CHECK(path != NULL);
        options.paths[options.paths_count++] =
            (struct sandbox_path){.path = path, .may_write = true};
    }
    *out_options = options;
    return RC_OK;
}

/* What each role begins with: who it is, the configuration that the supervisor has accepted. */
static rc role_begin(const char *name, const struct args *args, struct arena *a,
                     struct site *out_site) {
    const char *fds = args_option(args, "--fds");
    if (!fds) return rc_fail(RC_USAGE, "role %s: started by dateline serve only", name);
    fault_setup(name);
    char full[32];
    const char *index = args_option(args, "--index");
    bool is_web = strcmp(name, "web") == 0;
    snprintf(full, sizeof full, "%s%s%s", name, is_web ? " " : "", is_web && index ? index : "");
    process_set_name(full);
    log_setup(full, 2, LOG_INFO);
    struct site site = {.path = args->operands[0], .memory = a};
    TRY(file_open(NULL, site.path, FILE_FOLDER, &site.dir));
    struct file f = file_of_fd(role_fds_find(fds, "config", 0), "the supervisor's configuration");
    char *text = arena_take(a, CONFIG_BYTES_MAX);
    CHECK(text != NULL);
    size_t n;
    TRY(file_read_at(&f, 0, text, CONFIG_BYTES_MAX, &n));
    TRY(config_parse(span_of(text, strnlen(text, n)), f.name, &site.config));
    site.from_file = site.config;
    log_setup(full, 2, site.config.log_level);
    *out_site = site;
    return RC_OK;
}

/* Enter it, and try it from inside. */
static rc role_confine(enum sandbox_role role, const struct site *site, struct arena *a) {
    struct sandbox_options options;
    struct sandbox_level level;
    TRY(role_sandbox(role, site, a, &options));
    TRY(sandbox_enter(&options, &level));
    TRY(sandbox_selftest(role, &level, NULL));
    /* Not for every picture. */
    bool told = (level.seccomp && level.landlock) || role == SANDBOX_MEDIA;
    log_event(told ? LOG_DEBUG : LOG_WARN, "confined", LOG_INT("seccomp", level.seccomp),
              LOG_INT("landlock_abi", level.landlock ? level.landlock_abi : 0));
    return RC_OK;
}

/* How a role ends is for the log, not for a terminal. */
static rc role_end(rc code) {
    if (code != RC_OK)
        log_event(LOG_ERROR, "this process ends", LOG_TEXT("code", span_str(rc_name(code))),
                  LOG_WHY());
    return code;
}

static rc role_run(rc (*run)(const struct args *args, struct arena *a), const struct args *args) {
    struct arena *a = arena_new(ROLE_BYTES_MAX); /* what lives as long as the process */
    rc code = role_end(run(args, a));
    arena_free(a);
    return code;
}

/* ---- the roles ------------------------------------------------------------------------------- */

static rc run_web(const struct args *args, struct arena *a) {
    struct site site;
    struct site_web *web;
    int listeners[CONFIG_LISTEN_MAX];
    size_t count = 0;
    char name[16];
    TRY(role_begin("web", args, a, &site));
    const char *fds = args_option(args, "--fds"), *index = args_option(args, "--index");
    while (count < CONFIG_LISTEN_MAX && role_fds_find(fds, "listen", (unsigned)count) >= 0) {
        listeners[count] = role_fds_find(fds, "listen", (unsigned)count);
        count++;
    }
    snprintf(name, sizeof name, "web %s", index ? index : "0");
    const char *pages_dir = arena_printf(a, "%s/pages", site.path).p;
    const struct site_web_setup setup = {.listen_fds = listeners,
                                         .listen_fds_count = count,
                                         .core_fd = role_fds_find(fds, "core", 0),
                                         .control_fd = role_fds_find(fds, "control", 0),
                                         .pin_fd = role_fds_find(fds, "pin", 0),
                                         .pages_dir = pages_dir,
                                         .hosts = &site.config.host,
                                         .hosts_count = 1,
                                         .url = site.config.url,
                                         .access_fd = site.config.log_access ? 2 : -1,
                                         .process = name,
                                         .limits = NET_LIMITS};
    TRY(site_web_open(&setup, &web));
    TRY(role_confine(SANDBOX_WEB, &site, a));
    rc code = site_web_run(web);
    site_web_close(web);
    return code;
}

/* What lies in record/, while it can still be opened. */
struct core_record {
    const char *key; /* the verifier key */
    int journal;
    bool signer;
    struct span checkpoint; /* without a signer; empty: none is known */
};

static rc read_checkpoint(const struct site *site, struct arena *a, struct span *out_note) {
    char bytes[NOTE_BYTES_MAX];
    struct buf note;
    buf_init_fixed(&note, bytes, sizeof bytes);
    rc code = file_read_all(&site->dir, SITE_RECORD_CHECKPOINT, &note);
    if (code == RC_NOT_FOUND) return RC_OK;
    TRY(code);
    *out_note = arena_copy(a, buf_span(&note));
    return RC_OK;
}

static rc read_record(const struct site *site, struct arena *a, struct core_record *out) {
    struct file record, journal;
    struct note_key key;
    struct buf text;
    struct core_record r = {0};
    TRY(site_record_key(&site->dir, &key, &r.signer));
    if (!r.signer) TRY(read_checkpoint(site, a, &r.checkpoint));
    TRY(file_open(&site->dir, "record", FILE_FOLDER, &record));
    rc code = file_open(&record, "journal", FILE_WRITE, &journal);
    if (code == RC_NOT_FOUND) {
        /* Lost: flow/catch_up.c says what that means. An empty one takes its place. */
        code = file_open(&record, "journal", FILE_WRITE | FILE_CREATE, &journal);
        if (code == RC_OK) code = file_sync_folder_of(&record, "journal");
    }
    file_close(&record);
    TRY(code);
    buf_init(&text, 1024);
    note_key_write(&key, &text);
    r.key = arena_strdup(a, buf_span(&text));
    buf_done(&text);
    r.journal = journal.fd;
    *out = r;
    return RC_OK;
}

static rc run_core(const struct args *args, struct arena *a) {
    struct site site;
    struct flow *flow;
    struct core_record record;
    int webs[CONFIG_WEBS_MAX], pins[CONFIG_WEBS_MAX];
    size_t count = 0;
    void *control = NULL;
    TRY(role_begin("core", args, a, &site));
    const char *fds = args_option(args, "--fds");
    while (count < CONFIG_WEBS_MAX && role_fds_find(fds, "web", (unsigned)count) >= 0) {
        webs[count] = role_fds_find(fds, "web", (unsigned)count);
        pins[count] = role_fds_find(fds, "pin", (unsigned)count);
        count++;
    }
    TRY(read_record(&site, a, &record));
    int control_fd = role_fds_find(fds, "control", 0);
    if (control_fd >= 0) TRY(memfd_map(control_fd, sizeof(struct pages_control), false, &control));
    struct render_theme theme;
    const int theme_fd = role_fds_find(fds, "theme", 0);
    if (theme_fd >= 0) TRY(theme_receive(theme_fd, a, &theme));
    /* It may be deleted, and no backup has it; core's sandbox is entered with what is there. */
    rc made = file_make_folder(&site.dir, "pages", 0);
    if (made != RC_CONFLICT) TRY(made);
    struct span sources;
    TRY(theme_sources(&site, theme_fd >= 0 ? &theme : NULL, a, &sources));
    uint64_t epoch = control ? atomic_load(&((struct pages_control *)control)->core_epoch) : 0;
    TRY(role_confine(SANDBOX_CORE, &site, a));
    struct flow_edition editions[CONFIG_EDITIONS_MAX];
    for (size_t i = 0; i < site.config.edition_count; i++) {
        const struct config_edition *e = &site.config.editions[i];
        editions[i] = (struct flow_edition){.key = e->key,
                                            .name = e->name,
                                            .language = e->language,
                                            .zone = e->zone,
                                            .sections = e->sections,
                                            .section_count = e->section_count,
                                            .address = e->address,
                                            .notice = e->notice,
                                            .old_after_days = e->old_after_days};
    }
    const struct flow_setup setup = {.site = &site.dir,
                                     .path = site.path,
                                     .url = site.config.url,
                                     .editions = editions,
                                     .edition_count = site.config.edition_count,
                                     .journal_fd = record.journal,
                                     .signer_fd = role_fds_find(fds, "signer", 0),
                                     .key = record.key,
                                     .no_signer = !record.signer,
                                     .checkpoint = record.checkpoint,
                                     .control_fd = control_fd,
                                     .pin_fds = pins,
                                     .pin_fds_count = count,
                                     .reserve_mb = site.config.reserve_mb,
                                     .require_alt = site.config.require_alt,
                                     .require_credit = site.config.require_credit,
                                     .theme = theme_fd >= 0 ? &theme : NULL,
                                     .sources = sources};
    TRY(flow_open(&setup, &flow));
    const struct core_setup core = {.flow = flow,
                                    .web_fds = webs,
                                    .web_fds_count = count,
                                    .commands_fd = role_fds_find(fds, "commands", 0),
                                    .media_fd = role_fds_find(fds, "media", 0),
                                    .client_fd = role_fds_find(fds, "client", 0),
                                    .notes_fd = role_fds_find(fds, "supervisor", 0),
                                    .epoch = epoch};
    /* Not by a command, which ends before it has come far. */
    if (flow_outdated(flow) && core.client_fd < 0) {
        log_event(LOG_INFO, "another theme or foot than the pages were made with");
        if (flow_rebuild(flow) != RC_OK)
            log_event(LOG_ERROR, "rebuild: not begun; the next start tries again", LOG_WHY());
    }
    rc code = core_run(&core);
    if (code == RC_OK && core.client_fd >= 0) code = flow_settle(flow);
    if (code == RC_OK) flow_close(flow); /* after a failed sync nothing more is written */
    return code;
}

/* In a site that was restored without its signer: nothing to sign with, and nobody asks. */
static rc run_without_signer(int fd) {
    char message[1];
    size_t n;
    rc code;
    do {
        code = socket_receive(fd, message, sizeof message, -1, &n);
    } while (code == RC_OK || code == RC_TOO_BIG);
    return code == RC_GONE ? RC_OK : code;
}

static rc run_signer(const struct args *args, struct arena *a) {
    struct site site;
    struct file record;
    struct signer *signer = NULL;
    struct note_key key;
    bool is_there;
    TRY(role_begin("signer", args, a, &site));
    const int core = role_fds_find(args_option(args, "--fds"), "core", 0);
    TRY(site_record_key(&site.dir, &key, &is_there));
    if (is_there) {
        TRY(file_open(&site.dir, "record", FILE_FOLDER, &record));
        TRY(signer_open(&record, &signer));
        file_close(&record);
    }
    TRY(role_confine(SANDBOX_SIGNER, &site, a));
    if (!is_there) return run_without_signer(core);
    rc code = signer_run(signer, core);
    signer_close(signer);
    return code;
}

/* ---- media ----------------------------------------------------------------------------------- */

struct media_setup role_media_setup(void) {
    static const char *const args[] = {"dateline", "role", "media-job"};
    return (struct media_setup){.args = args, .args_count = COUNT_OF(args), .error_fd = -1};
}

/* For `dateline doctor`. */
static void tell_counts(const struct media_counts *counts, void *arg) {
    const struct site *site = arg;
    char text[256];
    struct buf b;
    struct file f;
    buf_init_fixed(&b, text, sizeof text);
    buf_printf(&b, "media jobs: %llu started, %llu killed, died %llu times\n",
               (unsigned long long)counts->jobs, (unsigned long long)counts->killed,
               (unsigned long long)counts->died);
    rc code = file_open(&site->dir, SITE_MEDIA_STATUS, FILE_WRITE | FILE_CREATE | FILE_EMPTY, &f);
    if (code == RC_OK) {
        code = file_append(&f, buf_span(&b));
        file_close(&f);
    }
    if (code != RC_OK) log_event(LOG_DEBUG, SITE_MEDIA_STATUS " not written", LOG_WHY());
}

static rc run_media(const struct args *args, struct arena *a) {
    struct site site;
    TRY(role_begin("media", args, a, &site));
    struct media_setup setup = role_media_setup();
    int fd = role_fds_find(args_option(args, "--fds"), "core", 0);
    return media_keeper_run(fd, &setup, tell_counts, &site);
}

static rc run_media_job(void) {
    struct media_job *job;
    int error;
    process_set_name("media job");
    log_setup("media job", 2, LOG_INFO);
    TRY(process_silence(&error));
    log_setup("media job", error, LOG_INFO);
    rc code = media_job_open(PROCESS_FD_FIRST, &job);
    if (code == RC_GONE) return RC_OK; /* nobody wants it any more */
    TRY(code);
    TRY(role_confine(SANDBOX_MEDIA, NULL, NULL));
    return media_job_serve(job);
}

rc role_web(const struct args *args) {
    return role_run(run_web, args);
}
rc role_core(const struct args *args) {
    return role_run(run_core, args);
}
rc role_signer(const struct args *args) {
    return role_run(run_signer, args);
}
rc role_media(const struct args *args) {
    return role_run(run_media, args);
}
rc role_media_job(const struct args *args) {
    (void)args;
    return role_end(run_media_job());
}
