
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Written by scripts/gen_aws_shapes.py; do not edit.
 */

/* clang-format off */

#include "aws_shapes.h"


#define S(n, x) { n, x, n, DRSW_SHAPE_STRING, 0, NULL }
#define I(n, x) { n, x, n, DRSW_SHAPE_INT, 0, NULL }
#define B(n, x) { n, x, n, DRSW_SHAPE_BOOL, 0, NULL }
#define M(n, x, q, t, i, s) { n, x, q, DRSW_SHAPE_##t, DRSW_SHAPE_##i, s }


const drsw_member_t  drsw_sts_GetCallerIdentity_in[] = {
    DRSW_END
};


const drsw_member_t  drsw_sts_GetCallerIdentity_out[] = {
    S("UserId", "UserId"), S("Account", "Account"), S("Arn", "Arn"), DRSW_END
};


static const drsw_member_t  drsw_sts_PolicyDescriptorType[] = {
    S("arn", NULL), DRSW_END
};


static const drsw_member_t  drsw_sts_Tag[] = {
    S("Key", NULL), S("Value", NULL), DRSW_END
};


const drsw_member_t  drsw_sts_AssumeRole_in[] = {
    S("RoleArn", NULL), S("RoleSessionName", NULL),
    M("PolicyArns", NULL, "PolicyArns", LIST, STRUCT,
        drsw_sts_PolicyDescriptorType), S("Policy", NULL),
    I("DurationSeconds", NULL),
    M("Tags", NULL, "Tags", LIST, STRUCT, drsw_sts_Tag),
    M("TransitiveTagKeys", NULL, "TransitiveTagKeys", LIST, STRING, NULL),
    S("ExternalId", NULL), S("SerialNumber", NULL), S("TokenCode", NULL),
    S("SourceIdentity", NULL), DRSW_END
};


static const drsw_member_t  drsw_sts_Credentials[] = {
    S("AccessKeyId", "AccessKeyId"), S("SecretAccessKey", "SecretAccessKey"),
    S("SessionToken", "SessionToken"), S("Expiration", "Expiration"), DRSW_END
};


static const drsw_member_t  drsw_sts_AssumedRoleUser[] = {
    S("AssumedRoleId", "AssumedRoleId"), S("Arn", "Arn"), DRSW_END
};


const drsw_member_t  drsw_sts_AssumeRole_out[] = {
    M("Credentials", "Credentials", NULL, STRUCT, STRING, drsw_sts_Credentials),
    M("AssumedRoleUser", "AssumedRoleUser", NULL, STRUCT, STRING,
        drsw_sts_AssumedRoleUser), I("PackedPolicySize", "PackedPolicySize"),
    S("SourceIdentity", "SourceIdentity"), DRSW_END
};


const drsw_member_t  drsw_sts_AssumeRoleWithWebIdentity_in[] = {
    S("RoleArn", NULL), S("RoleSessionName", NULL), S("WebIdentityToken", NULL),
    S("ProviderId", NULL),
    M("PolicyArns", NULL, "PolicyArns", LIST, STRUCT,
        drsw_sts_PolicyDescriptorType), S("Policy", NULL),
    I("DurationSeconds", NULL), DRSW_END
};


const drsw_member_t  drsw_sts_AssumeRoleWithWebIdentity_out[] = {
    M("Credentials", "Credentials", NULL, STRUCT, STRING, drsw_sts_Credentials),
    S("SubjectFromWebIdentityToken", "SubjectFromWebIdentityToken"),
    M("AssumedRoleUser", "AssumedRoleUser", NULL, STRUCT, STRING,
        drsw_sts_AssumedRoleUser), I("PackedPolicySize", "PackedPolicySize"),
    S("Provider", "Provider"), S("Audience", "Audience"),
    S("SourceIdentity", "SourceIdentity"), DRSW_END
};


const drsw_member_t  drsw_iam_ListInstanceProfiles_in[] = {
    S("PathPrefix", NULL), S("Marker", NULL), I("MaxItems", NULL), DRSW_END
};


static const drsw_member_t  drsw_iam_AttachedPermissionsBoundary[] = {
    S("PermissionsBoundaryType", "PermissionsBoundaryType"),
    S("PermissionsBoundaryArn", "PermissionsBoundaryArn"), DRSW_END
};


static const drsw_member_t  drsw_iam_Tag[] = {
    S("Key", "Key"), S("Value", "Value"), DRSW_END
};


static const drsw_member_t  drsw_iam_RoleLastUsed[] = {
    S("LastUsedDate", "LastUsedDate"), S("Region", "Region"), DRSW_END
};


