/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * schedules of recovery plans.  The worker knows
 * the time zones, so it stores what ask for; the rest is answered
 * from here.
 */

#include "ngx_http_drs_api_util.h"

#include "drs_cursor.h"
#include "drs_model_schedule.h"
#include "drs_store_schedule.h"
#include "drs_view_schedule.h"


#define NGX_HTTP_DRS_SCHEDULE_MS   15000
#define NGX_HTTP_DRS_SCHEDULES     "sched"
#define NGX_HTTP_DRS_SCHEDULES_MAX 1000
#define NGX_HTTP_DRS_SCHEDULES_ALL                                             \
    (NGX_HTTP_DRS_CALL_MAX / 2) /* 2 reads each */


typedef struct {
    drs_str_t plan, id;
    json_t   *old;
    drs_str_t pos; /* member after which the page begins */
    size_t    limit;
    drs_str_t last; /* member at which it ends, empty: nothing follows */
} ngx_http_drs_schedule_t;


static ngx_int_t ngx_http_drs_schedule_ids(ngx_http_drs_ctx_t *ctx,
                                           redisReply **replies, ngx_uint_t n);
static ngx_int_t
ngx_http_drs_schedule_listed(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                             ngx_uint_t n);
static ngx_int_t
ngx_http_drs_schedule_members(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                              ngx_uint_t n);
static ngx_int_t
ngx_http_drs_schedule_paged(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                            ngx_uint_t n);
static ngx_int_t ngx_http_drs_schedule_new(ngx_http_drs_ctx_t *ctx,
                                           redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_schedule_got(ngx_http_drs_ctx_t *ctx,
                                           redisReply **replies, ngx_uint_t n);
static ngx_int_t
ngx_http_drs_schedule_change(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                             ngx_uint_t n);
static ngx_int_t ngx_http_drs_schedule_drop(ngx_http_drs_ctx_t *ctx,
                                            redisReply **replies, ngx_uint_t n);
static ngx_int_t
ngx_http_drs_schedule_dropped(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                              ngx_uint_t n);
static ngx_int_t ngx_http_drs_schedule_now(ngx_http_drs_ctx_t *ctx,
                                           redisReply **replies, ngx_uint_t n);
static ngx_int_t
ngx_http_drs_schedule_asked(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                            ngx_uint_t n);


static ngx_int_t
ngx_http_drs_schedule_no_plan(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_util_not_found(ctx, DRS_ERR_RECOVERY_PLAN_NOT_FOUND,
                                       "planId", ctx->params[0]);
}


static ngx_int_t
ngx_http_drs_schedule_404(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_util_not_found(ctx, DRS_ERR_SCHEDULE_NOT_FOUND,
                                       "scheduleId", ctx->params[1]);
}


/* HMGET sched:run:<id> next last hold */
static drs_cmd_t *
ngx_http_drs_schedule_run(ngx_http_drs_ctx_t *ctx, drs_str_t id)
{
    drs_cmd_t *cmd;

    cmd =
        drs_key_cmd1("HMGET", ngx_http_drs_prefix(ctx), DRS_KEY_SCHED_RUN, id);
    (void) drs_cmd_addz(cmd, "next");
    (void) drs_cmd_addz(cmd, "last");
    (void) drs_cmd_addz(cmd, "hold");

    return cmd;
}


static json_t *
ngx_http_drs_schedule_view(const json_t *doc, const redisReply *run)
{
    drs_str_t none = drs_null_string;

    if (run->type != REDIS_REPLY_ARRAY || run->elements != 3) {
        return drs_view_schedule_run(doc, none, none, none);
    }

    return drs_view_schedule_run(doc, ngx_http_drs_reply_str(run->element[0]),
                                 ngx_http_drs_reply_str(run->element[1]),
                                 ngx_http_drs_reply_str(run->element[2]));
}


static ngx_http_drs_schedule_t *
ngx_http_drs_schedule_state(ngx_http_drs_ctx_t *ctx)
{
    ngx_http_drs_schedule_t *s;

    s = ngx_pcalloc(ctx->r->pool, sizeof(ngx_http_drs_schedule_t));

    if (s != NULL) {
        s->plan = ctx->n_params > 0 ? ctx->params[0] : drs_str("");
        s->id = ctx->n_params > 1 ? ctx->params[1] : drs_str("");
        ctx->state = s;
    }

    return s;
}


/* Reads of what ngx_http_drs_schedule_view() shows. */
static void
ngx_http_drs_schedule_add(ngx_http_drs_ctx_t *ctx, ngx_http_drs_calls_t *c,
                          drs_str_t id)
{
    ngx_http_drs_util_add(c, ngx_http_drs_util_get(ctx, DRS_KEY_SCHED, id));
    ngx_http_drs_util_add(c, ngx_http_drs_schedule_run(ctx, id));
}


/* -- X-8 ------------------------------------------------------------------ */

ngx_int_t
ngx_http_drs_api_schedule_list(ngx_http_drs_ctx_t *ctx)
{
    ngx_http_drs_calls_t     c;
    ngx_http_drs_schedule_t *s;

    if (!drs_id_is_uuid4(ctx->params[0])) {
        return ngx_http_drs_schedule_no_plan(ctx);
    }

    s = ngx_http_drs_schedule_state(ctx);
    if (s == NULL) {
        return NGX_ERROR;
    }

    ngx_http_drs_util_calls(&c);
    ngx_http_drs_util_add(&c, drs_key_cmd1("EXISTS", ngx_http_drs_prefix(ctx),
                                           DRS_KEY_PLAN, s->plan));
    ngx_http_drs_util_add(&c, drs_key_cmd1("SMEMBERS", ngx_http_drs_prefix(ctx),
                                           DRS_KEY_SCHED_PLAN, s->plan));

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_schedule_ids);
}


