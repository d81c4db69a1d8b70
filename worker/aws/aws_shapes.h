
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Written by scripts/gen_aws_shapes.py; do not edit.
 */

/* clang-format off */

#ifndef DRSW_AWS_SHAPES_H
#define DRSW_AWS_SHAPES_H

#include "aws_shape.h"


extern const drsw_member_t  drsw_ec2_DescribeInstances_in[];
extern const drsw_member_t  drsw_ec2_DescribeInstances_out[];
extern const drsw_member_t  drsw_ec2_DescribeSubnets_in[];
extern const drsw_member_t  drsw_ec2_DescribeSubnets_out[];
extern const drsw_member_t  drsw_ec2_DescribeSecurityGroups_in[];
extern const drsw_member_t  drsw_ec2_DescribeSecurityGroups_out[];
extern const drsw_member_t  drsw_ec2_DescribeVpcs_in[];
extern const drsw_member_t  drsw_ec2_DescribeVpcs_out[];
extern const drsw_member_t  drsw_ec2_DescribeNetworkInterfaces_in[];
extern const drsw_member_t  drsw_ec2_DescribeNetworkInterfaces_out[];
extern const drsw_member_t  drsw_ec2_DescribeInstanceTypes_in[];
extern const drsw_member_t  drsw_ec2_DescribeInstanceTypes_out[];
extern const drsw_member_t  drsw_ec2_DescribeInstanceTypeOfferings_in[];
extern const drsw_member_t  drsw_ec2_DescribeInstanceTypeOfferings_out[];
extern const drsw_member_t  drsw_ec2_DescribeKeyPairs_in[];
extern const drsw_member_t  drsw_ec2_DescribeKeyPairs_out[];
extern const drsw_member_t  drsw_ec2_DescribeTags_in[];
extern const drsw_member_t  drsw_ec2_DescribeTags_out[];
extern const drsw_member_t  drsw_ec2_DescribeRegions_in[];
extern const drsw_member_t  drsw_ec2_DescribeRegions_out[];
extern const drsw_member_t  drsw_ec2_DescribeAvailabilityZones_in[];
extern const drsw_member_t  drsw_ec2_DescribeAvailabilityZones_out[];
extern const drsw_member_t  drsw_ec2_DescribeLaunchTemplates_in[];
extern const drsw_member_t  drsw_ec2_DescribeLaunchTemplates_out[];
extern const drsw_member_t  drsw_ec2_DescribeLaunchTemplateVersions_in[];
extern const drsw_member_t  drsw_ec2_DescribeLaunchTemplateVersions_out[];
extern const drsw_member_t  drsw_ec2_CreateLaunchTemplateVersion_in[];
extern const drsw_member_t  drsw_ec2_CreateLaunchTemplateVersion_out[];
extern const drsw_member_t  drsw_ec2_ModifyLaunchTemplate_in[];
extern const drsw_member_t  drsw_ec2_ModifyLaunchTemplate_out[];
extern const drsw_member_t  drsw_ec2_DeleteLaunchTemplateVersions_in[];
extern const drsw_member_t  drsw_ec2_DeleteLaunchTemplateVersions_out[];
extern const drsw_member_t  drsw_sts_GetCallerIdentity_in[];
extern const drsw_member_t  drsw_sts_GetCallerIdentity_out[];
extern const drsw_member_t  drsw_sts_AssumeRole_in[];
extern const drsw_member_t  drsw_sts_AssumeRole_out[];
extern const drsw_member_t  drsw_sts_AssumeRoleWithWebIdentity_in[];
extern const drsw_member_t  drsw_sts_AssumeRoleWithWebIdentity_out[];
extern const drsw_member_t  drsw_iam_ListInstanceProfiles_in[];
extern const drsw_member_t  drsw_iam_ListInstanceProfiles_out[];
extern const drsw_member_t  drsw_iam_GetInstanceProfile_in[];
extern const drsw_member_t  drsw_iam_GetInstanceProfile_out[];
extern const drsw_member_t  drsw_iam_ListAccountAliases_in[];
extern const drsw_member_t  drsw_iam_ListAccountAliases_out[];
extern const drsw_member_t  drsw_iam_SimulatePrincipalPolicy_in[];
extern const drsw_member_t  drsw_iam_SimulatePrincipalPolicy_out[];
extern const drsw_member_t  drsw_sns_Publish_in[];
extern const drsw_member_t  drsw_sns_Publish_out[];
extern const drsw_member_t  drsw_sns_Subscribe_in[];
extern const drsw_member_t  drsw_sns_Subscribe_out[];
extern const drsw_member_t  drsw_sns_Unsubscribe_in[];
extern const drsw_member_t  drsw_sns_Unsubscribe_out[];
extern const drsw_member_t  drsw_sns_ListSubscriptionsByTopic_in[];
extern const drsw_member_t  drsw_sns_ListSubscriptionsByTopic_out[];
extern const drsw_member_t  drsw_sns_GetSubscriptionAttributes_in[];
extern const drsw_member_t  drsw_sns_GetSubscriptionAttributes_out[];
extern const drsw_member_t  drsw_sns_SetSubscriptionAttributes_in[];
extern const drsw_member_t  drsw_sns_SetSubscriptionAttributes_out[];

#endif /* DRSW_AWS_SHAPES_H */
