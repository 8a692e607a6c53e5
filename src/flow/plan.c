/*
 * What an item becomes. Reads the store and what is known of pictures, writes nothing.
 */
#include <stdio.h>

#include "flow/inner.h"
#include "http/path.h"
#include "story/canon.h"
#include "story/limits.h"
#include "sys/random.h"

#define CODE_TRIES 100
#define SLUG_ARENA_BYTES 65536
#define LANGUAGE_UNSAID SPAN("und") /* BCP 47: undetermined; then it is the edition's */

/* ---- the draft ---------------------------------------------------------------------------- */

/* What the desk and the store give, as constants: so a draft can be checked, compared and kept
 * under embargo in the same canonical form as a revision. */
static void give_placeholders(struct revision *r) {
    r->story = (struct story_id){{1}};
    r->number = 1;
    r->path = SPAN("/draft");
    r->code = SPAN("2222222");
    r->published = r->updated = 1;
    r->change = CHANGE_NONE;
    r->corrections = NULL;
    r->correction_count = 0;
}

static rc canonical_of(struct arena *a, const struct revision *r, struct span *out_bytes) {
    struct buf b;
    buf_init(&b, CANON_BYTES_MAX);
    rc code = canon_write(r, &b);
    struct span copy = code == RC_OK ? arena_copy(a, buf_span(&b)) : (struct span){NULL, 0};
    buf_done(&b);
    TRY(code);
    if (!copy.p)
        return rc_fail(RC_TOO_BIG, "the item needs more memory than one operation may have");
    *out_bytes = copy;
    return RC_OK;
}

/* Everything that would be shown, and what is said of the change. Related stories as they are named: which of
 * an agency's are here may be another answer tomorrow, of the same item. */
static struct sha256 content_of(struct span draft, const struct intent *intent) {
    struct span parts[5 + 2 * RELATED_PINS_MAX] = {draft, SPAN("\0"), change_word(intent->change),
                                                   SPAN("\0"), intent->change_note};
    size_t count = 5;
    for (size_t i = 0; i < intent->related_count; i++) {
        parts[count++] = SPAN("\0");
        parts[count++] = intent->related[i];
    }
    return sha256_of_parts(parts, count);
}

static struct span sent_as(const struct flow_item *item, struct span href) {
    for (size_t i = 0; i < item->picture_count; i++)
        if (span_eq(item->pictures[i].href, href)) return item->pictures[i].bytes;
    return (struct span){NULL, 0};
}

/* As long as it is not known whether the item changes anything, a picture is the hash of what was sent. */
static rc name_pictures(struct arena *a, const struct flow_item *item, struct intent *intent) {
    for (size_t i = 0; i < intent->picture_count; i++) {
        struct span href = intent->pictures[i].href, bytes = sent_as(item, href);
        if (!bytes.p)
            return rc_fail(RC_INVALID,
                           "picture \"" SPAN_FMT "\": it is not beside the item or in the upload",
                           SPAN_ARG(href));
        struct picture *picture = &intent->draft.pictures[i];
        picture->renditions = ARENA_NEW(a, struct rendition);
        if (!picture->renditions) return rc_fail(RC_TOO_BIG, "too many pictures for one operation");
        picture->rendition_count = 1;
        TRY(media_name(href, bytes, picture->renditions));
    }
    return RC_OK;
}

static rc show_pictures(struct flow *f, struct arena *a, const struct flow_item *item,
                        struct intent *intent) {
    unsigned edition;
    TRY(edition_find(f, intent->draft.edition, &edition));
    size_t room = intent->remark_count + intent->picture_count * MEDIA_REMARKS_MAX;
    struct intent_remark *remarks = ARENA_ARRAY(a, struct intent_remark, room + 1);
    if (!remarks) return rc_fail(RC_TOO_BIG, "too many pictures for one operation");
    if (intent->remark_count)
        memcpy(remarks, intent->remarks, intent->remark_count * sizeof *remarks);
    intent->remarks = remarks;
    for (size_t i = 0; i < intent->picture_count; i++) {
        struct span href = intent->pictures[i].href;
        TRY(media_show(f, a, edition, href, sent_as(item, href), &intent->draft.pictures[i],
                       intent));
    }
    return RC_OK;
}

