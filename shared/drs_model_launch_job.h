/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * A job that applies the settings of a group: its record, a row per server,
 * and the launchConfigStatus that follows from both (data-model.md 3.5).
 *
 *   job  {syncJobId, requestId?, appliedBy?, version, startTime (ms),
 *         completionTime? (ms), error?}
 *   row  {sourceServerId, hostname?, status: pending|ready|failed,
 *         lastApplied, lastSyncTime? (ms), configHash, errors[], attempts?}
 */

#ifndef DRS_MODEL_LAUNCH_JOB_H_INCLUDED
#define DRS_MODEL_LAUNCH_JOB_H_INCLUDED


#include "drs_model_launch.h"


/* What is to be done with a group (data-model.md 3.5, state machine). */
typedef enum {
    DRS_LAUNCH_NONE = 0, /* nothing is set */
    DRS_LAUNCH_BEGIN,    /* pending: a new job */
    DRS_LAUNCH_RUN,      /* rows are pending */
    DRS_LAUNCH_FINISH,   /* all rows are over, the status is not */
    DRS_LAUNCH_OVER      /* nothing but looking for drift */
} drs_launch_act_t;

/* `job` NULL: no record.  rows: object id -> row. */
drs_launch_act_t
drs_launch_act(const json_t *group, const json_t *job, const json_t *rows);

/* A row in the state pending. */
json_t *drs_launch_row(drs_str_t server, drs_str_t hostname);

/*
 * Outcome of one server.  hash: of the effective settings.  error NULL: ready.
 */
void drs_launch_row_done(json_t *row, const char *hash, const char *error,
                         int64_t now_ms);

/* Settings in AWS are not those that were applied. */
void drs_launch_row_drifted(json_t *row, const char *text);

typedef struct {
    size_t total, ready, failed, pending;
} drs_launch_count_t;

void drs_launch_count(const json_t *rows, drs_launch_count_t *n);

/*
 * Status of the group as it is stored: without rows.  syncing while a row is
 * pending; then ready, partial or failed; `drifted` says that the pending rows
 * were found to differ after a finished job.
 */
json_t *drs_launch_status(const json_t *group, const json_t *job,
                          const json_t *rows, int drifted, int64_t now_ms);

/* Data of the event launchconfig.status. */
json_t *drs_launch_event(const json_t *status);


/* -- views ----------------------------------------------------------------- */

/* PG8: a stored status with the rows (NULL: none). */
json_t *drs_view_launch_status(const json_t *group, const json_t *rows);

/* PG3: the group with the rows in its status; new reference. */
json_t *drs_view_launch_group(const json_t *group, const json_t *rows);

/* PG9: ServerLaunchConfig with effectiveConfig. */
json_t *drs_view_launch_server(const json_t *group, drs_str_t server);

/*
 * AuditTrail of a per-server write.  apply is taken over: {applied, skipped,
 * failed, details}; NULL: nothing was applied.  changed is borrowed.
 */
json_t *
drs_view_launch_trail(drs_str_t user, const char *action, const json_t *changed,
                      json_t *apply, int64_t now_ms);


#endif /* DRS_MODEL_LAUNCH_JOB_H_INCLUDED */
