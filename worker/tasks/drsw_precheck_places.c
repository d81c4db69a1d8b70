
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Facts of the precheck about accounts and Regions: access, jobs, staging
 * accounts, recovery instances that exist.
 */

#include <stdio.h>
#include <string.h>

#include "drs_time.h"
#include "drs_view_instances.h"

#include "drsw_instances.h"
#include "drsw_limits.h"
#include "drsw_precheck.h"


#define DRSW_PRECHECK_CALL_MS 6000
#define DRSW_PRECHECK_BACK_S  (2 * 86400)


/* -- places --------------------------------------------------------------- */

static void
drsw_place_validated(drsw_precheck_t *p, json_t *fact, const char *account)
{
    int64_t ms;
    json_t *doc;

    if (drsw_load_doc(p->s.ctx, DRS_KEY_ACCT, drs_str(account), &doc) != DRS_OK)
    {
        return;
    }

    if (drs_time_parse_ms(drs_json_field(doc, "lastValidated"), &ms) == DRS_OK)
    {
        (void) drs_json_set_int(fact, "validatedMs", ms);
    }

    json_decref(doc);
}


static void
drsw_place_jobs(drsw_precheck_t *p, json_t *fact, drsw_place_t *place)
{
    int     rc;
    size_t  jobs, servers;
    json_t *list;

    if (!drsw_precheck_time(p)) {
        (void) json_object_set_new(fact, "jobsError",
                                   json_string("no time was left to ask"));
        return;
    }

    rc = drsw_start_jobs(&p->s, place);

    if (rc != DRS_OK) {
        (void) json_object_set_new(fact, "jobsError", json_string(place->text));
        return;
    }

    list = json_array();
    drsw_start_count(&p->s, place, &jobs, &servers, list);
    json_decref(list);
    (void) drs_json_set_int(fact, "currentJobs", (int64_t) jobs);
    (void) drs_json_set_int(fact, "serversInJobs", (int64_t) servers);
}


static json_t *
drsw_place_fact(drsw_precheck_t *p, const char *account, const char *region)
{
    return json_pack("{s:s, s:s, s:I, s:I}", "accountId", account, "region",
                     region, "maxJobs", (json_int_t) p->s.ctx->conf->max_jobs,
                     "maxServersInJobs",
                     (json_int_t) p->s.ctx->conf->max_servers_in_jobs);
}


/* Limits of the place itself, where Service Quotas tells them. */
static int
drsw_place_limits(drsw_precheck_t *p, json_t *fact, const drsw_place_t *place)
{
    int           rc;
    drsw_limits_t limits;

    rc = drsw_limits(p->s.ctx, &place->access, &limits);

    if (rc == DRS_OK) {
        (void) drs_json_set_int(fact, "maxJobs", limits.max_jobs);
        (void) drs_json_set_int(fact, "maxServersInJobs", limits.servers);

        (void) drs_json_set_int(fact, "maxSourceServers",
                                limits.source_servers);

        if (drs_json_int(p->facts, "perUnit", 1) > 1) {
            (void) drs_json_set_int(fact, "perUnit", limits.per_job);
        }
    }

    return rc;
}


static int
drsw_place_add(drsw_precheck_t *p, drsw_place_t *place)
{
    int     rc;
    json_t *fact;

    fact = drsw_place_fact(p, place->access.account, place->access.region);
    (void) json_array_append_new(json_object_get(p->facts, "places"), fact);

    if (place->rc != DRS_OK) {
        (void) json_object_set_new(fact, "error", json_string(place->text));

        if (place->code != NULL) {
            (void) json_object_set_new(fact, "code", json_string(place->code));
        }

        return DRS_OK;
    }

    (void) drs_json_set_bool(fact, "own", place->access.aws.role_arn == NULL);
    (void) drs_json_set_int(fact, "sourceServers",
                            (int64_t) json_object_size(place->scan.servers));

    if (!place->scan.live) {
        (void) json_object_set_new(fact, "staleText",
                                   json_string(place->scan.text));
    }

    place->access.aws.timeout_ms = DRSW_PRECHECK_CALL_MS;
    drsw_place_validated(p, fact, place->access.account);
    rc = drsw_place_limits(p, fact, place);
    drsw_place_jobs(p, fact, place);

    return rc;
}


/* -- staging accounts ----------------------------------------------------- */

/* Part of an ARN: arn:aws:drs:<region>:<account>:... */
static drs_str_t
drsw_arn_part(drs_str_t arn, int part)
{
    drs_str_t rest, word;

    rest = arn;
    word = drs_str(NULL);

    while (part-- >= 0 && drs_str_split(&rest, ':', &word)) { /* next */
    }

    return word;
}


