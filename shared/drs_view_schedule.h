/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Schedules as show them (api.md 10.4).
 */

#ifndef DRS_VIEW_SCHEDULE_H_INCLUDED
#define DRS_VIEW_SCHEDULE_H_INCLUDED


#include <jansson.h>

#include "drs_str.h"


/*
 * Schedule of api.md 10.4.  next_ms 0: nothing is to come; last: object of the
 * last run or NULL; hold: an operator holds it back, so nothing is to come.
 */
json_t *drs_view_schedule(const json_t *doc, int64_t next_ms,
                          const json_t *last, int hold);

/* The same from the fields of sched:run:<id>. */
json_t *drs_view_schedule_run(const json_t *doc, drs_str_t next, drs_str_t last,
                              drs_str_t hold);

#endif /* DRS_VIEW_SCHEDULE_H_INCLUDED */
