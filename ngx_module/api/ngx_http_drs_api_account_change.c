/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * AC4 to AC7: one target account, shown, changed, removed, validated.
 */

#include "ngx_http_drs_api_account.h"

#include "drs_view_doc.h"


static ngx_int_t ngx_http_drs_account_show(ngx_http_drs_ctx_t *ctx,
                                           redisReply **replies, ngx_uint_t n);
static ngx_int_t
ngx_http_drs_account_changed(ngx_http_drs_ctx_t *ctx, json_t *doc);
static ngx_int_t ngx_http_drs_account_drop(ngx_http_drs_ctx_t *ctx,
                                           redisReply **replies, ngx_uint_t n);
static ngx_int_t
ngx_http_drs_account_dropped(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                             ngx_uint_t n);
static ngx_int_t ngx_http_drs_account_users(ngx_http_drs_ctx_t *ctx,
                                            redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_account_plans(ngx_http_drs_ctx_t *ctx,
                                            redisReply **replies, ngx_uint_t n);
static ngx_int_t
ngx_http_drs_account_in_use(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                            ngx_uint_t n);


#define NGX_HTTP_DRS_ACCOUNT_LISTED 100 /* groups looked at in a 409 */


/* -- AC4 ------------------------------------------------------------------- */

ngx_int_t
ngx_http_drs_api_account_get(ngx_http_drs_ctx_t *ctx)
{
    ngx_int_t               rc;
    ngx_http_drs_calls_t    c;
    ngx_http_drs_account_t *a;

    a = ngx_http_drs_account_state(ctx, DRS_ERR_TARGET_ACCOUNT_NOT_FOUND, &rc);
    if (a == NULL) {
        return rc;
    }

    ngx_http_drs_util_calls(&c);
    ngx_http_drs_util_add(&c, ngx_http_drs_util_get(ctx, DRS_KEY_ACCT, a->id));
    ngx_http_drs_util_add(
        &c, ngx_http_drs_util_get(ctx, DRS_KEY_STAGING_RUN, a->id));

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_account_show);
}


static ngx_int_t
ngx_http_drs_account_show(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                          ngx_uint_t n)
{
    json_t                 *doc, *run, *v;
    ngx_http_drs_account_t *a;

    (void) n;
    a = ctx->state;
    doc = ngx_http_drs_util_doc(ctx, replies[0]);

    if (doc == NULL) {
        return ngx_http_drs_account_404(ctx, a);
    }

    v = ngx_http_drs_account_view(ctx, doc);
    run = ngx_http_drs_util_doc(ctx, replies[1]);

    if (run != NULL) {
        run = json_copy(run);
        (void) json_object_del(run, "finishedMs");
        json_object_set_new(v, "stagingSync", run);
    }

    return ngx_http_drs_reply(ctx, NGX_HTTP_OK, v);
}


/* -- AC5 ------------------------------------------------------------------- */

static int
ngx_http_drs_account_update_model(drs_model_error_t      *e,
                                  ngx_http_drs_account_t *a, const json_t *body,
                                  const json_t *old, const drs_model_env_t *env,
                                  json_t **doc)
{
    (void) a;

    return drs_model_account_update(e, body, old, env, doc);
}


ngx_int_t
ngx_http_drs_api_account_update(ngx_http_drs_ctx_t *ctx)
{
    ngx_int_t               rc;
    ngx_http_drs_account_t *a;

    a = ngx_http_drs_account_state(ctx, DRS_ERR_TARGET_ACCOUNT_NOT_FOUND, &rc);
    if (a == NULL) {
        return rc;
    }

    a->action = "account.update";
    a->model = ngx_http_drs_account_update_model;
    a->done = ngx_http_drs_account_changed;

    return ngx_http_drs_account_change(ctx, a);
}


static ngx_int_t
ngx_http_drs_account_changed(ngx_http_drs_ctx_t *ctx, json_t *doc)
{
    return ngx_http_drs_reply(ctx, NGX_HTTP_OK,
                              ngx_http_drs_account_view(ctx, doc));
}


/* -- AC6 ------------------------------------------------------------------- */

