/*
 * What stands beside a story: others that are near it (search/search.h), and itself in other languages.
 *
 * A story's candidates are those on the NEAR_PLACES places before and behind its own in the lists of its
 * rarest tags: so reading them costs the same in a paper of a hundred stories and of a million, and as places
 * are never given twice, who stands within reach of whom never changes. A candidate's tags are the lists it
 * was met in; a story that has the tag, but stands further away, does not count as having it.
 *
 * A story's box is chosen when its pages are made, and says what was near then: a later story finds its way
 * into it with the next revision, or a rebuild. What was shown is another matter: a story that is
 * withdrawn or retracted leaves every box in the flip that says so, and one that is revised stands in them under
 * its new headline when the lists follow. Which pages name it is not computed but read: every page that
 * could is looked through, since what was chosen then may not be chosen today.
 *
 * An editor's choice comes first. Who has chosen a story stands in the list "pin/ID": so they are made again
 * when it is withdrawn, revised, or comes back.
 */
#include <stdlib.h>

#include "desk/desk.h"
#include "flow/inner.h"
#include "search/search.h"
#include "story/canon.h"
#include "story/limits.h"

#define NEAR_PLACES 20
#define NEAR_TAGS 8 /* the rarest; of NEAR_TAGS × (2 × NEAR_PLACES + 1) places one reads */
#define NEAR_READ \
    10 /* as cards, and handed to search: those that share most, the nearest of them */
#define PIN_PLACES 64 /* read at once, of those who chose a story */
#define TRANSLATIONS_MAX 32

/* ---- who stands near whom ------------------------------------------------------------------------ */

struct near {
    uint64_t row, distance; /* in places, the least of all lists */
    uint32_t tags, weight;
};
struct nears {
    struct near *of;
    size_t count, cap;
};

static bool is_tag(const struct flow *f, struct span key) {
    struct span rest;
    (void)edition_of_list(f, key, &rest);
    return span_starts(rest, SPAN("tag/"));
}

static rc add_near(struct flow *f, struct arena *a, const struct list_place *at, unsigned tag,
                   struct nears *nears) {
    struct neighbour *found;
    size_t count;
    const uint64_t first = at->place > NEAR_PLACES ? at->place - NEAR_PLACES : 1;
    TRY(store_list_near(f->store, a, at->key, first, at->place + NEAR_PLACES, &found, &count));
    for (size_t i = 0; i < count && nears->count < nears->cap; i++) {
        const uint64_t place = found[i].place;
        nears->of[nears->count++] =
            (struct near){.row = found[i].row,
                          .distance = place > at->place ? place - at->place : at->place - place,
                          .tags = (uint32_t)1 << tag};
    }
    return RC_OK;
}

static int by_row(const void *a, const void *b) {
    const struct near *x = a, *y = b;
    return x->row < y->row ? -1 : x->row > y->row;
}

/* Each story once. */
static void join(struct nears *nears) {
    size_t n = 0;
    if (nears->count) qsort(nears->of, nears->count, sizeof *nears->of, by_row);
    for (size_t i = 0; i < nears->count; i++) {
        struct near *last = n ? &nears->of[n - 1] : NULL;
        if (!last || last->row != nears->of[i].row) {
            nears->of[n++] = nears->of[i];
            continue;
        }
        last->tags |= nears->of[i].tags;
        if (nears->of[i].distance < last->distance) last->distance = nears->of[i].distance;
    }
    nears->count = n;
}

static rc find_near(struct flow *f, struct arena *a, const struct list_place *places, size_t count,
                    struct nears *nears) {
    nears->count = 0;
    nears->cap = count * (2 * NEAR_PLACES + 1);
    nears->of = ARENA_ARRAY(a, struct near, nears->cap + 1);
    if (!nears->of) return rc_fail(RC_TOO_BIG, "too many tags for one operation");
    for (size_t i = 0; i < count; i++) TRY(add_near(f, a, &places[i], i % 32, nears));
    join(nears);
    return RC_OK;
}

/* ---- a story's box ------------------------------------------------------------------------------- */

static int rarest_first(const void *a, const void *b) {
    const struct list_place *x = a, *y = b;
    if (x->shown != y->shown) return x->shown < y->shown ? -1 : 1;
    return span_cmp(x->key, y->key);
}

