/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdio.h>
#include <string.h>

#include "drs_json.h"
#include "drs_time.h"
#include "drs_view_capacity_internal.h"


/* Operational maximum of an account (engine.md 3.4). */
#define DRS_CAPACITY_OPERATIONAL 250


static const char *const drs_capacity_names[] = { "OK", "INFO", "WARNING",
                                                  "CRITICAL",
                                                  "HYPER-CRITICAL" };

static const char *const drs_capacity_advice[] = {
    "Capacity OK", "Monitor capacity usage", "Consider adding staging account",
    "Add staging accounts immediately", "Immediate action required"
};


int
drs_capacity_rank(const char *status)
{
    int i;

    for (i = 4; i > 0; i--) {
        if (strcmp(drs_capacity_names[i], status) == 0) {
            break;
        }
    }

    return i;
}


drs_str_t
drs_capacity_staging(const json_t *server, drs_str_t account)
{
    drs_str_t id, none = drs_null_string;

    id = drs_json_field(json_object_get(server, "stagingArea"),
                        "stagingAccountID");

    return (id.len == 0 || drs_str_eq(id, account)) ? none : id;
}


int
drs_capacity_counts(const json_t *server, drs_str_t account)
{
    size_t    i;
    drs_str_t state;

    static const char *const states[] = {
        "CONTINUOUS", "INITIAL_SYNC",      "RESCAN",
        "INITIATING", "CREATING_SNAPSHOT", "BACKLOG"
    };

    state = drs_json_field(json_object_get(server, "dataReplicationInfo"),
                           "dataReplicationState");

    for (i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        if (drs_str_eqz(state, states[i])) {
            return drs_capacity_staging(server, account).len == 0;
        }
    }

    return 0;
}


const char *
drs_capacity_status(int64_t replicating)
{
    return drs_capacity_names[replicating >= 280   ? 4
                              : replicating >= 250 ? 3
                              : replicating >= 225 ? 2
                              : replicating >= 200 ? 1
                                                   : 0];
}


int64_t
drs_capacity_scaled(int64_t replicating, int64_t max)
{
    return max > 0 ? replicating * DRS_LIMIT_REPLICATING / max : replicating;
}


const char *
drs_capacity_status_of(int64_t replicating, int64_t max)
{
    return drs_capacity_status(drs_capacity_scaled(replicating, max));
}


int64_t
drs_capacity_limit(const json_t *region, const char *name)
{
    return drs_json_int(region, name,
                        strcmp(name, "maxReplicating") == 0
                            ? DRS_LIMIT_REPLICATING
                            : DRS_LIMIT_SOURCE_SERVERS);
}


const char *
drs_capacity_combined(int64_t replicating, int64_t accounts)
{
    int64_t op;

    if (accounts <= 0) {
        return "OK";
    }

    op = accounts * DRS_CAPACITY_OPERATIONAL;

    return drs_capacity_names[replicating >= accounts * DRS_LIMIT_REPLICATING
                                  ? 4
                              : replicating >= op            ? 3
                              : replicating * 100 >= op * 93 ? 2
                              : replicating * 100 >= op * 83 ? 1
                                                             : 0];
}


int64_t
drs_capacity_left(int64_t max, int64_t used)
{
    return used < max ? max - used : 0;
}


json_t *
drs_capacity_percent(int64_t used, int64_t max, int digits)
{
    int64_t scale, v;

    if (max <= 0) {
        return json_integer(0);
    }

    scale = digits == 1 ? 10 : 100;
    v = (used * 100 * scale * 2 + max) / (2 * max);

    return drs_json_new_number((double) v / (double) scale);
}


void
drs_capacity_sum(const json_t *account, drs_capacity_sums_t *s)
{
    size_t  i;
    json_t *r;
    int64_t total, replicating, max, source;

    memset(s, 0, sizeof(*s));
    s->most = DRS_LIMIT_REPLICATING;
    s->source = DRS_LIMIT_SOURCE_SERVERS;

    json_array_foreach (json_object_get(account, "regions"), i, r) {
        total = drs_json_int(r, "totalServers", 0);
        replicating = drs_json_int(r, "replicatingServers", 0);

        s->total += total;
        s->replicating += replicating;
        s->active += (total > 0);
        s->failed += (json_object_get(r, "error") != NULL);
        max = drs_capacity_limit(r, "maxReplicating");
        source = drs_capacity_limit(r, "maxSourceServers");

        if (total > 0) {
            s->max += max;
            s->source =
                s->active == 1 || source < s->source ? source : s->source;
        }

        if (total > 0
            && (s->active == 1 || replicating * s->most > s->worst * max)) {
            s->worst = replicating;
            s->most = max;
        }
    }
}


