/*
 * socket: making sockets. What goes through them is net/'s. All are close-on-exec and non-blocking
 * but where it says so.
 */
#ifndef DATELINE_SYS_SOCKET_H
#define DATELINE_SYS_SOCKET_H

#include "base/base.h"

/* Listens on a numeric address, IPv4 or IPv6 (which then is IPv6 only); port 0: any free one, told
 * in *out_port. RC_BUSY: somebody listens there; RC_DENIED: a port below 1024 without the right. */
rc socket_listen_tcp(const char *host, uint16_t port, int *out_fd, uint16_t *out_port) MUST_USE;

/* Two ends that carry whole messages in order (Unix, SOCK_SEQPACKET). */
rc socket_pair(int out_fds[2]) MUST_USE;

/* A listener for whole messages at a path of at most 107 bytes, which only its owner may reach. One
 * that is there is removed first: the caller holds the lock that says nobody listens. */
rc socket_listen_path(const char *path, int *out_fd) MUST_USE;
/* The next connection of such a listener, non-blocking. RC_AGAIN: there is none now. */
rc socket_accept(int fd, int *out_fd) MUST_USE;
/* Connects to one; blocking. RC_NOT_FOUND: nothing is there, or nobody listens any more. */
rc socket_connect_path(const char *path, int *out_fd) MUST_USE;

void socket_close(int fd); /* negative is fine */

/* One whole message; waits, at most timeout_ms (−1: for ever), then RC_AGAIN. RC_GONE: the other end
 * is closed. A message longer than cap is RC_TOO_BIG. */
rc socket_receive(int fd, void *bytes, size_t cap, int timeout_ms, size_t *out_n) MUST_USE;
rc socket_send(int fd, struct span message, int timeout_ms) MUST_USE;

/* The same with a descriptor along, of which the receiver gets one of its own; *out_passed is -1 if
 * none came. What is still under way when the sending socket's last holder ends is lost: who must
 * have it asks again. */
rc socket_send_fd(int fd, struct span message, int passed, int timeout_ms) MUST_USE;
rc socket_receive_fd(int fd, void *bytes, size_t cap, int timeout_ms, size_t *out_n,
                     int *out_passed) MUST_USE;

/* Waits until one of the descriptors (at most SOCKET_WAIT_MAX; a negative one is not looked at) can
 * be read or is at its end: bit i of *out_ready. timeout_ms as above. */
#define SOCKET_WAIT_MAX 8
rc socket_wait(const int *fds, size_t count, int timeout_ms, unsigned *out_ready) MUST_USE;

#endif
