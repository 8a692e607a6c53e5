/* The door of readers: GET and HEAD of what pages/ holds ready. The hot path of the whole program.
 */
#include <stdio.h>

#include "base/mem.h"
#include "http/path.h"
#include "http/range.h"
#include "site/web.h"
#include "sys/log.h"

#define NOT_MODIFIED SPAN("HTTP/1.1 304 Not Modified\r\n")

rc reader_pin(struct site_web *web) {
    if (web->pinned) return RC_OK;
    TRY(pages_pin(web->pages));
    web->pinned = true;
    web->last_path.n = 0;
    return RC_OK;
}

void reader_unpin(struct site_web *web) {
    if (!web->pinned) return;
    web->pinned = false;
    pages_unpin(web->pages);
}

static rc find(struct site_web *web, struct span path, unsigned accept) {
    if (accept == web->last_accept && span_eq(path, web->last_path)) return RC_OK;
    web->last_path.n = 0;
    TRY(pages_find(web->pages, path, accept, &web->last));
    if (path.n <= sizeof web->last_path_bytes) {
        memcpy(web->last_path_bytes, path.p, path.n);
        web->last_path = span_of(web->last_path_bytes, path.n);
        web->last_accept = accept;
    }
    return RC_OK;
}

/* Of what is stored as it is: pictures, faces. Of the rest a client would have to know how it was compressed. */
static bool has_ranges(const struct pages_answer *page) {
    return page->status == 200 && page->encoding == PAGES_IDENTITY && !page->inflate;
}

/* The stored answer as bytes to send. It is valid until the pin goes. */
static rc to_send(struct site_web *web, const struct pages_answer *page, bool is_head,
                  struct net_answer *out_answer) {
    struct net_answer answer = {.status = page->status,
                                .head = {page->head, page->head_encoding},
                                .body = {page->prolog, page->body},
                                .body_not_sent = is_head,
                                .body_key = page->etag};
    if (page->inflate && !is_head) {
        if (page->body_bytes > web->inflated_bytes) {
            web->inflated = mem_resize(web->inflated, page->body_bytes);
            web->inflated_bytes = page->body_bytes;
        }
        TRY(pages_inflate(page, web->inflated));
        answer.body[0] = (struct span){NULL, 0};
        answer.body[1] = span_of(web->inflated, page->body_bytes);
    } else if (has_ranges(page)) {
        answer.head[2] = SPAN("Accept-Ranges: bytes\r\n");
    }
    *out_answer = answer;
    return RC_OK;
}

/* The page for that status under `key`. */
static bool stored_under(struct site_web *web, const struct asked *asked, unsigned status,
                         struct span key, struct net_answer *out_answer) {
    struct pages_answer page;
    return pages_find(web->pages, key, asked->accept, &page) == RC_OK && page.status == status &&
           to_send(web, &page, asked->is_head, out_answer) == RC_OK;
}

/* "!404/ar" for what was asked under "/ar", if there is such an edition; else "!404". */
bool reader_stored(struct site_web *web, const struct asked *asked, unsigned status,
                   struct net_answer *out_answer) {
    char memory[64];
    struct buf key;
    buf_init_fixed(&key, memory, sizeof memory);
    buf_printf(&key, "!%u", status);
    const struct span of_all = buf_span(&key);
    struct span rest = asked->target, first = {NULL, 0};
    if (span_starts(rest, SPAN("/"))) {
        rest = span_from(rest, 1);
        first = span_sub(rest, 0, span_find(rest, '?'));
        first = span_sub(first, 0, span_find(first, '/'));
    }
    buf_char(&key, '/');
    buf_add(&key, first);
    if (first.n && !key.over && stored_under(web, asked, status, buf_span(&key), out_answer))
        return true;
    return stored_under(web, asked, status, of_all, out_answer);
}

/* Some of its bytes, if the request asks for them and has, as far as it says, others of the same (RFC 9110 §14.2,
 * §13.1.5; a date in If-Range is none of ours). */