/* Leases that end with a day: it ends when it does where the paper is. */
static rc end_days(struct flow *f, struct intent *intent) {
    unsigned edition;
    TRY(edition_find(f, intent->draft.edition, &edition));
    for (size_t i = 0; i < intent->picture_count; i++)
        if (intent->pictures[i].expires_day.n)
            TRY(media_until(f, edition, intent->pictures[i].expires_day,
                            &intent->draft.pictures[i].rights.expires));
    return RC_OK;
}

/* ---- other stories that an item, or a person, names ------------------------------------ */

rc find_story(struct flow *f, struct arena *a, struct span name, struct story_row *out_row) {
    struct story_id id;
    if (span_starts(name, f->setup.url)) name = span_from(name, f->setup.url.n);
    if (span_starts(name, SPAN("/s/")))
        return store_story_by_code(f->store, a, span_from(name, 3), out_row);
    if (span_starts(name, SPAN("/"))) return store_story_by_path(f->store, a, name, out_row);
    if (story_id_parse(name, &id)) return store_story_by_id(f->store, a, &id, out_row);
    rc code = store_story_by_uri(f->store, a, name, out_row);
    return code == RC_NOT_FOUND ? store_story_by_code(f->store, a, name, out_row) : code;
}

/* RC_NOT_FOUND becomes the item's error, with the key that names the story. */
static rc find_named(struct flow *f, struct arena *a, const char *key, struct span name,
                     struct story_row *out_row) {
    rc code = find_story(f, a, name, out_row);
    if (code != RC_NOT_FOUND) return code;
    return rc_fail(RC_NOT_FOUND,
                   "%s: there is no story \"" SPAN_FMT
                   "\" here; send that one first, or name it by its "
                   "uri, address or path",
                   key, SPAN_ARG(span_sub(name, 0, 200)));
}

static rc add_remark(struct arena *a, struct intent *intent, struct span text) {
    struct intent_remark *remarks = ARENA_ARRAY(a, struct intent_remark, intent->remark_count + 1);
    if (!remarks || !text.p) return rc_fail(RC_TOO_BIG, "too many remarks for one operation");
    if (intent->remark_count)
        memcpy(remarks, intent->remarks, intent->remark_count * sizeof *remarks);
    remarks[intent->remark_count++].text = text;
    intent->remarks = remarks;
    return RC_OK;
}

/* An editor names what is here. An agency names what it has: of that, what has come here. */
static rc find_related(struct flow *f, struct arena *a, struct intent *intent) {
    struct revision *draft = &intent->draft;
    struct story_row row;
    draft->related = ARENA_ARRAY(a, struct story_id, intent->related_count + 1);
    if (!draft->related) return rc_fail(RC_TOO_BIG, "too many stories for one operation");
    for (size_t i = 0; i < intent->related_count; i++) {
        rc code = find_named(f, a, "related", intent->related[i], &row);
        if (code == RC_NOT_FOUND && intent->related_by_sender) {
            rc_why_clear();
            TRY(add_remark(
                a, intent,
                arena_printf(a, "the related story " SPAN_FMT " was left out: it is not here",
                             SPAN_ARG(span_sub(intent->related[i], 0, 200)))));
            continue;
        }
        TRY(code);
        bool again = false;
        for (size_t k = 0; k < draft->related_count; k++)
            again = again || memcmp(&draft->related[k], &row.id, sizeof row.id) == 0;
        if (!again) draft->related[draft->related_count++] = row.id;
    }
    return RC_OK;
}

static rc is_story(const char *key, const struct story_row *row) {
    if (!row->standing) return RC_OK;
    return rc_fail(RC_INVALID, "%s: " SPAN_FMT " is a standing page, and no story", key,
                   SPAN_ARG(row->path));
}

