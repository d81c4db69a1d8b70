
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Effect APPLY_CONFIG: launch configuration of the unit's servers right before
 * their launch (engine.md 2.1 step 4).
 */

#include <string.h>

#include "drsw_exec.h"


int
drsw_run_config(drsw_run_t *run, const drsw_effect_t *eff)
{
    drsw_configured_t  *c;

    c = drsw_run_configured(run, eff->unit);

    if (c == NULL) {
        return DRS_ERROR;
    }

    c->ok = true;
    return DRS_OK;
}
