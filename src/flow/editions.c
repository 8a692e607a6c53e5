/*
 * Editions: several papers in one site, each with its name, language, zone and sections. What tells
 * them apart is the first part of a path ("/ar/2026/11/24/…") and of a list's key ("ar:tag/…"); the
 * first edition has neither, so that a site can begin with one and get others.
 */
#include "base/mem.h"
#include "flow/inner.h"

static rc copy_sections(struct flow *f, const struct flow_edition *from, struct flow_edition *to) {
    struct span *sections = ARENA_ARRAY(f->memory, struct span, from->section_count + 1);
    for (size_t i = 0; sections && i < from->section_count; i++)
        sections[i] = arena_copy(f->memory, from->sections[i]);
    to->sections = sections;
    return arena_over(f->memory) ? rc_fail(RC_TOO_BIG, "too many sections") : RC_OK;
}

rc editions_open(struct flow *f) {
    const struct flow_setup given = f->setup;
    CHECK(given.edition_count >= 1 && given.edition_count <= FLOW_EDITIONS_MAX);
    struct flow_edition *kept = ARENA_ARRAY(f->memory, struct flow_edition, given.edition_count);
    CHECK(kept != NULL);
    f->setup.editions = kept;
    f->edition_count = (unsigned)given.edition_count;
    for (unsigned i = 0; i < f->edition_count; i++) {
        const struct flow_edition *e = &given.editions[i];
        kept[i] = (struct flow_edition){.key = arena_copy(f->memory, e->key),
                                        .name = arena_copy(f->memory, e->name),
                                        .language = arena_copy(f->memory, e->language),
                                        .zone = arena_copy(f->memory, e->zone),
                                        .section_count = e->section_count,
                                        .address = arena_copy(f->memory, e->address),
                                        .notice = arena_copy(f->memory, e->notice),
                                        .old_after_days = e->old_after_days};
        TRY(copy_sections(f, e, &kept[i]));
        f->editions[i] = (struct edition){
            .key = kept[i].key,
            .prefix = i ? arena_printf(f->memory, "/" SPAN_FMT, SPAN_ARG(e->key)) : SPAN(""),
            .list_prefix = i ? arena_printf(f->memory, SPAN_FMT ":", SPAN_ARG(e->key)) : SPAN(""),
            .language = kept[i].language};
    }
    return RC_OK;
}

uint64_t editions_generation(const struct flow *f, uint64_t theme) {
    char bytes[8 * (FLOW_EDITIONS_MAX + 1)];
    struct buf b;
    uint64_t number = 0;
    buf_init_fixed(&b, bytes, sizeof bytes);
    buf_be(&b, theme, 8);
    for (unsigned i = 0; i < f->edition_count; i++)
        buf_be(&b, f->setup.editions[i].old_after_days, 8);
    const struct sha256 hash = sha256_of(buf_span(&b));
    for (size_t i = 0; i < 8; i++) number = number << 8 | hash.bytes[i];
    return number;
}

void editions_head(struct flow *f) {
    for (unsigned i = 0; i < f->edition_count; i++) {
        size_t count;
        const struct render_prolog *prologs = render_prologs(owners_render(f, i), &count);
        for (size_t k = 0; k < count; k++) {
            struct span *headers = &f->editions[i].headers[k];
            *headers = arena_printf(f->memory,
                                    "Content-Type: text/html; charset=utf-8\r\nCache-Control: "
                                    "no-cache\r\nContent-Security-Policy: " SPAN_FMT "\r\n"
                                    "X-Content-Type-Options: nosniff\r\nReferrer-Policy: "
                                    "strict-origin-when-cross-origin\r\n",
                                    SPAN_ARG(prologs[k].csp));
            CHECK(headers->p != NULL);
        }
    }
    editions_renew(f);
}

void editions_renew(struct flow *f) {
    editions_close(f);
    for (unsigned i = 0; i < f->edition_count; i++) {
        struct edition *e = &f->editions[i];
        const struct render_prolog *prologs = render_prologs(owners_render(f, i), &e->prolog_count);
        for (size_t k = 0; k < e->prolog_count; k++)
            e->prologs[k] = pages_prolog_new(prologs[k].bytes);
    }
}

void editions_close(struct flow *f) {
    for (unsigned i = 0; i < f->edition_count; i++) {
        for (size_t k = 0; k < f->editions[i].prolog_count; k++)
            pages_prolog_free(f->editions[i].prologs[k]);
        f->editions[i].prolog_count = 0;
    }
}

const struct pages_prolog *edition_prolog(const struct flow *f, unsigned edition, struct span page,
                                          struct span *out_headers) {
    const struct edition *e = &f->editions[edition];
    size_t k = 0;
    while (k < e->prolog_count && !span_starts(page, pages_prolog_bytes(e->prologs[k]))) k++;
    CHECK(k < e->prolog_count); /* all that render makes does */
    *out_headers = e->headers[k];
    return e->prologs[k];
}

struct render *owners_render(const struct flow *f, unsigned edition) {
    return f->makers[0].render[edition];
}

rc edition_find(const struct flow *f, struct span key, unsigned *out_edition) {
    char list[FLOW_EDITIONS_MAX * 40];
    struct buf b;
    buf_init_fixed(&b, list, sizeof list - 1);
    for (unsigned i = 0; i < f->edition_count; i++) {
        if (key.n == 0 || span_eq(key, f->editions[i].key)) {
            *out_edition = i;
            return RC_OK;
        }
        buf_printf(&b, "%s" SPAN_FMT, i ? ", " : "", SPAN_ARG(f->editions[i].key));
    }
    return rc_fail(RC_INVALID,
                   "edition: this site has no edition \"" SPAN_FMT "\"; it has " SPAN_FMT,
                   SPAN_ARG(key), SPAN_ARG(buf_span(&b)));
}

unsigned edition_of_path(const struct flow *f, struct span path) {
    for (unsigned i = 1; i < f->edition_count; i++) {
        struct span prefix = f->editions[i].prefix;
        if (span_starts(path, prefix) && (path.n == prefix.n || path.p[prefix.n] == '/')) return i;
    }
    return 0;
}

unsigned edition_of_list(const struct flow *f, struct span key, struct span *out_rest) {
    for (unsigned i = 1; i < f->edition_count; i++) {
        if (!span_starts(key, f->editions[i].list_prefix)) continue;
        *out_rest = span_from(key, f->editions[i].list_prefix.n);
        return i;
    }
    *out_rest = key;
    return 0;
}

struct span edition_path(const struct flow *f, struct arena *a, unsigned edition,
                         struct span path) {
    if (edition == 0) return path;
    if (span_eq(path, SPAN("/"))) return f->editions[edition].prefix;
    return arena_printf(a, SPAN_FMT SPAN_FMT, SPAN_ARG(f->editions[edition].prefix),
                        SPAN_ARG(path));
}

struct span edition_list(const struct flow *f, struct arena *a, unsigned edition, struct span key) {
    if (edition == 0) return key;
    return arena_printf(a, SPAN_FMT SPAN_FMT, SPAN_ARG(f->editions[edition].list_prefix),
                        SPAN_ARG(key));
}
