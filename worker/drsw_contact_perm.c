
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Permissions: what the calls showed, and what IAM says about the others
 * (engine.md 5.6).
 */

#include "drsw_contact.h"

#include <stdio.h>
#include <string.h>

#include "drs_json.h"


typedef struct {
    const char *action;
    const char *what; /* is needed for it */
} drsw_contact_action_t;


static const drsw_contact_action_t drsw_contact_actions[] = {
    { "drs:DescribeSourceServers", "inventory" },
    { "drs:DescribeJobs", "following launches" },
    { "drs:DescribeJobLogItems", "progress of launches" },
    { "drs:DescribeRecoveryInstances", "instances" },
    { "drs:DescribeRecoverySnapshots", "points in time" },
    { "drs:DescribeReplicationConfigurationTemplates", "failback" },
    { "drs:GetLaunchConfiguration", "launch settings" },
    { "drs:GetReplicationConfiguration", "advice about keys" },
    { "drs:ListTagsForResource", "tag synchronisation" },
    { "drs:ListStagingAccounts", "staging accounts" },
    { "drs:ListExtensibleSourceServers", "staging accounts" },
    { "drs:StartRecovery", "launches" },
    { "drs:CreateRecoveryInstanceForDrs", "launches" },
    { "drs:TerminateRecoveryInstances", "terminating instances" },
    { "drs:UpdateLaunchConfiguration", "launch settings" },
    { "drs:TagResource", "tag synchronisation" },
    { "drs:UntagResource", "tag synchronisation" },
    { "drs:CreateExtendedSourceServer", "staging accounts" },
    { "ec2:DescribeInstances", "instances" },
    { "ec2:DescribeSubnets", "launch settings" },
    { "ec2:DescribeSecurityGroups", "launch settings" },
    { "ec2:DescribeInstanceTypes", "launch settings" },
    { "ec2:DescribeInstanceTypeOfferings", "launch settings" },
    { "ec2:DescribeNetworkInterfaces", "launch settings" },
    { "ec2:DescribeAvailabilityZones", "checking an account" },
    { "ec2:DescribeRegions", "Regions" },
    { "ec2:DescribeLaunchTemplateVersions", "launch settings" },
    { "ec2:CreateLaunchTemplateVersion", "launch settings, launches" },
    { "ec2:ModifyLaunchTemplate", "launch settings" },
    { "ec2:DeleteLaunchTemplateVersions", "launch settings, launches" },
    { "ec2:RunInstances", "launches" },
    { "ec2:StartInstances", "launches" },
    { "ec2:StopInstances", "launches" },
    { "ec2:TerminateInstances", "launches, terminating instances" },
    { "ec2:CreateTags", "launches" },
    { "ec2:CreateVolume", "launches" },
    { "ec2:AttachVolume", "launches" },
    { "ec2:DetachVolume", "launches" },
    { "ec2:DeleteVolume", "launches" },
    { "ec2:CreateSnapshot", "launches" },
    { "ec2:DeleteSnapshot", "launches" },
    { "ec2:ModifySnapshotAttribute", "launches of extended servers" },
    { "ec2:ModifyInstanceAttribute", "launches" },
    { "ec2:RegisterImage", "launches" },
    { "ec2:DeregisterImage", "launches" },
    { "ec2:CreateSecurityGroup", "launches" },
    { "ec2:AttachNetworkInterface", "launches" },
    { "ec2:AuthorizeSecurityGroupEgress", "launches" },
    { "ec2:AuthorizeSecurityGroupIngress", "launches" },
    { "ec2:CopyImage", "launches" },
    { "ec2:CopySnapshot", "launches" },
    { "ec2:CreateImage", "launches" },
    { "ec2:CreateLaunchTemplate", "launches" },
    { "ec2:CreateNetworkInterface", "launches" },
    { "ec2:CreateNetworkInterfacePermission", "launches" },
    { "ec2:DeleteLaunchTemplate", "launches" },
    { "ec2:DeleteNetworkInterface", "launches" },
    { "ec2:DeleteTags", "launches" },
    { "ec2:DescribeAccountAttributes", "launches" },
    { "ec2:DescribeImages", "launches" },
    { "ec2:DescribeInstanceAttribute", "launches" },
    { "ec2:DescribeInstanceStatus", "launches" },
    { "ec2:DescribeLaunchTemplates", "launches" },
    { "ec2:DescribeSnapshots", "launches" },
    { "ec2:DescribeVolumes", "launches" },
    { "ec2:GetEbsDefaultKmsKeyId", "launches" },
    { "ec2:GetEbsEncryptionByDefault", "launches" },
    { "ec2:ModifyNetworkInterfaceAttribute", "launches" },
    { "ec2:ModifyVolume", "launches" },
    { "ec2:RevokeSecurityGroupEgress", "launches" },
    { "iam:PassRole", "launches" },
    { "iam:ListInstanceProfiles", "launch settings" },
    { "iam:GetInstanceProfile", "launch settings" },
    { "kms:CreateGrant", "launches with keys of your own" },
    { "kms:Decrypt", "launches with keys of your own" },
    { "kms:DescribeKey", "launches with keys of your own" },
    { "kms:ReEncryptFrom", "launches with keys of your own" },
    { "kms:ReEncryptTo", "launches with keys of your own" },
    { "kms:GenerateDataKey", "launches with keys of your own" },
    { "kms:GenerateDataKeyWithoutPlaintext", "launches with keys of your own" },
    { "kms:ListGrants", "launches with keys of your own" },
    { "servicequotas:ListServiceQuotas", "capacity" },
    { "iam:SimulatePrincipalPolicy", "this list only" }
};