static const drsw_member_t  drsw_iam_Role[] = {
    S("Path", "Path"), S("RoleName", "RoleName"), S("RoleId", "RoleId"),
    S("Arn", "Arn"), S("CreateDate", "CreateDate"),
    S("AssumeRolePolicyDocument", "AssumeRolePolicyDocument"),
    S("Description", "Description"),
    I("MaxSessionDuration", "MaxSessionDuration"),
    M("PermissionsBoundary", "PermissionsBoundary", NULL, STRUCT, STRING,
        drsw_iam_AttachedPermissionsBoundary),
    M("Tags", "Tags", NULL, LIST, STRUCT, drsw_iam_Tag),
    M("RoleLastUsed", "RoleLastUsed", NULL, STRUCT, STRING,
        drsw_iam_RoleLastUsed), DRSW_END
};


static const drsw_member_t  drsw_iam_InstanceProfile[] = {
    S("Path", "Path"), S("InstanceProfileName", "InstanceProfileName"),
    S("InstanceProfileId", "InstanceProfileId"), S("Arn", "Arn"),
    S("CreateDate", "CreateDate"),
    M("Roles", "Roles", NULL, LIST, STRUCT, drsw_iam_Role),
    M("Tags", "Tags", NULL, LIST, STRUCT, drsw_iam_Tag), DRSW_END
};


const drsw_member_t  drsw_iam_ListInstanceProfiles_out[] = {
    M("InstanceProfiles", "InstanceProfiles", NULL, LIST, STRUCT,
        drsw_iam_InstanceProfile), B("IsTruncated", "IsTruncated"),
    S("Marker", "Marker"), DRSW_END
};


const drsw_member_t  drsw_iam_GetInstanceProfile_in[] = {
    S("InstanceProfileName", NULL), DRSW_END
};


const drsw_member_t  drsw_iam_GetInstanceProfile_out[] = {
    M("InstanceProfile", "InstanceProfile", NULL, STRUCT, STRING,
        drsw_iam_InstanceProfile), DRSW_END
};


const drsw_member_t  drsw_iam_ListAccountAliases_in[] = {
    S("Marker", NULL), I("MaxItems", NULL), DRSW_END
};


const drsw_member_t  drsw_iam_ListAccountAliases_out[] = {
    M("AccountAliases", "AccountAliases", NULL, LIST, STRING, NULL),
    B("IsTruncated", "IsTruncated"), S("Marker", "Marker"), DRSW_END
};


static const drsw_member_t  drsw_iam_ContextEntry[] = {
    S("ContextKeyName", NULL),
    M("ContextKeyValues", NULL, "ContextKeyValues", LIST, STRING, NULL),
    S("ContextKeyType", NULL), DRSW_END
};


const drsw_member_t  drsw_iam_SimulatePrincipalPolicy_in[] = {
    S("PolicySourceArn", NULL),
    M("PolicyInputList", NULL, "PolicyInputList", LIST, STRING, NULL),
    M("PermissionsBoundaryPolicyInputList", NULL,
        "PermissionsBoundaryPolicyInputList", LIST, STRING, NULL),
    M("ActionNames", NULL, "ActionNames", LIST, STRING, NULL),
    M("ResourceArns", NULL, "ResourceArns", LIST, STRING, NULL),
    S("ResourcePolicy", NULL), S("ResourceOwner", NULL), S("CallerArn", NULL),
    M("ContextEntries", NULL, "ContextEntries", LIST, STRUCT,
        drsw_iam_ContextEntry), S("ResourceHandlingOption", NULL),
    I("MaxItems", NULL), S("Marker", NULL), DRSW_END
};


static const drsw_member_t  drsw_iam_Position[] = {
    I("Line", "Line"), I("Column", "Column"), DRSW_END
};


static const drsw_member_t  drsw_iam_Statement[] = {
    S("SourcePolicyId", "SourcePolicyId"),
    S("SourcePolicyType", "SourcePolicyType"),
    M("StartPosition", "StartPosition", NULL, STRUCT, STRING,
        drsw_iam_Position),
    M("EndPosition", "EndPosition", NULL, STRUCT, STRING, drsw_iam_Position),
    DRSW_END
};


static const drsw_member_t  drsw_iam_OrganizationsDecisionDetail[] = {
    B("AllowedByOrganizations", "AllowedByOrganizations"), DRSW_END
};


static const drsw_member_t  drsw_iam_PermissionsBoundaryDecisionDetail[] = {
    B("AllowedByPermissionsBoundary", "AllowedByPermissionsBoundary"), DRSW_END
};


