/* The parts of flow that stand alone: the set of dirty list pages, what pictures are, numbers of pages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "flow/inner.h"
#include "store/testkit.h"
#include "sys/clock.h"

/* ---- dirty.c, against a table --------------------------------------------------------------------- */

#define KEYS 40
#define PAGES 25

static uint32_t dice(void) {
    static uint32_t x = 2463534242u; /* xorshift: the same in every run */
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return x;
}

static struct span key_of(unsigned k, char text[16]) {
    int n = snprintf(text, 16, "tag/%u", k * k);
    return span_of(text, (size_t)n);
}

static void dirty_is_a_set(void **state) {
    (void)state;
    static bool model[KEYS][PAGES];
    size_t count = 0;
    struct dirty *d = dirty_new();
    struct arena *a = arena_new(1 << 16);
    char text[16];
    for (unsigned turn = 0; turn < 200000; turn++) {
        bool fills = turn / 5000 % 2 == 0; /* it grows and shrinks by turns */
        if (dice() % 8 < (fills ? 6u : 2u)) {
            unsigned k = dice() % KEYS, page = dice() % PAGES;
            dirty_add(d, DIRTY_SOON, key_of(k, text), page);
            count += !model[k][page];
            model[k][page] = true;
        } else {
            struct span key;
            uint64_t page, k;
            bool took = dirty_take(d, DIRTY_SOON, a, &key, &page);
            assert_int_equal(took, count > 0);
            if (!took) continue;
            assert_true(span_starts(key, SPAN("tag/")) && page < PAGES);
            for (k = 0; k < KEYS && !span_eq(key_of((unsigned)k, text), key);) k++;
            assert_true(k < KEYS && model[k][page]);
            model[k][page] = false;
            count--;
            arena_reset(a);
        }
        assert_int_equal(dirty_count(d, DIRTY_SOON), count);
    }
    arena_free(a);
    dirty_free(d);
}

/* Everything is taken in the end, though what is taken is added again now and then. */
static void dirty_is_emptied(void **state) {
    (void)state;
    struct dirty *d = dirty_new();
    struct arena *a = arena_new(1 << 20);
    struct span key;
    uint64_t page;
    unsigned taken = 0;
    for (uint64_t i = 0; i < 1000; i++) dirty_add(d, DIRTY_SOON, LIST_ALL, i);
    while (dirty_take(d, DIRTY_SOON, a, &key, &page)) {
        assert_true(span_eq(key, LIST_ALL));
        if (taken++ < 500) dirty_add(d, DIRTY_SOON, LIST_ALL, page);
    }
    assert_int_equal(taken, 1500);
    assert_int_equal(dirty_count(d, DIRTY_SOON), 0);
    dirty_free(d);
    arena_free(a);
}

/* SPAN() as a constant. */
#define CONST(text) \
    { text, sizeof(text) - 1 }

/* ---- media.c ------------------------------------------------------------------------------------------ */

static char folder_path[64];
static struct file folder;
static int make_folder(void **state) {
    (void)state;
    snprintf(folder_path, sizeof folder_path, "/tmp/flow-test-XXXXXX");
    if (!mkdtemp(folder_path) || file_open(NULL, folder_path, FILE_FOLDER, &folder) != RC_OK)
        return -1;
    return file_make_folder(&folder, "media", 0) == RC_OK ? 0 : -1;
}
static int remove_folder(void **state) {
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", folder_path);
    file_close(&folder);
    return system(command);
}

static void add_file(struct media_picture *p, enum media_format format, struct span bytes) {
    p->files[p->files_count++] = (struct media_file){.format = format,
                                                     .bytes = bytes,
                                                     .about = {.hash = sha256_of(bytes),
                                                               .type = media_format_type(format),
                                                               .width = 640,
                                                               .height = 480,
                                                               .bytes = bytes.n}};
}
static struct media_picture sample_picture(void) {
    struct media_picture p = {.width = 640, .height = 480, .colour = 0x102030};
    add_file(&p, MEDIA_AVIF, SPAN("the small one"));
    add_file(&p, MEDIA_JPEG, SPAN("the one for all"));
    p.fields[MEDIA_CAPTION] = SPAN("A \"ferry\" at the quay");
    p.fields[MEDIA_ALT] = SPAN("A white ferry");
    p.fields[MEDIA_CREDIT] = SPAN("COURIER");
    p.fields[MEDIA_CREATOR] = SPAN("M. Vale");
    p.fields[MEDIA_COPYRIGHT] = SPAN("© Courier");
    p.fields[MEDIA_USAGE_TERMS] = SPAN("One use");
    return p;
}
static struct span file_name(struct arena *a, struct span of, const char *extension) {
    struct sha256 hash = sha256_of(of);
    struct buf hex;
    buf_init(&hex, 64);
    buf_hex(&hex, hash.bytes, SHA256_BYTES);
    struct span name =
        arena_printf(a, "media/%.2s/" SPAN_FMT ".%s", hex.p, SPAN_ARG(buf_span(&hex)), extension);
    buf_done(&hex);
    return name;
}

