/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * EX5, EX10, EX12, EX14: one execution as stored.  Nothing here waits
 * for AWS and nothing changes state.
 */

#include "ngx_http_drs_api_util.h"

#include "drs_model_exec_req.h"
#include "drs_store_work.h"
#include "drs_view_exec.h"


#define NGX_HTTP_DRS_POLL_MS 30000
#define NGX_HTTP_DRS_ASK_MS  5000
#define NGX_HTTP_DRS_ASK_MAX 100


typedef struct {
    drs_view_mode_t mode;
    ngx_uint_t      poll; /* ask the worker to poll now */
} ngx_http_drs_show_t;


static ngx_int_t ngx_http_drs_execution_loaded(ngx_http_drs_ctx_t *ctx);
static ngx_int_t
ngx_http_drs_execution_asked(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                             ngx_uint_t n);
static ngx_int_t ngx_http_drs_execution_shown(ngx_http_drs_ctx_t *ctx);
static ngx_int_t ngx_http_drs_execution_instances(ngx_http_drs_ctx_t *ctx);
static ngx_int_t ngx_http_drs_execution_term(ngx_http_drs_ctx_t *ctx);


static void
ngx_http_drs_execution_view(ngx_http_drs_ctx_t *ctx, drs_view_exec_t *v,
                            drs_view_mode_t mode)
{
    ngx_http_drs_load_t *l;

    l = ctx->state;

    ngx_memzero(v, sizeof(*v));
    v->mode = mode;
    v->now_ms = ngx_http_drs_now_ms();
    v->poll_ms = NGX_HTTP_DRS_POLL_MS;
    v->own_account = l->own_account;
    v->accounts = l->accounts;
    v->plan_gone = l->plan_gone;
    v->term = l->term;
    v->n_term = l->n_term;
}


static ngx_int_t
ngx_http_drs_execution_load(ngx_http_drs_ctx_t *ctx, ngx_uint_t poll)
{
    ngx_int_t            rc;
    drs_str_t            view;
    ngx_http_drs_show_t *s;

    s = ngx_pcalloc(ctx->r->pool, sizeof(ngx_http_drs_show_t));
    if (s == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_http_drs_util_query(ctx, "view", &view);
    if (rc != NGX_OK) {
        return rc == NGX_DECLINED ? NGX_OK : NGX_ERROR;
    }

    s->mode = drs_str_eq(view, drs_str("compact")) ? DRS_VIEW_COMPACT
                                                   : DRS_VIEW_DETAIL;

    rc = ngx_http_drs_util_query(ctx, "realtime", &view);
    if (rc != NGX_OK) {
        return rc == NGX_DECLINED ? NGX_OK : NGX_ERROR;
    }

    s->poll = poll || drs_str_eq(view, drs_str("true"));

    return ngx_http_drs_util_load(ctx, ngx_http_drs_util_exec_id(ctx),
                                  NGX_HTTP_DRS_LOAD_SERVERS
                                      | NGX_HTTP_DRS_LOAD_TERM,
                                  ngx_http_drs_execution_loaded, s);
}


ngx_int_t
ngx_http_drs_api_exec_get(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_execution_load(ctx, 0);
}


ngx_int_t
ngx_http_drs_api_exec_realtime(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_execution_load(ctx, 1);
}


/*
 * Makes the polls of the run's places due, unless the last one is younger than
 * five seconds; nobody waits for them.
 */
static ngx_int_t
ngx_http_drs_execution_loaded(ngx_http_drs_ctx_t *ctx)
{
    size_t               i, k;
    drs_exec_t          *e;
    drs_exec_unit_t     *u;
    ngx_http_drs_load_t *l;
    ngx_http_drs_show_t *s;
    ngx_http_drs_calls_t c;
    u_char               task[128];

    l = ctx->state;
    s = l->data;
    e = l->exec;

    if (!s->poll
        || (ngx_strcmp(e->status, "RUNNING") != 0
            && ngx_strcmp(e->status, "POLLING") != 0
            && ngx_strcmp(e->status, "PAUSED") != 0)
        || ngx_http_drs_now_ms() - e->last_poll_at < NGX_HTTP_DRS_ASK_MS)
    {
        return ngx_http_drs_execution_shown(ctx);
    }

    ngx_http_drs_util_calls(&c);

    for (i = 0; i < e->nunits && c.n < NGX_HTTP_DRS_ASK_MAX; i++) {
        u = &e->units[i];

        for (k = 0; k < i; k++) {
            if (ngx_strcmp(e->units[k].account, u->account) == 0
                && ngx_strcmp(e->units[k].region, u->region) == 0)
            {
                break;
            }
        }

        if (k == i && u->job[0] != '\0') {
            (void) ngx_snprintf(task, sizeof(task), "poll:%s:%s%Z", u->account,
                                u->region);
            ngx_http_drs_util_add(
                &c, drs_store_task_due(ngx_http_drs_prefix(ctx),
                                       drs_str((char *) task), 0));
        }
    }

    if (c.n == 0 && !c.failed) {
        return ngx_http_drs_execution_shown(ctx);
    }

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_execution_asked);
}


