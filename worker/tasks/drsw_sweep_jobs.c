
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Jobs and figures of places that were swept.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_time.h"

#include "drsw_jobs.h"
#include "drsw_limits.h"
#include "drsw_sweep_int.h"


#define DRSW_SWEEP_JOBS_S (2 * 86400) /* DRS ends jobs within a day */


static void
drsw_sweep_ask_jobs(drsw_aws_t *aws, void *item, int64_t timeout_ms)
{
    char                from[DRS_TIME_ISO_SIZE];
    drsw_sweep_place_t *p;

    p = item;
    p->access.aws.timeout_ms = timeout_ms;
    drs_time_iso_s(from, drsw_wall_ms() / 1000 - DRSW_SWEEP_JOBS_S);
    (void) drsw_drs_describe_jobs(aws, &p->access.aws, NULL, from, NULL,
                                  &p->items, &p->res);
}


static void
drsw_sweep_count_jobs(drsw_sweep_place_t *p)
{
    size_t    i;
    int64_t   servers;
    json_t   *job;
    drs_str_t status, id;

    json_array_foreach (p->items, i, job) {
        status = drs_json_field(job, "status");

        if (!drs_str_eqz(status, "PENDING") && !drs_str_eqz(status, "STARTED"))
        {
            continue;
        }

        servers = (int64_t) json_array_size(
            json_object_get(job, "participatingServers"));
        p->jobs++;
        p->in_jobs += servers;
        id = drs_json_field(job, "jobID");

        if (servers > p->largest || p->largest_id[0] == '\0') {
            p->largest = servers;
            (void) snprintf(p->largest_id, sizeof(p->largest_id), "%.*s",
                            DRS_STR_ARG(id));
        }
    }

    json_decref(p->items);
    p->items = NULL;
}


static int
drsw_sweep_wants_jobs(const drsw_sweep_place_t *p, drs_str_t region)
{
    size_t i;

    static const char *const always[] = { "us-east-1", "us-west-2", "eu-west-1",
                                          "ap-southeast-1" };

    if (region.len > 0) {
        return drs_str_eq(p->name, region) && !drsw_region_is_closed(&p->state);
    }

    if (drsw_region_is_active(&p->state)) {
        return 1;
    }

    for (i = 0; i < sizeof(always) / sizeof(always[0]); i++) {
        if (drs_str_eqz(p->name, always[i])) {
            return strcmp(p->state.status, "ACTIVE") == 0;
        }
    }

    return 0;
}


int
drsw_sweep_jobs(drsw_sweep_t *s, drs_str_t region)
{
    size_t                i, k, n;
    void                **items;
    drsw_sweep_account_t *a;
    drsw_sweep_place_t   *p;

    items = drsw_sweep_items(s);

    if (items == NULL) {
        return DRS_ERROR;
    }

    n = 0;

    for (i = 0; i < s->n; i++) {
        a = &s->accounts[i];

        for (k = 0; a->accessible && !a->staging && k < a->n; k++) {
            p = &a->places[k];

            if (drsw_sweep_wants_jobs(p, region)) {
                p->due_jobs = 1;
                drsw_sweep_late(&p->res);
                items[n++] = p;
            }
        }
    }

    drsw_sweep_run(s, drsw_sweep_ask_jobs, items, n);

    while (n > 0) {
        p = items[--n];
        p->jobs_failed = (p->res.class != DRSW_AWS_OK);

        if (!p->jobs_failed) {
            drsw_jobs_note(s->ctx, &p->access, p->items);
            drsw_sweep_count_jobs(p);
        }
    }

    free(items);
    return DRS_OK;
}


/* Limits of a Region in use, where Service Quotas told them. */
static void
drsw_sweep_limits(const drsw_sweep_t *s, const drsw_sweep_place_t *p, json_t *r)
{
    drsw_limits_t limits;

    if (p->state.servers > 0
        && drsw_limits_known(s->ctx, &p->access, &limits) == DRS_OK)
    {
        (void) drs_json_set_int(r, "maxReplicating", limits.replicating);
        (void) drs_json_set_int(r, "maxSourceServers", limits.source_servers);
    }
}


json_t *
drsw_sweep_figures(const drsw_sweep_t *s)
{
    size_t                      i, k;
    json_t                     *list, *o, *regions, *r;
    const drsw_sweep_place_t   *p;
    const drsw_sweep_account_t *a;

    list = json_array();

    for (i = 0; i < s->n; i++) {
        a = &s->accounts[i];
        regions = json_array();

        for (k = 0; k < a->n; k++) {
            p = &a->places[k];
            r = json_pack("{s:s%, s:s, s:I, s:I}", "region", p->name.data,
                          p->name.len, "status", p->state.status,
                          "totalServers", (json_int_t) p->state.servers,
                          "replicatingServers",
                          (json_int_t) p->state.replicating);

            drsw_sweep_limits(s, p, r);

            if (p->failed) {
                (void) json_object_set_new(r, "error",
                                           json_string(p->state.error));
            }

            (void) json_array_append_new(regions, r);
        }

        o = json_pack("{s:s, s:s, s:s, s:b, s:b, s:o}", "accountId", a->id,
                      "accountName", a->name, "accountType",
                      a->staging ? "staging" : "target", "accessible",
                      a->accessible, "denied", a->denied, "regions", regions);

        if (a->error[0] != '\0') {
            (void) json_object_set_new(o, "error", json_string(a->error));
        }

        (void) json_array_append_new(list, o);
    }

    return list;
}
