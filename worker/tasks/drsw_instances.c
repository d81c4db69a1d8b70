/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_view_instances.h"

#include "drsw_instances.h"
#include "drsw_region.h"


#define DRSW_INSTANCES_CALL_MS  8000
#define DRSW_INSTANCES_LATER_MS 5000
#define DRSW_INSTANCES_AT       "at" /* no instance id begins so */


/* -- one Region's refusal ------------------------------------------------- */

int
drsw_instances_refused(drsw_answer_t *answer, const drsw_access_t *access,
                       const char *what, const drsw_aws_result_t *res)
{
    char text[1024];

    drsw_aws_explain(access, what, res, text, sizeof(text));

    return drsw_region_refuse(answer, drsw_region_status(res),
                              drsw_aws_error_code(res), access->account,
                              access->region, text);
}


int
drsw_instances_place(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                     drsw_answer_t *answer, drsw_access_t *access)
{
    int       rc;
    char      text[1024];
    drs_str_t account;

    account = drs_json_field(cmd->payload, "accountId");

    if (account.len == 0) {
        account = drs_str(drsw_hub_account(ctx));
    }

    rc = drsw_access(ctx, account, drs_json_field(cmd->payload, "region"),
                     access, text, sizeof(text));

    if (rc == DRS_DECLINED) {
        (void) drsw_answer_error(
            answer, "INVALID_ACCOUNT",
            json_pack("{s:s%}", "accountId",
                      account.data != NULL ? account.data : "", account.len),
            "%s", text);
    }

    access->aws.timeout_ms = DRSW_INSTANCES_CALL_MS;

    return rc;
}


/* -- executions of jobs --------------------------------------------------- */

static int
drsw_instances_run_names(drsw_ctx_t *ctx, json_t *links)
{
    int          rc;
    json_t      *link, *seen, *known;
    drs_cmd_t   *cmd;
    drs_str_t    run;
    const char  *job;
    drsw_reply_t reply;

    seen = json_object();
    rc = DRS_OK;

    json_object_foreach (links, job, link) {
        run = drs_json_field(link, "executionId");
        known = json_object_get(seen, run.data);

        if (known == NULL && rc == DRS_OK) {
            memset(&reply, 0, sizeof(reply));
            cmd = drs_key_cmd1("HMGET", drsw_redis_prefix(ctx->redis),
                               DRS_KEY_EXEC, run);
            (void) drs_cmd_addz(cmd, "planId");
            (void) drs_cmd_addz(cmd, "planName");
            rc = drs_cmd_ok(cmd) ? drsw_redis_cmd(ctx->redis, cmd, &reply)
                                 : DRS_ERROR;
            drs_cmd_free(cmd);
            known = json_object();

            if (rc == DRS_OK && reply.r.n == 2 && reply.r.v[0].len > 0) {
                (void) drs_json_set_str(known, "planId", reply.r.v[0]);
                (void) drs_json_set_str(known, "planName", reply.r.v[1]);
            }

            drsw_reply_free(&reply);
            (void) json_object_set_new(seen, run.data, known);
        }

        (void) json_object_update(link, known);
    }

    json_decref(seen);

    return rc;
}


int
drsw_instances_jobs(drsw_ctx_t *ctx, drs_str_t account, drs_str_t region,
                    const json_t *jobs, json_t **links)
{
    int          rc;
    size_t       i;
    json_t      *job;
    drs_cmd_t   *cmd;
    drs_str_t    rest, run;
    drsw_reply_t reply;

    *links = json_object();

    if (json_array_size(jobs) == 0) {
        return *links != NULL ? DRS_OK : DRS_ERROR;
    }

    memset(&reply, 0, sizeof(reply));
    cmd = drs_key_cmd2("HMGET", drsw_redis_prefix(ctx->redis), DRS_KEY_JOB,
                       account, region);

    json_array_foreach (jobs, i, job) {
        (void) drs_cmd_add(cmd, drs_json_str(job));
    }

    rc = drs_cmd_ok(cmd) ? drsw_redis_cmd(ctx->redis, cmd, &reply) : DRS_ERROR;
    drs_cmd_free(cmd);

    for (i = 0; rc == DRS_OK && i < reply.r.n; i++) {
        rest = reply.r.v[i];

        if (rest.len > 0 && drs_str_split(&rest, ' ', &run)) {
            (void) json_object_set_new(
                *links, json_string_value(json_array_get(jobs, i)),
                json_pack("{s:s%, s:s%}", "executionId", run.data, run.len,
                          "unitId", rest.data != NULL ? rest.data : "",
                          rest.len));
        }
    }

    drsw_reply_free(&reply);

    return rc == DRS_OK ? drsw_instances_run_names(ctx, *links) : rc;
}


