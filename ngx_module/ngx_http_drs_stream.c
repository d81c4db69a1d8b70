
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * One event stream: reads history, goes live, sends, beats, ends.
 */

#include "ngx_http_drs_stream.h"
#include "ngx_http_drs_call.h"
#include "ngx_http_drs_keyring.h"
#include "ngx_http_drs_metrics.h"
#include "ngx_http_drs_stream_api.h"
#include "ngx_http_drs_stream_internal.h"


#define NGX_HTTP_DRS_STREAM_RETRY_MS 500


static void ngx_http_drs_stream_cleanup(void *data);
static void ngx_http_drs_stream_timer(ngx_event_t *ev);
static void
ngx_http_drs_stream_arm(ngx_http_drs_stream_t *st, ngx_msec_t delay);
static void ngx_http_drs_stream_paged(void *data, ngx_http_drs_exec_rc_t rc,
                                      redisReply **replies, ngx_uint_t n);
static ngx_int_t
ngx_http_drs_stream_history(ngx_http_drs_stream_t *st, const redisReply *page,
                            size_t *read);
static ngx_uint_t ngx_http_drs_stream_wants(ngx_http_drs_stream_t      *st,
                                            const ngx_http_drs_event_t *ev);
static void
ngx_http_drs_stream_end(ngx_http_drs_stream_t *st, const char *text);


/* -- life ----------------------------------------------------------------- */

ngx_int_t
ngx_http_drs_stream_open(ngx_http_drs_ctx_t               *ctx,
                         const ngx_http_drs_stream_spec_t *spec)
{
    ngx_int_t               rc;
    ngx_str_t               type = ngx_string("text/event-stream");
    ngx_http_request_t     *r;
    ngx_http_cleanup_t     *cln;
    ngx_http_drs_stream_t  *st;
    ngx_http_drs_request_t *req;

    r = ctx->r;
    req = ngx_http_drs_core(ctx);

    st = ngx_pcalloc(r->pool, sizeof(ngx_http_drs_stream_t));
    cln = ngx_http_cleanup_add(r, 0);
    if (st == NULL || cln == NULL) {
        return NGX_ERROR;
    }

    st->process = req->process;
    st->ctx = ctx;
    st->r = r;
    st->exec = spec->exec;
    st->topics = spec->topics;
    st->account = spec->account;
    st->last = spec->last;
    st->busy_tail = &st->busy;
    st->timer.handler = ngx_http_drs_stream_timer;
    st->timer.data = st;
    st->timer.log = r->connection->log;
    st->timer.cancelable = 1;

    if (ngx_http_drs_hub_add(st->process, &st->link) != NGX_OK) {
        ngx_http_drs_metrics_add(st->process->metrics,
                                 NGX_HTTP_DRS_M_STREAM_REFUSED, 1);
        return ngx_http_drs_unavailable(ctx, "Too many event streams are "
                                             "open.");
    }

    cln->handler = ngx_http_drs_stream_cleanup;
    cln->data = st;
    req->stream = st;

    r->headers_out.status = NGX_HTTP_OK;
    r->headers_out.content_type = type;
    r->headers_out.content_type_len = type.len;
    r->headers_out.content_length_n = -1;

    /* a proxy in front must not collect the events */
    if (ngx_http_drs_headers(ctx) != NGX_OK
        || ngx_http_drs_header(ctx, "X-Accel-Buffering", drs_str("no"))
               != NGX_OK)
    {
        return NGX_ERROR;
    }

    req->state = NGX_HTTP_DRS_ST_STREAM;
    ngx_http_drs_metrics_answer(ctx, NGX_HTTP_OK);

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        req->state = NGX_HTTP_DRS_ST_DONE;
        req->rc = rc;
        return NGX_OK;
    }

    r->read_event_handler = ngx_http_test_reading;
    r->write_event_handler = ngx_http_drs_stream_writable;

    st->beat = ngx_current_msec + st->process->conf->heartbeat;

    rc = ngx_http_drs_stream_push_text(st, "retry: 3000\n\n");

    if (rc == NGX_OK && spec->reset) {
        rc = ngx_http_drs_stream_push_reset(st, "HISTORY_TRIMMED");
    }

    if (rc == NGX_OK) {
        rc = ngx_http_drs_stream_send(st);
    }

    if (rc != NGX_OK) {
        req->state = NGX_HTTP_DRS_ST_DONE;
        req->rc = NGX_ERROR;
        return NGX_OK;
    }

    ngx_http_drs_stream_page(st);
    ngx_http_drs_stream_arm(st, NGX_HTTP_DRS_STREAM_RETRY_MS);

    return NGX_AGAIN;
}