static int nearest_first(const void *a, const void *b) {
    const struct near *x = a, *y = b;
    if (x->weight != y->weight) return x->weight > y->weight ? -1 : 1;
    if (x->distance != y->distance) return x->distance < y->distance ? -1 : 1;
    return x->row > y->row ? -1 : x->row < y->row;
}

/* What is to be chosen from, with the card of each. */
struct box {
    struct related_candidate candidates[RELATED_PINS_MAX + NEAR_READ];
    struct card *cards; /* with room for those that are picked behind them */
    size_t count, pins;
};

static bool is_pin(const struct box *box, const struct story_id *id) {
    for (size_t i = 0; i < box->pins; i++)
        if (memcmp(&box->candidates[i].id, id, sizeof *id) == 0) return true;
    return false;
}

/* Those that the editor chose, if they are still there: search asks the law. */
static rc add_pins(struct flow *f, struct arena *a, const struct revision *r, struct box *box) {
    for (size_t i = 0; i < r->related_count; i++) {
        struct story_row row;
        rc code = store_story_by_id(f->store, a, &r->related[i], &row);
        if (code == RC_NOT_FOUND) continue; /* a database that was restored may not know it */
        TRY(code);
        if (row.number == 0 || !row.path.n || row.state != STORY_PUBLISHED) continue;
        TRY(store_story_card(f->store, a, &row.id, &box->cards[box->count]));
        box->candidates[box->count++] = (struct related_candidate){.id = row.id,
                                                                   .published = row.published,
                                                                   .state = row.state,
                                                                   .retracted = row.retracted};
    }
    box->pins = box->count;
    return RC_OK;
}

static rc add_nears(struct flow *f, struct arena *a, const struct nears *nears, struct box *box) {
    const size_t count = nears->count < NEAR_READ ? nears->count : NEAR_READ;
    for (size_t i = 0; i < count; i++) {
        struct card *card = &box->cards[box->count];
        TRY(store_card(f->store, a, nears->of[i].row, card));
        if (is_pin(box, &card->id)) continue;
        box->candidates[box->count++] = (struct related_candidate){.id = card->id,
                                                                   .published = card->published,
                                                                   .tags = nears->of[i].tags,
                                                                   .state = STORY_PUBLISHED,
                                                                   .retracted = card->retracted};
    }
    return RC_OK;
}

static rc pick(struct flow *f, struct arena *a, const struct nears *nears,
               struct related_subject *subject, struct render_story *story) {
    struct box box = {.count = 0};
    size_t picked[RELATED_MAX];
    box.cards = ARENA_ARRAY(a, struct card, COUNT_OF(box.candidates) + RELATED_MAX);
    if (!box.cards)
        return rc_fail(RC_TOO_BIG, "a story needs more memory than one operation may have");
    if (subject->pin_count) TRY(add_pins(f, a, story->revision, &box));
    TRY(add_nears(f, a, nears, &box));
    struct card *cards = box.cards + COUNT_OF(box.candidates);
    story->related_count = related_pick(subject, box.candidates, box.count, picked);
    story->related = cards;
    for (size_t i = 0; i < story->related_count; i++) {
        cards[i] = box.cards[picked[i]];
        story->pinned_count += picked[i] < box.pins;
    }
    return RC_OK;
}

struct span pin_key(struct arena *a, const struct story_id *id) {
    char hex[2 * STORY_ID_BYTES + 1];
    story_id_hex(id, hex);
    return arena_printf(a, SPAN_FMT "%s", SPAN_ARG(LIST_PIN), hex);
}

/* Its newest text, if it is not read yet. */
static rc need_revision(struct arena *a, struct span canonical, struct render_story *story) {
    if (story->revision) return RC_OK;
    struct revision *revision = ARENA_NEW(a, struct revision);
    if (!revision)
        return rc_fail(RC_TOO_BIG, "a story needs more memory than one operation may have");
    TRY(canon_read(a, canonical, revision));
    story->revision = revision;
    return RC_OK;
}

