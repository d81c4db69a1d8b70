/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * PG1: protection groups in order of their names.  Name and account are
 * decided on the index; documents are read for the page only and passed on
 * as bytes.  A Region filter reads all that are left.  The state of the servers
 * (launchConfigStatus.servers) is read for a bounded number of them.
 */

#include "ngx_http_drs_api_util.h"

#include "drs_cursor.h"
#include "drs_model_launch_job.h"


#define NGX_HTTP_DRS_LIST      "pg"
#define NGX_HTTP_DRS_LIST_MAX  1000
#define NGX_HTTP_DRS_LIST_ALL  100000
#define NGX_HTTP_DRS_LIST_ROWS 1000 /* servers whose settings are shown */


typedef struct {
    drs_str_t  account, name, region;
    drs_str_t  pos; /* member after which the page begins */
    size_t     limit;
    drs_str_t *members; /* those whose documents were asked for */
    size_t     n;
    drs_str_t *texts; /* documents of the page */
    json_t   **docs;  /* those that are not passed on as they are */
    unsigned  *rows;  /* state of the servers is asked for */
    size_t     count, last;
    unsigned   more : 1;
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


/*
 * A document of the page: its bytes, unless members of it are private or the
 * state of its servers is shown.
 */
static void
ngx_http_drs_groups_take(ngx_http_drs_ctx_t *ctx, const redisReply *reply,
                         size_t *left)
{
    int                    hidden;
    size_t                 i, servers;
    json_t                *doc;
    drs_str_t              text, status;
    ngx_http_drs_groups_t *g;

    static const char none[] =
        "\"launchConfigStatus\":{\"status\":\"not_configured\"";

    g = ctx->state;
    i = g->count++;
    text = ngx_http_drs_reply_str(reply);
    g->texts[i] = text;
    hidden = ngx_http_drs_util_group_private(text);

    if (!hidden
        && (*left == 0
            || memmem(text.data, text.len, none, sizeof(none) - 1) != NULL))
    {
        return;
    }

    doc = ngx_http_drs_util_doc(ctx, reply);
    servers = json_array_size(json_object_get(doc, "sourceServerIds"));
    status =
        drs_json_field(json_object_get(doc, "launchConfigStatus"), "status");

    if (servers <= *left && !drs_str_eqz(status, "not_configured")) {
        *left -= servers;
        g->rows[i] = 1;
    }

    g->docs[i] = hidden || g->rows[i] ? doc : NULL;
}


static ngx_int_t
ngx_http_drs_groups_reply(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                          ngx_uint_t n)
{
    int                    rc;
    size_t                 i, k;
    json_t                *view, *rows;
    drs_buf_t              b;
    ngx_http_drs_groups_t *g;

    g = ctx->state;
    k = 0;

    drs_buf_init(&b, 0);
    (void) drs_buf_puts(&b, "{\"groups\":[");

    for (i = 0; i < g->count; i++) {
        (void) drs_buf_puts(&b, i ? "," : "");

        if (g->docs[i] == NULL) {
            (void) drs_buf_str_append(&b, g->texts[i]);
            continue;
        }

        rows = g->rows[i] && k < n
                   ? ngx_http_drs_util_launch_rows(ctx, replies[k++])
                   : NULL;
        view = drs_view_launch_group(g->docs[i], rows);
        rc = drs_json_dump(&b, view);
        json_decref(view);

        if (rc != DRS_OK) {
            drs_buf_free(&b);
            return NGX_ERROR;
        }
    }

    (void) drs_buf_printf(&b, "],\"count\":%zu,\"nextToken\":", g->count);

    if (g->more) {
        (void) drs_buf_putc(&b, '"');

        if (drs_cursor_encode(&b, NGX_HTTP_DRS_LIST, g->members[g->last])
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


/* State of the servers of groups that have settings. */
static ngx_int_t
ngx_http_drs_groups_rows(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                         ngx_uint_t n)
{
    size_t                 i;
    ngx_http_drs_calls_t   c;
    ngx_http_drs_groups_t *g;

    g = ctx->state;
    ngx_http_drs_util_calls(&c);

    for (i = 0; i < g->count; i++) {
        g->rows[i] = g->rows[i] && c.n < NGX_HTTP_DRS_CALL_MAX;

        if (g->rows[i]) {
            ngx_http_drs_util_add(
                &c, ngx_http_drs_util_launch(
                        ctx, drs_json_field(g->docs[i], "groupId")));
        }
    }

    if (c.n == 0) {
        return ngx_http_drs_groups_reply(ctx, replies, 0);
    }

    for (i = 0; i < g->count; i++) {
        if (g->docs[i] == NULL) {
            g->texts[i] = ngx_http_drs_copy(ctx, g->texts[i]);

            if (g->texts[i].data == NULL) {
                return NGX_ERROR;
            }
        }
    }

    (void) n;

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_groups_reply);
}


static ngx_int_t
ngx_http_drs_groups_docs(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                         ngx_uint_t n)
{
    size_t                 i, left;
    redisReply            *doc;
    ngx_http_drs_groups_t *g;

    g = ctx->state;
    left = NGX_HTTP_DRS_LIST_ROWS;
    g->texts = ngx_palloc(ctx->r->pool, (g->n + 1) * sizeof(drs_str_t));
    g->docs = ngx_pcalloc(ctx->r->pool, (g->n + 1) * sizeof(json_t *));
    g->rows = ngx_pcalloc(ctx->r->pool, (g->n + 1) * sizeof(unsigned));

    if (g->texts == NULL || g->docs == NULL || g->rows == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < g->n; i++) {
        if (i >= replies[0]->elements) {
            g->more = 1;
            break;
        }

        doc = replies[0]->element[i];

        if (doc->type != REDIS_REPLY_STRING
            || (g->region.len
                && !ngx_http_drs_groups_in_region(ctx, doc, g->region)))
        {
            continue;
        }

        if (g->count == g->limit) {
            g->more = 1;
            break;
        }

        ngx_http_drs_groups_take(ctx, doc, &left);
        g->last = i;
    }

    return ngx_http_drs_groups_rows(ctx, replies, n);
}
