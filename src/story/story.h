/*
 * story: the vocabulary. What a story is made of, as plain values; nothing here does I/O.
 *
 * All spans are well-formed UTF-8 in Unicode NFC, without control characters, trimmed; they live
 * in the arena of whoever made the revision. An empty span means "not given". Limits are in
 * story/limits.h; story_check() holds a revision against all of them.
 *
 * Field names follow IPTC ninjs 3.1 and schema.org/NewsArticle where those have a word for it.
 */
#ifndef DATELINE_STORY_STORY_H
#define DATELINE_STORY_STORY_H

#include "base/arena.h"
#include "base/base.h"
#include "base/buf.h"
#include "base/hash.h"

/* A random 128-bit name, given once, never reused. Written as 32 lower-case hex digits. */
#define STORY_ID_BYTES 16
struct story_id {
    uint8_t bytes[STORY_ID_BYTES];
};

/* The short URL's code: /s/CODE. 7 characters out of STORY_CODE_ALPHABET, random, never reused. */
#define STORY_CODE_CHARS 7
#define STORY_CODE_ALPHABET "23456789abcdefghjkmnpqrstuvwxyz"

/* The states that editorial law knows. An embargo or a schedule is a date, not a state. */
#define STORY_STATE_TABLE(X)                                            \
    X(PRIVATE, "private") /* held: embargoed, or not yet released */    \
    X(PUBLISHED, "published")                                           \
    X(WITHDRAWN, "withdrawn") /* its URL answers 410 or 451, and why */ \
    X(DESTROYED, "destroyed") /* erased by law; only the log entry is left */
enum story_state {
#define X(name, word) STORY_##name,
    STORY_STATE_TABLE(X)
#undef X
        STORY_STATE_COUNT
};

/* Kind of work: what the reader is told it is. schema.org subtype in brackets. */
#define WORK_TABLE(X)                                                                            \
    X(NEWS, "news", "NewsArticle")                                                               \
    X(ANALYSIS, "analysis", "AnalysisNewsArticle")                                               \
    X(OPINION, "opinion", "OpinionNewsArticle")                                                  \
    X(REVIEW, "review", "ReviewNewsArticle")                                                     \
    X(INTERVIEW, "interview", "NewsArticle")                                                     \
    X(FEATURE, "feature", "ReportageNewsArticle")                                                \
    X(BACKGROUND, "background", "BackgroundNewsArticle")                                         \
    X(AGENCY, "agency", "NewsArticle")                                                           \
    X(SPONSORED, "sponsored", "AdvertiserContentArticle")                                        \
    X(LIVE, "live", "LiveBlogPosting") /* told while it happens; another kind when it is over */ \
    X(BREAKING, "breaking", "NewsArticle") /* the first lines of it; another kind once it is told */
enum work {
#define X(name, word, schema) WORK_##name,
    WORK_TABLE(X)
#undef X
        WORK_COUNT
};

/*
 * What kind of change a revision is, against the one before it; the first is CHANGE_NONE. And where
 * on the page its note stands, if readers are told: at the foot what the text above says rightly by
 * now, at the top what they must know before they read. What each means for a story: desk/desk.h.
 */
enum change_place { CHANGE_UNTOLD, CHANGE_FOOT, CHANGE_TOP };
#define CHANGE_TABLE(X)                                             \
    X(NONE, "none", UNTOLD)                                         \
    X(MINOR, "minor", UNTOLD) /* spelling, layout: no date moves */ \
    X(UPDATE, "update", UNTOLD)                                     \
    X(CLARIFICATION, "clarification", FOOT)                         \
    X(CORRECTION, "correction", FOOT) /* must say what was wrong */ \
    X(EDITORS_NOTE, "editors-note", TOP)                            \
    X(RETRACTION, "retraction", TOP)
enum change {
#define X(name, word, place) CHANGE_##name,
    CHANGE_TABLE(X)
#undef X
        CHANGE_COUNT
};

#define TAG_KIND_TABLE(X)           \
    X(PERSON, "person")             \
    X(PLACE, "place")               \
    X(ORGANISATION, "organisation") \
    X(TOPIC, "topic")
enum tag_kind {
#define X(name, word) TAG_##name,
    TAG_KIND_TABLE(X)
#undef X
        TAG_KIND_COUNT
};

/* Where a picture may be shown, in the order of their words. Dateline prints nothing; who may only print a
 * picture may not show it here. */
#define CHANNEL_TABLE(X)                                         \
    X(API, "api")   /* the read API and ninjs: other programs */ \
    X(FEED, "feed") /* RSS, Atom, JSON Feed */                   \
    X(PRINT, "print")                                            \
    X(WEB, "web") /* pages, and what they say of themselves */
enum channel {
#define X(name, word) CHANNEL_##name,
    CHANNEL_TABLE(X)
#undef X
        CHANNEL_COUNT
};

