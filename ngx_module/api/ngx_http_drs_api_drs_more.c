/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * DRS5 to DRS10: what DRS shows, and a start outside of plans.  All of it is
 * answered by the worker.
 */

#include "ngx_http_drs_api_drs.h"

#include "drs_model_exec_req.h"


/* What a parameter must look like. */
typedef struct {
    const char        *name;
    const char *const *values; /* NULL-terminated; NULL: any text */
} ngx_http_drs_param_t;


static const char *const ngx_http_drs_job_types[] = {
    "LAUNCH", "TERMINATE", "CREATE_CONVERTED_SNAPSHOT", NULL
};

static const char *const ngx_http_drs_job_states[] = { "PENDING", "STARTED",
                                                       "COMPLETED", NULL };


/* Region and account of a request; NGX_DECLINED: answered. */
static ngx_int_t
ngx_http_drs_drs_place(ngx_http_drs_ctx_t *ctx, json_t *payload,
                       ngx_uint_t required)
{
    drs_str_t       v;
    drs_model_env_t env;

    v = drs_json_field(payload, "region");

    if (v.len == 0 && required) {
        (void) ngx_http_drs_error(ctx, DRS_ERR_MISSING_REGION,
                                  json_pack("{s:s}", "field", "region"),
                                  json_pack("{s:s}", "parameter", "region"),
                                  "The parameter region is required.");
        return NGX_DECLINED;
    }

    ngx_memzero(&env, sizeof(env));

    if (v.len && !drs_model_region_known(&env, v)) {
        (void) ngx_http_drs_error_param(
            ctx, DRS_ERR_INVALID_PARAMETER, "region",
            json_object_get(payload, "region"), "one of the known Regions",
            "The Region is unknown.");
        return NGX_DECLINED;
    }

    v = drs_json_field(payload, "accountId");

    if (v.len && !drs_id_is_account(v)) {
        (void) ngx_http_drs_error_param(
            ctx, DRS_ERR_INVALID_PARAMETER, "accountId",
            json_object_get(payload, "accountId"), "12 digits",
            "accountId must have 12 digits.");
        return NGX_DECLINED;
    }

    return NGX_OK;
}


/* One of the values of a parameter; NGX_DECLINED: answered. */
static ngx_int_t
ngx_http_drs_drs_value(ngx_http_drs_ctx_t *ctx, const json_t *payload,
                       const ngx_http_drs_param_t *p)
{
    ngx_uint_t i;
    drs_str_t  v;

    v = drs_json_field(payload, p->name);

    if (v.len == 0 || p->values == NULL) {
        return NGX_OK;
    }

    for (i = 0; p->values[i] != NULL; i++) {
        if (drs_str_ieqz(v, p->values[i])) {
            return NGX_OK;
        }
    }

    (void) ngx_http_drs_error_param(ctx, DRS_ERR_INVALID_PARAMETER, p->name,
                                    json_object_get(payload, p->name),
                                    "one of the known values",
                                    "%s has an unknown value.", p->name);

    return NGX_DECLINED;
}


/* The query as a payload and the command. */
static ngx_int_t
ngx_http_drs_drs_send(ngx_http_drs_ctx_t *ctx, const char *type,
                      const ngx_http_drs_param_t *params, ngx_uint_t required,
                      ngx_http_drs_command_pt done)
{
    json_t   *payload;
    drs_str_t v;
    ngx_int_t rc;

    payload = json_object();
    if (ngx_http_drs_defer_json(ctx, payload) != NGX_OK) {
        return NGX_ERROR;
    }

    rc = NGX_OK;

    for (/* void */; params->name != NULL && rc == NGX_OK; params++) {
        rc = ngx_http_drs_util_query(ctx, params->name, &v);

        if (rc == NGX_OK && v.len) {
            (void) drs_json_set_str(payload, params->name, v);
        }

        rc = rc == NGX_OK ? ngx_http_drs_drs_value(ctx, payload, params) : rc;
    }

    rc = rc == NGX_OK ? ngx_http_drs_drs_place(ctx, payload, required) : rc;

    if (rc != NGX_OK) {
        return rc == NGX_DECLINED ? NGX_OK : NGX_ERROR;
    }

    ctx->state = payload;

    return ngx_http_drs_command(ctx, type, NULL, payload, 0, 0, done);
}


ngx_int_t
ngx_http_drs_api_drs_jobs(ngx_http_drs_ctx_t *ctx)
{
    static const ngx_http_drs_param_t params[] = {
        { "region", NULL },
        { "accountId", NULL },
        { "jobType", ngx_http_drs_job_types },
        { "status", ngx_http_drs_job_states },
        { NULL, NULL }
    };

    return ngx_http_drs_drs_send(ctx, "drs.jobs", params, 1,
                                 ngx_http_drs_command_answer);
}


ngx_int_t
ngx_http_drs_api_drs_replication(ngx_http_drs_ctx_t *ctx)
{
    static const ngx_http_drs_param_t params[] = { { "region", NULL },
                                                   { "accountId", NULL },
                                                   { "sourceServerIds", NULL },
                                                   { NULL, NULL } };

    return ngx_http_drs_drs_send(ctx, "drs.replication", params, 1,
                                 ngx_http_drs_command_answer);
}


ngx_int_t
ngx_http_drs_api_drs_service(ngx_http_drs_ctx_t *ctx)
{
    static const ngx_http_drs_param_t params[] = { { "region", NULL },
                                                   { "accountId", NULL },
                                                   { NULL, NULL } };

    return ngx_http_drs_drs_send(ctx, "drs.service", params, 0,
                                 ngx_http_drs_command_answer);
}


ngx_int_t
ngx_http_drs_api_drs_failover(ngx_http_drs_ctx_t *ctx)
{
    static const ngx_http_drs_param_t params[] = { { "region", NULL },
                                                   { "accountId", NULL },
                                                   { NULL, NULL } };

    return ngx_http_drs_drs_send(ctx, "drs.failover", params, 1,
                                 ngx_http_drs_command_answer);
}


ngx_int_t
ngx_http_drs_api_drs_inventory(ngx_http_drs_ctx_t *ctx)
{
    static const ngx_http_drs_param_t params[] = {
        { "region", NULL },
        { "regions", NULL },
        { "sourceAccountId", NULL },
        { "filters", NULL },
        { "currentProtectionGroupId", NULL },
        { "filterByProtectionGroup", NULL },
        { NULL, NULL }
    };

    return ngx_http_drs_drs_send(ctx, "drs.inventory", params, 0,
                                 ngx_http_drs_inventory_places);
}


ngx_int_t
ngx_http_drs_api_drs_start(ngx_http_drs_ctx_t *ctx)
{
    json_t           *payload;
    ngx_int_t         rc;
    drs_model_env_t   env;
    drs_model_error_t e;

    ngx_memzero(&env, sizeof(env));
    drs_model_error_init(&e);

    if (drs_model_drs_start(&e, ctx->body, &env, &payload) != DRS_OK) {
        return ngx_http_drs_util_refuse(ctx, &e);
    }

    drs_model_error_free(&e);

    rc = ngx_http_drs_command(ctx, "drs.start", NULL, payload, 0, 25000,
                              ngx_http_drs_command_answer);
    json_decref(payload);

    return rc;
}
