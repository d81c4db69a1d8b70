
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws_budget.h"


#define DRSW_BUDGET_SLOTS 256
#define DRSW_BUDGET_CHUNK 20 /* most tokens fetched at once */

/* time in which a throttled bucket has its rate again, without a call */
#define DRSW_BUDGET_RECOVER_MS 120000


typedef struct {
    const char *service;
    const char *operation; /* NULL: any other of the service */
    double      per_minute;
    double      burst;
} drsw_budget_rule_t;


/* engine.md 2.7; unknown services have no limit */

static const drsw_budget_rule_t drsw_budget_rules[] = {
    { "drs", "StartRecovery", 10, 10 },
    { "drs", "TerminateRecoveryInstances", 20, 10 },
    { "drs", "UpdateLaunchConfiguration", 50, 25 },
    { "drs", "DescribeJobs", 100, 50 },
    { "drs", "DescribeSourceServers", 100, 50 },
    { "drs", NULL, 600, 100 },
    { "ec2", NULL, 6000, 100 },
};


typedef struct drsw_bucket_s drsw_bucket_t;

struct drsw_bucket_s {
    drsw_bucket_t *next;
    double         base; /* tokens per ms */
    double         rate;
    double         burst;
    double         tokens;
    int64_t        at_ms;
    int64_t        fetched; /* tokens that the store has given */
    char           key[160];
    char           api[80];
};


struct drsw_budget_s {
    pthread_mutex_t       lock;
    double                scale;
    drsw_aws_rate_take_pt take; /* NULL: no store */
    drsw_aws_rate_slow_pt slow;
    void                 *data;
    drsw_bucket_t        *slots[DRSW_BUDGET_SLOTS];
};


drsw_budget_t *
drsw_budget_create(double scale)
{
    drsw_budget_t *b;

    b = calloc(1, sizeof(drsw_budget_t));
    if (b == NULL) {
        return NULL;
    }

    if (pthread_mutex_init(&b->lock, NULL) != 0) {
        free(b);
        return NULL;
    }

    b->scale = scale;

    return b;
}


void
drsw_budget_share(drsw_budget_t *b, drsw_aws_rate_take_pt take,
                  drsw_aws_rate_slow_pt slow, void *data)
{
    b->take = take;
    b->slow = slow;
    b->data = data;
}


void
drsw_budget_destroy(drsw_budget_t *b)
{
    size_t         i;
    drsw_bucket_t *bucket, *next;

    if (b == NULL) {
        return;
    }

    for (i = 0; i < DRSW_BUDGET_SLOTS; i++) {
        for (bucket = b->slots[i]; bucket != NULL; bucket = next) {
            next = bucket->next;
            free(bucket);
        }
    }

    (void) pthread_mutex_destroy(&b->lock);
    free(b);
}


static const drsw_budget_rule_t *
drsw_budget_rule(const char *service, const char *operation)
{
    size_t                    i;
    const drsw_budget_rule_t *rule;

    for (i = 0; i < sizeof(drsw_budget_rules) / sizeof(drsw_budget_rules[0]);
         i++) {
        rule = &drsw_budget_rules[i];

        if (strcmp(rule->service, service) == 0
            && (rule->operation == NULL
                || strcmp(rule->operation, operation) == 0))
        {
            return rule;
        }
    }

    return NULL;
}


/* Under the lock.  NULL: no limit (or no memory for one). */

static drsw_bucket_t *
drsw_budget_find(drsw_budget_t *b, const char *account, const char *region,
                 const char *service, const char *operation, int create)
{
    char                      key[160];
    uint32_t                  hash;
    const char               *p;
    drsw_bucket_t            *bucket;
    const drsw_budget_rule_t *rule;

    rule = drsw_budget_rule(service, operation);
    if (rule == NULL) {
        return NULL;
    }

    (void) snprintf(key, sizeof(key), "%s/%s/%s/%s", account, region, service,
                    rule->operation != NULL ? rule->operation : "*");

    hash = 2166136261u;
    for (p = key; *p != '\0'; p++) {
        hash = (hash ^ (unsigned char) *p) * 16777619u;
    }

    for (bucket = b->slots[hash % DRSW_BUDGET_SLOTS]; bucket != NULL;
         bucket = bucket->next)
    {
        if (strcmp(bucket->key, key) == 0) {
            return bucket;
        }
    }

    if (!create) {
        return NULL;
    }

    bucket = calloc(1, sizeof(drsw_bucket_t));
    if (bucket == NULL) {
        return NULL;
    }

    bucket->base = rule->per_minute * b->scale / 60000.0;
    bucket->rate = bucket->base;
    bucket->burst = rule->burst; /* calls at once: not a matter of time */
    bucket->tokens = bucket->burst;
    bucket->at_ms = -1;
    memcpy(bucket->key, key, sizeof(key));
    (void) snprintf(bucket->api, sizeof(bucket->api), "%s.%s", service,
                    rule->operation != NULL ? rule->operation : "other");

    bucket->next = b->slots[hash % DRSW_BUDGET_SLOTS];
    b->slots[hash % DRSW_BUDGET_SLOTS] = bucket;

    return bucket;
}


