/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * drsctl drs ..., tags ..., check; and what DRS shows of executions, plans and
 * groups.
 */

#include <string.h>

#include "drsctl.h"


/* -- what DRS shows ----------------------------------------------------------- */

/* A GET with --region and --account. */
static int
drsctl_drs_get(drsctl_t *c, const char *base, const char *member,
               const char *head, const char *members, int region)
{
    int       code;
    drs_buf_t path;

    if (region && drsctl_opt(c->args, DRSCTL_OPT_REGION) == NULL) {
        return drsctl_fail(c, DRSCTL_EXIT_USAGE, "--region is needed");
    }

    drs_buf_init(&path, 0);
    (void) drs_buf_puts(&path, base);
    drsctl_query_add(&path, "region", drsctl_opt(c->args, DRSCTL_OPT_REGION));
    drsctl_query_add(&path, "accountId",
                     drsctl_opt(c->args, DRSCTL_OPT_ACCOUNT));

    if (drsctl_command_takes(c->args->command, DRSCTL_OPT_STATUS)) {
        drsctl_query_add(&path, "status",
                         drsctl_opt(c->args, DRSCTL_OPT_STATUS));
        drsctl_query_add(&path, "jobType",
                         drsctl_opt(c->args, DRSCTL_OPT_TYPE));
    }

    code = drsctl_get_rows(c, path.data, member, head, members);
    drs_buf_free(&path);

    return code;
}


int
drsctl_drs_jobs(drsctl_t *c)
{
    return drsctl_drs_get(c, "/drs/jobs", "jobs",
                          "JOB|TYPE|STATUS|SERVERS|CREATED|ENDED|EXECUTION",
                          "jobId|type|status|serverCount|creationDateTime|"
                          "endDateTime|executionId",
                          1);
}


int
drsctl_drs_replication(drsctl_t *c)
{
    return drsctl_drs_get(c, "/drs/replication", "servers",
                          "ID|HOST|STATE|LAG|LAST SEEN|REASON",
                          "sourceServerID|hostname|state|lagDuration|lastSeen|"
                          "stalledReason",
                          1);
}


int
drsctl_drs_regions(drsctl_t *c)
{
    return drsctl_drs_get(
        c, "/drs/service", "regions", "REGION|STATUS|SERVERS|UPDATED|ERROR",
        "region|status|serverCount|lastUpdated|errorMessage", 0);
}


int
drsctl_drs_instances(drsctl_t *c)
{
    return drsctl_drs_get(
        c, "/drs/failover", "recoveryInstances",
        "INSTANCE|SOURCE SERVER|STATE|DRILL|LAUNCHED|PLAN",
        "ec2InstanceId|sourceServerId|ec2InstanceState|isDrill|launchTime|"
        "sourcePlanName",
        1);
}


int
drsctl_drs_quotas(drsctl_t *c)
{
    int             code;
    drs_buf_t       path;
    drsctl_answer_t a;

    drs_buf_init(&path, 0);
    (void) drs_buf_puts(&path, "/drs/quotas");
    drsctl_query_add(&path, "region", drsctl_opt(c->args, DRSCTL_OPT_REGION));
    drsctl_query_add(&path, "accountId",
                     drsctl_opt(c->args, DRSCTL_OPT_ACCOUNT));
    code = drsctl_get(c, path.data, &a);
    drs_buf_free(&path);

    if (code == DRSCTL_EXIT_OK && drsctl_json(c)) {
        code = drsctl_print_body(c, &a);

    } else if (code == DRSCTL_EXIT_OK) {
        code = drsctl_print_rows(
            c,
            json_object_get(json_object_get(a.json, "capacity"),
                            "regionalBreakdown"),
            "REGION|SERVERS|REPLICATING|MAX|USED %|STATUS",
            "region|totalServers|replicatingServers|maxReplicating|"
            "percentUsed|status");
    }

    drsctl_answer_free(&a);

    return code;
}


int
drsctl_drs_start(drsctl_t *c)
{
    int             code;
    size_t          i;
    json_t         *body, *ids;
    drsctl_answer_t a;

    if (drsctl_opt(c->args, DRSCTL_OPT_REGION) == NULL
        || c->args->value[DRSCTL_OPT_SERVER].n == 0)
    {
        return drsctl_fail(c, DRSCTL_EXIT_USAGE,
                           "--region and --server are needed");
    }

    if (drsctl_opt(c->args, DRSCTL_OPT_RECOVERY) != NULL
        && !drsctl_confirm(c, "Start a recovery of %zu server(s)?",
                           c->args->value[DRSCTL_OPT_SERVER].n))
    {
        return drsctl_fail(c, DRSCTL_EXIT_USAGE, "not confirmed");
    }

    body = json_object();
    ids = json_array();

    for (i = 0; i < c->args->value[DRSCTL_OPT_SERVER].n; i++) {
        (void) json_array_append_new(
            ids,
            drs_json_new_str(drs_str(c->args->value[DRSCTL_OPT_SERVER].v[i])));
    }

    (void) json_object_set_new(body, "sourceServerIds", ids);
    (void) drs_json_set_bool(body, "isDrill",
                             drsctl_opt(c->args, DRSCTL_OPT_RECOVERY) == NULL);
    drsctl_body_str(body, "region", c->args, DRSCTL_OPT_REGION);
    drsctl_body_str(body, "accountId", c->args, DRSCTL_OPT_ACCOUNT);

    code =
        drsctl_send(c, DRSCTL_POST, "/drs/failover/start-recovery", body, &a);

    if (code == DRSCTL_EXIT_OK && drsctl_json(c)) {
        code = drsctl_print_body(c, &a);

    } else if (code == DRSCTL_EXIT_OK) {
        drsctl_say(c, "%.*s  %.*s",
                   DRS_STR_ARG(drs_json_field(a.json, "jobId")),
                   DRS_STR_ARG(drs_json_field(a.json, "status")));
    }

    drsctl_answer_free(&a);

    return code;
}


