
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * A small world around the engine for tests: it keeps the record, does what
 * the store's functions do to units, and answers effects.
 */

#ifndef ENGINE_WORLD_H_INCLUDED
#define ENGINE_WORLD_H_INCLUDED


#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "drsw_engine.h"


#define EW_JOBS    64
#define EW_SRV     512
#define EW_NOTES   256
#define EW_ACCOUNT "111111111111"
#define EW_REGION  "eu-central-1"
#define EW_T0      INT64_C(1700000000000)


typedef struct {
    char              id[32];
    char              unit[24];
    drs_job_status_t  status;
    bool              missing;
    int64_t           created_at, ended_at;
    drsw_job_server_t servers[100];
    size_t            nservers;
    drsw_log_item_t   log[32];
    size_t            nlog;
} ew_job_t;

typedef struct {
    drs_exec_t     *e;
    drsw_settings_t set;
    int64_t         now;

    ew_job_t jobs[EW_JOBS];
    size_t   njobs;
    int      calls; /* StartRecovery calls seen by AWS */

    /* what the next answers are */
    drsw_send_outcome_t outcome; /* when !accept */
    drsw_why_t          why;
    const char         *code, *conflict;
    bool                accept;
    bool                lost; /* accepted, the answer is lost */
    bool                refuse_arm;
    bool                look_fails;
    bool                capacity_unknown;
    int                 capacity_jobs, capacity_servers;
    int64_t             capacity_waiting; /* units in the queue */
    int64_t             retry_after;      /* of a send, when not 0 */
    const char         *busy[8];
    size_t              nbusy;
    const char         *config_fails;  /* server */
    const char         *resolve_error; /* code, wave cannot start */
    bool                resolve_empty;
    const char         *server_error; /* id that resolves to an error */

    drsw_request_t request;
    drsw_verdict_t answer;
    const char    *instance_of; /* reconcile: server with instance */

    char    notes[EW_NOTES][24];
    size_t  nnotes;
    char    rows[EW_NOTES][8]; /* transitions in order */
    size_t  nrows;
    int     resolved, armed, looks, reconciled, enriched;
    int     terminated, events, finals;
    int64_t due_at;
} ew_t;


static inline void
ew_header(ew_t *w, const char *doc, int nwaves)
{
    char             n[16];
    drs_exec_error_t err;
    drs_str_t        fv[14];

    (void) snprintf(n, sizeof(n), "%d", nwaves);
    fv[0] = drs_str("status");
    fv[1] = drs_str("PENDING");
    fv[2] = drs_str("ver");
    fv[3] = drs_str("1");
    fv[4] = drs_str("wavesTotal");
    fv[5] = drs_str(n);
    fv[6] = drs_str("type");
    fv[7] = drs_str("DRILL");
    fv[8] = drs_str("doc");
    fv[9] = drs_str(doc);
    fv[10] = drs_str("planId");
    fv[11] = drs_str("p1");
    fv[12] = drs_str("startedAt");
    fv[13] = drs_str("1700000000000");

    assert_int_equal(drs_exec_load_header(w->e, fv, 14, &err), DRS_OK);
}


/* waves: JSON members of each wave without braces. */
static inline void
ew_init(ew_t *w, const char *plan, const char *const *waves, int n)
{
    int              i;
    char             doc[16384];
    drs_str_t        fv[4];
    drs_exec_error_t err;

    memset(w, 0, sizeof(ew_t));
    drsw_settings_init(&w->set);
    w->now = EW_T0;
    w->accept = true;
    w->e = drs_exec_new("e1");

    (void) snprintf(doc, sizeof(doc), "{\"plan\":{%s}}", plan);
    ew_header(w, doc, n);

    for (i = 0; i < n; i++) {
        (void) snprintf(doc, sizeof(doc),
                        "{\"waveNumber\":%d,\"waveName\":\"wave %d\"%s%s}", i,
                        i, waves[i][0] ? "," : "", waves[i]);
        fv[0] = drs_str("status");
        fv[1] = drs_str("PENDING");
        fv[2] = drs_str("doc");
        fv[3] = drs_str(doc);
        assert_int_equal(drs_exec_load_wave(w->e, i, fv, 4, &err), DRS_OK);
    }

    assert_int_equal(drs_exec_load_done(w->e, &err), DRS_OK);
}