static json_t *
drs_capacity_breakdown(const json_t *account)
{
    size_t  i;
    json_t *list, *r, *o;
    int64_t total, replicating, max;

    list = json_array();

    json_array_foreach (json_object_get(account, "regions"), i, r) {
        total = drs_json_int(r, "totalServers", 0);
        replicating = drs_json_int(r, "replicatingServers", 0);

        if (total == 0 && json_object_get(r, "error") == NULL) {
            continue;
        }

        max = drs_capacity_limit(r, "maxReplicating");
        o = json_pack("{s:O, s:I, s:I, s:I, s:I, s:o, s:s}", "region",
                      json_object_get(r, "region"), "totalServers",
                      (json_int_t) total, "replicatingServers",
                      (json_int_t) replicating, "maxReplicating",
                      (json_int_t) max, "availableSlots",
                      (json_int_t) drs_capacity_left(max, replicating),
                      "percentUsed", drs_capacity_percent(replicating, max, 2),
                      "status", drs_capacity_status_of(replicating, max));

        if (json_object_get(r, "error") != NULL) {
            json_object_set(o, "error", json_object_get(r, "error"));
        } else {
            json_object_set_new(o, "error", json_null());
        }

        json_array_append_new(list, o);
    }

    return list;
}


static json_t *
drs_capacity_warning(const json_t *account, const drs_capacity_sums_t *s,
                     int rank)
{
    char      text[320];
    drs_str_t name, id;

    name = drs_json_field(account, "accountName");
    id = drs_json_field(account, "accountId");

    (void) snprintf(
        text, sizeof(text),
        "%s: account %.*s (%.*s) has %lld "
        "replicating servers in one Region of at most %lld. %s.",
        drs_capacity_names[rank], (int) (name.len > 160 ? 160 : name.len),
        name.len > 0 ? name.data : "", DRS_STR_ARG(id), (long long) s->worst,
        (long long) s->most, drs_capacity_advice[rank]);

    return json_string(text);
}


/* An account of AC13; its warning goes to the common list too. */
static json_t *
drs_capacity_account(const json_t *account, json_t *warnings)
{
    int                 rank, accessible;
    json_t             *o, *own, *w;
    int64_t             max;
    const char         *status;
    drs_capacity_sums_t s;

    drs_capacity_sum(account, &s);
    accessible = json_is_true(json_object_get(account, "accessible"));
    max = s.max;
    status = drs_capacity_status_of(s.worst, s.most);
    rank = drs_capacity_rank(status);
    own = json_array();

    if (!accessible) {
        memset(&s, 0, sizeof(s));
        max = 0;
        status = "UNKNOWN";

    } else if (rank > 0) {
        w = drs_capacity_warning(account, &s, rank);
        json_array_append(own, w);
        json_array_append_new(warnings, w);
    }

    o = json_pack("{s:O*, s:O*, s:O*, s:I, s:I, s:I, s:I, s:o, s:s, s:b}",
                  "accountId", json_object_get(account, "accountId"),
                  "accountName", json_object_get(account, "accountName"),
                  "accountType", json_object_get(account, "accountType"),
                  "replicatingServers", (json_int_t) s.replicating,
                  "totalServers", (json_int_t) s.total, "maxReplicating",
                  (json_int_t) max, "availableSlots",
                  (json_int_t) drs_capacity_left(max, s.replicating),
                  "percentUsed", drs_capacity_percent(s.replicating, max, 2),
                  "status", status, "accessible", accessible);

    if (json_object_get(account, "error") != NULL) {
        json_object_set(o, "error", json_object_get(account, "error"));
    }

    (void) drs_json_set_int(o, "activeRegions", s.active);
    (void) drs_json_set_int(o, "totalRegionalCapacity", max);
    json_object_set_new(o, "warnings", own);
    json_object_set_new(o, "regionalBreakdown",
                        accessible ? drs_capacity_breakdown(account)
                                   : json_array());

    return o;
}


/* Region -> {servers, accounts} of the accessible accounts, in the order of
 * the input. */
