/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Recovery instances that are there: commands plan.existing {planId} (RP6,
 * RP7), drs.failover {region, accountId?} (DRS8), instances.sync (DRS13), and
 * the tasks `instances`, which reads every place with source servers, and
 * instances:<account>:<region>, which reads one (engine.md 4.5).
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_model_plan.h"
#include "drs_time.h"
#include "drs_view_instances.h"

#include "drsw_account.h"
#include "drsw_instances.h"
#include "drsw_jobs.h"
#include "drsw_region.h"
#include "drsw_resolve.h"
#include "drsw_runs.h"
#include "drsw_sweep.h"
#include "drsw_tasks.h"


#define DRSW_INSTANCES_ERRORS    50
#define DRSW_INSTANCES_BUDGET_MS 300000 /* of one run of the task */
#define DRSW_INSTANCES_CALL_MS   8000

/* RP6: no place is asked later; members by an inventory of this age */
#define DRSW_EXISTING_ASK_MS  8000
#define DRSW_EXISTING_CALL_MS 5000
#define DRSW_EXISTING_AGE_MS  INT64_C(604800000)


/* -- RP6, RP7 ------------------------------------------------------------- */

typedef struct {
    drsw_ctx_t *ctx;
    json_t     *places; /* "account region" -> {id: true} */
    json_t     *found;  /* of the answer */
    int64_t     until_mono_ms;
    char        error[1024];
} drsw_existing_t;


/* Members of a group now; when the place cannot be asked, those stored. */
static int
drsw_existing_group(drsw_existing_t *x, drsw_resolver_t *r, const json_t *group)
{
    int           rc;
    char          key[64];
    size_t        i;
    json_t       *ids, *id, *set;
    drs_str_t     account, region;
    drsw_place_t *place;

    rc = drsw_resolver_group(r, group, &ids, &place);

    if (rc == DRS_ERROR) {
        return rc;
    }

    if (rc == DRS_DECLINED) {
        ids = json_incref(json_object_get(group, "sourceServerIds"));
    }

    account = drsw_group_account(x->ctx, group);
    region = drs_json_field(group, "region");
    (void) snprintf(key, sizeof(key), "%.*s %.*s", DRS_STR_ARG(account),
                    DRS_STR_ARG(region));
    set = json_object_get(x->places, key);

    if (set == NULL) {
        set = json_object();
        (void) json_object_set_new(x->places, key, set);
    }

    json_array_foreach (ids, i, id) {
        (void) json_object_set_new(set, json_string_value(id), json_true());
    }

    json_decref(ids);

    return DRS_OK;
}


/* Rows of a place: read now, else what the cache has. */
static int
drsw_existing_rows(drsw_existing_t *x, drs_str_t account, drs_str_t region,
                   json_t **rows)
{
    int               rc;
    int64_t           at;
    drsw_access_t     access;
    drsw_aws_result_t res;

    *rows = NULL;
    rc = drsw_access(x->ctx, account, region, &access, x->error,
                     sizeof(x->error));

    if (rc == DRS_OK && drsw_mono_ms() >= x->until_mono_ms) {
        (void) snprintf(x->error, sizeof(x->error),
                        "there was no time left "
                        "to ask in %s",
                        access.region);
        rc = DRS_DECLINED;

    } else if (rc == DRS_OK) {
        access.aws.timeout_ms = DRSW_EXISTING_CALL_MS;
        rc = drsw_instances_read(x->ctx, &access, rows, &res);

        if (rc == DRS_DECLINED) {
            drsw_aws_explain(&access, "reading the recovery instances", &res,
                             x->error, sizeof(x->error));
        }
    }

    return rc == DRS_DECLINED
               ? drsw_instances_cached(x->ctx, account, region, rows, &at)
               : rc;
}


