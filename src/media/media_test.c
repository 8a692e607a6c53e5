/*
 * Tests of media/. Pictures are made here, with libvips; jobs are this program, started anew as one
 * (see main), in their sandbox where the build has one.
 */
#define OPENSSL_SUPPRESS_DEPRECATED /* as in iim.c */
#include "media/media.h"

#include <openssl/md5.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vips/vips.h>

#include <cmocka.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "media/inner.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "sys/sandbox.h"
#include "sys/socket.h"

#define assert_ok(call)                                                   \
    do {                                                                  \
        rc_why_clear();                                                   \
        rc code_ = (call);                                                \
        if (code_ != RC_OK) fail_msg("%s: %s", rc_name(code_), rc_why()); \
    } while (0)
#define assert_span(got, wanted) expect_span((got), (wanted), __LINE__)
#define assert_why(part)                                                              \
    do {                                                                              \
        if (!strstr(rc_why(), part)) fail_msg("\"%s\" lacks \"%s\"", rc_why(), part); \
    } while (0)

static void expect_span(struct span got, const char *wanted, int line) {
    if (!span_eq(got, span_str(wanted)))
        fail_msg("line %d: \"%.*s\" instead of \"%s\"", line, (int)got.n, got.n ? got.p : "",
                 wanted);
}

static struct arena *arena;
static struct buf answer;
static const char *const job_args[] = {"media_test", "job"};
static const struct media_setup setup = {
    .args = job_args, .args_count = COUNT_OF(job_args), .error_fd = -1};

static int begin(void **state) {
    (void)state;
    arena = arena_new(256u << 20);
    buf_init(&answer, MEDIA_ANSWER_BYTES_MAX);
    return 0;
}
static int end(void **state) {
    (void)state;
    buf_done(&answer);
    arena_free(arena);
    return 0;
}

static rc look(struct span bytes, struct media_picture *out) {
    rc_why_clear();
    return media_look_at(&setup, bytes, &MEDIA_LIMITS, &answer, arena, out);
}

/* ---- pictures ------------------------------------------------------------------------------------------ */

static void must(int result) {
    if (result != 0) fail_msg("libvips: %s", vips_error_buffer());
}

/* Left red, right blue, the upper quarter green: one sees which way is up. `bands` 1–4. */
static VipsImage *flag(int width, int height, int bands) {
    unsigned char *p = malloc((size_t)width * (size_t)height * (size_t)bands);
    assert_non_null(p);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            unsigned char *at = p + ((size_t)y * (size_t)width + (size_t)x) * (size_t)bands;
            bool up = y < height / 4, left = x < width / 2;
            unsigned char colour[4] = {up     ? 0
                                       : left ? 230
                                              : 20,
                                       up ? 160 : 20,
                                       up     ? 0
                                       : left ? 20
                                              : 230,
                                       left ? 255 : 0};
            for (int band = 0; band < bands; band++)
                at[band] = bands == 1 ? (unsigned char)(left ? 200 : 50) : colour[band];
        }
    VipsImage *image = vips_image_new_from_memory_copy(
        p, (size_t)width * (size_t)height * (size_t)bands, width, height, bands, VIPS_FORMAT_UCHAR);
    free(p);
    assert_non_null(image);
    VipsImage *typed;
    must(vips_copy(image, &typed, "interpretation",
                   bands == 1 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB, NULL));
    g_object_unref(image);
    return typed;
}

/* As a file; suffix ".jpg[Q=90]". The image is given up. */
static struct span file_of(VipsImage *image, const char *suffix) {
    void *p;
    size_t n;
    must(vips_image_write_to_buffer(image, suffix, &p, &n, NULL));
    struct span bytes = arena_copy(arena, span_of(p, n));
    g_free(p);
    g_object_unref(image);
    return bytes;
}

static struct span join(const struct span *parts, size_t count) {
    struct buf b;
    buf_init(&b, 128u << 20);
    for (size_t i = 0; i < count; i++) buf_add(&b, parts[i]);
    struct span all = arena_copy(arena, buf_span(&b));
    assert_non_null(all.p);
    buf_done(&b);
    return all;
}
#define JOIN(...) \
    join((const struct span[]){__VA_ARGS__}, COUNT_OF(((const struct span[]){__VA_ARGS__})))

static struct span be(uint64_t value, unsigned n) {
    struct buf b;
    buf_init(&b, 8);
    buf_be(&b, value, n);
    struct span s = arena_copy(arena, buf_span(&b));
    buf_done(&b);
    return s;
}

/* A segment of JPEG, put in behind the file's first two bytes. */
static struct span with_segment(struct span jpeg, uint8_t marker, struct span content) {
    return JOIN(span_sub(jpeg, 0, 2), SPAN("\xFF"), span_of(&marker, 1), be(content.n + 2, 2),
                content, span_from(jpeg, 2));
}
static struct span dataset(unsigned record, unsigned number, struct span value) {
    return JOIN(SPAN("\x1C"), be(record, 1), be(number, 1), be(value.n, 2), value);
}
static struct span resource(unsigned id, struct span content) {
    return JOIN(SPAN("8BIM"), be(id, 2), SPAN("\0\0"), be(content.n, 4), content,
                content.n & 1 ? SPAN("\0") : SPAN(""));
}
static struct span with_iim(struct span jpeg, struct span iim) {
    return with_segment(jpeg, 0xED, JOIN(SPAN("Photoshop 3.0\0"), resource(0x0404, iim)));
}
static struct span packet(const char *properties) {
    return JOIN(SPAN("<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF "
                     "xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description "
                     "rdf:about='' xmlns:dc='http://purl.org/dc/elements/1.1/' "
                     "xmlns:photoshop='http://ns.adobe.com/photoshop/1.0/' "
                     "xmlns:xmpRights='http://ns.adobe.com/xap/1.0/rights/' "
                     "xmlns:exif='http://ns.adobe.com/exif/1.0/' "
                     "xmlns:plus='http://ns.useplus.org/ldf/xmp/1.0/' "
                     "xmlns:Iptc4xmpExt='http://iptc.org/std/Iptc4xmpExt/2008-02-29/' "
                     "xmlns:Iptc4xmpCore='http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/'>"),
                span_str(properties), SPAN("</rdf:Description></rdf:RDF></x:xmpmeta>"));
}
#define ALT(text) "<rdf:Alt><rdf:li xml:lang='x-default'>" text "</rdf:li></rdf:Alt>"
static struct span with_xmp(struct span jpeg, const char *properties) {
    return with_segment(jpeg, 0xE1,
                        JOIN(SPAN("http://ns.adobe.com/xap/1.0/\0"), packet(properties)));
}

static struct span small_jpeg(void) {
    return file_of(flag(320, 200, 3), ".jpg");
}

/* ---- what it is ------------------------------------------------------------------------------------------ */

