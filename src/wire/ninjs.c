/*
 * ninjs: IPTC's JSON → an intent. Written for ninjs 3.1 (members named in camelCase, lists of texts
 * with role and contentType); the forms of 1.x and 2.x that agencies still send are read beside
 * it: all-lower-case names, headline, body_html, body_text, description_text, byline, person[],
 * place[] …, associations and renditions as objects.
 *
 * What is read is checked here, by type and by value, and refused with its JSON path; what is not
 * read is not looked at. Nothing in here trusts a length, a count or an address.
 */
#include "codec/json.h"
#include "story/limits.h"
#include "story/withdrawal.h"
#include "wire/blocks.h"

#define LIST_MAX 1024 /* elements of a list in an item */
#define TEXTS_MAX 64  /* headlines, descriptions, or bodies */
#define URI_BYTES_MAX 2048

struct place {
    const json_t *object;
    struct span path; /* "$.associations[1]" */
};

static rc bad(struct span path, const char *name, const char *what) {
    return rc_fail(RC_INVALID, SPAN_FMT ".%s: %s", SPAN_ARG(path), name, what);
}

/* The name under which a member is there: the one of ninjs 3, else the older one. */
static const char *name_of(const struct place *at, const char *name, const char *older) {
    return older && !json_object_get(at->object, name) && json_object_get(at->object, older) ? older
                                                                                             : name;
}

static rc raw_string(const struct place *at, const char *name, struct span *out) {
    const json_t *value = json_object_get(at->object, name);
    *out = (struct span){0};
    if (!value) return RC_OK;
    if (!json_is_string(value)) return bad(at->path, name, "must be a string");
    *out = span_of(json_string_value(value), json_string_length(value));
    return RC_OK;
}

/* A string of one line; empty if it is not there. */
static rc line(struct arena *arena, const struct place *at, const char *name, size_t bytes_max,
               struct span *out) {
    struct span raw;
    TRY(raw_string(at, name, &raw));
    rc code = story_normalize(arena, raw, false, out);
    if (code != RC_OK) return rc_in(code, SPAN_FMT ".%s: ", SPAN_ARG(at->path), name);
    if (out->n > bytes_max)
        return rc_fail(RC_TOO_BIG, SPAN_FMT ".%s: %zu bytes, at most %zu are taken",
                       SPAN_ARG(at->path), name, out->n, bytes_max);
    return RC_OK;
}

static rc time_member(const struct place *at, const char *name, const char *older, ms_t *out) {
    struct span raw;
    name = name_of(at, name, older);
    TRY(raw_string(at, name, &raw));
    if (raw.n == 0 && !json_object_get(at->object, name)) return RC_OK;
    if (!wire_time(raw, out))
        return bad(at->path, name,
                   "must be a date and time with its zone, such as 2026-11-24T09:39:00+03:00");
    return RC_OK;
}

/* The list, or NULL if it is not there. */
static rc list(const struct place *at, const char *name, const json_t **out) {
    const json_t *value = json_object_get(at->object, name);
    *out = value;
    if (!value) return RC_OK;
    if (!json_is_array(value)) return bad(at->path, name, "must be an array");
    if (json_array_size(value) > LIST_MAX)
        return rc_fail(RC_TOO_BIG, SPAN_FMT ".%s: %zu elements, at most %d are taken",
                       SPAN_ARG(at->path), name, json_array_size(value), LIST_MAX);
    return RC_OK;
}

static rc element(struct arena *arena, const struct place *at, const char *name,
                  const json_t *array, size_t i, struct place *out) {
    out->object = json_array_get(array, i);
    out->path = arena_printf(arena, SPAN_FMT ".%s[%zu]", SPAN_ARG(at->path), name, i);
    if (out->path.n == 0) return wire_memory();
    if (!json_is_object(out->object))
        return rc_fail(RC_INVALID, SPAN_FMT ": must be an object", SPAN_ARG(out->path));
    return RC_OK;
}

static bool contains(struct span s, const char *word) {
    size_t n = strlen(word);
    for (size_t i = 0; i + n <= s.n; i++)
        if (span_eq_nocase(span_sub(s, i, n), span_of(word, n))) return true;
    return false;
}

/* The last part of a uri or a QCode: "seeAlso" of "irel:seeAlso" and of
 * "http://cv.iptc.org/newscodes/itemrelation/seeAlso". */
static struct span last_part(struct span uri) {
    size_t from = uri.n;
    while (from > 0 && !strchr("/:#", uri.p[from - 1])) from--;
    return span_from(uri, from);
}

static bool is_any(struct span s, const char *const *words) {
    for (; *words; words++)
        if (span_eq_nocase(s, span_str(*words))) return true;
    return false;
}

/* ---- texts with role and type ---------------------------------------------------------------- */

enum format { FORMAT_OTHER, FORMAT_PLAIN, FORMAT_NITF, FORMAT_XHTML, FORMAT_HTML }; /* best last */

struct words {
    struct span role, value;
    enum format format;
    struct span path; /* of the value */
};
struct texts {
    struct words list[TEXTS_MAX];
    size_t count;
};

static enum format format_of(struct span type, struct span role) {
    struct span said = type.n ? type : role;
    if (contains(said, "xhtml")) return type.n ? FORMAT_XHTML : FORMAT_HTML;
    if (contains(said, "html") || (!type.n && contains(said, "richtext"))) return FORMAT_HTML;
    if (contains(said, "nitf")) return FORMAT_NITF;
    if (!type.n || contains(type, "text/plain") || span_eq_nocase(type, SPAN("text")))
        return FORMAT_PLAIN;
    return FORMAT_OTHER;
}