#define DRSW_CONTACT_N_ACTIONS                                                 \
    (sizeof(drsw_contact_actions) / sizeof(drsw_contact_actions[0]))


static void
drsw_contact_note(drsw_contact_t *a, const char *action, const char *status,
                  const char *text)
{
    json_t *old;

    old = json_object_get(a->permissions, action);

    if (old != NULL
        && strcmp(json_string_value(json_object_get(old, "status")), "unknown")
               != 0)
    {
        return; /* what a call showed counts more */
    }

    (void) json_object_set_new(
        a->permissions, action,
        json_pack("{s:s, s:s}", "status", status, "text", text));
}


void
drsw_contact_permission(drsw_contact_t *a, const char *action,
                        const drsw_aws_result_t *res)
{
    char        text[200];
    const char *status;

    switch (res->class) {
    case DRSW_AWS_OK:
    case DRSW_AWS_NOT_FOUND:
        status = "allowed";
        break;

    case DRSW_AWS_DENIED:
        status = "denied";
        break;

    default:
        status =
            strcmp(res->code, "DryRunOperation") == 0 ? "allowed" : "unknown";
        break;
    }

    (void) snprintf(text, sizeof(text), "asked: %s",
                    res->class == DRSW_AWS_OK ? "answered" : res->code);
    drsw_contact_note(a, action, status, text);
}


/* The identity's own policy: arn:…:iam::<account>:role/<name>. */

static int
drsw_contact_source(const drsw_contact_t *a, char *dst, size_t size)
{
    int         n;
    const char *p, *end, *partition;

    if (a->ctx.role_arn != NULL) {
        n = snprintf(dst, size, "%s", a->ctx.role_arn);
        return n > 0 && (size_t) n < size ? DRS_OK : DRS_DECLINED;
    }

    p = strstr(a->arn, ":assumed-role/");

    if (p == NULL) {
        n = snprintf(dst, size, "%s", a->arn);
        return n > 0 && (size_t) n < size && strstr(a->arn, ":iam::") != NULL
                   ? DRS_OK
                   : DRS_DECLINED;
    }

    p += strlen(":assumed-role/");
    end = strchr(p, '/');
    partition = drsw_aws_partition(a->ctx.region);

    if (end == NULL || partition == NULL) {
        return DRS_DECLINED;
    }

    n = snprintf(dst, size, "arn:%s:iam::%s:role/%.*s", partition, a->account,
                 (int) (end - p), p);

    return n > 0 && (size_t) n < size ? DRS_OK : DRS_DECLINED;
}


static int
drsw_contact_unknown(const drsw_contact_t *a, const char *action)
{
    json_t *p;

    p = json_object_get(a->permissions, action);

    return p == NULL
           || strcmp(json_string_value(json_object_get(p, "status")), "unknown")
                  == 0;
}


