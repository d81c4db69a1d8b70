
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * CORS and OPTIONS (api.md 1.5).  Without drs_cors_origin no such header is
 * sent at all: the console is served from the same origin.
 */

#include "ngx_http_drs_module.h"


static drs_str_t
ngx_http_drs_cors_origin(ngx_http_drs_ctx_t *ctx, ngx_uint_t *listed);


/*
 * The value of Access-Control-Allow-Origin, empty for none; *listed is 1 if it
 * depends on the request.
 */
static drs_str_t
ngx_http_drs_cors_origin(ngx_http_drs_ctx_t *ctx, ngx_uint_t *listed)
{
    ngx_str_t               *o;
    ngx_uint_t               i;
    drs_str_t                origin, none = drs_null_string;
    ngx_http_drs_loc_conf_t *loc;

    loc = ngx_http_drs_core(ctx)->loc;
    *listed = 0;

    if (loc->any_origin == 1) {
        return drs_str("*");
    }

    if (loc->origins == NULL) {
        return none;
    }

    *listed = 1;
    origin = ngx_http_drs_request_header(ctx, "origin");
    o = loc->origins->elts;

    for (i = 0; i < loc->origins->nelts; i++) {
        if (drs_str_eq(origin, ngx_http_drs_view(&o[i]))) {
            return origin;
        }
    }

    return none;
}


/* Headers of every answer; errors carry them too. */
ngx_int_t
ngx_http_drs_cors(ngx_http_drs_ctx_t *ctx)
{
    char                    methods[64];
    ngx_int_t               rc;
    drs_str_t               origin;
    ngx_uint_t              listed;
    ngx_http_drs_request_t *req;

    req = ngx_http_drs_core(ctx);
    origin = ngx_http_drs_cors_origin(ctx, &listed);
    rc = NGX_OK;

    if (listed) {
        rc |= ngx_http_drs_header(ctx, "Vary", drs_str("Origin"));
    }

    if (origin.len == 0) {
        return rc == NGX_OK ? NGX_OK : NGX_ERROR;
    }

    rc |= ngx_http_drs_header(ctx, "Access-Control-Allow-Origin", origin);
    rc |= ngx_http_drs_header(ctx, "Access-Control-Allow-Headers",
                              drs_str("Content-Type,Authorization"));

    if (ctx->r->method == NGX_HTTP_OPTIONS) {
        drs_methods_text(methods, sizeof(methods), req->allow);
        rc |= ngx_http_drs_header(ctx, "Access-Control-Allow-Methods",
                                  drs_str(methods));
        rc |=
            ngx_http_drs_header(ctx, "Access-Control-Max-Age", drs_str("600"));

    } else {
        rc |= ngx_http_drs_header(ctx, "Access-Control-Allow-Methods",
                                  drs_str(NGX_HTTP_DRS_CORS_METHODS));
    }

    return rc == NGX_OK ? NGX_OK : NGX_ERROR;
}


/* OPTIONS of a routed path: no token, 200, no body. */
ngx_int_t
ngx_http_drs_options(ngx_http_drs_ctx_t *ctx)
{
    char      methods[64];
    ngx_str_t type = ngx_string("application/json");
    drs_str_t none = drs_null_string;

    drs_methods_text(methods, sizeof(methods), ngx_http_drs_core(ctx)->allow);

    if (ngx_http_drs_header(ctx, "Allow", drs_str(methods)) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_drs_send(ctx, NGX_HTTP_OK, &type, none);
}