static json_t *
drs_capacity_by_region(const json_t *accounts)
{
    size_t      i, k;
    json_t     *map, *a, *r, *o;
    int64_t     source;
    const char *name;

    map = json_object();

    json_array_foreach ((json_t *) accounts, i, a) {
        if (!json_is_true(json_object_get(a, "accessible"))) {
            continue;
        }

        json_array_foreach (json_object_get(a, "regions"), k, r) {
            name = json_string_value(json_object_get(r, "region"));

            if (name == NULL || drs_json_int(r, "totalServers", 0) == 0) {
                continue;
            }

            o = json_object_get(map, name);
            if (o == NULL) {
                o = json_object();
                json_object_set_new(map, name, o);
            }

            (void) drs_json_set_int(
                o, "servers",
                drs_json_int(o, "servers", 0)
                    + drs_json_int(r, "replicatingServers", 0));
            (void) drs_json_set_int(o, "accounts",
                                    drs_json_int(o, "accounts", 0) + 1);
            (void) drs_json_set_int(
                o, "max",
                drs_json_int(o, "max", 0)
                    + drs_capacity_limit(r, "maxReplicating"));
            source = drs_capacity_limit(r, "maxSourceServers");

            if (source < drs_json_int(o, "source", source + 1)) {
                (void) drs_json_set_int(o, "source", source);
            }
        }
    }

    return map;
}


static json_t *
drs_capacity_regional(const json_t *map)
{
    json_t     *list, *o;
    int64_t     n, accounts, max, source;
    const char *name;

    list = json_array();

    json_object_foreach ((json_t *) map, name, o) {
        n = drs_json_int(o, "servers", 0);
        accounts = drs_json_int(o, "accounts", 0);
        max = drs_json_int(o, "max", 0);
        source = drs_json_int(o, "source", 0);

        json_array_append_new(
            list,
            json_pack("{s:s, s:I, s:I, s:o, s:I, s:I, s:I, s:o, s:I, s:I}",
                      "region", name, "replicatingServers", (json_int_t) n,
                      "maxReplicating", (json_int_t) max, "replicationPercent",
                      drs_capacity_percent(n, max, 2), "replicationAvailable",
                      (json_int_t) drs_capacity_left(max, n), "recoveryServers",
                      (json_int_t) n, "recoveryMax", (json_int_t) source,
                      "recoveryPercent", drs_capacity_percent(n, source, 2),
                      "recoveryAvailable",
                      (json_int_t) drs_capacity_left(source, n), "accountCount",
                      (json_int_t) accounts));
    }

    return list;
}


static json_t *
drs_capacity_recovery(int64_t replicating, const json_t *map)
{
    json_t     *o;
    int64_t     max;
    const char *status, *name;

    max = 0;

    json_object_foreach ((json_t *) map, name, o) {
        max += drs_json_int(o, "source", 0);
    }

    status = replicating * 100 >= max * 90   ? "CRITICAL"
             : replicating * 100 >= max * 80 ? "WARNING"
                                             : "OK";

    if (max == 0) {
        status = "OK";
    }

    return json_pack(
        "{s:I, s:I, s:I, s:o, s:s}", "currentServers", (json_int_t) replicating,
        "maxRecoveryInstances", (json_int_t) max, "availableSlots",
        (json_int_t) drs_capacity_left(max, replicating), "percentUsed",
        drs_capacity_percent(replicating, max, 2), "status", status);
}


int64_t
drs_capacity_of(int64_t max, int64_t documented)
{
    return max > 0 ? max : documented;
}


static json_t *
drs_capacity_gauge(int64_t current, int64_t max)
{
    return json_pack("{s:I, s:I, s:I}", "current", (json_int_t) current, "max",
                     (json_int_t) max, "available",
                     (json_int_t) drs_capacity_left(max, current));
}


static void
drs_capacity_jobs(json_t *o, const drs_capacity_jobs_t *jobs)
{
    int     full;
    char    text[160];
    json_t *m;
    int64_t max;

    max = drs_capacity_of(jobs->max_per_job, DRS_LIMIT_SERVERS_PER_JOB);
    json_object_set_new(
        o, "concurrentJobs",
        drs_capacity_gauge(jobs->jobs,
                           drs_capacity_of(jobs->max_jobs, DRS_LIMIT_JOBS)));
    json_object_set_new(
        o, "serversInJobs",
        drs_capacity_gauge(
            jobs->servers,
            drs_capacity_of(jobs->max_servers, DRS_LIMIT_SERVERS_IN_JOBS)));

    m = drs_capacity_gauge(jobs->largest, max);
    full = jobs->largest * 10 >= max * 9;

    if (jobs->largest_id.len > 0) {
        (void) drs_json_set_str(m, "jobId", jobs->largest_id);
        (void) snprintf(text, sizeof(text),
                        "The largest job has %lld of at "
                        "most %lld servers.",
                        (long long) jobs->largest, (long long) max);

    } else {
        json_object_set_new(m, "jobId", json_null());
        (void) snprintf(text, sizeof(text), "No active jobs.");
    }

    (void) drs_json_set_str(m, "status", drs_str(full ? "WARNING" : "OK"));
    (void) drs_json_set_str(m, "message", drs_str(text));
    json_object_set_new(o, "maxServersPerJob", m);
}


