/* ninjs: a story as IPTC ninjs 3.1. The story's uri is its short address, which never changes. */
#include "render/html.h"
#include "render/links.h"
#include "render/printer.h"

#define BODY_BYTES_MAX (16u << 20)
#define POLICY_BYTES_MAX 1024

/* {"role": …, "contentType": …, "value": …} */
static void print_value(struct printer *p, const char *role, const char *type, struct span value) {
    if (value.n == 0) return;
    print_open(p, NULL, '{');
    print_text(p, "role", span_str(role));
    print_text(p, "contentType", span_str(type));
    print_text(p, "value", value);
    print_close(p, '}');
}

static void print_headlines(struct printer *p, const struct revision *v) {
    print_open(p, "headlines", '[');
    print_value(p, "main", "text/plain", v->headline);
    print_value(p, "short", "text/plain", v->headline_short);
    print_value(p, "social", "text/plain", v->headline_social);
    print_value(p, "feed", "text/plain", v->headline_feed);
    print_close(p, ']');
    if (v->standfirst.n == 0 && v->correction_count == 0) return;
    print_open(p, "descriptions", '[');
    print_value(p, "summary", "text/plain", v->standfirst);
    /* what readers are told of changes: the first of a kind is the newest */
    for (size_t i = v->correction_count; i-- > 0;)
        print_value(p, change_word(v->corrections[i].kind).p, "text/plain", v->corrections[i].text);
    print_close(p, ']');
}

static void print_bodies(struct printer *p, const struct revision *v, struct span html) {
    if (html.n == 0) return;
    print_open(p, "bodies", '[');
    print_open(p, NULL, '{');
    print_text(p, "role", SPAN("main"));
    print_text(p, "contentType", SPAN("text/html"));
    print_integer(p, "wordCount", (int64_t)story_words(v));
    print_text(p, "value", html);
    print_close(p, '}');
    print_close(p, ']');
}

static void print_tags(struct render *r, struct arena *a, struct printer *p,
                       const struct revision *v, enum tag_kind kind, const char *member,
                       bool with_shelf) {
    bool any = with_shelf && (v->section.n || v->edition.n);
    for (size_t i = 0; i < v->tag_count; i++) any = any || v->tags[i].kind == kind;
    if (!any) return;
    print_open(p, member, '[');
    if (with_shelf && v->edition.n) {
        print_open(p, NULL, '{');
        print_text(p, "name", v->edition);
        print_text(p, "rel", SPAN("edition"));
        print_text(p, "literal", v->edition);
        print_close(p, '}');
    }
    if (with_shelf && v->section.n) {
        print_open(p, NULL, '{');
        print_text(p, "name", v->section);
        print_text(p, "rel", SPAN("section"));
        print_text(p, "uri", theme_url(r, a, link_section(r, a, v->section)));
        print_close(p, '}');
    }
    for (size_t i = 0; i < v->tag_count; i++) {
        if (v->tags[i].kind != kind) continue;
        print_open(p, NULL, '{');
        print_text(p, "name", v->tags[i].name);
        print_text(p, "rel", SPAN("about"));
        print_text(p, "uri", theme_url(r, a, link_tag(r, a, v->tags[i].slug)));
        print_close(p, '}');
    }
    print_close(p, ']');
}

static void print_renditions(struct render *r, struct arena *a, struct printer *p,
                             const struct picture *picture) {
    print_open(p, "renditions", '[');
    for (size_t i = 0; i < picture->rendition_count; i++) {
        const struct rendition *rendition = &picture->renditions[i];
        print_open(p, NULL, '{');
        print_text(p, "name", arena_printf(a, "%u", rendition->width));
        print_text(p, "href", theme_url(r, a, link_media(a, rendition)));
        print_text(p, "contentType", rendition->type);
        print_integer(p, "width", rendition->width);
        print_integer(p, "height", rendition->height);
        print_integer(p, "sizeInBytes", (int64_t)rendition->bytes);
        print_close(p, '}');
    }
    print_close(p, ']');
}

