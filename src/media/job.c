/*
 * The job: the one process in which a picture is decoded. What it is given before its sandbox is from
 * core alone; the stranger's bytes come behind it.
 *
 *   question  "DLMQ" 1, u64 bytes of the file, u64 pixels, u64 memory, u32 side, u32 cpu_s, u32 wall_ms
 *   file      in messages of MEDIA_MESSAGE_BYTES
 *   answer    likewise (answer.c)
 */
#include <signal.h>

#include "base/mem.h"
#include "media/inner.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "sys/socket.h"

#define QUESTION_MAGIC SPAN("DLMQ\x01")
#define QUESTION_BYTES 41
#define ARENA_BYTES_MAX (MEDIA_ANSWER_BYTES_MAX + (16u << 20)) /* files, and texts */
#define ANSWER_MS 10000                                        /* to be rid of it */

const struct media_limits MEDIA_LIMITS = {.input_bytes = MEDIA_INPUT_BYTES_MAX,
                                          .pixels = MEDIA_PIXELS_MAX,
                                          .memory_bytes = MEDIA_MEMORY_BYTES_MAX,
                                          .side = MEDIA_SIDE_MAX,
                                          .cpu_s = MEDIA_CPU_S_MAX,
                                          .wall_ms = MEDIA_WALL_MS_MAX};

/* ---- from outside ------------------------------------------------------------------------------------ */

rc media_job_start(const struct media_setup *setup, struct process *out_process, int *out_fd) {
    int ends[2];
    TRY(socket_pair(ends));
    const struct process_command command = {.args = setup->args,
                                            .args_count = setup->args_count,
                                            .fds = &ends[1],
                                            .fds_count = 1,
                                            .error_fd = setup->error_fd,
                                            .dies_with_parent = true};
    rc code = process_start(&command, out_process);
    socket_close(ends[1]);
    if (code != RC_OK) {
        socket_close(ends[0]);
        return code;
    }
    *out_fd = ends[0];
    return RC_OK;
}

static void write_question(const struct media_limits *limits, size_t bytes, struct buf *out) {
    buf_add(out, QUESTION_MAGIC);
    buf_be(out, bytes, 8);
    buf_be(out, limits->pixels, 8);
    buf_be(out, limits->memory_bytes, 8);
    buf_be(out, limits->side, 4);
    buf_be(out, limits->cpu_s, 4);
    buf_be(out, limits->wall_ms, 4);
}

static rc too_slow(const struct media_limits *limits) {
    return rc_fail(RC_TOO_BIG, "it takes longer than %u ms to read", limits->wall_ms);
}

static int left_ms(mono_t deadline) {
    mono_t now = clock_mono_ns();
    return now < deadline ? (int)((deadline - now) / CLOCK_MS(1)) + 1 : 0;
}

static rc send_all(int fd, struct span bytes, mono_t deadline) {
    while (bytes.n) {
        struct span piece = span_sub(bytes, 0, MEDIA_MESSAGE_BYTES);
        TRY(socket_send(fd, piece, left_ms(deadline)));
        bytes = span_from(bytes, piece.n);
    }
    return RC_OK;
}

/* Until the other end is closed. */
static rc receive_all(int fd, struct buf *out, mono_t deadline) {
    static char piece[MEDIA_MESSAGE_BYTES];
    for (;;) {
        size_t n;
        rc code = socket_receive(fd, piece, sizeof piece, left_ms(deadline), &n);
        if (code == RC_GONE) return RC_OK;
        TRY(code);
        buf_add(out, span_of(piece, n));
        if (out->over)
            return rc_fail(RC_TOO_BIG, "its renditions are larger than %u bytes together",
                           MEDIA_ANSWER_BYTES_MAX);
    }
}

rc media_job_run(int fd, struct span bytes, const struct media_limits *limits, struct buf *answer,
                 struct arena *a, struct media_picture *out) {
    mono_t deadline = clock_mono_ns() + CLOCK_MS(limits->wall_ms);
    enum media_format format;
    char memory[QUESTION_BYTES];
    struct buf question;
    buf_clear(answer);
    if (bytes.n > limits->input_bytes)
        return rc_fail(RC_TOO_BIG, "%zu bytes; a picture may have %llu", bytes.n,
                       (unsigned long long)limits->input_bytes);
    TRY(media_sniff(bytes, &format));
    buf_init_fixed(&question, memory, sizeof memory);
    write_question(limits, bytes.n, &question);
    CHECK(!question.over && question.n == QUESTION_BYTES);
    rc code = send_all(fd, buf_span(&question), deadline);
    if (code == RC_OK) code = send_all(fd, bytes, deadline);
    /* It may have ended early and said why. */
    if (code == RC_OK || code == RC_GONE) code = receive_all(fd, answer, deadline);
    if (code == RC_AGAIN) return too_slow(limits);
    TRY(code);
    if (answer->n == 0) return rc_fail(RC_GONE, "the media job ended without an answer");
    code = media_answer_read(buf_span(answer), format, limits, a, out);
    if (code == RC_CORRUPT) log_event(LOG_ERROR, "a media job answered what is none", LOG_WHY());
    return code;
}

