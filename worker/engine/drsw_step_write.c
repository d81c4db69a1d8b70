
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Differences between the record before and after a step, as operations and
 * events (api.md 10.5).
 */

#include <stdio.h>
#include <string.h>

#include "drs_json.h"
#include "drsw_step.h"

static void
drsw_write_header_str(drsw_step_t *st, const char *name, const char *before,
                      const char *after)
{
    const char *words[3];

    if (strcmp(before, after) != 0) {
        words[0] = "h";
        words[1] = name;
        words[2] = after;
        drsw_op(st, words, 3);
    }
}


static void
drsw_write_header_int(drsw_step_t *st, const char *name, int64_t before,
                      int64_t after, int64_t absent)
{
    char        text[24];
    const char *words[3];

    if (before != after) {
        (void) snprintf(text, sizeof(text), "%lld", (long long) after);
        words[0] = "h";
        words[1] = name;
        words[2] = after == absent ? "" : text;
        drsw_op(st, words, 3);
    }
}


static void
drsw_write_header(drsw_step_t *st)
{
    drs_buf_t         b;
    const char       *words[3];
    const drs_exec_t *e, *n;

    e = st->e;
    n = st->n;

    drsw_write_header_int(st, "launched", e->launched, n->launched, -1);
    drsw_write_header_int(st, "currentWave", e->current_wave, n->current_wave,
                          -1);
    drsw_write_header_int(st, "completedWaves", e->completed_waves,
                          n->completed_waves, -1);
    drsw_write_header_int(st, "failedWaves", e->failed_waves, n->failed_waves,
                          -1);
    drsw_write_header_int(st, "pausedBeforeWave", e->paused_before,
                          n->paused_before, -1);
    drsw_write_header_int(st, "pauseDeadline", e->pause_deadline,
                          n->pause_deadline, 0);
    drsw_write_header_str(st, "pauseReason", e->pause_reason, n->pause_reason);
    drsw_write_header_str(st, "notes", e->notes, n->notes);
    drsw_write_header_str(st, "errorCode", e->error_code, n->error_code);
    drsw_write_header_str(st, "errorMessage", e->error_message,
                          n->error_message);

    if (n->dirty_out) {
        drs_buf_init(&b, 0);
        st->failed |= drs_exec_out_doc(&b, n) != DRS_OK;
        words[0] = "h";
        words[1] = "out";
        words[2] = b.data ? b.data : "";
        drsw_op(st, words, 3);
        drs_buf_free(&b);
    }
}


static void
drsw_write_wave_event(drsw_step_t *st, const drs_exec_wave_t *w,
                      const drs_exec_wave_t *old)
{
    json_t           *d;
    drs_exec_counts_t c;

    if (old->status == w->status && old->reason == w->reason
        && old->phase == w->phase && old->attempt == w->attempt)
    {
        return;
    }

    drs_exec_wave_counts(st->n, w, &c);

    d = json_pack("{si, ss, ss, ss, si, si, si, si}", "waveNumber", w->number,
                  "waveName", w->name, "status",
                  drs_wave_status_name(w->status), "previousStatus",
                  drs_wave_status_name(old->status), "attempt", w->attempt,
                  "launchedServers", c.launched, "failedServers", c.failed,
                  "totalServers", c.total);

    (void) json_object_set_new(
        d, "statusReason",
        w->reason ? json_string(drs_reason_name(w->reason)) : json_null());
    (void) json_object_set_new(d, "phase",
                               w->phase ? json_string(drs_phase_name(w->phase))
                                        : json_null());

    drsw_event(st, "wave.status", d);
}


