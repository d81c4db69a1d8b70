/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * RP1: recovery plans in order of their names, with the last execution,
 * conflicts and shared groups.
 *
 * The calls: the index of names, sets of plans by status and active
 * executions; with `tag` the groups; with `tag` or `accountId` the plans of
 * groups; then those of plan_page.c.  Filters by status, account, tag and name
 * choose before a plan is read.
 */

#include "ngx_http_drs_api_plan_list.h"

#include "drs_sm.h"


enum {
    NGX_HTTP_DRS_PLANS_STATUS = 0,
    NGX_HTTP_DRS_PLANS_ACCOUNT,
    NGX_HTTP_DRS_PLANS_TAG
};


static const drs_exec_status_t ngx_http_drs_plans_active[] = {
    DRS_EXEC_PENDING,       DRS_EXEC_RUNNING, DRS_EXEC_POLLING,
    DRS_EXEC_PAUSE_PENDING, DRS_EXEC_PAUSED,  DRS_EXEC_CANCELLING
};

#define NGX_HTTP_DRS_N_ACTIVE                                                  \
    (sizeof(ngx_http_drs_plans_active) / sizeof(drs_exec_status_t))


static ngx_int_t ngx_http_drs_plans_members(ngx_http_drs_ctx_t *ctx,
                                            redisReply **replies, ngx_uint_t n);
static ngx_int_t
ngx_http_drs_plans_tag_docs(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                            ngx_uint_t n);
static ngx_int_t ngx_http_drs_plans_of_groups(ngx_http_drs_ctx_t *ctx);
static ngx_int_t ngx_http_drs_plans_chosen(ngx_http_drs_ctx_t *ctx,
                                           redisReply **replies, ngx_uint_t n);


static ngx_int_t
ngx_http_drs_plans_query(ngx_http_drs_ctx_t *ctx, ngx_http_drs_plans_t *s)
{
    size_t    i;
    ngx_int_t rc;

    struct {
        const char *name;
        drs_str_t  *value;
    } params[] = {
        { "accountId", &s->account }, { "name", &s->name },
        { "nameExact", &s->exact },   { "tag", &s->tag },
        { "status", &s->status },     { "hasConflict", &s->conflict }
    };

    rc = ngx_http_drs_util_page(ctx, NGX_HTTP_DRS_PLANS, NGX_HTTP_DRS_PLANS_MAX,
                                NGX_HTTP_DRS_PLANS_MAX, &s->limit, &s->pos);

    for (i = 0; rc == NGX_OK && i < sizeof(params) / sizeof(params[0]); i++) {
        rc = ngx_http_drs_util_query(ctx, params[i].name, params[i].value);
    }

    if (rc != NGX_OK) {
        return rc;
    }

    if (s->name.len) {
        s->name = ngx_http_drs_util_fold(ctx, s->name);
    }

    if (s->exact.len) {
        s->exact = ngx_http_drs_util_fold(ctx, s->exact);
    }

    return NGX_OK;
}


/* Adds the reads of plan:status:<S> of every status that is listed. */
static void
ngx_http_drs_plans_by_status(ngx_http_drs_ctx_t *ctx, ngx_http_drs_calls_t *c)
{
    drs_str_t             rest, item;
    drs_exec_status_t     status;
    ngx_http_drs_plans_t *s;

    s = ctx->state;
    rest = s->status;

    while (rest.len && s->n_sets < DRS_EXEC_N
           && drs_str_split(&rest, ',', &item)) {
        status = drs_exec_status_parse(drs_str_trim(item));

        if (status != DRS_EXEC_NONE) {
            ngx_http_drs_util_add(
                c, drs_key_cmd1("SMEMBERS", ngx_http_drs_prefix(ctx),
                                DRS_KEY_PLAN_STATUS,
                                drs_str(drs_exec_status_name(status))));
            s->n_sets++;
        }
    }
}


