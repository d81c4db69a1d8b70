
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Task exec:<id>: the engine's loop (docs/engine.md) and its effects.  A run
 * lives in one step of the task, in one thread.
 */

#ifndef DRSW_EXEC_H
#define DRSW_EXEC_H


#include "drsw_engine.h"

#include "drsw_resolve.h"


typedef struct {
    drsw_ctx_t     *ctx;
    const char     *id; /* execution id */
    drs_lease_t     lease;
    drsw_settings_t set;
    int64_t         shift; /* store's clock minus our wall clock, by
                                       which AWS times are moved */

    drs_exec_t  *e;          /* the record, as loaded last */
    drs_arena_t *jobs_arena; /* of obs.jobs, NULL: not loaded */
    size_t       jobs_count; /* jobs that mattered then */
    drs_arena_t *arena;      /* of the other observations */
    drs_arena_t *keep;       /* of the verdict */
    drsw_obs_t   obs;
    size_t       caps[8]; /* of the arrays below */
    void        *resolutions, *configs, *capacity, *sends, *looks;
    void        *enriched, *enriched_units;

    const drsw_plan_t *plan; /* whose effects are run */
} drsw_run_t;


/* -- drsw_t_exec.c -------------------------------------------------------- */

/* Settings of the engine from the (scaled) configuration. */
void drsw_run_settings(const drsw_config_t *conf, drsw_settings_t *s);

/* lease: fence and owner under which is written. */
int
drsw_run_init(drsw_run_t *run, drsw_ctx_t *ctx, const char *id, uint64_t fence);
void drsw_run_free(drsw_run_t *run);

/*
 * Steps until nothing is left to do now.
 *
 * DRS_OK: *next_at; DRS_DECLINED: ownership is lost; DRS_ERROR.
 */
int drsw_run_steps(drsw_run_t *run, int64_t *next_at);

/*
 * One step with an operator's request on the record that is loaded, without
 * running effects: the task's next step asks for them again.  DRS_AGAIN: the
 * record has changed, load it again; DRS_DECLINED: ownership is lost.
 */
int drsw_run_request(drsw_run_t *run, const drsw_request_t *request,
                     drsw_verdict_t *verdict);

/* -- drsw_exec_load.c ----------------------------------------------------- */

/* Record and job observations.  DRS_DECLINED: there is no such execution. */
int drsw_run_load(drsw_run_t *run);

/* Reads one record without observations; DRS_DECLINED: none. */
int drsw_record_load(drsw_ctx_t *ctx, const char *id, drs_exec_t **e);

/* -- observations (drsw_t_exec.c) ----------------------------------------- */

/* Zeroed new elements; NULL without memory. */
drsw_resolution_t *drsw_run_resolution(drsw_run_t *run, int wave);
drsw_configured_t *drsw_run_configured(drsw_run_t *run, const char *unit);
drsw_capacity_t   *drsw_run_capacity(drsw_run_t *run);
drsw_send_t       *drsw_run_send(drsw_run_t *run, const drsw_effect_t *eff,
                                 drsw_send_outcome_t outcome, drsw_why_t why);
drsw_look_t       *drsw_run_look(drsw_run_t *run, const char *unit);
drsw_enriched_t   *drsw_run_enriched(drsw_run_t *run, const char *server);
int                drsw_run_enriched_unit(drsw_run_t *run, const char *unit);

/* Copy in the arena of the observations; "" for NULL or without memory. */
const char *drsw_run_text(drsw_run_t *run, const char *z);
const char *drsw_run_str(drsw_run_t *run, drs_str_t s);

/* "2026-01-01T00:00:00Z" of AWS as the store's clock, 0 if absent. */
int64_t drsw_aws_time(drs_str_t s, int64_t shift);

/*
 * 1 if a failed call is worth repeating later; else what failed will fail
 * again (engine.md 7.5).
 */
int drsw_aws_is_transient(const drsw_aws_result_t *res);

/* -- effects: DRS_OK, DRS_DECLINED (ownership lost) or DRS_ERROR ---------- */

int drsw_run_resolve(drsw_run_t *run, const drsw_effect_t *eff);
int drsw_run_config(drsw_run_t *run, const drsw_effect_t *eff);
int drsw_run_ask_capacity(drsw_run_t *run, const drsw_effect_t *eff);
int drsw_run_arm(drsw_run_t *run, const drsw_effect_t *eff);
int drsw_run_close(drsw_run_t *run, const drsw_effect_t *eff);
int drsw_run_fact(drsw_run_t *run, const drsw_effect_t *eff);
int drsw_run_ask_look(drsw_run_t *run, const drsw_effect_t *eff);
int drsw_run_reconcile(drsw_run_t *run, const drsw_effect_t *eff);
int drsw_run_enrich(drsw_run_t *run, const drsw_effect_t *eff);
int drsw_run_terminate(drsw_run_t *run, const drsw_effect_t *eff);

/* After a commit by which waves are over: the places of their units have other
 * recovery instances.  run->e is the record before. */
int drsw_run_waves_over(drsw_run_t *run, const drsw_plan_t *plan);

/* terminationInitiatedAt, instancesTerminated in `out`, from exec:<id>:term. */
int drsw_run_term_flags(drsw_run_t *run);


/* -- drsw_job_aws.c ------------------------------------------------------- */

/* A Job object of DRS, without its log; strings in the arena. */
int drsw_job_from_aws(drs_arena_t *a, const json_t *job, int64_t shift,
                      drsw_job_t *out);

/* Fills job->staging: what staging accounts do for it, strings in `arena`.
 * drsw_poll_staging.c */
int drsw_poll_staging(drsw_ctx_t *ctx, drs_arena_t *arena,
                      const drsw_access_t *target, int64_t shift,
                      const drsw_job_t *old, drsw_job_t *job);

/* Name of the job tag that carries the launch key. */
#define DRSW_JOB_TAG "drs-orchestrator:launch-key"


#endif /* DRSW_EXEC_H */
