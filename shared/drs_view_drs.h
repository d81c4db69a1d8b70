/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * What DRS itself shows: jobs, replication, the state of a Region, and source
 * servers of many places (api.md DRS5 to DRS7, DRS10).
 */

#ifndef DRS_VIEW_DRS_H_INCLUDED
#define DRS_VIEW_DRS_H_INCLUDED


#include <jansson.h>

#include "drs_str.h"


/*
 * Job of DRS5 from a Job object.  link: {executionId, planId?, unitId} of the
 * execution that it belongs to, or NULL.  New reference.
 */
json_t *drs_view_drs_job(const json_t *job, drs_str_t account, drs_str_t region,
                         const json_t *link);

/* 1 if the job has this type and status; empty views: any. */
int
drs_view_drs_job_matches(const json_t *job, drs_str_t type, drs_str_t status);

/* Sorts jobs of DRS5 by creationDateTime, newest first: a new array. */
json_t *drs_view_drs_jobs_sorted(json_t *jobs);

/* Server of DRS6 from a SourceServer object; new reference. */
json_t *drs_view_drs_replication(const json_t *server);

/* Sorts servers of DRS6 by their ids, so that pages go on: a new array. */
json_t *drs_view_drs_replication_sorted(json_t *servers);


/* Filters of DRS10; absent members pass everything. */
typedef struct {
    drs_str_t hostname, state, staging, source;
    int64_t   min_cores, min_ram; /* 0: any */
} drs_inventory_filter_t;

/*
 * The parameter `filters`: JSON text of an object.  Views live as long as
 * *doc, which is the caller's.  DRS_DECLINED: unreadable.
 */
int drs_view_inventory_filter(drs_str_t text, drs_inventory_filter_t *f,
                              json_t **doc);

/*
 * 1 if the server (api.md 2.5) passes.  account: of the place it was found in,
 * which is the origin and the staging account of a server without one.
 */
int drs_view_inventory_matches(const drs_inventory_filter_t *f,
                               const json_t *server, drs_str_t account);


#endif /* DRS_VIEW_DRS_H_INCLUDED */
