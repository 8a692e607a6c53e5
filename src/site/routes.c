#include "site/routes.h"

/* What is asked of core, by a caller with a key, stands under /api/v1/; which of it there is, core says.
 * What can be read there is stored, and needs no key. Everything else is a page, or is not there. */
static const struct route routes[] = {
    {"/api/v1/", METHOD(GET) | METHOD(HEAD) | METHOD(POST) | METHOD(PUT) | METHOD(DELETE),
     METHOD(POST) | METHOD(PUT) | METHOD(DELETE), "GET, HEAD, POST, PUT, DELETE, OPTIONS"},
    {"/", METHOD(GET) | METHOD(HEAD), 0, "GET, HEAD, OPTIONS"},
};

const struct route *route_find(struct span path) {
    for (size_t i = 0; i + 1 < COUNT_OF(routes); i++) {
        struct span of = span_str(routes[i].path);
        if (of.p[of.n - 1] == '/' ? span_starts(path, of) : span_eq(path, of)) return &routes[i];
    }
    return &routes[COUNT_OF(routes) - 1];
}
