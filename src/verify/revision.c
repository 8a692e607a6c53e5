/* docs/record-format.md §3 and §4: the canonical revision, and how it is cut into parts. */
#include "base/mem.h"
#include "verify/internal.h"

/* --- whether it is this entry's --- */

static rc change_check(const json_t *change, const struct verify_entry *entry) {
    static const char *const corrects[] = {"clarification", "correction", "editors-note",
                                           "retraction"};
    bool correction = entry->type == VERIFY_correction;
    if (entry->number == 1) {
        if (change) return rc_fail(RC_INVALID, "change: the first revision has none");
        if (correction) return rc_fail(RC_INVALID, "a first revision corrects nothing");
        return RC_OK;
    }
    struct span word = json_is_string(change) ? verify_json_span(change) : SPAN("");
    for (size_t i = 0; i < COUNT_OF(corrects); i++)
        if (span_eq(word, span_str(corrects[i])))
            return correction ? RC_OK
                              : rc_fail(RC_INVALID, "change: %s, of an entry of type revision",
                                        corrects[i]);
    if (!span_eq(word, SPAN("minor")) && !span_eq(word, SPAN("update")))
        return rc_fail(RC_INVALID, "change: is none of the six words");
    return correction ? rc_fail(RC_INVALID, "change: " SPAN_FMT ", of an entry of type correction",
                                SPAN_ARG(word))
                      : RC_OK;
}

/* §3: a standing page is of an entry of type standards, and only that is. */
static rc standing_check(const json_t *json, const struct verify_entry *entry) {
    const bool standing = json_object_get(json, "standing") != NULL;
    const json_t *change = json_object_get(json, "change");
    if (standing != (entry->type == VERIFY_standards))
        return rc_fail(RC_INVALID, "standing: is %s, of an entry of type %s",
                       standing ? "there" : "missing", verify_type_name[entry->type]);
    if (standing && change && !span_eq(verify_json_span(change), SPAN("update")))
        return rc_fail(RC_INVALID, "change: a version of a standing page is an update");
    return RC_OK;
}

static rc identity_check(const json_t *json, const struct verify_entry *entry) {
    if (!json_is_object(json)) return rc_fail(RC_INVALID, "it is no object");
    const json_t *version = json_object_get(json, "version");
    const json_t *story = json_object_get(json, "story");
    const json_t *number = json_object_get(json, "number");
    uint8_t id[16];
    if (!json_is_integer(version) || json_integer_value(version) != 1)
        return rc_fail(RC_INVALID, "version: is not 1");
    if (!json_is_string(story) || !hex_decode(verify_json_span(story), id, sizeof id) ||
        memcmp(id, entry->story, sizeof id) != 0)
        return rc_fail(RC_INVALID, "story: is not the entry's");
    if (!json_is_integer(number) || (uint64_t)json_integer_value(number) != entry->number)
        return rc_fail(RC_INVALID, "number: is not the entry's revision");
    TRY(standing_check(json, entry));
    return change_check(json_object_get(json, "change"), entry);
}

/* --- the cut (§4) --- */

/* Each part is given away as it is cut: nothing is kept. */
struct cut {
    rc (*part)(void *arg, struct span text);
    void *arg;
    struct buf text;
};

/* [path,value]: the path's JSON text is given without its brackets. */
static rc part_cut(struct cut *cut, struct span path, const json_t *value) {
    buf_clear(&cut->text);
    buf_str(&cut->text, "[[");
    buf_add(&cut->text, path);
    buf_str(&cut->text, "],");
    TRY(verify_jcs_write(value, &cut->text));
    buf_char(&cut->text, ']');
    return cut->part(cut->arg, buf_span(&cut->text));
}

static rc member_cut(struct cut *cut, const struct buf *path, const char *name, const json_t *value,
                     bool elements) {
    struct buf here;
    rc code = RC_OK;
    buf_init(&here, VERIFY_JSON_BYTES_MAX);
    buf_add(&here, buf_span(path));
    if (path->n) buf_char(&here, ',');
    verify_jcs_string(span_str(name), &here);
    size_t n = here.n;
    for (size_t i = 0; elements && code == RC_OK && i < json_array_size(value); i++) {
        here.n = n;
        buf_printf(&here, ",%zu", i);
        code = part_cut(cut, buf_span(&here), json_array_get(value, i));
    }
    if (!elements) code = part_cut(cut, buf_span(&here), value);
    buf_done(&here);
    return code;
}

