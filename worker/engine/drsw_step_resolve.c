
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Servers to units: resolution, launch configuration, retries (engine.md 1.7,
 * 2.1 to 2.3, 2.5).
 */

#include <stdlib.h>
#include <string.h>

#include "drsw_step.h"

static int
drsw_cmp_place(const void *a, const void *b)
{
    int                      rc;
    const drs_exec_server_t *x, *y;

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
    size_t           i;
    const char     **ids;
    drs_exec_unit_t *u;

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


/* Most servers in one unit with this one. */
static size_t
drsw_unit_max(const drsw_step_t *st, const drs_exec_server_t *s)
{
    size_t                   i, k;
    const drsw_resolution_t *r;

    if (st->n->server_delay_s > 0) {
        return 1;
    }

    for (i = 0; i < st->obs->nresolutions; i++) {
        r = &st->obs->resolutions[i];

        for (k = 0; k < r->nservers; k++) {
            if (r->servers[k].unit_servers > 0
                && strcmp(r->servers[k].account, s->account) == 0
                && strcmp(r->servers[k].region, s->region) == 0)
            {
                return (size_t) r->servers[k].unit_servers;
            }
        }
    }

    return (size_t) st->set->unit_servers;
}


void
drsw_wave_units(drsw_step_t *st, drs_exec_wave_t *w, bool configured)
{
    size_t              i, from, n, max;
    drs_exec_server_t **list, *s;

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

    from = 0;
    max = 0;

    for (i = 1; i <= n; i++) {
        if (i == from + 1) {
            max = drsw_unit_max(st, list[from]);
        }

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
    size_t i;

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
    drs_exec_server_t *s;

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
drsw_resolution(drsw_step_t *st, drs_exec_wave_t *w, const drsw_resolution_t *r)
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
        w->message = drsw_text(st,
                               "%zu server(s) left out: an earlier wave "
                               "of this run has them",
                               dropped);
        drsw_warning(st, "SERVERS_LEFT_OUT", w->message, w->number);
    }

    drsw_wave_units(st, w, false);
}


void
drsw_apply_resolutions(drsw_step_t *st)
{
    size_t                   i;
    drs_exec_wave_t         *w;
    const drsw_resolution_t *r;

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
    bool               failed;
    size_t             i, j, n;
    const char       **ids;
    drs_exec_server_t *s;

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
    size_t                   i;
    drs_exec_unit_t         *u;
    const drsw_configured_t *c;

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
    int                count;
    size_t             i, j;
    drs_exec_server_t *s;

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
    w->warned = false;
    drsw_wave_status(st, w, DRS_WAVE_INITIATED);
    w->dirty = true;
    drsw_wave_units(st, w, false);

    return count;
}
