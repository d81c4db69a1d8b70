
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Output of a stream: messages are shared, queued and taken back when sent.
 */

#include "ngx_http_drs_stream_internal.h"
#include "ngx_http_drs_metrics.h"


static void ngx_http_drs_stream_release(ngx_http_drs_stream_t *st);


ngx_int_t
ngx_http_drs_stream_push(ngx_http_drs_stream_t *st, ngx_http_drs_msg_t *msg)
{
    ngx_http_drs_node_t *node;

    node = st->free;

    if (node != NULL) {
        st->free = node->next;
        ngx_memzero(node, sizeof(ngx_http_drs_node_t));

    } else {
        node = ngx_pcalloc(st->r->pool, sizeof(ngx_http_drs_node_t));
        if (node == NULL) {
            return NGX_ERROR;
        }
    }

    msg->refs++;
    node->msg = msg;
    node->chain.buf = &node->buf;
    node->buf.start = msg->data;
    node->buf.pos = msg->data;
    node->buf.last = msg->data + msg->len;
    node->buf.end = node->buf.last;
    node->buf.memory = 1;
    node->buf.flush = 1;
    node->buf.tag = (ngx_buf_tag_t) &ngx_http_drs_module;

    *st->busy_tail = node;
    st->busy_tail = &node->next;
    st->bytes += msg->len;

    if (st->fresh == NULL) {
        st->fresh = node;
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_drs_stream_push_text(ngx_http_drs_stream_t *st, const char *text)
{
    ngx_int_t           rc;
    ngx_http_drs_msg_t *msg;

    msg = ngx_http_drs_msg_text(text);
    if (msg == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_http_drs_stream_push(st, msg);
    ngx_http_drs_msg_unref(msg);

    return rc;
}


ngx_int_t
ngx_http_drs_stream_push_reset(ngx_http_drs_stream_t *st, const char *reason)
{
    char text[128];

    ngx_http_drs_metrics_add(st->process->metrics, NGX_HTTP_DRS_M_STREAM_RESETS,
                             1);

    ngx_snprintf((u_char *) text, sizeof(text),
                 "id: %uL-%uL\nevent: reset\ndata: {\"reason\":\"%s\"}\n\n%Z",
                 st->last.ms, st->last.n, reason);

    return ngx_http_drs_stream_push_text(st, text);
}


/* Hands new messages to the output filters; NGX_OK or NGX_ERROR. */
ngx_int_t
ngx_http_drs_stream_send(ngx_http_drs_stream_t *st)
{
    ngx_int_t                 rc;
    ngx_chain_t              *out, **ll;
    ngx_event_t              *wev;
    ngx_http_request_t       *r;
    ngx_http_drs_node_t      *node;
    ngx_http_core_loc_conf_t *clcf;

    r = st->r;
    wev = r->connection->write;
    out = NULL;
    ll = &out;

    for (node = st->fresh; node; node = node->next) {
        *ll = &node->chain;
        ll = &node->chain.next;
    }

    *ll = NULL;
    st->fresh = NULL;

    rc = ngx_http_output_filter(r, out);
    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    ngx_http_drs_stream_release(st);

    if (st->busy == NULL && !(r->buffered || r->connection->buffered)) {
        if (wev->timer_set) {
            ngx_del_timer(wev);
        }

        return NGX_OK;
    }

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    if (!wev->delayed && !wev->timer_set) {
        /* not moved by new events: the peer must take something in time */
        ngx_add_timer(wev, clcf->send_timeout);
    }

    return ngx_handle_write_event(wev, clcf->send_lowat) == NGX_OK ? NGX_OK
                                                                   : NGX_ERROR;
}


/* Takes back what was sent. */
static void
ngx_http_drs_stream_release(ngx_http_drs_stream_t *st)
{
    ngx_http_drs_node_t *node;

    while (st->busy != NULL && ngx_buf_size(&st->busy->buf) == 0) {
        node = st->busy;
        st->busy = node->next;

        st->bytes -= node->msg->len;
        ngx_http_drs_msg_unref(node->msg);

        node->next = st->free;
        st->free = node;
    }

    if (st->busy == NULL) {
        st->busy_tail = &st->busy;
    }
}


/* Sends, and goes on with what had to wait for the client. */
void
ngx_http_drs_stream_flush(ngx_http_drs_stream_t *st)
{
    if (ngx_http_drs_stream_send(st) != NGX_OK) {
        ngx_http_drs_stream_abort(st);
        return;
    }

    if (st->busy != NULL) {
        return;
    }

    if (st->lost) {
        st->lost = 0;

        if (ngx_http_drs_stream_push_reset(st, "SLOW_CLIENT") != NGX_OK
            || ngx_http_drs_stream_send(st) != NGX_OK)
        {
            ngx_http_drs_stream_abort(st);
            return;
        }
    }

    if (st->page) {
        ngx_http_drs_stream_page(st);
    }
}


void
ngx_http_drs_stream_writable(ngx_http_request_t *r)
{
    ngx_event_t            *wev;
    ngx_connection_t       *c;
    ngx_http_drs_stream_t  *st;
    ngx_http_drs_request_t *req;

    c = r->connection;
    wev = c->write;
    req = ngx_http_get_module_ctx(r, ngx_http_drs_module);
    st = req->stream;

    if (wev->timedout) {
        ngx_log_error(NGX_LOG_INFO, c->log, NGX_ETIMEDOUT,
                      "drs: the client of an event stream does not read");
        c->timedout = 1;
        ngx_http_drs_stream_abort(st);
        return;
    }

    if (st == NULL || st->ended) {
        return;
    }

    if (wev->timer_set) {
        /* the peer took something */
        ngx_del_timer(wev);
    }

    ngx_http_drs_stream_flush(st);
}
