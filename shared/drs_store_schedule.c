/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "drs_store_schedule.h"


static void
drs_schedule_time(drs_cmd_t *c, int64_t t_ms)
{
    if (t_ms > 0) {
        (void) drs_cmd_add_i64(c, t_ms);
    } else {
        (void) drs_cmd_addz(c, "-");
    }
}


drs_cmd_t *
drs_store_schedule_ran(drs_str_t p, const drs_schedule_ran_t *r)
{
    drs_cmd_t *c;

    c = drs_store_call("drs_schedule_ran", p);
    (void) drs_cmd_add(c, r->id);
    (void) drs_cmd_add_u64(c, r->fence);
    (void) drs_cmd_add(c, r->owner);
    (void) drs_cmd_add_i64(c, r->version);

    drs_schedule_time(c, r->next);
    (void) drs_cmd_add_opt(c, r->last);
    drs_schedule_time(c, r->asked);
    (void) drs_cmd_add_opt(c, r->audit);
    (void) drs_cmd_add_opt(c, r->event);
    (void) drs_cmd_add_opt(c, r->notice);

    return drs_store_end(c);
}


drs_cmd_t *
drs_store_schedule_now(drs_str_t p, drs_str_t id, drs_str_t who,
                       drs_str_t audit)
{
    drs_cmd_t *c;

    c = drs_store_call("drs_schedule_now", p);
    (void) drs_cmd_add(c, id);
    (void) drs_cmd_add(c, who);
    (void) drs_cmd_add_opt(c, audit);

    return drs_store_end(c);
}