static void pictures_are_kept(void **state) {
    (void)state;
    struct flow f = {.setup = {.site = &folder}};
    struct arena *a = arena_new(1 << 20);
    struct span sent = SPAN("the file that was sent");
    struct media_picture p = sample_picture(), got;
    struct buf bytes;
    buf_init(&bytes, 4096);
    assert_false(flow_picture_known(&f, sent));
    assert_int_equal(flow_picture_keep(&f, sent, &p), RC_OK);
    assert_true(flow_picture_known(&f, sent));
    assert_int_equal(media_learn(&f, a, sent, &got), RC_OK);
    assert_int_equal(got.width, 640);
    assert_int_equal(got.colour, 0x102030);
    for (unsigned i = 0; i < MEDIA_FIELD_COUNT; i++)
        assert_true(span_eq(got.fields[i], p.fields[i]));
    assert_int_equal(got.files_count, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(got.files[i].format, p.files[i].format);
        assert_true(sha256_eq(&got.files[i].about.hash, &p.files[i].about.hash));
        buf_clear(&bytes);
        assert_int_equal(media_read(&f, &got.files[i].about, &bytes), RC_OK);
        assert_true(span_eq(buf_span(&bytes), p.files[i].bytes));
    }
    /* Again changes nothing; a file that is lost comes back; one that was changed is found out. */
    assert_int_equal(flow_picture_keep(&f, sent, &p), RC_OK);
    const char *small = file_name(a, p.files[0].bytes, "avif").p;
    assert_int_equal(file_remove(&folder, small), RC_OK);
    assert_false(flow_picture_known(&f, sent));
    assert_int_equal(flow_picture_keep(&f, sent, &p), RC_OK);
    assert_true(flow_picture_known(&f, sent));
    assert_int_equal(file_replace(&folder, small, SPAN("the other one"), 0), RC_OK);
    buf_clear(&bytes);
    assert_int_equal(media_read(&f, &p.files[0].about, &bytes), RC_CORRUPT);
    /* A note that does not hold is as none. */
    const char *note = file_name(a, sent, "sent.json").p;
    buf_clear(&bytes);
    assert_int_equal(file_read_all(&folder, note, &bytes), RC_OK);
    for (size_t n = 0; n < bytes.n - 1; n++) {
        assert_int_equal(file_replace(&folder, note, span_sub(buf_span(&bytes), 0, n), 0), RC_OK);
        assert_false(flow_picture_known(&f, sent));
    }
    char *recipe = memmem(bytes.p, bytes.n, "\"recipe\":2", 10);
    assert_non_null(recipe);
    recipe[9] = '9';
    assert_int_equal(file_replace(&folder, note, buf_span(&bytes), 0), RC_OK);
    assert_false(flow_picture_known(&f, sent));
    buf_done(&bytes);
    arena_free(a);
}

