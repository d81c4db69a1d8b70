
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * The commit of a plan as a command of the store.
 */

#include <stdlib.h>
#include <string.h>

#include "drsw_engine.h"


static int64_t
drsw_op_i64(drs_str_t s)
{
    int64_t v;

    return drs_str_i64(s, &v) == DRS_OK ? v : 0;
}


static int
drsw_commit_unit(drs_cmd_t *c, const drsw_op_t *op)
{
    size_t     i, n;
    drs_pair_t pairs[16];

    n = 0;

    for (i = 3; i + 1 < op->n && n < 16; i += 2) {
        pairs[n].name = op->arg[i];
        pairs[n].value = op->arg[i + 1];
        n++;
    }

    return drs_commit_unit(c, op->arg[1], (uint64_t) drsw_op_i64(op->arg[2]),
                           pairs, n);
}


static int
drsw_commit_op(drs_cmd_t *c, const drsw_op_t *op)
{
    const drs_str_t *a;

    a = op->arg;

    if (drs_str_eqz(a[0], "h")) {
        return drs_commit_header(c, a[1].data, a[2]);
    }

    if (drs_str_eqz(a[0], "w")) {
        return drs_commit_wave(c, (unsigned) drsw_op_i64(a[1]), a[2], a[3]);
    }

    if (drs_str_eqz(a[0], "u")) {
        return drsw_commit_unit(c, op);
    }

    if (drs_str_eqz(a[0], "s")) {
        return drs_commit_server(c, a[1], a[2]);
    }

    if (drs_str_eqz(a[0], "watch")) {
        return drs_commit_watch(c, a[1], a[2], a[3], a[4]);
    }

    if (drs_str_eqz(a[0], "unwatch")) {
        return drs_commit_unwatch(c, a[1], a[2], a[3]);
    }

    if (drs_str_eqz(a[0], "ev")) {
        return drs_commit_event(c, a[1]);
    }

    if (drs_str_eqz(a[0], "audit")) {
        return drs_commit_audit(c, a[1]);
    }

    if (drs_str_eqz(a[0], "notify")) {
        return drs_commit_notify(c, a[1], a[2], a[3], a[4]);
    }

    if (drs_str_eqz(a[0], "final")) {
        return drs_commit_final(c, drsw_op_i64(a[1]));
    }

    return DRS_ERROR;
}


drs_cmd_t *
drsw_plan_commit(const drsw_plan_t *plan, drs_str_t prefix,
                 const drs_lease_t *lease)
{
    size_t     i;
    drs_cmd_t *c;

    c = drs_commit_begin(
        prefix, drs_str(plan->next->id), lease, plan->next->ver - 1, plan->sm,
        plan->sm == DRS_SM_NONE ? DRS_EXEC_NONE
                                : drs_exec_status_parse(drs_str(plan->status)));

    for (i = 0; c != NULL && i < plan->nops; i++) {
        if (drsw_commit_op(c, &plan->ops[i]) != DRS_OK) {
            drs_cmd_free(c);
            return NULL;
        }
    }

    return drs_store_end(c);
}
