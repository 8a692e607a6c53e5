#include "main/calls.h"

#include <stdio.h>

#include "codec/json.h"
#include "main/status.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "wire/multipart.h"

#define MEMORY_BYTES_MAX (256u << 20)
#define REMARKS_BYTES_MAX 32768 /* in an answer; what was published is not to look like a failure */

/* ---- answers ------------------------------------------------------------------------------------- */

static void answer_error(struct call *call, rc code, struct span why) {
    call->status = (unsigned)rc_http_status(code);
    buf_str(&call->headers, "Content-Type: application/json\r\n");
    if (code == RC_DENIED && call->authorization.n == 0 && !call->trusted) {
        call->status = 401;
        buf_str(&call->headers, "WWW-Authenticate: Bearer\r\n");
    }
    if (call->status == 503 || call->status == 507) buf_str(&call->headers, "Retry-After: 5\r\n");
    buf_str(&call->answer, "{\"error\":");
    json_write_string(&call->answer, span_str(rc_name(code)));
    buf_str(&call->answer, ",\"message\":");
    json_write_string(&call->answer, why);
    buf_str(&call->answer, "}\n");
}

static void answer_failure(struct call *call, rc code) {
    answer_error(call, code, span_str(*rc_why() ? rc_why() : rc_text(code)));
}

static void member(struct buf *b, const char *name, struct span value) {
    if (!value.n) return;
    buf_printf(b, ",\"%s\":", name);
    json_write_string(b, value);
}

/* A line an act: what, to what, by whom. */
static void log_item(const struct call *call, const struct flow_item *item) {
    const struct log_field by =
        LOG_TEXT("by", call->trusted ? SPAN("command") : span_str(call->token));
    if (item->code != RC_OK)
        log_event(LOG_INFO, "refused", by, LOG_TEXT("code", span_str(rc_name(item->code))),
                  LOG_TEXT("why", item->why));
    else if (item->revision)
        log_event(LOG_INFO, desk_act_word(item->act), by, LOG_TEXT("path", item->path),
                  LOG_TEXT("story", item->story), LOG_INT("revision", item->revision),
                  LOG_INT("entry", item->entry));
    else
        log_event(LOG_INFO, desk_act_word(item->act), by, LOG_TEXT("path", item->path));
}

static void answer_item(struct call *call, const struct flow_item *item) {
    struct buf *b = &call->answer;
    log_item(call, item);
    if (item->code != RC_OK) {
        answer_error(call, item->code, item->why);
        return;
    }
    call->status = item->act == DESK_PUBLISH ? 201 : item->act == DESK_HOLD ? 202 : 200;
    buf_str(&call->headers, "Content-Type: application/json\r\n");
    if (item->path.n)
        buf_printf(&call->headers, "Location: " SPAN_FMT "\r\n", SPAN_ARG(item->path));
    buf_printf(b, "{\"act\":\"%s\"", desk_act_word(item->act));
    member(b, "path", item->path);
    member(b, "short", item->code_url);
    member(b, "story", item->story);
    if (item->revision)
        buf_printf(b, ",\"%s\":%u,\"entry\":%llu", item->form == WIRE_PAGE ? "version" : "revision",
                   item->revision, (unsigned long long)item->entry);
    if (item->due) {
        char due[CLOCK_TEXT_BYTES];
        clock_text(item->due, false, due);
        member(b, "due", span_str(due));
    }
    bool any = false;
    for (size_t i = 0; i < item->remark_count; i++) {
        if (b->n + 6 * item->remarks[i].n > REMARKS_BYTES_MAX) continue; /* \u0000 at the worst */
        buf_str(b, any ? "," : ",\"remarks\":[");
        json_write_string(b, item->remarks[i]);
        any = true;
    }
    buf_str(b, any ? "]}\n" : "}\n");
}

/* ---- items ------------------------------------------------------------------------------------------ */

static bool type_is(struct span content_type, struct span type) {
    struct span rest = content_type;
    return span_eq_nocase(span_trim(span_cut(&rest, ';')), type);
}

static enum wire_form form_of(struct span type) {
    if (type_is(type, SPAN("application/json")) || type_is(type, SPAN("application/ninjs+json")))
        return WIRE_NINJS;
    if (type_is(type, SPAN("text/markdown"))) return WIRE_MARKDOWN;
    return WIRE_GUESS;
}

static rc take_part(struct flow_item *item, struct flow_picture *pictures,
                    const struct multipart_part *part) {
    if (span_eq(part->name, SPAN("item"))) {
        item->bytes = part->bytes;
        item->form = form_of(part->type);
    } else if (span_eq(part->name, SPAN("change"))) {
        if (!change_of(part->bytes, &item->change))
            return rc_fail(RC_INVALID,
                           "change: \"" SPAN_FMT
                           "\" is none of minor, update, clarification, correction, "
                           "editors-note, retraction",
                           SPAN_ARG(part->bytes));
    } else if (span_eq(part->name, SPAN("note"))) {
        item->note = part->bytes;
    } else if (span_eq(part->name, SPAN("archive"))) {
        item->archive = span_eq(part->bytes, SPAN("1"));
    } else if (part->filename.n) {
        if (item->picture_count == CALLS_ITEM_PICTURES_MAX)
            return rc_fail(RC_TOO_BIG, "more than %d pictures in one upload",
                           CALLS_ITEM_PICTURES_MAX);
        pictures[item->picture_count++] =
            (struct flow_picture){.href = part->filename, .bytes = part->bytes};
    } else {
        return rc_fail(RC_INVALID,
                       "field \"" SPAN_FMT
                       "\": neither item, change, note nor a picture with a filename",
                       SPAN_ARG(part->name));
    }
    return RC_OK;
}

