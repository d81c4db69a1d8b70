
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "drs_store_cap.h"


drs_cmd_t *
drs_store_cap_ask(drs_str_t p, const drs_lease_t *lease,
                  const drs_cap_ask_t *ask)
{
    drs_cmd_t *c;

    c = drs_store_call("drs_cap_ask", p);
    (void) drs_cmd_add(c, ask->exec);
    (void) drs_cmd_add_u64(c, lease->fence);
    (void) drs_cmd_add(c, lease->owner);
    (void) drs_cmd_add(c, ask->unit);
    (void) drs_cmd_add_i64(c, ask->priority);
    (void) drs_cmd_add_i64(c, ask->jobs);
    (void) drs_cmd_add_i64(c, ask->servers);
    (void) drs_cmd_add_i64(c, ask->aging_ms);
    (void) drs_cmd_add_i64(c, ask->fresh_ms);
    (void) drs_cmd_add_i64(c, ask->ttl_ms);
    (void) drs_cmd_add_i64(c, ask->patience_ms);

    return drs_store_end(c);
}


int
drs_store_cap_answer(const drs_answer_t *a, drs_cap_state_t *state,
                     int64_t *waiting, size_t *busy)
{
    size_t i;

    static const char *const names[] = { [DRS_CAP_GRANTED] = "granted",
                                         [DRS_CAP_QUEUED] = "queued",
                                         [DRS_CAP_BUSY] = "busy",
                                         [DRS_CAP_LOOK] = "look",
                                         [DRS_CAP_WAIT] = "wait" };

    *busy = 2;

    if (a->n < 2 || drs_answer_i64(a, 1, waiting) != DRS_OK) {
        return DRS_ERROR;
    }

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (drs_str_eqz(a->v[0], names[i])) {
            *state = (drs_cap_state_t) i;
            return DRS_OK;
        }
    }

    return DRS_ERROR;
}


drs_cmd_t *
drs_store_cap_seen(drs_str_t p, drs_str_t account, drs_str_t region, int64_t at,
                   const drs_cap_job_t *jobs, size_t n)
{
    size_t     i;
    drs_cmd_t *c;

    c = drs_store_call("drs_cap_seen", p);
    (void) drs_cmd_add(c, account);
    (void) drs_cmd_add(c, region);
    (void) drs_cmd_add_i64(c, at);
    (void) drs_cmd_add_u64(c, n);

    for (i = 0; i < n; i++) {
        (void) drs_cmd_add(c, jobs[i].job);
        (void) drs_cmd_add(c, jobs[i].servers);
    }

    return drs_store_end(c);
}


drs_cmd_t *
drs_store_rate_take(drs_str_t p, drs_str_t account, drs_str_t region,
                    drs_str_t api, int64_t per_minute, int64_t burst,
                    int64_t want, int64_t keep)
{
    drs_cmd_t *c;

    c = drs_store_call("drs_rate_take", p);
    (void) drs_cmd_add(c, account);
    (void) drs_cmd_add(c, region);
    (void) drs_cmd_add(c, api);
    (void) drs_cmd_add_i64(c, per_minute);
    (void) drs_cmd_add_i64(c, burst);
    (void) drs_cmd_add_i64(c, want);
    (void) drs_cmd_add_i64(c, keep);

    return drs_store_end(c);
}


drs_cmd_t *
drs_store_rate_slow(drs_str_t p, drs_str_t account, drs_str_t region,
                    drs_str_t api, int64_t per_minute, int64_t burst)
{
    drs_cmd_t *c;

    c = drs_store_call("drs_rate_slow", p);
    (void) drs_cmd_add(c, account);
    (void) drs_cmd_add(c, region);
    (void) drs_cmd_add(c, api);
    (void) drs_cmd_add_i64(c, per_minute);
    (void) drs_cmd_add_i64(c, burst);

    return drs_store_end(c);
}
