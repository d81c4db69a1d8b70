/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Reading an execution: header, servers and names of units in one call, waves
 * and units in the next.
 */

#include "ngx_http_drs_api_util.h"


static ngx_int_t ngx_http_drs_load_first(ngx_http_drs_ctx_t *ctx,
                                         redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_load_second(ngx_http_drs_ctx_t *ctx,
                                          redisReply **replies, ngx_uint_t n);


static void
ngx_http_drs_load_free(void *data)
{
    drs_exec_free(data);
}


drs_str_t
ngx_http_drs_util_exec_id(ngx_http_drs_ctx_t *ctx)
{
    drs_str_t id, none = drs_null_string;

    id = drs_id_execution_of_path(ctx->params[0]);

    return drs_id_is_uuid4(id) ? id : none;
}


drs_exec_t *
ngx_http_drs_util_header(ngx_http_drs_ctx_t *ctx, drs_str_t id,
                         const redisReply *reply)
{
    char             text[DRS_UUID_SIZE];
    size_t           n;
    drs_str_t       *v;
    drs_exec_t      *e;
    drs_exec_error_t err;

    if (id.len != DRS_UUID_LEN
        || ngx_http_drs_reply_views(ctx, reply, &v, &n) != NGX_OK)
    {
        return NULL;
    }

    ngx_memcpy(text, id.data, id.len);
    text[id.len] = '\0';

    e = drs_exec_new(text);
    if (e == NULL
        || ngx_http_drs_defer(ctx, ngx_http_drs_load_free, e) != NGX_OK) {
        return NULL;
    }

    err.text[0] = '\0';

    if (drs_exec_load_header(e, v, n, &err) != DRS_OK) {
        ngx_log_error(NGX_LOG_ERR, ctx->r->connection->log, 0,
                      "drs: execution %s is not readable: %s", text, err.text);
        return NULL;
    }

    return e;
}


static ngx_int_t
ngx_http_drs_load_servers(ngx_http_drs_ctx_t *ctx, drs_exec_t *e,
                          const redisReply *servers, drs_exec_error_t *err)
{
    size_t     i, n;
    drs_str_t *v;

    if (servers == NULL) {
        return NGX_OK;
    }

    if (ngx_http_drs_reply_views(ctx, servers, &v, &n) != NGX_OK) {
        return NGX_ERROR;
    }

    for (i = 0; i + 1 < n; i += 2) {
        if (drs_exec_load_server(e, v[i], v[i + 1], err) != DRS_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_drs_util_load_parts(ngx_http_drs_ctx_t *ctx, drs_exec_t *e,
                             redisReply **waves, redisReply **units,
                             const json_t *unit_ids, const redisReply *servers)
{
    int              i;
    size_t           k, n;
    json_t          *id;
    drs_str_t       *v;
    drs_exec_error_t err;

    err.text[0] = '\0';

    for (i = 0; i < e->waves_total; i++) {
        if (ngx_http_drs_reply_views(ctx, waves[i], &v, &n) != NGX_OK
            || drs_exec_load_wave(e, i, v, n, &err) != DRS_OK)
        {
            goto failed;
        }
    }

    json_array_foreach ((json_t *) unit_ids, k, id) {
        if (ngx_http_drs_reply_views(ctx, units[k], &v, &n) != NGX_OK) {
            goto failed;
        }

        if (n > 0
            && drs_exec_load_unit(e, drs_json_str(id), v, n, &err) != DRS_OK) {
            goto failed;
        }
    }

    if (ngx_http_drs_load_servers(ctx, e, servers, &err) != NGX_OK
        || drs_exec_load_done(e, &err) != DRS_OK)
    {
        goto failed;
    }

    return NGX_OK;

failed:

    ngx_log_error(NGX_LOG_ERR, ctx->r->connection->log, 0,
                  "drs: execution %s is not readable: %s", e->id, err.text);

    return NGX_ERROR;
}


ngx_int_t
ngx_http_drs_util_load_servers(ngx_http_drs_ctx_t *ctx, drs_exec_t *e,
                               const redisReply *servers)
{
    drs_exec_error_t err;

    err.text[0] = '\0';

    if (ngx_http_drs_load_servers(ctx, e, servers, &err) == NGX_OK
        && drs_exec_load_done(e, &err) == DRS_OK)
    {
        return NGX_OK;
    }

    ngx_log_error(NGX_LOG_ERR, ctx->r->connection->log, 0,
                  "drs: execution %s is not readable: %s", e->id, err.text);

    return NGX_ERROR;
}


ngx_int_t
ngx_http_drs_util_load(ngx_http_drs_ctx_t *ctx, drs_str_t id, ngx_uint_t flags,
                       ngx_int_t (*done)(ngx_http_drs_ctx_t *ctx), void *data)
{
    drs_str_t            p;
    ngx_http_drs_load_t *l;
    ngx_http_drs_calls_t c;

    if (id.len == 0) {
        return ngx_http_drs_util_not_found(ctx, DRS_ERR_EXECUTION_NOT_FOUND,
                                           "executionId", ctx->params[0]);
    }

    l = ngx_pcalloc(ctx->r->pool, sizeof(ngx_http_drs_load_t));
    if (l == NULL) {
        return NGX_ERROR;
    }

    l->id = id;
    l->flags = flags;
    l->done = done;
    l->data = data;
    ctx->state = l;

    p = ngx_http_drs_prefix(ctx);
    ngx_http_drs_util_calls(&c);
    ngx_http_drs_util_add(&c, drs_key_cmd1("HGETALL", p, DRS_KEY_EXEC, id));
    ngx_http_drs_util_add(&c,
                          drs_key_cmd1("SMEMBERS", p, DRS_KEY_EXEC_UNITS, id));
    ngx_http_drs_util_add(&c, ngx_http_drs_util_get_hub(ctx));

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_load_first);
}


/* Names of units; sorted by the record later. */
static json_t *
ngx_http_drs_load_ids(ngx_http_drs_ctx_t *ctx, const redisReply *reply)
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
ngx_http_drs_load_first(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                        ngx_uint_t n)
{
    int                  i;
    size_t               k;
    json_t              *id;
    drs_str_t            p, words, word;
    drs_cmd_t           *cmd;
    drs_model_env_t      env;
    ngx_http_drs_load_t *l;
    ngx_http_drs_calls_t c;

    (void) n;
    l = ctx->state;
    p = ngx_http_drs_prefix(ctx);

    if (replies[0]->elements == 0) {
        return ngx_http_drs_util_not_found(ctx, DRS_ERR_EXECUTION_NOT_FOUND,
                                           "executionId", l->id);
    }

    l->exec = ngx_http_drs_util_header(ctx, l->id, replies[0]);
    l->unit_ids = ngx_http_drs_load_ids(ctx, replies[1]);

    if (l->exec == NULL || l->unit_ids == NULL) {
        return NGX_ERROR;
    }

    ngx_http_drs_util_env(ctx, replies[2], &env);
    l->own_account = env.own_account;

    ngx_http_drs_util_calls(&c);
    ngx_http_drs_util_add(
        &c, drs_key_cmd1("EXISTS", p, DRS_KEY_PLAN, drs_str(l->exec->plan_id)));

    for (i = 0; i < l->exec->waves_total; i++) {
        cmd = drs_cmd_words("HGETALL", NULL);
        (void) drs_cmd_key_wave(cmd, p, l->id, (unsigned) i);
        ngx_http_drs_util_add(&c, cmd);
    }

    json_array_foreach (l->unit_ids, k, id) {
        ngx_http_drs_util_add(&c, drs_key_cmd2("HGETALL", p, DRS_KEY_EXEC_UNIT,
                                               l->id, drs_json_str(id)));
    }

    if (l->flags & NGX_HTTP_DRS_LOAD_SERVERS) {
        ngx_http_drs_util_add(
            &c, drs_key_cmd1("HGETALL", p, DRS_KEY_EXEC_SERVERS, l->id));
    }

    if (l->flags & NGX_HTTP_DRS_LOAD_TERM) {
        ngx_http_drs_util_add(
            &c, drs_key_cmd1("HGETALL", p, DRS_KEY_EXEC_TERM, l->id));
    }

    words = drs_str(l->exec->accounts);
    while (drs_str_split(&words, ' ', &word)) {
        if (word.len) {
            ngx_http_drs_util_add(
                &c, ngx_http_drs_util_get(ctx, DRS_KEY_ACCT, word));
            l->n_accounts++;
        }
    }

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_load_second);
}


static ngx_int_t
ngx_http_drs_load_second(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                         ngx_uint_t n)
{
    size_t               k;
    json_t              *doc, *name;
    int64_t              there;
    drs_exec_t          *e;
    redisReply         **waves, **units, *servers;
    ngx_http_drs_load_t *l;

    (void) n;
    l = ctx->state;
    e = l->exec;

    l->plan_gone =
        ngx_http_drs_reply_int(*replies++, &there) == DRS_OK && there == 0;

    waves = replies;
    units = waves + e->waves_total;
    replies = units + json_array_size(l->unit_ids);
    servers = NULL;

    if (l->flags & NGX_HTTP_DRS_LOAD_SERVERS) {
        servers = *replies++;
    }

    if (ngx_http_drs_util_load_parts(ctx, e, waves, units, l->unit_ids, servers)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (l->flags & NGX_HTTP_DRS_LOAD_TERM) {
        if (ngx_http_drs_reply_views(ctx, *replies++, &l->term, &l->n_term)
            != NGX_OK) {
            return NGX_ERROR;
        }

        /* views into the reply, which goes with this callback */
        for (k = 0; k < l->n_term; k++) {
            l->term[k] = ngx_http_drs_copy(ctx, l->term[k]);
        }
    }

    l->accounts = json_object();
    if (ngx_http_drs_defer_json(ctx, l->accounts) != NGX_OK) {
        return NGX_ERROR;
    }

    for (k = 0; k < l->n_accounts; k++) {
        doc = ngx_http_drs_util_doc(ctx, replies[k]);
        name = json_object_get(doc, "accountName");

        if (json_is_string(name)) {
            json_object_set(
                l->accounts,
                json_string_value(json_object_get(doc, "accountId")), name);
        }
    }

    return l->done(ctx);
}