/* What may be done with it, as an ODRL policy: the part of its rights that `expires` cannot say. (One that may
 * not be passed on is not here.) */
static void print_policy(struct arena *a, struct printer *p, const struct rights *rights) {
    struct buf policy;
    if (!rights->channels) return;
    buf_init(&policy, POLICY_BYTES_MAX);
    struct printer inner = {.out = &policy};
    print_open(&inner, NULL, '{');
    print_text(&inner, "@context", SPAN("http://www.w3.org/ns/odrl.jsonld"));
    print_text(&inner, "@type", SPAN("Set"));
    print_open(&inner, "permission", '[');
    print_open(&inner, NULL, '{');
    print_text(&inner, "action", SPAN("use"));
    print_open(&inner, "constraint", '[');
    print_open(&inner, NULL, '{');
    print_text(&inner, "leftOperand", SPAN("deliveryChannel"));
    print_text(&inner, "operator", SPAN("isAnyOf"));
    print_open(&inner, "rightOperand", '[');
    for (unsigned i = 0; i < CHANNEL_COUNT; i++)
        if (rights->channels >> i & 1) print_text(&inner, NULL, channel_word((enum channel)i));
    print_close(&inner, ']');
    print_close(&inner, '}');
    print_close(&inner, ']');
    print_close(&inner, '}');
    print_close(&inner, ']');
    print_close(&inner, '}');
    CHECK(!policy.over);
    print_open(p, "rightsInfo", '{');
    print_text(p, "langId", SPAN("http://www.w3.org/ns/odrl/2/"));
    print_text(p, "encodedRights", arena_copy(a, buf_span(&policy)));
    print_close(p, '}');
    buf_done(&policy);
}

static void print_picture(struct render *r, struct arena *a, struct printer *p,
                          const struct picture *picture, struct span name) {
    const struct rendition *shown = html_rendition(picture);
    char time[DATES_ISO_BYTES];
    print_open(p, NULL, '{');
    print_text(p, "name", name);
    if (shown) print_text(p, "uri", theme_url(r, a, link_media(a, shown)));
    print_text(p, "type", SPAN("picture"));
    print_text(p, "by", picture->creator);
    print_text(p, "copyrightNotice", picture->copyright);
    print_text(p, "usageTerms", picture->usage_terms);
    if (picture->rights.expires) print_text(p, "expires", dates_iso(time, picture->rights.expires));
    print_policy(a, p, &picture->rights);
    if (picture->caption.n || picture->alt.n || picture->credit.n) {
        print_open(p, "descriptions", '[');
        print_value(p, "caption", "text/plain", picture->caption);
        print_value(p, "alt", "text/plain", picture->alt);
        print_value(p, "credit", "text/plain", picture->credit);
        print_close(p, ']');
    }
    if (picture->rendition_count) print_renditions(r, a, p, picture);
    print_close(p, '}');
}

/* IPTC's item relations. */
static void print_relation(struct render *r, struct arena *a, struct printer *p, const char *rel,
                           struct span name, struct span code) {
    print_open(p, NULL, '{');
    print_text(p, "name", name);
    print_text(p, "uri", theme_url(r, a, link_short(a, code)));
    print_text(p, "rel", span_str(rel));
    print_text(p, "type", SPAN("text"));
    print_close(p, '}');
}

static bool is_passed_on(const struct render_story *story, size_t picture) {
    return rights_allow(&story->revision->pictures[picture].rights, CHANNEL_API, story->at);
}

static void print_associations(struct render *r, struct arena *a, struct printer *p,
                               const struct render_story *story) {
    const struct revision *v = story->revision;
    size_t count = story->pinned_count + (story->original.n > 0);
    for (size_t i = 0; i < v->picture_count; i++) count += is_passed_on(story, i);
    if (count == 0) return;
    print_open(p, "associations", '[');
    for (size_t i = 0; i < v->picture_count; i++) {
        if (!is_passed_on(story, i)) continue;
        print_picture(r, a, p, &v->pictures[i],
                      i == 0 && v->lead_picture ? SPAN("mainpic")
                                                : arena_printf(a, "picture%zu", i));
    }
    if (story->original.n)
        print_relation(r, a, p, "translatedFrom", SPAN("original"), story->original);
    for (size_t i = 0; i < story->pinned_count; i++)
        print_relation(r, a, p, "seeAlso", arena_printf(a, "related%zu", i + 1),
                       story->related[i].code);
    print_close(p, ']');
}

