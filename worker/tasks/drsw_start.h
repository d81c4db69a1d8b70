
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Starting an execution (api.md EX2, engine.md 1.6): what the checks find and
 * what the record is made of.  Every check that a start makes is one function
 * here, in the order of EX2.
 */

#ifndef DRSW_START_H
#define DRSW_START_H


#include "drs_model_exec_req.h"

#include "drsw_engine.h"

#include "drsw_resolve.h"


typedef struct {
    drsw_ctx_t           *ctx;
    const drsw_command_t *cmd;
    drsw_answer_t        *answer;

    const json_t   *request; /* payload of exec.start */
    drs_str_t       id;      /* executionId */
    int             drill;
    json_t         *plan;  /* owned */
    json_t         *waves; /* owned: [{wave, selected,
                                           servers: drsw_resolver_wave()}] */
    drsw_resolver_t resolver;
    json_t         *warnings; /* owned: [{code, message, ...}] */
    json_t         *jobs;     /* owned: "account:region:server" ->
                                           {jobId, status, launchStatus, type} */
} drsw_start_t;


/*
 * All of these: DRS_OK (goes on), DRS_DECLINED (the answer is set), DRS_ERROR.
 */
int drsw_start_load(drsw_start_t *s);
int drsw_start_resolve(drsw_start_t *s);
int drsw_start_duplicates(drsw_start_t *s);
int drsw_start_executing(drsw_start_t *s);
int drsw_start_conflicts(drsw_start_t *s);
int drsw_start_existing(drsw_start_t *s);
int drsw_start_limits(drsw_start_t *s);
int drsw_start_health(drsw_start_t *s);
int drsw_start_points(drsw_start_t *s);
int drsw_start_create(drsw_start_t *s);

/*
 * What the checks look at, without refusing anything.
 */

/* Servers of two waves, and the waves in pairs. */
void drsw_start_find_duplicates(drsw_start_t *s, json_t *ids, json_t *waves);

/* Another active execution of the plan: DRS_DECLINED and its id. */
int drsw_start_running(drsw_start_t *s, char *run, size_t size);

/* ServerConflict entries, after drsw_start_jobs() of every place. */
int drsw_start_find_conflicts(drsw_start_t *s, json_t *conflicts);

/* Active jobs at a place and servers in them, after drsw_start_jobs(). Appends
 * {jobId, status, type, serverCount} of each job to `list`. */
void drsw_start_count(drsw_start_t *s, const drsw_place_t *place, size_t *jobs,
                      size_t *servers, json_t *list);

/* Servers without the recovery point asked for; those not asked in time. */
int drsw_start_find_points(drsw_start_t *s, int64_t until_mono_ms,
                           json_t *missing, json_t *unknown);

/* 202 of EX2. */
int drsw_start_answer(drsw_start_t *s);

/* Active jobs of a place: fills s->jobs.  DRS_DECLINED: cannot be asked. */
int drsw_start_jobs(drsw_start_t *s, drsw_place_t *place);

/* Adds {code, message} and, when given (stolen), serverIds. */
void drsw_start_warn(drsw_start_t *s, const char *code, json_t *server_ids,
                     const char *fmt, ...) DRS_PRINTF(4, 5);

/*
 * 503 LIMITS_UNKNOWN {accounts: [{accountId, region, reason}]}, or the
 * Region's own error when its state is known; always DRS_DECLINED.
 */
int drsw_start_unknown(drsw_start_t *s, const drsw_place_t *place);

/*
 * The checks of a start for the servers that a retry of a wave would launch
 * (T19d).  Nothing is checked when the engine will refuse the retry anyway.
 */
int drsw_start_retry_check(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                           drsw_answer_t *answer, const drs_exec_t *e,
                           const drsw_request_t *req);

/* The answer for SERVER_CONFLICT of the store; DRS_DECLINED. */
int drsw_start_conflict_store(drsw_start_t *s, const drs_answer_t *a);

/* SERVER_CONFLICT with conflicts: claims of other runs and DRS jobs. */
int drsw_start_conflict_answer(drsw_start_t *s, json_t *conflicts);


#endif /* DRSW_START_H */