/* "target staging region" -> number of servers that replicate there. */
static json_t *
drsw_staging_of(const drsw_precheck_t *p)
{
    char      key[128];
    size_t    n, i;
    json_t   *found, *w, *v, *area;
    drs_str_t staging, region, account;

    found = json_object();

    json_array_foreach (p->s.waves, n, w) {
        json_array_foreach (json_object_get(w, "servers"), i, v) {
            area = json_object_get(json_object_get(v, "item"), "stagingArea");
            staging = drs_json_field(area, "stagingAccountID");
            account = drs_json_field(v, "account");

            if (staging.len == 0 || drs_str_eq(staging, account)) {
                continue;
            }

            region = drsw_arn_part(
                drs_json_field(area, "stagingSourceServerArn"), 3);
            region = region.len > 0 ? region : drs_json_field(v, "region");
            (void) snprintf(key, sizeof(key), "%.*s %.*s %.*s",
                            DRS_STR_ARG(account), DRS_STR_ARG(staging),
                            DRS_STR_ARG(region));
            (void) json_object_set_new(
                found, key,
                json_integer(json_integer_value(json_object_get(found, key))
                             + 1));
        }
    }

    return found;
}


/* Record of a staging account in the target's document (borrowed). */
static const json_t *
drsw_staging_entry(const json_t *target, drs_str_t staging)
{
    size_t  i;
    json_t *v;

    json_array_foreach (json_object_get(target, "stagingAccounts"), i, v) {
        if (drs_str_eq(drs_json_field(v, "accountId"), staging)) {
            return v;
        }
    }

    return NULL;
}


/* Jobs of the staging account; `text` says why not. */
static int
drsw_staging_jobs(drsw_precheck_t *p, const drsw_access_t *access, json_t *fact,
                  char *text, size_t size)
{
    char              from[DRS_TIME_ISO_SIZE];
    size_t            i;
    json_t           *jobs, *job;
    int64_t           active, servers;
    drs_str_t         status;
    drsw_aws_result_t res;

    drs_time_iso_s(from, drsw_wall_ms() / 1000 - DRSW_PRECHECK_BACK_S);

    if (drsw_drs_describe_jobs(p->s.ctx->aws, &access->aws, NULL, from, NULL,
                               &jobs, &res)
        != DRSW_AWS_OK)
    {
        drsw_aws_explain(access, "reading the jobs of the staging account",
                         &res, text, size);
        return DRS_DECLINED;
    }

    active = servers = 0;

    json_array_foreach (jobs, i, job) {
        status = drs_json_field(job, "status");

        if (drs_str_eqz(status, "PENDING") || drs_str_eqz(status, "STARTED")) {
            active++;
            servers += (int64_t) json_array_size(
                json_object_get(job, "participatingServers"));
        }
    }

    json_decref(jobs);
    (void) drs_json_set_int(fact, "currentJobs", active);
    (void) drs_json_set_int(fact, "serversInJobs", servers);

    return DRS_OK;
}


static int
drsw_staging_add(drsw_precheck_t *p, const char *key, const json_t *count)
{
    int           rc;
    char          text[1200], region[48];
    json_t       *fact, *target;
    drs_str_t     rest, account, staging;
    drsw_access_t access;
    const json_t *entry;

    rest = drs_str(key);
    (void) drs_str_split(&rest, ' ', &account);
    (void) drs_str_split(&rest, ' ', &staging);
    (void) snprintf(region, sizeof(region), "%.*s", DRS_STR_ARG(rest));
    rc = drsw_load_doc(p->s.ctx, DRS_KEY_ACCT, account, &target);

    if (rc == DRS_ERROR) {
        return rc;
    }

    fact = drsw_place_fact(p, "", region);
    (void) drs_json_set_str(fact, "accountId", staging);
    (void) json_object_set(fact, "servers", (json_t *) count);
    (void) json_array_append_new(json_object_get(p->facts, "staging"), fact);

    entry = rc == DRS_OK ? drsw_staging_entry(target, staging) : NULL;
    text[0] = '\0';

    if (entry == NULL) {
        (void) snprintf(text, sizeof(text),
                        "it is not registered with the target account");
        rc = DRS_DECLINED;

    } else {
        rc = drsw_access_as(p->s.ctx, staging, drs_str(region), entry, &access,
                            text, sizeof(text));
    }

    if (rc == DRS_OK && !drsw_precheck_time(p)) {
        (void) snprintf(text, sizeof(text), "no time was left to ask");
        rc = DRS_DECLINED;

    } else if (rc == DRS_OK) {
        access.aws.timeout_ms = DRSW_PRECHECK_CALL_MS;
        rc = drsw_staging_jobs(p, &access, fact, text, sizeof(text));
    }

    if (rc == DRS_DECLINED) {
        (void) json_object_set_new(fact, "error", json_string(text));
        rc = DRS_OK;
    }

    json_decref(target);

    return rc;
}


