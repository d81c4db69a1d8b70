
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "drsw_forecast.h"


#define DRSW_FC_WAITS INT64_C(-1) /* `start`: not started yet */


static int64_t
drsw_fc_div(int64_t a, int64_t b)
{
    return b > 0 ? (a + b - 1) / b : a;
}


/* As many jobs at a time as there is room for, one round after another. */
static int64_t
drsw_fc_alone(const drsw_forecast_t *f, const drsw_forecast_wave_t *w)
{
    size_t  i;
    int64_t s, most, rounds, full, job;

    most = 0;
    job = w->job_s > 0 ? w->job_s : DRSW_FORECAST_JOB_S;

    for (i = 0; i < w->nplaces; i++) {
        if (w->places[i].units <= 0) {
            continue;
        }

        rounds = drsw_fc_div(w->places[i].units, w->places[i].max_jobs);
        full = drsw_fc_div(w->places[i].servers, w->places[i].max_servers);
        rounds = full > rounds ? full : rounds;
        s = rounds * job + (w->places[i].units - 1) * f->server_delay_s;
        most = s > most ? s : most;
    }

    return most;
}


static bool
drsw_fc_chain(const drsw_forecast_t *f)
{
    size_t i;

    for (i = 0; i < f->nwaves; i++) {
        if (f->waves[i].ndeps != 0) {
            return false;
        }
    }

    return true;
}


static bool
drsw_fc_over(const drsw_forecast_t *f, int n, int64_t now)
{
    const drsw_forecast_wave_t *w;

    if (n < 0 || (size_t) n >= f->nwaves) {
        return true;
    }

    w = &f->waves[n];

    return !w->selected || (w->start != DRSW_FC_WAITS && w->end <= now);
}


static bool
drsw_fc_ready(const drsw_forecast_t *f, size_t n, bool chain, int64_t now)
{
    size_t                      i;
    const drsw_forecast_wave_t *w;

    w = &f->waves[n];

    if (!w->selected || w->start != DRSW_FC_WAITS) {
        return false;
    }

    for (i = 0; chain && i < n; i++) {
        if (!drsw_fc_over(f, (int) i, now)) {
            return false;
        }
    }

    for (i = 0; !chain && i < w->ndeps; i++) {
        if (!drsw_fc_over(f, w->deps[i], now)) {
            return false;
        }
    }

    return true;
}


/* Running waves, the next end, and the wave that ended last until now. */
static int
drsw_fc_running(const drsw_forecast_t *f, int64_t now, int64_t *next, int *last)
{
    int                         n;
    size_t                      i;
    const drsw_forecast_wave_t *w;

    n = 0;
    *next = -1;
    *last = -1;

    for (i = 0; i < f->nwaves; i++) {
        w = &f->waves[i];

        if (!w->selected || w->start == DRSW_FC_WAITS) {
            continue;
        }

        if (w->end > now) {
            n++;
            *next = *next < 0 || w->end < *next ? w->end : *next;

        } else if (*last < 0 || w->end > f->waves[*last].end) {
            *last = (int) i;
        }
    }

    return n;
}


/* Waves that may start now; false: none can any more. */
static bool
drsw_fc_turn(drsw_forecast_t *f, bool chain, int64_t *now)
{
    int                   running, last;
    size_t                i;
    int64_t               next;
    drsw_forecast_wave_t *w;

    running = drsw_fc_running(f, *now, &next, &last);

    for (i = 0; i < f->nwaves && running < f->max_parallel; i++) {
        if (!drsw_fc_ready(f, i, chain, *now)) {
            continue;
        }

        w = &f->waves[i];
        w->start = *now + (last >= 0 ? f->wave_delay_s : 0);
        w->end = w->start + w->seconds;
        w->after = last;

        /* a wave of no servers is over at once */

        if (w->end > *now) {
            running++;
            next = next < 0 || w->end < next ? w->end : next;

        } else {
            return true;
        }
    }

    if (next < 0) {
        return false;
    }

    *now = next;

    return true;
}


static void
drsw_fc_path(drsw_forecast_t *f)
{
    int    at, n;
    size_t i;

    at = -1;
    f->seconds = 0;
    f->ncritical = 0;

    for (i = 0; i < f->nwaves; i++) {
        if (f->waves[i].selected && f->waves[i].start != DRSW_FC_WAITS
            && (at < 0 || f->waves[i].end > f->waves[at].end))
        {
            at = (int) i;
        }
    }

    if (at < 0) {
        return;
    }

    f->seconds = f->waves[at].end;

    while (at >= 0 && f->ncritical < f->nwaves) {
        f->critical[f->ncritical++] = at;
        at = f->waves[at].after;
    }

    for (i = 0; i < f->ncritical / 2; i++) {
        n = f->critical[i];
        f->critical[i] = f->critical[f->ncritical - 1 - i];
        f->critical[f->ncritical - 1 - i] = n;
    }
}


void
drsw_forecast(drsw_forecast_t *f)
{
    bool    chain;
    size_t  i;
    int64_t now;

    f->max_parallel = f->max_parallel > 0 ? f->max_parallel : 1;

    for (i = 0; i < f->nwaves; i++) {
        f->waves[i].seconds = drsw_fc_alone(f, &f->waves[i]);
        f->waves[i].start = DRSW_FC_WAITS;
        f->waves[i].end = 0;
        f->waves[i].after = -1;
    }

    now = 0;
    chain = drsw_fc_chain(f);

    while (drsw_fc_turn(f, chain, &now)) { /* every turn starts or ends one */
    }

    drsw_fc_path(f);
}
