
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * The run: at most one row of the transition table in a step (engine.md 1.4),
 * outcome (api.md 2.7), what is left to do after the end.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_json.h"
#include "drsw_step.h"


/* An event and its twin for a run in which something was launched. */
#define drsw_either(st, event, partial)                                        \
    drsw_status(st, (st)->n->launched > 0 ? (partial) : (event))


bool
drsw_in_flight(const drsw_step_t *st)
{
    size_t                 i;
    const drs_exec_unit_t *u;

    for (i = 0; i < st->n->nunits; i++) {
        u = &st->n->units[i];

        if (drs_unit_in_flight(u->state)
            && !(u->state == DRS_UNIT_STARTED
                 && drsw_wave_timed_out(&st->n->waves[u->wave])))
        {
            return true;
        }
    }

    return false;
}


static bool
drsw_planned(const drsw_step_t *st)
{
    size_t i;

    for (i = 0; i < st->n->nunits; i++) {
        if (st->n->units[i].state == DRS_UNIT_PLANNED) {
            return true;
        }
    }

    return false;
}


/* Selected waves that have not started. */
static int
drsw_waves_left(const drsw_step_t *st)
{
    int    n;
    size_t i;

    n = 0;

    for (i = 0; i < st->n->nwaves; i++) {
        n += st->n->waves[i].selected
             && st->n->waves[i].status == DRS_WAVE_PENDING;
    }

    return n;
}


/* api.md 2.7, rules 2 to 7; rule 1 has an event of its own. */
drs_exec_status_t
drsw_final_status(const drsw_step_t *st)
{
    drs_exec_counts_t w, s;

    drs_exec_counts(st->n, &w, &s);

    if (st->n->cancel) {
        return s.launched > 0 ? DRS_EXEC_PARTIAL : DRS_EXEC_CANCELLED;
    }

    if (w.total > 0 && w.launched == w.total) {
        return DRS_EXEC_COMPLETED;
    }

    if (s.launched > 0) {
        return DRS_EXEC_PARTIAL;
    }

    if (strcmp(st->n->ending, "T20") == 0) {
        return DRS_EXEC_TIMEOUT;
    }

    /* completed waves without a server (SKIP) beside cancelled ones: 7 */

    if (w.failed > 0 || (w.launched == 0 && w.cancelled == 0)) {
        return DRS_EXEC_FAILED;
    }

    return w.launched == 0 ? DRS_EXEC_CANCELLED : DRS_EXEC_PARTIAL;
}


/* -- outcome -------------------------------------------------------------- */

static void
drsw_outcome_waves(drsw_step_t *st, json_t *details)
{
    json_t                *done, *failed, *cancelled, *o;
    size_t                 i;
    drs_exec_counts_t      c;
    const drs_exec_wave_t *w;

    done = json_array();
    failed = json_array();
    cancelled = json_array();

    for (i = 0; i < st->n->nwaves; i++) {
        w = &st->n->waves[i];

        if (!w->selected) {
            continue;
        }

        drs_exec_wave_counts(st->n, w, &c);
        o = json_pack("{ss, si, si, si}", "name", w->name, "serversLaunched",
                      c.launched, "serversFailed", c.failed, "serversCancelled",
                      c.cancelled);

        if (w->status == DRS_WAVE_COMPLETED) {
            (void) json_array_append_new(done, o);

        } else if (w->status == DRS_WAVE_CANCELLED) {
            (void) json_array_append_new(cancelled, o);

        } else {
            (void) json_array_append_new(failed, o);
        }
    }

    (void) json_object_set_new(details, "completedWaves", done);
    (void) json_object_set_new(details, "failedWaves", failed);
    (void) json_object_set_new(details, "cancelledWaves", cancelled);
}


/* Notification of the end (api.md 10.6). */
static const char *
drsw_end_name(drs_exec_status_t status, bool cancel)
{
    switch (status) {
    case DRS_EXEC_COMPLETED:
        return "complete";
    case DRS_EXEC_TIMEOUT:
        return "timeout";
    case DRS_EXEC_CANCELLED:
        return "cancelled";
    case DRS_EXEC_PARTIAL:
        return cancel ? "cancelled" : "partial";
    default:
        return "fail";
    }
}


