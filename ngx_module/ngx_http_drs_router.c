
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * The way of a request: path -> route -> token -> permission -> body ->
 * Idempotency-Key -> handler.  Every step may wait; ngx_http_drs_resume() goes
 * on and ends the request.
 */

#include "ngx_http_drs_call.h"
#include "ngx_http_drs_keyring.h"


static ngx_int_t  ngx_http_drs_start(ngx_http_drs_ctx_t *ctx);
static ngx_int_t  ngx_http_drs_route_request(ngx_http_drs_ctx_t *ctx);
static ngx_int_t  ngx_http_drs_authorize(ngx_http_drs_ctx_t *ctx);
static ngx_uint_t ngx_http_drs_free_address(ngx_http_drs_ctx_t *ctx);
static ngx_uint_t
ngx_http_drs_count_headers(ngx_http_drs_ctx_t *ctx, const char *name);


/*
 * The handlers by route, from the table itself: with a route without a handler
 * the module does not load.
 */
#define NGX_HTTP_DRS_ENTRY(id, ref, m, pat, all, any, fl, kind, body, h)       \
    ngx_http_drs_api_##h,

static const ngx_http_drs_handler_pt ngx_http_drs_handlers[] = { DRS_ROUTES(
    NGX_HTTP_DRS_ENTRY) NULL };


ngx_int_t
ngx_http_drs_content_handler(ngx_http_request_t *r)
{
    ngx_int_t               rc;
    ngx_http_drs_ctx_t     *ctx;
    ngx_http_drs_request_t *req;

    ctx = ngx_http_drs_ctx_create(r);
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    req = ngx_http_drs_core(ctx);

    if (req->process == NULL) {
        return NGX_HTTP_SERVICE_UNAVAILABLE;
    }

    /* our own reference: the request lives until resume() finalizes it */
    r->main->count++;

    r->write_event_handler = ngx_http_request_empty_handler;
    r->read_event_handler = ngx_http_block_reading;

    req->running = 1;
    rc = ngx_http_drs_start(ctx);
    ngx_http_drs_resume(ctx, rc);

    /* nginx still holds its own reference */
    req->running = 0;

    return NGX_DONE;
}


