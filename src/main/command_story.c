/* Stories: publish, new, withdraw, and the demonstration. */
#include <stdio.h>
#include <stdlib.h>

#include "codec/json.h"
#include "main/client.h"
#include "main/commands.h"
#include "main/demo.h"
#include "main/items.h"
#include "sys/clock.h"
#include "sys/file.h"
#include "sys/process.h"
#include "sys/random.h"
#include "wire/limits.h"
#include "wire/multipart.h"
#include "wire/wire.h"

#define UPLOAD_BYTES_MAX (64u << 20)
#define PICTURE_BYTES_MAX (16u << 20)
#define ANSWERS_BYTES_MAX (8u << 20)

/* ---- an item as a call -------------------------------------------------------------------------------- */

struct beside {
    const char *change, *note; /* NULL: what the item says */
    bool archive;              /* an item's own date is when it was published */
    bool page;                 /* they are standing pages */
};

struct outgoing {
    struct item_at at; /* for what is printed */
    struct buf body;
    char content_type[128];
};

static void outgoing_done(struct outgoing *o) {
    buf_done(&o->body);
}

static rc add_pictures(const struct intent *intent, struct span path, struct span boundary,
                       struct outgoing *o) {
    for (size_t i = 0; i < intent->picture_count; i++) {
        struct buf bytes;
        buf_init(&bytes, PICTURE_BYTES_MAX);
        rc code = items_read_beside(path, intent->pictures[i].href, &bytes);
        if (code == RC_OK) {
            const struct multipart_part part = {.name = SPAN("picture"),
                                                .filename = intent->pictures[i].href,
                                                .bytes = buf_span(&bytes)};
            multipart_write_part(&o->body, boundary, &part);
        }
        buf_done(&bytes);
        if (code != RC_OK)
            return rc_in(code, "picture \"" SPAN_FMT "\": ", SPAN_ARG(intent->pictures[i].href));
    }
    return RC_OK;
}

/* The item and the pictures it names become one upload. That it can be read is found out here, before
 * anything is sent. */
static rc outgoing_make(const struct site *site, const struct beside *beside, struct item_at at,
                        struct span item, struct outgoing *o) {
    struct arena *a = arena_new(WIRE_ARENA_BYTES);
    struct intent intent;
    uint8_t random[16];
    char boundary_text[2 * sizeof random];
    struct buf b;
    buf_init(&o->body, UPLOAD_BYTES_MAX);
    o->at = at;
    random_bytes(random, sizeof random);
    buf_init_fixed(&b, boundary_text, sizeof boundary_text);
    buf_hex(&b, random, sizeof random);
    struct span boundary = buf_span(&b);
    snprintf(o->content_type, sizeof o->content_type, "multipart/form-data; boundary=" SPAN_FMT,
             SPAN_ARG(boundary));
    rc code = wire_read(a, beside->page ? WIRE_PAGE : WIRE_GUESS, item,
                        site->config.editions[0].language, &intent);
    if (code == RC_OK) {
        const struct multipart_part part = {.name = SPAN("item"), .bytes = item};
        multipart_write_part(&o->body, boundary, &part);
        code = add_pictures(&intent, at.path, boundary, o);
    }
    const struct multipart_part fields[] = {
        {.name = SPAN("change"), .bytes = span_str(beside->change ? beside->change : "")},
        {.name = SPAN("note"), .bytes = span_str(beside->note ? beside->note : "")},
        {.name = SPAN("archive"), .bytes = beside->archive ? SPAN("1") : SPAN("")}};
    for (size_t i = 0; i < COUNT_OF(fields) && code == RC_OK; i++)
        if (fields[i].bytes.n) multipart_write_part(&o->body, boundary, &fields[i]);
    multipart_write_end(&o->body, boundary);
    if (code == RC_OK && o->body.over)
        code = rc_fail(RC_TOO_BIG, "item and pictures are over %u MiB together",
                       UPLOAD_BYTES_MAX >> 20);
    arena_free(a);
    return code;
}

/* ---- what core said -------------------------------------------------------------------------------------- */

