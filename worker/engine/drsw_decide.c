
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * One launch unit with open sends: steps 5 to 10 of the launch protocol and
 * its evidence table (docs/adr/0004-launch-protocol.md).
 */

#include <string.h>

#include "drsw_engine.h"


/* What the newest look says about one unit. */
typedef struct {
    const drs_exec_unit_t *u;
    const drsw_evidence_t *ev;
    const drsw_settings_t *set;
    int64_t                oldest, newest; /* open sends */
    const drsw_job_t      *job;            /* the first candidate; of a
                                                   HELD unit the first that
                                                   its evidence lacks */
    size_t                 n;              /* candidates */
} drsw_case_t;


static bool
drsw_job_has(const drsw_job_t *job, const char *server)
{
    size_t i;

    for (i = 0; i < job->nservers; i++) {
        if (strcmp(job->servers[i].id, server) == 0) {
            return true;
        }
    }

    return false;
}


/* The unit's servers point to the job: its list is empty or incomplete. */
static bool
drsw_servers_point_to(const drsw_case_t *c, const drsw_job_t *job)
{
    size_t                    i, j;
    const drsw_look_t        *look;
    const drsw_last_launch_t *last;

    look = c->ev->look;

    for (i = 0; i < c->u->nservers; i++) {
        last = NULL;

        for (j = 0; j < look->nlast; j++) {
            if (strcmp(look->last[j].server, c->u->servers[i]) == 0) {
                last = &look->last[j];
                break;
            }
        }

        if (last == NULL || strcmp(last->job, job->id) != 0) {
            return false;
        }
    }

    return true;
}


static bool
drsw_job_matches(const drsw_case_t *c, const drsw_job_t *job)
{
    size_t i, common;

    common = 0;

    for (i = 0; i < c->u->nservers; i++) {
        common += drsw_job_has(job, c->u->servers[i]);
    }

    if (c->set->omit & DRSW_OMIT_EXACT) {
        return common > 0;
    }

    if (common == c->u->nservers && job->nservers == c->u->nservers) {
        return true;
    }

    /* a job that lists others too is never ours */

    if (common != job->nservers) {
        return false;
    }

    return drsw_servers_point_to(c, job);
}


static bool
drsw_job_is_candidate(const drsw_case_t *c, const drsw_job_t *job)
{
    if (strcmp(job->type, "LAUNCH") != 0
        || strcmp(job->initiated_by,
                  c->ev->drill ? "START_DRILL" : "START_RECOVERY")
               != 0)
    {
        return false;
    }

    if (job->created_at < c->oldest - c->set->skew) {
        return false;
    }

    if (drs_exec_unit_knows(c->u, job->id)
        || (job->owner[0] != '\0' && strcmp(job->owner, c->ev->self) != 0))
    {
        return false;
    }

    if (job->tag[0] != '\0' && c->u->launch_key[0] != '\0' && c->u->nopen == 1
        && strcmp(job->tag, c->u->launch_key) != 0)
    {
        return false;
    }

    return drsw_job_matches(c, job);
}


static void
drsw_case_init(drsw_case_t *c, const drs_exec_unit_t *u,
               const drsw_evidence_t *ev, const drsw_settings_t *set)
{
    size_t i;

    memset(c, 0, sizeof(drsw_case_t));
    c->u = u;
    c->ev = ev;
    c->set = set;
    c->oldest = c->newest = u->open[0].at;

    for (i = 1; i < u->nopen; i++) {
        if (u->open[i].at < c->oldest) {
            c->oldest = u->open[i].at;
        }

        if (u->open[i].at > c->newest) {
            c->newest = u->open[i].at;
        }
    }

    if (ev->look == NULL) {
        return;
    }

    for (i = 0; i < ev->look->njobs; i++) {
        if (drsw_job_is_candidate(c, &ev->look->jobs[i])) {
            c->n++;

            if (c->job == NULL
                && (u->state != DRS_UNIT_HELD
                    || strstr(u->held, ev->look->jobs[i].id) == NULL))
            {
                c->job = &ev->look->jobs[i];
            }
        }
    }
}


