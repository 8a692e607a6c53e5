/* routes: whose a path is. The table is routes.c. */
#ifndef DATELINE_SITE_ROUTES_H
#define DATELINE_SITE_ROUTES_H

#include "http/request.h"

#define METHOD(m) (1u << HTTP_##m)

struct route {
    const char
        *path; /* one that ends in "/" stands for all below it; the first that fits is taken */
    unsigned methods; /* METHOD(…) or-ed */
    unsigned
        of_core; /* of these, those that core answers; the others are answered out of the pages */
    const char *allow; /* the same methods in words, and OPTIONS, for Allow */
};

const struct route *route_find(struct span path); /* there is always one */

#endif
