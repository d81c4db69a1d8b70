/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * CF1, CF2: export from the store, import by the worker.
 */

#include "ngx_http_drs_api_util.h"

#include "drs_config_io.h"


#define NGX_HTTP_DRS_IMPORT_MS 25000


typedef struct {
    drs_str_t  region;
    drs_str_t  account;
    ngx_uint_t n_groups;
} ngx_http_drs_export_t;


static ngx_int_t ngx_http_drs_export_ids(ngx_http_drs_ctx_t *ctx,
                                         redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_export_docs(ngx_http_drs_ctx_t *ctx,
                                          redisReply **replies, ngx_uint_t n);


ngx_int_t
ngx_http_drs_api_config_export(ngx_http_drs_ctx_t *ctx)
{
    drs_str_t            p;
    ngx_http_drs_calls_t c;

    p = ngx_http_drs_prefix(ctx);

    ngx_http_drs_util_calls(&c);
    ngx_http_drs_util_add(&c, ngx_http_drs_util_get_hub(ctx));
    ngx_http_drs_util_add(&c, drs_key_cmd0("HKEYS", p, DRS_KEY_PG_VER));
    ngx_http_drs_util_add(&c, drs_key_cmd0("HKEYS", p, DRS_KEY_PLAN_VER));

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_export_ids);
}


/* MGET of all ids of one kind; a harmless read when there are none. */
static drs_cmd_t *
ngx_http_drs_export_mget(ngx_http_drs_ctx_t *ctx, drs_key_t key,
                         const redisReply *ids)
{
    size_t     i;
    drs_str_t  p;
    drs_cmd_t *cmd;

    p = ngx_http_drs_prefix(ctx);

    if (ids->elements == 0) {
        return drs_key_cmd0("HKEYS", p, DRS_KEY_PG_VER);
    }

    cmd = drs_cmd_words("MGET", NULL);

    for (i = 0; i < ids->elements; i++) {
        (void) drs_cmd_key1(cmd, p, key,
                            ngx_http_drs_reply_str(ids->element[i]));
    }

    return cmd;
}


static ngx_int_t
ngx_http_drs_export_ids(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                        ngx_uint_t n)
{
    json_t                *hub;
    ngx_http_drs_calls_t   c;
    ngx_http_drs_export_t *x;

    (void) n;

    x = ngx_pcalloc(ctx->r->pool, sizeof(ngx_http_drs_export_t));
    if (x == NULL) {
        return NGX_ERROR;
    }

    hub = ngx_http_drs_util_doc(ctx, replies[0]);
    x->region = drs_json_field(hub, "region");
    x->account = drs_json_field(hub, "accountId");
    ctx->state = x;

    ngx_http_drs_util_calls(&c);
    ngx_http_drs_util_add(
        &c, ngx_http_drs_export_mget(ctx, DRS_KEY_PG, replies[1]));
    ngx_http_drs_util_add(
        &c, ngx_http_drs_export_mget(ctx, DRS_KEY_PLAN, replies[2]));

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_export_docs);
}


static json_t *
ngx_http_drs_export_list(ngx_http_drs_ctx_t *ctx, const redisReply *docs,
                         const char *id_field)
{
    size_t  i;
    json_t *list, *doc;

    list = json_array();
    if (list == NULL || ngx_http_drs_defer_json(ctx, list) != NGX_OK) {
        return NULL;
    }

    for (i = 0; i < docs->elements; i++) {
        doc = ngx_http_drs_util_doc(ctx, docs->element[i]);

        /* bare ids stand for an empty list */
        if (doc != NULL && json_object_get(doc, id_field) != NULL) {
            json_array_append(list, doc);
        }
    }

    return list;
}


static ngx_int_t
ngx_http_drs_export_docs(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                         ngx_uint_t n)
{
    ngx_http_drs_export_t *x;
    drs_config_export_t    in;

    (void) n;
    x = ctx->state;

    ngx_memzero(&in, sizeof(in));
    in.groups = ngx_http_drs_export_list(ctx, replies[0], "groupId");
    in.plans = ngx_http_drs_export_list(ctx, replies[1], "planId");

    if (in.groups == NULL || in.plans == NULL) {
        return NGX_ERROR;
    }

    in.exported_by = ngx_http_drs_util_user(ctx);
    in.region = x->region.len ? x->region : drs_str("");
    in.account = x->account.len ? x->account : drs_str("");
    in.now_s = ngx_http_drs_now_ms() / 1000;

    if (in.exported_by.len == 0) {
        in.exported_by = drs_str("unknown");
    }

    return ngx_http_drs_reply(ctx, NGX_HTTP_OK, drs_config_export(&in));
}


ngx_int_t
ngx_http_drs_api_config_import(ngx_http_drs_ctx_t *ctx)
{
    json_t             *none, *payload, *config;
    drs_str_t           v;
    ngx_int_t           rc;
    const char         *id;
    drs_model_error_t   e;
    drs_config_import_t in;

    rc = ngx_http_drs_util_query(ctx, "dryRun", &v);
    if (rc != NGX_OK) {
        return rc == NGX_DECLINED ? NGX_OK : NGX_ERROR;
    }

    drs_model_error_init(&e);
    rc = drs_config_parse(&e, ctx->body, drs_str_eq(v, drs_str("true")), &in,
                          &none);

    if (ngx_http_drs_defer_json(ctx, none) != NGX_OK) {
        drs_model_error_free(&e);
        return NGX_ERROR;
    }

    if (rc != DRS_OK) {
        return ngx_http_drs_util_refuse(ctx, &e);
    }

    drs_model_error_free(&e);

    id = ngx_http_drs_uuid(ctx);
    if (id == NULL) {
        return NGX_ERROR;
    }

    config = json_object_get(ctx->body, "config");
    if (config == NULL) {
        config = ctx->body;
    }

    payload = json_pack("{s:O, s:b, s:s}", "config", config, "dryRun",
                        in.dry_run, "correlationId", id);
    rc = ngx_http_drs_command(ctx, "config.import", NULL, payload, 0,
                              NGX_HTTP_DRS_IMPORT_MS,
                              ngx_http_drs_command_answer);
    json_decref(payload);

    return rc;
}
