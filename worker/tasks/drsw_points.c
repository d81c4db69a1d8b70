
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <string.h>

#include "drsw_exec.h"
#include "drsw_points.h"


int
drsw_points_asked(const json_t *request)
{
    return drs_str_starts(drs_json_field(request, "recoveryPoint"), "BEFORE:")
           || json_object_size(json_object_get(request, "recoverySnapshots"))
                  > 0;
}


static int
drsw_point_listed(const json_t *items, drs_str_t id)
{
    size_t  i;
    json_t *item;

    json_array_foreach ((json_t *) items, i, item) {
        if (drs_str_eq(drs_json_field(item, "snapshotID"), id)) {
            return 1;
        }
    }

    return 0;
}


int
drsw_point_find(drsw_ctx_t *ctx, const drsw_access_t *access,
                const char *server, const json_t *request, char **snapshot,
                drsw_aws_result_t *res)
{
    json_t   *filters, *items;
    drs_str_t point, until, named, found;
    drsw_aws_class_e class;

    *snapshot = NULL;
    point = drs_json_field(request, "recoveryPoint");
    named =
        drs_json_field(json_object_get(request, "recoverySnapshots"), server);
    until = drs_str_starts(point, "BEFORE:")
                ? drs_strn(point.data + 7, point.len - 7)
                : drs_str(NULL);

    if (named.len == 0 && until.len == 0) {
        return DRS_OK;
    }

    filters = named.len == 0
                  ? json_pack("{s:s%}", "toDateTime", until.data, until.len)
                  : NULL;
    class = drsw_drs_describe_recovery_snapshots(ctx->aws, &access->aws, server,
                                                 filters, "DESC", &items, res);
    json_decref(filters);

    if (class != DRSW_AWS_OK) {
        drsw_warn(ctx->log, "recovery points of %s: %s: %s", server, res->code,
                  res->message);
        return DRS_AGAIN;
    }

    found = named;

    if (named.len == 0) {
        found = drs_json_field(json_array_get(items, 0), "snapshotID");

    } else if (!drsw_point_listed(items, named)) {
        found = drs_str(NULL);
    }

    *snapshot = found.len > 0 ? drs_str_dup(found) : NULL;
    json_decref(items);

    if (found.len == 0) {
        return DRS_DECLINED;
    }

    return *snapshot != NULL ? DRS_OK : DRS_ERROR;
}
