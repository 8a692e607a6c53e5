/*
 * media: a picture from outside becomes pictures to serve.
 *
 * What a stranger's file can do to a decoder, it does in a process of its own: a *job*, started anew
 * from the program's file for each picture, which is given the bytes over one socket, and may
 * allocate memory, compute, and answer over that socket; nothing else (sys/sandbox.h), and no more of
 * it than the limits say. A bomb, a crash, an endless loop cost that one picture, with an error that
 * names the cause. What the job answers is bytes from outside too: media_answer_read() trusts none of
 * it.
 *
 *     core                          keeper                        job, one for each picture
 *       │ TAKE ───────────────────────▶│ starts it ───────────────────▶│ opens libvips and exempi
 *       │◀─────────── GIVEN, its socket │                               │
 *       │ limits ──────────────────────────────────────────────────────▶│ sets them, enters its sandbox
 *       │ the file ────────────────────────────────────────────────────▶│ decodes, reads metadata,
 *       │◀────────────────────────────────────────────── what came of it │ makes renditions, ends
 *       │◀─────────── ENDED, and how   │◀───────────── ends, or is killed │
 *
 * Core may not start processes; so there is a keeper (role "media"), a child of the supervisor, or of
 * a command that is core for itself. It reads nothing from outside. A command that only looks at a
 * picture starts a job itself.
 *
 * Of the metadata (IPTC Photo Metadata 2023.2 names): IPTC-IIM is read in the character set that it
 * declares (1:90), or else in UTF-8, Windows-1252 or Mac OS Roman, whichever fits; XMP by exempi; EXIF
 * last. Where XMP and IIM both have a field, XMP counts, unless the file's IPTC digest says that the
 * IIM was changed after the XMP was written (Metadata Working Group 2.0, 3.4); and an IIM value that
 * is only the XMP's, cut to IIM's length, never counts. EXIF comes last, against MWG, which puts it
 * first: cameras write "OLYMPUS DIGITAL CAMERA" there.
 *
 * Nothing of it is in what is served: renditions have no metadata and no colour profile (they are
 * sRGB), and media_answer_read() refuses one that has.
 */
#ifndef DATELINE_MEDIA_MEDIA_H
#define DATELINE_MEDIA_MEDIA_H

#include "base/arena.h"
#include "base/buf.h"
#include "media/limits.h"
#include "story/story.h"
#include "sys/process.h"

/* ---- formats ----------------------------------------------------------------------------------- */

/* What may come in.  X(NAME, name, type, extension) */
#define MEDIA_FORMAT_TABLE(X)             \
    X(JPEG, "JPEG", "image/jpeg", "jpg")  \
    X(PNG, "PNG", "image/png", "png")     \
    X(WEBP, "WebP", "image/webp", "webp") \
    X(AVIF, "AVIF", "image/avif", "avif")
enum media_format {
#define X(NAME, name, type, extension) MEDIA_##NAME,
    MEDIA_FORMAT_TABLE(X)
#undef X
        MEDIA_FORMAT_COUNT
};
struct span media_format_name(enum media_format format);
struct span media_format_type(enum media_format format);
const char *media_format_extension(enum media_format format);
/* By the first bytes alone. RC_INVALID says what it is instead, if that is known. */
rc media_sniff(struct span bytes, enum media_format *out_format) MUST_USE;

/* ---- a picture --------------------------------------------------------------------------------- */

/* X(NAME, word, bytes_max); some limits are story/limits.h's */
#define MEDIA_FIELD_TABLE(X)                                \
    X(HEADLINE, "headline", HEADLINE_BYTES_MAX)             \
    X(CAPTION, "caption", CAPTION_BYTES_MAX)                \
    X(ALT, "alt", ALT_BYTES_MAX)                            \
    X(CREATOR, "creator", PICTURE_CREDIT_BYTES_MAX)         \
    X(CREDIT, "credit", PICTURE_CREDIT_BYTES_MAX)           \
    X(SOURCE, "source", PICTURE_CREDIT_BYTES_MAX)           \
    X(COPYRIGHT, "copyright", PICTURE_CREDIT_BYTES_MAX)     \
    X(USAGE_TERMS, "usage terms", PICTURE_CREDIT_BYTES_MAX) \
    X(EXPIRES, "expires", MEDIA_DATE_BYTES_MAX)             \
    X(CITY, "city", MEDIA_PLACE_BYTES_MAX)                  \
    X(COUNTRY, "country", MEDIA_PLACE_BYTES_MAX)            \
    X(CREATED, "created",                                   \
      MEDIA_DATE_BYTES_MAX) /* ISO 8601: 2019, 2019-10-20, 2019-10-20T09:39:00+03:00 */
enum media_field {
#define X(NAME, word, bytes_max) MEDIA_##NAME,
    MEDIA_FIELD_TABLE(X)
#undef X
        MEDIA_FIELD_COUNT
};
struct span media_field_word(enum media_field field);

/* Where in the file a field stood. */
enum media_origin { MEDIA_FROM_NOWHERE, MEDIA_FROM_XMP, MEDIA_FROM_IPTC, MEDIA_FROM_EXIF };
#define MEDIA_ORIGIN_COUNT 4
struct span media_origin_word(enum media_origin origin);

/* What an editor may want to know.  X(NAME, text) */
#define MEDIA_NOTE_TABLE(X)                                                        \
    X(LOCATION, "says where it was taken; readers are not told")                   \
    X(ANIMATED, "moves; only its first frame is shown")                            \
    X(CUT, "has a text longer than it may be; the text was cut")                   \
    X(METADATA, "has metadata that cannot be read")                                \
    X(CONFLICT, "says one thing in IPTC and another in XMP; the later one counts") \
    X(NARROW, "is narrower than 1280 pixels; on large screens it will be small or soft")
