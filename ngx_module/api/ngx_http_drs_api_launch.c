/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * PG7 to PG13: launch settings of a group's servers and their application.
 * Reading, and asking for a new application, need the store only; settings of
 * a server are validated against AWS by the worker.
 */

#include "ngx_http_drs_api_util.h"

#include "drs_model_launch_check.h"
#include "drs_model_launch_job.h"
#include "drs_store_launch.h"
#include "drs_time.h"


#define NGX_HTTP_DRS_LAUNCH_MS 25000


typedef struct {
    drs_str_t id, server;
    json_t   *group;
    json_t   *status; /* of a new job */
} ngx_http_drs_launch_t;


static ngx_int_t ngx_http_drs_launch_status(ngx_http_drs_ctx_t *ctx,
                                            redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_launch_begin(ngx_http_drs_ctx_t *ctx,
                                           redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_launch_begun(ngx_http_drs_ctx_t *ctx,
                                           redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_launch_server(ngx_http_drs_ctx_t *ctx,
                                            redisReply **replies, ngx_uint_t n);


static ngx_int_t
ngx_http_drs_launch_404(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_util_not_found(ctx, DRS_ERR_PROTECTION_GROUP_NOT_FOUND,
                                       "groupId", ctx->params[0]);
}


static ngx_int_t
ngx_http_drs_launch_no_server(ngx_http_drs_ctx_t *ctx, drs_str_t id,
                              drs_str_t server)
{
    json_t *fields;

    fields = json_object();
    (void) drs_json_set_str(fields, "serverId", server);
    (void) drs_json_set_str(fields, "groupId", id);

    return ngx_http_drs_error(ctx, DRS_ERR_SERVER_NOT_FOUND, fields, NULL,
                              NULL);
}


/* Reads group and record; `done` gets both. */
static ngx_int_t
ngx_http_drs_launch_read(ngx_http_drs_ctx_t *ctx, ngx_http_drs_call_pt done)
{
    ngx_http_drs_calls_t   c;
    ngx_http_drs_launch_t *l;

    if (!drs_id_is_uuid4(ctx->params[0])) {
        return ngx_http_drs_launch_404(ctx);
    }

    l = ngx_pcalloc(ctx->r->pool, sizeof(ngx_http_drs_launch_t));
    if (l == NULL) {
        return NGX_ERROR;
    }

    l->id = ctx->params[0];
    l->server = ctx->n_params > 1 ? ctx->params[1] : drs_str(NULL);
    ctx->state = l;

    ngx_http_drs_util_calls(&c);
    ngx_http_drs_util_add(&c, ngx_http_drs_util_get(ctx, DRS_KEY_PG, l->id));
    ngx_http_drs_util_add(&c, ngx_http_drs_util_launch(ctx, l->id));

    return ngx_http_drs_util_send(ctx, &c, done);
}


ngx_int_t
ngx_http_drs_api_launch_status(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_launch_read(ctx, ngx_http_drs_launch_status);
}


static ngx_int_t
ngx_http_drs_launch_status(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                           ngx_uint_t n)
{
    json_t *group, *rows;

    (void) n;
    group = ngx_http_drs_util_doc(ctx, replies[0]);

    if (group == NULL) {
        return ngx_http_drs_launch_404(ctx);
    }

    rows = ngx_http_drs_util_launch_rows(ctx, replies[1]);
    if (rows == NULL) {
        return NGX_ERROR;
    }

    return ngx_http_drs_reply(ctx, NGX_HTTP_OK,
                              drs_view_launch_status(group, rows));
}


ngx_int_t
ngx_http_drs_api_launch_apply(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_launch_read(ctx, ngx_http_drs_launch_begin);
}


/* The state of the group against the request; NGX_DECLINED: answered. */
static ngx_int_t
ngx_http_drs_launch_may(ngx_http_drs_ctx_t *ctx, const json_t *group)
{
    int               force;
    json_t           *fields;
    drs_str_t         status;
    drs_model_error_t e;

    force = 0;
    drs_model_error_init(&e);

    if (drs_model_bool(&e, json_object_get(ctx->body, "force"), "force", &force)
        != DRS_OK)
    {
        (void) ngx_http_drs_util_refuse(ctx, &e);
        return NGX_DECLINED;
    }

    drs_model_error_free(&e);

    if (json_array_size(json_object_get(group, "sourceServerIds")) == 0) {
        (void) ngx_http_drs_error_param(ctx, DRS_ERR_INVALID_PARAMETER,
                                        "sourceServerIds", NULL,
                                        "a group with servers",
                                        "The protection group has no "
                                        "servers.");
        return NGX_DECLINED;
    }

    status =
        drs_json_field(json_object_get(group, "launchConfigStatus"), "status");
    fields = json_object();
    (void) drs_json_set_str(fields, "currentStatus", status);

    if (drs_str_eqz(status, "syncing")) {
        (void) ngx_http_drs_error(ctx, DRS_ERR_SYNC_IN_PROGRESS, fields, NULL,
                                  "The launch configuration is being "
                                  "applied.");
        return NGX_DECLINED;
    }

    if (!drs_model_launch_configured(group)) {
        (void) ngx_http_drs_error(ctx, DRS_ERR_INVALID_STATE_PARAMETER, fields,
                                  NULL,
                                  "The protection group has no "
                                  "launch settings.");
        return NGX_DECLINED;
    }

    if (drs_str_eqz(status, "pending") && !force) {
        (void) ngx_http_drs_error(ctx, DRS_ERR_INVALID_STATE_PARAMETER, fields,
                                  NULL,
                                  "The launch configuration is "
                                  "waiting to be applied. Use force to begin "
                                  "anew.");
        return NGX_DECLINED;
    }

    json_decref(fields);

    return NGX_OK;
}


/* Event launchconfig.status of the new job, on the request pool. */
static drs_str_t
ngx_http_drs_launch_event(ngx_http_drs_ctx_t *ctx, const json_t *group,
                          const json_t *status)
{
    char      iso[DRS_TIME_ISO_SIZE], *text;
    json_t   *e;
    drs_str_t s;

    (void) drs_time_iso_ms(iso, ngx_http_drs_now_ms());
    e = json_pack("{s:s, s:s, s:s, s:s, s:O, s:O?, s:I, s:o}", "time", iso,
                  "event", "launchconfig.status", "topic", "groups",
                  "resourceType", "group", "resourceId",
                  json_object_get(group, "groupId"), "accountId",
                  json_object_get(group, "accountId"), "version",
                  (json_int_t) drs_model_doc_version(group), "data",
                  drs_launch_event(status));
    (void) drs_json_set_str(e, "actor", ngx_http_drs_util_user(ctx));

    text = drs_json_text(e, NULL);
    json_decref(e);
    s = ngx_http_drs_copy(ctx, drs_str(text != NULL ? text : ""));
    free(text);

    return s;
}


static ngx_int_t
ngx_http_drs_launch_begin(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                          ngx_uint_t n)
{
    char                  *text;
    json_t                *old;
    drs_cmd_t             *cmd;
    const char            *job;
    drs_launch_put_t       put;
    ngx_http_drs_launch_t *l;

    (void) n;
    l = ctx->state;
    old = ngx_http_drs_util_doc(ctx, replies[0]);

    if (old == NULL) {
        return ngx_http_drs_launch_404(ctx);
    }

    if (ngx_http_drs_launch_may(ctx, old) != NGX_OK) {
        return NGX_OK;
    }

    job = ngx_http_drs_uuid(ctx);
    l->group = json_deep_copy(old);

    if (job == NULL || ngx_http_drs_defer_json(ctx, l->group) != NGX_OK) {
        return NGX_ERROR;
    }

    drs_model_launch_pending(l->group, drs_str(job),
                             ngx_http_drs_util_user(ctx));
    l->status = json_object_get(l->group, "launchConfigStatus");
    (void) drs_json_set_str(l->status, "requestId", ctx->request_id);

    text = drs_json_text(l->group, NULL);
    if (text == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(&put, sizeof(put));
    put.group = l->id;
    put.version = drs_model_doc_version(old);
    put.job = ngx_http_drs_util_launch_id(replies[1]);
    put.doc = drs_str(text);
    put.event = ngx_http_drs_launch_event(ctx, l->group, l->status);
    put.audit = ngx_http_drs_audit_text(ctx, "group.launch_apply", "group",
                                        l->id, drs_json_field(old, "groupName"),
                                        "succeeded", NULL, NULL);

    cmd = drs_store_launch_put(ngx_http_drs_prefix(ctx), &put);
    free(text);

    return ngx_http_drs_call1(ctx, cmd, ngx_http_drs_launch_begun);
}


static ngx_int_t
ngx_http_drs_launch_begun(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                          ngx_uint_t n)
{
    json_t                *body;
    int64_t                current;
    ngx_int_t              rc;
    drs_answer_t           a;
    drs_model_error_t      e;
    ngx_http_drs_launch_t *l;

    (void) n;
    l = ctx->state;
    rc = ngx_http_drs_util_answer(ctx, replies[0], &a);

    if (rc == NGX_DECLINED) {
        if (drs_answer_is(&a, "PROTECTION_GROUP_NOT_FOUND")) {
            return ngx_http_drs_launch_404(ctx);
        }

        if (drs_answer_is(&a, "VERSION_CONFLICT")) {
            if (drs_str_i64(drs_answer_detail(&a, "currentVersion", NULL),
                            &current)
                != DRS_OK)
            {
                current = 0;
            }

            drs_model_error_init(&e);
            (void) drs_model_version_conflict(
                &e, drs_model_doc_version(l->group), current, l->id);
            return ngx_http_drs_util_refuse(ctx, &e);
        }

        return ngx_http_drs_store_error(ctx, a.code, a.text);
    }

    if (rc != NGX_OK) {
        return NGX_ERROR;
    }

    body = drs_view_launch_status(l->group, NULL);
    (void) drs_json_set_str(body, "groupId", l->id);
    (void) json_object_set_new(
        body, "message",
        json_string(
            "The launch configuration is being applied in the background."));

    return ngx_http_drs_reply(ctx, NGX_HTTP_ACCEPTED, body);
}


ngx_int_t
ngx_http_drs_api_launch_server_get(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_launch_read(ctx, ngx_http_drs_launch_server);
}


static ngx_int_t
ngx_http_drs_launch_server(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                           ngx_uint_t n)
{
    json_t                *group;
    ngx_http_drs_launch_t *l;

    (void) n;
    l = ctx->state;
    group = ngx_http_drs_util_doc(ctx, replies[0]);

    if (group == NULL) {
        return ngx_http_drs_launch_404(ctx);
    }

    if (!drs_launch_member(group, l->server)) {
        return ngx_http_drs_launch_no_server(ctx, l->id, l->server);
    }

    return ngx_http_drs_reply(ctx, NGX_HTTP_OK,
                              drs_view_launch_server(group, l->server));
}


/* A command about a group or one of its servers; takes `more` over. */
static ngx_int_t
ngx_http_drs_launch_command(ngx_http_drs_ctx_t *ctx, const char *type,
                            const char *field, json_t *more)
{
    json_t   *payload;
    ngx_int_t rc;

    if (!drs_id_is_uuid4(ctx->params[0])) {
        json_decref(more);
        return ngx_http_drs_launch_404(ctx);
    }

    if (ctx->n_params > 1 && !drs_id_is_source_server(ctx->params[1])) {
        json_decref(more);
        return ngx_http_drs_launch_no_server(ctx, ctx->params[0],
                                             ctx->params[1]);
    }

    payload = json_object();
    (void) drs_json_set_str(payload, "groupId", ctx->params[0]);

    if (ctx->n_params > 1) {
        (void) drs_json_set_str(payload, "serverId", ctx->params[1]);
    }

    if (more != NULL) {
        (void) json_object_set_new(payload, field, more);
    }

    rc = ngx_http_drs_command(ctx, type, NULL, payload, 0,
                              NGX_HTTP_DRS_LAUNCH_MS,
                              ngx_http_drs_command_answer);
    json_decref(payload);

    return rc;
}


ngx_int_t
ngx_http_drs_api_launch_server_put(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_launch_command(ctx, "launch.server", "body",
                                       json_incref(ctx->body));
}


ngx_int_t
ngx_http_drs_api_launch_server_delete(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_launch_command(ctx, "launch.delete", NULL, NULL);
}


ngx_int_t
ngx_http_drs_api_launch_bulk(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_launch_command(ctx, "launch.bulk", "body",
                                       json_incref(ctx->body));
}


ngx_int_t
ngx_http_drs_api_launch_ip(ngx_http_drs_ctx_t *ctx)
{
    size_t            i;
    json_t           *v;
    drs_model_error_t e;

    static const char *const names[] = { "staticPrivateIp", "subnetId" };

    drs_model_error_init(&e);

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        v = json_object_get(ctx->body, names[i]);

        if (v == NULL || json_is_null(v)
            || (json_is_string(v) && json_string_length(v) == 0))
        {
            (void) drs_model_missing(&e, DRS_ERR_MISSING_FIELD, names[i]);

        } else if (!json_is_string(v)) {
            (void) drs_model_invalid(&e, names[i], v, "a string");
        }
    }

    if (drs_model_result(&e) != DRS_OK) {
        return ngx_http_drs_util_refuse(ctx, &e);
    }

    drs_model_error_free(&e);

    return ngx_http_drs_launch_command(
        ctx, "launch.ip", "probe",
        json_pack("{s:b, s:{s:O, s:O}}", "useGroupDefaults", 0,
                  "launchTemplate", names[0],
                  json_object_get(ctx->body, names[0]), names[1],
                  json_object_get(ctx->body, names[1])));
}
