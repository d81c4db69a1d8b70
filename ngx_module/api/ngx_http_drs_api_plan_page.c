/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Plan list: the page.  The calls: plans, their last executions and the
 * claims; groups and who else uses them; names of those others.
 */

#include "ngx_http_drs_api_plan_list.h"


static ngx_int_t ngx_http_drs_plans_docs(ngx_http_drs_ctx_t *ctx,
                                         redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_plans_more(ngx_http_drs_ctx_t *ctx,
                                         redisReply **replies, ngx_uint_t n);
static ngx_int_t
ngx_http_drs_plans_named_now(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                             ngx_uint_t n);
static ngx_int_t ngx_http_drs_plans_reply(ngx_http_drs_ctx_t *ctx);


static int
ngx_http_drs_plans_matches(const ngx_http_drs_plans_t *s, drs_str_t member)
{
    size_t    i;
    drs_str_t name, id;

    name = ngx_http_drs_util_member_name(member);
    id = ngx_http_drs_util_member_id(member);

    if ((s->exact.len && !drs_str_eq(name, s->exact))
        || !ngx_http_drs_util_contains(name, s->name))
    {
        return 0;
    }

    for (i = 0; i < sizeof(s->sets) / sizeof(s->sets[0]); i++) {
        if (s->sets[i] != NULL
            && json_object_getn(s->sets[i], id.data, id.len) == NULL) {
            return 0;
        }
    }

    return 1;
}


/* The plans of the index that may be on the page. */
static ngx_int_t
ngx_http_drs_plans_choose(ngx_http_drs_ctx_t *ctx, ngx_http_drs_plans_t *s)
{
    size_t i, page;

    page = s->conflict.len ? NGX_HTTP_DRS_PLANS_READ : s->limit;
    s->rows = ngx_pcalloc(ctx->r->pool, (ngx_min(page, s->n_index) + 1)
                                            * sizeof(ngx_http_drs_prow_t));
    if (s->rows == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < s->n_index && !s->more; i++) {
        if (!ngx_http_drs_plans_matches(s, s->index[i])) {
            continue;
        }

        if (s->n == page) {
            s->more = 1;
        } else {
            s->rows[s->n++].member = s->index[i];
        }
    }

    s->whole = s->pos.len == 0 && !s->more && s->n == s->n_index;

    return NGX_OK;
}


ngx_int_t
ngx_http_drs_plans_read(ngx_http_drs_ctx_t *ctx)
{
    size_t                i;
    json_t               *run;
    drs_str_t             p, id;
    drs_cmd_t            *docs, *last, *cmd;
    ngx_http_drs_calls_t  c;
    ngx_http_drs_plans_t *s;

    s = ctx->state;
    p = ngx_http_drs_prefix(ctx);

    if (ngx_http_drs_plans_choose(ctx, s) != NGX_OK) {
        return NGX_ERROR;
    }

    if (s->n == 0) {
        return ngx_http_drs_plans_reply(ctx);
    }

    ngx_http_drs_util_calls(&c);
    docs = drs_cmd_words("MGET", NULL);
    last = drs_key_cmd0("HMGET", p, DRS_KEY_PLAN_LAST);

    for (i = 0; i < s->n; i++) {
        id = ngx_http_drs_util_member_id(s->rows[i].member);
        (void) drs_cmd_key1(docs, p, DRS_KEY_PLAN, id);
        (void) drs_cmd_add(last, id);
    }

    ngx_http_drs_util_add(&c, docs);
    ngx_http_drs_util_add(&c, last);

    json_array_foreach (s->running, i, run) {
        if (c.n + 2 > NGX_HTTP_DRS_CALL_MAX) {
            break;
        }

        ngx_http_drs_util_add(&c,
                              drs_key_cmd1("SMEMBERS", p, DRS_KEY_EXEC_CLAIMS,
                                           drs_json_str(run)));
        cmd = drs_key_cmd1("HMGET", p, DRS_KEY_EXEC, drs_json_str(run));
        (void) drs_cmd_addz(cmd, "planId");
        (void) drs_cmd_addz(cmd, "status");
        ngx_http_drs_util_add(&c, cmd);
    }

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_plans_docs);
}


