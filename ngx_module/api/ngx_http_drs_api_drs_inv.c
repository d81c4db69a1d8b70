/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * DRS10: source servers of many places.  The worker names the places whose
 * inventory is fresh and published; the servers are read from there.
 */

#include "ngx_http_drs_api_drs.h"


#define NGX_HTTP_DRS_INV_PLACES 1000


typedef struct {
    json_t                 *payload; /* the parameters */
    drs_inventory_filter_t  filter;
    ngx_http_drs_sources_t *places;
    size_t                  n;
    json_t                 *newest; /* server id -> index of its place */
    json_t                 *regions;
    size_t                  total, count;
    drs_str_t               next; /* where the page ends, empty on the last */
    unsigned                early : 1; /* the page is known before its rows */
} ngx_http_drs_inv_t;


static ngx_int_t ngx_http_drs_inv_index(ngx_http_drs_ctx_t *ctx,
                                        redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_inv_rows(ngx_http_drs_ctx_t *ctx,
                                       redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_inv_reply(ngx_http_drs_ctx_t *ctx, size_t bytes);


/* What the worker has checked already. */
static ngx_int_t
ngx_http_drs_inv_params(ngx_http_drs_ctx_t *ctx, ngx_http_drs_inv_t *s)
{
    json_t   *doc;
    drs_str_t v;

    doc = NULL;

    if (drs_view_inventory_filter(drs_json_field(s->payload, "filters"),
                                  &s->filter, &doc)
            != DRS_OK
        || ngx_http_drs_defer_json(ctx, doc) != NGX_OK)
    {
        return NGX_ERROR;
    }

    v = drs_json_field(s->payload, "sourceAccountId");

    if (v.len) {
        s->filter.source = v;
    }

    s->newest = json_object();
    s->regions = json_object();

    return ngx_http_drs_defer_json(ctx, s->newest) == NGX_OK
                   && ngx_http_drs_defer_json(ctx, s->regions) == NGX_OK
               ? NGX_OK
               : NGX_ERROR;
}


static int ngx_libc_cdecl
ngx_http_drs_inv_by_place(const void *one, const void *two)
{
    int                           rc;
    const ngx_http_drs_sources_t *a = one, *b = two;

    rc = drs_str_cmp(a->account, b->account);

    return rc ? rc : drs_str_cmp(a->region, b->region);
}


/* Places of the answer in the order of their names, in which pages go on. */
static void
ngx_http_drs_inv_take(ngx_http_drs_ctx_t *ctx, ngx_http_drs_inv_t *s,
                      const json_t *list)
{
    size_t                  i;
    json_t                 *item;
    ngx_http_drs_sources_t *place;

    for (i = 0; i < s->n; i++) {
        place = &s->places[i];
        item = json_array_get(list, i);
        place->account =
            ngx_http_drs_copy(ctx, drs_json_field(item, "accountId"));
        place->region = ngx_http_drs_copy(ctx, drs_json_field(item, "region"));
        place->current = drs_json_field(s->payload, "currentProtectionGroupId");
        place->filter = drs_json_field(s->payload, "filterByProtectionGroup");
    }

    qsort(s->places, s->n, sizeof(s->places[0]), ngx_http_drs_inv_by_place);
}


ngx_int_t
ngx_http_drs_inventory_places(ngx_http_drs_ctx_t *ctx, json_t *answer)
{
    size_t               i;
    json_t              *list;
    ngx_http_drs_inv_t  *s;
    ngx_http_drs_calls_t c;

    if (json_object_get(answer, "error") != NULL) {
        return ngx_http_drs_answer(ctx, answer);
    }

    list = json_object_get(json_object_get(answer, "body"), "places");
    s = ngx_pcalloc(ctx->r->pool, sizeof(ngx_http_drs_inv_t));

    if (s == NULL) {
        return NGX_ERROR;
    }

    s->payload = ctx->state;
    s->n = ngx_min(json_array_size(list), NGX_HTTP_DRS_INV_PLACES);
    s->places =
        ngx_pcalloc(ctx->r->pool, (s->n + 1) * sizeof(ngx_http_drs_sources_t));

    if (s->places == NULL || ngx_http_drs_inv_params(ctx, s) != NGX_OK) {
        return NGX_ERROR;
    }

    ctx->state = s;

    if (s->n == 0) {
        return ngx_http_drs_inv_reply(ctx, 0);
    }

    ngx_http_drs_inv_take(ctx, s, list);
    ngx_http_drs_util_calls(&c);

    for (i = 0; i < s->n; i++) {
        ngx_http_drs_sources_reads(ctx, &s->places[i], &c);
    }

    if (s->places[0].filter.len) {
        ngx_http_drs_util_add(
            &c, ngx_http_drs_util_get(ctx, DRS_KEY_PG, s->places[0].filter));
    }

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_inv_index);
}


/* 1 if rows are not needed to tell which servers are asked for. */
static int
ngx_http_drs_inv_unfiltered(const ngx_http_drs_inv_t *s)
{
    const drs_inventory_filter_t *f;

    f = &s->filter;

    return f->hostname.len == 0 && f->state.len == 0 && f->staging.len == 0
           && f->source.len == 0 && f->min_cores <= 0 && f->min_ram <= 0
           && !ngx_http_drs_sources_by_tags(&s->places[0]);
}


/* Of servers in several places only the newest stays wanted. */
static void
ngx_http_drs_inv_newest(ngx_http_drs_inv_t *s)
{
    size_t                  i, k;
    json_t                 *old;
    ngx_http_drs_source_t  *v;
    ngx_http_drs_sources_t *place;

    if (s->n < 2) {
        return;
    }

    for (i = 0; i < s->n; i++) {
        place = &s->places[i];

        for (k = 0; k < place->n; k++) {
            v = &place->servers[k];
            old = v->wanted ? json_object_getn(s->newest, v->id.data, v->id.len)
                            : NULL;

            if (v->wanted
                && (old == NULL
                    || s->places[json_integer_value(old)].at_ms < place->at_ms))
            {
                (void) json_object_setn_new(s->newest, v->id.data, v->id.len,
                                            json_integer((json_int_t) i));
            }
        }
    }

    for (i = 0; i < s->n; i++) {
        place = &s->places[i];

        for (k = 0; k < place->n; k++) {
            v = &place->servers[k];

            if (v->wanted) {
                old = json_object_getn(s->newest, v->id.data, v->id.len);
                v->wanted = (size_t) json_integer_value(old) == i;
            }
        }
    }
}


/* The position of a server, "<account>\0<region>\0<member of inv:order>". */
static drs_str_t
ngx_http_drs_inv_position(ngx_http_drs_ctx_t           *ctx,
                          const ngx_http_drs_sources_t *place, size_t k)
{
    drs_buf_t b;
    drs_str_t pos;

    drs_buf_init(&b, 0);
    (void) drs_buf_str_append(&b, place->account);
    (void) drs_buf_putc(&b, '\0');
    (void) drs_buf_str_append(&b, place->region);
    (void) drs_buf_putc(&b, '\0');
    (void) drs_buf_str_append(&b, place->order[k]);
    pos = ngx_http_drs_copy(ctx, drs_buf_str(&b));
    drs_buf_free(&b);

    return pos;
}


/* 1 if the server comes after the page before. */
static int
ngx_http_drs_inv_behind(const ngx_http_drs_sources_t *place, size_t k,
                        drs_str_t pos)
{
    int       rc;
    drs_str_t account, region;

    if (pos.len == 0 || !drs_str_split(&pos, '\0', &account)
        || !drs_str_split(&pos, '\0', &region))
    {
        return 1;
    }

    rc = drs_str_cmp(place->account, account);
    rc = rc ? rc : drs_str_cmp(place->region, region);
    rc = rc ? rc : drs_str_cmp(place->order[k], pos);

    return rc > 0;
}


/* Servers of the page; the first one after it tells where the next begins. */
static void
ngx_http_drs_inv_page(ngx_http_drs_ctx_t *ctx, ngx_http_drs_inv_t *s)
{
    size_t                  i, k, n, last;
    ngx_http_drs_source_t  *v;
    ngx_http_drs_sources_t *place, *end;

    n = 0;
    last = 0;
    end = NULL;

    for (i = 0; i < s->n; i++) {
        place = &s->places[i];

        for (k = 0; k < place->n; k++) {
            v = &place->servers[k];

            if (!v->wanted || !ngx_http_drs_inv_behind(place, k, ctx->page_pos))
            {
                v->wanted = 0;
                continue;
            }

            if (ctx->page_limit && n == ctx->page_limit) {
                if (s->next.data == NULL) {
                    s->next = ngx_http_drs_inv_position(ctx, end, last);
                }

                v->wanted = 0;
                continue;
            }

            n++;
            end = place;
            last = k;
        }
    }
}


static ngx_int_t
ngx_http_drs_inv_index(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                       ngx_uint_t n)
{
    size_t                  i;
    ngx_int_t               rc;
    ngx_http_drs_inv_t     *s;
    ngx_http_drs_calls_t    c;
    ngx_http_drs_sources_t *place;

    s = ctx->state;

    if (n > s->n * NGX_HTTP_DRS_SOURCES_READS) {
        rc = ngx_http_drs_sources_filter(ctx, &s->places[0], replies[n - 1]);

        if (rc != NGX_OK) {
            return rc == NGX_DECLINED ? NGX_OK : NGX_ERROR;
        }
    }

    ngx_http_drs_util_calls(&c);

    for (i = 0; i < s->n; i++) {
        place = &s->places[i];
        place->group = s->places[0].group;
        place->members = s->places[0].members;
        rc = ngx_http_drs_sources_take(
            ctx, place, replies + i * NGX_HTTP_DRS_SOURCES_READS);

        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        /* what has gone meanwhile is stale */
        if (rc == NGX_OK) {
            s->total += place->n;
            (void) json_object_setn_new(s->regions, place->region.data,
                                        place->region.len, json_true());
        }

        place->asked = rc == NGX_OK;

        if (place->asked) {
            ngx_http_drs_sources_want(place);
        }
    }

    /* of a page only its rows, where the order alone tells which those are */
    s->early = ctx->page_limit && ngx_http_drs_inv_unfiltered(s);

    if (s->early) {
        ngx_http_drs_inv_newest(s);
        ngx_http_drs_inv_page(ctx, s);
    }

    for (i = 0; i < s->n; i++) {
        if (s->places[i].asked) {
            ngx_http_drs_sources_ask_rows(ctx, &s->places[i], &c);
        }
    }

    if (c.n == 0 && !c.failed) {
        return ngx_http_drs_inv_reply(ctx, 0);
    }

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_inv_rows);
}


