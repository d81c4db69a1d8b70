
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Answers: JSON bodies, the error envelope, entity tags, headers
 * (api.md 1.5, 1.6, 10.1).
 */

#include "ngx_http_drs_call.h"
#include "ngx_http_drs_metrics.h"

#include "drs_sha256.h"


#define NGX_HTTP_DRS_ETAG_LEN 32


static ngx_int_t ngx_http_drs_send_error(ngx_http_drs_ctx_t *ctx,
                                         ngx_uint_t status, json_t *body);
static ngx_int_t ngx_http_drs_verror(ngx_http_drs_ctx_t *ctx, drs_error_t *e,
                                     const char *fmt, va_list ap);
static ngx_int_t
ngx_http_drs_send_body(ngx_http_drs_ctx_t *ctx, ngx_uint_t status,
                       ngx_str_t *type, drs_str_t body);
static ngx_int_t
ngx_http_drs_send_etag(ngx_http_drs_ctx_t *ctx, drs_str_t body);
static ngx_int_t ngx_http_drs_reply_head(ngx_http_drs_ctx_t *ctx,
                                         ngx_uint_t status, drs_str_t tagged);
static void      ngx_http_drs_body_free(void *data);
static ngx_int_t ngx_http_drs_static_headers(ngx_http_drs_ctx_t *ctx);


static ngx_str_t ngx_http_drs_json_type = ngx_string("application/json");


ngx_int_t
ngx_http_drs_header(ngx_http_drs_ctx_t *ctx, const char *name, drs_str_t value)
{
    u_char          *p;
    size_t           len;
    ngx_table_elt_t *h;

    len = ngx_strlen(name);

    h = ngx_list_push(&ctx->r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    h->hash = 0;
    ngx_http_drs_header_end(h);

    p = ngx_pnalloc(ctx->r->pool, len + value.len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    h->key.data = p;
    h->key.len = len;
    p = ngx_cpymem(p, name, len);

    h->value.data = p;
    h->value.len = value.len;
    if (value.len) {
        ngx_memcpy(p, value.data, value.len);
    }

    h->hash = 1;

    return NGX_OK;
}


/* The headers of security.md 9 that never change. */
static ngx_int_t
ngx_http_drs_static_headers(ngx_http_drs_ctx_t *ctx)
{
    drs_str_t                csp;
    ngx_uint_t               i;
    static const char *const headers[][2] = {
        { "X-Content-Type-Options", "nosniff" },
        { "X-Frame-Options", "DENY" },
        { "Referrer-Policy", "no-referrer" },
        { "Cache-Control", "no-store" }
    };

    for (i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        if (ngx_http_drs_header(ctx, headers[i][0], drs_str(headers[i][1]))
            != NGX_OK) {
            return NGX_ERROR;
        }
    }

    csp = ngx_http_drs_core(ctx)->csp;

    return ngx_http_drs_header(
        ctx, "Content-Security-Policy",
        csp.len ? csp : drs_str("default-src 'none'; frame-ancestors 'none'"));
}


ngx_int_t
ngx_http_drs_headers(ngx_http_drs_ctx_t *ctx)
{
    if (ngx_http_drs_static_headers(ctx) != NGX_OK
        || ngx_http_drs_header(ctx, "X-Request-Id", ctx->request_id) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ctx->route != NULL && (ctx->route->flags & DRS_ROUTE_PAGE)) {
        return ngx_http_drs_header(ctx, "X-Robots-Tag", drs_str("noindex"));
    }

    return ngx_http_drs_cors(ctx);
}


/*
 * Every answer but an event stream leaves here.  The body is copied.
 */
ngx_int_t
ngx_http_drs_send(ngx_http_drs_ctx_t *ctx, ngx_uint_t status, ngx_str_t *type,
                  drs_str_t body)
{
    drs_str_t copy;

    copy = ngx_http_drs_copy(ctx, body);
    if (copy.data == NULL) {
        return NGX_ERROR;
    }

    return ngx_http_drs_send_body(ctx, status, type, copy);
}


/* The same for a body that lives as long as the request. */
static ngx_int_t
ngx_http_drs_send_body(ngx_http_drs_ctx_t *ctx, ngx_uint_t status,
                       ngx_str_t *type, drs_str_t body)
{
    ngx_int_t               rc;
    ngx_buf_t              *b;
    ngx_chain_t             out;
    ngx_http_request_t     *r;
    ngx_http_drs_request_t *req;

    r = ctx->r;
    req = ngx_http_drs_core(ctx);

    if (req->state == NGX_HTTP_DRS_ST_DONE) {
        ngx_log_error(NGX_LOG_ALERT, r->connection->log, 0,
                      "drs: a second answer to one request");
        return NGX_ERROR;
    }

    req->state = NGX_HTTP_DRS_ST_DONE;

    if (req->idem) {
        ngx_http_drs_idem_end(ctx, status, body);
    }

    if (r->request_body == NULL && !r->discard_body
        && ngx_http_discard_request_body(r) != NGX_OK)
    {
        /* answered before the body was read: it must not become a request */
        r->keepalive = 0;
    }

    ngx_http_drs_metrics_answer(ctx, status);

    r->headers_out.status = status;
    r->headers_out.content_length_n = (off_t) body.len;
    r->headers_out.content_type = *type;
    r->headers_out.content_type_len = type->len;
    r->headers_out.content_type_lowcase = NULL;

    if (ngx_http_drs_headers(ctx) != NGX_OK) {
        req->rc = NGX_HTTP_INTERNAL_SERVER_ERROR;
        return NGX_OK;
    }

    if (body.len == 0) {
        r->header_only = 1;
        if (status == NGX_HTTP_NOT_MODIFIED) {
            r->headers_out.content_length_n = -1;
            r->headers_out.content_type.len = 0;
        }
    }

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        req->rc = rc;
        return NGX_OK;
    }

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        req->rc = NGX_ERROR;
        return NGX_OK;
    }

    b->pos = (u_char *) body.data;
    b->last = b->pos + body.len;
    b->memory = 1;
    b->last_buf = (r == r->main);
    b->last_in_chain = 1;

    out.buf = b;
    out.next = NULL;

    req->rc = ngx_http_output_filter(r, &out);

    return NGX_OK;
}