ngx_int_t
ngx_http_drs_api_account_delete(ngx_http_drs_ctx_t *ctx)
{
    drs_str_t               force;
    ngx_int_t               rc;
    ngx_http_drs_account_t *a;

    a = ngx_http_drs_account_state(ctx, DRS_ERR_TARGET_ACCOUNT_NOT_FOUND, &rc);
    if (a == NULL) {
        return rc;
    }

    rc = ngx_http_drs_util_query(ctx, "force", &force);
    if (rc != NGX_OK) {
        return rc == NGX_DECLINED ? NGX_OK : NGX_ERROR;
    }

    if (force.len && !drs_str_eqz(force, "true")
        && !drs_str_eqz(force, "false")) {
        return ngx_http_drs_error_param(ctx, DRS_ERR_INVALID_PARAMETER, "force",
                                        NULL, "true or false",
                                        "force must be true or false.");
    }

    a->force = drs_str_eqz(force, "true");

    return ngx_http_drs_call1(ctx,
                              ngx_http_drs_util_get(ctx, DRS_KEY_ACCT, a->id),
                              ngx_http_drs_account_drop);
}


static ngx_int_t
ngx_http_drs_account_drop(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                          ngx_uint_t n)
{
    drs_doc_write_t         w;
    ngx_http_drs_calls_t    c;
    ngx_http_drs_account_t *a;

    (void) n;
    a = ctx->state;
    a->old = ngx_http_drs_util_doc(ctx, replies[0]);

    if (a->old == NULL) {
        return ngx_http_drs_account_404(ctx, a);
    }

    ngx_memzero(&w, sizeof(w));
    w.old = a->old;
    w.force = a->force;
    ngx_http_drs_util_write(ctx, &w, "account.delete", "account", "accountId",
                            "accountName");

    ngx_http_drs_util_calls(&c);
    ngx_http_drs_util_add(&c, drs_doc_write_account(&w));
    ngx_http_drs_account_forget(ctx, &c, a->id);

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_account_dropped);
}


static ngx_int_t
ngx_http_drs_account_dropped(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                             ngx_uint_t n)
{
    json_t                 *v;
    ngx_int_t               rc;
    drs_answer_t            answer;
    ngx_http_drs_calls_t    c;
    ngx_http_drs_account_t *a;

    (void) n;
    a = ctx->state;
    rc = ngx_http_drs_util_answer(ctx, replies[0], &answer);

    if (rc == NGX_DECLINED) {
        if (drs_answer_is(&answer, "ACCOUNT_IN_USE")) {
            ngx_http_drs_util_calls(&c);
            ngx_http_drs_util_add(&c, drs_key_cmd1("SMEMBERS",
                                                   ngx_http_drs_prefix(ctx),
                                                   DRS_KEY_ACCT_GROUPS, a->id));
            ngx_http_drs_util_add(&c, drs_key_cmd1("SMEMBERS",
                                                   ngx_http_drs_prefix(ctx),
                                                   DRS_KEY_ACCT_RUNS, a->id));
            return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_account_users);
        }

        if (drs_answer_is(&answer, "VERSION_CONFLICT")
            && a->tries++ < NGX_HTTP_DRS_ACCOUNT_TRIES)
        {
            return ngx_http_drs_call1(
                ctx, ngx_http_drs_util_get(ctx, DRS_KEY_ACCT, a->id),
                ngx_http_drs_account_drop);
        }

        if (drs_answer_is(&answer, "TARGET_ACCOUNT_NOT_FOUND")) {
            return ngx_http_drs_account_404(ctx, a);
        }

        return ngx_http_drs_store_error(ctx, answer.code, answer.text);
    }

    if (rc != NGX_OK) {
        return NGX_ERROR;
    }

    v = json_pack("{s:s}", "message", "The account was removed.");
    (void) drs_json_set_str(v, "accountId", a->id);

    return ngx_http_drs_reply(ctx, NGX_HTTP_OK, v);
}