/*
 * What the policies of our own template look at: the Region, and that a service
 * makes the call (DRS does, with the caller's rights).
 */

static json_t *
drsw_contact_conditions(const drsw_contact_t *a)
{
    return json_pack(
        "[{s:s, s:[s], s:s}, {s:s, s:[s], s:s}, {s:s, s:[s], s:s}]",
        "ContextKeyName", "aws:RequestedRegion", "ContextKeyValues",
        a->ctx.region, "ContextKeyType", "string", "ContextKeyName",
        "aws:ViaAWSService", "ContextKeyValues", "true", "ContextKeyType",
        "boolean", "ContextKeyName", "iam:PassedToService", "ContextKeyValues",
        "ec2.amazonaws.com", "ContextKeyType", "string");
}


/* "allowed", "denied", or "unclear": allowed for some resources, perhaps. */

static const char *
drsw_contact_decided(const char *action, const char *decision)
{
    if (strcmp(decision, "allowed") == 0) {
        return "allowed";
    }

    return strcmp(decision, "explicitDeny") == 0
                   || strncmp(action, "drs:", 4) == 0
               ? "denied"
               : "unclear";
}


static drsw_aws_class_e
drsw_contact_ask_iam(drsw_contact_t *a, const char *source, json_t *actions,
                     const char *resource)
{
    char              text[120];
    size_t            i;
    json_t           *out, *item;
    const char       *name, *decision;
    drsw_aws_result_t res;
    drsw_aws_class_e class;

    class = drsw_contact_call(
        a, NULL, "iam", "SimulatePrincipalPolicy",
        json_pack("{s:s, s:o, s:[s], s:o}", "PolicySourceArn", source,
                  "ActionNames", actions, "ResourceArns", resource,
                  "ContextEntries", drsw_contact_conditions(a)),
        true, &out, &res);

    if (class != DRSW_AWS_OK) {
        return class;
    }

    json_array_foreach (out, i, item) {
        name = json_string_value(json_object_get(item, "EvalActionName"));
        decision = json_string_value(json_object_get(item, "EvalDecision"));

        if (name != NULL && decision != NULL) {
            (void) snprintf(text, sizeof(text), "IAM, for %.60s: %.40s",
                            resource, decision);
            drsw_contact_note(a, name, drsw_contact_decided(name, decision),
                              text);
        }
    }

    json_decref(out);

    return class;
}


void
drsw_contact_simulate(drsw_contact_t *a)
{
    char        source[600], role[160];
    size_t      i;
    json_t     *actions;
    const char *action, *partition;

    partition = drsw_aws_partition(a->ctx.region);

    if (partition == NULL
        || drsw_contact_source(a, source, sizeof(source)) != DRS_OK)
    {
        return;
    }

    actions = json_array();

    for (i = 0; i < DRSW_CONTACT_N_ACTIONS; i++) {
        action = drsw_contact_actions[i].action;

        if (drsw_contact_unknown(a, action)
            && strcmp(action, "iam:PassRole") != 0) {
            (void) json_array_append_new(actions, json_string(action));
        }
    }

    if (drsw_contact_ask_iam(a, source, actions, "*") != DRSW_AWS_OK) {
        return;
    }

    /* one of the roles that are handed to DRS and EC2 in a launch */
    (void) snprintf(role, sizeof(role),
                    "arn:%s:iam::%s:role/service-role/"
                    "AWSElasticDisasterRecoveryConversionServerRole",
                    partition, a->account);
    (void) drsw_contact_ask_iam(a, source, json_pack("[s]", "iam:PassRole"),
                                role);
}


json_t *
drsw_contact_permissions(const drsw_contact_t *a)
{
    size_t                       i;
    json_t                      *out, *p, *row;
    const drsw_contact_action_t *action;

    out = json_array();

    for (i = 0; i < DRSW_CONTACT_N_ACTIONS; i++) {
        action = &drsw_contact_actions[i];
        p = json_object_get(a->permissions, action->action);
        row = json_pack("{s:s, s:s, s:s}", "action", action->action,
                        "neededFor", action->what, "status", "unknown");

        if (p != NULL) {
            (void) json_object_update(row, p);
        }

        (void) json_array_append_new(out, row);
    }

    return out;
}
