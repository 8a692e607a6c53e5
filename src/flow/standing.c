/*
 * Standing pages: about the paper, its ethics, its rules for readers. Each is a story of its own kind: recorded,
 * stored and carried to the pages as one (publish.c, pump.c), with other answers:
 *
 *   PATH        the newest version, and a list of all
 *   PATH/v/N    version N, with what it changed
 *   /s/CODE     a redirect, as every story has it
 *
 * PATH is "/SLUG" under the edition's prefix, and no list knows it. Instead every page of the edition links to
 * it at its foot: so the foot is part of what pages are made with, and another one makes a rebuild due, as
 * another theme does. The pages of a batch that changes the foot are made with the new one.
 */
#include <stdio.h>

#include "flow/inner.h"
#include "http/path.h"
#include "story/canon.h"
#include "story/limits.h"
#include "sys/clock.h"

/* ---- addresses ------------------------------------------------------------------------------------ */

/* First segments of paths that the site has, or keeps for what is to come. */
static const char *const reserved[] = {"account",     "admin",   "api",        "archive", "author",
                                       "corrections", "desk",    "discussion", "latest",  "listen",
                                       "media",       "offline", "page",       "radio",   "record",
                                       "s",           "search",  "section",    "sitemap", "tag",
                                       "theme",       "v"};

static bool is_year(struct span slug) {
    bool digits = slug.n > 0;
    for (size_t i = 0; i < slug.n; i++) digits = digits && slug.p[i] >= '0' && slug.p[i] <= '9';
    return digits;
}

static rc slug_free(const struct flow *f, struct span slug) {
    bool taken = is_year(slug);
    for (size_t i = 0; i < COUNT_OF(reserved); i++)
        taken = taken || span_eq(slug, span_str(reserved[i]));
    for (unsigned i = 0; i < f->edition_count; i++)
        taken = taken || span_eq(slug, f->editions[i].key);
    if (!taken) return RC_OK;
    return rc_fail(RC_CONFLICT,
                   "slug: \"" SPAN_FMT "\" begins other addresses of the site; give another one",
                   SPAN_ARG(slug));
}

rc standing_path(struct flow *f, struct arena *a, unsigned edition, struct span slug,
                 struct span *out_path) {
    char encoded[3 * (SLUG_BYTES_MAX + EDITION_BYTES_MAX + 4)];
    struct span path;
    TRY(slug_free(f, slug));
    struct span plain = arena_printf(a, SPAN_FMT "/" SPAN_FMT,
                                     SPAN_ARG(f->editions[edition].prefix), SPAN_ARG(slug));
    TRY(http_path_encode(plain, encoded, sizeof encoded, &path));
    *out_path = arena_copy(a, path);
    return out_path->p ? RC_OK : rc_fail(RC_TOO_BIG, "the page needs more memory than it may have");
}

rc standing_fits(struct flow *f, struct arena *a, unsigned edition, uint32_t number) {
    struct story_row *rows;
    size_t count, of_edition = 0;
    if (number >= STANDING_VERSIONS_MAX)
        return rc_fail(RC_TOO_BIG,
                       "the page has %u versions, the most there may be; give another slug",
                       number);
    if (number > 0) return RC_OK;
    TRY(store_standing_pages(f->store, a, SIZE_MAX, &rows, &count));
    for (size_t i = 0; i < count; i++) of_edition += edition_of_path(f, rows[i].path) == edition;
    if (of_edition < STANDING_PAGES_MAX) return RC_OK;
    return rc_fail(RC_TOO_BIG, "the edition has %zu standing pages, the most there may be",
                   of_edition);
}

/* ---- a page ------------------------------------------------------------------------------------------ */

static struct version_of *newest_version(const struct story_of *of) {
    for (uint32_t i = of->row.number; i > 0; i--)
        if (of->versions[i - 1].canonical.n) return &of->versions[i - 1];
    return NULL;
}

rc standing_read(struct flow *f, struct arena *a, struct story_of *of) {
    of->versions = ARENA_ARRAY(a, struct version_of, (size_t)of->row.number + 1);
    if (!of->versions) return rc_fail(RC_TOO_BIG, "a page has too many versions for one operation");
    for (uint32_t number = 1; number <= of->row.number; number++) {
        struct revision_row stored;
        TRY(store_revision(f->store, a, &of->row.id, number, &stored));
        of->versions[number - 1] = (struct version_of){
            .number = number, .entry = stored.entry_index, .canonical = stored.canonical};
    }
    const struct version_of *newest = newest_version(of);
    if (!newest) return RC_NOT_FOUND;
    of->canonical = newest->canonical;
    of->shown = (struct render_story){.entry = newest->entry,
                                      .newer_lost = newest->number != of->row.number};
    return translations_read(f, a, &of->row, &of->shown);
}