/*
 * The send that a job created at `created` belongs to: the latest one whose
 * window it lies in.  NULL: outside every window.
 */
static const drs_exec_send_t *
drsw_send_of(const drsw_case_t *c, int64_t created)
{
    size_t                 i;
    int64_t                reach;
    const drs_exec_send_t *best, *o;

    best = NULL;
    reach = c->set->transit;

    if (reach < c->set->request_timeout) {
        reach = c->set->request_timeout;
    }

    for (i = 0; i < c->u->nopen; i++) {
        o = &c->u->open[i];

        if (created >= o->at - c->set->skew
            && created <= o->at + reach + c->set->skew
            && (best == NULL || o->at > best->at))
        {
            best = o;
        }
    }

    return best;
}


/*
 * A server was launched after the oldest send by a job that is neither known
 * nor `but` nor in the listing.
 */
static bool
drsw_unknown_launch(const drsw_case_t *c, const drsw_job_t *but)
{
    bool                      listed;
    size_t                    i, j;
    const drsw_look_t        *look;
    const drsw_last_launch_t *last;

    look = c->ev->look;

    for (i = 0; i < look->nlast; i++) {
        last = &look->last[i];

        if (last->job[0] == '\0' || last->at < c->oldest - c->set->skew
            || drs_exec_unit_knows(c->u, last->job)
            || !drs_exec_unit_has(c->u, last->server)
            || (but != NULL && strcmp(last->job, but->id) == 0))
        {
            continue;
        }

        listed = false;

        for (j = 0; but == NULL && j < look->njobs; j++) {
            listed |= strcmp(look->jobs[j].id, last->job) == 0;
        }

        if (!listed) {
            return true;
        }
    }

    return false;
}


static void
drsw_hold(drsw_decision_t *d, const char *reason)
{
    d->what = DRSW_DO_HOLD;
    d->reason = reason;
}


/* INTENT with at least one candidate. */
static void
drsw_decide_found(const drsw_case_t *c, drsw_decision_t *d)
{
    const drs_exec_send_t *send;

    if (c->n > 1) {
        drsw_hold(d, "SEVERAL_JOBS");
        return;
    }

    send = drsw_send_of(c, c->job->created_at);

    if (send == NULL) {
        drsw_hold(d, "JOB_OUTSIDE_WINDOW");
        return;
    }

    if (drsw_unknown_launch(c, c->job) && !(c->set->omit & DRSW_OMIT_EXACT)) {
        drsw_hold(d, "SERVERS_POINT_ELSEWHERE");
        return;
    }

    if (c->set->hold_on_match && c->job->tag[0] == '\0') {
        drsw_hold(d, "MATCH_NEEDS_OPERATOR");
        return;
    }

    d->what = DRSW_DO_ADOPT;
    d->job = c->job->id;

    /*
     * With several open sends it may be a late job of an earlier one: then
     * none is closed, and the watch goes on for all of them.
     */

    d->attempt = c->u->nopen == 1 ? send->attempt : 0;
}


/* INTENT, a complete look, nothing found. */
static void
drsw_decide_absent(const drsw_case_t *c, int64_t due, drsw_decision_t *d)
{
    int64_t window;

    window =
        c->set->strict ? drsw_hard_window(c->set) : drsw_quiet_window(c->set);

    if (c->set->omit & DRSW_OMIT_WINDOW) {
        window = 0;
    }

    if (c->ev->look->at < c->newest + window) {
        d->what = DRSW_DO_WAIT;
        d->next_at = due;
        return;
    }

    if (drsw_unknown_launch(c, NULL)) {
        drsw_hold(d, "UNKNOWN_LAUNCH");
        return;
    }

    if (c->ev->cancelled) {
        d->what = DRSW_DO_CANCEL;
        return;
    }

    if (c->u->attempt >= c->u->max_attempts) {
        drsw_hold(d, "ATTEMPTS_USED_UP");
        return;
    }

    d->what = DRSW_DO_RETRY;
}


