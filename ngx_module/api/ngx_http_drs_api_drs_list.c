/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * List of source servers: the page and the numbers.
 */

#include "ngx_http_drs_api_drs.h"

#include "drs_model_group.h"


static ngx_int_t ngx_http_drs_sources_done(ngx_http_drs_ctx_t *ctx,
                                           redisReply **replies, ngx_uint_t n);


int
ngx_http_drs_sources_by_tags(const ngx_http_drs_sources_t *s)
{
    return s->group != NULL && drs_model_group_by_tags(s->group);
}


/* 1 if the order alone tells that the server is not asked for. */
static int
ngx_http_drs_sources_outside(const ngx_http_drs_sources_t *s, drs_str_t id)
{
    return s->group != NULL && !ngx_http_drs_sources_by_tags(s)
           && json_object_getn(s->members, id.data, id.len) == NULL;
}


static int
ngx_http_drs_sources_behind(const ngx_http_drs_sources_t *s, size_t i)
{
    return s->pos.len == 0 || drs_str_cmp(s->order[i], s->pos) > 0;
}


/* Adds a group to those whose documents are read. */
static void
ngx_http_drs_sources_group(ngx_http_drs_sources_t *s, const json_t *id)
{
    if (json_object_get(s->names, json_string_value(id)) == NULL) {
        json_object_set_new(s->names, json_string_value(id), json_null());
        json_array_append(s->ids, (json_t *) id);
    }
}


void
ngx_http_drs_sources_want(ngx_http_drs_sources_t *s)
{
    size_t i;

    for (i = 0; i < s->n; i++) {
        s->servers[i].wanted =
            !ngx_http_drs_sources_outside(s, s->servers[i].id);
    }
}


/* Those of the page only. */
static void
ngx_http_drs_sources_want_page(ngx_http_drs_sources_t *s)
{
    size_t i, n;

    n = 0;

    for (i = 0; i < s->n && n < s->limit; i++) {
        if (ngx_http_drs_sources_behind(s, i)
            && !ngx_http_drs_sources_outside(s, s->servers[i].id))
        {
            s->servers[i].wanted = 1;
            n++;
        }
    }
}


void
ngx_http_drs_sources_ask_rows(ngx_http_drs_ctx_t     *ctx,
                              ngx_http_drs_sources_t *s,
                              ngx_http_drs_calls_t   *c)
{
    size_t                 i;
    json_t                *id;
    drs_str_t              p;
    drs_cmd_t             *rows, *docs;
    ngx_http_drs_source_t *v;

    p = ngx_http_drs_prefix(ctx);

    rows = drs_key_cmd2("HMGET", p, DRS_KEY_INV_VIEW, s->account, s->region);
    (void) drs_cmd_addz(rows, DRS_INV_META);

    for (i = 0; i < s->n; i++) {
        v = &s->servers[i];

        if (!v->wanted) {
            continue;
        }

        (void) drs_cmd_add(rows, v->id);
        id = json_object_getn(s->holders, v->id.data, v->id.len);

        if (id != NULL) {
            ngx_http_drs_sources_group(s, id);
        }
    }

    json_array_foreach (s->by_tags, i, id) {
        ngx_http_drs_sources_group(s, id);
    }

    ngx_http_drs_util_add(c, rows);

    if (json_array_size(s->ids) > 0) {
        docs = drs_cmd_words("MGET", NULL);

        json_array_foreach (s->ids, i, id) {
            (void) drs_cmd_key1(docs, p, DRS_KEY_PG, drs_json_str(id));
        }

        ngx_http_drs_util_add(c, docs);
    }
}


ngx_int_t
ngx_http_drs_sources_rows(ngx_http_drs_ctx_t *ctx)
{
    ngx_http_drs_calls_t    c;
    ngx_http_drs_sources_t *s;

    s = ctx->state;

    /* the number of assigned servers is that of all */
    if (s->limit == 0 || json_array_size(s->by_tags) > 0
        || ngx_http_drs_sources_by_tags(s))
    {
        ngx_http_drs_sources_want(s);

    } else {
        ngx_http_drs_sources_want_page(s);
    }

    ngx_http_drs_util_calls(&c);
    ngx_http_drs_sources_ask_rows(ctx, s, &c);

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_sources_done);
}


/* Names and tags of the groups. */
static void
ngx_http_drs_sources_docs(ngx_http_drs_sources_t *s, const redisReply *docs)
{
    size_t    i;
    json_t   *id;
    drs_str_t doc, tags;

    json_array_foreach (s->ids, i, id) {
        if (i >= docs->elements || docs->element[i]->type != REDIS_REPLY_STRING)
        {
            continue;
        }

        doc = ngx_http_drs_reply_str(docs->element[i]);
        json_object_set_new(
            s->names, json_string_value(id),
            drs_json_new_str(drs_jread_field(doc, "groupName")));
        tags = drs_jread_field(doc, "serverSelectionTags");

        if (tags.len > 2) {
            json_object_set_new(
                s->tags, json_string_value(id),
                drs_json_parse(tags, &drs_json_store_limits, NULL));
        }
    }
}


