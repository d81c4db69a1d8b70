
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * The course of a wave: deadline, end, failure policy (engine.md 1.7, 1.13).
 */

#include <string.h>

#include "drsw_step.h"


#define DRSW_WAVE_TIMEOUT  "WAVE_TIMEOUT"
#define DRSW_STALL_MINUTES 60


bool
drsw_wave_timed_out(const drs_exec_wave_t *w)
{
    return strcmp(w->error_code, DRSW_WAVE_TIMEOUT) == 0;
}


void
drsw_wave_error(drsw_step_t *st, drs_exec_wave_t *w, const char *code,
                const char *message)
{
    w->error_code = drsw_dup(st, code);
    w->error_message = drsw_dup(st, message);
    w->message = w->error_message;
    w->dirty = true;
}


void
drsw_wave_status(drsw_step_t *st, drs_exec_wave_t *w, drs_wave_status_t status)
{
    if (w->status == status) {
        return;
    }

    w->status = status;
    w->dirty = true;

    if (drs_wave_is_over(status)) {
        w->ended_at = st->now;
        w->reason = DRS_REASON_NONE;
        w->phase = DRS_PHASE_NONE;
        w->held_at = 0;

    } else {
        w->ended_at = 0;
    }
}


void
drsw_wave_cancel(drsw_step_t *st, drs_exec_wave_t *w)
{
    size_t             i;
    drs_exec_server_t *s;

    for (i = 0; i < st->n->nservers; i++) {
        s = &st->n->servers[i];

        if (s->wave == w->number && !drs_launch_is_final(s->status)) {
            s->status = DRS_LAUNCH_CANCELLED;
            s->phase = DRS_PHASE_NONE;
            s->dirty = true;
        }
    }

    drsw_wave_status(st, w, DRS_WAVE_CANCELLED);
    w->handled = true;
}


/* -- the course of a wave ------------------------------------------------- */

/* The clock of the deadline stands while a unit is HELD and while PAUSED. */
static void
drsw_wave_clock(drsw_step_t *st, drs_exec_wave_t *w)
{
    bool                   stands;
    size_t                 i;
    const drs_exec_unit_t *u;

    stands = st->status == DRS_EXEC_PAUSED;

    for (i = 0; i < st->n->nunits; i++) {
        u = &st->n->units[i];

        if (u->wave != w->number) {
            continue;
        }

        stands |= u->state == DRS_UNIT_HELD;

        if (w->first_send_at == 0 && u->intent_at >= w->started_at
            && drs_unit_in_flight(u->state) && u->intent_at != 0)
        {
            w->first_send_at = u->intent_at;
            w->deadline_at = u->intent_at + w->deadline_min * st->set->minute;
            w->dirty = true;
        }

        if (w->status == DRS_WAVE_INITIATED && drs_unit_in_flight(u->state)) {
            drsw_wave_status(st, w, DRS_WAVE_IN_PROGRESS);
            st->n->current_wave = w->number + 1;
        }
    }

    if (stands && w->held_at == 0) {
        w->held_at = st->now;
        w->dirty = true;

    } else if (!stands && w->held_at != 0) {
        if (w->deadline_at != 0) {
            w->deadline_at += st->now - w->held_at;
        }

        w->held_at = 0;
        w->dirty = true;
    }
}


/* deadline_near: an hour before, or half-way of a shorter deadline. */
static void
drsw_wave_warn(drsw_step_t *st, drs_exec_wave_t *w)
{
    int     before;
    int64_t at;

    before = w->deadline_min >= 120 ? 60 : w->deadline_min / 2;
    at = w->deadline_at - before * st->set->minute;

    if (w->warned) {
        return;
    }

    if (st->now < at) {
        drsw_due(st, at);
        return;
    }

    w->warned = true;
    w->dirty = true;
    drsw_notify(st, "deadline_near", w->number,
                json_pack("{si, ss, sI}", "waveNumber", w->number, "waveName",
                          w->name, "deadlineAt",
                          (json_int_t) (w->deadline_at / 1000)));
}


