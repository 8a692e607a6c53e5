/*
 * docs/record-format.md §3: what may stand in a canonical revision, as one table. A member that is
 * not in it is refused: what the document does not name cannot be shown, and nobody would know how
 * to read it.
 */
#include "base/mem.h"
#include "verify/internal.h"

enum kind {
    STRING,
    INTEGER,
    INTEGERS, /* an array of them */
    TRUE_ONLY,
    HASH,
    ID, /* of a story */
    WORD,
    WORDS_IN_ORDER, /* an array of them, each at most once */
    IDS,            /* an array of them, none twice */
    PATH,
    LEVEL, /* of a heading */
    ORDER, /* of a standing page */
    RUNS,  /* a text */
    NOTE,  /* a text or a string: the document leaves open which */
    TEXTS, /* an array of texts */
    CELLS, /* the same, where a text may be empty */
    OBJECT,
    OBJECTS, /* an array of them */
    BLOCKS,
};

struct member {
    const char *name;
    enum kind kind;
    const char *words;       /* of WORD, WORDS_IN_ORDER: each between spaces */
    const struct member *of; /* of OBJECT and OBJECTS */
};

#define CORRECTING " clarification correction editors-note retraction "

static const struct member dateline[] = {{"place", STRING}, {"source", STRING}, {NULL}};
static const struct member byline[] = {{"name", STRING}, {"role", STRING}, {NULL}};
static const struct member tag[] = {{"kind", WORD, " person place organisation topic "},
                                    {"name", STRING},
                                    {"slug", STRING},
                                    {NULL}};
static const struct member rendition[] = {{"bytes", INTEGER},  {"hash", HASH},
                                          {"height", INTEGER}, {"type", STRING},
                                          {"width", INTEGER},  {NULL}};
static const struct member picture[] = {{"alt", STRING},
                                        {"caption", STRING},
                                        {"channels", WORDS_IN_ORDER, " api feed print web "},
                                        {"colour", STRING},
                                        {"copyright", STRING},
                                        {"creator", STRING},
                                        {"credit", STRING},
                                        {"expires", INTEGER},
                                        {"noRedistribution", TRUE_ONLY},
                                        {"renditions", OBJECTS, NULL, rendition},
                                        {"usageTerms", STRING},
                                        {NULL}};
static const struct member correction[] = {
    {"at", INTEGER}, {"kind", WORD, CORRECTING}, {"text", NOTE}, {NULL}};

static const struct member standing[] = {{"note", STRING}, {"order", ORDER}, {NULL}};

static const struct member revision[] = {
    {"version", INTEGER},
    {"story", STRING},
    {"number", INTEGER},
    {"path", PATH},
    {"code", STRING},
    {"published", INTEGER},
    {"updated", INTEGER},
    {"change", WORD, " minor update" CORRECTING},
    {"translationOf", ID},
    {"related", IDS},
    {"edition", STRING},
    {"language", STRING},
    {"work", WORD,
     " news analysis opinion review interview feature background agency sponsored live "
     "breaking "},
    {"section", STRING},
    {"headline", STRING},
    {"headlineShort", STRING},
    {"headlineSocial", STRING},
    {"headlineFeed", STRING},
    {"standfirst", STRING},
    {"slug", STRING},
    {"creditLine", STRING},
    {"dateline", OBJECT, NULL, dateline},
    {"bylines", OBJECTS, NULL, byline},
    {"tags", OBJECTS, NULL, tag},
    {"pictures", OBJECTS, NULL, picture},
    {"leadPicture", TRUE_ONLY},
    {"blocks", BLOCKS},
    {"corrections", OBJECTS, NULL, correction},
    {"standing", OBJECT, NULL, standing},
    {NULL}};

#define KIND \
    { "kind", STRING }
static const struct member b_text[] = {KIND, {"text", RUNS}, {NULL}};
static const struct member b_heading[] = {KIND, {"text", RUNS}, {"level", LEVEL}, {NULL}};
static const struct member b_list[] = {KIND, {"rows", TEXTS}, {"ordered", TRUE_ONLY}, {NULL}};
static const struct member b_quote[] = {
    KIND, {"rows", TEXTS}, {"speaker", STRING}, {"occasion", STRING}, {"url", STRING}, {NULL}};
static const struct member b_picture[] = {KIND, {"picture", INTEGER}, {NULL}};
static const struct member b_table[] = {
    KIND, {"rows", CELLS}, {"columns", INTEGER}, {"headerRow", TRUE_ONLY}, {NULL}};
