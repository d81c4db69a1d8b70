/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Background jobs: their last runs (engine.md 4.1) and their pauses.
 */

#ifndef DRSW_RUNS_H
#define DRSW_RUNS_H


#include "drsw_task.h"


#define DRSW_RUN_ERRORS 50 /* kept of one run */


/*
 * Stores in `runs` under "<job> <scope>" what a run came to: {job, scope,
 * startedAt, finishedAt, status, counters, errors}.  scope "": none.  status:
 * SUCCESS, PARTIAL or FAILED.  counters (object) and errors (array of texts,
 * cut) are borrowed, may be NULL; more: further members, may be NULL.  DRS_OK
 * or DRS_ERROR.
 */
int
drsw_run_note(drsw_ctx_t *ctx, const char *job, const char *scope,
              int64_t started_ms, const char *status, const json_t *counters,
              const json_t *errors, const json_t *more);

/* The record of the last run (new) or NULL. */
json_t *drsw_run_last(drsw_ctx_t *ctx, const char *job, const char *scope);

/* Forgets it: the scope is gone. */
int drsw_run_forget(drsw_ctx_t *ctx, const char *job, const char *scope);

/* ms, up to a tenth more or less, so that jobs do not march in step. */
int64_t drsw_run_jitter(int64_t ms);


#endif /* DRSW_RUNS_H */
