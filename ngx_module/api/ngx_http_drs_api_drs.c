/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * DRS1: source servers of an account and Region.  The worker answers from its
 * inventory while that is fresh and asks DRS otherwise.
 */

#include "ngx_http_drs_api_util.h"


ngx_int_t
ngx_http_drs_api_drs_servers(ngx_http_drs_ctx_t *ctx)
{
    size_t          i;
    json_t         *payload;
    drs_str_t       v;
    ngx_int_t       rc;
    drs_model_env_t env;

    static const char *const names[] = { "region", "accountId",
                                         "currentProtectionGroupId",
                                         "filterByProtectionGroup" };

    payload = json_object();
    if (ngx_http_drs_defer_json(ctx, payload) != NGX_OK) {
        return NGX_ERROR;
    }

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        rc = ngx_http_drs_util_query(ctx, names[i], &v);

        if (rc != NGX_OK) {
            return rc == NGX_DECLINED ? NGX_OK : NGX_ERROR;
        }

        if (v.len) {
            (void) drs_json_set_str(payload, names[i], v);
        }
    }

    v = drs_json_field(payload, "region");

    if (v.len == 0) {
        return ngx_http_drs_error(ctx, DRS_ERR_MISSING_REGION,
                                  json_pack("{s:s}", "field", "region"),
                                  json_pack("{s:s}", "parameter", "region"),
                                  "The parameter region is required.");
    }

    ngx_memzero(&env, sizeof(env));

    if (!drs_model_region_known(&env, v)) {
        return ngx_http_drs_error_param(
            ctx, DRS_ERR_INVALID_PARAMETER, "region",
            json_object_get(payload, "region"), "one of the known Regions",
            "The Region is unknown.");
    }

    v = drs_json_field(payload, "accountId");

    if (v.len && !drs_id_is_account(v)) {
        return ngx_http_drs_error_param(
            ctx, DRS_ERR_INVALID_PARAMETER, "accountId",
            json_object_get(payload, "accountId"), "12 digits",
            "accountId must have 12 digits.");
    }

    v = drs_json_field(payload, "filterByProtectionGroup");

    if (v.len && !drs_id_is_uuid4(v)) {
        return ngx_http_drs_util_not_found(
            ctx, DRS_ERR_PROTECTION_GROUP_NOT_FOUND, "groupId", v);
    }

    return ngx_http_drs_command(ctx, "servers.list", NULL, payload, 0, 0,
                                ngx_http_drs_command_answer);
}
