
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Looks after a launch call without an answer, results of jobs that do not
 * say them, data of launched instances (engine.md 2.9, 2.11).
 */

#include <string.h>

#include "drs_time.h"

#include "drsw_exec.h"


/* -- parts of a look ------------------------------------------------------ */

/* Owners of the jobs by job:<account>:<region>. */
static int
drsw_look_owners(drsw_run_t *run, const drsw_effect_t *eff, drsw_job_t *jobs,
                 size_t n)
{
    int          rc;
    size_t       i;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    if (n == 0) {
        return DRS_OK;
    }

    cmd = drs_key_cmd2("HMGET", drsw_redis_prefix(run->ctx->redis), DRS_KEY_JOB,
                       drs_str(eff->account), drs_str(eff->region));

    for (i = 0; i < n; i++) {
        (void) drs_cmd_addz(cmd, jobs[i].id);
    }

    memset(&reply, 0, sizeof(reply));
    rc = (cmd != NULL && drs_cmd_ok(cmd))
             ? drsw_redis_cmd(run->ctx->redis, cmd, &reply)
             : DRS_ERROR;
    drs_cmd_free(cmd);

    for (i = 0; rc == DRS_OK && i < n && i < reply.r.n; i++) {
        jobs[i].owner = drsw_run_str(run, reply.r.v[i]);
    }

    drsw_reply_free(&reply);
    return rc;
}


/* Jobs since from_at, or with `job` that one only. */
static int
drsw_look_jobs(drsw_run_t *run, const drsw_effect_t *eff,
               const drsw_access_t *access, const char *job, drsw_look_t *look)
{
    int         rc;
    char        from[DRS_TIME_ISO_SIZE];
    size_t      i;
    json_t     *items, *ids;
    drsw_job_t *jobs;
    drsw_aws_class_e class;
    drsw_aws_result_t res;

    ids = (job != NULL) ? json_pack("[s]", job) : NULL;
    drs_time_iso_s(from, (eff->from_at - run->shift) / 1000);

    class =
        drsw_drs_describe_jobs(run->ctx->aws, &access->aws, ids,
                               job != NULL ? NULL : from, NULL, &items, &res);
    json_decref(ids);

    if (class != DRSW_AWS_OK) {
        drsw_warn(run->ctx->log, "unit %s: DescribeJobs: %s: %s", eff->unit,
                  res.code, res.message);
        return DRS_DECLINED;
    }

    jobs =
        drs_arena_array(run->arena, json_array_size(items), sizeof(drsw_job_t));
    rc = (jobs != NULL) ? DRS_OK : DRS_ERROR;

    for (i = 0; rc == DRS_OK && i < json_array_size(items); i++) {
        rc = drsw_job_from_aws(run->arena, json_array_get(items, i), run->shift,
                               &jobs[i]);
        jobs[i].seen_at = look->at;
    }

    if (rc == DRS_OK) {
        look->jobs = jobs;
        look->njobs = json_array_size(items);
        rc = drsw_look_owners(run, eff, jobs, look->njobs);
    }

    json_decref(items);
    return rc;
}


static json_t *
drsw_look_filter(const drs_exec_unit_t *u)
{
    size_t  i;
    json_t *ids;

    ids = json_array();

    for (i = 0; i < u->nservers; i++) {
        (void) json_array_append_new(ids, json_string(u->servers[i]));
    }

    return json_pack("{s:o}", "sourceServerIDs", ids);
}


/* lifeCycle.lastLaunch of the unit's servers. */
static int
drsw_look_last(drsw_run_t *run, const drs_exec_unit_t *u,
               const drsw_access_t *access, drsw_look_t *look)
{
    size_t  i;
    json_t *filter, *items, *item, *last, *init;
    drsw_aws_class_e class;
    drsw_aws_result_t   res;
    drsw_last_launch_t *list;

    filter = drsw_look_filter(u);
    class = drsw_drs_describe_source_servers(run->ctx->aws, &access->aws,
                                             filter, &items, &res);
    json_decref(filter);

    if (class != DRSW_AWS_OK) {
        drsw_warn(run->ctx->log, "unit %s: DescribeSourceServers: %s: %s",
                  u->id, res.code, res.message);
        return DRS_DECLINED;
    }

    list = drs_arena_array(run->arena, json_array_size(items),
                           sizeof(drsw_last_launch_t));

    if (list == NULL) {
        json_decref(items);
        return DRS_ERROR;
    }

    json_array_foreach (items, i, item) {
        last =
            json_object_get(json_object_get(item, "lifeCycle"), "lastLaunch");
        init = json_object_get(last, "initiated");

        list[i].server =
            drsw_run_str(run, drs_json_field(item, "sourceServerID"));
        list[i].job = drsw_run_str(run, drs_json_field(init, "jobID"));
        list[i].at =
            drsw_aws_time(drs_json_field(init, "apiCallDateTime"), run->shift);
        list[i].status = drsw_run_str(run, drs_json_field(last, "status"));
        list[i].instance = list[i].instance_job = "";
    }

    look->last = list;
    look->nlast = json_array_size(items);

    json_decref(items);
    return DRS_OK;
}