static ngx_int_t
ngx_http_drs_execution_asked(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                             ngx_uint_t n)
{
    (void) replies;
    (void) n;

    return ngx_http_drs_execution_shown(ctx);
}


static ngx_int_t
ngx_http_drs_execution_shown(ngx_http_drs_ctx_t *ctx)
{
    drs_buf_t            b;
    drs_view_exec_t      o;
    ngx_http_drs_show_t *s;
    ngx_http_drs_load_t *l;
    drs_view_exec_once_t once;

    l = ctx->state;
    s = l->data;
    ngx_http_drs_execution_view(ctx, &o, s->mode);

    drs_buf_init(&b, 0);
    drs_view_exec_text(&b, l->exec, &o, &once);

    return ngx_http_drs_reply_tagged(
        ctx, NGX_HTTP_OK, &b,
        drs_buf_ok(&b) ? drs_strn(b.data + once.from, once.to - once.from)
                       : drs_buf_str(&b));
}


ngx_int_t
ngx_http_drs_api_exec_instances(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_util_load(ctx, ngx_http_drs_util_exec_id(ctx),
                                  NGX_HTTP_DRS_LOAD_SERVERS,
                                  ngx_http_drs_execution_instances, NULL);
}


static ngx_int_t
ngx_http_drs_execution_instances(ngx_http_drs_ctx_t *ctx)
{
    drs_buf_t            b;
    ngx_http_drs_load_t *l;

    l = ctx->state;

    drs_buf_init(&b, 0);
    drs_view_exec_instances(&b, l->exec);

    return ngx_http_drs_reply_buf(ctx, NGX_HTTP_OK, &b);
}


ngx_int_t
ngx_http_drs_api_exec_termination(ngx_http_drs_ctx_t *ctx)
{
    ngx_int_t  rc;
    drs_str_t *ids;

    ids = ngx_pcalloc(ctx->r->pool, sizeof(drs_str_t));
    if (ids == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_http_drs_util_query(ctx, "jobIds", ids);
    if (rc != NGX_OK) {
        return rc == NGX_DECLINED ? NGX_OK : NGX_ERROR;
    }

    return ngx_http_drs_util_load(ctx, ngx_http_drs_util_exec_id(ctx),
                                  NGX_HTTP_DRS_LOAD_TERM,
                                  ngx_http_drs_execution_term, ids);
}


static ngx_int_t
ngx_http_drs_execution_term(ngx_http_drs_ctx_t *ctx)
{
    size_t               known;
    json_t              *v;
    drs_str_t           *ids;
    drs_view_exec_t      o;
    ngx_http_drs_load_t *l;

    l = ctx->state;
    ids = l->data;
    ngx_http_drs_execution_view(ctx, &o, DRS_VIEW_DETAIL);

    v = drs_view_exec_term_status(l->exec, &o, *ids, &known);
    if (v == NULL) {
        return NGX_ERROR;
    }

    if (known == 0 && ids->len) {
        json_decref(v);
        return ngx_http_drs_error_param(ctx, DRS_ERR_INVALID_PARAMETER,
                                        "jobIds", NULL,
                                        "terminate jobs of "
                                        "this execution",
                                        "No job id is a "
                                        "terminate job of this execution.");
    }

    if (known == 0 && json_object_get(v, "state") == NULL) {
        json_decref(v);
        return ngx_http_drs_error_param(ctx, DRS_ERR_MISSING_PARAMETER,
                                        "jobIds", NULL,
                                        "terminate jobs of "
                                        "this execution",
                                        "No terminate job "
                                        "of this execution is known.");
    }

    return ngx_http_drs_reply(ctx, NGX_HTTP_OK, v);
}
