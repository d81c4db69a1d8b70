/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Recovery points that a request asks for (api.md 10.4 recoveryPoint): checked
 * at the start, by the precheck, and again when a wave starts.
 */

#ifndef DRSW_POINTS_H
#define DRSW_POINTS_H


#include "drsw_task.h"


/* 1 if the request asks for other points than the latest ones. */
int drsw_points_asked(const json_t *request);

/*
 * Snapshot to launch a server from.  *snapshot is a new string, or NULL: the
 * latest one.
 *
 *  DRS_OK
 *  DRS_DECLINED  there is none that fits
 *  DRS_AGAIN     cannot be asked now, *res says why
 *  DRS_ERROR     memory
 */
int drsw_point_find(drsw_ctx_t *ctx, const drsw_access_t *access,
                    const char *server, const json_t *request, char **snapshot,
                    drsw_aws_result_t *res);


#endif /* DRSW_POINTS_H */
