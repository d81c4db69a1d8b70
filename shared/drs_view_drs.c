/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "drs_view_drs.h"

#include <stdlib.h>

#include "drs_json.h"
#include "drs_rc.h"
#include "drs_view_doc.h"


static void
drs_vd_copy(json_t *o, const char *to, const json_t *src, const char *from)
{
    json_t *v;

    v = json_object_get(src, from);

    if (v != NULL && !json_is_null(v)) {
        (void) json_object_set(o, to, v);
    }
}


/* The same, "" when absent. */
static void
drs_vd_text(json_t *o, const char *to, const json_t *src, const char *from)
{
    drs_str_t s;

    s = drs_json_field(src, from);
    (void) drs_json_set_str(o, to, s.len > 0 ? s : drs_str(""));
}


/* -- jobs ----------------------------------------------------------------- */

/* "<wave>-<seq>" */
static void
drs_vd_wave(json_t *o, const json_t *link)
{
    int64_t   number;
    drs_str_t rest, wave;

    rest = drs_json_field(link, "unitId");

    if (rest.len > 0 && drs_str_split(&rest, '-', &wave)
        && drs_str_i64(wave, &number) == DRS_OK)
    {
        (void) drs_json_set_int(o, "waveNumber", number);
    }
}


json_t *
drs_view_drs_job(const json_t *job, drs_str_t account, drs_str_t region,
                 const json_t *link)
{
    size_t  i;
    json_t *o, *list, *s, *v;

    o = json_object();
    list = json_array();

    json_array_foreach (json_object_get(job, "participatingServers"), i, s) {
        v = json_object();
        drs_vd_text(v, "sourceServerId", s, "sourceServerID");
        drs_vd_copy(v, "recoveryInstanceId", s, "recoveryInstanceID");
        drs_vd_text(v, "launchStatus", s, "launchStatus");
        (void) json_array_append_new(list, v);
    }

    drs_vd_text(o, "jobId", job, "jobID");
    drs_vd_copy(o, "arn", job, "arn");
    drs_vd_text(o, "type", job, "type");
    drs_vd_text(o, "initiatedBy", job, "initiatedBy");
    drs_vd_text(o, "status", job, "status");
    (void) drs_json_set_str(o, "region", region);
    (void) drs_json_set_str(o, "accountId", account);
    drs_vd_text(o, "creationDateTime", job, "creationDateTime");
    drs_vd_copy(o, "endDateTime", job, "endDateTime");
    (void) drs_json_set_int(o, "serverCount", (int64_t) json_array_size(list));
    (void) json_object_set_new(o, "participatingServers", list);

    if (link != NULL) {
        drs_vd_copy(o, "executionId", link, "executionId");
        drs_vd_copy(o, "planId", link, "planId");
        drs_vd_wave(o, link);
    }

    return o;
}


int
drs_view_drs_job_matches(const json_t *job, drs_str_t type, drs_str_t status)
{
    return (type.len == 0 || drs_str_ieq(type, drs_json_field(job, "type")))
           && (status.len == 0
               || drs_str_ieq(status, drs_json_field(job, "status")));
}


static int
drs_vd_job_cmp(const void *a, const void *b)
{
    int           rc;
    const json_t *x, *y;

    x = *(json_t *const *) a;
    y = *(json_t *const *) b;
    rc = drs_str_cmp(drs_json_field(y, "creationDateTime"),
                     drs_json_field(x, "creationDateTime"));

    return rc != 0 ? rc
                   : drs_str_cmp(drs_json_field(y, "jobId"),
                                 drs_json_field(x, "jobId"));
}


/* A new array in the order of cmp. */
static json_t *
drs_vd_sorted(json_t *list, int (*cmp)(const void *a, const void *b))
{
    size_t  i, n;
    json_t *sorted, **v;

    n = json_array_size(list);
    v = calloc(n + 1, sizeof(json_t *));
    sorted = json_array();

    if (v == NULL || sorted == NULL) {
        free(v);
        json_decref(sorted);
        return NULL;
    }

    for (i = 0; i < n; i++) {
        v[i] = json_array_get(list, i);
    }

    qsort(v, n, sizeof(json_t *), cmp);

    for (i = 0; i < n; i++) {
        (void) json_array_append(sorted, v[i]);
    }

    free(v);

    return sorted;
}


json_t *
drs_view_drs_jobs_sorted(json_t *jobs)
{
    return drs_vd_sorted(jobs, drs_vd_job_cmp);
}


/* -- replication ---------------------------------------------------------- */