static bool answer_part(struct site_web *web, struct net_conn *c, const struct http_request *r,
                        const struct asked *asked, const struct pages_answer *page) {
    struct span value, same, status_line = page->head;
    uint64_t from, n;
    if (asked->is_head || http_request_field(r, SPAN("Range"), &value) != RC_OK) return false;
    rc code = http_request_field(r, SPAN("If-Range"), &same);
    if (code != RC_NOT_FOUND && (code != RC_OK || !span_eq(same, page->etag))) return false;
    const enum http_range range = http_range_read(value, page->body.n, &from, &n);
    if (range == HTTP_RANGE_WHOLE) return false;
    struct buf b;
    buf_init_fixed(&b, web->part, sizeof web->part);
    if (range == HTTP_RANGE_NONE) {
        buf_printf(&b, "Content-Range: bytes */%zu\r\n", page->body.n);
        answer_status(web, c, asked, 416, buf_span(&b), false);
        return true;
    }
    buf_printf(&b,
               "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes %llu-%llu/%zu\r\n"
               "Content-Length: %llu\r\n",
               (unsigned long long)from, (unsigned long long)(from + n - 1), page->body.n,
               (unsigned long long)n);
    CHECK(!b.over);
    (void)span_cut(&status_line, '\n');
    const struct net_answer answer = {.status = 206,
                                      .head = {buf_span(&b), status_line, page->head_304_etag},
                                      .body = {span_sub(page->body, (size_t)from, (size_t)n)}};
    answer_with(web, c, asked, &answer, false);
    return true;
}

static rc answer_found(struct site_web *web, struct net_conn *c, const struct http_request *r,
                       const struct asked *asked, const struct pages_answer *page) {
    struct net_answer answer;
    if (r->if_none_match.n && page->status == 200 &&
        http_etag_matches(r->if_none_match, page->etag)) {
        answer = (struct net_answer){.status = 304,
                                     .head = {NOT_MODIFIED, page->head_304, page->head_304_etag},
                                     .body_not_sent = true};
    } else if (has_ranges(page) && answer_part(web, c, r, asked, page)) {
        return RC_OK;
    } else {
        TRY(to_send(web, page, asked->is_head, &answer));
    }
    answer_with(web, c, asked, &answer, false);
    return RC_OK;
}

/* "/a/" for "/a", if that is there. */
static bool is_with_slash(struct site_web *web, struct span path) {
    struct pages_answer page;
    return path.n > 1 && path.p[path.n - 1] == '/' &&
           pages_find(web->pages, span_sub(path, 0, path.n - 1), 0, &page) == RC_OK;
}

/* Every site has one. A page store without it is being filled: what it lacks may be there soon, and a
 * crawler that is told 404 meanwhile forgets the address. */
static bool has_front(struct site_web *web) {
    struct pages_answer page;
    return pages_find(web->pages, SPAN("/"), 0, &page) == RC_OK;
}

static void redirect_without_slash(struct site_web *web, struct net_conn *c,
                                   const struct http_request *r, const struct asked *asked,
                                   struct span path) {
    struct buf b;
    buf_init_fixed(&b, web->location, sizeof web->location);
    buf_str(&b, "Location: ");
    buf_add(&b, span_sub(path, 0, path.n - 1));
    if (r->query.p) {
        buf_char(&b, '?');
        buf_add(&b, r->query);
    }
    buf_str(&b, "\r\n");
    CHECK(!b.over); /* a target is shorter */
    answer_status(web, c, asked, 308, buf_span(&b), false);
}

void reader_answer(struct site_web *web, struct net_conn *c, const struct http_request *r,
                   const struct asked *asked, struct span path) {
    if (r->chunked || (r->has_length && r->content_length > 0)) {
        answer_status(web, c, asked, 400, (struct span){0}, true);
        return;
    }
    rc code = reader_pin(web);
    if (code != RC_OK) {
        if (code != RC_AGAIN) log_event(LOG_ERROR, "the page store cannot be read", LOG_WHY());
        answer_status(web, c, asked, 503, SPAN("Retry-After: 2\r\n"), false);
        return;
    }
    code = find(web, path, asked->accept);
    if (code == RC_OK) code = answer_found(web, c, r, asked, &web->last);
    if (code == RC_OK) return;
    if (code == RC_NOT_FOUND && qr_answer(web, c, asked, path)) return;
    if (code == RC_NOT_FOUND && is_with_slash(web, path)) {
        redirect_without_slash(web, c, r, asked, path);
    } else if (code == RC_NOT_FOUND && !has_front(web)) {
        answer_status(web, c, asked, 503, SPAN("Retry-After: 2\r\n"), false);
    } else if (code == RC_NOT_FOUND || code == RC_TOO_BIG) {
        answer_status(web, c, asked, 404, (struct span){0}, false);
    } else {
        log_event(LOG_ERROR, "a stored page cannot be read; dateline rebuild makes them anew",
                  LOG_TEXT("path", path), LOG_WHY());
        answer_status(web, c, asked, 500, (struct span){0}, false);
    }
}