static void
drsw_notify_end(drsw_step_t *st, const drs_exec_counts_t *w,
                const drs_exec_counts_t *s)
{
    json_t *d;

    d = json_pack(
        "{ss, ss, si, si, si, si, si, si, sI}", "status",
        drs_exec_status_name(st->status), "summary",
        json_string_value(json_object_get(st->n->out, "outcomeSummary")),
        "completedWaves", w->launched, "failedWaves", w->failed, "totalWaves",
        w->total, "serversLaunched", s->launched, "serversFailed", s->failed,
        "totalServers", s->total, "durationSeconds",
        (json_int_t) ((st->n->ended_at - st->n->started_at) / 1000));

    if (d != NULL && st->n->error_code[0] != '\0') {
        (void) json_object_set_new(d, "errorCode",
                                   json_string(st->n->error_code));
    }

    if (d != NULL && st->n->error_message[0] != '\0') {
        (void) json_object_set_new(d, "errorMessage",
                                   json_string(st->n->error_message));
    }

    drsw_notify(st, drsw_end_name(st->status, st->n->cancel), -1, d);
}


void
drsw_run_outcome(drsw_step_t *st)
{
    json_t           *out, *d;
    const char       *summary, *word;
    drs_exec_counts_t w, s;

    drs_exec_counts(st->n, &w, &s);
    word = drs_exec_status_name(st->status);

    summary = drsw_text(st,
                        "%s: %d of %d waves completed, %d failed, "
                        "%d cancelled; %d of %d servers launched, %d failed, "
                        "%d cancelled.",
                        word, w.launched, w.total, w.failed, w.cancelled,
                        s.launched, s.total, s.failed, s.cancelled);

    d = json_pack("{si, si, si, si, si, si, si, si, si, si}", "totalWaves",
                  w.total, "wavesCompleted", w.launched, "wavesFailed",
                  w.failed, "wavesCancelled", w.cancelled, "wavesPending",
                  w.pending, "totalServers", s.total, "serversLaunched",
                  s.launched, "serversFailed", s.failed, "serversCancelled",
                  s.cancelled, "serversPending", s.pending);
    drsw_outcome_waves(st, d);

    out = drsw_out(st);
    (void) json_object_set_new(out, "outcomeSummary", json_string(summary));
    (void) json_object_set_new(out, "outcomeDetails", d);

    st->n->ended_at = st->n->ended_at ? st->n->ended_at : st->now;
    st->n->finalised = true;

    if (st->n->ending[0] != '\0') {
        st->n->error_code = st->n->ending_code;
        st->n->error_message = st->n->ending_message;

    } else if (st->status != DRS_EXEC_COMPLETED
               && st->n->error_message[0] == '\0') {
        st->n->error_message = summary;
    }

    drsw_notify_end(st, &w, &s);

    if (st->n->terminate && st->n->cancel && s.launched > 0) {
        (void) drsw_effect(st, DRSW_EFF_TERMINATE, NULL);
    }
}


/* Waves that the request left out are not part of the run. */
static void
drsw_leave_out(drsw_step_t *st)
{
    size_t           i;
    drs_exec_wave_t *w;

    for (i = 0; i < st->n->nwaves; i++) {
        w = &st->n->waves[i];

        /* the creator of the record cancelled it */

        if (w->status == DRS_WAVE_CANCELLED && w->selected && !w->skipped
            && st->status == DRS_EXEC_PENDING)
        {
            w->selected = false;
            w->dirty = true;
        }

        if (!w->selected && w->status == DRS_WAVE_PENDING) {
            w->skipped = true;
            drsw_wave_status(st, w, DRS_WAVE_CANCELLED);
        }
    }
}


/* Nothing more is launched: PLANNED units, waves not over. */
static void
drsw_cancel_rest(drsw_step_t *st, bool active_too)
{
    size_t           i;
    drs_exec_unit_t *u;
    drs_exec_wave_t *w;

    for (i = 0; i < st->n->nunits; i++) {
        u = &st->n->units[i];

        if (u->state == DRS_UNIT_PLANNED) {
            drsw_unit_cancel(st, u);

        } else if (u->state == DRS_UNIT_CANCELLED) {
            drsw_unit_servers(st, u, DRS_LAUNCH_CANCELLED, "", "");
        }
    }

    for (i = 0; i < st->n->nwaves; i++) {
        w = &st->n->waves[i];

        if (w->selected
            && (w->status == DRS_WAVE_PENDING
                || (active_too && !drs_wave_is_over(w->status))
                || (w->status == DRS_WAVE_INITIATED && !w->resolved)))
        {
            drsw_wave_cancel(st, w);
        }
    }
}


