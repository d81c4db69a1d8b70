/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * RP1: recovery plans in order of their names, with the last execution,
 * conflicts and shared groups.
 *
 * Three calls: the index and the active executions; plans, ids of their last
 * executions and the claims; last executions and protection groups.
 */

#include "ngx_http_drs_api_plan_list.h"

#include "drs_cursor.h"
#include "drs_model_plan.h"
#include "drs_sm.h"


#define NGX_HTTP_DRS_PLANS      "plan"
#define NGX_HTTP_DRS_PLANS_MAX  1000
#define NGX_HTTP_DRS_PLANS_READ 1800   /* two commands each */
#define NGX_HTTP_DRS_PLANS_DOCS 262144 /* bytes of groups for server ids */


static const drs_exec_status_t ngx_http_drs_plans_active[] = {
    DRS_EXEC_PENDING,       DRS_EXEC_RUNNING, DRS_EXEC_POLLING,
    DRS_EXEC_PAUSE_PENDING, DRS_EXEC_PAUSED,  DRS_EXEC_CANCELLING
};

#define NGX_HTTP_DRS_N_ACTIVE                                                  \
    (sizeof(ngx_http_drs_plans_active) / sizeof(drs_exec_status_t))


static ngx_int_t ngx_http_drs_plans_members(ngx_http_drs_ctx_t *ctx,
                                            redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_plans_docs(ngx_http_drs_ctx_t *ctx,
                                         redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_plans_more(ngx_http_drs_ctx_t *ctx,
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


ngx_int_t
ngx_http_drs_api_plan_list(ngx_http_drs_ctx_t *ctx)
{
    size_t                i;
    drs_str_t             p;
    drs_cmd_t            *cmd;
    ngx_int_t             rc;
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

    ctx->state = s;
    p = ngx_http_drs_prefix(ctx);

    ngx_http_drs_util_calls(&c);
    ngx_http_drs_util_add(
        &c, ngx_http_drs_util_range(ctx, DRS_KEY_PLAN_IDS, s->pos, 0));

    for (i = 0; i < NGX_HTTP_DRS_N_ACTIVE; i++) {
        cmd = drs_key_cmd1(
            "ZRANGE", p, DRS_KEY_EXEC_STATUS,
            drs_str(drs_exec_status_name(ngx_http_drs_plans_active[i])));
        (void) drs_cmd_addz(cmd, "0");
        (void) drs_cmd_addz(cmd, "-1");
        ngx_http_drs_util_add(&c, cmd);
    }

    ngx_http_drs_util_add(&c, drs_key_cmd0("HGETALL", p, DRS_KEY_DRSJOBS));

    if (s->account.len) {
        ngx_http_drs_util_add(
            &c, drs_key_cmd1("SMEMBERS", p, DRS_KEY_ACCT_GROUPS, s->account));
    }

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_plans_members);
}


static int
ngx_http_drs_plans_named(const ngx_http_drs_plans_t *s, drs_str_t member)
{
    drs_str_t name;

    name = ngx_http_drs_util_member_name(member);

    if (s->exact.len && !drs_str_eq(name, s->exact)) {
        return 0;
    }

    return ngx_http_drs_util_contains(name, s->name);
}


/* The plans of the index that may be on the page. */
static ngx_int_t
ngx_http_drs_plans_choose(ngx_http_drs_ctx_t *ctx, const redisReply *index)
{
    size_t                i, page;
    drs_str_t             m;
    ngx_http_drs_plans_t *s;

    s = ctx->state;

    s->members =
        ngx_palloc(ctx->r->pool, (index->elements + 1) * sizeof(drs_str_t));
    s->names = json_object();

    if (s->members == NULL || ngx_http_drs_defer_json(ctx, s->names) != NGX_OK)
    {
        return NGX_ERROR;
    }

    /* filters that need documents look at as many as one call reads */
    page = s->account.len || s->tag.len || s->status.len || s->conflict.len
               ? NGX_HTTP_DRS_PLANS_READ
               : s->limit;

    for (i = 0; i < index->elements; i++) {
        m = ngx_http_drs_copy(ctx, ngx_http_drs_reply_str(index->element[i]));
        if (m.data == NULL) {
            return NGX_ERROR;
        }

        json_object_set_new(s->names, ngx_http_drs_util_member_id(m).data,
                            drs_json_new_str(ngx_http_drs_util_member_name(m)));

        if (s->more || !ngx_http_drs_plans_named(s, m)) {
            continue;
        }

        if (s->n == page) {
            s->more = 1;
            continue;
        }

        s->members[s->n++] = m;
    }

    s->docs = ngx_pcalloc(ctx->r->pool, (s->n + 1) * sizeof(json_t *));
    s->last = ngx_pcalloc(ctx->r->pool, (s->n + 1) * sizeof(drs_str_t));
    s->items =
        ngx_pcalloc(ctx->r->pool, (s->n + 1) * sizeof(drs_view_plan_item_t));
    s->running = json_array();
    s->claimed = json_object();
    s->runs = json_object();

    if (s->docs == NULL || s->last == NULL || s->items == NULL
        || ngx_http_drs_defer_json(ctx, s->running) != NGX_OK
        || ngx_http_drs_defer_json(ctx, s->claimed) != NGX_OK
        || ngx_http_drs_defer_json(ctx, s->runs) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_drs_plans_members(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                           ngx_uint_t n)
{
    size_t                i, j;
    json_t               *id;
    drs_str_t             p, m;
    drs_cmd_t            *cmd;
    ngx_http_drs_calls_t  c;
    ngx_http_drs_plans_t *s;

    s = ctx->state;

    if (ngx_http_drs_plans_choose(ctx, replies[0]) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ngx_http_drs_util_jobs(ctx, replies[1 + NGX_HTTP_DRS_N_ACTIVE],
                               &s->jobs)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (n > 2 + NGX_HTTP_DRS_N_ACTIVE) {
        s->account_groups = ngx_http_drs_util_set(ctx, replies[n - 1]);
        if (s->account_groups == NULL) {
            return NGX_ERROR;
        }
    }

    p = ngx_http_drs_prefix(ctx);
    ngx_http_drs_util_calls(&c);

    for (i = 0; i < s->n; i++) {
        m = ngx_http_drs_util_member_id(s->members[i]);
        ngx_http_drs_util_add(&c, ngx_http_drs_util_get(ctx, DRS_KEY_PLAN, m));
        cmd = drs_key_cmd1("ZREVRANGE", p, DRS_KEY_EXEC_PLAN, m);
        (void) drs_cmd_addz(cmd, "0");
        (void) drs_cmd_addz(cmd, "0");
        ngx_http_drs_util_add(&c, cmd);
    }

    for (i = 0; i < NGX_HTTP_DRS_N_ACTIVE; i++) {
        for (j = 0;
             j < replies[1 + i]->elements && c.n + 2 < NGX_HTTP_DRS_CALL_MAX;
             j++)
        {
            m = ngx_http_drs_reply_str(replies[1 + i]->element[j]);
            id = drs_json_new_str(m);
            json_array_append_new(s->running, id);
            ngx_http_drs_util_add(
                &c, drs_key_cmd1("SMEMBERS", p, DRS_KEY_EXEC_CLAIMS, m));
            cmd = drs_key_cmd1("HMGET", p, DRS_KEY_EXEC, m);
            (void) drs_cmd_addz(cmd, "planId");
            (void) drs_cmd_addz(cmd, "status");
            ngx_http_drs_util_add(&c, cmd);
        }
    }

    if (c.n == 0) {
        ngx_http_drs_util_add(&c, ngx_http_drs_util_get_hub(ctx));
    }

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_plans_docs);
}


/* Servers that active executions hold, and who these executions are. */
static void
ngx_http_drs_plans_claims(ngx_http_drs_plans_t *s, redisReply **replies)
{
    char        server[64];
    size_t      i, j, k;
    json_t     *id, *run;
    drs_str_t   m;
    redisReply *set, *head;

    json_array_foreach (s->running, i, id) {
        set = replies[2 * i];
        head = replies[2 * i + 1];

        if (head->elements != 2) {
            continue;
        }

        run = json_object();
        (void) drs_json_set_str(run, "planId",
                                ngx_http_drs_reply_str(head->element[0]));
        (void) drs_json_set_str(run, "status",
                                ngx_http_drs_reply_str(head->element[1]));
        json_object_set_new(s->runs, json_string_value(id), run);

        for (j = 0; j < set->elements; j++) {
            m = ngx_http_drs_reply_str(set->element[j]);

            for (k = m.len; k > 0 && m.data[k - 1] != ':'; k--) { /* void */
            }

            if (m.len - k < sizeof(server)) {
                ngx_memcpy(server, m.data + k, m.len - k);
                server[m.len - k] = '\0';
                json_object_set(s->claimed, server, id);
            }
        }
    }
}


/* Every group of every plan once: document, and the plans that use it. */
static ngx_int_t
ngx_http_drs_plans_ask(ngx_http_drs_ctx_t *ctx, ngx_http_drs_plans_t *s)
{
    size_t               i;
    json_t              *id;
    drs_str_t            p;
    drs_cmd_t           *cmd;
    ngx_http_drs_calls_t c;

    p = ngx_http_drs_prefix(ctx);
    ngx_http_drs_util_calls(&c);

    for (i = 0; i < s->n; i++) {
        if (s->last[i].len) {
            cmd = drs_key_cmd1("HMGET", p, DRS_KEY_EXEC, s->last[i]);
            (void) drs_cmd_addz(cmd, "status");
            (void) drs_cmd_addz(cmd, "startedAt");
            (void) drs_cmd_addz(cmd, "endedAt");
            ngx_http_drs_util_add(&c, cmd);
        }
    }

    json_array_foreach (s->group_ids, i, id) {
        if (c.n + 2 > NGX_HTTP_DRS_CALL_MAX) {
            break;
        }

        ngx_http_drs_util_add(
            &c, ngx_http_drs_util_get(ctx, DRS_KEY_PG, drs_json_str(id)));
        ngx_http_drs_util_add(&c, drs_key_cmd1("SMEMBERS", p, DRS_KEY_PG_PLANS,
                                               drs_json_str(id)));
    }

    if (c.n == 0) {
        ngx_http_drs_util_add(&c, ngx_http_drs_util_get_hub(ctx));
    }

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_plans_more);
}


static ngx_int_t
ngx_http_drs_plans_docs(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                        ngx_uint_t n)
{
    size_t                i, j;
    json_t               *ids, *id, *seen;
    redisReply           *last;
    ngx_http_drs_plans_t *s;

    (void) n;
    s = ctx->state;
    seen = json_object();
    s->group_ids = json_array();

    if (ngx_http_drs_defer_json(ctx, seen) != NGX_OK
        || ngx_http_drs_defer_json(ctx, s->group_ids) != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (i = 0; i < s->n; i++) {
        s->docs[i] = ngx_http_drs_util_doc(ctx, replies[2 * i]);
        last = replies[2 * i + 1];

        if (s->docs[i] == NULL) {
            continue;
        }

        json_object_set(
            s->names, json_string_value(json_object_get(s->docs[i], "planId")),
            json_object_get(s->docs[i], "planName"));

        if (last->elements > 0) {
            s->last[i] = ngx_http_drs_copy(
                ctx, ngx_http_drs_reply_str(last->element[0]));
        }

        ids = drs_model_plan_groups(s->docs[i]);

        json_array_foreach (ids, j, id) {
            if (json_object_get(seen, json_string_value(id)) == NULL) {
                json_object_set_new(seen, json_string_value(id), json_true());
                json_array_append(s->group_ids, id);
            }
        }

        json_decref(ids);
    }

    ngx_http_drs_plans_claims(s, replies + 2 * s->n);

    return ngx_http_drs_plans_ask(ctx, s);
}


static ngx_int_t
ngx_http_drs_plans_take(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                        ngx_uint_t n)
{
    size_t                i, j, k;
    json_t               *id, *doc, *list;
    redisReply           *r;
    ngx_http_drs_plans_t *s;

    s = ctx->state;
    s->left = NGX_HTTP_DRS_PLANS_DOCS;
    k = 0;

    for (i = 0; i < s->n; i++) {
        if (s->last[i].len == 0) {
            continue;
        }

        r = replies[k++];

        if (r->elements == 3) {
            s->items[i].last_id = s->last[i];
            s->items[i].last_status =
                ngx_http_drs_copy(ctx, ngx_http_drs_reply_str(r->element[0]));
            (void) ngx_http_drs_reply_int(r->element[1],
                                          &s->items[i].last_start_ms);
            (void) ngx_http_drs_reply_int(r->element[2],
                                          &s->items[i].last_end_ms);
        }
    }

    s->groups = json_object();
    s->users = json_object();

    if (ngx_http_drs_defer_json(ctx, s->groups) != NGX_OK
        || ngx_http_drs_defer_json(ctx, s->users) != NGX_OK)
    {
        return NGX_ERROR;
    }

    json_array_foreach (s->group_ids, i, id) {
        if (k + 2 > n) {
            break;
        }

        /* not all documents of a large list, unless something asks for them */
        j = replies[k]->type == REDIS_REPLY_STRING ? replies[k]->len : 0;
        doc = j <= s->left || json_object_size(s->claimed) > 0
                      || json_object_size(s->jobs.servers) > 0 || s->tag.len
                      || replies[k + 1]->elements > 1
                  ? ngx_http_drs_util_doc(ctx, replies[k])
                  : NULL;
        s->left -= ngx_min(j, s->left);
        list = json_array();

        for (j = 0; j < replies[k + 1]->elements; j++) {
            json_array_append_new(list, drs_json_new_str(ngx_http_drs_reply_str(
                                            replies[k + 1]->element[j])));
        }

        json_object_set(s->groups, json_string_value(id), doc);
        json_object_set_new(s->users, json_string_value(id), list);
        k += 2;
    }

    return NGX_OK;
}


/* The list stands under both names: its text is made once. */
static ngx_int_t
ngx_http_drs_plans_reply(ngx_http_drs_ctx_t *ctx, json_t *list, drs_str_t pos)
{
    int       rc;
    size_t    n;
    json_t   *next;
    drs_buf_t text, b;

    n = json_array_size(list);
    next = drs_cursor_json(NGX_HTTP_DRS_PLANS, pos);

    drs_buf_init(&text, 0);
    drs_buf_init(&b, 0);
    rc = drs_json_dump(&text, list);

    (void) drs_buf_puts(&b, "{\"recoveryPlans\":");
    (void) drs_buf_str_append(&b, drs_buf_str(&text));
    (void) drs_buf_puts(&b, ",\"plans\":");
    (void) drs_buf_str_append(&b, drs_buf_str(&text));
    (void) drs_buf_printf(&b, ",\"count\":%zu,\"nextToken\":", n);

    if (json_is_string(next)) {
        (void) drs_buf_json_string(&b, json_string_value(next),
                                   json_string_length(next));
    } else {
        (void) drs_buf_puts(&b, "null");
    }

    (void) drs_buf_putc(&b, '}');

    drs_buf_free(&text);
    json_decref(next);
    json_decref(list);

    if (rc != DRS_OK) {
        drs_buf_free(&b);
        return NGX_ERROR;
    }

    return ngx_http_drs_reply_buf(ctx, NGX_HTTP_OK, &b);
}


static ngx_int_t
ngx_http_drs_plans_more(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                        ngx_uint_t n)
{
    size_t                i, last;
    json_t               *list;
    unsigned              more;
    drs_str_t             none = drs_null_string;
    drs_view_plan_item_t *it;
    ngx_http_drs_plans_t *s;

    s = ctx->state;

    if (ngx_http_drs_plans_take(ctx, replies, n) != NGX_OK) {
        return NGX_ERROR;
    }

    list = json_array();
    more = s->more;
    last = s->n ? s->n - 1 : 0;

    for (i = 0; i < s->n; i++) {
        if (s->docs[i] == NULL) {
            continue;
        }

        if (json_array_size(list) == s->limit) {
            more = 1;
            break;
        }

        it = &s->items[i];
        it->groups = ngx_http_drs_plans_known(s, s->docs[i]) ? s->groups : NULL;
        it->shared = ngx_http_drs_plans_shared(s, s->docs[i]);
        it->conflict_servers = ngx_http_drs_plans_conflicts(s, s->docs[i], it);

        if (ngx_http_drs_plans_wanted(s, s->docs[i], it)) {
            json_array_append_new(list, drs_view_plan_item(s->docs[i], it));
            last = i;
        }

        json_decref(it->shared);
        json_decref(it->conflict_servers);
    }

    /* a page that the reading bound ended goes on behind what was read */
    if (s->more && i == s->n) {
        last = s->n - 1;
    }

    return ngx_http_drs_plans_reply(ctx, list, more ? s->members[last] : none);
}
