/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * EC1 to EC4: pick lists of EC2 and IAM.  A list is kept in the store for a
 * few minutes; what is not there is asked by the worker.
 */

#include "ngx_http_drs_api_util.h"

#include "drs_view_ec2.h"


typedef struct {
    drs_pick_t pick;
    drs_str_t  region, account, vpc;
} ngx_http_drs_pick_t;


static ngx_int_t ngx_http_drs_pick_hub(ngx_http_drs_ctx_t *ctx,
                                       redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_pick_got(ngx_http_drs_ctx_t *ctx,
                                       redisReply **replies, ngx_uint_t n);


/* NGX_DECLINED: answered. */
static ngx_int_t
ngx_http_drs_pick_query(ngx_http_drs_ctx_t *ctx, ngx_http_drs_pick_t *p)
{
    ngx_int_t       rc;
    drs_model_env_t env;

    rc = ngx_http_drs_util_query(ctx, "region", &p->region);
    rc = rc == NGX_OK ? ngx_http_drs_util_query(ctx, "accountId", &p->account)
                      : rc;

    if (rc == NGX_OK && p->pick == DRS_PICK_GROUPS) {
        rc = ngx_http_drs_util_query(ctx, "vpcId", &p->vpc);
    }

    if (rc != NGX_OK) {
        return rc;
    }

    if (p->region.len == 0) {
        (void) ngx_http_drs_error(ctx, DRS_ERR_MISSING_REGION,
                                  json_pack("{s:s}", "field", "region"),
                                  json_pack("{s:s}", "parameter", "region"),
                                  "The parameter region is required.");
        return NGX_DECLINED;
    }

    ngx_memzero(&env, sizeof(env));

    if (!drs_model_region_known(&env, p->region)) {
        (void) ngx_http_drs_error_param(
            ctx, DRS_ERR_INVALID_PARAMETER, "region", NULL,
            "one of the known Regions", "The Region is unknown.");
        return NGX_DECLINED;
    }

    if (p->account.len && !drs_id_is_account(p->account)) {
        (void) ngx_http_drs_error_param(ctx, DRS_ERR_INVALID_PARAMETER,
                                        "accountId", NULL, "12 digits",
                                        "accountId must have 12 digits.");
        return NGX_DECLINED;
    }

    if (p->vpc.len && !drs_id_is_vpc(p->vpc)) {
        (void) ngx_http_drs_error_param(ctx, DRS_ERR_INVALID_PARAMETER, "vpcId",
                                        NULL, "a VPC id",
                                        "vpcId must be a VPC id.");
        return NGX_DECLINED;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_drs_pick(ngx_http_drs_ctx_t *ctx, drs_pick_t pick)
{
    ngx_int_t            rc;
    ngx_http_drs_pick_t *p;

    p = ngx_pcalloc(ctx->r->pool, sizeof(ngx_http_drs_pick_t));
    if (p == NULL) {
        return NGX_ERROR;
    }

    p->pick = pick;
    ctx->state = p;
    rc = ngx_http_drs_pick_query(ctx, p);

    if (rc != NGX_OK) {
        return rc == NGX_DECLINED ? NGX_OK : NGX_ERROR;
    }

    return ngx_http_drs_call1(ctx, ngx_http_drs_util_get_hub(ctx),
                              ngx_http_drs_pick_hub);
}


static ngx_int_t
ngx_http_drs_pick_command(ngx_http_drs_ctx_t *ctx)
{
    json_t              *payload;
    ngx_int_t            rc;
    ngx_http_drs_pick_t *p;

    p = ctx->state;
    payload = json_pack("{s:s}", "list", drs_pick_name(p->pick));
    (void) drs_json_set_str(payload, "region", p->region);

    if (p->account.len) {
        (void) drs_json_set_str(payload, "accountId", p->account);
    }

    if (p->vpc.len) {
        (void) drs_json_set_str(payload, "vpcId", p->vpc);
    }

    rc = ngx_http_drs_command(ctx, "ec2.pick", NULL, payload, 0, 0,
                              ngx_http_drs_command_answer);
    json_decref(payload);

    return rc;
}


/* Without an account it is the hub's. */
static ngx_int_t
ngx_http_drs_pick_hub(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                      ngx_uint_t n)
{
    drs_str_t            parts[3];
    drs_cmd_t           *cmd;
    drs_model_env_t      env;
    ngx_http_drs_pick_t *p;

    (void) n;
    p = ctx->state;

    if (p->account.len == 0) {
        ngx_http_drs_util_env(ctx, replies[0], &env);
        p->account = ngx_http_drs_copy(ctx, env.own_account);
    }

    if (p->account.len == 0) {
        return ngx_http_drs_pick_command(ctx);
    }

    parts[0] = drs_str(drs_pick_name(p->pick));
    parts[1] = p->account;
    parts[2] = p->region;

    cmd = drs_cmd_words("GET", NULL);
    (void) drs_cmd_key(cmd, ngx_http_drs_prefix(ctx), DRS_KEY_PICK, parts, 3);

    return ngx_http_drs_call1(ctx, cmd, ngx_http_drs_pick_got);
}


static ngx_int_t
ngx_http_drs_pick_got(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                      ngx_uint_t n)
{
    json_t              *body;
    ngx_http_drs_pick_t *p;

    (void) n;
    p = ctx->state;

    if (replies[0]->type != REDIS_REPLY_STRING) {
        return ngx_http_drs_pick_command(ctx);
    }

    if (p->vpc.len == 0) {
        return ngx_http_drs_reply_raw(ctx, NGX_HTTP_OK,
                                      ngx_http_drs_reply_str(replies[0]));
    }

    body = ngx_http_drs_util_doc(ctx, replies[0]);

    if (body == NULL) {
        return ngx_http_drs_pick_command(ctx);
    }

    return ngx_http_drs_util_large(ctx, drs_view_pick_vpc(body, p->vpc));
}


ngx_int_t
ngx_http_drs_api_ec2_subnets(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_pick(ctx, DRS_PICK_SUBNETS);
}


ngx_int_t
ngx_http_drs_api_ec2_groups(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_pick(ctx, DRS_PICK_GROUPS);
}


ngx_int_t
ngx_http_drs_api_ec2_profiles(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_pick(ctx, DRS_PICK_PROFILES);
}


ngx_int_t
ngx_http_drs_api_ec2_types(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_pick(ctx, DRS_PICK_TYPES);
}
