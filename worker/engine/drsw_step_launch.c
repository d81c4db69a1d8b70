
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * What is started: waves in the order of their dependencies, units as limits,
 * delays and conflicts allow (engine.md 1.7, 2.6, 2.7, 9.4).
 */

#include <stdio.h>
#include <string.h>

#include "drsw_step.h"


int
drsw_active_waves(const drsw_step_t *st)
{
    int    n;
    size_t i;

    n = 0;

    for (i = 0; i < st->n->nwaves; i++) {
        n += st->n->waves[i].status == DRS_WAVE_INITIATED
             || st->n->waves[i].status == DRS_WAVE_IN_PROGRESS;
    }

    return n;
}


bool
drsw_hold_pending(const drsw_step_t *st)
{
    size_t                 i;
    const drs_exec_wave_t *w;

    for (i = 0; i < st->n->nwaves; i++) {
        w = &st->n->waves[i];

        if (w->selected && drs_wave_is_over(w->status) && !w->handled) {
            return true;
        }
    }

    return false;
}


static bool
drsw_wave_done(const drsw_step_t *st, int number)
{
    const drs_exec_wave_t *w;

    w = drs_exec_wave(st->n, number);

    return w == NULL || !w->selected
           || (drs_wave_is_over(w->status) && w->handled);
}


/* No wave declares dependencies: a chain. */
static bool
drsw_is_chain(const drsw_step_t *st)
{
    size_t i;

    for (i = 0; i < st->n->nwaves; i++) {
        if (st->n->waves[i].ndeps != 0) {
            return false;
        }
    }

    return true;
}


static bool
drsw_wave_ready(const drsw_step_t *st, const drs_exec_wave_t *w, bool chain)
{
    int    i;
    size_t k;

    if (chain) {
        for (i = 0; i < w->number; i++) {
            if (!drsw_wave_done(st, i)) {
                return false;
            }
        }

        return true;
    }

    for (k = 0; k < w->ndeps; k++) {
        if (!drsw_wave_done(st, w->deps[k])) {
            return false;
        }
    }

    return true;
}


int
drsw_next_wave(const drsw_step_t *st, int *ready)
{
    int                    held;
    bool                   chain;
    size_t                 i;
    const drs_exec_wave_t *w;

    held = -1;
    *ready = -1;
    chain = drsw_is_chain(st);

    for (i = 0; i < st->n->nwaves; i++) {
        w = &st->n->waves[i];

        if (!w->selected || w->status != DRS_WAVE_PENDING
            || !drsw_wave_ready(st, w, chain))
        {
            continue;
        }

        if (w->pause_before && st->n->released != w->number) {
            if (held < 0) {
                held = w->number;
            }

        } else if (*ready < 0) {
            *ready = w->number;
        }
    }

    return held;
}


static void
drsw_start_waves(drsw_step_t *st)
{
    int              active, next, max;
    drs_exec_wave_t *w;

    max = st->n->max_parallel > 0 ? st->n->max_parallel : 1;

    for (active = drsw_active_waves(st); active < max; active++) {
        (void) drsw_next_wave(st, &next);
        if (next < 0) {
            return;
        }

        w = &st->n->waves[next];
        w->attempt = 1;
        w->started_at = st->now;
        drsw_wave_status(st, w, DRS_WAVE_INITIATED);
        st->n->current_wave = w->number + 1;
    }
}


static void
drsw_resolve_waves(drsw_step_t *st)
{
    size_t           i;
    drs_exec_wave_t *w;

    for (i = 0; i < st->n->nwaves; i++) {
        w = &st->n->waves[i];

        if (w->status != DRS_WAVE_INITIATED || w->resolved) {
            continue;
        }

        if (st->now < w->next_send_at) {
            drsw_due(st, w->next_send_at);
            continue;
        }

        drsw_effect(st, DRSW_EFF_RESOLVE_WAVE, NULL)->wave = w->number;
    }
}


static const drsw_capacity_t *
drsw_capacity_of(const drsw_step_t *st, const drs_exec_unit_t *u)
{
    size_t i;

    for (i = 0; i < st->obs->ncapacity; i++) {
        if (strcmp(st->obs->capacity[i].unit, u->id) == 0) {
            return &st->obs->capacity[i];
        }
    }

    return NULL;
}


static bool
drsw_asks_capacity(const drsw_step_t *st, int wave)
{
    size_t i;

    for (i = 0; i < st->plan->neffects; i++) {
        if (st->plan->effects[i].type == DRSW_EFF_CAPACITY
            && st->plan->effects[i].wave == wave)
        {
            return true;
        }
    }

    return false;
}


static void
drsw_wait(drsw_step_t *st, drs_exec_unit_t *u, drs_reason_t reason,
          int64_t until)
{
    if (u->reason != reason || u->next_at != until) {
        u->reason = reason;
        u->next_at = until;
        u->dirty = true;
    }

    drsw_due(st, until);
}


/* When the first launch of the wave, or its next one, may be sent. */
static int64_t
drsw_delay(const drsw_step_t *st, const drs_exec_wave_t *w)
{
    int64_t at;

    at = w->next_send_at;

    if (w->first_send_at == 0 && st->n->wave_ended_at != 0 && w->attempt == 1
        && st->n->wave_delay_s > 0
        && at < st->n->wave_ended_at + st->n->wave_delay_s * st->set->second)
    {
        at = st->n->wave_ended_at + st->n->wave_delay_s * st->set->second;
    }

    return at;
}


