/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Tag synchronisation of one account and Region (engine.md 4.2): tags of EC2
 * instances to their DRS source servers.  Instances are read in batches, with
 * the role of the account that they are in when that is registered; only
 * differences are written; a server with a running job is left alone.
 */

#ifndef DRSW_TAGSYNC_H
#define DRSW_TAGSYNC_H


#include "drsw_scan.h"


#define DRSW_TAGSYNC_ERRORS 50


typedef struct {
    drsw_ctx_t *ctx;
    int64_t     until_mono_ms; /* no server is begun later */

    /* sums */
    size_t  servers, synced, failed;
    size_t  no_instance, disconnected, no_tags, busy, late, dropped;
    json_t *errors; /* owned array of texts */
} drsw_tagsync_t;


void drsw_tagsync_init(drsw_tagsync_t *t, drsw_ctx_t *ctx, int64_t budget_ms);
void drsw_tagsync_free(drsw_tagsync_t *t);

void
drsw_tagsync_error(drsw_tagsync_t *t, const char *fmt, ...) DRS_PRINTF(2, 3);

/*
 * The servers of the place (object id -> SourceServer).  DRS_OK, whatever AWS
 * answered (sums and errors tell), or DRS_ERROR: the store.
 */
int drsw_tagsync_place(drsw_tagsync_t *t, const drsw_access_t *access,
                       const json_t *servers);


#endif /* DRSW_TAGSYNC_H */