static void
drsw_count(drsw_step_t *st)
{
    drs_exec_counts_t w, s;

    drs_exec_counts(st->n, &w, &s);
    st->n->launched = s.launched;
    st->n->completed_waves = w.launched;
    st->n->failed_waves = w.failed;
}


/* -- single rows ---------------------------------------------------------- */

/* Waves of a cancelled or failed run with units that are all final. */
static void
drsw_close_waves(drsw_step_t *st)
{
    size_t i;

    for (i = 0; i < st->n->nwaves; i++) {
        drsw_wave_eval(st, &st->n->waves[i]);
    }

    drsw_count(st);
}


/* Jobs of waves that ran into their deadline count too. */
static bool
drsw_jobs_left(const drsw_step_t *st)
{
    size_t i;

    for (i = 0; i < st->n->nunits; i++) {
        if (drs_unit_in_flight(st->n->units[i].state)) {
            return true;
        }
    }

    return false;
}


/* T16: a cancelled run follows all its jobs to their end. */
static void
drsw_run_cancelling(drsw_step_t *st)
{
    drsw_cancel_rest(st, false);
    drsw_close_waves(st);

    if (drsw_jobs_left(st)) {
        return;
    }

    drsw_cancel_rest(st, true);
    drsw_count(st);
    drsw_either(st, DRS_SM_CANCEL_DONE, DRS_SM_CANCEL_DONE_PARTIAL);
    drsw_run_outcome(st);
}


/* T4, T10, T19, T20: the run ends when the other waves have. */
static void
drsw_run_ending(drsw_step_t *st)
{
    drsw_cancel_rest(st, false);
    drsw_close_waves(st);

    if (drsw_in_flight(st)) {
        return;
    }

    drsw_cancel_rest(st, true);
    drsw_count(st);

    if (strcmp(st->n->ending, "T20") == 0) {
        drsw_either(st, DRS_SM_DEADLINE, DRS_SM_DEADLINE_PARTIAL);

    } else if (strcmp(st->n->ending, "T4") == 0) {
        drsw_either(st, DRS_SM_WAVE_REFUSED, DRS_SM_WAVE_REFUSED_PARTIAL);

    } else {
        drsw_either(st, DRS_SM_WAVE_FAILED, DRS_SM_WAVE_FAILED_PARTIAL);
    }

    if (st->plan->sm != DRS_SM_NONE) {
        drsw_run_outcome(st);
    }
}


int
drsw_lowest_left(const drsw_step_t *st)
{
    size_t                 i;
    const drs_exec_wave_t *w;

    for (i = 0; i < st->n->nwaves; i++) {
        w = &st->n->waves[i];

        if (w->selected && !drs_wave_is_over(w->status)) {
            return w->number;
        }
    }

    return -1;
}


static void
drsw_notify_pause(drsw_step_t *st, const char *reason)
{
    json_t *d;

    d = json_pack("{ss, si, sI}", "pauseReason", reason, "pausedBeforeWave",
                  st->n->paused_before, "pauseDeadlineAt",
                  (json_int_t) (st->n->pause_deadline / 1000));

    if (d != NULL && st->n->paused_by[0] != '\0') {
        (void) json_object_set_new(d, "pausedBy",
                                   json_string(st->n->paused_by));
    }

    drsw_notify(st, "pause", st->n->paused_before, d);
}


static void
drsw_pause(drsw_step_t *st, drs_sm_event_t event, int before,
           const char *reason)
{
    drsw_status(st, event);

    st->n->paused_before = before >= 0 ? before : 0;
    st->n->pause_reason = reason;
    st->n->pause_deadline = st->now + st->set->pause_deadline;

    drsw_notify_pause(st, reason);
}


/* T19b: waves of policy PAUSE count as handled from now on. */
static void
drsw_run_hold(drsw_step_t *st)
{
    int              failed, next;
    size_t           i;
    drs_exec_wave_t *w;

    failed = -1;

    for (i = 0; i < st->n->nwaves; i++) {
        w = &st->n->waves[i];

        if (w->selected && drs_wave_is_over(w->status) && !w->handled) {
            w->handled = true;
            w->dirty = true;
            failed = failed < 0 ? w->number : failed;
        }
    }

    next = drsw_lowest_left(st);
    drsw_pause(st, DRS_SM_WAVE_HOLD, next >= 0 ? next : failed, "WAVE_FAILED");
}