static void
drs_vd_bytes(json_t *o, const json_t *info)
{
    size_t     i, k;
    json_t    *disk, *v;
    json_int_t sums[3];

    static const char *const from[3] = { "backloggedStorageBytes",
                                         "replicatedStorageBytes",
                                         "totalStorageBytes" };

    if (json_array_size(json_object_get(info, "replicatedDisks")) == 0) {
        return;
    }

    sums[0] = sums[1] = sums[2] = 0;

    json_array_foreach (json_object_get(info, "replicatedDisks"), i, disk) {
        for (k = 0; k < 3; k++) {
            v = json_object_get(disk, from[k]);
            sums[k] += json_integer_value(v);
        }
    }

    for (k = 0; k < 3; k++) {
        (void) drs_json_set_int(o, from[k], sums[k]);
    }
}


json_t *
drs_view_drs_replication(const json_t *server)
{
    json_t       *o;
    drs_str_t     raw, lag, stalled;
    const json_t *info;

    info = json_object_get(server, "dataReplicationInfo");
    raw = drs_json_field(info, "dataReplicationState");
    lag = drs_json_field(info, "lagDuration");

    o = json_object();
    drs_vd_text(o, "sourceServerID", server, "sourceServerID");
    drs_vd_text(o, "hostname",
                json_object_get(json_object_get(server, "sourceProperties"),
                                "identificationHints"),
                "hostname");
    (void) drs_json_set_str(o, "state", drs_view_replication_state(raw));
    (void) drs_json_set_str(o, "replicationState",
                            raw.len > 0 ? raw : drs_str("UNKNOWN"));
    (void) drs_json_set_str(o, "lagDuration",
                            lag.len > 0 ? lag : drs_str("UNKNOWN"));
    drs_vd_copy(o, "etaDateTime", info, "etaDateTime");
    drs_vd_bytes(o, info);
    drs_vd_text(o, "lastSeen", json_object_get(server, "lifeCycle"),
                "lastSeenByServiceDateTime");

    stalled =
        drs_json_field(json_object_get(info, "dataReplicationError"), "error");

    if (stalled.len > 0) {
        (void) drs_json_set_str(o, "stalledReason", stalled);
    }

    return o;
}


static int
drs_vd_server_cmp(const void *a, const void *b)
{
    return drs_str_cmp(drs_json_field(*(json_t *const *) a, "sourceServerID"),
                       drs_json_field(*(json_t *const *) b, "sourceServerID"));
}


json_t *
drs_view_drs_replication_sorted(json_t *servers)
{
    return drs_vd_sorted(servers, drs_vd_server_cmp);
}


/* -- inventory ------------------------------------------------------------ */

static int
drs_vd_filter_text(const json_t *doc, const char *name, drs_str_t *s)
{
    return drs_json_get_str(doc, "filters", name, DRS_JSON_OPTIONAL, s, NULL)
                   >= 0
               ? DRS_OK
               : DRS_DECLINED;
}


int
drs_view_inventory_filter(drs_str_t text, drs_inventory_filter_t *f,
                          json_t **doc)
{
    if (text.len == 0) {
        *doc = json_object();
        return DRS_OK;
    }

    *doc = drs_json_parse(text, NULL, NULL);

    if (!json_is_object(*doc)
        || drs_vd_filter_text(*doc, "hostname", &f->hostname) != DRS_OK
        || drs_vd_filter_text(*doc, "replicationState", &f->state) != DRS_OK
        || drs_vd_filter_text(*doc, "stagingAccountId", &f->staging) != DRS_OK
        || drs_vd_filter_text(*doc, "sourceAccountId", &f->source) != DRS_OK
        || drs_json_get_int(*doc, "filters", "minCpuCores", DRS_JSON_OPTIONAL,
                            0, INT64_MAX, &f->min_cores, NULL)
               < 0
        || drs_json_get_int(*doc, "filters", "minRamBytes", DRS_JSON_OPTIONAL,
                            0, INT64_MAX, &f->min_ram, NULL)
               < 0)
    {
        return DRS_DECLINED;
    }

    return DRS_OK;
}


static int
drs_vd_is(drs_str_t want, drs_str_t have, drs_str_t otherwise)
{
    return want.len == 0 || drs_str_eq(want, have.len > 0 ? have : otherwise);
}


int
drs_view_inventory_matches(const drs_inventory_filter_t *f,
                           const json_t *server, drs_str_t account)
{
    drs_str_t     none;
    const json_t *hw;

    none = drs_str("");
    hw = json_object_get(server, "hardware");

    return drs_vd_is(f->hostname, drs_json_field(server, "hostname"), none)
           && drs_vd_is(f->state, drs_json_field(server, "replicationState"),
                        none)
           && drs_vd_is(f->staging, drs_json_field(server, "stagingAccountId"),
                        account)
           && drs_vd_is(f->source, drs_json_field(server, "sourceAccountId"),
                        account)
           && drs_json_int(hw, "totalCores", 0) >= f->min_cores
           && drs_json_int(hw, "ramBytes", 0) >= f->min_ram;
}
