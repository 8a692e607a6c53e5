/* held: drafts that wait for their time; tokens; small named values. */
#include "store/db.h"

/* ---- held ---- */

static rc hold(struct store *s, const struct held_row *row) {
    if (row->uri.n) {
        QUERY(drop, s, HELD_DROP_URI);
        bind_text(&drop, row->uri);
        TRY(query_run(&drop));
    }
    QUERY(q, s, HELD_ADD);
    bind_i64(&q, row->due);
    bind_text_or_null(&q, row->uri);
    bind_blob(&q, row->draft.p, row->draft.n);
    if (row->has_version)
        bind_u64(&q, row->version);
    else
        bind_null(&q);
    bind_blob(&q, row->content.bytes, SHA256_BYTES);
    bind_text(&q, change_word(row->change));
    bind_text_or_null(&q, row->change_note);
    return query_run(&q);
}

rc store_hold(struct store *s, const struct held_row *row) {
    TRY(db_may_write(s));
    if (row->has_version && row->version > INT64_MAX)
        return rc_fail(RC_TOO_BIG, "store: hold: the version is over 2^63 - 1");
    return db_wrote(s, hold(s, row));
}

/* In HELD_COLUMNS. */
static rc held_of(struct query *q, struct arena *a, struct held_row *out_row) {
    rc code = query_row(q);
    if (code == RC_NOT_FOUND) return rc_fail(code, "store: no such draft is held");
    if (code != RC_OK) return code;
    struct held_row row = {.id = column_u64(q, 0), .due = column_i64(q, 1)};
    row.uri = column_span(q, a, 2);
    row.draft = column_span(q, a, 3);
    row.has_version = !column_is_null(q, 4);
    if (row.has_version) row.version = column_u64(q, 4);
    column_bytes(q, 5, row.content.bytes, SHA256_BYTES);
    if (!change_of(column_span(q, NULL, 6), &row.change)) q->unsound = true;
    row.change_note = column_span(q, a, 7);
    TRY(query_sound(q, a));
    *out_row = row;
    return RC_OK;
}

rc store_held_by_uri(struct store *s, struct arena *a, struct span uri, struct held_row *out_row) {
    QUERY(q, s, HELD_BY_URI);
    bind_text(&q, uri);
    return held_of(&q, a, out_row);
}

rc store_held_next(struct store *s, struct arena *a, struct held_row *out_row) {
    QUERY(q, s, HELD_NEXT);
    return held_of(&q, a, out_row);
}

/* Runs a statement that RETURNs a row for each that it changed. */
static rc run_found(struct query *q, const char *what) {
    rc code = query_row(q);
    if (code == RC_NOT_FOUND) return rc_fail(code, "store: there is no such %s", what);
    if (code != RC_OK) return code;
    return db_wrote(q->s, query_run(q));
}

rc store_held_drop(struct store *s, uint64_t id) {
    TRY(db_may_write(s));
    if (id > INT64_MAX) return rc_fail(RC_NOT_FOUND, "store: no such draft is held");
    QUERY(q, s, HELD_DROP);
    bind_u64(&q, id);
    return run_found(&q, "held draft");
}

/* ---- tokens ---- */

rc store_token_add(struct store *s, struct span name, const struct sha256 *hash, ms_t now) {
    TRY(db_may_write(s));
    if (name.n == 0) return rc_fail(RC_INVALID, "store: a token has a name");
    QUERY(taken, s, TOKEN_BY_NAME);
    bind_text(&taken, name);
    rc code = query_row(&taken);
    if (code == RC_OK)
        return rc_fail(RC_CONFLICT,
                       "store: there is a valid token \"" SPAN_FMT "\"; revoke it first",
                       SPAN_ARG(name));
    if (code != RC_NOT_FOUND) return code;
    QUERY(q, s, TOKEN_ADD);
    bind_text(&q, name);
    bind_blob(&q, hash->bytes, SHA256_BYTES);
    bind_i64(&q, now);
    return query_run(&q); /* RC_CONFLICT: the token was given before; nothing is half done */
}

static struct token_row token_of(struct query *q, struct arena *a) {
    return (struct token_row){.id = column_u64(q, 0),
                              .name = column_span(q, a, 1),
                              .made = column_i64(q, 2),
                              .revoked = column_i64(q, 3)};
}

rc store_token_check(struct store *s, struct arena *a, const struct sha256 *hash,
                     struct token_row *out_row) {
    QUERY(q, s, TOKEN_BY_HASH);
    bind_blob(&q, hash->bytes, SHA256_BYTES);
    rc code = query_row(&q);
    if (code == RC_NOT_FOUND) return rc_fail(RC_DENIED, "store: no such token was given");
    if (code != RC_OK) return code;
    struct token_row row = token_of(&q, a);
    TRY(query_sound(&q, a));
    if (row.revoked) return rc_fail(RC_DENIED, "store: that token was revoked");
    *out_row = row;
    return RC_OK;
}

rc store_tokens(struct store *s, struct arena *a, struct token_row **out_rows, size_t *out_count) {
    struct token_row *rows = NULL;
    size_t n = 0, cap = 0;
    QUERY(q, s, TOKENS);
    rc code;
    while ((code = query_row(&q)) == RC_OK) {
        rows = grow(a, rows, n, &cap, sizeof *rows);
        if (rows) rows[n++] = token_of(&q, a);
        TRY(query_sound(&q, a));
    }
    if (code != RC_NOT_FOUND) return code;
    *out_rows = rows;
    *out_count = n;
    return RC_OK;
}

rc store_token_revoke(struct store *s, struct span name, ms_t now) {
    TRY(db_may_write(s));
    if (now <= 0) return rc_fail(RC_INVALID, "store: a token is revoked at some time");
    QUERY(q, s, TOKEN_REVOKE);
    bind_text(&q, name);
    bind_i64(&q, now);
    return run_found(&q, "valid token");
}

/* ---- meta ---- */

rc store_meta(struct store *s, struct arena *a, struct span name, struct span *out_value) {
    QUERY(q, s, META);
    bind_text(&q, name);
    rc code = query_row(&q);
    if (code == RC_NOT_FOUND)
        return rc_fail(code, "store: nothing is kept as " SPAN_FMT, SPAN_ARG(name));
    if (code != RC_OK) return code;
    struct span value = column_span(&q, a, 0);
    TRY(query_sound(&q, a));
    *out_value = value;
    return RC_OK;
}

rc store_meta_set(struct store *s, struct span name, struct span value) {
    TRY(db_may_write(s));
    QUERY(q, s, META_SET);
    bind_text(&q, name);
    bind_blob(&q, value.p, value.n);
    return query_run(&q);
}
