
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * GET /events and GET /executions/{id}/events.
 */

#include "ngx_http_drs_call.h"
#include "ngx_http_drs_stream_api.h"


#define NGX_HTTP_DRS_EVENTS_KEPT  10000 /* length of `events`, about */
#define NGX_HTTP_DRS_EVENTS_LIMIT 200
#define NGX_HTTP_DRS_EVENTS_MAX   1000


/* What a handler of this file remembers between its calls. */
typedef struct {
    ngx_http_drs_stream_spec_t spec;
    unsigned                   resume : 1; /* a Last-Event-ID was given */
    int64_t                    limit;      /* JSON form */
} ngx_http_drs_events_t;


static ngx_int_t ngx_http_drs_events_position(ngx_http_drs_ctx_t    *ctx,
                                              ngx_http_drs_events_t *ev);
static ngx_int_t
ngx_http_drs_events_topics(ngx_http_drs_ctx_t *ctx, ngx_http_drs_events_t *ev);
static ngx_int_t ngx_http_drs_events_start(ngx_http_drs_ctx_t *ctx,
                                           redisReply **replies, ngx_uint_t n);
static ngx_int_t
ngx_http_drs_exec_events_start(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                               ngx_uint_t n);
static void
ngx_http_drs_events_settle(ngx_http_drs_events_t *ev, const redisReply *first,
                           const redisReply *last, int64_t length);
static ngx_uint_t
ngx_http_drs_entry_id(const redisReply *reply, ngx_http_drs_sid_t *id);
static ngx_int_t ngx_http_drs_exec_events_json(ngx_http_drs_ctx_t    *ctx,
                                               ngx_http_drs_events_t *ev);
static ngx_int_t
ngx_http_drs_exec_events_listed(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                                ngx_uint_t n);
static ngx_uint_t ngx_http_drs_wants_json(ngx_http_drs_ctx_t *ctx);


/* -- request -------------------------------------------------------------- */

/* Last-Event-ID or lastEventId.  NGX_DECLINED: go on. */
static ngx_int_t
ngx_http_drs_events_position(ngx_http_drs_ctx_t *ctx, ngx_http_drs_events_t *ev)
{
    int       rc;
    drs_str_t id;

    id = ngx_http_drs_request_header(ctx, "last-event-id");

    if (id.len == 0) {
        rc = ngx_http_drs_query(ctx, "lastEventId", &id);

        if (rc == DRS_ERROR) {
            return NGX_ERROR;
        }

        if (rc == 0) {
            return NGX_DECLINED;
        }

        if (rc != 1) {
            id.len = 0;
        }
    }

    if (ngx_http_drs_sid_parse(id, &ev->spec.last) != DRS_OK) {
        return ngx_http_drs_error_param(ctx, DRS_ERR_INVALID_PARAMETER,
                                        "lastEventId", NULL,
                                        "an event id, <ms>-<n>", NULL);
    }

    ev->resume = 1;

    return NGX_DECLINED;
}


/* Query `topics`; default: all that the caller may see. */
static ngx_int_t
ngx_http_drs_events_topics(ngx_http_drs_ctx_t *ctx, ngx_http_drs_events_t *ev)
{
    int       rc, topic;
    json_t   *value;
    ngx_int_t answered;
    drs_str_t list, name;

    rc = ngx_http_drs_query(ctx, "topics", &list);

    if (rc == DRS_ERROR) {
        return NGX_ERROR;
    }

    if (rc == 0 || (rc == 1 && list.len == 0)) {
        for (topic = 0; topic < NGX_HTTP_DRS_TOPIC_N; topic++) {
            if (ctx->identity.perms & ngx_http_drs_topic_perms(topic)) {
                ev->spec.topics |= 1u << topic;
            }
        }

        return NGX_DECLINED;
    }

    if (rc != 1) {
        list = drs_str("?");
    }

    while (drs_str_split(&list, ',', &name)) {
        name = drs_str_trim(name);
        topic = ngx_http_drs_topic(name);

        if (topic < 0) {
            value = drs_json_new_str(name);
            answered = ngx_http_drs_error_param(ctx, DRS_ERR_INVALID_PARAMETER,
                                                "topics", value,
                                                "executions, groups, plans, "
                                                "accounts, settings, servers, "
                                                "capacity, notices",
                                                NULL);
            json_decref(value);
            return answered;
        }

        if (!(ctx->identity.perms & ngx_http_drs_topic_perms(topic))) {
            return ngx_http_drs_forbidden(ctx, ngx_http_drs_topic_perms(topic));
        }

        ev->spec.topics |= 1u << topic;
    }

    return NGX_DECLINED;
}


