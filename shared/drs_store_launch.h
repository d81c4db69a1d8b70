/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * The call about launch configuration of groups.  General rules: drs_store.h.
 */

#ifndef DRS_STORE_LAUNCH_H_INCLUDED
#define DRS_STORE_LAUNCH_H_INCLUDED


#include "drs_store.h"


typedef struct {
    drs_str_t field; /* `job`, `id` or a source server id */
    drs_str_t value; /* empty: removes the field */
} drs_launch_row_t;

typedef struct {
    drs_str_t               group;
    drs_str_t               owner; /* empty: no lease of launch:<id> */
    uint64_t                fence;
    int64_t                 version;     /* expected, -1: any; stays as it is */
    drs_str_t               job;         /* expected job id, empty: none */
    unsigned                any_job : 1; /* `job` is not looked at */
    unsigned                reset : 1;   /* forget the rows before */
    drs_str_t               doc;         /* new bytes, empty: unchanged */
    drs_str_t               audit;
    drs_str_t               event;
    int64_t                 due; /* of launch:<id>; -1: not made due */
    const drs_launch_row_t *rows;
    size_t                  nrows;
} drs_launch_put_t;


/*
 * Refusals: PROTECTION_GROUP_NOT_FOUND, VERSION_CONFLICT {currentVersion},
 * SYNC_IN_PROGRESS {job}, LEASE_LOST.
 */
drs_cmd_t *drs_store_launch_put(drs_str_t p, const drs_launch_put_t *l);


#endif /* DRS_STORE_LAUNCH_H_INCLUDED */