static void
drsw_write_waves(drsw_step_t *st)
{
    char             number[16];
    size_t           i;
    drs_buf_t        b;
    const char      *words[4];
    drs_exec_wave_t *w;

    for (i = 0; i < st->n->nwaves; i++) {
        w = &st->n->waves[i];

        if (!w->dirty) {
            continue;
        }

        drs_buf_init(&b, 0);
        st->failed |= drs_exec_wave_doc(&b, w) != DRS_OK;
        (void) snprintf(number, sizeof(number), "%d", w->number);

        words[0] = "w";
        words[1] = number;
        words[2] = drs_wave_status_name(w->status);
        words[3] = b.data ? b.data : "";
        drsw_op(st, words, 4);
        drs_buf_free(&b);

        drsw_write_wave_event(st, w, &st->e->waves[i]);
        w->dirty = false;
    }
}


static void
drsw_write_unit_event(drsw_step_t *st, const drs_exec_unit_t *u,
                      const drs_exec_unit_t *old)
{
    json_t *d;

    if (old != NULL && old->state == u->state && old->reason == u->reason) {
        return;
    }

    d = json_pack("{si, ss, ss, ss, ss, ss, si}", "waveNumber", u->wave,
                  "unitId", u->id, "accountId", u->account, "region", u->region,
                  "state", drs_unit_state_name(u->state), "previousState",
                  old ? drs_unit_state_name(old->state) : "", "attempt",
                  u->attempt);

    if (u->job[0] != '\0') {
        (void) json_object_set_new(d, "jobId", json_string(u->job));
    }

    if (u->reason != DRS_REASON_NONE) {
        (void) json_object_set_new(d, "statusReason",
                                   json_string(drs_reason_name(u->reason)));
    }

    if (u->state == DRS_UNIT_HELD && u->held[0] != '\0') {
        (void) json_object_set_new(
            d, "held",
            drs_json_parse(drs_str(u->held), &drs_json_store_limits, NULL));
    }

    drsw_event(st, "unit.state", d);
}


/* One more field of a unit's operation; copies the value. */
static void
drsw_field(drsw_step_t *st, const char **words, size_t *n, const char *name,
           const char *value)
{
    const char *z;

    z = drs_arena_strz(st->a, value);
    st->failed |= z == NULL;
    words[(*n)++] = name;
    words[(*n)++] = z ? z : "";
}


static void
drsw_write_unit_fields(drsw_step_t *st, const drs_exec_unit_t *u,
                       const drs_exec_unit_t *old, const char **words,
                       size_t *n)
{
    char      num[24];
    drs_buf_t b;

    drs_buf_init(&b, 0);

    if (old == NULL || old->state != u->state) {
        drsw_field(st, words, n, "state", drs_unit_state_name(u->state));
    }

    if (old == NULL) {
        (void) snprintf(num, sizeof(num), "%d", u->wave);
        drsw_field(st, words, n, "wave", num);
        drsw_field(st, words, n, "account", u->account);
        drsw_field(st, words, n, "region", u->region);
        drsw_field(st, words, n, "attempt", "0");
    }

    if (old == NULL || old->servers != u->servers
        || old->nservers != u->nservers) {
        st->failed |= drs_exec_list_text(&b, u->servers, u->nservers) != DRS_OK;
        drsw_field(st, words, n, "servers", b.data ? b.data : "");
        drs_buf_reset(&b);
    }

    if (old == NULL || old->max_attempts != u->max_attempts) {
        (void) snprintf(num, sizeof(num), "%d", u->max_attempts);
        drsw_field(st, words, n, "maxAttempts", num);
    }

    if (old != NULL && strcmp(old->job, u->job) != 0) {
        drsw_field(st, words, n, "jobId", u->job);
    }

    if (old != NULL && old->jobs != u->jobs) {
        st->failed |= drs_exec_list_text(&b, u->jobs, u->njobs) != DRS_OK;
        drsw_field(st, words, n, "jobs", b.data ? b.data : "");
        drs_buf_reset(&b);
    }

    if (old == NULL || old->next_at != u->next_at) {
        (void) snprintf(num, sizeof(num), "%lld", (long long) u->next_at);
        drsw_field(st, words, n, "nextAt", num);
    }

    st->failed |= drs_exec_unit_doc(&b, u) != DRS_OK;
    drsw_field(st, words, n, "doc", b.data ? b.data : "");
    drs_buf_free(&b);
}


