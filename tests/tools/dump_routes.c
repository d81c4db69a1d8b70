/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Prints the route table, one JSON object a line, for
 * scripts/check_openapi.py.
 */

#include <stdio.h>

#include "drs_routes.h"


static void
list(const char *name, drs_perms_t set)
{
    int         p;
    const char *comma;

    (void) printf(",\"%s\":[", name);
    comma = "";

    for (p = 0; p < DRS_PERM_N; p++) {
        if (drs_perms_has(set, (drs_perm_t) p)) {
            (void) printf("%s\"%s\"", comma, drs_perm_name((drs_perm_t) p));
            comma = ",";
        }
    }

    (void) printf("]");
}


int
main(void)
{
    int                i;
    const char        *bad;
    const drs_route_t *r;

    bad = drs_routes_check();
    if (bad != NULL) {
        (void) fprintf(stderr, "dump_routes: %s\n", bad);
        return 1;
    }

    for (i = 0; i < DRS_ROUTE_N; i++) {
        r = drs_route((drs_route_id_t) i);

        (void) printf("{\"ref\":\"%s\",\"method\":\"%s\",\"path\":\"%s\","
                      "\"kind\":\"%s\",\"body\":%zu,\"handler\":\"%s\","
                      "\"public\":%s,\"anyUser\":%s,\"local\":%s,"
                      "\"stream\":%s",
                      r->reference, drs_method_name(r->method), r->pattern,
                      drs_kind_name(r->kind), r->body_limit, r->handler,
                      r->flags & DRS_ROUTE_PUBLIC ? "true" : "false",
                      r->flags & DRS_ROUTE_ANY_USER ? "true" : "false",
                      r->flags & DRS_ROUTE_LOCAL ? "true" : "false",
                      r->flags & DRS_ROUTE_STREAM ? "true" : "false");
        list("all", r->all);
        list("any", r->any);
        (void) printf("}\n");
    }

    return 0;
}