static void
drsw_all_done(drsw_step_t *st)
{
    switch (drsw_final_status(st)) {
    case DRS_EXEC_COMPLETED:
        drsw_status(st, DRS_SM_ALL_DONE);
        break;
    case DRS_EXEC_PARTIAL:
        drsw_status(st, DRS_SM_ALL_DONE_PARTIAL);
        break;
    case DRS_EXEC_CANCELLED:
        drsw_status(st, DRS_SM_ALL_DONE_CANCELLED);
        break;
    default:
        drsw_status(st, DRS_SM_ALL_DONE_FAILED);
        break;
    }

    if (st->plan->sm != DRS_SM_NONE) {
        drsw_run_outcome(st);
    }
}


/* When the next pause_reminder is due (engine.md 1.13): the hours of the
 * settings, the last one again weekly; 0: never. */
static int64_t
drsw_remind_at(const drsw_step_t *st, int64_t since)
{
    int     i;
    int64_t at, hour;

    hour = 60 * st->set->minute;
    at = 0;

    for (i = 0; i < st->set->nreminders; i++) {
        at = since + st->set->remind[i] * hour;

        if (st->n->reminded_at < at) {
            return at;
        }
    }

    return at != 0 ? st->n->reminded_at + 7 * 24 * hour : 0;
}


static void
drsw_pause_remind(drsw_step_t *st)
{
    int64_t at, since;

    since = st->n->paused_at ? st->n->paused_at : st->now;
    at = drsw_remind_at(st, since);

    if (at == 0) {
        return;
    }

    if (st->now < at) {
        drsw_due(st, at);
        return;
    }

    st->n->reminded_at = st->now;
    st->n->dirty_out = true;
    drsw_notify(st, "pause_reminder", st->n->paused_before,
                json_pack("{ss, si, sI, sI}", "pauseReason",
                          st->n->pause_reason, "pausedBeforeWave",
                          st->n->paused_before, "pausedAt",
                          (json_int_t) (since / 1000), "pauseDeadlineAt",
                          (json_int_t) (st->n->pause_deadline / 1000)));
}


/* T13, and what a pause by the store left to be filled in (T8, T9). */
static void
drsw_run_paused(drsw_step_t *st)
{
    if (st->n->pause_deadline == 0) {
        st->n->pause_deadline = (st->n->paused_at ? st->n->paused_at : st->now)
                                + st->set->pause_deadline;

        if (st->n->paused_before < 0) {
            st->n->paused_before =
                drsw_lowest_left(st) >= 0 ? drsw_lowest_left(st) : 0;
        }

        drsw_notify_pause(st, st->n->pause_reason);
    }

    if (st->now < st->n->pause_deadline || drsw_in_flight(st)) {
        drsw_pause_remind(st);
        drsw_due(st, st->n->pause_deadline);
        return;
    }

    drsw_cancel_rest(st, true);
    drsw_count(st);
    drsw_status(st, DRS_SM_PAUSE_EXPIRED);
    st->n->error_code = "PAUSE_EXPIRED";
    st->n->error_message = "the pause was not resumed before its deadline";
    drsw_run_outcome(st);
}


/* A wave that ended under CONTINUE, with failures. */
static bool
drsw_ended_badly(const drsw_step_t *st)
{
    size_t                 i;
    const drs_exec_wave_t *w;

    for (i = 0; i < st->n->nwaves; i++) {
        w = &st->n->waves[i];

        if (drs_wave_is_over(w->status)
            && !drs_wave_is_over(st->e->waves[i].status)
            && (w->status == DRS_WAVE_PARTIAL || w->status == DRS_WAVE_FAILED))
        {
            return true;
        }
    }

    return false;
}


void
drsw_run_started(drsw_step_t *st)
{
    if (!st->n->start_sent) {
        st->n->start_sent = true;
        st->n->dirty_out = true;
        drsw_notify(st, "start", st->n->current_wave - 1,
                    json_pack("{si, si}", "totalWaves", st->n->waves_total,
                              "totalServers", (int) st->n->nservers));
    }
}


