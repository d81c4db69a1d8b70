/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Launch settings of a group: its job in the store, facts of AWS for the
 * validation, and what the commands about single servers share.
 */

#ifndef DRSW_LAUNCH_JOB_H
#define DRSW_LAUNCH_JOB_H


#include "drs_model_launch_check.h"
#include "drs_model_launch_job.h"

#include "drsw_group.h"
#include "drsw_launch.h"


/*
 * Record of the group: *job NULL if there is none, *rows an object (both owned
 * by the caller).  DRS_OK or DRS_ERROR.
 */
int drsw_launch_record(drsw_ctx_t *ctx, drs_str_t group, json_t **job,
                       json_t **rows);

/* Asks AWS for everything in `lookups`; a new object of facts. */
json_t *drsw_launch_facts(drsw_ctx_t *ctx, const drsw_access_t *access,
                          const json_t *lookups);

/*
 * PG4: static addresses that a changed subnet no longer holds.  DRS_DECLINED:
 * *e is filled.
 */
int drsw_launch_guard(drsw_ctx_t *ctx, const json_t *old, const json_t *doc,
                      drs_model_error_t *e);

/*
 * Waits until the status of the group is neither pending nor syncing, or until
 * the time of the command is nearly over.  *group (replaced by what is stored
 * now) and *rows are the caller's.
 */
int drsw_launch_wait(drsw_ctx_t *ctx, const drsw_command_t *cmd, json_t **group,
                     json_t **rows);

/* PG4 with applyConfigsSync: SERVERS_CONFIG_APPLY_FAILED or DRS_OK. */
int drsw_launch_sync_result(const json_t *group, const json_t *rows,
                            drs_model_error_t *e);


#endif /* DRSW_LAUNCH_JOB_H */