static ngx_int_t
ngx_http_drs_schedule_ids(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                          ngx_uint_t n)
{
    size_t               i;
    int64_t              plans;
    ngx_http_drs_calls_t c;

    (void) n;

    if (ngx_http_drs_reply_int(replies[0], &plans) != DRS_OK || plans == 0) {
        return ngx_http_drs_schedule_no_plan(ctx);
    }

    if (replies[1]->type != REDIS_REPLY_ARRAY || replies[1]->elements == 0) {
        return ngx_http_drs_reply(
            ctx, NGX_HTTP_OK,
            json_pack("{s:[], s:i}", "schedules", "count", 0));
    }

    ngx_http_drs_util_calls(&c);

    for (i = 0; i < replies[1]->elements; i++) {
        ngx_http_drs_schedule_add(
            ctx, &c, ngx_http_drs_reply_str(replies[1]->element[i]));
    }

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_schedule_listed);
}


/* By name, as people look for them; equal names by id. */
static int
ngx_http_drs_schedule_cmp(const void *a, const void *b)
{
    int           rc;
    const json_t *x, *y;

    x = *(const json_t *const *) a;
    y = *(const json_t *const *) b;
    rc = drs_str_cmp(drs_json_field(x, "name"), drs_json_field(y, "name"));

    return rc != 0 ? rc
                   : drs_str_cmp(drs_json_field(x, "scheduleId"),
                                 drs_json_field(y, "scheduleId"));
}


/* The schedules of the replies, ordered; NULL: no memory. */
static json_t *
ngx_http_drs_schedule_views(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                            ngx_uint_t n)
{
    json_t    *list, *doc, **views;
    ngx_uint_t i, count;

    views = ngx_palloc(ctx->r->pool, (n / 2 + 1) * sizeof(json_t *));
    if (views == NULL) {
        return NULL;
    }

    count = 0;

    for (i = 0; i + 1 < n; i += 2) {
        doc = ngx_http_drs_util_doc(ctx, replies[i]);

        if (doc != NULL) { /* else deleted since */
            views[count] = ngx_http_drs_schedule_view(doc, replies[i + 1]);
            count += (views[count] != NULL);
        }
    }

    ngx_qsort(views, count, sizeof(json_t *), ngx_http_drs_schedule_cmp);
    list = json_array();

    for (i = 0; i < count; i++) {
        json_array_append_new(list, views[i]);
    }

    return list;
}


static ngx_int_t
ngx_http_drs_schedule_listed(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                             ngx_uint_t n)
{
    json_t *list;

    list = ngx_http_drs_schedule_views(ctx, replies, n);

    return ngx_http_drs_reply(ctx, NGX_HTTP_OK,
                              json_pack("{s:o, s:I}", "schedules", list,
                                        "count",
                                        (json_int_t) json_array_size(list)));
}


/* -- X-29 ----------------------------------------------------------------- */