static bool is_page(const struct call *call);

static rc read_item(struct arena *a, const struct call *call, struct flow_item *item) {
    *item = (struct flow_item){.role = call->trusted ? DESK_OPERATOR : DESK_SENDER,
                               .bytes = call->body,
                               .form = form_of(call->content_type)};
    if (is_page(call)) item->form = WIRE_PAGE;
    if (!type_is(call->content_type, SPAN("multipart/form-data"))) return RC_OK;
    struct multipart_part *parts;
    size_t count;
    TRY(multipart_read(a, call->content_type, call->body, &parts, &count));
    struct flow_picture *pictures = ARENA_ARRAY(a, struct flow_picture, CALLS_ITEM_PICTURES_MAX);
    if (!pictures)
        return rc_fail(RC_TOO_BIG, "the upload needs more memory than one operation may have");
    item->pictures = pictures;
    item->bytes = (struct span){NULL, 0};
    for (size_t i = 0; i < count; i++) TRY(take_part(item, pictures, &parts[i]));
    if (!item->bytes.p) return rc_fail(RC_INVALID, "the upload has no field \"item\"");
    if (is_page(call)) item->form = WIRE_PAGE; /* whatever type its field has */
    return RC_OK;
}

static rc run_items(struct flow *f, struct call **calls, size_t count) {
    struct arena *a = arena_new(MEMORY_BYTES_MAX);
    struct flow_item items[FLOW_BATCH_MAX];
    struct call *of[FLOW_BATCH_MAX];
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        rc_why_clear();
        rc code = read_item(a, calls[i], &items[n]);
        if (code == RC_OK)
            of[n++] = calls[i];
        else
            answer_failure(calls[i], code);
    }
    rc code = n ? flow_submit(f, a, items, n) : RC_OK;
    for (size_t i = 0; i < n; i++) answer_item(of[i], &items[i]);
    arena_free(a);
    return code;
}

/* ---- the rest ------------------------------------------------------------------------------------------ */

/* A member of a JSON object that the body must be. */
static rc body_text(struct arena *a, const struct call *call, const char *name,
                    struct span *out_text) {
    json_t *object;
    TRY(json_read(call->body, &object));
    struct span text = json_member_string(object, name);
    *out_text = text.p ? arena_copy(a, text) : (struct span){NULL, 0};
    json_decref(object);
    return RC_OK;
}

static rc run_withdraw(struct flow *f, struct arena *a, struct call *call) {
    struct flow_item item = {.code = RC_OK};
    struct withdrawal why = {.status = 0};
    struct span story;
    TRY(body_text(a, call, "story", &story));
    TRY(body_text(a, call, "reason", &why.reason));
    TRY(body_text(a, call, "authority", &why.authority));
    TRY(body_text(a, call, "demanded", &why.demanded));
    TRY(flow_withdraw(f, a, DESK_OPERATOR, story, &why, &item));
    answer_item(call, &item);
    return RC_OK;
}

static rc run_restore(struct flow *f, struct arena *a, struct call *call) {
    struct flow_item item = {.code = RC_OK};
    struct span story;
    TRY(body_text(a, call, "story", &story));
    TRY(flow_restore(f, a, DESK_OPERATOR, story, &item));
    answer_item(call, &item);
    return RC_OK;
}

static rc run_pages(struct flow *f, struct arena *a, struct call *call) {
    TRY(flow_pages(f, a, &call->answer));
    call->status = 200;
    return RC_OK;
}

static rc run_tokens(struct flow *f, struct arena *a, struct call *call) {
    TRY(flow_tokens(f, a, &call->answer));
    call->status = 200;
    return RC_OK;
}

static rc run_token_add(struct flow *f, struct arena *a, struct call *call) {
    struct span name;
    char token[FLOW_TOKEN_CHARS + 1];
    TRY(body_text(a, call, "name", &name));
    TRY(flow_token_add(f, name, token));
    call->status = 201;
    buf_printf(&call->answer, "{\"token\":\"%s\"}\n", token);
    return RC_OK;
}

static rc run_token_revoke(struct flow *f, struct arena *a, struct call *call) {
    struct span name;
    TRY(body_text(a, call, "name", &name));
    rc code = flow_token_revoke(f, name);
    if (code == RC_NOT_FOUND)
        return rc_fail(code,
                       "no valid token is named \"" SPAN_FMT "\"; dateline token list shows them",
                       SPAN_ARG(name));
    TRY(code);
    call->status = 200;
    buf_str(&call->answer, "{}\n");
    return RC_OK;
}

