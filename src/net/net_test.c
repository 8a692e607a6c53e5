#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/channel.h"
#include "net/slow.h"
#include "sys/socket.h"

static char scratch[CHANNEL_MESSAGE_BYTES_MAX], other[CHANNEL_MESSAGE_BYTES_MAX];

static struct span encode(const struct channel_message *m) {
    struct buf b;
    buf_init_fixed(&b, scratch, sizeof scratch);
    channel_write(m, &b);
    assert_false(b.over);
    return buf_span(&b);
}

static const struct channel_message samples[] = {
    {.kind = CHANNEL_CALL,
     .epoch = 3,
     .id = UINT64_MAX,
     .method = {"POST", 4},
     .path = {"/api/v1/items?a=b", 17},
     .authorization = {"Bearer xyz", 10},
     .content_type = {"application/json", 16},
     .body_bytes = UINT64_MAX},
    {.kind = CHANNEL_CALL, .method = {"GET", 3}, .path = {"/", 1}},
    {.kind = CHANNEL_GO, .epoch = 1, .id = 2},
    {.kind = CHANNEL_DATA, .epoch = 1, .id = 2, .body = {"x\0y", 3}},
    {.kind = CHANNEL_END, .epoch = 1, .id = 2},
    {.kind = CHANNEL_ABORT, .epoch = 1, .id = 2},
    {.kind = CHANNEL_ANSWER,
     .id = 9,
     .status = 200,
     .headers = {"A: b\r\nC:\r\n", 10},
     .body = {"{}", 2}},
    {.kind = CHANNEL_ANSWER, .id = 9, .status = 599},
};

static void assert_same(const struct channel_message *a, const struct channel_message *b) {
    assert_int_equal(a->kind, b->kind);
    assert_true(a->epoch == b->epoch && a->id == b->id && a->body_bytes == b->body_bytes);
    assert_true(span_eq(a->method, b->method) && span_eq(a->path, b->path));
    assert_true(span_eq(a->authorization, b->authorization) &&
                span_eq(a->content_type, b->content_type));
    assert_int_equal(a->status, b->status);
    assert_true(span_eq(a->headers, b->headers) && span_eq(a->body, b->body));
}

static void messages_come_back_as_they_were(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        struct channel_message m;
        assert_int_equal(channel_read(encode(&samples[i]), &m), RC_OK);
        assert_same(&samples[i], &m);
    }
}

static void cut_or_lengthened_messages_are_refused(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        struct span whole = encode(&samples[i]);
        struct channel_message m;
        bool has_tail = samples[i].kind == CHANNEL_DATA || samples[i].kind == CHANNEL_ANSWER;
        size_t tail = samples[i].body.n;
        for (size_t n = 0; n < whole.n; n++) {
            bool tail_only =
                has_tail && n >= whole.n - tail && !(samples[i].kind == CHANNEL_DATA && n == 18);
            assert_int_equal(channel_read(span_sub(whole, 0, n), &m),
                             tail_only ? RC_OK : RC_INVALID);
        }
        scratch[whole.n] = 'x';
        assert_int_equal(channel_read(span_of(scratch, whole.n + 1), &m),
                         has_tail ? RC_OK : RC_INVALID);
    }
}

static void assert_refused(const struct channel_message *m) {
    struct channel_message got;
    assert_int_equal(channel_read(encode(m), &got), RC_INVALID);
}

static void what_could_mislead_is_refused(void **state) {
    (void)state;
    const struct span headers[] = {
        SPAN("A: b"),         SPAN("A: b\n"),       SPAN("A: b\rC: d\r\n"),
        SPAN("no colon\r\n"), SPAN(": x\r\n"),      SPAN("A b: c\r\n"),
        SPAN("\r\n"),         SPAN("A: b\r\n\r\n"), SPAN("A: b\0c\r\n")};
    for (size_t i = 0; i < COUNT_OF(headers); i++) {
        assert_refused(&(struct channel_message){
            .kind = CHANNEL_ANSWER, .status = 200, .headers = headers[i]});
    }
    const struct span paths[] = {SPAN(""), SPAN("items"), SPAN("/a b"), SPAN("/a\r\nX: y"),
                                 SPAN("/\0")};
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        assert_refused(&(struct channel_message){
            .kind = CHANNEL_CALL, .method = SPAN("GET"), .path = paths[i]});
    }
    assert_refused(
        &(struct channel_message){.kind = CHANNEL_CALL, .method = SPAN("G T"), .path = SPAN("/")});
    assert_refused(&(struct channel_message){.kind = CHANNEL_CALL,
                                             .method = SPAN("GET"),
                                             .path = SPAN("/"),
                                             .authorization = SPAN("a\nb")});
    struct channel_message m;
    char bytes[18] = {CHANNEL_GO, 1};
    assert_int_equal(channel_read(span_of(bytes, 18), &m), RC_OK);
    bytes[1] = 2; /* another version */
    assert_int_equal(channel_read(span_of(bytes, 18), &m), RC_INVALID);
    bytes[1] = 1;
    bytes[0] = CHANNEL_ANSWER + 1;
    assert_int_equal(channel_read(span_of(bytes, 18), &m), RC_INVALID);
}

