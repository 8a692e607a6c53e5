/*
 * XMP, by exempi, which knows the many ways to write one thing in RDF. Opened like libvips (vips.h), in
 * a media job only.
 */
#include <dlfcn.h>
#include <exempi/xmp.h>

#include "media/inner.h"

#define LIBRARY "libexempi.so.8"
#define VALUES_MAX 16 /* of a list of creators */

#define XMP_TABLE(X)          \
    X(xmp_init)               \
    X(xmp_register_namespace) \
    X(xmp_new_empty)          \
    X(xmp_parse)              \
    X(xmp_free)               \
    X(xmp_get_property)       \
    X(xmp_get_array_item)     \
    X(xmp_get_localized_text) \
    X(xmp_has_property)       \
    X(xmp_string_new)         \
    X(xmp_string_free)        \
    X(xmp_string_cstr)

static struct {
#define X(name) __typeof__(&name) name;
    XMP_TABLE(X)
#undef X
} xmp;

#define DC "http://purl.org/dc/elements/1.1/"
#define PHOTOSHOP "http://ns.adobe.com/photoshop/1.0/"
#define RIGHTS "http://ns.adobe.com/xap/1.0/rights/"
#define CORE "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"
#define EXTENSION "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
#define PLUS "http://ns.useplus.org/ldf/xmp/1.0/"
#define PRISM_RIGHTS "http://prismstandard.org/namespaces/prismusagerights/2.1/"
#define EXIF "http://ns.adobe.com/exif/1.0/"

/* In the order in which they are asked; the first that is not empty counts. */
enum kind { PLAIN, LANGUAGES /* x-default, else the first */, LIST };
static const struct {
    enum media_field field;
    enum kind kind;
    const char *schema, *name;
} properties[] = {
    {MEDIA_HEADLINE, PLAIN, PHOTOSHOP, "Headline"},
    {MEDIA_CAPTION, LANGUAGES, DC, "description"},
    {MEDIA_ALT, LANGUAGES, CORE, "AltTextAccessibility"},
    {MEDIA_CREATOR, LIST, DC, "creator"},
    {MEDIA_CREATOR, PLAIN, PLUS, "ImageCreator[1]/plus:ImageCreatorName"},
    {MEDIA_CREDIT, PLAIN, PHOTOSHOP, "Credit"},
    {MEDIA_SOURCE, PLAIN, PHOTOSHOP, "Source"},
    {MEDIA_COPYRIGHT, LANGUAGES, DC, "rights"},
    {MEDIA_COPYRIGHT, PLAIN, PLUS, "CopyrightOwner[1]/plus:CopyrightOwnerName"},
    {MEDIA_USAGE_TERMS, LANGUAGES, RIGHTS, "UsageTerms"},
    {MEDIA_EXPIRES, PLAIN, PLUS, "LicenseEndDate"},
    {MEDIA_EXPIRES, PLAIN, PRISM_RIGHTS, "expirationDate"},
    {MEDIA_CITY, PLAIN, PHOTOSHOP, "City"},
    {MEDIA_CITY, PLAIN, EXTENSION, "LocationCreated[1]/Iptc4xmpExt:City"},
    {MEDIA_COUNTRY, PLAIN, PHOTOSHOP, "Country"},
    {MEDIA_COUNTRY, PLAIN, EXTENSION, "LocationCreated[1]/Iptc4xmpExt:CountryName"},
    {MEDIA_CREATED, PLAIN, PHOTOSHOP, "DateCreated"},
    {MEDIA_CREATED, PLAIN, EXIF, "DateTimeOriginal"},
};

rc xmp_open(void) {
    static const struct {
        const char *schema, *prefix;
    } namespaces[] = {
        {CORE, "Iptc4xmpCore"}, {EXTENSION, "Iptc4xmpExt"}, {PLUS, "plus"}, {PRISM_RIGHTS, "pur"}};
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (!library) return rc_fail(RC_IO, "%s; pictures need exempi (Debian: libexempi8)", dlerror());
#define X(function)                                      \
    *(void **)&xmp.function = dlsym(library, #function); \
    if (!xmp.function) return rc_fail(RC_IO, LIBRARY " lacks %s: it is another version", #function);
    XMP_TABLE(X)
#undef X
    if (!xmp.xmp_init()) return rc_fail(RC_IO, LIBRARY ": it does not begin");
    for (size_t i = 0; i < COUNT_OF(namespaces); i++)
        (void)xmp.xmp_register_namespace(namespaces[i].schema, namespaces[i].prefix, NULL);
    return RC_OK;
}

static struct span read_list(XmpPtr packet, const char *schema, const char *name,
                             XmpStringPtr string, struct arena *a) {
    struct span all = {NULL, 0};
    for (int32_t i = 1; i <= VALUES_MAX; i++) {
        if (!xmp.xmp_get_array_item(packet, schema, name, i, string, NULL)) break;
        struct span value = span_trim(span_str(xmp.xmp_string_cstr(string)));
        if (value.n == 0) continue;
        all = all.n ? arena_printf(a, SPAN_FMT ", " SPAN_FMT, SPAN_ARG(all), SPAN_ARG(value))
                    : arena_copy(a, value);
    }
    return all;
}

bool xmp_read(struct span bytes, struct arena *a, struct span out_fields[MEDIA_FIELD_COUNT],
              bool *out_has_location) {
    XmpPtr packet = xmp.xmp_new_empty();
    XmpStringPtr string = xmp.xmp_string_new();
    bool read = packet && string && xmp.xmp_parse(packet, bytes.p, bytes.n);
    for (size_t i = 0; i < COUNT_OF(properties) && read; i++) {
        struct span *field = &out_fields[properties[i].field];
        const char *schema = properties[i].schema, *name = properties[i].name;
        if (field->n) continue;
        bool found = false;
        switch (properties[i].kind) {
        case PLAIN: found = xmp.xmp_get_property(packet, schema, name, string, NULL); break;
        case LANGUAGES:
            found = xmp.xmp_get_localized_text(packet, schema, name, "", "x-default", NULL, string,
                                               NULL);
            /* Not an array of languages, but one text: so some writers do it. */
            if (!found) found = xmp.xmp_get_property(packet, schema, name, string, NULL);
            break;
        case LIST: *field = read_list(packet, schema, name, string, a); break;
        }
        if (found) *field = arena_copy(a, span_trim(span_str(xmp.xmp_string_cstr(string))));
    }
    *out_has_location = read && xmp.xmp_has_property(packet, EXIF, "GPSLatitude");
    if (string) xmp.xmp_string_free(string);
    if (packet) (void)xmp.xmp_free(packet);
    return read;
}
