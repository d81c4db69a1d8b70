
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Audit entries of the module (security.md 8.2, api.md 10.4 AuditEntry without
 * id, time and hashes, which the sealing task adds).
 */

#include "ngx_http_drs_call.h"

#include "drs_audit.h"
#include "drs_store_audit.h"


#define NGX_HTTP_DRS_AUDIT_SAMPLE 60000 /* ms */


static json_t *
ngx_http_drs_audit_entry(ngx_http_drs_ctx_t *ctx, const char *action,
                         const char *outcome);
static void ngx_http_drs_audit_resource(ngx_http_drs_ctx_t *ctx, json_t *entry);


static json_t *
ngx_http_drs_audit_entry(ngx_http_drs_ctx_t *ctx, const char *action,
                         const char *outcome)
{
    json_t *entry;

    entry = json_object();

    json_object_set_new(entry, "action", json_string(action));
    json_object_set_new(entry, "outcome", json_string(outcome));
    json_object_set_new(entry, "actor", ngx_http_drs_actor(ctx));
    (void) drs_json_set_str(entry, "requestId", ctx->request_id);
    (void) drs_json_set_str(entry, "correlationId", ctx->request_id);
    (void) drs_json_set_str(entry, "sourceIp", ngx_http_drs_client_ip(ctx));
    (void) drs_json_set_str(entry, "userAgent",
                            ngx_http_drs_request_header(ctx, "user-agent"));

    return entry;
}


drs_str_t
ngx_http_drs_audit_text(ngx_http_drs_ctx_t *ctx, const char *action,
                        const char *resource_type, drs_str_t resource_id,
                        drs_str_t name, const char *outcome,
                        const json_t *before, const json_t *after)
{
    json_t   *entry, *b, *a;
    drs_str_t text = drs_null_string;

    if (drs_audit_diff(before, after, &b, &a) != DRS_OK) {
        return text;
    }

    entry = ngx_http_drs_audit_entry(ctx, action, outcome);

    json_object_set_new(entry, "resourceType", json_string(resource_type));
    (void) drs_json_set_str(entry, "resourceId", resource_id);

    if (name.len) {
        (void) drs_json_set_str(entry, "resourceName", name);
    }

    if (b != NULL) {
        json_object_set_new(entry, "before", b);
    }

    if (a != NULL) {
        json_object_set_new(entry, "after", a);
    }

    text = ngx_http_drs_dump(ctx, entry);
    json_decref(entry);

    return text;
}


/* What the request was about: the first id of its path, else the path. */
static void
ngx_http_drs_audit_resource(ngx_http_drs_ctx_t *ctx, json_t *entry)
{
    char     *dot;
    char      type[64];
    drs_str_t id, name;
    drs_buf_t b;

    id = ctx->n_params ? ctx->params[0] : ctx->path;

    drs_route_action(type, sizeof(type), ctx->route);
    dot = strchr(type, '.');

    if (dot != NULL) {
        *dot = '\0';
    }

    json_object_set_new(
        entry, "resourceType",
        json_string(ngx_strcmp(type, "exec") == 0 ? "execution" : type));
    (void) drs_json_set_str(entry, "resourceId", id);

    drs_buf_init(&b, 0);
    drs_buf_printf(&b, "%s %.*s", drs_method_name(ctx->route->method),
                   DRS_STR_ARG(ctx->path));
    name = drs_buf_str(&b);
    (void) drs_json_set_str(entry, "resourceName", name);
    drs_buf_free(&b);
}


void
ngx_http_drs_audit(ngx_http_drs_ctx_t *ctx, const char *outcome,
                   ngx_uint_t status, const char *code)
{
    char                    action[64];
    json_t                 *entry;
    drs_cmd_t              *cmd;
    drs_str_t               text;
    ngx_http_drs_process_t *process;

    process = ngx_http_drs_core(ctx)->process;

    if (ctx->route == NULL) {
        return;
    }

    if (!ngx_http_drs_pool_ready(process)) {
        ngx_log_error(NGX_LOG_WARN, ctx->r->connection->log, 0,
                      "drs: request %*s was %s, and the audit trail cannot "
                      "be reached",
                      ctx->request_id.len, ctx->request_id.data, outcome);
        return;
    }

    drs_route_action(action, sizeof(action), ctx->route);
    entry = ngx_http_drs_audit_entry(ctx, action, outcome);

    ngx_http_drs_audit_resource(ctx, entry);
    json_object_set_new(entry, "httpStatus", json_integer((json_int_t) status));

    if (code != NULL) {
        json_object_set_new(entry, "errorCode", json_string(code));
    }

    text = ngx_http_drs_dump(ctx, entry);
    json_decref(entry);

    if (text.len == 0) {
        return;
    }

    /* without a known caller there is no limit to how many there are */

    if (ctx->identity.token == NULL) {
        cmd = drs_store_audit_sample(process->conf->prefix,
                                     ngx_http_drs_client_ip(ctx),
                                     NGX_HTTP_DRS_AUDIT_SAMPLE, text);
    } else {
        cmd = drs_store_note(process->conf->prefix, text, drs_str(NULL));
    }

    ngx_http_drs_exec_forget(process, cmd);
}


/*
 * Refusals: whoever is refused for who he is, and changes that were asked for
 * and did not happen.  A wrong password was written down by the worker.
 */
void
ngx_http_drs_audit_error(ngx_http_drs_ctx_t *ctx, ngx_uint_t status,
                         const char *code)
{
    if (ctx->route == NULL || code == NULL) {
        return;
    }

    switch (status) {
    case NGX_HTTP_UNAUTHORIZED:
        if (ngx_strcmp(code, "INVALID_CREDENTIALS") == 0
            && ctx->route->id != DRS_ROUTE_AUTH_REFRESH)
        {
            return;
        }

        /* fall through */

    case NGX_HTTP_FORBIDDEN:
    case NGX_HTTP_TOO_MANY_REQUESTS:
        ngx_http_drs_audit(ctx, "denied", status, code);
        return;

    default:
        if (status >= NGX_HTTP_BAD_REQUEST && drs_route_changes(ctx->route)) {
            ngx_http_drs_audit(ctx, "failed", status, code);
        }
    }
}