/* The word of a value ("news"), and back; false if there is no such word. */
struct span story_state_word(enum story_state state);
struct span channel_word(enum channel channel);
struct span work_word(enum work work);
struct span work_schema(enum work work);
struct span change_word(enum change change);
enum change_place change_place(enum change change);
struct span tag_kind_word(enum tag_kind kind);
bool story_state_of(struct span word, enum story_state *out_state);
bool work_of(struct span word, enum work *out_work);
bool change_of(struct span word, enum change *out_change);
bool tag_kind_of(struct span word, enum tag_kind *out_kind);
bool channel_of(struct span word, enum channel *out_channel);

/* Inline text: runs of characters that look alike. Adjacent runs differ; none is empty. */
enum run_look { RUN_STRONG = 1, RUN_EMPHASIS = 2, RUN_CODE = 4, RUN_SUB = 8, RUN_SUP = 16 };
struct run {
    struct span text;
    struct span href; /* absolute http, https or mailto URL, or a path on this site; else empty */
    unsigned look;    /* enum run_look, or-ed */
};
struct text {
    struct run *runs;
    size_t count;
};

/*
 * The closed block model: there is no block of raw HTML, for anyone.
 *   X(name, word)         fields of struct block that it uses
 */
#define BLOCK_TABLE(X)                                                                         \
    X(PARAGRAPH, "paragraph")       /* text */                                                 \
    X(HEADING, "heading")           /* text, level 2–4 */                                    \
    X(LIST, "list")                 /* rows (one text each), ordered */                        \
    X(QUOTE, "quote")               /* rows (a paragraph each), speaker, occasion, url */      \
    X(PULL_QUOTE, "pull-quote")     /* the same, repeated from the text for show */            \
    X(PICTURE, "picture")           /* picture: index into the revision's pictures */          \
    X(TABLE, "table")               /* rows of `columns` cells each, row by row; header_row */ \
    X(PREFORMATTED, "preformatted") /* text, line feeds kept */                                \
    X(RULE, "rule")                 /* a break between scenes; no fields */                    \
    X(EMBED, "embed")     /* url, title: shown as a card that links there, never loaded */     \
    X(GALLERY, "gallery") /* pictures: two or more indices, none twice */                      \
    X(EVENTS, "events")   /* rows, and of each its time; oldest first */                       \
    X(AUDIO, "audio")     /* url, title: a card like an embed's, to listen there */
enum block_kind {
#define X(name, word) BLOCK_##name,
    BLOCK_TABLE(X)
#undef X
        BLOCK_KIND_COUNT
};
struct span block_kind_word(enum block_kind kind);
bool block_kind_of(struct span word, enum block_kind *out_kind);

struct block {
    enum block_kind kind;
    unsigned level;     /* HEADING: 2–4 */
    bool ordered;       /* LIST */
    bool header_row;    /* TABLE: the first row is a head */
    unsigned columns;   /* TABLE: ≥ 1; row_count is a multiple of it */
    unsigned picture;   /* PICTURE: index into revision.pictures */
    unsigned *pictures; /* GALLERY */
    size_t picture_count;
    struct text text;
    struct text *rows;
    size_t row_count;
    ms_t *times;                   /* EVENTS: row_count of them */
    struct span speaker, occasion; /* QUOTE, PULL_QUOTE */
    struct span url, title;        /* EMBED, AUDIO; QUOTE: url is where it was said */
};

/* One stored size of a picture. Its file is /media/HASH.EXT, EXT from the type. */
struct rendition {
    struct sha256 hash;     /* of the file's bytes */
    struct span type;       /* image/jpeg, image/png, image/webp, image/avif */
    uint32_t width, height; /* pixels */
    uint64_t bytes;
};
/* What its owner allows. */
struct rights {
    unsigned channels;      /* 1 << enum channel, or-ed; 0: all */
    ms_t expires;           /* end of the lease: from then on it is shown nowhere; 0: none */
    bool no_redistribution; /* may be shown, not passed on: in no feed, and not in the API */
};
bool rights_allow(const struct rights *rights, enum channel channel, ms_t at);
/* Somewhere: its file is served. */
bool rights_allow_any(const struct rights *rights, ms_t at);

struct picture {
    struct span caption, alt;
    /* Who is to be named. Agency and photographer are apart; what is printed of them is one line, see
     * picture_credit_line(). A credit that was sent as one line ("© COURIER / M. VALE") is left so. */
    struct span credit;      /* the agency */
    struct span creator;     /* the photographer */
    struct span copyright;   /* the holder's notice */
    struct span usage_terms; /* in the owner's words; for people */
    struct span colour; /* "#2f4a61": its average, shown while it is on its way; empty: not known */
    struct rights rights;
    struct rendition *renditions; /* ≥ 1, widest first */
    size_t rendition_count;
};
/* "© COURIER / M. Vale": the credit; with the creator, if it does not name him and is no line with a "/" by
 * itself. The sign stands there if the two are put together and nobody else is named as the holder. */
void picture_credit_line(const struct picture *picture, struct buf *out);

/* Where and by whom it was filed: `PORT AVERIL (COURIER) —`. Never typed into the body. */
struct dateline {
    struct span place, source;
};
struct byline {
    struct span name;
    struct span role; /* "Harbour correspondent" */
};
struct tag {
    enum tag_kind kind;
    struct span name;
    struct span slug; /* of its page: /tag/SLUG; see slug_of() */
};

