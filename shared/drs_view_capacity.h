/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Capacity and quotas as callers see them (api.md DRS2, DRS12, AC13, AC14;
 * data-model.md 7.3, engine.md 3.1, 3.4).  One set of thresholds for the view
 * of an account and that of all accounts.
 *
 * Input are the figures of accounts, an array of
 *
 *   {accountId, accountName, accountType: "target"|"staging", accessible,
 *    error?, regions: [{region, status, totalServers, replicatingServers,
 *    maxReplicating?, maxSourceServers?, error?}]}
 *
 * (without a maximum: the documented one)
 *
 * where status is one of api.md 1.15 ("Region status") and error says why the
 * figures of this Region are unknown or old.  Every call gives a new
 * reference, NULL without memory.
 */

#ifndef DRS_VIEW_CAPACITY_H_INCLUDED
#define DRS_VIEW_CAPACITY_H_INCLUDED


#include <jansson.h>

#include "drs_str.h"


/* The limits of api.md 1.13. */
#define DRS_LIMIT_SERVERS_PER_JOB      100
#define DRS_LIMIT_JOBS                 20
#define DRS_LIMIT_SERVERS_IN_JOBS      500
#define DRS_LIMIT_REPLICATING          300
#define DRS_LIMIT_SOURCE_SERVERS       4000
#define DRS_LIMIT_REPLICATING_WARNING  250
#define DRS_LIMIT_REPLICATING_CRITICAL 280


/* Active jobs of the accounts asked for. */
typedef struct {
    unsigned  known;      /* 0: could not be asked */
    int64_t   jobs;       /* PENDING and STARTED */
    int64_t   servers;    /* in these jobs */
    int64_t   largest;    /* servers of the largest job */
    drs_str_t largest_id; /* empty: none */

    /* limits where they are lowest; 0: the documented ones */
    int64_t max_jobs, max_servers, max_per_job;
} drs_capacity_jobs_t;


/* 1 if a SourceServer object replicates in this account: its state is one of
 * api.md 1.15 "Replicating" and its staging account is this one. */
int drs_capacity_counts(const json_t *server, drs_str_t account);

/* Staging account of an extended source server of `account`, else empty. */
drs_str_t drs_capacity_staging(const json_t *server, drs_str_t account);

/* "OK" ... "HYPER-CRITICAL" of one account and Region; of another limit than
 * the documented one: the same shares. */
const char *drs_capacity_status(int64_t replicating);
const char *drs_capacity_status_of(int64_t replicating, int64_t max);

/* The same of n accounts together. */
const char *drs_capacity_combined(int64_t replicating, int64_t accounts);

/* CombinedCapacity of AC13 and AC14. */
json_t *drs_view_capacity(const json_t              *accounts,
                          const drs_capacity_jobs_t *jobs, int64_t now_ms);

/* DRS2 of one account of such a list; region: as reported. */
json_t *drs_view_quotas(const json_t *account, drs_str_t region,
                        const drs_capacity_jobs_t *jobs);

/* The seven of api.md 1.13. */
json_t *drs_view_limits(void);


#endif /* DRS_VIEW_CAPACITY_H_INCLUDED */
