/*
 * store_bench: how many publications a second, one a commit and 64 a commit, and what list reads
 * cost. ninja -C out/release src/store/store_bench && out/release/src/store/store_bench DIR
 * [STORIES] DIR must be on the disk that is meant. Each publication is a new story in 9 lists (all,
 * section, day, 6 tags out of 300); making its canonical bytes, salts and entry is not counted.
 */
#include <stdio.h>
#include <stdlib.h>

#include "store/testkit.h"
#include "sys/clock.h"
#include "sys/random.h"

#define GROUP_MAX 64
#define TAGS 300
#define LISTS 9
#define T0 1795552439123

static struct store *s;
static struct arena *a;
static unsigned stories;
static struct list_ref refs[GROUP_MAX][LISTS];
static char tags[TAGS][16];

static void must(rc code) {
    if (code == RC_OK) return;
    fprintf(stderr, "store_bench: %s\n", rc_why());
    exit(1);
}

/* Nanoseconds for one commit of n new stories. */
static mono_t publish(unsigned n) {
    struct store_publish acts[GROUP_MAX];
    arena_reset(a);
    for (unsigned i = 0; i < n; i++) {
        refs[i][0].key = SPAN("all");
        refs[i][1].key = SPAN("section/world");
        refs[i][2].key = SPAN("day/2026-11-24");
        unsigned tag = (unsigned)(random_u64() % TAGS);
        for (unsigned l = 3; l < LISTS; l++) refs[i][l].key = span_str(tags[(tag + l * l) % TAGS]);
        acts[i] = kit_revision(s, a, stories + 1 + i, "Harbour reopens after the storm", T0 + i,
                               refs[i], LISTS);
        acts[i].entry_index = acts[i].row.last_entry = acts[i].entry_index + i;
    }
    mono_t begun = clock_mono_ns();
    must(store_begin(s));
    for (unsigned i = 0; i < n; i++) {
        must(store_savepoint(s));
        must(store_publish(s, &acts[i]));
        must(store_savepoint_keep(s));
    }
    must(store_commit(s));
    mono_t took = clock_mono_ns() - begun;
    stories += n;
    must(store_checkpoint(s));
    return took;
}

static void measure(unsigned n, unsigned commits) {
    mono_t total = 0, worst = 0;
    for (unsigned i = 0; i < commits; i++) {
        mono_t took = publish(n);
        total += took;
        if (took > worst) worst = took;
    }
    printf("%2u a commit: %8.0f publications/s  (a commit %.2f ms, worst of %u: %.2f ms)\n", n,
           1e9 * n * commits / (double)total, (double)total / commits / 1e6, commits,
           (double)worst / 1e6);
}

static void read_lists(const char *key) {
    struct list_info info;
    struct card *cards;
    size_t count;
    mono_t begun = clock_mono_ns();
    for (int i = 0; i < 1000; i++) {
        arena_reset(a);
        must(store_list_info(s, a, span_str(key), &info));
    }
    mono_t after_info = clock_mono_ns();
    for (int i = 0; i < 1000; i++) {
        arena_reset(a);
        must(store_list_newest(s, a, span_str(key), 20, &cards, &count));
    }
    mono_t after_newest = clock_mono_ns();
    for (int i = 0; i < 1000; i++) {
        uint64_t first = 1 + random_u64() % info.places;
        arena_reset(a);
        must(store_list_cards(s, a, span_str(key), first, first + 19, &cards, &count));
    }
    mono_t after_cards = clock_mono_ns();
    printf("list %s of %llu: info %.1f µs, newest 20 %.1f µs, 20 places anywhere %.1f µs\n", key,
           (unsigned long long)info.places, (double)(after_info - begun) / 1e6,
           (double)(after_newest - after_info) / 1e6, (double)(after_cards - after_newest) / 1e6);
}

int main(int argc, char **argv) {
    char path[512];
    if (argc < 2) {
        fputs("store_bench DIR [STORIES]\n", stderr);
        return 2;
    }
    unsigned wanted = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 10000;
    snprintf(path, sizeof path, "%s/bench.db", argv[1]);
    a = arena_new(256 << 20);
    for (int i = 0; i < TAGS; i++) snprintf(tags[i], sizeof tags[i], "tag/%d", i);
    must(store_open(path, &s));
    while (stories < wanted) publish(GROUP_MAX);
    printf("%u stories there\n", stories);
    measure(GROUP_MAX, 100);
    measure(1, 2000);
    read_lists("all");
    read_lists("tag/7");
    store_close(s);
    return 0;
}