static const char *said(struct span act) {
    static const struct {
        const char *act, *text;
    } words[] = {{"publish", "published"},  {"revise", "revised"},    {"hold", "held until"},
                 {"withdraw", "withdrawn"}, {"nothing", "unchanged"}, {"drop", "held item dropped"},
                 {"restore", "restored"}};
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (span_eq(act, span_str(words[i].act))) return words[i].text;
    return "done";
}

/* "story.md", "archive.ndjson:17" */
static void put_name(FILE *to, struct item_at at) {
    fprintf(to, SPAN_FMT, SPAN_ARG(at.path));
    if (at.line) fprintf(to, ":%llu", (unsigned long long)at.line);
}

static void print_answer(const struct site *site, struct item_at at, struct span answer) {
    json_t *object;
    if (json_read(answer, &object) != RC_OK) return;
    struct span act = json_member_string(object, "act"), path = json_member_string(object, "path");
    printf("%s ", said(act));
    if (span_eq(act, SPAN("hold"))) {
        struct span due = json_member_string(object, "due");
        printf(SPAN_FMT "  ", SPAN_ARG(due));
        put_name(stdout, at);
        printf("\n");
    } else {
        const long long version = json_integer_value(json_object_get(object, "version"));
        printf(SPAN_FMT SPAN_FMT, SPAN_ARG(site->config.url), SPAN_ARG(path));
        if (version) printf("  version %lld", version);
        printf("\n");
    }
    const json_t *remarks = json_object_get(object, "remarks");
    for (size_t i = 0; i < json_array_size(remarks); i++) {
        printf("  ");
        put_name(stdout, at);
        printf(": %s\n", json_string_value(json_array_get(remarks, i)));
    }
    json_decref(object);
}

static void print_failure(struct item_at at) {
    fflush(stdout);
    fprintf(stderr, "dateline: ");
    put_name(stderr, at);
    fprintf(stderr, ": %s\n", rc_why());
}

/* ---- publish ------------------------------------------------------------------------------------------------ */

/* The items that are under way: core is given the next while it works on those before. */
struct flight {
    struct {
        uint64_t id; /* 0: free */
        struct item_at at;
    } calls[CLIENT_CALLS_MAX];
    size_t count;
    bool quiet;
    size_t failed, done;
    mono_t begun, told; /* told 0: nobody looks */
    rc worst;
};

static void note_failure(struct flight *flight, struct item_at at, rc code) {
    print_failure(at);
    flight->failed++;
    flight->done++;
    if (flight->worst == RC_OK) flight->worst = code;
}

/* Waits for one answer. */
static rc land(const struct site *site, struct client *client, struct flight *flight) {
    struct arena *a = arena_new(ANSWERS_BYTES_MAX);
    struct client_call call = {.status = 0};
    uint64_t id;
    rc code = client_receive(client, a, &id, &call);
    for (size_t i = 0; code == RC_OK && i < CLIENT_CALLS_MAX; i++) {
        if (flight->calls[i].id != id) continue;
        rc one = client_result(&call);
        if (one != RC_OK)
            note_failure(flight, flight->calls[i].at, one);
        else if (!flight->quiet)
            print_answer(site, flight->calls[i].at, call.answer);
        if (one == RC_OK) flight->done++;
        flight->calls[i].id = 0;
        flight->count--;
    }
    arena_free(a);
    return code;
}

static rc take_off(struct client *client, struct flight *flight, const struct beside *beside,
                   const struct outgoing *o) {
    size_t i = 0;
    while (flight->calls[i].id) i++;
    const struct client_call call = {.method = "POST",
                                     .path = beside->page ? "/pages" : "/api/v1/items",
                                     .content_type = o->content_type,
                                     .body = buf_span(&o->body)};
    flight->calls[i].at = o->at;
    flight->count++;
    return client_send(client, &call, &flight->calls[i].id);
}

