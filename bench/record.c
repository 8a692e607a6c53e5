/*
 * record: entries a second through journal and signer, as core does it; and a log on disk.
 *
 *     record append DIR COUNT     DIR/record gets a key, a journal and a signer's process: appends COUNT entries in
 *                                 batches of SIGNER_BATCH_MAX, each batch synced and signed
 *     record build DIR COUNT      a log of COUNT entries in DIR (docs/record-format.md §6), for `record verify`
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "record/record.h"
#include "sys/clock.h"
#include "sys/random.h"
#include "sys/socket.h"

#define STORIES 100000 /* entries are of so many stories, in turn */

/* Entry number `index`: the next revision of its story. */
static struct span make_entry(uint64_t index, struct buf *b) {
    struct entry e = {.type = ENTRY_REVISION,
                      .has_story = true,
                      .revision = (uint32_t)(index / STORIES + 1),
                      .previous = index < STORIES ? ENTRY_NONE : index - STORIES,
                      .time = 1700000000000 + (ms_t)index,
                      .parts = 20};
    uint64_t story = index % STORIES;
    memcpy(e.story.bytes, &story, sizeof story);
    e.root = sha256_of(span_of(&index, sizeof index));
    buf_clear(b);
    entry_write(&e, b);
    return buf_span(b);
}

static rc append(const struct file *dir, uint64_t count) {
    struct file record;
    struct signer *signer;
    struct journal *journal;
    struct signer_head head;
    int ends[2];
    TRY(file_make_folder(dir, "record", 0));
    TRY(file_open(dir, "record", FILE_FOLDER, &record));
    TRY(signer_create(&record, SPAN("bench.example/record")));
    TRY(journal_open(&record, &journal));
    TRY(socket_pair(ends));
    pid_t pid = fork();
    if (pid == 0) {
        socket_close(ends[0]);
        rc code = signer_open(&record, &signer);
        if (code == RC_OK) code = signer_run(signer, ends[1]);
        _exit(rc_exit_code(code));
    }
    socket_close(ends[1]);
    struct span *entries = mem_new(SIGNER_BATCH_MAX * sizeof *entries);
    struct sha256 *leaves = mem_new(SIGNER_BATCH_MAX * sizeof *leaves);
    char *bytes = mem_new(SIGNER_BATCH_MAX * ENTRY_BYTES_MAX);
    mono_t begun = clock_mono_ns();
    for (uint64_t at = 0; at < count;) {
        size_t n = count - at > SIGNER_BATCH_MAX ? SIGNER_BATCH_MAX : (size_t)(count - at);
        for (size_t i = 0; i < n; i++) {
            struct buf b;
            buf_init_fixed(&b, bytes + i * ENTRY_BYTES_MAX, ENTRY_BYTES_MAX);
            entries[i] = make_entry(at + i, &b);
            leaves[i] = merkle_leaf(entries[i]);
        }
        TRY(journal_append(journal, at, entries, n));
        TRY(signer_append(ends[0], at, leaves, n, &head));
        at += n;
    }
    double seconds = (double)(clock_mono_ns() - begun) / 1e9;
    printf(
        "append + sign   %llu entries in %.2f s: %.0f entries/s, in batches of %d, each synced\n",
        (unsigned long long)head.size, seconds, (double)head.size / seconds, SIGNER_BATCH_MAX);
    socket_close(ends[0]);
    (void)waitpid(pid, NULL, 0);
    return RC_OK;
}

struct source {
    uint64_t at, count;
    struct buf entry;
};

static rc next_entry(void *arg, struct span *out_entry) {
    struct source *s = arg;
    if (s->at == s->count) return RC_NOT_FOUND;
    *out_entry = make_entry(s->at++, &s->entry);
    return RC_OK;
}

static rc build(const struct file *dir, uint64_t count) {
    uint8_t seed[NOTE_SEED_BYTES];
    char bytes[ENTRY_BYTES_MAX];
    struct source source = {.count = count};
    random_bytes(seed, sizeof seed);
    buf_init_fixed(&source.entry, bytes, sizeof bytes);
    return record_build(dir, SPAN("bench.example/record"), seed, next_entry, &source);
}

int main(int argc, char **argv) {
    struct file dir;
    uint64_t count = 0;
    if (argc != 4 || !span_to_u64(span_str(argv[3]), 1000000000, &count)) {
        fprintf(stderr, "record append|build DIR COUNT\n");
        return 2;
    }
    if (sodium_init() < 0) return 1;
    rc code = file_open(NULL, argv[2], FILE_FOLDER, &dir);
    if (code == RC_OK) code = argv[1][0] == 'a' ? append(&dir, count) : build(&dir, count);
    if (code != RC_OK) fprintf(stderr, "record: %s\n", rc_why());
    return rc_exit_code(code);
}