/* "Mara Vale, J. Orr" */
static void print_by(struct arena *a, struct printer *p, const struct revision *v) {
    size_t bytes = 0;
    for (size_t i = 0; i < v->byline_count; i++) bytes += v->bylines[i].name.n + 2;
    char *memory = bytes ? arena_take(a, bytes) : NULL;
    if (!memory) return;
    struct buf by;
    buf_init_fixed(&by, memory, bytes);
    for (size_t i = 0; i < v->byline_count; i++) {
        if (i) buf_str(&by, ", ");
        buf_add(&by, v->bylines[i].name);
    }
    print_text(p, "by", buf_span(&by));
}

/* Who wrote it, each with page and title; and the agency that the dateline names. */
static void print_sources(struct render *r, struct arena *a, struct printer *p,
                          const struct revision *v) {
    if (v->dateline.source.n == 0 && v->byline_count == 0) return;
    print_open(p, "infoSources", '[');
    for (size_t i = 0; i < v->byline_count; i++) {
        print_open(p, NULL, '{');
        print_text(p, "name", v->bylines[i].name);
        print_text(p, "role", SPAN("author"));
        print_text(p, "uri", theme_url(r, a, link_author(r, a, v->bylines[i].name)));
        print_text(p, "literal", v->bylines[i].role);
        print_close(p, '}');
    }
    if (v->dateline.source.n) {
        print_open(p, NULL, '{');
        print_text(p, "name", v->dateline.source);
        print_text(p, "role", SPAN("dateline"));
        print_close(p, '}');
    }
    print_close(p, ']');
}

static void print_names(struct render *r, struct arena *a, struct printer *p,
                        const struct render_story *story) {
    const struct revision *v = story->revision;
    print_open(p, "altIds", '[');
    char hex[2 * STORY_ID_BYTES + 1];
    story_id_hex(&v->story, hex);
    print_open(p, NULL, '{');
    print_text(p, "role", SPAN("story"));
    print_text(p, "value", span_str(hex));
    print_close(p, '}');
    print_open(p, NULL, '{');
    print_text(p, "role", SPAN("page"));
    print_text(p, "value", theme_url(r, a, v->path));
    print_close(p, '}');
    print_open(p, NULL, '{');
    print_text(p, "role", SPAN("canonical"));
    print_text(p, "value", theme_url(r, a, link_revision(a, story->entry)));
    print_close(p, '}');
    if (v->slug.n) {
        print_open(p, NULL, '{');
        print_text(p, "role", SPAN("slug"));
        print_text(p, "value", v->slug);
        print_close(p, '}');
    }
    print_close(p, ']');
}

static void print_standard(struct printer *p) {
    print_open(p, "standard", '{');
    print_text(p, "name", SPAN("ninjs"));
    print_text(p, "version", SPAN("3.1"));
    print_text(p, "schema", SPAN("https://www.iptc.org/std/ninjs/ninjs-schema_3.1.json"));
    print_close(p, '}');
    print_text(p, "type", SPAN("text"));
}