/* ---- the revision ------------------------------------------------------------------------- */

static rc give_code(struct flow *f, struct arena *a, struct span *out_code) {
    char text[STORY_CODE_CHARS];
    const size_t letters = sizeof STORY_CODE_ALPHABET - 1;
    for (int tries = 0; tries < CODE_TRIES; tries++) {
        for (size_t i = 0; i < sizeof text; i++) {
            uint8_t byte;
            do random_bytes(&byte, 1);
            while (byte >= 256 / letters * letters); /* every letter equally often */
            text[i] = STORY_CODE_ALPHABET[byte % letters];
        }
        if (store_code_taken(f->store, span_of(text, sizeof text))) continue;
        *out_code = arena_copy(a, span_of(text, sizeof text));
        return RC_OK;
    }
    return rc_fail(RC_CONFLICT, "no free short code was found in %d tries", CODE_TRIES);
}

/* /YYYY/MM/DD/slug, under the edition's prefix: the day it appeared, in the edition's zone; it stays when
 * the headline changes. */
static rc give_path(struct flow *f, struct arena *a, unsigned edition, const struct revision *r,
                    struct span *out_path) {
    struct render_day day = render_day_of(owners_render(f, edition), r->published);
    struct span slug = slug_of(a, r->slug.n ? r->slug : r->headline);
    struct span plain =
        arena_printf(a, SPAN_FMT "/%04d/%02u/%02u/" SPAN_FMT, SPAN_ARG(f->editions[edition].prefix),
                     day.year, day.month, day.day, SPAN_ARG(slug));
    char encoded[3 * (SLUG_BYTES_MAX + EDITION_BYTES_MAX + 16)];
    struct span path;
    TRY(http_path_encode(plain, encoded, sizeof encoded, &path));
    return store_path_free(f->store, a, path, &r->story, out_path);
}

/* What earlier revisions told their readers stays, and what this one tells is added. */
static rc give_corrections(struct flow *f, struct arena *a, const struct story_row *row, bool known,
                           ms_t now, struct span note, struct revision *r) {
    struct revision before = {0};
    struct revision_row stored;
    rc code = known ? store_revision(f->store, a, &row->id, row->number, &stored) : RC_NOT_FOUND;
    if (code == RC_OK && !stored.text_lost)
        TRY(canon_read(a, stored.canonical, &before));
    else if (code != RC_OK && code != RC_NOT_FOUND)
        return code;
    bool adds = known && desk_change_needs_note(r->change);
    r->correction_count = before.correction_count + adds;
    r->corrections = ARENA_ARRAY(a, struct correction, r->correction_count + 1);
    if (!r->corrections) return rc_fail(RC_TOO_BIG, "too many corrections for one operation");
    if (before.correction_count)
        memcpy(r->corrections, before.corrections,
               before.correction_count * sizeof *r->corrections);
    if (adds)
        r->corrections[before.correction_count] =
            (struct correction){.at = now, .kind = r->change, .text = note};
    return RC_OK;
}

rc plan_entry(struct flow *f, struct arena *a, enum entry_type type, ms_t now,
              const struct span *parts, size_t count, struct plan *plan) {
    struct story_row *row = &plan->act.row;
    /* A text's opening need not repeat it: a seed is enough. */
    const bool seed = entry_type_has_text(type) && count > 1;
    const size_t salt_bytes = (seed ? 1 : count) * SALT_BYTES;
    char *bytes = arena_take(a, salt_bytes);
    if (!bytes) return rc_fail(RC_TOO_BIG, "too many parts for one operation");
    random_bytes(bytes, salt_bytes);
    const struct span salts = span_of(bytes, salt_bytes);
    TRY(store_log_size(f->store, &plan->act.entry_index));
    struct entry entry = {.type = type,
                          .has_story = true,
                          .story = row->id,
                          .revision = row->number,
                          .previous = plan->known ? plan->row.last_entry : ENTRY_NONE,
                          .time = now,
                          .parts = (uint32_t)count,
                          .root = parts_root(parts, salts, count)};
    char text[ENTRY_BYTES_MAX];
    struct buf b;
    buf_init_fixed(&b, text, sizeof text);
    entry_write(&entry, &b);
    CHECK(!b.over);
    plan->act.entry = arena_copy(a, buf_span(&b));
    if (!plan->act.entry.p)
        return rc_fail(RC_TOO_BIG, "the item needs more memory than one operation may have");
    plan->act.salts = salts;
    plan->parts = parts;
    plan->part_count = count;
    row->last_entry = plan->act.entry_index;
    plan->stores = true;
    return RC_OK;
}

