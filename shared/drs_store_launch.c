/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "drs_store_launch.h"


drs_cmd_t *
drs_store_launch_put(drs_str_t p, const drs_launch_put_t *l)
{
    size_t     i;
    drs_cmd_t *c;

    c = drs_store_call("drs_launch_put", p);
    (void) drs_cmd_add(c, l->group);

    if (l->owner.len > 0) {
        (void) drs_cmd_add_u64(c, l->fence);
        (void) drs_cmd_add(c, l->owner);

    } else {
        (void) drs_cmd_addz(c, "-");
        (void) drs_cmd_addz(c, "-");
    }

    if (l->version < 0) {
        (void) drs_cmd_addz(c, "-");
    } else {
        (void) drs_cmd_add_i64(c, l->version);
    }

    if (l->any_job) {
        (void) drs_cmd_addz(c, "-");
    } else {
        (void) drs_cmd_add(c, l->job);
    }

    (void) drs_cmd_add_opt(c, l->doc);
    (void) drs_cmd_add_opt(c, l->audit);
    (void) drs_cmd_add_opt(c, l->event);

    if (l->due < 0) {
        (void) drs_cmd_addz(c, "-");
    } else {
        (void) drs_cmd_add_i64(c, l->due);
    }

    (void) drs_cmd_addz(c, l->reset ? "1" : "0");
    (void) drs_cmd_add_u64(c, l->nrows);

    for (i = 0; i < l->nrows; i++) {
        (void) drs_cmd_add(c, l->rows[i].field);
        (void) drs_cmd_add(c, l->rows[i].value);
    }

    return drs_store_end(c);
}
