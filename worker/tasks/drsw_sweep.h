
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Many (account, Region) places at once: their states from the store where
 * these are fresh enough, DRS asked side by side where not.  What one place or
 * one account answers never keeps another from being answered.
 */

#ifndef DRSW_SWEEP_H
#define DRSW_SWEEP_H


#include "drsw_region.h"


typedef struct {
    drs_str_t     name; /* view into the configuration */
    drsw_access_t access;
    drsw_region_t state;      /* from the store, then as asked */
    unsigned      due : 1;    /* to be asked for servers */
    unsigned      failed : 1; /* state.error: figures unknown or old */

    unsigned due_jobs : 1;
    unsigned jobs_failed : 1;
    int64_t  jobs, in_jobs, largest;
    char     largest_id[64];

    /* private: answers */
    json_t           *items;
    drsw_aws_result_t res;
} drsw_sweep_place_t;

typedef struct {
    char                id[16];
    char                name[288];
    unsigned            staging : 1; /* a staging account */
    unsigned            accessible : 1;
    unsigned            denied : 1;  /* not accessible: access denied */
    char                error[1024]; /* "" unless something failed */
    json_t             *record;      /* owned: document or entry */
    drsw_sweep_place_t *places;
    size_t              n;

    /* private */
    drsw_access_t     access; /* hub Region: credentials */
    drsw_aws_result_t res;
} drsw_sweep_account_t;

typedef struct {
    drsw_ctx_t           *ctx;
    drsw_sweep_account_t *accounts;
    size_t                n, size;
    int64_t               until_mono_ms; /* no question begins later */
} drsw_sweep_t;


/* budget_ms: time for everything. */
void drsw_sweep_init(drsw_sweep_t *s, drsw_ctx_t *ctx, int64_t budget_ms);
void drsw_sweep_free(drsw_sweep_t *s);

/* Time for the answer of a command, at most 17 s. */
int64_t drsw_sweep_budget(drsw_ctx_t *ctx, const drsw_command_t *cmd);

/* Time for one call now, 1 to 8 s. */
int64_t drsw_sweep_left(const drsw_sweep_t *s);

/*
 * Commands that sweep may take all command threads but one, so that a slow AWS
 * never keeps a start waiting.  DRS_DECLINED: 503 is answered; else
 * drsw_sweep_command_end() must follow.
 */
int  drsw_sweep_command(drsw_ctx_t *ctx, drsw_answer_t *answer);
void drsw_sweep_command_end(void);

/*
 * Adds an account; one that is there already is left as it is.  record:
 * document or entry of stagingAccounts, borrowed; NULL for the hub without a
 * record.  DRS_OK or DRS_ERROR (memory).
 */
int drsw_sweep_add(drsw_sweep_t *s, drs_str_t id, const json_t *record,
                   int staging);

/*
 * Fetches credentials, reads the states of all Regions and asks DRS where they
 * are older than `live_scan` (Regions without servers: `region_idle`; with
 * `anew`, everywhere).  What was learnt is stored (inventory, state).  DRS_OK,
 * or DRS_ERROR: the store.
 */
int drsw_sweep_servers(drsw_sweep_t *s, int anew);

/* Active jobs of the target accounts in `region`, or (empty) where servers are
 * and in four large Regions (api.md AC13). */
int drsw_sweep_jobs(drsw_sweep_t *s, drs_str_t region);

/* Figures for drs_view_capacity(); new reference. */
json_t *drsw_sweep_figures(const drsw_sweep_t *s);


#endif /* DRSW_SWEEP_H */