static ngx_uint_t
ngx_http_drs_wants_json(ngx_http_drs_ctx_t *ctx)
{
    drs_str_t accept, item, type;

    accept = ngx_http_drs_request_header(ctx, "accept");

    while (drs_str_split(&accept, ',', &item)) {
        drs_str_split(&item, ';', &type);
        type = drs_str_trim(type);

        if (drs_str_ieqz(type, "text/event-stream")) {
            return 0;
        }

        if (drs_str_ieqz(type, "application/json")) {
            return 1;
        }
    }

    return 0;
}


/* -- X-2 ------------------------------------------------------------------ */

ngx_int_t
ngx_http_drs_api_events(ngx_http_drs_ctx_t *ctx)
{
    int                    rc;
    ngx_int_t              nrc;
    drs_cmd_t             *cmds[3];
    drs_str_t              prefix;
    ngx_uint_t             i;
    ngx_http_drs_events_t *ev;

    ev = ngx_pcalloc(ctx->r->pool, sizeof(ngx_http_drs_events_t));
    if (ev == NULL) {
        return NGX_ERROR;
    }

    ctx->state = ev;

    nrc = ngx_http_drs_events_position(ctx, ev);
    if (nrc != NGX_DECLINED) {
        return nrc;
    }

    nrc = ngx_http_drs_events_topics(ctx, ev);
    if (nrc != NGX_DECLINED) {
        return nrc;
    }

    rc = ngx_http_drs_query(ctx, "accountId", &ev->spec.account);

    if (rc == DRS_ERROR) {
        return NGX_ERROR;
    }

    if (rc == DRS_DECLINED
        || (rc == 1 && ev->spec.account.len
            && !drs_id_is_account(ev->spec.account)))
    {
        return ngx_http_drs_error_param(ctx, DRS_ERR_INVALID_PARAMETER,
                                        "accountId", NULL, "12 digits", NULL);
    }

    prefix = ngx_http_drs_prefix(ctx);

    cmds[0] = drs_key_cmd0("XRANGE", prefix, DRS_KEY_EVENTS);
    (void) drs_cmd_addz(cmds[0], "-");
    (void) drs_cmd_addz(cmds[0], "+");
    (void) drs_cmd_addz(cmds[0], "COUNT");
    (void) drs_cmd_addz(cmds[0], "1");

    cmds[1] = drs_key_cmd0("XREVRANGE", prefix, DRS_KEY_EVENTS);
    (void) drs_cmd_addz(cmds[1], "+");
    (void) drs_cmd_addz(cmds[1], "-");
    (void) drs_cmd_addz(cmds[1], "COUNT");
    (void) drs_cmd_addz(cmds[1], "1");

    cmds[2] = drs_key_cmd0("XLEN", prefix, DRS_KEY_EVENTS);

    nrc = ngx_http_drs_call(ctx, cmds, 3, ngx_http_drs_events_start);

    for (i = 0; i < 3; i++) {
        drs_cmd_free(cmds[i]);
    }

    return nrc;
}


static ngx_int_t
ngx_http_drs_events_start(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                          ngx_uint_t n)
{
    int64_t                length;
    ngx_http_drs_events_t *ev;

    ev = ctx->state;

    if (ngx_http_drs_reply_int(replies[2], &length) != DRS_OK) {
        return NGX_ERROR;
    }

    ngx_http_drs_events_settle(ev, replies[0], replies[1], length);

    return ngx_http_drs_stream_open(ctx, &ev->spec);
}


