/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Command drs.start (api.md DRS9): one DRS job outside of plans, after the
 * checks of a start.  It does not queue, so the limits refuse.
 *
 * The servers are held (hold:...) from the last check until DRS lists the job:
 * neither another start of this kind nor an execution can take them between
 * the look at the jobs and the call.
 *
 * The job carries the command's id as its tag.  A command that is delivered
 * again, or whose call was not answered, looks for that job and never sends a
 * second time.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_time.h"

#include "drsw_exec.h"
#include "drsw_instances.h"
#include "drsw_limits.h"
#include "drsw_start.h"
#include "drsw_tasks.h"


#define DRSW_DSTART_BACK_S  3600
#define DRSW_DSTART_SEND_MS 12000
#define DRSW_DSTART_HOLD_MS 60000 /* checks, call and a margin */


/* -- checks --------------------------------------------------------------- */

/* s->waves: one wave of these servers at the place. */
static int
drsw_dstart_servers(drsw_start_t *s, drsw_place_t *place)
{
    int     rc;
    size_t  i;
    json_t *ids, *id, *unknown, *list, *item;

    ids = json_object_get(s->request, "sourceServerIds");
    unknown = json_array();
    list = json_array();

    json_array_foreach (ids, i, id) {
        if (json_object_get(place->scan.servers, json_string_value(id)) == NULL)
        {
            (void) json_array_append(unknown, id);
        }
    }

    rc = json_array_size(unknown) > 0
             ? drsw_scan_ids(s->ctx, &place->access, unknown, &place->scan)
             : DRS_OK;
    json_decref(unknown);

    json_array_foreach (ids, i, id) {
        item = json_object_get(place->scan.servers, json_string_value(id));
        (void) json_array_append_new(
            list,
            json_pack("{s:O, s:s, s:s, s:o}", "id", id, "account",
                      place->access.account, "region", place->access.region,
                      "item", item != NULL ? json_incref(item) : json_null()));
    }

    s->waves = json_pack("[{s:{s:s}, s:b, s:o}]", "wave", "waveName", "",
                         "selected", 1, "servers", list);

    if (rc == DRS_DECLINED) {
        place->code = place->scan.code;
        (void) snprintf(place->text, sizeof(place->text), "%s",
                        place->scan.text);
        return drsw_start_unknown(s, place);
    }

    return rc;
}


static int
drsw_dstart_limits(drsw_start_t *s, const drsw_place_t *place)
{
    int           rc;
    size_t        jobs, servers, more;
    json_t       *list;
    drsw_limits_t limits;

    if (drsw_limits(s->ctx, &place->access, &limits) != DRS_OK) {
        return DRS_ERROR;
    }

    list = json_array();
    drsw_start_count(s, place, &jobs, &servers, list);
    more = json_array_size(json_object_get(s->request, "sourceServerIds"));
    rc = DRS_OK;

    if (jobs >= (size_t) limits.max_jobs) {
        (void) drsw_answer_error(s->answer, "CONCURRENT_JOBS_LIMIT_EXCEEDED",
                                 json_pack("{s:I, s:I, s:O}", "currentJobs",
                                           (json_int_t) jobs, "maxJobs",
                                           (json_int_t) limits.max_jobs,
                                           "activeJobs", list),
                                 "%zu jobs are active; the limit is %lld.",
                                 jobs, (long long) limits.max_jobs);
        rc = DRS_DECLINED;

    } else if (servers + more > (size_t) limits.servers) {
        (void) drsw_answer_error(
            s->answer, "SERVERS_IN_JOBS_LIMIT_EXCEEDED",
            json_pack("{s:I, s:I, s:I, s:I}", "currentServersInJobs",
                      (json_int_t) servers, "newServerCount", (json_int_t) more,
                      "totalAfterNew", (json_int_t) (servers + more),
                      "maxServers", (json_int_t) limits.servers),
            "%zu servers are in active jobs.", servers);
        rc = DRS_DECLINED;
    }

    json_decref(list);
    return rc;
}


static int
drsw_dstart_check(drsw_start_t *s, drsw_place_t *place)
{
    int rc;

    rc = drsw_start_conflicts(s);
    rc = (rc == DRS_OK) ? drsw_start_existing(s) : rc;
    rc = (rc == DRS_OK) ? drsw_dstart_limits(s, place) : rc;

    return (rc == DRS_OK) ? drsw_start_health(s) : rc;
}


/* -- the job -------------------------------------------------------------- */

static int
drsw_dstart_answer(drsw_start_t *s, const drsw_access_t *access,
                   const json_t *job)
{
    drs_str_t id, status;

    id = drs_json_field(job, "jobID");
    status = drs_json_field(job, "status");

    if (status.len == 0) {
        status = drs_str("PENDING");
    }

    return drsw_answer_body(
        s->answer, 202,
        json_pack("{s:s%, s:s, s:s, s:s, s:s%, s:b, s:O}", "jobId", id.data,
                  id.len, "region", access->region, "accountId",
                  access->account, "type", "LAUNCH", "status", status.data,
                  status.len, "isDrill", s->drill, "participatingServers",
                  json_object_get(s->request, "sourceServerIds")));
}


