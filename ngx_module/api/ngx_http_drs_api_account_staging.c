/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * AC8 to AC12: staging accounts of a target account.
 */

#include "ngx_http_drs_api_account.h"

#include "drs_view_doc.h"


static ngx_int_t
ngx_http_drs_staging_changed(ngx_http_drs_ctx_t *ctx, json_t *doc);
static ngx_int_t ngx_http_drs_staging_known(ngx_http_drs_ctx_t *ctx,
                                            redisReply **replies, ngx_uint_t n);


/* -- AC8 ------------------------------------------------------------------- */

ngx_int_t
ngx_http_drs_api_staging_validate(ngx_http_drs_ctx_t *ctx)
{
    drs_str_t               id;
    drs_model_env_t         env;
    drs_model_error_t       e;
    ngx_http_drs_calls_t    c;
    ngx_http_drs_account_t *a;

    a = ngx_pcalloc(ctx->r->pool, sizeof(ngx_http_drs_account_t));
    if (a == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(&env, sizeof(env));
    drs_model_error_init(&e);

    if (drs_model_staging_validate(&e, ctx->body, &env, &a->request) != DRS_OK)
    {
        return ngx_http_drs_util_refuse(ctx, &e);
    }

    drs_model_error_free(&e);

    if (ngx_http_drs_defer_json(ctx, a->request) != NGX_OK) {
        return NGX_ERROR;
    }

    ctx->state = a;
    id = drs_json_field(a->request, "accountId");

    ngx_http_drs_util_calls(&c);
    ngx_http_drs_util_add(
        &c, drs_key_cmd1("EXISTS", ngx_http_drs_prefix(ctx), DRS_KEY_ACCT, id));
    ngx_http_drs_util_add(&c, drs_key_cmd0("HGET", ngx_http_drs_prefix(ctx),
                                           DRS_KEY_STAGING_OWNER));
    if (c.n == 2) {
        (void) drs_cmd_add(c.cmds[1], id);
    }
    ngx_http_drs_util_add(&c, ngx_http_drs_util_get_hub(ctx));

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_staging_known);
}


/* An account that is not stored yet takes the right to register one. */
static ngx_int_t
ngx_http_drs_staging_known(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                           ngx_uint_t n)
{
    int64_t                 exists;
    drs_model_env_t         env;
    ngx_http_drs_account_t *a;

    (void) n;
    a = ctx->state;
    ngx_http_drs_util_env(ctx, replies[2], &env);

    if (ngx_http_drs_reply_int(replies[0], &exists) != DRS_OK) {
        return NGX_ERROR;
    }

    if (!exists && replies[1]->type != REDIS_REPLY_STRING
        && !drs_str_eq(drs_json_field(a->request, "accountId"), env.own_account)
        && !drs_perms_has(ctx->identity.perms, DRS_PERM_REGISTER_ACCOUNTS))
    {
        return ngx_http_drs_forbidden(ctx,
                                      drs_perm_bit(DRS_PERM_REGISTER_ACCOUNTS));
    }

    return ngx_http_drs_command(ctx, "staging.validate", NULL, a->request, 0, 0,
                                ngx_http_drs_command_answer);
}


/* -- AC9, AC10 ------------------------------------------------------------ */

static ngx_int_t
ngx_http_drs_staging_changed(ngx_http_drs_ctx_t *ctx, json_t *doc)
{
    json_t                 *view, *v;
    ngx_http_drs_account_t *a;

    a = ctx->state;
    view = ngx_http_drs_account_view(ctx, doc);
    v = json_pack("{s:b, s:s, s:O}", "success", 1, "message",
                  a->staging.len ? "The staging account was removed."
                                 : "The staging account was added.",
                  "stagingAccounts", json_object_get(view, "stagingAccounts"));
    json_decref(view);

    return ngx_http_drs_reply(ctx, NGX_HTTP_OK, v);
}


static int
ngx_http_drs_staging_add_model(drs_model_error_t *e, ngx_http_drs_account_t *a,
                               const json_t *body, const json_t *old,
                               const drs_model_env_t *env, json_t **doc)
{
    (void) a;

    return drs_model_staging_add(e, body, old, env, doc);
}


static int
ngx_http_drs_staging_remove_model(drs_model_error_t      *e,
                                  ngx_http_drs_account_t *a, const json_t *body,
                                  const json_t *old, const drs_model_env_t *env,
                                  json_t **doc)
{
    (void) body;

    return drs_model_staging_remove(e, a->staging, old, env, doc);
}


ngx_int_t
ngx_http_drs_api_staging_add(ngx_http_drs_ctx_t *ctx)
{
    ngx_int_t               rc;
    ngx_http_drs_account_t *a;

    a = ngx_http_drs_account_state(ctx, DRS_ERR_TARGET_ACCOUNT_UNKNOWN, &rc);
    if (a == NULL) {
        return rc;
    }

    a->action = "account.staging_add";
    a->model = ngx_http_drs_staging_add_model;
    a->done = ngx_http_drs_staging_changed;

    return ngx_http_drs_account_change(ctx, a);
}


ngx_int_t
ngx_http_drs_api_staging_remove(ngx_http_drs_ctx_t *ctx)
{
    ngx_int_t               rc;
    ngx_http_drs_account_t *a;

    a = ngx_http_drs_account_state(ctx, DRS_ERR_TARGET_ACCOUNT_NOT_FOUND, &rc);
    if (a == NULL) {
        return rc;
    }

    a->staging = ctx->params[1];
    a->action = "account.staging_remove";
    a->model = ngx_http_drs_staging_remove_model;
    a->done = ngx_http_drs_staging_changed;

    return ngx_http_drs_account_change(ctx, a);
}


/* -- AC11, AC12 ----------------------------------------------------------- */

ngx_int_t
ngx_http_drs_api_staging_discover(ngx_http_drs_ctx_t *ctx)
{
    ngx_int_t               rc;
    ngx_http_drs_account_t *a;

    a = ngx_http_drs_account_state(ctx, DRS_ERR_TARGET_ACCOUNT_UNKNOWN, &rc);
    if (a == NULL) {
        return rc;
    }

    return ngx_http_drs_account_command(ctx, a, "staging.discover");
}


ngx_int_t
ngx_http_drs_api_staging_sync(ngx_http_drs_ctx_t *ctx)
{
    ngx_int_t               rc;
    ngx_http_drs_account_t *a;

    a = ngx_http_drs_account_state(ctx, DRS_ERR_TARGET_ACCOUNT_UNKNOWN, &rc);
    if (a == NULL) {
        return rc;
    }

    return ngx_http_drs_account_command(ctx, a, "staging.sync");
}
