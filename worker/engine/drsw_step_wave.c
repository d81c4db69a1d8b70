
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Waves: servers to units, deadlines, end of a wave, failure policies
 * (engine.md 1.7, 1.13, 2.1 to 2.3).
 */

#include <stdlib.h>
#include <string.h>

#include "drsw_step.h"


#define DRSW_WAVE_TIMEOUT  "WAVE_TIMEOUT"


bool
drsw_wave_timed_out(const drs_exec_wave_t *w)
{
    return strcmp(w->error_code, DRSW_WAVE_TIMEOUT) == 0;
}


static void
drsw_wave_error(drsw_step_t *st, drs_exec_wave_t *w, const char *code,
    const char *message)
{
    w->error_code = drsw_dup(st, code);
    w->error_message = drsw_dup(st, message);
    w->message = w->error_message;
    w->dirty = true;
}


void
drsw_wave_status(drsw_step_t *st, drs_exec_wave_t *w,
    drs_wave_status_t status)
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
    size_t              i;
    drs_exec_server_t  *s;

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


/* -- servers and units ---------------------------------------------------------- */

static int
drsw_cmp_place(const void *a, const void *b)
{
    int                       rc;
    const drs_exec_server_t  *x, *y;

    x = *(const drs_exec_server_t *const *) a;
    y = *(const drs_exec_server_t *const *) b;

    rc = strcmp(x->account, y->account);
    if (rc == 0) {
        rc = strcmp(x->region, y->region);
    }

    return rc ? rc : strcmp(x->id, y->id);
}


static void
drsw_wave_unit(drsw_step_t *st, drs_exec_wave_t *w, drs_exec_server_t **list,
    size_t n, bool configured)
{
    size_t            i;
    const char      **ids;
    drs_exec_unit_t  *u;

    ids = drs_arena_array(st->n->arena, n, sizeof(char *));
    u = drs_exec_add_unit(st->n, w->number);

    if (ids == NULL || u == NULL) {
        st->failed = true;
        return;
    }

    u->state = DRS_UNIT_PLANNED;
    u->account = list[0]->account;
    u->region = list[0]->region;
    u->servers = ids;
    u->nservers = n;
    u->max_attempts = st->set->max_attempts;
    u->config_done = configured;

    for (i = 0; i < n; i++) {
        ids[i] = list[i]->id;
        list[i]->unit = u->id;
        list[i]->dirty = true;
    }
}


void
drsw_wave_units(drsw_step_t *st, drs_exec_wave_t *w, bool configured)
{
    size_t               i, from, n, max;
    drs_exec_server_t  **list, *s;

    list = drs_arena_array(st->a, st->n->nservers, sizeof(void *));
    if (list == NULL) {
        st->failed = true;
        return;
    }

    n = 0;

    for (i = 0; i < st->n->nservers; i++) {
        s = &st->n->servers[i];

        if (s->wave == w->number && s->unit[0] == '\0'
            && s->status == DRS_LAUNCH_PENDING)
        {
            list[n++] = s;
        }
    }

    if (n > 1) {
        qsort(list, n, sizeof(void *), drsw_cmp_place);
    }

    max = st->n->server_delay_s > 0 ? 1 : (size_t) st->set->unit_servers;
    from = 0;

    for (i = 1; i <= n; i++) {
        if (i == n || i - from == max
            || strcmp(list[i]->account, list[from]->account) != 0
            || strcmp(list[i]->region, list[from]->region) != 0)
        {
            drsw_wave_unit(st, w, &list[from], i - from, configured);
            from = i;
        }
    }
}


static int
drsw_cmp_resolved(const void *a, const void *b)
{
    return strcmp((*(const drsw_resolved_t *const *) a)->id,
                  (*(const drsw_resolved_t *const *) b)->id);
}


static bool
drsw_wave_optional(const drs_exec_wave_t *w, const char *id)
{
    size_t  i;

    for (i = 0; i < w->noptional; i++) {
        if (strcmp(w->optional[i], id) == 0) {
            return true;
        }
    }

    return false;
}


