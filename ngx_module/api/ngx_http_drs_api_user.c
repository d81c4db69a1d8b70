/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * U1, U2, U3: the caller as the token describes it.
 */

#include "ngx_http_drs_api_util.h"

#include "drs_view_doc.h"


static void
ngx_http_drs_user_of(ngx_http_drs_ctx_t *ctx, drs_view_user_t *u)
{
    drs_jwt_t *t;

    ngx_memzero(u, sizeof(*u));

    t = ctx->identity.token;
    u->email = ctx->identity.email;
    u->user_id = ctx->identity.sub;
    u->username = ctx->identity.username;
    u->roles = ctx->identity.roles;
    u->perms = ctx->identity.perms;

    if (t != NULL) {
        u->groups = t->groups;
        u->n_groups = t->n_groups;
        u->claims = t->claims;
    }
}


ngx_int_t
ngx_http_drs_api_user_permissions(ngx_http_drs_ctx_t *ctx)
{
    drs_view_user_t u;

    ngx_http_drs_user_of(ctx, &u);

    return ngx_http_drs_reply(ctx, NGX_HTTP_OK, drs_view_user_permissions(&u));
}


ngx_int_t
ngx_http_drs_api_user_profile(ngx_http_drs_ctx_t *ctx)
{
    drs_view_user_t u;

    ngx_http_drs_user_of(ctx, &u);

    return ngx_http_drs_reply(ctx, NGX_HTTP_OK, drs_view_user_profile(&u));
}


ngx_int_t
ngx_http_drs_api_user_roles(ngx_http_drs_ctx_t *ctx)
{
    drs_view_user_t u;

    ngx_http_drs_user_of(ctx, &u);

    return ngx_http_drs_reply(ctx, NGX_HTTP_OK, drs_view_user_roles(&u));
}
