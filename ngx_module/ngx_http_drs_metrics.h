
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Counters of the module in shared memory: one set for all worker processes,
 * kept over a reload; the table of drs_token_failures lies beside them.  Gauges are per process slot, so that a process that
 * died leaves nothing behind.  docs/metrics.md lists what GET /metrics says.
 */

#ifndef NGX_HTTP_DRS_METRICS_H_INCLUDED
#define NGX_HTTP_DRS_METRICS_H_INCLUDED


#include "ngx_http_drs_module.h"

#include "drs_guard.h"


typedef enum {
    NGX_HTTP_DRS_M_REDIS_COMMANDS = 0,
    NGX_HTTP_DRS_M_REDIS_LOST,
    NGX_HTTP_DRS_M_REDIS_DOWN,
    NGX_HTTP_DRS_M_REDIS_FULL,
    NGX_HTTP_DRS_M_REDIS_TIMEOUTS,
    NGX_HTTP_DRS_M_REDIS_ERRORS,
    NGX_HTTP_DRS_M_COMMANDS,
    NGX_HTTP_DRS_M_COMMAND_TIMEOUTS,
    NGX_HTTP_DRS_M_TOKEN_HITS,
    NGX_HTTP_DRS_M_TOKEN_MISSES,
    NGX_HTTP_DRS_M_TOKEN_BLOCKED,
    NGX_HTTP_DRS_M_DENIED,
    NGX_HTTP_DRS_M_NOT_MODIFIED,
    NGX_HTTP_DRS_M_IDEM_REPLAYS,
    NGX_HTTP_DRS_M_KEYS_LOADED,
    NGX_HTTP_DRS_M_STREAM_EVENTS,
    NGX_HTTP_DRS_M_STREAM_RESETS,
    NGX_HTTP_DRS_M_STREAM_REFUSED,
    NGX_HTTP_DRS_M_N
} ngx_http_drs_counter_t;

typedef enum {
    NGX_HTTP_DRS_G_STREAMS = 0,
    NGX_HTTP_DRS_G_LINKS_READY,
    NGX_HTTP_DRS_G_CALLS,
    NGX_HTTP_DRS_G_WAITS,
    NGX_HTTP_DRS_G_TOKENS,
    NGX_HTTP_DRS_G_N
} ngx_http_drs_gauge_t;

#define NGX_HTTP_DRS_BUCKETS 12 /* the last one is +Inf */
#define NGX_HTTP_DRS_SLOTS   NGX_MAX_PROCESSES


struct ngx_http_drs_metrics_s {
    ngx_atomic_t counters[NGX_HTTP_DRS_M_N];

    /* answers by route and class of the status (1xx..5xx) */
    ngx_atomic_t requests[DRS_ROUTE_N + 1][6];

    /* time to the answer in milliseconds, by kind of the route */
    ngx_atomic_t buckets[DRS_KIND_WORKER + 1][NGX_HTTP_DRS_BUCKETS];
    ngx_atomic_t time_ms[DRS_KIND_WORKER + 1];

    ngx_atomic_t refused[DRS_JWT_REASON_N];
    ngx_atomic_t no_token;

    ngx_atomic_t gauges[NGX_HTTP_DRS_SLOTS][NGX_HTTP_DRS_G_N];
    ngx_atomic_t pids[NGX_HTTP_DRS_SLOTS];

    drs_guard_t guard; /* under the mutex of the zone */
};


#define ngx_http_drs_metrics_add(m, c, n)                                      \
    (void) ngx_atomic_fetch_add(&(m)->counters[c], (ngx_atomic_int_t) (n))


/* Adds the shared zone; at configuration time. */
ngx_int_t
ngx_http_drs_metrics_zone(ngx_conf_t *cf, ngx_http_drs_main_conf_t *mcf);

/* Claims this process's slot and zeroes its gauges. */
void ngx_http_drs_metrics_process(ngx_http_drs_process_t *process);
void ngx_http_drs_metrics_exit(ngx_http_drs_process_t *process);

void ngx_http_drs_metrics_gauge(ngx_http_drs_process_t *process,
                                ngx_http_drs_gauge_t gauge, ngx_uint_t value);

/* Counts an answered request. */
void ngx_http_drs_metrics_answer(ngx_http_drs_ctx_t *ctx, ngx_uint_t status);


#endif /* NGX_HTTP_DRS_METRICS_H_INCLUDED */