static void
drsw_resolved_server(drsw_step_t *st, drs_exec_wave_t *w,
    const drsw_resolved_t *r)
{
    drs_exec_server_t  *s;

    s = drs_exec_add_server(st->n, r->id);
    if (s == NULL) {
        st->failed = true;
        return;
    }

    s->wave = w->number;
    s->attempt = w->attempt;
    s->optional = drsw_wave_optional(w, r->id);
    s->account = drsw_dup(st, r->account);
    s->region = drsw_dup(st, r->region);
    s->group = drsw_dup(st, r->group);
    s->name = drsw_dup(st, r->name);
    s->hostname = drsw_dup(st, r->hostname);
    s->source_instance = drsw_dup(st, r->source_instance);
    s->source_account = drsw_dup(st, r->source_account);
    s->source_region = drsw_dup(st, r->source_region);
    s->source_ip = drsw_dup(st, r->source_ip);
    s->replication = drsw_dup(st, r->replication);
    s->lag = drsw_dup(st, r->lag);
    s->snapshot = drsw_dup(st, r->snapshot);
    s->staging_account = drsw_dup(st, r->staging_account);
    s->phase = DRS_PHASE_CONFIG;
    s->phase_since_at = st->now;

    if (r->error_code != NULL && r->error_code[0] != '\0') {
        s->status = DRS_LAUNCH_FAILED;
        s->phase = DRS_PHASE_NONE;
        s->error_code = drsw_dup(st, r->error_code);
        s->error = drsw_dup(st, r->error);
    }
}


static void
drsw_resolution(drsw_step_t *st, drs_exec_wave_t *w,
    const drsw_resolution_t *r)
{
    size_t                   i, n, dropped;
    const char             **ids;
    const drs_exec_server_t *known;
    const drsw_resolved_t  **list;

    list = drs_arena_array(st->a, r->nservers, sizeof(void *));
    ids = drs_arena_array(st->n->arena, r->nservers, sizeof(char *));

    if (list == NULL || ids == NULL) {
        st->failed = true;
        return;
    }

    for (i = 0; i < r->nservers; i++) {
        list[i] = &r->servers[i];
    }

    if (r->nservers > 1) {
        qsort(list, r->nservers, sizeof(void *), drsw_cmp_resolved);
    }

    n = 0;
    dropped = 0;

    for (i = 0; i < r->nservers; i++) {

        known = drs_exec_server(st->n, list[i]->id);

        if (known != NULL) {
            /* named twice, or launched by an earlier wave of this run */
            dropped += known->wave != w->number;
            continue;
        }

        drsw_resolved_server(st, w, list[i]);
        ids[n++] = drsw_dup(st, list[i]->id);
    }

    w->server_ids = ids;
    w->nserver_ids = n;
    w->resolved = true;
    w->dirty = true;

    if (dropped != 0) {
        w->message = drsw_text(st, "%zu server(s) left out: an earlier wave "
                               "of this run has them", dropped);
        drsw_warning(st, "SERVERS_LEFT_OUT", w->message, w->number);
    }

    drsw_wave_units(st, w, false);
}


void
drsw_apply_resolutions(drsw_step_t *st)
{
    size_t                    i;
    drs_exec_wave_t          *w;
    const drsw_resolution_t  *r;

    for (i = 0; i < st->obs->nresolutions; i++) {
        r = &st->obs->resolutions[i];
        w = drs_exec_wave(st->n, r->wave);

        if (w == NULL || w->status != DRS_WAVE_INITIATED || w->resolved) {
            continue;
        }

        if (!r->ok) {
            if (w->next_send_at != r->retry_at) {
                w->next_send_at = r->retry_at;
                w->reason = DRS_REASON_THROTTLED;
                w->dirty = true;
            }
            continue;
        }

        w->next_send_at = 0;

        if (r->error_code != NULL && r->error_code[0] != '\0') {
            w->resolved = true;
            w->nserver_ids = 0;
            drsw_wave_error(st, w, r->error_code, r->error);
            continue;
        }

        drsw_resolution(st, w, r);
    }
}


