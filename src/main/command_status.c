/* `dateline status`: what core says of itself and of the stories, and what can be seen from outside. */
#include <stdio.h>

#include "codec/json.h"
#include "main/client.h"
#include "main/commands.h"
#include "main/site.h"
#include "sys/clock.h"

#define ANSWER_BYTES_MAX (1u << 20)
#define NAMES_MAX 4000000 /* in one folder of media/ */
#define NAMES_BYTES_MAX (512u << 20)

/* ---- from outside ----------------------------------------------------------------------------------- */

/* All files in a folder and the folders in it. A file that is gone when it is looked at is no failure. */
static rc add_bytes(const struct file *dir, const char *path, uint64_t *bytes) {
    struct arena *a = arena_new(NAMES_BYTES_MAX);
    struct span *names;
    size_t count = 0;
    rc code = file_list(dir, path, NAMES_MAX, a, &names, &count);
    for (size_t i = 0; i < count && code == RC_OK; i++) {
        char inner[512];
        struct file_stat stat;
        int n = snprintf(inner, sizeof inner, "%s/" SPAN_FMT, path, SPAN_ARG(names[i]));
        if (n < 0 || (size_t)n >= sizeof inner || file_stat(dir, inner, &stat) != RC_OK) continue;
        if (stat.kind == FILE_KIND_FOLDER)
            code = add_bytes(dir, inner, bytes);
        else if (stat.kind == FILE_KIND_FILE)
            *bytes += stat.bytes;
    }
    arena_free(a);
    return code == RC_NOT_FOUND ? RC_OK : code;
}

static rc add_disk(const struct site *site, json_t *status) {
    static const char *const folders[] = {"store", "record", "pages", "media"};
    struct file_space space;
    json_t *disk = json_object();
    json_object_set_new(status, "disk", disk);
    for (size_t i = 0; i < COUNT_OF(folders); i++) {
        uint64_t bytes = 0;
        TRY(add_bytes(&site->dir, folders[i], &bytes));
        json_object_set_new(disk, folders[i], json_integer((json_int_t)bytes));
    }
    TRY(file_space(&site->dir, "", &space));
    json_object_set_new(disk, "free", json_integer((json_int_t)space.bytes_free));
    json_object_set_new(disk, "total", json_integer((json_int_t)space.bytes_total));
    return RC_OK;
}

/* "web 0: running, process 4711, started 1 times, died 0 times" */
static void add_process(json_t *processes, struct span line) {
    struct span rest = line, who = span_cut(&rest, ':');
    struct span state = span_trim(span_cut(&rest, ','));
    unsigned pid, starts, deaths;
    char text[128];
    snprintf(text, sizeof text, SPAN_FMT, SPAN_ARG(span_trim(rest)));
    if (sscanf(text, "process %u, started %u times, died %u times", &pid, &starts, &deaths) != 3)
        return;
    json_t *process = json_object();
    json_object_set_new(process, "name", json_stringn(who.p, who.n));
    json_object_set_new(process, "state", json_stringn(state.p, state.n));
    json_object_set_new(process, "process", json_integer(pid));
    json_object_set_new(process, "started", json_integer(starts));
    json_object_set_new(process, "died", json_integer(deaths));
    json_array_append_new(processes, process);
}

/* run/status stays behind when serve has ended: the lock says whether it runs. */
static rc add_processes(const struct site *site, json_t *status) {
    struct buf b;
    char bytes[16384];
    json_t *processes = json_array();
    json_object_set_new(status, "processes", processes);
    buf_init_fixed(&b, bytes, sizeof bytes);
    TRY(file_read_all(&site->dir, "run/core.lock", &b));
    const bool served = span_starts(buf_span(&b), SPAN("dateline serve,"));
    json_object_set_new(status, "served", json_boolean(served));
    if (!served) return RC_OK;
    buf_clear(&b);
    rc code = file_read_all(&site->dir, "run/status", &b);
    if (code != RC_OK) return code == RC_NOT_FOUND ? RC_OK : code; /* it is about to be written */
    for (struct span lines = buf_span(&b); lines.n;) {
        struct span line = span_cut(&lines, '\n');
        if (span_starts(line, SPAN("since: ")))
            json_object_set_new(status, "serving_since", json_stringn(line.p + 7, line.n - 7));
        else if (!span_starts(line, SPAN("listens: ")))
            add_process(processes, line);
    }
    return RC_OK;
}

/* ---- for people --------------------------------------------------------------------------------------- */

static const char *text_of(const json_t *object, const char *name) {
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}
static unsigned long long number_of(const json_t *object, const char *name) {
    return (unsigned long long)json_integer_value(json_object_get(object, name));
}

static void print_head(const struct site *site, const json_t *status) {
    const char *trouble = text_of(status, "trouble");
    printf("Dateline %s, %s: ", text_of(status, "version"), site->path);
    if (json_is_true(json_object_get(status, "served")))
        printf("served since %s, core since %s\n", text_of(status, "serving_since"),
               text_of(status, "since"));
    else
        printf("nobody serves it\n");
    if (*trouble) printf("TROUBLE: %s\n", trouble);
    const json_t *editions = json_object_get(status, "editions");
    for (size_t i = 0; i < json_array_size(editions); i++) {
        const json_t *e = json_array_get(editions, i);
        printf("%-9s %s, %s: %llu published, %llu withdrawn, %llu corrections and notes\n",
               i ? "" : "stories", text_of(e, "key"), text_of(e, "name"), number_of(e, "published"),
               number_of(e, "withdrawn"), number_of(e, "notes"));
    }
}