/* Both sides of each limit. */
static void lengths_are_bounded(void **state) {
    (void)state;
    static char text[CHANNEL_MESSAGE_BYTES_MAX];
    struct channel_message m, got;
    memset(text, 'x', sizeof text);
    text[0] = '/';
    m = (struct channel_message){
        .kind = CHANNEL_CALL, .method = SPAN("GET"), .path = span_of(text, CHANNEL_TEXT_BYTES_MAX)};
    struct span bytes = encode(&m);
    assert_int_equal(channel_read(bytes, &got), RC_OK);
    scratch[29]++; /* the path's length: one more than allowed */
    scratch[bytes.n] = 'x';
    assert_int_equal(channel_read(span_of(scratch, bytes.n + 1), &got), RC_INVALID);

    m = (struct channel_message){.kind = CHANNEL_DATA,
                                 .body = span_of(text, CHANNEL_DATA_BYTES_MAX)};
    bytes = encode(&m);
    assert_int_equal(channel_read(bytes, &got), RC_OK);
    assert_int_equal(channel_read(span_of(scratch, bytes.n + 1), &got), RC_INVALID);

    m = (struct channel_message){
        .kind = CHANNEL_ANSWER, .status = 200, .body = span_of(text, CHANNEL_ANSWER_BYTES_MAX)};
    bytes = encode(&m);
    assert_int_equal(channel_read(bytes, &got), RC_OK);
    assert_int_equal(channel_read(span_of(scratch, bytes.n + 1), &got), RC_INVALID);
}

static void a_socket_keeps_messages_whole(void **state) {
    (void)state;
    int ends[2];
    struct channel_message m;
    assert_int_equal(socket_pair(ends), RC_OK);
    assert_int_equal(channel_receive(ends[1], other, &m), RC_AGAIN);
    assert_int_equal(channel_send(ends[0], &samples[3], scratch), RC_OK);
    assert_int_equal(channel_send(ends[0], &samples[4], scratch), RC_OK);
    assert_int_equal(channel_receive(ends[1], other, &m), RC_OK);
    assert_same(&samples[3], &m);
    assert_int_equal(channel_receive(ends[1], other, &m), RC_OK);
    assert_same(&samples[4], &m);
    unsigned sent = 0;
    rc code;
    while ((code = channel_send(ends[0], &samples[3], scratch)) == RC_OK) sent++;
    assert_int_equal(code, RC_AGAIN); /* full */
    while (channel_receive(ends[1], other, &m) == RC_OK) sent--;
    assert_int_equal(sent, 0);
    assert_int_equal(write(ends[0], "nonsense", 8), 8);
    assert_int_equal(channel_receive(ends[1], other, &m), RC_INVALID);
    socket_close(ends[0]);
    assert_int_equal(channel_receive(ends[1], other, &m), RC_GONE);
    assert_int_equal(channel_send(ends[1], &samples[3], scratch), RC_GONE);
    socket_close(ends[1]);
}

static void slow_readers_share_one_copy(void **state) {
    (void)state;
    struct slow s = {.bytes_max = 10000};
    char body[4000];
    memset(body, 'a', sizeof body);
    const struct span whole[2] = {span_of(body, 1000), span_of(body + 1000, sizeof body - 1000)};
    const struct span small[2] = {SPAN("x"), SPAN("")};
    struct slow_body *a = slow_take(&s, SPAN("\"k\""), whole),
                     *b = slow_take(&s, SPAN("\"k\""), whole);
    assert_non_null(a);
    assert_ptr_equal(a, b);
    uint64_t one = s.bytes;
    assert_in_range(one, 4000, 4100);
    body[7] = 'b'; /* the same key, other bytes: not the same copy */
    struct slow_body *c = slow_take(&s, SPAN("\"k\""), whole);
    assert_non_null(c);
    assert_ptr_not_equal(a, c);
    assert_int_equal(slow_bytes(a)[7], 'a');
    assert_memory_equal(slow_bytes(c), body, sizeof body);
    assert_null(slow_take(&s, SPAN(""), whole)); /* over the limit */
    slow_release(&s, a);
    assert_int_equal(slow_bytes(b)[7], 'a');
    slow_release(&s, b);
    struct slow_body *d = slow_take(&s, SPAN(""), whole), *e = slow_take(&s, SPAN("\"k\""), small);
    assert_non_null(d); /* there is room again */
    slow_release(&s, c);
    slow_release(&s, d);
    slow_release(&s, e);
    slow_release(&s, NULL);
    assert_int_equal(s.bytes, 0);
    for (size_t i = 0; i < SLOW_BUCKETS; i++) assert_null(s.buckets[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_come_back_as_they_were),
        cmocka_unit_test(cut_or_lengthened_messages_are_refused),
        cmocka_unit_test(what_could_mislead_is_refused),
        cmocka_unit_test(lengths_are_bounded),
        cmocka_unit_test(a_socket_keeps_messages_whole),
        cmocka_unit_test(slow_readers_share_one_copy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
