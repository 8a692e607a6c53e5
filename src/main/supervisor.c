#include "main/supervisor.h"

#include <signal.h>
#include <stdio.h>
#include <uv.h>

#include "main/log_file.h"
#include "main/roles.h"
#include "main/theme.h"
#include "pages/pages.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "sys/memfd.h"
#include "sys/process.h"
#include "sys/socket.h"

#define BACKOFF_FIRST_MS 100
#define BACKOFF_LAST_MS 10000
#define LIVED_WELL_MS 10000   /* after this long a death is no part of a series */
#define WEB_ENDS_IN_MS 10000  /* after SIGTERM; then SIGKILL */
#define CORE_ENDS_IN_MS 30000 /* a batch, rendering of lists */
#define SIGNER_ENDS_IN_MS 5000
#define MEDIA_ENDS_IN_MS \
    40000 /* the picture that core is waiting for: MEDIA_WALL_MS_MAX and some */
#define DOWN_TOLD_EVERY_MS 60000
#define STORE_AWAITED_MS 5000
#define STORE_WATCHED_EVERY_MS 50
#define STATUS_FILE "run/status"

enum kind { SIGNER, MEDIA, CORE, WEB }; /* in the order of starting; ended the other way round */
static const char *const kind_names[] = {"signer", "media", "core", "web"};
static const unsigned ends_in_ms[] = {SIGNER_ENDS_IN_MS, MEDIA_ENDS_IN_MS, CORE_ENDS_IN_MS,
                                      WEB_ENDS_IN_MS};

#define FIRST_WEB 3 /* in the list of children */

/*
 *  WAITING ──start──▶ RUNNING ──SIGTERM──▶ ENDING
 *     ▲                  │ ends              │ ends
 *     └──────────────────┴───────────────────┤
 *                 exit code FATAL ──▶ DOWN   └─ while stopping ──▶ ENDED
 */
enum state { WAITING, RUNNING, ENDING, DOWN, ENDED };
static const char *const state_names[] = {"waiting", "running", "ending", "down", "ended"};

struct child {
    struct supervisor *all;
    enum kind kind;
    unsigned index; /* among the webs */
    enum state state;
    struct process process;
    uv_timer_t timer; /* WAITING: start; ENDING: kill; DOWN: say so again */
    mono_t started;
    unsigned starts, deaths, backoff_ms;
};

struct supervisor {
    uv_loop_t loop;
    uv_signal_t term, interrupt, hangup, child_ended;
    uv_poll_t notes; /* from core */
    struct site *site;
    int config_fd;        /* memfd: the accepted configuration's text */
    int theme_fd;         /* memfd: the accepted theme; -1: the built-in one */
    struct log_file *log; /* NULL: standard error so far */
    struct file lock;
    int listeners[CONFIG_LISTEN_MAX];
    int commands;                                    /* run/core.sock */
    int signer_ends[2], media_ends[2], note_ends[2]; /* [0] core's; [1] the others', ours */
    int control, control_to_read;
    struct pages_control *control_page;
    uv_timer_t watch_store;
    uint64_t store_seen; /* the page store that the webs were started with */
    bool webs_begun;
    mono_t begun;
    unsigned webs;
    int web_ends[CONFIG_WEBS_MAX][2]; /* [0] core's, [1] the web's */
    int pins[CONFIG_WEBS_MAX];
    struct child children[FIRST_WEB + CONFIG_WEBS_MAX];
    size_t children_count;
    bool stopping;
    size_t replacing; /* the child that a reload is at; children_count: none */
    rc result;
};

static void child_start(struct child *c);
static void stop_next(struct supervisor *s);
static void replace_next(struct supervisor *s);

static void child_name(const struct child *c, char out_name[16]) {
    if (c->kind == WEB)
        snprintf(out_name, 16, "web %u", c->index);
    else
        snprintf(out_name, 16, "%s", kind_names[c->kind]);
}

/* ---- what others can see --------------------------------------------------------------------- */

/* SITE/run/status: where it listens, since when, and a line a child; for `dateline status`, `doctor` and
 * `record verify`. */