/* Id of the first entry of an XRANGE reply; 0 if there is none. */
static ngx_uint_t
ngx_http_drs_entry_id(const redisReply *reply, ngx_http_drs_sid_t *id)
{
    const redisReply *e;

    id->ms = 0;
    id->n = 0;

    if (reply->type != REDIS_REPLY_ARRAY || reply->elements == 0) {
        return 0;
    }

    e = reply->element[0];

    return e->type == REDIS_REPLY_ARRAY && e->elements > 0
           && ngx_http_drs_sid_parse(ngx_http_drs_reply_str(e->element[0]), id)
                  == DRS_OK;
}


/*
 * Where the stream begins: behind the id that the client has, or at the end.
 * If entries behind that id are gone (trimmed, or another data set), the
 * client is told to fetch again and goes on from the end.
 */
static void
ngx_http_drs_events_settle(ngx_http_drs_events_t *ev, const redisReply *first,
                           const redisReply *last, int64_t length)
{
    ngx_http_drs_sid_t begin, end;

    (void) ngx_http_drs_entry_id(last, &end);

    if (!ev->resume) {
        ev->spec.last = end;
        return;
    }

    if (ngx_http_drs_sid_cmp(ev->spec.last, end) > 0
        || (first != NULL && length >= NGX_HTTP_DRS_EVENTS_KEPT
            && ngx_http_drs_entry_id(first, &begin)
            && ngx_http_drs_sid_cmp(ev->spec.last, begin) < 0))
    {
        ev->spec.last = end;
        ev->spec.reset = 1;
    }
}


/* -- X-1 ------------------------------------------------------------------ */

ngx_int_t
ngx_http_drs_api_exec_events(ngx_http_drs_ctx_t *ctx)
{
    ngx_int_t              rc;
    drs_cmd_t             *cmds[2];
    drs_str_t              prefix, id;
    ngx_http_drs_events_t *ev;

    id = drs_id_execution_of_path(ctx->params[0]);

    if (!drs_id_is_uuid4(id)) {
        return ngx_http_drs_error(ctx, DRS_ERR_EXECUTION_NOT_FOUND, NULL, NULL,
                                  NULL);
    }

    ev = ngx_pcalloc(ctx->r->pool, sizeof(ngx_http_drs_events_t));
    if (ev == NULL) {
        return NGX_ERROR;
    }

    ctx->state = ev;
    ev->spec.exec = id;
    ev->spec.topics = 1u << NGX_HTTP_DRS_TOPIC_EXECUTIONS;

    rc = ngx_http_drs_events_position(ctx, ev);
    if (rc != NGX_DECLINED) {
        return rc;
    }

    if (ngx_http_drs_wants_json(ctx)) {
        return ngx_http_drs_exec_events_json(ctx, ev);
    }

    prefix = ngx_http_drs_prefix(ctx);

    cmds[0] = drs_key_cmd1("EXISTS", prefix, DRS_KEY_EXEC, id);

    cmds[1] = drs_key_cmd1("XREVRANGE", prefix, DRS_KEY_EXEC_EVENTS, id);
    (void) drs_cmd_addz(cmds[1], "+");
    (void) drs_cmd_addz(cmds[1], "-");
    (void) drs_cmd_addz(cmds[1], "COUNT");
    (void) drs_cmd_addz(cmds[1], "1");

    rc = ngx_http_drs_call(ctx, cmds, 2, ngx_http_drs_exec_events_start);

    drs_cmd_free(cmds[0]);
    drs_cmd_free(cmds[1]);

    return rc;
}


static ngx_int_t
ngx_http_drs_exec_events_start(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                               ngx_uint_t n)
{
    int64_t                exists;
    ngx_http_drs_events_t *ev;

    ev = ctx->state;

    if (ngx_http_drs_reply_int(replies[0], &exists) != DRS_OK) {
        return NGX_ERROR;
    }

    if (!exists) {
        return ngx_http_drs_error(ctx, DRS_ERR_EXECUTION_NOT_FOUND, NULL, NULL,
                                  NULL);
    }

    ngx_http_drs_events_settle(ev, NULL, replies[1], 0);

    return ngx_http_drs_stream_open(ctx, &ev->spec);
}