static const drsw_member_t  drsw_iam_ResourceSpecificResult[] = {
    S("EvalResourceName", "EvalResourceName"),
    S("EvalResourceDecision", "EvalResourceDecision"),
    M("MatchedStatements", "MatchedStatements", NULL, LIST, STRUCT,
        drsw_iam_Statement),
    M("MissingContextValues", "MissingContextValues", NULL, LIST, STRING, NULL),
    M("EvalDecisionDetails", NULL, NULL, MAP, STRING, NULL),
    M("PermissionsBoundaryDecisionDetail",
    "PermissionsBoundaryDecisionDetail", NULL, STRUCT, STRING,
        drsw_iam_PermissionsBoundaryDecisionDetail), DRSW_END
};


static const drsw_member_t  drsw_iam_EvaluationResult[] = {
    S("EvalActionName", "EvalActionName"),
    S("EvalResourceName", "EvalResourceName"),
    S("EvalDecision", "EvalDecision"),
    M("MatchedStatements", "MatchedStatements", NULL, LIST, STRUCT,
        drsw_iam_Statement),
    M("MissingContextValues", "MissingContextValues", NULL, LIST, STRING, NULL),
    M("OrganizationsDecisionDetail", "OrganizationsDecisionDetail", NULL,
        STRUCT, STRING, drsw_iam_OrganizationsDecisionDetail),
    M("PermissionsBoundaryDecisionDetail",
    "PermissionsBoundaryDecisionDetail", NULL, STRUCT, STRING,
        drsw_iam_PermissionsBoundaryDecisionDetail),
    M("EvalDecisionDetails", NULL, NULL, MAP, STRING, NULL),
    M("ResourceSpecificResults", "ResourceSpecificResults", NULL, LIST,
        STRUCT, drsw_iam_ResourceSpecificResult), DRSW_END
};


const drsw_member_t  drsw_iam_SimulatePrincipalPolicy_out[] = {
    M("EvaluationResults", "EvaluationResults", NULL, LIST, STRUCT,
        drsw_iam_EvaluationResult), B("IsTruncated", "IsTruncated"),
    S("Marker", "Marker"), DRSW_END
};


static const drsw_member_t  drsw_sns_MessageAttributeValue[] = {
    S("DataType", NULL), S("StringValue", NULL), S("BinaryValue", NULL),
    DRSW_END
};


const drsw_member_t  drsw_sns_Publish_in[] = {
    S("TopicArn", NULL), S("TargetArn", NULL), S("PhoneNumber", NULL),
    S("Message", NULL), S("Subject", NULL), S("MessageStructure", NULL),
    M("MessageAttributes", NULL, "MessageAttributes", MAP, STRUCT,
        drsw_sns_MessageAttributeValue), S("MessageDeduplicationId", NULL),
    S("MessageGroupId", NULL), DRSW_END
};


const drsw_member_t  drsw_sns_Publish_out[] = {
    S("MessageId", "MessageId"), S("SequenceNumber", "SequenceNumber"), DRSW_END
};


const drsw_member_t  drsw_sns_Subscribe_in[] = {
    S("TopicArn", NULL), S("Protocol", NULL), S("Endpoint", NULL),
    M("Attributes", NULL, "Attributes", MAP, STRING, NULL),
    B("ReturnSubscriptionArn", NULL), DRSW_END
};


const drsw_member_t  drsw_sns_Subscribe_out[] = {
    S("SubscriptionArn", "SubscriptionArn"), DRSW_END
};


const drsw_member_t  drsw_sns_Unsubscribe_in[] = {
    S("SubscriptionArn", NULL), DRSW_END
};


const drsw_member_t  drsw_sns_Unsubscribe_out[] = {
    DRSW_END
};


const drsw_member_t  drsw_sns_ListSubscriptionsByTopic_in[] = {
    S("TopicArn", NULL), S("NextToken", NULL), DRSW_END
};


static const drsw_member_t  drsw_sns_Subscription[] = {
    S("SubscriptionArn", "SubscriptionArn"), S("Owner", "Owner"),
    S("Protocol", "Protocol"), S("Endpoint", "Endpoint"),
    S("TopicArn", "TopicArn"), DRSW_END
};


const drsw_member_t  drsw_sns_ListSubscriptionsByTopic_out[] = {
    M("Subscriptions", "Subscriptions", NULL, LIST, STRUCT,
        drsw_sns_Subscription), S("NextToken", "NextToken"), DRSW_END
};


const drsw_member_t  drsw_sns_GetSubscriptionAttributes_in[] = {
    S("SubscriptionArn", NULL), DRSW_END
};


const drsw_member_t  drsw_sns_GetSubscriptionAttributes_out[] = {
    M("Attributes", "Attributes", NULL, MAP, STRING, NULL), DRSW_END
};


const drsw_member_t  drsw_sns_SetSubscriptionAttributes_in[] = {
    S("SubscriptionArn", NULL), S("AttributeName", NULL),
    S("AttributeValue", NULL), DRSW_END
};


const drsw_member_t  drsw_sns_SetSubscriptionAttributes_out[] = {
    DRSW_END
};