/* -- reading -------------------------------------------------------------- */

/* Distinct values of a member: a new array. */
static json_t *
drsw_instances_values(const json_t *items, const char *name)
{
    size_t      i;
    json_t     *list, *seen, *item;
    const char *z;

    list = json_array();
    seen = json_object();

    json_array_foreach (items, i, item) {
        z = json_string_value(json_object_get(item, name));

        if (z != NULL && z[0] != '\0' && json_object_get(seen, z) == NULL) {
            (void) json_object_set_new(seen, z, json_true());
            (void) json_array_append_new(list, json_string(z));
        }
    }

    json_decref(seen);

    return list;
}


/* EC2 instances by id; empty when EC2 cannot be asked. */
static json_t *
drsw_instances_ec2(drsw_ctx_t *ctx, const drsw_access_t *access,
                   const json_t *items)
{
    size_t            i;
    json_t           *ids, *list, *by_id, *v;
    const char       *id;
    drsw_aws_result_t res;

    by_id = json_object();
    ids = drsw_instances_values(items, "ec2InstanceID");

    if (json_array_size(ids) > 0) {
        if (drsw_ec2_describe_instances(ctx->aws, &access->aws, ids, NULL,
                                        &list, &res)
            != DRSW_AWS_OK)
        {
            drsw_info(ctx->log, "DescribeInstances in %s, %s: %s: %s",
                      access->account, access->region, res.code, res.message);
            list = NULL;
        }

        json_array_foreach (list, i, v) {
            id = json_string_value(json_object_get(v, "InstanceId"));

            if (id != NULL) {
                (void) json_object_set(by_id, id, v);
            }
        }

        json_decref(list);
    }

    json_decref(ids);

    return by_id;
}


/* What the inventory has of the source servers under a key: id -> item. */
static int
drsw_instances_servers(drsw_ctx_t *ctx, const drsw_access_t *access,
                       const json_t *items, drs_key_t key, json_t **servers)
{
    int          rc;
    size_t       i;
    json_t      *ids, *id, *item;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    *servers = json_object();
    ids = drsw_instances_values(items, "sourceServerID");
    rc = DRS_OK;

    if (json_array_size(ids) > 0) {
        memset(&reply, 0, sizeof(reply));
        cmd = drs_key_cmd2("HMGET", drsw_redis_prefix(ctx->redis), key,
                           drs_str(access->account), drs_str(access->region));

        json_array_foreach (ids, i, id) {
            (void) drs_cmd_add(cmd, drs_json_str(id));
        }

        rc = drs_cmd_ok(cmd) ? drsw_redis_cmd(ctx->redis, cmd, &reply)
                             : DRS_ERROR;
        drs_cmd_free(cmd);

        for (i = 0; rc == DRS_OK && i < reply.r.n; i++) {
            item =
                reply.r.v[i].len > 0
                    ? drs_json_parse(reply.r.v[i], &drs_json_store_limits, NULL)
                    : NULL;

            if (item != NULL) {
                (void) json_object_set_new(
                    *servers, json_string_value(json_array_get(ids, i)), item);
            }
        }

        drsw_reply_free(&reply);
    }

    json_decref(ids);

    return rc;
}


/* Replaces the cache in one step of the store. */
static int
drsw_instances_keep(drsw_ctx_t *ctx, const drsw_access_t *access,
                    const json_t *rows, int64_t at_ms)
{
    int          rc;
    size_t       i;
    char        *text;
    json_t      *row;
    drs_cmd_t   *cmds[4];
    drs_str_t    p;
    drsw_reply_t replies[4];

    p = drsw_redis_prefix(ctx->redis);
    memset(replies, 0, sizeof(replies));
    rc = DRS_OK;

    cmds[0] = drs_cmd_words("MULTI", NULL);
    cmds[1] = drs_key_cmd2("DEL", p, DRS_KEY_RI, drs_str(access->account),
                           drs_str(access->region));
    cmds[2] = drs_key_cmd2("HSET", p, DRS_KEY_RI, drs_str(access->account),
                           drs_str(access->region));
    (void) drs_cmd_addz(cmds[2], DRSW_INSTANCES_AT);
    (void) drs_cmd_add_i64(cmds[2], at_ms);

    json_array_foreach (rows, i, row) {
        text = drs_json_text(row, NULL);
        (void) drs_cmd_add(cmds[2], drs_json_field(row, "recoveryInstanceId"));
        (void) drs_cmd_addz(cmds[2], text != NULL ? text : "{}");
        free(text);
    }

    cmds[3] = drs_cmd_words("EXEC", NULL);

    for (i = 0; i < 4; i++) {
        rc = drs_cmd_ok(cmds[i]) ? rc : DRS_ERROR;
    }

    rc =
        (rc == DRS_OK) ? drsw_redis_pipeline(ctx->redis, cmds, 4, replies) : rc;

    for (i = 0; i < 4; i++) {
        drs_cmd_free(cmds[i]);
        drsw_reply_free(&replies[i]);
    }

    return rc;
}


