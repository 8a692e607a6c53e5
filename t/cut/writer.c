/* Writes FOLDER/data, sector after sector; with "sync" it syncs file and folder. To prove the shim
 * with. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv) {
    if (argc < 2) return 2;
    char path[512], block[1000];
    snprintf(path, sizeof path, "%s/data", argv[1]);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    int folder = open(argv[1], O_RDONLY | O_DIRECTORY);
    if (fd < 0 || folder < 0) return 1;
    for (int i = 0; i < 16; i++) {
        memset(block, 'a' + i, sizeof block);
        if (write(fd, block, sizeof block) != (ssize_t)sizeof block) return 1;
    }
    if (argc > 2 && !strcmp(argv[2], "sync") && (fsync(fd) < 0 || fsync(folder) < 0)) return 1;
    return 0;
}