static void pictures_are_shown(void **state) {
    (void)state;
    struct flow f = {.setup = {.site = &folder}};
    struct arena *a = arena_new(1 << 20);
    struct intent_remark remarks[MEDIA_REMARKS_MAX];
    struct media_picture full = sample_picture(), bare = full;
    memset(bare.fields, 0, sizeof bare.fields);
    bare.notes = 1u << MEDIA_NOTE_LOCATION | 1u << MEDIA_NOTE_CUT;
    assert_int_equal(flow_picture_keep(&f, SPAN("full"), &full), RC_OK);
    assert_int_equal(flow_picture_keep(&f, SPAN("bare"), &bare), RC_OK);

    struct intent intent = {.remarks = remarks};
    struct picture p = {.rendition_count = 0};
    assert_int_equal(media_show(&f, a, 0, SPAN("x.jpg"), SPAN("full"), &p, &intent), RC_OK);
    assert_int_equal(p.rendition_count, 2);
    assert_true(span_eq(p.renditions[0].type, SPAN("image/avif")));
    assert_true(span_eq(p.caption, full.fields[MEDIA_CAPTION]));
    assert_true(span_eq(p.alt, SPAN("A white ferry")));
    assert_true(span_eq(p.credit, SPAN("COURIER")));
    assert_true(span_eq(p.creator, SPAN("M. Vale")));
    assert_true(span_eq(p.copyright, SPAN("© Courier")));
    assert_true(span_eq(p.usage_terms, SPAN("One use")));
    assert_true(span_eq(p.colour, SPAN("#102030")));
    assert_int_equal(intent.remark_count, 1);
    assert_true(
        span_eq(remarks[0].text, SPAN("picture \"x.jpg\": its usage terms are \"One use\"")));
    /* Whoever says what follows from them has read them. */
    intent.remark_count = 0;
    p = (struct picture){.rights = {.no_redistribution = true}};
    assert_int_equal(media_show(&f, a, 0, SPAN("x.jpg"), SPAN("full"), &p, &intent), RC_OK);
    assert_int_equal(intent.remark_count, 0);
    /* What the item says counts. */
    p = (struct picture){.caption = SPAN("Ours"), .credit = SPAN("© COURIER")};
    assert_int_equal(media_show(&f, a, 0, SPAN("x.jpg"), SPAN("full"), &p, &intent), RC_OK);
    intent.remark_count = 0;
    assert_true(span_eq(p.caption, SPAN("Ours")));
    assert_true(span_eq(p.credit, SPAN("© COURIER")));
    /* What is missing is named; a caption stands in for the alt text. */
    p = (struct picture){.caption = SPAN("Ours")};
    assert_int_equal(media_show(&f, a, 0, SPAN("x.jpg"), SPAN("bare"), &p, &intent), RC_OK);
    assert_true(span_eq(p.alt, SPAN("Ours")));
    assert_int_equal(intent.remark_count, 3);
    assert_true(span_eq(remarks[0].text,
                        SPAN("picture \"x.jpg\": it has no alt text; its caption stands in")));
    assert_true(span_eq(remarks[1].text, SPAN("picture \"x.jpg\": it has no credit")));
    assert_true(span_starts(remarks[2].text, SPAN("picture \"x.jpg\": it has a text longer")));
    assert_int_equal(media_show(&f, a, 0, SPAN("x.jpg"), SPAN("unknown"), &p, &intent), RC_BUSY);

    /* A site may require them. */
    f.setup.require_alt = true;
    p = (struct picture){.caption = SPAN("Ours"), .credit = SPAN("© COURIER")};
    assert_int_equal(media_show(&f, a, 0, SPAN("x.jpg"), SPAN("bare"), &p, &intent), RC_INVALID);
    assert_non_null(strstr(rc_why(), "no alt text, and this site requires one"));
    assert_int_equal(media_show(&f, a, 0, SPAN("x.jpg"), SPAN("full"), &p, &intent), RC_OK);
    f.setup.require_credit = true;
    p = (struct picture){.alt = SPAN("Ours")};
    assert_int_equal(media_show(&f, a, 0, SPAN("x.jpg"), SPAN("bare"), &p, &intent), RC_INVALID);
    assert_non_null(strstr(rc_why(), "no credit, and this site requires one"));

    struct rendition named;
    assert_int_equal(media_name(SPAN("x.gif"), SPAN("GIF89a"), &named), RC_INVALID);
    assert_non_null(strstr(rc_why(), "picture \"x.gif\": it is a GIF"));
    assert_int_equal(media_name(SPAN("x.jpg"), SPAN("\xFF\xD8\xFF\xE0"), &named), RC_OK);
    arena_free(a);
}

/* ---- lists.c -------------------------------------------------------------------------------------------- */

static void pages_have_thirty_places(void **state) {
    (void)state;
    static const struct {
        struct span key;
        uint64_t place, page;
    } wanted[] = {{CONST("tag/a"), 1, 1},
                  {CONST("tag/a"), 30, 1},
                  {CONST("all"), 31, 2},
                  {CONST("month/2026-11"), 1000, 1},
                  {CONST("month/2026-11"), 1001, 2},
                  {CONST("tag/month/x"), 31, 2}};
    for (size_t i = 0; i < COUNT_OF(wanted); i++)
        assert_int_equal(list_page_of(wanted[i].key, wanted[i].place), wanted[i].page);
    assert_int_equal(list_pages(SPAN("all"), 0), 0);
}