static void test_sniff(void **state) {
    (void)state;
    static const struct {
        struct span bytes;
        const char *why; /* NULL: taken */
        enum media_format format;
    } cases[] = {
        {{"\xFF\xD8\xFF\xE0", 4}, NULL, MEDIA_JPEG},
        {{"\x89PNG\r\n\x1A\n", 8}, NULL, MEDIA_PNG},
        {{"RIFF\0\0\0\0WEBP", 12}, NULL, MEDIA_WEBP},
        {{"\0\0\0\x1C"
          "ftypavif\0\0\0\0",
          16},
         NULL,
         MEDIA_AVIF},
        {{"\0\0\0\x18"
          "ftypmif1\0\0\0\0avif",
          20},
         NULL,
         MEDIA_AVIF},
        {{"\0\0\0\x18"
          "ftypheic\0\0\0\0mif1",
          20},
         "a HEIC",
         0},
        {{"GIF89a", 6}, "a GIF", 0},
        {{"II*\0", 4}, "a TIFF", 0},
        {{"%PDF-1.7", 8}, "a PDF", 0},
        {{"8BPS", 4}, "a Photoshop", 0},
        {{"<?xml version='1.0'?><svg ", 26}, "an SVG", 0},
        {{"\0\0\0\x18"
          "ftypisom",
          12},
         "a film",
         0},
        {{"RIFF\0\0\0\0WAVE", 12}, "none that is known", 0},
        {{"\xFF\xD8", 2}, "none that is known", 0},
        {{"", 0}, "none that is known", 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        enum media_format format = MEDIA_FORMAT_COUNT;
        rc code = media_sniff(cases[i].bytes, &format);
        if (cases[i].why) {
            assert_int_equal(code, RC_INVALID);
            assert_why(cases[i].why);
        } else {
            assert_int_equal(code, RC_OK);
            assert_int_equal(format, cases[i].format);
        }
    }
    assert_span(media_format_type(MEDIA_AVIF), "image/avif");
    assert_string_equal(media_format_extension(MEDIA_JPEG), "jpg");
}

static void test_widths(void **state) {
    (void)state;
    static const struct {
        uint32_t width, height;
        size_t count;
        uint32_t first, second, last;
    } cases[] = {
        {6000, 4000, 8, 1920, 1600, 320}, {1920, 1080, 8, 1920, 1600, 320},
        {1919, 1080, 8, 1919, 1600, 320}, {1000, 600, 6, 1000, 960, 320},
        {320, 200, 1, 320, 0, 320},       {321, 200, 2, 321, 320, 320},
        {100, 100, 1, 100, 0, 100},       {1, 1, 1, 1, 0, 1},
        {1000, 20000, 2, 409, 320, 320},  {1, 20000, 1, 1, 0, 1},
        {20000, 1, 8, 1920, 1600, 320},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint32_t widths[MEDIA_WIDTHS_MAX];
        size_t count = media_widths(cases[i].width, cases[i].height, widths);
        assert_int_equal(count, cases[i].count);
        assert_int_equal(widths[0], cases[i].first);
        if (count > 1) assert_int_equal(widths[1], cases[i].second);
        assert_int_equal(widths[count - 1], cases[i].last);
        for (size_t k = 1; k < count; k++) assert_true(widths[k] < widths[k - 1]);
        assert_true(media_height(cases[i].width, cases[i].height, widths[0]) >= 1);
    }
    assert_int_equal(media_height(20000, 1, 320), 1);
    assert_int_equal(media_height(3000, 2000, 780), 520);
}

/* ---- texts ---------------------------------------------------------------------------------------------- */

static void test_charset_declared(void **state) {
    (void)state;
    static const struct {
        const char *escape, *raw, *text;
    } cases[] = {
        {"\x1B%G", "Caf\xC3\xA9", "Café"},
        {"\x1B.A", "Caf\xE9 \x96 M\xFCller", "Café – Müller"}, /* as Windows-1252 */
        {"\x1B-A",
         "Stra\xDF"
         "e",
         "Straße"},
        {"\x1B-B",
         "\xA3\xF3"
         "d\xBC",
         "Łódź"},
        {"\x1B-L", "\xBC\xD8\xE0", "Мир"},
        {"\x1B-G", "\xD9\xD1\xE1\xC3", "عرفأ" /* only that it is Arabic is looked at */},
        {"\x1B-b", "\xA4", "€"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct charset_choice choice = charset_declared(span_str(cases[i].escape));
        struct span text = charset_decode(choice, span_str(cases[i].raw), arena);
        assert_true(choice.kind != CHARSET_UNKNOWN && utf8_valid(text));
        if (cases[i].escape[2] == 'G' && cases[i].escape[1] == '-') {
            assert_int_equal((uint8_t)text.p[0] & 0xFC, 0xD8);
            continue;
        }
        assert_span(text, cases[i].text);
    }
    assert_int_equal(charset_declared(SPAN("")).kind, CHARSET_UNKNOWN);
    assert_int_equal(charset_declared(SPAN("\x1B")).kind, CHARSET_UNKNOWN);
    assert_int_equal(charset_declared(SPAN("\x1B-?")).kind, CHARSET_UNKNOWN);
    /* What is not of its set becomes U+FFFD, never ill-formed. */
    assert_span(charset_decode((struct charset_choice){.kind = CHARSET_UTF8},
                               SPAN("a\xFF"
                                    "b"),
                               arena),
                "a\xEF\xBF\xBD"
                "b");
}

/* The same texts as three systems wrote them, none of which says which it was. */
static void test_charset_guess(void **state) {
    (void)state;
    static const struct {
        const char *windows, *mac, *text;
    } cases[] = {
        {"Caf\xE9 in Z\xFCrich", "Caf\x8E in Z\x9Frich", "Café in Zürich"},
        {"L\x92H\xF4tel de Ville", "L\xD5H\x99tel de Ville", "L’Hôtel de Ville"},
        {"the \x93quay\x94 \x96 don\x92t", "the \xD2quay\xD3 \xD0 don\xD5t", "the “quay” – don’t"},
        {"Malm\xF6, \xC5rhus, K\xF8"
         "benhavn",
         "Malm\x9A, \x81rhus, K\xBF"
         "benhavn",
         "Malmö, Århus, København"},
        {"S\xE3o Jo\xE3o, Espa\xF1"
         "a",
         "S\x8Bo Jo\x8Bo, Espa\x96"
         "a",
         "São João, España"},
        {"Stra\xDF"
         "e am Stra\xDF"
         "enrand",
         "Stra\xA7"
         "e am Stra\xA7"
         "enrand",
         "Straße am Straßenrand"},
        {"\xA9 Courier", "\xA9 Courier", "© Courier"},
        {"to be continued\x85", "to be continued\xC9", "to be continued…"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *forms[] = {cases[i].windows, cases[i].mac, cases[i].text};
        for (size_t k = 0; k < COUNT_OF(forms); k++) {
            struct span raw = span_str(forms[k]);
            assert_span(charset_decode(charset_guess(&raw, 1), raw, arena), cases[i].text);
        }
    }
    /* Together they say what one alone does not. */
    struct span texts[] = {SPAN("R\x8E"), SPAN("Caf\x8E des Quais")};
    assert_span(charset_decode(charset_guess(texts, 2), texts[0], arena), "Ré");
}

static void test_dates(void **state) {
    (void)state;
    static const struct {
        const char *date, *time, *text;
    } cases[] = {
        {"20191020", "", "2019-10-20"},
        {"20191020", "093900+0300", "2019-10-20T09:39:00+03:00"},
        {"20191020", "0939", "2019-10-20T09:39:00"},
        {"2019:10:20 09:39:00", "", "2019-10-20T09:39:00"},
        {"2019-10-20T09:39:00.25Z", "", "2019-10-20T09:39:00Z"},
        {"2019-10-20T09:39-11:00", "", "2019-10-20T09:39:00-11:00"},
        {"2019-10", "", "2019-10"},
        {"2019", "", "2019"},
        {"20190000", "", "2019"},
        {"0000:00:00 00:00:00", "", ""},
        {"    :  :     :  :  ", "", ""},
        {"20191340", "", "2019"},
        {"20191020", "990000", "2019-10-20"},
        {"", "", ""},
        {"next week", "", ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct span text = metadata_date(span_str(cases[i].date), span_str(cases[i].time), arena);
        assert_span(text, cases[i].text);
        assert_span(metadata_date(text, SPAN(""), arena), cases[i].text);
    }
}

/* ---- IIM ------------------------------------------------------------------------------------------------- */

static void test_iim(void **state) {
    (void)state;
    struct span jpeg = small_jpeg();
    struct iim iim;
    iim_read(jpeg, arena, &iim);
    assert_false(iim.present || iim.damaged || iim.digest_stored);

    struct span fields =
        JOIN(dataset(1, 90, SPAN("\x1B%G")), dataset(2, 0, SPAN("\0\4")),
             dataset(2, 105, SPAN("Quay reopens")), dataset(2, 120, SPAN("Café at the quay")),
             dataset(2, 80, SPAN("M. Vale")), dataset(2, 80, SPAN("T. Orrin")),
             dataset(2, 110, SPAN("COURIER")), dataset(2, 115, SPAN("Courier")),
             dataset(2, 116, SPAN("© Courier 2026")), dataset(2, 90, SPAN("Port Averil")),
             dataset(2, 101, SPAN("Averland")), dataset(2, 55, SPAN("20261124")),
             dataset(2, 60, SPAN("071500+0000")), dataset(2, 37, SPAN("20361130")),
             dataset(2, 38, SPAN("180000+0200")), dataset(3, 1, SPAN("x")));
    iim_read(with_iim(jpeg, fields), arena, &iim);
    assert_true(iim.present);
    assert_false(iim.damaged || iim.digest_stored);
    assert_span(iim.fields[MEDIA_HEADLINE], "Quay reopens");
    assert_span(iim.fields[MEDIA_CAPTION], "Café at the quay");
    assert_span(iim.fields[MEDIA_CREATOR], "M. Vale, T. Orrin");
    assert_span(iim.fields[MEDIA_CREDIT], "COURIER");
    assert_span(iim.fields[MEDIA_SOURCE], "Courier");
    assert_span(iim.fields[MEDIA_COPYRIGHT], "© Courier 2026");
    assert_span(iim.fields[MEDIA_CITY], "Port Averil");
    assert_span(iim.fields[MEDIA_COUNTRY], "Averland");
    assert_span(iim.fields[MEDIA_CREATED], "2026-11-24T07:15:00+00:00");
    assert_span(iim.fields[MEDIA_EXPIRES], "2036-11-30T18:00:00+02:00");

    /* Latin-1, declared and not; UTF-8 declared and not true. */
    static const char *const escapes[] = {"\x1B.A", "", "\x1B%G"};
    for (size_t i = 0; i < COUNT_OF(escapes); i++) {
        struct span latin =
            JOIN(dataset(1, 90, span_str(escapes[i])), dataset(2, 120, SPAN("Caf\xE9 am See")));
        iim_read(with_iim(jpeg, latin), arena, &iim);
        assert_span(iim.fields[MEDIA_CAPTION], "Café am See");
    }

    /* In two segments, one cut through the middle of a resource; other resources before and behind. */
    struct span all = JOIN(resource(0x03ED, SPAN("odd")), resource(0x0404, fields),
                           resource(0x0425, SPAN("0123456789abcdef")));
    for (size_t cut = 1; cut < all.n; cut += 7) {
        struct span second =
            with_segment(jpeg, 0xED, JOIN(SPAN("Photoshop 3.0\0"), span_from(all, cut)));
        iim_read(with_segment(second, 0xED, JOIN(SPAN("Photoshop 3.0\0"), span_sub(all, 0, cut))),
                 arena, &iim);
        assert_span(iim.fields[MEDIA_COUNTRY], "Averland");
        assert_true(iim.digest_stored && !iim.digest_right);
    }

    /* The digest of just this. */
    uint8_t digest[16];
    MD5((const uint8_t *)fields.p, fields.n, digest);
    iim_read(with_segment(jpeg, 0xED,
                          JOIN(SPAN("Photoshop 3.0\0"), resource(0x0425, span_of(digest, 16)),
                               resource(0x0404, fields))),
             arena, &iim);
    assert_true(iim.digest_stored && iim.digest_right);

    /* Cut anywhere: what was whole is read, and nothing else happens. */
    for (size_t n = 0; n < fields.n; n++) {
        iim_read(with_iim(jpeg, span_sub(fields, 0, n)), arena, &iim);
        for (unsigned i = 0; i < MEDIA_FIELD_COUNT; i++) assert_true(utf8_valid(iim.fields[i]));
    }
    assert_true(iim.damaged);
    assert_span(iim.fields[MEDIA_COUNTRY], "Averland");
    /* Lengths that lie. */
    static const struct span lies[] = {
        {"\x1C\2\x78\xFF\xFF", 5},
        {"\x1C\2\x78\x80\4\xFF\xFF\xFF\xFF", 9},
        {"\x1C\2\x78\x80\0", 5},
        {"\x1C\2\x78\x80\5\1\1\1\1\1", 10},
        {"\x1C", 1},
    };
    for (size_t i = 0; i < COUNT_OF(lies); i++) {
        iim_read(with_iim(jpeg, lies[i]), arena, &iim);
        assert_true(iim.present && iim.damaged);
        assert_int_equal(iim.fields[MEDIA_CAPTION].n, 0);
    }
    /* The long form of a length. */
    iim_read(with_iim(jpeg, SPAN("\x1C\2\x78\x80\2\0\3abc")), arena, &iim);
    assert_span(iim.fields[MEDIA_CAPTION], "abc");
}

/* ---- XMP, and which counts --------------------------------------------------------------------------------- */

static void test_xmp(void **state) {
    (void)state;
    struct span fields[MEDIA_FIELD_COUNT] = {{NULL, 0}};
    bool location;
    struct span p = packet("<dc:description>" ALT(
        "Ferry at the quay") "</dc:description>"
                             "<dc:creator><rdf:Seq><rdf:li>M. Vale</rdf:li><rdf:li> T. Orrin "
                             "</rdf:li></rdf:Seq></dc:creator>"
                             "<dc:rights>" ALT(
                                 "© Courier") "</dc:rights>"
                                              "<photoshop:Headline>Quay "
                                              "reopens</photoshop:Headline>"
                                              "<photoshop:Credit>COURIER</"
                                              "photoshop:Credit><photoshop:Source>Courier</"
                                              "photoshop:Source>"
                                              "<photoshop:City>Port "
                                              "Averil</photoshop:City><photoshop:Country>Averland</"
                                              "photoshop:Country>"
                                              "<photoshop:DateCreated>2026-11-24</"
                                              "photoshop:DateCreated>"
                                              "<xmpRights:UsageTerms>" ALT(
                                                  "One use") "</xmpRights:UsageTerms>"
                                                             "<Iptc4xmpCore:"
                                                             "AltTextAccessibility>" ALT(
                                                                 "A white ferry") "</"
                                                                                  "Iptc4xmpCore:"
                                                                                  "AltTextAccessibi"
                                                                                  "lity>"
                                                                                  "<exif:"
                                                                                  "GPSLatitude>48,"
                                                                                  "12.5N</"
                                                                                  "exif:"
                                                                                  "GPSLatitude>");
    assert_true(xmp_read(p, arena, fields, &location));
    assert_true(location);
    assert_span(fields[MEDIA_CAPTION], "Ferry at the quay");
    assert_span(fields[MEDIA_CREATOR], "M. Vale, T. Orrin");
    assert_span(fields[MEDIA_COPYRIGHT], "© Courier");
    assert_span(fields[MEDIA_HEADLINE], "Quay reopens");
    assert_span(fields[MEDIA_CREDIT], "COURIER");
    assert_span(fields[MEDIA_SOURCE], "Courier");
    assert_span(fields[MEDIA_CITY], "Port Averil");
    assert_span(fields[MEDIA_COUNTRY], "Averland");
    assert_span(fields[MEDIA_CREATED], "2026-11-24");
    assert_span(fields[MEDIA_USAGE_TERMS], "One use");
    assert_span(fields[MEDIA_ALT], "A white ferry");

    /* The end of a lease, in either of two vocabularies. */
    static const char *const ends[] = {
        "<plus:LicenseEndDate xmlns:plus=\"http://ns.useplus.org/ldf/xmp/1.0/\">2036-11-30"
        "</plus:LicenseEndDate>",
        "<pur:expirationDate "
        "xmlns:pur=\"http://prismstandard.org/namespaces/prismusagerights/2.1/\">"
        "2036-11-30</pur:expirationDate>"};
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        struct span leased[MEDIA_FIELD_COUNT] = {{NULL, 0}};
        assert_true(xmp_read(packet(ends[i]), arena, leased, &location));
        assert_span(leased[MEDIA_EXPIRES], "2036-11-30");
    }

    /* As attributes; places and people where newer programs write them; several languages. */
    memset(fields, 0, sizeof fields);
    assert_true(xmp_read(
        packet("<dc:description><rdf:Alt><rdf:li xml:lang='de'>Fähre</rdf:li>"
               "<rdf:li xml:lang='x-default'>Ferry</rdf:li></rdf:Alt></dc:description>"
               "<Iptc4xmpExt:LocationCreated><rdf:Bag><rdf:li rdf:parseType='Resource'>"
               "<Iptc4xmpExt:City>Port Averil</Iptc4xmpExt:City>"
               "<Iptc4xmpExt:CountryName>Averland</Iptc4xmpExt:CountryName></rdf:li></rdf:Bag>"
               "</Iptc4xmpExt:LocationCreated>"
               "<plus:CopyrightOwner><rdf:Seq><rdf:li rdf:parseType='Resource'>"
               "<plus:CopyrightOwnerName>Courier</plus:CopyrightOwnerName></rdf:li></rdf:Seq>"
               "</plus:CopyrightOwner>"
               "<plus:ImageCreator><rdf:Seq><rdf:li rdf:parseType='Resource'>"
               "<plus:ImageCreatorName>M. Vale</plus:ImageCreatorName></rdf:li></rdf:Seq>"
               "</plus:ImageCreator>"),
        arena, fields, &location));
    assert_false(location);
    assert_span(fields[MEDIA_CAPTION], "Ferry");
    assert_span(fields[MEDIA_CITY], "Port Averil");
    assert_span(fields[MEDIA_COUNTRY], "Averland");
    assert_span(fields[MEDIA_COPYRIGHT], "Courier");
    assert_span(fields[MEDIA_CREATOR], "M. Vale");

    static const char *const bad[] = {"", "<", "no XMP at all", "<a><b></a>",
                                      "<!DOCTYPE a [<!ENTITY b 'x'><!ENTITY c '&b;&b;'>]><a>&c;"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        memset(fields, 0, sizeof fields);
        (void)xmp_read(span_str(bad[i]), arena, fields, &location);
        for (unsigned k = 0; k < MEDIA_FIELD_COUNT; k++) assert_int_equal(fields[k].n, 0);
    }
}

/* A TIFF of two texts, big-endian. */
static struct span exif_of(const char *description, const char *copyright) {
    size_t n = strlen(description) + 1, at = 8 + 2 + 2 * 12 + 4;
    return JOIN(SPAN("Exif\0\0MM\0*"), be(8, 4), be(2, 2), be(0x010E, 2), be(2, 2), be(n, 4),
                be(at, 4), be(0x8298, 2), be(2, 2), be(strlen(copyright) + 1, 4), be(at + n, 4),
                be(0, 4), span_of(description, n), span_of(copyright, strlen(copyright) + 1));
}

static void test_exif(void **state) {
    (void)state;
    struct exif exif;
    struct span whole = exif_of("A ferry", "By Courier");
    exif_read(whole, &exif);
    assert_span(exif.fields[MEDIA_CAPTION], "A ferry");
    assert_span(exif.fields[MEDIA_COPYRIGHT], "By Courier");
    assert_false(exif.has_location);
    exif_read(span_from(whole, 6), &exif); /* as PNG has it */
    assert_span(exif.fields[MEDIA_CAPTION], "A ferry");
    /* little-endian; a short text in place; a date in the EXIF IFD; a place in the GPS IFD */
    exif_read(JOIN(SPAN("II*\0\x08\0\0\0\x03\0"), SPAN("\x3B\1\2\0\3\0\0\0MV\0\0"),
                   SPAN("\x69\x87\4\0\1\0\0\0\x32\0\0\0"), SPAN("\x25\x88\4\0\1\0\0\0\x44\0\0\0"),
                   SPAN("\0\0\0\0"), SPAN("\1\0\3\x90\2\0\x14\0\0\0\x56\0\0\0\0\0\0\0"),
                   SPAN("\1\0\2\0\5\0\3\0\0\0\x80\0\0\0\0\0\0\0"), SPAN("2026:11:24 07:15:00\0")),
              &exif);
    assert_span(exif.fields[MEDIA_CREATOR], "MV");
    assert_span(exif.fields[MEDIA_CREATED], "2026:11:24 07:15:00");
    assert_true(exif.has_location);
    for (size_t n = 0; n < whole.n; n++) exif_read(span_sub(whole, 0, n), &exif);
    assert_span(exif.fields[MEDIA_CAPTION], "A ferry");
    exif_read(SPAN("MM\0*\xFF\xFF\xFF\xFF"), &exif);
    exif_read(SPAN(""), &exif);
    assert_int_equal(exif.fields[MEDIA_CAPTION].n, 0);
}

static void test_which_counts(void **state) {
    (void)state;
    struct span jpeg = small_jpeg();
    struct span iim = JOIN(dataset(1, 90, SPAN("\x1B%G")), dataset(2, 120, SPAN("from IIM")),
                           dataset(2, 110, SPAN("IIM CREDIT")),
                           dataset(2, 105, SPAN("A headline that IIM had to")));
    struct metadata_source source = {
        .xmp = packet("<dc:description>" ALT(
            "from XMP") "</dc:description>"
                        "<photoshop:City>XMP City</photoshop:City>"
                        "<photoshop:Headline>A headline that IIM had to cut</photoshop:Headline>")};
    source.exif = exif_of("from EXIF", "(c) Caf\xE9 Courier");
    uint8_t digest[16];
    MD5((const uint8_t *)iim.p, iim.n, digest);
    /* 0: no digest; 1: the IIM is as it was; 2: somebody has changed it since. */
    for (unsigned i = 0; i < 3; i++) {
        if (i == 2) digest[0] ^= 1;
        struct span stored = i ? resource(0x0425, span_of(digest, 16)) : SPAN("");
        source.jpeg =
            with_segment(jpeg, 0xED, JOIN(SPAN("Photoshop 3.0\0"), resource(0x0404, iim), stored));
        struct media_picture p = {.notes = 0};
        metadata_read(&source, arena, &p);
        assert_span(p.fields[MEDIA_CAPTION], i == 2 ? "from IIM" : "from XMP");
        assert_int_equal(p.origins[MEDIA_CAPTION], i == 2 ? MEDIA_FROM_IPTC : MEDIA_FROM_XMP);
        assert_span(p.fields[MEDIA_HEADLINE], "A headline that IIM had to cut");
        assert_span(p.fields[MEDIA_CREDIT], "IIM CREDIT");
        assert_span(p.fields[MEDIA_CITY], "XMP City");
        assert_span(p.fields[MEDIA_COPYRIGHT], "(c) Café Courier");
        assert_int_equal(p.origins[MEDIA_COPYRIGHT], MEDIA_FROM_EXIF);
        assert_int_equal(p.notes, 1u << MEDIA_NOTE_CONFLICT);
    }

    /* What a camera writes by itself is no caption. */
    struct metadata_source camera = {.jpeg = jpeg};
    camera.exif = exif_of("OLYMPUS DIGITAL CAMERA         ", "");
    struct media_picture p = {.notes = 0};
    metadata_read(&camera, arena, &p);
    assert_int_equal(p.fields[MEDIA_CAPTION].n, 0);

    /* Too long: cut between characters, and said. */
    struct buf longer;
    buf_init(&longer, 1 << 20);
    while (longer.n <= CAPTION_BYTES_MAX) buf_str(&longer, "é");
    buf_char(&longer, 0);
    camera.exif = exif_of(longer.p, "");
    metadata_read(&camera, arena, &p);
    assert_int_equal(p.fields[MEDIA_CAPTION].n, CAPTION_BYTES_MAX);
    assert_int_equal(p.notes, 1u << MEDIA_NOTE_CUT);
    buf_done(&longer);
}

/* ---- whole pictures ------------------------------------------------------------------------------------------ */

static VipsImage *decode(struct span bytes) {
    VipsImage *image = vips_image_new_from_buffer(bytes.p, bytes.n, "", NULL);
    if (!image) fail_msg("libvips: %s", vips_error_buffer());
    return image;
}
/* Is the pixel about of this colour? */
static void assert_colour(VipsImage *image, int x, int y, int red, int green, int blue) {
    double *values;
    int n;
    must(vips_getpoint(image, &values, &n, x, y, NULL));
    assert_true(n >= 3);
    int wanted[] = {red, green, blue};
    for (int i = 0; i < 3; i++)
        if (values[i] < wanted[i] - 24 || values[i] > wanted[i] + 24)
            fail_msg("at %d, %d: %.0f %.0f %.0f instead of %d %d %d", x, y, values[0], values[1],
                     values[2], red, green, blue);
    g_free(values);
}

/* Everything that holds of every picture that was taken. */
static void check_picture(const struct media_picture *p, uint32_t width, uint32_t height) {
    assert_int_equal(p->width, width);
    assert_int_equal(p->height, height);
    uint32_t widths[MEDIA_WIDTHS_MAX];
    size_t count = media_widths(width, height, widths);
    assert_int_equal(p->files_count, count * MEDIA_SERVED_COUNT);
    for (size_t i = 0; i < p->files_count; i++) {
        const struct media_file *file = &p->files[i];
        struct sha256 hash = sha256_of(file->bytes);
        assert_int_equal(file->format, i % 2 ? MEDIA_JPEG : MEDIA_AVIF);
        assert_int_equal(file->about.width, widths[i / 2]);
        assert_int_equal(file->about.bytes, file->bytes.n);
        assert_true(sha256_eq(&hash, &file->about.hash));
        VipsImage *image = decode(file->bytes);
        assert_int_equal(image->Xsize, file->about.width);
        assert_int_equal(image->Ysize, file->about.height);
        /* Nothing but pixels. */
        assert_int_equal(vips_image_get_typeof(image, VIPS_META_EXIF_NAME), 0);
        assert_int_equal(vips_image_get_typeof(image, VIPS_META_XMP_NAME), 0);
        assert_int_equal(vips_image_get_typeof(image, VIPS_META_IPTC_NAME), 0);
        assert_int_equal(vips_image_get_typeof(image, VIPS_META_ICC_NAME), 0);
        static const char *const secrets[] = {"Exif", "GPS", "Courier", "http:", "8BIM"};
        for (size_t k = 0; k < COUNT_OF(secrets); k++)
            assert_null(memmem(file->bytes.p, file->bytes.n, secrets[k], strlen(secrets[k])));
        g_object_unref(image);
    }
}

static void test_formats(void **state) {
    (void)state;
    static const struct {
        const char *suffix;
        enum media_format format;
    } formats[] = {{".jpg[Q=90]", MEDIA_JPEG},
                   {".jpg[interlace]", MEDIA_JPEG},
                   {".png", MEDIA_PNG},
                   {".png[interlace]", MEDIA_PNG},
                   {".png[palette]", MEDIA_PNG},
                   {".webp", MEDIA_WEBP},
                   {".webp[lossless]", MEDIA_WEBP},
                   {".avif[effort=0]", MEDIA_AVIF},
                   {".avif[effort=0,lossless]", MEDIA_AVIF}};
    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        struct media_picture p;
        struct span file = file_of(flag(700, 420, 3), formats[i].suffix);
        assert_ok(look(file, &p));
        assert_int_equal(p.format, formats[i].format);
        check_picture(&p, 700, 420);
        for (size_t k = 0; k < p.files_count; k++) {
            VipsImage *image = decode(p.files[k].bytes);
            int w = image->Xsize, h = image->Ysize;
            assert_colour(image, w / 2, h / 8, 0, 160, 0);
            assert_colour(image, w / 4, h / 2, 230, 20, 20);
            assert_colour(image, 3 * w / 4, h / 2, 20, 20, 230);
            g_object_unref(image);
        }
        assert_int_equal(p.notes, 1u << MEDIA_NOTE_NARROW);
        /* A quarter green, the rest half red, half blue. */
        assert_in_range(p.colour >> 16, 80, 106);
        assert_in_range(p.colour >> 8 & 0xFF, 45, 65);
        assert_in_range(p.colour & 0xFF, 80, 106);
    }
}

static void test_shrunk_while_decoded(void **state) {
    (void)state;
    static const char *const suffixes[] = {".jpg", ".png"};
    for (size_t i = 0; i < COUNT_OF(suffixes); i++) {
        struct media_picture p;
        assert_ok(look(file_of(flag(6200, 620, 3), suffixes[i]), &p));
        check_picture(&p, 6200, 620);
        VipsImage *image = decode(p.files[1].bytes);
        assert_colour(image, 480, 20, 0, 160, 0);
        assert_colour(image, 480, 100, 230, 20, 20);
        assert_colour(image, 1440, 100, 20, 20, 230);
        g_object_unref(image);
        assert_int_equal(p.notes, 0);
    }
}

static void test_kinds_of_pixels(void **state) {
    (void)state;
    struct media_picture p;
    VipsImage *image, *other;

    /* grey */
    assert_ok(look(file_of(flag(400, 300, 1), ".jpg"), &p));
    check_picture(&p, 400, 300);
    image = decode(p.files[1].bytes);
    assert_colour(image, 50, 150, 200, 200, 200);
    g_object_unref(image);

    /* transparent on the right: JPEG gets white, AVIF keeps it */
    assert_ok(look(file_of(flag(400, 300, 4), ".png"), &p));
    check_picture(&p, 400, 300);
    image = decode(p.files[1].bytes);
    assert_colour(image, 50, 200, 230, 20, 20);
    assert_colour(image, 350, 200, 255, 255, 255);
    g_object_unref(image);
    image = decode(p.files[0].bytes);
    assert_int_equal(image->Bands, 4);
    double *values;
    int n;
    must(vips_getpoint(image, &values, &n, 350, 200, NULL));
    assert_true(values[3] < 16);
    g_free(values);
    g_object_unref(image);

    /* 16 bits */
    image = flag(400, 300, 3);
    must(vips_colourspace(image, &other, VIPS_INTERPRETATION_RGB16, NULL));
    g_object_unref(image);
    assert_ok(look(file_of(other, ".png"), &p));
    image = decode(p.files[1].bytes);
    assert_colour(image, 50, 200, 230, 20, 20);
    g_object_unref(image);

    /* CMYK without a profile, and with one */
    for (unsigned with_profile = 0; with_profile < 2; with_profile++) {
        image = flag(400, 300, 3);
        must(vips_icc_transform(image, &other, "cmyk", "input_profile", "srgb", NULL));
        g_object_unref(image);
        struct span file = file_of(other, with_profile ? ".jpg[profile=cmyk]" : ".jpg[strip]");
        assert_ok(look(file, &p));
        check_picture(&p, 400, 300);
        image = decode(p.files[1].bytes);
        double *red;
        must(vips_getpoint(image, &red, &n, 50, 200, NULL));
        assert_true(n == 3 && red[0] > 180 && red[1] < 90 && red[2] < 90);
        g_free(red);
        g_object_unref(image);
    }

    /* Display P3: its red is redder than sRGB's, and is served as sRGB's */
    image = flag(400, 300, 3);
    must(vips_icc_transform(image, &other, "p3", "input_profile", "srgb", NULL));
    g_object_unref(image);
    assert_ok(look(file_of(other, ".png"), &p));
    check_picture(&p, 400, 300);
    image = decode(p.files[1].bytes);
    assert_colour(image, 50, 200, 230, 20, 20);
    g_object_unref(image);

    /* a profile that is none: taken as sRGB */
    image = flag(400, 300, 3);
    vips_image_set_blob_copy(image, VIPS_META_ICC_NAME,
                             "not a profile at all, but long enough to be one"
                             "................................................"
                             "................................................",
                             140);
    assert_ok(look(file_of(image, ".webp[lossless]"), &p));
    image = decode(p.files[1].bytes);
    assert_colour(image, 50, 200, 230, 20, 20);
    g_object_unref(image);

    /* moving: the first frame */
    VipsImage *frames[2] = {flag(64, 64, 3), NULL};
    must(vips_invert(frames[0], &frames[1], NULL));
    must(vips_arrayjoin(frames, &image, 2, "across", 1, NULL));
    g_object_unref(frames[0]);
    g_object_unref(frames[1]);
    must(vips_copy(image, &other, NULL));
    g_object_unref(image);
    vips_image_set_int(other, VIPS_META_PAGE_HEIGHT, 64);
    assert_ok(look(file_of(other, ".webp"), &p));
    check_picture(&p, 64, 64);
    assert_true(p.notes & 1u << MEDIA_NOTE_ANIMATED);
}

/* All eight ways a camera can be held: the picture stands upright. */
static void test_orientation(void **state) {
    (void)state;
    for (int orientation = 1; orientation <= 8; orientation++) {
        struct media_picture p;
        VipsImage *image = flag(400, 300, 3);
        vips_image_set_int(image, VIPS_META_ORIENTATION, orientation);
        struct span file = file_of(image, orientation % 2 ? ".jpg[Q=95]" : ".webp[lossless]");
        bool lies = orientation >= 5;
        assert_ok(look(file, &p));
        check_picture(&p, lies ? 300 : 400, lies ? 400 : 300);
        VipsImage *right = decode(file), *upright;
        must(vips_autorot(right, &upright, NULL));
        VipsImage *ours = decode(p.files[1].bytes);
        static const int places[][2] = {{30, 30}, {30, 270}, {270, 30}, {270, 270}};
        for (size_t i = 0; i < COUNT_OF(places); i++) {
            double *values;
            int n;
            must(vips_getpoint(upright, &values, &n, places[i][0], places[i][1], NULL));
            assert_colour(ours, places[i][0], places[i][1], (int)values[0], (int)values[1],
                          (int)values[2]);
            g_free(values);
        }
        g_object_unref(right);
        g_object_unref(upright);
        g_object_unref(ours);
    }
}

/* From the file through the job to what core gets, and nothing of it in what is served. */
static void test_metadata_of_files(void **state) {
    (void)state;
    struct media_picture p;
    struct span xmp = packet("<dc:description>" ALT(
        "Ferry\n at   the quay") "</dc:description>"
                                 "<photoshop:Credit>COURIER</photoshop:Credit>"
                                 "<Iptc4xmpCore:AltTextAccessibility>" ALT(
                                     "A white ferry") "</Iptc4xmpCore:AltTextAccessibility>");
    static const char *const suffixes[] = {".jpg", ".png", ".webp", ".avif[effort=0]"};
    for (size_t i = 0; i < COUNT_OF(suffixes); i++) {
        VipsImage *image = flag(400, 300, 3);
        vips_image_set_blob_copy(image, VIPS_META_XMP_NAME, xmp.p, xmp.n);
        vips_image_set_string(image, "exif-ifd0-Artist",
                              "M. Vale (M. Vale, ASCII, 8 components, 8 bytes)");
        vips_image_set_string(image, "exif-ifd0-Copyright",
                              "By Courier (By Courier, ASCII, 11 components, 11 bytes)");
        vips_image_set_string(
            image, "exif-ifd2-DateTimeOriginal",
            "2026:11:24 07:15:00 (2026:11:24 07:15:00, ASCII, 20 components, 20 bytes)");
        vips_image_set_string(image, "exif-ifd3-GPSLatitude",
                              "48/1 12/1 30/1 (48, 12, 30, Rational, 3 components, 24 bytes)");
        assert_ok(look(file_of(image, suffixes[i]), &p));
        check_picture(&p, 400, 300);
        assert_span(p.fields[MEDIA_CAPTION], "Ferry at the quay");
        assert_span(p.fields[MEDIA_CREDIT], "COURIER");
        assert_span(p.fields[MEDIA_ALT], "A white ferry");
        assert_int_equal(p.origins[MEDIA_ALT], MEDIA_FROM_XMP);
        if (p.format == MEDIA_PNG) continue; /* libvips 8.14 reads and writes no EXIF there */
        assert_span(p.fields[MEDIA_CREATOR], "M. Vale");
        assert_int_equal(p.origins[MEDIA_CREATOR], MEDIA_FROM_EXIF);
        assert_span(p.fields[MEDIA_COPYRIGHT], "By Courier");
        assert_span(p.fields[MEDIA_CREATED], "2026-11-24T07:15:00");
        assert_true(p.notes & 1u << MEDIA_NOTE_LOCATION);
    }
    /* IIM in Latin-1, and XMP in the same JPEG */
    struct span file =
        with_iim(with_xmp(small_jpeg(), "<photoshop:Headline>Quay</photoshop:Headline>"),
                 JOIN(dataset(2, 120, SPAN("Caf\xE9 am Hafen")), dataset(2, 110, SPAN("COURIER"))));
    assert_ok(look(file, &p));
    assert_span(p.fields[MEDIA_CAPTION], "Café am Hafen");
    assert_span(p.fields[MEDIA_CREDIT], "COURIER");
    assert_span(p.fields[MEDIA_HEADLINE], "Quay");
    /* sixty segments of nothing, and XMP that is none */
    struct buf rubbish;
    buf_init(&rubbish, 1 << 16);
    while (rubbish.n < 60000) buf_str(&rubbish, "rubbish ");
    for (int i = 0; i < 60; i++) file = with_segment(file, 0xE5, buf_span(&rubbish));
    file =
        with_segment(file, 0xE1, JOIN(SPAN("http://ns.adobe.com/xap/1.0/\0"), buf_span(&rubbish)));
    buf_done(&rubbish);
    assert_ok(look(file, &p));
    assert_true(p.notes & 1u << MEDIA_NOTE_METADATA);
    assert_span(p.fields[MEDIA_CAPTION], "Café am Hafen");
}

/* ---- pictures that mean harm ------------------------------------------------------------------------------------ */

/* CRC of PNG chunks (ISO 15948, annex D). */
static uint32_t crc(struct span s) {
    uint32_t c = 0xFFFFFFFF;
    for (size_t i = 0; i < s.n; i++) {
        c ^= (uint8_t)s.p[i];
        for (int k = 0; k < 8; k++) c = c & 1 ? 0xEDB88320 ^ c >> 1 : c >> 1;
    }
    return c ^ 0xFFFFFFFF;
}
static struct span chunk(const char *type, struct span content) {
    struct span typed = JOIN(span_str(type), content);
    return JOIN(be(content.n, 4), typed, be(crc(typed), 4));
}
/* A PNG of that size in grey, of which the pixels are missing. */
static struct span png_header(uint32_t width, uint32_t height) {
    return JOIN(SPAN("\x89PNG\r\n\x1A\n"),
                chunk("IHDR", JOIN(be(width, 4), be(height, 4), SPAN("\x08\0\0\0\0"))),
                chunk("IDAT", SPAN("\x78\x9C\x03\0\0\0\0\1")), chunk("IEND", SPAN("")));
}

static struct span patched(struct span s, const char *find, size_t n, size_t at, struct span put) {
    struct span copy = arena_copy(arena, s);
    char *p = memmem(copy.p, copy.n, find, n);
    assert_non_null(p);
    for (;;) { /* the last */
        char *next = memmem(p + 1, copy.n - (size_t)(p + 1 - copy.p), find, n);
        if (!next) break;
        p = next;
    }
    memcpy(p + at, put.p, put.n);
    return copy;
}

static void test_bombs(void **state) {
    (void)state;
    struct media_picture p;
    mono_t begun = clock_mono_ns();
    assert_int_equal(look(png_header(30000, 30000), &p), RC_TOO_BIG);
    assert_why("30000 × 30000 pixels: a side may have 20000");
    assert_int_equal(look(png_header(15000, 15000), &p), RC_TOO_BIG);
    assert_why("15000 × 15000 are 225 million pixels; it may have 100 million");
    struct span jpeg = patched(small_jpeg(), "\xFF\xC0\0\x11\x08", 5, 5, SPAN("\xFF\xDC\xFF\xDC"));
    assert_int_equal(look(jpeg, &p), RC_TOO_BIG);
    assert_why("65500 × 65500");
    assert_true(clock_mono_ns() - begun < CLOCK_MS(20000));
    /* Within the limits, and nothing behind it. */
    assert_int_equal(look(png_header(9000, 9000), &p), RC_INVALID);
    /* An AVIF that says it is larger than it is: it is what it is, or refused. */
    struct span avif = file_of(flag(64, 64, 3), ".avif[effort=0]");
    struct span lying = patched(avif, "ispe", 4, 8, SPAN("\0\0\x23\x28\0\0\x23\x28"));
    rc code = look(lying, &p);
    assert_true(code == RC_INVALID || code == RC_TOO_BIG);
    /* The same with what it says of its picture's codec. */
    assert_int_equal(look(patched(avif, "av01", 4, 0, SPAN("hvc1")), &p), RC_INVALID);
    /* More than a file may have, without a byte of it being sent. */
    struct media_limits limits = MEDIA_LIMITS;
    limits.input_bytes = 100;
    assert_int_equal(media_look_at(&setup, small_jpeg(), &limits, &answer, arena, &p), RC_TOO_BIG);
    assert_why("a picture may have 100");
}

/* Cut anywhere, or with a byte changed: refused or taken, never anything else. */
static void test_damage(void **state) {
    (void)state;
    static const char *const suffixes[] = {".jpg", ".png", ".webp", ".avif[effort=0]"};
    for (size_t i = 0; i < COUNT_OF(suffixes); i++) {
        struct media_picture p;
        struct span whole = file_of(flag(500, 400, 3), suffixes[i]);
        const size_t cuts[] = {16, 40, whole.n / 4, whole.n / 2, whole.n - 20};
        for (size_t k = 0; k < COUNT_OF(cuts); k++) {
            rc code = look(span_sub(whole, 0, cuts[k]), &p);
            if (code != RC_INVALID)
                fail_msg("%s cut to %zu of %zu: %s %s", suffixes[i], cuts[k], whole.n,
                         rc_name(code), rc_why());
        }
        for (size_t k = 0; k < 6; k++) {
            struct span copy = arena_copy(arena, whole);
            char *at = (char *)(uintptr_t)copy.p + 20 + (whole.n - 20) * k / 6;
            *at = (char)(*at ^ 0x55);
            rc code = look(copy, &p);
            assert_true(code == RC_OK || code == RC_INVALID || code == RC_TOO_BIG);
        }
    }
}

static void test_memory(void **state) {
    (void)state;
    if (!sandbox_has_seccomp()) skip(); /* a sanitizer needs more than any limit */
    struct media_limits limits = MEDIA_LIMITS;
    struct media_picture p;
    limits.memory_bytes = 48u << 20;
    struct span file = file_of(flag(6000, 4000, 3), ".webp[effort=0]");
    rc_why_clear();
    rc code = media_look_at(&setup, file, &limits, &answer, arena, &p);
    if (code != RC_TOO_BIG && code != RC_INVALID) fail_msg("%s: %s", rc_name(code), rc_why());
    assert_true(strstr(rc_why(), "memory") || strstr(rc_why(), "48 MB"));
}

static void test_time(void **state) {
    (void)state;
    struct media_limits limits = MEDIA_LIMITS;
    struct media_picture p;
    limits.wall_ms = 30;
    struct span file = file_of(flag(4000, 3000, 3), ".png");
    mono_t begun = clock_mono_ns();
    assert_int_equal(media_look_at(&setup, file, &limits, &answer, arena, &p), RC_TOO_BIG);
    assert_why("longer than 30 ms");
    assert_true(clock_mono_ns() - begun < CLOCK_MS(20000));
}

/* Ended from outside, in the middle. */
static void test_killed(void **state) {
    (void)state;
    static const struct {
        int signal;
        rc code;
        const char *why;
    } cases[] = {
        {SIGKILL, RC_BUSY, "killed from outside"},
        {SIGSEGV, RC_INVALID, "signal SEGV"},
        {SIGXCPU, RC_TOO_BIG, "more than 40 s of processor time"},
        {SIGABRT, RC_INVALID, "needs more than 1024 MB"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct process process;
        struct process_end how;
        struct media_picture p;
        int fd;
        assert_ok(media_job_start(&setup, &process, &fd));
        assert_ok(process_signal(&process, cases[i].signal));
        assert_int_equal(media_job_run(fd, small_jpeg(), &MEDIA_LIMITS, &answer, arena, &p),
                         RC_GONE);
        assert_ok(process_wait(&process, &how));
        if (how.signal != cases[i].signal) { /* a sanitizer makes an exit code of it */
            assert_false(sandbox_has_seccomp());
            how = (struct process_end){.exit_code = -1, .signal = cases[i].signal};
        }
        assert_int_equal(media_job_why(&how, &MEDIA_LIMITS), cases[i].code);
        assert_why(cases[i].why);
        socket_close(fd);
    }
    /* One that nobody asks anything ends by itself, and well. */
    struct process process;
    struct process_end how;
    int fd;
    assert_ok(media_job_start(&setup, &process, &fd));
    socket_close(fd);
    assert_ok(process_wait(&process, &how));
    assert_int_equal(how.exit_code, 0);
    /* A program that is none. */
    static const char *const no_args[] = {"media_test", "no-such-role"};
    const struct media_setup wrong = {.args = no_args, .args_count = 2, .error_fd = -1};
    struct media_picture p;
    assert_int_equal(media_look_at(&wrong, small_jpeg(), &MEDIA_LIMITS, &answer, arena, &p),
                     RC_BUSY);
    assert_why("exit code 9");
}

/* ---- the answer ---------------------------------------------------------------------------------------------------- */

static struct media_picture good;
static struct span good_answer(void) {
    struct buf b;
    assert_ok(look(with_xmp(file_of(flag(500, 300, 3), ".jpg"),
                            "<photoshop:Headline>Quay</photoshop:Headline>"
                            "<photoshop:DateCreated>2026-11-24</photoshop:DateCreated>"),
                   &good));
    buf_init(&b, MEDIA_ANSWER_BYTES_MAX);
    media_answer_write(RC_OK, "", &good, &b);
    struct span s = arena_copy(arena, buf_span(&b));
    buf_done(&b);
    /* What good points into must outlive the next job. */
    for (size_t i = 0; i < good.files_count; i++)
        good.files[i].bytes = arena_copy(arena, good.files[i].bytes);
    return s;
}
static rc reread(const struct media_picture *p) {
    struct buf b;
    struct media_picture again;
    buf_init(&b, MEDIA_ANSWER_BYTES_MAX);
    media_answer_write(RC_OK, "", p, &b);
    rc_why_clear();
    rc code = media_answer_read(buf_span(&b), MEDIA_JPEG, &MEDIA_LIMITS, arena, &again);
    buf_done(&b);
    return code;
}
static void assert_corrupt(const struct media_picture *p, const char *why) {
    assert_int_equal(reread(p), RC_CORRUPT);
    assert_why(why);
}

static void test_answer(void **state) {
    (void)state;
    struct span bytes = good_answer();
    struct media_picture p;
    assert_ok(media_answer_read(bytes, MEDIA_JPEG, &MEDIA_LIMITS, arena, &p));
    assert_span(p.fields[MEDIA_HEADLINE], "Quay");
    assert_int_equal(p.files_count, 6);
    /* Cut anywhere, or longer. */
    for (size_t n = 0; n < bytes.n; n += n < 200 ? 1 : 97)
        assert_int_equal(
            media_answer_read(span_sub(bytes, 0, n), MEDIA_JPEG, &MEDIA_LIMITS, arena, &p),
            RC_CORRUPT);
    assert_int_equal(
        media_answer_read(JOIN(bytes, SPAN("x")), MEDIA_JPEG, &MEDIA_LIMITS, arena, &p),
        RC_CORRUPT);
    assert_why("ends early, or late");
    assert_int_equal(media_answer_read(bytes, MEDIA_PNG, &MEDIA_LIMITS, arena, &p), RC_CORRUPT);

    /* One lie each. */
    p = good;
    p.width = 501;
    assert_corrupt(&p, "501");
    p = good;
    p.width = 30000;
    assert_corrupt(&p, "30000 × 300");
    p = good;
    p.height = 0;
    assert_corrupt(&p, "500 × 0");
    p = good;
    p.notes = 1u << MEDIA_NOTE_COUNT;
    assert_corrupt(&p, "notes");
    p = good;
    p.files_count--;
    assert_corrupt(&p, "not all its renditions");
    p = good;
    p.files[1].about.hash.bytes[7] ^= 1;
    assert_corrupt(&p, "not of its hash");
    p = good;
    p.fields[MEDIA_HEADLINE] = SPAN("\xFF");
    assert_corrupt(&p, "ill-formed headline");
    p = good;
    p.fields[MEDIA_CREATED] = SPAN("yesterday");
    assert_corrupt(&p, "a date that is none");
    p = good;
    p.origins[MEDIA_HEADLINE] = MEDIA_FROM_NOWHERE;
    assert_corrupt(&p, "ill-formed headline");

    /* A rendition that is something else, or more, than a picture: hashed rightly, and refused. */
    struct span jpeg = good.files[1].bytes, avif = good.files[0].bytes;
    struct span exif_avif = file_of(flag(500, 300, 3), ".avif[effort=0]"); /* libvips adds EXIF */
    const struct {
        size_t at;
        struct span bytes;
        const char *why;
    } bad[] = {
        {1, JOIN(jpeg, SPAN("<script>")), "bytes behind its end"},
        {1, with_segment(jpeg, 0xE1, SPAN("Exif\0\0")), "segment E1"},
        {1, with_segment(jpeg, 0xFE, SPAN("a comment")), "segment FE"},
        {1, with_segment(jpeg, 0xE0, SPAN("JFXX\0")), "odd APP0"},
        {1, span_sub(jpeg, 0, jpeg.n - 2), "without its end"},
        {1, SPAN("\xFF\xD8\xFF\xD9"), "without a picture"},
        {1, avif, "no JPEG"},
        {1, good.files[3].bytes, "480"},
        {1, SPAN("<html><script>alert(1)</script>"), "no JPEG"},
        {0, jpeg, "no AVIF"},
        {0, exif_avif, "odd"},
        {0, JOIN(avif, be(12, 4), SPAN("free"), SPAN("text")), "odd"},
        {0, JOIN(avif, SPAN("x")), "odd"},
        {0, span_sub(avif, 0, avif.n - 1), "odd"},
        {0, patched(avif, "hdlr", 4, 0, SPAN("uuid")), "odd \"uuid\""},
        {0, patched(avif, "av01", 4, 0, SPAN("Exif")), "odd"},
        {0, patched(avif, "nclx", 4, 0, SPAN("prof")), "odd \"colr\""},
        {0, patched(avif, "ispe", 4, 8, SPAN("\0\0\1\0\0\0\1\0")), "256 × 256 and not 500 × 300"},
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        p = good;
        struct media_file *file = &p.files[bad[i].at];
        file->bytes = bad[i].bytes;
        file->about.hash = sha256_of(bad[i].bytes);
        assert_corrupt(&p, bad[i].why);
    }
}

static void test_failures(void **state) {
    (void)state;
    struct buf b;
    struct media_picture p;
    buf_init(&b, 4096);
    media_answer_write(RC_TOO_BIG, "it is “large”", NULL, &b);
    assert_int_equal(media_answer_read(buf_span(&b), MEDIA_JPEG, &MEDIA_LIMITS, arena, &p),
                     RC_TOO_BIG);
    assert_string_equal(rc_why(), "it is “large”");
    /* Only what a picture can be guilty of. */
    buf_clear(&b);
    media_answer_write(RC_FATAL, "stop core!", NULL, &b);
    assert_int_equal(media_answer_read(buf_span(&b), MEDIA_JPEG, &MEDIA_LIMITS, arena, &p),
                     RC_CORRUPT);
    /* Long texts are cut between characters. */
    char text[2000];
    for (size_t i = 0; i + 2 < sizeof text; i += 2) memcpy(text + i, "é", 2);
    text[sizeof text - 2] = 0;
    buf_clear(&b);
    media_answer_write(RC_INVALID, text, NULL, &b);
    assert_int_equal(media_answer_read(buf_span(&b), MEDIA_JPEG, &MEDIA_LIMITS, arena, &p),
                     RC_INVALID);
    assert_true(strlen(rc_why()) <= MEDIA_WHY_BYTES_MAX);
    buf_done(&b);
}

/* ---- the keeper ------------------------------------------------------------------------------------------------------ */

static struct process keeper_start(int fd) {
    static const char *const args[] = {"media_test", "keeper"};
    struct process p;
    const struct process_command command = {.args = args,
                                            .args_count = COUNT_OF(args),
                                            .fds = &fd,
                                            .fds_count = 1,
                                            .error_fd = -1,
                                            .dies_with_parent = true};
    assert_ok(process_start(&command, &p));
    return p;
}
static rc develop_by(int keeper, struct span bytes, struct media_picture *out) {
    rc_why_clear();
    return media_develop(keeper, bytes, &MEDIA_LIMITS, &answer, arena, out);
}

static void test_keeper(void **state) {
    (void)state;
    int ends[2];
    struct media_picture p;
    struct process_end how;
    assert_ok(socket_pair(ends));
    struct span jpeg = small_jpeg();
    struct process keeper = keeper_start(ends[1]);
    for (int i = 0; i < 3; i++) {
        assert_ok(develop_by(ends[0], jpeg, &p));
        check_picture(&p, 320, 200);
    }
    /* One that is refused costs nothing else. */
    assert_int_equal(develop_by(ends[0], span_sub(jpeg, 0, jpeg.n / 2), &p), RC_INVALID);
    assert_int_equal(develop_by(ends[0], SPAN("GIF89a"), &p), RC_INVALID);
    assert_ok(develop_by(ends[0], jpeg, &p));
    /* One that takes too long is killed; the next is served. */
    struct media_limits limits = MEDIA_LIMITS;
    limits.wall_ms = 20;
    struct span large = file_of(flag(4000, 3000, 3), ".png");
    assert_int_equal(media_develop(ends[0], large, &limits, &answer, arena, &p), RC_TOO_BIG);
    assert_ok(develop_by(ends[0], jpeg, &p));
    /* What is no question is not answered. */
    assert_ok(socket_send(ends[0], SPAN("rubbish"), 1000));
    assert_ok(develop_by(ends[0], jpeg, &p));

    /* Without a keeper: an error, in time; with the next one it goes on, whatever the socket holds. */
    assert_ok(process_signal(&keeper, SIGKILL));
    assert_ok(process_wait(&keeper, &how));
    mono_t begun = clock_mono_ns();
    assert_int_equal(develop_by(ends[0], jpeg, &p), RC_BUSY);
    assert_why("is the keeper running?");
    assert_true(clock_mono_ns() - begun < CLOCK_MS(MEDIA_START_MS + 5000));
    keeper = keeper_start(ends[1]);
    assert_ok(develop_by(ends[0], jpeg, &p));

    /* SIGTERM: it ends, and well. */
    assert_ok(process_signal(&keeper, SIGTERM));
    assert_ok(process_wait(&keeper, &how));
    assert_int_equal(how.exit_code, 0);
    /* So it does when core and all others have gone. */
    keeper = keeper_start(ends[1]);
    socket_close(ends[1]);
    socket_close(ends[0]);
    assert_ok(process_wait(&keeper, &how));
    assert_int_equal(how.exit_code, 0);
}

/* Jobs of this keeper die at once. */
static void test_keeper_of_dead_jobs(void **state) {
    (void)state;
    int ends[2];
    struct media_picture p;
    struct process_end how;
    assert_ok(socket_pair(ends));
    assert_int_equal(setenv("MEDIA_TEST_DIES", "1", 1), 0);
    struct process keeper = keeper_start(ends[1]);
    assert_int_equal(unsetenv("MEDIA_TEST_DIES"), 0);
    for (int i = 0; i < 3; i++) {
        rc code = develop_by(ends[0], small_jpeg(), &p);
        assert_int_equal(code, RC_INVALID);
        assert_why("signal SYS");
    }
    socket_close(ends[1]);
    socket_close(ends[0]);
    assert_ok(process_wait(&keeper, &how));
    assert_int_equal(how.exit_code, 0);
}

/* ---- this program as the others ---------------------------------------------------------------------------------------- */

static int be_job(void) {
    struct media_job *job;
    struct sandbox_level level;
    log_setup("media job", 2, LOG_ERROR);
    if (getenv("MEDIA_TEST_DIES")) raise(SIGSYS);
    rc code = media_job_open(PROCESS_FD_FIRST, &job);
    if (code == RC_GONE) return 0;
    if (code == RC_OK)
        code = sandbox_enter(&(struct sandbox_options){.role = SANDBOX_MEDIA}, &level);
    if (code == RC_OK) code = media_job_serve(job);
    if (code != RC_OK) fprintf(stderr, "media job: %s\n", rc_why());
    return rc_exit_code(code);
}
static void tell_nobody(const struct media_counts *counts, void *arg) {
    (void)counts, (void)arg;
}
static int be_keeper(void) {
    log_setup("media", 2, LOG_ERROR);
    rc code = media_keeper_run(PROCESS_FD_FIRST, &setup, tell_nobody, NULL);
    return rc_exit_code(code);
}

/* What GLib keeps for ever is no leak of ours. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:libglib-2.0";
}

int main(int argc, char **argv) {
    process_ignore_pipe_signal();
    if (argc > 1 && !strcmp(argv[1], "job")) return be_job();
    if (argc > 1 && !strcmp(argv[1], "keeper")) return be_keeper();
    if (argc > 1) return 9;
    if (setenv("VIPS_WARNING", "no", 1) || vips_init(argv[0]) || xmp_open() != RC_OK) return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sniff),
        cmocka_unit_test(test_widths),
        cmocka_unit_test(test_charset_declared),
        cmocka_unit_test(test_charset_guess),
        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_iim),
        cmocka_unit_test(test_xmp),
        cmocka_unit_test(test_exif),
        cmocka_unit_test(test_which_counts),
        cmocka_unit_test(test_formats),
        cmocka_unit_test(test_shrunk_while_decoded),
        cmocka_unit_test(test_kinds_of_pixels),
        cmocka_unit_test(test_orientation),
        cmocka_unit_test(test_metadata_of_files),
        cmocka_unit_test(test_bombs),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_time),
        cmocka_unit_test(test_killed),
        cmocka_unit_test(test_answer),
        cmocka_unit_test(test_failures),
        cmocka_unit_test(test_keeper),
        cmocka_unit_test(test_keeper_of_dead_jobs),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