/* One version beside the one before it; what is needed for that alone lives in `one`. */
static rc make_version(struct making *m, struct arena *one, const struct version_of *version,
                       struct render_version *out_told) {
    const struct story_of *of = m->of;
    struct revision *now = ARENA_NEW(one, struct revision),
                    *before = ARENA_NEW(one, struct revision);
    struct buf *out = &m->maker->out;
    *out_told =
        (struct render_version){.number = version->number, .lost = version->canonical.n == 0};
    if (out_told->lost) return RC_OK;
    if (!now || !before) return rc_fail(RC_TOO_BIG, "a version is too large for one operation");
    TRY(canon_read(one, version->canonical, now));
    struct render_changes changes = {.revision = now, .entry = version->entry};
    if (version->number > 1 && version[-1].canonical.n) {
        TRY(canon_read(one, version[-1].canonical, before));
        changes.before = before;
    }
    out_told->at = now->updated;
    out_told->note = arena_copy(m->a, now->standing.note);
    out_told->language = arena_copy(m->a, now->language);
    buf_clear(out);
    TRY(render_version_page(making_render(m), one, &changes, out));
    return make_html(m, render_version_path(m->a, of->row.path, version->number), 200, false,
                     buf_span(out));
}

static rc make_versions(struct making *m, struct render_version *told) {
    const struct story_of *of = m->of;
    struct arena *one = arena_new(OPERATION_BYTES_MAX);
    rc code = RC_OK;
    for (uint32_t i = 0; i < of->row.number && code == RC_OK; i++) {
        arena_reset(one);
        code = make_version(m, one, &of->versions[i], &told[of->row.number - 1 - i]);
    }
    arena_free(one);
    return code;
}

rc make_standing(struct making *m) {
    struct story_of *of = m->of;
    struct buf *out = &m->maker->out;
    struct revision *revision = ARENA_NEW(m->a, struct revision);
    struct render_version *told =
        ARENA_ARRAY(m->a, struct render_version, (size_t)of->row.number + 1);
    if (!revision || !told) return rc_fail(RC_TOO_BIG, "a page is too large for one operation");
    TRY(canon_read(m->a, of->canonical, revision));
    of->shown.revision = revision;
    TRY(make_versions(m, told));
    const struct render_standing page = {.revision = revision,
                                         .entry = of->shown.entry,
                                         .newer_lost = of->shown.newer_lost,
                                         .versions = told,
                                         .version_count = of->row.number,
                                         .translations = of->shown.translations,
                                         .translation_count = of->shown.translation_count};
    buf_clear(out);
    TRY(render_standing_page(making_render(m), m->a, &page, out));
    TRY(make_html(m, of->row.path, 200, true, buf_span(out)));
    return make_redirect(m, arena_printf(m->a, "/s/" SPAN_FMT, SPAN_ARG(of->row.code)), 302,
                         of->row.path);
}

rc make_versions_gone(struct making *m, struct span body) {
    const struct story_of *of = m->of;
    const unsigned status = of->gone.why.status;
    for (uint32_t number = 1; number <= of->row.number; number++)
        TRY(make_html(m, render_version_path(m->a, of->row.path, number), status, false, body));
    return make_html(m, arena_printf(m->a, "/s/" SPAN_FMT, SPAN_ARG(of->row.code)), status, false,
                     body);
}

/* ---- all of them --------------------------------------------------------------------------------------- */

struct each {
    const struct story_row *row;
    const struct revision *revision; /* its newest text that is here; lives until the next */
};

/* Calls see() for each that is shown, in the order of the foot. */
static rc each_page(struct flow *f, rc (*see)(void *arg, const struct each *page), void *arg) {
    struct arena *a = arena_new(OPERATION_BYTES_MAX), *one = arena_new(OPERATION_BYTES_MAX);
    struct story_row *rows = NULL;
    size_t count = 0;
    rc code = store_standing_pages(f->store, a, SIZE_MAX, &rows, &count);
    for (size_t i = 0; i < count && code == RC_OK; i++) {
        struct revision_row stored = {.text_lost = true};
        struct revision revision;
        arena_reset(one);
        if (rows[i].state != STORY_PUBLISHED) continue;
        for (uint32_t number = rows[i].number; number > 0 && stored.text_lost && code == RC_OK;
             number--)
            code = store_revision(f->store, one, &rows[i].id, number, &stored);
        if (code != RC_OK || stored.text_lost) continue;
        code = canon_read(one, stored.canonical, &revision);
        if (code == RC_OK) code = see(arg, &(struct each){&rows[i], &revision});
    }
    arena_free(one);
    arena_free(a);
    return code;
}