/* ---- make.c: in order, whatever the crew does; and nothing is left behind ------------------------------ */

#define STEPS 150

struct steps {
    struct flow *flow;
    size_t fails_begin, fails_make, fails_put; /* the step that does; STEPS: none */
    size_t begun, put;
};
struct step_of {
    size_t i;
    bool fails;
};

static rc make_step(struct making *m) {
    const struct step_of *of = m->of;
    char key[16];
    int n = snprintf(key, sizeof key, "/%zu", of->i);
    size_t kinds;
    buf_add(&m->maker->out, render_prologs(making_render(m), &kinds)[of->i % 3].bytes);
    for (size_t k = 0; k < 1 + of->i % 7; k++) buf_str(&m->maker->out, "the same words again; ");
    if (of->fails) return rc_fail(RC_INVALID, "step %zu", of->i);
    return make_html(m, span_of(key, (size_t)n), 200, of->i % 5 == 0, buf_span(&m->maker->out));
}

static rc begin_step(void *arg, size_t i, struct making **out_making) {
    struct steps *s = arg;
    assert_int_equal(i, s->begun++);
    if (i == s->fails_begin) return rc_fail(RC_INVALID, "step %zu", i);
    if (i % 11 == 3) return RC_OK; /* nothing to make */
    struct making *m = making_new(s->flow);
    struct step_of *of = ARENA_NEW(m->a, struct step_of);
    *of = (struct step_of){.i = i, .fails = i == s->fails_make};
    m->of = of;
    making_begin(m, make_step, i % 3 ? 100 : 3u << 20); /* large ones narrow the window */
    *out_making = m;
    return RC_OK;
}

static rc put_step(void *arg, size_t i, struct making *m) {
    struct steps *s = arg;
    assert_int_equal(i, s->put++);
    assert_int_equal(m == NULL, i % 11 == 3);
    if (i == s->fails_put) return rc_fail(RC_INVALID, "step %zu", i);
    if (!m) return RC_OK;
    TRY(making_wait(m));
    assert_int_equal(((const struct step_of *)m->of)->i, i);
    assert_non_null(m->made);
    return RC_OK;
}

static void makings_are_put_in_order(void **state) {
    (void)state;
    const struct flow_edition edition = {
        .key = SPAN("en"), .name = SPAN("Test"), .language = SPAN("en"), .zone = SPAN("UTC")};
    struct flow f = {
        .memory = arena_new(1 << 20),
        .setup = {.url = SPAN("http://test.example"), .editions = &edition, .edition_count = 1}};
    assert_int_equal(editions_open(&f), RC_OK);
    assert_int_equal(makers_open(&f), RC_OK);
    editions_head(&f);
    for (size_t fails = 0; fails <= STEPS; fails += 5) {
        for (unsigned where = 0; where < 3; where++) {
            struct steps s = {&f, STEPS, STEPS, STEPS, 0, 0};
            *(where == 0 ? &s.fails_begin : where == 1 ? &s.fails_make : &s.fails_put) = fails;
            bool is_made = where != 1 || fails % 11 != 3;
            rc code = make_all(STEPS, begin_step, put_step, &s);
            assert_int_equal(code, fails < STEPS && is_made ? RC_INVALID : RC_OK);
            if (code == RC_OK) assert_int_equal(s.put, STEPS);
            if (code == RC_OK) continue;
            char why[32];
            snprintf(why, sizeof why, "step %zu", fails);
            assert_string_equal(rc_why(), why);
            assert_true(s.put <= fails + 1);
        }
    }
    makers_close(&f);
    editions_close(&f);
    arena_free(f.memory);
}

/* ---- status.c: flags, over a store without all the rest ------------------------------------------- */

static void act(struct flow *f, const struct store_publish *publish) {
    assert_int_equal(store_begin(f->store), RC_OK);
    if (store_publish(f->store, publish) != RC_OK) fail_msg("%s", rc_why());
    assert_int_equal(store_commit(f->store), RC_OK);
}

