/*
 * wire: bytes from outside → an intent. Parsers only: nothing is stored, looked up or decided
 * here. Two forms are taken alike: ninjs 3.x (JSON) and story.md (front matter and Markdown).
 *
 * A draft that is returned keeps every rule of story_check(), but for what the desk and the store
 * give (names of other stories too: they are uris in the intent, ids in a revision), and the
 * renditions of its pictures; texts are normal, addresses http, https, mailto or a path on this
 * site. The draft of a canceled item is not checked; of a ninjs item it has a language only.
 *
 * Decisions that a sender may ask about:
 *   - ninjs: of several bodies the first of the best type is taken: HTML, XHTML, NITF, plain text.
 *     A version that is no decimal number is refused, since it tells the newer of two texts; so is
 *     an item that is "withheld". edNote is for editors: it is read only as the reason of a cancel.
 *     A first heading equal to the headline, a first paragraph equal to the standfirst and a
 *     dateline before the first sentence ("PORT AVERIL (COURIER) —") are taken out of the text: the
 *     page prints them from their fields. The first picture associated leads, others follow the
 *     text, unless it shows them itself. More tags than a story has are left out, with a remark.
 *   - story.md: the keys are listed in front.h and markdown.c; a value runs to the end of its line.
 *     Headings "#" and "##" are level 2, "###" is 3, deeper ones 4; without headline: the first
 *     "# …" is the headline. Raw HTML is text. A quote in a quote and nothing else is a pull quote;
 *     several pictures in a paragraph are a gallery.
 *   - both: items of a nested list follow their parent in the outer list; the last paragraph of a
 *     quote is its attribution if it begins with a dash ("— Speaker, occasion"); sound is a card
 *     that leads to it, never loaded, never kept.
 *   - a standing page: keys title, short, standfirst, slug, language, edition, translation-of, order,
 *     note; without a slug it is that of its title. No pictures.
 *   - a text/plain body has its paragraphs between blank lines; without any, each line is one.
 *
 * Bad input is RC_INVALID (or RC_TOO_BIG) and rc_why() names the place: a JSON path
 * ("$.headlines[0].value") or "line 7", and what is wanted there. Nothing is half taken.
 */
#ifndef DATELINE_WIRE_WIRE_H
#define DATELINE_WIRE_WIRE_H

#include "base/arena.h"
#include "story/story.h"

enum wire_form {
    WIRE_GUESS, /* NINJS or MARKDOWN */
    WIRE_NINJS,
    WIRE_MARKDOWN,
    WIRE_PAGE /* a standing page: its own keys in the front matter, and the same Markdown */
};
#define WIRE_PAGE_ORDER 100 /* of a page that does not say where it stands at the foot */

/* A picture that the item refers to; its bytes come from beside the item or in the upload. */
struct intent_picture {
    struct span href; /* relative, safe ("photos/pier.jpg"): no "..", no scheme, no leading "/" */
    /* "2026-12-31": its lease ends with that day, where its edition is; else empty. */
    struct span expires_day;
    const struct span *sizes; /* files that are the same picture in other sizes */
    size_t size_count;
};

/* A thing the sender should know though the item was taken: "$.associations[1]: the picture
 * https://… has only an http address and was left out". */
struct intent_remark {
    struct span text;
};

/*
 * What somebody wants: a story as they wrote it. `draft` has everything from the writer; what the
 * desk and the store give (story, number, path, code, published, updated) is zero, and each
 * picture has its texts and rights but no renditions yet: draft.pictures[i] comes from pictures[i].
 */
struct intent {
    struct span uri; /* the sender's own name for the item; empty: none was given */
    /* Other stories, as the sender names them: by the uri of an item, by the address or path of a
     * page, or by a short address, of this site. Who they are the store knows. */
    struct span updates; /* the item is the next revision of that story, under a new name */
    struct span translation_of;
    struct span *related; /* an editor's choice, in his order; at most RELATED_PINS_MAX */
    size_t related_count;
    bool related_by_sender; /* of ninjs: what is not known here is left out */
    bool has_version;
    uint64_t version;
    bool canceled;      /* ninjs pubStatus "canceled": withdraw, whatever else is said */
    struct span reason; /* of a withdrawal, if said … */
    struct span authority, demanded; /* … and who demanded it by law, and on which day */
    ms_t embargoed_until;            /* 0: none */
    ms_t first_created;   /* the item's own claim, 0: none; never used as a publication time … */
    ms_t published_claim; /* … unless an archive is imported; ninjs versionCreated / front matter
                             date */
    enum change change;   /* CHANGE_NONE: not said */
    struct span change_note;
    struct revision draft;
    struct intent_picture *pictures;
    size_t picture_count;
    struct intent_remark *remarks;
    size_t remark_count;
};

/* `language` is taken where the item does not say. The intent lives in `arena` (capped by the
 * caller, WIRE_ARENA_BYTES) and does not refer to `bytes`. */
rc wire_read(struct arena *arena, enum wire_form form, struct span bytes, struct span language,
             struct intent *out_intent) MUST_USE;

/* A date and time with zone, or a day ("2026-12-31"): its end is meant, which depends on where it ends, so that
 * *out_day is it then, and *out_at 0. */
bool wire_until(struct span text, ms_t *out_at, struct span *out_day);

#endif
