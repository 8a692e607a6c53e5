/*
 * blocks: how both forms become blocks. Inner header of wire; the reader of HTML alone
 * (wire_html_blocks) is here too, for whoever pastes or checks HTML.
 *
 * A *weave* takes marks and text in reading order, from a tree walk (html.c) or from a parser's
 * calls (markdown.c), and adds blocks to an intent. What it guarantees, whatever it is given:
 *   1. every text is normal (story_normalize), white space folded across runs, no empty run, no two
 *      neighbours alike; no block without content is added;
 *   2. every address has an allowed scheme (wire_href), every picture a safe file name (wire_file);
 *   3. a table is a full rectangle; a picture stands alone, never inside a list, quote or table;
 *      a gallery has two or more; every key event has a time, and they stand in its order;
 *   4. the first failure sticks, nothing is added after it, weave_done() returns it.
 *
 * Blocks do not nest, so containers inside a container are flattened: a list in a list gives its
 * items to the outer one, in reading order; a list, heading, table row or quote inside a quote is
 * one of its paragraphs; whatever is inside a list item or a table cell is text there.
 */
#ifndef DATELINE_WIRE_BLOCKS_H
#define DATELINE_WIRE_BLOCKS_H

#include <jansson.h>

#include "base/buf.h"
#include "wire/limits.h"
#include "wire/wire.h"

enum weave_owner { WEAVE_OPEN, WEAVE_LIST, WEAVE_QUOTE, WEAVE_TABLE };

struct weave_piece {
    size_t from; /* in `raw` */
    unsigned look;
    struct span href;
};

struct weave {
    struct arena *arena;
    struct intent *intent;
    struct span where; /* "$.bodies[0].value", in front of every failure and remark */
    rc failed;
    size_t block_cap, picture_cap, remark_cap;

    /* The text being taken. */
    struct buf raw;
    struct weave_piece *pieces;
    size_t piece_count, piece_cap;
    unsigned looks[5]; /* how often each look is open */
    struct span href;
    bool keep_lines; /* preformatted */
    unsigned level;  /* heading; 0: a paragraph */

    /* The container that texts go to, and how deep in it we are. */
    enum weave_owner owner;
    unsigned depth;
    struct block block;
    size_t row_cap, time_cap;
    ms_t time; /* of the event that is open; 0: it has not said one */
    bool capturing;
    struct text who, occasion; /* of an attribution or caption */
    unsigned column, cells_in_row;
    bool row_open, row_head, table_first;
    unsigned spans[WIRE_COLUMNS_MAX]; /* rows that a cell above still covers */
};

void weave_init(struct weave *w, struct arena *arena, struct intent *intent, struct span where);
rc weave_done(struct weave *w) MUST_USE;
rc weave_failed(struct weave *w, rc code); /* notes the first failure; its why is noted already */
void weave_remark(struct weave *w, const char *fmt, ...) PRINTF(2, 3);

void weave_text(struct weave *w, struct span utf8);
void weave_look(struct weave *w, enum run_look look, bool on);
void weave_link(struct weave *w, struct span raw_href); /* unsafe: text only, with a remark */
void weave_unlink(struct weave *w);
void weave_break(struct weave *w); /* what follows is another block, or another paragraph */

void weave_heading_begin(struct weave *w, unsigned level); /* clamped to 2–4 */
void weave_heading_end(struct weave *w);
void weave_pre_begin(struct weave *w);
void weave_pre_end(struct weave *w);
void weave_list_begin(struct weave *w, bool ordered);
void weave_item(struct weave *w);
void weave_list_end(struct weave *w);
/* Key events: a list of which every item says its time. What does not say one is no event: it
 * follows as a paragraph; if none does, it is a list as another. */
void weave_events_begin(struct weave *w, bool newest_first);
bool weave_event_wants_time(const struct weave *w); /* an item is open that has said none */
void weave_event_time(struct weave *w, ms_t time);
/* Events that are ready: `count` rows and the time of each, in any order. */
void weave_events(struct weave *w, struct text *rows, ms_t *times, size_t count);
void weave_quote_begin(struct weave *w, struct span raw_url, bool pull);
/* The open quote becomes a pull quote, if nothing but an attribution stands behind its first `rows`
 * paragraphs. */
void weave_quote_pull(struct weave *w, size_t rows);
/* `more`: an attribution may still come from outside the quote. */
void weave_quote_end(struct weave *w, bool more);
void weave_table_begin(struct weave *w);
void weave_row(struct weave *w);
void weave_cell(struct weave *w, bool head, unsigned colspan, unsigned rowspan);
void weave_table_end(struct weave *w);
void weave_paragraph(struct weave *w, struct text text); /* one that is ready; empty: none */
void weave_rule(struct weave *w);
/* BLOCK_EMBED or BLOCK_AUDIO. */
void weave_card(struct weave *w, enum block_kind kind, struct span raw_url, struct span title);
/* The address of a sound file, by the name's end. */
bool wire_is_audio(struct span href);

/* Text between the two goes to an attribution ("Mara Vale, at the quay") or a caption; the part
 * between cite calls is the occasion, or the credit. */