static ngx_int_t
ngx_http_drs_send_etag(ngx_http_drs_ctx_t *ctx, drs_str_t body)
{
    char                    hex[DRS_SHA256_HEX_LEN + 1];
    ngx_http_drs_request_t *req;

    req = ngx_http_drs_core(ctx);

    if (req->etag.len == 0) {
        if (drs_sha256_hex(hex, body.data, body.len) != DRS_OK) {
            return NGX_DECLINED;
        }

        req->etag =
            ngx_http_drs_copy(ctx, drs_strn(hex, NGX_HTTP_DRS_ETAG_LEN));
        if (req->etag.len == 0) {
            return NGX_DECLINED;
        }
    }

    if (ngx_http_drs_etag_matches(ctx, req->etag)) {
        return ngx_http_drs_not_modified(ctx, req->etag);
    }

    return ngx_http_drs_etag(ctx, req->etag) == NGX_OK ? NGX_DECLINED
                                                       : NGX_ERROR;
}


/*
 * Audit entry and entity tag of an answer; NGX_DECLINED: the body is to be
 * sent.
 */
static ngx_int_t
ngx_http_drs_reply_head(ngx_http_drs_ctx_t *ctx, ngx_uint_t status,
                        drs_str_t tagged)
{
    if (status == NGX_HTTP_OK && ctx->route != NULL
        && drs_route_audited_read(ctx->route))
    {
        ngx_http_drs_audit(ctx, "allowed", status, NULL);
    }

    if (status == NGX_HTTP_OK && ctx->route != NULL
        && ctx->route->method == DRS_METHOD_GET
        && ctx->route->kind != DRS_KIND_EDGE)
    {
        return ngx_http_drs_send_etag(ctx, tagged);
    }

    return NGX_DECLINED;
}


/* Sends the page of a whole list; NGX_DECLINED: none is asked for. */
static ngx_int_t
ngx_http_drs_reply_page(ngx_http_drs_ctx_t *ctx, ngx_uint_t status,
                        drs_str_t body)
{
    drs_buf_t page;
    ngx_int_t rc;

    if (status != NGX_HTTP_OK || ctx->page_limit == 0) {
        return NGX_DECLINED;
    }

    drs_buf_init(&page, 0);
    rc = ngx_http_drs_list_cut(ctx, &page, body);
    ctx->page_limit = 0;

    if (rc == NGX_OK) {
        return ngx_http_drs_reply_buf(ctx, status, &page);
    }

    drs_buf_free(&page);

    return rc;
}


