/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "ngx_http_drs_api_account.h"

#include "drs_view_doc.h"


static ngx_int_t ngx_http_drs_account_read(ngx_http_drs_ctx_t *ctx,
                                           redisReply **replies, ngx_uint_t n);
static ngx_int_t
ngx_http_drs_account_written(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                             ngx_uint_t n);


ngx_http_drs_account_t *
ngx_http_drs_account_state(ngx_http_drs_ctx_t *ctx, drs_err_t missing,
                           ngx_int_t *rc)
{
    ngx_http_drs_account_t *a;

    a = ngx_pcalloc(ctx->r->pool, sizeof(ngx_http_drs_account_t));
    if (a == NULL) {
        *rc = NGX_ERROR;
        return NULL;
    }

    a->id = ctx->params[0];
    a->missing = missing;

    if (!drs_id_is_account(a->id)) {
        *rc = ngx_http_drs_account_404(ctx, a);
        return NULL;
    }

    ctx->state = a;

    return a;
}


ngx_int_t
ngx_http_drs_account_404(ngx_http_drs_ctx_t *ctx, ngx_http_drs_account_t *a)
{
    return ngx_http_drs_util_not_found(ctx, a->missing, "accountId", a->id);
}


json_t *
ngx_http_drs_account_view(ngx_http_drs_ctx_t *ctx, const json_t *doc)
{
    return drs_view_account(
        doc, drs_perms_has(ctx->identity.perms, DRS_PERM_MODIFY_ACCOUNTS));
}


void
ngx_http_drs_account_forget(ngx_http_drs_ctx_t *ctx, ngx_http_drs_calls_t *c,
                            drs_str_t id)
{
    drs_cmd_t *cmd;

    cmd = drs_key_cmd1("DEL", ngx_http_drs_prefix(ctx), DRS_KEY_CAPACITY, id);
    (void) drs_cmd_key1(cmd, ngx_http_drs_prefix(ctx), DRS_KEY_CAPACITY,
                        drs_str("all"));
    ngx_http_drs_util_add(c, cmd);
}


ngx_int_t
ngx_http_drs_account_command(ngx_http_drs_ctx_t *ctx, ngx_http_drs_account_t *a,
                             const char *type)
{
    json_t *payload;

    payload = json_object();
    if (ngx_http_drs_defer_json(ctx, payload) != NGX_OK) {
        return NGX_ERROR;
    }

    (void) drs_json_set_str(payload, "accountId", a->id);

    return ngx_http_drs_command(ctx, type, NULL, payload, 0, 0,
                                ngx_http_drs_command_answer);
}


ngx_int_t
ngx_http_drs_account_change(ngx_http_drs_ctx_t *ctx, ngx_http_drs_account_t *a)
{
    ngx_http_drs_calls_t c;

    ngx_http_drs_util_calls(&c);
    ngx_http_drs_util_add(&c, ngx_http_drs_util_get(ctx, DRS_KEY_ACCT, a->id));
    ngx_http_drs_util_add(&c, ngx_http_drs_util_get_hub(ctx));

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_account_read);
}


static ngx_int_t
ngx_http_drs_account_read(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                          ngx_uint_t n)
{
    drs_doc_write_t         w;
    drs_model_env_t         env;
    drs_model_error_t       e;
    ngx_http_drs_calls_t    c;
    ngx_http_drs_account_t *a;

    (void) n;
    a = ctx->state;
    a->old = ngx_http_drs_util_doc(ctx, replies[0]);

    if (a->old == NULL) {
        return ngx_http_drs_account_404(ctx, a);
    }

    ngx_http_drs_util_env(ctx, replies[1], &env);
    drs_model_error_init(&e);

    if (a->model(&e, a, ctx->body, a->old, &env, &a->doc) != DRS_OK) {
        return ngx_http_drs_util_refuse(ctx, &e);
    }

    drs_model_error_free(&e);

    if (ngx_http_drs_defer_json(ctx, a->doc) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_memzero(&w, sizeof(w));
    w.old = a->old;
    w.doc = a->doc;
    w.own_account = env.own_account;
    ngx_http_drs_util_write(ctx, &w, a->action, "account", "accountId",
                            "accountName");

    ngx_http_drs_util_calls(&c);
    ngx_http_drs_util_add(&c, drs_doc_write_account(&w));
    ngx_http_drs_account_forget(ctx, &c, a->id);

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_account_written);
}


static ngx_int_t
ngx_http_drs_account_written(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                             ngx_uint_t n)
{
    json_t                 *fields;
    ngx_int_t               rc;
    drs_answer_t            answer;
    ngx_http_drs_account_t *a;

    (void) n;
    a = ctx->state;
    rc = ngx_http_drs_util_answer(ctx, replies[0], &answer);

    if (rc == NGX_OK) {
        return a->done(ctx, a->doc);
    }

    if (rc != NGX_DECLINED) {
        return NGX_ERROR;
    }

    if (drs_answer_is(&answer, "VERSION_CONFLICT")
        && a->tries++ < NGX_HTTP_DRS_ACCOUNT_TRIES)
    {
        return ngx_http_drs_account_change(ctx, a);
    }

    if (drs_answer_is(&answer, "TARGET_ACCOUNT_NOT_FOUND")) {
        return ngx_http_drs_account_404(ctx, a);
    }

    if (drs_answer_is(&answer, "STAGING_ACCOUNT_EXISTS")) {
        fields = json_object();
        (void) drs_json_set_str(fields, "stagingAccountId",
                                drs_answer_detail(&answer, "field", NULL));
        (void) drs_json_set_str(fields, "targetAccountId",
                                drs_answer_detail(&answer, "owner", NULL));
        return ngx_http_drs_error(ctx, DRS_ERR_STAGING_ACCOUNT_EXISTS, fields,
                                  NULL,
                                  "The staging account belongs to "
                                  "another target account.");
    }

    return ngx_http_drs_store_error(ctx, answer.code, answer.text);
}
