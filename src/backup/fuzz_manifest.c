/* What is accepted as a manifest, or as a line of a list, is what is written for it. */
#include "backup/inner.h"
#include "sys/clock.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* The lines before "end", which is added here: else no input would come behind its hash. */
static void try_manifest(struct span body) {
    static char text[65536 + 128], again[65536 + 128];
    struct buf b, out;
    char name[BACKUP_NAME_BYTES] = "";
    ms_t made;
    struct manifest m;
    if (body.n > 65536) return;
    for (struct span rest = body; rest.n;) {
        struct span line = span_cut(&rest, '\n');
        if (!span_starts(line, SPAN("made ")) || !clock_read(span_from(line, 5), &made)) continue;
        manifest_name(made, name);
        break;
    }
    buf_init_fixed(&b, text, sizeof text);
    buf_add(&b, body);
    struct sha256 end = sha256_of(body);
    buf_str(&b, "end ");
    buf_hex(&b, end.bytes, SHA256_BYTES);
    buf_char(&b, '\n');
    if (manifest_parse(buf_span(&b), name, &m) != RC_OK) return;
    buf_init_fixed(&out, again, sizeof again);
    manifest_text(&m, &out);
    CHECK(span_eq(buf_span(&out), buf_span(&b)));
    manifest_done(&m);
}

static void try_list(struct span list) {
    while (list.n) {
        struct line line;
        char path[PATH_BYTES_MAX], again[PATH_BYTES_MAX + 128];
        struct buf b;
        struct span before = list;
        if (line_read(&list, &line) != RC_OK) return;
        CHECK(line.path.n < sizeof path && line.path.p[0] != '/');
        memcpy(path, line.path.p, line.path.n);
        path[line.path.n] = 0;
        CHECK(!strstr(path, "//") && strcmp(path, "..") != 0 && strncmp(path, "../", 3) != 0 &&
              !strstr(path, "/../") && !span_ends(line.path, SPAN("/..")));
        buf_init_fixed(&b, again, sizeof again);
        line_write(&b, &line.piece, path);
        CHECK(span_eq(buf_span(&b), span_sub(before, 0, before.n - list.n)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    try_manifest(span_of(data, n));
    try_list(span_of(data, n));
    return 0;
}
