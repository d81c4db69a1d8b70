
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Reads request bodies into memory, never into a file, and never more than the
 * limit of the route; then parses them with the limits of drs_json.h.
 *
 * Bodies are read unbuffered: nginx's own buffering would write large bodies
 * to a temporary file, and its size check would answer with an HTML page.
 */

#include "ngx_http_drs_call.h"

#include "drs_sha256.h"


#define NGX_HTTP_DRS_BODY_STEP 16384


static void      ngx_http_drs_body_started(ngx_http_request_t *r);
static void      ngx_http_drs_body_event(ngx_http_request_t *r);
static ngx_int_t ngx_http_drs_body_step(ngx_http_drs_ctx_t *ctx);
static ngx_int_t ngx_http_drs_body_take(ngx_http_drs_ctx_t *ctx);
static ngx_int_t
ngx_http_drs_body_append(ngx_http_drs_request_t *req, u_char *data, size_t len);
static ngx_int_t ngx_http_drs_body_too_large(ngx_http_drs_ctx_t *ctx);


static ngx_int_t
ngx_http_drs_body_too_large(ngx_http_drs_ctx_t *ctx)
{
    json_t *fields;

    fields = json_object();
    (void) drs_json_set_int(fields, "limit", (int64_t) ctx->route->body_limit);

    /* what is still to come is not read */
    ctx->r->keepalive = 0;

    return ngx_http_drs_error(ctx, DRS_ERR_PAYLOAD_TOO_LARGE, NULL, fields,
                              NULL);
}


/*
 * NGX_DECLINED: the whole body is there.  NGX_AGAIN: goes on by
 * ngx_http_drs_body_ready().  NGX_OK: answered.
 */
ngx_int_t
ngx_http_drs_read_body(ngx_http_drs_ctx_t *ctx)
{
    ngx_int_t           rc;
    ngx_http_request_t *r;

    r = ctx->r;

    if (ctx->route->method == DRS_METHOD_GET) {
        return ngx_http_discard_request_body(r) == NGX_OK ? NGX_DECLINED
                                                          : NGX_ERROR;
    }

    if (r->headers_in.content_length_n > (off_t) ctx->route->body_limit) {
        return ngx_http_drs_body_too_large(ctx);
    }

    if (r->headers_in.content_length_n <= 0 && !r->headers_in.chunked
        && !ngx_http_drs_is_multiplexed(r))
    {
        return NGX_DECLINED;
    }

    ngx_http_drs_core(ctx)->state = NGX_HTTP_DRS_ST_BODY;
    r->request_body_no_buffering = 1;

    /* unbuffered: the handler has been called when this returns */

    rc = ngx_http_read_client_request_body(r, ngx_http_drs_body_started);

    if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        r->keepalive = 0;
        return ngx_http_drs_error(ctx, DRS_ERR_BAD_REQUEST, NULL, NULL,
                                  "The request body cannot be read.");
    }

    /*
     * HTTP/2: the whole body came while the token was looked at.  nginx then
     * goes over to its buffered mode, where the handler is called later; the
     * data are there already, so we stay unbuffered.
     */
    if (rc == NGX_AGAIN && !r->request_body_no_buffering) {
        r->request_body_no_buffering = 1;
        r->reading_body = 1;
        r->read_event_handler = ngx_http_block_reading;
    }

    /* the reader took a reference of its own; ours is enough */
    r->main->count--;

    rc = ngx_http_drs_body_step(ctx);

    if (rc == NGX_AGAIN) {
        r->read_event_handler = ngx_http_drs_body_event;
    }

    return rc;
}


static void
ngx_http_drs_body_started(ngx_http_request_t *r)
{
    /* ngx_http_drs_read_body() goes on */
}


static void
ngx_http_drs_body_event(ngx_http_request_t *r)
{
    ngx_int_t               rc;
    ngx_http_drs_request_t *req;

    req = ngx_http_get_module_ctx(r, ngx_http_drs_module);

    rc = ngx_http_read_unbuffered_request_body(r);

    if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        r->keepalive = 0;
        rc = ngx_http_drs_error(&req->ctx, DRS_ERR_BAD_REQUEST, NULL, NULL,
                                "The request body cannot be read.");

    } else {
        rc = ngx_http_drs_body_step(&req->ctx);
    }

    if (rc == NGX_AGAIN) {
        return;
    }

    r->read_event_handler = ngx_http_block_reading;

    if (rc == NGX_DECLINED) {
        rc = ngx_http_drs_body_ready(&req->ctx);
    }

    ngx_http_drs_resume(&req->ctx, rc);
}