static rc add_words(struct texts *texts, struct words words) {
    if (texts->count == TEXTS_MAX)
        return rc_fail(RC_TOO_BIG, SPAN_FMT ": more than %d texts of a kind", SPAN_ARG(words.path),
                       TEXTS_MAX);
    texts->list[texts->count++] = words;
    return RC_OK;
}

/* ninjs 1 and 2: "headline", "headline_short", "body_xhtml": what stands behind "_" is role and
 * type at once. */
static rc older_texts(struct arena *arena, const struct place *at, const char *stem,
                      struct texts *out) {
    const char *key;
    json_t *value;
    size_t n = strlen(stem);
    json_object_foreach((json_t *)(uintptr_t)at->object, key, value) {
        if (strncmp(key, stem, n) != 0 || (key[n] != 0 && key[n] != '_')) continue;
        struct span suffix = span_str(key[n] ? key + n + 1 : "");
        struct words words = {.role = arena_copy(arena, suffix),
                              .format = format_of((struct span){0}, suffix),
                              .path = arena_printf(arena, SPAN_FMT ".%s", SPAN_ARG(at->path), key)};
        if (words.path.n == 0) return wire_memory();
        if (contains(suffix, "xhtml")) words.format = FORMAT_XHTML;
        TRY(raw_string(at, key, &words.value));
        TRY(add_words(out, words));
    }
    return RC_OK;
}

static rc read_texts(struct arena *arena, const struct place *at, const char *name,
                     const char *older, struct texts *out) {
    const json_t *array;
    struct place one;
    out->count = 0;
    TRY(list(at, name, &array));
    for (size_t i = 0; i < json_array_size(array); i++) {
        struct words words;
        struct span type;
        TRY(element(arena, at, name, array, i, &one));
        if (!json_object_get(one.object, "value")) return bad(one.path, "value", "is missing");
        TRY(raw_string(&one, "value", &words.value));
        TRY(line(arena, &one, "role", URI_BYTES_MAX, &words.role));
        TRY(line(arena, &one, "contentType", URI_BYTES_MAX, &type));
        words.format = format_of(type, words.role);
        words.path = arena_printf(arena, SPAN_FMT ".value", SPAN_ARG(one.path));
        if (words.path.n == 0) return wire_memory();
        TRY(add_words(out, words));
    }
    return array ? RC_OK : older_texts(arena, at, older, out);
}

/* The text as one line, whatever its format; empty if there is none in it. */
static rc one_line(struct arena *arena, const struct words *words, size_t bytes_max,
                   struct span *out) {
    rc code = RC_OK;
    struct span text = {0};
    if (words->format >= FORMAT_NITF)
        TRY(wire_html_line(arena, words->value, words->path, &text));
    else if ((code = story_normalize(arena, words->value, false, &text)) != RC_OK)
        return rc_in(code, SPAN_FMT ": ", SPAN_ARG(words->path));
    if (text.n > bytes_max)
        return rc_fail(RC_TOO_BIG, SPAN_FMT ": %zu bytes, at most %zu are taken",
                       SPAN_ARG(words->path), text.n, bytes_max);
    *out = text;
    return RC_OK;
}

/* The first text with one of the roles, in their order; plain before marked up; NULL in the list
 * means any role that is not in `never`. */
static const struct words *by_role(const struct texts *texts, const char *const *roles,
                                   size_t role_count) {
    const struct words *found = NULL;
    for (size_t r = 0; r < role_count && !found; r++)
        for (size_t i = 0; i < texts->count; i++) {
            const struct words *words = &texts->list[i];
            bool same = roles[r] ? span_eq_nocase(words->role, span_str(roles[r])) : true;
            if (!same || words->format == FORMAT_OTHER || span_trim(words->value).n == 0) continue;
            if (!found || (words->format == FORMAT_PLAIN && found->format != FORMAT_PLAIN))
                found = words;
        }
    return found;
}

static rc line_by_role(struct arena *arena, const struct texts *texts, const char *const *roles,
                       size_t role_count, size_t bytes_max, struct span *out) {
    const struct words *words = by_role(texts, roles, role_count);
    return words ? one_line(arena, words, bytes_max, out) : RC_OK;
}
#define LINE_BY_ROLE(arena, texts, bytes_max, out, ...)                \
    line_by_role((arena), (texts), (const char *const[]){__VA_ARGS__}, \
                 COUNT_OF(((const char *const[]){__VA_ARGS__})), (bytes_max), (out))

static rc read_headlines(struct arena *arena, const struct place *root, struct revision *draft) {
    static const char *const special[] = {"short", "social", "feed", "seo", NULL};
    struct texts texts;
    TRY(read_texts(arena, root, "headlines", "headline", &texts));
    struct texts main = {0};
    for (size_t i = 0; i < texts.count; i++)
        if (!is_any(texts.list[i].role, special)) TRY(add_words(&main, texts.list[i]));
    TRY(LINE_BY_ROLE(arena, &main, HEADLINE_BYTES_MAX, &draft->headline, "main", "headline", "",
                     NULL));
    TRY(LINE_BY_ROLE(arena, &texts, HEADLINE_BYTES_MAX, &draft->headline_short, "short"));
    TRY(LINE_BY_ROLE(arena, &texts, HEADLINE_BYTES_MAX, &draft->headline_social, "social"));
    TRY(LINE_BY_ROLE(arena, &texts, HEADLINE_BYTES_MAX, &draft->headline_feed, "feed"));
    if (draft->headline.n == 0)
        TRY(line(arena, root, "title", HEADLINE_BYTES_MAX, &draft->headline));
    if (draft->headline.n == 0)
        return bad(root->path, "headlines", "there is no headline, so this is no story");
    return RC_OK;
}

