/* docs/record-format.md §4: an opening, and the commitments that it opens. */
#include "base/mem.h"
#include "verify/internal.h"

static void number_write(uint64_t number, uint8_t out_bytes[8]) {
    for (unsigned i = 0; i < 8; i++) out_bytes[i] = (uint8_t)(number >> (56 - 8 * i));
}

struct sha256 verify_commitment(struct span part, const uint8_t salt[32]) {
    uint8_t length[8];
    number_write(part.n, length);
    struct span pieces[] = {SPAN("dateline-commit/v1\0"), span_of(salt, 32),
                            span_of(length, sizeof length), part};
    return sha256_of_parts(pieces, COUNT_OF(pieces));
}

struct sha256 verify_salt(const uint8_t seed[32], uint64_t i) {
    uint8_t number[8];
    number_write(i, number);
    struct span pieces[] = {SPAN("dateline-salt/v1\0"), span_of(seed, 32),
                            span_of(number, sizeof number)};
    return sha256_of_parts(pieces, COUNT_OF(pieces));
}

/* A part's bytes: the JCS text of [path, value], the path of member names and indexes. */
static rc part_text_check(struct span text) {
    json_t *json;
    TRY(verify_jcs_parse(text, &json));
    rc code = RC_OK;
    const json_t *path = json_array_get(json, 0);
    if (!json_is_array(json) || json_array_size(json) != 2 || !json_is_array(path) ||
        !json_is_string(json_array_get(path, 0)))
        code = rc_fail(RC_INVALID, "it is not [path, value]");
    for (size_t i = 1; code == RC_OK && i < json_array_size(path); i++)
        if (!json_is_string(json_array_get(path, i)) && !json_is_integer(json_array_get(path, i)))
            code = rc_fail(RC_INVALID, "its path holds more than names and indexes");
    json_decref(json);
    return code;
}

static rc part_read(const json_t *json, struct verify_part *part) {
    const json_t *commitment = json_object_get(json, "commitment");
    const json_t *text = json_object_get(json, "part"), *salt = json_object_get(json, "salt");
    if (commitment && json_object_size(json) == 1) {
        part->open = false;
        if (!json_is_string(commitment) ||
            !hex_decode(verify_json_span(commitment), part->commitment.bytes, SHA256_BYTES))
            return rc_fail(RC_INVALID, "its commitment is not 64 lower-case hex digits");
        return RC_OK;
    }
    if (!text || !salt || json_object_size(json) != 2)
        return rc_fail(RC_INVALID, "it has neither part and salt, nor a commitment, alone");
    if (!json_is_string(salt) || !hex_decode(verify_json_span(salt), part->salt, sizeof part->salt))
        return rc_fail(RC_INVALID, "its salt is not 64 lower-case hex digits");
    if (!json_is_string(text)) return rc_fail(RC_INVALID, "its text is no string");
    part->open = true;
    part->text = verify_json_span(text);
    TRY(part_text_check(part->text));
    part->commitment = verify_commitment(part->text, part->salt);
    return RC_OK;
}

static rc opening_read(struct verify_opening *opening) {
    const json_t *entry = json_object_get(opening->json, "entry");
    const json_t *parts = json_object_get(opening->json, "parts");
    const json_t *seed = json_object_get(opening->json, "seed");
    const json_t *version = json_object_get(opening->json, "version");
    if (json_object_size(opening->json) != 3 || !json_is_integer(entry) ||
        (!json_is_array(parts) && !json_is_string(seed)) || !json_is_integer(version))
        return rc_fail(RC_INVALID, "its members are not entry, parts or seed, and version");
    if (json_integer_value(version) != 1) return rc_fail(RC_INVALID, "its version is not 1");
    opening->entry = (uint64_t)json_integer_value(entry);
    opening->seeded = seed != NULL;
    if (opening->seeded)
        return hex_decode(verify_json_span(seed), opening->seed, sizeof opening->seed)
                   ? RC_OK
                   : rc_fail(RC_INVALID, "its seed is not 64 lower-case hex digits");
    opening->count = json_array_size(parts);
    if (opening->count < 1 || opening->count > VERIFY_PARTS_MAX)
        return rc_fail(RC_INVALID, "it has %zu parts, not 1 to %u", opening->count,
                       VERIFY_PARTS_MAX);
    opening->parts = mem_new(opening->count * sizeof *opening->parts);
    for (size_t i = 0; i < opening->count; i++) {
        rc code = part_read(json_array_get(parts, i), &opening->parts[i]);
        if (code != RC_OK) return rc_in(code, "part %zu: ", i);
        opening->open += opening->parts[i].open;
    }
    return RC_OK;
}