static const struct member b_rule[] = {KIND, {NULL}};
static const struct member b_card[] = {KIND, {"url", STRING}, {"title", STRING}, {NULL}};
static const struct member b_gallery[] = {KIND, {"pictures", INTEGERS}, {NULL}};
static const struct member b_events[] = {KIND, {"rows", TEXTS}, {"times", INTEGERS}, {NULL}};

static const struct {
    const char *kind;
    const struct member *members;
} blocks[] = {{"paragraph", b_text},  {"preformatted", b_text}, {"heading", b_heading},
              {"list", b_list},       {"quote", b_quote},       {"pull-quote", b_quote},
              {"picture", b_picture}, {"table", b_table},       {"rule", b_rule},
              {"embed", b_card},      {"audio", b_card},        {"gallery", b_gallery},
              {"events", b_events}};

static rc value_check(const struct member *member, const json_t *value);

static rc string_check(const json_t *value) {
    if (!json_is_string(value)) return rc_fail(RC_INVALID, "is no string");
    if (!json_string_length(value)) return rc_fail(RC_INVALID, "is an empty string");
    if (!verify_is_nfc(verify_json_span(value)))
        return rc_fail(RC_INVALID, "is not in Normalization Form C");
    return RC_OK;
}

static rc array_check(const json_t *value) {
    if (!json_is_array(value)) return rc_fail(RC_INVALID, "is no array");
    if (!json_array_size(value)) return rc_fail(RC_INVALID, "is an empty array");
    return RC_OK;
}

static rc word_check(const json_t *value, const char *words) {
    TRY(string_check(value));
    struct span word = verify_json_span(value);
    for (struct span rest = span_str(words); rest.n;)
        if (span_eq(span_cut(&rest, ' '), word)) return RC_OK;
    return rc_fail(RC_INVALID, "is none of its words");
}

static rc words_check(const json_t *value, const char *words) {
    TRY(array_check(value));
    struct span rest = span_str(words);
    for (size_t i = 0; i < json_array_size(value); i++) {
        TRY(word_check(json_array_get(value, i), words));
        struct span word = verify_json_span(json_array_get(value, i));
        bool found = false;
        while (rest.n && !found) found = span_eq(span_cut(&rest, ' '), word);
        if (!found) return rc_fail(RC_INVALID, "is not of its words in their order");
    }
    return RC_OK;
}

static rc ids_check(const json_t *value) {
    uint8_t id[16];
    TRY(array_check(value));
    for (size_t i = 0; i < json_array_size(value); i++) {
        const json_t *one = json_array_get(value, i);
        if (!json_is_string(one) || !hex_decode(verify_json_span(one), id, sizeof id))
            return rc_fail(RC_INVALID, "%zu: is not 32 lower-case hex digits", i);
        for (size_t k = 0; k < i; k++)
            if (json_equal(one, json_array_get(value, k)))
                return rc_fail(RC_INVALID, "%zu: stands there twice", i);
    }
    return RC_OK;
}

/* RFC 3986 §3.3: path-absolute of pchar; escapes in capital hex digits. */
static rc path_check(const json_t *value) {
    TRY(string_check(value));
    struct span path = verify_json_span(value);
    static const char upper[] = "0123456789ABCDEF", also[] = "-._~!$&'()*+,;=:@/";
    bool good = path.p[0] == '/';
    for (size_t i = 0; i < path.n && good; i++) {
        char c = path.p[i];
        bool alnum = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (c == '%') {
            good = path.n - i > 2 && path.p[i + 1] && strchr(upper, path.p[i + 1]) &&
                   path.p[i + 2] && strchr(upper, path.p[i + 2]);
            i += 2;
        } else {
            good = alnum || (c && strchr(also, c));
        }
    }
    return good ? RC_OK : rc_fail(RC_INVALID, "is not a path as in a URL");
}

static rc object_check(const json_t *value, const struct member *members) {
    if (!json_is_object(value)) return rc_fail(RC_INVALID, "is no object");
    if (!json_object_size(value)) return rc_fail(RC_INVALID, "is an empty object");
    size_t known = 0;
    for (const struct member *m = members; m->name; m++) {
        const json_t *at = json_object_get(value, m->name);
        if (!at) continue;
        known++;
        rc code = value_check(m, at);
        if (code != RC_OK) return rc_in(code, "%s: ", m->name);
    }
    if (known != json_object_size(value))
        return rc_fail(RC_INVALID, "has a member that the format does not know");
    return RC_OK;
}