/* -- tag synchronisation --------------------------------------------------------- */

int
drsctl_tags_sync(drsctl_t *c)
{
    json_t *body;

    body = json_pack("{s:b}", "async", 1);
    drsctl_body_str(body, "accountId", c->args, DRSCTL_OPT_ACCOUNT);
    drsctl_body_str(body, "region", c->args, DRSCTL_OPT_REGION);

    return drsctl_send_message(c, DRSCTL_POST, "/drs/tag-sync", body);
}


int
drsctl_tags_status(drsctl_t *c)
{
    int             code;
    json_t         *list;
    drsctl_answer_t a;

    code = drsctl_get(c, "/drs/tag-sync", &a);

    if (code == DRSCTL_EXIT_OK && drsctl_json(c)) {
        code = drsctl_print_body(c, &a);

    } else if (code == DRSCTL_EXIT_OK) {
        list = json_pack("[O]", a.json);
        code = drsctl_print_rows(
            c, list, "STATUS|LAST RUN|ACCOUNTS|SERVERS|SYNCED|FAILED",
            "status|lastSync|totalAccounts|totalServers|totalSynced|"
            "totalFailed");
        json_decref(list);
    }

    drsctl_answer_free(&a);

    return code;
}


int
drsctl_tags_schedule(drsctl_t *c)
{
    int     on, off;
    char    err[160];
    json_t *body;

    on = drsctl_opt(c->args, DRSCTL_OPT_EVERY) != NULL;
    off = drsctl_opt(c->args, DRSCTL_OPT_OFF) != NULL;

    if (on == off) {
        return drsctl_fail(c, DRSCTL_EXIT_USAGE,
                           "either --every HOURS or --off is needed");
    }

    body = json_pack("{s:b}", "enabled", on);

    if (drsctl_body_int(body, "intervalHours", c->args, DRSCTL_OPT_EVERY, err,
                        sizeof(err))
        != DRS_OK)
    {
        json_decref(body);
        return drsctl_fail(c, DRSCTL_EXIT_USAGE, "%s", err);
    }

    return drsctl_send_message(c, DRSCTL_PUT, "/config/tag-sync", body);
}


/* -- executions, plans, groups ------------------------------------------------------ */

static int
drsctl_exec_rows(drsctl_t *c, const char *more, const char *member,
                 const char *head, const char *members)
{
    int       code;
    drs_buf_t path;

    drs_buf_init(&path, 0);
    code = drsctl_exec_path(c, &path, more);

    if (code == DRSCTL_EXIT_OK) {
        code = drsctl_get_rows(c, path.data, member, head, members);
    }

    drs_buf_free(&path);

    return code;
}


int
drsctl_executions_instances(drsctl_t *c)
{
    return drsctl_exec_rows(
        c, "/recovery-instances", "instances",
        "INSTANCE|SOURCE SERVER|NAME|WAVE|STATUS|REGION|JOB",
        "instanceId|sourceServerId|serverName|waveNumber|status|region|jobId");
}


int
drsctl_executions_logs(drsctl_t *c)
{
    int             code;
    size_t          i, k;
    json_t         *job, *event;
    drs_buf_t       path;
    drsctl_table_t  t;
    drsctl_answer_t a;

    memset(&a, 0, sizeof(a));
    drs_buf_init(&path, 0);
    code = drsctl_exec_path(c, &path, "/job-logs");
    code = (code == DRSCTL_EXIT_OK) ? drsctl_get(c, path.data, &a) : code;
    drs_buf_free(&path);

    if (code == DRSCTL_EXIT_OK && drsctl_json(c)) {
        code = drsctl_print_body(c, &a);

    } else if (code == DRSCTL_EXIT_OK) {
        drsctl_table_init(&t, "TIME|JOB|EVENT|SERVER|ERROR", 0);

        json_array_foreach (json_object_get(a.json, "jobLogs"), i, job) {
            json_array_foreach (json_object_get(job, "events"), k, event) {
                drsctl_table_cell(&t, drs_json_field(event, "logDateTime"));
                drsctl_table_cell(&t, drs_json_field(job, "jobId"));
                drsctl_table_cell(&t, drs_json_field(event, "event"));
                drsctl_table_cell(&t, drs_json_field(event, "sourceServerId"));
                drsctl_table_cell(&t, drs_json_field(event, "error"));
            }
        }

        code = drsctl_print_table(c, &t);
    }

    drsctl_answer_free(&a);

    return code;
}