/* Once a second, when somebody looks: how many, how fast, how long still. */
static void tell_progress(struct flight *flight, double share, bool last) {
    const mono_t now = clock_mono_ns();
    if (!flight->told || (!last && now - flight->told < CLOCK_MS(1000))) return;
    flight->told = now;
    double seconds = (double)(now - flight->begun) / 1e9;
    if (last && seconds < 2) return;
    fprintf(stderr, "\r%zu items, %.0f a second", flight->done, (double)flight->done / seconds);
    if (last)
        fprintf(stderr, ", %.0f s\033[K\n", seconds);
    else if (share > 0)
        fprintf(stderr, ", %.1f %%, %.0f min left\033[K", share * 100,
                seconds / share * (1 - share) / 60);
    fflush(stderr);
}

static rc publish_items(const struct site *site, const struct beside *beside, struct client *client,
                        struct items *items, struct flight *flight) {
    struct item_at at;
    struct span item;
    rc read;
    while (items_next(items, &at, &item, &read)) {
        struct outgoing o = {.at = at};
        if (read == RC_OK) read = outgoing_make(site, beside, at, item, &o);
        if (read != RC_OK) {
            note_failure(flight, at, read);
            outgoing_done(&o);
            continue;
        }
        rc code = flight->count == CLIENT_CALLS_MAX ? land(site, client, flight) : RC_OK;
        if (code == RC_OK) code = take_off(client, flight, beside, &o);
        outgoing_done(&o);
        TRY(code);
        tell_progress(flight, items_share_done(items), false);
    }
    while (flight->count > 0) TRY(land(site, client, flight));
    tell_progress(flight, 1, true);
    return RC_OK;
}

static rc publish_all(const struct site *site, const struct beside *beside,
                      const char *const *operands, size_t operand_count, bool quiet) {
    struct arena *a = arena_new(1u << 30);
    struct flight flight = {.quiet = quiet, .begun = clock_mono_ns()};
    if (file_is_terminal(2) && (quiet || !file_is_terminal(1))) flight.told = flight.begun;
    struct client client;
    struct span *paths;
    size_t count = 0;
    rc code = items_find(operands, operand_count, a, &paths, &count);
    if (code == RC_OK) code = client_open(site, &client);
    if (code == RC_OK) {
        struct items *items = items_begin(paths, count, WIRE_BYTES_MAX + 1);
        code = publish_items(site, beside, &client, items, &flight);
        items_end(items);
        rc closed = client_close(&client);
        if (code == RC_OK) code = closed;
    }
    if (code == RC_OK && flight.failed == 1 && flight.done == 1)
        code = flight.worst; /* its reason was printed */
    else if (code == RC_OK && flight.failed)
        code = rc_fail(flight.worst, "%zu of %zu %s were not taken; the others are published",
                       flight.failed, flight.done, beside->page ? "pages" : "items");
    arena_free(a);
    return code;
}

rc command_publish(const struct args *args) {
    struct site site;
    TRY(site_open(args->operands[0], &site));
    const struct beside beside = {.change = args_option(args, "--change"),
                                  .note = args_option(args, "--note"),
                                  .archive = args_option(args, "--archive") != NULL};
    rc code = publish_all(&site, &beside, args->operands + 1, args->operands_count - 1,
                          args_option(args, "--quiet") != NULL);
    site_close(&site);
    return code;
}

/* ---- page: standing pages ---------------------------------------------------------------------------------------- */

static rc print_text(void *arg, const struct client_call *call) {
    (void)arg;
    printf(SPAN_FMT, SPAN_ARG(call->answer));
    return RC_OK;
}

static rc list_pages(const struct site *site) {
    struct arena *a = arena_new(ANSWERS_BYTES_MAX);
    struct client_call call = {.method = "GET", .path = "/pages", .content_type = ""};
    rc code = client_once(site, a, &call, print_text, NULL);
    arena_free(a);
    return code;
}

rc command_page(const struct args *args) {
    const bool list = args_option(args, "--list") != NULL;
    struct site site;
    if (list != (args->operands_count == 1))
        return rc_fail(RC_USAGE, list ? "--list takes no pages"
                                      : "a page is missing: a file of Markdown, a folder, or -");
    TRY(site_open(args->operands[0], &site));
    const struct beside beside = {.note = args_option(args, "--note"), .page = true};
    rc code = list ? list_pages(&site)
                   : publish_all(&site, &beside, args->operands + 1, args->operands_count - 1,
                                 args_option(args, "--quiet") != NULL);
    site_close(&site);
    return code;
}