static rc pictures_cut(struct cut *cut, json_t *pictures) {
    for (size_t i = 0; i < json_array_size(pictures); i++) {
        json_t *picture = json_array_get(pictures, i), *value;
        if (!json_is_object(picture))
            return rc_fail(RC_INVALID, "pictures: element %zu is no object", i);
        char memory[64];
        struct buf path;
        buf_init_fixed(&path, memory, sizeof memory);
        buf_printf(&path, "\"pictures\",%zu", i);
        const char *name;
        json_object_foreach(picture, name, value) {
            bool elements = strcmp(name, "renditions") == 0;
            if (elements && !json_is_array(value))
                return rc_fail(RC_INVALID, "pictures: renditions is no array");
            TRY(member_cut(cut, &path, name, value, elements));
        }
    }
    return RC_OK;
}

static rc revision_cut(struct cut *cut, json_t *json) {
    static const char *const opened[] = {"blocks", "bylines", "corrections", "tags", "pictures"};
    struct buf none;
    buf_init_fixed(&none, NULL, 0);
    const char *name;
    json_t *value;
    json_object_foreach(json, name, value) {
        bool elements = false;
        for (size_t i = 0; i < COUNT_OF(opened); i++)
            elements = elements || strcmp(name, opened[i]) == 0;
        if (elements && !json_is_array(value)) return rc_fail(RC_INVALID, "%s: is no array", name);
        if (strcmp(name, "pictures") == 0)
            TRY(pictures_cut(cut, value));
        else
            TRY(member_cut(cut, &none, name, value, elements));
    }
    return RC_OK;
}

rc verify_revision_cut(struct span text, const struct verify_entry *entry,
                       rc (*part)(void *arg, struct span text), void *arg, json_t **out_json) {
    json_t *json;
    TRY(verify_jcs_parse(text, &json));
    rc code = verify_shape_check(json);
    if (code == RC_OK) code = identity_check(json, entry);
    if (code == RC_OK) {
        struct cut cut = {.part = part, .arg = arg};
        buf_init(&cut.text, VERIFY_JSON_BYTES_MAX);
        code = revision_cut(&cut, json);
        buf_done(&cut.text);
    }
    if (code == RC_OK && out_json)
        *out_json = json;
    else
        json_decref(json);
    return code;
}

/* --- against an opening --- */

struct compare {
    const struct verify_opening *opening;
    size_t part, opened; /* parts cut; of the opening's, how many were passed */
};

static void pass_closed(struct compare *compare) {
    while (compare->opened < compare->opening->count &&
           !compare->opening->parts[compare->opened].open)
        compare->opened++;
}

static rc part_compare(void *arg, struct span text) {
    struct compare *compare = arg;
    pass_closed(compare);
    if (compare->opened == compare->opening->count)
        return rc_fail(RC_INVALID, "cut into parts, it has more than the opening opens");
    if (!span_eq(text, compare->opening->parts[compare->opened].text))
        return rc_fail(RC_INVALID, "its part %zu is not part %zu of the opening", compare->part,
                       compare->opened);
    compare->part++;
    compare->opened++;
    return RC_OK;
}

rc verify_revision_check(struct span text, const struct verify_entry *entry,
                         const struct verify_opening *opening) {
    struct compare compare = {.opening = opening};
    TRY(verify_revision_cut(text, entry, part_compare, &compare, NULL));
    pass_closed(&compare);
    return compare.opened == opening->count
               ? RC_OK
               : rc_fail(RC_INVALID, "cut into parts, it has fewer than the opening opens");
}

/* --- out of a seed --- */

struct sum {
    const uint8_t *seed;
    size_t count;
    struct sha256 leaves[VERIFY_PARTS_MAX];
};

static rc part_sum(void *arg, struct span text) {
    struct sum *sum = arg;
    if (sum->count == VERIFY_PARTS_MAX)
        return rc_fail(RC_INVALID, "it has more than %u parts", VERIFY_PARTS_MAX);
    const struct sha256 salt = verify_salt(sum->seed, sum->count);
    const struct sha256 commitment = verify_commitment(text, salt.bytes);
    sum->leaves[sum->count++] = verify_leaf(span_of(commitment.bytes, SHA256_BYTES));
    return RC_OK;
}

rc verify_revision_seeded(struct span text, const struct verify_entry *entry,
                          const uint8_t seed[32]) {
    struct sum *sum = mem_new(sizeof *sum);
    sum->seed = seed;
    rc code = verify_revision_cut(text, entry, part_sum, sum, NULL);
    if (code == RC_OK && sum->count != entry->parts)
        code = rc_fail(RC_INVALID, "it has %zu parts, the entry commits to %u", sum->count,
                       entry->parts);
    if (code == RC_OK) {
        const struct sha256 root = verify_mth(sum->leaves, sum->count);
        if (!sha256_eq(&root, &entry->root))
            code = rc_fail(RC_INVALID,
                           "its parts and its opening's seed do not give the entry's root");
    }
    mem_free(sum);
    return code;
}
