#include "main/site.h"

#include <stdio.h>

#include "record/record.h"
#include "sys/clock.h"
#include "sys/process.h"

/* The folders that init makes. Only their owner may look into them but where readers' bytes are. */
static const char *const folders[] = {"store", "record", "pages", "media", "run", "log"};

rc site_open(const char *path, struct site *out_site) {
    struct site site = {0};
    rc code = file_open(NULL, path, FILE_FOLDER, &site.dir);
    if (code == RC_NOT_FOUND) {
        return rc_fail(code, "%s: there is no such folder; dateline init %s makes a site", path,
                       path);
    }
    TRY(code);
    site.memory = arena_new(CONFIG_BYTES_MAX + 8192);
    code = config_load(&site.dir, site.memory, &site.config);
    if (code == RC_NOT_FOUND) {
        code = rc_fail(code, "%s: holds no %s, so it is no site; dateline init makes one", path,
                       CONFIG_FILE);
    }
    if (code != RC_OK) {
        site_close(&site);
        return code;
    }
    site.path = arena_strdup(site.memory, span_str(path));
    CHECK(site.path != NULL);
    site.from_file = site.config;
    *out_site = site;
    return RC_OK;
}

void site_close(struct site *site) {
    if (!site->memory) return;
    file_close(&site->dir);
    arena_free(site->memory);
    site->memory = NULL;
}

/* The key, and an empty log. */
static rc create_record(const struct file *site, struct span origin) {
    struct file record;
    struct journal *journal;
    TRY(file_open(site, "record", FILE_FOLDER, &record));
    rc code = signer_create(&record, origin);
    if (code == RC_OK) code = journal_open(&record, &journal);
    if (code == RC_OK) journal_close(journal);
    file_close(&record);
    return code;
}

rc site_make_folders(const struct file *site_dir) {
    for (size_t i = 0; i < COUNT_OF(folders); i++) {
        rc code = file_make_folder(site_dir, folders[i], 0);
        if (code != RC_OK && code != RC_CONFLICT) return code;
    }
    return RC_OK;
}

rc site_record_key(const struct file *site_dir, struct note_key *out_key, bool *out_signer) {
    struct file record;
    char text[NOTE_NAME_BYTES_MAX + 128];
    struct buf b;
    TRY(file_open(site_dir, "record", FILE_FOLDER, &record));
    rc code = signer_key(&record, out_key);
    file_close(&record);
    *out_signer = code != RC_NOT_FOUND;
    if (*out_signer) return code;
    char why[RC_WHY_MAX];
    memcpy(why, rc_why(), sizeof why);
    buf_init_fixed(&b, text, sizeof text);
    code = file_read_all(site_dir, SITE_RECORD_KEY, &b);
    if (code == RC_NOT_FOUND) return rc_fail(code, "%s", why); /* a signer is what it lacks */
    if (code == RC_OK) code = note_key_read(span_trim(buf_span(&b)), out_key);
    return code;
}

rc site_create(const char *path, const struct config *config, struct span origin) {
    struct file dir;
    rc code = file_make_folder(NULL, path, FILE_PUBLIC);
    bool ours = code == RC_OK;
    if (code != RC_OK && code != RC_CONFLICT) return code;
    TRY(file_open(NULL, path, FILE_FOLDER, &dir));
    code = RC_OK;
    if (!ours) {
        struct arena *a = arena_new(65536);
        struct span *names;
        size_t count = 0;
        code = file_list(&dir, "", 1, a, &names, &count);
        if (code == RC_TOO_BIG || count > 0) {
            code = rc_fail(RC_CONFLICT, "%s: is not empty; a new site needs a folder of its own",
                           path);
        }
        arena_free(a);
    }
    if (code == RC_OK) code = site_make_folders(&dir);
    if (code == RC_OK) code = create_record(&dir, origin);
    if (code == RC_OK) {
        /* Last: a folder with a configuration in it is a whole site. */
        struct buf b;
        buf_init(&b, CONFIG_BYTES_MAX);
        config_write(config, &b);
        CHECK(!b.over);
        code = file_replace(&dir, CONFIG_FILE, buf_span(&b), FILE_PUBLIC);
        buf_done(&b);
    }
    file_close(&dir);
    return code;
}

rc site_lock(const struct site *site, const char *as, unsigned wait_ms, struct file *out_lock) {
    char who[64];
    snprintf(who, sizeof who, "dateline %s, process %d\n", as, process_id());
    const mono_t deadline = clock_mono_ns() + CLOCK_MS(wait_ms);
    for (;;) {
        rc code = file_lock(&site->dir, "run/core.lock", who, out_lock);
        if (code != RC_BUSY || clock_mono_ns() >= deadline) return code;
        clock_sleep_ms(20);
    }
}

void site_socket_path(const struct site *site, char out_path[SITE_SOCKET_BYTES]) {
    snprintf(out_path, SITE_SOCKET_BYTES, "/proc/self/fd/%d/run/core.sock", site->dir.fd);
}
