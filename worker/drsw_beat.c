
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Heartbeat: says that this worker lives, publishes its counters, learns of a
 * drain, takes over abandoned commands, and passes on wishes for key sets.
 */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "drs_json.h"
#include "drs_keys.h"
#include "drs_store_notify.h"
#include "drs_store_work.h"
#include "drs_version.h"
#include "drsw_audit.h"
#include "drsw_worker.h"


static int  drsw_beat_json(drsw_thread_t *th, drs_buf_t *b);
static void drsw_beat_send(drsw_thread_t *th);
static void drsw_beat_wish(drsw_ctx_t *ctx);
static void drsw_beat_goodbye(drsw_thread_t *th);


static unsigned
drsw_beat_running(drsw_worker_t *w)
{
    int64_t  i;
    unsigned n;

    n = 0;

    pthread_mutex_lock(&w->lock);

    for (i = 0; i < w->conf->threads; i++) {
        n += (w->leases[i].used != 0);
    }

    pthread_mutex_unlock(&w->lock);

    return n;
}


static int
drsw_beat_json(drsw_thread_t *th, drs_buf_t *b)
{
    char           host[65];
    drsw_worker_t *w;

    w = th->worker;

    if (gethostname(host, sizeof(host) - 1) != 0) {
        (void) strcpy(host, "unknown");
    }

    host[sizeof(host) - 1] = '\0';

    (void) drs_buf_puts(b, "{\"id\":");
    (void) drs_buf_json_string(b, w->owner, strlen(w->owner));
    (void) drs_buf_puts(b, ",\"host\":");
    (void) drs_buf_json_string(b, host, strlen(host));
    (void) drs_buf_printf(b,
                          ",\"pid\":%ld,\"version\":\"%s\",\"library\":"
                          "\"%s\",\"startedAt\":%lld,\"at\":%lld,"
                          "\"threads\":%lld,\"running\":%u,\"state\":\"%s\"}",
                          (long) getpid(), DRS_VERSION, drsw_lib_version(),
                          (long long) w->started_ms,
                          (long long) drsw_now_ms(&th->ctx),
                          (long long) w->conf->threads, drsw_beat_running(w),
                          atomic_load(&w->stopping)    ? "stopping"
                          : atomic_load(&w->lib_newer) ? "outdated"
                          : atomic_load(&w->draining)  ? "draining"
                                                       : "running");

    return drs_buf_ok(b) ? DRS_OK : DRS_ERROR;
}


static void
drsw_beat_send(drsw_thread_t *th)
{
    int            rc, drain;
    drs_buf_t      json, text;
    drs_cmd_t     *cmd;
    drs_answer_t   a;
    drsw_reply_t   reply;
    drsw_worker_t *w;

    w = th->worker;

    drs_buf_init(&json, 0);
    drs_buf_init(&text, 0);

    (void) drsw_beat_json(th, &json);
    drsw_gauge(&th->ctx, "steps_running", "", drsw_beat_running(w));
    (void) drsw_metrics_text(w->metrics, &text);

    cmd = drs_store_heartbeat(drsw_redis_prefix(th->ctx.redis),
                              drs_str(w->owner), drs_buf_str(&json),
                              drs_buf_str(&text), w->conf->heartbeat_ttl_ms);
    rc = drsw_redis_cmd(th->ctx.redis, cmd, &reply);

    drs_cmd_free(cmd);
    drs_buf_free(&json);
    drs_buf_free(&text);

    if (rc != DRS_OK) {
        return;
    }

    if (drs_store_answer(&a, &reply.r) == DRS_OK) {
        drain = drs_str_eqz(drs_answer_str(&a, 0), "drain");

        if (atomic_exchange(&w->draining, drain) != drain) {
            drsw_notice(&th->log, "%s",
                        drain ? "asked to drain: nothing new is begun"
                              : "drain ended: working again");
            drsw_worker_hurry(w);
        }

    } else {
        drsw_error(&th->log, "heartbeat refused: %.*s %.*s",
                   DRS_STR_ARG(a.code), DRS_STR_ARG(a.text));
    }

    drsw_reply_free(&reply);
}


/* How notifications stand, as everybody sees it. */

static void
drsw_beat_outbox(drsw_ctx_t *ctx)
{
    drs_cmd_t   *cmd;
    int64_t      pending, dead, oldest, now;
    drs_answer_t a;
    drsw_reply_t reply;

    cmd = drs_store_outbox_stat(drsw_redis_prefix(ctx->redis));

    if (cmd != NULL && drsw_redis_cmd(ctx->redis, cmd, &reply) == DRS_OK) {
        if (drs_store_answer(&a, &reply.r) == DRS_OK
            && drs_answer_i64(&a, 0, &pending) == DRS_OK
            && drs_answer_i64(&a, 1, &dead) == DRS_OK
            && drs_answer_i64(&a, 2, &oldest) == DRS_OK
            && drs_answer_i64(&a, 3, &now) == DRS_OK)
        {
            drsw_gauge(ctx, "notify_pending", "", (double) pending);
            drsw_gauge(ctx, "notify_dead", "", (double) dead);
            drsw_gauge(ctx, "notify_oldest_seconds", "",
                       oldest > 0 && now > oldest
                           ? (double) (now - oldest) / 1000
                           : 0);
        }

        drsw_reply_free(&reply);
    }

    drs_cmd_free(cmd);
}


/* A module asks for fresh key sets: the task does it, not more often than
 * jwks_min_interval. */