enum media_note {
#define X(NAME, text) MEDIA_NOTE_##NAME,
    MEDIA_NOTE_TABLE(X)
#undef X
        MEDIA_NOTE_COUNT
};
struct span media_note_text(enum media_note note);

struct media_file {
    struct rendition about;
    enum media_format format;
    struct span bytes;
};

struct media_picture {
    enum media_format format; /* of the file that came */
    uint32_t width, height;   /* as it is to be seen: turned as its orientation says */
    uint32_t colour;          /* the average, 0xRRGGBB in sRGB */
    unsigned notes;           /* 1 << enum media_note, or-ed */
    /* As story.h promises of its spans; empty: not given. */
    struct span fields[MEDIA_FIELD_COUNT];
    enum media_origin origins[MEDIA_FIELD_COUNT];
    /* Widest first; of each width one in each of MEDIA_SERVED, in that order. Widths are those of
     * media_widths(), no larger than the picture's own. */
    struct media_file files[MEDIA_RENDITIONS_MAX];
    size_t files_count;
};

/* The formats that are served: small for those who take it, then JPEG for everybody. */
#define MEDIA_SERVED_COUNT 2
extern const enum media_format MEDIA_SERVED[MEDIA_SERVED_COUNT];

/* Raised when pictures are made otherwise: other sizes, formats, qualities, fields. What was made by
 * another recipe is made anew when the picture comes again. */
#define MEDIA_RECIPE 2

/* The widths of the renditions of a picture of that size, widest first; at least one. */
#define MEDIA_WIDTHS_MAX 8
size_t media_widths(uint32_t width, uint32_t height, uint32_t out_widths[MEDIA_WIDTHS_MAX]);

/* ---- a job, from outside ----------------------------------------------------------------------- */

struct media_limits {
    uint64_t input_bytes, pixels, memory_bytes;
    uint32_t side, cpu_s, wall_ms;
};
extern const struct media_limits MEDIA_LIMITS; /* limits.h's */

/* How this program becomes a job: the command line, in which the socket is descriptor 3. */
struct media_setup {
    const char *const *args;
    size_t args_count;
    int error_fd; /* as in struct process_command */
};

/* For whoever may start processes. The job waits on *out_fd for one picture. */
rc media_job_start(const struct media_setup *setup, struct process *out_process,
                   int *out_fd) MUST_USE;

/*
 * One picture through a job's socket: sends it, and waits for what comes of it, at most
 * limits->wall_ms from now. The answer's bytes are kept in `answer` (emptied before), texts in `a`;
 * *out points into both. The socket cannot be used again.
 *   RC_INVALID, RC_TOO_BIG   the picture's fault; the text says what it is
 *   RC_GONE                  the job ended without an answer …
 *   RC_CORRUPT               … or with one that does not hold: media_job_why() explains, given how
 */
rc media_job_run(int fd, struct span bytes, const struct media_limits *limits, struct buf *answer,
                 struct arena *a, struct media_picture *out) MUST_USE;
/* Why a job that ended so gave no good answer: RC_INVALID, RC_TOO_BIG, or RC_BUSY if it was not the
 * picture (the job was taken away from outside, or could not begin). */
rc media_job_why(const struct process_end *end, const struct media_limits *limits);

/* All of it for one picture, for a command: starts a job, runs it, ends it. */
rc media_look_at(const struct media_setup *setup, struct span bytes,
                 const struct media_limits *limits, struct buf *answer, struct arena *a,
                 struct media_picture *out) MUST_USE;

/* ---- for core, which may not start processes ----------------------------------------------------- */

/*
 * The same through the keeper at the other end of keeper_fd (one half of a socket_pair(), the
 * keeper has the other). One at a time; blocks for limits->wall_ms and MEDIA_START_MS at most.
 * RC_BUSY: no job can be had, now: the reason is not the picture.
 */
rc media_develop(int keeper_fd, struct span bytes, const struct media_limits *limits,
                 struct buf *answer, struct arena *a, struct media_picture *out) MUST_USE;

/* ---- the keeper ---------------------------------------------------------------------------------- */

struct media_counts {
    uint64_t jobs;   /* started */
    uint64_t died;   /* ended by a signal, or with an exit code */
    uint64_t killed; /* of these, by the keeper: over their time, or nobody waited for them */
};
/* Serves core until the other end of fd is closed, or SIGTERM: then the job under way is awaited.
 * `tell` is called when a count has changed. */
rc media_keeper_run(int fd, const struct media_setup *setup,
                    void (*tell)(const struct media_counts *counts, void *arg), void *arg) MUST_USE;

/* ---- in the job ---------------------------------------------------------------------------------- */

struct media_job;
/* Opens the libraries, waits for the question, sets its limits for this process. RC_GONE: nobody
 * asks. The sandbox is entered behind it. */
rc media_job_open(int fd, struct media_job **out_job) MUST_USE;
/* Takes the file, answers, and is done. */
rc media_job_serve(struct media_job *job) MUST_USE;

/* ---- the answer, as bytes (docs in answer.c) ------------------------------------------------------- */

/* What a job said of `bytes`: the picture, or the job's own failure. RC_CORRUPT: it is no answer. */
rc media_answer_read(struct span answer, enum media_format format,
                     const struct media_limits *limits, struct arena *a,
                     struct media_picture *out) MUST_USE;
/* `failed` RC_OK: the picture; else that failure, and why. */
void media_answer_write(rc failed, const char *why, const struct media_picture *picture,
                        struct buf *out);

#endif
