
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * GET /health (H1): 200 if Redis answers and a worker daemon beats, else 503
 * in the same shape.
 */

#include "ngx_http_drs_call.h"

#include "drs_time.h"
#include "drs_version.h"


/* A worker that has not been heard of for this long is not counted. */
#define NGX_HTTP_DRS_BEAT_MAX_MS 60000


static void ngx_http_drs_health_replied(void *data, ngx_http_drs_exec_rc_t rc,
                                        redisReply **replies, ngx_uint_t n);
static ngx_int_t
ngx_http_drs_health_answer(ngx_http_drs_ctx_t *ctx, ngx_uint_t redis,
                           const redisReply *workers, const redisReply *time);
static int64_t ngx_http_drs_health_now(const redisReply *time);


ngx_int_t
ngx_http_drs_api_health(ngx_http_drs_ctx_t *ctx)
{
    drs_str_t               prefix;
    drs_cmd_t              *cmds[2];
    ngx_http_drs_exec_rc_t  rc;
    ngx_http_drs_request_t *req;

    req = ngx_http_drs_core(ctx);
    prefix = ngx_http_drs_prefix(ctx);

    cmds[0] = drs_key_cmd0("ZREVRANGE", prefix, DRS_KEY_WORKERS);
    (void) drs_cmd_addz(cmds[0], "0");
    (void) drs_cmd_addz(cmds[0], "255");
    (void) drs_cmd_addz(cmds[0], "WITHSCORES");

    cmds[1] = drs_cmd_words("TIME", NULL);

    /* not ngx_http_drs_call(): a store that is down is an answer here */
    req->exec = ngx_http_drs_exec(req->process, cmds, 2,
                                  ngx_http_drs_health_replied, req, &rc);

    drs_cmd_free(cmds[0]);
    drs_cmd_free(cmds[1]);

    if (req->exec == NULL) {
        return ngx_http_drs_health_answer(ctx, 0, NULL, NULL);
    }

    return NGX_AGAIN;
}


static void
ngx_http_drs_health_replied(void *data, ngx_http_drs_exec_rc_t rc,
                            redisReply **replies, ngx_uint_t n)
{
    ngx_int_t               nrc;
    ngx_http_drs_request_t *req;

    req = data;
    req->exec = NULL;

    if (rc != NGX_HTTP_DRS_EXEC_OK || replies[0]->type != REDIS_REPLY_ARRAY) {
        nrc = ngx_http_drs_health_answer(&req->ctx, 0, NULL, NULL);

    } else {
        nrc = ngx_http_drs_health_answer(&req->ctx, 1, replies[0], replies[1]);
    }

    ngx_http_drs_resume(&req->ctx, nrc);
}


/* Clock of Redis, with which the beats were written. */
static int64_t
ngx_http_drs_health_now(const redisReply *time)
{
    int64_t s, us;

    if (time != NULL && time->type == REDIS_REPLY_ARRAY && time->elements == 2
        && ngx_http_drs_reply_int(time->element[0], &s) == DRS_OK
        && ngx_http_drs_reply_int(time->element[1], &us) == DRS_OK)
    {
        return s * 1000 + us / 1000;
    }

    return ngx_http_drs_now_ms();
}


static ngx_int_t
ngx_http_drs_health_answer(ngx_http_drs_ctx_t *ctx, ngx_uint_t redis,
                           const redisReply *workers, const redisReply *time)
{
    char    iso[DRS_TIME_ISO_SIZE];
    size_t  i;
    json_t *body, *r, *w;
    int64_t at, age, alive, youngest;

    alive = 0;
    youngest = -1;

    for (i = 0; workers != NULL && i + 1 < workers->elements; i += 2) {
        if (ngx_http_drs_reply_int(workers->element[i + 1], &at) != DRS_OK) {
            continue;
        }

        age = ngx_max(ngx_http_drs_health_now(time) - at, 0);

        if (age <= NGX_HTTP_DRS_BEAT_MAX_MS) {
            alive++;
        }

        if (youngest < 0 || age < youngest) {
            youngest = age;
        }
    }

    drs_time_iso_ms(iso, ngx_http_drs_now_ms());

    r = json_object();
    json_object_set_new(r, "status",
                        json_string(redis ? "healthy" : "unreachable"));

    w = json_object();
    json_object_set_new(w, "status",
                        json_string(!redis  ? "unknown"
                                    : alive ? "healthy"
                                            : "unreachable"));
    json_object_set_new(w, "workers", json_integer(alive));
    json_object_set_new(w, "lastHeartbeatAgeSeconds",
                        youngest < 0 ? json_null()
                                     : json_integer(youngest / 1000));

    body = json_object();
    json_object_set_new(body, "status",
                        json_string(redis && alive ? "healthy" : "unhealthy"));
    json_object_set_new(body, "service", json_string("drs-orchestration"));
    json_object_set_new(body, "version", json_string(DRS_VERSION));
    json_object_set_new(body, "timestamp", json_string(iso));
    json_object_set_new(body, "redis", r);
    json_object_set_new(body, "worker", w);

    return ngx_http_drs_reply(
        ctx, redis && alive ? NGX_HTTP_OK : NGX_HTTP_SERVICE_UNAVAILABLE, body);
}
