
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Idempotency-Key on POST, PUT and DELETE (api.md 10.1).
 *
 * A request with a key goes on after its client has vanished, so that the
 * repeat finds the first answer.  Answers that say "not now" (401, 429, 5xx)
 * are not kept: the repeat is a new try.
 */

#include "ngx_http_drs_call.h"
#include "ngx_http_drs_metrics.h"

#include "drs_sha256.h"
#include "drs_store.h"


#define NGX_HTTP_DRS_IDEM_RETRY_S 2


static ngx_int_t ngx_http_drs_idem_done(ngx_http_drs_ctx_t *ctx,
                                        redisReply **replies, ngx_uint_t n);
static drs_str_t ngx_http_drs_idem_route(ngx_http_drs_ctx_t *ctx);


/* Objects of different paths are different operations. */
static drs_str_t
ngx_http_drs_idem_route(ngx_http_drs_ctx_t *ctx)
{
    u_char     *p;
    size_t      len;
    const char *method;

    method = drs_method_name(ctx->route->method);
    len = ngx_strlen(method) + 1 + ctx->path.len;

    p = ngx_pnalloc(ctx->r->pool, len);
    if (p == NULL) {
        return drs_str(NULL);
    }

    ngx_sprintf(p, "%s %*s", method, ctx->path.len, ctx->path.data);

    return drs_strn((char *) p, len);
}


/* NGX_DECLINED: no key, go on.  Else as a handler. */
ngx_int_t
ngx_http_drs_idem_begin(ngx_http_drs_ctx_t *ctx)
{
    drs_cmd_t              *cmd;
    drs_str_t               key;
    ngx_http_drs_request_t *req;

    req = ngx_http_drs_core(ctx);

    if (ctx->route->method == DRS_METHOD_GET
        || (ctx->route->flags & DRS_ROUTE_NO_IDEM)
        || ctx->identity.token == NULL)
    {
        return NGX_DECLINED;
    }

    key = ngx_http_drs_request_header(ctx, "idempotency-key");

    if (key.data == NULL) {
        return NGX_DECLINED;
    }

    if (!drs_id_is_idempotency_key(key)) {
        return ngx_http_drs_error_param(ctx, DRS_ERR_INVALID_PARAMETER,
                                        "Idempotency-Key", NULL,
                                        "1-128 visible ASCII characters", NULL);
    }

    req->idem_key = key;

    if (drs_sha256_hex(req->body_hash, ctx->raw_body.data, ctx->raw_body.len)
        != DRS_OK)
    {
        return NGX_ERROR;
    }

    cmd = drs_store_idem_begin(req->main->prefix, ctx->identity.sub,
                               ngx_http_drs_idem_route(ctx), key,
                               drs_strn(req->body_hash, DRS_SHA256_HEX_LEN));

    req->state = NGX_HTTP_DRS_ST_IDEM;

    return ngx_http_drs_call1(ctx, cmd, ngx_http_drs_idem_done);
}


static ngx_int_t
ngx_http_drs_idem_done(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                       ngx_uint_t n)
{
    json_t                 *fields;
    size_t                  len;
    int64_t                 status;
    drs_str_t              *v, body;
    drs_idem_t              what;
    drs_reply_t             reply;
    ngx_http_drs_request_t *req;

    req = ngx_http_drs_core(ctx);

    if (ngx_http_drs_reply_views(ctx, replies[0], &v, &len) != NGX_OK) {
        return NGX_ERROR;
    }

    reply.v = v;
    reply.n = len;

    if (drs_store_idem_answer(&reply, &what, &status, &body) != DRS_OK) {
        return NGX_ERROR;
    }

    switch (what) {
    case DRS_IDEM_RUN:
        req->idem = 1;
        req->keep = 1;
        ctx->r->read_event_handler = ngx_http_block_reading;
        return ngx_http_drs_run_handler(ctx);

    case DRS_IDEM_REPLAY:
        ngx_http_drs_metrics_add(req->process->metrics,
                                 NGX_HTTP_DRS_M_IDEM_REPLAYS, 1);
        if (ngx_http_drs_header(ctx, "Idempotent-Replay", drs_str("true"))
            != NGX_OK) {
            return NGX_ERROR;
        }
        return ngx_http_drs_reply_raw(ctx, (ngx_uint_t) status, body);

    case DRS_IDEM_RUNNING:
        fields = json_object();
        (void) drs_json_set_int(fields, "retryAfter",
                                NGX_HTTP_DRS_IDEM_RETRY_S);
        return ngx_http_drs_error(ctx, DRS_ERR_ALREADY_EXISTS, fields, NULL,
                                  "The first request with this "
                                  "Idempotency-Key is still running.");

    case DRS_IDEM_REUSED:
        return ngx_http_drs_error(ctx, DRS_ERR_IDEMPOTENCY_KEY_REUSED, NULL,
                                  NULL, NULL);
    }

    return NGX_ERROR;
}


void
ngx_http_drs_idem_end(ngx_http_drs_ctx_t *ctx, ngx_uint_t status,
                      drs_str_t body)
{
    drs_cmd_t              *cmd;
    drs_str_t               none = drs_null_string;
    ngx_uint_t              keep;
    ngx_http_drs_request_t *req;

    req = ngx_http_drs_core(ctx);
    req->idem = 0;

    keep = status < 500 && status != NGX_HTTP_UNAUTHORIZED && status != 429
           && body.len != 0;

    cmd = drs_store_idem_end(req->main->prefix, ctx->identity.sub,
                             ngx_http_drs_idem_route(ctx), req->idem_key,
                             drs_strn(req->body_hash, DRS_SHA256_HEX_LEN),
                             keep ? (int64_t) status : 0, keep ? body : none);

    ngx_http_drs_exec_forget(req->process, cmd);
}