/* Servers that active executions hold, and who these executions are. */
static void
ngx_http_drs_plans_claims(ngx_http_drs_plans_t *s, redisReply **replies,
                          size_t n)
{
    size_t      i, j, k;
    json_t     *id, *run;
    drs_str_t   m;
    redisReply *set, *head;

    json_array_foreach (s->running, i, id) {
        if (2 * i + 1 >= n) {
            break;
        }

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

            (void) json_object_setn_new(s->claimed, m.data + k, m.len - k,
                                        json_incref(id));
        }
    }
}


static ngx_int_t
ngx_http_drs_plans_row(ngx_http_drs_ctx_t *ctx, ngx_http_drs_prow_t *row,
                       const redisReply *doc, const redisReply *last)
{
    drs_str_t text;

    if (doc->type != REDIS_REPLY_STRING) {
        return NGX_OK;
    }

    text = ngx_http_drs_copy(ctx, ngx_http_drs_reply_str(doc));
    if (text.data == NULL) {
        return NGX_ERROR;
    }

    if (drs_plan_text_read(&row->text, text) != DRS_OK) {
        ngx_log_error(NGX_LOG_ERR, ctx->r->connection->log, 0,
                      "drs: a stored plan is not readable");
        row->text.id.len = 0;
        return NGX_OK;
    }

    if (last->type == REDIS_REPLY_STRING) {
        drs_view_plan_last(
            &row->item, ngx_http_drs_copy(ctx, ngx_http_drs_reply_str(last)));
    }

    return NGX_OK;
}


/* Documents of the groups, and who uses them unless that is known. */
static ngx_int_t
ngx_http_drs_plans_ask_groups(ngx_http_drs_ctx_t *ctx, ngx_http_drs_plans_t *s)
{
    size_t               i;
    drs_str_t            p;
    drs_cmd_t           *docs;
    ngx_http_drs_calls_t c;

    if (s->n_groups == 0) {
        return ngx_http_drs_plans_reply(ctx);
    }

    p = ngx_http_drs_prefix(ctx);
    ngx_http_drs_util_calls(&c);
    docs = drs_cmd_words("MGET", NULL);

    for (i = 0; i < s->n_groups; i++) {
        (void) drs_cmd_key1(docs, p, DRS_KEY_PG, s->groups[i].id);
    }

    ngx_http_drs_util_add(&c, docs);

    for (i = 0; !s->whole && i < s->n_groups && c.n < NGX_HTTP_DRS_CALL_MAX;
         i++) {
        ngx_http_drs_util_add(
            &c, drs_key_cmd1("SMEMBERS", p, DRS_KEY_PG_PLANS, s->groups[i].id));
    }

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_plans_more);
}


