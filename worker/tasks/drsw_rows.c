/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_store_inv.h"
#include "drs_view_inv.h"

#include "drsw_rows.h"
#include "drsw_source.h"


#define DRSW_ROWS_CHUNK   500      /* rows of one command */
#define DRSW_ROWS_NEW_MS  "600000" /* rows that nobody puts in place */
#define DRSW_ROWS_VIEW_MS 5000     /* rows for lists live at least so long */


void
drsw_rows_init(drsw_rows_t *r, drsw_ctx_t *ctx, const drsw_access_t *access)
{
    static atomic_ullong number;

    memset(r, 0, sizeof(*r));
    r->ctx = ctx;
    r->access = access;
    (void) snprintf(r->token, sizeof(r->token), "%s:%llu", ctx->owner,
                    (unsigned long long) atomic_fetch_add(&number, 1));
}


void
drsw_rows_free(drsw_rows_t *r)
{
    while (r->n > 0) {
        drs_cmd_free(r->cmds[--r->n]);
    }

    free(r->cmds);
    r->cmds = NULL;
}


/* The command is owned by r; NULL without memory. */
static drs_cmd_t *
drsw_rows_add(drsw_rows_t *r, const char *name, drs_key_t key)
{
    size_t      cap;
    drs_str_t   p;
    drs_cmd_t **cmds;

    if (r->n == r->cap) {
        cap = r->cap > 0 ? 2 * r->cap : 16;
        cmds = realloc(r->cmds, cap * sizeof(drs_cmd_t *));

        if (cmds == NULL) {
            return NULL;
        }

        r->cmds = cmds;
        r->cap = cap;
    }

    p = drsw_redis_prefix(r->ctx->redis);
    r->cmds[r->n] =
        drs_key_parts(key) == 1
            ? drs_key_cmd1(name, p, key, drs_str(r->token))
            : drs_key_cmd2(name, p, key, drs_str(r->access->account),
                           drs_str(r->access->region));

    return r->cmds[r->n++];
}


/* Rows of a token go by themselves when their writer has died. */
static int
drsw_rows_expire(drsw_rows_t *r, drs_key_t key)
{
    return drs_cmd_addz(drsw_rows_add(r, "PEXPIRE", key), DRSW_ROWS_NEW_MS);
}


int
drsw_rows_items(drsw_rows_t *r, const json_t *servers, drs_key_t key)
{
    int         rc;
    char       *text;
    size_t      len, i;
    json_t     *server;
    drs_cmd_t  *cmd;
    const char *id;

    rc = DRS_OK;
    cmd = NULL;
    i = 0;

    json_object_foreach ((json_t *) servers, id, server) {
        if (i++ % DRSW_ROWS_CHUNK == 0) {
            cmd = drsw_rows_add(r, "HSET", key);
        }

        text = drs_json_text(server, &len);

        if (text == NULL || drs_cmd_addz(cmd, id) != DRS_OK
            || drs_cmd_addn(cmd, text, len) != DRS_OK)
        {
            rc = DRS_ERROR;
        }

        free(text);
    }

    if (rc == DRS_OK && i > 0 && key == DRS_KEY_INV_NEW) {
        rc = drsw_rows_expire(r, key);
    }

    return rc;
}


static int
drsw_rows_servers(drsw_rows_t *r, const json_t *servers, const json_t *sources)
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

        if (drs_inv_row(&row, item, drs_str(r->access->region),
                        json_object_get(sources, id))
                != DRS_OK
            || drs_inv_member(&member, drs_buf_str(&row)) != DRS_OK)
        {
            rc = DRS_ERROR;
            break;
        }

        if (i++ % DRSW_ROWS_CHUNK == 0) {
            view = drsw_rows_add(r, "HSET", DRS_KEY_INV_NEW_VIEW);
            order = drsw_rows_add(r, "ZADD", DRS_KEY_INV_NEW_ORDER);
        }

        (void) drs_cmd_addz(view, id);
        (void) drs_cmd_add(view, drs_buf_str(&row));
        (void) drs_cmd_addz(order, "0");
        (void) drs_cmd_add(order, drs_buf_str(&member));
    }

    drs_buf_free(&row);
    drs_buf_free(&member);

    return rc == DRS_OK && i > 0 ? drsw_rows_expire(r, DRS_KEY_INV_NEW_ORDER)
                                 : rc;
}