static void print_story(struct render *r, struct arena *a, const struct render_story *story,
                        struct span html, struct buf *out) {
    const struct revision *v = story->revision;
    struct printer p = {.out = out};
    char time[DATES_ISO_BYTES];
    print_open(&p, NULL, '{');
    print_text(&p, "uri", theme_url(r, a, link_short(a, v->code)));
    print_standard(&p);
    print_text(&p, "representationType", SPAN("full"));
    print_text(&p, "pubStatus", SPAN("usable"));
    print_text(&p, "version", arena_printf(a, "%u", v->number));
    print_text(&p, "firstCreated", dates_iso(time, v->published));
    print_text(&p, "versionCreated", dates_iso(time, v->updated));
    print_text(&p, "language", v->language);
    print_text(&p, "title", v->headline);
    print_text(&p, "slugline", v->slug);
    print_text(&p, "located", v->dateline.place);
    print_by(a, &p, v);
    print_text(&p, "copyrightNotice", v->credit_line);
    print_headlines(&p, v);
    print_bodies(&p, v, html);
    print_open(&p, "genres", '[');
    print_open(&p, NULL, '{');
    print_text(&p, "name", work_word(v->work));
    print_close(&p, '}');
    if (v->change != CHANGE_NONE) {
        print_open(&p, NULL, '{');
        print_text(&p, "name", change_word(v->change));
        print_close(&p, '}');
    }
    print_close(&p, ']');
    print_sources(r, a, &p, v);
    print_tags(r, a, &p, v, TAG_PERSON, "people", false);
    print_tags(r, a, &p, v, TAG_PLACE, "places", false);
    print_tags(r, a, &p, v, TAG_ORGANISATION, "organisations", false);
    print_tags(r, a, &p, v, TAG_TOPIC, "subjects", true);
    print_associations(r, a, &p, story);
    if (v->correction_count) print_text(&p, "edNote", v->corrections[v->correction_count - 1].text);
    print_names(r, a, &p, story);
    print_close(&p, '}');
    buf_char(out, '\n');
}

rc render_ninjs(struct render *r, struct arena *a, const struct render_story *story,
                struct buf *out) {
    struct buf html;
    buf_init(&html, BODY_BYTES_MAX);
    html_blocks(&html, story->revision, story->at, NULL);
    bool over = html.over;
    if (!over) print_story(r, a, story, buf_span(&html), out);
    buf_done(&html);
    TRY(theme_arena_ok(a, "the ninjs item"));
    if (over || out->over)
        return rc_fail(RC_TOO_BIG, "the ninjs item is over %zu bytes", out->bytes_max);
    return RC_OK;
}

/* What its receivers know it by, and that they are to take it away; nothing of its text but the headline. */
rc render_gone_ninjs(struct render *r, struct arena *a, const struct render_gone *gone,
                     struct buf *out) {
    struct printer p = {.out = out};
    char time[DATES_ISO_BYTES];
    print_open(&p, NULL, '{');
    print_text(&p, "uri", theme_url(r, a, link_short(a, gone->code)));
    print_standard(&p);
    print_text(&p, "representationType", SPAN("none"));
    print_text(&p, "pubStatus", SPAN("canceled"));
    print_text(&p, "version", arena_printf(a, "%u", gone->number));
    print_text(&p, "firstCreated", dates_iso(time, gone->published));
    print_text(&p, "versionCreated", dates_iso(time, gone->at));
    print_text(&p, "language", gone->language);
    print_text(&p, "title", gone->headline);
    print_text(&p, "edNote", gone->why.reason);
    if (gone->why.authority.n) {
        print_open(&p, "organisations", '[');
        print_open(&p, NULL, '{');
        print_text(&p, "name", gone->why.authority);
        print_text(&p, "rel", SPAN("authority"));
        print_close(&p, '}');
        print_close(&p, ']');
    }
    print_open(&p, "altIds", '[');
    print_open(&p, NULL, '{');
    print_text(&p, "role", SPAN("page"));
    print_text(&p, "value", theme_url(r, a, gone->path));
    print_close(&p, '}');
    print_open(&p, NULL, '{');
    print_text(&p, "role", SPAN("withdrawal"));
    print_text(&p, "value", theme_url(r, a, link_opening(a, gone->entry)));
    print_close(&p, '}');
    print_close(&p, ']');
    print_close(&p, '}');
    buf_char(out, '\n');
    TRY(theme_arena_ok(a, "the ninjs item"));
    return out->over ? rc_fail(RC_TOO_BIG, "the ninjs item is over %zu bytes", out->bytes_max)
                     : RC_OK;
}
