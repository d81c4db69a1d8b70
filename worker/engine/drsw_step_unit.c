
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Launch units: answers to sends (engine.md 2.6), looks (launch-protocol
 * steps 5 to 10).
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_json.h"
#include "drs_time.h"
#include "drsw_step.h"


#define DRSW_CONFLICT_WAITS  3
#define DRSW_LOOK_BACK       INT64_C(120000)


/* `list` is space separated. */
bool
drsw_word_in(const char *list, const char *word)
{
    size_t       len;
    const char  *p;

    len = strlen(word);

    for (p = list; len != 0 && (p = strstr(p, word)) != NULL; p += len) {
        if ((p == list || p[-1] == ' ') && (p[len] == ' ' || p[len] == '\0')) {
            return true;
        }
    }

    return false;
}


void
drsw_unit_state(drsw_step_t *st, drs_exec_unit_t *u, drs_unit_state_t state)
{
    if (u->state == state) {
        return;
    }

    u->state = state;
    u->dirty = true;

    if (drs_unit_is_final(state)) {
        u->ended_at = st->now;
        u->reason = DRS_REASON_NONE;
    }

    if (state != DRS_UNIT_HELD) {
        u->held_at = 0;
        u->held = u->held_reason = "";
    }
}


void
drsw_unit_error(drsw_step_t *st, drs_exec_unit_t *u, const char *code,
    const char *message)
{
    u->error_code = drsw_dup(st, code);
    u->error_message = drsw_dup(st, message);
    u->dirty = true;
}


void
drsw_unit_servers(drsw_step_t *st, drs_exec_unit_t *u,
    drs_launch_status_t status, const char *code, const char *message)
{
    size_t              i;
    drs_exec_server_t  *s;

    for (i = 0; i < u->nservers; i++) {
        s = drs_exec_server(st->n, u->servers[i]);

        if (s == NULL || strcmp(s->unit, u->id) != 0
            || drs_launch_is_final(s->status))
        {
            continue;
        }

        s->status = status;
        s->phase = DRS_PHASE_NONE;
        s->dirty = true;

        if (s->error[0] == '\0') {
            s->error = drsw_dup(st, message);
        }

        if (code[0] != '\0') {
            s->error_code = drsw_dup(st, code);
        }
    }
}


void
drsw_unit_cancel(drsw_step_t *st, drs_exec_unit_t *u)
{
    drsw_unit_state(st, u, DRS_UNIT_CANCELLED);
    drsw_unit_servers(st, u, DRS_LAUNCH_CANCELLED, "", "");
}


bool
drsw_unit_split(drsw_step_t *st, drs_exec_unit_t *from,
    const char **servers, size_t n)
{
    size_t              i, at;
    drs_exec_unit_t    *u;
    drs_exec_server_t  *s;

    at = (size_t) (from - st->n->units);

    u = drs_exec_add_unit(st->n, from->wave);
    if (u == NULL) {
        st->failed = true;
        return false;
    }

    from = &st->n->units[at];
    u->state = DRS_UNIT_PLANNED;
    u->account = from->account;
    u->region = from->region;
    u->servers = servers;
    u->nservers = n;
    u->max_attempts = st->set->max_attempts;
    u->config_done = from->config_done;

    for (i = 0; i < n; i++) {
        s = drs_exec_server(st->n, servers[i]);
        if (s != NULL) {
            s->unit = u->id;
            s->dirty = true;
        }
    }

    return true;
}


/* Closes a send by an effect and says in which state the unit then is. */
static void
drsw_close(drsw_step_t *st, drs_exec_unit_t *u, int attempt,
    drs_unit_state_t state)
{
    drs_buf_t       b;
    const char     *doc;
    drsw_effect_t  *eff;

    drs_buf_init(&b, 0);
    st->failed |= drs_exec_unit_doc(&b, u) != DRS_OK;
    doc = drs_arena_str(st->a, drs_buf_str(&b));
    st->failed |= doc == NULL;
    drs_buf_free(&b);

    eff = drsw_effect(st, DRSW_EFF_CLOSE, u);
    eff->attempt = attempt;
    eff->state = state == DRS_UNIT_INTENT ? "" : drs_unit_state_name(state);
    eff->next_at = u->next_at;
    eff->data = doc ? doc : "";
    st->plan->again = true;
}


