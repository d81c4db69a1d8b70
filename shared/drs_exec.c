
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Execution record: names, copies, look-ups, counts.
 */

#include <stdlib.h>
#include <string.h>

#include "drs_exec.h"


static const char *drs_wave_names[DRS_WAVE_STATUS_N] = {
    "PENDING", "INITIATED", "IN_PROGRESS", "COMPLETED",
    "PARTIAL", "FAILED",    "TIMEOUT",     "CANCELLED"
};

static const char *drs_unit_names[DRS_UNIT_STATE_N] = {
    "PLANNED", "INTENT", "STARTED", "DONE", "FAILED", "HELD", "CANCELLED"
};

static const char *drs_launch_names[DRS_LAUNCH_STATUS_N] = {
    "PENDING", "IN_PROGRESS", "LAUNCHED", "FAILED", "TERMINATED", "CANCELLED"
};

static const char *drs_phase_names[DRS_PHASE_N] = { "",           "CONFIG",
                                                    "CLEANUP",    "SNAPSHOT",
                                                    "CONVERSION", "LAUNCH" };

static const char *drs_reason_names[DRS_REASON_N] = { "",
                                                      "WAITING_FOR_CAPACITY",
                                                      "WAITING_FOR_DELAY",
                                                      "PAUSED",
                                                      "UNIT_HELD",
                                                      "THROTTLED",
                                                      "CONFLICT_WAIT" };

static const char *drs_policy_names[DRS_POLICY_N] = { "FAIL_FAST", "CONTINUE",
                                                      "PAUSE" };

static const char *drs_job_names[DRS_JOB_STATUS_N] = { "", "PENDING", "STARTED",
                                                       "COMPLETED" };


static const char *
drs_exec_name(const char *const *names, int n, int v)
{
    return v >= 0 && v < n ? names[v] : "";
}


static int
drs_exec_by_name(const char *const *names, int n, drs_str_t s)
{
    int i;

    for (i = 0; i < n; i++) {
        if (names[i][0] != '\0' && drs_str_eqz(s, names[i])) {
            return i;
        }
    }

    return -1;
}


#define drs_exec_names(fn, type, table, max)                                   \
    const char *fn##_name(type v)                                              \
    {                                                                          \
        return drs_exec_name(table, max, (int) v);                             \
    }                                                                          \
                                                                               \
    int fn##_by_name(drs_str_t s)                                              \
    {                                                                          \
        return drs_exec_by_name(table, max, s);                                \
    }

drs_exec_names(drs_wave_status, drs_wave_status_t, drs_wave_names,
               DRS_WAVE_STATUS_N)
    drs_exec_names(drs_unit_state, drs_unit_state_t, drs_unit_names,
                   DRS_UNIT_STATE_N)
        drs_exec_names(drs_launch_status, drs_launch_status_t, drs_launch_names,
                       DRS_LAUNCH_STATUS_N)
            drs_exec_names(drs_phase, drs_phase_t, drs_phase_names, DRS_PHASE_N)
                drs_exec_names(drs_reason, drs_reason_t, drs_reason_names,
                               DRS_REASON_N)
                    drs_exec_names(drs_policy, drs_policy_t, drs_policy_names,
                                   DRS_POLICY_N)
                        drs_exec_names(drs_job_status, drs_job_status_t,
                                       drs_job_names, DRS_JOB_STATUS_N)


                            bool drs_wave_is_over(drs_wave_status_t v)
{
    return v >= DRS_WAVE_COMPLETED;
}


bool
drs_unit_in_flight(drs_unit_state_t v)
{
    return v == DRS_UNIT_INTENT || v == DRS_UNIT_STARTED || v == DRS_UNIT_HELD;
}


bool
drs_unit_is_final(drs_unit_state_t v)
{
    return v == DRS_UNIT_DONE || v == DRS_UNIT_FAILED
           || v == DRS_UNIT_CANCELLED;
}


bool
drs_launch_is_final(drs_launch_status_t v)
{
    return v >= DRS_LAUNCH_LAUNCHED;
}


drs_exec_t *
drs_exec_new(const char *id)
{
    drs_exec_t  *e;
    drs_arena_t *a;

    a = drs_arena_new(NULL);
    if (a == NULL) {
        return NULL;
    }

    e = calloc(1, sizeof(drs_exec_t));
    if (e == NULL) {
        drs_arena_free(a);
        return NULL;
    }

    e->arena = a;
    e->id = drs_arena_strz(a, id);
    e->status = e->fence = e->owner = e->plan_id = e->plan_name = "";
    e->pause_reason = e->paused_by = e->cancelled_by = e->accounts = "";
    e->notes = "";
    e->error_code = e->error_message = "";
    e->ending = e->ending_code = e->ending_message = "";
    e->paused_before = -1;
    e->released = -1;
    e->max_parallel = 1;
    e->priority = 5;

    if (e->id == NULL) {
        drs_exec_free(e);
        return NULL;
    }

    return e;
}


