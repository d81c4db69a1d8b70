/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Active DRS jobs of places, published for the module (`drsjobs`, drs_jobs.h):
 * lists and warnings show servers that somebody else is launching.  Decisions
 * about a start never read it: they ask DRS.
 */

#ifndef DRSW_JOBS_H
#define DRSW_JOBS_H


#include "drsw_task.h"


/*
 * `items`: everything that DescribeJobs listed for the last two days or more.
 * A failure is logged; nothing depends on it.
 */
void drsw_jobs_note(drsw_ctx_t *ctx, const drsw_access_t *access,
                    const json_t *items);

/* Asks DRS and notes the answer. */
void drsw_jobs_look(drsw_ctx_t *ctx, const drsw_access_t *access);


#endif /* DRSW_JOBS_H */