static void
drsw_write_units(drsw_step_t *st)
{
    char                   ver[24];
    size_t                 i, j, n;
    const char            *words[32];
    drs_exec_unit_t       *u;
    const drs_exec_unit_t *old;

    for (i = 0; i < st->n->nunits; i++) {
        u = &st->n->units[i];

        if (!u->dirty) {
            continue;
        }

        old = i < st->e->nunits ? &st->e->units[i] : NULL;
        (void) snprintf(ver, sizeof(ver), "%lld", (long long) u->ver);

        words[0] = "u";
        words[1] = u->id;
        words[2] = ver;
        n = 3;
        drsw_write_unit_fields(st, u, old, words, &n);
        drsw_op(st, words, n);
        drsw_write_unit_event(st, u, old);
        u->ver++;
        u->dirty = false;
    }

    /* what the task does next is bound to the versions after this commit */

    for (i = 0; i < st->plan->neffects; i++) {
        for (j = 0; j < st->n->nunits; j++) {
            if (strcmp(st->plan->effects[i].unit, st->n->units[j].id) == 0) {
                ((drsw_effect_t *) &st->plan->effects[i])->unit_ver =
                    st->n->units[j].ver;
                break;
            }
        }
    }
}


static json_t *
drsw_server_event(const drs_exec_server_t *s)
{
    json_t *o;

    o = json_pack("{ss, ss}", "sourceServerId", s->id, "launchStatus",
                  drs_launch_status_name(s->status));

    (void) json_object_set_new(o, "phase",
                               s->phase ? json_string(drs_phase_name(s->phase))
                                        : json_null());

    if (s->instance[0] != '\0') {
        (void) json_object_set_new(o, "recoveryInstanceId",
                                   json_string(s->instance));
    }

    if (s->private_ip[0] != '\0') {
        (void) json_object_set_new(o, "privateIp", json_string(s->private_ip));
    }

    if (s->error[0] != '\0') {
        (void) json_object_set_new(o, "error", json_string(s->error));
    }

    return o;
}


/* This step has found out that the launch of the server failed. */
static bool
drsw_newly_failed(const drsw_step_t *st, const drs_exec_server_t *s)
{
    const drs_exec_server_t *old;

    old = drs_exec_server(st->e, s->id);

    return s->status == DRS_LAUNCH_FAILED
           && (old == NULL || old->status != DRS_LAUNCH_FAILED);
}


/* launch_failed: one for the servers of a unit that failed in this step. */
static void
drsw_write_failed(drsw_step_t *st, const drs_exec_server_t *first, json_t *list)
{
    json_t                *d;
    const drs_exec_unit_t *u;

    if (json_array_size(list) == 0) {
        json_decref(list);
        return;
    }

    u = drs_exec_unit(st->n, first->unit);
    d = json_pack(
        "{si, ss, so, ss}", "waveNumber", first->wave, "unitId", first->unit,
        "servers", list, "message",
        drsw_text(st, "%zu servers could not be launched: %s",
                  json_array_size(list),
                  first->error[0] != '\0' ? first->error : "unknown reason"));

    if (u != NULL) {
        (void) json_object_set_new(d, "accountId", json_string(u->account));
        (void) json_object_set_new(d, "region", json_string(u->region));
    }

    drsw_notify(st, "launch_failed", first->wave, d);
}


