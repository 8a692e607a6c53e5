/*
 * Making answers beside the thread that conducts.
 *
 * Core's one thread reads the store, decides, and writes the page store; what takes long in between,
 * rendering and compressing, depends on nothing but what was read. That is a making: it is begun as soon as
 * its input is known (for a new story: before the store has even committed it), is done by whoever has
 * time (sys/crew.h), and its answers are put when their turn has come. Nothing a making does can be seen
 * until then; one that is not wanted any more is freed.
 */
#include "base/mem.h"
#include "flow/inner.h"

#include <stdio.h>

#define KEEP_BYTES (1u << 20)
#define WINDOW_MAX 32           /* begun and not put yet */
#define WINDOW_BYTES (4u << 20) /* of their weights: each may need the tenfold while it is made */

struct made {
    struct made *next;
    struct span key, value;
    const struct pages_prolog *prolog;
};

static rc renders_open(struct flow *f, struct arena *a, struct maker *maker) {
    struct render_edition others[FLOW_EDITIONS_MAX];
    for (unsigned i = 0; i < f->edition_count; i++) {
        const struct flow_edition *e = &f->setup.editions[i];
        size_t count = 0;
        for (unsigned k = 0; k < f->edition_count; k++)
            if (k != i)
                others[count++] = (struct render_edition){.name = f->setup.editions[k].name,
                                                          .language = f->setup.editions[k].language,
                                                          .url = edition_path(f, a, k, SPAN("/"))};
        const struct render_site site = {.name = e->name,
                                         .url = f->setup.url,
                                         .language = e->language,
                                         .zone = e->zone,
                                         .prefix = f->editions[i].prefix,
                                         .sections = e->sections,
                                         .section_count = e->section_count,
                                         .editions = others,
                                         .edition_count = count,
                                         .links = f->foot.links[i],
                                         .link_count = f->foot.counts[i],
                                         .address = e->address,
                                         .notice = e->notice,
                                         .theme = f->setup.theme};
        TRY(render_new(&site, &maker->render[i]));
    }
    return RC_OK;
}

static void renders_close(struct maker *maker) {
    for (size_t i = 0; i < COUNT_OF(maker->render); i++) {
        render_free(maker->render[i]);
        maker->render[i] = NULL;
    }
}

rc makers_open(struct flow *f) {
    TRY(crew_new(crew_threads_of_use(), &f->crew));
    for (unsigned hand = 0; hand < crew_hands(f->crew); hand++) {
        f->makers[hand].builder = pages_builder_new();
        buf_init(&f->makers[hand].out, PAGE_BYTES_MAX);
        TRY(renders_open(f, f->memory, &f->makers[hand]));
    }
    return RC_OK;
}

rc makers_renew(struct flow *f) {
    static const struct maker none;
    struct maker fresh[COUNT_OF(f->makers)];
    struct arena *a = arena_new(OPERATION_BYTES_MAX);
    const unsigned hands = crew_hands(f->crew);
    rc code = RC_OK;
    for (unsigned hand = 0; hand < hands; hand++) {
        fresh[hand] = none;
        if (code == RC_OK) code = renders_open(f, a, &fresh[hand]);
    }
    for (unsigned hand = 0; hand < hands; hand++) {
        struct maker *maker = code == RC_OK ? &f->makers[hand] : &fresh[hand];
        renders_close(maker); /* the old ones, or those that are of no use */
        if (code == RC_OK) memcpy(maker->render, fresh[hand].render, sizeof maker->render);
    }
    arena_free(a);
    if (code == RC_OK) editions_renew(f);
    return code;
}

void makers_close(struct flow *f) {
    crew_free(f->crew);
    for (size_t hand = 0; hand < COUNT_OF(f->makers); hand++) {
        struct maker *maker = &f->makers[hand];
        pages_builder_free(maker->builder);
        renders_close(maker);
        buf_done(&maker->out);
    }
}

struct render *making_render(const struct making *m) {
    return m->maker->render[m->edition];
}

/* ---- one ------------------------------------------------------------------------------------------ */

static void run(struct job *job, unsigned hand) {
    struct making *m = (struct making *)job;
    m->maker = &m->flow->makers[hand];
    struct buf *out = &m->maker->out;
    rc_why_clear();
    buf_clear(out);
    m->code = m->make(m);
    if (out->cap > KEEP_BYTES) { /* what one large page needed is not kept for ever */
        buf_done(out);
        buf_init(out, PAGE_BYTES_MAX);
    }
    if (m->code == RC_OK && arena_over(m->a))
        m->code = rc_fail(RC_TOO_BIG, "a page needs more memory than one operation may have");
    memcpy(m->why, rc_why(), sizeof m->why);
    m->maker = NULL;
}

struct making *making_new(struct flow *f) {
    struct making *m = mem_new(sizeof *m);
    m->job.run = run;
    m->flow = f;
    m->a = arena_new(OPERATION_BYTES_MAX);
    m->made_end = &m->made;
    return m;
}

void making_begin(struct making *m, rc (*make)(struct making *m), size_t weight) {
    m->make = make;
    m->weight = weight;
    crew_begin(m->flow->crew, &m->job);
}

