
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Token buckets per (account, Region, operation) (engine.md 2.7, 7.5):
 * throttling halves a bucket's rate, every success and every second add a
 * little back.  Shared by all threads of a process, and with a store behind it
 * by all processes: then tokens are fetched from there, a few at a time where
 * there are many.
 * While the store does not answer, the process goes by itself.
 *
 * Lanes: recoveries may empty a bucket, other runs and requests leave a
 * quarter of it, background work leaves half.
 */

#ifndef DRSW_AWS_BUDGET_H
#define DRSW_AWS_BUDGET_H

#include <stdint.h>

#include "aws.h"


typedef struct drsw_budget_s drsw_budget_t;


/* scale multiplies the rates; 0 or less: no limits.  NULL: no memory. */
drsw_budget_t *drsw_budget_create(double scale);
void           drsw_budget_destroy(drsw_budget_t *b);

/* From now on by this store, see drsw_aws_config_t.  Before threads start. */
void drsw_budget_share(drsw_budget_t *b, drsw_aws_rate_take_pt take,
                       drsw_aws_rate_slow_pt slow, void *data);

/*
 * Takes a token at now_ms (monotonic) and returns 0, or returns how long to
 * wait in ms before asking again; nothing is taken then.
 */
int64_t
drsw_budget_take(drsw_budget_t *b, const char *account, const char *region,
                 const char *service, const char *operation,
                 drsw_aws_lane_e lane, int64_t now_ms);

/* Tells how a call went: throttled or not. */
void
drsw_budget_feedback(drsw_budget_t *b, const char *account, const char *region,
                     const char *service, const char *operation, int throttled);

/* Present rate per minute of a bucket, 0 if it was never used. */
double
drsw_budget_rate(drsw_budget_t *b, const char *account, const char *region,
                 const char *service, const char *operation);

#endif /* DRSW_AWS_BUDGET_H */