void
drs_exec_free(drs_exec_t *e)
{
    size_t i;

    if (e == NULL) {
        return;
    }

    for (i = 0; i < e->nwaves; i++) {
        json_decref(e->waves[i].doc);
    }

    json_decref(e->doc);
    json_decref(e->out);
    drs_arena_free(e->arena);
    free(e);
}


static void *
drs_exec_copy(drs_arena_t *a, const void *src, size_t n, size_t size)
{
    void *p;

    p = drs_arena_array(a, n, size);
    if (p != NULL && n != 0) {
        memcpy(p, src, n * size);
    }

    return p;
}


drs_exec_t *
drs_exec_clone(const drs_exec_t *e)
{
    size_t      i;
    drs_exec_t *c;

    c = malloc(sizeof(drs_exec_t));
    if (c == NULL) {
        return NULL;
    }

    *c = *e;

    c->arena = drs_arena_new(e->arena);
    if (c->arena == NULL) {
        free(c);
        return NULL;
    }

    c->waves =
        drs_exec_copy(c->arena, e->waves, e->nwaves, sizeof(drs_exec_wave_t));
    c->units =
        drs_exec_copy(c->arena, e->units, e->nunits, sizeof(drs_exec_unit_t));
    c->servers = drs_exec_copy(c->arena, e->servers, e->nservers,
                               sizeof(drs_exec_server_t));

    if (c->waves == NULL || c->units == NULL || c->servers == NULL) {
        drs_arena_free(c->arena);
        free(c);
        return NULL;
    }

    c->units_cap = e->nunits;
    c->servers_cap = e->nservers;

    for (i = 0; i < c->nwaves; i++) {
        json_incref(c->waves[i].doc);
    }

    json_incref(c->doc);
    json_incref(c->out);

    return c;
}


drs_exec_wave_t *
drs_exec_wave(const drs_exec_t *e, int number)
{
    if (number < 0 || (size_t) number >= e->nwaves) {
        return NULL;
    }

    return &e->waves[number];
}


drs_exec_unit_t *
drs_exec_unit(const drs_exec_t *e, const char *id)
{
    size_t i;

    for (i = 0; i < e->nunits; i++) {
        if (strcmp(e->units[i].id, id) == 0) {
            return &e->units[i];
        }
    }

    return NULL;
}


static int
drs_exec_server_cmp(const void *key, const void *elem)
{
    return strcmp(key, ((const drs_exec_server_t *) elem)->id);
}


drs_exec_server_t *
drs_exec_server(const drs_exec_t *e, const char *id)
{
    if (e->nservers == 0) {
        return NULL;
    }

    return bsearch(id, e->servers, e->nservers, sizeof(drs_exec_server_t),
                   drs_exec_server_cmp);
}


bool
drs_exec_unit_has(const drs_exec_unit_t *u, const char *server)
{
    size_t i;

    for (i = 0; i < u->nservers; i++) {
        if (strcmp(u->servers[i], server) == 0) {
            return true;
        }
    }

    return false;
}


bool
drs_exec_unit_knows(const drs_exec_unit_t *u, const char *job)
{
    size_t i;

    if (job[0] == '\0') {
        return false;
    }

    for (i = 0; i < u->njobs; i++) {
        if (strcmp(u->jobs[i], job) == 0) {
            return true;
        }
    }

    return strcmp(u->job, job) == 0;
}


void
drs_exec_unit_clear(drs_exec_unit_t *u)
{
    u->id = u->account = u->region = u->owner = u->launch_key = u->job = "";
    u->error_code = u->error_message = u->held_reason = u->held = "";
    u->conflict_servers = u->ended = u->staging = "";
}


void
drs_exec_server_clear(drs_exec_server_t *s)
{
    s->id = s->unit = s->account = s->region = s->name = s->hostname = "";
    s->source_instance = s->source_account = s->source_region = "";
    s->source_ip = s->replication = s->lag = s->group = s->snapshot = "";
    s->staging_account = s->instance = s->private_ip = "";
    s->instance_type = s->instance_state = s->name_tag = "";
    s->rp_snapshot = s->rp_time = s->actions = "";
    s->error = s->error_code = s->advice = "";
}


drs_exec_unit_t *
drs_exec_add_unit(drs_exec_t *e, int wave)
{
    void            *base;
    drs_exec_unit_t *u;
    drs_exec_wave_t *w;

    w = drs_exec_wave(e, wave);
    if (w == NULL) {
        return NULL;
    }

    base = e->units;

    u = drs_arena_push(e->arena, &base, &e->nunits, &e->units_cap,
                       sizeof(drs_exec_unit_t));
    if (u == NULL) {
        return NULL;
    }

    e->units = base;
    drs_exec_unit_clear(u);
    u->wave = wave;
    u->seq = w->next_seq++;
    u->dirty = true;
    w->dirty = true;

    u->id = drs_arena_printf(e->arena, "%d-%d", wave, u->seq);
    if (u->id == NULL) {
        e->nunits--;
        return NULL;
    }

    return u;
}


