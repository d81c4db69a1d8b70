
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Elastic Disaster Recovery (REST-JSON, version 2020-02-26).
 */

#include <string.h>

#include "aws_svc.h"


#define DRSW_START_TIMEOUT_MS 30000
#define DRSW_START_SERVERS    200
#define DRSW_IDS              200
#define DRSW_JOB_IDS          1000


const char *
drsw_start_name(drsw_start_e outcome)
{
    switch (outcome) {
    case DRSW_START_NOT_SENT:
        return "not_sent";
    case DRSW_START_REFUSED:
        return "refused";
    case DRSW_START_ACCEPTED:
        return "accepted";
    default:
        return "unknown";
    }
}


/* Filters with one id list of any length: the list is taken out and handed
 * over in parts. */

static drsw_aws_class_e
drsw_drs_filtered(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                  const char *operation, const json_t *filters, const char *key,
                  json_t **items, drsw_aws_result_t *res)
{
    json_t       *input;
    const json_t *ids;

    *items = NULL;

    if (filters != NULL && !json_is_object(filters)) {
        return drsw_svc_refuse(res, "filters must be an object");
    }

    input = json_object();
    ids = json_object_get(filters, key);

    if (filters != NULL
        && json_object_set(input, "filters", (json_t *) filters) != 0)
    {
        json_decref(input);
        return drsw_svc_refuse(res, "out of memory");
    }

    return drsw_svc_pages(aws, ctx, "drs", operation, input, "filters", key,
                          ids, DRSW_IDS, items, res);
}


drsw_aws_class_e
drsw_drs_describe_source_servers(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                                 const json_t *filters, json_t **items,
                                 drsw_aws_result_t *res)
{
    return drsw_drs_filtered(aws, ctx, "DescribeSourceServers", filters,
                             "sourceServerIDs", items, res);
}


drsw_aws_class_e
drsw_drs_describe_recovery_instances(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                                     const json_t *filters, json_t **items,
                                     drsw_aws_result_t *res)
{
    const char *key;

    key = json_object_get(filters, "recoveryInstanceIDs") != NULL
              ? "recoveryInstanceIDs"
              : "sourceServerIDs";

    return drsw_drs_filtered(aws, ctx, "DescribeRecoveryInstances", filters,
                             key, items, res);
}


static json_t *
drsw_drs_start_input(const drsw_start_recovery_t *req)
{
    size_t  i;
    json_t *input, *servers, *server;

    input = json_object();
    servers = json_array();

    if (json_object_set_new(input, "sourceServers", servers) != 0
        || json_object_set_new(input, "isDrill", json_boolean(req->is_drill))
               != 0)
    {
        json_decref(input);
        return NULL;
    }

    for (i = 0; i < req->nservers; i++) {
        server = drsw_svc_input(
            "sourceServerID", req->servers[i].source_server_id,
            "recoverySnapshotID", req->servers[i].recovery_snapshot_id, NULL);

        if (json_array_append_new(servers, server) != 0) {
            json_decref(input);
            return NULL;
        }
    }

    if (req->tags != NULL
        && json_object_set(input, "tags", (json_t *) req->tags) != 0)
    {
        json_decref(input);
        return NULL;
    }

    return input;
}


/* The job of an accepted call; without its id nobody knows what was made. */

static drsw_start_e
drsw_drs_job(drsw_start_e outcome, const char *operation, json_t *answer,
             json_t **job, drsw_aws_result_t *res)
{
    json_t     *found;
    const char *id;

    *job = NULL;

    if (outcome == DRSW_START_ACCEPTED) {
        found = json_object_get(answer, "job");
        id = json_string_value(json_object_get(found, "jobID"));

        if (id != NULL && *id != '\0') {
            *job = json_incref(found);

        } else {
            outcome = DRSW_START_UNKNOWN;
            (void) drsw_error_local(res, DRSW_AWS_AMBIGUOUS, "LocalAnswer",
                                    "%s: the answer has no job id", operation);
        }
    }

    json_decref(answer);

    return outcome;
}


drsw_start_e
drsw_drs_start_recovery(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                        const drsw_start_recovery_t *req, json_t **job,
                        drsw_aws_result_t *res)
{
    size_t       i;
    json_t      *answer;
    drsw_start_e outcome;

    *job = NULL;

    if (req->nservers == 0 || req->nservers > DRSW_START_SERVERS) {
        (void) drsw_svc_refuse(res, "sourceServers: must be 1 to 200");
        return DRSW_START_NOT_SENT;
    }

    for (i = 0; i < req->nservers; i++) {
        if (req->servers[i].source_server_id == NULL) {
            (void) drsw_svc_refuse(res, "sourceServers: an id is missing");
            return DRSW_START_NOT_SENT;
        }
    }

    outcome = drsw_svc_once(aws, ctx, "drs", "StartRecovery",
                            drsw_drs_start_input(req), req->sign_at_s,
                            req->timeout_ms > 0 ? req->timeout_ms
                                                : DRSW_START_TIMEOUT_MS,
                            &answer, res);

    return drsw_drs_job(outcome, "StartRecovery", answer, job, res);
}


