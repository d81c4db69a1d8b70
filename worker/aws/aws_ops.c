
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <string.h>

#include "aws_ops.h"
#include "aws_shapes.h"


#define R DRSW_OP_READ
#define W DRSW_OP_WRITE
#define U DRSW_OP_UNSAFE

#define NO_PAGES                                                               \
    {                                                                          \
        NULL, NULL, NULL, NULL, 0, NULL                                        \
    }
#define DRS_PAGES(n)                                                           \
    {                                                                          \
        "nextToken", "nextToken", "items", "maxResults", n, NULL               \
    }
#define EC2_PAGES(items, n, unless)                                            \
    {                                                                          \
        "NextToken", "NextToken", items, "MaxResults", n, unless               \
    }

#define REST(name, kind)                                                       \
    {                                                                          \
        name, kind, NULL, NULL, NULL, NULL, NO_PAGES                           \
    }
#define REST_PAGED(name, n)                                                    \
    {                                                                          \
        name, R, NULL, NULL, NULL, NULL, DRS_PAGES(n)                          \
    }

#define QUERY(svc, name, kind)                                                 \
    {                                                                          \
#name, kind, NULL, NULL, drsw_##svc##_##name##_in,                     \
            drsw_##svc##_##name##_out, NO_PAGES                                \
    }
#define QUERY_PAGED(svc, name, ...)                                            \
    {                                                                          \
#name, R, NULL, NULL, drsw_##svc##_##name##_in,                        \
            drsw_##svc##_##name##_out, __VA_ARGS__                             \
    }

#define END                                                                    \
    {                                                                          \
        NULL, R, NULL, NULL, NULL, NULL, NO_PAGES                              \
    }


static const drsw_aws_op_t drsw_ops_drs[] = {
    REST("StartRecovery", U),
    REST("TerminateRecoveryInstances", U),
    REST_PAGED("DescribeJobs", 200),
    REST_PAGED("DescribeJobLogItems", 200),
    REST_PAGED("DescribeSourceServers", 200),
    REST_PAGED("DescribeRecoveryInstances", 200),
    REST_PAGED("DescribeRecoverySnapshots", 200),
    REST("GetLaunchConfiguration", R),
    REST("UpdateLaunchConfiguration", W),
    REST("GetReplicationConfiguration", R),
    REST_PAGED("DescribeReplicationConfigurationTemplates", 200),
    REST_PAGED("DescribeLaunchConfigurationTemplates", 200),
    REST("CreateExtendedSourceServer", U),
    REST_PAGED("ListExtensibleSourceServers", 300),
    { "ListStagingAccounts",
      R,
      "GET",
      NULL,
      NULL,
      NULL,
      { "nextToken", "nextToken", "accounts", "maxResults", 50, NULL } },
    REST("DisconnectRecoveryInstance", W),
    { "TagResource", W, "POST", "/tags/", NULL, NULL, NO_PAGES },
    { "UntagResource", W, "DELETE", "/tags/", NULL, NULL, NO_PAGES },
    { "ListTagsForResource", R, "GET", "/tags/", NULL, NULL, NO_PAGES },
    END
};


/* CreateLaunchTemplateVersion and ModifyLaunchTemplate are writes: the typed
 * calls always send a client token. */

static const drsw_aws_op_t drsw_ops_ec2[] = {
    QUERY_PAGED(ec2, DescribeInstances,
                EC2_PAGES("Reservations", 200, "InstanceIds")),
    QUERY_PAGED(ec2, DescribeSubnets, EC2_PAGES("Subnets", 200, "SubnetIds")),
    QUERY_PAGED(ec2, DescribeSecurityGroups,
                EC2_PAGES("SecurityGroups", 200, "GroupIds")),
    QUERY_PAGED(ec2, DescribeVpcs, EC2_PAGES("Vpcs", 200, "VpcIds")),
    QUERY_PAGED(ec2, DescribeNetworkInterfaces,
                EC2_PAGES("NetworkInterfaces", 200, "NetworkInterfaceIds")),
    QUERY_PAGED(ec2, DescribeInstanceTypes,
                EC2_PAGES("InstanceTypes", 100, "InstanceTypes")),
    QUERY_PAGED(ec2, DescribeInstanceTypeOfferings,
                EC2_PAGES("InstanceTypeOfferings", 1000, NULL)),
    QUERY(ec2, DescribeKeyPairs, R),
    QUERY_PAGED(ec2, DescribeTags, EC2_PAGES("Tags", 1000, NULL)),
    QUERY(ec2, DescribeRegions, R),
    QUERY(ec2, DescribeAvailabilityZones, R),
    QUERY_PAGED(ec2, DescribeLaunchTemplates,
                EC2_PAGES("LaunchTemplates", 200, "LaunchTemplateIds")),
    QUERY_PAGED(ec2, DescribeLaunchTemplateVersions,
                EC2_PAGES("LaunchTemplateVersions", 200, "Versions")),
    QUERY(ec2, CreateLaunchTemplateVersion, W),
    QUERY(ec2, ModifyLaunchTemplate, W),
    QUERY(ec2, DeleteLaunchTemplateVersions, W),
    END
};