static int
drsw_existing_place(drsw_existing_t *x, const char *key, const json_t *ids)
{
    int       rc;
    size_t    i;
    json_t   *rows, *row;
    drs_str_t account, region;

    region = drs_str(key);
    (void) drs_str_split(&region, ' ', &account);
    rc = drsw_existing_rows(x, account, region, &rows);

    json_array_foreach (rows, i, row) {
        if (drs_view_instance_alive(row)
            && json_object_get(ids, json_string_value(
                                        json_object_get(row, "sourceServerId")))
                   != NULL)
        {
            (void) json_array_append_new(x->found,
                                         drs_view_instance_existing(row));
        }
    }

    json_decref(rows);

    return rc;
}


static int
drsw_existing_find(drsw_existing_t *x, const json_t *plan)
{
    int             rc;
    json_t         *ids, *groups, *group, *set;
    const char     *key;
    drsw_resolver_t r;

    ids = drs_model_plan_groups(plan);
    rc = drsw_load_docs(x->ctx, DRS_KEY_PG, ids, &groups);
    json_decref(ids);

    if (rc != DRS_OK) {
        return rc;
    }

    drsw_resolver_init(&r, x->ctx, groups, DRSW_EXISTING_AGE_MS,
                       DRSW_EXISTING_AGE_MS);

    json_object_foreach (groups, key, group) {
        rc = (rc == DRS_OK) ? drsw_existing_group(x, &r, group) : rc;
    }

    drsw_resolver_free(&r);

    json_object_foreach (x->places, key, set) {
        rc = (rc == DRS_OK) ? drsw_existing_place(x, key, set) : rc;
    }

    return rc;
}


int
drsw_cmd_plan_existing(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                       drsw_answer_t *answer)
{
    int             rc;
    json_t         *plan;
    drs_str_t       id;
    drsw_existing_t x;

    id = drs_json_field(cmd->payload, "planId");
    rc = drsw_load_doc(ctx, DRS_KEY_PLAN, id, &plan);

    if (rc == DRS_DECLINED) {
        return drsw_answer_error(answer, "RECOVERY_PLAN_UNKNOWN",
                                 json_pack("{s:s%}", "planId", id.data, id.len),
                                 "There is no recovery plan %.*s.",
                                 DRS_STR_ARG(id));
    }

    if (rc != DRS_OK) {
        return rc;
    }

    memset(&x, 0, sizeof(x));
    x.ctx = ctx;
    x.until_mono_ms = drsw_mono_ms() + DRSW_EXISTING_ASK_MS;
    x.places = json_object();
    x.found = json_array();
    rc = drsw_existing_find(&x, plan);

    if (rc == DRS_OK) {
        rc = drsw_answer_body(
            answer, 200,
            json_pack("{s:b, s:I, s:s%, s:O}", "hasExistingInstances",
                      json_array_size(x.found) > 0, "instanceCount",
                      (json_int_t) json_array_size(x.found), "planId", id.data,
                      id.len, "existingInstances", x.found));

    } else if (rc == DRS_DECLINED) {
        rc = drsw_answer_error(answer, "CHECK_FAILED",
                               json_pack("{s:s%}", "planId", id.data, id.len),
                               "The recovery instances could not be read: "
                               "%s",
                               x.error);
    }

    json_decref(plan);
    json_decref(x.places);
    json_decref(x.found);

    return rc;
}


/* -- DRS8 ----------------------------------------------------------------- */

int
drsw_cmd_failover(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                  drsw_answer_t *answer)
{
    int               rc;
    size_t            i;
    json_t           *rows, *row, *list;
    drsw_access_t     access;
    drsw_aws_result_t res;

    rc = drsw_instances_place(ctx, cmd, answer, &access);

    if (rc != DRS_OK) {
        return rc == DRS_DECLINED ? DRS_OK : rc;
    }

    rc = drsw_instances_read(ctx, &access, &rows, &res);

    if (rc == DRS_DECLINED) {
        return drsw_instances_refused(answer, &access,
                                      "reading the recovery instances", &res);
    }

    if (rc != DRS_OK) {
        return rc;
    }

    list = json_array();

    json_array_foreach (rows, i, row) {
        (void) json_array_append_new(list, drs_view_instance_failover(row));
    }

    json_decref(rows);

    return drsw_answer_body(answer, 200,
                            json_pack("{s:o, s:I}", "recoveryInstances", list,
                                      "count",
                                      (json_int_t) json_array_size(list)));
}