rc related_read(struct flow *f, struct arena *a, const struct story_row *row, struct span canonical,
                struct render_story *story) {
    struct list_place *places;
    struct nears nears = {.count = 0};
    size_t count, n = 0;
    bool has_pins = false;
    TRY(store_story_lists(f->store, a, &row->id, &places, &count));
    for (size_t i = 0; i < count; i++) {
        has_pins = has_pins || (places[i].stands && span_starts(places[i].key, LIST_PIN));
        if (places[i].stands && is_tag(f, places[i].key)) places[n++] = places[i];
    }
    if (n == 0 && !has_pins) return RC_OK;
    if (has_pins) TRY(need_revision(a, canonical, story));
    if (n) qsort(places, n, sizeof *places, rarest_first);
    if (n > NEAR_TAGS) n = NEAR_TAGS;
    TRY(find_near(f, a, places, n, &nears));
    uint64_t stories[NEAR_TAGS];
    for (size_t i = 0; i < n; i++) stories[i] = places[i].shown;
    for (size_t i = 0; i < nears.count; i++)
        nears.of[i].weight = related_weight(stories, n, nears.of[i].tags);
    if (nears.count) qsort(nears.of, nears.count, sizeof *nears.of, nearest_first);
    struct related_subject subject = {
        .id = row->id, .published = row->published, .tag_stories = stories, .tag_count = n};
    if (has_pins) {
        subject.pins = story->revision->related;
        subject.pin_count = story->revision->related_count;
    }
    return pick(f, a, &nears, &subject, story);
}

/* ---- who names it -------------------------------------------------------------------------------- */

struct named {
    struct flow *f;
    struct shelf *shelf;
    struct span *paths; /* all that it ever had */
    size_t path_count;
};

/* Does the page that is served now name it? */
static rc page_names(const struct named *n, struct arena *a, struct span path, bool *out_names) {
    struct pages_answer answer;
    *out_names = false;
    rc code = pages_get(n->shelf->pages, path, 0, &answer);
    if (code == RC_NOT_FOUND) return RC_OK; /* its own row is not carried here yet */
    TRY(code);
    struct span body = answer.body;
    if (answer.inflate) {
        char *bytes = arena_take(a, answer.body_bytes + 1);
        if (!bytes) return rc_fail(RC_TOO_BIG, "a page is too large to be looked through");
        TRY(pages_inflate(&answer, bytes));
        body = span_of(bytes, answer.body_bytes);
    }
    for (size_t i = 0; i < n->path_count && !*out_names; i++)
        *out_names = memmem(body.p, body.n, n->paths[i].p, n->paths[i].n) != NULL;
    return RC_OK;
}

static rc look_at(const struct named *n, struct arena *one, uint64_t row) {
    struct card card;
    struct story_row story;
    bool names;
    TRY(store_card(n->f->store, one, row, &card));
    TRY(page_names(n, one, card.path, &names));
    if (!names) return RC_OK;
    TRY(store_story_by_id(n->f->store, one, &card.id, &story));
    /* What is not signed yet waits for its own row, and is made of what is known then. */
    if (story.last_entry < n->f->head.size) lists_mark_story(n->shelf, &card.id);
    return RC_OK;
}

static rc mark_those_who_name(struct flow *f, struct shelf *shelf, struct arena *a,
                              struct arena *one, const struct story_id *id) {
    struct named named = {.f = f, .shelf = shelf};
    struct list_place *places;
    struct nears nears;
    size_t count, n = 0;
    TRY(store_story_paths(f->store, a, id, &named.paths, &named.path_count));
    TRY(store_story_lists(f->store, a, id, &places, &count));
    for (size_t i = 0; i < count; i++)
        if (is_tag(f, places[i].key)) places[n++] = places[i];
    TRY(find_near(f, a, places, n, &nears));
    for (size_t i = 0; i < nears.count; i++) {
        arena_reset(one);
        TRY(look_at(&named, one, nears.of[i].row));
    }
    return RC_OK;
}