static int64_t
drsw_budget_keep(const drsw_bucket_t *bucket, drsw_aws_lane_e lane)
{
    switch (lane) {
    case DRSW_LANE_RECOVERY:
        return 0;

    case DRSW_LANE_NORMAL:
        return (int64_t) (bucket->burst / 4);

    default:
        return (int64_t) (bucket->burst / 2);
    }
}


static int64_t
drsw_budget_whole(double v)
{
    return v < 1 ? 1 : (int64_t) (v + 0.5);
}


static void
drsw_budget_faster(drsw_bucket_t *bucket, double more)
{
    bucket->rate += more;

    if (bucket->rate > bucket->base) {
        bucket->rate = bucket->base;
    }
}


/* Under the lock: the process by itself. */

static int64_t
drsw_budget_own(drsw_bucket_t *bucket, drsw_aws_lane_e lane, int64_t now_ms)
{
    double need, ms;

    if (bucket->at_ms >= 0 && now_ms > bucket->at_ms) {
        ms = (double) (now_ms - bucket->at_ms);
        bucket->tokens += ms * bucket->rate;
        if (bucket->tokens > bucket->burst) {
            bucket->tokens = bucket->burst;
        }

        drsw_budget_faster(bucket, ms * bucket->base / DRSW_BUDGET_RECOVER_MS);
    }

    bucket->at_ms = now_ms;
    need = 1 + (double) drsw_budget_keep(bucket, lane);

    if (bucket->tokens >= need) {
        bucket->tokens -= 1;
        return 0;
    }

    return (int64_t) ((need - bucket->tokens) / bucket->rate) + 1;
}


/* Buckets live as long as the budget, so they may be used without the lock as
 * far as they do not change.  -1: the store does not answer. */

static int64_t
drsw_budget_fetch(drsw_budget_t *b, drsw_bucket_t *bucket, const char *account,
                  const char *region, drsw_aws_lane_e lane)
{
    int64_t got, want, wait;

    want = (int64_t) (bucket->burst / 10);
    want = want < 1 ? 1 : want;
    want = want > DRSW_BUDGET_CHUNK ? DRSW_BUDGET_CHUNK : want;
    wait = 0;

    got = b->take(b->data, account, region, bucket->api,
                  drsw_budget_whole(bucket->base * 60000.0),
                  drsw_budget_whole(bucket->burst), want,
                  drsw_budget_keep(bucket, lane), &wait);

    if (got <= 0) {
        return got < 0 ? -1 : (wait > 0 ? wait : 1);
    }

    (void) pthread_mutex_lock(&b->lock);
    bucket->fetched += got - 1;
    (void) pthread_mutex_unlock(&b->lock);

    return 0;
}


int64_t
drsw_budget_take(drsw_budget_t *b, const char *account, const char *region,
                 const char *service, const char *operation,
                 drsw_aws_lane_e lane, int64_t now_ms)
{
    int64_t        wait;
    drsw_bucket_t *bucket;

    if (b->scale <= 0) {
        return 0;
    }

    wait = -1;

    (void) pthread_mutex_lock(&b->lock);

    bucket = drsw_budget_find(b, account, region, service, operation, 1);

    if (bucket == NULL) {
        wait = 0;

    } else if (bucket->fetched > 0) {
        bucket->fetched--;
        wait = 0;
    }

    (void) pthread_mutex_unlock(&b->lock);

    if (wait < 0 && b->take != NULL) {
        wait = drsw_budget_fetch(b, bucket, account, region, lane);
    }

    if (wait < 0) {
        (void) pthread_mutex_lock(&b->lock);
        wait = drsw_budget_own(bucket, lane, now_ms);
        (void) pthread_mutex_unlock(&b->lock);
    }

    return wait;
}


void
drsw_budget_feedback(drsw_budget_t *b, const char *account, const char *region,
                     const char *service, const char *operation, int throttled)
{
    drsw_bucket_t *bucket;

    if (b->scale <= 0) {
        return;
    }

    (void) pthread_mutex_lock(&b->lock);

    bucket = drsw_budget_find(b, account, region, service, operation, 0);

    if (bucket != NULL) {
        if (throttled) {
            bucket->rate /= 2;
            bucket->tokens =
                bucket->tokens > 1 ? bucket->tokens / 2 : bucket->tokens;

            if (bucket->rate < bucket->base / 16) {
                bucket->rate = bucket->base / 16;
            }

        } else {
            drsw_budget_faster(bucket, bucket->base / 20);
        }
    }

    (void) pthread_mutex_unlock(&b->lock);

    if (bucket != NULL && throttled && b->slow != NULL) {
        b->slow(b->data, account, region, bucket->api,
                drsw_budget_whole(bucket->base * 60000.0),
                drsw_budget_whole(bucket->burst));
    }
}


double
drsw_budget_rate(drsw_budget_t *b, const char *account, const char *region,
                 const char *service, const char *operation)
{
    double         rate;
    drsw_bucket_t *bucket;

    (void) pthread_mutex_lock(&b->lock);

    bucket = drsw_budget_find(b, account, region, service, operation, 0);
    rate = bucket != NULL ? bucket->rate * 60000.0 : 0;

    (void) pthread_mutex_unlock(&b->lock);

    return rate;
}