static inline void
ew_free(ew_t *w)
{
    drs_exec_free(w->e);
}


static inline ew_job_t *
ew_job(ew_t *w, const char *id)
{
    size_t i;

    for (i = 0; i < w->njobs; i++) {
        if (strcmp(w->jobs[i].id, id) == 0) {
            return &w->jobs[i];
        }
    }

    return NULL;
}


static inline ew_job_t *
ew_new_job(ew_t *w, const drs_exec_unit_t *u)
{
    size_t    i;
    ew_job_t *j;

    assert_true(w->njobs < EW_JOBS);
    j = &w->jobs[w->njobs++];
    memset(j, 0, sizeof(ew_job_t));
    (void) snprintf(j->id, sizeof(j->id), "drsjob-%04d", (int) w->njobs);
    (void) snprintf(j->unit, sizeof(j->unit), "%s", u->id);
    j->status = DRS_JOB_PENDING;
    j->created_at = w->now;
    j->nservers = u->nservers;

    for (i = 0; i < u->nservers; i++) {
        j->servers[i].id = u->servers[i];
        j->servers[i].instance = "";
        j->servers[i].actions = "";
    }

    return j;
}


/* drs_unit_fact */
static inline void
ew_fact(ew_t *w, const char *unit, int attempt, const char *job)
{
    bool             found;
    size_t           i, n;
    const char     **jobs;
    drs_exec_unit_t *u;

    u = drs_exec_unit(w->e, unit);
    assert_non_null(u);

    if (drs_exec_unit_knows(u, job)) {
        return;
    }

    found = false;
    n = 0;

    for (i = 0; i < u->nopen; i++) {
        if (attempt != 0 && u->open[i].attempt == attempt) {
            found = true;
        } else {
            u->open[n++] = u->open[i];
        }
    }

    u->nopen = n;
    u->state = u->njobs == 0 && u->state == DRS_UNIT_INTENT
                       && (attempt == 0 || found || attempt == u->attempt)
                   ? DRS_UNIT_STARTED
                   : DRS_UNIT_HELD;

    jobs = drs_arena_array(w->e->arena, u->njobs + 1, sizeof(char *));
    for (i = 0; i < u->njobs; i++) {
        jobs[i] = u->jobs[i];
    }
    jobs[u->njobs++] = drs_arena_strz(w->e->arena, job);
    u->jobs = jobs;

    if (u->job[0] == '\0') {
        u->job = jobs[u->njobs - 1];
    }

    u->ver++;
}


/* drs_unit_close */
static inline void
ew_close(ew_t *w, const drsw_effect_t *eff)
{
    size_t           i, n;
    drs_exec_unit_t *u;

    u = drs_exec_unit(w->e, eff->unit);
    assert_non_null(u);
    n = 0;

    for (i = 0; i < u->nopen; i++) {
        if (eff->attempt != 0 && u->open[i].attempt != eff->attempt) {
            u->open[n++] = u->open[i];
        }
    }

    u->nopen = n;

    if (eff->state[0] != '\0' && u->state == DRS_UNIT_INTENT) {
        u->state =
            (drs_unit_state_t) drs_unit_state_by_name(drs_str(eff->state));
        if (u->state == DRS_UNIT_PLANNED && w->e->cancel) {
            u->state = n == 0 ? DRS_UNIT_CANCELLED : DRS_UNIT_INTENT;
        }
    }

    if (eff->next_at >= 0) {
        u->next_at = eff->next_at;
    }

    u->ver++;
}


/* Results that the next step sees. */
typedef struct {
    drsw_obs_t            obs;
    drsw_resolution_t     res[16];
    drsw_configured_t     cfg[64];
    drsw_config_failure_t cfgfail[64];
    drsw_capacity_t       cap[64];
    drsw_send_t           send[64];
    drsw_look_t           look[64];
    drsw_job_t            jobs[EW_JOBS];
    drsw_last_launch_t    last[EW_SRV];
    size_t                nlast;
    const char           *enr[64];
    drsw_enriched_t       enriched[EW_SRV];
    drsw_resolved_t       servers[16][EW_SRV];
} ew_obs_t;


