/*
 * page: whatever is a revision becomes a page on which nothing but the theme's own elements runs,
 * and JSON that can be read; twice the same.
 */
#include "codec/json.h"
#include "render/render.h"
#include "story/canon.h"

#define ARENA_BYTES (64u << 20)
#define OUT_BYTES (32u << 20)

static size_t count(struct span text, const char *what) {
    size_t hits = 0, n = strlen(what);
    while (text.n) {
        const char *hit = memmem(text.p, text.n, what, n);
        if (!hit) break;
        hits++;
        text = span_from(text, (size_t)(hit - text.p) + n);
    }
    return hits;
}

static void check_json(struct span text) {
    json_t *json = NULL;
    CHECK(json_read(text, &json) == RC_OK);
    json_decref(json);
}

static void check_page(struct span page) {
    static const char begin[] = "<script type=\"application/ld+json\">", end[] = "</script>";
    CHECK(count(page, "<script") == 2 && count(page, end) == 2);
    CHECK(count(page, "<style") == 1 && count(page, "<h1") == 1 && count(page, "<iframe") == 0);
    CHECK(count(page, "href=\"javascript:") == 0);
    const char *ld = memmem(page.p, page.n, begin, sizeof begin - 1);
    CHECK(ld);
    ld += sizeof begin - 1;
    const char *stop = memmem(ld, page.n - (size_t)(ld - page.p), end, sizeof end - 1);
    CHECK(stop);
    check_json(span_of(ld, (size_t)(stop - ld)));
}

static struct render *site(void) {
    static struct render *r;
    if (!r) {
        struct render_site fields = {.name = SPAN("The Averil Courier"),
                                     .url = SPAN("https://courier.example"),
                                     .language = SPAN("en-GB"),
                                     .zone = SPAN("Europe/Athens")};
        CHECK(render_new(&fields, &r) == RC_OK);
    }
    return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct arena *a = arena_new(ARENA_BYTES);
    struct revision v;
    if (canon_read(a, span_of(data, n), &v) == RC_OK) {
        struct render_story story = {.revision = &v, .entry = n};
        struct buf page, again;
        buf_init(&page, OUT_BYTES);
        buf_init(&again, OUT_BYTES);
        CHECK(render_story_page(site(), a, &story, &page) == RC_OK);
        check_page(buf_span(&page));
        CHECK(render_story_page(site(), a, &story, &again) == RC_OK);
        CHECK(span_eq(buf_span(&page), buf_span(&again)));
        buf_clear(&again);
        CHECK(render_ninjs(site(), a, &story, &again) == RC_OK);
        if (again.n < JSON_BYTES_MAX) check_json(buf_span(&again));
        buf_done(&page);
        buf_done(&again);
    }
    arena_free(a);
    return 0;
}
