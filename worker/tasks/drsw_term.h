
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Task term:<id>: terminates the recovery instances of an execution
 * (engine.md 1.11, api.md EX9, EX12).
 *
 * Its plan is the field `plan` of exec:<id>:term:
 *
 *   { command, beganMs, confirm, userId?, found,
 *     places: [{account, region, error}]       places that cannot be asked
 *     chunks: [{account, region, state, intentMs, nextMs, tries, job, endedMs,
 *               targets: [{i: instance, s: source server, state, code?,
 *                          error?}]}] }
 *
 * chunk:  PLANNED -> INTENT -> SENT -> DONE; INTENT -> PLANNED when a look
 *         finds nothing and the quiet window is over
 * target: PENDING -> TERMINATED | FAILED
 */

#ifndef DRSW_TERM_H
#define DRSW_TERM_H


#include "drsw_exec.h"


#define DRSW_TERM_CHUNK 200 /* TerminateRecoveryInstances takes as many */


typedef struct {
    drsw_ctx_t     *ctx;
    const char     *id; /* execution */
    drs_lease_t     lease;
    drsw_settings_t set;
    int64_t         now;
    int64_t         shift;
    drs_exec_t     *e;       /* owned */
    json_t         *plan;    /* owned */
    json_t         *jobs;    /* owned: job id -> document as stored */
    json_t         *changed; /* owned: job ids to be stored again */
    int64_t         due;     /* next step, 0: none yet */
} drsw_term_t;


/* -- drsw_t_term.c -------------------------------------------------------- */

/* Stores plan and changed jobs; DRS_DECLINED: ownership is lost. */
int drsw_term_save(drsw_term_t *t, const char *state);

/* Due no later than `at`. */
void drsw_term_due(drsw_term_t *t, int64_t at);

const char *drsw_term_get(const json_t *obj, const char *name);
int         drsw_term_is(const json_t *obj, const char *state);
void        drsw_term_state(json_t *obj, const char *state);
void        drsw_term_fail(json_t *target, const char *code, const char *error);

/* Document of a job: {jobId, accountId, region, type, status, servers: as DRS
 * lists them, which is none for a finished job}.  Steals servers. */
void drsw_term_job(drsw_term_t *t, json_t *chunk, const char *job,
                   const char *status, json_t *servers);

/* -- drsw_term_find.c ----------------------------------------------------- */

/* Instances of this execution's jobs -> chunks.  DRS_AGAIN: later. */
int drsw_term_find(drsw_term_t *t);

/*
 * Reads the chunk's pending instances: those that are gone become TERMINATED,
 * those of another job FAILED.  DRS_AGAIN: cannot be asked now.
 */
int drsw_term_verify(drsw_term_t *t, json_t *chunk);

/* Targets that are PENDING. */
size_t drsw_term_pending(const json_t *chunk);

/* -- drsw_term_send.c ----------------------------------------------------- */

int drsw_term_send(drsw_term_t *t, json_t *chunk);

/* INTENT without an answer. */
int drsw_term_look(drsw_term_t *t, json_t *chunk);

/* SENT: status of its job. */
int drsw_term_watch(drsw_term_t *t, json_t *chunk);


#endif /* DRSW_TERM_H */
