/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * PG2 to PG6: one protection group.  What needs DRS (a new selection) goes to
 * the worker; everything else is written from here.
 */

#include "ngx_http_drs_api_util.h"

#include "drs_model_group.h"
#include "drs_model_launch_check.h"
#include "drs_model_launch_job.h"
#include "drs_view_doc.h"


#define NGX_HTTP_DRS_GROUP_MS 25000


typedef struct {
    drs_str_t  id;
    json_t    *old, *doc;
    ngx_uint_t sync;   /* PG4 applyConfigsSync */
    json_t    *fields; /* of a refusal that needs a look-up */
    drs_err_t  err;
} ngx_http_drs_group_t;


static ngx_int_t ngx_http_drs_group_got(ngx_http_drs_ctx_t *ctx,
                                        redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_group_new(ngx_http_drs_ctx_t *ctx,
                                        redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_group_change(ngx_http_drs_ctx_t *ctx,
                                           redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_group_stored(ngx_http_drs_ctx_t *ctx,
                                           redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_group_drop(ngx_http_drs_ctx_t *ctx,
                                         redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_group_dropped(ngx_http_drs_ctx_t *ctx,
                                            redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_group_users(ngx_http_drs_ctx_t *ctx,
                                          redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_group_in_use(ngx_http_drs_ctx_t *ctx,
                                           redisReply **replies, ngx_uint_t n);
static ngx_int_t
ngx_http_drs_group_resolve_env(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                               ngx_uint_t n);


static ngx_int_t
ngx_http_drs_group_404(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_util_not_found(ctx, DRS_ERR_PROTECTION_GROUP_NOT_FOUND,
                                       "groupId", ctx->params[0]);
}


/* State of a handler whose path names a group; NULL: answered or no memory. */
static ngx_http_drs_group_t *
ngx_http_drs_group_state(ngx_http_drs_ctx_t *ctx, ngx_int_t *rc)
{
    ngx_http_drs_group_t *g;

    if (!drs_id_is_uuid4(ctx->params[0])) {
        *rc = ngx_http_drs_group_404(ctx);
        return NULL;
    }

    *rc = NGX_ERROR;
    g = ngx_pcalloc(ctx->r->pool, sizeof(ngx_http_drs_group_t));

    if (g != NULL) {
        g->id = ctx->params[0];
        ctx->state = g;
    }

    return g;
}


ngx_int_t
ngx_http_drs_api_group_get(ngx_http_drs_ctx_t *ctx)
{
    ngx_http_drs_calls_t c;

    if (!drs_id_is_uuid4(ctx->params[0])) {
        return ngx_http_drs_group_404(ctx);
    }

    ngx_http_drs_util_calls(&c);
    ngx_http_drs_util_add(
        &c, ngx_http_drs_util_get(ctx, DRS_KEY_PG, ctx->params[0]));
    ngx_http_drs_util_add(&c, ngx_http_drs_util_launch(ctx, ctx->params[0]));

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_group_got);
}


/*
 * A stored group is what the caller gets: its bytes pass through, unless there
 * are rows of its launch settings.
 */
static ngx_int_t
ngx_http_drs_group_got(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                       ngx_uint_t n)
{
    json_t *doc, *rows;

    (void) n;

    if (replies[0]->type != REDIS_REPLY_STRING) {
        return ngx_http_drs_group_404(ctx);
    }

    if (replies[1]->elements > 0) {
        doc = ngx_http_drs_util_doc(ctx, replies[0]);
        rows = ngx_http_drs_util_launch_rows(ctx, replies[1]);

        if (doc == NULL || rows == NULL) {
            return NGX_ERROR;
        }

        return ngx_http_drs_reply(ctx, NGX_HTTP_OK,
                                  drs_view_launch_group(doc, rows));
    }

    if (ngx_http_drs_util_group_private(ngx_http_drs_reply_str(replies[0]))) {
        doc = ngx_http_drs_util_doc(ctx, replies[0]);

        return doc == NULL
                   ? NGX_ERROR
                   : ngx_http_drs_reply(ctx, NGX_HTTP_OK, drs_view_group(doc));
    }

    return ngx_http_drs_reply_raw(ctx, NGX_HTTP_OK,
                                  ngx_http_drs_reply_str(replies[0]));
}


ngx_int_t
ngx_http_drs_api_group_create(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_call1(ctx, ngx_http_drs_util_get_hub(ctx),
                              ngx_http_drs_group_new);
}


/* The request that a new job belongs to. */
static void
ngx_http_drs_group_job(ngx_http_drs_ctx_t *ctx, json_t *doc)
{
    json_t *status;

    status = json_object_get(doc, "launchConfigStatus");

    if (drs_json_field(status, "syncJobId").len) {
        (void) drs_json_set_str(status, "requestId", ctx->request_id);
    }
}


static ngx_int_t
ngx_http_drs_group_command(ngx_http_drs_ctx_t *ctx, const char *type,
                           json_t *doc, const json_t *old)
{
    json_t   *payload;
    ngx_int_t rc;

    payload = json_pack("{s:O}", "group", doc);

    if (old != NULL) {
        json_object_set(payload, "oldDoc", (json_t *) old);
        (void) drs_json_set_int(payload, "expectedVersion",
                                drs_model_doc_version(old));
        (void) drs_json_set_bool(
            payload, "sync", ((ngx_http_drs_group_t *) ctx->state)->sync != 0);
        (void) drs_json_set_bool(payload, "servers",
                                 json_object_get(ctx->body, "servers") != NULL);
    }

    rc =
        ngx_http_drs_command(ctx, type, NULL, payload, 0, NGX_HTTP_DRS_GROUP_MS,
                             ngx_http_drs_command_answer);
    json_decref(payload);

    return rc;
}


static ngx_int_t
ngx_http_drs_group_new(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                       ngx_uint_t n)
{
    json_t           *doc;
    const char       *id;
    drs_model_env_t   env;
    drs_model_error_t e;

    (void) n;
    ngx_http_drs_util_env(ctx, replies[0], &env);
    drs_model_error_init(&e);

    id = ngx_http_drs_uuid(ctx);
    if (id == NULL) {
        return NGX_ERROR;
    }

    if (drs_model_group_create(&e, ctx->body, &env, drs_str(id), &doc)
        != DRS_OK) {
        return ngx_http_drs_util_refuse(ctx, &e);
    }

    drs_model_error_free(&e);

    if (ngx_http_drs_defer_json(ctx, doc) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_http_drs_group_job(ctx, doc);

    return ngx_http_drs_group_command(ctx, "group.create", doc, NULL);
}


ngx_int_t
ngx_http_drs_api_group_update(ngx_http_drs_ctx_t *ctx)
{
    drs_str_t             sync;
    ngx_int_t             rc;
    ngx_http_drs_calls_t  c;
    ngx_http_drs_group_t *g;

    g = ngx_http_drs_group_state(ctx, &rc);
    if (g == NULL) {
        return rc;
    }

    rc = ngx_http_drs_util_query(ctx, "applyConfigsSync", &sync);
    if (rc != NGX_OK) {
        return rc == NGX_DECLINED ? NGX_OK : NGX_ERROR;
    }

    g->sync = drs_str_eqz(sync, "true");

    ngx_http_drs_util_calls(&c);
    ngx_http_drs_util_add(&c, ngx_http_drs_util_get(ctx, DRS_KEY_PG, g->id));
    ngx_http_drs_util_add(&c, ngx_http_drs_util_get_hub(ctx));

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_group_change);
}


/*
 * A new selection is asked of DRS, an address in a changed subnet of EC2, and
 * the application of settings is awaited by the worker.
 */
static ngx_uint_t
ngx_http_drs_group_needs_worker(const ngx_http_drs_group_t *g, unsigned changes)
{
    json_t    *moved;
    ngx_uint_t any;

    if ((changes & DRS_GROUP_CHANGED_SELECTION) || g->sync) {
        return 1;
    }

    if (!(changes & DRS_GROUP_CHANGED_LAUNCH)) {
        return 0;
    }

    moved = drs_launch_moved(g->old, g->doc);
    any = json_array_size(moved) > 0;
    json_decref(moved);

    return any;
}


static ngx_int_t
ngx_http_drs_group_change(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                          ngx_uint_t n)
{
    unsigned              changes;
    drs_doc_write_t       w;
    drs_model_env_t       env;
    drs_model_error_t     e;
    ngx_http_drs_group_t *g;

    (void) n;
    g = ctx->state;

    g->old = ngx_http_drs_util_doc(ctx, replies[0]);
    if (g->old == NULL) {
        return ngx_http_drs_group_404(ctx);
    }

    ngx_http_drs_util_env(ctx, replies[1], &env);
    drs_model_error_init(&e);

    if (drs_model_group_update(&e, ctx->body, g->old, &env, &g->doc, &changes)
        != DRS_OK)
    {
        return ngx_http_drs_util_refuse(ctx, &e);
    }

    drs_model_error_free(&e);

    if (ngx_http_drs_defer_json(ctx, g->doc) != NGX_OK) {
        return NGX_ERROR;
    }

    if (changes & (DRS_GROUP_CHANGED_SELECTION | DRS_GROUP_CHANGED_LAUNCH)) {
        ngx_http_drs_group_job(ctx, g->doc);
    }

    if (ngx_http_drs_group_needs_worker(g, changes)) {
        return ngx_http_drs_group_command(ctx, "group.update", g->doc, g->old);
    }

    ngx_memzero(&w, sizeof(w));
    w.old = g->old;
    w.doc = g->doc;
    w.own_account = env.own_account;
    ngx_http_drs_util_write(ctx, &w, "group.update", "group", "groupId",
                            "groupName");

    return ngx_http_drs_call1(ctx, drs_doc_write_group(&w),
                              ngx_http_drs_group_stored);
}


/* Who holds the name, or which plan runs: asked after the refusal. */
static ngx_int_t
ngx_http_drs_group_explained(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                             ngx_uint_t n)
{
    json_t               *doc;
    drs_str_t             name;
    ngx_http_drs_group_t *g;

    (void) n;
    g = ctx->state;

    if (g->err == DRS_ERR_PG_NAME_EXISTS) {
        doc = ngx_http_drs_util_doc(ctx, replies[0]);
        name = drs_json_field(doc, "groupName");

        if (name.len == 0) {
            name = drs_json_field(g->doc, "groupName");
        }

        (void) drs_json_set_str(g->fields, "existingName", name);

    } else {
        name = ngx_http_drs_reply_str(replies[0]);
        (void) drs_json_set_str(json_object_get(g->fields, "activeExecution"),
                                "planName", name.len ? name : drs_str(""));
    }

    return ngx_http_drs_error(ctx, g->err, json_incref(g->fields), NULL, NULL);
}


static ngx_int_t
ngx_http_drs_group_refused(ngx_http_drs_ctx_t *ctx, drs_answer_t *a)
{
    int64_t               current;
    drs_str_t             v, exec;
    drs_cmd_t            *cmd;
    drs_model_error_t     e;
    ngx_http_drs_group_t *g;

    g = ctx->state;

    if (drs_answer_is(a, "PROTECTION_GROUP_NOT_FOUND")) {
        return ngx_http_drs_group_404(ctx);
    }

    if (drs_answer_is(a, "VERSION_CONFLICT")) {
        v = drs_answer_detail(a, "currentVersion", NULL);

        if (drs_str_i64(v, &current) != DRS_OK) {
            current = 0;
        }

        drs_model_error_init(&e);
        (void) drs_model_version_conflict(&e, drs_model_doc_version(g->old),
                                          current, g->id);
        return ngx_http_drs_util_refuse(ctx, &e);
    }

    g->err = drs_err_by_code(a->code);
    g->fields = json_object();

    if (ngx_http_drs_defer_json(ctx, g->fields) != NGX_OK) {
        return NGX_ERROR;
    }

    if (g->err == DRS_ERR_PG_NAME_EXISTS) {
        v = drs_answer_detail(a, "existingId", NULL);
        cmd = ngx_http_drs_util_get(ctx, DRS_KEY_PG, v.len ? v : drs_str("-"));
        return ngx_http_drs_call1(ctx, cmd, ngx_http_drs_group_explained);
    }

    if (g->err == DRS_ERR_PG_IN_ACTIVE_EXECUTION) {
        exec = drs_answer_detail(a, "executionId", NULL);
        json_object_set_new(
            g->fields, "activeExecution",
            json_pack("{s:o, s:o, s:o}", "executionId", drs_json_new_str(exec),
                      "planId",
                      drs_json_new_str(drs_answer_detail(a, "planId", NULL)),
                      "status",
                      drs_json_new_str(drs_answer_detail(a, "status", NULL))));
        cmd =
            drs_key_cmd1("HGET", ngx_http_drs_prefix(ctx), DRS_KEY_EXEC, exec);
        (void) drs_cmd_addz(cmd, "planName");

        return ngx_http_drs_call1(ctx, cmd, ngx_http_drs_group_explained);
    }

    return ngx_http_drs_store_error(ctx, a->code, a->text);
}


static ngx_int_t
ngx_http_drs_group_stored(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                          ngx_uint_t n)
{
    ngx_int_t             rc;
    drs_answer_t          a;
    ngx_http_drs_group_t *g;

    (void) n;
    g = ctx->state;
    rc = ngx_http_drs_util_answer(ctx, replies[0], &a);

    if (rc == NGX_DECLINED) {
        return ngx_http_drs_group_refused(ctx, &a);
    }

    if (rc != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_drs_reply(ctx, NGX_HTTP_OK, drs_view_group(g->doc));
}


ngx_int_t
ngx_http_drs_api_group_delete(ngx_http_drs_ctx_t *ctx)
{
    ngx_int_t             rc;
    ngx_http_drs_group_t *g;

    g = ngx_http_drs_group_state(ctx, &rc);
    if (g == NULL) {
        return rc;
    }

    return ngx_http_drs_call1(ctx,
                              ngx_http_drs_util_get(ctx, DRS_KEY_PG, g->id),
                              ngx_http_drs_group_drop);
}


static ngx_int_t
ngx_http_drs_group_drop(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                        ngx_uint_t n)
{
    drs_doc_write_t       w;
    ngx_http_drs_group_t *g;

    (void) n;
    g = ctx->state;

    g->old = ngx_http_drs_util_doc(ctx, replies[0]);
    if (g->old == NULL) {
        return ngx_http_drs_group_404(ctx);
    }

    ngx_memzero(&w, sizeof(w));
    w.old = g->old;
    ngx_http_drs_util_write(ctx, &w, "group.delete", "group", "groupId",
                            "groupName");

    return ngx_http_drs_call1(ctx, drs_doc_write_group(&w),
                              ngx_http_drs_group_dropped);
}


static ngx_int_t
ngx_http_drs_group_dropped(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                           ngx_uint_t n)
{
    json_t               *v;
    ngx_int_t             rc;
    drs_answer_t          a;
    ngx_http_drs_group_t *g;

    (void) n;
    g = ctx->state;
    rc = ngx_http_drs_util_answer(ctx, replies[0], &a);

    if (rc == NGX_DECLINED) {
        if (drs_answer_is(&a, "PG_IN_USE")) {
            return ngx_http_drs_call1(ctx,
                                      drs_key_cmd1("SMEMBERS",
                                                   ngx_http_drs_prefix(ctx),
                                                   DRS_KEY_PG_PLANS, g->id),
                                      ngx_http_drs_group_users);
        }

        return ngx_http_drs_group_refused(ctx, &a);
    }

    if (rc != NGX_OK) {
        return NGX_ERROR;
    }

    v = json_pack("{s:s}", "message", "The protection group was deleted.");
    (void) drs_json_set_str(v, "groupId", g->id);

    return ngx_http_drs_reply(ctx, NGX_HTTP_OK, v);
}


static ngx_int_t
ngx_http_drs_group_users(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                         ngx_uint_t n)
{
    size_t               i;
    ngx_http_drs_calls_t c;

    (void) n;
    ngx_http_drs_util_calls(&c);
    ngx_http_drs_util_add(&c, ngx_http_drs_util_get_hub(ctx));

    for (i = 0; i < replies[0]->elements && i < 100; i++) {
        ngx_http_drs_util_add(
            &c, ngx_http_drs_util_get(
                    ctx, DRS_KEY_PLAN,
                    ngx_http_drs_reply_str(replies[0]->element[i])));
    }

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_group_in_use);
}


/* details is a list here: [{planId, planName, waveName}] (api.md PG5). */
static ngx_int_t
ngx_http_drs_group_in_use(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                          ngx_uint_t n)
{
    size_t                i, j;
    json_t               *names, *details, *top, *doc, *wave, *id;
    drs_error_t           e;
    ngx_int_t             rc;
    ngx_uint_t            k;
    ngx_http_drs_group_t *g;

    g = ctx->state;
    names = json_array();
    details = json_array();

    for (k = 1; k < n; k++) {
        doc = ngx_http_drs_util_doc(ctx, replies[k]);
        if (doc == NULL) {
            continue;
        }

        json_array_append(names, json_object_get(doc, "planName"));

        json_array_foreach (json_object_get(doc, "waves"), i, wave) {
            json_array_foreach (json_object_get(wave, "protectionGroupIds"), j,
                                id) {
                if (drs_str_eq(drs_json_str(id), g->id)) {
                    json_array_append_new(
                        details,
                        json_pack("{s:O, s:O, s:O}", "planId",
                                  json_object_get(doc, "planId"), "planName",
                                  json_object_get(doc, "planName"), "waveName",
                                  json_object_get(wave, "waveName")));
                }
            }
        }
    }

    top = json_pack("{s:o}", "plans", names);

    ngx_memzero(&e, sizeof(e));
    e.err = DRS_ERR_PG_IN_USE;
    e.top = top;
    e.details = details;
    rc = ngx_http_drs_error_full(ctx, &e);

    json_decref(top);
    json_decref(details);

    return rc;
}


ngx_int_t
ngx_http_drs_api_group_resolve(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_call1(ctx, ngx_http_drs_util_get_hub(ctx),
                              ngx_http_drs_group_resolve_env);
}


static ngx_int_t
ngx_http_drs_group_resolve_env(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                               ngx_uint_t n)
{
    json_t             *payload;
    ngx_int_t           rc;
    drs_model_env_t     env;
    drs_model_error_t   e;
    drs_model_resolve_t in;

    (void) n;
    ngx_http_drs_util_env(ctx, replies[0], &env);
    drs_model_error_init(&e);

    if (drs_model_group_resolve(&e, ctx->body, &env, &in) != DRS_OK) {
        return ngx_http_drs_util_refuse(ctx, &e);
    }

    drs_model_error_free(&e);

    payload = json_pack("{s:o}", "serverSelectionTags", in.tags);
    (void) drs_json_set_str(payload, "region", in.region);

    if (in.account_id.len) {
        (void) drs_json_set_str(payload, "accountId", in.account_id);
    }

    if (in.group_id.len) {
        (void) drs_json_set_str(payload, "protectionGroupId", in.group_id);
    }

    rc = ngx_http_drs_command(ctx, "group.resolve", NULL, payload, 0,
                              NGX_HTTP_DRS_GROUP_MS,
                              ngx_http_drs_command_answer);
    json_decref(payload);

    return rc;
}