/* The request ends, for whatever reason. */
static void
ngx_http_drs_stream_cleanup(void *data)
{
    ngx_http_drs_node_t   *node;
    ngx_http_drs_stream_t *st;

    st = data;
    st->ended = 1;

    if (st->timer.timer_set) {
        ngx_del_timer(&st->timer);
    }

    if (st->call != NULL) {
        ngx_http_drs_exec_detach(st->call);
        st->call = NULL;
    }

    ngx_http_drs_hub_remove(st->process, &st->link);

    for (node = st->busy; node; node = node->next) {
        ngx_http_drs_msg_unref(node->msg);
        node->msg = NULL;
    }

    st->busy = NULL;
}


/*
 * Sends a last text and the end of the body.  A client that does not read is
 * cut off instead: it comes back with Last-Event-ID.
 */
static void
ngx_http_drs_stream_end(ngx_http_drs_stream_t *st, const char *text)
{
    ngx_int_t               rc;
    ngx_connection_t       *c;
    ngx_http_request_t     *r;
    ngx_http_drs_request_t *req;

    if (st->ended) {
        return;
    }

    r = st->r;
    c = r->connection;
    req = ngx_http_drs_core(st->ctx);

    if (st->busy != NULL || ngx_http_drs_stream_push_text(st, text) != NGX_OK
        || ngx_http_drs_stream_send(st) != NGX_OK || st->busy != NULL)
    {
        ngx_http_drs_stream_abort(st);
        return;
    }

    st->ended = 1;

    rc = ngx_http_send_special(r, NGX_HTTP_LAST);

    req->state = NGX_HTTP_DRS_ST_DONE;
    req->rc = rc;
    r->keepalive = 0;

    ngx_http_finalize_request(r, rc);
    ngx_http_run_posted_requests(c);
}


void
ngx_http_drs_stream_abort(ngx_http_drs_stream_t *st)
{
    ngx_connection_t   *c;
    ngx_http_request_t *r;

    if (st->ended) {
        return;
    }

    st->ended = 1;
    r = st->r;
    c = r->connection;

    ngx_http_drs_core(st->ctx)->state = NGX_HTTP_DRS_ST_DONE;

    ngx_http_finalize_request(r, NGX_ERROR);
    ngx_http_run_posted_requests(c);
}


void
ngx_http_drs_stream_revoked(ngx_http_drs_stream_t *st, drs_str_t what)
{
    drs_str_t        id;
    const drs_jwt_t *token;

    token = st->ctx->identity.token;

    if (!drs_str_split(&what, ' ', &id)) {
        return;
    }

    if (drs_str_eq(token->sub, id)
        || (token->jti.len && drs_str_eq(token->jti, id))
        || (token->origin_jti.len && drs_str_eq(token->origin_jti, id)))
    {
        ngx_http_drs_stream_end(st, "event: auth.expired\ndata: {}\n\n");
    }
}


void
ngx_http_drs_stream_shutdown(ngx_http_drs_stream_t *st)
{
    ngx_http_drs_stream_end(st, "retry: 1000\n\n");
}


/* -- time ----------------------------------------------------------------- */

static void
ngx_http_drs_stream_arm(ngx_http_drs_stream_t *st, ngx_msec_t delay)
{
    int64_t    left;
    ngx_msec_t beat;

    beat = (ngx_msec_int_t) (st->beat - ngx_current_msec) > 0
               ? st->beat - ngx_current_msec
               : 1;

    if (delay == 0 || delay > beat) {
        delay = beat;
    }

    left = drs_jwt_end(&st->process->conf->policy, st->ctx->identity.token)
           - ngx_time();

    if (left * 1000 < (int64_t) delay) {
        delay = left > 0 ? (ngx_msec_t) left * 1000 : 1;
    }

    ngx_add_timer(&st->timer, delay);
}