static inline void
ew_jobs(ew_t *w, ew_obs_t *o, bool looking)
{
    size_t      i;
    drsw_job_t *j;

    for (i = 0; i < w->njobs; i++) {
        j = &o->jobs[i];
        memset(j, 0, sizeof(drsw_job_t));
        j->id = w->jobs[i].id;
        j->type = "LAUNCH";
        j->initiated_by = "START_DRILL";
        j->status = w->jobs[i].status;
        j->missing = w->jobs[i].missing && !looking;
        j->created_at = w->jobs[i].created_at;
        j->seen_at = w->now;
        j->tag = j->owner = "";
        j->servers = w->jobs[i].servers;
        j->nservers = w->jobs[i].nservers;
        j->log = w->jobs[i].log;
        j->nlog = w->jobs[i].nlog;
    }
}


static inline void
ew_resolve(ew_t *w, ew_obs_t *o, const drsw_effect_t *eff)
{
    size_t             i, n;
    drsw_resolved_t   *s;
    drs_exec_wave_t   *wave;
    drsw_resolution_t *r;

    w->resolved++;
    r = &o->res[o->obs.nresolutions];
    memset(r, 0, sizeof(drsw_resolution_t));
    r->wave = eff->wave;
    r->ok = true;
    r->error_code = w->resolve_error ? w->resolve_error : "";
    r->error = w->resolve_error ? "cannot be resolved" : "";
    wave = drs_exec_wave(w->e, eff->wave);
    n = w->resolve_empty || w->resolve_error ? 0 : wave->nserver_ids;
    r->servers = o->servers[o->obs.nresolutions];

    for (i = 0; i < n; i++) {
        s = &o->servers[o->obs.nresolutions][i];
        memset(s, 0, sizeof(drsw_resolved_t));
        s->id = wave->server_ids[i];
        s->account = EW_ACCOUNT;
        s->region = strncmp(s->id, "s-us", 4) == 0 ? "us-east-1" : EW_REGION;
        s->error_code = "";

        if (w->server_error && strcmp(w->server_error, s->id) == 0) {
            s->error_code = "SERVER_CONFLICT";
            s->error = "held by another run";
        }
    }

    r->nservers = n;
    o->obs.resolutions = o->res;
    o->obs.nresolutions++;
}


static inline void
ew_arm(ew_t *w, ew_obs_t *o, const drsw_effect_t *eff)
{
    ew_job_t        *job;
    drsw_send_t     *s;
    drs_exec_unit_t *u;

    u = drs_exec_unit(w->e, eff->unit);
    assert_non_null(u);
    s = &o->send[o->obs.nsends];
    memset(s, 0, sizeof(drsw_send_t));
    s->unit = u->id;
    s->attempt = eff->attempt;
    s->code = w->code ? w->code : "";
    s->message = s->code;
    s->server = w->conflict ? w->conflict : "";
    s->retry_after = w->retry_after ? w->retry_after : -1;
    s->why = w->why;
    s->outcome = w->outcome;

    if (w->refuse_arm || w->e->cancel) {
        s->outcome = DRSW_SEND_NOT_ARMED;
        o->obs.sends = o->send;
        o->obs.nsends++;
        return;
    }

    assert_int_equal(u->ver, eff->unit_ver);
    assert_true(u->state == DRS_UNIT_PLANNED);
    assert_int_equal(eff->attempt, u->attempt + 1);
    assert_true(eff->attempt <= u->max_attempts);
    assert_true(u->nopen == 0 || eff->allow_open);
    w->armed++;

    u->state = DRS_UNIT_INTENT;
    u->attempt = eff->attempt;
    u->intent_at = w->now;
    u->open[u->nopen].attempt = eff->attempt;
    u->open[u->nopen].at = w->now;
    u->open[u->nopen].owner = "w1";
    u->nopen++;
    u->ver++;

    if (w->accept) {
        w->calls++;
        job = ew_new_job(w, u);
        ew_fact(w, u->id, eff->attempt, job->id);
        return;
    }

    if (w->lost) {
        w->calls++;
        (void) ew_new_job(w, u);
    }

    o->obs.sends = o->send;
    o->obs.nsends++;
}