/* ---- new ------------------------------------------------------------------------------------------------------ */

static const char template_text[] = "---\n"
                                    "headline: \n"
                                    "standfirst: \n"
                                    "byline: \n"
                                    "dateline: \n"
                                    "section: \n"
                                    "tags: []\n"
                                    "---\n"
                                    "\n";

static rc edit(const char *path) {
    const char *editor = getenv("VISUAL");
    if (!editor || !*editor) editor = getenv("EDITOR");
    if (!editor || !*editor) editor = "vi";
    /* As git and crontab do: the variable may hold arguments, so a shell reads it. */
    char line[4096 + 32];
    int n = snprintf(line, sizeof line, "exec %s \"$1\"", editor);
    if (n < 0 || (size_t)n >= sizeof line) return rc_fail(RC_TOO_BIG, "EDITOR is too long");
    const char *const words[] = {"sh", "-c", line, "sh", path};
    const struct process_command command = {.program = "/bin/sh",
                                            .args = words,
                                            .args_count = COUNT_OF(words),
                                            .error_fd = -1,
                                            .on_terminal = true};
    struct process process;
    struct process_end end;
    TRY(process_start(&command, &process));
    TRY(process_wait(&process, &end));
    if (end.exit_code != 0)
        return rc_fail(RC_IO,
                       "%s did not end well; nothing is published, what was written is in %s",
                       editor, path);
    return RC_OK;
}

rc command_new(const struct args *args) {
    struct site site;
    char path[64];
    TRY(site_open(args->operands[0], &site));
    snprintf(path, sizeof path, "/tmp/dateline-%016llx.md", (unsigned long long)random_u64());
    struct file f;
    rc code = file_open(NULL, path, FILE_WRITE | FILE_CREATE | FILE_NEW, &f);
    if (code == RC_OK) {
        code = file_append(&f, span_str(template_text));
        file_close(&f);
    }
    if (code == RC_OK) code = edit(path);
    struct buf text;
    buf_init(&text, WIRE_BYTES_MAX + 1);
    if (code == RC_OK) code = file_read_all(NULL, path, &text);
    if (code == RC_OK && span_eq(buf_span(&text), span_str(template_text))) {
        printf("nothing was written, so nothing is published\n");
        code = file_remove(NULL, path);
    } else if (code == RC_OK) {
        const char *const operands[] = {path};
        code = publish_all(&site, &(struct beside){.archive = false}, operands, 1, false);
        if (code == RC_OK)
            code = file_remove(NULL, path);
        else
            fprintf(
                stderr,
                "dateline: what you wrote is kept in %s; mend it, then: dateline publish %s %s\n",
                path, args->operands[0], path);
    }
    buf_done(&text);
    site_close(&site);
    return code;
}

/* ---- withdraw --------------------------------------------------------------------------------------------------- */

static rc print_act(void *arg, const struct client_call *call) {
    print_answer(arg, (struct item_at){.line = 0}, call->answer);
    return RC_OK;
}

/* An act on one story, told as an object of texts. */
static rc act_on_story(const char *site_path, const char *call_path, struct span object) {
    struct site site;
    TRY(site_open(site_path, &site));
    struct arena *a = arena_new(ANSWERS_BYTES_MAX);
    struct client_call call = {
        .method = "POST", .path = call_path, .content_type = "application/json", .body = object};
    rc code = client_once(&site, a, &call, print_act, &site);
    arena_free(a);
    site_close(&site);
    return code;
}

struct said_of {
    const char *name, *text; /* NULL: not said */
};

