/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Commands about what DRS shows (api.md DRS5 to DRS7, DRS10):
 *
 *   drs.jobs         {region, accountId?, jobType?, status?}
 *   drs.replication  {region, accountId?, sourceServerIds?}
 *   drs.service      {region?, accountId?}
 *   drs.inventory    {region?, regions?, sourceAccountId?, filters?,
 *                     currentProtectionGroupId?, filterByProtectionGroup?}
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_time.h"
#include "drs_view_drs.h"

#include "drsw_account.h"
#include "drsw_instances.h"
#include "drsw_jobs.h"
#include "drsw_scan.h"
#include "drsw_sweep.h"
#include "drsw_tasks.h"


#define DRSW_DRS_JOBS_BACK_S (30 * 86400)


/* -- DRS5 ----------------------------------------------------------------- */

static int
drsw_jobs_links(drsw_ctx_t *ctx, const drsw_access_t *access,
                const json_t *jobs, json_t **links)
{
    int     rc;
    size_t  i;
    json_t *ids, *job;

    ids = json_array();

    json_array_foreach (jobs, i, job) {
        if (json_is_string(json_object_get(job, "jobID"))) {
            (void) json_array_append(ids, json_object_get(job, "jobID"));
        }
    }

    rc = drsw_instances_jobs(ctx, drs_str(access->account),
                             drs_str(access->region), ids, links);
    json_decref(ids);

    return rc;
}


static json_t *
drsw_jobs_body(const drsw_access_t *access, const json_t *payload,
               const json_t *jobs, const json_t *links)
{
    size_t  i;
    json_t *list, *sorted, *job;

    list = json_array();

    json_array_foreach (jobs, i, job) {
        if (drs_view_drs_job_matches(job, drs_json_field(payload, "jobType"),
                                     drs_json_field(payload, "status")))
        {
            (void) json_array_append_new(
                list,
                drs_view_drs_job(
                    job, drs_str(access->account), drs_str(access->region),
                    json_object_get(links, json_string_value(json_object_get(
                                               job, "jobID")))));
        }
    }

    sorted = drs_view_drs_jobs_sorted(list);
    json_decref(list);

    return sorted == NULL
               ? NULL
               : json_pack("{s:o, s:I, s:s}", "jobs", sorted, "count",
                           (json_int_t) json_array_size(sorted), "region",
                           access->region);
}


int
drsw_cmd_drs_jobs(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                  drsw_answer_t *answer)
{
    int               rc;
    char              from[DRS_TIME_ISO_SIZE];
    json_t           *jobs, *links;
    drsw_access_t     access;
    drsw_aws_result_t res;

    rc = drsw_instances_place(ctx, cmd, answer, &access);

    if (rc != DRS_OK) {
        return rc == DRS_DECLINED ? DRS_OK : rc;
    }

    drs_time_iso_s(from, drsw_wall_ms() / 1000 - DRSW_DRS_JOBS_BACK_S);

    if (drsw_drs_describe_jobs(ctx->aws, &access.aws, NULL, from, NULL, &jobs,
                               &res)
        != DRSW_AWS_OK)
    {
        return drsw_instances_refused(answer, &access, "reading the jobs",
                                      &res);
    }

    drsw_jobs_note(ctx, &access, jobs);
    rc = drsw_jobs_links(ctx, &access, jobs, &links);

    if (rc == DRS_OK) {
        rc = drsw_answer_body(
            answer, 200, drsw_jobs_body(&access, cmd->payload, jobs, links));
    }

    json_decref(jobs);
    json_decref(links);

    return rc;
}


/* -- DRS6 ----------------------------------------------------------------- */

static json_t *
drsw_replication_body(const drsw_access_t *access, const json_t *servers,
                      drs_str_t ids)
{
    json_t     *list, *sorted, *server, *want;
    drs_str_t   item;
    const char *id;

    list = json_array();
    want = json_object();

    while (ids.len > 0 && drs_str_split(&ids, ',', &item)) {
        (void) json_object_setn_new(want, drs_str_trim(item).data,
                                    drs_str_trim(item).len, json_true());
    }

    json_object_foreach ((json_t *) servers, id, server) {
        if (json_object_size(want) == 0 || json_object_get(want, id) != NULL) {
            (void) json_array_append_new(list,
                                         drs_view_drs_replication(server));
        }
    }

    sorted = drs_view_drs_replication_sorted(list);
    json_decref(want);
    json_decref(list);

    return json_pack("{s:s, s:I, s:o}", "region", access->region, "count",
                     (json_int_t) json_array_size(sorted), "servers", sorted);
}


