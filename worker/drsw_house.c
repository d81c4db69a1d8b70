
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Housekeeping, one leased task of the fleet: trims streams, forgets dead
 * consumers, and makes sure that nothing active is without a due task.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_keys.h"
#include "drs_sm.h"
#include "drs_store_work.h"
#include "drsw_auth.h"
#include "drsw_worker.h"


#define DRSW_HOUSE_DEAD_KEEP   "10000"
#define DRSW_HOUSE_CONSUMER_MS INT64_C(3600000)


static int drsw_house_step(drsw_ctx_t *ctx, int64_t *next_at);
static int
drsw_house_trim(drsw_ctx_t *ctx, const char *stream, const char *keep);
static void drsw_house_consumers(drsw_ctx_t *ctx);
static int  drsw_house_executions(drsw_ctx_t *ctx, drs_exec_status_t status);
static int  drsw_house_execution(drsw_ctx_t *ctx, drs_str_t id, int pending);
static int  drsw_house_watches(drsw_ctx_t *ctx);


static const drsw_task_kind_t drsw_house_kind = { .prefix = "housekeeping",
                                                  .step = drsw_house_step,
                                                  .background = 1,
                                                  .seed = 1 };


int
drsw_house_register(drsw_registry_t *reg)
{
    return drsw_register_task(reg, &drsw_house_kind);
}


static int
drsw_house_step(drsw_ctx_t *ctx, int64_t *next_at)
{
    int  rc;
    int  status;
    char keep[24];

    (void) snprintf(keep, sizeof(keep), "%lld",
                    (long long) ctx->conf->events_keep);

    rc = drsw_hub_publish(ctx);

    if (rc == DRS_OK) {
        rc = drsw_house_trim(ctx, "events", keep);
    }

    if (rc == DRS_OK) {
        rc = drsw_house_trim(ctx, "cmd:dead", DRSW_HOUSE_DEAD_KEEP);
    }

    if (rc != DRS_OK) {
        return DRS_ERROR;
    }

    drsw_house_consumers(ctx);

    for (status = 1; status < DRS_EXEC_N; status++) {
        if (drs_exec_is_active((drs_exec_status_t) status)
            && drsw_house_executions(ctx, (drs_exec_status_t) status) != DRS_OK)
        {
            return DRS_ERROR;
        }
    }

    if (drsw_house_watches(ctx) != DRS_OK) {
        return DRS_ERROR;
    }

    if (ctx->worker->auth != NULL) {
        (void) drsw_auth_publish(ctx->worker->auth, ctx->redis, ctx->conf,
                                 ctx->log, 0);
    }

    if (ctx->worker->secret != NULL) {
        (void) drsw_secret_publish(ctx->worker->secret, ctx->redis);
    }

    *next_at = drsw_now_ms(ctx) + ctx->conf->housekeeping_ms;

    return DRS_OK;
}


static int
drsw_house_trim(drsw_ctx_t *ctx, const char *stream, const char *keep)
{
    int          rc;
    char         key[96];
    drsw_reply_t reply;

    if (drsw_redis_key(ctx->redis, key, sizeof(key), "%s", stream) != DRS_OK) {
        return DRS_ERROR;
    }

    rc = drsw_redis_words(ctx->redis, &reply, "XTRIM", key, "MAXLEN", "~", keep,
                          NULL);
    drsw_reply_free(&reply);

    return rc;
}


/* --- consumers ------------------------------------------------------------ */


static const redisReply *
drsw_house_field(const redisReply *r, const char *name)
{
    size_t i;

    for (i = 0; i + 1 < r->elements; i += 2) {
        if (r->element[i]->type == REDIS_REPLY_STRING
            && strcmp(r->element[i]->str, name) == 0)
        {
            return r->element[i + 1];
        }
    }

    return NULL;
}


/*
 * Consumers of workers that are gone.  One with pending entries stays until
 * these were taken over.
 */

