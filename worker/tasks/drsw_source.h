/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * The EC2 instances behind source servers, and what the inventory keeps of
 * them besides the items of DRS: inv:source:<account>:<region> (engine.md 4.4).
 */

#ifndef DRSW_SOURCE_H
#define DRSW_SOURCE_H


#include "drsw_task.h"


typedef void (*drsw_source_error_pt)(void *data, const char *text);

/* Instance id of a source server; empty when it does not run on EC2. */
drs_str_t drsw_source_instance(const json_t *server);

/*
 * The instances of source servers (object by id) as EC2 describes them, asked
 * per account and Region of origin with the role of that account, else that of
 * the place.  *instances: owned, by instance id; those of an account that
 * cannot be asked are missing and told to `error`.  DRS_OK or DRS_ERROR.
 */
int drsw_source_instances(drsw_ctx_t *ctx, const drsw_access_t *access,
                          const json_t *servers, drsw_source_error_pt error,
                          void *data, json_t **instances);

/* What is kept: owned object by source server id.  DRS_OK or DRS_ERROR. */
int drsw_source_load(drsw_ctx_t *ctx, const drsw_access_t *access,
                     json_t **sources);

/*
 * Brings what is kept up to date after a whole scan: new servers at once, the
 * others every `region_idle`.  Where a server replicated from at first stays
 * as it was first seen.  *changed: 1 if something did.  DRS_OK or DRS_ERROR.
 */
int drsw_source_refresh(drsw_ctx_t *ctx, const drsw_access_t *access,
                        const json_t *servers, int *changed);


#endif /* DRSW_SOURCE_H */
