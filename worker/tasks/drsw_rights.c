
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdio.h>
#include <string.h>

#include "drsw_rights.h"


#define DRSW_RIGHTS_TIMEOUT_MS 4000


/* Launching and terminating; engine.md Q8 and Q9.  Only what a policy allows on
 * any resource: about others IAM would have to be asked with their names. */

static const char *const drsw_rights[] = {
    "drs:StartRecovery",
    "drs:TerminateRecoveryInstances",
    "drs:DescribeJobs",
    "drs:DescribeJobLogItems",
    "drs:DescribeSourceServers",
    "drs:DescribeRecoveryInstances",
    "drs:DescribeRecoverySnapshots",
    "drs:GetLaunchConfiguration",
    "drs:UpdateLaunchConfiguration",
    "drs:TagResource",
    "drs:CreateRecoveryInstanceForDrs",
    "ec2:RunInstances",
    "ec2:StartInstances",
    "ec2:StopInstances",
    "ec2:TerminateInstances",
    "ec2:ModifyInstanceAttribute",
    "ec2:CreateVolume",
    "ec2:AttachVolume",
    "ec2:DetachVolume",
    "ec2:DeleteVolume",
    "ec2:CreateSnapshot",
    "ec2:DeleteSnapshot",
    "ec2:ModifySnapshotAttribute",
    "ec2:RegisterImage",
    "ec2:DeregisterImage",
    "ec2:CreateSecurityGroup",
    "ec2:CreateTags",
    "ec2:DescribeInstances",
    "ec2:DescribeSubnets",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeLaunchTemplateVersions",
};

#define DRSW_RIGHTS_N (sizeof(drsw_rights) / sizeof(drsw_rights[0]))


/* What a condition of the policy may ask for: DRS calls EC2 for us, there. */
static json_t *
drsw_rights_context(const drsw_access_t *access)
{
    return json_pack("[{s:s, s:[s], s:s}, {s:s, s:[s], s:s}]", "ContextKeyName",
                     "aws:RequestedRegion", "ContextKeyValues", access->region,
                     "ContextKeyType", "string", "ContextKeyName",
                     "aws:ViaAWSService", "ContextKeyValues", "true",
                     "ContextKeyType", "boolean");
}


int
drsw_rights_missing(drsw_ctx_t *ctx, const drsw_access_t *access,
                    json_t **missing)
{
    size_t            i;
    json_t           *input, *actions, *items, *item;
    drs_str_t         decision;
    drsw_aws_ctx_t    aws;
    drsw_aws_result_t res;
    drsw_aws_class_e class;

    *missing = NULL;

    if (access->aws.role_arn == NULL) {
        return DRS_DECLINED;
    }

    actions = json_array();

    for (i = 0; i < DRSW_RIGHTS_N; i++) {
        (void) json_array_append_new(actions, json_string(drsw_rights[i]));
    }

    input = json_pack("{s:s, s:o, s:o}", "PolicySourceArn",
                      access->aws.role_arn, "ActionNames", actions,
                      "ContextEntries", drsw_rights_context(access));
    aws = access->aws;
    aws.timeout_ms = DRSW_RIGHTS_TIMEOUT_MS;
    aws.max_attempts = 1;
    items = NULL;

    class = drsw_aws_call(ctx->aws, &aws, "iam", "SimulatePrincipalPolicy",
                          input, true, &items, &res);
    json_decref(input);

    if (class != DRSW_AWS_OK) {
        drsw_info(ctx->log, "permissions of %s cannot be asked: %s: %s",
                  access->role_arn, res.code, res.message);
        return DRS_DECLINED;
    }

    *missing = json_array();

    json_array_foreach (items, i, item) {
        decision = drs_json_field(item, "EvalDecision");

        if (decision.len > 0 && !drs_str_eqz(decision, "allowed")) {
            (void) json_array_append(*missing,
                                     json_object_get(item, "EvalActionName"));
        }
    }

    json_decref(items);
    return DRS_OK;
}


void
drsw_rights_advice(const drsw_access_t *access, const json_t *missing,
                   char *dst, size_t size)
{
    size_t      i, at;
    json_t     *v;
    const char *name;

    at = (size_t) snprintf(dst, size,
                           "The policy of %s does not allow all that a launch "
                           "needs; such launches end with LAUNCH_FAILED. "
                           "Compare it with the role of deploy/cloudformation/"
                           "target-account-role.yaml. Missing:",
                           access->role_arn);

    json_array_foreach (missing, i, v) {
        name = json_string_value(v);

        if (name != NULL && at < size) {
            at += (size_t) snprintf(dst + at, size - at, "%s %s",
                                    i > 0 ? "," : "", name);
        }
    }
}
