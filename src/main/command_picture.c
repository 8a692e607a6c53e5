/* `dateline picture`: what an editor would ask about a file before it is sent. */
#include <stdio.h>

#include "main/commands.h"
#include "main/roles.h"
#include "media/media.h"
#include "sys/file.h"

#define TEXTS_BYTES_MAX (1u << 20)

static void print_size(uint64_t bytes) {
    if (bytes < 1000000)
        printf("%llu KB", (unsigned long long)(bytes + 500) / 1000);
    else
        printf("%llu.%llu MB", (unsigned long long)(bytes / 1000000),
               (unsigned long long)(bytes / 100000 % 10));
}

static void print_fields(const struct media_picture *p) {
    for (unsigned i = 0; i < MEDIA_FIELD_COUNT; i++) {
        if (p->fields[i].n == 0) continue;
        struct span word = media_field_word((enum media_field)i);
        struct span origin = media_origin_word(p->origins[i]);
        printf("  %-12.*s %.*s  (" SPAN_FMT ")\n", SPAN_ARG(word), (int)p->fields[i].n,
               p->fields[i].p, SPAN_ARG(origin));
    }
}

static void print_files(const struct media_picture *p) {
    printf("  served as ");
    for (size_t i = 0; i < p->files_count; i++) {
        const struct media_file *file = &p->files[i];
        struct span name = media_format_name(file->format);
        if (i % MEDIA_SERVED_COUNT == 0)
            printf("%s%u × %u: ", i ? "\n            " : "  ", file->about.width,
                   file->about.height);
        else
            printf(", ");
        printf(SPAN_FMT " ", SPAN_ARG(name));
        print_size(file->bytes.n);
    }
    putchar('\n');
}

static void print_warnings(const struct media_picture *p) {
    if (p->fields[MEDIA_ALT].n == 0)
        printf("  warn: no alt text (IPTC Alt Text Accessibility); %s\n",
               p->fields[MEDIA_CAPTION].n ? "the caption will stand in" : "nor a caption");
    else if (p->fields[MEDIA_CAPTION].n == 0)
        printf("  warn: no caption (IPTC Description)\n");
    if (p->fields[MEDIA_CREDIT].n == 0) printf("  warn: no credit (IPTC Credit Line)\n");
    for (unsigned i = 0; i < MEDIA_NOTE_COUNT; i++) {
        if (!(p->notes & 1u << i)) continue;
        struct span text = media_note_text((enum media_note)i);
        printf("  %s it " SPAN_FMT "\n",
               i == MEDIA_NOTE_LOCATION ? "note:" : "warn:", SPAN_ARG(text));
    }
}

static rc look_at(const char *path, struct buf *file, struct buf *answer, struct arena *a) {
    const struct media_setup setup = role_media_setup();
    struct media_picture p;
    buf_clear(file);
    TRY(file_read_all(NULL, path, file));
    rc code = media_look_at(&setup, buf_span(file), &MEDIA_LIMITS, answer, a, &p);
    if (code != RC_OK) return rc_in(code, "%s: ", path);
    struct span format = media_format_name(p.format);
    printf("%s: " SPAN_FMT ", %u × %u pixels, ", path, SPAN_ARG(format), p.width, p.height);
    print_size(file->n);
    printf(", average colour #%06x\n", p.colour);
    print_fields(&p);
    print_files(&p);
    print_warnings(&p);
    return RC_OK;
}

rc command_picture(const struct args *args) {
    struct arena *a = arena_new(TEXTS_BYTES_MAX);
    struct buf file, answer;
    rc code = RC_OK;
    buf_init(&file, MEDIA_INPUT_BYTES_MAX);
    buf_init(&answer, MEDIA_ANSWER_BYTES_MAX);
    for (size_t i = 0; i < args->operands_count && code == RC_OK; i++) {
        code = look_at(args->operands[i], &file, &answer, a);
        arena_reset(a);
    }
    buf_done(&file);
    buf_done(&answer);
    arena_free(a);
    return code;
}