static void write_status(struct supervisor *s) {
    char text[16384], name[16];
    struct buf b;
    buf_init_fixed(&b, text, sizeof text);
    for (size_t i = 0; i < s->site->config.listen_count; i++) {
        const struct config_listen *l = &s->site->config.listen[i];
        buf_printf(&b, strchr(l->host, ':') ? "listens: [%s]:%u\n" : "listens: %s:%u\n", l->host,
                   l->port);
    }
    char since[CLOCK_TEXT_BYTES];
    clock_text(clock_wall_ms() - (ms_t)((clock_mono_ns() - s->begun) / CLOCK_MS(1)), false, since);
    buf_printf(&b, "since: %s\n", since);
    for (size_t i = 0; i < s->children_count; i++) {
        const struct child *c = &s->children[i];
        child_name(c, name);
        buf_printf(&b, "%s: %s, process %d, started %u times, died %u times\n", name,
                   state_names[c->state], c->process.pid, c->starts, c->deaths);
    }
    struct file f;
    rc code = file_open(&s->site->dir, STATUS_FILE, FILE_WRITE | FILE_CREATE | FILE_EMPTY, &f);
    if (code == RC_OK) {
        code = file_append(&f, buf_span(&b));
        file_close(&f);
    }
    if (code != RC_OK) log_event(LOG_DEBUG, "run/status not written", LOG_WHY());
}

/* ---- a child's life -------------------------------------------------------------------------- */

static void role_fds_of(const struct child *c, struct role_fds *fds) {
    const struct supervisor *s = c->all;
    *fds = (struct role_fds){.count = 0};
    role_fds_add(fds, "config", s->config_fd);
    switch (c->kind) {
    case SIGNER: role_fds_add(fds, "core", s->signer_ends[1]); break;
    case MEDIA: role_fds_add(fds, "core", s->media_ends[1]); break;
    case CORE:
        role_fds_add(fds, "lock", s->lock.fd);
        role_fds_add(fds, "signer", s->signer_ends[0]);
        role_fds_add(fds, "media", s->media_ends[0]);
        role_fds_add(fds, "supervisor", s->note_ends[0]);
        role_fds_add(fds, "commands", s->commands);
        role_fds_add(fds, "control", s->control);
        if (s->theme_fd >= 0) role_fds_add(fds, "theme", s->theme_fd);
        for (unsigned i = 0; i < s->webs; i++) role_fds_add(fds, "web", s->web_ends[i][0]);
        for (unsigned i = 0; i < s->webs; i++) role_fds_add(fds, "pin", s->pins[i]);
        break;
    case WEB:
        role_fds_add(fds, "core", s->web_ends[c->index][1]);
        role_fds_add(fds, "control", s->control_to_read);
        role_fds_add(fds, "pin", s->pins[c->index]);
        for (size_t i = 0; i < s->site->config.listen_count; i++)
            role_fds_add(fds, "listen", s->listeners[i]);
        break;
    }
}

static void on_timer(uv_timer_t *timer) {
    struct child *c = timer->data;
    char name[16];
    child_name(c, name);
    if (c->state == WAITING) {
        child_start(c);
    } else if (c->state == ENDING) {
        log_event(LOG_WARN, "does not end in time; killed", LOG_TEXT("child", span_str(name)),
                  LOG_INT("pid", c->process.pid));
        if (process_signal(&c->process, SIGKILL) != RC_OK) log_event(LOG_DEBUG, "kill", LOG_WHY());
    } else if (c->state == DOWN) {
        log_event(
            LOG_ERROR,
            c->kind == CORE
                ? "core is down for good: readers are served, nothing can be published; look "
                  "for its last message above, mend the disk, then restart dateline serve"
            : c->kind == SIGNER
                ? "the signer is down for good: readers are served, nothing can be published; "
                  "look for its last message above, then restart dateline serve"
            : c->kind == MEDIA ? "the keeper of media jobs is down for good: pictures cannot be "
                                 "taken; look for its "
                                 "last message above, then restart dateline serve"
                               : "a web process is down for good: look for its last message above",
            LOG_TEXT("child", span_str(name)));
    }
}