/* Something of the wave changed in this step. */
static bool
drsw_wave_moved(const drsw_step_t *st, const drs_exec_wave_t *w)
{
    size_t                   i;
    const drs_exec_unit_t   *u, *old;
    const drs_exec_server_t *s;

    if (w->status != st->e->waves[w->number].status) {
        return true;
    }

    for (i = 0; i < st->n->nservers; i++) {
        s = &st->n->servers[i];

        if (s->wave == w->number && s->dirty) {
            return true;
        }
    }

    for (i = 0; i < st->n->nunits; i++) {
        u = &st->n->units[i];

        if (u->wave != w->number) {
            continue;
        }

        old = i < st->e->nunits ? &st->e->units[i] : NULL;

        if (old == NULL || old->state != u->state || old->attempt != u->attempt)
        {
            return true;
        }
    }

    return false;
}


/* An hour without progress is told once, until there is some (1.13). */
static void
drsw_wave_stall(drsw_step_t *st, drs_exec_wave_t *w)
{
    bool        moved;
    int64_t     at;
    const char *text;

    if (w->status != DRS_WAVE_IN_PROGRESS) {
        return;
    }

    /* kept to the minute, so that not every change writes the wave */

    moved = w->progress_at == 0 || w->held_at != 0 || drsw_wave_moved(st, w);

    if (moved && (w->stalled || st->now - w->progress_at >= st->set->minute)) {
        w->progress_at = st->now;
        w->stalled = false;
        w->dirty = true;
    }

    at = w->progress_at + DRSW_STALL_MINUTES * st->set->minute;

    if (w->stalled || w->held_at != 0) {
        return;
    }

    if (st->now < at) {
        drsw_due(st, at);
        return;
    }

    w->stalled = true;
    w->dirty = true;
    text = drsw_text(st, "wave %d (%s) made no progress for an hour",
                     w->number + 1, w->name);
    drsw_warning(st, "NO_PROGRESS", text, w->number);
    drsw_notice(st, "warning", "no_progress", text);
}


/* T20: asks DRS once more, then ends the wave. */
static void
drsw_wave_deadline(drsw_step_t *st, drs_exec_wave_t *w)
{
    bool               asked;
    size_t             i, j, k;
    drs_exec_unit_t   *u;
    const drsw_look_t *look;

    if (w->deadline_at == 0 || w->held_at != 0 || drsw_wave_timed_out(w)
        || st->status == DRS_EXEC_CANCELLING)
    {
        return; /* a cancelled run follows its jobs to the end */
    }

    if (st->now < w->deadline_at) {
        drsw_wave_warn(st, w);
        drsw_due(st, w->deadline_at);
        return;
    }

    asked = true;

    for (i = 0; i < st->n->nunits; i++) {
        u = &st->n->units[i];

        if (u->wave != w->number || u->state != DRS_UNIT_STARTED) {
            continue;
        }

        look = NULL;

        for (j = 0; j < st->obs->nlooks; j++) {
            if (strcmp(st->obs->looks[j].unit, u->id) == 0
                && st->obs->looks[j].at >= w->deadline_at)
            {
                look = &st->obs->looks[j];
            }
        }

        if (look == NULL
            || (!look->ok && st->now < w->deadline_at + st->set->grace)) {
            asked = false;

            drsw_ask_reconcile(st, u, st->set->look_every);
            drsw_due(st, st->now + st->set->look_every);
            continue;
        }

        for (k = 0; k < look->njobs; k++) {
            if (strcmp(look->jobs[k].id, u->job) == 0) {
                drsw_apply_job(st, u, &look->jobs[k]);
            }
        }
    }

    if (!asked) {
        return;
    }

    drsw_wave_error(st, w, DRSW_WAVE_TIMEOUT,
                    "the wave was not finished by its deadline");
}


/* A timed-out wave: nothing more is launched, jobs are followed on. */
static void
drsw_wave_expire(drsw_step_t *st, drs_exec_wave_t *w)
{
    size_t           i;
    drs_exec_unit_t *u;

    for (i = 0; i < st->n->nunits; i++) {
        u = &st->n->units[i];

        if (u->wave != w->number) {
            continue;
        }

        if (u->state == DRS_UNIT_PLANNED) {
            drsw_unit_cancel(st, u);

        } else if (u->state == DRS_UNIT_STARTED) {
            drsw_unit_servers(st, u, DRS_LAUNCH_FAILED, "DEADLINE_EXCEEDED",
                              "not launched by the deadline of the wave");
        }
    }
}