rc media_job_why(const struct process_end *end, const struct media_limits *limits) {
    if (end->signal == 0 && end->exit_code == 0)
        return rc_fail(RC_INVALID, "the process that decoded it gave no answer that holds");
    if (end->signal == 0)
        return rc_fail(RC_BUSY, "the media job could not work (exit code %d); the log says why",
                       end->exit_code);
    const char *name = process_signal_name(end->signal);
    if (strcmp(name, "XCPU") == 0)
        return rc_fail(RC_TOO_BIG, "it takes more than %u s of processor time to read",
                       limits->cpu_s);
    if (strcmp(name, "KILL") == 0)
        return rc_fail(RC_BUSY, "the media job was killed from outside (memory?); try again");
    return rc_fail(
        RC_INVALID,
        "it ended the process that decoded it (signal %s): it is damaged, made to do harm, "
        "or needs more than %llu MB",
        name, (unsigned long long)(limits->memory_bytes >> 20));
}

rc media_look_at(const struct media_setup *setup, struct span bytes,
                 const struct media_limits *limits, struct buf *answer, struct arena *a,
                 struct media_picture *out) {
    struct process process;
    struct process_end end;
    int fd;
    TRY(media_job_start(setup, &process, &fd));
    rc code = media_job_run(fd, bytes, limits, answer, a, out);
    char why[RC_WHY_MAX];
    memcpy(why, rc_why(), sizeof why);
    socket_close(fd);
    /* One that has answered, or is dead, has ended. Any other shall. */
    if (code != RC_OK && code != RC_GONE) (void)!process_signal(&process, SIGKILL);
    TRY(process_wait(&process, &end));
    if (code == RC_GONE || code == RC_CORRUPT) return media_job_why(&end, limits);
    return code == RC_OK ? RC_OK : rc_fail(code, "%s", why);
}

/* ---- inside -------------------------------------------------------------------------------------------- */

struct media_job {
    int fd;
    size_t bytes;
    struct media_limits limits;
};

static rc read_question(struct span s, struct media_job *job) {
    if (s.n != QUESTION_BYTES || !span_starts(s, QUESTION_MAGIC))
        return rc_fail(RC_FATAL, "not a question to a media job");
    const char *p = s.p + QUESTION_MAGIC.n;
    job->bytes = (uint64_t)media_be(p, 4) << 32 | media_be(p + 4, 4);
    job->limits = (struct media_limits){
        .input_bytes = job->bytes,
        .pixels = (uint64_t)media_be(p + 8, 4) << 32 | media_be(p + 12, 4),
        .memory_bytes = (uint64_t)media_be(p + 16, 4) << 32 | media_be(p + 20, 4),
        .side = media_be(p + 24, 4),
        .cpu_s = media_be(p + 28, 4),
        .wall_ms = media_be(p + 32, 4)};
    if (job->bytes > MEDIA_INPUT_BYTES_MAX)
        return rc_fail(RC_FATAL, "a media job for %zu bytes", job->bytes);
    return RC_OK;
}

rc media_job_open(int fd, struct media_job **out_job) {
    char question[QUESTION_BYTES];
    struct media_job *job = mem_new(sizeof *job);
    size_t n;
    job->fd = fd;
    process_give_way();
    rc code = xmp_open();
    if (code == RC_OK) code = develop_open();
    if (code == RC_OK) code = socket_receive(fd, question, sizeof question, -1, &n);
    if (code == RC_OK) code = read_question(span_of(question, n), job);
    if (code == RC_OK)
        code = process_limit(&(struct process_limits){.memory_bytes = job->limits.memory_bytes,
                                                      .cpu_s = job->limits.cpu_s});
    if (code != RC_OK) {
        mem_free(job);
        return code;
    }
    *out_job = job;
    return RC_OK;
}

static rc receive_file(struct media_job *job, mono_t deadline, struct buf *out) {
    char *room = buf_room(out, job->bytes);
    CHECK(room != NULL); /* read_question() has seen to that */
    for (size_t at = 0, n; at < job->bytes; at += n)
        TRY(socket_receive(job->fd, room + at, job->bytes - at, left_ms(deadline), &n));
    return RC_OK;
}

rc media_job_serve(struct media_job *job) {
    mono_t deadline = clock_mono_ns() + CLOCK_MS(job->limits.wall_ms);
    struct arena *a = arena_new(ARENA_BYTES_MAX);
    struct media_picture picture;
    enum media_format format;
    struct buf file, answer;
    buf_init(&file, MEDIA_INPUT_BYTES_MAX);
    buf_init(&answer, MEDIA_ANSWER_BYTES_MAX);
    rc code = receive_file(job, deadline, &file);
    if (code == RC_OK) {
        code = media_sniff(buf_span(&file), &format);
        if (code == RC_OK) code = develop(buf_span(&file), format, &job->limits, a, &picture);
        media_answer_write(code, rc_why(), &picture, &answer);
        if (answer.over) {
            buf_clear(&answer);
            media_answer_write(RC_TOO_BIG, "its renditions are too large together", &picture,
                               &answer);
        }
        code = send_all(job->fd, buf_span(&answer), clock_mono_ns() + CLOCK_MS(ANSWER_MS));
    }
    if (code == RC_GONE) code = RC_OK; /* nobody waits for it any more */
    log_event(LOG_DEBUG, "media job", LOG_INT("bytes", file.n),
              LOG_INT("peak_mb", process_peak_bytes() >> 20));
    buf_done(&file);
    buf_done(&answer);
    arena_free(a);
    mem_free(job);
    return code;
}