static void
ngx_http_drs_stream_timer(ngx_event_t *ev)
{
    ngx_http_drs_stream_t *st;

    st = ev->data;

    if (ngx_time()
        >= drs_jwt_end(&st->process->conf->policy, st->ctx->identity.token))
    {
        ngx_http_drs_stream_end(st, "event: auth.expired\ndata: {}\n\n");
        return;
    }

    if (!st->live && st->call == NULL && !st->page) {
        ngx_http_drs_stream_page(st);
    }

    if ((ngx_msec_int_t) (st->beat - ngx_current_msec) <= 0) {
        st->beat = ngx_current_msec + st->process->conf->heartbeat;

        if (st->busy == NULL) {
            if (ngx_http_drs_stream_push_text(st, ": hb\n\n") != NGX_OK
                || ngx_http_drs_stream_send(st) != NGX_OK)
            {
                ngx_http_drs_stream_abort(st);
                return;
            }
        }
    }

    ngx_http_drs_stream_arm(st, st->live ? 0 : NGX_HTTP_DRS_STREAM_RETRY_MS);
}


/* -- history -------------------------------------------------------------- */

void
ngx_http_drs_stream_lost(ngx_http_drs_stream_t *st)
{
    st->live = 0;
}


void
ngx_http_drs_stream_resume(ngx_http_drs_stream_t *st, ngx_msec_t delay)
{
    /* a page that was asked for before may miss what came meanwhile */
    st->live = 0;
    st->missed = 1;

    ngx_http_drs_stream_arm(st, delay);
}


/*
 * Asks for the next page of history and, with it, whether the token was
 * revoked while nothing was heard.
 */
void
ngx_http_drs_stream_page(ngx_http_drs_stream_t *st)
{
    char                   from[2 * NGX_INT64_LEN + 3];
    drs_str_t              prefix;
    drs_cmd_t             *cmds[2];
    ngx_http_drs_exec_rc_t rc;

    if (st->call != NULL || !ngx_http_drs_pubsub_up(st->process)) {
        return;
    }

    prefix = st->process->conf->prefix;
    *ngx_sprintf((u_char *) from, "(%uL-%uL", st->last.ms, st->last.n) = '\0';

    cmds[0] = st->exec.len ? drs_key_cmd1("XRANGE", prefix, DRS_KEY_EXEC_EVENTS,
                                          st->exec)
                           : drs_key_cmd0("XRANGE", prefix, DRS_KEY_EVENTS);

    (void) drs_cmd_addz(cmds[0], from);
    (void) drs_cmd_addz(cmds[0], "+");
    (void) drs_cmd_addz(cmds[0], "COUNT");
    (void) drs_cmd_add_u64(cmds[0], NGX_HTTP_DRS_STREAM_PAGE);

    cmds[1] =
        ngx_http_drs_keyring_deny_cmd(st->process, st->ctx->identity.token);

    st->missed = 0;
    st->page = 0;
    st->call = ngx_http_drs_exec(st->process, cmds, 2,
                                 ngx_http_drs_stream_paged, st, &rc);

    drs_cmd_free(cmds[0]);
    drs_cmd_free(cmds[1]);
}


static void
ngx_http_drs_stream_paged(void *data, ngx_http_drs_exec_rc_t rc,
                          redisReply **replies, ngx_uint_t n)
{
    size_t                 read;
    ngx_http_drs_stream_t *st;

    st = data;
    st->call = NULL;

    if (rc != NGX_HTTP_DRS_EXEC_OK || replies[0]->type != REDIS_REPLY_ARRAY) {
        /* the timer tries again */
        return;
    }

    if (ngx_http_drs_keyring_denied(replies[1], st->ctx->identity.token)) {
        ngx_http_drs_stream_end(st, "event: auth.expired\ndata: {}\n\n");
        return;
    }

    if (ngx_http_drs_stream_history(st, replies[0], &read) != NGX_OK) {
        ngx_http_drs_stream_abort(st);
        return;
    }

    if (read < NGX_HTTP_DRS_STREAM_PAGE && !st->missed) {
        /* nothing was published since Redis answered: live from here */
        st->live = ngx_http_drs_pubsub_up(st->process);
        return;
    }

    if (st->busy != NULL) {
        st->page = 1;
        return;
    }

    ngx_http_drs_stream_page(st);
}