/* Why nothing moves, and the least advanced phase. */
static void
drsw_wave_display(drsw_step_t *st, drs_exec_wave_t *w)
{
    size_t                   i;
    drs_phase_t              phase;
    drs_reason_t             reason;
    const drs_exec_unit_t   *u;
    const drs_exec_server_t *s;
    static const int         rank[DRS_REASON_N] = { 0, 2, 1, 3, 6, 4, 5 };

    reason = w->resolved ? DRS_REASON_NONE : w->reason;
    phase = DRS_PHASE_NONE;

    for (i = 0; i < st->n->nunits; i++) {
        u = &st->n->units[i];

        if (u->wave == w->number && !drs_unit_is_final(u->state)
            && rank[u->reason] > rank[reason])
        {
            reason = u->reason;
        }
    }

    if (reason == DRS_REASON_NONE && w->status == DRS_WAVE_INITIATED
        && st->status == DRS_EXEC_PAUSED)
    {
        reason = DRS_REASON_PAUSED;
    }

    for (i = 0; i < st->n->nservers; i++) {
        s = &st->n->servers[i];

        if (s->wave == w->number && !drs_launch_is_final(s->status)
            && s->phase != DRS_PHASE_NONE
            && (phase == DRS_PHASE_NONE || s->phase < phase))
        {
            phase = s->phase;
        }
    }

    if (w->reason != reason || w->phase != phase) {
        w->reason = reason;
        w->phase = phase;
        w->dirty = true;
    }
}


static bool
drsw_wave_critical(const drsw_step_t *st, const drs_exec_wave_t *w)
{
    size_t                   i;
    const drs_exec_server_t *s;

    for (i = 0; i < st->n->nservers; i++) {
        s = &st->n->servers[i];

        if (s->wave == w->number && !s->optional
            && (s->status == DRS_LAUNCH_FAILED
                || s->status == DRS_LAUNCH_TERMINATED))
        {
            return true;
        }
    }

    return false;
}


static void
drsw_ending(drsw_step_t *st, const char *event, const char *code,
            const char *message)
{
    if (st->n->ending[0] == '\0') {
        st->n->ending = event;
        st->n->ending_code = drsw_dup(st, code);
        st->n->ending_message = drsw_dup(st, message);
        st->n->dirty_out = true;
    }
}


/* What the end of a wave means for the run: T4, T19, T20, policies. */
static void
drsw_wave_policy(drsw_step_t *st, drs_exec_wave_t *w,
                 const drs_exec_counts_t *c)
{
    const char *event;

    if (w->status == DRS_WAVE_TIMEOUT) {
        w->handled = true;
        drsw_ending(st, "T20", DRSW_WAVE_TIMEOUT, w->error_message);
        return;
    }

    if (w->status == DRS_WAVE_COMPLETED || w->status == DRS_WAVE_CANCELLED
        || st->status == DRS_EXEC_CANCELLING
        || (w->status == DRS_WAVE_PARTIAL && !drsw_wave_critical(st, w)))
    {
        w->handled = true;
        return;
    }

    if (w->status == DRS_WAVE_FAILED && c->total > 0
        && !drsw_wave_critical(st, w)) {
        w->handled = true; /* optional servers only */
        return;
    }

    if (w->policy == DRS_POLICY_PAUSE) {
        return; /* handled when the run pauses */
    }

    w->handled = true;

    if (w->policy == DRS_POLICY_CONTINUE
        && c->launched * 100 >= w->min_launched * c->total)
    {
        return;
    }

    event = w->first_send_at != 0 ? "T19" : "T4";

    drsw_ending(st, event, "WAVE_LAUNCH_FAILED",
                w->error_message[0] != '\0'
                    ? w->error_message
                    : drsw_text(st, "wave %d (%s): %d of %d servers launched",
                                w->number + 1, w->name, c->launched, c->total));
}


/* Automatic attempt: the deadline stays that of the first call. */
static bool
drsw_wave_again(drsw_step_t *st, drs_exec_wave_t *w)
{
    bool    warned;
    int64_t first, deadline;

    first = w->first_send_at;
    deadline = w->deadline_at;
    warned = w->warned;

    if (drsw_wave_retry(st, w, NULL, 0) == 0) {
        return false;
    }

    w->first_send_at = first;
    w->deadline_at = deadline;
    w->warned = warned;

    return true;
}


