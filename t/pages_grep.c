/*
 * pages_grep SITE TEXT…: the addresses of all answers in a site's page store in whose header lines or body
 * one of the texts stands, a line each: "STATUS ADDRESS TEXT". For plays, which have ended the site's
 * processes: what is looked through is exactly what the last flip has left.
 * Exit code: 0 something was found, 1 nothing, 2 it could not be looked through.
 */
#include <stdio.h>

#include "base/mem.h"
#include "pages/pages.h"

struct search {
    char **texts;
    int count, found, looked_at;
};

static bool has(struct span bytes, const char *text) {
    return memmem(bytes.p, bytes.n, text, strlen(text)) != NULL;
}

static rc look(void *arg, rc code, struct span key, const struct pages_answer *answer) {
    struct search *s = arg;
    TRY(code);
    char *bytes = mem_new(answer->body_bytes + 1);
    struct span whole = span_of(bytes, answer->body_bytes);
    if (answer->inflate) {
        code = pages_inflate(answer, bytes);
    } else {
        memcpy(bytes, answer->prolog.p, answer->prolog.n);
        memcpy(bytes + answer->prolog.n, answer->body.p, answer->body.n);
    }
    s->looked_at++;
    for (int i = 0; i < s->count && code == RC_OK; i++) {
        if (!has(answer->head, s->texts[i]) && !has(whole, s->texts[i])) continue;
        printf("%u " SPAN_FMT " %s\n", answer->status, SPAN_ARG(key), s->texts[i]);
        s->found++;
    }
    mem_free(bytes);
    return code;
}

int main(int argc, char **argv) {
    char dir[4096];
    struct pages_writer *pages;
    struct search s = {.texts = argv + 2, .count = argc - 2};
    if (argc < 3) {
        fprintf(stderr, "pages_grep SITE TEXT…\n");
        return 2;
    }
    snprintf(dir, sizeof dir, "%s/pages", argv[1]);
    const struct pages_setup setup = {.dir = dir, .control_fd = -1};
    rc code = pages_writer_open(&setup, &pages);
    if (code == RC_OK) {
        code = pages_each(pages, SPAN(""), 0, look, &s);
        pages_writer_close(pages);
    }
    if (code != RC_OK || s.looked_at == 0) {
        fprintf(stderr, "pages_grep: %s\n", code == RC_OK ? "the page store is empty" : rc_why());
        return 2;
    }
    return s.found ? 0 : 1;
}
