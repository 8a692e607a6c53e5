/*
 * The program. Reading order of this folder: main.c (the commands, in one table), args.h, config.h,
 * site.h (the folder), then supervisor.h and roles.h for `serve`, and a command_*.c for each group of
 * the others.
 */
#include <stdio.h>

#include "base/hash.h"
#include "main/args.h"
#include "main/commands.h"
#include "main/roles.h"
#include "sys/fault.h"
#include "sys/process.h"

#ifndef DATELINE_VERSION
#error "the build gives DATELINE_VERSION"
#endif
#define MANY 1000000

static rc command_help(const struct args *args);
static rc command_version(const struct args *args);

static const struct command commands[] = {
    {"init",
     "SITE",
     1,
     1,
     {"--name TEXT", "--url URL", "--language TAG", "--zone ZONE"},
     "make a new site in the folder SITE",
     "SITE must not exist, or be empty. Made are its folders, its configuration "
     "(SITE/dateline.conf,\n"
     "which explains itself), its database, and the key that signs its record.\n",
     command_init},
    {"serve",
     "SITE",
     1,
     1,
     {"--listen ADDR:PORT", "--webs N"},
     "serve the site until SIGTERM or Ctrl-C",
     "Options override SITE/dateline.conf. SIGHUP reads the configuration again, opens the log "
     "file\n"
     "anew and replaces the processes one after another.\n",
     command_serve},
    {"demo",
     "SITE",
     1,
     1,
     {NULL},
     "make a site with some stories in it, to look at",
     "If SITE is a site already, nothing is changed.\n",
     command_demo},
    {"publish",
     "SITE ITEM…",
     2,
     MANY,
     {"--change KIND", "--note TEXT", "--archive", "--quiet"},
     "publish items: files, folders, or - for standard input",
     "An item is ninjs 3.x (JSON) or Markdown with front matter; of a folder, every *.md, *.json "
     "and\n"
     "*.ndjson in it. Of a *.ndjson (or *.jsonl), each line is an item: so an archive comes in. "
     "Begun "
     "again\n"
     "after it was interrupted, it passes quickly over what is there.\n"
     "Pictures are taken from beside the item. The same item again changes nothing; one with the "
     "same uri\n"
     "and other content is the next revision. It is done when the story's own address answers with "
     "it.\n"
     "--change and --note say what kind of change it is (minor, update, clarification, "
     "correction,\n"
     "editors-note, retraction) and what readers are told. --archive: an item's own date is when "
     "it\n"
     "appeared.\n",
     command_publish},
    {"page",
     "SITE [PAGE…]",
     1,
     MANY,
     {"--note TEXT", "--list", "--quiet"},
     "publish standing pages: about, ethics, community standards",
     "PAGE is Markdown, - (standard input), or a folder. It stands at /SLUG, is linked to at the "
     "foot of\n"
     "every page, and keeps its versions: other text under the same slug is the next version, "
     "recorded,\n"
     "and shown with its differences. --note, or note: in the page, says what was changed. --list: "
     "those\n"
     "that there are. dateline withdraw takes one away.\n",
     command_page},
    {"new", "SITE", 1, 1, {NULL}, "write a story in $EDITOR, and publish it", NULL, command_new},
    {"withdraw",
     "SITE STORY",
     2,
     2,
     {"--reason TEXT", "--legal", "--authority NAME", "--demanded DATE"},
     "show a story no longer",
     "STORY is its path, address, short code, uri or id. Its address answers 410; readers and the "
     "record\n"
     "are told when, and the reason. With --legal it answers 451, and they are told who demanded "
     "it, and\n"
     "when (2026-11-20); of a story that is withdrawn already too.\n",
     command_withdraw},
    {"reinstate",
     "SITE STORY",
     2,
     2,
     {NULL},
     "show again what was withdrawn",
     "As it was, at the same address; in the record that is an entry of its own.\n",
     command_reinstate},
    {"picture",
     "FILE…",
     1,
     MANY,
     {NULL},
     "show what the program sees in a picture",
     "Type, size, caption, credit, alt text and the rest of its IPTC, XMP and EXIF, and what is "
     "missing\n"
     "or odd; and the sizes in which it would be served. It is read as any picture that comes: in "
     "a\n"
     "process of its own that may do nothing else.\n",
     command_picture},
    {"token add",
     "SITE NAME",
     2,
     2,
     {NULL},
     "make a token for the API, and print it once",
     NULL,
     command_token_add},
    {"token list", "SITE", 1, 1, {NULL}, "the tokens' names", NULL, command_token_list},
    {"token revoke", "SITE NAME", 2, 2, {NULL}, "make a token useless", NULL, command_token_revoke},
    {"rebuild",
     "SITE",
     1,
     1,
     {NULL},
     "make every page anew",
     "From the database, beside the pages that are served; then they change places at once.\n",
     command_rebuild},
    {"theme export",
     "SITE [NAME]",
     1,
     2,
     {NULL},
     "write the built-in theme into SITE/themes/NAME, to change it",
     "NAME is \"own\" if it is not given. Delete what you do not change: each file that is not "
     "there "
     "is\n"
     "the built-in one. Then set theme = NAME in the configuration, and send SIGHUP to serve.\n",
     command_theme_export},
    {"theme check",
     "SITE [NAME]",
     1,
     2,
     {NULL},
     "look whether a theme is good",
     "Parses it and makes a page of every kind in each edition. NAME is the configured one if it "
     "is "
     "not\n"
     "given. What is wrong is told with file and line, exit code 3.\n",
     command_theme_check},
    {"fsck",
     "SITE",
     1,
     1,
     {"--json"},
     "look whether everything in the site's folder is whole, and agrees",
     "Database, record, journal, pages and pictures, each byte of them that means something; "
     "beside "
     "a\n"
     "serve that runs, or alone. Each fault with what follows from it and what mends it. It "
     "changes\n"
     "nothing. The exit code is 9 if there is a fault. --json: an object a line.\n",
     command_fsck},
    {"record verify",
     "SITE|URL|DIR",
     1,
     1,
     {"--key VKEY"},
     "compute the whole record anew",
     "Every hash, every story's commitments. --key is the verifier key that you have from "
     "elsewhere;\n"
     "without it the site's own word is taken for it.\n",
     command_record_verify},
    {"record key",
     "SITE",
     1,
     1,
     {NULL},
     "print the public key, as others need it to check",
     NULL,
     command_record_key},
    {"record export-key",
     "SITE",
     1,
     1,
     {NULL},
     "print the secret key, once",
     "Keep it away from this machine. It cannot be printed a second time.\n",
     command_record_export_key},
    {"record adopt",
     "SITE",
     1,
     1,
     {NULL},
     "go on signing on this machine",
     "For a site that was moved here. Never for a second copy of one that goes on elsewhere: two "
     "logs\n"
     "of one name are what the record exists to expose.\n",
     command_record_adopt},
    {"record build",
     "DIR FILE…",
     2,
     MANY,
     {"--key HEXSEED", "--origin NAME"},
     "make a record from raw entries, a file each",
     "Writes DIR/checkpoint, DIR/key and DIR/tile/, to compare with other programs.\n",
     command_record_build},
    {"status",
     "SITE",
     1,
     1,
     {"--json"},
     "how the site stands, and which translations are behind their originals",
     "Stories, record, what waits, pages, disk, processes; and a flag for each translation whose "
     "original\n"
     "was corrected or withdrawn behind its newest version: its next version takes it down. The "
     "exit code\n"
     "is not 0 if nothing can be published, or a process is down. --json: for programs.\n",
     command_status},
    {"record import-key",
     "SITE FILE",
     2,
     2,
     {NULL},
     "give a site that was restored without it its key",
     "FILE holds what export-key has printed; - is standard input. The record goes on behind its "
     "journal's last entry.\n"
     "Only if no other signer has this key, and nobody has seen a later head: else there are two "
     "logs of one name.\n",
     command_record_import_key},
    {"backup",
     "[SITE] DEST",
     1,
     2,
     {"--keep N", "--verify"},
     "copy a site into DEST, while it is served",
     "Everything but the key, of one moment; what an earlier backup in DEST has is not written "
     "again. Every byte is read\n"
     "back. --keep N: only the newest N backups stay. --verify DEST: read and hash all backups "
     "there, and put the newest\n"
     "together to check it.\n",
     command_backup},
    {"restore",
     "DEST SITE",
     2,
     2,
     {"--at TIME", "--key FILE", "--store-only"},
     "make a site out of its backup",
     "SITE must not exist, or be empty. --at: the newest backup that is not younger than "
     "2026-12-01T04:19, or so. The site\n"
     "serves at once; it signs with --key, the exported key (see record import-key), or never.\n"
     "--store-only: into a site that is there, whose record went on: database, pictures, "
     "configuration and themes\n"
     "are put back, what was there is kept aside, and the record fills in what is missing.\n",
     command_restore},
    {"doctor",
     "SITE",
     1,
     1,
     {"--verbose"},
     "look whether this machine and this site are in order",
     "One line a finding: ok, warn or BAD. The exit code is not 0 if anything is BAD.\n",
     command_doctor},
    {"help", "[COMMAND]", 0, 3, {NULL}, "this list, or how a command goes", NULL, command_help},
    {"version", "", 0, 0, {NULL}, "the version", NULL, command_version},
};