/* Fails the servers in conflict, plans the others anew. */
static void
drsw_conflict_over(drsw_step_t *st, drs_exec_unit_t *u, const char *servers,
    const char *message)
{
    bool                concerned;
    size_t              i, n;
    const char        **rest;
    drs_exec_server_t  *s;

    rest = drs_arena_array(st->n->arena, u->nservers, sizeof(char *));
    if (rest == NULL) {
        st->failed = true;
        return;
    }

    concerned = false;

    for (i = 0; i < u->nservers; i++) {
        concerned |= drsw_word_in(servers, u->servers[i]);
    }

    n = 0;

    for (i = 0; i < u->nservers; i++) {
        s = drs_exec_server(st->n, u->servers[i]);

        if (s == NULL || strcmp(s->unit, u->id) != 0
            || drs_launch_is_final(s->status))
        {
            continue;
        }

        if (concerned && !drsw_word_in(servers, u->servers[i])) {
            rest[n++] = u->servers[i];
            continue;
        }

        s->status = DRS_LAUNCH_FAILED;
        s->phase = DRS_PHASE_NONE;
        s->error_code = "CONFLICT";
        s->error = drsw_dup(st, message[0] ? message
                                : "another DRS job holds the server");
        s->dirty = true;
    }

    drsw_unit_error(st, u, "CONFLICT",
                    message[0] ? message
                               : "another DRS job holds servers of the unit");

    if (n != 0) {
        (void) drsw_unit_split(st, u, rest, n);
    }
}


void
drsw_unit_conflict(drsw_step_t *st, drs_exec_unit_t *u, const char *servers,
    const char *message, int attempt)
{
    size_t  at;

    if (servers[0] != '\0' || attempt != 0) {
        u->conflict_servers = drsw_dup(st, servers);
    }

    u->dirty = true;

    if (u->conflicts < DRSW_CONFLICT_WAITS) {
        u->next_at = st->now + st->set->conflict_wait[u->conflicts];
        u->conflicts++;
        u->reason = DRS_REASON_CONFLICT;
        u->max_attempts += attempt != 0;
        drsw_due(st, u->next_at);

        if (attempt != 0) {
            /* earlier open sends decide by step 6, so the unit stays INTENT */
            drsw_close(st, u, attempt,
                       u->nopen > 1 ? DRS_UNIT_INTENT : DRS_UNIT_PLANNED);
        }

        return;
    }

    at = (size_t) (u - st->n->units);
    drsw_conflict_over(st, u, u->conflict_servers, message);
    u = &st->n->units[at];

    if (attempt != 0) {
        drsw_close(st, u, attempt, DRS_UNIT_FAILED);

    } else {
        drsw_unit_state(st, u, DRS_UNIT_FAILED);
    }
}


static int64_t
drsw_backoff(const drsw_step_t *st, const drs_exec_unit_t *u)
{
    int      i;
    int64_t  wait;

    wait = st->set->throttle_base;

    for (i = 0; i < u->throttles && wait < st->set->throttle_max; i++) {
        wait *= 2;
    }

    return wait < st->set->throttle_max ? wait : st->set->throttle_max;
}


/* A definite refusal, or nothing was sent. */
static void
drsw_refused(drsw_step_t *st, drs_exec_unit_t *u, const drsw_send_t *send)
{
    int64_t  wait;

    switch (send->why) {

    case DRSW_WHY_CONFLICT:
        drsw_unit_conflict(st, u, send->server, send->message,
                           send->attempt);
        return;

    case DRSW_WHY_PERMANENT:
        drsw_unit_error(st, u, send->code, send->message);
        drsw_unit_servers(st, u, DRS_LAUNCH_FAILED, send->code,
                          send->message);
        drsw_close(st, u, send->attempt, DRS_UNIT_FAILED);
        return;

    case DRSW_WHY_QUOTA:
        wait = st->set->quota_wait;
        u->reason = DRS_REASON_CAPACITY;
        break;

    default:
        wait = send->retry_after >= 0 ? send->retry_after
                                      : drsw_backoff(st, u);
        u->throttles++;
        u->reason = DRS_REASON_THROTTLED;
        drsw_unit_error(st, u, send->code, send->message);
        break;
    }

    /* not an attempt that could have launched anything */

    u->max_attempts++;
    u->next_at = st->now + wait;
    u->dirty = true;
    drsw_due(st, u->next_at);
    drsw_close(st, u, send->attempt, DRS_UNIT_PLANNED);
}


static bool
drsw_send_is_open(const drs_exec_unit_t *u, int attempt)
{
    size_t  i;

    for (i = 0; i < u->nopen; i++) {
        if (u->open[i].attempt == attempt) {
            return true;
        }
    }

    return false;
}


