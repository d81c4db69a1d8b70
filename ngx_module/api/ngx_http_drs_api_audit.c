/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * GET /audit (api.md X-3) and the history of one server's launch settings
 * (PG14), a view of it.
 */

#include "ngx_http_drs_api_util.h"

#include "drs_cursor.h"
#include "drs_store_audit.h"
#include "drs_time.h"
#include "drs_view_audit.h"


#define NGX_HTTP_DRS_AUDIT_LIST    "audit"
#define NGX_HTTP_DRS_AUDIT_LIMIT   50
#define NGX_HTTP_DRS_AUDIT_MAX     100
#define NGX_HTTP_DRS_AUDIT_PAGE    100
#define NGX_HTTP_DRS_AUDIT_FILTERS 6


typedef struct {
    int64_t    from_ms, to_ms; /* -1: open */
    drs_str_t  filters[NGX_HTTP_DRS_AUDIT_FILTERS];
    drs_str_t  before; /* id, or empty */
    size_t     limit, n;
    drs_buf_t *b; /* entries, "," between them */

    /* PG14 */
    json_t *group;
    json_t *list;
} ngx_http_drs_audit_t;


/* Query parameter and the filter of the store. */
static const char *ngx_http_drs_audit_names[][2] = {
    { "actor", "actor" },       { "action", "action" },
    { "resourceType", "type" }, { "resourceId", "resource" },
    { "outcome", "outcome" },   { "correlationId", "correlation" }
};


static ngx_int_t
ngx_http_drs_audit_time(ngx_http_drs_ctx_t *ctx, const char *name,
                        ngx_uint_t end, int64_t *ms);
static ngx_int_t
ngx_http_drs_audit_query(ngx_http_drs_ctx_t *ctx, ngx_http_drs_audit_t *a);
static ngx_int_t
ngx_http_drs_audit_ask(ngx_http_drs_ctx_t *ctx, ngx_http_drs_call_pt done);
static ngx_int_t
ngx_http_drs_audit_next(ngx_http_drs_ctx_t *ctx, const redisReply *reply,
                        drs_answer_t *answer);
