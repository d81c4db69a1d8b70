/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Recovery instances of one account and Region, as DRS and EC2 show them, and
 * the cache ri:<account>:<region> of what was read last.
 */

#ifndef DRSW_INSTANCES_H
#define DRSW_INSTANCES_H


#include "drsw_task.h"


/*
 * Asks DRS for all recovery instances of the place, EC2 for their addresses,
 * and replaces the cache.  *rows: new array (drs_view_instances.h).
 *
 * DRS_OK; DRS_DECLINED: DRS did not answer, *res says why; DRS_ERROR: the
 * store.
 */
int drsw_instances_read(drsw_ctx_t *ctx, const drsw_access_t *access,
                        json_t **rows, drsw_aws_result_t *res);

/* Rows of the cache and when they were read (new array); DRS_DECLINED: the
 * place was never read. */
int drsw_instances_cached(drsw_ctx_t *ctx, drs_str_t account, drs_str_t region,
                          json_t **rows, int64_t *at_ms);

/* Something was launched or terminated in the place: it is read again soon, by
 * the task instances:<account>:<region>.  DRS_OK or DRS_ERROR. */
int
drsw_instances_later(drsw_ctx_t *ctx, const char *account, const char *region);

/*
 * A Region that cannot be asked, as an answer (api.md DRS1): code, {region,
 * accountId, initialized, status} and the words that the console looks for.
 */
int drsw_instances_refused(drsw_answer_t *answer, const drsw_access_t *access,
                           const char *what, const drsw_aws_result_t *res);

/* Access to payload.accountId (default: the hub) and payload.region.
 * DRS_DECLINED: answered. */
int drsw_instances_place(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                         drsw_answer_t *answer, drsw_access_t *access);

/*
 * Executions of DRS jobs, from job:<account>:<region>: a new object job id ->
 * {executionId, unitId, planId?, planName?}.  jobs: array of ids.
 */
int drsw_instances_jobs(drsw_ctx_t *ctx, drs_str_t account, drs_str_t region,
                        const json_t *jobs, json_t **links);


#endif /* DRSW_INSTANCES_H */