/* JSON form: {executionId, events, count, nextToken}, oldest first. */
static ngx_int_t
ngx_http_drs_exec_events_json(ngx_http_drs_ctx_t    *ctx,
                              ngx_http_drs_events_t *ev)
{
    int        rc;
    char       from[2 * NGX_INT64_LEN + 3];
    ngx_int_t  nrc;
    drs_cmd_t *cmds[2];
    drs_str_t  text, prefix;

    ev->limit = NGX_HTTP_DRS_EVENTS_LIMIT;
    rc = ngx_http_drs_query(ctx, "limit", &text);

    if (rc != 0
        && (rc != 1 || drs_str_i64(text, &ev->limit) != DRS_OK
            || ev->limit < 1))
    {
        return rc == DRS_ERROR
                   ? NGX_ERROR
                   : ngx_http_drs_error_param(ctx, DRS_ERR_INVALID_PARAMETER,
                                              "limit", NULL,
                                              "an integer from 1", NULL);
    }

    ev->limit = ngx_min(ev->limit, NGX_HTTP_DRS_EVENTS_MAX);
    rc = ngx_http_drs_query(ctx, "nextToken", &text);

    if (rc != 0
        && (rc != 1 || ngx_http_drs_sid_parse(text, &ev->spec.last) != DRS_OK))
    {
        return rc == DRS_ERROR ? NGX_ERROR
                               : ngx_http_drs_error_param(
                                   ctx, DRS_ERR_INVALID_PARAMETER, "nextToken",
                                   NULL, "the token of the page before", NULL);
    }

    prefix = ngx_http_drs_prefix(ctx);
    cmds[0] = drs_key_cmd1("EXISTS", prefix, DRS_KEY_EXEC, ev->spec.exec);

    *ngx_sprintf((u_char *) from, "(%uL-%uL", ev->spec.last.ms,
                 ev->spec.last.n) = '\0';
    cmds[1] =
        drs_key_cmd1("XRANGE", prefix, DRS_KEY_EXEC_EVENTS, ev->spec.exec);
    (void) drs_cmd_addz(cmds[1], from);
    (void) drs_cmd_addz(cmds[1], "+");
    (void) drs_cmd_addz(cmds[1], "COUNT");
    (void) drs_cmd_add_i64(cmds[1], ev->limit + 1);

    nrc = ngx_http_drs_call(ctx, cmds, 2, ngx_http_drs_exec_events_listed);

    drs_cmd_free(cmds[0]);
    drs_cmd_free(cmds[1]);

    return nrc;
}


static ngx_int_t
ngx_http_drs_exec_events_listed(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                                ngx_uint_t n)
{
    size_t                 i, count;
    int64_t                exists;
    drs_buf_t              b;
    drs_str_t              id;
    redisReply            *page, *e;
    ngx_http_drs_events_t *ev;

    ev = ctx->state;
    page = replies[1];

    if (ngx_http_drs_reply_int(replies[0], &exists) != DRS_OK
        || page->type != REDIS_REPLY_ARRAY)
    {
        return NGX_ERROR;
    }

    if (!exists) {
        return ngx_http_drs_error(ctx, DRS_ERR_EXECUTION_NOT_FOUND, NULL, NULL,
                                  NULL);
    }

    count = ngx_min(page->elements, (size_t) ev->limit);
    id = drs_str(NULL);

    drs_buf_init(&b, 0);
    drs_buf_printf(&b, "{\"executionId\":\"%.*s\",\"events\":[",
                   DRS_STR_ARG(ev->spec.exec));

    for (i = 0; i < count; i++) {
        e = page->element[i];

        if (e->type != REDIS_REPLY_ARRAY || e->elements != 2
            || e->element[1]->type != REDIS_REPLY_ARRAY
            || e->element[1]->elements < 2)
        {
            drs_buf_free(&b);
            return NGX_ERROR;
        }

        id = ngx_http_drs_reply_str(e->element[0]);

        if (i) {
            drs_buf_putc(&b, ',');
        }

        (void) ngx_http_drs_event_append(
            &b, id, ngx_http_drs_reply_str(e->element[1]->element[1]));
    }

    drs_buf_printf(&b, "],\"count\":%zu,\"nextToken\":", count);

    if (page->elements > count) {
        drs_buf_json_string(&b, id.data, id.len);

    } else {
        drs_buf_puts(&b, "null");
    }

    drs_buf_putc(&b, '}');

    return ngx_http_drs_reply_buf(ctx, NGX_HTTP_OK, &b);
}