static rc run_rebuild(struct flow *f, struct arena *a, struct call *call) {
    (void)a;
    TRY(flow_rebuild(f));
    call->status = 202;
    buf_str(&call->answer, "{}\n");
    return RC_OK;
}

static rc run_rebuilding(struct flow *f, struct arena *a, struct call *call) {
    uint64_t done = 0, of = 0;
    bool running = flow_rebuilding(f, &done, &of);
    (void)a;
    call->status = 200;
    buf_printf(&call->answer, "{\"done\":%llu,\"of\":%llu,\"running\":%s}\n",
               (unsigned long long)done, (unsigned long long)of, running ? "true" : "false");
    return RC_OK;
}

static rc run_status(struct flow *f, struct arena *a, struct call *call) {
    call->status = 200;
    return status_write(f, a, &call->answer);
}

/* The newest signed head: for who makes a copy. */
static rc run_checkpoint(struct flow *f, struct arena *a, struct call *call) {
    struct span note;
    (void)a;
    TRY(flow_checkpoint(f, &note));
    call->status = 200;
    buf_add(&call->answer, note);
    return RC_OK;
}

static const struct route {
    const char *method, *path;
    bool tokens; /* may others than the machine itself call it? */
    rc (*run)(struct flow *f, struct arena *a, struct call *call); /* NULL: an item, or a page */
} routes[] = {
    {"POST", "/api/v1/items", true, NULL},     {"POST", "/withdraw", false, run_withdraw},
    {"POST", "/restore", false, run_restore},  {"GET", "/tokens", false, run_tokens},
    {"POST", "/tokens", false, run_token_add}, {"POST", "/tokens/revoke", false, run_token_revoke},
    {"POST", "/rebuild", false, run_rebuild},  {"GET", "/rebuild", false, run_rebuilding},
    {"GET", "/status", false, run_status},     {"GET", "/checkpoint", false, run_checkpoint},
    {"POST", "/pages", false, NULL},           {"GET", "/pages", false, run_pages},
};

static const struct route *route_of(const struct call *call) {
    struct span rest = call->path, path = span_cut(&rest, '?');
    for (size_t i = 0; i < COUNT_OF(routes); i++)
        if (span_eq(span_str(routes[i].method), call->method) &&
            span_eq(span_str(routes[i].path), path))
            return &routes[i];
    return NULL;
}

static bool is_page(const struct call *call) {
    const struct route *route = route_of(call);
    return route && !route->run && span_eq(span_str(route->path), SPAN("/pages"));
}

static rc allow(struct flow *f, struct call *call) {
    const struct route *route = route_of(call);
    if (!route || (!call->trusted && !route->tokens))
        return rc_fail(RC_NOT_FOUND, "there is no such call");
    if (call->trusted) return RC_OK;
    struct span token = call->authorization;
    if (token.n < 7 || !span_eq_nocase(span_sub(token, 0, 7), SPAN("Bearer ")))
        return rc_fail(
            RC_DENIED,
            "Authorization: Bearer and a token are needed; dateline token add makes one");
    return flow_token_check(f, span_trim(span_from(token, 7)), call->token);
}

void calls_refuse(struct call *call, rc code) {
    answer_failure(call, code);
}

bool calls_unknown_picture(struct flow *f, struct arena *a, const struct call *call, size_t *at,
                           struct flow_picture *out_picture) {
    const struct route *route = route_of(call);
    struct flow_item item;
    if (!route || route->run || read_item(a, call, &item) != RC_OK) return false;
    while (*at < item.picture_count) {
        const struct flow_picture *picture = &item.pictures[(*at)++];
        if (flow_picture_known(f, picture->bytes)) continue;
        *out_picture = *picture;
        return true;
    }
    return false;
}

rc calls_allow(struct flow *f, struct call *call) {
    rc code = allow(f, call);
    if (code != RC_OK) answer_failure(call, code);
    return code;
}

static rc run_other(struct flow *f, const struct route *route, struct call *call) {
    struct arena *a = arena_new(MEMORY_BYTES_MAX);
    rc_why_clear();
    rc code = route->run(f, a, call);
    arena_free(a);
    if (code != RC_OK) {
        buf_clear(&call->answer);
        answer_failure(call, code);
    }
    return code;
}

/* Items first: what is told afterwards is of the moment at which all answers go out. */
rc calls_run(struct flow *f, struct call **calls, size_t count) {
    struct call *items[FLOW_BATCH_MAX];
    size_t n = 0;
    rc code = RC_OK;
    for (size_t i = 0; i < count && code != RC_FATAL; i++) {
        const struct route *route = route_of(calls[i]);
        CHECK(route != NULL); /* calls_allow() has seen it */
        if (!route->run) items[n++] = calls[i];
        if (n == FLOW_BATCH_MAX || (n > 0 && i + 1 == count)) {
            code = run_items(f, items, n);
            n = 0;
        }
    }
    for (size_t i = 0; i < count && code != RC_FATAL; i++) {
        const struct route *route = route_of(calls[i]);
        if (route->run) code = run_other(f, route, calls[i]);
    }
    return code == RC_FATAL ? code : RC_OK;
}