/* servers.status: one event for changed servers of one unit, at most 100. */
static void
drsw_write_server_events(drsw_step_t *st)
{
    json_t            *list, *failed;
    size_t             i, j, n;
    drs_exec_server_t *s, *t;

    for (i = 0; i < st->n->nservers; i++) {
        s = &st->n->servers[i];

        if (!s->dirty) {
            continue;
        }

        list = json_array();
        failed = json_array();
        n = 0;

        for (j = i; j < st->n->nservers && n < 100; j++) {
            t = &st->n->servers[j];

            if (t->dirty && t->wave == s->wave && strcmp(t->unit, s->unit) == 0)
            {
                (void) json_array_append_new(list, drsw_server_event(t));
                n++;

                if (drsw_newly_failed(st, t)) {
                    (void) json_array_append_new(
                        failed, json_pack("{ss, ss}", "sourceServerId", t->id,
                                          "error", t->error));
                }

                if (j != i) {
                    t->dirty = false;
                }
            }
        }

        s->dirty = false;
        drsw_event(st, "servers.status",
                   json_pack("{si, ss, so}", "waveNumber", s->wave, "unitId",
                             s->unit, "servers", list));
        drsw_write_failed(st, s, failed);
    }
}


static void
drsw_write_servers(drsw_step_t *st)
{
    size_t             i;
    drs_buf_t          b;
    const char        *words[3];
    drs_exec_server_t *s;

    for (i = 0; i < st->n->nservers; i++) {
        s = &st->n->servers[i];

        if (!s->dirty) {
            continue;
        }

        drs_buf_init(&b, 0);
        st->failed |= drs_exec_server_doc(&b, s) != DRS_OK;
        words[0] = "s";
        words[1] = s->id;
        words[2] = b.data ? b.data : "";
        drsw_op(st, words, 3);
        drs_buf_free(&b);
    }

    drsw_write_server_events(st);
}


static void
drsw_write_status_event(drsw_step_t *st)
{
    int         permille;
    json_t     *d;
    const char *summary;

    if (st->plan->sm == DRS_SM_NONE) {
        return;
    }

    permille = drs_exec_permille(st->n);

    d = json_pack("{ss, ss, ss, so}", "status", st->plan->status,
                  "previousStatus", drs_exec_status_name(st->from),
                  "transition", drs_sm_id(st->from, st->plan->sm),
                  "percentComplete", drs_json_new_number(permille / 10.0));

    if (st->status == DRS_EXEC_PAUSED) {
        (void) json_object_set_new(d, "pauseReason",
                                   json_string(st->n->pause_reason));

        if (st->n->paused_before >= 0) {
            (void) json_object_set_new(d, "pausedBeforeWave",
                                       json_integer(st->n->paused_before));
        }
    }

    if (drs_exec_is_terminal(st->status)) {
        summary =
            json_string_value(json_object_get(st->n->out, "outcomeSummary"));
        (void) json_object_set_new(d, "outcomeSummary",
                                   json_string(summary ? summary : ""));

        if (st->n->error_code[0] != '\0') {
            (void) json_object_set_new(d, "errorCode",
                                       json_string(st->n->error_code));
        }

        if (st->n->error_message[0] != '\0') {
            (void) json_object_set_new(d, "errorMessage",
                                       json_string(st->n->error_message));
        }
    }

    drsw_event(st, "execution.status", d);
}


/* When the jobs were looked at last; not worth a commit of its own. */
static void
drsw_write_polled(drsw_step_t *st)
{
    size_t i;

    for (i = 0; st->plan->nops != 0 && i < st->obs->njobs; i++) {
        if (st->obs->jobs[i].seen_at / 1000 > st->n->last_poll_at / 1000) {
            st->n->last_poll_at = st->obs->jobs[i].seen_at;
            st->n->dirty_out = true;
        }
    }
}


void
drsw_write(drsw_step_t *st)
{
    drsw_write_waves(st);
    drsw_write_units(st);
    drsw_write_servers(st);
    drsw_write_polled(st);
    drsw_write_header(st);
    drsw_write_status_event(st);

    st->plan->changed = st->plan->nops != 0 || st->plan->sm != DRS_SM_NONE;

    if (st->plan->changed) {
        st->n->ver = st->e->ver + 1;
    }

    st->n->dirty_out = false;
}
