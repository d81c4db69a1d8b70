/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * DRS4, DRS11, CF3, CF4: tag synchronisation.  What is asked for is put into
 * tagsync:want, if nothing stands there, and the worker's task is made due.
 */

#include "ngx_http_drs_api_util.h"

#include "drs_store_work.h"
#include "drs_tagsync.h"
#include "drs_time.h"


#define NGX_HTTP_DRS_TAGSYNC_S    900
#define NGX_HTTP_DRS_TAGSYNC_NAME "drs-worker"


typedef struct {
    json_t    *request; /* released with the request */
    int        sync;
    json_t    *doc; /* CF4: settings to be stored */
    ngx_uint_t enabled;
} ngx_http_drs_tagsync_t;


static ngx_int_t
ngx_http_drs_tagsync_checked(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                             ngx_uint_t n);
static ngx_int_t
ngx_http_drs_tagsync_wanted(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                            ngx_uint_t n);
static ngx_int_t
ngx_http_drs_tagsync_started(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                             ngx_uint_t n);
static ngx_int_t ngx_http_drs_tagsync_shown(ngx_http_drs_ctx_t *ctx,
                                            redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_tagsync_read(ngx_http_drs_ctx_t *ctx,
                                           redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_tagsync_store(ngx_http_drs_ctx_t *ctx,
                                            redisReply **replies, ngx_uint_t n);
static ngx_int_t
ngx_http_drs_tagsync_stored(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                            ngx_uint_t n);


/* SET tagsync:want NX EX GET: the answer is what stood there, or nil. */
static drs_cmd_t *
ngx_http_drs_tagsync_want(ngx_http_drs_ctx_t *ctx, json_t *request,
                          const char *source)
{
    drs_buf_t  b;
    drs_cmd_t *cmd;

    (void) drs_json_set_str(request, "source", drs_str(source));
    (void) json_object_set_new(request, "actor", ngx_http_drs_actor(ctx));
    drs_buf_init(&b, 0);

    if (drs_json_dump(&b, request) != DRS_OK) {
        drs_buf_free(&b);
        return NULL;
    }

    cmd = drs_key_cmd0("SET", ngx_http_drs_prefix(ctx), DRS_KEY_TAGSYNC_WANT);
    (void) drs_cmd_add(cmd, drs_buf_str(&b));
    (void) drs_cmd_addz(cmd, "NX");
    (void) drs_cmd_addz(cmd, "GET");
    (void) drs_cmd_addz(cmd, "EX");
    (void) drs_cmd_add_i64(cmd, NGX_HTTP_DRS_TAGSYNC_S);
    drs_buf_free(&b);

    return cmd;
}


/* -- DRS4 ----------------------------------------------------------------- */

ngx_int_t
ngx_http_drs_api_tagsync_start(ngx_http_drs_ctx_t *ctx)
{
    drs_str_t               account;
    drs_model_env_t         env;
    drs_model_error_t       e;
    ngx_http_drs_calls_t    c;
    ngx_http_drs_tagsync_t *s;

    s = ngx_pcalloc(ctx->r->pool, sizeof(ngx_http_drs_tagsync_t));
    if (s == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(&env, sizeof(env));
    drs_model_error_init(&e);

    if (drs_tagsync_request(&e, ctx->body, &env, &s->request, &s->sync)
        != DRS_OK) {
        return ngx_http_drs_util_refuse(ctx, &e);
    }

    drs_model_error_free(&e);

    if (ngx_http_drs_defer_json(ctx, s->request) != NGX_OK) {
        return NGX_ERROR;
    }

    ctx->state = s;
    account = drs_json_field(s->request, "accountId");

    ngx_http_drs_util_calls(&c);
    ngx_http_drs_util_add(&c, ngx_http_drs_util_get_hub(ctx));

    if (account.len) {
        ngx_http_drs_util_add(
            &c, ngx_http_drs_util_get(ctx, DRS_KEY_ACCT, account));
    }

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_tagsync_checked);
}


static ngx_int_t
ngx_http_drs_tagsync_checked(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                             ngx_uint_t n)
{
    drs_str_t               account;
    drs_model_env_t         env;
    ngx_http_drs_tagsync_t *s;

    s = ctx->state;
    account = drs_json_field(s->request, "accountId");
    ngx_http_drs_util_env(ctx, replies[0], &env);

    if (n > 1 && replies[1]->type != REDIS_REPLY_STRING
        && !drs_str_eq(account, env.own_account))
    {
        return ngx_http_drs_util_not_found(ctx, DRS_ERR_INVALID_ACCOUNT,
                                           "accountId", account);
    }

    if (s->sync) {
        return ngx_http_drs_command(ctx, "tagsync.run", NULL, s->request, 0,
                                    25000, ngx_http_drs_command_answer);
    }

    return ngx_http_drs_call1(
        ctx, ngx_http_drs_tagsync_want(ctx, s->request, "manual"),
        ngx_http_drs_tagsync_wanted);
}


/* Nothing stood there, or a run that a settings update began: accepted. */
static ngx_int_t
ngx_http_drs_tagsync_wanted(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                            ngx_uint_t n)
{
    json_t *old;

    (void) n;
    old = NULL;

    if (replies[0]->type == REDIS_REPLY_STRING) {
        old = ngx_http_drs_util_doc(ctx, replies[0]);

        if (!drs_str_eq(drs_json_field(old, "source"),
                        drs_str("settings_update"))) {
            return ngx_http_drs_error(
                ctx, DRS_ERR_ALREADY_RUNNING,
                json_pack("{s:s}", "status", "ALREADY_RUNNING"), NULL,
                "A tag synchronisation is running.");
        }
    }

    return ngx_http_drs_call1(
        ctx,
        drs_store_task_due(ngx_http_drs_prefix(ctx), drs_str("tagsync"), 0),
        ngx_http_drs_tagsync_started);
}


static ngx_int_t
ngx_http_drs_tagsync_started(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                             ngx_uint_t n)
{
    (void) replies;
    (void) n;

    return ngx_http_drs_reply(
        ctx, NGX_HTTP_ACCEPTED,
        json_pack("{s:s, s:s, s:s, s:i, s:s}", "message",
                  "The tag synchronisation has been started.", "status",
                  "STARTED", "details", "It runs in the background.",
                  "statusCode", 202, "functionName",
                  NGX_HTTP_DRS_TAGSYNC_NAME));
}


/* -- DRS11 ---------------------------------------------------------------- */

ngx_int_t
ngx_http_drs_api_tagsync_status(ngx_http_drs_ctx_t *ctx)
{
    drs_str_t            p;
    ngx_http_drs_calls_t c;

    p = ngx_http_drs_prefix(ctx);
    ngx_http_drs_util_calls(&c);
    ngx_http_drs_util_add(&c, drs_key_cmd0("GET", p, DRS_KEY_TAGSYNC_WANT));
    ngx_http_drs_util_add(&c, drs_key_cmd0("GET", p, DRS_KEY_TAGSYNC_RUN));

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_tagsync_shown);
}


static ngx_int_t
ngx_http_drs_tagsync_shown(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                           ngx_uint_t n)
{
    (void) n;

    return ngx_http_drs_reply(
        ctx, NGX_HTTP_OK,
        drs_tagsync_status_view(ngx_http_drs_util_doc(ctx, replies[1]),
                                ngx_http_drs_util_doc(ctx, replies[0])));
}


/* -- CF3, CF4 ------------------------------------------------------------- */

static drs_cmd_t *
ngx_http_drs_tagsync_get(ngx_http_drs_ctx_t *ctx)
{
    return drs_key_cmd1("GET", ngx_http_drs_prefix(ctx), DRS_KEY_SETTINGS,
                        drs_str("tagsync"));
}


ngx_int_t
ngx_http_drs_api_config_tagsync_get(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_call1(ctx, ngx_http_drs_tagsync_get(ctx),
                              ngx_http_drs_tagsync_read);
}


static ngx_int_t
ngx_http_drs_tagsync_read(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                          ngx_uint_t n)
{
    (void) n;

    return ngx_http_drs_reply(
        ctx, NGX_HTTP_OK,
        drs_tagsync_settings_view(ngx_http_drs_util_doc(ctx, replies[0])));
}


ngx_int_t
ngx_http_drs_api_config_tagsync_put(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_call1(ctx, ngx_http_drs_tagsync_get(ctx),
                              ngx_http_drs_tagsync_store);
}


/* Event settings.changed. */
static drs_str_t
ngx_http_drs_tagsync_event(ngx_http_drs_ctx_t *ctx)
{
    char      iso[DRS_TIME_ISO_SIZE];
    json_t   *v;
    drs_buf_t b;
    drs_str_t text;

    (void) drs_time_iso_ms(iso, ngx_http_drs_now_ms());
    v = json_pack("{s:s, s:s, s:s, s:s, s:s, s:{s:s}}", "time", iso, "event",
                  "settings.changed", "topic", "settings", "resourceType",
                  "settings", "resourceId", "tagsync", "data", "change",
                  "updated");
    drs_buf_init(&b, 0);
    text = drs_str("");

    if (v != NULL && drs_json_dump(&b, v) == DRS_OK) {
        text = ngx_http_drs_copy(ctx, drs_buf_str(&b));
    }

    drs_buf_free(&b);
    json_decref(v);

    return text;
}


static ngx_int_t
ngx_http_drs_tagsync_store(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                           ngx_uint_t n)
{
    json_t                 *old;
    drs_buf_t               b;
    drs_str_t               p, none = drs_null_string;
    drs_model_env_t         env;
    drs_model_error_t       e;
    ngx_http_drs_calls_t    c;
    ngx_http_drs_tagsync_t *s;

    (void) n;

    s = ngx_pcalloc(ctx->r->pool, sizeof(ngx_http_drs_tagsync_t));
    if (s == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(&env, sizeof(env));
    env.user = ngx_http_drs_util_user(ctx);
    env.now_s = ngx_http_drs_now_ms() / 1000;
    old = ngx_http_drs_util_doc(ctx, replies[0]);
    drs_model_error_init(&e);

    if (drs_tagsync_settings(&e, ctx->body, old, &env, &s->doc) != DRS_OK) {
        return ngx_http_drs_util_refuse(ctx, &e);
    }

    drs_model_error_free(&e);
    s->request = json_object();

    if (ngx_http_drs_defer_json(ctx, s->doc) != NGX_OK
        || ngx_http_drs_defer_json(ctx, s->request) != NGX_OK)
    {
        return NGX_ERROR;
    }

    s->enabled = json_is_true(json_object_get(s->doc, "enabled"));
    ctx->state = s;
    p = ngx_http_drs_prefix(ctx);
    drs_buf_init(&b, 0);

    if (drs_json_dump(&b, s->doc) != DRS_OK) {
        drs_buf_free(&b);
        return NGX_ERROR;
    }

    ngx_http_drs_util_calls(&c);
    ngx_http_drs_util_add(
        &c, drs_store_settings_put(
                p, drs_str("tagsync"), -1, drs_buf_str(&b),
                ngx_http_drs_audit_text(ctx, "config.tagsync", "settings",
                                        drs_str("tagsync"), none, "succeeded",
                                        old, s->doc),
                ngx_http_drs_tagsync_event(ctx)));
    drs_buf_free(&b);

    if (s->enabled) {
        ngx_http_drs_util_add(
            &c, ngx_http_drs_tagsync_want(ctx, s->request, "settings_update"));
    }

    ngx_http_drs_util_add(&c, drs_store_task_due(p, drs_str("tagsync"), 0));

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_tagsync_stored);
}


static ngx_int_t
ngx_http_drs_tagsync_stored(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                            ngx_uint_t n)
{
    json_t                 *v;
    ngx_int_t               rc;
    ngx_uint_t              began;
    drs_answer_t            a;
    ngx_http_drs_tagsync_t *s;

    (void) n;
    s = ctx->state;
    rc = ngx_http_drs_util_answer(ctx, replies[0], &a);

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (rc == NGX_DECLINED) {
        return ngx_http_drs_store_error(ctx, a.code, a.text);
    }

    began = s->enabled && replies[1]->type == REDIS_REPLY_NIL;
    v = drs_tagsync_settings_view(s->doc);
    (void) drs_json_set_str(
        v, "message",
        drs_str(s->enabled ? "Tag synchronisation is switched on."
                           : "Tag synchronisation is switched off."));
    (void) drs_json_set_bool(v, "syncTriggered", began);
    (void) json_object_set_new(
        v, "syncResult",
        began ? json_pack("{s:s}", "message",
                          "A tag synchronisation has been started.")
              : json_null());

    return ngx_http_drs_reply(ctx, NGX_HTTP_OK, v);
}
