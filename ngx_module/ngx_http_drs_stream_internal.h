
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * The inside of a stream, for ngx_http_drs_stream.c and _stream_out.c only.
 */

#ifndef NGX_HTTP_DRS_STREAM_INTERNAL_H_INCLUDED
#define NGX_HTTP_DRS_STREAM_INTERNAL_H_INCLUDED


#include "ngx_http_drs_stream.h"


/* A message on its way through the output filters; reused. */
typedef struct ngx_http_drs_node_s ngx_http_drs_node_t;

struct ngx_http_drs_node_s {
    ngx_http_drs_node_t *next;
    ngx_http_drs_msg_t  *msg;
    ngx_chain_t          chain;
    ngx_buf_t            buf;
};

struct ngx_http_drs_stream_s {
    ngx_queue_t             link; /* in the hub; first */
    ngx_http_drs_process_t *process;
    ngx_http_drs_ctx_t     *ctx;
    ngx_http_request_t     *r;

    drs_str_t  exec;    /* X-1; empty: X-2 */
    ngx_uint_t topics;  /* mask */
    drs_str_t  account; /* filter; empty: all */

    ngx_http_drs_sid_t   last;  /* everything up to it was sent */
    ngx_http_drs_exec_t *call;  /* page of history under way */
    ngx_event_t          timer; /* cancelable */
    ngx_msec_t           beat;  /* time of the next heartbeat */

    ngx_http_drs_node_t  *busy; /* not fully sent, in order */
    ngx_http_drs_node_t **busy_tail;
    ngx_http_drs_node_t  *fresh; /* first one not yet handed over */
    ngx_http_drs_node_t  *free;
    size_t                bytes; /* of busy */

    unsigned live : 1;
    unsigned missed : 1; /* live event during a page */
    unsigned lost : 1;   /* dropped for slowness */
    unsigned page : 1;   /* next page when drained */
    unsigned ended : 1;
};


/* Queues a message (counted), a text, a reset with the last id. */
ngx_int_t
ngx_http_drs_stream_push(ngx_http_drs_stream_t *st, ngx_http_drs_msg_t *msg);
ngx_int_t
ngx_http_drs_stream_push_text(ngx_http_drs_stream_t *st, const char *text);
ngx_int_t
ngx_http_drs_stream_push_reset(ngx_http_drs_stream_t *st, const char *reason);

/* Hands new messages to the output filters; NGX_OK or NGX_ERROR. */
ngx_int_t ngx_http_drs_stream_send(ngx_http_drs_stream_t *st);

/* Sends, and goes on with what had to wait.  May end and free the stream. */
void ngx_http_drs_stream_flush(ngx_http_drs_stream_t *st);
void ngx_http_drs_stream_writable(ngx_http_request_t *r);

/* Asks for the next page of history. */
void ngx_http_drs_stream_page(ngx_http_drs_stream_t *st);

/* Cuts the connection; frees the stream. */
void ngx_http_drs_stream_abort(ngx_http_drs_stream_t *st);


#endif /* NGX_HTTP_DRS_STREAM_INTERNAL_H_INCLUDED */
