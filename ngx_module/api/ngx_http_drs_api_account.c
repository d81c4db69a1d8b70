/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * AC1, AC2, AC3: the hub's own account and the target accounts.
 */

#include "ngx_http_drs_api_util.h"

#include "drs_model_account.h"
#include "drs_view_doc.h"


static ngx_int_t ngx_http_drs_account_hub(ngx_http_drs_ctx_t *ctx,
                                          redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_account_named(ngx_http_drs_ctx_t *ctx,
                                            redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_account_ids(ngx_http_drs_ctx_t *ctx,
                                          redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_account_docs(ngx_http_drs_ctx_t *ctx,
                                           redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_account_model(ngx_http_drs_ctx_t *ctx,
                                            redisReply **replies, ngx_uint_t n);
static ngx_int_t
ngx_http_drs_account_stored(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                            ngx_uint_t n);


ngx_int_t
ngx_http_drs_api_account_current(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_call1(ctx, ngx_http_drs_util_get_hub(ctx),
                              ngx_http_drs_account_hub);
}


static ngx_int_t
ngx_http_drs_account_hub(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                         ngx_uint_t n)
{
    drs_str_t       id;
    drs_model_env_t env;

    (void) n;
    ngx_http_drs_util_env(ctx, replies[0], &env);

    if (env.own_account.len == 0) {
        return ngx_http_drs_error(ctx, DRS_ERR_SERVICE_UNAVAILABLE, NULL, NULL,
                                  "The own account is not known yet: no "
                                  "worker has reported it.");
    }

    id = ngx_http_drs_copy(ctx, env.own_account);
    ctx->state = (void *) id.data;

    return ngx_http_drs_call1(ctx, ngx_http_drs_util_get(ctx, DRS_KEY_ACCT, id),
                              ngx_http_drs_account_named);
}


static ngx_int_t
ngx_http_drs_account_named(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                           ngx_uint_t n)
{
    char      name[32];
    json_t   *doc, *v;
    drs_str_t s;

    (void) n;
    doc = ngx_http_drs_util_doc(ctx, replies[0]);
    s = drs_json_field(doc, "accountName");

    (void) ngx_snprintf((u_char *) name, sizeof(name), "Account %s%Z",
                        ctx->state);

    v = json_pack("{s:s, s:o, s:b}", "accountId", (const char *) ctx->state,
                  "accountName",
                  s.len ? drs_json_new_str(s) : json_string(name),
                  "isCurrentAccount", 1);

    return ngx_http_drs_reply(ctx, NGX_HTTP_OK, v);
}


ngx_int_t
ngx_http_drs_api_account_list(ngx_http_drs_ctx_t *ctx)
{
    drs_cmd_t *cmd;

    cmd = drs_key_cmd0("HKEYS", ngx_http_drs_prefix(ctx), DRS_KEY_ACCT_VER);

    return ngx_http_drs_call1(ctx, cmd, ngx_http_drs_account_ids);
}


static ngx_int_t
ngx_http_drs_account_ids(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                         ngx_uint_t n)
{
    size_t               i;
    ngx_http_drs_calls_t c;

    (void) n;

    if (replies[0]->elements == 0) {
        return ngx_http_drs_reply(ctx, NGX_HTTP_OK, json_array());
    }

    ngx_http_drs_util_calls(&c);

    for (i = 0; i < replies[0]->elements && i < NGX_HTTP_DRS_CALL_MAX; i++) {
        ngx_http_drs_util_add(
            &c, ngx_http_drs_util_get(
                    ctx, DRS_KEY_ACCT,
                    ngx_http_drs_reply_str(replies[0]->element[i])));
    }

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_account_docs);
}


static ngx_int_t
ngx_http_drs_account_docs(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                          ngx_uint_t n)
{
    json_t    *list, *sorted, *doc, *none;
    ngx_uint_t i;

    list = json_array();

    /* the edit form is filled from them: the own account has them, empty */

    none = json_pack("{s:s, s:s, s:s}", "roleArn", "", "crossAccountRoleArn",
                     "", "assumeRoleName", "");

    for (i = 0; i < n; i++) {
        doc = ngx_http_drs_util_doc(ctx, replies[i]);

        if (doc != NULL) {
            doc = drs_view_account(doc, 0);
            (void) json_object_update_missing(doc, none);
            json_array_append_new(list, doc);
        }
    }

    json_decref(none);

    sorted = drs_view_accounts_sorted(list);
    json_decref(list);

    return ngx_http_drs_reply(ctx, NGX_HTTP_OK, sorted);
}


ngx_int_t
ngx_http_drs_api_account_create(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_call1(ctx, ngx_http_drs_util_get_hub(ctx),
                              ngx_http_drs_account_model);
}


static ngx_int_t
ngx_http_drs_account_model(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                           ngx_uint_t n)
{
    json_t              *doc;
    drs_doc_write_t      w;
    drs_model_env_t      env;
    drs_model_error_t    e;
    ngx_http_drs_calls_t c;

    (void) n;
    ngx_http_drs_util_env(ctx, replies[0], &env);
    drs_model_error_init(&e);

    if (drs_model_account_create(&e, ctx->body, &env, &doc) != DRS_OK) {
        return ngx_http_drs_util_refuse(ctx, &e);
    }

    drs_model_error_free(&e);
    ctx->state = doc;

    if (ngx_http_drs_defer_json(ctx, doc) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_memzero(&w, sizeof(w));
    w.doc = doc;
    w.own_account = env.own_account;
    ngx_http_drs_util_write(ctx, &w, "account.create", "account", "accountId",
                            "accountName");

    ngx_http_drs_util_calls(&c);
    ngx_http_drs_util_add(
        &c, drs_key_cmd0("HLEN", ngx_http_drs_prefix(ctx), DRS_KEY_ACCT_VER));
    ngx_http_drs_util_add(&c, drs_doc_write_account(&w));

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_account_stored);
}


static ngx_int_t
ngx_http_drs_account_stored(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                            ngx_uint_t n)
{
    int64_t      count;
    json_t      *doc, *v;
    ngx_int_t    rc;
    drs_answer_t a;

    (void) n;
    doc = ctx->state;
    rc = ngx_http_drs_util_answer(ctx, replies[1], &a);

    if (rc == NGX_DECLINED) {
        if (drs_answer_is(&a, "ACCOUNT_EXISTS")
            || drs_answer_is(&a, "ALREADY_EXISTS")) {
            return ngx_http_drs_util_not_found(
                ctx, DRS_ERR_ACCOUNT_EXISTS, "accountId",
                drs_json_field(doc, "accountId"));
        }

        return ngx_http_drs_store_error(ctx, a.code, a.text);
    }

    if (rc != NGX_OK) {
        return NGX_ERROR;
    }

    v = drs_view_account(
        doc, drs_perms_has(ctx->identity.perms, DRS_PERM_MODIFY_ACCOUNTS));
    (void) drs_json_set_str(v, "message", drs_str("The account was added."));

    if (ngx_http_drs_reply_int(replies[0], &count) == DRS_OK) {
        (void) drs_json_set_bool(v, "isFirstAccount", count == 0);
    }

    return ngx_http_drs_reply(ctx, NGX_HTTP_CREATED, v);
}
