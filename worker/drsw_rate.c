
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Call budgets of AWS in the store, so that all workers share them: one
 * connection for all threads.  While the store does not answer, each process
 * keeps its own budget (aws_budget.h).
 */

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_store_cap.h"
#include "drsw_metrics.h"
#include "drsw_worker.h"


#define DRSW_RATE_PATIENCE_MS 200


struct drsw_rate_s {
    pthread_mutex_t lock; /* of the connection */
    drsw_worker_t  *worker;
    drsw_redis_t   *redis;
    drsw_log_t      log;
};


drsw_rate_t *
drsw_rate_create(drsw_worker_t *w)
{
    drsw_rate_t *r;

    r = calloc(1, sizeof(drsw_rate_t));
    if (r == NULL) {
        return NULL;
    }

    r->worker = w;
    (void) pthread_mutex_init(&r->lock, NULL);
    drsw_log_init(&r->log, w->sink, "rate");
    r->redis = drsw_redis_create(w->conf, &r->log, &w->redis);

    if (r->redis == NULL) {
        drsw_rate_destroy(r);
        return NULL;
    }

    drsw_redis_patience(r->redis, DRSW_RATE_PATIENCE_MS);

    return r;
}


void
drsw_rate_destroy(drsw_rate_t *r)
{
    if (r == NULL) {
        return;
    }

    if (r->redis != NULL) {
        drsw_redis_destroy(r->redis);
    }

    (void) pthread_mutex_destroy(&r->lock);
    free(r);
}


/* Sends and frees cmd.  DRS_OK: *first, *second of the answer. */
static int
drsw_rate_call(drsw_rate_t *r, drs_cmd_t *cmd, int64_t *first, int64_t *second)
{
    int          rc;
    drsw_reply_t reply;
    drs_answer_t a;

    memset(&reply, 0, sizeof(reply));

    (void) pthread_mutex_lock(&r->lock);
    rc = (cmd != NULL && drs_cmd_ok(cmd))
             ? drsw_redis_cmd(r->redis, cmd, &reply)
             : DRS_ERROR;
    (void) pthread_mutex_unlock(&r->lock);

    drs_cmd_free(cmd);

    if (rc == DRS_OK) {
        rc = drs_store_answer(&a, &reply.r);
    }

    if (rc == DRS_OK) {
        rc = drs_answer_i64(&a, 0, first);
    }

    if (rc == DRS_OK && second != NULL) {
        rc = drs_answer_i64(&a, 1, second);
    }

    drsw_reply_free(&reply);
    return rc;
}


int64_t
drsw_rate_take(void *data, const char *account, const char *region,
               const char *api, int64_t per_minute, int64_t burst, int64_t want,
               int64_t keep, int64_t *wait_ms)
{
    char         labels[128];
    int64_t      got;
    drsw_rate_t *r;

    r = data;

    if (drsw_rate_call(r,
                       drs_store_rate_take(drsw_redis_prefix(r->redis),
                                           drs_str(account), drs_str(region),
                                           drs_str(api), per_minute, burst,
                                           want, keep),
                       &got, wait_ms)
        != DRS_OK)
    {
        return -1;
    }

    if (got == 0) {
        (void) snprintf(labels, sizeof(labels), "api=\"%s\"", api);
        drsw_metrics_add(r->worker->metrics, DRSW_METRIC_COUNTER,
                         "aws_budget_waits_total", "", labels, 1);
    }

    return got;
}


void
drsw_rate_slow(void *data, const char *account, const char *region,
               const char *api, int64_t per_minute, int64_t burst)
{
    char         labels[128];
    int64_t      rate;
    drsw_rate_t *r;

    r = data;
    (void) snprintf(labels, sizeof(labels), "api=\"%s\"", api);
    drsw_metrics_add(r->worker->metrics, DRSW_METRIC_COUNTER,
                     "aws_throttles_total", "", labels, 1);

    if (drsw_rate_call(r,
                       drs_store_rate_slow(drsw_redis_prefix(r->redis),
                                           drs_str(account), drs_str(region),
                                           drs_str(api), per_minute, burst),
                       &rate, NULL)
        == DRS_OK)
    {
        drsw_notice(&r->log,
                    "throttled: %s in account %s, %s goes on with %lld calls a "
                    "minute",
                    api, account, region, (long long) rate);
    }
}
