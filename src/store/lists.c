/*
 * lists: places that are given once and kept, and what stands on them now.
 *
 * 1. lists.places is the highest place ever given in the list; the next new story gets the next.
 * 2. A place row never changes its list, place or story; only whether the story stands there, and
 *    whether it is shown.
 * 3. lists.shown counts the rows that are shown. So no answer costs more than what it gives.
 */
#include "codec/json.h"
#include "store/db.h"
#include "story/limits.h"

#define PICTURE_JSON_BYTES_MAX (64u << 10)

/* ---- cards ---- */

struct span picture_json(struct arena *a, const struct revision *r, bool with_credit) {
    if (!r->lead_picture || r->picture_count == 0 || r->pictures[0].rendition_count == 0)
        return (struct span){0};
    const struct picture *p = &r->pictures[0];
    struct buf b;
    buf_init(&b, PICTURE_JSON_BYTES_MAX);
    card_rights_write(&p->rights, &b);
    buf_str(&b, b.n ? ",\"alt\":" : "{\"alt\":");
    json_write_string(&b, p->alt);
    if (p->colour.n) {
        buf_str(&b, ",\"colour\":");
        json_write_string(&b, p->colour);
    }
    buf_str(&b, ",\"renditions\":[");
    for (size_t i = 0; i < p->rendition_count; i++) {
        const struct rendition *rendition = &p->renditions[i];
        buf_str(&b, i ? ",{\"hash\":\"" : "{\"hash\":\"");
        buf_hex(&b, rendition->hash.bytes, SHA256_BYTES);
        buf_printf(&b, "\",\"height\":%u,\"type\":", rendition->height);
        json_write_string(&b, rendition->type);
        buf_printf(&b, ",\"width\":%u}", rendition->width);
    }
    buf_char(&b, ']');
    struct buf credit;
    buf_init(&credit, 4 * PICTURE_CREDIT_BYTES_MAX);
    picture_credit_line(p, &credit);
    if (with_credit && credit.n) {
        buf_str(&b, ",\"credit\":");
        json_write_string(&b, buf_span(&credit));
    }
    buf_done(&credit);
    buf_char(&b, '}');
    struct span json = b.over ? (struct span){0} : arena_copy(a, buf_span(&b));
    buf_done(&b);
    return json;
}

struct card card_of(struct query *q, struct arena *a) {
    struct card card = {
        .path = column_span(q, a, 1),
        .code = column_span(q, a, 2),
        .headline = column_span(q, a, 3),
        .standfirst = column_span(q, a, 4),
        .section = column_span(q, a, 5),
        .kind = column_span(q, a, 6),
        .language = column_span(q, a, 7),
        .published = column_i64(q, 8),
        .updated = column_i64(q, 9),
        .picture = column_span(q, a, 10),
        .author = column_span(q, a, 11),
        .retracted = column_i64(q, 12) != 0,
        .entry = column_is_null(q, 13) ? UINT64_MAX : column_u64(q, 13),
        .place = column_u64(q, 14),
    };
    column_bytes(q, 0, card.id.bytes, STORY_ID_BYTES);
    return card;
}

static rc all_cards(struct query *q, struct arena *a, struct card **out_cards, size_t *out_count) {
    struct card *cards = NULL;
    size_t n = 0, cap = 0;
    rc code;
    while ((code = query_row(q)) == RC_OK) {
        cards = grow(a, cards, n, &cap, sizeof *cards);
        if (cards) cards[n++] = card_of(q, a);
        TRY(query_sound(q, a));
    }
    if (code != RC_NOT_FOUND) return code;
    *out_cards = cards;
    *out_count = n;
    return RC_OK;
}

static uint64_t at_most(uint64_t value, uint64_t most) {
    return value < most ? value : most;
}

rc store_list_cards(struct store *s, struct arena *a, struct span key, uint64_t first,
                    uint64_t last, struct card **out_cards, size_t *out_count) {
    QUERY(q, s, CARDS);
    bind_text(&q, key);
    bind_u64(&q, at_most(first, INT64_MAX));
    bind_u64(&q, at_most(last, INT64_MAX));
    return all_cards(&q, a, out_cards, out_count);
}

rc store_list_newest(struct store *s, struct arena *a, struct span key, size_t count,
                     struct card **out_cards, size_t *out_count) {
    QUERY(q, s, NEWEST);
    bind_text(&q, key);
    bind_u64(&q, at_most(count, INT64_MAX));
    return all_cards(&q, a, out_cards, out_count);
}

static rc one_card(struct query *q, struct arena *a, struct card *out_card) {
    rc code = query_row(q);
    if (code == RC_NOT_FOUND) return rc_fail(code, "store: there is no such story");
    if (code != RC_OK) return code;
    struct card card = card_of(q, a);
    TRY(query_sound(q, a));
    *out_card = card;
    return RC_OK;
}

