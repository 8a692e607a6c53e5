/*
 * The keeper, and core's way to it. Between them is one socket pair that outlives both, so each may
 * find there what was meant for one that has died: messages carry a serial number, which core draws at
 * random for each picture, and what is of another number is dropped.
 *
 * 1. A job serves one picture: the keeper starts it when core asks, and core never sees it again.
 * 2. One job at a time: whoever asks for the next has no more use for the one before, which is killed
 *    if it has not ended; so is one that nobody asked for again, at its deadline.
 * 3. Core asks again every second, for the keeper may have died with the question; the keeper answers
 *    each serial once.
 */
#include <signal.h>

#include "media/inner.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "sys/random.h"
#include "sys/socket.h"

#define ASK_AGAIN_MS 1000
#define KILL_AFTER_MS 1000 /* beyond what core waits */
#define WHY_BYTES 200

enum kind { TAKE = 1, GIVEN, REFUSED, ENDED };
/* Both ends are one program on one machine. */
struct note {
    uint32_t kind;
    uint32_t wall_ms; /* TAKE */
    uint64_t serial;
    struct process_end end; /* ENDED */
    char why[WHY_BYTES];    /* REFUSED */
};

/* ---- in core ------------------------------------------------------------------------------------------- */

/* The next note of that serial; others are dropped, with what they carry. */
static rc receive_note(int keeper, uint64_t serial, mono_t until, struct note *out, int *out_fd) {
    for (;;) {
        struct note note;
        size_t n;
        int fd;
        mono_t now = clock_mono_ns();
        int wait_ms = now < until ? (int)((until - now) / CLOCK_MS(1)) + 1 : 0;
        TRY(socket_receive_fd(keeper, &note, sizeof note, wait_ms, &n, &fd));
        if (n == sizeof note && note.serial == serial) {
            *out = note;
            *out_fd = fd;
            return RC_OK;
        }
        socket_close(fd);
    }
}

static rc take(int keeper, uint64_t serial, const struct media_limits *limits, int *out_fd) {
    const struct note question = {.kind = TAKE, .serial = serial, .wall_ms = limits->wall_ms};
    mono_t begun = clock_mono_ns(), deadline = begun + CLOCK_MS(MEDIA_START_MS);
    for (;;) {
        struct note note;
        int fd;
        mono_t until = clock_mono_ns() + CLOCK_MS(ASK_AGAIN_MS);
        rc code = socket_send(keeper, span_of(&question, sizeof question), ASK_AGAIN_MS);
        if (code == RC_OK) code = receive_note(keeper, serial, until, &note, &fd);
        if (code == RC_AGAIN && clock_mono_ns() < deadline) continue;
        if (code != RC_OK)
            return rc_in(RC_BUSY, "no media job can be had (is the keeper running?): ");
        if (note.kind == GIVEN && fd >= 0) {
            *out_fd = fd;
            return RC_OK;
        }
        socket_close(fd);
        note.why[WHY_BYTES - 1] = 0;
        return rc_fail(RC_BUSY, "no media job can be had: %s", note.why);
    }
}

/* How it ended, if the keeper says so in time. */
static rc why(int keeper, uint64_t serial, const struct media_limits *limits) {
    struct note note;
    int fd;
    mono_t until = clock_mono_ns() + CLOCK_MS(MEDIA_END_MS);
    if (receive_note(keeper, serial, until, &note, &fd) != RC_OK || note.kind != ENDED)
        return rc_fail(RC_BUSY, "the media job ended without an answer; try again");
    socket_close(fd);
    return media_job_why(&note.end, limits);
}

rc media_develop(int keeper, struct span bytes, const struct media_limits *limits,
                 struct buf *answer, struct arena *a, struct media_picture *out) {
    uint64_t serial = random_u64() | 1;
    enum media_format format;
    int fd;
    /* What needs no process. */
    TRY(media_sniff(bytes, &format));
    TRY(take(keeper, serial, limits, &fd));
    rc code = media_job_run(fd, bytes, limits, answer, a, out);
    socket_close(fd);
    return code == RC_GONE || code == RC_CORRUPT ? why(keeper, serial, limits) : code;
}

/* ---- the keeper ---------------------------------------------------------------------------------------- */

struct keeper {
    int fd;
    const struct media_setup *setup;
    struct media_counts counts;
    void (*tell)(const struct media_counts *counts, void *arg);
    void *arg;
    struct process job; /* PROCESS_NONE: there is none */
    uint64_t serial;    /* of the job that is, or was */
    mono_t deadline;
    bool killed;
};