int
drsw_rows_view(drsw_rows_t *r, const json_t *servers, int64_t at_ms)
{
    int        rc;
    json_t    *sources;
    drs_cmd_t *cmd;

    cmd = drsw_rows_add(r, "HSET", DRS_KEY_INV_NEW_VIEW);
    (void) drs_cmd_addz(cmd, DRS_INV_META);
    (void) drs_cmd_addf(cmd, "{\"at\":%lld,\"liveUntil\":%lld}",
                        (long long) at_ms,
                        (long long) (at_ms + r->ctx->conf->live_scan_ms));
    r->ttl_ms = at_ms + r->ctx->conf->inventory_fresh_ms - drsw_now_ms(r->ctx);

    if (r->ttl_ms < DRSW_ROWS_VIEW_MS) {
        r->ttl_ms = DRSW_ROWS_VIEW_MS;
    }

    rc = drsw_rows_expire(r, DRS_KEY_INV_NEW_VIEW);
    sources = NULL;
    rc = (rc == DRS_OK) ? drsw_source_load(r->ctx, r->access, &sources) : rc;
    rc = (rc == DRS_OK) ? drsw_rows_servers(r, servers, sources) : rc;
    json_decref(sources);

    return rc;
}


int
drsw_rows_write(drsw_rows_t *r)
{
    int           rc;
    size_t        i;
    drsw_reply_t *replies;

    replies = calloc(r->n + 1, sizeof(drsw_reply_t));
    rc = replies != NULL ? DRS_OK : DRS_ERROR;

    for (i = 0; i < r->n; i++) {
        rc = drs_cmd_ok(r->cmds[i]) ? rc : DRS_ERROR;
    }

    rc = (rc == DRS_OK)
             ? drsw_redis_pipeline(r->ctx->redis, r->cmds, r->n, replies)
             : rc;

    for (i = 0; replies != NULL && i < r->n; i++) {
        drsw_reply_free(&replies[i]);
    }

    free(replies);

    return rc;
}


static int
drsw_rows_place(drsw_rows_t *r, drs_cmd_t *cmd)
{
    int          rc;
    drs_str_t    word;
    drs_answer_t a;
    drsw_reply_t reply;

    memset(&a, 0, sizeof(a));
    memset(&reply, 0, sizeof(reply));
    rc = drsw_store_call(r->ctx, cmd, &reply, &a);

    word = drs_answer_str(&a, 0);

    if (rc == DRS_OK && drs_str_eqz(word, "late")) {
        rc = DRS_AGAIN;

    } else if (rc != DRS_OK || !drs_str_eqz(word, "stored")) {
        drsw_error(r->ctx->log, "inventory of %s %s is not stored: %.*s",
                   r->access->account, r->access->region,
                   DRS_STR_ARG(rc == DRS_OK ? word : a.text));
        rc = DRS_ERROR;
    }

    drsw_reply_free(&reply);

    return rc;
}


static void
drsw_rows_where(const drsw_rows_t *r, int64_t at_ms, drs_inv_put_t *v)
{
    memset(v, 0, sizeof(*v));
    v->account = drs_str(r->access->account);
    v->region = drs_str(r->access->region);
    v->token = drs_str(r->token);
    v->at = at_ms;
    v->ttl_ms = r->ttl_ms;
}


int
drsw_rows_put(drsw_rows_t *r, size_t n, int64_t at_ms)
{
    drs_inv_put_t v;

    drsw_rows_where(r, at_ms, &v);
    v.servers = n;

    return drsw_rows_place(
        r, drs_store_inv_put(drsw_redis_prefix(r->ctx->redis), &v));
}


int
drsw_rows_show(drsw_rows_t *r, int64_t at_ms)
{
    drs_inv_put_t v;

    drsw_rows_where(r, at_ms, &v);

    return drsw_rows_place(
        r, drs_store_inv_show(drsw_redis_prefix(r->ctx->redis), &v));
}