static rc read_standfirst(struct arena *arena, const struct place *root, struct revision *draft) {
    struct texts texts;
    TRY(read_texts(arena, root, "descriptions", "description", &texts));
    return LINE_BY_ROLE(arena, &texts, STANDFIRST_BYTES_MAX, &draft->standfirst, "standfirst",
                        "summary", "lead", "abstract", "main", "text", "");
}

/* ---- the body -------------------------------------------------------------------------------- */

static bool has_blank_line(struct span text) {
    while (text.p)
        if (span_trim(span_cut(&text, '\n')).n == 0) return true;
    return false;
}

/* Paragraphs are parted by blank lines; in a text without any, each line is one. */
static rc plain_blocks(struct arena *arena, const struct words *body, struct intent *intent) {
    struct weave w;
    struct span rest = span_trim(body->value);
    bool blank_lines = has_blank_line(rest);
    weave_init(&w, arena, intent, body->path);
    while (rest.p && w.failed == RC_OK) {
        struct span each = span_cut(&rest, '\n');
        if (!blank_lines || span_trim(each).n == 0) weave_break(&w);
        weave_text(&w, each);
        weave_text(&w, SPAN(" "));
    }
    return weave_done(&w);
}

static void drop_first(struct arena *arena, struct revision *draft, enum block_kind kind,
                       struct span text) {
    if (draft->block_count < 2 || draft->blocks[0].kind != kind || text.n == 0 ||
        !span_eq(wire_word(arena, &draft->blocks[0].text), text))
        return;
    draft->blocks++;
    draft->block_count--;
}

/* What the page prints from its own fields does not stand in the text a second time: a first
 * heading that is the headline, a first paragraph that is the standfirst, "PORT AVERIL (COURIER) —"
 * before the first sentence. */
static rc take_from_text(struct arena *arena, struct revision *draft) {
    size_t bytes;
    struct dateline dateline;
    drop_first(arena, draft, BLOCK_HEADING, draft->headline);
    drop_first(arena, draft, BLOCK_PARAGRAPH, draft->standfirst);
    struct block *first = draft->blocks;
    if (first->kind != BLOCK_PARAGRAPH || first->text.runs[0].look || first->text.runs[0].href.n)
        return RC_OK;
    struct span before = first->text.runs[0].text;
    if (!wire_dateline(before, &dateline, &bytes)) return RC_OK;
    TRY(wire_cut_start(arena, &first->text, bytes));
    if (span_eq(first->text.runs[0].text, before)) return RC_OK;
    TRY(story_normalize(arena, dateline.place, false, &draft->dateline.place));
    return story_normalize(arena, dateline.source, false, &draft->dateline.source);
}

static rc read_body(struct arena *arena, const struct place *root, struct intent *intent) {
    struct texts texts;
    const struct words *best = NULL;
    TRY(read_texts(arena, root, "bodies", "body", &texts));
    for (size_t i = 0; i < texts.count; i++) {
        const struct words *words = &texts.list[i];
        if (words->format == FORMAT_OTHER || span_trim(words->value).n == 0) continue;
        if (!best || words->format > best->format) best = words;
    }
    if (!best)
        return bad(root->path, "bodies",
                   "there is no text: a body of type text/html, application/xhtml+xml, "
                   "text/plain or NITF is needed");
    size_t before = intent->draft.block_count;
    if (best->format == FORMAT_PLAIN)
        TRY(plain_blocks(arena, best, intent));
    else
        TRY(wire_html_blocks(arena, best->value, best->format != FORMAT_HTML, best->path, intent));
    if (intent->draft.block_count == before)
        return rc_fail(RC_INVALID, SPAN_FMT ": there is no text in it", SPAN_ARG(best->path));
    return take_from_text(arena, &intent->draft);
}

/* ---- who, where, what ------------------------------------------------------------------------ */

static rc add_byline(struct arena *arena, struct revision *draft, struct span name,
                     struct span role) {
    if (span_starts(name, SPAN("By ")) || span_starts(name, SPAN("by ")))
        TRY(story_normalize(arena, span_from(name, 3), false, &name));
    if (name.n == 0 || draft->byline_count == BYLINES_MAX) return RC_OK;
    if (!draft->bylines) draft->bylines = ARENA_ARRAY(arena, struct byline, BYLINES_MAX);
    if (!draft->bylines) return wire_memory();
    draft->bylines[draft->byline_count++] = (struct byline){name, role};
    return RC_OK;
}

/* Those who are named one by one come before what "by" says of all of them. */
static rc read_authors(struct arena *arena, const struct place *root, struct revision *draft) {
    const char *sources = name_of(root, "infoSources", "infosource");
    const json_t *array;
    struct span name, role;
    struct place one;
    TRY(list(root, sources, &array));
    for (size_t i = 0; i < json_array_size(array); i++) {
        TRY(element(arena, root, sources, array, i, &one));
        TRY(line(arena, &one, "role", URI_BYTES_MAX, &role));
        if (!span_eq(role, SPAN("author"))) continue;
        TRY(line(arena, &one, "name", BYLINE_BYTES_MAX, &name));
        TRY(line(arena, &one, "literal", BYLINE_BYTES_MAX, &role));
        TRY(add_byline(arena, draft, name, role));
    }
    return RC_OK;
}

static rc read_bylines(struct arena *arena, const struct place *root, struct revision *draft) {
    const json_t *array;
    struct span name, role;
    struct place one;
    TRY(read_authors(arena, root, draft));
    if (draft->byline_count) return RC_OK;
    TRY(list(root, "bylines", &array));
    for (size_t i = 0; i < json_array_size(array); i++) {
        TRY(element(arena, root, "bylines", array, i, &one));
        TRY(line(arena, &one, name_of(&one, "name", "by"), BYLINE_BYTES_MAX, &name));
        TRY(line(arena, &one, name_of(&one, "role", "title"), BYLINE_BYTES_MAX, &role));
        TRY(add_byline(arena, draft, name, role));
    }
    TRY(line(arena, root, name_of(root, "by", "byline"), BYLINE_BYTES_MAX, &name));
    return draft->byline_count ? RC_OK : add_byline(arena, draft, name, (struct span){0});
}