static void
drsw_config(drsw_step_t *st, drs_exec_unit_t *u, const drsw_configured_t *c)
{
    bool                failed;
    size_t              i, j, n;
    const char        **ids;
    drs_exec_server_t  *s;

    ids = drs_arena_array(st->n->arena, u->nservers, sizeof(char *));
    if (ids == NULL) {
        st->failed = true;
        return;
    }

    n = 0;

    for (i = 0; i < u->nservers; i++) {
        s = drs_exec_server(st->n, u->servers[i]);
        failed = false;

        for (j = 0; s != NULL && j < c->nfailed; j++) {
            if (strcmp(c->failed[j].server, s->id) == 0) {
                s->status = DRS_LAUNCH_FAILED;
                s->phase = DRS_PHASE_NONE;
                s->error_code = "LAUNCH_CONFIG";
                s->error = drsw_dup(st, c->failed[j].error);
                s->dirty = true;
                failed = true;
            }
        }

        if (!failed) {
            ids[n++] = u->servers[i];
        }
    }

    u->config_done = true;
    u->next_at = 0;
    u->dirty = true;

    if (n == 0) {
        drsw_unit_error(st, u, "LAUNCH_CONFIG",
                        "the launch configuration of no server of the unit "
                        "could be applied");
        drsw_unit_state(st, u, DRS_UNIT_FAILED);

    } else if (n != u->nservers) {
        u->servers = ids;
        u->nservers = n;
    }
}


void
drsw_apply_configs(drsw_step_t *st)
{
    size_t                i;
    drs_exec_unit_t      *u;
    const drsw_configured_t  *c;

    for (i = 0; i < st->obs->nconfigs; i++) {
        c = &st->obs->configs[i];
        u = drs_exec_unit(st->n, c->unit);

        if (u == NULL || u->state != DRS_UNIT_PLANNED || u->config_done) {
            continue;
        }

        if (!c->ok) {
            if (u->next_at != c->retry_at) {
                u->next_at = c->retry_at;
                u->reason = DRS_REASON_THROTTLED;
                u->dirty = true;
            }
            continue;
        }

        u->reason = DRS_REASON_NONE;
        drsw_config(st, u, c);
    }
}


int
drsw_wave_retry(drsw_step_t *st, drs_exec_wave_t *w, const char **servers,
    size_t n)
{
    int                 count;
    size_t              i, j;
    drs_exec_server_t  *s;

    count = 0;

    for (i = 0; i < st->n->nservers; i++) {
        s = &st->n->servers[i];

        if (s->wave != w->number || s->status == DRS_LAUNCH_LAUNCHED
            || (servers == NULL && s->status != DRS_LAUNCH_FAILED
                && s->status != DRS_LAUNCH_TERMINATED))
        {
            continue;
        }

        for (j = 0; servers != NULL && j < n; j++) {
            if (strcmp(servers[j], s->id) == 0) {
                break;
            }
        }

        if (servers != NULL && j == n) {
            continue;
        }

        s->status = DRS_LAUNCH_PENDING;
        s->unit = "";
        s->attempt = w->attempt + 1;
        s->phase = DRS_PHASE_NONE;
        s->error = s->error_code = s->advice = "";
        s->instance = s->private_ip = s->instance_state = "";
        s->instance_type = s->actions = "";
        s->enriched = 0;
        s->launched_at = s->launch_at = 0;
        s->rp_previous = false;
        s->dirty = true;
        count++;
    }

    if (count == 0) {
        return 0;
    }

    w->attempt++;
    w->handled = false;
    w->error_code = w->error_message = w->message = "";
    w->first_send_at = 0;
    w->deadline_at = 0;
    drsw_wave_status(st, w, DRS_WAVE_INITIATED);
    w->dirty = true;
    drsw_wave_units(st, w, false);

    return count;
}