/* Live recovery instances of the unit's servers; new array. */
static int
drsw_look_instances(drsw_run_t *run, const drs_exec_unit_t *u,
                    const drsw_access_t *access, json_t **items)
{
    json_t *filter;
    drsw_aws_class_e class;
    drsw_aws_result_t res;

    filter = drsw_look_filter(u);
    class = drsw_drs_describe_recovery_instances(run->ctx->aws, &access->aws,
                                                 filter, items, &res);
    json_decref(filter);

    if (class != DRSW_AWS_OK) {
        drsw_warn(run->ctx->log, "unit %s: DescribeRecoveryInstances: %s: %s",
                  u->id, res.code, res.message);
        return DRS_DECLINED;
    }

    return DRS_OK;
}


/* Instances of the unit's job beside the last launch of their servers. */
static void
drsw_look_join(drsw_run_t *run, drsw_look_t *look, const json_t *items,
               const char *job)
{
    size_t              i, k;
    json_t             *item;
    drs_str_t           server;
    drsw_last_launch_t *last;

    json_array_foreach (items, i, item) {
        if (!drs_str_eqz(drs_json_field(item, "jobID"), job)) {
            continue;
        }

        server = drs_json_field(item, "sourceServerID");

        for (k = 0; k < look->nlast; k++) {
            last = (drsw_last_launch_t *) &look->last[k];

            if (drs_str_eqz(server, last->server)) {
                last->instance = drsw_run_str(
                    run, drs_json_field(item, "recoveryInstanceID"));
                last->instance_job = drsw_run_text(run, job);
            }
        }
    }
}


/*
 * Unit, access and a look that is not ok yet.  DRS_DECLINED: cannot be asked
 * now, the look says so.
 */
static int
drsw_look_begin(drsw_run_t *run, const drsw_effect_t *eff, drs_exec_unit_t **u,
                drsw_access_t *access, drsw_look_t **look)
{
    int  rc;
    char err[512];

    *u = drs_exec_unit(run->plan->next, eff->unit);
    *look = drsw_run_look(run, eff->unit);

    if (*u == NULL || *look == NULL) {
        return DRS_ERROR;
    }

    (*look)->at = drsw_now_ms(run->ctx);

    rc = drsw_access(run->ctx, drs_str(eff->account), drs_str(eff->region),
                     access, err, sizeof(err));

    if (rc == DRS_DECLINED) {
        drsw_warn(run->ctx->log, "unit %s: %s", eff->unit, err);
    }

    return rc;
}


int
drsw_run_ask_look(drsw_run_t *run, const drsw_effect_t *eff)
{
    int              rc;
    drsw_look_t     *look;
    drsw_access_t    access;
    drs_exec_unit_t *u;

    rc = drsw_look_begin(run, eff, &u, &access, &look);

    if (rc == DRS_OK) {
        rc = drsw_look_jobs(run, eff, &access, NULL, look);
    }

    if (rc == DRS_OK) {
        rc = drsw_look_last(run, u, &access, look);
    }

    look = look != NULL && rc == DRS_OK ? look : NULL;

    if (look != NULL) {
        look->ok = true;
        drsw_info(run->ctx->log, "unit %s: looked, %zu jobs since then",
                  eff->unit, look->njobs);
    }

    return rc == DRS_ERROR ? rc : DRS_OK;
}


int
drsw_run_reconcile(drsw_run_t *run, const drsw_effect_t *eff)
{
    int              rc;
    json_t          *items;
    drsw_look_t     *look;
    drsw_access_t    access;
    drs_exec_unit_t *u;

    rc = drsw_look_begin(run, eff, &u, &access, &look);

    if (rc == DRS_OK) {
        rc = drsw_look_jobs(run, eff, &access, eff->job, look);
    }

    if (rc == DRS_OK) {
        rc = drsw_look_last(run, u, &access, look);
    }

    if (rc == DRS_OK) {
        rc = drsw_look_instances(run, u, &access, &items);
    }

    if (rc == DRS_OK) {
        drsw_look_join(run, look, items, eff->job);
        json_decref(items);
        look->ok = true;
    }

    return rc == DRS_ERROR ? rc : DRS_OK;
}


/* -- enrichment ----------------------------------------------------------- */