rc verify_opening_parse(struct span text, struct verify_opening *out_opening) {
    struct verify_opening opening = {0};
    TRY(verify_jcs_parse(text, &opening.json));
    rc code = opening_read(&opening);
    if (code == RC_OK)
        *out_opening = opening;
    else
        verify_opening_done(&opening);
    return code;
}

void verify_opening_done(struct verify_opening *opening) {
    json_decref(opening->json);
    mem_free(opening->parts);
    memset(opening, 0, sizeof *opening);
}

struct sha256 verify_opening_root(const struct verify_opening *opening) {
    struct sha256 *hashes = mem_new(opening->count * sizeof *hashes);
    for (size_t i = 0; i < opening->count; i++)
        hashes[i] = verify_leaf(span_of(opening->parts[i].commitment.bytes, SHA256_BYTES));
    struct sha256 root = verify_mth(hashes, opening->count);
    mem_free(hashes);
    return root;
}

/* The value of the part if it has this path of one name; NULL if not. The caller gives *out_json
 * back. */
static const json_t *part_value(const struct verify_part *part, const char *name,
                                json_t **out_json) {
    if (verify_jcs_parse(part->text, out_json) != RC_OK) {
        *out_json = NULL;
        return NULL;
    }
    const json_t *path = json_array_get(*out_json, 0);
    if (json_array_size(path) != 1 ||
        !span_eq(verify_json_span(json_array_get(path, 0)), span_str(name)))
        return NULL;
    return json_array_get(*out_json, 1);
}

/* Reason and status; of a demand by law before them the authority, and before the reason the date. */
static rc withdrawal_check(const struct verify_opening *opening) {
    static const char *const plain[] = {"reason", "status"},
                             *const demand[] = {"authority", "reason", "status"},
                             *const dated[] = {"authority", "demanded", "reason", "status"};
    const char *const *names = opening->count == 2   ? plain
                               : opening->count == 3 ? demand
                               : opening->count == 4 ? dated
                                                     : NULL;
    if (!names)
        return rc_fail(RC_INVALID, "a withdrawal's parts are not reason and status, after the "
                                   "authority and the date of a demand");
    bool good = true;
    for (size_t i = 0; i < opening->count; i++) {
        if (!opening->parts[i].open) continue;
        json_t *json;
        const json_t *value = part_value(&opening->parts[i], names[i], &json);
        const json_int_t status = opening->count == 2 ? 410 : 451;
        good = good && value &&
               (i + 1 < opening->count
                    ? json_is_string(value)
                    : json_is_integer(value) && json_integer_value(value) == status);
        json_decref(json);
    }
    return good ? RC_OK
                : rc_fail(RC_INVALID, "a withdrawal's parts are not its reason and the status "
                                      "410, or 451 with the authority that demanded it");
}

static rc restore_check(const struct verify_opening *opening, const struct verify_entry *entry) {
    if (opening->count != 1) return rc_fail(RC_INVALID, "a restore has more parts than revision");
    if (!opening->parts[0].open) return RC_OK;
    json_t *json;
    const json_t *value = part_value(&opening->parts[0], "revision", &json);
    uint64_t number = json_is_integer(value) ? (uint64_t)json_integer_value(value) : 0;
    json_decref(json);
    if (!number) return rc_fail(RC_INVALID, "a restore's part is not the number of a revision");
    if (entry->number && entry->number != number)
        return rc_fail(RC_INVALID, "a restore's part names another revision than the entry");
    return RC_OK;
}

rc verify_opening_check(const struct verify_opening *opening, uint64_t index,
                        const struct verify_entry *entry) {
    if (opening->entry != index)
        return rc_fail(RC_INVALID, "it is of entry %llu", (unsigned long long)opening->entry);
    if (opening->seeded)
        return verify_entry_has_text(entry)
                   ? RC_OK
                   : rc_fail(RC_INVALID, "it has a seed, and its entry no revision");
    if (opening->count != entry->parts)
        return rc_fail(RC_INVALID, "it has %zu parts, the entry commits to %u", opening->count,
                       entry->parts);
    struct sha256 root = verify_opening_root(opening);
    if (!sha256_eq(&root, &entry->root))
        return rc_fail(RC_INVALID, "its parts and salts do not give the entry's root");
    if (entry->type == VERIFY_withdrawal) return withdrawal_check(opening);
    if (entry->type == VERIFY_restore) return restore_check(opening, entry);
    return RC_OK;
}