static void translations_have_flags(void **state) {
    (void)state;
    const struct flow_edition editions[] = {
        {.key = SPAN("en"), .name = SPAN("Test"), .language = SPAN("en"), .zone = SPAN("UTC")},
        {.key = SPAN("ar"), .name = SPAN("Other"), .language = SPAN("ar"), .zone = SPAN("UTC")}};
    struct flow f = {.memory = arena_new(1 << 20),
                     .setup = {.url = SPAN("http://test.example"),
                               .editions = editions,
                               .edition_count = COUNT_OF(editions)}};
    struct arena *a = arena_new(64u << 20);
    struct flow_flag *flags;
    const struct story_id first = kit_id(1);
    struct withdrawal why;
    ms_t at;
    uint64_t entry;
    size_t count;
    char path[128];
    snprintf(path, sizeof path, "%s/flags.db", folder_path);
    assert_int_equal(editions_open(&f), RC_OK);
    assert_int_equal(store_open(path, &f.store), RC_OK);
    struct store_publish publish = kit_revision(f.store, a, 1, "Original", 1000, NULL, 0);
    act(&f, &publish);
    publish = kit_translation(f.store, a, 2, "Translation", 2000, &first);
    act(&f, &publish);
    assert_int_equal(flow_flags(&f, a, &flags, &count), RC_OK);
    assert_int_equal(count, 0);
    publish = kit_correction(f.store, a, 1, 3000, "It was eight.", SPAN("corrections"));
    act(&f, &publish);
    publish = kit_correction(f.store, a, 1, 4000, "It was nine.", SPAN("ar:corrections"));
    act(&f, &publish);
    assert_int_equal(flow_flags(&f, a, &flags, &count), RC_OK);
    assert_int_equal(count, 2); /* of every edition, the newest first */
    assert_true(span_eq(flags[0].note, SPAN("It was nine.")) && flags[0].entry == 3);
    assert_true(span_eq(flags[1].note, SPAN("It was eight.")) && flags[1].at == 3000);
    assert_true(span_eq(flags[0].what, SPAN("correction")));
    assert_true(span_eq(flags[0].path, SPAN("/2026/11/24/story-2")));
    assert_true(span_eq(flags[0].original_path, SPAN("/2026/11/24/story-1")));
    publish = kit_act(f.store, a, 1, ENTRY_WITHDRAWAL, 5000, NULL, 0);
    act(&f, &publish);
    assert_int_equal(flow_flags(&f, a, &flags, &count), RC_OK);
    assert_int_equal(count, 1);
    assert_true(span_eq(flags[0].what, SPAN("withdrawal")) && flags[0].at == 5000);
    assert_true(span_eq(flags[0].note, SPAN("a \"wrong\" name")));
    /* Its page says the same, out of the same entry. */
    struct story_row row;
    assert_int_equal(store_story_by_id(f.store, a, &first, &row), RC_OK);
    assert_int_equal(withdrawal_find(&f, a, &row, &why, &at, &entry), RC_OK);
    assert_true(why.status == 410 && at == 5000 && entry == 4);
    bool said;
    assert_int_equal(withdrawal_said(&f, a, &row, &why, &said), RC_OK);
    assert_true(said);
    why.authority = SPAN("A court");
    assert_int_equal(withdrawal_said(&f, a, &row, &why, &said), RC_OK);
    assert_false(said);
    publish = kit_translation(f.store, a, 2, "Translation, again", 6000, &first);
    act(&f, &publish);
    assert_int_equal(flow_flags(&f, a, &flags, &count), RC_OK);
    assert_int_equal(count, 0);
    store_close(f.store);
    arena_free(a);
    arena_free(f.memory);
}

/* ---- age.c: days come of age, one after another ------------------------------------------------------- */

#define NOON 1795521600000 /* 2026-11-24 12:00 UTC */
#define DAY 86400000

/* The stories that are marked, in the order of their numbers; then none is. */
static void marked_are(struct flow *f, struct arena *a, const char *expected) {
    bool marked[16] = {false};
    struct span key;
    uint64_t page;
    char text[64] = "";
    size_t n = 0;
    while (dirty_take(f->shelf.dirty, DIRTY_LATER, a, &key, &page)) {
        struct story_id id;
        assert_true(span_starts(key, LIST_STORY));
        assert_true(story_id_parse(span_from(key, LIST_STORY.n), &id));
        marked[id.bytes[3]] = true;
    }
    for (unsigned i = 0; i < COUNT_OF(marked); i++)
        if (marked[i]) n += (size_t)snprintf(text + n, sizeof text - n, "%u ", i);
    assert_string_equal(text, expected);
}

