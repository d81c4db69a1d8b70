/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * The calls about runs of schedules.  General rules: drs_store.h.
 */

#ifndef DRS_STORE_SCHEDULE_H_INCLUDED
#define DRS_STORE_SCHEDULE_H_INCLUDED


#include "drs_store.h"


typedef struct {
    drs_str_t id;
    uint64_t  fence; /* of the lease of schedule:<id> */
    drs_str_t owner;
    int64_t   version; /* of the document that `next` was computed from */
    int64_t   next;    /* epoch ms, 0: none */
    drs_str_t last;    /* JSON of the last run; empty: stays */
    int64_t   asked;   /* `now` of an operator that was done, 0: none */
    drs_str_t audit;
    drs_str_t event;
    drs_str_t notice; /* a second event */
} drs_schedule_ran_t;


/*
 * Answer: version of the document; `next` is kept only if it is the expected
 * one.  Refusals: SCHEDULE_NOT_FOUND, LEASE_LOST.
 */
drs_cmd_t *drs_store_schedule_ran(drs_str_t p, const drs_schedule_ran_t *r);


/* One drill at once.  Answer: nothing.  Refusal: SCHEDULE_NOT_FOUND. */
drs_cmd_t *drs_store_schedule_now(drs_str_t p, drs_str_t id, drs_str_t who,
                                  drs_str_t audit);


#endif /* DRS_STORE_SCHEDULE_H_INCLUDED */
