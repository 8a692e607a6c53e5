#include "sys/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

rc socket_listen_tcp(const char *host, uint16_t port, int *out_fd, uint16_t *out_port) {
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    bool is_v6 = strchr(host, ':') != NULL;
    if (inet_pton(is_v6 ? AF_INET6 : AF_INET, host,
                  is_v6 ? (void *)&v6.sin6_addr : (void *)&v4.sin_addr) != 1) {
        return rc_fail(RC_INVALID, "%s is not a numeric address", host);
    }
    const int on = 1;
    socklen_t length = is_v6 ? sizeof v6 : sizeof v4;
    struct sockaddr *address = is_v6 ? (struct sockaddr *)&v6 : (struct sockaddr *)&v4;
    int fd = socket(is_v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
        (is_v6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) < 0) ||
        bind(fd, address, length) < 0 || listen(fd, SOMAXCONN) < 0 ||
        getsockname(fd, address, &length) < 0) {
        int error = errno;
        socket_close(fd);
        rc code = error == EADDRINUSE                 ? RC_BUSY
                  : error == EACCES || error == EPERM ? RC_DENIED
                                                      : RC_IO;
        return rc_fail(code, "%s port %u: %s while listening there%s", host, port, strerror(error),
                       error == EADDRINUSE ? " (stop what uses it, or choose another with --listen)"
                       : error == EACCES   ? " (ports below 1024 need root or CAP_NET_BIND_SERVICE)"
                                           : "");
    }
    *out_fd = fd;
    *out_port = ntohs(is_v6 ? v6.sin6_port : v4.sin_port);
    return RC_OK;
}

rc socket_pair(int out_fds[2]) {
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, out_fds) < 0) {
        return rc_fail(RC_IO, "a pair of sockets: %s", strerror(errno));
    }
    return RC_OK;
}

static rc path_address(const char *path, struct sockaddr_un *out_address) {
    *out_address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof out_address->sun_path) {
        return rc_fail(RC_TOO_BIG,
                       "%s: a socket's path may have %zu bytes: give the site a shorter path", path,
                       sizeof out_address->sun_path - 1);
    }
    memcpy(out_address->sun_path, path, strlen(path));
    return RC_OK;
}

rc socket_listen_path(const char *path, int *out_fd) {
    struct sockaddr_un address;
    TRY(path_address(path, &address));
    (void)unlink(path);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    /* Before anybody can connect: bind() makes the path with these permissions, less the umask. */
    if (fd < 0 || fchmod(fd, 0600) < 0 ||
        bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || chmod(path, 0600) < 0 ||
        listen(fd, 128) < 0) {
        rc code = rc_fail(RC_IO, "%s: %s while listening there", path, strerror(errno));
        socket_close(fd);
        return code;
    }
    *out_fd = fd;
    return RC_OK;
}

rc socket_accept(int fd, int *out_fd) {
    int got = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (got < 0) {
        bool later = errno == EAGAIN || errno == EINTR || errno == ECONNABORTED;
        return rc_fail(later ? RC_AGAIN : RC_IO, "socket: %s while accepting", strerror(errno));
    }
    *out_fd = got;
    return RC_OK;
}

rc socket_connect_path(const char *path, int *out_fd) {
    struct sockaddr_un address;
    TRY(path_address(path, &address));
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
        int error = errno;
        socket_close(fd);
        rc code = error == ENOENT || error == ECONNREFUSED ? RC_NOT_FOUND
                  : error == EACCES                        ? RC_DENIED
                                                           : RC_IO;
        return rc_fail(code, "%s: %s while connecting", path, strerror(error));
    }
    *out_fd = fd;
    return RC_OK;
}

void socket_close(int fd) {
    if (fd >= 0) (void)close(fd);
}

/* Waits for `events`; RC_AGAIN when the time is over. */
static rc wait_for(int fd, short events, int timeout_ms) {
    struct pollfd p = {.fd = fd, .events = events};
    int ready;
    do ready = poll(&p, 1, timeout_ms);
    while (ready < 0 && errno == EINTR);
    if (ready < 0) return rc_fail(RC_IO, "socket: %s while waiting", strerror(errno));
    if (ready == 0) return rc_fail(RC_AGAIN, "no answer within %d ms", timeout_ms);
    return RC_OK;
}

