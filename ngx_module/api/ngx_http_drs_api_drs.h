/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * State of one list of source servers (DRS1).
 */

#ifndef NGX_HTTP_DRS_API_DRS_H_INCLUDED
#define NGX_HTTP_DRS_API_DRS_H_INCLUDED


#include "ngx_http_drs_api_util.h"

#include "drs_view_inv.h"


#define NGX_HTTP_DRS_SOURCES     "sources"
#define NGX_HTTP_DRS_SOURCES_MAX 1000


typedef struct {
    drs_str_t id, row;
    unsigned  wanted : 1; /* its row is read */
} ngx_http_drs_source_t;

typedef struct {
    json_t   *payload; /* the parameters */
    drs_str_t region, account, current, filter, pos;
    size_t    limit; /* 0: all */
    unsigned  asked : 1;

    int64_t                at_ms, live_until_ms;
    drs_str_t             *order; /* members of inv:order */
    ngx_http_drs_source_t *servers;
    size_t                 n;
    json_t                *holders; /* server id -> group id */
    json_t                *by_tags; /* [group id] that select by tags */
    json_t                *tags;    /* group id -> tags */
    json_t                *names;   /* group id -> raw name */
    json_t                *ids;     /* [group id] in the order of MGET */
    json_t                *group;   /* of the filter */
    json_t                *members; /* server id -> true, of the filter */

    size_t    total, taken, count;
    drs_str_t next;
} ngx_http_drs_sources_t;


/* The worker publishes; then all is read again, once. */
ngx_int_t ngx_http_drs_sources_ask(ngx_http_drs_ctx_t *ctx);

/* Reads rows of the page, or of all servers where tags decide; answers. */
ngx_int_t ngx_http_drs_sources_rows(ngx_http_drs_ctx_t *ctx);


#endif /* NGX_HTTP_DRS_API_DRS_H_INCLUDED */
