#include "main/roles.h"

#include <stdio.h>

#include "base/buf.h"
#include "main/site.h"
#include "sys/fault.h"
#include "sys/log.h"
#include "sys/sandbox.h"

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

/* ---- sandbox --------------------------------------------------------------------------------- */

rc role_sandbox(enum sandbox_role role, const struct site *site, struct arena *a,
    struct sandbox_options *out_options) {
    struct sandbox_options options = {.role = role};
    /* Not record/: the signer's file lies there. Its journal alone. */
    static const char *const for_core[] = {"store", "pages", "media", "run", "record/journal"};
    for (size_t i = 0; role == SANDBOX_CORE && i < COUNT_OF(for_core); i++) {
        const char *path = arena_printf(a, "%s/%s", site->path, for_core[i]).p;
        CHECK(path != NULL);
        options.paths[options.paths_count++] = (struct sandbox_path){.path = path, .may_write = true};
    }
    *out_options = options;
    return RC_OK;
}

/* What each role begins with: who it is, the configuration that the supervisor has accepted. */
static rc role_begin(const char *name, const struct args *args, struct arena *a, struct site *out_site) {
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
    log_event(level.seccomp && level.landlock ? LOG_DEBUG : LOG_WARN, "confined",
        LOG_INT("seccomp", level.seccomp), LOG_INT("landlock_abi", level.landlock ? level.landlock_abi : 0));
    return RC_OK;
}

/* How a role ends is for the log, not for a terminal. */
static rc role_end(rc code) {
    if (code != RC_OK) log_event(LOG_ERROR, "this process ends", LOG_TEXT("code", span_str(rc_name(code))), LOG_WHY());
    return code;
}

/* ---- the roles ------------------------------------------------------------------------------- */

static rc run_web(const struct args *args, struct arena *a) {
    struct site site;
    TRY(role_begin("web", args, a, &site));
    TRY(role_confine(SANDBOX_WEB, &site, a));
    return rc_fail(RC_FATAL, "not yet");
}

static rc run_core(const struct args *args, struct arena *a) {
    struct site site;
    TRY(role_begin("core", args, a, &site));
    TRY(role_confine(SANDBOX_CORE, &site, a));
    return rc_fail(RC_FATAL, "not yet");
}

static rc run_signer(const struct args *args, struct arena *a) {
    struct site site;
    TRY(role_begin("signer", args, a, &site));
    TRY(role_confine(SANDBOX_SIGNER, &site, a));
    return rc_fail(RC_FATAL, "not yet");
}

rc role_web(const struct args *args) {
    return role_end(run_web(args, arena_new(1 << 20)));
}
rc role_core(const struct args *args) {
    return role_end(run_core(args, arena_new(1 << 20)));
}
rc role_signer(const struct args *args) {
    return role_end(run_signer(args, arena_new(1 << 20)));
}