/* As flow_work() does, with the lists put in between. */
static void grow_older(struct flow *f, struct arena *a, const char *expected) {
    bool more = true;
    char text[64] = "";
    for (const char *want = expected; more;) {
        more = false;
        assert_int_equal(age_work(f, &more), RC_OK);
        if (!more) break;
        size_t n = strcspn(want, "|");
        snprintf(text, sizeof text, "%.*s", (int)n, want);
        marked_are(f, a, text);
        want += n + (want[n] == '|');
        if (!*want) expected = "";
    }
    marked_are(f, a, "");
    assert_string_equal(expected, "");
}

static void stories_come_of_age(void **state) {
    (void)state;
    const struct flow_edition editions[] = {
        {.key = SPAN("nz"),
         .name = SPAN("Test"),
         .language = SPAN("en"),
         .zone = SPAN("Pacific/Auckland"), /* 13 hours ahead */
         .old_after_days = 30},
        {.key = SPAN("en"), .name = SPAN("Never"), .language = SPAN("en"), .zone = SPAN("UTC")}};
    static const struct {
        ms_t at;
        const char *day;
    } stories[] = {
        {NOON - 40 * (ms_t)DAY, "day/2026-10-16"},     {NOON - 30 * (ms_t)DAY, "day/2026-10-26"},
        {NOON - 30 * (ms_t)DAY - 1, "day/2026-10-26"}, {NOON - 29 * (ms_t)DAY, "day/2026-10-27"},
        {NOON - 20 * (ms_t)DAY, "day/2026-11-05"},     {NOON, "day/2026-11-25"},
        {NOON - 40 * (ms_t)DAY, "en:day/2026-10-15"}};
    struct flow f = {.memory = arena_new(1 << 20),
                     .setup = {.url = SPAN("http://test.example"),
                               .editions = editions,
                               .edition_count = COUNT_OF(editions)}};
    struct arena *a = arena_new(64u << 20);
    char path[128];
    snprintf(path, sizeof path, "%s/age.db", folder_path);
    clock_test_set(NOON);
    assert_int_equal(editions_open(&f), RC_OK);
    assert_int_equal(makers_open(&f), RC_OK);
    editions_head(&f);
    f.shelf.dirty = dirty_new();
    assert_int_equal(store_open(path, &f.store), RC_OK);
    for (unsigned i = 0; i < COUNT_OF(stories); i++) {
        const struct list_ref list = {span_str(stories[i].day)};
        struct store_publish publish =
            kit_revision(f.store, a, i + 1, "Story", stories[i].at, &list, 1);
        act(&f, &publish);
    }
    /* Now it is the 25th there; thirty days ago it was the 26th of October. */
    assert_true(age_is_old(&f, 0, stories[0].at));
    assert_false(age_is_old(&f, 0, stories[1].at));
    assert_false(age_is_old(&f, 0, stories[2].at)); /* a day is old when it is over */
    assert_false(age_is_old(&f, 1, stories[6].at));
    assert_false(age_is_old(&f, 1, 0));
    age_begin(&f, &f.shelf);
    assert_true(f.shelf.aging[0] == 20261026 && f.shelf.aging[1] == 0);
    grow_older(&f, a, ""); /* its pages were made so */
    clock_test_advance(DAY / 2 - 2);
    grow_older(&f, a, ""); /* not midnight yet */
    clock_test_advance(DAY / 2 + 2);
    grow_older(&f, a, "2 3 ");
    assert_true(age_is_old(&f, 0, stories[1].at));
    assert_true(f.shelf.aging[0] == 20261027);
    clock_test_advance(DAY);
    grow_older(&f, a, "4 ");
    /* Nobody looked for a month: day by day, and up to today. */
    f.shelf.aging[0] = 20261017;
    clock_test_advance(40 * (ms_t)DAY);
    grow_older(&f, a, "2 3 |4 |5 |6 ");
    clock_test_set(0);
    clock_test_advance(-42 * (ms_t)DAY);
    store_close(f.store);
    dirty_free(f.shelf.dirty);
    makers_close(&f);
    editions_close(&f);
    arena_free(a);
    arena_free(f.memory);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dirty_is_a_set),          cmocka_unit_test(makings_are_put_in_order),
        cmocka_unit_test(dirty_is_emptied),        cmocka_unit_test(pictures_are_kept),
        cmocka_unit_test(pictures_are_shown),      cmocka_unit_test(pages_have_thirty_places),
        cmocka_unit_test(translations_have_flags), cmocka_unit_test(stories_come_of_age),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