rc store_card(struct store *s, struct arena *a, uint64_t row, struct card *out_card) {
    QUERY(q, s, STORY_CARD);
    bind_u64(&q, at_most(row, INT64_MAX));
    return one_card(&q, a, out_card);
}

rc store_story_card(struct store *s, struct arena *a, const struct story_id *id,
                    struct card *out_card) {
    QUERY(q, s, STORY_CARD_BY_ID);
    bind_blob(&q, id->bytes, STORY_ID_BYTES);
    return one_card(&q, a, out_card);
}

rc store_list_near(struct store *s, struct arena *a, struct span key, uint64_t first, uint64_t last,
                   struct neighbour **out_near, size_t *out_count) {
    struct neighbour *near = NULL;
    size_t n = 0, cap = 0;
    QUERY(q, s, NEAR);
    bind_text(&q, key);
    bind_u64(&q, at_most(first, INT64_MAX));
    bind_u64(&q, at_most(last, INT64_MAX));
    rc code;
    while ((code = query_row(&q)) == RC_OK) {
        near = grow(a, near, n, &cap, sizeof *near);
        if (near)
            near[n++] = (struct neighbour){.row = column_u64(&q, 0), .place = column_u64(&q, 1)};
        TRY(query_sound(&q, a));
    }
    if (code != RC_NOT_FOUND) return code;
    *out_near = near;
    *out_count = n;
    return RC_OK;
}

rc store_original(struct store *s, struct arena *a, const struct story_id *id,
                  struct span *out_code) {
    QUERY(q, s, ORIGINAL_CODE);
    bind_blob(&q, id->bytes, STORY_ID_BYTES);
    rc code = query_row(&q);
    if (code == RC_NOT_FOUND) return rc_fail(code, "store: no original of it is shown");
    if (code != RC_OK) return code;
    struct span found = column_span(&q, a, 0);
    TRY(query_sound(&q, a));
    *out_code = found;
    return RC_OK;
}

rc store_translations(struct store *s, struct arena *a, const struct story_id *id, size_t count,
                      struct card **out_cards, size_t *out_count) {
    QUERY(q, s, TRANSLATIONS);
    bind_blob(&q, id->bytes, STORY_ID_BYTES);
    bind_u64(&q, at_most(count, INT64_MAX));
    return all_cards(&q, a, out_cards, out_count);
}

/* ---- lists ---- */

/* In LIST_COLUMNS; the id apart. */
static struct list_info list_of(struct query *q, struct arena *a) {
    return (struct list_info){
        .key = column_span(q, a, 1),
        .title = column_span(q, a, 2),
        .places = column_u64(q, 3),
        .shown = column_u64(q, 4),
        .updated = column_i64(q, 5),
    };
}

rc store_list_info(struct store *s, struct arena *a, struct span key, struct list_info *out_info) {
    QUERY(q, s, LIST);
    bind_text(&q, key);
    rc code = query_row(&q);
    if (code == RC_NOT_FOUND)
        return rc_fail(code, "store: there is no list " SPAN_FMT, SPAN_ARG(key));
    if (code != RC_OK) return code;
    struct list_info info = list_of(&q, a);
    TRY(query_sound(&q, a));
    *out_info = info;
    return RC_OK;
}

rc store_list_title(struct store *s, struct span key, struct span title) {
    TRY(db_may_write(s));
    QUERY(q, s, LIST_TITLE);
    bind_text(&q, key);
    bind_text(&q, title);
    return db_wrote(s, query_run(&q));
}

rc store_lists(struct store *s, struct arena *a, struct span prefix, struct span after,
               size_t count, struct list_info **out_lists, size_t *out_count) {
    struct list_info *lists = NULL;
    size_t n = 0, cap = 0;
    QUERY(q, s, LISTS);
    bind_text(&q, span_cmp(after, prefix) > 0 ? after : prefix);
    bind_text(&q, after);
    bind_u64(&q, at_most(count, INT64_MAX));
    rc code;
    while ((code = query_row(&q)) == RC_OK) {
        if (!span_starts(column_span(&q, NULL, 1), prefix)) break;
        lists = grow(a, lists, n, &cap, sizeof *lists);
        if (lists) lists[n++] = list_of(&q, a);
        TRY(query_sound(&q, a));
    }
    if (code != RC_NOT_FOUND && code != RC_OK) return code;
    *out_lists = lists;
    *out_count = n;
    return RC_OK;
}

rc store_story_lists(struct store *s, struct arena *a, const struct story_id *id,
                     struct list_place **out_places, size_t *out_count) {
    struct list_place *places = NULL;
    size_t n = 0, cap = 0;
    QUERY(q, s, STORY_LISTS);
    bind_blob(&q, id->bytes, STORY_ID_BYTES);
    rc code;
    while ((code = query_row(&q)) == RC_OK) {
        places = grow(a, places, n, &cap, sizeof *places);
        if (places)
            places[n++] = (struct list_place){.key = column_span(&q, a, 0),
                                              .place = column_u64(&q, 1),
                                              .stands = column_i64(&q, 2) != 0,
                                              .shown = column_u64(&q, 3)};
        TRY(query_sound(&q, a));
    }
    if (code != RC_NOT_FOUND) return code;
    *out_places = places;
    *out_count = n;
    return RC_OK;
}