/* The job with the command's tag: DRS_OK (*job owned) or DRS_DECLINED. */
static int
drsw_dstart_find(drsw_start_t *s, const drsw_access_t *access, json_t **job)
{
    char              from[DRS_TIME_ISO_SIZE];
    size_t            i;
    json_t           *jobs, *v;
    drsw_aws_result_t res;

    *job = NULL;
    drs_time_iso_s(from, drsw_wall_ms() / 1000 - DRSW_DSTART_BACK_S);

    if (drsw_drs_describe_jobs(s->ctx->aws, &access->aws, NULL, from, NULL,
                               &jobs, &res)
        != DRSW_AWS_OK)
    {
        return DRS_DECLINED;
    }

    json_array_foreach (jobs, i, v) {
        if (drs_str_eqz(
                drs_json_field(json_object_get(v, "tags"), DRSW_JOB_TAG),
                s->cmd->id))
        {
            *job = json_incref(v);
        }
    }

    json_decref(jobs);

    return *job != NULL ? DRS_OK : DRS_DECLINED;
}


/* What became of a call without an answer. */
static int
drsw_dstart_look(drsw_start_t *s, const drsw_access_t *access)
{
    int     rc;
    json_t *job;

    if (drsw_dstart_find(s, access, &job) == DRS_OK) {
        rc = drsw_dstart_answer(s, access, job);
        json_decref(job);
        return rc;
    }

    return drsw_answer_error(
        s->answer, "DRS_ERROR",
        json_pack("{s:s, s:s, s:s}", "region", access->region, "accountId",
                  access->account, "launchKey", s->cmd->id),
        "The start was not answered and no job of it is known yet. It is "
        "not repeated: look at the jobs of the Region first.");
}


static void
drsw_dstart_audit(drsw_start_t *s, const drsw_access_t *access,
                  const json_t *job)
{
    char   *text;
    json_t *after, *more;

    after = json_pack("{s:s, s:b, s:O}", "region", access->region, "isDrill",
                      s->drill, "sourceServerIds",
                      json_object_get(s->request, "sourceServerIds"));
    more = json_pack("{s:s, s:s, s:O*}", "accountId", access->account, "region",
                     access->region, "overrideReason",
                     json_object_get(s->request, "overrideReason"));
    text = drsw_audit_text(s->cmd, "drs.start", "job",
                           drs_json_field(job, "jobID"), NULL, after, more);
    (void) drsw_store_do(s->ctx,
                         drs_store_note(drsw_redis_prefix(s->ctx->redis),
                                        drs_str(text), drs_str(NULL)));
    free(text);
    json_decref(after);
    json_decref(more);
}


static int
drsw_dstart_refused(drsw_start_t *s, const drsw_access_t *access,
                    const drsw_aws_result_t *res)
{
    json_t *conflicts;

    if (res->class == DRSW_AWS_QUOTA) {
        return drsw_answer_error(s->answer, "CONCURRENT_JOBS_LIMIT_EXCEEDED",
                                 NULL, "A limit of DRS is reached: %s",
                                 res->message);
    }

    if (res->class == DRSW_AWS_CONFLICT) {
        conflicts =
            json_pack("[{s:s, s:s, s:s, s:s, s:s, s:s}]", "conflictSource",
                      "drs_job", "serverId", res->resource_id, "waveName", "",
                      "conflictingJobId", "", "conflictingJobStatus", "STARTED",
                      "conflictingLaunchStatus", "PENDING");
        (void) drsw_start_conflict_answer(s, conflicts);
        json_decref(conflicts);
        return DRS_OK;
    }

    return drsw_instances_refused(s->answer, access, "starting the recovery",
                                  res);
}


/* ttl_ms 0: given back.  DRS_DECLINED: answered. */
static int
drsw_dstart_hold(drsw_start_t *s, const drsw_access_t *access, int64_t ttl_ms)
{
    int          rc;
    size_t       i, n;
    json_t      *ids;
    drs_str_t   *servers;
    drs_answer_t a;
    drsw_reply_t reply;

    ids = json_object_get(s->request, "sourceServerIds");
    n = json_array_size(ids);
    servers = calloc(n + 1, sizeof(*servers));

    if (servers == NULL) {
        return DRS_ERROR;
    }

    for (i = 0; i < n; i++) {
        servers[i] = drs_json_str(json_array_get(ids, i));
    }

    memset(&reply, 0, sizeof(reply));
    rc = drsw_store_call(
        s->ctx,
        drs_store_hold(drsw_redis_prefix(s->ctx->redis),
                       drs_str(access->account), drs_str(access->region),
                       drs_str(s->cmd->id), ttl_ms, servers, n),
        &reply, &a);

    if (rc == DRS_DECLINED && ttl_ms > 0
        && drs_answer_is(&a, "SERVER_CONFLICT")) {
        rc = drsw_start_conflict_store(s, &a);
    }

    drsw_reply_free(&reply);
    free(servers);

    return rc;
}


