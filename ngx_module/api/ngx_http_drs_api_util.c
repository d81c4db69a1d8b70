/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "ngx_http_drs_api_util.h"

#include "drs_cursor.h"
#include "drs_jtext.h"
#include "drs_model_exec_req.h"
#include "drs_utf8.h"


void
ngx_http_drs_util_calls(ngx_http_drs_calls_t *c)
{
    ngx_memzero(c, sizeof(*c));
}


void
ngx_http_drs_util_add(ngx_http_drs_calls_t *c, drs_cmd_t *cmd)
{
    ngx_uint_t  size;
    drs_cmd_t **p;

    if (cmd == NULL || !drs_cmd_ok(cmd)) {
        drs_cmd_free(cmd);
        c->failed = 1;
        return;
    }

    if (c->n == c->size) {
        size = c->size ? c->size * 2 : 16;
        p = realloc(c->cmds, size * sizeof(drs_cmd_t *));

        if (p == NULL) {
            drs_cmd_free(cmd);
            c->failed = 1;
            return;
        }

        c->cmds = p;
        c->size = size;
    }

    c->cmds[c->n++] = cmd;
}


ngx_int_t
ngx_http_drs_util_send(ngx_http_drs_ctx_t *ctx, ngx_http_drs_calls_t *c,
                       ngx_http_drs_call_pt done)
{
    ngx_int_t  rc;
    ngx_uint_t i;

    rc = NGX_ERROR;

    if (!c->failed && c->n > 0) {
        rc = ngx_http_drs_call(ctx, c->cmds, c->n, done);
    }

    for (i = 0; i < c->n; i++) {
        drs_cmd_free(c->cmds[i]);
    }

    free(c->cmds);
    ngx_memzero(c, sizeof(*c));

    return rc;
}


drs_cmd_t *
ngx_http_drs_util_get(ngx_http_drs_ctx_t *ctx, drs_key_t key, drs_str_t id)
{
    return drs_key_cmd1("GET", ngx_http_drs_prefix(ctx), key, id);
}


drs_cmd_t *
ngx_http_drs_util_get_hub(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_util_get(ctx, DRS_KEY_SETTINGS, drs_str("hub"));
}


json_t *
ngx_http_drs_util_doc(ngx_http_drs_ctx_t *ctx, const redisReply *reply)
{
    json_t      *v;
    drs_str_t    s;
    json_error_t err;

    if (reply->type != REDIS_REPLY_STRING) {
        return NULL;
    }

    /* written by us and limited then: the plain parser will do */
    s = ngx_http_drs_reply_str(reply);
    v = json_loadb(s.data, s.len, 0, &err);

    if (v == NULL || !json_is_object(v)) {
        json_decref(v);
        ngx_log_error(NGX_LOG_ERR, ctx->r->connection->log, 0,
                      "drs: a stored document is not readable: %s", err.text);
        return NULL;
    }

    if (ngx_http_drs_defer_json(ctx, v) != NGX_OK) {
        return NULL;
    }

    return v;
}


drs_str_t
ngx_http_drs_util_user(ngx_http_drs_ctx_t *ctx)
{
    if (ctx->identity.email.len) {
        return ctx->identity.email;
    }

    return ctx->identity.username.len ? ctx->identity.username
                                      : ctx->identity.sub;
}


void
ngx_http_drs_util_env(ngx_http_drs_ctx_t *ctx, const redisReply *hub,
                      drs_model_env_t *env)
{
    json_t *doc;

    ngx_memzero(env, sizeof(*env));

    env->user = ngx_http_drs_util_user(ctx);
    env->email = ctx->identity.email;
    env->now_s = ngx_http_drs_now_ms() / 1000;
    env->sync_job_id = drs_str(ngx_http_drs_uuid(ctx));

    doc = ngx_http_drs_util_doc(ctx, hub);

    if (doc != NULL) {
        env->own_account = drs_json_field(doc, "accountId");
        env->strict =
            drs_str_eq(drs_json_field(doc, "limits"), drs_str("strict"));
    }
}


ngx_int_t
ngx_http_drs_util_refuse(ngx_http_drs_ctx_t *ctx, drs_model_error_t *e)
{
    ngx_int_t   rc;
    drs_error_t out;

    if (e->err == DRS_ERR_NONE) {
        return NGX_ERROR;
    }

    drs_model_error_view(e, &out);
    rc = ngx_http_drs_error_full(ctx, &out);
    drs_model_error_free(e);

    return rc;
}


ngx_int_t
ngx_http_drs_util_answer(ngx_http_drs_ctx_t *ctx, const redisReply *reply,
                         drs_answer_t *a)
{
    int         rc;
    drs_reply_t r;

    if (ngx_http_drs_reply_views(ctx, reply, &r.v, &r.n) != NGX_OK) {
        return NGX_ERROR;
    }

    rc = drs_store_answer(a, &r);

    return rc == DRS_OK         ? NGX_OK
           : rc == DRS_DECLINED ? NGX_DECLINED
                                : NGX_ERROR;
}


