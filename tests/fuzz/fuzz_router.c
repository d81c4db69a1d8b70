/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * Router: whatever is found matches its pattern literally, parameters lie
 * inside the path and hold no slash, and a row that is found lets its own
 * method through.
 */

#include <stdlib.h>
#include <string.h>

#include "drs_cursor.h"
#include "drs_routes.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void
check(const drs_route_match_t *m, drs_str_t path)
{
    size_t i;

    for (i = 0; i < m->n_params; i++) {
        if (m->params[i].len == 0 || m->params[i].data < path.data
            || m->params[i].data + m->params[i].len > path.data + path.len
            || memchr(m->params[i].data, '/', m->params[i].len) != NULL)
        {
            abort();
        }
    }
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    drs_str_t         path;
    drs_buf_t         pos;
    drs_method_t      method;
    drs_route_rc_t    rc;
    drs_route_match_t m;

    static const drs_method_t methods[] = { DRS_METHOD_NONE, DRS_METHOD_GET,
                                            DRS_METHOD_POST, DRS_METHOD_PUT,
                                            DRS_METHOD_DELETE };

    if (size == 0) {
        return 0;
    }

    method = methods[data[0] % 5];
    path = drs_strn((const char *) data + 1, size - 1);
    rc = drs_route_find(method, path, &m);

    if ((rc == DRS_ROUTE_FOUND) != (m.route != NULL)) {
        abort();
    }

    if (rc == DRS_ROUTE_FOUND && m.route->method != method) {
        abort();
    }

    if (rc != DRS_ROUTE_NO_PATH) {
        check(&m, path);
    }

    drs_buf_init(&pos, 0);
    (void) !drs_cursor_decode(&pos, "pg", path);
    drs_buf_free(&pos);

    return 0;
}
