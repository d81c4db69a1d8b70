/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * EX11: job logs from the stored history of an execution.  The history is
 * read in pieces.
 */

#include "ngx_http_drs_api_util.h"

#include "drs_view_joblog.h"


#define NGX_HTTP_DRS_JOBLOG_BATCH 1000


typedef struct {
    drs_str_t job;
    json_t   *logs; /* released with the request */
    drs_str_t id;   /* of the execution */
    drs_str_t last; /* entry read last; empty: none */
} ngx_http_drs_joblogs_t;


static ngx_int_t ngx_http_drs_joblogs_loaded(ngx_http_drs_ctx_t *ctx);
static ngx_int_t ngx_http_drs_joblogs_ask(ngx_http_drs_ctx_t *ctx);
static ngx_int_t ngx_http_drs_joblogs_read(ngx_http_drs_ctx_t *ctx,
                                           redisReply **replies, ngx_uint_t n);


ngx_int_t
ngx_http_drs_api_exec_joblogs(ngx_http_drs_ctx_t *ctx)
{
    ngx_int_t               rc;
    ngx_http_drs_joblogs_t *s;

    s = ngx_pcalloc(ctx->r->pool, sizeof(ngx_http_drs_joblogs_t));
    if (s == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_http_drs_util_query(ctx, "jobId", &s->job);
    if (rc != NGX_OK) {
        return rc == NGX_DECLINED ? NGX_OK : NGX_ERROR;
    }

    return ngx_http_drs_util_load(ctx, ngx_http_drs_util_exec_id(ctx), 0,
                                  ngx_http_drs_joblogs_loaded, s);
}


static ngx_int_t
ngx_http_drs_joblogs_loaded(ngx_http_drs_ctx_t *ctx)
{
    ngx_http_drs_load_t    *l;
    ngx_http_drs_joblogs_t *s;

    l = ctx->state;
    s = l->data;
    s->id = drs_str(l->exec->id);
    s->logs = drs_view_joblog(l->exec, s->job);

    if (s->logs == NULL || ngx_http_drs_defer_json(ctx, s->logs) != NGX_OK) {
        return NGX_ERROR;
    }

    ctx->state = s;

    if (json_array_size(s->logs) == 0) {
        return ngx_http_drs_reply(ctx, NGX_HTTP_OK,
                                  json_pack("{s:s, s:O}", "executionId",
                                            l->exec->id, "jobLogs", s->logs));
    }

    return ngx_http_drs_joblogs_ask(ctx);
}


static ngx_int_t
ngx_http_drs_joblogs_ask(ngx_http_drs_ctx_t *ctx)
{
    drs_cmd_t              *cmd;
    ngx_http_drs_joblogs_t *s;

    s = ctx->state;

    cmd = drs_key_cmd1("XRANGE", ngx_http_drs_prefix(ctx), DRS_KEY_EXEC_EVENTS,
                       s->id);

    if (s->last.len) {
        (void) drs_cmd_addf(cmd, "(%.*s", DRS_STR_ARG(s->last));

    } else {
        (void) drs_cmd_addz(cmd, "-");
    }

    (void) drs_cmd_addz(cmd, "+");
    (void) drs_cmd_addz(cmd, "COUNT");
    (void) drs_cmd_add_i64(cmd, NGX_HTTP_DRS_JOBLOG_BATCH);

    return ngx_http_drs_call1(ctx, cmd, ngx_http_drs_joblogs_read);
}


static ngx_int_t
ngx_http_drs_joblogs_read(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                          ngx_uint_t n)
{
    size_t                  i;
    redisReply             *page, *e;
    ngx_http_drs_joblogs_t *s;

    (void) n;
    s = ctx->state;
    page = replies[0];

    if (page->type != REDIS_REPLY_ARRAY) {
        return NGX_ERROR;
    }

    for (i = 0; i < page->elements; i++) {
        e = page->element[i];

        if (e->type != REDIS_REPLY_ARRAY || e->elements != 2
            || e->element[1]->type != REDIS_REPLY_ARRAY
            || e->element[1]->elements < 2)
        {
            return NGX_ERROR;
        }

        if (drs_view_joblog_add(
                s->logs, ngx_http_drs_reply_str(e->element[1]->element[1]))
            != DRS_OK)
        {
            return NGX_ERROR;
        }

        if (i + 1 == page->elements) {
            s->last =
                ngx_http_drs_copy(ctx, ngx_http_drs_reply_str(e->element[0]));
        }
    }

    if (page->elements == NGX_HTTP_DRS_JOBLOG_BATCH) {
        return s->last.len ? ngx_http_drs_joblogs_ask(ctx) : NGX_ERROR;
    }

    drs_view_joblog_sort(s->logs);

    return ngx_http_drs_util_large(ctx, json_pack("{s:s%, s:O}", "executionId",
                                                  s->id.data, s->id.len,
                                                  "jobLogs", s->logs));
}