/* -- the course of a wave --------------------------------------------------------- */

/* The clock of the deadline stands while a unit is HELD and while PAUSED. */
static void
drsw_wave_clock(drsw_step_t *st, drs_exec_wave_t *w)
{
    bool                    stands;
    size_t                  i;
    const drs_exec_unit_t  *u;

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


/* T20: asks DRS once more, then ends the wave. */
static void
drsw_wave_deadline(drsw_step_t *st, drs_exec_wave_t *w)
{
    bool                asked;
    size_t              i, j, k;
    drs_exec_unit_t    *u;
    const drsw_look_t  *look;

    if (w->deadline_at == 0 || w->held_at != 0 || drsw_wave_timed_out(w)
        || st->status == DRS_EXEC_CANCELLING)
    {
        return;                 /* a cancelled run follows its jobs to the end */
    }

    if (st->now < w->deadline_at) {
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
            || (!look->ok && st->now < w->deadline_at + st->set->grace))
        {
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
    size_t            i;
    drs_exec_unit_t  *u;

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
    size_t                    i;
    drs_phase_t               phase;
    drs_reason_t              reason;
    const drs_exec_unit_t    *u;
    const drs_exec_server_t  *s;
    static const int          rank[DRS_REASON_N] = { 0, 2, 1, 3, 6, 4, 5 };

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
    size_t                    i;
    const drs_exec_server_t  *s;

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


/* What the end of a wave means for the run (engine.md 1.7 (3), T4, T19, T20). */
static void
drsw_wave_policy(drsw_step_t *st, drs_exec_wave_t *w,
    const drs_exec_counts_t *c)
{
    const char  *event;

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
        && !drsw_wave_critical(st, w))
    {
        w->handled = true;      /* optional servers only */
        return;
    }

    if (w->policy == DRS_POLICY_PAUSE) {
        return;                 /* handled when the run pauses */
    }

    w->handled = true;

    if (w->policy == DRS_POLICY_CONTINUE
        && c->launched * 100 >= w->min_launched * c->total)
    {
        return;
    }

    event = w->first_send_at != 0 ? "T19" : "T4";

    drsw_ending(st, event, "WAVE_LAUNCH_FAILED",
                w->error_message[0] != '\0' ? w->error_message
                : drsw_text(st, "wave %d (%s): %d of %d servers launched",
                            w->number + 1, w->name, c->launched, c->total));
}


static void
drsw_wave_close(drsw_step_t *st, drs_exec_wave_t *w)
{
    json_t             *d;
    drs_exec_counts_t   c;
    drs_wave_status_t   status;

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
        && !drsw_wave_timed_out(w) && drsw_wave_retry(st, w, NULL, 0) > 0)
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
        drsw_wave_error(st, w, "WAVE_LAUNCH_FAILED",
                        drsw_text(st, "%d of %d servers failed", c.failed,
                                  c.total));
    }

    drsw_wave_status(st, w, status);
    st->n->wave_ended_at = st->now;
    st->n->dirty_out = true;
    drsw_wave_policy(st, w, &c);

    d = json_pack("{si, ss, si, si, si}", "waveNumber", w->number,
                  "waveName", w->name, "serversLaunched", c.launched,
                  "serversFailed", c.failed, "serversTotal", c.total);
    drsw_notify(st, status == DRS_WAVE_COMPLETED ? "wave_completed"
                                                 : "wave_failed",
                w->number, d);
}


void
drsw_wave_eval(drsw_step_t *st, drs_exec_wave_t *w)
{
    bool              open;
    size_t            i;
    drs_exec_unit_t  *u;

    if (w->status != DRS_WAVE_INITIATED && w->status != DRS_WAVE_IN_PROGRESS) {
        return;
    }

    drsw_wave_clock(st, w);
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