static void kill_job(struct keeper *k) {
    k->killed = true;
    if (process_signal(&k->job, SIGKILL) != RC_OK) log_event(LOG_DEBUG, "kill", LOG_WHY());
}

/* Waits for the job's end and tells it. */
static rc end_job(struct keeper *k) {
    struct note note = {.kind = ENDED, .serial = k->serial};
    int pid = k->job.pid;
    TRY(process_wait(&k->job, &note.end));
    if (note.end.exit_code != 0) {
        k->counts.died++;
        k->counts.killed += k->killed;
        log_event(LOG_WARN, k->killed ? "a media job was killed" : "a media job died",
                  LOG_INT("pid", pid), LOG_INT("exit", note.end.exit_code),
                  LOG_TEXT("signal",
                           span_str(note.end.signal ? process_signal_name(note.end.signal) : "")),
                  LOG_INT("jobs", k->counts.jobs), LOG_INT("died", k->counts.died));
    }
    k->tell(&k->counts, k->arg);
    /* A core that does not listen does not want to know. */
    if (socket_send(k->fd, span_of(&note, sizeof note), 0) != RC_OK)
        log_event(LOG_DEBUG, "nobody hears how a media job ended", LOG_WHY());
    return RC_OK;
}

static rc give_job(struct keeper *k, const struct note *question) {
    struct note note = {.kind = GIVEN, .serial = question->serial};
    int fd = -1;
    if (k->job.pidfd >= 0) {
        kill_job(k);
        TRY(end_job(k));
    }
    k->serial = question->serial;
    k->killed = false;
    rc code = media_job_start(k->setup, &k->job, &fd);
    if (code == RC_OK) {
        k->counts.jobs++;
        k->deadline =
            clock_mono_ns() + CLOCK_MS(question->wall_ms + MEDIA_START_MS + KILL_AFTER_MS);
        k->tell(&k->counts, k->arg);
    } else {
        log_event(LOG_ERROR, "a media job cannot be started", LOG_WHY());
        note.kind = REFUSED;
        struct span text = span_sub(span_str(rc_why()), 0, WHY_BYTES - 1);
        memcpy(note.why, text.p, text.n);
    }
    code = socket_send_fd(k->fd, span_of(&note, sizeof note), fd, ASK_AGAIN_MS);
    socket_close(fd); /* the job sees its end if core has not got the other one */
    return code == RC_AGAIN ? RC_OK : code;
}

static rc on_question(struct keeper *k) {
    struct note question;
    size_t n;
    rc code = socket_receive(k->fd, &question, sizeof question, 0, &n);
    if (code == RC_AGAIN) return RC_OK;
    if (code == RC_TOO_BIG || (code == RC_OK && (n != sizeof question || question.kind != TAKE))) {
        log_event(LOG_ERROR, "not a question to the keeper of media jobs");
        return RC_OK;
    }
    TRY(code);
    return question.serial == k->serial ? RC_OK : give_job(k, &question);
}

static int wait_ms(const struct keeper *k) {
    if (k->job.pidfd < 0 || k->killed) return -1;
    mono_t now = clock_mono_ns();
    return now < k->deadline ? (int)((k->deadline - now) / CLOCK_MS(1)) + 1 : 0;
}

rc media_keeper_run(int fd, const struct media_setup *setup,
                    void (*tell)(const struct media_counts *counts, void *arg), void *arg) {
    struct keeper k = {.fd = fd, .setup = setup, .tell = tell, .arg = arg, .job = PROCESS_NONE};
    enum { QUESTION = 1, END = 2, TERM = 4 };
    bool ending = false;
    int term;
    TRY(process_term_fd(&term));
    tell(&k.counts, arg);
    while (!ending || k.job.pidfd >= 0) {
        /* Once it is to end it listens no more: the next keeper will. */
        const int fds[] = {ending ? -1 : fd, k.job.pidfd, ending ? -1 : term};
        unsigned ready = 0;
        rc code = socket_wait(fds, COUNT_OF(fds), wait_ms(&k), &ready);
        if (code == RC_AGAIN) {
            kill_job(&k);
            continue;
        }
        TRY(code);
        if (ready & TERM) ending = true;
        if (ready & END) TRY(end_job(&k));
        if (ready & QUESTION) {
            code = on_question(&k);
            if (code == RC_GONE) ending = true;
            if (code != RC_GONE) TRY(code);
        }
    }
    return RC_OK;
}