static rc remark(struct arena *arena, struct intent *intent, struct span path, const char *text) {
    struct weave w;
    weave_init(&w, arena, intent, path);
    weave_remark(&w, "%s", text);
    return weave_done(&w);
}

static rc add_tag(struct arena *arena, struct revision *draft, enum tag_kind kind,
                  struct span name) {
    struct tag tag = {.kind = kind, .name = name, .slug = slug_of(arena, name)};
    if (!draft->tags) draft->tags = ARENA_ARRAY(arena, struct tag, TAGS_MAX);
    if (!draft->tags || tag.slug.n == 0) return wire_memory();
    for (size_t i = 0; i < draft->tag_count; i++)
        if (draft->tags[i].kind == kind && span_eq(draft->tags[i].slug, tag.slug)) return RC_OK;
    draft->tags[draft->tag_count++] = tag;
    return RC_OK;
}

/* A subject may be the section or the edition that the item is for; then it is no tag. */
static rc read_shelf(struct arena *arena, const struct place *one, struct revision *draft,
                     bool *out_is) {
    struct span rel, key;
    TRY(line(arena, one, "rel", URI_BYTES_MAX, &rel));
    rel = last_part(rel);
    *out_is = true;
    if (span_eq_nocase(rel, SPAN("section")))
        return line(arena, one, "name", SECTION_BYTES_MAX, &draft->section);
    *out_is = span_eq_nocase(rel, SPAN("edition"));
    if (!*out_is) return RC_OK;
    TRY(line(arena, one, name_of(one, "literal", "name"), URI_BYTES_MAX, &key));
    if (!edition_key_good(key))
        return bad(one->path, "literal", "must be an edition's key such as \"en\"");
    draft->edition = key;
    return RC_OK;
}

static rc read_tags(struct arena *arena, const struct place *root, struct intent *intent) {
    static const struct {
        const char *name, *older;
        enum tag_kind kind;
    } lists[] = {
        {"people", "person", TAG_PERSON},
        {"places", "place", TAG_PLACE},
        {"organisations", "organisation", TAG_ORGANISATION},
        {"subjects", "subject", TAG_TOPIC},
        {"events", "event", TAG_TOPIC},
        {"objects", "object", TAG_TOPIC},
    };
    const json_t *array;
    struct span name;
    struct place one;
    bool full = false;
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        const char *member = name_of(root, lists[i].name, lists[i].older);
        TRY(list(root, member, &array));
        for (size_t at = 0; at < json_array_size(array); at++) {
            bool is_shelf = false;
            TRY(element(arena, root, member, array, at, &one));
            if (!strcmp(lists[i].name, "subjects"))
                TRY(read_shelf(arena, &one, &intent->draft, &is_shelf));
            TRY(line(arena, &one, "name", TAG_NAME_BYTES_MAX, &name));
            if (name.n == 0 || is_shelf) continue;
            if (intent->draft.tag_count == TAGS_MAX) {
                if (!full)
                    TRY(remark(arena, intent, one.path,
                               "a story has no more tags than those before this one; this and "
                               "what follows was left out"));
                full = true;
                continue;
            }
            TRY(add_tag(arena, &intent->draft, lists[i].kind, name));
        }
    }
    return RC_OK;
}

/* "© holder · terms": the notice as it was sent, else the holder, else the sources. */
static rc read_credit(struct arena *arena, const struct place *root, struct revision *draft) {
    const json_t *array;
    static const char *const elsewhere[] = {"dateline", "author", NULL}; /* are named there */
    struct span notice, holder, terms, name, role;
    struct place one;
    struct buf credit;
    char bytes[CREDIT_LINE_BYTES_MAX];
    const char *sources = name_of(root, "infoSources", "infosource");
    buf_init_fixed(&credit, bytes, sizeof bytes);
    TRY(line(arena, root, name_of(root, "copyrightNotice", "copyrightnotice"),
             CREDIT_LINE_BYTES_MAX, &notice));
    TRY(line(arena, root, name_of(root, "copyrightHolder", "copyrightholder"),
             CREDIT_LINE_BYTES_MAX, &holder));
    TRY(line(arena, root, name_of(root, "usageTerms", "usageterms"), CREDIT_LINE_BYTES_MAX,
             &terms));
    TRY(list(root, sources, &array));
    if (notice.n) {
        buf_add(&credit, notice);
    } else if (holder.n) {
        buf_str(&credit, span_starts(holder, SPAN("©")) ? "" : "© ");
        buf_add(&credit, holder);
    }
    for (size_t i = 0; i < json_array_size(array); i++) {
        TRY(element(arena, root, sources, array, i, &one));
        TRY(line(arena, &one, "name", BYLINE_BYTES_MAX, &name));
        TRY(line(arena, &one, "role", URI_BYTES_MAX, &role));
        if (span_eq(role, SPAN("dateline"))) draft->dateline.source = name;
        if (name.n == 0 || notice.n || holder.n || is_any(role, elsewhere)) continue;
        if (credit.n) buf_str(&credit, ", ");
        buf_add(&credit, name);
    }
    if (terms.n && credit.n) buf_str(&credit, " · ");
    buf_add(&credit, terms);
    if (credit.over)
        return rc_fail(RC_TOO_BIG,
                       SPAN_FMT ".copyrightNotice: with the usage terms more than %d bytes",
                       SPAN_ARG(root->path), CREDIT_LINE_BYTES_MAX);
    return story_normalize(arena, buf_span(&credit), false, &draft->credit_line);
}

