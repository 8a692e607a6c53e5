/* limits: what a picture may be and cost. What is over one is refused with its name. */
#ifndef DATELINE_MEDIA_LIMITS_H
#define DATELINE_MEDIA_LIMITS_H

/* The file as it comes. */
#define MEDIA_INPUT_BYTES_MAX (64u << 20)
#define MEDIA_SIDE_MAX 20000       /* pixels; libheif and libwebp stop at 16,384 themselves */
#define MEDIA_PIXELS_MAX 100000000 /* width × height, looked at before the first one is decoded */
#define MEDIA_METADATA_BYTES_MAX (1u << 20) /* of XMP, of IPTC: what is longer is not read */

/* What its process may use. */
#define MEDIA_MEMORY_BYTES_MAX (1024u << 20)
#define MEDIA_CPU_S_MAX 40
#define MEDIA_WALL_MS_MAX 30000
#define MEDIA_START_MS 5000 /* to have a process at all */
#define MEDIA_END_MS 1000   /* to hear how one ended */

/* What comes out of it. */
#define MEDIA_WIDTH_MAX 1920    /* of the widest rendition */
#define MEDIA_HEIGHT_MAX 8192   /* of a rendition: a taller one is made narrower */
#define MEDIA_RENDITIONS_MAX 32 /* = RENDITIONS_MAX */
#define MEDIA_ANSWER_BYTES_MAX (32u << 20)
#define MEDIA_WHY_BYTES_MAX 500
#define MEDIA_MESSAGE_BYTES 61440 /* of question and answer on the socket */

/* Fields read from the file; longer ones are cut, and MEDIA_NOTE_CUT says so. */
#define MEDIA_DATE_BYTES_MAX 32
#define MEDIA_PLACE_BYTES_MAX 256

#endif