ngx_int_t
ngx_http_drs_util_not_found(ngx_http_drs_ctx_t *ctx, drs_err_t err,
                            const char *field, drs_str_t id)
{
    json_t *fields;

    fields = json_object();
    (void) drs_json_set_str(fields, field, id);

    return ngx_http_drs_error(ctx, err, fields, NULL, NULL);
}


void
ngx_http_drs_util_write(ngx_http_drs_ctx_t *ctx, drs_doc_write_t *w,
                        const char *action, const char *resource,
                        const char *id_field, const char *name_field)
{
    const json_t *d;

    d = w->doc != NULL ? w->doc : w->old;

    w->prefix = ngx_http_drs_prefix(ctx);
    w->actor = ngx_http_drs_util_user(ctx);
    w->now_ms = ngx_http_drs_now_ms();
    w->audit = ngx_http_drs_audit_text(
        ctx, action, resource, drs_json_field(d, id_field),
        drs_json_field(d, name_field), "succeeded", w->old, w->doc);
}


ngx_int_t
ngx_http_drs_util_large(ngx_http_drs_ctx_t *ctx, json_t *v)
{
    int       rc;
    drs_buf_t b;

    if (v == NULL) {
        return NGX_ERROR;
    }

    drs_buf_init(&b, 0);
    rc = drs_json_dump(&b, v);
    json_decref(v);

    if (rc != DRS_OK) {
        drs_buf_free(&b);
        return NGX_ERROR;
    }

    return ngx_http_drs_reply_buf(ctx, NGX_HTTP_OK, &b);
}


json_t *
ngx_http_drs_util_map(ngx_http_drs_ctx_t *ctx, const json_t *ids,
                      redisReply **replies)
{
    size_t  i;
    json_t *map, *id, *doc;

    map = json_object();
    if (map == NULL || ngx_http_drs_defer_json(ctx, map) != NGX_OK) {
        return NULL;
    }

    json_array_foreach ((json_t *) ids, i, id) {
        doc = ngx_http_drs_util_doc(ctx, replies[i]);

        if (doc != NULL) {
            json_object_set(map, json_string_value(id), doc);
        }
    }

    return map;
}


