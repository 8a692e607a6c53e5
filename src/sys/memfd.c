#include "sys/memfd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

rc memfd_new(const char *name, size_t bytes, int *out_fd) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    bytes = (bytes + page - 1) / page * page;
    int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0) {
        return rc_fail(RC_IO, "shared memory %s: %s while making it", name, strerror(errno));
    }
    if (ftruncate(fd, (off_t)bytes) < 0 ||
        fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0) {
        rc code = rc_fail(RC_IO, "shared memory %s: %s while setting its size to %zu bytes", name,
                          strerror(errno), bytes);
        close(fd);
        return code;
    }
    *out_fd = fd;
    return RC_OK;
}

rc memfd_read_only(int fd, int *out_fd) {
    /* A new open file description, opened for reading only: dup() would keep the right to write. */
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    int again = open(path, O_RDONLY | O_CLOEXEC);
    if (again < 0) {
        return rc_fail(RC_IO,
                       "shared memory: %s while opening it for reading only (is /proc mounted?)",
                       strerror(errno));
    }
    *out_fd = again;
    return RC_OK;
}

rc memfd_map(int fd, size_t bytes, bool writable, void **out_memory) {
    void *p = mmap(NULL, bytes, writable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, fd, 0);
    if (p == MAP_FAILED) {
        return rc_fail(errno == EACCES ? RC_DENIED : RC_IO,
                       "shared memory: %s while mapping %zu bytes of it", strerror(errno), bytes);
    }
    *out_memory = p;
    return RC_OK;
}

void memfd_unmap(void *memory, size_t bytes) {
    if (memory) CHECK(munmap(memory, bytes) == 0);
}

void memfd_close(int fd) {
    if (fd >= 0) (void)close(fd);
}
