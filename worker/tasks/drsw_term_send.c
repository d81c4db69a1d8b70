
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * One TerminateRecoveryInstances call: armed, sent once, looked for when the
 * answer is lost, followed to the end of its job (launch-protocol "Other calls
 * without a token").
 */

#include <string.h>

#include "drs_time.h"

#include "drsw_term.h"


#define DRSW_TERM_LOOK_BACK INT64_C(120000)


static json_t *
drsw_term_ids(const json_t *chunk)
{
    size_t  i;
    json_t *ids, *target;

    ids = json_array();

    json_array_foreach (json_object_get(chunk, "targets"), i, target) {
        if (drsw_term_is(target, "PENDING")) {
            (void) json_array_append(ids, json_object_get(target, "i"));
        }
    }

    return ids;
}


static void
drsw_term_fail_all(json_t *chunk, const char *code, const char *error)
{
    size_t  i;
    json_t *target;

    json_array_foreach (json_object_get(chunk, "targets"), i, target) {
        if (drsw_term_is(target, "PENDING")) {
            drsw_term_fail(target, code, error);
        }
    }
}


static json_t *
drsw_term_servers(const json_t *job)
{
    size_t  i;
    json_t *list, *v;

    list = json_array();

    json_array_foreach (json_object_get(job, "participatingServers"), i, v) {
        (void) json_array_append_new(
            list,
            json_pack("{s:O*, s:O*, s:O*}", "sourceServerId",
                      json_object_get(v, "sourceServerID"),
                      "recoveryInstanceId",
                      json_object_get(v, "recoveryInstanceID"), "launchStatus",
                      json_object_get(v, "launchStatus")));
    }

    return list;
}


static void
drsw_term_accepted(drsw_term_t *t, json_t *chunk, const json_t *job)
{
    const char *id;

    id = drsw_term_get(job, "jobID");

    drsw_term_state(chunk, "SENT");
    (void) json_object_set_new(chunk, "job", json_string(id));
    drsw_term_job(t, chunk, id, drsw_term_get(job, "status"),
                  drsw_term_servers(job));
    drsw_term_due(t, t->now + t->ctx->conf->poll_fast_ms);

    drsw_notice(t->ctx->log, "terminate job %s in %s %s: %zu instances", id,
                drsw_term_get(chunk, "account"), drsw_term_get(chunk, "region"),
                drsw_term_pending(chunk));
}


/*
 * Some job holds an instance's server.  Named: that one fails, the rest is
 * sent again.  Otherwise the chunk is halved until the one is found.
 */
static void
drsw_term_conflict(drsw_term_t *t, json_t *chunk, const drsw_aws_result_t *res)
{
    size_t      i, n, half;
    json_t     *targets, *target, *rest, *more;
    const char *who;

    who = res->resource_id;
    targets = json_object_get(chunk, "targets");
    n = json_array_size(targets);

    drsw_term_state(chunk, "PLANNED");

    json_array_foreach (targets, i, target) {
        if (who[0] != '\0' && drsw_term_is(target, "PENDING")
            && (strcmp(who, drsw_term_get(target, "i")) == 0
                || strcmp(who, drsw_term_get(target, "s")) == 0))
        {
            drsw_term_fail(target, "CONFLICT",
                           "the instance is already being "
                           "terminated or processed by another job");
            return;
        }
    }

    if (drsw_term_pending(chunk) < 2 || n < 2) {
        drsw_term_fail_all(chunk, "CONFLICT", res->message);
        return;
    }

    half = n / 2;
    rest = json_array();
    more = json_array();

    json_array_foreach (targets, i, target) {
        (void) json_array_append(i < half ? rest : more, target);
    }

    (void) json_object_set_new(chunk, "targets", rest);
    (void) json_array_append_new(
        json_object_get(t->plan, "chunks"),
        json_pack("{s:O, s:O, s:s, s:o}", "account",
                  json_object_get(chunk, "account"), "region",
                  json_object_get(chunk, "region"), "state", "PLANNED",
                  "targets", more));
}


static void
drsw_term_refused(drsw_term_t *t, json_t *chunk, const drsw_access_t *access,
                  const drsw_aws_result_t *res)
{
    char    text[1200];
    int64_t wait;

    drsw_aws_explain(access, "TerminateRecoveryInstances", res, text,
                     sizeof(text));
    drsw_notice(t->ctx->log, "%s", text);

    if (res->class == DRSW_AWS_CONFLICT) {
        drsw_term_conflict(t, chunk, res);
        drsw_term_due(t, t->now);
        return;
    }

    drsw_term_state(chunk, "PLANNED");

    if (drsw_aws_is_transient(res) || res->class == DRSW_AWS_NOT_FOUND) {
        wait =
            res->retry_after_ms > 0 ? res->retry_after_ms : t->set.quota_wait;
        (void) json_object_set_new(chunk, "nextMs",
                                   json_integer(t->now + wait));
        drsw_term_due(t, t->now + wait);
        return;
    }

    drsw_term_fail_all(chunk, res->code, text);
}


static int
drsw_term_call(drsw_term_t *t, json_t *chunk, drsw_access_t *access)
{
    json_t           *ids, *job;
    drsw_start_e      outcome;
    drsw_aws_result_t res;

    ids = drsw_term_ids(chunk);
    access->aws.timeout_ms = t->set.request_timeout;
    outcome = drsw_drs_terminate_recovery_instances(t->ctx->aws, &access->aws,
                                                    ids, &job, &res);
    json_decref(ids);

    switch (outcome) {
    case DRSW_START_ACCEPTED:
        drsw_term_accepted(t, chunk, job);
        json_decref(job);
        break;

    case DRSW_START_UNKNOWN:
        drsw_notice(t->ctx->log,
                    "terminate call without an answer, looking "
                    "for its job: %s",
                    res.message);
        drsw_term_due(t, t->now + t->set.look_first);
        break;

    default:
        drsw_term_refused(t, chunk, access, &res);
        break;
    }

    return drsw_term_save(t, "RUNNING");
}


int
drsw_term_send(drsw_term_t *t, json_t *chunk)
{
    int               rc;
    char              text[1200];
    drsw_access_t     access;
    drsw_aws_result_t res;

    if (drs_json_int(chunk, "nextMs", 0) > t->now) {
        drsw_term_due(t, drs_json_int(chunk, "nextMs", 0));
        return DRS_OK;
    }

    rc = drsw_access(t->ctx, drs_json_field(chunk, "account"),
                     drs_json_field(chunk, "region"), &access, text,
                     sizeof(text));

    if (rc == DRS_DECLINED) {
        drsw_term_fail_all(chunk, "INVALID_ACCOUNT", text);
    }

    if (rc != DRS_OK) {
        return rc == DRS_DECLINED ? DRS_OK : rc;
    }

    /* ids are read again right before the call */

    if (drsw_aws_prepare(t->ctx->aws, &access.aws, &res) != DRSW_AWS_OK
        || drsw_term_verify(t, chunk) != DRS_OK)
    {
        drsw_term_due(t, t->now + t->ctx->conf->poll_slow_ms);
        return DRS_OK;
    }

    if (drsw_term_pending(chunk) == 0) {
        return DRS_OK;
    }

    drsw_term_state(chunk, "INTENT");
    (void) json_object_set_new(chunk, "intentMs",
                               json_integer(drsw_now_ms(t->ctx)));
    rc = drsw_term_save(t, "RUNNING");

    if (rc != DRS_OK) {
        return rc;
    }

    if (drsw_redis_wait_replicas(t->ctx->redis) != DRS_OK
        || !drsw_lease_hold(t->ctx, t->ctx->conf->lease_ms / 2))
    {
        drsw_term_state(chunk, "PLANNED");
        drsw_term_due(t, t->now + t->ctx->conf->poll_slow_ms);
        return drsw_term_save(t, "RUNNING");
    }

    return drsw_term_call(t, chunk, &access);
}


/* -- looks ---------------------------------------------------------------- */

/* A TERMINATE job with one of the chunk's servers that no chunk has yet. */
static int
drsw_term_matches(const drsw_term_t *t, const json_t *chunk, const json_t *job)
{
    size_t    i, k;
    json_t   *v, *target;
    drs_str_t id;

    if (!drs_str_eqz(drs_json_field(job, "type"), "TERMINATE")
        || json_object_get(t->jobs, drsw_term_get(job, "jobID")) != NULL
        || drsw_aws_time(drs_json_field(job, "creationDateTime"), t->shift)
               < drs_json_int(chunk, "intentMs", 0) - t->set.skew)
    {
        return 0;
    }

    json_array_foreach (json_object_get(job, "participatingServers"), i, v) {
        id = drs_json_field(v, "sourceServerID");

        json_array_foreach (json_object_get(chunk, "targets"), k, target) {
            if (drsw_term_is(target, "PENDING")
                && drs_str_eqz(id, drsw_term_get(target, "s")))
            {
                return 1;
            }
        }
    }

    return 0;
}


int
drsw_term_look(drsw_term_t *t, json_t *chunk)
{
    int               rc;
    char              text[512], from[DRS_TIME_ISO_SIZE];
    size_t            i;
    int64_t           at, intent;
    json_t           *jobs, *job, *match;
    drsw_access_t     access;
    drsw_aws_result_t res;

    at = drsw_now_ms(t->ctx);
    intent = drs_json_int(chunk, "intentMs", 0);
    drsw_term_due(t, at + t->set.look_every);

    if (at < intent + t->set.look_first) {
        return DRS_OK;
    }

    rc = drsw_access(t->ctx, drs_json_field(chunk, "account"),
                     drs_json_field(chunk, "region"), &access, text,
                     sizeof(text));

    if (rc != DRS_OK) {
        return rc == DRS_DECLINED ? DRS_OK : rc;
    }

    drs_time_iso_s(from, (intent - t->shift - DRSW_TERM_LOOK_BACK) / 1000);

    if (drsw_drs_describe_jobs(t->ctx->aws, &access.aws, NULL, from, NULL,
                               &jobs, &res)
        != DRSW_AWS_OK)
    {
        drsw_warn(t->ctx->log, "looking for a terminate job: %s: %s", res.code,
                  res.message);
        return DRS_OK;
    }

    match = NULL;

    json_array_foreach (jobs, i, job) {
        if (match == NULL && drsw_term_matches(t, chunk, job)) {
            match = job;
        }
    }

    if (match != NULL) {
        drsw_term_accepted(t, chunk, match);

    } else if (drsw_term_verify(t, chunk) == DRS_OK
               && at >= intent + drsw_quiet_window(&t->set))
    {
        drsw_term_state(chunk, "PLANNED");
        drsw_term_due(t, at);
    }

    json_decref(jobs);
    return drsw_term_save(t, "RUNNING");
}


/* -- the job -------------------------------------------------------------- */

/* What the job says about each target while it still lists them. */
static void
drsw_term_results(json_t *chunk, const json_t *job)
{
    size_t    i, k;
    json_t   *v, *target;
    drs_str_t status;

    json_array_foreach (json_object_get(job, "participatingServers"), i, v) {
        status = drs_json_field(v, "launchStatus");

        json_array_foreach (json_object_get(chunk, "targets"), k, target) {
            if (!drsw_term_is(target, "PENDING")
                || !drs_str_eqz(drs_json_field(v, "sourceServerID"),
                                drsw_term_get(target, "s")))
            {
                continue;
            }

            if (drs_str_eqz(status, "TERMINATED")) {
                drsw_term_state(target, "TERMINATED");

            } else if (drs_str_eqz(status, "FAILED")) {
                drsw_term_fail(target, "FAILED",
                               "DRS could not terminate "
                               "the instance");
            }
        }
    }
}


static void
drsw_term_job_over(drsw_term_t *t, json_t *chunk)
{
    int64_t since;

    since = drs_json_int(chunk, "endedMs", 0);

    if (since == 0) {
        since = t->now;
        (void) json_object_set_new(chunk, "endedMs", json_integer(since));
    }

    /* an empty list means success: instances are asked anyway */

    if (drsw_term_pending(chunk) != 0 && drsw_term_verify(t, chunk) == DRS_OK
        && drsw_term_pending(chunk) != 0 && t->now >= since + t->set.grace)
    {
        drsw_term_fail_all(chunk, "NOT_TERMINATED",
                           "the terminate job is "
                           "over and the instance is still there");
    }
}


int
drsw_term_watch(drsw_term_t *t, json_t *chunk)
{
    int           rc;
    char          text[512];
    json_t       *ids, *jobs, *job;
    const char   *id, *status;
    drsw_access_t access;
    drsw_aws_class_e class;
    drsw_aws_result_t res;

    drsw_term_due(t, t->now + t->ctx->conf->poll_fast_ms);
    id = drsw_term_get(chunk, "job");

    rc = drsw_access(t->ctx, drs_json_field(chunk, "account"),
                     drs_json_field(chunk, "region"), &access, text,
                     sizeof(text));

    if (rc != DRS_OK) {
        return rc == DRS_DECLINED ? DRS_OK : rc;
    }

    ids = json_pack("[s]", id);
    class = drsw_drs_describe_jobs(t->ctx->aws, &access.aws, ids, NULL, NULL,
                                   &jobs, &res);
    json_decref(ids);

    if (class != DRSW_AWS_OK) {
        drsw_warn(t->ctx->log, "terminate job %s: %s: %s", id, res.code,
                  res.message);
        return DRS_OK;
    }

    job = json_array_get(jobs, 0);
    status = drsw_term_get(job, "status");

    if (job != NULL) {
        drsw_term_results(chunk, job);
        drsw_term_job(t, chunk, id, status, drsw_term_servers(job));
    }

    if (job == NULL || strcmp(status, "COMPLETED") == 0) {
        drsw_term_job_over(t, chunk);
    }

    json_decref(jobs);
    return DRS_OK;
}