void
drsw_apply_sends(drsw_step_t *st)
{
    size_t              i;
    drs_exec_unit_t    *u;
    const drsw_send_t  *send;

    for (i = 0; i < st->obs->nsends; i++) {
        send = &st->obs->sends[i];
        u = drs_exec_unit(st->n, send->unit);

        if (u == NULL) {
            continue;
        }

        if (send->outcome == DRSW_SEND_NOT_ARMED) {
            if (u->state == DRS_UNIT_PLANNED) {
                u->next_at = st->now + st->set->poll_every;
                u->dirty = true;
                drsw_due(st, u->next_at);
            }
            continue;
        }

        if (u->state != DRS_UNIT_INTENT || u->attempt != send->attempt
            || !drsw_send_is_open(u, send->attempt))
        {
            continue;
        }

        if (send->outcome == DRSW_SEND_UNKNOWN) {
            drsw_due(st, st->now + st->set->look_first);
            continue;
        }

        drsw_refused(st, u, send);
    }
}


/* -- looks ------------------------------------------------------------------- */

static json_t *
drsw_held_candidates(const drs_exec_unit_t *u, const drsw_look_t *look)
{
    char               iso[DRS_TIME_ISO_SIZE];
    bool               ours;
    json_t            *list, *ids;
    size_t             i, j;
    const drsw_job_t  *job;

    list = json_array();

    for (i = 0; look != NULL && i < look->njobs; i++) {
        job = &look->jobs[i];
        ids = json_array();
        ours = false;

        for (j = 0; j < job->nservers && job->owner[0] == '\0'; j++) {
            ours |= drs_exec_unit_has(u, job->servers[j].id);
            (void) json_array_append_new(ids,
                                         json_string(job->servers[j].id));
        }

        if (!ours) {
            json_decref(ids);
            continue;
        }

        (void) drs_time_iso_s(iso, job->created_at / 1000);
        (void) json_array_append_new(list,
                   json_pack("{ss, ss, ss, so}", "jobId", job->id,
                             "creationDateTime", iso, "status",
                             drs_job_status_name(job->status),
                             "serverIds", ids));
    }

    return list;
}


static json_t *
drsw_held_servers(const drsw_look_t *look)
{
    char     iso[DRS_TIME_ISO_SIZE];
    size_t   i;
    json_t  *list, *o;

    list = json_array();

    for (i = 0; look != NULL && i < look->nlast; i++) {
        o = json_pack("{ss}", "sourceServerId", look->last[i].server);

        if (look->last[i].job[0] != '\0') {
            (void) json_object_set_new(o, "lastLaunchJobId",
                                       json_string(look->last[i].job));
        }

        if (look->last[i].at != 0) {
            (void) drs_time_iso_s(iso, look->last[i].at / 1000);
            (void) json_object_set_new(o, "lastLaunchTime",
                                       json_string(iso));
        }

        (void) json_array_append_new(list, o);
    }

    return list;
}


void
drsw_unit_hold(drsw_step_t *st, drs_exec_unit_t *u, const char *reason,
    const drsw_look_t *look)
{
    char    *text;
    json_t  *held;

    drsw_unit_state(st, u, DRS_UNIT_HELD);
    u->dirty = true;

    if (u->held_at == 0) {
        u->held_at = st->now;
    }

    u->held_reason = drsw_dup(st, reason);
    u->reason = DRS_REASON_HELD;

    held = json_pack("{sI, ss, so, so}", "since",
                     (json_int_t) (u->held_at / 1000), "reason", reason,
                     "candidates", drsw_held_candidates(u, look),
                     "servers", drsw_held_servers(look));

    text = held != NULL ? drs_json_text(held, NULL) : NULL;
    u->held = drsw_dup(st, text != NULL ? text : "{}");
    free(text);
    json_decref(held);

    drsw_notify(st, "unit_held", u->wave,
                json_pack("{ss, ss}", "unitId", u->id, "reason", reason));
    drsw_notice(st, "error", "unit_held",
                drsw_text(st, "launch unit %s is held: %s", u->id, reason));
}


static void
drsw_fact(drsw_step_t *st, drs_exec_unit_t *u, const char *job, int attempt)
{
    drs_buf_t       b;
    const char     *doc;
    drsw_effect_t  *eff;

    u->reason = DRS_REASON_NONE;
    u->started_at = st->now;

    drs_buf_init(&b, 0);
    st->failed |= drs_exec_unit_doc(&b, u) != DRS_OK;
    doc = drs_arena_str(st->a, drs_buf_str(&b));
    st->failed |= doc == NULL;
    drs_buf_free(&b);

    eff = drsw_effect(st, DRSW_EFF_FACT, u);
    eff->job = drs_arena_strz(st->a, job);
    eff->attempt = attempt;
    eff->data = doc ? doc : "";
    st->failed |= eff->job == NULL;
    st->plan->again = true;
}


