
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Threads, their contexts, and waiting that ends when the process does.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "drs_store_work.h"
#include "drsw_audit.h"
#include "drsw_worker.h"


static void *
drsw_thread_main(void *data)
{
    drsw_thread_t *th;

    th = data;
    th->run(th);

    drsw_redis_destroy(th->ctx.redis);
    th->ctx.redis = NULL;

    if (th->ctx.aws != NULL) {
        drsw_aws_destroy(th->ctx.aws);
        th->ctx.aws = NULL;
    }

    atomic_store(&th->ended, 1);

    return NULL;
}


int
drsw_thread_start(drsw_worker_t *w, drsw_thread_t *th, const char *name,
                  void (*run)(drsw_thread_t *th))
{
    int rc;

    th->worker = w;
    th->run = run;
    atomic_init(&th->ended, 0);
    (void) snprintf(th->name, sizeof(th->name), "%s", name);

    drsw_log_init(&th->log, w->sink, name);

    th->ctx.conf = w->conf;
    th->ctx.worker = w;
    th->ctx.log = &th->log;
    th->ctx.owner = w->owner;
    th->ctx.name = "";

    th->ctx.redis = drsw_redis_create(w->conf, &th->log, &w->redis);
    th->ctx.aws = drsw_aws_create(w->aws);

    if (th->ctx.redis == NULL || th->ctx.aws == NULL) {
        drsw_error(&w->log, "cannot start thread %s: out of memory", name);
        return DRS_ERROR;
    }

    drsw_audit_watch(&th->ctx);

    rc = pthread_create(&th->id, NULL, drsw_thread_main, th);
    if (rc != 0) {
        drsw_error(&w->log, "cannot start thread %s: %s", name, strerror(rc));
        return DRS_ERROR;
    }

    th->started = 1;
    (void) pthread_setname_np(th->id, th->name);

    return DRS_OK;
}


static void
drsw_thread_until(struct timespec *ts, int64_t ms)
{
    (void) clock_gettime(CLOCK_MONOTONIC, ts);

    ts->tv_sec += (time_t) (ms / 1000);
    ts->tv_nsec += (long) (ms % 1000) * 1000000;

    if (ts->tv_nsec >= 1000000000) {
        ts->tv_sec++;
        ts->tv_nsec -= 1000000000;
    }
}


int
drsw_thread_wait(drsw_worker_t *w, int64_t ms, unsigned *hurry)
{
    int             rc;
    struct timespec ts;

    drsw_thread_until(&ts, ms);
    rc = 0;

    pthread_mutex_lock(&w->lock);

    while (rc != ETIMEDOUT && !atomic_load(&w->stopping)
           && (hurry == NULL || *hurry == w->hurry))
    {
        rc = pthread_cond_timedwait(&w->wake, &w->lock, &ts);
    }

    if (hurry != NULL) {
        *hurry = w->hurry;
    }

    pthread_mutex_unlock(&w->lock);

    return !atomic_load(&w->stopping);
}


int
drsw_thread_wait_end(drsw_worker_t *w, int64_t ms)
{
    int             rc;
    struct timespec ts;

    drsw_thread_until(&ts, ms);
    rc = 0;

    pthread_mutex_lock(&w->lock);

    while (rc != ETIMEDOUT && !atomic_load(&w->redis.stop)) {
        rc = pthread_cond_timedwait(&w->wake, &w->lock, &ts);
    }

    pthread_mutex_unlock(&w->lock);

    return !atomic_load(&w->redis.stop);
}


int
drsw_sleep_ms(drsw_ctx_t *ctx, int64_t ms)
{
    return drsw_thread_wait(ctx->worker, ms, NULL) ? DRS_OK : DRS_AGAIN;
}


int
drsw_stopping(const drsw_ctx_t *ctx)
{
    return atomic_load(&ctx->worker->stopping)
           || atomic_load(&ctx->worker->draining);
}


int
drsw_ctx_clock(drsw_ctx_t *ctx)
{
    int64_t now;

    if (drsw_redis_time(ctx->redis, &now) != DRS_OK) {
        return DRS_ERROR;
    }

    ctx->clock_ms = now;
    ctx->clock_mono_ms = drsw_mono_ms();

    return DRS_OK;
}


int64_t
drsw_now_ms(drsw_ctx_t *ctx)
{
    if (ctx->clock_ms == 0 && drsw_ctx_clock(ctx) != DRS_OK) {
        return drsw_wall_ms();
    }

    return ctx->clock_ms + drsw_mono_ms() - ctx->clock_mono_ms;
}


int
drsw_task_due(drsw_ctx_t *ctx, const char *task, int64_t at)
{
    int          rc;
    drs_cmd_t   *cmd;
    drs_answer_t a;
    drsw_reply_t reply;

    cmd = drs_store_task_due(drsw_redis_prefix(ctx->redis), drs_str(task), at);
    rc = drsw_redis_cmd(ctx->redis, cmd, &reply);
    drs_cmd_free(cmd);

    if (rc == DRS_OK && drs_store_answer(&a, &reply.r) != DRS_OK) {
        drsw_error(ctx->log, "task %s cannot be made due: %.*s", task,
                   DRS_STR_ARG(a.code));
        rc = DRS_ERROR;
    }

    drsw_reply_free(&reply);

    if (rc == DRS_OK) {
        drsw_worker_hurry(ctx->worker);
    }

    return rc;
}
