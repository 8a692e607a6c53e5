/*
 * mustache: any template ends within its limits, and text is never written raw.
 *
 * A strict rendering is done twice, with harmful text and with harmless text of the same truth. All
 * markup in the output comes from the template and the html value then, so that both outputs have
 * the same number of each character of markup.
 */
#include "render/mustache.h"

#define ARENA_BYTES (64u << 20)
#define OUT_BYTES (1u << 20)

static void fill(struct arena *a, struct value *map, struct span text) {
    value_add_text(a, map, SPAN("text"), text);
    value_add_text(a, map, SPAN("empty"), SPAN(""));
    value_add_html(a, map, SPAN("html"), SPAN("<b>html</b>"));
    value_add_integer(a, map, SPAN("integer"), -7);
    value_add_bool(a, map, SPAN("yes"), true);
    value_add_absent(a, map, SPAN("absent"));
    value_add_text(a, map, SPAN("name"), SPAN("parent"));
    struct value *list = value_add_list(a, map, SPAN("list"));
    for (int i = 0; i < 3; i++) {
        struct value *item = value_add_map(a, list, SPAN(""));
        value_add_integer(a, item, SPAN("i"), i);
        value_add_text(a, item, SPAN("t"), text);
    }
    struct value *inner = value_add_map(a, map, SPAN("map"));
    value_add_text(a, inner, SPAN("text"), text);
}

static rc run(struct arena *a, const struct mustache *t, struct span text, bool strict,
              struct buf *out) {
    static const char parent[] =
        "  {{$block}}default {{text}}{{/block}}\n{{#list}}{{t}}{{/list}}\n";
    const struct mustache *partials[3] = {t};
    CHECK(mustache_parse(a, SPAN("parent"), span_str(parent), &partials[1]) == RC_OK);
    CHECK(mustache_parse(a, SPAN("twice"), SPAN("{{>main}}{{>main}}"), &partials[2]) == RC_OK);
    struct mustache_set set = {.templates = partials, .count = COUNT_OF(partials)};
    struct value *map = value_map(a);
    fill(a, map, text);
    const struct value *context = map;
    return mustache_render(t, &set, &context, 1, strict ? MUSTACHE_STRICT : MUSTACHE_LENIENT, out);
}

static size_t count(const struct buf *b, char c) {
    size_t n = 0;
    for (size_t i = 0; i < b->n; i++) n += b->p[i] == c;
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct arena *a = arena_new(ARENA_BYTES);
    const struct mustache *t;
    if (mustache_parse(a, SPAN("main"), span_of(data, n), &t) == RC_OK) {
        struct buf harmful, harmless;
        buf_init(&harmful, OUT_BYTES);
        buf_init(&harmless, OUT_BYTES);
        rc lenient = run(a, t, SPAN("<script>\"'&"), false, &harmful);
        CHECK(lenient == RC_OK ||
              lenient == RC_TOO_BIG); /* a parsed template is never wrong there */
        buf_clear(&harmful);
        rc first = run(a, t, SPAN("<script>\"'&"), true, &harmful);
        rc second = run(a, t, SPAN("x"), true, &harmless);
        if (first == RC_OK && second == RC_OK)
            for (const char *c = "<>\"'"; *c; c++)
                CHECK(count(&harmful, *c) == count(&harmless, *c));
        /* the escaped text is longer, so that it alone may be too big */
        CHECK(first == second || first == RC_TOO_BIG);
        buf_done(&harmful);
        buf_done(&harmless);
    }
    arena_free(a);
    return 0;
}