/* What a message about a failed wave names: at most 100 servers. */
static void
drsw_wave_failures(const drsw_step_t *st, const drs_exec_wave_t *w, json_t *d)
{
    size_t                   i;
    json_t                  *list;
    const drs_exec_server_t *s;

    list = json_array();

    for (i = 0; i < st->n->nservers && json_array_size(list) < 100; i++) {
        s = &st->n->servers[i];

        if (s->wave == w->number && s->status == DRS_LAUNCH_FAILED) {
            (void) json_array_append_new(list, json_string(s->id));
        }
    }

    (void) json_object_set_new(d, "failedServers", list);

    if (w->error_code[0] != '\0') {
        (void) json_object_set_new(d, "errorCode", json_string(w->error_code));
        (void) json_object_set_new(d, "errorMessage",
                                   json_string(w->error_message));
    }
}


static void
drsw_wave_close(drsw_step_t *st, drs_exec_wave_t *w)
{
    json_t           *d;
    drs_exec_counts_t c;
    drs_wave_status_t status;

    drs_exec_wave_counts(st->n, w, &c);

    if (c.total == 0 && w->error_code[0] == '\0') {
        if (w->empty_skip) {
            w->skipped = true;
            w->message = "no servers: skipped";
            drsw_wave_status(st, w, DRS_WAVE_COMPLETED);
            w->handled = true;
            return;
        }

        drsw_wave_error(st, w, "NO_SERVERS",
                        "the groups of the wave have no server to launch");
    }

    if (c.failed + c.cancelled > 0 && w->attempt <= w->auto_retry
        && st->status != DRS_EXEC_CANCELLING && st->n->ending[0] == '\0'
        && !drsw_wave_timed_out(w) && drsw_wave_again(st, w))
    {
        st->plan->again = true;
        return;
    }

    if (c.total > 0 && c.launched == c.total) {
        status = DRS_WAVE_COMPLETED;
        w->error_code = w->error_message = "";

    } else if (drsw_wave_timed_out(w)) {
        status = DRS_WAVE_TIMEOUT;

    } else if (c.launched > 0) {
        status = DRS_WAVE_PARTIAL;

    } else if (c.failed == 0 && c.cancelled > 0) {
        status = DRS_WAVE_CANCELLED;

    } else {
        status = DRS_WAVE_FAILED;
    }

    if ((status == DRS_WAVE_FAILED || status == DRS_WAVE_PARTIAL)
        && w->error_code[0] == '\0' && c.failed > 0)
    {
        drsw_wave_error(
            st, w, "WAVE_LAUNCH_FAILED",
            drsw_text(st, "%d of %d servers failed", c.failed, c.total));
    }

    drsw_wave_status(st, w, status);
    st->n->wave_ended_at = st->now;
    st->n->dirty_out = true;
    drsw_wave_policy(st, w, &c);

    d = json_pack("{si, ss, si, si, si}", "waveNumber", w->number, "waveName",
                  w->name, "serversLaunched", c.launched, "serversFailed",
                  c.failed, "serversTotal", c.total);

    if (status != DRS_WAVE_COMPLETED) {
        drsw_wave_failures(st, w, d);
    }

    if (w->first_send_at != 0) {
        drsw_run_started(st); /* the wave was over before a step saw it run */
    }

    drsw_notify(st,
                status == DRS_WAVE_COMPLETED ? "wave_completed" : "wave_failed",
                w->number, d);
}


void
drsw_wave_eval(drsw_step_t *st, drs_exec_wave_t *w)
{
    bool             open;
    size_t           i;
    drs_exec_unit_t *u;

    if (w->status != DRS_WAVE_INITIATED && w->status != DRS_WAVE_IN_PROGRESS) {
        return;
    }

    drsw_wave_clock(st, w);
    drsw_wave_stall(st, w);
    drsw_wave_deadline(st, w);

    if (drsw_wave_timed_out(w)) {
        drsw_wave_expire(st, w);
    }

    open = !w->resolved;

    for (i = 0; i < st->n->nunits; i++) {
        u = &st->n->units[i];

        if (u->wave == w->number && !drs_unit_is_final(u->state)
            && !(u->state == DRS_UNIT_STARTED && drsw_wave_timed_out(w)))
        {
            open = true;
        }
    }

    if (open) {
        drsw_wave_display(st, w);
        return;
    }

    drsw_wave_close(st, w);
}
