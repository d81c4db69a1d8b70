
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Takes over entries of the command stream that nobody works on any more: what
 * failed here, and what dead workers left behind.
 */

#include <stdio.h>
#include <string.h>

#include "drs_keys.h"
#include "drsw_commands.h"


#define DRSW_PENDING "64"


/*
 * Heartbeats of workers that live expire in an outage of Redis: for the life of
 * one afterwards nobody counts as dead for want of it.
 */

static void
drsw_commands_outage(drsw_ctx_t *ctx)
{
    unsigned      n;
    drsw_queue_t *q;

    q = ctx->worker->queue;
    n = drsw_redis_outages(ctx->redis);

    if (n != q->outages) {
        q->outages = n;
        q->recovered_mono_ms = drsw_mono_ms() + ctx->conf->heartbeat_ttl_ms;
    }
}


/* 1 if the worker that has an entry will not finish it. */

static int
drsw_commands_abandoned(drsw_ctx_t *ctx, const char *consumer, int64_t idle)
{
    int          dead;
    char         key[DRSW_OWNER_SIZE + 96];
    drsw_reply_t reply;

    if (drsw_owner_is_dead(consumer)) {
        return 1;
    }

    if (idle < ctx->conf->lease_ms
        || drsw_mono_ms() < ctx->worker->queue->recovered_mono_ms
        || drsw_redis_key(ctx->redis, key, sizeof(key), "worker:%s", consumer)
               != DRS_OK
        || drsw_redis_words(ctx->redis, &reply, "EXISTS", key, NULL) != DRS_OK)
    {
        return 0;
    }

    dead = drs_str_eqz(reply.r.v[0], "0");
    drsw_reply_free(&reply);

    return dead;
}


/* Claims one entry for this worker and queues it. */

static void
drsw_commands_claim(drsw_ctx_t *ctx, const char *id)
{
    char          key[96], idle[24];
    redisReply   *raw;
    const char   *argv[6];
    drsw_entry_t  e;
    drsw_queue_t *q;

    q = ctx->worker->queue;
    (void) snprintf(idle, sizeof(idle), "%lld",
                    (long long) ctx->conf->command_retry_ms);

    if (drsw_redis_key(ctx->redis, key, sizeof(key), "cmd") != DRS_OK) {
        return;
    }

    argv[0] = "XCLAIM";
    argv[1] = key;
    argv[2] = DRS_CMD_GROUP;
    argv[3] = ctx->worker->owner;
    argv[4] = idle;
    argv[5] = id;

    if (drsw_redis_raw(ctx->redis, 6, argv, NULL, 0, &raw) != DRS_OK) {
        return;
    }

    memset(&e, 0, sizeof(e));

    if (raw->type != REDIS_REPLY_ARRAY || raw->elements != 1
        || drsw_commands_entry(raw->element[0], &e) != DRS_OK)
    {
        freeReplyObject(raw); /* another worker was faster */
        return;
    }

    e.raw = raw;

    pthread_mutex_lock(&q->lock);

    if (q->nwaiting < DRSW_MAX_CLAIMED) {
        q->waiting[q->nwaiting++] = e;
        e.raw = NULL;
    }

    pthread_mutex_unlock(&q->lock);

    if (e.raw != NULL) {
        freeReplyObject(e.raw);
    }

    drsw_count(ctx, "commands_reclaimed_total", "", 1);
}


static void
drsw_commands_pending(drsw_ctx_t *ctx, const redisReply *r)
{
    int         own;
    int64_t     idle, deliveries, wait_ms;
    const char *id, *consumer;

    if (r->type != REDIS_REPLY_ARRAY || r->elements != 4) {
        return;
    }

    id = r->element[0]->str;
    consumer = r->element[1]->str;
    idle = r->element[2]->integer;
    deliveries = r->element[3]->integer;

    own = strcmp(consumer, ctx->worker->owner) == 0;
    wait_ms = ctx->conf->command_retry_ms * (deliveries < 8 ? deliveries : 8);

    if (drsw_queue_has(ctx->worker->queue, id) || (own && idle < wait_ms)
        || (!own && !drsw_commands_abandoned(ctx, consumer, idle)))
    {
        return;
    }

    if (!own) {
        drsw_notice(ctx->log, "taking over command entry %s from %s", id,
                    consumer);
    }

    drsw_commands_claim(ctx, id);
}


void
drsw_commands_keep(drsw_ctx_t *ctx)
{
    char        key[96], idle[24];
    size_t      i;
    redisReply *raw;
    const char *argv[8];

    (void) snprintf(idle, sizeof(idle), "%lld",
                    (long long) ctx->conf->command_retry_ms);

    if (drsw_redis_key(ctx->redis, key, sizeof(key), "cmd") != DRS_OK) {
        return;
    }

    argv[0] = "XPENDING";
    argv[1] = key;
    argv[2] = DRS_CMD_GROUP;
    argv[3] = "IDLE";
    argv[4] = idle;
    argv[5] = "-";
    argv[6] = "+";
    argv[7] = DRSW_PENDING;

    if (drsw_redis_raw(ctx->redis, 8, argv, NULL, 0, &raw) != DRS_OK) {
        return;
    }

    drsw_commands_outage(ctx);

    if (raw->type == REDIS_REPLY_ARRAY) {
        for (i = 0; i < raw->elements; i++) {
            drsw_commands_pending(ctx, raw->element[i]);
        }
    }

    freeReplyObject(raw);
}