static void
drsw_house_consumers(drsw_ctx_t *ctx)
{
    char              key[96], hb[DRSW_OWNER_SIZE + 96];
    size_t            i;
    redisReply       *raw;
    const char       *argv[4];
    drsw_reply_t      reply;
    const redisReply *name, *pending, *idle;

    if (drsw_redis_key(ctx->redis, key, sizeof(key), "cmd") != DRS_OK) {
        return;
    }

    argv[0] = "XINFO";
    argv[1] = "CONSUMERS";
    argv[2] = key;
    argv[3] = DRS_CMD_GROUP;

    if (drsw_redis_raw(ctx->redis, 4, argv, NULL, 0, &raw) != DRS_OK) {
        return;
    }

    for (i = 0; raw->type == REDIS_REPLY_ARRAY && i < raw->elements; i++) {
        name = drsw_house_field(raw->element[i], "name");
        pending = drsw_house_field(raw->element[i], "pending");
        idle = drsw_house_field(raw->element[i], "idle");

        if (name == NULL || pending == NULL || idle == NULL
            || pending->integer != 0 || idle->integer < DRSW_HOUSE_CONSUMER_MS
            || idle->integer < 10 * ctx->conf->lease_ms
            || drsw_redis_key(ctx->redis, hb, sizeof(hb), "worker:%s",
                              name->str)
                   != DRS_OK
            || drsw_redis_words(ctx->redis, &reply, "EXISTS", hb, NULL)
                   != DRS_OK)
        {
            continue;
        }

        if (drs_str_eqz(reply.r.v[0], "0")) {
            drsw_reply_free(&reply);

            if (drsw_redis_words(ctx->redis, &reply, "XGROUP", "DELCONSUMER",
                                 key, DRS_CMD_GROUP, name->str, NULL)
                == DRS_OK)
            {
                drsw_info(ctx->log, "consumer %s was forgotten", name->str);
            }
        }

        drsw_reply_free(&reply);
    }

    freeReplyObject(raw);
}


/* --- due tasks ------------------------------------------------------------ */


/* Score of a task in `due`.  DRS_DECLINED: none. */

static int
drsw_house_due(drsw_ctx_t *ctx, const char *task, int64_t *at)
{
    int          rc;
    char         key[96];
    drsw_reply_t reply;

    if (drsw_redis_key(ctx->redis, key, sizeof(key), "due") != DRS_OK
        || drsw_redis_words(ctx->redis, &reply, "ZSCORE", key, task, NULL)
               != DRS_OK)
    {
        return DRS_ERROR;
    }

    rc = DRS_DECLINED;

    if (reply.r.v[0].data != NULL) {
        *at = strtoll(reply.r.v[0].data, NULL, 10);
        rc = DRS_OK;
    }

    drsw_reply_free(&reply);

    return rc;
}


static int
drsw_house_executions(drsw_ctx_t *ctx, drs_exec_status_t status)
{
    int          rc;
    char         key[128], limit[24];
    size_t       i;
    drsw_reply_t reply;

    /* PENDING ones only when old enough: the start may be under way */

    (void) snprintf(limit, sizeof(limit), "%lld",
                    (long long) (drsw_now_ms(ctx)
                                 - (status == DRS_EXEC_PENDING
                                        ? ctx->conf->pending_requeue_ms
                                        : 0)));

    if (drsw_redis_key(ctx->redis, key, sizeof(key), "exec:status:%s",
                       drs_exec_status_name(status))
            != DRS_OK
        || drsw_redis_words(ctx->redis, &reply, "ZRANGE", key, "-inf", limit,
                            "BYSCORE", NULL)
               != DRS_OK)
    {
        return DRS_ERROR;
    }

    rc = DRS_OK;

    for (i = 0; rc == DRS_OK && i < reply.r.n; i++) {
        rc =
            drsw_house_execution(ctx, reply.r.v[i], status == DRS_EXEC_PENDING);
    }

    drsw_reply_free(&reply);

    return rc;
}