int
drsw_instances_later(drsw_ctx_t *ctx, const char *account, const char *region)
{
    char task[96];

    (void) snprintf(task, sizeof(task), "instances:%s:%s", account, region);

    return drsw_task_due(ctx, task, drsw_now_ms(ctx) + DRSW_INSTANCES_LATER_MS);
}


int
drsw_instances_read(drsw_ctx_t *ctx, const drsw_access_t *access, json_t **rows,
                    drsw_aws_result_t *res)
{
    int            rc;
    size_t         i;
    json_t        *items, *ec2, *jobs, *links, *servers, *sources, *link;
    drs_instance_t in;

    *rows = NULL;

    if (drsw_drs_describe_recovery_instances(ctx->aws, &access->aws, NULL,
                                             &items, res)
        != DRSW_AWS_OK)
    {
        return DRS_DECLINED;
    }

    memset(&in, 0, sizeof(in));
    in.account = drs_str(access->account);
    in.region = drs_str(access->region);
    in.at_ms = drsw_now_ms(ctx);

    ec2 = drsw_instances_ec2(ctx, access, items);
    jobs = drsw_instances_values(items, "jobID");
    links = NULL;
    servers = NULL;
    sources = NULL;
    rc = drsw_instances_jobs(ctx, in.account, in.region, jobs, &links);
    rc = (rc == DRS_OK)
             ? drsw_instances_servers(ctx, access, items, DRS_KEY_INV, &servers)
             : rc;
    rc = (rc == DRS_OK) ? drsw_instances_servers(ctx, access, items,
                                                 DRS_KEY_INV_SOURCE, &sources)
                        : rc;
    *rows = json_array();

    json_array_foreach (items, i, in.item) {
        in.ec2 = json_object_get(
            ec2, json_string_value(json_object_get(in.item, "ec2InstanceID")));
        in.server = json_object_get(servers, json_string_value(json_object_get(
                                                 in.item, "sourceServerID")));
        in.source = json_object_get(sources, json_string_value(json_object_get(
                                                 in.item, "sourceServerID")));
        link = json_object_get(
            links, json_string_value(json_object_get(in.item, "jobID")));
        in.execution = drs_json_field(link, "executionId");
        in.plan_name = drs_json_field(link, "planName");
        (void) json_array_append_new(*rows, drs_view_instance_row(&in));
    }

    rc =
        (rc == DRS_OK) ? drsw_instances_keep(ctx, access, *rows, in.at_ms) : rc;

    if (rc != DRS_OK) {
        json_decref(*rows);
        *rows = NULL;
    }

    json_decref(items);
    json_decref(ec2);
    json_decref(jobs);
    json_decref(links);
    json_decref(servers);
    json_decref(sources);

    return rc;
}


int
drsw_instances_cached(drsw_ctx_t *ctx, drs_str_t account, drs_str_t region,
                      json_t **rows, int64_t *at_ms)
{
    int          rc;
    size_t       i;
    json_t      *row;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    *rows = NULL;
    *at_ms = 0;
    memset(&reply, 0, sizeof(reply));
    cmd = drs_key_cmd2("HGETALL", drsw_redis_prefix(ctx->redis), DRS_KEY_RI,
                       account, region);
    rc = drs_cmd_ok(cmd) ? drsw_redis_cmd(ctx->redis, cmd, &reply) : DRS_ERROR;
    drs_cmd_free(cmd);

    if (rc == DRS_OK && reply.r.n == 0) {
        rc = DRS_DECLINED;
    }

    if (rc == DRS_OK) {
        *rows = json_array();
    }

    for (i = 0; rc == DRS_OK && i + 1 < reply.r.n; i += 2) {
        if (drs_str_eqz(reply.r.v[i], DRSW_INSTANCES_AT)) {
            if (drs_str_i64(reply.r.v[i + 1], at_ms) != DRS_OK) {
                *at_ms = 0;
            }

            continue;
        }

        row = drs_json_parse(reply.r.v[i + 1], &drs_json_store_limits, NULL);

        if (row != NULL) {
            (void) json_array_append_new(*rows, row);
        }
    }

    drsw_reply_free(&reply);

    return rc;
}