void
ngx_http_drs_resume(ngx_http_drs_ctx_t *ctx, ngx_int_t rc)
{
    ngx_uint_t              running;
    ngx_connection_t       *c;
    ngx_http_request_t     *r;
    ngx_http_drs_request_t *req;

    r = ctx->r;
    c = r->connection;
    req = ngx_http_drs_core(ctx);

    if (rc == NGX_AGAIN) {
        if (req->state != NGX_HTTP_DRS_ST_BODY
            && req->state != NGX_HTTP_DRS_ST_STREAM && !r->discard_body)
        {
            r->read_event_handler =
                req->keep ? ngx_http_block_reading : ngx_http_test_reading;
        }
        return;
    }

    if (rc != NGX_OK && req->state != NGX_HTTP_DRS_ST_DONE
        && req->state != NGX_HTTP_DRS_ST_STREAM)
    {
        ngx_log_error(
            NGX_LOG_ERR, c->log, 0, "drs: request %*s failed in state %d",
            ctx->request_id.len, ctx->request_id.data, (int) req->state);

        rc = ngx_http_drs_error(ctx, DRS_ERR_INTERNAL_ERROR, NULL, NULL, NULL);
        if (rc != NGX_OK) {
            req->rc = NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

    } else if (rc == NGX_OK && req->state != NGX_HTTP_DRS_ST_DONE) {
        ngx_log_error(NGX_LOG_ALERT, c->log, 0,
                      "drs: a handler ended without an answer");
        req->rc = NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    /* an answer was given: nothing may come after it */

    if (req->exec != NULL) {
        ngx_http_drs_exec_detach(req->exec);
        req->exec = NULL;
    }

    if (req->wait != NULL) {
        ngx_http_drs_command_detach(req->wait);
        req->wait = NULL;
    }

    running = req->running;

    ngx_http_finalize_request(r, req->rc);

    if (!running) {
        /* not in the client's own event handler */
        ngx_http_run_posted_requests(c);
    }
}


static ngx_int_t
ngx_http_drs_start(ngx_http_drs_ctx_t *ctx)
{
    ngx_int_t               rc;
    ngx_http_drs_request_t *req;

    req = ngx_http_drs_core(ctx);

    rc = ngx_http_drs_route_request(ctx);
    if (rc != NGX_DECLINED) {
        return rc;
    }

    if (ngx_http_drs_count_headers(ctx, "authorization") > 1) {
        return ngx_http_drs_error(ctx, DRS_ERR_BAD_REQUEST, NULL, NULL,
                                  "More than one Authorization header.");
    }

    if (ctx->route->flags & DRS_ROUTE_PAGE) {
        ngx_http_drs_callback_hide(ctx);
    }

    /* a page is public, and a token that comes along counts */

    if (((ctx->route->flags & DRS_ROUTE_PUBLIC)
         && (!(ctx->route->flags & DRS_ROUTE_PAGE)
             || ngx_http_drs_request_header(ctx, "authorization").data == NULL))
        || ngx_http_drs_free_address(ctx))
    {
        return ngx_http_drs_after_auth(ctx);
    }

    req->state = NGX_HTTP_DRS_ST_AUTH;

    rc = ngx_http_drs_authenticate(ctx);
    if (rc != NGX_DECLINED) {
        return rc;
    }

    return ngx_http_drs_after_auth(ctx);
}


/* NGX_DECLINED: found.  Else answered. */
static ngx_int_t
ngx_http_drs_route_request(ngx_http_drs_ctx_t *ctx)
{
    char                    methods[64];
    size_t                  i;
    json_t                 *fields;
    ngx_int_t               rc;
    drs_method_t            method;
    drs_route_match_t       m;
    ngx_http_drs_request_t *req;

    req = ngx_http_drs_core(ctx);
    rc = ngx_http_drs_decode_path(ctx);

    if (rc == NGX_ABORT) {
        return ngx_http_drs_error(ctx, DRS_ERR_BAD_REQUEST, NULL, NULL,
                                  "The request path or query is not valid.");
    }

    if (rc == NGX_ERROR) {
        return rc;
    }

    ngx_memzero(&m, sizeof(m));
    method = drs_method_by_name(ngx_http_drs_view(&ctx->r->method_name));

    if (rc == NGX_DECLINED) {
        ctx->path = drs_strn((char *) ctx->r->uri.data, ctx->r->uri.len);
        rc = DRS_ROUTE_NO_PATH;

    } else {
        rc = (ngx_int_t) drs_route_find(method, ctx->path, &m);
    }

    req->allow = m.allow;

    if (rc == DRS_ROUTE_NO_PATH) {
        fields = json_object();
        (void) drs_json_set_str(fields, "path", ctx->path);
        (void) drs_json_set_str(fields, "method",
                                ngx_http_drs_view(&ctx->r->method_name));
        return ngx_http_drs_error(ctx, DRS_ERR_ROUTE_NOT_FOUND, fields, NULL,
                                  NULL);
    }

    if (ctx->r->method == NGX_HTTP_OPTIONS) {
        return ngx_http_drs_options(ctx);
    }

    if (rc == DRS_ROUTE_NO_METHOD) {
        drs_methods_text(methods, sizeof(methods), m.allow);
        if (ngx_http_drs_header(ctx, "Allow", drs_str(methods)) != NGX_OK) {
            return NGX_ERROR;
        }
        return ngx_http_drs_error(ctx, DRS_ERR_METHOD_NOT_ALLOWED, NULL, NULL,
                                  NULL);
    }

    ctx->route = m.route;
    ctx->n_params = m.n_params;

    for (i = 0; i < m.n_params; i++) {
        ctx->params[i] = m.params[i];
    }

    return NGX_DECLINED;
}


/* A route that is free for configured addresses, asked without a token. */
static ngx_uint_t
ngx_http_drs_free_address(ngx_http_drs_ctx_t *ctx)
{
    ngx_http_drs_loc_conf_t *loc;

    loc = ngx_http_drs_core(ctx)->loc;

    return (ctx->route->flags & DRS_ROUTE_BY_ADDRESS)
           && ngx_http_drs_request_header(ctx, "authorization").data == NULL
           && loc->metrics_allow != NULL
           && ngx_cidr_match(ctx->r->connection->sockaddr, loc->metrics_allow)
                  == NGX_OK;
}


static ngx_uint_t
ngx_http_drs_count_headers(ngx_http_drs_ctx_t *ctx, const char *name)
{
    size_t           len;
    ngx_uint_t       i, n;
    ngx_list_part_t *part;
    ngx_table_elt_t *h;

    n = 0;
    len = ngx_strlen(name);

    for (part = &ctx->r->headers_in.headers.part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            n += h[i].key.len == len
                 && ngx_strncasecmp(h[i].key.data, (u_char *) name, len) == 0;
        }
    }

    return n;
}


/* NGX_DECLINED: permitted. */
static ngx_int_t
ngx_http_drs_authorize(ngx_http_drs_ctx_t *ctx)
{
    json_t                        *due;
    const drs_route_t             *route;
    const ngx_http_drs_identity_t *id;

    route = ctx->route;
    id = &ctx->identity;

    if (id->token == NULL) {
        return NGX_DECLINED;
    }

    due = json_object_get(id->token->claims, "custom:must_change_password");

    if (id->local && json_is_true(due) && !(route->flags & DRS_ROUTE_PW_CHANGE))
    {
        return ngx_http_drs_error(ctx, DRS_ERR_PASSWORD_CHANGE_REQUIRED, NULL,
                                  NULL, NULL);
    }

    if ((route->flags & DRS_ROUTE_LOCAL) && !id->local) {
        return ngx_http_drs_error(ctx, DRS_ERR_FORBIDDEN, NULL, NULL,
                                  "Only for users of the local issuer.");
    }

    if (!drs_route_permits(route, id->perms)) {
        return ngx_http_drs_forbidden(ctx, route->all | route->any);
    }

    return NGX_DECLINED;
}


ngx_int_t
ngx_http_drs_after_auth(ngx_http_drs_ctx_t *ctx)
{
    drs_str_t               type;
    ngx_int_t               rc;
    ngx_http_drs_request_t *req;

    req = ngx_http_drs_core(ctx);

    rc = ngx_http_drs_authorize(ctx);
    if (rc != NGX_DECLINED) {
        return rc;
    }

    if (req->process->schema_old && ctx->route->method != DRS_METHOD_GET) {
        return ngx_http_drs_unavailable(ctx,
                                        "The data were written by a "
                                        "newer version: this one only reads.");
    }

    type = ngx_http_drs_request_header(ctx, "content-type");

    if ((ctx->route->flags & DRS_ROUTE_JSON_ONLY)
        && (type.len < 16
            || ngx_strncasecmp((u_char *) type.data,
                               (u_char *) "application/json", 16)
                   != 0
            || (type.len > 16 && type.data[16] != ';' && type.data[16] != ' ')))
    {
        return ngx_http_drs_error(ctx, DRS_ERR_UNSUPPORTED_MEDIA_TYPE, NULL,
                                  NULL, NULL);
    }

    rc = ngx_http_drs_read_body(ctx);
    if (rc != NGX_DECLINED) {
        return rc;
    }

    return ngx_http_drs_body_ready(ctx);
}


ngx_int_t
ngx_http_drs_body_ready(ngx_http_drs_ctx_t *ctx)
{
    ngx_int_t rc;

    ngx_http_drs_core(ctx)->state = NGX_HTTP_DRS_ST_IDEM;

    rc = ngx_http_drs_parse_body(ctx);
    if (rc != NGX_DECLINED) {
        return rc;
    }

    rc = ngx_http_drs_idem_begin(ctx);
    if (rc != NGX_DECLINED) {
        return rc;
    }

    return ngx_http_drs_run_handler(ctx);
}


ngx_int_t
ngx_http_drs_run_handler(ngx_http_drs_ctx_t *ctx)
{
    ngx_int_t rc;

    ngx_http_drs_core(ctx)->state = NGX_HTTP_DRS_ST_HANDLER;

    rc = ngx_http_drs_list_begin(ctx);

    if (rc != NGX_OK) {
        return rc == NGX_DECLINED ? NGX_OK : NGX_ERROR;
    }

    return ngx_http_drs_handlers[ctx->route->id](ctx);
}


/*
 * Handler of the location that error_page names: gives nginx's own errors
 * (limit_req, too large headers, ...) the envelope of the API.
 */
ngx_int_t
ngx_http_drs_error_handler(ngx_http_request_t *r)
{
    drs_err_t               err;
    ngx_int_t               rc;
    ngx_uint_t              status;
    drs_error_t             e;
    ngx_http_drs_ctx_t     *ctx;
    ngx_http_drs_request_t *req;

    status = r->err_status ? r->err_status : NGX_HTTP_NOT_FOUND;

    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    ctx = ngx_http_drs_ctx_create(r);
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    req = ngx_http_drs_core(ctx);

    if (req->process == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    switch (status) {
    case 401:
        err = DRS_ERR_UNAUTHORIZED;
        break;
    case 403:
        err = DRS_ERR_FORBIDDEN;
        break;
    case 404:
        err = DRS_ERR_ROUTE_NOT_FOUND;
        break;
    case 405:
        err = DRS_ERR_METHOD_NOT_ALLOWED;
        break;
    case 413:
        err = DRS_ERR_PAYLOAD_TOO_LARGE;
        break;
    case 429:
        err = DRS_ERR_RATE_LIMITED;
        break;
    case 502:
    case 503:
    case 504:
        err = DRS_ERR_SERVICE_UNAVAILABLE;
        break;
    default:
        err = status < 500 ? DRS_ERR_BAD_REQUEST : DRS_ERR_INTERNAL_ERROR;
        break;
    }

    ngx_memzero(&e, sizeof(drs_error_t));
    e.err = err;
    e.retry_after_s = status == 429 ? 1 : status == 503 ? 2 : 0;

    r->err_status = 0;

    rc = ngx_http_drs_error_full(ctx, &e);

    return rc == NGX_OK ? req->rc : NGX_HTTP_INTERNAL_SERVER_ERROR;
}