/* Objects and arrays of the request. */
static ngx_int_t
ngx_http_drs_plans_prepare(ngx_http_drs_ctx_t *ctx, ngx_http_drs_plans_t *s)
{
    size_t i;

    json_t **values[] = { &s->running, &s->asked, &s->claimed,
                          &s->runs,    &s->by_id, &s->names };

    for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        *values[i] = i < 2 ? json_array() : json_object();

        if (*values[i] == NULL
            || ngx_http_drs_defer_json(ctx, *values[i]) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_drs_api_plan_list(ngx_http_drs_ctx_t *ctx)
{
    size_t                i;
    drs_str_t             p;
    drs_cmd_t            *cmd;
    ngx_int_t             rc;
    ngx_uint_t            filtered;
    ngx_http_drs_calls_t  c;
    ngx_http_drs_plans_t *s;

    s = ngx_pcalloc(ctx->r->pool, sizeof(ngx_http_drs_plans_t));
    if (s == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_http_drs_plans_query(ctx, s);
    if (rc != NGX_OK) {
        return rc == NGX_DECLINED ? NGX_OK : NGX_ERROR;
    }

    if (ngx_http_drs_plans_prepare(ctx, s) != NGX_OK) {
        return NGX_ERROR;
    }

    ctx->state = s;
    p = ngx_http_drs_prefix(ctx);
    filtered = s->account.len || s->name.len || s->exact.len || s->tag.len
               || s->status.len || s->conflict.len;

    ngx_http_drs_util_calls(&c);
    ngx_http_drs_util_add(&c,
                          ngx_http_drs_util_range(ctx, DRS_KEY_PLAN_IDS, s->pos,
                                                  filtered ? 0 : s->limit + 1));

    for (i = 0; i < NGX_HTTP_DRS_N_ACTIVE; i++) {
        cmd = drs_key_cmd1(
            "ZRANGE", p, DRS_KEY_EXEC_STATUS,
            drs_str(drs_exec_status_name(ngx_http_drs_plans_active[i])));
        (void) drs_cmd_addz(cmd, "0");
        (void) drs_cmd_addz(cmd, "-1");
        ngx_http_drs_util_add(&c, cmd);
    }

    ngx_http_drs_util_add(&c, drs_key_cmd0("HGETALL", p, DRS_KEY_DRSJOBS));
    ngx_http_drs_plans_by_status(ctx, &c);

    if (s->account.len) {
        ngx_http_drs_util_add(
            &c, drs_key_cmd1("SMEMBERS", p, DRS_KEY_ACCT_GROUPS, s->account));
    }

    if (s->tag.len) {
        cmd = drs_key_cmd0("HKEYS", p, DRS_KEY_PG_VER);
        ngx_http_drs_util_add(&c, cmd);
    }

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_plans_members);
}


/* Strings of a reply as a JSON array, released with the request. */
static json_t *
ngx_http_drs_plans_array(ngx_http_drs_ctx_t *ctx, const redisReply *reply)
{
    size_t  i;
    json_t *list;

    list = json_array();

    if (list == NULL || ngx_http_drs_defer_json(ctx, list) != NGX_OK) {
        return NULL;
    }

    for (i = 0; i < reply->elements; i++) {
        json_array_append_new(
            list, drs_json_new_str(ngx_http_drs_reply_str(reply->element[i])));
    }

    return list;
}


static ngx_int_t
ngx_http_drs_plans_index(ngx_http_drs_ctx_t *ctx, const redisReply *reply)
{
    size_t                i;
    ngx_http_drs_plans_t *s;

    s = ctx->state;
    s->index =
        ngx_palloc(ctx->r->pool, (reply->elements + 1) * sizeof(drs_str_t));

    if (s->index == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < reply->elements; i++) {
        s->index[i] =
            ngx_http_drs_copy(ctx, ngx_http_drs_reply_str(reply->element[i]));

        if (s->index[i].data == NULL) {
            return NGX_ERROR;
        }
    }

    s->n_index = reply->elements;

    return NGX_OK;
}


/* Adds the members of a set reply to one of the sets that choose. */
static ngx_int_t
ngx_http_drs_plans_choose_by(ngx_http_drs_ctx_t *ctx, size_t which,
                             const redisReply *reply)
{
    size_t                i;
    drs_str_t             id;
    ngx_http_drs_plans_t *s;

    s = ctx->state;

    if (s->sets[which] == NULL) {
        s->sets[which] = json_object();

        if (s->sets[which] == NULL
            || ngx_http_drs_defer_json(ctx, s->sets[which]) != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    for (i = 0; reply != NULL && i < reply->elements; i++) {
        id = ngx_http_drs_reply_str(reply->element[i]);
        (void) json_object_setn_new(s->sets[which], id.data, id.len,
                                    json_true());
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_drs_plans_members(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                           ngx_uint_t n)
{
    size_t                i, j;
    json_t               *id;
    drs_cmd_t            *cmd;
    redisReply          **r;
    ngx_http_drs_calls_t  c;
    ngx_http_drs_plans_t *s;

    (void) n;
    s = ctx->state;

    if (ngx_http_drs_plans_index(ctx, replies[0]) != NGX_OK) {
        return NGX_ERROR;
    }

    for (r = replies + 1; r < replies + 1 + NGX_HTTP_DRS_N_ACTIVE; r++) {
        for (j = 0; j < (*r)->elements; j++) {
            json_array_append_new(
                s->running,
                drs_json_new_str(ngx_http_drs_reply_str((*r)->element[j])));
        }
    }

    if (ngx_http_drs_util_jobs(ctx, *r++, &s->jobs) != NGX_OK) {
        return NGX_ERROR;
    }

    if (s->status.len
        && ngx_http_drs_plans_choose_by(ctx, NGX_HTTP_DRS_PLANS_STATUS, NULL)
               != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (i = 0; i < s->n_sets; i++) {
        if (ngx_http_drs_plans_choose_by(ctx, NGX_HTTP_DRS_PLANS_STATUS, *r++)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    if (s->account.len) {
        s->account_groups = ngx_http_drs_plans_array(ctx, *r++);
        if (s->account_groups == NULL) {
            return NGX_ERROR;
        }
    }

    if (s->tag.len == 0) {
        return ngx_http_drs_plans_of_groups(ctx);
    }

    s->group_ids = ngx_http_drs_plans_array(ctx, *r);
    if (s->group_ids == NULL) {
        return NGX_ERROR;
    }

    if (json_array_size(s->group_ids) == 0) {
        s->tag_groups = s->group_ids;
        return ngx_http_drs_plans_of_groups(ctx);
    }

    ngx_http_drs_util_calls(&c);
    cmd = drs_cmd_words("MGET", NULL);

    json_array_foreach (s->group_ids, i, id) {
        (void) drs_cmd_key1(cmd, ngx_http_drs_prefix(ctx), DRS_KEY_PG,
                            drs_json_str(id));
    }

    ngx_http_drs_util_add(&c, cmd);

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_plans_tag_docs);
}


static ngx_int_t
ngx_http_drs_plans_tag_docs(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                            ngx_uint_t n)
{
    size_t                i;
    json_t               *id;
    ngx_http_drs_plans_t *s;

    (void) n;
    s = ctx->state;
    s->tag_groups = json_array();

    if (s->tag_groups == NULL
        || ngx_http_drs_defer_json(ctx, s->tag_groups) != NGX_OK)
    {
        return NGX_ERROR;
    }

    json_array_foreach (s->group_ids, i, id) {
        if (i < replies[0]->elements
            && ngx_http_drs_plans_tagged(
                s->tag, ngx_http_drs_reply_str(replies[0]->element[i])))
        {
            json_array_append(s->tag_groups, id);
        }
    }

    return ngx_http_drs_plans_of_groups(ctx);
}


/* SUNION of the plans of the groups. */
static drs_cmd_t *
ngx_http_drs_plans_union(ngx_http_drs_ctx_t *ctx, const json_t *groups)
{
    size_t     i;
    json_t    *id;
    drs_cmd_t *cmd;

    cmd = drs_cmd_words("SUNION", NULL);

    json_array_foreach ((json_t *) groups, i, id) {
        (void) drs_cmd_key1(cmd, ngx_http_drs_prefix(ctx), DRS_KEY_PG_PLANS,
                            drs_json_str(id));
    }

    return cmd;
}


/* Plans of the account's groups and of those with the tag. */
static ngx_int_t
ngx_http_drs_plans_of_groups(ngx_http_drs_ctx_t *ctx)
{
    size_t                i;
    ngx_http_drs_calls_t  c;
    ngx_http_drs_plans_t *s;

    s = ctx->state;
    ngx_http_drs_util_calls(&c);

    struct {
        const json_t *groups;
        size_t        which;
    } by[] = { { s->account_groups, NGX_HTTP_DRS_PLANS_ACCOUNT },
               { s->tag_groups, NGX_HTTP_DRS_PLANS_TAG } };

    for (i = 0; i < 2; i++) {
        if (by[i].groups == NULL) {
            continue;
        }

        if (ngx_http_drs_plans_choose_by(ctx, by[i].which, NULL) != NGX_OK) {
            return NGX_ERROR;
        }

        if (json_array_size(by[i].groups) > 0) {
            ngx_http_drs_util_add(&c,
                                  ngx_http_drs_plans_union(ctx, by[i].groups));
        }
    }

    if (c.n == 0 && !c.failed) {
        return ngx_http_drs_plans_read(ctx);
    }

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_plans_chosen);
}


static ngx_int_t
ngx_http_drs_plans_chosen(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                          ngx_uint_t n)
{
    redisReply          **r;
    ngx_http_drs_plans_t *s;

    (void) n;
    s = ctx->state;
    r = replies;

    if (json_array_size(s->account_groups) > 0
        && ngx_http_drs_plans_choose_by(ctx, NGX_HTTP_DRS_PLANS_ACCOUNT, *r++)
               != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (json_array_size(s->tag_groups) > 0
        && ngx_http_drs_plans_choose_by(ctx, NGX_HTTP_DRS_PLANS_TAG, *r)
               != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_drs_plans_read(ctx);
}
