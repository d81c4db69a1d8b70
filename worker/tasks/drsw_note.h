
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Notifications about what scans and background work find out.  All are called
 * before what they tell about is stored; DRS_OK or DRS_ERROR.
 */

#ifndef DRSW_NOTE_H
#define DRSW_NOTE_H


#include "drsw_task.h"


/*
 * account_unreachable and capacity_threshold (with the event capacity.status),
 * when they differ from the stored state of the Region.  replicating: -1 if it
 * was not counted.
 */
int drsw_note_region(drsw_ctx_t *ctx, const char *account, const char *region,
                     const char *status, const char *error, int64_t replicating,
                     int64_t at_ms);

/* replication_stalled, for servers that the inventory does not know as such. */
int drsw_note_stalled(drsw_ctx_t *ctx, const char *account, const char *region,
                      const json_t *servers, int64_t at_ms);

/* launch_config_failed, once for each job that ended with failures. */
int drsw_note_launch_config(drsw_ctx_t *ctx, const json_t *group,
                            const json_t *job, const json_t *status);


#endif /* DRSW_NOTE_H */
