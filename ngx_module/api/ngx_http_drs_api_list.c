/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Pages of lists that their handlers answer whole (drs_route_list()).  Without
 * `limit` and `nextToken` nothing here changes an answer.
 */

#include "ngx_http_drs_api_util.h"
#include "ngx_http_drs_module.h"

#include "drs_cursor.h"
#include "drs_list_page.h"


ngx_int_t
ngx_http_drs_list_begin(ngx_http_drs_ctx_t *ctx)
{
    ngx_int_t              rc;
    drs_str_t              limit, token;
    const drs_list_page_t *list;

    list = drs_route_list(ctx->route);

    if (list == NULL) {
        return NGX_OK;
    }

    rc = ngx_http_drs_util_query(ctx, "limit", &limit);
    rc = rc == NGX_OK ? ngx_http_drs_util_query(ctx, "nextToken", &token) : rc;

    if (rc != NGX_OK || (limit.data == NULL && token.data == NULL)) {
        return rc;
    }

    return ngx_http_drs_util_page(ctx, ctx->route->reference,
                                  DRS_LIST_PAGE_DEFAULT, DRS_LIST_PAGE_MAX,
                                  &ctx->page_limit, &ctx->page_pos);
}


/* <...?limit=..&nextToken=..>; rel="next" with the other parameters kept */
static ngx_int_t
ngx_http_drs_list_link(ngx_http_drs_ctx_t *ctx, drs_str_t pos)
{
    drs_buf_t b;
    drs_str_t args, arg, link;
    ngx_int_t rc;

    if (pos.len == 0) {
        return NGX_OK;
    }

    drs_buf_init(&b, 0);
    drs_buf_printf(&b, "<%.*s?", (int) ctx->r->uri.len, ctx->r->uri.data);
    args = ngx_http_drs_view(&ctx->r->args);

    while (drs_str_split(&args, '&', &arg)) {
        if (arg.len > 0 && !drs_str_starts(arg, "nextToken=")) {
            drs_buf_printf(&b, "%.*s&", (int) arg.len, arg.data);
        }
    }

    (void) drs_buf_puts(&b, "nextToken=");

    rc = drs_cursor_encode(&b, ctx->route->reference, pos) == DRS_OK
                 && drs_buf_puts(&b, ">; rel=\"next\"") == DRS_OK
             ? NGX_OK
             : NGX_ERROR;

    if (rc == NGX_OK) {
        link = ngx_http_drs_copy(ctx, drs_buf_str(&b));
        rc = link.len ? ngx_http_drs_header(ctx, "Link", link) : NGX_ERROR;
    }

    drs_buf_free(&b);

    return rc;
}


ngx_int_t
ngx_http_drs_list_cut(ngx_http_drs_ctx_t *ctx, drs_buf_t *page, drs_str_t body)
{
    int                    rc;
    ngx_int_t              nrc;
    drs_buf_t              next;
    const drs_list_page_t *list;

    list = ctx->page_limit ? drs_route_list(ctx->route) : NULL;

    if (list == NULL || list->items == NULL) {
        return NGX_DECLINED;
    }

    drs_buf_init(&next, 0);
    rc = drs_list_page(page, &next, body, list, ctx->route->reference,
                       ctx->page_limit, ctx->page_pos);

    switch (rc) {
    case DRS_OK:
        nrc = list->items[0] == '\0'
                  ? ngx_http_drs_list_link(ctx, drs_buf_str(&next))
                  : NGX_OK;
        break;

    case DRS_DECLINED:
        ngx_log_error(NGX_LOG_ERR, ctx->r->connection->log, 0,
                      "drs: the answer has no list \"%s\"", list->items);
        /* fall through */

    default:
        nrc = NGX_ERROR;
    }

    drs_buf_free(&next);

    return nrc;
}
