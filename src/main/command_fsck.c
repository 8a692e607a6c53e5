/* dateline fsck: asks src/fsck/, tells what it finds. */
#include <inttypes.h>
#include <stdio.h>

#include "codec/json.h"
#include "fsck/fsck.h"
#include "main/commands.h"
#include "main/site.h"
#include "sys/clock.h"
#include "sys/sandbox.h"

#define PROGRESS_MS 250
#define LEFT_AFTER_MS 3000 /* before, an estimate is a guess */
#define LINE_BYTES_MAX 8192

struct teller {
    const char *path;
    bool json, terminal, on_line; /* on_line: progress stands where the next line goes */
    const char *step;
    mono_t step_begun, shown;
};

static void line_clear(struct teller *t) {
    if (t->on_line) fputs("\r\033[K", stderr);
    t->on_line = false;
}

static void print_json(const struct fsck_finding *f) {
    const struct {
        const char *name;
        struct span value;
    } members[] = {{"kind", span_str(f->kind)},
                   {"what", f->what},
                   {"follows", span_str(f->follows)},
                   {"mend", span_str(f->mend)}};
    struct buf line;
    buf_init(&line, LINE_BYTES_MAX);
    buf_printf(&line, "{\"fault\":%s", f->is_fault ? "true" : "false");
    for (size_t i = 0; i < COUNT_OF(members); i++) {
        buf_printf(&line, ",\"%s\":", members[i].name);
        json_write_string(&line, members[i].value);
    }
    buf_str(&line, "}\n");
    fwrite(line.p, 1, line.n, stdout);
    buf_done(&line);
}

/* SITE in a text stands for the site's path. */
static void print_with_site(const struct teller *t, const char *text) {
    for (const char *at; (at = strstr(text, "SITE")) != NULL; text = at + strlen("SITE"))
        printf("%.*s%s", (int)(at - text), text, t->path);
    puts(text);
}

static void on_find(void *arg, const struct fsck_finding *f) {
    struct teller *t = arg;
    line_clear(t);
    if (t->json) {
        print_json(f);
        return;
    }
    printf("%s  " SPAN_FMT "\n       follows: %s\n       mend: ", f->is_fault ? "FAULT" : "note ",
           SPAN_ARG(f->what), f->follows);
    print_with_site(t, f->mend);
}

static void on_progress(void *arg, const char *step, uint64_t done, uint64_t of) {
    struct teller *t = arg;
    const mono_t now = clock_mono_ns();
    if (step != t->step) {
        t->step = step;
        t->step_begun = now;
    }
    if (now - t->shown < CLOCK_MS(PROGRESS_MS)) return;
    t->shown = now;
    t->on_line = true;
    fprintf(stderr, "\r\033[K%s", step);
    if (!of) return;
    const uint64_t ms = (now - t->step_begun) / CLOCK_MS(1);
    fprintf(stderr, ": %" PRIu64 " of %" PRIu64, done, of);
    if (ms > LEFT_AFTER_MS && done && done < of)
        fprintf(stderr, ", %" PRIu64 " s left of this step", ms * (of - done) / done / 1000);
}

static void print_end(const struct teller *t, const struct fsck_result *r) {
    if (t->json) {
        printf("{\"faults\":%" PRIu64 ",\"notes\":%" PRIu64 ",\"entries\":%" PRIu64
               ",\"revisions\":%" PRIu64 ",\"stories\":%" PRIu64 ",\"lists\":%" PRIu64
               ",\"pages\":%" PRIu64 ",\"pictures\":%" PRIu64 ",\"bytes\":%" PRIu64 "}\n",
               r->faults, r->notes, r->entries, r->revisions, r->stories, r->lists, r->pages,
               r->pictures, r->bytes);
        return;
    }
    printf("%" PRIu64 " entries, %" PRIu64 " revisions, %" PRIu64 " stories, %" PRIu64
           " lists, %" PRIu64 " pages, %" PRIu64 " pictures; %" PRIu64 " MB\n",
           r->entries, r->revisions, r->stories, r->lists, r->pages, r->pictures,
           r->bytes / 1000000);
    if (!r->faults) puts("everything is in order");
}

static rc check(const struct args *args, struct teller *t, const struct site *site, bool served) {
    struct span editions[CONFIG_EDITIONS_MAX];
    struct fsck_result result;
    for (size_t i = 0; i < site->config.edition_count; i++)
        editions[i] = site->config.editions[i].key;
    const struct fsck_options options = {.site = &site->dir,
                                         .path = args->operands[0],
                                         .served = served,
                                         .editions = editions,
                                         .edition_count = site->config.edition_count,
                                         .find = on_find,
                                         .progress = t->terminal ? on_progress : NULL,
                                         .arg = t};
    rc code = fsck_site(&options, &result);
    line_clear(t);
    TRY(code);
    print_end(t, &result);
    if (!result.faults) return RC_OK;
    return rc_fail(RC_CORRUPT, "not everything is in order: %" PRIu64 " fault%s", result.faults,
                   result.faults == 1 ? "" : "s");
}

/* It parses what a broken disk or a stranger has left: it may read the site, and nothing else. */
static rc confine(const struct site *site, bool served) {
    char shm[FILE_NAME_BYTES + 32];
    struct sandbox_level level;
    struct sandbox_options options = {
        .role = SANDBOX_CORE, .paths = {{site->path, false}}, .paths_count = 1};
    struct file_stat stat;
    int n = snprintf(shm, sizeof shm, "%s/store/dateline.db-shm", site->path);
    /* Where readers of the database say which state of it they read. */
    if (served && n > 0 && (size_t)n < sizeof shm && file_stat(NULL, shm, &stat) == RC_OK)
        options.paths[options.paths_count++] = (struct sandbox_path){shm, true};
    return sandbox_enter(&options, &level);
}

/* Without a configuration nobody knows what the editions are called. */
static rc config_fault(struct teller *t) {
    char why[RC_WHY_MAX];
    snprintf(why, sizeof why, "%s", rc_why());
    const struct fsck_finding finding = {
        true, "config", span_str(why),
        "the site does not start with it; nothing else was looked at",
        "mend dateline.conf, or put it back from a backup"};
    on_find(t, &finding);
    return rc_fail(RC_CORRUPT, "not everything is in order: 1 fault");
}

rc command_fsck(const struct args *args) {
    struct teller t = {.path = args->operands[0],
                       .json = args_option(args, "--json") != NULL,
                       .terminal = file_is_terminal(2)};
    struct site site;
    struct file lock = FILE_CLOSED;
    rc code = site_open(args->operands[0], &site);
    if (code == RC_INVALID || code == RC_TOO_BIG) return config_fault(&t);
    TRY(code);
    /* While nobody is core, nobody shall become it: what stands still is read without its locks. */
    code = site_lock(&site, "fsck", 0, &lock);
    const bool served = code == RC_BUSY;
    /* A disk that cannot be written to has no core. */
    if (code == RC_BUSY || code == RC_DENIED) code = RC_OK;
    if (code == RC_OK) code = confine(&site, served);
    if (code == RC_OK) code = check(args, &t, &site, served);
    file_close(&lock);
    site_close(&site);
    return code;
}
