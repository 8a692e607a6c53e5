/*
 * story_check: the rules of a revision. Each complaint is made where the rule is, with the name of
 * the field as in the canonical form; whoever calls for an element puts its place in front.
 * canon_read() holds stored revisions against the same rules: one may be loosened, never tightened.
 */
#include "base/utf8.h"
#include "story/limits.h"
#include "story/story.h"
#include "story/unicode.h"

static rc missing(const char *name) {
    return rc_fail(RC_INVALID, "%s: is missing", name);
}
static rc not_here(const char *name) {
    return rc_fail(RC_INVALID, "%s: is given, but has no meaning here", name);
}
static rc over(const char *name, size_t n, const char *what, size_t max) {
    return rc_fail(RC_TOO_BIG, "%s: %zu %s, at most %zu are taken", name, n, what, max);
}

enum need { OPTIONAL, NEEDED };

/* A string of one line. */
static rc check_line(const char *name, struct span s, size_t bytes_max, enum need need) {
    struct string_ends ends;
    if (s.n == 0) return need == NEEDED ? missing(name) : RC_OK;
    if (s.n > bytes_max) return over(name, s.n, "bytes", bytes_max);
    rc code = string_check(s, false, &ends);
    if (code != RC_OK) return rc_in(code, "%s: ", name);
    if (ends.first != CHAR_PLAIN || ends.last != CHAR_PLAIN)
        return rc_fail(RC_INVALID, "%s: begins or ends with white space", name);
    if (ends.doubled_spaces)
        return rc_fail(RC_INVALID, "%s: two white spaces stand together", name);
    return RC_OK;
}

static rc check_time(const char *name, ms_t t) {
    if (t <= 0) return missing(name);
    if (t > TIME_MS_MAX) return rc_fail(RC_INVALID, "%s: is after the year 9999", name);
    return RC_OK;
}

/* ---- addresses ---------------------------------------------------------------------------- */