/* Servers of the unit that active jobs hold: space separated. */
static const char *
drsw_busy(drsw_step_t *st, const drs_exec_unit_t *u, const drsw_capacity_t *c)
{
    size_t      i;
    drs_buf_t   b;
    const char *z;

    drs_buf_init(&b, 0);

    for (i = 0; i < c->nbusy; i++) {
        if (drs_exec_unit_has(u, c->busy[i])) {
            st->failed |= (b.len && drs_buf_putc(&b, ' ') != DRS_OK)
                          || drs_buf_puts(&b, c->busy[i]) != DRS_OK;
        }
    }

    z = drsw_dup(st, b.data ? b.data : "");
    drs_buf_free(&b);

    return z;
}


static bool
drsw_just_tried(const drsw_step_t *st, const drs_exec_unit_t *u)
{
    size_t i;

    for (i = 0; i < st->obs->nsends; i++) {
        if (strcmp(st->obs->sends[i].unit, u->id) == 0) {
            return true;
        }
    }

    return false;
}


/*
 * Room is given by the call that sees it become free, and wakes the run: asking
 * again keeps the place in the queue and finds jobs of others that ended.  Of
 * many who wait each asks less often.
 */
static int64_t
drsw_capacity_wait(const drsw_step_t *st, const drsw_capacity_t *cap)
{
    int64_t times;

    times = cap->waiting / DRSW_CAPACITY_WAITS;
    times = times > DRSW_CAPACITY_WAITS ? DRSW_CAPACITY_WAITS : times;

    return st->set->capacity_wait * (times > 1 ? times : 1);
}


/* Whether a PLANNED unit may be sent now. */
static bool
drsw_unit_may(drsw_step_t *st, drs_exec_unit_t *u)
{
    int64_t                delay;
    const char            *busy;
    drs_exec_wave_t       *w;
    const drsw_capacity_t *cap;

    w = &st->n->waves[u->wave];

    if (st->now < u->next_at) {
        drsw_due(st, u->next_at);
        return false;
    }

    if (drsw_just_tried(st, u)) {
        /* the store refused to arm it: not at once again */
        drsw_due(st, st->now + st->set->poll_every);
        return false;
    }

    if (!u->config_done) {
        drsw_effect(st, DRSW_EFF_APPLY_CONFIG, u);
        return false;
    }

    delay = drsw_delay(st, w);
    if (st->now < delay) {
        drsw_wait(st, u, DRS_REASON_DELAY, delay);
        return false;
    }

    cap = drsw_capacity_of(st, u);

    if (cap == NULL) {
        /* one after the other: room is not held for those that come later */
        if (st->n->server_delay_s == 0 || !drsw_asks_capacity(st, u->wave)) {
            drsw_effect(st, DRSW_EFF_CAPACITY, u);
        }

        return false;
    }

    busy = drsw_busy(st, u, cap);

    if (busy[0] != '\0') {
        drsw_unit_conflict(st, u, busy, "", 0);
        return false;
    }

    /* a person accepted unknown limits: DRS itself says when they are hit */

    if (!cap->known && st->n->allow_unknown) {
        return true;
    }

    if (!cap->known || !cap->granted) {
        drsw_wait(st, u, DRS_REASON_CAPACITY,
                  st->now + drsw_capacity_wait(st, cap));
        return false;
    }

    return true;
}


static void
drsw_arm(drsw_step_t *st, drs_exec_unit_t *u)
{
    drs_exec_wave_t *w;
    drsw_effect_t   *eff;

    if (u->reason != DRS_REASON_NONE) {
        u->reason = DRS_REASON_NONE;
        u->dirty = true;
    }

    w = &st->n->waves[u->wave];

    if (st->n->server_delay_s > 0) {
        w->next_send_at = st->now + st->n->server_delay_s * st->set->second;
        w->dirty = true;
    }

    eff = drsw_effect(st, DRSW_EFF_ARM_AND_SEND, u);
    eff->attempt = u->attempt + 1;
    eff->unit_ver = u->ver;
    eff->allow_open = u->nopen != 0;
}


static bool
drsw_unit_wanted(const drsw_step_t *st, const drs_exec_unit_t *u)
{
    size_t                   i;
    const drs_exec_server_t *s;

    for (i = 0; i < u->nservers; i++) {
        s = drs_exec_server(st->n, u->servers[i]);

        if (s != NULL && strcmp(s->unit, u->id) == 0
            && !drs_launch_is_final(s->status)) {
            return true;
        }
    }

    return false;
}


static void
drsw_start_units(drsw_step_t *st)
{
    size_t           i, n;
    drs_exec_unit_t *u;

    n = st->n->nunits; /* split-offs wait for the next step */

    for (i = 0; i < n; i++) {
        u = &st->n->units[i];

        if (u->state != DRS_UNIT_PLANNED
            || drs_wave_is_over(st->n->waves[u->wave].status)
            || drsw_has_effect(st, DRSW_EFF_CLOSE, u->id))
        {
            continue;
        }

        if (!drsw_unit_wanted(st, u)) {
            /* its servers failed, the answer that said so was lost */
            drsw_unit_state(st, u, DRS_UNIT_FAILED);
            st->plan->again = true;
            continue;
        }

        if (drsw_unit_may(st, u)) {
            drsw_arm(st, u);
        }
    }
}


void
drsw_launch(drsw_step_t *st)
{
    drsw_start_waves(st);
    drsw_resolve_waves(st);
    drsw_start_units(st);
}
