/* An open-addressed table, at most three quarters full: 40 bytes a slot, about 80 MB for a million
 * stories. */
#include "base/mem.h"
#include "verify/internal.h"

void verify_stories_init(struct verify_stories *stories) {
    memset(stories, 0, sizeof *stories);
    randombytes_buf(stories->hash_key, sizeof stories->hash_key);
}

void verify_stories_done(struct verify_stories *stories) {
    mem_free(stories->slots);
    memset(stories, 0, sizeof *stories);
}

/* The slot of the id, or the free one where it belongs. */
static struct verify_story *slot_of(const struct verify_stories *stories, const uint8_t id[16]) {
    uint64_t hash;
    crypto_shorthash((unsigned char *)&hash, id, 16, stories->hash_key);
    size_t mask = stories->slots_n - 1;
    for (size_t at = (size_t)hash & mask;; at = (at + 1) & mask) {
        struct verify_story *slot = &stories->slots[at];
        if (!slot->next || memcmp(slot->id, id, 16) == 0) return slot;
    }
}

static void grow(struct verify_stories *stories) {
    struct verify_story *old = stories->slots;
    size_t old_n = stories->slots_n;
    stories->slots_n = old_n ? old_n * 2 : 256;
    CHECK(stories->slots_n <= SIZE_MAX / sizeof *old);
    stories->slots = mem_new(stories->slots_n * sizeof *old);
    for (size_t i = 0; i < old_n; i++)
        if (old[i].next) *slot_of(stories, old[i].id) = old[i];
    mem_free(old);
}

struct verify_story *verify_stories_find(const struct verify_stories *stories,
                                         const uint8_t id[16]) {
    if (!stories->slots_n) return NULL;
    struct verify_story *slot = slot_of(stories, id);
    return slot->next ? slot : NULL;
}

struct verify_story *verify_stories_take(struct verify_stories *stories, const uint8_t id[16]) {
    if (stories->count >= stories->slots_n / 4 * 3) grow(stories);
    struct verify_story *slot = slot_of(stories, id);
    if (!slot->next) {
        memcpy(slot->id, id, 16);
        stories->count++;
    }
    return slot;
}