/* Step 8: any other state than INTENT. */
static void
drsw_decide_watch(const drsw_case_t *c, int64_t now, int64_t due,
                  drsw_decision_t *d)
{
    if (c->job != NULL && c->u->state == DRS_UNIT_HELD) {
        /* the evidence is renewed */
        drsw_hold(d, c->u->held_reason[0] != '\0' ? c->u->held_reason
                                                  : "LATE_JOB");
        return;
    }

    if (c->job != NULL) {
        d->what = DRSW_DO_STRAY;
        d->job = c->job->id;
        return;
    }

    d->what = now >= due ? DRSW_DO_LOOK : DRSW_DO_WAIT;
    d->next_at = due;
}


static unsigned
drsw_decide_close(const drsw_case_t *c)
{
    size_t   i;
    unsigned mask;

    mask = 0;

    if (c->n != 0) {
        return 0;
    }

    for (i = 0; i < c->u->nopen; i++) {
        if (c->ev->look->at >= c->u->open[i].at + drsw_hard_window(c->set)) {
            mask |= 1u << i;
        }
    }

    return mask;
}


void
drsw_unit_decide(const drs_exec_unit_t *u, const drsw_evidence_t *ev,
                 const drsw_settings_t *set, int64_t now_ms, drsw_decision_t *d)
{
    bool        intent;
    int64_t     due, looked;
    drsw_case_t c;

    memset(d, 0, sizeof(drsw_decision_t));
    d->reason = "";
    d->job = "";

    intent = u->state == DRS_UNIT_INTENT;

    if (u->nopen == 0) {
        /* every send was refused: the next attempt is PLANNED's business */
        d->what = intent ? (ev->cancelled ? DRSW_DO_CANCEL : DRSW_DO_RETRY)
                         : DRSW_DO_NOTHING;
        return;
    }

    if (!intent && (set->omit & DRSW_OMIT_WATCH)) {
        d->close = (1u << u->nopen) - 1;
        return;
    }

    drsw_case_init(&c, u, ev, set);

    looked = ev->look != NULL ? ev->look->at : u->look_at;
    due = looked + (intent ? set->look_every : set->look_watch);

    if (due < c.newest + set->look_first) {
        due = c.newest + set->look_first;
    }

    if (ev->look == NULL) {
        d->what = now_ms >= due ? DRSW_DO_LOOK : DRSW_DO_WAIT;
        d->next_at = due;
        return;
    }

    d->close = drsw_decide_close(&c);

    if (!intent) {
        drsw_decide_watch(&c, now_ms, due, d);

        if (d->close == (1u << u->nopen) - 1) {
            d->what = DRSW_DO_NOTHING;
        }

        return;
    }

    if (c.n != 0) {
        drsw_decide_found(&c, d);
        return;
    }

    drsw_decide_absent(&c, due, d);

    if (d->what == DRSW_DO_WAIT && now_ms >= due) {
        d->what = DRSW_DO_LOOK;
    }
}


/* `list` is space separated. */
static bool
drsw_list_has(const char *list, const char *word)
{
    size_t      len;
    const char *p;

    len = strlen(word);

    for (p = list; (p = strstr(p, word)) != NULL; p += len) {
        if ((p == list || p[-1] == ' ') && (p[len] == ' ' || p[len] == '\0')) {
            return true;
        }
    }

    return false;
}


bool
drsw_unit_releasable(const drs_exec_unit_t *u, const drsw_settings_t *set)
{
    size_t i;

    if (!drs_unit_is_final(u->state) || u->nopen != 0) {
        return false;
    }

    if (set->omit & DRSW_OMIT_STRAYS) {
        return true;
    }

    for (i = 0; i < u->njobs; i++) {
        if (!drsw_list_has(u->ended, u->jobs[i])) {
            return false;
        }
    }

    return true;
}