int
drsw_precheck_places(drsw_precheck_t *p)
{
    int         rc;
    size_t      i;
    json_t     *staging, *count;
    const char *key;

    rc = DRS_OK;

    for (i = 0; i < p->s.resolver.nplaces && rc == DRS_OK; i++) {
        rc = drsw_place_add(p, p->s.resolver.places[i]);
    }

    staging = drsw_staging_of(p);

    json_object_foreach (staging, key, count) {
        rc = rc == DRS_OK ? drsw_staging_add(p, key, count) : rc;
    }

    json_decref(staging);

    return rc;
}


/* -- recovery instances --------------------------------------------------- */

/* Servers of the plan at the place that DRS says have an instance. */
static json_t *
drsw_existing_ids(const drsw_precheck_t *p, const drsw_place_t *place)
{
    size_t  n, i;
    json_t *ids, *w, *v;

    ids = json_object();

    json_array_foreach (p->s.waves, n, w) {
        json_array_foreach (json_object_get(w, "servers"), i, v) {
            if (drs_str_eqz(drs_json_field(v, "account"), place->access.account)
                && drs_str_eqz(drs_json_field(v, "region"),
                               place->access.region)
                && drs_json_field(json_object_get(v, "item"),
                                  "recoveryInstanceId")
                           .len
                       > 0)
            {
                (void) json_object_set_new(
                    ids, json_string_value(json_object_get(v, "id")),
                    json_true());
            }
        }
    }

    return ids;
}


static void
drsw_existing_take(drsw_precheck_t *p, const json_t *rows, const json_t *ids)
{
    size_t  i;
    json_t *row, *id;

    json_array_foreach ((json_t *) rows, i, row) {
        id = json_object_get(row, "sourceServerId");

        if (!json_is_string(id) || !drs_view_instance_alive(row)
            || json_object_get(ids, json_string_value(id)) == NULL)
        {
            continue;
        }

        (void) json_array_append_new(json_object_get(p->facts, "existing"),
                                     drs_view_instance_existing(row));
        (void) json_array_append(
            json_object_get(p->facts,
                            json_is_true(json_object_get(row, "isDrill"))
                                ? "existingDrills"
                                : "existingRecoveries"),
            id);
    }
}


static int
drsw_existing_look(drsw_precheck_t *p, drsw_place_t *place, const json_t *ids)
{
    int               rc;
    char              text[1200];
    json_t           *rows;
    drsw_aws_result_t res;

    rows = NULL;
    text[0] = '\0';

    if (!drsw_precheck_time(p)) {
        (void) snprintf(text, sizeof(text), "no time was left to ask");
        rc = DRS_DECLINED;

    } else {
        place->access.aws.timeout_ms = DRSW_PRECHECK_CALL_MS;
        rc = drsw_instances_read(p->s.ctx, &place->access, &rows, &res);

        if (rc == DRS_DECLINED) {
            drsw_aws_explain(&place->access, "reading the recovery instances",
                             &res, text, sizeof(text));
        }
    }

    if (rc == DRS_OK) {
        drsw_existing_take(p, rows, ids);

    } else if (rc == DRS_DECLINED) {
        (void) json_array_append_new(
            json_object_get(p->facts, "existingErrors"),
            json_pack("{s:s, s:s, s:s}", "accountId", place->access.account,
                      "region", place->access.region, "error", text));
        rc = DRS_OK;
    }

    json_decref(rows);

    return rc;
}


int
drsw_precheck_existing(drsw_precheck_t *p)
{
    int           rc;
    size_t        i;
    json_t       *ids;
    drsw_place_t *place;

    static const char *const lists[] = { "existing", "existingDrills",
                                         "existingRecoveries",
                                         "existingErrors" };

    for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        (void) json_object_set_new(p->facts, lists[i], json_array());
    }

    rc = DRS_OK;

    for (i = 0; i < p->s.resolver.nplaces && rc == DRS_OK; i++) {
        place = p->s.resolver.places[i];
        ids = drsw_existing_ids(p, place);

        if (place->rc == DRS_OK && json_object_size(ids) > 0) {
            rc = drsw_existing_look(p, place, ids);
        }

        json_decref(ids);
    }

    return rc;
}