int
drsctl_executions_delete(drsctl_t *c)
{
    size_t  i;
    json_t *body, *ids;

    if (!drsctl_confirm(c, "Delete the record of %zu execution(s)?",
                        c->args->n_operands))
    {
        return drsctl_fail(c, DRSCTL_EXIT_USAGE, "not confirmed");
    }

    ids = json_array();

    for (i = 0; i < c->args->n_operands; i++) {
        (void) json_array_append_new(
            ids, drs_json_new_str(drs_str(c->args->operand[i])));
    }

    body = json_pack("{s:o}", "executionIds", ids);
    drsctl_body_flag(body, "force", c->args, DRSCTL_OPT_FORCE);

    return drsctl_send_message(c, DRSCTL_POST, "/executions/delete", body);
}


int
drsctl_plans_existing(drsctl_t *c)
{
    int       code;
    drs_buf_t path;

    drs_buf_init(&path, 0);
    code = drsctl_plan_path(c, &path);

    if (code == DRSCTL_EXIT_OK) {
        (void) drs_buf_puts(&path, "/check-existing-instances");
        code = drsctl_get_rows(
            c, path.data, "existingInstances",
            "INSTANCE|SOURCE SERVER|NAME|STATE|TYPE|REGION|PLAN",
            "ec2InstanceId|sourceServerId|sourceServerName|ec2InstanceState|"
            "instanceType|region|sourcePlanName");
    }

    drs_buf_free(&path);

    return code;
}


int
drsctl_groups_settings(drsctl_t *c)
{
    int       code;
    drs_buf_t path;

    drs_buf_init(&path, 0);
    code = drsctl_group_path(c, &path);

    if (code == DRSCTL_EXIT_OK) {
        (void) drs_buf_puts(&path, "/launch-config-status");
        code = drsctl_get_rows(c, path.data, "servers",
                               "ID|HOST|STATUS|APPLIED|ERROR",
                               "sourceServerId|hostname|status|lastApplied|"
                               "error");
    }

    drs_buf_free(&path);

    return code;
}


int
drsctl_groups_apply(drsctl_t *c)
{
    int       code;
    json_t   *body;
    drs_buf_t path;

    drs_buf_init(&path, 0);
    code = drsctl_group_path(c, &path);

    if (code == DRSCTL_EXIT_OK) {
        (void) drs_buf_puts(&path, "/apply-launch-configs");
        body = json_object();
        drsctl_body_flag(body, "force", c->args, DRSCTL_OPT_FORCE);
        code = drsctl_send_message(c, DRSCTL_POST, path.data, body);
    }

    drs_buf_free(&path);

    return code;
}


/* -- files ----------------------------------------------------------------------- */

int
drsctl_check(drsctl_t *c)
{
    int              code;
    json_t          *doc;
    drs_buf_t        text;
    const char      *file;
    drsctl_answer_t  a;
    drs_json_error_t je;

    file = c->args->operand[0];
    memset(&a, 0, sizeof(a));
    drs_buf_init(&text, DRS_JSON_IMPORT_BYTES);
    code = drsctl_read_file(c, file, &text);

    if (code != DRSCTL_EXIT_OK) {
        drs_buf_free(&text);
        return code;
    }

    doc = drs_json_parse(drs_buf_str(&text), &drs_json_store_limits, &je);
    drs_buf_free(&text);

    if (doc == NULL) {
        return drsctl_fail(c, DRSCTL_EXIT_USAGE, "%s: line %d: %s", file,
                           je.line, je.text);
    }

    code = drsctl_send(c, DRSCTL_POST, "/config/validate-manifest",
                       json_pack("{s:o}", "manifest", doc), &a);

    if (code == DRSCTL_EXIT_OK && drsctl_json(c)) {
        code = drsctl_print_body(c, &a);

    } else if (code == DRSCTL_EXIT_OK) {
        (void) json_array_extend(json_object_get(a.json, "errors"),
                                 json_object_get(a.json, "warnings"));
        code = drsctl_print_rows(c, json_object_get(a.json, "errors"),
                                 "CODE|WHERE|MESSAGE", "code|path|message");
    }

    if (code == DRSCTL_EXIT_OK
        && !json_is_true(json_object_get(a.json, "valid"))) {
        code = drsctl_fail(c, DRSCTL_EXIT_REFUSED,
                           "%s cannot be imported as it is", file);
    }

    drsctl_answer_free(&a);

    return code;
}