/* code emphasis strong sub sup, in this order, each once. */
static rc look_check(const json_t *look) {
    static const char *const words[] = {"code", "emphasis", "strong", "sub", "sup"};
    TRY(array_check(look));
    size_t at = 0;
    for (size_t i = 0; i < json_array_size(look); i++) {
        struct span word = verify_json_span(json_array_get(look, i));
        while (at < COUNT_OF(words) && !span_eq(word, span_str(words[at]))) at++;
        if (at++ >= COUNT_OF(words))
            return rc_fail(RC_INVALID, "look: is not of its words in their order");
    }
    return RC_OK;
}

static bool same(const json_t *a, const json_t *b) {
    return a == b || (a && b && json_equal(a, b));
}

static rc run_check(const json_t *value, const json_t *before) {
    if (!json_is_object(value)) return rc_fail(RC_INVALID, "a run is no object");
    const json_t *text = json_object_get(value, "text"), *href = json_object_get(value, "href");
    const json_t *look = json_object_get(value, "look");
    TRY(string_check(text));
    if (href) TRY(string_check(href));
    if (look) TRY(look_check(look));
    if (1u + !!href + !!look != json_object_size(value))
        return rc_fail(RC_INVALID, "a run has a member that the format does not know");
    if (before && same(href, json_object_get(before, "href")) &&
        same(look, json_object_get(before, "look")))
        return rc_fail(RC_INVALID, "neighbouring runs differ in nothing");
    return RC_OK;
}

static rc runs_check(const json_t *value, bool may_be_empty) {
    if (!may_be_empty || !json_is_array(value)) TRY(array_check(value));
    const json_t *before = NULL;
    for (size_t i = 0; i < json_array_size(value); i++) {
        TRY(run_check(json_array_get(value, i), before));
        before = json_array_get(value, i);
    }
    return RC_OK;
}

static rc integers_check(const json_t *value) {
    TRY(array_check(value));
    for (size_t i = 0; i < json_array_size(value); i++)
        if (!json_is_integer(json_array_get(value, i)))
            return rc_fail(RC_INVALID, "%zu: is no integer", i);
    return RC_OK;
}

/* Of each row its time, oldest first. */
static rc events_check(const json_t *times, const json_t *rows) {
    if (json_array_size(times) != json_array_size(rows))
        return rc_fail(RC_INVALID, "times: are not as many as the rows");
    for (size_t i = 1; i < json_array_size(times); i++)
        if (json_integer_value(json_array_get(times, i)) <
            json_integer_value(json_array_get(times, i - 1)))
            return rc_fail(RC_INVALID, "times: are not oldest first");
    return RC_OK;
}

static rc block_check(const json_t *value) {
    struct span kind = verify_json_span(json_object_get(value, "kind"));
    for (size_t i = 0; i < COUNT_OF(blocks); i++) {
        if (!span_eq(kind, span_str(blocks[i].kind))) continue;
        TRY(object_check(value, blocks[i].members));
        const json_t *rows = json_object_get(value, "rows");
        json_int_t columns = json_integer_value(json_object_get(value, "columns"));
        if (blocks[i].members == b_table &&
            (columns < 1 || json_array_size(rows) % (size_t)columns != 0))
            return rc_fail(RC_INVALID, "rows: are not whole rows of its columns");
        if (blocks[i].members == b_events)
            return events_check(json_object_get(value, "times"), rows);
        if (blocks[i].members == b_gallery &&
            json_array_size(json_object_get(value, "pictures")) < 2)
            return rc_fail(RC_INVALID, "pictures: a gallery has two or more");
        return RC_OK;
    }
    return rc_fail(RC_INVALID, "kind: is none of a block's");
}

/* An array whose elements are told apart by what they are to be. */
static rc elements_check(const struct member *member, const json_t *value) {
    TRY(array_check(value));
    for (size_t i = 0; i < json_array_size(value); i++) {
        const json_t *element = json_array_get(value, i);
        rc code = member->kind == OBJECTS  ? object_check(element, member->of)
                  : member->kind == BLOCKS ? block_check(element)
                                           : runs_check(element, member->kind == CELLS);
        if (code != RC_OK) return rc_in(code, "%zu: ", i);
    }
    return RC_OK;
}