/* People, places, organisations, topics, each in the order given: as pages show them, and as ninjs, which has
 * a list of each, can say them. */
static void sort_tags(struct revision *r) {
    for (size_t i = 1; i < r->tag_count; i++) {
        struct tag tag = r->tags[i];
        size_t at = i;
        for (; at > 0 && r->tags[at - 1].kind > tag.kind; at--) r->tags[at] = r->tags[at - 1];
        r->tags[at] = tag;
    }
}

static rc make_revision(struct flow *f, struct arena *a, ms_t now, ms_t claimed, struct span note,
                        const struct revision *draft, struct plan *plan) {
    struct revision *r = ARENA_NEW(a, struct revision);
    if (!r) return rc_fail(RC_TOO_BIG, "the item needs more memory than one operation may have");
    *r = *draft;
    sort_tags(r);
    struct story_row *row = &plan->act.row;
    r->change = plan->verdict.change;
    if (plan->known) {
        r->story = plan->row.id;
        r->number = plan->row.number + 1;
        r->code = plan->row.code;
        r->published = plan->row.published;
        r->updated = desk_change_moves_date(r->change) ? now : plan->row.updated;
        if (claimed && desk_change_moves_date(r->change)) r->updated = claimed;
        if (r->updated < r->published) r->updated = r->published;
    } else {
        random_bytes(r->story.bytes, sizeof r->story.bytes);
        r->number = 1;
        TRY(give_code(f, a, &r->code));
        r->published = r->updated = claimed ? claimed : now;
    }
    unsigned edition;
    TRY(edition_find(f, r->edition, &edition));
    if (story_is_standing(r))
        TRY(standing_path(f, a, edition, r->slug, &r->path));
    else
        TRY(give_path(f, a, edition, r, &r->path));
    TRY(give_corrections(f, a, &plan->row, plan->known, now, note, r));
    TRY(story_check(r));
    TRY(canonical_of(a, r, &plan->act.canonical));
    TRY(shelf_try_story(f, plan->act.canonical));
    plan->act.has_revision = true;
    plan->act.derive = r;
    row->id = r->story;
    row->state = STORY_PUBLISHED;
    row->number = r->number;
    row->path = r->path;
    row->code = r->code;
    row->published = r->published;
    row->updated = r->updated;
    struct span *parts;
    size_t count;
    TRY(canon_parts(a, plan->act.canonical, &parts, &count));
    enum entry_type type = desk_change_needs_note(r->change) ? ENTRY_CORRECTION : ENTRY_REVISION;
    TRY(plan_entry(f, a, story_is_standing(r) ? ENTRY_STANDARDS : type, now, parts, count, plan));
    struct list_ref *lists;
    if (story_is_standing(r)) return RC_OK; /* it stands in no list */
    TRY(lists_of(f, a, edition, r, &lists, &plan->act.list_count));
    if (desk_change_needs_note(r->change))
        plan->act.notes = edition_list(f, a, edition, LIST_CORRECTIONS);
    plan->act.lists = lists;
    return RC_OK;
}

/* ---- the four occasions ---------------------------------------------------------------------- */