static void
drsw_act(drsw_step_t *st, drs_exec_unit_t *u, const drsw_decision_t *d,
    const drsw_look_t *look)
{
    int64_t         oldest;
    size_t          i;
    drsw_effect_t  *eff;

    switch (d->what) {

    case DRSW_DO_LOOK:
        oldest = u->open[0].at;

        for (i = 1; i < u->nopen; i++) {
            oldest = u->open[i].at < oldest ? u->open[i].at : oldest;
        }

        eff = drsw_effect(st, DRSW_EFF_LOOK, u);
        eff->from_at = oldest - DRSW_LOOK_BACK;
        break;

    case DRSW_DO_WAIT:
        drsw_due(st, d->next_at);
        break;

    case DRSW_DO_ADOPT:
        drsw_fact(st, u, d->job, d->attempt);
        break;

    case DRSW_DO_STRAY:
        drsw_fact(st, u, d->job, 0);
        drsw_notice(st, "error", "unit_held",
                    drsw_text(st, "job %s of launch unit %s turned up late",
                              d->job, u->id));
        break;

    case DRSW_DO_HOLD:
        drsw_unit_hold(st, u, d->reason, look);
        break;

    case DRSW_DO_RETRY:
        drsw_unit_state(st, u, DRS_UNIT_PLANNED);
        break;

    case DRSW_DO_CANCEL:
        drsw_unit_cancel(st, u);
        break;

    case DRSW_DO_NOTHING:
        break;
    }
}


static const drsw_look_t *
drsw_look_of(const drsw_step_t *st, const drs_exec_unit_t *u)
{
    size_t              i;
    const drsw_look_t  *look, *best;

    best = NULL;

    for (i = 0; i < st->obs->nlooks; i++) {
        look = &st->obs->looks[i];

        if (strcmp(look->unit, u->id) == 0 && look->ok
            && (best == NULL || look->at > best->at))
        {
            best = look;
        }
    }

    return best;
}


/* Remembers when it was looked, so that no look follows at once on one. */
static void
drsw_looked(drsw_step_t *st, drs_exec_unit_t *u)
{
    size_t              i;
    const drsw_look_t  *look;

    for (i = 0; i < st->obs->nlooks; i++) {
        look = &st->obs->looks[i];

        if (strcmp(look->unit, u->id) == 0 && look->at > u->look_at) {
            u->look_at = look->at;
            u->looks += look->ok;
            u->dirty = true;
        }
    }
}


static void
drsw_apply_look(drsw_step_t *st, drs_exec_unit_t *u)
{
    char              self[160];
    size_t            i;
    drsw_evidence_t   ev;
    drsw_decision_t   d;

    (void) snprintf(self, sizeof(self), "%s %s", st->n->id, u->id);

    ev.look = drsw_look_of(st, u);
    ev.cancelled = st->status == DRS_EXEC_CANCELLING || st->n->cancel
                   || drs_exec_is_terminal(st->status)
                   || st->n->ending[0] != '\0'
                   || drsw_wave_timed_out(&st->n->waves[u->wave]);
    ev.pausing = st->status == DRS_EXEC_PAUSE_PENDING;
    ev.drill = st->n->drill;
    ev.self = self;

    drsw_unit_decide(u, &ev, st->set, st->now, &d);

    if (d.close != 0 && d.what != DRSW_DO_ADOPT && d.what != DRSW_DO_STRAY) {
        for (i = 0; i < u->nopen; i++) {
            if (d.close & (1u << i)) {
                drsw_effect(st, DRSW_EFF_CLOSE, u)->attempt =
                    u->open[i].attempt;
                st->plan->again = true;
            }
        }
    }

    drsw_act(st, u, &d, ev.look);
}


void
drsw_apply_looks(drsw_step_t *st)
{
    size_t            i;
    drs_exec_unit_t  *u;

    for (i = 0; i < st->n->nunits; i++) {
        u = &st->n->units[i];
        drsw_looked(st, u);

        if (u->state == DRS_UNIT_HELD && u->held_at == 0) {
            /* drs_unit_fact held it: a second job, or one too late */
            drsw_unit_hold(st, u, "STRAY_JOB", drsw_look_of(st, u));
        }

        if (u->nopen != 0 || u->state == DRS_UNIT_INTENT) {

            if (drsw_has_effect(st, DRSW_EFF_CLOSE, u->id)
                || drsw_has_effect(st, DRSW_EFF_FACT, u->id))
            {
                continue;       /* decided by the answer in this step */
            }

            drsw_apply_look(st, u);
        }
    }
}