void
ngx_http_drs_sources_holder(const ngx_http_drs_sources_t *s,
                            const ngx_http_drs_source_t *v, drs_inv_group_t *g)
{
    size_t  i;
    json_t *id, *tags;

    ngx_memzero(g, sizeof(*g));
    id = json_object_getn(s->holders, v->id.data, v->id.len);

    if (id == NULL) {
        json_array_foreach (s->by_tags, i, id) {
            tags = json_object_get(s->tags, json_string_value(id));

            if (tags != NULL && drs_inv_tagged(v->row, tags)) {
                g->by_tags = 1;
                break;
            }
        }

        if (!g->by_tags) {
            return;
        }
    }

    g->id = drs_json_str(id);
    g->name = drs_json_str(json_object_get(s->names, json_string_value(id)));
}


int
ngx_http_drs_sources_passes(const ngx_http_drs_sources_t *s,
                            const ngx_http_drs_source_t  *v)
{
    return !ngx_http_drs_sources_outside(s, v->id)
           && (!ngx_http_drs_sources_by_tags(s)
               || drs_inv_tagged(
                   v->row, json_object_get(s->group, "serverSelectionTags")));
}


static int
ngx_http_drs_sources_live(const ngx_http_drs_sources_t *s)
{
    return ngx_http_drs_now_ms() <= s->live_until_ms;
}


/* Appends the servers of the page, counts all. */
static void
ngx_http_drs_sources_list(ngx_http_drs_sources_t *s, drs_buf_t *b)
{
    size_t                 i, last;
    drs_inv_group_t        g;
    ngx_http_drs_source_t *v;

    last = 0;

    for (i = 0; i < s->n; i++) {
        v = &s->servers[i];

        if (!ngx_http_drs_sources_passes(s, v)) {
            continue;
        }

        ngx_http_drs_sources_holder(s, v, &g);
        s->total++;
        s->taken +=
            g.id.len > 0 && !(s->current.len && drs_str_eq(g.id, s->current));

        if (!ngx_http_drs_sources_behind(s, i)) {
            continue;
        }

        if (s->limit && s->count == s->limit) {
            s->next = s->order[last];
            continue;
        }

        if (v->row.len == 0) {
            continue;
        }

        drs_inv_server(b, v->row, &g, s->current, ngx_http_drs_sources_live(s));
        s->count++;
        last = i;
    }
}


static void
ngx_http_drs_sources_summary(ngx_http_drs_sources_t *s, drs_buf_t *b)
{
    drs_jw_str(b, "region", s->region);
    drs_jw_bool(b, "initialized", 1);
    drs_jw_int(b, "serverCount", (int64_t) s->count);
    drs_jw_int(b, "totalCount", (int64_t) s->total);

    if (s->group == NULL) {
        drs_jw_int(b, "availableCount", (int64_t) (s->total - s->taken));
        drs_jw_int(b, "assignedCount", (int64_t) s->taken);
        drs_jw_int(b, "timestamp", s->at_ms / 1000);
        drs_jw_bool(b, "hardwareDataIncluded", 1);
        drs_jw_str(b, "source",
                   drs_str(ngx_http_drs_sources_live(s)
                               ? "live"
                               : "inventory_database"));
        drs_jw_str(b, "status", drs_str("ACTIVE"));

    } else {
        drs_jw_json(b, "protectionGroupId",
                    json_object_get(s->group, "groupId"));
        drs_jw_json(b, "protectionGroupName",
                    json_object_get(s->group, "groupName"));
        drs_jw_int(b, "resolvedAt", s->at_ms / 1000);

        if (drs_model_group_by_tags(s->group)) {
            drs_jw_json(b, "tags",
                        json_object_get(s->group, "serverSelectionTags"));
        }
    }

    ngx_http_drs_util_next(b, NGX_HTTP_DRS_SOURCES, s->next);
}


ngx_uint_t
ngx_http_drs_sources_take_rows(ngx_http_drs_sources_t *s, redisReply **replies,
                               ngx_uint_t n, size_t *bytes)
{
    size_t      i, k;
    ngx_uint_t  used;
    redisReply *rows;

    used = 1 + (json_array_size(s->ids) > 0);

    if (n < used) {
        return 0;
    }

    rows = replies[0];

    if (rows->elements == 0 || rows->element[0]->type != REDIS_REPLY_STRING) {
        return 0;
    }

    k = 1;

    for (i = 0; i < s->n; i++) {
        if (s->servers[i].wanted && k < rows->elements) {
            s->servers[i].row = ngx_http_drs_reply_str(rows->element[k++]);
            *bytes += s->servers[i].row.len + 200;
        }
    }

    if (used > 1) {
        ngx_http_drs_sources_docs(s, replies[1]);
    }

    return used;
}


static ngx_int_t
ngx_http_drs_sources_done(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                          ngx_uint_t n)
{
    size_t                  bytes;
    drs_buf_t               b;
    ngx_http_drs_sources_t *s;

    s = ctx->state;
    bytes = 0;

    /* it may go between two calls */
    if (ngx_http_drs_sources_take_rows(s, replies, n, &bytes) == 0) {
        return ngx_http_drs_sources_ask(ctx);
    }

    drs_buf_init(&b, 0);
    (void) drs_buf_reserve(&b, bytes);
    drs_jw_open(&b, NULL, '{');
    drs_jw_open(&b, "servers", '[');
    ngx_http_drs_sources_list(s, &b);
    drs_jw_close(&b, ']');
    ngx_http_drs_sources_summary(s, &b);
    drs_jw_close(&b, '}');

    return ngx_http_drs_reply_buf(ctx, NGX_HTTP_OK, &b);
}