/* What its address is to be made of, among its other names. */
static rc read_slug(struct arena *arena, const struct place *root, struct revision *draft) {
    const json_t *array;
    struct span role, slug;
    struct place one;
    TRY(list(root, "altIds", &array));
    for (size_t i = 0; i < json_array_size(array); i++) {
        TRY(element(arena, root, "altIds", array, i, &one));
        TRY(line(arena, &one, "role", URI_BYTES_MAX, &role));
        if (!span_eq(role, SPAN("slug"))) continue;
        TRY(line(arena, &one, "value", SLUG_BYTES_MAX, &slug));
        if (slug.n == 0 || !span_eq(slug_of(arena, slug), slug))
            return bad(one.path, "value", "must be lower-case words with \"-\" between them");
        draft->slug = slug;
    }
    return RC_OK;
}

static rc remark_change(struct arena *arena, struct intent *in, struct span path,
                        enum change change) {
    struct span text = arena_printf(arena,
                                    "a " SPAN_FMT " must tell readers what it changes, in a "
                                    "description of that role; without one it was taken as an "
                                    "update",
                                    SPAN_ARG(change_word(change)));
    return remark(arena, in, path, text.n ? text.p : "taken as an update");
}

/* What readers are told of a change stands in a description whose role is the kind of change. An
 * agency that says "correction" and tells only editors why has not told readers. */
static rc read_change(struct arena *arena, const struct place *root, struct span path,
                      enum change change, struct intent *in) {
    struct texts texts;
    const char *role = change_word(change).p;
    if (in->change != CHANGE_NONE) return RC_OK;
    TRY(read_texts(arena, root, "descriptions", "description", &texts));
    TRY(LINE_BY_ROLE(arena, &texts, CORRECTION_BYTES_MAX, &in->change_note, role));
    bool told = change_place(change) != CHANGE_UNTOLD;
    if (told && in->change_note.n == 0) return remark_change(arena, in, path, change);
    if (!told) in->change_note = (struct span){0};
    in->change = change;
    return RC_OK;
}

/* A genre whose name, literal or last part of its uri is one of our kinds of work, or of change. */
static rc read_genres(struct arena *arena, const struct place *root, struct intent *in) {
    struct revision *draft = &in->draft;
    static const char *const names[] = {"name", "literal", "uri"};
    const char *member = name_of(root, "genres", "genre");
    const json_t *array;
    struct place one;
    TRY(list(root, member, &array));
    for (size_t i = 0; i < json_array_size(array); i++) {
        TRY(element(arena, root, member, array, i, &one));
        for (size_t n = 0; n < COUNT_OF(names); n++) {
            struct span word;
            TRY(line(arena, &one, names[n], URI_BYTES_MAX, &word));
            word = last_part(word);
            for (int work = 0; work < WORK_COUNT; work++)
                if (draft->work == WORK_NEWS && span_eq_nocase(word, work_word((enum work)work)))
                    draft->work = (enum work)work;
            for (int change = CHANGE_MINOR; change < CHANGE_COUNT; change++)
                if (span_eq_nocase(word, change_word((enum change)change)))
                    TRY(read_change(arena, root, one.path, (enum change)change, in));
        }
    }
    return RC_OK;
}

/* ---- pictures -------------------------------------------------------------------------------- */

static rc consider(struct arena *arena, const struct place *one, struct span *best,
                   struct span *other, json_int_t *width) {
    const json_t *wide = json_object_get(one->object, "width");
    struct span href, file;
    TRY(raw_string(one, "href", &href));
    if (wide && !json_is_integer(wide)) return bad(one->path, "width", "must be an integer");
    if (href.n == 0) return RC_OK;
    if (!wire_file(arena, href, &file)) {
        if (other->n == 0) *other = href;
        return RC_OK;
    }
    json_int_t pixels = wide ? json_integer_value(wide) : 0;
    if (best->n == 0 || pixels > *width) {
        *best = href;
        *width = pixels;
    }
    return RC_OK;
}

/* The widest rendition that is a file beside the item, else any address, for the remark. */
static rc choose_rendition(struct arena *arena, const struct place *item, struct span *out_href) {
    const json_t *renditions = json_object_get(item->object, "renditions"), *array;
    struct span best = {0}, other = {0};
    json_int_t width = 0;
    struct place one;
    if (json_is_object(renditions)) { /* ninjs 1 */
        const char *key;
        json_t *value;
        json_object_foreach((json_t *)(uintptr_t)renditions, key, value) {
            one.object = value;
            one.path = arena_printf(arena, SPAN_FMT ".renditions.%s", SPAN_ARG(item->path), key);
            if (!json_is_object(value))
                return rc_fail(RC_INVALID, SPAN_FMT ": must be an object", SPAN_ARG(one.path));
            TRY(consider(arena, &one, &best, &other, &width));
        }
    } else {
        TRY(list(item, "renditions", &array));
        for (size_t i = 0; i < json_array_size(array); i++) {
            TRY(element(arena, item, "renditions", array, i, &one));
            TRY(consider(arena, &one, &best, &other, &width));
        }
    }
    *out_href = best.n ? best : other;
    return RC_OK;
}

