
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Looks: what a listing means for a unit with open sends (launch-protocol
 * steps 5 to 10), HELD units and their evidence.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_json.h"
#include "drs_time.h"
#include "drsw_step.h"


#define DRSW_LOOK_BACK INT64_C(120000)

static json_t *
drsw_held_candidates(const drs_exec_unit_t *u, const drsw_look_t *look)
{
    char              iso[DRS_TIME_ISO_SIZE];
    bool              ours;
    json_t           *list, *ids;
    size_t            i, j;
    const drsw_job_t *job;

    list = json_array();

    for (i = 0; look != NULL && i < look->njobs; i++) {
        job = &look->jobs[i];
        ids = json_array();
        ours = false;

        for (j = 0; j < job->nservers && job->owner[0] == '\0'; j++) {
            ours |= drs_exec_unit_has(u, job->servers[j].id);
            (void) json_array_append_new(ids, json_string(job->servers[j].id));
        }

        if (!ours) {
            json_decref(ids);
            continue;
        }

        (void) drs_time_iso_s(iso, job->created_at / 1000);
        (void) json_array_append_new(
            list,
            json_pack("{ss, ss, ss, so}", "jobId", job->id, "creationDateTime",
                      iso, "status", drs_job_status_name(job->status),
                      "serverIds", ids));
    }

    return list;
}


static json_t *
drsw_held_servers(const drsw_look_t *look)
{
    char    iso[DRS_TIME_ISO_SIZE];
    size_t  i;
    json_t *list, *o;

    list = json_array();

    for (i = 0; look != NULL && i < look->nlast; i++) {
        o = json_pack("{ss}", "sourceServerId", look->last[i].server);

        if (look->last[i].job[0] != '\0') {
            (void) json_object_set_new(o, "lastLaunchJobId",
                                       json_string(look->last[i].job));
        }

        if (look->last[i].at != 0) {
            (void) drs_time_iso_s(iso, look->last[i].at / 1000);
            (void) json_object_set_new(o, "lastLaunchTime", json_string(iso));
        }

        (void) json_array_append_new(list, o);
    }

    return list;
}


void
drsw_unit_hold(drsw_step_t *st, drs_exec_unit_t *u, const char *reason,
               const drsw_look_t *look)
{
    char   *text;
    json_t *held;

    drsw_unit_state(st, u, DRS_UNIT_HELD);
    u->dirty = true;

    if (u->held_at == 0) {
        u->held_at = st->now;
    }

    u->held_reason = drsw_dup(st, reason);
    u->reason = DRS_REASON_HELD;

    held =
        json_pack("{sI, ss, so, so}", "since", (json_int_t) (u->held_at / 1000),
                  "reason", reason, "candidates", drsw_held_candidates(u, look),
                  "servers", drsw_held_servers(look));

    text = held != NULL ? drs_json_text(held, NULL) : NULL;
    u->held = drsw_dup(st, text != NULL ? text : "{}");
    free(text);
    json_decref(held);

    drsw_notify(
        st, "unit_held", u->wave,
        json_pack("{ss, ss, ss}", "unitId", u->id, "reason", reason, "message",
                  drsw_text(st, "launch unit %s is held: %s", u->id, reason)));
}


static void
drsw_fact(drsw_step_t *st, drs_exec_unit_t *u, const char *job, int attempt)
{
    drs_buf_t      b;
    const char    *doc;
    drsw_effect_t *eff;

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
    int64_t        oldest;
    size_t         i;
    drsw_effect_t *eff;

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
        drsw_notify(st, "unit_held", u->wave,
                    json_pack("{ss, ss, ss, ss}", "unitId", u->id, "reason",
                              "LATE_JOB", "jobId", d->job, "message",
                              drsw_text(st,
                                        "job %s of launch unit %s turned "
                                        "up late",
                                        d->job, u->id)));
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
    size_t             i;
    const drsw_look_t *look, *best;

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
    size_t             i;
    const drsw_look_t *look;

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
    char            self[160];
    size_t          i;
    drsw_evidence_t ev;
    drsw_decision_t d;

    (void) snprintf(self, sizeof(self), "%s %s", st->n->id, u->id);

    ev.look = drsw_look_of(st, u);
    ev.cancelled = st->status == DRS_EXEC_CANCELLING || st->n->cancel
                   || drs_exec_is_terminal(st->status)
                   || st->n->ending[0] != '\0'
                   || drsw_wave_timed_out(&st->n->waves[u->wave]);
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
    size_t           i;
    drs_exec_unit_t *u;

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
                continue; /* decided by the answer in this step */
            }

            drsw_apply_look(st, u);
        }
    }
}