/* How serve starts its own processes; not for people. */
static const struct command roles[] = {
    {"role web", "SITE", 1, 1, {"--index N", "--fds LIST"}, "", NULL, role_web},
    {"role core", "SITE", 1, 1, {"--index N", "--fds LIST"}, "", NULL, role_core},
    {"role signer", "SITE", 1, 1, {"--index N", "--fds LIST"}, "", NULL, role_signer},
    {"role media", "SITE", 1, 1, {"--index N", "--fds LIST"}, "", NULL, role_media},
    {"role media-job", "", 0, 0, {NULL}, "", NULL, role_media_job},
};

/* The command whose name (one or two words) begins `words`; *out_used words of it. */
static const struct command *command_find(const struct command *list, size_t n,
                                          const char *const *words, size_t count,
                                          size_t *out_used) {
    for (size_t i = 0; i < n; i++) {
        struct span rest = span_str(list[i].name);
        size_t used = 0;
        while (rest.n && used < count && span_eq(span_cut(&rest, ' '), span_str(words[used]))) {
            used++;
            if (rest.n == 0) {
                *out_used = used;
                return &list[i];
            }
        }
    }
    return NULL;
}

static rc command_version(const struct args *args) {
    (void)args;
    puts("dateline " DATELINE_VERSION);
    return RC_OK;
}