static rc tell_act(const char *site_path, const char *call_path, const struct said_of *said,
                   size_t count) {
    struct buf body;
    buf_init(&body, 65536);
    for (size_t i = 0; i < count; i++) {
        if (!said[i].text) continue;
        buf_printf(&body, "%c\"%s\":", body.n ? ',' : '{', said[i].name);
        json_write_string(&body, span_str(said[i].text));
    }
    buf_char(&body, '}');
    rc code = body.over ? rc_fail(RC_TOO_BIG, "what is said is too long")
                        : act_on_story(site_path, call_path, buf_span(&body));
    buf_done(&body);
    return code;
}

rc command_withdraw(const struct args *args) {
    const char *reason = args_option(args, "--reason");
    const char *authority = args_option(args, "--authority");
    const char *demanded = args_option(args, "--demanded");
    const bool legal = args_option(args, "--legal") != NULL;
    if (!reason || !*reason)
        return rc_fail(RC_USAGE, "--reason is missing: readers and the record are told why");
    if (legal && (!authority || !*authority))
        return rc_fail(RC_USAGE,
                       "--authority is missing: readers and the record are told who demands it");
    if (!legal && (authority || demanded))
        return rc_fail(RC_USAGE, "--authority and --demanded are of a demand by law: say --legal");
    const struct said_of said[] = {{"story", args->operands[1]},
                                   {"reason", reason},
                                   {"authority", authority},
                                   {"demanded", demanded}};
    return tell_act(args->operands[0], "/withdraw", said, COUNT_OF(said));
}

rc command_reinstate(const struct args *args) {
    const struct said_of said[] = {{"story", args->operands[1]}};
    return tell_act(args->operands[0], "/restore", said, COUNT_OF(said));
}

/* ---- demo --------------------------------------------------------------------------------------------------------- */

/* Two editions, and a paper of the days that its items are of. */
#define DEMO_CONFIG                                                                                                         \
    "name = The Averil Courier\n"                                                                                           \
    "url = http://localhost:8080\n"                                                                                         \
    "language = en-GB\n"                                                                                                    \
    "zone = Etc/GMT-2\n"                                                                                                    \
    "sections = City, World, Business, Science, Culture, Sport, Opinion\n"                                                  \
    "address = corrections@courier.example\n"                                                                               \
    "notice = A demonstration: Port Averil and all that is told of it are invented.\n"                                      \
    "[edition ar]\n"                                                                                                        \
    "name = بريد أفيريل\n"                                                                                        \
    "language = ar-u-hc-h23-nu-latn\n"                                                                                      \
    "sections = المدينة، العالم، الأعمال، العلوم، الثقافة، الرياضة، رأي\n" \
    "address = corrections@courier.example\n"                                                                               \
    "notice = عرض تجريبي: بورت أفيريل وكل ما يُروى عنها من نسج الخيال.\n"

/* Pages first: then the stories are made with the whole foot. */
static rc publish_demo(const struct site *site, const char *folder) {
    char pages[96], stories[96];
    const char *const page_operands[] = {pages}, *const story_operands[] = {stories};
    snprintf(pages, sizeof pages, "%s/" DEMO_PAGES, folder);
    snprintf(stories, sizeof stories, "%s/" DEMO_STORIES, folder);
    TRY(publish_all(site, &(struct beside){.page = true}, page_operands, 1, true));
    return publish_all(site, &(struct beside){.archive = true}, story_operands, 1, true);
}

rc command_demo(const struct args *args) {
    const char *path = args->operands[0];
    struct site site;
    rc code = site_open(path, &site);
    if (code == RC_OK) {
        printf("%s is a site already; nothing was changed\n", path);
        site_close(&site);
        return RC_OK;
    }
    struct config config;
    TRY(config_parse(SPAN(DEMO_CONFIG), "demo", &config));
    TRY(command_make_site(path, &config));
    TRY(site_open(path, &site));
    char folder[64];
    snprintf(folder, sizeof folder, "/tmp/dateline-demo-%016llx", (unsigned long long)random_u64());
    code = demo_unpack(folder);
    if (code == RC_OK) code = publish_demo(&site, folder);
    demo_remove(folder);
    site_close(&site);
    if (code == RC_OK)
        printf("%s holds a demonstration now, about a place that does not exist. Next: dateline "
               "serve %s\n",
               path, path);
    return code;
}
