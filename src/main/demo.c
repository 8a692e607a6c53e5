#include "main/demo.h"

#include "sys/file.h"

static const char *const folders[] = {DEMO_PAGES, DEMO_STORIES, DEMO_STORIES "/pictures"};

static rc unpack(const struct file *dir, const struct demo_file *from) {
    struct file f;
    TRY(file_open(dir, from->name, FILE_WRITE | FILE_CREATE | FILE_NEW, &f));
    rc code = file_append(&f, span_of(from->begin, (size_t)(from->end - from->begin)));
    file_close(&f);
    return code;
}

rc demo_unpack(const char *folder) {
    struct file dir;
    TRY(file_make_folder(NULL, folder, 0));
    TRY(file_open(NULL, folder, FILE_FOLDER, &dir));
    rc code = RC_OK;
    for (size_t i = 0; i < COUNT_OF(folders) && code == RC_OK; i++)
        code = file_make_folder(&dir, folders[i], 0);
    for (size_t i = 0; i < demo_file_count && code == RC_OK; i++)
        code = unpack(&dir, &demo_files[i]);
    file_close(&dir);
    return code;
}

void demo_remove(const char *folder) {
    struct file dir;
    if (file_open(NULL, folder, FILE_FOLDER, &dir) != RC_OK) return;
    for (size_t i = 0; i < demo_file_count; i++) (void)!file_remove(&dir, demo_files[i].name);
    for (size_t i = COUNT_OF(folders); i-- > 0;) (void)!file_remove_folder(&dir, folders[i]);
    file_close(&dir);
    (void)!file_remove_folder(NULL, folder);
}