/* Of servers that are read only those that pass stay wanted. */
static void
ngx_http_drs_inv_filter(ngx_http_drs_inv_t *s)
{
    size_t                  i, k;
    ngx_http_drs_source_t  *v;
    ngx_http_drs_sources_t *place;

    for (i = 0; i < s->n; i++) {
        place = &s->places[i];

        for (k = 0; k < place->n; k++) {
            v = &place->servers[k];
            v->wanted = v->row.len > 0 && ngx_http_drs_sources_passes(place, v)
                        && drs_inv_matches(&s->filter, v->row, place->account);
        }
    }
}


static ngx_int_t
ngx_http_drs_inv_rows(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                      ngx_uint_t n)
{
    size_t                  i, bytes;
    ngx_uint_t              used, at;
    ngx_http_drs_inv_t     *s;
    ngx_http_drs_sources_t *place;

    s = ctx->state;
    bytes = 0;
    at = 0;

    for (i = 0; i < s->n; i++) {
        place = &s->places[i];

        if (!place->asked || at >= n) {
            continue;
        }

        used =
            ngx_http_drs_sources_take_rows(place, replies + at, n - at, &bytes);
        at += used > 0 ? used : 1 + (json_array_size(place->ids) > 0);
    }

    if (!s->early) {
        ngx_http_drs_inv_filter(s);
        ngx_http_drs_inv_newest(s);
        ngx_http_drs_inv_page(ctx, s);
    }

    return ngx_http_drs_inv_reply(ctx, bytes);
}


