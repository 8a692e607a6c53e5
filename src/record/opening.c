#include "codec/json.h"
#include "record/record.h"

struct sha256 part_commitment(const uint8_t salt[SALT_BYTES], struct span part) {
    static const char tag[] = "dateline-commit/v1"; /* with its NUL */
    uint8_t length[8];
    struct buf b;
    buf_init_fixed(&b, length, sizeof length);
    buf_be(&b, part.n, sizeof length);
    struct span parts[] = {{tag, sizeof tag}, span_of(salt, SALT_BYTES), buf_span(&b), part};
    return sha256_of_parts(parts, COUNT_OF(parts));
}

bool salts_are_seed(struct span salts, size_t count) {
    return count > 1 && salts.n == SALT_BYTES;
}

bool salts_fit(struct span salts, size_t count) {
    return salts.n == count * SALT_BYTES || salts_are_seed(salts, count);
}

static struct sha256 salt_of_seed(struct span seed, size_t i) {
    static const char tag[] = "dateline-salt/v1"; /* with its NUL */
    uint8_t number[8];
    struct buf b;
    buf_init_fixed(&b, number, sizeof number);
    buf_be(&b, i, sizeof number);
    struct span parts[] = {{tag, sizeof tag}, seed, buf_span(&b)};
    return sha256_of_parts(parts, COUNT_OF(parts));
}

struct sha256 parts_root(const struct span *parts, struct span salts, size_t count) {
    struct merkle_edge edge = {.size = 0};
    CHECK(salts_fit(salts, count));
    const bool seed = salts_are_seed(salts, count);
    for (size_t i = 0; i < count; i++) {
        struct sha256 derived;
        if (seed) derived = salt_of_seed(salts, i);
        const uint8_t *salt = seed ? derived.bytes : (const uint8_t *)salts.p + SALT_BYTES * i;
        struct sha256 commitment = part_commitment(salt, parts[i]);
        struct sha256 leaf = merkle_leaf(span_of(commitment.bytes, SHA256_BYTES));
        merkle_edge_append(&edge, &leaf);
    }
    return merkle_edge_root(&edge);
}

void opening_write_seed(uint64_t index, struct span seed, struct buf *out) {
    CHECK(seed.n == SALT_BYTES);
    buf_str(out, "{\"entry\":");
    buf_u64(out, index);
    buf_str(out, ",\"seed\":\"");
    buf_hex(out, seed.p, seed.n);
    buf_str(out, "\",\"version\":1}");
}

void opening_write(uint64_t index, const struct span *parts, struct span salts,
                   const struct sha256 *commitments, size_t count, struct buf *out) {
    CHECK(salts.n == count * SALT_BYTES);
    buf_str(out, "{\"entry\":");
    buf_u64(out, index);
    buf_str(out, ",\"parts\":[");
    for (size_t i = 0; i < count; i++) {
        if (i) buf_char(out, ',');
        if (parts[i].p) {
            buf_str(out, "{\"part\":");
            json_write_string(out, parts[i]);
            buf_str(out, ",\"salt\":\"");
            buf_hex(out, salts.p + SALT_BYTES * i, SALT_BYTES);
        } else {
            CHECK(commitments != NULL);
            buf_str(out, "{\"commitment\":\"");
            buf_hex(out, commitments[i].bytes, SHA256_BYTES);
        }
        buf_str(out, "\"}");
    }
    buf_str(out, "],\"version\":1}");
}