static void
drsw_beat_wish(drsw_ctx_t *ctx)
{
    char         key[96];
    drsw_reply_t reply;

    if (drsw_redis_key(ctx->redis, key, sizeof(key), "jwks:want") != DRS_OK
        || drsw_redis_words(ctx->redis, &reply, "GETDEL", key, NULL) != DRS_OK)
    {
        return;
    }

    if (reply.r.v[0].data != NULL) {
        (void) drsw_task_due(ctx, "jwks", DRSW_NOW);
    }

    drsw_reply_free(&reply);
}


/* A newer worker may have loaded a newer library meanwhile. */

static void
drsw_beat_library(drsw_thread_t *th)
{
    int            newer;
    int64_t        schema, library;
    drs_cmd_t     *cmd;
    drs_answer_t   a;
    drsw_reply_t   reply;
    drsw_worker_t *w;

    w = th->worker;
    cmd = drs_store_version(drsw_redis_prefix(th->ctx.redis));

    if (drsw_redis_cmd(th->ctx.redis, cmd, &reply) == DRS_OK
        && drs_store_answer(&a, &reply.r) == DRS_OK
        && drs_answer_i64(&a, 0, &schema) == DRS_OK
        && drs_answer_i64(&a, 1, &library) == DRS_OK)
    {
        newer = drsw_lib_newer(schema, library);

        if (atomic_exchange(&w->lib_newer, newer) != newer && newer) {
            drsw_error(&th->log,
                       "a newer function library (%lld.%lld) was "
                       "loaded into the store: this worker (%s) does nothing "
                       "more; install the newer one",
                       (long long) schema, (long long) library,
                       drsw_lib_version());
        }
    }

    drs_cmd_free(cmd);
    drsw_reply_free(&reply);
}


static void
drsw_beat_free(drsw_ctx_t *ctx, drs_str_t owner)
{
    int64_t      n;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;
    drs_answer_t a;

    cmd = drs_store_task_free(drsw_redis_prefix(ctx->redis), owner);
    memset(&reply, 0, sizeof(reply));

    if (cmd != NULL && drs_cmd_ok(cmd)
        && drsw_redis_cmd(ctx->redis, cmd, &reply) == DRS_OK
        && drs_store_answer(&a, &reply.r) == DRS_OK
        && drs_answer_i64(&a, 0, &n) == DRS_OK)
    {
        drsw_notice(ctx->log, "worker %.*s is gone, %lld tasks taken over",
                    DRS_STR_ARG(owner), (long long) n);
    }

    drs_cmd_free(cmd);
    drsw_reply_free(&reply);
}


/* Tasks of a process of this host that is gone need not wait for the end of
 * their leases. */
static void
drsw_beat_heirs(drsw_ctx_t *ctx)
{
    char         key[96], owner[DRSW_OWNER_SIZE];
    size_t       i;
    drsw_reply_t reply;

    if (drsw_redis_key(ctx->redis, key, sizeof(key), "workers") != DRS_OK
        || drsw_redis_words(ctx->redis, &reply, "ZRANGE", key, "0", "-1", NULL)
               != DRS_OK)
    {
        return;
    }

    for (i = 0; i < reply.r.n; i++) {
        if (reply.r.v[i].len >= sizeof(owner)) {
            continue;
        }

        memcpy(owner, reply.r.v[i].data, reply.r.v[i].len);
        owner[reply.r.v[i].len] = '\0';

        if (drsw_owner_is_dead(owner)) {
            drsw_beat_free(ctx, reply.r.v[i]);
        }
    }

    drsw_reply_free(&reply);
}


static void
drsw_beat_goodbye(drsw_thread_t *th)
{
    char          key[DRSW_OWNER_SIZE + 96];
    drsw_reply_t  reply;
    drsw_redis_t *redis;

    redis = th->ctx.redis;
    drsw_redis_patience(redis, 0);

    if (drsw_redis_key(redis, key, sizeof(key), "worker:%s", th->worker->owner)
            == DRS_OK
        && drsw_redis_words(redis, &reply, "DEL", key, NULL) == DRS_OK)
    {
        drsw_reply_free(&reply);
    }

    if (drsw_redis_key(redis, key, sizeof(key), "metrics:%s", th->worker->owner)
            == DRS_OK
        && drsw_redis_words(redis, &reply, "DEL", key, NULL) == DRS_OK)
    {
        drsw_reply_free(&reply);
    }

    if (drsw_redis_key(redis, key, sizeof(key), "workers") == DRS_OK
        && drsw_redis_words(redis, &reply, "ZREM", key, th->worker->owner, NULL)
               == DRS_OK)
    {
        drsw_reply_free(&reply);
    }
}


void
drsw_beat_run(drsw_thread_t *th)
{
    int64_t        tick, next_beat, next_keep, now;
    drsw_worker_t *w;

    w = th->worker;
    next_beat = 0;
    next_keep = 0;
    tick = w->conf->command_retry_ms / 2;

    if (tick > w->conf->heartbeat_ms) {
        tick = w->conf->heartbeat_ms;
    }

    if (tick < 100) {
        tick = 100;
    }

    do {
        now = drsw_mono_ms();

        if (now >= next_beat) {
            (void) drsw_ctx_clock(&th->ctx);
            drsw_beat_outbox(&th->ctx);
            drsw_beat_send(th);
            drsw_beat_library(th);
            drsw_beat_wish(&th->ctx);
            drsw_beat_heirs(&th->ctx);
            next_beat = now + w->conf->heartbeat_ms;
        }

        if (now >= next_keep && !atomic_load(&w->stopping)
            && !atomic_load(&w->draining) && !atomic_load(&w->lib_newer))
        {
            drsw_commands_keep(&th->ctx);
            drsw_audit_replay(&th->ctx);
            next_keep = now + tick;
        }

    } while (drsw_thread_wait_end(w, tick));

    drsw_beat_goodbye(th);
}
