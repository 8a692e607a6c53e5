/*
 * publish: how long from sending a story to reading it.
 *
 *     publish PORT HOST TOKEN every_ms ITEM…
 *
 * Sends each item by POST /api/v1/items on one keep-alive connection, one each every_ms (0: as soon as
 * the one before is seen), and asks its own address until that answers 200 with the item's uri's
 * headline. Then, on the same clock, asks the front, its JSON Feed, until that has it. Prints both in
 * milliseconds: minimum, p50, p90, p99, maximum.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_MAX (1 << 20)
#define ITEM_MAX (1 << 20)
#define GIVE_UP_MS 10000

static double now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void die(const char *why) {
    perror(why);
    exit(1);
}

static int connect_to(int port) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) < 0) die("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

static void send_all(int fd, const char *bytes, size_t n) {
    while (n > 0) {
        ssize_t put = write(fd, bytes, n);
        if (put <= 0) die("write");
        bytes += put;
        n -= (size_t)put;
    }
}

/* One answer with Content-Length; returns its status, leaves its text in `answer`. */
static int receive(int fd, char *answer) {
    size_t n = 0, whole = 0;
    while (!whole || n < whole) {
        ssize_t got = read(fd, answer + n, ANSWER_MAX - 1 - n);
        if (got <= 0) die("read");
        n += (size_t)got;
        answer[n] = 0;
        char *end = strstr(answer, "\r\n\r\n");
        if (!end || whole) continue;
        char *length = strstr(answer, "Content-Length: ");
        if (!length || length > end) die("an answer without Content-Length");
        whole = (size_t)(end + 4 - answer) + strtoul(length + 16, NULL, 10);
        if (whole >= ANSWER_MAX) die("an answer that is too long");
    }
    return (int)strtol(answer + 9, NULL, 10);
}

static int get(int fd, const char *host, const char *path, char *answer) {
    char request[1024];
    int n = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", path, host);
    send_all(fd, request, (size_t)n);
    return receive(fd, answer);
}

static size_t read_file(const char *path, char *bytes) {
    FILE *f = fopen(path, "rb");
    if (!f) die(path);
    size_t n = fread(bytes, 1, ITEM_MAX, f);
    fclose(f);
    return n;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print(const char *what, double *ms, size_t n) {
    qsort(ms, n, sizeof *ms, by_size);
    printf("%-28s min %7.2f  p50 %7.2f  p90 %7.2f  p99 %7.2f  max %7.2f ms  (%zu)\n", what, ms[0],
           ms[n / 2], ms[n * 9 / 10], ms[n * 99 / 100], ms[n - 1], n);
}

int main(int argc, char **argv) {
    if (argc < 6) {
        fprintf(stderr, "publish PORT HOST TOKEN every_ms ITEM…\n");
        return 2;
    }
    const char *host = argv[2], *token = argv[3];
    const double every_ms = strtod(argv[4], NULL);
    int fd = connect_to((int)strtol(argv[1], NULL, 10)),
        reader = connect_to((int)strtol(argv[1], NULL, 10));
    size_t count = (size_t)argc - 5;
    double *own = calloc(count, sizeof *own), *lists = calloc(count, sizeof *lists);
    char *item = malloc(ITEM_MAX), *answer = malloc(ANSWER_MAX);
    if (!own || !lists || !item || !answer) die("memory");
    double next = now_ms();
    for (size_t i = 0; i < count; i++) {
        char head[1024], path[512];
        size_t n = read_file(argv[5 + i], item);
        while (now_ms() < next) usleep(200);
        next += every_ms;
        const double begun = now_ms();
        int h = snprintf(head, sizeof head,
                         "POST /api/v1/items HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer "
                         "%s\r\nContent-Type: text/markdown\r\n"
                         "Content-Length: %zu\r\n\r\n",
                         host, token, n);
        send_all(fd, head, (size_t)h);
        send_all(fd, item, n);
        int status = receive(fd, answer);
        char *location = strstr(answer, "Location: ");
        if (status != 201 || !location) {
            fprintf(stderr, "%s: %d\n%s\n", argv[5 + i], status, answer);
            return 1;
        }
        location += 10;
        snprintf(path, sizeof path, "%.*s", (int)strcspn(location, "\r"), location);
        while (get(reader, host, path, answer) != 200)
            if (now_ms() - begun > GIVE_UP_MS) die("the story is not seen");
        own[i] = now_ms() - begun;
        while (get(reader, host, "/feed.json", answer) != 200 || !strstr(answer, path)) {
            if (now_ms() - begun > GIVE_UP_MS) die("the feed does not have it");
            usleep(500);
        }
        lists[i] = now_ms() - begun;
    }
    print("its own address", own, count);
    print("the feed of all", lists, count);
    return 0;
}