drs_exec_server_t *
drs_exec_add_server(drs_exec_t *e, const char *id)
{
    void              *base;
    size_t             i;
    const char        *copy;
    drs_exec_server_t *s;

    copy = drs_arena_strz(e->arena, id);
    base = e->servers;

    s = drs_arena_push(e->arena, &base, &e->nservers, &e->servers_cap,
                       sizeof(drs_exec_server_t));
    if (s == NULL || copy == NULL) {
        return NULL;
    }

    e->servers = base;

    for (i = e->nservers - 1; i > 0; i--) {
        if (strcmp(e->servers[i - 1].id, id) < 0) {
            break;
        }
        e->servers[i] = e->servers[i - 1];
    }

    s = &e->servers[i];
    memset(s, 0, sizeof(drs_exec_server_t));
    drs_exec_server_clear(s);
    s->id = copy;
    s->dirty = true;

    return s;
}


static void
drs_exec_count(drs_exec_counts_t *c, drs_launch_status_t status)
{
    c->total++;

    switch (status) {
    case DRS_LAUNCH_LAUNCHED:
        c->launched++;
        break;
    case DRS_LAUNCH_FAILED:
        c->failed++;
        break;
    case DRS_LAUNCH_TERMINATED:
    case DRS_LAUNCH_CANCELLED:
        c->cancelled++;
        break;
    default:
        c->pending++;
        break;
    }
}


void
drs_exec_wave_counts(const drs_exec_t *e, const drs_exec_wave_t *w,
                     drs_exec_counts_t *c)
{
    size_t i;

    memset(c, 0, sizeof(drs_exec_counts_t));

    for (i = 0; i < e->nservers; i++) {
        if (e->servers[i].wave == w->number) {
            drs_exec_count(c, e->servers[i].status);
        }
    }

    if (c->total == 0 && !w->resolved) {
        c->total = (int) w->nserver_ids;

        if (w->status == DRS_WAVE_CANCELLED) {
            c->cancelled = c->total;
        } else {
            c->pending = c->total;
        }
    }
}


void
drs_exec_unit_counts(const drs_exec_t *e, const drs_exec_unit_t *u,
                     drs_exec_counts_t *c)
{
    size_t                   i;
    const drs_exec_server_t *s;

    memset(c, 0, sizeof(drs_exec_counts_t));

    for (i = 0; i < u->nservers; i++) {
        s = drs_exec_server(e, u->servers[i]);
        if (s != NULL && strcmp(s->unit, u->id) == 0) {
            drs_exec_count(c, s->status);
        }
    }
}


void
drs_exec_counts(const drs_exec_t *e, drs_exec_counts_t *waves,
                drs_exec_counts_t *servers)
{
    size_t            i;
    drs_exec_counts_t c;

    memset(waves, 0, sizeof(drs_exec_counts_t));
    memset(servers, 0, sizeof(drs_exec_counts_t));

    for (i = 0; i < e->nwaves; i++) {
        if (!e->waves[i].selected) {
            continue;
        }

        waves->total++;

        switch (e->waves[i].status) {
        case DRS_WAVE_COMPLETED:
            waves->launched++;
            break;
        case DRS_WAVE_PARTIAL:
        case DRS_WAVE_FAILED:
        case DRS_WAVE_TIMEOUT:
            waves->failed++;
            break;
        case DRS_WAVE_CANCELLED:
            waves->cancelled++;
            break;
        default:
            waves->pending++;
            break;
        }

        drs_exec_wave_counts(e, &e->waves[i], &c);
        servers->total += c.total;
        servers->launched += c.launched;
        servers->failed += c.failed;
        servers->cancelled += c.cancelled;
        servers->pending += c.pending;
    }
}


bool
drs_exec_wave_in_flight(const drs_exec_t *e, const drs_exec_wave_t *w)
{
    size_t i;

    for (i = 0; i < e->nunits; i++) {
        if (e->units[i].wave == w->number
            && drs_unit_in_flight(e->units[i].state)) {
            return true;
        }
    }

    return false;
}


int
drs_exec_permille(const drs_exec_t *e)
{
    int    all, over;
    size_t i;

    all = 0;
    over = 0;

    for (i = 0; i < e->nwaves; i++) {
        if (e->waves[i].selected) {
            all++;
            over += drs_wave_is_over(e->waves[i].status);
        }
    }

    return all ? (over * 2000 + all) / (2 * all) : 0;
}
