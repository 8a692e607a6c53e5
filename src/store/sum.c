/*
 * sum: row_sum(…), the SQL function that the statements of sql.h write with rows of which nothing else
 * in the site knows what they said (docs/site-format.md §1): the first 8 bytes of SHA-256 over its
 * arguments. Nobody reads it but fsck.
 */
#include "store/db.h"

#define VALUES_MAX 16

/* n, or i ‖ the number, or t or b ‖ the length ‖ the bytes; numbers of 8 bytes, big-endian. */
static struct span head_of(sqlite3_value *value, char memory[9]) {
    struct buf b;
    buf_init_fixed(&b, memory, 9);
    switch (sqlite3_value_type(value)) {
    case SQLITE_NULL: buf_char(&b, 'n'); break;
    case SQLITE_INTEGER:
        buf_char(&b, 'i');
        buf_be(&b, (uint64_t)sqlite3_value_int64(value), 8);
        break;
    default:
        buf_char(&b, sqlite3_value_type(value) == SQLITE_BLOB ? 'b' : 't');
        buf_be(&b, (uint64_t)sqlite3_value_bytes(value), 8);
    }
    return buf_span(&b);
}

static void row_sum(sqlite3_context *context, int count, sqlite3_value **values) {
    char heads[VALUES_MAX][9];
    struct span parts[2 * VALUES_MAX];
    size_t n = 0;
    CHECK(count <= VALUES_MAX);
    for (int i = 0; i < count; i++) {
        const int type = sqlite3_value_type(values[i]);
        parts[n++] = head_of(values[i], heads[i]);
        if (type == SQLITE_NULL || type == SQLITE_INTEGER) continue;
        const void *bytes = sqlite3_value_blob(values[i]);
        parts[n++] = span_of(bytes, (size_t)sqlite3_value_bytes(values[i]));
    }
    struct sha256 hash = sha256_of_parts(parts, n);
    sqlite3_result_blob(context, hash.bytes, SUM_BYTES, SQLITE_TRANSIENT);
}

int sum_register(struct store *s) {
    return sqlite3_create_function(s->db, "row_sum", -1,
                                   SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY, NULL,
                                   row_sum, NULL, NULL);
}
