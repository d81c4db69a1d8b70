
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Calls of a request to the store, and its refusals.
 */

#include "ngx_http_drs_call.h"
#include "ngx_http_drs_metrics.h"

#include "drs_store.h"


static void ngx_http_drs_call_replied(void *data, ngx_http_drs_exec_rc_t rc,
                                      redisReply **replies, ngx_uint_t n);


ngx_int_t
ngx_http_drs_call(ngx_http_drs_ctx_t *ctx, drs_cmd_t **cmds, ngx_uint_t n,
                  ngx_http_drs_call_pt done)
{
    ngx_uint_t              i;
    ngx_http_drs_exec_rc_t  rc;
    ngx_http_drs_request_t *req;

    req = ngx_http_drs_core(ctx);

    if (req->exec != NULL || req->wait != NULL) {
        ngx_log_error(NGX_LOG_ALERT, ctx->r->connection->log, 0,
                      "drs: a second call of one request");
        return NGX_ERROR;
    }

    if (n == 0 || n > NGX_HTTP_DRS_CALL_MAX) {
        return NGX_ERROR;
    }

    for (i = 0; i < n; i++) {
        if (!drs_cmd_ok(cmds[i])) {
            return NGX_ERROR;
        }
    }

    req->exec = ngx_http_drs_exec(req->process, cmds, n,
                                  ngx_http_drs_call_replied, req, &rc);

    if (req->exec == NULL) {
        return rc == NGX_HTTP_DRS_EXEC_MEMORY
                   ? NGX_ERROR
                   : ngx_http_drs_store_down(ctx, rc);
    }

    req->call_done = done;

    return NGX_AGAIN;
}


ngx_int_t
ngx_http_drs_call1(ngx_http_drs_ctx_t *ctx, drs_cmd_t *cmd,
                   ngx_http_drs_call_pt done)
{
    ngx_int_t rc;

    rc = ngx_http_drs_call(ctx, &cmd, 1, done);
    drs_cmd_free(cmd);

    return rc;
}


static void
ngx_http_drs_call_replied(void *data, ngx_http_drs_exec_rc_t code,
                          redisReply **replies, ngx_uint_t n)
{
    ngx_int_t               rc;
    ngx_http_drs_ctx_t     *ctx;
    ngx_http_drs_request_t *req;

    req = data;
    ctx = &req->ctx;
    req->exec = NULL;

    if (code != NGX_HTTP_DRS_EXEC_OK) {
        rc = ngx_http_drs_store_down(ctx, code);

    } else {
        rc = ngx_http_drs_check_replies(ctx, replies, n);

        if (rc == NGX_DECLINED) {
            rc = req->call_done(ctx, replies, n);
        }
    }

    ngx_http_drs_resume(ctx, rc);
}


ngx_int_t
ngx_http_drs_check_replies(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                           ngx_uint_t n)
{
    size_t             k;
    ngx_uint_t         i;
    drs_str_t          text;
    static const char *later[] = {
        "LOADING",  "READONLY",   "MISCONF",    "OOM",
        "BUSY",     "MASTERDOWN", "NOREPLICAS", "CLUSTERDOWN",
        "TRYAGAIN", "NOAUTH",     "NOPERM",     "ERR Function not found"
    };

    for (i = 0; i < n; i++) {
        if (replies[i]->type != REDIS_REPLY_ERROR) {
            continue;
        }

        text = drs_strn(replies[i]->str, (size_t) replies[i]->len);

        ngx_http_drs_metrics_add(ngx_http_drs_core(ctx)->process->metrics,
                                 NGX_HTTP_DRS_M_REDIS_ERRORS, 1);
        ngx_log_error(NGX_LOG_ERR, ctx->r->connection->log, 0,
                      "drs: redis refused a command of request %*s: %*s",
                      ctx->request_id.len, ctx->request_id.data,
                      ngx_min(text.len, 300), text.data);

        for (k = 0; k < sizeof(later) / sizeof(later[0]); k++) {
            if (drs_str_starts(text, later[k])) {
                return ngx_http_drs_unavailable(ctx, "The store is not ready "
                                                     "to serve this request.");
            }
        }

        return ngx_http_drs_error(ctx, DRS_ERR_DYNAMODB_ERROR, NULL, NULL,
                                  NULL);
    }

    return NGX_DECLINED;
}


ngx_int_t
ngx_http_drs_store_down(ngx_http_drs_ctx_t *ctx, ngx_http_drs_exec_rc_t rc)
{
    const char *text;

    ngx_log_error(NGX_LOG_INFO, ctx->r->connection->log, 0,
                  "drs: request %*s: %s", ctx->request_id.len,
                  ctx->request_id.data, ngx_http_drs_exec_text(rc));

    switch (rc) {
    case NGX_HTTP_DRS_EXEC_FULL:
        text = "Too many requests are waiting for the store.";
        break;

    case NGX_HTTP_DRS_EXEC_DOWN:
        text = "The store is not reachable. Nothing was changed.";
        break;

    default:
        text = ctx->route != NULL && ctx->route->method != DRS_METHOD_GET
                   ? "The store did not answer in time. Whether the change was "
                     "made is not known: look before you try again."
                   : "The store did not answer in time.";
        break;
    }

    return ngx_http_drs_unavailable(ctx, text);
}


drs_str_t
ngx_http_drs_reply_str(const redisReply *reply)
{
    drs_str_t none = drs_null_string;

    switch (reply->type) {
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
    case REDIS_REPLY_ERROR:
        return drs_strn(reply->str, (size_t) reply->len);

    default:
        return none;
    }
}


int
ngx_http_drs_reply_int(const redisReply *reply, int64_t *out)
{
    if (reply->type == REDIS_REPLY_INTEGER) {
        *out = reply->integer;
        return DRS_OK;
    }

    return drs_str_i64(ngx_http_drs_reply_str(reply), out);
}


ngx_int_t
ngx_http_drs_reply_views(ngx_http_drs_ctx_t *ctx, const redisReply *reply,
                         drs_str_t **v, size_t *n)
{
    size_t            i;
    u_char           *p;
    const redisReply *e;

    *n = reply->type == REDIS_REPLY_ARRAY ? reply->elements : 1;

    *v = ngx_pcalloc(ctx->r->pool, (*n + 1) * sizeof(drs_str_t));
    if (*v == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < *n; i++) {
        e = reply->type == REDIS_REPLY_ARRAY ? reply->element[i] : reply;

        if (e->type != REDIS_REPLY_INTEGER) {
            (*v)[i] = ngx_http_drs_reply_str(e);
            continue;
        }

        p = ngx_pnalloc(ctx->r->pool, NGX_INT64_LEN);
        if (p == NULL) {
            return NGX_ERROR;
        }

        (*v)[i].data = (char *) p;
        (*v)[i].len = (size_t) (ngx_sprintf(p, "%L", (int64_t) e->integer) - p);
    }

    return NGX_OK;
}
