/* A site's beginning, and its serving. */
#include <stdio.h>

#include "main/commands.h"
#include "main/site.h"
#include "main/supervisor.h"
#include "sys/log.h"

rc command_init(const struct args *args) {
    static const char *const keys[] = {"name", "url", "language", "zone"};
    struct config config;
    config_defaults(&config);
    config.name = SPAN("A new site");
    TRY(config_set(&config, "init", SPAN("url"), SPAN("http://localhost:8080")));
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        char option[16];
        snprintf(option, sizeof option, "--%s", keys[i]);
        const char *value = args_option(args, option);
        if (value) TRY(config_set(&config, option, span_str(keys[i]), span_str(value)));
    }
    const char *path = args->operands[0];
    TRY(site_create(path, &config));
    printf("%s is a site now. Look through %s/%s, then: dateline serve %s\n", path, path, CONFIG_FILE, path);
    return RC_OK;
}

rc command_serve(const struct args *args) {
    static const char *const keys[] = {"listen", "webs"};
    struct site site;
    TRY(site_open(args->operands[0], &site));
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        char option[16];
        snprintf(option, sizeof option, "--%s", keys[i]);
        const char *value = args_option(args, option);
        if (value) TRY(config_set(&site.config, option, span_str(keys[i]), span_str(value)));
    }
    return supervisor_run(&site);
}