static bool is_alpha(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
static bool is_capital_hex(char c) {
    return is_digit(c) || (c >= 'A' && c <= 'F');
}
static bool is_unreserved(char c) {
    return is_alpha(c) || is_digit(c) || (c != 0 && strchr("-._~", c));
}
static unsigned hex_digit(char c) {
    return (unsigned)(is_digit(c) ? c - '0' : c - 'A' + 10);
}

static bool is_dots(struct span segment) {
    return span_eq(segment, SPAN(".")) || span_eq(segment, SPAN(".."));
}

/* What `c` of a path stands for: itself, or the byte that is percent-encoded at path.p[*at].
 * RC_INVALID if it is spelled otherwise than in the normal form (RFC 3986 §3.3, §6.2.2), or may not
 * be there. */
static rc path_byte(struct span path, size_t *at, char *out_byte) {
    char c = path.p[*at];
    if (c != '%') {
        if (!is_unreserved(c) && (c == 0 || !strchr("/!$&'()*+,;=:@", c)))
            return rc_fail(RC_INVALID, "path: byte %zu: is to be percent-encoded", *at);
        *out_byte = c;
        *at += 1;
        return RC_OK;
    }
    if (path.n - *at < 3 || !is_capital_hex(path.p[*at + 1]) || !is_capital_hex(path.p[*at + 2]))
        return rc_fail(RC_INVALID, "path: byte %zu: \"%%\" and not two capital hex digits", *at);
    unsigned byte = hex_digit(path.p[*at + 1]) << 4 | hex_digit(path.p[*at + 2]);
    if (byte < 0x20 || byte == 0x7F || byte == '/' || byte == '\\' || is_unreserved((char)byte))
        return rc_fail(RC_INVALID, "path: byte %zu: this is not to be percent-encoded", *at);
    *out_byte = (char)byte;
    *at += 3;
    return RC_OK;
}

/* The form in which the page is stored and asked for. */
static rc check_path(struct span path) {
    char plain[PATH_BYTES_MAX];
    size_t n = 0;
    if (path.n == 0) return missing("path");
    if (path.n > PATH_BYTES_MAX) return over("path", path.n, "bytes", PATH_BYTES_MAX);
    if (path.p[0] != '/') return rc_fail(RC_INVALID, "path: does not begin with \"/\"");
    for (size_t at = 0; at < path.n; n++) TRY(path_byte(path, &at, &plain[n]));
    if (!utf8_valid(span_of(plain, n)))
        return rc_fail(RC_INVALID, "path: what is percent-encoded is not well-formed UTF-8");
    for (struct span rest = span_from(path, 1); rest.p;)
        if (is_dots(span_cut(&rest, '/')))
            return rc_fail(RC_INVALID, "path: a segment is \".\" or \"..\"");
    if (path.n > 1 && path.p[1] == '/')
        return rc_fail(RC_INVALID, "path: begins with \"//\", which would name another host");
    return RC_OK;
}

enum url_kind { URL_WEB = 1, URL_MAIL = 2, URL_PATH = 4 };

static bool scheme_is(struct span url, struct span scheme) {
    return url.n > scheme.n && span_eq_nocase(span_sub(url, 0, scheme.n), scheme);
}

/* The closed list of schemes is what keeps "javascript:" out of the pages. Beyond ASCII an IRI
 * (RFC 3987) is taken as it is; nothing that ends a URL inside a page or a header may stand in one.
 */
static rc check_url(const char *name, struct span url, unsigned kinds) {
    struct string_ends ends;
    if (url.n == 0) return missing(name);
    if (url.n > URL_BYTES_MAX) return over(name, url.n, "bytes", URL_BYTES_MAX);
    rc code = string_check(url, false, &ends);
    if (code != RC_OK) return rc_in(code, "%s: ", name);
    uint32_t point;
    for (size_t at = 0, begin = 0; utf8_next(url, &at, &point); begin = at)
        if (char_class_of(point) != CHAR_PLAIN || point == '"' || point == '<' || point == '>' ||
            point == '\\')
            return rc_fail(RC_INVALID, "%s: byte %zu: white space, quote, \"<\", \">\" or \"\\\"",
                           name, begin);
    struct span web = scheme_is(url, SPAN("http://"))    ? span_from(url, 7)
                      : scheme_is(url, SPAN("https://")) ? span_from(url, 8)
                                                         : (struct span){NULL, 0};
    if ((kinds & URL_WEB) && web.n && !strchr("/?#:@", web.p[0])) return RC_OK;
    if ((kinds & URL_MAIL) && scheme_is(url, SPAN("mailto:"))) return RC_OK;
    if ((kinds & URL_PATH) && url.p[0] == '/' && (url.n == 1 || url.p[1] != '/')) return RC_OK;
    return rc_fail(RC_INVALID, "%s: is not an http or https URL%s%s", name,
                   kinds & URL_MAIL ? ", a mailto URL" : "",
                   kinds & URL_PATH ? ", or a path on this site" : "");
}

/* ---- texts -------------------------------------------------------------------------------- */

#define LOOKS_ALL (RUN_STRONG | RUN_EMPHASIS | RUN_CODE | RUN_SUB | RUN_SUP)

static rc check_run(const struct run *run, bool line_feeds, struct string_ends *out_ends) {
    if (run->text.n == 0) return missing("text");
    if (run->text.n > TEXT_BYTES_MAX) return over("text", run->text.n, "bytes", TEXT_BYTES_MAX);
    rc code = string_check(run->text, line_feeds, out_ends);
    if (code != RC_OK) return rc_in(code, "text: ");
    if (run->look & ~(unsigned)LOOKS_ALL) return rc_fail(RC_INVALID, "look: unknown bits");
    if (run->href.n) TRY(check_url("href", run->href, URL_WEB | URL_MAIL | URL_PATH));
    return RC_OK;
}

static rc check_runs(const struct text *t, bool line_feeds) {
    size_t bytes = 0;
    bool blank = true;
    struct string_ends ends = {0};
    if (t->count > RUNS_MAX) return over("", t->count, "runs", RUNS_MAX);
    CHECK(t->runs);
    for (size_t i = 0; i < t->count; i++) {
        const struct run *run = &t->runs[i], *before = i ? run - 1 : NULL;
        rc code = check_run(run, line_feeds, &ends);
        if (code != RC_OK) return rc_in(code, "[%zu].", i);
        if (before && before->look == run->look && span_eq(before->href, run->href))
            return rc_fail(RC_INVALID, "[%zu]: looks like the run before it: they are one", i);
        if (line_feeds && blank && ends.blank_line)
            return rc_fail(RC_INVALID, "[%zu].text: begins with a blank line", i);
        if (!line_feeds && i == 0 && ends.first != CHAR_PLAIN)
            return rc_fail(RC_INVALID, "[0].text: begins with white space");
        blank = blank && ends.blank;
        bytes += run->text.n;
    }
    if (ends.last != CHAR_PLAIN)
        return rc_fail(RC_INVALID, "[%zu].text: ends with white space", t->count - 1);
    if (bytes > TEXT_BYTES_MAX) return over("", bytes, "bytes", TEXT_BYTES_MAX);
    return RC_OK;
}

static rc check_text(const char *name, const struct text *t, bool line_feeds, enum need need) {
    if (t->count == 0) return need == NEEDED ? missing(name) : RC_OK;
    rc code = check_runs(t, line_feeds);
    return code == RC_OK ? RC_OK : rc_in(code, "%s", name);
}

static rc check_rows(const struct block *b, enum need each) {
    if (b->row_count == 0) return missing("rows");
    if (b->row_count > ROWS_MAX) return over("rows", b->row_count, "rows", ROWS_MAX);
    CHECK(b->rows);
    for (size_t i = 0; i < b->row_count; i++) {
        rc code = check_text("", &b->rows[i], false, each);
        if (code != RC_OK) return rc_in(code, "rows[%zu]", i);
    }
    return RC_OK;
}

/* ---- blocks ------------------------------------------------------------------------------- */

enum block_use {
    USE_TEXT = 1,
    USE_LEVEL = 2,
    USE_ROWS = 4,
    USE_ORDERED = 8,
    USE_SPEAKER = 16, /* and occasion */
    USE_URL = 32,
    USE_TITLE = 64,
    USE_PICTURE = 128,
    USE_TABLE = 256, /* columns, headerRow */
    USE_PICTURES = 512,
    USE_TIMES = 1024,
};
static const unsigned block_uses[BLOCK_KIND_COUNT] = {
    [BLOCK_PARAGRAPH] = USE_TEXT,
    [BLOCK_HEADING] = USE_TEXT | USE_LEVEL,
    [BLOCK_LIST] = USE_ROWS | USE_ORDERED,
    [BLOCK_QUOTE] = USE_ROWS | USE_SPEAKER | USE_URL,
    [BLOCK_PULL_QUOTE] = USE_ROWS | USE_SPEAKER | USE_URL,
    [BLOCK_PICTURE] = USE_PICTURE,
    [BLOCK_TABLE] = USE_ROWS | USE_TABLE,
    [BLOCK_PREFORMATTED] = USE_TEXT,
    [BLOCK_RULE] = 0,
    [BLOCK_EMBED] = USE_URL | USE_TITLE,
    [BLOCK_GALLERY] = USE_PICTURES,
    [BLOCK_EVENTS] = USE_ROWS | USE_TIMES,
    [BLOCK_AUDIO] = USE_URL | USE_TITLE,
};

/* A field that the kind does not use would be lost in the canonical form. */
static rc check_unused(const struct block *b, unsigned uses) {
    if (!(uses & USE_TEXT) && b->text.count) return not_here("text");
    if (!(uses & USE_LEVEL) && b->level) return not_here("level");
    if (!(uses & USE_ROWS) && b->row_count) return not_here("rows");
    if (!(uses & USE_ORDERED) && b->ordered) return not_here("ordered");
    if (!(uses & USE_SPEAKER) && b->speaker.n) return not_here("speaker");
    if (!(uses & USE_SPEAKER) && b->occasion.n) return not_here("occasion");
    if (!(uses & USE_URL) && b->url.n) return not_here("url");
    if (!(uses & USE_TITLE) && b->title.n) return not_here("title");
    if (!(uses & USE_PICTURE) && b->picture) return not_here("picture");
    if (!(uses & USE_TABLE) && b->columns) return not_here("columns");
    if (!(uses & USE_TABLE) && b->header_row) return not_here("headerRow");
    if (!(uses & USE_PICTURES) && b->picture_count) return not_here("pictures");
    if (!(uses & USE_TIMES) && b->times) return not_here("times");
    return RC_OK;
}

static rc check_table(const struct block *b) {
    if (b->columns < 1) return missing("columns");
    if (b->columns > COLUMNS_MAX) return over("columns", b->columns, "columns", COLUMNS_MAX);
    if (b->row_count % b->columns)
        return rc_fail(RC_INVALID, "rows: %zu cells are not rows of %u columns", b->row_count,
                       b->columns);
    return RC_OK;
}

static rc check_gallery(const struct revision *r, const struct block *b) {
    bool seen[PICTURES_MAX] = {false};
    if (b->picture_count < 2) return rc_fail(RC_INVALID, "pictures: a gallery has two or more");
    if (b->picture_count > PICTURES_MAX)
        return over("pictures", b->picture_count, "pictures", PICTURES_MAX);
    for (size_t i = 0; i < b->picture_count; i++) {
        unsigned picture = b->pictures[i];
        if (picture >= r->picture_count)
            return rc_fail(RC_INVALID, "pictures[%zu]: there is no pictures[%u]", i, picture);
        if (seen[picture]) return rc_fail(RC_INVALID, "pictures[%zu]: is there already", i);
        seen[picture] = true;
    }
    return RC_OK;
}

static rc check_events(const struct block *b) {
    if (!b->times) return missing("times");
    for (size_t i = 0; i < b->row_count; i++) {
        rc code = check_time("", b->times[i]);
        if (code != RC_OK) return rc_in(code, "times[%zu]", i);
        if (i && b->times[i - 1] > b->times[i])
            return rc_fail(RC_INVALID, "times[%zu]: is before the one that stands before it", i);
    }
    return RC_OK;
}

static rc check_block(const struct revision *r, const struct block *b) {
    if ((unsigned)b->kind >= BLOCK_KIND_COUNT) return rc_fail(RC_INVALID, "kind: is unknown");
    unsigned uses = block_uses[b->kind];
    TRY(check_unused(b, uses));
    if (uses & USE_TEXT) TRY(check_text("text", &b->text, b->kind == BLOCK_PREFORMATTED, NEEDED));
    if ((uses & USE_LEVEL) && (b->level < 2 || b->level > 4))
        return rc_fail(RC_INVALID, "level: %u is not 2, 3 or 4", b->level);
    if (uses & USE_ROWS) TRY(check_rows(b, uses & USE_TABLE ? OPTIONAL : NEEDED));
    if (uses & USE_TABLE) TRY(check_table(b));
    if (uses & USE_TIMES) TRY(check_events(b));
    if (uses & USE_PICTURES) TRY(check_gallery(r, b));
    TRY(check_line("speaker", b->speaker, SPEAKER_BYTES_MAX, OPTIONAL));
    TRY(check_line("occasion", b->occasion, OCCASION_BYTES_MAX, OPTIONAL));
    TRY(check_line("title", b->title, EMBED_TITLE_BYTES_MAX, OPTIONAL));
    if (uses & USE_TITLE) TRY(check_url("url", b->url, URL_WEB)); /* a card must lead somewhere */
    if (!(uses & USE_TITLE) && b->url.n) TRY(check_url("url", b->url, URL_WEB | URL_PATH));
    if ((uses & USE_PICTURE) && b->picture >= r->picture_count)
        return rc_fail(RC_INVALID, "picture: there is no pictures[%u]", b->picture);
    return RC_OK;
}

/* ---- the rest ----------------------------------------------------------------------------- */

static rc check_rendition(const struct rendition *d, const struct rendition *before) {
    if (!span_eq(d->type, SPAN("image/jpeg")) && !span_eq(d->type, SPAN("image/png")) &&
        !span_eq(d->type, SPAN("image/webp")) && !span_eq(d->type, SPAN("image/avif")))
        return rc_fail(RC_INVALID, "type: is not image/jpeg, image/png, image/webp or image/avif");
    if (d->width == 0) return missing("width");
    if (d->height == 0) return missing("height");
    if (d->bytes == 0) return missing("bytes");
    if (d->width > RENDITION_PIXELS_MAX)
        return over("width", d->width, "pixels", RENDITION_PIXELS_MAX);
    if (d->height > RENDITION_PIXELS_MAX)
        return over("height", d->height, "pixels", RENDITION_PIXELS_MAX);
    if (d->bytes > RENDITION_BYTES_MAX)
        return over("bytes", d->bytes, "bytes", RENDITION_BYTES_MAX);
    if (before && before->width < d->width)
        return rc_fail(RC_INVALID, "width: is more than that of the rendition before it");
    return RC_OK;
}

/* "#2f4a61" */
static rc check_colour(struct span s) {
    bool good = s.n == 7 && s.p[0] == '#';
    for (size_t i = 1; good && i < s.n; i++)
        good = (s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f');
    return good || s.n == 0 ? RC_OK : rc_fail(RC_INVALID, "colour: is not # and six hex digits");
}

static rc check_picture(const struct picture *p) {
    TRY(check_line("alt", p->alt, ALT_BYTES_MAX, OPTIONAL));
    TRY(check_line("caption", p->caption, CAPTION_BYTES_MAX, OPTIONAL));
    TRY(check_colour(p->colour));
    TRY(check_line("copyright", p->copyright, PICTURE_CREDIT_BYTES_MAX, OPTIONAL));
    TRY(check_line("creator", p->creator, PICTURE_CREDIT_BYTES_MAX, OPTIONAL));
    TRY(check_line("credit", p->credit, PICTURE_CREDIT_BYTES_MAX, OPTIONAL));
    TRY(check_line("usageTerms", p->usage_terms, PICTURE_CREDIT_BYTES_MAX, OPTIONAL));
    if (p->rights.channels >> CHANNEL_COUNT) return rc_fail(RC_INVALID, "channels: one is unknown");
    if (p->rights.expires) TRY(check_time("expires", p->rights.expires));
    if (p->rendition_count == 0) return missing("renditions");
    if (p->rendition_count > RENDITIONS_MAX)
        return over("renditions", p->rendition_count, "renditions", RENDITIONS_MAX);
    for (size_t i = 0; i < p->rendition_count; i++) {
        rc code = check_rendition(&p->renditions[i], i ? &p->renditions[i - 1] : NULL);
        if (code != RC_OK) return rc_in(code, "renditions[%zu].", i);
    }
    return RC_OK;
}

static rc check_correction(const struct correction *c, const struct correction *before) {
    TRY(check_time("at", c->at));
    if (before && before->at > c->at)
        return rc_fail(RC_INVALID, "at: is before the correction that stands before it");
    if ((unsigned)c->kind >= CHANGE_COUNT || change_place(c->kind) == CHANGE_UNTOLD)
        return rc_fail(RC_INVALID,
                       "kind: is not clarification, correction, editors-note or retraction");
    return check_line("text", c->text, CORRECTION_BYTES_MAX, NEEDED);
}

static rc check_byline(const struct byline *b) {
    TRY(check_line("name", b->name, BYLINE_BYTES_MAX, NEEDED));
    return check_line("role", b->role, BYLINE_BYTES_MAX, OPTIONAL);
}

static rc check_tag(const struct tag *t) {
    if ((unsigned)t->kind >= TAG_KIND_COUNT) return rc_fail(RC_INVALID, "kind: is unknown");
    TRY(check_line("name", t->name, TAG_NAME_BYTES_MAX, NEEDED));
    if (t->slug.n == 0) return missing("slug");
    return slug_check("slug", t->slug);
}

/* BCP 47, the shape: RFC 5646 §2.1. Whether such a language exists is not asked. */
static rc check_language(struct span language) {
    if (language.n == 0) return missing("language");
    if (language.n > LANGUAGE_BYTES_MAX)
        return over("language", language.n, "bytes", LANGUAGE_BYTES_MAX);
    bool good = is_alpha(language.p[0]), first = true;
    for (struct span rest = language; good && rest.p; first = false) {
        struct span tag = span_cut(&rest, '-');
        good = tag.n >= (first ? 2 : 1) && tag.n <= 8;
        for (size_t i = 0; good && i < tag.n; i++)
            good = is_alpha(tag.p[i]) || (!first && is_digit(tag.p[i]));
    }
    if (!good)
        return rc_fail(RC_INVALID, "language: is not a BCP 47 tag such as \"en\" or \"ar-EG\"");
    return RC_OK;
}

static rc check_code(struct span code) {
    if (code.n == 0) return missing("code");
    bool good = code.n == STORY_CODE_CHARS;
    for (size_t i = 0; good && i < code.n; i++)
        good = code.p[i] != 0 && strchr(STORY_CODE_ALPHABET, code.p[i]);
    if (!good)
        return rc_fail(RC_INVALID, "code: is not %d characters out of %s", STORY_CODE_CHARS,
                       STORY_CODE_ALPHABET);
    return RC_OK;
}

/* What the desk and the store give. */
static rc check_given(const struct revision *r) {
    if (!story_id_given(&r->story)) return missing("story");
    if (r->number == 0) return missing("number");
    TRY(check_path(r->path));
    TRY(check_code(r->code));
    TRY(check_time("published", r->published));
    TRY(check_time("updated", r->updated));
    if (r->updated < r->published) return rc_fail(RC_INVALID, "updated: is before published");
    if ((unsigned)r->change >= CHANGE_COUNT) return rc_fail(RC_INVALID, "change: is unknown");
    if (r->number == 1 && r->change != CHANGE_NONE) return not_here("change");
    if (r->number > 1 && r->change == CHANGE_NONE) return missing("change");
    if (change_place(r->change) != CHANGE_UNTOLD &&
        (r->correction_count == 0 || r->corrections[r->correction_count - 1].kind != r->change))
        return rc_fail(RC_INVALID,
                       "corrections: the last one must tell readers of this change (%s)",
                       change_word(r->change).p);
    if (memcmp(&r->translation_of, &r->story, sizeof r->story) == 0)
        return rc_fail(RC_INVALID, "translationOf: a story is no translation of itself");
    return RC_OK;
}

static rc check_strings(const struct revision *r) {
    if (r->edition.n && !edition_key_good(r->edition))
        return rc_fail(RC_INVALID, "edition: is not a key such as \"en\" or \"north-coast\"");
    TRY(check_language(r->language));
    if ((unsigned)r->work >= WORK_COUNT) return rc_fail(RC_INVALID, "work: is unknown");
    TRY(check_line("section", r->section, SECTION_BYTES_MAX, OPTIONAL));
    TRY(check_line("headline", r->headline, HEADLINE_BYTES_MAX, NEEDED));
    TRY(check_line("headlineShort", r->headline_short, HEADLINE_BYTES_MAX, OPTIONAL));
    TRY(check_line("headlineSocial", r->headline_social, HEADLINE_BYTES_MAX, OPTIONAL));
    TRY(check_line("headlineFeed", r->headline_feed, HEADLINE_BYTES_MAX, OPTIONAL));
    TRY(check_line("standfirst", r->standfirst, STANDFIRST_BYTES_MAX, OPTIONAL));
    if (r->slug.n) TRY(slug_check("slug", r->slug));
    TRY(check_line("dateline.place", r->dateline.place, DATELINE_BYTES_MAX, OPTIONAL));
    TRY(check_line("dateline.source", r->dateline.source, DATELINE_BYTES_MAX, OPTIONAL));
    return check_line("creditLine", r->credit_line, CREDIT_LINE_BYTES_MAX, OPTIONAL);
}

#define CHECK_EACH(name, at, count, max, call)                          \
    do {                                                                \
        if ((count) > (max)) return over(name, count, name, max);       \
        for (size_t at = 0; at < (count); at++) {                       \
            rc code_ = (call);                                          \
            if (code_ != RC_OK) return rc_in(code_, name "[%zu].", at); \
        }                                                               \
    } while (0)

/* A standing page has nothing that only news has. */
static rc check_standing(const struct revision *r) {
    const struct {
        const char *name;
        bool given;
    } members[] = {{"work", r->work != WORK_NEWS},
                   {"section", r->section.n > 0},
                   {"headlineSocial", r->headline_social.n > 0},
                   {"headlineFeed", r->headline_feed.n > 0},
                   {"dateline", r->dateline.place.n || r->dateline.source.n},
                   {"creditLine", r->credit_line.n > 0},
                   {"bylines", r->byline_count > 0},
                   {"tags", r->tag_count > 0},
                   {"pictures", r->picture_count > 0},
                   {"corrections", r->correction_count > 0},
                   {"related", r->related_count > 0}};
    if (!story_is_standing(r)) return r->standing.note.n ? not_here("standing.note") : RC_OK;
    if (r->standing.order > STANDING_ORDER_MAX)
        return rc_fail(RC_INVALID, "standing.order: is over %d", STANDING_ORDER_MAX);
    TRY(check_line("standing.note", r->standing.note, STANDING_NOTE_BYTES_MAX, OPTIONAL));
    if (r->change != CHANGE_NONE && r->change != CHANGE_UPDATE) return not_here("change");
    for (size_t i = 0; i < COUNT_OF(members); i++)
        if (members[i].given)
            return rc_fail(RC_INVALID, "%s: is given, but a standing page has none",
                           members[i].name);
    return RC_OK;
}

/* As canon_parts() will cut, so that what passes can be recorded. */
static rc check_parts(const struct revision *r) {
    const struct span single[] = {
        r->credit_line,   r->edition,        r->section,         r->slug,
        r->headline_feed, r->headline_short, r->headline_social, r->standfirst};
    size_t parts =
        10; /* code, headline, language, number, path, published, story, updated, version, and work or
               standing */
    for (size_t i = 0; i < COUNT_OF(single); i++) parts += single[i].n > 0;
    parts += (size_t)(r->change != CHANGE_NONE) + r->lead_picture;
    parts += story_id_given(&r->translation_of);
    parts += r->dateline.place.n || r->dateline.source.n;
    parts += r->block_count + r->byline_count + r->correction_count + r->tag_count;
    for (size_t i = 0; i < r->picture_count; i++) {
        const struct picture *p = &r->pictures[i];
        parts += p->rendition_count + (p->alt.n > 0) + (p->caption.n > 0) + (p->copyright.n > 0) +
                 (p->colour.n > 0) + (p->creator.n > 0) + (p->credit.n > 0) +
                 (p->usage_terms.n > 0) + (p->rights.channels > 0) + (p->rights.expires > 0) +
                 p->rights.no_redistribution;
    }
    parts += r->related_count > 0;
    return parts > CANON_PARTS_MAX ? over("the story", parts, "parts", CANON_PARTS_MAX) : RC_OK;
}

/* Whether there are such stories, and what became of them, is not asked. */
static rc check_related(const struct revision *r) {
    if (r->related_count > RELATED_PINS_MAX)
        return over("related", r->related_count, "stories", RELATED_PINS_MAX);
    for (size_t i = 0; i < r->related_count; i++) {
        const struct story_id *id = &r->related[i];
        if (!story_id_given(id)) return rc_fail(RC_INVALID, "related[%zu]: is missing", i);
        if (memcmp(id, &r->story, sizeof *id) == 0)
            return rc_fail(RC_INVALID, "related[%zu]: is the story itself", i);
        for (size_t k = 0; k < i; k++)
            if (memcmp(id, &r->related[k], sizeof *id) == 0)
                return rc_fail(RC_INVALID, "related[%zu]: is there already", i);
    }
    return RC_OK;
}

rc story_check(const struct revision *r) {
    TRY(check_given(r));
    TRY(check_strings(r));
    TRY(check_standing(r));
    CHECK_EACH("bylines", i, r->byline_count, BYLINES_MAX, check_byline(&r->bylines[i]));
    CHECK_EACH("tags", i, r->tag_count, TAGS_MAX, check_tag(&r->tags[i]));
    CHECK_EACH("pictures", i, r->picture_count, PICTURES_MAX, check_picture(&r->pictures[i]));
    if (r->lead_picture && r->picture_count == 0)
        return rc_fail(RC_INVALID, "leadPicture: there is no picture");
    CHECK_EACH("blocks", i, r->block_count, BLOCKS_MAX, check_block(r, &r->blocks[i]));
    CHECK_EACH("corrections", i, r->correction_count, CORRECTIONS_MAX,
               check_correction(&r->corrections[i], i ? &r->corrections[i - 1] : NULL));
    TRY(check_related(r));
    return check_parts(r);
}
