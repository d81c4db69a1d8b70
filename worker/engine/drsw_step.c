
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * One step of the engine.  Order:
 *
 *   1. copy the record
 *   2. an operator's request (T19d, T19e, T19f): the step's status change
 *   3. observations: resolved servers, configuration, answers to sends, looks,
 *      jobs, instances
 *   4. units of running jobs, then waves: deadlines, ends, failure policies
 *   5. the run: at most one row of the transition table
 *   6. unless that forbids it: start waves, arm units
 *   7. enrichment, differences as operations
 */

#include <string.h>

#include "drsw_step.h"


static void
drsw_watch_jobs(drsw_step_t *st)
{
    size_t           i, j;
    drs_exec_unit_t *u;

    for (i = 0; i < st->n->nunits; i++) {
        u = &st->n->units[i];

        if (u->state != DRS_UNIT_STARTED) {
            continue;
        }

        for (j = 0; j < st->obs->nlooks; j++) {
            if (strcmp(st->obs->looks[j].unit, u->id) == 0
                && st->obs->looks[j].ok) {
                drsw_apply_reconcile(st, u, &st->obs->looks[j]);
            }
        }

        drsw_unit_finish(st, u);
    }
}


/* Servers of the unit whose instance is not known well enough yet. */
static bool
drsw_wants_enrichment(const drsw_step_t *st, const drs_exec_unit_t *u)
{
    size_t                   i;
    const drs_exec_server_t *s;

    for (i = 0; i < u->nservers; i++) {
        s = drs_exec_server(st->n, u->servers[i]);

        if (s != NULL && strcmp(s->unit, u->id) == 0 && s->enriched < 2
            && s->status == DRS_LAUNCH_LAUNCHED
            && st->now < s->launched_at + st->set->grace)
        {
            return true;
        }
    }

    return false;
}


static bool
drsw_just_enriched(const drsw_step_t *st, const drs_exec_unit_t *u)
{
    size_t i;

    for (i = 0; i < st->obs->nenriched_units; i++) {
        if (strcmp(st->obs->enriched_units[i], u->id) == 0) {
            return true;
        }
    }

    return false;
}


/* Something is about to be launched: that comes first. */
static bool
drsw_launching(const drsw_step_t *st)
{
    size_t             i;
    drsw_effect_type_t type;

    for (i = 0; i < st->plan->neffects; i++) {
        type = st->plan->effects[i].type;

        if (type == DRSW_EFF_RESOLVE_WAVE || type == DRSW_EFF_CAPACITY
            || type == DRSW_EFF_APPLY_CONFIG || type == DRSW_EFF_ARM_AND_SEND)
        {
            return true;
        }
    }

    return st->plan->sm != DRS_SM_NONE;
}


static void
drsw_enrich(drsw_step_t *st)
{
    bool             later;
    size_t           i;
    drs_exec_unit_t *u;

    later = drsw_launching(st);

    for (i = 0; i < st->n->nunits; i++) {
        u = &st->n->units[i];

        if (u->job[0] == '\0' || !drsw_wants_enrichment(st, u)) {
            continue;
        }

        if (drsw_just_enriched(st, u)) {
            u->enrich_at = st->now;
            u->dirty = true;
        }

        if (st->now < u->enrich_at + st->set->look_watch) {
            drsw_due(st, u->enrich_at + st->set->look_watch);
            continue;
        }

        if (later) {
            st->plan->again = true;
            continue;
        }

        drsw_effect(st, DRSW_EFF_ENRICH, u)->job = u->job;
    }
}


/* What a cancelled run means for units (T14, T15). */
static void
drsw_step_cancel(drsw_step_t *st)
{
    size_t           i;
    drs_exec_unit_t *u;

    if (st->status != DRS_EXEC_CANCELLING) {
        return;
    }

    for (i = 0; i < st->n->nunits; i++) {
        u = &st->n->units[i];

        if (u->state == DRS_UNIT_PLANNED) {
            drsw_unit_cancel(st, u);
        }
    }
}


static void
drsw_step_active(drsw_step_t *st)
{
    size_t i;

    drsw_request(st);
    drsw_step_cancel(st);

    drsw_apply_resolutions(st);
    drsw_apply_configs(st);
    drsw_apply_sends(st);
    drsw_apply_looks(st);
    drsw_apply_jobs(st);
    drsw_apply_enriched(st);
    drsw_watch_jobs(st);

    for (i = 0; i < st->n->nwaves; i++) {
        drsw_wave_eval(st, &st->n->waves[i]);
    }

    if (st->plan->sm != DRS_SM_NONE) {
        return; /* the request was this step's change */
    }

    if (drsw_run_eval(st)) {
        drsw_launch(st);
    }

    if (st->plan->sm != DRS_SM_NONE) {
        st->plan->again = true;
    }
}


static void
drsw_step_terminal(drsw_step_t *st)
{
    drsw_apply_sends(st);
    drsw_apply_looks(st);
    drsw_apply_jobs(st);
    drsw_apply_enriched(st);
    drsw_watch_jobs(st);
    drsw_run_terminal(st);

    if (st->obs->request != NULL) {
        st->plan->answer.code =
            st->obs->request->type == DRSW_REQ_RETRY  ? "WAVE_NOT_RETRYABLE"
            : st->obs->request->type == DRSW_REQ_SKIP ? "WAVE_NOT_SKIPPABLE"
                                                      : "UNIT_NOT_HELD";
        st->plan->answer.message = "the run has ended";
    }
}


static bool
drsw_step_init(drsw_step_t *st, const drs_exec_t *e, const drsw_obs_t *obs,
               const drsw_settings_t *set, int64_t now, drsw_plan_t *plan)
{
    memset(plan, 0, sizeof(drsw_plan_t));
    memset(st, 0, sizeof(drsw_step_t));

    plan->event = plan->status = "-";
    plan->answer.code = plan->answer.message = "";
    plan->answer.status = plan->answer.wave_status = "";

    plan->next = drs_exec_clone(e);
    if (plan->next == NULL) {
        return false;
    }

    /* operations and effects may point into the new record */

    plan->arena = drs_arena_new(plan->next->arena);
    if (plan->arena == NULL) {
        return false;
    }

    st->e = e;
    st->n = plan->next;
    st->obs = obs;
    st->set = set;
    st->now = now;
    st->plan = plan;
    st->a = plan->arena;
    st->from = st->status = drs_exec_status_parse(drs_str(e->status));

    return true;
}


int
drsw_engine_step(const drs_exec_t *e, const drsw_obs_t *obs,
                 const drsw_settings_t *set, int64_t now_ms, drsw_plan_t *plan)
{
    drsw_step_t st;

    if (!drsw_step_init(&st, e, obs, set, now_ms, plan)) {
        drsw_plan_free(plan);
        return DRS_ERROR;
    }

    if (drs_exec_is_terminal(st.status)) {
        drsw_step_terminal(&st);

    } else {
        drsw_step_active(&st);
    }

    drsw_enrich(&st);
    drsw_write(&st);

    if (st.failed) {
        drsw_plan_free(plan);
        return DRS_ERROR;
    }

    plan->due_at = st.due;

    if (!drs_exec_is_terminal(st.status) && plan->due_at == 0) {
        /* safety net: an active run always has a next step */
        plan->due_at = now_ms + set->idle_every;
    }

    return DRS_OK;
}


void
drsw_plan_free(drsw_plan_t *plan)
{
    drs_exec_free(plan->next);
    drs_arena_free(plan->arena);
    memset(plan, 0, sizeof(drsw_plan_t));
}