struct refs {
    struct arena *a;
    struct render_sitemap_ref *refs;
    size_t count;
};

static rc see_ref(void *arg, const struct each *page) {
    struct refs *to = arg;
    if (to->count == STANDING_PAGES_MAX * FLOW_EDITIONS_MAX) return RC_OK;
    to->refs[to->count++] = (struct render_sitemap_ref){
        .path = arena_copy(to->a, page->revision->path), .updated = page->revision->updated};
    return RC_OK;
}

rc standing_refs(struct flow *f, struct arena *a, struct render_sitemap_ref **out_refs,
                 size_t *out_count) {
    struct refs to = {.a = a};
    to.refs = ARENA_ARRAY(a, struct render_sitemap_ref, STANDING_PAGES_MAX * FLOW_EDITIONS_MAX);
    if (!to.refs) return rc_fail(RC_TOO_BIG, "too many pages for one operation");
    TRY(each_page(f, see_ref, &to));
    if (arena_over(a)) return rc_fail(RC_TOO_BIG, "too many pages for one operation");
    *out_refs = to.refs;
    *out_count = to.count;
    return RC_OK;
}

static rc see_line(void *arg, const struct each *page) {
    char at[CLOCK_TEXT_BYTES];
    clock_text(page->revision->updated, false, at);
    buf_printf(arg, SPAN_FMT "\torder %u\tversion %u\t%s\t" SPAN_FMT "\n",
               SPAN_ARG(page->row->path), page->row->standing, page->row->number, at,
               SPAN_ARG(page->revision->headline));
    return RC_OK;
}

rc flow_pages(struct flow *f, struct arena *a, struct buf *out) {
    (void)a;
    return each_page(f, see_line, out);
}

/* ---- the foot ---------------------------------------------------------------------------------------------- */

struct foot_reader {
    struct flow *f;
    struct foot foot;
};

static rc see_link(void *arg, const struct each *page) {
    struct foot_reader *to = arg;
    const unsigned edition = edition_of_path(to->f, page->row->path);
    const struct revision *r = page->revision;
    size_t *count = &to->foot.counts[edition];
    if (*count == STANDING_PAGES_MAX) return RC_OK;
    to->foot.links[edition][(*count)++] = (struct render_link){
        .name = arena_copy(to->foot.memory, r->headline_short.n ? r->headline_short : r->headline),
        .path = arena_copy(to->foot.memory, page->row->path)};
    return RC_OK;
}

static uint64_t number_of(const struct foot *foot, unsigned editions) {
    struct buf all;
    uint64_t number = 0;
    buf_init(&all, OPERATION_BYTES_MAX);
    for (unsigned i = 0; i < editions; i++)
        for (size_t k = 0; k < foot->counts[i]; k++) {
            const struct render_link *link = &foot->links[i][k];
            buf_printf(&all, "%u %zu %zu ", i, link->path.n, link->name.n);
            buf_add(&all, link->path);
            buf_add(&all, link->name);
        }
    struct sha256 hash = sha256_of(buf_span(&all));
    for (int i = 0; all.n && i < 8; i++) number = number << 8 | hash.bytes[i];
    buf_done(&all);
    return number;
}

static rc foot_read(struct flow *f, struct foot *out_foot) {
    struct foot_reader to = {.f = f};
    to.foot.memory = arena_new(OPERATION_BYTES_MAX);
    for (unsigned i = 0; i < f->edition_count; i++)
        to.foot.links[i] = ARENA_ARRAY(to.foot.memory, struct render_link, STANDING_PAGES_MAX);
    rc code = arena_over(to.foot.memory) ? RC_TOO_BIG : each_page(f, see_link, &to);
    if (code == RC_OK && arena_over(to.foot.memory))
        code = rc_fail(RC_TOO_BIG, "the links at the foot need too much memory");
    if (code == RC_OK) {
        to.foot.number = number_of(&to.foot, f->edition_count);
        *out_foot = to.foot;
    } else {
        arena_free(to.foot.memory);
    }
    return code;
}

rc foot_renew(struct flow *f) {
    struct foot foot, old = f->foot;
    TRY(foot_read(f, &foot));
    if (foot.number == old.number) {
        arena_free(foot.memory);
        return RC_OK;
    }
    f->foot = foot;
    rc code = makers_renew(f);
    if (code != RC_OK) {
        f->foot = old;
        arena_free(foot.memory);
        return code;
    }
    arena_free(old.memory);
    f->generation ^= old.number ^ foot.number;
    rebuild_drop(f);
    f->outdated = f->foot_due = true;
    return RC_OK;
}

void foot_close(struct flow *f) {
    arena_free(f->foot.memory);
}