static rc picture_fields(struct arena *arena, const struct place *item, struct picture *out) {
    struct texts texts;
    struct span holder;
    struct picture p = {0};
    TRY(read_texts(arena, item, "descriptions", "description", &texts));
    TRY(LINE_BY_ROLE(arena, &texts, CAPTION_BYTES_MAX, &p.caption, "caption", "main", "text", "",
                     "richtext"));
    TRY(LINE_BY_ROLE(arena, &texts, ALT_BYTES_MAX, &p.alt, "alt", "alttext", "accessibility"));
    TRY(LINE_BY_ROLE(arena, &texts, PICTURE_CREDIT_BYTES_MAX, &p.credit, "creditline", "credit"));
    if (p.alt.n == 0)
        TRY(line(arena, item, name_of(item, "altText", "alttext"), ALT_BYTES_MAX, &p.alt));
    if (p.credit.n == 0)
        TRY(line(arena, item, name_of(item, "creditLine", "creditline"), PICTURE_CREDIT_BYTES_MAX,
                 &p.credit));
    if (p.caption.n == 0) {
        TRY(read_texts(arena, item, "headlines", "headline", &texts));
        TRY(LINE_BY_ROLE(arena, &texts, CAPTION_BYTES_MAX, &p.caption, "main", "", NULL));
    }
    TRY(line(arena, item, name_of(item, "usageTerms", "usageterms"), PICTURE_CREDIT_BYTES_MAX,
             &p.usage_terms));
    TRY(line(arena, item, name_of(item, "by", "byline"), PICTURE_CREDIT_BYTES_MAX, &p.creator));
    TRY(line(arena, item, name_of(item, "copyrightNotice", "copyrightnotice"),
             PICTURE_CREDIT_BYTES_MAX, &p.copyright));
    TRY(line(arena, item, name_of(item, "copyrightHolder", "copyrightholder"), BYLINE_BYTES_MAX,
             &holder));
    if (p.credit.n == 0) p.credit = holder;
    *out = p;
    return RC_OK;
}

/* `expires`, and the policy in `rightsInfo`: one that cannot be read leaves a remark, for a person. */
static rc picture_rights(struct arena *arena, const struct place *item, struct intent *intent,
                         struct rights *rights, struct span *out_day) {
    const char *name = name_of(item, "rightsInfo", "rightsinfo");
    const json_t *info = json_object_get(item->object, name);
    struct place at = {json_is_array(info) ? json_array_get(info, 0) : info,
                       arena_printf(arena, SPAN_FMT ".%s", SPAN_ARG(item->path), name)};
    struct span text;
    TRY(line(arena, item, "expires", URI_BYTES_MAX, &text));
    if (text.n && !wire_until(text, &rights->expires, out_day))
        return bad(item->path, "expires",
                   "must be a date and time with its zone, or a day, whose end is meant");
    if (!info) return RC_OK;
    if (at.path.n == 0) return wire_memory();
    if (!json_is_object(at.object)) return bad(item->path, name, "must be an object");
    const char *encoded = name_of(&at, "encodedRights", "encodedrights");
    TRY(raw_string(&at, encoded, &text));
    if (text.n == 0) return RC_OK; /* a link alone; nothing is loaded */
    json_t *policy = NULL;
    bool read = json_read(text, &policy) == RC_OK && wire_policy(arena, policy, rights, out_day);
    json_decref(policy);
    rc_why_clear();
    if (read) return RC_OK;
    return remark(arena, intent, at.path,
                  "its policy was not read whole (ODRL in JSON is): see that it is kept");
}

/* What the sender would set beside it. */
static rc add_related(struct arena *arena, const struct place *item, struct intent *intent) {
    struct span uri;
    TRY(line(arena, item, "uri", URI_BYTES_MAX, &uri));
    if (uri.n == 0) return bad(item->path, "uri", "is missing");
    if (intent->related_count == RELATED_PINS_MAX)
        return remark(arena, intent, item->path,
                      "it was left out: no more related stories are taken than those before it");
    if (!intent->related) intent->related = ARENA_ARRAY(arena, struct span, RELATED_PINS_MAX);
    if (!intent->related) return wire_memory();
    intent->related[intent->related_count++] = uri;
    intent->related_by_sender = true;
    return RC_OK;
}

/* An association that says what story this one belongs to (IPTC's item relations), not what it
 * shows. */
static rc read_relation(struct arena *arena, const struct place *item, struct intent *intent,
                        bool *out_is) {
    static const char *const evolved[] = {"evolvedFrom", "previousVersion", NULL};
    static const char *const translated[] = {"translatedFrom", "translationOf", NULL};
    struct span rel, uri, *into;
    TRY(line(arena, item, "rel", URI_BYTES_MAX, &rel));
    rel = last_part(rel);
    *out_is = span_eq_nocase(rel, SPAN("seeAlso"));
    if (*out_is) return add_related(arena, item, intent);
    into = is_any(rel, evolved)      ? &intent->updates
           : is_any(rel, translated) ? &intent->translation_of
                                     : NULL;
    *out_is = into != NULL;
    if (!into) return RC_OK;
    TRY(line(arena, item, "uri", URI_BYTES_MAX, &uri));
    if (into->n == 0) *into = uri;
    if (span_eq(*into, uri)) return RC_OK;
    return remark(arena, intent, item->path,
                  "it was left out: another item before it is what this one updates or translates");
}

/* The picture's other sizes: its text may show one of those. */
static rc keep_sizes(struct arena *arena, const struct place *item, struct intent_picture *out) {
    const json_t *array = json_object_get(item->object, "renditions");
    struct place one;
    if (!json_is_array(array)) return RC_OK;
    struct span *sizes = ARENA_ARRAY(arena, struct span, json_array_size(array) + 1), href;
    if (!sizes) return wire_memory();
    for (size_t i = 0; i < json_array_size(array); i++) {
        TRY(element(arena, item, "renditions", array, i, &one));
        TRY(raw_string(&one, "href", &href));
        if (wire_file(arena, href, &sizes[out->size_count])) out->size_count++;
    }
    out->sizes = sizes;
    return RC_OK;
}

