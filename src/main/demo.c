#include "main/demo.h"

#include <stdio.h>

#include "sys/file.h"

/* The file's bytes, from the build's working copy into the program. */
#define CARRY(symbol, path)                                                                  \
    __asm__(".section .rodata\n.balign 16\n" #symbol "_begin:\n.incbin \"" DEMO_DIR "/" path \
            "\"\n" #symbol "_end:\n.byte 0\n.previous\n");                                   \
    extern const char symbol##_begin[] __attribute__((visibility("hidden")));                \
    extern const char symbol##_end[] __attribute__((visibility("hidden")));

CARRY(demo_against, "against-the-clock.md")
CARRY(demo_eight, "eight-oars.md")
CARRY(demo_chart, "harbour-chart.png")
CARRY(demo_harbour, "harbour-reopens.md")
CARRY(demo_keeper, "lighthouse-keeper.md")
CARRY(demo_oysters, "oyster-beds.md")
CARRY(demo_tram, "tram-line-four.md")

/* In the order in which they are published: the front shows the last first. */
static const struct {
    const char *name, *begin, *end;
} files[] = {
    {"1-against-the-clock.md", demo_against_begin, demo_against_end},
    {"2-eight-oars.md", demo_eight_begin, demo_eight_end},
    {"3-lighthouse-keeper.md", demo_keeper_begin, demo_keeper_end},
    {"4-oyster-beds.md", demo_oysters_begin, demo_oysters_end},
    {"5-tram-line-four.md", demo_tram_begin, demo_tram_end},
    {"6-harbour-reopens.md", demo_harbour_begin, demo_harbour_end},
    {"harbour-chart.png", demo_chart_begin, demo_chart_end},
};

rc demo_unpack(const char *folder) {
    struct file dir;
    TRY(file_make_folder(NULL, folder, 0));
    TRY(file_open(NULL, folder, FILE_FOLDER, &dir));
    rc code = RC_OK;
    for (size_t i = 0; i < COUNT_OF(files) && code == RC_OK; i++) {
        struct file f;
        code = file_open(&dir, files[i].name, FILE_WRITE | FILE_CREATE | FILE_NEW, &f);
        if (code != RC_OK) break;
        code = file_append(&f, span_of(files[i].begin, (size_t)(files[i].end - files[i].begin)));
        file_close(&f);
    }
    file_close(&dir);
    return code;
}

void demo_remove(const char *folder) {
    struct file dir;
    if (file_open(NULL, folder, FILE_FOLDER, &dir) != RC_OK) return;
    for (size_t i = 0; i < COUNT_OF(files); i++) (void)!file_remove(&dir, files[i].name);
    file_close(&dir);
    (void)!file_remove_folder(NULL, folder);
}
