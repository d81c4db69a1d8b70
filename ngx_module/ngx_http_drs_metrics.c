
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "ngx_http_drs_metrics.h"
#include "ngx_http_drs_pool.h"


typedef struct {
    ngx_uint_t  id;
    const char *name;
    const char *help;
} ngx_http_drs_metric_name_t;


/* Upper bounds in milliseconds. */
static const ngx_uint_t ngx_http_drs_bounds[NGX_HTTP_DRS_BUCKETS - 1] = {
    1, 2, 5, 10, 25, 50, 100, 250, 1000, 5000, 25000
};

static const ngx_http_drs_metric_name_t ngx_http_drs_counters[] = {
    { NGX_HTTP_DRS_M_REDIS_COMMANDS,
      "# TYPE drs_nginx_redis_commands_total counter",
      "commands sent to Redis" },
    { NGX_HTTP_DRS_M_REDIS_LOST,
      "# TYPE drs_nginx_redis_connections_lost_total counter",
      "connections to Redis that broke" },
    { NGX_HTTP_DRS_M_REDIS_DOWN, "# TYPE drs_nginx_redis_down_total counter",
      "calls refused because no connection was up" },
    { NGX_HTTP_DRS_M_REDIS_FULL,
      "# TYPE drs_nginx_redis_queue_full_total counter",
      "calls refused because too many were waiting" },
    { NGX_HTTP_DRS_M_REDIS_TIMEOUTS,
      "# TYPE drs_nginx_redis_timeouts_total counter",
      "calls that Redis did not answer in time" },
    { NGX_HTTP_DRS_M_REDIS_ERRORS,
      "# TYPE drs_nginx_redis_errors_total counter", "error replies of Redis" },
    { NGX_HTTP_DRS_M_COMMANDS, "# TYPE drs_nginx_commands_total counter",
      "commands handed to the worker daemon" },
    { NGX_HTTP_DRS_M_COMMAND_TIMEOUTS,
      "# TYPE drs_nginx_command_timeouts_total counter",
      "commands without an answer in time" },
    { NGX_HTTP_DRS_M_TOKEN_HITS,
      "# TYPE drs_nginx_token_cache_hits_total counter",
      "tokens found in the cache of verified tokens" },
    { NGX_HTTP_DRS_M_TOKEN_MISSES,
      "# TYPE drs_nginx_token_cache_misses_total counter",
      "tokens that had to be verified" },
    { NGX_HTTP_DRS_M_TOKEN_BLOCKED,
      "# TYPE drs_nginx_token_blocked_total counter",
      "requests of addresses with too many bad tokens" },
    { NGX_HTTP_DRS_M_DENIED, "# TYPE drs_nginx_denied_total counter",
      "requests without the permission (403)" },
    { NGX_HTTP_DRS_M_NOT_MODIFIED,
      "# TYPE drs_nginx_not_modified_total counter", "answers 304" },
    { NGX_HTTP_DRS_M_IDEM_REPLAYS,
      "# TYPE drs_nginx_idempotent_replays_total counter",
      "answers repeated for an Idempotency-Key" },
    { NGX_HTTP_DRS_M_KEYS_LOADED,
      "# TYPE drs_nginx_key_sets_loaded_total counter",
      "key sets of issuers read from Redis" },
    { NGX_HTTP_DRS_M_STREAM_EVENTS,
      "# TYPE drs_nginx_stream_events_total counter",
      "events sent to event streams" },
    { NGX_HTTP_DRS_M_STREAM_RESETS,
      "# TYPE drs_nginx_stream_resets_total counter",
      "resets sent to event streams" },
    { NGX_HTTP_DRS_M_STREAM_REFUSED,
      "# TYPE drs_nginx_streams_refused_total counter",
      "event streams refused at the limit" }
};

