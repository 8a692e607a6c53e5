/*
 * floor: the least that a server on this machine can do for a request: epoll, one recv, one writev
 * of bytes that lie in memory. It understands nothing.
 *
 *   floor PORT HEAD BODY     files: the head (ending in an empty line) and the body of every answer
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define FILE_BYTES_MAX (1u << 20)
#define EVENTS 512

static struct iovec file_read(const char *path) {
    FILE *f = fopen(path, "rb");
    char *bytes = malloc(FILE_BYTES_MAX);
    if (!f || !bytes) {
        perror(path);
        exit(1);
    }
    size_t n = fread(bytes, 1, FILE_BYTES_MAX, f);
    fclose(f);
    return (struct iovec){bytes, n};
}

static int listen_on(uint16_t port) {
    const int one = 1;
    const struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (bind(fd, (const struct sockaddr *)&at, sizeof at) < 0 || listen(fd, 4096) < 0) {
        perror("listen");
        exit(1);
    }
    return fd;
}

int main(int argc, char **argv) {
    if (argc != 4) return 2;
    signal(SIGPIPE, SIG_IGN);
    const struct iovec answer[2] = {file_read(argv[2]), file_read(argv[3])};
    int listener = listen_on((uint16_t)strtol(argv[1], NULL, 10)), epoll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, events[EVENTS];
    static char bytes[16384];
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int n = epoll_wait(epoll, events, EVENTS, -1);
        for (int i = 0; i < n; i++) {
            int fd = events[i].data.fd;
            if (fd == listener) {
                event.data.fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
                if (event.data.fd >= 0) epoll_ctl(epoll, EPOLL_CTL_ADD, event.data.fd, &event);
                continue;
            }
            ssize_t got = recv(fd, bytes, sizeof bytes, 0);
            if (got < 4 || memcmp(bytes + got - 4, "\r\n\r\n", 4) != 0 || writev(fd, answer, 2) < 0)
                close(fd);
        }
    }
}
