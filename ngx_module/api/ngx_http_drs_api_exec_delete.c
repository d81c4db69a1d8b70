/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * EX3, EX4, EX15: deleting records of ended executions, some by id or all of
 * them.  The worker looks at each record and deletes it.
 */

#include "ngx_http_drs_api_util.h"

#include "drs_model_exec_req.h"


#define NGX_HTTP_DRS_DELETE_MS 25000


/* `payload` is taken over. */
static ngx_int_t
ngx_http_drs_delete_send(ngx_http_drs_ctx_t *ctx, json_t *payload)
{
    ngx_int_t rc;

    rc = ngx_http_drs_command(ctx, "exec.delete", NULL, payload, 0,
                              NGX_HTTP_DRS_DELETE_MS,
                              ngx_http_drs_command_answer);
    json_decref(payload);

    return rc;
}


/* What the query says; NGX_DECLINED: answered. */
static ngx_int_t
ngx_http_drs_delete_query(ngx_http_drs_ctx_t *ctx, drs_exec_delete_t *in)
{
    ngx_int_t rc;

    rc = ngx_http_drs_util_query(ctx, "force", &in->force);
    rc = rc == NGX_OK
             ? ngx_http_drs_util_query(ctx, "accountId", &in->account_id)
             : rc;
    rc = rc == NGX_OK ? ngx_http_drs_util_query(ctx, "ids", &in->ids) : rc;

    return rc;
}


static ngx_int_t
ngx_http_drs_delete_begin(ngx_http_drs_ctx_t *ctx, const json_t *body,
                          drs_exec_delete_form_t form)
{
    json_t           *payload;
    ngx_int_t         rc;
    drs_exec_delete_t in;
    drs_model_error_t e;

    ngx_memzero(&in, sizeof(in));
    in.form = form;
    in.body = body;

    rc = ngx_http_drs_delete_query(ctx, &in);
    if (rc != NGX_OK) {
        return rc == NGX_DECLINED ? NGX_OK : NGX_ERROR;
    }

    drs_model_error_init(&e);

    if (drs_model_exec_delete(&e, &in, &payload) != DRS_OK) {
        return ngx_http_drs_util_refuse(ctx, &e);
    }

    drs_model_error_free(&e);

    return ngx_http_drs_delete_send(ctx, payload);
}


/* DELETE with ids in the query or in a body, or without any: all. */
ngx_int_t
ngx_http_drs_api_exec_delete(ngx_http_drs_ctx_t *ctx)
{
    json_t          *body;
    drs_json_error_t err;

    body = NULL;

    if (drs_str_trim(ctx->raw_body).len) {
        body = drs_json_parse(ctx->raw_body, NULL, &err);

        if (body == NULL || !json_is_object(body)) {
            json_decref(body);
            return ngx_http_drs_error_param(ctx, DRS_ERR_INVALID_JSON, "body",
                                            NULL, "valid JSON",
                                            "The request body is not a JSON "
                                            "object.");
        }

        if (ngx_http_drs_defer_json(ctx, body) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return ngx_http_drs_delete_begin(ctx, body, DRS_EXEC_DELETE_ANY);
}


ngx_int_t
ngx_http_drs_api_exec_delete_ids(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_delete_begin(ctx, ctx->body, DRS_EXEC_DELETE_IDS);
}


ngx_int_t
ngx_http_drs_api_exec_delete_ended(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_delete_begin(ctx, NULL, DRS_EXEC_DELETE_ENDED);
}