static void print_record(const json_t *status) {
    const json_t *record = json_object_get(status, "record"),
                 *queue = json_object_get(status, "queue");
    printf("%-9s %llu entries", "record", number_of(record, "entries"));
    if (*text_of(record, "newest")) printf(", the newest of %s", text_of(record, "newest"));
    if (json_object_get(record, "signed"))
        printf(", %llu signed, root %.16s…\n", number_of(record, "signed"),
               text_of(record, "root"));
    else
        printf(", the signer is silent\n");
    printf("%-9s %llu stories, %llu lists soon, %llu later", "queue", number_of(queue, "stories"),
           number_of(queue, "lists_soon"), number_of(queue, "lists_later"));
    if (*text_of(queue, "next_embargo"))
        printf("; the next embargo ends %s", text_of(queue, "next_embargo"));
    putchar('\n');
}

static void print_size(const char *before, unsigned long long bytes) {
    static const char *const units[] = {"bytes", "KB", "MB", "GB", "TB"};
    unsigned unit = 0;
    double size = (double)bytes;
    for (; size >= 1024 && unit + 1 < COUNT_OF(units); unit++) size /= 1024;
    printf(unit && size < 10 ? "%s%.1f %s" : "%s%.0f %s", before, size, units[unit]);
}

static void print_pages(const json_t *status) {
    const json_t *pages = json_object_get(status, "pages"), *disk = json_object_get(status, "disk"),
                 *rebuild = json_object_get(pages, "rebuild");
    printf("%-9s store %llu, %llu answers, theme %s", "pages", number_of(pages, "store"),
           number_of(pages, "answers"), text_of(pages, "theme"));
    if (rebuild)
        printf("; being made anew: %llu of %llu", number_of(rebuild, "done"),
               number_of(rebuild, "of"));
    else if (json_is_true(json_object_get(pages, "outdated")))
        printf("; not all are made with it: dateline rebuild");
    printf("\n%-9s ", "disk");
    print_size("database ", number_of(disk, "store"));
    print_size(", record ", number_of(disk, "record"));
    print_size(", pages ", number_of(disk, "pages"));
    print_size(", pictures ", number_of(disk, "media"));
    print_size("; ", number_of(disk, "free"));
    print_size(" free of ", number_of(disk, "total"));
    putchar('\n');
    const json_t *processes = json_object_get(status, "processes");
    for (size_t i = 0; i < json_array_size(processes); i++) {
        const json_t *p = json_array_get(processes, i);
        printf("%-9s %s: %s, started %llu times, died %llu times\n", i ? "" : "processes",
               text_of(p, "name"), text_of(p, "state"), number_of(p, "started"),
               number_of(p, "died"));
    }
}

static void print_flags(const struct site *site, const json_t *status) {
    const json_t *flags = json_object_get(status, "flags");
    const size_t count = json_array_size(flags);
    const unsigned long long left = number_of(status, "flags_left");
    if (count == 0) {
        printf("%-9s none: no translation is behind its original\n", "flags");
        return;
    }
    printf("%-9s %llu: the original was changed behind the translation's newest version\n", "flags",
           (unsigned long long)count + left);
    for (size_t i = 0; i < count; i++) {
        const json_t *flag = json_array_get(flags, i);
        printf("\n" SPAN_FMT "%s\n  %s\n  translates " SPAN_FMT "%s\n  %s\n  %s, %s: %s\n",
               SPAN_ARG(site->config.url), text_of(flag, "path"), text_of(flag, "headline"),
               SPAN_ARG(site->config.url), text_of(flag, "original_path"),
               text_of(flag, "original_headline"), text_of(flag, "what"), text_of(flag, "at"),
               text_of(flag, "note"));
    }
    if (left) printf("\nand %llu more, when these are done\n", left);
}

/* Flags are work for an editor, and no failure. */
static rc judge(const json_t *status) {
    const json_t *processes = json_object_get(status, "processes");
    const char *trouble = text_of(status, "trouble");
    if (*trouble) return rc_fail(RC_IO, "%s", trouble);
    for (size_t i = 0; i < json_array_size(processes); i++) {
        const json_t *p = json_array_get(processes, i);
        if (!strcmp(text_of(p, "state"), "down"))
            return rc_fail(RC_IO, "%s is down", text_of(p, "name"));
    }
    return RC_OK;
}

static rc show(const struct site *site, json_t *status, bool as_json) {
    TRY(add_processes(site, status));
    TRY(add_disk(site, status));
    if (as_json) {
        if (json_dumpf(status, stdout, JSON_INDENT(2)) != 0)
            return rc_fail(RC_IO, "standard output: it cannot be written");
        putchar('\n');
    } else {
        print_head(site, status);
        print_record(status);
        print_pages(status);
        print_flags(site, status);
    }
    return judge(status);
}

struct asked {
    const struct site *site;
    bool as_json;
};
static rc show_answer(void *arg, const struct client_call *call) {
    const struct asked *asked = arg;
    json_t *status = NULL;
    TRY(json_read(call->answer, &status));
    rc code = show(asked->site, status, asked->as_json);
    json_decref(status);
    return code;
}

rc command_status(const struct args *args) {
    struct site site;
    TRY(site_open(args->operands[0], &site));
    struct arena *a = arena_new(ANSWER_BYTES_MAX);
    struct asked asked = {&site, args_option(args, "--json") != NULL};
    struct client_call call = {
        .method = "GET", .path = "/status", .content_type = "", .body = SPAN("")};
    rc code = client_once(&site, a, &call, show_answer, &asked);
    arena_free(a);
    site_close(&site);
    return code;
}