void weave_capture_begin(struct weave *w);
void weave_capture_cite(struct weave *w, bool on);
void weave_capture_end(struct weave *w);
/* Gives what was captured to a quote: "— Speaker, occasion". */
void weave_attribute(struct weave *w, struct block *quote);
/* Takes its last paragraph for one if that begins with a dash and is not the only one. */
void weave_attribute_last(struct weave *w, struct block *quote);

/* The picture's index; false, with a remark, if the href is not a file beside the item. Fields that
 * are already known are kept. One that is known as another size of a picture is that picture. */
bool weave_picture(struct weave *w, struct span raw_href, const struct picture *fields,
                   unsigned *out_index);
/* Fills in what is not known yet. */
void weave_picture_fields(struct weave *w, struct picture *picture, const struct picture *given);
/* Between blocks only. */
void weave_picture_block(struct weave *w, unsigned index);
/* The picture blocks from `from` on become one gallery, if there are two or more and nothing else. */
void weave_gallery(struct weave *w, size_t from);
/* Both, where it stands in the text; false, with a remark, if it cannot. */
bool weave_image(struct weave *w, struct span raw_href, const struct picture *fields);

/* An address for a link, made absolute and plain ASCII where it can be: white space and control
 * characters out of it, scheme in lower case, what RFC 3986 does not allow percent-encoded. False
 * if the scheme is none of http, https, mailto and it is no path on this site ("/…", not "//…"), if
 * it has user information, no host, or is longer than WIRE_HREF_BYTES_MAX. */
bool wire_href(struct arena *arena, struct span raw, struct span *out_href);
/* The name of a file beside the item, percent-decoded: segments joined by "/", none of them empty,
 * "." or ".."; no scheme, no leading "/", no backslash, no control character. */
bool wire_file(struct arena *arena, struct span raw, struct span *out_file);
/* RFC 3339, zone required; also ISO 8601's "+0100". */
bool wire_time(struct span text, ms_t *out_time);
bool wire_day(struct span text); /* "2026-12-31" */
/* "PORT AVERIL (COURIER) —" at the start of text: place, source, and how many bytes it takes. */
bool wire_dateline(struct span text, struct dateline *out_dateline, size_t *out_bytes);
struct span wire_excerpt(struct span s); /* for messages: its start, cut between characters */
rc wire_memory(void) MUST_USE;           /* RC_TOO_BIG: the arena is used up */

/* rights.c: one right in story.md's words ("expires", "2026-12-31"); values are normal. Who calls says which
 * it was: the message begins behind its name. */
rc wire_right(struct span key, struct span value, struct picture *picture,
              struct span *out_day) MUST_USE;
/* The same from an ODRL policy. False: something in it could not be read. */
bool wire_policy(struct arena *arena, const json_t *policy, struct rights *rights,
                 struct span *out_day);

struct span wire_word(struct arena *arena, const struct text *text); /* its plain text, or empty */
/* Takes bytes off the start of a text's first run, unless nothing would be left of it. */
rc wire_cut_start(struct arena *arena, struct text *text, size_t bytes) MUST_USE;
/* "en_GB" → "en-GB"; false if it is no BCP 47 tag by its shape. */
bool wire_language(struct arena *arena, struct span raw, struct span *out_language);

/*
 * Adds the blocks of a piece of HTML to intent->draft, its pictures and remarks to the intent.
 * `xml`: "<p/>" is an empty element (XHTML, NITF). RC_INVALID, RC_TOO_BIG: why begins with `where`.
 *
 * Read: p, h1–h6 (as levels 2, 2, 3, 4, 4, 4), ul, ol, li, blockquote (class "pull-quote": a
 * pull quote; cite="URL": where it was said; a footer, a cite that begins a paragraph, or the
 * figcaption of the figure around it: "Speaker, occasion" or "Speaker, <cite>occasion</cite>"),
 * figure, figcaption, img (caption; <cite> in it is the credit; a figure with nothing but several
 * pictures, in figures of their own or not, is a gallery), an ol or ul of class "events" whose items
 * have a <time datetime>, table with colspan and rowspan, pre, hr, strong b em i code kbd samp tt sub sup a br q; NITF's hl1 hl2 bq block body.content. A
 * br is a space, two are a new paragraph. An iframe with an http(s) address becomes an embed card
 * (title from its title), as does a figure of class "embed" with a link in it: the reader gets a
 * link, nothing is loaded. Audio with an http(s) address in its src, and a figure of class "audio"
 * with a link in it, become an audio card. Block elements that mean nothing to us (div, section …) only separate
 * paragraphs; unknown inline elements leave their text. Dropped with all that is in them: script
 * style head title noscript template object embed svg math video canvas, form fields, del s
 * strike.
 */
rc wire_html_blocks(struct arena *arena, struct span html, bool xml, struct span where,
                    struct intent *intent) MUST_USE;
/* The text of a piece of HTML that is one line (a headline, a caption). */
rc wire_html_line(struct arena *arena, struct span html, struct span where,
                  struct span *out_text) MUST_USE;

rc wire_ninjs(struct arena *arena, struct span bytes, struct span language,
              struct intent *out_intent) MUST_USE;
rc wire_page(struct arena *arena, struct span bytes, struct span language,
             struct intent *out_intent) MUST_USE;
rc wire_markdown(struct arena *arena, struct span bytes, struct span language,
                 struct intent *out_intent) MUST_USE;

#endif