static void set_timer(struct child *c, uint64_t after_ms, uint64_t every_ms) {
    CHECK(uv_timer_start(&c->timer, on_timer, after_ms, every_ms) == 0);
}

/* All webs down for good: nobody is served, so whoever watches this process must know. */
static void look_if_all_down(struct supervisor *s) {
    for (size_t i = 0; i < s->children_count; i++) {
        if (s->children[i].kind == WEB && s->children[i].state != DOWN) return;
    }
    s->result =
        rc_fail(RC_FATAL, "no web process can run on this machine; dateline doctor says more");
    s->stopping = true;
    stop_next(s);
}

static void child_ended(struct child *c, const struct process_end *end) {
    struct supervisor *s = c->all;
    char name[16];
    child_name(c, name);
    bool wanted = c->state == ENDING;
    /* The signer waits for no signal, since it may be killed at any moment. */
    bool as_told = wanted && (end->exit_code == 0 || end->signal == SIGTERM);
    bool for_good = !s->stopping && end->exit_code == rc_exit_code(RC_FATAL);
    uint64_t lived_ms = (clock_mono_ns() - c->started) / 1000000;
    CHECK(uv_timer_stop(&c->timer) == 0);
    if (as_told) {
        log_event(LOG_INFO, "ended", LOG_TEXT("child", span_str(name)));
    } else {
        c->deaths++;
        log_event(LOG_ERROR, "died", LOG_TEXT("child", span_str(name)),
                  LOG_INT("exit", end->exit_code),
                  LOG_TEXT("signal", span_str(end->signal ? process_signal_name(end->signal) : "")),
                  LOG_INT("lived_ms", lived_ms), LOG_INT("deaths", c->deaths));
    }
    /* Before the next one: a dead reader must not hold the page store back. */
    if (c->kind == WEB && pages_pin_clear(s->pins[c->index]) != RC_OK) {
        log_event(LOG_ERROR, "its pin could not be cleared", LOG_TEXT("child", span_str(name)),
                  LOG_WHY());
    }
    if (s->stopping) {
        c->state = ENDED;
    } else if (for_good) {
        c->state = DOWN;
        set_timer(c, 1, DOWN_TOLD_EVERY_MS);
    } else {
        c->state = WAITING;
        if (wanted || lived_ms >= LIVED_WELL_MS) c->backoff_ms = 0;
        set_timer(c, c->backoff_ms, 0);
        c->backoff_ms = c->backoff_ms == 0                    ? BACKOFF_FIRST_MS
                        : c->backoff_ms * 2 < BACKOFF_LAST_MS ? c->backoff_ms * 2
                                                              : BACKOFF_LAST_MS;
    }
    write_status(s);
    if (s->stopping)
        stop_next(s);
    else if (for_good && c->kind == WEB)
        look_if_all_down(s);
}

/* SIGCHLD: one or several have ended. */
static void on_child_ended(uv_signal_t *signal, int number) {
    struct supervisor *s = signal->data;
    (void)number;
    for (size_t i = 0; i < s->children_count; i++) {
        struct child *c = &s->children[i];
        struct process_end end;
        if (c->state != RUNNING && c->state != ENDING) continue;
        if (process_reap(&c->process, &end) == RC_OK) child_ended(c, &end);
    }
}

static int error_fd(const struct supervisor *s) {
    return s->site->config.log_to_file ? log_file_end(s->log) : 2;
}