static rc add_picture(struct arena *arena, const struct place *item, struct span href,
                      struct picture *fields, struct intent *intent) {
    struct weave w;
    struct span day = {0};
    unsigned index;
    TRY(picture_rights(arena, item, intent, &fields->rights, &day));
    weave_init(&w, arena, intent, item->path);
    bool taken = weave_picture(&w, href, fields, &index);
    TRY(weave_done(&w));
    if (!taken) return RC_OK;
    if (day.n) intent->pictures[index].expires_day = day;
    return keep_sizes(arena, item, &intent->pictures[index]);
}

static rc read_association(struct arena *arena, const struct place *item, struct intent *intent) {
    static const char *const pictures[] = {"picture", "graphic", NULL};
    struct span type, href;
    struct picture fields;
    bool is_relation;
    TRY(read_relation(arena, item, intent, &is_relation));
    if (is_relation) return RC_OK;
    TRY(line(arena, item, "type", URI_BYTES_MAX, &type));
    if (span_eq(type, SPAN("audio"))) return RC_OK; /* see read_audio() */
    if (!is_any(type, pictures)) {
        struct span text =
            arena_printf(arena,
                         "an association of type \"" SPAN_FMT "\" was left out: only "
                         "pictures and audio are taken",
                         SPAN_ARG(wire_excerpt(type)));
        return remark(arena, intent, item->path, text.n ? text.p : "left out");
    }
    TRY(choose_rendition(arena, item, &href));
    TRY(picture_fields(arena, item, &fields));
    if (href.n == 0) { /* its uri is its name, not where it is */
        struct span uri, text;
        TRY(line(arena, item, "uri", URI_BYTES_MAX, &uri));
        text = arena_printf(arena,
                            "the picture " SPAN_FMT " was left out: none of its renditions "
                            "has a href that names a file beside the item",
                            SPAN_ARG(uri));
        return remark(arena, intent, item->path, text.n ? text.p : "left out");
    }
    return add_picture(arena, item, href, &fields, intent);
}

/* Sound stays where its sender has it: the text ends with a card that leads there, unless it has
 * one already. */
static rc read_audio(struct arena *arena, const struct place *item, struct intent *intent) {
    struct texts texts;
    struct span type, href, title = {0};
    struct weave w;
    TRY(line(arena, item, "type", URI_BYTES_MAX, &type));
    if (!span_eq(type, SPAN("audio"))) return RC_OK;
    TRY(choose_rendition(arena, item, &href));
    TRY(read_texts(arena, item, "headlines", "headline", &texts));
    TRY(LINE_BY_ROLE(arena, &texts, EMBED_TITLE_BYTES_MAX, &title, "main", "", NULL));
    if (title.n == 0) TRY(line(arena, item, "title", EMBED_TITLE_BYTES_MAX, &title));
    for (size_t i = 0; i < intent->draft.block_count; i++) {
        const struct block *block = &intent->draft.blocks[i];
        if (block->kind == BLOCK_AUDIO && span_eq(block->url, href)) return RC_OK;
    }
    weave_init(&w, arena, intent, item->path);
    weave_card(&w, BLOCK_AUDIO, href, title);
    return weave_done(&w);
}

typedef rc read_one(struct arena *arena, const struct place *item, struct intent *intent);

static rc read_associations(struct arena *arena, const struct place *root, struct intent *intent,
                            read_one *read) {
    const json_t *value = json_object_get(root->object, "associations"), *array;
    struct place one;
    struct span text;
    if (json_is_object(value)) { /* ninjs 1: by name */
        const char *key;
        json_t *member;
        json_object_foreach((json_t *)(uintptr_t)value, key, member) {
            one.object = member;
            one.path = arena_printf(arena, "$.associations.%s", key);
            if (one.path.n == 0) return wire_memory();
            if (!json_is_object(member))
                return rc_fail(RC_INVALID, SPAN_FMT ": must be an object", SPAN_ARG(one.path));
            TRY(read(arena, &one, intent));
        }
        return RC_OK;
    }
    TRY(list(root, "associations", &array));
    for (size_t i = 0; i < json_array_size(array); i++) {
        static const char *const required[] = {"name", "uri"};
        TRY(element(arena, root, "associations", array, i, &one));
        for (size_t n = 0; n < COUNT_OF(required); n++) {
            if (!json_object_get(one.object, required[n]))
                return bad(one.path, required[n], "is missing");
            TRY(raw_string(&one, required[n], &text));
        }
        TRY(read(arena, &one, intent));
    }
    return RC_OK;
}

static void show(const struct block *block, bool *shown) {
    if (block->kind == BLOCK_PICTURE) shown[block->picture] = true;
    for (size_t i = 0; i < block->picture_count; i++) shown[block->pictures[i]] = true;
}

/* The first picture leads, unless the text shows it; others that the text does not show follow it.
 */
static rc place_pictures(struct arena *arena, struct intent *intent, size_t associated) {
    struct revision *draft = &intent->draft;
    bool shown[PICTURES_MAX] = {false};
    struct weave w;
    for (size_t i = 0; i < draft->block_count; i++) show(&draft->blocks[i], shown);
    draft->lead_picture = associated > 0 && !shown[0];
    weave_init(&w, arena, intent, SPAN("$.associations"));
    for (unsigned i = 1; i < associated; i++)
        if (!shown[i]) weave_picture_block(&w, i);
    return weave_done(&w);
}

/* ---- the item -------------------------------------------------------------------------------- */

