/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * PG1: protection groups in order of their names.  Name and account are
 * decided on the index; documents are read for the page only and passed on
 * as bytes.  A Region filter reads all that are left.
 */

#include "ngx_http_drs_api_util.h"

#include "drs_cursor.h"


#define NGX_HTTP_DRS_LIST     "pg"
#define NGX_HTTP_DRS_LIST_MAX 1000
#define NGX_HTTP_DRS_LIST_ALL 100000


typedef struct {
    drs_str_t  account, name, region;
    drs_str_t  pos; /* member after which the page begins */
    size_t     limit;
    drs_str_t *members; /* those whose documents were asked for */
    size_t     n;
} ngx_http_drs_groups_t;


static ngx_int_t
ngx_http_drs_groups_members(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                            ngx_uint_t n);
static ngx_int_t ngx_http_drs_groups_docs(ngx_http_drs_ctx_t *ctx,
                                          redisReply **replies, ngx_uint_t n);


ngx_int_t
ngx_http_drs_api_group_list(ngx_http_drs_ctx_t *ctx)
{
    size_t                 first;
    drs_str_t              p;
    ngx_int_t              rc;
    ngx_http_drs_calls_t   c;
    ngx_http_drs_groups_t *g;

    g = ngx_pcalloc(ctx->r->pool, sizeof(ngx_http_drs_groups_t));
    if (g == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_http_drs_util_page(ctx, NGX_HTTP_DRS_LIST, NGX_HTTP_DRS_LIST_ALL,
                                NGX_HTTP_DRS_LIST_MAX, &g->limit, &g->pos);
    rc = rc == NGX_OK ? ngx_http_drs_util_query(ctx, "accountId", &g->account)
                      : rc;
    rc = rc == NGX_OK ? ngx_http_drs_util_query(ctx, "region", &g->region) : rc;
    rc = rc == NGX_OK ? ngx_http_drs_util_query(ctx, "name", &g->name) : rc;

    if (rc != NGX_OK) {
        return rc == NGX_DECLINED ? NGX_OK : NGX_ERROR;
    }

    if (g->name.len) {
        g->name = ngx_http_drs_util_fold(ctx, g->name);
    }

    ctx->state = g;
    p = ngx_http_drs_prefix(ctx);

    /* without a filter the page is known at once */
    first = g->account.len || g->region.len || g->name.len ? 0 : g->limit + 1;

    ngx_http_drs_util_calls(&c);
    ngx_http_drs_util_add(
        &c, ngx_http_drs_util_range(ctx, DRS_KEY_PG_IDS, g->pos, first));

    if (g->account.len) {
        ngx_http_drs_util_add(
            &c, drs_key_cmd1("SMEMBERS", p, DRS_KEY_ACCT_GROUPS, g->account));
    }

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_groups_members);
}


static ngx_int_t
ngx_http_drs_groups_empty(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_reply_raw(
        ctx, NGX_HTTP_OK,
        drs_str("{\"groups\":[],\"count\":0,\"nextToken\":null}"));
}


static ngx_int_t
ngx_http_drs_groups_members(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                            ngx_uint_t n)
{
    size_t                 i, max;
    json_t                *set;
    drs_str_t              p, m, id;
    drs_cmd_t             *cmd;
    ngx_http_drs_groups_t *g;

    g = ctx->state;
    set = NULL;

    if (n > 1) {
        set = ngx_http_drs_util_set(ctx, replies[1]);
        if (set == NULL) {
            return NGX_ERROR;
        }
    }

    max = replies[0]->elements;
    g->members = ngx_palloc(ctx->r->pool, (max + 1) * sizeof(drs_str_t));
    if (g->members == NULL) {
        return NGX_ERROR;
    }

    p = ngx_http_drs_prefix(ctx);
    cmd = drs_cmd_words("MGET", NULL);

    for (i = 0; i < max; i++) {
        m = ngx_http_drs_reply_str(replies[0]->element[i]);
        m = ngx_http_drs_copy(ctx, m);
        id = ngx_http_drs_util_member_id(m);

        if (m.data == NULL) {
            drs_cmd_free(cmd);
            return NGX_ERROR;
        }

        if ((set != NULL && json_object_get(set, id.data) == NULL)
            || !ngx_http_drs_util_contains(ngx_http_drs_util_member_name(m),
                                           g->name))
        {
            continue;
        }

        g->members[g->n++] = m;

        /* one more than the page tells whether there is a next one */
        if (g->region.len == 0 && g->n > g->limit) {
            break;
        }

        (void) drs_cmd_key1(cmd, p, DRS_KEY_PG, id);
    }

    if (g->n == 0) {
        drs_cmd_free(cmd);
        return ngx_http_drs_groups_empty(ctx);
    }

    return ngx_http_drs_call1(ctx, cmd, ngx_http_drs_groups_docs);
}


static int
ngx_http_drs_groups_in_region(ngx_http_drs_ctx_t *ctx, const redisReply *reply,
                              drs_str_t region)
{
    json_t *doc;

    doc = ngx_http_drs_util_doc(ctx, reply);

    return doc != NULL && drs_str_eq(drs_json_field(doc, "region"), region);
}


static ngx_int_t
ngx_http_drs_groups_docs(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                         ngx_uint_t n)
{
    size_t                 i, count, last;
    drs_buf_t              b;
    redisReply            *doc;
    unsigned               more;
    ngx_http_drs_groups_t *g;

    (void) n;
    g = ctx->state;
    count = 0;
    last = 0;
    more = 0;

    drs_buf_init(&b, 0);
    (void) drs_buf_puts(&b, "{\"groups\":[");

    for (i = 0; i < g->n; i++) {
        if (i >= replies[0]->elements) {
            more = 1;
            break;
        }

        doc = replies[0]->element[i];

        if (doc->type != REDIS_REPLY_STRING
            || (g->region.len
                && !ngx_http_drs_groups_in_region(ctx, doc, g->region)))
        {
            continue;
        }

        if (count == g->limit) {
            more = 1;
            break;
        }

        (void) drs_buf_puts(&b, count ? "," : "");
        (void) drs_buf_str_append(&b, ngx_http_drs_reply_str(doc));
        count++;
        last = i;
    }

    (void) drs_buf_printf(&b, "],\"count\":%zu,\"nextToken\":", count);

    if (more) {
        (void) drs_buf_putc(&b, '"');

        if (drs_cursor_encode(&b, NGX_HTTP_DRS_LIST, g->members[last])
            != DRS_OK) {
            drs_buf_free(&b);
            return NGX_ERROR;
        }

        (void) drs_buf_puts(&b, "\"}");

    } else {
        (void) drs_buf_puts(&b, "null}");
    }

    return ngx_http_drs_reply_buf(ctx, NGX_HTTP_OK, &b);
}