/* What is known of the story that the item is: that of its uri, or the one that it updates. */
static rc learn_facts(struct flow *f, struct arena *a, const struct intent *intent,
                      struct plan *plan, struct desk_wish *wish, struct desk_facts *facts,
                      struct held_row *held) {
    rc code = store_story_by_uri(f->store, a, intent->uri, &plan->row);
    if (code != RC_OK && code != RC_NOT_FOUND) return code;
    if (code == RC_NOT_FOUND && intent->updates.n) {
        TRY(find_named(f, a, "updates", intent->updates, &plan->row));
        TRY(is_story("updates", &plan->row));
        code = RC_OK;
    }
    plan->known = code == RC_OK && plan->row.number > 0;
    if (plan->known) {
        wish->continues = !span_eq(plan->row.uri, intent->uri);
        facts->known = true;
        facts->state = plan->row.state;
        facts->has_version = plan->row.has_version;
        facts->version = plan->row.version;
        facts->content = plan->row.content;
        facts->retracted = plan->row.retracted;
    }
    code = store_held_by_uri(f->store, a, intent->uri, held);
    if (code != RC_OK && code != RC_NOT_FOUND) return code;
    if (code == RC_OK) {
        facts->held = true;
        facts->held_has_version = held->has_version;
        facts->held_version = held->version;
        facts->held_content = held->content;
    }
    return RC_OK;
}

/* One without a name of its own is named by what it says: the same again is the same item. */
static rc give_uri(struct arena *a, const struct sha256 *content, struct intent *intent) {
    char text[sizeof "content:" + 2 * SHA256_BYTES];
    struct buf b;
    if (intent->uri.n) return RC_OK;
    buf_init_fixed(&b, text, sizeof text);
    buf_str(&b, "content:");
    buf_hex(&b, content->bytes, SHA256_BYTES);
    intent->uri = arena_copy(a, buf_span(&b));
    return intent->uri.p
               ? RC_OK
               : rc_fail(RC_TOO_BIG, "the item needs more memory than one operation may have");
}

/* In a site of one edition nothing is said of it. */
static rc give_edition(struct flow *f, struct revision *draft) {
    unsigned edition;
    TRY(edition_find(f, draft->edition, &edition));
    draft->edition = f->edition_count > 1 ? f->editions[edition].key : SPAN("");
    if (span_eq_nocase(draft->language, LANGUAGE_UNSAID))
        draft->language = f->editions[edition].language;
    return RC_OK;
}

/* That page, if it is a page at all; a story's address leads to a story. */
static rc look_at_page(struct flow *f, struct arena *a, struct span path, struct plan *plan) {
    rc code = store_story_by_path(f->store, a, path, &plan->row);
    if (code != RC_OK && code != RC_NOT_FOUND) return code;
    plan->known = code == RC_OK;
    if (plan->known && !plan->row.standing)
        return rc_fail(RC_CONFLICT, "slug: " SPAN_FMT " is a story's address; give another one",
                       SPAN_ARG(path));
    return RC_OK;
}

static rc translates(struct flow *f, struct arena *a, unsigned edition, struct intent *intent) {
    struct story_row original;
    if (!intent->translation_of.n) return RC_OK;
    TRY(find_named(f, a, "translation-of", intent->translation_of, &original));
    if (!original.standing || edition_of_path(f, original.path) == edition)
        return rc_fail(RC_INVALID,
                       "translation-of: " SPAN_FMT " is no standing page of another edition",
                       SPAN_ARG(original.path));
    intent->draft.translation_of = original.id;
    return RC_OK;
}

/* A standing page is named by its address. What is said of the change is no change. */
static rc page_content(struct arena *a, const struct revision *r, struct sha256 *out) {
    struct revision draft = *r;
    struct span bytes;
    draft.standing.note = (struct span){NULL, 0};
    TRY(canonical_of(a, &draft, &bytes));
    if (bytes.n > STANDING_BYTES_MAX)
        return rc_fail(RC_TOO_BIG, "the page has %zu bytes in its canonical form; at most %d",
                       bytes.n, STANDING_BYTES_MAX);
    *out = sha256_of(bytes);
    return RC_OK;
}