ngx_int_t
ngx_http_drs_api_schedule_all(ngx_http_drs_ctx_t *ctx)
{
    ngx_int_t                rc;
    ngx_http_drs_schedule_t *s;

    s = ngx_http_drs_schedule_state(ctx);
    if (s == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_http_drs_util_page(ctx, NGX_HTTP_DRS_SCHEDULES,
                                NGX_HTTP_DRS_SCHEDULES_ALL,
                                NGX_HTTP_DRS_SCHEDULES_MAX, &s->limit, &s->pos);
    if (rc != NGX_OK) {
        return rc == NGX_DECLINED ? NGX_OK : NGX_ERROR;
    }

    return ngx_http_drs_call1(
        ctx,
        ngx_http_drs_util_range(ctx, DRS_KEY_SCHED_IDS, s->pos, s->limit + 1),
        ngx_http_drs_schedule_members);
}


static ngx_int_t
ngx_http_drs_schedule_members(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                              ngx_uint_t n)
{
    size_t                   i;
    drs_str_t                m;
    ngx_http_drs_calls_t     c;
    ngx_http_drs_schedule_t *s;

    (void) n;
    s = ctx->state;

    if (replies[0]->type != REDIS_REPLY_ARRAY || replies[0]->elements == 0) {
        return ngx_http_drs_reply(ctx, NGX_HTTP_OK,
                                  json_pack("{s:[], s:i, s:n}", "schedules",
                                            "count", 0, "nextToken"));
    }

    ngx_http_drs_util_calls(&c);

    for (i = 0; i < replies[0]->elements && i < s->limit; i++) {
        m = ngx_http_drs_reply_str(replies[0]->element[i]);
        ngx_http_drs_schedule_add(ctx, &c, ngx_http_drs_util_member_id(m));

        if (i + 1 == s->limit && replies[0]->elements > s->limit) {
            s->last = ngx_http_drs_copy(ctx, m);
        }
    }

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_schedule_paged);
}


static ngx_int_t
ngx_http_drs_schedule_paged(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                            ngx_uint_t n)
{
    json_t                  *list;
    ngx_http_drs_schedule_t *s;

    s = ctx->state;
    list = ngx_http_drs_schedule_views(ctx, replies, n);

    return ngx_http_drs_reply(
        ctx, NGX_HTTP_OK,
        json_pack("{s:o, s:I, s:o}", "schedules", list, "count",
                  (json_int_t) json_array_size(list), "nextToken",
                  drs_cursor_json(NGX_HTTP_DRS_SCHEDULES, s->last)));
}


/* -- X-9 ------------------------------------------------------------------ */

ngx_int_t
ngx_http_drs_api_schedule_create(ngx_http_drs_ctx_t *ctx)
{
    ngx_http_drs_calls_t     c;
    ngx_http_drs_schedule_t *s;

    if (!drs_id_is_uuid4(ctx->params[0])) {
        return ngx_http_drs_schedule_no_plan(ctx);
    }

    s = ngx_http_drs_schedule_state(ctx);
    if (s == NULL) {
        return NGX_ERROR;
    }

    ngx_http_drs_util_calls(&c);
    ngx_http_drs_util_add(&c, drs_key_cmd1("EXISTS", ngx_http_drs_prefix(ctx),
                                           DRS_KEY_PLAN, s->plan));
    ngx_http_drs_util_add(&c, ngx_http_drs_util_get_hub(ctx));

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_schedule_new);
}