ngx_int_t
ngx_http_drs_reply_raw(ngx_http_drs_ctx_t *ctx, ngx_uint_t status,
                       drs_str_t json)
{
    ngx_int_t rc;

    rc = ngx_http_drs_reply_page(ctx, status, json);
    rc = rc == NGX_DECLINED ? ngx_http_drs_reply_head(ctx, status, json) : rc;

    return rc != NGX_DECLINED
               ? rc
               : ngx_http_drs_send(ctx, status, &ngx_http_drs_json_type, json);
}


static void
ngx_http_drs_body_free(void *data)
{
    free(data);
}


ngx_int_t
ngx_http_drs_reply_buf(ngx_http_drs_ctx_t *ctx, ngx_uint_t status, drs_buf_t *b)
{
    return ngx_http_drs_reply_tagged(ctx, status, b, drs_buf_str(b));
}


ngx_int_t
ngx_http_drs_reply_tagged(ngx_http_drs_ctx_t *ctx, ngx_uint_t status,
                          drs_buf_t *b, drs_str_t tagged)
{
    char     *text;
    size_t    len;
    ngx_int_t rc;

    rc = drs_buf_ok(b) ? ngx_http_drs_reply_page(ctx, status, drs_buf_str(b))
                       : NGX_ERROR;
    rc = rc == NGX_DECLINED ? ngx_http_drs_reply_head(ctx, status, tagged) : rc;

    if (rc != NGX_DECLINED) {
        drs_buf_free(b);
        return rc;
    }

    /* the memory is handed over: a large body is not copied */
    text = drs_buf_steal(b, &len);

    if (text == NULL) {
        return NGX_ERROR;
    }

    if (ngx_http_drs_defer(ctx, ngx_http_drs_body_free, text) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_drs_send_body(ctx, status, &ngx_http_drs_json_type,
                                  drs_strn(text, len));
}


ngx_int_t
ngx_http_drs_reply(ngx_http_drs_ctx_t *ctx, ngx_uint_t status, json_t *v)
{
    drs_buf_t b;

    if (v == NULL) {
        return NGX_ERROR;
    }

    drs_buf_init(&b, 0);

    if (drs_json_dump(&b, v) != DRS_OK) {
        drs_buf_free(&b);
        json_decref(v);
        return NGX_ERROR;
    }

    json_decref(v);

    return ngx_http_drs_reply_buf(ctx, status, &b);
}


/* -- errors --------------------------------------------------------------- */

static ngx_int_t
ngx_http_drs_send_error(ngx_http_drs_ctx_t *ctx, ngx_uint_t status,
                        json_t *body)
{
    drs_str_t   text;
    ngx_int_t   rc;
    const char *after;
    json_t     *retry;
    char        buf[NGX_INT_T_LEN + 1];

    if (body == NULL) {
        return NGX_ERROR;
    }

    ngx_http_drs_audit_error(ctx, status,
                             json_string_value(json_object_get(body, "code")));

    retry = json_object_get(body, "retryAfter");

    if (json_is_integer(retry)) {
        ngx_snprintf((u_char *) buf, sizeof(buf), "%L%Z",
                     (int64_t) json_integer_value(retry));
        after = buf;
        if (ngx_http_drs_header(ctx, "Retry-After", drs_str(after)) != NGX_OK) {
            json_decref(body);
            return NGX_ERROR;
        }
    }

    if (ctx->route != NULL && (ctx->route->flags & DRS_ROUTE_PAGE)) {
        rc = ngx_http_drs_page_error(ctx, status,
                                     drs_json_field(body, "message"));
        json_decref(body);
        return rc;
    }

    text = ngx_http_drs_dump(ctx, body);
    json_decref(body);

    if (text.len == 0) {
        return NGX_ERROR;
    }

    rc = ngx_http_drs_send(ctx, status, &ngx_http_drs_json_type, text);

    return rc;
}


ngx_int_t
ngx_http_drs_error_full(ngx_http_drs_ctx_t *ctx, drs_error_t *e)
{
    e->request_id = ctx->request_id;

    return ngx_http_drs_send_error(ctx, (ngx_uint_t) drs_err_status(e->err),
                                   drs_error_object(e));
}


static ngx_int_t
ngx_http_drs_verror(ngx_http_drs_ctx_t *ctx, drs_error_t *e, const char *fmt,
                    va_list ap)
{
    ngx_int_t rc;
    drs_buf_t b;

    drs_buf_init(&b, 4096);

    if (fmt != NULL) {
        drs_buf_vprintf(&b, fmt, ap);
        e->message = drs_buf_ok(&b) ? drs_buf_str(&b) : drs_str(NULL);
    }

    rc = ngx_http_drs_error_full(ctx, e);
    drs_buf_free(&b);

    return rc;
}


ngx_int_t
ngx_http_drs_error(ngx_http_drs_ctx_t *ctx, drs_err_t err, json_t *fields,
                   json_t *details, const char *fmt, ...)
{
    va_list     ap;
    ngx_int_t   rc;
    drs_error_t e;

    ngx_memzero(&e, sizeof(drs_error_t));
    e.err = err;
    e.fields = fields;
    e.details = details;

    if (drs_err_status(err) == NGX_HTTP_SERVICE_UNAVAILABLE) {
        e.retry_after_s = 2;
    }

    va_start(ap, fmt);
    rc = ngx_http_drs_verror(ctx, &e, fmt, ap);
    va_end(ap);

    json_decref(fields);
    json_decref(details);

    return rc;
}


ngx_int_t
ngx_http_drs_error_later(ngx_http_drs_ctx_t *ctx, drs_err_t err,
                         int64_t seconds, const char *fmt, ...)
{
    va_list     ap;
    ngx_int_t   rc;
    drs_error_t e;

    ngx_memzero(&e, sizeof(drs_error_t));
    e.err = err;
    e.retry_after_s = seconds;

    va_start(ap, fmt);
    rc = ngx_http_drs_verror(ctx, &e, fmt, ap);
    va_end(ap);

    return rc;
}


ngx_int_t
ngx_http_drs_error_param(ngx_http_drs_ctx_t *ctx, drs_err_t err,
                         const char *parameter, const json_t *value,
                         const char *expected, const char *fmt, ...)
{
    va_list   ap;
    json_t   *body;
    drs_buf_t b;

    drs_buf_init(&b, 4096);

    if (fmt != NULL) {
        va_start(ap, fmt);
        drs_buf_vprintf(&b, fmt, ap);
        va_end(ap);
    }

    body = drs_error_parameter(err, parameter, value, expected, drs_buf_str(&b),
                               ctx->request_id);
    drs_buf_free(&b);

    return ngx_http_drs_send_error(ctx, (ngx_uint_t) drs_err_status(err), body);
}


ngx_int_t
ngx_http_drs_forbidden(ngx_http_drs_ctx_t *ctx, drs_perms_t needed)
{
    ngx_http_drs_metrics_add(ngx_http_drs_core(ctx)->process->metrics,
                             NGX_HTTP_DRS_M_DENIED, 1);

    return ngx_http_drs_send_error(
        ctx, NGX_HTTP_FORBIDDEN,
        drs_error_forbidden(needed, ctx->identity.roles, ctx->request_id));
}


ngx_int_t
ngx_http_drs_store_error(ngx_http_drs_ctx_t *ctx, drs_str_t code,
                         drs_str_t text)
{
    drs_err_t   err;
    drs_error_t e;

    err = drs_err_by_code(code);

    if (err == DRS_ERR_NONE) {
        ngx_log_error(NGX_LOG_ERR, ctx->r->connection->log, 0,
                      "drs: the store refused: %*s %*s", code.len, code.data,
                      text.len, text.data);
        return NGX_ERROR;
    }

    ngx_memzero(&e, sizeof(drs_error_t));
    e.err = err;
    e.message = text;

    return ngx_http_drs_error_full(ctx, &e);
}


/* {"status": 201, "body": {...}} or {"error": {code, message, details}} */
ngx_int_t
ngx_http_drs_answer(ngx_http_drs_ctx_t *ctx, json_t *answer)
{
    json_t     *body, *error;
    int64_t     status;
    drs_err_t   err;
    drs_error_t e;

    error = json_object_get(answer, "error");

    if (json_is_object(error)) {
        /* a symbol of the table, or a code where there is but one row */
        err = drs_err_by_symbol(drs_json_field(error, "code"));

        if (err == DRS_ERR_NONE) {
            err = drs_err_by_code(drs_json_field(error, "code"));
        }

        ngx_memzero(&e, sizeof(drs_error_t));
        e.err = err != DRS_ERR_NONE ? err : DRS_ERR_INTERNAL_ERROR;
        e.message = drs_json_field(error, "message");
        e.details = NULL;

        body = json_object_get(error, "details");
        if (json_is_object(body)) {
            e.fields = body;
        } else if (json_is_array(body)) {
            e.details = body;
        }

        if (drs_err_status(e.err) == NGX_HTTP_SERVICE_UNAVAILABLE
            || drs_err_status(e.err) == 429)
        {
            e.retry_after_s = (int) drs_json_int(body, "retryAfter", 5);
        }

        return ngx_http_drs_error_full(ctx, &e);
    }

    status = drs_json_int(answer, "status", 0);
    body = json_object_get(answer, "body");

    if (status < 200 || status > 599 || body == NULL) {
        ngx_log_error(NGX_LOG_ERR, ctx->r->connection->log, 0,
                      "drs: the worker sent no valid answer");
        return NGX_ERROR;
    }

    return ngx_http_drs_reply(ctx, (ngx_uint_t) status, json_incref(body));
}


ngx_int_t
ngx_http_drs_command_answer(ngx_http_drs_ctx_t *ctx, json_t *answer)
{
    return ngx_http_drs_answer(ctx, answer);
}


ngx_int_t
ngx_http_drs_unavailable(ngx_http_drs_ctx_t *ctx, const char *what)
{
    return ngx_http_drs_error(ctx, DRS_ERR_SERVICE_UNAVAILABLE, NULL, NULL,
                              "%s", what);
}


/* -- entity tags ---------------------------------------------------------- */

ngx_int_t
ngx_http_drs_etag(ngx_http_drs_ctx_t *ctx, drs_str_t tag)
{
    u_char          *p;
    drs_str_t        value;
    ngx_table_elt_t *h;

    p = ngx_pnalloc(ctx->r->pool, tag.len + 4);
    if (p == NULL) {
        return NGX_ERROR;
    }

    value.data = (char *) p;
    p = ngx_cpymem(p, "W/\"", 3);
    p = ngx_cpymem(p, tag.data, tag.len);
    *p++ = '"';
    value.len = (size_t) (p - (u_char *) value.data);

    if (ctx->r->headers_out.etag != NULL) {
        ctx->r->headers_out.etag->value.data = (u_char *) value.data;
        ctx->r->headers_out.etag->value.len = value.len;
        return NGX_OK;
    }

    h = ngx_list_push(&ctx->r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    h->hash = 1;
    ngx_http_drs_header_end(h);
    ngx_str_set(&h->key, "ETag");
    h->value.data = (u_char *) value.data;
    h->value.len = value.len;

    ctx->r->headers_out.etag = h;
    ngx_http_drs_core(ctx)->etag = tag;

    return NGX_OK;
}


/* Weak comparison of RFC 9110; lists and "*" allowed. */
ngx_uint_t
ngx_http_drs_etag_matches(ngx_http_drs_ctx_t *ctx, drs_str_t tag)
{
    drs_str_t rest, item;

    rest = ngx_http_drs_request_header(ctx, "if-none-match");

    if (rest.len == 0) {
        return 0;
    }

    while (drs_str_split(&rest, ',', &item)) {
        item = drs_str_trim(item);

        if (drs_str_eqz(item, "*")) {
            return 1;
        }

        if (drs_str_starts(item, "W/")) {
            item.data += 2;
            item.len -= 2;
        }

        if (item.len == tag.len + 2 && item.data[0] == '"'
            && item.data[item.len - 1] == '"'
            && ngx_memcmp(item.data + 1, tag.data, tag.len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


ngx_int_t
ngx_http_drs_not_modified(ngx_http_drs_ctx_t *ctx, drs_str_t tag)
{
    drs_str_t none = drs_null_string;

    if (ngx_http_drs_etag(ctx, tag) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_http_drs_metrics_add(ngx_http_drs_core(ctx)->process->metrics,
                             NGX_HTTP_DRS_M_NOT_MODIFIED, 1);

    return ngx_http_drs_send(ctx, NGX_HTTP_NOT_MODIFIED,
                             &ngx_http_drs_json_type, none);
}