drsw_start_e
drsw_drs_terminate_recovery_instances(drsw_aws_t           *aws,
                                      const drsw_aws_ctx_t *ctx,
                                      const json_t *ids, json_t **job,
                                      drsw_aws_result_t *res)
{
    json_t      *answer, *input;
    drsw_start_e outcome;

    *job = NULL;

    if (!json_is_array(ids) || json_array_size(ids) == 0
        || json_array_size(ids) > DRSW_IDS)
    {
        (void) drsw_svc_refuse(res, "recoveryInstanceIDs: must be 1 to 200");
        return DRSW_START_NOT_SENT;
    }

    input = json_pack("{s:O}", "recoveryInstanceIDs", ids);

    outcome = drsw_svc_once(
        aws, ctx, "drs", "TerminateRecoveryInstances", input, 0,
        ctx->timeout_ms > 0 ? ctx->timeout_ms : DRSW_START_TIMEOUT_MS, &answer,
        res);

    return drsw_drs_job(outcome, "TerminateRecoveryInstances", answer, job,
                        res);
}


drsw_aws_class_e
drsw_drs_describe_jobs(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                       const json_t *ids, const char *from_date,
                       const char *to_date, json_t **items,
                       drsw_aws_result_t *res)
{
    json_t *input, *filters;

    *items = NULL;

    if (ids != NULL && (from_date != NULL || to_date != NULL)) {
        return drsw_svc_refuse(res, "DescribeJobs: ids or dates, not both");
    }

    input = json_object();
    filters = drsw_svc_input("fromDate", from_date, "toDate", to_date, NULL);

    if (filters == NULL
        || (json_object_size(filters) > 0
            && json_object_set(input, "filters", filters) != 0))
    {
        json_decref(filters);
        json_decref(input);
        return drsw_svc_refuse(res, "DescribeJobs: a date is not UTF-8");
    }

    json_decref(filters);

    return drsw_svc_pages(aws, ctx, "drs", "DescribeJobs", input, "filters",
                          "jobIDs", ids, DRSW_JOB_IDS, items, res);
}


drsw_aws_class_e
drsw_drs_describe_job_log_items(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                                const char *job_id, json_t **items,
                                drsw_aws_result_t *res)
{
    return drsw_svc_pages(aws, ctx, "drs", "DescribeJobLogItems",
                          drsw_svc_input("jobID", job_id, NULL), NULL, NULL,
                          NULL, 0, items, res);
}


drsw_aws_class_e
drsw_drs_describe_recovery_snapshots(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                                     const char   *source_server_id,
                                     const json_t *filters, const char *order,
                                     json_t **items, drsw_aws_result_t *res)
{
    json_t *input;

    input = drsw_svc_input("sourceServerID", source_server_id, "order", order,
                           NULL);

    if (filters != NULL && input != NULL) {
        (void) json_object_set(input, "filters", (json_t *) filters);
    }

    return drsw_svc_pages(aws, ctx, "drs", "DescribeRecoverySnapshots", input,
                          NULL, NULL, NULL, 0, items, res);
}


drsw_aws_class_e
drsw_drs_get_launch_configuration(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                                  const char *source_server_id, json_t **config,
                                  drsw_aws_result_t *res)
{
    return drsw_svc_one(
        aws, ctx, "drs", "GetLaunchConfiguration",
        drsw_svc_input("sourceServerID", source_server_id, NULL), NULL, config,
        res);
}


drsw_aws_class_e
drsw_drs_update_launch_configuration(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                                     const char   *source_server_id,
                                     const json_t *settings, json_t **config,
                                     drsw_aws_result_t *res)
{
    json_t *input;

    input = json_is_object(settings) ? json_copy((json_t *) settings)
                                     : json_object();

    if (json_object_set_new(input, "sourceServerID",
                            json_string(source_server_id))
        != 0)
    {
        json_decref(input);
        input = NULL;
    }

    return drsw_svc_one(aws, ctx, "drs", "UpdateLaunchConfiguration", input,
                        NULL, config, res);
}


