/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * AC13, AC14, DRS2, DRS12: capacity and limits.  A worker's answer is kept for
 * 30 s in capacity:<scope> and given from there.
 */

#include "ngx_http_drs_api_account.h"

#include "drs_view_capacity.h"


static ngx_int_t ngx_http_drs_capacity_kept(ngx_http_drs_ctx_t *ctx,
                                            redisReply **replies, ngx_uint_t n);
static ngx_int_t
ngx_http_drs_capacity_quotas(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                             ngx_uint_t n);
static ngx_int_t
ngx_http_drs_capacity_limits(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                             ngx_uint_t n);


static drs_cmd_t *
ngx_http_drs_capacity_get(ngx_http_drs_ctx_t *ctx, drs_str_t scope)
{
    return drs_key_cmd1("GET", ngx_http_drs_prefix(ctx), DRS_KEY_CAPACITY,
                        scope);
}


/* -- AC13, AC14 ----------------------------------------------------------- */

ngx_int_t
ngx_http_drs_api_capacity_account(ngx_http_drs_ctx_t *ctx)
{
    json_t              *payload;
    drs_str_t            id;
    ngx_http_drs_calls_t c;

    id = ctx->params[0];

    if (!drs_id_is_account(id)) {
        return ngx_http_drs_error(ctx, DRS_ERR_INVALID_FORMAT,
                                  json_pack("{s:s}", "field", "accountId"),
                                  NULL,
                                  "The account id must have 12 "
                                  "digits.");
    }

    payload = json_object();
    if (ngx_http_drs_defer_json(ctx, payload) != NGX_OK) {
        return NGX_ERROR;
    }

    (void) drs_json_set_str(payload, "accountId", id);
    ctx->state = payload;

    ngx_http_drs_util_calls(&c);
    ngx_http_drs_util_add(&c, ngx_http_drs_capacity_get(ctx, id));

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_capacity_kept);
}


ngx_int_t
ngx_http_drs_api_capacity_all(ngx_http_drs_ctx_t *ctx)
{
    json_t *payload;

    payload = json_object();
    if (ngx_http_drs_defer_json(ctx, payload) != NGX_OK) {
        return NGX_ERROR;
    }

    ctx->state = payload;

    return ngx_http_drs_call1(ctx,
                              ngx_http_drs_capacity_get(ctx, drs_str("all")),
                              ngx_http_drs_capacity_kept);
}


static ngx_int_t
ngx_http_drs_capacity_kept(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                           ngx_uint_t n)
{
    (void) n;

    if (replies[0]->type == REDIS_REPLY_STRING) {
        return ngx_http_drs_reply_raw(ctx, NGX_HTTP_OK,
                                      ngx_http_drs_reply_str(replies[0]));
    }

    return ngx_http_drs_command(ctx, "capacity.get", NULL, ctx->state, 0, 0,
                                ngx_http_drs_command_answer);
}


/* -- DRS2 ----------------------------------------------------------------- */

ngx_int_t
ngx_http_drs_api_drs_quotas(ngx_http_drs_ctx_t *ctx)
{
    size_t          i;
    json_t         *payload;
    drs_str_t       v;
    ngx_int_t       rc;
    drs_model_env_t env;

    static const char *const names[] = { "accountId", "region" };

    payload = json_object();
    if (ngx_http_drs_defer_json(ctx, payload) != NGX_OK) {
        return NGX_ERROR;
    }

    for (i = 0; i < 2; i++) {
        rc = ngx_http_drs_util_query(ctx, names[i], &v);

        if (rc != NGX_OK) {
            return rc == NGX_DECLINED ? NGX_OK : NGX_ERROR;
        }

        if (v.len) {
            (void) drs_json_set_str(payload, names[i], v);
        }
    }

    v = drs_json_field(payload, "accountId");

    if (v.len && !drs_id_is_account(v)) {
        return ngx_http_drs_util_not_found(ctx, DRS_ERR_INVALID_ACCOUNT,
                                           "accountId", v);
    }

    ngx_memzero(&env, sizeof(env));
    v = drs_json_field(payload, "region");

    if (v.len && !drs_model_region_known(&env, v)) {
        return ngx_http_drs_error_param(
            ctx, DRS_ERR_INVALID_PARAMETER, "region",
            json_object_get(payload, "region"), "one of the known Regions",
            "The Region is unknown.");
    }

    ctx->state = payload;

    return ngx_http_drs_call1(ctx, ngx_http_drs_util_get_hub(ctx),
                              ngx_http_drs_capacity_quotas);
}


/* Without accountId it is the own account. */
static ngx_int_t
ngx_http_drs_capacity_quotas(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                             ngx_uint_t n)
{
    json_t         *payload;
    drs_model_env_t env;

    (void) n;
    payload = ctx->state;

    if (drs_json_field(payload, "accountId").len == 0) {
        ngx_http_drs_util_env(ctx, replies[0], &env);

        if (env.own_account.len == 0) {
            return ngx_http_drs_error(ctx, DRS_ERR_SERVICE_UNAVAILABLE, NULL,
                                      NULL,
                                      "The own account is not known "
                                      "yet: no worker has reported it.");
        }

        (void) drs_json_set_str(payload, "accountId", env.own_account);
    }

    return ngx_http_drs_command(ctx, "capacity.quotas", NULL, payload, 0, 0,
                                ngx_http_drs_command_answer);
}


/* -- DRS12 ---------------------------------------------------------------- */

ngx_int_t
ngx_http_drs_api_drs_limits(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_call1(ctx, ngx_http_drs_util_get_hub(ctx),
                              ngx_http_drs_capacity_limits);
}


static ngx_int_t
ngx_http_drs_capacity_limits(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                             ngx_uint_t n)
{
    size_t          i;
    json_t         *v, *list, *doc;
    drs_model_env_t env;

    (void) n;
    ngx_http_drs_util_env(ctx, replies[0], &env);
    doc = ngx_http_drs_util_doc(ctx, replies[0]);
    list = json_copy(json_object_get(doc, "regions"));

    if (json_array_size(list) == 0) {
        json_decref(list);
        list = json_array();

        for (i = 0; i < drs_id_n_default_regions; i++) {
            json_array_append_new(list,
                                  drs_json_new_str(drs_id_default_regions[i]));
        }
    }

    v = json_pack("{s:o, s:s, s:o}", "limits", drs_view_limits(), "mode",
                  env.strict ? "strict" : "queue", "regions", list);

    return ngx_http_drs_reply(ctx, NGX_HTTP_OK, v);
}
