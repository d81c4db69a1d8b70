/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * servers of an execution, page by page, in the order of the waves.
 * Unless a filter asks for their state, only the servers of the page are read.
 */

#include "ngx_http_drs_api_util.h"

#include "drs_jtext.h"
#include "drs_view_exec.h"


#define NGX_HTTP_DRS_SERVERS      "servers"
#define NGX_HTTP_DRS_SERVERS_DFLT 200
#define NGX_HTTP_DRS_SERVERS_MAX  1000


typedef struct {
    drs_str_t wave, unit, status, q, pos;
    int64_t   number; /* of the wave, -1: all */
    size_t    limit;
    size_t    total, count;
    unsigned  skip : 1; /* before the page */
    unsigned  more : 1;
    char      last[64];
    drs_str_t ids[NGX_HTTP_DRS_SERVERS_MAX];
    size_t    n;
} ngx_http_drs_servers_t;


static ngx_int_t ngx_http_drs_servers_loaded(ngx_http_drs_ctx_t *ctx);
static ngx_int_t ngx_http_drs_servers_read(ngx_http_drs_ctx_t *ctx,
                                           redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_servers_shown(ngx_http_drs_ctx_t *ctx);


ngx_int_t
ngx_http_drs_api_exec_servers(ngx_http_drs_ctx_t *ctx)
{
    ngx_int_t               rc;
    ngx_uint_t              all;
    ngx_http_drs_servers_t *s;

    s = ngx_pcalloc(ctx->r->pool, sizeof(ngx_http_drs_servers_t));
    if (s == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_http_drs_util_page(ctx, NGX_HTTP_DRS_SERVERS,
                                NGX_HTTP_DRS_SERVERS_DFLT,
                                NGX_HTTP_DRS_SERVERS_MAX, &s->limit, &s->pos);
    rc = rc == NGX_OK ? ngx_http_drs_util_query(ctx, "wave", &s->wave) : rc;
    rc = rc == NGX_OK ? ngx_http_drs_util_query(ctx, "unitId", &s->unit) : rc;
    rc = rc == NGX_OK ? ngx_http_drs_util_query(ctx, "status", &s->status) : rc;
    rc = rc == NGX_OK ? ngx_http_drs_util_query(ctx, "q", &s->q) : rc;

    if (rc != NGX_OK) {
        return rc == NGX_DECLINED ? NGX_OK : NGX_ERROR;
    }

    all = s->unit.len || s->status.len || s->q.len;

    return ngx_http_drs_util_load(
        ctx, ngx_http_drs_util_exec_id(ctx),
        all ? NGX_HTTP_DRS_LOAD_SERVERS : 0,
        all ? ngx_http_drs_servers_shown : ngx_http_drs_servers_loaded, s);
}


/* NGX_DECLINED: answered 400. */
static ngx_int_t
ngx_http_drs_servers_wave(ngx_http_drs_ctx_t *ctx, ngx_http_drs_servers_t *s)
{
    s->number = -1;
    s->skip = s->pos.len > 0;

    if (s->wave.len
        && (drs_str_i64(s->wave, &s->number) != DRS_OK || s->number < 0))
    {
        (void) ngx_http_drs_error_param(ctx, DRS_ERR_INVALID_PARAMETER, "wave",
                                        NULL, "a wave number",
                                        "wave must be a wave number.");
        return NGX_DECLINED;
    }

    return NGX_OK;
}


/* Counts a server that matches; 1 if it is on the page. */
static int
ngx_http_drs_servers_on_page(ngx_http_drs_servers_t *s, int wave,
                             const char *id, int matches)
{
    char at[sizeof(s->last)];

    s->total += matches;

    if (s->skip) {
        (void) ngx_snprintf((u_char *) at, sizeof(at), "%d %s%Z", wave, id);
        s->skip = !drs_str_eqz(s->pos, at);
        return 0;
    }

    if (!matches) {
        return 0;
    }

    if (s->count == s->limit) {
        s->more = 1;
        return 0;
    }

    if (++s->count == s->limit) {
        (void) ngx_snprintf((u_char *) s->last, sizeof(s->last), "%d %s%Z",
                            wave, id);
    }

    return 1;
}


/* The ids of the page, then their states. */
static ngx_int_t
ngx_http_drs_servers_loaded(ngx_http_drs_ctx_t *ctx)
{
    size_t                  i, k;
    drs_cmd_t              *cmd;
    ngx_int_t               rc;
    drs_exec_t             *e;
    ngx_http_drs_load_t    *l;
    ngx_http_drs_calls_t    c;
    ngx_http_drs_servers_t *s;

    l = ctx->state;
    s = l->data;
    e = l->exec;

    rc = ngx_http_drs_servers_wave(ctx, s);
    if (rc != NGX_OK) {
        return NGX_OK;
    }

    cmd = drs_key_cmd1("HMGET", ngx_http_drs_prefix(ctx), DRS_KEY_EXEC_SERVERS,
                       l->id);

    for (i = 0; i < e->nwaves; i++) {
        for (k = 0; k < e->waves[i].nserver_ids; k++) {
            if (ngx_http_drs_servers_on_page(
                    s, e->waves[i].number, e->waves[i].server_ids[k],
                    s->number < 0 || s->number == e->waves[i].number))
            {
                s->ids[s->n++] = drs_str(e->waves[i].server_ids[k]);
                (void) drs_cmd_addz(cmd, e->waves[i].server_ids[k]);
            }
        }
    }

    /* counted again when they are shown */
    s->total = 0;
    s->count = 0;
    s->more = 0;

    if (s->n == 0) {
        drs_cmd_free(cmd);
        return ngx_http_drs_servers_shown(ctx);
    }

    ngx_http_drs_util_calls(&c);
    ngx_http_drs_util_add(&c, cmd);

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_servers_read);
}


static ngx_int_t
ngx_http_drs_servers_read(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                          ngx_uint_t n)
{
    size_t                  i;
    drs_exec_error_t        err;
    ngx_http_drs_load_t    *l;
    ngx_http_drs_servers_t *s;

    (void) n;
    l = ctx->state;
    s = l->data;
    err.text[0] = '\0';

    for (i = 0; i < s->n && i < replies[0]->elements; i++) {
        if (replies[0]->element[i]->type == REDIS_REPLY_STRING
            && drs_exec_load_server(
                   l->exec, s->ids[i],
                   ngx_http_drs_reply_str(replies[0]->element[i]), &err)
                   != DRS_OK)
        {
            break;
        }
    }

    if (i < s->n || drs_exec_load_done(l->exec, &err) != DRS_OK) {
        ngx_log_error(NGX_LOG_ERR, ctx->r->connection->log, 0,
                      "drs: execution %s is not readable: %s", l->exec->id,
                      err.text);
        return NGX_ERROR;
    }

    return ngx_http_drs_servers_shown(ctx);
}


/* The number of servers that match, and the page of them. */
static ngx_int_t
ngx_http_drs_servers_shown(ngx_http_drs_ctx_t *ctx)
{
    size_t                   i, k;
    drs_buf_t                b;
    ngx_int_t                rc;
    drs_exec_t              *e;
    drs_exec_server_t        tmp;
    ngx_http_drs_load_t     *l;
    ngx_http_drs_servers_t  *s;
    const drs_exec_server_t *v;

    l = ctx->state;
    s = l->data;
    e = l->exec;

    rc = ngx_http_drs_servers_wave(ctx, s);
    if (rc != NGX_OK) {
        return NGX_OK;
    }

    drs_buf_init(&b, 0);
    drs_jw_open(&b, NULL, '{');
    drs_jw_open(&b, "servers", '[');

    for (i = 0; i < e->nwaves; i++) {
        for (k = 0; k < e->waves[i].nserver_ids; k++) {
            v = drs_view_exec_server_of(e, &e->waves[i],
                                        e->waves[i].server_ids[k], &tmp);

            if (ngx_http_drs_servers_on_page(
                    s, e->waves[i].number, v->id,
                    drs_view_exec_server_matches(v, (int) s->number, s->unit,
                                                 s->status, s->q)))
            {
                drs_view_exec_server_text(&b, v);
            }
        }
    }

    drs_jw_close(&b, ']');
    drs_jw_int(&b, "count", (int64_t) s->count);
    drs_jw_int(&b, "total", (int64_t) s->total);

    ngx_http_drs_util_next(&b, NGX_HTTP_DRS_SERVERS,
                           s->more ? drs_str(s->last) : drs_str(NULL));
    drs_jw_close(&b, '}');

    return ngx_http_drs_reply_buf(ctx, NGX_HTTP_OK, &b);
}
