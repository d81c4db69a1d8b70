
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Publishing the inventory of a place for lists of source servers: the module
 * answers them from inv:view and inv:order while they are there.
 */

#include <stdlib.h>
#include <string.h>

#include "drs_view_inv.h"

#include "drsw_scan.h"


#define DRSW_VIEW_CHUNK  500
#define DRSW_VIEW_MIN_MS 5000


/* Commands of one transaction. */
typedef struct {
    drsw_ctx_t          *ctx;
    const drsw_access_t *access;
    drs_cmd_t          **cmds;
    size_t               n;
} drsw_view_t;


static drs_cmd_t *
drsw_view_add(drsw_view_t *v, const char *name, drs_key_t key)
{
    drs_cmd_t *cmd;

    cmd = drs_key_cmd2(name, drsw_redis_prefix(v->ctx->redis), key,
                       drs_str(v->access->account), drs_str(v->access->region));
    v->cmds[v->n++] = cmd;

    return cmd;
}


static int
drsw_view_rows(drsw_view_t *v, const json_t *servers)
{
    int         rc;
    size_t      i;
    json_t     *item;
    drs_buf_t   row, member;
    drs_cmd_t  *view, *order;
    const char *id;

    i = 0;
    rc = DRS_OK;
    view = NULL;
    order = NULL;
    drs_buf_init(&row, 0);
    drs_buf_init(&member, 0);

    json_object_foreach ((json_t *) servers, id, item) {
        drs_buf_reset(&row);
        drs_buf_reset(&member);

        if (drs_inv_row(&row, item, drs_str(v->access->region)) != DRS_OK
            || drs_inv_member(&member, drs_buf_str(&row)) != DRS_OK)
        {
            rc = DRS_ERROR;
            break;
        }

        if (i++ % DRSW_VIEW_CHUNK == 0) {
            view = drsw_view_add(v, "HSET", DRS_KEY_INV_VIEW);
            order = drsw_view_add(v, "ZADD", DRS_KEY_INV_ORDER);
        }

        (void) drs_cmd_addz(view, id);
        (void) drs_cmd_add(view, drs_buf_str(&row));
        (void) drs_cmd_addz(order, "0");
        (void) drs_cmd_add(order, drs_buf_str(&member));
    }

    drs_buf_free(&row);
    drs_buf_free(&member);

    return rc;
}


static int
drsw_view_commands(drsw_view_t *v, const json_t *servers, int64_t at_ms)
{
    int64_t    ttl;
    drs_cmd_t *cmd;

    v->cmds[v->n++] = drs_cmd_words("MULTI", NULL);
    (void) drsw_view_add(v, "DEL", DRS_KEY_INV_VIEW);
    (void) drsw_view_add(v, "DEL", DRS_KEY_INV_ORDER);

    cmd = drsw_view_add(v, "HSET", DRS_KEY_INV_VIEW);
    (void) drs_cmd_addz(cmd, DRS_INV_META);
    (void) drs_cmd_addf(cmd, "{\"at\":%lld,\"liveUntil\":%lld}",
                        (long long) at_ms,
                        (long long) (at_ms + v->ctx->conf->live_scan_ms));

    if (drsw_view_rows(v, servers) != DRS_OK) {
        return DRS_ERROR;
    }

    ttl = at_ms + v->ctx->conf->inventory_fresh_ms - drsw_now_ms(v->ctx);
    ttl = ttl > DRSW_VIEW_MIN_MS ? ttl : DRSW_VIEW_MIN_MS;

    (void) drs_cmd_add_i64(drsw_view_add(v, "PEXPIRE", DRS_KEY_INV_VIEW), ttl);
    (void) drs_cmd_add_i64(drsw_view_add(v, "PEXPIRE", DRS_KEY_INV_ORDER), ttl);
    v->cmds[v->n++] = drs_cmd_words("EXEC", NULL);

    return DRS_OK;
}


int
drsw_scan_publish(drsw_ctx_t *ctx, const drsw_access_t *access,
                  const json_t *servers, int64_t at_ms)
{
    int           rc;
    size_t        i, max;
    drsw_view_t   v;
    drsw_reply_t *replies;

    max = 2 * (json_object_size(servers) / DRSW_VIEW_CHUNK + 1) + 8;
    v.ctx = ctx;
    v.access = access;
    v.cmds = calloc(max, sizeof(drs_cmd_t *));
    v.n = 0;
    replies = calloc(max, sizeof(drsw_reply_t));
    rc = DRS_ERROR;

    if (v.cmds != NULL && replies != NULL) {
        rc = drsw_view_commands(&v, servers, at_ms);
    }

    for (i = 0; i < v.n; i++) {
        rc = drs_cmd_ok(v.cmds[i]) ? rc : DRS_ERROR;
    }

    if (rc == DRS_OK) {
        rc = drsw_redis_pipeline(ctx->redis, v.cmds, v.n, replies);
    }

    for (i = 0; i < v.n; i++) {
        drs_cmd_free(v.cmds[i]);
        drsw_reply_free(&replies[i]);
    }

    free(v.cmds);
    free(replies);

    return rc;
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
drsw_scan_publish_again(drsw_ctx_t *ctx, const drsw_access_t *access,
                        const json_t *servers, int64_t at_ms)
{
    int there;

    there = drsw_scan_published(ctx, access);

    if (there <= 0) {
        return there;
    }

    return drsw_scan_publish(ctx, access, servers, at_ms);
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
