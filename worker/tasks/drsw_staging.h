
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Staging accounts of a target account: which there are, and extending their
 * servers into it (engine.md 4.3).
 */

#ifndef DRSW_STAGING_H
#define DRSW_STAGING_H


#include "drsw_sweep.h"


typedef struct {
    json_t      *accounts;    /* owned: staging id -> {serverCount} */
    json_t      *failed;      /* owned: names of Regions without answer */
    int64_t      total;       /* source servers of the target */
    int          complete;    /* every Region was read */
    int          denied;      /* nothing could be read: access denied */
    char         error[1024]; /* why something is missing; "" */
    drsw_sweep_t sweep;       /* the target, as read */
} drsw_found_t;

/*
 * Looks at the servers of an account in all Regions (anew: as they are now, for
 * people who ask) and for its staging accounts at DRS.  Free in every case.  DRS_OK; DRS_DECLINED: nothing could
 * be read (error, denied); DRS_ERROR: the store.
 */
int  drsw_staging_discover(drsw_ctx_t *ctx, const json_t *doc, int anew,
                           int64_t budget_ms, drsw_found_t *f);
void drsw_staging_free(drsw_found_t *f);

/* Brings the stored list up to date; cmd may be NULL.  *now: the document,
 * owned.  *added, *removed: owned lists of ids. */
int drsw_staging_store(drsw_ctx_t *ctx, const drsw_command_t *cmd, drs_str_t id,
                       const drsw_found_t *f, json_t **now, json_t **added,
                       json_t **removed);

/*
 * Extends what is not extended.  run: record of the run, gets extended,
 * failed, skipped, errors.  DRS_OK; DRS_AGAIN: stopped in between;
 * DRS_DECLINED: the lease is lost; DRS_ERROR.
 */
int drsw_staging_extend(drsw_ctx_t *ctx, const json_t *doc, drsw_found_t *f,
                        json_t *run);

/* Forgets failures, so that every server is tried again. */
int drsw_staging_retry(drsw_ctx_t *ctx, const char *account);


#endif /* DRSW_STAGING_H */