/* Takes all that can be read now.  Results as ngx_http_drs_read_body(). */
static ngx_int_t
ngx_http_drs_body_step(ngx_http_drs_ctx_t *ctx)
{
    ngx_int_t           rc;
    ngx_http_request_t *r;

    r = ctx->r;

    for (;;) {
        rc = ngx_http_drs_body_take(ctx);

        if (rc != NGX_DECLINED || !r->reading_body) {
            return rc;
        }

        rc = ngx_http_read_unbuffered_request_body(r);

        if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
            r->keepalive = 0;
            return ngx_http_drs_error(ctx, DRS_ERR_BAD_REQUEST, NULL, NULL,
                                      "The request body cannot be read.");
        }

        if (rc == NGX_AGAIN && r->request_body->bufs == NULL) {
            return NGX_AGAIN;
        }
    }
}


/* Copies what arrived.  NGX_DECLINED, NGX_OK (answered 413) or NGX_ERROR. */
static ngx_int_t
ngx_http_drs_body_take(ngx_http_drs_ctx_t *ctx)
{
    size_t                  len;
    ngx_buf_t              *b;
    ngx_chain_t            *cl;
    ngx_http_drs_request_t *req;

    req = ngx_http_drs_core(ctx);

    for (cl = ctx->r->request_body->bufs; cl; cl = cl->next) {
        b = cl->buf;

        if (b->in_file) {
            return NGX_ERROR;
        }

        if (!ngx_buf_in_memory(b)) {
            continue;
        }

        len = (size_t) (b->last - b->pos);

        if (req->buf_len + len > ctx->route->body_limit) {
            return ngx_http_drs_body_too_large(ctx);
        }

        if (ngx_http_drs_body_append(req, b->pos, len) != NGX_OK) {
            return NGX_ERROR;
        }

        b->pos = b->last;
    }

    ctx->r->request_body->bufs = NULL;

    return NGX_DECLINED;
}


static ngx_int_t
ngx_http_drs_body_append(ngx_http_drs_request_t *req, u_char *data, size_t len)
{
    size_t  size;
    u_char *p;

    if (req->buf_len + len > req->buf_size) {
        size = ngx_max(req->buf_size * 2, NGX_HTTP_DRS_BODY_STEP);

        while (size < req->buf_len + len) {
            size *= 2;
        }

        p = ngx_alloc(size, req->ctx.r->connection->log);
        if (p == NULL) {
            return NGX_ERROR;
        }

        if (req->buf != NULL) {
            ngx_memcpy(p, req->buf, req->buf_len);
            drs_memzero(req->buf, req->buf_len);
            ngx_free(req->buf);
        }

        req->buf = p;
        req->buf_size = size;
    }

    if (len) {
        ngx_memcpy(req->buf + req->buf_len, data, len);
        req->buf_len += len;
    }

    return NGX_OK;
}


/* NGX_DECLINED: goes on.  NGX_OK: answered 400 or 413. */
ngx_int_t
ngx_http_drs_parse_body(ngx_http_drs_ctx_t *ctx)
{
    json_t                 *v;
    drs_str_t               text;
    drs_json_error_t        err;
    drs_json_limits_t       limits;
    ngx_http_drs_request_t *req;

    req = ngx_http_drs_core(ctx);

    ngx_memzero(&err, sizeof(drs_json_error_t));
    text = drs_strn((char *) req->buf, req->buf_len);
    ctx->raw_body = text;

    if (ctx->route->method != DRS_METHOD_POST
        && ctx->route->method != DRS_METHOD_PUT)
    {
        return NGX_DECLINED;
    }

    if (drs_str_trim(text).len == 0) {
        v = json_object();

    } else {
        limits = drs_json_default_limits;
        limits.max_bytes = ctx->route->body_limit;

        v = drs_json_parse(text, &limits, &err);
    }

    if (v == NULL && err.code == DRS_JSON_E_MEMORY) {
        return NGX_ERROR;
    }

    if (v == NULL || !json_is_object(v)) {
        json_decref(v);
        return ngx_http_drs_error_param(
            ctx, DRS_ERR_INVALID_JSON, "body", NULL, "valid JSON",
            "The request body is not a JSON "
            "object%s%s",
            v == NULL ? ": " : "", v == NULL ? err.text : "");
    }

    ctx->body = v;

    return ngx_http_drs_defer_json(ctx, v) == NGX_OK ? NGX_DECLINED : NGX_ERROR;
}