static drs_str_t
drsw_enrich_tag(const json_t *instance, const char *key)
{
    size_t  i;
    json_t *tag;

    json_array_foreach (json_object_get(instance, "Tags"), i, tag) {
        if (drs_str_eqz(drs_json_field(tag, "Key"), key)) {
            return drs_json_field(tag, "Value");
        }
    }

    return drs_str(NULL);
}


/* First address of the recovery instance as DRS knows it. */
static drs_str_t
drsw_enrich_ip(const json_t *item)
{
    json_t *nics;

    nics = json_object_get(json_object_get(item, "recoveryInstanceProperties"),
                           "networkInterfaces");

    return drs_json_str(
        json_array_get(json_object_get(json_array_get(nics, 0), "ips"), 0));
}


static void
drsw_enrich_ec2(drsw_run_t *run, drsw_enriched_t *v, const json_t *instance)
{
    drs_str_t s;

    s = drs_json_field(instance, "PrivateIpAddress");

    if (s.len > 0) {
        v->private_ip = drsw_run_str(run, s);
    }

    v->instance_type =
        drsw_run_str(run, drs_json_field(instance, "InstanceType"));
    v->instance_state = drsw_run_str(
        run, drs_json_field(json_object_get(instance, "State"), "Name"));
    v->name_tag = drsw_run_str(run, drsw_enrich_tag(instance, "Name"));
    v->launch_at =
        drsw_aws_time(drs_json_field(instance, "LaunchTime"), run->shift);

    if (v->name_tag[0] != '\0') {
        v->hostname = v->name_tag;

    } else {
        v->hostname =
            drsw_run_str(run, drs_json_field(instance, "PrivateDnsName"));
    }
}


/* Adds EC2's data to the elements from `first` on; best effort. */
static void
drsw_enrich_instances(drsw_run_t *run, const drsw_access_t *access,
                      const json_t *ids, size_t first)
{
    size_t            i, k;
    json_t           *instances, *instance;
    drsw_enriched_t  *list;
    drsw_aws_result_t res;

    if (json_array_size(ids) == 0) {
        return;
    }

    if (drsw_ec2_describe_instances(run->ctx->aws, &access->aws, ids, NULL,
                                    &instances, &res)
        != DRSW_AWS_OK)
    {
        drsw_warn(run->ctx->log, "DescribeInstances: %s: %s", res.code,
                  res.message);
        return;
    }

    list = run->enriched;

    json_array_foreach (instances, i, instance) {
        for (k = first; k < run->obs.nenriched; k++) {
            if (drs_str_eqz(drs_json_field(instance, "InstanceId"),
                            list[k].instance)) {
                drsw_enrich_ec2(run, &list[k], instance);
            }
        }
    }

    json_decref(instances);
}


static int
drsw_enrich_items(drsw_run_t *run, const drsw_effect_t *eff,
                  const json_t *items, json_t *ids)
{
    size_t           i;
    json_t          *item;
    drs_str_t        id;
    drsw_enriched_t *v;

    json_array_foreach (items, i, item) {
        /* an older instance of the server is not this run's */

        if (!drs_str_eqz(drs_json_field(item, "jobID"), eff->job)) {
            continue;
        }

        v = drsw_run_enriched(
            run, json_string_value(json_object_get(item, "sourceServerID")));

        if (v == NULL) {
            return DRS_ERROR;
        }

        id = drs_json_field(item, "recoveryInstanceID");
        v->instance = drsw_run_str(run, id);
        v->private_ip = drsw_run_str(run, drsw_enrich_ip(item));
        v->rp_time = drsw_run_str(
            run, drs_json_field(item, "pointInTimeSnapshotDateTime"));

        (void) json_array_append_new(ids, drs_json_new_str(id));
    }

    return DRS_OK;
}


int
drsw_run_enrich(drsw_run_t *run, const drsw_effect_t *eff)
{
    int              rc;
    char             err[512];
    size_t           first;
    json_t          *items, *ids;
    drsw_access_t    access;
    drs_exec_unit_t *u;

    if (drsw_run_enriched_unit(run, eff->unit) != DRS_OK) {
        return DRS_ERROR;
    }

    u = drs_exec_unit(run->plan->next, eff->unit);
    rc = drsw_access(run->ctx, drs_str(eff->account), drs_str(eff->region),
                     &access, err, sizeof(err));

    if (u == NULL || rc != DRS_OK) {
        return rc == DRS_ERROR ? rc : DRS_OK;
    }

    if (drsw_look_instances(run, u, &access, &items) != DRS_OK) {
        return DRS_OK;
    }

    ids = json_array();
    first = run->obs.nenriched;
    rc = drsw_enrich_items(run, eff, items, ids);

    if (rc == DRS_OK) {
        drsw_enrich_instances(run, &access, ids, first);
    }

    json_decref(ids);
    json_decref(items);
    return rc;
}
