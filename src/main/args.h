/*
 * args: what a command was given. Options stand anywhere, as "--name VALUE" or "--name=VALUE";
 * "--" ends them; "-" alone is an operand (standard input).
 */
#ifndef DATELINE_MAIN_ARGS_H
#define DATELINE_MAIN_ARGS_H

#include "base/base.h"

#define ARGS_OPTIONS_MAX 8

struct args;

struct command {
    const char *name;     /* "publish", "record verify" */
    const char *operands; /* "SITE ITEM…" */
    unsigned operands_min, operands_max;
    /* "--name TEXT", "--force": with a word behind it, it takes a value; NULL ends the list */
    const char *options[ARGS_OPTIONS_MAX + 1];
    const char *summary; /* one line */
    const char *details; /* lines for `help COMMAND`; NULL: none */
    rc (*run)(const struct args *args);
};

struct args {
    const struct command *command;
    const char *const *operands;
    size_t operands_count;
    const char
        *values[ARGS_OPTIONS_MAX]; /* by the option's place in command->options; "" for a flag */
};

/* words: what follows the command's name; operands are gathered in place, at words' front. RC_USAGE
 * says what was not understood and how it goes. */
rc args_parse(const struct command *command, const char **words, size_t count,
              struct args *out_args) MUST_USE;
/* "--name": its value, "" for a flag, NULL if it was not given. */
const char *args_option(const struct args *args, const char *name);
/* "dateline publish SITE ITEM… [--quiet]" */
void args_usage(const struct command *command, char *out, size_t cap);

#endif