static ngx_int_t ngx_http_drs_audit_found(ngx_http_drs_ctx_t *ctx,
                                          redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_audit_send(ngx_http_drs_ctx_t *ctx);
static ngx_int_t ngx_http_drs_history_group(ngx_http_drs_ctx_t *ctx,
                                            redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_history_found(ngx_http_drs_ctx_t *ctx,
                                            redisReply **replies, ngx_uint_t n);


static void
ngx_http_drs_audit_buf_free(void *data)
{
    drs_buf_free(data);
}


static ngx_http_drs_audit_t *
ngx_http_drs_audit_create(ngx_http_drs_ctx_t *ctx)
{
    ngx_http_drs_audit_t *a;

    a = ngx_pcalloc(ctx->r->pool, sizeof(ngx_http_drs_audit_t));
    if (a == NULL) {
        return NULL;
    }

    a->b = ngx_pcalloc(ctx->r->pool, sizeof(drs_buf_t));
    if (a->b == NULL) {
        return NULL;
    }

    drs_buf_init(a->b, 0);

    if (ngx_http_drs_defer(ctx, ngx_http_drs_audit_buf_free, a->b) != NGX_OK) {
        return NULL;
    }

    a->from_ms = -1;
    a->to_ms = -1;
    ctx->state = a;

    return a;
}


/* -- GET /audit ------------------------------------------------------------- */

ngx_int_t
ngx_http_drs_api_audit_list(ngx_http_drs_ctx_t *ctx)
{
    ngx_int_t             rc;
    drs_str_t             pos;
    ngx_http_drs_audit_t *a;

    a = ngx_http_drs_audit_create(ctx);
    if (a == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_http_drs_audit_query(ctx, a);

    if (rc == NGX_OK) {
        rc = ngx_http_drs_util_page(ctx, NGX_HTTP_DRS_AUDIT_LIST,
                                    NGX_HTTP_DRS_AUDIT_LIMIT,
                                    NGX_HTTP_DRS_AUDIT_MAX, &a->limit, &pos);
    }

    if (rc != NGX_OK) {
        return rc == NGX_DECLINED ? NGX_OK : rc;
    }

    a->before = pos;

    return ngx_http_drs_audit_ask(ctx, ngx_http_drs_audit_found);
}


/* NGX_DECLINED: answered 400.  A bare date as the end is its last instant. */
static ngx_int_t
ngx_http_drs_audit_time(ngx_http_drs_ctx_t *ctx, const char *name,
                        ngx_uint_t end, int64_t *ms)
{
    json_t   *value;
    ngx_int_t rc;
    drs_str_t s = drs_null_string;

    rc = ngx_http_drs_util_query(ctx, name, &s);
    if (rc != NGX_OK || s.len == 0) {
        return rc;
    }

    if (drs_time_parse_ms(s, ms) == DRS_OK && *ms >= 0) {
        if (end && s.len == sizeof("2026-01-31") - 1) {
            *ms += 86400000 - 1;
        }

        return NGX_OK;
    }

    value = drs_json_new_str(s);
    (void) ngx_http_drs_error_param(ctx, DRS_ERR_INVALID_PARAMETER, name, value,
                                    "an ISO-8601 time",
                                    "%s must be an ISO-8601 time, such as "
                                    "2026-01-31T12:00:00Z.",
                                    name);
    json_decref(value);

    return NGX_DECLINED;
}


static ngx_int_t
ngx_http_drs_audit_query(ngx_http_drs_ctx_t *ctx, ngx_http_drs_audit_t *a)
{
    size_t    i;
    json_t   *value;
    ngx_int_t rc;
    drs_str_t s;

    static const char *outcomes[] = { "allowed", "denied", "failed",
                                      "succeeded" };

    rc = ngx_http_drs_audit_time(ctx, "from", 0, &a->from_ms);

    if (rc == NGX_OK) {
        rc = ngx_http_drs_audit_time(ctx, "to", 1, &a->to_ms);
    }

    for (i = 0; rc == NGX_OK && i < NGX_HTTP_DRS_AUDIT_FILTERS; i++) {
        rc = ngx_http_drs_util_query(ctx, ngx_http_drs_audit_names[i][0],
                                     &a->filters[i]);
    }

    s = a->filters[4];

    if (rc != NGX_OK || s.len == 0) {
        return rc;
    }

    for (i = 0; i < 4; i++) {
        if (drs_str_eqz(s, outcomes[i])) {
            return NGX_OK;
        }
    }

    value = drs_json_new_str(s);
    (void) ngx_http_drs_error_param(ctx, DRS_ERR_INVALID_PARAMETER, "outcome",
                                    value,
                                    "allowed, denied, failed or succeeded",
                                    "outcome must be allowed, denied, failed "
                                    "or succeeded.");
    json_decref(value);

    return NGX_DECLINED;
}


static ngx_int_t
ngx_http_drs_audit_ask(ngx_http_drs_ctx_t *ctx, ngx_http_drs_call_pt done)
{
    size_t                i, limit;
    drs_cmd_t            *cmd;
    ngx_http_drs_audit_t *a;

    a = ctx->state;
    limit = ngx_min(a->limit - a->n, NGX_HTTP_DRS_AUDIT_PAGE);

    cmd = drs_store_audit_find(ngx_http_drs_prefix(ctx), a->from_ms, a->to_ms,
                               a->before, (unsigned) limit);

    for (i = 0; i < NGX_HTTP_DRS_AUDIT_FILTERS; i++) {
        if (a->filters[i].len) {
            (void) drs_store_audit_filter(cmd, ngx_http_drs_audit_names[i][1],
                                          a->filters[i]);
        }
    }

    return ngx_http_drs_call1(ctx, cmd, done);
}


/* Takes where to go on; the entries are answer->v + 1. */
static ngx_int_t
ngx_http_drs_audit_next(ngx_http_drs_ctx_t *ctx, const redisReply *reply,
                        drs_answer_t *answer)
{
    ngx_http_drs_audit_t *a;

    a = ctx->state;

    if (ngx_http_drs_util_answer(ctx, reply, answer) != NGX_OK
        || answer->n == 0) {
        return NGX_ERROR;
    }

    a->before = drs_strn(NULL, 0);

    if (!drs_str_eqz(answer->v[0], "-")) {
        a->before = ngx_http_drs_copy(ctx, answer->v[0]);
        if (a->before.len == 0) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* The store looks at a bounded number of entries: asked again until full. */
static ngx_int_t
ngx_http_drs_audit_found(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                         ngx_uint_t n)
{
    size_t                i;
    drs_answer_t          answer;
    ngx_http_drs_audit_t *a;

    a = ctx->state;

    if (ngx_http_drs_audit_next(ctx, replies[0], &answer) != NGX_OK) {
        return NGX_ERROR;
    }

    for (i = 1; i < answer.n; i++) {
        if (a->n++ > 0) {
            drs_buf_putc(a->b, ',');
        }

        drs_buf_str_append(a->b, answer.v[i]);
    }

    if (a->n < a->limit && a->before.len) {
        return ngx_http_drs_audit_ask(ctx, ngx_http_drs_audit_found);
    }

    return ngx_http_drs_audit_send(ctx);
}


static ngx_int_t
ngx_http_drs_audit_send(ngx_http_drs_ctx_t *ctx)
{
    json_t               *next;
    drs_buf_t             b;
    ngx_http_drs_audit_t *a;

    a = ctx->state;

    next = drs_cursor_json(NGX_HTTP_DRS_AUDIT_LIST, a->before);
    if (next == NULL) {
        return NGX_ERROR;
    }

    drs_buf_init(&b, 0);
    drs_buf_puts(&b, "{\"entries\":[");
    drs_buf_str_append(&b, drs_buf_str(a->b));
    drs_buf_printf(&b, "],\"count\":%zu,\"nextToken\":", a->n);

    if (json_is_string(next)) {
        drs_buf_json_string(&b, json_string_value(next),
                            json_string_length(next));
    } else {
        drs_buf_puts(&b, "null");
    }

    drs_buf_putc(&b, '}');
    json_decref(next);

    return ngx_http_drs_reply_buf(ctx, NGX_HTTP_OK, &b);
}


/* -- one server ------------------------------------------------------------- */

ngx_int_t
ngx_http_drs_api_group_server_audit(ngx_http_drs_ctx_t *ctx)
{
    ngx_int_t             rc;
    ngx_http_drs_audit_t *a;

    a = ngx_http_drs_audit_create(ctx);
    if (a == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_http_drs_audit_time(ctx, "startDate", 0, &a->from_ms);

    if (rc == NGX_OK) {
        rc = ngx_http_drs_audit_time(ctx, "endDate", 1, &a->to_ms);
    }

    if (rc != NGX_OK) {
        return rc == NGX_DECLINED ? NGX_OK : rc;
    }

    if (!drs_id_is_uuid4(ctx->params[0])) {
        return ngx_http_drs_util_not_found(
            ctx, DRS_ERR_PROTECTION_GROUP_NOT_FOUND, "groupId", ctx->params[0]);
    }

    a->limit = SIZE_MAX;
    a->filters[3] = ctx->params[0];
    a->list = json_array();

    if (a->list == NULL || ngx_http_drs_defer_json(ctx, a->list) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_drs_call1(
        ctx, ngx_http_drs_util_get(ctx, DRS_KEY_PG, ctx->params[0]),
        ngx_http_drs_history_group);
}


static ngx_int_t
ngx_http_drs_history_group(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                           ngx_uint_t n)
{
    ngx_http_drs_audit_t *a;

    a = ctx->state;

    if (replies[0]->type == REDIS_REPLY_NIL) {
        return ngx_http_drs_util_not_found(
            ctx, DRS_ERR_PROTECTION_GROUP_NOT_FOUND, "groupId", ctx->params[0]);
    }

    a->group = ngx_http_drs_util_doc(ctx, replies[0]);
    if (a->group == NULL) {
        return NGX_ERROR;
    }

    return ngx_http_drs_audit_ask(ctx, ngx_http_drs_history_found);
}


static ngx_int_t
ngx_http_drs_history_found(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                           ngx_uint_t n)
{
    int                   rc;
    size_t                i;
    json_t               *entry, *fields;
    drs_answer_t          answer;
    ngx_http_drs_audit_t *a;

    a = ctx->state;

    if (ngx_http_drs_audit_next(ctx, replies[0], &answer) != NGX_OK) {
        return NGX_ERROR;
    }

    for (i = 1; i < answer.n; i++) {
        entry = drs_json_parse(answer.v[i], &drs_json_store_limits, NULL);
        rc = drs_view_audit_server(a->list, entry, ctx->params[0],
                                   ctx->params[1]);
        json_decref(entry);

        if (rc != DRS_OK) {
            return NGX_ERROR;
        }
    }

    if (a->before.len) {
        return ngx_http_drs_audit_ask(ctx, ngx_http_drs_history_found);
    }

    if (json_array_size(a->list) == 0
        && !drs_view_audit_has_server(a->group, ctx->params[1]))
    {
        fields = json_object();
        (void) drs_json_set_str(fields, "serverId", ctx->params[1]);
        (void) drs_json_set_str(fields, "groupId", ctx->params[0]);

        return ngx_http_drs_error(ctx, DRS_ERR_SERVER_NOT_FOUND, fields, NULL,
                                  NULL);
    }

    return ngx_http_drs_util_large(ctx, json_incref(a->list));
}