/* Those whose editor chose it: whether they show it now or not, since it may have come back. */
static rc mark_those_who_chose(struct flow *f, struct shelf *shelf, struct arena *one,
                               const struct story_id *id) {
    struct list_info info;
    arena_reset(one);
    rc code = store_list_info(f->store, one, pin_key(one, id), &info);
    if (code == RC_NOT_FOUND) return RC_OK;
    TRY(code);
    const struct span key = pin_key(one, id);
    struct arena *a = arena_new(OPERATION_BYTES_MAX);
    for (uint64_t from = 1; from <= info.places && code == RC_OK; from += PIN_PLACES) {
        struct card *cards = NULL;
        size_t count = 0;
        arena_reset(a);
        code = store_list_cards(f->store, a, key, from, from + PIN_PLACES - 1, &cards, &count);
        for (size_t i = 0; i < count; i++) /* what is not signed yet waits for its own row */
            if (cards[i].entry < f->head.size) lists_mark_story(shelf, &cards[i].id);
    }
    arena_free(a);
    return code;
}

rc related_mark(struct flow *f, struct shelf *shelf, const struct story_id *id) {
    struct arena *a = arena_new(OPERATION_BYTES_MAX), *one = arena_new(OPERATION_BYTES_MAX);
    rc code = mark_those_who_name(f, shelf, a, one, id);
    if (code == RC_OK) code = mark_those_who_chose(f, shelf, one, id);
    arena_free(one);
    arena_free(a);
    return code;
}

/* ---- the same in other languages ----------------------------------------------------------------- */

rc translations_read(struct flow *f, struct arena *a, const struct story_row *row,
                     struct render_story *story) {
    struct card *cards;
    size_t count;
    TRY(store_translations(f->store, a, &row->id, TRANSLATIONS_MAX, &cards, &count));
    struct render_translation *all = ARENA_ARRAY(a, struct render_translation, count + 1);
    if (!all) return rc_fail(RC_TOO_BIG, "a story needs more memory than one operation may have");
    rc code = store_original(f->store, a, &row->id, &story->original);
    if (code != RC_OK && code != RC_NOT_FOUND) return code;
    for (size_t i = 0; i < count; i++)
        all[i] = (struct render_translation){
            .language = cards[i].language,
            .url =
                arena_printf(a, SPAN_FMT SPAN_FMT, SPAN_ARG(f->setup.url), SPAN_ARG(cards[i].path)),
            .older = cards[i].place > 0};
    story->translations = all;
    story->translation_count = count;
    return RC_OK;
}

rc translations_mark(struct flow *f, struct shelf *shelf, struct arena *a,
                     const struct story_id *id) {
    struct card *cards;
    size_t count;
    TRY(store_translations(f->store, a, id, TRANSLATIONS_MAX, &cards, &count));
    for (size_t i = 0; i < count; i++) lists_mark_story(shelf, &cards[i].id);
    return RC_OK;
}

/* The story that this text says it translates. */
static rc original_of(struct arena *a, struct span canonical, struct story_id *out_id) {
    struct revision revision;
    *out_id = (struct story_id){{0}};
    /* Few do, and reading one is dear: the name of a member does not stand in a text unescaped. */
    if (!memmem(canonical.p, canonical.n, "\"translationOf\":", strlen("\"translationOf\":")))
        return RC_OK;
    TRY(canon_read(a, canonical, &revision));
    *out_id = revision.translation_of;
    return RC_OK;
}

static rc leave_group(struct flow *f, struct shelf *shelf, struct arena *a,
                      const struct story_id *id, const struct story_id *original) {
    struct story_row row;
    rc code = store_story_by_id(f->store, a, original, &row);
    if (code == RC_NOT_FOUND) return RC_OK;
    TRY(code);
    if (row.state == STORY_PUBLISHED && memcmp(original, id, sizeof *id) != 0)
        lists_mark_story(shelf, original);
    return translations_mark(f, shelf, a, original);
}

rc translations_left(struct flow *f, struct shelf *shelf, struct arena *a,
                     const struct story_row *row, uint64_t cursor) {
    for (uint32_t number = row->number; number > 1; number--) {
        struct revision_row before;
        struct story_id original;
        rc code = store_revision(f->store, a, &row->id, number - 1, &before);
        if (code == RC_NOT_FOUND) continue;
        TRY(code);
        if (before.text_lost) continue;
        TRY(original_of(a, before.canonical, &original));
        if (story_id_given(&original)) TRY(leave_group(f, shelf, a, &row->id, &original));
        if (before.entry_index < cursor) break; /* what was shown before is told already */
    }
    return RC_OK;
}