drsw_aws_class_e
drsw_drs_get_replication_configuration(drsw_aws_t           *aws,
                                       const drsw_aws_ctx_t *ctx,
                                       const char           *source_server_id,
                                       json_t **config, drsw_aws_result_t *res)
{
    return drsw_svc_one(
        aws, ctx, "drs", "GetReplicationConfiguration",
        drsw_svc_input("sourceServerID", source_server_id, NULL), NULL, config,
        res);
}


drsw_aws_class_e
drsw_drs_describe_replication_configuration_templates(drsw_aws_t           *aws,
                                                      const drsw_aws_ctx_t *ctx,
                                                      json_t           **items,
                                                      drsw_aws_result_t *res)
{
    return drsw_svc_pages(aws, ctx, "drs",
                          "DescribeReplicationConfigurationTemplates",
                          json_object(), NULL, NULL, NULL, 0, items, res);
}


drsw_aws_class_e
drsw_drs_tag_resource(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                      const char *arn, const json_t *tags,
                      drsw_aws_result_t *res)
{
    return drsw_svc_one(
        aws, ctx, "drs", "TagResource",
        json_pack("{s:s, s:O}", "resourceArn", arn, "tags", tags), NULL, NULL,
        res);
}


drsw_aws_class_e
drsw_drs_untag_resource(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                        const char *arn, const json_t *keys,
                        drsw_aws_result_t *res)
{
    return drsw_svc_one(
        aws, ctx, "drs", "UntagResource",
        json_pack("{s:s, s:O}", "resourceArn", arn, "tagKeys", keys), NULL,
        NULL, res);
}


drsw_aws_class_e
drsw_drs_list_tags_for_resource(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                                const char *arn, json_t **tags,
                                drsw_aws_result_t *res)
{
    json_t *answer, *found;
    drsw_aws_class_e class;

    class = drsw_svc_one(aws, ctx, "drs", "ListTagsForResource",
                         drsw_svc_input("resourceArn", arn, NULL), NULL,
                         &answer, res);
    *tags = NULL;

    if (class == DRSW_AWS_OK) {
        found = json_object_get(answer, "tags");
        *tags = json_is_object(found) ? json_incref(found) : json_object();
        json_decref(answer);
    }

    return class;
}


drsw_aws_class_e
drsw_drs_create_extended_source_server(
    drsw_aws_t *aws, const drsw_aws_ctx_t *ctx, const char *source_server_arn,
    const json_t *tags, json_t **source_server, drsw_aws_result_t *res)
{
    json_t      *input, *answer;
    drsw_start_e outcome;

    input = drsw_svc_input("sourceServerArn", source_server_arn, NULL);

    if (tags != NULL && input != NULL) {
        (void) json_object_set(input, "tags", (json_t *) tags);
    }

    *source_server = NULL;

    outcome = drsw_svc_once(
        aws, ctx, "drs", "CreateExtendedSourceServer", input, 0,
        ctx->timeout_ms > 0 ? ctx->timeout_ms : DRSW_AWS_TIMEOUT_MS, &answer,
        res);

    if (outcome == DRSW_START_ACCEPTED) {
        *source_server = json_incref(json_object_get(answer, "sourceServer"));

        if (*source_server == NULL) {
            (void) drsw_error_local(res, DRSW_AWS_AMBIGUOUS, "LocalAnswer",
                                    "CreateExtendedSourceServer: the answer "
                                    "has no sourceServer");
        }
    }

    json_decref(answer);

    return res->class;
}


drsw_aws_class_e
drsw_drs_list_extensible_source_servers(drsw_aws_t           *aws,
                                        const drsw_aws_ctx_t *ctx,
                                        const char *staging_account_id,
                                        json_t **items, drsw_aws_result_t *res)
{
    return drsw_svc_pages(
        aws, ctx, "drs", "ListExtensibleSourceServers",
        drsw_svc_input("stagingAccountID", staging_account_id, NULL), NULL,
        NULL, NULL, 0, items, res);
}


drsw_aws_class_e
drsw_drs_list_staging_accounts(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                               json_t **accounts, drsw_aws_result_t *res)
{
    return drsw_svc_pages(aws, ctx, "drs", "ListStagingAccounts", json_object(),
                          NULL, NULL, NULL, 0, accounts, res);
}


drsw_aws_class_e
drsw_drs_disconnect_recovery_instance(drsw_aws_t           *aws,
                                      const drsw_aws_ctx_t *ctx,
                                      const char        *recovery_instance_id,
                                      drsw_aws_result_t *res)
{
    return drsw_svc_one(
        aws, ctx, "drs", "DisconnectRecoveryInstance",
        drsw_svc_input("recoveryInstanceID", recovery_instance_id, NULL), NULL,
        NULL, res);
}