/* -- all places ----------------------------------------------------------- */

typedef struct {
    drsw_ctx_t *ctx;
    int64_t     until_mono_ms;
    size_t      updated, regions, left;
    json_t     *errors; /* owned */
} drsw_isync_t;


static void
drsw_isync_error(drsw_isync_t *s, const char *text)
{
    if (json_array_size(s->errors) < DRSW_INSTANCES_ERRORS) {
        (void) json_array_append_new(s->errors, json_string(text));
    }
}


static int
drsw_isync_place(drsw_isync_t *s, drs_str_t account, drs_str_t region,
                 const json_t *doc)
{
    int               rc;
    char              text[1024];
    json_t           *rows;
    drsw_access_t     access;
    drsw_aws_result_t res;

    rc = drsw_access_as(s->ctx, account, region, doc, &access, text,
                        sizeof(text));

    if (rc == DRS_OK) {
        access.aws.timeout_ms = DRSW_INSTANCES_CALL_MS;
        rc = drsw_instances_read(s->ctx, &access, &rows, &res);

        if (rc == DRS_DECLINED) {
            drsw_aws_explain(&access, "reading the recovery instances", &res,
                             text, sizeof(text));
        }
    }

    if (rc == DRS_OK) {
        drsw_jobs_look(s->ctx, &access);
        s->regions++;
        s->updated += json_array_size(rows);
        json_decref(rows);

    } else if (rc == DRS_DECLINED) {
        drsw_isync_error(s, text);
        rc = DRS_OK;
    }

    return rc;
}


static int
drsw_isync_account(drsw_isync_t *s, drs_str_t account, const json_t *doc)
{
    int            rc;
    size_t         i, n;
    drs_str_t      regions[DRSW_REGIONS_MAX];
    drsw_region_t *states;

    n = drsw_regions(s->ctx, regions);
    states = calloc(n, sizeof(drsw_region_t));

    if (states == NULL) {
        return DRS_ERROR;
    }

    rc = drsw_region_load(s->ctx, account, regions, n, states);

    for (i = 0; rc == DRS_OK && i < n; i++) {
        if (!drsw_region_is_active(&states[i])) {
            continue;
        }

        if (drsw_mono_ms() >= s->until_mono_ms || drsw_stopping(s->ctx)) {
            s->left++;
            continue;
        }

        rc = drsw_isync_place(s, account, regions[i], doc);
    }

    free(states);

    return rc;
}


/* Record of a run, from which DRS14 answers. */
static int
drsw_isync_record(drsw_isync_t *s)
{
    int          rc;
    char         iso[DRS_TIME_ISO_SIZE], *text;
    json_t      *v;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    (void) drs_time_iso_ms(iso, drsw_now_ms(s->ctx));
    v = json_pack("{s:s, s:I, s:I, s:O}", "lastSyncTime", iso,
                  "instancesUpdated", (json_int_t) s->updated, "regionsScanned",
                  (json_int_t) s->regions, "errors", s->errors);
    text = drs_json_text(v, NULL);
    json_decref(v);

    cmd = drs_key_cmd0("SET", drsw_redis_prefix(s->ctx->redis), DRS_KEY_RI_RUN);
    (void) drs_cmd_addz(cmd, text != NULL ? text : "{}");
    memset(&reply, 0, sizeof(reply));
    rc = text != NULL && drs_cmd_ok(cmd)
             ? drsw_redis_cmd(s->ctx->redis, cmd, &reply)
             : DRS_ERROR;
    drs_cmd_free(cmd);
    drsw_reply_free(&reply);
    free(text);

    return rc;
}