rc making_wait(struct making *m) {
    crew_wait(m->flow->crew, &m->job);
    return m->code == RC_OK ? RC_OK : rc_fail(m->code, "%s", m->why);
}

void making_free(struct making *m) {
    if (!m) return;
    crew_drop(m->flow->crew, &m->job);
    arena_free(m->a);
    mem_free(m);
}

rc shelf_put_made(struct shelf *shelf, struct making *m) {
    TRY(making_wait(m));
    for (const struct made *made = m->made; made; made = made->next)
        TRY(pages_put_built(shelf->pages, made->key, made->prolog, made->value));
    return RC_OK;
}

/* ---- many, in order --------------------------------------------------------------------------------- */

bool making_fits(size_t count, size_t weight) {
    return count == 0 || (count < WINDOW_MAX && weight < WINDOW_BYTES);
}

rc make_all(size_t count, rc (*begin)(void *arg, size_t i, struct making **out_making),
            rc (*put)(void *arg, size_t i, struct making *m), void *arg) {
    struct making *window[WINDOW_MAX];
    size_t begun = 0, weight = 0;
    rc code = RC_OK;
    for (size_t i = 0; i < count && code == RC_OK; i++) {
        while (code == RC_OK && begun < count && making_fits(begun - i, weight)) {
            struct making *m = NULL;
            code = begin(arg, begun, &m);
            window[begun++ % WINDOW_MAX] = m;
            if (m) weight += m->weight;
        }
        struct making *m = window[i % WINDOW_MAX];
        if (code == RC_OK) code = put(arg, i, m);
        if (m) weight -= m->weight;
        making_free(m);
        for (size_t k = i + 1; k < begun && code != RC_OK; k++) making_free(window[k % WINDOW_MAX]);
    }
    return code;
}

/* ---- kinds of answers, for a making's function -------------------------------------------------------- */

static rc add(struct making *m, const struct page *page) {
    struct span value;
    TRY(pages_build(m->maker->builder, page, &value));
    struct made *made = ARENA_NEW(m->a, struct made);
    if (made)
        *made = (struct made){.key = arena_copy(m->a, page->key),
                              .value = arena_copy(m->a, value),
                              .prolog = page->prolog};
    if (!made || !made->value.p)
        return rc_fail(RC_TOO_BIG, "a page needs more memory than one operation may have");
    *m->made_end = made;
    m->made_end = &made->next;
    return RC_OK;
}

/* RFC 7725 §4: who shows it no longer names itself, not who demanded it. */
static struct span headers_of(struct making *m, unsigned status, struct span headers) {
    const struct span prefix = m->flow->editions[m->edition].prefix;
    if (status != 451) return headers;
    return arena_printf(m->a, SPAN_FMT "Link: <" SPAN_FMT SPAN_FMT ">; rel=\"blocked-by\"\r\n",
                        SPAN_ARG(headers), SPAN_ARG(m->flow->setup.url),
                        SPAN_ARG(prefix.n ? prefix : SPAN("/")));
}

rc make_html(struct making *m, struct span key, unsigned status, bool br, struct span body) {
    struct span headers;
    const struct pages_prolog *prolog = edition_prolog(m->flow, m->edition, body, &headers);
    return add(m, &(struct page){.key = key,
                                 .status = status,
                                 .headers = headers_of(m, status, headers),
                                 .body = body,
                                 .prolog = prolog,
                                 .br = br,
                                 .generation = m->flow->generation});
}

rc make_file(struct making *m, struct span key, unsigned status, const char *type, bool rarely_read,
             struct span body) {
    char memory[256];
    const struct span headers = file_headers(type, NO_CACHE, memory, sizeof memory);
    return add(m, &(struct page){.key = key,
                                 .status = status,
                                 .headers = headers_of(m, status, headers),
                                 .body = body,
                                 .rarely_read = rarely_read,
                                 .generation = m->flow->generation});
}

rc make_asset(struct making *m, struct span key, struct span type, struct span body) {
    char headers[256], type_text[64];
    snprintf(type_text, sizeof type_text, SPAN_FMT, SPAN_ARG(type));
    return add(
        m, &(struct page){.key = key,
                          .status = 200,
                          .headers = file_headers(type_text, IMMUTABLE, headers, sizeof headers),
                          .body = body,
                          .as_is = !span_starts(type, SPAN("image/svg")),
                          .rarely_read = true,
                          .generation = m->flow->generation});
}

rc make_redirect(struct making *m, struct span key, unsigned status, struct span to) {
    char headers[PAGES_HEADERS_BYTES_MAX];
    int n = snprintf(headers, sizeof headers,
                     "Location: " SPAN_FMT
                     "\r\nContent-Type: text/plain; charset=utf-8\r\nCache-Control: no-cache\r\n"
                     "X-Content-Type-Options: nosniff\r\n",
                     SPAN_ARG(to));
    if (n < 0 || (size_t)n >= sizeof headers)
        return rc_fail(RC_TOO_BIG, "a path is too long to redirect to");
    return add(m, &(struct page){.key = key,
                                 .status = status,
                                 .headers = span_of(headers, (size_t)n),
                                 .body = to,
                                 .generation = m->flow->generation});
}
