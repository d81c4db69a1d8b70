/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * RP2 to RP5: one recovery plan.
 */

#include "ngx_http_drs_api_util.h"

#include "drs_model_plan.h"
#include "drs_sm.h"
#include "drs_view_doc.h"


typedef struct {
    drs_str_t       id;
    json_t         *old, *doc;
    json_t         *group_ids; /* of doc, in order */
    json_t         *groups;    /* id -> document */
    drs_str_t       active;    /* execution that holds the plan */
    drs_model_env_t env;
    int             bind; /* waves are new */
    ngx_uint_t      status;
} ngx_http_drs_plan_t;


static ngx_int_t ngx_http_drs_plan_new(ngx_http_drs_ctx_t *ctx,
                                       redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_plan_got(ngx_http_drs_ctx_t *ctx,
                                       redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_plan_change(ngx_http_drs_ctx_t *ctx,
                                          redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_plan_drop(ngx_http_drs_ctx_t *ctx,
                                        redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_plan_shown(ngx_http_drs_ctx_t *ctx,
                                         redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_plan_bound(ngx_http_drs_ctx_t *ctx,
                                         redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_plan_stored(ngx_http_drs_ctx_t *ctx,
                                          redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_plan_dropped(ngx_http_drs_ctx_t *ctx,
                                           redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_plan_named(ngx_http_drs_ctx_t *ctx,
                                         redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_plan_active(ngx_http_drs_ctx_t *ctx,
                                          redisReply **replies, ngx_uint_t n);


static ngx_int_t
ngx_http_drs_plan_404(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_util_not_found(ctx, DRS_ERR_RECOVERY_PLAN_NOT_FOUND,
                                       "planId", ctx->params[0]);
}


static ngx_http_drs_plan_t *
ngx_http_drs_plan_state(ngx_http_drs_ctx_t *ctx)
{
    ngx_http_drs_plan_t *s;

    s = ngx_pcalloc(ctx->r->pool, sizeof(ngx_http_drs_plan_t));

    if (s != NULL) {
        s->id = ctx->n_params ? ctx->params[0] : drs_str("");
        s->status = NGX_HTTP_OK;
        ctx->state = s;
    }

    return s;
}


/* Plan, who executes it, and the hub: what RP3, RP4 and RP5 begin with. */
static ngx_int_t
ngx_http_drs_plan_read(ngx_http_drs_ctx_t *ctx, ngx_http_drs_call_pt done)
{
    ngx_http_drs_plan_t *s;
    ngx_http_drs_calls_t c;

    if (!drs_id_is_uuid4(ctx->params[0])) {
        return ngx_http_drs_plan_404(ctx);
    }

    s = ngx_http_drs_plan_state(ctx);
    if (s == NULL) {
        return NGX_ERROR;
    }

    ngx_http_drs_util_calls(&c);
    ngx_http_drs_util_add(&c, ngx_http_drs_util_get(ctx, DRS_KEY_PLAN, s->id));
    ngx_http_drs_util_add(
        &c, ngx_http_drs_util_get(ctx, DRS_KEY_CLAIM_PLAN, s->id));
    ngx_http_drs_util_add(&c, ngx_http_drs_util_get_hub(ctx));

    return ngx_http_drs_util_send(ctx, &c, done);
}


/* Its replies.  NGX_DECLINED: answered. */
static ngx_int_t
ngx_http_drs_plan_take(ngx_http_drs_ctx_t *ctx, redisReply **replies)
{
    ngx_http_drs_plan_t *s;

    s = ctx->state;
    s->old = ngx_http_drs_util_doc(ctx, replies[0]);

    if (s->old == NULL) {
        (void) ngx_http_drs_plan_404(ctx);
        return NGX_DECLINED;
    }

    if (replies[1]->type == REDIS_REPLY_STRING) {
        s->active = ngx_http_drs_copy(ctx, ngx_http_drs_reply_str(replies[1]));
    }

    ngx_http_drs_util_env(ctx, replies[2], &s->env);

    return NGX_OK;
}


/* The protection groups of `doc`, one GET each. */
static ngx_int_t
ngx_http_drs_plan_groups(ngx_http_drs_ctx_t *ctx, const json_t *doc,
                         ngx_http_drs_call_pt done)
{
    size_t               i;
    json_t              *id;
    ngx_http_drs_plan_t *s;
    ngx_http_drs_calls_t c;

    s = ctx->state;
    s->group_ids = drs_model_plan_groups(doc);

    if (ngx_http_drs_defer_json(ctx, s->group_ids) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_http_drs_util_calls(&c);

    json_array_foreach (s->group_ids, i, id) {
        ngx_http_drs_util_add(
            &c, ngx_http_drs_util_get(ctx, DRS_KEY_PG, drs_json_str(id)));
    }

    if (c.n == 0 && !c.failed) {
        ngx_http_drs_util_add(&c, ngx_http_drs_util_get_hub(ctx));
    }

    return ngx_http_drs_util_send(ctx, &c, done);
}


static ngx_int_t
ngx_http_drs_plan_take_groups(ngx_http_drs_ctx_t *ctx, redisReply **replies)
{
    ngx_http_drs_plan_t *s;

    s = ctx->state;
    s->groups = ngx_http_drs_util_map(ctx, s->group_ids, replies);

    return s->groups != NULL ? NGX_OK : NGX_ERROR;
}


ngx_int_t
ngx_http_drs_api_plan_get(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_plan_read(ctx, ngx_http_drs_plan_got);
}


static ngx_int_t
ngx_http_drs_plan_got(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                      ngx_uint_t n)
{
    ngx_http_drs_plan_t *s;

    (void) n;

    if (ngx_http_drs_plan_take(ctx, replies) != NGX_OK) {
        return NGX_OK;
    }

    s = ctx->state;

    return ngx_http_drs_plan_groups(ctx, s->old, ngx_http_drs_plan_shown);
}


static ngx_int_t
ngx_http_drs_plan_shown(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                        ngx_uint_t n)
{
    ngx_http_drs_plan_t *s;

    (void) n;
    s = ctx->state;

    if (ngx_http_drs_plan_take_groups(ctx, replies) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_drs_reply(ctx, NGX_HTTP_OK,
                              drs_view_plan(s->old, s->groups, NULL));
}


ngx_int_t
ngx_http_drs_api_plan_create(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_call1(ctx, ngx_http_drs_util_get_hub(ctx),
                              ngx_http_drs_plan_new);
}


static ngx_int_t
ngx_http_drs_plan_new(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                      ngx_uint_t n)
{
    const char          *id;
    drs_model_error_t    e;
    ngx_http_drs_plan_t *s;

    (void) n;
    s = ngx_http_drs_plan_state(ctx);
    id = ngx_http_drs_uuid(ctx);

    if (s == NULL || id == NULL) {
        return NGX_ERROR;
    }

    ngx_http_drs_util_env(ctx, replies[0], &s->env);
    s->id = drs_str(id);
    s->bind = 1;
    s->status = NGX_HTTP_CREATED;
    drs_model_error_init(&e);

    if (drs_model_plan_create(&e, ctx->body, &s->env, s->id, &s->doc) != DRS_OK)
    {
        return ngx_http_drs_util_refuse(ctx, &e);
    }

    drs_model_error_free(&e);

    if (ngx_http_drs_defer_json(ctx, s->doc) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_drs_plan_groups(ctx, s->doc, ngx_http_drs_plan_bound);
}


ngx_int_t
ngx_http_drs_api_plan_update(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_plan_read(ctx, ngx_http_drs_plan_change);
}


/* Versions come before the active execution, fields after it (RP4). */
static ngx_int_t
ngx_http_drs_plan_change(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                         ngx_uint_t n)
{
    int                  rc;
    drs_model_error_t    e;
    ngx_http_drs_plan_t *s;

    (void) n;

    if (ngx_http_drs_plan_take(ctx, replies) != NGX_OK) {
        return NGX_OK;
    }

    s = ctx->state;
    drs_model_error_init(&e);
    rc = drs_model_plan_update(&e, ctx->body, s->old, &s->env, &s->doc,
                               &s->bind);

    if (s->doc != NULL && ngx_http_drs_defer_json(ctx, s->doc) != NGX_OK) {
        return NGX_ERROR;
    }

    if (s->active.len && e.err != DRS_ERR_VERSION_CONFLICT) {
        drs_model_error_free(&e);
        return ngx_http_drs_call1(ctx,
                                  drs_key_cmd1("HGETALL",
                                               ngx_http_drs_prefix(ctx),
                                               DRS_KEY_EXEC, s->active),
                                  ngx_http_drs_plan_active);
    }

    if (rc != DRS_OK) {
        return ngx_http_drs_util_refuse(ctx, &e);
    }

    drs_model_error_free(&e);

    return ngx_http_drs_plan_groups(ctx, s->doc, ngx_http_drs_plan_bound);
}


static ngx_int_t
ngx_http_drs_plan_bound(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                        ngx_uint_t n)
{
    drs_doc_write_t      w;
    drs_model_error_t    e;
    ngx_http_drs_plan_t *s;
    ngx_http_drs_calls_t c;

    (void) n;
    s = ctx->state;

    if (ngx_http_drs_plan_take_groups(ctx, replies) != NGX_OK) {
        return NGX_ERROR;
    }

    drs_model_error_init(&e);

    if (s->bind
        && drs_model_plan_bind(&e, s->doc, s->groups, &s->env) != DRS_OK) {
        return ngx_http_drs_util_refuse(ctx, &e);
    }

    drs_model_error_free(&e);

    ngx_memzero(&w, sizeof(w));
    w.old = s->old;
    w.doc = s->doc;
    w.own_account = s->env.own_account;
    ngx_http_drs_util_write(ctx, &w,
                            s->old != NULL ? "plan.update" : "plan.create",
                            "plan", "planId", "planName");

    ngx_http_drs_util_calls(&c);
    ngx_http_drs_util_add(&c, drs_doc_write_plan(&w));
    ngx_http_drs_util_plan_claims(ctx, &c, s->doc, s->groups);

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_plan_stored);
}


static ngx_int_t
ngx_http_drs_plan_refused(ngx_http_drs_ctx_t *ctx, drs_answer_t *a)
{
    int64_t              current;
    drs_str_t            v;
    drs_model_error_t    e;
    ngx_http_drs_plan_t *s;

    s = ctx->state;

    if (drs_answer_is(a, "RECOVERY_PLAN_NOT_FOUND")) {
        return ngx_http_drs_plan_404(ctx);
    }

    if (drs_answer_is(a, "VERSION_CONFLICT")) {
        v = drs_answer_detail(a, "currentVersion", NULL);

        if (drs_str_i64(v, &current) != DRS_OK) {
            current = 0;
        }

        drs_model_error_init(&e);
        (void) drs_model_version_conflict(&e, drs_model_doc_version(s->old),
                                          current, s->id);
        return ngx_http_drs_util_refuse(ctx, &e);
    }

    if (drs_answer_is(a, "RP_NAME_EXISTS")) {
        v = drs_answer_detail(a, "existingId", NULL);
        return ngx_http_drs_call1(
            ctx,
            ngx_http_drs_util_get(ctx, DRS_KEY_PLAN, v.len ? v : drs_str("-")),
            ngx_http_drs_plan_named);
    }

    if (drs_answer_is(a, "PLAN_HAS_ACTIVE_EXECUTION")) {
        s->active =
            ngx_http_drs_copy(ctx, drs_answer_detail(a, "executionId", NULL));
        return ngx_http_drs_call1(ctx,
                                  drs_key_cmd1("HGETALL",
                                               ngx_http_drs_prefix(ctx),
                                               DRS_KEY_EXEC, s->active),
                                  ngx_http_drs_plan_active);
    }

    if (drs_answer_is(a, "PG_NOT_FOUND")) {
        return ngx_http_drs_error(ctx, DRS_ERR_PG_NOT_FOUND,
                                  json_pack("{s:s}", "field", "waves"), NULL,
                                  NULL);
    }

    return ngx_http_drs_store_error(ctx, a->code, a->text);
}


static ngx_int_t
ngx_http_drs_plan_stored(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                         ngx_uint_t n)
{
    json_t              *view, *warnings;
    ngx_int_t            rc;
    drs_answer_t         a;
    ngx_http_drs_plan_t *s;

    s = ctx->state;
    rc = ngx_http_drs_util_answer(ctx, replies[0], &a);

    if (rc == NGX_DECLINED) {
        return ngx_http_drs_plan_refused(ctx, &a);
    }

    if (rc != NGX_OK) {
        return NGX_ERROR;
    }

    warnings = ngx_http_drs_util_plan_warnings(ctx, s->doc, s->groups,
                                               replies + 1, n - 1);

    if (warnings == NULL) {
        return NGX_ERROR;
    }

    view = drs_view_plan(s->doc, s->groups, warnings);
    json_decref(warnings);

    return ngx_http_drs_reply(ctx, s->status, view);
}


/* The plan that has the name. */
static ngx_int_t
ngx_http_drs_plan_named(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                        ngx_uint_t n)
{
    json_t              *doc, *fields;
    drs_str_t            name;
    ngx_http_drs_plan_t *s;

    (void) n;
    s = ctx->state;
    doc = ngx_http_drs_util_doc(ctx, replies[0]);
    name = drs_json_field(doc, "planName");

    if (name.len == 0) {
        name = drs_json_field(s->doc, "planName");
    }

    fields = json_object();
    (void) drs_json_set_str(fields, "existingName", name);

    return ngx_http_drs_error(ctx, DRS_ERR_RP_NAME_EXISTS, fields, NULL, NULL);
}


static ngx_int_t
ngx_http_drs_plan_active(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                         ngx_uint_t n)
{
    json_t              *fields;
    drs_str_t            status;
    drs_reply_t          r;
    ngx_http_drs_plan_t *s;

    (void) n;
    s = ctx->state;

    if (ngx_http_drs_reply_views(ctx, replies[0], &r.v, &r.n) != NGX_OK) {
        return NGX_ERROR;
    }

    status = drs_reply_field(&r, "status");
    fields =
        json_pack("{s:[o], s:[o]}", "activeExecutions",
                  drs_json_new_str(s->active), "activeStatuses",
                  drs_json_new_str(status.len ? status : drs_str("PENDING")));
    (void) drs_json_set_str(fields, "planId", s->id);

    return ngx_http_drs_error(ctx, DRS_ERR_PLAN_HAS_ACTIVE_EXECUTION, fields,
                              NULL,
                              "The recovery plan has an active "
                              "execution (%.*s).",
                              DRS_STR_ARG(status));
}


ngx_int_t
ngx_http_drs_api_plan_delete(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_plan_read(ctx, ngx_http_drs_plan_drop);
}


static ngx_int_t
ngx_http_drs_plan_drop(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                       ngx_uint_t n)
{
    drs_doc_write_t      w;
    ngx_http_drs_plan_t *s;

    (void) n;

    if (ngx_http_drs_plan_take(ctx, replies) != NGX_OK) {
        return NGX_OK;
    }

    s = ctx->state;
    ngx_memzero(&w, sizeof(w));
    w.old = s->old;
    ngx_http_drs_util_write(ctx, &w, "plan.delete", "plan", "planId",
                            "planName");

    return ngx_http_drs_call1(ctx, drs_doc_write_plan(&w),
                              ngx_http_drs_plan_dropped);
}


static ngx_int_t
ngx_http_drs_plan_dropped(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                          ngx_uint_t n)
{
    json_t              *v;
    ngx_int_t            rc;
    drs_answer_t         a;
    ngx_http_drs_plan_t *s;

    (void) n;
    s = ctx->state;
    rc = ngx_http_drs_util_answer(ctx, replies[0], &a);

    if (rc == NGX_DECLINED) {
        return ngx_http_drs_plan_refused(ctx, &a);
    }

    if (rc != NGX_OK) {
        return NGX_ERROR;
    }

    v = json_pack("{s:s}", "message", "The recovery plan was deleted.");
    (void) drs_json_set_str(v, "planId", s->id);

    return ngx_http_drs_reply(ctx, NGX_HTTP_OK, v);
}