static inline void
ew_look(ew_t *w, ew_obs_t *o, const drsw_effect_t *eff)
{
    size_t              i;
    drsw_look_t        *l;
    drs_exec_unit_t    *u;
    drsw_last_launch_t *last;

    u = drs_exec_unit(w->e, eff->unit);
    l = &o->look[o->obs.nlooks];
    memset(l, 0, sizeof(drsw_look_t));
    l->unit = u->id;
    l->at = w->now;
    l->ok = !w->look_fails;
    ew_jobs(w, o, true);
    l->jobs = o->jobs;
    l->njobs = w->njobs;
    l->last = &o->last[o->nlast];

    for (i = 0; i < u->nservers; i++) {
        last = &o->last[o->nlast++];
        memset(last, 0, sizeof(drsw_last_launch_t));
        last->server = u->servers[i];
        last->job = last->status = last->instance = last->instance_job = "";

        if (w->instance_of && strcmp(w->instance_of, u->servers[i]) == 0) {
            last->instance = "i-12345678";
            last->instance_job = u->job;
        }
    }

    l->nlast = u->nservers;
    o->obs.looks = o->look;
    o->obs.nlooks++;
}


static inline void
ew_effect(ew_t *w, ew_obs_t *o, const drsw_effect_t *eff)
{
    drsw_configured_t *c;
    drsw_capacity_t   *cap;

    switch (eff->type) {
    case DRSW_EFF_RESOLVE_WAVE:
        ew_resolve(w, o, eff);
        break;

    case DRSW_EFF_CAPACITY:
        cap = &o->cap[o->obs.ncapacity];
        memset(cap, 0, sizeof(drsw_capacity_t));
        cap->unit = drs_arena_strz(w->e->arena, eff->unit);
        cap->known = !w->capacity_unknown;
        cap->granted =
            w->capacity_jobs < 19
            && w->capacity_servers
                       + (int) drs_exec_unit(w->e, eff->unit)->nservers
                   <= 500;
        cap->waiting = w->capacity_waiting;
        cap->busy = w->busy;
        cap->nbusy = w->nbusy;
        o->obs.capacity = o->cap;
        o->obs.ncapacity++;
        break;

    case DRSW_EFF_APPLY_CONFIG:
        c = &o->cfg[o->obs.nconfigs];
        memset(c, 0, sizeof(drsw_configured_t));
        c->unit = drs_arena_strz(w->e->arena, eff->unit);
        c->ok = true;

        if (w->config_fails
            && drs_exec_unit_has(drs_exec_unit(w->e, eff->unit),
                                 w->config_fails))
        {
            o->cfgfail[o->obs.nconfigs].server = w->config_fails;
            o->cfgfail[o->obs.nconfigs].error = "subnet is gone";
            c->failed = &o->cfgfail[o->obs.nconfigs];
            c->nfailed = 1;
        }

        o->obs.configs = o->cfg;
        o->obs.nconfigs++;
        break;

    case DRSW_EFF_ARM_AND_SEND:
        assert_true(
            drs_exec_status_class(drs_exec_status_parse(drs_str(w->e->status)))
            & DRS_EXEC_C_LAUNCHING);
        ew_arm(w, o, eff);
        break;

    case DRSW_EFF_CLOSE:
        ew_close(w, eff);
        break;

    case DRSW_EFF_FACT:
        ew_fact(w, eff->unit, eff->attempt, eff->job);
        break;

    case DRSW_EFF_LOOK:
        w->looks++;
        ew_look(w, o, eff);
        break;

    case DRSW_EFF_RECONCILE:
        w->reconciled++;
        ew_look(w, o, eff);
        break;

    case DRSW_EFF_ENRICH:
        w->enriched++;
        o->enr[o->obs.nenriched_units] = drs_arena_strz(w->e->arena, eff->unit);
        o->obs.enriched_units = o->enr;
        o->obs.nenriched_units++;
        break;

    case DRSW_EFF_TERMINATE:
        w->terminated++;
        break;
    }
}


