
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * An operator's retry, skip and resolve: T19d, T19e, T19f (api.md ).
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_json.h"
#include "drsw_step.h"


#define DRSW_NOTES_MAX 65536


static void
drsw_refuse(drsw_step_t *st, const char *code, const char *message)
{
    st->plan->answer.ok = false;
    st->plan->answer.code = code;
    st->plan->answer.message = message;
}


/* The reason among the notes of the record. */
static void
drsw_keep_note(drsw_step_t *st)
{
    char                 *text;
    json_t               *list;
    const drsw_request_t *r;

    r = st->obs->request;

    if (r->reason == NULL || r->reason[0] == '\0'
        || strlen(st->n->notes) > DRSW_NOTES_MAX)
    {
        return;
    }

    list = st->n->notes[0] != '\0' ? drs_json_parse(
               drs_str(st->n->notes), &drs_json_store_limits, NULL)
                                   : json_array();
    list = list != NULL ? list : json_array();
    (void) json_array_append_new(
        list,
        json_pack("{sI, ss, ss}", "time", (json_int_t) (st->now / 1000), "user",
                  r->actor != NULL ? r->actor : "", "text", r->reason));
    text = drs_json_text(list, NULL);
    st->failed |= text == NULL;
    st->n->notes = drsw_dup(st, text);
    free(text);
    json_decref(list);
}


