/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Requests about executions: EX2 and RP8, EX6 to EX9 (api.md 4.5, 10.4), and
 * the filters of EX1.
 *
 * Only the request itself is judged; whatever depends on plan, servers or
 * state is the worker's or the store's.
 */

#ifndef DRS_MODEL_EXEC_REQ_H_INCLUDED
#define DRS_MODEL_EXEC_REQ_H_INCLUDED


#include "drs_model.h"


/*
 * EX2, RP8 (`plan_id` from the path; empty: from the body).  *out is the
 * payload of the command exec.start without executionId:
 *
 *   planId, executionType "DRILL"|"RECOVERY", initiatedBy, dryRun,
 *   waves?: int[], recoveryPoint?, recoverySnapshots?, allowDegraded,
 *   allowUnknownLimits, overrideReason?, confirmReplaceExisting, reason?,
 *   notes?, invocationSource?
 */
int drs_model_exec_start(drs_model_error_t *e, const json_t *body,
                         const drs_model_env_t *env, drs_str_t plan_id,
                         json_t **out);

/* EX8: {notes?, allowDegraded, allowUnknownLimits, overrideReason?}. */
int
drs_model_exec_resume(drs_model_error_t *e, const json_t *body, json_t **out);

/* EX6: {terminateLaunched, reason?}. */
int
drs_model_exec_cancel(drs_model_error_t *e, const json_t *body, json_t **out);

/* EX7: {reason?}. */
int
drs_model_exec_pause(drs_model_error_t *e, const json_t *body, json_t **out);

/* EX9: {confirmPaused}. */
int drs_model_exec_terminate(drs_model_error_t *e, const json_t *body,
                             json_t **out);

/* {serverIds? (distinct), reason?, allowDegraded, allowUnknownLimits,
 * overrideReason?}. */
int
drs_model_wave_retry(drs_model_error_t *e, const json_t *body, json_t **out);

/* {reason}. */
int drs_model_wave_skip(drs_model_error_t *e, const json_t *body, json_t **out);

/* {action: ADOPT|RETRY|FAIL, jobId? (needed by ADOPT), reason}. */
int
drs_model_unit_resolve(drs_model_error_t *e, const json_t *body, json_t **out);

/*
 * {planId, executionType (default DRILL), waves?, recoveryPoint?,
 * recoverySnapshots?, allowDegraded, allowUnknownLimits,
 * confirmReplaceExisting}.
 */
int drs_model_precheck(drs_model_error_t *e, const json_t *body,
                       drs_str_t plan_id, json_t **out);


/* EX3, EX4, EX15: four forms of one request. */
typedef enum {
    DRS_EXEC_DELETE_ANY = 0, /* DELETE /executions: ids, else all */
    DRS_EXEC_DELETE_IDS,     /* POST /executions/delete */
    DRS_EXEC_DELETE_ENDED    /* DELETE /executions/completed: all */
} drs_exec_delete_form_t;

typedef struct {
    drs_exec_delete_form_t form;
    drs_str_t              ids;        /* query; data NULL: absent */
    drs_str_t              force;      /* query */
    drs_str_t              account_id; /* query; limits the form of all */
    const json_t          *body;       /* may be NULL */
} drs_exec_delete_t;

/*
 * {executionIds?: [distinct], force, accountId?}; without executionIds: all
 * that ended.  MISSING_EXECUTION_IDS when a list is asked for and empty.
 */
int drs_model_exec_delete(drs_model_error_t *e, const drs_exec_delete_t *in,
                          json_t **out);

/*
 * DRS9: {sourceServerIds (distinct), region, accountId?, isDrill,
 * confirmReplaceExisting, allowDegraded, allowUnknownLimits,
 * overrideReason?}.
 */
int drs_model_drs_start(drs_model_error_t *e, const json_t *body,
                        const drs_model_env_t *env, json_t **out);


/* EX1 and X-27: filters; views belong to the caller. */
typedef struct {
    drs_str_t account_id;
    drs_str_t plan_id;
    drs_str_t status; /* comma list as given, may be empty */
    drs_str_t type;
    drs_str_t initiated_by;
    drs_str_t source;   /* invocationSource */
    drs_str_t q;        /* substring of plan name or id */
    int64_t   after_ms; /* startedAfter, exclusive; 0: none */
    int64_t   before_ms;
} drs_exec_filter_t;

/* startedAfter, startedBefore: epoch seconds or ISO.  DRS_DECLINED if bad. */
int drs_model_time_param(drs_str_t s, int64_t *ms) DRS_MUST_CHECK;

/* 1 if `status` is in the comma list, ignoring case; an empty list: 1. */
int drs_model_status_listed(drs_str_t list, drs_str_t status);

/*
 * `limit` of a list: 1 to `max`, larger values become `max`; absent: `dflt`.
 * DRS_DECLINED below 1 or if it is no number.
 */
int drs_model_limit(drs_str_t s, size_t dflt, size_t max,
                    size_t *limit) DRS_MUST_CHECK;


#endif /* DRS_MODEL_EXEC_REQ_H_INCLUDED */
