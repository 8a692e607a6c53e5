/* Whatever the bytes are: channel_read refuses them, or they are exactly what channel_write makes
 * of what was read, so that there is one form of each message. */
#include "net/channel.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    static char memory[CHANNEL_MESSAGE_BYTES_MAX];
    struct channel_message m;
    if (channel_read(span_of(data, n), &m) != RC_OK) return 0;
    struct buf b;
    buf_init_fixed(&b, memory, sizeof memory);
    channel_write(&m, &b);
    CHECK(!b.over);
    CHECK(span_eq(buf_span(&b), span_of(data, n)));
    return 0;
}