static void
drsw_accept(drsw_step_t *st, const drs_exec_wave_t *w)
{
    const char *words[3];

    drsw_keep_note(st);

    if (st->obs->request->allow_unknown) {
        st->n->allow_unknown = true;
    }

    if (st->obs->request->overrides != NULL) {
        words[0] = "h";
        words[1] = "retryOptions";
        words[2] = st->obs->request->overrides;
        drsw_op(st, words, 3);
    }

    if (st->obs->request->id != NULL) {
        /* delivered again, it is answered and not done again */
        words[0] = "h";
        words[1] = "lastRequest";
        words[2] = st->obs->request->id;
        drsw_op(st, words, 3);
    }

    if (st->obs->request->audit != NULL) {
        words[0] = "audit";
        words[1] = st->obs->request->audit;
        drsw_op(st, words, 2);
    }

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
    const drsw_request_t *r;

    r = st->obs->request;
    drsw_event_by(st, "execution.command", r->actor,
                  json_pack("{ss, sb, ss}", "command", command, "accepted", 1,
                            "reason", r->reason != NULL ? r->reason : ""));
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
    drs_exec_wave_t *w;

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


/* `pausedBeforeWave` of a WAVE_FAILED pause: else the failed wave. */
static int
drsw_pause_point(const drsw_step_t *st)
{
    int                    at;
    size_t                 i;
    const drs_exec_wave_t *w;

    at = drsw_lowest_left(st);

    for (i = 0; at < 0 && i < st->n->nwaves; i++) {
        w = &st->n->waves[i];

        if (w->selected
            && (w->status == DRS_WAVE_PARTIAL || w->status == DRS_WAVE_FAILED))
        {
            at = w->number;
        }
    }

    return at < 0 ? 0 : at;
}


static void
drsw_req_skip(drsw_step_t *st, const drsw_request_t *r)
{
    bool             cause;
    drs_exec_wave_t *w;

    w = drs_exec_wave(st->n, r->wave);

    if (w == NULL) {
        drsw_refuse(st, "WAVE_NOT_FOUND", "the run has no such wave");
        return;
    }

    cause = drsw_failed_pause(st)
            && (w->status == DRS_WAVE_PARTIAL || w->status == DRS_WAVE_FAILED);

    if (w->status != DRS_WAVE_PENDING && !cause) {
        drsw_refuse(st, "WAVE_NOT_SKIPPABLE",
                    "only a wave that has not started, or whose failure "
                    "paused the run, can be skipped");
        return;
    }

    if (!drs_exec_is_active(st->status) || !w->selected) {
        drsw_refuse(st, "WAVE_NOT_SKIPPABLE",
                    "the wave is not part of an "
                    "active run");
        return;
    }

    w->skipped = true;
    w->dirty = true;

    if (!cause) {
        drsw_wave_cancel(st, w);
    }

    /*
     * A pause before this wave, or because of it, has lost its reason; one
     * because of another wave has not.
     */

    if (drsw_failed_pause(st) && !cause) {
        if (st->n->paused_before == w->number) {
            st->n->paused_before = drsw_pause_point(st);
        }

    } else if (st->status != DRS_EXEC_PAUSED || cause
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
    size_t             i, k;
    const drsw_look_t *look;

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
    size_t i;

    for (i = 0; i < job->nservers; i++) {
        if (strcmp(job->servers[i].id, server) == 0) {
            return true;
        }
    }

    return false;
}


/* The server belongs to the unit and has no final status. */
static bool
drsw_server_open(const drsw_step_t *st, const drs_exec_unit_t *u,
                 const char *id)
{
    const drs_exec_server_t *s;

    s = drs_exec_server(st->n, id);

    return s != NULL && strcmp(s->unit, u->id) == 0
           && !drs_launch_is_final(s->status);
}


static void
drsw_watch_op(drsw_step_t *st, const drs_exec_unit_t *u, const char *job)
{
    const char *words[5];

    words[0] = "watch";
    words[1] = u->account;
    words[2] = u->region;
    words[3] = job;
    words[4] = u->id;
    drsw_op(st, words, 5);
}


/* One more job of the unit: known and followed to its end from now on. */
static void
drsw_know_job(drsw_step_t *st, drs_exec_unit_t *u, const char *job)
{
    size_t       i;
    const char **jobs;

    if (drs_exec_unit_knows(u, job)) {
        return;
    }

    jobs = drs_arena_array(st->n->arena, u->njobs + 1, sizeof(char *));
    if (jobs == NULL) {
        st->failed = true;
        return;
    }

    for (i = 0; i < u->njobs; i++) {
        jobs[i] = u->jobs[i];
    }

    jobs[u->njobs++] = drsw_dup(st, job);
    u->jobs = jobs;
    u->dirty = true;

    drsw_watch_op(st, u, job);
}


/* A job seen to its end before is observed once more: its result counts now. */
static void
drsw_follow_again(drsw_step_t *st, drs_exec_unit_t *u, const char *job)
{
    size_t    i;
    drs_buf_t b;

    if (!drsw_word_in(u->ended, job)) {
        return;
    }

    drs_buf_init(&b, 0);

    for (i = 0; i < u->njobs; i++) {
        if (strcmp(u->jobs[i], job) != 0 && drsw_word_in(u->ended, u->jobs[i]))
        {
            st->failed |= (b.len && drs_buf_putc(&b, ' ') != DRS_OK)
                          || drs_buf_puts(&b, u->jobs[i]) != DRS_OK;
        }
    }

    u->ended = drsw_dup(st, b.data);
    drs_buf_free(&b);
    drsw_watch_op(st, u, job);
}


/*
 * The operator has seen the evidence: jobs in it on exactly the unit's servers
 * count as the unit's, so that its claims outlive them (step 9) and the watch
 * does not report them again.
 */
static void
drsw_settle_evidence(drsw_step_t *st, drs_exec_unit_t *u)
{
    bool          exact;
    json_t       *held;
    size_t        i, k;
    const json_t *list, *o, *ids;

    held = u->held[0] != '\0'
               ? drs_json_parse(drs_str(u->held), &drs_json_store_limits, NULL)
               : NULL;
    list = json_object_get(held, "candidates");

    for (i = 0; i < json_array_size(list); i++) {
        o = json_array_get(list, i);
        ids = json_object_get(o, "serverIds");
        exact = json_array_size(ids) == u->nservers;

        for (k = 0; exact && k < u->nservers; k++) {
            exact = json_is_string(json_array_get(ids, k))
                    && drs_exec_unit_has(
                        u, json_string_value(json_array_get(ids, k)));
        }

        if (exact && json_is_string(json_object_get(o, "jobId"))) {
            drsw_know_job(st, u,
                          json_string_value(json_object_get(o, "jobId")));
        }
    }

    json_decref(held);
}


/* ADOPT: the named job is the unit's; servers not in it are planned anew. */
static void
drsw_req_adopt(drsw_step_t *st, drs_exec_unit_t *u, const drsw_request_t *r)
{
    char              self[160];
    bool              known;
    size_t            i, n;
    const char      **rest;
    const drsw_job_t *job;

    (void) snprintf(self, sizeof(self), "%s %s", st->n->id, u->id);
    job = drsw_listed_job(st, u->id, r->job);
    known = drs_exec_unit_knows(u, r->job);

    rest = drs_arena_array(st->n->arena, u->nservers + 1, sizeof(char *));
    if (rest == NULL) {
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
        || (job != NULL
            && (strcmp(job->type, "LAUNCH") != 0
                || (job->owner[0] != '\0' && strcmp(job->owner, self) != 0))))
    {
        drsw_refuse(st, "JOB_NOT_ADOPTABLE",
                    "no LAUNCH job of that account and Region with a server "
                    "of the unit, or owned by another unit");
        return;
    }

    drsw_settle_evidence(st, u);
    drsw_know_job(st, u, r->job);
    drsw_follow_again(st, u, r->job);
    u->job = drsw_dup(st, r->job);
    u->job_status = DRS_JOB_NONE;
    u->job_ended_at = u->gone_at = 0;
    u->log_seen = 0;
    u->started_at = st->now;
    drsw_unit_state(st, u, DRS_UNIT_STARTED);
    u->reason = DRS_REASON_NONE;

    if (n != 0 && st->status != DRS_EXEC_CANCELLING) {
        (void) drsw_unit_split(st, u, rest, n);
    }
}


static bool
drsw_look_busy(const drs_exec_unit_t *u, const drsw_look_t *look)
{
    size_t i, k;

    for (i = 0; i < look->njobs; i++) {
        for (k = 0; k < look->jobs[i].nservers; k++) {
            if (look->jobs[i].status != DRS_JOB_COMPLETED
                && drs_exec_unit_has(u, look->jobs[i].servers[k].id))
            {
                return true;
            }
        }
    }

    return false;
}


/* A job holds a server of the unit: by the look given, else by the evidence. */
static bool
drsw_unit_busy(const drsw_step_t *st, const drs_exec_unit_t *u)
{
    size_t i;

    for (i = 0; i < u->njobs; i++) {
        if (!drsw_word_in(u->ended, u->jobs[i])) {
            return true;
        }
    }

    for (i = 0; i < st->obs->nlooks; i++) {
        if (strcmp(st->obs->looks[i].unit, u->id) == 0 && st->obs->looks[i].ok)
        {
            return drsw_look_busy(u, &st->obs->looks[i]);
        }
    }

    return strstr(u->held, "\"PENDING\"") != NULL
           || strstr(u->held, "\"STARTED\"") != NULL;
}


static void
drsw_req_retry_unit(drsw_step_t *st, drs_exec_unit_t *u)
{
    size_t       at, i, n;
    const char **ids;

    if (drsw_unit_busy(st, u)) {
        drsw_refuse(st, "UNIT_NOT_IDLE", "a job holds a server of the unit");
        return;
    }

    drsw_settle_evidence(st, u);

    if (st->status == DRS_EXEC_CANCELLING) {
        drsw_unit_cancel(st, u);
        return;
    }

    if (u->njobs == 0) {
        drsw_unit_state(st, u, DRS_UNIT_PLANNED);
        u->max_attempts = u->attempt + 1;
        u->retries++;
        u->next_at = 0;
        u->conflicts = 0;
        u->reason = DRS_REASON_NONE;
        return;
    }

    /* jobs of it are known: a unit has one launch, so the retry is a new one */

    ids = drs_arena_array(st->n->arena, u->nservers, sizeof(char *));
    if (ids == NULL) {
        st->failed = true;
        return;
    }

    n = 0;

    for (i = 0; i < u->nservers; i++) {
        if (drsw_server_open(st, u, u->servers[i])) {
            ids[n++] = u->servers[i];
        }
    }

    at = (size_t) (u - st->n->units);

    if (n != 0) {
        (void) drsw_unit_split(st, u, ids, n);
        u = &st->n->units[at];
    }

    drsw_unit_error(st, u, "HELD_UNRESOLVED",
                    "retried by an operator as a new launch unit");
    drsw_unit_state(st, u, DRS_UNIT_FAILED);
}


static void
drsw_req_unit(drsw_step_t *st, const drsw_request_t *r)
{
    drs_exec_unit_t *u;

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
        drsw_req_retry_unit(st, u);
        break;

    default:
        drsw_settle_evidence(st, u);
        drsw_unit_error(st, u, "HELD_UNRESOLVED", "failed by an operator");
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
    const drsw_request_t *r;

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