/* What a later revision told its readers about the change. Oldest first; copied forward. */
struct correction {
    ms_t at;
    enum change kind; /* CLARIFICATION, CORRECTION, EDITORS_NOTE or RETRACTION */
    struct span text;
};

/* What makes a revision a version of a standing page ("About us") instead of a story's: */
struct standing_page {
    unsigned
        order; /* among the links at the foot of every page: 1 … STANDING_ORDER_MAX; 0: a story */
    struct span note; /* what this version changed, for readers; empty: not said */
};

/*
 * One revision, whole: everything that may appear on the story's page. The first group is given
 * by the desk and the store when it is published, the rest comes from the writer.
 *
 * A standing page has a number, an address and a text as a story has them. It is of no kind of work, and
 * has no section, dateline, byline, credit line, tags, pictures and corrections; each of its versions but
 * the first is an update.
 */
struct revision {
    struct story_id story;
    uint32_t number;  /* 1, 2, 3 … without gaps */
    struct span path; /* "/2026/11/24/harbour-reopens" */
    struct span code; /* of the short URL */
    ms_t published;   /* when the story first appeared */
    ms_t updated;     /* when its substance last changed; == published at first */
    enum change change;
    struct story_id translation_of; /* the story that this one translates; all zero: none */

    struct span edition;  /* key of the edition it appears in; empty: the site has but one */
    struct span language; /* BCP 47 */
    enum work work;
    struct span section; /* its name; empty: none */
    struct span headline;
    struct span headline_short, headline_social, headline_feed; /* empty: the headline */
    struct span standfirst;
    struct span slug; /* as asked for by the writer, else empty */
    struct dateline dateline;
    struct byline *bylines;
    size_t byline_count;
    struct span credit_line; /* of the text: who holds it ("ninjs copyrightNotice") */
    struct tag *tags;
    size_t tag_count;
    struct picture *pictures; /* the first is the lead if lead_picture */
    size_t picture_count;
    bool lead_picture;
    struct block *blocks;
    size_t block_count;
    struct correction *corrections;
    size_t correction_count;
    struct story_id *related; /* an editor's choice of what stands beside it, the first first */
    size_t related_count;
    struct standing_page standing;
};

bool story_is_standing(const struct revision *r);

/* Has a correction of kind RETRACTION: its newsroom no longer stands by it. It stays so. */
bool story_is_retracted(const struct revision *r);

/* Every rule a revision must keep, with the place of the first that is broken ("blocks[3].level").
 * RC_INVALID or RC_TOO_BIG. Called before anything is stored. */
rc story_check(const struct revision *r) MUST_USE;

void story_id_hex(const struct story_id *id, char out_hex[2 * STORY_ID_BYTES + 1]);
bool story_id_parse(struct span hex, struct story_id *out_id);
bool story_id_given(const struct story_id *id); /* not all zero */

/* The shape of an edition's key ("en", "ar", "north-coast"): small Latin letters, digits and single
 * "-" between them, a letter first, at most EDITION_BYTES_MAX. */
bool edition_key_good(struct span key);

/*
 * Makes any well-formed UTF-8 into what this header promises for spans; RC_INVALID if it is not
 * well-formed, RC_TOO_BIG past the arena's cap. *out is empty if nothing is left.
 *   - Unicode NFC;
 *   - control characters (Cc) dropped; tab, LF, VT, FF, CR, NEL and U+2028/2029 become a space;
 * with keep_line_feeds line ends (CR, CR LF, NEL, U+2028/2029 too) become LF and a tab a space;
 *   - runs of white space folded to one space (U+00A0 and the other spaces of Unicode stay if they
 *     stand alone), both ends trimmed; with keep_line_feeds spaces stay as they are, and only blank
 *     lines at the start and white space at the end go;
 *   - U+202A–202E (they can disguise text), U+200B, U+FEFF and noncharacters dropped; U+200C,
 * U+200D, marks U+200E, U+200F, U+061C and isolates U+2066–2069 kept;
 *   - of combining marks in a row, those after the MARKS_MAX-th dropped.
 * Doing it twice changes nothing, and story_check() wants strings (all but those of runs, whose
 * spaces belong to the sentence) to be such that it changes nothing.
 */
rc story_normalize(struct arena *arena, struct span raw, bool keep_line_feeds,
                   struct span *out) MUST_USE;

/*
 * A slug: lower-case words joined by "-", letters and digits of any script kept (percent-encoding
 * is for the printer), accents folded where Unicode decomposes them, at most SLUG_BYTES_MAX bytes,
 * cut between words. "story" if nothing is left.
 */
struct span slug_of(struct arena *arena, struct span text);

/* Words of the blocks together (for schema.org wordCount); a pull quote repeats the text and does
 * not count. Scripts without spaces between words: each Han or kana character is one. */
size_t story_words(const struct revision *r);
/* The text of one block or run list, without marks. {NULL,0} past the arena's cap. */
struct span text_plain(struct arena *arena, const struct text *t);

#endif