static void
ngx_http_drs_inv_list(ngx_http_drs_inv_t *s, drs_buf_t *b)
{
    size_t                  i, k;
    drs_inv_group_t         g;
    ngx_http_drs_source_t  *v;
    ngx_http_drs_sources_t *place;

    for (i = 0; i < s->n; i++) {
        place = &s->places[i];

        for (k = 0; k < place->n; k++) {
            v = &place->servers[k];

            /* a row may have gone since the order was read */
            if (v->wanted && v->row.len > 0) {
                ngx_http_drs_sources_holder(place, v, &g);
                drs_inv_server(b, v->row, &g, place->current, 0);
                s->count++;
            }
        }
    }
}


static ngx_int_t
ngx_http_drs_inv_reply(ngx_http_drs_ctx_t *ctx, size_t bytes)
{
    json_t             *v;
    drs_buf_t           b;
    const char         *region;
    ngx_http_drs_inv_t *s;

    s = ctx->state;

    drs_buf_init(&b, 0);
    (void) drs_buf_reserve(&b, bytes);
    drs_jw_open(&b, NULL, '{');
    drs_jw_open(&b, "servers", '[');
    ngx_http_drs_inv_list(s, &b);
    drs_jw_close(&b, ']');
    drs_jw_int(&b, "count", (int64_t) s->count);
    drs_jw_int(&b, "totalCount", (int64_t) s->total);
    drs_jw_open(&b, "regions", '[');

    json_object_foreach (s->regions, region, v) {
        drs_jw_str(&b, NULL, drs_str(region));
    }

    drs_jw_close(&b, ']');
    drs_jw_str(&b, "source", drs_str("inventory_database"));

    if (ctx->page_limit) {
        ngx_http_drs_util_next(&b, ctx->route->reference, s->next);
    }

    drs_jw_close(&b, '}');

    return ngx_http_drs_reply_buf(ctx, NGX_HTTP_OK, &b);
}
