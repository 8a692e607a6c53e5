/*
 * idle: opens COUNT connections to a web process, asks for one page on each, and holds them. Prints
 * what the process has grown by, a connection (resident memory; the kernel's own is not in it).
 *
 *   idle PORT PID COUNT PATH
 */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static long resident_bytes(const char *pid) {
    char path[64];
    long pages = 0;
    snprintf(path, sizeof path, "/proc/%s/statm", pid);
    FILE *f = fopen(path, "r");
    if (!f || fscanf(f, "%*d %ld", &pages) != 1) exit(1);
    fclose(f);
    return pages * sysconf(_SC_PAGESIZE);
}

static int ask(uint16_t port, const char *path) {
    const struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    char text[512], head[16];
    static char rest[65536];
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    int n = snprintf(text, sizeof text, "HEAD %s HTTP/1.1\r\nHost: localhost\r\n\r\n", path);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&to, sizeof to) < 0 ||
        send(fd, text, (size_t)n, 0) != n ||
        recv(fd, head, sizeof head, MSG_WAITALL) != (ssize_t)sizeof head ||
        memcmp(head + 9, "200", 3) != 0 || recv(fd, rest, sizeof rest, 0) <= 0) {
        perror("idle");
        exit(1);
    }
    return fd;
}

int main(int argc, char **argv) {
    if (argc != 5) return 2;
    uint16_t port = (uint16_t)strtol(argv[1], NULL, 10);
    long count = strtol(argv[3], NULL, 10);
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    for (int i = 0; i < 200; i++) close(ask(port, argv[4])); /* what it allocates once */
    long before = resident_bytes(argv[2]);
    for (long i = 0; i < count; i++) (void)ask(port, argv[4]);
    long after = resident_bytes(argv[2]);
    printf("%ld idle connections: %ld bytes each\n", count, (after - before) / count);
    return (after - before) / count <= 1024 ? 0 : 1;
}