static ngx_int_t
ngx_http_drs_plans_docs(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                        ngx_uint_t n)
{
    size_t                i;
    ngx_http_drs_prow_t  *row;
    ngx_http_drs_plans_t *s;

    s = ctx->state;

    if (replies[0]->elements != s->n || replies[1]->elements != s->n) {
        return NGX_ERROR;
    }

    for (i = 0; i < s->n; i++) {
        row = &s->rows[i];

        if (ngx_http_drs_plans_row(ctx, row, replies[0]->element[i],
                                   replies[1]->element[i])
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        if (row->text.id.len) {
            (void) json_object_setn_new(s->names, row->text.id.data,
                                        row->text.id.len,
                                        drs_json_new_str(row->text.name));
        }
    }

    ngx_http_drs_plans_claims(s, replies + 2, n - 2);

    if (ngx_http_drs_plans_groups(ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_drs_plans_ask_groups(ctx, s);
}


/* Users of a group; those whose names are not known are asked for. */
static ngx_int_t
ngx_http_drs_plans_users(ngx_http_drs_ctx_t *ctx, ngx_http_drs_pgroup_t *g,
                         const redisReply *set)
{
    size_t                i;
    drs_str_t             id;
    ngx_http_drs_plans_t *s;

    s = ctx->state;

    for (i = 0; i < set->elements; i++) {
        id = ngx_http_drs_copy(ctx, ngx_http_drs_reply_str(set->element[i]));

        if (id.data == NULL || ngx_http_drs_plans_user(ctx, g, id) != NGX_OK) {
            return NGX_ERROR;
        }

        if (json_object_getn(s->names, id.data, id.len) == NULL) {
            (void) json_object_setn_new(s->names, id.data, id.len,
                                        json_string("\"\""));
            json_array_append_new(s->asked, drs_json_new_str(id));
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_drs_plans_more(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                        ngx_uint_t n)
{
    size_t                i;
    json_t               *id;
    drs_str_t             doc;
    drs_cmd_t            *cmd;
    ngx_http_drs_calls_t  c;
    ngx_http_drs_plans_t *s;

    s = ctx->state;

    for (i = 0; i < s->n_groups && i < replies[0]->elements; i++) {
        if (replies[0]->element[i]->type == REDIS_REPLY_STRING) {
            doc = ngx_http_drs_copy(
                ctx, ngx_http_drs_reply_str(replies[0]->element[i]));

            if (doc.data == NULL) {
                return NGX_ERROR;
            }

            ngx_http_drs_plans_group_doc(s, &s->groups[i], doc);
        }

        if (1 + i < n
            && ngx_http_drs_plans_users(ctx, &s->groups[i], replies[1 + i])
                   != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    if (json_array_size(s->asked) == 0) {
        return ngx_http_drs_plans_reply(ctx);
    }

    ngx_http_drs_util_calls(&c);
    cmd = drs_cmd_words("MGET", NULL);

    json_array_foreach (s->asked, i, id) {
        (void) drs_cmd_key1(cmd, ngx_http_drs_prefix(ctx), DRS_KEY_PLAN,
                            drs_json_str(id));
    }

    ngx_http_drs_util_add(&c, cmd);

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_plans_named_now);
}


static ngx_int_t
ngx_http_drs_plans_named_now(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                             ngx_uint_t n)
{
    size_t                i;
    json_t               *id;
    drs_str_t             name;
    ngx_http_drs_plans_t *s;

    (void) n;
    s = ctx->state;

    json_array_foreach (s->asked, i, id) {
        if (i < replies[0]->elements) {
            name = drs_jread_field(
                ngx_http_drs_reply_str(replies[0]->element[i]), "planName");

            if (name.len) {
                json_object_set_new(s->names, json_string_value(id),
                                    drs_json_new_str(name));
            }
        }
    }

    return ngx_http_drs_plans_reply(ctx);
}


/* Appends the items of the page; *last: the row to go on behind. */
static size_t
ngx_http_drs_plans_items(ngx_http_drs_plans_t *s, drs_buf_t *b, size_t *last,
                         unsigned *more)
{
    size_t               i, count;
    ngx_http_drs_prow_t *row;

    count = 0;
    *more = s->more;
    *last = s->n ? s->n - 1 : 0;

    for (i = 0; i < s->n; i++) {
        row = &s->rows[i];

        if (row->text.id.len == 0) {
            continue;
        }

        if (count == s->limit) {
            *more = 1;
            break;
        }

        ngx_http_drs_plans_conflicts(s, row);

        if (ngx_http_drs_plans_wanted(s, row)) {
            ngx_http_drs_plans_item(s, b, row);
            *last = i;
            count++;
        }

        json_decref(row->item.conflict_servers);
        row->item.conflict_servers = NULL;
    }

    /* a page that the reading bound ended goes on behind what was read */
    if (s->more && i == s->n) {
        *last = s->n - 1;
    }

    return count;
}


/* The list stands under both names: its text is made once. */
static ngx_int_t
ngx_http_drs_plans_reply(ngx_http_drs_ctx_t *ctx)
{
    size_t                count, last, from, to;
    unsigned              more;
    drs_buf_t             b;
    drs_str_t             none = drs_null_string;
    ngx_http_drs_plans_t *s;

    s = ctx->state;

    drs_buf_init(&b, 0);
    drs_jw_open(&b, NULL, '{');
    drs_jw_open(&b, "plans", '[');
    from = b.len - 1;
    count = ngx_http_drs_plans_items(s, &b, &last, &more);
    drs_jw_close(&b, ']');
    to = b.len;

    drs_jw_int(&b, "count", (int64_t) count);
    ngx_http_drs_util_next(&b, NGX_HTTP_DRS_PLANS,
                           more ? s->rows[last].member : none);

    if (!drs_buf_ok(&b)) {
        drs_buf_free(&b);
        return NGX_ERROR;
    }

    last = b.len;

    if (drs_buf_reserve(&b, to - from + 32) == DRS_OK) {
        drs_jw_raw(&b, "recoveryPlans", drs_strn(b.data + from, to - from));
    }

    drs_jw_close(&b, '}');

    return ngx_http_drs_reply_tagged(ctx, NGX_HTTP_OK, &b,
                                     drs_strn(b.data, last));
}
