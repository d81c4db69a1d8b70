/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Facts for the precheck of a plan (drs_precheck.h): what a start would find,
 * without starting or changing anything.
 */

#ifndef DRSW_PRECHECK_H
#define DRSW_PRECHECK_H


#include "drs_exec.h"

#include "drsw_start.h"


typedef struct {
    drsw_start_t s;
    json_t      *facts;         /* owned */
    int64_t      until_mono_ms; /* what is not asked by then is unknown */
    drs_exec_t  *last;          /* newest run that has ended, or NULL; owned */
    char         run[64];       /* active execution of the plan, or "" */
} drsw_precheck_t;


/* All of these: DRS_OK or DRS_ERROR. */

/* waves[], and the waves of p->s; places that do not answer are left out. */
int drsw_precheck_waves(drsw_precheck_t *p);

/* places[] with jobs, staging[]. */
int drsw_precheck_places(drsw_precheck_t *p);

/* existing[], existingRecoveries[], existingDrills[], existingErrors[] */
int drsw_precheck_existing(drsw_precheck_t *p);

/* launchConfig[] */
int drsw_precheck_launch(drsw_precheck_t *p);

/* p->last, lastDrillMs, planChangedMs, previousCount of the waves */
int drsw_precheck_history(drsw_precheck_t *p);

/* estimatedSeconds, criticalPath, and those of the waves */
int drsw_precheck_forecast(drsw_precheck_t *p);

/* 1 while there is time to ask AWS for something more. */
int drsw_precheck_time(const drsw_precheck_t *p);

/* The wave's entry of the facts by its number, or NULL. */
json_t *drsw_precheck_wave(const drsw_precheck_t *p, size_t number);


#endif /* DRSW_PRECHECK_H */
