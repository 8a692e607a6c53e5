/*
 * One request, read whole and read byte by byte: the same verdict, and the same parts at the same
 * places. Once a front part is refused, all of it is refused with the same status.
 */
#include <stdint.h>

#include "base/mem.h"
#include "http/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void lies_in(struct span part, struct span all) {
    CHECK(part.p == NULL || (part.p >= all.p && part.p + part.n <= all.p + all.n));
}

static void is_sound(const struct http_request *r, struct span all) {
    lies_in(r->method_text, all);
    lies_in(r->target, all);
    lies_in(r->path, r->target);
    lies_in(r->query, r->target);
    lies_in(r->host, all);
    lies_in(r->if_none_match, all);
    lies_in(r->authorization, all);
    lies_in(r->content_type, all);
    CHECK(r->head_bytes <= all.n && r->head_bytes <= HTTP_HEAD_BYTES_MAX);
    CHECK(span_ends(span_sub(all, 0, r->head_bytes), SPAN("\r\n\r\n")));
    CHECK(r->field_count <= HTTP_FIELDS_MAX);
    CHECK(!(r->chunked && (r->has_length || r->minor == 0)));
    CHECK(r->content_length <= HTTP_BODY_BYTES_MAX);
    CHECK(r->minor == 0 || r->host.n);
    CHECK(r->path.n && (r->path.p[0] == '/' || span_eq(r->path, SPAN("*"))));
    for (size_t i = 0; i < r->field_count; i++) {
        lies_in(r->fields[i].name, all);
        lies_in(r->fields[i].value, all);
        CHECK(r->fields[i].name.n);
        for (size_t at = 0; at < r->fields[i].value.n; at++) {
            unsigned char c = (unsigned char)r->fields[i].value.p[at];
            CHECK((c >= 0x20 && c != 0x7F) || c == '\t');
        }
    }
    struct span value;
    CHECK(http_request_field(r, SPAN("host"), &value) != RC_INVALID);
    http_etag_matches(r->if_none_match, SPAN("\"x\""));
}

static void is_same(struct span a, struct span b) {
    CHECK(a.p == b.p && a.n == b.n);
}

static void are_same(const struct http_request *a, const struct http_request *b) {
    CHECK(a->head_bytes == b->head_bytes && a->field_count == b->field_count);
    CHECK(a->method == b->method && a->minor == b->minor && a->keep_alive == b->keep_alive);
    CHECK(a->chunked == b->chunked && a->has_length == b->has_length);
    CHECK(a->content_length == b->content_length && a->expect_continue == b->expect_continue);
    CHECK(a->accept_encoding == b->accept_encoding);
    is_same(a->method_text, b->method_text);
    is_same(a->target, b->target);
    is_same(a->path, b->path);
    is_same(a->query, b->query);
    is_same(a->host, b->host);
    is_same(a->if_none_match, b->if_none_match);
    is_same(a->authorization, b->authorization);
    is_same(a->content_type, b->content_type);
    for (size_t i = 0; i < a->field_count; i++) {
        is_same(a->fields[i].name, b->fields[i].name);
        is_same(a->fields[i].value, b->fields[i].value);
    }
}

/* In memory that ends with the bytes, so that reading on is seen. */
static rc parse_alone(struct span bytes, unsigned *out_status) {
    struct http_request r;
    struct http_progress fresh = {0};
    char *copy = mem_new(bytes.n ? bytes.n : 1);
    if (bytes.n) memcpy(copy, bytes.p, bytes.n);
    rc code = http_request_parse(span_of(copy, bytes.n), &fresh, &r, out_status);
    if (code == RC_OK) is_sound(&r, span_of(copy, bytes.n));
    mem_free(copy);
    return code;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct span all = span_of(data, n);
    struct http_request whole, trickled;
    struct http_progress fresh = {0}, progress = {0};
    unsigned whole_status = 0, status = 0;
    rc whole_code = http_request_parse(all, &fresh, &whole, &whole_status), code = RC_AGAIN;
    if (whole_code == RC_OK) is_sound(&whole, all);
    size_t at = 0;
    for (; at <= n && code == RC_AGAIN; at++) {
        struct span part = span_sub(all, 0, at);
        code = http_request_parse(part, &progress, &trickled, &status);
        if (n > 600) continue;
        unsigned alone_status = 0;
        CHECK(parse_alone(part, &alone_status) == code && alone_status == status);
    }
    CHECK(code == whole_code && status == whole_status);
    if (code != RC_OK) return 0;
    CHECK(at - 1 == trickled.head_bytes);
    are_same(&whole, &trickled);
    return 0;
}
