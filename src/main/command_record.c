/* The record's commands. */
#include <curl/curl.h>
#include <sodium.h>
#include <stdio.h>

#include "main/client.h"
#include "main/commands.h"
#include "pages/pages.h"
#include "record/record.h"
#include "verify/verify.h"

#define FETCH_BYTES_MAX (16u << 20)
#define FETCH_SECONDS 60L
#define BUILD_ENTRY_BYTES_MAX 65535

/* ---- where verify reads -------------------------------------------------------------------------------- */

struct http_source {
    CURL *curl;
    const char *base; /* "http://localhost:8080" */
    char host[300];   /* "Host: …" if it is not the base's own; "" */
    struct curl_slist *headers;
};

static size_t on_bytes(char *bytes, size_t one, size_t n, void *arg) {
    struct buf *out = arg;
    buf_add(out, span_of(bytes, one * n));
    return out->over ? 0 : one * n;
}

static rc fetch_http(void *arg, struct span path, struct buf *out, unsigned *out_status) {
    struct http_source *s = arg;
    char url[2048], error[CURL_ERROR_SIZE] = "";
    long status = 0;
    int n = snprintf(url, sizeof url, "%s" SPAN_FMT, s->base, SPAN_ARG(path));
    if (n < 0 || (size_t)n >= sizeof url)
        return rc_fail(RC_TOO_BIG, "%s: too long an address", s->base);
    curl_easy_setopt(s->curl, CURLOPT_URL, url);
    curl_easy_setopt(s->curl, CURLOPT_WRITEFUNCTION, on_bytes);
    curl_easy_setopt(s->curl, CURLOPT_WRITEDATA, out);
    curl_easy_setopt(s->curl, CURLOPT_ERRORBUFFER, error);
    curl_easy_setopt(s->curl, CURLOPT_TIMEOUT, FETCH_SECONDS);
    curl_easy_setopt(s->curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(s->curl, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(s->curl, CURLOPT_HTTPHEADER, s->headers);
    CURLcode code = curl_easy_perform(s->curl);
    if (out->over) return rc_fail(RC_TOO_BIG, "%s: more than %u bytes", url, FETCH_BYTES_MAX);
    if (code != CURLE_OK)
        return rc_fail(RC_IO, "%s: %s", url, *error ? error : curl_easy_strerror(code));
    curl_easy_getinfo(s->curl, CURLINFO_RESPONSE_CODE, &status);
    *out_status = (unsigned)status;
    return RC_OK;
}

/* A folder that `record build` has made: /record/… are its files. */
static rc fetch_folder(void *arg, struct span path, struct buf *out, unsigned *out_status) {
    char name[512];
    snprintf(name, sizeof name, SPAN_FMT, SPAN_ARG(span_from(path, strlen("/record/"))));
    rc code = file_read_all(arg, name, out);
    *out_status = code == RC_NOT_FOUND ? 404 : 200;
    return code == RC_NOT_FOUND ? RC_OK : code;
}

/* A site that nobody serves: its page store. */
static rc fetch_pages(void *arg, struct span path, struct buf *out, unsigned *out_status) {
    struct pages_answer answer;
    rc code = pages_get(arg, path, 0, &answer);
    *out_status = code == RC_NOT_FOUND ? 404 : 0;
    if (code == RC_NOT_FOUND) return RC_OK;
    TRY(code);
    char *room = buf_room(out, answer.body_bytes);
    if (!room)
        return rc_fail(RC_TOO_BIG, SPAN_FMT ": more than %u bytes", SPAN_ARG(path),
                       FETCH_BYTES_MAX);
    *out_status = answer.status;
    if (answer.inflate) return pages_inflate(&answer, room);
    if (answer.body_bytes) memcpy(room, answer.body.p, answer.body_bytes);
    return RC_OK;
}

/* ---- verify ------------------------------------------------------------------------------------------------ */

static void print_fault(void *arg, struct span text) {
    (void)arg;
    printf("FAULT  " SPAN_FMT "\n", SPAN_ARG(text));
}

static void print_progress(void *arg, uint64_t done, uint64_t of) {
    (void)arg;
    fprintf(stderr, "\r%llu of %llu entries%s", (unsigned long long)done, (unsigned long long)of,
            done == of ? "\n" : "");
}

static rc verify_from(const struct verify_source *source, const char *vkey, bool tree_only) {
    struct verify_result r;
    const struct verify_options options = {.vkey = span_str(vkey),
                                           .tree_only = tree_only,
                                           .fault = print_fault,
                                           .progress = file_is_terminal(2) ? print_progress : NULL};
    TRY(verify_record(source, &options, &r));
    printf("%s: %llu entries, %llu stories; %llu opened, %llu withheld, %llu with their text lost, "
           "%llu not understood\n",
           r.origin, (unsigned long long)r.size, (unsigned long long)r.stories,
           (unsigned long long)r.opened, (unsigned long long)r.withheld, (unsigned long long)r.lost,
           (unsigned long long)r.not_understood);
    if (r.faults)
        return rc_fail(RC_CORRUPT, "the record does not hold: %llu faults",
                       (unsigned long long)r.faults);
    printf("the record holds%s\n",
           vkey ? "" : " (by the site's own key: give --key with one you have from elsewhere)");
    return RC_OK;
}

static rc verify_http(const char *base, struct span host, const char *vkey) {
    struct http_source s = {.base = base};
    curl_global_init(CURL_GLOBAL_DEFAULT);
    s.curl = curl_easy_init();
    CHECK(s.curl != NULL);
    if (host.n) {
        snprintf(s.host, sizeof s.host, "Host: " SPAN_FMT, SPAN_ARG(host));
        s.headers = curl_slist_append(NULL, s.host);
    }
    const struct verify_source source = {&s, fetch_http};
    rc code = verify_from(&source, vkey, false);
    curl_slist_free_all(s.headers);
    curl_easy_cleanup(s.curl);
    curl_global_cleanup();
    return code;
}

/* What readers are answered, if somebody serves the site; else the page store, while its lock is held. */
static rc verify_site(const struct site *site, const char *vkey) {
    struct file lock;
    rc code = site_lock(site, "record verify", 0, &lock);
    if (code == RC_BUSY) {
        char text[16384], base[128];
        struct buf status;
        buf_init_fixed(&status, text, sizeof text);
        TRY(file_read_all(&site->dir, "run/status", &status));
        struct span rest = buf_span(&status), line = span_cut(&rest, '\n');
        if (!span_starts(line, SPAN("listens: ")))
            return rc_fail(RC_BUSY, "%s: a command is at work on it; try again in a moment",
                           site->path);
        snprintf(base, sizeof base, "http://" SPAN_FMT,
                 SPAN_ARG(span_from(line, strlen("listens: "))));
        return verify_http(base, site->config.host, vkey);
    }
    TRY(code);
    char dir[4096];
    struct pages_writer *pages;
    snprintf(dir, sizeof dir, "%s/pages", site->path);
    const struct pages_setup setup = {.dir = dir, .control_fd = -1};
    code = pages_writer_open(&setup, &pages);
    if (code == RC_OK) {
        const struct verify_source source = {pages, fetch_pages};
        code = verify_from(&source, vkey, false);
        pages_writer_close(pages);
    }
    file_close(&lock);
    return code;
}

rc command_record_verify(const struct args *args) {
    const char *what = args->operands[0], *vkey = args_option(args, "--key");
    if (!strncmp(what, "http://", 7) || !strncmp(what, "https://", 8)) {
        char base[1024];
        size_t n = strlen(what);
        while (n && what[n - 1] == '/') n--;
        snprintf(base, sizeof base, "%.*s", (int)n, what);
        return verify_http(base, SPAN(""), vkey);
    }
    struct file folder;
    struct file_stat stat;
    TRY(file_open(NULL, what, FILE_FOLDER, &folder));
    rc code;
    if (file_stat(&folder, "checkpoint", &stat) == RC_OK) {
        const struct verify_source source = {&folder, fetch_folder};
        code = verify_from(&source, vkey, true);
    } else {
        struct site site;
        code = site_open(what, &site);
        if (code == RC_OK) {
            code = verify_site(&site, vkey);
            site_close(&site);
        }
    }
    file_close(&folder);
    return code;
}

/* ---- keys ---------------------------------------------------------------------------------------------------- */

static rc open_record(const char *path, struct site *site, struct file *record) {
    TRY(site_open(path, site));
    rc code = file_open(&site->dir, "record", FILE_FOLDER, record);
    if (code != RC_OK) site_close(site);
    return code;
}

static void print_span(struct buf *b) {
    printf(SPAN_FMT "\n", SPAN_ARG(buf_span(b)));
    buf_done(b);
}

rc command_record_key(const struct args *args) {
    struct site site;
    struct note_key key;
    struct buf text;
    bool has_signer;
    TRY(site_open(args->operands[0], &site));
    rc code = site_record_key(&site.dir, &key, &has_signer);
    site_close(&site);
    TRY(code);
    buf_init(&text, 1024);
    note_key_write(&key, &text);
    print_span(&text);
    return RC_OK;
}

rc command_record_export_key(const struct args *args) {
    struct site site;
    struct file record;
    uint8_t seed[NOTE_SEED_BYTES];
    struct buf text;
    TRY(open_record(args->operands[0], &site, &record));
    rc code = signer_export_seed(&record, seed);
    file_close(&record);
    site_close(&site);
    TRY(code);
    buf_init(&text, 128);
    buf_hex(&text, seed, sizeof seed);
    sodium_memzero(seed, sizeof seed);
    printf(SPAN_FMT "\n", SPAN_ARG(buf_span(&text)));
    sodium_memzero(text.p, text.n);
    buf_done(&text);
    fprintf(stderr, "This is the secret key of the record. Keep it away from this machine; it is "
                    "not printed again.\n");
    return RC_OK;
}

rc command_record_adopt(const struct args *args) {
    struct site site;
    struct file record, lock;
    TRY(open_record(args->operands[0], &site, &record));
    rc code = site_lock(&site, "record adopt", 0, &lock);
    if (code == RC_OK) {
        code = signer_adopt(&record);
        file_close(&lock);
    }
    file_close(&record);
    site_close(&site);
    if (code == RC_OK) printf("this machine signs the record now; see that no other does\n");
    return code;
}

/* ---- build --------------------------------------------------------------------------------------------------------- */

struct build_source {
    const char *const *paths;
    size_t count, at;
    struct buf bytes;
};

static rc next_file(void *arg, struct span *out_entry) {
    struct build_source *s = arg;
    if (s->at == s->count) return RC_NOT_FOUND;
    buf_clear(&s->bytes);
    TRY(file_read_all(NULL, s->paths[s->at], &s->bytes));
    s->at++;
    *out_entry = buf_span(&s->bytes);
    return RC_OK;
}

rc command_record_build(const struct args *args) {
    const char *hex = args_option(args, "--key"), *origin = args_option(args, "--origin");
    uint8_t seed[NOTE_SEED_BYTES];
    if (!hex || !hex_decode(span_str(hex), seed, sizeof seed))
        return rc_fail(RC_USAGE, "--key: 64 lower-case hex digits, an Ed25519 seed, are needed");
    if (!origin || !note_name_ok(span_str(origin)))
        return rc_fail(
            RC_USAGE,
            "--origin: a name without spaces and \"+\" is needed, such as example.org/record");
    struct build_source source = {.paths = args->operands + 1, .count = args->operands_count - 1};
    struct file dir;
    rc code = file_make_folder(NULL, args->operands[0], FILE_PUBLIC);
    if (code != RC_OK && code != RC_CONFLICT) return code;
    TRY(file_open(NULL, args->operands[0], FILE_FOLDER, &dir));
    buf_init(&source.bytes, BUILD_ENTRY_BYTES_MAX);
    code = record_build(&dir, span_str(origin), seed, next_file, &source);
    buf_done(&source.bytes);
    file_close(&dir);
    return code;
}
