
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Permissions that a recovery needs although no call of ours shows them: DRS
 * acts with the caller's rights for EC2, and a missing one is seen only as
 * LAUNCH_FAILED (engine.md 5.6, Q8, Q9).
 */

#ifndef DRSW_RIGHTS_H
#define DRSW_RIGHTS_H


#include "drsw_task.h"


/*
 * Asks IAM (SimulatePrincipalPolicy) about the role of the access.
 *
 *  DRS_OK        *missing: new array of actions that are not allowed
 *  DRS_DECLINED  it cannot be asked (no role, or that is not allowed either)
 */
int drsw_rights_missing(drsw_ctx_t *ctx, const drsw_access_t *access,
                        json_t **missing);

/* What to do about them, for people. */
void drsw_rights_advice(const drsw_access_t *access, const json_t *missing,
                        char *dst, size_t size);


#endif /* DRSW_RIGHTS_H */