static int
drsw_house_execution(drsw_ctx_t *ctx, drs_str_t id, int pending)
{
    int     rc;
    char    task[DRSW_TASK_SIZE];
    int64_t at;

    (void) snprintf(task, sizeof(task), "exec:%.*s", DRS_STR_ARG(id));

    rc = drsw_house_due(ctx, task, &at);

    if (rc == DRS_ERROR) {
        return DRS_ERROR;
    }

    if (rc == DRS_OK
        && !(pending && at > drsw_now_ms(ctx) + ctx->conf->pending_requeue_ms))
    {
        return DRS_OK;
    }

    drsw_warn(ctx->log, "active execution %.*s had no due task: made due",
              DRS_STR_ARG(id));
    drsw_count(ctx, "tasks_repaired_total", "kind=\"exec\"", 1);

    return drsw_task_due(ctx, task, DRSW_NOW);
}


/* Watched jobs of an account and Region, but nobody polls them. */

static int
drsw_house_watch(drsw_ctx_t *ctx, drs_str_t key)
{
    int     rc;
    char    task[DRSW_TASK_SIZE];
    size_t  skip;
    int64_t at;

    skip = strlen(ctx->conf->prefix) + sizeof(":watch:") - 1;

    if (key.len <= skip) {
        return DRS_OK;
    }

    (void) snprintf(task, sizeof(task), "poll:%.*s", (int) (key.len - skip),
                    key.data + skip);

    rc = drsw_house_due(ctx, task, &at);

    if (rc != DRS_DECLINED) {
        return rc;
    }

    drsw_warn(ctx->log, "watched jobs had no task %s: made due", task);
    drsw_count(ctx, "tasks_repaired_total", "kind=\"poll\"", 1);

    return drsw_task_due(ctx, task, DRSW_NOW);
}


/* Characters that mean something in a pattern of SCAN are escaped. */

static int
drsw_house_pattern(drsw_ctx_t *ctx, char *dst, size_t size)
{
    size_t      n;
    const char *p;

    n = 0;

    for (p = ctx->conf->prefix; *p != '\0'; p++) {
        if (n + 16 > size) {
            return DRS_ERROR;
        }

        if (strchr("*?[]^\\", *p) != NULL) {
            dst[n++] = '\\';
        }

        dst[n++] = *p;
    }

    (void) strcpy(dst + n, ":watch:*");

    return DRS_OK;
}


static int
drsw_house_watches(drsw_ctx_t *ctx)
{
    int         rc;
    char        pattern[192], cursor[32];
    size_t      i;
    redisReply *raw, *keys;
    const char *argv[6];

    if (drsw_house_pattern(ctx, pattern, sizeof(pattern)) != DRS_OK) {
        return DRS_ERROR;
    }

    (void) strcpy(cursor, "0");

    do {
        argv[0] = "SCAN";
        argv[1] = cursor;
        argv[2] = "MATCH";
        argv[3] = pattern;
        argv[4] = "COUNT";
        argv[5] = "1000";

        if (drsw_redis_raw(ctx->redis, 6, argv, NULL, 0, &raw) != DRS_OK) {
            return DRS_ERROR;
        }

        if (raw->type != REDIS_REPLY_ARRAY || raw->elements != 2) {
            drsw_warn(ctx->log, "SCAN was refused: watched jobs cannot be "
                                "checked");
            freeReplyObject(raw);
            return DRS_OK;
        }

        (void) snprintf(cursor, sizeof(cursor), "%s", raw->element[0]->str);
        keys = raw->element[1];
        rc = DRS_OK;

        for (i = 0; rc == DRS_OK && i < keys->elements; i++) {
            rc =
                drsw_house_watch(ctx, drs_strn(keys->element[i]->str,
                                               (size_t) keys->element[i]->len));
        }

        freeReplyObject(raw);

        if (rc == DRS_ERROR) {
            return DRS_ERROR;
        }

    } while (strcmp(cursor, "0") != 0 && !drsw_stopping(ctx));

    return DRS_OK;
}
