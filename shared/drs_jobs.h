/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Active DRS jobs of an account and Region as the worker saw them last, and
 * what lists and warnings make of them (api.md 2.6, 2.10).  The worker writes
 * one entry per place into the hash `drsjobs`, the module reads all of them.
 */

#ifndef DRS_JOBS_H_INCLUDED
#define DRS_JOBS_H_INCLUDED


#include "drs_json.h"


#define DRS_JOBS_FRESH_MS INT64_C(900000) /* older entries say nothing */


/*
 * The entry of a place: {at, jobs: [{jobId, type, status, executionId?,
 * servers: []}]}, from Job objects of DRS; jobs that have ended are left out.
 * `links`: job id -> {executionId}, may be NULL.  NULL if no job is active.
 */
json_t *drs_jobs_entry(const json_t *items, const json_t *links, int64_t at_ms);

/*
 * Adds an entry to index->servers (source server id -> {jobId, type, status,
 * executionId?}) and its number of jobs to index->places (`place` -> number).
 * One that is older than DRS_JOBS_FRESH_MS is left out.
 */
typedef struct {
    json_t *servers;
    json_t *places;
} drs_jobs_index_t;

void drs_jobs_index_add(drs_jobs_index_t *index, drs_str_t place,
                        drs_str_t entry, int64_t now_ms);

/* The job that a server takes part in, or NULL.  Borrowed. */
const json_t *
drs_jobs_of_server(const drs_jobs_index_t *index, const char *server);

/* Active jobs of "<account>:<region>". */
int64_t drs_jobs_at(const drs_jobs_index_t *index, const char *place);


#endif /* DRS_JOBS_H_INCLUDED */
