/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * What the views of capacity share.
 */

#ifndef DRS_VIEW_CAPACITY_INTERNAL_H_INCLUDED
#define DRS_VIEW_CAPACITY_INTERNAL_H_INCLUDED


#include "drs_view_capacity.h"


/* Sums of one account over its Regions. */
typedef struct {
    int64_t total;
    int64_t replicating;
    int64_t active; /* Regions with servers */
    int64_t worst;  /* replicating in the fullest Region */
    int64_t most;   /* what may replicate there */
    int64_t max;    /* what may replicate in the active Regions */
    int64_t source; /* source servers of the Region with the lowest limit */
    int64_t failed; /* Regions that could not be read */
} drs_capacity_sums_t;


void drs_capacity_sum(const json_t *account, drs_capacity_sums_t *s);

/* A limit of a Region: `maxReplicating` or `maxSourceServers`. */
int64_t drs_capacity_limit(const json_t *region, const char *name);

/* value as if the limit were the documented one. */
int64_t drs_capacity_scaled(int64_t replicating, int64_t max);

/* max, or the documented one where it is 0. */
int64_t drs_capacity_of(int64_t max, int64_t documented);

/* max - used, never negative. */
int64_t drs_capacity_left(int64_t max, int64_t used);

/* Number from 0 with `digits` decimals; 0 of 0 is 0. */
json_t *drs_capacity_percent(int64_t used, int64_t max, int digits);

/* 0 for "OK" to 4 for "HYPER-CRITICAL". */
int drs_capacity_rank(const char *status);


#endif /* DRS_VIEW_CAPACITY_INTERNAL_H_INCLUDED */