static rc value_check(const struct member *member, const json_t *value) {
    json_int_t level = json_integer_value(value);
    uint8_t hash[SHA256_BYTES], id[16];
    switch (member->kind) {
    case STRING: return string_check(value);
    case WORD: return word_check(value, member->words);
    case WORDS_IN_ORDER: return words_check(value, member->words);
    case IDS: return ids_check(value);
    case PATH: return path_check(value);
    case OBJECT: return object_check(value, member->of);
    case RUNS: return runs_check(value, false);
    case NOTE: return json_is_array(value) ? runs_check(value, false) : string_check(value);
    case OBJECTS:
    case BLOCKS:
    case TEXTS:
    case CELLS: return elements_check(member, value);
    case INTEGERS: return integers_check(value);
    case INTEGER: return json_is_integer(value) ? RC_OK : rc_fail(RC_INVALID, "is no integer");
    case TRUE_ONLY: return json_is_true(value) ? RC_OK : rc_fail(RC_INVALID, "is not true");
    case ORDER:
        return json_is_integer(value) && level >= 1 && level <= 999
                   ? RC_OK
                   : rc_fail(RC_INVALID, "is not 1 to 999");
    case LEVEL: return level >= 2 && level <= 4 ? RC_OK : rc_fail(RC_INVALID, "is not 2, 3 or 4");
    case HASH:
        return json_is_string(value) && hex_decode(verify_json_span(value), hash, sizeof hash)
                   ? RC_OK
                   : rc_fail(RC_INVALID, "is not 64 lower-case hex digits");
    case ID:
        return json_is_string(value) && hex_decode(verify_json_span(value), id, sizeof id)
                   ? RC_OK
                   : rc_fail(RC_INVALID, "is not 32 lower-case hex digits");
    }
    return rc_fail(RC_INVALID, "is of no known kind");
}

/* Each of its pictures is there, and stands in it once. */
static rc gallery_check(const json_t *list, size_t pictures) {
    rc code = RC_OK;
    bool *seen = list ? mem_new(pictures + 1) : NULL;
    for (size_t i = 0; i < json_array_size(list) && code == RC_OK; i++) {
        uint64_t at = (uint64_t)json_integer_value(json_array_get(list, i));
        if (at >= pictures) {
            code = rc_fail(RC_INVALID, "there is no such picture");
        } else {
            if (seen[at]) code = rc_fail(RC_INVALID, "a picture stands in it twice");
            seen[at] = true;
        }
    }
    mem_free(seen);
    return code;
}

/* A standing page has its order, and nothing that only news has. */
static rc standing_check(const json_t *json) {
    static const char *const of_news[] = {
        "work",     "section", "headlineSocial", "bylines",     "headlineFeed", "creditLine",
        "dateline", "tags",    "pictures",       "leadPicture", "corrections",  "related"};
    const json_t *of = json_object_get(json, "standing");
    if (!of) return RC_OK;
    if (!json_object_get(of, "order")) return rc_fail(RC_INVALID, "standing: order: is missing");
    for (size_t i = 0; i < COUNT_OF(of_news); i++)
        if (json_object_get(json, of_news[i]))
            return rc_fail(RC_INVALID, "%s: a standing page has none", of_news[i]);
    return RC_OK;
}

/* What one member says of another. */
static rc across_check(const json_t *json) {
    TRY(standing_check(json));
    size_t pictures = json_array_size(json_object_get(json, "pictures"));
    const json_t *list = json_object_get(json, "blocks");
    if (json_object_get(json, "leadPicture") && !pictures)
        return rc_fail(RC_INVALID, "leadPicture: there is no picture");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *block = json_array_get(list, i), *at = json_object_get(block, "picture");
        if (at && (uint64_t)json_integer_value(at) >= pictures)
            return rc_fail(RC_INVALID, "blocks: %zu: picture: there is no such picture", i);
        rc code = gallery_check(json_object_get(block, "pictures"), pictures);
        if (code != RC_OK) return rc_in(code, "blocks: %zu: pictures: ", i);
    }
    json_int_t before = 0;
    list = json_object_get(json, "corrections");
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_int_t at = json_integer_value(json_object_get(json_array_get(list, i), "at"));
        if (at < before) return rc_fail(RC_INVALID, "corrections: are not oldest first");
        before = at;
    }
    return RC_OK;
}

rc verify_shape_check(const json_t *json) {
    TRY(object_check(json, revision));
    return across_check(json);
}
