
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drsw_note.h"
#include "drsw_region.h"
#include "drsw_rows.h"
#include "drsw_scan.h"


void
drsw_scan_free(drsw_scan_t *scan)
{
    json_decref(scan->servers);
    scan->servers = NULL;
}


static int
drsw_scan_cmp(const void *a, const void *b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}


json_t *
drsw_scan_match(const json_t *servers, const json_t *tags)
{
    size_t      i, n;
    json_t     *list, *server;
    const char *id, **ids;

    list = json_array();
    n = 0;
    ids = malloc((json_object_size(servers) + 1) * sizeof(char *));

    if (list == NULL || ids == NULL) {
        json_decref(list);
        free(ids);
        return NULL;
    }

    json_object_foreach ((json_t *) servers, id, server) {
        if (drsw_scan_usable(server)
            && drs_model_tags_match(tags, json_object_get(server, "tags")))
        {
            ids[n++] = id;
        }
    }

    qsort(ids, n, sizeof(char *), drsw_scan_cmp);

    for (i = 0; i < n; i++) {
        (void) json_array_append_new(list, json_string(ids[i]));
    }

    free(ids);
    return list;
}


/* Reads inv:meta: 0 when there is no inventory. */
static int
drsw_scan_age(drsw_ctx_t *ctx, const drsw_access_t *access, int64_t *at)
{
    int          rc;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    *at = 0;
    cmd = drs_cmd_new();
    (void) drs_cmd_addz(cmd, "HGET");
    (void) drs_cmd_key2(cmd, drsw_redis_prefix(ctx->redis), DRS_KEY_INV_META,
                        drs_str(access->account), drs_str(access->region));
    (void) drs_cmd_addz(cmd, "at");

    memset(&reply, 0, sizeof(reply));
    rc = drs_cmd_ok(cmd) ? drsw_redis_cmd(ctx->redis, cmd, &reply) : DRS_ERROR;
    drs_cmd_free(cmd);

    if (rc == DRS_OK && reply.r.n > 0
        && drs_str_i64(reply.r.v[0], at) != DRS_OK) {
        *at = 0;
    }

    drsw_reply_free(&reply);
    return rc;
}


static int
drsw_scan_load(drsw_ctx_t *ctx, const drsw_access_t *access, json_t **servers)
{
    int          rc;
    size_t       i;
    char        *id;
    json_t      *item;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    cmd = drs_cmd_new();
    (void) drs_cmd_addz(cmd, "HGETALL");
    (void) drs_cmd_key2(cmd, drsw_redis_prefix(ctx->redis), DRS_KEY_INV,
                        drs_str(access->account), drs_str(access->region));

    memset(&reply, 0, sizeof(reply));
    *servers = json_object();
    rc = (drs_cmd_ok(cmd) && *servers != NULL)
             ? drsw_redis_cmd(ctx->redis, cmd, &reply)
             : DRS_ERROR;
    drs_cmd_free(cmd);

    for (i = 0; rc == DRS_OK && i + 1 < reply.r.n; i += 2) {
        id = drs_str_dup(reply.r.v[i]);
        item = drs_json_parse(reply.r.v[i + 1], &drs_json_store_limits, NULL);

        if (id == NULL || item == NULL
            || json_object_set_new(*servers, id, item) != 0) {
            rc = DRS_ERROR;
        }

        free(id);
    }

    drsw_reply_free(&reply);

    if (rc != DRS_OK) {
        json_decref(*servers);
        *servers = NULL;
    }

    return rc;
}


/* 1: an answer to a later question is there already. */
static int
drsw_scan_outrun(drsw_ctx_t *ctx, const drsw_access_t *access, int64_t at,
                 int *outrun)
{
    int     rc;
    int64_t stored;

    rc = drsw_scan_age(ctx, access, &stored);
    *outrun = (stored > at);

    return rc;
}


/* What DRS said of servers one by one, besides what is there. */
static int
drsw_scan_add(drsw_ctx_t *ctx, const drsw_access_t *access,
              const json_t *servers)
{
    int         rc;
    drsw_rows_t r;

    drsw_rows_init(&r, ctx, access);
    rc = drsw_rows_items(&r, servers, DRS_KEY_INV);
    rc = (rc == DRS_OK) ? drsw_rows_write(&r) : rc;
    drsw_rows_free(&r);

    return rc;
}


/* Replaces the inventory, and what lists are answered from if that is there. */
static int
drsw_scan_store(drsw_ctx_t *ctx, const drsw_access_t *access,
                const json_t *servers, int64_t at)
{
    int         rc, shown;
    drsw_rows_t r;

    drsw_rows_init(&r, ctx, access);
    rc = drsw_rows_items(&r, servers, DRS_KEY_INV_NEW);
    shown = drsw_scan_published(ctx, access);
    rc = (shown < 0) ? DRS_ERROR : rc;

    if (rc == DRS_OK && shown) {
        rc = drsw_rows_view(&r, servers, at);
    }

    rc = (rc == DRS_OK) ? drsw_rows_write(&r) : rc;
    rc = (rc == DRS_OK) ? drsw_rows_put(&r, json_object_size(servers), at) : rc;
    drsw_rows_free(&r);

    return rc == DRS_AGAIN ? DRS_OK : rc;
}


static json_t *
drsw_scan_index(const json_t *items)
{
    size_t    i;
    json_t   *item, *servers;
    drs_str_t id;

    servers = json_object();

    json_array_foreach (items, i, item) {
        id = drs_json_field(item, "sourceServerID");

        if (id.len > 0) {
            (void) json_object_set(servers, id.data, item);
        }
    }

    return servers;
}


