
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Settings of the engine: defaults, scaling, windows.
 */

#include <string.h>

#include "drsw_engine.h"


#define DRSW_S INT64_C(1000)
#define DRSW_M (60 * DRSW_S)


void
drsw_settings_init(drsw_settings_t *s)
{
    memset(s, 0, sizeof(drsw_settings_t));

    s->request_timeout = 30 * DRSW_S;
    s->listing_lag = 30 * DRSW_S;
    s->signature_validity = 900 * DRSW_S;
    s->margin = 30 * DRSW_S;
    s->transit = 60 * DRSW_S;
    s->skew = 5 * DRSW_S;

    s->look_first = 5 * DRSW_S;
    s->look_every = 5 * DRSW_S;
    s->look_watch = 30 * DRSW_S;
    s->poll_every = 5 * DRSW_S;
    s->idle_every = 30 * DRSW_S;
    s->conflict_wait[0] = 30 * DRSW_S;
    s->conflict_wait[1] = 60 * DRSW_S;
    s->conflict_wait[2] = 120 * DRSW_S;
    s->throttle_base = 2 * DRSW_S;
    s->throttle_max = 60 * DRSW_S;
    s->quota_wait = 30 * DRSW_S;
    s->capacity_wait = 15 * DRSW_S;
    s->grace = 10 * DRSW_M;
    s->pause_deadline = INT64_C(365) * 24 * 60 * DRSW_M;
    s->minute = DRSW_M;
    s->second = DRSW_S;
    s->remind[0] = 24;
    s->remind[1] = 7 * 24;
    s->nreminders = 2;

    s->max_attempts = 3;
    s->unit_servers = DRS_EXEC_UNIT_SERVERS;
}


static void
drsw_settings_divide(int64_t *v, double scale, int64_t floor_ms)
{
    int64_t scaled;

    scaled = (int64_t) ((double) *v / scale);

    if (scaled < floor_ms) {
        scaled = floor_ms < *v ? floor_ms : *v;
    }

    *v = scaled;
}


void
drsw_settings_scale(drsw_settings_t *s, double scale, int64_t floor_ms)
{
    size_t         i;
    int64_t *const v[] = { &s->listing_lag,
                           &s->signature_validity,
                           &s->margin,
                           &s->transit,
                           &s->look_first,
                           &s->look_every,
                           &s->look_watch,
                           &s->poll_every,
                           &s->idle_every,
                           &s->conflict_wait[0],
                           &s->conflict_wait[1],
                           &s->conflict_wait[2],
                           &s->throttle_base,
                           &s->throttle_max,
                           &s->quota_wait,
                           &s->capacity_wait,
                           &s->grace,
                           &s->pause_deadline };

    if (scale <= 1) {
        return;
    }

    for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
        drsw_settings_divide(v[i], scale, floor_ms);
    }

    /* units of the plan's own numbers: no floor but 1 ms */

    drsw_settings_divide(&s->minute, scale, 1);
    drsw_settings_divide(&s->second, scale, 1);

    if (s->transit < s->request_timeout) {
        s->transit = s->request_timeout;
    }
}


int64_t
drsw_quiet_window(const drsw_settings_t *s)
{
    return s->request_timeout + s->listing_lag + s->margin;
}


int64_t
drsw_hard_window(const drsw_settings_t *s)
{
    int64_t v;

    v = s->signature_validity;

    if (v < s->request_timeout) {
        v = s->request_timeout;
    }

    return v + s->listing_lag + s->margin;
}
