
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * What GET /events and GET /executions/{id}/events ask of a stream.
 */

#ifndef NGX_HTTP_DRS_STREAM_API_H_INCLUDED
#define NGX_HTTP_DRS_STREAM_API_H_INCLUDED


#include "ngx_http_drs_stream.h"


typedef struct {
    drs_str_t          exec;    /* execution id; empty: the global one */
    ngx_uint_t         topics;  /* mask of ngx_http_drs_topic_t */
    drs_str_t          account; /* only this account; empty: all */
    ngx_http_drs_sid_t last;    /* begin behind it */
    ngx_uint_t         reset;   /* tell that history is missing */
} ngx_http_drs_stream_spec_t;


/* Sends the headers and starts.  As a handler. */
ngx_int_t ngx_http_drs_stream_open(ngx_http_drs_ctx_t               *ctx,
                                   const ngx_http_drs_stream_spec_t *spec);


#endif /* NGX_HTTP_DRS_STREAM_API_H_INCLUDED */