static int
drsw_isync_run(drsw_isync_t *s, drsw_ctx_t *ctx, int64_t budget_ms)
{
    int         rc;
    char        text[96];
    json_t     *docs, *doc, *hub;
    const char *id;

    memset(s, 0, sizeof(*s));
    s->ctx = ctx;
    s->until_mono_ms = drsw_mono_ms() + budget_ms;
    s->errors = json_array();

    rc = drsw_account_docs(ctx, &docs);

    if (rc == DRS_OK && drsw_hub_account(ctx)[0] != '\0'
        && json_object_get(docs, drsw_hub_account(ctx)) == NULL)
    {
        hub = json_pack("{s:s, s:b}", "accountId", drsw_hub_account(ctx),
                        "isCurrentAccount", 1);
        (void) json_object_set_new(docs, drsw_hub_account(ctx), hub);
    }

    json_object_foreach (docs, id, doc) {
        rc = (rc == DRS_OK) ? drsw_isync_account(s, drs_str(id), doc) : rc;
    }

    json_decref(docs);

    if (rc == DRS_OK && s->left > 0) {
        (void) snprintf(text, sizeof(text),
                        "%zu Regions were not asked: no "
                        "time was left",
                        s->left);
        drsw_isync_error(s, text);
    }

    return rc == DRS_OK ? drsw_isync_record(s) : rc;
}


int
drsw_step_instances(drsw_ctx_t *ctx, int64_t *next_at)
{
    int          rc;
    int64_t      begun;
    json_t      *counters;
    drsw_isync_t s;

    begun = drsw_now_ms(ctx);
    rc = drsw_isync_run(&s, ctx, DRSW_INSTANCES_BUDGET_MS);

    if (rc == DRS_OK) {
        counters = json_pack("{s:I, s:I}", "instances", (json_int_t) s.updated,
                             "regions", (json_int_t) s.regions);
        rc = drsw_run_note(ctx, "instances", "", begun,
                           json_array_size(s.errors) == 0 ? "SUCCESS"
                           : s.regions > 0                ? "PARTIAL"
                                                          : "FAILED",
                           counters, s.errors, NULL);
        json_decref(counters);
    }

    json_decref(s.errors);
    *next_at = drsw_now_ms(ctx) + drsw_run_jitter(ctx->conf->instances_ms);

    return rc;
}


/* One place after a launch or a termination; the next whole run repairs what
 * fails here. */
int
drsw_step_instances_place(drsw_ctx_t *ctx, int64_t *next_at)
{
    int          rc;
    json_t      *doc;
    drs_str_t    account, region;
    drsw_isync_t s;

    *next_at = DRSW_NEVER;
    region = drs_str(ctx->name + sizeof("instances:") - 1);
    (void) drs_str_split(&region, ':', &account);

    if (!drs_id_is_account(account) || !drs_id_is_region(region)) {
        drsw_error(ctx->log, "%s is no place", ctx->name);
        return DRS_OK;
    }

    rc = drsw_load_doc(ctx, DRS_KEY_ACCT, account, &doc);

    if (rc == DRS_DECLINED && drs_str_eqz(account, drsw_hub_account(ctx))) {
        doc = json_pack("{s:s%, s:b}", "accountId", account.data, account.len,
                        "isCurrentAccount", 1);
        rc = doc != NULL ? DRS_OK : DRS_ERROR;
    }

    if (rc != DRS_OK) {
        return rc == DRS_DECLINED ? DRS_OK : rc;
    }

    memset(&s, 0, sizeof(s));
    s.ctx = ctx;
    s.errors = json_array();
    rc = drsw_isync_place(&s, account, region, doc);
    json_decref(s.errors);
    json_decref(doc);

    return rc;
}


int
drsw_cmd_instances_sync(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                        drsw_answer_t *answer)
{
    int          rc;
    drsw_isync_t s;

    rc = drsw_isync_run(&s, ctx, drsw_sweep_budget(ctx, cmd));

    if (rc == DRS_OK && s.regions == 0 && json_array_size(s.errors) > 0) {
        rc = drsw_answer_error(answer, "SYNC_FAILED",
                               json_pack("{s:O}", "errors", s.errors),
                               "No place could be read.");

    } else if (rc == DRS_OK) {
        rc = drsw_answer_body(
            answer, 200,
            json_pack("{s:I, s:I, s:O}", "instancesUpdated",
                      (json_int_t) s.updated, "regionsScanned",
                      (json_int_t) s.regions, "errors", s.errors));
    }

    json_decref(s.errors);

    return rc;
}