static void child_start(struct child *c) {
    struct supervisor *s = c->all;
    char name[16], index[16], fds_text[ROLE_FDS_TEXT_BYTES];
    static struct role_fds fds;
    child_name(c, name);
    role_fds_of(c, &fds);
    role_fds_text(&fds, fds_text);
    snprintf(index, sizeof index, "%u", c->index);
    const char *const args[] = {"dateline",    "role",    kind_names[c->kind],
                                s->site->path, "--index", index,
                                "--fds",       fds_text};
    const struct process_command command = {.args = args,
                                            .args_count = COUNT_OF(args),
                                            .fds = fds.fds,
                                            .fds_count = fds.count,
                                            .error_fd = error_fd(s),
                                            .dies_with_parent = true};
    c->started = clock_mono_ns();
    if (c->kind == CORE) s->control_page->core_epoch++; /* what an earlier core said is stale now */
    rc code = process_start(&command, &c->process);
    if (code == RC_OK) {
        c->state = RUNNING;
        c->starts++;
        log_event(LOG_INFO, "started", LOG_TEXT("child", span_str(name)),
                  LOG_INT("pid", c->process.pid), LOG_INT("starts", c->starts));
        if (s->replacing > 0 && c == &s->children[s->replacing - 1]) replace_next(s);
    } else {
        c->state = WAITING;
        log_event(LOG_ERROR, "could not be started", LOG_TEXT("child", span_str(name)), LOG_WHY());
        set_timer(c, BACKOFF_LAST_MS, 0);
    }
    write_status(s);
}

static void child_stop(struct child *c) {
    CHECK(c->state == RUNNING);
    c->state = ENDING;
    if (process_signal(&c->process, SIGTERM) != RC_OK) log_event(LOG_DEBUG, "SIGTERM", LOG_WHY());
    set_timer(c, ends_in_ms[c->kind], 0);
}

/* ---- stopping: webs, then core, then the signer ---------------------------------------------- */

static void stop_next(struct supervisor *s) {
    for (enum kind kind = WEB;; kind--) {
        bool all_ended = true;
        for (size_t i = 0; i < s->children_count; i++) {
            struct child *c = &s->children[i];
            if (c->kind != kind) continue;
            if (c->state == RUNNING)
                child_stop(c);
            else if (c->state == WAITING || c->state == DOWN) {
                CHECK(uv_timer_stop(&c->timer) == 0);
                c->state = ENDED;
            }
            all_ended &= c->state == ENDED;
        }
        if (!all_ended) return;
        if (kind == SIGNER) break;
    }
    uv_stop(&s->loop);
}

static void on_stop_signal(uv_signal_t *signal, int number) {
    struct supervisor *s = signal->data;
    if (!s->stopping) {
        log_event(LOG_INFO, "stopping", LOG_TEXT("signal", span_str(process_signal_name(number))));
        s->stopping = true;
        stop_next(s);
    } else if (number == SIGINT) {
        for (size_t i = 0; i < s->children_count; i++) {
            struct child *c = &s->children[i];
            if (c->state == RUNNING || c->state == ENDING)
                (void)!process_signal(&c->process, SIGKILL);
        }
    }
}

/* ---- reload ---------------------------------------------------------------------------------- */

/* As the configuration of `site` says. One that was open stays so: for what comes from processes that are
 * still to be replaced. */
static rc begin_log(struct supervisor *s, const struct site *site) {
    if (!site->config.log_to_file)
        log_setup("supervisor", 2, site->config.log_level);
    else if (s->log)
        TRY(log_file_reopen(s->log, site));
    else
        TRY(log_file_open(site, &s->loop, &s->log));
    return RC_OK;
}

/* One after another, so that there is always a web that answers. */
static void replace_next(struct supervisor *s) {
    while (s->replacing < s->children_count) {
        struct child *c = &s->children[s->replacing++];
        if (c->state == DOWN) {
            c->state = WAITING;
            c->backoff_ms = 0;
            set_timer(c, 0, 0);
        } else if (c->state == RUNNING) {
            child_stop(c);
            return; /* child_start() of it goes on */
        }
    }
}

static bool same_listen(const struct config *a, const struct config *b) {
    if (a->listen_count != b->listen_count) return false;
    for (size_t i = 0; i < a->listen_count; i++) {
        if (a->listen[i].port != b->listen[i].port || strcmp(a->listen[i].host, b->listen[i].host))
            return false;
    }
    return true;
}

/* Core begins to make the pages anew when it finds that it is another one. */
static void reload_theme(struct supervisor *s) {
    int fd;
    if (theme_share(s->site, &fd) != RC_OK) {
        log_event(LOG_ERROR, "theme refused; the one in force stays", LOG_WHY());
        return;
    }
    memfd_close(s->theme_fd);
    s->theme_fd = fd;
}

