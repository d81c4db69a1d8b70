
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Inside the engine: the state of one step.  Order of a step: drsw_step.c.
 */

#ifndef DRSW_STEP_H_INCLUDED
#define DRSW_STEP_H_INCLUDED


#include "drsw_engine.h"


typedef struct {
    const drs_exec_t      *e; /* before; never changed */
    drs_exec_t            *n; /* after */
    const drsw_obs_t      *obs;
    const drsw_settings_t *set;
    int64_t                now;
    drsw_plan_t           *plan;
    drs_arena_t           *a;      /* of the plan */
    drs_exec_status_t      from;   /* status before */
    drs_exec_status_t      status; /* status after */
    int64_t                due;    /* earliest next step, 0 none */
    int                    notes;  /* notifications of this step */
    bool                   failed; /* no memory */
    drsw_effect_t          scrap;  /* written to without memory */
} drsw_step_t;


/* -- drsw_step_out.c: operations, effects, events ------------------------- */

/* Adds an operation of `n` words. */
void drsw_op(drsw_step_t *st, const char *const *words, size_t n);

/* Adds an effect with wave -1 and empty strings; never NULL. */
drsw_effect_t *
drsw_effect(drsw_step_t *st, drsw_effect_type_t type, const drs_exec_unit_t *u);
bool drsw_has_effect(const drsw_step_t *st, drsw_effect_type_t type,
                     const char *unit);

/*
 * Notification of api.md 10.6: an operation of the commit for the outbox, and
 * the event `notice`.  wave: -1 if none; data is stolen (may be NULL).
 */
void drsw_notify(drsw_step_t *st, const char *name, int wave, json_t *data);

/* The event alone, for what is no notification. */
void drsw_notice(drsw_step_t *st, const char *severity, const char *code,
                 const char *message);

/* Adds to out.warnings (api.md 10.4). */
void
drsw_warning(drsw_step_t *st, const char *code, const char *message, int wave);

/* out of the new record, not shared with the old one any more. */
json_t *drsw_out(drsw_step_t *st);

/* Event of the run; data is stolen. */
/* The same with the person who asked for it; NULL or "": nobody. */
void drsw_event_by(drsw_step_t *st, const char *name, const char *actor,
                   json_t *data);
void drsw_event(drsw_step_t *st, const char *name, json_t *data);

/* Status change by a row of the table; ignored (and logged as a failure of
 * the step) when the table has no such row. */
void drsw_status(drsw_step_t *st, drs_sm_event_t event);

/* Due no later than `at` (> 0). */
void drsw_due(drsw_step_t *st, int64_t at);

/* Writes everything that differs between st->e and st->n as operations. */
void drsw_write(drsw_step_t *st);

/* Text in the arena of the new record; "" and st->failed without memory. */
const char *drsw_text(drsw_step_t *st, const char *fmt, ...) DRS_PRINTF(2, 3);
const char *drsw_dup(drsw_step_t *st, const char *z);


/* -- drsw_step_unit.c, drsw_step_look.c: sends, looks --------------------- */

void drsw_apply_sends(drsw_step_t *st);
void drsw_apply_looks(drsw_step_t *st);
void
drsw_unit_state(drsw_step_t *st, drs_exec_unit_t *u, drs_unit_state_t state);
void drsw_unit_error(drsw_step_t *st, drs_exec_unit_t *u, const char *code,
                     const char *message);
void drsw_unit_hold(drsw_step_t *st, drs_exec_unit_t *u, const char *reason,
                    const drsw_look_t *look);
/* Servers of the unit that are not final yet. */
void drsw_unit_servers(drsw_step_t *st, drs_exec_unit_t *u,
                       drs_launch_status_t status, const char *code,
                       const char *message);
/* PLANNED unit that will not be launched any more. */
void drsw_unit_cancel(drsw_step_t *st, drs_exec_unit_t *u);
/* Conflict on some of its servers: waits, then fails them and plans the rest
 * anew.  `in_flight`: the send must be closed by an effect. */
void drsw_unit_conflict(drsw_step_t *st, drs_exec_unit_t *u,
                        const char *servers, const char *message, int attempt);
/* New PLANNED unit for servers of `from`; index of `from` stays valid. */
bool drsw_unit_split(drsw_step_t *st, drs_exec_unit_t *from,
                     const char **servers, size_t n);
bool drsw_word_in(const char *list, const char *word);


/* -- drsw_step_job.c: jobs, logs, instances ------------------------------- */

void drsw_apply_jobs(drsw_step_t *st);
void drsw_apply_job(drsw_step_t *st, drs_exec_unit_t *u, const drsw_job_t *job);
void drsw_apply_reconcile(drsw_step_t *st, drs_exec_unit_t *u,
                          const drsw_look_t *look);
void drsw_apply_enriched(drsw_step_t *st);
void drsw_ask_reconcile(drsw_step_t *st, drs_exec_unit_t *u, int64_t every);
void drsw_unit_finish(drsw_step_t *st, drs_exec_unit_t *u);


/* -- drsw_step_resolve.c: servers to units -------------------------------- */

void drsw_apply_resolutions(drsw_step_t *st);
void drsw_apply_configs(drsw_step_t *st);
/* Next attempt with new units for the listed servers (NULL: all FAILED). */
int drsw_wave_retry(drsw_step_t *st, drs_exec_wave_t *w, const char **servers,
                    size_t n);
/* Plans units of at most unit_servers for servers of one wave that have no
 * unit and are PENDING. */
void drsw_wave_units(drsw_step_t *st, drs_exec_wave_t *w, bool configured);


/* -- drsw_step_wave.c: waves ---------------------------------------------- */

bool drsw_wave_timed_out(const drs_exec_wave_t *w);
void drsw_wave_eval(drsw_step_t *st, drs_exec_wave_t *w);
void
drsw_wave_status(drsw_step_t *st, drs_exec_wave_t *w, drs_wave_status_t status);
void drsw_wave_error(drsw_step_t *st, drs_exec_wave_t *w, const char *code,
                     const char *message);
/* Wave that has not started any more will not. */
void drsw_wave_cancel(drsw_step_t *st, drs_exec_wave_t *w);


/* -- drsw_step_run.c: the run --------------------------------------------- */

/* At most one status change; false when nothing may start in this step. */
bool drsw_run_eval(drsw_step_t *st);
void drsw_run_terminal(drsw_step_t *st);
/* Notification `start`, once. */
void drsw_run_started(drsw_step_t *st);
void drsw_run_outcome(drsw_step_t *st);
/* A wave that is not over has a unit in flight. */
bool              drsw_in_flight(const drsw_step_t *st);
drs_exec_status_t drsw_final_status(const drsw_step_t *st);
/* Lowest selected wave that is not over, or -1. */
int drsw_lowest_left(const drsw_step_t *st);


/* -- drsw_step_launch.c --------------------------------------------------- */

void drsw_launch(drsw_step_t *st);
/* Lowest wave that may start but is held by pauseBeforeWave, or -1; *ready:
 * lowest one that may start now, or -1. */
int drsw_next_wave(const drsw_step_t *st, int *ready);
int drsw_active_waves(const drsw_step_t *st);
/* A wave under policy PAUSE waits for the operator. */
bool drsw_hold_pending(const drsw_step_t *st);


/* -- drsw_step_request.c -------------------------------------------------- */

void drsw_request(drsw_step_t *st);


#endif /* DRSW_STEP_H_INCLUDED */
