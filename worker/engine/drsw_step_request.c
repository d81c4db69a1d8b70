
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * An operator's retry, skip and resolve: T19d, T19e, T19f (api.md ).
 */

#include <stdio.h>
#include <string.h>

#include "drs_json.h"
#include "drsw_step.h"


static void
drsw_refuse(drsw_step_t *st, const char *code, const char *message)
{
    st->plan->answer.ok = false;
    st->plan->answer.code = code;
    st->plan->answer.message = message;
}


static void
drsw_accept(drsw_step_t *st, const drs_exec_wave_t *w)
{
    st->plan->answer.ok = true;
    st->plan->answer.code = "";
    st->plan->answer.message = "";
    st->plan->answer.attempt = w != NULL ? w->attempt : 0;
    st->plan->answer.status = drs_exec_status_name(st->status);
    st->plan->answer.wave_status =
        w != NULL ? drs_wave_status_name(w->status) : "";
    st->plan->again = true;
}


static void
drsw_command_event(drsw_step_t *st, const char *command)
{
    drsw_event(st, "execution.command",
               json_pack("{ss, sb, ss}", "command", command, "accepted", 1,
                         "reason", st->obs->request->reason != NULL
                                   ? st->obs->request->reason : ""));
}


static bool
drsw_failed_pause(const drsw_step_t *st)
{
    return st->status == DRS_EXEC_PAUSED
           && strcmp(st->n->pause_reason, "WAVE_FAILED") == 0;
}


static void
drsw_req_retry(drsw_step_t *st, const drsw_request_t *r)
{
    drs_exec_wave_t  *w;

    w = drs_exec_wave(st->n, r->wave);

    if (w == NULL) {
        drsw_refuse(st, "WAVE_NOT_FOUND", "the run has no such wave");
        return;
    }

    if (w->status != DRS_WAVE_PARTIAL && w->status != DRS_WAVE_FAILED) {
        drsw_refuse(st, "WAVE_NOT_RETRYABLE",
                    "only a wave that ended PARTIAL or FAILED can be retried");
        return;
    }

    if (st->status != DRS_EXEC_RUNNING && st->status != DRS_EXEC_POLLING
        && !drsw_failed_pause(st))
    {
        drsw_refuse(st, "WAVE_NOT_RETRYABLE",
                    "the run is neither active nor paused because of a wave");
        return;
    }

    if (st->n->ending[0] != '\0') {
        drsw_refuse(st, "WAVE_NOT_RETRYABLE", "the run is about to end");
        return;
    }

    if (drsw_wave_retry(st, w, r->servers, r->nservers) == 0) {
        drsw_refuse(st, "WAVE_NOT_RETRYABLE",
                    "the wave has no failed server to retry");
        return;
    }

    drsw_status(st, DRS_SM_RETRY);
    st->n->pause_reason = "";
    st->n->paused_before = -1;
    st->n->pause_deadline = 0;
    drsw_command_event(st, "retry");
    drsw_accept(st, w);
}


static void
drsw_req_skip(drsw_step_t *st, const drsw_request_t *r)
{
    bool              cause;
    drs_exec_wave_t  *w;

    w = drs_exec_wave(st->n, r->wave);

    if (w == NULL) {
        drsw_refuse(st, "WAVE_NOT_FOUND", "the run has no such wave");
        return;
    }

    cause = drsw_failed_pause(st)
            && (w->status == DRS_WAVE_PARTIAL
                || w->status == DRS_WAVE_FAILED);

    if (w->status != DRS_WAVE_PENDING && !cause) {
        drsw_refuse(st, "WAVE_NOT_SKIPPABLE",
                    "only a wave that has not started, or whose failure "
                    "paused the run, can be skipped");
        return;
    }

    if (!drs_exec_is_active(st->status) || !w->selected) {
        drsw_refuse(st, "WAVE_NOT_SKIPPABLE", "the wave is not part of an "
                    "active run");
        return;
    }

    w->skipped = true;
    w->dirty = true;

    if (!cause) {
        drsw_wave_cancel(st, w);
    }

    /* a pause before this wave, or because of it, has lost its reason */

    if (st->status != DRS_EXEC_PAUSED || cause
        || st->n->paused_before == w->number)
    {
        drsw_status(st, DRS_SM_SKIP);

        if (st->plan->sm != DRS_SM_NONE && st->from == DRS_EXEC_PAUSED) {
            st->n->pause_reason = "";
            st->n->paused_before = -1;
            st->n->pause_deadline = 0;
        }
    }

    drsw_command_event(st, "skip");
    drsw_accept(st, w);
}


static const drsw_job_t *
drsw_listed_job(const drsw_step_t *st, const char *unit, const char *job)
{
    size_t              i, k;
    const drsw_look_t  *look;

    for (i = 0; i < st->obs->nlooks; i++) {
        look = &st->obs->looks[i];

        for (k = 0; strcmp(look->unit, unit) == 0 && k < look->njobs; k++) {
            if (strcmp(look->jobs[k].id, job) == 0) {
                return &look->jobs[k];
            }
        }
    }

    return NULL;
}