static const ngx_http_drs_metric_name_t ngx_http_drs_gauges[] = {
    { NGX_HTTP_DRS_G_STREAMS, "# TYPE drs_nginx_streams gauge",
      "open event streams" },
    { NGX_HTTP_DRS_G_LINKS_READY, "# TYPE drs_nginx_redis_connections gauge",
      "connections to Redis that are up" },
    { NGX_HTTP_DRS_G_CALLS, "# TYPE drs_nginx_redis_calls gauge",
      "calls waiting for Redis" },
    { NGX_HTTP_DRS_G_WAITS, "# TYPE drs_nginx_command_waits gauge",
      "requests waiting for the worker daemon" },
    { NGX_HTTP_DRS_G_TOKENS, "# TYPE drs_nginx_tokens_cached gauge",
      "tokens in the cache of verified tokens" }
};


static ngx_int_t
ngx_http_drs_metrics_init_zone(ngx_shm_zone_t *zone, void *data);
static ngx_uint_t ngx_http_drs_metrics_allowed(ngx_http_drs_ctx_t *ctx);
static ngx_int_t
ngx_http_drs_metrics_workers(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                             ngx_uint_t n);
static ngx_int_t ngx_http_drs_metrics_texts(ngx_http_drs_ctx_t *ctx,
                                            redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_metrics_render(ngx_http_drs_ctx_t *ctx,
                                             redisReply **texts, ngx_uint_t n);
static void ngx_http_drs_metrics_own(drs_buf_t *b, ngx_http_drs_metrics_t *m);
static void
ngx_http_drs_metrics_head(drs_buf_t *b, const char *type, const char *help);
static void
ngx_http_drs_metrics_requests(drs_buf_t *b, ngx_http_drs_metrics_t *m);
static void ngx_http_drs_metrics_times(drs_buf_t *b, ngx_http_drs_metrics_t *m);
static ngx_uint_t ngx_http_drs_metrics_written(redisReply **texts, ngx_uint_t i,
                                               drs_str_t family);
static void
ngx_http_drs_metrics_merge(drs_buf_t *b, redisReply **texts, ngx_uint_t n);
static drs_str_t ngx_http_drs_metrics_name(drs_str_t line);
static ngx_uint_t
ngx_http_drs_metrics_belongs(drs_str_t line, drs_str_t family);


ngx_int_t
ngx_http_drs_metrics_zone(ngx_conf_t *cf, ngx_http_drs_main_conf_t *mcf)
{
    ngx_str_t name = ngx_string("drs_metrics");

    mcf->zone = ngx_shared_memory_add(
        cf, &name, sizeof(ngx_http_drs_metrics_t) + 8 * ngx_pagesize,
        &ngx_http_drs_module);
    if (mcf->zone == NULL) {
        return NGX_ERROR;
    }

    mcf->zone->init = ngx_http_drs_metrics_init_zone;
    mcf->zone->data = mcf;

    return NGX_OK;
}


static ngx_int_t
ngx_http_drs_metrics_init_zone(ngx_shm_zone_t *zone, void *data)
{
    ngx_slab_pool_t          *pool;
    ngx_http_drs_main_conf_t *mcf, *old;

    mcf = zone->data;
    old = data;

    if (old != NULL) {
        mcf->metrics = old->metrics;
        return NGX_OK;
    }

    pool = (ngx_slab_pool_t *) zone->shm.addr;

    if (zone->shm.exists) {
        mcf->metrics = pool->data;
        return NGX_OK;
    }

    mcf->metrics = ngx_slab_calloc(pool, sizeof(ngx_http_drs_metrics_t));
    if (mcf->metrics == NULL) {
        return NGX_ERROR;
    }

    pool->data = mcf->metrics;

    return NGX_OK;
}


void
ngx_http_drs_metrics_process(ngx_http_drs_process_t *process)
{
    ngx_uint_t i;

    for (i = 0; i < NGX_HTTP_DRS_G_N; i++) {
        process->metrics->gauges[ngx_process_slot][i] = 0;
    }

    process->metrics->pids[ngx_process_slot] = (ngx_atomic_uint_t) ngx_pid;
}


void
ngx_http_drs_metrics_exit(ngx_http_drs_process_t *process)
{
    process->metrics->pids[ngx_process_slot] = 0;
}


void
ngx_http_drs_metrics_gauge(ngx_http_drs_process_t *process,
                           ngx_http_drs_gauge_t gauge, ngx_uint_t value)
{
    process->metrics->gauges[ngx_process_slot][gauge] = value;
}


void
ngx_http_drs_metrics_answer(ngx_http_drs_ctx_t *ctx, ngx_uint_t status)
{
    int64_t                 ms;
    ngx_uint_t              i, route, kind;
    ngx_http_drs_metrics_t *m;

    m = ngx_http_drs_core(ctx)->process->metrics;

    route = ctx->route == NULL ? DRS_ROUTE_N : (ngx_uint_t) ctx->route->id;
    kind = ctx->route == NULL ? DRS_KIND_NONE : (ngx_uint_t) ctx->route->kind;

    (void) ngx_atomic_fetch_add(&m->requests[route][ngx_min(status / 100, 5)],
                                1);

    ms = ngx_http_drs_now_ms() - ctx->start_ms;
    ms = ngx_max(ms, 0);

    for (i = 0; i < NGX_HTTP_DRS_BUCKETS - 1; i++) {
        if ((ngx_uint_t) ms <= ngx_http_drs_bounds[i]) {
            break;
        }
    }

    (void) ngx_atomic_fetch_add(&m->buckets[kind][i], 1);
    (void) ngx_atomic_fetch_add(&m->time_ms[kind], (ngx_atomic_int_t) ms);
}


/* -- GET /metrics (X-21) -------------------------------------------------- */

static ngx_uint_t
ngx_http_drs_metrics_allowed(ngx_http_drs_ctx_t *ctx)
{
    ngx_http_drs_request_t *req;

    req = ngx_http_drs_core(ctx);

    if (ctx->identity.token != NULL) {
        return 1;
    }

    return req->loc->metrics_allow != NULL
           && ngx_cidr_match(ctx->r->connection->sockaddr,
                             req->loc->metrics_allow)
                  == NGX_OK;
}


ngx_int_t
ngx_http_drs_api_metrics(ngx_http_drs_ctx_t *ctx)
{
    drs_cmd_t              *cmd;
    ngx_http_drs_process_t *process;

    process = ngx_http_drs_core(ctx)->process;

    if (!ngx_http_drs_metrics_allowed(ctx)) {
        return ngx_http_drs_forbidden(ctx,
                                      drs_perm_bit(DRS_PERM_VIEW_EXECUTIONS));
    }

    if (!ngx_http_drs_pool_ready(process)) {
        /* monitoring must see more than a 503 while Redis is down */
        return ngx_http_drs_metrics_render(ctx, NULL, 0);
    }

    cmd = drs_key_cmd0("ZREVRANGE", process->conf->prefix, DRS_KEY_WORKERS);
    drs_cmd_addz(cmd, "0");
    drs_cmd_addz(cmd, "63");

    return ngx_http_drs_call1(ctx, cmd, ngx_http_drs_metrics_workers);
}


static ngx_int_t
ngx_http_drs_metrics_workers(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                             ngx_uint_t n)
{
    size_t     i;
    drs_cmd_t *cmd;
    drs_str_t  prefix;

    if (replies[0]->type != REDIS_REPLY_ARRAY || replies[0]->elements == 0) {
        return ngx_http_drs_metrics_render(ctx, NULL, 0);
    }

    prefix = ngx_http_drs_prefix(ctx);
    cmd = drs_cmd_words("MGET", NULL);

    for (i = 0; i < replies[0]->elements; i++) {
        drs_cmd_key1(cmd, prefix, DRS_KEY_METRICS,
                     ngx_http_drs_reply_str(replies[0]->element[i]));
    }

    return ngx_http_drs_call1(ctx, cmd, ngx_http_drs_metrics_texts);
}


static ngx_int_t
ngx_http_drs_metrics_texts(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                           ngx_uint_t n)
{
    return ngx_http_drs_metrics_render(ctx, replies[0]->element,
                                       replies[0]->elements);
}


static ngx_int_t
ngx_http_drs_metrics_render(ngx_http_drs_ctx_t *ctx, redisReply **texts,
                            ngx_uint_t n)
{
    ngx_int_t rc;
    drs_buf_t b;
    ngx_str_t type = ngx_string("text/plain; version=0.0.4; charset=utf-8");

    drs_buf_init(&b, 0);

    ngx_http_drs_metrics_own(&b, ngx_http_drs_core(ctx)->process->metrics);
    ngx_http_drs_metrics_merge(&b, texts, n);

    rc = drs_buf_ok(&b) ? ngx_http_drs_send(ctx, 200, &type, drs_buf_str(&b))
                        : NGX_ERROR;
    drs_buf_free(&b);

    return rc;
}


/* `type` is the whole TYPE line, so that names stay easy to find. */
static void
ngx_http_drs_metrics_head(drs_buf_t *b, const char *type, const char *help)
{
    drs_str_t name, rest;

    rest = drs_str(type + sizeof("# TYPE ") - 1);
    drs_str_split(&rest, ' ', &name);

    drs_buf_printf(b, "# HELP %.*s %s\n%s\n", DRS_STR_ARG(name), help, type);
}


static void
ngx_http_drs_metrics_own(drs_buf_t *b, ngx_http_drs_metrics_t *m)
{
    ngx_uint_t                        i, j;
    drs_str_t                         name, rest;
    ngx_atomic_uint_t                 sum;
    const ngx_http_drs_metric_name_t *c;

    for (i = 0; i < NGX_HTTP_DRS_M_N; i++) {
        c = &ngx_http_drs_counters[i];
        rest = drs_str(c->name + sizeof("# TYPE ") - 1);
        drs_str_split(&rest, ' ', &name);
        ngx_http_drs_metrics_head(b, c->name, c->help);
        drs_buf_printf(b, "%.*s %lu\n", DRS_STR_ARG(name),
                       (unsigned long) m->counters[c->id]);
    }

    for (i = 0; i < NGX_HTTP_DRS_G_N; i++) {
        c = &ngx_http_drs_gauges[i];
        rest = drs_str(c->name + sizeof("# TYPE ") - 1);
        drs_str_split(&rest, ' ', &name);
        ngx_http_drs_metrics_head(b, c->name, c->help);

        for (sum = 0, j = 0; j < NGX_HTTP_DRS_SLOTS; j++) {
            sum += m->pids[j] ? m->gauges[j][c->id] : 0;
        }

        drs_buf_printf(b, "%.*s %lu\n", DRS_STR_ARG(name), (unsigned long) sum);
    }

    ngx_http_drs_metrics_head(b, "# TYPE drs_nginx_token_refused_total counter",
                              "requests answered 401, by reason");
    drs_buf_printf(b,
                   "drs_nginx_token_refused_total{reason=\"no_token\"} "
                   "%lu\n",
                   (unsigned long) m->no_token);

    for (i = 1; i < DRS_JWT_REASON_N; i++) {
        if (m->refused[i]) {
            drs_buf_printf(b,
                           "drs_nginx_token_refused_total{reason=\"%s\"} "
                           "%lu\n",
                           drs_jwt_reason_name(i),
                           (unsigned long) m->refused[i]);
        }
    }

    ngx_http_drs_metrics_requests(b, m);
    ngx_http_drs_metrics_times(b, m);
}


static void
ngx_http_drs_metrics_requests(drs_buf_t *b, ngx_http_drs_metrics_t *m)
{
    ngx_uint_t         i, c;
    const drs_route_t *route;

    ngx_http_drs_metrics_head(b, "# TYPE drs_nginx_requests_total counter",
                              "answered requests by route and status class");

    for (i = 0; i <= DRS_ROUTE_N; i++) {
        route = i == DRS_ROUTE_N ? NULL : drs_route(i);

        for (c = 1; c <= 5; c++) {
            if (m->requests[i][c] == 0) {
                continue;
            }

            drs_buf_printf(b,
                           "drs_nginx_requests_total{method=\"%s\","
                           "route=\"%s\",status=\"%uxx\"} %lu\n",
                           route ? drs_method_name(route->method) : "",
                           route ? route->pattern : "", (unsigned) c,
                           (unsigned long) m->requests[i][c]);
        }
    }
}


static void
ngx_http_drs_metrics_times(drs_buf_t *b, ngx_http_drs_metrics_t *m)
{
    ngx_uint_t        i, k;
    const char       *kind;
    ngx_atomic_uint_t sum;

    ngx_http_drs_metrics_head(b, "# TYPE drs_nginx_request_seconds histogram",
                              "time to the answer by kind of the route");

    for (k = DRS_KIND_EDGE; k <= DRS_KIND_WORKER; k++) {
        kind = drs_kind_name(k);
        sum = 0;

        for (i = 0; i < NGX_HTTP_DRS_BUCKETS - 1; i++) {
            sum += m->buckets[k][i];
            drs_buf_printf(b,
                           "drs_nginx_request_seconds_bucket{kind=\"%s\","
                           "le=\"%g\"} %lu\n",
                           kind, (double) ngx_http_drs_bounds[i] / 1000,
                           (unsigned long) sum);
        }

        sum += m->buckets[k][i];
        drs_buf_printf(b,
                       "drs_nginx_request_seconds_bucket{kind=\"%s\","
                       "le=\"+Inf\"} %lu\n",
                       kind, (unsigned long) sum);
        drs_buf_printf(b, "drs_nginx_request_seconds_sum{kind=\"%s\"} %.3f\n",
                       kind, (double) m->time_ms[k] / 1000);
        drs_buf_printf(b,
                       "drs_nginx_request_seconds_count{kind=\"%s\"} "
                       "%lu\n",
                       kind, (unsigned long) sum);
    }
}


/* 1 if one of the texts before i has the family. */
static ngx_uint_t
ngx_http_drs_metrics_written(redisReply **texts, ngx_uint_t i, drs_str_t family)
{
    ngx_uint_t j;
    drs_str_t  rest, line;

    for (j = 0; j < i; j++) {
        rest = ngx_http_drs_reply_str(texts[j]);

        while (drs_str_split(&rest, '\n', &line)) {
            if (drs_str_starts(line, "# TYPE ")
                && drs_str_eq(ngx_http_drs_metrics_name(line), family))
            {
                return 1;
            }
        }
    }

    return 0;
}


/*
 * Worker daemons publish texts of the same families; the format wants all
 * lines of a family together, under one HELP and one TYPE.  Families are taken
 * in the order of the first text that has them.
 */
static void
ngx_http_drs_metrics_merge(drs_buf_t *b, redisReply **texts, ngx_uint_t n)
{
    ngx_uint_t i, j;
    drs_str_t  rest, line, other, family, all;

    for (i = 0; i < n; i++) {
        rest = ngx_http_drs_reply_str(texts[i]);

        while (drs_str_split(&rest, '\n', &line)) {
            family = ngx_http_drs_metrics_name(line);

            if (!drs_str_starts(line, "# TYPE ")
                || ngx_http_drs_metrics_written(texts, i, family))
            {
                continue;
            }

            for (j = i; j < n; j++) {
                all = ngx_http_drs_reply_str(texts[j]);

                while (drs_str_split(&all, '\n', &other)) {
                    if (other.len == 0 || (other.data[0] == '#' && j != i)
                        || !ngx_http_drs_metrics_belongs(other, family))
                    {
                        continue;
                    }

                    drs_buf_str_append(b, other);
                    drs_buf_putc(b, '\n');
                }
            }
        }
    }
}


/* Name in a sample, TYPE or HELP line. */
static drs_str_t
ngx_http_drs_metrics_name(drs_str_t line)
{
    size_t n;

    if (drs_str_starts(line, "# TYPE ") || drs_str_starts(line, "# HELP ")) {
        line.data += 7;
        line.len -= 7;
    }

    for (n = 0; n < line.len && line.data[n] != '{' && line.data[n] != ' '; n++)
    {
        /* void */
    }

    line.len = n;

    return line;
}


/* Samples of a histogram have the name of the family and an ending. */
static ngx_uint_t
ngx_http_drs_metrics_belongs(drs_str_t line, drs_str_t family)
{
    drs_str_t name;

    name = ngx_http_drs_metrics_name(line);

    if (drs_str_eq(name, family)) {
        return 1;
    }

    if (name.len <= family.len
        || ngx_memcmp(name.data, family.data, family.len) != 0)
    {
        return 0;
    }

    name.data += family.len;
    name.len -= family.len;

    return drs_str_eqz(name, "_bucket") || drs_str_eqz(name, "_sum")
           || drs_str_eqz(name, "_count");
}