ngx_int_t
ngx_http_drs_util_query(ngx_http_drs_ctx_t *ctx, const char *name,
                        drs_str_t *value)
{
    int rc;

    value->len = 0;
    value->data = NULL;

    rc = ngx_http_drs_query(ctx, name, value);

    if (rc == DRS_ERROR) {
        return NGX_ERROR;
    }

    if (rc == DRS_DECLINED) {
        (void) ngx_http_drs_error_param(ctx, DRS_ERR_INVALID_PARAMETER, name,
                                        NULL, "percent-encoded UTF-8",
                                        "The parameter %s is malformed.", name);
        return NGX_DECLINED;
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_drs_util_page(ngx_http_drs_ctx_t *ctx, const char *list, size_t dflt,
                       size_t max, size_t *limit, drs_str_t *pos)
{
    int       rc;
    ngx_int_t nrc;
    drs_str_t s;
    drs_buf_t b;

    pos->len = 0;
    pos->data = NULL;

    nrc = ngx_http_drs_util_query(ctx, "limit", &s);
    if (nrc != NGX_OK) {
        return nrc;
    }

    if (drs_model_limit(s, dflt, max, limit) != DRS_OK) {
        (void) ngx_http_drs_error_param(ctx, DRS_ERR_INVALID_PARAMETER, "limit",
                                        NULL, "an integer from 1",
                                        "limit must be an integer from 1.");
        return NGX_DECLINED;
    }

    nrc = ngx_http_drs_util_query(ctx, "nextToken", &s);
    if (nrc != NGX_OK || s.len == 0) {
        return nrc;
    }

    drs_buf_init(&b, 0);
    rc = drs_cursor_decode(&b, list, s);

    if (rc == DRS_OK) {
        *pos = ngx_http_drs_copy(ctx, drs_buf_str(&b));
    }

    drs_buf_free(&b);

    if (rc == DRS_DECLINED) {
        (void) ngx_http_drs_error_param(
            ctx, DRS_ERR_INVALID_PARAMETER, "nextToken", NULL,
            "the nextToken of the last page", "nextToken cannot be read.");
        return NGX_DECLINED;
    }

    return rc == DRS_OK && pos->data != NULL ? NGX_OK : NGX_ERROR;
}


void
ngx_http_drs_util_next(drs_buf_t *b, const char *list, drs_str_t pos)
{
    json_t *next;

    next = drs_cursor_json(list, pos);

    if (json_is_string(next)) {
        drs_jw_json(b, "nextToken", next);
    } else {
        drs_jw_null(b, "nextToken");
    }

    json_decref(next);
}


drs_str_t
ngx_http_drs_util_member_id(drs_str_t member)
{
    size_t    i;
    drs_str_t none = drs_null_string;

    for (i = member.len; i > 0; i--) {
        if (member.data[i - 1] == '\0') {
            return drs_strn(member.data + i, member.len - i);
        }
    }

    return none;
}


drs_str_t
ngx_http_drs_util_member_name(drs_str_t member)
{
    drs_str_t id, none = drs_null_string;

    id = ngx_http_drs_util_member_id(member);
    if (id.data == NULL) {
        return none;
    }

    return drs_strn(member.data, member.len - id.len - 1);
}


drs_cmd_t *
ngx_http_drs_util_range(ngx_http_drs_ctx_t *ctx, drs_key_t key, drs_str_t pos,
                        size_t limit)
{
    drs_buf_t  b;
    drs_cmd_t *cmd;

    cmd = drs_key_cmd0("ZRANGEBYLEX", ngx_http_drs_prefix(ctx), key);

    if (pos.len) {
        drs_buf_init(&b, 0);
        (void) drs_buf_putc(&b, '(');
        (void) drs_buf_str_append(&b, pos);

        if (!drs_buf_ok(&b)) {
            drs_buf_free(&b);
            drs_cmd_free(cmd);
            return NULL;
        }

        (void) drs_cmd_add(cmd, drs_buf_str(&b));
        drs_buf_free(&b);

    } else {
        (void) drs_cmd_addz(cmd, "-");
    }

    (void) drs_cmd_addz(cmd, "+");

    if (limit) {
        (void) drs_cmd_addz(cmd, "LIMIT");
        (void) drs_cmd_addz(cmd, "0");
        (void) drs_cmd_add_u64(cmd, limit);
    }

    return cmd;
}


json_t *
ngx_http_drs_util_set(ngx_http_drs_ctx_t *ctx, const redisReply *reply)
{
    size_t    i;
    json_t   *set;
    drs_str_t s;

    set = json_object();
    if (set == NULL || ngx_http_drs_defer_json(ctx, set) != NGX_OK) {
        return NULL;
    }

    for (i = 0; i < reply->elements; i++) {
        s = ngx_http_drs_copy(ctx, ngx_http_drs_reply_str(reply->element[i]));
        if (s.data == NULL) {
            return NULL;
        }

        json_object_set_new(set, s.data, json_true());
    }

    return set;
}


int
ngx_http_drs_util_contains(drs_str_t name, drs_str_t part)
{
    return part.len == 0
           || memmem(name.data, name.len, part.data, part.len) != NULL;
}


drs_str_t
ngx_http_drs_util_fold(ngx_http_drs_ctx_t *ctx, drs_str_t s)
{
    char     *folded;
    size_t    len;
    drs_str_t v, none = drs_null_string;

    if (drs_utf8_fold(s, &folded, &len) != DRS_OK) {
        return none;
    }

    v = ngx_http_drs_copy(ctx, drs_strn(folded, len));
    free(folded);

    return v;
}


drs_cmd_t *
ngx_http_drs_util_launch(ngx_http_drs_ctx_t *ctx, drs_str_t id)
{
    return drs_key_cmd1("HGETALL", ngx_http_drs_prefix(ctx), DRS_KEY_PG_LAUNCH,
                        id);
}


int
ngx_http_drs_util_group_private(drs_str_t text)
{
    static const char member[] = "\"releasedIps\":";

    return memmem(text.data, text.len, member, sizeof(member) - 1) != NULL;
}


json_t *
ngx_http_drs_util_launch_rows(ngx_http_drs_ctx_t *ctx, const redisReply *reply)
{
    size_t    i;
    json_t   *rows, *row;
    drs_str_t name;

    rows = json_object();
    if (rows == NULL || ngx_http_drs_defer_json(ctx, rows) != NGX_OK) {
        return NULL;
    }

    for (i = 0; i + 1 < reply->elements; i += 2) {
        name = ngx_http_drs_reply_str(reply->element[i]);

        if (!drs_id_is_source_server(name)) {
            continue;
        }

        row = drs_json_parse(ngx_http_drs_reply_str(reply->element[i + 1]),
                             &drs_json_store_limits, NULL);

        if (row != NULL) {
            (void) json_object_setn_new(rows, name.data, name.len, row);
        }
    }

    return rows;
}


drs_str_t
ngx_http_drs_util_launch_id(const redisReply *reply)
{
    size_t i;

    for (i = 0; i + 1 < reply->elements; i += 2) {
        if (drs_str_eqz(ngx_http_drs_reply_str(reply->element[i]), "id")) {
            return ngx_http_drs_reply_str(reply->element[i + 1]);
        }
    }

    return drs_str(NULL);
}
