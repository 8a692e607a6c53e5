#include "main/args.h"

#include "base/buf.h"

/* The name in "--name VALUE". */
static struct span option_name(const char *option) {
    struct span s = span_str(option);
    return span_sub(s, 0, span_find(s, ' '));
}

static bool option_takes_value(const char *option) {
    return strchr(option, ' ') != NULL;
}

void args_usage(const struct command *command, char *out, size_t cap) {
    struct buf b;
    buf_init_fixed(&b, out, cap - 1);
    buf_printf(&b, "dateline %s%s%s", command->name, *command->operands ? " " : "",
               command->operands);
    for (size_t i = 0; command->options[i]; i++) buf_printf(&b, " [%s]", command->options[i]);
    out[b.n] = 0;
}

static rc fail_usage(const struct command *command, const char *what, struct span which) {
    char usage[512];
    args_usage(command, usage, sizeof usage);
    return rc_fail(RC_USAGE, "%s" SPAN_FMT "; it goes: %s", what, SPAN_ARG(which), usage);
}

static rc take_option(const struct command *command, const char *word, const char *next,
                      struct args *args, bool *out_took_next) {
    struct span value = span_str(word), name = span_cut(&value, '=');
    *out_took_next = false;
    for (size_t i = 0; command->options[i]; i++) {
        if (!span_eq(name, option_name(command->options[i]))) continue;
        if (args->values[i]) return fail_usage(command, "given twice: ", name);
        if (!option_takes_value(command->options[i])) {
            if (value.p) return fail_usage(command, "takes no value: ", name);
            args->values[i] = "";
        } else if (value.p) {
            args->values[i] = value.p; /* the word's end is its end */
        } else if (next) {
            args->values[i] = next;
            *out_took_next = true;
        } else {
            return fail_usage(command, "a value is missing behind ", name);
        }
        return RC_OK;
    }
    return fail_usage(command, "no such option: ", name);
}

rc args_parse(const struct command *command, const char **words, size_t count,
              struct args *out_args) {
    struct args args = {.command = command, .operands = words};
    bool only_operands = false;
    for (size_t i = 0; i < count; i++) {
        const char *word = words[i];
        if (only_operands || word[0] != '-' || word[1] == 0) {
            words[args.operands_count++] = word;
        } else if (!strcmp(word, "--")) {
            only_operands = true;
        } else {
            bool took_next;
            TRY(take_option(command, word, i + 1 < count ? words[i + 1] : NULL, &args, &took_next));
            i += took_next;
        }
    }
    if (args.operands_count < command->operands_min) {
        return fail_usage(command, "something is missing", span_str(""));
    }
    if (args.operands_count > command->operands_max) {
        return fail_usage(command, "one too many: ", span_str(words[command->operands_max]));
    }
    *out_args = args;
    return RC_OK;
}

const char *args_option(const struct args *args, const char *name) {
    for (size_t i = 0; args->command->options[i]; i++) {
        if (span_eq(option_name(args->command->options[i]), span_str(name))) return args->values[i];
    }
    CHECK(!"an option that the command's table does not have");
    return NULL;
}
