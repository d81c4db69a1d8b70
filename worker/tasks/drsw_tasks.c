
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Registers the tasks and commands of this folder.
 */

#include "drsw.h"


int
drsw_tasks_register(drsw_registry_t *reg)
{
    (void) reg;

    return DRS_OK;
}
