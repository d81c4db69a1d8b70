/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Job logs of an execution (api.md EX11) from the events job.log of its
 * history.
 */

#ifndef DRS_VIEW_JOBLOG_H_INCLUDED
#define DRS_VIEW_JOBLOG_H_INCLUDED


#include <jansson.h>

#include "drs_exec.h"


/*
 * Empty logs of all jobs of the record, by wave and unit; `job` narrows it to
 * one (empty: all).  New array, NULL without memory.
 */
json_t *drs_view_joblog(const drs_exec_t *e, drs_str_t job);

/*
 * Adds what one event of the history says; `event` is its JSON text.  Texts
 * that are no job.log, or of another job, change nothing.  DRS_OK or
 * DRS_ERROR (memory).
 */
int drs_view_joblog_add(json_t *logs, drs_str_t event);

/* Puts the events of each log in order, newest first. */
void drs_view_joblog_sort(json_t *logs);


#endif /* DRS_VIEW_JOBLOG_H_INCLUDED */
