/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Schedules of drills: X-9, X-11 (api.md 10.3, 10.4).
 *
 * A stored schedule has the members of api.md 10.4 without nextRunAt and
 * lastRun, which the worker keeps beside it, and besides `editor`: who saved it
 * last ({userId, email?, username?, roles}); his rights are checked at each
 * run.
 */

#ifndef DRS_MODEL_SCHEDULE_H_INCLUDED
#define DRS_MODEL_SCHEDULE_H_INCLUDED


#include "drs_model.h"


#define DRS_SCHEDULES_MAX 50 /* of one plan */


/*
 * editor: actor of the request; borrowed.  *doc is new, with version 1,
 * or NULL with *e filled: MISSING_FIELD, INVALID_NAME, INVALID_CRON,
 * INVALID_TIME_ZONE (form only), INVALID_PARAMETER.
 */
int drs_model_schedule_create(drs_model_error_t *e, const json_t *body,
                              const drs_model_env_t *env, const json_t *editor,
                              drs_str_t id, drs_str_t plan_id, json_t **doc);

/* fields that are absent stay.  *doc has version old + 1. */
int drs_model_schedule_update(drs_model_error_t *e, const json_t *body,
                              const json_t *old, const drs_model_env_t *env,
                              const json_t *editor, json_t **doc);

/*
 * Id of the execution (and, with `kind` "command", of the command) that the
 * schedule starts for a due time: the same at each try, so that it starts once.
 * DRS_OK or DRS_ERROR (libcrypto).
 */
int drs_schedule_run_id(char dst[DRS_UUID_SIZE], const char *kind,
                        drs_str_t schedule_id, int64_t due_ms) DRS_MUST_CHECK;

/* Payload of exec.start for a due time, without executionId; new. */
json_t *drs_schedule_request(const json_t *doc);


#endif /* DRS_MODEL_SCHEDULE_H_INCLUDED */