/* The worker looks at the time zone and stores; takes doc over. */
static ngx_int_t
ngx_http_drs_schedule_put(ngx_http_drs_ctx_t *ctx, json_t *doc)
{
    json_t   *payload;
    ngx_int_t rc;

    payload = json_pack("{s:o}", "schedule", doc);
    if (payload == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_http_drs_command(ctx, "schedule.put", NULL, payload, 0,
                              NGX_HTTP_DRS_SCHEDULE_MS,
                              ngx_http_drs_command_answer);
    json_decref(payload);

    return rc;
}


static ngx_int_t
ngx_http_drs_schedule_new(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                          ngx_uint_t n)
{
    int                      rc;
    json_t                  *doc, *actor;
    int64_t                  plans;
    const char              *id;
    drs_model_env_t          env;
    drs_model_error_t        e;
    ngx_http_drs_schedule_t *s;

    (void) n;
    s = ctx->state;

    if (ngx_http_drs_reply_int(replies[0], &plans) != DRS_OK || plans == 0) {
        return ngx_http_drs_schedule_no_plan(ctx);
    }

    id = ngx_http_drs_uuid(ctx);
    if (id == NULL) {
        return NGX_ERROR;
    }

    ngx_http_drs_util_env(ctx, replies[1], &env);
    drs_model_error_init(&e);
    actor = ngx_http_drs_actor(ctx);
    rc = drs_model_schedule_create(&e, ctx->body, &env, actor, drs_str(id),
                                   s->plan, &doc);
    json_decref(actor);

    if (rc != DRS_OK) {
        return ngx_http_drs_util_refuse(ctx, &e);
    }

    drs_model_error_free(&e);

    return ngx_http_drs_schedule_put(ctx, doc);
}


/* -- X-12 ----------------------------------------------------- */

/* One schedule of the plan in the path. */
static ngx_int_t
ngx_http_drs_schedule_read(ngx_http_drs_ctx_t *ctx, ngx_http_drs_call_pt done)
{
    ngx_http_drs_calls_t     c;
    ngx_http_drs_schedule_t *s;

    if (!drs_id_is_uuid4(ctx->params[0])) {
        return ngx_http_drs_schedule_no_plan(ctx);
    }

    if (!drs_id_is_uuid4(ctx->params[1])) {
        return ngx_http_drs_schedule_404(ctx);
    }

    s = ngx_http_drs_schedule_state(ctx);
    if (s == NULL) {
        return NGX_ERROR;
    }

    ngx_http_drs_util_calls(&c);
    ngx_http_drs_util_add(&c, drs_key_cmd1("EXISTS", ngx_http_drs_prefix(ctx),
                                           DRS_KEY_PLAN, s->plan));
    ngx_http_drs_util_add(&c, ngx_http_drs_util_get(ctx, DRS_KEY_SCHED, s->id));
    ngx_http_drs_util_add(&c, ngx_http_drs_schedule_run(ctx, s->id));
    ngx_http_drs_util_add(&c, ngx_http_drs_util_get_hub(ctx));

    return ngx_http_drs_util_send(ctx, &c, done);
}


/* NGX_DECLINED: answered. */
static ngx_int_t
ngx_http_drs_schedule_take(ngx_http_drs_ctx_t *ctx, redisReply **replies)
{
    int64_t                  plans;
    ngx_http_drs_schedule_t *s;

    s = ctx->state;

    if (ngx_http_drs_reply_int(replies[0], &plans) != DRS_OK || plans == 0) {
        (void) ngx_http_drs_schedule_no_plan(ctx);
        return NGX_DECLINED;
    }

    s->old = ngx_http_drs_util_doc(ctx, replies[1]);

    if (s->old == NULL
        || !drs_str_eq(drs_json_field(s->old, "planId"), s->plan)) {
        (void) ngx_http_drs_schedule_404(ctx);
        return NGX_DECLINED;
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_drs_api_schedule_get(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_schedule_read(ctx, ngx_http_drs_schedule_got);
}


static ngx_int_t
ngx_http_drs_schedule_got(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                          ngx_uint_t n)
{
    ngx_http_drs_schedule_t *s;

    (void) n;

    if (ngx_http_drs_schedule_take(ctx, replies) != NGX_OK) {
        return NGX_OK;
    }

    s = ctx->state;

    return ngx_http_drs_reply(ctx, NGX_HTTP_OK,
                              ngx_http_drs_schedule_view(s->old, replies[2]));
}


ngx_int_t
ngx_http_drs_api_schedule_update(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_schedule_read(ctx, ngx_http_drs_schedule_change);
}


static ngx_int_t
ngx_http_drs_schedule_change(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                             ngx_uint_t n)
{
    int                      rc;
    json_t                  *doc, *actor;
    drs_model_env_t          env;
    drs_model_error_t        e;
    ngx_http_drs_schedule_t *s;

    (void) n;

    if (ngx_http_drs_schedule_take(ctx, replies) != NGX_OK) {
        return NGX_OK;
    }

    s = ctx->state;
    ngx_http_drs_util_env(ctx, replies[3], &env);
    drs_model_error_init(&e);
    actor = ngx_http_drs_actor(ctx);
    rc = drs_model_schedule_update(&e, ctx->body, s->old, &env, actor, &doc);
    json_decref(actor);

    if (rc != DRS_OK) {
        return ngx_http_drs_util_refuse(ctx, &e);
    }

    drs_model_error_free(&e);

    return ngx_http_drs_schedule_put(ctx, doc);
}


ngx_int_t
ngx_http_drs_api_schedule_delete(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_schedule_read(ctx, ngx_http_drs_schedule_drop);
}


static ngx_int_t
ngx_http_drs_schedule_drop(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                           ngx_uint_t n)
{
    drs_doc_write_t          w;
    ngx_http_drs_schedule_t *s;

    (void) n;

    if (ngx_http_drs_schedule_take(ctx, replies) != NGX_OK) {
        return NGX_OK;
    }

    s = ctx->state;
    ngx_memzero(&w, sizeof(w));
    w.old = s->old;
    ngx_http_drs_util_write(ctx, &w, "schedule.delete", "schedule",
                            "scheduleId", "name");

    return ngx_http_drs_call1(ctx, drs_doc_write_schedule(&w),
                              ngx_http_drs_schedule_dropped);
}


static ngx_int_t
ngx_http_drs_schedule_dropped(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                              ngx_uint_t n)
{
    json_t                  *v;
    int64_t                  current;
    ngx_int_t                rc;
    drs_answer_t             a;
    drs_model_error_t        e;
    ngx_http_drs_schedule_t *s;

    (void) n;
    s = ctx->state;
    rc = ngx_http_drs_util_answer(ctx, replies[0], &a);

    if (rc == NGX_DECLINED) {
        if (drs_answer_is(&a, "SCHEDULE_NOT_FOUND")) {
            return ngx_http_drs_schedule_404(ctx);
        }

        if (drs_answer_is(&a, "VERSION_CONFLICT")) {
            if (drs_str_i64(drs_answer_detail(&a, "currentVersion", NULL),
                            &current)
                != DRS_OK)
            {
                current = 0;
            }

            drs_model_error_init(&e);
            (void) drs_model_version_conflict(&e, drs_model_doc_version(s->old),
                                              current, s->id);

            return ngx_http_drs_util_refuse(ctx, &e);
        }

        return ngx_http_drs_store_error(ctx, a.code, a.text);
    }

    if (rc != NGX_OK) {
        return NGX_ERROR;
    }

    v = json_pack("{s:s}", "message", "The schedule was deleted.");
    (void) drs_json_set_str(v, "scheduleId", s->id);

    return ngx_http_drs_reply(ctx, NGX_HTTP_OK, v);
}


/* -- X-28 ----------------------------------------------------------------- */

ngx_int_t
ngx_http_drs_api_schedule_run(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_schedule_read(ctx, ngx_http_drs_schedule_now);
}


static ngx_int_t
ngx_http_drs_schedule_now(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                          ngx_uint_t n)
{
    ngx_http_drs_schedule_t *s;

    (void) n;

    if (ngx_http_drs_schedule_take(ctx, replies) != NGX_OK) {
        return NGX_OK;
    }

    s = ctx->state;

    return ngx_http_drs_call1(
        ctx,
        drs_store_schedule_now(
            ngx_http_drs_prefix(ctx), s->id, ngx_http_drs_util_user(ctx),
            ngx_http_drs_audit_text(ctx, "schedule.run_now", "schedule", s->id,
                                    drs_json_field(s->old, "name"), "allowed",
                                    NULL, NULL)),
        ngx_http_drs_schedule_asked);
}


static ngx_int_t
ngx_http_drs_schedule_asked(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                            ngx_uint_t n)
{
    json_t                  *v;
    ngx_int_t                rc;
    drs_answer_t             a;
    ngx_http_drs_schedule_t *s;

    (void) n;
    s = ctx->state;
    rc = ngx_http_drs_util_answer(ctx, replies[0], &a);

    if (rc == NGX_DECLINED) {
        return drs_answer_is(&a, "SCHEDULE_NOT_FOUND")
                   ? ngx_http_drs_schedule_404(ctx)
                   : ngx_http_drs_store_error(ctx, a.code, a.text);
    }

    if (rc != NGX_OK) {
        return NGX_ERROR;
    }

    v = json_pack("{s:s}", "message",
                  "One drill starts at once; the schedule's lastRun tells what "
                  "became of it.");
    (void) drs_json_set_str(v, "scheduleId", s->id);

    return ngx_http_drs_reply(ctx, NGX_HTTP_ACCEPTED, v);
}
