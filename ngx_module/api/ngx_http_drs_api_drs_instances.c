/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * RP6, RP7, DRS13, DRS14: recovery instances that are there.
 */

#include "ngx_http_drs_api_util.h"

#include "drs_store_work.h"


static ngx_int_t ngx_http_drs_instances_due(ngx_http_drs_ctx_t *ctx,
                                            redisReply **replies, ngx_uint_t n);
static ngx_int_t
ngx_http_drs_instances_status(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                              ngx_uint_t n);


ngx_int_t
ngx_http_drs_api_plan_existing(ngx_http_drs_ctx_t *ctx)
{
    json_t   *payload;
    drs_str_t id;

    id = ctx->params[0];

    if (!drs_id_is_uuid4(id)) {
        return ngx_http_drs_util_not_found(ctx, DRS_ERR_RECOVERY_PLAN_UNKNOWN,
                                           "planId", id);
    }

    payload = json_object();
    if (ngx_http_drs_defer_json(ctx, payload) != NGX_OK) {
        return NGX_ERROR;
    }

    (void) drs_json_set_str(payload, "planId", id);

    return ngx_http_drs_command(ctx, "plan.existing", NULL, payload, 0, 0,
                                ngx_http_drs_command_answer);
}


ngx_int_t
ngx_http_drs_api_instances_sync(ngx_http_drs_ctx_t *ctx)
{
    json_t *payload, *v;

    v = json_object_get(ctx->body, "async");

    if (v != NULL && !json_is_boolean(v)) {
        return ngx_http_drs_error_param(ctx, DRS_ERR_INVALID_PARAMETER, "async",
                                        v, "true or false",
                                        "async must be true or false.");
    }

    if (json_is_true(v)) {
        return ngx_http_drs_call1(ctx,
                                  drs_store_task_due(ngx_http_drs_prefix(ctx),
                                                     drs_str("instances"), 0),
                                  ngx_http_drs_instances_due);
    }

    payload = json_object();
    if (ngx_http_drs_defer_json(ctx, payload) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_drs_command(ctx, "instances.sync", NULL, payload, 0, 0,
                                ngx_http_drs_command_answer);
}


static ngx_int_t
ngx_http_drs_instances_due(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                           ngx_uint_t n)
{
    (void) replies;
    (void) n;

    return ngx_http_drs_reply(ctx, NGX_HTTP_ACCEPTED,
                              json_pack("{s:s, s:s}", "message",
                                        "The recovery instances are being "
                                        "read.",
                                        "status", "STARTED"));
}


ngx_int_t
ngx_http_drs_api_instances_status(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_call1(
        ctx, drs_key_cmd0("GET", ngx_http_drs_prefix(ctx), DRS_KEY_RI_RUN),
        ngx_http_drs_instances_status);
}


static ngx_int_t
ngx_http_drs_instances_status(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                              ngx_uint_t n)
{
    json_t     *doc, *errors, *time;
    const char *status;

    (void) n;
    doc = ngx_http_drs_util_doc(ctx, replies[0]);
    errors = json_object_get(doc, "errors");
    time = json_object_get(doc, "lastSyncTime");
    status = doc == NULL                   ? "no_sync_yet"
             : json_array_size(errors) > 0 ? "error"
                                           : "healthy";

    return ngx_http_drs_reply(
        ctx, NGX_HTTP_OK,
        json_pack("{s:o, s:I, s:o, s:s}", "lastSyncTime",
                  time != NULL ? json_incref(time) : json_null(),
                  "instancesUpdated",
                  (json_int_t) drs_json_int(doc, "instancesUpdated", 0),
                  "errors", errors != NULL ? json_incref(errors) : json_array(),
                  "status", status));
}