/* ---- placing a story ---- */

struct standing {
    int64_t list;
    uint64_t place;
    bool stands, shown; /* as stored */
    bool stays;         /* as it is to be */
};

static rc read_standings(struct store *s, struct arena *a, int64_t story, struct standing **out_all,
                         size_t *out_count, size_t *out_cap) {
    struct standing *all = NULL;
    size_t n = 0, cap = 0;
    QUERY(q, s, PLACES_OF_STORY);
    bind_i64(&q, story);
    rc code;
    while ((code = query_row(&q)) == RC_OK) {
        all = grow(a, all, n, &cap, sizeof *all);
        if (all)
            all[n++] = (struct standing){.list = column_i64(&q, 0),
                                         .place = column_u64(&q, 1),
                                         .stands = column_i64(&q, 2) != 0,
                                         .shown = column_i64(&q, 3) != 0};
        TRY(query_sound(&q, a));
    }
    if (code != RC_NOT_FOUND) return code;
    *out_all = all;
    *out_count = n;
    *out_cap = cap;
    return RC_OK;
}

/* The list's id and how many places it gave; made if it is missing. */
static rc list_get(struct store *s, struct span key, int64_t *out_id, uint64_t *out_places) {
    QUERY(q, s, LIST);
    bind_text(&q, key);
    rc code = query_row(&q);
    if (code == RC_OK) {
        int64_t id = column_i64(&q, 0);
        uint64_t places = column_u64(&q, 3);
        TRY(query_sound(&q, NULL));
        *out_id = id;
        *out_places = places;
        return RC_OK;
    }
    if (code != RC_NOT_FOUND) return code;
    QUERY(add, s, LIST_ADD);
    bind_text(&add, key);
    TRY(query_row(&add));
    int64_t id = column_i64(&add, 0);
    TRY(query_run(&add));
    *out_id = id;
    *out_places = 0;
    return RC_OK;
}

static rc list_change(struct store *s, int64_t list, int places, int shown, ms_t at) {
    QUERY(q, s, LIST_CHANGE);
    bind_i64(&q, list);
    bind_i64(&q, places);
    bind_i64(&q, shown);
    bind_i64(&q, at);
    return query_run(&q);
}

static rc place_add(struct store *s, int64_t story, const struct standing *standing, ms_t at) {
    QUERY(q, s, PLACE_ADD);
    bind_i64(&q, standing->list);
    bind_u64(&q, standing->place);
    bind_i64(&q, story);
    bind_i64(&q, standing->shown);
    TRY(query_run(&q));
    return list_change(s, standing->list, 1, standing->shown, at);
}

/* Brings one row to what it is to be. A list's time moves with every act on what it shows, also if
 * the row stays as it was: the card may be another. */
static rc place_set(struct store *s, const struct standing *standing, bool show, ms_t at) {
    bool shown = standing->stays && show;
    if (standing->stays != standing->stands || shown != standing->shown) {
        QUERY(q, s, PLACE_SET);
        bind_i64(&q, standing->list);
        bind_i64(&q, standing->shown);
        bind_u64(&q, standing->place);
        bind_i64(&q, standing->stays);
        bind_i64(&q, shown);
        TRY(query_run(&q));
    }
    if (!shown && !standing->shown) return RC_OK;
    return list_change(s, standing->list, 0, shown - standing->shown, at);
}

rc lists_place(struct store *s, struct arena *a, int64_t story, bool show,
               const struct list_ref *refs, size_t ref_count, ms_t at) {
    struct standing *all;
    size_t count, cap, old_count;
    TRY(read_standings(s, a, story, &all, &count, &cap));
    old_count = count;
    for (size_t i = 0; !refs && i < count; i++) all[i].stays = all[i].stands;
    for (size_t r = 0; r < ref_count; r++) {
        int64_t list;
        uint64_t places;
        TRY(list_get(s, refs[r].key, &list, &places));
        size_t i = 0;
        while (i < count && all[i].list != list) i++;
        if (i == count) {
            if (count == LISTS_OF_STORY_MAX)
                return rc_fail(RC_TOO_BIG, "store: a story stood in more than %d lists",
                               LISTS_OF_STORY_MAX);
            all = grow(a, all, count, &cap, sizeof *all);
            if (!all) return rc_fail(RC_TOO_BIG, "store: no memory left to place a story");
            all[count++] = (struct standing){.list = list, .place = places + 1, .shown = show};
            TRY(place_add(s, story, &all[i], at));
        }
        all[i].stays = true;
    }
    for (size_t i = 0; i < old_count; i++) TRY(place_set(s, &all[i], show, at));
    return RC_OK;
}