/* The fullest account and Region, because the 300 hold per Region. */
static json_t *
drs_capacity_worst(const json_t *accounts)
{
    size_t  i, k;
    json_t *a, *r, *o;
    int64_t n, max, worst, most;

    worst = -1;
    most = 1;
    o = NULL;

    json_array_foreach ((json_t *) accounts, i, a) {
        if (!json_is_true(json_object_get(a, "accessible"))) {
            continue;
        }

        json_array_foreach (json_object_get(a, "regions"), k, r) {
            n = drs_json_int(r, "replicatingServers", 0);
            max = drs_capacity_limit(r, "maxReplicating");

            if (drs_json_int(r, "totalServers", 0) > 0
                && n * most > worst * max) {
                worst = n;
                most = max;
                json_decref(o);
                o = json_pack("{s:O, s:O, s:I, s:I, s:s}", "accountId",
                              json_object_get(a, "accountId"), "region",
                              json_object_get(r, "region"),
                              "replicatingServers", (json_int_t) n, "max",
                              (json_int_t) max, "status",
                              drs_capacity_status_of(n, max));
            }
        }
    }

    return o != NULL ? o : json_null();
}


static json_t *
drs_capacity_total(const json_t *accounts, json_t *warnings,
                   int64_t *replicating)
{
    int                 rank;
    char                text[200];
    size_t              i;
    json_t             *a;
    int64_t             total, max, n;
    const char         *status;
    drs_capacity_sums_t s;

    total = max = n = 0;

    json_array_foreach ((json_t *) accounts, i, a) {
        if (json_is_true(json_object_get(a, "accessible"))) {
            drs_capacity_sum(a, &s);
            total += s.replicating;
            max += s.max;
            n++;
        }
    }

    *replicating = total;
    status = drs_capacity_combined(total, n);
    rank = drs_capacity_rank(status);

    if (rank > 0) {
        (void) snprintf(text, sizeof(text),
                        "%s: all accounts together have "
                        "%lld replicating servers. %s.",
                        status, (long long) total, drs_capacity_advice[rank]);
        json_array_append_new(warnings, json_string(text));
    }

    return json_pack("{s:I, s:I, s:o, s:I, s:s, s:s}", "totalReplicating",
                     (json_int_t) total, "maxReplicating", (json_int_t) max,
                     "percentUsed", drs_capacity_percent(total, max, 2),
                     "availableSlots",
                     (json_int_t) drs_capacity_left(max, total), "status",
                     status, "message", drs_capacity_advice[rank]);
}


json_t *
drs_view_capacity(const json_t *accounts, const drs_capacity_jobs_t *jobs,
                  int64_t now_ms)
{
    char    iso[DRS_TIME_ISO_SIZE];
    size_t  i;
    json_t *o, *list, *warnings, *a, *map, *combined;
    int64_t replicating;

    o = json_object();
    list = json_array();
    warnings = json_array();

    json_array_foreach ((json_t *) accounts, i, a) {
        json_array_append_new(list, drs_capacity_account(a, warnings));
    }

    map = drs_capacity_by_region(accounts);
    combined = drs_capacity_total(accounts, warnings, &replicating);

    json_object_set_new(o, "combined", combined);
    json_object_set_new(o, "accounts", list);
    json_object_set_new(o, "recoveryCapacity",
                        drs_capacity_recovery(replicating, map));
    json_object_set_new(o, "regionalCapacity", drs_capacity_regional(map));
    drs_capacity_jobs(o, jobs);
    json_object_set_new(o, "worst", drs_capacity_worst(accounts));
    json_object_set_new(o, "warnings", warnings);
    (void) drs_time_iso_ms(iso, now_ms);
    (void) drs_json_set_str(o, "timestamp", drs_str(iso));
    json_decref(map);

    return o;
}


json_t *
drs_view_limits(void)
{
    return json_pack(
        "{s:i, s:i, s:i, s:i, s:i, s:i, s:i}", "MAX_SERVERS_PER_JOB",
        DRS_LIMIT_SERVERS_PER_JOB, "MAX_CONCURRENT_JOBS", DRS_LIMIT_JOBS,
        "MAX_SERVERS_IN_ALL_JOBS", DRS_LIMIT_SERVERS_IN_JOBS,
        "MAX_REPLICATING_SERVERS", DRS_LIMIT_REPLICATING, "MAX_SOURCE_SERVERS",
        DRS_LIMIT_SOURCE_SERVERS, "WARNING_REPLICATING_THRESHOLD",
        DRS_LIMIT_REPLICATING_WARNING, "CRITICAL_REPLICATING_THRESHOLD",
        DRS_LIMIT_REPLICATING_CRITICAL);
}