/* Events that the store refuses while a unit is in flight. */
static inline void
ew_check_quiet(const drsw_plan_t *p)
{
    size_t i;

    switch (p->sm) {
    case DRS_SM_QUIET:
    case DRS_SM_PAUSE_POINT:
    case DRS_SM_CANCEL_DONE:
    case DRS_SM_CANCEL_DONE_PARTIAL:
    case DRS_SM_ALL_DONE:
    case DRS_SM_ALL_DONE_PARTIAL:
    case DRS_SM_ALL_DONE_FAILED:
    case DRS_SM_ALL_DONE_CANCELLED:
        break;

    default:
        return;
    }

    for (i = 0; i < p->next->nunits; i++) {
        assert_false(drs_unit_in_flight(p->next->units[i].state));
    }
}


/* Status changes are rows of the table; what a commit may hold. */
static inline void
ew_check_plan(ew_t *w, const drsw_plan_t *p)
{
    size_t              i, k;
    drs_exec_status_t   from;
    const drs_sm_row_t *row;
    static const char  *kept[] = {
         "status",     "ver",       "fence",      "owner",  "inflight",
         "planned",    "wavesLeft", "wavesTotal", "cancel", "pauseReq",
         "pauseEpoch", "planId",    "planName",   "type",   "startedAt",
         "accounts",   "commandId", "doc",        NULL
    };

    from = drs_exec_status_parse(drs_str(w->e->status));

    ew_check_quiet(p);

    if (p->sm != DRS_SM_NONE) {
        row = drs_sm_find(from, p->sm);
        assert_non_null(row);
        assert_string_equal(p->status, drs_exec_status_name(row->to));
        assert_true(w->nrows < EW_NOTES);
        (void) snprintf(w->rows[w->nrows++], 8, "%s", row->id);

    } else {
        assert_string_equal(p->next->status, w->e->status);
    }

    for (i = 0; i < p->nops; i++) {
        if (drs_str_eqz(p->ops[i].arg[0], "h")) {
            for (k = 0; kept[k] != NULL; k++) {
                assert_false(drs_str_eqz(p->ops[i].arg[1], kept[k]));
            }
        }

        if (drs_str_eqz(p->ops[i].arg[0], "notify")) {
            assert_true(w->nnotes < EW_NOTES);
            (void) snprintf(w->notes[w->nnotes++], 24, "%s",
                            p->ops[i].arg[2].data);
        }

        w->events += drs_str_eqz(p->ops[i].arg[0], "ev");
        w->finals += drs_str_eqz(p->ops[i].arg[0], "final");
    }
}


/* The store's part of a commit. */
static inline void
ew_commit(ew_t *w, drsw_plan_t *p)
{
    drs_exec_t *old;

    old = w->e;
    w->e = p->next;
    p->next = NULL;
    drs_exec_free(old);

    if (p->sm != DRS_SM_NONE) {
        w->e->pause_req = strcmp(w->e->status, "PAUSE_PENDING") == 0;

        if (strcmp(w->e->status, "PAUSED") == 0) {
            w->e->paused_at = w->now;
        }
    }
}


/* The caller's loop of drsw_engine.h until nothing is left to do now. */
static inline void
ew_step(ew_t *w)
{
    int             i;
    bool            more;
    size_t          k;
    ew_obs_t       *o;
    drsw_plan_t     p;
    drsw_effect_t   look;
    static ew_obs_t results; /* too large for the stack */

    o = &results;
    memset(&o->obs, 0, sizeof(drsw_obs_t));
    o->nlast = 0;
    more = true;

    if (w->request.type == DRSW_REQ_ADOPT
        || w->request.type == DRSW_REQ_RETRY_UNIT) {
        /* the caller looks before it resolves */
        memset(&look, 0, sizeof(look));
        look.unit = w->request.unit;
        ew_look(w, o, &look);
    }

    for (i = 0; more; i++) {
        assert_true(i < 200);
        ew_jobs(w, o, false);
        o->obs.jobs = o->jobs;
        o->obs.njobs = w->njobs;
        o->obs.request = w->request.type != DRSW_REQ_NONE ? &w->request : NULL;

        assert_int_equal(drsw_engine_step(w->e, &o->obs, &w->set, w->now, &p),
                         DRS_OK);
        ew_check_plan(w, &p);
        ew_commit(w, &p);

        if (w->request.type != DRSW_REQ_NONE) {
            w->answer = p.answer;
            w->request.type = DRSW_REQ_NONE;
        }

        memset(&o->obs, 0, sizeof(drsw_obs_t));
        o->nlast = 0;
        more = p.again;

        for (k = 0; k < p.neffects; k++) {
            ew_effect(w, o, &p.effects[k]);
            more |= p.effects[k].type != DRSW_EFF_TERMINATE;
        }

        w->due_at = p.due_at;
        drsw_plan_free(&p);
    }
}