static rc reload(struct supervisor *s) {
    struct site fresh;
    TRY(site_open(s->site->path, &fresh));
    int config_fd;
    if (!same_listen(&fresh.config, &s->site->from_file) ||
        fresh.config.webs != s->site->from_file.webs) {
        log_event(LOG_WARN,
                  "listen and webs are read at the start only: restart dateline serve for them");
    }
    memcpy(fresh.config.listen, s->site->config.listen, sizeof fresh.config.listen);
    fresh.config.listen_count = s->site->config.listen_count;
    fresh.config.webs = s->site->config.webs;
    rc code = role_share_config(&fresh.config, &config_fd);
    if (code == RC_OK) {
        code = begin_log(s, &fresh);
        if (code != RC_OK) memfd_close(config_fd);
    }
    if (code != RC_OK) {
        site_close(&fresh);
        return code;
    }
    memfd_close(s->config_fd);
    s->config_fd = config_fd;
    site_close(s->site);
    *s->site = fresh;
    reload_theme(s);
    return RC_OK;
}

static void on_hangup(uv_signal_t *signal, int number) {
    struct supervisor *s = signal->data;
    (void)number;
    if (s->stopping) return;
    if (reload(s) != RC_OK) {
        log_event(LOG_ERROR, "configuration not accepted; the old one stays", LOG_WHY());
        return;
    }
    log_event(LOG_INFO,
              "configuration and log file read anew; replacing one process after another");
    s->replacing = 0; /* from the beginning, also when one is still under way */
    replace_next(s);
}

/* ---- the page store -------------------------------------------------------------------------- */

/* A web opens the page store before it gives up the right to open anything. So the webs are begun
 * when core has a store to serve (or does not come: then they answer 503), and replaced, one after
 * another, when a rebuild has put a new one in its place. */
static void on_watch_store(uv_timer_t *timer) {
    struct supervisor *s = timer->data;
    uint64_t store = atomic_load(&s->control_page->store);
    if (s->stopping) return;
    if (!s->webs_begun) {
        if (store == 0 && clock_mono_ns() - s->begun < CLOCK_MS(STORE_AWAITED_MS)) return;
        s->webs_begun = true;
        s->store_seen = store;
        for (size_t i = FIRST_WEB; i < s->children_count; i++) child_start(&s->children[i]);
    } else if (store != s->store_seen) {
        log_event(LOG_INFO, "a new page store is served", LOG_INT("store", store));
        s->store_seen = store;
        if (s->replacing > FIRST_WEB)
            s->replacing = FIRST_WEB; /* else a reload comes to them anyway */
        replace_next(s);
    }
}

/* ---- what core asks for ---------------------------------------------------------------------- */

static void on_note(uv_poll_t *poll, int status, int events) {
    struct supervisor *s = poll->data;
    struct role_note note;
    size_t n;
    (void)status;
    (void)events;
    while (socket_receive(s->note_ends[1], &note, sizeof note, 0, &n) == RC_OK) {
        if (n != sizeof note || note.kind != ROLE_NOTE_KILL_WEB || note.web >= s->webs) {
            log_event(LOG_ERROR, "not a note from core", LOG_INT("bytes", n));
            continue;
        }
        struct child *c = &s->children[FIRST_WEB + note.web];
        if (c->state != RUNNING && c->state != ENDING) continue;
        log_event(LOG_ERROR, "keeps the page store from moving on; killed",
                  LOG_INT("web", note.web), LOG_INT("pid", c->process.pid));
        if (process_signal(&c->process, SIGKILL) != RC_OK) log_event(LOG_DEBUG, "kill", LOG_WHY());
    }
}

/* ---- beginning ------------------------------------------------------------------------------- */

