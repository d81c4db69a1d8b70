
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * IAM (query protocol, version 2010-05-08, global).
 */

#include "aws_svc.h"


drsw_aws_class_e
drsw_iam_list_instance_profiles(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                                json_t **profiles, drsw_aws_result_t *res)
{
    return drsw_svc_pages(aws, ctx, "iam", "ListInstanceProfiles",
                          json_object(), NULL, NULL, NULL, 0, profiles, res);
}


drsw_aws_class_e
drsw_iam_get_instance_profile(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                              const char *name, json_t **profile,
                              drsw_aws_result_t *res)
{
    return drsw_svc_one(aws, ctx, "iam", "GetInstanceProfile",
                        drsw_svc_input("InstanceProfileName", name, NULL),
                        "InstanceProfile", profile, res);
}
