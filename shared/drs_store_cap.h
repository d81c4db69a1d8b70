
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Calls about what an account and Region can take: the capacity queue of
 * launch units (engine.md 9.4) and the call rates of AWS (7.5).  General
 * rules: drs_store.h.
 */

#ifndef DRS_STORE_CAP_H_INCLUDED
#define DRS_STORE_CAP_H_INCLUDED


#include "drs_store_exec.h"


/* -- capacity queue ------------------------------------------------- */

typedef struct {
    drs_str_t exec;
    drs_str_t unit;
    int       priority;    /* of the plan, 1 first */
    int       jobs;        /* most active jobs in account and Region */
    int       servers;     /* most servers in them */
    int64_t   aging_ms;    /* of waiting make up for one step of priority */
    int64_t   fresh_ms;    /* an older listing is made anew first */
    int64_t   ttl_ms;      /* a grant, a place in the queue without a sign */
    int64_t   patience_ms; /* others wait so long for a listing */
} drs_cap_ask_t;

/*
 * Asks for room for a PLANNED unit and queues it when there is none.  Answer:
 * one of the states below.  Refusals: EXECUTION_NOT_FOUND, LEASE_LOST,
 * UNIT_NOT_PLANNED {currentState}.
 */
drs_cmd_t *drs_store_cap_ask(drs_str_t p, const drs_lease_t *lease,
                             const drs_cap_ask_t *ask);

typedef enum {
    DRS_CAP_GRANTED = 0,
    DRS_CAP_QUEUED, /* the unit's nextAt is cleared when its turn comes */
    DRS_CAP_BUSY,   /* active jobs hold servers of the unit: see below */
    DRS_CAP_LOOK,   /* the caller lists the jobs, then asks again */
    DRS_CAP_WAIT    /* somebody else does: ask again soon */
} drs_cap_state_t;

/*
 * waiting: units in the queue (QUEUED); busy: place in *a of the first server
 * (BUSY; the rest of the answer).  DRS_OK or DRS_ERROR: not such an answer.
 */
int drs_store_cap_answer(const drs_answer_t *a, drs_cap_state_t *state,
                         int64_t *waiting, size_t *busy) DRS_MUST_CHECK;

typedef struct {
    drs_str_t job;
    drs_str_t servers; /* space separated */
} drs_cap_job_t;

/* All active jobs (every type, everybody's) as listed at `at`. */
drs_cmd_t *drs_store_cap_seen(drs_str_t p, drs_str_t account, drs_str_t region,
                              int64_t at, const drs_cap_job_t *jobs, size_t n);


/* -- call rates ------------------------------------------------- */

/*
 * Takes up to `want` tokens of a bucket that never goes below `keep` for this
 * caller.  per_minute, burst: at least 1.  Answer: number taken, or 0 and ms to
 * wait.
 */
drs_cmd_t *drs_store_rate_take(drs_str_t p, drs_str_t account, drs_str_t region,
                               drs_str_t api, int64_t per_minute, int64_t burst,
                               int64_t want, int64_t keep);

/* The service throttled: the bucket's rate is halved for everybody. */
drs_cmd_t *
drs_store_rate_slow(drs_str_t p, drs_str_t account, drs_str_t region,
                    drs_str_t api, int64_t per_minute, int64_t burst);


#endif /* DRS_STORE_CAP_H_INCLUDED */