static rc plan_page(struct flow *f, struct arena *a, const struct flow_item *item, ms_t now,
                    struct intent *intent, struct plan *plan) {
    struct revision *draft = &intent->draft;
    struct sha256 content;
    struct span path;
    unsigned edition;
    if (item->change != CHANGE_NONE)
        return rc_fail(RC_INVALID, "change: each version of a standing page is an update");
    if (item->note.n) TRY(story_normalize(a, item->note, false, &draft->standing.note));
    give_placeholders(draft);
    TRY(edition_find(f, draft->edition, &edition));
    TRY(give_edition(f, draft));
    TRY(standing_path(f, a, edition, draft->slug, &path));
    TRY(look_at_page(f, a, path, plan));
    TRY(translates(f, a, edition, intent));
    TRY(story_check(draft));
    TRY(page_content(a, draft, &content));
    const struct desk_facts facts = {
        .known = plan->known, .state = plan->row.state, .content = plan->row.content};
    TRY(desk_decide_page(item->role, &facts, &content, &plan->verdict));
    if (plan->verdict.act == DESK_NOTHING) return RC_OK;
    TRY(standing_fits(f, a, edition, plan->known ? plan->row.number : 0));
    TRY(make_revision(f, a, now, 0, draft->standing.note, draft, plan));
    plan->act.row.standing = draft->standing.order;
    plan->act.row.content = content;
    return RC_OK;
}

rc plan_item(struct flow *f, struct arena *a, const struct flow_item *item, ms_t now,
             struct intent *intent, struct plan *plan) {
    struct desk_facts facts = {0};
    struct held_row held = {0};
    struct span draft = {NULL, 0};
    TRY(wire_read(a, item->form, item->bytes, LANGUAGE_UNSAID, intent));
    if (story_is_standing(&intent->draft)) return plan_page(f, a, item, now, intent, plan);
    if (item->change != CHANGE_NONE) intent->change = item->change;
    if (item->note.n) TRY(story_normalize(a, item->note, false, &intent->change_note));
    if (intent->change_note.n > CORRECTION_BYTES_MAX)
        return rc_fail(RC_TOO_BIG, "note: %zu bytes; at most %d", intent->change_note.n,
                       CORRECTION_BYTES_MAX);
    struct withdrawal withdrawal;
    TRY(withdrawal_make(a, intent->reason, intent->authority, intent->demanded, &withdrawal));
    struct desk_wish wish = {.canceled = intent->canceled,
                             .legal = withdrawal.status == 451,
                             .has_version = intent->has_version,
                             .version = intent->version,
                             .embargoed_until = intent->embargoed_until,
                             .change = intent->change,
                             .has_note = intent->change_note.n > 0};
    if (!intent->canceled) {
        TRY(name_pictures(a, item, intent));
        give_placeholders(&intent->draft);
        TRY(give_edition(f, &intent->draft));
        if (intent->translation_of.n) {
            struct story_row original;
            TRY(find_named(f, a, "translation-of", intent->translation_of, &original));
            TRY(is_story("translation-of", &original));
            intent->draft.translation_of = original.id;
        }
        TRY(end_days(f, intent));
        TRY(story_check(&intent->draft));
        TRY(canonical_of(a, &intent->draft, &draft));
        wish.content = content_of(draft, intent);
        TRY(give_uri(a, &wish.content, intent));
    } else if (!intent->uri.n) {
        return rc_fail(RC_INVALID,
                       "uri: an item that is canceled must say which one: its uri is missing");
    }
    TRY(learn_facts(f, a, intent, plan, &wish, &facts, &held));
    if (plan->known && wish.legal) TRY(withdrawal_said(f, a, &plan->row, &withdrawal, &facts.said));
    TRY(desk_decide(item->role, &wish, &facts, now, &plan->verdict));
    enum desk_act act = plan->verdict.act;
    bool shows = act == DESK_PUBLISH || act == DESK_REVISE || act == DESK_HOLD;
    if (shows && (intent->picture_count || intent->related_count)) {
        TRY(find_related(f, a, intent));
        TRY(show_pictures(f, a, item, intent));
        TRY(story_check(&intent->draft));
        TRY(canonical_of(a, &intent->draft, &draft));
    }
    if (act == DESK_WITHDRAW) TRY(plan_withdrawal(f, a, &plan->row, &withdrawal, now, plan));
    if (act == DESK_PUBLISH || act == DESK_REVISE) {
        ms_t claimed = item->archive && intent->published_claim < now ? intent->published_claim : 0;
        TRY(make_revision(f, a, now, claimed, intent->change_note, &intent->draft, plan));
        plan->act.row.uri = intent->uri;
        plan->act.row.has_version = intent->has_version;
        plan->act.row.version = intent->version;
        plan->act.row.content = wish.content;
    }
    if (act == DESK_HOLD) {
        TRY(shelf_try_story(f, draft)); /* a refusal at midnight would reach nobody */
        plan->holds = true;
        plan->held = (struct held_row){.due = intent->embargoed_until,
                                       .uri = intent->uri,
                                       .draft = draft,
                                       .has_version = intent->has_version,
                                       .version = intent->version,
                                       .content = wish.content,
                                       .change = intent->change,
                                       .change_note = intent->change_note};
    }
    /* What is held under the same name is out of date now, unless it is a later version. */
    bool held_is_later = held.has_version && wish.has_version && held.version > wish.version;
    plan->drops =
        facts.held && act != DESK_NOTHING && act != DESK_HOLD && (wish.canceled || !held_is_later);
    plan->drop_id = held.id;
    return RC_OK;
}

