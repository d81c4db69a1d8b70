
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Limits of DRS in one account and Region (engine.md 3.1): what Service Quotas
 * says, asked now and then and kept in quotas:<account>:<region>; where it may
 * not be asked, the configured numbers.  A configured number below the
 * documented one holds in every case.
 */

#ifndef DRSW_LIMITS_H
#define DRSW_LIMITS_H


#include "drsw_task.h"


typedef struct {
    int max_jobs;       /* active at a time */
    int jobs;           /* of these without those left free for people */
    int servers;        /* in active jobs */
    int per_job;        /* servers in one job */
    int replicating;    /* replicating servers */
    int source_servers; /* all of them */
} drsw_limits_t;

/* DRS_OK, or DRS_ERROR: the store cannot be read.  A failure of Service Quotas
 * is none: it is remembered for a while and the configured numbers serve. */
int
drsw_limits(drsw_ctx_t *ctx, const drsw_access_t *access, drsw_limits_t *out);

/* The same by what is known already: asks nobody. */
int drsw_limits_known(drsw_ctx_t *ctx, const drsw_access_t *access,
                      drsw_limits_t *out);


#endif /* DRSW_LIMITS_H */
