/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Schedules of drills (docs/schedules.md): what the command that writes them
 * and the task that runs them share.
 */

#ifndef DRSW_SCHEDULE_H
#define DRSW_SCHEDULE_H


#include "drs_cron.h"

#include "drsw_task.h"


/* Times of one schedule. */
typedef struct {
    drs_cron_t cron;
    drs_tz_t   tz;
} drsw_schedule_times_t;

/*
 * Expression and zone of a document.  DRS_OK; DRS_DECLINED: one of them does
 * not exist, *code is INVALID_CRON or INVALID_TIME_ZONE and err says why;
 * DRS_ERROR.  Free when OK.
 */
int  drsw_schedule_times(drsw_ctx_t *ctx, const json_t *doc,
                         drsw_schedule_times_t *t, const char **code, char *err,
                         size_t errlen);
void drsw_schedule_times_free(drsw_schedule_times_t *t);

/* First due time after now_ms, epoch ms; 0: none. */
int64_t drsw_schedule_next(const drsw_schedule_times_t *t, int64_t now_ms);

/*
 * May the last editor still change plans and start recoveries?  DRS_OK,
 * DRS_DECLINED (why in err), DRS_ERROR (the store).
 */
int drsw_schedule_allowed(drsw_ctx_t *ctx, const json_t *doc, char *err,
                          size_t errlen);


/* What became of a run. */
typedef enum {
    DRSW_SCHEDULE_STARTED = 0,
    DRSW_SCHEDULE_SKIPPED,
    DRSW_SCHEDULE_FAILED,
    DRSW_SCHEDULE_LATER /* tried again within the grace time */
} drsw_schedule_result_e;

/*
 * Starts the drill of a due time, or finds the one that was started for it.
 * execution: its id.  code, reason: why not (lastRun.reason begins with the
 * code).  DRS_OK or DRS_ERROR (tried again).
 */
int
drsw_schedule_start(drsw_ctx_t *ctx, const json_t *doc, int64_t due_ms,
                    char                    execution[DRS_UUID_SIZE],
                    drsw_schedule_result_e *result, char *reason, size_t size);

/* 1 if the drill of a due time was started: *execution as above. */
int drsw_schedule_started(drsw_ctx_t *ctx, drs_str_t schedule, int64_t due_ms,
                          char execution[DRS_UUID_SIZE], int *started);


#endif /* DRSW_SCHEDULE_H */