static const drsw_aws_op_t drsw_ops_sts[] = {
    QUERY(sts, GetCallerIdentity, R), QUERY(sts, AssumeRole, R),
    QUERY(sts, AssumeRoleWithWebIdentity, R), END
};


static const drsw_aws_op_t drsw_ops_iam[] = {
    QUERY_PAGED(
        iam, ListInstanceProfiles,
        { "Marker", "Marker", "InstanceProfiles", "MaxItems", 1000, NULL }),
    QUERY(iam, GetInstanceProfile, R),
    QUERY_PAGED(iam, ListAccountAliases,
                { "Marker", "Marker", "AccountAliases", NULL, 0, NULL }),
    QUERY_PAGED(iam, SimulatePrincipalPolicy,
                { "Marker", "Marker", "EvaluationResults", NULL, 0, NULL }),
    END
};


static const drsw_aws_op_t drsw_ops_sns[] = {
    QUERY(sns, Publish, U),
    QUERY(sns, Subscribe, W),
    QUERY(sns, Unsubscribe, W),
    QUERY_PAGED(sns, ListSubscriptionsByTopic,
                { "NextToken", "NextToken", "Subscriptions", NULL, 0, NULL }),
    QUERY(sns, GetSubscriptionAttributes, R),
    QUERY(sns, SetSubscriptionAttributes, W),
    END
};


static const drsw_aws_op_t drsw_ops_quotas[] = {
    REST("GetServiceQuota", R),
    REST("GetAWSDefaultServiceQuota", R),
    { "ListServiceQuotas",
      R,
      NULL,
      NULL,
      NULL,
      NULL,
      { "NextToken", "NextToken", "Quotas", "MaxResults", 100, NULL } },
    END
};


static const drsw_aws_op_t drsw_ops_ssm[] = { { "DescribeInstanceInformation",
                                                R,
                                                NULL,
                                                NULL,
                                                NULL,
                                                NULL,
                                                { "NextToken", "NextToken",
                                                  "InstanceInformationList",
                                                  "MaxResults", 50, NULL } },
                                              REST("SendCommand", U),
                                              REST("GetCommandInvocation", R),
                                              END };


static const drsw_aws_service_t drsw_services[] = {
    { "drs", "drs", "DRS", DRSW_PROTO_REST_JSON, "2020-02-26", false, 60000,
      drsw_ops_drs },
    { "ec2", "ec2", "EC2", DRSW_PROTO_EC2, "2016-11-15", false, 30000,
      drsw_ops_ec2 },
    { "sts", "sts", "STS", DRSW_PROTO_QUERY, "2011-06-15", false, 10000,
      drsw_ops_sts },
    { "iam", "iam", "IAM", DRSW_PROTO_QUERY, "2010-05-08", true, 30000,
      drsw_ops_iam },
    { "sns", "sns", "SNS", DRSW_PROTO_QUERY, "2010-03-31", false, 30000,
      drsw_ops_sns },
    { "servicequotas", "servicequotas", "SERVICE_QUOTAS", DRSW_PROTO_JSON,
      "ServiceQuotasV20190624", false, 30000, drsw_ops_quotas },
    { "ssm", "ssm", "SSM", DRSW_PROTO_JSON, "AmazonSSM", false, 30000,
      drsw_ops_ssm },
};


const drsw_aws_service_t *
drsw_aws_service(const char *id)
{
    size_t i;

    for (i = 0; i < sizeof(drsw_services) / sizeof(drsw_services[0]); i++) {
        if (strcmp(drsw_services[i].id, id) == 0) {
            return &drsw_services[i];
        }
    }

    return NULL;
}


const drsw_aws_op_t *
drsw_aws_op(const drsw_aws_service_t *service, const char *name)
{
    const drsw_aws_op_t *op;

    for (op = service->ops; op->name != NULL; op++) {
        if (strcmp(op->name, name) == 0) {
            return op;
        }
    }

    return NULL;
}