static void print_all(FILE *to) {
    fputs("Dateline: a newsroom in one binary, on which every published word can be proven.\n\n",
          to);
    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        int width = fprintf(to, "  dateline %s %s", commands[i].name, commands[i].operands);
        /* "…" is three bytes and one column */
        for (const char *p = commands[i].operands; (p = strstr(p, "…")) != NULL; p += 3) width -= 2;
        fprintf(to, "%*s%s\n", width < 40 ? 42 - width : 2, "", commands[i].summary);
    }
    fputs("\ndateline help COMMAND says more. Exit codes:", to);
    for (rc code = 0; code < RC_COUNT; code++) {
        fprintf(to, "%s %d %s", code ? "," : "", rc_exit_code(code), rc_text(code));
    }
    fputs(".\n", to);
}

static rc command_help(const struct args *args) {
    if (args->operands_count == 0) {
        print_all(stdout);
        return RC_OK;
    }
    size_t used = 0;
    const struct command *c =
        command_find(commands, COUNT_OF(commands), args->operands, args->operands_count, &used);
    if (!c || used != args->operands_count) {
        return rc_fail(RC_USAGE, "%s: no such command; dateline help lists them",
                       args->operands[0]);
    }
    char usage[512];
    args_usage(c, usage, sizeof usage);
    printf("%s\n    %s\n", usage, c->summary);
    if (c->details) printf("\n%s", c->details);
    return RC_OK;
}

static rc run(const char **words, size_t count, bool *out_is_role) {
    if (count == 0) {
        print_all(stderr);
        return rc_fail(RC_USAGE, "a command is needed");
    }
    /* what hands expect everywhere */
    if (!strcmp(words[0], "--help") || !strcmp(words[0], "-h")) words[0] = "help";
    if (!strcmp(words[0], "--version")) words[0] = "version";
    size_t used = 0;
    const struct command *c = command_find(commands, COUNT_OF(commands), words, count, &used);
    if (!c) {
        c = command_find(roles, COUNT_OF(roles), words, count, &used);
        *out_is_role = c != NULL;
    }
    if (!c) return rc_fail(RC_USAGE, "%s: no such command; dateline help lists them", words[0]);
    for (size_t i = used; i < count; i++) {
        if (strcmp(words[i], "--help")) continue;
        const char *operands[] = {words[0], words[1]};
        return command_help(&(struct args){.operands = operands, .operands_count = used});
    }
    struct args args;
    TRY(args_parse(c, words + used, count - used, &args));
    return c->run(&args);
}

int main(int argc, char **argv) {
    process_ignore_pipe_signal();
    if (sodium_init() < 0) return rc_exit_code(RC_FATAL);
    static const char *words[MANY];
    size_t count = argc > 1 ? (size_t)argc - 1 : 0;
    if (count > MANY) count = MANY; /* over every command's own limit, which says so */
    for (size_t i = 0; i < count; i++) words[i] = argv[i + 1];
    bool is_role = false;
    rc code = run(words, count, &is_role);
    if (fflush(stdout) != 0 && code == RC_OK)
        code = rc_fail(RC_IO, "standard output: it cannot be written");
    if (code != RC_OK && !is_role) /* a role has logged it */
        fprintf(stderr, "dateline: %s\n", *rc_why() ? rc_why() : rc_text(code));
    return rc_exit_code(code);
}
