/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * what a start would find. : an operator's decision about a wave
 * or a launch unit, which the worker makes with the engine.
 */

#include "ngx_http_drs_api_util.h"

#include "drs_model_exec_req.h"


#define NGX_HTTP_DRS_ASK_MS 25000


ngx_int_t
ngx_http_drs_api_plan_precheck(ngx_http_drs_ctx_t *ctx)
{
    json_t           *payload;
    drs_model_error_t e;

    drs_model_error_init(&e);

    if (drs_model_precheck(&e, ctx->body, ctx->params[0], &payload) != DRS_OK) {
        return ngx_http_drs_util_refuse(ctx, &e);
    }

    drs_model_error_free(&e);

    if (ngx_http_drs_defer_json(ctx, payload) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_drs_command(ctx, "plan.precheck", NULL, payload, 0,
                                NGX_HTTP_DRS_ASK_MS,
                                ngx_http_drs_command_answer);
}


/* Takes the checked request over. */
static ngx_int_t
ngx_http_drs_ask_send(ngx_http_drs_ctx_t *ctx, const char *type,
                      json_t *payload)
{
    drs_str_t id;

    if (ngx_http_drs_defer_json(ctx, payload) != NGX_OK) {
        return NGX_ERROR;
    }

    id = ngx_http_drs_util_exec_id(ctx);

    if (id.len == 0) {
        return ngx_http_drs_util_not_found(ctx, DRS_ERR_EXECUTION_NOT_FOUND,
                                           "executionId", ctx->params[0]);
    }

    (void) drs_json_set_str(payload, "executionId", id);

    return ngx_http_drs_command(ctx, type, NULL, payload, 0,
                                NGX_HTTP_DRS_ASK_MS,
                                ngx_http_drs_command_answer);
}


/* The wave of the path; what is no number is the number of no wave. */
static void
ngx_http_drs_ask_wave(ngx_http_drs_ctx_t *ctx, json_t *payload)
{
    uint64_t n;

    if (drs_str_u64(ctx->params[1], &n) != DRS_OK || n >= DRS_WAVES_MAX) {
        (void) drs_json_set_int(payload, "waveNumber", -1);
        return;
    }

    (void) drs_json_set_int(payload, "waveNumber", (int64_t) n);
}


ngx_int_t
ngx_http_drs_api_exec_retry(ngx_http_drs_ctx_t *ctx)
{
    json_t           *payload;
    drs_model_error_t e;

    drs_model_error_init(&e);

    if (drs_model_wave_retry(&e, ctx->body, &payload) != DRS_OK) {
        return ngx_http_drs_util_refuse(ctx, &e);
    }

    drs_model_error_free(&e);
    ngx_http_drs_ask_wave(ctx, payload);

    return ngx_http_drs_ask_send(ctx, "wave.retry", payload);
}


ngx_int_t
ngx_http_drs_api_exec_skip(ngx_http_drs_ctx_t *ctx)
{
    json_t           *payload;
    drs_model_error_t e;

    drs_model_error_init(&e);

    if (drs_model_wave_skip(&e, ctx->body, &payload) != DRS_OK) {
        return ngx_http_drs_util_refuse(ctx, &e);
    }

    drs_model_error_free(&e);
    ngx_http_drs_ask_wave(ctx, payload);

    return ngx_http_drs_ask_send(ctx, "wave.skip", payload);
}


ngx_int_t
ngx_http_drs_api_exec_resolve(ngx_http_drs_ctx_t *ctx)
{
    json_t           *payload;
    drs_model_error_t e;

    drs_model_error_init(&e);

    if (drs_model_unit_resolve(&e, ctx->body, &payload) != DRS_OK) {
        return ngx_http_drs_util_refuse(ctx, &e);
    }

    drs_model_error_free(&e);
    (void) drs_json_set_str(payload, "unitId", ctx->params[1]);

    return ngx_http_drs_ask_send(ctx, "unit.resolve", payload);
}