static bool
drsw_job_lists(const drsw_job_t *job, const char *server)
{
    size_t  i;

    for (i = 0; i < job->nservers; i++) {
        if (strcmp(job->servers[i].id, server) == 0) {
            return true;
        }
    }

    return false;
}


/* ADOPT: the named job is the unit's; servers not in it are planned anew. */
static void
drsw_req_adopt(drsw_step_t *st, drs_exec_unit_t *u, const drsw_request_t *r)
{
    char               self[160];
    bool               known;
    size_t             i, n, at;
    const char        *words[5], **rest, **jobs;
    const drsw_job_t  *job;

    (void) snprintf(self, sizeof(self), "%s %s", st->n->id, u->id);
    job = drsw_listed_job(st, u->id, r->job);
    known = drs_exec_unit_knows(u, r->job);

    rest = drs_arena_array(st->n->arena, u->nservers + 1, sizeof(char *));
    jobs = drs_arena_array(st->n->arena, u->njobs + 1, sizeof(char *));

    if (rest == NULL || jobs == NULL) {
        st->failed = true;
        return;
    }

    n = 0;

    for (i = 0; job != NULL && i < u->nservers; i++) {
        if (!drsw_job_lists(job, u->servers[i])) {
            rest[n++] = u->servers[i];
        }
    }

    if ((job == NULL && !known) || n == u->nservers
        || (job != NULL && (strcmp(job->type, "LAUNCH") != 0
                            || (job->owner[0] != '\0'
                                && strcmp(job->owner, self) != 0))))
    {
        drsw_refuse(st, "JOB_NOT_ADOPTABLE",
                    "no LAUNCH job of that account and Region with a server "
                    "of the unit, or owned by another unit");
        return;
    }

    words[0] = "watch";
    words[1] = u->account;
    words[2] = u->region;
    words[3] = r->job;
    words[4] = u->id;
    drsw_op(st, words, 5);

    for (i = 0; i < u->njobs; i++) {
        jobs[i] = u->jobs[i];
    }

    if (!known) {
        jobs[u->njobs++] = drsw_dup(st, r->job);
    }

    u->jobs = jobs;
    u->job = drsw_dup(st, r->job);
    u->job_status = DRS_JOB_NONE;
    u->job_ended_at = u->gone_at = 0;
    u->log_seen = 0;
    u->ended = "";
    u->started_at = st->now;
    drsw_unit_state(st, u, DRS_UNIT_STARTED);
    u->reason = DRS_REASON_NONE;

    if (n != 0 && st->status != DRS_EXEC_CANCELLING) {
        at = (size_t) (u - st->n->units);
        (void) drsw_unit_split(st, u, rest, n);
        u = &st->n->units[at];
    }
}


static void
drsw_req_unit(drsw_step_t *st, const drsw_request_t *r)
{
    size_t            i;
    drs_exec_unit_t  *u;

    u = drs_exec_unit(st->n, r->unit != NULL ? r->unit : "");

    if (u == NULL) {
        drsw_refuse(st, "UNIT_NOT_FOUND", "the run has no such launch unit");
        return;
    }

    if (u->state != DRS_UNIT_HELD || !drs_exec_is_active(st->status)) {
        drsw_refuse(st, "UNIT_NOT_HELD", "the launch unit is not HELD");
        return;
    }

    st->plan->answer.ok = true;

    switch (r->type) {

    case DRSW_REQ_ADOPT:
        drsw_req_adopt(st, u, r);
        break;

    case DRSW_REQ_RETRY_UNIT:
        for (i = 0; i < u->njobs; i++) {
            if (!drsw_word_in(u->ended, u->jobs[i])) {
                drsw_refuse(st, "UNIT_NOT_IDLE",
                            "a job of the unit is still running");
                return;
            }
        }

        if (st->status == DRS_EXEC_CANCELLING) {
            drsw_unit_cancel(st, u);
            break;
        }

        drsw_unit_state(st, u, DRS_UNIT_PLANNED);
        u->max_attempts = u->attempt + 1;
        u->retries++;
        u->next_at = 0;
        u->conflicts = 0;
        u->reason = DRS_REASON_NONE;
        break;

    default:
        drsw_unit_error(st, u, "HELD_UNRESOLVED",
                        "failed by an operator");
        drsw_unit_servers(st, u, DRS_LAUNCH_FAILED, "HELD_UNRESOLVED",
                          "the launch could not be settled; failed by an "
                          "operator");
        drsw_unit_state(st, u, DRS_UNIT_FAILED);
        break;
    }

    if (st->plan->answer.ok) {
        drsw_status(st, DRS_SM_RESOLVE);
        drsw_command_event(st, "resolve");
        drsw_accept(st, &st->n->waves[u->wave]);
    }
}


void
drsw_request(drsw_step_t *st)
{
    const drsw_request_t  *r;

    r = st->obs->request;

    if (r == NULL || r->type == DRSW_REQ_NONE) {
        return;
    }

    switch (r->type) {

    case DRSW_REQ_RETRY:
        drsw_req_retry(st, r);
        break;

    case DRSW_REQ_SKIP:
        drsw_req_skip(st, r);
        break;

    default:
        drsw_req_unit(st, r);
        break;
    }
}
