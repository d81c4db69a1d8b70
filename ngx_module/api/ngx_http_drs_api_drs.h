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
    unsigned  wanted : 1; /* its row is read, and in DRS10 shown */
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

/* DRS10: `done` of the command that names places; ctx->state: parameters. */
ngx_int_t
ngx_http_drs_inventory_places(ngx_http_drs_ctx_t *ctx, json_t *answer);


/* -- what both lists do for one account and Region ------------------------------ */

/* Adds the reads of a place: meta, order, holders, groups by tags. */
#define NGX_HTTP_DRS_SOURCES_READS 4

void ngx_http_drs_sources_reads(ngx_http_drs_ctx_t           *ctx,
                                const ngx_http_drs_sources_t *s,
                                ngx_http_drs_calls_t         *c);

/* Takes their replies; NGX_DECLINED: nothing is published. */
ngx_int_t
ngx_http_drs_sources_take(ngx_http_drs_ctx_t *ctx, ngx_http_drs_sources_t *s,
                          redisReply **replies);

/* The group of the filter; NGX_DECLINED: answered. */
ngx_int_t
ngx_http_drs_sources_filter(ngx_http_drs_ctx_t *ctx, ngx_http_drs_sources_t *s,
                            const redisReply *reply);

/* 1 if the filter is a group that selects by tags: rows decide. */
int ngx_http_drs_sources_by_tags(const ngx_http_drs_sources_t *s);

/* Wants all servers that the filter by group may let through. */
void ngx_http_drs_sources_want(ngx_http_drs_sources_t *s);

/* Adds the reads of wanted rows and of the groups that hold them. */
void ngx_http_drs_sources_ask_rows(ngx_http_drs_ctx_t     *ctx,
                                   ngx_http_drs_sources_t *s,
                                   ngx_http_drs_calls_t   *c);

/* Takes their replies; how many those were, 0: what was published is gone. */
ngx_uint_t
ngx_http_drs_sources_take_rows(ngx_http_drs_sources_t *s, redisReply **replies,
                               ngx_uint_t n, size_t *bytes);

/* 1 if the filter by group lets the server through. */
int ngx_http_drs_sources_passes(const ngx_http_drs_sources_t *s,
                                const ngx_http_drs_source_t  *v);

/* The group that holds the server: by its id, else by its tags. */
void
ngx_http_drs_sources_holder(const ngx_http_drs_sources_t *s,
                            const ngx_http_drs_source_t *v, drs_inv_group_t *g);


#endif /* NGX_HTTP_DRS_API_DRS_H_INCLUDED */
