/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * the local issuer is the worker.  Passwords and refresh tokens
 * are sealed for it here and never leave this process in clear
 * (decisions.md 11).
 */

#include "ngx_http_drs_api_util.h"

#include "drs_seal.h"


#define NGX_HTTP_DRS_SECRET_MAX 2048
#define NGX_HTTP_DRS_AUTH_MS    10000


typedef struct {
    const char *command;   /* "auth.login" */
    const char *fields[3]; /* secrets of the body, all required */
    const char *optional;  /* secret that may be absent */
    const char *plain;     /* member that is no secret */
} ngx_http_drs_auth_t;


static const ngx_http_drs_auth_t ngx_http_drs_auth_login = {
    "auth.login", { "password", NULL, NULL }, NULL, "username"
};

static const ngx_http_drs_auth_t ngx_http_drs_auth_refresh = {
    "auth.refresh", { "refreshToken", NULL, NULL }, NULL, NULL
};

static const ngx_http_drs_auth_t ngx_http_drs_auth_logout = {
    "auth.logout", { NULL, NULL, NULL }, "refreshToken", NULL
};

static const ngx_http_drs_auth_t ngx_http_drs_auth_password = {
    "auth.password", { "currentPassword", "newPassword", NULL }, NULL, NULL
};


static ngx_int_t
ngx_http_drs_auth_start(ngx_http_drs_ctx_t *ctx, const ngx_http_drs_auth_t *a);
static ngx_int_t ngx_http_drs_auth_send(ngx_http_drs_ctx_t *ctx,
                                        redisReply **replies, ngx_uint_t n);


static ngx_int_t
ngx_http_drs_auth_field(ngx_http_drs_ctx_t *ctx, const char *field)
{
    json_t *v;

    v = json_object_get(ctx->body, field);

    if (v == NULL || json_is_null(v)
        || (json_is_string(v) && json_string_length(v) == 0))
    {
        (void) ngx_http_drs_error(ctx, DRS_ERR_MISSING_FIELD,
                                  json_pack("{s:s}", "field", field), NULL,
                                  "The field %s is required.", field);
        return NGX_DECLINED;
    }

    if (!json_is_string(v) || json_string_length(v) > NGX_HTTP_DRS_SECRET_MAX) {
        (void) ngx_http_drs_error(ctx, DRS_ERR_INVALID_PARAMETER, NULL,
                                  json_pack("{s:s, s:s}", "parameter", field,
                                            "expected", "a short string"),
                                  "%s must be a short string.", field);
        return NGX_DECLINED;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_drs_auth_start(ngx_http_drs_ctx_t *ctx, const ngx_http_drs_auth_t *a)
{
    ngx_uint_t i;

    if (a->plain != NULL && ngx_http_drs_auth_field(ctx, a->plain) != NGX_OK) {
        return NGX_OK;
    }

    for (i = 0; a->fields[i] != NULL; i++) {
        if (ngx_http_drs_auth_field(ctx, a->fields[i]) != NGX_OK) {
            return NGX_OK;
        }
    }

    ctx->state = (void *) a;

    return ngx_http_drs_call1(
        ctx, drs_key_cmd0("GET", ngx_http_drs_prefix(ctx), DRS_KEY_SEAL_PUB),
        ngx_http_drs_auth_send);
}


/* The secrets of the body as one JSON object, sealed. */
static char *
ngx_http_drs_auth_seal(ngx_http_drs_ctx_t *ctx, const ngx_http_drs_auth_t *a,
                       drs_str_t pem, const char *id)
{
    char      *sealed;
    json_t    *secret, *v;
    EVP_PKEY  *key;
    drs_buf_t  b;
    ngx_uint_t i;

    sealed = NULL;
    secret = json_object();
    drs_buf_init(&b, 0);

    for (i = 0; a->fields[i] != NULL; i++) {
        json_object_set(secret, a->fields[i],
                        json_object_get(ctx->body, a->fields[i]));
    }

    if (a->optional != NULL) {
        v = json_object_get(ctx->body, a->optional);

        if (json_is_string(v)
            && json_string_length(v) <= NGX_HTTP_DRS_SECRET_MAX) {
            json_object_set(secret, a->optional, v);
        }
    }

    key = drs_seal_public_key(pem);

    if (key != NULL && drs_json_dump(&b, secret) == DRS_OK
        && drs_seal(&sealed, key, drs_buf_str(&b), drs_str(id)) != DRS_OK)
    {
        sealed = NULL;
    }

    EVP_PKEY_free(key);
    drs_buf_free_secret(&b);
    json_decref(secret);

    return sealed;
}


static ngx_int_t
ngx_http_drs_auth_send(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                       ngx_uint_t n)
{
    char                      *sealed;
    json_t                    *payload;
    drs_str_t                  pem;
    ngx_int_t                  rc;
    const char                *id;
    const ngx_http_drs_auth_t *a;

    (void) n;
    a = ctx->state;
    pem = ngx_http_drs_reply_str(replies[0]);

    if (pem.len == 0) {
        return ngx_http_drs_error(ctx, DRS_ERR_LOCAL_AUTH_DISABLED, NULL, NULL,
                                  NULL);
    }

    id = ngx_http_drs_uuid(ctx);
    if (id == NULL) {
        return NGX_ERROR;
    }

    sealed = ngx_http_drs_auth_seal(ctx, a, pem, id);
    if (sealed == NULL) {
        ngx_log_error(NGX_LOG_ERR, ctx->r->connection->log, 0,
                      "drs: the published sealing key cannot be used");
        return NGX_ERROR;
    }

    payload = json_pack("{s:s}", "sealed", sealed);
    free(sealed);

    if (a->plain != NULL) {
        json_object_set(payload, a->plain,
                        json_object_get(ctx->body, a->plain));
    }

    rc = ngx_http_drs_command(ctx, a->command, id, payload,
                              NGX_HTTP_DRS_CMD_SECRET, NGX_HTTP_DRS_AUTH_MS,
                              ngx_http_drs_command_answer);
    json_decref(payload);

    return rc;
}


ngx_int_t
ngx_http_drs_api_auth_login(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_auth_start(ctx, &ngx_http_drs_auth_login);
}


ngx_int_t
ngx_http_drs_api_auth_refresh(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_auth_start(ctx, &ngx_http_drs_auth_refresh);
}


ngx_int_t
ngx_http_drs_api_auth_logout(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_auth_start(ctx, &ngx_http_drs_auth_logout);
}


ngx_int_t
ngx_http_drs_api_auth_password(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_auth_start(ctx, &ngx_http_drs_auth_password);
}
