/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <string.h>

#include "drs_json.h"
#include "drs_view_capacity_internal.h"


/* Thresholds of DRS2, which are not those of AC13. */
static const char *
drs_quotas_status(int64_t replicating, int64_t max)
{
    replicating = drs_capacity_scaled(replicating, max);

    return replicating >= DRS_LIMIT_REPLICATING            ? "CRITICAL"
           : replicating >= DRS_LIMIT_REPLICATING_CRITICAL ? "WARNING"
           : replicating >= DRS_LIMIT_REPLICATING_WARNING  ? "INFO"
                                                           : "OK";
}


static const char *
drs_quotas_message(const char *status)
{
    size_t i;

    static const char *const texts[][2] = {
        { "OK", "Capacity OK" },
        { "INFO", "Monitor capacity usage: 250 or more of 300 replicating "
                  "servers in a Region" },
        { "WARNING", "280 or more of 300 replicating servers in a Region: "
                     "add a staging account" },
        { "CRITICAL", "The limit of 300 replicating servers is reached in a "
                      "Region" },
        { "NOT_INITIALIZED", "DRS is not initialized in any Region of the "
                             "account" },
        { "ACCESS_DENIED", "The account could not be read: access denied" }
    };

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (strcmp(texts[i][0], status) == 0) {
            return texts[i][1];
        }
    }

    return "The capacity of the account could not be determined";
}


static int
drs_quotas_has(const json_t *account, const char *status)
{
    size_t  i;
    json_t *r;

    json_array_foreach (json_object_get(account, "regions"), i, r) {
        if (drs_str_eqz(drs_json_field(r, "status"), status)) {
            return 1;
        }
    }

    return 0;
}


static const char *
drs_quotas_account_status(const json_t *account, const drs_capacity_sums_t *s)
{
    if (!json_is_true(json_object_get(account, "accessible"))) {
        return drs_quotas_has(account, "IAM_PERMISSION_DENIED")
                       || drs_quotas_has(account, "SCP_DENIED")
                       || json_is_true(json_object_get(account, "denied"))
                   ? "ACCESS_DENIED"
                   : "UNKNOWN";
    }

    if (s->active == 0 && !drs_quotas_has(account, "ACTIVE")) {
        return s->failed > 0 ? "UNKNOWN" : "NOT_INITIALIZED";
    }

    return drs_quotas_status(s->worst, s->most);
}


/* Regions with servers; those that could not be read go to *failed. */
static json_t *
drs_quotas_regions(const json_t *account, json_t *failed, int64_t *available)
{
    size_t  i;
    json_t *list, *r;
    int64_t total, n, max;

    list = json_array();
    *available = 0;

    json_array_foreach (json_object_get(account, "regions"), i, r) {
        total = drs_json_int(r, "totalServers", 0);
        n = drs_json_int(r, "replicatingServers", 0);

        if (json_object_get(r, "error") != NULL) {
            json_array_append(failed, json_object_get(r, "region"));
        }

        if (total == 0) {
            continue;
        }

        max = drs_capacity_limit(r, "maxReplicating");
        *available += drs_capacity_left(max, n);
        json_array_append_new(
            list,
            json_pack("{s:O, s:I, s:I, s:I, s:I, s:o, s:s}", "region",
                      json_object_get(r, "region"), "totalServers",
                      (json_int_t) total, "replicatingServers", (json_int_t) n,
                      "maxReplicating", (json_int_t) max, "availableSlots",
                      (json_int_t) drs_capacity_left(max, n), "percentUsed",
                      drs_capacity_percent(n, max, 1), "status",
                      drs_quotas_status(n, max)));
    }

    return list;
}


static json_t *
drs_quotas_gauge(unsigned known, int64_t current, int64_t max)
{
    json_t *o;

    o = json_object();

    if (known) {
        (void) drs_json_set_int(o, "current", current);
    } else {
        json_object_set_new(o, "current", json_null());
    }

    (void) drs_json_set_int(o, "max", max);
    return o;
}


static json_t *
drs_quotas_capacity(const json_t *account)
{
    json_t             *o, *failed, *regions;
    int64_t             available;
    const char         *status;
    drs_capacity_sums_t s;

    drs_capacity_sum(account, &s);
    status = drs_quotas_account_status(account, &s);
    failed = json_array();
    regions = drs_quotas_regions(account, failed, &available);

    o = json_pack(
        "{s:I, s:I, s:I, s:I, s:I, s:s, s:s, s:o, s:o, s:I, s:I}",
        "totalSourceServers", (json_int_t) s.total, "replicatingServers",
        (json_int_t) s.replicating, "maxReplicatingServers",
        (json_int_t) s.most, "maxSourceServers", (json_int_t) s.source,
        "availableReplicatingSlots", (json_int_t) available, "status", status,
        "message", drs_quotas_message(status), "regionalBreakdown", regions,
        "failedRegions", failed, "activeRegions", (json_int_t) s.active,
        "totalRegionalCapacity", (json_int_t) s.max);

    if (json_object_get(account, "error") != NULL) {
        json_object_set(o, "error", json_object_get(account, "error"));
    }

    return o;
}


json_t *
drs_view_quotas(const json_t *account, drs_str_t region,
                const drs_capacity_jobs_t *jobs)
{
    json_t *o, *gauge;
    int64_t max;

    max = drs_capacity_of(jobs->max_jobs, DRS_LIMIT_JOBS);
    o = json_pack("{s:O*, s:O*}", "accountId",
                  json_object_get(account, "accountId"), "accountName",
                  json_object_get(account, "accountName"));
    (void) drs_json_set_str(o, "region", region);
    json_object_set_new(o, "limits", drs_view_limits());
    json_object_set_new(o, "capacity", drs_quotas_capacity(account));

    gauge = drs_quotas_gauge(jobs->known, jobs->jobs, max);

    if (jobs->known) {
        (void) drs_json_set_int(gauge, "available",
                                drs_capacity_left(max, jobs->jobs));
    } else {
        json_object_set_new(gauge, "available", json_null());
    }

    json_object_set_new(o, "concurrentJobs", gauge);
    json_object_set_new(
        o, "serversInJobs",
        drs_quotas_gauge(
            jobs->known, jobs->servers,
            drs_capacity_of(jobs->max_servers, DRS_LIMIT_SERVERS_IN_JOBS)));

    return o;
}