static rc read_type(struct arena *arena, const struct place *root) {
    static const char *const all[] = {"text",      "audio",     "video", "picture",  "graphic",
                                      "composite", "component", "event", "planning", NULL};
    static const char *const taken[] = {"text", "composite", NULL};
    struct span type;
    TRY(line(arena, root, "type", URI_BYTES_MAX, &type));
    if (json_object_get(root->object, "type")) {
        if (!is_any(type, all))
            return bad(root->path, "type",
                       "must be text, audio, video, picture, graphic, composite, component, event "
                       "or planning");
        if (is_any(type, taken)) return RC_OK;
        return rc_fail(RC_INVALID,
                       "$.type: \"" SPAN_FMT "\" is no story; text is taken, and composite with a "
                       "text in it",
                       SPAN_ARG(type));
    }
    static const char *const events[] = {"eventDetails", "plannedCoverage"};
    for (size_t i = 0; i < COUNT_OF(events); i++)
        if (json_object_get(root->object, events[i]))
            return bad(root->path, events[i], "an event is no story; text is taken");
    return RC_OK;
}

/* The organisation with the relation "authority" is who demands the withdrawal. */
static rc read_withdrawal(struct arena *arena, const struct place *root, struct intent *out) {
    const char *member = name_of(root, "organisations", "organisation");
    const json_t *array;
    struct place one;
    struct span rel;
    out->canceled = true;
    TRY(list(root, member, &array));
    for (size_t i = 0; i < json_array_size(array); i++) {
        TRY(element(arena, root, member, array, i, &one));
        TRY(line(arena, &one, "rel", URI_BYTES_MAX, &rel));
        if (span_eq_nocase(last_part(rel), SPAN("authority")))
            TRY(line(arena, &one, "name", WITHDRAWAL_AUTHORITY_BYTES_MAX, &out->authority));
    }
    return line(arena, root, name_of(root, "edNote", "ednote"), STANDFIRST_BYTES_MAX, &out->reason);
}

static rc read_status(struct arena *arena, const struct place *root, struct intent *out) {
    const char *name = name_of(root, "pubStatus", "pubstatus");
    struct span status;
    TRY(line(arena, root, name, URI_BYTES_MAX, &status));
    if (!json_object_get(root->object, name) || span_eq(status, SPAN("usable"))) return RC_OK;
    if (span_eq(status, SPAN("withheld")))
        return bad(root->path, name, "a withheld item is not taken; send it when it is usable");
    if (!span_eq(status, SPAN("canceled")))
        return bad(root->path, name, "must be usable, withheld or canceled");
    return read_withdrawal(arena, root, out);
}

/* It decides which of two texts is newer, so one that cannot be compared is refused. */
static rc read_version(const struct place *root, struct intent *out) {
    const json_t *value = json_object_get(root->object, "version");
    struct span text;
    if (!value) return RC_OK;
    if (json_is_integer(value) && json_integer_value(value) >= 0) { /* ninjs 1 */
        out->version = (uint64_t)json_integer_value(value);
        out->has_version = true;
        return RC_OK;
    }
    TRY(raw_string(root, "version", &text));
    if (!span_to_u64(text, INT64_MAX, &out->version))
        return bad(root->path, "version",
                   "must be a whole number in decimal digits: it tells the newer of two texts");
    out->has_version = true;
    return RC_OK;
}

static rc read_head(struct arena *arena, const struct place *root, struct span language,
                    struct intent *out) {
    struct span own;
    TRY(line(arena, root, "uri", URI_BYTES_MAX, &out->uri));
    if (out->uri.n == 0) return bad(root->path, "uri", "is missing");
    TRY(read_type(arena, root));
    TRY(read_status(arena, root, out));
    TRY(read_version(root, out));
    TRY(time_member(root, "firstCreated", "firstcreated", &out->first_created));
    TRY(time_member(root, "versionCreated", "versioncreated", &out->published_claim));
    TRY(time_member(root, "embargoedUntil", name_of(root, "embargoed", "embargoeduntil"),
                    &out->embargoed_until));
    TRY(raw_string(root, "language", &own));
    if (!wire_language(arena, own.n ? own : language, &out->draft.language))
        return bad(root->path, "language", "must be a BCP 47 tag such as \"en\" or \"ar-EG\"");
    return RC_OK;
}

static rc check_names(const struct place *root, const struct intent *in) {
    if (span_eq(in->updates, in->uri) || span_eq(in->translation_of, in->uri))
        return bad(root->path, "associations", "the item is said to update or translate itself");
    return RC_OK;
}

static rc read_item(struct arena *arena, const struct place *root, struct span language,
                    struct intent *out) {
    struct revision *draft = &out->draft;
    TRY(read_head(arena, root, language, out));
    if (out->canceled) return RC_OK;
    /* Not IPTC's: what Superdesk and its agencies send. */
    TRY(line(arena, root, "evolvedfrom", URI_BYTES_MAX, &out->updates));
    TRY(read_headlines(arena, root, draft));
    TRY(read_standfirst(arena, root, draft));
    TRY(read_bylines(arena, root, draft));
    TRY(line(arena, root, "located", DATELINE_BYTES_MAX, &draft->dateline.place));
    TRY(read_tags(arena, root, out));
    TRY(read_credit(arena, root, draft));
    TRY(read_slug(arena, root, draft));
    TRY(read_genres(arena, root, out));
    TRY(read_associations(arena, root, out, read_association));
    TRY(check_names(root, out));
    size_t associated = out->picture_count;
    TRY(read_body(arena, root, out));
    TRY(place_pictures(arena, out, associated));
    return read_associations(arena, root, out, read_audio);
}

rc wire_ninjs(struct arena *arena, struct span bytes, struct span language,
              struct intent *out_intent) {
    json_t *value;
    TRY(json_read(bytes, &value));
    struct place root = {value, SPAN("$")};
    rc code = json_is_object(value) ? read_item(arena, &root, language, out_intent)
                                    : rc_fail(RC_INVALID, "$: must be an object");
    json_decref(value);
    return code;
}