static inline void
ew_at(ew_t *w, int64_t ms)
{
    w->now += ms;
    ew_step(w);
}


static inline void
ew_all(ew_job_t *j, drs_job_status_t status, drs_launch_status_t launch)
{
    size_t i;

    j->status = status;

    for (i = 0; i < j->nservers; i++) {
        j->servers[i].status = launch;
    }
}


/* Every running job ends with this result. */
static inline void
ew_end_jobs(ew_t *w, drs_launch_status_t launch)
{
    size_t i;

    for (i = 0; i < w->njobs; i++) {
        if (w->jobs[i].status != DRS_JOB_COMPLETED) {
            ew_all(&w->jobs[i], DRS_JOB_COMPLETED, launch);
        }
    }
}


static inline bool
ew_noted(const ew_t *w, const char *name)
{
    size_t i;

    for (i = 0; i < w->nnotes; i++) {
        if (strcmp(w->notes[i], name) == 0) {
            return true;
        }
    }

    return false;
}


static inline bool
ew_row(const ew_t *w, const char *id)
{
    size_t i;

    for (i = 0; i < w->nrows; i++) {
        if (strcmp(w->rows[i], id) == 0) {
            return true;
        }
    }

    return false;
}


/* Commands of drs_exec_command, by the header alone. */
static inline void
ew_command(ew_t *w, const char *name)
{
    bool                flying;
    size_t              i;
    drs_sm_event_t      ev;
    drs_exec_status_t   from;
    const drs_sm_row_t *row;

    flying = false;
    for (i = 0; i < w->e->nunits; i++) {
        flying |= drs_unit_in_flight(w->e->units[i].state);
    }

    from = drs_exec_status_parse(drs_str(w->e->status));

    if (strcmp(name, "pause") == 0) {
        ev = flying ? DRS_SM_PAUSE : DRS_SM_PAUSE_NOW;
        w->e->pause_reason = "REQUESTED";

    } else if (strcmp(name, "resume") == 0) {
        ev = DRS_SM_RESUME;
        w->e->released = w->e->paused_before;
        w->e->paused_before = -1;
        w->e->pause_reason = "";
        w->e->pause_deadline = 0;

    } else {
        w->e->cancel = true;
        ev = flying               ? DRS_SM_CANCEL
             : w->e->launched > 0 ? DRS_SM_CANCEL_NOW_PARTIAL
                                  : DRS_SM_CANCEL_NOW;
    }

    row = drs_sm_find(from, ev);
    assert_non_null(row);
    (void) snprintf(w->rows[w->nrows++], 8, "%s", row->id);
    w->e->status = drs_exec_status_name(row->to);
    w->e->pause_req = row->to == DRS_EXEC_PAUSE_PENDING;

    if (row->to == DRS_EXEC_PAUSED) {
        w->e->paused_at = w->now;
    }

    if (drs_exec_is_terminal(row->to)) {
        w->e->ended_at = w->now;
    }

    w->e->ver++;
}


#define assert_status(w, s) assert_string_equal((w)->e->status, s)
#define assert_wave(w, n, s)                                                   \
    assert_string_equal(drs_wave_status_name((w)->e->waves[n].status), s)
#define assert_unit(w, id, s)                                                  \
    assert_string_equal(drs_unit_state_name(drs_exec_unit((w)->e, id)->state), \
                        s)
#define assert_server(w, id, s)                                                \
    assert_string_equal(                                                       \
        drs_launch_status_name(drs_exec_server((w)->e, id)->status), s)


#endif /* ENGINE_WORLD_H_INCLUDED */
