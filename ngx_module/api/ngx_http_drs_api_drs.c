/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * DRS1: source servers of an account and Region, out of what the worker has
 * published of its inventory (drs_view_inv.h).  Where nothing fresh is
 * published, the worker is asked to do so first.
 *
 * The calls: hub and account; what is published, who holds servers, groups by
 * tags; rows and group documents.
 */

#include "ngx_http_drs_api_drs.h"


static ngx_int_t ngx_http_drs_sources_known(ngx_http_drs_ctx_t *ctx,
                                            redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_sources_read(ngx_http_drs_ctx_t *ctx);
static ngx_int_t ngx_http_drs_sources_index(ngx_http_drs_ctx_t *ctx,
                                            redisReply **replies, ngx_uint_t n);
static ngx_int_t
ngx_http_drs_sources_published(ngx_http_drs_ctx_t *ctx, json_t *answer);


/* What is wrong with the parameters.  NGX_DECLINED: answered. */
static ngx_int_t
ngx_http_drs_sources_check(ngx_http_drs_ctx_t *ctx, ngx_http_drs_sources_t *s)
{
    drs_model_env_t env;

    if (s->region.len == 0) {
        (void) ngx_http_drs_error(ctx, DRS_ERR_MISSING_REGION,
                                  json_pack("{s:s}", "field", "region"),
                                  json_pack("{s:s}", "parameter", "region"),
                                  "The parameter region is required.");
        return NGX_DECLINED;
    }

    ngx_memzero(&env, sizeof(env));

    if (!drs_model_region_known(&env, s->region)) {
        (void) ngx_http_drs_error_param(
            ctx, DRS_ERR_INVALID_PARAMETER, "region",
            json_object_get(s->payload, "region"), "one of the known Regions",
            "The Region is unknown.");
        return NGX_DECLINED;
    }

    if (s->account.len && !drs_id_is_account(s->account)) {
        (void) ngx_http_drs_error_param(
            ctx, DRS_ERR_INVALID_PARAMETER, "accountId",
            json_object_get(s->payload, "accountId"), "12 digits",
            "accountId must have 12 digits.");
        return NGX_DECLINED;
    }

    if (s->filter.len && !drs_id_is_uuid4(s->filter)) {
        (void) ngx_http_drs_util_not_found(
            ctx, DRS_ERR_PROTECTION_GROUP_NOT_FOUND, "groupId", s->filter);
        return NGX_DECLINED;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_drs_sources_query(ngx_http_drs_ctx_t *ctx, ngx_http_drs_sources_t *s)
{
    size_t    i;
    drs_str_t limit;
    ngx_int_t rc;

    struct {
        const char *name;
        drs_str_t  *value;
    } params[] = { { "limit", &limit },
                   { "region", &s->region },
                   { "accountId", &s->account },
                   { "currentProtectionGroupId", &s->current },
                   { "filterByProtectionGroup", &s->filter } };

    rc = ngx_http_drs_util_page(ctx, NGX_HTTP_DRS_SOURCES,
                                NGX_HTTP_DRS_SOURCES_MAX,
                                NGX_HTTP_DRS_SOURCES_MAX, &s->limit, &s->pos);

    for (i = 0; rc == NGX_OK && i < sizeof(params) / sizeof(params[0]); i++) {
        rc = ngx_http_drs_util_query(ctx, params[i].name, params[i].value);

        if (rc == NGX_OK && i > 0 && params[i].value->len) {
            (void) drs_json_set_str(s->payload, params[i].name,
                                    *params[i].value);
        }
    }

    if (rc != NGX_OK) {
        return rc;
    }

    if (limit.len == 0 && s->pos.len == 0) {
        s->limit = 0;
    }

    return ngx_http_drs_sources_check(ctx, s);
}


ngx_int_t
ngx_http_drs_api_drs_servers(ngx_http_drs_ctx_t *ctx)
{
    ngx_int_t               rc;
    ngx_http_drs_calls_t    c;
    ngx_http_drs_sources_t *s;

    s = ngx_pcalloc(ctx->r->pool, sizeof(ngx_http_drs_sources_t));
    if (s == NULL) {
        return NGX_ERROR;
    }

    s->payload = json_object();
    if (ngx_http_drs_defer_json(ctx, s->payload) != NGX_OK) {
        return NGX_ERROR;
    }

    rc = ngx_http_drs_sources_query(ctx, s);
    if (rc != NGX_OK) {
        return rc == NGX_DECLINED ? NGX_OK : NGX_ERROR;
    }

    ctx->state = s;
    ngx_http_drs_util_calls(&c);
    ngx_http_drs_util_add(&c, ngx_http_drs_util_get_hub(ctx));

    if (s->account.len) {
        ngx_http_drs_util_add(&c,
                              drs_key_cmd1("EXISTS", ngx_http_drs_prefix(ctx),
                                           DRS_KEY_ACCT, s->account));
    }

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_sources_known);
}


static ngx_int_t
ngx_http_drs_sources_known(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                           ngx_uint_t n)
{
    int64_t                 there;
    drs_model_env_t         env;
    ngx_http_drs_sources_t *s;

    s = ctx->state;
    ngx_http_drs_util_env(ctx, replies[0], &env);
    there = 1;

    if (s->account.len == 0) {
        s->account = env.own_account;

    } else if (!drs_str_eq(s->account, env.own_account)
               && (n < 2
                   || ngx_http_drs_reply_int(replies[1], &there) != DRS_OK))
    {
        there = 0;
    }

    /* an account that nobody knows: the worker says so */
    return s->account.len && there ? ngx_http_drs_sources_read(ctx)
                                   : ngx_http_drs_sources_ask(ctx);
}


ngx_int_t
ngx_http_drs_sources_ask(ngx_http_drs_ctx_t *ctx)
{
    ngx_http_drs_sources_t *s;

    s = ctx->state;

    if (s->asked) {
        return ngx_http_drs_error(ctx, DRS_ERR_SERVICE_UNAVAILABLE, NULL, NULL,
                                  "The source servers are not published yet.");
    }

    s->asked = 1;

    return ngx_http_drs_command(ctx, "servers.list", NULL, s->payload, 0, 0,
                                ngx_http_drs_sources_published);
}


static ngx_int_t
ngx_http_drs_sources_published(ngx_http_drs_ctx_t *ctx, json_t *answer)
{
    if (json_object_get(answer, "error") != NULL) {
        return ngx_http_drs_answer(ctx, answer);
    }

    return ngx_http_drs_sources_read(ctx);
}


void
ngx_http_drs_sources_reads(ngx_http_drs_ctx_t           *ctx,
                           const ngx_http_drs_sources_t *s,
                           ngx_http_drs_calls_t         *c)
{
    drs_str_t  p;
    drs_cmd_t *cmd;

    p = ngx_http_drs_prefix(ctx);

    cmd = drs_key_cmd2("HGET", p, DRS_KEY_INV_VIEW, s->account, s->region);
    (void) drs_cmd_addz(cmd, DRS_INV_META);
    ngx_http_drs_util_add(c, cmd);

    cmd = drs_key_cmd2("ZRANGE", p, DRS_KEY_INV_ORDER, s->account, s->region);
    (void) drs_cmd_addz(cmd, "0");
    (void) drs_cmd_addz(cmd, "-1");
    ngx_http_drs_util_add(c, cmd);

    ngx_http_drs_util_add(c, drs_key_cmd2("HGETALL", p, DRS_KEY_PG_SERVER,
                                          s->account, s->region));
    ngx_http_drs_util_add(
        c, drs_key_cmd2("HVALS", p, DRS_KEY_PG_TAGS, s->account, s->region));
}


static ngx_int_t
ngx_http_drs_sources_read(ngx_http_drs_ctx_t *ctx)
{
    ngx_http_drs_calls_t    c;
    ngx_http_drs_sources_t *s;

    s = ctx->state;
    ngx_http_drs_util_calls(&c);
    ngx_http_drs_sources_reads(ctx, s, &c);

    if (s->filter.len) {
        ngx_http_drs_util_add(
            &c, ngx_http_drs_util_get(ctx, DRS_KEY_PG, s->filter));
    }

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_sources_index);
}


static ngx_int_t
ngx_http_drs_sources_order(ngx_http_drs_ctx_t *ctx, ngx_http_drs_sources_t *s,
                           const redisReply *reply)
{
    size_t i;

    s->n = reply->elements;
    s->order = ngx_palloc(ctx->r->pool, (s->n + 1) * sizeof(drs_str_t));
    s->servers =
        ngx_pcalloc(ctx->r->pool, (s->n + 1) * sizeof(ngx_http_drs_source_t));

    if (s->order == NULL || s->servers == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < s->n; i++) {
        s->order[i] =
            ngx_http_drs_copy(ctx, ngx_http_drs_reply_str(reply->element[i]));

        if (s->order[i].data == NULL) {
            return NGX_ERROR;
        }

        s->servers[i].id = ngx_http_drs_util_member_id(s->order[i]);
    }

    return NGX_OK;
}


/* Who holds which server, and the groups that select by tags. */
static ngx_int_t
ngx_http_drs_sources_holders(ngx_http_drs_ctx_t *ctx, ngx_http_drs_sources_t *s,
                             const redisReply *held, const redisReply *by_tags)
{
    size_t    i;
    drs_str_t id;

    s->holders = json_object();
    s->by_tags = json_array();
    s->tags = json_object();
    s->names = json_object();
    s->ids = json_array();

    if (ngx_http_drs_defer_json(ctx, s->holders) != NGX_OK
        || ngx_http_drs_defer_json(ctx, s->by_tags) != NGX_OK
        || ngx_http_drs_defer_json(ctx, s->tags) != NGX_OK
        || ngx_http_drs_defer_json(ctx, s->names) != NGX_OK
        || ngx_http_drs_defer_json(ctx, s->ids) != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (i = 0; i + 1 < held->elements; i += 2) {
        id = ngx_http_drs_reply_str(held->element[i]);
        (void) json_object_setn_new(
            s->holders, id.data, id.len,
            drs_json_new_str(ngx_http_drs_reply_str(held->element[i + 1])));
    }

    for (i = 0; i < by_tags->elements; i++) {
        json_array_append_new(
            s->by_tags,
            drs_json_new_str(ngx_http_drs_reply_str(by_tags->element[i])));
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_drs_sources_filter(ngx_http_drs_ctx_t *ctx, ngx_http_drs_sources_t *s,
                            const redisReply *reply)
{
    size_t  i;
    json_t *id;

    s->group = ngx_http_drs_util_doc(ctx, reply);

    if (s->group == NULL) {
        (void) ngx_http_drs_util_not_found(
            ctx, DRS_ERR_PROTECTION_GROUP_NOT_FOUND, "groupId", s->filter);
        return NGX_DECLINED;
    }

    s->members = json_object();
    if (ngx_http_drs_defer_json(ctx, s->members) != NGX_OK) {
        return NGX_ERROR;
    }

    json_array_foreach (json_object_get(s->group, "sourceServerIds"), i, id) {
        if (json_is_string(id)) {
            json_object_set_new(s->members, json_string_value(id), json_true());
        }
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_drs_sources_take(ngx_http_drs_ctx_t *ctx, ngx_http_drs_sources_t *s,
                          redisReply **replies)
{
    drs_str_t meta;

    meta = ngx_http_drs_reply_str(replies[0]);

    if (meta.len == 0) {
        return NGX_DECLINED;
    }

    s->at_ms = drs_jread_int(drs_jread_field(meta, "at"), 0);
    s->live_until_ms = drs_jread_int(drs_jread_field(meta, "liveUntil"), 0);

    return ngx_http_drs_sources_order(ctx, s, replies[1]) == NGX_OK
                   && ngx_http_drs_sources_holders(ctx, s, replies[2],
                                                   replies[3])
                          == NGX_OK
               ? NGX_OK
               : NGX_ERROR;
}


static ngx_int_t
ngx_http_drs_sources_index(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                           ngx_uint_t n)
{
    ngx_int_t               rc;
    ngx_http_drs_sources_t *s;

    s = ctx->state;

    /* a group that is not there is said before DRS is asked */
    if (s->filter.len && n > NGX_HTTP_DRS_SOURCES_READS) {
        rc = ngx_http_drs_sources_filter(ctx, s,
                                         replies[NGX_HTTP_DRS_SOURCES_READS]);

        if (rc != NGX_OK) {
            return rc == NGX_DECLINED ? NGX_OK : NGX_ERROR;
        }
    }

    rc = ngx_http_drs_sources_take(ctx, s, replies);

    if (rc != NGX_OK) {
        return rc == NGX_DECLINED ? ngx_http_drs_sources_ask(ctx) : NGX_ERROR;
    }

    return ngx_http_drs_sources_rows(ctx);
}