static rc make_shared(struct supervisor *s) {
    struct config *config = &s->site->config;
    for (size_t i = 0; i < config->listen_count; i++) {
        uint16_t port;
        TRY(socket_listen_tcp(config->listen[i].host, config->listen[i].port, &s->listeners[i],
                              &port));
        config->listen[i].port = port;
        log_event(LOG_INFO, "listening", LOG_TEXT("address", span_str(config->listen[i].host)),
                  LOG_INT("port", port));
    }
    char path[SITE_SOCKET_BYTES];
    site_socket_path(s->site, path);
    TRY(socket_listen_path(path, &s->commands));
    TRY(socket_pair(s->signer_ends));
    TRY(socket_pair(s->media_ends));
    TRY(socket_pair(s->note_ends));
    TRY(memfd_new("dateline control", sizeof *s->control_page, &s->control));
    void *control_page;
    TRY(memfd_map(s->control, sizeof *s->control_page, true, &control_page));
    s->control_page = control_page;
    TRY(memfd_read_only(s->control, &s->control_to_read));
    for (unsigned i = 0; i < s->webs; i++) {
        TRY(socket_pair(s->web_ends[i]));
        TRY(memfd_new("dateline pin", sizeof(struct pages_pin_page), &s->pins[i]));
    }
    TRY(role_share_config(config, &s->config_fd));
    TRY(begin_log(s, s->site));
    s->theme_fd = theme_share_or_none(s->site);
    return RC_OK;
}

static void add_child(struct supervisor *s, enum kind kind, unsigned index) {
    struct child *c = &s->children[s->children_count++];
    *c = (struct child){.all = s, .kind = kind, .index = index, .process = PROCESS_NONE};
    CHECK(uv_timer_init(&s->loop, &c->timer) == 0);
    c->timer.data = c;
}

static void watch_signal(struct supervisor *s, uv_signal_t *handle, int number,
                         uv_signal_cb callback) {
    CHECK(uv_signal_init(&s->loop, handle) == 0);
    handle->data = s;
    CHECK(uv_signal_start(handle, callback, number) == 0);
}

rc supervisor_run(struct site *site) {
    static struct supervisor all; /* too large for the stack, and there is one */
    struct supervisor *s = &all;
    s->site = site;
    s->webs = site->config.webs ? site->config.webs : process_cpus();
    if (s->webs > CONFIG_WEBS_MAX) s->webs = CONFIG_WEBS_MAX;
    log_setup("supervisor", 2, site->config.log_level);
    TRY(site_lock(site, "serve", SITE_LOCK_WAIT_MS, &s->lock));
    uint64_t files;
    TRY(process_limit_files(1u << 20, &files)); /* webs inherit it: a descriptor a connection */
    CHECK(uv_loop_init(&s->loop) == 0);
    TRY(make_shared(s));

    watch_signal(s, &s->term, SIGTERM, on_stop_signal);
    watch_signal(s, &s->interrupt, SIGINT, on_stop_signal);
    watch_signal(s, &s->hangup, SIGHUP, on_hangup);
    watch_signal(s, &s->child_ended, SIGCHLD, on_child_ended);
    CHECK(uv_poll_init(&s->loop, &s->notes, s->note_ends[1]) == 0);
    s->notes.data = s;
    CHECK(uv_poll_start(&s->notes, UV_READABLE, on_note) == 0);
    add_child(s, SIGNER, 0);
    add_child(s, MEDIA, 0);
    add_child(s, CORE, 0);
    for (unsigned i = 0; i < s->webs; i++) add_child(s, WEB, i);
    s->replacing = s->children_count;
    s->begun = clock_mono_ns();
    for (size_t i = 0; i < FIRST_WEB; i++) child_start(&s->children[i]);
    CHECK(uv_timer_init(&s->loop, &s->watch_store) == 0);
    s->watch_store.data = s;
    CHECK(uv_timer_start(&s->watch_store, on_watch_store, 0, STORE_WATCHED_EVERY_MS) == 0);
    (void)uv_run(&s->loop, UV_RUN_DEFAULT);
    if (s->log) log_file_flush(s->log); /* the last words of those that ended */
    log_event(LOG_INFO, "stopped");
    return s->result; /* the process ends: what it holds, the kernel takes back */
}
