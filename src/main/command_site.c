/* A site's beginning, and its serving. */
#include <stdio.h>

#include "codec/json.h"
#include "main/client.h"
#include "main/commands.h"
#include "main/site.h"
#include "main/supervisor.h"
#include "record/record.h"
#include "sys/clock.h"
#include "sys/log.h"

#define ANSWER_BYTES_MAX (1u << 20)
#define REBUILD_LOOK_MS 100

/* The key and the empty log come before the configuration that makes the folder a site (site.h). */
rc command_make_site(const char *path, const struct config *config) {
    char origin[300];
    int n = snprintf(origin, sizeof origin, SPAN_FMT "/record", SPAN_ARG(config->host));
    CHECK(n > 0 && (size_t)n < sizeof origin);
    return site_create(path, config, span_of(origin, (size_t)n));
}

rc command_init(const struct args *args) {
    static const char *const keys[] = {"name", "url", "language", "zone"};
    struct config config;
    config_defaults(&config);
    config.editions[0].name = SPAN("A new site");
    TRY(config_set(&config, "init", SPAN("url"), SPAN("http://localhost:8080")));
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        char option[16];
        snprintf(option, sizeof option, "--%s", keys[i]);
        const char *value = args_option(args, option);
        if (value) TRY(config_set(&config, option, span_str(keys[i]), span_str(value)));
    }
    const char *path = args->operands[0];
    TRY(command_make_site(path, &config));
    printf("%s is a site now. Look through %s/%s, then: dateline serve %s\n"
           "Its record is signed with a key that is in this folder only. Keep a copy, once, away "
           "from this machine:\n"
           "dateline record export-key %s\n",
           path, path, CONFIG_FILE, path, path);
    return RC_OK;
}

rc command_serve(const struct args *args) {
    static const char *const keys[] = {"listen", "webs"};
    struct site site;
    TRY(site_open(args->operands[0], &site));
    rc code = RC_OK;
    for (size_t i = 0; i < COUNT_OF(keys) && code == RC_OK; i++) {
        char option[16];
        snprintf(option, sizeof option, "--%s", keys[i]);
        const char *value = args_option(args, option);
        if (value) code = config_set(&site.config, option, span_str(keys[i]), span_str(value));
    }
    if (code == RC_OK) code = supervisor_run(&site);
    site_close(&site);
    return code;
}

/* ---- asking core ------------------------------------------------------------------------------------- */

/* One call, its answer handed to `use` while it lives. */
static rc ask(const char *path, const char *method, const char *call_path, struct span body,
              rc (*use)(void *arg, const struct client_call *call)) {
    struct site site;
    TRY(site_open(path, &site));
    struct arena *a = arena_new(ANSWER_BYTES_MAX);
    struct client_call call = {
        .method = method, .path = call_path, .content_type = "application/json", .body = body};
    rc code = client_once(&site, a, &call, use, NULL);
    arena_free(a);
    site_close(&site);
    return code;
}

static rc ask_by_name(const struct args *args, const char *call_path,
                      rc (*use)(void *arg, const struct client_call *call)) {
    struct buf body;
    buf_init(&body, 4096);
    buf_str(&body, "{\"name\":");
    json_write_string(&body, span_str(args->operands[1]));
    buf_char(&body, '}');
    rc code = body.over ? rc_fail(RC_TOO_BIG, "that name is too long")
                        : ask(args->operands[0], "POST", call_path, buf_span(&body), use);
    buf_done(&body);
    return code;
}

static rc print_text(void *arg, const struct client_call *call) {
    (void)arg;
    if (call->answer.n) fwrite(call->answer.p, 1, call->answer.n, stdout);
    return RC_OK;
}

static rc print_token(void *arg, const struct client_call *call) {
    (void)arg;
    json_t *object;
    TRY(json_read(call->answer, &object));
    printf("%s\n", json_string_value(json_object_get(object, "token")));
    fprintf(stderr, "It is shown this once. Use it as: Authorization: Bearer TOKEN\n");
    json_decref(object);
    return RC_OK;
}

rc command_token_add(const struct args *args) {
    return ask_by_name(args, "/tokens", print_token);
}
rc command_token_revoke(const struct args *args) {
    return ask_by_name(args, "/tokens/revoke", NULL);
}
rc command_token_list(const struct args *args) {
    return ask(args->operands[0], "GET", "/tokens", SPAN(""), print_text);
}

/* Waits for the end: without it the command's own core would end too early. */
rc command_rebuild(const struct args *args) {
    struct site site;
    struct client client;
    TRY(site_open(args->operands[0], &site));
    struct arena *a = arena_new(ANSWER_BYTES_MAX);
    rc code = client_open(&site, &client);
    if (code == RC_OK) {
        struct client_call call = {
            .method = "POST", .path = "/rebuild", .content_type = "", .body = SPAN("")};
        bool running = true;
        code = client_ask(&client, a, &call);
        if (code == RC_OK) code = client_result(&call);
        call.method = "GET";
        while (code == RC_OK && running) {
            json_t *object;
            clock_sleep_ms(REBUILD_LOOK_MS);
            arena_reset(a);
            code = client_ask(&client, a, &call);
            if (code == RC_OK) code = client_result(&call);
            if (code == RC_OK) code = json_read(call.answer, &object);
            if (code != RC_OK) break;
            running = json_is_true(json_object_get(object, "running"));
            if (running && file_is_terminal(1))
                printf("\r%lld stories",
                       (long long)json_integer_value(json_object_get(object, "done")));
            json_decref(object);
        }
        if (code == RC_OK) printf("%severy page is new\n", file_is_terminal(1) ? "\r" : "");
        rc closed = client_close(&client);
        if (code == RC_OK) code = closed;
    }
    arena_free(a);
    site_close(&site);
    return code;
}