rc socket_wait(const int *fds, size_t count, int timeout_ms, unsigned *out_ready) {
    struct pollfd p[SOCKET_WAIT_MAX];
    CHECK(count <= SOCKET_WAIT_MAX);
    for (size_t i = 0; i < count; i++) p[i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
    int ready;
    do ready = poll(p, (nfds_t)count, timeout_ms);
    while (ready < 0 && errno == EINTR);
    if (ready < 0) return rc_fail(RC_IO, "poll: %s while waiting", strerror(errno));
    if (ready == 0) return rc_fail(RC_AGAIN, "nothing within %d ms", timeout_ms);
    *out_ready = 0;
    for (size_t i = 0; i < count; i++)
        if (p[i].revents) *out_ready |= 1u << i;
    return RC_OK;
}

/* Room for one descriptor, aligned as the kernel wants it. */
union passed {
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
};

rc socket_receive_fd(int fd, void *bytes, size_t cap, int timeout_ms, size_t *out_n,
                     int *out_passed) {
    for (;;) {
        TRY(wait_for(fd, POLLIN, timeout_ms));
        struct iovec part = {.iov_base = bytes, .iov_len = cap};
        union passed room = {{0}};
        struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
        if (out_passed) {
            message.msg_control = room.bytes;
            message.msg_controllen = sizeof room.bytes;
        }
        ssize_t got = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (got < 0 && errno != ECONNRESET) {
            return rc_fail(RC_IO, "socket: %s while receiving", strerror(errno));
        }
        if (got <= 0) return rc_fail(RC_GONE, "the other side has closed the connection");
        int passed = -1;
        const struct cmsghdr *control = out_passed ? CMSG_FIRSTHDR(&message) : NULL;
        if (control && control->cmsg_level == SOL_SOCKET && control->cmsg_type == SCM_RIGHTS)
            memcpy(&passed, CMSG_DATA(control), sizeof passed);
        if (message.msg_flags & MSG_TRUNC) {
            socket_close(passed);
            return rc_fail(RC_TOO_BIG, "a message of more than %zu bytes", cap);
        }
        *out_n = (size_t)got;
        if (out_passed) *out_passed = passed;
        return RC_OK;
    }
}

rc socket_receive(int fd, void *bytes, size_t cap, int timeout_ms, size_t *out_n) {
    /* Descriptors that nobody wants, the kernel does not hand out. */
    return socket_receive_fd(fd, bytes, cap, timeout_ms, out_n, NULL);
}

rc socket_send_fd(int fd, struct span bytes, int passed, int timeout_ms) {
    for (;;) {
        struct iovec part = {.iov_base = (void *)(uintptr_t)bytes.p, .iov_len = bytes.n};
        union passed room = {{0}};
        struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
        if (passed >= 0) {
            message.msg_control = room.bytes;
            message.msg_controllen = sizeof room.bytes;
            struct cmsghdr *control = CMSG_FIRSTHDR(&message);
            control->cmsg_level = SOL_SOCKET;
            control->cmsg_type = SCM_RIGHTS;
            control->cmsg_len = CMSG_LEN(sizeof passed);
            memcpy(CMSG_DATA(control), &passed, sizeof passed);
        }
        ssize_t put = sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (put >= 0) return RC_OK; /* SOCK_SEQPACKET: all or nothing */
        if (errno == EAGAIN) {
            TRY(wait_for(fd, POLLOUT, timeout_ms));
        } else if (errno == EPIPE || errno == ECONNRESET) {
            return rc_fail(RC_GONE, "the other side has closed the connection");
        } else if (errno == EMSGSIZE) {
            return rc_fail(RC_TOO_BIG, "a message of %zu bytes is too long for the socket",
                           bytes.n);
        } else if (errno != EINTR) {
            return rc_fail(RC_IO, "socket: %s while sending", strerror(errno));
        }
    }
}

rc socket_send(int fd, struct span message, int timeout_ms) {
    return socket_send_fd(fd, message, -1, timeout_ms);
}
