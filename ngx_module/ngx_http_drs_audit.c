
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Audit entries of the module (security.md 8.2, api.md 10.4 AuditEntry without
 * id, time and hashes, which the sealing task adds).
 */

#include "ngx_http_drs_call.h"


#define NGX_HTTP_DRS_AUDIT_DEPTH    32


static json_t *ngx_http_drs_audit_entry(ngx_http_drs_ctx_t *ctx,
    const char *action, const char *outcome);
static json_t *ngx_http_drs_redact(const json_t *v, ngx_uint_t depth);
static ngx_uint_t ngx_http_drs_secret_key(const char *key);


/* 1 for keys whose value is never written down. */
static ngx_uint_t
ngx_http_drs_secret_key(const char *key)
{
    char                plain[64];
    size_t              i, n;
    static const char  *secrets[] = {
        "authorization", "cookie", "token", "password", "passwd", "secret",
        "credential", "apikey", "privatekey", "externalid", "sessiontoken",
        "signature", "accesskey"
    };

    for (n = 0; *key != '\0' && n < sizeof(plain) - 1; key++) {
        if (*key != '_' && *key != '-' && *key != '.' && *key != ' ') {
            plain[n++] = (char) ngx_tolower(*key);
        }
    }

    plain[n] = '\0';

    for (i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++) {
        if (ngx_strstr(plain, secrets[i]) != NULL) {
            return 1;
        }
    }

    return 0;
}


/* A copy without secrets; a new reference, or NULL. */
static json_t *
ngx_http_drs_redact(const json_t *v, ngx_uint_t depth)
{
    size_t       i;
    json_t      *copy, *item;
    const char  *key;

    if (depth > NGX_HTTP_DRS_AUDIT_DEPTH) {
        return json_string("[redacted]");
    }

    if (json_is_array(v)) {
        copy = json_array();

        json_array_foreach((json_t *) v, i, item) {
            json_array_append_new(copy, ngx_http_drs_redact(item, depth + 1));
        }

        return copy;
    }

    if (json_is_object(v)) {
        copy = json_object();

        json_object_foreach((json_t *) v, key, item) {
            json_object_set_new(copy, key, ngx_http_drs_secret_key(key)
                                ? json_string("[redacted]")
                                : ngx_http_drs_redact(item, depth + 1));
        }

        return copy;
    }

    return json_incref((json_t *) v);
}


static json_t *
ngx_http_drs_audit_entry(ngx_http_drs_ctx_t *ctx, const char *action,
    const char *outcome)
{
    json_t  *entry;

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
    const char *resource_type, drs_str_t resource_id, drs_str_t name,
    const char *outcome, const json_t *before, const json_t *after)
{
    json_t     *entry;
    drs_str_t   text;

    entry = ngx_http_drs_audit_entry(ctx, action, outcome);

    json_object_set_new(entry, "resourceType", json_string(resource_type));
    (void) drs_json_set_str(entry, "resourceId", resource_id);

    if (name.len) {
        (void) drs_json_set_str(entry, "resourceName", name);
    }

    if (before != NULL) {
        json_object_set_new(entry, "before", ngx_http_drs_redact(before, 0));
    }

    if (after != NULL) {
        json_object_set_new(entry, "after", ngx_http_drs_redact(after, 0));
    }

    text = ngx_http_drs_dump(ctx, entry);
    json_decref(entry);

    return text;
}


void
ngx_http_drs_audit(ngx_http_drs_ctx_t *ctx, const char *outcome,
    ngx_uint_t status, const char *code)
{
    json_t                  *entry;
    drs_cmd_t               *cmd;
    drs_str_t                text;
    ngx_http_drs_process_t  *process;

    process = ngx_http_drs_core(ctx)->process;

    if (!ngx_http_drs_pool_ready(process)) {
        return;
    }

    entry = ngx_http_drs_audit_entry(ctx, ctx->route == NULL
                                     ? "request" : ctx->route->reference,
                                     outcome);

    json_object_set_new(entry, "resourceType", json_string("route"));
    (void) drs_json_set_str(entry, "resourceId", ctx->path);
    json_object_set_new(entry, "httpStatus",
                        json_integer((json_int_t) status));
    json_object_set_new(entry, "errorCode", json_string(code));

    text = ngx_http_drs_dump(ctx, entry);
    json_decref(entry);

    if (text.len == 0) {
        return;
    }

    cmd = drs_key_cmd0("XADD", process->conf->prefix, DRS_KEY_AUDIT_IN);
    (void) drs_cmd_addz(cmd, "*");
    (void) drs_cmd_addz(cmd, "a");
    (void) drs_cmd_add(cmd, text);

    ngx_http_drs_exec_forget(process, cmd);
}