int
drsw_scan_took(drsw_ctx_t *ctx, const drsw_access_t *access,
               const json_t *items, const drsw_aws_result_t *res, int64_t at_ms,
               drsw_scan_t *scan)
{
    int rc, outrun;

    memset(scan, 0, sizeof(*scan));
    scan->at_ms = at_ms;
    scan->class = res->class;

    if (scan->class != DRSW_AWS_OK) {
        scan->code = drsw_aws_error_code(res);
        scan->status = drsw_region_status(res);
        drsw_aws_explain(access, "reading the source servers", res, scan->text,
                         sizeof(scan->text));
        rc = drsw_region_note(ctx, access->account, access->region, res, NULL,
                              at_ms);
        rc = (rc == DRS_OK) ? drsw_scan_forget(ctx, access) : rc;
        return rc == DRS_OK ? DRS_DECLINED : rc;
    }

    scan->servers = drsw_scan_index(items);

    if (scan->servers == NULL) {
        return DRS_ERROR;
    }

    scan->live = 1;
    rc = drsw_scan_outrun(ctx, access, at_ms, &outrun);

    if (rc == DRS_OK && !outrun) {
        rc = drsw_note_stalled(ctx, access->account, access->region,
                               scan->servers, at_ms);
        rc = (rc == DRS_OK) ? drsw_scan_store(ctx, access, scan->servers, at_ms)
                            : rc;
        rc = (rc == DRS_OK)
                 ? drsw_region_note(ctx, access->account, access->region, res,
                                    scan->servers, at_ms)
                 : rc;
    }

    if (rc != DRS_OK) {
        drsw_scan_free(scan);
    }

    return rc;
}


int
drsw_scan_refresh(drsw_ctx_t *ctx, const drsw_access_t *access,
                  drsw_scan_t *scan)
{
    int               rc;
    json_t           *items;
    int64_t           at;
    drsw_region_t     state;
    drsw_aws_result_t res;

    at = drsw_now_ms(ctx);
    items = NULL;

    (void) drsw_drs_describe_source_servers(ctx->aws, &access->aws, NULL,
                                            &items, &res);

    rc = drsw_scan_took(ctx, access, items, &res, at, scan);
    json_decref(items);

    if (rc == DRS_DECLINED) {
        memset(&state, 0, sizeof(drsw_region_t));
        (void) snprintf(state.status, sizeof(state.status), "%s", scan->status);

        if (drsw_region_is_closed(&state)) {
            drsw_info(ctx->log, "%s", scan->text); /* most Regions are */
        } else {
            drsw_warn(ctx->log, "%s", scan->text);
        }
    }

    return rc;
}


int
drsw_scan(drsw_ctx_t *ctx, const drsw_access_t *access, int64_t max_age_ms,
          int64_t fallback_ms, drsw_scan_t *scan)
{
    int     rc;
    int64_t at, age;

    memset(scan, 0, sizeof(*scan));

    rc = drsw_scan_age(ctx, access, &at);

    if (rc != DRS_OK) {
        return rc;
    }

    if (max_age_ms == 0) {
        max_age_ms = ctx->conf->live_scan_ms;
    }

    age = drsw_now_ms(ctx) - at;

    if (at == 0 || age > max_age_ms) {
        rc = drsw_scan_refresh(ctx, access, scan);

        if (rc != DRS_DECLINED || at == 0 || age > fallback_ms) {
            return rc;
        }

        drsw_notice(ctx->log,
                    "the inventory of %s %s, %lld s old, serves "
                    "instead",
                    access->account, access->region, (long long) (age / 1000));
    }

    rc = drsw_scan_load(ctx, access, &scan->servers);

    if (rc == DRS_OK) {
        scan->at_ms = at;
        scan->live = (age <= ctx->conf->live_scan_ms);
    }

    return rc;
}


int
drsw_scan_ids(drsw_ctx_t *ctx, const drsw_access_t *access, const json_t *ids,
              drsw_scan_t *scan)
{
    int               rc;
    json_t           *filters, *items, *found;
    drsw_aws_result_t res;

    if (json_array_size(ids) == 0) {
        return DRS_OK;
    }

    filters = json_pack("{s:O}", "sourceServerIDs", ids);

    if (filters == NULL) {
        return DRS_ERROR;
    }

    scan->class = drsw_drs_describe_source_servers(ctx->aws, &access->aws,
                                                   filters, &items, &res);
    json_decref(filters);

    if (scan->class == DRSW_AWS_NOT_FOUND) {
        return DRS_OK;
    }

    if (scan->class != DRSW_AWS_OK) {
        scan->code = drsw_aws_error_code(&res);
        scan->status = drsw_region_status(&res);
        drsw_aws_explain(access, "reading the source servers", &res, scan->text,
                         sizeof(scan->text));
        return DRS_DECLINED;
    }

    found = drsw_scan_index(items);
    json_decref(items);

    if (found == NULL) {
        return DRS_ERROR;
    }

    if (scan->servers == NULL) {
        scan->servers = json_object();
    }

    (void) json_object_update(scan->servers, found);
    rc = (json_object_size(found) > 0) ? drsw_scan_add(ctx, access, found)
                                       : DRS_OK;
    rc = (rc == DRS_OK && json_object_size(found) > 0)
             ? drsw_scan_forget(ctx, access)
             : rc;
    json_decref(found);
    return rc;
}
