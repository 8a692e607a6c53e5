/* Feeds files, and the files of folders, to a fuzz target: how a corpus is replayed without a fuzzer. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static int replay(const char *path) {
    FILE *f = fopen(path, "rb");
    if (!f) return 1;
    size_t n = 0, cap = 1 << 16;
    uint8_t *bytes = malloc(cap);
    for (size_t got; bytes && (got = fread(bytes + n, 1, cap - n, f)) > 0;) {
        n += got;
        if (n == cap) bytes = realloc(bytes, cap *= 2);
    }
    fclose(f);
    if (!bytes) return 1;
    /* Exactly as large as it is, so that one byte too far is seen. */
    uint8_t *exact = malloc(n ? n : 1);
    if (exact && n) memcpy(exact, bytes, n);
    free(bytes);
    if (!exact) return 1;
    printf("%s\n", path);
    fflush(stdout);
    (void)LLVMFuzzerTestOneInput(exact, n);
    free(exact);
    return 0;
}

int main(int argc, char **argv) {
    int failed = 0;
    for (int i = 1; i < argc; i++) {
        DIR *dir = opendir(argv[i]);
        if (!dir) {
            failed |= replay(argv[i]);
            continue;
        }
        for (struct dirent *e; (e = readdir(dir)) != NULL;) {
            char path[4096];
            if (e->d_name[0] == '.') continue;
            snprintf(path, sizeof path, "%s/%s", argv[i], e->d_name);
            failed |= replay(path);
        }
        closedir(dir);
    }
    return failed;
}
