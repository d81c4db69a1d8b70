/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * How long a plan takes at least: the engine's order of waves (engine.md 1.7)
 * over typical durations of jobs.  Pure; seconds everywhere.
 */

#ifndef DRSW_FORECAST_H_INCLUDED
#define DRSW_FORECAST_H_INCLUDED


#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "drs_rc.h"


/* From StartRecovery to the end of the job, when nothing is known (2.8). */
#define DRSW_FORECAST_JOB_S 900


/* Servers of a wave in one account and Region. */
typedef struct {
    int units;       /* launch units */
    int servers;     /* all of them */
    int max_jobs;    /* usable at once */
    int max_servers; /* in jobs at once */
} drsw_forecast_place_t;

typedef struct {
    bool       selected; /* false: not part of the run, counts as done */
    const int *deps;     /* wave numbers */
    size_t     ndeps;
    const drsw_forecast_place_t *places;
    size_t                       nplaces;
    int64_t                      job_s; /* of one job; 0: DRSW_FORECAST_JOB_S */

    /* result */
    int64_t seconds; /* the wave alone */
    int64_t start, end;
    int     after; /* wave whose end it waited for, -1: none */
} drsw_forecast_wave_t;

typedef struct {
    drsw_forecast_wave_t *waves; /* index = number */
    size_t                nwaves;
    int                   max_parallel; /* at least 1 */
    int64_t               wave_delay_s, server_delay_s;

    /* result */
    int64_t seconds;
    int    *critical; /* room for nwaves */
    size_t  ncritical;
} drsw_forecast_t;


/*
 * Fills the results.  Pauses take no time.  Waves that can never start (a
 * cycle) are left out.
 */
void drsw_forecast(drsw_forecast_t *f);


#endif /* DRSW_FORECAST_H_INCLUDED */