static ngx_int_t
ngx_http_drs_stream_history(ngx_http_drs_stream_t *st, const redisReply *page,
                            size_t *read)
{
    size_t               i;
    ngx_int_t            rc;
    drs_str_t            json;
    ngx_uint_t           sent;
    const redisReply    *e, *fields;
    ngx_http_drs_sid_t   id;
    ngx_http_drs_msg_t  *msg;
    ngx_http_drs_event_t ev;

    sent = 0;
    *read = page->elements;

    for (i = 0; i < page->elements; i++) {
        e = page->element[i];

        if (e->type != REDIS_REPLY_ARRAY || e->elements != 2
            || ngx_http_drs_sid_parse(ngx_http_drs_reply_str(e->element[0]),
                                      &id)
                   != DRS_OK)
        {
            return NGX_ERROR;
        }

        st->last = id;
        fields = e->element[1];

        if (fields->type != REDIS_REPLY_ARRAY || fields->elements < 2) {
            continue;
        }

        json = ngx_http_drs_reply_str(fields->element[1]);

        if (ngx_http_drs_event_scan(json, &ev) != DRS_OK
            || !ngx_http_drs_stream_wants(st, &ev))
        {
            continue;
        }

        msg = ngx_http_drs_msg_create(id, ev.event, json);
        if (msg == NULL) {
            return NGX_ERROR;
        }

        rc = ngx_http_drs_stream_push(st, msg);
        ngx_http_drs_msg_unref(msg);
        sent++;

        if (rc != NGX_OK) {
            return NGX_ERROR;
        }
    }

    ngx_http_drs_metrics_add(st->process->metrics, NGX_HTTP_DRS_M_STREAM_EVENTS,
                             sent);

    return ngx_http_drs_stream_send(st);
}


/* -- live ----------------------------------------------------------------- */

static ngx_uint_t
ngx_http_drs_stream_wants(ngx_http_drs_stream_t      *st,
                          const ngx_http_drs_event_t *ev)
{
    if (ev->topic < 0 || !(st->topics & (1u << ev->topic))) {
        return 0;
    }

    /* an event that names no account belongs to every one */

    return st->account.len == 0 || ev->account.len == 0
           || drs_str_eq(st->account, ev->account);
}


void
ngx_http_drs_stream_deliver(ngx_http_drs_stream_t *st, ngx_queue_t *items)
{
    ngx_uint_t           sent;
    ngx_queue_t         *q;
    ngx_http_drs_sid_t   id;
    ngx_http_drs_msg_t **msg;
    ngx_http_drs_item_t *item;

    sent = 0;

    if (st->ended) {
        return;
    }

    for (q = ngx_queue_head(items); q != ngx_queue_sentinel(items);
         q = ngx_queue_next(q))
    {
        item = ngx_queue_data(q, ngx_http_drs_item_t, queue);

        if (st->exec.len && !drs_str_eq(st->exec, item->exec)) {
            continue;
        }

        if (!st->live) {
            st->missed = 1;
            return;
        }

        id = st->exec.len ? item->exec_id : item->global_id;
        msg = st->exec.len ? &item->exec_msg : &item->global_msg;

        if (ngx_http_drs_sid_cmp(id, st->last) <= 0) {
            continue;
        }

        st->last = id;

        if (!ngx_http_drs_stream_wants(st, &item->event)) {
            continue;
        }

        if (*msg == NULL) {
            *msg = ngx_http_drs_msg_create(id, item->event.event,
                                           item->event.json);
        }

        if (*msg == NULL || st->lost
            || st->bytes + (*msg)->len > st->process->conf->stream_queue)
        {
            st->lost = 1;
            continue;
        }

        if (ngx_http_drs_stream_push(st, *msg) != NGX_OK) {
            ngx_http_drs_stream_abort(st);
            return;
        }

        sent++;
    }

    if (sent) {
        ngx_http_drs_metrics_add(st->process->metrics,
                                 NGX_HTTP_DRS_M_STREAM_EVENTS, sent);
        ngx_http_drs_stream_flush(st);
    }
}