/* Who holds the account: groups and runs, then their plans, then names. */
static ngx_int_t
ngx_http_drs_account_users(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                           ngx_uint_t n)
{
    size_t                  i;
    drs_str_t               id;
    ngx_http_drs_calls_t    c;
    ngx_http_drs_account_t *a;

    (void) n;
    a = ctx->state;
    a->runs = json_array();

    if (ngx_http_drs_defer_json(ctx, a->runs) != NGX_OK) {
        return NGX_ERROR;
    }

    for (i = 0; i < replies[1]->elements; i++) {
        json_array_append_new(a->runs, drs_json_new_str(ngx_http_drs_reply_str(
                                           replies[1]->element[i])));
    }

    a->n_groups = replies[0]->elements < NGX_HTTP_DRS_ACCOUNT_LISTED
                      ? replies[0]->elements
                      : NGX_HTTP_DRS_ACCOUNT_LISTED;
    ngx_http_drs_util_calls(&c);
    ngx_http_drs_util_add(&c, ngx_http_drs_util_get_hub(ctx));

    for (i = 0; i < a->n_groups; i++) {
        id = ngx_http_drs_reply_str(replies[0]->element[i]);
        ngx_http_drs_util_add(&c, ngx_http_drs_util_get(ctx, DRS_KEY_PG, id));
        ngx_http_drs_util_add(&c,
                              drs_key_cmd1("SMEMBERS", ngx_http_drs_prefix(ctx),
                                           DRS_KEY_PG_PLANS, id));
    }

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_account_plans);
}


static ngx_int_t
ngx_http_drs_account_plans(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                           ngx_uint_t n)
{
    size_t                  i, k;
    json_t                 *seen, *doc, *v;
    const char             *id;
    redisReply             *plans;
    ngx_http_drs_calls_t    c;
    ngx_http_drs_account_t *a;

    (void) n;
    a = ctx->state;
    a->groups = json_array();
    seen = json_object();

    if (ngx_http_drs_defer_json(ctx, a->groups) != NGX_OK
        || ngx_http_drs_defer_json(ctx, seen) != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (i = 0; i < a->n_groups; i++) {
        doc = ngx_http_drs_util_doc(ctx, replies[1 + 2 * i]);

        if (doc != NULL) {
            json_array_append(a->groups, json_object_get(doc, "groupName"));
        }

        plans = replies[2 + 2 * i];

        for (k = 0; k < plans->elements; k++) {
            v = drs_json_new_str(ngx_http_drs_reply_str(plans->element[k]));
            json_object_set_new(seen, json_string_value(v), json_true());
            json_decref(v);
        }
    }

    ngx_http_drs_util_calls(&c);
    ngx_http_drs_util_add(&c, ngx_http_drs_util_get_hub(ctx));

    json_object_foreach (seen, id, v) {
        if (c.n <= NGX_HTTP_DRS_ACCOUNT_LISTED) {
            ngx_http_drs_util_add(
                &c, ngx_http_drs_util_get(ctx, DRS_KEY_PLAN, drs_str(id)));
        }
    }

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_account_in_use);
}


static ngx_int_t
ngx_http_drs_account_in_use(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                            ngx_uint_t n)
{
    json_t                 *plans, *doc, *fields;
    ngx_uint_t              i;
    ngx_http_drs_account_t *a;

    a = ctx->state;
    plans = json_array();

    for (i = 1; i < n; i++) {
        doc = ngx_http_drs_util_doc(ctx, replies[i]);

        if (doc != NULL) {
            json_array_append(plans, json_object_get(doc, "planName"));
        }
    }

    fields = json_pack("{s:O, s:o, s:O}", "protectionGroups", a->groups,
                       "recoveryPlans", plans, "activeExecutions", a->runs);
    (void) drs_json_set_str(fields, "accountId", a->id);

    return ngx_http_drs_error(ctx, DRS_ERR_ACCOUNT_IN_USE, fields, NULL,
                              "The account is still in use: %zu protection "
                              "groups, %zu active executions.",
                              json_array_size(a->groups),
                              json_array_size(a->runs));
}


/* -- AC7 ------------------------------------------------------------------- */

ngx_int_t
ngx_http_drs_api_account_validate(ngx_http_drs_ctx_t *ctx)
{
    ngx_int_t               rc;
    ngx_http_drs_account_t *a;

    a = ngx_http_drs_account_state(ctx, DRS_ERR_TARGET_ACCOUNT_NOT_FOUND, &rc);
    if (a == NULL) {
        return rc;
    }

    return ngx_http_drs_account_command(ctx, a, "account.validate");
}