/* Whoever looks at the jobs from now on finds this one: nothing is held. */
static void
drsw_dstart_listed(drsw_start_t *s, const drsw_access_t *access)
{
    json_t *job;

    if (drsw_dstart_find(s, access, &job) == DRS_OK) {
        (void) drsw_dstart_hold(s, access, 0);
    }

    json_decref(job);
}


static int
drsw_dstart_send(drsw_start_t *s, const drsw_access_t *access)
{
    int                   rc;
    size_t                i;
    json_t               *ids, *id, *tags, *job;
    drsw_start_e          outcome;
    drsw_aws_result_t     res;
    drsw_start_server_t  *servers;
    drsw_start_recovery_t req;

    ids = json_object_get(s->request, "sourceServerIds");
    servers = calloc(json_array_size(ids) + 1, sizeof(*servers));
    tags = json_pack("{s:s}", DRSW_JOB_TAG, s->cmd->id);

    if (servers == NULL || tags == NULL) {
        free(servers);
        json_decref(tags);
        return DRS_ERROR;
    }

    json_array_foreach (ids, i, id) {
        servers[i].source_server_id = json_string_value(id);
    }

    memset(&req, 0, sizeof(req));
    req.servers = servers;
    req.nservers = json_array_size(ids);
    req.is_drill = s->drill;
    req.tags = tags;
    req.timeout_ms = DRSW_DSTART_SEND_MS;

    job = NULL;
    outcome =
        drsw_drs_start_recovery(s->ctx->aws, &access->aws, &req, &job, &res);
    free(servers);
    json_decref(tags);

    if (outcome == DRSW_START_ACCEPTED) {
        drsw_dstart_audit(s, access, job);
        drsw_dstart_listed(s, access);
        rc = drsw_dstart_answer(s, access, job);
        json_decref(job);
        return rc;
    }

    if (outcome == DRSW_START_UNKNOWN) {
        return drsw_dstart_look(s, access);
    }

    (void) drsw_dstart_hold(s, access, 0);

    return drsw_dstart_refused(s, access, &res);
}


/* The checks with the servers held; a refusal gives them back. */
static int
drsw_dstart_held(drsw_start_t *s, drsw_place_t *place)
{
    int     rc;
    int64_t ttl;

    rc = drsw_dstart_servers(s, place);

    if (rc != DRS_OK) {
        return rc;
    }

    /* until nothing of a call that dies on its way can still appear */

    ttl = DRSW_DSTART_HOLD_MS + s->ctx->conf->listing_lag_ms;

    if (s->ctx->conf->launch_settle == DRSW_SETTLE_STRICT) {
        ttl += s->ctx->conf->signature_validity_ms;
    }

    rc = drsw_dstart_hold(s, &place->access, ttl);

    if (rc != DRS_OK) {
        return rc;
    }

    rc = drsw_dstart_check(s, place);

    if (rc != DRS_OK) {
        (void) drsw_dstart_hold(s, &place->access, 0);
    }

    return rc;
}


int
drsw_cmd_drs_start(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                   drsw_answer_t *answer)
{
    int           rc;
    drsw_start_t  s;
    drsw_place_t *place;
    drsw_access_t access;

    rc = drsw_instances_place(ctx, cmd, answer, &access);

    if (rc != DRS_OK) {
        return rc == DRS_DECLINED ? DRS_OK : rc;
    }

    memset(&s, 0, sizeof(s));
    s.ctx = ctx;
    s.cmd = cmd;
    s.answer = answer;
    s.request = cmd->payload;
    s.id = drs_str(cmd->id);
    s.drill = json_is_true(json_object_get(cmd->payload, "isDrill"));

    if (cmd->tries > 1) { /* DRS_ERROR: nothing was sent in an earlier one */
        return drsw_dstart_look(&s, &access);
    }

    s.warnings = json_array();
    s.jobs = json_object();
    drsw_resolver_init(&s.resolver, ctx, json_object(), 0,
                       ctx->conf->inventory_launch_fresh_ms);
    place = drsw_resolver_place(&s.resolver, drs_str(access.account),
                                drs_str(access.region));
    rc = (place == NULL)         ? DRS_ERROR
         : (place->rc != DRS_OK) ? drsw_start_unknown(&s, place)
                                 : drsw_dstart_held(&s, place);
    rc = (rc == DRS_OK) ? drsw_dstart_send(&s, &access) : rc;

    drsw_resolver_free(&s.resolver);
    json_decref(s.waves);
    json_decref(s.warnings);
    json_decref(s.jobs);

    return rc == DRS_DECLINED ? DRS_OK : rc;
}
