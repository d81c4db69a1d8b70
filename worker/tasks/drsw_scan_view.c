
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Publishing the inventory of a place for lists of source servers: the module
 * answers them from inv:view and inv:order while they are there.
 */

#include <string.h>

#include "drsw_rows.h"
#include "drsw_scan.h"


#define DRSW_VIEW_TRIES 3


static int
drsw_view_publish(drsw_ctx_t *ctx, const drsw_access_t *access,
                  const json_t *servers, int64_t at_ms)
{
    int         rc;
    drsw_rows_t r;

    drsw_rows_init(&r, ctx, access);
    rc = drsw_rows_view(&r, servers, at_ms);
    rc = (rc == DRS_OK) ? drsw_rows_write(&r) : rc;
    rc = (rc == DRS_OK) ? drsw_rows_show(&r, at_ms) : rc;
    drsw_rows_free(&r);

    return rc;
}


int
drsw_scan_publish(drsw_ctx_t *ctx, const drsw_access_t *access,
                  const json_t *servers, int64_t at_ms)
{
    int         rc, i;
    drsw_scan_t later;

    rc = drsw_view_publish(ctx, access, servers, at_ms);

    /* somebody has asked DRS later: their answer is shown */

    for (i = 0; rc == DRS_AGAIN && i < DRSW_VIEW_TRIES; i++) {
        rc = drsw_scan(ctx, access, INT64_MAX, 0, &later);
        rc = (rc == DRS_OK)
                 ? drsw_view_publish(ctx, access, later.servers, later.at_ms)
                 : rc;
        drsw_scan_free(&later);
    }

    return rc == DRS_AGAIN ? DRS_ERROR : rc;
}


int
drsw_scan_published(drsw_ctx_t *ctx, const drsw_access_t *access)
{
    int          rc;
    int64_t      there;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    there = 0;
    cmd =
        drs_key_cmd2("EXISTS", drsw_redis_prefix(ctx->redis), DRS_KEY_INV_VIEW,
                     drs_str(access->account), drs_str(access->region));

    memset(&reply, 0, sizeof(reply));
    rc = drs_cmd_ok(cmd) ? drsw_redis_cmd(ctx->redis, cmd, &reply) : DRS_ERROR;
    drs_cmd_free(cmd);

    if (rc == DRS_OK && reply.r.n > 0
        && drs_str_i64(reply.r.v[0], &there) != DRS_OK)
    {
        there = 0;
    }

    drsw_reply_free(&reply);

    return rc == DRS_OK ? there != 0 : DRS_ERROR;
}


int
drsw_scan_forget(drsw_ctx_t *ctx, const drsw_access_t *access)
{
    int          rc;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    cmd = drs_key_cmd2("DEL", drsw_redis_prefix(ctx->redis), DRS_KEY_INV_VIEW,
                       drs_str(access->account), drs_str(access->region));
    (void) drs_cmd_key2(cmd, drsw_redis_prefix(ctx->redis), DRS_KEY_INV_ORDER,
                        drs_str(access->account), drs_str(access->region));

    memset(&reply, 0, sizeof(reply));
    rc = drs_cmd_ok(cmd) ? drsw_redis_cmd(ctx->redis, cmd, &reply) : DRS_ERROR;
    drs_cmd_free(cmd);
    drsw_reply_free(&reply);

    return rc;
}