/* RUNNING, POLLING.  True: waves and units may start in this step. */
static bool
drsw_run_active(drsw_step_t *st)
{
    int held, ready;

    if (drsw_in_flight(st)) {
        if (st->status == DRS_EXEC_RUNNING) {
            drsw_status(st, DRS_SM_WAVE_START);

            drsw_run_started(st);
        }

        return true;
    }

    if (drsw_active_waves(st) != 0) {
        return true; /* PLANNED units only: not in flight */
    }

    held = drsw_next_wave(st, &ready);

    if (ready < 0 && held >= 0) {
        drsw_pause(st, DRS_SM_PAUSE_POINT, held, "PLANNED");
        return false;
    }

    if (st->status == DRS_EXEC_POLLING) {
        drsw_status(st, drsw_ended_badly(st) ? DRS_SM_WAVE_CONTINUE
                                             : DRS_SM_WAVE_DONE);
        return false;
    }

    return true;
}


static void
drsw_run_claim(drsw_step_t *st)
{
    drsw_leave_out(st);
    drsw_status(st, DRS_SM_CLAIM);
}


bool
drsw_run_eval(drsw_step_t *st)
{
    drsw_count(st);

    switch (st->status) {
    case DRS_EXEC_PENDING:
        drsw_run_claim(st);
        return false;

    case DRS_EXEC_CANCELLING:
        drsw_run_cancelling(st);
        return false;

    case DRS_EXEC_PAUSED:
        drsw_run_paused(st);
        return false;

    case DRS_EXEC_RUNNING:
    case DRS_EXEC_POLLING:
    case DRS_EXEC_PAUSE_PENDING:
        break;

    default:
        return false;
    }

    if (st->n->ending[0] != '\0') {
        drsw_run_ending(st);
        return false;
    }

    if (drsw_hold_pending(st)) {
        if (!drsw_in_flight(st)) {
            drsw_run_hold(st);
        }

        return false;
    }

    if (drsw_waves_left(st) == 0 && drsw_active_waves(st) == 0
        && !drsw_in_flight(st))
    {
        drsw_all_done(st);
        return false;
    }

    if (st->status == DRS_EXEC_PAUSE_PENDING) {
        if (!drsw_in_flight(st)
            && (drsw_waves_left(st) != 0 || drsw_planned(st)
                || drsw_active_waves(st) != 0))
        {
            drsw_pause(st, DRS_SM_QUIET, drsw_lowest_left(st), "REQUESTED");
        }

        return false;
    }

    return drsw_run_active(st);
}


/* -- after the end -------------------------------------------------------- */

/* HELD by a late job when nobody can resolve it any more. */
static void
drsw_terminal_unit(drsw_step_t *st, drs_exec_unit_t *u)
{
    drs_exec_unit_t   settled;
    drs_exec_counts_t c;

    settled = *u;
    settled.state = DRS_UNIT_DONE;

    if (u->state == DRS_UNIT_HELD && drsw_unit_releasable(&settled, st->set)) {
        drs_exec_unit_counts(st->n, u, &c);
        drsw_unit_state(st, u,
                        c.launched != 0 ? DRS_UNIT_DONE : DRS_UNIT_FAILED);
    }
}


void
drsw_run_terminal(drsw_step_t *st)
{
    char        at[24];
    bool        held;
    size_t      i;
    const char *words[2];

    if (!st->n->finalised) {
        /* ended by the store (T14): waves, units, outcome are ours to fill */
        drsw_leave_out(st);
        drsw_cancel_rest(st, true);
        drsw_count(st);
        drsw_run_outcome(st);
    }

    held = false;

    for (i = 0; i < st->n->nunits; i++) {
        drsw_terminal_unit(st, &st->n->units[i]);
        held |= !drsw_unit_releasable(&st->n->units[i], st->set);
    }

    if (held) {
        if (st->n->released_all) {
            /* a fact of a launch that nobody expected any more */
            st->n->released_all = false;
            st->n->dirty_out = true;
        }

        drsw_due(st, st->now + st->set->idle_every);

    } else if (!st->n->released_all) {
        /* step 9: nothing of ours can still happen */
        st->n->released_all = true;
        st->n->dirty_out = true;
        (void) snprintf(at, sizeof(at), "%lld", (long long) st->n->ended_at);
        words[0] = "final";
        words[1] = at;
        drsw_op(st, words, 2);
    }
}