int
drsw_cmd_drs_replication(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                         drsw_answer_t *answer)
{
    int               rc;
    drsw_scan_t       scan;
    drsw_access_t     access;
    drsw_aws_result_t res;

    rc = drsw_instances_place(ctx, cmd, answer, &access);

    if (rc != DRS_OK) {
        return rc == DRS_DECLINED ? DRS_OK : rc;
    }

    memset(&scan, 0, sizeof(scan));
    rc = drsw_scan(ctx, &access, 0, 0, &scan);

    if (rc == DRS_OK) {
        rc = drsw_answer_body(
            answer, 200,
            drsw_replication_body(
                &access, scan.servers,
                drs_json_field(cmd->payload, "sourceServerIds")));

    } else if (rc == DRS_DECLINED) {
        memset(&res, 0, sizeof(res));
        res.class = scan.class;
        (void) snprintf(res.message, sizeof(res.message), "%.500s", scan.text);
        rc = drsw_instances_refused(answer, &access,
                                    "reading the source servers", &res);
    }

    drsw_scan_free(&scan);

    return rc;
}


/* -- DRS7 ----------------------------------------------------------------- */

static json_t *
drsw_service_row(const drsw_sweep_account_t *a, const drsw_sweep_place_t *p)
{
    char    iso[DRS_TIME_ISO_SIZE], region[64];
    json_t *o;

    (void) snprintf(region, sizeof(region), "%.*s", DRS_STR_ARG(p->name));
    (void) drs_time_iso_ms(iso, p->state.at_ms);

    o = json_pack("{s:s, s:s, s:s, s:I, s:s, s:b}", "region", region,
                  "accountId", a->id, "status",
                  p->state.status[0] != '\0' ? p->state.status : "ERROR",
                  "serverCount", (json_int_t) p->state.servers, "lastUpdated",
                  iso, "initialized", strcmp(p->state.status, "ACTIVE") == 0);

    if (p->state.error[0] != '\0') {
        (void) drs_json_set_str(o, "errorMessage", drs_str(p->state.error));
    }

    return o;
}


static json_t *
drsw_service_body(const drsw_sweep_t *s, drs_str_t region)
{
    size_t                      i, k;
    json_t                     *list;
    const drsw_sweep_account_t *a;

    list = json_array();

    for (i = 0; i < s->n; i++) {
        a = &s->accounts[i];

        for (k = 0; k < a->n; k++) {
            if (region.len == 0 || drs_str_eq(region, a->places[k].name)) {
                (void) json_array_append_new(
                    list, drsw_service_row(a, &a->places[k]));
            }
        }
    }

    return json_pack("{s:o, s:I}", "regions", list, "count",
                     (json_int_t) json_array_size(list));
}


int
drsw_cmd_drs_service(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                     drsw_answer_t *answer)
{
    int          rc;
    json_t      *doc;
    drs_str_t    id;
    drsw_sweep_t s;

    id = drs_json_field(cmd->payload, "accountId");

    if (id.len == 0) {
        id = drs_str(drsw_hub_account(ctx));
    }

    rc = drsw_load_doc(ctx, DRS_KEY_ACCT, id, &doc);

    if (rc == DRS_DECLINED
        && (id.len == 0 || !drs_str_eqz(id, drsw_hub_account(ctx))))
    {
        return drsw_answer_error(
            answer, "INVALID_ACCOUNT",
            json_pack("{s:o}", "accountId", drs_json_new_str(id)),
            "The account is neither the own account nor "
            "registered.");
    }

    if (rc == DRS_ERROR) {
        return rc;
    }

    drsw_sweep_init(&s, ctx, drsw_sweep_budget(ctx, cmd));
    rc = drsw_sweep_add(&s, id, doc, 0);
    rc = (rc == DRS_OK) ? drsw_sweep_servers(&s, 0) : rc;

    if (rc == DRS_OK && s.n > 0 && !s.accounts[0].accessible) {
        rc = drsw_answer_error(answer, "REGION_ACCESS_DENIED",
                               json_pack("{s:o, s:b, s:s}", "accountId",
                                         drs_json_new_str(id), "initialized", 0,
                                         "status", "IAM_PERMISSION_DENIED"),
                               "not authorized: %s", s.accounts[0].error);

    } else if (rc == DRS_OK) {
        rc = drsw_answer_body(
            answer, 200,
            drsw_service_body(&s, drs_json_field(cmd->payload, "region")));
    }

    drsw_sweep_free(&s);
    json_decref(doc);

    return rc;
}