/* Its time has come. It was checked when it was held; what has happened since decides. */
rc plan_held(struct flow *f, struct arena *a, const struct held_row *held, ms_t now,
             struct plan *plan) {
    struct desk_facts facts = {0};
    struct held_row same = {0};
    struct revision draft;
    plan->drops = true;
    plan->drop_id = held->id;
    struct desk_wish wish = {.has_version = held->has_version,
                             .version = held->version,
                             .content = held->content,
                             .change = held->change,
                             .has_note = held->change_note.n > 0};
    TRY(learn_facts(f, a, &(struct intent){.uri = held->uri}, plan, &wish, &facts, &same));
    TRY(desk_decide(DESK_CLOCK, &wish, &facts, now, &plan->verdict));
    if (plan->verdict.act == DESK_NOTHING) return RC_OK;
    TRY(canon_read(a, held->draft, &draft));
    TRY(make_revision(f, a, now, 0, held->change_note, &draft, plan));
    plan->act.row.uri = held->uri;
    plan->act.row.has_version = held->has_version;
    plan->act.row.version = held->version;
    plan->act.row.content = held->content;
    return RC_OK;
}

rc plan_store(struct flow *f, const struct plan *plan) {
    if (plan->drops) TRY(store_held_drop(f->store, plan->drop_id));
    if (plan->holds) TRY(store_hold(f->store, &plan->held));
    if (!plan->stores) return RC_OK;
    TRY(store_publish(f->store, &plan->act));
    const struct revision *r = plan->act.derive;
    const struct span of = f->editions[edition_of_path(f, plan->act.row.path)].list_prefix;
    char key[LIST_KEY_BYTES_MAX];
    for (size_t i = 0; r && i < r->tag_count; i++) {
        int n = snprintf(key, sizeof key, SPAN_FMT "tag/" SPAN_FMT, SPAN_ARG(of),
                         SPAN_ARG(r->tags[i].slug));
        TRY(store_list_title(f->store, span_of(key, (size_t)n), r->tags[i].name));
    }
    for (size_t i = 0; r && i < r->byline_count; i++) {
        struct arena *a = arena_new(SLUG_ARENA_BYTES);
        int n = snprintf(key, sizeof key, SPAN_FMT "author/" SPAN_FMT, SPAN_ARG(of),
                         SPAN_ARG(slug_of(a, r->bylines[i].name)));
        arena_free(a);
        TRY(store_list_title(f->store, span_of(key, (size_t)n), r->bylines[i].name));
    }
    return RC_OK;
}
